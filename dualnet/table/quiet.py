"""Floating-point warnings off, at a fifth of the cost of ``with np.errstate(all="ignore")``.

Partials are evaluated at points (sqrt at 0) where the function itself does not warn, so a row with
singular points computes them in silence. The state is a context variable of NumPy's; where a NumPy
release moves it, ``np.errstate`` does the same.
"""

import contextlib

import numpy as np

try:
    from numpy._core.umath import _extobj_contextvar, _make_extobj

    _SILENT = _make_extobj(all="ignore")

    def hush():
        """Turn warnings off; returns what :func:`unhush` needs."""
        return _extobj_contextvar.set(_SILENT)

    unhush = _extobj_contextvar.reset
except (ImportError, TypeError):
    def hush():
        """Turn warnings off; returns what :func:`unhush` needs."""
        stack = contextlib.ExitStack()
        stack.enter_context(np.errstate(all="ignore"))
        return stack

    def unhush(stack):
        """Put the state back."""
        stack.close()

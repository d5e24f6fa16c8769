"""Floating-point warnings off, at a fifth of the cost of ``with np.errstate(all="ignore")``.

Partials are evaluated at points (sqrt at 0) where the function itself does not warn, so a row with
singular points computes them in silence. The state is a context variable of NumPy's; where a NumPy
release moves it, ``np.errstate`` does the same.
"""

import contextlib

import numpy as np

try:
    from numpy._core.umath import _extobj_contextvar, _make_extobj

    _SILENT, _SET, _RESET = _make_extobj(all="ignore"), _extobj_contextvar.set, _extobj_contextvar.reset
except (ImportError, TypeError):
    _SILENT = _SET = _RESET = None


def hush():
    """Turn warnings off; returns what :func:`unhush` needs."""
    if _SET is not None:
        return _SET(_SILENT)
    stack = contextlib.ExitStack()
    stack.enter_context(np.errstate(all="ignore"))
    return stack


def unhush(token):
    """Put the state back."""
    if _RESET is not None:
        _RESET(token)
    else:
        token.close()

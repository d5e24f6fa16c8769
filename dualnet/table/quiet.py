"""Floating-point warnings off, at a fifth of the cost of ``with np.errstate(all="ignore")``.

Partials are evaluated at points (sqrt at 0) where the function itself does not warn, so a row with
singular points computes them in silence. The state is a context variable of NumPy's; where a NumPy
release moves it, ``np.errstate`` does the same.
"""

import contextlib
import contextvars

import numpy as np

_seen = contextvars.ContextVar("dualnet_floating_point_errors", default=None)


def note(kind, flag=0):
    """Remember that a floating-point error was met; NumPy calls it in a forward sweep in place of a warning."""
    seen = _seen.get()
    if seen is not None:
        seen.append(kind)

try:
    from numpy._core.umath import _extobj_contextvar, _make_extobj

    _SILENT = _make_extobj(all="ignore")

    def hush():
        """Turn warnings off; returns what :func:`unhush` needs."""
        return _extobj_contextvar.set(_SILENT)

    _WATCHING = _make_extobj(all="call", call=note, under="ignore")
    unhush = _extobj_contextvar.reset

    def _watch():
        if _extobj_contextvar.get(None) is None:  # NumPy's defaults
            return _extobj_contextvar.set(_WATCHING)
        state = {kind: "ignore" if how == "ignore" else "call" for kind, how in np.geterr().items()}
        return _extobj_contextvar.set(_make_extobj(**state, call=note))
except (ImportError, TypeError):
    def hush():
        """Turn warnings off; returns what :func:`unhush` needs."""
        stack = contextlib.ExitStack()
        stack.enter_context(np.errstate(all="ignore"))
        return stack

    def unhush(stack):
        """Put the state back."""
        stack.close()

    def _watch():
        stack = contextlib.ExitStack()
        state = {kind: "ignore" if how == "ignore" else "call" for kind, how in np.geterr().items()}
        stack.enter_context(np.errstate(**state, call=note))
        return stack


def watch():
    """Keep floating-point warnings back until :func:`unwatch`, and note the errors; returns what that needs.

    In a forward sweep values and tangents are computed side by side; who is told of an error runs the function once more
    on plain numbers, whose warnings are the right ones.
    """
    seen = []
    return seen, _seen.set(seen), _watch()


def unwatch(watching):
    """The errors that were met, with the state before put back."""
    seen, cell, state = watching
    unhush(state)
    _seen.reset(cell)
    return seen

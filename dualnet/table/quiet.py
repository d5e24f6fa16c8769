"""Floating-point warnings off, at a fifth of the cost of ``with np.errstate(all="ignore")``.

Partials are evaluated at points (sqrt at 0) where the function itself does not warn, so a row with
singular points computes them in silence. The state is a context variable of NumPy's; where a NumPy
release moves it, ``np.errstate`` does the same.
"""

import contextlib
import contextvars
import warnings

import numpy as np

_seen = contextvars.ContextVar("dualnet_floating_point_errors", default=None)


class Met(list):
    """The floating-point errors that a sweep has met, and whether it has made an array of objects."""

    objects = False


def note(kind, flag=0):
    """Remember that a floating-point error was met; NumPy calls it in a sweep in place of a warning."""
    seen = _seen.get()
    if type(seen) is Met:  # not (), of a sweep in silence
        seen.append(kind)


IMAGINARY = "a complex number met one that may stand in an array of objects"


def note_objects():
    """Remember that numbers were put into an array of objects."""
    seen = _seen.get()
    if type(seen) is Met:
        seen.objects = True


def note_complex():
    """Remember that a number became complex that may stand in an array of objects, whose imaginary part is 0 to NumPy."""
    seen = _seen.get()
    if type(seen) is Met and seen.objects and IMAGINARY not in seen:
        seen.append(IMAGINARY)


try:
    from numpy._core.umath import _extobj_contextvar, _make_extobj

    _SET, _GET, _RESET = _extobj_contextvar.set, _extobj_contextvar.get, _extobj_contextvar.reset
    _SILENT, _WATCHING = _make_extobj(all="ignore"), _make_extobj(all="call", call=note, under="ignore")
except (ImportError, TypeError):
    _SILENT = _WATCHING = _SET = _GET = _RESET = None


def hush():
    """Turn warnings off; returns what :func:`unhush` needs."""
    return _SET(_SILENT) if _SET is not None else _entered(all="ignore")


def unhush(token):
    """Put the state back."""
    if _RESET is not None:
        _RESET(token)
    else:
        token.close()


def _silent():
    """True where :func:`hush` has turned warnings off, as nobody else does."""
    return _GET is not None and _GET(None) is _SILENT


def say(message, category=RuntimeWarning):
    """Give a warning that a function of NumPy's gives by words of its own, such as of a mean of nothing; kept back in a sweep."""
    seen = _seen.get()
    if type(seen) is Met:
        seen.append(message)
    elif seen is None and not _silent():
        warnings.warn(message, category, stacklevel=4)


def _entered(**state):
    stack = contextlib.ExitStack()
    stack.enter_context(np.errstate(**state))
    return stack


def watch():
    """Keep floating-point warnings back until :func:`unwatch`, and note the errors; returns what that needs.

    A forward sweep computes values and tangents side by side, and rows get to a value by other steps than NumPy; who is told
    of an error runs the function once more on plain numbers, whose warnings are the right ones.
    """
    seen, outer = Met(), _seen.get()
    seen.objects = type(outer) is Met and outer.objects
    if _SET is not None and (_GET(None) is None or _GET(None) is _WATCHING):  # NumPy's defaults, or those of an outer sweep
        token = _SET(_WATCHING)
    elif _silent():
        seen, token = (), hush()
    else:
        state = {kind: "ignore" if how == "ignore" else "call" for kind, how in np.geterr().items()}
        token = _SET(_make_extobj(**state, call=note)) if _SET is not None else _entered(**state, call=note)
    return seen, _seen.set(seen), token


def watched():
    """True inside a sweep, in this thread."""
    return _seen.get() is not None


def unwatch(watching):
    """The errors that were met, with the state before put back."""
    seen, cell, state = watching
    unhush(state)
    _seen.reset(cell)
    if type(seen) is Met and seen.objects:
        note_objects()
    return seen

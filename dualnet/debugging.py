"""Finding the step in which the first NaN, infinity or lost derivative appears."""

import contextlib
import contextvars
import os
import sys

import numpy as np

from dualnet.errors import DualnetError, NonFiniteError
from dualnet.table.row import primal

WATCHING = []  # one entry for each open dn.debug(), in whatever thread: where it is empty, steps look no further
_here = contextvars.ContextVar("dualnet_debug", default=False)
_pulled = contextvars.ContextVar("dualnet_debug_pulled", default=None)
_OURS = (os.path.dirname(os.path.abspath(__file__)) + os.sep, os.path.dirname(np.__file__) + os.sep, "<__array_function__",
         f"dualnet{os.sep}", "dualnet/")  # the last two in tracebacks of compiled modules


@contextlib.contextmanager
def debug():
    """Stop at the step in which the first NaN or infinity appears, and name its operation, file and line.

    Inside the block every step of a transformation is looked at: its value and its tangent in forward mode, its value
    and the cotangents of its operands in reverse mode; :func:`taylor` alone is not watched. An error of dualnet's, such as a
    lost derivative, gets a note with file and line, too. Each step costs a look at its elements more.

    Raises
    ------
    NonFiniteError
        A step made NaN or infinity of finite numbers, or an input held one. (A step whose result is left out later, as in
        ``np.where(x > 0, np.log(x), 0)`` at 0, counts as well: its value is infinite.)

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> with dn.debug():
    ...     dn.grad(lambda x: np.sum(np.sqrt(x) * 2), mode="reverse")(np.array([1.0, 0.0]))
    Traceback (most recent call last):
    ...
    dualnet.errors.NonFiniteError: sqrt, <doctest ...>, line 2: the cotangent of its argument is inf at index (1,), ...
    """
    token = _here.set(True)
    WATCHING.append(token)
    try:
        yield
    except DualnetError as error:
        if not isinstance(error, NonFiniteError):
            error.add_note(f"in {_line_of(error.__traceback__)}")
        raise
    finally:
        WATCHING.remove(token)
        _here.reset(token)


def pulling(where, row=None):
    """Let :func:`user_line` say `where` from here on, the line of the step that is being pulled, and its row; None for the line that
    calls. Returns what it said before."""
    before = _pulled.get()
    _pulled.set(where if row is None else f"{where}, in the derivative of {row.name}")
    return before


def user_line():
    """File and line of the innermost code that is neither ours nor NumPy's, or of the step that is being pulled."""
    if _pulled.get() is not None:
        return _pulled.get()
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}, line {frame.f_lineno}"


def _line_of(traceback):
    place = "no code of yours"
    while traceback is not None:
        if not traceback.tb_frame.f_code.co_filename.startswith(_OURS):
            place = f"{traceback.tb_frame.f_code.co_filename}, line {traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


def watched():
    """True where this thread is inside ``with dn.debug()``."""
    return _here.get()


@contextlib.contextmanager
def unwatched():
    """Steps inside the block are not looked at."""
    token = _here.set(False)
    try:
        yield
    finally:
        _here.reset(token)


def _first(x, lacks=lambda x: ~np.isfinite(x)):
    """Index and number of the first element that is not finite (or that `lacks` something else), or None."""
    plain = np.asarray(primal(x))
    if plain.dtype.kind not in "fc" or not lacks(plain).any():
        return None
    index = tuple(int(k) for k in np.argwhere(lacks(plain))[0])
    return index, plain[index]


def _numbers(operands):
    return [x for x in operands if not isinstance(x, (str, tuple))]


def _pieces(tangent):
    """The arrays of numbers that a tangent is made of."""
    if hasattr(tangent, "scalars"):
        return [*tangent.scalars.values(), *(row for _, v in tangent.blocks for row in primal(v))]
    return [getattr(tangent, "values", tangent)]


def _raise(name, where, what, found, operands):
    index, number = found
    shown = ", ".join(np.array2string(np.asarray(primal(x)), threshold=6, precision=4) for x in _numbers(operands))
    raise NonFiniteError(f"{name}, {where}: {what} is {number} at index {index}" + (f", of arguments {shown}" if shown else "") +
                         "; all that came before is finite. Change the formula there, or keep its arguments away from that point")


def look_at_input(x):
    """Raise where an input is not finite."""
    found = _first(x) if watched() else None
    if found is not None:
        raise NonFiniteError(f"the input of the function is {found[1]} at index {found[0]}; all derivatives by it start from there")


def look_at_step(row, operands, value, tangent=None):
    """Raise where a step has made NaN or infinity of its value or its tangent.

    A gather makes none: it moves infinite constants, such as the scores of what is masked, and what stands in memory of np.empty. Of an
    infinite operand, which is such a constant, a step may make another infinity.
    """
    if not watched():
        return
    found = _first(value) if row.kind != "gather" else None
    if found is not None and any(_first(x) is not None for x in _numbers(operands)):
        found = _first(value, np.isnan)
    if found is not None:
        _raise(row.name, user_line(), "its value", found, operands)
    for piece in () if tangent is None else _pieces(tangent):
        found = _first(piece)
        if found is not None:
            _raise(row.name, user_line(), "its tangent", found, operands)


def look_at_pull(record, i, part, where):
    """Raise where the pull of a step has made NaN or infinity."""
    pieces = [g for _, g in part.parts] if hasattr(part, "parts") else [getattr(part, "values", part)]
    for piece in pieces:
        found = _first(piece)
        if found is not None:
            count = len(record.values)
            _raise(record.row.name, where, "the cotangent of its argument" + ("" if count == 1 else f" {i}"), found, record.values)

"""Levels: which transformations are open, what their arrays may not do, and lists of them as one array."""

import itertools

import numpy as np

from dualnet.errors import EscapedError, LostDerivativeError
from dualnet.table.row import Traced, primal

OPEN = {0}
_levels = itertools.count(1)


def open_level():
    """Open a fresh level, larger than all before."""
    level = next(_levels)
    OPEN.add(level)
    return level


def close_level(level):
    """End a level: arrays that carry it raise from now on."""
    OPEN.discard(level)


def escaped(x):
    """The error for an array whose transformation has ended."""
    return EscapedError(
        f"a {type(x).__name__} of shape {np.shape(primal(x))} is used after the transformation that made it has ended; "
        "return it from the function that is differentiated instead of storing it outside")


def pack(x):
    """An object array (or nested list) of traced elements as one traced array; anything else unchanged.

    A Python complex becomes NumPy's: beside a NumPy scalar it would stay Python's, without shape or dtype.
    """
    if type(x) is complex:
        return np.complex128(x)
    if isinstance(x, np.ndarray) and x.dtype == object and any(isinstance(e, Traced) for e in x.flat):
        return np.reshape(np.stack([e if isinstance(e, Traced) else np.float64(e) for e in x.flat]), x.shape)
    if isinstance(x, (list, tuple)) and holds_traced(x):
        return np.stack([pack(e) for e in x])
    return x


def holds_traced(x):
    """True where a sequence holds a traced array at any depth."""
    return any(isinstance(e, Traced) or (isinstance(e, (list, tuple)) and holds_traced(e)) for e in x)


def lost(what, cure):
    """The error where a conversion would drop a derivative."""
    return LostDerivativeError(f"{what} would lose the derivative; {cure}")

"""Levels: which transformations are open."""

import itertools

import numpy as np

from dualnet.errors import EscapedError
from dualnet.table.row import primal

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


def nested(level):
    """True where another level was opened after this one, as in a function that takes derivatives itself."""
    return next(_levels) > level + 1


def escaped(x):
    """The error for an array whose transformation has ended."""
    return EscapedError(
        f"a {type(x).__name__} of shape {np.shape(primal(x))} is used after the transformation that made it has ended; "
        "return it from the function that is differentiated instead of storing it outside")

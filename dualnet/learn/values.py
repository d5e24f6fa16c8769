"""Numbers that a user gives, checked: wrong sign, wrong type, not a number at all."""

import numbers

import numpy as np

from dualnet.errors import ArgumentError
from dualnet.table.row import Traced


def _real(value):
    """True for one real number, also one that carries a derivative."""
    return isinstance(value, (numbers.Real, Traced)) and not isinstance(value, (bool, np.bool_)) and np.ndim(value) == 0


def _plain(value):
    """NumPy's numbers as Python's, which go into a file and leave the precision of what they multiply alone."""
    return value.item() if isinstance(value, np.generic) else value


def positive(value, what):
    """`value`, if it is a finite number above 0 (a dual number stays one)."""
    if not _real(value) or not 0 < value < np.inf:
        raise ArgumentError(f"{what}={value!r}; give a number above 0")
    return _plain(value)


def not_negative(value, what):
    """`value`, if it is a finite number of at least 0."""
    if not _real(value) or not 0 <= value < np.inf:
        raise ArgumentError(f"{what}={value!r}; give a number of at least 0")
    return _plain(value)


def share(value, what):
    """`value`, if it is a number from 0 up to, but not including, 1."""
    if not _real(value) or not 0 <= value < 1:
        raise ArgumentError(f"{what}={value!r}; give a number from 0 up to, but not including, 1")
    return _plain(value)


def whole(value, what):
    """`value` as an int, if it is a whole number of at least 1."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < 1:
        raise ArgumentError(f"{what}={value!r}; give a whole number of at least 1")
    return int(value)

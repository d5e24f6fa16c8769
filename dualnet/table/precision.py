"""Precision: casts by NumPy's rules, operands of fewer digits than doubles, constants with all digits of long doubles."""

import operator

import numpy as np

from dualnet.errors import DTypeError
from dualnet.table.row import dtype_of, primal
from dualnet.table.shaping import astype


def cast(x, dtype, casting=None):
    """`x` in another data type, where NumPy's rule `casting` allows that."""
    x = x if hasattr(x, "dtype") else np.asarray(x)
    if not np.can_cast(x.dtype, dtype, casting or "same_kind"):
        raise DTypeError(f"Cannot cast array data from {x.dtype!r} to {np.dtype(dtype)!r} according to the rule '{casting or 'same_kind'}'")
    return astype(x, dtype, False)


NARROW = "efF"  # data types of fewer digits than doubles


def widened(args):
    """The operands, those of fewer digits than doubles as doubles; `args` itself where there are none."""
    wide = tuple([astype(x, np.result_type(x.dtype, float)) if hasattr(x, "dtype") and x.dtype.char in NARROW else x for x in args])
    return args if all(map(operator.is_, wide, args)) else wide


def digits(text):
    """A constant as a function of an array: with all digits beside long doubles, else Python's float, which widens no array."""
    short, long = float(text), np.longdouble(text)
    return lambda x: long if dtype_of(primal(x)).char in "gG" else short

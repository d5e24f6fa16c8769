"""Precision: data types, casts by NumPy's rules, operands of fewer digits than doubles, constants with all digits of long doubles."""

import operator

import numpy as np

from dualnet.errors import DTypeError, LostDerivativeError
from dualnet.table.quiet import say
from dualnet.table.row import TABLE, Traced, composed, dtype_of, gather, primal


@gather(name="astype_float")
def astype_float(x, dtype):
    """The same numbers in another floating precision."""
    old = x.dtype

    def to(dtype):
        real = np.dtype(dtype).kind == "f"

        def move(t):
            if t.dtype.kind not in "fc":
                return t  # masks and seeds move along
            return (np.real(t) if real and t.dtype.kind == "c" else t).astype(dtype)

        move.casts = True
        return move

    return x, to(dtype), to(old)


@composed(name="astype")
def astype(x, dtype, copy=True):
    """Another data type: a floating or complex one keeps the derivative, any other gives plain values."""
    dtype = np.dtype(dtype() if isinstance(dtype, type) and issubclass(dtype, np.dtype) else dtype)  # of the class it makes objects
    if dtype == x.dtype:
        return np.positive(x) if copy else x
    if dtype.hasobject and isinstance(x, Traced):
        raise LostDerivativeError(f"a {type(x).__name__} of shape {x.shape} as {dtype} would lose the derivative; x.astype(object) gives "
                                  "its elements, each with its derivative")
    if dtype.kind not in "fc":
        return primal(x).astype(dtype)
    if dtype.kind == "f" and x.dtype.kind == "c":
        say("Casting complex values to real discards the imaginary part", np.exceptions.ComplexWarning)
        x = np.real(x)
    return TABLE["astype_float"](x, dtype) if isinstance(x, Traced) else x.astype(dtype)


@composed(np.astype, name="np.astype")
def np_astype(x, dtype, /, *, copy=True, device=None):
    """Another data type."""
    return TABLE["astype"](x, dtype, copy)


def cast(x, dtype, casting=None):
    """`x` in another data type, where NumPy's rule `casting` allows that."""
    x = x if hasattr(x, "dtype") else np.asarray(x)
    if not np.can_cast(x.dtype, dtype, casting or "same_kind"):
        raise DTypeError(f"Cannot cast array data from {x.dtype!r} to {np.dtype(dtype)!r} according to the rule '{casting or 'same_kind'}'")
    return astype(x, dtype, False)


DOUBLE, SINGLE = np.dtype(float), np.dtype(np.float32)
NARROW, UNUSUAL = "efF", "efFgG"  # data types of fewer digits than doubles; of fewer or more


def widened(args, dtype=DOUBLE):
    """The operands, those of fewer digits than doubles, or than a result of `dtype`, with as many; `args` itself where there are none."""
    if dtype.kind not in "fc":
        return args
    digits = np.finfo(dtype).dtype
    wide = tuple([astype(x, np.result_type(x.dtype, digits), False) if hasattr(x, "dtype") and x.dtype.kind in "fc" else x for x in args])
    return args if all(map(operator.is_, wide, args)) else wide


def digits(text):
    """A constant as a function of an array: with all digits beside long doubles, else Python's float, which widens no array."""
    short, long = float(text), np.longdouble(text)
    return lambda x: long if dtype_of(primal(x)).char in "gG" else short

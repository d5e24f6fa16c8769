"""Products with few passes and few new arrays: numbers that are kept apart from the array that they multiply, and arrays in whose memory
a product goes.

A chain of products with numbers makes one pass over the array, when the Jacobian is written.
"""

import numpy as np
from numpy import float64, ndarray

from dualnet.table import fields
from dualnet.table.precision import DOUBLE, SINGLE


def fills(x, y):
    """True where ``x + y`` and ``x * y`` are of the shape and the data type of the plain array `x`, of real doubles or singles."""
    if type(x) is not ndarray or fields.ndim(x) == 0:
        return False
    if fields.dtype(x) is DOUBLE and (type(y) is float64 or type(y) is float):
        return True
    return type(y) is ndarray and fields.dtype(x) is fields.dtype(y) and fields.same_shape(x, y) and (
        fields.dtype(x) is DOUBLE or fields.dtype(x) is SINGLE)


def product(p, t, spare):
    """A partial times a tangent or cotangent, in the memory of one of them where nobody else reads that again; `spare`: so of `t`."""
    if fills(p, t) and fields.own(p):
        return np.multiply(p, t, p)
    if spare and fills(t, p) and fields.own(t):
        return np.multiply(p, t, t)
    return p * t


class Multiple:
    """A number times an array of double precision, not multiplied yet."""

    __slots__ = ("factor", "array")


def multiple(factor, array):
    """``factor * array``, as a `Multiple` where the number is near enough to one to be multiplied last."""
    if 1e-6 < factor < 1e6 or -1e6 < factor < -1e-6:
        out = Multiple.__new__(Multiple)
        out.factor, out.array = factor, array
        return out
    return factor * array


def whole(v):
    """A `Multiple` multiplied out; anything else as it is."""
    return v.factor * v.array if type(v) is Multiple else v


def summed(a, b):
    """The sum of two numbers or arrays, either of which may be a `Multiple`."""
    if type(a) is Multiple:
        one = a
        if type(b) is Multiple:
            other = b
            if one.factor == other.factor:
                return multiple(one.factor, one.array + other.array)
        a = whole(a)
    return a + whole(b) if type(b) is Multiple else a + b


def with_added(held, more):
    """The numbers of seeds of two tangents added up: a copy of `held`, or the other's where it is empty."""
    if not held:
        return more
    return with_all(held, [more])


def with_all(held, others):
    """The same for the numbers of several."""
    held = held.copy()
    for more in others:
        for s, v in more.items():
            mine = held.get(s)
            held[s] = v if mine is None else summed(mine, v)
    return held

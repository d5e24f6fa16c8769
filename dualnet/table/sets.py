"""Rows that pick the different elements of arrays: gathers along an order found on the values."""

import numpy as np

from dualnet.table.linalg import operand
from dualnet.table.row import TABLE, composed, primal


def _first(x, values):
    """Positions in the flat array x (plain) of the first elements equal to `values`."""
    order = np.argsort(x, kind="stable")
    return order[np.searchsorted(x[order], values)]


@composed(np.unique)
def unique(ar, return_index=False, return_inverse=False, return_counts=False, axis=None, *, equal_nan=True, sorted=True):
    """The different elements in ascending order, each with the derivative of its first appearance."""
    ar = operand(ar)
    found = np.unique(primal(ar), True, True, True, axis, equal_nan=equal_nan)
    values = np.reshape(ar, -1)[found[1]] if axis is None else np.take(ar, found[1], axis)
    more = [x for x, asked in zip(found[1:], (return_index, return_inverse, return_counts)) if asked]
    return (values, *more) if more else values


def _array_api(function, **options):
    result = function(np.zeros(1))

    def rule(x):
        plain = function(primal(x))
        flat = np.reshape(operand(x), -1)
        values = plain if not isinstance(plain, tuple) else plain.values
        values = flat[_first(np.reshape(primal(x), -1), values)]
        return values if not isinstance(plain, tuple) else type(result)(values, *plain[1:])

    rule.__name__, rule.__doc__ = function.__name__, "The different elements, and what else the name says, as the array API does."
    return rule


for _function in (np.unique_values, np.unique_all, np.unique_counts, np.unique_inverse):
    composed(_function)(_array_api(_function))


@composed(np.union1d)
def union1d(ar1, ar2):
    """The different elements of both arrays."""
    return np.unique(np.concatenate([np.ravel(ar1), np.ravel(ar2)]))


@composed(np.intersect1d)
def intersect1d(ar1, ar2, assume_unique=False, return_indices=False):
    """The elements that both arrays have, with the derivative of the first one's."""
    values, first, second = np.intersect1d(primal(ar1), primal(ar2), assume_unique, return_indices=True)
    out = np.ravel(ar1)[first]
    return (out, first, second) if return_indices else out


@composed(np.setdiff1d)
def setdiff1d(ar1, ar2, assume_unique=False):
    """The elements of ar1 that ar2 does not have."""
    ar1 = np.ravel(ar1) if assume_unique else np.unique(ar1)
    return ar1[np.isin(primal(ar1), primal(ar2), invert=True)]


@composed(np.setxor1d)
def setxor1d(ar1, ar2, assume_unique=False):
    """The elements that only one of the arrays has."""
    both = np.concatenate([np.ravel(x) if assume_unique else np.unique(x) for x in (ar1, ar2)])
    both = np.sort(both)
    plain = primal(both)
    same = np.concatenate([[False], plain[1:] == plain[:-1], [False]])
    return both[~same[1:] & ~same[:-1]]


@composed(np.sort_complex)
def sort_complex(a):
    """Sorted along the last axis by real part, then imaginary part, as complex numbers."""
    a = operand(a)
    index = np.argsort(primal(a), axis=-1, kind="stable")
    out = np.take_along_axis(a, index, -1)
    return out if a.dtype.kind == "c" else TABLE["astype"](out, np.clongdouble if a.dtype == np.longdouble else complex)

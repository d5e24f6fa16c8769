"""Rows that order elements by value: a gather along the order found on the values."""

import numpy as np

from dualnet.table.ordering import is_nan
from dualnet.table.ordering import order as ascending
from dualnet.table.quiet import say
from dualnet.table.row import composed, primal
from dualnet.table.shaping import laid_out_as


@composed(np.sort)
def sort(a, axis=-1, kind=None, order=None, *, stable=None):
    """Elements in ascending order, equal ones by what lies just ahead."""
    a, axis = (np.reshape(a, -1), -1) if axis is None else (a, axis)
    if order is not None or kind is not None:
        np.sort(primal(a)[..., :0], kind=kind, order=order, stable=stable)  # NumPy's error
    return laid_out_as(np.take_along_axis(a, ascending(a, axis), axis), a)


@composed(np.partition)
def partition(a, kth, axis=-1, kind="introselect", order=None):
    """Elements in an order with the kth smallest in place."""
    a, axis = (np.reshape(a, -1), -1) if axis is None else (a, axis)
    value = primal(a)
    parted = np.partition(value, kth, axis, kind, order)  # np.argpartition may find another order
    ranks = np.argsort(np.argsort(parted, axis, kind="stable"), axis)
    return laid_out_as(np.take_along_axis(a, np.take_along_axis(ascending(a, axis), ranks, axis), axis), a)


@composed(np.median)
def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    """Middle element, or the mean of the two middle ones; NaN where any is NaN."""
    from dualnet.table.reductions import _finish, _one_axis
    flat, kept = _one_axis(a, axis)
    n = flat.shape[-1]
    if not n:
        return _finish(np.mean(flat, axis=-1), kept, axis, keepdims, a.ndim)
    ranked = np.sort(flat, axis=-1)
    middle = ranked[..., n // 2] if n % 2 else np.mean(ranked[..., n // 2 - 1:n // 2 + 1], axis=-1)
    nan = is_nan(ranked[..., -1])
    middle = np.where(nan, ranked[..., -1], middle) if np.any(nan) else middle
    return _finish(middle, kept, axis, keepdims, a.ndim)


@composed(np.nanmedian)
def nanmedian(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    """Median that passes over NaN."""
    from dualnet.table.reductions import _finish, _one_axis
    flat, kept = _one_axis(a, axis)
    if not flat.shape[-1]:
        return _finish(np.nanmean(flat, axis=-1), kept, axis, keepdims, a.ndim)
    n = np.count_nonzero(~is_nan(flat), axis=-1)
    ranked = np.sort(flat, axis=-1)
    if not np.all(n):
        say("All-NaN slice encountered")
    low, high = (np.take_along_axis(ranked, np.expand_dims(np.maximum(k, 0), -1), -1)[..., 0] for k in ((n - 1) // 2, n // 2))
    middle = np.where(n % 2, low, np.mean(np.stack([low, high]), axis=0))
    return _finish(middle, kept, axis, keepdims, a.ndim)

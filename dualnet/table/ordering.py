"""Order at ties: which of two equal values is larger just ahead.

Dual numbers are ordered (Khan and Barton 2015; Kakade and Lee 2018): the infinitesimal is positive, so
that of two equal values the one with the larger tangent is larger. A traced array gives its parts from
the largest to the smallest infinitesimal by ``_ahead()``; all functions here return plain arrays.
"""

import contextvars

import numpy as np

from dualnet.table.row import Traced, primal, shape_of

LOCAL = contextvars.ContextVar("dualnet_kinks_local", default=False)


def parts(x):
    """Plain arrays, the value first, then each infinitesimal's coefficient, the largest first."""
    return x._ahead() if isinstance(x, Traced) else [x]


def sign_ahead(x):
    """Sign of `x` just ahead: -1, 0 or 1."""
    first, *rest = parts(x)
    sign = np.sign(first)
    for part in rest:
        if np.all(sign):
            break
        sign = np.where(sign == 0, np.sign(part), sign)
    return sign


def undetermined(x):
    """True where what lies just ahead of `x` is not a number."""
    return sum(np.isnan(part) for part in parts(x)[1:]) > 0


def leads(x, y, seen=None):
    """True where x >= y, at equal values by what lies just ahead (the first of the tied if local).

    Where that is not a number, True where it is the slope of `seen` (x, if left out) that is none: who picks `seen` there does
    not lose the NaN.
    """
    a, b = primal(x), primal(y)
    mask = np.greater_equal(a, b)
    if LOCAL.get() or not (isinstance(x, Traced) or isinstance(y, Traced)):
        return mask
    tie = np.equal(a, b)
    if not np.any(tie):
        return mask
    if np.any(np.isinf(a) & tie):  # they have no difference; the first of them leads
        return np.where(tie & np.isfinite(a), sign_ahead(np.where(np.isfinite(a), x, 0) - np.where(np.isfinite(b), y, 0)) >= 0, mask)
    with np.errstate(all="ignore"):
        sign = sign_ahead(x - y)
        lead, unknown = sign >= 0, np.isnan(sign)
        if np.any(unknown & tie):
            lead = np.where(unknown, undetermined(x if seen is None else seen), lead)
        return np.where(tie, lead, mask)


def first_largest(x):
    """Flat positions of the largest elements along the last axis; of the tied the largest just ahead, then the first.

    NaN counts as largest, as in ``np.argmax``, and so it does just ahead.
    """
    value = primal(x)
    first = value.argmax(-1)
    if LOCAL.get() or not isinstance(x, Traced):
        return _starts(value) + first
    last = value[..., ::-1].argmax(-1)  # from the end: the same one, unless there are more
    if not np.count_nonzero(first + last != shape_of(value)[-1] - 1):
        return _starts(value) + first
    largest = np.max(value, axis=-1, keepdims=True)
    tied = value == largest
    for part in parts(x)[1:]:
        part = np.where(tied, np.where(np.isnan(part), np.inf, part), -np.inf)
        tied &= part == np.max(part, axis=-1, keepdims=True)
    return _starts(value) + np.where((largest != largest)[..., 0], first, np.argmax(tied, -1))


def _starts(value):
    """The flat position at which each row along the last axis begins."""
    return np.arange(0, value.size, value.shape[-1]).reshape(value.shape[:-1])


def has_ties(ranked, axis):
    """True where neighbours along `axis` are equal."""
    ranked = np.moveaxis(ranked, axis, -1)
    return bool(np.any(ranked[..., 1:] == ranked[..., :-1]))


def order(x, axis):
    """Indices that sort `x` along `axis`, stably, equal values by what lies just ahead."""
    value = primal(x)
    index = np.argsort(value, axis=axis, kind="stable")
    if LOCAL.get() or not isinstance(x, Traced):
        return index
    ranked = np.take_along_axis(value, index, axis)
    if not has_ties(ranked, axis):
        return index
    return np.lexsort([np.broadcast_to(p, value.shape) for p in reversed(parts(x))], axis=axis)

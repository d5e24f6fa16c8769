"""Order at ties: which of two equal values is larger just ahead.

Dual numbers are ordered (Khan and Barton 2015; Kakade and Lee 2018): the infinitesimal is positive, so
that of two equal values the one with the larger tangent is larger. A traced array gives its parts from
the largest to the smallest infinitesimal by ``_ahead()``; all functions here return plain arrays.
"""

import contextvars
import functools
import math

import numpy as np

from dualnet.table.row import Traced, primal, shape_of

FEW = 1 << 12  # elements up to which the starts of rows are kept

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


def leads(x, y, own=None):
    """True where x >= y, at equal values by what lies just ahead (the first of the tied if local).

    Where that is not known, since a tangent is NaN or two infinities have no difference, the answer is whether it is that of `own`,
    which is x or y: of a tie, a function that takes `own` where this is True has the derivative that is not known.
    """
    a, b = primal(x), primal(y)
    mask = np.greater_equal(a, b)
    if LOCAL.get() or not (isinstance(x, Traced) or isinstance(y, Traced)):
        return mask
    tie = np.equal(a, b)
    if not tie.any():
        return mask
    with np.errstate(all="ignore"):
        apart = x - y
        sign = sign_ahead(apart)
        if np.any(sign != sign):
            sign = np.where(sign == sign, sign, np.where(_unknown_first(x if own is None else own, apart), 1, -1))
        return np.where(tie, sign >= 0, mask)


def _unknown_first(own, apart):
    """True where the largest infinitesimal of `apart` that is NaN is so in `own`, one of the two whose difference that is."""
    own = np.where(np.zeros(shape_of(apart), bool), apart, own - own)  # with all infinitesimals of the difference
    found, known = False, True
    for part, of_own in zip(parts(apart), parts(own)):
        found = found | known & (part != part) & (of_own != of_own)
        known = known & (part == part)
    return found


def first_largest(x):
    """Flat positions of the largest elements along the last axis; of the tied the largest just ahead, then the first.

    NaN counts as largest, as in ``np.argmax``, just ahead too: of the tied, the one whose tangent is not known.
    """
    value = primal(x)
    shape = shape_of(value)
    first = value.argmax(-1)
    places = (_few_starts(shape) if value.size <= FEW else _starts(shape)) + first
    if LOCAL.get() or not isinstance(x, Traced):
        return places
    largest = value.reshape(-1)[places[..., None]]
    if np.count_nonzero(value < largest) == value.size - first.size:  # all but one of each row; of one with a NaN none is
        return places
    tied = value == largest
    for part in parts(x)[1:]:
        part = np.where(tied, part, -np.inf)
        top = np.max(part, axis=-1, keepdims=True)
        tied &= (part == top) | (part != part) & (top != top)
    return places - first + np.where((largest != largest)[..., 0], first, np.argmax(tied, -1))


def _starts(shape):
    """The flat position at which each row along the last axis begins."""
    return np.arange(0, math.prod(shape), shape[-1]).reshape(shape[:-1])


_few_starts = functools.lru_cache(256)(_starts)


def has_ties(ranked, axis):
    """True where neighbours along `axis` are equal."""
    ranked = np.moveaxis(ranked, axis, -1)
    return bool(np.any(ranked[..., 1:] == ranked[..., :-1]))


def order(x, axis):
    """Indices that sort `x` along `axis`, stably, equal values by what lies just ahead; of a tie with a NaN tangent, that one for all."""
    value = primal(x)
    index = np.argsort(value, axis=axis, kind="stable")
    if LOCAL.get() or not isinstance(x, Traced):
        return index
    ranked = np.take_along_axis(value, index, axis)
    if not has_ties(ranked, axis):
        return index
    ahead = [np.broadcast_to(p, value.shape) for p in parts(x)]
    return _unknown(np.lexsort(ahead[::-1], axis=axis), ahead, axis)


def _unknown(index, ahead, axis):
    """`index`, that sorts, with the one whose tangent is NaN in place of each that is tied with it: which is where is not known."""
    index, ahead = np.moveaxis(index, axis, -1), [np.moveaxis(p, axis, -1) for p in ahead]
    tied = True
    for before, part in zip(ahead, ahead[1:]):
        ranked = np.take_along_axis(before, index, -1)
        tied = tied & (ranked[..., 1:] == ranked[..., :-1])
        nan = np.take_along_axis(part != part, index, -1)
        if np.any(nan[..., 1:] & tied):  # it is the last of them
            n = nan.shape[-1]
            last = np.where(np.append(tied, np.zeros_like(nan[..., :1]), -1), n, np.arange(n))
            last = np.flip(np.minimum.accumulate(np.flip(last, -1), -1), -1)
            index = np.where(np.take_along_axis(nan, last, -1), np.take_along_axis(index, last, -1), index)
    return np.moveaxis(index, -1, axis)


def running(x, least):
    """Positions along the first axis of the largest element so far, or of the `least`; of the tied the largest (smallest) just ahead,
    then the first. None where what lies ahead of some is not known."""
    value = primal(x)
    best = (np.minimum if least else np.maximum).accumulate(value, 0)
    before, now = best[:-1], value[1:]
    new = (now < before if least else now > before) | (now != now) & (before == before)
    if not LOCAL.get() and isinstance(x, Traced) and np.any(now == before):
        keys = [np.reshape(np.broadcast_to(part, value.shape), -1) for part in parts(x)]
        if not all(np.isfinite(key).all() for key in keys):
            return None
        index = np.lexsort(keys[::-1])
        steps = np.any([np.diff(key[index]) != 0 for key in keys], axis=0)
        rank = np.zeros(value.size, int)
        rank[index[1:]] = np.cumsum(steps) * (-1 if least else 1)
        rank = rank.reshape(value.shape)
        new = rank[1:] > np.maximum.accumulate(rank, 0)[:-1]
    place = np.zeros(value.shape, int)
    place[1:] = np.where(new, np.arange(1, len(value)).reshape((-1,) + (1,) * (value.ndim - 1)), 0)
    return np.maximum.accumulate(place, 0)


def is_nan(x):
    """True where x is NaN, of exact numbers too."""
    plain = primal(x)
    return plain != plain

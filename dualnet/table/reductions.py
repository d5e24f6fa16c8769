"""Rows that reduce or scan along axes."""

import functools
import math

import numpy as np

from dualnet.table import fields
from dualnet.table.care import CAREFUL
from dualnet.table.indexing import picked
from dualnet.table.ordering import first_largest
from dualnet.table.quiet import say
from dualnet.table.row import (
    TABLE,
    Pointwise,
    Traced,
    along,
    composed,
    dtype_of,
    linear,
    ndim_of,
    newer,
    primal,
    reduction,
    revalued,
    shape_of,
)
from dualnet.table.shaping import behind, laid_out_as, normal

MISSING = np._NoValue
LOWEST = -np.inf


def axes_of(axis, ndim):
    """`axis` of a reduction as negative numbers, all axes for None."""
    if type(axis) is int and -ndim <= axis < ndim:
        return (axis if axis < 0 else axis - ndim,)
    if not ndim and axis in (0, -1):
        return ()  # NumPy's ufuncs let that pass
    return tuple(range(-ndim, 0)) if axis is None else behind(axis, ndim)


def given(value, default=None):
    """`value` unless the caller left it out."""
    return default if value is MISSING or value is None else value


def masked(x, where, neutral):
    """`x` with the elements outside the mask replaced by the neutral element."""
    return x if where is MISSING or where is True else np.where(where, x, neutral)


def count(shape, axes, where=MISSING):
    """How many elements a reduction runs over; an array if a mask makes it differ."""
    if where is MISSING or where is True:
        return math.prod(shape) if len(axes) == len(shape) else math.prod([shape[a] for a in axes])
    return np.sum(np.broadcast_to(where, shape), axis=axes, keepdims=True)


def in_precision(n, x):
    """The numbers `n` in the data type of `x`, so that dividing by them, or beginning with them, keeps it."""
    if isinstance(n, Traced):
        return TABLE["astype"](n, x.dtype)
    return n if type(n) in (int, float) else np.asarray(n, x.dtype)[()]


def freedom(n, ddof, x):
    """n - ddof degrees of freedom, but not less than 0, in the data type of `x`."""
    left = n - ddof
    return max(left, 0) if type(left) in (int, float) else in_precision(np.maximum(left, 0), x)


def degrees(ddof, correction):
    """The degrees of freedom to take off, by either of their names."""
    if correction is MISSING or correction is None:
        return ddof
    if type(ddof) is not int or ddof:
        raise ValueError("ddof and correction can't be provided simultaneously.")
    return correction


@reduction(name="total")
def total(x, axes, keepdims):
    """The sum over axes counted from the end."""
    return x, axes, keepdims


TOTAL = TABLE["total"]


def by_elements(x, value, axes, slope, keepdims=False):
    """A function `value` of the elements along `axes` by its gradient ``slope(x)``: as a sum over elements with these slopes.

    In a contraction with the gradient the zero of an element that does not depend on a seed is a number; here it stays
    structural, so that infinite slopes are those of their own elements alone, in both modes.
    """
    element = Pointwise("element", np.zeros_like, (lambda x, out: slope(x),))
    element.evaluate = element
    return revalued(TOTAL(element(x), axes, keepdims), value)


@composed(np.sum)
def sum_(a, axis=None, dtype=None, out=None, keepdims=MISSING, initial=MISSING, where=MISSING):
    """Sum of elements over axes."""
    a = a if dtype is None else TABLE["astype"](a, dtype)
    out = TOTAL(masked(a, where, 0), axes_of(axis, a.ndim), bool(given(keepdims, False)))
    if given(initial) is None and (where is MISSING or where is True):
        return out
    out = out if given(initial) is None else out + in_precision(initial, out)
    plain = np.sum(primal(a), axis, keepdims=bool(given(keepdims, False)), initial=primal(given(initial, MISSING)), where=where)
    return _in_numpys_order(out, plain)


@composed(np.mean)
def mean(a, axis=None, dtype=None, out=None, keepdims=MISSING, *, where=MISSING):
    """Arithmetic mean over axes."""
    shape = shape_of(a)
    axes = axes_of(axis, len(shape))
    n = count(shape, axes, where)
    if type(n) is not int:
        n = n if given(keepdims, False) else np.squeeze(n, axis=axes)
    if not n if type(n) is int else not np.all(n):
        say("Mean of empty slice.")
    short = dtype is None and _short(a)  # NumPy adds up such numbers in single precision
    a = TABLE["astype"](a, np.float32) if short else a if dtype is None or dtype_of(a) == dtype else TABLE["astype"](a, dtype)
    total_ = TOTAL(masked(a, where, 0), axes, bool(given(keepdims, False)))
    out = total_ / n if type(n) is int and n else np.divide(total_, in_precision(n, total_))
    return TABLE["astype"](out, np.float16) if short else out


def _short(a):
    """Half precision where `a` has it, else None: what sums are made in that NumPy does not make in single precision."""
    value = primal(a)
    return np.float16 if (fields.dtype(value) if type(value) is np.ndarray else getattr(value, "dtype", None)) == np.float16 else None


@composed(np.average)
def average(a, axis=None, weights=None, returned=False, *, keepdims=MISSING):
    """Weighted mean over axes."""
    keep = bool(given(keepdims, False))
    if weights is None:
        out, scale = np.mean(a, axis=axis, keepdims=keep), None
    else:
        if shape_of(weights) != shape_of(a):
            weights = _across(weights, shape_of(a), axis)
        kind = np.result_type(dtype_of(a), dtype_of(weights), *([float] if dtype_of(a).kind in "bui" else []))
        weights = np.broadcast_to(TABLE["astype"](weights, kind) if isinstance(weights, Traced) else np.asarray(weights, kind), shape_of(a))
        scale = np.sum(weights, axis=axis, keepdims=keep)
        if np.any(primal(scale) == 0):
            raise ZeroDivisionError("Weights sum to zero, can't be normalized")
        out = np.sum(a * weights, axis=axis, keepdims=keep) / scale
    if not returned:
        return out
    scale = in_precision(np.asarray(count(shape_of(a), axes_of(axis, ndim_of(a)))), primal(out)) if scale is None else scale
    return out, np.broadcast_to(scale, shape_of(out)) * 1


def _across(weights, shape, axis):
    """The weights of some axes of an array, along these."""
    axes = None if axis is None else [normal(k, len(shape)) for k in np.ravel(axis).tolist()]
    if axes is None or shape_of(weights) != tuple(shape[k] for k in axes):
        raise (TypeError if axes is None else ValueError)(
            f"weights of shape {shape_of(weights)} fit neither a of shape {shape} nor its axis {axis}")
    return np.reshape(np.transpose(weights, np.argsort(axes)), [n if k in axes else 1 for k, n in enumerate(shape)])


@composed(np.var)
def var(a, axis=None, dtype=None, out=None, ddof=0, keepdims=MISSING, *, where=MISSING, mean=MISSING, correction=MISSING):
    """Variance over axes, with `ddof` degrees of freedom taken off."""
    a = a if dtype is None else TABLE["astype"](a, dtype)
    ddof = degrees(ddof, correction)
    axes = axes_of(axis, a.ndim)
    keep = bool(given(keepdims, False))
    center = given(mean)
    if center is None:
        if CAREFUL.get() and isinstance(a, Traced) and a.size and not np.iscomplexobj(a):
            return _spread(masked(a, where, 0), axes, ddof, keep, where)
        center = TABLE["mean"](a, axis=axes, keepdims=True, where=where, dtype=_short(a))
    from_center = a - center
    squares = np.square(from_center) if not np.iscomplexobj(a) else np.square(from_center.real) + np.square(from_center.imag)
    n = count(a.shape, axes, where)
    n = n if type(n) is int or keep else np.squeeze(n, axis=axes)
    if n <= ddof if type(n) is int else np.any(n <= ddof):
        say("Degrees of freedom <= 0 for slice")
    total_ = TOTAL(masked(squares, where, 0), axes, keep)
    return np.divide(total_, freedom(n, ddof, total_))


def _spread(a, axes, ddof, keep, where):
    """The variance by its gradient 2 (a - mean) / n: through the mean an infinite slope would meet itself with the other sign."""
    def slope(a):
        off = a - TABLE["mean"](a, axis=axes, keepdims=True, where=where)
        return 2 * np.divide(off, freedom(count(a.shape, axes, where), ddof, off))

    return by_elements(a, var(primal(a), axes, ddof=ddof, keepdims=keep, where=where), axes, slope, keep)


@composed(np.std)
def std(a, axis=None, dtype=None, out=None, ddof=0, keepdims=MISSING, *, where=MISSING, mean=MISSING, correction=MISSING):
    """Square root of the variance; its slope is NaN where all elements are equal, and 0 of a single element."""
    a = a if dtype is None else TABLE["astype"](a, dtype)
    return _deviation(a, axis, where, {"ddof": degrees(ddof, correction), "keepdims": given(keepdims, False)}, given(mean))


def _deviation(a, axis, where, options, mean):
    """The root of the variance; where that over- or underflows, with the derivative of the length of what is off the mean."""
    variance = np.var(a, axis, where=where, mean=mean, **options)
    plain = primal(variance)
    out = np.sqrt(variance)
    if dtype_of(plain).kind != "f":
        return out
    limits = np.finfo(plain.dtype)
    lost = (plain < limits.tiny / limits.eps**2) | (plain == np.inf)
    if not np.any(lost):
        return out
    axes = axes_of(axis, a.ndim)
    n = count(a.shape, axes, where)
    with np.errstate(all="ignore"):
        off = masked(a - (np.mean(a, axes, keepdims=True, where=where) if mean is None else mean), where, 0)
        flat, kept = _one_axis(off, axis)
        size = np.reshape(np.max(np.abs(primal(flat)), -1, initial=0), shape_of(plain))
        lost = lost & np.isfinite(size) & (size > 0)
        if np.any(lost):
            root = np.sqrt(np.maximum(n - options["ddof"], 0)).astype(plain.dtype)
            spread = np.reshape(np.reshape(TABLE["length"](flat), kept) / root, shape_of(plain))
            out = revalued(np.where(lost, spread, out), np.sqrt(plain))
    alone = (plain == 0) & (n == 1 if type(n) is int else np.reshape(n == 1, shape_of(plain)))
    return np.where(alone, 0, out) if mean is None and np.any(alone) else out


def _one_axis(a, axis):
    """`a` with the reduced axes made its last one, and the shape with them kept."""
    shape = shape_of(a)
    ndim = len(shape)
    axes = axes_of(axis, ndim)
    if len(axes) == 1:
        k = axes[0]
        kept = shape[:k] + (1,) + shape[ndim + k + 1:]
        return (a if k == -1 else np.moveaxis(a, k, -1)), kept
    kept = tuple([1 if k - ndim in axes else n for k, n in enumerate(shape)])
    rest = [k for k in range(-ndim, 0) if k not in axes]
    order = [k + ndim for k in (*rest, *axes)]
    moved = a if order == [*range(ndim)] else np.transpose(a, order)
    return np.reshape(moved, tuple([shape[k] for k in rest]) + (-1,)), kept


def _finish(out, kept, axis, keepdims, ndim):
    return np.reshape(out, kept) if given(keepdims, False) else out


@composed(np.max, np.amax)
def max_(a, axis=None, out=None, keepdims=MISSING, initial=MISSING, where=MISSING):
    """Largest element over axes; of the tied the one just ahead, else the first. NaN counts as largest."""
    if given(initial) is None and where is not MISSING and where is not True:
        raise ValueError("reduction operation maximum or minimum with where= has no identity; say which number to begin with, initial=")
    initial = MISSING if given(initial) is None else in_precision(initial, a)
    a = masked(a, where, given(initial, LOWEST))
    flat, kept = _one_axis(a, axis)
    whole = shape_of(flat)
    length = whole[-1]
    if not length and given(initial) is None:
        raise ValueError("zero-size array to reduction operation maximum which has no identity")
    shape = kept if given(keepdims, False) else whole[:-1]
    if length:
        result = picked(flat, first_largest(flat).reshape(shape), True)
        return result if given(initial) is None else np.maximum(result, initial)
    return TABLE["astype"](np.broadcast_to(initial, shape), a.dtype)


@composed(np.min, np.amin)
def min_(a, axis=None, out=None, keepdims=MISSING, initial=MISSING, where=MISSING):
    """Smallest element over axes; of the tied the one just ahead, else the first. NaN counts as smallest."""
    initial = MISSING if given(initial) is None else -in_precision(initial, a)
    return -np.max(-a, axis, keepdims=keepdims, initial=initial, where=where)


@composed(np.ptp)
def ptp(a, axis=None, out=None, keepdims=MISSING):
    """Largest less smallest."""
    return np.max(a, axis, keepdims=keepdims) - np.min(a, axis, keepdims=keepdims)


WHOLE = {t: (2.0 ** (np.finfo(t).minexp + 60), 2.0 ** (np.finfo(t).maxexp - 60)) for t in "efd"}  # products with all their digits


def _others(x):
    """For each element the product of the others along the last axis: by halves, so that zeros need no special case and every order
    is exact; of plain numbers that are not 0 the product over the element."""
    if not isinstance(x, Traced) and x.dtype.char in WHOLE:
        (low, high), product = WHOLE[x.dtype.char], np.prod(x, -1, keepdims=True)
        size = np.abs(product)
        if np.all((low < size) & (size < high)):
            return product / x
    half, odd = divmod(x.shape[-1], 2)
    if not half:
        return np.ones(x.shape, x.dtype)
    one, other = x[..., :half], x[..., half:2 * half]
    above = _others(np.concatenate([one * other, x[..., 2 * half:]], -1) if odd else one * other)
    pairs = above[..., :half]
    return np.concatenate([pairs * other, pairs * one, *([above[..., half:]] if odd else [])], -1)


def _product(x):
    """Product along the last axis: by its gradient, or of expressions and exact numbers by halves."""
    if not (x.symbolic or x.dtype.hasobject):
        return by_elements(x, np.prod(primal(x), -1), (-1,), _others)
    while x.shape[-1] > 1:
        half, odd = divmod(x.shape[-1], 2)
        pairs = x[..., :half] * x[..., half:2 * half]
        x = np.concatenate([pairs, x[..., 2 * half:]], -1) if odd else pairs
    return x[..., 0] if x.shape[-1] else np.ones(x.shape[:-1], x.dtype)


@composed(np.prod)
def prod(a, axis=None, dtype=None, out=None, keepdims=MISSING, initial=MISSING, where=MISSING):
    """Product of elements over axes."""
    a = a if dtype is None else TABLE["astype"](a, dtype)
    flat, kept = _one_axis(masked(a, where, 1), axis)
    out = _finish(_product(flat), kept, axis, keepdims, a.ndim)
    out = out if given(initial) is None else out * in_precision(initial, out)
    options = {} if given(initial) is None else {"initial": primal(initial)}
    return _in_numpys_order(out, np.prod(primal(a), axis, keepdims=bool(given(keepdims, False)), where=where, **options))


def _in_numpys_order(out, plain):
    """A sum or product with the value that NumPy has for it: in another order, as by halves, it under- and overflows elsewhere."""
    return laid_out_as(out, plain) if np.array_equal(plain, primal(out)) else revalued(out, plain)


@linear(name="summed_up", positive=True, fixed=True)
def summed_up(x, axis):
    """Running sum along an axis counted from the end."""
    def down(g, out, x):
        return np.flip(np.cumsum(np.flip(g, axis), axis), axis)

    return [x], functools.partial(np.cumsum, axis=axis), [along(axis, lambda t, out, x: np.cumsum(t, axis))], [down]


def _scanned(a, axis, dtype):
    a = a if dtype is None else TABLE["astype"](a, dtype)
    return (np.reshape(a, -1), -1) if axis is None or not a.ndim and axis in (0, -1) else (a, normal(axis, a.ndim) - a.ndim)


@composed(np.cumsum)
def cumsum(a, axis=None, dtype=None, out=None):
    """Running sum along an axis (of the flattened array by default)."""
    return TABLE["summed_up"](*_scanned(a, axis, dtype))


@composed(np.cumprod)
def cumprod(a, axis=None, dtype=None, out=None):
    """Running product along an axis, by doubling steps, exact with zeros and at every order."""
    x, axis = _scanned(a, axis, dtype)
    plain, x, step = primal(x), np.moveaxis(x, axis, -1), 1
    while step < x.shape[-1]:
        x = np.concatenate([x[..., :step], x[..., step:] * x[..., :-step]], -1)
        step *= 2
    return _in_numpys_order(np.moveaxis(x, -1, axis), np.cumprod(plain, axis))


def _array_api_scan(scan):
    def rule(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
        if axis is None and x.ndim > 1:
            raise ValueError(f"{rule.__name__}: an array of shape {x.shape} has more than one axis; say which, axis=")
        axis = 0 if axis is None else axis
        out = scan(x, axis, dtype)
        if include_initial:
            shape = tuple(1 if k == axis % x.ndim else n for k, n in enumerate(x.shape))
            out = np.concatenate([np.full(shape, 1 if scan is np.cumprod else 0, out.dtype), out], axis)
        return out

    rule.__name__, rule.__doc__ = {np.cumsum: "cumulative_sum", np.cumprod: "cumulative_prod"}[scan], "Running sum or product."
    return rule


composed(*newer("cumulative_sum"))(_array_api_scan(np.cumsum))
composed(*newer("cumulative_prod"))(_array_api_scan(np.cumprod))

"""Rows that build arrays: ranges with traced ends, blocks, insertion and deletion, windows, calls along axes."""

import math
import operator

import numpy as np

from dualnet.errors import NotDifferentiableError
from dualnet.table.linalg import is_complex, operand
from dualnet.table.options import mode_of
from dualnet.table.row import TABLE, Traced, composed, ndim_of, primal, revalued, shape_of, view
from dualnet.table.shaping import normal, normals


def rearranged(function, *arrays):
    """What `function` does to arrays by moving elements only, read off from what it does to their positions."""
    ends = np.cumsum([0, *(np.size(a) for a in arrays)])
    index = function(*(np.arange(i, j).reshape(shape_of(a)) for a, i, j in zip(arrays, ends, ends[1:])))
    flat = [np.reshape(a, -1) for a in arrays]
    return (np.concatenate(flat) if len(flat) > 1 else flat[0])[index]


def like(x, a):
    """`x` in the type of the array `a` that it is put into."""
    x = operand(x)
    return TABLE["astype"](x, a.dtype) if a.dtype.kind in "fc" and x.dtype.kind in "biufc" else x


@composed(np.insert)
def insert(arr, obj, values, axis=None):
    """`values` put in before the places `obj`."""
    arr = operand(arr)
    return rearranged(lambda a, v: np.insert(a, obj, v, axis), arr, like(values, arr))


@composed(np.delete)
def delete(arr, obj, axis=None):
    """Elements, rows or columns at `obj` left out."""
    return rearranged(lambda a: np.delete(a, obj, axis), arr)


@composed(np.resize)
def resize(a, new_shape):
    """The elements, again and again, in another shape."""
    return rearranged(lambda a: np.resize(a, new_shape), a) if np.size(a) else np.resize(primal(a), new_shape)


@view(np.lib.stride_tricks.sliding_window_view)
def sliding_window_view(x, window_shape, axis=None, *, subok=False, writeable=False):
    """All windows of a shape."""
    axes = range(-ndim_of(x), 0) if axis is None else [normal(a, ndim_of(x)) - ndim_of(x) for a in np.ravel(axis).tolist()]
    return x, lambda a: np.lib.stride_tricks.sliding_window_view(a, window_shape, axes)


@composed(np.trim_zeros)
def trim_zeros(filt, trim="fb", axis=None):
    """Zeros at the front and the back left out; what is left depends on the values only."""
    x, trim = operand(filt), trim.lower()
    if trim not in ("fb", "bf", "f", "b"):
        raise ValueError(f"trim_zeros: trim={trim!r}; choose 'f' (front), 'b' (back) or 'fb'")
    axes = range(ndim_of(x)) if axis is None else normals(axis, ndim_of(x))
    live = np.argwhere(primal(x))
    front, back = (live.min(0), live.max(0) + 1) if len(live) else (np.array(shape_of(x)), np.zeros(ndim_of(x), int))
    return x[tuple(slice(front[k] if k in axes and "f" in trim else 0, back[k] if k in axes and "b" in trim else n)
                   for k, n in enumerate(shape_of(x)))]


@composed(np.meshgrid)
def meshgrid(*xi, copy=True, sparse=False, indexing="xy"):
    """Coordinate arrays of a grid."""
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing={indexing!r} is neither 'xy' nor 'ij'")
    n = len(xi)
    out = [np.reshape(x, (1,) * k + (-1,) + (1,) * (n - k - 1)) for k, x in enumerate(xi)]
    if indexing == "xy" and n > 1:
        out = [np.swapaxes(x, 0, 1) for x in out]
    out = out if sparse else np.broadcast_arrays(*out)
    return tuple(np.copy(x) for x in out) if copy else tuple(out)


@composed(np.block)
def block(arrays):
    """An array from nested lists of blocks: the innermost lists along the last axis, and so on outwards."""
    def depth(x):
        if not isinstance(x, list):
            return 0
        depths = {depth(part) for part in x}
        if len(depths) != 1:
            raise ValueError("block: the lists are not all as deep as each other, or one of them is empty")
        return 1 + depths.pop()

    def leaves(x):
        return [y for part in x for y in leaves(part)] if isinstance(x, list) else [ndim_of(x)]

    deep = depth(arrays)
    ndim = max(deep, *leaves(arrays))

    def joined(x, level):
        if not isinstance(x, list):
            return np.reshape(x, (1,) * (ndim - ndim_of(x)) + shape_of(x))
        return np.concatenate([joined(part, level + 1) for part in x], axis=level - deep)

    return joined(arrays, 0)


def together(*xs):
    """The floating type that NumPy gives numbers and arrays in one expression; Python numbers do not widen it."""
    return np.result_type(*(x if type(x) in (bool, int, float, complex) else operand(x).dtype for x in xs), 0.0)


def _ends(start, stop, kind):
    return [TABLE["astype"](x, kind) if isinstance(x, Traced) else np.asarray(x, kind) for x in (start, stop)]


def _between(start, stop, num, endpoint, kind):
    """NumPy's numbers, each a mean of the ends weighted by its place, so that no end's infinite slope meets one of the other sign.

    The first is the start alone and the last the stop alone: to the other end they owe a structural zero.
    """
    shape = np.broadcast_shapes(shape_of(start), shape_of(stop))
    plain = np.linspace(primal(start), primal(stop), num, endpoint, dtype=kind)
    ends = 1 if endpoint and num > 1 else 0
    part = np.reshape(np.arange(1, max(num - ends, 1), dtype=kind) / max(num - ends, 1), (-1,) + (1,) * len(shape))
    pieces = [np.broadcast_to(start, (1, *shape))] * (num > 0) + [start * (1 - part) + stop * part] * (num - ends > 1)
    pieces += [np.broadcast_to(stop, (1, *shape))] * ends
    return revalued(np.concatenate(pieces), plain) if pieces else plain


@composed(np.ix_, name="ix_")
def ix_(*args):
    """Vectors along an axis each, to index with or to broadcast."""
    args = [operand(x) for x in args]
    return tuple(np.reshape(x, shape_of(p)) if isinstance(x, Traced) and p.dtype == x.dtype else p
                 for x, p in zip(args, np.ix_(*(primal(x) for x in args))))


@composed(np.linspace)
def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None):
    """Evenly spaced numbers between traced ends."""
    start, stop = (operand(x) if isinstance(x, (list, tuple)) else x for x in (start, stop))
    kind, num = together(start, stop), operator.index(num)
    start, stop = _ends(start, stop, kind)
    out = _between(start, stop, num, endpoint, kind)
    out = np.moveaxis(out, 0, axis) if axis else out
    out = out if dtype is None else TABLE["astype"](out, dtype)
    if not retstep:
        return out
    parts = num - 1 if endpoint else num
    return out, (stop - start) / parts if parts > 0 else np.nan


@composed(np.logspace)
def logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    """Powers of a base with evenly spaced exponents."""
    if ndim_of(base):
        shape = np.broadcast_shapes(shape_of(start), shape_of(stop), shape_of(base))
        start, stop = np.broadcast_to(start, shape), np.broadcast_to(stop, shape)
        base = np.expand_dims(np.broadcast_to(base, shape), axis)
    out = np.power(base, np.linspace(start, stop, num=num, endpoint=endpoint, axis=axis))
    return out if dtype is None else TABLE["astype"](out, dtype)


@composed(np.geomspace)
def geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    """Numbers with one ratio between neighbours, between traced real ends of one sign."""
    start, stop = _ends(start, stop, np.result_type(together(start, stop), float if dtype is None else dtype))
    if is_complex(start) or is_complex(stop):
        raise NotDifferentiableError("np.geomspace between complex ends has no row; use np.exp of np.linspace")
    if np.any(primal(start) == 0) or np.any(primal(stop) == 0):
        raise ValueError("Geometric sequence cannot include zero")
    sign = np.sign(primal(start))
    low, high = start * sign, stop * sign
    out = np.logspace(np.log10(low), np.log10(high), num, endpoint, 10.0)
    shape = (1, *shape_of(low + high))
    pieces = [np.broadcast_to(low, shape), out[1:-1], np.broadcast_to(high, shape)] if endpoint and num > 1 else \
        [np.broadcast_to(low, shape), out[1:]]
    out = (np.concatenate(pieces) if num else out) * sign
    out = np.moveaxis(out, 0, axis) if axis else out
    return out if dtype is None else TABLE["astype"](out, dtype)


@composed(np.vander)
def vander(x, N=None, increasing=False):
    """Powers of the elements of a vector as columns."""
    x = operand(x)
    if ndim_of(x) != 1:
        raise ValueError(f"vander: x of shape {shape_of(x)} must be a one-dimensional array or sequence")
    x = TABLE["astype"](x, np.promote_types(x.dtype, int))
    powers = [np.ones(shape_of(x), x.dtype)]
    n = np.size(x) if N is None else N
    while len(powers) < n:
        powers.append(powers[-1] * x if len(powers) > 1 else x)
    out = np.stack(powers[:n], -1) if n else np.zeros((np.size(x), 0), x.dtype)
    return out if increasing else np.flip(out, -1)


@composed(np.apply_along_axis)
def apply_along_axis(func1d, axis, arr, *args, **kwargs):
    """A function of vectors on all vectors along an axis."""
    axis = normal(axis, ndim_of(arr))
    moved = np.moveaxis(arr, axis, -1)
    shape = shape_of(moved)[:-1]
    if not math.prod(shape):
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    out = [operand(func1d(moved[place], *args, **kwargs)) for place in np.ndindex(shape)]
    inner = shape_of(out[0])
    whole = np.reshape(np.stack(out), shape + inner)
    return np.moveaxis(whole, range(-len(inner), 0), range(axis, axis + len(inner))) if inner else whole


@composed(np.apply_over_axes)
def apply_over_axes(func, a, axes):
    """A function (array, axis) on one axis after the other, the axes kept."""
    out = operand(a)
    for axis in np.atleast_1d(axes):
        axis = normal(int(axis), ndim_of(a))
        result = func(out, axis)
        out = result if ndim_of(result) == ndim_of(out) else np.expand_dims(result, axis)
    return out


@composed(np.choose)
def choose(a, choices, out=None, mode="raise"):
    """Elements of the choice that `a` names."""
    choices = [choices[k] for k in range(len(choices))]
    index = np.asarray(primal(a))
    mode = mode_of(mode)
    if mode != "raise":
        index = index % len(choices) if mode == "wrap" else np.clip(index, 0, len(choices) - 1)
    elif index.size and (index.min() < 0 or index.max() >= len(choices)):
        raise ValueError(f"choose: entries from {index.min()} to {index.max()} for {len(choices)} choices")
    kind = together(*choices)
    index, *choices = np.broadcast_arrays(index, *(np.asarray(c, kind) if type(c) in (int, float) else c for c in choices))
    return np.take_along_axis(np.stack(choices), index[None], 0)[0]


@composed(np.piecewise)
def piecewise(x, condlist, funclist, *args, **kw):
    """Functions (or constants), each on the elements where its condition holds."""
    conditions = np.asarray(primal(condlist), bool)
    if conditions.ndim == 0 or conditions.ndim == 1 and ndim_of(x):
        conditions = conditions[None]
    if len(funclist) == len(conditions) + 1:
        conditions = np.concatenate([conditions, ~np.any(conditions, axis=0, keepdims=True)])
    if len(funclist) != len(conditions):
        raise ValueError(f"with {len(conditions)} condition(s), either {len(conditions)} or {len(conditions) + 1} functions are expected")
    out = np.zeros(shape_of(x), x.dtype)
    for condition, f in zip(conditions, funclist):
        if np.any(condition):
            out = TABLE["setitem"](out, condition, operand(f(x[condition], *args, **kw) if callable(f) else f))
    return out


@composed(np.real_if_close)
def real_if_close(a, tol=100):
    """The real part where all imaginary parts are within `tol` (units of rounding) of 0."""
    if not is_complex(a):
        return operand(a)
    imaginary = np.abs(np.imag(primal(a)))
    return np.real(a) if np.all(imaginary < (tol * np.finfo(imaginary.dtype).eps if tol > 1 else tol)) else a

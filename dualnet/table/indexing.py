"""Rows that pick elements by index or mask, and that write them."""

import functools
import math
import operator

import numpy as np
from numpy import ndarray

from dualnet.table.linalg import operand
from dualnet.table.options import mode_of
from dualnet.table.row import TABLE, Traced, boxed, composed, dtype_of, gather, highest, linear, ndim_of, primal, shape_of, view
from dualnet.table.shaping import normal

WHOLE = (slice(None),) * 64


def expanded(index, ndim):
    """A basic index as a tuple that names every axis, or None if it is an advanced one."""
    if type(index) is int or type(index) is slice:
        return (index, *WHOLE[1:ndim]) if ndim else (index,)
    index = index if isinstance(index, tuple) else (index,)
    used = 0
    for k in index:
        if isinstance(k, (int, np.integer)) and not isinstance(k, (bool, np.bool_)) or isinstance(k, slice):
            used += 1
        elif k is not None and k is not Ellipsis:
            return None
    rest = (slice(None),) * (ndim - used)
    for place, k in enumerate(index):
        if k is Ellipsis:
            return index[:place] + rest + index[place + 1:]
    return index + rest


def plain_index(index):
    """`index` with lists made arrays and traced parts made their values."""
    if isinstance(index, tuple):
        return tuple(plain_index(k) for k in index)
    return np.asarray(index, None if index else int) if isinstance(index, list) else index


def places(shape, index):
    """Flat positions, in C order, of the elements that `index` picks from an array of `shape`."""
    if len(shape) == 1 and isinstance(index, ndarray) and index.dtype.kind in "iu":
        n, = shape
        if index.size and (index.max() >= n or index.min() < -n):
            raise IndexError(f"index {index.max() if index.max() >= n else index.min()} is out of bounds for axis 0 with size {n}")
        return np.where(index < 0, index + n, index)
    return np.arange(int(np.prod(shape))).reshape(shape)[index]


def flattened(t, ndim):
    """`t` with its last `ndim` axes made one."""
    lead = t.ndim - ndim
    return np.reshape(t, t.shape[:lead] + (math.prod(t.shape[lead:]),)) if ndim != 1 else t


@view(name="getitem")
def getitem(x, index):
    """x[index], basic or advanced."""
    shape, ndim = x.shape, x.ndim
    index = plain_index(index)
    basic = expanded(index, ndim)
    if basic is None:
        return TABLE["picked"].rule(x, places(shape, index))
    key = (Ellipsis, *basic)

    def transpose(g):
        return TABLE["embed"](g, basic, shape)

    transpose.key = basic
    return x, lambda t: boxed(t)[index] if ndim_of(t) == ndim else t[key], transpose


@gather(name="picked")
def picked(x, flat, distinct=False):
    """Elements of x at the flat positions `flat`, an integer array of the result's shape (`distinct`: no two alike)."""
    shape = shape_of(x)
    ndim, size = len(shape), math.prod(shape)

    def transpose(g):
        g = boxed(g)
        lead = g.shape[:g.ndim - flat.ndim]
        if distinct and highest((g,)) is None:
            out = np.zeros((*lead, size), g.dtype)
            if lead:
                out[..., flat] = g
            else:
                out.put(flat, g)
        else:
            out = TABLE["scatter_add"](np.reshape(g, (*lead, flat.size)), flat.reshape(-1), size)
        return out.reshape(lead + shape)

    def forward(t):
        if ndim_of(t) != ndim or not isinstance(t, (Traced, ndarray)):
            return flattened(t, ndim)[..., flat]
        return t.take(flat) if type(t) is ndarray else picked(t, flat, distinct)

    return x, forward, transpose


@gather(name="embed", fills=True)
def embed(g, key, shape):
    """Zeros of `shape` with g written at the basic index `key`; axes before those of `shape` are kept."""
    inner = len(np.empty(shape)[key].shape) if np.prod(shape) < 100 else np.broadcast_to(0, shape)[key].ndim
    key = (Ellipsis, *key)

    def forward(t):
        if highest((t,)) is not None:
            return TABLE["embed"](t, key[1:], shape)
        out = np.zeros(shape_of(t)[:ndim_of(t) - inner] + shape, dtype_of(t))
        out[key] = t
        return out

    return g, forward, lambda c: c[key]


@composed(name="scatter_add")
def scatter_add(y, index, size):
    """Zeros of length `size` with ``y[..., k]`` added at ``index[k]``; negative and too large are refused."""
    if isinstance(y, Traced) and y.sparse and np.max(np.bincount(index), initial=0) <= 16:
        return functools.reduce(operator.add, (TABLE["placed"](y, t) for t in _turns(index, size)))
    return TABLE["scattered"](y, index, size)


def _turns(index, size):
    """Which element comes to each place first, second, and so on; -1 for none."""
    order = np.argsort(index, kind="stable")
    ranked = index[order]
    starts = np.flatnonzero(np.diff(ranked, prepend=-1))
    turn = np.arange(index.size) - np.repeat(starts, np.diff(starts, append=index.size))
    out = np.full((max(1, 1 + np.max(turn, initial=-1)), size), -1)
    out[turn, ranked] = order
    return out


@gather(name="placed", fills=True)
def placed(y, places):
    """``y[..., places]``, with structural zeros where a place is negative."""
    live, size, ndim = places >= 0, y.shape[-1], y.ndim

    def forward(t):
        return np.where(live, t[..., places], np.zeros((), t.dtype)) if size else np.zeros(t.shape[:-1] + places.shape, t.dtype)

    def transpose(g):
        lead = g.shape[:g.ndim - ndim]
        return np.reshape(TABLE["scatter_add"](g[..., live], places[live], size), lead + y.shape)

    return y, forward, transpose


def _added(t, index, size):
    """Zeros of length `size` with the last axis of `t` added at `index`."""
    if highest((t,)) is not None:
        return TABLE["scatter_add"](t, index, size)
    t = np.asarray(t)
    flat = t.reshape(math.prod(t.shape[:-1]), t.shape[-1])
    out = np.zeros((len(flat), size), t.dtype)
    for row, into in zip(flat, out):
        if t.dtype == float:
            into += np.bincount(index, row, minlength=size)
        else:
            np.add.at(into, index, row)
    return out.reshape(t.shape[:-1] + (size,))


@linear(name="scattered", positive=True, fixed=True)
def scattered(y, index, size):
    """Zeros of length `size` with ``y[..., k]`` added at ``index[k]``, by one sweep over y."""
    def push(t, out, y):
        return _added(t, index, size)

    push.places = index
    return [y], lambda t: _added(t, index, size), [push], [lambda g, out, y: g[..., index]]


@gather(name="setitem")
def setitem(x, index, value):
    """A copy of x with `value` written at `index`."""
    shape, dtype = shape_of(x), x.dtype
    ndim, index = len(shape), plain_index(index)
    basic = expanded(index, ndim)
    flat = places(shape, index) if basic is None else None
    if flat is not None and not ndim:  # True or False of an array without axes
        if not flat.size:
            return x, np.copy, lambda g: g
        flat, basic, value = None, (), np.reshape(np.broadcast_to(_trimmed(value, 1), (1,)), ())
    region = shape_of(boxed(primal(x))[basic]) if flat is None else flat.shape
    value = _trimmed(value, len(region))
    if shape_of(value) != region or type(value) in (bool, int, float, complex):
        value = np.broadcast_to(value, region)
    key = (Ellipsis, *(basic if flat is None else (flat.reshape(-1),)))

    def forward(xs):
        a, b = xs
        a = np.asarray(a, dtype) if type(a) in (int, float) else a  # the tangent of a constant, or of an input, without axes
        if highest(xs) is not None:  # tangents of a complex array may be real until a complex one is written into them
            a = TABLE["astype"](a, dtype, False) if a.dtype.kind in "fc" else a
            return TABLE["setitem"](a, _behind_lead(a, ndim, basic, flat), b)
        out = np.array(flattened(a, ndim) if flat is not None else a, dtype if a.dtype.kind in "fc" else None)
        lead = a.shape[:ndim_of(a) - ndim]
        out[key] = b if flat is None else np.reshape(b, (*lead, flat.size))
        return out.reshape(lead + shape)

    def transpose(g, i):
        if i == 0:
            return TABLE["setitem"](g, _behind_lead(g, ndim, basic, flat), 0)
        if flat is None:
            return g[key]
        part, lasting = flattened(g, ndim)[..., flat], _lasting(flat)
        return part if lasting is None else np.where(lasting, part, 0)

    transpose.key = None if flat is not None else basic
    if dtype.kind == "f" and dtype_of(value).kind == "c":
        transpose = _of_real_parts(transpose, dtype_of(value))
    return [x, value], forward, transpose


def _behind_lead(a, ndim, basic, flat):
    """The index of the same elements in an array with leading axes before `ndim` of its own."""
    return (Ellipsis, *basic) if flat is None else _lead_index(a, ndim, flat)


def _of_real_parts(transpose, dtype):
    """The transpose of a write that drops the imaginary parts of a value of that complex data type."""
    def share(g, i):
        return transpose(g, i) if i == 0 else TABLE["astype"](transpose(g, i), dtype)

    share.key = None
    return share


def _lasting(flat):
    """True where a write at the flat positions is the last one to its position; None where all are."""
    order = np.argsort(flat, axis=None, kind="stable")
    ranked = flat.reshape(-1)[order]
    again = ranked[1:] == ranked[:-1]
    if not again.any():
        return None
    out = np.ones(flat.size, bool)
    out[order[:-1][again]] = False
    return out.reshape(flat.shape)


def _lead_index(g, ndim, flat):
    """The index of the flat positions `flat` behind any leading axes of g."""
    if not ndim:  # of an array without axes a mask takes none or one
        return (Ellipsis, bool(flat.size), *(None,) * (flat.ndim - 1))
    coordinates = np.unravel_index(flat, g.shape[g.ndim - ndim:])
    return (slice(None),) * (g.ndim - ndim) + coordinates


def _trimmed(value, ndim):
    """`value` without leading axes of length 1 that the region does not have, as NumPy's assignment allows."""
    while ndim_of(value) > ndim and shape_of(value)[0] == 1:
        value = value[0]
    return value


@composed(np.where)
def where(condition, x=None, y=None):
    """Elements of x where `condition`, of y elsewhere; the branch not taken is a structural zero."""
    condition = primal(condition)
    if x is None and y is None:
        return np.nonzero(condition)
    if x is None or y is None:
        raise ValueError("where: give x and y, or neither of them")
    return TABLE["chosen"](condition, x, y)


def weak(x, y):
    """`x`, a Python number as an array of the type that NumPy gives it beside the array y."""
    if type(x) not in (bool, int, float, complex) or type(y) in (bool, int, float, complex):
        return x
    dtype = getattr(y, "dtype", None)
    dtype = np.asarray(primal(y)).dtype if dtype is None else dtype
    return np.asarray(x, dtype if dtype.kind == "c" or dtype.kind == "f" and type(x) is not complex else np.result_type(dtype, x))


@gather(name="chosen")
def chosen(condition, x, y, function=None):
    """np.where(condition, x, y) with both broadcast to one shape; of plain arrays ``function(x, y)`` where that is the same and quicker."""
    x, y = (operand(c) if isinstance(c, (list, tuple)) else c for c in (x, y))
    condition, xs = np.asarray(condition, bool), [weak(x, y), weak(y, x)]
    shape = condition.shape
    if shape_of(xs[0]) != shape or shape_of(xs[1]) != shape:
        shape = np.broadcast_shapes(shape, shape_of(xs[0]), shape_of(xs[1]))
        xs = [a if shape_of(a) == shape else np.broadcast_to(a, shape) for a in xs]

    def forward(ts):
        return np.where(condition, ts[0], ts[1])

    def value(ts):
        return function(ts[0], ts[1]) if type(ts[0]) is type(ts[1]) is np.ndarray else np.where(condition, ts[0], ts[1])

    def transpose(g, i):
        return np.where(condition, *((g, 0), (0, g))[i])

    def share(g, i):
        if type(g) is not np.ndarray or g.dtype.kind != "f" or not g.ndim:
            return np.where(condition, *((g, 0), (0, g))[i])
        out = np.multiply(g, condition if i == 0 else np.logical_not(condition))
        out += 0.0  # no -0.0
        return out

    transpose.quick = share
    if function is not None:
        forward.value = value
    return xs, forward, transpose


def _alike(choices):
    """Python numbers among arrays as arrays of the type that NumPy gives them all."""
    kinds = [c if type(c) in (bool, int, float, complex) else dtype_of(c) for c in choices]
    return [np.asarray(c, np.result_type(*kinds)) if c is k else c for c, k in zip(choices, kinds)]


@composed(np.select)
def select(condlist, choicelist, default=0):
    """The first choice whose condition holds."""
    *choicelist, out = _alike([*choicelist, default])
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        if np.asarray(primal(condition)).dtype.kind != "b":
            raise TypeError(f"select: conditions are arrays of booleans, not {condition!r:.60}")
        out = np.where(condition, choice, out)
    return out


@composed(np.take)
def take(a, indices, axis=None, out=None, mode="raise"):
    """Elements of a at `indices` along `axis`."""
    indices, axis = np.asarray(primal(indices)), axis if axis is None else normal(axis, a.ndim)
    size = a.size if axis is None else a.shape[axis]
    mode = mode_of(mode)
    if mode != "raise":
        indices = indices % size if mode == "wrap" else np.clip(indices, 0, size - 1)
    if axis is None:
        return np.reshape(a, -1)[indices]
    return a[(slice(None),) * axis + (indices,)]


@composed(np.take_along_axis)
def take_along_axis(arr, indices, axis=-1):
    """Elements of arr at `indices`, matched along `axis`."""
    if axis is None:
        return np.reshape(arr, -1)[indices]
    if ndim_of(indices) != arr.ndim:
        raise ValueError(f"take_along_axis: indices of {ndim_of(indices)} axes for an array of {arr.ndim}")
    grid = [np.arange(n).reshape((1,) * k + (n,) + (1,) * (arr.ndim - k - 1)) for k, n in enumerate(arr.shape)]
    grid[normal(axis, arr.ndim)] = indices  # the others broadcast
    return arr[tuple(grid)]


@composed(np.compress)
def compress(condition, a, axis=None, out=None):
    """Elements where `condition` along `axis`."""
    condition = np.asarray(primal(condition))
    if condition.ndim != 1:
        raise ValueError(f"compress: the condition is a vector, not of shape {condition.shape}")
    return np.take(a, np.nonzero(condition)[0], axis=axis)


@composed(np.extract)
def extract(condition, arr):
    """Elements of the flattened array where `condition`."""
    return np.reshape(arr, -1)[np.nonzero(np.reshape(condition, -1))[0]]


@gather(name="detached")
def detached(x, forward):
    """`forward` of x, as a view of it reads after a write."""
    return x, forward

"""Rows that move, repeat and join elements without choosing by value."""

import math
import operator

import numpy as np

from dualnet.table.options import order_of
from dualnet.table.row import TABLE, Traced, boxed, composed, highest, ndim_of, permutation, primal, shape_of, view

normal = np.lib.array_utils.normalize_axis_index
normals = np.lib.array_utils.normalize_axis_tuple


def behind(axes, ndim):
    """Axes counted from the end, as negative numbers."""
    one = axes[0] if type(axes) is tuple and len(axes) == 1 else axes
    if type(one) is int and -ndim <= one < ndim:
        return (one if one < 0 else one - ndim,)
    return tuple(a - ndim for a in normals(axes, ndim))


def lead_of(t, ndim):
    """Shape of the axes of t before its last `ndim`."""
    shape = shape_of(t)
    return shape[:len(shape) - ndim]


def _reshaped(x, shape, new):
    ndim, new_ndim = len(shape), len(new)
    return (x, lambda t: boxed(t).reshape(new) if ndim_of(t) == ndim else t.reshape(lead_of(t, ndim) + new),
            lambda g: boxed(g).reshape(lead_of(g, new_ndim) + shape))


def by_columns(a):
    """True where the elements stand in memory in Fortran's order, and not in C's too."""
    return ndim_of(a) > 1 and primal(a).flags.fnc


@permutation(np.reshape, view=True)
def reshape(a, shape, order="C", *, copy=None):
    """The same elements in another shape."""
    order = order_of(order, lambda order: np.reshape(0.0, (), order))
    if order == "F" or order == "A" and by_columns(a):
        flat, new = np.transpose(a).reshape(-1), np.empty(a.size, bool).reshape(shape).shape
        return TABLE["transpose"].rule(flat.reshape(new[::-1]))
    old = shape_of(a)
    new = (operator.index(shape),) if ndim_of(shape) == 0 else tuple([operator.index(n) for n in shape])
    if -1 in new:
        rest = -math.prod(new)
        new = tuple((a.size // rest if rest else 0) if n == -1 else n for n in new)
    if math.prod(new) != a.size or min(new, default=0) < 0:
        raise ValueError(f"cannot reshape array of size {a.size} into shape {shape}")
    return _reshaped(a, old, new)


@permutation(np.ravel, view=True)
def ravel(a, order="C"):
    """The elements as one axis; a copy where they do not stand side by side in that order."""
    order = order_of(order, lambda order: np.ravel(0.0, order))
    if order == "K":  # as they stand in memory
        plain = primal(a)
        axes = sorted(range(ndim_of(plain)), key=lambda k: (-abs(plain.strides[k]), k))
        a = a if axes == sorted(axes) else np.transpose(a, axes)
    elif order == "F" or order == "A" and by_columns(a):
        a = np.transpose(a)
    old, new = shape_of(a), (a.size,)
    x, forward, back = _reshaped(a, old, new)
    return x, lambda t: boxed(t).ravel() if ndim_of(t) == len(old) else forward(t), back


@permutation(np.transpose, view=True, name="transpose")
def transpose(a, axes=None):
    """Axes permuted, reversed unless given."""
    n = ndim_of(a)
    axes = tuple(range(n))[::-1] if axes is None else normals(axes, n)
    if sorted(axes) != list(range(n)):
        raise ValueError(f"axes {axes} do not match an array of {n} axes")
    back = sorted(range(n), key=axes.__getitem__)

    def permute(order):
        return lambda t: np.transpose(t, (*range(ndim_of(t) - n), *[k + ndim_of(t) - n for k in order]))

    return a, permute(axes), permute(back)


@composed(np.matrix_transpose)
def matrix_transpose(x):
    """The last two axes swapped."""
    return np.swapaxes(x, -1, -2)


@composed(np.swapaxes)
def swapaxes(a, axis1, axis2):
    """Two axes swapped."""
    axes = list(range(a.ndim))
    i, j = normal(axis1, a.ndim), normal(axis2, a.ndim)
    axes[i], axes[j] = axes[j], axes[i]
    return np.transpose(a, axes)


@composed(np.moveaxis)
def moveaxis(a, source, destination):
    """Axes moved to new places, the others in their order."""
    source, destination = normals(source, a.ndim), normals(destination, a.ndim)
    if len(source) != len(destination):
        raise ValueError("`source` and `destination` arguments must have the same number of elements")
    axes = [k for k in range(a.ndim) if k not in source]
    for to, k in sorted(zip(destination, source)):
        axes.insert(to, k)
    return np.transpose(a, axes)


@composed(np.rollaxis)
def rollaxis(a, axis, start=0):
    """`axis` rolled back to before `start`."""
    axis, start = normal(axis, a.ndim), start + a.ndim if start < 0 else start
    return np.moveaxis(a, axis, start - 1 if axis < start else start)


@composed(np.expand_dims)
def expand_dims(a, axis):
    """Axes of length 1 put in."""
    axes = normals(axis, a.ndim + np.size(axis))
    sizes = iter(a.shape)
    return np.reshape(a, tuple(1 if k in axes else next(sizes) for k in range(a.ndim + len(axes))))


@composed(np.squeeze)
def squeeze(a, axis=None):
    """Axes of length 1 left out."""
    axes = [k for k, n in enumerate(a.shape) if n == 1] if axis is None else normals(axis, a.ndim)
    if any(a.shape[k] != 1 for k in axes):
        raise ValueError(f"cannot squeeze axis {axis} of shape {a.shape}: its length is not 1")
    return np.reshape(a, tuple(n for k, n in enumerate(a.shape) if k not in axes))


@permutation(np.broadcast_to, view=True, name="broadcast_to")
def broadcast_to(array, shape, subok=False):
    """Elements repeated along axes of length 1."""
    shape = (int(shape),) if ndim_of(shape) == 0 else tuple(shape)
    old = shape_of(array)
    ndim, new = len(old), len(shape)
    np.broadcast_to(np.broadcast_to(0, old), shape)
    axes = tuple(k - new for k, n in enumerate(shape) if k < new - ndim or old[k - new + ndim] != n)

    def forward(t):
        lead = shape_of(t)[:ndim_of(t) - ndim]
        return np.broadcast_to(np.reshape(t, lead + (1,) * (new - ndim) + old), lead + shape)

    return array, forward, lambda g: np.reshape(np.sum(g, axis=axes), lead_of(g, new) + old)


@composed(np.broadcast_arrays)
def broadcast_arrays(*args, subok=False):
    """All arguments broadcast to one shape."""
    shape = np.broadcast_shapes(*(shape_of(a) for a in args))
    return tuple(np.broadcast_to(a, shape) for a in args)


def _at_least(n):
    def rule(*arys):
        out = []
        for a in arys:
            k = ndim_of(a)
            shape = shape_of(a)
            if k < n:
                a = np.reshape(a, [(1, 1, 1)[:n], (1, *shape, 1)[:n] if n == 3 else (1,) * (n - 1) + shape, (*shape, 1)][k])
            out.append(a)
        return out[0] if len(out) == 1 else tuple(out)

    rule.__name__, rule.__doc__ = f"atleast_{n}d", f"At least {n} axes."
    return rule


for _n, _function in enumerate((np.atleast_1d, np.atleast_2d, np.atleast_3d), 1):
    composed(_function)(_at_least(_n))


@permutation(np.flip, view=True)
def flip(m, axis=None):
    """Order reversed along the axes."""
    axes = behind(range(m.ndim) if axis is None else axis, m.ndim)

    def turn(t):
        return np.flip(t, axes)

    return m, turn, turn


@composed(np.fliplr)
def fliplr(m):
    """Order reversed along axis 1."""
    return np.flip(m, 1)


@composed(np.flipud)
def flipud(m):
    """Order reversed along axis 0."""
    return np.flip(m, 0)


@composed(np.rot90)
def rot90(m, k=1, axes=(0, 1)):
    """Turned by 90 degrees k times in the plane of two axes."""
    first, second = normals(axes, m.ndim)
    k %= 4
    if k == 2:
        return np.flip(m, (first, second))
    m = np.flip(m, second) if k == 1 else m
    m = np.swapaxes(m, first, second) if k else m
    return np.flip(m, second) if k == 3 else m


@composed(np.roll, name="roll")
def roll(a, shift, axis=None):
    """Elements shifted along axes, those that leave at one end coming back at the other."""
    if axis is None:
        return np.reshape(TABLE["rolled"](np.reshape(a, -1), shift if ndim_of(shift) == 0 else int(np.sum(shift)), (-1,)), a.shape)
    if ndim_of(axis) == 0 and ndim_of(shift) == 0:
        return TABLE["rolled"](a, shift, behind(axis, a.ndim))
    total = {}  # an axis may stand there several times
    for k, s in zip(*map(np.ravel, np.broadcast_arrays(axis, shift))):
        k = normal(int(k), a.ndim) - a.ndim
        total[k] = total.get(k, 0) + int(s)
    return TABLE["rolled"](a, tuple(total.values()), tuple(total)) if total else np.copy(a)


@permutation(name="rolled")
def rolled(a, shift, axes):
    """Elements shifted along axes counted from the end."""
    shifts = tuple(int(s) for s in np.broadcast_to(shift, len(axes)))
    return a, lambda t: np.roll(t, shifts, axes), lambda g: np.roll(g, tuple(-s for s in shifts), axes)


@composed(np.tile)
def tile(A, reps):
    """The whole array repeated along axes."""
    reps = (reps,) if ndim_of(reps) == 0 else tuple(reps)
    n = max(len(reps), A.ndim)
    reps, shape = (1,) * (n - len(reps)) + reps, (1,) * (n - A.ndim) + A.shape
    out = np.reshape(A, tuple(m for k in shape for m in (1, k)))
    out = np.broadcast_to(out, tuple(m for r, k in zip(reps, shape) for m in (r, k)))
    return np.copy(np.reshape(out, tuple(r * k for r, k in zip(reps, shape))))


@composed(np.repeat)
def repeat(a, repeats, axis=None):
    """Elements repeated along an axis."""
    a, axis = (np.reshape(a, -1), 0) if axis is None else (a, axis)
    return np.take(a, np.repeat(np.arange(a.shape[axis]), repeats), axis=axis)


@view(np.diagonal)
def diagonal(a, offset=0, axis1=0, axis2=1, writeable=False):
    """Elements of the diagonal of two axes; those of np.einsum can be written to."""
    axes = behind(axis1, ndim_of(a)) + behind(axis2, ndim_of(a))

    def forward(t):
        if isinstance(t, Traced):
            return TABLE["diagonal"](t, offset, *axes, writeable)
        out = np.diagonal(t, offset, *axes)
        out.flags.writeable = writeable and t.flags.writeable
        return out

    return a, forward


@composed(np.diag)
def diag(v, k=0):
    """The diagonal of a matrix, or the matrix with that diagonal."""
    if v.ndim not in (1, 2):
        raise ValueError(f"diag: input of shape {v.shape} must be 1- or 2-d")
    if v.ndim == 2:
        return np.diagonal(v, k)
    n = v.size + abs(k)
    i = np.arange(v.size)
    return TABLE["setitem"](np.zeros((n, n), v.dtype), (i - min(k, 0), i + max(k, 0)), v)


@composed(np.diagflat)
def diagflat(v, k=0):
    """The matrix with the flattened array as its diagonal."""
    return np.diag(np.ravel(v), k)


@composed(np.trace)
def trace(a, offset=0, axis1=0, axis2=1, dtype=None):
    """Sum of the diagonal."""
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


@composed(np.tril)
def tril(m, k=0):
    """Elements above the k-th diagonal set to zero."""
    return np.where(np.tri(*m.shape[-2:], k=k, dtype=bool), m, 0)


@composed(np.triu)
def triu(m, k=0):
    """Elements below the k-th diagonal set to zero."""
    return np.where(np.tri(*m.shape[-2:], k=k - 1, dtype=bool), 0, m)


def _lifted(x, array):
    """The new `array` as a constant of the reader of x; masks and counters, of a type that carries no derivative, stay plain."""
    return x._lift(array) if hasattr(x, "_lift") and (array.dtype.kind in "fcO" or array.dtype == x.dtype) else array


@composed(np.zeros_like)
def zeros_like(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """Zeros to write into."""
    return _lifted(a, np.zeros_like(primal(a), dtype, order, shape=shape))


@composed(np.ones_like)
def ones_like(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """Ones to write into."""
    return _lifted(a, np.ones_like(primal(a), dtype, order, shape=shape))


@composed(np.empty_like)
def empty_like(prototype, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """An array to write into."""
    return _lifted(prototype, np.zeros_like(primal(prototype), dtype, order, shape=shape))


@composed(np.full_like)
def full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """`fill_value` everywhere, with its derivative."""
    dtype = dtype or a.dtype
    plain = np.full_like(primal(a), primal(fill_value), dtype, order, shape=shape)
    if highest((fill_value,)) is not None:
        return laid_out_as(TABLE["astype"](np.broadcast_to(fill_value, plain.shape), dtype), plain)
    return _lifted(a, plain)


@composed(np.copy)
def copy(a, order="K", subok=False):
    """A copy, with its derivative."""
    out, order = np.positive(a), order_of(order, lambda order: np.copy(0.0, order), "K")
    if order == "K" or ndim_of(out) < 2:
        return out
    fortran = order == "F" or order == "A" and by_columns(a)
    flags = primal(out).flags
    return out if (flags.f_contiguous if fortran else flags.c_contiguous) else LAID_OUT(out, "F" if fortran else "C")


def laid_out_as(x, like):
    """`x` with its elements in memory as those of a copy of `like` stand, where that is in C's or in Fortran's order."""
    if ndim_of(x) < 2:
        return x
    have, want = primal(x).flags, primal(like).flags
    if not want.forc:
        want = np.empty_like(primal(like)).flags
    if want.c_contiguous:
        return x if have.c_contiguous else LAID_OUT(x, "C")
    return LAID_OUT(x, "F") if want.f_contiguous and not have.f_contiguous else x


@permutation(name="laid_out")
def laid_out(x, order):
    """The same elements in another order in memory."""
    move = lambda t: t.copy(order) if isinstance(t, Traced) else np.array(t, order=order)
    return x, move, lambda g: g


LAID_OUT = TABLE["laid_out"]

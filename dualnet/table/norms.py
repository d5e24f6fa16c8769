"""Rows of norms: of vectors and of matrices, without overflow in the derivative, with their kinks.

At x = 0 a norm has a kink; its derivative is that of the piece just ahead (DESIGN 5): along a tangent v the
norm of v, and in gradients the unit vector along the fixed positive direction; with local kinks it is 0.
Second derivatives at 0 are NaN.
"""

import math

import numpy as np

from dualnet.table.linalg import is_complex, matrices, operand, raised, square
from dualnet.table.ordering import LOCAL, parts
from dualnet.table.reductions import _finish, _one_axis, by_elements
from dualnet.table.row import TABLE, Pointwise, Traced, composed, dtype_of, linear, ndim_of, primal, revalued, shape_of
from dualnet.table.shaping import normals

# lengths whose squares neither overflow nor lose digits to underflow
SAFE = {t: (2.0 ** (np.finfo(t).minexp // 2 + 40), 2.0 ** (np.finfo(t).maxexp // 2 - 40)) for t in "efd"} | {"g": (1e-100, 1e100)}


def _squares(x):
    return np.real(x) ** 2 + np.imag(x) ** 2 if is_complex(x) else x * x


def _length(x, p):
    """The p-norm along the last axis, kept, of an x whose largest elements are near 1."""
    return np.sqrt(np.sum(_squares(x), -1, keepdims=True)) if p == 2 else np.sum(x ** p, -1, keepdims=True) ** (1 / p)


def _scale(x, p):
    """The power of two below the |x| that rules the p-norm along the last axis: the largest, or the smallest for negative p."""
    size = np.abs(x)
    ruling = np.max(size, -1, keepdims=True, initial=0) if p > 0 else np.min(size, -1, keepdims=True, initial=np.inf)
    inside = np.isfinite(ruling) & (ruling > 0)
    return np.where(inside, np.ldexp(np.ones((), size.dtype), np.frexp(np.where(inside, ruling, 1))[1] - 1), 1).astype(size.dtype)


def _special(x, p, ahead, out, length):
    """Slopes `out` of a p-norm with those where x = 0, of the unit vector `ahead`, with a derivative that is NaN.

    The only infinite element, or for negative p the only one that is 0, is the norm by itself: there the slope is its sign.
    """
    plain = primal(x)
    none = ~np.any(plain, axis=-1, keepdims=True)
    ruling = np.isinf(plain) if p > 0 else plain == 0
    alone = ruling & (np.count_nonzero(ruling, -1, keepdims=True) == 1)
    out = np.where(none, ahead * (1 + length()), out) if np.any(none) else out
    return np.where(alone, np.sign(plain) if p > 0 else 1 + length(), out) if np.any(alone) else out


def _direction(x, p, ahead):
    """x divided by its p-norm along the last axis; where x = 0, `ahead`."""
    with np.errstate(all="ignore"):
        y = x / _scale(primal(x), p)
        length = _length(y, p)
        return _special(x, p, ahead, y / length, lambda: length)


def _share(x, size, scale, q, k=0):
    """x^q / N^(q+k) of x >= 0 and a norm N = scale size: its derivatives by x and N are of its kind, each found in one go, so
    that they are in the range also where parts of them are not. `size` has the tangent of N divided by the root of N."""
    row = Pointwise("share", lambda x, size: _powered(x, size, scale, q, k), (
        lambda x, size, out: q * _share(x, size, scale, q - 1, k + 1), lambda x, size, out: -(q + k) * _share(x, size, scale, q, k + 0.5)))
    row.evaluate = row
    return row(x, size)


def _powered(x, size, scale, q, k=0):
    """The same of plain numbers: a power of numbers near 1, and a power of two."""
    steps = _steps(x, scale)
    turns = steps * x.dtype.type(q) - x.dtype.type(k) * (np.frexp(scale)[1] - 1)
    whole = np.rint(turns)
    part = (x / np.ldexp(scale, steps) / size) ** q * np.exp2(turns - whole).astype(x.dtype) / size ** k
    return np.ldexp(part, whole.astype(int))


def _steps(x, scale):
    """How many powers of two an element of x >= 0 is away from the scale where slopes of their quotient could leave the range,
    else 0; the int 0 where none is. A fractional power of that quotient is a number of the range again."""
    limits = np.finfo(x.dtype)
    base = np.frexp(scale)[1]
    steps = np.where(np.isfinite(x) & (x != 0), np.frexp(x)[1] - base, 0)
    far = np.abs(steps) > limits.maxexp // 5
    return np.where(far, np.maximum(steps, limits.minexp + 61 - base), 0) if np.any(far) else 0  # 1 / unit is well in the range


def _ahead(x, p):
    """The unit vectors just ahead of the zero vectors in x, along the last axis; 0 with local kinks."""
    plain = primal(x)
    if not isinstance(x, Traced) or plain.all() or plain.any(-1).all():
        return 0.0
    out = np.zeros_like(plain)
    for part in parts(x)[1:] if not LOCAL.get() else ():
        out = np.where(np.any(out != 0, axis=-1, keepdims=True), out, np.broadcast_to(part, out.shape))
    out = np.abs(out) if p != 2 else out
    return _direction(out, p, np.zeros_like(out))


@linear(name="length", core=1)
def length(x):
    """Euclidean length along the last axis: d|x| = Re(conj(x) dx) / |x|."""
    ahead = _ahead(x, 2)

    def direction(out, x):
        size = primal(out)
        tiny, huge = SAFE[size.dtype.char]
        safe = tiny < size < huge if ndim_of(size) == 0 else np.all((tiny < size) & (size < huge))
        return x / np.expand_dims(out, -1) if safe else _direction(x, 2, ahead)

    def push(t, out, x):
        u = direction(out, x)
        t = np.sum((np.conjugate(u) if is_complex(u) else u) * t, -1)
        return np.real(t) if is_complex(t) else t

    return ([x], lambda x: np.linalg.norm(x, axis=None if ndim_of(x) == 1 else -1), [push],
            [lambda g, out, x: np.expand_dims(g, -1) * direction(out, x)])


def _by_elements(x, p):
    """The p-norm (sum x^p)^(1/p) of x >= 0 along the last axis: its gradient is (x / norm)^(p-1)."""
    ahead = _ahead(x, p)

    def slope(x, k=0):
        plain = primal(x)
        scale = _scale(plain, p)
        with np.errstate(all="ignore"):
            size = np.sum(_powered(plain, 1, scale, p), -1) ** plain.dtype.type(1 / p)
            size = np.expand_dims(by_elements(x, size, (-1,), lambda x: slope(x, 0.5)), -1)
            out = _share(x, size, scale, p - 1, k)
            if k:
                return out
            ahead_there = np.asarray(ahead, plain.dtype) ** plain.dtype.type(p - 1)
            return _special(x, p, ahead_there, out, lambda: _length(x / scale, p))

    return by_elements(x, np.linalg.norm(primal(x), p, axis=-1), (-1,), slope)


def _vector(x, p):
    """The p-norm along the last axis."""
    if p is None or p == 2:
        if dtype_of(x).hasobject:
            return np.sqrt(np.sum(_squares(x), -1))
        out = TABLE["length"](x)
        size = primal(out)
        finite = math.isfinite(size) if type(size) is np.float64 else np.all(np.isfinite(size))
        return out if finite else _by_elements(np.abs(x), 2)
    if isinstance(p, str):
        raise ValueError(f"Invalid norm order '{p}' for vectors")
    if p == 0:
        return np.sum((primal(x) != 0).astype(primal(x).real.dtype), -1)
    size = np.abs(x)
    if p == np.inf:
        return np.max(size, -1, initial=None if shape_of(x)[-1] else 0)
    return np.min(size, -1) if p == -np.inf else np.sum(size, -1) if p == 1 else _by_elements(size, p)


def _largest(x):
    return np.max(x, -1, initial=None if shape_of(x)[-1] else 0)


MATRIX = {
    1: lambda x: _largest(np.sum(np.abs(x), -2)),
    -1: lambda x: np.min(np.sum(np.abs(x), -2), -1),
    np.inf: lambda x: _largest(np.sum(np.abs(x), -1)),
    -np.inf: lambda x: np.min(np.sum(np.abs(x), -1), -1),
    2: lambda x: _largest(np.linalg.svdvals(x)),
    -2: lambda x: np.min(np.linalg.svdvals(x), -1),
    "nuc": lambda x: np.sum(np.linalg.svdvals(x), -1),
}
FROBENIUS = (None, "fro", "f")


def _along(x, p, axes, keepdims):
    """The vector norm over some axes."""
    flat, kept = _one_axis(x, axes)
    return _finish(_vector(flat, p), kept, axes, keepdims, ndim_of(x))


def _inexact(x):
    x = operand(x)
    return x if x.dtype.kind in "fc" else x.astype(float)


@composed(np.linalg.norm)
def norm(x, ord=None, axis=None, keepdims=False):
    """The norm of vectors or matrices, with NumPy's orders and axes."""
    x = _inexact(x)
    if axis is None and (ord is None or ord in FROBENIUS and ndim_of(x) == 2):
        return _along(x, None, None, keepdims)
    axes = tuple(range(ndim_of(x))) if axis is None else normals(axis if isinstance(axis, tuple) else (int(axis),), ndim_of(x))
    if len(axes) == 1:
        return _along(x, ord, axes, keepdims)
    if len(axes) != 2:
        raise ValueError(f"Improper number of dimensions to norm: axis={axis} of shape {shape_of(x)}; matrix norms take two axes")
    if isinstance(ord, str | None) and ord in FROBENIUS:
        return _along(x, None, axes, keepdims)
    if ord not in MATRIX:
        raise ValueError(f"Invalid norm order for matrices: {ord!r}; choose fro, nuc, 1, 2, inf or their negatives")
    out = MATRIX[ord](np.moveaxis(x, axes, (-2, -1)))
    return np.expand_dims(out, axes) if keepdims else out


@composed(np.linalg.vector_norm)
def vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    """The vector norm over any axes, all of them by default."""
    return _along(_inexact(x), ord, axis, keepdims)


@composed(np.linalg.matrix_norm)
def matrix_norm(x, /, *, keepdims=False, ord="fro"):
    """The matrix norm of the last two axes."""
    return np.linalg.norm(x, ord, (-2, -1), keepdims)


@composed(np.linalg.cond)
def cond(x, p=None):
    """The condition number: the norm of x times that of its inverse."""
    x = matrices(operand(x), "cond")
    if p is None or p in (2, -2):
        lost = ~np.all(np.isfinite(primal(x)), axis=(-2, -1))  # which NumPy may refuse to decompose
        if np.any(lost):
            np.linalg.cond(primal(x), p)  # raises where NumPy has no number
        s = np.linalg.svdvals(np.where(raised(lost), 1.0, x) if np.any(lost) else x)
        if not shape_of(s)[-1]:
            raise np.linalg.LinAlgError("cond is not defined on empty arrays")
        with np.errstate(all="ignore"):
            out = s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
            return _infinite(np.where(lost, np.nan * np.real(np.sum(x, axis=(-2, -1))), out) if np.any(lost) else out, x)
    inverse = TABLE["inverse_or_nan"](square(x, "cond"))
    return _infinite(np.linalg.norm(x, p, (-2, -1)) * np.linalg.norm(inverse, p, (-2, -1)), x)


def _infinite(out, x):
    """The condition number `out`, infinite where it is NaN without a NaN in x; its derivative is NaN there."""
    lost = np.isnan(primal(out)) & ~np.any(np.isnan(primal(x)), axis=(-2, -1))
    return revalued(out, np.where(lost, np.inf, primal(out))) if np.any(lost) else out


@composed(np.linalg.matrix_rank)
def matrix_rank(A, tol=None, hermitian=False, *, rtol=None):
    """The rank, a plain integer."""
    return np.linalg.matrix_rank(primal(A), tol, hermitian, rtol=rtol)

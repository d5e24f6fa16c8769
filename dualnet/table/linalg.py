"""Rows of linear algebra: solving, inverses, determinants, triangular factors, products of matrices.

Matrices stand in the last two axes, stacks before them. Letters: a, b the operands, t a tangent, g a
cotangent, each with any number of leading axes. The derivatives are those of Giles (2008), "An extended
collection of matrix derivative results"; complex matrices are differentiated as R-linear maps.
"""

import functools
import math

import numpy as np

from dualnet.table.care import CAREFUL
from dualnet.table.row import TABLE, Traced, composed, linear, ndim_of, primal, shape_of


def operand(x):
    """`x` as an array; nested lists and object arrays of traced numbers as a traced array."""
    if isinstance(x, Traced):
        return x
    x = np.asarray(x)
    return np.reshape(np.stack([*x.flat]), x.shape) if x.dtype == object else x


def is_complex(x):
    """True where `x` holds complex numbers, whether traced or not."""
    return np.iscomplexobj(primal(x))


def adjoint(a):
    """The conjugate transpose of the last two axes."""
    a = np.swapaxes(a, -1, -2)
    return np.conjugate(a) if is_complex(a) else a


def raised(x):
    """`x` with two axes of length 1 behind the others."""
    return np.reshape(x, shape_of(x) + (1, 1))


def square(a, name):
    """`a`, or the error for a stack of matrices that are not square."""
    if ndim_of(a) < 2 or shape_of(a)[-1] != shape_of(a)[-2]:
        raise np.linalg.LinAlgError(f"{name}: the last two axes must be square, not of shape {shape_of(a)}")
    return a


def matrices(a, name):
    """`a`, or the error for what has no two axes."""
    if ndim_of(a) < 2:
        raise np.linalg.LinAlgError(f"{name}: an array of shape {shape_of(a)} is no matrix and no stack of matrices")
    return a


def mirrored(a, lower=True):
    """The symmetric (Hermitian) matrix that LAPACK reads from one triangle of `a`; the other is its mirror."""
    a, n = a if lower else adjoint(a), shape_of(a)[-1]
    if not is_complex(a):
        place = np.arange(n)
        return a[..., np.maximum(place[:, None], place), np.minimum(place[:, None], place)]
    half = np.tril(a, -1)
    return half + np.where(np.eye(n, dtype=bool), np.real(a), 0) + adjoint(half)


def solved(a, t):
    """a^-1 t, with the leading axes of t made columns, so that `a` is factored once; in a careful run kept apart, as seeds are."""
    lead = ndim_of(t) - ndim_of(a)
    if not lead:
        return TABLE["solve_columns"](a, t)
    if CAREFUL.get() and isinstance(t, Traced):
        return TABLE["solve_columns"](np.broadcast_to(a, shape_of(t)[:lead] + shape_of(a)), t)
    wide = np.moveaxis(t, range(lead), range(-lead, 0))
    columns = math.prod(wide.shape[-lead - 1:])
    out = TABLE["solve_columns"](a, np.reshape(wide, wide.shape[:-lead - 1] + (columns,)))
    return np.moveaxis(np.reshape(out, wide.shape), range(-lead, 0), range(lead))


@linear(name="solve_columns", core=2)
def solve_columns(a, b):
    """a^-1 b of matrices with one stack: dx = a^-1 (db - da x)."""
    def pull_a(g, x, a, b):
        return -(solved(adjoint(a), g) @ adjoint(x))

    return ([a, b], np.linalg.solve,
            [lambda t, x, a, b: -solved(a, t @ x), lambda t, x, a, b: solved(a, t)],
            [pull_a, lambda g, x, a, b: solved(adjoint(a), g)])


@composed(np.linalg.solve)
def solve(a, b):
    """x with a x = b, where b is one vector (one axis) or a stack of matrices of columns, as in NumPy 2."""
    a, b = square(operand(a), "solve"), operand(b)
    vector = ndim_of(b) == 1
    b = np.reshape(b, (-1, 1)) if vector else b
    n = shape_of(a)[-1]
    if shape_of(b)[-2] != n:
        raise ValueError(f"solve: {shape_of(a)} and {shape_of(b)} do not fit: {n} columns against {shape_of(b)[-2]} rows")
    stack = np.broadcast_shapes(shape_of(a)[:-2], shape_of(b)[:-2])
    a, b = (x if shape_of(x)[:-2] == stack else np.broadcast_to(x, stack + shape_of(x)[-2:]) for x in (a, b))
    out = TABLE["solve_columns"](a, b)
    return out[..., 0] if vector else out


def regular_inverse(a):
    """The inverse of each matrix of a stack, NaN for a singular one."""
    if isinstance(a, Traced):
        return TABLE["inverse_or_nan"](a)
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        out = np.full(a.shape, np.nan, np.result_type(a, np.float32))
        for place in np.ndindex(a.shape[:-2]):
            try:
                out[place] = np.linalg.inv(a[place])
            except np.linalg.LinAlgError:
                continue
        return out


def _inverse(a, value):
    return [a], value, [lambda t, out, a: -(out @ t @ out)], [lambda g, out, a: -(adjoint(out) @ g @ adjoint(out))]


@linear(np.linalg.inv, core=2)
def inv(a):
    """The inverse: d(a^-1) = -a^-1 da a^-1."""
    return _inverse(square(operand(a), "inv"), np.linalg.inv)


@linear(name="inverse_or_nan", core=2)
def inverse_or_nan(a):
    """The inverse, NaN where there is none: for derivatives that do not exist at singular matrices."""
    return _inverse(a, regular_inverse)


def _halved(m):
    """The lower triangle with half the diagonal."""
    n = shape_of(m)[-1]
    return m * (np.tri(n, k=-1, dtype=primal(m).real.dtype) + np.eye(n, dtype=primal(m).real.dtype) / 2)


def _between(a, t):
    """a^-1 t a^-H."""
    return adjoint(solved(a, adjoint(solved(a, t))))


@linear(name="cholesky_factor", core=2)
def cholesky_factor(a):
    """L with L L^H = a, of a Hermitian: dL = L half(L^-1 da L^-H)."""
    return ([a], np.linalg.cholesky, [lambda t, out, a: out @ _halved(_between(out, t))],
            [lambda g, out, a: _between(adjoint(out), _halved(adjoint(out) @ g))])


@composed(np.linalg.cholesky)
def cholesky(a, /, *, upper=False):
    """The triangular factor of what LAPACK reads: one triangle (the lower, or the `upper`) and its mirror image. So
    elements of the other have derivative 0, and one off the diagonal counts for its mirror image too."""
    a = square(operand(a), "cholesky")
    out = TABLE["cholesky_factor"](mirrored(a, lower=not upper))
    return adjoint(out) if upper else out


@linear(name="pseudo_inverse", core=2)
def pseudo_inverse(a, options):
    """The pseudo-inverse along changes that keep the rank (Golub and Pereyra 1973)."""
    def push(t, p, a):
        left, right = _complements(p, a)
        return -(p @ t @ p) + p @ adjoint(p) @ adjoint(t) @ left + right @ adjoint(t) @ adjoint(p) @ p

    def pull(g, p, a):
        left, right = _complements(p, a)
        return -(adjoint(p) @ g @ adjoint(p)) + left @ adjoint(g) @ p @ adjoint(p) + adjoint(p) @ p @ adjoint(g) @ right

    return [a], lambda a: np.linalg.pinv(a, **options), [push], [pull]


def _complements(p, a):
    m, n = shape_of(a)[-2:]
    return np.eye(m, dtype=primal(a).dtype) - a @ p, np.eye(n, dtype=primal(a).dtype) - p @ a


@composed(np.linalg.pinv)
def pinv(a, rcond=None, hermitian=False, *, rtol=np._NoValue):
    """The pseudo-inverse. Where the rank is not full, the derivative along changes that keep it."""
    a = operand(a)
    options = {name: value for name, value in (("rcond", rcond), ("rtol", rtol)) if value is not None and value is not np._NoValue}
    return TABLE["pseudo_inverse"](mirrored(a) if hermitian else a, options)


@linear(name="least_squares")
def least_squares(a, b, rcond):
    """The shortest x of least |a x - b|, along changes that keep the rank of a."""
    cutoff = np.finfo(primal(a).dtype).eps * max(shape_of(a)) if rcond is None else max(rcond, 0)

    def push_a(t, x, a, b):
        p = np.linalg.pinv(a, cutoff)
        back = adjoint(t) @ (b - a @ x)
        return -(p @ (t @ x)) + p @ (adjoint(p) @ back) + _complements(p, a)[1] @ (adjoint(t) @ (adjoint(p) @ x))

    def pull_a(g, x, a, b):
        p = np.linalg.pinv(a, cutoff)
        rest = _complements(p, a)[1] @ g
        return -(adjoint(p) @ g @ adjoint(x)) + (b - a @ x) @ adjoint(p @ (adjoint(p) @ g)) + adjoint(p) @ x @ adjoint(rest)

    return ([a, b], lambda a, b: np.linalg.lstsq(a, b, rcond)[0],
            [push_a, lambda t, x, a, b: np.linalg.pinv(a, cutoff) @ t],
            [pull_a, lambda g, x, a, b: adjoint(np.linalg.pinv(a, cutoff)) @ g])


@composed(np.linalg.lstsq)
def lstsq(a, b, rcond=None):
    """(solution, residuals, rank, singular values) of least squares."""
    a, b = matrices(operand(a), "lstsq"), operand(b)
    m, n = shape_of(a)
    columns = np.reshape(b, (-1, 1)) if ndim_of(b) == 1 else b
    x = TABLE["least_squares"](a, columns, rcond)
    rank = np.linalg.lstsq(primal(a), primal(columns), rcond)[2]
    rest = columns - a @ x
    squares = np.real(rest) ** 2 + np.imag(rest) ** 2 if is_complex(rest) else rest * rest
    residuals = np.sum(squares, axis=0) if rank == n < m else np.zeros(0, primal(squares).dtype)
    return x[:, 0] if ndim_of(b) == 1 else x, residuals, rank, np.linalg.svdvals(a)


@composed(np.linalg.matrix_power)
def matrix_power(a, n):
    """a multiplied by itself n times; a negative power inverts first."""
    a = square(operand(a), "matrix_power")
    if not isinstance(n, (int, np.integer)):
        raise TypeError(f"matrix_power: the exponent {n!r} is not an integer")
    if n < 0:
        return np.linalg.matrix_power(np.linalg.inv(a), -n)
    if n == 0:
        return np.broadcast_to(np.eye(shape_of(a)[-1], dtype=a.dtype), shape_of(a)).copy()
    out = None
    while n:
        n, odd = divmod(n, 2)
        out = (a if out is None else out @ a) if odd else out
        a = a @ a if n else a
    return out


@functools.lru_cache(1024)
def _cheapest(sizes):
    """(multiplications, place) of the best first split of a product of matrices sizes[k] x sizes[k + 1]."""
    return min(((_cheapest(sizes[:k + 1])[0] + _cheapest(sizes[k:])[0] + sizes[0] * sizes[k] * sizes[-1], k)
                for k in range(1, len(sizes) - 1)), default=(0, 0))


def _product(arrays):
    k = _cheapest((*(shape_of(a)[0] for a in arrays), shape_of(arrays[-1])[1]))[1]
    return _product(arrays[:k]) @ _product(arrays[k:]) if k else arrays[0]


@composed(np.linalg.multi_dot)
def multi_dot(arrays, *, out=None):
    """The product of several matrices (vectors at the ends) in the cheapest order."""
    arrays = [operand(a) for a in arrays]
    if len(arrays) < 2:
        raise ValueError(f"multi_dot: {len(arrays)} array given; it needs two or more")
    if len(arrays) == 2:
        return np.dot(*arrays)
    for k, a in enumerate(arrays):
        if ndim_of(a) != 2 and not (ndim_of(a) == 1 and k in (0, len(arrays) - 1)):
            raise np.linalg.LinAlgError(f"multi_dot: array {k} has {ndim_of(a)} axes; it must be a matrix, or a vector at an end")
    first, last = ndim_of(arrays[0]) == 1, ndim_of(arrays[-1]) == 1
    arrays[0] = np.reshape(arrays[0], (1, -1)) if first else arrays[0]
    arrays[-1] = np.reshape(arrays[-1], (-1, 1)) if last else arrays[-1]
    whole = _product(arrays)
    whole = whole[0] if first else whole
    return whole[..., 0] if last else whole


@composed(np.linalg.trace, name="linalg.trace")
def linalg_trace(x, /, *, offset=0, dtype=None):
    """Sum of the diagonal of the last two axes."""
    return np.trace(x, offset, -2, -1, dtype)


@composed(np.linalg.diagonal, name="linalg.diagonal")
def linalg_diagonal(x, /, *, offset=0):
    """Diagonal of the last two axes."""
    return np.diagonal(x, offset, -2, -1)


@composed(np.linalg.matrix_transpose, name="linalg.matrix_transpose")
def linalg_matrix_transpose(x, /):
    """The last two axes swapped."""
    return np.swapaxes(x, -1, -2)


@composed(np.linalg.matmul, name="linalg.matmul")
def linalg_matmul(x1, x2, /):
    """x1 @ x2."""
    return np.matmul(x1, x2)


@composed(np.linalg.tensorinv)
def tensorinv(a, ind=2):
    """The inverse with respect to tensordot over `ind` axes."""
    a = operand(a)
    if ind <= 0:
        raise ValueError(f"tensorinv: ind={ind} is not positive")
    shape = shape_of(a)
    return np.reshape(np.linalg.inv(np.reshape(a, (math.prod(shape[ind:]), -1))), shape[ind:] + shape[:ind])


@composed(np.linalg.tensorsolve)
def tensorsolve(a, b, axes=None):
    """x with tensordot(a, x) = b."""
    a, b = operand(a), operand(b)
    a = a if axes is None else np.moveaxis(a, axes, range(ndim_of(a) - len(axes), ndim_of(a)))
    shape = shape_of(a)[ndim_of(b):]
    return np.reshape(np.linalg.solve(np.reshape(a, (-1, math.prod(shape))), np.ravel(b)), shape)

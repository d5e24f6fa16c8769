"""Rows of ``scipy.linalg``: solvers by structure, matrices of a pattern; where NumPy has the function, by its row.

The options ``overwrite_*``, ``check_finite`` and the choice of a driver change no value and are taken without
effect. Letters as in :mod:`dualnet.table.linalg`.
"""

import math

import numpy as np
import scipy.linalg

from dualnet.table.linalg import adjoint, is_complex, mirrored, operand, square
from dualnet.table.registered import array, plainly, refuse, registered
from dualnet.table.row import TABLE, linear, ndim_of, primal, shape_of


def finite(x, check):
    """`x` as an array, refused where it holds NaN or infinities, as SciPy does if `check`."""
    x = array(x)
    if check and not np.all(np.isfinite(primal(x))):
        raise ValueError("array must not contain infs or NaNs")
    return x


def columns(solve, b):
    """``solve`` of `b` with its leading axes, beyond the two of a matrix, made columns."""
    lead = ndim_of(b) - 2
    if not lead:
        return solve(b)
    wide = np.moveaxis(b, range(lead), range(-lead, 0))
    out = solve(np.reshape(wide, (shape_of(wide)[0], math.prod(shape_of(wide)[1:]))))
    return np.moveaxis(np.reshape(out, shape_of(wide)), range(-lead, 0), range(lead))


def stacked(function, *arrays):
    """``function`` of matrices, for each of a stack that all arrays but single ones share."""
    arrays = [array(a) for a in arrays]
    stack = np.broadcast_shapes(*(shape_of(a)[:-2] for a in arrays))
    if not stack:
        return function(*arrays)
    arrays = [np.broadcast_to(a, stack + shape_of(a)[-2:]) for a in arrays]
    out = np.stack([function(*(a[place] for a in arrays)) for place in np.ndindex(stack)])
    return np.reshape(out, stack + shape_of(out)[1:])


def of_columns(function, a, b):
    """``function(a, b)`` for a matrix b, and for a vector."""
    a, b = array(a), array(b)
    return function(a, np.reshape(b, (-1, 1)))[..., 0] if ndim_of(b) == 1 else function(a, b)


# --- solving ----------------------------------------------------------------------------------------------------
@linear(name="triangular_columns", core=2)
def triangular_columns(a, b, lower):
    """a^-1 b of one triangular matrix, whose other triangle holds zeros."""
    def inverse(a, t, lower=lower):
        return columns(lambda b: TABLE["triangular_columns"](a, b, lower), t)

    def solved(a, b):
        return scipy.linalg.solve_triangular(a, b, lower=lower, check_finite=False)

    return ([a, b], plainly(solved, inverse),
            [lambda t, x, a, b: -inverse(a, t @ x), lambda t, x, a, b: inverse(a, t)],
            [lambda g, x, a, b: -(inverse(adjoint(a), g, not lower) @ adjoint(x)), lambda g, x, a, b: inverse(adjoint(a), g, not lower)])


def _triangle(a, lower, unit=False):
    """The triangle of `a` that is read, with ones on the diagonal if `unit`."""
    if unit:
        return (np.tril(a, -1) if lower else np.triu(a, 1)) + np.eye(shape_of(a)[-1], dtype=a.dtype)
    return np.tril(a) if lower else np.triu(a)


@registered("scipy.linalg.solve_triangular")
def solve_triangular(a, b, trans=0, lower=False, unit_diagonal=False, overwrite_b=False, check_finite=True):
    """x with a x = b (``trans`` "T": a^T x = b, "C": a^H x = b); only one triangle of `a` is read."""
    a = square(finite(a, check_finite), "solve_triangular")
    a = _triangle(a, lower, unit_diagonal)
    if trans not in (0, "N"):
        a, lower = (adjoint(a) if trans in (2, "C") else np.swapaxes(a, -1, -2)), not lower
    return of_columns(lambda a, b: stacked(lambda a, b: TABLE["triangular_columns"](a, b, lower), a, b), a, b)


def _structured(a, assume, lower):
    """The matrix that a solver of such a structure reads."""
    if assume in (None, "gen", "general", "banded"):
        return a
    if assume in ("her", "hermitian", "pos", "positive definite") or assume in ("sym", "symmetric") and not is_complex(a):
        return mirrored(a, lower)
    if assume in ("sym", "symmetric"):
        a = a if lower else np.swapaxes(a, -1, -2)
        return np.tril(a) + np.swapaxes(np.tril(a, -1), -1, -2)
    if assume in ("lower triangular", "upper triangular"):
        return _triangle(a, assume.startswith("lower"))
    if assume in ("diagonal", "tridiagonal"):
        beside = 1 if assume == "tridiagonal" else 0
        return np.tril(np.triu(a, -beside), beside)
    raise ValueError(f"{assume!r} is not a recognised structure of a matrix")


@registered("scipy.linalg.solve")
def solve(a, b, lower=False, overwrite_a=False, overwrite_b=False, check_finite=True, assume_a=None, transposed=False):
    """x with a x = b, by the rows of ``np.linalg.solve``; of a symmetric matrix one triangle is read."""
    a = _structured(square(finite(a, check_finite), "solve"), assume_a, lower)
    return np.linalg.solve(np.swapaxes(a, -1, -2) if transposed else a, finite(b, check_finite))


@registered("scipy.linalg.inv")
def inv(a, overwrite_a=False, check_finite=True, *, assume_a=None, lower=False):
    """The inverse, by the row of ``np.linalg.inv``."""
    return np.linalg.inv(_structured(square(finite(a, check_finite), "inv"), assume_a, lower))


@registered("scipy.linalg.lstsq")
def lstsq(a, b, cond=None, overwrite_a=False, overwrite_b=False, check_finite=True, lapack_driver=None):
    """(solution, residues, rank, singular values) of least squares."""
    a = finite(a, check_finite)
    x, rest, rank, s = np.linalg.lstsq(a, finite(b, check_finite), np.finfo(a.dtype).eps if cond is None else cond)
    if lapack_driver == "gelsy":
        return x, np.zeros(0, x.dtype), rank, None
    return x, rest[0] if ndim_of(b) == 1 and np.size(rest) else rest, rank, s


@registered("scipy.linalg.cho_factor")
def cho_factor(a, lower=False, overwrite_a=False, check_finite=True):
    """(c, lower): the Cholesky factor in one triangle of c; the other triangle is that of `a`, which nobody reads."""
    a = square(finite(a, check_finite), "cho_factor")
    factor = np.linalg.cholesky(a, upper=not lower)
    return np.where(np.tri(shape_of(a)[-1], dtype=bool) if lower else np.tri(shape_of(a)[-1], dtype=bool).T, factor, a), lower


@registered("scipy.linalg.cho_solve")
def cho_solve(c_and_lower, b, overwrite_b=False, check_finite=True):
    """x with a x = b from a Cholesky factor of a: two triangular systems."""
    (c, lower), b = c_and_lower, finite(b, check_finite)
    c = finite(c, check_finite)
    y = solve_triangular(c, b, "N" if lower else "C", lower, check_finite=False)
    return solve_triangular(c, y, "C" if lower else "N", lower, check_finite=False)


@linear(name="banded_columns")
def banded_columns(ab, b, below, above):
    """a^-1 b of one banded matrix, given by its diagonals as rows of `ab`."""
    n = shape_of(ab)[-1]

    def inverse(ab, t):
        return columns(lambda b: TABLE["banded_columns"](ab, b, below, above), t)

    def across(ab, g):
        ab = np.conjugate(ab) if is_complex(ab) else ab
        return columns(lambda b: TABLE["banded_columns"](turned(ab, below, above), b, above, below), g)

    def pull_ab(g, x, ab, b):
        w, row = across(ab, g), np.arange(below + above + 1)[:, None] + np.arange(n) - above
        inside = (row >= 0) & (row < n)
        w = np.where(inside[..., None], w[..., np.clip(row, 0, n - 1), :], 0)
        return -np.sum(w * (np.conjugate(x) if is_complex(x) else x), axis=-1)

    def solved(ab, b):
        return scipy.linalg.solve_banded((below, above), ab, b, check_finite=False)

    return ([ab, b], plainly(solved, inverse),
            [lambda t, x, ab, b: -inverse(ab, banded_product(t, x, below, above)), lambda t, x, ab, b: inverse(ab, t)],
            [pull_ab, lambda g, x, ab, b: across(ab, g)])


def turned(ab, below, above):
    """The diagonals of the transpose, as rows."""
    n, row = shape_of(ab)[-1], np.arange(below + above + 1)[:, None]
    place = np.arange(n) + row - below
    inside = (place >= 0) & (place < n)
    return np.where(inside, ab[..., below + above - row, np.clip(place, 0, n - 1)], 0)


def banded_product(ab, x, below, above):
    """a x for the diagonals `ab` of a matrix and a matrix x of columns."""
    n, row = shape_of(x)[-2], np.arange(below + above + 1)[:, None]
    place = np.arange(n) - row + above
    inside = (place >= 0) & (place < n)
    place = np.clip(place, 0, n - 1)
    entries = np.where(inside, ab[..., row, place], 0)
    return np.sum(np.expand_dims(entries, -1) * x[..., place, :], axis=-3)


@registered("scipy.linalg.solve_banded")
def solve_banded(l_and_u, ab, b, overwrite_ab=False, overwrite_b=False, check_finite=True):
    """x with a x = b for a banded matrix; diagonals move freely, the unused corners of `ab` have derivative 0."""
    (below, above), ab = l_and_u, finite(ab, check_finite)
    if ndim_of(ab) > 2:
        refuse("scipy.linalg.solve_banded", "ab of shape", shape_of(ab))
    if below + above + 1 != shape_of(ab)[0] or shape_of(ab)[-1] != shape_of(b)[0]:
        raise ValueError(f"solve_banded: diagonals of shape {shape_of(ab)} do not fit ({below}, {above}) and b of shape {shape_of(b)}")
    return of_columns(lambda ab, b: TABLE["banded_columns"](ab, b, below, above), ab, finite(b, check_finite))


@registered("scipy.linalg.solveh_banded")
def solveh_banded(ab, b, overwrite_ab=False, overwrite_b=False, lower=False, check_finite=True):
    """x with a x = b for a positive definite banded matrix, from the diagonals of one triangle."""
    ab = finite(ab, check_finite)
    u = shape_of(ab)[0] - 1
    other = turned(ab, u if lower else 0, 0 if lower else u)
    other = np.conjugate(other) if is_complex(other) else other
    return solve_banded((u, u), np.concatenate([other, ab[1:]] if lower else [ab, other[1:]]), b)


@linear(name="sylvester", core=2)
def sylvester(a, b, q):
    """x with a x + x b = q: a dx + dx b = dq - da x - x db."""
    def inverse(a, b, q):
        return stacked(TABLE["sylvester"], a, b, q)

    return ([a, b, q], plainly(scipy.linalg.solve_sylvester, inverse),
            [lambda t, x, a, b, q: -inverse(a, b, t @ x), lambda t, x, a, b, q: -inverse(a, b, x @ t),
             lambda t, x, a, b, q: inverse(a, b, t)],
            [lambda g, x, a, b, q: -(inverse(adjoint(a), adjoint(b), g) @ adjoint(x)),
             lambda g, x, a, b, q: -(adjoint(x) @ inverse(adjoint(a), adjoint(b), g)),
             lambda g, x, a, b, q: inverse(adjoint(a), adjoint(b), g)])


@registered("scipy.linalg.solve_sylvester")
def solve_sylvester(a, b, q):
    """x with a x + x b = q (Bartels and Stewart 1972)."""
    return stacked(TABLE["sylvester"], a, b, q)


@registered("scipy.linalg.solve_continuous_lyapunov")
def solve_continuous_lyapunov(a, q):
    """x with a x + x a^H = q."""
    return solve_sylvester(a, adjoint(array(a)), q)


@registered("scipy.linalg.solve_toeplitz")
def solve_toeplitz(c_or_cr, b, check_finite=True):
    """x with toeplitz(c, r) x = b, by the whole matrix."""
    a, b = toeplitz(*c_or_cr) if isinstance(c_or_cr, tuple) else toeplitz(c_or_cr), finite(b, check_finite)
    return np.linalg.solve(*(x.astype(np.result_type(x.dtype, float)) for x in (a, b)))  # in double precision, as SciPy does


# --- matrices of a pattern --------------------------------------------------------------------------------------
@registered("scipy.linalg.toeplitz")
def toeplitz(c, r=None):
    """The matrix with first column c and first row r (by default conj(c)): c[i - j] or r[j - i]."""
    c = np.atleast_1d(array(c))
    r = (np.conjugate(c) if is_complex(c) else c) if r is None else np.atleast_1d(array(r))
    m, n = shape_of(c)[-1], shape_of(r)[-1]
    return np.concatenate([np.flip(c, -1), r[..., 1:]], -1)[..., m - 1 - np.arange(m)[:, None] + np.arange(n)]


@registered("scipy.linalg.circulant")
def circulant(c):
    """The matrix with first column c whose columns are cyclic shifts."""
    c = np.atleast_1d(array(c))
    n = shape_of(c)[-1]
    return c[..., (np.arange(n)[:, None] - np.arange(n)) % n]


@registered("scipy.linalg.hankel")
def hankel(c, r=None):
    """The matrix with first column c and last row r (by default zeros): elements depend on i + j."""
    c = np.atleast_1d(array(c))
    r = np.zeros(shape_of(c), primal(c).dtype) if r is None else np.atleast_1d(array(r))
    m, n = shape_of(c)[-1], shape_of(r)[-1]
    return np.concatenate([c, r[..., 1:]], -1)[..., np.arange(m)[:, None] + np.arange(n)]


@registered("scipy.linalg.block_diag")
def block_diag(*arrs):
    """Matrices along the diagonal, zeros elsewhere; a vector is one row."""
    arrs = [np.atleast_2d(operand(array(a))) for a in arrs]
    width, before, rows = sum(shape_of(a)[-1] for a in arrs), 0, []
    for a in arrs:
        sides = [(0, 0)] * (ndim_of(a) - 1) + [(before, width - before - shape_of(a)[-1])]
        rows.append(np.pad(a, sides))
        before += shape_of(a)[-1]
    stack = np.broadcast_shapes(*(shape_of(a)[:-2] for a in rows))
    return np.concatenate([np.broadcast_to(a, stack + shape_of(a)[-2:]) for a in rows], -2)

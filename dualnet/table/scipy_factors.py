"""Rows of ``scipy.linalg``: triangular, orthogonal and spectral factors, and numbers of a matrix.

What ``numpy.linalg`` has too is read by its rows; gauges and conventions are described in
:mod:`dualnet.table.spectral`.
"""

import numpy as np
import scipy.linalg

from dualnet.table.linalg import adjoint, is_complex, mirrored, square
from dualnet.table.registered import floating, plainly, refuse, registered
from dualnet.table.row import TABLE, linear, ndim_of, primal, shape_of
from dualnet.table.scipy_linalg import columns, finite, solve_triangular


@linear(name="lu_square", core=2)
def lu_square(a):
    """L - 1 + U of one regular matrix that needs no exchange of rows: dL = L tril(F, -1), dU = triu(F) U, F = L^-1 da U^-1."""
    def parts(out):
        return np.tril(out, -1) + np.eye(shape_of(out)[-1], dtype=out.dtype), np.triu(out)

    def between(low, up, t):
        t = columns(lambda b: TABLE["triangular_columns"](low, b, True), t)
        return np.swapaxes(columns(lambda b: TABLE["triangular_columns"](np.swapaxes(up, -1, -2), b, True), np.swapaxes(t, -1, -2)), -1, -2)

    def push(t, out, a):
        low, up = parts(out)
        f = between(low, up, t)
        return low @ np.tril(f, -1) + np.triu(f) @ up

    def pull(g, out, a):
        low, up = parts(out)
        f = np.tril(adjoint(low) @ np.tril(g, -1), -1) + np.triu(np.triu(g) @ adjoint(up))
        f = columns(lambda b: TABLE["triangular_columns"](adjoint(low), b, False), f)
        return adjoint(columns(lambda b: TABLE["triangular_columns"](up, b, False), adjoint(f)))

    def value(a):
        low, up = scipy.linalg.lu(a, permute_l=True)
        return np.tril(low, -1) + up

    return [a], plainly(value, TABLE["lu_square"]), [push], [pull]


def _lower_upper(a):
    """(order of the rows, L, U) of one matrix, of any shape."""
    m, n = shape_of(a)
    k = min(m, n)
    order = scipy.linalg.lu(primal(a), p_indices=True)[0]
    order = np.argsort(order)
    a = a[order]
    core = TABLE["lu_square"](a[:k, :k])
    low, up = np.tril(core, -1) + np.eye(k, dtype=core.dtype), np.triu(core)
    if m > k:
        low = np.concatenate([low, np.swapaxes(solve_triangular(up, np.swapaxes(a[k:], 0, 1), "T"), 0, 1)])
    if n > k:
        up = np.concatenate([up, solve_triangular(low, a[:, k:], 0, True)], 1)
    return order, low, up


def _floating_matrix(a, name, check_finite):
    a = floating(finite(a, check_finite))
    if ndim_of(a) != 2:
        refuse(name, "a of shape", shape_of(a))
    return a


@registered("scipy.linalg.lu")
def lu(a, permute_l=False, overwrite_a=False, check_finite=True, p_indices=False):
    """(P, L, U) with a = P L U; the order of the rows is that of the values and does not move."""
    order, low, up = _lower_upper(_floating_matrix(a, "scipy.linalg.lu", check_finite))
    back = np.argsort(order)
    if permute_l:
        return low[back], up
    return back if p_indices else np.eye(len(back), dtype=primal(low).real.dtype)[back], low, up


@registered("scipy.linalg.lu_factor")
def lu_factor(a, overwrite_a=False, check_finite=True):
    """(L - 1 + U, pivots) for ``lu_solve``."""
    a = _floating_matrix(a, "scipy.linalg.lu_factor", check_finite)
    _, low, up = _lower_upper(a)
    low, up = (np.pad(x, [(0, m - n) for m, n in zip(shape_of(a), shape_of(x))]) for x in (np.tril(low, -1), up))
    return low + up, scipy.linalg.lu_factor(primal(a))[1]


@registered("scipy.linalg.lu_solve")
def lu_solve(lu_and_piv, b, trans=0, overwrite_b=False, check_finite=True):
    """x with a x = b from ``lu_factor`` (``trans`` 1: a^T, 2: a^H)."""
    (factors, pivots), b = lu_and_piv, finite(b, check_finite)
    order = np.arange(len(pivots))
    for i, j in enumerate(pivots):
        order[[i, j]] = order[[j, i]]
    if not trans:
        return solve_triangular(factors, solve_triangular(factors, b[order], 0, True, True))
    y = solve_triangular(factors, solve_triangular(factors, b, trans), trans, True, True)
    return y[np.argsort(order)]


@registered("scipy.linalg.cholesky")
def cholesky(a, lower=False, overwrite_a=False, check_finite=True):
    """The triangular factor, the upper one by default, of what one triangle of `a` says."""
    return np.linalg.cholesky(finite(a, check_finite), upper=not lower)


@registered("scipy.linalg.qr")
def qr(a, overwrite_a=False, lwork=None, mode="full", pivoting=False, check_finite=True):
    """(Q, R), or R alone."""
    a = finite(a, check_finite)
    if pivoting or mode == "raw":
        refuse("scipy.linalg.qr", "pivoting" if pivoting else "mode", pivoting or mode)
    q, r = np.linalg.qr(a, {"economic": "reduced", "full": "complete", "r": "complete"}[mode])
    return (r,) if mode == "r" else (q, r)


@registered("scipy.linalg.svd")
def svd(a, full_matrices=True, compute_uv=True, overwrite_a=False, check_finite=True, lapack_driver="gesdd"):
    """(U, s, V^H), or s alone."""
    a = finite(a, check_finite)
    if not compute_uv:
        return np.linalg.svd(a, compute_uv=False)
    u, s, v = np.linalg.svd(a, full_matrices)
    if lapack_driver == "gesdd":
        return u, s, v
    plain = scipy.linalg.svd(primal(a), full_matrices, lapack_driver=lapack_driver)
    return _alike(u, plain[0]), s, adjoint(_alike(adjoint(v), adjoint(plain[2])))


@registered("scipy.linalg.svdvals")
def svdvals(a, overwrite_a=False, check_finite=True):
    """Singular values."""
    return np.linalg.svd(finite(a, check_finite), compute_uv=False)


def _alike(v, reference):
    """`v` with each column times the sign (or phase) that makes it the column of `reference`."""
    turn = np.sum(np.conjugate(primal(v)) * reference, axis=-2, keepdims=True)
    size = np.abs(turn)
    return v * (turn / np.where(size, size, 1) if np.iscomplexobj(turn) else np.where(turn < 0, -1.0, 1.0).astype(v.dtype))


@registered("scipy.linalg.eigh")
def eigh(a, b=None, *, lower=True, eigvals_only=False, overwrite_a=False, overwrite_b=False, type=1, check_finite=True,
         subset_by_index=None, subset_by_value=None, driver=None):
    """(w, v) with a v = b v w, v^H b v = 1, of Hermitian matrices; for b by its Cholesky factor."""
    for name, value in (("subset_by_value", subset_by_value), ("type", None if type == 1 or b is None else type)):
        if value is not None:
            refuse("scipy.linalg.eigh", name, value)
    a = mirrored(square(finite(a, check_finite), "eigh"), lower)
    plain = scipy.linalg.eigh(primal(a), None if b is None else primal(finite(b, check_finite)), lower=lower, driver=driver,
                              subset_by_index=subset_by_index, eigvals_only=eigvals_only)
    if b is not None:
        factor = np.linalg.cholesky(finite(b, check_finite), upper=not lower)
        factor = factor if lower else adjoint(factor)
        a = adjoint(solve_triangular(factor, adjoint(solve_triangular(factor, a, 0, True)), 0, True))
    first, last = subset_by_index or (0, shape_of(a)[-1] - 1)
    if eigvals_only:
        return np.linalg.eigvalsh(a)[..., first:last + 1]
    w, v = np.linalg.eigh(a)
    v = v if b is None else solve_triangular(factor, v, "C", True)
    return w[..., first:last + 1], _alike(v[..., first:last + 1], plain[1])


@registered("scipy.linalg.eigvalsh")
def eigvalsh(a, b=None, *, lower=True, overwrite_a=False, overwrite_b=False, type=1, check_finite=True, subset_by_index=None,
             subset_by_value=None, driver=None):
    """Eigenvalues of Hermitian matrices."""
    return eigh(a, b, lower=lower, eigvals_only=True, type=type, subset_by_index=subset_by_index, subset_by_value=subset_by_value,
                driver=driver)


@registered("scipy.linalg.eig")
def eig(a, b=None, left=False, right=True, overwrite_a=False, overwrite_b=False, check_finite=True, homogeneous_eigvals=False):
    """(w, v) with a v = v w, always complex values; with b, those of b^-1 a."""
    for name, value in (("left", left), ("homogeneous_eigvals", homogeneous_eigvals)):
        if value:
            refuse("scipy.linalg.eig", name, value)
    pair = [finite(x, check_finite) for x in (a, b) if x is not None]
    a = square(pair[0], "eig") if b is None else np.linalg.solve(pair[1], pair[0])
    w, v = np.linalg.eig(a) if right else (np.linalg.eigvals(a), None)
    w = w if is_complex(w) else w * (1 + 0j)
    if b is not None and ndim_of(w) == 1:
        return _as_of_pair(w, v, *scipy.linalg.eig(primal(pair[0]), primal(pair[1])))
    return (w, v) if right else w


def _as_of_pair(w, v, plain_w, plain_v):
    """Eigenvalues (and vectors) in the order and with the phases that LAPACK has for a pair of matrices."""
    left, order = list(range(len(plain_w))), []
    for target in plain_w:
        order.append(min(left, key=lambda k: abs(primal(w)[k] - target)))
        left.remove(order[-1])
    if v is None:
        return w[order]
    v = _alike(v[:, order], plain_v)
    return w[order], v if is_complex(plain_v) else np.real(v)  # real of real eigenvalues, from SciPy 1.18 on


@registered("scipy.linalg.eigvals")
def eigvals(a, b=None, overwrite_a=False, check_finite=True, homogeneous_eigvals=False):
    """Eigenvalues, always complex."""
    return eig(a, b, right=False, homogeneous_eigvals=homogeneous_eigvals)


# --- numbers ----------------------------------------------------------------------------------------------------
@registered("scipy.linalg.det")
def det(a, overwrite_a=False, check_finite=True):
    """The determinant, by the row of ``np.linalg.det``."""
    out = np.linalg.det(finite(a, check_finite))
    return out.astype(np.result_type(out.dtype, float))


@registered("scipy.linalg.norm")
def norm(a, ord=None, axis=None, keepdims=False, check_finite=True):
    """A norm, by the row of ``np.linalg.norm``."""
    a = finite(a, check_finite)
    out = np.linalg.norm(a, ord, axis, keepdims)
    if out.dtype == np.float32 and axis is None and not keepdims:  # those that LAPACK takes come back as doubles
        out = out.astype(np.asarray(scipy.linalg.norm(np.ones_like(primal(a)), ord)).dtype)
    return out


@registered("scipy.linalg.pinv")
def pinv(a, *, atol=None, rtol=None, return_rank=False, check_finite=True):
    """The pseudo-inverse along changes that keep the rank."""
    a = finite(a, check_finite)
    s = np.linalg.svd(primal(a), compute_uv=False)
    cutoff = (atol or 0.0) + s[..., 0] * (max(shape_of(a)[-2:]) * np.finfo(s.dtype).eps if rtol is None else rtol)
    p = np.linalg.pinv(a, rcond=cutoff / s[..., 0])
    return (p, np.sum(s > cutoff[..., None], axis=-1)) if return_rank else p

"""Rows of QR factors: one linear row whose result holds both side by side, as those of :mod:`dualnet.table.spectral` do."""

import numpy as np

from dualnet.errors import NotDifferentiableError
from dualnet.table.linalg import adjoint, matrices, operand, solved
from dualnet.table.row import TABLE, Traced, composed, linear, primal, shape_of
from dualnet.table.spectral import as_diagonal, completed, diagonal, packed, real, unpacked

QRResult = type(np.linalg.qr(np.eye(1)))


def _upper(s):
    """The strict upper triangle, its mirror image and the real diagonal: the transpose of `_triangular`."""
    half = np.triu(s, 1)
    return half + adjoint(half) + as_diagonal(real(diagonal(s)))


def _triangular(c):
    """The upper triangular part dR R^-1 of c = Q^H dA R^-1; the rest is skew."""
    return np.triu(c, 1) + adjoint(np.tril(c, -1)) + as_diagonal(real(diagonal(c)))


@linear(name="qr_factors", core=2)
def qr_factors(a):
    """(q, r) of matrices of full column rank, packed (Walter and Lehmann 2010); NaN where the rank is not full."""
    m, n = shape_of(a)[-2:]
    shapes = (m, n), (n, n)
    pivots = np.abs(diagonal(np.linalg.qr(primal(a))[1]))
    lacking = pivots.min(-1, initial=np.inf) <= 8 * max(m, n) * np.finfo(pivots.dtype).eps * pivots.max(-1, initial=0)

    def factors(out):
        q, r = unpacked(out, *shapes)
        return q, np.where(lacking[..., None, None], np.nan, r) if np.any(lacking) else r

    def over(x, r):
        return adjoint(solved(adjoint(r), adjoint(x)))

    def push(t, out, a):
        q, r = factors(out)
        t = over(t, r)
        s = _triangular(adjoint(q) @ t)
        return packed((t - q @ s, 2), (s @ r, 2))

    def pull(g, out, a):
        q, r = factors(out)
        gq, gr = unpacked(g, *shapes)
        return adjoint(solved(r, adjoint(gq + q @ _upper(gr @ adjoint(r) - adjoint(q) @ gq))))

    def value(a):
        if isinstance(a, Traced):
            return TABLE["qr_factors"](a)
        return packed(*((x, 2) for x in np.linalg.qr(a)))

    return [a], value, [push], [pull]


def _beside(q, a):
    """The columns of LAPACK's whole Q that its first columns, q, lack.

    Q = I - V T V^H is a product of reflectors with V = [V1; V2] unit lower triangular, so that q = [A; B] tells the rest:
    A - I = -V1 T V1^H and B = -V2 T V1^H (Ballard, Demmel, Grigori, Jacquelin, Nguyen and Solomonik 2014, eq. 5), whence
    Q2 = [A - I; B] (A - I)^-H B^H + [0; I]. Where a column of `a` needs no reflector, LAPACK's Q jumps, and A - I is singular: there
    a basis that does not turn in itself is as good.
    """
    m, k = shape_of(q)[-2:]
    one = np.eye(m, dtype=q.dtype)
    top, low = q[..., :k, :] - one[:k, :k], q[..., k:, :]
    if np.any(np.linalg.cond(primal(top)) > 1e6):
        return completed(q, np.linalg.qr(primal(a), "complete")[0])[..., k:]
    x = np.linalg.solve(adjoint(top), adjoint(low))
    return np.concatenate([top @ x, one[k:, k:] + low @ x], -2)


@composed(np.linalg.qr)
def qr(a, mode="reduced"):
    """Orthonormal and upper triangular factor; their derivatives are NaN where the rank is not full."""
    a = matrices(operand(a), "qr")
    if mode not in ("reduced", "complete", "r"):
        raise NotDifferentiableError(f"np.linalg.qr(mode={mode!r}) gives reflectors, which have no row; use reduced, complete or r")
    m, n = shape_of(a)[-2:]
    k = min(m, n)
    q, r = unpacked(TABLE["qr_factors"](a[..., :k]), (m, k), (k, k))
    r = np.concatenate([r, adjoint(q) @ a[..., k:]], -1) if n > k else r
    if mode == "complete" and m > k:
        q = np.concatenate([q, _beside(q, a)], -1)
        r = np.concatenate([r, np.zeros(shape_of(r)[:-2] + (m - k, n), primal(a).dtype)], -2)
    return r if mode == "r" else QRResult(q, r)

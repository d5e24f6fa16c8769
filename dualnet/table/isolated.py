"""Simple eigenpairs of matrices that have equal eigenvalues, too: their derivatives of every order are well defined, but formulas that
divide by the gaps go through the vectors of the equal ones, which are not.

With a simple eigenvalue w of K and its eigenvector p of length 1, the matrix w - K + p p^H is regular, as its inverse takes p to p,
and everything that the derivatives of the pair need is a solution with it: the reduced resolvent of Kato (1980, Perturbation Theory for
Linear Operators, II.2.2) is that inverse without p's part. Cost: an equation system for each simple eigenpair.
"""

import functools
import math

import numpy as np

from dualnet.table.linalg import adjoint, is_complex, solved
from dualnet.table.ordering import parts
from dualnet.table.row import Traced, dtype_of, primal

ROOT = math.sqrt(2)


def idle(g):
    """True where the cotangent g is zero with everything it carries, so that nothing depends on the element."""
    return functools.reduce(np.logical_and, [part == 0 for part in parts(g)])


def apart(a, simple):
    """True where derivatives that are differentiated again must not go through vectors of equal values."""
    return isinstance(a, Traced) and not np.all(simple)


def split(simple, gw, *gv):
    """Cotangents of values and vectors: those of simple ones, the others, and the matrices in which anything depends on others."""
    columns = simple[..., None, :]
    own = [np.where(columns, g, 0) for g in (np.expand_dims(gw, -2), *gv)]
    others = [np.where(simple, 0, gw), *(np.where(columns, 0, g) for g in gv)]
    needed = functools.reduce(np.logical_or, [~np.all(np.reshape(idle(g), (*np.shape(g)[:np.ndim(g) - k], -1)), axis=-1)
                                              for g, k in zip(others, (1, 2, 2))])
    return own, others, needed


def inner(p, x):
    """p_i^H x_i of columns, as a row."""
    return np.sum((np.conjugate(p) if is_complex(p) else p) * x, -2, keepdims=True)


class Isolated:
    """The eigenpairs of `matrix` (Hermitian, or any) that are simple: columns of p, 0 where not, and their resolvents.

    Parameters
    ----------
    matrix : array of shape (..., N, N)
    w : array of shape (..., n)
        Eigenvalues.
    p : array of shape (..., N, n)
        Their eigenvectors, of length 1.
    simple : array of bool, of shape (..., n)
        Which of them no other equals.
    """

    def __init__(self, matrix, w, p, simple):
        self.simple = simple
        self.columns = simple[..., None, :]
        self.p = np.where(self.columns, p, 0)
        far = 2 * np.max(np.abs(primal(w)), axis=-1, keepdims=True, initial=0) + 1
        w = np.where(simple, w, far)
        rows = np.swapaxes(self.p, -1, -2)[..., None]
        self.bordered = w[..., None, None] * np.eye(matrix.shape[-1], dtype=w.dtype) - matrix[..., None, :, :] + rows * adjoint(rows)

    def solve(self, b, adjoined=False):
        """Columns x_i with (w_i - K + p_i p_i^H) x_i = b_i, or of the adjoint matrices."""
        matrix = adjoint(self.bordered) if adjoined else self.bordered
        return np.swapaxes(solved(matrix, np.swapaxes(b, -1, -2)[..., None])[..., 0], -1, -2)

    def resolved(self, b):
        """S_i b_i with the reduced resolvents S_i of a Hermitian matrix."""
        return self.solve(b) - self.p * inner(self.p, b)


def push_hermitian(pairs, t):
    """(dw, dv) of simple eigenpairs: dw = v^H t v, dv = S t v."""
    b = t @ pairs.p
    return inner(pairs.p, b)[..., 0, :], np.where(pairs.columns, pairs.resolved(b), np.nan)


def pull_hermitian(pairs, gw, gv):
    """The adjoint of the push, of a cotangent of eigenvalues (a row) and one of eigenvectors that are 0 for the others."""
    return (pairs.p * gw + pairs.resolved(gv)) @ adjoint(pairs.p)


def joined(a):
    """The Hermitian matrix of Jordan and Wielandt with a beside the diagonal, whose eigenvalues are a's singular values and -them."""
    none = [np.zeros((*np.shape(a)[:-2], k, k), dtype_of(a)) for k in np.shape(a)[-2:]]
    return np.concatenate([np.concatenate([none[0], a], -1), np.concatenate([adjoint(a), none[1]], -1)], -2)


def singular_pairs(a, u, s, v, simple):
    """The pairs of singular vectors as eigenvectors of :func:`joined`."""
    return Isolated(joined(a), s, np.concatenate([u, v], -2) / ROOT, simple)


def _halves(pairs, x, m):
    return ROOT * x[..., :m, :], ROOT * x[..., m:, :]


def push_singular(pairs, t):
    """(du, ds, dv) of simple singular values; of complex vectors v^H dv is 0."""
    m = np.shape(t)[-2]
    u, v = _halves(pairs, pairs.p, m)
    b = np.concatenate([t @ v, adjoint(t) @ u], -2) / ROOT
    du, dv = _halves(pairs, pairs.resolved(b), m)
    if is_complex(dv):
        turn = inner(v, dv)
        du, dv = du - u * turn, dv - v * turn
    return np.where(pairs.columns, du, np.nan), np.real(inner(pairs.p, b))[..., 0, :], np.where(pairs.columns, dv, np.nan)


def pull_singular(pairs, gs, gu, gv):
    """The adjoint of the push, of cotangents that are 0 for the others; that of the values is a row."""
    m = np.shape(gu)[-2]
    u, v = _halves(pairs, pairs.p, m)
    if is_complex(v):
        gv = gv + 1j * v * np.imag(inner(gu, u) + inner(gv, v))
    left, right = _halves(pairs, pairs.resolved(ROOT * np.concatenate([gu, gv], -2)), m)
    return (u * gs + left / 2) @ adjoint(v) + u @ adjoint(right) / 2


def push_general(pairs, t):
    """(dw, x) of simple eigenpairs of any matrix: dw = u^H t v with u^H v = 1, and x = dv with v^H dv = 0."""
    left = pairs.solve(pairs.p, True)
    b = t @ pairs.p
    dw = inner(left, b)
    return dw[..., 0, :], pairs.solve(b - pairs.p * dw)


def pull_general(pairs, gw, gx):
    """The adjoint of the push, of cotangents that are 0 for the others; that of the values is a row."""
    left = pairs.solve(pairs.p, True)
    x = pairs.solve(gx, True)
    return (left * gw + x - left * inner(pairs.p, x)) @ adjoint(pairs.p)

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
from dualnet.table.row import Traced, dtype_of, ndim_of, primal, shape_of

ROOT = math.sqrt(2)


def idle(g):
    """True where the cotangent g is zero with everything it carries, so that nothing depends on the element."""
    return functools.reduce(np.logical_and, [part == 0 for part in parts(g)])


def apart(a, simple):
    """True where derivatives that are differentiated again must not go through vectors of equal values."""
    return isinstance(a, Traced) and not np.all(simple)


def split(simple, gw, *gv):
    """Cotangents of values (as a row) and vectors: those of simple ones, those of others, and the matrices where anything needs these."""
    columns = simple[..., None, :]
    own = [np.where(columns, g, 0) for g in (np.expand_dims(gw, -2), *gv)]
    others = [np.where(simple, 0, gw), *(np.where(columns, 0, g) for g in gv)]
    needed = functools.reduce(np.logical_or, [~np.all(np.reshape(idle(g), (*shape_of(g)[:ndim_of(g) - k], -1)), axis=-1)
                                              for g, k in zip(others, (1, 2, 2))])
    return own, others, needed


def inner(p, x):
    """p_i^H x_i of columns, as a row."""
    return np.sum((np.conjugate(p) if is_complex(p) else p) * x, -2, keepdims=True)


class Isolated:
    """The eigenpairs of `matrix` (Hermitian, or any) that are simple: columns of p, 0 where not, and their resolvents.

    Columns that are simple in no matrix of the stack are left out.

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
        self.simple, self.matrix, self.w = simple, matrix, w
        self.places = np.flatnonzero(np.any(simple, axis=tuple(range(simple.ndim - 1))))
        self.p = np.where(simple[..., None, self.places], p[..., self.places], 0)

    @functools.cached_property
    def bordered(self):
        """w_i - K + p_i p_i^H, with any number that is no eigenvalue for those that are not simple."""
        none = 2 * np.max(np.abs(primal(self.w)), axis=-1, keepdims=True, initial=0) + 1
        w, rows = np.where(self.simple, self.w, none)[..., self.places], np.swapaxes(self.p, -1, -2)[..., None]
        eye = np.eye(self.matrix.shape[-1], dtype=w.dtype)
        return w[..., None, None] * eye - self.matrix[..., None, :, :] + rows * adjoint(rows)

    def solve(self, b, adjoined=False):
        """Columns x_i with (w_i - K + p_i p_i^H) x_i = b_i, or of the adjoint matrices."""
        matrix = adjoint(self.bordered) if adjoined else self.bordered
        return np.swapaxes(solved(matrix, np.swapaxes(b, -1, -2)[..., None])[..., 0], -1, -2)

    def resolved(self, b):
        """S_i b_i with the reduced resolvents S_i of a Hermitian matrix."""
        return self.solve(b) - self.p * inner(self.p, b)

    def spread(self, x):
        """All columns, NaN with all its derivatives for those that are not simple."""
        index = np.full(self.simple.shape[-1], len(self.places))
        index[self.places] = np.arange(len(self.places))
        none = np.zeros((*shape_of(x)[:-1], 1), dtype_of(primal(x)))
        lost = np.nan * np.expand_dims(self.w, -2)  # its derivatives are NaN, too
        return np.where(self.simple[..., None, :], np.concatenate([x, none], -1)[..., index], lost)

    def push_hermitian(self, t):
        """(dw, dv): dw = v^H t v, dv = S t v."""
        b = t @ self.p
        return self.spread(inner(self.p, b))[..., 0, :], self.spread(self.resolved(b))

    def pull_hermitian(self, gw, gv):
        """The adjoint of the push, of a cotangent of eigenvalues (a row) and one of eigenvectors that are 0 for the others."""
        out = self.p * gw[..., self.places]
        return (out if np.all(idle(gv)) else out + self.resolved(gv[..., self.places])) @ adjoint(self.p)

    def push_general(self, t):
        """(dw, x) of a matrix that is not Hermitian: dw = u^H t v with u^H v = 1, and x = dv with v^H dv = 0."""
        left, b = self.solve(self.p, True), t @ self.p
        dw = inner(left, b)
        return self.spread(dw)[..., 0, :], self.spread(self.solve(b - self.p * dw))

    def pull_general(self, gw, gx):
        """The adjoint of the push, of cotangents that are 0 for the others; that of the values is a row."""
        left = self.solve(self.p, True)
        out = left * gw[..., self.places]
        if not np.all(idle(gx)):
            x = self.solve(gx[..., self.places], True)
            out = out + x - left * inner(self.p, x)
        return out @ adjoint(self.p)


class IsolatedSingular(Isolated):
    """Simple singular values of `a` and their pairs of vectors, which are eigenpairs of the Hermitian matrix (of Jordan and Wielandt) with
    a and its adjoint beside the diagonal."""

    def __init__(self, a, u, s, v, simple):
        self.m, n = shape_of(a)[-2:]
        none = [np.zeros((*shape_of(a)[:-2], k, k), dtype_of(a)) for k in (self.m, n)]
        joined = np.concatenate([np.concatenate([none[0], a], -1), np.concatenate([adjoint(a), none[1]], -1)], -2)
        super().__init__(joined, s, np.concatenate([u, v], -2) / ROOT, simple)

    def halves(self, x):
        """The parts of left and right vectors, which are of length 1 each."""
        return ROOT * x[..., :self.m, :], ROOT * x[..., self.m:, :]

    def push(self, t):
        """(du, ds, dv); of complex vectors v^H dv is 0."""
        u, v = self.halves(self.p)
        b = np.concatenate([t @ v, adjoint(t) @ u], -2) / ROOT
        du, dv = self.halves(self.resolved(b))
        if is_complex(dv):
            turn = inner(v, dv)
            du, dv = du - u * turn, dv - v * turn
        return self.spread(du), self.spread(np.real(inner(self.p, b)))[..., 0, :], self.spread(dv)

    def pull(self, gs, gu, gv):
        """The adjoint of the push, of cotangents that are 0 for the others; that of the values is a row."""
        gs, gu, gv = (g[..., self.places] for g in (gs, gu, gv))
        u, v = self.halves(self.p)
        out = (u * gs) @ adjoint(v)
        if np.all(idle(gu)) and np.all(idle(gv)):
            return out
        if is_complex(v):
            gv = gv + 1j * v * np.imag(inner(gu, u) + inner(gv, v))
        left, right = self.halves(self.resolved(ROOT * np.concatenate([gu, gv], -2)))
        return out + (left @ adjoint(v) + u @ adjoint(right)) / 2

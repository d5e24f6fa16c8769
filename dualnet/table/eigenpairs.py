"""Eigenvalues and eigenvectors of T0 + u T1 by u, to every order: what Mathieu and spheroidal functions are made of.

T0 is diagonal and T1 tridiagonal, both symmetric and free of u: those of Mathieu's equation in a Fourier series (DLMF 28.4) and of
the spheroidal one in Legendre functions (DLMF 30.8). Scaled such that one component, the largest at this u, is 1 for every u, the
eigenvector's Taylor coefficients obey linear systems with one matrix, T - a without the row and the column of that component,
which stays regular, and the eigenvalue's are Rayleigh's quotients (Kato 1980, Perturbation Theory for Linear Operators, II.2.1 and
II.2.3). Components fall off faster than exponentially on both sides, and an elimination keeps the digits of the small ones.
"""

import functools
import math

import numpy as np

from dualnet.errors import NotDifferentiableError
from dualnet.table.domain import POSITIVE
from dualnet.table.jets import helper

ENTRIES = 1 << 21  # of the matrices that are inverted at once
SIZES = np.array([16, 24, 34, 48, 68, 96, 136, 192])  # of the matrices
TOLERANCE = 1e-8  # up to which SciPy's characteristic values are taken for right
SMALL = 1e-30
LARGE = 1 << 12  # arrays for which nothing is kept


def power(series, p):
    """The Taylor coefficients of a positive series to the power p (Knuth, The Art of Computer Programming 2, 4.7, equation 9)."""
    out = [series[0] ** p]
    for k in range(1, len(series)):
        out.append(sum((i * (p + 1) - k) * series[i] * out[k - i] for i in range(1, k + 1)) / (k * series[0]))
    return np.array(out)


def quotient(p, q):
    """The Taylor coefficients of p/q, in as many variables as q has axes before those of its elements; p has one axis more, the last."""
    out = np.array(p)
    for at in np.ndindex(out.shape[:q.ndim - 1]):
        for less in np.ndindex(*(i + 1 for i in at)):
            if less != at:
                out[at] -= out[less] * q[tuple(np.subtract(at, less))][..., None]
        out[at] /= q[(0,) * len(at)][..., None]
    return out


def inner(v, w):
    """The scalar product along the last axis."""
    return np.einsum("...i,...i->...", v, w)


class _Key:
    """An argument as the key of a cache."""

    def __init__(self, value):
        self.value = value
        self.key = (value.shape, value.dtype, value.tobytes()) if isinstance(value, np.ndarray) else value

    def __hash__(self):
        return hash(self.key)

    def __eq__(self, other):
        return self.key == other.key


def remembered(function):
    """The function, which keeps what it found last for arrays that are not large: derivatives of several orders are asked for at the same
    points, and by products of several ways to the same."""
    found = functools.lru_cache(32)(lambda *keys: function(*(key.value for key in keys)))

    def call(*args):
        large = max(a.size for a in args if isinstance(a, np.ndarray)) > LARGE
        return function(*args) if large else found(*map(_Key, args))

    return call


class Pencil:
    """The matrices diag(low) + u (diag(middle) + beside next to the diagonal), one for each element, of one size."""

    def __init__(self, u, low, middle, beside):
        self.u, self.low, self.middle, self.beside = u[:, None], low, middle, beside
        self.size = low.shape[1]

    def slope(self, v):
        """T1 v."""
        out = self.middle * v
        out[:, 1:] += self.beside * v[:, :-1]
        out[:, :-1] += self.beside * v[:, 1:]
        return out

    def matrix(self, a):
        """T - a."""
        count, n = self.low.shape
        out = np.zeros((count, n, n))
        place, band = np.arange(n), self.u * self.beside
        out[:, place, place] = self.low - a[:, None] + self.u * self.middle
        out[:, place[1:], place[:-1]] = out[:, place[:-1], place[1:]] = band
        return out

    def eigenpair(self, start):
        """The eigenvalue next to `start`, the eigenvector with 1 as its largest component, and the inverse of T - a without the row and
        column of that."""
        beside = start + 1e-11 * (1 + np.abs(start))
        matrix, every = self.matrix(beside), np.arange(self.low.shape[0])
        v = np.linalg.solve(matrix, np.broadcast_to(np.cos(np.arange(self.size) ** 2.0)[:, None], (len(start), self.size, 1)))[..., 0]
        v = v / np.max(np.abs(v), axis=1, keepdims=True)
        place = np.argmax(np.abs(v), axis=1)
        a = beside + inner(v, np.einsum("eij,ej->ei", matrix, v)) / inner(v, v)  # Rayleigh's quotient
        column, corner, inverse = self.without(a, place)
        w = -_times(inverse, column)
        step = (corner + inner(column, w)) / (1 + inner(w, w))  # Newton's for the row that was left out
        v = w + _times(inverse, w) * step[:, None]
        v[every, place] = 1
        return a + step, v, inverse

    def without(self, a, row, column=None):
        """The column of T - a at `column`, its element in the row, and the inverse of T - a without that row and that column; they are of
        one number where no column is given."""
        matrix, every, column = self.matrix(a), np.arange(len(a)), row if column is None else column
        left = matrix[every, :, column]
        corner = left[every, row]
        left[every, row] = 0
        matrix[every, row, :] = matrix[every, :, column] = 0
        matrix[every, row, column] = 1
        inverse = np.linalg.inv(matrix)
        inverse[every, column, row] = 0
        return left, corner, inverse

    def solution(self, orders, a, row):
        """The Taylor coefficients by u and by a of the vector that obeys all rows of (T - a) v = 0 but that one, with 1 as its largest
        component: one that is small there may have a zero nearby, next to which the others over it are not smooth."""
        every, place = np.arange(len(a)), row
        try:
            for _ in range(2):
                left, _, inverse = self.without(a, row, place)
                v = -_times(inverse, left)
                v[every, place] = 1
                largest = np.argmax(np.abs(v), axis=1)
                if np.all(largest == place):
                    break
                place = largest
        except np.linalg.LinAlgError:
            beside = np.abs(self.low + self.u * self.middle - a[:, None])
            beside[every, row] = np.inf
            at = np.argmin(np.min(beside, axis=1))
            raise NotDifferentiableError(f"no coefficients go with a characteristic value of {a[at]:g} at the parameter {self.u[at, 0]:g}: "
                                         "it is that of another degree; take the value of this one") from None
        out = np.zeros((orders[0] + 1, orders[1] + 1, *v.shape))
        out[0, 0] = v
        for i, j in list(np.ndindex(out.shape[:2]))[1:]:
            right = (out[i, j - 1] if j else 0.0) - (self.slope(out[i - 1, j]) if i else 0.0)
            out[i, j] = _times(inverse, right)
        return out

    def series(self, order, start):
        """The Taylor coefficients by u of the eigenvalue next to `start` and of its eigenvector."""
        a, v, inverse = self.eigenpair(start)
        values, vectors, norm = [a], [v], inner(v, v)
        rise = _times(inverse, v)
        for k in range(1, order + 1):
            right = sum((values[i][:, None] * vectors[k - i] for i in range(1, k)), 0.0) - self.slope(vectors[k - 1])
            values.append(-inner(v, right) / norm)
            vectors.append(_times(inverse, right) + values[k][:, None] * rise)
        return np.array(values), np.array(vectors)

    def number(self, v):
        """Which eigenvalue from below a vector belongs to: Sturm's count of its changes of sign, those of tiny components left out."""
        turned = v * np.where(np.arange(self.size) % 2 == 0, 1, np.where(self.u < 0, 1, -1))
        held = np.abs(v) > SMALL
        first = np.argmax(held, axis=1)
        both = held[:, 1:] & held[:, :-1]
        return first + np.count_nonzero(both & (turned[:, 1:] * turned[:, :-1] < 0), axis=1)


def _times(matrix, v):
    return np.matmul(matrix, v[..., None])[..., 0]


class Family:
    """A kind of eigenvalue problem.

    Parameters
    ----------
    name : str
        What the characteristic value is called in errors.
    value : callable
        SciPy's characteristic value of (m, n, u).
    matrices : callable
        Of m, n and the size, as columns and a number: the diagonals `low`, `middle` and `beside` of a :class:`Pencil`.
    place : callable
        Which eigenvalue from below it is, of (m, n).
    need : callable
        The size of matrix that (m, n, u) needs.
    """

    def __init__(self, name, value, matrices, place, need):
        self.name, self.value, self.matrices, self.place, self.need = name, value, matrices, place, need
        self.found = remembered(self._found)

    def each(self, function, m, n, u, *rest, more=0, leading=()):
        """``function(pencil, m, n, *rest)``, an array with elements along its last axis, after the `leading` ones, of flat arrays: for
        elements that need matrices of one size, with `more` rows, at once. NaN where m and n are not those of a function, or too large
        a matrix is needed."""
        rows = self.need(m, n, u) + more
        good = (m == np.floor(m)) & (n == np.floor(n)) & (self.place(m, n) >= 0) & (m >= 0) & (rows <= SIZES[-1])
        size = SIZES[np.searchsorted(SIZES, np.where(good, rows, 0))]
        out = None
        for n_rows in np.unique(size[good]):
            todo = np.flatnonzero(good & (size == n_rows))
            for piece in np.array_split(todo, math.ceil(todo.size * n_rows**2 / ENTRIES)):
                some = [x[piece].astype(float) for x in (m, n, u, *rest)]
                pencil = self.pencil(int(n_rows), *some[:3])
                found = function(pencil, *some[:2], *some[3:])
                out = np.full((*leading, u.size), np.nan, found.dtype) if out is None else out
                out[..., piece] = found
        return out if out is not None else np.full((*leading, u.size), np.nan)

    def series(self, pencil, order, m, n):
        """The Taylor coefficients of the pencil's eigenpair; raises where SciPy's value is not that of this m and n."""
        points, place = np.unique([m, n, pencil.u[:, 0]], axis=1, return_inverse=True)
        return tuple(series[:order + 1, place.reshape(-1)] for series in self.found(pencil.size, max(order, 3), *points))

    def _found(self, size, order, m, n, u):
        pencil, start = self.pencil(size, m, n, u), self.value(m, n, u)
        found = pencil.series(order, start)
        self.refuse(pencil, start, m, n, *found)
        return found

    def pencil(self, size, m, n, u):
        """The matrices for m, n and u."""
        return Pencil(u, *self.matrices(m[:, None], n[:, None], size))

    def refuse(self, pencil, start, m, n, values, vectors):
        """Raise where the eigenpair is not that of m and n."""
        wrong = np.abs(values[0] - start) > TOLERANCE * (np.abs(start) + np.abs(pencil.u[:, 0]) + 1e-3)
        wrong |= pencil.number(vectors[0]) != self.place(m, n)
        if np.any(wrong):
            at = np.argmax(wrong)
            point = f"m, n = {m[at]:g}, {n[at]:g} and a parameter of {pencil.u[at, 0]:g}"
            raise NotDifferentiableError(f"scipy.special's characteristic value of {self.name} for {point} is wrong itself, so it has no "
                                         "derivative worth having; take a smaller parameter")


def characteristic(family, name):
    """The row of the k-th derivative by u of a family's eigenvalue, of (k, m, n, u)."""
    @remembered
    def found(k, m, n, u):
        return family.each(lambda pencil, m, n: family.series(pencil, k, m, n)[0][k] * math.factorial(k), m, n, u)

    row = helper(name, found, 3, None, None, None, lambda k, m, n, u, out: row(k + 1, m, n, u), domain=POSITIVE)
    return row

"""Characteristic values of spheroidal functions by c, to every order, in numbers of twice the digits.

For large c they are nearly linear in c, oblate ones but for -c^2 (DLMF 30.9.1, 30.9.5), so that what perturbations by c^2 give of their
curvature cancels c^2 times over. Taylor coefficients by c of the eigenpair, as those of :mod:`dualnet.table.eigenpairs`: each from a
system with one matrix, whose solution in doubles is corrected once by what it leaves.
"""

import math

import numpy as np

from dualnet.table.domain import POSITIVE
from dualnet.table.doubled import Pair
from dualnet.table.eigenpairs import remembered
from dualnet.table.jets import helper
from dualnet.table.spheroidal_series import SPHEROIDAL


def _total(p):
    """The sum along the last axis of two."""
    n = p.high.shape[1]
    while n > 1:
        half = n - n // 2
        p[:, :n // 2] = p[:, :n // 2] + p[:, half:n]
        n = half
    return p[:, 0]


def _inner(v, w):
    return _total(v * w)


def _shift_squared(m, l):
    """The square of the element of the matrix of x between the Legendre functions of degrees l - 1 and l (DLMF 14.10.3)."""
    return (l - m) * (l + m) * (1 / Pair((2 * l - 1) * (2 * l + 1)))


def _root(p):
    r = np.sqrt(p.high)
    return r + (p - Pair(r) * r) * (0.5 / r)


def _times(diagonal, beside, v):
    """The symmetric tridiagonal matrix times v."""
    out = diagonal * v
    out[:, 1:] = out[:, 1:] + beside * v[:, :-1]
    out[:, :-1] = out[:, :-1] + beside * v[:, 1:]
    return out


def _values(order, sign, m, n, c, a, v, inverse):
    """The Taylor coefficients by c of the eigenvalue of l (l + 1) + sign c^2 X next to a, whose vector is nearly v, X being the square of
    the matrix of x; the inverse is that without the row and the column that it is scaled by."""
    l = m + (n - m) % 2 + 2.0 * np.arange(v.shape[1])
    one, two = _shift_squared(m, l + 1), _shift_squared(m, l + 2)
    middle, beside = one + _shift_squared(m, l), _root(one * two)[:, :-1]
    u, a = sign * Pair(c) * c, Pair(a)
    diagonal, outer, rough = middle * u + l * (l + 1) - a[:, None], beside * u, lambda p: np.matmul(inverse, p.high[..., None])[..., 0]
    left = _times(diagonal, outer, v)
    more = _inner(left, v) * (1 / np.sum(v * v, axis=1))  # a step of Newton's method
    v, diagonal = Pair(v) + rough(more[:, None] * v - left), diagonal - more[:, None]
    values, vectors, norm = [a + more], [v], 1 / _inner(v, v)
    for k in range(1, order + 1):
        right = -_times(middle, beside, vectors[k - 1] * (2 * c) + (vectors[k - 2] if k > 1 else 0.0)) * sign
        for i in range(1, k):
            right = right + vectors[k - i] * values[i][:, None]
        values.append(-_inner(v, right) * norm)
        if k < order:
            right = right + v * values[k][:, None]
            first = rough(right)
            vectors.append(rough(right - _times(diagonal, outer, first)) + Pair(first))
    return np.array([x.high for x in values])


@remembered
def _series(sign, order, m, n, c):
    """The Taylor coefficients by c of the prolate (`sign` 1) or the oblate (-1) value."""
    def of(pencil, m, n, c):
        start = SPHEROIDAL.value(m, n, pencil.u[:, 0])
        a, v, inverse = pencil.eigenpair(start)
        SPHEROIDAL.refuse(pencil, start, m, n, a[None], v[None])
        return _values(order, sign, m[:, None], n[:, None], c[:, None], a, v, inverse)

    return SPHEROIDAL.each(of, m, n, sign * c * c, c, leading=(order + 1,))


def _by(sign, k, m, n, c):
    """d^k/dc^k of that value."""
    return _series(sign, max(k, 2), m, n, c)[k] * math.factorial(k)


spheroidal_cv_by = helper("_spheroidal_cv_by", _by, 3, None, None, None, None,
                          lambda sign, k, m, n, c, out: spheroidal_cv_by(sign, k + 1, m, n, c), domain=POSITIVE)

"""Mathieu functions by their parameter q, to every order, from the Taylor coefficients of their Fourier series (DLMF 28.4).

SciPy's functions are those of DLMF 28.2: of norm pi over a period, with the signs that they have at q = 0, and x in degrees.
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.domain import POSITIVE
from dualnet.table.eigenpairs import Family, characteristic, elementwise, inner, power, product
from dualnet.table.row import pointwise

DEGREE = math.pi / 180


def _first(m, even):
    """The lowest frequency in the Fourier series of the function of order m."""
    return m % 2 if even else 2 - m % 2


def _matrices(even):
    """DLMF 28.4.5 to 28.4.8, made symmetric by a factor of sqrt(2) with the constant term."""
    def of(m, n, size):
        first, place = _first(m, even), np.arange(size)
        low = np.square(first + 2.0 * place)
        middle = np.where((first == 1) & (place == 0), 1.0 if even else -1.0, 0.0)
        return low, middle, np.where((first == 0) & (place[:-1] == 0), math.sqrt(2), 1.0)

    return of


def _family(even):
    value = sp.mathieu_a if even else sp.mathieu_b
    return Family(value.__name__, lambda m, n, q: value(m, q), _matrices(even), lambda m, n: (m - _first(m, even)) // 2,
                  lambda m, n, q: 8 + np.sqrt(m * m / 4 + (40 + 2 * m) * np.sqrt(np.abs(q))))


EVEN, ODD = _family(True), _family(False)


def signs(pencil, values, vectors, m, even):
    """The signs of eigenvectors whose component of order m is positive at q = 0: those of the tail stay as q grows."""
    first = _first(m, even)
    own = ((m - first) // 2).astype(int)
    q = pencil.u[:, 0]
    tail = np.where(np.abs(q) < 1, own, np.argmax(pencil.low > (values[0] + 2 * np.abs(q))[:, None], axis=1))
    return np.sign(vectors[0][np.arange(len(m)), tail]) * np.where((q > 0) & ((tail - own) % 2 == 1), -1, 1)


def normal(vectors):
    """The Taylor coefficients of the vectors of length 1."""
    length = power(product(vectors, vectors, inner), -0.5)
    return product(length[..., None], vectors)


def coefficients(pencil, order, start, m, n, even):
    """The Taylor coefficients by q of the Fourier coefficients."""
    values, vectors = (EVEN if even else ODD).series(pencil, order, start, m, n)
    out = normal(vectors) * signs(pencil, values, vectors, m, even)[:, None]
    out[..., 0] *= np.where(_first(m, even) == 0, math.sqrt(0.5), 1.0)
    return out


def _turned(phase, quarters):
    """The cosine of an angle in degrees and as many right ones."""
    return (1, -1, -1, 1)[quarters % 4] * (np.sin if quarters % 2 else np.cos)(DEGREE * phase)


def _periodic(even, name):
    """The row of d^(k+p) / dq^k dx^p of ce or se, of (k, p, m, q, x), x in degrees; but each slope by x per radian."""
    family = EVEN if even else ODD

    def by(k, p, m, q, x):
        def found(pencil, start, m, n, x):
            waves = _first(m, even)[:, None] + 2.0 * np.arange(pencil.size)
            phase = waves * np.fmod(x, 360.0)[:, None]
            terms = coefficients(pencil, k, start, m, n, even)[k] * waves**p * _turned(phase - 360 * np.round(phase / 360), p - (not even))
            return math.factorial(k) * np.sum(terms, axis=1)

        return elementwise(lambda m, q, x: family.each(found, m, 0 * m, q, x), m, q, x)

    by.__name__ = name
    row = pointwise(by, None, None, None, lambda k, p, m, q, x, out: row(k + 1, p, m, q, x),
                    lambda k, p, m, q, x, out: DEGREE * row(k, p + 1, m, q, x), name=name, domain=POSITIVE)
    return row


mathieu_a_by, mathieu_b_by = characteristic(EVEN, "_mathieu_a_by"), characteristic(ODD, "_mathieu_b_by")
mathieu_cem_by, mathieu_sem_by = _periodic(True, "_mathieu_cem_by"), _periodic(False, "_mathieu_sem_by")

"""Mathieu functions by their parameter q, to every order, from the Taylor coefficients of their Fourier series (DLMF 28.4).

SciPy's functions are those of DLMF 28.2: of norm pi over a period, with the signs that they have at q = 0, and x in degrees.
"""

import functools
import math

import numpy as np
import scipy.special as sp

from dualnet.table.domain import POSITIVE
from dualnet.table.eigenpairs import Family, characteristic, inner, power, remembered
from dualnet.table.jets import carried, helper, product, quotient, times

DEGREE = math.pi / 180
SMALL = 1e-2  # of the terms, below which a sum is not taken


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
    return np.array(product(length[..., None], vectors))


def coefficients(pencil, order, m, n, even):
    """The Taylor coefficients by q of the Fourier coefficients."""
    values, vectors = (EVEN if even else ODD).series(pencil, order, m, n)
    out = normal(vectors) * signs(pencil, values, vectors, m, even)[:, None]
    out[..., 0] *= np.where(_first(m, even) == 0, math.sqrt(0.5), 1.0)
    return out


def _turned(phase, quarters):
    """The cosine of an angle in degrees and as many right ones."""
    return (1, -1, -1, 1)[quarters % 4] * (np.sin if quarters % 2 else np.cos)(DEGREE * phase)


def _fourier(pencil, jets, p, m, x, even):
    """The terms of the p-th derivative by x, in degrees, per radian."""
    waves = _first(m, even)[:, None] + 2.0 * np.arange(pencil.size)
    phase = waves * np.fmod(x, 360.0)[:, None]
    return jets * waves**p * _turned(phase - 360 * np.round(phase / 360), p - (not even))


def _power_series(q, values, at, y, dy, terms):
    """The coefficients of a solution's power series in radians, from those of cos(2 x)."""
    out, wave = [y, dy], [2.0**j / math.factorial(j) * np.cos(2 * at + j * math.pi / 2) for j in range(terms)]
    for j in range(terms - 2):
        turned = sum(2 * wave[j - i] * out[i] for i in range(j + 1))
        out.append((np.array(times(turned, q)) - product(values, out[j])) / ((j + 1) * (j + 2)))
    return out


def _from_0(pencil, jets, values, p, m, x, turn, even):
    """The Taylor coefficients by q of the p-th derivative where the Fourier series cancels, between 0 and the point at which the function
    starts to turn: the solution that grows from 0, times what makes it the sum of that series there."""
    q, zero, half = pencil.u[:, 0], np.zeros_like(values), np.round(x / 180)
    one = np.concatenate([np.ones_like(values[:1]), zero[1:]])
    start = (one, zero) if even else (zero, one)
    power_series = lambda i, *rest: _power_series(q[i], values[:, i], *rest)
    there = carried(power_series, 0 * x, *start, turn)[0]
    x = DEGREE * (x - 180 * half)
    here = _power_series(q, values, x, *carried(power_series, 0 * x, *start, x), max(p + 1, 2))[p] * math.factorial(p)
    scale = quotient(np.sum(_fourier(pencil, jets, 0, m, turn / DEGREE, even), axis=-1), there)
    return np.array(product(scale, here)) * np.where(m * half % 2 == 1, -1, 1)


def _periodic(even, name):
    """The row of d^(k+p) / dq^k dx^p of ce or se, of (k, p, m, q, x), x in degrees; but each slope by x per radian."""
    family = EVEN if even else ODD

    def of(k, p, pencil, m, n, x):
        jets, q, values = coefficients(pencil, k, m, n, even), pencil.u[:, 0], family.series(pencil, k, m, n)[0]
        out = np.sum(_fourier(pencil, jets[k], p, m, x, even), axis=1)
        turn = np.arccos(np.clip(values[0] / (2 * q), -1, 1)) / 2
        terms = _fourier(pencil, jets[0], 0, m, x, even)
        low = np.flatnonzero((np.abs(np.sum(terms, axis=1)) < SMALL * np.sum(np.abs(terms), axis=1)) & (q > 0)
                             & (np.abs(DEGREE * (x - 180 * np.round(x / 180))) < turn))
        if low.size:
            some = family.pencil(pencil.size, m[low], n[low], q[low])
            out[low] = _from_0(some, jets[:, low], values[:, low], p, m[low], x[low], turn[low], even)[k]
        return math.factorial(k) * out

    @remembered
    def found(k, p, m, q, x):
        return family.each(functools.partial(of, k, p), m, 0 * m, q, x)

    row = helper(name, found, 3, None, None, None, lambda k, p, m, q, x, out: row(k + 1, p, m, q, x),
                 lambda k, p, m, q, x, out: DEGREE * row(k, p + 1, m, q, x), domain=POSITIVE)
    return row


mathieu_a_by, mathieu_b_by = characteristic(EVEN, "_mathieu_a_by"), characteristic(ODD, "_mathieu_b_by")
mathieu_cem_by, mathieu_sem_by = _periodic(True, "_mathieu_cem_by"), _periodic(False, "_mathieu_sem_by")


# --- modified functions: the sums of products of Bessel functions (DLMF 28.24.2 to 28.24.13) ----------------------------
@remembered
def _pair(kind, lowest, size, t):
    """The Bessel functions of the first or the second kind of `size` degrees from the lowest on, and their slopes by log(t): columns."""
    l = lowest + np.arange(size + 1)
    f = (sp.yv if kind == 2 else sp.jv)(l, t)
    return f[:, :-1], l[:, :-1] * f[:, :-1] - t * f[:, 1:]


def _waves(kind, order, lowest, size, t):
    """Their derivatives of that order by log(t), from Bessel's equation (DLMF 10.2.1, 10.13.6)."""
    l, out = lowest + np.arange(size), list(_pair(kind, lowest, size, t))
    for k in range(order - 1):  # as Taylor coefficients
        bend = l * l * out[k] - t * t * sum(2.0**i / math.factorial(i) * out[k - i] for i in range(k + 1))
        out.append(bend / ((k + 1) * (k + 2)))
    return out[order] * math.factorial(order)


@remembered
def _modified(even, kind, k, a, b, m, q, x):
    """d^k of the coefficients by q, with d^a of the first and d^b of the second Bessel functions by the logarithms of their arguments."""
    def of(pencil, m, n, x):
        vectors = (EVEN if even else ODD).series(pencil, max(k, 1), m, n)[1]
        place = np.argmax((vectors[0] == 1) & np.all(vectors[1:] == 0, axis=0), axis=1)[:, None]  # of the largest, over which they are
        first, l = _first(m, even)[:, None], np.arange(pencil.size)
        weights = np.where((first == 0) & (l == 0), math.sqrt(0.5), 1.0)
        weights = weights / np.take_along_axis(weights, place, 1) / np.where((first == 0) & (place == 0), 2, 1)
        terms = math.factorial(k) * vectors[k] * weights * np.where((l - (m[:, None] - first) // 2) % 2 == 0, 1, -1)
        root = np.sqrt(pencil.u)
        near, far = (root * np.exp(sign * x[:, None]) for sign in (-1, 1))
        waves = lambda kind, order, lowest, t: _waves(kind, order, lowest, pencil.size, t)
        other = waves(1, a, place + first, near) * waves(kind, b, -place, far)
        return inner(terms, waves(1, a, -place, near) * waves(kind, b, place + first, far) + (other if even else -other))

    return (EVEN if even else ODD).each(of, m, 0 * m, q, x)


def _modified_row(even, kind, name):
    """The row of the same, whose derivatives by q and x are those of products."""
    row = helper(
        name, functools.partial(_modified, even, kind), 3, None, None, None, None,
        lambda k, a, b, m, q, x, out: row(k + 1, a, b, m, q, x) + (row(k, a + 1, b, m, q, x) + row(k, a, b + 1, m, q, x)) / (2 * q),
        lambda k, a, b, m, q, x, out: row(k, a, b + 1, m, q, x) - row(k, a + 1, b, m, q, x), domain=POSITIVE)
    return row


class Modified:
    """A modified function from its series: its value and its slope by x, and their slopes by q."""

    def __init__(self, even, kind, name):
        self.row = _modified_row(even, kind, name)

    def value(self, p, m, q, x):
        """The function (p = 0) or its slope by x (p = 1)."""
        return self.row.partials[5](0, 0, 0, m, q, x, None) if p else self.row(0, 0, 0, m, q, x)

    def by_q(self, p, m, q, x):
        """The slope of that by q."""
        by = lambda a, b: self.row.partials[4](0, a, b, m, q, x, None)
        return by(0, 1) - by(1, 0) if p else by(0, 0)


MODIFIED = {f"mathieu_mod{'cs'[not even]}em{kind}": Modified(even, kind, f"_mathieu_mod{'cs'[not even]}em{kind}_by")
            for even in (True, False) for kind in (1, 2)}

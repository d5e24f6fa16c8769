"""Spheroidal functions by c, to every order, from the Taylor coefficients of their series in Legendre and Bessel functions.

With u = c^2 for the prolate and u = -c^2 for the oblate ones, the angular function of whole m <= n is a sum of coefficients times the
Legendre functions P of degrees l = n, n +- 2, ... and order m (DLMF 30.8.1); the coefficients for P of norm 1 are the eigenvector of
diag(l (l + 1)) + u X, X being the square of the matrix of the multiplication by x. It is scaled such that at x = 0 it, or where that
is 0 its slope, is Legendre's (Flammer 1957, 3.1.29). The radial function of the first kind is the sum of the same coefficients times
spherical Bessel functions of c x, scaled such that for large x it is that of degree n (DLMF 30.11.3), times (1 -+ 1/x^2)^(m/2).

For a characteristic value that is given, be it one or not, SciPy's coefficients obey all rows of the recurrence but one, that in
which those from above stop growing (Zhang and Jin 1996, 15.2): a function of c and of that value, with derivatives by both. That of
the second kind is the sum of Bessel functions with these coefficients, SciPy's from x = 1.5 on; nearer to 1 SciPy takes others, whose
sums are the same for characteristic values only.
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.domain import POSITIVE
from dualnet.table.eigenpairs import Family, inner, power, quotient, remembered
from dualnet.table.jets import helper, times


def _degrees(m, n, size):
    """The degrees of the Legendre functions in the series, m and n being columns."""
    return m + (n - m) % 2 + 2.0 * np.arange(size)


def _shift(m, l):
    """The element of the matrix of x between the Legendre functions of norm 1 of degrees l - 1 and l (DLMF 14.10.3)."""
    return np.sqrt((l - m) * (l + m) / ((2 * l - 1) * (2 * l + 1)))


def _matrices(m, n, size):
    l = _degrees(m, n, size)
    up = _shift(m, l + 1)
    return l * (l + 1), np.square(up) + np.square(_shift(m, l)), up[:, :-1] * _shift(m, l[:, :-1] + 2)


def _value(m, n, u):
    c = np.sqrt(np.abs(u))
    out = sp.pro_cv(m, n, c)
    return out if np.all(u >= 0) else np.where(u < 0, sp.obl_cv(m, n, c), out)


SPHEROIDAL = Family("spheroidal functions", _value, _matrices, lambda m, n: (n - m) // 2,
                    lambda m, n, u: 8 + np.sqrt(np.square(n - m) / 4 + np.sqrt(np.abs(u)) * (20 + n)))


# --- the coefficients ---------------------------------------------------------------------------------------------------
def in_c(series, sign, c):
    """The Taylor coefficients by c, of those by u = sign c^2."""
    return np.array([sum(math.comb(j, i - j) * (2 * c) ** (2 * j - i) * sign**j * series[j] for j in range((i + 1) // 2, i + 1))
                     for i in range(len(series))])


def _norms(m, l, exponent):
    """The square roots of (2 l + 1) ((l + m)!/(l - m)!)^exponent, over that of the first of the degrees l; m is a column."""
    low, high = l[:, :-1], l[:, 1:]
    steps = (2 * high + 1) / (2 * low + 1) * ((high + m) * (high - 1 + m) / ((high - m) * (high - 1 - m))) ** exponent
    return np.sqrt(np.cumprod(np.concatenate([np.ones_like(m), steps], axis=1), axis=1))


def _left_out(pencil, m, n, a):
    """The row that SciPy's coefficients for the value a leave out: the first from above in which they, for P of any norm, stop growing."""
    ratio, norms = np.full(len(a), np.inf), _norms(m, _degrees(m, n, pencil.size), -1)
    place, diagonal = ((n - m) // 2)[:, 0].astype(int), pencil.low + pencil.u * pencil.middle - a[:, None]
    beside = np.concatenate([pencil.u * pencil.beside, np.zeros_like(pencil.u)], axis=1)
    todo = np.abs(pencil.u[:, 0]) >= 1e-20  # below, SciPy takes Legendre's functions
    place[todo] = 0
    for k in range(pencil.size - 1, 0, -1):
        ratio = -(diagonal[:, k] + beside[:, k] / ratio) / beside[:, k - 1]  # of the coefficient before to this one
        stop = todo & (np.abs(ratio) * norms[:, k - 1] <= norms[:, k])
        place[stop], todo = k, todo & ~stop
    return place


def coefficients(pencil, sign, orders, m, n, c, a, weights):
    """The Taylor coefficients, by c and where a value is given by that, of the vector whose product with the weights is 1."""
    if len(orders) == 1:
        vectors = SPHEROIDAL.series(pencil, orders[0], m[:, 0], n[:, 0])[1]
    else:
        vectors = pencil.solution(orders, a, _left_out(pencil, m, n, a))
    vectors = in_c(vectors, sign, c)
    return quotient(vectors, inner(vectors, weights))


# --- angular functions --------------------------------------------------------------------------------------------------
@remembered
def _legendre(m, n, size, p, x, rest=False):
    """The p-th derivatives of the Legendre functions of order m and norm 1 of the series' degrees, over that of degree m without
    (1 - x^2)^(m/2): m, n and x are columns. With `rest`, of what they are without their values at 0, or of odd ones their slopes times x,
    which do not depend on c, so that nothing cancels next to x = 0."""
    wall = np.array([(1 - x) * (1 + x), -2 * x, -np.ones_like(x), *[0 * x] * p])[:p + 1]
    shift, along = _shift(m, m + np.arange(2.0 * size))[:, :, None], lambda f: np.array(times(f, x))
    f = [np.zeros_like(wall), power(wall, m / 2)]
    g = [f[0], f[1].copy()]
    g[1][0] = np.expm1(m / 2 * np.log1p(-x * x))
    for i in range(1, 2 * size):
        g.append((along((f if i % 2 == 0 else g)[-1]) - shift[:, i - 1] * g[-2]) / shift[:, i])
        f.append((along(f[-1]) - shift[:, i - 1] * f[-2]) / shift[:, i])
    out = math.factorial(p) * np.concatenate([h[p] for h in (g if rest else f)[1:]], axis=1)
    return np.where((n - m) % 2 == 1, out[:, 1::2], out[:, ::2])


def _flammer(m, n, at_0):
    """Legendre's function of degree n and order m, or its slope, at 0, from those of :func:`_legendre` for all degrees."""
    norms = _norms(m, _degrees(m, n, at_0.shape[1]), -1) * np.where((n - m) % 2 == 1, np.sqrt(2 * m + 3) / (2 * m + 1), 1.0)
    own = ((n - m) // 2).astype(int)
    first = 2**m * sp.gamma(m + 0.5) / math.sqrt(math.pi)
    return (first * np.take_along_axis(at_0 / norms, own, 1))[:, 0]


def _at_0(m, n, size):
    """The Legendre functions, or of odd n - m their slopes, at 0."""
    return np.where((n - m) % 2 == 1, *(_legendre(m, n, size, p, 0 * m) for p in (1, 0)))


def at_0(m, n, u):
    """The angular function, or of odd n - m its slope, at 0."""
    return SPHEROIDAL.each(lambda pencil, m, n: _flammer(m[:, None], n[:, None], _at_0(m[:, None], n[:, None], pencil.size)), m, n, u)


@remembered
def legendre_sum(sign, orders, p, m, n, c, x, a=None):
    """The Taylor coefficients of the angular function's p-th derivative by x: by c up to the first of the orders and, of a value a that
    is given, by that."""
    def of(pencil, m, n, c, x, a=None):
        m, n, c, x = (v[:, None] for v in (m, n, c, x))
        weights = _at_0(m, n, pencil.size)
        terms = coefficients(pencil, sign, orders, m, n, c, a, weights) * _flammer(m, n, weights)[:, None]
        out = inner(terms, _legendre(m, n, pencil.size, p, x, True))
        out[(0,) * len(orders)] = inner(terms[(0,) * len(orders)], _legendre(m, n, pencil.size, p, x))
        return out

    x = np.where(np.abs(x) < 1, x, np.nan)
    return SPHEROIDAL.each(of, m, n, sign * c * c, c, x, *(() if a is None else (a,)), leading=tuple(k + 1 for k in orders))


def at_least_1(orders):
    """The orders that are asked for, values and slopes at once: both are needed at most points."""
    return tuple(max(k, 1) for k in orders)


def _angular(sign, orders, p, *args):
    return legendre_sum(sign, at_least_1(orders), p, *args)[orders] * math.prod(map(math.factorial, orders))


def lost_angle(sign, m, n, c, x):
    """How many times the sum at x cancels, over which it is that at 0."""
    def of(pencil, m, n, c, x):
        v, (m, n, x) = SPHEROIDAL.series(pencil, 0, m, n)[1][0], (w[:, None] for w in (m, n, x))
        terms = v * (_legendre(m, n, pencil.size, 0, x) if sign > 0 else _at_0(m, n, pencil.size))
        return np.sum(np.abs(terms), axis=1) / np.abs(np.sum(terms, axis=1))

    return SPHEROIDAL.each(of, m, n, sign * c * c, c, np.where(np.abs(x) < 1, x, np.nan))


def row_of(name, function, leading, given=False):
    """The row of a function's derivatives, whose arguments are `leading` ones that say which, the orders by c, by a value that may be
    `given` and by x, and m, n, c, that value and x."""
    count = 3 if given else 2

    def found(*args):
        which, orders, (m, n, c, *a, x) = args[:leading], args[leading:leading + count], args[leading + count:]
        return function(*which, orders[:-1], orders[-1], m, n, c, x, *a)

    def by(i):
        place = leading + i
        return lambda *args: row(*args[:place], args[place] + 1, *args[place + 1:-1])

    row = helper(name, found, count + 2, *[None] * (leading + count + 2), *map(by, range(count)), domain=POSITIVE)
    return row


spheroidal_ang_cv_by = row_of("_spheroidal_ang_cv_by", _angular, 1, True)


# --- radial functions, over (x^2 -+ 1)^(m/2) ------------------------------------------------------------------------------
@remembered
def _spherical(second, highest, m, z):
    """z^-m times the spherical Bessel functions of the first or the second kind, of degrees up to the highest, a row for each m and z."""
    if second:  # upwards (DLMF 10.51.1)
        out = [-np.cos(z) / z, -np.cos(z) / (z * z) - np.sin(z) / z]
        for l in range(1, highest):
            out.append((2 * l + 1) / z * out[-1] - out[-2])
        return np.concatenate(out, axis=1) * z**-m
    degrees = np.arange(highest + 1)
    at_0 = np.where(degrees == m, math.sqrt(math.pi) / 2 / (2**m * sp.gamma(m + 1.5)), 0.0)
    return np.where(z == 0, at_0, sp.spherical_jn(degrees, z) * np.where(z == 0, 1.0, z) ** -m)


def _bessel(second, p, m, l, z):
    """The p-th derivatives of the same, of degrees l: from their neighbours' (DLMF 10.51.1 and 10.51.2), with nothing that cancels next to
    z = 0."""
    f = _spherical(second, int(np.max(l)) + max(p, 4), m, z)
    degrees = np.arange(f.shape[1])
    for _ in range(p):
        inside = degrees[:f.shape[1] - 1]
        left = np.concatenate([np.zeros_like(f[:, :1]), f[:, :-2]], axis=1)
        f = ((inside - m) * left - (inside + m + 1) * f[:, 1:]) / (2 * inside + 1)
    return np.take_along_axis(f, l.astype(int), 1)


def _waves(second, k, p, m, l, c, x):
    """The k-th Taylor coefficient by c of the p-th derivative by x of c^m times the same of c x."""
    front = lambda i: sp.binom(m + p, k - i) * c ** np.maximum(m + p - k + i, 0) * x**i / math.factorial(i)
    return sum(front(i) * _bessel(second, p + i, m, l, c * x) for i in range(k + 1))


@remembered
def bessel_sum(sign, second, orders, p, m, n, c, x, a=None):
    """The Taylor coefficients of the sum of Bessel functions of the first or the second kind, by c up to the first of the orders and, of a
    value a that is given, by that; of its p-th derivative by x. NaN for the second kind at x <= 1, where the sum does not converge."""
    def of(pencil, m, n, c, x, rows, a=None):
        m, n, c, x = (v[:, None] for v in (m, n, c, x))
        l = _degrees(m, n, pencil.size)
        weights, needed = _norms(m, l, 1), np.arange(pencil.size) < rows[:, None]
        terms = coefficients(pencil, sign, orders, m, n, c, a, weights) * weights * np.where((l - n) % 4 == 0, 1, -1)
        waves = [np.where(needed, _waves(second, i, p, m, l, c, x), 0.0) for i in range(orders[0] + 1)]  # further ones may overflow
        total = np.array([sum(inner(terms[i - j], wave) for j, wave in enumerate(waves[:i + 1])) for i in range(orders[0] + 1)])
        return np.where(np.isfinite(total), total, np.nan)

    x = np.where(x > 1 if sign > 0 else x >= 0, x, np.nan)
    u, more = sign * c * c, np.where(x > 1, 20 / np.log(x), np.nan) if second else 0
    rows = SPHEROIDAL.need(m, n, u) + more if second else np.full_like(x, np.inf)
    return SPHEROIDAL.each(of, m, n, u, c, x, rows, *(() if a is None else (a,)), more=more, leading=tuple(k + 1 for k in orders))


def summed(sign, second, orders, p, *args):
    """The derivative of these orders, and of order p by x, of the radial function of the first or the second kind."""
    return bessel_sum(sign, second, at_least_1(orders), p, *args)[orders] * math.prod(map(math.factorial, orders))


spheroidal_rad_cv_by = row_of("_spheroidal_rad_cv_by", summed, 2, True)


def lost(sign, m, n, c):
    """How many times the sum by which the radial functions are scaled cancels."""
    def of(pencil, m, n, c):
        v, weights = SPHEROIDAL.series(pencil, 0, m, n)[1][0], _norms(m[:, None], _degrees(m[:, None], n[:, None], pencil.size), 1)
        return inner(np.abs(v), weights) / np.abs(inner(v, weights))

    return SPHEROIDAL.each(of, m, n, sign * c * c, c)

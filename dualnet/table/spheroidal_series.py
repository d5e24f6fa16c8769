"""Spheroidal functions by c, to every order, from the Taylor coefficients of their series in Legendre and Bessel functions.

With u = c^2 for the prolate and u = -c^2 for the oblate ones, the angular function of whole m <= n is a sum of coefficients times the
Legendre functions P of degrees l = n, n +- 2, ... and order m (DLMF 30.8.1); the coefficients for P of norm 1 are the eigenvector of
diag(l (l + 1)) + u X, X being the square of the matrix of the multiplication by x. It is scaled such that at x = 0 it, or where that
is 0 its slope, is Legendre's (Flammer 1957, 3.1.29). The radial function is the sum of the same coefficients times spherical Bessel
functions of z = c x, scaled such that for large z it is that of degree n (DLMF 30.11.3), times (1 -+ 1/x^2)^(m/2).
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.domain import POSITIVE
from dualnet.table.eigenpairs import Family, characteristic, elementwise, inner, power, remembered
from dualnet.table.jets import product
from dualnet.table.row import pointwise, primal


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
spheroidal_cv_by = characteristic(SPHEROIDAL, "_spheroidal_cv_by")


# --- angular functions --------------------------------------------------------------------------------------------------
@remembered
def _legendre(m, n, size, x):
    """The Legendre functions of order m and norm 1 of the series' degrees, over that of degree m without (1 - x^2)^(m/2), and their
    slopes: m and x are columns."""
    wall, shift = (1 - x) * (1 + x), _shift(m, m + np.arange(2.0 * size))[:, :, None]
    f, g = [0 * x, wall ** (m / 2)], [0 * x, -m * x * wall ** (m / 2 - 1)]
    for i in range(1, 2 * size):
        f, g = [*f, (x * f[-1] - shift[:, i - 1] * f[-2]) / shift[:, i]], [*g, (f[-1] + x * g[-1] - shift[:, i - 1] * g[-2]) / shift[:, i]]
    f, g = (np.concatenate(h[1:], axis=1) for h in (f, g))
    odd = (n - m) % 2 == 1
    return tuple(np.where(odd, h[:, 1::2], h[:, ::2]) for h in (f, g))


def _flammer(m, n, at_0):
    """Legendre's function of degree n and order m, or its slope, at 0, from those of :func:`_legendre` for all degrees."""
    l = _degrees(m, n, at_0.shape[1])
    steps = (2 * l[:, 1:] + 1) / (2 * l[:, :-1] + 1) * (l[:, 1:] - m) * (l[:, 1:] - 1 - m) / ((l[:, 1:] + m) * (l[:, 1:] - 1 + m))
    start = np.where((n - m) % 2 == 1, (2 * m + 3) / np.square(2 * m + 1), 1.0)
    norms = np.sqrt(np.concatenate([start, start * np.cumprod(steps, axis=1)], axis=1))
    own = ((n - m) // 2).astype(int)
    first = 2**m * sp.gamma(m + 0.5) / math.sqrt(math.pi)
    return (first * np.take_along_axis(at_0 / norms, own, 1))[:, 0]


@elementwise
def _angular(k, p, m, n, u, x):
    """d^k/du^k of the angular function (p = 0) or of its slope by x (p = 1)."""
    def of(pencil, start, m, n, x):
        vectors = SPHEROIDAL.series(pencil, k, start, m, n)[1]
        m, n, x = (v[:, None] for v in (m, n, x))
        at_0 = np.where((n - m) % 2 == 1, *_legendre(m, n, pencil.size, 0 * x)[::-1])
        terms = product(power(inner(vectors, at_0), -1)[..., None], vectors)[k]
        return math.factorial(k) * _flammer(m, n, at_0) * inner(terms, _legendre(m, n, pencil.size, x)[p])

    return SPHEROIDAL.each(of, m, n, u, np.where(np.abs(x) < 1, x, np.nan))


def _angular_dx(k, p, m, n, u, x, out):
    """The slope by x: that of the slope by the differential equation (DLMF 30.2.1), differentiated by u."""
    if p == 0:
        return spheroidal_ang_by(k, 1, m, n, u, x)
    wall = (1 - x) * (1 + x)
    total = 2 * x * out - (spheroidal_cv_by(0, m, n, u) - u * x * x - m * m / wall) * spheroidal_ang_by(k, 0, m, n, u, x)
    for i in range(1, k + 1):
        rise = spheroidal_cv_by(i, m, n, u) - (x * x if i == 1 else 0)
        total = total - math.comb(k, i) * rise * spheroidal_ang_by(k - i, 0, m, n, u, x)
    return total / wall


def _angular_by(k, p, m, n, u, x):
    return _angular((k, p), m, n, u, x)


_angular_by.__name__ = "_spheroidal_ang_by"
spheroidal_ang_by = pointwise(_angular_by, None, None, None, None, lambda k, p, m, n, u, x, out: spheroidal_ang_by(k + 1, p, m, n, u, x),
                              _angular_dx, name="_spheroidal_ang_by", domain=POSITIVE)


def angular_by_c(sign, p):
    """The slope by c of the angular function (p = 0) or of its slope by x (p = 1)."""
    return lambda m, n, c, x, y, dy: 2 * sign * c * spheroidal_ang_by(1, p, m, n, sign * c * c, x)


# --- radial functions ---------------------------------------------------------------------------------------------------
REACH = 1.1  # x from which the series of the second kind, whose terms fall as x^-l, is taken


@remembered
def _spherical(second, highest, m, z):
    """z^-m times the spherical Bessel functions of degrees up to the highest, one row for each m and z."""
    degrees = np.arange(highest + 1)
    if second:
        return sp.spherical_yn(degrees, z) * z**-m
    at_0 = np.where(degrees == m, math.sqrt(math.pi) / 2 / (2**m * sp.gamma(m + 1.5)), 0.0)
    return np.where(z == 0, at_0, sp.spherical_jn(degrees, z) * np.where(z == 0, 1.0, z) ** -m)


def _bessel(second, p, m, l, z):
    """The p-th derivatives of the same, of degrees l: from their neighbours' (DLMF 10.51.1 and 10.51.2), with nothing that cancels next to
    z = 0."""
    f = _spherical(second, int(np.max(l)) + max(p, 4), m, z)
    degrees = np.arange(f.shape[1])
    for _ in range(p):
        inner = degrees[:f.shape[1] - 1]
        left = np.concatenate([np.zeros_like(f[:, :1]), f[:, :-2]], axis=1)
        f = ((inner - m) * left - (inner + m + 1) * f[:, 1:]) / (2 * inner + 1)
    return np.take_along_axis(f, l.astype(int), 1)


@elementwise
def _radial(second, k, p, m, n, u, z):
    """d^(k+p)/du^k dz^p of z^-m times the sum of spherical Bessel functions of the first or the second kind."""
    def of(pencil, start, m, n, z):
        vectors = SPHEROIDAL.series(pencil, k, start, m, n)[1]
        m, n, z = (v[:, None] for v in (m, n, z))
        l = _degrees(m, n, pencil.size)
        steps = (2 * l[:, 1:] + 1) / (2 * l[:, :-1] + 1) * (l[:, 1:] + m) * (l[:, 1:] - 1 + m) / ((l[:, 1:] - m) * (l[:, 1:] - 1 - m))
        weights = np.sqrt(np.concatenate([np.ones_like(m), np.cumprod(steps, axis=1)], axis=1))
        terms = product(power(inner(vectors, weights), -1)[..., None], vectors)[k] * weights * np.where((l - n) % 4 == 0, 1, -1)
        return math.factorial(k) * inner(terms, _bessel(second, p, m, l, z))

    fall = np.log(np.abs(z)) - np.log(np.abs(u)) / 2
    return SPHEROIDAL.each(of, m, n, u, z, more=np.where(fall > math.log(REACH), 20 / fall, np.nan) if second else 0)


def _radial_by(second, k, p, m, n, u, z):
    return _radial((second, k, p), m, n, u, z)


_radial_by.__name__ = "_spheroidal_rad_by"
spheroidal_rad_by = pointwise(
    _radial_by, None, None, None, None, None, lambda second, k, p, m, n, u, z, out: spheroidal_rad_by(second, k + 1, p, m, n, u, z),
    lambda second, k, p, m, n, u, z, out: spheroidal_rad_by(second, k, p + 1, m, n, u, z), name="_spheroidal_rad_by", domain=POSITIVE)


def _parts(sign, second, m, n, c, x):
    """(x^2 -+ 1)^(m/2) and its slope, c^m and its slope, and the derivatives of z^-m times the sum by u and z, of their orders."""
    wall = x * x - sign
    return (wall ** (m / 2), m * x * wall ** (m / 2 - 1)), (c**m, m * c ** np.maximum(m - 1, 0)), (
        lambda k, p: spheroidal_rad_by(second, k, p, m, n, sign * c * c, c * x))


def radial(sign, second, p, m, n, c, x):
    """The radial function (p = 0) or its slope by x (p = 1)."""
    front, scale, wave = _parts(sign, second, m, n, c, x)
    return scale[0] * (front[1] * wave(0, 0) + front[0] * c * wave(0, 1) if p else front[0] * wave(0, 0))


def radial_by_c(sign, second, p, other):
    """The slope by c of the radial function (p = 0) or of its slope by x (p = 1); `other` is taken where the series does not converge."""
    def exact(m, n, c, x):
        front, scale, wave = _parts(sign, second, m, n, c, x)
        slope = lambda p: scale[1] * wave(0, p) + scale[0] * (2 * sign * c * wave(1, p) + x * wave(0, p + 1))
        return front[1] * slope(0) + front[0] * (scale[0] * wave(0, 1) + c * slope(1)) if p else front[0] * slope(0)

    def by_c(m, n, c, x, out):
        args = [np.asarray(primal(a)) for a in (m, n, c, x)]
        found = spheroidal_rad_by(second, 0, 0, *args[:2], sign * np.square(args[2]), args[2] * args[3])
        return _either(np.isfinite(found), exact, lambda *args: other(*args, out), m, n, c, x)

    return by_c


def _either(mask, f, g, *args):
    """f of the arguments where `mask` is True and g elsewhere, each of points of its own only."""
    if np.all(mask):
        return f(*args)
    if not np.any(mask):
        return g(*args)
    whole = [np.broadcast_to(primal(a), mask.shape).reshape(-1) for a in args]
    of = lambda held: [np.where(held, a, plain[np.argmax(held)]) for a, plain in zip(args, whole)]
    return np.where(mask, f(*of(mask)), g(*of(~mask)))

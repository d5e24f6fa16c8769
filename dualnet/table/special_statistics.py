"""Rows of ``scipy.special``: the distributions of Kolmogorov, Smirnov, Tukey and Voigt."""

import math

import numpy as np
import scipy.special as sp
from scipy.special import _ufuncs

from dualnet.table.densities import over
from dualnet.table.domain import POSITIVE, REAL
from dualnet.table.faddeeva import faddeeva_by
from dualnet.table.jets import exponential, helper, product
from dualnet.table.parameters import in_double
from dualnet.table.row import pointwise, primal
from dualnet.table.special import ROOT_2PI, UNIT, exprel_dx, polynomial, row
from dualnet.table.special_incomplete import kind_of
from dualnet.table.stirling import log1p_less, stirling

ROOT_PI = math.sqrt(math.pi)
LOW = 8  # powers whose derivatives are those of binomials


# --- Kolmogorov and Smirnov ----------------------------------------------------------------------------------------
def kolmogorov_density(x):
    """Kolmogorov's density: the slope of 1 - 2 sum (-1)^(k-1) exp(-2 k^2 x^2), and of its theta transform below 0.9,
    where that converges faster; 0 below 0.03 and above 30, where it underflows."""
    small, inside = primal(x) < 0.9, ~((primal(x) < 0.03) | (primal(x) > 30))
    near, far = np.where(small & inside, x, 0.5), np.where(small | ~inside, 1.0, x)
    left = right = 0.0
    for k in range(1, 5):
        c = ((2 * k - 1) * math.pi) ** 2 / 8
        left = left + np.exp(-c / np.square(near)) * (2 * c / np.square(near) - 1)
    for k in range(7, 0, -1):
        right = 8 * (-1) ** (k - 1) * k * k * far * np.exp(-2 * k * k * np.square(far)) + right
    return np.where(inside, np.where(small, ROOT_2PI * left / np.square(near), right), 0.0)


row("kolmogorov", lambda x, out: -kolmogorov_density(x), domain=POSITIVE)
row("kolmogi", lambda y, out: over(-1, kolmogorov_density(out)), domain=UNIT)


def _smirnov(k, n, d):
    """The k-th derivative by d of Smirnov's d sum_j binom(n, j) (d + j/n)^(j-1) (1 - d - j/n)^(n-j), n whole.

    Those of a low power of 1 - d - j/n are of binomials, which end; those of the others follow from the logarithm, in which less cancels.
    """
    n, d = np.floor(n)[:, None], d[:, None]
    j = np.arange(1, int(np.nanmax(n, initial=0)) + 1)  # the term of j = 0 is (1 - d)^n, whose factors cancel for small d
    rest = 1 - d - j / n
    held = (rest > 0) & (j <= n)
    up, down, rest = d + j / n, np.where(held, n - j, 0), np.where(held, rest, 0.5)
    # the terms by the deviances of j and n - j from what they would be at d = 0, as logarithms of powers lose digits (Loader 2000)
    less = np.where(held, down, 1)
    base = 0.5 * np.log(n / (2 * math.pi * j * less)) + stirling(n) - stirling(j) - stirling(less)
    term = np.where(held, np.exp(base + j * log1p_less(n * d / j) + down * log1p_less(np.where(held, -n * d / less, 0.0))) / up, 0.0)
    jets = [exponential([0 * term, *((-((-1 / up) ** i) * (j - 1) - rest ** -float(i) * down) / i for i in range(1, k + 1))])]
    jets += [product(*([sp.binom(m, i) * x**i for i in range(k + 1)] for m, x in ((j - 1, 1 / up), (down, -1 / rest))))]
    last, jet = (np.sum(term * np.where(down > LOW, *(p[i] for p in jets)), axis=-1) for i in (k - 1, k))
    n, d = n[:, 0], d[:, 0]
    return math.factorial(k) * (d * jet + last + (-1) ** k * sp.binom(n, k) * np.power(1 - d, np.maximum(n - k, 0)))


smirnov_by = helper("_smirnov_by", _smirnov, 2, None, None, lambda k, n, d, out: smirnov_by(k + 1, n, d), domain=(POSITIVE, POSITIVE, UNIT),
                    chunk=1 << 8)
row("_smirnovp", None, lambda n, d, out: smirnov_by(2, n, d), domain=(POSITIVE, UNIT))
row("smirnov", None, lambda n, d, out: _ufuncs._smirnovp(n, d), domain=(POSITIVE, UNIT))
row("smirnovi", None, lambda n, y, out: over(1, _ufuncs._smirnovp(n, out)), domain=(POSITIVE, UNIT))


# --- Tukey's lambda --------------------------------------------------------------------------------------------------
def _tukey_log(x, shape):
    """The logarithm of Tukey's distribution function, p^s/s - (1-p)^s/s = x, by bisection of log(p) on the lower half.

    SciPy's own function has an error of 1e-14 beside 1 and so is lost in the tails, where slopes depend on it most.
    """
    kind = kind_of(x, shape)
    x, shape = (np.asarray(v, float) for v in np.broadcast_arrays(x, shape))
    flat = np.abs(shape) < 1e-300

    def quantile(u):
        other, s = np.log1p(-np.exp(u)), np.where(flat, 1.0, shape)
        return np.where(flat, u - other, (np.expm1(s * u) - np.expm1(s * other)) / s)

    low, high = np.full_like(x, LOWEST), np.full_like(x, -math.log(2))
    with np.errstate(all="ignore"):
        for _ in range(66):
            middle = 0.5 * (low + high)
            over = quantile(middle) > -np.abs(x)
            low, high = np.where(over, low, middle), np.where(over, middle, high)
        out = np.where(x > 0, np.log1p(-np.exp(high)), high)
    return np.where(np.isnan(x) | np.isnan(shape), np.nan, out).astype(kind)[()]


def _tukey_series(e, s):
    """2^(s-1)/e times the quantile (p^s - (1-p)^s)/s of p = (1 + e)/2 and its slope by s, and 2^(s-1) times its slope by e."""
    c, d, power, value, by_s, by_e = 1.0, 0.0, 1.0, 1.0, 0.0, 1.0
    for j in range(1, 11):  # the binomial series, of which odd powers of e remain; no slope of it cancels next to e = 0
        front, up = 1 / (2 * j * (2 * j + 1)), (s - 2 * j + 1) * (s - 2 * j)
        c, d, power = c * up * front, (d * up + c * (2 * s - 4 * j + 1)) * front, power * e * e
        value, by_s, by_e = value + c * power, by_s + d * power, by_e + (2 * j + 1) * c * power
    return value, by_s - math.log(2) * value, by_e


def _tukey_excess(x, s):
    """2 p - 1 for Tukey's probability p next to x = 0, by Newton's method."""
    target = x * np.exp2(s - 1)
    e = target
    for _ in range(5):
        value, _, by_e = _tukey_series(e, s)
        e = e - (e * value - target) / by_e
    return e


def _tukey_next_to_0(x, s, place):
    """Half of the slope of 2 p - 1 by x or by the shape, of the equation that it obeys."""
    e = tukey_excess(x, s)
    _, by_s, by_e = _tukey_series(e, s)
    return 0.5 * (-e * by_s if place else np.exp2(s - 1)) / by_e


def tukey_slope(x, shape, place):
    """The slope of Tukey's distribution function by x (place 0) or by its shape (place 1); 0 outside of its support."""
    close = np.abs(primal(x)) * np.exp2(primal(shape) - 1) * (2 + np.abs(primal(shape))) < 0.1
    if not np.any(close):
        return _tukey_beyond(x, shape, place)
    near = _tukey_next_to_0(np.where(close, x, 0.0), np.where(close, shape, 0.0), place)
    if np.all(close):
        return near
    return np.where(close, near, _tukey_beyond(np.where(close, 1.0, x), np.where(close, 0.5, shape), place))


def _tukey_beyond(x, shape, place):
    one, other = tukey_log(x, shape), tukey_log(-x, shape)
    inside = ~((np.minimum(primal(one), primal(other)) < 0.9 * LOWEST) | np.isinf(primal(x)))
    one, other = np.where(inside, one, -1.0), np.where(inside, other, -1.0)
    density = 1 / (np.exp((shape - 1) * one) + np.exp((shape - 1) * other))
    if place == 1:
        bend = np.square(one) * exprel_dx(shape * one) - np.square(other) * exprel_dx(shape * other)
        return np.where(inside, -bend * density, 0.0)
    return np.where(inside, density, 0.0)


LOWEST = -1e4
tukey_excess = pointwise(_tukey_excess, *(lambda x, s, out, k=k: 2 * _tukey_next_to_0(x, s, k) for k in (0, 1)))
tukey_log = pointwise(_tukey_log, *(lambda x, shape, out, k=k: tukey_slope(x, shape, k) * np.exp(-out) for k in (0, 1)))
row("tklmbda", lambda x, shape, out: tukey_slope(x, shape, 0), lambda x, shape, out: tukey_slope(x, shape, 1))


# --- Voigt's profile -------------------------------------------------------------------------------------------------------
DOUBLE = [math.prod(range(1, 2 * k, 2)) for k in range(32)]
W_FIRST = [c * (2 * k + 1) for k, c in enumerate(DOUBLE)]
W_SECOND = [c * (2 * k + 2) for k, c in enumerate(W_FIRST)]


def _faddeeva_slope(x, s, g, order):
    """The first or second derivative of the Faddeeva function w at z = (x + i g)/(s sqrt(2)), over s^2.

    Beyond 7 it is that of the asymptotic series of w, in factors that stay in the range.
    """
    turned = (x + 1j * g) / math.sqrt(2)
    z = np.divide(turned, s)
    far = np.abs(primal(z)) > 7
    near, far_z, scale_z = np.where(far, 1.0, z), np.where(far, z, 9.0), np.where(far, turned, 9.0)
    u, scale = 0.5 * np.square(1 / far_z), 1j / ROOT_PI * np.square(1 / scale_z)
    series = -scale * polynomial(u, W_FIRST) if order == 1 else scale / far_z * polynomial(u, W_SECOND)
    # next to the real axis the real part of the series is small beside exp(-z^2), which it lacks
    s2, held = np.where(far, 1.0, s) * np.where(far, 1.0, s), (np.imag(primal(far_z)) < 0.1) & (np.abs(primal(far_z)) < 40)
    if np.any(held):
        bell_z = np.where(held, far_z, 9.0)
        bell = np.where(held, np.exp(-np.square(bell_z)), 0.0) / s / s
        series = series + (-2 * bell_z if order == 1 else 4 * np.square(bell_z) - 2) * bell
    return np.where(far, series, faddeeva_by(order, near) / s2)


def _voigt_x(x, s, g, out):
    return np.real(_faddeeva_slope(x, s, g, 1)) / (2 * ROOT_PI)


def _voigt_s(x, s, g, out):
    """s times the second derivative by x: the profile is a convolution with a normal density and obeys the heat equation."""
    return np.real(_faddeeva_slope(x, s, g, 2)) / (2 * math.sqrt(2) * ROOT_PI)


def _voigt_g(x, s, g, out):
    return -np.imag(_faddeeva_slope(x, s, g, 1)) / (2 * ROOT_PI)


row("voigt_profile", _voigt_x, _voigt_s, _voigt_g, domain=(REAL, POSITIVE, POSITIVE))

in_double()

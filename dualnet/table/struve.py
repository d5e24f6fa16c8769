"""Derivatives of Struve's functions H and L by their order, of any order, and mixed with those by the argument.

Their power series (DLMF 11.2.1, 11.2.2) are summed as jets in the order: those of L have terms of one sign, those of H cancel for
large x. There H = Y + K (DLMF 11.2.5), where K is Laplace's integral of (1 + t^2)^(v - 1/2) (DLMF 11.5.2), whose derivatives by the
order are powers of a logarithm under it, taken by the double exponential rule (Takahasi and Mori 1974); for orders far above x, where
Y and K cancel, H is the integral of (1 - t^2)^(v - 1/2) sin(x t) (DLMF 11.5.1). Odd derivatives of L by an order next to 0 cancel, too,
as I is nearly even there: L = I + M, where M is minus the integral of (1 - t^2)^(v - 1/2) (DLMF 11.5.4).
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.bessel_orders import i_by, odd_part
from dualnet.table.domain import POSITIVE, REAL
from dualnet.table.doubled import gauss_legendre
from dualnet.table.jets import falling, helper, ladder, power, product, rgamma, times
from dualnet.table.parameters import Numeric
from dualnet.table.row import TABLE, Traced, primal

ROOT_PI = math.sqrt(math.pi)
LOWEST = -150.0  # orders below this come from SciPy's values
LARGE, SPLIT = 50, 1.3  # orders from which H is the integral of a sine up to this times the order: the path of K has a hump before x = v
HIGHEST = 2e4    # where H is below the range for all x far below the order
TERMS, NODES = 1000, 128
LONG = 400.0  # of x, from which on the power series of L of large orders would need ever more
SMALL = 0.3  # of x, up to which slopes by x are those of the power series
NEXT, NEAR = 0.07, 4.0  # orders next to 0, where odd derivatives of the series of L cancel from this x on
FAR = 20.0  # from here on, or next to order 0 twice this, what is left of L beside I is its expansion for large x


def _series(sign, k, m, v, x):
    """d^(k+m)/dv^k dx^m of the sum of sign^n (x/2)^(2n+v+1)/(gamma(n+3/2) gamma(n+v+3/2)); sign is -1 for H, 1 for L."""
    out = np.full_like(x, np.nan)
    out[(x == 0) & (v + 1 > m)] = 0
    good = (x > 0) & (x < np.inf) & (v >= LOWEST) & (v < np.inf)
    even = good & (sign > 0) & (np.abs(v) < NEXT) & (x > NEAR) & (x <= 2 * FAR)
    far = good & (sign > 0) & ~even & (x > FAR) & (np.abs(v) < np.where(x > 2 * FAR, 0.5 * x, 3.0))
    large = good & ~far & (v > LARGE) & ((x > LONG) if sign > 0 else (v < HIGHEST) & (x * x > 2 * v))
    summed = lambda *args: _sum(sign, 0.5, *args)[k] * math.factorial(k)
    ways = (good & ~far & ~even & ~large, summed), (even, _nearly_even), (far, _expansion), (large, _by_sine if sign < 0 else _beside_i)
    for mask, way in ways:
        if np.any(mask):
            out[mask] = way(k, m, v[mask], x[mask])
    return out


def _expansion(k, m, v, x):
    """The same of L for large x, in which it is nearly even: I of order -v and the powers of x that are the rest (DLMF 11.6.2)."""
    at, log, total = 1 / x, np.log(0.5 * x), (-1) ** k / math.factorial(k) * i_by(k, m, 0, -v, x)
    for n in range(12):
        part = rgamma(v + 0.5 - n, k, (v - 2 * n - 1) * log, log)
        total = total - (-1) ** n * math.gamma(n + 0.5) / math.pi * falling(part, v - 2 * n - 1, m)[k] * at**m
    return math.factorial(k) * total


def _sum(sign, half, k, m, v, x):
    """The jet of order k in v of the m-th derivative by x of the sum, or for half = 0 in place of 1/2 of that of J or I."""
    log, square, first = np.log(0.5 * x), 0.25 * sign * x * x, np.maximum(np.ceil(-0.5 - half - v), 0.0)
    base = rgamma(first + v + half + 1, k, (2 * first + v + 2 * half) * log - m * np.log(x) - sp.gammaln(first + half + 1), log)
    base = [np.where(first % 2, sign, 1) * c for c in base]

    def slope(p, n):
        for i in range(m):
            p = times(p, v + (2 * n + 2 * half - i))  # to the last digit, also where the power is next to a whole one
        return np.array(p)

    return ladder(base, first, square, v, half, slope, TERMS)


def _next_to_0(k, m, v, x):
    """The same of I by its even and its odd part."""
    terms = _sum(1, 0.0, k + 8, m, 0 * v, x)
    return sum(terms[n] * v ** (n - k) * math.perm(n, k) for n in range(k + k % 2, k + 9, 2)) - odd_part(k, m, 0, v, x)


def _nearly_even(k, m, v, x):
    """The same of L next to order 0: I + M."""
    def path(u):
        w = math.pi * np.sinh(u)
        t, less = sp.expit(w), -np.logaddexp(0, w)
        return t, less + np.log1p(t), t * np.exp(less) * (math.pi * np.cosh(u))

    out, far = -_laplace(k, m, v, x, -3.4, 4.0, path, 3 * NODES // 4), x >= FAR
    for mask, way in ((~far, _next_to_0), (far, lambda k, m, v, x: i_by(k, m, 0, v, x))):
        if np.any(mask):
            out[mask] += way(k, m, v[mask], x[mask])
    return out


def _rest(k, m, v, x):
    """d^(k+m)/dv^k dx^m of K_v(x) = H_v(x) - Y_v(x)."""
    out = np.full_like(x, np.nan)
    good = (x > 0) & (x < np.inf) & (v >= LOWEST) & (v < np.inf)
    v, x = v[good], x[good]
    scale = np.minimum(1 / x, 1.0)

    def path(u):
        t = scale * np.exp(u - np.exp(-u))
        return t, np.log1p(t * t), t * (1 + np.exp(-u))

    out[good] = _laplace(k, m, v, x, -np.log(53.0), np.log(750 / (x * scale)) + 0.1, path)
    return out


def _by_sine(k, m, v, x):
    """The same of H for large orders."""
    width = np.minimum(1.0, np.sqrt(46 / v))  # beyond it the power is below 1e-20
    nodes, weights = gauss_legendre(40 + int(0.6 * np.max(width * x)))

    def path(j):
        t = 0.5 * width * (1 + nodes[int(j)])
        return -1j * t, np.log1p(-t * t), 0.5 * width * weights[int(j)]

    return _laplace(k, m, v, x, 0.0, len(nodes) - 1.0, path, len(nodes)).imag


def _beside_i(k, m, v, x):
    """The same of L for large orders: I + M."""
    width = np.minimum(1.0, 92 / (x + np.sqrt(x * x + 184 * v)))  # beyond it the integrand is below 1e-20
    nodes, weights = gauss_legendre(40)

    def path(j):
        t = 0.5 * width * (1 + nodes[int(j)])
        return t, np.log1p(-t * t), 0.5 * width * weights[int(j)]

    return i_by(k, m, 0, v, x) - _laplace(k, m, v, x, 0.0, len(nodes) - 1.0, path, len(nodes))


def _laplace(k, m, v, x, low, high, path, nodes=NODES):
    """d^(k+m)/dv^k dx^m of 2 (x/2)^v/(sqrt(pi) gamma(v + 1/2)) times the integral of exp(-x t + (v - 1/2) b) along t, where ``path(u)`` is
    t, b and dt/du, in as many nodes u from low to high."""
    log = np.log(0.5 * x)
    front = rgamma(v + 0.5, k, v * log, log)
    largest = np.abs(front[0]) + (front[0] == 0)
    h, total = (high - low) / (nodes - 1), [0.0] * (k + 1)
    for j in range(nodes):
        t, bend, step = path(low + j * h)
        p = power(np.exp((v - 0.5) * bend - x * t) * step, bend, k)
        if m:  # of x^v exp(-x t)
            parts = [falling([c * math.comb(m, i) * x**-float(i) * (-t) ** (m - i) for c in p], v, i) for i in range(m + 1)]
            p = [sum(cs) for cs in zip(*parts)]
        total = [a + b for a, b in zip(total, p)]
    return 2 / ROOT_PI * math.factorial(k) * largest * product([c / largest for c in front], [h * c for c in total])[k]


struve_by = helper("_struve_by", _series, 2, None, None, None, lambda s, k, m, v, x, out: struve_by(s, k + 1, m, v, x),
                   lambda s, k, m, v, x, out: struve_by(s, k, m + 1, v, x), domain=(REAL, POSITIVE), chunk=1 << 11)
struve_rest_by = helper("_struve_rest_by", _rest, 2, None, None, lambda k, m, v, x, out: struve_rest_by(k + 1, m, v, x),
                        lambda k, m, v, x, out: struve_rest_by(k, m + 1, v, x), domain=(REAL, POSITIVE))


class ByOrder(Numeric):
    """The slope of H or L (`sign` -1 or 1) by its order; from SciPy's values for orders below LOWEST."""

    def __init__(self, row, sign):
        super().__init__(row, 0)
        self.sign = sign

    def __call__(self, v, x, out):
        p, z = primal(v), primal(x)
        low = p < LOWEST
        near = ~low & ((self.sign > 0) | ~(z > np.where((p > LARGE) & (p < HIGHEST), SPLIT * p, 5 + 0.75 * np.abs(p))))
        ways = ((low, super().__call__), (near, self._series), (~(low | near), self._split))
        whole = [way for mask, way in ways if np.all(mask)]
        if whole:
            return whole[0](v, x, out)
        total = 0.0
        for mask, way in ways:
            if np.any(mask):
                total = np.where(mask, way(np.where(mask, v, 1.0), np.where(mask, x, 6.0), np.where(mask, out, 1.0)), total)
        return total

    def _series(self, v, x, out):
        return struve_by(self.sign, 1, 0, v, x)

    def _split(self, v, x, out):
        return TABLE["yv"].partials[0](v, x, sp.yv(v, x)) + struve_rest_by(1, 0, v, x)


def by_order(row, sign):
    """Let a row of (order, x) take its slope by the order from :class:`ByOrder`."""
    row.partials = (ByOrder(row, sign), *row.partials[1:])
    return row


def by_x(sign, plain):
    """The slope of H or L by x: plain(v, x, out), but next to 0, where that cancels for whole orders, by the power series, and so
    that of L by a small order, too: next to 0 it is nearly even, and values of SciPy's lose digits before 0."""
    def slope(v, x, out):
        near = (primal(x) > 0) & ((primal(x) < SMALL) | (sign > 0) & isinstance(v, Traced) & (np.abs(primal(v)) < 2))
        near &= (primal(v) >= LOWEST) & (primal(v) < np.inf) & (primal(x) < np.inf)
        if not np.any(near):
            return plain(v, x, out)
        series = struve_by(sign, 0, 1, np.where(near, v, 1.0), np.where(near, x, 0.1))
        return series if np.all(near) else np.where(near, series, plain(v, x, out))

    return slope

"""Modified Bessel functions by their order, to every order of differentiation, in full precision.

Both are integrals of exp(x cosh w - v w) along a path (DLMF 10.32.9, 10.32.12), so each derivative by the order v is one more factor -w
under the integral, and each by x one more factor cosh w; of exp(x) K and exp(-x) I a factor cosh w - 1, in which nothing cancels far out.
The paths lead through the saddle point at sinh w = v/x: for K along the real axis, where the integrand is positive, for I at right
angles to it, where its phase hardly turns (Temme 1975, On the numerical evaluation of the modified Bessel function of the third kind).
There the trapezoidal rule converges exponentially (Trefethen and Weideman 2014). I at small x, where that path is too short, is its
power series (DLMF 10.25.2), whose terms carry their derivatives by v along; exp(-x) I by x, of which the terms cancel, is there the
integrals of exp(x (cos t - 1)) cos(v t) and of exp(-x (cosh t + 1) - v t) (DLMF 10.32.4). I of negative orders is its reflection
(DLMF 10.27.2).
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.bessel import is_between
from dualnet.table.domain import POSITIVE, REAL
from dualnet.table.doubled import gauss_legendre
from dualnet.table.jets import falling, helper, ladder, rgamma
from dualnet.table.row import primal
from dualnet.table.scores import bell
from dualnet.table.stirling import exp_less, polygamma

DEPTH = 45.0  # an integrand is left out where it has fallen by exp(-DEPTH)
CHUNK = 1 << 10
NEAR = 20.0  # below it I is its power series
NEXT = 0.03  # orders next to 0, where I is nearly even
TERMS = 60
NODES = 56


def sine(k, v):
    """The k-th derivative of sin(pi v)."""
    whole = np.round(v)
    return (-1) ** (k // 2) * math.pi**k * np.where(whole % 2, -1.0, 1.0) * (np.cos if k % 2 else np.sin)(math.pi * (v - whole))


def cosine(k, v):
    """The k-th derivative of cos(pi v)."""
    return sine(k + 1, v) / math.pi


def _steps(width, radius):
    """How many steps of the trapezoidal rule a width takes whose integrand falls like exp(-radius u^2/2)."""
    return int(np.ceil(np.fmax.reduce(width / np.minimum(0.2, 0.6 / np.sqrt(radius)), initial=1.0)))


def _saddle(v, x, shift):
    """hypot(v, x), the saddle point, and the exponent v w - x (cosh w - shift) there."""
    radius = np.hypot(v, x)
    near = np.log1p(v / x + v / x * (v / (radius + x)))  # arcsinh(v/x), also where it is tiny
    at = np.where(v > 1e9 * x, math.log(2) + np.log(v) - np.log(x), near)
    return radius, at, v * at - (v * (v / (radius + x)) if shift else radius)


def _k(n, m, shift, v, x):
    """The integral of t^n (shift - cosh t)^m exp(-x (cosh t - shift)) cosh(v t), or sinh(v t) for odd n, over t > 0."""
    radius, at, top = _saddle(v, x, shift)
    right = 2 * np.arcsinh(np.sqrt(0.5 * DEPTH / radius))
    left = np.minimum((DEPTH + np.sqrt(DEPTH * (DEPTH + 8 * v))) / (2 * v), np.sqrt(2 * DEPTH / (radius - v)))
    low = np.where(left < at, at - left, 0.0)
    count = _steps(at + right - low, radius)
    t = low + (at + right - low) * (np.arange(count + 1)[:, None] / count)
    u = t - at
    fall = x * (x / (radius + v)) * 2 * np.square(np.sinh(0.5 * u)) + v * exp_less(u)
    both = -np.expm1(-2 * v * t) if n % 2 else 1 + np.exp(-2 * v * t)
    terms = t**n * (-2 * np.square(np.sinh(0.5 * t)) if shift else -np.cosh(t)) ** m * np.exp(top - fall) * both
    terms[0] *= 0.5
    return np.sum(terms, axis=0) * ((at + right - low) / count) / 2


def _i_far(n, m, shift, v, x):
    """The integral of (-w)^n (cosh w - shift)^m exp(x (cosh w - shift) - v w)/pi over w = at + i t, 0 < t < pi, its real part."""
    radius, at, top = _saddle(v, x, shift)
    width = np.minimum(2 * np.arcsin(np.sqrt(np.minimum(0.5 * DEPTH / radius, 1.0))), np.pi)
    count = _steps(width, radius)
    t = width * (np.arange(count + 1)[:, None] / count)
    w = at + 1j * t
    weight = (2 * np.square(np.sinh(0.5 * w)) if shift else np.cosh(w)) ** m * (-w) ** n
    phase = v * (np.sin(t) - t)
    terms = (weight.real * np.cos(phase) - weight.imag * np.sin(phase)) * np.exp(-top - 2 * radius * np.square(np.sin(0.5 * t)))
    terms[0] *= 0.5
    return np.sum(terms, axis=0) * (width / count) / np.pi


def power_series(n, shift, v, x, sign=1):
    """The n-th derivative of the power series of I, times exp(-x) if `shift` is 1, or for sign = -1 that of J."""
    quarter = sign * np.square(0.5 * x)
    scores = [np.log(0.5 * x) - sp.psi(v + 1)] + [-polygamma(j, v + 1) for j in range(1, n)]
    term, total = np.exp(v * np.log(0.5 * x) - sp.gammaln(v + 1) - shift * x), 0.0
    for k in range(1, TERMS):
        more = term * bell(n, 0, lambda j, _, scores=scores: scores[j - 1])
        total = total + more
        if k % 8 == 0 and not np.any(np.abs(more) > 1e-20 * np.abs(total)):
            break
        term = term * quarter / (k * (k + v))
        scores = [s - (-1) ** j * math.factorial(j) / (k + v) ** (j + 1) for j, s in enumerate(scores)]
    return total


def _slopes_of_series(n, m, shift, v, x):
    """The m-th derivative by x of the n-th by v of I's power series, as a jet in v; of exp(-x) I if `shift` is 1."""
    if m == 0:
        return power_series(n, shift, v, x)
    log = np.log(0.5 * x)
    base = rgamma(v + 1, n, v * log, log)
    parts = range(m + 1) if shift else [m]
    part = lambda p, k: sum(falling(p, 2 * k + v, i)[n] * (math.comb(m, i) * (-1.0) ** (m - i) / x**i) for i in parts)
    return math.factorial(n) * np.exp(-shift * x) * ladder(base, 0 * x, 0.25 * x * x, v, 0.0, part, TERMS)


def _k_by(n, m, shift, v, x):
    """K, which is even in its order."""
    out, good = np.where(np.isfinite(v) & (x == np.inf), 0.0, np.nan), np.isfinite(v) & np.isfinite(x) & (x > 0)
    out[good] = np.where(v[good] < 0, (-1.0) ** n, 1.0) * _k(n, m, shift, np.abs(v[good]), x[good])
    return out


def _i_between(n, m, v, x):
    """The m-th derivative by x of the n-th by v of exp(-x) I for v >= 0 and 1 < x < NEAR, by its two integrals."""
    nodes, weights = (0.5 * (a[:, None] + b) for a, b in zip(gauss_legendre(NODES), (1, 0)))
    t, less = math.pi * nodes, -2 * np.square(np.sin(0.5 * math.pi * nodes))  # cos t - 1
    near = np.sum(weights * t**n * less**m * np.exp(x * less) * np.cos(v * t + 0.5 * math.pi * n), axis=0)
    width = np.arccosh(1 + DEPTH / x)
    t = width * nodes
    fall = np.cosh(t) + 1
    part = sum(math.comb(n, i) * sine(i, v) * (-t) ** (n - i) for i in range(n + 1))
    far = np.sum(weights * (-fall) ** m * np.exp(-x * fall - v * t) * part, axis=0) * width
    return near - far / math.pi


def _i(n, m, shift, v, x):
    """I for v >= 0 by its power series and by its integrals."""
    out, near = np.empty_like(x), x < NEAR
    between = near & is_between(v, x) & bool(shift and m)
    for mask, way in ((near & ~between, lambda v, x: _slopes_of_series(n, m, shift, v, x)),
                      (between, lambda v, x: _i_between(n, m, v, x)), (~near, lambda v, x: _i_far(n, m, shift, v, x))):
        if np.any(mask):
            out[mask] = way(v[mask], x[mask])
    return out


def odd_part(n, m, shift, v, x):
    """That of sin(pi v) K/pi, times exp(-x) if `shift` is 1: I less its even part, with the other sign."""
    k = lambda i, j: sine(i, v) * math.comb(n, i) * math.comb(m, j) * (-2.0 * shift) ** j * _k_by(n - i, m - j, shift, v, x)
    return np.exp(-2 * shift * x) / math.pi * sum(k(i, j) for i in range(n + 1) for j in range(m * shift + 1))


def is_close(v, x):
    """True where I is taken from its even and its odd part."""
    return (np.abs(v) < NEXT) & (x > 1)


def i_by(n, m, shift, v, x):
    """I, of negative orders by reflection, next to order 0 from its even and its odd part, of which one may be far below the other."""
    out, good = np.where(np.isfinite(v) & (x == np.inf) & bool(shift), 0.0, np.nan), np.isfinite(v) & (x > 0) & (x < np.inf)
    even = lambda v, x: sum(_i(n + j, m, shift, 0 * v, x) * v**j / math.factorial(j) for j in range(n % 2, 8, 2))
    close = is_close(v, x) & (bool(n) | (v != 0))
    for mask, way in ((good & ~close & (v >= 0), lambda v, x: _i(n, m, shift, v, x)),
                      (good & ~close & (v < 0), lambda v, x: (-1) ** n * _i(n, m, shift, -v, x) - 2 * odd_part(n, m, shift, v, x)),
                      (good & close, lambda v, x: even(v, x) - odd_part(n, m, shift, v, x))):
        if np.any(mask):
            out[mask] = way(v[mask], x[mask])
    return out


kv_by = helper("_kv_by", _k_by, 2, None, None, None, lambda n, m, shift, v, x, out: kv_by(n + 1, m, shift, v, x),
               lambda n, m, shift, v, x, out: kv_by(n, m + 1, shift, v, x), domain=(REAL, POSITIVE), chunk=CHUNK)


def _iv_dx(n, m, shift, v, x, out):
    """The slope by x: that under the integral, and below NEAR by I_(v+1) (DLMF 10.29.2), differentiated n times by v, but next to order 0,
    of which that cancels where the slope by v is that of the odd part, and where it does of exp(-x) I."""
    far = (np.abs(primal(x)) >= NEAR) | is_close(primal(v), primal(x)) | bool(shift) & is_between(primal(v), primal(x))
    wide = iv_by(n, m + 1, shift, v, np.where(far, x, NEAR)) if np.any(far) else 0.0
    if np.all(far):
        return wide
    z = np.where(far, 1.0, x)
    close = iv_by(n, 0, shift, v + 1, z) + (v / z - shift) * np.where(far, 0.0, out)
    return np.where(far, wide, close + n / z * iv_by(n - 1, 0, shift, v, z) if n else close)


iv_by = helper("_iv_by", i_by, 2, None, None, None, lambda n, m, shift, v, x, out: iv_by(n + 1, m, shift, v, x), _iv_dx,
               domain=POSITIVE, chunk=CHUNK)


def to_the_right(v, x):
    """True where x > 0, and the integrals hold."""
    return primal(x) > 0


def by_order(row, formula, reached, plane=None):
    """Let a row of (order, x) take its slope by the order from formula(v, x) where `reached`, of complex x from the two of `plane`;
    elsewhere from its own values."""
    plain = row.partials[0]

    def slope(v, x, out):
        f, where = plane if np.iscomplexobj(primal(x)) else (formula, reached)
        ours = where(v, x)
        if np.all(ours):
            return f(v, x)
        if not np.any(ours):
            return plain(v, x, out)
        return np.where(ours, f(np.where(ours, v, 1.0), np.where(ours, x, 1.0)), plain(np.where(ours, 0.5, v), np.where(ours, 1.0, x), out))

    row.partials = (slope, *row.partials[1:])
    return row

"""Derivatives of Wright's Bessel function W and of its logarithm by both parameters and the argument, of any order.

W(a, b, x), the sum of x^k/(k! gamma(a k + b)) (DLMF 10.46.1), is Hankel's integral of exp(s + x s^-a) s^-b over a contour around the
negative axis, divided by 2 pi i (Luchko 2008, Algorithms for evaluation of the Wright function for the real arguments' values,
equation 6): derivatives are factors -log(s) and x s^-a of the integrand. On the parabola s = r (1 + iu)^2 through the saddle point r
it falls off all the way, so that nothing cancels but what cancels in the derivative, and the trapezoidal rule converges geometrically
(Trefethen and Weideman 2014, The Exponentially Convergent Trapezoidal Rule, theorem 5.1).

The logarithm's derivatives are cumulants: those of the integrand's exponent from the one at the saddle, about which it varies little.
"""

import functools
import itertools
import math

import numpy as np
import scipy.special as sp

from dualnet.table.domain import POSITIVE
from dualnet.table.jets import helper
from dualnet.table.stirling import exp_less

DEPTH = 40.0   # the integrand is left out where it has fallen by exp(-DEPTH)
LEAST = 2.0    # of r: nearer to 0 the factor -log(s) is steep
MOST = 4000    # points at which the integrand is taken
CHUNK = 1 << 11
FEW = 3.0      # a mean of k below which the cumulants' terms may have contours of their own
SMALL = 0.01   # of b
STEEP = 1e3    # of r: from here on the phases of the exponent's terms, which cancel at the saddle, would lose digits


def touchard(i, y):
    """The sum of k^i y^k/k! over exp(y) (Touchard's polynomial), and the mean of k with these weights."""
    out, more = [1.0 + 0 * y], None
    for n in range(i + 1):
        more = y * sum(math.comb(n, j) * out[j] for j in range(n + 1))
        out.append(more)
    if i == 0:
        return out[0], y
    below = [c if n else 1.0 for n, c in enumerate(_divided(i + 1, y))]  # both over y, which may be 0
    return out[i], below[i + 1] / below[i]


def _divided(i, y):
    out = [1.0]
    for n in range(i):
        out.append(sum(math.comb(n, j) * (out[j] * (y if j else 1.0)) for j in range(n + 1)))
    return out


def saddle(i, a, b, x):
    """The point r where exp(s) s^-b times the sum of k^i (x s^-a)^k/k! is least on the axis: r = b + a times the mean of k."""
    t = np.maximum(np.log(b), np.log(a * x) / (1 + a))
    t = np.maximum(t, np.log(b + a) if i else t)
    t = np.where(np.isfinite(t), t, 0.0)
    for _ in range(12):
        y = x * np.exp(-a * t)
        mean = touchard(i, y)[1]
        t = t - (t - np.log(b + a * mean)) / (1 + a * a * y / (b + a * mean))
        t = np.where(np.isfinite(t), t, 0.0)
    r = np.maximum(np.exp(t), LEAST)
    y = x * r**-a
    return r, y


def _step(r, y, a, b):
    """The longest step of u that leaves exp(-DEPTH) of the integrand's size, from how it grows beside the real axis of u."""
    longest = []
    for side in (-1, 1):
        best = 0.0
        for j in range(-6, 2):
            eta = np.minimum(np.sqrt(DEPTH / (2 * (r + a * a * y))) * 2.0**j, 0.8)
            log = 2 * np.log1p(side * eta)
            growth = r * np.expm1(log) - b * log + np.where(y > 0, y * np.expm1(-a * log), 0.0)
            best = np.fmax(best, 2 * math.pi * eta / (DEPTH + np.maximum(growth, 0.0)))
        longest.append(best)
    return np.minimum(*longest)


def contour(r, y, a, b, times=0):
    """Yield for each u its weight, whose exponent is that over r's, and log(s/r); NaN where there would be too many.

    The step is one for as many factors s^-a of the integrand as `times` says, too.
    """
    h = _step(r, y, a, b + times * a)
    count = np.ceil(np.sqrt(DEPTH / r) / h) + 1
    h = np.where(count <= MOST, h, np.nan)
    steep, slope = r >= STEEP, r - b - a * y  # of the exponent at r, which is 0 but for rounding where r is its saddle
    slope = np.where((r > LEAST) & (np.abs(slope) < 1e-9 * r), 0.0, slope)
    for j in range(int(np.max(np.where(count <= MOST, count, 0), initial=0)) + 1):
        u = j * h
        turn = np.log1p(u * u) + 2j * np.arctan(u)
        exponent = r * (2j * u - u * u) + np.where(y > 0, y * np.expm1(-a * turn), 0.0) - b * turn
        if np.any(steep):
            exponent = np.where(steep, r * exp_less(turn) + y * exp_less(-a * turn) + slope * turn, exponent)
        yield np.exp(exponent + 0.5 * turn) * (h if j else 0.5 * h), turn


def by_pieces(function):
    """A function of flat arrays, taken for a few thousand elements of like numbers of points at a time."""
    def call(*args):
        orders, (a, b, x) = args[:-3], args[-3:]
        good = (a >= 0) & (b >= 0) & (x >= 0) & np.isfinite(a + b + x)
        out = np.full(np.shape(x), np.nan)
        place = np.flatnonzero(good)
        place = place[np.argsort(a[place], kind="stable")]
        for start in range(0, place.size, CHUNK):
            here = place[start:start + CHUNK]
            out[here] = function(*orders, a[here], b[here], x[here])
        return out

    return call


def _integral(i, j, n, k, shift, a, b, x):
    """The logarithm of the integrand's size at its saddle, and over that the sum of x^m/m! (m + k)^i times
    f(d/db) 1/gamma(a (m + k) + b), where f(d) = (d + shift)^j d^n."""
    b = b + k * a
    r, y = saddle(i if k == 0 else 0, a, b, x)
    log, total = np.log(r), 0.0
    for weight, turn in contour(r, y, a, b):
        z = np.where(y > 0, y * np.exp(-a * turn), 0.0)
        sums = sum(math.comb(i, p) * k ** (i - p) * touchard(p, z)[0] for p in range(i + 1)) if k else touchard(i, z)[0]
        total = total + np.real(weight * sums * (shift - log - turn) ** j * (-log - turn) ** n)
    return r + y - b * log, 2 * r / math.pi * total


@by_pieces
def _moment(i, n, a, b, x):
    """The sum of x^k/k! k^i times the n-th derivative of 1/gamma at a k + b."""
    r, y = saddle(i, a, b, x)
    lost = r + y - b * np.log(r) + i * np.log(np.maximum(y, 1.0)) < -800
    size, out = _integral(i, 0, n, 0, 0.0, *(np.where(lost, 1.0, v) for v in (a, b, x)))
    return np.where(lost, 0.0, np.exp(size) * out)


@functools.cache
def _below(index):
    """The multi-indices up to `index`, in an order in which smaller ones come first."""
    return sorted(itertools.product(*(range(n + 1) for n in index)), key=sum)


def _terms(index):
    """What the recurrence of exp's derivatives takes: for a unit step of the index, the number, that of log and the rest."""
    k = next(k for k, n in enumerate(index) if n)
    less = tuple(n - (i == k) for i, n in enumerate(index))
    for part in _below(less):
        number = math.prod(math.comb(n, m) for n, m in zip(less, part))
        yield number, tuple(m + (i == k) for i, m in enumerate(part)), tuple(n - m for n, m in zip(less, part))


def _at(index, a, x, log, near):
    """The derivative of s + x s^-a - b log(s) by a, b and x, where `near` is s^-a."""
    i, j, k = index
    if j:
        return -log if index == (0, 1, 0) else 0.0
    return (x * near, near)[k] * (-log) ** i if k < 2 else 0.0


def _change(index, a, x, log, near, turn):
    """How it changes as log(s) grows by `turn`."""
    i, j, k = index
    if j or k > 1:
        return -turn if index == (0, 1, 0) else 0.0
    powers = sum(math.comb(i, m) * (-log) ** (i - m) * (-turn) ** m for m in range(1, i + 1))
    return (x * near, near)[k] * (np.expm1(-a * turn) * (-log - turn) ** i + powers)


def _logarithm(mean):
    """The derivatives of the logarithm of a function, from those of the function over it, of the multi-indices from (0, 0, 0) on."""
    out = {}
    for n in mean:
        if any(n):
            out[n] = mean[n] - sum(c * out[one] * mean[rest] for c, one, rest in _terms(n) if any(rest))
    return out


def _together(whole, r, y, a, b, x):
    """The cumulant where one contour serves all terms."""
    log, near = np.log(r), r**-a
    total = dict.fromkeys(_below(whole), 0.0)
    for weight, turn in contour(r, y, a, b, 3):
        change = {n: _change(n, a, x, log, near, turn) for n in total if any(n)}
        moments = {(0, 0, 0): 1.0}
        for n in total:
            if any(n):
                moments[n] = sum(c * change[one] * moments[rest] for c, one, rest in _terms(n))
            total[n] = total[n] + np.real(weight * moments[n])
    out = _logarithm({n: total[n] / total[0, 0, 0] for n in total})[whole]
    return _at(whole, a, x, log, near) + out


def _apart(whole, r, a, b, x):
    """The cumulant where W is 1/gamma(b) and little more: those little terms have contours of their own."""
    parts = {n: _integral(n[0], n[1], n[0], n[2], np.log(r), a, b, x) for n in _below(whole)}
    for k in range(whole[2] + 1):
        size, value = parts[0, 0, k]
        parts[0, 0, k] = size, np.where(b + k * a < SMALL, sp.wright_bessel(a, b + k * a, x) * np.exp(-size), value)  # far below it
    size, first = parts[0, 0, 0]
    out = _logarithm({n: more / first * np.exp(s - size) for n, (s, more) in parts.items()})[whole]
    return out - np.log(r) if whole == (0, 1, 0) else out


@by_pieces
def _cumulant(i, j, k, a, b, x):
    """d^(i+j+k) log W / da^i db^j dx^k."""
    r, y = saddle(0, a, b, x)
    apart, out = (y < FEW) & ((a * a > 0.1 * r) | (b < SMALL) & (x * a < SMALL)), np.empty_like(x)
    out[~apart] = _together((i, j, k), *(v[~apart] for v in (r, y, a, b, x)))
    out[apart] = _apart((i, j, k), *(v[apart] for v in (r, a, b, x)))
    return out


def _by_x(i, n, a, b, x, out):
    return sum(math.comb(i, m) * wright_by(m, n, a, a + b, x) for m in range(i + 1))


wright_by = helper("_wright_bessel_by", _moment, 3, None, None, lambda i, n, a, b, x, out: wright_by(i + 1, n + 1, a, b, x),
                   lambda i, n, a, b, x, out: wright_by(i, n + 1, a, b, x), _by_x, domain=POSITIVE)
log_wright_by = helper("_log_wright_bessel_by", _cumulant, 3, None, None, None,
                       *(lambda i, j, k, a, b, x, out, more=more: log_wright_by(i + more[0], j + more[1], k + more[2], a, b, x)
                         for more in ((1, 0, 0), (0, 1, 0), (0, 0, 1))), domain=POSITIVE)

"""Derivatives of the parabolic cylinder functions D_v(x) and V_v(x) by their order, of any order, and of their slopes by x.

D_v(x) is the integral of exp((t - x)^2/2 - x^2/4) t^v over a line Re t = c > 0, divided by i sqrt(2 pi) (DLMF 12.5.6): derivatives by v
are powers of log(t) under it. Through its saddle points nothing cancels; where x < -1 the way back from them is two rays to the branch
point at 0. Left of there, for v <= -1/2, the power series (DLMF 12.4.1 and 12.4.2) has terms of one sign, and is summed as a jet in v.
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.bessel_orders import sine
from dualnet.table.domain import REAL
from dualnet.table.jets import helper, power, product, rgamma
from dualnet.table.parameters import Numeric
from dualnet.table.row import primal

LARGEST = 300.0  # of |v|: beyond it slopes come from the function's own values
FARTHEST = 36.0  # of -x: beyond it the function leaves the range
NODES = 220
ROOT_2 = math.sqrt(2)


def _integrand(k, m, v, x, t, log, less=0.0):
    return np.exp(0.5 * (t - x) ** 2 - 0.25 * x * x + v * log - less) * log**k * (0.5 * x - t) ** m


def _line(k, m, v, x):
    """By the line through the saddle points, by the trapezoidal rule."""
    c = np.maximum(0.5 * (x + np.sqrt(np.maximum(x * x - 4 * v, 0.0))), 1.0)
    h = np.minimum(0.14 * c, 0.33)
    count = (np.sqrt(np.maximum(v, 0.0)) + 9) / h
    total = 0.5 * np.real(_integrand(k, m, v, x, c + 0j, np.log(c)))
    for j in range(1, int(np.max(count)) + 1):
        t = c + 1j * j * h
        total = total + np.real(_integrand(k, m, v, x, t, np.log(t)))
    return math.sqrt(2 / math.pi) * h * total


def _rays(k, m, v, x, part, less=0.0):
    """The sum of part(integrand over log(t)^k, log(t)) along the ray from 0 to the saddle point and on upwards, both by the double
    exponential rule (Takahasi and Mori 1974), times exp(-less)."""
    disc = x * x - 4 * v
    end = 0.5 * np.where(disc < 0, x + 1j * np.sqrt(np.maximum(-disc, 0.0)), x - np.sqrt(np.maximum(disc, 0.0)))
    end = np.where(np.abs(end) < 1, 1j, end)
    start = np.log(end)
    first = np.maximum(np.log(np.abs(end * x) / (v + 1)), 0.0) + 42 / (v + 1) + 13 / np.sqrt(v + 1)
    second = np.sqrt(np.maximum(v, 0.0)) + 9
    total = 0.0
    for last, along in ((first, True), (second, False)):
        low, high = -3.9, np.log(last)
        h = (high - low) / (NODES - 1)
        for j in range(NODES):
            s = low + j * h
            w = np.exp(s - np.exp(-s))
            log = start - w if along else np.log(end + 1j * w)
            t = np.exp(log) if along else end + 1j * w
            total = total + h * w * (1 + np.exp(-s)) * part(_integrand(0, m, v, x, t, log, less) * (t if along else 1j), log)
    return math.sqrt(2 / math.pi) * total


def _backward(k, m, v, x):
    """D where x < -1: the imaginary part of the integral over its upper half."""
    return _rays(k, m, v, x, lambda f, log: np.imag(f * log**k))


def _growing(k, m, v, x):
    """V(v) = V(-v - 1/2, x): the other part of the same integral, over gamma(v + 1) (DLMF 12.2.20 and its derivative by v)."""
    right = x > 0
    turn = np.where(right, np.exp(-1j * math.pi * v), -1.0)
    parts = lambda f, log: np.array([-np.real(turn * f * (log - 1j * math.pi * right) ** n) / math.factorial(n) for n in range(k + 1)])
    size = np.where(v > 100, sp.gammaln(v + 1), 0.0)  # gamma(v + 1) leaves the range where V does not
    sums = _rays(k, m, v, -np.abs(x), parts, size)
    return math.factorial(k) * np.where(right, (-1.0) ** m, 1.0) * product(list(sums), rgamma(v + 1, k, size))[k]


def _of_half(order, z, sign):
    """The jet in v of 1/gamma(z) where z has the slope sign/2."""
    return [(0.5 * sign) ** i * c for i, c in enumerate(rgamma(z, order))]


def _start_d(k, v):
    """The jets of D_v(0) and its slope (DLMF 12.2.6, 12.2.7)."""
    front = power(np.exp(0.5 * math.log(2) * v) * math.sqrt(math.pi), 0.5 * math.log(2), k)
    return product(front, _of_half(k, 0.5 - 0.5 * v, -1)), [-ROOT_2 * c for c in product(front, _of_half(k, -0.5 * v, -1))]


def _start_v(k, v):
    """The jets of V_v(0) and its slope (DLMF 12.2.8, 12.2.9), of whose gamma functions two are a sine (DLMF 5.5.3)."""
    front = power(np.exp(-0.5 * math.log(2) * v), -0.5 * math.log(2), k)
    wave = lambda v: [sine(n, 0.5 * v) / (2**n * math.factorial(n)) for n in range(k + 1)]
    value, slope = product(wave(v), _of_half(k, 1 + 0.5 * v, 1)), product(wave(v + 1), _of_half(k, 0.5 + 0.5 * v, 1))
    return [-c for c in product(front, value)], [ROOT_2 * c for c in product(front, slope)]


def _series(k, m, v, x, start=_start_d):
    """By the power series, whose coefficients obey (n+1)(n+2) c_(n+2) = -(v + 1/2) c_n + c_(n-2)/4."""
    value, slope = start(k, v)
    x = np.where(x == 0, 1e-300, x)
    total, steep = 0.0, 10 + np.max(x * x)
    for n, here in ((0, value), (1, [x * c for c in slope])):
        below = [0 * x] * (k + 1)
        while n < 3000:
            more = here[k] * (n / x if m else 1.0)
            total = total + more
            if n > steep and not np.any(np.abs(more) > 1e-18 * np.abs(total)):
                break
            up = [x**2 * (-(v + 0.5) * c - (here[i - 1] if i else 0.0) + 0.25 * x**2 * b) / ((n + 1) * (n + 2))
                  for i, (c, b) in enumerate(zip(here, below))]
            below, here, n = here, up, n + 2
    return math.factorial(k) * total


def _order(k, m, v, x):
    """d^k/dv^k of D_v(x), or (m = 1) of its slope by x."""
    right, low = x > -1, v <= -0.5
    return _chosen(v, x, x > -FARTHEST, ((right, _line), (~right & ~low, _backward), (~right & low, _series)), k, m)


def _order_v(k, m, v, x):
    """The same of V_v(x)."""
    low = v <= -0.5
    return _chosen(v, x, np.abs(x) < FARTHEST, ((~low, _growing), (low, lambda *args: _series(*args, _start_v))), k, m)


def _chosen(v, x, inside, ways, k, m):
    out = np.full_like(x, np.nan)
    good = (np.abs(v) <= LARGEST) & inside & (x < np.inf)
    for mask, way in ways:
        if np.any(good & mask):
            out[good & mask] = way(k, m, v[good & mask], x[good & mask])
    return out


def _row(name, function):
    """The derivative of order k by v of a function, or (m = 1) of its slope by x, as a row."""
    def by_x(k, m, v, x, out):
        if m == 0:
            return row(k, 1, v, x)
        bend = (0.25 * x * x - v - 0.5) * row(k, 0, v, x)
        return bend - k * row(k - 1, 0, v, x) if k else bend

    row = helper(name, function, 2, None, None, lambda k, m, v, x, out: row(k + 1, m, v, x), by_x, domain=REAL, chunk=1 << 11)
    return row


ROWS = {"pbdv": (_row("_pbdv_by", _order), lambda x: x > -FARTHEST), "pbvv": (_row("_pbvv_by", _order_v), lambda x: np.abs(x) < FARTHEST)}


class ByOrder(Numeric):
    """The slope of D or V (m = 0) or of their slopes by x (m = 1) by the order; of large orders and far out from their own values."""

    def __init__(self, row, name, m):
        super().__init__(row, 0)
        self.by, self.inside = ROWS[name]
        self.m = m

    def __call__(self, v, x, out):
        ours = (np.abs(primal(v)) <= LARGEST) & self.inside(primal(x))
        if np.all(ours) or not np.any(ours):
            return self.by(1, self.m, v, x) if np.all(ours) else super().__call__(v, x, out)
        near = self.by(1, self.m, np.where(ours, v, 1.0), np.where(ours, x, 1.0))
        return np.where(ours, near, super().__call__(np.where(ours, 1.5, v), np.where(ours, 1.0, x), None))


def by_order(row, name, m):
    """Let a row of a function's values (m = 0) or slopes (m = 1) take its partial by the order from :class:`ByOrder`."""
    row.partials = (ByOrder(row, name, m), *row.partials[1:])
    return row

"""Derivatives of the parabolic cylinder function D_v(x) by its order, of any order, and of its slope by x.

D_v(x) is the integral of exp((t - x)^2/2 - x^2/4) t^v over a line Re t = c > 0, divided by i sqrt(2 pi) (DLMF 12.5.6): derivatives by v
are powers of log(t) under it. Through its saddle points nothing cancels; where x < -1 the way back from them is two rays to the branch
point at 0. Left of there, for v <= -1/2, the power series (DLMF 12.4.1 and 12.4.2) has terms of one sign, and is summed as a jet in v.
"""

import math

import numpy as np

from dualnet.table.domain import REAL
from dualnet.table.jets import helper, power, product, rgamma
from dualnet.table.parameters import Numeric
from dualnet.table.row import primal

LARGEST = 300.0  # of |v|: beyond it slopes come from the function's own values
FARTHEST = 36.0  # of -x: beyond it the function leaves the range
NODES = 220


def _integrand(k, m, v, x, t, log):
    return np.exp(0.5 * (t - x) ** 2 - 0.25 * x * x + v * log) * log**k * (0.5 * x - t) ** m


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


def _rays(k, m, v, x):
    """By the ray from 0 to the saddle point and on upwards, both by the double exponential rule (Takahasi and Mori 1974)."""
    disc = x * x - 4 * v
    end = 0.5 * np.where(disc < 0, x + 1j * np.sqrt(np.maximum(-disc, 0.0)), x - np.sqrt(np.maximum(disc, 0.0)))
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
            total = total + h * w * (1 + np.exp(-s)) * np.imag(_integrand(k, m, v, x, t, log) * (t if along else 1j))
    return math.sqrt(2 / math.pi) * total


def _series(k, m, v, x):
    """By the power series, whose coefficients obey (n+1)(n+2) c_(n+2) = -(v + 1/2) c_n + c_(n-2)/4."""
    signs = [(-0.5) ** i for i in range(k + 1)]
    halves = power(np.exp(0.5 * math.log(2) * v) * math.sqrt(math.pi), 0.5 * math.log(2), k)
    value = product(halves, [s * c for s, c in zip(signs, rgamma(0.5 - 0.5 * v, k))])
    slope = product(halves, [-math.sqrt(2) * s * c for s, c in zip(signs, rgamma(-0.5 * v, k))])
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
    return total


def _order(k, m, v, x):
    """d^k/dv^k of D_v(x), or (m = 1) of its slope by x."""
    out = np.full_like(x, np.nan)
    good = (np.abs(v) <= LARGEST) & (x > -FARTHEST) & (x < np.inf)
    right = x > -1
    for mask, way in ((good & right, _line), (good & ~right & (v > -0.5), _rays), (good & ~right & (v <= -0.5), _series)):
        if np.any(mask):
            out[mask] = math.factorial(k if way is _series else 0) * way(k, m, v[mask], x[mask])
    return out


def _by_x(k, m, v, x, out):
    if m == 0:
        return order_by(k, 1, v, x)
    bend = (0.25 * x * x - v - 0.5) * order_by(k, 0, v, x)
    return bend - k * order_by(k - 1, 0, v, x) if k else bend


order_by = helper("_pbdv_by", _order, 2, None, None, lambda k, m, v, x, out: order_by(k + 1, m, v, x), _by_x, domain=REAL, chunk=1 << 11)


class ByOrder(Numeric):
    """The slope of D (m = 0) or of its slope by x (m = 1) by the order; of large orders and far to the left from their own values."""

    def __init__(self, row, m):
        super().__init__(row, 0)
        self.m = m

    def __call__(self, v, x, out):
        ours = (np.abs(primal(v)) <= LARGEST) & (primal(x) > -FARTHEST)
        if np.all(ours) or not np.any(ours):
            return order_by(1, self.m, v, x) if np.all(ours) else super().__call__(v, x, out)
        near = order_by(1, self.m, np.where(ours, v, 1.0), np.where(ours, x, 1.0))
        return np.where(ours, near, super().__call__(np.where(ours, 1.5, v), np.where(ours, 1.0, x), None))


def by_order(row, m):
    """Let a row of D (m = 0) or its slope (m = 1) take its partial by the order from :class:`ByOrder`."""
    row.partials = (ByOrder(row, m), *row.partials[1:])
    return row

"""Bessel functions J, Y and Hankel's H by their order, to every order of differentiation, in full precision.

By Schlaefli's integrals (DLMF 10.9.6, 10.9.7)

    J + i Y = 1/pi int_0^pi exp(i (x sin t - v t)) dt - i/pi int_0^oo (exp(v t) + exp(-v (t + i pi))) exp(-x sinh t) dt

each derivative by v is one more factor under the integrals. J is small beside them where v is well above x: there it is the power
series (DLMF 10.2.2) for small x, and else the integral along the path on which exp(x sinh w - v w) is positive (Watson 1944, section
8.31). Far out all three are Hankel's expansion (DLMF 10.17.5), whose terms carry their derivatives by v along. Negative orders are
those of the positive ones, reflected (DLMF 10.4.6-8).
"""

import math

import numpy as np

from dualnet.table.bessel_orders import cosine, power_series, sine
from dualnet.table.domain import POSITIVE
from dualnet.table.jets import helper
from dualnet.table.row import primal
from dualnet.table.special_incomplete import DEPTH, NODES, WEIGHTS

LARGEST = 2000.0  # v + x where the integrals are taken
TAIL = 12.0
CHUNK = 1 << 10
TERMS = 36


def is_far(v, x):
    """True where Hankel's expansion is good to the last digit."""
    return x > 25 + 0.5 * v * v


def reached(v, x):
    """True where these formulas hold: beyond them the functions' own values are differentiated."""
    v, x = primal(v), primal(x)
    return (x < np.inf) & (x > 0) & (is_far(v, x) | (x + np.abs(v) <= LARGEST))


def _gauss(f, low, high, pieces):
    """The integral of f over [low, high] in that many pieces."""
    total = 0.0
    for k in range(pieces):
        total = total + np.tensordot(WEIGHTS, f(low + (high - low) * ((k + NODES[:, None]) / pieces)), 1)
    return total * ((high - low) / pieces)


def _turning(n, v, x):
    """1/pi times the integral over 0 < t < pi."""
    f = lambda t: (-1j * t) ** n * np.exp(1j * (x * np.sin(t) - v * t))
    return _gauss(f, 0.0, np.pi, int(np.max(v + x) / 15) + 1) / np.pi


def _outside(n, v, x, sign):
    """i/pi times the integral over t > 0 of t^n exp(v t - x sinh t) for sign = 1, of (-t - i pi)^n exp(-v (t + i pi) - x sinh t) for -1,
    and of their sum, in which they nearly cancel for small v, for 0.

    Within TAIL of the end exp(-x sinh t) falls, before it hardly; there the integral is taken where the other factor is not lost.
    """
    at = np.arccosh(np.maximum(v / x, 1.0)) if sign >= 0 else np.zeros_like(x)
    top, end = np.sqrt(np.maximum((v - x) * (v + x), 0.0)) if sign >= 0 else 0.0, at + 50
    for _ in range(8):  # from above to where the exponent has fallen by DEPTH
        end = np.arcsinh((DEPTH + top + v * (end - at)) / x) if sign >= 0 else np.arcsinh(DEPTH / x)
    turn = np.exp(-1j * np.pi * np.remainder(v, 2.0))

    def f(t):
        fall = x * np.sinh(t)
        rise = t**n * np.exp(v * t - fall) if sign >= 0 else 0.0
        return rise + turn * (-t - 1j * np.pi) ** n * np.exp(-v * t - fall) if sign <= 0 else rise

    middle = np.maximum(end - TAIL, 0.0)
    out = _gauss(f, middle, end, 4 + int(np.sqrt(np.max(v)) / 2))
    if np.any(middle > 0):
        reach = np.minimum(middle, (DEPTH + 5) / v)
        out = out + _gauss(f, *((middle - reach, middle) if sign >= 0 else (0.0, reach)), 3)
    return 1j / np.pi * out


def _positive_path(n, v, x):
    """J where v > x, along w = s + i t with cosh s = (v/x) t/sin t."""
    def f(t):
        sine = np.sin(t)
        c = v / x * t / sine
        s = np.arccosh(c)
        slope = v / x * (sine - t * np.cos(t)) / np.square(sine) / np.sinh(s)
        return ((-s - 1j * t) ** n * (slope + 1j)).imag * np.exp(x * np.sinh(s) * np.cos(t) - v * s)

    return _gauss(f, 0.0, np.pi, 4 + int(np.sqrt(np.max(v)) / 2)) / np.pi


def _far(n, m, v, x):
    """The m-th derivative by x of the n-th by v of Hankel's expansion of exp(-i x) H1."""
    front = np.sqrt(2 / np.pi / x) * np.exp(-0.5j * np.pi * np.remainder(v, 4.0) - 0.25j * np.pi) / x**m
    jet = [front * (-0.5j * np.pi) ** j / math.factorial(j) for j in range(n + 1)]  # Taylor coefficients by v
    total = 0.0
    for k in range(TERMS):
        total = total + jet[n] * ((-1) ** m * math.prod(k + 0.5 + j for j in range(m)))
        ratio = 1j / (8 * (k + 1) * x)
        low = [0.0, 0.0, *jet]
        jet = [((4 * v * v - (2 * k + 1) ** 2) * low[j + 2] + 8 * v * low[j + 1] + 4 * low[j]) * ratio for j in range(n + 1)]
    return total * math.factorial(n)


def _j(n, v, x):
    far, series, left = is_far(v, x), x * x < 6 * (v + 1), v < 0
    ratio = np.arccosh(np.maximum(v / x, 1.0))
    small = v * (ratio - np.tanh(ratio)) > 2
    near = ~far & ~left
    pieces = ((far, lambda v, x: (np.exp(1j * x) * _far(n, 0, v, x)).real), (~far & left, lambda v, x: _reflected(n, v, x, _j, _y, 1)),
              (near & series, lambda v, x: power_series(n, 0, v, x, -1)),
              (near & ~series & small, lambda v, x: _positive_path(n, v, x)),
              (near & ~series & ~small, lambda v, x: (_turning(n, v, x) - _outside(n, v, x, -1)).real))
    return _pieces(pieces, v, x)


def _y(n, v, x):
    far, small, left = is_far(v, x), v < 1, v < 0
    near = ~far & ~left
    pieces = ((far, lambda v, x: (np.exp(1j * x) * _far(n, 0, v, x)).imag), (~far & left, lambda v, x: _reflected(n, v, x, _y, _j, -1)),
              (near & small, lambda v, x: (_turning(n, v, x) - _outside(n, v, x, 0)).imag),
              (near & ~small, lambda v, x: (_turning(n, v, x) - _outside(n, v, x, -1) - _outside(n, v, x, 1)).imag))
    return _pieces(pieces, v, x)


def _reflected(n, v, x, f, other, sign):
    """The n-th derivative by v of cos(pi v) f + sign sin(pi v) other, both of order -v."""
    return sum((-1) ** (n - k) * math.comb(n, k) * (cosine(k, v) * f(n - k, -v, x) + sign * sine(k, v) * other(n - k, -v, x))
               for k in range(n + 1))


def _pieces(pieces, v, x):
    """Each function where its mask is True and the formulas hold; NaN elsewhere."""
    out, good = np.full(x.shape, np.nan), reached(v, x)
    for mask, f in pieces:
        mask = mask & good
        if np.any(mask):
            out[mask] = f(v[mask], x[mask])
    return out


def _far_by(n, m, v, x):
    return np.where(reached(v, x) & is_far(v, x), _far(n, m, v, x), np.nan)


def _dx(row):
    """The slope by x of the n-th derivative by v, from DLMF 10.6.2 differentiated n times."""
    def slope(n, v, x, out):
        near = v / x * out - row()(n, v + 1, x)
        return near + n / x * row()(n - 1, v, x) if n else near

    return slope


jv_by = helper("_jv_by", _j, 2, None, lambda n, v, x, out: jv_by(n + 1, v, x), _dx(lambda: jv_by), domain=POSITIVE, chunk=CHUNK)
yv_by = helper("_yv_by", _y, 2, None, lambda n, v, x, out: yv_by(n + 1, v, x), _dx(lambda: yv_by), domain=POSITIVE, chunk=CHUNK)
far_by = helper("_hankel_far_by", _far_by, 2, None, None, lambda n, m, v, x, out: far_by(n + 1, m, v, x),
                lambda n, m, v, x, out: far_by(n, m + 1, v, x), domain=POSITIVE)


def jv_slope(v, x):
    """The slope of J by its order."""
    return jv_by(1, v, x)


def yv_slope(v, x):
    """The slope of Y by its order."""
    return yv_by(1, v, x)


def scaled_hankel_slope(v, x, slope):
    """The slope of exp(-i x) H1 by its order from that of H1, far out without the phase."""
    far = is_far(primal(v), primal(x)) & reached(v, x)
    if np.all(far):
        return far_by(1, 0, v, x)
    close = lambda v, x: np.exp(-1j * x) * slope(v, x)
    if not np.any(far):
        return close(v, x)
    inner = close(np.where(far, 1.0, v), np.where(far, 1.0, x))
    return np.where(far, far_by(1, 0, np.where(far, v, 0.0), np.where(far, x, 100.0)), inner)

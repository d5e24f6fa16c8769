"""Chebyshev polynomials T_n(x) = cos(n t) and U_n(x) = sin((n + 1) t)/sin(t), x = cos(t), by n and x, to every order.

Their Taylor coefficients in n are those of the sine and cosine, and each derivative by x follows from the two before by the differential
equation (DLMF 18.8.1, differentiated). Next to x = 1, where that cancels, they come from the hypergeometric series (DLMF 15.9.5, 15.9.6),
and next to x = -1 from those of -x by t = pi - s: cos(pi n) times the polynomial and sin(pi n) times the singular solution. Beyond
x = 1 sines are hyperbolic ones; beyond x = -1 there are values of whole n only. U has a `kind` of 1, and T of 0.
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.domain import REAL
from dualnet.table.jets import helper, product, times

CLOSE, TURN = 0.3, 3.0  # the series is taken for so small (1 - x)/2, and (n + kind) t


def _cosine(n, t, k, shift=0):
    """The jet of cos(n t), or of its derivative by n t of order `shift`."""
    waves = np.cos(n * t), -np.sin(n * t)
    return [(-1) ** ((j + shift) // 2) * waves[(j + shift) % 2] * t**j / math.factorial(j) for j in range(k + 1)]


def _upwards(kind, m, n, x, square, value, slope):
    """The jet of the m-th derivative by x from those of the first two, where `square` is 1 - x^2."""
    for i in range(m):
        low = times(times(value, n - i), n + 2 * kind + i)
        value, slope = slope, [((2 * i + 1 + 2 * kind) * x * s - v) / square for s, v in zip(slope, low)]
    return value


def _wide(right, left):
    """The complex angle, by its half."""
    near = np.abs(right) < np.abs(left)
    half = 2 * np.arcsin(np.sqrt(np.where(near, right, left)))
    return np.where(near, half, math.pi - half)


def _by_angle(kind, k, m, n, x, right, left):
    square = 4 * left * right
    if np.iscomplexobj(x):
        t, s = _wide(right, left), 2 * np.sqrt(right) * np.sqrt(left)
    else:
        t, s = 2 * np.arctan2(np.sqrt(right), np.sqrt(left)), np.sqrt(square)
    here, wave = _cosine(n, t, k), [-c for c in _cosine(n, t, k, 1)]
    if kind == 0:
        return _upwards(0, m, n, x, square, here, [c / s for c in times(wave, n)])
    value, above = [-c / s for c in _cosine(n + 1, t, k, 1)], _cosine(n + 1, t, k)
    if np.isrealobj(x):  # next to n = 0, where (n + 1) t is rounded, by the sums of angles
        few = np.abs(n) < 0.5
        value = [np.where(few, x * c / s + d, e) for c, d, e in zip(wave, here, value)]
        above = [np.where(few, x * d - s * c, e) for c, d, e in zip(wave, here, above)]
    return _upwards(1, m, n, x, square, value, [(c / s - d) / square for c, d in zip(wave, times(above, n))])


def _beyond(kind, k, m, n, x, right, left):
    return [c.real for c in _by_angle(kind, k, m, n, x + 0j, np.conj(right + 0j), left + 0j)]


def _series(kind, k, m, n, x, right, left):
    """The m-th derivative of 2F1(-n, n + 2 kind; kind + 1/2; (1 - x)/2), times n + 1 for U."""
    term, half, total = [1.0 + 0 * right] + [0 * right] * k, kind + 0.5, 0.0
    if kind:
        term = times(term, n + 1)
    for j in range(200):
        if j >= m:
            total = [a + b for a, b in zip(total, term)] if j > m else term
            if not any(np.any(np.abs(b) > 1e-18 * np.abs(a)) for a, b in zip(total, term)):
                break
        front = 0.5 / (half + j) if j < m else -right / ((half + j) * (j - m + 1))
        term = [front * c for c in times(times(term, n - j), n + 2 * kind + j)]
    return total


def _mirrored(kind, k, m, n, x, right, left):
    """Next to x = -1; the singular solution is sin(n s) or -cos((n + 1) s)/sin(s), with s = pi - t."""
    square, s = 4 * left * right, 2 * np.arctan2(np.sqrt(left), np.sqrt(right))
    sine, r = np.sqrt(square), n - np.round(n)
    even = (-1) ** np.round(n)
    if kind == 0:
        value, slope = [-c for c in _cosine(n, s, k, 1)], [c / sine for c in times(_cosine(n, s, k), n)]
    else:
        one, other = _cosine(n + 1, s, k), _cosine(n + 1, s, k, 1)
        value, slope = [-c / sine for c in one], [-(c * sine + d * x) / (sine * square) for c, d in zip(times(other, n + 1), one)]
    regular = [(-1) ** m * even * c for c in _series(kind, k, m, n, -x, left, right)]
    singular = [even * c for c in _upwards(kind, m, n, x, square, value, slope)]
    turn = _cosine(r, math.pi, k), [-c for c in _cosine(r, math.pi, k, 1)]
    return [a + b for a, b in zip(product(turn[0], regular), product(turn[1], singular))]


def _polynomial(kind, m, n, x):
    """Of whole n (DLMF 18.9.19, 18.9.21)."""
    front = 2.0**m * math.factorial(m) if kind else 2.0 ** (m - 1) * math.factorial(m - 1) * n
    return [np.where(n < m, 0.0, front * sp.eval_gegenbauer(np.maximum(n - m, 0).astype(int), float(m + kind), x))]


def _ways(kind, k, m, n, right, left):
    """Where each way holds, the first of which is taken."""
    if k == 0 and m > 0:
        yield (np.floor(n) == n) & (n < 1e6), lambda kind, k, m, n, x, *halves: _polynomial(kind, m, n, x)
    apart = np.sqrt(np.minimum(np.abs(right), np.abs(left)))
    near = (apart * apart < CLOSE) & (2 * apart * (n + kind) < TURN)
    if m + kind == 0:  # cos(n t) itself, whose odd derivatives by n are as small as n and lost in the other forms
        near = near & (np.abs(right) > np.abs(left)) & (n > 0.5)
    yield near & (np.abs(right) < np.abs(left)), _series
    if np.iscomplexobj(right):
        yield np.isfinite(right), _by_angle
    else:
        yield near & (left > 0), _mirrored
        yield (left >= 0) & (right >= 0), _by_angle
        yield (right < 0) & np.isfinite(right), _beyond


def _row(name, point, scale):
    """The derivative of order k by n and m by x, of the polynomials of `kind` at point(x), a cosine and half of its distances from 1
    and -1, as a row."""
    def value(k, m, kind, n, x):
        sign = np.where(n < -kind, -1.0, 1.0) ** (k + kind)  # T_n is even in n, and U_n odd in n + 1
        x, right, left = point(x)
        n = np.where(n < -kind, -2 * kind - n, n)
        out, open_ = np.full(x.shape, np.nan, right.dtype), np.isfinite(n)
        for where, way in _ways(kind, k, m, n, right, left):
            todo = open_ & where
            if np.any(todo):
                out[todo], open_ = way(kind, k, m, n[todo], x[todo], right[todo], left[todo])[-1], open_ & ~where
        return scale**m * math.factorial(k) * sign * out

    row = helper(name, value, 2, None, None, None, lambda k, m, kind, n, x, out: row(k + 1, m, kind, n, x),
                 lambda k, m, kind, n, x, out: row(k, m + 1, kind, n, x), domain=REAL)
    return row


chebyshev_by = _row("_chebyshev_by", lambda x: (x, 0.5 * (1 - x), 0.5 * (1 + x)), 1.0)
sh_chebyshev_by = _row("_sh_chebyshev_by", lambda x: (2 * x - 1, 1 - x, x), 2.0)

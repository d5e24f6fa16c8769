"""Tricomi's function U(a, b, x) by its parameters, to every order, for a > 0 and x > 0.

Under its integral (DLMF 13.4.4) each derivative by b is a factor log(1 + t), those by a are Bell polynomials of the score
log(t/(1 + t)) - psi(1 + a), and one by x is a factor -t. For small a, where the integral has a pole that 1/gamma(a) takes away, it is
first integrated by parts. In v = log(t) the integrand has one peak; it is taken by Gauss and Legendre on both sides of it.
"""


import numpy as np
import scipy.special as sp

from dualnet.table.densities import gamma_kernel
from dualnet.table.domain import POSITIVE
from dualnet.table.hypergeometric_by import by_row, own_values, poch
from dualnet.table.scores import bell
from dualnet.table.special_incomplete import integral, reach
from dualnet.table.stirling import polygamma
from dualnet.table.tricomi import tricomi

SMALL = 0.5
LARGEST, CHUNK = 1e6, 1024


def _log_ratio(u, t, p):
    """log((1 + t exp(u))/(1 + t)), where p = t/(1 + t)."""
    part = p * np.expm1(u)
    return np.where(part > -0.5, np.log1p(part), np.log1p(t * np.exp(u)) - np.log1p(t))


def _integrals(orders, a, b, x):
    """The derivative (i, j, m) for flat arrays."""
    i, j, m = orders
    parts = (a < SMALL) & (m == j == 0)  # log(1 + t), too, takes the pole away
    power, other = a + np.where(parts, 1.0, m), b - a - 1 - parts  # the powers of t and of 1 + t
    half = x - other - power
    root = np.hypot(half, 2 * np.sqrt(power * x))
    t = np.where(half > 0, 2 * power / (half + root), (root - half) / (2 * x))
    p, v = t / (1 + t), np.log(t)
    small = np.power(t, power) * np.exp(-x * t) * sp.rgamma(power)  # the same for powers below 1, also where x t is below the range
    peak = np.where(power < 1, small, gamma_kernel(power, x * t) * np.power(x, -power)) * np.power(1 + t, other)
    grow = lambda u, t, p, power, other, x: power * u - x * t * np.expm1(u) + other * _log_ratio(u, t, p)
    width = 1 / np.sqrt(1 + power + x * t + np.abs(other) * p / (1 + t))
    below = lambda u: np.maximum(u - v, 0) - np.maximum(-v, 0) if j else 0.0  # what log(1 + t) falls by
    down = reach(lambda u: below(u) - grow(-u, t, p, power, other, x), width)
    up = reach(lambda u: -grow(u, t, p, power, other, x), width)
    psi = [polygamma(n, 1 + a) if n else sp.psi(1 + a) for n in range(i)]

    def f(u, k):
        v0 = v[k] + u
        last = np.logaddexp(0, v0)
        score = lambda n: bell(n, 0, lambda n, _: -psi[n - 1][k] - (np.logaddexp(0, -v0) if n == 1 else 0.0))
        front = np.where(parts[k], x[k] * (1 + np.exp(v0)) + (1 + a - b)[k], a[k])
        by_a = front * score(i) + (i * score(i - 1) if i else 0.0)
        return by_a * last**j * np.exp(grow(u, t[k], p[k], power[k], other[k], x[k]))

    far, none = np.full_like(a, np.inf), np.zeros_like(a)
    total = integral(f, -down, none, -far, far) + integral(f, none, up, -far, far)
    scale = np.where(parts, 1.0, poch(1 + a, m - 1) if m else 1 / a)
    return (-1) ** m * peak * scale * total


def _tricomi(orders, a, b, x):
    out = np.full(a.shape, np.nan)
    good = (a > 0) & (a < LARGEST) & (np.abs(b) < LARGEST) & (x > 0) & np.isfinite(x)
    places = np.flatnonzero(good)
    for start in range(0, places.size, CHUNK):
        k = places[start:start + CHUNK]
        out[k] = _integrals(orders, a[k], b[k], x[k])
    rest = ~np.isfinite(out)
    if np.any(rest):
        m = orders[-1]
        own = lambda a, b, x: (-1) ** m * poch(a, m) * tricomi(a + m, b + m, x)
        out[rest] = own_values("hyperu", own, [*orders[:-1], 0], (a[rest], b[rest], x[rest]))
    return out


hyperu_by = by_row("hyperu", _tricomi, 3, (POSITIVE, POSITIVE, POSITIVE))

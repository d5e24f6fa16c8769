"""Derivatives of Weber's parabolic cylinder function W(a, x) and of its slope by x, by a and of any order.

E = W(a, x)/sqrt(k) + i sqrt(k) W(a, -x), with k = sqrt(1 + exp(2 pi a)) - exp(pi a), is a phase and a size times U(i a, z) at
z = x exp(-i pi/4) (DLMF 12.14.4 to 12.14.7). U is the integral of exp((t - z)^2/2 - z^2/4) t^v over a line Re t = c > 0, divided by
i sqrt(2 pi), v = -i a - 1/2 (DLMF 12.5.6), so derivatives by a are powers of -i log(t) under it. Through its saddle point nothing cancels,
while the even and the odd power series lose up to 9 digits. Left of 0, where W grows and E is all but real, its real part is taken
also for negative x, as far as the line passes the branch point at 0.
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.domain import OPEN
from dualnet.table.jets import exponential, helper, product
from dualnet.table.stirling import STIRLING

LARGEST = 5.0  # of |a| and |x|: beyond it SciPy has no value
WIDTH, STEPS = 10.5, 25
TURN = np.exp(-0.25j * math.pi)


def _polygamma(k, z):
    """The k-th derivative of psi, k > 0, of complex z right of 0: steps up to where the asymptotic series holds (DLMF 5.15.5, 5.15.8)."""
    up = z + STEPS
    out = sum(c * math.perm(2 * j + k + 1, k + 1) / up ** (2 * j + k + 2) for j, c in enumerate(STIRLING))
    out = out + math.factorial(k - 1) / up**k + math.factorial(k) / (2 * up ** (k + 1))
    return (-1) ** (k + 1) * (out + math.factorial(k) * sum((z + n) ** -(k + 1) for n in range(STEPS)))


def _half_log(a, order):
    """The jet of log(k)/2, whose slope is -pi/2 times g = exp(pi a)/sqrt(1 + exp(2 pi a)), and g' = pi (g - g^3)."""
    g = [np.sqrt(sp.expit(2 * math.pi * a))]
    for n in range(1, order):
        cube = product(product(g, g), g)[-1]
        g.append(math.pi * (g[-1] - cube) / n)
    return [-0.5 * np.arcsinh(np.exp(math.pi * a)), *(-0.5 * math.pi * c / n for n, c in enumerate(g[:order], 1))]


def _front(a, order, sign):
    """The jet of sqrt(2) k^(sign/2) exp(pi a/4 + i (pi/8 + phase of gamma(1/2 + i a)/2))."""
    z = 0.5 + 1j * a
    phase = [sp.loggamma(z).imag, sp.psi(z).real, *(np.imag(1j**n * _polygamma(n - 1, z)) / math.factorial(n) for n in range(2, order + 1))]
    log = [sign * s + 0.5j * p for s, p in zip(_half_log(a, order), phase)]
    log[0] = log[0] + 0.25 * math.pi * a + (0.5 * math.log(2) + 0.125j * math.pi)
    if order:
        log[1] = log[1] + 0.25 * math.pi
    return exponential(log)


def _line(k, m, a, x):
    """The jet of U(i a, x exp(-i pi/4)), or (m = 1) of its slope by x, by the trapezoidal rule along a line through the saddle point."""
    z = TURN * x
    saddle = 0.5 * (z + np.sqrt(1j * (4 * a - x * x)))
    c = np.maximum(saddle.real, 1.0)
    h = np.minimum(0.14 * c, 0.33)
    total = [0.0] * (k + 1)
    for j in range(-int(np.max(WIDTH / h)), int(np.max(WIDTH / h)) + 1):
        t = c + 1j * (saddle.imag + j * h)
        log = np.log(t)
        term = np.exp(0.5 * (t - z) ** 2 - 0.25 * z * z - (1j * a + 0.5) * log) * (TURN * (0.5 * z - t)) ** m
        for n in range(k + 1):
            total[n] = total[n] + term
            term = term * (-1j / (n + 1)) * log
    return [h / math.sqrt(2 * math.pi) * c for c in total]


def _weber(k, m, a, x):
    """d^k/da^k of W(a, x), or (m = 1) of its slope by x."""
    out = np.full_like(x, np.nan)
    good, ahead = (np.abs(a) <= LARGEST) & (np.abs(x) <= LARGEST), x >= -1.25 * np.sqrt(np.maximum(a, 0.0))
    for mask, sign, part in ((good & ahead, 1, np.real), (good & ~ahead, -1, np.imag)):
        if np.any(mask):
            some, y = a[mask], sign * x[mask]
            out[mask] = sign**m * math.factorial(k) * part(product(_front(some, k, sign), _line(k, m, some, y))[k])
    return out


def _by_x(k, m, a, x, out):
    if m == 0:
        return weber_by(k, 1, a, x)
    bend = (a - 0.25 * x * x) * weber_by(k, 0, a, x)
    return bend + k * weber_by(k - 1, 0, a, x) if k else bend


weber_by = helper("_pbwa_by", _weber, 2, None, None, lambda k, m, a, x, out: weber_by(k + 1, m, a, x), _by_x,
                  domain=OPEN(-LARGEST, LARGEST), chunk=1 << 11)

"""The logarithm of gamma, psi and their steps by Stirling's series, and log(1+x) - x and exp(x) - 1 - x, where differences
of SciPy's values cancel."""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.row import pointwise, primal

STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400]


def stirling(a):
    """log gamma(a) - ((a - 1/2) log a - a + log(2 pi)/2); for a > 10 its asymptotic series (DLMF 5.11.1)."""
    big = primal(a) > 10
    small, large = np.where(big, 1.0, a), np.where(big, a, 10.0)
    r, out = 1 / np.square(large), STIRLING[-1]
    for c in STIRLING[-2::-1]:
        out = out * r + c
    return np.where(big, out / large, sp.gammaln(small) - (small - 0.5) * np.log(small) + small - 0.5 * math.log(2 * math.pi))


def polygamma(n, x):
    """The n-th derivative of psi."""
    return sp.psi(x) if n == 0 else (-1) ** (n + 1) * math.factorial(n) * sp.zeta(n + 1.0, x)


def psi_step(a, b):
    """psi(a + b) - psi(a), to full precision also for b far below a: ten steps up, then the logarithm and the small
    rest of the asymptotic series (DLMF 5.11.2)."""
    out, up = 0.0, a + 10
    for n in range(10):
        out = out + b / (a + n) / (a + n + b)
    return out + np.log1p(b / up) + rest_step(up, b)


def polygamma_step(n, a, b):
    """polygamma(n, a + b) - polygamma(n, a), to full precision in the same way: each inverse power's step by expm1."""
    if n == 0:
        return psi_step(a, b)
    up, out = a + (10 + n), 0.0
    for k in range(10 + n):
        out = out + power_step(n + 1, a + k, b)
    out = math.factorial(n) * (out + 0.5 * power_step(n + 1, up, b)) + math.factorial(n - 1) * power_step(n, up, b)
    return (-1) ** (n + 1) * (out + series_step(n, up, b))


def power_step(m, a, b):
    """(a + b)^-m - a^-m, to full precision also for b far below a."""
    return np.expm1(-m * np.log1p(b / a)) / a**m


def series_step(n, a, b):
    """The step of what follows the first two terms in the asymptotic series of the n-th derivative of psi, up to its sign (DLMF 5.15.9)."""
    return sum(c * (math.factorial(2 * k + n + 1) // math.factorial(2 * k)) * power_step(2 * k + 2 + n, a, b)
               for k, c in enumerate(STIRLING))


def rest_step(a, b):
    """The step of psi(a) - log(a) from a to a + b, for a >= 10, to full precision: `more` is that of a^-2k over a^-2k."""
    square, power = np.expm1(-2 * np.log1p(b / a)), 1 / np.square(a)
    out, factor, more = 0.5 * b / (a * (a + b)), 1 / np.square(a), square
    for k, c in enumerate(STIRLING):
        out = out - (2 * k + 1) * c * factor * more
        factor, more = factor * power, more + square + more * square
    return out


def psi_rest(a):
    """psi(a) - log(a) + 1/(2a) for a >= 10, by the asymptotic series."""
    r, out = 1 / np.square(a), 0.0
    for k in range(len(STIRLING), 0, -1):
        out = out * r - (2 * k - 1) * STIRLING[k - 1]
    return out * r


def trigamma(z):
    """psi'(z) of complex z, for which SciPy has no function: left of 1/2 by reflection (DLMF 5.15.6); then ten steps up (5.15.5) to where
    the asymptotic series (5.15.8) has all digits. Tiny imaginary parts, as complex steps have, keep theirs."""
    left = np.real(primal(z)) < 0.5
    x = np.where(left, 1 - z, z)
    out, up = 0.0, x + 10
    for n in range(10):
        out = out + 1 / np.square(x + n)
    r, rest = 1 / np.square(up), 0.0
    for k in range(len(STIRLING), 0, -1):
        rest = rest * r + 2 * k * (2 * k - 1) * STIRLING[k - 1]
    out = out + (1 + 0.5 / up + rest * r) / up
    if not np.any(left):
        return out
    near = left & (np.abs(np.imag(primal(z))) < 30)  # further away from the axis the other term is below 1e-80
    turn = np.square(math.pi / np.sin(math.pi * np.where(near, z - np.round(np.real(primal(z))), 0.25)))
    return np.where(left, np.where(near, turn, 0.0) - out, out)


def mean_growth(v):
    """The slope by v of the logarithm of the mean of sqrt(chi-square(v)/v), (psi(v/2 + 1/2) - psi(v/2) - 1/v)/2; for large v by
    Legendre's duplication (DLMF 5.5.8), which leaves the small rests of psi."""
    big = primal(v) > 30
    small, large = np.where(big, 1.0, v), np.where(big, v, 30.0)
    return np.where(big, psi_rest(large) - psi_rest(0.5 * large), 0.5 * (psi_step(0.5 * small, 0.5) - 1 / small))


def _mean_root(v):
    a = 0.5 * v
    return np.exp(a * np.log1p(0.5 / a) - 0.5 + stirling(a + 0.5) - stirling(a))


# The mean of sqrt(chi-square(v)/v), sqrt(2/v) gamma((v+1)/2)/gamma(v/2); by Stirling's rest, as a difference of log-gammas loses digits
# for large v, and its slope by one that does not cancel either.
mean_root = pointwise(_mean_root, lambda v, out: out * mean_growth(v), name="mean of sqrt(chi-square(v)/v)")


def _log1p_less(x):
    """log(1+x) - x; where they nearly cancel by the series of 2 artanh(r), r = x/(2+x), less its first term (DLMF 4.6.4)."""
    x = np.asarray(x)
    near = (x >= -0.5) & (x <= 1)
    close = np.where(near, x, 0)
    r, total = close / (2 + close), 0
    square = r * r
    for k in range(35, 1, -2):
        total = total * square + 2 / k
    return np.where(near, r * (square * total - close), np.log1p(x) - x)[()]


log1p_less = pointwise(_log1p_less, lambda x, out: -x / (1 + x), name="log(1+x)-x")


def exp_less(x):
    """exp(x) - 1 - x of plain numbers, real or complex, by its series next to 0."""
    near = np.abs(x) < 0.7
    close, total = np.where(near, x, 0.0), 0.0
    for k in range(16, 1, -1):
        total = total * close + 1 / math.factorial(k)
    return np.where(near, close * close * total, np.expm1(x) - x)

"""Scores of the gamma and the beta distribution: derivatives of the logarithm of their densities by their parameters, and what those
make of the density's own derivatives.

A density's k-th derivative is the density times a Bell polynomial of its scores (Faa di Bruno's formula). Next to a = 0 the scores have
the poles of psi(a), whose powers cancel in the polynomial to what is left of 1/gamma(a) = a/gamma(1 + a). So from the second
derivative on this factor is taken apart by the rule of Leibniz, and the scores are those of the rest, with psi(1 + a).
"""

import functools
import itertools
import math

import numpy as np
import scipy.special as sp
from numpy.polynomial import Polynomial

from dualnet.table.row import primal
from dualnet.table.stirling import STIRLING, polygamma, polygamma_step, power_step, psi_rest, psi_step, series_step


def psi_gap(a):
    """log(a) - psi(a)."""
    big = primal(a) > 10
    small, large = np.where(big, 1.0, a), np.where(big, a, 10.0)
    return np.where(big, 0.5 / large - psi_rest(large), np.log(small) - sp.psi(small))


def psi_above(n, a):
    """The n-th derivative of log(a) - psi(1 + a), of plain numbers."""
    if n == 0:
        return np.where(a > 1, psi_gap(a) - 1 / a, np.log(a) - sp.psi(1 + a))
    big = a > 20
    small, large = np.where(big, 1.0, a), np.where(big, a, 20.0)
    series = -0.5 * math.factorial(n) / large ** (n + 1) + sum(
        (2 * k - 1) * c * math.perm(2 * k + n - 1, n) / large ** (2 * k + n) for k, c in enumerate(STIRLING, 1))
    near = (-1) ** (n - 1) * math.factorial(n - 1) / small**n - polygamma(n, 1 + small)
    return np.where(big, (-1) ** n * series, near)


def gamma_score(a, x):
    """log(x) - psi(a), the score of the gamma density by a, without the cancellation next to x = a."""
    near = np.abs(primal(x) - primal(a)) < 0.5 * primal(a)
    close = np.log1p(np.where(near, x - a, 0.0) / a) + psi_gap(a)
    return np.where(near, close, np.log(x) - sp.psi(a))


def bell(j, k, score):
    """d^(j+k) f / da^j db^k over f, from score(j, k), that of log f (Faa di Bruno's formula, as a recurrence)."""
    if j == k == 0:
        return 1.0
    if j == 0:
        return bell(k, 0, lambda j, k: score(k, j))
    total = 0.0
    for i in range(j):
        for m in range(k + 1):
            total = total + math.comb(j - 1, i) * math.comb(k, m) * score(i + 1, m) * bell(j - 1 - i, k - m, score)
    return total


def gamma_bell(k, a, score):
    """d^k f / da^k over f, the gamma density at x, k > 0, where `score` is gamma_score(1 + a, x), or gamma_score(a, x) for k = 1."""
    if k == 1:
        return score
    psi = [polygamma(n, 1 + a) for n in range(1, k)]
    step = lambda k: bell(k, 0, lambda j, _: -psi[j - 2] if j > 1 else score)
    return step(k) + k * step(k - 1) / a


def beta_bell(j, k, a, b, low, high):
    """d^(j+k) f / da^j db^k over f, the beta density at the odds w, j + k > 0; `low` is log(p), `high` log(1 - p) at p = w/(1+w)."""
    if j + k == 1:
        return (psi_step(a, b) + low) if j else psi_step(b, a) + high
    fixed = _fixed_scores(j, k, a, b)

    def step(j, k):
        return bell(j, k, lambda m, n: fixed[m, n] if m + n > 1 else fixed[m, n] + (high if n else low))

    return _with_front(j, k, a, b, step)


def _logistic(n, p, q):
    """The derivatives up to the n-th of q = 1 - p by the log-odds log(p/q): from the first on p q times a polynomial in q."""
    out, rest = [q], Polynomial([-1])
    for _ in range(n):
        out.append(p * q * rest(q))
        rest = rest * Polynomial([-1, 2]) + rest.deriv() * Polynomial([0, -1, 1])
    return out


def beta_slopes(j, k, n, a, b, x):
    """d^(j+k+s) f / da^j db^k dz^s over f for s = 0 to n, where f is the beta density over log-odds z, at z = log(a x/b)."""
    w = a / b * x
    p, q = w / (1 + w), 1 / (1 + w)
    by_z, out = _logistic(n, p, q), {}
    logs = {(0, 0): [a * q * (1 - x)] + [(a + b) * r for r in by_z[1:]], (1, 0): by_z, (0, 1): [-p] + by_z[1:]}  # of log f, from d/dz on
    for s, l, m in itertools.product(range(n + 1), range(j + 1), range(k + 1)):
        if s == 0:
            out[s, l, m] = beta_bell(l, m, a, b, -np.log1p(1 / w), -np.log1p(w)) if l + m else 1.0
        else:
            out[s, l, m] = sum(math.comb(l, c) * math.comb(m, d) * math.comb(s - 1, t) * slopes[t] * out[s - 1 - t, l - c, m - d]
                               for (c, d), slopes in logs.items() if c <= l and d <= m for t in range(s))
    return [out[s, j, k] for s in range(n + 1)]


def front_factor(m, n, a, b):
    """The (m, n)-th derivative of a b/(a + b) over it, m + n > 0, without the terms of Leibniz' rule that cancel."""
    s = a + b
    if m + n == 1:
        return b / a / s if m else a / b / s  # a s leaves the range
    return (-1) ** (m + n) * math.factorial(m + n - 2) * (n * (1 - n) * a / b + m * (1 - m) * b / a + 2 * m * n) / s ** (m + n)


def _with_front(j, k, a, b, step):
    """What the derivatives `step` of a function over it become by its factor a b/(a + b)."""
    out = step(j, k)
    for m, n in itertools.product(range(j + 1), range(k + 1)):
        if m + n:
            out = out + math.comb(j, m) * math.comb(k, n) * front_factor(m, n, a, b) * step(j - m, k - n)
    return out


def psi_excess_step(n, a, b):
    """The step of the n-th derivative of psi(1 + a) - log(a) from a to a + b, to full precision also for b far below a."""
    big = a > 10 + n
    small, large = np.where(big, 1.0, a), np.where(big, a, 10.0 + n)
    log = (-1) ** (n + 1) * math.factorial(n - 1) * power_step(n, small, b) if n else np.log1p(b / small)
    near = polygamma_step(n, 1 + small, b) - log
    far = series_step(n, large, b) - 0.5 * math.factorial(n) * power_step(n + 1, large, b)
    return np.where(big, (-1) ** (n + 1) * far, near)


def fisher_bell(j, k, a, b, e, d, less, other):
    """d^(j+k) f / da^j db^k over f, the density of the F distribution with 2a and 2b degrees of freedom at x, which is held.

    Its logarithm is a log(r) + b log(s) and what does not depend on x, where r = 1 + e = (a + b) x/(b + a x) and s = 1 + d = r/x are 1
    at the mean. In its derivatives what e and d are raised to less than 2 cancels, and is left out. `less` and `other` are
    log(r) - e and log(s) - d.
    """
    total = a + b

    @functools.cache
    def score(m, n):
        by = m + n
        fixed = -psi_above(by - 1, total) if m and n else psi_excess_step(by - 1, a, b) if m else psi_excess_step(by - 1, b, a)
        if by == 1:
            return fixed + (less if m else other)
        powers = sum((p + q - 1) * math.comb(m, p) * math.comb(n, q) * e**p * d**q
                     for p in range(m + 1) for q in range(n + 1) if p + q > 1)
        return fixed + (-1) ** by * math.factorial(by - 2) / total ** (by - 1) * powers

    return _with_front(j, k, a, b, lambda m, n: bell(m, n, score))


def _fixed_scores(j, k, a, b):
    """d^(m+n)/da^m db^n of log gamma(1 + a + b) - log gamma(1 + a) - log gamma(1 + b), for m + n > 0, m <= j, n <= k."""
    out = {(m, n): polygamma(m + n - 1, 1 + a + b) for m in range(1, j + 1) for n in range(1, k + 1)}
    out |= {(m, 0): polygamma_step(m - 1, 1 + a, b) for m in range(1, j + 1)}
    return out | {(0, n): polygamma_step(n - 1, 1 + b, a) for n in range(1, k + 1)}

"""Quotients of gamma functions as Taylor coefficients by what their arguments depend on, to every order.

Each is its value times the exponential of the series of its logarithm, whose coefficients are polygamma functions and their steps (DLMF
5.15). Poles that cancel are taken out as factors first.
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.doubled import high, lifted
from dualnet.table.hyperseries import PLAIN, TWICE, over, product, times
from dualnet.table.stirling import polygamma, polygamma_step

LOSS = 1e3  # how much may cancel in the product with gamma functions


def plus(*directions):
    return [sum(d) for d in zip(*directions)]


def minus(direction):
    return [-d for d in direction]


def _step(k, v, w):
    """The step of the k-th derivative of psi from v > 0 to v + w."""
    return np.where(v + w > 0, polygamma_step(k, v, w), polygamma(k, v + w) - polygamma(k, v))


def _steps(v):
    """How far the left of these arguments of gamma are from where it has no poles."""
    return max(0, math.ceil(0.5 - np.min(v, initial=1.0)))


def of_gammas(orders, gammas, bare=math.inf):
    """Taylor coefficients of a product of gamma(v + w)/gamma(v) to the powers +-1, given as (power, (v, direction), (w, direction)).

    Next to v = 0, where the poles of psi would cancel, gamma(v + w)/gamma(v) is that of v + 1 times v/(v + w), and so on left of it.
    Slopes by what v alone depends on fall with w, and are no difference. Factors v + k of the first from k = `bare` on are left out.
    """
    axes, total = len(orders), sum(orders)
    steps = [_steps(v) for _, (v, _), _ in gammas]
    poles = [(m == 0 and k >= bare, sign, v + k, dv, *w) for m, (n, (sign, (v, dv), w)) in enumerate(zip(steps, gammas)) for k in range(n)]
    gammas = [(sign, (v + float(n), dv), w) for n, (sign, (v, dv), w) in zip(steps, gammas)]
    each = [(s * sign, x) for sign, (v, _), (w, _) in gammas for s, x in ((1, v + w), (-1, v))]
    inside = np.logical_and.reduce([x < 150 for _, x in each])
    value = np.exp(sum(sign * sp.gammaln(x) for sign, x in each))
    if np.any(inside):
        value = np.where(inside, np.prod([sp.gamma(np.where(inside, x, 1.0)) ** sign for sign, x in each], axis=0), value)
    out = np.zeros(tuple(n + 1 for n in orders) + value.shape)
    out[(0,) * axes] = 1.0
    log, powers = np.zeros_like(out), [(out, out)] * len(gammas)
    for k in range(1, total + 1):
        powers = [(times(c, 0.0, dv) / k, times(d, 0.0, plus(dv, dw)) / k) for (c, d), (_, (_, dv), (_, dw)) in zip(powers, gammas)]
        for (c, d), (sign, (v, dv), (w, _)) in zip(powers, gammas):
            log = log + sign * (polygamma(k - 1, v + w) * (d - c) + (_step(k - 1, v, w) * c if any(dv) else 0.0))
    term = out
    for k in range(1, total + 1):
        term = product(term, log, axes) / k
        out = out + term
    for pole in poles:
        out = _quotient(out, *pole)
    return out * value


def _quotient(c, bare, sign, v, dv, w, dw):
    """The coefficients times v/(v + w), or (v + w)/v; or divided by v + w alone."""
    if bare:
        return over(c, 1 / (v + w), plus(dv, dw))
    more = times(c, w, dw)
    if sign < 0:
        return c + over(more, 1 / v, dv)
    r, d = 1 / (v + w), plus(dv, dw)
    return np.where(np.abs(w) < v, c - over(more, r, d), over(times(c, v, dv), r, d))


def without_pole(first, exact, value, size, gamma):
    """Coefficients of a series, and sizes, times v + k from k = `first` on of gamma(v + w)/gamma(v), by which poles of its terms cancel."""
    _, (v, dv), _ = gamma
    for k in range(first, _steps(v)):
        value, size = times(value, *lifted(exact, v + k), dv), times(size, np.abs(v + k), np.abs(dv).tolist())
    return value, size


def times_gammas(by, exact, value, size, gammas, bare=math.inf):
    """Coefficients and sizes of the product with gamma functions, in doubles; the sizes tell also what cancels in it."""
    if not gammas:
        return value, size
    front, value = of_gammas(by, gammas, bare), high(value)
    axes, within = len(by), (TWICE if exact else PLAIN) / LOSS * np.abs(value)
    return product(front, value, axes), product(np.abs(front), np.maximum(size, within), axes)

"""Densities of the gamma and beta distributions, written with NumPy so that they nest: times x by Loader's form, next to 0 by the power
that they are there.

In Loader's form (2000, Fast and accurate computation of binomial probabilities) x^a / x stands for x^(a-1), whose slopes by x are small
beside their parts, of size x^a / x^2, where a is next to 1, 2 or 3: such shapes have a form with the power itself.
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.row import primal
from dualnet.table.stirling import log1p_less, stirling

TINY, FAR = 1e-30, 1e300


def log_power(ratio, a, excess):
    """a log(ratio) - excess where ratio = x/a and excess = x - a, without the cancellation of x against a."""
    near = np.abs(primal(excess)) < 0.5 * primal(a)
    close = log1p_less(np.where(near, excess, 0.0) / a)
    return a * np.where(near, close, np.log(np.where(near, 1.0, ratio))) - np.where(near, 0.0, excess)


def gamma_kernel(a, x):
    """x^a exp(-x) / gamma(a), x times the gamma density.

    Stirling's main terms are taken out of gamma(a) and cancelled by hand against x^a exp(-x) (Loader 2000): the plain
    exponent loses log10(a log a) digits.
    """
    x = np.where(np.isinf(primal(x)), FAR, x)
    return np.exp(log_power(x / a, a, x - a) - stirling(a)) * np.sqrt(a * (0.5 / math.pi))


def beta_kernel(a, b, w):
    """p^a (1-p)^b / beta(a, b) with p = w/(1+w): w times the density of the odds w, by Loader's form again."""
    w = np.where(np.isinf(primal(w)), FAR, w)
    p, q = w / (1 + w), 1 / (1 + w)
    n, d = a + b, p * b - q * a
    exponent = log_power(p * (n / a), a, d) + log_power(q * (n / b), b, -d) + stirling(n) - stirling(a) - stirling(b)
    return np.exp(exponent) * np.sqrt(a * (b / n) * (0.5 / math.pi))


def _whole(a):
    """True for a = 1, 2 and 3, where x^(a-1) is a polynomial, also at 0."""
    a = primal(a)
    return (a == 1) | (a == 2) | (a == 3)


def _few(a, x, other=1.0):
    """True for shapes a next to 1, 2 and 3 where x is below 1; the `other` shape is then 0.1 or more."""
    a, x = primal(a), primal(x)
    return (x < 1) & (_whole(a) | (a >= 0.5) & (a < 5) & (x >= TINY) & (primal(other) >= 0.1))


def chosen(mask, f, g, *args):
    """f of the arguments where `mask` is True, g of them elsewhere, each with arguments of 1 or 1/2 in the other's place."""
    if not np.any(mask):
        return g(*args)
    if np.all(mask):
        return f(*args)
    *shapes, x = args
    f, g = (h(*[np.where(m, a, 1.0) for a in shapes], np.where(m, x, 0.5)) for h, m in ((f, mask), (g, ~mask)))
    return np.where(mask, f, g)


def over(x, density):
    """x / density, whose slopes leave the range with their own values: a quotient's pass through powers of 1/density."""
    _, powers = np.frexp(primal(density))
    if np.all(powers > -200):
        return x / density
    scale = np.ldexp(1.0, np.clip(-powers, -1000, 1000))
    return x * scale / (density * scale)


def gamma_density(a, x):
    """x^(a-1) exp(-x) / gamma(a); also for a = 0, the point at 0, and next to x = 0."""
    return chosen(_few(a, x), _gamma_power, _gamma_density, a, x)


def _gamma_power(a, x):
    return np.power(x, a - 1) * np.exp(-x) / sp.gamma(a)


def _gamma_density(a, x):
    edge = (primal(x) < TINY) | (primal(a) == 0)
    if not np.any(edge):
        return gamma_kernel(a, x) / x
    inner = gamma_kernel(np.where(edge, 1.0, a), np.where(edge, 1.0, x)) / np.where(edge, 1.0, x)
    return np.where(edge, np.exp(sp.xlogy(a - 1, x) - x - sp.gammaln(a)), inner)


def _over_beta(a, b):
    """1/beta(a, b) for a below 5: the rising factorial of b over gamma(a)."""
    whole = _whole(a)
    rest = chosen(whole, sp.poch, _rising, b, a)
    return rest / sp.gamma(a)


def _rising(b, a):
    """gamma(b + a) / gamma(b)."""
    return np.power(b, a) * np.exp((b + a - 0.5) * np.log1p(a / b) - a + stirling(b + a) - stirling(b))


def odds_density(a, b, w):
    """w^(a-1) (1+w)^(-a-b) / beta(a, b), the beta prime density; also next to w = 0."""
    return chosen(_few(a, w, b), _odds_power, _odds_density, a, b, w)


def _odds_power(a, b, w):
    return np.power(w, a - 1) * np.exp(-(a + b) * np.log1p(w)) * _over_beta(a, b)


def _odds_density(a, b, w):
    edge = primal(w) < TINY
    if not np.any(edge):
        return beta_kernel(a, b, w) / w
    inner = beta_kernel(a, b, np.where(edge, 1.0, w)) / np.where(edge, 1.0, w)
    return np.where(edge, np.exp(sp.xlogy(a - 1, w) - (a + b) * np.log1p(w) - sp.betaln(a, b)), inner)


def beta_density(a, b, x):
    """x^(a-1) (1-x)^(b-1) / beta(a, b); also for a = 0 or b = 0, the points at the ends, and there."""
    plain = primal(x)
    low, high = _few(a, x, b) & (plain < 0.5), _few(b, 1 - plain, a) & (plain >= 0.5)
    return chosen(low, _beta_power, lambda a, b, x: chosen(high, lambda a, b, x: _beta_power(b, a, 1 - x), _beta_density, a, b, x), a, b, x)


def _beta_power(a, b, x):
    return np.power(x, a - 1) * np.exp(sp.xlog1py(b - 1, -x)) * _over_beta(a, b)


def _beta_density(a, b, x):
    edge = (primal(x) < TINY) | (primal(x) >= 1) | (primal(a) == 0) | (primal(b) == 0)
    if not np.any(edge):
        return beta_kernel(a, b, np.divide(x, 1 - x)) / (x * (1 - x))
    t = np.where(edge, 0.5, x)
    inner = beta_kernel(np.where(edge, 1.0, a), np.where(edge, 1.0, b), t / (1 - t)) / (t * (1 - t))
    return np.where(edge, np.exp(sp.xlogy(a - 1, x) + sp.xlog1py(b - 1, -x) - sp.betaln(a, b)), inner)

"""The F distribution and Student's, whose square has it: densities and slopes by degrees of freedom, next to 0 and by very many of them."""

import numpy as np
import scipy.special as sp

from dualnet.table.densities import beta_kernel, chosen, odds_density
from dualnet.table.row import Traced, primal
from dualnet.table.special import ROOT_2PI, near
from dualnet.table.special_incomplete import fisher_by, fisher_density_by
from dualnet.table.stirling import log1p_less, mean_growth, mean_root

MANY = 60.0  # degrees of freedom: beyond them slopes by them are taken with x held


def _fisher_density(m, n, x):
    """The density of the F distribution; by degrees of freedom with x held where these are many or the odds w = m x/n large or small, for
    then its slope by them with the odds held and that by the odds nearly cancel."""
    if not (isinstance(m, Traced) or isinstance(n, Traced)):
        return _density_of_odds(m, n, x)
    odds = np.divide(primal(m), primal(n)) * primal(x)
    held = (np.maximum(primal(m), primal(n)) > MANY) | (odds > 100) | (odds < 0.01) & (primal(m) % 2 != 0)  # x^(m/2 - 1) next to 0
    return chosen(held, lambda m, n, x: fisher_density_by(0, 0, 0.5 * m, 0.5 * n, x), _density_of_odds, m, n, x)


def _density_of_odds(m, n, x):
    """The same from the density of the odds; where these are large, from w times that of w, which keeps in the range."""
    large = primal(np.divide(m, n) * x) > 1e20
    if not np.any(large):
        return np.divide(m, n) * odds_density(0.5 * m, 0.5 * n, np.divide(m, n) * x)
    u = np.where(large, 1.0, x)
    inner = np.divide(m, n) * odds_density(0.5 * m, 0.5 * n, np.divide(m, n) * u)
    return np.where(large, beta_kernel(0.5 * m, 0.5 * n, np.divide(m, n) * x) / x, inner)


FISHER = {"m": lambda m, n, x: 0.5 * fisher_by(1, 0, 0.5 * m, 0.5 * n, x), "n": lambda m, n, x: 0.5 * fisher_by(0, 1, 0.5 * m, 0.5 * n, x),
          "x": _fisher_density}


def _student_t(v, t):
    """Student's density, for many degrees of freedom without log(1 + t^2/v)'s first term, which then nearly cancels by v."""
    v = np.where(np.isinf(primal(v)), 1e18, v)
    square = t * t
    odds = square / v
    power = near(odds, 1.0, lambda s: np.where(primal(odds) < 1, square + odds, 0.0) + (v + 1) * log1p_less(s),
                 lambda s: (v + 1) * np.log1p(s))
    return mean_root(v) * np.exp(-0.5 * power) / ROOT_2PI


def _student_by_v(v, t):
    """The slope by v, as t^2 has the F distribution; next to t = 0, where v/t^2 is too large, by its series in t, integrated from
    the binomial series of the density."""
    close = np.square(primal(t)) < 1e-3 * np.minimum(primal(v), 1)
    far = np.where(close, 1.0, t)
    out = -0.25 * np.sign(primal(far)) * fisher_by(1, 0, 0.5 * v, 0.5, 1 / np.square(far))
    if not np.any(close):
        return out
    power, total = np.where(close, t, 0.0), 0.0
    square, growth = -power * power, mean_growth(v)  # of the logarithm of the density at 0
    for k in range(7):
        total = total + power * growth / (2 * k + 1)
        power, growth = power * square * ((0.5 + (0.5 + k) / v) / (k + 1)), growth - (1 + 2 * k) / v / (v + 1 + 2 * k)
    return np.where(close, _student_t(v, np.zeros_like(primal(t))) * total, out)


def student(v, t):
    """Student's distribution function of plain numbers, whose lower tail SciPy's loses beyond 1e-17."""
    tail = np.asarray(t) < -2
    square = np.square(np.where(tail, t, 2.0))
    return np.where(tail, 0.5 * sp.betainc(0.5 * v, 0.5, v / (v + square)), sp.stdtr(v, t))


def student_gap(v, t, y):
    """Student's distribution function less y, from their distances from 1/2 where these keep the digits that t holds next to 0."""
    square = np.square(t)
    middle = 0.5 * np.sign(t) * sp.betainc(0.5, 0.5 * v, square / (v + square)) - (y - 0.5)
    return np.where(np.abs(t) < 2, middle, student(v, t) - y)


STUDENT = {"v": _student_by_v, "t": _student_t}

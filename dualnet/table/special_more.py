"""Rows of ``scipy.special``: orthogonal polynomials and distribution functions.

Distribution functions are differentiated by their continuous arguments: the slope is the density, that of
an inverse is one over the density.
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.domain import OPEN, POSITIVE, REAL
from dualnet.table.parameters import absolute
from dualnet.table.row import primal
from dualnet.table.special import ROOT_2PI, UNIT, beta_density, faddeeva, gamma_density, row

INSIDE = OPEN(-1, 1)


def less(n):
    """n - 1, and n itself where n = 0, whose terms are multiplied by 0."""
    return np.where(primal(n) == 0, n, n - 1)


def some(n):
    """0 where n = 0, else 1."""
    return np.where(primal(n) == 0, 0, 1)


# --- orthogonal polynomials: derivatives are polynomials of the next kind (DLMF 18.9) -------------------------
row("eval_legendre", absolute, lambda n, x, out: some(n) * (n + 1) / 2 * sp.eval_jacobi(less(n), 1.0, 1.0, x), domain=(POSITIVE, INSIDE))
row("eval_chebyt",  absolute, lambda n, x, out: n * sp.eval_chebyu(less(n), x), domain=(POSITIVE, INSIDE))
row("eval_chebyu",  absolute, lambda n, x, out: some(n) * 2 * sp.eval_gegenbauer(less(n), 2.0, x), domain=(POSITIVE, INSIDE))
row("eval_chebyc",  absolute, lambda n, x, out: n * sp.eval_chebys(less(n), x), domain=(POSITIVE, OPEN(-2, 2)))
row("eval_chebys",  absolute, lambda n, x, out: some(n) * sp.eval_gegenbauer(less(n), 2.0, x / 2), domain=(POSITIVE, OPEN(-2, 2)))
row("eval_gegenbauer", absolute, absolute, lambda n, a, x, out: some(n) * 2 * a * sp.eval_gegenbauer(less(n), a + 1, x),
    domain=(POSITIVE, POSITIVE, INSIDE))
row("eval_jacobi",  absolute, absolute, absolute,
    lambda n, a, b, x, out: some(n) * (n + a + b + 1) / 2 * sp.eval_jacobi(less(n), a + 1, b + 1, x),
    domain=(POSITIVE, POSITIVE, POSITIVE, INSIDE))
row("eval_laguerre", absolute, lambda n, x, out: -some(n) * sp.eval_genlaguerre(less(n), 1.0, x), domain=(POSITIVE, POSITIVE))
row("eval_genlaguerre", absolute, absolute, lambda n, a, x, out: -some(n) * sp.eval_genlaguerre(less(n), a + 1, x), domain=POSITIVE)
row("eval_hermite", None, lambda n, x, out: 2 * n * sp.eval_hermite(less(n), x), domain=(POSITIVE, REAL))
row("eval_hermitenorm", None, lambda n, x, out: n * sp.eval_hermitenorm(less(n), x), domain=(POSITIVE, REAL))
row("eval_sh_legendre", absolute, lambda n, x, out: some(n) * (n + 1) * sp.eval_jacobi(less(n), 1.0, 1.0, 2 * x - 1),
    domain=(POSITIVE, UNIT))
row("eval_sh_chebyt", absolute, lambda n, x, out: 2 * n * sp.eval_chebyu(less(n), 2 * x - 1), domain=(POSITIVE, UNIT))
row("eval_sh_chebyu", absolute, lambda n, x, out: some(n) * 4 * sp.eval_gegenbauer(less(n), 2.0, 2 * x - 1), domain=(POSITIVE, UNIT))
row("eval_sh_jacobi", absolute, absolute, absolute, lambda n, p, q, x, out: n * sp.eval_sh_jacobi(less(n), p + 2, q + 1, x),
    domain=(POSITIVE, POSITIVE, POSITIVE, UNIT))
row("lpmv", None, absolute, lambda m, v, x, out: -sp.lpmv(m + 1, v, x) / np.sqrt(1 - x * x) - m * x / (1 - x * x) * out,
    domain=(POSITIVE, POSITIVE, INSIDE))  # the order is whole (DLMF 14.10.2)


# --- distribution functions -------------------------------------------------------------------------------------
def normal_quantile_slope(z):
    """One over the normal density at z."""
    return ROOT_2PI * np.exp(0.5 * z * z)


def chi2_density(v, x):
    """The chi-square density."""
    return 0.5 * gamma_density(0.5 * v, 0.5 * x)


def f_density(m, n, x):
    """Fisher's F density, by the beta density of m x / (m x + n)."""
    whole = m * x + n
    return beta_density(0.5 * m, 0.5 * n, m * x / whole) * (m / whole) * (n / whole)


def t_density(v, t):
    """Student's t density."""
    return np.exp(-0.5 * (v + 1) * np.log1p(t * t / v) - sp.betaln(0.5 * v, 0.5)) / np.sqrt(v)


def poisson(k, m):
    """The Poisson probability of k events, also for k that are not whole, as pdtr takes them."""
    return gamma_density(np.floor(primal(k)) + 1, m)


row("bdtr",     None, None, lambda k, n, p, out: -beta_density(n - np.floor(primal(k)), np.floor(primal(k)) + 1, 1 - p),
    domain=(POSITIVE, POSITIVE, UNIT))
row("bdtrc",    None, None, lambda k, n, p, out: beta_density(n - np.floor(primal(k)), np.floor(primal(k)) + 1, 1 - p),
    domain=(POSITIVE, POSITIVE, UNIT))
row("bdtri",    None, None, lambda k, n, y, out: -1 / beta_density(n - np.floor(primal(k)), np.floor(primal(k)) + 1, 1 - out),
    domain=(POSITIVE, POSITIVE, UNIT))
row("nbdtr",    None, None, lambda k, n, p, out: beta_density(n, np.floor(primal(k)) + 1, p), domain=(POSITIVE, POSITIVE, UNIT))
row("nbdtrc",   None, None, lambda k, n, p, out: -beta_density(n, np.floor(primal(k)) + 1, p), domain=(POSITIVE, POSITIVE, UNIT))
row("nbdtri",   None, None, lambda k, n, y, out: 1 / beta_density(n, np.floor(primal(k)) + 1, out), domain=(POSITIVE, POSITIVE, UNIT))
row("pdtr",     None, lambda k, m, out: -poisson(k, m),                    domain=POSITIVE)
row("pdtrc",    None, lambda k, m, out: poisson(k, m),                     domain=POSITIVE)
row("pdtri",    None, lambda k, y, out: -1 / poisson(k, out),              domain=(POSITIVE, UNIT))
row("chdtr",    None, lambda v, x, out: chi2_density(v, x),                domain=POSITIVE)
row("chdtrc",   None, lambda v, x, out: -chi2_density(v, x),               domain=POSITIVE)
row("chdtri",   None, lambda v, y, out: -1 / chi2_density(v, out),         domain=(POSITIVE, UNIT))
row("chndtr",   lambda x, v, c, out: 0.5 * np.exp(-0.5 * np.square(np.sqrt(x) - np.sqrt(c)) + (0.25 * v - 0.5) * np.log(x / c))
    * sp.ive(0.5 * v - 1, np.sqrt(c * x)), None, lambda x, v, c, out: 0.5 * (sp.chndtr(x, v + 2, c) - out), domain=POSITIVE)
row("fdtr",     None, None, lambda m, n, x, out: f_density(m, n, x),       domain=POSITIVE)
row("fdtrc",    None, None, lambda m, n, x, out: -f_density(m, n, x),      domain=POSITIVE)
row("fdtri",    None, None, lambda m, n, y, out: 1 / f_density(m, n, out), domain=(POSITIVE, POSITIVE, UNIT))
row("gdtr",     lambda a, b, x, out: x * gamma_density(b, a * x), None, lambda a, b, x, out: a * gamma_density(b, a * x), domain=POSITIVE)
row("gdtrc",    lambda a, b, x, out: -x * gamma_density(b, a * x), None, lambda a, b, x, out: -a * gamma_density(b, a * x), domain=POSITIVE)
row("gdtria",   lambda p, b, x, out: 1 / (x * gamma_density(b, out * x)), None, lambda p, b, x, out: -out / x,
    domain=(UNIT, POSITIVE, POSITIVE))
row("gdtrix",   lambda a, b, p, out: -out / a, None, lambda a, b, p, out: 1 / (a * gamma_density(b, a * out)),
    domain=(POSITIVE, POSITIVE, UNIT))
row("stdtr",    None, lambda v, t, out: t_density(v, t),                   domain=(POSITIVE, REAL))
row("stdtrit",  None, lambda v, p, out: 1 / t_density(v, out),             domain=(POSITIVE, UNIT))
row("nrdtrimn", lambda p, s, x, out: -s * normal_quantile_slope(sp.ndtri(p)), lambda p, s, x, out: -sp.ndtri(p), 1,
    domain=(UNIT, POSITIVE, REAL))
row("nrdtrisd", lambda n, p, x, out: -1 / sp.ndtri(p), lambda n, p, x, out: -out / sp.ndtri(p) * normal_quantile_slope(sp.ndtri(p)),
    lambda n, p, x, out: 1 / sp.ndtri(p), domain=(REAL, UNIT, REAL))


def _voigt(x, s, g, order):
    """The first or second derivative of the Faddeeva function of a Voigt profile, by its argument (x + i g) / (s sqrt(2)), scaled
    to the profile's own by x."""
    z = (x + 1j * g) / (s * math.sqrt(2))
    return faddeeva(z, sp.wofz(z), order) / (ROOT_2PI * s * (s * math.sqrt(2)) ** order)


row("voigt_profile", lambda x, s, g, out: np.real(_voigt(x, s, g, 1)), lambda x, s, g, out: s * np.real(_voigt(x, s, g, 2)),
    lambda x, s, g, out: -np.imag(_voigt(x, s, g, 1)), domain=(REAL, POSITIVE, POSITIVE))  # by s from the heat equation

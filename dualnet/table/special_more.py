"""Rows of ``scipy.special``: orthogonal polynomials, distribution functions, functions with several results.

Distribution functions are differentiated by their continuous arguments: the slope is the density, that of
an inverse is one over the density.
"""

import math

import numpy as np
import scipy.special as sp
from scipy.special import _ufuncs

from dualnet.table.domain import OPEN, POSITIVE, REAL
from dualnet.table.row import composed, pointwise, primal
from dualnet.table.special import ROOT_2PI, UNIT, beta_density, gamma_density, row

INSIDE = OPEN(-1, 1)


def less(n):
    """n - 1, and n itself where n = 0, whose terms are multiplied by 0."""
    return np.where(primal(n) == 0, n, n - 1)


def some(n):
    """0 where n = 0, else 1."""
    return np.where(primal(n) == 0, 0, 1)


# --- orthogonal polynomials: derivatives are polynomials of the next kind (DLMF 18.9) -------------------------
row("eval_legendre", None, lambda n, x, out: some(n) * (n + 1) / 2 * sp.eval_jacobi(less(n), 1.0, 1.0, x), domain=(POSITIVE, INSIDE))
row("eval_chebyt",  None, lambda n, x, out: n * sp.eval_chebyu(less(n), x), domain=(POSITIVE, INSIDE))
row("eval_chebyu",  None, lambda n, x, out: some(n) * 2 * sp.eval_gegenbauer(less(n), 2.0, x), domain=(POSITIVE, INSIDE))
row("eval_chebyc",  None, lambda n, x, out: n * sp.eval_chebys(less(n), x), domain=(POSITIVE, OPEN(-2, 2)))
row("eval_chebys",  None, lambda n, x, out: some(n) * sp.eval_gegenbauer(less(n), 2.0, x / 2), domain=(POSITIVE, OPEN(-2, 2)))
row("eval_gegenbauer", None, None, lambda n, a, x, out: some(n) * 2 * a * sp.eval_gegenbauer(less(n), a + 1, x),
    domain=(POSITIVE, POSITIVE, INSIDE))
row("eval_jacobi",  None, None, None, lambda n, a, b, x, out: some(n) * (n + a + b + 1) / 2 * sp.eval_jacobi(less(n), a + 1, b + 1, x),
    domain=(POSITIVE, POSITIVE, POSITIVE, INSIDE))
row("eval_laguerre", None, lambda n, x, out: -some(n) * sp.eval_genlaguerre(less(n), 1.0, x), domain=(POSITIVE, POSITIVE))
row("eval_genlaguerre", None, None, lambda n, a, x, out: -some(n) * sp.eval_genlaguerre(less(n), a + 1, x), domain=POSITIVE)
row("eval_hermite", None, lambda n, x, out: 2 * n * sp.eval_hermite(less(n), x), domain=(POSITIVE, REAL))
row("eval_hermitenorm", None, lambda n, x, out: n * sp.eval_hermitenorm(less(n), x), domain=(POSITIVE, REAL))
row("eval_sh_legendre", None, lambda n, x, out: some(n) * (n + 1) * sp.eval_jacobi(less(n), 1.0, 1.0, 2 * x - 1), domain=(POSITIVE, UNIT))
row("eval_sh_chebyt", None, lambda n, x, out: 2 * n * sp.eval_chebyu(less(n), 2 * x - 1), domain=(POSITIVE, UNIT))
row("eval_sh_chebyu", None, lambda n, x, out: some(n) * 4 * sp.eval_gegenbauer(less(n), 2.0, 2 * x - 1), domain=(POSITIVE, UNIT))
row("eval_sh_jacobi", None, None, None, lambda n, p, q, x, out: n * sp.eval_sh_jacobi(less(n), p + 2, q + 1, x),
    domain=(POSITIVE, POSITIVE, POSITIVE, UNIT))
row("lpmv", None, None, lambda m, v, x, out: (v * x * out - (v + m) * sp.lpmv(m, v - 1, x)) / (x * x - 1),
    domain=(POSITIVE, POSITIVE, INSIDE))


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


def _voigt(x, s, g):
    """z, w(z) and w'(z) / (2 sqrt(pi) s^2) of a Voigt profile, w being the Faddeeva function."""
    z = (x + 1j * g) / (s * math.sqrt(2))
    w = sp.wofz(z)
    return z, w, (2j / math.sqrt(math.pi) - 2 * z * w) / (2 * math.sqrt(math.pi) * s * s)


row("voigt_profile", lambda x, s, g, out: np.real(_voigt(x, s, g)[2]),
    lambda x, s, g, out: -out / s - math.sqrt(2) * np.real(_voigt(x, s, g)[2] * _voigt(x, s, g)[0]),
    lambda x, s, g, out: -np.imag(_voigt(x, s, g)[2]), domain=(REAL, POSITIVE, POSITIVE))


# --- functions with several results: one row for each, and the whole composed of them ------------------------------
def several(name, *slopes, by=0, domain=REAL, doc):
    """Enter a ufunc with several results; a slope is a function of the inputs and of all results, by argument `by`."""
    function = getattr(_ufuncs, name)
    parts = []
    for k, slope in enumerate(slopes):
        partials = [None] * function.nin
        partials[by] = lambda *args, slope=slope: slope(*args[:-1], *function(*args[:-1]))
        parts.append(pointwise(lambda *args, k=k: function(*args)[k], *partials, name=f"{name}[{k}]", domain=domain))

    def rule(*args):
        return tuple(part(*args) for part in parts)

    rule.__name__, rule.__doc__ = name, doc
    composed(function)(rule)


def _sinhc(x):
    """sinh(x)/x."""
    return 0.5 * (sp.exprel(x) + sp.exprel(-x))


several("airy", lambda x, a, da, b, db: da, lambda x, a, da, b, db: x * a, lambda x, a, da, b, db: db, lambda x, a, da, b, db: x * b,
        doc="Airy's functions and their slopes: Ai, Ai', Bi, Bi'.")
several("shichi", lambda x, s, c: _sinhc(x), lambda x, s, c: np.cosh(x) / x, domain=POSITIVE, doc="Hyperbolic sine and cosine integrals.")
several("sici", lambda x, s, c: np.sinc(x / math.pi), lambda x, s, c: np.cos(x) / x, domain=POSITIVE, doc="Sine and cosine integrals.")
several("fresnel", lambda x, s, c: np.sin(0.5 * math.pi * x * x), lambda x, s, c: np.cos(0.5 * math.pi * x * x), doc="Fresnel's integrals.")
several("ellipj", lambda u, m, sn, cn, dn, ph: cn * dn, lambda u, m, sn, cn, dn, ph: -sn * dn, lambda u, m, sn, cn, dn, ph: -m * sn * cn,
        lambda u, m, sn, cn, dn, ph: dn, doc="Jacobi's elliptic functions sn, cn, dn and the amplitude, in u.")
several("itj0y0", lambda x, a, b: sp.j0(x), lambda x, a, b: sp.y0(x), domain=POSITIVE, doc="Integrals of j0 and y0 from 0.")
several("iti0k0", lambda x, a, b: sp.i0(x), lambda x, a, b: sp.k0(x), domain=POSITIVE, doc="Integrals of i0 and k0 from 0.")
several("it2j0y0", lambda x, a, b: (1 - sp.j0(x)) / x, lambda x, a, b: -sp.y0(x) / x, domain=POSITIVE,
        doc="Integrals of (1 - j0(t))/t from 0 and of y0(t)/t to infinity.")
several("it2i0k0", lambda x, a, b: (sp.i0(x) - 1) / x, lambda x, a, b: -sp.k0(x) / x, domain=POSITIVE,
        doc="Integrals of (i0(t) - 1)/t from 0 and of k0(t)/t to infinity.")
several("pbdv", lambda v, x, d, dp: dp, lambda v, x, d, dp: (0.25 * x * x - v - 0.5) * d,
        by=1, doc="The parabolic cylinder function D and its slope.")
several("pbvv", lambda v, x, d, dp: dp, lambda v, x, d, dp: (0.25 * x * x - v - 0.5) * d,
        by=1, doc="The parabolic cylinder function V and its slope.")
several("pbwa", lambda a, x, w, wp: wp, lambda a, x, w, wp: (a - 0.25 * x * x) * w,
        by=1, doc="The parabolic cylinder function W and its slope.")

"""Rows of ``scipy.special``: orthogonal polynomials, functions with several results."""

import math

import numpy as np
import scipy.special as sp
from scipy.special import _ufuncs

from dualnet.table.domain import OPEN, POSITIVE, REAL
from dualnet.table.row import composed, pointwise, primal
from dualnet.table.special import UNIT, row

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

"""Rows of ``scipy.special``: error, gamma, Bessel, hypergeometric functions and their kin.

SciPy's ufuncs speak NumPy's protocol, so the plain names work. This room is loaded when it is first asked
for, because ``scipy.special`` costs as much to import as all the rest. `absolute` stands for an order or a
shape without a closed form, whose derivative comes from the function's own values (parameters.py); None
for an argument without a derivative: it raises by name. Formulas are those of the DLMF unless a comment says more.
"""

import math

import numpy as np
import scipy.special as sp
from scipy.special import _ufuncs

from dualnet.table import bessel_moments, bessel_plane
from dualnet.table.bessel import (
    beside_order_0,
    by_neighbours,
    even,
    far_out,
    kelvin_be,
    kelvin_ke,
    power_over_gamma,
    scaled_h,
    scaled_i,
    scaled_k,
    second_kind,
)
from dualnet.table.bessel_orders import by_order as by_real_order
from dualnet.table.bessel_orders import is_close, iv_by, kv_by, to_the_right
from dualnet.table.bessel_waves import is_flat, jv_slope, reached, scaled_by, scaled_hankel_slope, yv_dx, yv_slope
from dualnet.table.beta import beta_by
from dualnet.table.domain import NONZERO, OPEN, POSITIVE, REAL, Domain
from dualnet.table.elementwise import UNIT as OVER_HYPOT
from dualnet.table.faddeeva import dawsn_by, erfcx_by, faddeeva_by, log_ndtr_by
from dualnet.table.gauss import gauss_dx, hyp2f1_by
from dualnet.table.hypergeometric import by_series
from dualnet.table.hypergeometric_by import confluent_dx, hyp0f1_by, hyp1f1_by, limit_dx, slope_of
from dualnet.table.jets import helper
from dualnet.table.parameters import absolute, in_double, numeric
from dualnet.table.row import TABLE, pointwise, primal
from dualnet.table.stirling import trigamma
from dualnet.table.struve import by_order as struve_by_order
from dualnet.table.struve import by_x as struve_by_x
from dualnet.table.tricomi_by import hyperu_by
from dualnet.table.wright import log_wright_by, wright_by
from dualnet.table.zeta import riemann_slope, zeta_by

UNIT = OPEN(0, 1)
ABOVE_1 = Domain(low=1.0)
ROOT_PI, ROOT_2PI, ROOT_2 = math.sqrt(math.pi), math.sqrt(2 * math.pi), math.sqrt(2)
DEGREE = math.pi / 180


def row(name, *partials, plain=None, **more):
    """Enter the ufunc of that name; a name that NumPy has too is entered as ``special.name``."""
    function = getattr(_ufuncs, name)
    return numeric(pointwise(function, *partials, name=f"special.{name}" if TABLE.holds(name) else name, **more), plain)


def of_real(partial):
    """A partial that holds for real arguments only: the function's scaling is not holomorphic."""
    def checked(*args):
        if any(np.iscomplexobj(primal(a)) for a in args[:-1]):
            bessel_plane.not_holomorphic()
        return partial(*args)

    return checked


def polynomial(x, coefficients):
    """Horner's rule for coefficients from the constant term on."""
    out = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        out = out * x + c
    return out


def near(x, bound, close, far, inner=0.0, outer=1.0):
    """close(x) where |x| < bound and far(x) elsewhere, each asked at harmless points where it is not meant."""
    small = np.abs(primal(x)) < bound
    if np.all(small):
        return close(x)
    if not np.any(small):
        return far(x)
    return np.where(small, close(np.where(small, x, inner)), far(np.where(small, outer, x)))


def _dawsn_dx(x, out):
    """1 - 2 x D(x), which cancels for large x."""
    return 1 - 2 * x * out if np.iscomplexobj(primal(x)) else dawsn_by(1, x)


EXPREL = [1 / (math.factorial(k) * (k + 2)) for k in range(20)]
INV_BOXCOX = [(-1) ** (k + 1) * (k + 1) / (k + 2) for k in range(18)]
LOG_RATIO = [(-1) ** k / (k + 1) for k in range(18)]


def exprel_dx(x, out=None):
    """The slope of (exp(x) - 1)/x: (exp(x) - exprel(x))/x, and its Taylor series where that cancels."""
    return near(x, 1.0, lambda x: polynomial(x, EXPREL), lambda x: (np.exp(x) - sp.exprel(x)) / x)


def _inv_boxcox_dy(x, y, front):
    """front x^2 (u/(1+u) - log(1+u))/u^2 with u = x y, and its Taylor series where that cancels.

    Far out x^2/u^2 is 1/y^2, and log(u) that of the factors: x^2 and u leave the range.
    """
    u = x * y
    close = np.abs(primal(u)) < 0.1
    small = [np.where(close, v, 0.0) for v in (x, y)]
    series = front * small[0] * small[0] * polynomial(small[0] * small[1], INV_BOXCOX)
    if np.all(close):
        return series
    beyond = np.isinf(primal(u))
    apart, below = np.where(close | beyond, 1.0, u), np.where(close, 1.0, y)
    log = np.log1p(apart)
    if np.any(beyond):
        log = np.where(beyond, np.log(np.abs(np.where(beyond, x, 1.0))) + np.log(np.abs(np.where(beyond, y, 1.0))), log)
    return np.where(close, series, front / below * ((np.where(beyond, 1.0, apart / (1 + apart)) - log) / below))


def log_ratio(u):
    """log(1+u)/u."""
    return near(u, 0.1, lambda u: polynomial(u, LOG_RATIO), lambda u: np.log1p(u) / u)


def _half_tangent(x, y):
    """y/(hypot(x, y) + x), the tangent of half the angle of (x, y)."""
    return y / (np.hypot(x, y) + x)


HALF_TANGENT = pointwise(_half_tangent, lambda x, y, out: -out / np.hypot(x, y),
                         lambda x, y, out: OVER_HYPOT(x, y) / (np.hypot(x, y) + x), domain=(POSITIVE, REAL))


def _pseudo_huber_dx(x, y):
    """(h - x)^2/h with h = hypot(x, y), as a product in which nothing cancels and which keeps in the range."""
    return y * OVER_HYPOT(y, x) * np.square(HALF_TANGENT(x, y))


def _pseudo_huber_dy(x, y):
    """x y/h."""
    return np.where(np.abs(y) > x, x * OVER_HYPOT(y, x), y * OVER_HYPOT(x, y))


def _cubed(x, y):
    return OVER_HYPOT(x, y) * np.square(OVER_HYPOT(x, y))


def _pseudo_huber_dx_dx(x, y):
    """-(1 - x/h)^2 (2 + x/h)."""
    return -np.square(OVER_HYPOT(y, x) * HALF_TANGENT(x, y)) * (2 + OVER_HYPOT(x, y))


# the slopes of the pseudo-Huber loss as rows, for their slopes are simpler than what rules of products make of them, which cancels
PSEUDO_HUBER_DX = pointwise(_pseudo_huber_dx, lambda x, y, out: _pseudo_huber_dx_dx(x, y), lambda x, y, out: _cubed(y, x),
                            domain=(POSITIVE, REAL))
PSEUDO_HUBER_DY = pointwise(_pseudo_huber_dy, lambda x, y, out: _cubed(y, x), lambda x, y, out: _cubed(x, y), domain=(POSITIVE, REAL))


def _log_quotient(x, y):
    """log(x/y), also of nearly equal numbers."""
    alike = np.abs(primal(x) - primal(y)) < 0.5 * primal(y)
    return np.where(alike, np.log1p((x - y) / y), np.log(x / y)) if np.any(alike) else np.log(x / y)


# --- error functions, logistic, normal distribution -----------------------------------------------------------
row("erf",      lambda x, out: 2 / ROOT_PI * np.exp(-x * x),               symbol="erf(x)")
row("erfc",     lambda x, out: -2 / ROOT_PI * np.exp(-x * x),              symbol="erfc(x)")
row("erfi",     lambda x, out: 2 / ROOT_PI * np.exp(x * x),                symbol="erfi(x)")
row("erfcx",    lambda x, out: erfcx_by(1, x),                                 symbol="exp(x**2)*erfc(x)")
row("dawsn",    _dawsn_dx,                                                 symbol="sqrt(pi)/2*exp(-x**2)*erfi(x)")
row("wofz",     lambda x, out: faddeeva_by(1, x))
row("erfinv",   lambda x, out: ROOT_PI / 2 * np.exp(out * out),            symbol="erfinv(x)", domain=OPEN(-1, 1))
row("erfcinv",  lambda x, out: -ROOT_PI / 2 * np.exp(out * out),           symbol="erfinv(1-x)", domain=OPEN(0, 2))
row("expit",    lambda x, out: out * sp.expit(-x),                         symbol="expit(x)")
row("log_expit", lambda x, out: sp.expit(-x),                              symbol="log(expit(x))")
row("logit",    lambda x, out: 1 / (x * (1 - x)),                          symbol="logit(x)", domain=UNIT)
row("ndtr",     lambda x, out: np.exp(-0.5 * x * x) / ROOT_2PI,            symbol="(1+erf(x/sqrt(2)))/2")
row("log_ndtr", lambda x, out: log_ndtr_by(1, x),                              symbol="log(erfc(-x/sqrt(2))/2)")
row("ndtri",    lambda x, out: ROOT_2PI * np.exp(0.5 * out * out),         symbol="sqrt(2)*erfinv(2*x-1)", domain=UNIT)
row("ndtri_exp", lambda x, out: ROOT_2PI / 2 * sp.erfcx(out * (-1 / ROOT_2)), domain=Domain(high=0.0))
row("owens_t",  lambda x, y, out: -sp.erf(x * y / ROOT_2) * np.exp(-0.5 * x * x) / (2 * ROOT_2PI),
    lambda x, y, out: np.exp(-0.5 * x * x * (1 + y * y)) / (2 * math.pi * (1 + y * y)))

# --- exponentials, powers, logarithms, angles -------------------------------------------------------------------
row("exp10",    lambda x, out: math.log(10) * out,                         symbol="10**x")
row("exp2",     lambda x, out: math.log(2) * out,                          symbol="2**x")
row("expm1",    lambda x, out: np.exp(x),                                  symbol="exp(x)-1")
row("log1p",    lambda x, out: 1 / (1 + x),                                symbol="log(1+x)", domain=Domain(low=-1.0))
row("cbrt",     lambda x, out: 1 / (3 * out * out),                        symbol="cbrt(x)", domain=NONZERO)
row("cosm1",    lambda x, out: -np.sin(x),                                 symbol="cos(x)-1")
row("exprel",   exprel_dx,                                                 symbol="(exp(x)-1)/x")
row("sindg",    lambda x, out: DEGREE * sp.cosdg(x),                       symbol="sin(pi*x/180)")
row("cosdg",    lambda x, out: -DEGREE * sp.sindg(x),                      symbol="cos(pi*x/180)")
row("tandg",    lambda x, out: DEGREE / np.square(sp.cosdg(x)),            symbol="tan(pi*x/180)", domain=OPEN(-90, 90))
row("cotdg",    lambda x, out: -DEGREE / np.square(sp.sindg(x)),           domain=OPEN(0, 180))
row("radian",   DEGREE, DEGREE / 60, DEGREE / 3600,                        symbol="pi*(x+y/60+z/3600)/180")
row("powm1",    lambda x, y, out: y * np.power(x, y - 1), lambda x, y, out: np.power(x, y) * np.log(x),
    symbol="x**y-1", domain=(POSITIVE, REAL))
row("xlogy",    lambda x, y, out: np.log(y), lambda x, y, out: x / y,      symbol="x*log(y)", domain=(REAL, POSITIVE))
row("xlog1py",  lambda x, y, out: np.log1p(y), lambda x, y, out: x / (1 + y), symbol="x*log(1+y)", domain=(REAL, Domain(low=-1.0)))
row("entr",     lambda x, out: -1 - np.log(x),                             symbol="-x*log(x)", domain=POSITIVE)
row("rel_entr", lambda x, y, out: 1 + np.log(x / y), lambda x, y, out: -x / y, symbol="x*log(x/y)", domain=POSITIVE)
row("kl_div",   lambda x, y, out: _log_quotient(x, y), lambda x, y, out: (y - x) / y, symbol="x*log(x/y)-x+y", domain=POSITIVE)


def _power1p(x, y, out):
    """1 + inv_boxcox1p(x, y); exp(x) next to y = 0, where SciPy takes 1 + x for it."""
    lost = (np.abs(primal(x * y)) < 1e-150) & (primal(y) != 0)
    return np.where(lost, np.exp(np.where(lost, x, 0)), 1 + out) if np.any(lost) else 1 + out


def _boxcox_by(n, one, x, y):
    """The n-th derivative by y of ((one + x)^y - 1)/y: by its Taylor series, and where that is long by integration by parts."""
    log = np.log1p(x) if one else np.log(x)
    u, power, far = y * log, np.exp(y * log), np.expm1(y * log) / y
    for k in range(1, n + 1):
        far = (np.where(power == 0, 0, log**k * power) - k * far) / y
    far = np.where(power == np.inf, np.sign(log) ** (n + 1) * power, far)
    close = np.where(np.abs(u) < 1, u, 0)
    series = polynomial(close, [1 / (math.factorial(k) * (k + n + 1)) for k in range(20)])
    return np.where(close == u, log ** (n + 1) * series, far)


boxcox_by = helper("_boxcox_by", _boxcox_by, 2, None, None,
                   lambda n, one, x, y, out: np.power(one + x, y - 1) * (np.log1p(x) if one else np.log(x)) ** n,
                   lambda n, one, x, y, out: boxcox_by(n + 1, one, x, y))
row("boxcox",   lambda x, y, out: np.power(x, y - 1), lambda x, y, out: boxcox_by(1, 0, x, y), symbol="(x**y-1)/y", domain=(POSITIVE, REAL))
row("boxcox1p", lambda x, y, out: np.power(1 + x, y - 1), lambda x, y, out: boxcox_by(1, 1, x, y),
    symbol="((1+x)**y-1)/y", domain=(Domain(low=-1.0), REAL))
row("inv_boxcox", lambda x, y, out: out / (1 + x * y), lambda x, y, out: _inv_boxcox_dy(x, y, out),
    symbol="(1+x*y)**(1/y)", domain=POSITIVE)
row("inv_boxcox1p", lambda x, y, out: _power1p(x, y, out) / (1 + x * y),
    lambda x, y, out: _inv_boxcox_dy(x, y, _power1p(x, y, out)), symbol="(1+x*y)**(1/y)-1", domain=POSITIVE)
row("huber",    lambda x, y, out: np.where(np.abs(primal(y)) <= primal(x), 0, np.absolute(y) - x),
    lambda x, y, out: np.where(np.abs(primal(y)) <= primal(x), y, x * np.sign(primal(y))), domain=(POSITIVE, REAL))
row("pseudo_huber", lambda x, y, out: PSEUDO_HUBER_DX(x, y), lambda x, y, out: PSEUDO_HUBER_DY(x, y),
    symbol="x**2*(sqrt(1+(y/x)**2)-1)", domain=(POSITIVE, REAL))
row("wrightomega", lambda x, out: out / (1 + out))
row("_lambertw", lambda z, k, tol, out: np.exp(-out) / (1 + out), None, None)


# --- gamma and its kin -----------------------------------------------------------------------------------------------
def psi_step(x, y):
    """psi(x + y) - psi(x): the Taylor series where y is so small that the difference cancels (DLMF 25.11.3, 5.15.1)."""
    small = np.abs(primal(y)) < 0.1 * primal(x)
    if not np.any(small):
        return sp.psi(x + y) - sp.psi(x)
    u = np.where(small, y, 0.0)
    series = u * polynomial(-u, [_ufuncs._zeta(k + 2.0, np.where(small, x, 1.0)) for k in range(15)])
    return np.where(small, series, sp.psi(x + np.where(small, 1.0, y)) - sp.psi(x))


def _poch_dx(x, y, out):
    """poch(x, y) psi_step(x, y); next to x = 0 that of x/(x + y) poch(x + 1, y), as in it no poles cancel."""
    def low(x, y):
        return sp.poch(x + 1, y) * (x * psi_step(x + 1, y) + y / (x + y)) / (x + y)

    small = primal(x) < 1
    if not np.any(small):
        return out * psi_step(x, y)
    if np.all(small):
        return low(x, y)
    return np.where(small, low(np.where(small, x, 1.0), np.where(small, y, 1.0)), out * psi_step(np.where(small, 1.0, x), y))


def _rgamma_dx(x, out):
    """-psi(x)/gamma(x); left of 1/2, where both have poles, by reflection (DLMF 5.5.3)."""
    left = np.real(primal(x)) < 0.5
    if not np.any(left):
        return -out * sp.psi(x)
    z = 1 - np.where(left, x, 0.25)
    turned = sp.gamma(z) * (np.cos(math.pi * z) * -1 - sp.psi(z) * np.sin(math.pi * z) / math.pi)
    return np.where(left, turned, -np.where(left, 0.0, out) * sp.psi(np.where(left, 1.0, x)))


row("gamma",    lambda x, out: out * sp.psi(x),                            symbol="gamma(x)", domain=POSITIVE)
row("gammaln",  lambda x, out: sp.psi(x),                                  symbol="gammaln(x)", domain=POSITIVE)
row("loggamma", lambda x, out: sp.psi(x),                                  symbol="gammaln(x)", domain=POSITIVE)
row("rgamma",   _rgamma_dx,                                                symbol="1/gamma(x)", domain=POSITIVE)
row("psi",      lambda x, out: trigamma(x) if np.iscomplexobj(primal(x)) else _ufuncs._zeta(2.0, x), symbol="digamma(x)", domain=POSITIVE)
row("_zeta",    lambda x, y, out: zeta_by(1, x, y), lambda x, y, out: -x * _ufuncs._zeta(x + 1, y),
    symbol="zeta(x,y)", domain=(ABOVE_1, POSITIVE))
row("zetac",    riemann_slope,                                             domain=ABOVE_1)
row("_riemann_zeta", riemann_slope,                                        domain=ABOVE_1)
row("beta",     lambda x, y, out: beta_by(1, 0, x, y), lambda x, y, out: beta_by(0, 1, x, y), symbol="beta(x,y)", domain=POSITIVE)
row("betaln",   lambda x, y, out: -psi_step(x, y), lambda x, y, out: -psi_step(y, x), symbol="betaln(x,y)", domain=POSITIVE)
row("poch",     _poch_dx, lambda x, y, out: out * sp.psi(x + y),
    symbol="gamma(x+y)/gamma(x)", domain=POSITIVE)
row("binom",    lambda x, y, out: -out * psi_step(x + 1, -y), lambda x, y, out: out * psi_step(y + 1, x - 2 * y),
    symbol="gamma(x+1)/gamma(y+1)/gamma(x-y+1)", domain=(Domain(low=4.0), OPEN(0, 4)))

def of_whole(row):
    """Let the slope by x of a function of a whole order be that of the order that SciPy, with a warning, truncates another to."""
    by_order, by_x = row.partials
    row.partials = by_order, lambda n, x, out: by_x(np.trunc(primal(n)), x, out)


# --- exponential integrals and related, dilogarithm ---------------------------------------------------------------------
row("exp1",     lambda x, out: -np.exp(-x) / x,                            symbol="exp1(x)", domain=POSITIVE)
row("expi",     lambda x, out: np.exp(x) / x,                              symbol="expi(x)", domain=POSITIVE)
of_whole(row("expn", None, lambda n, x, out: np.where(primal(n) > 1, -sp.expn(np.maximum(primal(n) - 1, 0), x),
    ((primal(n) - 1) * out - np.exp(-x)) / x), domain=(ABOVE_1, POSITIVE)))
row("spence",   lambda x, out: np.where(primal(x) < 0.5, np.log(x) / np.where(primal(x) < 0.5, 1 - x, 1), -log_ratio(x - 1)),
    domain=POSITIVE)


# --- Bessel functions and their kin ---------------------------------------------------------------------------------------
STRUVE0 = [2 / math.pi * (-1) ** k / math.prod(range(1, 2 * k + 2, 2)) ** 2 for k in range(11)]


def _struve0_over(x):
    """struve(0, x)/x, next to 0 by its series (DLMF 11.2.1), where the slopes of the quotient cancel."""
    return near(x, 1.0, lambda x: polynomial(x * x, STRUVE0), lambda x: sp.struve(0, x) / x)


ive_dx = lambda v, x: iv_by(0, 1, 1, v, x)
kve_dx = lambda v, x: kv_by(0, 1, 1, v, x)
far_out(row("j0", lambda x, out: -sp.j1(x), symbol="j0(x)"), np.real, 0)
far_out(row("j1", lambda x, out: 0.5 * (sp.j0(x) - sp.jv(2, x)), symbol="j1(x)"), np.real, 1)
far_out(row("y0", lambda x, out: -sp.y1(x), domain=POSITIVE), np.imag, 0)
far_out(row("y1", lambda x, out: 0.5 * (sp.y0(x) - sp.yv(2, x)), domain=POSITIVE), np.imag, 1)
row("i0",       lambda x, out: sp.i1(x),                                   symbol="i0(x)")
row("i1",       lambda x, out: 0.5 * (sp.i0(x) + sp.iv(2, x)),             symbol="i1(x)")
row("i0e",      lambda x, out: even(x, lambda z, s: s * scaled_i(0.0, z, sp.i1e(z) - np.abs(s) * out, ive_dx)), domain=NONZERO)
row("i1e",      lambda x, out: even(x, lambda z, s: scaled_i(1.0, z, 0.5 * (sp.i0e(z) + sp.ive(2, z)) - s * out, ive_dx)), domain=NONZERO)
row("k0",       lambda x, out: -sp.k1(x),                                  domain=POSITIVE)
row("k1",       lambda x, out: -0.5 * (sp.k0(x) + sp.kv(2, x)),            domain=POSITIVE)
row("k0e",      lambda x, out: scaled_k(0.0, x, out - sp.k1e(x), kve_dx), domain=POSITIVE)
row("k1e",      lambda x, out: scaled_k(1.0, x, out - 0.5 * (sp.k0e(x) + sp.kve(2, x)), kve_dx), domain=POSITIVE)


def by_order(row, formula, reached):
    """That of real arguments, beside the slope by the order of complex ones."""
    return by_real_order(row, formula, reached, (bessel_plane.slope(row.name), bessel_plane.reached))


far_out(by_order(row("jv", absolute, by_neighbours(sp.jv, -1), symbol="jv(x,y)", domain=POSITIVE), jv_slope, reached), np.real)
far_out(by_order(row("yv", absolute, beside_order_0(second_kind(sp.yv, 1), yv_dx, is_flat), domain=POSITIVE), yv_slope, reached), np.imag)
of_whole(far_out(row("yn", None, second_kind(sp.yv, 1), domain=POSITIVE), np.imag))
by_order(row("iv", absolute, beside_order_0(by_neighbours(sp.iv, 1), lambda v, x: iv_by(0, 1, 0, v, x), is_close),
             symbol="iv(x,y)", domain=POSITIVE), lambda v, x: iv_by(1, 0, 0, v, x), to_the_right)
by_order(row("kv", absolute, second_kind(sp.kv, -1), symbol="kv(x,y)", domain=POSITIVE),
         lambda v, x: kv_by(1, 0, 0, v, x), to_the_right)
of_whole(row("kn", None, second_kind(sp.kv, -1), domain=POSITIVE))
by_order(row("jve", absolute, of_real(by_neighbours(sp.jve, -1)), domain=POSITIVE), jv_slope, reached)
by_order(row("yve", absolute, of_real(beside_order_0(second_kind(sp.yve, 1), yv_dx, is_flat)), domain=POSITIVE), yv_slope, reached)
IVE_DX = by_neighbours(sp.ive, 1)
by_order(row("ive", absolute, of_real(beside_order_0(
    lambda v, x, out: scaled_i(v, x, IVE_DX(v, x, out) - np.sign(primal(x)) * out, ive_dx), ive_dx, is_close)), domain=POSITIVE),
         lambda v, x: iv_by(1, 0, 1, v, x), to_the_right)
KVE_DX = second_kind(sp.kve, -1)
by_order(row("kve", absolute, lambda v, x, out: scaled_k(v, x, out + KVE_DX(v, x, out), kve_dx), domain=POSITIVE),
         lambda v, x: kv_by(1, 0, 1, v, x), to_the_right)


def _hankel_slope(v, x):
    """The slope of H1 = J + i Y by its order, of real arguments."""
    return TABLE["jv"].partials[0](v, x, None) + 1j * TABLE["yv"].partials[0](v, x, None)


def hankel(name, by_order_of_real, by_x):
    """Enter a Hankel function with its slope by the order of real arguments, and by the argument."""
    by_order(row(name, absolute, by_x, domain=POSITIVE), by_order_of_real, lambda v, x: True)


hankel("hankel1", _hankel_slope, lambda v, x, out: 0.5 * (sp.hankel1(v - 1, x) - sp.hankel1(v + 1, x)))
hankel("hankel2", lambda v, x: np.conj(_hankel_slope(v, x)), lambda v, x, out: 0.5 * (sp.hankel2(v - 1, x) - sp.hankel2(v + 1, x)))
hankel("hankel1e", lambda v, x: scaled_hankel_slope(v, x, _hankel_slope), lambda v, x, out:
       scaled_h(v, x, 0.5 * (sp.hankel1e(v - 1, x) - sp.hankel1e(v + 1, x)) - 1j * out, 1j, lambda v, x: scaled_by(0, 1, v, x)))
hankel("hankel2e", lambda v, x: np.conj(scaled_hankel_slope(v, x, _hankel_slope)), lambda v, x, out:
       scaled_h(v, x, 0.5 * (sp.hankel2e(v - 1, x) - sp.hankel2e(v + 1, x)) + 1j * out, -1j, lambda v, x: np.conj(scaled_by(0, 1, v, x))))
struve_by_order(row("struve", absolute, struve_by_x(-1, lambda v, x, out: np.where(
    np.isinf(primal(out)), np.nan, sp.struve(v - 1, x) - v / x * out)), domain=POSITIVE), -1)
struve_by_order(row("modstruve", absolute, struve_by_x(1, lambda v, x, out:  # all of one sign (DLMF 11.4.30)
                    sp.modstruve(v + 1, x) + v / x * out + power_over_gamma(x / 2, v, 1.5) / ROOT_PI), domain=POSITIVE), 1)
row("itstruve0", lambda x, out: x * _struve0_over(x),                      domain=POSITIVE)
row("it2struve0", lambda x, out: -_struve0_over(x),                        domain=POSITIVE)
row("itmodstruve0", lambda x, out: sp.modstruve(0, x),                     domain=POSITIVE)
row("ber", lambda x, out: np.real(kelvin_be(x)), domain=POSITIVE), row("berp", lambda x, out: np.real(kelvin_be(x, 2)), domain=POSITIVE)
row("bei", lambda x, out: np.imag(kelvin_be(x)), domain=POSITIVE), row("beip", lambda x, out: np.imag(kelvin_be(x, 2)), domain=POSITIVE)
row("ker", lambda x, out: np.real(kelvin_ke(x)), domain=POSITIVE), row("kerp", lambda x, out: np.real(kelvin_ke(x, 2)), domain=POSITIVE)
row("kei", lambda x, out: np.imag(kelvin_ke(x)), domain=POSITIVE), row("keip", lambda x, out: np.imag(kelvin_ke(x, 2)), domain=POSITIVE)
row("wright_bessel", lambda a, b, x, out: wright_by(1, 1, a, b, x), lambda a, b, x, out: wright_by(0, 1, a, b, x),
    lambda a, b, x, out: near(x, 20.0, lambda x: sp.wright_bessel(a, a + b, x), lambda x: wright_by(0, 0, a, a + b, x)), domain=POSITIVE)
row("log_wright_bessel", lambda a, b, x, out: log_wright_by(1, 0, 0, a, b, x), lambda a, b, x, out: log_wright_by(0, 1, 0, a, b, x),
    lambda a, b, x, out: log_wright_by(0, 0, 1, a, b, x), domain=POSITIVE)

# --- hypergeometric functions -------------------------------------------------------------------------------------------------
row("besselpoly", *bessel_moments.SLOPES, domain=POSITIVE)
by_series(row("hyp0f1", slope_of(hyp0f1_by, 0), limit_dx, domain=(POSITIVE, REAL)))
by_series(row("hyp1f1", slope_of(hyp1f1_by, 0), slope_of(hyp1f1_by, 1), confluent_dx, domain=(POSITIVE, POSITIVE, REAL)))
by_series(row("hyp2f1", slope_of(hyp2f1_by, 0), slope_of(hyp2f1_by, 1), slope_of(hyp2f1_by, 2), gauss_dx,
              domain=(POSITIVE, POSITIVE, POSITIVE, OPEN(-1, 1))))
row("hyperu",   *(slope_of(hyperu_by, k) for k in range(3)),               domain=POSITIVE)

in_double(but={"erf", "erfc", "expit", "gammaln", "log_expit", "ndtr", "psi", "xlog1py", "xlogy"})

"""Rows of ``scipy.special``: error, gamma, Bessel, elliptic, hypergeometric functions and their kin.

SciPy's ufuncs speak NumPy's protocol, so the plain names work. This room is loaded when it is first asked
for, because ``scipy.special`` costs as much to import as all the rest. None stands for an order or shape
by which there is no row yet: it raises by name. Formulas are those of the DLMF unless a comment says more.
"""

import math

import numpy as np
import scipy.special as sp
from scipy.special import _ufuncs

from dualnet.table.domain import NONZERO, OPEN, POSITIVE, REAL, Domain
from dualnet.table.row import TABLE, pointwise, primal

UNIT = OPEN(0, 1)
ABOVE_1 = Domain(low=1.0)
BELOW_1 = Domain(high=1.0)
ROOT_PI, ROOT_2PI, ROOT_2 = math.sqrt(math.pi), math.sqrt(2 * math.pi), math.sqrt(2)
DEGREE = math.pi / 180


def row(name, *partials, **more):
    """Enter the ufunc of that name; a name that NumPy has too is entered as ``special.name``."""
    function = getattr(_ufuncs, name)
    return pointwise(function, *partials, name=f"special.{name}" if TABLE.holds(name) else name, **more)


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


def _tail(x, sign):
    """sqrt(pi) x erfcx(x) - 1 (sign -1) or 2 x dawsn(x) - 1 (sign 1) by the asymptotic series, for |x| > 6."""
    u, out, k = 0.5 / (x * x), 0.0, 26
    for j in range(k, 0, -1):
        out = sign * (2 * j - 1) * u * (1 + out)
    return out


def _erfcx_dx(x, out):
    """2 x erfcx(x) - 2/sqrt(pi), which cancels for large x: there its asymptotic series (DLMF 7.12.1)."""
    big = primal(x) > 6 if not np.iscomplexobj(primal(x)) else False
    if not np.any(big):
        return 2 * x * out - 2 / ROOT_PI
    return np.where(big, 2 / ROOT_PI * _tail(np.where(big, x, 9.0), -1), 2 * np.where(big, 0.0, x) * out - 2 / ROOT_PI)


def _dawsn_dx(x, out):
    """1 - 2 x D(x), which cancels for large x: there its asymptotic series."""
    big = np.abs(primal(x)) > 6 if not np.iscomplexobj(primal(x)) else False
    if not np.any(big):
        return 1 - 2 * x * out
    return np.where(big, -_tail(np.where(big, x, 9.0), 1), 1 - 2 * np.where(big, 0.0, x) * out)


EXPREL = [1 / (math.factorial(k) * (k + 2)) for k in range(20)]
INV_BOXCOX = [(-1) ** (k + 1) * (k + 1) / (k + 2) for k in range(18)]
LOG_RATIO = [(-1) ** k / (k + 1) for k in range(18)]


def exprel_dx(x, out=None):
    """The slope of (exp(x) - 1)/x: (exp(x) - exprel(x))/x, and its Taylor series where that cancels."""
    return near(x, 1.0, lambda x: polynomial(x, EXPREL), lambda x: (np.exp(x) - sp.exprel(x)) / x)


def _inv_boxcox_dy(u):
    """(u/(1+u) - log(1+u))/u^2, and its Taylor series where that cancels."""
    return near(u, 0.1, lambda u: polynomial(u, INV_BOXCOX), lambda u: (u / (1 + u) - np.log1p(u)) / (u * u))


def _log_ratio(u):
    """log(1+u)/u."""
    return near(u, 0.1, lambda u: polynomial(u, LOG_RATIO), lambda u: np.log1p(u) / u)


# --- error functions, logistic, normal distribution -----------------------------------------------------------
row("erf",      lambda x, out: 2 / ROOT_PI * np.exp(-x * x),               symbol="erf(x)")
row("erfc",     lambda x, out: -2 / ROOT_PI * np.exp(-x * x),              symbol="erfc(x)")
row("erfi",     lambda x, out: 2 / ROOT_PI * np.exp(x * x),                symbol="erfi(x)")
row("erfcx",    _erfcx_dx,                                                 symbol="exp(x**2)*erfc(x)")
row("dawsn",    _dawsn_dx,                                                 symbol="sqrt(pi)/2*exp(-x**2)*erfi(x)")
row("wofz",     lambda x, out: 2j / ROOT_PI - 2 * x * out)
row("erfinv",   lambda x, out: ROOT_PI / 2 * np.exp(out * out),            symbol="erfinv(x)", domain=OPEN(-1, 1))
row("erfcinv",  lambda x, out: -ROOT_PI / 2 * np.exp(out * out),           symbol="erfinv(1-x)", domain=OPEN(0, 2))
row("expit",    lambda x, out: out * sp.expit(-x),                         symbol="expit(x)")
row("log_expit", lambda x, out: sp.expit(-x),                              symbol="log(expit(x))")
row("logit",    lambda x, out: 1 / (x * (1 - x)),                          symbol="logit(x)", domain=UNIT)
row("ndtr",     lambda x, out: np.exp(-0.5 * x * x) / ROOT_2PI,            symbol="(1+erf(x/sqrt(2)))/2")
row("log_ndtr", lambda x, out: 2 / ROOT_2PI / sp.erfcx(x * (-1 / ROOT_2)), symbol="log(erfc(-x/sqrt(2))/2)")
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
row("tandg",    lambda x, out: DEGREE * (1 + out * out),                   symbol="tan(pi*x/180)", domain=OPEN(-90, 90))
row("cotdg",    lambda x, out: -DEGREE * (1 + out * out),                  domain=OPEN(0, 180))
row("radian",   DEGREE, DEGREE / 60, DEGREE / 3600,                        symbol="pi*(x+y/60+z/3600)/180")
row("powm1",    lambda x, y, out: y * np.power(x, y - 1), lambda x, y, out: np.power(x, y) * np.log(x),
    symbol="x**y-1", domain=(POSITIVE, REAL))
row("xlogy",    lambda x, y, out: np.log(y), lambda x, y, out: x / y,      symbol="x*log(y)", domain=(REAL, POSITIVE))
row("xlog1py",  lambda x, y, out: np.log1p(y), lambda x, y, out: x / (1 + y), symbol="x*log(1+y)", domain=(REAL, Domain(low=-1.0)))
row("entr",     lambda x, out: -1 - np.log(x),                             symbol="-x*log(x)", domain=POSITIVE)
row("rel_entr", lambda x, y, out: 1 + np.log(x / y), lambda x, y, out: -x / y, symbol="x*log(x/y)", domain=POSITIVE)
row("kl_div",   lambda x, y, out: np.log(x / y), lambda x, y, out: 1 - x / y, symbol="x*log(x/y)-x+y", domain=POSITIVE)
row("boxcox",   lambda x, y, out: np.power(x, y - 1), lambda x, y, out: np.log(x) ** 2 * exprel_dx(y * np.log(x)),
    symbol="(x**y-1)/y", domain=(POSITIVE, REAL))
row("boxcox1p", lambda x, y, out: np.power(1 + x, y - 1), lambda x, y, out: np.log1p(x) ** 2 * exprel_dx(y * np.log1p(x)),
    symbol="((1+x)**y-1)/y", domain=(Domain(low=-1.0), REAL))
row("inv_boxcox", lambda x, y, out: out / (1 + x * y), lambda x, y, out: out * x * x * _inv_boxcox_dy(x * y),
    symbol="(1+x*y)**(1/y)", domain=POSITIVE)
row("inv_boxcox1p", lambda x, y, out: (1 + out) / (1 + x * y), lambda x, y, out: (1 + out) * x * x * _inv_boxcox_dy(x * y),
    symbol="(1+x*y)**(1/y)-1", domain=POSITIVE)
row("huber",    lambda x, y, out: np.where(np.abs(primal(y)) <= primal(x), 0, np.absolute(y) - x),
    lambda x, y, out: np.where(np.abs(primal(y)) <= primal(x), y, x * np.sign(primal(y))), domain=(POSITIVE, REAL))
row("pseudo_huber", lambda x, y, out: 2 * out / x - np.square(y) / np.hypot(x, y), lambda x, y, out: y * (x / np.hypot(x, y)),
    symbol="x**2*(sqrt(1+(y/x)**2)-1)", domain=(POSITIVE, REAL))
row("wrightomega", lambda x, out: out / (1 + out))
row("_lambertw", lambda z, k, tol, out: np.exp(-out) / (1 + out), None, None)

# --- gamma and its kin -----------------------------------------------------------------------------------------------
row("gamma",    lambda x, out: out * sp.psi(x),                            symbol="gamma(x)", domain=POSITIVE)
row("gammaln",  lambda x, out: sp.psi(x),                                  symbol="gammaln(x)", domain=POSITIVE)
row("loggamma", lambda x, out: sp.psi(x),                                  symbol="gammaln(x)", domain=POSITIVE)
row("rgamma",   lambda x, out: -out * sp.psi(x),                           symbol="1/gamma(x)", domain=POSITIVE)
row("psi",      lambda x, out: _ufuncs._zeta(2.0, x),                      symbol="digamma(x)", domain=POSITIVE)
row("_zeta",    None, lambda x, y, out: -x * _ufuncs._zeta(x + 1, y),      symbol="zeta(x,y)", domain=(ABOVE_1, POSITIVE))
row("beta",     lambda x, y, out: out * (sp.psi(x) - sp.psi(x + y)), lambda x, y, out: out * (sp.psi(y) - sp.psi(x + y)),
    symbol="beta(x,y)", domain=POSITIVE)
row("betaln",   lambda x, y, out: sp.psi(x) - sp.psi(x + y), lambda x, y, out: sp.psi(y) - sp.psi(x + y),
    symbol="betaln(x,y)", domain=POSITIVE)
row("poch",     lambda x, y, out: out * (sp.psi(x + y) - sp.psi(x)), lambda x, y, out: out * sp.psi(x + y),
    symbol="gamma(x+y)/gamma(x)", domain=POSITIVE)
row("binom",    lambda x, y, out: out * (sp.psi(x + 1) - sp.psi(x - y + 1)), lambda x, y, out: out * (sp.psi(x - y + 1) - sp.psi(y + 1)),
    symbol="gamma(x+1)/gamma(y+1)/gamma(x-y+1)", domain=(Domain(low=4.0), OPEN(0, 4)))

# --- exponential integrals and related, dilogarithm ---------------------------------------------------------------------
row("exp1",     lambda x, out: -np.exp(-x) / x,                            symbol="exp1(x)", domain=POSITIVE)
row("expi",     lambda x, out: np.exp(x) / x,                              symbol="expi(x)", domain=POSITIVE)
row("expn",     None, lambda n, x, out: -sp.expn(n - 1, x),                domain=(ABOVE_1, POSITIVE))
row("spence",   lambda x, out: -_log_ratio(x - 1),                         domain=POSITIVE)

# --- Bessel functions and their kin ---------------------------------------------------------------------------------------
row("j0",       lambda x, out: -sp.j1(x),                                  symbol="j0(x)")
row("j1",       lambda x, out: 0.5 * (sp.j0(x) - sp.jv(2, x)),             symbol="j1(x)")
row("y0",       lambda x, out: -sp.y1(x),                                  domain=POSITIVE)
row("y1",       lambda x, out: 0.5 * (sp.y0(x) - sp.yv(2, x)),             domain=POSITIVE)
row("i0",       lambda x, out: sp.i1(x),                                   symbol="i0(x)")
row("i1",       lambda x, out: 0.5 * (sp.i0(x) + sp.iv(2, x)),             symbol="i1(x)")
row("i0e",      lambda x, out: sp.i1e(x) - np.sign(primal(x)) * out,       domain=NONZERO)
row("i1e",      lambda x, out: 0.5 * (sp.i0e(x) + sp.ive(2, x)) - np.sign(primal(x)) * out, domain=NONZERO)
row("k0",       lambda x, out: -sp.k1(x),                                  domain=POSITIVE)
row("k1",       lambda x, out: -0.5 * (sp.k0(x) + sp.kv(2, x)),            domain=POSITIVE)
row("k0e",      lambda x, out: out - sp.k1e(x),                            domain=POSITIVE)
row("k1e",      lambda x, out: out - 0.5 * (sp.k0e(x) + sp.kve(2, x)),     domain=POSITIVE)
row("jv",       None, lambda v, x, out: 0.5 * (sp.jv(v - 1, x) - sp.jv(v + 1, x)), symbol="jv(x,y)", domain=POSITIVE)
row("yv",       None, lambda v, x, out: 0.5 * (sp.yv(v - 1, x) - sp.yv(v + 1, x)), domain=POSITIVE)
row("yn",       None, lambda v, x, out: 0.5 * (sp.yv(v - 1, x) - sp.yv(v + 1, x)), domain=POSITIVE)
row("iv",       None, lambda v, x, out: 0.5 * (sp.iv(v - 1, x) + sp.iv(v + 1, x)), symbol="iv(x,y)", domain=POSITIVE)
row("kv",       None, lambda v, x, out: -0.5 * (sp.kv(v - 1, x) + sp.kv(v + 1, x)), symbol="kv(x,y)", domain=POSITIVE)
row("kn",       None, lambda v, x, out: -0.5 * (sp.kv(v - 1, x) + sp.kv(v + 1, x)), domain=POSITIVE)
row("jve",      None, lambda v, x, out: 0.5 * (sp.jve(v - 1, x) - sp.jve(v + 1, x)), domain=POSITIVE)
row("yve",      None, lambda v, x, out: 0.5 * (sp.yve(v - 1, x) - sp.yve(v + 1, x)), domain=POSITIVE)
row("ive",      None, lambda v, x, out: 0.5 * (sp.ive(v - 1, x) + sp.ive(v + 1, x)) - np.sign(primal(x)) * out, domain=POSITIVE)
row("kve",      None, lambda v, x, out: out - 0.5 * (sp.kve(v - 1, x) + sp.kve(v + 1, x)), domain=POSITIVE)
row("hankel1",  None, lambda v, x, out: 0.5 * (sp.hankel1(v - 1, x) - sp.hankel1(v + 1, x)), domain=POSITIVE)
row("hankel2",  None, lambda v, x, out: 0.5 * (sp.hankel2(v - 1, x) - sp.hankel2(v + 1, x)), domain=POSITIVE)
row("hankel1e", None, lambda v, x, out: 0.5 * (sp.hankel1e(v - 1, x) - sp.hankel1e(v + 1, x)) - 1j * out, domain=POSITIVE)
row("hankel2e", None, lambda v, x, out: 0.5 * (sp.hankel2e(v - 1, x) - sp.hankel2e(v + 1, x)) + 1j * out, domain=POSITIVE)
row("struve",   None, lambda v, x, out: sp.struve(v - 1, x) - v / x * out, domain=POSITIVE)
row("modstruve", None, lambda v, x, out: sp.modstruve(v - 1, x) - v / x * out, domain=POSITIVE)
row("itstruve0", lambda x, out: sp.struve(0, x),                           domain=POSITIVE)
row("it2struve0", lambda x, out: -sp.struve(0, x) / x,                     domain=POSITIVE)
row("itmodstruve0", lambda x, out: sp.modstruve(0, x),                     domain=POSITIVE)
row("ber", lambda x, out: sp.berp(x), domain=POSITIVE), row("berp", lambda x, out: -sp.bei(x) - out / x, domain=POSITIVE)
row("bei", lambda x, out: sp.beip(x), domain=POSITIVE), row("beip", lambda x, out: sp.ber(x) - out / x, domain=POSITIVE)
row("ker", lambda x, out: sp.kerp(x), domain=POSITIVE), row("kerp", lambda x, out: -sp.kei(x) - out / x, domain=POSITIVE)
row("kei", lambda x, out: sp.keip(x), domain=POSITIVE), row("keip", lambda x, out: sp.ker(x) - out / x, domain=POSITIVE)
row("wright_bessel", None, None, lambda a, b, x, out: sp.wright_bessel(a, a + b, x), domain=POSITIVE)
row("log_wright_bessel", None, None, lambda a, b, x, out: np.exp(sp.log_wright_bessel(a, a + b, x) - out), domain=POSITIVE)

# --- hypergeometric functions -------------------------------------------------------------------------------------------------
row("hyp0f1",   None, lambda v, x, out: sp.hyp0f1(v + 1, x) / v,           domain=(POSITIVE, REAL))
row("hyp1f1",   None, None, lambda a, b, x, out: a / b * sp.hyp1f1(a + 1, b + 1, x), domain=(POSITIVE, POSITIVE, REAL))
row("hyp2f1",   None, None, None, lambda a, b, c, x, out: a * b / c * sp.hyp2f1(a + 1, b + 1, c + 1, x),
    domain=(POSITIVE, POSITIVE, POSITIVE, OPEN(-1, 1)))
row("hyperu",   None, None, lambda a, b, x, out: -a * sp.hyperu(a + 1, b + 1, x), domain=POSITIVE)


# --- elliptic integrals -------------------------------------------------------------------------------------------------------
def _ellipk_dm(m, out):
    """(E - (1-m) K) / (2 m (1-m)), and the hypergeometric form where that cancels."""
    return near(m, 0.4, lambda m: math.pi / 8 * sp.hyp2f1(1.5, 1.5, 2.0, m),
                lambda m: (sp.ellipe(m) - (1 - m) * sp.ellipk(m)) / (2 * m * (1 - m)), outer=0.5)


def _ellipkm1_dp(p, out):
    """The slope of K by p = 1 - m; for small p nothing is formed from 1 - p where digits count."""
    close = np.abs(1 - primal(p)) < 0.4
    series, other = np.where(close, p, 1.0), np.where(close, 0.5, p)
    return np.where(close, -math.pi / 8 * sp.hyp2f1(1.5, 1.5, 2.0, 1 - series),
                    (other * sp.ellipkm1(other) - sp.ellipe(1 - other)) / (2 * other * (1 - other)))


def _ellipe_dm(m, out):
    """(E - K) / (2 m), and the hypergeometric form where that cancels."""
    return near(m, 0.4, lambda m: -math.pi / 8 * sp.hyp2f1(0.5, 1.5, 2.0, m),
                lambda m: (sp.ellipe(m) - sp.ellipk(m)) / (2 * m), outer=0.5)


def _delta(x, m):
    return 1 - m * np.square(np.sin(x))


row("ellipk",   _ellipk_dm,                                                symbol="ellipk(x)", domain=BELOW_1)
row("ellipe",   _ellipe_dm,                                                symbol="ellipe(x)", domain=BELOW_1)
row("ellipkm1", _ellipkm1_dp,                                              symbol="ellipk(1-x)", domain=POSITIVE)
row("ellipkinc", lambda x, m, out: 1 / np.sqrt(_delta(x, m)),
    lambda x, m, out: (sp.ellipeinc(x, m) / (1 - m) - out - np.sin(2 * x) / (2 * (1 - m) * np.sqrt(_delta(x, m))) * m) / (2 * m),
    domain=(REAL, UNIT))
row("ellipeinc", lambda x, m, out: np.sqrt(_delta(x, m)), lambda x, m, out: (out - sp.ellipkinc(x, m)) / (2 * m), domain=(REAL, UNIT))
row("elliprf",  lambda x, y, z, out: -sp.elliprd(y, z, x) / 6, lambda x, y, z, out: -sp.elliprd(z, x, y) / 6,
    lambda x, y, z, out: -sp.elliprd(x, y, z) / 6,                         domain=POSITIVE)
row("elliprc",  lambda x, y, out: (1 / np.sqrt(x) - out) / (2 * (x - y)), lambda x, y, out: (out - np.sqrt(x) / y) / (2 * (x - y)),
    domain=POSITIVE)  # NaN where x = y


def _elliprd_dx(x, y, z, out):
    """(R_D(y, z, x) - R_D(x, y, z)) / (2 (x - z)), from the integrals; NaN where x = z."""
    return (sp.elliprd(y, z, x) - out) / (2 * (x - z))


row("elliprd",  _elliprd_dx, lambda x, y, z, out: _elliprd_dx(y, x, z, out),
    lambda x, y, z, out: -(1.5 * out + x * _elliprd_dx(x, y, z, out) + y * _elliprd_dx(y, x, z, out)) / z, domain=POSITIVE)

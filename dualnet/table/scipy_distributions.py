"""Formulas of distributions of ``scipy.stats`` that SciPy writes with helpers or compiled code that take plain arrays only.

A name of `OWN` is that of SciPy's class without ``_gen``. Formulas are in standard form, of ``(x, *shapes)`` as SciPy orders them, and
smooth in the shapes, also where SciPy changes over to another formula. What stands in `COMPILED` is left to SciPy: a distribution
function has its density as slope by the argument, none by a shape; a quantile function is an inverse.
"""

import numpy as np
import scipy.special as sp
from scipy import stats
from scipy.special import _ufuncs

from dualnet.table import special_distributions, special_statistics  # noqa: F401
from dualnet.table.ordering import leads
from dualnet.table.row import TABLE, composed, pointwise, primal, revalued, shape_of
from dualnet.table.special import ROOT_2PI, log_ratio, near, polynomial
from dualnet.table.stirling import STIRLING, log1p_less, stirling

LOG_ROOT_2PI = np.log(ROOT_2PI)
BULGE = [2 * (-1) ** (k + 1) / (k + 2) for k in range(18)]


# --- ufuncs that scipy.stats keeps to itself --------------------------------------------------------------------------
def stands_for(name, formula):
    """Enter a private ufunc of SciPy's, with its own values: what it is by others, whose derivatives it takes."""
    ufunc = getattr(_ufuncs, name, None)
    if ufunc is not None:
        rule = lambda *args: revalued(formula(*args), ufunc(*map(primal, args)))
        rule.__doc__ = f"SciPy's {name}, with the derivatives of public functions."
        composed(ufunc, name=name)(rule)


def slope_of(name, place):
    """The partial of a row by the argument at that place, as a function of all of them."""
    row = TABLE[name]
    return lambda *args: row.partials[place](*args, row(*args))


STUDENT, FISHER, CHI2 = slope_of("nctdtr", 2), slope_of("ncfdtr", 3), slope_of("chndtr", 0)
for name, formula in {
    "_beta_ppf": lambda q, a, b: sp.betaincinv(a, b, q), "_beta_isf": lambda q, a, b: sp.betainccinv(a, b, q),
    "_binom_cdf": lambda k, n, p: sp.betainc(n - k, k + 1, 1 - p), "_binom_sf": lambda k, n, p: sp.betainc(k + 1, n - k, p),
    "_nbinom_cdf": lambda k, n, p: sp.betainc(n, k + 1, p), "_nbinom_sf": lambda k, n, p: sp.betaincc(n, k + 1, p),
    "_ncx2_pdf": CHI2, "_ncx2_sf": lambda x, v, c: 1 - sp.chndtr(x, v, c),
    "_ncf_pdf": lambda x, m, n, c: FISHER(m, n, c, x), "_ncf_sf": lambda x, m, n, c: 1 - sp.ncfdtr(m, n, c, x),
    "_nct_pdf": lambda x, v, c: STUDENT(v, c, x), "_nct_sf": lambda x, v, c: 1 - sp.nctdtr(v, c, x),
    "_nct_ppf": lambda q, v, c: sp.nctdtrit(v, c, q),
    "_smirnovc": lambda n, x: 1 - sp.smirnov(n, x), "_smirnovci": lambda n, q: sp.smirnovi(n, 1 - q),
    "_kolmogp": slope_of("kolmogorov", 0), "_kolmogc": lambda x: 1 - sp.kolmogorov(x), "_kolmogci": lambda q: sp.kolmogi(1 - q),
}.items():
    stands_for(name, formula)


# --- what several formulas need -----------------------------------------------------------------------------------------
def log_rise(x, c):
    """log(1 + c x)/c, smooth at c = 0."""
    return x * log_ratio(c * x)


def gumbel(x, c):
    """log(-log(cdf)) of the extreme value distribution."""
    return -log_rise(x, -c)


def kappa(x, h, k):
    """log(cdf) of the distribution with four parameters, and what it takes the place of at h = 0."""
    fall = np.exp(gumbel(x, k))
    return gumbel(fall, h), fall


def modified(x, k):
    """log(k pdf) of the exponentially modified normal distribution."""
    far, inverse = primal(x) * primal(k) > 1, 1 / k
    return np.where(far, inverse * (0.5 * inverse - x) + sp.log_ndtr(np.where(far, x - inverse, 0.0)),
                    np.log(0.5 * sp.erfcx(np.where(far, 0.0, (inverse - x) / np.sqrt(2)))) - 0.5 * x * x)


def triangle(x, c, left, right):
    """`left` on the rising side, `right` on the falling one; a peak at an end of the support has one side only."""
    peak = primal(c)
    above = (leads(x, c) | (peak == 0)) & (peak < 1)
    return np.where(above, right(x, np.where(above, c, 0.5)), left(x, np.where(above, 0.5, c)))


def trapezoid(x, c, d, left, middle, right):
    """`left` of (x, c) up to c, `right` of (x, d) from d on, and `middle` of (x, c) between."""
    rising, falling = ~leads(x, c) & (primal(c) > 0), leads(x, d) & (primal(d) < 1)
    side = np.where(rising, left(x, np.where(rising, c, 0.5)), middle(x, c))
    return np.where(falling, right(x, np.where(falling, d, 0.5)), side)


def log_mass(a, b):
    """The logarithm of the normal probability between a and b, by the tail in which they lie."""
    left, right = primal(b) <= 0, primal(a) > 0
    apart = left | right
    far = sp.log_ndtr(np.where(right, -b, np.where(left, a, -1.0)))  # of the left tail
    close = sp.log_ndtr(np.where(right, -a, np.where(left, b, 0.0)))
    around = np.log1p(-sp.ndtr(np.where(apart, -1.0, a)) - sp.ndtr(np.where(apart, -1.0, -b)))
    return np.where(apart, close + np.log1p(-np.exp(far - close)), around)


def log_mills(x):
    """The logarithm of Mills' ratio, the upper tail of the normal distribution over its density."""
    return sp.log_ndtr(-x) + 0.5 * x * x + LOG_ROOT_2PI


def log_bessel(v, x):
    """The logarithm of the modified Bessel function of the second kind."""
    return np.log(sp.kve(v, x)) - x


def log_two_sided_pareto(x, u, s, a, b):
    """The density of the product of a lognormal variable and a power."""
    y = np.log(x)
    z = (y - u) / s
    return np.log(a * b / (a + b)) - y - 0.5 * z * z - LOG_ROOT_2PI + np.logaddexp(log_mills(a * s - z), log_mills(b * s + z))


def log_hyperbolic(x, p, a, b):
    """The generalised hyperbolic density."""
    root, rest = np.hypot(1.0, x), (a - b) * (a + b)
    front = 0.5 * p * np.log(rest) - LOG_ROOT_2PI - (p - 0.5) * np.log(a) - log_bessel(p, np.sqrt(rest))
    return front + b * x + (p - 0.5) * np.log(root) + log_bessel(p - 0.5, a * root)


def log_noncentral(x, v, c):
    """The noncentral chi-square density by 0F1 (Johnson, Kotz and Balakrishnan 1995, 29.4), by a Bessel function where that is large."""
    far = primal(x) * primal(c) > 1e4
    series = np.log(sp.hyp0f1(0.5 * v, 0.25 * np.where(far, 1.0, x * c))) - 0.5 * (x + c) + sp.xlogy(0.5 * v - 1, x)
    y, d = np.where(far, x, 1.0), np.where(far, c, 1.0)
    bessel = np.log(sp.ive(0.5 * v - 1, np.sqrt(y * d))) + (0.25 * v - 0.5) * np.log(y / d) - 0.5 * np.square(np.sqrt(y) - np.sqrt(d))
    return np.where(far, bessel - np.log(2), series - 0.5 * v * np.log(2) - sp.gammaln(0.5 * v))


def log_skewed(x, skew):
    """Pearson's density of type III, a gamma density of shape 4/skew^2 in standard form, smooth at skew = 0."""
    inside = primal(x) * primal(skew) > -2
    u, r = np.where(inside, 0.5 * x * skew, 0.0), 0.25 * np.square(skew)
    bend = near(u, 0.1, lambda u: polynomial(u, BULGE), lambda u: 2 * log1p_less(u) / np.square(u))
    rest = near(r, 0.1, lambda r: r * polynomial(r * r, STIRLING), lambda r: stirling(1 / r))
    return np.where(inside, 0.5 * x * x * bend - np.log1p(u) - rest - LOG_ROOT_2PI, -np.inf)


class Crystal:
    """The crystal ball density: normal from -beta on, a power below."""

    def __init__(self, x, beta, m):
        self.tail = m / beta / (m - 1) * np.exp(-0.5 * beta * beta)
        self.whole = self.tail + ROOT_2PI * sp.ndtr(beta)
        self.bulk = leads(x, -beta)
        self.log = np.log1p(np.where(self.bulk, 0.0, -beta * (x + beta) / m))  # of what has a power in the tail

    @classmethod
    def logpdf(cls, x, beta, m):
        """The logarithm of the density."""
        it = cls(x, beta, m)
        return np.where(it.bulk, -0.5 * x * x, -0.5 * beta * beta - m * it.log) - np.log(it.whole)

    @classmethod
    def cdf(cls, x, beta, m):
        """The distribution function."""
        it = cls(x, beta, m)
        return np.where(it.bulk, it.tail + ROOT_2PI * (sp.ndtr(x) - sp.ndtr(-beta)), it.tail * np.exp((1 - m) * it.log)) / it.whole

    @classmethod
    def sf(cls, x, beta, m):
        """The upper tail."""
        it = cls(x, beta, m)
        above = ROOT_2PI * sp.ndtr(np.where(it.bulk, -x, beta))
        return np.where(it.bulk, above, above - it.tail * np.expm1((1 - m) * it.log)) / it.whole


def skellam(k, m, n, mass=0):
    """The argument, degrees of freedom and noncentrality of the chi-square distribution of a difference of counts."""
    low = k < 0
    return 2 * np.where(low, n, m), 2 * (np.abs(np.floor(k)) + np.where(low, mass, 1)), 2 * np.where(low, m, n)


def geometric(k, a):
    """The upper tail of the discrete Laplace distribution, k not negative."""
    return np.exp(-a * np.maximum(np.floor(k), 0)) * sp.expit(-a)


SKEW = pointwise(lambda x, a: stats.skewnorm._cdf(np.atleast_1d(x), a).reshape(shape_of(x)),
                 lambda x, a, out: np.exp(-0.5 * x * x) * (2 / ROOT_2PI) * sp.ndtr(a * x),
                 lambda x, a, out: np.exp(-0.5 * x * x * (1 + a * a)) / (-np.pi * (1 + a * a)),  # by Owen's T
                 name="skewnorm cdf")
SKEW_PPF = pointwise(lambda q, a: stats.skewnorm._ppf(q, a),
                     lambda q, a, x: np.exp(0.5 * x * x - sp.log_ndtr(a * x)) * (ROOT_2PI / 2),
                     lambda q, a, x: np.exp(-0.5 * (a * x) ** 2 - sp.log_ndtr(a * x)) / (ROOT_2PI * (1 + a * a)), name="skewnorm ppf")
COSINE = pointwise(lambda x: stats.cosine._cdf(x), lambda x, out: np.square(np.cos(0.5 * x)) / np.pi, name="cosine cdf")
LANDAU = pointwise(lambda x: stats.landau._pdf(x), None, name="landau pdf")  # an integral


# --- the distributions ------------------------------------------------------------------------------------------------
OWN = {
    "t": {"logpdf": lambda x, v: -0.5 * ((v + 1) * np.log1p(x * x / v) + np.log(v)) - sp.betaln(0.5 * v, 0.5)},
    "cauchy": {"logpdf": lambda x: -np.log(np.pi) - np.log1p(x * x)},
    "lognorm": {"logpdf": lambda x, s: -0.5 * np.square(np.log(x) / s) - np.log(s * x * np.sqrt(2 * np.pi))},
    "gibrat": {"logpdf": lambda x: -0.5 * np.square(np.log(x)) - np.log(x) - LOG_ROOT_2PI},
    "skewnorm": {"logpdf": lambda x, a: np.log(2 / ROOT_2PI) - 0.5 * x * x + sp.log_ndtr(a * x),
                 "cdf": lambda x, a: SKEW(x, a), "sf": lambda x, a: SKEW(-x, -a), "ppf": lambda q, a: SKEW_PPF(q, a)},
    "genextreme": {
        "logpdf": lambda x, c: gumbel(x, c) - np.exp(gumbel(x, c)) - np.log1p(-c * x), "logcdf": lambda x, c: -np.exp(gumbel(x, c)),
        "cdf": lambda x, c: np.exp(-np.exp(gumbel(x, c))), "sf": lambda x, c: -np.expm1(-np.exp(gumbel(x, c))),
        "ppf": lambda q, c: -np.log(-np.log(q)) * sp.exprel(c * np.log(-np.log(q))),
        "isf": lambda q, c: -np.log(-np.log1p(-q)) * sp.exprel(c * np.log(-np.log1p(-q)))},
    "genpareto": {
        "logpdf": lambda x, c: -log_rise(x, c) - np.log1p(c * x), "logsf": lambda x, c: -log_rise(x, c),
        "sf": lambda x, c: np.exp(-log_rise(x, c)), "cdf": lambda x, c: -np.expm1(-log_rise(x, c)),
        "ppf": lambda q, c: -np.log1p(-q) * sp.exprel(-c * np.log1p(-q)), "isf": lambda q, c: -np.log(q) * sp.exprel(-c * np.log(q))},
    "genhalflogistic": {
        "logpdf": lambda x, c: np.log(2) + gumbel(x, c) - np.log1p(-c * x) - 2 * np.log1p(np.exp(gumbel(x, c))),
        "cdf": lambda x, c: np.tanh(-0.5 * gumbel(x, c)), "sf": lambda x, c: 2 * sp.expit(gumbel(x, c))},
    "exponnorm": {
        "logpdf": lambda x, k: modified(x, k) - np.log(k), "cdf": lambda x, k: sp.ndtr(x) - np.exp(modified(x, k)),
        "sf": lambda x, k: sp.ndtr(-x) + np.exp(modified(x, k))},
    "kappa4": {
        "logpdf": lambda x, h, k: (lambda log, fall: log - np.log1p(-h * fall) + np.log(fall) - np.log1p(-k * x))(*kappa(x, h, k)),
        "logcdf": lambda x, h, k: kappa(x, h, k)[0], "cdf": lambda x, h, k: np.exp(kappa(x, h, k)[0]),
        "sf": lambda x, h, k: -np.expm1(kappa(x, h, k)[0])},
    "triang": {
        "pdf": lambda x, c: triangle(x, c, lambda x, c: 2 * x / c, lambda x, c: 2 * (1 - x) / (1 - c)),
        "cdf": lambda x, c: triangle(x, c, lambda x, c: x * x / c, lambda x, c: 1 - (1 - x) ** 2 / (1 - c)),
        "sf": lambda x, c: triangle(x, c, lambda x, c: 1 - x * x / c, lambda x, c: (1 - x) ** 2 / (1 - c))},
    "trapezoid": {
        "pdf": lambda x, c, d: 2 / (1 + d - c) * trapezoid(
            x, c, d, lambda x, c: x / c, lambda x, c: 1.0 + 0 * x, lambda x, d: (1 - x) / (1 - d)),
        "cdf": lambda x, c, d: trapezoid(
            x, c, d, lambda x, c: x * x / c, lambda x, c: 2 * x - c, lambda x, e: 1 + d - c - (1 - x) ** 2 / (1 - e)) / (1 + d - c)},
    "cosine": {"logpdf": lambda x: 2 * np.log(np.abs(np.cos(0.5 * x))) - np.log(np.pi), "cdf": COSINE, "sf": lambda x: COSINE(-x)},
    "landau": {"pdf": LANDAU},
    "burr": {"logpdf": lambda x, c, d: np.log(c * d) - (c + 1) * np.log(x) - (d + 1) * np.log1p(x ** -c)},
    "fisk": {"logpdf": lambda x, c: np.log(c) - (c + 1) * np.log(x) - 2 * np.log1p(x ** -c)},
    "betaprime": {  # from the side where the odds have their digits
        "cdf": lambda x, a, b: np.where(primal(x) > 1, sp.betaincc(b, a, 1 / (1 + x)), sp.betainc(a, b, x / (1 + x))),
        "sf": lambda x, a, b: np.where(primal(x) > 1, sp.betainc(b, a, 1 / (1 + x)), sp.betaincc(a, b, x / (1 + x)))},
    "gengamma": {"logpdf": lambda x, a, c: np.log(np.abs(c)) + (c * a - 1) * np.log(x) - x ** c - sp.gammaln(a)},
    "loggamma": {  # below -700 the first term of the series, as exp(x) leaves the range
        "cdf": lambda x, c: np.where(primal(x) < -700, np.exp(c * x - sp.gammaln(c + 1)), sp.gammainc(c, np.exp(x))),
        "sf": lambda x, c: np.where(primal(x) < -700, -np.expm1(c * x - sp.gammaln(c + 1)), sp.gammaincc(c, np.exp(x)))},
    "recipinvgauss": {"logpdf": lambda x, mu: -np.square(1 - mu * x) / (2 * x * mu * mu) - 0.5 * np.log(x) - LOG_ROOT_2PI},
    "truncpareto": {
        "logpdf": lambda x, b, c: np.log(b / -np.expm1(-b * np.log(c))) - (b + 1) * np.log(x),
        "cdf": lambda x, b, c: np.expm1(-b * np.log(x)) / np.expm1(-b * np.log(c)),
        "sf": lambda x, b, c: x ** -b * np.expm1(-b * np.log(c / x)) / np.expm1(-b * np.log(c)),
        "ppf": lambda q, b, c: np.exp(np.log1p(q * np.expm1(-b * np.log(c))) / -b)},
    "truncnorm": {
        "logpdf": lambda x, a, b: -0.5 * x * x - LOG_ROOT_2PI - log_mass(a, b),
        "logcdf": lambda x, a, b: log_mass(a, x) - log_mass(a, b), "logsf": lambda x, a, b: log_mass(x, b) - log_mass(a, b),
        "cdf": lambda x, a, b: np.exp(log_mass(a, x) - log_mass(a, b)), "sf": lambda x, a, b: np.exp(log_mass(x, b) - log_mass(a, b))},
    "tukeylambda": {"pdf": lambda x, s: (lambda p: 1 / (p ** (s - 1) + (1 - p) ** (s - 1)))(sp.tklmbda(x, s))},
    "wrapcauchy": {"cdf": lambda x, c: (0.5 * x + np.arctan(c * np.sin(x) / (1 - c * np.cos(x)))) / np.pi},
    "ncx2": {"logpdf": log_noncentral, "cdf": lambda x, v, c: sp.chndtr(x, v, c), "sf": lambda x, v, c: _ufuncs._ncx2_sf(x, v, c)},
    "pearson3": {"logpdf": log_skewed},
    "dpareto_lognorm": {"logpdf": log_two_sided_pareto},
    "genhyperbolic": {"logpdf": log_hyperbolic},
    "geninvgauss": {"logpdf": lambda x, p, b: (p - 1) * np.log(x) - 0.5 * b * (x + 1 / x) - np.log(2) - log_bessel(p, b)},
    "skellam": {
        "pmf": lambda k, m, n: 2 * _ufuncs._ncx2_pdf(*skellam(k, m, n, 1)), "cdf": lambda k, m, n: np.where(
            k < 0, sp.chndtr(*skellam(k, m, n)), _ufuncs._ncx2_sf(*skellam(k, m, n))),
        "sf": lambda k, m, n: np.where(k < 0, _ufuncs._ncx2_sf(*skellam(k, m, n)), sp.chndtr(*skellam(k, m, n)))},
    "dlaplace": {"cdf": lambda k, a: np.where(k < 0, geometric(-1 - np.floor(k), a), 1 - geometric(k, a)),
                 "sf": lambda k, a: np.where(k < 0, 1 - geometric(-1 - np.floor(k), a), geometric(k, a))},
    "crystalball": {"logpdf": Crystal.logpdf, "cdf": Crystal.cdf, "sf": Crystal.sf},
}
INTEGRALS = "pearson3 dpareto_lognorm genhyperbolic geninvgauss gausshyper norminvgauss vonmises landau".split()
BOTH = "cauchy cosine crystalball invgauss kappa4 loggamma ncx2 truncnorm wald".split()
COMPILED = {"cdf": INTEGRALS, "sf": INTEGRALS,
            "ppf": [*INTEGRALS, *BOTH, *"alpha betaprime exponweib foldcauchy recipinvgauss rel_breitwigner trapezoid".split()],
            "isf": [*INTEGRALS, *BOTH, *"halflogistic ncf nct skewnorm truncpareto".split()]}

"""Rows of ``scipy.stats``: densities and distribution functions of one variable, and of several normal ones.

The methods of a distribution shift and scale their argument, mask what is outside of the support, and call the
distribution's own formula (``_logpdf`` and so on), which is written with NumPy and ``scipy.special``: its rows
give the derivatives. Outside of the support the derivative is zero.
"""

import numpy as np
from scipy import stats
from scipy.special import betaln, exprel, log_ndtr, ndtr

from dualnet.errors import NotDifferentiableError
from dualnet.table.ordering import leads
from dualnet.table.registered import array, floating, method, refuse
from dualnet.table.row import pointwise, primal
from dualnet.table.special import ROOT_2PI, log_ratio


def _standard(self, x, args, kwds):
    """(z, shapes, scale, mask of legal parameters, ends of the support) of a call."""
    shapes, loc, scale = self._parse_args(*args, **kwds)
    shapes, loc, scale, x = tuple(map(array, shapes)), array(loc), array(scale), floating(x)
    plain = tuple(map(primal, shapes))
    z = (x - loc) / scale
    legal = np.asarray(self._argcheck(*plain)) & (primal(scale) > 0) & ~np.isnan(primal(z))
    return z, shapes, scale, legal, self._get_support(*plain)


@np.errstate(invalid="ignore")
def _harmless(low, high):
    """A point inside a support."""
    low, high = np.broadcast_arrays(np.asarray(low, float), np.asarray(high, float))
    half = np.where(np.isfinite(low), np.where(np.isfinite(high), low + 0.5 * (high - low), low + 1.0), high - 1.0)
    return np.where(np.isfinite(half), half, 0.0)


def _vectors(formula, *args):
    """A formula of arguments of one shape, as the vectors that SciPy gives it."""
    shape = np.broadcast_shapes(*map(np.shape, args))
    return np.reshape(formula(*(np.reshape(np.broadcast_to(x, shape), -1) for x in args)), shape)


def _masked(self, formula, x, args, kwds, below, above, finish):
    """formula(z, *shapes) inside the support, `below` and `above` outside, NaN for illegal parameters."""
    z, shapes, scale, legal, (low, high) = _standard(self, x, args, kwds)
    plain = primal(z)
    inside = legal & (plain >= low) & (plain <= high)
    with np.errstate(**({} if np.all(legal) else {"all": "ignore"})):
        out = finish(_vectors(formula, np.where(inside, z, _harmless(low, high)), *shapes), scale)
    rest = np.where(legal, np.where(plain < low, below, above), np.nan)
    return out if np.all(inside) else np.where(inside, out, rest)


def _log_rise(x, c):
    """log(1 + c x)/c, smooth at c = 0."""
    return x * log_ratio(c * x)


def _gumbel(x, c):
    """log(-log(cdf)) of the extreme value distribution."""
    return -_log_rise(x, -c)


def _triangle(x, c, left, right):
    """`left` on the rising side, `right` on the falling one; a peak at an end of the support has one side only."""
    peak = primal(c)
    above = (leads(x, c) | (peak == 0)) & (peak < 1)
    return np.where(above, right(x, np.where(above, c, 0.5)), left(x, np.where(above, 0.5, c)))


SKEW = pointwise(lambda x, a: stats.skewnorm._cdf(np.atleast_1d(x), a).reshape(np.shape(x)),
                 lambda x, a, out: np.exp(-0.5 * x * x) * (2 / ROOT_2PI) * ndtr(a * x),
                 lambda x, a, out: np.exp(-0.5 * x * x * (1 + a * a)) / (-np.pi * (1 + a * a)),  # by Owen's T
                 name="skewnorm cdf")
SKEW_PPF = pointwise(lambda q, a: stats.skewnorm._ppf(q, a),
                     lambda q, a, x: np.exp(0.5 * x * x - log_ndtr(a * x)) * (ROOT_2PI / 2),
                     lambda q, a, x: np.exp(-0.5 * (a * x) ** 2 - log_ndtr(a * x)) / (ROOT_2PI * (1 + a * a)), name="skewnorm ppf")
OWN = {  # formulas that SciPy writes with helpers that take plain arrays only
    type(stats.t): {"logpdf": lambda x, v: -0.5 * ((v + 1) * np.log1p(x * x / v) + np.log(v)) - betaln(0.5 * v, 0.5)},
    type(stats.cauchy): {"logpdf": lambda x: -np.log(np.pi) - np.log1p(x * x)},
    type(stats.lognorm): {"logpdf": lambda x, s: -0.5 * np.square(np.log(x) / s) - np.log(s * x * np.sqrt(2 * np.pi))},
    type(stats.skewnorm): {"logpdf": lambda x, a: np.log(2 / ROOT_2PI) - 0.5 * x * x + log_ndtr(a * x),
                           "cdf": lambda x, a: SKEW(x, a), "sf": lambda x, a: SKEW(-x, -a),
                           "ppf": lambda q, a: SKEW_PPF(q, a)},
    type(stats.genextreme): {
        "logpdf": lambda x, c: _gumbel(x, c) - np.exp(_gumbel(x, c)) - np.log1p(-c * x), "logcdf": lambda x, c: -np.exp(_gumbel(x, c)),
        "cdf": lambda x, c: np.exp(-np.exp(_gumbel(x, c))), "sf": lambda x, c: -np.expm1(-np.exp(_gumbel(x, c))),
        "ppf": lambda q, c: -np.log(-np.log(q)) * exprel(c * np.log(-np.log(q)))},
    type(stats.genpareto): {
        "logpdf": lambda x, c: -_log_rise(x, c) - np.log1p(c * x), "logsf": lambda x, c: -_log_rise(x, c),
        "sf": lambda x, c: np.exp(-_log_rise(x, c)), "cdf": lambda x, c: -np.expm1(-_log_rise(x, c)),
        "ppf": lambda q, c: -np.log1p(-q) * exprel(-c * np.log1p(-q))},
    type(stats.triang): {
        "pdf": lambda x, c: _triangle(x, c, lambda x, c: 2 * x / c, lambda x, c: 2 * (1 - x) / (1 - c)),
        "logpdf": lambda x, c: np.log(OWN[type(stats.triang)]["pdf"](x, c)),
        "cdf": lambda x, c: _triangle(x, c, lambda x, c: x * x / c, lambda x, c: 1 - (1 - x) ** 2 / (1 - c)),
        "sf": lambda x, c: _triangle(x, c, lambda x, c: 1 - x * x / c, lambda x, c: (1 - x) ** 2 / (1 - c))},
}


def _has(self, name, base):
    """True where the distribution has a formula of its own of that name."""
    return getattr(type(self), name) is not getattr(base, name)


def _formula(self, name):
    """The distribution's own formula: of a density by its logarithm if it has one, of logarithms by the smaller tail."""
    own = OWN.get(type(self), {})
    if name in own:
        return own[name]
    if name == "pdf" and ("logpdf" in own or _has(self, "_logpdf", stats.rv_continuous)):
        logarithm = own.get("logpdf", self._logpdf)
        return lambda z, *shapes: np.exp(logarithm(z, *shapes))
    if name not in ("logcdf", "logsf") or _has(self, f"_{name}", stats.rv_continuous):
        return getattr(self, f"_{name}")
    here, beyond = own.get("cdf", self._cdf), own.get("sf", self._sf)
    here, beyond = (here, beyond) if name == "logcdf" else (beyond, here)

    def logarithm(z, *shapes):
        near, far = here(z, *shapes), beyond(z, *shapes)
        small = primal(near) < 0.5
        return np.where(small, np.log(np.where(small, near, 1.0)), np.log1p(-np.where(small, 0.0, far)))

    return logarithm


def _entered(name, below, above, finish=lambda out, scale: out):
    def rule(self, x, *args, **kwds):
        return _masked(self, _formula(self, name), x, args, kwds, below, above, finish)

    rule.__name__ = name
    rule.__doc__ = f"``{name}`` of a continuous distribution, in its argument, shapes, location and scale."
    method(f"scipy.stats.rv_continuous.{name}")(rule)


_entered("logpdf", -np.inf, -np.inf, lambda out, scale: out - np.log(scale))
_entered("pdf", 0.0, 0.0, lambda out, scale: out / scale)
_entered("cdf", 0.0, 1.0)
_entered("sf", 1.0, 0.0)
_entered("logcdf", -np.inf, 0.0)
_entered("logsf", 0.0, -np.inf)


def _counted(name, outside):
    def rule(self, k, *args, **kwds):
        shapes, loc, _ = self._parse_args(*args, **kwds)
        shapes = tuple(map(array, shapes))
        plain = tuple(map(primal, shapes))
        k = np.asarray(primal(array(k))) - primal(array(loc))
        low, high = self._get_support(*plain)
        legal = np.asarray(self._argcheck(*plain))
        inside = legal & (k >= low) & (k <= high) & (np.floor(k) == k)
        k = np.where(inside, k, low)
        logarithm = name == "pmf" and _has(self, "_logpmf", stats.rv_discrete)
        out = _vectors(self._logpmf if logarithm else getattr(self, f"_{name}"), k, *shapes)
        out = np.exp(out) if logarithm else out
        return out if np.all(inside) else np.where(inside, out, np.where(legal, outside, np.nan))

    rule.__name__ = name
    rule.__doc__ = f"``{name}`` of a discrete distribution, in its shapes; counts are whole numbers."
    method(f"scipy.stats.rv_discrete.{name}")(rule)


_counted("logpmf", -np.inf)
_counted("pmf", 0.0)


@method("scipy.stats.rv_continuous.ppf")
def ppf(self, q, *args, **kwds):
    """The quantile function inside (0, 1), in its argument, shapes, location and scale."""
    shapes, loc, scale = self._parse_args(*args, **kwds)
    shapes, q = tuple(map(array, shapes)), floating(q)
    legal = np.asarray(self._argcheck(*map(primal, shapes))) & (primal(array(scale)) > 0) & (primal(q) > 0) & (primal(q) < 1)
    out = _vectors(_formula(self, "ppf"), np.where(legal, q, 0.5), *shapes) * array(scale) + array(loc)
    if np.all(legal):
        return out
    return np.where(legal, out, self.ppf(primal(q), *map(primal, shapes), primal(array(loc)), primal(array(scale))))


# --- several variables ----------------------------------------------------------------------------------------------
def _spread(cov, dim):
    """The covariance matrix of a number, of variances, or the matrix itself."""
    cov = array(getattr(cov, "covariance", cov))
    if np.ndim(cov) == 2:
        return cov
    return np.diag(cov) if np.ndim(cov) == 1 and np.size(cov) > 1 else np.reshape(cov, ()) * np.eye(dim)


def _from_mean(x, mean, cov):
    """(x - mean with the variables last, the covariance matrix)."""
    x, mean = floating(x), None if mean is None else array(mean)
    sizes = [np.size(mean)] if mean is not None else []
    dim = max([*sizes, np.shape(getattr(cov, "covariance", cov))[-1] if np.ndim(getattr(cov, "covariance", cov)) else 1])
    cov = _spread(cov, dim)
    if np.ndim(x) < 2:
        x = np.reshape(x, (-1, 1) if dim == 1 else (1, -1))
    dev = x if mean is None else x - np.reshape(mean, -1)
    if np.shape(cov) != (dim, dim) or np.shape(dev)[-1] != dim:
        raise ValueError(f"multivariate_normal: points of shape {np.shape(x)}, {dim} means and a covariance of shape {np.shape(cov)}")
    return dev, cov


def _factor(cov):
    """Cholesky's factor of a covariance."""
    try:
        return np.linalg.cholesky(cov)
    except np.linalg.LinAlgError as error:
        raise NotDifferentiableError(
            "scipy.stats.multivariate_normal has a derivative in dualnet where the covariance is positive definite; this one is not. Add a "
            "small multiple of the identity, or leave out the dependent variables") from error


def _normal_logpdf(x, mean, cov):
    """The logarithm of the multivariate normal density, by Cholesky's factor of the covariance."""
    dev, cov = _from_mean(x, mean, cov)
    factor, dim = _factor(cov), np.shape(cov)[0]
    white = np.linalg.solve(factor, np.reshape(dev, (-1, dim)).T)
    out = -0.5 * (dim * np.log(2 * np.pi) + np.sum(white * white, axis=0)) - np.sum(np.log(np.diagonal(factor)))
    return np.squeeze(np.reshape(out, np.shape(dev)[:-1]))


def _pair(h, k, r):
    """The probability of x < h and y < k, of a standard normal pair of correlation r."""
    return np.vectorize(lambda h, k, r: stats.multivariate_normal.cdf([h, k], cov=[[1.0, r], [r, 1.0]]), otypes=[float])(h, k, r)


def _edge(h, k, r):
    """Its slope by h: the density of h times the probability of k, given h; 0 at infinite h."""
    finite = np.isfinite(primal(h))
    h = np.where(finite, h, 0.0)
    return np.where(finite, np.exp(-0.5 * h * h) / ROOT_2PI * ndtr((k - r * h) / np.sqrt((1 - r) * (1 + r))), 0.0)


def _pair_density(h, k, r):
    """Its slope by r, which is the density of the pair (Plackett 1954)."""
    finite, rest = np.isfinite(primal(h)) & np.isfinite(primal(k)), (1 - r) * (1 + r)
    h, k = np.where(finite, h, 0.0), np.where(finite, k, 0.0)
    return np.where(finite, np.exp(-0.5 * h * h - 0.5 * np.square(k - r * h) / rest) / (2 * np.pi * np.sqrt(rest)), 0.0)


PAIR = pointwise(_pair, lambda h, k, r, out: _edge(h, k, r), lambda h, k, r, out: _edge(k, h, r),
                 lambda h, k, r, out: _pair_density(h, k, r), name="bivariate normal cdf")


def _normal_cdf(x, mean, cov, lower_limit):
    """The multivariate normal distribution function of one or two variables."""
    if lower_limit is not None:
        refuse("scipy.stats.multivariate_normal.cdf", "lower_limit", lower_limit)
    dev, cov = _from_mean(x, mean, cov)
    if np.shape(cov)[0] > 2:
        raise NotDifferentiableError(f"scipy.stats.multivariate_normal.cdf has a derivative in dualnet of one or two variables, not of "
                                     f"{np.shape(cov)[0]}; pass dn.stop_gradient(x) where only the value is needed")
    _factor(primal(cov))
    plain, far = primal(dev), np.isinf(primal(dev))
    z = np.where(far, plain, np.where(far, 0.0, dev) / np.sqrt(np.diagonal(cov)))  # what is infinite does not depend on the scale
    out = ndtr(z[..., 0]) if np.shape(cov)[0] == 1 else PAIR(z[..., 0], z[..., 1], cov[1, 0] / np.sqrt(cov[0, 0] * cov[1, 1]))
    return np.squeeze(out)


@method("scipy.stats.multivariate_normal.logpdf")
def normal_logpdf(self, x, mean=None, cov=1, allow_singular=False):
    """The logarithm of the multivariate normal density, in points, mean and covariance (of which the lower triangle counts)."""
    return _normal_logpdf(x, mean, cov)


@method("scipy.stats.multivariate_normal.pdf")
def normal_pdf(self, x, mean=None, cov=1, allow_singular=False):
    """The multivariate normal density, in points, mean and covariance (of which the lower triangle counts)."""
    return np.exp(_normal_logpdf(x, mean, cov))


@method("scipy.stats._multivariate.multivariate_normal_frozen.logpdf")
def frozen_logpdf(self, x):
    """The logarithm of a multivariate normal density of plain parameters, in points."""
    return _normal_logpdf(x, self.mean, self.cov_object)


@method("scipy.stats._multivariate.multivariate_normal_frozen.pdf")
def frozen_pdf(self, x):
    """A multivariate normal density of plain parameters, in points."""
    return np.exp(_normal_logpdf(x, self.mean, self.cov_object))


@method("scipy.stats.multivariate_normal.cdf")
def normal_cdf(self, x, mean=None, cov=1, allow_singular=False, maxpts=None, abseps=1e-5, releps=1e-5, *, lower_limit=None, rng=None):
    """The distribution function of one or two normal variables, in points, mean and covariance."""
    return _normal_cdf(x, mean, cov, lower_limit)


@method("scipy.stats.multivariate_normal.logcdf")
def normal_logcdf(self, x, mean=None, cov=1, allow_singular=False, maxpts=None, abseps=1e-5, releps=1e-5, *, lower_limit=None, rng=None):
    """The logarithm of the distribution function of one or two normal variables, in points, mean and covariance."""
    return np.log(_normal_cdf(x, mean, cov, lower_limit))


@method("scipy.stats._multivariate.multivariate_normal_frozen.cdf")
def frozen_cdf(self, x, *, lower_limit=None, rng=None):
    """The distribution function of one or two normal variables of plain parameters, in points."""
    return _normal_cdf(x, self.mean, self.cov_object, lower_limit)


@method("scipy.stats._multivariate.multivariate_normal_frozen.logcdf")
def frozen_logcdf(self, x, *, lower_limit=None, rng=None):
    """The logarithm of the distribution function of one or two normal variables of plain parameters, in points."""
    return np.log(_normal_cdf(x, self.mean, self.cov_object, lower_limit))

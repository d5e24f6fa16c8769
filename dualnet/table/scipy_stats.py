"""Rows of ``scipy.stats``: densities and distribution functions of one variable, and of several normal ones.

The methods of a distribution shift and scale their argument, mask what is outside of the support, and call the
distribution's own formula (``_logpdf`` and so on), which is written with NumPy and ``scipy.special``: its rows
give the derivatives. Outside of the support the derivative is zero. The values are those of SciPy's methods.
"""

import numpy as np
from scipy import stats
from scipy.special import ndtr

from dualnet.errors import NotDifferentiableError
from dualnet.table.registered import array, floating, method, order_of, plainly, refuse
from dualnet.table.row import Pointwise, ndim_of, pointwise, primal, revalued, shape_of
from dualnet.table.scipy_distributions import COMPILED, OWN
from dualnet.table.special import ROOT_2PI


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


def _parsed(self, x, args, kwds):
    """The argument, the shapes, location and scale of a call, as arrays."""
    shapes, loc, scale = self._parse_args(*args, **kwds)
    return floating(x), tuple(map(array, shapes)), array(loc), array(scale)


def _of_scipy(self, name, x, shapes, *rest, out, inside):
    """SciPy's own value of a method, with the derivative of `out` where the argument is `inside`, and none elsewhere."""
    value = getattr(self, name)(primal(x), *map(primal, shapes), *map(primal, rest))
    return revalued(out if np.all(inside) else np.where(inside, out, 0.0), value)


def _counts(self):
    """True of a discrete distribution."""
    return isinstance(self, stats.rv_discrete)


def _has(self, name):
    """True where the distribution has a formula of its own of that name."""
    return getattr(type(self), name) is not getattr(stats.rv_discrete if _counts(self) else stats.rv_continuous, name)


def _name(self):
    """The name of a distribution of SciPy's in the table of formulas; a subclass elsewhere has none."""
    return type(self).__name__.removesuffix("_gen") if type(self).__module__.startswith("scipy.stats.") else ""


def _formula(self, name):
    """The formula of a function: dualnet's, SciPy's own, or what follows from the other functions."""
    own = OWN.get(_name(self), {})
    compiled, plain = (name in COMPILED and _name(self) in COMPILED[name]), not _has(self, f"_{name}")
    if name in own:
        return own[name]
    if name in ("pdf", "pmf") and ("log" + name in own or _has(self, "_log" + name)):
        logarithm = _formula(self, "log" + name)
        return lambda z, *shapes: np.exp(logarithm(z, *shapes))
    if name in ("logpdf", "logpmf") and name[3:] in own:
        return lambda z, *shapes: np.log(own[name[3:]](z, *shapes))
    if name in ("logcdf", "logsf") and ("cdf" in own or _name(self) in COMPILED["cdf"] or _counts(self) or plain):
        return _logarithm(*[_formula(self, tail) for tail in (("cdf", "sf") if name == "logcdf" else ("sf", "cdf"))])
    if name in ("cdf", "sf") and compiled:
        return _by_density(self, name)
    if name == "cdf" and _counts(self) and plain:
        return _summed(self)
    if name == "sf" and ("cdf" in own or plain):
        below = _formula(self, "cdf")
        return lambda z, *shapes: 1 - below(z, *shapes)
    if name in ("ppf", "isf") and (compiled or plain):
        if name == "isf" and plain and ("ppf" in own or _has(self, "_ppf") and _name(self) not in COMPILED["ppf"]):
            return lambda q, *shapes: _formula(self, "ppf")(1 - q, *shapes)
        return _inverse(self, name)
    return getattr(self, f"_{name}")


def _logarithm(here, beyond):
    """The logarithm of a distribution function or an upper tail, by the smaller of it and the other."""
    def logarithm(z, *shapes):
        near, far = here(z, *shapes), beyond(z, *shapes)
        small = primal(near) < 0.5
        return np.where(small, np.log(np.where(small, near, 1.0)), np.log1p(-np.where(small, 0.0, far)))

    return logarithm


def _summed(self):
    """The distribution function of counts as a sum of probabilities."""
    mass = _formula(self, "pmf")

    def below(k, *shapes):
        low, _ = self._get_support(*map(primal, shapes))
        counts = np.arange(np.min(low), np.floor(np.max(k)) + 1)[:, None]
        held = (counts >= low) & (counts <= k)
        return np.sum(np.where(held, mass(np.where(held, counts, low), *shapes), 0.0), axis=0)

    return below


def _by_density(self, name):
    """A distribution function (or an upper tail) by SciPy's own values, whose slope by the argument is the density."""
    value, density, sign = getattr(self, f"_{name}"), _formula(self, "pdf"), 1 if name == "cdf" else -1
    partials = (lambda z, *rest: sign * density(z, *rest[:-1]), *[None] * self.numargs)
    row = Pointwise(f"scipy.stats.{self.name}.{name}", value, partials)
    row.evaluate = plainly(value, row)
    return row


def _inverse(self, name):
    """A quantile function by SciPy's own values, which is the inverse of a distribution function: k steps of Newton's
    method are right to the order 2^k - 1."""
    direct, density, sign = _formula(self, "cdf" if name == "ppf" else "sf"), _formula(self, "pdf"), 1 if name == "ppf" else -1

    def solved(q, *shapes):
        x = getattr(self, f"_{name}")(primal(q), *map(primal, shapes))
        for _ in range(order_of(direct(x, *shapes) - q).bit_length()):
            rest = q - direct(x, *shapes)
            x = x + sign * (rest - primal(rest)) / density(x, *shapes)
        return x

    return solved


def _entered(name, scaled=lambda out, scale: out):
    def rule(self, x, *args, **kwds):
        x, shapes, loc, scale = _parsed(self, x, args, kwds)
        z, plain = (x - loc) / scale, tuple(map(primal, shapes))
        low, high = self._get_support(*plain)
        inside = self._argcheck(*plain) & (primal(scale) > 0) & (primal(z) >= low) & (primal(z) <= high) & np.isfinite(primal(z))
        with np.errstate(**({} if np.all(inside) else {"all": "ignore"})):
            out = scaled(_vectors(_formula(self, name), np.where(inside, z, _harmless(low, high)), *shapes), scale)
        return _of_scipy(self, name, x, shapes, loc, scale, out=out, inside=inside)

    rule.__name__ = name
    rule.__doc__ = f"``{name}`` of a continuous distribution, in its argument, shapes, location and scale."
    method(f"scipy.stats.rv_continuous.{name}")(rule)


def _quantile(name):
    def rule(self, q, *args, **kwds):
        q, shapes, loc, scale = _parsed(self, q, args, kwds)
        inside = self._argcheck(*map(primal, shapes)) & (primal(scale) > 0) & (primal(q) > 0) & (primal(q) < 1)
        out = _vectors(_formula(self, name), np.where(inside, q, 0.5), *shapes) * scale + loc
        return _of_scipy(self, name, q, shapes, loc, scale, out=out, inside=inside)

    rule.__name__ = name
    rule.__doc__ = f"``{name}`` of a continuous distribution inside (0, 1), in its argument, shapes, location and scale."
    method(f"scipy.stats.rv_continuous.{name}")(rule)


def _counted(name, mass=False):
    def rule(self, k, *args, **kwds):
        k, shapes, loc, _ = _parsed(self, k, args, kwds)
        plain, count = tuple(map(primal, shapes)), primal(k) - primal(loc)
        low, high = self._get_support(*plain)
        inside = self._argcheck(*plain) & (count >= low) & ((count <= high) & (np.floor(count) == count) if mass else count < high)
        out = _vectors(_formula(self, name), np.where(inside, count, np.where(np.isfinite(low), low, 0)), *shapes)
        return _of_scipy(self, name, k, shapes, loc, out=out, inside=inside)

    rule.__name__ = name
    rule.__doc__ = f"``{name}`` of a discrete distribution, in its shapes; counts are whole numbers."
    method(f"scipy.stats.rv_discrete.{name}")(rule)


_entered("logpdf", lambda out, scale: out - np.log(scale))
_entered("pdf", lambda out, scale: out / scale)
for name in ("cdf", "sf", "logcdf", "logsf"):
    _entered(name)
    _counted(name)
for name in ("pmf", "logpmf"):
    _counted(name, True)
for name in ("ppf", "isf"):
    _quantile(name)


# --- several variables ----------------------------------------------------------------------------------------------
def _spread(cov, dim):
    """The covariance matrix of a number, of variances, or the matrix itself."""
    cov = array(getattr(cov, "covariance", cov))
    if ndim_of(cov) == 2:
        return cov
    return np.diag(cov) if ndim_of(cov) == 1 and np.size(cov) > 1 else np.reshape(cov, ()) * np.eye(dim)


def _from_mean(x, mean, cov):
    """(x - mean with the variables last, the covariance matrix)."""
    x, mean = floating(x), None if mean is None else array(mean)
    sizes = [np.size(mean)] if mean is not None else []
    dim = max([*sizes, shape_of(getattr(cov, "covariance", cov))[-1] if ndim_of(getattr(cov, "covariance", cov)) else 1])
    cov = _spread(cov, dim)
    if ndim_of(x) < 2:
        x = np.reshape(x, (-1, 1) if dim == 1 else (1, -1))
    dev = x if mean is None else x - np.reshape(mean, -1)
    if shape_of(cov) != (dim, dim) or shape_of(dev)[-1] != dim:
        raise ValueError(f"multivariate_normal: points of shape {shape_of(x)}, {dim} means and a covariance of shape {shape_of(cov)}")
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
    factor, dim = _factor(cov), shape_of(cov)[0]
    white = np.linalg.solve(factor, np.reshape(dev, (-1, dim)).T)
    out = -0.5 * (dim * np.log(2 * np.pi) + np.sum(white * white, axis=0)) - np.sum(np.log(np.diagonal(factor)))
    return np.squeeze(np.reshape(out, shape_of(dev)[:-1]))


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
    if shape_of(cov)[0] > 2:
        raise NotDifferentiableError(f"scipy.stats.multivariate_normal.cdf has a derivative in dualnet of one or two variables, not of "
                                     f"{shape_of(cov)[0]}; pass dn.stop_gradient(x) where only the value is needed")
    _factor(primal(cov))
    plain, far = primal(dev), np.isinf(primal(dev))
    z = np.where(far, plain, np.where(far, 0.0, dev) / np.sqrt(np.diagonal(cov)))  # what is infinite does not depend on the scale
    out = ndtr(z[..., 0]) if shape_of(cov)[0] == 1 else PAIR(z[..., 0], z[..., 1], cov[1, 0] / np.sqrt(cov[0, 0] * cov[1, 1]))
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

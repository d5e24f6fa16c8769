"""Rows of ``scipy.stats``: densities and distribution functions of one variable, through what they call.

The methods of a distribution shift and scale their argument, mask what is outside of the support, and call the
distribution's own formula (``_logpdf`` and so on), which is written with NumPy and ``scipy.special``: its rows
give the derivatives. Outside of the support the derivative is zero.
"""

import numpy as np
from scipy import stats
from scipy.special import betaln

from dualnet.table.registered import array, floating, method
from dualnet.table.row import primal


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


OWN = {  # logarithms of densities that SciPy writes with helpers that take plain arrays only
    type(stats.t): lambda x, v: -0.5 * ((v + 1) * np.log1p(x * x / v) + np.log(v)) - betaln(0.5 * v, 0.5),
    type(stats.cauchy): lambda x: -np.log(np.pi) - np.log1p(x * x),
    type(stats.lognorm): lambda x, s: -0.5 * np.square(np.log(x) / s) - np.log(s * x * np.sqrt(2 * np.pi)),
}


def _has(self, name, base):
    """True where the distribution has a formula of its own of that name."""
    return getattr(type(self), name) is not getattr(base, name)


def _formula(self, name):
    """The distribution's own formula: of a density by its logarithm if it has one, of logarithms by the smaller tail."""
    if type(self) in OWN and name in ("logpdf", "pdf"):
        return OWN[type(self)] if name == "logpdf" else lambda z, *shapes: np.exp(OWN[type(self)](z, *shapes))
    if name == "pdf" and _has(self, "_logpdf", stats.rv_continuous):
        return lambda z, *shapes: np.exp(self._logpdf(z, *shapes))
    if name not in ("logcdf", "logsf") or _has(self, f"_{name}", stats.rv_continuous):
        return getattr(self, f"_{name}")
    here, beyond = (self._cdf, self._sf) if name == "logcdf" else (self._sf, self._cdf)

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
    out = _vectors(self._ppf, np.where(legal, q, 0.5), *shapes) * array(scale) + array(loc)
    if np.all(legal):
        return out
    return np.where(legal, out, self.ppf(primal(q), *map(primal, shapes), primal(array(loc)), primal(array(scale))))

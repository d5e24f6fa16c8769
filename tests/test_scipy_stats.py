"""Rows of scipy.stats: SciPy's values and derivatives of densities and distribution functions in all parameters."""

import numpy as np
import pytest
import scipy.stats as st
from differences import close, verify

import dualnet as dn

CONTINUOUS = {"norm": (), "expon": (), "gamma": (2.3,), "beta": (2.1, 3.2), "t": (4.5,), "chi2": (3.3,), "lognorm": (0.7,), "laplace": (),
              "logistic": (), "cauchy": (), "uniform": (), "weibull_min": (1.7,), "pareto": (2.5,), "gumbel_r": (), "f": (3.0, 5.0),
              "invgamma": (2.2,), "halfnorm": (), "rayleigh": (), "truncnorm": (-1.0, 2.0), "vonmises": (1.3,), "invgauss": (0.8,),
              "maxwell": (), "powerlaw": (1.7,), "loggamma": (1.2,)}
X = np.array([0.25, 0.6, 0.83])
INCOMPLETE = {"truncnorm", "vonmises", "loggamma"}  # their distribution functions call what has no row


@pytest.fixture(autouse=True, scope="module")
def switch():
    with dn.enable_scipy("stats"):
        yield


@pytest.mark.parametrize("name", CONTINUOUS)
def test_densities(name, rng):
    d, shapes = getattr(st, name), np.array(CONTINUOUS[name])
    x = X + 1.2 if name == "pareto" else X
    for method in ("logpdf", "pdf"):
        f = getattr(d, method)
        verify(lambda x, f=f: f(x, *shapes), x, rng, h=1e-3, tolerance=1e-7, second=method == "logpdf")
        verify(lambda p, f=f: f(x, *p[2:], loc=p[0], scale=p[1]), np.array([0.05, 1.1, *shapes]), rng, h=1e-3, tolerance=1e-7, second=False)


@pytest.mark.parametrize("name", [name for name in CONTINUOUS if name not in INCOMPLETE])
def test_distribution_functions(name, rng):
    d, shapes = getattr(st, name), CONTINUOUS[name]
    x = X + 1.2 if name == "pareto" else X
    for method in ("cdf", "sf", "logcdf", "logsf"):
        f = getattr(d, method)
        verify(lambda p, f=f: f(x, *shapes, loc=p[0], scale=p[1]), np.array([0.05, 1.1]), rng, h=1e-3, tolerance=1e-7, second=False)
    if name not in ("beta", "cauchy", "invgauss"):
        verify(lambda p: d.ppf(p[2:], *shapes, p[0], p[1]), np.array([0.05, 1.1, 0.2, 0.9]), rng, h=1e-3, tolerance=1e-7, second=False)


def test_frozen_distributions(rng):
    verify(lambda p: st.norm(p[0], p[1]).logpdf(X), np.array([0.1, 1.3]), rng, h=0.01)
    verify(lambda p: st.gamma(p[0], scale=p[1]).pdf(X), np.array([2.1, 1.3]), rng, h=0.01)


def test_outside_of_the_support_and_illegal_parameters():
    x = np.array([-1.0, 0.5, 2.0])
    y, dy = dn.jvp(lambda s: st.beta.logpdf(x, s, 2.0), (2.0,), (1.0,))
    assert y[0] == y[2] == -np.inf and dy[0] == dy[2] == 0 and np.isfinite(dy[1])
    y, dy = dn.jvp(lambda s: st.beta.cdf(s * x, 2.0, 2.0), (1.0,), (1.0,))
    assert y.tolist() == [0, 0.5, 1] and dy[0] == dy[2] == 0
    assert np.all(np.isnan(dn.jvp(lambda s: st.norm.logpdf(x, 0.0, s), (-1.0,), (1.0,))[0]))
    for mode in ("forward", "reverse"):
        assert dn.grad(lambda s: np.sum(st.gamma.pdf(x * s, 2.0)), mode=mode)(1.0) == pytest.approx(
            np.sum((x * (1 - x) * np.exp(-x))[1:]), rel=1e-13)


@pytest.mark.parametrize(("name", "shapes"), [("poisson", (2.3,)), ("binom", (7, 0.3)), ("nbinom", (3.0, 0.4)), ("geom", (0.3,))])
def test_counts(name, shapes, rng):
    d, k = getattr(st, name), np.array([1, 2, 4])
    verify(lambda p: d.logpmf(k, *shapes[:-1], p), np.float64(shapes[-1]), rng, h=0.01)
    verify(lambda p: d.pmf(k, *shapes[:-1], p), np.float64(shapes[-1]), rng, h=0.01)
    assert dn.jvp(lambda p: d.logpmf(1.5, *shapes[:-1], p), (shapes[-1],), (1.0,)) == (-np.inf, 0)


def test_a_fit_by_maximum_likelihood():
    """The gradient of Student's log-likelihood is zero at its maximum: found by SciPy without derivatives."""
    data = st.t.rvs(5.0, 1.0, 2.0, size=200, random_state=1)
    best = np.array(st.t.fit(data))
    gradient = dn.grad(lambda p: np.mean(st.t.logpdf(data, p[0], p[1], p[2])))(best)
    close(gradient, np.zeros(3), 1e-4)


def test_what_has_no_row_is_named():
    for call in (lambda x: st.skewnorm.logpdf(x, 1.5), lambda x: st.genextreme.logpdf(x, 0.2),
                 lambda x: st.multivariate_normal.logpdf(x, np.zeros(3)), lambda x: st.gaussian_kde(x)(0.3)):
        with pytest.raises(dn.DualnetError, match="derivative|row"):
            dn.jvp(call, (X,), (X,))


def test_a_distribution_by_its_shape():
    x, step = np.array([0.5, 1.0, 3.0]), 1e-5
    for cdf in (st.gamma.cdf, st.chi2.cdf, lambda x, a: st.beta.cdf(x / 4, a, 2.0)):
        slope = dn.jvp(lambda a, cdf=cdf: cdf(x, a), (1.7,), (1.0,))[1]
        np.testing.assert_allclose(slope, (cdf(x, 1.7 + step) - cdf(x, 1.7 - step)) / (2 * step), rtol=1e-8)

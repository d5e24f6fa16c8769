"""Rows of scipy.stats: SciPy's values and derivatives of densities and distribution functions in all parameters."""

import functools

import mpmath as mp
import numpy as np
import pytest
import scipy.stats as st
from differences import close, verify

import dualnet as dn

CONTINUOUS = {"norm": (), "expon": (), "gamma": (2.3,), "beta": (2.1, 3.2), "t": (4.5,), "chi2": (3.3,), "lognorm": (0.7,), "laplace": (),
              "logistic": (), "cauchy": (), "uniform": (), "weibull_min": (1.7,), "pareto": (2.5,), "gumbel_r": (), "f": (3.0, 5.0),
              "invgamma": (2.2,), "halfnorm": (), "rayleigh": (), "truncnorm": (-1.0, 2.0), "vonmises": (1.3,), "invgauss": (0.8,),
              "maxwell": (), "powerlaw": (1.7,), "loggamma": (1.2,), "skewnorm": (1.5,), "genextreme": (0.2,),
              "genpareto": (0.3,), "triang": (0.4,)}
X = np.array([0.25, 0.6, 0.83])


def of_tail(cdf, logpdf):
    """The functions of a distribution in mpmath from its distribution function and the logarithm of its density."""
    return lambda method, x, c: {"logpdf": logpdf, "pdf": lambda x, c: mp.exp(logpdf(x, c)), "cdf": cdf, "sf": lambda x, c: 1 - cdf(x, c),
                                 "logcdf": lambda x, c: mp.log(cdf(x, c)), "logsf": lambda x, c: mp.log(1 - cdf(x, c))}[method](x, c)


rise = lambda u, c: mp.log1p(c * u) / c if abs(c) > 1e-30 else u - c * u * u / 2
EXACT = {
    "skewnorm": of_tail(lambda x, a: mp.ncdf(x) - mp.quad(lambda t: mp.exp(-x * x * (1 + t * t) / 2) / (1 + t * t), [0, a]) / mp.pi,
                        lambda x, a: mp.log(2 * mp.npdf(x) * mp.ncdf(a * x))),
    "genextreme": of_tail(lambda x, c: mp.exp(-mp.exp(-rise(x, -c))), lambda x, c: -rise(x, -c) - mp.exp(-rise(x, -c)) - mp.log1p(-c * x)),
    "genpareto": of_tail(lambda x, c: 1 - mp.exp(-rise(x, c)), lambda x, c: -rise(x, c) - mp.log1p(c * x)),
    "triang": of_tail(lambda x, c: x * x / c if x < c else 1 - (1 - x) ** 2 / (1 - c),
                      lambda x, c: mp.log(2 * x / c if x < c else 2 * (1 - x) / (1 - c)))}


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


@pytest.mark.parametrize("name", CONTINUOUS)
def test_distribution_functions(name, rng):
    d, shapes = getattr(st, name), CONTINUOUS[name]
    x = X + 1.2 if name == "pareto" else X
    for method in ("cdf", "sf", "logcdf", "logsf"):
        f = getattr(d, method)
        verify(lambda p, f=f: f(x, *shapes, loc=p[0], scale=p[1]), np.array([0.05, 1.1]), rng, h=1e-3, tolerance=1e-7, second=False)
    for f in (d.ppf, d.isf):
        verify(lambda p, f=f: f(p[2:], *shapes, p[0], p[1]), np.array([0.05, 1.1, 0.2, 0.9]), rng, h=1e-3, tolerance=1e-6, second=False)


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
    for call in (lambda x: st.multivariate_normal.cdf(x, np.zeros(3)), lambda x: st.multivariate_normal.cdf(x[0], lower_limit=0.0),
                 lambda x: st.multivariate_normal(x, np.eye(3)).logpdf(X), lambda x: st.gaussian_kde(x)(0.3)):
        with pytest.raises(dn.DualnetError, match="derivative|row"):
            dn.jvp(call, (X,), (X,))


SHAPED = [(name, c) for name, shapes in (("skewnorm", (1.5, -4.0, 0.0)), ("genextreme", (0.2, -0.3, 0.0, 1e-9)),
                                         ("genpareto", (0.3, -0.4, 0.0, 1e-9)), ("triang", (0.4, 0.7))) for c in shapes]


@pytest.mark.parametrize(("name", "c"), SHAPED)
def test_distributions_whose_shape_changes_their_form(name, c, rng):
    d, exact = getattr(st, name), EXACT[name]
    for method in ("logpdf", "pdf", "cdf", "sf", "logcdf", "logsf"):
        f = lambda x, c, method=method: getattr(d, method)(x, c)
        for x in (0.3, 0.55):
            np.testing.assert_allclose(dn.jvp(lambda c, x=x, f=f: f(x, c), (c,), (0.0,))[0], f(x, c), rtol=3e-14)
            for k in (0, 1):
                with mp.workdps(40):
                    slope = float(mp.diff(functools.partial(exact, method), (x, c), (k == 0, k == 1)))
                for mode in ("forward", "reverse"):
                    assert dn.grad(f, k, mode=mode)(x, c) == pytest.approx(slope, rel=1e-12), (method, x, k)


def test_the_rising_and_the_falling_side_of_a_triangle():
    ahead = dn.jvp(lambda x: st.triang.pdf(x, 0.5), (np.array([0.5, 0.5]),), (np.array([1.0, -1.0]),))[1]
    np.testing.assert_array_equal(ahead, [-4.0, -4.0])
    for c, slope in ((0.0, -2.0), (1.0, 2.0)):
        assert dn.derivative(lambda x, c=c: st.triang.pdf(x, c))(0.3) == slope


def spread(p):
    """A covariance matrix of three variables from six numbers."""
    low = np.stack([np.stack([np.exp(p[0]), 0 * p[0], 0 * p[0]]), np.stack([p[1], np.exp(p[2]), 0 * p[0]]),
                    np.stack([p[3], p[4], np.exp(p[5])])])
    return low @ low.T


@pytest.mark.parametrize("method", ["logpdf", "pdf"])
def test_the_multivariate_normal_density(method, rng):
    f, points, mean = getattr(st.multivariate_normal, method), rng.standard_normal((4, 3)), np.array([0.1, -0.2, 0.3])
    p = np.array([0.1, 0.3, -0.2, 0.2, 0.4, 0.1])
    cov = spread(p)
    verify(lambda x: f(x, mean, cov), points, rng, h=1e-2)
    verify(lambda m: f(points, m, cov), mean, rng, h=1e-2)
    verify(lambda p: f(points, mean, spread(p)), p, rng, h=1e-3, tolerance=1e-7)
    verify(lambda v: f(points, mean, v), np.array([0.5, 1.0, 2.0]), rng, h=1e-2, tolerance=1e-7)
    verify(lambda v: f(points, mean, v), np.float64(1.5), rng, h=1e-2, tolerance=1e-7)
    verify(lambda v: f(points[:, 0], cov=v), np.float64(1.5), rng, h=1e-2, tolerance=1e-7)
    verify(getattr(st.multivariate_normal(mean, cov), method), points[0], rng, h=1e-2)
    assert np.shape(dn.jvp(lambda x: f(x, mean, cov), (points[0],), (mean,))[1]) == ()
    with pytest.raises(dn.DualnetError, match="positive definite"):
        dn.jvp(lambda m: f(points, m, np.ones((3, 3)), allow_singular=True), (mean,), (mean,))


def test_a_distribution_by_its_shape():
    x, step = np.array([0.5, 1.0, 3.0]), 1e-5
    for cdf in (st.gamma.cdf, st.chi2.cdf, lambda x, a: st.beta.cdf(x / 4, a, 2.0)):
        slope = dn.jvp(lambda a, cdf=cdf: cdf(x, a), (1.7,), (1.0,))[1]
        np.testing.assert_allclose(slope, (cdf(x, 1.7 + step) - cdf(x, 1.7 - step)) / (2 * step), rtol=1e-8)


def test_skew_normal_quantiles_by_the_root_of_the_exact_distribution(rng):
    def exact(q, a):
        return mp.findroot(lambda x: EXACT["skewnorm"]("cdf", x, a) - q, st.skewnorm.ppf(float(q), float(a)))

    for q, a in ((0.03, 1.5), (0.5, -4.0), (0.97, 0.3), (1e-6, 2.0)):
        with mp.workdps(30):
            slopes = [float(mp.diff(exact, (q, a), order)) for order in ((1, 0), (0, 1))]
        for mode in ("forward", "reverse"):
            np.testing.assert_allclose(dn.grad(st.skewnorm.ppf, (0, 1), mode=mode)(q, a), slopes, rtol=1e-10)
    verify(lambda q: st.skewnorm.ppf(q, 1.5, 0.3, 2.0), np.array([0.2, 0.5, 0.9]), rng, h=1e-2)


def both_below(x, p):
    """The probability that two normal variables of the means p[:2] and covariance of p[2:] are below x, by quadrature."""
    s, t, c = p[2], p[4], p[3]
    rest = mp.sqrt(t - c * c / s)
    inner = lambda u: mp.npdf(u) * mp.ncdf((x[1] - p[1] - c / mp.sqrt(s) * u) / rest)
    h = (x[0] - p[0]) / mp.sqrt(s)
    return mp.quad(inner, [h - 20, h - 8, h - 4, h - 2, h])


def test_the_distribution_function_of_two_normal_variables(rng):
    f = lambda x, p: st.multivariate_normal.cdf(x, p[:2], np.stack([p[2:4], p[3:]]))
    x, p = np.array([0.4, -0.3]), np.array([0.1, -0.2, 1.3, 0.6, 0.8])
    with mp.workdps(25):
        slopes = [float(mp.diff(lambda *z: both_below(z[:2], z[2:]), (*x, *p), tuple(np.eye(7, dtype=int)[k].tolist()))) for k in range(7)]
    for mode in ("forward", "reverse"):
        by_x, by_p = dn.grad(f, (0, 1), mode=mode)(x, p)
        np.testing.assert_allclose(np.append(by_x, by_p), slopes, rtol=1e-12)
    points = rng.standard_normal((3, 2))
    verify(lambda x: f(x, p), points, rng, h=1e-2)
    verify(lambda p: f(points, p), p, rng, h=1e-2, tolerance=1e-7)
    verify(lambda x: st.multivariate_normal(p[:2], [[1.3, 0.6], [0.6, 0.8]]).logcdf(x), points, rng, h=1e-2, second=False)
    verify(lambda x: st.multivariate_normal.cdf(x, 0.3, 1.7), points[:, 0], rng, h=1e-2)
    verify(lambda v: st.multivariate_normal.logcdf(points[:, 0], cov=v), np.float64(1.7), rng, h=1e-2)
    for far in ([np.inf, 0.3], [0.3, np.inf], [-np.inf, 0.3], [np.inf, np.inf]):
        slope = dn.grad(lambda x: f(x, p))(np.array(far))
        one = [st.norm.pdf(far[k], p[k], np.sqrt(p[2 + 2 * k])) if far[1 - k] == np.inf else 0.0 for k in (0, 1)]
        np.testing.assert_allclose(slope, one, atol=1e-15)
        assert np.all(np.isfinite(dn.grad(lambda p, far=far: f(np.array(far), p))(p)))
    with pytest.raises(dn.DualnetError, match="positive definite"):
        dn.grad(lambda x: st.multivariate_normal.cdf(x, [0, 0], np.ones((2, 2)), allow_singular=True))(x)

"""All functions of the distributions of scipy.stats in their argument, shapes, location and scale: values are SciPy's, slopes those of
differences of SciPy's values; where differences are blind, closed forms."""

import mpmath as mp
import numpy as np
import pytest
import scipy.stats as st

import dualnet as dn

METHODS = ("logpdf", "pdf", "cdf", "sf", "logcdf", "logsf", "ppf", "isf")
SHAPES = {  # those that go through formulas of dualnet's, ufuncs that SciPy keeps to itself, or the inverse of a distribution function
    "alpha": (3.57,), "argus": (1.2,), "beta": (2.1, 3.2), "betaprime": (2.1, 3.2), "burr": (2.5, 1.3), "cauchy": (), "cosine": (),
    "crystalball": (1.2, 3.0), "exponnorm": (0.8,), "exponweib": (2.9, 1.9), "fisk": (3.1,), "foldcauchy": (1.7,), "foldnorm": (1.1,),
    "gengamma": (2.4, -1.1), "genhalflogistic": (0.7,), "gibrat": (), "halflogistic": (), "invgauss": (0.8,), "jf_skew_t": (3.0, 1.5),
    "kappa4": (0.3, -0.2), "kstwobign": (), "loggamma": (0.4,), "ncf": (7.0, 9.0, 0.4), "nct": (5.5, 0.7), "ncx2": (3.5, 1.1),
    "rdist": (1.6,), "recipinvgauss": (0.6,), "rel_breitwigner": (1.5,), "semicircular": (), "skewnorm": (1.5,), "trapezoid": (0.2, 0.7),
    "truncnorm": (-0.4, 1.5), "truncpareto": (2.0, 5.0), "tukeylambda": (0.4,), "wald": (), "wrapcauchy": (0.3,)}
INTEGRALS = {  # whose distribution function has no derivative by a shape
    "genhyperbolic": (0.5, 1.5, -0.5), "geninvgauss": (2.3, 1.5), "pearson3": (0.7,), "vonmises": (1.3,),
    "dpareto_lognorm": (0.3, 1.2, 1.5, 2.0), "gausshyper": (2.3, 3.1, 2.5, 1.0)}


@pytest.fixture(autouse=True, scope="module")
def switch():
    with dn.enable_scipy("stats"):
        yield


def check(f, p, places, tolerance=2e-7):
    """Values and slopes of ``f(*p)`` by the arguments at `places`, forwards along a direction and in reverse."""
    value, slopes = f(*p), []
    for k in places:
        along = lambda x, k=k: f(*p[:k], x, *p[k + 1:])
        h = 1e-3 * max(abs(p[k]), 0.1)
        slopes.append((8 * (along(p[k] + h) - along(p[k] - h)) - along(p[k] + 2 * h) + along(p[k] - 2 * h)) / (12 * h))
    of_places = lambda *some: f(*(dict(zip(places, some)).get(k, x) for k, x in enumerate(p)))
    start, direction = tuple(p[k] for k in places), tuple(1.0 - 0.3 * k for k in places)
    y, dy = dn.jvp(of_places, start, direction)
    z, gradient = dn.value_and_grad(of_places, tuple(range(len(places))), mode="reverse")(*start)
    assert y == z == value
    margin = tolerance * (abs(value) + np.max(np.abs(slopes))) + 1e-9
    np.testing.assert_allclose([*gradient, dy], [*slopes, np.dot(slopes, direction)], rtol=tolerance, atol=margin)


def distribution(name):
    found = getattr(st, name, None)
    return pytest.skip(f"this SciPy has no {name}") if found is None else found


@pytest.mark.parametrize("name", SHAPES)
def test_all_functions_by_all_arguments(name):
    d, shapes = distribution(name), SHAPES[name]
    x = float(d.ppf(0.37, *shapes, 0.3, 1.4))
    for method in METHODS:
        start = 0.37 if method in ("ppf", "isf") else x
        check(getattr(d, method), (start, *shapes, 0.3, 1.4), range(len(shapes) + 3))


@pytest.mark.parametrize("name", INTEGRALS)
def test_distributions_that_are_integrals_have_slopes_by_their_argument(name):
    d, shapes = distribution(name), INTEGRALS[name]
    n, x = len(shapes), 0.6
    for method in ("logpdf", "pdf"):
        check(getattr(d, method), (x, *shapes, -0.1, 1.1), range(n + 3))
    for method in METHODS[2:]:
        check(getattr(d, method), (x, *shapes, -0.1, 1.1), (0, n + 1, n + 2), 1e-5)
        with pytest.raises(dn.DualnetError, match=f"{name}.(cdf|sf) .*has no partial"):
            dn.jvp(lambda c, method=method: getattr(d, method)(0.6, c, *shapes[1:]), (shapes[0],), (1.0,))


@pytest.mark.parametrize(("name", "shapes"), [
    ("bernoulli", (0.3,)), ("betabinom", (6, 2.3, 0.6)), ("betanbinom", (5, 9.3, 1.5)), ("binom", (7, 0.3)), ("boltzmann", (1.4, 19)),
    ("dlaplace", (0.8,)), ("geom", (0.3,)), ("logser", (0.6,)), ("nbinom", (3, 0.4)), ("planck", (0.5,)), ("poisson", (2.3,)),
    ("skellam", (3.5, 2.8)), ("yulesimon", (2.2,)), ("zipf", (3.5,))])
def test_counts(name, shapes):
    d, places = distribution(name), [j + 1 for j, s in enumerate(shapes) if isinstance(s, float)]
    low, high = d.support(*shapes)
    for k in {low, *d.ppf([0.1, 0.5, 0.9], *shapes)} - {high, -np.inf}:
        for method in ("logpmf", "pmf", "cdf", "sf", "logcdf", "logsf"):
            check(getattr(d, method), (k, *shapes), places)
        if name != "yulesimon":  # whose distribution function SciPy does not cut to whole numbers
            direction = [float(isinstance(s, float)) for s in shapes]
            between = dn.jvp(lambda *p, k=k: d.cdf(k + 0.5, *p), shapes, direction)
            assert between == dn.jvp(lambda *p, k=k: d.cdf(k, *p), shapes, direction)


@pytest.mark.parametrize("name", ["cauchy", "kappa4", "invgauss", "vonmises", "truncnorm"])
def test_second_slopes_of_quantiles(name):
    """With x(q): x'' = -f'(x)/f(x)^3, f the density."""
    d, shapes = getattr(st, name), {**SHAPES, **INTEGRALS}[name]
    for q in (0.1, 0.6):
        x, h = d.ppf(q, *shapes), 1e-4
        f, rise = d.pdf(x, *shapes), (d.pdf(x + h, *shapes) - d.pdf(x - h, *shapes)) / (2 * h)
        found = dn.taylor(lambda q: d.ppf(q, *shapes), q, order=2)
        np.testing.assert_allclose(found, [x, 1 / f, -rise / f ** 3], rtol=1e-6)
        np.testing.assert_allclose(dn.derivative(dn.derivative(lambda q: d.isf(q, *shapes)))(1 - q), -rise / f ** 3, rtol=1e-6)


def test_ends_of_supports_and_infinite_arguments_have_the_values_of_scipy():
    for name, shapes in {**SHAPES, "norm": (), "expon": (), "lognorm": (0.7,), "genextreme": (0.2,)}.items():
        d = getattr(st, name)
        ends = np.array([*d.support(*shapes), -np.inf, np.inf])
        for method in METHODS[:6]:
            with np.errstate(all="ignore"):
                y, dy = dn.jvp(lambda x, d=d, method=method, shapes=shapes: getattr(d, method)(x, *shapes), (ends,), (np.ones(4),))
                np.testing.assert_array_equal(y, getattr(d, method)(ends, *shapes), err_msg=f"{name}.{method}")
            assert np.all(dy[2:] == 0)


def test_shapes_at_which_scipy_changes_its_formula():
    x = 0.7
    gumbel, step = np.exp(-x), x * x / 2  # next to k = 0 log(1 - k x)/k = -x - k x^2/2
    for k, slope in ((1, gumbel * gumbel * -0.5), (2, step * gumbel)):  # of log(cdf) = log(1 - h exp(-x))/h next to h = 0
        assert dn.grad(st.kappa4.logcdf, k)(x, 0.0, 0.0) == pytest.approx(slope, rel=1e-13)
    assert dn.grad(st.pearson3.logpdf, 1)(x, 0.0) == pytest.approx((x ** 3 - 3 * x) / 6, rel=1e-13)  # Edgeworth's first term
    assert dn.grad(st.ncx2.logpdf, 2)(x, 3.0, 0.0) == pytest.approx((x / 3 - 1) / 2, rel=1e-13)
    assert dn.grad(st.tukeylambda.ppf, 1)(0.3, 0.0) == pytest.approx((np.log(0.3) ** 2 - np.log(0.7) ** 2) / 2, rel=1e-12)


@pytest.mark.parametrize(("x", "a", "b"), [(10.2, 10.0, 20.0), (-36.0, -40.0, -35.0), (0.5, -1.0, np.inf), (0.1, 0.0, 3.0)])
def test_a_truncated_normal_density_far_out(x, a, b):
    with mp.workdps(400):  # which bridges the 10^-350 of the tails
        lower = lambda x: mp.mpf(x > 0) if np.isinf(x) else mp.ncdf(mp.mpf(x))
        mass = lower(b) - lower(a)
        by_a, by_b, below = mp.npdf(a) / mass, 0 if np.isinf(b) else -mp.npdf(b) / mass, mp.npdf(x) / (lower(x) - lower(a))
    assert dn.grad(st.truncnorm.logpdf, 1)(x, a, b) == pytest.approx(float(by_a), rel=1e-12)
    assert dn.grad(st.truncnorm.logpdf, 2)(x, a, b) == pytest.approx(float(by_b), rel=1e-12)
    assert dn.grad(st.truncnorm.logcdf, 0)(x, a, b) == pytest.approx(float(below), rel=1e-12)


def test_kinks_of_a_trapezoid_look_ahead():
    density = lambda x: st.trapezoid.pdf(x, 0.25, 0.5)
    found = dn.jvp(density, (np.array([0.25, 0.25, 0.5, 0.5]),), (np.array([1.0, -1.0, 1.0, -1.0]),))[1]
    np.testing.assert_allclose(found, [0.0, -6.4, -3.2, 0.0], rtol=1e-15)


@pytest.mark.parametrize(("x", "k"), [(0.3, 0.8), (-3.0, 0.05), (5.0, 2.5), (-6.0, 1.0), (0.2, 5.0), (30.0, 0.01), (40.0, 0.5), (1.25, 0.8),
                                    (0.3, 0.001), (4.0, 0.001)])
def test_an_exponentially_modified_normal_density_far_out(x, k):
    log = lambda x, k: 1 / (2 * k * k) - x / k + mp.log(mp.erfc((1 / k - x) / mp.sqrt(2)) / (2 * k))
    with mp.workdps(60):
        for place in (0, 1):
            want = mp.diff(log, (mp.mpf(x), mp.mpf(k)), (1 - place, place))
            assert dn.grad(st.exponnorm.logpdf, place)(x, k) == pytest.approx(float(want), rel=1e-12)
        assert dn.grad(st.exponnorm.sf, 0)(x, k) == pytest.approx(-float(mp.exp(log(mp.mpf(x), mp.mpf(k)))), rel=1e-11, abs=1e-16)

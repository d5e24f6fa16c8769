"""Quantiles, averages and spreads of elements of which one has an infinite slope: that of each element is its own, in both modes."""

import numpy as np
import pytest
from structural import both, hessians_close

import dualnet as dn

X3 = np.array([0.0, 1.0, 4.0])
PICKED = {  # of [0, 1, 4] and the roots' own slopes inf, 1/2, 1/4: weights of these slopes
    "median": (lambda y: np.median(y), [0, 1, 0]),
    "median of four": (lambda y: np.median(np.concatenate([y, 3 * y[2:]])), [0, 0.5, 0.5]),
    "quantile": (lambda y: np.quantile(y, 0.5), [0, 1, 0]),
    "quantile beside the steepest": (lambda y: -np.quantile(-y, 0.5), [0, 1, 0]),
    "quantiles": (lambda y: -np.quantile(-y, [0.0, 0.25, 0.5]), [[0, 0, 1], [0, 0.5, 0.5], [0, 1, 0]]),
    "percentile along an axis": (lambda y: -np.percentile(-np.stack([y, y]), 50, axis=1), [[0, 1, 0]] * 2),
    "nanquantile": (lambda y: -np.nanquantile(-np.concatenate([y, [np.nan]]), 0.5), [0, 1, 0]),
    "nanmedian": (lambda y: -np.nanmedian(-np.concatenate([y, [np.nan]])), [0, 1, 0]),
    "largest": (lambda y: np.quantile(y, 1.0), [0, 0, 1]),
    "steepest": (lambda y: -np.quantile(-y, 1.0), [1, 0, 0]),
}


@pytest.mark.parametrize("name", PICKED)
def test_quantiles_beside_an_infinite_slope_have_that_of_the_elements_they_pick(name):
    pick, weights = PICKED[name]
    slopes = np.array([np.inf, 0.5, 0.25])
    want = np.where(np.array(weights) == 0, 0, np.array(weights) * np.where(np.array(weights) == 0, 1, slopes))
    np.testing.assert_allclose(both(lambda x: pick(np.sqrt(x)), X3), want, rtol=1e-15)


def test_a_quantile_has_the_value_and_the_slope_of_numpys_beside_infinity():
    x = np.array([1.0, 2.0, np.inf])
    with np.errstate(all="ignore"):
        value, slope = dn.jvp(lambda x: np.quantile(x, [0.0, 0.5]), (x,), (np.ones(3),))
        np.testing.assert_array_equal(value, np.quantile(x, [0.0, 0.5]))
        assert slope[0] == 1


SPREADS = {  # of the roots of [0, 1, 4], of mean 1: the slopes are (root - mean) / scale times the roots' own
    "var": (lambda y: np.var(y), 1.5),
    "ddof": (lambda y: np.var(y, ddof=1), 1.0),
    "axis": (lambda y: np.var(np.stack([y, 2 * y]), axis=1)[0], 1.5),
    "kept": (lambda y: np.var(y[None], axis=1, keepdims=True)[0, 0], 1.5),
    "nanvar": (lambda y: np.nanvar(np.concatenate([y, [np.nan]])), 1.5),
    "where": (lambda y: np.var(np.concatenate([y, y[:1]]), where=[True, True, True, False]), 1.5),
    "std": (lambda y: np.std(y), 3 * np.sqrt(2 / 3)),
    "nanstd": (lambda y: np.nanstd(y, ddof=1), 2.0),
}


@pytest.mark.parametrize("name", SPREADS)
def test_spreads_have_the_infinite_slope_of_an_element_with_its_sign(name):
    spread, scale = SPREADS[name]
    want = np.array([-np.inf, 0.0, 0.25 / scale])
    for f in (lambda x: spread(np.sqrt(x)), lambda x: spread(-np.sqrt(x))):
        with np.errstate(all="ignore"):
            for jacobian in (dn.jacfwd, dn.jacrev):
                np.testing.assert_allclose(jacobian(f)(X3), want, rtol=1e-14, atol=1e-16)
            assert dn.jvp(f, (X3,), (np.ones(3),))[1] == -np.inf


AVERAGES = [np.mean, np.sum, lambda y: np.average(y, weights=[1.0, 2.0, 3.0]),
            lambda y: np.mean(y, where=[True] * 3)]


@pytest.mark.parametrize("average", AVERAGES)
def test_averages_have_the_infinite_slope_of_an_element(average):
    f = lambda x: average(np.sqrt(x))
    found = both(f, X3)
    assert found[0] == np.inf and np.isfinite(found[1:]).all()
    assert dn.jvp(f, (X3,), (np.ones(3),))[1] == np.inf


def test_careful_spreads_have_the_values_and_second_slopes_of_others():
    x = np.array([0.0, 2.0, 5.0, 1.5])

    def f(x):  # the first element is left out behind its infinite slope, and the NaN of the quick run brings the careful one
        return np.var(np.where(x > 0, np.sqrt(x), 0.0), ddof=1) + (x ** 1.5)[1]

    found, roots = hessians_close(f, x), np.sqrt(x)
    first = np.where(x > 0, 0.5 / np.sqrt(np.where(x > 0, x, 1)), 0)
    second = np.where(x > 0, -0.25 * np.where(x > 0, x, 1) ** -1.5, 0)
    want = (2 / 3) * (np.diag(first**2 + (roots - roots.mean()) * second) - np.outer(first, first) / 4)
    want[1, 1] += 0.75 / np.sqrt(2.0)
    np.testing.assert_allclose(found, want, rtol=1e-12, atol=1e-15)


TIES = {  # of s = sqrt(x ** 2), whose slope at 0 is NaN, against a number that ties with it
    "maximum": lambda s: np.maximum(s, 0.0), "maximum turned": lambda s: np.maximum(0.0, s), "minimum": lambda s: np.minimum(s, 0.0),
    "minimum turned": lambda s: np.minimum(0.0, s), "fmax": lambda s: np.fmax(s, 0.0), "fmin": lambda s: np.fmin(s, 0.0),
    "clip": lambda s: np.clip(s, 0.0, 1.0), "max": lambda s: np.max(np.stack([s * 0 - 1.0, np.zeros_like(s), s, np.zeros_like(s)])),
    "min": lambda s: np.min(np.stack([s * 0 + 1.0, np.zeros_like(s), s])), "abs": np.abs,
}


@pytest.mark.parametrize("name", TIES)
def test_a_slope_that_is_not_a_number_is_not_lost_at_a_tie(name):
    f = lambda x: TIES[name](np.sqrt(x ** 2))
    with np.errstate(all="ignore"):
        for mode in ("forward", "reverse"):
            assert np.isnan(dn.grad(f, mode=mode)(0.0))
        assert np.isnan(dn.jvp(f, (0.0,), (1.0,))[1])


def test_a_tie_is_decided_by_the_slope_that_only_a_careful_run_knows():
    f = lambda x: np.maximum(np.cumsum(np.sqrt(x))[1] - 1.0, 0.0)  # the first element meets its infinite slope with a zero direction
    with np.errstate(all="ignore"):
        for direction, slope in (([0.0, 1.0], 0.5), ([0.0, -1.0], 0.0), ([1.0, 0.0], np.inf)):
            assert dn.jvp(f, (np.array([0.0, 1.0]),), (np.array(direction),))[1] == slope

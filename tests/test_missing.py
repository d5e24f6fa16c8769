"""Functions that pass over NaN: NumPy's values, data types and warnings, and the slopes of the elements that count."""

import functools
import warnings

import numpy as np
import pytest

import dualnet as dn

NAN, INF = np.nan, np.inf
METHODS = ["linear", "lower", "higher", "nearest", "midpoint", "hazen", "weibull", "median_unbiased", "inverted_cdf",
           "averaged_inverted_cdf", "closest_observation"]
ARRAYS = [np.array(v) for v in ([1, 2, NAN], [NAN, NAN, NAN], [3.0, 1, 2], [-INF, 2, INF, 5], [2.0, 2, NAN, 1], [NAN],
                                [[1, NAN, 3], [NAN, NAN, NAN], [4, 2, 2]], [[INF, -INF], [INF, 1]])]


def told(call):
    """What a call returns and the warnings that it gives, each as often as it is given."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        out = call()
    return out, sorted(str(w.message) for w in caught)


def compared(f, x):
    """Compare value, data type and warnings of a function with those of its plain call, in both modes."""
    want, said = told(lambda: f(x))
    for out, words in (told(lambda: dn.jvp(f, (x,), (np.ones_like(x),))[0]), told(lambda: dn.vjp(f, x)[0])):
        np.testing.assert_allclose(out, want, rtol=4 * np.finfo(want.dtype).eps)
        assert out.dtype == want.dtype and out.shape == want.shape and words == said
    for mode in ("forward", "reverse"):
        assert told(lambda mode=mode: dn.jacobian(f, mode=mode)(x))[1] == said
    return want


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("f", [np.quantile, np.percentile, np.nanquantile, np.nanpercentile])
def test_quantiles_beside_nan_and_infinite_elements(f, method):
    scale = 100.0 if "percentile" in f.__name__ else 1.0
    for x in ARRAYS:
        for q in (scale, 0.3 * scale, [0.0, 0.25 * scale, scale]):
            compared(functools.partial(f, q=q, method=method, axis=-1, keepdims=True), x.astype(np.float32))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_the_slopes_of_a_quantile_that_passes_over_nan(mode):
    x = np.array([NAN, 4.0, 1.0, NAN, 2.0])  # 1, 2, 4: the quantiles 0, 1/4, 1/2, 1 have the ranks 0, 1/2, 1, 2
    slopes = dn.jacobian(lambda x: np.nanquantile(x, [0, 0.25, 0.5, 1.0]), mode=mode)(x)
    np.testing.assert_array_equal(slopes, [[0, 0, 1, 0, 0], [0, 0, 0.5, 0, 0.5], [0, 0, 0, 0, 1], [0, 1, 0, 0, 0]])
    np.testing.assert_array_equal(dn.grad(lambda x: np.nanquantile(x, 1.0), mode=mode)(np.array([1, 2, NAN])), [0, 1, 0])
    rows = dn.jacobian(lambda x: np.nanpercentile(x, 100.0, axis=1), mode=mode)(np.array([[1, NAN, NAN], [2, 3, NAN]]))
    np.testing.assert_array_equal(rows, [[[1, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 1, 0]]])
    infinite = dn.jacobian(lambda x: np.quantile(x, [0.0, 1 / 3, 1.0], method="lower"), mode=mode)(np.array([2.0, -INF, 3.0, INF]))
    np.testing.assert_array_equal(infinite, [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]])


@pytest.mark.parametrize("state", [{}, {"all": "ignore"}])
@pytest.mark.parametrize("f", [np.nanmax, np.nanmin, np.nanmedian, np.nanmean, np.nanstd, np.nanvar, np.nansum, np.mean, np.var, np.std,
                               np.cov, lambda x, **k: np.var(x, ddof=1, **k), lambda x, **k: np.nanvar(x, ddof=2, **k),
                               lambda x, **k: np.nanstd(x, ddof=1, **k)])
def test_warnings_of_slices_with_too_few_elements_are_those_of_the_plain_call(f, state):
    for x in [*ARRAYS, np.zeros(0), np.zeros((0, 2)), np.zeros((2, 0)), np.ones(1)]:
        for options in ({}, {"axis": 0}, {"axis": -1, "keepdims": True}):
            with np.errstate(**state):
                try:
                    told(functools.partial(f, x, **options))
                except (TypeError, ValueError):
                    continue
                compared(functools.partial(f, **options), x)


def test_dual_numbers_by_themselves_are_told_too():
    x = dn.Dual(np.array([NAN, NAN]), np.ones(2))
    for f, words in ((np.nanmax, "All-NaN slice encountered"), (np.nanmedian, "All-NaN slice encountered")):
        assert told(lambda f=f: f(x))[1] == [words]


def test_a_spread_of_too_few_elements_is_nan():
    x = np.array([[NAN, 3.0, 5.0], [1.0, 2.0, 4.0]])
    value, words = told(lambda: dn.jvp(lambda x: np.nanvar(x, axis=1, ddof=2), (x,), (x,)))
    assert np.isnan(value[0][0]) and value[0][1] == pytest.approx(14 / 3) and words == ["Degrees of freedom <= 0 for slice."]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.testing.assert_allclose(dn.jacobian(lambda x: np.nanvar(x, axis=1, ddof=2), mode="reverse")(x)[1, 1], [-8 / 3, -2 / 3, 10 / 3])


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_an_end_without_weight_is_left_out_beside_a_row_that_is_not_finite(mode):
    """The slope of sqrt at 0 is infinite, and no row but the other has an infinite element."""
    slopes = dn.jacobian(lambda x: np.quantile(np.sqrt(x), 1.0, axis=1), mode=mode)(np.array([[0.0, 4.0], [1.0, np.inf]]))
    assert slopes[0].tolist() == [[0, 0.25], [0, 0]]

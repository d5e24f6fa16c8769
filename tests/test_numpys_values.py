"""Values, data types, errors and warnings of the plain call where rows get to a value by other steps than NumPy."""

import warnings

import numpy as np
import pytest

import dualnet as dn

MODES = pytest.mark.parametrize("mode", ["forward", "reverse"])
INF = np.inf


def told(call):
    """What a call returns and the warnings that it gives, each as often as it is given."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        out = call()
    return out, sorted(str(w.message) for w in caught)


def traced(f, x, mode):
    """The value of a function, by a transformation."""
    return dn.jvp(f, (x,), (np.ones_like(x),))[0] if mode == "forward" else dn.vjp(f, x)[0]


LARGE = np.array([1.7e308, -1e308, 1e308, 1.7e308, -1.7e308, 1e308])
CASES = {
    "underflow of a product": (np.prod, [1e-200, 1e-200, 1e200, 1e200]), "overflow": (np.prod, [1e200, 1e200, 1e-200, 1e-200]),
    "zero first": (np.prod, [0.0, 1e308, 1e308, 1e308]), "zero last": (np.prod, [1e308, 1e308, 1e308, 0.0]),
    "by rows": (lambda x: np.prod(x.reshape(2, 4), axis=1, keepdims=True), [0.0, 1e308, 1e308, 1e308, 1e-200, 1e-200, 1e200, 1e200]),
    "with a beginning": (lambda x: np.prod(x, initial=1e-200), [1e-200, 1e200, 1e200]),
    "running products": (np.cumprod, [0.0, 1e308, 1e308, 1e308, 2.0]), "running": (np.cumprod, [1e-200, 1e-200, 1e200, 1e200]),
    "complex product": (np.prod, [1e308 + 1e308j, 1e308 - 1e308j, 1.0, 2j]), "sum": (lambda x: np.sum(x, initial=1e308), [1e308, -1e308]),
    "sum of some": (lambda x: np.sum(x.reshape(2, 2), where=[[True, False]] * 2), [1e308, 1.0, 1e308, 1.0]),
    "dot": (lambda x: np.dot(np.stack([x.reshape(3, 2)] * 2), x.reshape(2, 3)), LARGE),
    "quantiles": (lambda x: np.quantile(x, [0.0, 0.2, 0.4, 0.5, 1.0]), LARGE), "nanmedian": (np.nanmedian, [1.7e308, np.nan]),
    "even nanmedian": (np.nanmedian, [1.7e308, np.nan, 1.0]), "modf": (lambda x: np.modf(x)[0], [-0.0, -2.0, 2.0, 1.5, -1.5, INF, -INF]),
    "interpolated": (lambda x: np.interp(x, [1.0, 2.0], [-1e308, 1.7e308]), [0.5, 1.25, 2.5]),
}


@pytest.mark.parametrize("name", CASES)
@MODES
def test_values_and_warnings_are_those_of_the_plain_call(name, mode):
    f, x = CASES[name]
    x = np.array(x)
    want, said = told(lambda: f(x))
    got, words = told(lambda: traced(f, x, mode))
    np.testing.assert_array_equal(got, want)
    assert np.array_equal(np.signbit(np.real(got)), np.signbit(np.real(want))) and words == said
    assert told(lambda: dn.jacobian(f, mode=mode)(x))[1] == said


def test_slopes_of_products_do_not_hang_on_the_value():
    x = np.array([1e-200, 1e-200, 1e200, 1e200])
    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(dn.grad(np.prod, mode=mode)(x), [1e200, 1e200, 1e-200, 1e-200], rtol=1e-14)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("f", [np.mean, np.average, np.median, np.nanmedian, np.nanmean, np.var, np.std, np.nanvar, np.sum])
@pytest.mark.parametrize("x", [[6e4, 5e4, 6e4], [6e4, 6e4], [300.0, 310.0] * 500, [1.5, 2.25, -1.0]])
@MODES
def test_half_precision_is_added_up_as_numpy_does(f, x, mode):
    x = np.array(x, np.float16)
    got, want = traced(f, x, mode), f(x)
    assert got.dtype == want.dtype and got == pytest.approx(want, rel=1e-3, nan_ok=True)
    if f is np.mean:
        np.testing.assert_allclose(dn.grad(f, mode=mode)(x), 1 / len(x), rtol=1e-3)
        assert dn.grad(f, mode=mode)(x).dtype == np.float16


@pytest.mark.parametrize("kind", "efdg")
@pytest.mark.parametrize("f", [np.emath.sqrt, np.emath.log, np.emath.arcsin, lambda x: np.emath.power(x, 2), lambda x: np.poly(x.real)])
@MODES
def test_data_types_are_numpys(f, kind, mode):
    x = np.array([-2.0, 3.0], kind)
    got, want = traced(f, x, mode), f(x)
    assert got.dtype == want.dtype
    np.testing.assert_allclose(got, want, rtol=1e-6)


@MODES
def test_interpolation_in_single_precision_is_done_in_double(mode):
    x, xp, fp = (np.array(v, np.float32) for v in ([0.1, 0.7, 1.3], [0.0, 1.0, 2.0], [0.1, 0.7, -0.3]))
    f = lambda x, xp, fp: np.interp(x, xp, fp)
    out = dn.jvp(f, (x, xp, fp), (x, xp, fp))[0] if mode == "forward" else dn.vjp(f, x, xp, fp)[0]
    np.testing.assert_allclose(out, np.interp(x, xp, fp), rtol=1e-15)
    assert out.dtype == np.float64


@MODES
def test_refused_arguments_are_refused_as_by_numpy(mode):
    for f, words in ((lambda x: np.cov(x, aweights=[1.0, -1.0, 2.0]), "aweights cannot be negative"),
                     (lambda x: np.cov(x, fweights=[1, -1, 2]), "fweights cannot be negative"),
                     (lambda x: np.geomspace(x[0], 0.0, 4), "cannot include zero"),
                     (lambda x: np.geomspace(x[2], x[0] * 0, 4), "cannot include zero")):
        x = np.array([1.0, 4.0, np.nan])
        for call in (f, dn.jacobian(f, mode=mode)):
            with pytest.raises(ValueError, match=words):
                call(x)


@MODES
def test_warnings_in_words_come_once(mode):
    x, y = np.array([1.0, 1.0, 1.0, 1.0]), np.array([1.0, 2.0, 0.0, 1.0])
    f = lambda y: np.polyfit(x, y, 2)
    assert told(lambda: traced(f, y, mode))[1] == told(lambda: f(y))[1] == ["Polyfit may be poorly conditioned"]
    f = lambda z: np.log(z) * z[0]
    z = np.array([0.0, 1.0 + 1j, 2.0])
    with np.errstate(invalid="ignore"):
        assert told(lambda: dn.jacobian(f, mode=mode)(z))[1] == told(lambda: f(z))[1] == ["divide by zero encountered in log"]


@MODES
def test_an_overflow_on_the_way_to_another_precision_is_silent(mode):
    x = np.array([1e-30, 1.0], np.float32)
    f = lambda x: np.linalg.norm(x * np.float32(1e-10), 0.5) * np.float32(1e30)
    with np.errstate(all="raise", under="ignore"):
        expected = f(x)
        slopes = dn.grad(f, mode=mode)(x)
    assert np.isfinite(expected) and slopes.dtype == np.float32


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@MODES
def test_infinite_slopes_of_complex_results_have_their_parts(mode):
    f = lambda x: np.log(x) * (1 + 2j)
    assert dn.jacobian(f, mode=mode)(0.0) == complex(INF, INF)
    at_zero = dn.jacobian(np.sqrt, mode=mode)(np.array([0j, 4.0]))
    assert not np.isfinite(at_zero[0, 0]) and at_zero[1, 1] == 0.25


EMPTY = {
    "subtract": (np.subtract.reduce, (3, 0)), "fmin": (np.fmin.reduce, (3, 0)), "hypot": (np.hypot.reduce, (0,)),
    "kept": (lambda x: np.fmax.reduce(x, axis=1, keepdims=True), (0, 3)), "accumulate": (np.maximum.accumulate, (0,)),
    "edges": (lambda x: np.histogram(x, 4)[1], (0,)), "resize": (lambda x: np.resize(x, (2, 2)), (0,)), "cumsum": (np.cumsum, (0,)),
    "sort": (np.sort, (0,)), "diff": (np.diff, (1,)),
}


@pytest.mark.parametrize("name", EMPTY)
@pytest.mark.parametrize("kind", "fdg")
@MODES
def test_nothing_is_taken_as_by_numpy(name, kind, mode):
    f, shape = EMPTY[name]
    x = np.ones(shape, kind)
    got, want = traced(f, x, mode), f(x)
    np.testing.assert_array_equal(got, want)
    assert got.dtype == want.dtype and got.shape == want.shape
    jacobian = dn.jacobian(f, mode=mode)(x)
    assert jacobian.shape == want.shape + shape and jacobian.dtype == np.result_type(want, x)
    with pytest.raises(ValueError, match="no identity"):
        dn.jacobian(np.fmin.reduce, mode=mode)(np.ones((0, 2)))


@MODES
def test_a_number_or_rows_in_the_place_of_a_vector(mode):
    assert dn.jacobian(lambda x: np.convolve(x, x), mode=mode)(3.0).tolist() == [6.0]
    p = np.array([[1.0, 2.0], [3.0, 4.0]])  # of rows, the polynomial is 2 p[0] + p[1]
    np.testing.assert_array_equal(dn.jacobian(lambda p: np.polyval(p, 2.0), mode=mode)(p), [[[2, 0], [1, 0]], [[0, 2], [0, 1]]])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@MODES
def test_correlations_beyond_one_are_cut_as_by_numpy(mode):
    x = np.array([[1.0, 2.0, 4.0], [1e-200, 0.0, 3e-200]])  # the variance of the second underflows, so that its correlations are infinite
    np.testing.assert_array_equal(traced(np.corrcoef, x, mode), np.corrcoef(x))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_round_to_digits_is_numpys(mode):
    assert dn.grad(lambda x: round(x[0], 1) * x[0], mode=mode)(np.array([1.26])) == 1.3
    assert dn.derivative(lambda x: round(x, 1) * x)(1.26) == 1.3


@pytest.mark.parametrize("fweights", [None, [1, 2, 1, 1, 3]])
def test_complex_weights_of_a_covariance_lose_their_imaginary_parts_with_the_warning(fweights):
    x, w = np.cos(np.arange(10.0)).reshape(2, 5), np.array([1, 2, 1, 3, 1]) + 1j
    with pytest.warns(np.exceptions.ComplexWarning):
        value, slope = dn.jvp(lambda s: np.cov(x * s, aweights=w, fweights=fweights), (1.0,), (1.0,))
    np.testing.assert_array_equal(value, np.cov(x, aweights=w.real, fweights=fweights))
    np.testing.assert_allclose(slope, 2 * value, rtol=1e-14)


@pytest.mark.parametrize("cast", [lambda z: z.astype(float), lambda z: z.astype(float, casting="unsafe"),
                                  lambda z: np.astype(z, np.float32), lambda z: np.mean(z, dtype=float)])
def test_a_cast_of_complex_numbers_to_real_ones_warns_once(cast):
    z = np.array([1 + 1j, 2.0])
    for run in (lambda: cast(z), lambda: dn.jvp(lambda s: cast(s * z), (1.0,), (1.0,)), lambda: dn.vjp(lambda s: cast(s * z), 1.0)):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            run()
        assert [w.category for w in seen] == [np.exceptions.ComplexWarning]

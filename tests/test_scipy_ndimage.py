"""Rows of scipy.ndimage: SciPy's values in every boundary mode, derivatives by arrays, weights, widths and coordinates."""

from functools import partial

import numpy as np
import pytest
import scipy.ndimage as nd
from differences import close, keeps_float32, random_like, verify

import dualnet as dn

_rng = np.random.default_rng(5)
X, LINE = _rng.standard_normal((4, 5)), _rng.standard_normal(6)
W = _rng.standard_normal((3, 2))
MODES = ["reflect", "mirror", "nearest", "wrap", "constant", "grid-mirror", "grid-wrap", "grid-constant"]


@pytest.fixture(autouse=True, scope="module")
def switch():
    with dn.enable_scipy("ndimage"):
        yield


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("f", [nd.correlate, nd.convolve], ids=["correlate", "convolve"])
def test_correlation_in_every_mode(f, mode, rng):
    f = getattr(nd, f.__name__)
    for w, origin in ((W, 0), (W, (1, -1)), (np.ones((2, 7)) + W[0, 0], (-1, 0))):
        g = partial(f, mode=mode, cval=0.7, origin=origin)
        verify(lambda x, g=g, w=w: g(x, w), X, rng, second=False)
        verify(partial(g, X), w, rng, second=False)
    verify(lambda x: f(x, x[:3, :2], mode=mode), X, rng)


@pytest.mark.parametrize("mode", MODES)
def test_one_axis_in_every_mode(mode, rng):
    verify(lambda x: nd.correlate1d(x, W[:, 0], 0, mode=mode, cval=1.0, origin=1), X, rng, second=False)
    verify(lambda w: nd.convolve1d(X, w, -1, mode=mode, cval=1.0), np.append(W[:, 0], 1.0), rng, second=False)
    verify(lambda c: nd.correlate1d(X, W[:, 0], mode="constant", cval=c), np.float64(0.3), rng, second=False)


FILTERS = {
    "gaussian_filter": (lambda x: nd.gaussian_filter(x, 1.2), X),
    "gaussian_filter, orders and widths": (lambda x: nd.gaussian_filter(x, (0.8, 1.1), (1, 2), mode=("wrap", "nearest"), truncate=3.0), X),
    "gaussian_filter, sigma": (lambda s: nd.gaussian_filter(X, s), np.array([0.8, 1.1])),
    "gaussian_filter, no width": (lambda x: nd.gaussian_filter(x, (0, 1)), X),
    "gaussian_filter, axes": (lambda x: nd.gaussian_filter(x, 1.0, axes=(1,), radius=2), X),
    "gaussian_filter1d": (lambda x: nd.gaussian_filter1d(x, 1.5, 0, 3), X),
    "gaussian_filter1d, sigma": (lambda s: nd.gaussian_filter1d(LINE, s, order=2), np.float64(0.9)),
    "uniform_filter": (lambda x: nd.uniform_filter(x, (2, 3), origin=(0, 1)), X),
    "uniform_filter1d": (lambda x: nd.uniform_filter1d(x, 4), LINE),
    "sobel": (lambda x: nd.sobel(x, 0), X), "prewitt": (lambda x: nd.prewitt(x), X), "laplace": (lambda x: nd.laplace(x), X),
    "gaussian_laplace": (lambda x: nd.gaussian_laplace(x, (0.8, 1.1)), X),
    "maximum_filter": (lambda x: nd.maximum_filter(x, (2, 3), mode="constant", cval=-9.0), X),
    "maximum_filter1d": (lambda x: nd.maximum_filter1d(x, 3, 0), X),
    "minimum_filter": (lambda x: nd.minimum_filter(x, footprint=[[0, 1, 0], [1, 1, 1]], origin=(0, 1)), X),
    "minimum_filter1d": (lambda x: nd.minimum_filter1d(x, 2, mode="nearest"), X),
    "median_filter": (lambda x: nd.median_filter(x, (2, 2)), X), "rank_filter": (lambda x: nd.rank_filter(x, -2, 3), X),
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters(name, rng):
    f, x = FILTERS[name]
    verify(f, x, rng, h=0.01)


def test_complex_arrays(rng):
    z = X + 1j * random_like(X, rng)
    verify(lambda x: nd.correlate(x, W), z, rng, second=False)
    verify(lambda w: nd.correlate(z, w), W + 1j * random_like(W, rng), rng, second=False)
    verify(lambda w: nd.correlate1d(X, w), W[:, 0] + 1j * random_like(W[:, 0], rng), rng, second=False)
    verify(lambda w: nd.convolve(z, w), W + 1j * random_like(W, rng), rng, second=False)


def test_single_precision_is_kept():
    keeps_float32(lambda x: nd.gaussian_filter(x, 1.0), X)
    keeps_float32(lambda x: nd.correlate(x, W), X)


def test_a_tie_in_a_window_is_read_ahead():
    close(dn.jvp(lambda x: nd.maximum_filter1d(x, 3), (np.zeros(3),), (np.array([1.0, 0.0, -2.0]),))[1], [1, 1, 0], 0)


@pytest.mark.parametrize(("call", "error", "text"), [
    (lambda x: nd.correlate(x, W, output=np.zeros((4, 5))), dn.DualnetError, "output"),
    (lambda x: nd.shift(x, 0.5, output=np.zeros((4, 5))), dn.DualnetError, "output"),
    (lambda x: nd.map_coordinates(x, [[0.5], [1.5]], output=x[0, :1] * 1.0), dn.DualnetError, "output"),
    (lambda x: nd.correlate(x, W, output=int), TypeError, "output"),
    (lambda x: nd.correlate(np.ones((4, 5), int), x), TypeError, "int"),
    (lambda x: nd.correlate(x, W, mode="fold"), ValueError, "fold"),
    (lambda x: nd.correlate(x, W, origin=3), ValueError, "origin"),
    (lambda x: nd.correlate(x, W[0]), RuntimeError, "weights"),
    (lambda x: nd.gaussian_filter1d(x, 1.0, order=-1), ValueError, "order"),
    (lambda x: nd.fourier_shift(x, 0.3), dn.DualnetError, "scipy.ndimage.fourier_shift"),
])
def test_what_cannot_be_done_is_named(call, error, text):
    with pytest.raises(error, match=text):
        dn.jvp(call, (X,), (X,))


# --- between the elements ---------------------------------------------------------------------------------------
AT = _rng.uniform(0.1, 2.9, (2, 7)) + np.array([[0.0], [0.9]])
FAR = AT + 3.3 * _rng.choice([-2.0, -1.0, 1.0, 2.0], AT.shape)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("order", range(6))
def test_map_coordinates_in_data_and_in_coordinates(order, mode, rng):
    second = order in (1, 3) and mode in ("constant", "reflect")
    for at in (AT, FAR):
        verify(lambda x, at=at: nd.map_coordinates(x, at, order=order, mode=mode, cval=0.4), X, rng, second=second)
        verify(lambda at: nd.map_coordinates(X, at, order=order, mode=mode, cval=0.4), at, rng, h=1e-3, second=second, tolerance=1e-7)


def test_map_coordinates_without_prefilter_and_in_one_dimension(rng):
    verify(lambda x: nd.map_coordinates(x, [AT[0]], prefilter=False), LINE, rng)
    verify(lambda a: nd.map_coordinates(a[:5], [a[5:]]), np.append(X[0], [1.2, 2.7]), rng, h=0.01)
    verify(lambda x: nd.map_coordinates(x, AT), X + 1j * random_like(X, rng), rng, second=False)


@pytest.mark.parametrize("mode", ["reflect", "mirror", "grid-wrap", "nearest", "wrap", "constant"])
@pytest.mark.parametrize("order", range(2, 6))
def test_spline_filter(order, mode, rng):
    verify(lambda x: nd.spline_filter1d(x, order, 0, mode=mode), X, rng, second=False)
    verify(lambda x: nd.spline_filter(x, order, mode=mode), X, rng, second=False)
    verify(lambda x: nd.spline_filter1d(x, order, mode=mode), rng.standard_normal(70), rng, second=False)


def test_moved_arrays(rng):
    a = np.array([[0.8, 0.1], [-0.2, 0.9]])
    verify(lambda x: nd.affine_transform(x, a, [0.3, 0.4], (3, 3)), X, rng)
    verify(lambda a: nd.affine_transform(X, a, [0.31, 0.43], order=2, mode="reflect"), a, rng, h=1e-3, tolerance=1e-7)
    verify(lambda a: nd.affine_transform(X, a, order=1, mode="nearest"), np.array([0.83, 0.71]), rng, h=1e-3)
    verify(lambda a: nd.affine_transform(X, a, mode="mirror"), np.append(a, [[0.3], [0.4]], 1), rng, h=1e-3, tolerance=1e-7, second=False)
    verify(lambda s: nd.shift(X, s, mode="mirror"), np.array([0.3, -0.7]), rng, h=1e-3, tolerance=1e-7)
    verify(lambda s: nd.shift(LINE, s, order=1, mode="grid-wrap"), np.float64(0.3), rng, h=1e-3)


@pytest.mark.parametrize("mode", MODES)
def test_turned_arrays(mode, rng):
    cube = rng.standard_normal((3, 4, 2))
    verify(lambda x: nd.rotate(x, 33.0, mode=mode, cval=0.4), X, rng, second=False)
    verify(lambda x: nd.rotate(x, -71.0, (0, 2), False, order=1, mode=mode), cube, rng, second=False)
    verify(lambda a: nd.rotate(X, a, reshape=False, order=3, mode=mode), np.float64(33.3), rng, h=1e-2, tolerance=1e-7, second=False)
    verify(lambda a: nd.rotate(X, a, order=2, mode=mode, cval=0.4), np.float64(-17.2), rng, h=1e-2, tolerance=1e-7, second=mode == "mirror")


def test_places_in_the_middle_between_two_are_taken_as_scipy_takes_them(rng):
    verify(lambda x: nd.rotate(x, 45.0, order=0), rng.standard_normal((4, 5)), rng, second=False)
    for mode in ("nearest", "reflect", "grid-constant", "grid-wrap"):
        verify(lambda x, mode=mode: nd.zoom(x, 3.0, order=0, mode=mode, grid_mode=True), X, rng, second=False)
        verify(lambda x, mode=mode: nd.zoom(x, 1.9, order=2, mode=mode, grid_mode=True), X, rng, second=False)


@pytest.mark.parametrize("mode", MODES)
def test_zoomed_arrays(mode, rng):
    for factor, options in ((2.3, {}), ((0.6, 1.7), {"order": 1}), (1.0, {}), (0.3, {"order": 5})):
        verify(lambda x, factor=factor, options=options: nd.zoom(x, factor, mode=mode, cval=0.4, **options), X, rng, second=False)
    f = lambda z: nd.zoom(X, z, mode=mode)
    y, dy = dn.jvp(f, (1.7,), (1.0,))
    close(y, f(1.7), 1e-13)
    assert not np.any(dy)  # as much as any factor that gives this shape


def test_at_a_knot_the_piece_just_ahead():
    y = np.array([0.0, 1.0, 5.0, 6.0])
    f = lambda t: nd.map_coordinates(y, [t], order=1, mode="nearest")
    knots = np.arange(4.0)
    close(dn.jvp(f, (knots,), (np.ones(4),))[1], [1, 4, 1, 0], 0)
    close(dn.jvp(f, (knots,), (-np.ones(4),))[1], [0, -1, -4, -1], 0)
    g = lambda t: nd.map_coordinates(y, [t], order=1)
    close(np.diag(dn.jacobian(g)(knots)), [1, 4, 1, 1], 0)
    close(dn.jacobian(g, mode="forward")(knots), dn.jacobian(g, mode="reverse")(knots), 0)


def test_bad_coordinates():
    for call in (lambda x: nd.map_coordinates(x, AT[:1]), lambda x: nd.map_coordinates(x, AT, order=7),
                 lambda x: nd.affine_transform(x, np.ones(3))):
        with pytest.raises(RuntimeError):
            dn.jvp(call, (X,), (X,))


def test_empty_arrays():
    none = np.zeros((0, 3))
    for f in (lambda x: nd.gaussian_filter(x, 1.0), lambda x: nd.correlate(x, W), lambda x: nd.maximum_filter(x, 3), lambda x: nd.sobel(x)):
        y, dy = dn.jvp(f, (none,), (none,))
        assert y.shape == dy.shape == f(none).shape


@pytest.mark.parametrize("mode", [mode for mode in MODES if "wrap" not in mode])
def test_coordinates_that_are_no_numbers(mode):
    at = np.array([np.nan, 1.2, np.inf, -np.inf])
    f = lambda at: nd.map_coordinates(LINE, [at], order=3, mode=mode, cval=0.25)
    y, dy = dn.jvp(f, (at,), (np.ones(4),))
    np.testing.assert_allclose(y, f(at), rtol=1e-13)
    assert np.all((dy == 0)[np.isfinite(y) & ~np.isfinite(at)]) and np.isfinite(dy[1])

"""Taylor mode reads the same rows: orders 0 to 3 of registered functions against nested forward derivatives."""

import numpy as np
import pytest
import scipy.fft
import scipy.integrate
import scipy.interpolate as si
import scipy.ndimage as nd
import test_scipy_linalg
import test_scipy_ndimage
import test_scipy_signal
from differences import close

import dualnet as dn

X = np.array([-1.0, -0.2, 0.5, 1.1, 2.0, 2.3])
Y = np.random.default_rng(0).standard_normal(6)
CALLS = {
    **{f"linalg {k}": v for k, v in test_scipy_linalg.FUNCTIONS.items()},
    **{f"ndimage {k}": v for k, v in test_scipy_ndimage.FILTERS.items()},
    **{f"signal {k}": v for k, v in test_scipy_signal.FILTERS.items()},
    "dct": (lambda y: scipy.fft.dct(y), Y), "fft": (lambda y: np.real(scipy.fft.fft(y)), Y),
    "simpson": (lambda x: scipy.integrate.simpson(Y, x), X),
    "CubicSpline": (lambda y: si.CubicSpline(X, y)(y), Y), "CubicSpline, knots": (lambda x: si.CubicSpline(x, Y)(0.3), X),
    "PchipInterpolator": (lambda y: si.PchipInterpolator(X, y)(y), Y), "make_interp_spline": (lambda y: si.make_interp_spline(X, y)(y), Y),
    "map_coordinates": (lambda y: nd.map_coordinates(y.reshape(2, 3), [y[:2] % 1, y[2:4] % 1], mode="mirror"), Y),
}


@pytest.fixture(autouse=True, scope="module")
def switch():
    with dn.enable_scipy():
        yield


@pytest.mark.parametrize("name", CALLS)
def test_taylor_agrees_with_nested_derivatives(name):
    f, x = CALLS[name]
    v = np.random.default_rng(1).standard_normal(np.shape(x))
    expected = [lambda s: f(x + s * v)]
    for _ in range(3):
        expected.append(lambda s, g=expected[-1]: dn.jvp(g, (s,), (1.0,))[1])
    for got, g in zip(dn.taylor(expected[0], 0.0, order=3), expected, strict=True):
        close(got, g(0.0), 1e-9)

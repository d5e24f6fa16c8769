"""Calls that SciPy refuses: in both modes what the plain call raises."""

import numpy as np
import pytest
from scipy import fft, integrate, ndimage, signal, special, stats
from scipy import interpolate as ip
from scipy import linalg as sl

import dualnet as dn

X = np.linspace(0.5, 2.0, 6)
T = np.arange(6.0)


def wide(x):
    return x.reshape(2, 3)


REFUSED = [
    lambda x: signal.sosfilt(np.array([[1.0, 0, 0, 2.0, 0, 0]]), x), lambda x: signal.sosfilt(np.ones((2, 5)), x),
    lambda x: signal.filtfilt([1.0], [1.0, 0.5], x, padtype="foo"), lambda x: signal.filtfilt([1.0], [1.0, 0.5], x, padlen=50),
    lambda x: signal.lfilter([1.0], [0.0, 0.5], x), lambda x: signal.convolve(x, x, "foo"), lambda x: signal.convolve(wide(x), x),
    lambda x: signal.convolve(wide(x), np.ones((3, 1)), "valid"), lambda x: signal.fftconvolve(x, x, "foo"),
    lambda x: signal.convolve2d(x, x), lambda x: signal.convolve2d(wide(x), wide(x), boundary="foo"),
    lambda x: signal.correlate2d(wide(x), wide(x), mode="foo"), lambda x: signal.hilbert(x * 1j).real,
    lambda x: signal.hilbert(x, -1).real, lambda x: signal.detrend(x, type="foo"), lambda x: signal.savgol_filter(x, 3, 1, mode="foo"),
    lambda x: ndimage.map_coordinates(x, [[1.5]], order=7), lambda x: ndimage.zoom(x, 2, order=9),
    lambda x: ndimage.shift(x, 1.0, mode="foo"), lambda x: ndimage.rotate(wide(x), 30, axes=(0,)),
    lambda x: ndimage.gaussian_filter(wide(x), (1.0, 2.0, 3.0)), lambda x: ndimage.uniform_filter(wide(x), (1, 2, 3)),
    lambda x: ndimage.maximum_filter(x), lambda x: ndimage.maximum_filter(wide(x), footprint=np.ones(3)),
    lambda x: ndimage.median_filter(x), lambda x: ndimage.correlate(wide(x), np.ones(3)),
    lambda x: ndimage.correlate1d(x, np.ones(3), origin=9),
    lambda x: ip.BSpline(np.arange(6.0), x[:5], 0).derivative()(2.5),
    lambda x: ip.splev(x, (np.r_[0, 0, 0, 0, 3, 3, 3, 3.0], np.ones(8), 3), ext=7),
    lambda x: ip.splev(x, (np.r_[0, 0, 0, 0, 3, 3, 3, 3.0], np.ones(8), 3), der=9),
    lambda x: ip.make_interp_spline(T, x, k=2, bc_type="clamped")(1.5), lambda x: ip.make_interp_spline(T, x[:4])(1.5),
    lambda x: ip.RegularGridInterpolator((T[:3],), x)([1.5]), lambda x: ip.interpn((T,), x, [[9.5]]),
    lambda x: ip.RegularGridInterpolator((T,), x)([9.5]),
    lambda x: ip.RegularGridInterpolator((np.array([0.0, 2, 1, 3, 4, 5]),), x)([1.5]), lambda x: ip.interp1d(T, x)(9.5),
    lambda x: ip.interp1d(T[:3], x)(1.5), lambda x: ip.CubicSpline(T, x, bc_type=("clamped",))(1.5),
    lambda x: ip.CubicSpline(T, x, bc_type=("periodic", "clamped"))(1.5),
    lambda x: ip.CubicSpline(T, x, bc_type=((1, [1.0, 2.0]), (1, 0.0)))(1.5), lambda x: ip.CubicSpline(T, x, bc_type="foo")(1.5),
    lambda x: ip.CubicSpline(T, x, bc_type="periodic")(1.5), lambda x: ip.CubicSpline(T[::-1], x)(1.5),
    lambda x: ip.CubicSpline(T[:4], x)(1.5), lambda x: ip.CubicHermiteSpline(T, x, x[:4])(1.5), lambda x: ip.PPoly(wide(x), T)(1.5),
    lambda x: ip.PPoly(wide(x), np.array([0.0, 2, 1, 3]))(1.5), lambda x: ip.PchipInterpolator(T[:4], x)(1.5),
    lambda x: ip.Akima1DInterpolator(T, x, method="foo")(1.5),
    lambda x: sl.solve(np.eye(3) * x[0], x[:3], assume_a="foo"), lambda x: sl.solve_banded((1, 1), wide(x), x[:2]),
    lambda x: sl.solveh_banded(wide(x), x[:2]), lambda x: sl.solve_triangular(wide(x), x[:2]),
    lambda x: sl.cho_solve((np.eye(3) * x[0], True), x[:2]), lambda x: sl.solve_toeplitz(x[:3], x[:2]), lambda x: sl.expm(wide(x)),
    lambda x: sl.sqrtm(wide(x)),
    lambda x: stats.multivariate_normal.pdf(x, np.zeros(2), np.eye(2)),
    lambda x: stats.multivariate_normal.logpdf(x[:2], np.zeros(2), np.eye(3)), lambda x: stats.norm.pdf(x, x[:3]),
    lambda x: integrate.quad(lambda t: t * x[0], 0, np.inf, points=[1.0])[0], lambda x: integrate.simpson(x, x=x[:3]),
    lambda x: integrate.simpson(x, axis=2), lambda x: integrate.trapezoid(x, x[:3]), lambda x: integrate.cumulative_trapezoid(x, x[:3]),
    lambda x: integrate.cumulative_trapezoid(x, initial=3.0),
    lambda x: integrate.solve_ivp(lambda t, y: -x[0] * y, (0, 1), [1.0], t_eval=[0.0, 2.0]).y,
    lambda x: integrate.solve_ivp(lambda t, y: -x[0] * y, (0, 1), [[1.0]]).y,
    lambda x: integrate.solve_ivp(lambda t, y: -x[0] * y, (0, 1), [1.0], method="foo").y,
    lambda x: integrate.solve_ivp(lambda t, y: -x[0] * y, (0, 1), [1.0], t_eval=[0.5, 0.2]).y,
    lambda x: fft.dct(x, 7), lambda x: fft.dct(x, norm="foo"), lambda x: fft.dct(x, n=-1), lambda x: fft.fft(x, 0).real,
    lambda x: fft.dctn(wide(x), axes=3),
    lambda x: special.logsumexp(x, b=x[:3]), lambda x: special.softmax(x, axis=3),
]


@pytest.fixture(autouse=True, scope="module")
def rows():
    with dn.enable_scipy():
        yield


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("call", REFUSED)
def test_a_call_that_scipy_refuses_raises_what_scipy_raises(call, mode):
    with pytest.raises(Exception) as expected:
        call(X.copy())
    with pytest.raises(type(expected.value)):
        dn.jvp(call, (X,), (X,)) if mode == "forward" else dn.vjp(call, X)

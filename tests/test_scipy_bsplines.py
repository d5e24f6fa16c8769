"""Rows of scipy.interpolate's B-splines and grids: SciPy's values, derivatives by all that is continuous in them."""

from functools import partial

import numpy as np
import pytest
import scipy.interpolate as si
from differences import close, random_like, verify

import dualnet as dn

_rng = np.random.default_rng(31)
X = np.array([-1.0, -0.2, 0.5, 1.1, 2.0, 2.3, 3.1])
Y, Y2 = _rng.standard_normal(7), _rng.standard_normal((7, 2))
AT = np.array([[-0.9, 0.1, 0.63], [1.5, 2.21, 3.4]])
KNOTS = np.array([0.0, 0.1, 0.3, 0.4, 0.9, 1.0, 1.4, 1.7, 2.0, 2.2, 2.3, 2.6])
REPEATED = np.array([0.0, 0.0, 0.0, 0.0, 0.7, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0])
C, D, INSIDE = _rng.standard_normal(7), _rng.standard_normal(8), np.array([0.45, 0.93, 1.2, 1.63])


@pytest.fixture(autouse=True, scope="module")
def switch():
    with dn.enable_scipy("interpolate"):
        yield


@pytest.mark.parametrize("k", range(6))
def test_bspline(k, rng):
    c = rng.standard_normal((11 - k, 2))
    verify(lambda c: si.BSpline(KNOTS, c, k)(INSIDE), c, rng, second=False)
    verify(lambda t: si.BSpline(t, c[:, 0], k)(INSIDE), KNOTS, rng, h=1e-3, tolerance=1e-7, second=k == 3)
    for nu in range(3):
        verify(lambda x, nu=nu: si.BSpline(KNOTS, c, k)(x, nu), INSIDE, rng, h=1e-3, tolerance=1e-7, second=nu == 0)


def test_repeated_knots_extrapolation_periods_and_axes(rng):
    spline = si.BSpline(REPEATED, C, 3)
    points = np.array([-0.4, 0.3, 0.9, 1.5, 2.4])
    verify(lambda c: si.BSpline(REPEATED, c, 3)(np.append(points, [0.0, 2.0])), C, rng, second=False)
    for extrapolate in (True, "periodic"):
        verify(lambda x, e=extrapolate: spline(x, extrapolate=e), points, rng, h=1e-3, tolerance=1e-7)
    verify(lambda x: np.nan_to_num(spline(x, extrapolate=False)), points, rng, h=1e-3, tolerance=1e-7, second=False)
    verify(lambda c: si.BSpline(REPEATED, c, 3, axis=1)(AT[0]), _rng.standard_normal((2, 7)), rng, second=False)
    verify(lambda x: si.BSpline(REPEATED, np.stack([C, 2 * C]), 3, axis=1)(x), AT[:, :2], rng, h=1e-3, tolerance=1e-7, second=False)


def test_derivatives_and_integrals_of_a_bspline(rng):
    for ends, extrapolate in (((-0.3, 1.7), True), ((0.4, 5.1), "periodic"), ((-0.3, 1.7), False)):
        verify(lambda c, e=extrapolate, ab=ends: si.BSpline(REPEATED, c, 3).integrate(*ab, e), C, rng, second=False)
        verify(lambda t, e=extrapolate: si.BSpline(REPEATED, C, 3).integrate(t[0], t[1], e), np.array(ends), rng, h=1e-3, tolerance=1e-7)
    verify(lambda c: si.BSpline(KNOTS, c, 3).derivative(2)(INSIDE), D, rng, second=False)
    verify(lambda c: si.BSpline(KNOTS, c, 3).antiderivative(2)(INSIDE), D, rng, second=False)
    verify(lambda c: si.splev(INSIDE, (KNOTS, c, 3), 1), D, rng, second=False)
    verify(lambda x: si.splev(x, (REPEATED, C, 3), ext=1), np.array([-0.3, 0.3, 1.3]), rng, h=1e-3, tolerance=1e-7)


@pytest.mark.parametrize("k", range(6))
def test_interpolating_splines(k, rng):
    verify(lambda y: si.make_interp_spline(X, y, k)(AT), Y2, rng, second=False)
    verify(lambda x: si.make_interp_spline(x, Y, k)(0.3), X, rng, h=1e-3, tolerance=1e-7, second=k == 3)
    verify(lambda y: si.make_interp_spline(X, y, k, axis=1)(AT), Y2.T, rng, second=False)


@pytest.mark.parametrize(("k", "bc"), [(3, "natural"), (3, "clamped"), (3, ([(1, 0.5)], [(2, -0.3)])), (2, ([(1, 0.7)], None)),
                                       (5, ([(1, 0.5), (2, 0.1)], "natural")), (4, (None, [(1, 0.2)]))], ids=str)
def test_interpolation_with_end_conditions(k, bc, rng):
    if k == 5:
        bc = (bc[0], [(1, 0.0), (2, 0.0)])
    t = None if k in (3, 5) else np.concatenate([[X[0]] * (k + 1), X[1:-1][:7 + 1 - k - 1], [X[-1]] * (k + 1)])
    verify(lambda y: si.make_interp_spline(X, y, k, t, bc)(AT), Y, rng, second=k == 3)
    if t is None:
        verify(lambda x: si.make_interp_spline(x, Y, k, t, bc)(0.3), X, rng, h=1e-3, tolerance=1e-7, second=False)


def test_complex_data(rng):
    verify(lambda y: si.make_interp_spline(X, y)(AT), Y + 1j * random_like(Y, rng), rng, second=False)


def test_made_splines_are_splines():
    def f(y):
        spline = si.make_interp_spline(X, y)
        assert isinstance(spline, si.BSpline) and len(spline.tck) == 3
        return spline(0.3)

    close(dn.jvp(f, (Y,), (Y,))[1], f(Y), 1e-13)


def test_smoothing_splines(rng):
    make = si.make_smoothing_spline
    x, y, w = np.array([0.0, 0.4, 1.1, 1.5, 2.6, 3.0]), rng.standard_normal(6), rng.uniform(0.5, 2.0, 6)
    at = np.array([-0.3, 0.2, 1.1, 2.0, 3.2])
    wide = rng.standard_normal((2, 6))
    verify(lambda y: make(x, y, lam=0.3)(at), y, rng)
    verify(lambda y: make(x, y, w, 0.02, axis=1).derivative()(at), wide, rng, second=False)
    verify(lambda l: make(x, y, w, l)(at), np.float64(0.3), rng, h=1e-2)
    verify(lambda w: make(x, y, w, 0.3)(at), w, rng, h=1e-2)
    verify(lambda x: make(x, y, w, 0.3)(at + 0.011), x, rng, h=1e-3, tolerance=1e-7)
    verify(lambda y: make(x, y, lam=0.0)(x), y, rng, second=False)  # through all points
    close(dn.jacobian(lambda y: make(x, y, w, 1e9)(at))(y), line_through(x, w, at), 1e-6)


def line_through(x, w, at):
    """The matrix that takes data to their weighted regression line at some points."""
    columns, root = np.stack([np.ones_like(x), x], 1), np.sqrt(w)
    return np.stack([np.ones_like(at), at], 1) @ np.linalg.pinv(columns * root[:, None]) * root


# --- grids ------------------------------------------------------------------------------------------------------
GRID = (np.array([0.0, 1.0, 2.5]), np.array([3.0, 2.0, 1.5, 0.0]))
VALUES, WIDE = _rng.standard_normal((3, 4)), _rng.standard_normal((3, 4, 2))
POINTS = np.array([[0.3, 1.7], [1.4, 0.2], [2.2, 2.9], [0.9, 1.9]])


@pytest.mark.parametrize("kind", ["linear", "nearest"])
def test_regular_grid_interpolator(kind, rng):
    make = si.RegularGridInterpolator
    verify(lambda v: make(GRID, v, kind)(POINTS), WIDE, rng)
    verify(lambda v: make(GRID, v, kind)(POINTS.reshape(2, 2, 2)), VALUES, rng, second=False)
    verify(make(GRID, WIDE, kind), POINTS, rng, h=1e-3)
    verify(lambda g: make((g, GRID[1]), VALUES, kind)(POINTS), GRID[0], rng, h=1e-3)
    verify(lambda g: make((GRID[0], g), VALUES, kind)(POINTS), GRID[1], rng, h=1e-3)
    verify(lambda v: si.interpn(GRID, v, POINTS, kind), VALUES, rng, second=False)
    verify(lambda x: si.interpn(GRID, VALUES, (x, x), kind), POINTS[:, 0], rng, h=1e-3)


def test_points_outside_a_grid(rng):
    far = POINTS + 1.35
    for fill in (None, -1.0, np.nan):
        make = partial(si.RegularGridInterpolator, GRID, bounds_error=False, fill_value=fill)
        verify(lambda v, make=make: np.nan_to_num(make(v)(far)), VALUES, rng, second=False)
        verify(lambda x, make=make: np.nan_to_num(make(VALUES)(x)), far, rng, h=1e-3, second=False)
    with pytest.raises(ValueError, match="out of bounds"):
        dn.jvp(si.RegularGridInterpolator(GRID, VALUES), (far,), (far,))


def test_on_a_grid_line_the_cell_just_ahead():
    f = si.RegularGridInterpolator((np.arange(3.0),), np.array([0.0, 1.0, 5.0]))
    for sign, slope in ((1.0, 4.0), (-1.0, -1.0)):
        assert dn.jvp(f, (np.array([1.0]),), (np.array([sign]),))[1] == slope
    assert dn.jacobian(f)(np.array([1.0])).ravel() == 4.0


@pytest.mark.parametrize(("call", "error", "text"), [
    (lambda y: si.BSpline(KNOTS, y[:3], 3), ValueError, "BSpline"),
    (lambda y: si.make_interp_spline(X, y, bc_type="periodic"), dn.DualnetError, "periodic"),
    (lambda y: si.make_interp_spline(X, y, 3, KNOTS), ValueError, "boundaries"),
    (lambda y: si.make_interp_spline(X, y, 4, KNOTS), ValueError, "outside"),
    (lambda y: si.make_interp_spline(X[:4], y), ValueError, "values"),
    (lambda y: si.RegularGridInterpolator((X,), y, "cubic"), dn.DualnetError, "method"),
    (lambda y: si.RegularGridInterpolator((X[:3],), y), ValueError, "dimension 0"),
    (lambda y: si.RegularGridInterpolator((X,), y)([[0.1, 0.2]]), ValueError, "dimension 2"),
    (lambda y: si.make_interp_spline(X, y).insert_knot(0.3), dn.DualnetError, "insert_knot"),
    (lambda y: si.UnivariateSpline(X, y), dn.DualnetError, "UnivariateSpline"),
    (lambda y: si.make_smoothing_spline(X, y), dn.DualnetError, "lam=None"),
    (lambda y: si.make_smoothing_spline(X, y, lam=-1.0), ValueError, "lam=-1"),
])
def test_what_cannot_be_done_is_named(call, error, text):
    with pytest.raises(error, match=text):
        dn.jvp(call, (Y,), (Y,))

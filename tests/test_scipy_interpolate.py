"""Rows of scipy.interpolate: SciPy's values, derivatives by data, knots and points, at knots, and of made objects."""

import numpy as np
import pytest
import scipy.interpolate as si
from differences import along, check_second, close, random_like, verify
from scipy.interpolate import CubicSpline

import dualnet as dn

_rng = np.random.default_rng(21)
X = np.array([-1.0, -0.2, 0.5, 1.1, 2.0, 2.3])
Y, Y2 = _rng.standard_normal(6), _rng.standard_normal((6, 2))
UP = np.cumsum(np.abs(_rng.standard_normal(6)) + 0.1)
AT = np.array([[-0.9, 0.1, 0.63], [1.5, 2.21, 3.0]])


@pytest.fixture(autouse=True, scope="module")
def switch():
    with dn.enable_scipy("interpolate", "linalg"):
        yield


CUBIC = ["not-a-knot", "clamped", "natural", ((1, 0.5), (2, -0.3)), ("not-a-knot", "natural")]


@pytest.mark.parametrize("bc", CUBIC, ids=str)
@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_cubic_spline(n, bc, rng):
    wide = tuple(b if isinstance(b, str) else (b[0], np.full(2, b[1])) for b in bc) if isinstance(bc, tuple) else bc
    verify(lambda y: CubicSpline(X[:n], y, bc_type=bc)(AT), Y[:n], rng, second=False)
    verify(lambda y: CubicSpline(X[:n], y, bc_type=wide)(AT, 1), Y2[:n], rng, second=n == 6)
    verify(lambda x: CubicSpline(x, Y[:n], bc_type=bc)(0.3), X[:n], rng, h=0.01, second=n == 6)
    verify(CubicSpline(X[:n], Y2[:n], bc_type=wide), AT, rng, h=1e-3, tolerance=1e-7)


@pytest.mark.parametrize("n", [3, 4, 5, 6])
def test_periodic_cubic_spline(n, rng):
    f = lambda y: CubicSpline(X[:n], np.concatenate([y, y[:1]]), bc_type="periodic")(AT)
    verify(f, Y[:n - 1], rng)
    verify(f, Y2[:n - 1], rng, second=False)
    y = np.append(Y[:n - 1], Y[0])
    verify(lambda x: CubicSpline(x, y, bc_type="periodic")(AT), X[:n], rng, h=1e-3, second=False, tolerance=1e-7)


def test_conditions_carry_derivatives(rng):
    verify(lambda v: CubicSpline(X, Y, bc_type=((1, v[0]), (2, v[1])))(AT), np.array([0.3, -1.0]), rng)


@pytest.mark.parametrize("make", [si.CubicSpline, si.PchipInterpolator], ids=lambda c: c.__name__)
def test_axes_and_complex_data(make, rng):
    verify(lambda y: make(X, y, axis=1)(AT), Y2.T, rng, second=False)
    verify(lambda t: make(X, np.stack([Y2, Y2]), axis=1)(t), AT, rng, h=1e-3, second=False, tolerance=1e-7)
    if make is si.CubicSpline:
        verify(lambda y: make(X, y)(AT), Y + 1j * random_like(Y, rng), rng, second=False)


def test_points_outside(rng):
    spline = si.CubicSpline(X, Y)
    verify(lambda t: np.nan_to_num(spline(t, extrapolate=False)), AT, rng, h=1e-3, second=False, tolerance=1e-7)
    verify(lambda t: spline(t, extrapolate="periodic"), AT + 0.1, rng, h=1e-3, second=False, tolerance=1e-7)
    assert np.isnan(dn.jvp(lambda y: si.CubicSpline(X, y, extrapolate=False)(9.0), (Y,), (Y,))[0])


@pytest.mark.parametrize("y", [UP, Y, np.array([0.0, 3.0, 3.5, 3.6, 9.0, 2.0]), np.array([0.0, 0.1, 3.0, 2.9, 2.9, -4.0])],
                         ids=["up", "any", "a", "b"])
def test_pchip(y, rng):
    smooth = y + 0.01 * np.arange(6) ** 2
    verify(lambda y: si.PchipInterpolator(X, y)(AT), smooth, rng, h=1e-3, tolerance=1e-7)
    verify(lambda x: si.PchipInterpolator(x, smooth)(0.3), X, rng, h=1e-3, tolerance=1e-7)
    verify(si.PchipInterpolator(X, smooth), AT, rng, h=1e-3, tolerance=1e-7)
    verify(lambda y: si.PchipInterpolator(X[:2], y)(AT), y[:2], rng)
    verify(lambda y: si.PchipInterpolator(X[:3], y)(AT), smooth[:3], rng, h=1e-3, tolerance=1e-7)


def test_pchip_of_equal_neighbours_looks_ahead():
    y, at = np.array([0.0, 1.0, 1.0, 2.5, 2.5]), np.array([0.4, 1.5, 2.4, 3.3])
    f = lambda y: si.PchipInterpolator(np.arange(5.0), y)(at)
    for k in range(5):
        for sign in (1.0, -1.0):
            t = sign * np.eye(5)[k]
            values = [(f(y + h * t) - f(y)) / h for h in (1e-5, 5e-6)]
            close(dn.jvp(f, (y,), (t,))[1], 2 * values[1] - values[0], 1e-8)
    close(dn.jacobian(f, mode="forward")(y), dn.jacobian(f, mode="reverse")(y), 1e-13)


@pytest.mark.parametrize("kind", ["akima", "makima"])
def test_akima(kind, rng):
    at = np.array([-0.7, 0.1, 0.63, 1.5, 2.21])
    for n, y in ((6, Y), (6, Y2), (3, Y), (2, Y)):
        verify(lambda y, n=n: si.Akima1DInterpolator(X[:n], y, method=kind, extrapolate=True)(at), y[:n], rng, h=1e-3, tolerance=1e-7)
    verify(lambda x: si.Akima1DInterpolator(x, Y, method=kind)(at), X, rng, h=1e-3, tolerance=1e-7, second=False)
    flat = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 4.0])
    assert np.all(np.isfinite(dn.jvp(lambda y: si.Akima1DInterpolator(X, y, method=kind)(at), (flat,), (Y,))[1]))


def test_cubic_hermite_spline(rng):
    verify(lambda y: si.CubicHermiteSpline(X, y, y[::-1] ** 2)(AT), Y, rng)
    verify(lambda s: si.CubicHermiteSpline(X, Y2, s)(AT, 2), Y2, rng, second=False)


def test_ppoly(rng):
    c = _rng.standard_normal((3, 5))
    verify(lambda c: si.PPoly(c, X)(AT), c, rng)
    verify(lambda x: si.PPoly(c, x)(0.3), X, rng)
    verify(lambda t: si.PPoly(c, X)(t, 1), AT, rng, h=1e-3)


def test_integrals_and_derivatives_of_a_spline(rng):
    for extrapolate in (True, "periodic"):
        verify(lambda y, e=extrapolate: si.CubicSpline(X, y).integrate(-0.5, 5.7, e), Y, rng, second=False)
        verify(lambda t, e=extrapolate: si.CubicSpline(X, Y2).integrate(t[0], t[1], e), np.array([5.1, -0.4]), rng, h=1e-3, tolerance=1e-7)
    verify(lambda y: si.CubicSpline(X, y).derivative()(AT), Y2, rng, second=False)
    verify(lambda y: si.CubicSpline(X, y).derivative(5)(AT), Y2, rng, second=False)
    verify(lambda y: si.CubicSpline(X, y).antiderivative(2)(AT), Y, rng, second=False)
    verify(lambda x: si.CubicSpline(x, Y).integrate(0.0, 1.7), X, rng, h=1e-3, tolerance=1e-7)


def test_complex_step_through_the_data():
    y = Y + 1e-30j * Y[::-1]
    close(dn.jvp(lambda y: si.CubicSpline(X, y)(AT), (Y,), (Y[::-1],))[1], si.CubicSpline(X, y)(AT).imag / 1e-30, 1e-13)


def test_at_a_knot_the_piece_just_ahead():
    broken = si.PPoly(np.array([[1.0, -2.0, 3.0], [0.0, 1.0, -1.0]]), np.arange(4.0))
    for direction, slopes in ((1.0, [-2.0, 3.0]), (-1.0, [-1.0, 2.0])):
        close(dn.jvp(broken, (np.array([1.0, 2.0]),), (direction * np.ones(2),))[1], slopes, 0)
    close(np.diag(dn.jacobian(broken)(np.array([1.0, 2.0]))), [-2, 3], 0)
    jumping = si.PPoly(np.array([[1.0, -2.0]]), np.arange(3.0))  # a jump keeps SciPy's value on both sides
    assert dn.jvp(jumping, (np.array([1.0]),), (np.array([-1.0]),)) == (-2.0, 0.0)


def test_classes_stay_classes():
    class Mine(si.CubicSpline):
        def __init__(self, y):
            super().__init__(X, y)
            self.seen = True

    def f(y):
        spline = Mine(y)
        assert isinstance(spline, Mine) and isinstance(spline, si.CubicSpline) and isinstance(spline, si.PPoly) and spline.seen
        assert spline.x is X or np.array_equal(spline.x, X)
        return spline(0.3)

    close(dn.grad(f)(Y), dn.grad(lambda y: si.CubicSpline(X, y)(0.3))(Y), 1e-14)
    assert type(si.CubicSpline(X, Y)) is si.CubicSpline


def test_rows_of_classes_can_be_called_directly():
    row = dn.table.find(si.CubicSpline)
    assert row is dn.table["scipy.interpolate.CubicSpline"] and type(row(X, Y)) is si.CubicSpline
    close(dn.jvp(lambda y: row(X, y)(0.3), (Y,), (Y,))[1], si.CubicSpline(X, Y)(0.3), 1e-13)


@pytest.mark.parametrize(("call", "error", "text"), [
    (lambda y: si.CubicSpline(X[:5], y), ValueError, "CubicSpline"), (lambda y: si.CubicSpline(X[::-1], y), ValueError, "increase"),
    (lambda y: si.CubicSpline(X, y, bc_type="free"), ValueError, "free"),
    (lambda y: si.CubicSpline(X, y, bc_type="periodic"), ValueError, "identical"),
    (lambda y: si.CubicSpline(X, y).roots(), dn.DualnetError, "CubicSpline.roots"),
    (lambda y: si.CubicSpline(X, y)(0.3, -1), ValueError, "nu"),
    (lambda y: si.Akima1DInterpolator(X, y, method="best")(0.3), NotImplementedError, "best"),
    (lambda y: si.interp1d(X, y, "nearest")(0.3), dn.DualnetError, "nearest"),
    (lambda y: si.interp1d(X, y)(9.0), ValueError, "outside of the interpolation range"),
    (lambda y: si.BarycentricInterpolator(X, Y)(y), dn.DualnetError, "Barycentric"),
    (lambda y: si.CubicSpline(X, y * np.nan), ValueError, "finite"),
])
def test_what_cannot_be_done_is_named(call, error, text):
    with pytest.raises(error, match=text):
        dn.jvp(call, (Y,), (Y,))


@pytest.mark.parametrize("kind", ["linear", "slinear", "quadratic", "cubic", 2])
@pytest.mark.parametrize("axis", [0, -1])
def test_interp1d(kind, axis, rng):
    at, data = 0.6 * AT, Y2 if axis == 0 else Y2.T  # inside the range
    curve = si.interp1d(X, data, kind, axis)
    verify(lambda y: si.interp1d(X, y, kind, axis)(at), data, rng)
    verify(curve, at, rng, tolerance=1e-7, h=1e-3, second=kind != "linear")
    verify(lambda x: si.interp1d(x, data, kind, axis)(at), X, rng, tolerance=1e-7, h=1e-3, second=False)
    turned = [3, 1, 0, 5, 4, 2]
    close(dn.jvp(lambda y: si.interp1d(X[turned], np.take(y, turned, axis), kind, axis)(at), (data,), (data,))[1], curve(at), 1e-13)
    assert isinstance(curve, si.interp1d) and type(curve) is si.interp1d


def test_interp1d_outside_of_its_range():
    beyond = np.array([-2.0, 0.3, 4.0])
    for fill in (np.nan, 7.0, (1.0, 2.0), "extrapolate"):
        f = lambda y, x=beyond, fill=fill: si.interp1d(X, y, bounds_error=False, fill_value=fill)(x)
        y, dy = dn.jvp(f, (Y,), (Y,))
        np.testing.assert_allclose(y, f(Y), rtol=1e-13)
        np.testing.assert_allclose(dy, f(Y) if fill == "extrapolate" else [0.0, f(Y)[1], 0.0], rtol=1e-13)
    slopes = dn.jvp(lambda x: si.interp1d([0.0, 1.0, 2.0], [0.0, 1.0, 0.0])(x), (np.array([1.0, 1.0]),), (np.array([1.0, -1.0]),))[1]
    np.testing.assert_array_equal(slopes, [-1.0, -1.0])  # at a knot the piece just ahead


def test_second_order_of_points_and_data_together(rng):
    def f(z):
        return si.CubicSpline(X, z[:6])(z[6:])

    z = np.append(Y, [0.1, 1.3])
    close(dn.jvp(f, (z,), (z,))[1], along(f, z, z, 1e-3), 1e-7)
    check_second(f, z, rng, 1e-6, 1e-3)

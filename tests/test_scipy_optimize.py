"""Rows of scipy.optimize: derivatives of roots and minima against closed forms and differences, in both modes and twice."""

import numpy as np
import pytest
import scipy.optimize as so
from differences import along, close

import dualnet as dn
from dualnet.table.row import primal


@pytest.fixture(autouse=True, scope="module")
def switch():
    with dn.enable_scipy("optimize"):
        yield


def cubic(x, a):
    return x**3 + a * x - 2


ROOTS = {
    "brentq": lambda a: so.brentq(cubic, 0.0, 2.0, args=(a,)), "brentq, closure": lambda a: so.brentq(lambda x: cubic(x, a), 0.0, 2.0),
    "brenth": lambda a: so.brenth(cubic, 0.0, 2.0, a), "bisect": lambda a: so.bisect(cubic, 0.0, 2.0, (a,), full_output=True)[0],
    "ridder": lambda a: so.ridder(cubic, 0.0, 2.0, (a,)),
    "toms748": lambda a: so.toms748(cubic, 0.0, 2.0, (a,)),
    "newton": lambda a: so.newton(cubic, 1.0, args=(a,)), "newton, keywords": lambda a: so.newton(func=cubic, x0=1.0, args=(a,)),
    "brentq, keywords": lambda a: so.brentq(f=lambda x: cubic(x, a), a=0.0, b=2.0),
    "root, keywords": lambda a: so.root(fun=lambda x: cubic(x, a), x0=[1.0], tol=1e-13).x[0],
    "newton, slope": lambda a: so.newton(cubic, 1.0, lambda x, a: 3 * x * x + a, (a,)),
    "root_scalar": lambda a: so.root_scalar(cubic, (a,), bracket=[0.0, 2.0]).root, "fsolve": lambda a: so.fsolve(cubic, 1.0, args=(a,))[0],
    "root": lambda a: so.root(lambda x: cubic(x, a), [1.0], tol=1e-13).x[0],
    "fixed_point": lambda a: so.fixed_point(lambda x, a: np.cbrt(2 - a * x), 1.0, (a,), xtol=1e-13),
}


@pytest.mark.parametrize("name", ROOTS)
def test_roots(name):
    f, a = ROOTS[name], 0.7
    x = f(a)
    assert isinstance(x, float | np.ndarray) and abs(cubic(x, a)) < 1e-11
    q = 3 * x * x + a
    first = -x / q
    second = -(6 * x * first**2 + 2 * first) / q
    third = -(6 * first**3 + 18 * x * first * second + 3 * second) / q
    y, dy = dn.jvp(f, (a,), (1.0,))
    assert y == x
    close(dy, first, 1e-9)
    close(dn.grad(f, mode="reverse")(a), first, 1e-9)
    d = lambda g: lambda a: dn.jvp(g, (a,), (1.0,))[1]
    close(d(d(f))(a), second, 1e-9)
    close(d(d(d(f)))(a), third, 1e-8)
    close(d(dn.grad(f, mode="reverse"))(a), second, 1e-9)
    close(dn.taylor(f, a, order=3), [x, first, second, third], 1e-8)


def test_systems():
    A = np.array([[3.0, 1.0], [0.5, 2.0]])
    f = lambda b: so.root(lambda x: A @ x + 0.1 * x**3 - b, np.ones(2), tol=1e-13).x
    b, t = np.array([1.0, 2.0]), np.array([0.3, -1.0])
    x = f(b)
    close(dn.jacobian(f)(b), np.linalg.inv(A + np.diag(0.3 * x**2)), 1e-9)
    close(dn.jacobian(f, mode="reverse")(b), np.linalg.inv(A + np.diag(0.3 * x**2)), 1e-9)
    close(dn.jvp(lambda b: dn.jvp(f, (b,), (t,))[1], (b,), (t,))[1], along(lambda b: dn.jvp(f, (b,), (t,))[1], b, t), 1e-7)
    close(dn.jacobian(lambda b: so.newton(lambda x: x * x - b, np.ones(2)))(b), np.diag(0.5 / np.sqrt(b)), 1e-9)


def test_roots_of_functions_that_return_their_slopes_too():
    A = np.array([[3.0, 1.0], [0.5, 2.0]])
    f = lambda b: so.root(lambda x: (A @ x + 0.1 * x**3 - b, A + np.diag(0.3 * x**2)), np.ones(2), jac=True, tol=1e-13).x
    b = np.array([1.0, 2.0])
    close(dn.jacobian(f)(b), np.linalg.inv(A + np.diag(0.3 * f(b) ** 2)), 1e-9)
    newton = lambda a: so.root_scalar(lambda x: (x**3 - a, 3 * x * x), x0=1.0, fprime=True).root
    halley = lambda a: so.root_scalar(lambda x, a: (x**3 - a, 3 * x * x, 6 * x), args=(a,), x0=1.0, fprime=True, fprime2=True).root
    for root in (newton, halley):
        close(dn.derivative(root)(2.0), 2 ** (-2 / 3) / 3, 1e-12)
        close(dn.hessian(root)(2.0), -2 / 9 * 2 ** (-5 / 3), 1e-10)


def test_minima():
    target = np.array([0.4, -0.3])
    f = lambda t: so.minimize(lambda x, t: np.sum(np.cosh(x - t) + 0.1 * x**4), np.zeros(2), args=(t,), method="BFGS", tol=1e-10).x
    x = f(target)
    expected = np.diag(np.cosh(x - target) / (np.cosh(x - target) + 1.2 * x**2))
    for mode in ("forward", "reverse"):
        close(dn.jacobian(f, mode=mode)(target), expected, 1e-7)
    g = lambda a: so.minimize(lambda x: np.sum((x - a) ** 2) + a * x[0], np.zeros(2), jac=lambda x: 2 * (x - a) + np.array([a, 0.0]))
    close(dn.jvp(lambda a: g(a).x, (1.0,), (1.0,))[1], [0.5, 1.0], 1e-9)
    close(dn.jvp(lambda a: g(a).fun, (1.0,), (1.0,))[1], 1.5, 1e-9)  # at x = (a/2, a) it is 3/4 a^2
    both = lambda a: so.minimize(lambda x: (np.sum((x - a) ** 2), 2 * (x - a)), np.zeros(2), jac=True).x
    close(dn.jvp(both, (1.0,), (1.0,))[1], [1.0, 1.0], 1e-9)
    h = lambda a: so.minimize_scalar(lambda x: (x - a) ** 2 + 0.25 * x**4).x
    x = h(1.0)
    close(dn.derivative(h)(1.0), 2 / (2 + 3 * x * x), 1e-7)


def test_a_fit_without_a_first_guess_counts_the_parameters_of_the_model():
    t = np.linspace(0.0, 1.0, 8)
    slope = lambda y: so.curve_fit(lambda t, a, b: a * t + b, t, y)[0][0]
    close(dn.grad(slope)(t**2), (t - t.mean()) / np.sum((t - t.mean()) ** 2), 1e-6)


def test_fits_by_their_data():
    t = np.linspace(0.0, 2.0, 12)
    y = 2.0 * np.exp(-0.8 * t) + 0.1 * np.cos(7 * t)
    model = lambda t, a, b: a * np.exp(-b * t)

    def parameters(y):
        return so.curve_fit(model, t, y, p0=[1.0, 1.0], ftol=1e-14, xtol=1e-14)[0]

    def covariance(y):
        return so.curve_fit(model, t, y, p0=[1.0, 1.0], sigma=1 + t, ftol=1e-14, xtol=1e-14)[1]

    def squares(y):
        return so.least_squares(lambda p: model(t, *p) - y, [1.0, 1.0], jac=lambda p: np.stack(
            [np.exp(-p[1] * t), -p[0] * t * np.exp(-p[1] * t)], 1), xtol=1e-15, ftol=1e-15, gtol=1e-15)

    v = np.cos(t)
    for f in (parameters, covariance, lambda y: squares(y).x, lambda y: squares(y).cost, lambda y: squares(y).fun):
        close(dn.jvp(f, (y,), (v,))[1], along(f, y, v, 0.02, 4), 1e-5)
    close(dn.jacobian(parameters, mode="reverse")(y), dn.jacobian(parameters, mode="forward")(y), 1e-12)


def test_plain_calls_and_guesses(capfd):
    """Inside a transformation too: what does not carry a derivative is SciPy's, and nothing is printed by its C code."""
    outside = so.brentq(lambda x: x**3 - 2, 0.0, 2.0)

    def f(a):
        assert so.brentq(lambda x: x**3 - 2, 0.0, 2.0) == outside
        return so.fsolve(lambda x: x**2 - a, 1.0)[0]

    close(dn.derivative(f)(4.0), 0.25, 1e-9)
    assert capfd.readouterr().err == ""
    assert so.brentq(cubic, 0.0, 2.0, (0.7,)) == dn.table["scipy.optimize.brentq"](cubic, 0.0, 2.0, (0.7,))
    close(dn.derivative(lambda a: so.newton(lambda x: x * x - 4.0, a))(3.0), 0.0, 0)


def pulled(x, a):
    """A smooth function whose free minimum is at a, its variables tied to each other."""
    return np.sum((x - a) ** 2) + 0.25 * np.sum((x[1:] - x[:-1]) ** 4) + 0.1 * np.sum(x[1:] * x[:-1])


LIMITS = [(0.5, None), (-1.0, 1.0), (None, 0.7), (None, None)]


@pytest.mark.parametrize("method", ["L-BFGS-B", "SLSQP", "TNC"])
@pytest.mark.parametrize("bounds", [LIMITS, so.Bounds([0.5, -1, -np.inf, -np.inf], [np.inf, 1, 0.7, np.inf])], ids=["pairs", "Bounds"])
def test_a_minimum_between_bounds_moves_along_those_that_hold_it(method, bounds, rng):
    a, v = np.array([0.1, 0.2, 1.4, -0.6]), np.array([1.0, -0.5, 0.3, 0.8])
    tight = {"L-BFGS-B": {"ftol": 1e-15, "gtol": 1e-10}, "SLSQP": {"ftol": 1e-16, "maxiter": 500},
             "TNC": {"ftol": 1e-16, "gtol": 1e-10, "xtol": 1e-12}}[method]

    def f(a):
        return so.minimize(pulled, np.zeros(4) + 0.6, (a,), method, bounds=bounds, jac=lambda x, a: dn.grad(pulled)(x, primal(a)),
                           options=tight).x

    y, dy = dn.jvp(f, (a,), (v,))
    assert y[0] == 0.5 and y[2] == 0.7 and dy[0] == dy[2] == 0
    step = 1e-4
    close(dy, (f(a + step * v) - f(a - step * v)) / (2 * step), 1e-5)
    close(dn.jacobian(f, mode="reverse")(a), dn.jacobian(f, mode="forward")(a), 1e-10)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_what_a_function_returns_may_have_another_shape_than_its_argument(mode):
    by = lambda f: dn.jacobian(f, mode=mode)(4.0)
    close(by(lambda a: so.fsolve(lambda x: x[0] ** 2 - a, 1.0)), np.array([0.25]), 1e-12)
    close(by(lambda a: so.root(lambda x: x[0] ** 2 - a, [1.0]).x), np.array([0.25]), 1e-12)
    close(by(lambda a: so.curve_fit(lambda t, p: p * t, [0.0, 1.0, 2.0], [0.0, a * a, 2 * a * a])[0]), np.array([8.0]), 1e-9)


@pytest.mark.parametrize("bounds", [[(-9, None)], so.Bounds(-9.0, 9.0)], ids=["pairs", "Bounds"])
def test_a_minimum_away_from_its_bounds_moves_as_without_them(bounds):
    f = lambda a: so.minimize(lambda x: np.sum((x - a * a) ** 2), np.array([0.3]), bounds=bounds, tol=1e-12).x[0]
    close(dn.derivative(f)(1.5), 3.0, 1e-8)


def test_a_bound_that_carries_a_derivative_takes_the_minimum_along():
    f = lambda b: so.minimize(lambda x: (x[0] - 3) ** 2 + (x[1] - x[0]) ** 2, [0.0, 0.0], bounds=[(None, b), (None, None)], tol=1e-12)
    for mode in ("forward", "reverse"):
        close(dn.jacobian(lambda b: f(b).x, mode=mode)(2.0), np.array([1.0, 1.0]), 1e-6)
        close(dn.grad(lambda b: f(b).fun, mode=mode)(2.0), -2.0, 1e-6)
    close(dn.derivative(dn.derivative(lambda b: f(b).fun))(2.0), 2.0, 1e-6)


@pytest.mark.parametrize(("call", "text"), [
    (lambda a: so.minimize(lambda x: (x - a) ** 2, 0.0, bounds=[(0, 1)]).x, "on the bound 1 of variable 0"),
    (lambda a: so.minimize_scalar(lambda x: (x - a) ** 2, bounds=(0, 1)).x, "bounds"),
    (lambda a: so.least_squares(lambda x: x - a, [0.0], loss="huber").x, "loss"),
    (lambda a: so.minimize(lambda x: np.cosh(x[0] - a), [9.0], options={"maxiter": 1}).x, "stopped at"),
    (lambda a: so.root(lambda x: x * x + a, [1.0]).x, "stopped at"),
    (lambda a: so.curve_fit(lambda t, p: p * t, np.arange(3.0), a * np.arange(3.0), sigma=np.eye(3))[0], "sigma='a matrix'"),
    (lambda a: so.linprog([a], A_ub=[[1.0]], b_ub=[1.0]).x, "scipy.optimize"),
])
def test_what_cannot_be_done_is_named(call, text):
    with pytest.raises(dn.DualnetError, match=text):
        dn.jvp(call, (1.0,), (1.0,))

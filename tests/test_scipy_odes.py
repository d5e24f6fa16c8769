"""Initial value problems: sensitivities against closed forms and against differences of SciPy's tight solutions."""

import numpy as np
import pytest
import scipy.integrate as sg
from differences import along, close
from scipy.linalg import expm, expm_frechet

import dualnet as dn

TIGHT = {"rtol": 1e-10, "atol": 1e-12}
A = np.array([[-0.5, 1.0], [-1.2, -0.1]])


@pytest.fixture(autouse=True, scope="module")
def switch():
    with dn.enable_scipy("integrate"):
        yield


def predator(t, y, p):
    return np.stack([p[0] * y[0] - p[1] * y[0] * y[1], p[2] * y[0] * y[1] - p[3] * y[1]])


P, Y0 = np.array([1.1, 0.4, 0.1, 0.4]), np.array([10.0, 5.0])
TIMES = np.array([0.0, 0.7, 1.9, 3.0])


def test_decay_in_closed_form():
    f = lambda a: sg.solve_ivp(lambda t, y: -a * y, (0.0, 2.0), [1.0], t_eval=[0.0, 1.0, 2.0], **TIGHT).y[0]
    e = np.exp(-0.7 * np.arange(3))
    y, dy = dn.jvp(f, (0.7,), (1.0,))
    close([y, dy], [e, -np.arange(3) * e], 1e-9)
    second = dn.jvp(lambda a: dn.jvp(f, (a,), (1.0,))[1], (0.7,), (1.0,))[1]
    close(second, np.arange(3) ** 2 * e, 1e-9)
    close(dn.taylor(f, 0.7, order=2), [e, -np.arange(3) * e, np.arange(3) ** 2 * e], 1e-9)
    close(dn.jacobian(f, mode="reverse")(0.7), dy, 1e-9)


def test_linear_systems_against_the_frechet_derivative(rng):
    f = lambda a: sg.solve_ivp(lambda t, y, a: a @ y, (0.0, 1.5), Y0, args=(a,), **TIGHT).y[:, -1]
    t = rng.standard_normal((2, 2))
    close(dn.jvp(f, (A,), (t,))[1], expm_frechet(1.5 * A, 1.5 * t)[1] @ Y0, 1e-8)
    close(dn.jacobian(lambda y: sg.solve_ivp(lambda t, y: A @ y, (0.0, -1.5), y, **TIGHT).y[:, -1])(Y0), expm(-1.5 * A), 1e-8)


def test_sensitivities_of_a_model(rng):
    f = lambda p: sg.solve_ivp(predator, (0.0, 3.0), Y0, "DOP853", TIMES, args=(p,), rtol=1e-8, atol=1e-10).y
    v = rng.standard_normal(4)
    y, dy = dn.jvp(f, (P,), (v,))
    close(y, f(P), 1e-7)
    close(dy, along(f, P, v, 0.02, 4), 1e-5)
    g = rng.standard_normal(y.shape)
    pulled = dn.vjp(f, P)[1](g)[0]
    assert abs(pulled @ v - np.sum(g * dy)) <= 1e-6 * np.linalg.norm(dy) * np.linalg.norm(g)
    close(dn.jacobian(f)(P) @ v, dy, 1e-6)


def test_odeint(rng):
    f = lambda y, p: sg.odeint(lambda y, t: predator(t, y, p), y, TIMES, rtol=1e-10, atol=1e-12)
    v, w = rng.standard_normal(2), rng.standard_normal(4)
    y, dy = dn.jvp(f, (Y0, P), (v, w))
    close(y, f(Y0, P), 1e-7)
    close(dy, along(lambda z: f(z[:2], z[2:]), np.append(Y0, P), np.append(v, w), 0.02, 4), 1e-5)
    assert sg.odeint(predator, Y0, TIMES, args=(P,), tfirst=True).shape == dn.jvp(
        lambda p: sg.odeint(predator, Y0, TIMES, args=(p,), tfirst=True), (P,), (P,))[0].shape


def test_tolerances_hold_for_the_derivative_too():
    """At rtol = 1e-6 a derivative that is 1000 times as rough as the value is right to about as many digits."""
    f = lambda a: sg.solve_ivp(lambda t, y: np.stack([-y[0] + 1e-6 * np.sin(a * t)]), (0.0, 3.0), [1.0], rtol=1e-6, atol=1e-12).y[0, -1]
    a = 40.0
    dy = dn.jvp(f, (a,), (1.0,))[1]
    s = np.linspace(0.0, 3.0, 200001)
    assert dy == pytest.approx(1e-6 * np.trapezoid(np.exp(s - 3) * s * np.cos(a * s), s), rel=1e-3)


@pytest.mark.parametrize(("call", "error", "text"), [
    (lambda a: sg.solve_ivp(lambda t, y: 1j * a * y, (0, 1), [1.0 + 0j], method="BDF").y, dn.DualnetError, "BDF of complex"),
    (lambda a: sg.solve_ivp(lambda t, y: -a * y, (0, 1), [1.0], method="LSODA", min_step=0.1).y, dn.DualnetError, "min_step=0.1"),
    (lambda a: sg.solve_ivp(lambda t, y: -a * y, (0, 0), [1.0], dense_output=True).sol(0.0), dn.DualnetError, "dense_output"),
    (lambda a: sg.solve_ivp(lambda t, y: -a * y, (0, 1), [1.0], t_eval=[0.0, 2.0]).y, ValueError, "t_eval"),
    (lambda a: sg.solve_ivp(lambda t, y: -a * y, (0, 1), a).y, ValueError, "y0"),
    (lambda a: sg.odeint(lambda y, t: -a * y, [1.0], [0.0, 1.0], full_output=1), dn.DualnetError, "full_output"),
])
def test_what_cannot_be_done_is_named(call, error, text):
    with pytest.raises(error, match=text):
        dn.jvp(call, (1.0,), (1.0,))


def test_a_solution_that_ends_says_so():
    def f(a):
        out = sg.solve_ivp(lambda t, y: a * y * y, (0.0, 2.0), [1.0])
        assert out.status == -1 and not out.success
        return out.y[0, 0]

    dn.jvp(f, (1.0,), (1.0,))

"""Stiff initial value problems: the Rosenbrock method itself, and sensitivities against closed forms and tight differences."""

import functools

import mpmath as mp
import numpy as np
import pytest
import scipy.integrate as sg
from differences import close
from scipy.linalg import expm, expm_frechet

import dualnet as dn
from dualnet.steps import Explicit, Implicit

STIFF = ["BDF", "LSODA"]  # in dualnet "Radau" is "BDF"


@pytest.fixture(autouse=True, scope="module")
def switch():
    with dn.enable_scipy("integrate"):
        yield


def bent(t, y):
    return np.stack([-50 * (y[0] - np.cos(t)) + y[1] * y[0], -y[1] * y[1] + np.sin(3 * t) * y[0]])


@pytest.mark.parametrize("method", [Explicit, Implicit])
def test_steps_are_of_fifth_order_and_know_their_error_to_the_fourth(method):
    tight = sg.solve_ivp(bent, (0.0, 1.0), [0.0, 1.0], "DOP853", rtol=1e-13, atol=1e-14).y[:, -1]
    errors, estimates = [], []
    for n in (80, 160, 320):
        y, worst = np.array([0.0, 1.0]), 0.0
        for k in range(n):
            y, estimate, _ = method.step(bent, k / n, y, 1 / n, method.begin(bent, k / n, y))
            worst = max(worst, np.max(np.abs(estimate)))
        errors.append(np.max(np.abs(y - tight))), estimates.append(worst)
    orders = -np.diff(np.log2(errors))
    assert np.all((orders > 4.7) & (orders < 5.6)), orders
    assert np.all(-np.diff(np.log2(estimates)) > 4.2)


def chain(k, t):
    """The second of two decays one after the other, k[0] and then k[1]."""
    return k[0] / (k[1] - k[0]) * (mp.exp(-k[0] * t) - mp.exp(-k[1] * t))


@pytest.mark.parametrize("method", STIFF)
def test_a_fast_and_a_slow_decay_in_closed_form(method):
    rates, t = np.array([2e4, 1.5]), 0.8
    f = lambda k: sg.solve_ivp(lambda t, y: np.stack([-k[0] * y[0], k[0] * y[0] - k[1] * y[1]]), (0.0, t), [1.0, 0.0], method,
                               rtol=1e-4, atol=1e-7).y[1, -1]
    exact = lambda orders: float(mp.diff(lambda *k: chain(k, mp.mpf(t)), tuple(rates), orders))
    scales = rates / chain(rates, t)  # of relative changes
    slope = np.array([exact((1, 0)), exact((0, 1))]) * scales
    for mode in ("forward", "reverse"):
        close(dn.grad(f, mode=mode)(rates) * scales, slope, 1e-4)
    second = np.array([[exact((2, 0)), exact((1, 1))], [exact((1, 1)), exact((0, 2))]])
    close(dn.hvp(f, (rates,), (rates,)) * scales, second @ rates * scales, 1e-3)


@pytest.mark.parametrize("method", STIFF)
def test_linear_systems_against_the_frechet_derivative(method, rng):
    q = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    a, y0, t = q @ np.diag([-3e3, -40.0, -0.5]) @ q.T, rng.standard_normal(3), rng.standard_normal((3, 3))
    expected = expm_frechet(0.5 * a, 0.5 * t)[1] @ y0
    f = lambda a: sg.solve_ivp(lambda t, y, a: a @ y, (0.0, 0.5), y0, method, args=(a,), rtol=1e-7, atol=1e-9).y[:, -1]
    y, dy = dn.jvp(f, (a,), (t,))
    close(np.append(y, dy), np.append(expm(0.5 * a) @ y0, expected), 1e-6)
    close(np.tensordot(dn.jacobian(f, mode="reverse")(a), t, 2), dy, 1e-9)
    close(dn.jvp(lambda a: sg.odeint(lambda y, t: a @ y, y0, [0.0, 0.5])[1], (a,), (t,))[1], expected, 1e-6)


def robertson(t, y, p):
    slow, back, fast = p[0] * y[0], p[1] * y[1] * y[2], p[2] * y[1] * y[1]
    return np.stack([back - slow, slow - back - fast, fast])


def test_robertsons_problem_against_differences_of_tight_solutions():
    p, times = np.array([0.04, 1e4, 3e7]), [0.4, 40.0]
    f = lambda p, method, tol: sg.solve_ivp(robertson, (0.0, 40.0), [1.0, 0.0, 0.0], method, times, args=(p,), rtol=tol, atol=1e-6 * tol).y
    central = lambda e, h: (f(p * (1 + h * e), "LSODA", 1e-11) - f(p * (1 - h * e), "LSODA", 1e-11)) / (2 * h)
    truth = np.stack([(4 * central(e, 1e-3) - central(e, 2e-3)) / 3 for e in np.eye(3)], -1)
    size = np.max(np.abs(truth), axis=(1, 2), keepdims=True)  # the second substance is scarce
    for mode in ("forward", "reverse"):
        for rows in [dn.jacobian(functools.partial(f, method=m, tol=1e-4), mode=mode)(p) for m in ("Radau", "LSODA")]:
            assert np.max(np.abs(rows * p - truth) / size) < 1e-3


@pytest.mark.parametrize("stiff", [1e2, 1e6])
def test_the_slope_at_the_end_is_exact_however_stiff(stiff):
    """Prothero and Robinson's problem: the right side at the solution found would be off by `stiff` times its error."""
    f = lambda t: sg.solve_ivp(lambda s, y: -stiff * (y - np.cos(s)) - np.sin(s), (0.0, t), [1.0], "Radau", rtol=1e-6, atol=1e-9).y[0, -1]
    close([dn.derivative(f)(2.0), dn.derivative(dn.derivative(f))(2.0)], [-np.sin(2.0), -np.cos(2.0)], 1e-6)


def test_lsoda_changes_to_the_implicit_method_where_steps_have_to_be_short():
    counts = {}

    def count(name, rate, method):
        def f(a):
            out = sg.solve_ivp(lambda t, y: -a * (y - np.cos(t)), (0.0, 10.0), [0.0], method, rtol=1e-6)
            counts[name] = out.nfev, out.njev, out.nlu
            return out.y[0, -1]
        return dn.derivative(f)(rate)

    close(count("stiff", 1e5, "LSODA"), count("implicit", 1e5, "BDF"), 1e-9)
    close(count("smooth", 1.0, "LSODA"), count("explicit", 1.0, "RK45"), 0)
    assert counts["smooth"] == counts["explicit"] and counts["smooth"][1:] == (0, 0)
    assert counts["stiff"][1] > 0 and counts["stiff"][0] < 1500, counts


def test_the_heat_equation():
    """Its first mode decays by a rate that is known."""
    n = 40

    def f(k):
        rest = lambda u: np.concatenate([u[1:2] - 2 * u[:1], u[2:] - 2 * u[1:-1] + u[:-2], u[-2:-1] - 2 * u[-1:]])
        start = np.sin(np.pi * np.arange(1, n + 1) / (n + 1))
        return sg.solve_ivp(lambda t, u: k * n * n * rest(u), (0.0, 0.1), start, "BDF", rtol=1e-6, atol=1e-9).y[:, -1]

    y, dy = dn.jvp(f, (1.0,), (1.0,))
    close(dy / y, np.full(n, -0.4 * n * n * np.sin(np.pi / 2 / (n + 1)) ** 2), 1e-6)


@pytest.mark.parametrize("method", ["Radau", "LSODA"])
def test_events_of_a_stiff_problem(method):
    """y' = -k (y - t) falls steeply through a half, turns, and rises through it again."""
    def f(k):
        out = sg.solve_ivp(lambda t, y: -k * (y - t), (0.0, 1.0), [1.0], method, events=lambda t, y: y[0] - 0.5, rtol=1e-8, atol=1e-10)
        return out.t_events[0]

    k = 1e3
    exact = lambda k, start: mp.findroot(lambda t: t - 1 / k + (1 + 1 / k) * mp.exp(-k * t) - 0.5, start)
    for t, slope, start in zip(*dn.jvp(f, (k,), (k,)), ((6.9e-4, 7e-4), (0.5, 0.51))):
        assert t == pytest.approx(float(exact(k, start)), rel=1e-7)
        assert slope == pytest.approx(k * float(mp.diff(lambda k, s=start: exact(k, s), k)), rel=1e-6)


def test_a_jacobian_that_is_given_is_not_needed():
    f = lambda a: sg.solve_ivp(lambda t, y: -a * y, (0.0, 1.0), [1.0], "BDF", jac=lambda t, y: np.array([[-a]]), rtol=1e-8, atol=1e-10)
    close(dn.derivative(lambda a: f(a).y[0, -1])(30.0), -np.exp(-30.0), 1e-9)

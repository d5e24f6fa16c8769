"""Times of initial value problems that carry derivatives: ends, times that are wanted, events, and the solution in between."""

import mpmath as mp
import numpy as np
import pytest
import scipy.integrate as sg
import scipy.optimize
from differences import close
from hypothesis import given, settings
from hypothesis import strategies as st

import dualnet as dn

TIGHT = {"rtol": 1e-10, "atol": 1e-12}
METHODS = ["RK45", "Radau"]  # one for each kind of step


@pytest.fixture(autouse=True, scope="module")
def switch():
    with dn.enable_scipy("integrate"):
        yield


def event(g, terminal=False, direction=0):
    g.terminal, g.direction = terminal, direction
    return g


def partial(f, p, *by):
    """A partial derivative of a function of numbers, by the arguments at these places, in mpmath."""
    return float(mp.diff(f, tuple(map(mp.mpf, p)), tuple(by.count(k) for k in range(len(p)))))


@pytest.mark.parametrize("method", METHODS)
def test_ends_and_wanted_times_in_closed_form(method):
    """y' = t y from y = 1 at the time s is exp((t^2 - s^2)/2)."""
    times = np.array([0.5, 2.0, 0.5, 1.0, 1.7])
    f = lambda t: sg.solve_ivp(lambda t, y: t * y, (t[0], t[1]), [1.0], method, t[2:], rtol=1e-7, atol=1e-9).y[0]
    e = np.exp((times[2:] ** 2 - times[0] ** 2) / 2)
    expected = np.concatenate([-times[0] * e[:, None], 0 * e[:, None], np.diag(times[2:] * e)], 1)
    for mode in ("forward", "reverse"):
        close(dn.jacobian(f, mode=mode)(times), expected, 1e-6)
    assert np.count_nonzero(dn.jacobian(f)(times)[:, 1:]) == 3  # what comes later does not depend on a time that was read
    g = lambda s, t: sg.solve_ivp(lambda t, y: t * y, (s, t), [1.0], method, rtol=1e-5, atol=1e-7).y[0, -1]
    second = dn.jacobian(dn.grad(g, (0, 1)), (0, 1))(0.5, 2.0)
    close(second, np.exp(1.875) * np.array([[0.5**2 - 1, -0.5 * 2], [-0.5 * 2, 2**2 + 1]]), 1e-3)


def test_without_wanted_times_the_ends_carry_and_the_steps_between_do_not():
    f = lambda s, t: sg.solve_ivp(lambda t, y: -y, (s, t), [1.0], **TIGHT).t
    rows = np.stack(dn.jacobian(f, (0, 1))(0.0, 2.0))
    assert rows[0, 0] == 1 and rows[1, -1] == 1 and np.count_nonzero(rows) == 2


@pytest.mark.parametrize("stiff", [0.0, 1e4])
def test_odeint_by_its_times(stiff):
    """Also at a time that is there twice; the second equation makes the method change."""
    t = np.array([0.5, 1.0, 1.0, 1.7])
    e = np.exp((t**2 - 0.25) / 2)
    f = lambda t: sg.odeint(lambda y, t: [t * y[0], stiff * (np.cos(t) - y[1])], [1.0, 1.0], t)[:, 0]
    close(f(t), e, 1e-6)
    close(dn.jacobian(f)(t), np.diag(t * e) - 0.5 * e[:, None] * np.array([1, 0, 0, 0]), 1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_a_solution_of_mpmath_that_has_no_closed_form(method):
    """y' = a t - y^2 and its sensitivity by a, at 20 digits."""
    a, t = 1.3, 1.5
    with mp.workdps(20):
        y, slope = mp.odefun(lambda t, v: [a * t - v[0] ** 2, t - 2 * v[0] * v[1]], 0, [mp.mpf(1), mp.mpf(0)])(t)
    f = lambda a, t: sg.solve_ivp(lambda t, y: a * t - y * y, (0.0, t), [1.0], method, dense_output=True, rtol=1e-8, atol=1e-10).sol(t)[0]
    close(dn.grad(f, (0, 1))(a, t), [float(slope), float(a * t - y**2)], 1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_the_solution_between_the_steps_is_the_logistic_curve(method):
    def f(r, t):
        out = sg.solve_ivp(lambda t, y: r * y * (1 - y), (-1.0, 3.0), [0.1], method, dense_output=True, rtol=1e-8, atol=1e-10)
        assert isinstance(out.sol, sg.OdeSolution) and out.sol.t_max == 3.0 and out.sol(-1.0).shape == (1,)
        return np.append(out.sol(t)[0], out.sol(t[1])[0])

    curve = lambda r, t: 1 / (1 + 9 * np.exp(-r * (t + 1)))
    r, t = 1.5, np.array([2.2, -0.35, 0.0, 1.9])  # in any order
    close(f(r, t), curve(r, t[[0, 1, 2, 3, 1]]), 1e-6)
    rows = dn.jacobian(f, (0, 1))(r, t)
    y = curve(r, t)
    close(rows[0], ((t + 1) * y * (1 - y))[[0, 1, 2, 3, 1]], 1e-6)
    close(rows[1], np.diag(r * y * (1 - y))[[0, 1, 2, 3, 1]], 1e-6)
    close(dn.jacobian(f, (0, 1), mode="reverse")(r, t)[1], rows[1], 1e-9)


@pytest.mark.parametrize("method", ["RK45", "BDF", "LSODA"])
def test_a_ball_falls_to_the_ground_when_it_should(method):
    """From the height p[0] upwards with p[1], at the gravity p[2]; it lands with the speed that its energy gives."""
    def f(p):
        hit = event(lambda t, y, p: y[0], True, -1)
        out = sg.solve_ivp(lambda t, y, p: np.stack([y[1], -p[2]]), (0.0, 100.0), p[:2], method, events=hit, args=(p,), **TIGHT)
        assert out.status == 1 and out.success and out.t_events[0].shape == (1,) and out.y_events[0].shape == (1, 2)
        return np.stack([out.t_events[0][0], out.t[-1], out.y_events[0][0, 1], out.y[1, -1]])

    p = np.array([1.0, 2.0, 9.81])
    speed = lambda h, v, g: -mp.sqrt(v**2 + 2 * h * g)
    time = lambda h, v, g: (v - speed(h, v, g)) / g
    exact = [time, time, speed, speed]
    close(f(p), [float(e(*p)) for e in exact], 1e-10)
    for mode in ("forward", "reverse"):
        close(dn.jacobian(f, mode=mode)(p), [[partial(e, p, k) for k in range(3)] for e in exact], 1e-9)
    close(dn.hessian(lambda p: f(p)[0])(p), [[partial(time, p, j, k) for k in range(3)] for j in range(3)], 1e-9)


@given(st.floats(0.5, 20.0), st.floats(-5.0, 5.0), st.floats(0.2, 0.95))
@settings(max_examples=15)
def test_a_ball_that_bounces(height, speed, keep):
    """The second time on the ground: the first, and the flight that begins with a part of the speed there."""
    g = 9.81

    def f(p):
        t, y = 0.0, np.stack([p[0], p[1]])
        for _ in range(2):
            hit = event(lambda t, y: y[0], True, -1)
            out = sg.solve_ivp(lambda t, y: np.stack([y[1], -g + 0 * y[1]]), (t, t + 60.0), y, events=hit, rtol=1e-8, atol=1e-8)
            t, y = out.t_events[0][0], np.stack([0.0 * p[0], -p[2] * out.y_events[0][0, 1]])
        return t

    landing = lambda h, v: mp.sqrt(v**2 + 2 * g * h)
    exact = lambda h, v, keep: (v + landing(h, v)) / g + 2 * keep * landing(h, v) / g
    p = np.array([height, speed, keep])
    close(f(p), float(exact(*p)), 1e-9)
    close(dn.grad(f)(p), [partial(exact, p, k) for k in range(3)], 1e-8)


def test_a_boundary_value_by_shooting():
    """y'' = -a y with y(0) = 0 and y(1) = 1 begins with the slope r / sin r, r = sqrt a."""
    def f(a):
        miss = lambda s: sg.solve_ivp(lambda t, y: [y[1], -a * y[0]], (0.0, 1.0), [0.0, s], rtol=1e-9, atol=1e-11).y[0, -1] - 1
        return scipy.optimize.brentq(miss, 0.0, 5.0)

    r = np.sqrt(2.0)
    with dn.enable_scipy("optimize"):
        close(dn.derivative(f)(2.0), (np.sin(r) - r * np.cos(r)) / np.sin(r) ** 2 / (2 * r), 1e-8)


@pytest.mark.parametrize("direction", [0, 1, -1])
def test_all_events_of_an_oscillation(direction):
    """sin t crosses a level that carries a derivative up at arcsin c + 2 pi k, down at pi - arcsin c + 2 pi k."""
    c, turns = 0.4, 2 * np.pi * np.arange(2)
    up, down = np.arcsin(c) + turns, np.pi - np.arcsin(c) + turns
    t = {0: np.sort(np.append(up, down)), 1: up, -1: down}[direction]

    def f(c):
        g = event(lambda t, y: y[0] - c, direction=direction)
        never = lambda t, y: y[0] + 5 + 0 * c
        out = sg.solve_ivp(lambda t, y: np.stack([y[1], -y[0]]), (0.0, 10.0), [0.0, 1.0], events=(g, never), **TIGHT)
        assert out.status == 0 and np.shape(out.t_events[1]) == (0,) and out.t[-1] == 10.0
        return np.append(out.t_events[0], np.ravel(out.y_events[0].T))

    y, dy = dn.jvp(f, (c,), (1.0,))
    slope = 1 / np.cos(t)
    close(y, np.concatenate([t, np.sin(t), np.cos(t)]), 1e-8)
    close(dy, np.concatenate([slope, 1 + 0 * t, -np.sin(t) * slope]), 1e-7)


def test_only_the_event_carries_and_the_solution_does_not():
    f = lambda c: sg.solve_ivp(lambda t, y: -y, (0.0, 5.0), [1.0], events=lambda t, y: y[0] - c, **TIGHT).t_events[0]
    close(dn.taylor(f, 0.3, order=2)[1:], [[-1 / 0.3], [1 / 0.09]], 1e-7)


@pytest.mark.parametrize("span", [(0.0, 7.0), (7.0, 0.0)])
@pytest.mark.parametrize("options", [
    {"t_eval": [0, 1, 2, 5, 6]}, {"t_eval": [3.0, 3.5], "dense_output": True}, {"method": sg.DOP853}, {"method": "LSODA", "max_step": 0.5}])
def test_what_comes_back_is_what_scipy_gives(options, span):
    """Two events in one problem, the second crossing of one ends it; also backwards."""
    if "t_eval" in options:
        options = {**options, "t_eval": sorted(options["t_eval"], reverse=span[0] > 0)}

    def f(a):
        ends = event(lambda t, y: y[1] - 0.3, 2)
        return sg.solve_ivp(lambda t, y: np.stack([y[1], -a * y[0]]), span, [0.0, 1.0], events=[lambda t, y: y[0], ends], rtol=1e-9,
                            atol=1e-9, **options)

    expected, seen = f(1.0), []
    dn.jvp(lambda a: seen.append(f(a)) or seen[-1].t_events[0], (1.0,), (1.0,))
    out = seen[0]
    assert expected.status == 1
    assert (out.status, out.message, out.success) == (expected.status, expected.message, expected.success)
    if "t_eval" in options:
        np.testing.assert_array_equal(out.t, expected.t)
        np.testing.assert_allclose(out.y.value, expected.y, atol=1e-7)
    for mine, theirs in ((out.t_events, expected.t_events), (out.y_events, expected.y_events)):
        for a, b in zip(mine, theirs):
            np.testing.assert_allclose(a.value, b, atol=1e-7)
    assert (out.sol is None) == (expected.sol is None)


def test_an_event_that_only_touches_has_no_derivative():
    f = lambda a: sg.solve_ivp(lambda t, y: 2 * t + 0 * y, (0.0, 1.0), [0.0], events=lambda t, y: a * y[0]).t_events[0]
    with pytest.raises(dn.DualnetError, match="event 0 touches zero at t = 0"):
        dn.derivative(f)(1.0)


@pytest.mark.parametrize("span", [(-2.0, -1.0), (2.0, 1.0)], ids=["before zero", "backwards"])
def test_of_two_events_in_one_step_the_first_ends_the_solution(span):
    sign = np.sign(span[1] - span[0])
    later, earlier = (lambda t, y: y[0] - y0 - 0.6 * sign), (lambda t, y: y[0] - y0 - 0.4 * sign)
    later.terminal = earlier.terminal = True
    y0 = 3.0

    def end(y):
        found = sg.solve_ivp(lambda t, y: np.ones(1), span, [y], events=[later, earlier], first_step=1.0)
        assert found.status == 1 and len(found.t_events[0]) == 0 and len(found.t_events[1]) == 1
        return found.t_events[1][0]

    time, slope = dn.jvp(end, (y0,), (1.0,))
    assert abs(time - (span[0] + 0.4 * sign)) < 1e-12 and abs(slope + 1) < 1e-12

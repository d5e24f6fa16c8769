"""Rows of scipy.integrate: SciPy's values, derivatives by samples, places, limits, arguments and closures."""

import mpmath
import numpy as np
import pytest
import scipy.integrate as sg
from differences import close, verify

import dualnet as dn

_rng = np.random.default_rng(41)
Y, X = _rng.standard_normal((3, 6)), np.array([0.0, 0.3, 0.9, 1.0, 1.7, 2.2])


@pytest.fixture(autouse=True, scope="module")
def switch():
    with dn.enable_scipy("integrate"):
        yield


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("name", ["trapezoid", "simpson", "cumulative_trapezoid"])
def test_integrals_of_samples(name, n, rng):
    f = getattr(sg, name)
    verify(lambda y: f(y[:, :n]), Y, rng, second=False)
    verify(lambda y: f(y[:, :n], dx=0.3), Y, rng, second=False)
    verify(lambda y: f(y[:, :n], X[:n]), Y, rng, second=False)
    verify(lambda x: f(Y[:, :n], x), X[:n], rng, h=0.01)
    verify(lambda y: f(y.T[:n], X[:n, None] + 0 * y.T[:n], axis=0), Y, rng, second=False)


def test_initial_and_repeated_places(rng):
    verify(lambda y: sg.cumulative_trapezoid(y, X, initial=0), Y, rng)
    verify(lambda y: sg.simpson(y, np.array([0.0, 1.0, 1.0, 2.0, 3.0, 3.0])), Y, rng, second=False)


INTEGRALS = {
    "argument": (lambda a: sg.quad(lambda t, a: np.exp(-a * t) * np.cos(t), 0.0, 2.0, args=(a,))[0],
                 lambda a: mpmath.quad(lambda t: mpmath.exp(-a * t) * mpmath.cos(t), [0, 2])),
    "closure": (lambda a: sg.quad(func=lambda t: np.sin(a * t) / (1 + t), a=0.0, b=3.0)[0],
                lambda a: mpmath.quad(lambda t: mpmath.sin(a * t) / (1 + t), [0, 3])),
    "limits": (lambda a: sg.quad(lambda t: np.exp(-t * t), -a, a * a)[0], lambda a: mpmath.quad(lambda t: mpmath.exp(-t * t), [-a, a * a])),
    "to infinity": (lambda a: sg.quad(lambda t: np.exp(-a * t) / (1 + t * t), a, np.inf)[0],
                    lambda a: mpmath.quad(lambda t: mpmath.exp(-a * t) / (1 + t * t), [a, a + 3, mpmath.inf])),
    "from minus infinity": (lambda a: sg.quad(lambda t: np.exp(t - a * t * t), -np.inf, a)[0],
                            lambda a: mpmath.quad(lambda t: mpmath.exp(t - a * t * t), [-mpmath.inf, -3, a])),
    "whole line": (lambda a: sg.quad(lambda t: np.exp(-a * t * t), -np.inf, np.inf)[0], lambda a: mpmath.sqrt(mpmath.pi / a)),
    "narrow": (lambda a: sg.quad(lambda t: 1 / (1e-3 + (t - a) ** 2), 0.0, 2.0)[0],
               lambda a: (mpmath.atan((2 - a) / mpmath.sqrt("0.001")) + mpmath.atan(a / mpmath.sqrt("0.001"))) / mpmath.sqrt("0.001")),
}


@pytest.mark.parametrize("name", INTEGRALS)
def test_quad_against_mpmath(name):
    f, exact = INTEGRALS[name]
    a = 0.7
    with mpmath.workdps(30):
        value, slope, bend = (float(mpmath.diff(exact, a, k)) if k else float(exact(a)) for k in range(3))
    y, dy = dn.jvp(f, (a,), (1.0,))
    close([y, dy], [value, slope], 1e-8)
    assert abs(dn.grad(f, mode="reverse")(a) - slope) <= 1e-8 * max(1, abs(slope))
    second = dn.jvp(lambda a: dn.jvp(f, (a,), (1.0,))[1], (a,), (1.0,))[1]
    mixed = dn.jvp(dn.grad(f, mode="reverse"), (a,), (1.0,))[1]
    close([second, mixed], [bend, bend], 1e-7)


def test_break_points_and_vectors():
    f = lambda a: sg.quad(lambda t: abs(t - 0.3) * a, 0.0, 1.0, points=[0.3])[0]
    close(dn.jvp(f, (2.0,), (1.0,)), (2 * 0.29, 0.29), 1e-14)
    g = lambda p: sg.quad(lambda t: p[0] * t + p[1] * t * t, 0.0, 1.0)[0]
    close(dn.grad(g)(np.array([1.0, 2.0])), [1 / 2, 1 / 3], 1e-14)


def test_plain_integrals_are_scipys():
    f = lambda t: np.exp(-t)
    assert sg.quad(f, 0.0, 1.0) == dn.table["scipy.integrate.quad"](f, 0.0, 1.0) == sg._quadpack_py.quad(f, 0.0, 1.0)


def test_errors_and_warnings():
    with pytest.raises(dn.DualnetError, match="weight"):
        dn.jvp(lambda a: sg.quad(np.cos, 0.0, a, weight="cos", wvar=1.0), (1.0,), (1.0,))
    with pytest.raises(dn.DualnetError, match="would lose the derivative"):
        dn.jvp(lambda a: sg.dblquad(lambda x, y: a * x * y, 0.0, 1.0, 0.0, 1.0)[0], (1.0,), (1.0,))
    with pytest.raises(ValueError, match="length of x"):
        dn.jvp(lambda y: sg.simpson(y, X[:3]), (Y,), (Y,))
    with pytest.raises(ValueError, match="initial"):
        dn.jvp(lambda y: sg.cumulative_trapezoid(y, initial=1.0), (Y,), (Y,))
    with pytest.warns(sg.IntegrationWarning, match="subdivisions"):
        dn.jvp(lambda a: sg.quad(lambda t: np.sin(a * 1e3 * t), 0.0, 1.0, limit=3)[0], (1.0,), (1.0,))

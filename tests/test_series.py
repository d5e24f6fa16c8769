"""Taylor mode against mpmath's own Taylor coefficients and against nested forward mode."""

import math

import mpmath
import numpy as np
import pytest
import scipy.special

import dualnet as dn
from dualnet.errors import ArgumentError

FUNCTIONS = {
    "exp": (np.exp, mpmath.exp, 0.3), "log": (np.log, mpmath.log, 1.7), "sin": (np.sin, mpmath.sin, 0.7),
    "cos": (np.cos, mpmath.cos, -0.4), "tan": (np.tan, mpmath.tan, 0.5), "tanh": (np.tanh, mpmath.tanh, 0.6),
    "sinh": (np.sinh, mpmath.sinh, 0.6), "cosh": (np.cosh, mpmath.cosh, 0.6), "sqrt": (np.sqrt, mpmath.sqrt, 2.0),
    "arctan": (np.arctan, mpmath.atan, 0.8), "arcsin": (np.arcsin, mpmath.asin, 0.3), "arccosh": (np.arccosh, mpmath.acosh, 2.5),
    "arcsinh": (np.arcsinh, mpmath.asinh, 0.4), "arctanh": (np.arctanh, mpmath.atanh, 0.2), "cbrt": (np.cbrt, mpmath.cbrt, 1.4),
    "reciprocal": (np.reciprocal, lambda x: 1 / x, 1.3), "log1p": (np.log1p, lambda x: mpmath.log(1 + x), 0.4),
    "expm1": (np.expm1, lambda x: mpmath.exp(x) - 1, 0.4), "exp2": (np.exp2, lambda x: mpmath.mpf(2) ** x, 0.4),
    "log2": (np.log2, lambda x: mpmath.log(x) / mpmath.log(2), 1.4), "log10": (np.log10, mpmath.log10, 1.4),
    "square": (np.square, lambda x: x * x, 0.9), "power": (lambda x: x ** 2.5, lambda x: x ** mpmath.mpf("2.5"), 1.2),
    "self power": (lambda x: x ** x, lambda x: x ** x, 1.2),
    "quotient": (lambda x: np.sin(x) / (1 + x * x), lambda x: mpmath.sin(x) / (1 + x * x), 0.3),
    "hypot": (lambda x: np.hypot(x, 2.0), lambda x: mpmath.sqrt(x * x + 4), 0.7),
    "arctan2": (lambda x: np.arctan2(x, 2.0), lambda x: mpmath.atan(x / 2), 0.7),
    "logaddexp": (lambda x: np.logaddexp(x, 0.0), lambda x: mpmath.log(1 + mpmath.exp(x)), 0.7),
    "sinc": (np.sinc, lambda x: mpmath.sin(mpmath.pi * x) / (mpmath.pi * x), 0.7),
}


def reference(f, x, order):
    with mpmath.workdps(80):
        return [float(math.factorial(k) * c) for k, c in enumerate(mpmath.taylor(f, mpmath.mpf(x), order))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_agree_with_mpmath(name):
    f, g, x = FUNCTIONS[name]
    expected = reference(g, x, 12)
    np.testing.assert_allclose(dn.taylor(f, x, order=12), expected, rtol=1e-10, atol=1e-10 * max(1, abs(expected[0])))


def composite(np, x):
    u = np.sin(x) * np.exp(-x / 3) + np.log(2 + x)
    v = np.tanh(u) + 1 / (1 + u * u)
    w = np.sqrt(v + 3) * np.cos(u - v)
    return np.exp(-w * w) + np.arctan(w) / (2 + np.sin(w)) if hasattr(np, "arctan") else np.exp(-w * w) + np.atan(w) / (2 + np.sin(w))


def test_twenty_operations_to_order_16():
    expected = reference(lambda x: composite(mpmath, x), 0.4, 16)
    np.testing.assert_allclose(dn.taylor(lambda x: composite(np, x), 0.4, order=16), expected, rtol=1e-10)


def test_along_a_direction_of_an_array():
    x, v = np.array([0.3, -0.2, 0.9]), np.array([1.0, 2.0, -0.5])
    a = np.arange(9.0).reshape(3, 3) / 7 + np.eye(3)
    f = lambda x: np.sum(np.tanh(a @ x) ** 2) + np.prod(np.concatenate([x[1:], x[:1] * 2])) * np.cumsum(x)[-1]
    expected = reference(lambda t: _mp_version(a, x, v, t), 0, 8)
    np.testing.assert_allclose(dn.taylor(f, x, v, order=8), expected, rtol=1e-9, atol=1e-9)


def test_division_by_an_array():
    x = np.array([0.5, 2.0])
    got = dn.taylor(lambda x: (1 + x * x) / x, x, np.ones(2), order=3)
    np.testing.assert_allclose(got, [x + 1 / x, 1 - x**-2, 2 * x**-3, -6 * x**-4], rtol=1e-14)


def test_numbers_take_part_in_arrays():
    for f in (lambda x: np.reshape(x * x, (1,))[0], lambda x: np.stack([x * x, x])[0], lambda x: (x * x)[None][0]):
        np.testing.assert_array_equal(dn.taylor(f, 3.0, order=3), [9, 6, 2, 0])


def _mp_version(a, x, v, t):
    z = [mpmath.mpf(p) + t * mpmath.mpf(q) for p, q in zip(x, v)]
    rows = [sum(mpmath.mpf(float(c)) * e for c, e in zip(row, z)) for row in a]
    return sum(mpmath.tanh(r) ** 2 for r in rows) + z[1] * z[2] * 2 * z[0] * (z[0] + z[1] + z[2])


def test_linear_algebra():
    a = np.array([[2.0, 0.3], [0.1, 1.5]])
    b = np.array([[0.2, -0.4], [0.5, 0.3]])
    got = dn.taylor(lambda t: np.linalg.inv(a + t * b)[0, 1], 0.0, order=6)
    def entry(t):
        m = mpmath.matrix(a.tolist()) + t * mpmath.matrix(b.tolist())
        return -m[0, 1] / (m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0])
    np.testing.assert_allclose(got, reference(entry, 0, 6), rtol=1e-9)


def test_agrees_with_nesting_and_nests():
    f = lambda x: np.sin(x) * np.exp(x)
    third = dn.derivative(dn.derivative(dn.derivative(f)))
    assert dn.taylor(f, 0.7, order=3)[3] == pytest.approx(third(0.7), rel=1e-13)
    slope = dn.derivative(lambda x: dn.taylor(f, x, order=2)[2])
    assert slope(0.7) == pytest.approx(third(0.7), rel=1e-13)


def test_kinks_look_ahead_along_the_direction():
    np.testing.assert_array_equal(dn.taylor(lambda x: np.abs(x), 0.0, -2.0, order=2), [0, 2, 0])
    np.testing.assert_array_equal(dn.taylor(lambda x: np.maximum(x, -x) ** 2, 0.0, order=2), [0, 0, 2])


def test_writing_in_place():
    def f(x):
        y = np.zeros_like(x)
        for i in range(3):
            y[i] = np.sin(x[i]) * (y[i - 1] if i else 1.0)
        y[0] = 5.0
        return y
    got = dn.taylor(f, np.array([0.1, 0.2, 0.3]), order=2)
    expected = reference(lambda t: mpmath.fprod(mpmath.sin(mpmath.mpf(x) + t) for x in (0.1, 0.2, 0.3)), 0, 2)
    np.testing.assert_allclose(got[:, 2], expected, rtol=1e-12)
    np.testing.assert_array_equal(got[:, 0], [5, 0, 0])


@pytest.mark.parametrize("order", [-1, 1.5, "2", True])
def test_bad_orders_are_named(order):
    with pytest.raises(ArgumentError, match="order="):
        dn.taylor(np.sin, 0.0, order=order)


def test_order_zero_and_constants():
    np.testing.assert_array_equal(dn.taylor(np.sin, 0.5, order=0), [np.sin(0.5)])
    np.testing.assert_array_equal(dn.taylor(lambda x: 3.0, 0.5, order=2), [3, 0, 0])


def test_quotients_of_arrays():
    a = np.array([1.0, 2.0, -4.0])
    expected = [1 / a, -1 / a**2, 2 / a**3, -6 / a**4]
    assert np.allclose(dn.taylor(lambda t: 1 / (a + t), 0.0, order=3), expected, rtol=1e-14)
    assert np.allclose(dn.taylor(lambda t: (2 * a + 3 * t) / (a + t), 0.0, order=3), [2 + 0 * a, 1 / a, -2 / a**2, 6 / a**3], rtol=1e-14)


@pytest.mark.parametrize("f", [lambda x: np.reshape(x * x, (1,)), lambda x: np.stack([x, x * x])], ids=["reshape", "stack"])
def test_numbers_take_a_shape(f):
    assert dn.taylor(f, 3.0, order=3)[:, -1].tolist() == [9.0, 6.0, 2.0, 0.0]


@pytest.mark.parametrize("name", ["j0", "j1", "i0", "i1"])
def test_bessel_functions_at_zero(name):
    """By the power series (DLMF 10.2.2, 10.25.2)."""
    order, sign = int(name[1]), -1 if name[0] == "j" else 1
    expected = [0.0] * 11
    for k in range((11 - order) // 2 + 1):
        if 2 * k + order <= 10:
            expected[2 * k + order] = sign**k * math.factorial(2 * k + order) / (
                math.factorial(k) * math.factorial(k + order) * 2 ** (2 * k + order))
    np.testing.assert_allclose(dn.taylor(getattr(scipy.special, name), 0.0, order=10), expected, rtol=1e-13, atol=1e-14)


FIRST = {"taylor": lambda f: lambda x: dn.taylor(f, x, order=1)[1], "to order 3": lambda f: lambda x: dn.taylor(f, x, order=3)[1],
         "forward": dn.derivative, "reverse": lambda f: dn.grad(f, mode="reverse")}
MIXED = {  # d/dy d/dx
    "product": (lambda x, y: x * y, lambda x, y: 1.0), "quotient": (lambda x, y: x / y, lambda x, y: -1 / y**2),
    "power": (lambda x, y: x**y, lambda x, y: x ** (y - 1) * (1 + y * np.log(x))),
    "exp": (lambda x, y: np.exp(x * y) * y, lambda x, y: np.exp(x * y) * (2 * y + x * y * y)),
    "hypot": (lambda x, y: np.hypot(x, y), lambda x, y: -x * y / np.hypot(x, y) ** 3),
    "arrays": (lambda x, y: np.sum(x * np.array([1.0, 2.0]) * y**2), lambda x, y: 6 * y),
    "contraction": (lambda x, y: np.stack([x, y]) @ np.stack([y, x * y]), lambda x, y: 1 + 2 * y),
}


@pytest.mark.parametrize("name", MIXED)
@pytest.mark.parametrize("inner", FIRST)
@pytest.mark.parametrize("outer", FIRST)
def test_an_expansion_inside_another_takes_the_outer_variable_for_a_constant(name, inner, outer):
    f, mixed = MIXED[name]
    D, d = FIRST[outer], FIRST[inner]
    assert D(lambda y: d(lambda x: f(x, y))(0.7))(1.3) == pytest.approx(mixed(0.7, 1.3), rel=1e-12)


def test_constants_that_change_between_equal_steps():
    def filled(x):
        c, total = np.zeros(2), 0.0
        for k in range(3):
            c[:] = k
            total = total + np.sum(np.sin(x + c)) + np.sum(x * c)
        return total

    true = [2 * sum(np.sin(0.3 + k) + 0.3 * k for k in range(3)), 2 * sum(np.cos(0.3 + k) + k for k in range(3)),
            -2 * sum(np.sin(0.3 + k) for k in range(3))]
    np.testing.assert_allclose(dn.taylor(filled, 0.3, order=2), true, rtol=1e-14)

    def of_both(x, y):
        c = np.zeros_like(y, shape=(2,))
        c[0] = y
        before = x * c
        c[1] = y * y
        return np.sum(before) + np.sum(x * c)  # x (2 y + y^2)

    for D in FIRST.values():
        assert D(lambda y: dn.taylor(lambda x: of_both(x, y), 3.0, order=1)[1])(2.0) == 6.0

"""Pulls write into arrays that nobody else holds, and into no others; what a function multiplies by itself is pulled once."""

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import dualnet as dn
from dualnet import pulls

COMPILED = not pulls.__file__.endswith(".py")
CONSTANT = np.linspace(0.5, 2.0, 400)
FUNCTIONS = {  # each with its gradients by x and y for the cotangent g, by hand
    "twice the same": (lambda x, y: x + y, lambda x, y, g: (g, g)),
    "added up": (lambda x, y: np.exp(x) + x * y + x, lambda x, y, g: (g * np.exp(x) + g * y + g, g * x)),
    "chain": (lambda x, y: np.exp(np.sin(x)) - y, lambda x, y, g: (g * np.exp(np.sin(x)) * np.cos(x), -g)),
    "constant": (lambda x, y: CONSTANT * x / y, lambda x, y, g: (g * CONSTANT / y, -g * CONSTANT * x / y**2)),
    "reversed": (lambda x, y: x[::-1] * y + x, lambda x, y, g: ((g * y)[::-1] + g, g * x[::-1])),
    "square": (lambda x, y: x * x * y, lambda x, y, g: (2 * g * x * y, g * x * x)),
    "square of a square": (lambda x, y: (x * x) * (x * x) - y * y, lambda x, y, g: (4 * g * x**3, -2 * g * y)),
    "power": (lambda x, y: np.square(x) + y**2, lambda x, y, g: (2 * g * x, 2 * g * y)),
}


@pytest.mark.parametrize("name, dtype", [(name, np.float64) for name in FUNCTIONS] + [
    (name, np.float32) for name in FUNCTIONS if name != "constant"])  # which is of doubles
def test_a_pullback_changes_nothing_that_others_hold(name, dtype):
    f, by_hand = FUNCTIONS[name]
    x, y, g = np.random.default_rng(1).uniform(0.5, 1.5, (3, 400)).astype(dtype)
    given = [a.copy() for a in (x, y, g, CONSTANT)]
    _, pullback = dn.vjp(f, x, y)
    first = pullback(g)
    kept = [a.copy() for a in first]
    second = pullback(g)
    tolerance = 50 * np.finfo(dtype).eps
    for a, b, want in zip(first, second, by_hand(x, y, g), strict=True):
        assert a.dtype == dtype
        assert_allclose(a, want, rtol=tolerance, atol=10 * tolerance)
        assert_array_equal(a, b)
    for a, b in zip((*first, x, y, g, CONSTANT), (*kept, *given), strict=True):
        assert_array_equal(a, b)
    assert not any(np.shares_memory(a, b) for a in first for b in (*second, x, y, g))
    assert not np.shares_memory(*first)
    gradient = dn.grad(lambda x, y: np.sum(g * f(x, y)), (0, 1), mode="reverse")(x, y)
    assert_allclose(gradient, by_hand(x, y, g), rtol=tolerance, atol=10 * tolerance)
    assert_allclose(dn.jvp(f, (x, y), (g, y))[1], by_hand(x, y, g)[0] + by_hand(x, y, y)[1] if name != "reversed" else (
        g[::-1] * y + x[::-1] * y + g), rtol=tolerance, atol=10 * tolerance)


@pytest.mark.parametrize("f, arrays", [
    (lambda x: np.sum(x * x), (1, 1)),                            # the gradient alone: 2 x is made in its place
    (lambda x: np.sum(np.exp(np.sin(np.exp(x)))), (3, 4)),
    (lambda x: np.sum(np.exp(x) + np.sin(x) + x * x), (4, 5)),
], ids=["square", "chain", "sum"])
def test_the_most_memory_of_a_gradient(f, arrays):
    x = np.random.default_rng(2).uniform(size=10**5)
    gradient = dn.grad(f, mode="reverse")
    gradient(x)
    tracemalloc.start()
    gradient(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < (arrays[0 if COMPILED else 1] + 0.2) * x.nbytes


@pytest.mark.parametrize("order", ["second", "third"])
@pytest.mark.parametrize("x", [1.5, np.array([1.5, -0.5])], ids=["number", "array"])
def test_what_is_multiplied_by_itself_in_higher_orders(x, order):
    f = lambda x: np.sum((x * x) * (x * x) * x)  # x^5
    second = dn.hessian(f)(x)
    assert_allclose(second, np.diag(20 * x**3) if np.ndim(x) else 20 * x**3, rtol=1e-14)
    if order == "third":
        third = dn.jacobian(dn.grad(lambda x: np.sum(dn.grad(f, mode="reverse")(x)), mode="reverse"))(x)
        assert_allclose(third, np.diag(60 * x**2) if np.ndim(x) else 60 * x**2, rtol=1e-14)


def test_a_hessian_vector_product_obeys_its_formula_and_leaves_its_direction_alone():
    x, v = np.random.default_rng(3).uniform(size=(2, 300))
    kept = v.copy()
    product = dn.hvp(lambda x: np.sum(x[1:] ** 2 * x[:-1]), (x,), (v,))
    assert_array_equal(v, kept)
    assert v.flags.writeable
    by_hand = np.zeros(300)
    by_hand[:-1] += 2 * x[1:] * v[1:]
    by_hand[1:] += 2 * (x[:-1] * v[1:] + x[1:] * v[:-1])
    assert_allclose(product, by_hand, rtol=1e-13)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_large_arrays_beside_structural_zeros(mode):
    x = np.linspace(-2.0, 2.0, (1 << 13) + 5)
    chosen = lambda x: np.where(x > 0, x, 0.5)
    by_hand = np.where(x > 0, 1.0, 0.0) / (2 + x**2) - chosen(x) * 2 * x / (2 + x**2) ** 2
    for f in (lambda x: chosen(x) / (2 + x * x), lambda x: 1 / (2 + x * x) * chosen(x)):
        slope = dn.derivative(f) if mode == "forward" else dn.grad(lambda x, f=f: np.sum(f(x)), mode="reverse")
        assert_allclose(slope(x), by_hand, rtol=1e-13, atol=1e-16)

"""The rows that learning adds: their partials against SymPy's derivatives and differences, in every mode."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import dualnet as dn
from dualnet.learn.activations import ACTIVATIONS, relu
from dualnet.learn.rows import cross_entropy

LOGITS = st.floats(-40, 40).map(lambda v: round(v, 3)) | st.sampled_from([1e4, -1e4, 500.0])


def formula(k, own):
    """SymPy's cross-entropy of k logits."""
    z = sp.symbols(f"z:{k}", real=True)
    return z, sp.log(sp.Add(*map(sp.exp, z))) - z[own]


def exact(expression, symbols, numbers):
    return float(expression.subs(dict(zip(symbols, map(sp.Rational, numbers)))).evalf(30, maxn=100_000))


@given(st.lists(LOGITS, min_size=2, max_size=4), st.integers(0, 3))
def test_cross_entropy_and_its_gradient_are_sympys(logits, own):
    own %= len(logits)
    symbols, loss = formula(len(logits), own)
    z, y = np.array([logits]), np.array([own])
    assert cross_entropy(z, y)[0] == pytest.approx(exact(loss, symbols, logits), rel=1e-13, abs=1e-14)
    true = [exact(sp.diff(loss, s), symbols, logits) for s in symbols]
    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(dn.grad(lambda z: np.sum(cross_entropy(z, y)), mode=mode)(z)[0], true, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("logits", "own"), [([0.0, 0.0, 30.0], 2), ([1e6, 1e6 + 0.25, 1e6 - 0.5], 1), ([-1e4, 0.0, 4.594], 0)])
def test_the_gradient_keeps_its_digits_at_large_logits(logits, own):
    symbols, loss = formula(3, own)
    true = [exact(sp.diff(loss, s), symbols, logits) for s in symbols]
    z, y = np.array([logits]), np.array([own])
    for mode in ("forward", "reverse"):
        found = dn.grad(lambda z: np.sum(cross_entropy(z, y)), mode=mode)(z)[0]
        np.testing.assert_allclose(found, true, rtol=1e-15, atol=2e-16)


def test_higher_derivatives_of_the_cross_entropy_are_sympys(rng):
    numbers, along = np.array([0.3, -1.2, 0.8]), np.array([1.0, -0.5, 2.0])
    symbols, loss = formula(3, 1)
    y, t = np.array([1]), sp.Symbol("t")
    hessian = [[exact(sp.diff(loss, a, b), symbols, numbers) for a in symbols] for b in symbols]
    np.testing.assert_allclose(dn.hessian(lambda z: cross_entropy(z[None], y)[0])(numbers), hessian, rtol=1e-12, atol=1e-14)
    ray = loss.subs({s: sp.Rational(n) + t * sp.Rational(d) for s, n, d in zip(symbols, numbers, along)})
    true = [float(sp.diff(ray, t, k).subs(t, 0).evalf(30)) for k in range(6)]
    np.testing.assert_allclose(dn.taylor(lambda z: cross_entropy(z[None], y)[0], numbers, along, order=5), true, rtol=1e-11)


def test_cross_entropy_of_a_batch_is_the_difference_quotient(rng):
    z, y, g, t = rng.standard_normal((7, 5)), rng.integers(0, 5, 7), rng.standard_normal(7), rng.standard_normal((7, 5))
    h = 1e-6
    difference = (cross_entropy(z + h * t, y) - cross_entropy(z - h * t, y)) / (2 * h)
    np.testing.assert_allclose(dn.jvp(lambda z: cross_entropy(z, y), (z,), (t,))[1], difference, rtol=1e-7, atol=1e-8)
    pulled = dn.vjp(lambda z: cross_entropy(z, y), z)[1](g)
    assert np.sum(pulled * t) == pytest.approx(g @ difference, rel=1e-7)
    assert cross_entropy(z.astype(np.float32), y).dtype == np.float32
    assert dn.grad(lambda z: np.sum(cross_entropy(z, y)))(z.astype(np.float32)).dtype == np.float32


def test_an_impossible_class_costs_nothing():
    z, y = np.array([[0.0, -np.inf, 1.0]]), np.array([0])
    with np.errstate(all="raise"):
        gradient = dn.grad(lambda z: np.sum(cross_entropy(z, y)))(z)[0]
    np.testing.assert_allclose(gradient, [1 / (1 + np.e) - 1, 0, np.e / (1 + np.e)], rtol=1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("kinks", ["ahead", "local"])
def test_slopes_of_activations_are_differences(name, mode, kinks, rng):
    x, g, h = rng.standard_normal((4, 3)) * 3, rng.standard_normal((4, 3)), 1e-6
    f = ACTIVATIONS[name]
    true = np.empty_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = h
        true[place] = np.sum(g * (f(x + step) - f(x - step))) / (2 * h)
    got = dn.grad(lambda x: np.sum(g * f(x)), mode=mode, kinks=kinks)(x)
    np.testing.assert_allclose(got, true, rtol=1e-6, atol=1e-8)


def test_relu_takes_the_slope_1_at_0_where_training_does():
    for mode in ("forward", "reverse"):
        np.testing.assert_array_equal(dn.grad(lambda x: np.sum(relu(x)), mode=mode, kinks="local")(np.array([-1.0, 0.0, 2.0])), [0, 1, 1])

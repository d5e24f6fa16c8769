"""Derivatives of derivatives: every order of the two modes, perturbations kept apart, threads, exceptions."""

import itertools
import math
from concurrent.futures import ThreadPoolExecutor

import mpmath
import numpy as np
import pytest

import dualnet as dn
from dualnet.levels import OPEN

MODES = {"forward": lambda f: dn.derivative(f), "reverse": lambda f: dn.grad(f, mode="reverse"), "rows": lambda f: dn.grad(f,
    mode="forward"),
         "jacobian": lambda f: dn.jacobian(f)}
by_pair = pytest.mark.parametrize(("outer", "inner"), list(itertools.product(MODES, repeat=2)))
by_triple = pytest.mark.parametrize("modes", list(itertools.product(["forward", "reverse", "rows"], repeat=3)), ids="-".join)


@by_pair
def test_perturbations_are_not_confused(outer, inner):
    D, d = MODES[outer], MODES[inner]
    assert D(lambda x: x * d(lambda y: x + y)(1.0))(2.0) == 1.0
    assert D(lambda x: x * d(lambda y: x * y)(2.0))(1.0) == 2.0
    assert D(lambda x: d(lambda y: x**2 * y**3)(x))(2.0) == 12 * 2.0**3
    assert D(lambda x: d(lambda y: y * d(lambda z: z * x)(y))(3.0))(5.0) == 1.0


@by_pair
def test_an_inner_function_that_ignores_its_variable_has_slope_zero(outer, inner):
    D, d = MODES[outer], MODES[inner]
    assert D(lambda x: x + d(lambda y: x * 1.0)(4.0))(2.0) == 1.0
    assert D(lambda x: d(lambda y: 3.0)(x))(2.0) == 0.0


@by_triple
def test_third_derivatives_by_every_nesting(modes):
    def f(x):
        a = np.stack([x, np.sin(x), x * x])
        return np.sum(np.tanh(a) * a[::-1]) + np.prod(a) / np.sqrt(1 + np.dot(a, a)) + np.where(x > 0, np.log(x), 0.0)

    def exact(x):
        a = [x, mpmath.sin(x), x * x]
        return (sum(mpmath.tanh(u) * v for u, v in zip(a, a[::-1])) + a[0] * a[1] * a[2] / mpmath.sqrt(1 + sum(u * u for u in a))
                + mpmath.log(x))

    g = f
    for mode in modes:
        g = MODES[mode](g)
    with mpmath.workdps(40):
        assert math.isclose(float(g(0.7)), float(mpmath.diff(exact, mpmath.mpf(0.7), 3)), rel_tol=1e-12)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("outer", ["forward", "reverse"])
def test_jacobians_of_jacobians_of_matrix_functions(mode, outer, rng):
    A = rng.standard_normal((2, 3))

    def f(x):
        return np.einsum("ij,jk->ik", A, x[:, None] * np.sin(x)) @ x

    second = dn.jacobian(dn.jacobian(f, mode=mode), mode=outer)(np.array([0.5, 1.0, 2.0]))
    third = dn.jacobian(dn.jacobian(dn.jacobian(f, mode=mode), mode=outer), mode=mode)(np.array([0.5, 1.0, 2.0]))
    x = np.array([0.5, 1.0, 2.0])
    e = np.eye(3)
    # f_i = (A x)_i s with s = sum sin(x_k) x_k: by the product rule
    s1, s2, s3 = np.sin(x) + x * np.cos(x), 2 * np.cos(x) - x * np.sin(x), -3 * np.sin(x) - x * np.cos(x)
    expected = np.einsum("ij,k->ijk", A, s1) + np.einsum("ik,j->ijk", A, s1) + np.einsum("i,jk->ijk", A @ x, np.diag(s2))
    np.testing.assert_allclose(second, expected, rtol=1e-13, atol=1e-13)
    d2 = np.einsum("kl,k->kl", e, s2)
    expected3 = (np.einsum("ij,kl->ijkl", A, d2) + np.einsum("ik,jl->ijkl", A, d2) + np.einsum("il,jk->ijkl", A, d2)
                 + np.einsum("i,jk,jl,j->ijkl", A @ x, e, e, s3))
    np.testing.assert_allclose(third, expected3, rtol=1e-13, atol=1e-13)


def test_products_with_the_hessian_of_several_arguments_and_on_the_kink_ahead(rng):
    A, x, y, v, w = rng.standard_normal((3, 3)), *rng.standard_normal((4, 3))
    du, dw = dn.hvp(lambda x, p: x @ A @ p["y"] + np.sum(p["y"] ** 3), (x, {"y": y}), (v, {"y": w}))
    np.testing.assert_allclose(du, A @ w, rtol=1e-13)
    np.testing.assert_allclose(dw["y"], A.T @ v + 6 * y * w, rtol=1e-13)
    for sign in (1.0, -1.0):  # the piece ahead of all inputs is x^2, whatever the vector
        bent = dn.hvp(lambda x: np.sum(np.maximum(x, 0.0) ** 2), (np.array([0.0, 1.0, -1.0]),), (np.full(3, sign),))
        np.testing.assert_array_equal(bent, [2 * sign, 2 * sign, 0.0])
    gradient, product = dn.jvp(dn.grad(lambda x: np.sum(x**4)), (x,), (v,))
    np.testing.assert_allclose((gradient, product), (4 * x**3, 12 * x**2 * v), rtol=1e-13)
    np.testing.assert_allclose(dn.hvp(lambda x: np.sum(x**4), (x,), (v,)), product, rtol=1e-13)
    third = dn.derivative(lambda t: dn.hvp(lambda x: np.sum(x**4), (x + t * w,), (v,)))(0.0)
    np.testing.assert_allclose(third, 24 * x * v * w, rtol=1e-13)


def test_hessians_agree_dense_sparse_and_by_products(rng):
    x = rng.uniform(0.5, 1.5, 6)
    f = lambda x: np.sum(x[1:] ** 2 * np.sin(x[:-1])) + np.log(x[0] * x[3])
    H = dn.hessian(f)(x)
    np.testing.assert_allclose(dn.hessian(f, sparse=True)(x).toarray(), H, rtol=1e-14, atol=1e-15)
    v = rng.standard_normal(6)
    np.testing.assert_allclose(dn.hvp(f, (x,), (v,)), H @ v, rtol=1e-13)
    np.testing.assert_allclose(dn.jacobian(dn.jacobian(f, mode="forward"), mode="reverse")(x), H, rtol=1e-14, atol=1e-15)
    exact = np.zeros((6, 6))
    i = np.arange(5)
    exact[i, i] -= x[1:] ** 2 * np.sin(x[:-1])
    exact[i + 1, i + 1] += 2 * np.sin(x[:-1])
    exact[i, i + 1] += 2 * x[1:] * np.cos(x[:-1])
    exact[i + 1, i] += 2 * x[1:] * np.cos(x[:-1])
    exact[0, 0] -= 1 / x[0] ** 2
    exact[3, 3] -= 1 / x[3] ** 2
    np.testing.assert_allclose(H, exact, rtol=1e-14, atol=1e-15)


def test_a_vjp_inside_a_derivative_and_a_derivative_inside_a_pullback():
    def inner(x):
        y, pullback = dn.vjp(lambda z: z**3 * x, x)
        return pullback(y)[0]

    # z^3 x at z = x has value x^4 and slope 3 x^2 x by z: 3 x^7
    for mode in MODES:
        assert math.isclose(MODES[mode](inner)(1.1), 21 * 1.1**6, rel_tol=1e-14)


def test_linearize_and_jvp_nest():
    f = lambda x: np.sin(x) * x
    def slope(x):
        return dn.linearize(f, x)[1](1.0)

    expected = 2 * np.cos(0.4) - 0.4 * np.sin(0.4)
    for mode in MODES:
        assert math.isclose(MODES[mode](slope)(0.4), expected, rel_tol=1e-14)


def test_eight_threads_each_nest_their_own_derivatives():
    def work(k):
        x = 1.0 + k / 100
        a = dn.grad(lambda x: x * dn.derivative(lambda y: x * y**2)(x), mode="reverse")(x)
        b = dn.derivative(dn.grad(lambda x: x**3, mode="reverse"))(x)
        c = dn.grad(lambda v: np.max(v) + np.sum(v**2), mode="reverse", kinks="local" if k % 2 else "ahead")(np.array([x, x]))[0]
        return a, b, c

    with ThreadPoolExecutor(8) as pool:
        for k, (a, b, c) in enumerate(pool.map(work, range(400))):
            x = 1.0 + k / 100
            assert math.isclose(a, 6 * x**2, rel_tol=1e-14) and math.isclose(b, 6 * x, rel_tol=1e-14)
            assert c == 2 * x + (1.0 if k % 2 else c - 2 * x)


@pytest.mark.parametrize("operator", [lambda f: dn.derivative(f)(1.0), lambda f: dn.grad(f, mode="reverse")(1.0),
    lambda f: dn.jacobian(f)(1.0)])
def test_an_exception_leaves_nothing_open(operator):
    before = set(OPEN)
    for error in (ValueError, KeyboardInterrupt):
        def f(x, error=error):
            np.sqrt(x)
            raise error

        with pytest.raises(error):
            operator(f)
        assert OPEN == before
    state = np.geterr()
    with pytest.raises(dn.DualnetError):
        @dn.basic_function(domain=dn.POSITIVE)
        def without_partial(x):
            return x

        operator(without_partial)
    assert np.geterr() == state
    assert OPEN == before


MIXED = {
    "products": lambda a, b: a @ b + b @ (a * b),
    "a matrix and a vector": lambda a, b: np.sum(np.outer(a, b) @ b) + np.sum(a @ np.outer(b, a)),
    "joined": lambda a, b: np.sum(np.stack([a, b * b]) * np.stack([b, a])), "end to end": lambda a, b: np.prod(np.concatenate([a, b])[1:4]),
    "written": lambda a, b: (z := b * 1, z.__setitem__(slice(0, 2), a[:2] * b[:2]), np.sum(z * b))[2],
    "written into an outer array": lambda a, b: (z := a * b, z.__setitem__(slice(0, 2), a[1:]), np.sum(z * z * b))[2],
    "an element written": lambda a, b: (z := b * b, z.__setitem__(1, a[0]), np.sum(z * z * b))[2],
    "chosen": lambda a, b: np.sum(np.where(b > 1, a * b, b) * b), "solved": lambda a, b: np.sum(np.linalg.solve(np.diag(a), b * b)),
    "einsum": lambda a, b: np.einsum("i,i,j->", a, b, b), "numbers": lambda a, b: a[0] * b[1] - b[0] * a[2] / (b[2] + a[1]),
    "scaled": lambda a, b: np.sum(a[0] * b * b[1] * a), "accumulated": lambda a, b: np.sum(np.cumsum(a * b) * b),
    "pieces": lambda a, b: sum(a[k] * b[k] * b[k - 1] for k in range(3)),
}


def slopes(f, x, mode):
    """The Jacobian of f at a vector, by that mode; "jvp" takes it along one unit vector after the other."""
    if mode == "jvp":
        return np.stack([dn.jvp(f, (x,), (e,))[1] for e in np.eye(len(x))], -1)
    return dn.jacobian(f, mode=mode)(x)


@pytest.mark.parametrize(("outer", "inner"), list(itertools.product(["forward", "reverse", "jvp"], repeat=2)))
@pytest.mark.parametrize("name", MIXED)
def test_inner_variables_beside_outer_ones_in_every_kind_of_step(name, outer, inner):
    f, a, b = MIXED[name], np.array([1.8, 2.6, 1.1]), np.array([1.3, 2.1, 0.6])
    found = slopes(lambda a: slopes(lambda b: f(a, b), b, inner), a, outer)
    exact = np.zeros((3, 3))
    for i, j in np.ndindex(3, 3):  # complex step in b, differences in a
        def slope(t, i=i, j=j):
            with np.errstate(all="ignore"):
                return np.imag(f(a + t * np.eye(3)[j] + 0j, b + 1e-30j * np.eye(3)[i])) / 1e-30
        exact[i, j] = (8 * (slope(1e-3) - slope(-1e-3)) - (slope(2e-3) - slope(-2e-3))) / 12e-3
    np.testing.assert_allclose(found, exact, atol=1e-9)


def test_cotangents_of_elements_that_carry_different_levels():
    def inner(a, b):
        return dn.grad(lambda x: a * x[0] + a * b * x[1], mode="reverse")(np.array([1.0, 2.0]))

    by_b, mixed = dn.jvp(lambda a: dn.jvp(lambda b: inner(a, b), (2.0,), (1.0,))[1], (3.0,), (1.0,))
    assert by_b.tolist() == [0.0, 3.0] and mixed.tolist() == [0.0, 1.0]
    by_b, mixed = dn.jvp(lambda a: dn.jvp(lambda b: dn.grad(lambda x: a * x[0] + b * x[1], mode="reverse")(np.array([1.0, 2.0])),
                                          (2.0,), (1.0,))[1], (3.0,), (1.0,))
    assert by_b.tolist() == [0.0, 1.0] and mixed.tolist() == [0.0, 0.0]

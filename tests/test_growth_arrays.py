"""What large arrays cost: memory and entries of derivatives that grow no faster than the arrays do."""

import functools

import numpy as np
import pytest
import sympy
from measuring import peak

import dualnet as dn


@pytest.mark.parametrize("ufunc, sign", [(np.maximum, 1), (np.minimum, -1)], ids=["maximum", "minimum"])
def test_running_extremes_take_their_elements_at_once(ufunc, sign):
    n = 3000
    x, w = sign * (np.arange(n) % 50 + np.arange(n) // 200 * 10.0), np.cos(np.arange(n))  # with many ties
    place, largest = [], 0
    ahead = 1 + np.modf((np.arange(n) + 1) * 0.6180339887498949)[0]  # the documented direction
    for k in range(n):
        if sign * x[k] > sign * x[largest] or x[k] == x[largest] and sign * ahead[k] > sign * ahead[largest]:
            largest = k
        place.append(largest)
    expected = np.bincount(place, w, n)

    def f(x):
        return np.sum(w * ufunc.accumulate(x))

    for gradient in (dn.grad(f, mode="forward"), dn.grad(f, mode="reverse")):
        np.testing.assert_allclose(gradient(x), expected, atol=1e-12)
        assert peak(functools.partial(gradient, x)) < 200 * n  # it was 2400 for each element


def test_hessians_by_parameters_of_groups_grow_with_the_groups_and_the_data():
    groups, each = 400, 50
    group, y = np.arange(groups * each) % groups, np.sin(np.arange(groups * each))

    def f(theta):
        return np.sum((y - theta[group]) ** 2 * np.exp(-theta[group]))

    theta = np.linspace(0.1, 1.0, groups)
    r = y - theta[group]
    expected = np.bincount(group, (r**2 + 4 * r + 2) * np.exp(-theta[group]))
    H = dn.hessian(f, sparse=True)(theta)
    assert H.nnz == groups  # it was their square
    np.testing.assert_allclose(H.diagonal(), expected, rtol=1e-12)
    assert peak(lambda: dn.hessian(f, sparse=True)(theta)) < 300 * groups * each


def test_sparse_jacobians_of_many_sums_of_many_elements():
    n, bins = 2000, 50
    x, place = np.linspace(0.2, 0.8, n), np.arange(n) * 7 % bins
    expected = np.zeros((bins, n))
    expected[place, np.arange(n)] = 2 * np.cos(2 * x) * 3.0
    J = dn.jacobian(lambda x: 3 * np.bincount(place, weights=np.sin(2 * x)), sparse=True)(x)
    assert J.nnz == n
    np.testing.assert_allclose(J.toarray(), expected, rtol=1e-13)

    def coupled(x):  # the first element is read by all, so that its row is dense
        return np.sum(x[np.zeros(n, int)] * x * x[place])

    H = np.zeros((n, n))
    np.add.at(H, (0, np.arange(n)), x[place])
    np.add.at(H, (0, place), x)
    np.add.at(H, (place, np.arange(n)), x[0])
    np.testing.assert_allclose(dn.hessian(coupled, sparse=True)(x).toarray(), H + H.T, rtol=1e-12)


def test_convolutions_hold_vectors_and_not_every_window():
    n = 2000
    x, y = np.linspace(0.2, 0.8, n), np.cos(np.arange(n))

    def f(x, y):
        return np.sum(np.convolve(x, y, "same") ** 2)

    start, whole = (n - 1) // 2, np.zeros(2 * n - 1)
    whole[start:start + n] = 2 * np.convolve(x, y)[start:start + n]
    expected = np.correlate(whole, y, "valid"), np.correlate(whole, x, "valid")
    gradient = dn.grad(f, argnums=(0, 1))
    np.testing.assert_allclose(gradient(x, y), expected, rtol=1e-9, atol=1e-9)
    assert peak(lambda: gradient(x, y)) < 500 * n  # it was 50 n**2
    assert peak(lambda: dn.jvp(f, (x, y), (y, x))) < 500 * n


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_sparse_jacobians_of_maps_along_an_axis_take_its_lines_apart(axis):
    m, k = 30, 20
    x = np.sin(np.arange(m * k)).reshape(m, k)
    n = m if axis == 0 else k
    cosines = np.cos(2 * np.pi * np.outer(np.arange(n), np.arange(n)) / n)

    def of(A):
        return np.kron(A, np.eye(k)) if axis == 0 else np.kron(np.eye(m), A)

    for f, A in [(lambda x: np.cumsum(x, axis), np.tril(np.ones((n, n)))), (lambda x: np.fft.fft(x, axis=axis).real, cosines)]:
        J = dn.jacobian(lambda x, f=f: f(3 * x), sparse=True)(x)
        assert J.nnz <= m * k * n  # it was (m k)**2
        np.testing.assert_allclose(J.toarray(), of(3 * A), atol=1e-13)
    half = np.tril(np.ones((n, n)))
    H = dn.hessian(lambda x: np.sum(np.cumsum(x, axis) ** 2), sparse=True)(x)
    assert H.nnz <= m * k * n
    np.testing.assert_allclose(H.toarray(), of(2 * half.T @ half), atol=1e-12)


def test_sparse_jacobians_of_elements_in_no_order_are_assembled_by_mask():
    n = 20000
    x = np.sin(np.arange(n) ** 2)
    J = dn.jacobian(lambda x: np.maximum(3 * x, 0.5) + np.minimum(x, 0.1), sparse=True)(x)
    expected = 3.0 * (3 * x > 0.5) + (x < 0.1)
    np.testing.assert_array_equal(J.diagonal(), expected)
    assert J.nnz == np.count_nonzero(expected)


ARROWS = {  # sums over i of functions of one shared number or two and a number of its own; H by SymPy's derivatives of one term
    "one shared": (1, lambda m, a, t: (t - a * m.sin(t)) ** 2),
    "two shared": (2, lambda m, a, b, t: (t * a - m.exp(b) * t**2) ** 2),
    "and a prior": (2, lambda m, a, b, t: (t * a - m.exp(b) * t**2) ** 2 + t**4),
}


@pytest.mark.parametrize("name", ARROWS)
def test_hessians_of_arrow_form_hold_the_arrow_alone(name):
    shared, term = ARROWS[name]
    letters = sympy.symbols("a t" if shared == 1 else "a b t")
    second = sympy.lambdify(letters, sympy.hessian(term(sympy, *letters), letters), "numpy")

    def f(x):
        own = np.sum(term(np, *(x[k] for k in range(shared)), x[shared:]))
        return own + np.sum(x**2) if "prior" in name else own

    n = 2000
    x = np.linspace(0.3, 1.0, n)
    at = [[np.asarray(e) * np.ones(n - shared) for e in row] for row in second(*x[:shared], x[shared:])]
    want = np.zeros((n, n)) + 2 * ("prior" in name) * np.eye(n)
    for i in range(shared):
        want[i, shared:] += at[i][-1]
        want[shared:, i] += at[-1][i]
        for j in range(shared):
            want[i, j] += np.sum(at[i][j])
    want[range(shared, n), range(shared, n)] += at[-1][-1]
    H = dn.hessian(f, sparse=True)(x)
    assert H.nnz <= (2 * shared + 1) * n
    np.testing.assert_allclose(H.toarray(), want, rtol=1e-12, atol=1e-12)
    assert peak(lambda: dn.hessian(f, sparse=True)(x)) < 2000 * n  # it was 16 n^2


def test_sparse_hessians_of_parts_that_are_read_often_or_not_at_all():
    def f(x):
        total = x[0] * x[1] ** 2
        for k in range(100):
            total = total + x[0] * np.sum(x[2 + k:] ** 2) * x[-1]
        return total

    x = np.linspace(0.5, 1.0, 150)
    np.testing.assert_allclose(dn.hessian(f, sparse=True)(x).toarray(), dn.hessian(f)(x), rtol=1e-13)
    by_name = dn.hessian(lambda p: p["a"] ** 2 * np.sum(p["t"][1:] ** 3) + p["t"][0], sparse=True)({"a": 2.0, "t": x, "unread": x})
    want = np.zeros((150, 301))
    want[1:, 0], want[range(1, 150), range(2, 151)] = 12 * x[1:] ** 2, 24 * x[1:]
    np.testing.assert_allclose(by_name["t"].toarray(), want, rtol=1e-13)
    assert by_name["unread"].shape == (150, 301) and by_name["unread"].nnz == 0
    np.testing.assert_allclose(by_name["a"].toarray()[0, :2], [2 * np.sum(x[1:] ** 3), 0], rtol=1e-13)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_products_of_many_numbers_take_memory_of_the_numbers(mode):
    n = 20_000
    x = 1 + np.sin(np.arange(n)) / n
    gradient = dn.grad(np.prod, mode=mode)
    np.testing.assert_allclose(gradient(x), np.exp(np.sum(np.log(x))) / x, rtol=1e-11)
    assert peak(functools.partial(gradient, x)) < 120 * n  # in forward mode it was n^2
    x[7] = 0  # the product over the element would be none
    np.testing.assert_allclose(gradient(x)[7], np.exp(np.sum(np.log(np.delete(x, 7)))), rtol=1e-11)
    assert np.count_nonzero(gradient(x)) == 1 and peak(functools.partial(gradient, x)) < 240 * n

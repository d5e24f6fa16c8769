"""What loops cost: memory that grows no faster than the loop, counted in bytes and never in seconds."""

import gc

import mpmath
import numpy as np
import pytest
from measuring import peak

import dualnet as dn
from dualnet.errors import OracleError
from dualnet.series import Series


def sum_of_squares(x):
    s = 0.0
    for i in range(len(x)):
        s = s + x[i] * x[i]
    return s


def test_a_sum_over_single_elements_keeps_no_copy_of_itself_for_each_term():
    x = np.linspace(0.2, 0.8, 1000)
    hessian = dn.hessian(sum_of_squares, sparse=True)
    assert peak(lambda: hessian(x)) < 10e6  # it was 25 million
    H = hessian(x)
    assert H.nnz == 1000
    np.testing.assert_array_equal(H.diagonal(), 2.0)
    np.testing.assert_array_equal(dn.grad(sum_of_squares, mode="forward")(x), 2 * x)


def test_sums_that_go_on_from_one_do_not_mix():
    n = 200

    def f(x):
        s = 0.0
        for i in range(100):
            s = s + x[i]
        a, b = s + x[100], s + 2 * x[101]
        c = a + 3 * x[102] + a
        d = b - 5 * x[0]
        for i in range(103, n):
            s = x[i] * i + s
            if i % 7 == 0:
                c = c + s * x[1]
        return np.stack([s, a, b, c, d, -a + s, s + c])

    x = np.linspace(1.0, 2.0, n)
    one = np.concatenate([np.ones(100), np.zeros(100)])
    unit, k = np.eye(n), np.arange(n)
    s, c = one + k * (k >= 103), 2 * (one + unit[100]) + 3 * unit[102]
    for i in range(103, n):
        if i % 7 == 0:
            upto = one + k * ((k >= 103) & (k <= i))
            c = c + upto * x[1] + upto @ x * unit[1]
    a, b = one + unit[100], one + 2 * unit[101]
    expected = np.stack([s, a, b, c, b - 5 * unit[0], s - a, s + c])
    np.testing.assert_allclose(dn.jacobian(f, mode="forward")(x), expected, rtol=1e-13)
    np.testing.assert_allclose(dn.jacobian(f, sparse=True)(x).toarray(), expected, rtol=1e-13)


def test_a_sum_with_the_same_seeds_again_and_again_adds_them_up():
    x = np.linspace(1.0, 2.0, 50)

    def f(x):
        whole = 0.0
        for i in range(50):
            whole = whole + x[i]
        s = 0.0
        for _ in range(2000):
            s = s + whole
        return s

    gradient = dn.grad(f, mode="forward")
    np.testing.assert_allclose(gradient(x), 2000.0)
    assert peak(lambda: gradient(x)) < 1e5


def test_an_array_that_is_read_where_it_was_written_carries_each_seed_once():
    n = 300

    def f(x):
        y = np.zeros_like(x, shape=(n,))
        y[0] = x[0]
        for i in range(1, n):
            y[i] = y[i - 1] * x[0] + x[1]
        return y[-1]

    x = np.array([0.99, 0.3])
    power, rest = np.polynomial.Polynomial([0.0] * n + [1.0]), np.polynomial.Polynomial([1.0] * (n - 1))
    mixed = rest.deriv()(x[0])
    expected = [[power.deriv(2)(x[0]) + x[1] * rest.deriv(2)(x[0]), mixed], [mixed, 0.0]]
    np.testing.assert_allclose(dn.hessian(f)(x), expected, rtol=1e-10)
    assert peak(lambda: dn.hessian(f)(x)) < 12e6  # it was 360 million
    assert peak(lambda: dn.jacobian(f, mode="forward")(x)) < 1e5


def test_what_an_element_does_not_depend_on_is_not_read_with_it():
    n = 600

    def f(x):
        y = np.zeros_like(x, shape=(n,))
        y[0] = x[0] * x[1] * x[2] * x[3] * x[4] * x[5]
        for i in range(1, n):
            y[i] = x[i] * x[i - 1] if i % 2 else y[i - 1] + x[i]
        return y

    x = np.linspace(1.0, 2.0, n)
    J = dn.jacobian(f, sparse=True)(x)
    expected = np.zeros((n, n))
    expected[0, :6] = np.prod(x[:6]) / x[:6]
    for i in range(1, n):
        if i % 2:
            expected[i, i], expected[i, i - 1] = x[i - 1], x[i]
        else:
            expected[i] = expected[i - 1]
            expected[i, i] += 1
    np.testing.assert_allclose(J.toarray(), expected, rtol=1e-13)
    assert J.nnz == np.count_nonzero(expected)
    assert peak(lambda: dn.jacobian(f, sparse=True)(x)) < 500 * 8 * n


def test_a_pushforward_holds_one_array_where_a_loop_fills_one():
    n = 1000

    def f(x):
        y = np.zeros_like(x, shape=(n,))
        y[0] = x[0]
        for i in range(1, n):
            y[i] = np.sin(y[i - 1]) + x[1]
        return y

    x, v = np.array([0.3, 0.4]), np.array([1.0, -2.0])
    y, expected = [x[0]], [v[0]]
    for _ in range(1, n):
        expected.append(np.cos(y[-1]) * expected[-1] + v[1])
        y.append(np.sin(y[-1]) + x[1])
    _, push = dn.linearize(f, x)
    for _ in range(2):
        np.testing.assert_allclose(push(v), expected, rtol=1e-12)
    np.testing.assert_array_equal(v, [1.0, -2.0])
    assert peak(lambda: dn.linearize(f, x)[1](v)) < 9e6  # it was 14 million
    A = dn.jacobian_operator(f, x)
    np.testing.assert_allclose(A @ v, expected, rtol=1e-12)


def test_a_pushforward_leaves_tangents_alone_that_are_used_again():
    def f(x):
        y = np.zeros_like(x)
        y[:2] = x[:2] * 2
        z = y * 3
        before = y[1:3]
        y[1] = x[0] * x[1]
        w = y.copy()
        w[0] = 5.0
        y[:] = y[::-1]
        return np.concatenate([x, y, z, before * 2, w])

    x = np.array([2.0, 3.0, 5.0])
    expected = np.zeros((14, 3))
    expected[:3] = np.eye(3)
    expected[3:6] = [[0, 0, 0], [3, 2, 0], [2, 0, 0]]
    expected[6:9] = [[6, 0, 0], [0, 6, 0], [0, 0, 0]]
    expected[9:11] = [[6, 4, 0], [4, 0, 0]]  # a view sees what is written later
    expected[11:] = [[0, 0, 0], [3, 2, 0], [0, 0, 0]]
    _, push = dn.linearize(f, x)
    for row in np.eye(3):
        np.testing.assert_allclose(push(row), expected @ row, rtol=1e-14)


def test_hessians_of_loops_that_fill_an_array_stay_sparse_and_hold_one_array():
    n = 300

    def f(x):
        y = np.zeros_like(x)
        for i in range(1, n):
            y[i] = x[i] * x[i - 1]
        return np.sum(y**2)

    x = np.linspace(0.2, 0.8, n)
    H = dn.hessian(f, sparse=True)(x)
    squares = np.concatenate([[0], x**2, [0]])
    expected = np.diag(2 * (squares[:-2] + squares[2:])) + np.diag(4 * x[1:] * x[:-1], 1) + np.diag(4 * x[1:] * x[:-1], -1)
    np.testing.assert_allclose(H.toarray(), expected, rtol=1e-12)
    assert H.nnz <= 3 * n
    v = np.cos(np.arange(n))
    np.testing.assert_allclose(dn.hvp(f, (x,), (v,)), expected @ v, rtol=1e-12)
    assert peak(lambda: dn.hvp(f, (x,), (v,))) < 4.4e6
    assert peak(lambda: dn.hessian(f, sparse=True)(x)) < 4e6


def test_a_loop_that_writes_at_fancy_indices_holds_one_array():
    n = 1000

    def f(x):
        y = np.zeros_like(x)
        for i in range(0, n - 2, 2):
            y[[i, i + 2]] = x[[i + 1, i]] ** 2
        return np.sum(y)

    x = np.linspace(0.2, 0.8, n)
    gradient = dn.grad(f, mode="reverse")
    expected = np.where(np.arange(n) % 2, 2 * x, 0)
    expected[[n - 4, n - 1]] = 2 * x[n - 4], 0
    np.testing.assert_allclose(gradient(x), expected, rtol=1e-14)
    assert peak(lambda: gradient(x)) < 4e6  # it was 6 million


FREED = {
    "jvp": lambda f, x: dn.jvp(f, (x,), (x,)), "vjp": lambda f, x: dn.vjp(f, x)[1](1.0),
    "grad": lambda f, x: dn.grad(f, mode="forward")(x), "hvp": lambda f, x: dn.hvp(f, (x,), (x,)),
    "hessian": lambda f, x: dn.hessian(f)(x), "sparse": lambda f, x: dn.hessian(f, sparse=True)(x),
    "jacobian": lambda f, x: dn.jacobian(f, mode="reverse")(x), "operator": lambda f, x: dn.jacobian_operator(f, x) @ x,
    "taylor": lambda f, x: dn.taylor(f, x, order=3),
    "linearize": lambda f, x: dn.linearize(f, x)[1](x), "nested": lambda f, x: dn.grad(lambda z: np.sum(dn.grad(f)(z) ** 2))(x),
}


@pytest.mark.parametrize("transform", FREED)
def test_what_a_derivative_has_held_is_freed_without_the_garbage_collector(transform):
    def f(x):
        y = np.zeros_like(x)
        for k in range(3):
            y[k] = np.sin(x[k]) * x[k - 1]
        part = y[1:]
        part *= x[0]
        y[[0, 2]] = x[[1, 1]] ** 2
        y[y > 0.5] = x[-1]
        y += np.where(x > 0.3, x, 0) * np.maximum(x, 0.2) * np.abs(x - 0.4)
        return np.sum(y.reshape(-1) ** 2) + np.exp(-np.diagonal(np.outer(x, y))).sum() * x[1] - np.convolve(x, y).max()

    x = np.linspace(0.1, 0.9, 5)
    FREED[transform](f, x)
    gc.collect()
    enabled = gc.isenabled()
    gc.disable()
    try:
        FREED[transform](f, x)
        assert gc.collect() == 0
    finally:
        if enabled:
            gc.enable()


def test_taylor_mode_keeps_the_last_steps_of_a_loop():
    def f(x):
        for _ in range(1000):
            x = np.sin(x) * 1.5
        return x

    found = dn.taylor(f, 0.3, order=2)
    x, first, second = 0.3, 1.0, 0.0
    for _ in range(1000):
        x, first, second = 1.5 * np.sin(x), 1.5 * np.cos(x) * first, 1.5 * (np.cos(x) * second - np.sin(x) * first**2)
    np.testing.assert_allclose(found, [x, first, second], rtol=1e-9, atol=1e-300)
    assert peak(lambda: dn.taylor(f, 0.3, order=2)) < 2e5  # it was 4 million


def test_taylor_mode_of_a_loop_that_fills_an_array_holds_one_for_each_order():
    n = 1000

    def f(x):
        y = np.zeros_like(x, shape=(n,))
        y[0] = x[0]
        for i in range(1, n):
            y[i] = y[i - 1] * x[1] + x[0]
        return y

    x, v = np.array([0.3, 0.9]), np.array([1.0, -2.0])
    along = np.polynomial.Polynomial([x[0], v[0]]), np.polynomial.Polynomial([x[1], v[1]])
    y, expected = along[0], []
    for _ in range(n):
        expected.append([*y.coef, 0.0, 0.0][:3] * np.array([1.0, 1.0, 2.0]))
        y = np.polynomial.Polynomial((y * along[1] + along[0]).coef[:3])
    np.testing.assert_allclose(dn.taylor(f, x, v, order=2), np.transpose(expected), rtol=1e-9)
    assert peak(lambda: dn.taylor(f, x, v, order=2)) < 3e5  # it was 33 million


def test_writes_in_taylor_mode_leave_what_was_read_before():
    def f(x):
        y = x * 2
        before, part, z = y.copy(), y[1:], y
        y[0] = x[1] * x[2]
        w = y * 3
        y[1] = np.sin(x[0])
        y[2] = 5.0
        return np.concatenate([before, part, z, w, y])

    x, v = np.array([2.0, 3.0, 5.0]), np.array([1.0, -1.0, 0.5])
    sines, y0 = [np.sin(2.0), np.cos(2.0), -np.sin(2.0)], [15.0, -3.5, -1.0]
    rows = [[4, 2, 0], [6, -2, 0], [10, 1, 0], sines, [5, 0, 0], y0, sines, [5, 0, 0], np.multiply(3, y0), [18, -6, 0], [30, 3, 0],
            y0, sines, [5, 0, 0]]
    np.testing.assert_allclose(dn.taylor(f, x, v, order=2), np.transpose(rows), rtol=1e-14)


@pytest.mark.parametrize("f", [np.tan, lambda x: np.linalg.solve(np.outer(x, x) + np.eye(3), x), lambda x: np.linalg.eigh(
    np.outer(x, x) + np.diag([1.0, 2.0, 4.0]))[0]], ids=["tan", "solve", "eigh"])
def test_taylor_mode_leaves_nothing_for_the_garbage_collector(f):
    x, h = np.array([0.2, 0.3, 0.5]), 1e-5
    gc.collect()
    gc.disable()
    try:
        found = dn.taylor(f, x, order=3)
        left = sum(type(o) is Series for o in gc.get_objects())
    finally:
        gc.enable()
    assert left == 0  # it was dozens
    np.testing.assert_allclose(found[1], (f(x + h) - f(x - h)) / (2 * h), rtol=1e-7)


def nested(depth):
    def f(x):
        s = x
        for _ in range(depth):
            s = np.sin(s) * x
        return s

    return f


def test_explain_measures_functions_of_functions_part_by_part():
    lesson = dn.explain(nested(16), 0.9)  # going through the parts again and again took 2**16 of them
    entry, = lesson.closed_form
    with mpmath.workdps(40):
        exact = mpmath.diff(lambda x: mpmath.mpf(1) * _nested_in_mpmath(x, 16), 0.9)
    assert abs(mpmath.mpf(entry.exact) / exact - 1) < 1e-15
    assert entry.ulps < 64


def _nested_in_mpmath(x, depth):
    s = x
    for _ in range(depth):
        s = mpmath.sin(s) * x
    return s


def test_closed_forms_nested_too_deep_are_refused_by_name():
    with pytest.raises(OracleError, match="deeper than SymPy can differentiate"):
        dn.closed_form(nested(90), 0.9).evaluate_gradient()

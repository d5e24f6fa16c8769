"""Rows of linear algebra against differences, identities and exact determinants."""

from fractions import Fraction
from functools import partial

import mpmath
import numpy as np
import pytest
from differences import along, check_second, close, keeps_float32, random_like, verify

import dualnet as dn

MATRIX = np.random.default_rng(1).standard_normal((3, 3)) + 2 * np.eye(3)
STACK = np.random.default_rng(2).standard_normal((2, 3, 3)) + 2 * np.eye(3)
TALL = np.random.default_rng(3).standard_normal((4, 2))
B = np.random.default_rng(4).standard_normal((3, 2))


def positive(x):
    return x @ np.swapaxes(np.conj(x), -1, -2) + np.eye(x.shape[-1], dtype=x.dtype)


FUNCTIONS = {
    "solve": (lambda a: np.linalg.solve(a, B), MATRIX),
    "solve of a vector": (lambda a: np.linalg.solve(a, B[:, 0]), MATRIX),
    "solve by b": (lambda b: np.linalg.solve(MATRIX, b), B),
    "solve by a vector": (lambda b: np.linalg.solve(MATRIX, b), B[:, 0]),
    "solve by both": (lambda a: np.linalg.solve(a, a[:, :2]), MATRIX),
    "solve of a stack": (lambda a: np.linalg.solve(a, B), STACK),
    "solve of a stack, vector": (lambda b: np.linalg.solve(STACK, b), B[:, 0]),
    "solve by a stack of b": (lambda b: np.linalg.solve(MATRIX, b), np.stack([B, 2 * B])),
    "inv": (np.linalg.inv, MATRIX),
    "inv of a stack": (np.linalg.inv, STACK),
    "det": (np.linalg.det, MATRIX),
    "det of a stack": (np.linalg.det, STACK),
    "det of one element": (np.linalg.det, MATRIX[:1, :1]),
    "log det": (lambda a: np.linalg.slogdet(a)[1], STACK),
    "cholesky": (lambda a: np.linalg.cholesky(positive(a)), MATRIX),
    "cholesky of a stack": (lambda a: np.linalg.cholesky(positive(a)), STACK),
    "cholesky reads one triangle": (lambda a: np.linalg.cholesky(a), positive(MATRIX)),
    "cholesky, upper": (lambda a: np.linalg.cholesky(a, upper=True), positive(MATRIX)),
    "matrix_power": (lambda a: np.linalg.matrix_power(a, 5), MATRIX),
    "matrix_power, negative": (lambda a: np.linalg.matrix_power(a, -2), STACK),
    "multi_dot": (lambda a: np.linalg.multi_dot([B[:, 0], a, a, B, B.T]), MATRIX),
    "trace": (lambda a: np.linalg.trace(a, offset=1), STACK),
    "diagonal": (lambda a: np.linalg.diagonal(a, offset=-1), STACK),
    "matrix_transpose": (lambda a: np.linalg.matrix_transpose(a), STACK),
    "matmul": (lambda a: np.linalg.matmul(a, B), STACK),
    "pinv": (np.linalg.pinv, TALL),
    "pinv, wide": (np.linalg.pinv, np.stack([TALL.T, 2 + TALL.T])),
    "lstsq": (lambda a: np.linalg.lstsq(a, TALL @ B[:2] + 1)[0], TALL),
    "lstsq of a vector": (lambda b: np.linalg.lstsq(TALL, b)[0], TALL[:, 1] + 1),
    "lstsq, residuals": (lambda a: np.linalg.lstsq(a, np.arange(4.0))[1], TALL),
    "lstsq, wide": (lambda a: np.linalg.lstsq(a, np.arange(2.0))[0], TALL.T),
    "tensorinv": (lambda a: np.linalg.tensorinv(np.reshape(a, (3, 3, 3, 3)) + 5 * np.eye(9).reshape(3, 3, 3, 3)), np.arange(81.0) / 30),
    "tensorsolve": (lambda a: np.linalg.tensorsolve(a + 5 * np.eye(6).reshape(2, 3, 2, 3), B.T), np.arange(36.0).reshape(2, 3, 2, 3) / 20),
    "cond, 1": (lambda a: np.linalg.cond(a, 1), MATRIX),
    "cond": (np.linalg.cond, STACK),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_against_differences(name, rng):
    f, x = FUNCTIONS[name]
    verify(f, x, rng, 3e-8 if "tensor" in name else 1e-8, h=0.02)


COMPLEX = {
    "solve": (lambda a: np.linalg.solve(a, B + 1j), MATRIX),
    "solve by b": (lambda b: np.linalg.solve(MATRIX + 1j, b), B),
    "inv": (np.linalg.inv, STACK),
    "det": (np.linalg.det, STACK),
    "log det": (lambda a: np.linalg.slogdet(a)[1], MATRIX),
    "det's phase": (lambda a: np.linalg.slogdet(a)[0], STACK),
    "cholesky": (lambda a: np.linalg.cholesky(positive(a)), MATRIX),
    "cholesky reads one triangle": (np.linalg.cholesky, positive(MATRIX + 1j * MATRIX.T)),
    "pinv": (np.linalg.pinv, TALL),
    "lstsq": (lambda a: np.linalg.lstsq(a, TALL @ B[:2] + 1j)[0], TALL),
    "matrix_power": (lambda a: np.linalg.matrix_power(a, -3), MATRIX),
}


@pytest.mark.parametrize("name", COMPLEX)
def test_complex_against_differences(name, rng):
    f, x = COMPLEX[name]
    x = x if np.iscomplexobj(x) else x + 0.5j * random_like(x, rng)
    verify(f, x, rng, 1e-8, h=0.02)


@pytest.mark.parametrize("rank", [0, 1, 2, 3, 4])
def test_det_of_any_rank_to_third_order(rank, rng):
    u, v = rng.integers(-3, 4, (4, rank)), rng.integers(-3, 4, (rank, 4))
    a, t = (u @ v).astype(float), rng.integers(-3, 4, (4, 4)).astype(float)
    exact = _det_series(a, t)
    f = np.linalg.det
    for order in range(1, 4):
        close(_derivative(f, t, order)(a), exact[order], 1e-11)
    gradient = dn.grad(f, mode="reverse")
    close(np.sum(gradient(a) * t), exact[1], 1e-11)
    close(np.sum(dn.jvp(gradient, (a,), (t,))[1] * t), exact[2], 1e-11)
    close(np.sum(dn.grad(lambda x: np.sum(dn.grad(f, mode="reverse")(x) * t), mode="reverse")(a) * t), exact[2], 1e-11)


def _derivative(f, t, order):
    return f if not order else lambda x: dn.jvp(_derivative(f, t, order - 1), (x,), (t,))[1]


def _det_series(a, t):
    """Derivatives of det(a + s t) at s = 0: a polynomial of degree 4 through five exact values."""
    points = list(range(-2, 3))
    with mpmath.workdps(40):
        values = [mpmath.det(mpmath.matrix((a + s * t).tolist())) for s in points]
        c = mpmath.lu_solve(mpmath.matrix([[mpmath.mpf(s) ** k for k in range(5)] for s in points]), mpmath.matrix(values))
        return [float(c[k] * mpmath.factorial(k)) for k in range(5)]


def test_det_that_underflows_and_near_singular_matrices():
    tiny = 1e-200 * np.eye(2)
    close(dn.grad(np.linalg.det)(tiny) * 1e200, np.eye(2), 1e-12)
    close(dn.hessian(np.linalg.det)(tiny)[0, 0], [[0, 0], [0, 1]], 1e-12)
    nearly = np.array([[1.0, 2.0], [2.0, 4.0 + 1e-15]])
    close(dn.grad(np.linalg.det)(nearly), [[4, -2], [-2, 1]], 1e-12)
    close(dn.hessian(np.linalg.det)(nearly)[0, 1], [[0, 0], [-1, 0]], 1e-12)
    both = np.stack([np.ones((2, 2)), np.eye(2)])
    close(dn.jacobian(np.linalg.det)(both)[1, 1], np.eye(2), 1e-12)


@pytest.mark.filterwarnings("ignore:invalid value")
def test_det_of_nan_and_log_det_of_a_singular_matrix_are_nan():
    assert np.all(np.isnan(dn.grad(np.linalg.det)(np.full((2, 2), np.nan))))
    with np.errstate(all="ignore"):
        assert np.all(np.isnan(dn.grad(lambda a: np.linalg.slogdet(a)[1])(np.ones((2, 2)))))


def test_singular_matrices_raise_as_in_numpy():
    with pytest.raises(np.linalg.LinAlgError):
        dn.grad(lambda a: np.sum(np.linalg.inv(a)))(np.ones((2, 2)))
    with pytest.raises(np.linalg.LinAlgError):
        dn.grad(lambda a: np.sum(np.linalg.solve(a, np.ones(2))))(np.ones((2, 2)))
    with pytest.raises(np.linalg.LinAlgError):
        dn.grad(lambda a: np.linalg.det(a))(np.ones((2, 3)))


def test_hilbert_inverse_against_fifty_digits():
    n = 5
    hilbert = 1 / (np.arange(n)[:, None] + np.arange(n) + 1)
    with mpmath.workdps(50):
        inverse = mpmath.inverse(mpmath.matrix(hilbert.tolist()))
        expected = np.array((-inverse * mpmath.ones(n) * inverse).tolist(), float)
    value = dn.jvp(np.linalg.inv, (hilbert,), (np.ones((n, n)),))[1]
    assert np.max(np.abs(value - expected)) < 1e-9 * np.max(np.abs(expected))


def test_float32_is_kept():
    for f in (np.linalg.inv, np.linalg.det, lambda a: np.linalg.solve(a, a), lambda a: np.linalg.slogdet(a)[1], np.linalg.pinv,
              lambda a: np.linalg.cholesky(positive(a)), lambda a: np.linalg.det(a * np.float32(0)), np.linalg.norm,
              lambda a: np.linalg.norm(a, 3, axis=0), lambda a: np.linalg.norm(a, "nuc"), lambda a: np.linalg.cond(a)):
        keeps_float32(f, MATRIX)


def test_empty_stacks_and_matrices():
    empty = np.zeros((0, 3, 3))
    for f in (np.linalg.inv, np.linalg.det, lambda a: np.linalg.solve(a, B), lambda a: np.linalg.slogdet(a)[1], np.linalg.cholesky):
        y, dy = dn.jvp(f, (empty,), (empty,))
        assert y.shape == dy.shape == f(empty).shape
    assert dn.jacobian(np.linalg.det)(np.zeros((0, 0))).shape == (0, 0)
    assert dn.jacobian(np.linalg.inv)(np.zeros((0, 0))).shape == (0,) * 4


def test_lists_of_traced_numbers_as_right_hand_side():
    f = lambda x: np.linalg.solve(MATRIX * x[0], [x[0], x[1] ** 2, 1.0])
    close(dn.jvp(f, (np.array([1.0, 2.0]),), (np.array([0.3, 1.0]),))[1], along(f, np.array([1.0, 2.0]), np.array([0.3, 1.0])), 1e-9)


def test_gaussian_log_likelihood(rng):
    x = rng.standard_normal(3)

    def nll(l):
        s = l @ l.T + np.eye(3)
        return 0.5 * x @ np.linalg.solve(s, x) + 0.5 * np.linalg.slogdet(s)[1]

    verify(nll, rng.standard_normal((3, 3)), rng)


NORMS = [(None, None), (2, None), (1, 0), (2, 1), (3, 1), (2.5, -1), (np.inf, 0), (-np.inf, 1), (0, 1), (-1, 0), (4, 0),
         ("fro", (0, 1)), (None, (1, 0)), ("nuc", (0, 1)), (1, (0, 1)), (-1, (1, 0)), (2, (0, 1)), (-2, (0, 1)), (np.inf, (1, 0)),
         (-np.inf, (0, 1)), (0.5, 0)]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(("ord", "axis"), NORMS)
def test_norms(ord, axis, keepdims, rng):
    x = STACK[0] if axis is None and ord is not None else STACK if axis is None else TALL
    verify(lambda x: np.linalg.norm(x, ord, axis, keepdims), x, rng, h=0.01)
    if isinstance(axis, tuple):
        verify(lambda x: np.linalg.norm(x, ord, (2, 0), keepdims), STACK, rng, h=0.01)


@pytest.mark.parametrize("ord", [None, 1, 2, 3, np.inf, -np.inf])
def test_norms_of_complex_arrays(ord, rng):
    verify(lambda x: np.linalg.norm(x, ord, 0), TALL + 1j * random_like(TALL, rng), rng, h=0.01)
    verify(lambda x: np.linalg.norm(x, ord), TALL[0] + 1j * random_like(TALL[0], rng), rng, h=0.01)


def test_array_api_norms(rng):
    verify(lambda x: np.linalg.vector_norm(x, axis=(0, 2), keepdims=True), STACK, rng)
    verify(lambda x: np.linalg.vector_norm(x, ord=3), STACK, rng)
    verify(lambda x: np.linalg.matrix_norm(x, ord="nuc", keepdims=True), STACK, rng)
    verify(lambda x: np.linalg.matrix_norm(x), STACK, rng)


@pytest.mark.parametrize("scale", [1e200, 1e-200, 1e308, 5e-324])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_gradient_of_norm_neither_overflows_nor_underflows(scale, mode):
    x = np.array([1.0, -1.0]) * scale
    with np.errstate(over="ignore"):
        close(dn.grad(np.linalg.norm, mode=mode)(x), np.array([1, -1]) * 0.5**0.5, 1e-15)
        close(dn.grad(lambda x: np.linalg.norm(x, 3), mode=mode)(x), np.array([1, -1]) * 0.5 ** (2 / 3), 1e-15)
        assert dn.jvp(np.linalg.norm, (x,), (np.array([1.0, 0]),))[1] == pytest.approx(0.5**0.5, rel=1e-15)


@pytest.mark.parametrize("ord", [None, 1, 2, 3, np.inf])
def test_norm_at_zero_looks_ahead(ord):
    zero, v = np.zeros(3), np.array([3.0, 0, -4.0])
    f = lambda x: np.linalg.norm(x, ord)
    close(dn.jvp(f, (zero,), (v,))[1], np.linalg.norm(v, ord), 1e-14)
    close(dn.grad(f, mode="forward")(zero), dn.grad(f, mode="reverse")(zero), 1e-14)
    dual = {None: 2, 1: np.inf, 2: 2, 3: 1.5, np.inf: 1}[ord]
    assert np.linalg.norm(dn.grad(f)(zero), dual) == pytest.approx(1)


def test_norm_at_zero_with_local_kinks_and_at_second_order():
    assert np.all(dn.grad(np.linalg.norm, kinks="local")(np.zeros(3)) == 0)
    square = dn.hessian(lambda x: np.linalg.norm(x) ** 2)(np.zeros(2))
    assert np.all(np.isnan(square) | (square == 2 * np.eye(2)))
    rows = dn.jacobian(lambda x: np.linalg.norm(x, axis=1))(np.array([[0.0, 0.0], [3.0, 4.0]]))
    close(rows[1, 1], [0.6, 0.8], 1e-15)
    assert np.linalg.norm(rows[0, 0]) == pytest.approx(1)


def test_largest_norm_is_one_hot():
    assert dn.grad(lambda x: np.linalg.norm(x, np.inf))(np.array([1.0, -3.0, 2.0])).tolist() == [0, -1, 0]


def test_norm_refuses_what_numpy_refuses():
    for ord, axis in ((3, None), ("nuc", 0), ("fro", 0), (7, (0, 1)), (None, (0, 1, 2))):
        f = partial(np.linalg.norm, ord=ord, axis=axis)
        with pytest.raises(ValueError, match="norm|dimensions"):
            f(STACK)
        with pytest.raises(ValueError, match="norm|dimensions"):
            dn.jvp(f, (STACK,), (STACK,))


def test_pinv_of_a_singular_matrix_keeps_the_rank(rng):
    b = rng.standard_normal((4, 2))
    f = lambda x: np.linalg.pinv(x @ b.T)
    close(dn.jvp(f, (b,), (b[::-1],))[1], along(f, b, b[::-1], 0.02), 1e-8)
    check_second(lambda x: np.linalg.pinv(x @ x.T, hermitian=True), b[:, :1], rng)


def exact_cofactors(a):
    """The cofactors of a small matrix in fractions, rounded once."""
    def det(rows):
        return Fraction(1) if not rows else sum((-1) ** j * x * det([r[:j] + r[j + 1:] for r in rows[1:]]) for j, x in enumerate(rows[0]))

    rows = [[Fraction(x) for x in row] for row in a.tolist()]
    n = range(len(rows))
    return np.array([[float((-1) ** (i + j) * det([r[:j] + r[j + 1:] for k, r in enumerate(rows) if k != i])) for j in n] for i in n])


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("size", [2, 3, 4])
def test_slopes_of_determinants_whose_rows_and_columns_are_of_very_different_sizes(size, mode, rng):
    for _ in range(40):
        a = rng.standard_normal((size, size)) * 10.0 ** rng.integers(-70, 70, (size, 1)) * 10.0 ** rng.integers(-70, 70, (1, size))
        diagonal = np.diag(10.0 ** rng.integers(-90, 90, size))
        for matrix in (a, diagonal, a / np.max(np.abs(a)) * 1e-150):
            np.testing.assert_allclose(dn.grad(np.linalg.det, mode=mode)(matrix), exact_cofactors(matrix), rtol=1e-9, atol=1e-300)

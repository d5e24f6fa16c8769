"""Rows of eigenvalues, singular values, their vectors and QR against differences and identities."""

import numpy as np
import pytest
from differences import close, keeps_float32, random_like, verify

import dualnet as dn
from dualnet.errors import NotDifferentiableError

MATRIX = np.random.default_rng(5).standard_normal((4, 4)) + np.diag([1.0, 3, 5, 8])
STACK = np.random.default_rng(6).standard_normal((2, 3, 3)) + np.diag([1.0, 4, 9])
TALL = np.random.default_rng(7).standard_normal((4, 3)) + 3 * np.eye(4, 3) * np.arange(1, 4)
SMALL = TALL[:3]
SIGNS = np.cos(np.arange(16.0)).reshape(4, 4)


def fixed(v):
    """Vectors without the freedom of sign and phase: their projectors, weighted."""
    n = v.shape[-1]
    return np.matmul(v * SIGNS[0, :n], np.conj(np.swapaxes(v, -1, -2)))


def _exponential(decomposition):
    w, v = decomposition
    return np.matmul(v * np.exp(w / 9), v.T)


FUNCTIONS = {
    "eigvalsh": (np.linalg.eigvalsh, STACK),
    "eigvalsh of the upper triangle": (lambda a: np.linalg.eigvalsh(a, "U"), STACK),
    "eigh": (lambda a: np.linalg.eigh(a)[1], MATRIX),
    "eigh, values": (lambda a: np.linalg.eigh(a).eigenvalues, MATRIX),
    "a function of a matrix": (lambda a: _exponential(np.linalg.eigh(a)), MATRIX),
    "eigvals": (np.linalg.eigvals, STACK),
    "eigvals, complex": (lambda a: np.linalg.eigvals(a - np.tril(5 * a)), MATRIX),
    "eig": (lambda a: np.linalg.eig(a)[1], STACK),
    "eig, complex": (lambda a: np.linalg.eig(a - np.tril(5 * a))[1], MATRIX),
    "svdvals": (np.linalg.svdvals, STACK),
    "svdvals, wide": (np.linalg.svdvals, TALL.T),
    "svd, compute_uv=False": (lambda a: np.linalg.svd(a, compute_uv=False), TALL),
    "svd, left": (lambda a: np.linalg.svd(a, full_matrices=False)[0], TALL),
    "svd, right": (lambda a: np.linalg.svd(a, full_matrices=False)[2], TALL),
    "svd, wide left": (lambda a: np.linalg.svd(a, full_matrices=False)[0], TALL.T),
    "svd, wide right": (lambda a: np.linalg.svd(a, full_matrices=False)[2], TALL.T),
    "svd, square": (lambda a: np.linalg.svd(a)[0] + np.linalg.svd(a)[2], STACK),
    "svd, whole": (lambda a: np.linalg.svd(a)[0], TALL),
    "svd, whole wide": (lambda a: np.linalg.svd(a)[2], TALL.T),
    "svd, null space": (lambda a: np.matmul(np.linalg.svd(a)[0][:, 2:], np.linalg.svd(a)[0][:, 2:].T), TALL[:, :2]),
    "qr, q": (lambda a: np.linalg.qr(a)[0], TALL),
    "qr, r": (lambda a: np.linalg.qr(a).R, np.stack([TALL, TALL + 1])),
    "qr, mode r": (lambda a: np.linalg.qr(a, "r"), TALL),
    "qr, wide": (lambda a: np.linalg.qr(a)[1], TALL.T),
    "qr, complete": (lambda a: np.linalg.qr(a, "complete")[0], TALL),
    "qr, complete of two": (lambda a: np.linalg.qr(a, "complete")[0], TALL[:, :2]),
    "qr, complete r": (lambda a: np.linalg.qr(a, "complete")[1], TALL),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_against_differences(name, rng):
    f, x = FUNCTIONS[name]
    verify(f, x, rng, 3e-8, h=0.01)


COMPLEX = {
    "eigvalsh": (np.linalg.eigvalsh, STACK),
    "eigh": (lambda a: fixed(np.linalg.eigh(a)[1]), MATRIX),
    "eigvals": (np.linalg.eigvals, STACK),
    "eig": (lambda a: np.linalg.eig(a)[1], MATRIX),
    "svdvals": (np.linalg.svdvals, TALL),
    "svd, left": (lambda a: fixed(np.linalg.svd(a, full_matrices=False)[0]), TALL),
    "svd, right": (lambda a: fixed(np.conj(np.linalg.svd(a, full_matrices=False)[2].T)), TALL.T),
    "svd, product": (lambda a: np.linalg.svd(a, full_matrices=False)[0] @ np.linalg.svd(a, full_matrices=False)[2], TALL),
    "qr, q": (lambda a: np.linalg.qr(a)[0], TALL),
    "qr, complete": (lambda a: np.linalg.qr(a, "complete")[0], TALL[:, :2]),
    "qr, r": (lambda a: np.linalg.qr(a)[1], TALL.T),
    "nuclear norm": (lambda a: np.linalg.norm(a, "nuc"), TALL),
}


@pytest.mark.parametrize("name", COMPLEX)
def test_complex_against_differences(name, rng):
    f, x = COMPLEX[name]
    verify(f, x + 0.3j * random_like(x, rng), rng, 3e-8, h=0.01)


def test_products_of_factors_have_the_derivative_of_the_matrix(rng):
    """The factors put together are the matrix, whatever the gauge: an identity that needs no differences."""
    z = TALL + 1j * random_like(TALL, rng)
    for x in (TALL, TALL.T, z, z.T):
        v = random_like(x, rng)

        def again(x):
            u, s, vh = np.linalg.svd(x, full_matrices=False)
            return np.matmul(u * s, vh)

        close(dn.jvp(again, (x,), (v,))[1], v, 1e-12)
        close(dn.jvp(lambda x: np.matmul(*np.linalg.qr(x)), (x,), (v,))[1], v, 1e-12)
        close(dn.jvp(lambda x: dn.jvp(again, (x,), (x,))[1], (x,), (v,))[1], v, 1e-11)


def test_third_order(rng):
    f = lambda x: np.linalg.eigvalsh(MATRIX + x * SIGNS)[1]
    coefficients = np.polynomial.polynomial.polyfit(np.linspace(-0.1, 0.1, 21), [f(x) for x in np.linspace(-0.1, 0.1, 21)], 9)
    third = dn.derivative(dn.derivative(dn.derivative(f)))(0.0)
    assert third == pytest.approx(6 * coefficients[3], rel=1e-4)


def test_equal_eigenvalues_look_ahead():
    v = np.array([[0.0, 1.0], [1.0, 0.0]])
    eye = np.eye(2)
    close(dn.jvp(np.linalg.eigvalsh, (eye,), (v,))[1], [-1, 1], 1e-14)
    close(dn.jvp(np.linalg.svdvals, (eye,), (v,))[1], [1, -1], 1e-14)
    close(dn.jvp(lambda a: np.linalg.norm(a, 2), (eye,), (-eye,))[1], -1, 1e-14)
    close(dn.jvp(lambda a: np.linalg.norm(a, 2), (eye,), (v,))[1], 1, 1e-14)
    forward, reverse = (dn.jacobian(np.linalg.eigvalsh, mode=mode)(eye) for mode in ("forward", "reverse"))
    close(forward, reverse, 1e-14)
    close(np.sum(forward, axis=0), eye, 1e-14)


def test_symmetric_functions_of_equal_eigenvalues():
    eye = 2 * np.eye(3)
    close(dn.grad(lambda a: np.sum(np.linalg.eigvalsh(a) ** 2))(eye), 4 * np.eye(3), 1e-13)
    close(dn.grad(lambda a: np.sum(np.log(np.linalg.svdvals(a))))(eye), np.eye(3) / 2, 1e-13)
    close(dn.grad(lambda a: np.linalg.norm(a, "nuc"))(eye), np.eye(3), 1e-13)


def test_what_is_not_defined_is_nan_or_raises():
    eye = np.eye(2)
    assert np.all(np.isnan(dn.jvp(lambda a: np.linalg.eigh(a)[1], (eye,), (eye,))[1]))
    assert np.any(np.isnan(dn.grad(lambda a: np.linalg.eigh(a)[1][0, 0])(eye)))
    assert np.all(np.isnan(dn.jvp(np.linalg.eigvals, (eye,), (eye,))[1]))
    assert np.isnan(dn.jvp(lambda a: np.linalg.norm(a, "nuc"), (np.ones((2, 2)),), (eye,))[1])
    assert np.all(np.isnan(dn.grad(lambda a: np.linalg.norm(a, "nuc"))(np.ones((2, 2)))))
    close(dn.grad(lambda a: np.linalg.norm(a, 2))(np.ones((2, 2))), np.full((2, 2), 0.5), 1e-14)
    for singular in (np.zeros((2, 2)), np.ones((2, 2))):
        for mode in ("forward", "reverse"):
            assert np.all(np.isnan(dn.jacobian(lambda a: np.linalg.qr(a)[0], mode=mode)(singular)))
    with pytest.raises(NotDifferentiableError, match="raw"):
        dn.jvp(lambda a: np.linalg.qr(a, "raw")[0], (eye,), (eye,))
    with pytest.raises(ValueError, match="UPLO"):
        dn.jvp(lambda a: np.linalg.eigh(a, "X")[0], (eye,), (eye,))


def test_results_are_named_as_in_numpy():
    names = []

    def f(a):
        names.extend([*np.linalg.eigh(a)._fields, *np.linalg.eig(a)._fields, *np.linalg.svd(a)._fields, *np.linalg.qr(a)._fields])
        return np.linalg.svd(a).S + np.linalg.matrix_rank(a)

    dn.jvp(f, (MATRIX,), (MATRIX,))
    assert names == "eigenvalues eigenvectors eigenvalues eigenvectors U S Vh Q R".split()


def test_float32_and_empty():
    for f in (np.linalg.eigvalsh, lambda a: np.linalg.eigh(a)[1], np.linalg.svdvals, lambda a: np.linalg.svd(a)[0],
              lambda a: np.linalg.qr(a)[0], lambda a: np.real(np.linalg.eigvals(a))):
        keeps_float32(f, MATRIX)
        y, dy = dn.jvp(f, (np.zeros((0, 3, 3)),), (np.zeros((0, 3, 3)),))
        assert y.shape == dy.shape == f(np.zeros((0, 3, 3))).shape


def test_equal_eigenvalues_are_sorted_ahead_or_left_in_their_basis():
    f = lambda t: np.linalg.eigvalsh(np.stack([np.stack([1.0, t]), np.stack([t, 1.0])]))  # 1 - |t|, 1 + |t|
    for slopes in (dn.jvp(f, (0.0,), (1.0,))[1], dn.jacobian(f, mode="reverse")(0.0)):
        np.testing.assert_allclose(slopes, [-1.0, 1.0], rtol=1e-14)
    assert dn.jvp(f, (0.0,), (1.0,), kinks="local")[1].tolist() == [0.0, 0.0]
    assert dn.jacobian(f, mode="reverse", kinks="local")(0.0).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_the_largest_singular_value_of_a_matrix_of_rank_one_has_a_slope(mode):
    for u, v in (([2.0, 1.0, 2.0], [0.6, -0.8]), ([3.0, 0.0, 0.0], [1.0, 0.0])):
        a = np.outer(u, v)
        np.testing.assert_allclose(dn.grad(lambda a: np.linalg.svdvals(a)[0], mode=mode)(a.T), a.T / np.linalg.norm(a), atol=1e-14)
        slope = a / np.linalg.norm(a)
        np.testing.assert_allclose(dn.grad(lambda a: np.linalg.svdvals(a)[0], mode=mode)(a), slope, atol=1e-14)

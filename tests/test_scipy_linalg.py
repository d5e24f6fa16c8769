"""Rows of scipy.linalg: SciPy's values, derivatives by differences in every mode, Fréchet derivatives, higher precision."""

import mpmath
import numpy as np
import pytest
import scipy.linalg as sl
from differences import along, check_second, close, random_like, verify

import dualnet as dn

rng0 = np.random.default_rng(11)
M = rng0.standard_normal((3, 3)) + 2 * np.eye(3)
POSITIVE = M @ M.T + np.eye(3)
STACK = rng0.standard_normal((2, 3, 3)) + 2 * np.eye(3)
TALL, WIDE = rng0.standard_normal((5, 3)) + 4 * np.eye(5, 3), rng0.standard_normal((3, 5))
B = rng0.standard_normal((3, 2))
BAND = rng0.standard_normal((4, 6)) + np.array([[0], [6], [0], [0]])
HALF = rng0.standard_normal((3, 6)) * 0.5 + np.array([[0], [0], [4]])
LOWER = np.linalg.cholesky(POSITIVE)


@pytest.fixture(autouse=True, scope="module")
def switch():
    with dn.enable_scipy("linalg"):
        yield


def signed(v):
    """Eigenvectors with a positive first component: LAPACK's signs jump from one matrix to the next."""
    return v * np.sign(v[0])


FUNCTIONS = {
    "expm": (lambda a: sl.expm(a), M),
    "expm, large": (lambda a: sl.expm(3 * a) / 1e6, M),
    "expm of a stack": (lambda a: sl.expm(a), STACK),
    "expm of a singular matrix": (lambda a: sl.expm(a), np.ones((3, 3))),
    "expm of zeros": (lambda a: sl.expm(a), np.zeros((2, 2))),
    "logm": (lambda a: sl.logm(a), POSITIVE),
    "logm of a general matrix": (lambda a: sl.logm(a), M),
    "sqrtm": (lambda a: sl.sqrtm(a), M),
    "sqrtm of a stack": (lambda a: sl.sqrtm(a), STACK @ STACK.mT + np.eye(3)),
    "cosm": (lambda a: sl.cosm(a), M), "sinm": (lambda a: sl.sinm(a), M), "tanm": (lambda a: sl.tanm(a), 0.2 * M),
    "coshm": (lambda a: sl.coshm(a), M), "sinhm": (lambda a: sl.sinhm(a), M), "tanhm": (lambda a: sl.tanhm(a), M),
    "solve": (lambda a: sl.solve(a, B), M), "solve, b": (lambda b: sl.solve(M, b), B[:, 0]),
    "solve, transposed": (lambda a: sl.solve(a, B, transposed=True), M),
    "solve, symmetric": (lambda a: sl.solve(a, B, assume_a="sym", lower=True), POSITIVE),
    "solve, positive": (lambda a: sl.solve(a, B, assume_a="pos"), POSITIVE),
    "solve, triangular": (lambda a: sl.solve(a, B, assume_a="upper triangular"), M),
    "solve, diagonal": (lambda a: sl.solve(a, B, assume_a="diagonal"), POSITIVE),
    "inv": (lambda a: sl.inv(a), M), "det": (lambda a: sl.det(a), M), "pinv": (lambda a: sl.pinv(a), TALL),
    "norm": (lambda a: sl.norm(a, 2), M), "lstsq": (lambda a: sl.lstsq(a, TALL[:, 0] + 1)[0], TALL),
    "lstsq, residue": (lambda a: sl.lstsq(a, TALL[:, 0] * np.arange(5))[1], TALL),
    "solve_triangular": (lambda a: sl.solve_triangular(a, B), M),
    "solve_triangular, lower": (lambda a: sl.solve_triangular(a, B[:, 0], lower=True), M),
    "solve_triangular, unit": (lambda a: sl.solve_triangular(a, B, trans="T", lower=True, unit_diagonal=True), M),
    "solve_triangular, b": (lambda b: sl.solve_triangular(M, b, trans=1), B),
    "solve_triangular of a stack": (lambda a: sl.solve_triangular(a, B), STACK),
    "cho_factor and cho_solve": (lambda a: sl.cho_solve(sl.cho_factor(a), B), POSITIVE),
    "cho_solve, lower": (lambda a: sl.cho_solve((a, True), B[:, 0]), LOWER),
    "cho_solve, b": (lambda b: sl.cho_solve((LOWER, True), b), B),
    "lu": (lambda a: sl.lu(a)[1], M), "lu, U": (lambda a: sl.lu(a)[2], TALL), "lu, wide": (lambda a: sl.lu(a)[2], WIDE),
    "lu, tall": (lambda a: sl.lu(a, permute_l=True)[0], TALL),
    "lu_factor and lu_solve": (lambda a: sl.lu_solve(sl.lu_factor(a), B), M[::-1]),
    "lu_solve, transposed": (lambda a: sl.lu_solve(sl.lu_factor(a), B[:, 0], 1), M[::-1]),
    "solve_banded": (lambda ab: sl.solve_banded((2, 1), ab, np.arange(6.0)), BAND),
    "solve_banded, b": (lambda b: sl.solve_banded((2, 1), BAND, b), rng0.standard_normal((6, 2))),
    "solveh_banded": (lambda ab: sl.solveh_banded(ab, np.arange(6.0)), HALF),
    "solveh_banded, lower": (lambda ab: sl.solveh_banded(ab, np.arange(6.0), lower=True), HALF[::-1]),
    "solve_sylvester": (lambda a: sl.solve_sylvester(a, POSITIVE[:2, :2], B), M),
    "solve_sylvester, b": (lambda b: sl.solve_sylvester(M, b, B), POSITIVE[:2, :2]),
    "solve_sylvester, q": (lambda q: sl.solve_sylvester(M, POSITIVE[:2, :2], q), B),
    "solve_continuous_lyapunov": (lambda a: sl.solve_continuous_lyapunov(a, POSITIVE), M),
    "solve_toeplitz": (lambda c: sl.solve_toeplitz((c, c * [1.0, 0.5, 0.2]), B), np.array([4.0, 1.0, 2.0])),
    "cholesky": (lambda a: sl.cholesky(a), POSITIVE), "cholesky, lower": (lambda a: sl.cholesky(a, lower=True), POSITIVE),
    "qr": (lambda a: sl.qr(a, mode="economic")[0], TALL), "qr, R": (lambda a: sl.qr(a, mode="r")[0], M),
    "svd": (lambda a: sl.svd(a, full_matrices=False)[0], TALL), "svdvals": (lambda a: sl.svdvals(a), TALL),
    "eigh": (lambda a: sl.eigh(a)[0], POSITIVE), "eigh, vectors": (lambda a: signed(sl.eigh(a)[1]), POSITIVE),
    "eigh of a pair": (lambda a: signed(sl.eigh(a, POSITIVE)[1]), M + M.T),
    "eigh by b": (lambda b: signed(sl.eigh(M + M.T, b)[1]), POSITIVE),
    "eigh, subset": (lambda a: signed(sl.eigh(a, subset_by_index=[1, 2])[1]), POSITIVE),
    "eigvalsh": (lambda a: sl.eigvalsh(a, lower=False), POSITIVE), "eig": (lambda a: np.abs(sl.eig(a)[1]), POSITIVE + 0.1 * M),
    "eigvals": (lambda a: np.real(sl.eigvals(a)), POSITIVE + 0.1 * M),
    "toeplitz": (lambda c: sl.toeplitz(c), B[:, 0]), "toeplitz, row": (lambda r: sl.toeplitz(B[:, 0], r), TALL[:, 0]),
    "circulant": (lambda c: sl.circulant(c), B[:, 0]), "hankel": (lambda c: sl.hankel(c, c[::-1]), B[:, 0]),
    "block_diag": (lambda a: sl.block_diag(a, 2.0, [1.0, 2.0], a[:1]), B),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_derivatives(name, rng):
    f, x = FUNCTIONS[name]
    verify(f, x, rng, h=0.02 if "log" in name else 0.05)


COMPLEX = ["expm", "logm", "sqrtm", "cosm", "solve", "solve_triangular", "cho_solve, b", "lu", "lu, tall", "solve_banded",
           "solve_sylvester", "solve_sylvester, b", "solve_continuous_lyapunov", "toeplitz", "block_diag",
           "solve_triangular, unit", "cho_solve, lower"]


@pytest.mark.parametrize("name", COMPLEX)
def test_complex_matrices(name, rng):
    f, x = FUNCTIONS[name]
    verify(f, x + 0.3j * random_like(x, rng), rng, second=name in ("expm", "solve_banded"))


def test_expm_agrees_with_scipys_frechet_derivative(rng):
    for scale in (1e-8, 1.0, 10.0, 1e6):
        t = scale * random_like(M, rng)
        close(dn.jvp(sl.expm, (M,), (t,))[1] / scale, sl.expm_frechet(M, t, compute_expm=False) / scale, 1e-12)


def test_second_derivative_of_expm_against_fifty_digits():
    with mpmath.workdps(50):
        t = rng0.standard_normal((3, 3))
        h = mpmath.mpf(10) ** -15
        at = lambda k: mpmath.expm(mpmath.matrix(M.tolist()) + k * h * mpmath.matrix(t.tolist()))
        expected = np.array(((at(1) - 2 * at(0) + at(-1)) / h**2).tolist(), float)
    second = dn.jvp(lambda a: dn.jvp(sl.expm, (a,), (t,))[1], (M,), (t,))[1]
    close(second, expected, 1e-12)


def test_logm_inverts_expm_in_derivatives(rng):
    t = random_like(M, rng)
    close(dn.jvp(lambda a: sl.logm(sl.expm(a)), (0.3 * M,), (t,))[1], t, 1e-12)
    close(dn.jvp(lambda a: sl.sqrtm(a) @ sl.sqrtm(a), (M,), (t,))[1], t, 1e-12)


def test_logm_of_a_real_matrix_with_complex_logarithm(rng):
    a = np.array([[-1.0, 0.3], [0.2, 2.0]])
    t = random_like(a, rng)
    dy = dn.jvp(sl.logm, (a,), (t,))[1]
    close(dy, along(sl.logm, a, t, 0.01), 1e-8)
    assert np.iscomplexobj(dy)
    g = random_like(a, rng) + 1j * random_like(a, rng)
    pulled = dn.vjp(sl.logm, a)[1](g)[0]
    assert pulled.dtype == float
    close(np.sum(pulled * t), np.real(np.sum(np.conj(g) * dy)), 1e-12)


def test_taylor_series_of_expm():
    t = np.array([[0.0, 1.0], [-1.0, 0.0]])
    close(dn.taylor(lambda s: sl.expm(s * t)[0, 0], 0.0, order=4), [1, 0, -1, 0, 1], 1e-12)


def test_generalized_eigenvectors_at_second_order(rng):
    check_second(lambda b: sl.eigh(M + M.T, b)[0], POSITIVE, rng)


@pytest.mark.parametrize(("call", "error", "text"), [
    (lambda a: sl.expm(a[:2]), ValueError, "square"),
    (lambda a: sl.qr(a, pivoting=True), dn.DualnetError, "pivoting"),
    (lambda a: sl.eigh(a, subset_by_value=[0, 1]), dn.DualnetError, "subset_by_value"),
    (lambda a: sl.solve_banded((1, 1), a[:2], B[:, 0]), ValueError, "diagonals"),
    (lambda a: sl.logm(a, disp=False), dn.DualnetError, "disp"),
    (lambda a: sl.polar(a), dn.DualnetError, "scipy.linalg.polar.*no registered row"),
    (lambda a: sl.lu(a[None]), dn.DualnetError, "lu"),
])
def test_what_cannot_be_done_is_named(call, error, text):
    with pytest.raises(error, match=text):
        dn.jvp(call, (M,), (M,))


def test_numbers_that_are_not_finite_are_refused_as_by_scipy():
    bad = M * np.array([1.0, np.nan, 1.0])
    for f in (sl.inv, sl.det, sl.lu, sl.svdvals, lambda a: sl.solve(a, B), lambda a: sl.solve_triangular(a, B), lambda a: sl.eigh(a)[0],
              lambda b: sl.cho_solve((LOWER, True), b), lambda b: sl.solve_banded((2, 1), BAND[:, :3], b)):
        for call in (f, lambda x, f=f: dn.jvp(f, (x,), (x,))):
            with pytest.raises(ValueError, match="infs or NaNs"):
                call(bad)
    assert np.isnan(dn.jvp(lambda a: sl.det(a, check_finite=False), (bad,), (bad,))[0])


@pytest.mark.parametrize("name", ["expm", "logm", "sqrtm", "cosm", "sinm", "tanm", "solve_triangular", "lu", "solve_sylvester", "toeplitz"])
def test_single_precision_is_kept(name):
    f, x = FUNCTIONS[name]
    x = x.astype(np.float32)
    y, dy = dn.jvp(f, (x,), (x,))
    z, pullback = dn.vjp(f, x)
    assert f(x).dtype == y.dtype == dy.dtype == z.dtype and pullback(np.ones_like(z))[0].dtype == np.float32


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("f", [lambda a: sl.sqrtm(a), lambda a: sl.logm(a)], ids=["sqrtm", "logm"])
@pytest.mark.parametrize("a", [np.zeros((2, 2)), np.diag([0.0, 1.0]), np.ones((3, 3))], ids=["zero", "diagonal", "ones"])
def test_where_no_derivative_exists_it_is_nan(f, a):
    if a.any() or f(a)[0, 0] == 0:
        assert np.all(np.isnan(dn.jvp(f, (a,), (np.eye(len(a)),))[1])) and np.all(np.isnan(dn.vjp(f, a)[1](np.eye(len(a)))[0]))

"""Simple eigenvalues and singular values of matrices that have equal ones, too, against differences, to second and third order."""

import numpy as np
import pytest
from differences import close, keeps_float32, verify
from measuring import peak

import dualnet as dn

RNG = np.random.default_rng(11)
Q = np.linalg.qr(RNG.standard_normal((5, 5)))[0]
TURN = np.linalg.qr(RNG.standard_normal((5, 5)) + 1j * RNG.standard_normal((5, 5)))[0]
LOWER = np.tril_indices(3)  # what eigvalsh reads
PLACE = RNG.standard_normal((5, 5))
DOUBLE = np.diag([1.0, 3, 3, 7, 12])  # eigenvalues
RANK = np.diag([2.0, 5, 0, 0, 9])[:, :4]  # singular values 5, 2, 0, 0


def pair(v, k):
    """The projector onto column k, which has no freedom of sign or phase."""
    column = v[..., k]
    return column[..., :, None] * np.conj(column)[..., None, :]


def ends(w):
    return w[..., 0] * w[..., -1]


def pointed(a, vectors):
    """The eigenvalue of the largest real part, or its projector: beside a real matrix equal ones may become complex."""
    w, v = np.linalg.eig(a)
    k = np.argmax(np.real(w))
    out = pair(v, k) if vectors else w[k]
    return out if np.iscomplexobj(a) else np.real(out)


def singular(a, k):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return s[k] * np.outer(u[:, k], vh[k])


HERMITIAN = {
    "eigvalsh": lambda a: ends(np.linalg.eigvalsh(a)),
    "eigh, first": lambda a: pair(np.linalg.eigh(a)[1], 0),
    "eigh, last but one": lambda a: np.linalg.eigvalsh(a)[3] * pair(np.linalg.eigh(a)[1], 3),
    "eigvals": lambda a: pointed(a, False),
    "svd, hermitian": lambda a: np.linalg.svd(a, hermitian=True, compute_uv=False)[0],
    "spectral norm": lambda a: np.linalg.norm(a, 2),
    "condition": lambda a: np.linalg.cond(a),
}
GENERAL = {
    "eigvals": lambda a: pointed(a, False),
    "eig": lambda a: pointed(a, True),
    "svdvals": lambda a: np.linalg.svdvals(a)[:1],
}
RECTANGULAR = {
    "svdvals": lambda a: np.linalg.svdvals(a)[:2],
    "norm": lambda a: np.linalg.norm(a, 2),
    "svd, first": lambda a: singular(a, 0),
    "svd, second": lambda a: singular(a, 1),
    "svd, left": lambda a: pair(np.linalg.svd(a)[0], 1),
    "svd, right": lambda a: pair(np.conj(np.linalg.svd(a)[2].T), 0),
}


@pytest.mark.parametrize("turn", [Q, TURN], ids=["real", "complex"])
@pytest.mark.parametrize("name", HERMITIAN)
def test_hermitian(name, turn, rng):
    a = turn @ DOUBLE @ np.conj(turn.T)
    verify(HERMITIAN[name], (a + np.conj(a.T)) / 2, rng, 3e-8, h=0.01)


@pytest.mark.parametrize("turn", [PLACE, PLACE + 1j * Q], ids=["real", "complex"])
@pytest.mark.parametrize("name", GENERAL)
def test_general(name, turn, rng):
    verify(GENERAL[name], turn @ DOUBLE @ np.linalg.inv(turn), rng, 3e-7, h=1e-3)


@pytest.mark.parametrize("turn", [Q, TURN], ids=["real", "complex"])
@pytest.mark.parametrize("name", RECTANGULAR)
@pytest.mark.parametrize("wide", [False, True])
def test_singular(name, turn, wide, rng):
    a = turn @ RANK @ np.linalg.qr(turn[:4, :4])[0]
    verify(RECTANGULAR[name], a.T if wide else a, rng, 3e-8, h=0.01)


def test_a_stack_of_which_one_matrix_has_equal_values(rng):
    stack = np.stack([Q @ np.diag(d) @ Q.T for d in ([1.0, 3, 3, 7, 12], [1.0, 2, 3, 4, 5], [4.0, 4, 4, 4, 6])])
    stack = (stack + np.swapaxes(stack, -1, -2)) / 2
    verify(lambda a: np.linalg.eigvalsh(a)[:, -1], stack, rng, 3e-8, h=0.01)
    verify(lambda a: pair(np.linalg.eigh(a)[1], -1), stack, rng, 3e-8, h=0.01)
    hessian = dn.hessian(lambda a: np.sum(np.linalg.eigvalsh(a)[:, 0]))(stack)
    assert np.all(np.isfinite(hessian[:2])) and np.any(np.isnan(hessian[2])), "the first of the third is fourfold"


def test_third_order_is_that_of_the_perturbation_series():
    """e.g. Landau and Lifshitz, Quantum Mechanics, section 38, with the sums over the equal ones taken once."""
    w = np.diag(DOUBLE)
    v = (PLACE + PLACE.T) / 2
    gap = w[0] - w[1:]
    inside = v[1:, 1:] - v[0, 0] * np.eye(4)
    third = (v[0, 1:] / gap) @ inside @ (v[1:, 0] / gap)
    derivatives = dn.taylor(lambda t: np.linalg.eigvalsh(DOUBLE + t * v)[0], 0.0, order=3)
    close(derivatives, [w[0], v[0, 0], 2 * np.sum(v[0, 1:] ** 2 / gap), 6 * third], 1e-13)
    nested = dn.derivative(dn.derivative(dn.derivative(lambda t: np.linalg.eigvalsh(DOUBLE + t * v)[0])))
    close(nested(0.0), 6 * third, 1e-12)


def test_the_norm_of_a_matrix_of_rank_one_has_a_curvature(rng):
    a = np.outer(rng.standard_normal(6), rng.standard_normal(4))
    verify(lambda a: np.linalg.norm(a, 2), a, rng, 3e-8, h=0.01)


def test_single_precision_stays():
    for f in (lambda a: dn.grad(lambda a: ends(np.linalg.eigvalsh(a)))(a), lambda a: dn.grad(lambda a: np.linalg.svdvals(a)[0])(a)):
        keeps_float32(f, np.diag([1.0, 2, 2, 5]))


@pytest.mark.parametrize("f", [lambda a: np.real(np.linalg.eigvals(a)[0]), lambda a: np.linalg.eigvalsh(a)[0],
                               lambda a: np.linalg.norm(a, 2)], ids=["eigvals", "eigvalsh", "norm"])
@pytest.mark.parametrize("size", [0.0, 2.0])
def test_equal_ones_have_no_second_derivative(f, size):
    a, v = size * np.eye(3), PLACE[:3, :3]
    assert np.all(np.isnan(dn.hvp(f, (a,), (v,))[LOWER]))
    assert np.isnan(dn.jvp(lambda a: dn.jvp(f, (a,), (v,))[1], (a,), (v,))[1])


def test_a_matrix_with_a_nan_has_no_number_as_its_second_derivative():
    f = lambda a: np.linalg.eigvalsh(a)[0]
    a = np.array([[1.0, np.nan, 0], [np.nan, 3.0, 0], [0, 0, 1]])
    assert np.all(np.isnan(dn.grad(f)(a)[LOWER])) and np.all(np.isnan(dn.hvp(f, (a,), (np.ones((3, 3)),))[LOWER]))


def test_of_many_equal_ones_only_the_simple_ones_cost(rng):
    """A Gram matrix of rank 3, of size n: systems for all eigenvectors would take n^3 numbers several times."""
    n = 96
    x, v = rng.standard_normal((3, n)), rng.standard_normal((n, n))
    f = lambda a: np.linalg.eigh(a)[1][0, -1] ** 2
    assert np.all(np.isfinite(dn.hvp(f, (x.T @ x,), (v + v.T,))))
    assert peak(lambda: dn.hvp(f, (x.T @ x,), (v + v.T,))) < 8 * n**3

"""Rows of scipy.spatial.distance: SciPy's values, derivatives against differences, a Gaussian process against its formula."""

import numpy as np
import pytest
import scipy.spatial.distance as sd
from differences import close, verify

import dualnet as dn

_rng = np.random.default_rng(5)
A, B = _rng.standard_normal((4, 3)), _rng.standard_normal((5, 3))
W, VI = np.array([1.0, 0.5, 2.0]), np.eye(3) + 0.2
METRICS = [("euclidean", {}), ("euclidean", {"w": W}), ("sqeuclidean", {}), ("sqeuclidean", {"w": W}), ("cityblock", {}),
           ("chebyshev", {}),
           ("minkowski", {"p": 3}), ("minkowski", {"p": 1.5, "w": W}), ("minkowski", {"p": np.inf}), ("seuclidean", {}),
           ("seuclidean", {"V": W}), ("mahalanobis", {}), ("mahalanobis", {"VI": VI}), ("cosine", {}), ("correlation", {}), ("CB", {})]


@pytest.fixture(autouse=True, scope="module")
def switch():
    with dn.enable_scipy("spatial"):
        yield


@pytest.mark.parametrize(("metric", "options"), METRICS)
def test_distances_of_all_pairs(metric, options, rng):
    verify(lambda x: sd.cdist(x, B, metric, **options), A, rng, h=0.01)
    verify(lambda x: sd.cdist(A, x, metric=metric, **options), B, rng, h=0.01, second=False)
    verify(lambda x: sd.pdist(x, metric, **options), A, rng, h=0.01, second=False)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_squareform_there_and_back(n, rng):
    pairs = rng.uniform(size=n * (n - 1) // 2)
    assert dn.jvp(sd.squareform, (pairs,), (pairs,))[1].tolist() == sd.squareform(pairs).tolist()
    J = dn.jacobian(sd.squareform, mode="reverse")(pairs)
    assert J.tolist() == np.stack([sd.squareform(e) for e in np.eye(pairs.size)], -1).tolist() if n > 1 else J.shape == (1, 1, 0)
    matrix = sd.squareform(pairs)
    assert dn.jvp(sd.squareform, (matrix,), (matrix,))[1].tolist() == pairs.tolist()


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_the_likelihood_of_a_gaussian_process_by_its_parameters(mode):
    y, theta = np.sin(A[:, 0]), np.array([0.3, 0.2])

    def kernel(theta):
        return np.exp(-0.5 * sd.squareform(sd.pdist(A / np.exp(theta[0]), "sqeuclidean"))) + np.exp(theta[1]) * np.eye(4)

    def likelihood(theta):
        K = kernel(theta)
        return -0.5 * y @ np.linalg.solve(K, y) - 0.5 * np.linalg.slogdet(K)[1]

    K, D = kernel(theta), sd.squareform(sd.pdist(A, "sqeuclidean")) / np.exp(2 * theta[0])
    alpha = np.linalg.solve(K, y)
    inside = np.outer(alpha, alpha) - np.linalg.inv(K)  # Rasmussen and Williams 2006, eq. 5.9
    by = [np.exp(-0.5 * D) * D, np.exp(theta[1]) * np.eye(4)]
    close(dn.grad(likelihood, mode=mode)(theta), [0.5 * np.trace(inside @ dK) for dK in by], 1e-12)


def test_what_has_no_derivative_is_named_and_scipys_errors_pass():
    for f, text in ((lambda x: sd.pdist(x, "canberra"), "pdist with metric='canberra'"),
                    (lambda x: sd.cdist(x, B, out=np.ones((4, 5))), "out"), (lambda x: sd.pdist(x, "cosine", w=W), "cosine"),
                    (lambda x: sd.pdist(x, "chebyshev", w=W), "w=")):
        with pytest.raises(dn.DualnetError, match=text):
            dn.jacobian(f)(A)
    for f, text in ((lambda x: sd.pdist(x[0]), "2-dim"), (lambda x: sd.cdist(x, B[:, :2]), "columns"), (lambda x: sd.squareform(x[0][:2]),
                    "binomial"), (lambda x: sd.squareform(x[:3]), "symmetric")):
        with pytest.raises(ValueError, match=text):
            dn.jacobian(f)(A)
    with pytest.raises(TypeError, match="option q"):
        dn.jacobian(lambda x: sd.pdist(x, q=2))(A)


def test_without_the_switch_the_error_names_function_and_cure():
    from dualnet.table.registered import ENTRIES

    original = next(entry.original for entry in ENTRIES if entry.attribute == "pdist")
    with pytest.raises(dn.DualnetError, match=r"scipy\.spatial\.distance\.pdist.*dn\.enable_scipy\(\)"):
        dn.jacobian(original)(A)

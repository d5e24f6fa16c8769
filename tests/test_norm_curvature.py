"""Second derivatives of p-norms of elements hundreds of decades apart, by their closed form at 700 digits."""

import mpmath
import numpy as np
import pytest

import dualnet as dn

VECTORS = [[1e-160, 1, 1e160], [1e-200, 1, 2], [1e-300, 1, 2], [1e-308, 1e308], [1e-320, 1, 1e300], [1e-200, 1e-200],
           [1e200, -1e200, 3e200], [1e-160, 2e-160, 1], [-1e-155, 3, 1e155], [1e-100, -2, 1e220], [3, -4, 5]]


def curvature(x, p):
    """(p-1) (d_ij |x_i|^(p-2) N^(1-p) - s_i s_j |x_i x_j|^(p-1) N^(1-2p)) with N the norm and s_i the signs, and the part of it
    that rounding may take: the size of what is subtracted."""
    with mpmath.workdps(700):
        p, size = mpmath.mpf(p), [abs(mpmath.mpf(float(v))) for v in x]
        norm = mpmath.fsum(v**p for v in size) ** (1 / p)
        first = [np.sign(v) * (s / norm) ** (p - 1) for v, s in zip(x, size)]
        outer = [[(p - 1) * a * b / norm for b in first] for a in first]
        own = [(p - 1) * (a / norm) ** (p - 2) / norm for a in size]
        exact = [[(own[i] if i == j else 0) - b for j, b in enumerate(row)] for i, row in enumerate(outer)]
        return np.array(exact, float), np.abs(np.array(outer, float))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("p", [3, 1.5, 0.5, 4, 10, 2.5])
@pytest.mark.parametrize("x", VECTORS)
@pytest.mark.parametrize("inner", ["forward", "reverse"])
@pytest.mark.parametrize("outer", ["forward", "reverse"])
def test_second_derivatives_of_elements_far_apart(x, p, inner, outer):
    x = np.array(x, float)
    hessian = dn.jacobian(dn.grad(lambda x: np.linalg.norm(x, p), mode=inner), mode=outer)(x)
    exact, taken = curvature(x, p)
    apart = ~np.eye(len(x), dtype=bool)
    unknown = np.isnan(hessian) & np.isinf(exact)  # NaN is an answer where the true one is infinite
    np.testing.assert_allclose(hessian[apart], exact[apart], rtol=1e-11, atol=1e-322)
    error = np.abs(hessian - exact)
    assert np.all(unknown | (hessian == exact) | (error <= 1e-11 * np.abs(exact) + 1e-13 * taken + 1e-322))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_second_derivatives_beside_zeros_are_their_limits(mode):
    for p, own, beside in ((3, 0, 0), (1.5, np.inf, 0), (0.5, np.nan, np.inf)):  # at 0.5 the true own one is -inf
        hessian = dn.jacobian(dn.grad(lambda x, p=p: np.linalg.norm(x, p)), mode=mode)(np.array([0.0, 1.0, 2.0]))
        np.testing.assert_array_equal(hessian[0, 0], own)
        np.testing.assert_array_equal([*hessian[0, 1:], *hessian[1:, 0]], beside)
        np.testing.assert_allclose(hessian[1:, 1:], curvature([1.0, 2.0], p)[0], rtol=1e-13)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_third_derivatives_of_norms(mode):
    x, v = np.array([1.0, 2.0, 3.0]), np.array([0.5, -1.0, 2.0])
    along = lambda f: lambda t: dn.jvp(f, (t,), (1.0,))[1]
    for p in (3.0, 1.5, -1.0):
        third = dn.grad(along(along(lambda t, p=p: np.linalg.norm(x + t * v, p))), mode=mode)(0.0)
        with mpmath.workdps(40):
            exact = mpmath.diff(lambda t, p=p: mpmath.fsum(abs(a + t * b) ** p for a, b in zip(x, v)) ** (1 / mpmath.mpf(p)), 0, 3)
        assert third == pytest.approx(float(exact), rel=1e-11)

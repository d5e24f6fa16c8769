"""Jacobi's elliptic functions and their amplitude, by both arguments: where m is next to its ends and where u is many periods long."""

import itertools

import numpy as np
import pytest
import scipy.special as sp
from ball_truth import BALLS
from test_special_parameters_series import agree, derivative

import dualnet as dn

MIXED = [orders for orders in itertools.product(range(4), repeat=2) if 0 < sum(orders) < 4]
POINTS = [
    (7.3232, 1 - 3e-6), (-7.7774, 1 - 2e-6), (6.9, 1 - 2.4e-6), (2.84, 0.99995), (8.3, 1 - 1e-6), (30.0, 1 - 1e-6), (-12.0, 0.97),
    (29.0, 0.51), (-29.0, 0.49), (17.1, 6e-4), (2.01, 0.3), (1.99, 0.3), (1.99, 0.999), (-1.5, 0.99), (0.4, 0.01), (0.05, 0.7),
    (15.0, 1 - 5e-11)]


@pytest.mark.parametrize("k", range(4))
@pytest.mark.parametrize("point", POINTS)
def test_mixed_derivatives(k, point):
    for orders in MIXED:
        agree(lambda u, m: sp.ellipj(u, m)[k], BALLS[f"ellipj[{k}]"], orders, point, 1e-13)


@pytest.mark.parametrize("u", [0.7, -1.9, 2.1, 9.0])
def test_slopes_by_m_at_its_ends(u):
    """The first terms in m and in 1 - m (Abramowitz and Stegun 1964, 16.13, 16.15; the slopes by m at 1 have the other sign)."""
    slopes = lambda m: [derivative(lambda u, m, k=k: sp.ellipj(u, m)[k], (0, 1), (u, m)) for k in range(4)]
    s, c, less = np.sin(u), np.cos(u), (u - np.sin(u) * np.cos(u)) / 4
    assert slopes(0.0) == pytest.approx([-less * c, less * s, -s * s / 2, -less], rel=1e-13)
    t, e, w = np.tanh(u), 1 / np.cosh(u), np.sinh(u) * np.cosh(u)
    assert slopes(1.0) == pytest.approx([-(w - u) * e * e / 4, (w - u) * t * e / 4, -(w + u) * t * e / 4, -(w - u) * e / 4], rel=1e-13)


def test_arguments_broadcast_and_what_has_no_slope_is_nan():
    u, m = np.array([-3.0, 0.5, 40.0]), np.array([[0.2], [0.9]])
    by_m = dn.derivative(lambda m: sp.ellipj(u, m)[2])(np.broadcast_to(m, (2, 3)).copy())
    want = [[derivative(lambda u, m: sp.ellipj(u, m)[2], (0, 1), (v, float(w))) for v in u] for w in m[:, 0]]
    np.testing.assert_allclose(by_m, want, rtol=1e-14)
    for point in ((1e17, 0.5), (np.nan, 0.5), (3.0, 1.5), (3.0, -0.5), (np.inf, 0.5)):
        assert np.isnan(derivative(lambda u, m: sp.ellipj(u, m)[0], (0, 1), point))
    assert dn.derivative(lambda m: sp.ellipj(np.float32(3), m)[0])(np.float32(0.99)).dtype == np.float32

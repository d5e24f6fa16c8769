"""Student's noncentral t distribution and its inverses in all orders, where one of the densities that they are made of is narrow."""

import itertools

import fast_truth as fast
import mpmath as m
import numpy as np
import pytest
import scipy.special as sp
from ball_truth import truths

import dualnet as dn
from dualnet import testing
from dualnet.table.scores import psi_above
from dualnet.testing import oracle

ORDERS = [o for o in itertools.product(range(4), repeat=3) if 0 < sum(o) <= 3]
POINTS = [  # of v, d, t
    (0.08, 31.5, 26.2), (0.06499102, -7.76236937, -11.47078716), (0.0523, -5.69, -6.38), (0.3, -52.4, -44.2),  # a narrow normal density
    (2e-4, -6.3, -8.4), (3.7e-4, 8.4, 104.0), (1e-6, 2.3, -0.16), (1e-3, 0.5, 2.5),  # hardly a degree of freedom
    (2e3, 0.002, -8.6), (8.5e4, 4.7, -1.1), (1e4, 30.0, 30.5),  # very many, and a tail
    (3.5, 3.0, 3.5), (2.0, 3.0, 2.5), (76.41, 2.103, -43.65), (3.197, 12.26, 0.9319), (0.01743, 16.81, 0.03174),  # steep
    (15.3, 30.3, 12.0), (160.0, 1.0, -9.0), (19.2, 0.87, 0.0767), (0.5, -1.2, 0.01)]  # tails, and next to t = 0


def nested(f, orders):
    """The mixed derivative, forwards, of the first argument first."""
    for k, n in enumerate(orders):
        for _ in range(n):
            f = dn.derivative(f, k)
    return f


@pytest.mark.parametrize("point", POINTS)
def test_mixed_derivatives_of_noncentral_t(point):
    for orders in ORDERS:
        want = float(oracle.differenced(fast.nctdtr, orders, point))
        around = [float(x * oracle.differenced(fast.nctdtr, tuple(n + (k == j) for j, n in enumerate(orders)), point))
                  for k, x in enumerate(point)]
        got = nested(sp.nctdtr, orders)(*point)
        assert abs(got - want) < 1e-13 * (abs(want) + np.sum(np.abs(around))), (orders, got, want)


def test_the_order_in_which_derivatives_are_taken_does_not_matter():
    x = [np.array(column) for column in zip(*POINTS)]
    for by in itertools.product(range(3), repeat=2):
        first, second = (dn.derivative(dn.derivative(sp.nctdtr, i), j)(*x) for i, j in (by, by[::-1]))
        np.testing.assert_array_equal(first, second)


INVERSES = [("nctdtrit", (0.3257, 44.29, 3e-6)), ("nctdtrit", (29.97, -58.2, 0.461)), ("nctdtrinc", (7.355, 0.272, 52.4)),
            ("nctdtrit", (12.3, -9.64, 0.437)), ("nctdtrit", (0.889473, -38.15983556, 0.66853443)),
            ("nctdtrinc", (14.46, 0.364, -10.07)), ("nctdtrinc", (11.72197172119, 0.9999715244981262, 0.023764630955420384)),
            ("nctdtrinc", (6.611344370217332, 0.00585624689397295, 0.024250300126168453)), ("nctdtridf", (0.1, 3.0, 3.0))]


@pytest.mark.parametrize(("name", "point"), INVERSES)
def test_third_derivatives_of_inverses_of_noncentral_t(name, point):
    for by in ((1, 1, 2), (0, 1, 1), (0, 0, 0), (2, 2, 2))[:4 if abs(point[1]) < 20 else 1]:
        testing.assert_row(name, *(np.array([x]) for x in point), truth=truths()[name], argnums=by,
                           rtol=lambda orders: 1e-12 if any(orders) else 1e-1)


def test_the_tail_that_is_small_is_solved_for_with_its_digits():
    """1 - F is 2.8e-5 there, where SciPy's search leaves a tenth of it."""
    v, y, t = 11.72197172119, 0.9999715244981262, 0.023764630955420384
    with m.workdps(40):
        d = m.findroot(lambda d: fast.nctdtr(m.mpf(v), d, m.mpf(t)) - m.mpf(y), (-4, m.mpf(-4.01)))
        want = 1 / m.diff(lambda d: fast.nctdtr(m.mpf(v), d, m.mpf(t)), d)
    assert dn.derivative(sp.nctdtrinc, 1)(v, y, t) == pytest.approx(float(want), rel=1e-11, abs=0)  # of the last digit of y


@pytest.mark.parametrize("a", [1e-6, 0.3, 2.0, 9.9, 10.1, 30.0, 1e5])
def test_derivatives_of_psi_beside_the_logarithm(a):
    with m.workdps(60):
        for n in range(4):
            want = m.diff(lambda x: m.log(x) - m.psi(0, 1 + x), m.mpf(a), n, h=m.mpf(a) * m.mpf(10) ** -12) if n else \
                m.log(m.mpf(a)) - m.psi(0, 1 + m.mpf(a))
            assert psi_above(n, np.array(a)) == pytest.approx(float(want), rel=2e-14, abs=0)

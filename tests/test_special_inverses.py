"""Inverses of distribution functions where their derivatives are small beside those of what they invert, or where 1 - p has the digits."""

import distributions as exact
import mpmath as m
import numpy as np
import pytest
import scipy.special as sp
from special_rows import TRUTH

import dualnet as dn
from dualnet import testing
from dualnet.table.doubled import gauss_legendre
from dualnet.testing import oracle
from dualnet.testing.rows import nested


@pytest.mark.parametrize("n", [2, 9, 40, 61])
def test_nodes_and_weights_of_gauss_to_the_last_digit(n):
    """Those of NumPy's weights at the ends have 12 digits."""
    with m.workdps(30):
        for x, w in zip(*gauss_legendre(n)):
            at = m.findroot(lambda t: m.legendre(n, t), m.mpf(x)) if x else m.mpf(0)
            slope = n * (m.legendre(n - 1, at) - at * m.legendre(n, at)) / (1 - at**2)
            assert x == pytest.approx(float(at), rel=2e-16, abs=6e-17)
            assert w == pytest.approx(float(2 / ((1 - at**2) * slope**2)), rel=1e-15, abs=0)


SHAPES = [  # points at which nearly all of the third derivatives of the distribution function cancels in those of the inverse
    ("gdtrib", (2.3753315692238286, 2.843543135421313e-06, 11.591867738820202), (2, 2, 0)),
    ("gdtrib", (4.991496660078763, 0.18757145134142159, 7.618080002412617), (0, 0, 2)),
    ("gdtrib", (4.991496660078763, 0.18757145134142159, 7.618080002412617), (1, 2, 2)),
    ("gdtrib", (0.02, 1.1e-6, 0.056), (1, 2, 0)), ("gdtrib", (1.0, 0.3, 1e-8), (2, 2, 2)), ("gdtrib", (1.0, 0.99, 0.4), (2, 1, 2)),
    ("pdtrik", (6.4763401498286955e-06, 88.64648514901005), (0, 1, 1)), ("pdtrik", (0.564150566617077, 59.00617863407445), (1, 1, 1)),
    ("pdtrik", (1.829647996207022e-06, 83.974191870512), (1, 1, 1)), ("pdtrik", (0.9, 2.0), (0, 0, 0)),
    ("chdtriv", (0.3, 620.0), (1, 1, 1)), ("chdtriv", (0.97, 3e3), (1, 0, 1)), ("chdtriv", (1e-4, 0.5), (1, 0, 1)),
]


@pytest.mark.parametrize(("name", "point", "by"), SHAPES)
def test_third_derivatives_of_a_shape_that_was_solved_for(name, point, by):
    f, arrays = getattr(sp, name), [np.array([x]) for x in point]
    for n in (1, 2, 3):
        want = oracle.differenced(TRUTH[name], tuple(by[:n].count(k) for k in range(len(point))), point)
        for modes in (("forward",) * n, ("reverse",) * n):
            assert nested(f, by[:n], modes)(*arrays)[0] == pytest.approx(float(want), rel=1e-12, abs=0), by[:n]


@pytest.mark.parametrize(("name", "point"), [
    ("bdtrik", (4.394989036308528e-05, 35.61147172475047, 0.43010612193010767)),
    ("bdtrin", (0.014218773941977333, 1.4975102163584187e-06, 0.674574510131304))])
def test_third_derivatives_of_a_count_that_was_solved_for(name, point):
    """Next to which weights of Gauss's rule with 12 digits left 11."""
    bound = lambda orders: 1e-12 if any(orders) else 1e-10  # of SciPy's value
    testing.assert_row(name, *(np.array([x]) for x in point), truth=TRUTH[name], argnums=(2, 2, 2), rtol=bound)


def test_taylor_coefficients_of_a_shape_of_high_order():
    a, y, x = 1.4, 0.3, 40.0
    with m.workdps(60):
        want = [float(oracle.differenced(TRUTH["gdtrib"], (0, 0, n), (a, y, x))) for n in range(5)]
    np.testing.assert_allclose(dn.taylor(lambda x: sp.gdtrib(a, y, x), x, order=4), want, rtol=1e-12)


@pytest.mark.parametrize(("n", "k", "p"), [(0.014, 57.0, 2e-5), (1e-4, 57.0, 0.3), (1e-6, 5.0, 0.9)])
def test_derivatives_by_a_count_next_to_a_small_one(n, k, p):
    """Where differences of polygamma(m, k + n) and polygamma(m, k) lose digits, to betainc(n, k, p) = 1 - n c(k, p) + ..."""
    with m.workdps(60):
        want = [float(m.diff(lambda k: exact.betainc(m.mpf(n), k, m.mpf(p) / (1 - m.mpf(p))), m.mpf(k), order)) for order in (1, 2, 3)]
    f = lambda k: sp.betainc(n, k, p)
    for order in range(3):
        f = dn.derivative(f) if order != 1 else dn.grad(f, mode="reverse")
        assert f(k) == pytest.approx(want[order], rel=1e-13, abs=0), order + 1


BINOMIAL = [  # the probability of success is next to 1, and 1 less it has 9 digits or so
    ("bdtri", (27, 29, 1.9952045742123218e-06)), ("bdtri", (25, 27, 1e-9)), ("bdtri", (52, 53, 6.203088800387043e-06)),
    ("bdtri", (3, 4, 1e-12)), ("bdtri", (33, 66, 0.0004520565664881849)), ("bdtri", (3, 8, 1 - 1e-6)),
    ("nbdtri", (10, 19, 3.738689785383574e-05)), ("nbdtri", (0, 54, 0.9999888686732583)), ("nbdtri", (2, 5, 1e-9)),
]


@pytest.mark.parametrize(("name", "point"), BINOMIAL)
def test_probabilities_of_success_next_to_an_end(name, point):
    k, n, y = point
    a, b, sign = (n - k, k + 1, -1) if name == "bdtri" else (n, k + 1, 1)
    with m.workdps(60):
        start = m.mpf(float(sp.betaincinv(a, b, y)))
        solve = lambda y: m.findroot(lambda q: exact.betainc(a, b, q / (1 - q)) - y, (start, start * (1 + m.mpf(10) ** -9)),
                                     tol=m.mpf(10) ** -100, verify=False)
        want = [sign * float(m.diff(solve, m.mpf(y), order, h=m.mpf(y) * (1 - m.mpf(y)) / 10**12)) for order in (1, 2, 3)]
    f = lambda y: getattr(sp, name)(float(k), n, y)
    for order in range(3):
        f = dn.derivative(f) if order != 1 else dn.grad(f, mode="reverse")
        assert f(y) == pytest.approx(want[order], rel=1e-12, abs=0), order + 1

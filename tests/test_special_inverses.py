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


@pytest.mark.parametrize("n", [2, 9, 40, 61])
def test_nodes_and_weights_of_gauss_to_the_last_digit(n):
    """Those of NumPy's weights at the ends have 12 digits."""
    with m.workdps(30):
        for x, w in zip(*gauss_legendre(n)):
            at = m.findroot(lambda t: m.legendre(n, t), m.mpf(x)) if x else m.mpf(0)
            slope = n * (m.legendre(n - 1, at) - at * m.legendre(n, at)) / (1 - at**2)
            assert x == pytest.approx(float(at), rel=2e-16, abs=6e-17)
            assert w == pytest.approx(float(2 / ((1 - at**2) * slope**2)), rel=1e-15, abs=0)


@pytest.mark.parametrize(("name", "point"), [
    ("bdtrik", (4.394989036308528e-05, 35.61147172475047, 0.43010612193010767)),
    ("bdtrin", (0.014218773941977333, 1.4975102163584187e-06, 0.674574510131304))])
def test_third_derivatives_of_a_count_that_was_solved_for(name, point):
    """Next to which weights of Gauss's rule with 12 digits left 11."""
    bound = lambda orders: 1e-12 if any(orders) else 1e-10  # of SciPy's value
    testing.assert_row(name, *(np.array([x]) for x in point), truth=TRUTH[name], argnums=(2, 2, 2), rtol=bound)


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

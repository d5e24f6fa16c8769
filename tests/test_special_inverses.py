"""Inverses of distribution functions where their derivatives are small beside those of what they invert, or where 1 - p has the digits."""

import mpmath as m
import numpy as np
import pytest
from special_rows import TRUTH

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

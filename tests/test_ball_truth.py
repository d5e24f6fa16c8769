"""The truths in Arb's balls against mpmath's, for every row of scipy.special that has both, at an ordinary point."""

import mpmath as m
import pytest
from ball_truth import beta_lower, gamma_lower, truths
from fast_truth import in_balls
from special_rows import ROWS, TRUTH, admissible
from test_special_distributions import INVERSE

from dualnet.testing.rows import inside

BOTH = {row.name: row for row in ROWS if truths()[row.name] is not TRUTH[row.name]}


@pytest.mark.parametrize("name", BOTH)
def test_a_truth_in_balls_agrees_with_mpmath(name):
    drawn = [x[0] for x in admissible(BOTH[name], inside(BOTH[name], 1))]
    at = [m.mpf(float(x)) for x in (INVERSE[name][2][0] if name in INVERSE else drawn)]
    with m.workdps(30):
        want, got = TRUTH[name](*at), truths()[name](*at)
        assert abs(got - want) <= m.mpf(10) ** -20 * abs(want)


@pytest.mark.parametrize("shift", [-30, 45])
def test_integrals_for_large_parameters_agree_with_those_of_densities(shift):
    with m.workdps(30):
        a, b = m.mpf(20000), m.mpf(30000)
        x, p = a + shift, (a + shift) / (a + b)
        gamma = lambda t: m.exp((a - 1) * m.log(t) - t - m.loggamma(a))
        beta = lambda t: t ** (a - 1) * (1 - t) ** (b - 1) / m.beta(a, b)
        want = [m.quad(f, [end - n * width for n in (16, 8, 4, 2, 1, 0)]) for f, end, width in (
            (gamma, x, m.sqrt(a)), (beta, p, 1 / m.sqrt(a + b)))]
        got = in_balls(gamma_lower)(a, x), in_balls(beta_lower)(a, b, p)
    assert max(abs(g / w - 1) for g, w in zip(got, want)) < m.mpf(10) ** -18

"""Slopes of distribution functions next to shapes of 1, 2 and 3, and of their inverses at probabilities whose powers leave the range."""

import itertools

import mpmath as m
import numpy as np
import pytest
import scipy.special as sp

import dualnet as dn
from dualnet.table.densities import beta_density, gamma_density, odds_density
from dualnet.testing.rows import nested

GAMMA = lambda a, x: x ** (a - 1) * m.exp(-x) / m.gamma(a)
ODDS = lambda a, b, w: w ** (a - 1) * (1 + w) ** (-a - b) / m.beta(a, b)
BETA = lambda a, b, x: x ** (a - 1) * (1 - x) ** (b - 1) / m.beta(a, b)
NEAR = {
    "gamma": (gamma_density, GAMMA, [(1.0078125, 0.0079), (0.9999, 5e-5), (1.00001, 3e-6), (2.00003, 1e-4), (2.9999, 0.01)]),
    "odds": (odds_density, ODDS, [(1.00003, 89.6, 1.4e-6), (0.998, 1.476, 6.7e-6), (2.0001, 0.4, 1e-4), (3.00001, 1e5, 1e-6)]),
    "beta": (beta_density, BETA, [(1.00003, 89.6, 1.4e-6), (2.0001, 0.4, 1e-4), (0.7, 1.0001, 0.9999), (3.0, 2.5, 0.01)]),
}


def partials(f, places):
    """The partials of f of orders 1 to 3, by their arguments, for forward sweeps and for reverse ones."""
    for n in (1, 2, 3):
        for by in itertools.combinations_with_replacement(places, n):
            yield by, [nested(f, by, (mode,) * n) for mode in ("forward", "reverse")]


@pytest.mark.parametrize("name", NEAR)
def test_densities_next_to_whole_shapes_have_all_their_slopes(name):
    f, truth, points = NEAR[name]
    with m.workdps(60):
        for point in points:
            for by, found in partials(f, range(len(point))):
                expected = m.diff(truth, tuple(map(m.mpf, point)), tuple(by.count(k) for k in range(len(point))))
                for g in found if len(point) - 1 in by else ():  # by the variable, too
                    got = float(g(*[np.array([v]) for v in point])[0])
                    assert abs(got - expected) <= 2e-12 * abs(expected), (point, by, got, expected)


@pytest.mark.parametrize(("f", "second", "third"), [
    (lambda x: sp.gammainc(1.00001, x), lambda x: GAMMA(m.mpf(1.00001), x), 3e-6),
    (lambda x: sp.chdtr(2.0001, x), lambda x: GAMMA(m.mpf(2.0001) / 2, x / 2) / 2, 2e-5),
    (lambda x: sp.betainc(1.00003, 50.0, x), lambda x: BETA(m.mpf(1.00003), 50, x), 1e-6),
    (lambda x: sp.fdtr(2.0001, 30.0, x), lambda x: ODDS(m.mpf(2.0001) / 2, 15, m.mpf(2.0001) * x / 30) * m.mpf(2.0001) / 30, 1e-5),
], ids=["gammainc", "chdtr", "betainc", "fdtr"])
def test_distribution_functions_next_to_whole_shapes_have_their_second_slopes(f, second, third):
    with m.workdps(60):
        for n in (1, 2, 3):
            f = dn.derivative(f)
            expected = m.diff(second, m.mpf(third), n - 1)
            assert abs(float(f(third)) - expected) <= 1e-12 * abs(expected)


SMALL = {  # inverses with b = 1, where the distribution function is x^a
    "betaincinv": (lambda a, y: sp.betaincinv(a, 1.0, y), lambda a, y: y ** (1 / a), (100.0, 1e-140)),
    "btdtria": (lambda y, x: sp.btdtria(y, 1.0, x), lambda y, x: m.log(y) / m.log(x), (1e-140, 0.25)),
    "gammaincinv": (lambda y: sp.gammaincinv(1.0, y), lambda y: -m.log1p(-y), (1e-200,)),
    "kolmogi": (sp.kolmogi, lambda y: m.sqrt(-m.log(y / 2) / 2), (1e-100,)),  # the other terms are below rounding
}


@pytest.mark.parametrize("name", SMALL)
def test_inverses_of_tiny_probabilities_have_the_slopes_that_are_in_range(name):
    f, truth, point = SMALL[name]
    told = 0
    with m.workdps(350), np.errstate(all="ignore"):
        for by, found in partials(f, range(len(point))):
            expected = m.diff(truth, tuple(map(m.mpf, point)), tuple(by.count(k) for k in range(len(point))), h=m.mpf(10) ** -250)
            for g in found[:1 + (len(by) < 2)] if abs(expected) < 1e300 else ():  # cotangents beyond the first are beyond the range
                told += len(by) > 1
                got = float(g(*[np.array([v]) for v in point])[0])
                assert abs(got - expected) <= 1e-9 * abs(expected), (by, got, m.nstr(expected, 17))
    assert told

"""Bessel functions of complex arguments by their order, against differences of Arb's functions at 130 digits."""

import math

import numpy as np
import pytest
import scipy.special as sp
from flint import acb, arb, ctx

import dualnet as dn

STEP, UNIT = arb(2) ** -46, acb(0, 1)  # exactly
HANKEL = {sign: lambda v, z, sign=sign: z.bessel_j(v) + sign * UNIT * z.bessel_y(v) for sign in (1, -1)}
FUNCTIONS = {
    "jv": lambda v, z: z.bessel_j(v), "yv": lambda v, z: z.bessel_y(v), "iv": lambda v, z: z.bessel_i(v), "kv": lambda v, z: z.bessel_k(v),
    "kve": lambda v, z: z.exp() * z.bessel_k(v), "hankel1": HANKEL[1], "hankel2": HANKEL[-1],
    "hankel1e": lambda v, z: (-UNIT * z).exp() * HANKEL[1](v, z), "hankel2e": lambda v, z: (UNIT * z).exp() * HANKEL[-1](v, z)}
# every way to I and K, in all quadrants and next to both axes; negative and whole orders
POINTS = [(0.3, 1 + 0.5j), (2.5, 0.01j), (0.02, 5 + 0.3j), (0.4, 6 + 9j), (7.3, 11 - 14j), (12.0, 40 + 9j), (3.1, 60 + 2j),
          (17.6, 17 + 0.1j), (0.7, -8 + 3j), (5.2, -3 - 12j), (-0.4, 2 - 1j), (-3.0, 0.8 + 6j), (-6.3, -4 + 5j),
          (1.5, -2 + 0j), (30.0, -21 - 1j), (0.2, 3 + 0j)]


def truth(f, v, z, n, k):
    """The (n, k)-th derivative by central differences: their error is some 1e-26."""
    digits, ctx.dps = ctx.dps, 130
    try:
        at = lambda i, j: f(acb(v) + STEP * (arb(n) / 2 - i), acb(z.real, z.imag) + STEP * (arb(k) / 2 - j))
        terms = [(-1) ** (i + j) * math.comb(n, i) * math.comb(k, j) * at(i, j) for i in range(n + 1) for j in range(k + 1)]
        return complex(sum(terms, acb(0)) / STEP ** (n + k))
    finally:
        ctx.dps = digits


def nested(f, n, k):
    for by in (0,) * n + (1,) * k:
        f = dn.derivative(f, by)
    return f


@pytest.mark.parametrize("name", FUNCTIONS)
def test_slopes_by_the_order_have_full_precision(name):
    for v, z in POINTS:
        for n, k in ((1, 0), (2, 0), (3, 0), (1, 1)):
            want = truth(FUNCTIONS[name], v, z, n, k)
            change = abs(v * truth(FUNCTIONS[name], v, z, n + 1, k)) + abs(z * truth(FUNCTIONS[name], v, z, n, k + 1))
            assert abs(nested(getattr(sp, name), n, k)(v, z) - want) <= 2e-13 * (abs(want) + change), (v, z, n, k)


@pytest.mark.parametrize(("name", "of", "exponent"), [("jve", "jv", lambda z: abs(z.imag)), ("yve", "yv", lambda z: abs(z.imag)),
                                                      ("ive", "iv", lambda z: abs(z.real))])
def test_functions_scaled_by_a_real_factor(name, of, exponent):
    """Their scaling has no complex derivative, but one by the order, also where the function itself leaves the range."""
    for v, z in POINTS:
        want = math.exp(-exponent(z)) * truth(FUNCTIONS[of], v, z, 1, 0)
        assert dn.derivative(getattr(sp, name), 0)(v, z) == pytest.approx(want, rel=1e-12, abs=0), (v, z)
    far = 900 + 20j if of == "iv" else 20 - 900j
    assert np.isfinite(dn.derivative(getattr(sp, name), 0)(1.5, far))
    with pytest.raises(dn.DualnetError, match="no complex derivative"):
        nested(getattr(sp, name), 1, 1)(0.5, 1 + 1j)


def test_arrays_go_the_ways_of_their_elements():
    v, z = (np.array(c) for c in zip(*POINTS))
    got = dn.jvp(lambda v: sp.jv(v, z), (v,), (np.ones(len(v)),))[1]
    np.testing.assert_allclose(got, [truth(FUNCTIONS["jv"], *point, 1, 0) for point in POINTS], rtol=1e-12)
    np.testing.assert_allclose(dn.vjp(lambda v: sp.kv(v, z), v)[1](np.ones(len(v)))[0],
                               [truth(FUNCTIONS["kv"], *point, 1, 0).real for point in POINTS], rtol=1e-12)


def test_beyond_the_reach_of_the_formulas_the_values_are_differentiated():
    want = truth(FUNCTIONS["kv"], 450.5, 900 + 10j, 1, 0)
    assert dn.derivative(sp.kv, 0)(450.5, 900 + 10j) == pytest.approx(want, rel=1e-9, abs=0)
    assert np.isnan(dn.derivative(sp.kv, 0)(0.5, 0j)) and np.isnan(dn.derivative(sp.jv, 0)(0.5, complex(np.nan, 1)))

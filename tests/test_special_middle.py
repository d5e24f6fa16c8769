"""Three orders of derivatives where formulas lose digits before their asymptotic series hold, and where arguments are nearly equal."""

import mpmath as m
import numpy as np
import pytest
import scipy.special as sp
from special_rows import TRUTH

import dualnet as dn
from dualnet.table.faddeeva import derivative
from dualnet.testing import oracle

ORDERS = (1, 2, 3)


def derivatives(f, x):
    """Derivatives of orders 1 to 3 by nesting."""
    out = []
    for _ in ORDERS:
        f = dn.derivative(f)
        out.append(f(x))
    return out


def faddeeva(z):
    """Derivatives 1 to 3 of w(z) = exp(-z^2) erfc(-i z) at 80 digits, by the differential equation w' = 2i/sqrt(pi) - 2 z w."""
    with m.workdps(80):
        z = m.mpmathify(z)
        w = m.exp(-z * z) * m.erfc(-1j * z)
        first = 2j / m.sqrt(m.pi) - 2 * z * w
        second = -2 * w - 2 * z * first
        return [complex(first), complex(second), complex(-4 * first - 2 * z * second)]


@pytest.mark.parametrize("angle", [0.0, 1e-12, 1e-3, 0.05, 0.3, 0.8, 1.5, 1.6, 2.9, -0.4, -1.1])
def test_the_faddeeva_function_all_the_way_out(angle):
    """Further than 6 below the axis exp(-z^2) grows by thousands of decades; it is left out there."""
    for r in (0.3, 1.2, 2.0, 3.1, 4.4, 5.4, 5.9, 6.3, 6.8, 7.5, 20.0):
        z = complex(r * np.exp(1j * angle)) if angle else complex(r)
        if z.imag > -6:
            for got, want in zip(derivatives(sp.wofz, z), faddeeva(z)):
                assert abs(got - want) < 1e-12 * abs(want), (z, got, want)


@pytest.mark.parametrize("x", [-3.0, -0.4, 0.2, 1.1, 1.4, 1.6, 2.5, 4.0, 5.5, 6.1, 6.5, 7.0, 12.0, 60.0])
def test_real_functions_that_are_parts_of_it(x):
    """erfcx(x) = w(i x), and Dawson's integral is sqrt(pi)/2 Im w(x)."""
    for got, want, turn in zip(derivatives(sp.erfcx, x), faddeeva(m.mpc(0, x)), (1j, -1, -1j)):
        assert got == pytest.approx((turn * want).real, rel=1e-12, abs=0)
    for got, want in zip(derivatives(sp.dawsn, x), faddeeva(x)):
        assert got == pytest.approx(np.sqrt(np.pi) / 2 * want.imag, rel=1e-12, abs=0)


def test_types_are_kept():
    for kind in (np.float32, np.float64):
        assert {dn.derivative(f)(kind(2.5)).dtype for f in (sp.erfcx, sp.dawsn)} == {np.dtype(kind)}
    assert dn.derivative(sp.wofz)(np.complex64(2.5 + 1j)).dtype == np.complex64
    assert dn.derivative(sp.erfcx)(2.5) == pytest.approx(float(m.diff(lambda t: m.exp(t * t) * m.erfc(t), 2.5)), rel=1e-14, abs=0)


def row_against_mpmath(name, point, orders, rel):
    """A mixed partial of a row at one point, by nested forward mode, against differences of its values at 80 digits."""
    f = getattr(sp, name)
    for k, n in enumerate(orders):
        for _ in range(n):
            f = dn.derivative(f, k)
    want = oracle.partial(dn.table[name], orders, [np.array([p]) for p in point], TRUTH[name])[0]
    assert f(*point) == pytest.approx(want, rel=rel, abs=0), (point, orders)


@pytest.mark.parametrize("orders", [(2, 1, 0), (1, 2, 0), (1, 1, 1), (0, 3, 0), (0, 1, 2)])
def test_voigts_profile_between_its_core_and_its_wings(orders):
    for point in ((2.407106533059011, 0.29919166280865556, 0.6540116183292178), (3.1, 0.5, 0.02), (1.2, 0.4, 0.3), (-2.6, 0.3, 0.2)):
        row_against_mpmath("voigt_profile", point, orders, 4e-13)


@pytest.mark.parametrize("z", [1.4 + 5j, 0.68 + 5.4j, 0.05 + 4j, 0.3 + 3j])
def test_both_parts_of_the_slope_of_scaled_erfc_keep_their_digits(z):
    with m.workdps(40):
        want = complex(2 * m.mpc(z) * m.exp(m.mpc(z) ** 2) * m.erfc(m.mpc(z)) - 2 / m.sqrt(m.pi))
    got = complex(derivative(1, z))
    assert (got.real, got.imag) == (pytest.approx(want.real, rel=2e-14, abs=0), pytest.approx(want.imag, rel=2e-14, abs=0))


NEARLY = [("elliprc", (1.3, 1.31)), ("elliprc", (0.5, 0.62)), ("elliprd", (1.3, 0.4, 1.32)), ("elliprd", (2.0, 2.0, 2.0)),
          ("elliprj", (0.7, 1.6, 2.2, 0.72)), ("elliprj", (1.0, 1.0, 1.0, 1.0)), ("elliprf", (1.0, 1.05, 1.1)),
          ("elliprg", (1.0, 1.05, 3.0)), ("agm", (1.0, 1.001)), ("ellipeinc", (0.9, 1e-3))]


@pytest.mark.parametrize("name, point", NEARLY)
def test_elliptic_integrals_of_nearly_equal_arguments(name, point):
    n = len(point)
    unit = np.eye(n, dtype=int)
    for i, j in ((0, 0), (0, n - 1), (1, 1), (1, 0)):
        row_against_mpmath(name, point, tuple((2 * unit[i] + unit[j]).tolist()), 2e-12)


def test_elliptic_integrals_of_complex_arguments():
    """R_D at equal arguments is z^(-3/2), and its slopes there are in the ratio of the powers 1/2, 1/2 and 3/2."""
    z = np.array([1 + 1j, -1 + 1j, 2j])
    got = [dn.derivative(sp.elliprd, k)(z, z, z) for k in range(3)]
    for slope, power in zip(got, (0.5, 0.5, 1.5)):
        np.testing.assert_allclose(slope, -1.5 * power / 2.5 * z**-2.5, rtol=1e-12)


@pytest.mark.parametrize("orders", [(0, 2), (0, 3), (3, 0), (2, 1), (1, 2)])
def test_the_pseudo_huber_loss_far_from_its_bend(orders):
    for point in ((0.0134, 49.85), (2.0, 1e-3), (0.3, 0.31), (0.02, -30.0)):
        row_against_mpmath("pseudo_huber", point, orders, 1e-14)


@pytest.mark.parametrize("d, r", [(1e-8, 1e8), (3e-7, -2e5), (1e200, 1e200), (1e-100, -2e-100), (1e8, 1.0)])
def test_third_slopes_of_the_pseudo_huber_loss_from_their_formula(d, r):
    """The second slope by r is (d/h)^3, h = hypot(d, r), and that by both (r/h)^3."""
    third = lambda *ks: dn.derivative(dn.derivative(dn.derivative(sp.pseudo_huber, ks[0]), ks[1]), ks[2])(d, r)
    h = np.hypot(d, r)
    c, s = d / h, r / h
    wants = {(0, 0, 0): s**4, (0, 0, 1): -c * s**3, (0, 1, 0): -c * s**3, (1, 0, 1): c * c * s * s, (1, 1, 1): -(c**3) * s}
    for ks, want in wants.items():
        assert third(*ks) == pytest.approx(3 * want / h, rel=1e-14, abs=0)


# --- the logarithm of the normal distribution function ---------------------------------------------------------------------------
@pytest.mark.parametrize("x", [-1e8, -1e5, -1e3, -60.0, -7.3, -2.2, -1.74, -1.0, -0.3, 0.4, 5.0, 24.0, 36.0, 0.5 + 3j, -4 + 1j, 2 + 5j])
def test_the_logarithm_of_the_normal_distribution_function(x):
    """Its slope r has r' = -r (x + r); of x + r far left 50 digits of 90 are left."""
    with m.workdps(90):
        z = m.mpmathify(x)
        r = m.exp(-z * z / 2) / m.sqrt(2 * m.pi) / (m.erfc(-z / m.sqrt(2)) / 2)
        first = -r * (z + r)
        want = [r, first, -first * (z + r) - r * (1 + first)]
        for got, true in zip(derivatives(sp.log_ndtr, x), want):
            assert abs(got - true) < 1e-13 * abs(true), (got, true)


def test_the_logarithm_of_the_normal_distribution_function_at_the_ends():
    """Far left it is -x^2/2 - log(-x) + ..., of which the fourth slope is 6/x^4."""
    slopes = [derivatives(sp.log_ndtr, x) for x in (-1e200, -np.inf, 60.0, np.inf)]
    assert slopes == [[1e200, -1.0, 0.0], [np.inf, -1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    third = lambda x: derivatives(sp.log_ndtr, x)[2]
    assert dn.derivative(third)(-1e4) == pytest.approx(6e-16, rel=3e-7)
    assert dn.derivative(sp.log_ndtr)(np.float32(-3)).dtype == np.float32


# exp(s x) times a Bessel function of order v, and what the derivative of that function is in its neighbours v - 1 and v + 1, over 2
SCALED = {sp.i0e: (m.besseli, 0, -1, 1), sp.i1e: (m.besseli, 1, -1, 1), sp.k0e: (m.besselk, 0, 1, -1), sp.k1e: (m.besselk, 1, 1, -1)}


@pytest.mark.parametrize("f", SCALED, ids=lambda f: f.__name__)
def test_scaled_bessel_functions_before_they_are_far_out(f):
    """The truth from (exp(s x) B)^(n) = exp(s x) sum of binomial(n, k) s^(n-k) B^(k) and B' = c/2 (B_(v-1) + B_(v+1)) (DLMF 10.29.1)."""
    bessel, v, s, c = SCALED[f]
    for x in (8.0, 23.0, 60.0, 99.0):
        with m.workdps(50):
            B = [(m.mpf(c) / 2) ** k * sum(m.binomial(k, j) * bessel(v - k + 2 * j, x) for j in range(k + 1)) for k in range(4)]
            want = [float(m.exp(s * x) * sum(m.binomial(n, k) * s ** (n - k) * B[k] for k in range(n + 1))) for n in ORDERS]
        np.testing.assert_allclose(derivatives(f, x), want, rtol=1e-12)


# Shapes so small that poles of psi, or powers of 1/x, would cancel
SMALL = [("gammainc", (0.0105, 3.0)), ("gammainc", (1e-4, 0.3)), ("gammaincc", (1e-4, 0.3)), ("chdtr", (0.011, 2.6)),
         ("pdtr", (1e-3, 0.4)), ("betainc", (3.6, 0.0105, 0.96)), ("betainc", (1e-3, 2e-3, 0.4)), ("poch", (1e-4, 0.5)),
         ("it2struve0", (0.01,)), ("itstruve0", (0.01,))]


@pytest.mark.parametrize("name, point", SMALL)
def test_third_slopes_next_to_shapes_of_zero(name, point):
    for by in dn.testing.rows.places_of(dn.table[name]):
        orders = tuple(3 * (k == by) for k in range(len(point)))
        row_against_mpmath(name, point, orders, 2e-12)


@pytest.mark.parametrize("orders", [(1, 1), (2, 1), (1, 2), (0, 3)])
@pytest.mark.parametrize("point", [(0.125, 0.0625), (1e-3, 2e-3), (0.3, 40.0), (0.01, 3.0), (7.0, 1e-5), (0.9, 0.05), (1.5, 30.0)], ids=str)
def test_mixed_slopes_of_the_beta_function_next_to_its_poles(point, orders):
    row_against_mpmath("beta", point, orders, 1e-13)

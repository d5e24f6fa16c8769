"""Derivatives by orders and shapes that are had from series and integrals: three orders against mpmath."""

import itertools

import fast_truth as fast
import mpmath as m
import numpy as np
import pytest
import scipy.special as sp
from ball_truth import BALLS
from distributions import tukey
from flint import arb

import dualnet as dn

H = m.mpf(1) / 2
DIGITS, STEP = 70, m.mpf(10) ** -12
STENCILS = ({0: 1}, {1: H, -1: -H}, {1: 1, 0: -2, -1: 1}, {2: H, 1: -1, -1: 1, -2: -H})


def differences(truth, orders, point):
    """The mixed partial of a function of mpmath numbers by central differences at 70 digits, with an error of 1e-24."""
    with m.workdps(DIGITS):
        total = 0
        for steps in itertools.product(*(STENCILS[n] for n in orders)):
            moved = [m.mpf(x) + k * STEP * max(abs(x), STEP) for x, k in zip(point, steps)]
            total += m.fprod(STENCILS[n][k] for n, k in zip(orders, steps)) * truth(*moved)
        for x, n in zip(point, orders):
            total /= (STEP * max(abs(m.mpf(x)), STEP)) ** n
        return float(m.re(total))


def derivative(f, orders, point):
    """The same of a ufunc, by nested derivatives."""
    for k, n in enumerate(orders):
        for _ in range(n):
            f = partial(f, k)
    return f(*point)


def partial(f, k):
    return lambda *a: dn.derivative(lambda x: f(*a[:k], x, *a[k + 1:]))(a[k])


def agree(f, truth, orders, point, rel=1e-12):
    """Right to `rel` of the derivative and of what relative changes of the arguments make of it."""
    want, got = differences(truth, orders, point), derivative(f, orders, point)
    if abs(got - want) < rel * abs(want):
        return
    more = [tuple(n + (i == k) for i, n in enumerate(orders)) for k in range(len(point)) if orders[k] < 3]
    size = abs(want) + sum(abs(x * differences(truth, o, point)) for o in more for x, a, b in zip(point, o, orders) if a > b)
    assert abs(got - want) < rel * size, (got, want)


@pytest.mark.parametrize("orders", [(1, 0), (2, 0), (3, 0), (1, 1), (2, 1), (1, 2)])
@pytest.mark.parametrize("point", [(1.01, 0.3), (2.4, 1.0), (1.7, 1.01), (7.0, 3.0), (30.0, 12.5), (3.0, 1e5), (60.0, 0.02)])
def test_hurwitz_zeta(orders, point):
    agree(sp.zeta, m.zeta, orders, point)


@pytest.mark.parametrize("s", [1.02, 2.0, 5.5, 40.0, 0.7, -0.3, -0.6, -2.0, -7.3, -24.0])
def test_riemann_zeta(s):
    for order in (1, 2, 3):
        want = float(m.zeta(s, 1, order))
        for f in (sp.zeta, sp.zetac):
            assert derivative(f, (order,), (s,)) == pytest.approx(want, rel=1e-12, abs=0)


def test_riemann_zeta_of_complex_numbers():
    for z in (0.5 + 14.1j, 3.0 - 40.0j, 1.5 + 1e-3j):
        for order in (1, 2, 3):
            assert abs(derivative(sp.zeta, (order,), (z,)) / complex(m.zeta(z, 1, order)) - 1) < 1e-12
    both = dn.jvp(sp.zeta, (np.array([-1.3 + 2j, 2 + 1j]),), (np.ones(2),))[1]
    assert both == pytest.approx([complex(m.zeta(z, 1, 1)) for z in (-1.3 + 2j, 2 + 1j)], rel=1e-8)
    alone = dn.jvp(sp.zeta, (np.array([-1.3 + 2j]),), (np.ones(1),))[1]
    assert alone == pytest.approx([complex(m.zeta(-1.3 + 2j, 1, 1))], rel=1e-8)


def test_zeta_where_there_is_none_and_far_out():
    slopes = dn.jvp(lambda s: sp.zeta(s, 2.5), (np.array([0.5, 1.0, np.nan, 1e4, np.inf]),), (np.ones(5),))[1]
    assert np.isnan(slopes[:3]).all() and (slopes[3:] == 0).all()
    assert derivative(sp.zeta, (1,), (1200.0,)) == 0 and dn.derivative(sp.zeta)(np.float32(3)).dtype == np.float32
    assert dn.jvp(lambda s: sp.zeta(s, 1.0), (np.zeros(0),), (np.zeros(0),))[1].shape == (0,)


# --- Wright's Bessel function -------------------------------------------------------------------------------------------------
WRIGHT = [(0.7, 1.2, 0.8), (0.3, 0.6, 5.0), (1.4, 2.2, 30.0), (0.05, 7.0, 0.2), (6.0, 0.4, 11.0), (0.02, 0.03, 20.0), (3.0, 20.0, 0.5)]
MIXED = [(1, 0, 0), (2, 0, 0), (3, 0, 0), (0, 1, 0), (0, 3, 0), (1, 1, 1), (0, 0, 2), (2, 1, 0), (1, 0, 2)]


@pytest.mark.parametrize("point", WRIGHT)
@pytest.mark.parametrize("orders", MIXED)
def test_wrights_function_and_its_logarithm(point, orders):
    agree(sp.wright_bessel, fast.wright, orders, point)
    agree(sp.log_wright_bessel, lambda *a: m.log(fast.wright(*a)), orders, point)


def test_the_logarithm_of_wrights_function_beyond_the_range_of_the_function():
    point = (0.1, 0.3, 1000.0)
    assert np.isinf(sp.wright_bessel(*point))
    for orders in [(1, 0, 0), (0, 2, 0), (1, 0, 1)]:
        agree(sp.log_wright_bessel, lambda *a: m.log(fast.wright(*a)), orders, point)


def test_wrights_function_at_the_ends_of_its_domain():
    for b in (0.0, 1e-8, 0.02):  # 1/gamma(b), whose slope at 0 is 1
        slope = derivative(sp.wright_bessel, (0, 1, 0), (0.5, b, 0.0))
        assert slope == pytest.approx(float(m.diff(m.rgamma, b)), rel=1e-12)
        if b:
            slope = derivative(sp.log_wright_bessel, (0, 1, 0), (0.5, b, 0.0))
            assert slope == pytest.approx(-float(m.psi(0, b)), rel=1e-12)
    assert derivative(sp.wright_bessel, (1, 0, 0), (0.0, 2.0, 3.0)) == pytest.approx(3 * np.exp(3) * float(m.diff(m.rgamma, 2)), rel=1e-12)
    assert np.isnan(derivative(sp.wright_bessel, (1, 0, 0), (-0.1, 2.0, 3.0)))
    empty = dn.jvp(lambda a: sp.wright_bessel(a, 1.0, 2.0), (np.zeros((0, 2)),), (np.zeros((0, 2)),))
    assert empty[1].shape == (0, 2)
    assert dn.derivative(lambda a: sp.wright_bessel(a, np.float32(1), np.float32(2)))(np.float32(1.5)).dtype == np.float32


# --- Struve's functions -------------------------------------------------------------------------------------------------------
STRUVE = [(0.3, 0.2), (1.4, 2.5), (0.02, 4.9), (0.2, 8.0), (2.5, 30.0), (12.0, 60.0), (40.0, 33.0), (-0.7, 3.0), (-4.3, 2.0), (-6.3, 20.0),
          (0.05, 60.0), (-41.3, 9.0), (-60.2, 50.0), (-10.9, 199.0), (1.4631e-05, 10.8111), (2e-4, 16.3828), (-1e-3, 24.0), (0.0301, 18.26)]


@pytest.mark.parametrize("point", STRUVE)
@pytest.mark.parametrize("orders", [(1, 0), (2, 0), (3, 0), (1, 1), (1, 2), (2, 1)])
def test_struves_functions(point, orders):
    agree(sp.struve, BALLS["struve"], orders, point)
    agree(sp.modstruve, BALLS["modstruve"], orders, point)


def test_struves_functions_at_edges():
    both = (sp.struve, sp.modstruve)
    assert [derivative(f, (1, 0), (1.5, 0.0)) for f in both] == [0, 0]
    assert all(np.isnan(derivative(f, (1, 0), at)) for f in both for at in [(0.5, -1.0), (np.nan, 1.0), (0.5, np.nan), (0.5, np.inf)])
    for f in both:
        assert dn.derivative(lambda v, f=f: f(v, np.float32(3)))(np.float32(0.5)).dtype == np.float32
        assert dn.jvp(lambda v, f=f: f(v, 2.0), (np.zeros((0, 3)),), (np.zeros((0, 3)),))[1].shape == (0, 3)
        several = dn.jvp(lambda v, f=f: f(v, np.array([[1.0], [9.0]])), (np.array([-40.5, 0.5]),), (np.ones(2),))[1]
        alone = [[derivative(f, (1, 0), (v, x)) for v in (-40.5, 0.5)] for x in (1.0, 9.0)]
        assert several == pytest.approx(np.array(alone), rel=1e-9)


# --- Tukey's lambda -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("point", [(1e-5, 0.4), (-3e-6, -4.0), (2e-3, 0.01), (-0.2, 3.0), (2.0, 1e-6)])
@pytest.mark.parametrize("orders", [(2, 0), (3, 0), (0, 2), (0, 3), (2, 1), (1, 2)])
def test_tukeys_distribution(point, orders):
    agree(sp.tklmbda, tukey, orders, point)


# --- the integral of a power and a Bessel function --------------------------------------------------------------------------------
MOMENTS = [(1.0, 1.0, 1.0), (0.05, 1.3, 0.8), (2.2, 0.02, 1.7), (4.0, 7.0, 20.0), (0.7, 2.0, -0.6), (0.4, 6.5, -4.3)]


@pytest.mark.parametrize("point", MOMENTS)
@pytest.mark.parametrize("orders", MIXED)
def test_besselpoly(point, orders):
    agree(sp.besselpoly, fast.bessel_moment, orders, point)


@pytest.mark.parametrize("orders", [*MIXED, (0, 1, 2), (0, 0, 3)])
def test_besselpoly_where_scipys_has_few_digits_or_none(orders):
    for point in [(30.0, 0.3, 0.8), (12.0, 2.5, 9.0), (12.3306, 0.128178, 17.5506), (55.747, 3.9447, 2.45381),
                  (40.0, 17.0, 120.0), (49.3, 20.75, -19.04), (9.0, 25.0, -12.0 - 1e-6)]:
        agree(sp.besselpoly, fast.bessel_moment, orders, point)


def test_besselpoly_at_edges():
    assert derivative(sp.besselpoly, (1, 0, 0), (0.0, 2.0, 1.0)) == pytest.approx(1 / 4)
    assert derivative(sp.besselpoly, (0, 1, 0), (0.0, 2.0, 0.0)) == pytest.approx(-1 / 9)
    assert derivative(sp.besselpoly, (0, 0, 1), (0.0, 2.0, 0.5)) == 0
    assert all(np.isnan(derivative(sp.besselpoly, (0, 0, 1), at)) for at in [(-1.0, 1.0, 1.0), (1e8, 1.0, 1.0), (1.0, np.nan, 1.0)])
    several = dn.jvp(lambda a: sp.besselpoly(a, 1.0, 0.5), (np.array([0.5, 25.0]),), (np.ones(2),))[1]
    assert several == pytest.approx([derivative(sp.besselpoly, (1, 0, 0), (a, 1.0, 0.5)) for a in (0.5, 25.0)], rel=1e-13)
    assert dn.jvp(lambda v: sp.besselpoly(1.0, 1.0, v), (np.zeros((0, 3)),), (np.zeros((0, 3)),))[1].shape == (0, 3)


# --- scaled Airy functions --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("x", [0.03, 0.98, 1.02, 1.97, 2.03, 4.0, 9.9, 17.0, 60.0])
def test_scaled_airy_functions(x):
    for k, (f, sign) in enumerate([(m.airyai, 1), (m.airyai, 1), (m.airybi, -1), (m.airybi, -1)]):
        scaled = lambda z, f=f, k=k, sign=sign: f(z, derivative=k % 2) * m.exp(sign * 2 * z**m.mpf("1.5") / 3)
        for order in (1, 2, 3):
            agree(lambda z, k=k: sp.airye(z)[k], scaled, (order,), (x,))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_scaled_airy_functions_left_of_0_where_scipy_does_not_scale(order):
    for k in (0, 1):
        agree(lambda z, k=k: sp.airye(z)[2 + k], lambda z, k=k: m.airybi(z, derivative=k), (order,), (-3.4,))


def test_scaled_airy_functions_at_0_have_no_second_slope():
    """exp(2/3 x^(3/2)) has none, and the limits from the right have the sign of the function there."""
    second = lambda k: dn.derivative(dn.derivative(lambda x: sp.airye(x)[k]))(0.0)
    assert [second(k) for k in range(4)] == [np.inf, -np.inf, -np.inf, -np.inf]
    assert dn.derivative(lambda x: sp.airye(x)[0])(0.0) == pytest.approx(float(m.airyai(0, derivative=1)), rel=1e-14)


# --- parabolic cylinder functions ---------------------------------------------------------------------------------------------------
CYLINDER = [(1.5, 0.7), (6.7, -5.9), (30.0, 4.0), (0.01, -1.2), (-9.0, -8.0), (-8.0, 0.05), (3.0, 0.0)]


@pytest.mark.parametrize("point", CYLINDER)
@pytest.mark.parametrize("orders", [(1, 0), (3, 0), (2, 1), (1, 2)])
def test_parabolic_cylinder_functions(point, orders):
    agree(lambda v, x: sp.pbdv(v, x)[0], fast.pcfd, orders, point)
    agree(lambda v, x: sp.pbvv(v, x)[0], pcfv, orders, point)


HIGH = [("pbdv", 41.4, 23.0), ("pbdv", 41.0, 1.85), ("pbdv", 52.4, 15.7), ("pbdv", 237.95, -28.47), ("pbdv", 258.0, 15.96),
        ("pbdv", 25.3, 1.2), ("pbvv", -241.6, 2.33), ("pbvv", -211.2, -0.488), ("pbvv", 184.3, -3.84), ("pbvv", 229.0, -12.2),
        ("pbvv", 35.5, 6.0)]


@pytest.mark.parametrize("orders", [(0, 1), (0, 2), (0, 3), (1, 0), (1, 1)])
@pytest.mark.parametrize(("name", "v", "x"), HIGH)
def test_parabolic_cylinder_functions_of_high_orders(name, v, x, orders):
    agree(lambda v, x: getattr(sp, name)(v, x)[0], fast.pcfd if name == "pbdv" else pcfv, orders, (v, x))


@fast.in_balls
def pcfv(v, x):
    """V(-v - 1/2, x) by its even and odd parts (DLMF 12.2.8, 12.2.9, 12.4.1)."""
    a, q, z = -v - arb(1) / 2, arb(1) / 4, x * x / 2
    even = arb(2) ** (a / 2 + q) * (3 * q - a / 2).rgamma() ** 2 * (q + a / 2).rgamma()
    odd = arb(2) ** (a / 2 + 3 * q) * (q - a / 2).rgamma() ** 2 * (3 * q + a / 2).rgamma() * x
    return arb.pi() * (-z / 2).exp() * (even * z.hypgeom_1f1(a / 2 + q, 2 * q) + odd * z.hypgeom_1f1(a / 2 + 3 * q, 6 * q))


def test_parabolic_cylinder_functions_at_edges():
    for f in [lambda v, x, g=g, k=k: g(v, x)[k] for g in (sp.pbdv, sp.pbvv) for k in (0, 1)]:
        assert all(np.isnan(derivative(f, (1, 0), at)) for at in [(np.nan, 1.0), (0.5, np.nan), (0.5, np.inf), (400.0, 3.0)])
        assert dn.derivative(lambda v, f=f: f(v, np.float32(1)))(np.float32(2.5)).dtype == np.float32
        assert dn.jvp(lambda v, f=f: f(v, 2.0), (np.zeros((0, 3)),), (np.zeros((0, 3)),))[1].shape == (0, 3)
    assert derivative(lambda v, x: sp.pbdv(v, x)[0], (1, 0), (2.5, 80.0)) == 0


WEBER = [(0.3, 0.7), (4.9, 2.2), (4.8, -2.6), (1.1, -4.9), (-4.7, 4.4), (0.01, -1.2), (2.5, 4.6)]


@pytest.mark.parametrize("point", WEBER)
@pytest.mark.parametrize("orders", [(1, 0), (2, 0), (3, 0), (0, 1), (1, 1), (2, 1), (1, 2)])
def test_webers_function_and_its_slope(point, orders):
    agree(lambda a, x: sp.pbwa(a, x)[0], fast.pcfw, orders, point)
    if orders[1] < 2:
        a_slope = lambda a, x: differences(fast.pcfw, (orders[0], orders[1] + 1), (a, x))
        assert derivative(lambda a, x: sp.pbwa(a, x)[1], orders, point) == pytest.approx(a_slope(*point), rel=1e-11)


def test_webers_function_at_edges():
    for f in [lambda a, x, k=k: sp.pbwa(a, x)[k] for k in (0, 1)]:
        assert all(np.isnan(derivative(f, (1, 0), at)) for at in [(np.nan, 1.0), (0.5, np.nan), (5.5, 1.0), (0.5, -5.5)])
        assert dn.derivative(lambda a, f=f: f(a, np.float32(1)))(np.float32(2.5)).dtype == np.float32
        assert dn.jvp(lambda a, f=f: f(a, 2.0), (np.zeros((0, 3)),), (np.zeros((0, 3)),))[1].shape == (0, 3)
        assert derivative(f, (1, 0), (0.0, 0.0)) == pytest.approx(0, abs=1e-15)
    agree(lambda a, x: sp.pbwa(a, x)[0], fast.pcfw, (1, 0), (5.0, -5.0))
    with m.workdps(60):
        want = float(m.diff(lambda a: fast.pcfw(a, 0.7), 1.4, 4))
    assert derivative(lambda a: sp.pbwa(a, 0.7)[0], (4,), (1.4,)) == pytest.approx(want, rel=1e-12)

"""Bessel functions by their order: every region of the formulas, orders 1 to 3 and mixed ones, against differences in Arb's."""

import mpmath as m
import numpy as np
import pytest
import scipy.special as sp
from ball_truth import BALLS
from flint import acb, arb, ctx

import dualnet as dn

STEP = m.mpf(10) ** -11
FUNCTIONS = {f: BALLS[f.__name__] for f in (
    sp.jv, sp.yv, sp.iv, sp.kv, sp.jve, sp.yve, sp.ive, sp.kve, sp.hankel1, sp.hankel2, sp.hankel1e, sp.hankel2e, sp.struve, sp.modstruve)}
# the power series, the integrals, the positive path of J, and far out; negative orders, whole ones among them
POINTS = [(0.3, 1.2), (2.5, 0.01), (0.7, 14.0), (7.3, 19.0), (30.2, 18.5), (1.4, 26.5), (12.1, 130.0), (0.01, 3.0),
          (-0.4, 1.7), (-2.0, 0.6), (-7.3, 11.0), (-5.0, 27.0), (-3.5, 60.0)]


def truth(f, v, x, n, k):
    """The (n, k)-th derivative by central differences: their error is some 1e-22, that of rounding 1e-21."""
    with m.workdps(65 + int(min(x, 50))):
        at = lambda i, j: f(m.mpf(v) + (m.mpf(n) / 2 - i) * STEP, m.mpf(x) + (m.mpf(k) / 2 - j) * STEP)
        total = sum((-1) ** (i + j) * m.binomial(n, i) * m.binomial(k, j) * at(i, j) for i in range(n + 1) for j in range(k + 1))
        return complex(total / STEP ** (n + k))


def nested(f, n, k, order_last=False):
    for by in sorted((0,) * n + (1,) * k, reverse=order_last):
        f = dn.derivative(f, by)
    return f


def assert_right(f, v, x, n, k, rtol=1e-12):
    """By the order first and by the argument first; what relative changes of the arguments make of the true value counts."""
    want = truth(FUNCTIONS[f], v, x, n, k)
    change = abs(v * truth(FUNCTIONS[f], v, x, n + 1, k)) + abs(x * truth(FUNCTIONS[f], v, x, n, k + 1))
    for order_last in (False, True):
        assert abs(nested(f, n, k, order_last)(v, x) - want) <= rtol * (abs(want) + change), (v, x, n, k, order_last)


@pytest.mark.parametrize(("f", "v", "x"), [
    (sp.yv, 0.0, 0.01), (sp.yv, 2.7e-8, 0.0135), (sp.yv, -0.0, 0.7), (sp.jv, -1.1e-6, 0.0665), (sp.iv, -1.1e-6, 0.0665),
    (sp.iv, 0.0, 11.9), (sp.iv, 1e-7, 24.4), (sp.ive, 0.0, 22.5), (sp.ive, -1e-6, 3.4), (sp.struve, 0.0, 0.0119), (sp.struve, 1e-8, 0.02),
    (sp.struve, 1.0, 0.01), (sp.modstruve, 0.0, 42.2), (sp.modstruve, -1e-5, 24.4), (sp.modstruve, 0.0, 49.0)],
    ids=lambda a: getattr(a, "__name__", str(a)))
def test_slopes_next_to_order_0_do_not_cancel(f, v, x):
    """Functions nearly even in the order, and those whose next power of x the gamma function takes away."""
    for n, k in ((1, 0), (0, 3), (1, 1), (1, 2), (2, 1)):
        assert_right(f, v, x, n, k)


@pytest.mark.parametrize("f", [sp.ive, sp.kve, sp.hankel1e, sp.hankel2e], ids=lambda f: f.__name__)
@pytest.mark.parametrize(("v", "x"), [(17.5, 374.6), (-17.0, 345.8), (36.8, 354.3), (0.3, 17.8), (-7.6, 19.9), (3.9, 8.8)])
def test_scaled_functions_before_hankels_expansion_do_not_cancel(f, v, x):
    for n, k in ((0, 2), (0, 3), (1, 2)):
        assert_right(f, v, x, n, k, 2e-13)


@pytest.mark.parametrize(("f", "of"), [(sp.i0e, sp.ive), (sp.i1e, sp.ive), (sp.k0e, sp.kve), (sp.k1e, sp.kve)],
                         ids=lambda f: f.__name__)
def test_scaled_functions_of_fixed_orders_do_not_cancel(f, of):
    order = int(f.__name__[1])
    for x in (1.3, 6.0, 14.5, 19.9, 21.0):
        want = [truth(FUNCTIONS[of], order, x, 0, k).real for k in (2, 3)]
        np.testing.assert_allclose([nested(f, k, 0)(x) for k in (2, 3)], want, rtol=1e-13)


@pytest.mark.parametrize("f", list(FUNCTIONS)[:12], ids=lambda f: f.__name__)
def test_slopes_by_the_order_have_full_precision(f):
    """Near a zero of a slope what relative changes of the arguments make of it counts."""
    for v, x in POINTS:
        for n, k in ((1, 0), (2, 0), (3, 0), (1, 1)):
            want = truth(FUNCTIONS[f], v, x, n, k)
            change = abs(v * truth(FUNCTIONS[f], v, x, n + 1, k)) + abs(x * truth(FUNCTIONS[f], v, x, n, k + 1))
            assert abs(nested(f, n, k)(v, x) - want) <= 4e-13 * (abs(want) + change), (v, x, n, k)


@pytest.mark.parametrize("f", [sp.ive, sp.kve, sp.hankel1e], ids=lambda f: f.__name__)
def test_scaled_functions_far_out_keep_the_slope_by_the_argument(f):
    for v, x in ((0.4, 400.0), (3.0, 5000.0)):
        want = truth(FUNCTIONS[f], v, x, 1, 2)
        assert abs(nested(f, 1, 2)(v, x) - want) <= 1e-12 * abs(want)


@pytest.mark.parametrize(("v", "x"), [(1500.5, 1503.2), (700.0, 3000.0), (2200.0, 2000.0), (-2500.0, 2600.0)])
def test_large_orders_next_to_and_beside_large_arguments(v, x):
    """Against differences of Arb's functions, whose series loses as many digits as their sum is below its terms."""
    digits, ctx.dps = ctx.dps, 300 + int(x / 2)
    try:
        step = arb(2) ** -60
        for f in ("jv", "yv"):
            exact = [getattr(acb(x), f"bessel_{f[0]}")(acb(v) + step * i) for i in (-1, 0, 1)]
            want = [float(c.real.mid()) for c in ((exact[2] - exact[0]) / (2 * step), (exact[2] - 2 * exact[1] + exact[0]) / step**2)]
            for n in (1, 2):
                assert nested(getattr(sp, f), n, 0)(v, x) == pytest.approx(want[n - 1], rel=1e-11, abs=0), (f, n)
    finally:
        ctx.dps = digits


def test_the_order_as_large_as_the_argument():
    """J_v(v) is a v^(-1/3) and its slope by x b v^(-2/3) - a/5 v^(-4/3), up to terms 1/v^2 below; Y alike (DLMF 10.19.8, 10.19.9)."""
    a, b = 2 ** (1 / 3) / (3 ** (2 / 3) * sp.gamma(2 / 3)), 2 ** (2 / 3) / (3 ** (1 / 3) * sp.gamma(1 / 3))
    for v in (1e7, 1e10):
        first, second = b * v ** (-2 / 3), 2 / 15 * a * v ** (-4 / 3)
        assert dn.derivative(sp.jv, 0)(v, v) == pytest.approx(-first - second, rel=1e-12, abs=0)
        assert dn.derivative(sp.yv, 0)(v, v) == pytest.approx(np.sqrt(3) * (second - first), rel=1e-12, abs=0)


def test_next_to_order_zero_and_at_the_ends_of_the_range():
    """K is even in its order; dI/dv = -K0 at v = 0, and v K''(v = 0) next to it (DLMF 10.38.4)."""
    slope = lambda f, v, x: float(dn.derivative(f, 0)(v, x))
    assert slope(sp.kv, 0.0, 1.0) == 0 and slope(sp.kv, -0.7, 2.0) == -slope(sp.kv, 0.7, 2.0)
    assert slope(sp.iv, 0.0, 3.0) == pytest.approx(-sp.k0(3.0), rel=1e-13, abs=0)
    second = float(m.diff(lambda v: m.besselk(v, 0.5), 0, 2))
    assert slope(sp.kv, 1e-12, 0.5) == pytest.approx(1e-12 * second, rel=1e-12, abs=0)
    assert slope(sp.kv, 0.5, 1e-200) == pytest.approx(float(m.diff(lambda v: m.besselk(v, m.mpf(1e-200)), 0.5)), rel=1e-12, abs=0)
    assert slope(sp.kve, 1.0, 1e200) == pytest.approx(np.sqrt(np.pi / 2e200) / 1e200, rel=1e-12, abs=0)  # (4 v^2 - 1)/(8 x) by v
    assert slope(sp.kv, 1.0, np.inf) == 0 and np.isnan(slope(sp.kv, 1.0, -1.0)) and np.isnan(slope(sp.iv, np.nan, 1.0))


def test_a_matern_kernel_by_its_smoothness():
    """2^(1-v)/gamma(v) z^v K_v(z): at v = 3/2 it is (1 + z) exp(-z); its slope by v, and arrays of both in either mode."""
    kernel = lambda v, z: 2 ** (1 - v) / sp.gamma(v) * z**v * sp.kv(v, z)
    z = np.array([0.1, 1.0, 3.7])
    np.testing.assert_allclose(kernel(1.5, z), (1 + z) * np.exp(-z), rtol=1e-14)
    want = [float(m.diff(lambda v, z=z: 2 ** (1 - v) / m.gamma(v) * z**v * m.besselk(v, z), 1.5)) for z in z.tolist()]
    np.testing.assert_allclose(dn.jacobian(lambda v: kernel(v, z))(1.5), want, rtol=1e-12)
    np.testing.assert_allclose(dn.grad(lambda v: np.sum(kernel(v, z)), mode="reverse")(1.5), sum(want), rtol=1e-12)

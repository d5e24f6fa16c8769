"""Derivatives of hypergeometric functions by their parameters, to 1e-12, against mpmath's own derivatives at many digits."""

import itertools
import math

import fast_truth
import mpmath as m
import numpy as np
import pytest
import scipy.special as sp
from flint import arb, ctx
from special_rows import TRUTH

import dualnet as dn
from dualnet.errors import NotDifferentiableError


def truth(name, orders, point):
    with m.workdps(60):
        return m.diff(TRUTH[name], tuple(map(m.mpf, point)), orders) if len(point) > 1 else m.diff(TRUTH[name], point[0], orders[0])


def ours(name, orders, point):
    f = getattr(sp, name)
    for place, n in enumerate(orders):
        for _ in range(n):
            f = dn.derivative(f, place)
    return f(*point)


def obeys(name, orders, point):
    return float(abs(ours(name, orders, point) / truth(name, orders, point) - 1)) < 1e-12


LIMIT = [(0.013, 0.4), (0.4, 95.0), (2.3, -40.0), (0.7, -93.0), (57.0, 3.0), (48.0, -99.0), (3.0, 1e-3)]
KUMMER = [(1.3, 2.4, 0.7), (0.02, 0.5, 12.0), (55.0, 0.3, 88.0), (0.4, 31.0, -97.0), (2.0, 2.0, -3.0), (9.6, 0.99999, -4.5),
          (17.3, 1.2, -21.0), (-2.3, 1.5, 3.0), (-7.0, 2.2, 9.0), (3.3, 7.1, 0.0), (212.0, 0.98, -19.3), (61.0, 7.7, -110.0),
          (-50.9, 3.2, 15.0)]  # the last three oscillate
CONFLUENT_ORDERS = [(1, 0, 0), (0, 1, 0), (2, 0, 0), (0, 2, 0), (3, 0, 0), (0, 3, 0), (1, 1, 0), (1, 1, 1), (0, 1, 2)]


@pytest.mark.parametrize("point", LIMIT, ids=str)
@pytest.mark.parametrize("orders", [(1, 0), (2, 0), (3, 0), (1, 1), (2, 1)], ids=str)
def test_slopes_of_0f1(orders, point):
    assert obeys("hyp0f1", orders, point)


@pytest.mark.parametrize("point", KUMMER, ids=str)
@pytest.mark.parametrize("orders", CONFLUENT_ORDERS, ids=str)
def test_slopes_of_1f1(orders, point):
    if point[-1] == 0 and orders[-1] == 0:
        assert ours("hyp1f1", orders, point) == 0
    else:
        assert obeys("hyp1f1", orders, point)


@pytest.mark.parametrize("point", [(235.8, 0.367, -0.571), (-340.0, 6.6, 0.745)], ids=str)
@pytest.mark.parametrize("orders", [(0, 0, 1), (0, 0, 2), (0, 0, 3), (1, 0, 1), (0, 2, 1)], ids=str)
def test_slopes_of_1f1_by_x_where_scipys_values_have_no_digit(orders, point):
    assert obeys("hyp1f1", orders, point)
    several = [np.array([v, w]) for v, w in zip(point, (1.4, 2.5, 0.7))]
    got = dn.jvp(lambda x: sp.hyp1f1(*several[:2], x), (several[2],), (np.ones(2),))[1]
    np.testing.assert_allclose(got, [float(truth("hyp1f1", (0, 0, 1), p)) for p in zip(*several)], rtol=1e-12)


GAUSS = [(1.3, 2.4, 0.7, 0.4), (0.02, 40.0, 3.3, -0.9), (12.0, 9.5, 0.3, -0.6), (1.1, 0.4, 2.0, 0.999), (3.0, 2.0, 5.0, 0.97),
         (0.5, 7.0, 30.0, 0.9), (6.3, 5.2, 1.7, 0.83), (47.1, 37.6, 1.53, -0.926), (37.4, 62.3, 0.176, -0.5)]  # the last two oscillate


@pytest.mark.parametrize("point", GAUSS, ids=str)
@pytest.mark.parametrize("orders", [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 3, 0), (0, 2, 1, 0), (1, 0, 1, 1)], ids=str)
def test_slopes_of_2f1(orders, point):
    assert obeys("hyp2f1", orders, point)


def along(f, point, orders):
    """The derivative of a function of Arb's balls at numbers, by differences as small as their many digits allow."""
    with ctx.workprec(3000):
        at, steps = [arb(p) for p in point], [arb(2) ** -200 * abs(arb(p)) for p in point]
        total = sum(math.prod((-1) ** k * math.comb(n, k) for n, k in zip(orders, by))
                    * f(*(p + h * (arb(n) / 2 - k) for p, h, n, k in zip(at, steps, orders, by)))
                    for by in itertools.product(*(range(n + 1) for n in orders)))
        return float((total / math.prod(h**n for h, n in zip(steps, orders))).mid())


@pytest.mark.parametrize(("name", "point"), [
    ("hyp0f1", (0.0022438, -342.06)), ("hyp0f1", (900.0, -40000.0)), ("hyp1f1", (0.26649, 0.077361, -291.67)),
    ("hyp1f1", (24.889, 77.928, -46.603)), ("hyp1f1", (71.394, 394.66, -95.616)), ("hyp1f1", (964.08, 167.55, -6.8065)),
    ("hyp2f1", (253.16, 0.049256, 131.55, 0.67097)), ("hyp2f1", (24.036, 0.37578, 14.099, 0.87703)),
    ("hyp2f1", (29.880, 16.797, 0.52287, -52.106)), ("hyp2f1", (89.265, 0.070071, 3.3766, -5.1222)),
    ("hyp2f1", (0.61841, 0.44196, 18.265, -2.8269)), ("hyp2f1", (1.2923, 0.011804, 5.4818, -5.4657)),
    ("eval_jacobi", (0.3, 50.0, 0.17891, -0.57224)), ("eval_jacobi", (0.3, 150.0, 0.17891, -0.57224)),
    ("eval_laguerre", (0.02834, 664.27)), ("eval_genlaguerre", (0.016917, 2.4602, 617.42))], ids=str)
def test_slopes_of_large_parameters_where_values_of_scipy_are_wrong_or_the_function_hardly_oscillates(name, point):
    """In all orders of differentiation."""
    f, last = {"hyp0f1": lambda c, x: x.hypgeom([], [c]), "hyp1f1": lambda a, b, x: x.hypgeom_1f1(a, b),
               "hyp2f1": lambda a, b, c, x: x.hypgeom_2f1(a, b, c), "eval_jacobi": fast_truth._jacobi,
               "eval_laguerre": lambda n, x: x.hypgeom_1f1(-n, arb(1)), "eval_genlaguerre": lambda n, a, x: (
                   (n + a + 1).gamma() * (n + 1).rgamma() * (a + 1).rgamma() * x.hypgeom_1f1(-n, a + 1))}[name], len(point) - 1
    orders = {(0,), (1,), (last,), (0, last), (last, 0), (1, last), (last, last)}
    for by in sorted(orders - {(1,), (1, 1), (1, 0)} if point[0] == 900 else orders):  # there SciPy's own value is NaN
        got = getattr(sp, name)
        for k in by:
            got = dn.derivative(got, k)
        assert got(*point) == pytest.approx(along(f, point, [by.count(k) for k in range(last + 1)]), rel=1e-12, abs=0), by


@pytest.mark.parametrize("orders", [(0, 0, 0, 1), (0, 0, 0, 2), (0, 0, 1, 1)], ids=str)
def test_slopes_of_2f1_by_x_where_scipys_values_have_no_digit(orders):
    """Beside them counts what a relative change of x makes of them, which is hundreds of waves away from 0."""
    for point in [(286.5, 367.3, 5.95, -0.447), (248.2, 264.4, 5.84, -0.94)]:
        want, bend = truth("hyp2f1", orders, point), point[3] * truth("hyp2f1", (*orders[:3], orders[3] + 1), point)
        assert abs(ours("hyp2f1", orders, point) - want) <= 1e-13 * (abs(want) + abs(bend)), point


TRICOMI = [(1.4, 2.5, 0.7), (0.012, 11.4, 0.08), (0.3, 1.0, 5.0), (60.0, 0.02, 80.0), (0.5, 58.0, 0.01), (2.2, 3.0, 1e-6)]


@pytest.mark.parametrize("point", TRICOMI, ids=str)
@pytest.mark.parametrize("orders", [(1, 0, 0), (0, 1, 0), (3, 0, 0), (0, 3, 0), (1, 1, 0), (0, 1, 1)], ids=str)
def test_slopes_of_u(orders, point):
    assert obeys("hyperu", orders, point)


DEGREES = [("eval_laguerre", (2,), (7.4, 9.0)), ("eval_laguerre", (1,), (51.3, 80.0)), ("eval_genlaguerre", (1, 1), (3.4, 1.2, 8.0)),
           ("eval_genlaguerre", (0, 3), (12.0, 0.7, 5.0)), ("eval_legendre", (3,), (4.0, 0.3)), ("eval_legendre", (1,), (42.4, -0.7)),
           ("eval_sh_legendre", (2,), (3.3, 0.02)), ("eval_jacobi", (1, 1, 0), (3.4, 1.2, 0.8, -0.93)),
           ("eval_jacobi", (0, 0, 2), (7.0, 1.2, 2.8, -0.97)), ("eval_gegenbauer", (1, 1), (2.6, 0.3, -0.4)),
           ("eval_sh_jacobi", (0, 1, 1), (2.6, 3.3, 0.8, 0.4))]


@pytest.mark.parametrize("name, by, point", DEGREES, ids=str)
def test_slopes_of_polynomials_by_degree_and_shapes(name, by, point):
    assert obeys(name, (*by, 0), point)


@pytest.mark.parametrize("name, by, point", [DEGREES[2], DEGREES[4], DEGREES[7]], ids=str)
def test_slopes_of_polynomials_by_degree_and_x(name, by, point):
    assert obeys(name, (*by, 1), point)


def test_the_slope_by_degree_0_of_that_by_x_is_not_dropped():
    assert abs(dn.derivative(lambda n: dn.derivative(lambda x: sp.eval_legendre(n, x))(0.3))(0.0) * 1.3 - 1) < 1e-13


def test_the_fourth_derivative_by_a_parameter_and_arrays_of_mixed_points():
    assert obeys("hyp1f1", (4, 0, 0), (1.3, 2.4, 0.7))
    x = np.array([[-30.0, 0.0, 0.5], [np.nan, 40.0, -1.0]])
    got = dn.jvp(lambda a: sp.hyp1f1(a, 2.5, x), (1.5,), (1.0,))[1]
    want = [[0.0 if v == 0 else float(truth("hyp1f1", (1, 0, 0), (1.5, 2.5, v))) for v in row] for row in np.nan_to_num(x)]
    assert got.shape == x.shape and np.isnan(got[1, 0])
    assert np.allclose(got[~np.isnan(x)], np.array(want)[~np.isnan(x)], rtol=1e-13, atol=0)
    assert dn.jvp(lambda a: sp.hyp1f1(a, 2.5, np.empty((0, 3))), (1.5,), (1.0,))[1].shape == (0, 3)


def test_slopes_of_complex_arguments():
    z = 0.8 - 1.3j
    with m.workdps(40):
        want = m.diff(lambda a: m.hyp1f1(a, 2.5, z), 1.5), m.diff(lambda b: m.hyp0f1(b, z), 1.5)
    got = dn.jvp(lambda a: sp.hyp1f1(a, 2.5, z), (1.5,), (1.0,))[1], dn.jvp(lambda b: sp.hyp0f1(b, z), (1.5,), (1.0,))[1]
    assert np.allclose(got, np.array(want, complex), rtol=1e-13, atol=0)


def test_laguerre_polynomials_of_a_degree_further_out_have_no_slope_by_it():
    with pytest.raises(NotDifferentiableError, match="Laguerre polynomials at x = 800 have no derivatives by a degree.*beyond x = 700"):
        dn.derivative(sp.eval_laguerre, 0)(0.3, 800.0)

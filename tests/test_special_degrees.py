"""Derivatives of orthogonal polynomials and Legendre functions by their degree, next to 0, to whole degrees and to the ends, too."""

import fast_truth as fast
import mpmath as m
import numpy as np
import pytest
import scipy.special as sp
from ball_truth import BALLS
from flint import arb
from special_rows import TRUTH
from test_special_parameters_series import derivative

import dualnet as dn
from dualnet.errors import NotDifferentiableError
from dualnet.testing import oracle

ORDERS = [(1, 0), (2, 0), (3, 0), (0, 1), (0, 3), (1, 1), (1, 2), (2, 1)]


def derivative_of(f, orders, point):
    """The mixed partial of a function of mpmath numbers by central differences at 120 digits, whose error is about 1e-30."""
    with m.workdps(120):
        steps = [m.mpf(10) ** -20 * min(1, abs(1 - abs(x)) or 1, abs(x) or 1) for x in point]
        f_at = f
        for k, (n, h) in enumerate(zip(orders, steps)):
            for _ in range(n):
                f_at = lambda *a, f=f_at, k=k, h=h: (f(*moved(a, k, h)) - f(*moved(a, k, -h))) / (2 * h)
        return float(m.re(f_at(*map(m.mpf, point))))


def moved(args, k, h):
    return [x + h if i == k else x for i, x in enumerate(args)]


def agree(f, truth, orders, point, rel=1e-12):
    want = derivative_of(truth, orders, point)
    assert derivative(f, orders, point) == pytest.approx(want, rel=rel, abs=0), (orders, point)


# --- Chebyshev ----------------------------------------------------------------------------------------------------------------
def cosine(n, x):
    return (n * x.acos()).cos() if abs(x) < 1 else (n * x.acosh()).cosh()


def sine(n, x):
    return ((n + 1) * x.acos()).sin() / (1 - x * x).sqrt() if abs(x) < 1 else ((n + 1) * x.acosh()).sinh() / (x * x - 1).sqrt()


FIRST, SECOND = fast.in_balls(cosine), fast.in_balls(sine)
CHEBYSHEV = {
    "eval_chebyt": (FIRST, lambda x: x), "eval_chebyu": (SECOND, lambda x: x),
    "eval_chebyc": (lambda n, x: 2 * FIRST(n, x / 2), lambda x: 2 * x), "eval_chebys": (lambda n, x: SECOND(n, x / 2), lambda x: 2 * x),
    "eval_sh_chebyt": (lambda n, x: FIRST(n, 2 * x - 1), lambda x: (1 + x) / 2),
    "eval_sh_chebyu": (lambda n, x: SECOND(n, 2 * x - 1), lambda x: (1 + x) / 2),
}
ANGLES = [(5.86, 1 - 1e-8), (2.3, 0.97), (2.3, -1 + 2.0**-20), (4.0000001, -0.99), (1e-6, 0.4), (11.2, 0.35), (90.6, -0.3), (3.4, 1.0001),
          (2.7, 6.5), (0.02, 0.9), (-0.4, 0.3), (7.0, 0.2)]


@pytest.mark.parametrize("name", CHEBYSHEV)
@pytest.mark.parametrize("point", ANGLES, ids=str)
def test_chebyshev_polynomials(name, point):
    truth, place = CHEBYSHEV[name]
    for orders in ORDERS:
        agree(getattr(sp, name), truth, orders, (point[0], place(point[1])), 4e-12 if "sh" in name and abs(point[1]) > 0.99 else 1e-12)


def test_chebyshev_polynomials_at_the_ends_and_beyond():
    assert derivative(sp.eval_chebyt, (0, 1), (2.5, 1.0)) == pytest.approx(6.25)
    assert derivative(sp.eval_chebyu, (0, 1), (2.5, 1.0)) == pytest.approx(3.5 * (3.5**2 - 1) / 3)
    assert derivative(sp.eval_chebyu, (1, 0), (2.5, 1.0)) == pytest.approx(1)
    assert [derivative(sp.eval_chebyt, (0, 2), (3, x)) for x in (-1.0, 1.0, -3.0)] == pytest.approx([-24, 24, -72])
    assert [derivative(sp.eval_chebyu, (0, 1), (-4.0, x)) for x in (-3.0, 0.5)] == pytest.approx([24, -4])  # that is -U_2
    assert derivative(sp.eval_chebyt, (1, 0), (2.5, 1.0)) == 0
    assert np.isnan(derivative(sp.eval_chebyu, (1, 0), (2.5, -1.5))) and np.isnan(derivative(sp.eval_chebyu, (0, 1), (2.5, np.nan)))
    z = 1.4 + 0.3j
    assert abs(dn.derivative(sp.eval_chebyt, 1)(4.3, z) / complex(m.diff(lambda x: m.chebyt(4.3, x), z)) - 1) < 1e-12
    assert dn.derivative(sp.eval_chebys, 1)(np.float32(2.5), np.float32(0.5)).dtype == np.float32
    assert dn.jvp(lambda n: sp.eval_chebyu(n, 0.5), (np.zeros((0, 3)),), (np.zeros((0, 3)),))[1].shape == (0, 3)


def test_chebyshev_polynomials_of_arrays_of_all_sorts():
    n, x = np.array([[3.0], [2.5], [1e-3], [60.4]]), np.array([-1 + 1e-9, -0.3, 0.0, 0.8, 1 - 1e-6, 1.0, 2.0])
    got = dn.jvp(lambda x: sp.eval_chebyu(n, x), (np.broadcast_to(x, (4, 7)).copy(),), (np.ones((4, 7)),))[1]
    alone = [[derivative(sp.eval_chebyu, (0, 1), (v, z)) for z in x] for v in n[:, 0]]
    assert got == pytest.approx(np.array(alone), rel=1e-12)


# --- associated Legendre functions -----------------------------------------------------------------------------------------------
def ferrers(order):
    """The function of a whole order on the cut (DLMF 14.3.1, 14.9.3)."""
    size = abs(order)

    def value(v, x):
        front = (-1) ** size * (v + size + 1).gamma() * (v - size + 1).rgamma() if order > 0 else 1
        below = (1 - x * x) ** (arb(size) / 2) / 2**size * arb(size + 1).rgamma()
        return front * below * ((1 - x) / 2).hypgeom_2f1(size - v, v + size + 1, size + 1)

    return fast.in_balls(value)


@pytest.mark.parametrize("order", [0, 1, 4, -2])
@pytest.mark.parametrize("point", [(2.4, 0.3), (5.000001, -0.45), (4.6, 0.9999), (7.3, -0.97), (40.7, 0.6), (3.0, 0.2), (-4.7, 0.7)],
                         ids=str)
def test_legendre_functions(order, point):
    for orders in ORDERS if point[1] < 0.99 or order >= 0 else ORDERS[3:5]:
        agree(lambda v, x: sp.lpmv(order, v, x), ferrers(order), orders, point, 5e-12)


def test_legendre_functions_at_edges():
    assert [derivative(lambda v, x: sp.lpmv(2, v, x), (0, 1), (2, x)) for x in (-1.0, 1.0)] == pytest.approx([6, -6])
    assert derivative(lambda v, x: sp.lpmv(0, v, x), (0, 1), (2.5, 1.0)) == pytest.approx(2.5 * 3.5 / 2)
    assert derivative(lambda v, x: sp.lpmv(0, v, x), (1, 0), (2.5, 1.5)) == pytest.approx(float(m.diff(lambda v: m.legendre(v, 1.5), 2.5)))
    for at in ((1, 2.5, 1.5), (0.5, 2.5, 0.3), (1, np.nan, 0.3)):
        assert np.isnan(derivative(sp.lpmv, (0, 1, 0), at))
    got = dn.derivative(lambda v: sp.lpmv(np.array([0.0, 1.0, -1.0, 2.0]), v, 0.3))(np.full(4, 2.5))
    assert got == pytest.approx([derivative_of(ferrers(order), (1, 0), (2.5, 0.3)) for order in (0, 1, -1, 2)], rel=1e-13)
    for v in (0.3, 1.02):  # below |m| from its own values
        agree(lambda v, x: sp.lpmv(-2, v, x), ferrers(-2), (1, 0), (v, 0.3), 1e-8)


# --- the others where digits are lost elsewhere -----------------------------------------------------------------------------------
def truth(name):
    return BALLS.get(name, TRUTH[name])


PLACES = [("eval_legendre", (4.6, 1 - 1e-7)), ("eval_legendre", (5.0000001, 0.4)), ("eval_legendre", (1e-6, 0.3)),
          ("eval_sh_legendre", (3.7, 1e-7)), ("eval_sh_legendre", (3.7, 1 - 1e-7)), ("eval_laguerre", (1e-6, 0.7)),
          ("eval_laguerre", (30.4, 20.0)), ("eval_laguerre", (2.5, 1e-7))]
SHAPED = [("eval_genlaguerre", (1e-6, 0.7, 2.0)), ("eval_genlaguerre", (3.6, 1e-6, 2.0)), ("eval_genlaguerre", (21.5, 1.3, 12.0)),
          ("eval_gegenbauer", (1e-5, 0.8, 0.3)), ("eval_gegenbauer", (3.4, 1e-6, -0.4)), ("eval_gegenbauer", (3.4, 0.7, 1 - 1e-7)),
          ("eval_jacobi", (1e-6, 0.8, 0.6, 0.3)), ("eval_jacobi", (4.3, 1e-6, 0.6, 0.3)), ("eval_jacobi", (4.3, 0.8, 0.6, 1e-7 - 1)),
          ("eval_sh_jacobi", (1e-6, 2.8, 0.6, 0.3)), ("eval_sh_jacobi", (2.3, 2.8, 0.6, 1e-7))]


@pytest.mark.parametrize("name, point", PLACES, ids=str)
@pytest.mark.parametrize("orders", ORDERS)
def test_polynomials_next_to_the_ends_of_degree_and_interval(name, point, orders):
    agree(getattr(sp, name), truth(name), orders, point)


@pytest.mark.parametrize("name, point", SHAPED, ids=str)
def test_polynomials_with_shapes_next_to_the_ends(name, point):
    unit = np.eye(len(point), dtype=int)
    first, shape, last = unit[0], unit[1], unit[-1]
    for orders in (first, 3 * first, shape, 2 * shape, 3 * last, first + shape, first + last, shape + last):
        agree(getattr(sp, name), truth(name), tuple(map(int, orders)), point)


def test_slopes_by_x_where_values_are_wrong():
    with m.workdps(40):
        want = float(m.diff(lambda x: m.jacobi(80.7, 0.1, 3.1, x), -0.45))
    assert derivative(sp.eval_jacobi, (0, 0, 0, 1), (80.7, 0.1, 3.1, -0.45)) == pytest.approx(want, rel=1e-12)
    for f, at in ((sp.eval_laguerre, (173.6, 204.9)), (sp.eval_jacobi, (171.8, 97.25, 99.06, -0.09819))):
        with pytest.raises(NotDifferentiableError, match="recurrence"):
            derivative(f, (0,) * (len(at) - 1) + (1,), at)


# --- Smirnov's distribution -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("n, d", [(7, 0.31), (60, 0.12), (400, 0.03), (5, 0.1875), (5, 0.201), (9, 0.33)])
def test_derivatives_of_smirnovs_distribution(n, d):
    f = birnbaum(n)
    for order in (2, 3, 4):
        with m.workdps(60):
            want = float(m.diff(f, m.mpf(d), order))
        assert derivative(lambda x: sp.smirnov(n, x), (order,), (d,)) == pytest.approx(want, rel=1e-12)


def birnbaum(n):
    """The sum of Birnbaum and Tingey (1951), between the knots around the point."""
    return lambda d: d * m.fsum(m.binomial(n, j) * (d + m.mpf(j) / n) ** (j - 1) * (1 - d - m.mpf(j) / n) ** (n - j)
                                for j in range(int(m.floor(n * (1 - d))) + 1))


BELOW = [("eval_jacobi", (0.9921875, -1.5, 1.5, 0.3)), ("eval_jacobi", (2.3, -3.4, -2.7, -0.2)), ("eval_genlaguerre", (2.5, -1.36, 19.4)),
         ("eval_genlaguerre", (6.2, -4.3, 7.9)), ("eval_gegenbauer", (3.5, -3.4, 0.3)),
         ("eval_sh_jacobi", (0.9921875, 0.9921875, 2.5, 0.5)),
         # next to -1, -2, ..., where poles of the series cancel
         ("eval_jacobi", (2.3, -1.00003, 1.7, 0.2)), ("eval_jacobi", (4.02, -1.0000118, 1.02, -0.816)),
         ("eval_sh_jacobi", (0.9921875, 1.2249, 2.2246, 0.5)), ("eval_genlaguerre", (2.7, -0.9997, 6.5)),
         ("eval_gegenbauer", (3.3, -1.4999996, -0.87)),
         ("eval_sh_jacobi", (3.7642661795249808, 0.4342771372722557, 2.375, 0.5))]  # whose difference of shapes is not exact


@pytest.mark.parametrize(("name", "point"), BELOW)
def test_slopes_by_shapes_below_minus_1_have_full_precision(name, point):
    row, places = dn.table[name], range(len(point) - 1)
    for by in [(0,), (1,), (0, 1), (1, 1), (0, 0, 1), (0, 1, 1), (len(point) - 2,) * 3, *[(1, 1, 1)] * ("sh" in name)]:
        f = row
        for k in by:
            f = dn.derivative(f, k)
        orders = tuple(by.count(k) for k in (*places, len(point) - 1))
        want = oracle.partial(row, orders, [np.array([v]) for v in point], TRUTH[name])[0]
        assert f(*point) == pytest.approx(want, rel=1e-12, abs=0), by


VANISHING = [(2.015625, 0.5, 3.0, 0.0), (6.99998, 1.7, 3.2, -0.94), (1.99998, -2.04, 1.23, 0.93), (2.999, 0.4, -0.3, 0.2),
             (2.890625, -1.375, 1.5, -0.40625)]


@pytest.mark.parametrize("point", VANISHING, ids=str)
def test_slopes_by_shapes_that_vanish_at_a_whole_degree(point):
    """Where those of the factors of which they are made cancel to 1e-5; and one that nearly vanishes farther from it."""
    n, *others = point
    for name, at in (("eval_jacobi", point), ("eval_sh_jacobi", (n, others[0] + others[1] + 1, others[1] + 1, (1 + others[2]) / 2))):
        for orders in ((0, 3, 0, 0), (0, 2, 1, 0), (0, 2, 0, 1), (1, 2, 0, 0)):
            agree(getattr(sp, name), TRUTH[name], orders, at)

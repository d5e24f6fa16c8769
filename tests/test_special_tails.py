"""Mathieu and spheroidal functions where the sums that they are made of cancel, and with a characteristic value of their own."""

import mpmath as m
import numpy as np
import pytest
import scipy.special as sp
from special_truth import SEVERAL, spheroidal_radius

import dualnet as dn
from dualnet.errors import NotDifferentiableError
from dualnet.table.eigenpairs import quotient
from dualnet.table.jets import carried


def nested(name, point, count, orders):
    """The mixed derivative of the first result by the arguments after the first `count`."""
    f = lambda *args: getattr(sp, name)(*point[:count], *args)[0]
    for k, order in enumerate(orders):
        for _ in range(order):
            f = dn.derivative(f, k)
    return f(*point[count:])


def obeys(name, point, count, orders, f=None, digits=30):
    """Whether it is mpmath's to 1e-12, of its own size and of what relative changes of the arguments make of it."""
    f = f or SEVERAL[name][0][0]
    with m.workdps(digits):
        at = tuple(map(m.mpf, point[count:]))
        slope = lambda *n: m.diff(lambda *args: f(*point[:count], *args), at, n)
        want = slope(*orders)
        scale = abs(want) + sum(abs(x * slope(*(n + (i == k) for k, n in enumerate(orders)))) for i, x in enumerate(at))
        return abs(nested(name, point, count, orders) - want) < 1e-12 * scale


BOTH = [(0, 1), (2, 0)]


@pytest.mark.parametrize(("name", "point"), [
    ("mathieu_cem", (0, 302.0, 0.0026)), ("mathieu_cem", (3, 180.0, -185.0)), ("mathieu_sem", (1, 240.0, 179.8)),
    ("mathieu_sem", (4, 260.0, 371.0))])
def test_mathieu_functions_of_less_than_the_rounding_of_their_series(name, point):
    for orders in BOTH:
        assert obeys(name, point, 1, orders, digits=55), f"order {orders}"


@pytest.mark.parametrize(("name", "point"), [
    ("mathieu_modcem1", (9, 0.1006, 2.1729)), ("mathieu_modsem2", (10, 0.125, 0.7063)),
    ("mathieu_modsem1", (6, 0.15767576111720966, 1.2311086790467314))])
def test_modified_mathieu_functions_by_x_where_scipy_has_lost_digits(name, point):
    for orders in ((0, 1), (0, 2)):
        assert obeys(name, point, 1, orders), f"order {orders}"


@pytest.mark.parametrize(("name", "point"), [
    ("obl_ang1", (0, 1, 16.0, 0.05)), ("obl_ang1", (2, 4, 14.87, -0.35)), ("obl_ang1", (1, 3, 15.0, 0.85)),
    ("pro_ang1", (1, 4, 35.6, 0.914)), ("pro_ang1", (0, 1, 30.0, -0.9)), ("pro_ang1", (0, 0, 25.0, 0.99)),
    ("pro_rad1", (0, 1, 20.0, 1.05)), ("pro_rad1", (1, 4, 25.67, 1.0101)), ("pro_rad1", (2, 4, 22.0, 5.7)),
    ("pro_rad2", (3, 9, 25.16, 1.876))])
def test_spheroidal_functions_of_large_c(name, point):
    for orders in BOTH:
        assert obeys(name, point, 2, orders, digits=40), f"order {orders}"


def second_next_to_1(order, degree, c, x):
    """R2 from R1, which has no zero in between, and R2 at 3: (R2/R1)' = 1/(c (x^2 - 1) R1^2) (DLMF 30.11.7)."""
    first = lambda t: spheroidal_radius(order, degree, c, t)
    rest = m.quad(lambda t: 1 / (c * (t * t - 1) * first(t) ** 2), [x, (1 + x) / 2 + 0.2, 2, 3])
    return first(x) * (spheroidal_radius(order, degree, c, m.mpf(3), 1, True) / first(m.mpf(3)) - rest)


@pytest.mark.parametrize("point", [(0, 1, 0.8, 1.1), (0, 0, 0.8, 1.02), (2, 3, 1.5, 1.2)])
def test_prolate_functions_of_the_second_kind_next_to_1(point):
    with m.workdps(24):
        want = m.diff(lambda c: second_next_to_1(*point[:2], c, m.mpf(point[3])), m.mpf(point[2]))
    assert nested("pro_rad2", point, 2, (1, 0)) == pytest.approx(float(want), rel=1e-12)


GIVEN = [("pro_ang1_cv", (1, 3, 2.0, 0.7, 0.4)), ("obl_ang1_cv", (0, 5, 4.0, -1.5, -0.6)), ("pro_ang1_cv", (2, 2, 0.3, 0.0, 0.8)),
         ("pro_rad1_cv", (1, 4, 3.0, 0.9, 1.4)), ("obl_rad1_cv", (2, 3, 6.0, -0.3, 0.2)), ("obl_rad1_cv", (0, 2, 1.0, 0.0, 1.7)),
         ("pro_rad2_cv", (1, 2, 3.0, 0.4, 3.1)), ("obl_rad2_cv", (0, 2, 5.0, -0.2, 3.5)),
         ("obl_rad2_cv", (4, 4, 30.956180777344834, 0.0, 2.720467668050466)), ("pro_rad2_cv", (2, 25, 0.315, 0.0, 2.01))]


@pytest.mark.parametrize(("name", "point"), GIVEN, ids=[f"{n}-{p}" for n, p in GIVEN])
def test_a_given_characteristic_value_is_a_variable_of_its_own(name, point):
    value = getattr(sp, f"{name[:3]}_cv")(*point[:3])
    point = (*point[:3], value + point[3], point[4])  # off the curve of characteristic values by so much
    assert getattr(sp, name)(*point)[0] == pytest.approx(float(SEVERAL[name][0][0](*point[:2], *map(m.mpf, point[2:]))), rel=1e-11)
    for orders in [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (0, 2, 0), (0, 1, 2), (0, 3, 0)]:
        assert obeys(name, point, 2, orders), f"order {orders}"


def test_a_function_of_the_second_kind_for_a_given_value_is_refused_where_its_sum_does_not_converge():
    with pytest.raises(NotDifferentiableError, match="pro_rad2_cv at m, n, c, cv, x = 0, 1, 0.8, .* is wrong itself"):
        dn.derivative(lambda c: sp.pro_rad2_cv(0, 1, c, sp.pro_cv(0, 1, 0.8), 1.05)[0])(0.8)


def test_quotients_of_series_in_two_variables():
    x, y = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    found = quotient((x + y)[..., None, None], y[..., None])[..., 0, 0]  # 1 + x/(2 + y)
    np.testing.assert_allclose(found, [[1, 0, 0], [0.5, -0.25, 0.125], [0, 0, 0]], atol=1e-15)


def test_solutions_are_carried_with_their_slopes_by_a_parameter():
    # y'' = -(1 + e)^2 y from 0 to 7 and to -2: the sine and its derivative by e
    rate = np.array([1.0, 2.0, 1.0])[:, None]

    def power_series(_, at, y, dy, terms):
        out = [y, dy]
        for j in range(terms - 2):
            square = np.array([sum(rate[i] * out[j][k - i] for i in range(k + 1)) for k in range(len(y))])
            out.append(-square / ((j + 1) * (j + 2)))
        return out

    x = np.array([7.0, -2.0, 0.0])
    y, dy = carried(power_series, np.zeros(3), np.zeros((2, 3)), np.ones((2, 3)), x)
    np.testing.assert_allclose(y, [np.sin(x), x * np.cos(x)], atol=2e-14)
    np.testing.assert_allclose(dy, [np.cos(x), np.cos(x) - x * np.sin(x)], atol=2e-14)


def test_a_given_value_of_another_degree_is_refused_at_no_eccentricity():
    with pytest.raises(NotDifferentiableError, match="no coefficients go with a characteristic value of 6 at the parameter 0"):
        dn.derivative(lambda c: sp.pro_ang1_cv(0, 0, c, 6.0, 0.3)[0])(0.0)

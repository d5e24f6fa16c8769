"""Mathieu and spheroidal functions by their parameters, to third order and mixed with x, against eigenvectors in mpmath."""

import mpmath as m
import numpy as np
import pytest
import scipy.special as sp
from special_truth import SEVERAL, spheroidal_angle

import dualnet as dn
from dualnet.errors import NotDifferentiableError
from dualnet.table.eigenpairs import power
from dualnet.table.jets import product

WHOLE = {"mathieu": 1, "pro_cv": 2, "obl_cv": 2, "pro_ang": 2, "obl_ang": 2, "pro_rad": 2, "obl_rad": 2}
CASES = [
    ("mathieu_a", (0, 0.01)), ("mathieu_a", (2, 1.5)), ("mathieu_a", (13, 9.8)), ("mathieu_a", (1, 60.0)), ("mathieu_a", (3, 200.0)),
    ("mathieu_b", (1, 0.3)), ("mathieu_b", (6, 25.0)), ("mathieu_b", (2, 300.0)),
    ("mathieu_cem", (0, 0.4, 31.0)), ("mathieu_cem", (7, 12.5, 143.0)), ("mathieu_cem", (2, 90.0, 77.0)),
    ("mathieu_sem", (1, 0.4, 31.0)), ("mathieu_sem", (8, 12.5, 143.0)), ("mathieu_sem", (3, 90.0, 77.0)),
    ("mathieu_modcem1", (0, 1.2, 0.3)), ("mathieu_modcem1", (5, 8.0, 1.1)), ("mathieu_modcem2", (2, 0.7, 0.6)),
    ("mathieu_modsem1", (2, 1.2, 0.3)), ("mathieu_modsem1", (1, 8.0, 1.1)), ("mathieu_modsem2", (3, 2.0, 1.3)),
    ("pro_cv", (0, 0, 0.02)), ("pro_cv", (1, 4, 3.0)), ("pro_cv", (2, 9, 17.0)), ("obl_cv", (0, 1, 0.02)), ("obl_cv", (1, 4, 3.0)),
    ("obl_cv", (2, 9, 17.0)), ("pro_ang1", (0, 1, 0.3, 0.7)), ("pro_ang1", (2, 6, 4.0, -0.45)), ("pro_ang1", (1, 3, 3.0, 0.01)),
    ("obl_ang1", (0, 2, 0.3, 0.7)), ("obl_ang1", (3, 5, 4.0, 0.92)), ("pro_rad1", (0, 1, 0.3, 1.4)), ("pro_rad1", (2, 4, 4.0, 1.05)),
    ("obl_rad1", (0, 2, 0.3, 0.001)), ("obl_rad1", (2, 4, 4.0, 0.05)), ("obl_rad1", (3, 3, 8.0, 2.5)),
    ("pro_rad2", (0, 1, 3.0, 2.6)), ("pro_rad2", (1, 2, 5.0, 3.3)), ("obl_rad2", (0, 2, 5.0, 3.5)), ("obl_rad2", (1, 3, 0.6, 4.1)),
]


def whole(name):
    return 1 if name.startswith("mathieu") else 2


def nested(name, part, point, orders):
    """The mixed derivative by the arguments that are not whole."""
    count = whole(name)

    def f(*args):
        out = getattr(sp, name)(*point[:count], *args)
        return out[part] if isinstance(out, tuple) else out

    for k, order in enumerate(orders):
        for _ in range(order):
            f = dn.derivative(f, k)
    return f(*point[count:])


def truth(f, point, orders, count):
    with m.workdps(28):
        of = lambda *args: f(*point[:count], *args)
        at = tuple(map(m.mpf, point[count:]))
        return float(m.re(m.diff(of, at, orders) if len(at) > 1 else m.diff(of, at[0], orders[0])))


@pytest.mark.parametrize(("name", "point"), CASES, ids=[f"{n}-{p}" for n, p in CASES])
def test_slopes_by_the_parameter_obey_eigenvectors_in_mpmath(name, point):
    count = whole(name)
    f = SEVERAL[name][0][0]
    alone = len(point) == count + 1
    for orders in [(1,), (2,), (3,)] if alone else [(1, 0), (3, 0), (2, 1)]:
        want = truth(f, point, orders, count)
        more = [truth(f, point, tuple(n + (k == i) for k, n in enumerate(orders)), count) for i in range(len(orders))]
        scale = abs(want) + sum(abs(x * d) for x, d in zip(point[count:], more))
        assert abs(nested(name, 0, point, orders) - want) < 1e-12 * scale, f"order {orders}"


@pytest.mark.parametrize("name", ["mathieu_cem", "mathieu_modsem1", "pro_ang1", "obl_rad1", "pro_rad2"])
def test_the_slope_of_the_second_result_is_that_of_the_first_by_x(name):
    point = next(p for n, p in CASES if n == name)
    degrees = np.pi / 180 if name == "mathieu_cem" else 1.0  # SciPy's slope is that per radian
    for orders in ((1, 0), (2, 0), (1, 1)):
        assert nested(name, 1, point, orders) * degrees == pytest.approx(nested(name, 0, point, (orders[0], orders[1] + 1)), rel=1e-11)


def test_derivatives_of_a_high_order_of_a_characteristic_value():
    # DLMF 28.6.1: a_0(q) = -q^2/2 + 7 q^4/128 - 29 q^6/2304 + ...
    f = lambda q: sp.mathieu_a(0, q)
    for _ in range(6):
        f = dn.derivative(f)
    assert f(0.0) == pytest.approx(-29 / 2304 * 720, rel=1e-12)
    for _ in range(2):
        f = dn.derivative(f)
    assert f(0.0) == pytest.approx(68687 / 18874368 * 40320, rel=1e-11)


@pytest.mark.parametrize(("name", "point"), [
    ("pro_cv", (0, 1, 35.8718)), ("pro_cv", (1, 3, 37.8284)), ("obl_cv", (0, 3, 36.4469)), ("obl_cv", (1, 7, -0.4))])
def test_characteristic_values_keep_the_digits_of_their_small_curvature(name, point):
    for order in (1, 2, 3):
        want = truth(SEVERAL[name][0][0], point, (order,), 2)
        assert nested(name, 0, point, (order,)) == pytest.approx(want, rel=1e-14, abs=0), f"order {order}"


def test_negative_q_and_arrays_of_many_sizes():
    q = np.array([-40.0, -1.0, 1e-8, 0.5, 30.0, 2000.0])
    with m.workdps(40):
        want = [float(m.diff(lambda t, name="mathieu_b" if x < 0 else "mathieu_a": SEVERAL[name][0][0](3, abs(t)), m.mpf(x)))
                for x in q]
    np.testing.assert_allclose(dn.grad(lambda q: np.sum(sp.mathieu_a(3, q)), mode="reverse")(q), want, rtol=1e-13)  # DLMF 28.2.28
    assert dn.derivative(lambda q: sp.mathieu_a(3, q))(np.zeros((0, 2))).shape == (0, 2)
    assert dn.derivative(lambda q: sp.mathieu_a(3, q))(np.float32(0.5)).dtype == np.float32


@pytest.mark.parametrize(("order", "q", "other"), [(21, 135.498, 17), (3, 15.53, 5)])
def test_values_of_scipy_for_another_order_are_refused(order, q, other):
    assert sp.mathieu_a(order, q) == pytest.approx(sp.mathieu_a(other, q))
    with pytest.raises(NotDifferentiableError, match=f"mathieu_a for m, n = {order}, 0 and a parameter of {q} is wrong itself"):
        dn.derivative(lambda q: sp.mathieu_a(order, q))(q)


def test_values_of_scipy_that_are_wrong_for_large_c_are_refused():
    with pytest.raises(NotDifferentiableError, match="obl_ang1 at m, n, c, x = 2, 8, 30, 0.01 is wrong itself"):
        dn.derivative(lambda x: sp.obl_ang1(2, 8, 30.0, x)[0])(0.01)
    with m.workdps(30):
        want = float(m.diff(lambda c: spheroidal_angle(1, 2, c, m.mpf(0.25), -1), m.mpf(1e-7)))
    assert dn.derivative(lambda c: sp.obl_ang1(1, 2, c, 0.25)[0])(1e-7) == pytest.approx(want, rel=1e-12)


def test_powers_and_products_of_series():
    exponential = np.array([1.0, 1.0, 1 / 2, 1 / 6, 1 / 24])
    np.testing.assert_allclose(power(exponential, -0.5), [(-0.5) ** k / np.prod(np.arange(1, k + 1)) for k in range(5)], rtol=1e-14)
    np.testing.assert_allclose(product(exponential, exponential), [2.0**k / np.prod(np.arange(1, k + 1)) for k in range(5)], rtol=1e-14)

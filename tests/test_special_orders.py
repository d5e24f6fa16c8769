"""Special functions by their orders, shapes and arguments against mpmath's own definitions, and the count of what is right."""

import functools

import mpmath as m
import numpy as np
import pytest
import scipy.special as sp
from differences import along, close
from scipy.special import _ufuncs
from special_truth import CLOSED, ORDERS, POLYNOMIALS, SEVERAL
from test_special import EXACT

import dualnet as dn
from dualnet.errors import NotDifferentiableError, UnknownFunctionError

TABLES = {"polynomials": POLYNOMIALS, "orders": ORDERS, "closed": CLOSED, "several": SEVERAL}
CASES = [(name, part, f, tuple(np.atleast_1d(p).tolist())) for table in TABLES.values()
         for name, (f, points) in table.items() for part, f in enumerate(f if isinstance(f, list) else [f]) for p in points]
OTHERS = ("bdtr", "btdt", "chdt", "chnd", "fdtr", "gdtr", "nbdtr", "ncf", "nct", "nrdtr", "pdtr", "stdtr", "smirnov", "kolmog", "tklmbda",
          "gammainc", "betainc", "ndtr", "log_ndtr")  # distribution functions have a test of their own
WHOLE = {"yn": 1, "kn": 1, "expn": 1, "eval_hermite": 1, "eval_hermitenorm": 1, "lpmv": 1} | {  # leading arguments that are whole numbers
    name: 1 if name.startswith("mathieu") else 2 for name in dir(_ufuncs) if name.startswith(("mathieu", "pro_", "obl_"))}
RADIAL_AND_ANGULAR = [f"{kind}_{part}_cv" for kind in ("pro", "obl") for part in ("ang1", "rad1", "rad2")]


def call(name, part, point, k):
    """The function of its argument k alone, by its plain name."""
    function = getattr(_ufuncs, name)
    whole = [int(v) if name in ("eval_hermite", "eval_hermitenorm") and i == 0 else v for i, v in enumerate(point)]

    def f(x):
        out = function(*whole[:k], x, *whole[k + 1:])
        return out[part] if function.nout > 1 else out

    return f


def places(name, part):
    """Arguments by which a row has a partial that mpmath can check."""
    row = dn.table.find(getattr(_ufuncs, name))
    return [k for k, p in enumerate((dn.table[f"{name}[{part}]"] if row.kind == "composed" else row).partials) if p is not None]


def truth(f, point, orders):
    with m.workdps(20):
        point = tuple(map(m.mpf, point))
        return complex(m.diff(f, point, orders) if len(point) > 1 else m.diff(f, point[0], orders[0]))


@functools.cache
def error(name, part, f, point, k):
    """The relative error of the derivative by argument k, which the reverse mode must give, too."""
    want = truth(f, point, [int(i == k) for i in range(len(point))])
    slope = call(name, part, point, k)
    got = dn.derivative(slope)(point[k])
    pulled = dn.vjp(lambda x: np.real(slope(x)), point[k])[1](1.0)[0]
    assert pulled == pytest.approx(np.real(got), rel=1e-14), f"{name}[{part}] by argument {k} at {point}: forward and reverse differ"
    return abs(got - want) / abs(want)


@pytest.mark.parametrize(("name", "part", "f", "point"), CASES, ids=[f"{n}-{k}-{p}" for n, k, _, p in CASES])
def test_a_row_obeys_mpmath(name, part, f, point):
    closed = name in CLOSED or name not in ORDERS and len(point) == 1
    for k in places(name, part):
        found = error(name, part, f, point, k)
        assert found < (2e-12 if closed else 5e-11), f"{name}[{part}] by argument {k} at {point}: {found:.0e}"


def test_how_many_argument_derivatives_are_right(capsys):
    known = CASES + [(name, 0, f, tuple(np.atleast_1d(p).tolist())) for name, (f, points) in EXACT.items() for p in points[:1]]
    worst = {}
    for name, part, f, point in known:
        name = name.removeprefix("special.")
        for k in places(name, part):
            worst[name, k] = max(worst.get((name, k), 0.0), error(name, part, f, point, k))
    varying = {(name, k) for name in dir(sp) if isinstance(getattr(sp, name), np.ufunc) and not name.startswith(OTHERS)
               if name not in ("round", "gammasgn") for k in range(WHOLE.get(name, 0), getattr(sp, name).nin)}
    alias = {"digamma": "psi", "jn": "jv"}
    right = {(name, k) for name, k in varying if worst.get((alias.get(name, name), k), 1.0) < 1e-8}
    exact = {(name, k) for name, k in right if worst[alias.get(name, name), k] < 1e-12}
    missing = sorted(f"{name} by argument {k}" for name, k in varying - right)
    with capsys.disabled():
        print(f"\n{len(varying)} argument-derivatives vary, {len(right)} are right to 1e-8, {len(exact)} to 1e-12; missing: {missing}")
    assert not missing


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("name", RADIAL_AND_ANGULAR)
def test_along_the_characteristic_curve_both_parameters_add_up_to_the_truth(name, part):
    value, function = getattr(sp, f"{name[:3]}_cv"), getattr(sp, name)
    functions, points = SEVERAL[name.removesuffix("_cv")]
    order, degree, c, x = points[0]
    cv = value(order, degree, c)
    both = dn.derivative(lambda c: function(order, degree, c, value(order, degree, c), x)[part])(c)
    assert both == pytest.approx(truth(functions[part], points[0], (0, 0, 1, 0)).real, rel=1e-9)
    for f, at in ((lambda c: function(order, degree, c, cv, x)[part], c), (lambda v: function(order, degree, c, v, x)[part], cv)):
        close(dn.derivative(f)(at), along(f, at, 1.0, 0.02), 1e-6)


SECOND = {"jv": (1.4, 2.5), "kv": (1.4, 2.5), "struve": (1.4, 2.5), "hyp1f1": (1.4, 2.5, 0.7), "hyp2f1": (1.4, 2.5, 3.1, 0.4),
          "hyperu": (1.4, 2.5, 0.7), "eval_jacobi": (1.3, 0.8, 0.4, 0.3), "eval_chebyt": (1.3, 0.3), "wright_bessel": (0.7, 1.2, 0.8),
          "_zeta": (2.4, 1.5), "elliprj": (1.2, 0.4, 2.0, 3.0), "agm": (1.4, 2.5), "lpmv": (1, 2.5, 0.3), "besselpoly": (1.3, 0.5, 0.8),
          "pbdv": (1.5, 0.7), "ellipj": (0.7, 0.4), "mathieu_a": (2, 1.5), "mathieu_cem": (2, 1.5, 20.0), "pro_ang1": (1, 3, 2.0, 0.4)}


@pytest.mark.parametrize("name", SECOND)
def test_second_derivatives_by_every_pair_of_arguments(name):
    point, functions = SECOND[name], next(t[name][0] for t in TABLES.values() if name in t)
    f = functions[0] if isinstance(functions, list) else functions
    free = [k for k in places(name, 0) if k >= WHOLE.get(name, 0)]

    def plain(p):
        args = list(point)
        for i, k in enumerate(free):
            args[k] = p[i]
        out = getattr(_ufuncs, name)(*args)
        return out[0] if isinstance(out, tuple) else out

    at = np.array([point[k] for k in free])
    want = np.array([[truth(f, point, [int(n == i) + int(n == j) for n in range(len(point))]).real for j in free] for i in free])
    for mode in ("forward", "reverse"):
        close(dn.jacobian(dn.grad(plain, mode=mode), mode="forward")(at), want, 2e-9)


def test_derivatives_by_an_order_of_every_order_and_three_of_those_from_values():
    with m.workdps(30):
        want = float(m.diff(lambda v: m.besselj(v, 2.5), 1.4, 3))
    third = dn.derivative(dn.derivative(dn.derivative(lambda v: sp.jv(v, 2.5))))
    assert third(1.4) == pytest.approx(want, rel=1e-8)
    with m.workdps(30):
        want = float(m.diff(lambda v: m.besselj(v, 2.5), 1.4, 4))
    assert dn.derivative(third)(1.4) == pytest.approx(want, rel=1e-12)
    third = dn.derivative(dn.derivative(dn.derivative(lambda v: sp.lpmv(-3, v, 0.3))))
    with pytest.raises(NotDifferentiableError, match="orders 1 to 3"):
        dn.derivative(third)(1.4)


def test_taylor_reads_the_same_rows():
    with m.workdps(30):
        want = [float(m.diff(lambda v: m.besselk(v, 2.5), 1.4, n)) for n in range(3)]
    np.testing.assert_allclose(dn.taylor(lambda v: sp.kv(v, 2.5), 1.4, order=2), want, rtol=1e-10)


def test_values_without_the_digits_raise_by_name():
    with pytest.raises(NotDifferentiableError, match="sum of its series"):
        dn.derivative(lambda x: sp.obl_rad2(0, 2, 5.0, x)[0])(0.7)
    with pytest.raises(NotDifferentiableError, match="sum of its series"):
        dn.derivative(lambda c: sp.pro_rad2(1, 3, c, 1.4)[0])(2.0)
    with pytest.raises(NotDifferentiableError, match="degree 170.8"):
        dn.derivative(lambda x: sp.eval_jacobi(171.8, 97.25, 99.06, x))(-0.09819)
    with m.workdps(40):  # by its degree it does not come from those values
        want = float(m.diff(lambda n: m.jacobi(n, 0.1, 3.1, -0.45), 80.7))
    assert dn.derivative(lambda n: sp.eval_jacobi(n, 0.1, 3.1, -0.45))(80.7) == pytest.approx(want, rel=1e-12)
    with pytest.raises(NotDifferentiableError, match="scal"):
        dn.derivative(lambda x: sp.ive(1.5, x * (1 + 1j)))(0.7)
    with pytest.raises(UnknownFunctionError, match="expn"):
        dn.derivative(lambda n: sp.expn(n, 0.7))(2.0)


def test_a_phase_of_many_turns_keeps_its_digits():
    x = 12345678.9
    with m.workdps(40):
        want = m.mpc(0, 1) * m.mpf(x) ** 2
        assert dn.derivative(lambda x: sp.modfresnelm(x)[0])(x) == pytest.approx(complex(-m.exp(-want)), rel=1e-13)
        tail = -m.expjpi(0.25) / (2 * m.sqrt(m.pi) * x**2)
        assert dn.derivative(lambda x: sp.modfresnelp(x)[1])(x) == pytest.approx(complex(tail), rel=1e-13)
        assert dn.derivative(lambda x: sp.fresnel(x)[1])(x) == pytest.approx(float(m.cospi(m.mpf(x) ** 2 / 2)), rel=1e-12)


def test_arrays_broadcast_and_keep_single_precision():
    v, x = np.array([0.3, 1.7, 4.0], np.float32), np.array([[0.5], [2.5]], np.float32)
    slopes = dn.derivative(lambda v: sp.jv(v, x))(np.broadcast_to(v, (2, 3)).copy())
    assert slopes.dtype == np.float32 and slopes.shape == (2, 3)
    want = [[float(m.diff(lambda w, y=y: m.besselj(w, y), float(u))) for u in v] for y in (0.5, 2.5)]
    np.testing.assert_allclose(slopes, want, rtol=2e-6)
    summed = dn.grad(lambda v: np.sum(sp.jv(v, x)), mode="reverse")(v)
    np.testing.assert_allclose(summed, np.sum(want, axis=0), rtol=2e-6)
    assert dn.derivative(lambda v: sp.jv(v, np.empty(0)))(1.5).shape == (0,)
    assert np.isnan(dn.derivative(lambda v: sp.jv(v, np.nan))(1.5))

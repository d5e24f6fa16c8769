"""Special functions by their orders, shapes and arguments against mpmath's own definitions, and the count of what is right."""

import functools

import mpmath as m
import numpy as np
import pytest
import scipy.special as sp
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
MISSING = {}


def call(name, part, point, k):
    """The function of its argument k alone, by its plain name."""
    function = getattr(_ufuncs, name)
    whole = [int(v) if name in ("eval_hermite", "eval_hermitenorm") and i == 0 else v for i, v in enumerate(point)]

    def f(x):
        out = function(*whole[:k], x, *whole[k + 1:])
        return out[part] if function.nout > 1 else out

    return f


def places(name, part):
    row = dn.table.find(getattr(_ufuncs, name))
    return [k for k, p in enumerate((dn.table[f"{name}[{part}]"] if row.kind == "composed" else row).partials) if p is not None]


def truth(f, point, orders):
    with m.workdps(30):
        point = tuple(map(m.mpf, point))
        return complex(m.diff(f, point, orders) if len(point) > 1 else m.diff(f, point[0], orders[0]))


@functools.lru_cache(maxsize=None)
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
        assert found < (2e-12 if closed else 2e-11), f"{name}[{part}] by argument {k} at {point}: {found:.0e}"


def test_how_many_argument_derivatives_are_right(capsys):
    known = CASES + [(name, 0, f, tuple(np.atleast_1d(p).tolist())) for name, (f, points) in EXACT.items() for p in points[:1]]
    worst = {}
    for name, part, f, point in known:
        name = name.removeprefix("special.")
        for k in places(name, part):
            worst[name, k] = max(worst.get((name, k), 0.0), error(name, part, f, point, k))
    varying = {(name, k) for name in dir(sp) if isinstance(getattr(sp, name), np.ufunc) and not name.startswith(OTHERS)
               for k in range(WHOLE.get(name, 0), getattr(sp, name).nin)}
    alias = {"digamma": "psi", "jn": "jv"}
    right = {(name, k) for name, k in varying if worst.get((alias.get(name, name), k), 1.0) < 1e-8}
    exact = {(name, k) for name, k in right if worst[alias.get(name, name), k] < 1e-12}
    missing = sorted(f"{name} by argument {k}" for name, k in varying - right)
    with capsys.disabled():
        print(f"\n{len(varying)} argument-derivatives vary, {len(right)} are right to 1e-8, {len(exact)} to 1e-12; missing: {missing}")
    assert set(missing) == set(MISSING)

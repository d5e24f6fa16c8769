"""Special functions by their orders, shapes and arguments against mpmath's own definitions, and the count of what is right."""

import mpmath as m
import numpy as np
import pytest
from scipy.special import _ufuncs
from special_truth import CLOSED, ORDERS, POLYNOMIALS, SEVERAL

import dualnet as dn

CASES = [(name, part, f, np.atleast_1d(p).astype(float)) for table in (POLYNOMIALS, ORDERS, CLOSED, SEVERAL)
         for name, (f, points) in table.items() for part, f in enumerate(f if isinstance(f, list) else [f]) for p in points]


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


def truth(f, point, k):
    with m.workdps(30):
        return complex(m.diff(lambda x: f(*map(m.mpf, point[:k]), x, *map(m.mpf, point[k + 1:])), m.mpf(point[k])))


@pytest.mark.parametrize(("name", "part", "f", "point"), CASES, ids=[f"{n}-{k}-{p}" for n, k, _, p in CASES])
def test_a_row_obeys_mpmath(name, part, f, point):
    for k in places(name, part):
        want = truth(f, point, k)
        got = dn.derivative(call(name, part, point, k))(point[k])
        error = abs(got - want) / abs(want)
        assert error < 1e-10, f"{name}[{part}] by argument {k} at {point}: {got!r}, not {want!r}, {error:.0e}"

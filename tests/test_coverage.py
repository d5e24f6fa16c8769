"""Every public name of NumPy and of SciPy's modules is in the catalogue, and the catalogue tells the truth."""

import inspect
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import dualnet as dn
from dualnet.errors import DualnetError
from dualnet.table.catalogue import NUMPY, REASONS, SCIPY, STATUSES

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = dn.table.report()
X = np.array([1.0, 2.0, 3.0])


def thing(entry):
    return getattr(sys.modules[entry.module], entry.name)


def reached(entry):
    """True where NumPy gives a call with a traced argument to dualnet."""
    f = thing(entry)
    return isinstance(f, np.ufunc) or hasattr(f, "_implementation")


def test_every_public_name_is_there_once_with_a_reason():
    seen = {(e.module, e.name) for e in CATALOGUE}
    assert len(seen) == len(CATALOGUE)
    for module in (*NUMPY, *SCIPY):
        home = sys.modules[module]
        for name in getattr(home, "__all__", None) or dir(home):
            assert name.startswith("_") or (module, name) in seen
    assert all(e.status in STATUSES and e.reason for e in CATALOGUE)


def test_numpy_has_no_name_that_nobody_has_decided_on():
    forgotten = [f"{e.module}.{e.name}" for e in CATALOGUE
                 if e.status == "unsupported" and e.module.startswith("numpy") and "has no row" in e.reason]
    assert not forgotten, "enter a row, or give a reason in dualnet/table/catalogue.py"


def test_what_the_table_holds_is_not_declared_too():
    functions = [getattr(np, name, None) for name in REASONS if name != "roots"]  # those of np.polynomial
    rows = [dn.table.by_function.get(f) for f in functions if isinstance(f, np.ufunc) or hasattr(f, "_implementation")]
    assert all(row is None or row.kind == "refused" for row in rows)


def needed(f):
    """How many arguments a function has to be given; some of NumPy 2.0 do not say."""
    try:
        kinds = inspect.signature(f).parameters.values()
    except ValueError:
        return 2 if f.__name__.startswith("busday") else 1
    return sum(p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL) for p in kinds)


REFUSED = [e for e in CATALOGUE if e.status in ("not differentiable", "unsupported") and reached(e)]


@pytest.mark.parametrize("entry", REFUSED, ids=lambda e: f"{e.module}.{e.name}")
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_what_is_refused_raises_and_names_itself(entry, mode):
    f = thing(entry)
    if isinstance(f, np.ufunc):
        call = lambda x: f(*[x] * f.nin)
    else:
        call = lambda x: f(*[x] * needed(f))
    with pytest.raises(DualnetError, match=getattr(f, "__name__", entry.name)):
        dn.jacobian(call, mode=mode)(X)


PLAIN = [e for e in CATALOGUE if e.status == "unsupported" and not reached(e) and e.module.startswith("numpy")]


@pytest.mark.filterwarnings("ignore:the matrix subclass", "ignore:`in1d`")
@pytest.mark.parametrize("entry", PLAIN, ids=lambda e: f"{e.module}.{e.name}")
def test_what_numpy_does_not_hand_over_raises_all_the_same(entry):
    f = thing(entry)
    if entry.name.endswith("fit"):
        call = lambda x: f(X, x, 1)
    elif not callable(f):
        call = lambda x: f[x[0]:x[1]:x[2]]
    elif entry.name == "as_strided":
        call = lambda x: f(x, (2,), (8,))
    else:
        call = f
    with pytest.raises((DualnetError, TypeError)) as caught:
        dn.jacobian(call)(X)
    assert isinstance(caught.value, DualnetError) or entry.name in ("nditer", "flatiter")  # refused by NumPy's own code before it asks


@pytest.mark.parametrize("name", [n for n in NUMPY if n.split(".")[-1] in "polynomial chebyshev legendre hermite hermite_e laguerre".split()
                                  and n.count(".") == 2])
def test_polynomials_of_traced_coefficients_and_points_obey_differences(name):
    home = sys.modules[name]
    short = next(n for n in dir(home) if n.endswith("val"))[:-3]
    call = lambda what, *args: getattr(home, short + what)(*args)
    c, r, x, y = np.array([0.5, -1.25, 0.75]), np.array([1.5, -0.75]), np.array([0.25, -0.5]), np.array([0.75, 0.125])
    cases = {
        "val": (lambda c, x: call("val", x, c), c, x), "val2d": (lambda c, x: call("val2d", x, y, np.outer(c, c)), c, x),
        "grid2d": (lambda c: call("grid2d", x, y, np.outer(c, c)), c), "vander": (lambda x: call("vander", x, 3), x),
        "add": (lambda c, r: call("add", c, r), c, r), "sub": (lambda c, r: call("sub", r, c), c, r),
        "mul": (lambda c, r: call("mul", c, r), c, r), "div": (lambda c, r: call("div", c, r)[0], c, r),
        "mulx": (lambda c: call("mulx", c), c), "pow": (lambda c: call("pow", c, 3), c), "der": (lambda c: call("der", c), c),
        "int": (lambda c: call("int", c, 1, c[0], c[1]), c), "fromroots": (lambda r: call("fromroots", r), r),
        "companion": (lambda c: call("companion", c), c), "line": (lambda a: call("line", a[0], a[1]), r),
        "trim": (lambda c: call("trim", c), c),
    }
    for f, *args in cases.values():
        dn.testing.assert_gradient(f, *args, order=2, rtol=1e-8)
    kind = next(getattr(home, n) for n in home.__all__ if n[0].isupper())
    dn.testing.assert_gradient(lambda c, x: (kind(c).deriv() * kind(r) + kind(c).integ())(x), c, x, order=2, rtol=1e-8)
    dn.testing.assert_gradient(lambda d: kind(c, domain=d)(x), np.array([-2.0, 1.5]), order=2, rtol=1e-8)


def names(page):
    """Pairs (module, name) of the page and what it says of each."""
    out = {}
    for part in page.split("\n## ")[1:]:
        module, _, rest = part.partition("\n")
        for line in rest.splitlines():
            if line.startswith("- "):
                said, _, listed = line.partition(": `")
                out |= {(module.strip(), name): said for name in re.findall(r"`([^`]+)`", "`" + listed)}
    return out


def test_the_page_is_what_the_table_says():
    page, now = names((ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")), names("\n\n" + CATALOGUE.markdown())
    wrong = {key: (page[key], now[key]) for key in page.keys() & now.keys() if page[key] != now[key]}
    assert not wrong, "run python docs/make_coverage.py"
    for module in (*NUMPY, *SCIPY):  # names that only one NumPy or SciPy has are few
        here, there = ({key for key in d if key[0] == module} for d in (page, now))
        assert len(here & there) >= 0.9 * max(len(here), len(there))


def test_the_catalogue_prints_and_answers():
    assert CATALOGUE["numpy.exp"].status == "row" and CATALOGUE["numpy.mean"].status == "composed"
    assert CATALOGUE["numpy.argsort"].status == "plain" and "whole" in CATALOGUE["numpy.bitwise_and"].reason
    text = str(CATALOGUE)
    assert all(module in text for module in (*NUMPY, *SCIPY)) and all(status in text for status in STATUSES)
    assert sum(sum(line.values()) for line in CATALOGUE.counts().values()) == len(CATALOGUE)

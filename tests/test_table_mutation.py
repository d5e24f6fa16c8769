"""Wrong partials, one at a time: the generated checks must catch every one of them."""

import numpy as np
import pytest
from more_examples import EXAMPLES
from table_examples import of_numpy

import dualnet as dn
from dualnet import testing

ROWS = [row for row in dn.table if row.kind == "pointwise" and of_numpy(row)]


def scaled(partial, factor):
    return factor * partial if not callable(partial) else lambda *args: factor * partial(*args)


MUTANTS = [(row, k, factor) for row in ROWS for k, p in enumerate(row.partials)
           if p is not None and not (type(p) is int and p == 0) for factor in (-1.0, 1.001)]


@pytest.mark.parametrize(("row", "place", "factor"), MUTANTS, ids=lambda v: getattr(v, "name", str(v)))
def test_a_wrong_partial_is_caught(row, place, factor, monkeypatch):
    partials = list(row.partials)
    partials[place] = scaled(partials[place], factor)
    monkeypatch.setattr(row, "partials", tuple(partials))
    with pytest.raises(dn.DerivativeMismatch, match=row.name):
        testing.assert_row(row, order=1)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_right_partial_passes(row):
    with np.errstate(all="raise", under="ignore"):
        testing.assert_row(row, order=1)


KINDS = ("gather", "reduction", "bilinear", "linear")
MOVERS = [row for row in dn.table if row.kind in KINDS and row.name in EXAMPLES and getattr(row, "read", None) is not None]
KEPT = {"astype_float"}  # its push moves masks as well, so that a factor on it is one on the value


def spoiled(plan, factor, backwards):
    """A planned call with its linear map, or the transpose of it, scaled."""
    def times(f):
        if f is None:
            return None

        def call(*args):
            out = f(*args)
            return [factor * y for y in out] if isinstance(out, (list, tuple)) else factor * out

        return call

    operands, value, pushes, pulls = plan
    return (operands, value, pushes, [times(p) for p in pulls]) if backwards else (operands, value, [times(p) for p in pushes], pulls)


LINEAR = [row for row in MOVERS if row.kind == "linear"]


@pytest.mark.parametrize("backwards", [False, True], ids=["push", "pull"])
@pytest.mark.parametrize("factor", [-1.0, 1.001])
@pytest.mark.parametrize("row", LINEAR, ids=lambda row: row.name)
def test_a_wrong_linear_map_is_caught(row, factor, backwards, monkeypatch):
    rule = row.rule
    monkeypatch.setattr(row, "rule", lambda *args, **kwargs: spoiled(rule(*args, **kwargs), factor, backwards))
    with pytest.raises(dn.DerivativeMismatch):
        for example in EXAMPLES[row.name]:
            testing.assert_gradient(example.f, *example.args)


GATHERS = [row for row in MOVERS if row.kind == "gather" and row.name not in KEPT]


@pytest.mark.parametrize("factor", [-1.0, 1.001])
@pytest.mark.parametrize("row", GATHERS, ids=lambda row: row.name)
def test_a_wrong_transpose_is_caught(row, factor, monkeypatch):
    read = row.read

    def spoil(x, forward, transpose=None):
        return read(x, forward, None if transpose is None else lambda *g: factor * transpose(*g))

    monkeypatch.setattr(row, "read", spoil)
    if row.name != "detached":  # its transpose is derived from the index it takes
        with pytest.raises(dn.DerivativeMismatch):
            for example in EXAMPLES[row.name]:
                testing.assert_gradient(example.f, *example.args)

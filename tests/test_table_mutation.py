"""Wrong partials, one at a time: the generated checks must catch every one of them."""

import numpy as np
import pytest

import dualnet as dn
from dualnet import testing

ROWS = [row for row in dn.table if row.kind == "pointwise"]


def scaled(partial, factor):
    return factor * partial if not callable(partial) else lambda *args: factor * partial(*args)


MUTANTS = [(row, k, factor) for row in ROWS for k, p in enumerate(row.partials) if p is not None and not (type(p) is int and p == 0) for factor in (-1.0, 1.001)]


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

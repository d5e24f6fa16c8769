"""Wrong partials, one at a time: the generated checks must catch every one of them."""

import re

import numpy as np
import pytest
import scipy.special as sp
import special_rows
from more_examples import EXAMPLES
from table_examples import of_numpy
from test_special_distributions import INVERSE

import dualnet as dn
from dualnet import testing
from dualnet.table.accuracy import bound
from dualnet.table.row import Traced, revalued
from dualnet.testing.rows import inside

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


SPECIAL = [(row, k) for row in special_rows.ROWS for k, p in enumerate(row.partials) if p is not None and not (type(p) is int and p == 0)]


def by_what_it_inverts(row, place, points):
    """An inverse in the function that it inverts gives the probability, in this direction as well."""
    name, unknown, _ = INVERSE[row.name]
    direct = getattr(sp, name)
    value = row(*points)
    got = dn.derivative(lambda t: direct(*points[:unknown], row(*points[:place], t, *points[place + 1:]), *points[unknown + 1:])
                        if unknown == place else direct(*(t if k == place else value if k == unknown else p for k, p in enumerate(points))))
    if unknown == place:
        change, size = got(points[place]) - 1, 1
    else:
        inner = dn.derivative(lambda x: direct(*points[:unknown], x, *points[unknown + 1:]))(value)
        size = got(points[place])
        change = size + inner * dn.derivative(lambda t: row(*points[:place], t, *points[place + 1:]))(points[place])
    if not np.all(np.abs(change) <= 3e-4 * np.abs(size)):
        raise dn.DerivativeMismatch(f"{row.name}: {change} is left of {size}")


def by_truth(row, place, points):
    """The generated check of order 1."""
    testing.assert_row(row, *points, order=1, truth=special_rows.TRUTH[row.name], argnums=(place,),
                       rtol=lambda orders: bound(row.name, sum(orders)))


@pytest.mark.parametrize(("row", "place"), SPECIAL, ids=lambda v: getattr(v, "name", str(v)))
def test_a_wrong_partial_of_a_special_function_is_caught_and_the_right_one_passes(row, place, monkeypatch):
    inverse = row.name in special_rows.LOST
    points = tuple(np.array([v]) for v in INVERSE[row.name][2][0]) if inverse else special_rows.admissible(row, inside(row, 1))
    if row.name == "huber":  # by the knee it has no slope where it is a parabola
        points = (points[0], 4 * points[1])
    check = by_what_it_inverts if inverse else by_truth
    right = row.partials
    with np.errstate(all="ignore"):
        check(row, place, points)
        for factor in (-1.0, 1.001):
            partials = list(right)
            partials[place] = scaled(right[place], factor)
            monkeypatch.setattr(row, "partials", tuple(partials))
            with pytest.raises(dn.DerivativeMismatch, match=re.escape(row.name)):
                check(row, place, points)


KINDS = ("gather", "reduction", "bilinear", "linear")
MOVERS = [row for row in dn.table if row.kind in KINDS and row.name in EXAMPLES and getattr(row, "read", None) is not None]
DERIVED = {"detached", "diagonal", "sliding_window_view"}  # transposes, from the index that the row takes
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
    if row.name not in DERIVED:
        with pytest.raises(dn.DerivativeMismatch):
            for example in EXAMPLES[row.name]:
                testing.assert_gradient(example.f, *example.args)


def side(x, factor):
    """An operand with its derivative scaled and its value kept."""
    return revalued(factor * x, x.value) if isinstance(x, Traced) else x


SUMS = [(row, place) for row in MOVERS if row.kind in ("reduction", "bilinear") for place in range(1 + (row.kind == "bilinear"))]


@pytest.mark.parametrize("factor", [-1.0, 1.001])
@pytest.mark.parametrize(("row", "place"), SUMS, ids=lambda v: getattr(v, "name", str(v)))
def test_a_wrong_side_of_a_sum_or_a_product_is_caught(row, place, factor, monkeypatch):
    read = row.read
    monkeypatch.setattr(row, "read", lambda *args: read(*(side(x, factor) if i == place else x for i, x in enumerate(args))))
    with pytest.raises(dn.DerivativeMismatch):
        for example in EXAMPLES[row.name]:
            testing.assert_gradient(example.f, *example.args)

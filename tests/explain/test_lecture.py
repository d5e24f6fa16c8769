"""The lecture's example, cell by cell, against numbers worked out with mpmath from its own formulas."""

import json

import mpmath
import numpy as np
import pytest

import dualnet as dn

mpmath.mp.dps = 40
X, Y, W = 3, 1, 3
TEXT = "-y*log(1/(1+exp(-W*x)))"
e = mpmath.exp(-W * X)
xi3 = 1 + e
xi4 = 1 / xi3

# variable, what it is, local partial, value, value of the partial, d/dW, dL/d
LECTURE = [
    ("ξ1", "-W * x", "-x", -W * X, -X, -X, X**0 * e / (1 + e)),
    ("ξ2", "exp(ξ1)", "exp(ξ1)", e, e, -3 * e, 1 / (1 + e)),
    ("ξ3", "1 + ξ2", "1", xi3, 1, -3 * e, 1 / (1 + e)),
    ("ξ4", "1 / ξ3", "-1 / ξ3 ** 2", xi4, -1 / xi3**2, 3 * e / (1 + e) ** 2, -1 / xi4),
    ("ξ5", "log(ξ4)", "1 / ξ4", mpmath.log(xi4), 1 / xi4, 3 * e / (1 + e), -Y),
    ("L", "-y * ξ5", "-y", -Y * mpmath.log(xi4), -Y, -3 * e / (1 + e), 1),
]


def close(found, exact, ulps=4):
    assert abs(mpmath.mpf(float(found)) - exact) <= ulps * float(np.spacing(abs(float(exact)))), (found, exact)


@pytest.fixture(scope="module")
def explained():
    return dn.explain(TEXT, at={"x": X, "y": Y, "W": W}, wrt="W")


@pytest.mark.parametrize("row", LECTURE, ids=[row[0] for row in LECTURE])
def test_every_cell_of_the_lectures_tables(explained, row):
    from dualnet.explain.notation import text

    label, what, partial, value, slope, forward, backward = row
    step = next(s for s in explained.steps if s.name == label)
    part = next(p for p in step.partials if explained.steps[p.parent].live)
    assert (text(step.formula), text(part.formula)) == (what, partial)
    close(step.value, value, 1e13 if label == "ξ5" or label == "L" else 4)  # log near 1 loses digits of its input
    close(part.value, slope)
    close(step.tangents[0], forward, 8)
    close(step.cotangents[0], backward, 8)


def test_the_printed_rows_are_these(explained):
    columns, rows = explained.table("forward")
    assert columns == ["variable", "what it is", "local partial", "value", "its value", "dξ/dW"]
    assert [row[0] for row in rows] == ["x", "y", "W", "ξ1", "ξ2", "ξ3", "ξ4", "ξ5", "L"]
    assert rows[-1] == ["L", "-y * ξ5", "∂L/∂ξ5 = -y", "0.00012340219", "-1", "-0.00037018373"]
    up, down = explained.table("reverse")
    assert [row[0] for row in up[1]] == [row[0] for row in rows]
    assert [row[0] for row in down[1]] == ["L", "ξ5", "ξ4", "ξ3", "ξ2", "ξ1", "W"]
    assert down[1][2] == ["ξ4", "ξ4̄ = ξ5̄ * ∂ξ5∕∂ξ4", "∂ξ5/∂ξ4 = 1 / ξ4", "1.0001234", "-1.0001234"]


def test_what_the_way_down_reads_is_marked(explained):
    assert [s.name for s in explained.steps if s.stored] == ["x", "y", "ξ2", "ξ3", "ξ4"]


def test_the_closed_form_agrees_within_an_ulp(explained):
    agreement, = explained.closed_form
    assert agreement.ulps <= 1
    close(agreement.value, -3 * e / (1 + e), 1)
    assert mpmath.almosteq(mpmath.mpf(agreement.exact), -3 * e / (1 + e), rel_eps=1e-15)


def test_counts_and_sentence():
    run = dn.explain(TEXT, at={"x": X, "y": Y, "W": W}).counts
    assert (run.forward, run.reverse, run.inputs, run.results) == (13, 8, 3, 1)
    assert "reverse mode is cheaper here" in run.sentence()
    many = dn.explain(lambda t: np.stack([t, t**2, t**3, np.sin(t)]), 2.0).counts
    assert many.forward < many.reverse and "forward mode is cheaper here" in many.sentence()


def test_a_function_gives_the_same_lines_as_the_text(explained):
    def loss(x, y, W):
        return -y * np.log(1 / (1 + np.exp(-W * x)))

    other = dn.explain(loss, 3.0, 1.0, 3.0, wrt="W")
    assert other.table("forward") == explained.table("forward")
    assert other.table("reverse") == explained.table("reverse")


def test_every_rendering_holds_the_answer(explained):
    answer = "0.00037018373"
    for rendering in (str(explained), explained.text(rich=False), explained.markdown(), explained.latex(), explained._repr_html_()):
        assert answer in rendering
    d = json.loads(json.dumps(explained.to_dict()))
    assert d["steps"][-1]["tangents"] == ["-0.000370184"]
    assert d["seeds"] == ["W"] and d["results"] == ["L"]

"""What explanations and graphs refuse, and how they show themselves where they are long."""

import re

import numpy as np
import pytest

import dualnet as dn
from dualnet.errors import ArgumentError, DTypeError, FormulaError

REFUSED = {
    "a text without values": (lambda: dn.explain("x**2*y", 3.0), ArgumentError, "at={"),
    "a text without names": (lambda: dn.explain("2+3", at={}), FormulaError, "no name to differentiate by"),
    "a function with values by name": (lambda: dn.explain(np.sin, 1.0, at={"x": 1.0}), ArgumentError, "its arguments after it"),
    "an argument that is no number": (lambda: dn.explain(lambda x, y: x, 1.0, "a", wrt="y"), DTypeError, "'a'"),
    "no number at all": (lambda: dn.explain(lambda x: 1.0, "a"), ArgumentError, "at least one argument"),
    "a mode": (lambda: dn.explain(np.sin, 1.0).text("sideways"), ArgumentError, "sideways"),
    "too many steps": (lambda: dn.explain(lambda x: sum(x * k for k in range(5000)), 1.0), ArgumentError, "take fewer rounds"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_name_the_value_and_the_cure(name):
    call, error, words = REFUSED[name]
    with pytest.raises(error, match=re.escape(words)):
        call()


def test_explanations_and_graphs_show_themselves():
    explanation, graph = dn.explain("exp(-W*x)", at={"W": 3.0, "x": 2.0}), dn.graph(lambda x: np.sin(x) * x, 0.5)
    assert repr(explanation).startswith(f"<Explanation of {len(explanation.steps)} steps")
    lines = str(graph).split("\n")
    assert len(lines) == len(graph.nodes) and any(line.endswith(f"= {np.sin(0.5):.8g}") for line in lines), lines
    assert lines[-1].endswith(f"{np.sin(0.5) * 0.5:.8g}")


def test_an_array_that_is_used_twice_has_one_name():
    A = np.array([1.0, 2.0, 3.0])
    text = dn.explain(lambda x: np.sum(np.sin(x * A) + A.copy() * x), 0.5).text(rich=False)
    assert "c1" in text and "c2" not in text


def test_a_long_run_shows_its_beginning_and_its_end():
    def f(x):
        for _ in range(600):
            x = np.sin(x)
        return x

    text = dn.explain(f, 0.5).text(rich=False)
    assert "..." in text and len(text.split("\n")) < 3 * 600

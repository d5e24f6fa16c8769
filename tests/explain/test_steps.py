"""Steps, both sweeps, counts and renderings on functions beside the lecture's."""

import json
import shutil
import subprocess
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import dualnet as dn
from dualnet.explain.notation import latex, mathml, number, read, text

CASES = {
    "shared": (lambda x, y: (x * y + np.sin(x)) * (x * y), (1.2, 0.7)),
    "several results": (lambda r, a: np.stack([r * np.cos(a), r * np.sin(a)]), (2.0, 0.6)),
    "tuple of results": (lambda x: (x**2, np.exp(x)), (1.5,)),
    "broadcast": (lambda a, x: np.sum(a * x + x[:, None] * 2.0), (2.0, np.array([1.0, -2.0, 3.0]))),
    "reduction": (lambda x: np.mean(x**2) + np.max(x), (np.array([1.0, 4.0, 2.0]),)),
    "matmul": (lambda W, x: np.sum(np.tanh(W @ x)), (np.array([[0.3, -0.8], [0.5, 0.2]]), np.array([1.0, -0.5]))),
    "indexing": (lambda x: x[0] * x[-1] - x[1:][0] ** 3, (np.array([1.0, 2.0, 3.0]),)),
    "where": (lambda x: np.where(x > 0, np.log(np.maximum(x, 1e-3)), 0.0), (2.0,)),
    "signs": (lambda x, y: -x / -y - (-x) * np.negative(-y), (1.5, 2.5)),
    "constants": (lambda x: 3.0 * x - np.pi / x + 2.0**x + x**2.5, (1.7,)),
    "dict": (lambda p: np.sum(p["w"] * 2.0) * p["b"], ({"w": np.array([1.0, 2.0]), "b": 3.0},)),
    "cumsum": (lambda x: np.sum(np.cumsum(x) ** 2), (np.array([1.0, 2.0, -1.0]),)),
    "concatenate": (lambda x, y: np.sum(np.concatenate([x, y]) ** 3), (np.array([1.0, 2.0]), np.array([3.0]))),
    "unused": (lambda x, y: x**2, (1.0, 2.0)),
    "identity": (lambda x: x, (1.0,)),
    "kink": (lambda x: np.abs(x) + np.maximum(x, 0.0), (0.0,)),
}


def whole(value):
    import optree

    return np.concatenate([np.ravel(x) for x in optree.tree_leaves(value)])


@pytest.mark.parametrize("label", CASES)
def test_both_sweeps_give_the_jacobian(label):
    f, args = CASES[label]
    e = dn.explain(f, *args)
    trace = e.trace
    directions = []
    for seed in trace.seeds:
        inputs = [np.zeros(np.shape(x)) for x in trace.run.leaves]
        inputs[seed.place] = np.eye(np.size(inputs[seed.place]))[seed.index].reshape(np.shape(inputs[seed.place]))
        directions.append(inputs)
    import optree

    _, structure = optree.tree_flatten(args)
    for k, inputs in enumerate(directions):
        tangents = optree.tree_unflatten(structure, [np.asarray(t) for t in inputs])
        primals = optree.tree_map(lambda x: np.asarray(x, float), args)
        dy = whole(dn.jvp(f, primals, tangents)[1])
        for r, result in enumerate(trace.results):
            step = trace.steps[trace.at[result.place]]
            forward = np.ravel(step.tangents[k])[result.index]
            source = trace.steps[trace.at[trace.seeds[k].place]]
            backward = np.ravel(source.cotangents[r])[trace.seeds[k].index]
            np.testing.assert_allclose([forward, backward], dy[r], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("label", CASES)
def test_every_rendering_of_every_case(label):
    f, args = CASES[label]
    e = dn.explain(f, *args)
    for rendering in (str(e), e.text(rich=False), e.markdown(), e.latex(), e.html()):
        assert e.steps[-1].name in rendering.replace("_{", "").replace("}", "")
    ET.fromstring(e.svg())
    ET.fromstring(e._repr_html_())
    json.dumps(e.to_dict(), allow_nan=False)


@pytest.mark.parametrize("label", ["shared", "several results", "broadcast", "matmul", "signs", "constants", "indexing",
                                   "concatenate"])
def test_closed_forms_agree(label):
    f, args = CASES[label]
    agreements = dn.explain(f, *args).closed_form
    assert agreements and all(a.ulps is not None and a.ulps < 16 for a in agreements)


def test_local_partials_are_those_of_the_lines_shown():
    e = dn.explain("-a*b/-c", at={"a": 2, "b": 3, "c": 5})
    parts = {s.name: [(e.steps[p.parent].name, text(p.formula), float(p.value)) for p in s.partials] for s in e.steps}
    shown = {s.name: (text(s.formula), parts[s.name]) for s in e.steps if s.row}
    assert shown["ξ1"] == ("-a * b", [("a", "-b", -3.0), ("b", "-a", -2.0)])
    assert shown["L"][0] == "ξ1 / -c"
    np.testing.assert_allclose([v for _, _, v in shown["L"][1]], [-0.2, -6 / 25])


def test_wrt_and_names():
    e = dn.explain(lambda a, b: a * b, 2.0, 3.0, wrt="b", names=["speed", "b"])
    assert [s.name for s in e.steps] == ["speed", "b", "L"] and [s.label for s in e.trace.seeds] == ["b"]
    with pytest.raises(ValueError, match="wrt='c' names no argument"):
        dn.explain(lambda a, b: a * b, 2.0, 3.0, wrt="c")
    with pytest.raises(ValueError, match="one text for each"):
        dn.explain(lambda a: a, 2.0, names=["a", "b"])


def test_integers_that_are_not_differentiated_stay_integers():
    e = dn.explain(lambda x, n: x**n + np.sum(x * np.ones(n)), 2.0, 3, wrt="x")
    assert float(e.steps[-1].tangents[0]) == 15.0


def test_large_arrays_share_a_column_and_are_shown_in_short():
    e = dn.explain(lambda x: np.sum(x**2), np.arange(1000.0))
    assert [s.label for s in e.trace.seeds] == ["x[all]"]
    assert "array(1000,) from 0 to 999" in str(e) and len(str(e)) < 4000


def test_a_nan_of_where_is_seen_but_not_passed_on():
    e = dn.explain(lambda x: np.where(x > 0, np.log(x), 0.0), 0.0)
    assert float(e.steps[-1].tangents[0]) == 0.0 and float(e.steps[0].cotangents[0]) == 0.0


def test_the_loss_of_a_network_takes_less_than_a_second(rng):
    def loss(W1, b1, W2, b2, x, y):
        z = np.tanh(x @ W1 + b1) @ W2 + b2
        return -np.mean(np.sum(y * (z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))), axis=1))

    args = (rng.normal(size=(8, 16)), np.zeros(16), rng.normal(size=(16, 2)), np.zeros(2),
            rng.normal(size=(32, 8)), np.eye(2)[rng.integers(0, 2, 32)])
    str(dn.explain("log(x)", at={"x": 1}))
    began = time.perf_counter()
    e = dn.explain(loss, *args, wrt=["W1", "b1", "W2", "b2"])
    str(e)
    assert time.perf_counter() - began < 1
    np.testing.assert_allclose(e.steps[0].cotangents[0], dn.grad(loss)(*args), rtol=1e-9)


def test_boxes_of_a_drawing_never_overlap():
    big = "+".join(f"sin(x*{k}.5)*exp(-y)" for k in range(1, 18))
    picture = ET.fromstring(dn.explain(big, at={"x": 1, "y": 2}).svg())
    boxes = [[float(r.get(k)) for k in ("x", "y", "width", "height")] for r in picture.iter("{http://www.w3.org/2000/svg}rect")]
    assert len(boxes) > 200
    x, y, w, h = np.array(boxes).T
    overlap = (x[:, None] < x + w - 0.2) & (x < (x + w)[:, None] - 0.2) & (y[:, None] < y + h - 0.2) & (y < (y + h)[:, None] - 0.2)
    assert not np.any(overlap & ~np.eye(len(boxes), dtype=bool))


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs pdflatex (texlive-latex-base)")
@pytest.mark.parametrize("label", [*CASES, "lecture"])
def test_latex_compiles(label, tmp_path):
    if label == "lecture":
        e = dn.explain("-y*log(1/(1+exp(-W*x)))", at={"x": 3, "y": 1, "W": 3}, wrt="W")
    else:
        e = dn.explain(CASES[label][0], *CASES[label][1])
    (tmp_path / "e.tex").write_text(e.latex(document=True), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "e.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-1500:]


def test_graph_object():
    g = dn.graph(lambda x, y: np.exp(-x) * y, 0.0, 2.0)
    assert g.edges == [("x", "ξ1", -1.0), ("ξ1", "ξ2", 1.0), ("ξ2", "L", 2.0), ("y", "L", 1.0)]
    assert g.depth() == 3 and "2 nodes" not in repr(g) and g.svg().startswith("<svg")


@pytest.mark.parametrize("formula", [
    "a-(b-c)", "a/(b/c)", "(a+b)*c", "-(a+b)", "a**(b+c)", "(a*b)**2", "sqrt(x)", "[a, b]", "x[0]", "a<b", "1e-05*x",
])
def test_notations_are_well_formed(formula):
    ET.fromstring(mathml(read(formula)))
    written = latex(read(formula))
    assert written.count("{") == written.count("}") and written.count(r"\left") == written.count(r"\right")


def test_notation_keeps_brackets():
    assert latex(read("a-(b-c)")) == r"a-\left(b-c\right)"
    assert latex(read("(a+b)*c")) == r"\left(a+b\right)\,c"
    assert latex(read("(-a)**2")) == r"{\left(-a\right)}^{2}"
    assert latex(read("a*(-b)")) == r"a\cdot \left(-b\right)"


def test_numbers():
    assert [number(v) for v in (np.inf, -np.inf, np.nan, -0.0, 1e-300, np.float32(0.1), 1 + 2j)] == [
        "inf", "-inf", "nan", "0", "1e-300", "0.1", "(1+2j)"]


def test_without_rich_the_tables_are_aligned(monkeypatch):
    import builtins

    real = builtins.__import__

    def without_rich(name, *args, **kwargs):
        if name.startswith("rich"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_rich)
    lines = str(dn.explain("x*y", at={"x": 1, "y": 2})).splitlines()
    rule = next(line for line in lines if line.startswith("---"))
    assert rule.index("  ") == len("variable")


def test_import_is_light():
    import sys

    code = "import sys, dualnet; dualnet.explain, dualnet.graph; print(*sorted({'sympy', 'rich', 'http.server'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""


@pytest.mark.parametrize(("f", "args", "slopes"), [
    (lambda x, y: np.sqrt(x) + y, (0.0, 1.0), [np.inf, 1.0]),
    (lambda z, x: 3 * z + np.log(x - x), (0.3, 0.7), [3.0, np.nan]),
    (lambda x, y: np.where(x > 0, np.log(x), 0.0) + y, (0.0, 1.0), [0.0, 1.0]),
    (lambda x, y: np.array([np.sqrt(x), y])[1], (0.0, 1.0), [0.0, 1.0]),
    (lambda x: np.sum(np.sqrt(x[:2]) + x[1:]), (np.array([0.0, 1.0, 2.0]),), [np.inf, 1.5, 1.0]),
])
def test_nothing_depends_on_zeros_beside_an_infinite_slope(f, args, slopes):
    with np.errstate(all="ignore"):
        e = dn.explain(f, *args)
    result = next(step for step in e.steps if step.output)
    inputs = {step.name: step for step in e.steps}
    reverse = [np.ravel(inputs[seed.label.partition("[")[0]].cotangents[0])[seed.index] for seed in e.trace.seeds]
    np.testing.assert_array_equal([float(t) for t in result.tangents], slopes)
    np.testing.assert_array_equal(reverse, slopes)


def test_a_notebook_shows_long_runs_without_a_drawing():
    def f(x):
        for _ in range(420):
            x = np.sin(x)
        return x

    shown = dn.explain(f, 1.0)._repr_html_()
    assert "<svg" not in shown and "No drawing" in shown and "420" in shown
    assert dn.graph(f, 1.0)._repr_svg_() is None
    with pytest.raises(ValueError, match="421 nodes"):
        dn.graph(f, 1.0).svg()


def test_truths_among_the_operands_are_shown_as_they_are():
    lesson = dn.explain(lambda x: np.sinc(x[0]), np.array([0.5, 0.0]))
    assert latex(read("f(True)")).endswith(r"\left(\mathit{True}\right)") and "<mi>True</mi>" in mathml(read("f(True)"))
    assert lesson.latex() and lesson.svg() and lesson._repr_html_()

"""Hand-derived tables: the lecture's slips are marked, right tables pass, modules and files are read."""

import json

import pytest

import dualnet as dn

check = dn.explain.check_table

SLIPS = {
    ("xi4", "slope"): "-0.99975323",
    ("xi4", "derivative"): "0.00037013805",
    ("xi5", "derivative"): "0.00037018373",
    ("L_A", "derivative"): "-0.00037018373",
    ("dL/dp", "partial"): "-y / p + (1 - y) / (1 - p)",
    ("normal density", "what"): "exp(-(x-mu)**2/(2*sigma**2))/sqrt(2*pi*sigma**2)",
    ("L_B", "what"): "-(1-y)*log(1-p)",
}


def test_the_lectures_slips_and_no_others_are_marked():
    report = check("lecture")
    assert {(variable, cell.column): cell.right for variable, cell in report.wrong} == SLIPS
    assert not report.ok and "27 cells checked, 7 wrong" in str(report)


def test_the_right_table_passes():
    rows = [
        {"variable": "xi1", "what": "-W*x", "partial": "-x", "value": -9, "slope": -3, "derivative": -3},
        {"variable": "xi2", "what": "exp(xi1)", "partial": "exp(xi1)", "value": "0.0001234", "derivative": "-3*exp(-9)"},
        {"variable": "xi3", "what": "1/(1+xi2)", "partial": "-1/(1+xi2)**2", "value": "0.99988"},
    ]
    assert check(rows, at={"x": 3, "W": 3}, wrt="W").ok


@pytest.mark.parametrize(("row", "right"), [
    ({"what": "x**3", "partial": "2*x**2"}, "3 * x ** 2"),
    ({"what": "sin(x)*y", "partial": {"x": "cos(x)*y", "y": "cos(x)"}}, "sin(x)"),
    ({"what": "tanh(x)", "partial": "1-tanh(x)"}, "1 - tanh(x) ** 2"),
    ({"what": "log(1+exp(x))", "partial": "exp(x)"}, "exp(x) / (exp(x) + 1)"),
    ({"what": "sqrt(x)", "partial": "1/sqrt(x)"}, "1 / (2 * sqrt(x))"),
])
def test_a_wrong_partial_is_set_right(row, right):
    (_, cell), = check([row]).wrong
    assert cell.right == right


def test_a_module_of_pairs(tmp_path):
    path = tmp_path / "homework.py"
    path.write_text("import numpy as np\ndef x2(x): return np.exp(-x)\ndef derx2(x): return np.exp(-x)\n"
                    "def x3(x, y): return x * y\ndef derx3_x(x, y): return y\ndef derx3_y(x, y): return x\n")
    report = check(path)
    (variable, cell), = report.wrong
    assert (variable, cell.right) == ("x2", "-exp(-x)")
    (tmp_path / "empty.py").write_text("a = 1\n")
    with pytest.raises(ValueError, match="def x2"):
        check(tmp_path / "empty.py")


def test_files(tmp_path):
    (tmp_path / "t.json").write_text(json.dumps({"at": {"x": 2}, "wrt": "x", "rows": [{"variable": "a", "what": "x**2", "derivative": 5}]}))
    (tmp_path / "t.csv").write_text("variable,what,partial\na,x**2,2*x\nb,exp(a),a*exp(a)\n")
    assert check(tmp_path / "t.json").wrong[0][1].right == "4"
    assert check(tmp_path / "t.csv").wrong[0][1].right == "exp(a)"
    (tmp_path / "t.json").write_text("[1")
    with pytest.raises(ValueError, match="holds no rows"):
        check(tmp_path / "t.json")
    (tmp_path / "t.csv").rename(tmp_path / "t.csv.bak")
    with pytest.raises(ValueError, match="give a .json or .csv"):
        check(tmp_path / "t.csv.bak")


def test_files_as_other_programs_write_them(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbfvariable,what,partial\r\nxi1,x**2,2*x\r\nL,3*xi1,2\r\n")
    assert [variable for variable, _ in check(tmp_path / "t.csv").wrong] == ["L"]


@pytest.mark.parametrize(("name", "held"), [
    ("t.csv", b""), ("t.csv", b"variable,what\n"), ("t.csv", b"variable,what\na,\xff\n"), ("t.json", b"[]"), ("t.json", b'{"rows": 5}'),
    ("t.json", b"null"), ("t.json", b'"x"'), ("t.json", b"[" * 100_000), ("t.json", b'{"at": {"x": 1}}'),
])
def test_files_without_rows_are_not_all_right(tmp_path, name, held):
    (tmp_path / name).write_bytes(held)
    with pytest.raises(ValueError, match=f"{name} holds no rows"):
        check(tmp_path / name)


@pytest.mark.parametrize(("written", "truth", "ok"), [
    ("9", "1/x", False), ("inf", "1/x", True), ("-inf", "1/x", False), ("nan", "x/x", True), ("1", "x/x", False), ("0", "x", True),
])
def test_numbers_that_are_not_finite(written, truth, ok):
    assert check([{"variable": "a", "what": truth, "value": written}], at={"x": 0}).ok is ok


@pytest.mark.parametrize("rows", [[{"variable": "a"}], [1], [{"variable": "a", "what": "2*x", "value": "2*x"}],
                                  [{"what": "__import__('os')"}], [{"what": "x", "partial": "y.z"}],
                                  [{"what": 3}]])
def test_what_is_no_table_is_refused(rows):
    with pytest.raises(dn.DualnetError):
        check(rows, at={"x": 1})


def test_renderings_are_escaped():
    report = check([{"variable": "<script>", "what": "x**2", "partial": "x"}])
    assert "<script>" not in report.markdown() and "<script>" not in report._repr_html_()
    json.dumps(report.to_dict())

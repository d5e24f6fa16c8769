"""The grammar: what every name means (SymPy against NumPy), what is refused, and how fast."""

import copy
import pickle
import subprocess
import sys
import time
import tracemalloc
import warnings

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import dualnet as dn
from dualnet.errors import FormulaError
from dualnet.formula import FUNCTIONS, MAX_LENGTH, Function, parse

SECONDS = 0.5  # what one text may take; most take under a millisecond


def calls():
    """One formula for each entry of the table and each number of arguments that it takes."""
    for name, function in FUNCTIONS.items():
        arities = function.arity if isinstance(function.arity, tuple) else (function.arity,)
        for arity in arities:
            names = ["x", "y", "z"][:arity]
            if function.whole:
                names = [f"[{n}, {n}*{n} - 1, 0.5]" for n in names]
            yield f"{name}({', '.join(names)})"


CALLS = list(calls())


def by_mpmath(expression, values):
    """A SymPy expression at a point, in 30 digits by mpmath, as a complex number."""
    at = {sympy.Symbol(name, real=True): sympy.Float(value, 40) for name, value in values.items()}
    return complex(expression.evalf(30, subs=at))


def by_numpy(formula, values):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return formula.numpy(values)


class TestTruth:
    @pytest.mark.parametrize("text", CALLS)
    @pytest.mark.parametrize("evaluate", [True, False])
    def test_sympy_and_numpy_agree_wherever_numpy_has_a_value(self, text, evaluate, rng):
        formula, compared = parse(text), 0
        expression = formula.sympy(evaluate=evaluate)
        for low, high in [(-3, 3), (0.05, 0.95), (1.01, 4)] * 8:
            values = {name: float(rng.uniform(low, high)) for name in formula.names}
            value = by_numpy(formula, values)
            if np.isfinite(value):
                assert by_mpmath(expression, values) == pytest.approx(value, rel=1e-11, abs=1e-13), values
                compared += 1
        assert compared >= 8

    @pytest.mark.parametrize(
        "text",
        [
            "-y*log(1/(1+exp(-W*x)))",
            "where(x >= 0, x**2, -3*x)",
            "where(0 < x < y, x, y)",
            "x*(x > 0) + (x > y)",
            "where(x, 1, 2) + where(x == 0, 1, 0)",
            "max([x, y, 0.5])*x - 2**-3 + 1e-7*y",
            "[1, x]@[[1, 2], [3, y]]@[x, 4]",
            "dot([[1, x]], [y, 2])[0] + [x, y][-1] + sum([[x, 1], [y, 2]][:, 0])",
            "sum([x, sum([y, mean([[x, 1], [sum([x, y]), 2]])])])",
            "3 - x - -y/+2/x**2**0.5",
            "exp(-x**2/2)/sqrt(2*pi) + e**x",
        ],
    )
    @pytest.mark.parametrize("evaluate", [True, False])
    def test_formulas(self, text, evaluate, rng):
        formula = parse(text)
        expression = formula.sympy(evaluate=evaluate)
        for _ in range(5):
            values = {name: float(rng.uniform(0.1, 2)) for name in formula.names}
            assert by_mpmath(expression, values) == pytest.approx(formula.numpy(values), rel=1e-12)

    @pytest.mark.parametrize("text", [text for text in CALLS if "[" not in text])
    def test_arrays_are_taken_elementwise(self, text, rng):
        formula = parse(text)
        points = {name: rng.uniform(0.1, 0.9, 3) for name in formula.names}
        one_by_one = [by_numpy(formula, {n: float(p[i]) for n, p in points.items()}) for i in range(3)]
        np.testing.assert_allclose(by_numpy(formula, points), one_by_one, rtol=1e-14)

    @pytest.mark.parametrize("name", ["x", "a1", "gamma", "exp", "S", "E1", "I", "beta", "x" * 32])
    def test_a_name_that_is_not_called_is_a_variable(self, name):
        formula = parse(f"2*{name}")
        assert formula.names == (name,)
        assert formula.numpy({name: 3.0}) == 6.0
        assert formula.sympy() == 2 * sympy.Symbol(name, real=True)

    @pytest.mark.parametrize(("text", "value"), [("sinc(x)", 1.0), ("cbrt(x)", 0.0), ("heaviside(x, 0.3)", 0.3)])
    def test_values_at_zero(self, text, value):
        assert parse(text).numpy({"x": 0.0}) == value
        assert float(parse(text).sympy({"x": 0})) == pytest.approx(value)

    def test_complex_values(self):
        z = 1.5 - 0.5j
        for name in ("conj", "real", "imag", "angle", "abs", "exp", "sqrt", "lambertw"):
            formula = parse(f"{name}(z)")
            expected = formula.sympy({"z": sympy.Rational(3, 2) - sympy.I / 2})
            assert complex(expected.evalf(20)) == pytest.approx(formula.numpy({"z": z}))


class TestNumPy:
    def test_stable_forms(self):
        x = np.array([-1000.0, -40.0, 0.0, 40.0, 1000.0])
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            sigmoid, softplus = parse("sigmoid(x)").numpy({"x": x}), parse("softplus(x)").numpy({"x": x})
        np.testing.assert_allclose(sigmoid, [0, np.exp(-40), 0.5, 1, 1], rtol=1e-13)
        np.testing.assert_allclose(softplus, [0, np.exp(-40), np.log(2), 40, 1000], rtol=1e-13)

    def test_float32_stays_float32(self):
        x = np.array([0.5, 2.0], dtype=np.float32)
        for text in ("sin(2.5)*x**2/3 + pi", "sigmoid(x) + softplus(x) + relu(x)", "where(x > 1, x, 0.5)"):
            assert parse(text).numpy({"x": x}).dtype == np.float32

    @pytest.mark.parametrize(
        ("text", "value"),
        [("1/x", np.inf), ("x**-1", np.inf), ("(-2)**(x + 0.5)", np.nan), ("0*10**400", 0.0), ("2**-1", 0.5),
         ("reciprocal(2)", 0.5), ("power(2, -2)", 0.25), ("9**999*9**999", np.inf)],
    )  # fmt: skip
    def test_python_numbers_follow_numpy(self, text, value):
        with np.errstate(all="ignore"):
            out = parse(text.replace("0*10**400", "0*10**40")).numpy({"x": 0})
        assert type(out) is float
        np.testing.assert_equal(out, value)

    def test_comparisons(self):
        x = np.array([1.0, 2.0, 3.0])
        np.testing.assert_array_equal(parse("1 < x <= 2").numpy({"x": x}), [False, True, False])
        np.testing.assert_array_equal(parse("-(x > 1)").numpy({"x": x}), [0, -1, -1])
        np.testing.assert_array_equal(parse("(x > 1) + (x > 2)").numpy({"x": x}), [0, 1, 2])
        assert parse("0 < x < 2").numpy({"x": 1}) is True

    def test_lists_become_arrays(self):
        np.testing.assert_array_equal(parse("2*x").numpy({"x": [1, 2]}), [2, 4])
        np.testing.assert_array_equal(parse("[[x, 1], [2, x]] @ [1, 10]").numpy({"x": 3}), [13, 32])

    def test_indices(self, rng):
        x = rng.normal(size=(4, 5))
        assert parse("x[-1, 2]").numpy({"x": x}) == x[-1, 2]
        np.testing.assert_array_equal(parse("x[1:, ::-2][0]").numpy({"x": x}), x[1:, ::-2][0])
        with pytest.raises(IndexError):
            parse("x[7]").numpy({"x": x})

    def test_a_missing_value_is_named(self):
        with pytest.raises(FormulaError, match="without a value: 'W' at character 5; add it to .*'x'"):
            parse("x + W").numpy({"x": 1.0})

    @pytest.mark.parametrize("read", [lambda f: f.numpy({"e": 2.0}), lambda f: f.sympy({"e": 2})])
    def test_a_constant_cannot_get_a_value(self, read):
        with pytest.raises(FormulaError, match="constant.*rename"):
            read(parse("2*e"))

    @pytest.mark.parametrize(
        "text", ["sigmoid(x)*x**2", "where(x > 0, x*softplus(x), 0)", "x*(x > 0) + exp(-x)/3", "mean([x, x**2, 1])"]
    )
    def test_derivatives_pass_through(self, text):
        formula = parse(text)
        expected = formula.sympy().diff(sympy.Symbol("x", real=True))
        got = dn.derivative(lambda x: formula.numpy({"x": x}))(0.7)
        assert by_mpmath(expected, {"x": 0.7}) == pytest.approx(got, rel=1e-13)


class TestSymPy:
    def test_typed_text_keeps_its_structure(self):
        for text in ("x + x", "2*3", "x**2/x", "gamma(10**9)", "log(exp(x))", "1/(1 + exp(-x))", "(x + 1)**0"):
            assert str(parse(text).sympy(evaluate=False)) == text
        assert parse("x + x").sympy() == 2 * sympy.Symbol("x", real=True)
        assert sympy.Symbol("x") + sympy.Symbol("x") == 2 * sympy.Symbol("x")  # SymPy's switch is back

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("3", sympy.Integer(3)), ("0.1", sympy.Rational(1, 10)), ("2.50", sympy.Rational(5, 2)),
         ("1e-5", sympy.Rational(1, 10**5)), ("1e300", sympy.Float(1e300)), ("0.1234567890123456", None)],
    )  # fmt: skip
    def test_numbers(self, text, expected):
        number = parse(text).sympy()
        assert number == (sympy.Float(float(text)) if expected is None else expected)
        assert float(number) == float(text)

    def test_names_are_real_unless_given(self):
        z = sympy.Symbol("z")
        assert parse("x").sympy().is_real
        assert parse("x + y").sympy({"x": z}) == z + sympy.Symbol("y", real=True)

    @pytest.mark.parametrize("make", [list, sympy.Array, sympy.Matrix, lambda v: np.array(v, dtype=object)])
    def test_arrays_as_symbols(self, make):
        a, b = sympy.symbols("a b")
        x = make([a, b])
        if np.ndim(x) == 1 or isinstance(x, sympy.NDimArray):
            assert parse("sum(x**2)").sympy({"x": x}) == a**2 + b**2
            assert parse("dot(x, [3, y])").sympy({"x": x, "y": 4}) == 3 * a + 4 * b
            assert parse("x[0]*max(x)").sympy({"x": x}) == a * sympy.Max(a, b)
        out = parse("2*exp(x) - 1").sympy({"x": x})
        assert isinstance(out, sympy.ImmutableDenseNDimArray)
        assert out.reshape(2).tolist() == [2 * sympy.exp(a) - 1, 2 * sympy.exp(b) - 1]

    def test_matrix_products_have_the_shapes_of_numpy(self, rng):
        for left, right in [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((1, 1), (1,))]:
            x, y = rng.integers(-5, 5, left), rng.integers(-5, 5, right)
            for text in ("x @ y", "dot(x, y)"):
                symbolic = parse(text).sympy({"x": x.tolist(), "y": y.tolist()})
                symbolic = np.array(symbolic.tolist() if np.ndim(x @ y) else symbolic, dtype=float)
                np.testing.assert_array_equal(symbolic, x @ y)

    def test_an_index_of_a_symbol(self):
        x = sympy.IndexedBase(sympy.Symbol("x", real=True))
        assert parse("x[0]*x[1, -1]").sympy() == x[0] * x[1, -1]

    @pytest.mark.parametrize(
        ("text", "symbols"),
        [("W @ x", {}), ("x + 1", {"x": "__import__('os')"}), ("exp(x)", {"x": "1+1"}), ("exp(x)", {"x": ["1+1"]}),
         ("x + y", {"x": [1, 2], "y": [1, 2, 3]}), ("[x, [x, x]]", {}), ("x[1:]", {}), ("x @ y", {"x": [1], "y": [1, 2]}),
         ("x @ y", {"x": [1], "y": 2}), ("dot(x, x)", {"x": [[[1]]]}), ("(x + y)[0]", {}),
         ("x + 1", {"x": object()}), ("x[5]", {"x": [1, 2]})],
    )  # fmt: skip
    @pytest.mark.parametrize("evaluate", [True, False])
    def test_what_has_no_form_raises(self, text, symbols, evaluate):
        with pytest.raises(FormulaError):
            parse(text).sympy(symbols, evaluate=evaluate)

    def test_sympy_is_imported_only_for_sympy(self):
        code = (
            "import sys; from dualnet.formula import parse; parse('exp(x)').numpy({'x': 1.0});"
            "assert 'sympy' not in sys.modules; parse('exp(x)').sympy(); assert 'sympy' in sys.modules"
        )
        subprocess.run([sys.executable, "-c", code], check=True)


class TestFormula:
    def test_names_come_in_order_of_first_appearance(self):
        assert parse("-y*log(1/(1+exp(-W*x))) + W*pi*e").names == ("y", "W", "x")
        assert parse("where(b < a, c[0], [d, a])").names == ("b", "a", "c", "d")

    def test_text_is_stripped_and_may_span_lines(self):
        assert parse("  x +\n\t1 ").text == "x +  1"

    def test_equal_frozen_copied_pickled(self):
        formula = parse("x + y")
        assert formula == parse("x + y") != parse("y + x")
        assert len({formula, parse("x + y")}) == 1
        for twin in (pickle.loads(pickle.dumps(formula)), copy.deepcopy(formula)):
            assert twin == formula and twin.numpy({"x": 1.0, "y": 2.0}) == 3.0
        with pytest.raises(AttributeError):
            formula.text = "z"

    def test_further_functions(self):
        logistic = Function(lambda x: 1 / (1 + np.exp(-x)), lambda s, x: 1 / (1 + s.exp(-x)))
        formula = parse("2*logistic(x)", {"logistic": logistic})
        x = sympy.Symbol("x", real=True)
        assert formula.numpy({"x": 0.0}) == 1.0
        assert formula.sympy() == 2 / (1 + sympy.exp(-x))
        with pytest.raises(FormulaError, match="unknown function logistic"):
            parse("logistic(x)")


REFUSED = {  # text: what the message says
    "": "empty", "   ": "empty", "\n": "empty",
    "__class__": "not a name: '__class__'", "x.__class__": "not a name", "_": "not a name", "_x": "not a name",
    "().__class__.__bases__[0]": "not a name", "__import__(os)": "not a name: '__import__'",
    "__debug__": "not a name", "a" * 33: "not a name", "exp(__builtins__)": "not a name",
    "x.real": "write exp", "np.exp(x)": "write exp", "x[...]": "write exp", "...": "write exp", ".": "write exp",
    "x1.T": "Attribute", "(x).T": "write exp", "exp.__call__(x)": "not a name",
    "lambda: 1": "lambda", "lambda x: x": "lambda", "x if y else z": "where", "x and y": "a < b", "x or y": "a < b",
    "not x": "'not'", "x in y": "'in'", "x is y": "'is'", "[x for x in y]": "'for'", "yield x": "'yield'",
    "await x": "'await'", "import os": "'import'", "True": "'True'", "None": "'None'", "x[None]": "'None'",
    "(x := 1)": "NamedExpr", "exp(y := x)": "NamedExpr", "x = 1": "not a formula", "x == ": "not a formula",
    "f'{x}'": "at character 2", "'a'": "at character 1", '"a"': "character", "b'a'": "character",
    "x['a']": "character 3", "{x}": "character", "{1: 2}": "character", "x; y": "';'", "# x": "'#'", "$x": "'\\$'",
    "`x`": "character", "x \\\n+ 1": "character 3", "x?": "character", "x!": "not a formula", "~x": "character",
    "x^2": r"write x\*\*y", "x % y": "'%'", "x | y": "character", "x & y": "character",
    "x // y": "floor", "x << 1": "x << 1", "x >> 1": "x >> 1", "x <> y": "not a formula", "x -> y": "not a formula",
    "\u0445 + 1": "\\\\u0445", "x \u2212 1": "x - y", "2\u00b7x": r"x\*y", "\uff45xp(x)": "\\\\uff45", "\u03c0": "\\\\u03c0",
    "x\u00b2": "character 2", "\u0661": "character", "x\u2003y": "character 2", "x\u202ey": "character 2",
    "\ufeffx": "character 1", "\ud800": "character 1", "x\0": "character 2", "\0": "character 1", "x\x0c": "character",
    "e\u0301": "character 2", "\u212fxp(x)": "character 1",
    "<script>alert(1)</script>": "not a formula", "x<b>y</b>": "not a formula", "x&lt;y": "'&'",
    "2x": "write \\*", "2 x": "not a formula", "x y": "not a formula", "2(x)": "product", "(x + 1)(y)": "product",
    "x(y + 1)": "product", "exp(x)(y)": "only names", "[x](y)": "only names", "exp[0](x)": "only names",
    "1j": "'1j'", "x**2j": "'2j'", "0x10": "'0x10'", "1_000": "'1_000'", "1e": "'1e'", "1e+": "'1e'", "08": "zeros",
    "1if 2else 3": "'1if'", "0or 1": "'0or'", "1.2.3": "not a formula", "1..2": "not a formula",
    "1e400": "float64: '1e400'", "-1e400": "float64", "x*1e999999999": "float64", "1e-400": "float64",
    "1" * 51: "50 digits", "x + " + "9" * 900: "50 digits",
    "9**9**9**9": "exponent", "9**9**9": "exponent", "x**1001": "1000", "x**-1001": "exponent", "x**1e9": "exponent",
    "(x**500)**3": "exponent", "((x**100)*2)**11": "exponent", "exp(x**101)**10": "exponent", "2**(600 + 600)": "exponent",
    "power(9, power(9, 9))": "exponent", "power(x, 10**6)": "exponent", "x**gamma(20)": "exponent", "x**(0/0)": "exponent",
    "x**[1, 2, 2000]": "exponent", "x**[1, 2][5]": "exponent", "x**([1, 2] @ [1, 2, 3])": "exponent", "x**1[0]": "exponent",
    "square(" * 11 + "x" + ")" * 11: "exponent", "2**" * 50 + "2": "exponent", "x**log(0)": "exponent",
    "exp()": "takes 1", "exp(x, y)": "takes 1", "exp(x=1)": "position", "exp(*x)": "Starred", "exp(**x)": "position",
    "arctan2(x)": "takes 2", "where(x, y)": "takes 3", "max(x, y)": "maximum\\(x, y\\)", "sum(x, axis=0)": "position",
    "zeta()": "takes \\(1, 2\\)", "ex(x)": "did you mean exp", "ln(x)": "did you mean log", "tahn(x)": "did you mean .*tanh",
    "Sqrt(x)": "did you mean sqrt", "eval(x)": "unknown function eval", "exec(1)": "unknown function exec",
    "open(1)": "unknown function open", "print(1)": "unknown", "sympify(x)": "unknown", "getattr(x, y)": "unknown",
    "x[y]": "index: 'y'", "x[1.5]": "index", "x[::0]": "index", "x[10**9]": "index", "x[99999999999]": "index",
    "x[()]": "index", "x[1, [2]]": "index", "x[x > 0]": "index", "x[- -1]": "index", "x[*y]": "index", "x[]": "not a formula",
    "[]": "empty array", "()": "empty array", "[[[1]]]": "rank 3", "[[dot([1], [2])]]": "rank 3",
    "[[exp([x, y])]]": "rank 3", "[*x]": "Starred",
    "*x": "formula", "@x": "not a formula", "x @": "not a formula", ":": "not a formula", "x:y": "not a formula",
    "(": "never closed", "((x)": "never closed", "exp(]": "not match", "]": "unmatched", "x)": "unmatched",
    "(" * 61 + "x" + ")" * 61: "60 deep", "(" * 499 + "x" + ")" * 499: "60 deep", "[" * 900: "60 deep",
    "exp(" * 61 + "x" + ")" * 61: "60 deep", "(" * 10_000 + "x" + ")" * 10_000: "1000 characters",
    "x[" * 400: "60 deep", "-" * 999 + "x": "signs", "- + " * 200 + "x": "signs", "2**-" * 200 + "x": "60 operations",
    "x" + " + x" * 240: "sum\\(\\[", "x" + "**x" * 300: "60 operations", "x" + "*x" * 61: "60 operations",
    "x" * MAX_LENGTH: "not a name", "-x," * 333: "600 in all", "-x<" * 333 + "x": "600 in all",
    "x" * 10**6: "1000 characters", "1+" * 10**6 + "1": "1000 characters", "\0" * 10**6: "1000 characters",
    b"x": "bytes", None: "NoneType", 5: "int",
}  # fmt: skip
HARMLESS = [  # odd or costly, but formulas
    "(" * 60 + "x" + ")" * 60, "-" * 60 + "x", "x" + "+x" * 60, "exp(" * 60 + "x" + ")" * 60, "x**1000", "(x**10)**100",
    "sum([" + "x," * 490 + "])", "dot([" + "x," * 200 + "], [" + "x," * 200 + "])", "gamma(10**9)", "zeta(-10**9)",
    "floor(exp(10**9))", "exp(exp(exp(exp(exp(9)))))", "jv(10**9, 10**9)", "2**zeta(10**9)", "2**jv(10**9, 10**9)",
    "2**lambertw(10**9)", "2**iv(10**9, 10**8)", "2**beta(10**9, -10**9)", "x**x**x**x", "1**(" * 59 + "x" + ")" * 59,
    "1**(" * 58 + "1" + ")" * 58, "9**999*9**999", "exp(1000*log(exp(1000*log(exp(1000*log(2*x))))))", "1/0", "0**-1",
    "(-2)**0.5", "log(0)*sqrt(-1)", "x,", "x, y", "nan", "inf", "1 < 2 < 3", "where(1, 2, 3)", "[" + "[x, 1]," * 90 + "]",
    "x" + "<x" * 480, "x," * 500, "erfinv(2)", "loggamma" + "*x" * 50,
    "2" + "0" * 19, "9" * 50 + "*x[0:1]", "max([" + "x," * 300 + "])", "1e308*1e308",
]  # fmt: skip


class TestHostile:
    """Hostile text: an answer, quick and small, and never anything but `FormulaError`."""

    @pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text)[:40])
    def test_refused_with_a_cure(self, text):
        start = time.perf_counter()
        with pytest.raises(FormulaError, match=REFUSED[text]) as caught:
            parse(text)
        assert time.perf_counter() - start < SECONDS
        assert len(str(caught.value)) < 400 and ";" in str(caught.value)
        assert str(caught.value).isascii() and str(caught.value).isprintable()

    def test_there_are_enough_of_them(self):
        assert len(REFUSED) >= 150

    @pytest.mark.parametrize("text", HARMLESS, ids=lambda text: text[:40])
    def test_bounded_in_every_reader(self, text):
        parse("gamma(1) + 1").sympy(evaluate=False)  # imports are not counted
        start = time.perf_counter()
        formula = parse(text)
        assert time.perf_counter() - start < SECONDS
        expression = formula.sympy({"x": [1]} if "[0:1]" in text else {}, evaluate=False)
        assert str(expression) and sympy.latex(expression)
        by_numpy(formula, dict.fromkeys(formula.names, np.array([0.5]) if "[0:1]" in text else 0.5))
        assert time.perf_counter() - start < 2 * SECONDS

    def test_memory(self):
        texts = [*REFUSED, *HARMLESS]
        tracemalloc.start()
        try:
            for text in texts:
                try:
                    parse(text)
                except FormulaError:
                    pass
            assert tracemalloc.get_traced_memory()[1] < 20e6
        finally:
            tracemalloc.stop()

    def test_no_warning_and_nothing_is_left_switched(self):
        before = np.geterr()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for text in (*REFUSED, *HARMLESS):
                try:
                    parse(text)
                except FormulaError:
                    pass
        assert np.geterr() == before

    @given(st.text(max_size=60))
    def test_any_text(self, text):
        answers(text)

    @given(st.text("xy012.e+-*/@()[],:<>=! _expsumwh", max_size=60))
    def test_text_of_the_grammar_s_own_characters(self, text):
        answers(text)

    @given(
        st.sampled_from([text for text in (*CALLS, *HARMLESS) if len(text) < 60]),
        st.lists(st.tuples(st.integers(0, 60), st.integers(0, 3), st.text("xe12.+-*()[],:<=", max_size=3)), max_size=4),
    )
    def test_mutated_formulas(self, text, edits):
        for at, cut, insert in edits:
            text = text[:at] + insert + text[at + cut :]
        answers(text)

    @given(
        st.recursive(
            st.sampled_from(["x", "y", "2", "0.5", "pi"]),
            lambda inner: st.one_of(
                st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
                st.builds("(-{})".format, inner),
                st.builds("{}({})".format, st.sampled_from(["exp", "sin", "tanh", "arctan", "abs", "erf"]), inner),
                st.builds("where({}, {}, {})".format, st.sampled_from(["x < y", "-1 < y <= x"]), inner, inner),
                st.builds("({})*{}".format, st.sampled_from(["y != x", "y > x < 1"]), inner),
                st.builds("sum([{}, {}])".format, inner, inner),
            ),
            max_leaves=8,
        )
    )
    def test_the_readers_agree_on_generated_formulas(self, text):
        formula = parse(text)
        values = {"x": 0.375, "y": -1.25}
        value = by_numpy(formula, values)
        if np.isfinite(value) and abs(value) < 1e6:
            expected = by_mpmath(formula.sympy(evaluate=False), values)
            assert expected == pytest.approx(value, rel=1e-6, abs=1e-9)


def answers(text):
    """A formula or a FormulaError; and what was read can be built."""
    start = time.perf_counter()
    try:
        formula = parse(text)
    except FormulaError:
        return
    finally:
        assert time.perf_counter() - start < SECONDS
    assert set(formula.names) <= set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())
    try:
        formula.sympy(evaluate=False)
    except FormulaError:
        pass

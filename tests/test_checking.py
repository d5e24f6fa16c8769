"""dn.check finds what is wrong, and only that: errors are planted, and values come from formulas typed here."""

import gc
import json
import linecache
import math

import numpy as np
import pytest
from scipy import special

import dualnet as dn
from dualnet import blame, differences
from dualnet.errors import ArgumentError, DerivativeMismatch, DTypeError, OracleError, UnknownFunctionError
from dualnet.sweeps import Record

X = np.array([0.3, -0.7, 1.2])


def user_row(symbol, function, *partials):
    row = dn.basic_function(function, symbol=symbol)
    for p in partials:
        row.derivative(p)
    return row


def mismatch(f, *args, **options):
    with pytest.raises(DerivativeMismatch) as caught:
        dn.check(f, *args, **options)
    return caught.value


# --- what is right passes ---------------------------------------------------------------------------------------


def test_the_lectures_loss_in_all_modes():
    report = dn.check(lambda W, x, y: -y * np.log(1 / (1 + np.exp(-W * x))), 3.0, 3.0, 1.0, argnums=0)
    assert report.ok and report.blame is None and not report.kinks
    assert [(c.order, c.mode) for c in report.lines] == [
        (0, "plain"), (0, "forward"), (0, "reverse"), (1, "forward"), (1, "reverse"),
        *((2, f"{a} over {b}") for a in ("forward", "reverse") for b in ("forward", "reverse"))]
    first = report.lines[3]
    exact = -3 * math.exp(-9) / (1 + math.exp(-9))
    assert first.reference == pytest.approx(exact, rel=4e-16) and first.ulp <= 4
    assert first.element == "d result / d W" and "closed form" in first.source


def test_the_report_prints_and_becomes_a_dict():
    report = dn.check(lambda x: np.sum(x**3), X)
    text = str(report)
    assert text.splitlines()[0].startswith("check of <lambda>: ok") and "forward over reverse" in text and "rel. error" in text
    as_dict = json.loads(json.dumps(report.to_dict()))
    assert as_dict["ok"] and as_dict["lines"][3]["order"] == 1


CASES = {
    "array to array": (lambda x: np.cumprod(x) * np.sin(x), (X,)),
    "containers": (lambda p: {"a": p["W"] @ p["b"], "c": [np.tanh(p["b"][0])]}, ({"W": np.arange(6.0).reshape(3, 2) / 7, "b": X[:2]},)),
    "complex": (lambda z: np.abs(z) ** 2 * z + np.exp(1j * z), (1 + 2j,)),
    "complex results": (lambda x: np.fft.fft(x) ** 2, (X,)),
    "single precision": (lambda x: np.sum(np.tanh(x) ** 2), (X.astype(np.float32),)),
    "no elements": (lambda x: x**2, (np.zeros((0, 2)),)),
    "integers": (lambda x: x**2, (3,)),
    "constant": (lambda x: 3.0, (2.0,)),
    "tiny": (lambda x: 1e-200 * x * x, (3.0,)),
    "huge": (lambda x: np.tanh(x) + np.logaddexp(0, x), (np.array([400.0, -1e3]),)),
    "sinc at 0": (np.sinc, (0.0,)),
    "zeros in a product": (np.prod, (np.array([0.0, 2.0, 0.0]),)),
    "deep": (lambda x: _deep(x), (0.7,)),
    "linear algebra": (lambda a: np.linalg.solve(a @ a.T + np.eye(2), a[0]), (np.array([[1.0, 0.3], [0.2, 2.0]]),)),
    "no SymPy name": (lambda a: np.linalg.pinv(a) @ a[:, 0], (np.array([[1.0, 0.3], [0.2, 2.0], [0.4, 0.1]]),)),
    "remainder": (lambda x: np.fmod(x * x, 0.7), (1.3,)),
}


def _deep(x):
    for _ in range(40):
        x = np.sin(x) * x + 0.1
    return x


@pytest.mark.parametrize("name", CASES)
def test_right_derivatives_pass(name):
    f, args = CASES[name]
    assert dn.check(f, *args).ok


def test_orders_three_and_four_and_zero():
    report = dn.check(lambda x: np.exp(x[0]) * np.sin(x[1]), X[:2], order=4)
    assert {c.order for c in report.lines} == {0, 1, 2, 3, 4} and report.ok
    assert {c.order for c in dn.check(np.exp, 1.0, order=0).lines} == {0}


def test_cancellation_is_told_from_a_wrong_derivative():
    report = dn.check(lambda x: (1 - np.cos(x)) / x**2, 1e-4)
    line = next(c for c in report.lines if c.order == 1)
    assert line.error > 1e-3 and line.note == "rounding" and line.reference == pytest.approx(-1e-4 / 12, rel=1e-6)


def test_derivatives_of_linear_functions_that_cancel_are_right(rng):
    a = rng.standard_normal((6, 6))
    inverse = np.linalg.inv(a)
    report = dn.check(lambda x: inverse @ (a @ x), rng.standard_normal(6))  # 30 derivatives that are 0 but for rounding
    assert report.ok and any(line.note == "rounding" for line in report.lines)


def test_a_wrong_slope_beside_a_huge_one_is_found():
    @dn.basic_function(symbol="3*x")
    def thrice(x):
        return 3 * x

    @thrice.derivative
    def thrice_dx(x, y):
        return 3.0 + 1e-6

    with pytest.raises(DerivativeMismatch, match="partial of thrice"):
        dn.check(lambda x: 1e16 * x[0] + thrice(x[1]), np.array([0.5, 2.0]))


def test_many_derivatives_are_compared_along_a_direction():
    report = dn.check(lambda x: np.sum((x[1:] - x[:-1] ** 2) ** 2), np.linspace(-1, 1, 400))
    assert report.ok and "random direction" in report.lines[-1].element


@pytest.mark.parametrize(("f", "x", "slope", "curvature"), [
    (lambda x: np.maximum(x, -x) ** 2, 0.0, 0, 2), (np.abs, 0.0, 1, 0), (lambda x: np.max(np.stack([x, 2 * x, -x])), 0.0, 2, 0)])
def test_at_kinks_it_says_so_and_takes_the_piece_ahead(f, x, slope, curvature):
    report = dn.check(f, x)
    assert "at a kink" in report.kinks[0] and "at a kink" in str(report)
    assert [c.reference for c in report.lines if c.order == 1] == [slope] * 2
    assert [c.reference for c in report.lines if c.order == 2] == [curvature] * 4


def test_kinks_without_a_closed_form():
    soft = user_row(None, lambda x: np.log1p(np.exp(x)), lambda x: special.expit(x) if type(x) is float else 1 / (1 + np.exp(-x)))
    report = dn.check(lambda x: np.abs(soft(x) - soft(0.5)), 0.5)
    assert report.kinks
    assert next(c.reference for c in report.lines if c.order == 1) == pytest.approx(special.expit(0.5), rel=1e-7)


# --- what is wrong is found and named ---------------------------------------------------------------------------------


def test_the_lectures_first_slip():
    inverse = user_row("1/x", lambda x: 1 / x, lambda x: (1 / x) ** 2)
    inverse.name = "inverse"
    error = mismatch(lambda W: -np.log(inverse(1 + np.exp(-3.0 * W))), 3.0)
    found = error.report.blame
    assert (found["function"], found["argument"], found["step"]) == ("inverse", "x", 4)
    xi3 = 1 + math.exp(-9)
    assert found["found"] == pytest.approx(xi3**-2) and found["right"] == pytest.approx(-(xi3**-2))
    text = str(error)
    assert "inverse by x" in text and "d result / d W" in text and "0.00037018" in text and "-0.00037018" in text


def test_the_lectures_second_slip():
    row = user_row("-y*log(p)-(1-y)*log(1-p)", lambda y, p: -y * np.log(p) - (1 - y) * np.log(1 - p),
                   lambda y, p: np.log(1 - p) - np.log(p), lambda y, p: -y / p - (1 - y) / (1 - p))
    found = mismatch(lambda w: np.sum(row(np.array([1.0, 0, 1]), 1 / (1 + np.exp(-w * X)))), 0.8).report.blame
    assert found["argument"] == "p" and found["place"] == (1,)
    p = 1 / (1 + math.exp(0.8 * 0.7))
    assert found["right"] == pytest.approx(1 / (1 - p)) and found["found"] == pytest.approx(-1 / (1 - p))


def test_the_lectures_third_slip():
    density = user_row("exp(-x**2/(2*s**2))/sqrt(2*pi*s**2)", lambda x, s: np.exp(-(x**2) / (2 * s**2)) / np.sqrt(2 * np.pi**2 * s),
                       lambda x, s, out: -x / s**2 * out, lambda x, s, out: (x**2 / s**3 - 0.5 / s) * out)
    error = mismatch(density, 0.3, 1.2)
    assert "symbol 'exp(-x**2/(2*s**2))/sqrt(2*pi*s**2)'" in str(error) and "does not match its value" in str(error)
    assert error.report.blame["right"] == pytest.approx(math.exp(-(0.3**2) / 2.88) / math.sqrt(2 * math.pi * 1.44))


def test_the_lectures_fourth_slip():
    loss_b = user_row("-(1-y)*log(1-p)", lambda y, p: (1 - y) * np.log(1 - p), lambda y, p: -np.log(1 - p), lambda y, p: -(1 - y) / (1 - p))
    assert "does not match its value" in str(mismatch(loss_b, 0.0, 0.4))


RIGHT = {"sign": lambda x, y: -y * np.cos(x * y), "scale": lambda x, y: 2 * y * np.cos(x * y), "nan": lambda x, y: np.nan * x,
         "argument": lambda x, y: x * np.cos(x * y), "a little": lambda x, y: y * np.cos(x * y) * (1 + 1e-6),
         "only arrays": lambda x, y: y * np.cos(x * y) if np.ndim(x) == 0 else np.sum(y) * np.cos(x * y),
         "only one element": lambda x, y: y * np.cos(x * y) * np.where(np.arange(3) == 1, 2, 1), "raises": lambda x, y: 1 // 0}


@pytest.mark.parametrize("symbol", ["sin(x*y)", None])
@pytest.mark.parametrize("kind", RIGHT)
def test_a_wrong_partial_of_one_argument_is_named(kind, symbol):
    row = user_row(symbol, lambda x, y: np.sin(x * y), RIGHT[kind], lambda x, y: x * np.cos(x * y))
    row.name = "wave"
    error = mismatch(lambda x: np.sum(row(np.exp(x), 1 + x * x) * np.tanh(x)), X)
    found = error.report.blame
    assert (found["function"], found["argument"]) == ("wave", "x")
    assert "wave" in str(error) and not error.report.ok
    if kind == "only one element":
        assert found["place"] == (1,)


def test_the_worst_of_two_wrong_partials_is_named():
    little = user_row("exp(x)", lambda x: np.exp(x), lambda x: 1.001 * np.exp(x))
    much = user_row("sin(x)", lambda x: np.sin(x), lambda x: -np.cos(x))
    little.name, much.name = "little", "much"
    assert mismatch(lambda x: little(x) + much(x), 0.4).report.blame["function"] == "much"


def test_a_partial_that_is_right_but_not_differentiable():
    row = user_row("x**3", lambda x: x**3, lambda x: 3 * dn.stop_gradient(x) ** 2)
    row.name = "cube"
    report = mismatch(lambda x: row(x) * 2, 1.5).report
    assert report.blame["function"] == "cube" and "derivative by x of the partial" in report.blame["what"]
    assert all(c.ok for c in report.lines if c.order < 2) and report.blame["right"] == pytest.approx(9)
    assert dn.check(lambda x: row(x) * 2, 1.5, order=1).ok


def test_a_wrong_row_is_found_where_the_result_hides_it():
    row = user_row("x**2", lambda x: x * x, lambda x: 3 * x)
    row.name = "hidden"
    assert "hidden" in str(mismatch(lambda x: row(x) - row(x) + x, 0.7))


def test_a_missing_partial_is_named():
    half = dn.basic_function(lambda x, y: x * y, symbol="x*y", name="half")
    half.derivative(lambda x, y: y)
    with pytest.raises(UnknownFunctionError, match="half"):
        dn.check(half, 1.0, 2.0)
    assert dn.check(half, 1.0, 2.0, argnums=0).ok


@pytest.mark.parametrize("wrong", ["push", "pull"])
def test_a_wrong_linear_row_is_named(wrong, monkeypatch):
    row = dn.table["summed_up"]
    rule = row.rule

    def planted(x, axis):
        operands, value, pushes, pulls = rule(x, axis)
        twice = [lambda t, *rest, p=p: 2 * p(t, *rest) for p in (pushes if wrong == "push" else pulls)]
        return (operands, value, twice, pulls) if wrong == "push" else (operands, value, pushes, twice)

    monkeypatch.setattr(row, "rule", planted)
    assert mismatch(lambda x: np.cumsum(x) * x, X).report.blame["function"] == "summed_up"


def test_a_linear_row_whose_push_and_pull_agree_and_are_wrong(monkeypatch):
    row = dn.table["summed_up"]
    rule = row.rule

    def planted(x, axis):
        operands, value, pushes, pulls = rule(x, axis)
        return operands, value, *([lambda t, *rest, p=p: 2 * p(t, *rest) for p in ps] for ps in (pushes, pulls))

    monkeypatch.setattr(row, "rule", planted)
    assert mismatch(lambda x: np.cumsum(x) * x, X).report.blame["function"] == "summed_up"


def test_an_infinite_partial_times_zero_is_explained():
    text = str(mismatch(lambda x: np.sqrt(x) ** 2, 0.0))
    assert "nan" in text and "gives 1" in text and "singular" in text


# --- bad input -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [-1, 5, 1.5, "2", None, True])
def test_an_order_that_the_oracle_cannot_take(order):
    with pytest.raises(OracleError, match="order"):
        dn.check(np.sin, 1.0, order=order)


def test_order_three_without_a_closed_form():
    row = user_row(None, lambda x: x**2, lambda x: 2 * x)
    with pytest.raises(OracleError, match="order 3"):
        dn.check(row, 1.0, order=3)


def test_other_bad_input():
    with pytest.raises(DTypeError):
        dn.check(3.0)
    with pytest.raises(DTypeError, match="numbers"):
        dn.check(lambda x: x, "text")
    with pytest.raises(DTypeError, match="returned"):
        dn.check(lambda x: None, 1.0)
    with pytest.raises(ArgumentError, match="argnums"):
        dn.check(np.sin, 1.0, argnums=2)


# --- the parts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("f", "df", "x"), [
    (np.exp, np.exp, 1.0), (np.log, lambda x: 1 / x, 1e-7), (np.tan, lambda x: 1 / np.cos(x) ** 2, 1.5), (np.abs, np.sign, 0.01),
    (special.gamma, lambda x: special.gamma(x) * special.digamma(x), 3.3), (lambda x: 1e6 + np.sin(x), np.cos, 0.5)])
def test_differences_are_within_their_own_error(f, df, x):
    J, error = differences.first(f, np.array([x]))
    assert abs(J[0, 0] - df(x)) <= error[0, 0] < 1e-5 * abs(df(x))


def test_second_differences_are_within_their_own_error():
    def f(x):
        return np.array([x[0] ** 2 * x[1] ** 3, np.sin(x[0] * x[1])])

    a, b = 0.6, 1.7
    value, error = differences.second(f, np.array([a, b]))
    s, c = math.sin(a * b), math.cos(a * b)
    exact = [[[2 * b**3, 6 * a * b**2], [6 * a * b**2, 6 * a**2 * b]], [[-b * b * s, c - a * b * s], [c - a * b * s, -a * a * s]]]
    assert np.all(np.abs(value - exact) <= error) and np.max(error) < 1e-6


@pytest.mark.parametrize("f", [np.abs, lambda x: x * np.conj(x), lambda x: np.real(x) ** 2])
def test_complex_steps_refuse_what_is_not_analytic(f):
    assert differences.complex_step(f, np.array([-0.4, 0.6])) is None


def test_the_bound_on_rounding_grows_with_cancellation():
    assert blame.rounding(lambda x: np.sin(x) * 2, [0.4]) < 2e-15
    x = 1e-4
    actual = abs((1 - np.cos(x)) / x**2 - (0.5 - x**2 / 24))
    assert actual <= blame.rounding(lambda x: (1 - np.cos(x)) / x**2, [x]) < 1e3 * actual


def test_no_step_of_a_right_run_is_blamed():
    f = lambda x: np.sum(np.sort(np.tanh(x)) * np.cumsum(x) / (1 + x @ x))
    assert blame.find(Record(f, [X], lambda nodes: f(*nodes), "ahead"), order=2) is None


SQUARE = np.linspace(0.5, 2.0, 9).reshape(3, 3) ** 2 + np.diag([1.0, 2.0, 3.0])
BESIDE = {  # functions whose steps hold values found before, or take matrices of a kind
    "singular values": lambda a: np.linalg.svd(a, compute_uv=False), "equal singular values": lambda a: np.linalg.svd(a * 0 + np.eye(3))[1],
    "singular vectors": lambda a: np.linalg.svd(a)[0] ** 2, "eigenvalues": lambda a: np.linalg.eigvalsh(a + a.T),
    "eigenvectors": lambda a: np.linalg.eigh(a + a.T)[1] ** 2, "cholesky": lambda a: np.linalg.cholesky(a @ a.T),
    "cholesky of little": lambda a: np.linalg.cholesky(np.ones((3, 3)) + 1e-3 * a @ a.T),
    "deviation": lambda a: np.std(a, axis=1), "cubic norm": lambda a: np.linalg.norm(a, 3, axis=0), "product": lambda a: np.prod(a),
    "singular determinant": lambda a: np.linalg.det(a[:, [0, 0, 1]]), "infinite": lambda a: np.where(a > 0, a, a * np.inf * 0),
}


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("name", BESIDE)
@pytest.mark.parametrize("order", [1, 2])
def test_what_stands_beside_a_wrong_row_is_not_blamed(name, order):
    slip = user_row("x**2", lambda x: x * x, lambda x: 2.01 * x)
    slip.name = "slip"
    f = lambda a: np.sum(np.cos(BESIDE[name](a))) + np.sum(np.sin(a))
    assert blame.find(Record(f, [SQUARE], lambda nodes: f(*nodes), "ahead"), order=order) is None
    assert mismatch(lambda a: f(slip(a)), SQUARE).report.blame["function"] == "slip"


def test_functions_that_write_into_their_inputs_and_into_copies():
    def written(x):
        x[0] = x[1] ** 2
        x *= 2
        return np.sum(x * x)

    def by_differences(x):
        x *= 2
        return np.sum(cube(x))

    cube = dn.basic_function(lambda x: x**3, name="cube_of_differences")
    cube.derivative(lambda x: 3 * x * x)
    x = np.array([1.0, 2.0, 3.0])
    assert dn.check(written, x).ok and dn.check(by_differences, x).ok
    assert x.tolist() == [1.0, 2.0, 3.0]

    def indexed(x):
        y = x[[2, 0, 2]]  # a copy, in NumPy
        y[::-1][:2] += x[1]
        return np.sum(x * y)

    assert dn.check(indexed, x).ok and dn.closed_form(indexed, x).evaluate() == indexed(x) == 1 * 3 + 2 * (1 + 2) + 3 * (3 + 2)


@pytest.mark.parametrize("wrong", [False, True])
def test_the_formulas_of_a_check_are_freed_without_the_garbage_collector(wrong):
    def compiled():
        return sum("lambdify" in name for name in linecache.cache)

    inverse = user_row("1/x", lambda x: 1 / x, lambda x: (1 / x) ** 2 if wrong else -(1 / x) ** 2)

    def run():
        try:
            dn.check(lambda x: inverse(np.exp(x) * math.pi - 0.5), 0.3)
        except DerivativeMismatch:
            assert wrong

    run()  # what is kept for later checks is made now
    gc.collect()
    enabled, before = gc.isenabled(), compiled()
    gc.disable()
    try:
        run()
        assert compiled() == before
    finally:
        if enabled:
            gc.enable()

"""Closed forms: against mpmath and SymPy formulas typed here, never against dualnet's own derivatives."""

import mpmath
import numpy as np
import pytest
import sympy

import dualnet as dn
from dualnet.errors import ArgumentError, DTypeError, EscapedError, OracleError


def loss(W, x, y):
    return -y * np.log(1 / (1 + np.exp(-W * x)))


def close(found, expected, rtol=1e-14):
    np.testing.assert_allclose(np.asarray(found, float), np.asarray(expected, float), rtol=rtol, atol=1e-300)


def test_the_lectures_loss():
    form = dn.closed_form(loss, 3.0, 3.0, 1.0, argnums=0)
    W, = form.symbols
    assert sympy.simplify(form.expression - sympy.log(1 + sympy.exp(-3 * W))) == 0
    assert sympy.simplify(form.gradient + 3 / (1 + sympy.exp(3 * W))) == 0
    with mpmath.workdps(60):
        right = -3 * mpmath.exp(-9) / (1 + mpmath.exp(-9))
        assert abs(form.evaluate_gradient(digits=50) / right - 1) < mpmath.mpf(10) ** -49
        assert abs(form.evaluate_hessian(3.0, 3.0, 1.0, digits=30) / (9 * mpmath.exp(9) / (1 + mpmath.exp(9)) ** 2) - 1) < 1e-29
    assert form.evaluate_gradient() == -0.00037018372795869517


@pytest.mark.parametrize("name", [row.name for row in dn.table if row.kind == "pointwise" and row.symbol and len(row.partials) == 1])
def test_the_symbol_of_every_row_of_one_argument_gives_its_value(name):
    row = dn.table[name]
    x = 1.375 if name == "arccosh" else 0.375
    assert dn.closed_form(row.function, x).evaluate() == pytest.approx(float(row.function(x)), rel=1e-14)


CASES = {
    "einsum": (lambda x: np.einsum("ij,jk,k->i", x, x.T, np.array([2.0, 3.0])), (2, 3)),
    "matmul": (lambda x: x @ x.T @ np.array([1.0, -0.5]), (2, 3)),
    "outer": (lambda x: np.outer(x, x[::-1]), (3,)),
    "convolve": (lambda x: np.convolve(x, x), (3,)),
    "cumsum": (lambda x: np.cumsum(x) * np.cumsum(x), (3,)),
    "cumprod": (lambda x: np.cumprod(x), (4,)),
    "gather": (lambda x: x[[2, 0, 2]] * x[::-1] + np.roll(x, 1), (3,)),
    "pad": (lambda x: np.pad(x, 1) * np.arange(5.0) + np.tril(np.outer(np.ones(5), np.pad(x, 1)))[:, 1], (3,)),
    "setitem": (lambda x: _written(x), (3,)),
    "reductions": (lambda x: np.stack([np.mean(x), np.var(x), np.std(x), np.prod(x), np.ptp(x), np.median(x)]), (5,)),
    "sort": (lambda x: np.sort(x) * np.arange(4.0), (4,)),
    "pieces": (lambda x: np.where(x > 0.2, np.sin(x), x * x) + np.abs(x) + np.maximum(x, 0.1) + np.clip(x, -0.3, 0.3), (4,)),
    "objects": (lambda x: np.array([x[0] ** 2, x[0] * x[1], np.exp(x[1])]), (2,)),
    "loop": (lambda x: sum(np.sin(k * e) for k, e in enumerate(x)), (4,)),
    "linalg": (lambda x: np.concatenate([np.linalg.inv(_spd(x)).ravel(), np.linalg.solve(_spd(x), x), np.linalg.cholesky(_spd(x)).ravel(),
                                         np.stack([np.linalg.det(_spd(x)), np.linalg.slogdet(_spd(x))[1]])]), (3,)),
    "stacked solve": (lambda x: np.linalg.solve(np.stack([_spd(x), 2 * _spd(x)]), np.stack([x, x * x])[..., None]), (3,)),
    "fft": (lambda x: np.abs(np.fft.fft(x * x)[1:3]) + np.fft.irfft(np.fft.rfft(x), 4)[:2], (4,)),
    "stack": (lambda x: np.concatenate([x, 2 * x]).reshape(2, -1).T.sum(axis=1), (3,)),
}


def _spd(x):
    return np.outer(x, x) + 2 * np.eye(3)


def _written(x):
    y = np.zeros_like(x)
    y[1:] = x[:-1] ** 2
    y[0] += x[2]
    return y


@pytest.mark.parametrize("name", CASES)
def test_array_code_gives_its_value_and_its_slope(name):
    f, shape = CASES[name]
    x = np.random.default_rng(3).uniform(-0.9, 0.9, shape)
    form = dn.closed_form(f, x)
    close(form.evaluate(), f(x), 1e-12)
    J = form.evaluate_jacobian()
    for place in np.ndindex(shape):
        h = np.zeros(shape)
        h[place] = 1e-5
        slope = (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / 12e-5
        np.testing.assert_allclose(J[(..., *place)], slope, rtol=1e-8, atol=1e-9)


def test_methods_of_arrays():
    form = dn.closed_form(lambda W: W.trace() ** 2 + W.diagonal().prod(), np.array([[0.5, 1.0], [2.0, 1.5]]))
    assert form.evaluate() == 4.75
    close(form.evaluate_gradient(), [[5.5, 0.0], [0.0, 4.5]])


@pytest.mark.parametrize("x", [1.9, -1.9, 0.3, -0.3])
@pytest.mark.parametrize("y", [0.7, -0.7])
def test_remainders_of_either_sign(x, y):
    for f, whole in ((np.fmod, np.trunc(x / y)), (np.remainder, np.floor(x / y))):
        form = dn.closed_form(f, x, y)
        close([form.evaluate(), *form.evaluate_gradient()], [x - whole * y, 1.0, -whole])


def test_containers_names_and_structures():
    def model(params, x):
        return {"out": params["w"] @ x + params["b"][0]}

    form = dn.closed_form(model, {"w": np.array([1.0, 2.0]), "b": [0.5]}, np.array([3.0, 4.0]))
    assert [str(s) for s in form.symbols] == ["params_b_0", "params_w_0", "params_w_1", "x_0", "x_1"]
    b, w0, w1, x0, x1 = form.symbols
    assert form.expression["out"] == b + w0 * x0 + w1 * x1
    params, x = form.jacobian["out"]
    assert list(params["w"]) == [x0, x1] and params["b"] == [1] and list(x) == [w0, w1]
    assert dn.closed_form(lambda x: np.sum(x), np.ones((2, 2))).symbols[3].name == "x_1_1"


def test_hessian_of_several_arguments():
    form = dn.closed_form(lambda a, b: np.sum(a**2) * b, np.array([1.0, 2.0]), 3.0)
    (aa, ab), (ba, bb) = form.evaluate_hessian()
    close(aa, 6 * np.eye(2))
    close(ab, [2, 4])
    close(ba, [2, 4])
    assert bb == 0


def test_another_branch_is_refused():
    form = dn.closed_form(lambda x: x**2 if x > 0 else np.sin(x), 1.0)
    assert form.evaluate(2.0) == 4 and form.evaluate_gradient(2.0) == 4
    with pytest.raises(OracleError, match="another branch"):
        form.evaluate(-1.0)


@pytest.mark.parametrize("f", [np.abs, lambda x: np.where(x > 0, x, 0), lambda x: np.sort(np.stack([x, 0.5 * x]))[0],
                               lambda x: np.maximum(x, -2 * x), lambda x: x * dn.stop_gradient(x), lambda x: np.floor(x) * x])
def test_every_kind_of_piece_is_refused_elsewhere(f):
    form = dn.closed_form(f, 1.5)
    assert form.evaluate(1.5) == f(1.5)
    with pytest.raises(OracleError, match="closed_form"):
        form.evaluate_gradient(-1.25)


def test_the_same_piece_is_taken_away_from_a_tie():
    form = dn.closed_form(np.abs, 0.0)   # at a tie, the piece ahead: x
    assert form.evaluate_gradient() == 1 and form.evaluate_gradient(2.0) == 1
    with pytest.raises(OracleError):
        form.evaluate_gradient(-2.0)
    assert dn.closed_form(lambda x: np.maximum(x, -x) ** 2, 0.0).evaluate_hessian() == 2
    assert dn.closed_form(lambda x: np.maximum(x, 0) - np.maximum(-x, 0), 0.0).evaluate_gradient() == 1


def test_other_arguments_are_constants():
    form = dn.closed_form(loss, 3.0, 3.0, 1.0, argnums=0)
    with pytest.raises(OracleError, match="constant"):
        form.evaluate(3.0, 2.0, 1.0)
    with pytest.raises(ArgumentError):
        form.evaluate(3.0)


def test_removable_points_and_infinite_slopes():
    form = dn.closed_form(np.sinc, 0.0)
    assert form.evaluate() == 1 and form.evaluate_gradient() == 0
    assert form.evaluate_hessian() == pytest.approx(-np.pi**2 / 3, rel=1e-15)
    assert dn.closed_form(np.sqrt, 0.0).evaluate_gradient() == np.inf


def test_cancellation_does_not_eat_the_digits():
    form = dn.closed_form(lambda x: (1 - np.cos(x)) / x**2, 1e-5)
    with mpmath.workdps(120):
        x = mpmath.mpf(1e-5)
        assert abs(form.evaluate(digits=40) / ((1 - mpmath.cos(x)) / x**2) - 1) < 1e-39
    tanh = dn.closed_form(np.tanh, 200.0)
    with mpmath.workdps(400):
        assert abs(tanh.evaluate_gradient(digits=20) * mpmath.cosh(200) ** 2 - 1) < 1e-19


def test_floats_are_taken_exactly():
    form = dn.closed_form(lambda x: 0.1 * x + 0.2, 3.0)
    assert form.gradient == sympy.Rational(0.1) != sympy.Rational(1, 10)
    assert str(form) == "0.1*x + 0.2"


def test_simplify_and_latex():
    form = dn.closed_form(lambda t: np.sin(t) ** 2 + np.cos(t) ** 2 + t / 3, 0.4)
    simple = form.simplify()
    assert simple.expression - 1 == simple.symbols[0] * sympy.Rational(1 / 3) or sympy.simplify(simple.expression - form.expression) == 0
    assert not simple.expression.has(sympy.sin)
    assert "\\sin" in form.latex() and "\\sin" not in simple.latex()
    assert dn.closed_form(lambda x: 2 * np.pi * x, 1.0).latex() == r"2 \pi x"


def test_a_row_of_ones_own_is_read_by_its_name_and_not_by_its_partial():
    @dn.basic_function(symbol="a**2*b")
    def square_times(a, b):
        return a * a * b

    @square_times.derivative
    def wrong(a, b):
        return 17.0

    assert dn.closed_form(square_times, 3.0, 2.0).evaluate_gradient() == (12.0, 9.0)


def test_a_row_without_a_name_is_named():
    @dn.basic_function
    def nameless(x):
        return x + 1

    with pytest.raises(OracleError, match="nameless.*symbol="):
        dn.closed_form(nameless, 1.0)


def test_the_size_guard():
    with pytest.raises(OracleError, match="too large"):
        dn.closed_form(lambda x: np.sum(x**2), np.ones(5000))
    with pytest.raises(OracleError, match="too large"):
        dn.closed_form(lambda x: np.sum(x * np.ones((300, 300))), 1.0)

    def doubling(x):
        for _ in range(60):
            x = np.sin(x) + x * x
        return x

    with pytest.raises(OracleError, match="too large"):
        dn.closed_form(doubling, 0.1)


def test_bad_input():
    with pytest.raises(DTypeError, match="function"):
        dn.closed_form(3)
    with pytest.raises(DTypeError, match="numbers"):
        dn.closed_form(lambda x: x, "text")
    with pytest.raises(ArgumentError, match="argnums"):
        dn.closed_form(lambda x: x, 1.0, argnums=3)
    with pytest.raises(ArgumentError, match="jacobian"):
        dn.closed_form(lambda x: x, np.ones(2)).gradient  # noqa: B018
    with pytest.raises(ArgumentError, match="digits"):
        dn.closed_form(lambda x: x, 1.0).evaluate(digits=0)
    with pytest.raises(OracleError, match="shapes"):
        dn.closed_form(np.sum, np.ones(2)).evaluate(np.ones(3))
    with pytest.raises(OracleError, match="outer"):
        dn.jvp(lambda x: dn.closed_form(lambda y: x * y, 1.0).evaluate(), (1.0,), (1.0,))


def test_an_expression_that_escapes_is_refused():
    kept = []
    dn.closed_form(lambda x: kept.append(x) or x, 1.0)
    with pytest.raises(EscapedError):
        kept[0] + 1


def test_derivatives_inside_the_function_are_followed():
    form = dn.closed_form(lambda x: dn.grad(lambda y: y**3 * x)(x), 2.0)
    assert sympy.simplify(form.expression - 3 * form.symbols[0] ** 3) == 0

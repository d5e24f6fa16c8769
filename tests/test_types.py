"""NumPy's types: precision kept, whole numbers as constants, exact numbers exactly, subclasses plain or refused."""

import math
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import dualnet as dn
from dualnet import testing
from dualnet.errors import DTypeError, DualnetError, LostDerivativeError

MODES = pytest.mark.parametrize("mode", ["forward", "reverse"])
FLOATS = ["float16", "float32", "float64", "longdouble"]


def curve(x):
    return x * x * np.sin(x) / (1 + x) - np.sqrt(x) + np.sum(x) + np.where(x > 1, x ** 3, 2 * x) + np.maximum(x, 0.5)


@pytest.mark.parametrize("dtype", [*FLOATS, "complex64", "complex128", "clongdouble"])
def test_precision_is_kept_in_every_transformation(dtype):
    x = np.array([0.25, 1.5, 2.0]).astype(dtype)
    f = curve if x.dtype.kind == "f" else lambda x: x * x * np.sin(x) / (1 + x) - np.sqrt(x) + np.sum(x)
    y, dy = dn.jvp(f, (x,), (np.ones_like(x),))
    z, pullback = dn.vjp(f, x)
    assert y.dtype == dy.dtype == z.dtype == pullback(np.ones_like(z))[0].dtype == x.dtype == f(x).dtype
    assert dn.taylor(f, x, order=2).dtype == dn.taylor(lambda x: f(x)[0], x, x, order=2).dtype == x.dtype
    assert dn.taylor(lambda t: t * x, np.float32(0.5), order=1).dtype == np.result_type(np.float32, x)
    if x.dtype.kind == "f":
        total = lambda x: np.sum(f(x))
        for mode in ("forward", "reverse"):
            assert dn.grad(total, mode=mode)(x).dtype == dn.jacobian(f, mode=mode)(x).dtype == x.dtype
        assert dn.hessian(total)(x).dtype == x.dtype
        assert dn.grad(total)(x).dtype == dn.grad(lambda s: s * s)(x[1]).dtype == x.dtype


@pytest.mark.parametrize("dtype", [*FLOATS, "complex64"])
@pytest.mark.parametrize("number", [np.float16(2), np.float32(2), np.float64(2), np.longdouble(2), np.int8(2), np.int64(2), np.bool_(1),
                                    np.complex64(2j), 2, 2.0, True, 2j], ids=lambda n: f"{type(n).__name__}")
def test_a_number_among_traced_ones_has_the_precision_that_numpy_gives_it(dtype, number):
    x = np.array([0.25, 1.5]).astype(dtype)
    named = ["like"] if dtype == "complex64" else []  # without it NumPy makes an array of objects, which has no imaginary parts
    f = lambda x: np.array([x[0], number, x[1]], **dict.fromkeys(named, x))
    y, dy = dn.jvp(f, (x,), (np.ones_like(x),))
    assert y.dtype == dy.dtype == dn.vjp(f, x)[0].dtype == f(x).dtype and dy.tolist() == [1, 0, 1]


@MODES
def test_long_double_has_all_its_digits(mode):
    x = np.longdouble(1) / 3
    assert dn.grad(lambda x: x * x * x, mode=mode)(x) == 3 * x * x
    error = dn.grad(np.exp, mode=mode)(x) - np.exp(x)
    assert abs(error) < 2 * np.finfo(np.longdouble).eps


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64", "uint8", "bool"])
@MODES
def test_whole_numbers_are_differentiated_as_doubles_and_are_constants_in_between(dtype, mode):
    x = np.array([1, 0, 3]).astype(dtype)
    gradient = dn.grad(lambda x: np.sum(x * x * 0.5), mode=mode)(x)
    assert gradient.dtype == float and gradient.tolist() == x.astype(float).tolist()
    weights = np.array([2, 0, 1]).astype(dtype)
    single = np.array([1, 2, 3], np.float32)
    expected = (single * weights).dtype
    gradient = dn.grad(lambda x: np.sum(x * weights), mode=mode)(single)
    assert dn.jvp(lambda x: x * weights, (single,), (single,))[1].dtype == expected and gradient.tolist() == weights.astype(float).tolist()


def rational(x):
    return x[0] ** 2 * x[1] + x[1] / x[0] - np.sum(x * x) / 4 + x @ np.array([x[1], 2 - x[0]]) + abs(x[0]) + np.max(x)


def by_hand(a, b):
    """The gradient of `rational` at 0 < a < b, in the numbers of a and b."""
    return [2 * a * b - b / (a * a) - a / 2 + 1, a * a + 1 / a - b / 2 + a + 2 - a + 1]


def exact(kind, values):
    return np.array([kind(v) for v in values], dtype=object)


@pytest.mark.parametrize("kind", [Fraction, Decimal, mpmath.mpf])
@MODES
def test_exact_numbers_are_differentiated_exactly(kind, mode):
    x = exact(kind, ["0.25", "0.625"])
    expected = by_hand(*x)
    gradient = dn.grad(rational, mode=mode)(x)
    assert gradient.dtype == object and gradient.tolist() == expected
    assert all(type(g) is kind for g in gradient)
    value, slope = dn.jvp(rational, (x,), (exact(kind, [1, -2]),))
    assert (value, slope) == (rational(x), expected[0] - 2 * expected[1]) and type(slope) is kind


THIRDS = exact(Fraction, ["1/3", "2/5"])
ALONG = exact(Fraction, ["2", "-1/7"])
(A0, B0), (A1, B1) = THIRDS, ALONG  # the argument is (A0 + A1 t, B0 + B1 t)
EXPANSIONS = {
    "product": (lambda x: x[0] * x[1], [A0 * B0, A0 * B1 + A1 * B0, 2 * A1 * B1, 0]),
    "quotient": (lambda x: 1 / (1 - x[0]), [A1**k * math.factorial(k) / (1 - A0) ** (k + 1) for k in range(4)]),
    "cube": (lambda x: x[0] ** 3 / 2, [A0**3 / 2, 3 * A0**2 * A1 / 2, 3 * A0 * A1**2, 3 * A1**3]),
    "dot": (lambda x: x @ x, [A0**2 + B0**2, 2 * (A0 * A1 + B0 * B1), 2 * (A1**2 + B1**2), 0]),
    "sum": (lambda x: np.sum(np.concatenate([x, x * x])), [A0 + B0 + A0**2 + B0**2, A1 + B1 + 2 * (A0 * A1 + B0 * B1),
                                                          2 * (A1**2 + B1**2), 0]),
    "constant": (lambda x: Fraction(1, 7) * x[0] - Fraction(1, 2), [A0 / 7 - Fraction(1, 2), A1 / 7, 0, 0]),
    "convolve": (lambda x: np.convolve(x, x)[1], [2 * A0 * B0, 2 * (A0 * B1 + A1 * B0), 4 * A1 * B1, 0]),
    "no variable": (lambda x: np.array(Fraction(1, 3)), [Fraction(1, 3), 0, 0, 0]),
}


@pytest.mark.parametrize("name", EXPANSIONS)
def test_taylor_coefficients_of_fractions_are_exact(name):
    f, expected = EXPANSIONS[name]
    found = dn.taylor(f, THIRDS, ALONG, order=3)
    assert found.dtype == object and found.tolist() == expected
    assert not any(isinstance(c, float) for c in found.tolist())

    def line(t):
        return f(THIRDS + ALONG * t)

    slopes = [line, *(None,) * 3]
    for k in range(3):
        slopes[k + 1] = dn.derivative(slopes[k])
        assert slopes[k + 1](np.array(Fraction(0), object)) == expected[k + 1]


def test_taylor_coefficients_keep_the_digits_of_exact_numbers():
    x, two = mpmath.mpf(1) / 3, mpmath.mpf(2)
    with mpmath.workdps(40):
        found = dn.taylor(lambda x: x**3 / (x + 1), x, order=2)
        want = mpmath.taylor(lambda x: x**3 / (x + 1), x, 2)
        assert all(type(c) is mpmath.mpf and abs(c - w * mpmath.factorial(k)) < 1e-25 for k, (c, w) in enumerate(zip(found, want)))
    assert dn.taylor(lambda x: x * x, two, order=2).tolist() == [4, 4, 2]
    assert dn.taylor(lambda x: x / Decimal(4), Decimal("0.1"), order=1).tolist() == [Decimal("0.025"), Decimal("0.25")]


def test_fractions_stay_exact_at_second_order_and_through_products():
    third, x = Fraction(1, 3), exact(Fraction, ["1/3", "2/5"])
    assert dn.hessian(lambda x: x[0] ** 2 * x[1] + x[1] / x[0])(x).tolist() == [
        [2 * x[1] + 2 * x[1] / x[0] ** 3, 2 * x[0] - 1 / x[0] ** 2], [2 * x[0] - 1 / x[0] ** 2, 0]]
    A = exact(Fraction, ["1/2", "1/3", "1/5", "1/7"]).reshape(2, 2)
    for mode in ("forward", "reverse"):
        assert dn.jacobian(lambda x: A @ x, mode=mode)(x).tolist() == A.tolist()
        assert dn.jacobian(lambda x: np.array([x[0] * x[1], Fraction(1, 7), x[1]]), mode=mode)(x).tolist() == [[x[1], x[0]], [0, 0], [0, 1]]
        assert dn.jacobian(np.cumsum, mode=mode)(x).tolist() == [[1, 0], [1, 1]]
        assert dn.grad(np.mean, mode=mode)(x).tolist() == [Fraction(1, 2)] * 2
        assert dn.grad(lambda t: t ** 3, mode=mode)(third) == Fraction(1, 3)
    assert dn.derivative(lambda t: t ** 3)(third) == Fraction(1, 3)
    assert dn.linearize(rational, x)[1](exact(Fraction, [1, 0])) == by_hand(*x)[0]


def test_fifty_digits_of_mpmath():
    with mpmath.workdps(50):
        x = np.array([mpmath.mpf(1) / 3, mpmath.mpf(2) / 7], dtype=object)
        for mode in ("forward", "reverse"):
            rows = dn.jacobian(lambda x: np.sqrt(x) * x, mode=mode)(x)
            for k in range(2):
                assert abs(rows[k, k] - 3 * mpmath.sqrt(x[k]) / 2) < mpmath.mpf(10) ** -49
                assert rows[k, 1 - k] == 0


@pytest.mark.parametrize("call", [lambda x: np.exp(x[0]), lambda x: np.linalg.inv(np.outer(x, x))])
@MODES
def test_what_exact_numbers_do_not_have_is_a_named_error(call, mode):
    with pytest.raises(DualnetError, match="object array"):
        dn.jacobian(call, mode=mode)(exact(Fraction, ["1/3", "2/5"]))


@pytest.mark.parametrize(("bad", "cure"), [
    (np.ma.array([1.0, 2.0], mask=[False, True]), "fill it"),
    (np.array([(1.0, 2.0)], dtype=[("a", float), ("b", float)]), "arrays of numbers"),
    (np.rec.array([(1.0, 2.0)], dtype=[("a", float), ("b", float)]), "arrays of numbers"),
    (np.array(["a", "b"]), "arrays of numbers"), (np.array(["2020-01-01"], "M8[D]"), "arrays of numbers"),
    (np.array([None, 1.0]), "arrays of numbers"), ("text", "arrays of numbers")], ids=str)
@MODES
def test_what_holds_no_plain_numbers_is_refused(bad, cure, mode):
    with pytest.raises(DTypeError, match=cure):
        dn.grad(np.sum, mode=mode)(bad)


MASKED = np.ma.array([1.0, 2.0], mask=[False, True])
MATRIX = [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize("call", [
    lambda x: x * MASKED, lambda x: MASKED * x, lambda x: np.multiply(x, MASKED), lambda x: np.dot(MASKED, x), lambda x: np.ma.sum(x),
    lambda x: np.hypot(MASKED, x), lambda x: np.where([True, False], x, MASKED), lambda x: np.matrix(MATRIX) @ x,
    lambda x: x @ np.matrix(MATRIX), lambda x: np.outer(x, x) * np.matrix(MATRIX), lambda x: np.matrix(MATRIX) * np.outer(x, x),
    lambda x: np.dot(np.matrix(MATRIX), x), lambda x: np.matrix(x)])
@MODES
def test_masks_and_matrices_that_meet_traced_arrays_are_refused(call, mode):
    with pytest.raises(DualnetError, match="masked|matrix|lose"):
        dn.jacobian(call, mode=mode)(np.ones(2))


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@MODES
def test_subclasses_are_differentiated_as_plain_arrays(mode, tmp_path):
    class Named(np.ndarray):
        pass

    x = np.array([1.0, 2.0, 3.0])
    x.tofile(tmp_path / "numbers")
    stored = np.memmap(tmp_path / "numbers", dtype=float, mode="r")
    for given in (x.view(Named), stored, x.view(np.recarray), np.matrix(x)):
        gradient = dn.grad(lambda x: np.sum(x * x), mode=mode)(given)
        assert type(gradient) is np.ndarray and gradient.tolist() == (2 * np.asarray(given)).tolist()
    for constant in (x.view(Named), stored):
        rows = dn.jacobian(lambda x, c=constant: np.multiply(c, x) + c * x + x * c + np.dot(c, x), mode=mode)(x)
        assert type(rows) is np.ndarray and rows.tolist() == (np.diag(3 * x) + x).tolist()


@MODES
def test_pandas_gives_plain_arrays_or_an_error(mode):
    pandas = pytest.importorskip("pandas")
    series = pandas.Series([1.0, 2.0, 3.0], index=list("abc"))
    gradient = dn.grad(lambda x: np.sum(x * x), mode=mode)(series)
    assert type(gradient) is np.ndarray and gradient.tolist() == [2, 4, 6]
    frame = pandas.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    assert dn.grad(lambda x: np.sum(x ** 2), mode=mode)(frame).tolist() == [[2, 6], [4, 8]]
    assert dn.grad(lambda x: np.sum(series.to_numpy() * x), mode=mode)(np.ones(3)).tolist() == [1, 2, 3]
    for call in (lambda x: series * x, lambda x: x * series, lambda x: np.sum(frame @ x[:2])):
        with pytest.raises(LostDerivativeError, match="dn.stop_gradient"):
            dn.jacobian(call, mode=mode)(np.ones(3))


LOW = {"int8": np.array([2, 3, 4], np.int8), "uint8": np.array([0, 1, 200], np.uint8), "bool": np.array([True, False, True]),
       "float16": np.array([0.3, 1.7, 2.9], np.float16), "float32": np.array([0.3, 1.7, 2.9], np.float32),
       "uint64": np.arange(3, dtype=np.uint64)}


@pytest.mark.parametrize("kind", LOW)
@pytest.mark.parametrize("f", [np.divide, np.power, np.hypot, np.arctan2, np.logaddexp, np.float_power], ids=lambda f: f.__name__)
@MODES
def test_partials_have_the_precision_of_the_result_beside_constants_of_less(kind, f, mode):
    """The same numbers as doubles are the truth: in int8 or float16 log(c) or 1/c has three digits."""
    x, c = np.array([0.75, 1.25, 1.5]), LOW[kind]
    with np.errstate(all="ignore"):
        for call, exact in ((lambda x: f(x, c), lambda x: f(x, c.astype(float))), (lambda x: f(c, x), lambda x: f(c.astype(float), x)),
                            (lambda x: f(x, c[1]), lambda x: f(x, float(c[1])))):
            found, want = (np.diagonal(dn.jacobian(g, mode=mode)(x)) for g in (call, exact))
            np.testing.assert_allclose(found, want, rtol=1e-14)


@pytest.mark.parametrize("dtype", ["float16", "float32", "complex64"])
def test_python_numbers_and_small_ones_do_not_widen(dtype):
    x = np.array([0.25, 0.5, 0.75], dtype)
    calls = [lambda x: 1j + x, lambda x: x * 1j, lambda x: np.multiply(1j, x), lambda x: np.add(x, 2j), lambda x: (1 - 1j) / x[0],
             lambda x: np.insert(x, 1, 2), lambda x: np.insert(x, 1, np.arange(2)),
             lambda x: np.select([x.real > 0.6, x.real > 0.3], [x, 2], 3),
             lambda x: np.average(x, weights=np.array([1, 0, 2], np.int8)), lambda x: np.average(x, weights=[True, False, True])]
    calls += [] if dtype == "complex64" else [lambda x: np.copysign(x, -1), lambda x: np.copysign(x, np.int8(-1))]
    for f in calls:
        y, dy = dn.jvp(f, (x,), (x,))
        assert y.dtype == f(x).dtype == dy.dtype
        np.testing.assert_allclose(y, f(x), rtol=1e-3)


def test_whole_numbers_and_truths_that_are_added_or_taken_off_in_place_count_as_numbers():
    x = np.array([1.0, 2.0])
    for at, y in ((np.add, True), (np.add, np.array([True, True, True])), (np.subtract, np.uint8(3)),
                  (np.subtract, np.array([1, 2, 3], np.uint64))):
        want, mine = x.copy(), []
        at.at(want, [0, 0, 1], y)

        def f(x, at=at, y=y):
            out = x * 1
            at.at(out, [0, 0, 1], y)
            return out

        mine, slope = dn.jvp(f, (x,), (np.ones(2),))
        np.testing.assert_array_equal(mine, want)
        np.testing.assert_array_equal(slope, [1, 1])


def test_averages_weigh_in_the_precision_of_the_data():
    x, w = np.array([1.0, 2.0, 4.0]), np.array([0.1, 0.3, 0.7], np.float16)
    assert dn.jvp(lambda x: np.average(x, weights=w), (x,), (x,))[0] == np.average(x, weights=w)
    np.testing.assert_allclose(dn.grad(lambda x: np.average(x, weights=w))(x), w.astype(float) / w.astype(float).sum(), rtol=1e-15)


@pytest.mark.parametrize(("f", "x"), [(np.vander, np.ones((2, 2))), (np.vander, np.array(2.0)), (np.diag, np.ones((2, 2, 2))),
                                      (np.diag, np.array(1.0)),
                                      *((getattr(np, f), np.ones((2, 2))) for f in ("cumulative_sum", "cumulative_prod") if hasattr(np, f)),
                                      (lambda x: np.subtract.reduce(x, axis=None), np.ones((2, 2))),
                                      (lambda x: np.linalg.multi_dot([x, x, x]), np.ones((2, 2, 2)))])
def test_shapes_that_numpy_refuses_are_refused(f, x):
    for call in (f, lambda x: dn.jvp(f, (x,), (x,)), lambda x: dn.vjp(f, x)):
        with pytest.raises(ValueError):
            call(x)


@pytest.mark.parametrize("f", [np.sum, np.prod, np.max, np.min, np.cumsum])
def test_an_axis_of_a_number_is_let_pass_as_numpy_does(f):
    assert dn.derivative(lambda x: f(x, axis=0).reshape(()))(0.5) == 1 == dn.derivative(lambda x: f(x, axis=-1).reshape(()))(0.5)


@pytest.mark.parametrize("zero", [0, 0.0, 0j], ids=repr)
@MODES
def test_division_by_a_python_zero_is_numpys(zero, mode):
    x = np.array([1.0, 2.0])
    with np.errstate(all="ignore"):
        y, slope = dn.jvp(lambda x: x / zero, (x,), (x,))
        np.testing.assert_array_equal(y, x / zero)
        found = dn.jacobian(lambda x: np.real(x / zero), mode=mode)(x)
    assert not np.any(np.isfinite(np.diagonal(found))) and not np.any(np.isfinite(slope)) and found[0, 1] == found[1, 0] == 0


@pytest.mark.parametrize(("dtype", "x"), [(float, np.array([1 + 2j])), (int, np.array([1.5]))])
def test_a_dtype_that_numpy_does_not_cast_to_is_refused(dtype, x):
    for call in (lambda x: np.add(x, 1, dtype=dtype), lambda x: np.multiply.outer(x, x, dtype=dtype)):
        with pytest.raises(TypeError, match="Cannot cast ufunc"):
            dn.jvp(call, (x,), (x,))


def test_an_empty_list_picks_nothing():
    x = np.array([1.0, 2.0])
    assert dn.jvp(lambda x: x[[]], (x,), (x,))[1].shape == (0,) and dn.jacrev(lambda x: x[[]].sum() + x[0])(x).tolist() == [1, 0]


@pytest.mark.parametrize("mode", ["forward", "reverse", "auto"])
@pytest.mark.parametrize(("of", "by"), [("float64", "float32"), ("float32", "float64"), ("float32", "float32"), ("float16", "float32")])
def test_where_result_and_argument_differ_in_precision_both_modes_give_the_same(of, by, mode):
    """A gradient in that of the argument, a Jacobian in the wider of both, as the page of each says."""
    x = np.array([1.0, 2.0, 4.0], by)
    f = lambda x: (x * x).astype(of) * np.array([0.5, 1.0, 2.0], of)
    taken_apart = lambda x: np.stack([x[0] * x[1], x[2]]).astype(of)
    for g, exact in ((f, np.diag([1.0, 4.0, 16.0])), (taken_apart, [[2.0, 1.0, 0.0], [0.0, 0.0, 1.0]])):
        np.testing.assert_array_equal(dn.jacobian(g, mode=mode)(x), np.asarray(exact, np.result_type(of, by)), strict=True)
    np.testing.assert_array_equal(dn.grad(lambda x: np.sum(f(x)), mode=mode)(x), np.array([1.0, 4.0, 16.0], by), strict=True)
    np.testing.assert_array_equal(dn.grad(lambda x: np.sum(taken_apart(x)), mode=mode)(x), np.array([2.0, 1.0, 1.0], by), strict=True)


AVERAGES = [np.mean, np.std, np.var, np.median, lambda a: a.mean(), lambda a: a.std(ddof=1), lambda a: a.var(), np.average,
            lambda a: np.quantile(a, 0.3), lambda a: np.linalg.norm(a), lambda a: a.dot([1.0, 2.0, 3.0]), lambda a: a @ a, np.cumsum,
            lambda a: np.sum(a, axis=0), np.max, lambda a: np.stack(sorted(a)), lambda a: a[np.argsort(a)], lambda a: a.sum() / a.size]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("k", range(len(AVERAGES)))
def test_reductions_of_an_array_made_of_elements_keep_the_derivative(k, mode):
    f, x = AVERAGES[k], np.array([1.5, 0.5, 2.5])
    made = lambda x: np.array([x[0], x[1] * x[0], 3.0 - x[2]])
    value, tangent = dn.jvp(lambda x: f(made(x)), (x,), (x,))
    np.testing.assert_allclose(np.asarray(value, float), np.asarray(f(made(x)), float), rtol=1e-15)
    want = testing.differences.along(lambda t: np.asarray(f(made(x * (1 + t)))))[0]
    np.testing.assert_allclose(tangent, want, rtol=1e-8)
    got = dn.jacobian(lambda x: f(made(x)), mode=mode)(x)
    np.testing.assert_allclose(got @ x, want, rtol=1e-8)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_class_of_data_types_keeps_the_derivative(mode):
    for f in (lambda x: x.astype(np.dtypes.Float64DType), lambda x: np.add(x, 0, dtype=np.dtypes.Float64DType),
              lambda x: np.cumsum(x, dtype=np.dtypes.LongDoubleDType), lambda x: x.astype(np.dtypes.Float32DType)):
        np.testing.assert_array_equal(np.diag(dn.jacobian(f, mode=mode)(np.array([1.0, 2.0]))), 1)


SINGLE = np.array([1 / 3, 2 / 7], np.float32)
MIXED = {  # of a double x and an array c of single precision; slope and curvature
    "product": (lambda x, c: np.sum(x * c * x), lambda x, c: 2 * x * np.sum(c), lambda x, c: 2 * np.sum(c)),
    "product from the left": (lambda x, c: np.sum(c * (x * x * x)), lambda x, c: 3 * x * x * np.sum(c), lambda x, c: 6 * x * np.sum(c)),
    "number": (lambda x, c: (c[0] * x) * x - c[1], lambda x, c: 2 * x * c[0], lambda x, c: 2 * c[0]),
    "difference": (lambda x, c: np.sum((x - c) ** 2), lambda x, c: 2 * np.sum(x - c), lambda x, c: 4.0),
    "quotient": (lambda x, c: np.sum(c / x), lambda x, c: -np.sum(c) / x**2, lambda x, c: 2 * np.sum(c) / x**3),
    "function": (lambda x, c: np.sum(np.exp(c * x)), lambda x, c: np.sum(c * np.exp(c * x)), lambda x, c: np.sum(c * c * np.exp(c * x))),
}


@pytest.mark.parametrize("name", MIXED)
@pytest.mark.parametrize("x", [np.float64(1 / 7), np.array(1 / 7), 1 / 7], ids=["scalar", "array", "python"])
def test_a_double_keeps_its_digits_beside_arrays_of_single_precision(name, x):
    f, slope, curvature = MIXED[name]
    wide, h = SINGLE.astype(float), lambda x: f(x, SINGLE)
    at, first, second = f(float(x), wide), slope(float(x), wide), curvature(float(x), wide)
    close = lambda found, exact: np.testing.assert_allclose(found, exact, rtol=1e-14)
    y, dy = dn.jvp(h, (x,), (1.0,))
    z, pull = dn.vjp(h, x)
    assert y.dtype == dy.dtype == z.dtype == h(np.float64(x)).dtype == float
    close([y, z], at)
    close([dy, pull(1.0)[0], dn.linearize(h, x)[1](1.0), dn.jvp(f, (x, SINGLE), (1.0, 0 * SINGLE))[1]], first)
    close([dn.grad(f, (0, 1), mode=mode)(x, SINGLE)[0] for mode in ("forward", "reverse")], first)
    close([dn.grad(h, mode=mode)(x) for mode in ("forward", "reverse")], first)
    close([dn.grad(dn.grad(h, mode=mode), mode="reverse")(x) for mode in ("forward", "reverse")], second)
    close(dn.taylor(h, x, order=2), [at, first, second])


CASTS = {
    "a list and dtype=": lambda x: np.add(x, [1.0, 2.0], dtype=np.float32), "dtype= and casting=": lambda x: np.multiply(
        x, np.array([1 + 1j, 2j]), dtype=float, casting="unsafe"),
    "no casting": lambda x: np.add(x, np.float32(1), casting="no"), "safe casting": lambda x: np.exp(x, dtype=np.float32, casting="safe"),
    "complex into out=": lambda x: np.add(x, 1j, out=np.zeros_like(x)), "out= and safe casting": lambda x: np.add(
        x, 1, out=np.zeros_like(x, dtype=np.float32), casting="safe"),
    "single out=": lambda x: np.add(x, 1, out=np.zeros_like(x, dtype=np.float32)),
    "unsafe complex into out=": lambda x: np.add(x, np.array([1j, 1.0]), out=np.zeros_like(x), casting="unsafe"),
    "one of two out=": lambda x: np.divmod(x, 2.0, out=(np.zeros_like(x, dtype=np.float32), None))[0] + x,
}


@pytest.mark.filterwarnings("ignore:Casting complex values")
@pytest.mark.parametrize("name", CASTS)
@MODES
def test_casts_that_numpy_allows_are_made_and_others_are_refused(name, mode):
    f, x = CASTS[name], np.array([1.5, 2.5])
    call = (lambda: dn.jvp(f, (x,), (x,))[0]) if mode == "forward" else lambda: dn.vjp(f, x)[0]
    try:
        expected = f(x)
    except TypeError as error:
        with pytest.raises(TypeError, match="Cannot cast"):
            call()
        assert "Cannot cast" in str(error)
    else:
        found = call()
        assert found.dtype == expected.dtype and found.tolist() == expected.tolist()


HALF, LIKE = np.array([1.5, 2.5, 0.3], np.float16), np.array([1.5, 2.5, 0.3], np.float32)
CALLS = {
    **{f"{name} from {start!r}": (lambda x, name=name, start=start: getattr(np, name)(x, initial=start))
       for name in ("sum", "prod", "max", "min", "nansum", "nanmax") for start in (np.float64(1.5), np.int64(2), np.array(1.5), 1.5)},
    **{f"einsum as {kind}": (lambda x, kind=kind: np.einsum("i,i->", x, HALF, dtype=kind)) for kind in "efdgFD"},
    **({} if np.lib.NumpyVersion(np.__version__) < "2.4.0" else {  # which are the first to give what is asked here
        "einsum optimized": lambda x: np.einsum("i,i->", x, x, dtype=np.float16, optimize=True)}),
    "einsum unsafe": lambda x: np.einsum("i->", x, dtype=np.float16, casting="unsafe"),
    "trace": lambda x: np.trace(np.outer(x, x), dtype=np.float64),
    "safe hstack": lambda x: np.hstack([x, x], dtype=np.float16, casting="safe"), "hstack": lambda x: np.hstack([x, x], dtype=np.float16),
    "complex concatenate": lambda x: np.concatenate([x, [1j]], dtype=float),
    "complex matmul": lambda x: np.matmul(x, 1j * HALF, dtype=float),
    "complex out=": lambda x: np.concatenate([x, [1j]], out=np.zeros_like(x, shape=4)),
    "unsafe out=": lambda x: np.concatenate([x, [1j]], out=np.zeros_like(x, shape=4), casting="unsafe"),
    "complex quantile": lambda x: np.quantile(1j * x, 0.3), "complex interp": lambda x: np.interp(1j * x, HALF, HALF),
}


@pytest.mark.filterwarnings("ignore:Casting complex values")
@pytest.mark.parametrize("name", CALLS)
@MODES
def test_data_types_that_are_asked_for_are_given(name, mode):
    f, x = CALLS[name], LIKE
    call = (lambda: dn.jvp(f, (x,), (x,))) if mode == "forward" else lambda: dn.vjp(f, x)
    try:
        expected = f(x)
    except TypeError:
        with pytest.raises(TypeError):
            call()
        return
    value = call()[0]
    assert value.dtype == expected.dtype and value.shape == expected.shape
    np.testing.assert_allclose(value, expected, rtol=1e-3 if expected.dtype == np.float16 else 1e-6)
    if mode == "forward":
        assert call()[1].dtype == value.dtype
    else:
        assert call()[1](np.ones_like(value))[0].dtype == x.dtype


@pytest.mark.parametrize(("f", "slope"), [
    (np.exp2, lambda x: np.log(np.longdouble(2)) * np.exp2(x)), (np.log2, lambda x: 1 / (x * np.log(np.longdouble(2)))),
    (np.log10, lambda x: 1 / (x * np.log(np.longdouble(10)))), (np.degrees, lambda x: 45 / np.arctan(np.longdouble(1)) + 0 * x),
    (np.radians, lambda x: np.arctan(np.longdouble(1)) / 45 + 0 * x),
    (lambda x: np.logaddexp2(x, 1), lambda x: 1 / (1 + np.exp2(1 - x)))], ids=["exp2", "log2", "log10", "degrees", "radians", "logaddexp2"])
@MODES
def test_constants_in_slopes_have_the_digits_of_long_doubles_and_widen_nothing(f, slope, mode):
    x = np.array([0.3, 1.7, 12.5], np.longdouble) / 3
    slopes = lambda x: dn.jvp(f, (x,), (np.ones_like(x),))[1] if mode == "forward" else dn.vjp(f, x)[1](np.ones_like(x))[0]
    np.testing.assert_allclose(slopes(x), slope(x), rtol=8 * float(np.finfo(np.longdouble).eps))
    for dtype in FLOATS:
        low = x.astype(dtype)
        assert slopes(low).dtype == dtype
        np.testing.assert_allclose(slopes(low), slope(low.astype(np.longdouble)), rtol=8 * float(np.finfo(dtype).eps))


def overwritten(x):
    y = x * 1
    y[0] = y[1] * Fraction(1, 3)
    y[1:] += y[0]
    return y


MATRIX_OF_THIRDS = exact(Fraction, ["1/3", "2", "5/7", "-1/9"]).reshape(2, 2)
WHOLE = exact(Fraction, ["1/7", "2/3"])
EXACT = {  # linear maps of fractions and their matrices
    "written": (overwritten, [[0, Fraction(1, 3)], [0, Fraction(4, 3)]]),
    "stacked with a constant": (lambda x: np.stack([MATRIX_OF_THIRDS @ x, WHOLE]).sum(0), MATRIX_OF_THIRDS.tolist()),
    "joined with a constant": (lambda x: np.concatenate([MATRIX_OF_THIRDS @ x, WHOLE])[::2] + x, [[Fraction(4, 3), 2], [0, 1]]),
    "differences": (lambda x: np.diff(MATRIX_OF_THIRDS @ x, prepend=Fraction(1, 3)),
                    [MATRIX_OF_THIRDS[0].tolist(), (MATRIX_OF_THIRDS[1] - MATRIX_OF_THIRDS[0]).tolist()]),
    "a constant among numbers": (lambda x: np.array([x[0] / 3, Fraction(1, 7)]) + x, [[Fraction(4, 3), 0], [0, 1]]),
    "the larger": (lambda x: np.maximum(x / 3, WHOLE) + np.minimum(x, WHOLE) + np.fmax(x, x / 3), [[2, 0], [0, 2]]),
}


@pytest.mark.parametrize("name", EXACT)
@MODES
def test_programs_of_fractions_stay_exact(name, mode):
    f, rows = EXACT[name]
    x = exact(Fraction, ["1/9", "2/5"])
    found = dn.jacobian(f, mode=mode)(x)
    assert found.tolist() == rows and all(type(e) in (int, Fraction) for e in found.flat)
    y, dy = dn.jvp(f, (x,), (WHOLE,))
    back = dn.vjp(f, x)[1](WHOLE)[0]
    assert y.tolist() == f(x).tolist() and dy.tolist() == (np.array(rows, object) @ WHOLE).tolist()
    assert back.tolist() == (WHOLE @ np.array(rows, object)).tolist()
    squares = dn.hessian(lambda x: np.sum(f(x) ** 2))(x)
    assert squares.tolist() == (2 * np.array(rows, object).T @ np.array(rows, object)).tolist()
    assert all(type(e) in (int, Fraction) for e in [*dy, *back, *squares.flat])


def test_numbers_that_are_written_and_read_again_may_be_decimals():
    def f(x):
        y = x * 1
        y[0] = y[1] * Decimal(2)
        y[1:] += y[0]
        return np.sum(y * x)  # 2 a b + 3 b b

    x, v = exact(Decimal, ["0.5", "0.25"]), exact(Decimal, ["7", "2"])
    assert dn.grad(f)(x).tolist() == [Decimal("0.5"), Decimal("2.5")]
    assert dn.jvp(f, (x,), (v,))[1] == Decimal("8.5")
    assert dn.jvp(dn.grad(f), (x,), (v,))[1].tolist() == dn.hvp(f, (x,), (v,)).tolist() == [4, 26]


TALL = np.tile(np.array([1000.0, 1.0], np.float16), 1000)  # its sum is beyond the range of half precision
WIDER = {
    "sum": (lambda x, out: np.sum(x, out=out), 1001000.0), "by place": (lambda x, out: np.sum(x, 0, None, out), 1001000.0),
    "method": (lambda x, out: x.sum(out=out), 1001000.0), "reduce": (lambda x, out: np.add.reduce(x, out=out), 1001000.0),
    "nansum": (lambda x, out: np.nansum(x, out=out), 1001000.0), "prod": (lambda x, out: np.prod(x[:6], out=out), 1e9)}


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", WIDER)
def test_sums_that_go_to_a_wider_array_are_added_up_in_its_precision(name, mode):
    call, want = WIDER[name]

    def f(x):
        out = np.zeros((), like=x, dtype=float)
        call(x, out)
        return out

    value, slope = dn.jvp(f, (TALL,), (np.ones_like(TALL),)) if mode == "forward" else dn.value_and_grad(f, mode=mode)(TALL)
    assert value == want
    rise = 3e6 + 3e9 if name == "prod" else 2000  # of three factors 1000 and three 1
    assert slope == rise if mode == "forward" else slope.dtype == np.float16 and (name == "prod" or np.all(slope == 1))


def test_running_sums_that_go_to_a_wider_array_are_added_up_in_its_precision():
    def f(x):
        out = np.zeros(2000, like=x, dtype=float)
        np.cumsum(x, out=out)
        return out

    np.testing.assert_array_equal(dn.jvp(f, (TALL,), (TALL,))[0], np.cumsum(TALL.astype(float)))


def test_whole_numbers_and_masks_beside_other_results_stay_what_they_are():
    x = np.array([3.0, 1.0, 2.0])
    f = lambda x: {"square": x * x, "order": np.argsort(x), "large": x > 1.5, "rank": np.linalg.matrix_rank(np.diag(x)), "count": 3}
    for out in (dn.jvp(f, (x,), (x,))[0], dn.vjp(f, x)[0], dn.linearize(f, x)[0]):
        for name, want in f(x).items():
            assert np.array_equal(out[name], want) and np.asarray(out[name]).dtype == np.asarray(want).dtype, name
    slopes = dn.jvp(f, (x,), (x,))[1]
    assert slopes["order"].tolist() == slopes["large"].tolist() == [0.0] * 3 and slopes["rank"] == slopes["count"] == 0.0
    np.testing.assert_array_equal(dn.taylor(np.argsort, x, order=1), [[1.0, 2.0, 0.0], [0.0] * 3])


IMAGINARY = {
    "np.array times 1j": lambda x: (np.array([x[0], x[1]]) * 1j).imag, "exp": lambda x: np.exp(1j * np.array([x[0], x[1]])).imag,
    "real part": lambda x: (np.array([x[0], x[1]]) * np.array([2.0 + 1j, 1.0])).real,
    "np.vectorize": lambda x: np.vectorize(lambda a: np.exp(1j * a))(x).imag, "np.r_": lambda x: np.r_[1j * x, 1.0].imag,
    "np.c_": lambda x: np.c_[1j * x, x].real, "polymul": lambda x: np.polynomial.polynomial.polymul(1j * x, [1.0, 2.0]).imag,
    "polynomial": lambda x: np.polynomial.Polynomial(1j * x).coef.imag, "times": lambda x: (np.polynomial.Polynomial(x) * 1j).coef.imag,
}


@pytest.mark.parametrize("name", IMAGINARY)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_imaginary_parts_in_arrays_of_objects_are_not_dropped(name, mode):
    x, f = np.array([0.3, 0.5]), IMAGINARY[name]
    try:
        found = dn.jacobian(f, mode=mode)(x)
    except LostDerivativeError as error:
        assert "array of objects" in str(error)
    else:
        assert np.array([1j], object).imag[0] == 1, "NumPy reads no parts of objects before 2.5"
        differences = [(f(x + h) - f(x - h)) / 2e-6 for h in 1e-6 * np.eye(2)]
        np.testing.assert_allclose(found.astype(float), np.transpose(differences), rtol=0, atol=1e-8)


def test_complex_numbers_in_arrays_of_objects_that_are_read_rightly():
    x, phases = np.array([0.3, 0.5]), lambda x: np.exp(1j * np.array([x[0], x[1]]))
    assert np.allclose(dn.jacobian(lambda x: np.abs(np.sum(phases(x))) ** 2)(x), np.sin(0.2) * np.array([2.0, -2.0]))
    assert np.allclose(dn.grad(lambda x: np.sum(phases(x)).imag, mode="reverse")(x), np.cos(x))


@MODES
def test_medians_and_sums_that_pass_over_nan_are_exact(mode):
    x = exact(Fraction, ["1/3", "-2/5", "7/4"])
    for f, expected in ((np.median, [1, 0, 0]), (np.nanmedian, [1, 0, 0]), (lambda x: np.nansum(x * x), list(2 * x)),
                        (np.nanmax, [0, 0, 1]), (np.nanmean, [Fraction(1, 3)] * 3), (np.nanprod, [x[1] * x[2], x[0] * x[2], x[0] * x[1]])):
        assert dn.grad(f, mode=mode)(x).tolist() == expected


@MODES
def test_lengths_and_deviations_have_all_digits_of_mpmath(mode):
    with mpmath.workdps(40):
        x = exact(mpmath.mpf, ["0.5", "0.25", "2"])
        size, off = mpmath.sqrt(sum(x * x)), x - sum(x) / 3
        for f, expected in ((np.linalg.norm, x / size), (np.std, off / mpmath.sqrt(3 * sum(off * off)))):
            assert max(abs(dn.grad(f, mode=mode)(x) - expected)) < mpmath.mpf(10) ** -38


ONE = np.ones(1000)
WIDENED = {  # by what is of double precision beside it
    "sum": lambda x: np.sum(x + ONE), "cumsum": lambda x: np.cumsum(ONE - x)[-1], "times a number": lambda x: np.sum((x + ONE) * 10.0),
    "over a number": lambda x: np.sum((x + ONE) / 7), "mean": lambda x: np.mean(x + ONE), "diff": lambda x: np.sum(np.diff(x + ONE) ** 2),
    "a number": lambda x: np.sum((x[0] + ONE) * 0.1), "negative": lambda x: np.sum(-(x - ONE)),
    "complex": lambda x: np.sum((x + 1j * ONE).real), "astype": lambda x: np.sum(x.astype(np.result_type(x, float)) / 3),
    "matrix": lambda x: np.linalg.solve(np.diag(x[:2] + ONE[:2]) + np.ones((2, 2)), ONE[:2])[0],
}


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("name", WIDENED)
def test_derivatives_of_what_has_been_widened_have_the_digits_of_the_result(name, dtype, rng):
    f, x = WIDENED[name], rng.uniform(0.5, 1.5, 1000).astype(dtype)
    v = (1000 * rng.standard_normal(1000)).astype(dtype)
    wide, t = x.astype(float), v.astype(float)
    expected = np.sum((f(wide + 1e-30j * t)).imag / 1e-30) if name != "complex" else np.sum(t)
    for found in (dn.jvp(f, (x,), (v,))[1], dn.linearize(f, x)[1](v), dn.jacobian(f, mode="forward")(x) @ t, dn.taylor(f, x, v, order=1)[1],
                  dn.jacobian_operator(lambda x: f(x) * ONE[:1], x).matvec(v)[0]):
        assert found.dtype == float
        np.testing.assert_allclose(found, expected, rtol=1e-11)


@pytest.mark.parametrize("dtype", ["float16", "float32", "longdouble"])
def test_gradients_through_a_buffer_of_another_precision_have_that_of_the_input(dtype):
    def f(x):
        y = np.zeros(3, like=x, dtype=float)
        y[:2] = x
        return np.sum(y**2)

    gradient = dn.grad(f, mode="reverse")(np.array([1.5, 0.25], dtype))
    assert gradient.dtype == dtype and gradient.tolist() == [3.0, 0.5]

"""Rows of the user's own: how they are called, pickled and named, and what is said where one is not elementwise."""

import copy
import pickle

import numpy as np
import pytest
import scipy.special

import dualnet as dn

X = np.array([1.0, 2.0, 3.0])
MODES = pytest.mark.parametrize("mode", ["forward", "reverse"])


@dn.basic_function(symbol="scale*x**2+shift")
def parabola(x, scale=1.0, shift=0.0):
    """A parabola."""
    return scale * x**2 + shift


@parabola.derivative
def _by_x(x, scale, shift):
    return 2 * scale * x


@parabola.derivative
def _by_scale(x, scale, shift, out):
    return x**2


@parabola.derivative
def _by_shift(x, scale, shift):
    return 1.0


def plain_cube(x):
    return x**3


def its_slope(x):
    return 3 * x**2


def made(f, *partials, **options):
    row = dn.basic_function(f, **options)
    for p in partials:
        row.derivative(p)
    return row


cube = made(plain_cube, its_slope)


@MODES
def test_keyword_arguments_and_defaults(mode):
    np.testing.assert_array_equal(parabola(X), X**2)
    np.testing.assert_array_equal(parabola(X, shift=1.0), X**2 + 1)
    np.testing.assert_array_equal(np.diag(dn.jacobian(parabola, mode=mode)(X)), 2 * X)
    np.testing.assert_array_equal(dn.jacobian(lambda s: parabola(X, scale=s), mode=mode)(2.0), X**2)
    np.testing.assert_array_equal(dn.jacobian(lambda s: parabola(shift=s, x=X), mode=mode)(2.0), [1.0, 1.0, 1.0])
    np.testing.assert_array_equal(np.diag(dn.jacobian(parabola, mode=mode)(X, scale=3.0)), 6 * X)
    with pytest.raises(TypeError, match="slope"):
        parabola(X, slope=2.0)


@pytest.mark.parametrize("row", [parabola, cube], ids=["decorated", "made of two functions"])
def test_rows_are_pickled_with_partials_of_inputs_alone(row):
    slope = dn.derivative(row)
    for twin in (dn.derivative(pickle.loads(pickle.dumps(row))), dn.derivative(copy.deepcopy(row)), pickle.loads(pickle.dumps(slope))):
        np.testing.assert_array_equal(twin(X), 2 * X if row is parabola else 3 * X**2)
    assert pickle.loads(pickle.dumps(parabola)) is parabola


def test_a_row_has_the_name_and_the_documentation_of_its_function():
    assert (parabola.__name__, parabola.__doc__, parabola.__module__) == ("parabola", "A parabola.", __name__)
    assert dn.basic_function(plain_cube, name="third").__name__ == "third"
    assert str(dn.closed_form(parabola, 1.0, 2.0, 3.0)) == "scale*x**2 + shift"


def test_a_ufunc_of_scipys_may_be_given_a_derivative():
    row = made(scipy.special.struve, lambda v, x: 0 * x, lambda v, x: 0.5 * (scipy.special.struve(v - 1, x)
               - scipy.special.struve(v + 1, x) + (x / 2) ** v / np.sqrt(np.pi) / scipy.special.gamma(v + 1.5)), name="struve_by_hand")
    slope = dn.derivative(row, 1)(0.5, X)
    np.testing.assert_allclose(slope, (scipy.special.struve(0.5, X + 1e-6) - scipy.special.struve(0.5, X - 1e-6)) / 2e-6, rtol=1e-8)


REFUSED = {
    "a sum": (lambda: dn.jacobian(made(lambda x: np.sum(x**2), lambda x: 2 * x, name="total"))(X), ValueError, "total.*elementwise"),
    "a constant": (lambda: dn.jacobian(made(lambda x: 1.0, lambda x: 0.0, name="one"))(X), ValueError, "one.*elementwise"),
    "two results": (lambda: dn.grad(made(lambda x: (x, x), lambda x: 1.0, name="two"))(1.0), ValueError, "two.*elementwise"),
    "no partial": (lambda: dn.grad(made(lambda x: x, lambda x: None, name="none"))(1.0), TypeError, "partial of none returned None"),
    "a list": (lambda: dn.grad(made(lambda x: x, lambda x: [1.0], name="row"))(1.0), TypeError, r"partial of row returned \[1.0\]"),
    "a longer partial": (lambda: dn.grad(made(lambda x: x, lambda x: np.ones(2), name="long"))(1.0), ValueError, r"long has shape \(2,\)"),
    "another shape": (lambda: dn.derivative(made(lambda x: x, lambda x: np.ones(2), name="short"))(X), ValueError, r"\(2,\).*\(3,\)"),
    "any number of arguments": (lambda: dn.basic_function(lambda *xs: xs[0], name="many"), ValueError, r"many takes \*xs"),
    "a keyword only": (lambda: dn.basic_function(lambda x, *, k=2: k * x, name="keyed"), ValueError, "keyed takes k=2"),
    "a strange symbol": (lambda: dn.check(dn.basic_function(lambda x: x, symbol="y + 1", name="strange"), 1.0), ValueError,
        r"'y \+ 1' has 'y' in it.* are x"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_row_is_refused_by_name(name):
    call, builtin, says = REFUSED[name]
    with pytest.raises(builtin, match=says) as caught:
        call()
    assert isinstance(caught.value, dn.DualnetError)


def test_a_partial_is_entered_for_an_argument_by_its_number():
    @dn.basic_function
    def blend(x, y):
        return x * y * y

    @blend.derivative(argnum=1)
    def blend_dy(x, y):
        return 2 * x * y

    assert dn.derivative(blend, 1)(3.0, 0.5) == 3.0
    with pytest.raises(dn.DualnetError, match="blend"):
        dn.derivative(blend, 0)(3.0, 0.5)


def test_a_second_row_of_one_name_is_refused():
    with pytest.raises(dn.errors.ArgumentError, match="'exp'"):
        dn.table.add(dn.table["exp"])


def test_rows_are_pickled_by_their_names_and_show_what_they_are():
    row = dn.table["exp"]
    assert pickle.loads(pickle.dumps(row)) is row
    assert repr(row) == "<pointwise exp>" and repr(dn.table) == f"<table of {len(list(dn.table))} rows>"
    assert [repr(dn.table[name].domains[0]) for name in ("exp", "log", "cbrt")] == ["REAL", "POSITIVE", "NONZERO"]
    assert repr(dn.OPEN(-1, 2)) == "OPEN(-1, 2)" and "poles 1.5708 period 3.14159" in repr(dn.table["tan"].domains[0])


def test_a_row_that_gives_single_precision_of_a_double():
    @dn.basic_function
    def short(x):
        return np.float32(2) * np.asarray(x, np.float32)[()]

    @short.derivative
    def short_dx(x):
        return 2.0

    value, slope = dn.jvp(lambda x: short(x) * 0.25, (0.5,), (1.0,))
    assert value == 0.25 and slope == 0.5 and value.dtype == np.float32

"""Choices between two arrays: the side not taken is a structural zero, whatever its slope; values written over a whole array."""

import numpy as np
import pytest
from structural import SECOND

import dualnet as dn

X = np.array([0.0, 4.0, -1.0])
ROOT = lambda x: np.sqrt(np.abs(x))  # of infinite slope at 0
CHOICES = {  # elementwise; values, slopes and second slopes at X
    "where": (lambda x: np.where(x > 0, ROOT(x), x), [0, 2, -1], [1, 0.25, 1], [0, -1 / 32, 0]),
    "where of a number": (lambda x: np.where(x != 0, ROOT(x), 3.0), [3, 2, 1], [0, 0.25, -0.5], [0, -1 / 32, -0.25]),
    "where of another shape": (lambda x: np.where([[True], [False]], x, ROOT(x))[0], [0, 4, -1], [1, 1, 1], [0, 0, 0]),
    "maximum": (lambda x: np.maximum(x + 1, ROOT(x)), [1, 5, 1], [1, 1, -0.5], [0, 0, -0.25]),
    "maximum of a list": (lambda x: np.maximum(ROOT(x), [1.0, 1.0, 2.0]), [1, 2, 2], [0, 0.25, 0], [0, -1 / 32, 0]),
    "minimum": (lambda x: np.minimum(x - 1, ROOT(x)), [-1, 2, -2], [1, 0.25, 1], [0, -1 / 32, 0]),
    "fmax": (lambda x: np.fmax(np.where(x == 0, np.nan, ROOT(x)), x * x), [0, 16, 1], [0, 8, None], [2, 2, None]),
    "fmin": (lambda x: np.fmin(x * x + 1, np.where(x == 0, np.nan, ROOT(x))), [1, 2, 1], [0, 0.25, -0.5], [2, -1 / 32, -0.25]),
    "clip": (lambda x: np.clip(ROOT(x), 0.5, 1.5), [0.5, 1.5, 1], [0, 0, -0.5], [0, 0, -0.25]),
    "select": (lambda x: np.select([x > 1, x < 0], [ROOT(x), x * x], 7.0), [7, 2, 1], [0, 0.25, -2], [0, -1 / 32, 2]),
}
by_choice = pytest.mark.parametrize("name", CHOICES)


def known(name):
    """Function, inputs, and derivatives where they are asked for."""
    f, *rest = CHOICES[name]
    asked = [k for k, s in enumerate(rest[1]) if s is not None]
    return f, X[asked], *(np.array([part[k] for k in asked], float) for part in rest), asked


@by_choice
def test_what_is_not_chosen_is_left_out_in_every_mode_and_nesting(name):
    f, x, value, slope, second, asked = known(name)
    wide = (lambda t: f(np.concatenate([t, X[2:]]))[:2]) if len(asked) == 2 else f
    total = lambda t: np.sum(wide(t))
    one = np.ones(len(x))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(wide(x), value)
        for mode in ("forward", "reverse"):
            found, gradient = dn.value_and_grad(total, mode=mode)(x)
            assert found == value.sum()
            np.testing.assert_array_equal(gradient, slope)
            np.testing.assert_array_equal(dn.jacobian(wide, mode=mode)(x), np.diag(slope))
        np.testing.assert_array_equal(dn.jvp(wide, (x,), (one,))[1], slope)
        np.testing.assert_array_equal(dn.vjp(wide, x)[1](one)[0], slope)
        np.testing.assert_array_equal(dn.linearize(wide, x)[1](one), slope)
        np.testing.assert_array_equal(dn.jacobian(wide, sparse=True)(x).toarray(), np.diag(slope))
        for outer, inner in SECOND.values():
            np.testing.assert_array_equal(outer(inner(total))(x), np.diag(second))
        np.testing.assert_array_equal(dn.hvp(total, (x,), (one,)), second)
        np.testing.assert_array_equal(dn.taylor(lambda t: np.sum(wide(x + t)), 0.0, 1.0, order=1)[1], slope.sum())


@by_choice
def test_numbers_calculated_with_by_hand_leave_it_out_too(name):
    f, _, value, slope, _, asked = known(name)
    with np.errstate(all="ignore"):
        y = f(dn.Dual(X, np.ones(3)))
    np.testing.assert_array_equal(y.value[asked], value)
    np.testing.assert_array_equal(y.tangent[asked], slope)


def test_a_function_runs_once_even_where_what_it_leaves_out_has_an_infinite_slope():
    noise, drawn = np.random.default_rng(0), []

    def f(x):
        drawn.append(noise.random(3) + 1)
        return np.sum(drawn[-1] * np.where(x > 0, ROOT(x), x))

    with np.errstate(all="ignore"):
        gradient = dn.grad(f, mode="reverse")(X)
    assert len(drawn) == 1
    np.testing.assert_allclose(gradient, drawn[0] * [1, 0.25, 1], rtol=1e-15)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_what_lies_ahead_of_a_tie_knows_what_is_not_chosen(mode):
    def f(x):
        y = np.where(x > 1, ROOT(x), x**2)  # 0 at 0, with the slope 0; that of ROOT is infinite there
        return np.sum(np.maximum(y, np.sin(x)) + np.minimum(np.sin(x), y) * 2 + np.max(np.stack([y, np.tan(x)]), 0) * 4)

    x, one = np.zeros(2), np.ones(2)
    gradient = dn.grad(f, mode=mode)
    with np.errstate(all="ignore"):  # just ahead sin and tan are the larger ones: the slope is 1 + 4, the second that of 2 y
        np.testing.assert_array_equal(gradient(x), [5, 5])
        np.testing.assert_array_equal(dn.grad(lambda t: np.sum(gradient(x + 0 * t)) * t, mode=mode)(1.0), 10)
        for slope, second in (dn.jvp(gradient, (x,), (one,)), (dn.linearize(gradient, x)[0], dn.linearize(gradient, x)[1](one)),
                              (dn.vjp(gradient, x)[0], dn.vjp(gradient, x)[1](one)[0])):
            np.testing.assert_array_equal(slope, [5, 5])
            np.testing.assert_array_equal(second, [4, 4])
        np.testing.assert_array_equal(dn.jvp(gradient, (x,), (-one,))[0], [2, 2])  # sin and tan are the smaller ones, and y larger
        np.testing.assert_array_equal(dn.hvp(f, (x,), (one,)), [4, 4])
        for outer in (dn.jacfwd, dn.jacrev):
            np.testing.assert_array_equal(outer(gradient)(x), 4 * np.eye(2))


def test_a_gradient_of_what_is_not_chosen_is_no_negative_zero():
    gradient = dn.grad(lambda x: -np.sum(np.maximum(x, 0.0) + np.where(x > 0, x, 0.0)), mode="reverse")(X[1:])
    assert gradient.tolist() == [-2.0, 0.0] and not np.signbit(gradient[1])


def test_the_first_nan_of_a_watched_run_is_none_that_is_left_out():
    f = lambda x: np.sum(np.where(x > 1, np.sqrt(x), x))  # the slope of sqrt at 0 is infinite
    with dn.debug():
        np.testing.assert_array_equal(dn.grad(f, mode="reverse")(np.array([0.0, 4.0])), [1, 0.25])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "longdouble", "complex64"])
def test_choices_keep_the_precision_of_what_they_choose_from(dtype):
    x = np.array([1.0, -2.0], dtype)
    for f in (lambda x: np.where([True, False], x, 0), lambda x: np.maximum(np.real(x), 0), np.abs):
        y, gradient = dn.value_and_grad(lambda x, f=f: np.sum(np.real(f(x))), mode="reverse")(x)
        assert gradient.dtype == x.dtype and y.dtype == np.real(x).dtype == np.real(f(x)).dtype


@pytest.mark.parametrize("condition", [[0, 7, -1], [0.0, 0.5, np.nan], np.array([0, 2, 1], np.int8), np.array(["", "a", "b"], object)],
                         ids=["list", "floats", "bytes", "objects"])
def test_conditions_that_are_no_booleans_count_as_their_truth(condition):
    x = np.array([1.0, 2.0, 3.0])
    f = lambda x: np.where(condition, x**2, x)
    np.testing.assert_array_equal(f(x), [1, 4, 9])
    np.testing.assert_array_equal(dn.jvp(f, (x,), (np.ones(3),))[1], [1, 4, 6])
    for mode in ("forward", "reverse"):
        np.testing.assert_array_equal(dn.jacobian(f, mode=mode)(x), np.diag([1, 4, 6]))
        np.testing.assert_array_equal(dn.grad(lambda x: np.sum(f(x)), mode=mode)(x), [1, 4, 6])


WRITERS = {  # what is written over a whole array is a copy: later changes of either leave the other alone; slopes at 1, 2 and 3
    "source changed later": (lambda y, w: (w.__setitem__(0, 0.0), y)[1], [2, 4, 6]),
    "target changed later": (lambda y, w: (y.__setitem__(0, 0.0), w)[1], [2, 4, 6]),
    "source scaled later": (lambda y, w: (w.__imul__(5.0), y)[1], [2, 4, 6]),
    "target scaled later": (lambda y, w: (y.__imul__(5.0), w)[1], [2, 4, 6]),
    "view of the source": (lambda y, w: (w[:2].__setitem__(0, 0.0), y)[1], [2, 4, 6]),
    "view of the target": (lambda y, w: (y[:2].__imul__(0.0), w)[1], [2, 4, 6]),
    "both": (lambda y, w: (y.__iadd__(w), y * w)[1], [8, 64, 216]),
}


@pytest.mark.parametrize("size", [3, 300])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", WRITERS)
def test_what_is_written_over_a_whole_array_is_a_copy(name, mode, size):
    after, slopes = WRITERS[name]

    def f(x):
        y, w = np.sin(x), x**2
        view = y[1:]
        y[...] = w
        return np.sum(after(y, w)) + np.sum(view)

    x = np.resize([1.0, 2.0, 3.0], size)
    want = np.resize(slopes, size).astype(float)
    view = np.zeros(size)  # of y[1:] as it is in the end
    view[1:] = {"target scaled later": 5, "both": 2, "view of the target": 1}.get(name, 1) * 2 * x[1:]
    if name == "view of the target":
        view[1] = 0
    np.testing.assert_array_equal(dn.grad(f, mode=mode)(x), want + view)
    assert dn.value_and_grad(f, mode=mode)(x)[0] == f(x.copy())

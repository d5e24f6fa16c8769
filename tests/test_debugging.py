"""dn.debug() names the step, the file and the line of the first NaN, infinity or lost derivative, in every mode."""

import inspect
import threading

import numpy as np
import pytest

import dualnet as dn

HERE = __file__


def value_turns_nan(x):
    y = np.sin(x)
    z = np.log(y - 1)  # of a negative number
    return np.sum(z * 2)


def slope_turns_infinite(x):
    y = x * 1.0
    return np.sum(3 * np.sqrt(y))  # at 0


def overflows(x):
    return np.sum(np.exp(x * 1e4))  # of a number that is too large


MODES = {
    "jvp": lambda f, x: dn.jvp(f, (x,), (np.ones_like(x),)),
    "forward": lambda f, x: dn.grad(f, mode="forward")(x),
    "reverse": lambda f, x: dn.grad(f, mode="reverse")(x),
    "jacobian": lambda f, x: dn.jacobian(f)(x),
    "vjp": lambda f, x: dn.vjp(f, x)[1](1.0),
    "second": lambda f, x: dn.hvp(f, (x,), (np.ones_like(x),)),
}
CASES = {value_turns_nan: ("log", "nan", "negative"), slope_turns_infinite: ("sqrt", "inf", "at 0"), overflows: ("exp", "inf", "too large")}


def line_of(f, remark):
    lines, first = inspect.getsourcelines(f)
    return first + next(k for k, line in enumerate(lines) if remark in line)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_the_step_and_its_line_are_named(f, mode):
    name, number, remark = CASES[f]
    x = np.array([1.0, 0.0])
    MODES[mode](f, x)  # without debug it goes through
    with pytest.raises(dn.NonFiniteError) as caught, dn.debug():
        MODES[mode](f, x)
    message = str(caught.value)
    assert message.startswith(f"{name}, {HERE}, line {line_of(f, remark)}: "), message
    assert number in message and isinstance(caught.value, FloatingPointError)


def test_the_index_of_the_first_element_is_named():
    for mode in ("jvp", "forward", "reverse"):
        with pytest.raises(dn.NonFiniteError, match=r"at index \(1,\)"), dn.debug():
            MODES[mode](slope_turns_infinite, np.array([1.0, 0.0, 2.0]))


def test_an_input_that_is_not_finite_is_named():
    for mode in MODES:
        with pytest.raises(dn.NonFiniteError, match=r"input of the function is nan at index \(2,\)"), dn.debug():
            MODES[mode](lambda x: np.sum(x * x), np.array([1.0, 2.0, np.nan]))


def test_a_lost_derivative_gets_its_line():
    def loses(x):
        return float(x) * 2

    with pytest.raises(dn.DualnetError) as caught, dn.debug():
        dn.grad(loses)(1.0)
    assert f"{HERE}, line {line_of(loses, 'float(x)')}" in "".join(caught.value.__notes__)


def test_finite_functions_go_through_unchanged():
    def f(x):
        return np.sum(np.where(x > 0, x * np.exp(-x), np.tanh(x)) @ np.ones(3)) + x[0]

    x = np.array([0.5, -1.0, 2.0])
    for mode in MODES.values():
        plain = mode(f, x)
        with dn.debug():
            watched = mode(f, x)
        np.testing.assert_array_equal(np.asarray(watched), np.asarray(plain))


def masked(x):
    scores = np.full((2, 3), -np.inf, like=x)
    scores[0] = x
    scores[1, :2] = x[1:]
    scores = np.where([True, True, False], scores, -np.inf)
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    return np.sum(np.log(np.sum(np.exp(shifted), axis=1))) + np.sum(shifted[:, :2] ** 2)


def filled_step_by_step(x):
    y = np.empty(4, like=x)
    np.copyto(y, np.nan)  # what memory may hold
    y[0] = x[0]
    for k in range(1, 4):
        y[k] = y[k - 1] * x[k % 3]
    return np.sum(y)


@pytest.mark.parametrize("f", [masked, filled_step_by_step])
def test_infinite_constants_and_memory_not_yet_written_go_through(f):
    for mode in MODES.values():
        plain = mode(f, np.array([0.5, -1.0, 2.0]))
        with dn.debug():
            watched = mode(f, np.array([0.5, -1.0, 2.0]))
        assert np.isfinite(np.hstack([np.ravel(y) for y in plain])).all()
        np.testing.assert_array_equal(np.hstack([np.ravel(y) for y in watched]), np.hstack([np.ravel(y) for y in plain]))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_nan_of_infinite_constants_and_in_data_is_named():
    infinite, gap = lambda x: np.sum((x - np.inf) - np.where(x > 0, -np.inf, x)), lambda x: np.sum(x * [1.0, np.nan])
    for f, name in ((infinite, "subtract"), (gap, "multiply")):
        for mode in MODES.values():
            with pytest.raises(dn.NonFiniteError, match=f"^{name}, .*its value is nan at index"), dn.debug():
                mode(f, np.array([1.0, -2.0]))


def test_only_the_thread_that_asks_is_watched_and_the_end_is_the_end():
    found = []

    def other():
        found.append(dn.grad(slope_turns_infinite, mode="reverse")(np.array([0.0])))

    with dn.debug():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert np.isinf(found[0])
    assert np.isinf(dn.grad(slope_turns_infinite)(np.array([0.0])))


@pytest.mark.parametrize("outer", ["forward", "reverse"])
def test_a_second_derivative_names_the_line_whose_slope_it_is_of(outer):
    def f(x):
        y = np.linalg.norm(x)
        return y ** 2

    line, slope = f.__code__.co_firstlineno + 1, dn.grad(f, mode="reverse")
    with pytest.raises(dn.NonFiniteError, match=f"line {line}, in the derivative of "), dn.debug():
        dn.jacobian(slope, mode=outer)(np.zeros(2))

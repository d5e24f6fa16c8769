"""Python's operators, reflected and in place, truth, and the methods of arrays that no other file calls, against differences."""

import numpy as np
import pytest
from differences import verify

import dualnet as dn

X = np.array([1.3, 2.1, 0.6])
A = np.array([[0.2, 1.0, -0.7], [0.5, 0.1, 0.4], [0.3, -0.2, 0.9]])


def written(operation):
    """The function whose result begins as x*x, and is changed in place."""
    def f(x):
        y = x * x
        return operation(y)

    return f


def product(y):
    y @= A
    return y


def remainder(y):
    y %= 0.9
    return y


def whole(y):
    whole = y * 1
    whole //= 0.9
    return whole + y


OPERATORS = {
    "a matrix of lists @ x": lambda x: A.tolist() @ x, "@=": written(product), "a number % x": lambda x: 7.1 % x, "%=": written(remainder),
    "a number // x": lambda x: 7.1 // x + x, "//=": written(whole), "divmod of a number by x": lambda x: divmod(7.1, x)[1],
    "divmod of x": lambda x: divmod(x * x, 0.9)[1], "truth": lambda x: (x if x[0] else 2 * x) * (3 if x[0] - x[0] else 1),
    "ptp": lambda x: x.ptp() if hasattr(x, "ptp") else np.ptp(x), "round": lambda x: x.round(1) + x * x,
    "argmin": lambda x: x * x.argmin(),
    "argsort": lambda x: x[x.argsort()] * [1, 2, 3], "argpartition": lambda x: x[x.argpartition(1)[1]] * x,
    "nonzero": lambda x: x[(x * [0, 1, 1]).nonzero()], "all": lambda x: x * (x > 1).all() + x * x.all(), "any": lambda x: x * (2 + x.any()),
    "searchsorted": lambda x: x * np.sort(x).searchsorted(1.0), "out=None": lambda x: np.divmod(x * x, 0.9, out=(None, None))[1],
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_and_methods_have_the_slopes_of_differences(name, rng):
    verify(OPERATORS[name], X, rng, h=1e-3)


@pytest.mark.parametrize("transform", [lambda f: dn.jvp(f, (X,), (X,)), lambda f: dn.vjp(f, X)], ids=["forward", "reverse"])
def test_an_array_of_several_elements_has_no_truth_value(transform):
    with pytest.raises(ValueError, match="ambiguous"):
        transform(lambda x: x if x else x)


STEPS = {
    "floor": lambda y: np.floor.at(y, [0]), "floor_divide": lambda y: np.floor_divide.at(y, [0, 0], 0.4),
    "rint": lambda y: np.rint.at(y, [1, 2]),
    "greater": lambda y: np.greater.at(y, [0], 1.0), "isnan": lambda y: np.isnan.at(y, [0]),
}


@pytest.mark.parametrize("name", STEPS)
def test_steps_written_at_places_have_slope_zero_there_and_leave_the_input_alone(name, rng):
    def f(x):
        y = x * x
        STEPS[name](y)
        return y

    verify(f, X, rng, h=1e-3)

    def g(x):
        STEPS[name](x)
        return x + 0

    x = X.copy()
    value, slopes = dn.jvp(g, (x,), (np.ones(3),))
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(value, g(X.copy()))
    np.testing.assert_array_equal(slopes, value == X)

"""Arrays of a class that answers NumPy's protocols itself, such as quantities with units: refused, never taken for plain numbers."""

import numpy as np
import pytest

import dualnet as dn

X = np.array([0.5, 0.7])


class Length(np.ndarray):
    """An array of lengths in metres, that calculates as the quantities of astropy do: with the `value` of the operands."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        try:
            units_of(*inputs)
        except TypeError:
            return NotImplemented
        plain = [x.view(np.ndarray) if isinstance(x, Length) else getattr(x, "value", x) for x in inputs]
        return getattr(ufunc, method)(*plain, **kwargs).view(Length)


SOURCE = """
def converters_and_unit(*inputs):
    return [getattr(x, "unit", None) for x in inputs]
"""
ASTROPYS = {"__name__": "astropy.units.quantity_helper.converters"}  # where astropy asks
exec(SOURCE, ASTROPYS)
units_of = ASTROPYS["converters_and_unit"]
LENGTH = np.array([2.0, 3.0]).view(Length)


class Money(np.ndarray):
    """An array of a class without protocols, but with operators of its own."""

    def __mul__(self, other):
        return np.asarray(self) * other


@pytest.mark.parametrize("f", [lambda x: x.view(), lambda x: x.view(np.ndarray), lambda x: x.view(type=np.ndarray),
                               lambda x: x.view(float)])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_view_of_the_same_data_type_is_the_array(f, mode):
    def twice(x):
        x = 1.0 * x
        same = f(x)
        same[0] = 3.0 * x[1]  # x sees it
        return x * same

    assert np.allclose(dn.jacobian(twice, mode=mode)(X), [[0, 18 * X[1]], [0, 2 * X[1]]], rtol=1e-14)
    for other in (lambda x: x.view(int), lambda x: x.view(np.matrix), lambda x: x.view(type=Length), lambda x: x.view(float, Length)):
        with pytest.raises(TypeError, match="view.*astype"):
            dn.jacobian(other, mode=mode)(X)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("f", [lambda x: LENGTH * x, lambda x: x * LENGTH, lambda x: LENGTH * x[0], lambda x: x[1] - LENGTH,
                               lambda x: np.hypot(LENGTH, x), lambda x: np.concatenate([x, LENGTH]), lambda x: LENGTH @ x,
                               lambda x: np.dot(x, LENGTH), lambda x: np.stack([x, LENGTH]), lambda x: np.interp(x, LENGTH, LENGTH)])
def test_a_quantity_that_meets_a_traced_array_is_refused(f, mode):
    with pytest.raises(TypeError, match=r"Length.*rules of its own.*plain array"):
        dn.jacobian(f, mode=mode)(X)


def test_a_quantity_is_no_input_and_a_constant_one_stays_what_it_is():
    with pytest.raises(TypeError, match="argument 0 of .*Length.*plain array"):
        dn.grad(np.sum)(LENGTH)
    y, dy = dn.jvp(lambda x: 2 * LENGTH, (X,), (X,))
    assert isinstance(y, Length) and dy.tolist() == [0, 0]


def test_a_class_with_operators_of_its_own_is_refused_too():
    with pytest.raises(TypeError, match=r"Money.*rules of its own.*plain array"):
        dn.jacobian(lambda x: x * X.view(Money))(X)


def test_other_code_may_ask_for_a_unit_and_plain_values_pass():
    assert dn.jvp(lambda x: x if hasattr(x, "unit") else 2 * x, (X,), (X,))[1].tolist() == (2 * X).tolist()
    assert dn.jacobian(lambda x: np.asarray(LENGTH) * x)(X).tolist() == [[2, 0], [0, 3]]
    assert dn.jvp(lambda x: (LENGTH * dn.stop_gradient(x)).view(np.ndarray), (X,), (X,))[1].tolist() == [0, 0]

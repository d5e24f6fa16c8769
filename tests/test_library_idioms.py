"""Idioms of published NumPy code: masks of arrays without axes, masks and counters made like an array, shapes that are set."""

import traceback

import numpy as np
import pytest
from differences import verify

import dualnet as dn
from dualnet.errors import LostDerivativeError, MutationError

MASKS = [(True, 1), (False, 0), (np.array(True), 1), (np.array(False), 0), ((np.array(True), None), 1), ((..., np.array(False)), 0)]


@pytest.mark.parametrize(("index", "taken"), MASKS, ids=[str(index) for index, _ in MASKS])
@pytest.mark.parametrize("value", [lambda x: 0.0, lambda x: 7.0 * x], ids=["plain", "traced"])
def test_a_mask_of_an_array_without_axes_takes_it_or_leaves_it(index, taken, value):
    def f(x):
        y = np.reshape(2.0 * x, ())
        y[index] = value(x)
        return y * x

    factor = value(1.0) if taken else 2.0
    for x in (0.3, np.array(0.3)):
        for _, slope in (dn.jvp(f, (x,), (1.0,)), dn.value_and_grad(f, mode="forward")(x), dn.value_and_grad(f, mode="reverse")(x)):
            np.testing.assert_allclose(slope, 2 * factor * 0.3, rtol=1e-14)
        np.testing.assert_allclose(dn.hessian(f)(x), 2 * factor, rtol=1e-14)
        np.testing.assert_allclose(dn.taylor(f, x, 1.0, order=2), [factor * 0.09, factor * 0.6, 2 * factor], rtol=1e-14)


@pytest.mark.parametrize("transform", [dn.jvp, dn.vjp], ids=["forward", "reverse"])
def test_masks_and_counters_made_like_a_traced_array_are_plain(transform):
    def f(x):
        for dtype in (bool, int, np.uint8):
            for made in (np.zeros_like(x, dtype=dtype), np.ones_like(x, dtype=dtype), np.full_like(x, 1, dtype=dtype),
                         np.empty_like(x, dtype=dtype), np.ones_like(x[0], dtype=dtype)):
                assert type(made) is np.ndarray and made.dtype == dtype
        left, y = np.ones_like(x, dtype=bool), x
        while left.sum():
            y = left * (0.5 * y) + ~left * y
            left = y > 0.4
        return y

    x = np.array([0.3, 1.0, 3.0])
    halvings = np.array([0.5, 0.25, 0.125])
    if transform is dn.jvp:
        np.testing.assert_array_equal(dn.jvp(f, (x,), (np.ones(3),))[1], halvings)
    else:
        np.testing.assert_array_equal(dn.vjp(f, x)[1](np.ones(3))[0], halvings)


def test_the_shape_can_be_set(rng):
    def f(x):
        y = x * x
        y.shape = (2, 3)
        sums = y.sum(axis=1)
        y.shape = -1
        y[0] = 5.0 * y[1]
        return np.concatenate([sums, y])

    verify(f, np.arange(1.0, 7.0), rng)

    def of_the_input(x):
        x.shape = 2, 3
        return x[0] * x[1]

    for mode in ("auto", "forward", "reverse"):
        x = np.arange(6.0)
        np.testing.assert_array_equal(dn.jacobian(of_the_input, mode=mode)(x), np.hstack([np.diag(x[3:]), np.diag(x[:3])]))
        assert x.shape == (6,)


@pytest.mark.parametrize("of_the_view", [False, True])
def test_a_shape_is_not_set_where_a_view_would_have_to_follow(of_the_view):
    def f(x):
        y = x * 2.0
        part = y[:4]
        (part if of_the_view else y).shape = (2, -1)
        return y

    with pytest.raises(MutationError, match=r"x = x\.reshape"):
        dn.jvp(f, (np.ones(6),), (np.ones(6),))
    with pytest.raises(ValueError, match="reshape"):
        dn.jvp(lambda x: setattr(x, "shape", (4, 4)), (np.ones(6),), (np.ones(6),))


def test_flags_and_strides_are_those_of_the_value():
    def f(x):
        y = x * 1.0
        assert y.flags.c_contiguous and y.T.flags.f_contiguous and np.isfortran(y.T) and not np.isfortran(y)
        assert y.strides == (24, 8) and y[0, 0].flags["ALIGNED"] and y[0, 0].strides == ()
        return y

    for transform in (lambda x: dn.jvp(f, (x,), (x,)), lambda x: dn.vjp(f, x), dn.jacobian(f)):
        transform(np.ones((2, 3)))


ABSENT = None
OWN_ERRORS = {"subscript": (lambda x: x * ABSENT[0], "'NoneType' object is not subscriptable"),
              "call": (lambda x: x[0](), "is not callable"), "length": (lambda x: len(x[0]), "len.. of unsized object"),
              "iteration": (lambda x: list(3), "'int' object is not iterable")}


@pytest.mark.parametrize(("f", "said"), OWN_ERRORS.values(), ids=list(OWN_ERRORS))
def test_an_error_of_the_functions_own_is_what_it_is(f, said):
    for mode in ("auto", "forward", "reverse"):
        with pytest.raises(TypeError, match=said) as caught:
            dn.jacobian(f, mode=mode)(np.ones(2))
        assert not isinstance(caught.value, dn.DualnetError)


def test_the_line_that_would_lose_a_derivative_is_in_the_traceback():
    def f(x):
        y = np.zeros(3)
        y[0] = x[0]
        return y

    for transform in (lambda: dn.jvp(f, (np.ones(3),), (np.ones(3),)), lambda: dn.vjp(f, np.ones(3)), lambda: dn.jacobian(f)(np.ones(3))):
        with pytest.raises(LostDerivativeError) as caught:
            transform()
        assert "y[0] = x[0]" in [frame.line for frame in traceback.extract_tb(caught.value.__traceback__)]

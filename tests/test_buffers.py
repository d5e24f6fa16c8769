"""Buffers for results: ``out=`` by its place among the arguments as by its name, and buffers of complex numbers."""

import warnings

import numpy as np
import pytest

import dualnet as dn
from dualnet.errors import LostDerivativeError

MODES = pytest.mark.parametrize("mode", ["forward", "reverse"])
A = np.array([[1.5, -2.0, 3.25], [4.0, 0.5, -1.75]])
CALLS = {  # the shape of the buffer and the call, with the buffer in the place that NumPy has for it
    "add": ((2, 3), lambda x, o: np.add(x, x, o)), "exp": ((2, 3), lambda x, o: np.exp(x, o)),
    "wider": ((2, 3), lambda x, o: np.exp(x[0], o)),
    "sum": (3, lambda x, o: np.sum(x, 0, None, o)), "what follows": ((1, 3), lambda x, o: np.sum(x, 0, None, o, True)),
    "mean": (3, lambda x, o: np.mean(x, 0, None, o)), "var": (3, lambda x, o: np.var(x, 0, None, o, 1)),
    "std": (2, lambda x, o: np.std(x, 1, None, o)), "prod": (3, lambda x, o: np.prod(x, 0, None, o)),
    "max": (3, lambda x, o: np.max(x, 0, o)), "min": (3, lambda x, o: np.min(x, 0, o)), "ptp": (3, lambda x, o: np.ptp(x, 0, o)),
    "cumsum": ((2, 3), lambda x, o: np.cumsum(x, 0, None, o)), "cumprod": ((2, 3), lambda x, o: np.cumprod(x, 1, None, o)),
    "median": (2, lambda x, o: np.median(x, 1, o)), "quantile": (2, lambda x, o: np.quantile(x, 0.3, 1, o)),
    "nansum": (3, lambda x, o: np.nansum(x, 0, None, o)), "nanmax": (3, lambda x, o: np.nanmax(x, 0, o)),
    "nanmean": (3, lambda x, o: np.nanmean(x, 0, None, o)), "nancumsum": ((2, 3), lambda x, o: np.nancumsum(x, 0, None, o)),
    "clip": ((2, 3), lambda x, o: np.clip(x, -1.0, 2.0, o)), "take": ((2, 2), lambda x, o: np.take(x, [0, 4], 1, o, "wrap")),
    "dot": ((2, 2), lambda x, o: np.dot(x, x.T, o)), "outer": ((3, 3), lambda x, o: np.outer(x[0], x[1], o)),
    "matmul": ((2, 2), lambda x, o: np.matmul(x, x.T, o)), "trace": ((), lambda x, o: np.trace(x, 1, 0, 1, None, o)),
    "choose": (3, lambda x, o: np.choose([0, 1, 0], [x[0], x[1]], o)),
    "compress": ((1, 3), lambda x, o: np.compress([False, True], x, 0, o)),
    "concatenate": ((4, 3), lambda x, o: np.concatenate([x, x * x], 0, o)), "stack": ((2, 2, 3), lambda x, o: np.stack([x, x], 0, o)),
    "x.sum": (3, lambda x, o: x.sum(0, None, o)), "x.dot": ((2, 3), lambda x, o: x.dot(np.eye(3), o)),
    "x.compress": ((1, 3), lambda x, o: x.compress([True, False], 0, o)), "x.clip": ((2, 3), lambda x, o: x.clip(-1.0, 2.0, o)),
    "add.reduce": (3, lambda x, o: np.add.reduce(x, 0, None, o)),
    "multiply.accumulate": ((2, 3), lambda x, o: np.multiply.accumulate(x, 0, None, o)),
    "round": ((2, 3), lambda x, o: np.round(x + 0.01, 1, o)), "fix": ((2, 3), lambda x, o: np.fix(x + 0.01, o)),
    "of plain numbers": (3, lambda x, o: np.sum(A, 0, None, o)),
}


@pytest.mark.parametrize("name", CALLS)
@MODES
@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated")
def test_a_buffer_given_by_its_place_gets_value_and_slopes(name, mode):
    shape, call = CALLS[name]

    def f(x):
        buffer = np.zeros(shape, like=x)
        assert call(x, buffer) is buffer
        return buffer

    def plain(x):
        buffer = np.zeros(shape)
        call(x, buffer)
        return buffer

    values = dn.jvp(f, (A,), (A,))[0] if mode == "forward" else dn.vjp(f, A)[0]
    np.testing.assert_allclose(values, plain(A), rtol=1e-15)
    steps = [(plain(A + h) - plain(A - h)) / 2e-6 for h in 1e-6 * np.eye(6).reshape(6, 2, 3)]
    np.testing.assert_allclose(dn.jacobian(f, mode=mode)(A), np.stack(steps, -1).reshape(*np.shape(plain(A)), 2, 3), atol=1e-7)


@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"round", "fix", "of plain numbers"}))  # these have no slopes to lose
@MODES
def test_a_plain_buffer_is_refused(name, mode):
    shape, call = CALLS[name]
    with pytest.raises(LostDerivativeError, match="plain array"):
        dn.jacobian(lambda x: call(x, np.zeros(shape)), mode=mode)(A)


@MODES
def test_a_buffer_of_another_shape_is_refused_as_by_numpy(mode):
    for call in (lambda x, o: np.sum(x, 0, None, o), lambda x, o: np.cumsum(x[0], out=o), lambda x, o: np.add.reduce(x, 0, out=o)):
        with pytest.raises(ValueError):
            call(A, np.zeros((2, 3)))
        with pytest.raises(ValueError, match=r"out= has shape \(2, 3\)"):
            dn.jacobian(lambda x, call=call: call(x, np.zeros((2, 3), like=x)), mode=mode)(A)


@MODES
def test_plain_indices_and_booleans_go_into_plain_buffers(mode):
    def f(x):
        places, signs = np.zeros(3, int), np.zeros((2, 3), bool)
        np.argmax(x, 0, places), np.isposinf(x, signs)
        assert places.tolist() == [1, 1, 0] and not signs.any()
        return x[places, [0, 1, 2]]

    np.testing.assert_array_equal(np.nonzero(dn.jacobian(f, mode=mode)(A))[1:], [[1, 1, 0], [0, 1, 2]])


def in_one_write(x):
    out = np.zeros(3, complex, like=x)
    out[:] = x * (1 + 2j)
    return out


def one_by_one(x):
    out = np.zeros(100, complex, like=x)
    for i in range(3):
        out[i] = x[i] * (1 + 2j)
    return out[:3]


def into_a_complex_product(x):
    out = x * (1 + 0j)
    out[...] = x * (1 + 2j)
    return out


@pytest.mark.parametrize("f", [in_one_write, one_by_one, into_a_complex_product])
@MODES
def test_complex_numbers_written_into_a_complex_buffer_keep_both_parts(f, mode):
    x = np.array([1.0, 2.0, 3.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(dn.jacobian(f, mode=mode)(x), (1 + 2j) * np.eye(3))


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
@MODES
def test_a_real_buffer_takes_the_real_part_of_complex_numbers(mode):
    def f(x):
        out = np.zeros(3, like=x)
        out[:] = x * (1 + 2j)
        return out * (1 + 1j)

    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(dn.jvp(f, (x,), (x,))[0], f(x))
    np.testing.assert_array_equal(dn.jacobian(f, mode=mode)(x), (1 + 1j) * np.eye(3))

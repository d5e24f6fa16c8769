"""Buffers that np.zeros and its kin make in an enabled module: results are written into them as NumPy has it, and nothing is lost."""

import copy
import sys
import threading
import warnings
from types import ModuleType

import numpy as np
import pytest
import scipy.linalg
from differences import verify

import dualnet as dn
from dualnet.errors import LostDerivativeError, MutationError

PROGRAMS = '''
import numpy as np

def elements(x):
    y = np.zeros(3)
    y[0] = x[0]
    y[1] = x[1] * y[0]
    return y

def loop(x):
    y = np.empty(6)
    for i in range(6):
        y[i] = x[i] ** 2 + (y[i - 1] if i else 0.0)
    return y

def through_views(x):
    u = np.zeros((4, 4))
    inner = u[1:-1, 1:-1]
    row = inner[0]
    inner[...] = x[:4].reshape(2, 2)
    row *= 2.0
    u[0] = u[1]
    inner += 1.0
    return u * u

def views_before_and_after(x):
    u = np.ones(8)
    even, odd, square = u[::2], u[1::2], u.reshape(2, 4)
    odd[:] = x[:4]
    even += odd
    square.T[0] *= 3.0
    return np.concatenate([u, even, square[1]])

def in_place(x):
    a = np.eye(3)
    a -= np.outer(x[:3], x[3:])
    a[0] *= 2.0
    a[1, 1] = 5.0
    return np.linalg.inv(a)

def accumulated(x):
    out = np.zeros(3)
    for i in range(6):
        out[i % 3] += x[i]
    return out / np.sum(out)

def masked(x):
    y, m = np.full(6, np.nan), x > 0.7
    y[m] = np.log(x[m])
    y[~m] = 0.0
    return y

def indexed(x):
    a = np.zeros((6, 6))
    a[np.triu_indices(6)] = np.outer(x, x)[np.triu_indices(6)]
    a[[0, 1]] = a[[1, 0]]
    return a @ x

def given(x):
    b, h = np.empty(6), np.zeros(4)
    np.multiply(x, 2.0, out=b)
    np.add.at(h, [0, 1, 1, 2, 3, 0], x)
    c = np.zeros((6, 6))
    np.copyto(c[0], b)
    np.fill_diagonal(c, h[0])
    return c @ b

def like_plain_arrays(x):
    q = np.array([1.0, 2.0, 3.0])
    b, c = np.zeros_like(q), np.full_like(q, 2.0)
    b[1] = x[0]
    c[:] = b + c
    return b * c

def left_plain(x):
    b = np.ones(3)
    w = b / b.sum()
    return np.concatenate([w * x[0], b[1:] + x[0], np.linalg.norm(b) * x, np.maximum(b, x[:3])])

def leapfrog(x):
    h, e = np.zeros(6), np.zeros(6)
    for n in range(4):
        e[1:] += 0.5 * (h[1:] - h[:-1])
        e[0] = x[n]
        h[:-1] += 0.5 * (e[1:] - e[:-1])
    return np.concatenate([e, h])

def sorted_and_flat(x):
    b, c = np.zeros(6), np.zeros((2, 3))
    b[::-1] = x
    b.sort()
    c.flat[:] = x
    c.ravel()[2] = x[0] ** 2
    return b[:3] * c[0]

def phases(x):
    z = np.zeros(3, dtype=complex)
    z[:] = np.exp(1j * x[:3])
    return np.concatenate([z.real, z.imag])

def lists_of_buffers(x):
    parts = [np.zeros(2) for _ in range(3)]
    for k, part in enumerate(parts):
        part[:] = x[2 * k:2 * k + 2]
    return np.array(parts) ** 2

def split_and_iterated(x):
    b = np.zeros((3, 2))
    for row, e in zip(b, x):
        row[0], row[1] = e, e ** 2
    first, last = np.split(b, [1])
    last += first
    return b

def filled(x):
    return np.full((2, 3), x[0]) * np.arange(x[1], x[1] + 2.5)

def shaped(x):
    b = np.zeros(6)
    b.shape = 2, 3
    b[0] = x[:3]
    return b

def numbers(x):
    b = np.ones(3)
    first = b[0]
    b[0] = 5.0
    b[1] = x[0]
    return b * first

def inner(x):
    def g(z):
        b = np.zeros(2)
        b[0] = x[0] * 1.0
        b[1] = z ** 2
        b[0] *= z
        return np.sum(b)
    return dn.derivative(g)(x[1]) * x[2]
'''
MODULE = ModuleType("module_of_buffers")
vars(MODULE)["dn"] = dn
exec(compile(PROGRAMS, "module_of_buffers", "exec"), vars(MODULE))
NAMES = [name for name, f in vars(MODULE).items() if getattr(f, "__module__", None) == MODULE.__name__]
X = np.array([0.5, 0.8, 1.1, 0.3, 0.9, 1.3])


@pytest.fixture(autouse=True)
def enabled():
    sys.modules[MODULE.__name__] = MODULE
    with dn.enable_numpy(MODULE):
        yield MODULE.np
    del sys.modules[MODULE.__name__]


@pytest.mark.parametrize("name", NAMES)
def test_results_are_written_into_buffers(name, rng):
    verify(getattr(MODULE, name), X, rng)


def of(program):
    """Forward and reverse mode of a program of an array and the enabled NumPy."""
    return [lambda: dn.jvp(program, (X,), (np.ones(6),)), lambda: dn.vjp(program, X)]


@pytest.mark.parametrize("taken", [lambda b: scipy.linalg.norm(b) and b, np.array, np.copy, lambda b: b + 1.0, lambda b: b.tolist(),
                                   lambda b: str(b), copy.copy, copy.deepcopy, lambda b: np.add(b, b), lambda b: float(b[0])],
                         ids=range(10))
def test_what_was_read_of_a_buffer_does_not_hinder_a_later_write(enabled, taken):
    def f(x):
        b = enabled.ones(6)
        kept = taken(b)  # noqa: F841
        b[:] = x
        return b

    for run in of(f):
        run()


@pytest.mark.parametrize("taken", [lambda b: np.ndarray.__getitem__(memory(b), slice(3)), lambda b: memory(b), lambda b: memory(b[1:]),
                                   lambda b: memory(b).reshape(2, 3)])
def test_a_plain_array_that_shares_its_memory_does(enabled, taken):
    def f(x):
        b = enabled.ones(6)
        kept = taken(b)
        b[0] = x[0]
        return kept * b[0]

    for run in of(f):
        with pytest.raises(MutationError, match="of which other code holds the plain array"):
            run()


def memory(buffer):
    """What compiled code is given."""
    return np.asarray(buffer)


def test_what_plain_code_writes_into_that_memory_is_there(enabled):
    def f(x):
        b = enabled.zeros(6)
        memory(b)[1] = 7.0
        b[0] = x[0]
        return b

    np.testing.assert_array_equal(dn.jvp(f, (X,), (X,))[0], [0.5, 7, 0, 0, 0, 0])


def test_a_buffer_with_a_derivative_is_not_converted(enabled):
    def f(x):
        b = enabled.zeros(6)
        b[0] = x[0]
        return scipy.linalg.bandwidth(b[None])

    for run in of(f):
        with pytest.raises(LostDerivativeError):
            run()


def test_outside_of_transformations_they_are_arrays(enabled):
    assert type(enabled.zeros(3)) is type(enabled.eye(2)) is type(enabled.full_like(X, 1.0)) is np.ndarray
    types = []
    dn.jvp(lambda x: (types.append([type(enabled.zeros(3, int)), type(enabled.ones(2, bool))]), x)[1], (X,), (X,))
    assert types == [[np.ndarray, np.ndarray]]
    with pytest.raises(LostDerivativeError):
        b = enabled.zeros(3)
        dn.jvp(lambda x: b.__setitem__(0, x[0]), (X,), (X,))


def test_another_thread_gets_arrays_meanwhile(enabled):
    def f(x):
        made = []
        thread = threading.Thread(target=lambda: made.append(enabled.zeros(3)))
        thread.start()
        thread.join()
        return x * (type(made[0]) is np.ndarray)

    for run in of(f):
        np.testing.assert_array_equal(run()[0], X)


def test_formulas_and_lessons_go_through_buffers(enabled):
    def f(x):
        b = enabled.zeros(2)
        b[0] = np.exp(x[0])
        b[1] = b[0] * x[1]
        return np.sum(b)

    dn.check(f, X[:2])
    assert dn.explain(f, X[:2]).table("forward")


def test_results_that_hold_plain_numbers_are_plain(enabled):
    y, dy = dn.jvp(lambda x: (enabled.ones(3), enabled.zeros((2, 2))[0], [enabled.eye(2)]), (X,), (X,))
    assert type(y[0]) is type(y[1]) is type(y[2][0]) is np.ndarray and not np.any(dy[0]) and not np.any(dy[2][0])
    np.testing.assert_array_equal(dn.jacobian(lambda x: enabled.ones(2))(X), np.zeros((2, 6)))
    np.testing.assert_array_equal(dn.grad(lambda x: dn.grad(lambda z: np.sum(z**2))(enabled.ones(3)) @ x[:3])(X), [2, 2, 2, 0, 0, 0])


def test_a_closure_keeps_what_a_buffer_held(enabled):
    def f(x):
        b = enabled.zeros(3)
        b[:] = 2.0
        y, pull = dn.vjp(lambda z: np.sum(z * b), x[:3])
        b[:] = 5.0
        return pull(1.0)[0] * x[0]

    np.testing.assert_allclose(dn.jvp(f, (X,), (np.ones(6),))[1], 2.0)


def test_a_view_does_not_take_another_shape(enabled):
    def f(x):
        b = enabled.zeros(6)
        part = b[:4]
        part.shape = 2, 2
        return x

    with pytest.raises(MutationError, match="reshape"):
        dn.jvp(f, (X,), (X,))


@pytest.mark.parametrize(("shape", "wrong"), [(6, AttributeError), ((4, 2), ValueError)])
def test_a_buffer_that_would_have_to_be_copied_does_not_take_another_shape(enabled, shape, wrong):
    def f(x):
        b = enabled.zeros((2, 3), order="F")
        with pytest.raises(wrong):
            b.shape = shape
        b.shape = 2, 3, 1
        b[0, :, 0] = x[:3]
        return b

    with pytest.raises(wrong), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.zeros((2, 3), order="F").shape = shape
    np.testing.assert_array_equal(dn.jvp(f, (X,), (X,))[1], np.stack([X[:3], np.zeros(3)])[..., None])

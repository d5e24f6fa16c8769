"""dn.enable_numpy: in named modules, and in no other, traced arrays pass through what converts arrays and asks for their type."""

import math
import sys
import threading
from types import ModuleType

import numpy as np
import pytest
from differences import along

import dualnet as dn
from dualnet.errors import ArgumentError, LostDerivativeError

LIBRARY = '''
import math
from collections.abc import Iterable
from math import sqrt
from numbers import Number

import numpy
import numpy as np
from numpy import asarray, ndarray

def scaled(x):
    x = np.asarray(x, dtype=np.float64)
    return 2.0 * numpy.array(x, copy=True) ** 2

def imported(x):
    return asarray(x) * sqrt(2.0)

def anything(x):
    return np.atleast_1d(np.asanyarray(x)).cumsum()

def contiguous(x):
    return np.ascontiguousarray(np.array(x, ndmin=2).T) ** 3

def joined(x):
    return np.array([x, 2.0 * x, np.ones_like(x)]) ** 2

def checked(x):
    return np.require(x, float, ["C"]) * np.asarray_chkfinite([x[0], x[1], 2.0]) + np.asfortranarray(x) ** 2

def rotated(x):
    s, c = math.sin(x[0]), math.cos(x[0])
    turn = np.array([[c, -s], [s, c]])
    return np.linalg.solve(np.linalg.inv(turn), x[1:3])

def of_numbers(x):
    a, b, c = x
    return np.array([math.atan2(a, b), math.hypot(a, b), math.pow(a, c), math.log(b, 3), math.log(c), math.gamma(a), math.lgamma(b),
                     math.erf(c), math.erfc(a), math.degrees(b), sqrt(a) * math.floor(c), math.exp(-a) if math.isfinite(a) else 0.0])

def vector_or_number(x):
    if isinstance(x, (np.ndarray, list)) and not np.isscalar(x):
        return np.sum(np.broadcast_to(x, np.broadcast(x, np.ones((2, 1))).shape) ** 2)
    if isinstance(x, float) and isinstance(x, Number) and np.isscalar(x) and not isinstance(x, (Iterable, ndarray)):
        return x ** 3
    raise TypeError(f"neither an array nor a number: {type(x)}")

def numbers(x):
    return sum(vector_or_number(e) for e in x) + vector_or_number(x)
'''
NAMES = ["scaled", "imported", "anything", "contiguous", "joined", "checked", "rotated", "of_numbers", "numbers"]
X = np.array([0.3, 1.2, 2.5])


@pytest.fixture
def library():
    made = []
    for name in ("a_library", "a_library.part"):
        module = ModuleType(name)
        exec(compile(LIBRARY, name, "exec"), vars(module))
        sys.modules[name] = module
        made.append(module)
    yield made[0]
    for module in made:
        del sys.modules[module.__name__]


@pytest.mark.parametrize("name", NAMES)
def test_code_that_converts_its_arguments_has_value_and_derivatives(library, name):
    f = getattr(library, name)
    value, v = f(X), np.array([0.4, -0.3, 0.7])
    slope = along(f, X, v)
    with dn.enable_numpy("a_library"):
        np.testing.assert_array_equal(f(X), value)
        y, dy = dn.jvp(f, (X,), (v,))
        np.testing.assert_allclose(y, value, rtol=1e-14)
        np.testing.assert_allclose(dy, slope, rtol=1e-8, atol=1e-9)
        assert y.dtype == value.dtype and y.shape == value.shape
        for mode in ("auto", "forward", "reverse"):
            np.testing.assert_allclose(dn.jacobian(f, mode=mode)(X) @ v, slope, rtol=1e-8, atol=1e-9)
        second = dn.jvp(lambda x: dn.jvp(f, (x,), (v,))[1], (X,), (v,))[1]
        np.testing.assert_allclose(second, along(lambda x: dn.jvp(f, (x,), (v,))[1], X, v), rtol=1e-7, atol=1e-8)
        np.testing.assert_allclose(dn.taylor(f, X, v, order=2)[2], second, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_before_and_after_it_the_derivative_is_refused_not_lost(library, name):
    f = getattr(library, name)
    before = dict(vars(library))
    for _ in range(2):
        with pytest.raises((LostDerivativeError, dn.DualnetError, TypeError)):
            dn.jvp(f, (X,), (X,))
        with dn.enable_numpy(library):
            dn.jvp(f, (X,), (X,))
        assert vars(library) == before and library.np is np and library.math is math and "isinstance" not in vars(library)


def test_plain_calls_do_what_they_did(library):
    with dn.enable_numpy("a_library"):
        lib = library.np
        assert lib.asarray(X) is X and lib.array(X) is not X and lib.sum is np.sum and lib.linalg is np.linalg and "sin" in dir(lib)
        assert lib.array([1, 2], dtype=np.float32).dtype == np.float32 and lib.array([X, X], object).dtype == object
        assert library.isinstance(X, np.ndarray) and library.isinstance(1.0, (int, float)) and not library.isinstance([1], np.ndarray)
        assert lib.isscalar(1.0) and not lib.isscalar(X) and [a for a, _ in lib.broadcast(X, 1.0)] == X.tolist()
        assert type(library.math.sin(1.0)) is float and library.math.pi is math.pi
        with pytest.raises(ValueError, match="math domain error|nonnegative|expected"):
            library.math.sqrt(-1.0)
        with pytest.raises(ValueError, match="math domain error|nonnegative|expected"):
            dn.derivative(library.math.sqrt)(-1.0)
        with pytest.raises(ValueError, match="infs or NaNs"):
            dn.grad(lambda x: lib.asarray_chkfinite(x).sum())(np.array([1.0, np.inf]))
        with pytest.raises(TypeError, match="like"):
            lib.array(1.0, like=1.0)
        with pytest.raises(TypeError, match="argument"):
            lib.array()


def test_objects_of_traced_numbers_are_arrays_of_objects(library):
    def f(x):
        with dn.enable_numpy("a_library"):
            out = library.np.array([x[0], x[1]], dtype=object)
            assert type(out) is np.ndarray and out.dtype == object
        return np.sum(out * x[2])

    np.testing.assert_allclose(dn.grad(f)(X), [2.5, 2.5, 1.5])


def test_registrations_are_counted_and_modules_of_a_package_are_taken(library):
    first, second = dn.enable_numpy("a_library"), dn.enable_numpy("a_library.part", "a_library.part")
    part = sys.modules["a_library.part"]
    assert "a_library" in repr(first) and "open" in repr(first)
    first.undo()
    first.undo()
    assert library.np is np and part.np is not np and "undone" in repr(first)
    dn.derivative(part.vector_or_number)(0.5)
    second.undo()
    assert part.np is np


def test_without_a_name_it_is_the_callers_module(library):
    library.dn = dn
    exec("registration = dn.enable_numpy()", vars(library))
    assert library.np is not np and sys.modules["a_library.part"].np is np
    library.registration.undo()
    assert library.np is np


def test_what_the_module_has_changed_itself_is_left(library):
    registration = dn.enable_numpy("a_library")
    library.np, library.isinstance = "mine", len
    registration.undo()
    assert library.np == "mine" and library.isinstance is len and library.math is math


@pytest.mark.parametrize("name", ["no_such_library", "numpy", "numpy.linalg", "dualnet", "math", "numpy.random.mtrand"])
def test_modules_that_cannot_be_enabled(name):
    with pytest.raises(ArgumentError, match="import it first"):
        dn.enable_numpy(name)


def test_compiled_modules_are_left_alone():
    import scipy.special

    before = dict(vars(scipy.special._ufuncs))
    with dn.enable_numpy("scipy.special"):
        assert vars(scipy.special._ufuncs) == before


def test_threads_that_switch_on_and_off(library):
    wrong = []

    def work():
        for _ in range(50):
            with dn.enable_numpy("a_library"):
                if dn.derivative(library.vector_or_number)(0.5) != 0.75:
                    wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong and library.np is np

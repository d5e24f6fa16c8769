"""Transformations in threads and processes, pickled, interrupted: right, and nothing left behind."""

import pickle
import threading

import cloudpickle
import joblib
import numpy as np
import pytest

import dualnet as dn
from dualnet.levels import OPEN
from dualnet.table.ordering import LOCAL


def cubes(v):
    return np.sum(v ** 3) * v[0]


def pair(x, y=2.0):
    return np.stack([x[0] * y, np.sin(x[1])])


X = np.array([1.0, 3.0])
MADE = {
    "grad": (dn.grad(cubes), lambda: np.array([4 * X[0] ** 3 + X[1] ** 3, 3 * X[1] ** 2 * X[0]])),
    "value_and_grad": (dn.value_and_grad(cubes), lambda: (28.0, np.array([31.0, 27.0]))),
    "jacobian": (dn.jacobian(pair), lambda: np.array([[2.0, 0.0], [0.0, np.cos(3.0)]])),
    "jacrev": (dn.jacrev(pair), lambda: np.array([[2.0, 0.0], [0.0, np.cos(3.0)]])),
    "hessian": (dn.hessian(cubes), lambda: np.array([[12 * X[0] ** 2, 3 * X[1] ** 2], [3 * X[1] ** 2, 6 * X[1] * X[0]]])),
    "derivative": (dn.derivative(np.sin), lambda: np.cos(X)),
    "grad of grad": (dn.grad(lambda v: dn.grad(cubes)(v)[0]), lambda: np.array([12.0, 27.0])),
}


def same(a, b):
    for x, y in zip(a if isinstance(a, tuple) else (a,), b if isinstance(b, tuple) else (b,)):
        np.testing.assert_allclose(x, y, rtol=1e-14)


@pytest.mark.parametrize("name", MADE)
def test_what_a_transformation_returns_can_be_pickled(name):
    made, truth = MADE[name]
    same(made(X), truth())
    same(cloudpickle.loads(cloudpickle.dumps(made))(X), truth())
    if name != "grad of grad":  # a lambda, which pickle itself refuses
        same(pickle.loads(pickle.dumps(made))(X), truth())


def test_a_seed_goes_along():
    estimate = dn.forward_gradient(cubes, directions=3, seed=5)
    again = pickle.loads(pickle.dumps(estimate))
    np.testing.assert_array_equal(dn.forward_gradient(cubes, directions=3, seed=5)(X), again(X))


def test_processes_of_joblib():
    out = joblib.Parallel(n_jobs=2)(joblib.delayed(MADE["grad of grad"][0])(k * X) for k in (1.0, 2.0))
    same(out[0], np.array([12.0, 27.0]))
    same(out[1], np.array([12.0 * 4, 27.0 * 4]))


def test_it_has_the_name_and_the_documentation_of_its_function_and_says_what_it_is():
    made = dn.grad(pair, argnums=1)
    assert (made.__name__, made.__wrapped__.__name__, repr(made)) == ("pair", "pair", "grad(pair, argnums=1)")

    class Model:
        slope = dn.derivative(lambda self, x: x * x, argnum=1)

    assert Model().slope(3.0) == 6.0


def nested(k):
    """Derivatives nested in each other, right at every k: 1, 24 k, and the Hessian of cubes."""
    confused = dn.derivative(lambda x: x * dn.derivative(lambda y: x + y)(3.0))(2.0 + k)
    fourth = dn.derivative(dn.derivative(dn.derivative(lambda t: t ** 4)))(1.0 * k)
    curvature = dn.hessian(cubes)(np.array([1.0, k]))
    return (confused, fourth, curvature), (1.0, 24.0 * k, np.array([[12.0, 3.0 * k * k], [3.0 * k * k, 6.0 * k]]))


def test_nested_derivatives_in_eight_threads():
    wrong, runs = [], []

    def work(k):
        for _ in range(100):
            got, truth = nested(k)
            runs.append(k)
            if not all(np.allclose(a, b, rtol=1e-13) for a, b in zip(got, truth)):
                wrong.append((k, got))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs) == 800 and not wrong


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, MemoryError])
@pytest.mark.parametrize("run", [
    lambda f: dn.jvp(f, (X,), (X,), kinks="local"), lambda f: dn.grad(f, kinks="local", mode="reverse")(X), lambda f: dn.jacobian(f)(X),
    lambda f: dn.hessian(f)(X), lambda f: dn.taylor(f, X, order=3), lambda f: dn.grad(dn.grad(f))(1.0)])
def test_an_interrupted_call_leaves_nothing_behind(run, error):
    def f(x):
        np.exp(x)
        raise error("stop")

    before, state = set(OPEN), np.geterr()
    with pytest.raises(error):
        run(f)
    assert OPEN == before and not LOCAL.get() and np.geterr() == state
    same(dn.grad(cubes)(X), np.array([31.0, 27.0]))


def test_a_function_may_call_itself_through_its_own_derivative():
    def f(x, depth=2):
        return x ** 3 if depth == 0 else dn.derivative(f)(x, depth - 1)

    assert f(2.0) == 12.0
    assert dn.derivative(f)(2.0) == 6.0

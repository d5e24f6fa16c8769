"""dn.enable_numpy: NumPy's conversions keep the derivative while it is on, and are NumPy's own for everything else."""

import pickle

import numpy as np
import pytest

import dualnet as dn

X = np.array([0.5, 2.0, 3.0])
MODES = ["forward", "reverse"]


def as_libraries_do(x):
    """Half the logarithm of the sum of squares, as a library would write it."""
    x = np.require(np.asfortranarray(x), float, "W")
    x = np.ascontiguousarray(np.asanyarray(np.asarray(x, dtype=float)), dtype=np.float64)
    return 0.5 * np.log(np.sum(np.array(x, ndmin=1, copy=True) ** 2))


def originals():
    return [np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.require, np.full, np.arange, np.isscalar]


@pytest.mark.parametrize("mode", MODES)
def test_code_that_converts_its_arguments_is_differentiated(mode):
    with dn.enable_numpy():
        value, slope = dn.value_and_grad(as_libraries_do, mode=mode)(X)
        curvature = dn.jacobian(dn.grad(as_libraries_do, mode=mode), mode=mode)(X)
    assert value == as_libraries_do(X)
    square = X @ X
    assert np.allclose(slope, X / square, rtol=1e-14)
    assert np.allclose(curvature, np.eye(3) / square - 2 * np.outer(X, X) / square**2, rtol=1e-13)


JACOBIANS = {
    "arrays are joined": (lambda x: np.array([x, 2 * x]), np.stack([np.eye(3), 2 * np.eye(3)])),
    "a traced array among plain ones": (lambda x: np.asarray([np.ones(3), x]), np.stack([np.zeros((3, 3)), np.eye(3)])),
    "numbers": (lambda x: np.array([[x[0], 1.0], [2.0, x[2]]]), [[[1, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 1]]]),
    "linear algebra of numbers": (lambda x: np.linalg.det(np.array([[x[0], 1.0], [2.0, x[2]]])), [3, 0, 0.5]),
    "objects": (lambda x: np.asarray(np.array([2 * x[0], x[1]], dtype=object), dtype=float), [[2, 0, 0], [0, 1, 0]]),
    "filled": (lambda x: np.full((2, 1), x[1]), [[[0, 1, 0]], [[0, 1, 0]]]),
    "by keyword": (lambda x: np.full(shape=2, fill_value=x[1] ** 2), [[0, 4, 0], [0, 4, 0]]),
    "a range": (lambda x: np.arange(x[0], 2.0), [[1, 0, 0], [1, 0, 0]]),
    "numpy's own code": (lambda x: np.vectorize(lambda a: a**2)(x[:1]), [[1, 0, 0]]),
    "a polynomial": (lambda x: np.polynomial.Polynomial(x)(2.0), [1, 2, 4]),
    "whole numbers": (lambda x: np.asarray(x, int) * x, np.diag([0, 2, 3])),
    "asked whether it is a number": (lambda x: x * (np.isscalar(x[0]) + 2 * np.isscalar(x) + 4 * np.isscalar(np.sum(x))), 5 * np.eye(3)),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", JACOBIANS)
def test_what_is_made_of_traced_arguments_has_their_derivative(name, mode):
    f, expected = JACOBIANS[name]
    with dn.enable_numpy():
        found = dn.jacobian(f, mode=mode)(X)
    assert found.tolist() == np.asarray(expected, float).tolist()


@pytest.mark.parametrize("mode", MODES)
def test_a_conversion_is_the_array_itself_and_a_copy_is_another(mode):
    def f(x):
        same, other = np.asarray(x), np.array(x)
        same[0] = 0.0
        return np.stack([x, other])

    with dn.enable_numpy():
        found = dn.jacobian(f, mode=mode)(X)
    assert found.tolist() == [np.diag([0.0, 1, 1]).tolist(), np.eye(3).tolist()]


def test_single_precision_is_kept_and_given():
    with dn.enable_numpy():
        assert dn.jvp(np.asarray, (X.astype("f"),), (X.astype("f"),))[1].dtype == "f"
        assert dn.jvp(lambda x: np.asarray(x, np.float32), (X,), (X,))[0].dtype == "f"
        assert dn.jvp(lambda x: np.array([x[0], 1.0], dtype="f"), (X,), (X,))[0].dtype == "f"


def test_plain_calls_are_numpys():
    objects = np.array([1, None], object)
    with dn.enable_numpy():
        assert np.asarray(X) is X and np.asanyarray(objects) is objects and np.isscalar(1.0) and not np.isscalar(X)
        assert np.array([[1, 2], [3, 4]], order="F").flags.f_contiguous and np.arange(3).tolist() == [0, 1, 2]
        assert pickle.loads(pickle.dumps(np.asarray)) is np.asarray and dn.table.find(np.asarray) is dn.table["asarray"]
        assert np.asarray([1.0], like=X).tolist() == [1.0]


def test_they_are_no_methods_of_classes_that_have_them():
    with dn.enable_numpy():
        class Short:
            __getitem__ = np.array
            convert = np.asarray

        assert Short()[1, 2].tolist() == [1, 2] and Short().convert([3.0]).tolist() == [3.0]
        assert dn.jvp(lambda x: Short()[x, x], (X,), (X,))[1].tolist() == [X.tolist()] * 2
        assert repr(np.asarray) == "<built-in function asarray>" and np.asarray.__doc__


def test_it_is_counted_and_undone():
    before = originals()
    with pytest.raises(KeyError), dn.enable_numpy():
        assert all(f is not g for f, g in zip(before, originals(), strict=True))
        raise KeyError
    assert originals() == before
    first, second = dn.enable_numpy(), dn.enable_numpy()
    first.undo()
    first.undo()
    assert np.asarray is not before[1] and "undone registration of numpy" in repr(first) and "open" in repr(second)
    second.undo()
    assert originals() == before


def test_what_stays_lost_raises_and_the_error_without_the_switch_names_it():
    from dualnet import conversions

    imported_before = conversions.CONVERSIONS[1].original
    with dn.enable_numpy():
        for f in (imported_before, lambda x: float(x[0]), lambda x: np.zeros(3).__setitem__(0, x[0]), lambda x: np.fromiter(x, float)):
            with pytest.raises(TypeError, match="would lose the derivative"):
                dn.jacobian(f)(X)
    with pytest.raises(TypeError, match=r"plain array would lose the derivative.*dn\.enable_numpy\(\)"):
        dn.grad(as_libraries_do)(X)


def test_scipys_modules_only_are_named_to_the_other_switch():
    with pytest.raises(dn.DualnetError, match="numpy"):
        dn.enable_scipy("numpy")

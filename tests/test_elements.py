"""Elements that ``np.array([x[0], ...])`` and ``x.astype(object)`` take out of traced arrays, beside other arrays."""

from fractions import Fraction

import numpy as np
import pytest
from differences import verify

import dualnet as dn
from dualnet.errors import LostDerivativeError
from dualnet.table import TABLE

X = np.array([1.3, 2.1, 0.6])


def whole(x):
    """The elements of x, squared but for the first, as the array that NumPy makes of them."""
    return np.array([x[0], x[1] ** 2, x[2] ** 2])


def put(function, *args):
    """What a function that writes into its first operand, an array like x, leaves there."""
    def f(x):
        y = x * x
        function(y, *args, whole(x))
        return y

    return f


BESIDE = {
    "concatenate": lambda x: np.concatenate([whole(x), x]), "alone": lambda x: np.concatenate([whole(x), whole(x)]) * 2,
    "append": lambda x: np.append(x, whole(x)), "hstack": lambda x: np.hstack((x, whole(x))), "stack": lambda x: np.stack([x, whole(x)]),
    "vstack": lambda x: np.vstack([whole(x), x]), "block": lambda x: np.block([[x], [whole(x)]]),
    "where": lambda x: np.where(x > 1, x, whole(x)), "where by them": lambda x: np.where(whole(x) > 1, x, 0.0),
    "diff": lambda x: np.diff(x, prepend=whole(x)), "choose": lambda x: np.choose([0, 1, 0], [x, whole(x)]),
    "select": lambda x: np.select([x > 1], [whole(x)], 0.5), "insert": lambda x: np.insert(x, 1, whole(x)),
    "dot": lambda x: np.dot(x, whole(x)), "einsum": lambda x: np.einsum("i,j->ji", whole(x), x), "outer": lambda x: np.outer(x, whole(x)),
    "@": lambda x: np.array([[x[0], x[1], 1.0]]) @ x, "linspace": lambda x: np.linspace(whole(x), x, 3),
    "pad": lambda x: np.pad(x, 1, constant_values=(whole(x)[0], 1.0)), "meshgrid": lambda x: np.meshgrid(x, whole(x))[1],
    "interp": lambda x: np.interp(np.array([0.7, 0.9]), np.array([0.5, x[2] + 0.5]), x[:2]),
    "average": lambda x: np.average(x, weights=whole(x)),
    "piecewise": lambda x: np.piecewise(x, [x > 1], [lambda t: np.array([e * e for e in t]), 0.5]),
    "put": put(np.put, [2, 0, 1]), "copyto": put(np.copyto), "cross": lambda x: np.cross(x, whole(x)),
    "ix_": lambda x: np.multiply(*np.ix_(x, whole(x))), "index by ix_": lambda x: np.outer(x, x)[np.ix_([0, 2], [True, False, True])],
    "dtype": lambda x: np.add(x, whole(x), dtype=object) * x,
    "astype": lambda x: x.astype(object) * x, "astype alone": lambda x: x.astype("O")[:2].sum(),
    "argsort": lambda x: x[np.argsort(whole(x))],
}


@pytest.mark.parametrize("name", BESIDE)
def test_elements_beside_traced_arrays_keep_their_derivatives(name, rng):
    verify(BESIDE[name], X, rng)


ODD = np.array([True, False, True])
INTO = {  # by functions and methods that write into their first operand, an array of elements
    "copyto": lambda y, x: np.copyto(y, x, where=ODD), "put": lambda y, x: np.put(y, [0, 1], x[1:]),
    "place": lambda y, x: np.place(y, ODD, x),
    "putmask": lambda y, x: np.putmask(y, ODD, x), "put_along_axis": lambda y, x: np.put_along_axis(y, np.array([0, 1]), x[1:], 0),
    "fill_diagonal": lambda y, x: np.fill_diagonal(y.reshape(1, 3), x[1]),
    "add.at": lambda y, x: np.add.at(y, [0, 0], x[1:]), "subtract.at": lambda y, x: np.subtract.at(y, ([1, 1],), x[0]),
    "multiply.at": lambda y, x: np.multiply.at(y, [0, 0, 1], x), "+=": lambda y, x: y.__iadd__(x),
    "cumsum": lambda y, x: np.cumsum(x, out=y), "cumsum by place": lambda y, x: np.cumsum(x, 0, None, y),
    "multiply": lambda y, x: np.multiply(x, y, out=y, where=ODD), "sum": lambda y, x: np.sum(np.outer(x, x), axis=0, out=y),
    "max": lambda y, x: np.max(np.stack([x, 2 * x]), axis=0, out=y), "clip": lambda y, x: np.clip(x, 0.7, 2.0, out=y),
    "take": lambda y, x: np.take(x, [2, 0, 1], out=y), "concatenate": lambda y, x: np.concatenate([x[1:], x[:1] ** 2], out=y),
    "stack": lambda y, x: np.stack([x[1], x[0], x[2] ** 2], out=y), "einsum": lambda y, x: np.einsum("i,i->i", x, x, out=y),
    "dot": lambda y, x: np.dot(np.eye(3), x, out=y), "matmul": lambda y, x: np.matmul(np.eye(3), x, out=y),
    "choose": lambda y, x: np.choose([0, 1, 0], [x, 2 * x], out=y), "round": lambda y, x: np.round(x, 0, out=y),
    "a part": lambda y, x: np.add.at(y[::-1], [0, 0], x[0]),
    "a view beside x": lambda y, x: np.atleast_1d(y, x)[0][::-1].__setitem__(0, x[1]),
}


@pytest.mark.parametrize("name", INTO)
def test_what_is_written_into_an_array_of_elements_is_there(name, rng):
    def f(x):
        y = whole(x)
        INTO[name](y, x)
        return np.stack([*y])

    assert not np.array_equal(f(X), whole(X))
    verify(f, X, rng)


def test_out_is_the_array_of_elements_that_was_given():
    def f(x):
        y = whole(x)
        assert np.cumsum(x, out=y) is y and np.add(x, 1.0, out=y) is y
        return np.stack([*y])

    np.testing.assert_array_equal(dn.jacobian(f)(X), np.eye(3))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_fractions_in_arrays_of_elements_stay_exact(mode):
    x = np.array([Fraction(1, 3), Fraction(2, 7)])
    slopes = dn.jacobian(lambda x: np.concatenate([np.array([x[0] * x[1], 1]), x.astype(object)]), mode=mode)(x)
    assert slopes.tolist() == [[x[1], x[0]], [0, 0], [1, 0], [0, 1]]


@pytest.mark.parametrize("transform", [dn.jacobian, lambda f: dn.jacobian(f, mode="reverse")])
def test_no_row_makes_plain_objects_of_a_traced_array(transform):
    with pytest.raises(LostDerivativeError, match="astype\\(object\\)"):
        transform(lambda x: TABLE["astype"](x, object))(X)


def test_ix_is_that_of_numpy():
    seen = []
    dn.jacobian(lambda x: seen.extend(np.ix_(x, [2, 0], [True, False, True])) or x)(X)
    for ours, theirs in zip(seen, np.ix_(X, [2, 0], [True, False, True]), strict=True):
        value = dn.stop_gradient(ours)
        assert value.shape == theirs.shape and value.dtype == theirs.dtype and (value == theirs).all()
    with pytest.raises(ValueError, match="1 dimensional"):
        dn.jacobian(lambda x: np.ix_(x[:, None])[0])(X)


@pytest.mark.parametrize("inner", ["forward", "reverse"])
@pytest.mark.parametrize("outer", ["forward", "reverse"])
def test_a_gradient_at_an_array_made_of_elements(outer, inner):
    slopes = dn.jacobian(lambda x: dn.grad(lambda v: np.sum(v**3), mode=inner)(np.array([x[0], x[1] ** 2])), mode=outer)(X[:2])
    np.testing.assert_allclose(slopes, np.diag([6 * X[0], 12 * X[1] ** 3]), rtol=1e-14)  # of 3 v^2

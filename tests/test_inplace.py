"""Writes in place: NumPy's values, the derivatives of the same code without writes, the caller's arrays untouched."""

import tracemalloc

import numpy as np
import pytest

import dualnet as dn
from dualnet import testing
from dualnet.testing.differences import along

X = np.array([0.5, -1.25, 2.0, 3.5])
M = np.array([[0.5, -1.25, 2.0], [3.5, 0.25, -0.75]])


def program(name):
    """Register a function that writes in place, with the point at which it is differentiated."""
    def enter(f):
        PROGRAMS[name] = f
        return f

    return enter


PROGRAMS = {}


@program("True and False as the index of an array without axes")
def _(x):
    y = np.zeros_like(x, shape=())
    y[...] = x.flat[0] * x.flat[1]
    y[y > 9.0] = 0.0
    y[y < 9.0] = 3.0 * y[y < 9.0] * x.flat[2]
    y[np.array(True)] = [y * x.flat[2]]
    return y * x


@program("loop into zeros_like")
def _(x):
    y = np.zeros_like(x)
    for i in range(len(x)):
        y[i] = x[i] ** 2 + (y[i - 1] if i else 0.0)
    return y


@program("loop into zeros(n, like=x)")
def _(x):
    y = np.zeros(6, like=x)
    for i in range(4):
        y[i + 1] = np.sin(x[i]) * y[i] + x[-1 - i]
    return y


@program("loop into empty(like=x), two axes")
def _(x):
    y = np.empty((3, 4), like=x)
    for k in range(3):
        y[k, :] = x * k
        y[k, k] = 7.0
    return y


@program("full, ones and array with like=")
def _(x):
    y, z = np.full(4, 2.0, like=x), np.ones((4,), like=x)
    y[1:] *= x[:-1]
    z -= y * x
    return y + z * np.asarray(3.0, like=x)


@program("full_like and ones_like")
def _(x):
    y, z = np.full_like(x, 2.0), np.ones_like(x)
    y[0] = x[1]
    z[::2] = x[::2] * y[0]
    return y * z


@program("in-place operators")
def _(x):
    y = x * 1.0
    y += x
    y *= x
    y -= 0.5
    y /= 2 + x * x
    y **= 2
    return y


@program("operators on parts")
def _(x):
    y = x.copy()
    y[1:] += y[:-1]
    y[::2] *= 3
    y[[0, 3]] -= x[[1, 2]]
    y[y > 2] = x[0]
    y[-1] **= 2
    return y


@program("a mask")
def _(x):
    y = np.exp(x)
    y[x < 0] = 0.0
    y[x > 1] = x[x > 1] * 2
    return y


@program("a mask and an array of all elements")
def _(x):
    y = np.zeros_like(x)
    mask = x > 0
    y[mask] = np.log(x[mask])
    y[~mask] = x[~mask] ** 3
    return y


@program("fancy index, repeated: the last write holds")
def _(x):
    y = np.zeros_like(x)
    y[[1, 1, 2]] = x[:3]
    return y


@program("fancy += repeated counts once, as NumPy's")
def _(x):
    y = x * 1.0
    y[[1, 1, 2]] += x[:3]
    return y


@program("np.add.at counts each")
def _(x):
    y = np.zeros_like(x)
    np.add.at(y, [1, 1, 3], x[:3] * 2)
    np.subtract.at(y, [0, 0], x[1])
    np.add.at(y, ([2],), 5.0)
    return y


@program("np.multiply.at without repeats")
def _(x):
    y = x * 2
    np.multiply.at(y, [0, 2], x[1:3])
    return y


@program("views of a buffer")
def _(x):
    y = np.zeros((2, 4), like=x)
    top, flat = y[0], y.reshape(-1)
    top[:] = x
    flat[5] = x[0] * x[1]
    y[1, 2] = flat[0]
    last = y.T[3]
    last[:] = top[3] * 2
    return y * top


@program("a view read after its base was written")
def _(x):
    y = x * 2
    v = y[1:3]
    before = v * 1.0
    y[1] = x[3] ** 2
    y *= 3
    return np.concatenate([v, before])


@program("a view of a view, written through")
def _(x):
    y = x * 1.0
    a = y[::-1]
    b = a[1:]
    b[0] = 10 * x[0]
    b[1:] += y[3]
    return y + a


@program("a copy is not a view")
def _(x):
    y = x * 1.0
    c, f = y.copy(), y[[0, 1, 2, 3]]
    y[:] = 0.0
    return c * f + y


@program("out= of ufuncs and functions")
def _(x):
    y = np.empty_like(x)
    np.multiply(x, 2.0, out=y)
    np.exp(y, y)
    np.add(y, x, out=(y,))
    z = np.zeros((), like=x)
    np.sum(y, out=z)
    w = np.zeros(2, like=x)
    np.dot(x[:2], np.ones((2, 2)), out=w)
    return np.concatenate([y * z, w])


@program("out= with where=")
def _(x):
    y = np.zeros_like(x) + 1
    np.log(x, out=y, where=x > 0)
    return y


@program("swap and roll by hand")
def _(x):
    y = x * x
    y[0], y[1] = y[1], y[0]
    y[2:], y[:2] = y[:2].copy(), y[2:].copy()
    return y


@program("write of a broadcast value")
def _(x):
    y = np.zeros((3, 4), like=x)
    y[...] = x
    y[1:, :2] = x[2]
    y[:, 3] = np.array([1.0, 2.0, 3.0])
    y[2] = [x[0], 0.0, x[1] * x[2], 4.0]
    return y


@program("sort, fill, put")
def _(x):
    y = x * 1.0
    y.sort()
    z = np.zeros_like(x)
    z.fill(x[2])
    return y * z


@program("the argument itself is written")
def _(x):
    x[0] = x[1] * x[2]
    x += 1.0
    x[2:] *= x[0]
    return x


@program("np.copyto, fill_diagonal, put and putmask")
def _(x):
    y = np.zeros_like(x)
    np.copyto(y, x * 2)
    np.copyto(y, x[0], where=[True, False, False, True])
    m = np.zeros((4, 4), like=x)
    np.fill_diagonal(m, x)
    np.put(y, [1, 2], x[:2] * 3)
    np.putmask(y, x > 3, x * x)
    np.place(y, x < 0, x[:1])
    return m + y


@program("an array written into itself")
def _(x):
    y = np.zeros(6, like=x)
    y[:2] = x[2:]
    y[...] = y
    m = np.zeros((2, 4), like=x)
    m[1] = x * x
    m[:] = m
    y[:4] *= m[1]
    y[:] = y
    return y


by_program = pytest.mark.parametrize("name", PROGRAMS)


def plain(f, x):
    """The same code on a plain array that is its own."""
    return f(np.array(x))


@by_program
def test_values_and_jacobians_are_those_of_plain_numpy(name):
    f = PROGRAMS[name]
    expected = plain(f, X)
    J = np.stack([along(lambda t, e=e: plain(f, X + t * e), step=1 / 64)[0] for e in np.eye(4)], -1)
    y, dy = dn.jvp(f, (X,), (np.ones(4),))
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_allclose(dy, J.sum(-1), rtol=1e-9, atol=1e-9)
    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(dn.jacobian(f, mode=mode)(X), J, rtol=1e-9, atol=1e-9)
    testing.assert_sparse_equals_dense(f, X)


@by_program
def test_second_derivatives_by_every_nesting(name):
    f = PROGRAMS[name]
    scalar = lambda x: np.sum(f(x * 1.0) ** 2 * 0.5)
    H = dn.hessian(scalar)(X)
    for inner in ("forward", "reverse"):
        for outer in ("forward", "reverse"):
            np.testing.assert_allclose(dn.jacobian(dn.grad(scalar, mode=inner), mode=outer)(X), H, rtol=1e-12, atol=1e-12)
    v = np.array([0.5, -0.25, 1.0, 0.125])
    exact, _ = along(lambda t: scalar(X + t * v), order=2, step=1 / 64)
    np.testing.assert_allclose(v @ H @ v, exact, rtol=1e-6, atol=1e-6)


@by_program
def test_the_callers_array_is_never_changed(name):
    f, x, v = PROGRAMS[name], X.copy(), np.ones(4)
    for run in (lambda: dn.jvp(f, (x,), (v,)), lambda: dn.jacobian(f, mode="forward")(x), lambda: dn.jacobian(f, mode="reverse")(x),
                lambda: dn.vjp(f, x)[1](np.ones_like(plain(f, X))), lambda: dn.jacobian(f, sparse=True)(x), lambda: dn.jacobian(f,
                    chunk_size=2)(x)):
        run()
        np.testing.assert_array_equal(x, X)
        np.testing.assert_array_equal(v, np.ones(4))


@by_program
def test_a_pullback_can_be_called_again(name):
    f = PROGRAMS[name]
    y, pullback = dn.vjp(f, X)
    g = np.ones_like(y)
    first = pullback(g)[0].copy()
    np.testing.assert_array_equal(pullback(g)[0], first)


def test_single_precision_buffers_stay_single():
    f = PROGRAMS["loop into zeros_like"]
    x = X.astype(np.float32)
    assert dn.jacobian(f, mode="forward")(x).dtype == dn.jacobian(f, mode="reverse")(x).dtype == np.float32
    assert dn.jvp(f, (x,), (x,))[0].dtype == np.float32


def test_writes_on_two_axes():
    def f(m):
        y = np.zeros_like(m)
        y[0, 1:] = m[1, :2] * m[0, 0]
        y[:, 0] += m[:, 2]
        y[[0, 1], [2, 1]] *= m[1]  [1:]
        y[np.array([[True, False, False], [False, True, True]])] -= m[0]
        return y

    testing.assert_sparse_equals_dense(f, M)
    J = np.stack([along(lambda t, k=k: f(M + t * np.eye(6)[k].reshape(2, 3)))[0] for k in range(6)], -1).reshape(2, 3, 2, 3)
    np.testing.assert_allclose(dn.jacobian(f)(M), J, rtol=1e-9, atol=1e-9)


REFUSED = {
    "a dual into a plain array": (lambda x: _write(np.zeros(4), slice(None), x), TypeError),
    "in-place on a plain array": (lambda x: _plus(np.ones(4), x), TypeError),
    "add.at on a plain array": (lambda x: np.add.at(np.zeros(4), [0], x[0]), TypeError),
    "multiply.at with repeats": (lambda x: np.multiply.at(x * 1.0, [0, 0], x[0]), TypeError),
    "a result that does not fit": (lambda x: _plus(x[:1] * 1.0, x), (RuntimeError, ValueError)),
    "a shape that does not fit": (lambda x: _write(x * 1.0, slice(0, 2), x[:3]), ValueError),
    "out= that does not fit": (lambda x: np.exp(x, out=np.zeros(3, like=x)), ValueError),
    "an index out of range": (lambda x: _write(x * 1.0, 9, x[0]), IndexError),
}


def _write(y, i, v):
    y[i] = v
    return y


def _plus(y, v):
    y += v
    return y


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", REFUSED)
def test_a_write_that_cannot_be_honoured_raises(name, mode):
    f, error = REFUSED[name]
    with pytest.raises(error):
        dn.jacobian(f, mode=mode)(X)


def test_an_inner_dual_written_into_an_outer_array_is_refused():
    def f(x):
        buffer = np.zeros_like(x)

        def inner(z):
            buffer[0] = z * x[0]
            return buffer[0]

        return dn.derivative(inner)(x[1])

    for mode in ("forward", "reverse"):
        with pytest.raises(RuntimeError, match="inner"):
            dn.grad(f, mode=mode)(X)


def two_names(x):
    y = x
    y += 1.0
    return x * y


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(("f", "x", "gradient"), [
    (two_names, 2.0, 5.0),
    (lambda x: two_names(x[0]) * x[1], np.array([2.0, 3.0]), [15.0, 6.0]),
])
def test_a_number_written_in_place_leaves_its_other_names_alone(f, x, gradient, mode):
    value, slope = dn.value_and_grad(f, mode=mode)(x)
    assert value == f(x)
    np.testing.assert_array_equal(slope, gradient)


# --- loops that write into large arrays, which reverse mode does in place ------------------------------------------------

def filled(x):
    y = np.zeros_like(x)
    for i in range(x.size):
        y[i] = 2 * x[i]
    return np.sum(y * y)


def recurrence(x):
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, x.size):
        y[i] = 0.5 * y[i - 1] + x[i] ** 2
    return y[-1] + np.sum(y[::7])


def read_between_writes(x):
    y = np.zeros_like(x)
    total = 0.0
    for i in range(0, x.size, 2):
        y[i:i + 2] = x[i] * x[i:i + 2]
        if i % 50 == 0:
            total = total + np.sum(y ** 2)  # holds this version of y
        y[i] += x[i]
    return total + y @ x


def overwritten(x):
    y = np.zeros_like(x)
    y[:] = x ** 3
    y[3:60] = x[10:67]
    y[5] = 1.0
    z = y
    y[x.size - 1] = x[0]
    return np.sum(z * np.arange(x.size))


@pytest.mark.parametrize("f", [filled, recurrence, read_between_writes, overwritten], ids=lambda f: f.__name__)
def test_loops_of_writes_into_large_arrays(f):
    x = 0.5 + np.random.default_rng(0).random(120)
    step = 1e-6
    differences = np.array([(f(x + step * e) - f(x - step * e)) / (2 * step) for e in np.eye(x.size)])
    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(dn.grad(f, mode=mode)(x), differences, rtol=1e-6, atol=1e-6)
    v = np.cos(np.arange(x.size))
    ahead = dn.grad(f, mode="reverse")
    curvature = (ahead(x + step * v) - ahead(x - step * v)) / (2 * step)
    np.testing.assert_allclose(dn.hvp(f, (x,), (v,)), curvature, rtol=1e-5, atol=1e-5)
    y, pullback = dn.vjp(f, x)
    np.testing.assert_array_equal(pullback(1.0)[0], pullback(1.0)[0])
    np.testing.assert_allclose(dn.vjp(lambda x: dn.grad(f, mode="reverse")(x), x)[1](v)[0], dn.hvp(f, (x,), (v,)), rtol=1e-9, atol=1e-9)


def test_what_a_write_overwrites_is_a_structural_zero_in_large_arrays():
    def f(x):
        y = np.sqrt(x)
        w = np.zeros_like(x)
        w[:] = y
        w[0] = 2.0
        return np.sum(w)

    x = np.arange(100.0)  # the slope of sqrt at 0 is infinite, and w does not depend on it
    expected = np.append(0.0, 0.5 / np.sqrt(x[1:]))
    for mode in ("forward", "reverse"):
        np.testing.assert_array_equal(dn.grad(f, mode=mode)(x), expected)


def test_a_loop_of_writes_takes_memory_of_one_array_in_reverse():
    x = np.ones(3000)
    tracemalloc.start()
    try:
        dn.grad(recurrence, mode="reverse")(x)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20e6, peak  # a copy for each write would be 72e6


@pytest.mark.parametrize("outer", ["forward", "reverse"])
@pytest.mark.parametrize("inner", [lambda x, w: np.sum(x * x * w), lambda x, w: (x @ w) ** 2,
                                   lambda x, w: np.sum(np.stack([x, w]) ** 2 * w)], ids=["product", "contraction", "joined"])
def test_a_pullback_inside_a_transformation_does_not_see_later_writes(outer, inner):
    def gradient(x, write):
        w = x * 1.0
        y, pull = dn.vjp(lambda z: inner(z, w), x)
        if write:
            w[0] = 100.0
            x = x * 1.0
            x[1] = 50.0
        return pull(1.0)[0]

    x = np.array([0.5, -1.5, 2.0])
    np.testing.assert_allclose(gradient(x.copy(), True), gradient(x.copy(), False), rtol=0)
    step = 1e-6
    differences = np.stack([(gradient(x + step * e, False) - gradient(x - step * e, False)) / (2 * step) for e in np.eye(3)], -1)
    np.testing.assert_allclose(dn.jacobian(lambda x: gradient(x, True), mode=outer)(x), differences, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("mode", ["forward", "reverse", "auto"])
def test_the_inputs_of_a_pullback_inside_a_transformation_may_be_written_to(mode):
    def slope(x):
        y, pull = dn.vjp(lambda z: np.sum(z * z * z), x)
        x[0] = 100.0
        return pull(1.0)[0][0]  # 3 x0^2 at the time of the run

    np.testing.assert_array_equal(dn.grad(slope, mode=mode)(np.array([3.0, 5.0])), [18.0, 0.0])


def test_a_constant_that_is_changed_after_its_use_counts_as_it_was():
    def f(x):
        c = np.array([2.0, 3.0, 5.0])
        y = x[0] * c + c[::-1] * x[1] + (x * c)[::-1]
        c *= 7.0
        return y * c

    weights = 7.0 * np.array([2.0, 3.0, 5.0])
    expected = weights[:, None] * np.array([[2.0, 5.0, 5.0], [3.0, 3.0 + 3.0, 0.0], [5.0 + 2.0, 2.0, 0.0]])
    for mode in ("forward", "reverse"):
        np.testing.assert_array_equal(dn.jacobian(f, mode=mode)(np.array([1.0, 2.0, 3.0])), expected)
    np.testing.assert_array_equal(dn.jacobian(f, sparse=True)(np.array([1.0, 2.0, 3.0])).toarray(), expected)

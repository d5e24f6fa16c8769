"""Orders in memory: what `order=` means, and where a reshaped array is a view, is as in NumPy for arrays of every layout."""

import numpy as np
import pytest

import dualnet as dn

X = np.arange(6.0).reshape(2, 3) + 1
LAYOUTS = {"C": lambda x: x * 1.0, "transposed": lambda x: (x * 1.0).T, "every second": lambda x: np.concatenate([x, x], 1)[:, ::2],
           "Fortran's": lambda x: np.transpose(x * 1.0).copy().T, "reversed": lambda x: (x * 1.0)[::-1, ::-1],
           "three axes": lambda x: np.stack([x, x * x]).transpose(2, 0, 1)}
READ = {f"{name} {order}": lambda y, call=call, order=order: call(y, order) for name, call in {
    "reshape": lambda y, order: np.reshape(y, (-1, 2), order=order), "method reshape": lambda y, order: y.reshape(2, -1, order=order),
    "ravel": np.ravel, "method ravel": lambda y, order: y.ravel(order), "flatten": lambda y, order: y.flatten(order)}.items()
    for order in "CFAK" if (name, order) not in {("reshape", "K"), ("method reshape", "K")}}
MADE = {"itself": lambda y: y, "method copy": lambda y: y.copy(), "copy": np.copy, "product": lambda y: 2 * y, "zeros": np.zeros_like,
        "full": lambda y: np.full_like(y, 1.5), "full in C": lambda y: np.full_like(y, 1.5, order="C"),
        "empty in C": lambda y: np.empty_like(y, order="C"),
        "empty in F": lambda y: np.empty_like(y, order="F"), "ones": np.ones_like, "flipped": np.flip, "astype": lambda y: y.astype(float),
        "sorted": lambda y: np.sort(y, axis=0), "parted": lambda y: np.partition(y, 1, axis=0), "slope": lambda y: np.gradient(y, axis=0),
        "spectrum": lambda y: np.fft.fft(y).real,
        **{f"copy {order}": lambda y, order=order: y.copy(order) for order in "CFAK"}}
MODES = pytest.mark.parametrize("mode", ["forward", "reverse"])


def obeys(f, mode):
    """The value is NumPy's, and the Jacobian that of differences, to rounding, for `f` is at most of second degree."""
    value = dn.jvp(f, (X,), (X,))[0] if mode == "forward" else dn.vjp(f, X)[0]
    np.testing.assert_array_equal(value, f(X.copy()))
    jacobian = dn.jacobian(f, mode=mode)(X)
    for k in np.ndindex(X.shape):
        step = np.zeros_like(X)
        step[k] = 0.25
        np.testing.assert_allclose(jacobian[(..., *k)], (f(X + step) - f(X - step)) / 0.5, rtol=1e-11, atol=1e-11)


@MODES
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("read", READ)
def test_elements_are_read_in_the_order_that_is_asked_for(read, layout, mode):
    obeys(lambda x: READ[read](LAYOUTS[layout](x)) * 1.0, mode)


@MODES
@pytest.mark.parametrize("made, layout", [(made, layout) for made in MADE for layout in LAYOUTS
                                          if (made, layout) not in {("sorted", "three axes"), ("parted", "three axes")}])  # come in C's
@pytest.mark.parametrize("order", "CFAK")
def test_a_write_into_what_was_reshaped_is_seen_where_numpy_shows_a_view(made, layout, order, mode):
    def f(x):
        y = LAYOUTS[layout](x)
        z = MADE[made](y)
        if made.startswith("empty"):
            z[...] = y
        z.reshape(-1, order="C" if order == "K" else order)[1] = x[0, 1] * x[1, 2]
        z.ravel(order)[2] = 3 * x[1, 0]
        return z + y

    obeys(f, mode)


@MODES
@pytest.mark.parametrize("read", READ)
def test_inputs_keep_their_order(read, mode):
    x, weights = np.asfortranarray(X), np.arange(6.0) ** 2
    f = lambda x: np.sum(READ[read](x).reshape(-1) * weights)
    value, gradient = dn.value_and_grad(f, mode=mode)(x)
    out, pullback = dn.vjp(f, x)
    assert value == out == dn.jvp(f, (x,), (x,))[0] == f(x)
    want = np.array([[f(np.asfortranarray(X * 0 + step)) for step in row] for row in np.eye(6).reshape(2, 3, 2, 3)])
    np.testing.assert_array_equal(gradient, want)
    np.testing.assert_array_equal(pullback(1.0)[0], want)

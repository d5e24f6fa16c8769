"""What is written into complex arrays whose derivative is real until then, and into their real and imaginary parts."""

import warnings

import numpy as np
import pytest

import dualnet as dn
from dualnet.errors import DTypeError

X = np.array([0.5, 0.7, 1.1])
ALONG = np.array([1.0, 2.0, 3.0])
ARRAYS = {  # complex arrays of a real x
    "sum": lambda x: x + 0j, "negative": lambda x: -(x + 0j), "astype": lambda x: x.astype(complex),
    "joined": lambda x: np.append(x, 1j)[:3],
    "zeros": lambda x: np.zeros_like(x, dtype=complex), "reshaped": lambda x: (x + 1j).reshape(3, 1).ravel(),
}


def element(z, x):
    z[0] = 1j * x[1]
    return z


def several(z, x):
    z[np.array([True, False, True])] = 1j * x[:2]
    return z


def multiplied(z, x):
    z[1:] *= 1j * x[0]
    return z


def through_a_view(z, x):
    y = z[:2]
    y *= 1j * x[0]
    return z


def loop(z, x):
    for k in range(3):
        z[k] = z[k] * (1j * x[k]) + x[0]
    return z


def at(z, x):
    np.add.at(z, [0, 0, 1], 1j * x)
    return z


def parts(z, x):
    z.real[0] = x[1] * x[2]
    z.imag[1] += x[2]
    return z


def whole_parts(z, x):
    z.real *= x
    z.imag = x * x
    return z


def diagonal(z, x):
    square = np.stack([z, z, z])
    np.fill_diagonal(square, 1j * x)
    return square[1]


WRITES = [element, several, multiplied, through_a_view, loop, at, parts, whole_parts, diagonal, lambda z, x: np.pad(1j * z * x, 1)[1:] * 1j,
          lambda z, x: np.convolve(np.outer(z, 1j * x) @ x, x)[1:4]]
ids = lambda f: f.__name__.strip("<>")


def sloped(f, x, v, h=1e-3):
    """The slope of f along v at x by central differences of fourth order."""
    return (8 * (f(x + h * v) - f(x - h * v)) - (f(x + 2 * h * v) - f(x - 2 * h * v))) / (12 * h)


@pytest.mark.parametrize("write", WRITES, ids=ids)
@pytest.mark.parametrize("array", ARRAYS)
def test_nothing_imaginary_is_lost(array, write):
    def f(x):
        return write(ARRAYS[array](x), x)

    def real(x):
        y = f(x)
        return np.sum((y * np.array([1 + 2j, 2 - 1j, 0.5j, 1j])[:y.size]).real + (y * y.conj()).real)

    slope = sloped(f, X, ALONG)
    rate, curvature = sloped(real, X, ALONG), sloped(lambda x: sloped(real, x, ALONG, 1e-2), X, ALONG, 1e-2)
    with warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        for found in (dn.jvp(f, (X,), (ALONG,))[1], dn.taylor(f, X, ALONG, order=1)[1], dn.jacobian(f, mode="forward")(X) @ ALONG,
                      dn.jacobian(f, mode="reverse")(X) @ ALONG, dn.jacobian(f, sparse=True)(X) @ ALONG):
            np.testing.assert_allclose(found, slope, rtol=1e-9, atol=1e-9)
        for mode in ("forward", "reverse"):
            gradient = dn.grad(real, mode=mode)
            assert gradient(X) @ ALONG == pytest.approx(rate, rel=1e-8)
            for outer in ("forward", "reverse"):
                assert ALONG @ dn.jacobian(gradient, mode=outer)(X) @ ALONG == pytest.approx(curvature, rel=1e-4, abs=1e-4)


def test_a_long_array_that_is_filled_keeps_its_imaginary_slopes_when_the_tape_is_pushed():
    x = np.linspace(0.5, 1.5, 80)  # short arrays are copied for each write, long ones are not
    v = np.cos(np.arange(80))

    def f(x):
        z = np.zeros_like(x, dtype=complex)
        for k in range(1, 80):
            z[k] = 1j * z[k - 1] * x[k] + x[k]
        return np.sum(z.real * np.arange(80))

    with warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        curved = dn.vjp(lambda x: dn.linearize(f, x)[1](v), x)[1](1.0)[0]
    expected = sloped(dn.grad(f, mode="reverse"), x, v)
    np.testing.assert_allclose(curved, expected, rtol=1e-7, atol=1e-7)


def written(x, index=...):
    out = np.zeros_like(x, dtype=float)
    out[index] = x[index]
    return out


@pytest.mark.filterwarnings("ignore:Casting complex values")
@pytest.mark.parametrize("index", [..., slice(1, 2), 0, np.array([True, False])], ids=str)
def test_a_complex_array_written_into_a_real_one_has_a_complex_gradient(index):
    x = np.array([1 + 2j, 3 - 1j], np.complex64)
    y, pull = dn.vjp(lambda x: written(x, index), x)
    gradient, taken = pull(np.array([2.0, 3.0]))[0], np.zeros(2)
    taken[index] = np.array([2.0, 3.0])[index]
    assert y.dtype == float and gradient.dtype == np.complex64 and gradient.tolist() == taken.tolist()
    assert dn.jvp(lambda x: written(x, index), (x,), (1j * x,))[1].tolist() == written(1j * x, index).tolist()


@pytest.mark.parametrize("transform", [lambda f: dn.jvp(f, (X,), (ALONG,)), lambda f: dn.vjp(f, X)], ids=["forward", "reverse"])
def test_a_complex_result_does_not_go_into_a_real_array_in_place_and_real_arrays_have_no_imaginary_part(transform):
    def times(x):
        y = x * 1.0
        y *= 1j * np.ones(3)
        return y

    def imaginary(x):
        y = x * 1.0
        y.imag = x
        return y

    with pytest.raises(DTypeError, match="complex128 does not fit into float64"):
        transform(times)
    with pytest.raises(TypeError, match="imaginary part"):
        transform(imaginary)
    for f in (times, imaginary):
        with pytest.raises(TypeError):
            f(X)


@pytest.mark.parametrize("transform", [lambda f: dn.jvp(f, (X,), (ALONG,))[0], lambda f: dn.vjp(f, X)[0]], ids=["forward", "reverse"])
def test_flat_and_real_can_be_set(transform):
    def f(x):
        y = np.zeros_like(x, shape=(2, 3))
        y.T.flat = x[:2]
        z = x * 1.0
        z.real = x * x
        return y * z

    np.testing.assert_array_equal(transform(f), f(X))


def test_runs_that_fill_a_large_complex_array_are_pushed_as_they_are_pulled():
    def filled(x):
        z = np.zeros(100, complex, like=x)
        z[:3] = x * (1 + 2j) * x[0]
        z[3] = x[1]
        return z[:5]

    x = np.array([1.3, 2.1, 0.6])
    exact = np.zeros((5, 3), complex)
    exact[:3] = (1 + 2j) * (x[0] * np.eye(3) + np.outer(x, [1, 0, 0]))
    exact[3, 1] = 1
    operator = dn.jacobian_operator(filled, x)
    np.testing.assert_allclose(np.stack([operator @ e for e in np.eye(3)], 1), exact, rtol=1e-14)
    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(dn.jacobian(filled, mode=mode)(x), exact, rtol=1e-14)
    v = np.array([1.0, 0.5, -0.3])
    slope = dn.derivative(lambda a: np.real(dn.linearize(lambda x: filled(x * a), x)[1](v)))(2.0)
    np.testing.assert_allclose(slope[:4], [*np.real(2 * 2.0 * exact[:3] @ v), v[1]], rtol=1e-14)

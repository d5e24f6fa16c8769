"""Functions and classes of np.polynomial at traced points and coefficients: NumPy's values, shapes and precision, derivatives by
the complex step."""

import functools
import itertools

import numpy as np
import pytest

import dualnet as dn

KINDS = {"poly": "polynomial", "cheb": "chebyshev", "leg": "legendre", "lag": "laguerre", "herm": "hermite", "herme": "hermite_e"}
CLASSES = ("Polynomial", "Chebyshev", "Legendre", "Laguerre", "Hermite", "HermiteE")
COLUMNS = ((4,), (3, 2), (2, 2), (3, 2, 2))
POINTS = ((), (2,), (3,), (2, 2))


def call(short, what):
    return getattr(getattr(np.polynomial, KINDS[short]), short + what)


def numbers(shape, shift=0.0):
    return np.cos(np.arange(np.prod(shape, dtype=int)) * 1.7 + shift).reshape(shape)


def obeys(f, x):
    """Value, shape and dtype of NumPy; the tangent is that of the complex step, and the cotangent its transpose."""
    x = np.asarray(x)
    v = numbers(x.shape, 0.3)
    want, slope = f(x), np.imag(f(x + 1e-30j * v)) / 1e-30
    out, tangent = dn.jvp(f, (x,), (v,))
    again, pull = dn.vjp(f, x)
    for got, true in ((out, want), (again, want), (tangent, slope)):
        assert np.shape(got) == np.shape(true) and got.dtype == true.dtype
        np.testing.assert_allclose(got, true, rtol=1e-11, atol=1e-12)
    g = numbers(np.shape(want), 0.7)
    np.testing.assert_allclose(np.sum(pull(g) * v), np.sum(g * slope), rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("short", KINDS)
@pytest.mark.parametrize("points", POINTS, ids=str)
@pytest.mark.parametrize("columns", COLUMNS, ids=str)
@pytest.mark.parametrize("tensor", [True, False])
def test_values_at_traced_points_with_columns_of_coefficients(short, points, columns, tensor):
    x, c = numbers(points), numbers(columns, 0.2)
    calls = [functools.partial(call(short, what), tensor=tensor) for what in (("val", "valfromroots") if short == "poly" else ("val",))]
    for f in calls:
        at_points = functools.partial(lambda f, x: f(x, c), f)
        try:
            f(x, c)
        except ValueError:  # as NumPy where the shapes do not fit
            with pytest.raises(ValueError):
                dn.jvp(at_points, (x,), (x,))
        else:
            obeys(at_points, x)


@pytest.mark.parametrize("short", KINDS)
@pytest.mark.parametrize("points", POINTS, ids=str)
def test_series_of_several_variables_at_traced_points(short, points):
    x, y, z, a, b = numbers(points), numbers(points, 0.4), numbers((2,), 0.5), numbers((3, 2), 0.2), numbers((2, 2, 3), 0.1)
    obeys(lambda x: call(short, "val2d")(x, y, a), x)
    obeys(lambda x: call(short, "val2d")(y, x, c=b), x)
    obeys(lambda x: call(short, "val3d")(x, y, x * x, b), x)
    obeys(lambda x: call(short, "grid2d")(x, z, a), x)
    obeys(lambda x: call(short, "grid2d")(z, x, c=b), x)
    obeys(lambda x: call(short, "grid3d")(z, x, 0.5 * x, b), x)
    obeys(lambda a: call(short, "grid2d")(z, y, a), a)


@pytest.mark.parametrize("short", KINDS)
@pytest.mark.parametrize("first, second", list(itertools.product("fdF", repeat=2)))
def test_precision_is_numpys(short, first, second):
    c, x, square = numbers((3,), 0.2).astype(first), numbers((2,)).astype(second), np.ones((2, 2), first)
    for f, at in ((lambda c: call(short, "val")(x, c), c), (lambda x: call(short, "val")(x, c), x),
                  (lambda c: call(short, "add")(x, c), c), (lambda x: call(short, "val2d")(x, x, square), x),
                  (lambda x: call(short, "grid2d")(x, c, square), x)):
        out, tangent = dn.jvp(f, (at,), (np.ones_like(at),))
        assert out.dtype == tangent.dtype == f(at).dtype
        np.testing.assert_allclose(out, f(at), rtol=1e-5 if f(at).dtype.char in "fF" else 1e-13, atol=1e-6)


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("domain", [None, [0, 2]])
def test_classes_have_numpys_precision_and_shapes(name, domain):
    kind, c, x = getattr(np.polynomial, name), numbers((4,)), numbers((2, 2), 0.4)
    obeys(lambda x: kind(c, domain)(x), x)
    obeys(lambda c: kind(c, domain)(x), c)
    single, points = c.astype(np.float32), x.astype(np.float32)
    for f, at in ((lambda x: kind(c, domain)(x), points), (lambda x: kind(single, domain)(x), points),
                  (lambda c: kind(c, domain)(points), single), (lambda c: kind(c, domain)(x), single),
                  (lambda q: (kind(q, domain) + kind(c, domain)).coef, single),
                  (lambda q: (kind(q, domain) * kind(q, domain)).coef, single)):
        out, tangent = dn.jvp(f, (at,), (np.ones_like(at),))
        assert out.dtype == tangent.dtype == f(at).dtype
        assert dn.vjp(f, at)[0].dtype == f(at).dtype

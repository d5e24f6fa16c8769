"""What shares memory in NumPy sees what is written into the other: results and operands of functions, parts of complex arrays."""

import warnings

import numpy as np
import pytest
from differences import verify
from more_examples import EXAMPLES

import dualnet as dn

MODES = pytest.mark.parametrize("transform", [dn.jvp, dn.vjp, dn.taylor], ids=["forward", "reverse", "taylor"])
CALLS = {f"{name}-{k}": e for name, examples in EXAMPLES.items() for k, e in enumerate(examples)
         if e.args and np.ndim(e.args[0]) and e.plain is None and not e.constant}


PROTECTED = {"broadcast_arrays-0"}  # as NumPy says it will do


def leaves(out):
    return list(out) if isinstance(out, (tuple, list)) else [out]


def after(what, example, x, *rest):
    """What the results and the first operand of a call hold after the one or the other was written to."""
    x, *rest = (a.copy() if np.ndim(a) else a for a in (x, *rest))
    out = leaves(example.f(x, *rest))
    if what == "operand":
        x[...] = x + 1.0
    else:
        for part in out:
            part[...] = part + 1.0
    return [part * 1.0 for part in out] + [x * 1.0]


def run(transform, f, args):
    """The values, as the transformation finds them."""
    if transform is dn.taylor:
        found = dn.taylor(lambda args: f(*args), args, order=1)
        return [table[0] for table in found] if isinstance(found, tuple) else found[0]
    return transform(f, args, args)[0] if transform is dn.jvp else transform(f, *args)[0]


@MODES
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("what", ["operand", "results"])
def test_results_share_what_those_of_numpy_share(what, name, transform):
    example = CALLS[name]
    try:
        with warnings.catch_warnings():  # NumPy's of what broadcast_arrays will do
            warnings.simplefilter("ignore", DeprecationWarning)
            expected = after(what, example, *example.args)
    except (TypeError, ValueError):  # read-only, or a number
        if what == "results":
            return
        raise
    if what == "results" and name in PROTECTED:
        with pytest.raises(ValueError, match="read-only"):
            run(transform, lambda *args: tuple(after(what, example, *args)), example.args)
        return
    got = run(transform, lambda *args: tuple(after(what, example, *args)), example.args)
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-15)


def test_slopes_of_what_is_written_through_a_view_by_taylor_mode():
    def f(x):
        y = x * 1.0
        part = y[:2]
        part *= x[0]
        part[1:][0] += x[2] * x[2]
        return y

    a, b, c = 0.5, 0.7, 1.1
    found = dn.taylor(f, np.array([a, b, c]), np.array([1.0, 2.0, 3.0]), order=2)
    expected = [[a * a, a * b + c * c, c], [2 * a, b + 2 * a + 6 * c, 3], [2, 4 + 18, 0]]
    np.testing.assert_allclose(found, expected, rtol=1e-14)


X = np.array([[1.3, 2.1, 0.6], [0.4, -1.2, 0.9], [0.2, 1.7, -0.8]])
READ = {
    "diagonal": lambda y: np.diagonal(y, 1), "method": lambda y: y.diagonal(), "diag": lambda y: np.diag(y),
    "einsum": lambda y: np.einsum("ii->i", y), "broadcast_to": lambda y: np.broadcast_to(y, (2, 3, 3)),
    "broadcast_arrays": lambda y: np.broadcast_arrays(y[0], np.zeros((2, 3)))[0],
    "meshgrid": lambda y: np.meshgrid(y[0], y[1], copy=False)[1], "copied meshgrid": lambda y: np.meshgrid(y[0], y[1])[1],
    "windows": lambda y: np.lib.stride_tricks.sliding_window_view(y, (2, 2)),
    "windows of an axis": lambda y: np.lib.stride_tricks.sliding_window_view(y, 2, 1),
    "astype": lambda y: y.astype(float, copy=False), "copied astype": lambda y: y.astype(float), "conj": lambda y: y.conj(),
    "chain": lambda y: np.broadcast_to(y.T[1:].ravel(), (2, 6))[:, ::2], "tile": lambda y: np.tile(y, 1),
}
WRITE = {
    "flat": lambda y: y.flat, "flat of a transpose": lambda y: y.T.flat, "astype": lambda y: y.astype(float, copy=False),
    "copied astype": lambda y: y.astype(float), "nan_to_num": lambda y: np.nan_to_num(y, copy=False), "conj": lambda y: y.conj(),
    "copied nan_to_num": lambda y: np.nan_to_num(y), "real": lambda y: y.real, "np.real": lambda y: np.real(y)[1],
    "einsum": lambda y: np.einsum("ii->i", y), "einsum of a stack": lambda y: np.einsum("...ij->j...i", y[None])[1],
    "tile": lambda y: np.tile(y, 1), "meshgrid": lambda y: np.meshgrid(y[0], y[1])[1], "real_if_close": lambda y: np.real_if_close(y),
}
COMPLEX = {"real": lambda y: y.real, "imag": lambda y: y.imag, "np.real": lambda y: np.real(y), "row": lambda y: y[1].imag,
           "transposed": lambda y: y.T.real, "conj": lambda y: y.conj(), "row of real": lambda y: y.real[1]}


def whole(*parts):
    return np.concatenate([np.reshape(part, -1) for part in parts])


@pytest.mark.parametrize("name", READ)
def test_views_read_what_was_written_into_their_base(name, rng):
    def f(x):
        y = x * x
        view = READ[name](y)
        y[1, 1], y[0, 1], y[2] = x[0, 0] * x[0, 1], 5 * x[0, 2], x[2] ** 3
        return whole(view, y)

    verify(f, X, rng)


@pytest.mark.parametrize("name", WRITE)
def test_what_is_written_into_a_view_is_in_its_base(name, rng):
    def f(x):
        y = x * x
        WRITE[name](y)[1:3] = x[0, 1] * x[0, 0]
        return whole(y)

    verify(f, X, rng)


@pytest.mark.parametrize("name", COMPLEX)
def test_real_and_imaginary_parts_are_views(name, rng):
    def f(x):
        y = x * (1.5 + 0.5j) * x
        view = COMPLEX[name](y)
        view[0] = x[1, 1] * x[0, 1]
        y[1] = x[2] * (2 - 1j)
        out = whole(view, y)
        return whole(out.real, out.imag)

    verify(f, X, rng)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("part, other", [("real", "imag"), ("imag", "real")])
@pytest.mark.parametrize("large", [np.inf, np.nan])
def test_a_write_into_one_part_leaves_the_other_as_it_is_where_that_is_not_finite(part, other, large, mode):
    def f(x):
        y = x * (1 + 0j)
        getattr(y, other)[...] = large
        getattr(y, part)[...] = x * x
        return getattr(y, part) + np.where(getattr(y, other) == 1, 1.0, 0.0)

    y, jacobian = f(np.array([2.0, 3.0])), dn.jacobian(f, mode=mode)(np.array([2.0, 3.0]))
    np.testing.assert_array_equal(y, [4.0, 9.0])
    np.testing.assert_array_equal(jacobian, [[4.0, 0.0], [0.0, 6.0]])


@MODES
@pytest.mark.parametrize("view", [np.diagonal, lambda y: np.broadcast_to(y, (2, 3, 3)),
                                  lambda y: np.lib.stride_tricks.sliding_window_view(y, (2, 2))])
def test_views_that_numpy_protects_refuse_to_be_written_to(view, transform):
    def f(x):
        y = x * x
        view(y)[0] = 0.0
        return y

    with pytest.raises(ValueError, match="read-only"):
        f(X)
    with pytest.raises(ValueError, match="read-only"):
        run(transform, f, (X,))


def test_astype_refuses_what_numpy_refuses():
    for refused in (lambda x: x.astype(np.int32, casting="safe"), lambda x: x.astype(np.float32, casting="safe")):
        with pytest.raises(TypeError, match="safe"):
            refused(X)
        with pytest.raises(TypeError, match="safe"):
            dn.jvp(refused, (X,), (X,))


@pytest.mark.parametrize("convert", [np.array, np.asarray, np.asanyarray, np.ascontiguousarray])
@MODES
def test_conversions_like_a_traced_array_are_numpys(convert, transform):
    """A copy or the array itself, of the type and the number of axes that are asked for."""
    def written(x):
        y = x * 1.0
        z = convert(y, like=y)
        z[0] = 7.0
        return y * 1.0

    np.testing.assert_array_equal(run(transform, written, (X.reshape(-1),)), written(X.reshape(-1)))
    for options in ({"dtype": np.float32}, {"dtype": complex}, {"dtype": int}, {"order": "F"})[:4 - (convert is np.ascontiguousarray)]:
        found = run(transform, lambda x, options=options: convert(x, like=x, **options), (X,))
        expected = convert(X, **options)
        assert found.dtype == expected.dtype or options == {"dtype": int}
        np.testing.assert_array_equal(found, expected)
    if convert is np.array:
        assert run(transform, lambda x: np.array(x[0, 0], ndmin=2, like=x), (X,)).shape == (1, 1)
    if convert is np.ascontiguousarray:
        assert run(transform, lambda x: np.ascontiguousarray(x[0, 0], like=x), (X,)).shape == (1,)


@pytest.mark.parametrize("make", [lambda x, like: np.arange(x[0, 0] + 1, 4.5, like=like),
                                  lambda x, like: np.arange(x[0, 1] + 3, like=like)])
@MODES
def test_a_range_from_a_traced_number_is_numpys(make, transform):
    np.testing.assert_array_equal(run(transform, lambda x: make(x, x), (X,)), make(X, None))


@MODES
def test_flat_repeats_what_is_written_and_gives_copies(transform):
    def f(x):
        y, z = x * 1.0, x.T * 1.0
        part = y.flat[1:4]
        y.flat[[0, 1, 2, 8]] = x[0, :2]
        z.flat[4:] = x[1:, 1:]
        part[0] = 7.0
        return whole(y, z, part)

    direction = X[::-1] + 0.5
    expected = []
    for x in (X, direction):
        y, z, part = x.copy(), x.T.copy(), x.reshape(-1)[1:4].copy()
        y.reshape(-1)[[0, 1, 2, 8]] = x[0, [0, 1, 0, 1]]
        z.reshape(-1)[4:] = [x[1, 1], x[1, 2], x[2, 1], x[2, 2], x[1, 1]]
        part[0] = 7.0 if x is X else 0.0
        expected.append(whole(y, z, part))
    np.testing.assert_array_equal(f(X), expected[0])
    np.testing.assert_array_equal(run(transform, f, (X,)), expected[0])
    np.testing.assert_array_equal(dn.jvp(f, (X,), (direction,))[1], expected[1])
    np.testing.assert_array_equal(dn.linearize(f, X)[1](direction), expected[1])
    with pytest.raises(ValueError):
        run(transform, lambda x: np.multiply(x, 1.0).flat.__setitem__(2, x[0]), (X,))

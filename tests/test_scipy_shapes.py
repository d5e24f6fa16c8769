"""Any shape, mode and option of the registered linear functions: SciPy's value and type, and forward equals reverse."""

import numpy as np
import pytest
import scipy.fft
import scipy.interpolate
import scipy.linalg
import scipy.ndimage as nd
import scipy.signal as ss
from hypothesis import given
from hypothesis import strategies as st

import dualnet as dn
from dualnet.testing import assert_forward_equals_reverse, assert_sparse_equals_dense


@pytest.fixture(autouse=True, scope="module")
def switch():
    with dn.enable_scipy("fft", "linalg", "ndimage", "signal", "interpolate"):
        yield


def numbers(seed, *shape, kind="d"):
    r = np.random.default_rng(seed)
    x = r.standard_normal(shape) + (1j * r.standard_normal(shape) if kind in "FD" else 0)
    return x.astype(kind)


def agree(f, *args):
    """SciPy's value, shape and type in both modes, and the adjoint identity."""
    plain = f(*args)
    y, dy = dn.jvp(f, args, args)
    assert y.shape == plain.shape == dy.shape and y.dtype == plain.dtype == dy.dtype
    eps = np.finfo(plain.dtype).eps
    assert np.max(np.abs(y - plain), initial=0.0) <= 200 * eps * max(1.0, np.max(np.abs(plain), initial=0.0))
    assert_forward_equals_reverse(f, *args)


seeds, kinds = st.integers(0, 10**6), st.sampled_from("dfD")
modes = st.sampled_from(["reflect", "mirror", "nearest", "wrap", "constant", "grid-mirror", "grid-wrap", "grid-constant"])
small = st.integers(1, 5)


@given(st.data(), seeds, kinds, modes, st.sampled_from([nd.correlate, nd.convolve]))
def test_filters(data, seed, kind, mode, f):
    shape = data.draw(st.lists(small, min_size=1, max_size=3))
    size = data.draw(st.lists(small, min_size=len(shape), max_size=len(shape)))
    origin = [data.draw(st.integers(-((n - 1) // 2), (n - 1) // 2)) for n in size]
    f = getattr(nd, f.__name__)
    agree(lambda x, w: f(x, w, mode=mode, origin=origin, cval=0.5), numbers(seed, *shape, kind=kind), numbers(seed + 1, *size, kind=kind))


@given(seeds, st.lists(small, min_size=2, max_size=2), st.lists(small, min_size=2, max_size=2), modes)
def test_largest_of_windows(seed, shape, size, mode):
    agree(lambda x: nd.maximum_filter(x, size, mode=mode), numbers(seed, *shape))
    agree(lambda x: nd.minimum_filter(x, footprint=np.ones(size), mode=mode), numbers(seed, *shape))


@given(st.data(), seeds, st.integers(0, 5), modes)
def test_reading_between_elements(data, seed, order, mode):
    shape = data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=2))
    at = np.random.default_rng(seed).uniform(-9, 9, (len(shape), 4)) + 0.0312
    plain = nd.map_coordinates(numbers(seed, *shape), at, order=order, mode=mode, cval=0.5)
    f = lambda x, at: nd.map_coordinates(x, at, order=order, mode=mode, cval=0.5)
    y, dy = dn.jvp(f, (numbers(seed, *shape), at), (numbers(seed + 1, *shape), np.ones_like(at)))
    np.testing.assert_allclose(y, plain, rtol=1e-9, atol=1e-9)
    assert_forward_equals_reverse(lambda x, at: f(x, at) + np.sum(x) + np.sum(at), numbers(seed, *shape), at)  # one part may be 0


@given(st.data(), seeds, kinds, st.sampled_from(["full", "same", "valid"]), st.sampled_from(["convolve", "correlate", "fftconvolve"]))
def test_convolutions(data, seed, kind, mode, name):
    d = data.draw(st.integers(1, 2))
    shape = data.draw(st.lists(small, min_size=d, max_size=d))
    size = data.draw(st.lists(small, min_size=d, max_size=d))
    if mode == "valid":
        shape, size = np.maximum(shape, size), np.minimum(shape, size)
        if data.draw(st.booleans()):
            shape, size = size, shape
    agree(lambda a, b: getattr(ss, name)(a, b, mode), numbers(seed, *shape, kind=kind), numbers(seed + 1, *size, kind=kind))


@given(seeds, kinds, st.integers(1, 4), st.integers(1, 4), st.integers(1, 6), st.integers(0, 1), st.booleans())
def test_recursive_filters(seed, kind, nb, na, n, axis, state):
    b, a, x = (numbers(seed + k, *shape, kind=kind) for k, shape in enumerate([(nb,), (na,), (n, n)]))
    a = 0.3 * a
    a[0] = 1.5
    shape = [n, n]
    shape[axis] = max(na, nb) - 1
    zi = numbers(seed + 3, *shape, kind=kind)
    if not state:
        agree(lambda b, a, x: ss.lfilter(b, a, x, axis), b, a, x)
    elif shape[axis]:
        agree(lambda b, a, x, zi: ss.lfilter(b, a, x, axis, zi)[1], b, a, x, zi)
        agree(lambda b, a, x, zi: ss.lfilter(b, a, x, axis, zi)[0], b, a, x, zi)


@given(seeds, st.sampled_from("dD"), st.integers(1, 6), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))
def test_banded_systems(seed, kind, n, below, above, columns):
    below, above = min(below, n - 1), min(above, n - 1)
    ab = 0.3 * numbers(seed, below + above + 1, n, kind=kind)
    ab[above] += 3
    agree(lambda ab, b: scipy.linalg.solve_banded((below, above), ab, b), ab, numbers(seed, *([n, columns] if columns else [n]), kind=kind))


@given(seeds, st.sampled_from("dfD"), st.integers(1, 5), st.integers(1, 5))
def test_factors_and_functions_of_matrices(seed, kind, m, n):
    square = (0.4 * numbers(seed, m, m, kind=kind) + 2 * np.eye(m)).astype(kind)
    agree(lambda a: scipy.linalg.lu(a)[1] @ scipy.linalg.lu(a)[2], (numbers(seed, m, n, kind=kind) + 3 * np.eye(m, n)).astype(kind))
    agree(lambda a, b: scipy.linalg.solve_triangular(a, b, trans="C", lower=True), square, numbers(seed, m, n, kind=kind))
    agree(lambda a: scipy.linalg.expm(a), square)
    agree(lambda a, r: scipy.linalg.toeplitz(a, r), numbers(seed, m, kind=kind), numbers(seed, n, kind=kind))
    agree(lambda a, b: scipy.linalg.block_diag(a, b), square, numbers(seed, m, n, kind=kind))


@given(seeds, kinds, st.integers(2, 6), st.integers(1, 4), st.sampled_from([None, "ortho", "forward"]))
def test_cosine_transforms(seed, kind, n, type, norm):
    for f in (scipy.fft.dct, scipy.fft.dst, scipy.fft.idct, scipy.fft.idst):
        agree(lambda x, f=f: f(x, type, axis=0, norm=norm), numbers(seed, n, 2, kind=kind))


@given(seeds, st.integers(2, 7), st.integers(1, 2), st.sampled_from(["not-a-knot", "natural", "clamped"]))
def test_splines(seed, n, columns, bc):
    x = np.cumsum(np.abs(numbers(seed, n)) + 0.1)
    at = x[0] + np.random.default_rng(seed).uniform(0.01, 0.99, 3) * (x[-1] - x[0])
    agree(lambda y, at: scipy.interpolate.CubicSpline(x, y, bc_type=bc)(at), numbers(seed + 2, n, columns), at)
    agree(lambda y, at: scipy.interpolate.PchipInterpolator(x, y)(at), numbers(seed + 2, n, columns), at)


def test_sparse_and_chunked_jacobians():
    x = numbers(1, 7)
    for f in (lambda x: nd.correlate1d(x, [1.0, 2.0, -1.0]), lambda x: nd.gaussian_filter1d(x, 1.0),
              lambda x: ss.lfilter([1.0, 2.0], [1.0, 0.5], x), lambda x: scipy.fft.dct(x),
              lambda x: scipy.linalg.toeplitz(x) @ x, lambda x: scipy.linalg.expm(np.outer(x[:3], x[1:4])),
              lambda y: scipy.interpolate.CubicSpline(np.arange(7.0), y)([0.5, 2.5]), lambda x: scipy.linalg.solve_banded((1, 1), np.stack(
                  [x, x * 0 + 9, x]), x)):
        assert_sparse_equals_dense(f, x)

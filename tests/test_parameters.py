"""Parameters of NumPy's and SciPy's functions: value, shape and type of the plain call, derivatives by differences, errors."""

import numpy as np
import pytest
import scipy.fft
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.ndimage
import scipy.signal
import scipy.special
from numpy.polynomial import Polynomial

import dualnet as dn
from dualnet import testing

rng = np.random.default_rng(11)


def draw(*shape):
    return rng.uniform(-2, 2, shape)


A, C, V, S = draw(3, 4), draw(2, 3, 4), draw(5), draw(3, 3)
Q, SPD = S + 4 * np.eye(3), S @ S.T + np.eye(3)
MASK = np.array([True, False, True, True])
STACKS = np.lib.NumpyVersion(scipy.__version__) >= "1.16.0"  # from which on scipy.linalg takes stacks of matrices


def padded(vector, widths, axis, options):
    vector[:widths[0]] = options.get("outside", 3.0)
    vector[-widths[1]:] = vector[widths[0]] * 2


def written(x, method, *args, **kwargs):
    x = x * 1.0
    getattr(x, method)(*args, **kwargs)
    return x


NUMPY = {
    "roll along one axis twice": (lambda x: np.roll(x, (1, 2), (0, 0)), A),
    "roll along one axis by several steps": (lambda x: np.roll(x, (1, 2), 1), A),
    "roll two axes by one step": (lambda x: np.roll(x, 1, (0, 1)), A),
    "roll no axis": (lambda x: np.roll(x, 1, ()), A),
    "sort without an order": (lambda x: np.sort(x, order=None), A),
    "sort in place": (lambda x: written(x, "sort", 0, stable=True), A),
    "put by name": (lambda x, v: written(x, "put", indices=[1, 30], values=v, mode="clip"), A, draw(2)),
    "take along one axis for all others": (lambda x: np.take_along_axis(x, np.array([[2, 0]]), 1), A),
    "take along the first axis for all others": (lambda x: np.take_along_axis(x, np.array([[[2]], [[0]]]), 0), draw(3, 2, 2)),
    "complex trace": (lambda x: np.trace(x, dtype=complex), A),
    "complex linalg.trace": (lambda x: np.linalg.trace(x, dtype=complex), C),
    "complex einsum": (lambda x, y: np.einsum("ij,j", x, y, dtype=complex), A, draw(4)),
    "vecdot that keeps its axis": (lambda x, y: np.vecdot(x, y, axis=0, keepdims=True), draw(4, 3), draw(4, 3)),
    "convolve by number": (lambda x, y: np.convolve(x, y, 1), V, draw(3)),
    "correlate by number": (lambda x, y: np.correlate(x, y, 2), V, draw(3)),
    "no difference": (lambda x: np.diff(x, 0, prepend=0.5, append=x[:, :1]), A),
    "ends of differences in a list": (lambda x, y: np.ediff1d(x, to_end=[y, 2.0]), V, np.float64(0.3)),
    "average over two axes": (lambda x, w: np.average(x, (0, 2), w), C, rng.uniform(1, 2, (2, 4))),
    "average over two axes turned round": (lambda x, w: np.average(x, (2, 0), w, returned=True)[0], C, rng.uniform(1, 2, (4, 2))),
    "where with a list": (lambda x, y: np.where(MASK, x, [y, 0.5, 0.6, 0.7]), A, np.float64(0.2)),
    "append of a list": (lambda x, y: np.append(x, [[y, 1, 2, 3]], axis=0), A, np.float64(0.2)),
    "linspace to a list": (lambda x, y: np.linspace(x, [y, 0.5], 3), np.float64(0.1), np.float64(0.2)),
    "linspace of a number of NumPy's": (lambda x: np.linspace(x, 1.0, np.int64(3)), np.float64(0.1)),
    "quantiles in a list": (lambda x, q: np.quantile(x, [q, 0.5], axis=1), A, np.float64(0.41)),
    "windows along one axis twice": (lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 2), (1, 1)), C),
    "pad by a function": (lambda x, y: np.pad(x, ((1, 2), (2, 1)), padded, outside=y), A, np.float64(0.4)),
    "NaN replaced by a traced number": (lambda x, y, z: np.nan_to_num(np.where(MASK, x, np.inf), nan=1.0, posinf=y), A, *draw(2)),
    "pinv of several by several limits": (lambda x: np.linalg.pinv(x, hermitian=True, rtol=np.array([0.01, 0.02])),
                                         np.stack([SPD, SPD + 1])),
    "eigh of the upper triangle": (lambda x: np.linalg.eigh(x, "U")[1], S),
    "svd of a Hermitian matrix": (lambda x: tuple(np.linalg.svd(x + x.T, hermitian=True)), S),
    "singular values of a Hermitian matrix": (lambda x: np.linalg.svd(x + x.T, hermitian=True, compute_uv=False), S),
    "clip of a plain array": (lambda x: np.arange(4.0).clip(x[0], max=x[1]), np.array([0.7, 2.2])),
    "ufunc by the signature of its loop": (lambda x, y: np.multiply(x, y, signature="dd->d"), A, draw(4)),
    "polynomial over a number": (lambda c, x: (Polynomial(c) / x).coef, V, np.float64(0.3)),
}
LISTED = {"dot": lambda x, y: np.dot(x, y), "inner": lambda x, y: np.inner(x, y), "outer": lambda x, y: np.outer(x[0], y),
          "tensordot": lambda x, y: np.tensordot(x, y, 1), "einsum": lambda x, y: np.einsum("ij,j", x, y),
          "einsum of axes": lambda x, y: np.einsum(x, [0, 1], y, [1]), "linalg.vecdot": lambda x, y: np.linalg.vecdot(x, y)}
NUMPY |= {f"{_name} with a list": (lambda x, y, f=f: f(x, [1.0, y, 2, 3]), A, np.float64(0.3)) for _name, f in LISTED.items()}
for _method in ("interpolated_inverted_cdf", "hazen", "weibull", "median_unbiased", "normal_unbiased", "inverted_cdf", "nearest"):
    NUMPY[f"quantile by q, {_method}"] = (lambda x, q, method=_method: np.quantile(x, q, axis=1, method=method), A, np.float64(0.41))

L, ND, SI = scipy.linalg, scipy.ndimage, scipy.interpolate
W, IMAGE, PLACES = draw(3, 2), draw(5, 6), np.array([[-0.6, 0.3, 3.7, 4.4], [0.2, 5.3, 2.6, -0.7]])
KNOTS = np.array([0, 0, 0, 0, 1.2, 2.0, 3.1, 3.1, 3.1, 3.1])
PLANE = draw(3, 4) + 1j * draw(3, 4)
SCIPY = {
    **{f"solve {kind}": (lambda a, b, kind=kind: L.solve(a, b, assume_a=kind), Q, draw(3)) for kind in ("diagonal", "tridiagonal")},
    "least squares by gelsy": (lambda a, b: L.lstsq(a, b, lapack_driver="gelsy")[0], draw(5, 3), V),
    **{f"qr {mode}": (lambda a, mode=mode: L.qr(a, mode=mode), draw(4, 3)) for mode in ("full", "r", "economic")},
    "svd by gesvd": (lambda a: L.svd(a, lapack_driver="gesvd"), draw(4, 3)),
    **{f"eigh by {driver}": (lambda a, driver=driver: L.eigh(a, driver=driver)[1], S) for driver in ("ev", "evd", "evx")},
    "two eigenvectors of a pair": (lambda a, b: L.eigh(a, b, subset_by_index=[1, 2])[1], S, SPD),
    "eigenvectors of a pair": (lambda a: L.eig(a, SPD)[1], Q),
    "pinv and ranks": (lambda a: L.pinv(a, return_rank=True)[0], C if STACKS else C[0]),
    "lu_factor of a wide matrix": (lambda a: L.lu_factor(a)[0], draw(3, 4) + 4 * np.eye(3, 4)),
    "lu_factor of a tall matrix": (lambda a: L.lu_factor(a)[0], draw(4, 3) + 4 * np.eye(4, 3)),
    "toeplitz of a number": (lambda c: L.toeplitz(c, [1.0, 2.0]), np.float64(0.3)),
    "a size for one axis": (lambda x: scipy.fft.dctn(x, s=3, axes=0), A),
    "a size for one axis of fftn": (lambda x: np.real(scipy.fft.fftn(x, s=3, axes=0)), A),
    "axes turned round": (lambda x, w: ND.correlate(x, w, axes=(1, 0), origin=(0, -1)), IMAGE, W),
    "axes turned round, convolved": (lambda x, w: ND.convolve(x, w, axes=(-1, 0)), IMAGE, W),
    "median along axes turned round": (lambda x: ND.median_filter(x, footprint=[[1, 0, 1], [0, 1, 0]], axes=(1, 0)), IMAGE),
    "modes of gaussian_laplace": (lambda x: ND.gaussian_laplace(x, (1.0, 0.7), mode=["wrap", "nearest"]), IMAGE),
    **{f"order {n}, nearest, not filtered": (lambda x, n=n: ND.map_coordinates(x, PLACES, order=n, mode="nearest", prefilter=False), IMAGE)
       for n in (2, 3, 4, 5)},
    "order 0, mirror": (lambda x: ND.map_coordinates(x, [[5.5, 0.4]], order=0, mode="mirror"), draw(6)),
    "one state for all signals": (lambda x, z: scipy.signal.lfilter([1.0, 0.4], [1.0, -0.3, 0.2], x, zi=z)[0], A, draw(1, 2)),
    "splev at the ends": (lambda x, c: SI.splev(x, (KNOTS, c, 3), ext=3), np.array([-0.5, 0.4, 3.3]), draw(6)),
    "splev with errors": (lambda x, c: SI.splev(x, (KNOTS, c, 3), 1, 2), np.array([0.4, 2.3]), draw(6)),
    "phase of logsumexp": (lambda x, y: scipy.special.logsumexp(x + 1j * y, axis=1, return_sign=True)[1], A, draw(3, 4)),
    "harmonics of a list": (lambda t, p: np.real(scipy.special.sph_harm_y(3, 1, [t[0], t[1]], [p, 0.5])), np.array([0.4, 0.9]),
                            np.float64(0.3)),
}
CALLS = [*NUMPY, *SCIPY]
f32 = np.float32
SINGLE = {
    "max": (lambda x: np.max(x, initial=np.array(0.5)), A), "min": (lambda x: np.min(x, axis=0, initial=np.array(0.5)), A),
    "sum": (lambda x: np.add.reduce(x, initial=np.array(0.5)), A), "var": (lambda x: np.var(x, ddof=np.array(1)), A),
    "std": (lambda x: np.std(x, axis=0, ddof=np.float64(0.5)), A), "nanvar": (lambda x: np.nanvar(x, mean=np.float64(0.1)), A),
    "count of an average": (lambda x: np.average(x, axis=0, returned=True)[1] + 0 * x[0], A),
    "trace": (lambda x: np.trace(x, dtype=float), A), "dot": (lambda x: x.dot(2.0), A),
    "clip": (lambda x: np.clip(x.astype(float), -0.5, 0.5, dtype=f32), A), "exp": (lambda x: np.exp(x, signature="d->d"), A),
    "diagonal": (lambda x: L.solve(x, np.ones(3, f32), assume_a="diagonal"), Q), "norm": (lambda x: L.norm(x), V),
    "toeplitz": (lambda x: L.solve_toeplitz(x, np.ones(5, f32)), np.array([9.0, 1, 2, 1, 0])),
    "pchip": (lambda x: SI.PchipInterpolator(np.arange(5, dtype=f32), x)(f32(1.3)), V),
    "linear": (lambda x: SI.interp1d(np.arange(5, dtype=f32), x)(f32(1.3)), V),
    "cubic": (lambda x: SI.interp1d(np.arange(5, dtype=f32), x, "cubic")(f32(1.3)), V),
    "grid": (lambda x: SI.interpn((np.arange(5, dtype=f32),), x, np.array([[1.3]], f32)), V),
    "simpson": (lambda x: scipy.integrate.simpson(x, dx=0.5), V), "comb": (lambda x: scipy.special.comb(x, 2), np.array([4.3, 5.2])),
    "factorial": (lambda x: scipy.special.factorial(x), np.array([4.3, 5.2])),
    "jvp": (lambda x: scipy.special.jvp(2, x), np.array([4.3, 5.2])),
}


def leaves(out):
    return [y for part in out for y in leaves(part)] if isinstance(out, (tuple, list)) else [out]


@pytest.fixture(autouse=True)
def scipys_functions():
    with dn.enable_scipy("linalg", "fft", "ndimage", "signal", "interpolate", "integrate", "special"):
        yield


@pytest.mark.parametrize("name", CALLS)
def test_value_shape_and_type_are_those_of_the_plain_call(name):
    f, *args = (NUMPY | SCIPY)[name]
    expected = leaves(f(*args))
    for out in (dn.jvp(f, tuple(args), tuple(np.ones_like(x) for x in args))[0], dn.vjp(f, *args)[0]):
        assert len(leaves(out)) == len(expected)
        for y, plain in zip(leaves(out), expected):
            assert np.shape(y) == np.shape(plain) and np.asarray(y).dtype == np.asarray(plain).dtype
            np.testing.assert_allclose(y, plain, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", CALLS)
def test_derivatives_are_those_of_differences(name):
    f, *args = (NUMPY | SCIPY)[name]
    testing.assert_gradient(lambda *x: [np.real(y) + np.imag(y) for y in leaves(f(*x))], *args, rtol=1e-6)


@pytest.mark.parametrize("name", SINGLE)
def test_single_precision_widens_where_the_plain_call_widens(name):
    f, x = SINGLE[name]
    x = x.astype(f32)
    expected = np.asarray(f(x)).dtype
    y, dy = dn.jvp(f, (x,), (np.ones_like(x),))
    assert (y.dtype, dy.dtype, dn.vjp(f, x)[0].dtype) == (expected,) * 3


def test_results_without_traced_elements_are_numbers():
    y, dy = dn.jvp(lambda x: np.polynomial.polynomial.polyder([x, 1.0, 2.0]), (0.5,), (1.0,))
    assert y.dtype == dy.dtype == float and y.tolist() == [1.0, 4.0] and not np.any(dy)


ERRORS = {
    "ddof and correction": (lambda x: np.var(x, ddof=1, correction=1), ValueError, "correction"),
    "kind and stable": (lambda x: np.sort(x, kind="stable", stable=True), ValueError, "kind"),
    "unlike axes": (lambda x: np.moveaxis(x, 0, [0, 1]), ValueError, "same number"),
    "mode": (lambda x: np.convolve(x[0], x[1], "whole"), ValueError, "mode"),
    "clip where": (lambda x: np.clip(x, 0, 1, where=MASK, out=np.ones_like(x)), dn.DualnetError, "np.where"),
    "loop": (lambda x: np.exp(x, signature="i->i"), TypeError, "loop"),
    "axes of indices": (lambda x: np.take_along_axis(x, np.array([0]), 0), ValueError, "axes"),
    "weights of an average": (lambda x: np.average(x, (0, 1), np.ones(3)), ValueError, "weights"),
    "outside of splev": (lambda x: SI.splev(x, (KNOTS, np.ones(6), 3), ext=2), ValueError, "ext=2"),
    "state of lfilter": (lambda x: scipy.signal.lfilter([1.0], [1.0, 0.5], x, zi=np.ones((2, 1))), ValueError, "zi"),
    "otypes": (lambda x: np.vectorize(lambda y: 2 * y, otypes=[float])(x), TypeError, "otypes"),
    "complex otypes": (lambda x: np.vectorize(lambda y: 2 * y, otypes="D")(x), TypeError, "otypes"),
    "otypes of vectors": (lambda x: np.vectorize(lambda y: 2 * y, otypes=[float], signature="(n)->(n)")(x), TypeError, "otypes"),
    "a polynomial": (lambda x: Polynomial(x[0]).deriv(), TypeError, "coef"),
    "polynomials in a list": (lambda x: [x, Polynomial(x[0])], TypeError, "coef"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_cannot_be_says_so(name):
    f, error, text = ERRORS[name]
    for run in (lambda: dn.jvp(f, (A,), (A,)), lambda: dn.vjp(f, A)):
        with pytest.raises(error, match=text):
            run()


def test_scipys_ufuncs_obey_a_mask():
    mask = A > 0.5
    for f, slope in ((scipy.special.erf, 2 / np.sqrt(np.pi) * np.exp(-A * A)), (scipy.special.j0, -scipy.special.j1(A))):
        y, dy = dn.jvp(lambda x, f=f: f(x, out=np.full_like(x, 3.0), where=mask), (A,), (np.ones_like(A),))
        np.testing.assert_allclose(y, np.where(mask, f(A), 3.0), rtol=1e-15)
        np.testing.assert_allclose(dy, np.where(mask, slope, 0.0), rtol=1e-14)


def test_only_three_diagonals_of_a_tridiagonal_matrix_count():
    slope = dn.grad(lambda a: np.sum(scipy.linalg.solve(a, np.ones(3), assume_a="tridiagonal")))(Q)
    assert slope[0, 2] == slope[2, 0] == 0 and np.all(slope[[0, 1, 1, 2], [1, 0, 2, 1]] != 0)


def test_gelsy_has_no_residues_and_no_singular_values():
    _, rest, rank, values = dn.table["scipy.linalg.lstsq"](dn.Dual(draw(5, 3), np.ones((5, 3))), V, lapack_driver="gelsy")
    assert np.shape(rest) == (0,) and rank == 3 and values is None

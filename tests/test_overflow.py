"""Sums and products that overflow or meet infinities and NaN: NumPy's values, and its warnings word for word, in both modes."""

import warnings

import mpmath
import numpy as np
import pytest

import dualnet as dn

VECTORS = [np.array(v) for v in ([1e308, 1e308, -1e308], [1e200, 1e200, 1.0], [np.inf, 1.0, 2.0], [np.inf, -np.inf, 1.0],
                                 [np.nan, 1.0, np.inf], [0.0, np.inf, 1.0], [1.0, 2.0, 3.0])]
FUNCTIONS = {
    "sum": lambda x, y: np.sum(x) + np.sum(y), "mean": lambda x, y: np.mean(x * y), "dot": np.dot, "vdot": np.vdot, "inner": np.inner,
    "matmul": lambda x, y: np.stack([x, y]) @ np.stack([x, y]).T, "outer": np.outer, "tensordot": lambda x, y: np.tensordot(x, y, 1),
    "vecdot": np.vecdot, "multi_dot": lambda x, y: np.linalg.multi_dot([x, np.outer(y, y), x]), "kron": np.kron, "cross": np.cross,
    "i,i": lambda x, y: np.einsum("i,i", x, y), "i->": lambda x, y: np.einsum("i->", x) + np.einsum("i->", y),
    "i,j->": lambda x, y: np.einsum("i,j->", x, y), "i,i,i": lambda x, y: np.einsum("i,i,i", x, y, x),
    "ij,j->i": lambda x, y: np.einsum("ij,j->i", np.stack([x, y]), y), "optimized": lambda x, y: np.einsum("i,i", x, y, optimize=True),
    "polymul": np.polymul, "convolve": np.convolve, "same": lambda x, y: np.convolve(x, y, "same"), "prod": lambda x, y: np.prod(x * y),
    "cumprod": lambda x, y: np.cumprod(x + y), "cumsum": lambda x, y: np.cumsum(x - y), "var": lambda x, y: np.var(x + y), "cov": np.cov,
    "norm": lambda x, y: np.linalg.norm(x * y), "trapezoid": np.trapezoid, "polyval": np.polyval,
    "logaddexp": lambda x, y: np.logaddexp.reduce(x + y), "quantile": lambda x, y: np.quantile(x + y, 0.3),
}


def told(call):
    """What a call returns and the warnings that it gives."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        out = call()
    return out, sorted({str(w.message) for w in caught})


def compared(name, f, x, y):
    def pulled():
        out, pull = dn.vjp(f, x, y)
        return out, pull(np.ones_like(out))

    want, said = told(lambda: f(x, y))
    for (got, _), words in (told(lambda: dn.jvp(f, (x, y), (np.ones(3), np.ones(3)))), told(pulled)):
        np.testing.assert_allclose(got, want, rtol=1e-12, err_msg=f"{name} at {x}, {y}")
        assert words == said, f"{name} at {x}, {y}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_warnings_are_numpys(name):
    for x in VECTORS:
        for y in VECTORS:
            compared(name, FUNCTIONS[name], x, y)


@pytest.mark.parametrize("mode", ["valid", "same", "full"])
def test_correlation_of_infinite_sums(mode):
    x = VECTORS[0]
    np.testing.assert_array_equal(dn.jvp(lambda x: np.correlate(x, x, mode), (x,), (x,))[0], np.correlate(x, x, mode))


def test_a_derivative_survives_where_the_value_is_infinite():
    x, y = np.array([1e308, 1e308, -1e308]), np.array([1.0, 2.0, 3.0])
    with np.errstate(all="ignore"):
        for mode in ("forward", "reverse"):
            np.testing.assert_array_equal(dn.grad(lambda x: np.einsum("i,i", x, y), mode=mode)(x), y)
            np.testing.assert_array_equal(dn.jacobian(lambda x: np.convolve(x, y, "valid"), mode=mode)(x), y[None, ::-1])
            np.testing.assert_array_equal(dn.hessian(lambda x: np.einsum("i,i,i->", x, x, y))(x), 2 * np.diag(y))
        np.testing.assert_array_equal(dn.taylor(lambda x: np.einsum("i,i", x, y), x, y, order=2)[1:], [14, 0])


def test_a_function_with_warnings_in_reverse_runs_once_more_on_plain_numbers():
    kinds = []

    def f(x):
        kinds.append(type(x))
        return np.log(x)

    with pytest.warns(RuntimeWarning, match="divide by zero encountered in log"):
        dn.vjp(f, np.array([0.0, 1.0]))
    assert len(kinds) == 2 and kinds[1] is np.ndarray
    dn.vjp(f, np.array([1.0]))
    assert len(kinds) == 3


SPREAD = np.array([[1.0, 2.0, 4.0], [3.0, -1.0, 2.0]])


@pytest.mark.parametrize("size", [1.0, 1e-160, 1e-200, 1e-300, 1e160, 1e200, 1e300])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("ddof", [0, 1])
def test_standard_deviations_whose_variance_leaves_the_range(size, mode, ddof):
    """(x - mean) / (n std), of numbers near 1: a standard deviation has the units of x, its slopes have none."""
    x, off = SPREAD * size, SPREAD - SPREAD.mean(1, keepdims=True)
    n = 3 - ddof
    want = off / (n * np.sqrt(np.sum(off * off, 1, keepdims=True) / n))
    calls = (lambda x: np.std(x, 1, ddof=ddof), lambda x: x.std(axis=-1, ddof=ddof, keepdims=True)[:, 0],
             lambda x: np.nanstd(np.concatenate([x, np.full((2, 1), np.nan)], 1), 1, ddof=ddof),
             lambda x: np.std(np.concatenate([x, np.full((2, 1), 7.0)], 1), 1, ddof=ddof, where=np.arange(4) < 3))
    with np.errstate(all="ignore"):
        for f in calls:
            jacobian = dn.jacobian(f, mode=mode)(x)
            np.testing.assert_allclose(jacobian[[0, 1], [0, 1]], want, rtol=1e-13)
            np.testing.assert_array_equal(jacobian[[0, 1], [1, 0]], 0)
            np.testing.assert_allclose(dn.jvp(f, (x,), (x,))[0], f(x), rtol=1e-15)


def test_standard_deviations_of_equal_elements_have_no_slope_beside_others_that_have():
    x = np.array([[1e-200, 2e-200], [3.0, 3.0], [1.0, 2.0], [0.0, 0.0], [1e200, 3e200]])
    for mode in ("forward", "reverse"):
        with np.errstate(all="ignore"):
            slopes = np.einsum("iij->ij", dn.jacobian(lambda x: np.std(x, axis=1), mode=mode)(x))
        np.testing.assert_allclose(slopes, [[-0.5, 0.5], [np.nan] * 2, [-0.5, 0.5], [np.nan] * 2, [-0.5, 0.5]], rtol=1e-14)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_the_deviation_of_a_single_element_is_constant(mode):
    x, where = np.array([[3.0, np.nan], [1.0, 2.0], [np.nan, 5.0]]), np.array([[True, False], [True, True], [False, True]])
    true = np.zeros((3, 3, 2))
    true[1, 1] = [-0.5, 0.5]  # half of the distance of two
    for f in (lambda x: np.nanstd(x, axis=1), lambda x: np.std(x, axis=1, where=where)):
        np.testing.assert_array_equal(dn.jacobian(f, mode=mode)(x), true)
    for f, x in ((np.std, np.array([3.0])), (np.std, np.float64(2.0)), (lambda x: np.std(x, axis=0, keepdims=True), np.ones((1, 2)))):
        assert np.all(dn.jacobian(f, mode=mode)(x) == 0) and np.all(dn.jacobian(dn.jacobian(f, mode=mode))(x) == 0)
    for f, x in ((lambda x: np.std(x, ddof=1), [3.0]), (np.std, [np.inf]), (np.std, [2.0, 2.0]), (lambda x: np.std(x, mean=[2.0]), [2.0])):
        assert np.all(np.isnan(dn.jacobian(f, mode=mode)(np.array(x)))), x


@pytest.mark.parametrize("f", [np.var, np.std, np.nanvar, np.nanstd])
def test_variances_and_deviations_take_a_dtype(f):
    x = SPREAD.astype(np.float32)
    y, dy = dn.jvp(lambda x: f(x, dtype=np.float64), (x,), (x,))
    assert y.dtype == f(x, dtype=np.float64).dtype == dy.dtype
    assert y == pytest.approx(np.nan_to_num(f(x, dtype=np.float64)), rel=1e-7 if "nan" in f.__name__ else 1e-15)  # NumPy squares in single


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_slopes_of_lengths_and_polynomials_beyond_the_range(mode):
    x = np.array([1.7e308, 1e308])
    with np.errstate(all="ignore"):
        for f in (lambda x: np.hypot(x[0], x[1]), lambda x: np.abs(x[0] + 1j * x[1]), np.linalg.norm):
            np.testing.assert_allclose(dn.grad(f, mode=mode)(x), [1.7 / np.hypot(1.7, 1), 1 / np.hypot(1.7, 1)], rtol=1e-15)
        assert dn.grad(lambda x: np.polyval([1.0, 2.0, 3.0], x), mode=mode)(1e200) == 2e200
        x = np.array([5e-310, 1e-309, 2e-310])
        off = np.array([5.0, 10, 2]) - 17 / 3
        np.testing.assert_allclose(dn.grad(np.std, mode=mode)(x), off / np.sqrt(3 * np.sum(off * off)), rtol=1e-12)


def test_polynomials_at_infinity_are_numpys():
    x = np.array([np.inf, -np.inf, np.nan, 2.0])
    with np.errstate(all="ignore"):
        for p in ([1.0, 2.0], [3.0], [0.0, 1.0, 2.0]):
            np.testing.assert_array_equal(dn.jvp(lambda x: np.polyval(p, x), (x,), (x,))[0], np.polyval(p, x))  # noqa: B023


NESTINGS = [(outer, inner) for outer in ("forward", "reverse") for inner in ("forward", "reverse")]


@pytest.mark.parametrize("size", [1e-300, 1e-200, 1.0, 1e200, 1e300])
@pytest.mark.parametrize("outer, inner", NESTINGS)
def test_hessians_of_deviations_whose_variance_leaves_the_range(outer, inner, size):
    """d_ij - 1/n over n std, less the product of the slopes over std: of numbers near 1, divided by their size."""
    off, n = SPREAD - SPREAD.mean(1, keepdims=True), 3
    for x, d in zip(SPREAD * size, off):
        deviation = np.sqrt(np.sum(d * d) / n)
        want = ((np.eye(n) - 1 / n) / n - np.outer(d, d) / n**2 / deviation**2) / deviation
        with np.errstate(all="ignore"):
            for f in (np.std, lambda x: np.std(x[:, None], 0)[0], lambda x: np.nanstd(np.concatenate([x, [np.nan]]))):
                got = dn.jacobian(dn.grad(f, mode=inner), mode=outer)(x)
                np.testing.assert_allclose(got * size, want, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("x", [[1e-200, 1e200], [1e-200, -3.0, 1e200], [1e-310, 1.0], [1e200, 0.3, 2.0]])
@pytest.mark.parametrize("p", [0.02, 0.5, 1.001, 1.5, -0.5, 3.0])
def test_norms_of_elements_whose_quotient_leaves_the_range(p, x):
    """sign(x_i) (|x_i| / norm)^(p - 1) and its own slopes (p - 1) u_i (d_ij / |x_i| - u_j / norm), at 50 digits."""
    with mpmath.workdps(50):
        size = [abs(mpmath.mpf(v)) for v in x]
        norm = sum(v**p for v in size) ** (1 / mpmath.mpf(p))
        slopes = [(v / norm) ** (mpmath.mpf(p) - 1) for v in size]
        terms = [[[(p - 1) * u * (i == j) / size[i], (1 - p) * u * w / norm] for j, w in enumerate(slopes)]
                 for i, u in enumerate(slopes)]
        second, rounded = ([[float(of(t)) for t in row] for row in terms] for of in (sum, lambda t: sum(map(abs, t))))
        sign = np.sign(x)
        want = sign * np.array([float(v) for v in slopes])
        curved, rounded = sign[:, None] * sign * np.array(second), np.array(rounded)
    with np.errstate(all="ignore"):
        for outer, inner in NESTINGS:
            slope = dn.grad(lambda x: np.linalg.norm(x, p), mode=inner)
            np.testing.assert_allclose(slope(np.array(x)), want, rtol=1e-11, atol=1e-307)
            got = dn.jacobian(slope, mode=outer)(np.array(x))
            least = 1e-300 * max(1.0, np.max(rounded, where=rounded < 1e290, initial=0))  # what the largest leaves of the range
            assert np.all((np.abs(got - curved) <= 1e-11 * rounded + least) | ~np.isfinite(got)), f"{outer} over {inner}"
            assert np.all(np.isfinite(got) | (rounded > 1e150) | (p in (0.02, -0.5))), f"{outer} over {inner}"


def test_structural_zeros_meet_nothing_where_numbers_of_the_same_sum_do():
    """Each slope is an element of the other factor, whatever stands beside it, and what sums make of them."""
    inf, nan = np.inf, np.nan
    a, b = np.array([[inf, 1.0], [-inf, nan], [inf, 2.0]]), np.array([[1.0, 2.0], [3.0, 4.0]])
    with np.errstate(all="ignore"):
        for mode in ("forward", "reverse"):
            jacobian = dn.jacobian(lambda b: a @ b, mode=mode)(b)  # of (a b)_ik by b_jl
            np.testing.assert_array_equal(jacobian, np.where(np.eye(2)[None, :, None, :] == 1, a[:, None, :, None], 0))
            summed = dn.jacobian(lambda b: np.sum(a[[0, 2]] @ b, 0), mode=mode)(b)
            np.testing.assert_array_equal(summed, np.where(np.eye(2)[:, None, :] == 1, np.array([inf, 3.0])[None, :, None], 0))


def test_a_product_of_numbers_that_overflows_warns_as_numpys():
    with pytest.warns(RuntimeWarning, match="overflow encountered in"):
        value, slope = dn.jvp(lambda x: x * 1e300, (1e300,), (1.0,))
    assert value == np.inf and slope == 1e300


SOFT = {  # and the second slope, of which nothing is left 400 away from 0
    "log of cosh": lambda x: np.log(np.cosh(x)), "softplus": lambda x: np.log(1 + np.exp(x)), "log1p": lambda x: np.log1p(np.exp(x)),
    "log of exp": lambda x: np.log(3 * np.exp(x)), "log2": lambda x: np.log2(np.exp(x)), "log10": lambda x: np.log10(np.exp(x)),
    "logarithm of a density": lambda x: np.log(np.exp(-x * x / 800) * np.exp(x)) + x * x / 800}


@pytest.mark.parametrize("name", SOFT)
@pytest.mark.parametrize("x", [-400.0, 380.0, 400.0])
def test_second_slopes_of_logarithms_where_the_square_of_an_inverse_leaves_the_range(name, x):
    f, slope = SOFT[name], lambda x: SOFT[name](x).sum()
    found = [outer(inner(f))(x) for outer in (dn.jacfwd, dn.jacrev) for inner in (dn.jacfwd, dn.jacrev)]
    found += [dn.hvp(slope, (np.full(3, x),), (np.ones(3),))[1], dn.linearize(dn.grad(slope), np.full(3, x))[1](np.ones(3))[1]]
    found += [dn.taylor(f, x, order=2)[2], dn.hessian(slope)(np.full(3, x))[1, 1]]
    np.testing.assert_allclose(found, 0, atol=1e-13)

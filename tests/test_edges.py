"""Singular points and the ends of floating point, by known answers, in both modes."""

import functools

import mpmath
import numpy as np
import pytest

import dualnet as dn

MODES = pytest.mark.parametrize("mode", ["forward", "reverse"])


def cofactors(a):
    """The cofactor matrix at 50 digits, by minors."""
    n = len(a)
    with mpmath.workdps(50):
        m = mpmath.matrix(a.tolist())
        minor = lambda i, j: mpmath.matrix([[m[p, q] for q in range(n) if q != j] for p in range(n) if p != i])
        return np.array([[float((-1) ** (i + j) * (mpmath.det(minor(i, j)) if n > 2 else minor(i, j)[0, 0])) for j in range(n)]
                         for i in range(n)])


DETS = [1e-200 * np.eye(2), 1e-200 * np.ones((2, 2)), 1e-120 * np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]),
        1e-120 * np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 10]]), 1e200 * np.array([[1.0, 2], [3, 4]]), 1e-110 * np.diag([1.0, 0, 2])]


@pytest.mark.parametrize("a", DETS, ids=[f"{a.shape[0]} of {a[0, 0]}" for a in DETS])
@MODES
def test_the_gradient_of_a_determinant_that_under_or_overflows(a, mode):
    with np.errstate(over="ignore"):
        gradient = dn.grad(np.linalg.det, mode=mode)(a)
        stacked = dn.jacobian(np.linalg.det, mode=mode)(np.stack([a, np.eye(len(a))]))
    exact = cofactors(a)
    np.testing.assert_allclose(gradient, exact, rtol=1e-13, atol=1e-14 * np.max(np.abs(exact)))
    np.testing.assert_allclose(stacked[0, 0], exact, rtol=1e-13, atol=1e-14 * np.max(np.abs(exact)))


@MODES
def test_second_derivatives_of_a_determinant_that_underflows(mode):
    a = 1e-120 * np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 10]])
    curvature = dn.jacobian(dn.grad(np.linalg.det, mode="reverse"), mode=mode)(a)
    assert curvature[0, 0, 1, 1] == pytest.approx(a[2, 2], rel=1e-13) and curvature[0, 1, 2, 2] == pytest.approx(-a[1, 0], rel=1e-13)


BEYOND = [(np.diag([1e160, 1e160, 1e-10]), np.diag([1e150, 1e150, np.inf])), (np.array([[np.inf, 1], [2, 3]]), [[3, -2], [-1, np.inf]]),
          (np.array([[1, np.inf], [-np.inf, 2]]), [[2, np.inf], [-np.inf, 1]]), (np.array([[np.nan, 1], [2, 3]]), [[3, -2], [-1, np.nan]])]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("a", "cofactors"), BEYOND)
@MODES
def test_each_cofactor_of_a_matrix_out_of_range_is_its_own(a, cofactors, mode):
    np.testing.assert_allclose(dn.grad(np.linalg.det, mode=mode)(a), cofactors, rtol=1e-14)
    stacked = dn.jacobian(lambda a: np.linalg.det(np.stack([a, np.eye(len(a))])), mode=mode)(a)
    np.testing.assert_allclose(stacked, [cofactors, np.zeros_like(a)], rtol=1e-14)
    if not np.all(np.isfinite(a)):  # the cofactors of a large one are not worth their cost
        assert np.all(np.isnan(dn.grad(np.linalg.det, mode=mode)(np.pad(a, (0, 9), constant_values=1.0))))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("f", [lambda a: np.linalg.slogdet(a)[1], np.linalg.cond, lambda a: np.linalg.norm(a, 2), np.linalg.svdvals,
                               lambda a: np.linalg.norm(a, "nuc"), lambda a: np.linalg.eigh(a + a.T)[0]])
@pytest.mark.parametrize("special", [np.inf, np.nan])
@MODES
def test_a_matrix_that_is_not_finite_has_no_slopes(f, special, mode):
    a = np.array([[special, 1.0], [2.0, 3.0]])
    try:
        expected = f(a)
    except np.linalg.LinAlgError:
        with pytest.raises(np.linalg.LinAlgError):
            dn.jacobian(f, mode=mode)(a)
        return
    assert np.all(np.isnan(dn.jacobian(f, mode=mode)(a)))
    np.testing.assert_array_equal(dn.jvp(f, (a,), (a,))[0], expected)


def slopes_of_norm(x, p):
    """sign(x) (|x| / norm)^(p-1), where an infinite element is 10^(10^6) and a zero one, for negative p, 10^-(10^6)."""
    with mpmath.workdps(30):
        far = mpmath.mpf(10) ** (10**6)
        size = [far if np.isinf(v) else 1 / far if v == 0 and p < 1 else mpmath.mpf(float(abs(v))) for v in x]
        norm = mpmath.fsum(v**p for v in size) ** (1 / mpmath.mpf(p))
        slope = [(v / norm) ** (p - 1) if v else mpmath.mpf(0) for v in size]
        return [np.sign(v) * float(s) if v else float(s) for v, s in zip(x, slope)]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("p", [2, 3, 1.5, 0.5, -1, -2])
@pytest.mark.parametrize("x", [[np.inf, 1, 2], [3, -np.inf, 0.5], [0, 1, 2], [-1.5, 0, 2], [1e-200, 1, 2], [1e-100, 1, 1e100]])
@MODES
def test_norms_of_vectors_with_one_infinite_or_one_zero_element(x, p, mode):
    x, true = np.array(x, float), slopes_of_norm(x, p)
    f = lambda x: np.linalg.norm(x, p)
    np.testing.assert_allclose(dn.grad(f, mode=mode)(x), true, rtol=1e-14, atol=1e-300)
    both = np.stack([x, [1.0, 2, 3]])
    jacobian = dn.jacobian(lambda x: np.linalg.norm(x, p, axis=1), mode=mode)(both)
    np.testing.assert_allclose(jacobian, [[true, [0] * 3], [[0] * 3, slopes_of_norm([1.0, 2, 3], p)]], rtol=1e-14, atol=1e-300)
    np.testing.assert_array_equal(dn.jvp(f, (x,), (x,))[0], f(x))
    if p == 2:
        pair = dn.grad(lambda x: np.hypot(x[0], x[1]), mode=mode)(x[:2])
        np.testing.assert_allclose(pair, slopes_of_norm(x[:2], 2), rtol=1e-14, atol=1e-300)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("p", "x", "lost"), [(2, [np.inf, -np.inf, 1], [1, 1, 0]), (3, [np.inf, 2, np.inf], [1, 0, 1]),
                                              (-1, [0, 0, 2], [1, 1, 0]), (2, [np.nan, 1, 2], [1, 1, 1])])
@MODES
def test_elements_that_share_the_rule_of_a_norm_have_no_slope(p, x, lost, mode):
    slopes = dn.grad(lambda x: np.linalg.norm(x, p), mode=mode)(np.array(x, float))
    np.testing.assert_array_equal(slopes, np.where(lost, np.nan, 0))


@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
@pytest.mark.parametrize("f", [lambda a: np.linalg.norm(a, 2), lambda a: np.linalg.norm(a, "nuc"), lambda a: np.linalg.svdvals(a)[-1]])
@MODES
def test_singular_values_do_not_depend_on_the_unit(f, size, mode):
    a = np.array([[1.0, 2.0, -0.5], [0.25, -1.0, 3.0]])
    np.testing.assert_allclose(dn.grad(f, mode=mode)(a * size), dn.grad(f, mode="forward")(a), rtol=1e-12)


@MODES
def test_a_simple_eigenvalue_beside_equal_ones_has_its_derivative(mode):
    a = np.diag([2.0, 1.0, 1.0])
    largest = lambda f: dn.grad(lambda a: np.max(np.real(f(a))), mode=mode)(a)
    np.testing.assert_allclose(largest(np.linalg.eigvals), np.diag([1.0, 0, 0]), atol=1e-15)
    np.testing.assert_allclose(largest(np.linalg.eigvalsh), np.diag([1.0, 0, 0]), atol=1e-15)
    vectors = dn.jacobian(lambda a: np.linalg.eigh(a + a.T)[1][:, -1] ** 2, mode=mode)(a)
    assert np.all(vectors == 0)


@MODES
def test_interpolation_at_a_jump_has_numpys_value_and_the_right_side(mode):
    xp, fp = np.array([0.0, 1.0, 1.0, 2.0]), np.array([0.0, 1.0, 5.0, 7.0])
    f = lambda x: np.interp(x, xp, fp)
    value, slope = dn.value_and_grad(f, mode=mode)(1.0)
    assert (value, slope) == (f(1.0), 2.0)
    with np.errstate(all="raise"):
        flat = lambda x: np.interp(x, [1.0, 1.0], [3.0, 4.0])
        assert dn.value_and_grad(flat, mode=mode)(1.0)[0] == flat(1.0)


def test_structural_zeros_of_few_seeds_stay_zero_beside_infinite_numbers():
    B = np.array([[np.inf, 1.0], [2.0, 3.0]])
    rows = dn.jacobian(lambda x: x @ B, mode="forward")(np.array([1.0, 2.0]))
    assert rows.tolist() == B.T.tolist()
    x = np.array([[1.0, 1.0, 5.0], [2.0, 2.0, 7.0]])
    mask = np.array([[True, True, False]] * 2)
    with np.errstate(all="ignore"):
        for mode in ("forward", "reverse"):
            spread = dn.jacobian(lambda x: np.std(x, axis=1, where=mask), mode=mode)(x)
            assert np.all(spread[:, :, 2] == 0) and np.isnan(spread[0, 0, 0]) and np.all(spread[0, 1] == 0)
            assert dn.jacobian(lambda x: np.real(np.sqrt(x)), mode=mode)(np.zeros(2)).tolist() == [[np.inf, 0], [0, np.inf]]


@MODES
def test_methods_do_what_numpys_do(mode):
    x, keep = np.array([3.0, 1.0, 2.0]), np.array([True, False, True])

    def partitioned(x):
        x = x * 1
        assert x.partition(1) is None
        return x[1]

    assert dn.grad(partitioned, mode=mode)(x).tolist() == [0, 0, 1]
    assert dn.jacobian(lambda x: x.compress(keep), mode=mode)(x).tolist() == [[1, 0, 0], [0, 0, 1]]
    assert dn.jacobian(lambda x: np.histogram_bin_edges(x, 2), mode=mode)(x).tolist() == [[0, 1, 0], [0.5, 0.5, 0], [1, 0, 0]]
    assert dn.jacobian(lambda h: np.heaviside([-1.0, 0.0, 2.0], h), mode=mode)(0.5).tolist() == [0, 1, 0]
    infinite = dn.jvp(lambda x: np.modf(x)[0], (np.array([np.inf, -1.5]),), (np.ones(2),))
    assert infinite[0].tolist() == [0, -0.5]


@pytest.mark.parametrize("q", [1.5, -0.1, np.nan])
@MODES
def test_a_traced_quantile_out_of_range_raises_as_in_numpy(q, mode):
    with pytest.raises(ValueError, match="range"):
        dn.grad(lambda q: np.quantile([1.0, 3.0, 2.0], q), mode=mode)(q)
    with pytest.raises(ValueError, match="range"):
        dn.grad(lambda q: np.nanpercentile(q * 0 + np.array([1.0, 3.0, 2.0]), q), mode=mode)(100 * q)


@MODES
def test_weights_that_sum_to_zero_raise_as_in_numpy(mode):
    with pytest.raises(ZeroDivisionError, match="Weights"):
        dn.grad(lambda x: np.average(x, weights=[1.0, -1.0]), mode=mode)(np.ones(2))


INFINITE = {
    "polyval": lambda x: np.polyval([1.0, 2.0], x), "unwrap": np.unwrap, "convolve": lambda x: np.convolve(x, [1.0, -2.0, 0.5]),
    "correlate": lambda x: np.correlate(x, [1.0, 2.0], "full"), "pad": lambda x: np.pad(x, 2, "reflect", reflect_type="odd"),
    "emath": lambda x: np.emath.sqrt(x - 1e3), "log": lambda x: np.emath.log(-x), "setxor1d": lambda x: np.setxor1d(x, x[:2]),
    "maximum": lambda x: np.maximum(x, x[::-1]), "modf": lambda x: np.modf(x)[0], "interp": lambda x: np.interp(x, [0.0, 1.0], [2.0, 3.0]),
    "prod": np.prod, "cumsum": np.cumsum, "clip": lambda x: np.clip(x, -1.0, 1.0), "hypot": lambda x: np.hypot(x, 1.0), "arctan": np.arctan,
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", INFINITE)
@pytest.mark.parametrize("special", [np.inf, -np.inf, np.nan])
def test_infinite_numbers_pass_as_numpys_do(name, special):
    f, x = INFINITE[name], np.array([0.5, special, 2.0, special])
    expected = f(x)
    np.testing.assert_array_equal(dn.jvp(f, (x,), (np.ones(4),))[0], expected)
    np.testing.assert_array_equal(dn.vjp(f, x)[0], expected)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(("dtype", "exponent"), [(np.float64, 2.0 ** 53 + 2), (np.float64, -2.0 ** 54), (np.float64, 2.0 ** 60),
                                                 (np.float32, 2.0 ** 24 + 2), (np.float64, 1e7 + 1)])
def test_powers_of_a_negative_base_with_huge_exponents_keep_their_sign(dtype, exponent, mode):
    x = np.array([-1.0], dtype)  # (x^y)' = y x^y / x, and x^y = 1 for an even y, -1 for an odd one
    slope = exponent if exponent % 2 else -exponent
    for y in (exponent, np.array([exponent], dtype)):
        got = dn.jacobian(lambda x, y=y: np.power(x, y), mode=mode)(x)
        np.testing.assert_allclose(got, [[slope]], rtol=1e-6 if dtype is np.float32 else 1e-14)


def weighted_covariance(x, w, ddof):
    """(sum w (x - m)^2) / (W - ddof sum w^2 / W), where W = sum w and m = sum w x / W: by mpmath's numbers."""
    total = mpmath.fsum(w)
    center = mpmath.fdot(w, x) / total
    return mpmath.fdot(w, [(v - center) ** 2 for v in x]) / (total - ddof * mpmath.fdot(w, w) / total)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("size", [1e-200, 1e-160, 1.0, 1e160, 1e200])
@pytest.mark.parametrize("ddof", [0, 1])
@MODES
def test_a_covariance_has_its_slopes_whatever_the_unit_of_its_weights(size, ddof, mode):
    x, w = np.array([1.0, 2.0, 4.0]), np.array([1.0, 1.0, 2.0]) * size
    f = lambda x, w: np.cov(x, aweights=w, ddof=ddof)
    with mpmath.workdps(60):
        exact_x, exact_w = [[mpmath.mpf(float(v)) for v in a] for a in (x, w)]
        one = lambda n, a, k: [*a[:k], a[k] + n, *a[k + 1:]]
        by_x = [float(mpmath.diff(lambda n, k=k: weighted_covariance(one(n, exact_x, k), exact_w, ddof), 0)) for k in range(3)]
        unit = mpmath.mpf(size)
        by_w = [float(mpmath.diff(lambda n, k=k: weighted_covariance(exact_x, one(n * unit, exact_w, k), ddof), 0) / unit)
                for k in range(3)]
    np.testing.assert_allclose(dn.grad(f, mode=mode)(x, w), by_x, rtol=1e-13)
    np.testing.assert_allclose(dn.grad(f, argnums=1, mode=mode)(x, w), by_w, rtol=1e-12)
    np.testing.assert_array_equal(dn.value_and_grad(f, mode=mode)(x, w)[0], f(x, w))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@MODES
def test_the_ends_of_a_range_of_powers_beyond_the_doubles(mode):
    f = lambda a, b: np.logspace(a, b, 3)  # 10^((1 - p) a + p b) for p = 0, 1/2, 1: slopes (1 - p) and p times log(10) of it
    inf, tens = np.inf, np.log(10) * np.array([1e100, 1e2])
    np.testing.assert_array_equal(dn.jacobian(f, mode=mode)(400.0, 3.0), [inf, 0.5 * np.log(10) * 10.0**201.5, 0])
    np.testing.assert_array_equal(dn.jacobian(f, mode=mode)(700.0, 500.0), [inf, inf, 0])
    np.testing.assert_array_equal(dn.jacobian(f, argnums=1, mode=mode)(700.0, 500.0), [0, inf, inf])
    np.testing.assert_allclose(dn.jacobian(f, mode=mode)(100.0, -96.0), [tens[0], tens[1] / 2, 0], rtol=1e-12)
    assert dn.grad(lambda a: np.sum(f(a, 500.0)), mode=mode)(700.0) == inf
    assert dn.grad(lambda b: np.sum(f(700.0, b)), mode=mode)(500.0) == inf


@pytest.mark.parametrize(("f", "slope"), [(np.log10, 1 / mpmath.log(10)), (np.log2, 1 / mpmath.log(2)), (np.log, mpmath.mpf(1))])
@pytest.mark.parametrize("x", [1e308, 1.7e308, 1e-308, 1.0])
@MODES
def test_slopes_of_logarithms_at_the_ends_of_the_range(f, slope, x, mode):
    np.testing.assert_allclose(dn.grad(f, mode=mode)(x), float(slope / x), rtol=1e-15, atol=5e-324)
    np.testing.assert_allclose(dn.jacobian(f, mode=mode)(np.array([x])), [[float(slope / x)]], rtol=1e-15, atol=5e-324)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("f", [np.sqrt, np.log, np.log2, np.log10])
@pytest.mark.parametrize("zero", [0.0, -0.0])
@MODES
def test_a_zero_of_either_sign_is_the_lower_end_of_the_domain(f, zero, mode):
    assert dn.grad(f, mode=mode)(zero) == np.inf
    assert dn.grad(lambda x: f(-x), mode=mode)(-zero) == -np.inf
    assert dn.grad(dn.grad(f, mode=mode), mode=mode)(zero) == -np.inf


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("f", "x", "limits"), [  # of the first three derivatives, from inside the domain
    (np.arccosh, 1.0, [1, -1, 1]), (np.arcsin, 1.0, [1, 1, 1]), (np.arcsin, -1.0, [1, -1, 1]), (np.arccos, 1.0, [-1, -1, -1]),
    (np.arccos, -1.0, [-1, 1, -1]), (np.arctanh, 1.0, [1, 1, 1]), (np.arctanh, -1.0, [1, -1, 1]), (np.log1p, -1.0, [1, -1, 1])])
@pytest.mark.parametrize("inner", ["forward", "reverse"])
@MODES
def test_derivatives_at_the_ends_of_domains_are_their_limits(f, x, limits, inner, mode):
    first = dn.grad(f, mode=inner)
    second = dn.grad(first, mode=mode)
    assert [first(x), second(x), dn.grad(second, mode=mode)(x)] == [s * np.inf for s in limits]


@MODES
def test_absolute_values_of_zeros_have_no_sign(mode):
    x = np.array([-0.0, 0.0, -2.0, 3.0])
    up, mixed = [1, 1, -1, 1], np.array([-0.0, 0.0, 0.0, -0.0])
    for f, signs in ((np.abs, up), (np.fabs, up), (lambda x: np.copysign(x, 1.0), up),
                     (lambda x: np.copysign(x, -1.0), [-1, -1, 1, -1]), (lambda x: np.copysign(x, mixed), [-1, 1, -1, -1])):
        values = dn.jvp(f, (x,), (np.ones(4),))[0] if mode == "forward" else dn.vjp(f, x)[0]
        np.testing.assert_array_equal(values, f(x))
        np.testing.assert_array_equal(np.signbit(values), np.signbit(f(x)))
        np.testing.assert_array_equal(dn.jacobian(f, mode=mode)(x), np.diag(signs))
    value, slope = dn.value_and_grad(abs, mode=mode)(-0.0)
    assert not np.signbit(value) and slope == 1


@MODES
def test_the_hypotenuse_of_one_side_is_its_length(mode):
    x = np.array([[-3.0, 4.0, -0.0]])
    f = lambda x: np.hypot.reduce(x, axis=0)
    np.testing.assert_array_equal(f(x), [3, 4, 0])
    values = dn.jvp(f, (x,), (x,))[0] if mode == "forward" else dn.vjp(f, x)[0]
    np.testing.assert_array_equal(values, f(x))
    np.testing.assert_array_equal(dn.jacobian(f, mode=mode)(x)[:, 0], np.diag([-1, 1, 1]))
    np.testing.assert_array_equal(dn.jacobian(lambda x: np.hypot.reduce(x, axis=0, initial=None), mode=mode)(x)[:, 0], np.eye(3))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("a", [np.inf, -np.inf, np.nan, 0.0, 5.0, 1e-320])
@MODES
def test_the_determinant_of_one_number_is_the_number(a, mode):
    x = np.array([[a]])
    values = dn.jvp(np.linalg.det, (x,), (x,))[0] if mode == "forward" else dn.vjp(np.linalg.det, x)[0]
    np.testing.assert_array_equal(values, np.linalg.det(x))
    np.testing.assert_allclose(dn.grad(np.linalg.det, mode=mode)(x), [[1.0]], rtol=1e-14)
    np.testing.assert_allclose(dn.grad(lambda x: np.linalg.det(np.stack([x, x]))[1], mode=mode)(x), [[1.0]], rtol=1e-14)


@MODES
def test_the_bessel_function_of_long_doubles(mode):
    x = np.array([0.0, 1.0, -5.0, 699.0, -720.0, 900.0], np.longdouble)
    slopes = dn.derivative(np.i0)(x) if mode == "forward" else dn.vjp(np.i0, x)[1](np.ones_like(x))[0]
    assert slopes.dtype == np.longdouble
    with mpmath.workdps(30):
        ratio = [float(mpmath.besseli(1, float(v)) / mpmath.besseli(0, float(v))) for v in x]
    np.testing.assert_allclose((slopes / np.i0(x)).astype(float), ratio, rtol=1e-13)
    second = dn.derivative(dn.derivative(np.i0))(x[:3]).astype(float)  # i0 - i1 / x
    np.testing.assert_allclose(second, [0.5, *(float(mpmath.besseli(0, v) - mpmath.besseli(1, v) / v) for v in (1, -5))], rtol=1e-13)


@pytest.mark.parametrize("kind", "efdgFDG")
@pytest.mark.parametrize("f", [np.sum, np.prod, np.nanprod, lambda x, **k: np.prod(x, initial=2, **k), np.cumsum, np.cumprod,
                               lambda x, **k: np.max(x.real, initial=-1.0, **k)])
@MODES
def test_reductions_of_nothing_keep_the_precision(f, kind, mode):
    for shape in ((0,), (0, 2), (2, 0)):
        x = np.zeros(shape, kind)
        for options in ({}, {"axis": 0}, {"axis": -1}):
            expected = f(x, **options)
            g = functools.partial(f, **options)
            out = dn.jvp(g, (x,), (x,))[0] if mode == "forward" else dn.vjp(g, x)[0]
            assert out.dtype == expected.dtype and np.array_equal(out, expected) and np.shape(out) == expected.shape


@MODES
@pytest.mark.parametrize(("f", "x", "slope"), [
    (lambda x: np.real(np.arcsinh(x + 1j * x)), 1e200, 1e-200), (lambda x: np.imag(np.arcsinh(x * (-1 + 1j))), 1e200, 0.0),
    (lambda x: np.real(np.arcsinh(x + 2j)), 0.5, mpmath.re(1 / mpmath.sqrt(1 + mpmath.mpc(0.5, 2) ** 2))),
    (lambda x: np.real(np.tan(x + 30j)), 0.3, mpmath.re(1 / mpmath.cos(mpmath.mpc(0.3, 30)) ** 2)),
    (lambda x: np.real(np.tanh(x + 0.3j)), -30.0, mpmath.re(1 / mpmath.cosh(mpmath.mpc(-30, 0.3)) ** 2)),
    (lambda x: np.imag(np.sign(x + 1e200j)), 1e200, -0.5 ** 1.5 * 1e-200), (lambda x: np.real(np.sign(x * (3 + 4j))), 0.0, 0.0),
    (lambda x: np.sum(np.abs(x * np.array([1j, 3 + 4j, 0]))), 0.0, 6.0), (lambda x: np.abs((x - 2) * (3 + 4j)) ** 2, 2.0, 0.0),
])
def test_slopes_of_complex_functions_at_the_ends_of_the_range(f, x, slope, mode):
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(dn.grad(f, mode=mode)(x), float(slope), rtol=1e-12, atol=1e-307)


def test_higher_slopes_of_arctan_far_out():
    second = dn.derivative(dn.derivative(np.arctan))
    np.testing.assert_allclose(second(np.array([1e80, 1e100, -1e100])), [-2e-240, -2e-300, 2e-300], rtol=1e-14)
    np.testing.assert_allclose(dn.derivative(second)(np.array([1e60, 0.7])), [6e-240, float(mpmath.diff(mpmath.atan, 0.7, 3))], rtol=1e-13)


@pytest.mark.parametrize("far", [[9], [0, 9, 39], range(8, 40), []], ids=["one", "few", "most", "none"])
@MODES
def test_slopes_of_tanh_keep_their_digits_beside_any_others(far, mode):
    x = np.linspace(-2.0, 2.0, 40)
    x[list(far)] *= 12.0
    with mpmath.workdps(60):
        truths = [np.array([float(mpmath.diff(mpmath.tanh, v, k)) for v in x]) for k in (1, 2, 3)]
    slope = lambda f: dn.grad(lambda x: np.sum(f(x)), mode=mode)
    for f in (np.tanh, lambda x: np.tanh(x.reshape(8, 5)).T):
        for truth in truths:
            f = slope(f)
            np.testing.assert_allclose(f(x), truth, rtol=1e-12)
    single = slope(np.tanh)(x.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, truths[0], rtol=1e-4)
    np.testing.assert_allclose(dn.taylor(lambda t: np.tanh(x + t), 0.0, order=3)[3], truths[2], rtol=1e-12)
    beside = np.append(x, [np.nan, np.inf])
    np.testing.assert_allclose(slope(np.tanh)(beside), [*truths[0], np.nan, 0.0], rtol=1e-12)


def test_a_traced_array_says_on_how_many_inputs_it_depends():
    said = []

    def f(x):
        said.extend([repr(x), repr(x[:2] * x[1]), repr(x[2] * np.ones(2)), repr(0 * x[0] + 1)])
        return np.sum(x)

    dn.jacobian(f, mode="forward")(np.arange(3.0))
    assert [text.rpartition(" + ")[2] for text in said] == ["3 seeds ε)", "2 seeds ε)", "1 seed ε)", "1 seed ε)"]
    assert repr(dn.table).startswith("<table of ")

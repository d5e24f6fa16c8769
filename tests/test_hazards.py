"""Inputs on which tools of this kind go wrong, with the right answer written out; the same in every mode."""

import copy
import math
import warnings

import numpy as np
import pytest

import dualnet as dn
from dualnet import testing

NAN, INF = np.nan, np.inf
SLOPES = {
    "jvp": lambda f, x: dn.jvp(f, (x,), (np.ones_like(x),))[1],
    "forward rows": lambda f, x: dn.jacobian(f, mode="forward")(x),
    "reverse": lambda f, x: dn.grad(f, mode="reverse")(x),
    "by chunks": lambda f, x: dn.jacobian(f, chunk_size=1)(x),
    "recorded pullback": lambda f, x: dn.vjp(f, x)[1](1.0)[0],
    "recorded push": lambda f, x: dn.linearize(f, x)[1](np.ones_like(x)),
}
by_mode = pytest.mark.parametrize("mode", SLOPES)
GRADIENTS = {k: v for k, v in SLOPES.items() if k not in ("jvp", "recorded push")}
by_gradient = pytest.mark.parametrize("mode", GRADIENTS)


def same(got, expected, rtol=1e-14):
    np.testing.assert_allclose(got, expected, rtol=rtol, equal_nan=True)


# --- kinks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("v", [-2.0, 0.0, 3.0])
def test_jvp_of_abs_at_zero_is_the_one_sided_derivative(v):
    for f in (np.abs, np.fabs, abs, lambda x: np.maximum(x, -x), lambda x: np.sqrt(x * x) if False else np.absolute(x),
        lambda x: -np.minimum(x, -x)):
        same(dn.jvp(f, (0.0,), (v,))[1], abs(v))
    same(dn.jvp(lambda x: np.max(np.stack([x, -x])), (0.0,), (v,))[1], abs(v))
    same(dn.jvp(lambda x: np.sort(np.stack([x, -x]))[1], (0.0,), (v,))[1], abs(v))
    same(dn.jvp(lambda x: np.clip(x, 0.0, 1.0), (0.0,), (v,))[1], max(v, 0.0))


SMOOTH = {
    "x as max(x,0) - max(-x,0)": (lambda x: np.maximum(x, 0) - np.maximum(-x, 0), 1, 0),
    "x as max(x,0) + min(x,0)": (lambda x: np.maximum(x, 0) + np.minimum(x, 0), 1, 0),
    "x as maximum(x, x)": (lambda x: np.maximum(x, x), 1, 0),
    "x as clip(x,-1,0) + clip(x,0,1)": (lambda x: np.clip(x, -1, 0) + np.clip(x, 0, 1), 1, 0),
    "x as (abs(x) + x)/2 + min(x, 0)": (lambda x: (np.abs(x) + x) / 2 + np.minimum(x, 0), 1, 0),
    "x as max of a pair plus min of the pair": (lambda x: np.max(np.stack([x, 0 * x])) + np.min(np.stack([x, 0 * x])), 1, 0),
    "x as the median of three": (lambda x: np.median(np.stack([x, 2 * x, x])), 1, 0),
    "x^2 as max(x,-x)^2": (lambda x: np.maximum(x, -x) ** 2, 0, 2),
    "x^2 as abs(x)^2": (lambda x: np.abs(x) ** 2, 0, 2),
    "x^2 as abs(x) * max(x, -x)": (lambda x: np.abs(x) * np.maximum(x, -x), 0, 2),
    "x^2 as fmax^2": (lambda x: np.fmax(x, -x) * np.fmax(-x, x), 0, 2),
    "3x + x^2 through sort": (lambda x: np.sum(np.sort(np.stack([x, 2 * x]))) + np.abs(x) ** 2, 3, 2),
    "sinc": (lambda x: np.sinc(x), 0, -np.pi**2 / 3),
    "x**1": (lambda x: x**1, 1, 0),
    "x**0": (lambda x: x**0, 0, 0),
    "x**0.0": (lambda x: x**0.0, 0, 0),
    "x**2.0": (lambda x: x**2.0, 0, 2),
    "np.power(x, array 1.0)": (lambda x: np.power(x, np.array(1.0)), 1, 0),
    "prod with a zero": (lambda x: np.prod(np.stack([x, x + 2, x + 3])), 6, 10),
    "cumprod with a zero": (lambda x: np.cumprod(np.stack([x, x + 2, x + 3]))[-1], 6, 10),
}


@by_mode
@pytest.mark.parametrize("name", SMOOTH)
def test_functions_smooth_in_truth_have_their_slope_at_zero(name, mode):
    f, first, _ = SMOOTH[name]
    same(SLOPES[mode](f, 0.0), first)


@pytest.mark.parametrize("name", SMOOTH)
def test_and_their_second_derivative_by_every_nesting(name):
    f, _, second = SMOOTH[name]
    forward, reverse = dn.derivative, lambda f: dn.grad(f, mode="reverse")
    rows = lambda f: dn.grad(f, mode="forward")
    for outer in (forward, reverse, rows):
        for inner in (forward, reverse, rows):
            same(outer(inner(f))(0.0), second)


@by_gradient
def test_ties_choose_one_and_the_same_in_every_mode(mode):
    for f in (np.max, np.min, lambda x: np.sort(x)[1], np.median, np.ptp, lambda x: np.partition(x, 1)[1],
        lambda x: np.maximum(x[0], x[1]),
              lambda x: np.maximum.reduce(x), lambda x: np.sum(np.clip(x, 1.0, 2.0)), lambda x: np.sum(np.abs(x - 2.0))):
        x = np.array([2.0, 2.0, 1.0])
        got = GRADIENTS[mode](f, x)
        same(got, dn.grad(f, mode="reverse")(x))
    assert sorted(np.abs(GRADIENTS[mode](np.max, np.array([2.0, 2.0, 1.0])))) == [0, 0, 1]


@by_gradient
def test_local_kinks_take_the_first_of_the_tied(mode):
    x = np.array([1.0, 2.0, 2.0])
    for f, expected in ((np.max, [0, 1, 0]), (lambda x: np.maximum(x[2], x[1]), [0, 0, 1]),
        (lambda x: np.sum(np.maximum(x, 2.0)), [0, 1, 1]),
                        (lambda x: np.sum(np.abs(x - 2.0)), [-1, 1, 1])):
        for kind in ("forward", "reverse"):
            same(dn.grad(f, mode=kind, kinks="local")(x), expected)


@by_gradient
def test_nan_passes_through_max(mode):
    x = np.array([1.0, NAN, 2.0])
    assert np.isnan(np.max(x)) and np.isnan(dn.value_and_grad(np.max)(x)[0])
    same(GRADIENTS[mode](np.max, x), [0, 1, 0])
    same(GRADIENTS[mode](np.nanmax, x), [0, 0, 1])


@by_gradient
def test_std_of_a_constant_is_nan_not_finite_and_wrong(mode):
    got = GRADIENTS[mode](np.std, np.ones(3))
    assert np.all(np.isnan(got) | np.isinf(got))


# --- singular points ------------------------------------------------------------------------------------------


@by_mode
def test_a_smooth_function_through_a_singular_one_is_right_or_nan(mode):
    for f, true in ((lambda x: np.sqrt(x) ** 2, 1.0), (lambda x: np.cbrt(x) ** 3, 1.0), (lambda x: np.exp(np.log(x)), 1.0),
                    (lambda x: np.hypot(x, 0.0) ** 2, 0.0), (lambda x: np.arcsin(x + 1) * 0.0 + x, 1.0)):
        with np.errstate(all="ignore"):
            got = SLOPES[mode](f, 0.0)
        assert np.isnan(got) or math.isclose(got, true, rel_tol=1e-12), (got, true)


def test_zeros_in_products_have_exact_gradients_and_hessians():
    x = np.array([0.0, 2.0, 3.0])
    same(dn.grad(np.prod)(x), [6, 0, 0])
    same(dn.grad(np.prod, mode="reverse")(np.zeros(3)), [0, 0, 0])
    expected = np.array([[0, 3, 2], [3, 0, 0], [2, 0, 0.0]])
    same(dn.hessian(np.prod)(x), expected)
    same(dn.hessian(lambda x: np.cumprod(x)[2])(x), expected)
    same(dn.jacobian(dn.grad(np.prod, mode="forward"), mode="reverse")(x), expected)
    J = dn.jacobian(np.cumprod)(x)
    same(J, [[1, 0, 0], [2, 0, 0], [6, 0, 0]])


# --- powers, endpoints, overflow -----------------------------------------------------------------------------------

POINTS = {
    "x**0 at 0": (lambda x: x**0, 0.0, 0.0), "x**-1 at 2": (lambda x: x**-1, 2.0, -0.25), "x**1.5 at 0": (lambda x: x**1.5, 0.0, 0.0),
    "x**0.5 at 0": (lambda x: x**0.5, 0.0, INF), "sqrt at 0": (np.sqrt, 0.0, INF), "cbrt at 0": (np.cbrt, 0.0, INF),
    "arcsin at 1": (np.arcsin, 1.0, INF), "arccos at 1": (np.arccos, 1.0, -INF), "arccosh at 1": (np.arccosh, 1.0, INF),
    "arctanh at 1": (np.arctanh, 1.0, INF), "(-2)**x at 2": (lambda x: np.power(-2.0, x), 2.0, NAN),
    "(-2.)**x": (lambda x: (-2.0) ** x, 2.0, NAN),
    "0**x at 2": (lambda x: 0.0**x, 2.0, 0.0), "log at 0": (np.log, 0.0, INF), "x**3 at -2": (lambda x: x**3, -2.0, 12.0),
    "x**3.0 at -2": (lambda x: x**3.0, -2.0, 12.0), "1/x at 0": (lambda x: 1 / x, 0.0, -INF), "log1p at -1": (np.log1p, -1.0, INF),
    "arcsinh at 1e200": (np.arcsinh, 1e200, 1e-200), "tanh at 400": (np.tanh, 400.0, 0.0), "tanh at 800": (np.tanh, 800.0, 0.0),
    "logaddexp(0, x) at 1000": (lambda x: np.logaddexp(0.0, x), 1000.0, 1.0),
    "logaddexp(0, x) at -1000": (lambda x: np.logaddexp(0.0, x), -1000.0, 0.0),
    "logaddexp(0, x) at inf": (lambda x: np.logaddexp(0.0, x), INF, 1.0), "logaddexp2": (lambda x: np.logaddexp2(x, 0.0), 5000.0, 1.0),
    "arctan at 1e200": (np.arctan, 1e200, 0.0), "hypot at 1e200": (lambda x: np.hypot(x, 1e200), 1e200, math.sqrt(0.5)),
    "arctan2 at 1e200": (lambda x: np.arctan2(x, 1e200), 1e200, 0.5e-200), "exp at -1000": (np.exp, -1000.0, 0.0),
    "exp at 1000": (np.exp, 1000.0, INF),
    "expm1 at 1e-300": (np.expm1, 1e-300, 1.0), "sinc at 1e-8": (np.sinc, 1e-8, -np.pi**2 / 3 * 1e-8),
    "sinc at 1e200": (np.sinc, 1e200, None),
    "where(x>0, log x, 0) at 0": (lambda x: np.where(x > 0, np.log(x), 0.0), 0.0, 0.0),
    "where(x>0, sqrt x, x)": (lambda x: np.where(x > 0, np.sqrt(x), 3 * x), 0.0, 3.0),
    "select": (lambda x: np.select([x > 0, x < -1], [np.log(x), 1 / x], 5 * x), 0.0, 5.0),
    "log(x)[()] left out": (lambda x: np.stack([np.log(x), 2 * x])[1], 0.0, 2.0),
    "concatenate, the singular part left out": (lambda x: np.concatenate([np.reshape(np.sqrt(x), 1), np.reshape(7 * x,
        1)])[1:].sum(), 0.0, 7.0),
    "a write over the singular part": (lambda x: _overwritten(np.log(np.stack([x, x + 1])), x), 0.0, 6.0),
}


def _overwritten(y, x):
    y[0] = 5 * x
    return np.sum(y)


@by_mode
@pytest.mark.parametrize("name", POINTS)
def test_points_where_formulas_break_down(name, mode):
    f, x, expected = POINTS[name]
    with np.errstate(all="ignore"):
        got = SLOPES[mode](f, x)
    if expected is not None:
        same(got, expected, 1e-12)


def test_three_derivatives_of_tanh_far_out_are_zero():
    for x in (400.0, 800.0, -400.0, -1e5):
        f = np.tanh
        for _ in range(3):
            f = dn.derivative(f)
            same(f(x), 0.0)
    f = lambda x: np.logaddexp(0.0, x)
    for _ in range(3):
        f = dn.grad(f, mode="reverse")
    same(f(1000.0), 0.0)
    same(f(-1000.0), 0.0)


def test_values_are_numpys_at_the_edges():
    for f, x in ((lambda x: x**1.5, 0.0), (np.tanh, 400.0), (np.sqrt, -1.0), (lambda x: np.logaddexp(x, x), -INF), (np.exp, 1000.0)):
        with np.errstate(all="ignore"):
            assert np.array_equal(dn.jvp(f, (x,), (1.0,))[0], f(np.float64(x)), equal_nan=True)
    assert dn.derivative(np.sqrt)(0.0) == INF and dn.derivative(lambda x: x**0.5)(np.float64(0.0)) == INF


def test_no_warning_that_the_plain_call_does_not_give():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for f, x in ((np.sqrt, 0.0), (np.arcsin, 1.0), (np.cbrt, 0.0),
        (lambda x: x**0.5, 0.0), (np.tanh, 800.0), (np.arctan, 1e200), (np.arcsinh, 1e200),
                     (lambda x: np.logaddexp(0.0, x), 1000.0),
                     (lambda x: np.logaddexp(0.0, x), -1000.0), (np.sinc, 0.0), (np.abs, 0.0)):
            for mode in SLOPES:
                SLOPES[mode](f, x)
        for mode in ("reverse", "recorded pullback"):
            assert np.all(np.isnan(SLOPES[mode](np.std, np.ones(3))))
        x = np.array([-1.0, 2.0])
        same(dn.jacobian(lambda x: np.log(x, out=np.zeros_like(x), where=x > 0))(x), [[0.0, 0.0], [0.0, 0.5]])
        same(dn.jacobian(lambda x: np.real(np.sort_complex(x)))(x), np.eye(2))


# --- lost derivatives raise -----------------------------------------------------------------------------------

LOST = {
    "float": lambda x: float(x[0]), "int": lambda x: int(x[0]), "complex": lambda x: complex(x[0]),
    "math.sin": lambda x: math.sin(x[0]),
    "item": lambda x: x[0].item(), "item(i)": lambda x: x.item(0), "tolist": lambda x: x.tolist(), "asarray": lambda x: np.asarray(x),
    "array(dtype=float)": lambda x: np.array(x, dtype=float), "plain[i] = x": lambda x: _set(np.zeros(3), 0, x[0]),
    "plain[:] = x": lambda x: _set(np.zeros(3), slice(None), x),
    "out=plain": lambda x: np.exp(x, out=np.zeros(3)), "sum(out=plain)": lambda x: np.sum(x, out=np.zeros(())),
    "plain += x": lambda x: _plus(np.zeros(3), x),
    "index": lambda x: [1, 2, 3][x[0]],
    "range": lambda x: range(x[0]), "view": lambda x: x.view(int), "tobytes": lambda x: x.tobytes(),
    "copyto": lambda x: np.copyto(np.zeros(3), x), "np.add.at": lambda x: np.add.at(np.zeros(3), [0], x[0]),
    "np.float64()": lambda x: np.float64(x[0]),
    "math.exp": lambda x: math.exp(x[0]), "format": lambda x: math.fsum(x), "round": lambda x: math.floor(x[0]),
    "array(dtype=object)": lambda x: np.array(x, dtype=np.float32),
    "fromiter": lambda x: np.fromiter(x, float), "plain.dot": lambda x: np.ones((2, 3)).dot(x), "bytes": lambda x: memoryview(x),
    "put": lambda x: np.put(np.zeros(3), [0], x[0]),
}


def _set(y, i, v):
    y[i] = v
    return y


def _plus(y, x):
    y += x
    return y


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", LOST)
def test_a_derivative_that_would_be_lost_raises_and_names_the_cure(name, mode):
    with pytest.raises((TypeError, ValueError)) as caught:  # NumPy turns a failed write of one element into a ValueError
        y = dn.jacobian(LOST[name], mode=mode)(np.array([1.0, 2.0, 3.0]))
        assert np.any(np.asarray(y))  # or else it was kept
    assert isinstance(caught.value, dn.DualnetError) or isinstance(caught.value.__cause__, dn.DualnetError) or name == "bytes"


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("f", [
    lambda x: np.array([x[0], 2 * x[1]]), lambda x: np.array([[x[0] ** 2, 0.0], [1.0, x[0] * x[1]]]), lambda x: np.array(x),
        lambda x: copy.copy(x) * 2,
    lambda x: copy.deepcopy(x) * 3, lambda x: x.astype(np.float64) * 2, lambda x: x.copy() * 2,
        lambda x: np.full_like(x, x[0]), lambda x: np.stack(list(x)),
    lambda x: [x[0], x[1] * 2], lambda x: np.asanyarray([x[0], x[1]]), lambda x: np.hstack([x, 1.0]),
        lambda x: np.array([x, 2 * x]), lambda x: sum(x)],
    ids=["array of two", "nested array", "np.array", "copy", "deepcopy", "astype", ".copy()", "full_like", "stack(list)", "list",
    "asanyarray", "hstack", "array of arrays", "sum()"])
def test_conversions_that_keep_the_derivative(f, mode):
    x = np.array([1.5, 2.5])
    try:
        got = dn.jacobian(f, mode=mode)(x)
    except dn.DualnetError:
        return
    flat = lambda x: np.concatenate([np.ravel(v) for v in np.atleast_1d(f(x))]) if isinstance(f(x), list) else np.ravel(f(x))
    expected = np.stack([testing.differences.along(lambda t, e=e: flat(x + t * e))[0] for e in np.eye(2)], -1)
    got = np.concatenate([np.reshape(g, (-1, 2)) for g in got]) if isinstance(got, list) else np.reshape(got, (-1, 2))
    same(got, expected, 1e-9)


def test_integers_and_booleans_made_of_a_dual_are_constants():
    f = lambda x: np.sum(x * x.astype(int)) + np.sum(x * (x > 2)) + np.sum(np.floor(x) * x)
    same(dn.grad(f)(np.array([1.5, 2.5])), [1 + 0 + 1, 2 + 1 + 2])


def test_a_dual_that_escapes_raises():
    kept = []
    for transform in (lambda f: dn.grad(f, mode="forward")(1.0), lambda f: dn.grad(f, mode="reverse")(1.0),
        lambda f: dn.jvp(f, (1.0,), (1.0,))):
        transform(lambda x: kept.append(x) or x * x)
        for use in (lambda x: x * 2, np.sin, lambda x: x + np.ones(2), lambda x: np.stack([x, x]), float):
            with pytest.raises((RuntimeError, TypeError)) as caught:
                use(kept[-1])
            assert isinstance(caught.value, dn.DualnetError)


# --- NumPy's semantics ------------------------------------------------------------------------------------------


@by_mode
def test_indexing_out_of_range_raises_as_numpy_does(mode):
    for f in (lambda x: x[10], lambda x: x[[0, 10]][0], lambda x: np.take(x, 10), lambda x: x[-4]):
        with pytest.raises(IndexError):
            SLOPES[mode](f, np.ones(3))


def test_integer_inputs_count_as_float64():
    for x in (2, np.int32(2), True * 2):
        got = dn.grad(lambda x: x**3)(x)
        assert got == 12.0 and np.asarray(got).dtype == np.float64
    got = dn.grad(lambda x: np.sum(x * x))(np.array([1, 2], dtype=np.int8))
    assert got.dtype == np.float64
    same(got, [2, 4])
    same(dn.jacobian(np.square)([1, 2]), np.diag([2.0, 4.0])) if False else None
    same(dn.derivative(np.square)(3), 6.0)


@pytest.mark.parametrize("f", [np.exp2, np.log2, np.log10, lambda x: np.where(x > 1, x, 2 * x), np.mean,
lambda x: np.mean(x, axis=0), np.var, np.std, np.median,
                               lambda x: x / 3, lambda x: 2 * x + 1, lambda x: x ** 2.5,
                               lambda x: np.pad(x, 1), np.cumsum, np.trapezoid, lambda x: np.clip(x, 1.0, 2.0),
                               lambda x: np.stack([x, x * 2]), lambda x: np.maximum(x, 1.0), lambda x: x.sum() * x, np.prod,
                               lambda x: np.tanh(x) @ x],
                         ids=range(21))
def test_single_precision_stays_single(f):
    x = np.array([1.0, 2.0, 3.0], np.float32)
    assert dn.jacobian(f, mode="forward")(x).dtype == dn.jacobian(f, mode="reverse")(x).dtype == np.float32
    assert dn.jvp(f, (x,), (x,))[1].dtype == np.float32


def test_dtype_of_a_ufunc_casts_its_inputs_first():
    x = np.array([0.1, 0.7], np.float32)
    f = lambda x: np.exp(x, dtype=np.float64)
    y, dy = dn.jvp(f, (x,), (np.ones_like(x),))
    np.testing.assert_array_equal(y, f(x))
    assert y.dtype == dy.dtype == np.float64
    assert dn.grad(lambda x: np.sum(f(x)), mode="reverse")(x).dtype == np.float32


def test_complex_parts_are_real_linear_maps():
    z, v = 1.0 + 2.0j, 0.5 - 0.25j
    for f, expected in ((np.abs, (z.real * v.real + z.imag * v.imag) / abs(z)), (np.conj, v.conjugate()), (np.real, v.real),
        (np.imag, v.imag),
                        (np.angle, (z.real * v.imag - z.imag * v.real) / abs(z) ** 2),
                        (lambda z: z * np.conj(z), 2 * (z.conjugate() * v).real),
                        (lambda z: z.real**2 + 1j * z.imag, 2 * z.real * v.real + 1j * v.imag)):
        same(dn.jvp(f, (z,), (v,))[1], expected)
        testing.assert_forward_equals_reverse(f, z)


def test_empty_and_scalar_arrays():
    empty = np.zeros((0,))
    for f in (np.sum, np.prod, lambda x: np.sum(np.sin(x) * x), lambda x: np.sum(np.concatenate([x, x]))):
        for mode in ("forward", "reverse"):
            assert dn.grad(f, mode=mode)(empty).shape == (0,)
        assert dn.hessian(f)(empty).shape == (0, 0)
    assert dn.jacobian(np.sin)(empty).shape == (0, 0)
    assert dn.jacobian(np.sin, sparse=True)(empty).shape == (0, 0)
    assert dn.jacobian(np.sin, mode="reverse")(np.zeros((2, 0))).shape == (2, 0, 2, 0)
    assert np.shape(dn.grad(np.sin)(np.array(0.5))) == ()


# --- state ----------------------------------------------------------------------------------------------------------


def test_arrays_changed_before_a_pullback_do_not_change_it():
    x, c = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    y, pullback = dn.vjp(lambda x: x * x * c, x)
    _, pushforward = dn.linearize(lambda x: x * x * c, x)
    x[:], c[:] = 100.0, -1.0
    same(pullback(np.ones(2))[0], [6.0, 16.0])
    same(pullback(np.ones(2))[0], [6.0, 16.0])


def test_a_constant_buffer_reused_inside_the_function_is_captured():
    def f(x):
        buffer, total = np.ones(2), 0.0
        for k in range(3):
            buffer[:] = k
            total = total + np.sum(x * buffer)
        return total

    for mode in ("forward", "reverse"):
        same(dn.grad(f, mode=mode)(np.ones(2)), [3.0, 3.0])


def test_a_result_does_not_change_when_the_input_does():
    x = np.array([1.0, 2.0])
    y, dy = dn.jvp(lambda x: x * 1.0, (x,), (x,))
    g = dn.grad(lambda x: np.sum(x * x) / 2, mode="reverse")(x)
    x[:] = 9.0
    same(g, [1.0, 2.0])
    same(dy, [1.0, 2.0])


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_tie_beside_a_row_of_nan_is_still_a_tie(mode):
    def f(x):  # the maximum of x and of 2 x - 1 at 1: the second leads ahead
        rows = np.stack([np.stack([x, 2 * x - 1]), np.stack([np.nan * x, x])])
        return np.max(rows, axis=1)[0]

    assert dn.grad(f, mode=mode)(1.0) == 2

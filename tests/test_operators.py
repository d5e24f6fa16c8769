"""What the transformations take and give back: aux, keywords, lists, precision, results that the caller changes."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest

import dualnet as dn

X = np.array([0.5, 2.0, -1.0])
OUTER = {"derivative": dn.derivative, "grad": dn.grad, "reverse": lambda f: dn.grad(f, mode="reverse"),
         "taylor": lambda f: lambda y: dn.taylor(f, y, order=1)[1], "vjp": lambda f: lambda y: dn.vjp(f, y)[1](1.0)[0]}
MODES = pytest.mark.parametrize("mode", ["forward", "reverse", "auto"])


@MODES
@pytest.mark.parametrize("outer", OUTER)
def test_aux_keeps_the_derivatives_of_transformations_outside(outer, mode):
    def both(x, y):
        return x * y, {"of y": y**2, "of both": x * y**3, "array": np.array([x, y])}

    aux = lambda y: dn.grad(both, mode=mode, has_aux=True)(2.0, y)[1]
    assert OUTER[outer](lambda y: aux(y)["of y"])(3.0) == 6.0
    assert OUTER[outer](lambda y: aux(y)["of both"])(3.0) == 2 * 3 * 9.0
    assert OUTER[outer](lambda y: aux(y)["array"] @ [5.0, 7.0])(3.0) == 7.0
    assert type(aux(3.0)["array"]) is np.ndarray and aux(3.0)["array"].tolist() == [2.0, 3.0]


@pytest.mark.parametrize("through", [lambda x: x, np.exp, lambda x: np.exp(x)[::-1], lambda x: np.exp(x).reshape(3, 1)])
def test_results_of_vjp_and_linearize_may_be_written_into(through):
    true = np.array([through(X + 1e-6 * e) - through(X - 1e-6 * e) for e in np.eye(3)]) / 2e-6
    y, pullback = dn.vjp(through, X)
    z, pushforward = dn.linearize(through, X)
    y *= 0
    z *= 0
    g = np.arange(1.0, 4).reshape(y.shape)
    np.testing.assert_allclose(pullback(g)[0], np.sum(true * g, tuple(range(1, true.ndim))), rtol=1e-8)
    np.testing.assert_allclose(pushforward(np.array([0.0, 1.0, 0.0])), true[1], rtol=1e-8, atol=1e-9)


def test_results_of_vjp_may_be_written_into_inside_another_transformation():
    def slope(a):
        y, pullback = dn.vjp(lambda x: np.exp(a * x), X)
        y[:] = 0.0
        return np.sum(pullback(np.ones(3))[0])

    true = np.sum(np.exp(2.0 * X) * (1 + 2.0 * X))  # of a exp(a x) by a
    assert dn.derivative(slope)(2.0) == pytest.approx(true, rel=1e-14)
    assert dn.grad(slope, mode="reverse")(2.0) == pytest.approx(true, rel=1e-14)


@pytest.mark.parametrize("f", [np.sin, lambda z: z[1:] * z[:-1] ** 2, lambda z: np.fft.fft(z * z)])
def test_a_sparse_jacobian_of_a_holomorphic_function(f):
    z = X + 1j * X[::-1] ** 2
    true = np.stack([(f(z + 1e-6 * e) - f(z - 1e-6 * e)) / 2e-6 for e in np.eye(3)], -1)
    np.testing.assert_allclose(dn.jacobian(f, sparse=True)(z).toarray(), true, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("f", [np.conj, np.abs, np.real, lambda z: z * np.conj(z[::-1]), lambda z: np.angle(z) + 1j * z.real])
def test_a_sparse_jacobian_of_what_is_not_holomorphic_is_refused_as_a_dense_one_is(f):
    for sparse in (False, True):
        with pytest.raises(dn.DualnetError, match="not holomorphic"):
            dn.jacobian(f, sparse=sparse)(X + 1j * X[::-1] ** 2)


def test_an_estimate_of_the_gradient_by_complex_numbers_has_both_parts():
    z = np.array([0.5 + 1j, -2j])
    estimate = dn.forward_gradient(lambda z: np.sum(np.abs(z) ** 2), directions=4000, seed=0)(z)
    np.testing.assert_allclose(estimate, 2 * z, atol=0.4)  # dL/dRe + i dL/dIm


def test_keyword_arguments_reach_the_function():
    def power(x, *, k=1, scale=1.0):
        return scale * x**k

    assert dn.derivative(power)(3.0, k=2, scale=0.5) == 3.0
    assert dn.forward_gradient(power, seed=0)(3.0, k=2, scale=0.0) == 0.0
    assert dn.hessian(power)(3.0, k=3) == 18.0


def test_the_derivative_of_an_elementwise_function_of_a_list():
    np.testing.assert_allclose(dn.derivative(np.tanh)([0.0, 1.0]), 1 / np.cosh([0.0, 1.0]) ** 2, rtol=1e-14)
    assert dn.derivative(lambda pair: pair[0] * pair[1])((2.0, 3)) == 5.0


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
def test_constants_and_taylor_rows_have_the_precision_of_the_result(dtype):
    x = X.astype(dtype)

    def f(x):
        return x * x, dtype(3), x[0] ** 2

    y, dy = dn.linearize(f, x)
    for values in (y, dy(X), dn.jvp(f, (x,), (X,))[1], dn.taylor(f, x, order=3), dn.taylor(f, x, np.ones(3), order=1)):
        assert [v.dtype for v in values] == [dtype] * 3
    np.testing.assert_array_equal(dn.taylor(f, x, order=3)[0], [X * X, 2 * X, [2.0] * 3, [0.0] * 3])
    assert all(isinstance(v, np.generic) for v in dy(X)[1:])


@MODES
def test_a_result_of_whole_numbers_has_a_derivative_of_doubles(mode):
    f = lambda x: (np.array([1, 2]), x > 1, 7)
    for part, size in zip(dn.jacobian(f, mode=mode)(X), [(2,), (3,), ()]):
        assert part.dtype == float and part.shape == size + (3,) and not np.any(part)
    for parts in (dn.jvp(f, (X,), (X,))[1], dn.linearize(f, X)[1](X)):
        assert [p.dtype for p in parts] == [float] * 3 and not any(map(np.any, parts))


@MODES
def test_jacobians_of_scalars_by_scalars_are_scalars(mode):
    found = dn.jacobian(lambda a, b: [a * b, a + b], (0, 1), mode=mode)(2.0, np.array(3.0))
    assert found == [(3.0, 2.0), (1.0, 1.0)] and all(isinstance(v, np.float64) for pair in found for v in pair)


def test_the_jacobian_operator_of_a_constant_number():
    J = dn.jacobian_operator(lambda x: 3.0, X)
    assert (J @ X).tolist() == [0.0] and (J.T @ np.ones(1)).tolist() == [0.0] * 3


@pytest.mark.parametrize("third", [Fraction(1, 3), mpmath.mpf(1) / 3])
def test_dual_numbers_of_exact_numbers_are_written_out(third):
    square = dn.Dual(third, 1) ** 2
    assert square.value == third * third and square.tangent == 2 * third
    assert repr(square) == f"Dual({third * third} + {2 * third}ε)"
    assert np.array_equal((dn.Dual(2.0, 1j) * 3).tangent, 3j)


@pytest.mark.parametrize("name", sorted(n for n in dir(np.ndarray) if not n.startswith("_") and callable(getattr(np.ndarray, n))))
def test_methods_of_arrays_are_methods_in_every_mode(name):
    """None of them is hidden by what a mode keeps beside the value; what it does is tested elsewhere."""
    found = {}

    def look(mode):
        def f(x):
            try:
                found[mode] = callable(getattr(x, name))
            except AttributeError:
                found[mode] = None
            return np.sum(x)

        return f

    W = np.ones((2, 2))
    dn.jvp(look("forward"), (W,), (W,))
    dn.vjp(look("reverse"), W)
    dn.grad(look("auto"))(W)
    dn.taylor(look("taylor"), W, order=1)
    dn.closed_form(look("closed form"), W)
    assert set(found.values()) in ({True}, {None}), found


def test_the_trace_of_a_matrix_by_its_method():
    W = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert dn.taylor(lambda W: W.trace() ** 2, W, order=2).tolist() == [25.0, 20.0, 8.0]
    assert str(dn.closed_form(lambda W: W.trace(), W)) == "W_0_0 + W_1_1"
    assert dn.check(lambda W: W.trace() ** 2, W).ok


@pytest.mark.parametrize("dtype", [np.float32, float])
def test_a_run_that_writes_into_a_number_is_pushed_along(dtype):
    x = X.astype(dtype)
    y, pushforward = dn.linearize(lambda x: np.add.reduce(x * x, out=np.zeros_like(x, shape=())), x)
    assert y.dtype == dtype and pushforward(X).dtype == dtype and pushforward(X) == 2 * np.sum(X * X)
    _, pushforward = dn.linearize(lambda x: np.zeros((), like=x) + 0, x)
    assert pushforward(X) == 0.0 and pushforward(X).dtype == float


@MODES
def test_rounding_to_digits_by_pythons_round(mode):
    assert dn.value_and_grad(lambda x: round(x, 1) + x**2, mode=mode)(1.26) == (round(1.26, 1) + 1.26**2, 2.52)


@pytest.mark.parametrize("size", [2.5, "2", True, 0, -1], ids=repr)
def test_a_chunk_is_a_positive_whole_number_of_seeds(size):
    with pytest.raises(dn.errors.ArgumentError, match="positive number of seeds"):
        dn.jacobian(np.sin, chunk_size=size)


def test_what_cannot_be_asked_for_names_the_cure():
    x = np.array([1.0, 2.0])
    with pytest.raises(dn.errors.ArgumentError, match="take the dense Jacobian there"):
        dn.jacobian(lambda x: dn.jacobian(np.sin, sparse=True)(x) @ x)(x)
    with pytest.raises(dn.errors.ArgumentError, match="leave mode out"):
        dn.grad(lambda z: np.sum(np.abs(z)), mode="forward")(x + 1j)


TO_ITSELF = 1.3**1.3 * (1 + np.log(1.3))
TWICE = {"add": 2.0, "subtract": 0.0, "multiply": 2.6, "divide": 0.0, "hypot": 2**0.5, "arctan2": 0.0, "logaddexp": 1.0, "maximum": 1.0,
         "minimum": 1.0, "power": TO_ITSELF, "matmul": 2.6, "remainder": 0.0, "fmax": 1.0, "float_power": TO_ITSELF}


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", TWICE)
def test_functions_of_one_array_twice(name, mode):
    f = lambda x: np.sum(getattr(np, name)(x, x))
    for x in (np.array([1.3]), np.full((1, 1), 1.3)):
        np.testing.assert_allclose(dn.grad(f, mode=mode)(x), np.full(x.shape, TWICE[name]), rtol=1e-14)


def summed(whole, shape):
    """`whole` summed over the axes along which `shape` is broadcast to its own."""
    extra = whole.ndim - len(shape)
    axes = tuple(k for k in range(whole.ndim) if k < extra or shape[k - extra] == 1)
    return np.sum(whole, axis=axes, keepdims=True).reshape(shape)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 1), (2, 1), (1, 3), (2, 3), (1, 1, 1), (1, 2, 1)], ids=str)
def test_gradients_of_what_is_broadcast_are_sums(shape, mode, rng):
    x, A = rng.standard_normal(shape), rng.standard_normal((2, 3))
    np.testing.assert_allclose(dn.grad(lambda x: np.sum(A * np.sin(x)), mode=mode)(x), summed(A * np.cos(x), shape), rtol=1e-13)
    np.testing.assert_allclose(dn.grad(lambda x: np.sum(np.tanh(A * x)), mode=mode)(x), summed(A / np.cosh(A * x) ** 2, shape), rtol=1e-12)


def test_complex_cotangents_of_real_results_keep_both_parts():
    x, g = np.array([1.0, 2.0]), np.array([1 + 2j, 3 - 1j])
    f, matrix = lambda x: np.stack([x[0] * x[1], x[1] ** 2]), np.array([[2.0, 1.0], [0.0, 4.0]])
    operator = dn.jacobian_operator(f, x)
    for got in (dn.vjp(f, x)[1](g)[0], operator.rmatvec(g), operator.T @ g):
        np.testing.assert_allclose(got, matrix.T @ g)
    np.testing.assert_allclose(operator @ g, matrix @ g)
    _, pull = dn.vjp(lambda z: np.abs(z), np.array([3 + 4j]))
    with pytest.raises(TypeError, match="complex and its result is real"):
        pull(np.array([1j]))

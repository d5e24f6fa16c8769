"""Structural zeros that meet NaN or infinity inside a contraction or a stack of matrices: nothing, in both modes."""

import numpy as np
import pytest
from structural import SECOND, both, hessians, hessians_close, written

import dualnet as dn

NAN, INF = np.array([[1.0, np.nan], [2.0, 3.0]]), np.array([[1.0, np.inf], [2.0, 3.0]])
X = np.array([0.5, 0.75])
LEFT_OUT = {  # of x and a matrix with a bad element at [0, 1] that the result does not depend on; the gradient
    "x @ a": (lambda x, a: (x @ a)[0], [1, 2]),
    "a.T @ x": (lambda x, a: (a.T @ x)[0], [1, 2]),
    "a @ x": (lambda x, a: (a @ x)[1], [2, 3]),
    "slice": (lambda x, a: (x @ a)[:1].sum(), [1, 2]),
    "einsum": (lambda x, a: np.einsum("i,ij->j", x, a)[0], [1, 2]),
    "tensordot": (lambda x, a: np.tensordot(x, a, 1)[0], [1, 2]),
    "outer": (lambda x, a: np.outer(x, a[0])[:, 0].sum(), [1, 1]),
    "kron": (lambda x, a: np.kron(x, a[0])[0], [1, 0]),
    "stack of products": (lambda x, a: np.matmul(np.stack([x, x])[:, None], np.stack([a, np.eye(2)]))[1].sum(), [1, 1]),
    "squared": (lambda x, a: (x @ a)[0] * (x @ a)[0], [3.75 + 0.25, 8]),
    "padded": (lambda x, a: np.pad(x, 1) @ np.array([a[0, 1], 1.0, 2.0, a[0, 1]]), [1, 2]),
    "beside a constant": (lambda x, a: np.concatenate([x, [2.0]]) @ np.array([1.0, 2.0, a[0, 1]]), [1, 2]),
    "where": (lambda x, a: np.where([True, False], x, 0.0) @ a[0], [1, 0]),
    "inverse": (lambda x, a: np.linalg.inv(np.stack([np.eye(2) * x[0], a * x[1]]))[0].sum(), [-8, 0]),
    "solve": (lambda x, a: np.linalg.solve(np.stack([np.eye(2) * x[0], a * x[1]]), np.ones((2, 2, 1)))[0].sum(), [-8, 0]),
    "determinant": (lambda x, a: np.linalg.det(np.stack([np.eye(2) * x[0], a * x[1]]))[0], [1, 0]),
}


@pytest.mark.parametrize("a", [NAN, INF], ids=["NaN", "inf"])
@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_left_out_meets_nothing(name, a):
    f, want = LEFT_OUT[name]
    with np.errstate(all="ignore"):
        for mode in ("forward", "reverse"):
            np.testing.assert_array_equal(dn.grad(lambda x: f(x, a), mode=mode)(X), want)
        np.testing.assert_array_equal(dn.jvp(lambda x: f(x, a), (X,), (np.array([1.0, 2.0]),))[1], want @ np.array([1.0, 2.0]))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_rows_of_a_product_that_are_left_out_stay_apart_from_infinite_partials(mode):
    def f(x):
        return (np.log(np.stack([x, x - X])) @ np.array([[1.0], [2.0]]))[0, 0]

    with np.errstate(all="ignore"):
        np.testing.assert_allclose(dn.grad(f, mode=mode)(X), 1 / X * [1, 2], rtol=1e-15)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_number_that_is_zero_stays_a_number(mode):
    with np.errstate(all="ignore"):
        assert np.isnan(dn.grad(lambda x: (0.0 * x) @ NAN[0], mode=mode)(X)[1])
        np.testing.assert_array_equal(dn.grad(lambda x: (x @ INF).sum(), mode=mode)(X), [np.inf, 5])


def test_jacobians_and_second_order_leave_it_out_too():
    def f(x):
        return (np.square(x) @ NAN)[:1]

    for jacobian in (dn.jacfwd, dn.jacrev):
        np.testing.assert_array_equal(jacobian(f)(X), [[1, 3]])
        for second in (dn.jacfwd, dn.jacrev):
            np.testing.assert_array_equal(second(jacobian(f))(X), [np.diag([2.0, 4.0])][:1])


def test_what_comes_out_of_a_contraction_still_knows_its_structural_zeros():
    rows, a = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, -1.0], [2.0, -2.0]])

    def f(x):  # the second row of the product depends on nothing
        return np.sqrt(np.concatenate([np.outer(x, rows[0])[:1], [[1.0, 1.0]]]) @ a + np.array([[1.0, 4.0], [-3.0, 3.0]]))

    with np.errstate(all="ignore"):
        tangent = dn.jvp(f, (X,), (np.ones(2),))[1]
        np.testing.assert_allclose(tangent[0], [5 / 2 / np.sqrt(0.5 * 5 + 1), -5 / 2 / np.sqrt(4 - 2.5)], rtol=1e-15)
        np.testing.assert_array_equal(tangent[1], [0, 0])
        np.testing.assert_array_equal(dn.jacrev(f)(X)[1], np.zeros((2, 2)))


LOGS = {  # of x with a 0 whose logarithm the result does not depend on; the gradient is that of the other element
    "complex": lambda x: np.where(x > 0, np.real(np.log(x + 0j)), 0.0).sum(),
    "conjugate": lambda x: np.real(np.conjugate(np.log(x + 0j)))[1], "running sum": lambda x: np.cumsum(np.log(x[::-1]))[0],
    "norm": lambda x: np.linalg.norm(np.log(np.stack([x, x + 1.0]).T), axis=1)[1] * np.log(2) / np.hypot(np.log(2), np.log(3)),
    "bincount": lambda x: np.bincount([1, 0], np.log(x))[0],
}


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_linear_maps_pass_structural_zeros_on(name, mode):
    x = np.array([0.0, 2.0])
    with np.errstate(all="ignore"):
        gradient = dn.grad(LOGS[name], mode=mode)(x)
    h = 1e-6
    with np.errstate(all="ignore"):
        slope = (LOGS[name](x + [0, h]) - LOGS[name](x - [0, h])) / (2 * h)
    np.testing.assert_allclose(gradient, [0, slope], rtol=1e-8)


def test_real_and_imaginary_parts_keep_the_elements_of_a_jacobian_apart():
    with np.errstate(all="ignore"):
        for f in (lambda x: np.abs(x + 1j * x), lambda x: np.angle(x + 1j * x), lambda x: np.real(np.sqrt(x + 0j))):
            for jacobian in (dn.jacfwd, dn.jacrev):
                found = jacobian(f)(np.array([0.0, 1.0]))
                assert found[0, 1] == found[1, 0] == 0 and np.isfinite(found[1, 1])


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_contraction_keeps_apart_the_rows_that_a_single_result_does_not_read(mode):
    b = np.array([[2.0, 1.0], [3.0, -1.0]])
    f = lambda x: (np.sqrt(x).reshape(2, 2) @ b)[0, :1]  # the slope at x[2] is infinite, and not a part of the result
    np.testing.assert_array_equal(dn.jacobian(f, mode=mode)(np.array([1.0, 4.0, 0.0, 9.0])), [[1.0, 0.75, 0.0, 0.0]])


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_each_complex_element_of_a_real_input_is_nan_by_itself(mode):
    z = np.array([1 + 2j, 3 - 1j, 2j])
    for f, x, slopes in ((lambda x: z * x, [np.nan, 1, 2], z), (np.emath.sqrt, [np.nan, 4.0, -4.0], [0, 0.25, -0.25j])):
        with np.errstate(all="ignore"):
            jacobian = dn.jacobian(f, mode=mode)(np.array(x))
        rest = jacobian.copy()
        rest[0, 0] = 0
        np.testing.assert_array_equal(rest, np.diag([0, *slopes[1:]]))


def test_a_sparse_jacobian_of_half_precision_is_single():
    x = np.array([1, 2, 4], np.float16)
    for f, want in ((np.square, np.diag([2, 4, 8])), (lambda x: x - x.mean(), np.eye(3) - 1 / 3), (lambda x: 2 * x.max(), [[0, 0, 2]])):
        jacobian = dn.jacobian(f, sparse=True)(x)
        assert jacobian.dtype == np.float32
        np.testing.assert_allclose(jacobian.toarray(), want, atol=1e-3)


MOVED = {  # of x = [0, 1, 4]: roots behind a map that moves or adds up elements; which of x each result reads, and by how much
    "cumsum": (np.cumsum, np.tri(3)),
    "cumsum of a matrix": (lambda x: np.cumsum(np.stack([x, x + 1.0]), 1)[0], np.tri(3)),
    "nancumsum": (np.nancumsum, np.tri(3)),
    "cumsum backwards": (lambda x: np.flip(np.cumsum(np.flip(x))), np.tri(3).T),
    "add.accumulate": (np.add.accumulate, np.tri(3)),
    "roll": (lambda x: np.roll(x, 1), np.roll(np.eye(3), 1, 0)),
    "sort": (lambda x: np.sort(x[::-1]), np.eye(3)),
    "take": (lambda x: np.take(x, [2, 0, 0]), np.eye(3)[[2, 0, 0]]),
    "concatenate": (lambda x: np.concatenate([x[1:], [0.0], x]), np.eye(4, 3, 0)[[1, 2, 3, 0, 1, 2]]),
    "pad": (lambda x: np.pad(x, 1), np.eye(5, 3, -1)),
    "diff": (lambda x: np.diff(x, prepend=0.0), np.eye(3) - np.eye(3, 3, -1)),
    "tril": (lambda x: np.tril(np.stack([x, x]))[1], np.diag([1, 1, 0])),
    "diag": (lambda x: np.diag(x)[0], np.eye(3) * [1, 0, 0]),
    "written": (lambda x: written(x, [2, 0]), np.eye(3)[[2, 0]]),
    "written over": (lambda x: written(np.cumsum(x), [1, 1, 0]), np.tri(3)[[1, 1, 0]]),
}


@pytest.mark.parametrize("name", MOVED)
def test_what_a_result_does_not_read_stays_apart_from_its_infinite_slope(name):
    move, reads = MOVED[name]
    x = np.array([0.0, 1.0, 4.0])
    slopes = {0.0: np.inf, 1.0: 0.5, 2.0: 0.5 / np.sqrt(2), 3.0: 0.5 / np.sqrt(3), 4.0: 0.25, 5.0: 0.5 / np.sqrt(5)}
    want = np.array([[slopes[float(value)] * read if read else 0.0 for read in row] for row, value in zip(reads, move(x))])
    np.testing.assert_allclose(both(lambda x: np.sqrt(move(x)), x), want, rtol=1e-15)


@pytest.mark.parametrize("x", [[-1.0], [[-1.0]], [-1.0, 2.0]])
def test_the_only_element_of_an_array_has_structural_zeros_as_others_have(x):
    x = np.asarray(x)
    for f in (lambda x: 1 / np.where(x > 0, x, 0.0), lambda x: 1 / np.maximum(x, 0.0) - 1 / np.maximum(x, 0.0),
              lambda x: np.sqrt(np.pad(x.ravel(), 1))[:1], lambda x: np.sqrt(np.concatenate([[0.0], x.ravel()]))[0]):
        found = both(f, x)
        assert found.flat[0] == 0 and not np.isnan(found).any()


CURVED = {  # of x = [1, 0]: the second slope by the 0 is infinite, and not a part of the result; the one by the 1
    "element": (lambda x: (x ** 1.5)[0], 0.75),
    "slice": (lambda x: np.sum((x ** 1.5)[:1]), 0.75),
    "mask": (lambda x: np.sum((x ** 1.5)[x > 0.5]), 0.75),
    "where": (lambda x: np.sum(np.where(x > 0.5, x ** 1.5, 0.0)), 0.75),
    "roots": (lambda x: np.sqrt(x)[0], -0.25),
    "scaled": (lambda x: (2.0 * x ** 1.5 + x)[0] * 3.0, 4.5),
    "maximum": (lambda x: np.max(x ** 1.5), 0.75),
    "sorted": (lambda x: np.sort(x ** 1.5)[1], 0.75),
    "powers of both": (lambda x: (x ** 1.5 * x ** 0.5)[0], 2.0),
    "running sum": (lambda x: np.cumsum(x ** 1.5)[0], 0.75),
    "product": (lambda x: (np.diag(x ** 1.5) @ np.ones(2))[0], 0.75),
    "joined": (lambda x: np.concatenate([x, x ** 1.5])[2], 0.75),
    "written": (lambda x: written(x ** 1.5, [0, 0])[1], 0.75),
    "two written": (lambda x: np.prod(written(x ** 1.5, [0, 0])), 6.0),
}


@pytest.mark.parametrize("name", CURVED)
def test_second_slopes_of_what_is_left_out_stay_apart_in_every_nesting(name):
    f, second = CURVED[name]
    np.testing.assert_allclose(hessians(f, np.array([1.0, 0.0])), [[second, 0], [0, 0]], rtol=1e-15)


def test_what_is_not_left_out_is_infinite_in_every_nesting():
    np.testing.assert_array_equal(hessians(lambda x: np.sum(x ** 1.5), np.array([1.0, 0.0])), [[0.75, 0], [0, np.inf]])


def test_jacobians_of_jacobians_keep_their_units_apart():
    for outer, inner in SECOND.values():
        with np.errstate(all="ignore"):
            found = outer(inner(lambda x: x ** 1.5))(np.array([1.0, 0.0]))
        np.testing.assert_array_equal(found, [[[0.75, 0], [0, 0]], [[0, 0], [0, np.inf]]])


X0 = np.array([0.0, 1.0])


def test_zeros_of_a_direction_or_of_a_cotangent_depend_on_nothing():
    with np.errstate(all="ignore"):
        pushed = dn.linearize(np.sqrt, X0)[1]
        pulled = dn.vjp(np.sqrt, X0)[1]
        operator = dn.jacobian_operator(np.sqrt, X0)
        for found in (dn.jvp(np.sqrt, (X0,), (np.array([0.0, 3.0]),))[1], pushed(np.array([0.0, 3.0])), pulled(np.array([0.0, 3.0]))[0],
                      operator @ [0.0, 3.0], operator.T @ [0.0, 3.0]):
            np.testing.assert_array_equal(found, [0, 1.5])
        np.testing.assert_array_equal(pushed(np.array([2.0, 0.0])), [np.inf, 0])
        assert dn.jvp(np.sqrt, (0.0,), (0.0,))[1] == 0 == dn.vjp(np.sqrt, 0.0)[1](0.0)[0]
        assert dn.jvp(lambda x, y: np.sqrt(x) + y, (0.0, 1.0), (0.0, 2.0))[1] == 2
        assert np.isnan(dn.jvp(lambda x: np.sqrt(0 * x), (1.0,), (1.0,))[1])  # a zero that is a number


def test_a_direction_with_a_derivative_of_its_own_is_no_structural_zero():
    x = np.array([1.0, 4.0])
    for mode in ("forward", "reverse"):
        slope = dn.grad(lambda v: np.sum(dn.jvp(np.sqrt, (x,), (v,))[1]), mode=mode)
        np.testing.assert_array_equal(slope(np.zeros(2)), [0.5, 0.25])
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(dn.grad(lambda v: np.sum(dn.jvp(np.sqrt, (X0,), (v,))[1]), mode=mode)(np.zeros(2)), [np.inf, 0.5])


def test_a_run_is_repeated_only_where_a_derivative_is_nan_and_care_may_help():
    runs = []

    def counted(f):
        runs.clear()
        return lambda x: runs.append(1) or f(x)

    with np.errstate(all="ignore"):
        for f, times in ((np.sqrt, 1), (np.cumsum, 1)):
            dn.jvp(counted(f), (X0,), (np.ones(2),))
            assert len(runs) == times
            dn.jacrev(counted(f))(X0)
            assert len(runs) == times
        nan = counted(lambda x: np.sum(np.sqrt(x * [0.0, 1.0])))
        assert np.isnan(dn.grad(nan, mode="reverse")(X0)[0]) and len(runs) == 1  # no transformation inside: nothing more to know
        runs.clear()
        assert np.isnan(dn.jvp(nan, (X0,), (np.ones(2),))[1]) and len(runs) == 2
        runs.clear()
        dn.hessian(counted(lambda x: np.sum(x ** 1.5)))(np.ones(2))
        assert len(runs) == 1


MIXED = {  # where all that a linear map or a sum reads is left out, nothing is left of an infinite or undetermined slope behind it
    "abs of a transform": lambda x: np.abs(np.fft.rfft(np.where(x > 5, x, 0.0))),
    "transform of what is left out": lambda x: np.where(x > 5, np.real(np.fft.fft(np.sqrt(x))), 0.0),
    "solution left out": lambda x: np.where(x > 50, np.linalg.solve(np.array([[2.0, 1.0], [1.0, 3.0]]), np.sqrt(x)), 1.0),
    "scalar product left out": lambda x: np.where(x > 50, np.dot(np.sqrt(x), np.sqrt(x)) * x, 1.0),
    "length left out": lambda x: np.where(x > 50, np.linalg.norm(np.sqrt(x)) * x, 1.0),
    "convolution left out": lambda x: np.where(np.arange(3) > 5, np.convolve(np.sqrt(x), np.sqrt(x)), 1.0),
}


@pytest.mark.parametrize("name", MIXED)
def test_a_map_of_structural_zeros_alone_gives_structural_zeros(name):
    found = both(MIXED[name], [0.0, 1.0])
    np.testing.assert_array_equal(found, np.zeros_like(found))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(dn.jvp(MIXED[name], (X0,), (np.ones(2),))[1], found[:, 0])


def test_a_transform_keeps_the_inputs_apart_that_none_of_its_elements_reads():
    found = both(lambda x: np.abs(np.fft.rfft(np.where(x > 0.5, x, 0.0) - 1.0)), [0.0, 1.0, 1.0, 1.0])
    np.testing.assert_allclose(found[:, 0], 0, atol=0)
    assert np.isfinite(found).all()
    with np.errstate(all="ignore"):  # the slope of a modulus at 0 is not a number, but by the element that is left out it is 0
        found = dn.jacfwd(lambda x: np.abs(np.fft.rfft(np.where(x > 0.5, x, 1.0))))(np.array([1.0, 0.0]))
        np.testing.assert_array_equal(found, dn.jacrev(lambda x: np.abs(np.fft.rfft(np.where(x > 0.5, x, 1.0))))(np.array([1.0, 0.0])))
    np.testing.assert_array_equal(found[:, 1], [0, 0])


def test_solutions_keep_the_seeds_of_an_inner_sweep_apart():
    a = np.array([[1.0, 2.0], [0.5, 3.0]])
    found = hessians(lambda x: np.linalg.solve(a, x ** 1.5)[0], np.array([0.0, 1.0]))
    np.testing.assert_allclose(found, [[np.inf, 0], [0, 0.75 * np.linalg.inv(a)[0, 1]]], rtol=1e-14)


def squared(x):
    return np.sqrt(x).reshape(2, 2)


CONTRACTED = {  # of x = [1, 4, 9, 0], of whose roots the results read the first three; by these, a b c, the results as they stand
    "matrix by matrix": (lambda x: (squared(x) @ squared(x))[0, 0], lambda a, b, c: a * a + b * c),
    "matrix by vector": (lambda x: (squared(x) @ np.sqrt(x)[:2])[0], lambda a, b, c: a * a + b * b),
    "einsum": (lambda x: np.einsum("ij,jk,kl->il", squared(x), np.ones((2, 2)), squared(x))[0, 0], lambda a, b, c: (a + b) * (a + c)),
    "outer": (lambda x: np.outer(np.sqrt(x), np.sqrt(x))[0, 1], lambda a, b, c: a * b),
    "tensordot": (lambda x: np.tensordot(squared(x), squared(x), 1)[0, 0], lambda a, b, c: a * a + b * c),
    "triangle": (lambda x: (np.triu(squared(x)) @ np.ones(2))[0] ** 2, lambda a, b, c: (a + b) ** 2),
}


@pytest.mark.parametrize("name", CONTRACTED)
def test_contractions_of_what_is_differentiated_again_leave_out_what_no_result_reads(name):
    import sympy

    f, formula = CONTRACTED[name]
    x = sympy.symbols("x:4", positive=True)
    exact = sympy.hessian(formula(*map(sympy.sqrt, x[:3])), x).subs(dict(zip(x, (1, 4, 9, 1))))
    with np.errstate(all="ignore"):
        for outer, inner in SECOND.values():
            found = outer(inner(f))(np.array([1.0, 4.0, 9.0, 0.0]))
            np.testing.assert_allclose(found, np.array(exact, float), rtol=1e-13, atol=1e-15)


def test_cotangents_of_elements_and_of_a_whole_array_keep_what_neither_reads():
    for f, slopes in ((lambda y: np.where([True, False, False], y, 0.0).sum() + y[1:2].sum(), [0.5, 0.25, 0]),
                      (lambda y: y[1:2].sum() + y[[0, 0]].sum(), [1, 0.25, 0]),
                      (lambda y: np.take(y, [0]).sum() + y[1] + y[1:2].sum(), [0.5, 0.5, 0])):
        np.testing.assert_array_equal(both(lambda x, f=f: f(np.sqrt(x)), [1.0, 4.0, 0.0]), slopes)
    for g in (lambda s: np.linalg.solve(np.eye(2) + 1, s) ** 2, lambda s: np.abs(np.fft.fft(s)), lambda s: np.cumsum(s) * s):
        assert not np.any(hessians_close(lambda x, g=g: g(np.sqrt(x)[:2])[0], np.array([1.0, 4.0, 0.0]))[2])


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_product_that_is_not_chosen_leaves_infinite_slopes_alone(mode):
    c = np.array([1.0, 0.5, -0.3])
    f = lambda u: np.where(False, np.sqrt(u) @ c, 1.0) + u[0]
    assert dn.grad(f, mode=mode)(np.array([0.0, 1.0, 2.0])).tolist() == [1.0, 0.0, 0.0]


READ = {  # of x, of whose four elements the sum reads the first two, each squared
    "slice": lambda x: np.sum(x[:2] ** 2),
    "elements": lambda x: x[0] ** 2 + x[1] * x[1],
    "index": lambda x: np.sum(x[[0, 1]] ** 2),
    "pieces": lambda x: 0.5 * sum(np.sum(x[[k]] ** 2) + x[k] ** 2 for k in (0, 1)),
    "mask": lambda x: np.sum(x[x < 2.5] ** 2),
    "matrix": lambda x: np.sum(np.reshape(x, (2, 2))[0] ** 2),
    "where": lambda x: np.sum(np.where(x < 2.5, x ** 2, 0.0)),
    "running sum": lambda x: np.cumsum(x ** 2)[1],
}
BEHIND = {"root": (np.sqrt, lambda g: 0.5 / np.sqrt(g)), "logarithm": (np.log, lambda g: 1 / g),
          "inverse": (lambda g: 1 / g, lambda g: -1 / g ** 2), "power": (lambda g: g ** -1.5, lambda g: -1.5 * g ** -2.5)}


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("read", READ)
def test_a_gradient_by_what_is_not_read_is_a_structural_zero_along_a_direction_too(read, behind):
    f, (h, slope) = READ[read], BEHIND[behind]
    x, v = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, -1.0, 2.0, 0.5])
    want = np.append(slope(2 * x[:2]) * 2 * v[:2], [0.0, 0.0])
    for inner in (dn.grad(f, mode="forward"), dn.grad(f, mode="reverse"), dn.jacfwd(f), lambda x: dn.vjp(f, x)[1](1.0)[0]):
        g = lambda x, inner=inner: h(inner(x))
        with np.errstate(all="ignore"):
            for found in (dn.jvp(g, (x,), (v,))[1], dn.linearize(g, x)[1](v), dn.jacobian(g)(x) @ v):
                np.testing.assert_allclose(found, want, rtol=1e-14, atol=0)
            np.testing.assert_allclose(dn.vjp(g, x)[1](v)[0], want, rtol=1e-14, atol=0)  # the Jacobian is diagonal


def test_a_recorded_run_is_made_again_with_care_unless_what_it_reads_has_changed():
    runs, factor = [], [1.0]

    def g(x):
        runs.append(x)
        return np.sqrt(dn.grad(lambda x: np.sum(np.where(x < 2.5, factor[0] * x ** 2, 0.0)), mode="reverse")(x))

    x = np.array([2.0, 3.0])
    with np.errstate(all="ignore"):
        for changed, slopes, count in ((1.0, [0.5, 0.0], 2), (4.0, [0.5, np.nan], 2)):
            runs.clear()
            factor[0] = 1.0
            pull = dn.vjp(g, x)[1]
            factor[0] = changed
            for _ in range(2):
                np.testing.assert_allclose(pull(np.ones(2))[0], slopes, rtol=1e-15)
            assert len(runs) == count

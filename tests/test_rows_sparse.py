"""Sparse rows: against the dense reverse Jacobian, their patterns, and that they stay sparse."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

import dualnet as dn
from dualnet import testing
from dualnet.errors import EscapedError

FUNCTIONS = {
    "differences": lambda x: np.diff(x) * x[1:],
    "stencil": lambda x: np.roll(x, 1) - 2 * x + np.roll(x, -1) + np.sin(x) * x,
    "joins": lambda x: np.concatenate([x[::2], x[:2] ** 2, np.ones(2), x[::-1] * x[0]]),
    "writes": lambda x: _written(x),
    "sums of parts": lambda x: np.stack([np.sum(x[:3]), np.sum(x[2:] ** 2), x[0] * x[-1]]),
    "outer product": lambda x: x[:, None] * np.cos(x),
    "windows": lambda x: x[np.arange(len(x) - 2)[:, None] + np.arange(3)] @ np.array([1.0, -2.0, 1.0]),
    "a matrix product": lambda x: np.arange(12.0).reshape(2, 6)[:, : len(x)] @ x[:6],
    "where": lambda x: np.where(x > 0, np.exp(x), x[0]),
    "a scalar": lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2),
    "reshape and transpose": lambda x: (x[:6].reshape(2, 3).T * x[:2]).ravel(),
    "cumulative sum": np.cumsum,
    "a constant": lambda x: np.ones(3),
    "part constant": lambda x: np.stack([x[0], 2.0 * np.ones_like(x[0]) * 1.0, x[1]]),
    "sorted": lambda x: np.sort(x) * x,
    "maximum": lambda x: np.maximum(x[1:], x[:-1]),
    "clipped and averaged": lambda x: np.clip(x, -1, 1).mean() * x,
    "repeated": lambda x: np.repeat(x, 2) + np.tile(x, 2),
    "einsum": lambda x: np.einsum("i,j,j->i", x, x, np.ones(len(x))),
    "norms of pairs": lambda x: np.sqrt(np.sum(x[:6].reshape(3, 2) ** 2, axis=-1)),
}


def _written(x):
    y = np.zeros(8, like=x)
    y[:3] = x[:3] * x[1]
    y[[5, 6]] += x[-2:]
    return y


@pytest.mark.parametrize("name", FUNCTIONS)
@given(data=st.data())
def test_rows_sparse_and_chunked_equal_dense(name, data):
    x = data.draw(testing.arrays(shape=(6,)).filter(lambda x: np.all(np.abs(x) < 10)))
    x = x + np.linspace(0.01, 0.06, 6)  # ties are test_hazards' matter
    testing.assert_sparse_equals_dense(FUNCTIONS[name], x, chunk_sizes=(1, 2, 5))


@pytest.mark.parametrize(("name", "entries"), [("differences", 998), ("stencil", 1500), ("windows", 1494), ("maximum", 499),
                                               ("a scalar", 1500)])
def test_only_what_depends_is_stored(name, entries):
    J = dn.jacobian(FUNCTIONS[name], sparse=True)(np.linspace(0.1, 1.0, 500))
    assert sparse.issparse(J) and J.format == "csr"
    assert J.nnz <= entries
    J.sum_duplicates()
    assert J.has_canonical_format


MEETING = {  # two lists of places: where elements that both read lie
    "nowhere": ([0, 1, 2, 3], [1, 2, 3, 4]), "everywhere": ([4, 2, 0, 1], [4, 2, 0, 1]), "at the first": ([2, 3, 0, 1], [2, 0, 1, 4]),
    "at the last": ([0, 3, 1, 4], [1, 0, 2, 4]), "across": ([0, 1, 2, 3], [4, 1, 0, 2]), "one": ([3], [3])}


@pytest.mark.parametrize("where", MEETING)
@pytest.mark.parametrize("alike", [False, True])
def test_a_row_has_each_column_once(where, alike):
    i, j = (np.array(places) for places in MEETING[where])
    A = np.linspace(0.5, 2.0, 15).reshape(5, 3)

    def f(A):
        y = np.concatenate([A[:2, 1], A[i, 0] * np.exp(A[j, 0]) + A[i].T[1] * A[j, 2] * A[i, 2], A[i, 1] * np.sin(A[j, 1])])
        if not alike:
            return y
        halves = np.concatenate([A[i, 0], A[j, 0]]) * np.concatenate([A[i, 0], A[i, 2]]) * np.concatenate([A[i, 1], np.ones(len(i))])
        return np.concatenate([y[:2], halves])

    J = dn.jacobian(f, sparse=True)(A)
    for start, end in zip(J.indptr, J.indptr[1:]):
        assert len(set(J.indices[start:end])) == end - start
    np.testing.assert_allclose(J.toarray(), dn.jacobian(f, mode="reverse")(A).reshape(J.shape), rtol=1e-13)


PARTS = {"alike": (slice(1, 4), slice(1, 4)), "apart": (slice(1, 4), slice(0, 3)), "fewer": (slice(1, 4), slice(1, 3)),
         "all": (slice(0, 5), slice(0, 5)), "in another order": ([3, 0, 1], [3, 0, 1]), "constant": (slice(1, 4), None)}
JOINS = {
    "ends": lambda a, b: np.concatenate([a, b]), "columns": lambda a, b: np.stack([a, b], axis=1), "pairs": lambda a, b: np.hypot(a, b),
    "choice": lambda a, b: np.where(np.arange(7) % 3 == 0, a, b), "picked": lambda a, b: np.concatenate([a, b])[[8, 0, 0, 3, 13]] * 2,
    "framed": lambda a, b: np.pad(np.stack([a, b]), 1), "added": lambda a, b: np.sum(np.stack([a, b, a]))}


@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("join", JOINS)
def test_joins_of_arrays_that_depend_on_some_inputs_as_a_whole(parts, join):
    A, x = np.sin(np.arange(35.0)).reshape(7, 5), np.linspace(0.5, 1.5, 5)
    product = lambda x, part: np.ones(7) if part is None else np.sum(np.sin(A[:, part] * x[part]), axis=1) * x[3]
    f = lambda x: JOINS[join](product(x, PARTS[parts][0]), product(x, PARTS[parts][1])) * x[2]
    expected = dn.jacobian(f, mode="reverse")(x)
    np.testing.assert_allclose(dn.jacobian(f, mode="forward")(x), expected, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(dn.jacobian(f, sparse=True)(x).toarray(), expected.reshape(-1, 5), rtol=1e-13, atol=1e-15)


def test_several_arguments_and_containers():
    x, y = np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.5])
    f = lambda x, y: {"a": x * y[0], "b": [np.sum(x) * y, x[:1]]}
    J, K = dn.jacobian(f, argnums=(0, 1), mode="forward")(x, y), dn.jacobian(f, argnums=(0, 1), mode="reverse")(x, y)
    np.testing.assert_allclose(J["a"][0], 0.5 * np.eye(3))
    for key in "ab":
        flat = lambda t: [a for part in (t if isinstance(t, list) else [t]) for a in part]
        for a, b in zip(flat(J[key]), flat(K[key])):
            np.testing.assert_allclose(a, b, rtol=1e-14)


@given(testing.layouts(testing.arrays(low=0.25, high=2.0)))
def test_any_shape_and_layout(x):
    testing.assert_sparse_equals_dense(lambda x: np.sin(x) * x.sum() + np.flip(x) ** 2, x)
    testing.assert_sparse_equals_dense(lambda x: np.reshape(np.transpose(x), -1) * 2, x)


def test_large_jacobians_take_memory_of_their_entries():
    n = 200_000
    x = np.linspace(0.0, 1.0, n)
    J = dn.jacobian(FUNCTIONS["stencil"], sparse=True)(x)
    assert J.shape == (n, n) and J.nnz <= 3 * n
    i = n // 2
    np.testing.assert_allclose(J[[i], i - 1:i + 2].toarray(), [[1.0, -2 + np.sin(x[i]) + x[i] * np.cos(x[i]), 1.0]], rtol=1e-13)
    g = dn.grad(FUNCTIONS["a scalar"], mode="forward")(x)
    np.testing.assert_allclose(g, dn.grad(FUNCTIONS["a scalar"], mode="reverse")(x), rtol=1e-12, atol=1e-12)
    H = dn.hessian(FUNCTIONS["a scalar"], sparse=True)(x)
    assert H.nnz <= 5 * n
    np.testing.assert_allclose(H.diagonal()[1:-1], 200 + 1200 * x[1:-1] ** 2 - 400 * x[2:] + 2, rtol=1e-12, atol=1e-10)


def test_a_memory_budget_is_kept_by_chunks(monkeypatch):
    from dualnet import tangents

    A = np.arange(12.0).reshape(3, 4) / 10
    x = np.array([0.5, 1.0, 2.0, 4.0])
    f = lambda x: np.cumsum(np.tanh(A @ x) * x[:3])
    expected = dn.jacobian(f, mode="reverse")(x)
    monkeypatch.setattr(tangents, "BUDGET", 64)
    np.testing.assert_allclose(dn.jacobian(f, mode="forward")(x), expected, rtol=1e-13)


def test_ties_look_ahead_alike_in_chunks_and_whole():
    f = lambda x: np.sort(x) + np.maximum(x, x[::-1]) + np.max(x)
    x = np.array([1.0, 1.0, 2.0, 2.0, 1.0])
    expected = dn.jacobian(f, mode="reverse")(x)
    for n in (1, 2, 3, None):
        np.testing.assert_array_equal(dn.jacobian(f, mode="forward", chunk_size=n)(x), expected)
    np.testing.assert_array_equal(dn.jacobian(f, sparse=True)(x).toarray(), expected)
    g = lambda x: np.max(x) + np.median(x)
    np.testing.assert_array_equal(dn.grad(g, mode="forward")(x), dn.grad(g, mode="reverse")(x))


@pytest.mark.parametrize("f", [np.sqrt, np.log, lambda x: np.sqrt(x) * 2 + x, lambda x: np.exp(x) + x**0.5,
                               lambda x: np.stack([np.sqrt(x[0]), x[1]])])
def test_a_singular_element_leaves_the_others_alone_in_every_mode(f):
    x = np.array([0.0, 1.0, 2.0])
    with np.errstate(all="ignore"):
        expected = dn.jacobian(f, mode="forward")(x)
        assert expected[0, 0] == np.inf and np.count_nonzero(expected) <= 3 and not np.any(np.isnan(expected))
        np.testing.assert_array_equal(dn.jacobian(f, mode="reverse")(x), expected)
        np.testing.assert_array_equal(dn.jacobian(f, chunk_size=1)(x), expected)
        np.testing.assert_array_equal(dn.jacobian(f, sparse=True)(x).toarray(), expected)


def test_equal_seeds_in_arrays_of_their_own_are_one_block():
    from dualnet.sweeps import forward_rows

    place = np.arange(50) % 7
    f = lambda x: x[place] * np.sin(x[place.copy()]) + x[list(place)]  # three reads of the same elements
    blocks = []
    forward_rows(f, [np.linspace(0.1, 1.0, 7)], lambda arrays: f(*arrays), "ahead",
                 lambda y, rows, n: blocks.extend(rows.blocks) or rows.dense(np.shape(y)))
    assert len(blocks) == 1
    x = np.linspace(0.1, 1.0, 7)
    np.testing.assert_allclose(dn.jacobian(f, sparse=True)(x).toarray(),
                               (np.sin(x) + x * np.cos(x) + 1)[place][:, None] * (place[:, None] == np.arange(7)), rtol=1e-15)


K = np.arange(300)


@pytest.mark.parametrize("mask", [K < 0, K < 100, K % 2 == 0, K % 3 > 0, K < 300], ids=["none", "some", "half", "most", "all"])
def test_rows_of_unequal_lengths_become_the_matrix_that_reverse_mode_gives(mask):
    def f(x):
        return np.concatenate([np.where(mask, x * np.roll(x, 1), 1.5), np.where(mask, x[0], np.sin(x)) * x[3], x[:5]])

    x = 0.5 + np.random.default_rng(0).random(300)
    found = dn.jacobian(f, sparse=True)(x)
    np.testing.assert_allclose(found.toarray(), dn.jacobian(f, mode="reverse")(x), rtol=1e-14, atol=1e-15)
    assert found.nnz <= 2 * mask.sum() + 600 + 5 and found.indices.dtype == np.int32
    found.check_format(full_check=True)
    assert found.has_canonical_format or len({*zip(np.repeat(np.arange(605), np.diff(found.indptr)), found.indices)}) == found.nnz


def test_numbers_kept_apart_from_an_array_neither_overflow_nor_hide_what_is_not_a_number():
    a, b, c = np.array([1e200, 2e200]), np.array([1e110, 1e109]), np.array([1e-300, 2e-300])

    def far(p):
        return 1e-5 * (a * p[0]) * b - 1e200 * (1e200 * (c * p[1]))

    expected = np.stack([a * 1e-5 * b, -1e200 * (1e200 * c)], axis=1)
    np.testing.assert_allclose(dn.jacobian(far)(np.ones(2)), expected, rtol=1e-13)

    def zero(p):
        return 0.0 * (np.array([np.inf, 1.0]) * p[0]) + p[0] * b * 3.0 + b * p[0] * 3.0

    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(dn.jacobian(zero)(np.ones(2))[:, 0], [np.nan, 6e109], rtol=1e-15)
    single = dn.jacobian(lambda p: 2.0 * (np.float32(3.0) * (p[0] * np.ones(2, np.float32))))(np.ones(1, np.float32))
    np.testing.assert_array_equal(single, np.full((2, 1), 6.0, np.float32), strict=True)
    exact = dn.jacobian(lambda p: -(p[0] * p[1]))(np.array([Fraction(1, 3), Fraction(2, 7)], object))
    assert [*exact] == [Fraction(-2, 7), Fraction(-1, 3)]


@pytest.mark.parametrize("a", [np.arange(1.0, 6.0), np.arange(1.0, 11.0)[::2], np.arange(1.0, 6.0).astype(np.float32)])
def test_arrays_that_a_tangent_holds_are_not_changed_by_what_the_function_does_to_them(a):
    def f(p):
        c = a.copy()
        y = -2.0 * (c * p[0])                     # the tangent of the product holds a copy of c, and of y nothing else
        c[:] = 0.0
        u = p[1] * a
        v = 3.0 * u * u                           # that of the square holds u
        u *= 7.0
        w = u / p[2]
        u[1:] = 5.0
        return y + v * 2.0 - w

    def written_out(p):
        return -2.0 * a * p[0] + 6.0 * (p[1] * a) ** 2 - 7.0 * p[1] * a / p[2]

    p = np.array([0.5, 1.5, 0.25], a.dtype)
    exact = np.stack([-2.0 * a, 12.0 * p[1] * a * a - 7.0 * a / p[2], 7.0 * p[1] * a / p[2] ** 2], axis=1)
    tolerance = 1e-14 if a.dtype == float else 1e-6
    for g in (f, written_out):
        for mode in ("forward", "reverse"):
            np.testing.assert_allclose(dn.jacobian(g, mode=mode)(p), exact, rtol=tolerance)


def test_iteration_over_an_input_sees_what_was_written_meanwhile():
    def f(p):
        total = 0.0
        for k, x in enumerate(p):
            total = total + x * x
            if k == 0:
                p[2] = 10.0 * p[1]
        return total

    expected = 2 * np.array([1.0, 2.0 + 200.0, 0.0])
    for mode in ("forward", "reverse"):
        np.testing.assert_array_equal(dn.grad(f, mode=mode)(np.array([1.0, 2.0, 3.0])), expected)
    read = iter([])
    def shorter(p):
        nonlocal read
        read = iter(p)
        return next(read) * 3.0

    np.testing.assert_array_equal(dn.jacobian(shorter)(np.ones(2)), [3.0, 0.0])
    with pytest.raises(EscapedError, match="ended"):
        next(read) * 1.0


def test_sparse_tangents_show_how_many_seeds_they_have():
    shown = []
    dn.jacobian(lambda x: (shown.append(repr(np.where([True, False, True], x, 0.0))), x)[1], mode="forward")(np.array([1.5, 2.5, 0.5]))
    assert shown == ["Dual([1.5, 0. , 0.5] + 2 seeds ε)"]


ELEMENTS = np.random.default_rng(1).permutation(np.repeat(np.arange(500), 4)).reshape(-1, 4)


@pytest.mark.parametrize("f, entries", [
    (lambda x: np.sum(np.sin(x[np.arange(999, -1, -1)] * x)), 2000),
    (lambda x: np.sum(np.sin(x[x > 0.5])), 500),
    (lambda x: np.sum(np.sin(np.sort(x))), 1000),
    (lambda x: np.sum(np.sum(x[ELEMENTS], axis=1) ** 2), 500 * 16),
    (lambda x: np.sum(np.repeat(x, 2) ** 2), 1000),
    (lambda x: np.sum(np.take_along_axis(x.reshape(-1, 4), np.argsort(x.reshape(-1, 4), axis=1), axis=1) ** 3), 1000),
])
def test_the_hessian_of_what_takes_elements_holds_their_entries_only(f, entries):
    x = np.random.default_rng(0).permutation(np.linspace(0.0, 1.0, 1000))
    H = dn.hessian(f, sparse=True)(x)
    assert H.nnz <= entries
    v = 5e-5 * np.random.default_rng(2).uniform(-1, 1, 1000)
    np.testing.assert_allclose(v @ (H @ v), f(x + v) - 2 * f(x) + f(x - v), rtol=1e-4, atol=1e-10)


@pytest.mark.parametrize("f, slope, ends", [
    (np.linalg.inv, lambda a: -np.einsum("ij,kl->iljk", np.linalg.inv(a), np.linalg.inv(a)), 4),
    (np.linalg.det, lambda a: np.linalg.det(a) * np.linalg.inv(a).T, 1),
    (lambda a: np.linalg.norm(a[..., 0, :], axis=-1), lambda a: np.stack([a[0] / np.hypot(*a[0]), 0 * a[1]]), 1),
    (lambda a: np.linalg.solve(a, np.ones((2, 1))),
     lambda a: -np.einsum("ij,k->ijk", np.linalg.inv(a), np.linalg.inv(a).sum(1)), 2),
    (lambda a: np.linalg.solve(np.eye(2) + 1, a), lambda a: np.einsum("ij,lk->iljk", np.linalg.inv(np.eye(2) + 1), np.eye(2)), 4),
])
def test_what_each_entry_of_a_stack_depends_on_is_itself(f, slope, ends):
    n = 400
    a = 3 * np.eye(2) + np.random.default_rng(0).uniform(-1, 1, (n, 2, 2))
    J = dn.jacobian(lambda x: f(x.reshape(n, 2, 2)), sparse=True)(a.reshape(-1))
    assert J.shape == (n * ends, 4 * n) and J.nnz <= 4 * n * ends
    expected = np.stack([slope(m).reshape(ends, 4) for m in a])
    dense = J.toarray().reshape(n, ends, n, 4)
    np.testing.assert_allclose(dense[np.arange(n), :, np.arange(n)], expected, rtol=1e-12, atol=1e-15)
    assert np.count_nonzero(dense) == np.count_nonzero(dense[np.arange(n), :, np.arange(n)])
    H = dn.hessian(lambda x: np.sum(f(x.reshape(n, 2, 2))), sparse=True)(a.reshape(-1))
    assert H.nnz <= 64 * n

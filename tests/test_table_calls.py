"""Every row that is not elementwise, by example calls: NumPy's value, truth by differences, both modes, layouts."""

import itertools

import numpy as np
import pytest
from more_examples import EXAMPLES

import dualnet as dn
from dualnet import testing
from dualnet.testing.strategies import LAYOUTS, laid_out

NOT_HERE = {"pointwise", "constant", "refused"}
# rooms of the table with test files of their own
ELSEWHERE = {"linalg", "determinants", "norms", "orthogonal", "spectral", "fft", "sliding", "implicit", "odes"}


def is_elsewhere(room):
    """True for a room of rows that other test files call."""
    return room in ELSEWHERE or room.startswith(("scipy_", "special_"))


ROWS = [row.name for row in dn.table
        if row.kind not in NOT_HERE and not is_elsewhere(getattr(row.rule, "__module__", "").split(".")[-1])]
CALLS = [(name, k, example) for name, examples in EXAMPLES.items() for k, example in enumerate(examples)]
by_call = pytest.mark.parametrize(("name", "number", "example"), CALLS, ids=[f"{name}-{k}" for name, k, _ in CALLS])


@pytest.mark.parametrize("name", ROWS)
def test_each_row_has_an_example_call(name):
    assert name in EXAMPLES, f"the row {name!r} has no example call: add one to EXAMPLES in tests/table_examples.py"


def test_each_example_belongs_to_a_row():
    assert set(EXAMPLES) <= {row.name for row in dn.table}


def leaves(out):
    return list(out) if isinstance(out, (tuple, list)) else [out]


def run(example, args):
    """The values and tangents of an example call in forward mode, and its values in reverse mode."""
    y, dy = dn.jvp(example.f, tuple(args), tuple(np.ones_like(a) for a in args))
    z, _ = dn.vjp(example.f, *args)
    return leaves(y), leaves(dy), leaves(z)


@by_call
def test_the_value_is_numpys(name, number, example):
    expected = leaves((example.plain or example.f)(*example.args))
    y, dy, z = run(example, example.args)
    assert len(y) == len(expected)
    for got in (y, z):
        for a, b in zip(got, expected):
            assert np.shape(a) == np.shape(b) and np.asarray(a).dtype == np.asarray(b).dtype
            np.testing.assert_allclose(a, b, rtol=5e-16, atol=5e-16 * np.max(np.abs(b), initial=0.0))
    for a, b in zip(dy, expected):
        assert np.shape(a) == np.shape(b)


@by_call
def test_derivatives_obey_differences_in_both_modes_and_second_order(name, number, example):
    finite = [np.where(np.isnan(a), 4 + np.arange(a.size).reshape(a.shape) / 8, a) if name.startswith("nan") else a for a in example.args]
    testing.assert_gradient(example.f, *finite, order=2, rtol=1e-8)


@by_call
def test_missing_numbers_have_no_derivative(name, number, example):
    if name.startswith("nan"):
        x, = example.args
        pulled = dn.vjp(example.f, x)[1](np.ones_like(example.f(x)))[0]
        forward = dn.jacobian(example.f, mode="forward")(x)
        np.testing.assert_array_equal(pulled[np.isnan(x)], 0.0)
        np.testing.assert_allclose(pulled, np.sum(forward.reshape(-1, *x.shape), axis=0), rtol=1e-12)


@by_call
def test_single_precision_stays_single(name, number, example):
    args = [np.asarray(a, np.complex64 if np.iscomplexobj(a) else np.float32)[()] for a in example.args]
    if name not in ("astype", "astype_float"):
        y, dy, z = run(example, args)
        for a, d, c, b in zip(y, dy, z, leaves((example.plain or example.f)(*args))):
            assert (a.dtype, d.dtype, c.dtype) == (np.asarray(b).dtype,) * 3
        testing.assert_forward_equals_reverse(example.f, *args)


@by_call
def test_complex_numbers_are_differentiated_as_pairs_of_reals(name, number, example):
    if not example.real:
        testing.assert_gradient(example.f, *(np.asarray(a) * (1 + 0.25j) for a in example.args))


@by_call
def test_memory_layouts_give_what_a_plain_copy_gives(name, number, example):
    for kind, k in itertools.product(LAYOUTS[:4], range(len(example.args))):
        args = [laid_out(np.asarray(a), kind)[()] if i == k else a for i, a in enumerate(example.args)]
        for a, b in zip(run(example, args), run(example, example.args)):
            for got, expected in zip(a, b):
                np.testing.assert_allclose(got, expected, rtol=1e-14, atol=1e-14)
        testing.assert_forward_equals_reverse(example.f, *args) if kind == "negative strides" and not name.startswith("nan") else None


@by_call
def test_sparse_rows_equal_the_dense_jacobian(name, number, example):
    for k, x in enumerate(example.args):
        if not np.iscomplexobj(x) and np.ndim(x) < 3:
            def f(x, k=k):
                out = leaves(example.f(*example.args[:k], x, *example.args[k + 1:]))
                return np.concatenate([np.ravel(y) for y in out]) if len(out) > 1 else out[0]

            testing.assert_sparse_equals_dense(f, x)

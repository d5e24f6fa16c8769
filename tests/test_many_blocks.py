"""Forward mode of sums over many terms that each depend on other inputs: right, and in time that does not grow with the square."""

import time

import numpy as np
import pytest

import dualnet as dn
from dualnet.assembly import _overlapping

RNG = np.random.default_rng(7)




TERMS = {"numbers": lambda v: np.sum(v * v) + v[0] * v[1], "vectors": lambda v: np.sin(v) * v[0],
         "both": lambda v: np.sum(v) * np.ones((2, 3)) + v}


@pytest.mark.parametrize("repeated", [1, 2, 3])
@pytest.mark.parametrize("name", TERMS)
def test_a_sum_over_many_rows(name, repeated):
    terms = TERMS[name]
    x = RNG.uniform(0.5, 1.5, (40, 3))

    def total(x):
        out = 0.0
        for _ in range(repeated):
            for v in x[:37]:
                out = out + terms(v)
        return out * x[0, 0]

    h = 1e-6
    true = np.stack([(total(x + h * e.reshape(x.shape)) - total(x - h * e.reshape(x.shape))) / (2 * h) for e in np.eye(x.size)], -1)
    dense = dn.jacobian(total, mode="forward")(x)
    np.testing.assert_allclose(dense.reshape(true.shape), true, rtol=1e-7, atol=1e-7)
    sparse = dn.jacobian(total, sparse=True)(x).toarray()
    np.testing.assert_allclose(sparse.reshape(true.shape), true, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(dn.jacobian(total, mode="reverse")(x).reshape(true.shape), true, rtol=1e-7, atol=1e-7)


def test_zeros_of_many_terms_beside_an_infinite_slope_are_left_alone():
    x = np.concatenate([[[0.0, 0.0]], RNG.uniform(1, 2, (30, 2))])
    with np.errstate(divide="ignore"):
        slope = dn.grad(lambda x: sum(np.sum(np.sqrt(v)) for v in x), mode="forward")(x)
    np.testing.assert_allclose(slope[1:], 0.5 / np.sqrt(x[1:]), rtol=1e-14)
    assert np.all(np.isinf(slope[0]))


def test_the_time_of_a_sum_over_many_rows():
    x = np.ones((1500, 3))
    start = time.perf_counter()
    np.testing.assert_array_equal(dn.grad(lambda x: sum(np.sum(v * v) for v in x), mode="forward")(x), 2 * x)
    assert time.perf_counter() - start < 15  # a second; one block for each term took 40


def test_a_sparse_row_of_many_entries():
    x = np.arange(30_000.0)
    start = time.perf_counter()
    found = dn.jacobian(lambda x: np.stack([np.sum(x * x), np.sum(x[::2])]), sparse=True)(x)
    assert time.perf_counter() - start < 15  # half a second; comparing all seeds took 40
    np.testing.assert_array_equal(found.toarray(), [2 * x, np.arange(x.size) % 2 == 0])


def test_intervals_that_overlap():
    ends = [tuple(sorted(pair)) for pair in RNG.integers(0, 60, (40, 2)).tolist()]
    true = {(i, j) for i in range(40) for j in range(i) if ends[i][0] <= ends[j][1] and ends[j][0] <= ends[i][1]}
    found = [tuple(sorted(pair, reverse=True)) for pair in _overlapping(ends)]
    assert set(found) == true and len(found) == len(true)

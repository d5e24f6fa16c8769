"""A gradient's tape lets go of large arrays that its one pull does not read."""

import tracemalloc

import numpy as np
import pytest

import dualnet as dn
from dualnet.lightening import LARGE, read_by

CANDIDATES = (0.3, 0.7, 1.6, 2.4, -0.4, 5.2, 0.1)


def test_partials_do_not_read_what_is_let_go():
    spared = 0
    for row in (row for row in dn.table if row.kind == "pointwise" and isinstance(row.function, np.ufunc)):
        n = len(row.partials)
        inside = [next(c for c in CANDIDATES[k:] + CANDIDATES if c in domain) for k, domain in enumerate(row.domains)]
        given = [np.full(3, c) if p is not None else np.ones(3, int) for c, p in zip(inside, row.partials)] + [np.full(3, 0.37)]
        for p in filter(callable, row.partials):  # some divide by zero at a result that is none of theirs
            hollow = [v if k in read_by(p, n) else np.full(3, np.nan) for k, v in enumerate(given)]
            with np.errstate(all="ignore"):
                np.testing.assert_array_equal(p(*hollow), p(*given), err_msg=row.name)
            spared += np.isnan(hollow).any()
    assert spared > 60


def test_what_a_partial_reads_is_seen_in_loops_closures_and_keywords():
    def through_closure(x, y, out):
        return [x[k] for k in range(3)] and (lambda: y)()

    assert read_by(lambda x, y, out: out + sum(x for x in (1,)), 2) >= {2}
    assert read_by(through_closure, 2) == {0, 1}
    assert read_by(lambda *args: args[0], 2) == read_by(np.hypot, 2) == {0, 1, 2}
    assert read_by(lambda x, y, out: {"x": out}["x"], 2) >= {2}


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
def test_large_gradients_obey_formulas(dtype):
    n = LARGE + 100
    x = np.linspace(0.2, 1.4, n).astype(dtype)
    weights = np.cos(np.arange(n)).astype(dtype)

    def f(x):
        y = np.exp(np.sin(x)) * x / (2.0 + x * x) - weights * np.sqrt(x)
        return np.sum(np.real(y + 3.0 * x[::-1])) + np.real(np.tanh(x) @ weights)

    u = np.exp(np.sin(x)) / (2.0 + x * x)
    slope = u * (1 + x * np.cos(x) - 2 * x * x / (2.0 + x * x)) - weights * 0.5 / np.sqrt(x) + 3 + weights * (1 - np.tanh(x) ** 2)
    tolerance = 2e-5 if dtype is np.float32 else 1e-12
    np.testing.assert_allclose(dn.grad(f, mode="reverse")(x), np.conjugate(slope), rtol=tolerance, atol=tolerance)


def test_memory_of_a_long_chain_that_reads_nothing_stays_flat():
    def chain(x):
        y = x
        for _ in range(40):
            y = (2.0 * y - x) * 0.5 + 1.0
        return np.sum(y)

    x = np.linspace(0.0, 1.0, 100_000)
    gradient = dn.grad(chain, mode="reverse")
    gradient(x)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        found = gradient(x)
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    np.testing.assert_allclose(found, 1 - 0.5 * sum(1.0 for _ in range(40)), rtol=1e-13)
    assert peak < 8 * x.nbytes

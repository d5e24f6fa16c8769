"""Ties among differences of inputs: the direction that gradients look into decides them, not rounding."""

import numpy as np
import pytest

import dualnet as dn
from dualnet.seeds import direction_ahead

MODES = ["forward", "reverse"]
ZERO = {  # in truth, however they are written
    "scaled after and before": lambda x: np.pi * np.max(np.diff(x)) - np.max(np.diff(np.pi * x)),
    "of moved inputs": lambda x: np.sort(np.diff(x))[-1] - np.max(np.diff(x + 1e3 * np.sum(x))),
    "second differences": lambda x: np.e * np.min(np.diff(x, 2)) + np.max(-np.diff(np.e * x, 2)),
    "the middle one": lambda x: np.median(np.diff(x)) - np.median(np.diff(7.1 * x)) / 7.1,
    "sums of pairs": lambda x: np.max(np.add.outer(x, x)) - 2 * np.max(1.1 * x) / 1.1,
}


@pytest.mark.parametrize("name", ZERO)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("n", [8, 31])
def test_a_function_that_is_zero_has_no_slope_where_differences_tie(name, mode, n):
    np.testing.assert_allclose(dn.grad(ZERO[name], mode=mode)(np.zeros(n)), np.zeros(n), atol=1e-9)


def test_second_derivatives_are_those_of_one_piece_in_every_nesting():
    weights = np.array([-2.0, 2.0, 0.0, 2.0])

    def f(x):  # sorted products of the largest element and differences
        return np.sort(np.diff(np.append(x, x[0]) * np.max(x))) @ weights

    expected, step = dn.hessian(f)(np.zeros(4)), 1e-3 * direction_ahead(4)
    assert abs(expected @ step @ step / 2 - f(step)) < 1e-15
    for outer in MODES:
        for inner in MODES:
            np.testing.assert_allclose(dn.jacobian(dn.grad(f, mode=inner), mode=outer)(np.zeros(4)), expected, atol=1e-12)


def test_the_direction_has_no_two_alike_nor_two_differences_alike():
    ahead = direction_ahead(2000)
    assert np.all((ahead >= 1) & (ahead < 2)) and np.array_equal(ahead[7:], direction_ahead(1993, 7))
    for k in range(4):
        assert np.min(np.diff(np.sort(np.diff(ahead, k)))) > 1e-12

"""Rows whose result is constant between jumps: NumPy's value on values, and no derivative."""

import numpy as np
import pytest

import dualnet as dn

X = np.array([[0.25, -1.75, 2.5], [3.25, -0.5, 0.75]])
CALLS = {
    "argpartition": lambda x: np.argpartition(x, 1), "searchsorted": lambda x: np.searchsorted(x[0], 0.3, sorter=[1, 0, 2]),
    "digitize": lambda x: np.digitize(x, [0.0, 1.0]), "isin": lambda x: np.isin(x, [0.25]), "lexsort": lambda x: np.lexsort((x[0], x[1])),
    "isnat": None, "can_cast": None, "ix_": None, "ravel_multi_index": None, "unravel_index": None, "gcd": None, "lcm": None,
    "diag_indices_from": lambda x: np.diag_indices_from(x[:, :2]), "einsum_path": lambda x: str(np.einsum_path("ij->", x)),
    "floor_divide": lambda x: np.floor_divide(x, 0.4),
    "result_type": lambda x: np.result_type(x, np.float32), "round": lambda x: np.round(x, 1), "around": lambda x: np.around(x, 1),
}
ROWS = [row for row in dn.table if row.kind == "constant"]


def call_of(row):
    if row.name in CALLS:
        return CALLS[row.name]
    two = isinstance(row.function, np.ufunc) and row.function.nin == 2 or row.name in (
        "isclose", "allclose", "array_equal", "array_equiv", "shares_memory", "may_share_memory")
    return (lambda x: row.function(x, x + 1)) if two else lambda x: row.function(x)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_constant_row_gives_numpys_plain_value(row, mode):
    call = call_of(row)
    if call is None:
        return  # it takes no numbers
    expected, seen = call(X), []

    def f(x):
        try:
            seen.append(call(x))
        except TypeError as error:
            seen.append(error)
        return np.sum(x * 2)

    np.testing.assert_array_equal(dn.grad(f, mode=mode)(X), np.full(X.shape, 2.0))
    got = seen[0]
    assert not isinstance(got, Exception), f"np.{row.name}: {got}"
    if "repr" in row.name or "array2string" in row.name or "str" in row.name:
        assert isinstance(got, str)
    elif isinstance(expected, tuple):
        assert len(got) == len(expected) and all(np.array_equal(a, b) for a, b in zip(got, expected))
    else:
        assert np.array_equal(got, expected), (got, expected)


def test_steps_have_slope_zero_and_break_no_other_term():
    f = lambda x: np.sum(np.floor(x) * x + np.sign(x) * x + np.round(x) + x // 0.4)
    for mode in ("forward", "reverse"):
        np.testing.assert_array_equal(dn.grad(f, mode=mode)(X), np.floor(X) + np.sign(X))

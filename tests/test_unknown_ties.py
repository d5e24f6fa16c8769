"""Ties of which one element has a slope that is not known: the value is NumPy's, and a slope that hangs on it is NaN."""

import numpy as np
import pytest

import dualnet as dn

NAN = np.nan
POINT = np.array([0.0, 0.0, 0.0, -1.0])


def three_zeros(x, place):
    """Three zeros of slopes 1, 2 and, at `place`, inf - inf, and -1."""
    parts = [x[1], 2 * x[2], x[3]]
    parts.insert(place, np.sqrt(x[0]) - np.sqrt(x[0]))
    return np.stack(parts)


def slopes(f, place, mode):
    """The Jacobian of a function of three zeros and a -1; the value is compared with NumPy's."""
    g = lambda x: f(three_zeros(x, place))
    with np.errstate(all="ignore"):
        values = dn.jvp(g, (POINT,), (np.ones(4),))[0] if mode == "forward" else dn.vjp(g, POINT)[0]
        np.testing.assert_array_equal(values, g(POINT))
        return dn.jacobian(g, mode=mode)(POINT)


UNKNOWN, LAST = [NAN, 0, 0, 0], [0, 0, 0, 1]
CASES = {  # which slopes come out, wherever the unknown one stands
    "max": (np.max, UNKNOWN), "nanmax": (np.nanmax, UNKNOWN), "ptp": (np.ptp, [NAN, 0, 0, -1]), "min": (np.min, LAST),
    "min of zeros": (lambda v: np.min(v[:3]), UNKNOWN), "norm": (lambda v: np.linalg.norm(v[:3], np.inf), UNKNOWN),
    "smallest norm": (lambda v: np.linalg.norm(v, -np.inf), UNKNOWN), "median": (lambda v: np.median(v[:3]), UNKNOWN),
    "largest of rows": (lambda v: np.max(np.stack([v, v[::-1]]), axis=1), [UNKNOWN, UNKNOWN]),
    "sorted": (np.sort, [LAST, UNKNOWN, UNKNOWN, UNKNOWN]), "partition": (lambda v: np.partition(v, 1)[:1], [LAST]),
    "quantile": (lambda v: np.quantile(v, 1.0), UNKNOWN), "maximum": (lambda v: np.maximum(v[0], np.maximum(v[1], v[2])), UNKNOWN),
    "minimum": (lambda v: np.minimum(v[0], np.minimum(v[1], v[2])), UNKNOWN),
    "fmax": (lambda v: np.fmax(np.fmax(v[0], v[1]), v[2]), UNKNOWN),
    "fmin": (lambda v: np.fmin(np.fmin(v[0], v[1]), v[2]), UNKNOWN),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_choice_among_the_tied_is_one_of_them(name, place, mode):
    f, expected = CASES[name]
    np.testing.assert_array_equal(slopes(f, place, mode), expected)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_bounds_that_are_met_with_an_unknown_slope_leave_it_unknown(place, mode):
    known = [[1, 0], [0, 2]]
    known.insert(place, [0, 0])
    expected = np.zeros((4, 4))
    expected[:3, 1:3] = known
    expected[place, 0] = NAN
    np.testing.assert_array_equal(slopes(lambda v: np.clip(v, 0.0, 1.0), place, mode), expected)
    expected[3, 3] = -1
    np.testing.assert_array_equal(slopes(np.abs, place, mode), expected)


@pytest.mark.parametrize("kind", "fdg")
@pytest.mark.parametrize("ties", [False, True])
def test_a_partition_has_its_elements_where_numpy_has_them(kind, ties):
    rng = np.random.default_rng(3)
    for n in (5, 20, 300):
        for k in (0, n // 3, n - 1):
            x = (rng.integers(0, n // 2, n) if ties else rng.normal(size=n)).astype(kind)
            x[:1] = NAN if n == 20 else 0
            f = lambda x, k=k: np.partition(x, k)
            np.testing.assert_array_equal(dn.jvp(f, (x,), (x,))[0], f(x))
            values, pull = dn.vjp(f, x)
            np.testing.assert_array_equal(values, f(x))
            np.testing.assert_array_equal(pull(np.ones_like(x))[0], np.ones(n))

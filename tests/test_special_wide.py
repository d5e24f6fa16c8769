"""Rows of scipy.special far outside of the range that generated points come from, by what needs no truth: mixed second derivatives are
the same in both orders of differentiation, and slopes agree with differences of the row's own values where those settle. Points that a
thorough run draws may be such at which SciPy's own value is wrong, which Arb or mpmath then has to decide."""

import itertools
import zlib

import numpy as np
import pytest
from hypothesis import settings
from special_rows import CRASHING, ROWS, admissible

import dualnet as dn
from dualnet.errors import DualnetError
from dualnet.testing.rows import places_of
from dualnet.testing.strategies import interval

SPAN, FRAGILE, SHORT = 3, 1, 0.6  # decades on both sides of 1; of rows of which SciPy's functions end the interpreter further out; of pbwa
FALSE = {"itstruve0", "it2i0k0[1]", "itairy[2]", "itairy[3]"}  # SciPy's own values, whose differences are no truth (docs/coverage.md)
by_name = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
pytestmark = pytest.mark.filterwarnings("ignore")


def spread(low, high, count, rng, span):
    """Numbers of all sizes between two ends, of which those beyond 1e8 stand for none."""
    size = 10 ** rng.uniform(-span, span, count)
    if low > -1e8 and high < 1e8:
        return rng.uniform(low, high, count)
    return low + size if low > -1e8 else high - size if high < 1e8 else rng.choice([-1, 1], count) * size


def drawn(row):
    """Arguments of a row, the same in every run of a profile."""
    count = max(settings().max_examples // 10, 6)
    rng = np.random.default_rng(zlib.crc32(row.name.encode()) if count < 100 else None)
    span = SHORT if row.name.startswith("pbwa") else FRAGILE if row.name.startswith(CRASHING) else SPAN
    return admissible(row, [spread(*interval(domain, 1e9), count, rng, span) for domain in row.domains], count)


def derivative(row, points, by):
    """The derivative by the arguments `by`, one after the other, of all points; NaN for those at which an error says that it has none."""
    f = row
    for k in by:
        f = lambda *x, f=f, k=k: dn.jvp(lambda t: f(*x[:k], t, *x[k + 1:]), (x[k],), (np.ones_like(x[k]),))[1]
    try:
        return f(*points)
    except DualnetError:
        return np.array([each(f, [p[i:i + 1] for p in points]) for i in range(points[0].size)])


def each(f, point):
    try:
        return f(*point)[0]
    except DualnetError:
        return np.nan


def natural(row, points, by, mixed):
    """The size of the mixed derivative, and a thousandth of what its parts would be for slopes that change by their own size."""
    one, other = (np.abs(derivative(row, points, (k,)) / points[j]) for k, j in (by, by[::-1]))
    return np.abs(mixed) + 1e-3 * (one + other)


def differences(row, points, k):
    """Slopes by argument k from differences of the row's own values, extrapolated; NaN where they do not settle."""
    def f(s):
        return np.asarray(row.function(*points[:k], points[k] * (1 + s), *points[k + 1:]))

    one, two, four = ((f(s) - f(-s)) / (2 * s * points[k]) for s in (1e-4, 2e-4, 4e-4))
    near, far = (4 * one - two) / 3, (4 * two - four) / 3
    told = np.abs(near) > np.maximum(np.abs(f(0) / points[k]) * 1e-9, 1e-290)
    return np.where(told & (np.abs(near - far) < 1e-5 * np.abs(near)), near, np.nan)


@by_name
def test_mixed_second_derivatives_are_symmetric(row):
    points = drawn(row)
    for by in itertools.combinations(places_of(row), 2):
        one, other = derivative(row, points, by), derivative(row, points, by[::-1])
        with np.errstate(all="ignore"):
            size, told = natural(row, points, by, one), np.isfinite(one) & np.isfinite(other)
            wrong = told & (size > 1e-280) & ~(np.abs(one - other) <= 1e-9 * size)
        assert np.any(told)
        assert not np.any(wrong), (by, [p[wrong].tolist() for p in points], one[wrong], other[wrong])


@pytest.mark.parametrize("row", [row for row in ROWS if row.name not in FALSE], ids=lambda row: row.name)
def test_slopes_agree_with_differences_where_they_settle(row):
    points, places = drawn(row), places_of(row)
    if "_cv" in row.name and len(points) > 4:
        places.remove(3)  # beside a characteristic value SciPy's functions are smooth within less than a step
    for k in places:
        slope = derivative(row, points, (k,))
        with np.errstate(all="ignore"):
            near = differences(row, points, k)
            wrong = np.abs(slope - near) > 0.03 * np.abs(near)  # some of SciPy's values have two digits there
        assert np.any(np.isfinite(slope) & np.isfinite(near))
        assert not np.any(wrong), (k, [p[wrong].tolist() for p in points], slope[wrong], near[wrong])

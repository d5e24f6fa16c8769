"""Slopes of scipy.special at 0, next to it and far out, in every argument with the others at rest and in ties, against mpmath."""

import mpmath as m
import numpy as np
import pytest
from ball_truth import truths
from special_points import DEAR, LOST, NOISY
from special_rows import CRASHING, ENDLESS, ROWS, NoTruth, admissible
from test_special_distributions import INVERSE
from test_table_special import beside, places, slopes

from dualnet.table.accuracy import bound
from dualnet.table.parameters import Numeric
from dualnet.testing.rows import inside

TRUTH = truths()
FAR = [0.0, 1e-8, -1e-8, 1e-200, 1e8, -1e8, 1e200]
LEAST = 1e-280  # what is smaller counts as 0: the range of doubles ends near
STEP = m.mpf(10) ** -25  # of the differences, relative to the argument where that is less than 1, and to 1 over the largest


def root(name):
    return name.split("[")[0]


def digits(row, at):
    """Digits that hold sums and products of such sizes (a pseudo_huber, powers), with 70 to spare for the differences."""
    sizes = [abs(np.log10(abs(x))) for x in at if x]
    waves = 2 * np.log10(max(1, *map(abs, at)))  # of differences whose steps are smaller by so much
    return 70 + int(5 * sum(sizes) if row.name == "pseudo_huber" else max(2 * max(sizes, default=0), 1.5 * sum(sizes), 2 * waves))


def double(z):
    """The nearest complex double, infinite beyond the range."""
    z = m.mpc(z)
    return complex(*(float(p) if abs(p) < 1e308 else float(m.sign(p)) * np.inf for p in (z.real, z.imag)))


def truth(row, at, k):
    """The value, the slope by argument k, and what a relative change of that argument makes of the slope; the noise of the slope."""
    with m.workdps(digits(row, at)):
        args = [m.mpf(float(x)) for x in at]
        step = STEP * (min(abs(args[k]), 1) or 1) / max(1, *map(abs, args))
        below, middle, above = (TRUTH[row.name](*args[:k], args[k] + n * step, *args[k + 1:]) for n in (-1, 0, 1))
        noise = max(abs(below), abs(above)) * m.mpf(10) ** (10 - m.mp.dps) / step + (0 if np.all(at) else m.mpf(10) ** -45)
        out = middle, (above - below) / (2 * step), args[k] * (above - 2 * middle + below) / step**2
        return [double(z) for z in out] + [float(noise)]


def cross(row, at, k):
    """What relative changes of the other arguments make of the slope by argument k."""
    total = 0.0
    for j in places(row):
        if j != k and at[j]:
            moved = [truth(row, [x * (1 + s * 1e-6) if i == j else x for i, x in enumerate(at)], k)[1] for s in (-1, 1)]
            total += abs(moved[1] - moved[0]) / 2e-6
    return total


def solved(row, at, value):
    """False where SciPy's inverse is no solution, as the end of the range it searched in; True of any other row."""
    if row.name not in INVERSE:
        return True
    with np.errstate(all="ignore"):
        plain = float(row(*at))
    return abs(plain - value.real) <= 1e-6 * abs(value.real)


def lost_by_rule(row, at, k):
    """Where a NaN stands by a documented convention, in the words of LOST."""
    with np.errstate(all="ignore"):
        if not np.all(np.isfinite(row(*at))):
            return True  # the value itself is none
    if isinstance(row.partials[k], Numeric) and row.domains[k].distance(at[k]) < 1e-3:
        return True  # accuracy.py: nearer to the end of a domain than a thousandth
    return any(when(at, k) for names, when, _ in LOST if root(row.name) in names.split() or row.name in names.split())


def points(row):
    """The special points of a row inside its domain whose truth mpmath has in reasonable time."""
    if row.name.startswith("ncfdtri"):  # SciPy's own search takes minutes there
        return {}
    few = root(row.name) in ENDLESS or row.name.startswith(CRASHING)
    dear = [v for v, names in DEAR.items() if root(row.name) in names.split() or row.name in names.split()]
    at = zip(*beside(row, [v for v in FAR if abs(v) not in dear and not (few and abs(v) > 1)], admissible(row, inside(row, 1))))
    return dict.fromkeys(tuple(p) for p in at if all(row.domains[k].distance(p[k]) > 0 for k in places(row)))


def wrong(row, at, k):
    """What is wrong with the slope by argument k, or None."""
    try:
        value, true, bend, noise = truth(row, at, k)
    except (NoTruth, m.libmp.NoConvergence, OverflowError, ZeroDivisionError):
        return None
    if not np.isfinite(value) or np.isnan(true) or not solved(row, at, value):
        return None
    with np.errstate(all="ignore"):
        got = slopes(row, [np.array([x]) for x in at], k, "forward")
    got = complex(*got[:, 0]) if len(got) == 2 else complex(got[0, 0])
    if got in (-9, true):  # -9: an error says that there is no slope
        return None
    if np.isnan(got):
        return None if lost_by_rule(row, at, k) or abs(true) < LEAST else ("lost", at, k, true)
    noisy = [r for names, r, _ in NOISY if root(row.name) in names.split()]
    rtol = max(3 * bound(row.name, 1), *noisy, 0)
    scale = 1e-3 * abs(value) / max(1, abs(at[k])) if isinstance(row.partials[k], Numeric) or noisy else 0
    if not np.isfinite(true):
        return None if abs(got) > 1e290 else ("finite", at, k, got, true)
    for more in (lambda: 0.0, lambda: cross(row, at, k)):
        if abs(got - true) <= rtol * (abs(true) + abs(bend) + scale + more()) + noise + LEAST:
            return None
    return ("wrong", at, k, got, true)


ASKED = [row for row in ROWS if points(row)]


@pytest.mark.parametrize("row", ASKED, ids=lambda row: row.name)
def test_slopes_at_zero_and_near_the_ends_of_the_range_obey_mpmath(row):
    assert not [found for at in points(row) for k in places(row) if (found := wrong(row, at, k))]


@pytest.mark.parametrize(("place", "value"), [(0, 1e-200), (2, 1e-8), (2, 1e-200), (3, 1e-8), (3, 1e-200)])
def test_the_inverse_of_noncentral_f_where_scipy_finds_it(place, value):
    row = next(row for row in ROWS if row.name == "ncfdtri")
    at = tuple(value if k == place else x for k, x in enumerate((2.5, 3.25, 2.0, 0.45)))
    assert not [found for k in places(row) if (found := wrong(row, at, k))]


@pytest.mark.parametrize(("name", "sign"), [("betainc", 1), ("betaincc", -1)])
def test_the_beta_distribution_of_parameters_at_the_bottom_of_the_range(name, sign):
    a, b, p = (np.array([x]) for x in (1e-200, 3e-200, 1e-200))  # there it is a share b/(a+b) at 0 and the rest at 1
    row = next(row for row in ROWS if row.name == name)
    np.testing.assert_allclose(slopes(row, [a, b, p], 0, "forward")[0], -sign * b / (a + b) / (a + b), rtol=1e-12)
    np.testing.assert_allclose(slopes(row, [a, b, p], 1, "reverse")[0], sign * a / (a + b) / (a + b), rtol=1e-12)


INTEGRANDS = {
    "itj0y0": (lambda t: m.besselj(0, t), lambda t: m.bessely(0, t)), "iti0k0": (lambda t: m.mpf("inf"), lambda t: m.mpf(0)),
    "it2j0y0": (lambda t: (1 - m.besselj(0, t)) / t, lambda t: -m.bessely(0, t) / t),
    "it2i0k0": (lambda t: m.mpf("inf"), lambda t: m.mpf(0))}


@pytest.mark.parametrize("x", [1e4, 1e8, 1e14, 1e20, 1e30])
@pytest.mark.parametrize("name", INTEGRANDS)
def test_integrals_of_bessel_functions_far_out_have_the_slopes_of_their_integrands(name, x):
    for k, integrand in enumerate(INTEGRANDS[name]):
        row = next(row for row in ROWS if row.name == f"{name}[{k}]")
        with m.workdps(260):
            want = float(integrand(m.mpf(x)))
        blur = 0.0 if x > 1e15 else 4e-16 * np.sqrt(2 * x / np.pi) / (x if "2" in name else 1)  # of a rounding of x
        for mode in ("forward", "reverse"):
            with np.errstate(all="ignore"):
                got = slopes(row, [np.array([x])], 0, mode)[0, 0]
            assert got == pytest.approx(want, rel=1e-12, abs=blur + 1e-280) or np.isnan(got) and not np.isfinite(row(x))

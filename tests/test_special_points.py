"""Slopes of scipy.special at 0, next to it and far out, in every argument with the others at rest and in ties, against mpmath."""

import mpmath as m
import numpy as np
import pytest
import scipy.special as sp
from ball_truth import truths
from special_points import DEAR, LOST, NOISY
from special_rows import CRASHING, ENDLESS, ROWS, NoTruth, admissible
from test_special_distributions import INVERSE
from test_table_special import beside, places, slopes

import dualnet as dn
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


def slope(f, k, *at):
    return float(dn.derivative(lambda x: f(*at[:k], x, *at[k + 1:]))(at[k]))


def test_what_the_points_above_leave_out_by_closed_forms():
    """Points of DEAR: binomials of no failure, U, noncentral and Student's t, and V at their limits there."""
    y, p, tiny = 0.72, 0.48, 1e-200
    assert slope(sp.bdtrin, 1, tiny, y, p) == pytest.approx(1 / (y * np.log1p(-p)), rel=1e-12)  # (1 - p)^n = y
    assert slope(sp.bdtrin, 2, tiny, y, p) == pytest.approx(np.log(y) / (1 - p) / np.log1p(-p) ** 2, rel=1e-12)
    want = np.euler_gamma, np.pi**2 / 6 * tiny, (np.log(tiny) + np.euler_gamma) * tiny  # of gamma(1 - b)/gamma(1 + a - b) + a x log(x)
    assert [slope(sp.hyperu, k, tiny, tiny, tiny) for k in range(3)] == pytest.approx(want, rel=1e-12, abs=0)
    nc = sp.nctdtrinc(tiny, 0.025, 0.3)  # of no degree of freedom the probability is that of a normal variable below -nc
    assert slope(sp.nctdtrinc, 1, tiny, 0.025, 0.3) == pytest.approx(-np.sqrt(2 * np.pi) * np.exp(0.5 * nc * nc), rel=1e-9)
    df = 2.55
    mean = np.sqrt(2 / df) * sp.gamma((df + 1) / 2) / sp.gamma(df / 2)  # of the root of chi-square(df)/df
    assert slope(sp.nctdtrinc, 2, df, 0.025, tiny) == pytest.approx(mean, rel=1e-12)
    t = sp.nctdtrit(df, tiny, 0.0074)
    density = sp.gamma((df + 1) / 2) / sp.gamma(df / 2) / np.sqrt(np.pi * df) * (1 + t * t / df) ** (-(df + 1) / 2)
    assert slope(sp.nctdtrit, 2, df, tiny, 0.0074) == pytest.approx(1 / density, rel=1e-10)
    with m.workdps(40):  # far out the tail of Student's t is a power, up to 1e-16
        log_tail = lambda v: m.loggamma((v + 1) / 2) - m.loggamma(v / 2) - m.log(m.pi) / 2 + (v / 2 - 1) * m.log(v) - v * m.log(1e8)
        v = m.findroot(lambda v: log_tail(v) - m.log1p(-m.mpf(0.93)), 0.1)
        want = [1 / (m.diff(log_tail, v) * -(1 - m.mpf(0.93))), v / (1e8 * m.diff(log_tail, v))]
    assert [slope(sp.stdtridf, k, 0.93, 1e8) for k in (0, 1)] == pytest.approx([float(w) for w in want], rel=1e-11, abs=0)


def test_noncentral_chi_square_of_large_arguments():
    """The slope by x at 1e8 by quadrature with mpmath at 30 digits."""
    assert slope(sp.chndtridf, 0, 1e8, 0.34608183186771263, 1.9199516952313287) == pytest.approx(1.0000279958, rel=1e-9)


@pytest.mark.parametrize(("v", "x"), [(1e-200, 2.3), (1.18, 1e-200), (1e-200, 1e-200), (0.0, 0.0), (0.0, 2.3)])
def test_the_parabolic_cylinder_function_v_next_to_zero(v, x):
    with m.workdps(40):
        value = lambda v, x: m.pcfv(-v - m.mpf(1) / 2, x)
        want = m.diff(lambda v: value(v, m.mpf(x)), m.mpf(v)), m.diff(value, (m.mpf(v), m.mpf(x)), (1, 1))
    for k in (0, 1):
        assert float(dn.derivative(lambda v, k=k: sp.pbvv(v, x)[k])(v)) == pytest.approx(float(want[k]), rel=1e-12, abs=0)


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

"""Slopes of special functions by large parameters, where they are tiny beside the function: right, or an error; never noise."""

import tracemalloc

import fast_truth
import mpmath as m
import numpy as np
import pytest
import scipy.special as sp
from ball_truth import BALLS
from special_rows import TRUTH

import dualnet as dn
from dualnet.errors import NotDifferentiableError
from dualnet.table.bessel import by_neighbours
from dualnet.table.noncentral_t import panels
from dualnet.table.parameters import Slope, absolute
from dualnet.table.stirling import log1p_less

LARGE = (1e2, 1.23e3, 1e5, 1e6, 1e7, 1e8, 1e9)
SERIES = [(sp.hyp0f1, m.hyp0f1, (), 0.75), (sp.hyp0f1, m.hyp0f1, (), -3.5),
          (sp.hyp1f1, m.hyp1f1, (1.4,), 0.7), (sp.hyp1f1, m.hyp1f1, (-2.5,), -2.0),
          (sp.hyp2f1, m.hyp2f1, (0.5, 1.25), 0.4), (sp.hyp2f1, m.hyp2f1, (-1.0, 2.5), -0.7)]
OTHERS = [(sp.ive, lambda v, x: m.besseli(v, x) * m.exp(-x), 2e3), (sp.jv, m.besselj, 1e3),
          (sp.kve, lambda v, x: m.besselk(v, x) * m.exp(x), 50.0)]


def slope(f, args, k):
    """The derivative by the k-th argument at 50 digits."""
    with m.workdps(50):
        args = [m.mpf(a) for a in args]
        h = args[k] * m.mpf(10) ** -15
        return float((f(*args[:k], args[k] + h, *args[k + 1:]) - f(*args[:k], args[k] - h, *args[k + 1:])) / (2 * h))


@pytest.mark.parametrize("large", LARGE)
@pytest.mark.parametrize(("function", "exact", "upper", "x"), SERIES, ids=[f"{f.__name__}{u}-{x}" for f, _, u, x in SERIES])
def test_hypergeometric_slopes_by_every_parameter(function, exact, upper, x, large):
    args = (*upper, large + 0.3, x)
    for k in range(len(upper) + 1):
        def f(v, k=k):
            return function(*args[:k], v, *args[k + 1:])

        want = slope(exact, args, k)
        assert dn.derivative(f)(args[k]) == pytest.approx(want, rel=1e-8, abs=0)
        assert dn.vjp(f, args[k])[1](1.0)[0] == pytest.approx(want, rel=1e-8, abs=0)


def test_hypergeometric_slopes_nest_and_take_mixed_arrays():
    c = np.array([3.5, 40.0, 1e8])
    got = dn.derivative(dn.derivative(lambda c: sp.hyp1f1(1.5, c, 0.75)))
    with m.workdps(50):
        for v in (1e4, 1e8):
            want = float(m.diff(lambda c: m.hyp1f1(1.5, c, 0.75), v, 2, h=m.mpf(v) / 10**12))
            assert got(v) == pytest.approx(want, rel=1e-10, abs=0)
    together = dn.jvp(lambda c: sp.hyp1f1(1.5, c, 0.75), (c,), (np.ones(3),))[1]
    for value, each in zip(together, c):
        assert value == pytest.approx(slope(m.hyp1f1, (1.5, each, 0.75), 1), rel=1e-9, abs=0)


@pytest.mark.parametrize("large", LARGE[:4])
@pytest.mark.parametrize(("function", "exact", "x"), OTHERS, ids=[f[0].__name__ for f in OTHERS])
def test_orders_are_right_or_refused(function, exact, x, large):
    got = dn.derivative(lambda v: function(v, x))
    if not np.isfinite(function(large, x)) or function(large, x) == 0:
        assert not 0 < abs(got(large)) < np.inf  # NaN, 0, or beyond the range as well
        return
    try:
        assert got(large) == pytest.approx(slope(exact, (large, x), 0), rel=1e-8, abs=0)
    except NotDifferentiableError as error:
        assert function.__name__ in str(error)


@pytest.mark.parametrize("v", [1e2, 1e5, 1e8, 1e9])
def test_a_slope_of_a_small_power_is_right(v):
    want = slope(fast_truth.bessel_moment, (0.5, v, 2), 1)
    assert dn.derivative(lambda v: sp.besselpoly(0.5, v, 2.0))(v) == pytest.approx(want, rel=1e-8, abs=0)


def test_a_slope_lost_in_rounding_is_refused_and_one_that_is_zero_is_not():
    def rough(v):
        return 1 + 1e-12 * np.sin(v)

    with pytest.raises(NotDifferentiableError, match="rough"):
        Slope("rough", rough, {0: (1, absolute)}, lambda k: None, 1)(2.0)
    assert Slope("flat", lambda v: 1 + 0 * v, {0: (1, absolute)}, lambda k: None, 1)(2.0) == 0
    assert abs(Slope("cosine", np.cos, {0: (1, absolute)}, lambda k: None, 1)(np.pi)) < 1e-14  # a zero among slopes that are not
    assert dn.derivative(lambda b: sp.hyp2f1(0.0, b, 14.5, -0.3))(0.3) == 0


def test_a_mixed_slope_comes_from_one_grid_of_values():
    calls = []

    def waves(a, b, c):
        calls.append(a.size)
        return np.exp(a * b) * np.cos(b + 2 * c)

    a, b, c = np.array([0.3, -1.2]), np.array([0.7, 0.1]), np.array([1.5, 0.4])
    got = Slope("waves", waves, {0: (1, absolute), 1: (1, absolute), 2: (1, absolute)}, lambda k: None, 3)(a, b, c)
    by_a_and_b = lambda f, bend: np.exp(a * b) * ((1 + a * b) * f + b * bend)  # of exp(a b) f(b), whose slope by b is `bend`
    np.testing.assert_allclose(got, by_a_and_b(-2 * np.sin(b + 2 * c), -2 * np.cos(b + 2 * c)), rtol=1e-9)
    assert sum(calls) < 2 * 5 * 24**3  # at most five grids for each point
    twice = Slope("waves", waves, {1: (2, absolute), 2: (1, absolute)}, lambda k: None, 3)(a, b, c)
    f, bend = -2 * np.sin(b + 2 * c), -2 * np.cos(b + 2 * c)
    np.testing.assert_allclose(twice, np.exp(a * b) * (a * a * f + 2 * a * bend - f), rtol=1e-9)
    edge = Slope("edge", lambda a, b: np.sqrt(a + b - 1) * a, {0: (1, absolute), 1: (1, absolute)}, lambda k: None, 2)
    assert edge(0.75, 0.75) == pytest.approx(0.5**-0.5 / 2 - 0.75 * 0.5**-1.5 / 4, rel=1e-9)  # in a grid that shrinks off the end


FAR = [(sp.agm, m.agm, 1e-200, 3.0), (sp.agm, m.agm, 2.0, 1e200), (sp.agm, m.agm, 1e-8, 1e8), (sp.agm, m.agm, 3e-9, 3.001),
       (sp.iv, BALLS["iv"], 1e-12, 1e-12), (sp.jv, BALLS["jv"], 1e-7, 0.5), (sp.jv, BALLS["jv"], 1e-200, 1e-200),
       (sp.inv_boxcox1p, lambda x, y: (1 + x * y) ** (1 / y) - 1, 2.5, 1e-200)]


@pytest.mark.parametrize(("function", "exact", "x", "y"), FAR, ids=[f"{f.__name__} {x:g} {y:g}" for f, _, x, y in FAR])
def test_slopes_by_arguments_far_apart(function, exact, x, y):
    with m.workdps(700):
        at = m.mpf(x), m.mpf(y)
        want = [float(m.diff(lambda t, k=k: exact(*at[:k], t, *at[k + 1:]), at[k], h=at[k] / 10**100)) for k in (0, 1)]
    for k, f in enumerate((lambda t: function(t, y), lambda t: function(x, t))):
        if k == 0 and function in (sp.iv, sp.jv):  # a slope by the order has tests of its own
            continue
        for by in (dn.derivative(f), dn.grad(f, mode="reverse")):
            assert by((x, y)[k]) == pytest.approx(want[k], rel=1e-13, abs=0)


@pytest.mark.parametrize(("name", "args"), [
    ("pro_ang1", (3, 6, 1e-8)), ("obl_ang1", (3, 6, 1e-7)), ("pro_rad1", (1, 5, 1e-7)), ("obl_rad1", (3, 6, 1e-6)),
    ("mathieu_modcem1", (5, 1e-6)), ("mathieu_modsem1", (3, 1e-8))])
def test_values_of_scipy_that_are_wrong_next_to_0_have_no_derivative(name, args):
    f = lambda x: getattr(sp, name)(*args, x)[0]
    for transform in (dn.derivative, lambda f: dn.grad(f, mode="reverse")):
        with pytest.raises(NotDifferentiableError, match="is wrong itself"):
            transform(f)(1.25 if "ang" not in name else 0.25)


@pytest.mark.parametrize(("kind", "legendre"), [("pro", 0.0), ("obl", 0.0), ("pro", 1e-5), ("obl", 1e-5)])
def test_spheroidal_slopes_at_no_eccentricity_are_those_of_legendre(kind, legendre):
    want = m.diff(lambda x: m.legendre(3, x), 0.25)
    assert dn.derivative(lambda x: getattr(sp, f"{kind}_ang1")(0, 3, legendre, x)[0])(0.25) == pytest.approx(float(want), rel=1e-9)


def test_elliptic_integrals_of_large_parameters():
    with m.workdps(250):
        want = float(m.diff(lambda k: m.ellipk(k), m.mpf(-(10**200)), h=m.mpf(10) ** 170))
    assert dn.derivative(sp.ellipk)(-1e200) == pytest.approx(want, rel=1e-13, abs=0)
    assert dn.derivative(sp.ellipkm1)(1e200) == pytest.approx(-want, rel=1e-13, abs=0)


def test_the_logarithm_of_wrights_function_far_out():
    """It grows as the exponent at the saddle point r, whose slope by x is r^-a."""
    f = lambda x: sp.log_wright_bessel(2.5, 3.0, x)
    assert dn.derivative(f)(1e100) == pytest.approx((2.5 * 1e100) ** (-2.5 / 3.5), rel=1e-12)
    assert np.isnan(dn.derivative(f)(np.inf)) and np.isnan(dn.derivative(lambda x: sp.struve(2.5, x))(1e250))


@pytest.mark.parametrize("t", [0.2, 1e-3, -1e-8, 1e-200])
def test_noncentral_t_by_the_degrees_of_freedom_next_to_0(t):
    with m.workdps(470 if abs(t) < 1e-100 else 90):
        want = float(m.diff(lambda v: fast_truth.nctdtr(v, m.mpf(0.4), m.mpf(t)), m.mpf(3.5), h=m.mpf(10) ** -30))
    for mode in ("forward", "reverse"):
        slope = dn.jacobian(lambda v: sp.nctdtr(v, 0.4, t), mode=mode)(3.5)
        assert slope == pytest.approx(want, rel=1e-12, abs=0)


def test_noncentral_distributions_of_hardly_any_degree_of_freedom():
    h = m.mpf(10) ** -225
    with m.workdps(700):
        at = m.mpf(1e-200), m.mpf(sp.nctdtrinc(1e-200, 0.3, 1.2)), m.mpf(1.2)
        by_v = (fast_truth.nctdtr(at[0] + h, *at[1:]) - fast_truth.nctdtr(at[0] - h, *at[1:])) / (2 * h)
        by_d = (fast_truth.nctdtr(at[0], at[1] + h, at[2]) - fast_truth.nctdtr(at[0], at[1] - h, at[2])) / (2 * h)
    assert dn.derivative(lambda v: sp.nctdtrinc(v, 0.3, 1.2))(1e-200) == pytest.approx(float(-by_v / by_d), rel=1e-7)


def test_slopes_of_solutions_that_rounding_has_blurred_and_of_lost_phases_are_nan():
    assert np.isnan(dn.derivative(lambda y: sp.gammaincinv(1e200, y))(0.6))
    assert np.isnan(dn.derivative(lambda u: sp.ellipj(u, 0.5)[0])(1e17))
    assert np.isnan(dn.derivative(lambda x: sp.jv(1e9, x))(1e17))


@pytest.mark.parametrize("a", [1e4, 1e8, 1e12])
def test_incomplete_gamma_of_large_parameters_next_to_the_mean(a):
    x = a + 3 * np.sqrt(a)
    with m.workdps(50):
        log = m.mpf(a) * m.log(x) - m.mpf(x) - m.loggamma(a)
        tail = lambda u: (m.log(x) + u - m.psi(0, a)) * m.exp(log + m.mpf(a) * u - m.mpf(x) * m.expm1(u))
        want = -m.quad(tail, [n / m.sqrt(m.mpf(a)) for n in (0, 1, 2, 4, 8, 16)])
    assert dn.derivative(lambda a: sp.gammainc(a, x))(a) == pytest.approx(float(want), rel=1e-11, abs=0)
    assert dn.derivative(lambda x: sp.gammainc(a, x))(x) == pytest.approx(float(m.exp(log) / x), rel=1e-13, abs=0)


@pytest.mark.parametrize("at", [(1.4, 0.3, 1e-30), (3.3, -1.1, 1e-200), (1e-200, 1e-200, 1e-200)])
def test_tricomis_function_next_to_0(at):
    with m.workdps(700):
        exact, steps = [m.mpf(x) for x in at], [min(abs(m.mpf(x)), 1) * m.mpf(10) ** -25 for x in at]
        for k in range(3):
            ends = [fast_truth.hyperu(*(x + (s * h if i == k else 0) for i, (x, h) in enumerate(zip(exact, steps)))) for s in (1, -1)]
            want = float((ends[0] - ends[1]) / (2 * steps[k]))
            try:
                got = dn.derivative(lambda x, k=k: sp.hyperu(*at[:k], x, *at[k + 1:]))(at[k])
            except NotDifferentiableError:
                assert abs(want) < 1e-9  # below the noise of the values, which are 1 there
            else:
                assert got == pytest.approx(want, rel=1e-9, abs=0)


@pytest.mark.parametrize("x", [3e15, 1e20, -1e20, 1e200])
def test_bessel_functions_far_out_whose_phase_scipy_has_lost(x):
    for name in ("j0", "j1", "y0", "y1"):
        got = dn.derivative(getattr(sp, name))(x)
        if name[0] == "y" and x < 0:
            assert np.isnan(got)
            continue
        with m.workdps(250):
            n, f = int(name[1]), m.besselj if name[0] == "j" else m.bessely
            want = float(-f(1, m.mpf(x)) if n == 0 else (f(0, m.mpf(x)) - f(2, m.mpf(x))) / 2)
        assert got == pytest.approx(want, rel=1e-13, abs=0)


def test_bessel_functions_far_out_by_the_order_in_both_modes():
    with m.workdps(260):
        want = float(m.diff(lambda v: BALLS["yv"](v, m.mpf(1e20)), m.mpf(1.5), h=m.mpf(10) ** -60))
    for mode in ("forward", "reverse"):
        got = dn.jacobian(lambda v: sp.yv(v, np.array([1e20, 2.0])), mode=mode)(1.5)
        assert got[0] == pytest.approx(want, rel=1e-12, abs=0) and np.isfinite(got[1])


def test_log_of_one_plus_x_less_x_to_half_a_digit_of_rounding():
    signs, powers = np.array([[1.0], [-1.0]]), 10.0 ** np.linspace(-160, -0.31, 300)
    x = np.concatenate([np.linspace(-0.9999, 3, 1999), *signs * powers])
    with m.workdps(400):
        want = np.array([float(m.log1p(m.mpf(v)) - m.mpf(v)) for v in x])
    np.testing.assert_allclose(log1p_less(x), want, rtol=7e-16, atol=1e-323)
    assert log1p_less(np.float32(0.25)).dtype == np.float32
    assert dn.derivative(log1p_less)(-0.25) == pytest.approx(1 / 3, rel=1e-15)


def test_integrals_and_mixtures_of_distributions_are_bounded_in_memory():
    rng = np.random.default_rng(5)
    v, d, t = 10 ** rng.uniform(-200, 200, 2000), rng.normal(size=2000) * 10 ** rng.uniform(-200, 200, 2000), rng.normal(size=2000)
    with np.errstate(all="ignore"):
        for normal in ("both", "beside", None):
            assert panels(v, d, t * np.abs(d), normal)[0].shape[-1] < 500
    x = np.linspace(5e4, 5.2e4, 300)
    slope = lambda c: dn.jacobian(lambda c: sp.chndtr(x, 3.0, c), sparse=True)(c).diagonal()
    tracemalloc.start()
    together = slope(np.full(300, 5.1e4))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 80e6  # of 300 times 4000 terms a block at a time
    alone = [dn.derivative(lambda c, k=k: sp.chndtr(x[k], 3.0, c))(5.1e4) for k in (0, 100, 299)]
    np.testing.assert_allclose(together[[0, 100, 299]], alone, rtol=1e-13)


@pytest.mark.parametrize(("d", "t"), [(1.0, 1.5), (-2.0, 0.75), (0.5, -3.0), (30.0, 29.0), (2.0, 2.0)])
def test_noncentral_t_of_very_many_degrees_of_freedom(d, t):
    y = m.mpf(t) - d
    normal = m.npdf(y)
    for v in (1e6, 1e8, 1e12, 1e15, 1e18):
        # the next term of the expansion of E[Phi(t S - d)] by the moments of S - 1 is smaller by about (1 + t^2 + y^2)^2/v
        by_v = normal * (t / m.mpf(4) + t * t * y / 4) / v**2
        rough = 1e-12 + 3 * (1 + t * t + y * y) ** 2 / v
        for k, want in enumerate((by_v, -normal, normal)):
            for mode in ("forward", "reverse"):
                got = dn.jacobian(sp.nctdtr, k, mode=mode)(v, d, t)
                assert got == pytest.approx(float(want), rel=float(rough), abs=0), (v, k)
    for v in (1e19, 1e200, np.inf):
        assert dn.derivative(sp.nctdtr, 1)(v, d, t) == pytest.approx(float(-normal), rel=1e-13)
        assert dn.derivative(sp.nctdtr, 2)(v, d, t) == pytest.approx(float(normal), rel=1e-13)
    assert np.isnan(dn.derivative(sp.nctdtr, 0)(1e19, d, t)) and np.isnan(dn.derivative(sp.nctdtr, 2)(1e19, 1e9, 1e9))


@pytest.mark.parametrize(("f", "sign", "want"), [(sp.jv, -1, lambda v, x: m.besselj(v, x, 1)), (sp.iv, 1, lambda v, x: m.besseli(v, x, 1))])
def test_a_slope_of_a_bessel_function_takes_its_neighbours_once(f, sign, want):
    orders = []

    def counted(v, x):
        orders.append(v)
        return f(v, x)

    for v in (0.0, 1e-9, 2.5):
        got = by_neighbours(counted, sign)(v, 1.5, f(v, 1.5))
        assert got == pytest.approx(float(want(v, m.mpf(1.5))), rel=1e-13)
        assert orders == [v + 1, v - 1]
        orders.clear()


@pytest.mark.parametrize("x", [0.0, 1e-200, -1e-3, 0.06])
@pytest.mark.parametrize(("m_n", "c"), [((2, 3), 1.5), ((2, 4), 0.7), ((1, 4), 3.5), ((3, 5), 0.2)])
@pytest.mark.parametrize("kind", ["pro", "obl"])
def test_spheroidal_functions_by_the_eccentricity_next_to_x_0(kind, m_n, c, x):
    for k in (0, 1):
        truth = TRUTH[f"{kind}_ang1[{k}]"]
        with m.workdps(40 if abs(x) > 1e-100 or x == 0 else 650):
            at = m.mpf(c), m.mpf(x)
            h = m.mpf(10) ** (-10 if m.mp.dps < 100 else -30)
            want = float((truth(*m_n, at[0] + h, at[1]) - truth(*m_n, at[0] - h, at[1])) / (2 * h))
        f = lambda c, k=k: getattr(sp, f"{kind}_ang1")(*m_n, c, x)[k]
        for mode in ("forward", "reverse"):
            assert dn.jacobian(f, mode=mode)(c) == pytest.approx(want, rel=1e-10, abs=1e-18 if x == 0 else 0)


@pytest.mark.parametrize("k", range(4))
@pytest.mark.parametrize("x", [40.0, 3e3, 1e5])
def test_the_terms_of_scaled_airy_functions_slopes_do_not_cancel_far_out(k, x):
    values, sign = (m.airyai, 1) if k < 2 else (m.airybi, -1)
    f = lambda x: sp.airye(x)[k]
    with m.workdps(60):
        exact = lambda t: values(t, derivative=k % 2) * m.exp(sign * m.mpf(2) / 3 * t ** 1.5)
        slopes = [float(m.diff(exact, m.mpf(x), n, h=m.mpf(10) ** -12)) for n in (1, 2, 3)]
    for order in range(3):
        f = dn.derivative(f)
        np.testing.assert_allclose(f(x), slopes[order], rtol=1e-14)


@pytest.mark.parametrize(("f", "ball", "point"), [
    (sp.boxcox, lambda x, y: (x**y - 1) / y, (3.0, -50.0)), (sp.boxcox1p, lambda x, y: ((1 + x) ** y - 1) / y, (-0.9, 30.0)),
    *[(sp.struve, BALLS["struve"], point) for point in [(777.46, 342.58), (200.0, 100.0), (60.0, 15.0), (548.23, 445.63), (143.6, 114.2),
                                                        (500.0, 600.0)]],
    (sp.modstruve, BALLS["modstruve"], (9467.77, 6558.16)), (sp.modstruve, BALLS["modstruve"], (90.0, 450.0)),
    (sp.modstruve, BALLS["modstruve"], (0.5385477693579397, 12.787637360876309))],
    ids=lambda a: getattr(a, "__name__", "") if callable(a) else str(a))
def test_mixed_slopes_that_are_far_below_those_by_one_argument(f, ball, point):
    """In either order of differentiation, and that by the order or shape itself, against differences in many digits."""
    ball = ball if "struve" in f.__name__ else fast_truth.in_balls(ball)
    with m.workdps(160):
        at, step = [m.mpf(p) for p in point], m.mpf(10) ** -30
        slopes = [m.diff(ball, at, by, h=step) for by in ((1, 0), (0, 1), (1, 1), (2, 1), (1, 2))]
    first, second, mixed = map(float, slopes[:3])
    bend = sum(abs(p * float(s)) for p, s in zip(point, slopes[3:]))
    assert dn.derivative(f, 0)(*point) == pytest.approx(first, rel=1e-12, abs=1e-13 * abs(point[0] * mixed))
    assert dn.derivative(f, 1)(*point) == pytest.approx(second, rel=1e-12, abs=1e-13 * abs(point[1] * mixed))
    for by in ((0, 1), (1, 0)):
        assert dn.derivative(dn.derivative(f, by[0]), by[1])(*point) == pytest.approx(mixed, rel=1e-12, abs=1e-13 * bend), by


@pytest.mark.parametrize(("f", "sign", "scaled"), [(sp.yv, 1, False), (sp.yve, 1, False), (sp.kv, -1, False), (sp.kve, -1, True)],
                         ids=lambda a: getattr(a, "__name__", str(a)))
def test_the_slope_of_a_bessel_function_next_to_overflow(f, sign, scaled):
    """SciPy's neighbour of order v + 1 is infinite there, that of yve of the wrong sign; the slope is nearly -v/x times the function."""
    v, x = 98.09293731437508, 0.060371969796737264
    with m.workdps(50):
        value = m.bessely if sign > 0 else m.besselk
        plain = (sign * value(v - 1, x) - value(v + 1, x)) / 2  # DLMF 10.6.1, 10.29.1
        want = plain if not scaled else m.exp(x) * (plain + m.besselk(v, x))
    for mode in ("forward", "reverse"):
        assert dn.jacobian(lambda x: f(v, x), mode=mode)(x) == pytest.approx(float(want), rel=1e-11)


@pytest.mark.parametrize(("c", "x"), [(171.0, -106.0), (400.0, -1e-3), (169.0, -1e4), (1500.0, -2000.0)])
def test_slopes_of_0f1_left_of_0_where_scipys_gamma_function_overflows(c, x):
    """From c = 170 on SciPy has inf or NaN there."""
    with m.workdps(60):
        at, f = (m.mpf(c), m.mpf(x)), lambda c, x: m.hyp0f1(c, x)
        slopes = {by: float(m.diff(f, at, by, h=m.mpf(10) ** -18)) for by in ((1, 0), (0, 1), (1, 1), (0, 2))}
    by_x = dn.derivative(sp.hyp0f1, 1)
    assert by_x(c, x) == pytest.approx(slopes[0, 1], rel=1e-12)
    assert dn.derivative(sp.hyp0f1, 0)(c, x) == pytest.approx(slopes[1, 0], rel=1e-11)
    assert dn.derivative(by_x, 0)(c, x) == pytest.approx(slopes[1, 1], rel=1e-11)
    assert dn.derivative(by_x, 1)(c, x) == pytest.approx(slopes[0, 2], rel=1e-12)


@pytest.mark.parametrize("f", [sp.wright_bessel, sp.log_wright_bessel], ids=lambda f: f.__name__)
def test_wrights_function_in_arrays_with_large_arguments(f):
    """One of which has a steep integrand, and one of which SciPy's value of the slope by x is of the wrong sign."""
    points = np.array([[4.3633, 1.5594, 0.0049167], [0.38793, 30.339, 3476.8], [18.42, 993.13, 83.531], [0.3, 2000.0, 4000.0]])
    ball = fast_truth.wright if f is sp.wright_bessel else lambda *args: m.log(fast_truth.wright(*args))
    for k in range(3):
        got = dn.jvp(lambda x, k=k: f(*(x if i == k else p for i, p in enumerate(points.T))), (points[:, k],), (np.ones(4),))[1]
        for point, slope in zip(points.tolist(), got):
            with m.workdps(60):
                want = float(m.diff(ball, point, [int(i == k) for i in range(3)], h=m.mpf(10) ** -17 * min(point)))
            assert slope == pytest.approx(want, rel=1e-11, abs=0), (point, k)


def test_noncentral_chi_square_by_the_noncentrality_and_then_by_few_degrees_of_freedom():
    point = (0.25, 0.03125, 1.05)
    slope = dn.derivative(sp.chndtr, 2)
    for n in (1, 2):
        slope = dn.derivative(slope, 1)
        with m.workdps(60):
            want = float(m.diff(fast_truth.chndtr, point, (0, n, 1), h=m.mpf(10) ** -17))
        assert slope(*point) == pytest.approx(want, rel=1e-13, abs=0)


@pytest.mark.parametrize("k", [0, 1])
def test_a_modified_mathieu_function_without_a_value_has_no_derivative(k):
    """SciPy has NaN where the phase, which grows as exp(x), is lost."""
    f = lambda q, x: sp.mathieu_modcem2(91, q, x)[k]
    assert np.isnan(f(5.0, 33.0))
    for place in range(2):
        with pytest.raises(NotDifferentiableError, match="smaller x"):
            dn.derivative(f, place)(5.0, 33.0)

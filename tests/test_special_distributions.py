"""Slopes of distribution functions and of their inverses against mpmath, by every continuous argument."""

import distributions as exact
import fast_truth as fast
import mpmath as m
import numpy as np
import pytest
import scipy.special as sp
from differences import along, close, keeps_float32
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

import dualnet as dn
from dualnet.errors import ArgumentError, UnknownFunctionError
from dualnet.table.special_distributions import fisher_value
from dualnet.table.special_incomplete import betainc_by

DIGITS = 45
FISHER = lambda a, b, x: exact.betainc(a / 2, b / 2, a * x / b)
DIRECT = {  # name: (the function in mpmath, its arguments, - for one that SciPy cuts to a whole number, points)
    "gammainc": (exact.gammainc, "a x", [(1.4, 2.2), (1e-3, 1e-3), (1e-3, 5.0), (0.3, 0.01), (2.5, 0.1), (2.5, 30.0), (30.0, 25.0),
                                         (1e3, 800.0), (1e3, 980.0), (1e3, 1150.0), (50.0, 1e3)]),
    "gdtr": (lambda a, b, x: exact.gammainc(b, a * x), "a b x", [(1.4, 2.5, 0.8), (0.01, 0.05, 3.0), (12.0, 300.0, 23.0), (5.0, 1.5, 9.0)]),
    "chdtr": (lambda v, x: exact.gammainc(v / 2, x / 2), "v x", [(3.5, 2.4), (1e-2, 1.0), (1.0, 1e-3), (3.5, 60.0), (900.0, 850.0)]),
    "betainc": (lambda a, b, p: exact.betainc(a, b, exact.odds(p)), "a b p", [
        (1.4, 2.5, 0.3), (1e-3, 2e-3, 0.3), (0.4, 900.0, 1e-3), (900.0, 0.2, 0.9999), (1.4, 2.5, 1e-6), (1.4, 2.5, 0.999999),
        (40.0, 60.0, 0.45), (1e3, 800.0, 0.53), (1e3, 800.0, 0.7), (5.0, 1e-3, 0.5), (1e-3, 30.0, 0.2)]),
    "fdtr": (FISHER, "m n x", [(3.5, 6.5, 1.4), (0.02, 0.5, 2.0), (900.0, 40.0, 1.3), (3.0, 700.0, 5.0), (8.0, 0.1, 1e3),
                               (1e5, 1e5, 1.001)]),
    "stdtr": (exact.student, "v t", [(3.5, -0.7), (0.01, 2.0), (1.0, -400.0), (900.0, 1e-3), (900.0, -4.0), (40.0, 9.0)]),
    "bdtr": (lambda k, n, p: exact.betainc(n - k, k + 1, exact.odds(1 - p)), "- - p", [(3, 8, 0.4), (4, 9, 0.01), (300, 900, 0.3)]),
    "nbdtr": (lambda k, n, p: exact.betainc(n, k + 1, exact.odds(p)), "- - p", [(3, 5, 0.4), (300, 90, 0.25), (0, 5, 0.01)]),
    "pdtr": (lambda k, x: 1 - exact.gammainc(m.floor(k) + 1, x), "- m", [(3.0, 2.4), (3.7, 0.01), (300.0, 280.0)]),
    "chndtr": (fast.chndtr, "x v c", [(2.4, 3.5, 1.2), (0.01, 0.3, 5.0), (40.0, 3.0, 2.0), (60.0, 20.0, 30.0), (7.0, 4.0, 1e-3)]),
    "ncfdtr": (fast.ncfdtr, "m n c x", [(3.5, 6.5, 0.7, 1.4), (0.5, 9.0, 3.0, 0.1), (20.0, 40.0, 12.0, 1.9), (4.0, 2.0, 0.01, 30.0)]),
    "nctdtr": (fast.nctdtr, "v d t", [(3.5, 0.7, 1.2), (3.5, -0.7, -2.0), (4.0, 3.0, 6.0), (8.0, 0.0, -3.0), (300.0, 2.0, 2.5),
                                    (0.01, 2.3, -0.16), (1e-6, 2.3, -0.16), (0.2, 0.0, 1.0)]),
    "kolmogorov": (exact.kolmogorov, "x", [(0.95,), (0.2,), (0.7,), (1.4,), (4.0,)]),
    "smirnov": (exact.smirnov, "- x", [(5, 0.12), (1, 0.3), (5, 0.73), (40, 0.21), (200, 0.05)]),
    "tklmbda": (exact.tukey, "x l", [(0.4, 0.7), (-1.2, 0.3), (-30.0, -0.5), (2.5, 1e-6), (1e3, -1.5), (0.2, 3.0), (-20.0, 0.01)]),
    "voigt_profile": (exact.voigt, "x s g", [(0.4, 1.1, 0.6), (-3.0, 0.4, 0.01), (30.0, 1.0, 2.0), (8.0, 1.0, 1e-16), (-7.5, 1.0, 1e-24)]),
    "owens_t": (fast.owens, "h a", [(0.7, 1.3), (-1.5, 0.4), (4.0, 0.1)]),
    "nrdtrimn": (lambda p, s, x: x - s * m.sqrt(2) * m.erfinv(2 * p - 1), "p s x", [(0.3, 1.4, 2.0), (1e-5, 3.0, -1.0)]),
    "nrdtrisd": (lambda n, p, x: (x - n) / (m.sqrt(2) * m.erfinv(2 * p - 1)), "n p x", [(0.5, 0.8, 2.0), (3.0, 0.1, 1.0)]),
}
UPPER = {"gammaincc": "gammainc", "gdtrc": "gdtr", "chdtrc": "chdtr", "betaincc": "betainc", "fdtrc": "fdtr", "bdtrc": "bdtr",
         "nbdtrc": "nbdtr", "pdtrc": "pdtr"}
CONTINUOUS = {"poisson": lambda k, x: 1 - exact.gammainc(k + 1, x), "binomial": DIRECT["bdtr"][0], "negative": DIRECT["nbdtr"][0]}
INVERSE = {  # name: (the direct function, the place of the argument solved for and of the probability, points)
    "gammaincinv": ("gammainc", 1, [(1.4, 0.3), (0.01, 0.99), (1.4, 1e-8), (300.0, 0.9)]),
    "gammainccinv": ("gammainc", 1, [(1.4, 0.3), (0.3, 0.4), (1.4, 1e-8), (300.0, 0.9)]),
    "gdtria": ("gdtr", 0, [(0.4, 2.5, 0.8), (1e-3, 40.0, 3.0)]), "gdtrib": ("gdtr", 1, [(1.4, 0.4, 0.8), (30.0, 0.01, 3.0)]),
    "gdtrix": ("gdtr", 2, [(1.4, 2.5, 0.4), (0.1, 40.0, 0.99)]), "chdtri": ("chdtr", 1, [(3.5, 0.4), (0.3, 0.1), (300.0, 1e-6)]),
    "chdtriv": ("chdtr", 0, [(0.4, 3.0), (0.01, 50.0), (0.9, 0.5)]), "pdtri": ("pdtr", 1, [(3, 0.4), (200, 0.1)]),
    "pdtrik": ("poisson", 0, [(0.4, 2.5), (0.99, 80.0)]),
    "betaincinv": ("betainc", 2, [(1.4, 2.5, 0.3), (0.1, 5.0, 0.9), (300.0, 200.0, 0.01)]),
    "betainccinv": ("betainc", 2, [(1.4, 2.5, 0.3), (0.1, 5.0, 0.05), (300.0, 200.0, 0.01)]),
    "btdtria": ("betainc", 0, [(0.4, 2.5, 0.3), (0.1, 90.0, 0.3)]), "btdtrib": ("betainc", 1, [(1.4, 0.4, 0.3), (70.0, 0.1, 0.5)]),
    "fdtri": ("fdtr", 2, [(3.5, 6.5, 0.4), (200.0, 30.0, 0.99)]), "fdtridfd": ("fdtr", 1, [(3.5, 0.6, 1.4), (20.0, 0.8, 1.5)]),
    "stdtrit": ("stdtr", 1, [(3.5, 0.3), (0.7, 0.01), (300.0, 0.999)]), "stdtridf": ("stdtr", 0, [(0.2, -1.0), (0.8, 0.9), (0.97, 2.1)]),
    "bdtri": ("bdtr", 2, [(3.0, 8, 0.4), (300.0, 900, 0.01)]), "bdtrik": ("binomial", 0, [(0.4, 8.0, 0.4), (0.9, 400.5, 0.3)]),
    "bdtrin": ("binomial", 1, [(3.0, 0.4, 0.4), (100.5, 0.9, 0.3)]), "nbdtri": ("nbdtr", 2, [(3, 5, 0.4), (90, 300, 0.9)]),
    "nbdtrik": ("negative", 0, [(0.4, 5.0, 0.4), (0.9, 90.5, 0.3)]), "nbdtrin": ("negative", 1, [(3.0, 0.4, 0.4), (90.5, 0.9, 0.3)]),
    "chndtrix": ("chndtr", 0, [(0.4, 3.5, 1.2), (0.99, 20.0, 10.0)]), "chndtridf": ("chndtr", 1, [(2.4, 0.4, 1.2), (40.0, 0.7, 10.0)]),
    "chndtrinc": ("chndtr", 2, [(2.4, 3.5, 0.2), (30.0, 20.0, 0.7)]),
    "ncfdtri": ("ncfdtr", 3, [(3.5, 6.5, 1.2, 0.4), (20.0, 40.0, 5.0, 0.9)]),
    "ncfdtridfn": ("ncfdtr", 0, [(0.3, 40.0, 5.0, 1.1)]), "ncfdtridfd": ("ncfdtr", 1, [(3.5, 0.5, 1.2, 1.4), (20.0, 0.6, 5.0, 1.4)]),
    "ncfdtrinc": ("ncfdtr", 2, [(3.5, 6.5, 0.4, 1.4), (20.0, 40.0, 0.6, 1.3)]),
    "nctdtrit": ("nctdtr", 2, [(3.5, 0.7, 0.4), (60.0, 1.5, 0.95)]),
    "nctdtridf": ("nctdtr", 0, [(0.3, 1.5, 1.1), (2.4e-6, 3.1, -3.8)]), "nctdtrinc": ("nctdtr", 1, [(3.5, 0.4, 1.2), (60.0, 0.05, 2.0)]),
    "kolmogi": ("kolmogorov", 0, [(0.4,), (1e-8,), (0.999,)]), "smirnovi": ("smirnov", 1, [(5, 0.4), (40, 0.01), (200, 0.9)]),
}
UPPER_TAIL = {"gammainccinv", "betainccinv", "chdtri"}  # whose probability is the upper tail


def by(name, point, k):
    """The function of SciPy's as one of its argument k."""
    return lambda x: getattr(sp, name)(*point[:k], x, *point[k + 1:])


def places(arguments):
    return [k for k, a in enumerate(arguments) if a != "-"]


def derivative(f, point, *ks):
    """The partial derivative of f by its arguments ks, in mpmath."""
    orders = [ks.count(k) for k in range(len(point))]
    return m.diff(f, tuple(point) if len(point) > 1 else point[0], orders if len(point) > 1 else orders[0])


def agree(name, point, k, want):
    """Forward against `want`, and reverse against forward."""
    f, want = by(name, point, k), float(want)
    got = dn.derivative(f)(float(point[k]))
    assert abs(got - want) <= 1e-12 * abs(want), f"{name} by argument {k} at {point}: {got!r}, not {want!r}"
    assert dn.vjp(f, float(point[k]))[1](1.0)[0] == pytest.approx(got, rel=1e-13)


@pytest.mark.parametrize("name", DIRECT)
def test_slopes_of_distribution_functions(name):
    f, arguments, points = DIRECT[name]
    upper = [n for n, lower in UPPER.items() if lower == name]
    with m.workdps(DIGITS):
        for point in points:
            for k in places(arguments.split()):
                want = derivative(f, [m.mpf(float(x)) for x in point], k)
                agree(name, point, k, want)
                for other in upper:
                    agree(other, point, k, -want)


@pytest.mark.parametrize("name", DIRECT)
def test_second_derivatives_of_distribution_functions(name):
    f, arguments, points = DIRECT[name]
    point, free = points[0], places(arguments.split())
    with m.workdps(25):
        want = np.array([[float(derivative(f, [m.mpf(float(x)) for x in point], j, k)) if k >= j else 0 for k in free] for j in free])
    want = want + np.triu(want, 1).T
    at = lambda x: getattr(sp, name)(*(x[free.index(k)] if k in free else p for k, p in enumerate(point)))
    start = np.array([float(point[k]) for k in free])
    for second in (dn.hessian(at), dn.jacobian(dn.grad(at, mode="reverse"), mode="forward")):
        close(np.array(second(start)), want, 1e-10)


@pytest.mark.parametrize("name", INVERSE)
def test_slopes_of_inverses(name):
    direct, unknown, points = INVERSE[name]
    f = CONTINUOUS.get(direct) or DIRECT[direct][0]
    sign = -1 if name in UPPER_TAIL else 1
    place = {"gdtria": 0, "gdtrib": 1}.get(name, unknown)  # of the probability: it stands where the unknown would
    with m.workdps(DIGITS):
        for point in points:
            full = [m.mpf(float(x)) for x in point]
            y = full[place] if sign > 0 else 1 - full[place]
            near = m.mpf(float(getattr(sp, name)(*point)))
            gap = lambda x, full=full, y=y: f(*full[:unknown], x, *full[unknown + 1:]) - y
            full[unknown] = m.findroot(gap, (near, near * (1 + m.mpf(10) ** -8)), tol=m.eps**2)
            slope = derivative(f, full, unknown)
            whole = DIRECT[direct][1].split() if direct in DIRECT else [""] * len(point)
            for k in places(whole):
                agree(name, point, k, sign / slope if k == place else -derivative(f, full, k) / slope)


@pytest.mark.parametrize("name", INVERSE)
def test_second_derivatives_of_inverses(name):
    point = INVERSE[name][2][0]
    for k in (k for k, p in enumerate(dn.table[name].partials) if p is not None):
        first, x = dn.derivative(by(name, point, k)), float(point[k])
        close(dn.derivative(first)(x) * 1e-2, along(first, x, 1.0, 0.02) * 1e-2, 1e-7)


positive = st.floats(-3, 3).map(lambda e: 10.0**e)


@settings(max_examples=max(20, settings().max_examples // 2))
@given(a=positive, b=positive, z=st.floats(-4, 4))
def test_incomplete_gamma_and_beta_over_six_decades_of_parameters(a, b, z):
    x = a * np.exp(z / np.sqrt(a)) if a > 1 else np.exp(z)
    w = a / b * np.exp(z * np.hypot(a**-0.5, b**-0.5)) if min(a, b) > 1 else np.exp(z)
    with m.workdps(100):
        want = derivative(exact.gammainc, [m.mpf(a), m.mpf(x)], 0)
        assert dn.derivative(lambda a: sp.gammainc(a, x))(a) == pytest.approx(float(want), rel=1e-12, abs=1e-55)
        p = w / (1 + w)
        for k in (0, 1) if 0 < p < 1 else ():
            want = derivative(DIRECT["betainc"][0], [m.mpf(a), m.mpf(b), m.mpf(p)], k)
            got = dn.derivative(sp.betainc, k)(a, b, p)
            assert got == pytest.approx(float(want), rel=1e-12, abs=1e-55), (a, b, p, k)


@pytest.mark.parametrize(("point", "orders"), [
    ((0.0962332, 24853000.0, 1.98203e-5), [(1, 0)]), ((6.25024e-5, 50409400.0, 1e-100), [(1, 0), (0, 1), (1, 1), (2, 1)]),
    ((60.0072, 1.03327e-8, 6448070000.0), [(0, 1), (1, 1), (1, 2)])], ids=str)
def test_incomplete_beta_of_shapes_far_apart(point, orders):
    """By the tail that is the smaller one; the steps of the differences are smaller than its width."""
    ball = lambda a, b, w: (w / (1 + w)).beta_lower(a, b, 1) if w * b < a else -(1 / (1 + w)).beta_lower(b, a, 1)
    f, w = fast.in_balls(ball), m.mpf(point[2])
    with m.workdps(90):
        at = [m.mpf(x) for x in point[:2]]
        for j, k in orders:
            want = m.diff(lambda a, b: f(a, b, w), at, (j, k), h=m.mpf(10) ** -20 * min(at))
            assert betainc_by(j, k, *point) == pytest.approx(float(want), rel=1e-12, abs=0), (j, k)


@pytest.mark.parametrize("point", [(12417.546730003982, 16316.856692431316, 0.9789492878494981),
                                   (3.4363613513000666e-5, 63181.49583220589, 0.001838616180696557),
                                   (28781.107183806464, 171.66398339060285, 0.9013408497748514),
                                   (1e-8, 3.0, 0.7), (4.0, 1e-8, 1.3), (1e-7, 2e-9, 1.0)], ids=str)
def test_f_of_many_and_of_hardly_any_degrees_of_freedom_in_higher_orders(point):
    """By the tail that is the smaller one."""
    def ball(k, n, x):
        p, q = k * x / (k * x + n), n / (k * x + n)
        return p.beta_lower(k / 2, n / 2, 1) if x < 1 else -q.beta_lower(n / 2, k / 2, 1)

    f = fast.in_balls(ball)
    for orders in ((2, 0, 0), (0, 2, 0), (1, 1, 0), (2, 1, 0), (1, 2, 0), (0, 3, 0)):
        with m.workdps(90):
            want = float(m.diff(f, tuple(map(m.mpf, point)), orders, h=m.mpf(10) ** -20 * min(point)))
        got = sp.fdtr
        for k, order in enumerate(orders):
            for _ in range(order):
                got = dn.derivative(got, k)
        assert got(*point) == pytest.approx(want, rel=3e-12, abs=0), orders


@pytest.mark.parametrize(("name", "point"), [
    ("fdtr", (13945.2, 0.65, 0.992)), ("fdtr", (0.16, 40203.0, 3.7)), ("fdtr", (17.9, 0.0018, 4.66)), ("fdtr", (0.0032, 17.68, 0.011)),
    ("stdtr", (9.4e6, 0.7)), ("stdtr", (2.6e6, 0.1365))])
def test_by_degrees_of_freedom_of_very_different_sizes_in_either_order(name, point):
    """By x first, of the density, and by the degrees of freedom first."""
    def f_ball(k, n, x):
        return (k * x / (k * x + n)).beta_lower(k / 2, n / 2, 1)

    def t_ball(v, t):
        return (t * t / (v + t * t)).beta_lower(arb(1) / 2, v / 2, 1) / 2

    f, last = fast.in_balls(f_ball if name == "fdtr" else t_ball), len(point) - 1
    for many, others in ((1, 1), (2, 1), (1, 2)):
        k = int(np.argmax(point))
        orders = [0] * len(point)
        orders[k], orders[last] = many, others
        with m.workdps(120):
            want = float(m.diff(f, tuple(map(m.mpf, point)), orders, h=m.mpf(10) ** -22 * min(point)))
        for by in ([k] * many + [last] * others, [last] * others + [k] * many):
            got = getattr(sp, name)
            for place in by:
                got = dn.derivative(got, place)
            assert got(*point) == pytest.approx(want, rel=1e-12, abs=0), by


def test_third_derivatives_by_a_shape_and_taylor_mode():
    with m.workdps(DIGITS):
        want = [float(m.diff(lambda a: exact.betainc(a, 2 * a, m.mpf(1) / 2), m.mpf(1.4), k)) for k in range(4)]
    f = lambda a: sp.betainc(a, 2 * a, 1 / 3)
    np.testing.assert_allclose(dn.taylor(f, 1.4, order=3), want, rtol=1e-11)
    assert dn.derivative(dn.derivative(dn.derivative(f)))(1.4) == pytest.approx(want[3], rel=1e-11)


def test_t_of_very_many_degrees_of_freedom():
    v, t = np.array([1e4, 1e8, 1e12]), 1.5
    slope = np.diagonal(dn.jacobian(lambda v: sp.stdtr(v, t))(v))
    tail = (t**3 + t) / (4 * v**2) * np.exp(-t * t / 2) / np.sqrt(2 * np.pi)  # Fisher's expansion, next term of order 1/v
    np.testing.assert_allclose(slope, tail, rtol=3 / 1e4)
    np.testing.assert_allclose(slope[1:], tail[1:], rtol=3e-8)


INF, NAN = np.inf, np.nan
ENDS = [
    ("gammainc", (2.0, 0.0), (0, 0)), ("gammainc", (1.0, 0.0), (0, 1)), ("gammainc", (0.5, 0.0), (0, INF)),
    ("gammainc", (2.0, INF), (0, 0)),
    ("betainc", (1.0, 3.0, 0.0), (0, 0, 3)), ("betainc", (2.0, 1.0, 1.0), (0, 0, 2)), ("betainc", (2.0, 0.5, 1.0), (0, 0, INF)),
    ("fdtr", (2.0, 3.0, 0.0), (0, 0, 1)), ("fdtr", (2.0, 3.0, INF), (0, 0, 0)), ("stdtr", (3.0, INF), (0, 0)),
    ("stdtr", (INF, 0.0), (0, (2 * np.pi) ** -0.5)), ("stdtr", (3.0, 0.0), (0, 2 / np.sqrt(3) / np.pi)),
    ("chndtr", (0.0, 2.0, 1.0), (np.exp(-0.5) / 2, 0, 0)), ("ncfdtr", (2.0, 3.0, 1.0, INF), (0, 0, 0, 0)), ("kolmogorov", (0.0,), (0,)),
    ("kolmogorov", (INF,), (0,)), ("tklmbda", (-3.0, 2.0), (0, 0)), ("tklmbda", (0.0, 0.0), (0.25, 0)),
    ("betainc", (NAN, 2.0, 0.3), (NAN,) * 3), ("chndtr", (1.0, NAN, 1.0), (NAN,) * 3), ("nctdtr", (3.0, NAN, 1.0), (NAN,) * 3),
    ("ncfdtr", (2.0, 3.0, NAN, 1.0), (NAN,) * 4), ("tklmbda", (NAN, 1.0), (NAN,) * 2)]


@pytest.mark.parametrize(("name", "point", "want"), ENDS)
def test_ends_give_limits(name, point, want):
    got = [dn.derivative(by(name, point, k))(point[k]) for k in range(len(point))]
    np.testing.assert_allclose(got, want, rtol=1e-13, atol=0)


def test_no_noncentrality_is_the_central_distribution():
    for slope, central in ((dn.grad(lambda p: sp.chndtr(p[0], p[1], 0.0)), dn.grad(lambda p: sp.chdtr(p[1], p[0]))),
                           (dn.grad(lambda p: sp.ncfdtr(p[0], p[1], 0.0, 1.3)), dn.grad(lambda p: sp.fdtr(p[0], p[1], 1.3))),
                           (dn.grad(lambda p: sp.nctdtr(p[0], 0.0, p[1])), dn.grad(lambda p: sp.stdtr(p[0], p[1])))):
        np.testing.assert_allclose(slope(np.array([2.5, 3.5])), central(np.array([2.5, 3.5])), rtol=1e-12)
    pdf = np.exp(-1.0) / 2  # of chi-square with 4 degrees of freedom at 2
    assert dn.derivative(lambda c: sp.chndtr(2.0, 2.0, c))(0.0) == pytest.approx(-pdf, rel=1e-13)


def test_single_precision_arrays_and_broadcasting():
    x = np.array([[0.2, 0.4], [0.6, 0.8]])
    one = np.float32(1.5)
    for f in (lambda x: sp.gammainc(x, one), lambda x: sp.betainc(x, x, x), lambda x: sp.chndtr(x, x, x), lambda x: sp.nctdtr(x, x, x),
              lambda x: sp.fdtr(x, x, x), lambda x: sp.stdtr(x, x), lambda x: sp.tklmbda(x, x), sp.kolmogorov,
              lambda x: sp.gammaincinv(x, x),
              lambda x: sp.ncfdtrinc(x + 2, x + 3, x / 2, x), lambda x: sp.voigt_profile(x, x, x), lambda x: sp.chdtriv(x, x)):
        keeps_float32(f, x)
        rows = dn.jacobian(f, sparse=True)(x)
        assert rows.nnz == 4
        close(rows.toarray(), dn.jacobian(f, mode="reverse")(x).reshape(4, 4), 1e-13)
    table = dn.jacobian(lambda a: sp.gammainc(a[:, None], x[0]))(np.array([0.5, 2.0, 3.0]))
    assert table.shape == (3, 2, 3)
    close(table[1, :, 1], [dn.derivative(lambda a, y=y: sp.gammainc(a, y))(2.0) for y in x[0]], 1e-15)


@pytest.mark.parametrize(("name", "point", "cut"), [("bdtr", (3.0, 8, 0.4), [0]), ("nbdtr", (3, 5, 0.4), [0, 1]), ("pdtr", (3.5, 2.0), [0]),
                                                   ("pdtri", (3, 0.4), [0]), ("smirnov", (5, 0.3), [0]), ("nbdtri", (3, 5, 0.4), [0, 1])])
def test_arguments_that_are_cut_to_whole_numbers_raise_by_name(name, point, cut):
    for k in cut:
        with pytest.raises(UnknownFunctionError, match=f"{name} .*no partial"):
            dn.derivative(by(name, point, k))(float(point[k]))


def test_an_inverse_without_a_solution_has_no_derivative():
    assert sp.pdtrik(0.1, 1.0) == 0  # exp(-1) is the least that pdtr gives
    assert np.isnan(dn.derivative(lambda m: sp.pdtrik(0.1, m))(1.0))
    assert np.isnan(dn.derivative(lambda f: sp.ncfdtridfn(0.4, 6.5, 1.2, f))(1.2))
    slope = dn.jacobian(lambda m: sp.pdtrik(0.1, m))(np.array([1.0, 5.0]))
    assert np.isnan(slope[0, 0]) and np.isfinite(slope[1, 1])


def test_a_noncentrality_beyond_reach_raises_and_a_parameter_beyond_double_precision_is_nan():
    with pytest.raises(ArgumentError, match="noncentrality of 1e\\+13"):
        dn.derivative(lambda v: sp.chndtr(1.0, v, 1e13))(3.0)
    assert np.isnan(dn.derivative(lambda a: sp.gammainc(a, 1e20))(1e20))


POLYNOMIAL = {  # densities that are polynomials at 0, where x^a / x leaves rounding in place of a derivative that is small
    "gammainc": (lambda a, x: x ** (a - 1) * m.exp(-x) / m.gamma(a), [(1.0,), (2.0,), (3.0,)]),
    "chdtr": (lambda v, x: (x / 2) ** (v / 2 - 1) * m.exp(-x / 2) / m.gamma(v / 2) / 2, [(2.0,), (4.0,)]),
    "betainc": (lambda a, b, x: x ** (a - 1) * (1 - x) ** (b - 1) / m.beta(a, b), [(1.0, 3.0), (2.0, 1e3), (3.0, 0.5), (1.0, 1.0)]),
    "betaincc": (lambda a, b, x: -(x ** (a - 1)) * (1 - x) ** (b - 1) / m.beta(a, b), [(3.0, 1.0), (0.5, 2.0), (1e4, 3.0)]),
    "fdtr": (lambda a, b, x: (a / b) ** (a / 2) * x ** (a / 2 - 1) * (1 + a * x / b) ** (-(a + b) / 2) / m.beta(a / 2, b / 2),
             [(2.0, 3.0), (4.0, 1e6)]),
    "bdtr": (lambda k, n, p: -(p**k) * (1 - p) ** (n - k - 1) / m.beta(k + 1, n - k), [(0, 3), (6, 7)]),
}


@pytest.mark.parametrize(("name", "x"), [(name, x) for name in POLYNOMIAL for x in (1e-10, 1e-8, 1e-5)] + [
    (name, x) for name in ("betainc", "betaincc", "bdtr") for x in (0.3, 1 - 1e-5, 1 - 1e-9)])
def test_slopes_of_a_density_that_is_a_polynomial_at_its_end(name, x):
    density, shapes = POLYNOMIAL[name]
    for shape in shapes:
        f = lambda x, shape=shape: getattr(sp, name)(*shape, x)
        with m.workdps(60):
            at = m.mpf(x)
            of = lambda x, shape=shape: density(*map(m.mpf, shape), x)
            true = [m.diff(of, at, order, h=min(at, 1 - at) / 10**12) for order in (0, 1, 2)]
        for order in range(3):
            f = dn.derivative(f) if order % 2 else dn.grad(f, mode="reverse")
            assert f(x) == pytest.approx(float(true[order]), rel=1e-11, abs=1e-290), (shape, order + 1)


@pytest.mark.parametrize("t", [1e-3, -1e-6, 1e-8])
def test_degrees_of_freedom_found_next_to_t_0_keep_the_digits_of_t(t):
    y, v = 0.5 + 0.3 * t, m.mpf(0.7)
    with m.workdps(120):
        at, p = m.mpf(t), m.mpf(y)
        below = lambda v: m.sign(at) * m.betainc(0.5, v / 2, 0, at * at / (v + at * at), regularized=True) / 2 + m.mpf(1) / 2
        solve = lambda y: m.findroot(lambda v: below(v) - y, (v, v * (1 + m.mpf(10) ** -5)), tol=m.mpf(10) ** -200, verify=False)
        want = [m.diff(solve, p, n, h=at * m.mpf(10) ** -15) for n in (1, 2, 3)]
    f = lambda y: sp.stdtridf(y, t)
    for n in range(3):
        f = dn.derivative(f) if n % 2 == 0 else dn.grad(f, mode="reverse")
        assert f(y) == pytest.approx(float(want[n]), rel=1e-12)


@pytest.mark.parametrize("point", [(1e-8, 1e-8, 0.4, 1e-8), (2e-8, 3.0, 0.1, 0.5), (4.0, 1e-7, 1e-7, 0.3), (3.5, 6.5, 0.4, 1.4)])
def test_noncentral_f_of_hardly_any_degree_of_freedom_by_its_noncentrality(point):
    a, b, c, x = point
    with m.workdps(60):
        direct = lambda *p: fast.ncfdtr(*p)
        y = float(direct(*map(m.mpf, point)))
        assert fisher_value(*point) == pytest.approx(y, rel=2e-15)
        gap = lambda c: direct(m.mpf(a), m.mpf(b), c, m.mpf(x)) - y
        c = m.findroot(gap, (m.mpf(c), m.mpf(c) * (1 + m.mpf(10) ** -9)), tol=m.mpf(10) ** -90)
        at = [m.mpf(a), m.mpf(b), c, m.mpf(x)]
        slopes = [m.diff(lambda z, k=k: direct(*at[:k], z, *at[k + 1:]), at[k], h=at[k] * m.mpf(10) ** -15) for k in range(4)]
    if abs(sp.ncfdtrinc(a, b, y, x) / float(c) - 1) < 1e-3:  # where SciPy finds it
        got = dn.grad(lambda p: sp.ncfdtrinc(p[0], p[1], p[2], p[3]))(np.array([a, b, y, x]))
        want = [-slopes[0] / slopes[2], -slopes[1] / slopes[2], 1 / slopes[2], -slopes[3] / slopes[2]]
        np.testing.assert_allclose(got, np.array(want, float), rtol=1e-11)

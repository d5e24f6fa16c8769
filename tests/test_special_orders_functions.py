"""The rows of scipy.special's functions that are no ufuncs: SciPy's values, mpmath's slopes, both modes, second order."""

import mpmath as m
import numpy as np
import pytest
import scipy.special as sp
from differences import along, close

import dualnet as dn
from dualnet.errors import LostDerivativeError, NotDifferentiableError


def spherical(f, n, z):
    return m.sqrt(m.pi / (2 * z)) * f(n + m.mpf(1) / 2, z)


def prime(f, n):
    return lambda v, z: m.diff(lambda t: f(v, t), z, n)


def harmonic(n, order, theta, phi):
    return m.spherharm(n, order, theta, phi)


CASES = [  # function, its arguments, the places to differentiate by, the same in mpmath
    (sp.polygamma, (0, 1.4), (1,), lambda n, x: m.psi(n, x)), (sp.polygamma, (3, 0.4), (1,), lambda n, x: m.psi(n, x)),
    (sp.multigammaln, (4.3, 3), (0,), lambda a, d: 1.5 * m.log(m.pi) + m.fsum(m.loggamma(a - m.mpf(j) / 2) for j in range(3))),
    (sp.comb, (7.3, 2.4), (0, 1), m.binomial), (sp.perm, (7.3, 2.4), (0, 1), lambda n, k: m.gamma(n + 1) / m.gamma(n - k + 1)),
    (sp.factorial, (2.6,), (0,), m.factorial), (sp.diric, (0.7, 5), (0,), lambda x, n: m.sin(n * x / 2) / (n * m.sin(x / 2))),
    (sp.spherical_jn, (2, 1.4), (1,), lambda n, z: spherical(m.besselj, n, z)),
    (sp.spherical_jn, (0, 1e-3), (1,), lambda n, z: m.sin(z) / z),
    (sp.spherical_yn, (2, 1.4), (1,), lambda n, z: spherical(m.bessely, n, z)),
    (sp.spherical_in, (2, 1.4), (1,), lambda n, z: spherical(m.besseli, n, z)),
    (sp.spherical_kn, (2, 1.4), (1,), lambda n, z: spherical(m.besselk, n, z)),
    (sp.jvp, (1.4, 2.5), (0, 1), prime(m.besselj, 1)), (sp.yvp, (1.4, 2.5), (1,), prime(m.bessely, 1)),
    (sp.ivp, (1.4, 2.5), (1,), prime(m.besseli, 1)), (sp.kvp, (1.4, 2.5), (0, 1), prime(m.besselk, 1)),
    (sp.h1vp, (1.4, 2.5), (1,), prime(m.hankel1, 1)), (sp.h2vp, (1.4, 2.5), (1,), prime(m.hankel2, 1)),
    (sp.legendre_p, (4, 0.3), (1,), m.legendre), (sp.assoc_legendre_p, (4, 2, 0.3), (2,), lambda n, k, z: m.legenp(n, k, z, type=2)),
    (sp.sph_legendre_p, (4, 2, 0.7), (2,), lambda n, k, t: harmonic(n, k, t, 0).real),
    (sp.sph_legendre_p, (4, -4, 0.7), (2,), lambda n, k, t: harmonic(n, k, t, 0).real),
    (sp.sph_harm_y, (3, 1, 0.7, 0.4), (2, 3), harmonic),
    (sp.zeta, (2.4, 1.5), (0, 1), m.zeta), (sp.zeta, (2.4,), (0,), m.zeta), (sp.lambertw, (0.7,), (0,), m.lambertw),
]


def name_of(function):
    """Its name in scipy.special; some have none of their own before SciPy 1.17."""
    return next(name for name, other in vars(sp).items() if other is function)


@pytest.mark.parametrize(("function", "point", "places", "f"), CASES, ids=[f"{name_of(c[0])}-{c[1]}" for c in CASES])
def test_a_composed_row_has_scipys_value_and_mpmaths_slopes(function, point, places, f):
    try:
        row = dn.table.find(function)
    except dn.DualnetError:
        row = function  # its plain name is enough
    value = np.asarray(row(*point))
    np.testing.assert_allclose(value, function(*point), rtol=2e-15)
    assert value.shape == np.shape(function(*point))
    for k in places:
        g = lambda x, k=k: np.sum(row(*point[:k], x, *point[k + 1:]))
        with m.workdps(30):
            args = [m.mpf(p) if isinstance(p, float) else p for p in point]
            want = [complex(m.diff(lambda x, k=k, args=args: f(*args[:k], x, *args[k + 1:]), args[k], n)) for n in (1, 2)]
        first, second = dn.derivative(g)(point[k]), dn.derivative(dn.derivative(g))(point[k])
        assert abs(first - want[0]) <= 1e-12 * abs(want[0]) and abs(second - want[1]) <= 1e-9 * (abs(want[1]) + abs(want[0]))
        assert dn.grad(lambda x, g=g: np.real(g(x)), mode="reverse")(point[k]) == pytest.approx(np.real(first), rel=1e-13)


@pytest.mark.parametrize("call", [
    lambda f, x: f(sp.logsumexp)(x), lambda f, x: f(sp.logsumexp)(x, axis=0, b=np.array([[1.0], [2.0]]), keepdims=True),
    lambda f, x: f(sp.logsumexp)(x, axis=1, b=-1.0, return_sign=True)[0], lambda f, x: f(sp.softmax)(x, axis=1),
    lambda f, x: f(sp.log_softmax)(x), lambda f, x: f(sp.softmax)(1000 * x), lambda f, x: f(sp.log_softmax)(x, axis=-1)])
def test_sums_of_exponentials(call):
    x, v = np.array([[0.3, -1.2, 0.7], [0.1, 0.2, 1.1]]), np.array([[1.0, 0.5, -0.3], [0.2, -1.0, 0.4]])
    f = lambda x: call(dn.table.find, x)
    y, dy = dn.jvp(f, (x,), (v,))
    np.testing.assert_allclose(y, call(lambda g: g, x), rtol=1e-14)
    close(dy, along(f, x, v, 1e-3), 1e-9)
    close(np.tensordot(dn.jacobian(f, mode="reverse")(x), v, 2), dy, 1e-13)


def test_edges():
    factorial, comb, diric = (dn.table.find(f) for f in (sp.factorial, sp.comb, sp.diric))
    assert dn.derivative(factorial)(-1.5) == 0 and dn.derivative(lambda n: comb(n, 3.0))(2.0) == 0
    assert dn.derivative(dn.derivative(lambda x: diric(x, 5)))(0.0) == pytest.approx(-2)  # 1 - (n^2 - 1)/24 x^2
    assert np.isnan(diric(0.5, 2.5))
    assert dn.derivative(lambda x: dn.table.find(sp.logsumexp)(np.stack([x, -np.inf * np.ones(())])))(1.0) == 1
    assert dn.derivative(sp.round)(1.2) == 0 and dn.derivative(lambda x: sp.gammasgn(x) * x)(-0.5) == -1


@pytest.mark.parametrize("call", [
    lambda x: dn.table.find(sp.comb)(x, 2, exact=True), lambda x: dn.table.find(sp.factorial)(x, exact=True),
    lambda x: dn.table.find(sp.legendre_p)(3, x, diff_n=1), lambda x: dn.table.find(sp.assoc_legendre_p)(3, 1, x, norm=True)])
def test_options_without_a_derivative_raise_by_name(call):
    with pytest.raises(NotDifferentiableError, match="leave"):
        dn.derivative(call)(0.5)


@pytest.mark.parametrize("f", [lambda x: sp.polygamma(1, x), lambda x: sp.logsumexp(x), lambda x: sp.softmax(x),
                               lambda x: sp.spherical_jn(1, x), lambda x: sp.legendre_p(2, x), lambda x: sp.comb(x, 2),
                               lambda x: sp.multigammaln(x, 2)])
def test_a_plain_call_raises_without_the_switch_and_is_right_with_it(f):
    x = np.array([1.3, 2.4])
    with pytest.raises((LostDerivativeError, TypeError)):
        dn.jacobian(f)(x)
    with dn.enable_scipy("special"):
        J = dn.jacobian(f)(x)
        assert np.array_equal(f([1.3, 2.4]), f(x))
    columns = [along(f, x, e, 1e-3) for e in np.eye(2)]
    np.testing.assert_allclose(J, np.stack(columns, -1), rtol=1e-8, atol=1e-9)

"""The truths that Arb's balls give against mpmath's own functions, and sums and integrals of the definitions."""

import distributions as exact
import fast_truth as fast
import mpmath as m
import numpy as np
import pytest


def mixture(term, c):
    """The sum over j of Poisson(j; c/2) term(j); terms fall, and the weights do beyond their mean."""
    return m.nsum(lambda j: m.exp(-c / 2) * (c / 2) ** j / m.factorial(j) * term(j), [0, m.inf], method="d")


def nctdtr(v, d, t):
    """The normal distribution function at t s - d, averaged over s = sqrt(chi-square(v)/v): the trapezoidal rule in log s,
    which converges geometrically as the integrand is entire and falls off on both sides."""
    top = m.log(2) + v / 2 * m.log(v / 2) - m.loggamma(v / 2)
    h = m.mpf(1) / max(16, int(4 * m.sqrt(v)), int(8 * abs(d) + m.e))
    low, high = int((-100 / v - m.e) / h), int(m.log(m.sqrt(260 / v + 5 * m.pi)) / h)
    return h * sum(m.ncdf(t * m.exp(k * h) - d) * m.exp(top + v * k * h - v * m.exp(2 * k * h) / 2) for k in range(low, high))


PAIRS = {  # name: (mpmath's, points)
    "besselj": (m.besselj, [(1.4, 2.5), (3, 0.2)]),
    "bessely": (m.bessely, [(1.4, 2.5), (3, 0.2)]), "besselk": (m.besselk, [(1.4, 2.5), (3, 7)]),
    "hyp2f1": (m.hyp2f1, [(1.4, 2.5, 3.1, 0.4), (0.4, 0.7, 1.9, -0.8), (1.2, 2.3, 3.4, 0.9), (1, 2, 3, 0.9)]),
    "hyperu": (m.hyperu, [(1.4, 2.5, 0.7), (0.3, 2, 3.1)]), "gegenbauer": (m.gegenbauer, [(1.3, 0.8, 0.3), (4, 1.3, 0.7)]),
    "elliprj": (m.elliprj, [(1.2, 0.4, 2.0, 3.0)]), "jacobi": (m.jacobi, [(1.3, 0.8, 0.4, 0.3), (4, 0.7, 1.3, -0.3)]),
    "jacobi_shifted": (lambda n, p, q, x: m.jacobi(n, p - q, q - 1, 2 * x - 1) / m.binomial(2 * n + p - 1, n), [(1.3, 1.8, 0.4, 0.3)]),
    "pcfd": (m.pcfd, [(1.5, 0.7), (0.3, -1.2), (-2.3, 1.0), (2, 6.0), (-3.6, -3.9)]),
    "pcfw": (m.pcfw, [(1.5, 0.7), (0.3, -1.2), (-2.0, 2.5)]),
    "wright": (lambda a, b, x: m.nsum(lambda k: x**k * m.rgamma(k + 1) * m.rgamma(a * k + b), [0, m.inf]), [(0.7, 1.2, 0.8)]),
    "bessel_moment": (lambda a, p, v: m.quad(lambda t: t**p * m.besselj(v, 2 * a * t), [0, 1]), [(0.5, 2, 3), (2.2, 3, 1)]),
    "owens": (exact.owens, [(0.7, 1.3), (-1.5, 0.4), (0.7, -3.3)]),
    "integral_j0": (lambda x: m.quad(m.j0, [0, x]), [(1.4,), (0.05,)]),
    "integral_y0": (lambda x: m.quad(lambda t: m.bessely(0, t), [0, x]), [(1.4,)]),
    "integral_i0": (lambda x: m.quad(lambda t: m.besseli(0, t), [0, x]), [(1.4,)]),
    "integral_k0": (lambda x: m.quad(lambda t: m.besselk(0, t), [0, x]), [(1.4,)]),
    "integral_j0_less": (lambda x: m.quad(lambda t: (1 - m.j0(t)) / t, [0, x]), [(1.4,)]),
    "integral_i0_less": (lambda x: m.quad(lambda t: (m.besseli(0, t) - 1) / t, [0, x]), [(1.4,)]),
    # from 1.5 on by quadrature over each zero of Y0
    "tail_y0": (lambda x: m.quad(lambda t: m.bessely(0, t) / t, [x, 1.5]) + m.mpf("0.2976969647118909357777565841"), [(1.4,), (0.05,)]),
    "tail_k0": (lambda x: m.quad(lambda t: m.besselk(0, t) / t, [x, 2, 8, m.inf]), [(1.4,)]),
    "chndtr": (lambda x, v, c: mixture(lambda j: exact.gammainc(v / 2 + j, x / 2), c), [
        (2.4, 3.5, 1.2), (0.01, 0.3, 5.0), (60.0, 20.0, 30.0)]),
    "ncfdtr": (lambda a, b, c, x: mixture(lambda j: exact.betainc(a / 2 + j, b / 2, a * x / b), c), [
        (3.5, 6.5, 0.7, 1.4), (0.5, 9.0, 3.0, 0.1)]),
    "nctdtr": (nctdtr, [(3.5, 0.7, 1.2), (3.5, -0.7, -2.0), (3.5, -3.7, 2.0), (8.0, 0.0, -3.0)]),
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_fast_truth_agrees_with_mpmath(name):
    f, points = PAIRS[name]
    for point in points:
        with m.workdps(24):
            want = f(*map(m.mpf, map(str, point)))
        with m.workdps(80):
            got = getattr(fast, name)(*map(m.mpf, map(str, point)))
        assert abs(got - want) <= m.mpf(10) ** -18 * abs(want), (point, got, want)


def test_a_fast_truth_has_the_digits_that_are_asked_for():
    point = [m.mpf(x) for x in ("3.5", "6.5", "0.7", "1.4")]
    with m.workdps(200):
        want = fast.ncfdtr(*point)
    with m.workdps(80):
        assert 0 <= abs(fast.ncfdtr(*point) - want) <= m.mpf(10) ** -80


def test_an_eigenpair_solves_its_equation():
    rng = np.random.default_rng(0)
    diagonal, beside = [[m.mpf(x) for x in rng.normal(size=n)] for n in (6, 5)]
    with m.workdps(80):
        values = sorted(m.eigsy(m.matrix(6, 6) + m.matrix([[diagonal[i] if i == j else beside[min(i, j)] if abs(i - j) == 1 else 0
                                                            for j in range(6)] for i in range(6)]), eigvals_only=True))
        for at in range(6):
            value, v = fast.eigenpair(diagonal, beside, at)
            assert abs(value - values[at]) < m.mpf(10) ** -75
            for k in range(6):
                image = diagonal[k] * v[k] + (beside[k - 1] * v[k - 1] if k else 0) + (beside[k] * v[k + 1] if k < 5 else 0)
                assert abs(image - value * v[k]) < m.mpf(10) ** -75

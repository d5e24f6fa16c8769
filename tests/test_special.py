"""Rows of scipy.special against mpmath's derivatives at forty digits, by every argument and at second order."""

import fast_truth as fast
import mpmath as m
import numpy as np
import pytest

import dualnet as dn

H = m.mpf(1) / 2
EXACT = {  # name: (the function in mpmath, points)
    "erf": (m.erf, [0.3, -1.7, 4.0]), "erfc": (m.erfc, [0.3, -1.7, 9.0]), "erfi": (m.erfi, [0.3, -1.7]),
    "erfcx": (lambda x: m.exp(x * x) * m.erfc(x), [-1.5, 0.0, 2.5, 5.9, 6.1, 40.0, 1e4]),
    "dawsn": (lambda x: m.sqrt(m.pi) / 2 * m.exp(-x * x) * m.erfi(x), [-0.5, 0.0, 2.5, 5.9, 6.1, 40.0, -1e4]),
    "erfinv": (m.erfinv, [-0.9, 0.1, 0.999]), "erfcinv": (lambda x: m.erfinv(1 - x), [0.01, 0.7, 1.9]),
    "expit": (lambda x: 1 / (1 + m.exp(-x)), [-40.0, 0.2, 30.0]), "log_expit": (lambda x: -m.log1p(m.exp(-x)), [-40.0, 0.2, 30.0]),
    "logit": (lambda x: m.log(x / (1 - x)), [1e-9, 0.4, 0.99]), "ndtr": (m.ncdf, [-6.0, 0.3, 2.0]),
    "log_ndtr": (lambda x: m.log(m.erfc(-x / m.sqrt(2)) / 2), [-1e3, -20.0, 0.5, 3.0]),
    "ndtri": (lambda x: m.sqrt(2) * m.erfinv(2 * x - 1), [1e-5, 0.3, 0.95]),
    "ndtri_exp": (lambda x: m.sqrt(2) * m.erfinv(2 * m.exp(x) - 1), [-8.0, -0.7, -0.1]),
    "owens_t": (fast.owens, [(0.7, 1.3), (-1.5, 0.4)]),
    "exp10": (lambda x: m.mpf(10) ** x, [-0.5, 2.0]), "cosm1": (lambda x: m.cos(x) - 1, [1e-5, 2.0]),
    "exprel": (lambda x: m.expm1(x) / x, [-30.0, -0.5, 1e-9, 0.9, 1.1, 20.0]), "sindg": (lambda x: m.sin(m.pi * x / 180), [30.0, 200.0]),
    "cosdg": (lambda x: m.cos(m.pi * x / 180), [30.0, 200.0]), "tandg": (lambda x: m.tan(m.pi * x / 180), [30.0, 60.0]),
    "cotdg": (lambda x: m.cot(m.pi * x / 180), [30.0, 60.0]), "radian": (lambda d, n, s: m.pi / 180 * (d + n / 60 + s / 3600),
        [(1.0, 2.0, 3.0)]),
    "powm1": (lambda x, y: x**y - 1, [(1.3, 0.7), (0.2, -1.4)]), "xlogy": (lambda x, y: x * m.log(y), [(1.3, 0.7), (-0.2, 1.4)]),
    "xlog1py": (lambda x, y: x * m.log1p(y), [(1.3, 0.7), (-0.2, 1e-9)]), "entr": (lambda x: -x * m.log(x), [0.2, 3.0]),
    "rel_entr": (lambda x, y: x * m.log(x / y), [(1.3, 0.7)]), "kl_div": (lambda x, y: x * m.log(x / y) - x + y, [(1.3, 0.7)]),
    "boxcox": (lambda x, y: m.expm1(y * m.log(x)) / y, [(1.3, 0.7), (2.5, 1e-9), (0.1, -3.0)]),
    "boxcox1p": (lambda x, y: m.expm1(y * m.log1p(x)) / y, [(1.3, 0.7), (2.5, 1e-9), (-0.5, -3.0)]),
    "inv_boxcox": (lambda x, y: (1 + x * y) ** (1 / y), [(1.3, 0.7), (0.5, 1e-4), (-0.2, 1.5)]),
    "inv_boxcox1p": (lambda x, y: (1 + x * y) ** (1 / y) - 1, [(1.3, 0.7), (0.5, 1e-4), (-0.2, 1.5)]),
    "huber": (lambda d, r: H * r * r if abs(r) <= d else d * (abs(r) - d / 2), [(1.0, 0.4), (1.0, -2.5)]),
    "pseudo_huber": (lambda d, r: d * d * (m.sqrt(1 + (r / d) ** 2) - 1), [(1.0, 0.4), (1.5, -2.5)]),
    "wrightomega": (lambda x: m.lambertw(m.exp(x)).real, [-3.0, 0.5, 40.0]),
    "gamma": (m.gamma, [0.3, 4.5, -1.6]), "gammaln": (lambda x: m.log(abs(m.gamma(x))), [0.3, 50.0, -1.6]), "loggamma": (m.loggamma,
        [0.3, 50.0]),
    "rgamma": (m.rgamma, [0.3, 4.5]), "psi": (m.psi0 if hasattr(m, "psi0") else m.digamma, [0.3, 4.5, 30.0]),
    "beta": (m.beta, [(0.4, 2.5)]), "betaln": (lambda x, y: m.log(m.beta(x, y)), [(0.4, 2.5), (30.0, 50.0)]), "poch": (m.rf, [(1.4, 2.5)]),
    "binom": (m.binomial, [(7.3, 2.4)]), "gammainc": (lambda a, x: m.gammainc(a, 0, x, regularized=True), [(1.4, 2.5), (30.0, 25.0)]),
    "gammaincc": (lambda a, x: m.gammainc(a, x, regularized=True), [(1.4, 2.5)]),
    "betainc": (lambda a, b, x: m.betainc(a, b, 0, x, regularized=True), [(1.4, 2.5, 0.3)]),
    "betaincc": (lambda a, b, x: 1 - m.betainc(a, b, 0, x, regularized=True), [(1.4, 2.5, 0.3)]),
    "exp1": (m.e1, [0.3, 5.0]), "expi": (m.ei, [0.3, 5.0, -2.0]), "expn": (lambda n, x: m.expint(n, x), [(3, 1.5)]),
    "spence": (lambda x: m.polylog(2, 1 - x).real, [0.3, 0.95, 1.0, 1.05, 4.0]),
    "j0": (m.j0, [0.3, 7.0]), "j1": (m.j1, [0.3, 7.0]), "y0": (lambda x: m.bessely(0, x), [0.3, 7.0]), "y1": (lambda x: m.bessely(1, x),
        [0.3, 7.0]),
    "special.i0": (lambda x: m.besseli(0, x), [-1.3, 7.0]), "i1": (lambda x: m.besseli(1, x), [-1.3, 7.0]),
    "i0e": (lambda x: m.besseli(0, x) * m.exp(-abs(x)), [-1.3, 7.0]), "i1e": (lambda x: m.besseli(1, x) * m.exp(-abs(x)), [-1.3, 7.0]),
    "k0": (lambda x: m.besselk(0, x), [0.3, 7.0]), "k1": (lambda x: m.besselk(1, x), [0.3, 7.0]),
    "k0e": (lambda x: m.besselk(0, x) * m.exp(x), [0.3, 7.0]), "k1e": (lambda x: fast.besselk(1, x) * m.exp(x), [0.3, 7.0]),
    "jv": (m.besselj, [(1.4, 2.5), (0, 3.0)]), "yv": (m.bessely, [(1.4, 2.5)]), "yn": (m.bessely, [(3, 2.5)]), "iv": (m.besseli,
        [(1.4, 2.5)]),
    "kv": (m.besselk, [(1.4, 2.5)]), "kn": (fast.besselk, [(3, 2.5)]), "jve": (m.besselj, [(1.4, 2.5)]), "yve": (m.bessely, [(1.4, 2.5)]),
    "ive": (lambda v, x: m.besseli(v, x) * m.exp(-x), [(1.4, 1.0)]), "kve": (lambda v, x: m.besselk(v, x) * m.exp(x), [(1.4, 2.5)]),
    "hankel1": (m.hankel1, [(1.4, 2.5)]), "hankel2": (m.hankel2, [(1.4, 2.5)]),
    "hankel1e": (lambda v, x: m.hankel1(v, x) * m.exp(-1j * x), [(1.4, 2.5)]),
    "hankel2e": (lambda v, x: m.hankel2(v, x) * m.exp(1j * x), [(1.4, 2.5)]),
    "struve": (m.struveh, [(1.4, 2.5)]), "modstruve": (m.struvel, [(1.4, 2.5)]), "ber": (lambda x: m.ber(0, x), [1.5]),
    "bei": (lambda x: m.bei(0, x), [1.5]),
    "ker": (lambda x: m.ker(0, x), [1.5]), "kei": (lambda x: m.kei(0, x), [1.5]), "hyp0f1": (m.hyp0f1, [(1.4, 2.5), (0.4, -1.5)]),
    "hyp1f1": (m.hyp1f1, [(1.4, 2.5, 0.7), (0.3, 1.5, -2.0)]), "hyp2f1": (m.hyp2f1, [(1.4, 2.5, 3.1, 0.4), (0.4, 0.7, 1.9, -0.8)]),
    "hyperu": (m.hyperu, [(1.4, 2.5, 0.7)]), "ellipk": (m.ellipk, [-3.0, 0.0, 1e-6, 0.39, 0.41, 0.99]), "ellipe": (m.ellipe,
        [-3.0, 0.0, 1e-6, 0.39, 0.41, 0.99]),
    "ellipkm1": (lambda p: m.ellipk(1 - p), [1e-10, 0.3, 0.7, 1.0, 3.0]), "ellipkinc": (m.ellipf, [(1.2, 0.4), (0.5, 0.8)]),
    "ellipeinc": (m.ellipe, [(1.2, 0.4), (0.5, 0.8)]), "elliprf": (m.elliprf, [(1.2, 0.4, 2.0)]), "elliprc": (m.elliprc,
        [(1.2, 0.4), (0.4, 1.2)]), "elliprd": (m.elliprd, [(1.2, 0.4, 2.0)]),
}
CASES = [(name, f, np.atleast_1d(p).astype(float)) for name, (f, points) in EXACT.items() for p in points]
DIGITS = {"inv_boxcox": 1e-11, "inv_boxcox1p": 1e-11, "hyp1f1": 1e-11, "betainc": 1e-12, "hyperu": 1e-9,
          "hyp0f1": 1e-12, "hyp2f1": 2e-12}
KINKED = {"huber"}


def compose(f, g):
    return lambda x: f(g(x))


def partials(f, point, order):
    """Partial derivatives in mpmath, 40 digits."""
    with m.workdps(40):
        point = [m.mpf(float(p)) for p in point]
        return m.diff(f, tuple(point) if len(point) > 1 else point[0], order if len(point) > 1 else order[0])


@pytest.mark.parametrize(("name", "f", "point"), CASES, ids=[f"{n}-{p}" for n, _, p in CASES])
def test_a_row_obeys_mpmath(name, f, point):
    row = dn.table[name]
    tolerance = DIGITS.get(name, 2e-13)
    for k in (k for k, p in enumerate(row.partials) if p is not None):
        def call(x, k=k):
            return row(*point[:k], x, *point[k + 1:])

        order = [int(i == k) for i in range(len(point))]
        want = complex(partials(f, point, order))
        got = dn.derivative(call)(point[k])
        assert abs(got - want) <= tolerance * (abs(want) + 1e-300), f"{name} by argument {k} at {point}: {got!r}, not {want!r}"
        pulled = dn.vjp(compose(np.real, call), point[k])[1](1.0)[0]
        assert pulled == pytest.approx(np.real(got), rel=1e-14)
        if name not in KINKED:
            scale, want = abs(want), complex(partials(f, point, [2 * o for o in order]))
            got = dn.derivative(dn.derivative(call))(point[k])
            assert abs(got - want) <= 30 * tolerance * (abs(want) + scale), f"{name}'' by {k} at {point}: {got!r}, not {want!r}"

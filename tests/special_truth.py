"""What mpmath knows of scipy.special: each function by an independent definition, with points inside its domain.

Mathieu and spheroidal functions, which mpmath has not, come from the eigenvectors of their Fourier and Legendre series.
"""

import functools

import fast_truth as fast
import mpmath as m
import numpy as np

H = m.mpf(1) / 2


def ferrers(order, v, x):
    """The associated Legendre function of a whole order on the cut (DLMF 14.3.4)."""
    order = int(order)
    front = (-1) ** order * m.rf(v - order + 1, 2 * order) * (1 - x * x) ** (H * order) / (2**order * m.factorial(order))
    return front * fast.hyp2f1(order - v, order + v + 1, order + 1, (1 - x) / 2)


# --- Mathieu (DLMF 28.4, 28.24): eigenvectors of the recurrence of the Fourier coefficients ---------------------------
@functools.cache
def _mathieu(order, odd, q, digits):
    n, first = 16 + order // 2 + 8 * int(0.3 * m.sqrt(abs(q)) + 0.1), order % 2 or (2 if odd else 0)
    diagonal, beside = [m.mpf(first + 2 * k) ** 2 for k in range(n)], [q] * (n - 1)
    if first == 0:
        beside[0] = m.sqrt(2) * q
    if first == 1:
        diagonal[0] += -q if odd else q
    value, v = fast.eigenpair(diagonal, beside, (order - first) // 2)
    if first == 0:
        v[0] /= m.sqrt(2)
    sign = m.sign(m.fsum(c * (first + 2 * k) for k, c in enumerate(v)) if odd else m.fsum(v))
    return value, [sign * c for c in v], first


def mathieu_value(order, q, odd=False):
    return _mathieu(int(order), odd, q, m.mp.prec)[0]


def mathieu(order, q, x, odd=False):
    _, v, first = _mathieu(int(order), odd, q, m.mp.prec)
    return m.fsum(c * (m.sin if odd else m.cos)((first + 2 * k) * x * m.pi / 180) for k, c in enumerate(v))


def mathieu_modified(order, q, x, odd=False, second=False):
    _, v, first = _mathieu(int(order), odd, q, m.mp.prec)
    f = fast.bessely if second else fast.besselj
    near, far = m.sqrt(q) * m.exp(-x), m.sqrt(q) * m.exp(x)
    total = 0
    for k, c in enumerate(v):
        term = fast.besselj(k, near) * f(k + first, far)
        if first:
            term += (-1 if odd else 1) * fast.besselj(k + first, near) * f(k, far)
        total += (-1) ** k * c / v[0] * term
    return (-1) ** ((int(order) - first) // 2) * total


# --- spheroidal (Flammer 1957; Zhang and Jin 1996, chapter 15) ----------------------------------------------------------
def _recurrence(order, degree, c2):
    """The numbers r of the terms, and the factors of the coefficients of r + 2, r and r - 2 in the equation of r."""
    size, even = 16 + degree + 8 * int(m.sqrt(abs(c2)) / 8 + 0.3), (degree - order) % 2
    r = [even + 2 * k for k in range(size)]
    up = [(2 * order + j + 2) * (2 * order + j + 1) * c2 / ((2 * order + 2 * j + 3) * m.mpf(2 * order + 2 * j + 5)) for j in r]
    down = [j * (j - 1) * c2 / ((2 * order + 2 * j - 3) * m.mpf(2 * order + 2 * j - 1)) for j in r]
    degrees = [order + j for j in r]
    diagonal = [n * (n + 1) + (2 * n * (n + 1) - 2 * order**2 - 1) * c2 / ((2 * n - 1) * m.mpf(2 * n + 3)) for n in degrees]
    return r, up, diagonal, down


def _solved(order, degree, c2):
    """The characteristic value and the coefficients that go with it."""
    r, up, diagonal, down = _recurrence(order, degree, c2)
    beside = [m.sign(c2) * m.sqrt(x * y) for x, y in zip(up, down[1:])]
    value, d = fast.eigenpair(diagonal, beside, (degree - order - r[0]) // 2)
    scale = m.mpf(1)
    for k in range(len(r)):
        d[k] *= scale
        scale *= m.sqrt(down[k + 1] / up[k]) if k + 1 < len(r) else 1
    return value, d


def _given(order, degree, c2, value):
    """The coefficients for any value: from above as long as they grow, or next to c = 0 up to the degree, and from below up to there."""
    r, up, diagonal, down = _recurrence(order, degree, c2)
    if c2 == 0:
        return [m.mpf(j == degree - order) for j in r]
    high, k = [m.mpf(0), m.mpf(1)], len(r) - 1
    while k > 0:
        more = -((diagonal[k] - value) * high[-1] + up[k] * high[-2]) / down[k]
        if abs(more) <= abs(high[-1]) if abs(c2) >= 1e-20 else 2 * k <= degree - order:  # there SciPy takes Legendre's functions
            break
        high.append(more)
        k -= 1
    low = [m.mpf(0), m.mpf(1)]
    for j in range(k):
        low.append(-((diagonal[j] - value) * low[-1] + down[j] * low[-2]) / up[j])
    return [x * high[-1] / low[-1] for x in low[1:-1]] + high[:0:-1]


@functools.cache
def _spheroidal(order, degree, c2, digits, value=None):
    value, d = _solved(order, degree, c2) if value is None else (value, _given(order, degree, c2, value))
    r = _recurrence(order, degree, c2)[0]
    even = r[0]

    def weight(j):
        return (-1) ** ((j - even) // 2) * m.factorial(j + 2 * order + even) / (
            m.mpf(2) ** j * m.factorial((j - even) // 2) * m.factorial((j + 2 * order + even) // 2))

    norm = m.fsum(weight(j) * x for j, x in zip(r, d)) / weight(degree - order)
    return value, r, [x / norm for x in d]


def spheroidal_value(order, degree, c, sign=1):
    return _spheroidal(int(order), int(degree), sign * c * c, m.mp.prec)[0]


def spheroidal_angle(order, degree, c, x, sign=1, value=None):
    order = int(order)
    _, r, d = _spheroidal(order, int(degree), sign * c * c, m.mp.prec, value)
    return (-1) ** order * m.fsum(v * ferrers(order, order + j, x) for j, v in zip(r, d))


def spheroidal_radius(order, degree, c, x, sign=1, second=False, value=None):
    order, degree = int(order), int(degree)
    _, r, d = _spheroidal(order, degree, sign * c * c, m.mp.prec, value)
    weights = [v * m.factorial(2 * order + j) / m.factorial(j) for j, v in zip(r, d)]
    f = fast.bessely if second else fast.besselj
    waves = m.fsum((-1) ** ((j + order - degree) // 2) * w * m.sqrt(m.pi / (2 * c * x)) * f(order + j + H, c * x)
                   for j, w in zip(r, weights))
    return ((x * x - sign) / (x * x)) ** (H * order) * waves / m.fsum(weights)


def slope(f, k):
    """The derivative of f by its argument k, in mpmath."""
    return lambda *args: m.diff(lambda x: f(*args[:k], x, *args[k + 1:]), args[k])


def pair(f, k):
    """A function and its slope, as SciPy returns them."""
    return [f, slope(f, k)]


def kelvin(f):
    """ber + i bei or ker + i kei by the Bessel function f."""
    turn = 3 if f is fast.besselj else 1
    return lambda x: f(0, x * m.expjpi(m.mpf(turn) / 4))


def scaled(f, sign):
    return lambda x: f(x) * m.exp(sign * 2 * m.sqrt(x) ** 3 / 3)


def amplitude(u, k):
    turns = m.nint(u / (4 * m.ellipk(k)))
    return m.atan2(m.ellipfun("sn", u, m=k), m.ellipfun("cn", u, m=k)) + 2 * m.pi * turns


def elliptic(kind):
    return lambda u, k: m.ellipfun(kind, u, m=k)


def modified_fresnel(sign):
    turn = lambda: m.expjpi(sign * m.mpf(1) / 4)  # at the precision asked for
    tail = lambda x: m.sqrt(m.pi) / 2 * turn() * m.erfc(x / turn())
    return [tail, lambda x: m.exp(-sign * 1j * (x * x + m.pi / 4)) / m.sqrt(m.pi) * tail(x)]


def from_0(f, sign=1, start=0, constant=lambda: 0):
    """The integral of f from `start`, by quadrature to a point of a grid and from there by Gauss's rule."""
    @functools.cache
    def near(at, digits):
        with m.workdps(min(digits, 30)):
            return m.quad(f, [start, at])

    def integral(x):
        if abs(x) < 1 / 64:
            return constant() + sign * m.quad(f, [start, x])
        at = m.nint(x * 256) / 256
        half, middle = (x - at) / 2, (x + at) / 2
        rest = m.fsum(w * f(middle + half * u) for u, w in gauss(m.mp.prec)) if half else 0
        return constant() + sign * (near(at, m.mp.dps) + half * rest)

    return integral


@functools.cache
def gauss(precision):
    """Nodes and weights of Gauss's rule with twelve points on (-1, 1)."""
    with m.workprec(precision + 20):
        nodes = [m.findroot(lambda x: m.legendre(12, x), float(x)) for x in np.polynomial.legendre.leggauss(12)[0]]
        return [(x, 2 / ((1 - x * x) * m.diff(lambda t: m.legendre(12, t), x) ** 2)) for x in nodes]


def voigt(x, s, g):
    z = (x + 1j * g) / (s * m.sqrt(2))
    return (m.exp(-z * z) * m.erfc(-1j * z)).real / (s * m.sqrt(2 * m.pi))


def mathieu_pair(odd):
    f = lambda n, q, x: mathieu(n, q, x, odd)
    return [f, lambda n, q, x: slope(f, 2)(n, q, x) * 180 / m.pi]


def mathieu_modified_slope(order, q, x, odd=False, second=False):
    """The slope of the same by x, term by term."""
    _, v, first = _mathieu(int(order), odd, q, m.mp.prec)
    f, near, far = fast.bessely if second else fast.besselj, m.sqrt(q) * m.exp(-x), m.sqrt(q) * m.exp(x)

    def product(j, k):
        bend = lambda f, k, z: z * (f(k - 1, z) - f(k + 1, z)) / 2
        return fast.besselj(j, near) * bend(f, k, far) - bend(fast.besselj, j, near) * f(k, far)

    total = m.fsum((-1) ** k * c / v[0] * (product(k, k + first) + ((-1 if odd else 1) * product(k + first, k) if first else 0))
                   for k, c in enumerate(v))
    return (-1) ** ((int(order) - first) // 2) * total


def modified_pair(odd, second):
    return [lambda n, q, x: mathieu_modified(n, q, x, odd, second), lambda n, q, x: mathieu_modified_slope(n, q, x, odd, second)]


POLYNOMIALS = {
    "eval_legendre": (m.legendre, [(1.3, 0.3), (4.0, 0.7), (10.5, -0.4)]),
    "eval_chebyt": (m.chebyt, [(1.3, 0.3), (4.0, 0.7), (10.5, -0.4)]),
    "eval_chebyu": (m.chebyu, [(1.3, 0.3), (4.0, 0.7), (10.5, -0.4)]),
    "eval_chebyc": (lambda n, x: 2 * m.chebyt(n, x / 2), [(1.3, 0.3), (4.0, 1.7), (10.5, -0.4)]),
    "eval_chebys": (lambda n, x: m.chebyu(n, x / 2), [(1.3, 0.3), (4.0, 1.7), (10.5, -0.4)]),
    "eval_sh_legendre": (lambda n, x: m.legendre(n, 2 * x - 1), [(1.3, 0.3), (10.5, 0.4)]),
    "eval_sh_chebyt": (lambda n, x: m.chebyt(n, 2 * x - 1), [(1.3, 0.3), (10.5, 0.4)]),
    "eval_sh_chebyu": (lambda n, x: m.chebyu(n, 2 * x - 1), [(1.3, 0.3), (10.5, 0.4)]),
    "eval_gegenbauer": (fast.gegenbauer, [(1.3, 0.8, 0.3), (4.0, 1.3, 0.7), (10.5, 0.6, -0.4), (2.2, 2.5, -0.93)]),
    "eval_laguerre": (lambda n, x: m.laguerre(n, 0, x), [(1.3, 0.3), (4.0, 1.3), (10.5, 2.4)]),
    "eval_genlaguerre": (m.laguerre, [(1.3, 0.8, 0.3), (4.0, 1.3, 1.3), (10.5, 0.6, 2.4)]),
    "eval_jacobi": (fast.jacobi, [(1.3, 0.8, 0.4, 0.3), (4.0, 0.7, 1.3, 0.3), (10.5, 0.6, 0.2, -0.4),
                                  (2.5, 3.5, 3.0, -0.75), (18.7, 0.1, 3.1, -0.75)]),
    "eval_sh_jacobi": (fast.jacobi_shifted, [(1.3, 1.8, 0.4, 0.3), (4.0, 1.7, 1.3, 0.3), (3.1, 3.3, 2.0, 0.05)]),
    "eval_hermite": (m.hermite, [(4, 0.3), (7, -1.2)]),
    "eval_hermitenorm": (lambda n, x: m.hermite(n, x / m.sqrt(2)) / m.mpf(2) ** (H * n), [(4, 0.3), (7, -1.2)]),
    "lpmv": (ferrers, [(1, 2.5, 0.3), (0, 1.3, -0.4), (2, 4.2, 0.7), (0, 10.5, 0.2)]),
}
ORDERS = {
    "jv": (m.besselj, [(1.4, 2.5), (0.3, 0.2), (2.5, 30.0), (-1.3, 2.0), (20.2, 15.0), (0.0, 1.5)]),
    "yv": (m.bessely, [(1.4, 2.5), (0.3, 0.2), (2.5, 30.0), (-1.3, 2.0), (20.2, 15.0)]),
    "iv": (m.besseli, [(1.4, 2.5), (0.3, 0.2), (2.5, 30.0), (20.2, 15.0)]), "kv": (m.besselk, [(1.4, 2.5), (0.3, 0.2), (2.5, 30.0)]),
    "jve": (m.besselj, [(1.4, 2.5)]), "yve": (m.bessely, [(1.4, 2.5)]),
    "ive": (lambda v, x: m.besseli(v, x) * m.exp(-x), [(1.4, 2.5), (3.3, 30.0)]),
    "kve": (lambda v, x: m.besselk(v, x) * m.exp(x), [(1.4, 2.5), (3.3, 30.0)]), "hankel1": (m.hankel1, [(1.4, 2.5), (3.3, 30.0)]),
    "hankel2": (m.hankel2, [(1.4, 2.5), (3.3, 30.0)]), "hankel1e": (lambda v, x: m.hankel1(v, x) * m.exp(-1j * x), [(3.3, 30.0)]),
    "hankel2e": (lambda v, x: m.hankel2(v, x) * m.exp(1j * x), [(3.3, 30.0)]),
    "struve": (m.struveh, [(1.4, 2.5), (0.3, 0.2), (7.3, 2.2), (2.5, 30.0)]),
    "modstruve": (m.struvel, [(1.4, 2.5), (7.3, 2.2), (0.5, 12.0)]),
    "hyp0f1": (m.hyp0f1, [(1.4, 2.5), (0.4, -1.5), (5.3, 20.0), (2.2, -30.0)]),
    "hyp1f1": (m.hyp1f1, [(1.4, 2.5, 0.7), (0.3, 1.5, -2.0), (3.3, 1.5, 12.0), (-2.3, 1.5, 3.0)]),
    "hyp2f1": (fast.hyp2f1, [
        (1.4, 2.5, 3.1, 0.4), (0.4, 0.7, 1.9, -0.8), (1.2, 2.3, 3.4, 0.9), (1.2, 2.3, 3.4, -5.0), (-1.5, 2.2, 0.7, 0.6)]),
    "hyperu": (fast.hyperu, [(1.4, 2.5, 0.7), (0.3, 1.2, 5.0), (2.2, 0.4, 20.0), (1.41, -1.1, 6.81), (-1.3, 0.7, 3.0)]),
    "wright_bessel": (fast.wright, [(0.7, 1.2, 0.8), (1.4, 2.2, 3.0), (0.3, 0.6, 5.0)]),
    "log_wright_bessel": (lambda *a: m.log(fast.wright(*a)), [(0.7, 1.2, 0.8), (1.4, 2.2, 3.0)]),
    "besselpoly": (fast.bessel_moment, [(1.0, 1.0, 1.0), (0.5, 1.3, 0.8), (2.2, 3.0, 1.7)]),
    "_zeta": (m.zeta, [(2.4, 1.5), (1.2, 0.3), (7.0, 3.0), (40.0, 1.0)]), "_riemann_zeta": (m.zeta, [2.4, -2.5, 40.0]),
    "zetac": (lambda x: m.zeta(x) - 1, [2.4, 1.2, -2.5, 40.0]),
}
CLOSED = {
    "agm": (m.agm, [(1.4, 2.5), (0.1, 7.0), (2.0, 2.0)]), "elliprg": (m.elliprg, [(1.2, 0.4, 2.0), (1.0, 1.0, 1.0)]),
    "elliprj": (fast.elliprj, [(1.2, 0.4, 2.0, 3.0), (1.0, 1.0, 1.0, 1.0), (1.0, 2.0, 1.2, 1.1), (1.0, 2.0, 3.0, 0.01)]),
    "elliprd": (m.elliprd, [(1.0, 1.0, 1.0), (1.0, 2.0, 1.2), (1e6, 2e6, 3e-6)]),
    "elliprc": (m.elliprc, [(1.0, 1.0), (1.0, 1.1), (5.0, -1.0)]),
    "ellipkinc": (m.ellipf, [(0.4, 1e-9), (2.9, 0.4), (-7.0, -2.0)]), "ellipeinc": (m.ellipe, [(0.4, 1e-9), (2.9, 0.4), (-7.0, -2.0)]),
    "voigt_profile": (voigt, [(0.4, 1.1, 0.6), (-3.0, 0.2, 0.5), (40.0, 0.3, 0.2)]),
    "i0e": (lambda x: m.besseli(0, x) * m.exp(-abs(x)), [1e8]),
    "k1e": (lambda x: fast.besselk(1, x) * m.exp(x), [1e8]), "hankel1e": (lambda v, x: m.hankel1(v, x) * m.exp(-1j * x), [(1.4, 1e6)]),
    "pseudo_huber": (lambda d, r: d * d * (m.sqrt(1 + (r / d) ** 2) - 1), [(1e3, 1.0)]),
    "wofz": (lambda z: m.exp(-z * z) * m.erfc(-1j * z), [0.4, -3.0, 30.0]),
    "kl_div": (lambda x, y: x * m.log(x / y) - x + y, [(1.0, 1.0 + 1e-9), (1e-9, 2.0)]),
    "beta": (m.beta, [(300.0, 1e-3)]), "betaln": (lambda x, y: m.log(m.beta(x, y)), [(300.0, 1e-3)]),
    "poch": (m.rf, [(30.0, 1e-4), (-1.3, 0.4)]), "binom": (m.binomial, [(7.0, 3.2), (7.3, 2.4)]), "rgamma": (m.rgamma, [-2.0, -1.6, 0.0]),
    "expn": (lambda n, x: m.expint(n, x), [(0, 1.5), (1, 1.5), (5, 0.2)]),
    "ber": (lambda x: m.ber(0, x), [1.5, 10.06, 1e-3]), "bei": (lambda x: m.bei(0, x), [1.5, 10.12]),
    "ker": (lambda x: m.ker(0, x), [1.5, 10.55]),
    "kei": (lambda x: m.kei(0, x), [1.5, 8.42, 1e-3]), "berp": (slope(lambda x: m.ber(0, x), 0), [1.5, 10.55]),
    "beip": (slope(lambda x: m.bei(0, x), 0), [1.5]), "kerp": (slope(lambda x: kelvin(fast.besselk)(x).real, 0), [1.5]),
    "keip": (slope(lambda x: kelvin(fast.besselk)(x).imag, 0), [1.5, 9.63]),
    "itstruve0": (from_0(lambda t: m.struveh(0, t)), [1.4]),
    "it2struve0": (from_0(lambda t: m.struveh(0, t) / t, -1, 0, lambda: m.pi / 2), [1.4]),
    "itmodstruve0": (from_0(lambda t: m.struvel(0, t)), [1.4]),
    "cbrt": (lambda x: m.sign(x) * m.cbrt(abs(x)), [0.3]), "exp2": (lambda x: m.mpf(2) ** x, [0.3]),
    "expm1": (m.expm1, [0.3, -40.0]), "log1p": (m.log1p, [0.3]),
}
SEVERAL = {
    "airy": (pair(m.airyai, 0) + pair(m.airybi, 0), [-1.4, 2.0]), "itairy": ([from_0(f) for f in (
        m.airyai, m.airybi, lambda t: m.airyai(-t), lambda t: m.airybi(-t))], [1.4, 6.0]),
    "airye": ([scaled(m.airyai, 1), scaled(slope(m.airyai, 0), 1), scaled(m.airybi, -1), scaled(slope(m.airybi, 0), -1)], [1.4, 20.0]),
    "shichi": ([m.shi, m.chi], [1.4]), "sici": ([m.si, m.ci], [1.4, 1e7 + 0.1]), "fresnel": ([m.fresnels, m.fresnelc], [1.4, 123456.789]),
    "modfresnelp": (modified_fresnel(1), [0.7, -1.5, 30.0]), "modfresnelm": (modified_fresnel(-1), [0.7, -1.5, 30.0]),
    "kelvin": ([kelvin(fast.besselj), kelvin(fast.besselk), slope(kelvin(fast.besselj), 0), slope(kelvin(fast.besselk), 0)], [1.5, 9.9]),
    "itj0y0": ([fast.integral_j0, fast.integral_y0], [1.4]), "iti0k0": ([fast.integral_i0, fast.integral_k0], [1.4]),
    "it2j0y0": ([fast.integral_j0_less, fast.tail_y0], [1.4, 0.05]), "it2i0k0": ([fast.integral_i0_less, fast.tail_k0], [1.4]),
    "ellipj": ([elliptic("sn"), elliptic("cn"), elliptic("dn"), amplitude], [(0.7, 0.4), (1.2, 1e-9), (-0.9, 0.95)]),
    "pbdv": (pair(fast.pcfd, 1), [(1.5, 0.7), (0.3, -1.2), (-2.3, 1.0), (2.0, 6.0), (6.764, -5.958)]),
    "pbvv": (pair(lambda v, x: m.pcfv(-v - H, x), 1), [(1.5, 0.7), (0.3, -1.2), (-2.3, 1.0), (8.427, 8.245)]),
    "pbwa": (pair(fast.pcfw, 1), [(1.5, 0.7), (0.3, -1.2), (-2.0, 2.5)]),
    "mathieu_cem": (mathieu_pair(False), [(2, 1.5, 20.0), (3, 12.0, 50.0)]),
    "mathieu_sem": (mathieu_pair(True), [(2, 1.5, 20.0), (3, 12.0, 50.0)]),
    "mathieu_modcem1": (modified_pair(False, False), [(3, 4.5, 0.4)]),
    "mathieu_modcem2": (modified_pair(False, True), [(3, 4.5, 0.4)]),
    "mathieu_modsem1": (modified_pair(True, False), [(3, 4.5, 0.4)]),
    "mathieu_modsem2": (modified_pair(True, True), [(3, 4.5, 0.4)]),
    "mathieu_a": ([lambda n, q: mathieu_value(n, q)], [(2, 1.5), (3, 12.0), (0, 0.3)]),
    "mathieu_b": ([lambda n, q: mathieu_value(n, q, True)], [(2, 1.5), (3, 12.0)]),
    "pro_cv": ([spheroidal_value], [(1, 3, 2.0), (0, 2, 5.0)]),
    "obl_cv": ([lambda *a: spheroidal_value(*a, -1)], [(1, 3, 2.0), (0, 2, 5.0)]),
}
SPHEROIDAL = {  # the function, its sign, whether it is of the second kind, and points
    "pro_ang1": (spheroidal_angle, (1,), [(1, 3, 2.0, 0.4), (0, 2, 5.0, 0.7)]),
    "obl_ang1": (spheroidal_angle, (-1,), [(1, 3, 2.0, 0.4), (0, 2, 5.0, 0.7)]),
    "pro_rad1": (spheroidal_radius, (1, False), [(1, 3, 2.0, 1.4), (0, 2, 5.0, 1.7)]),
    "obl_rad1": (spheroidal_radius, (-1, False), [(1, 3, 2.0, 1.4), (0, 2, 5.0, 1.7)]),
    "pro_rad2": (spheroidal_radius, (1, True), [(0, 2, 5.0, 3.5), (1, 3, 3.0, 4.0)]),
    "obl_rad2": (spheroidal_radius, (-1, True), [(0, 2, 5.0, 3.5), (1, 3, 3.0, 4.0)]),
}
for name, (f, which, points) in SPHEROIDAL.items():
    SEVERAL[name] = pair(lambda *p, f=f, which=which: f(*p, *which), 3), points
    values = [float(spheroidal_value(*p[:2], m.mpf(p[2]), which[0])) for p in points]
    SEVERAL[f"{name}_cv"] = pair(lambda *p, f=f, which=which: f(*p[:3], p[4], *which, value=p[3]), 4), [
        (*p[:3], value + off, p[3]) for p, value, off in zip(points, values, (0.0, 0.25))]

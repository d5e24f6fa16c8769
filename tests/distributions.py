"""Distribution functions in mpmath, from their definitions: series and integrals, none of SciPy's nor of dualnet's."""

import mpmath as m

HALF = m.mpf(1) / 2


def gammainc(a, x):
    """P(a, x) by Kummer's series (DLMF 8.5.1), all terms positive; what is left of 1 is taken with digits to spare."""
    with m.extradps(60):
        return x**a * m.exp(-x) * m.hyp1f1(1, a + 1, x) / m.gamma(a + 1)


def betainc(a, b, w):
    """The beta distribution function at the odds w, by Gauss's series (DLMF 8.17.8)."""
    with m.extradps(60):
        p, q = w / (1 + w), 1 / (1 + w)
        if p <= a / (a + b):
            return p**a * q**b * m.hyp2f1(a + b, 1, a + 1, p) / (a * m.beta(a, b))
        return 1 - p**a * q**b * m.hyp2f1(a + b, 1, b + 1, q) / (b * m.beta(a, b))


def odds(p):
    """p/(1-p)."""
    return p / (1 - p)


def student(v, t):
    """Student's t (DLMF 8.17.6 and the symmetry)."""
    return HALF + m.sign(t) * betainc(HALF, v / 2, t * t / v) / 2


def kolmogorov(x):
    """Kolmogorov's upper tail: the alternating series, and its theta transform for small x."""
    return 2 * m.nsum(lambda k: (-1) ** (k - 1) * m.exp(-2 * k * k * x * x), [1, m.inf], method="d") if x > 0.6 else \
        1 - m.sqrt(2 * m.pi) / x * sum(m.exp(-((2 * k - 1) * m.pi) ** 2 / (8 * x * x)) for k in range(1, 20))


def smirnov(n, d):
    """Smirnov's upper tail, the sum of Birnbaum and Tingey."""
    n = int(n)
    return d * sum(m.binomial(n, j) * (d + m.mpf(j) / n) ** (j - 1) * (1 - d - m.mpf(j) / n) ** (n - j)
                   for j in range(int(m.floor(n * (1 - d))) + 1))


def tukey(x, lam):
    """p with (p^lam - (1-p)^lam)/lam = x, by bisection of log(p) on the lower half."""
    if x > 0:
        return 1 - tukey(-x, lam)
    low, high = m.mpf(-800), -m.log(2)

    def gap(u):
        return (m.expm1(lam * u) - m.expm1(lam * m.log1p(-m.exp(u)))) / lam - x

    for _ in range(30):
        low, high = (low, (low + high) / 2) if gap((low + high) / 2) > 0 else ((low + high) / 2, high)
    return m.exp(m.findroot(gap, (low, high), solver="anderson"))


def voigt(x, s, g):
    """The real part of the Faddeeva function, scaled (DLMF 7.19)."""
    z = (x + 1j * g) / (s * m.sqrt(2))
    return m.re(m.exp(-z * z) * m.erfc(-1j * z)) / (s * m.sqrt(2 * m.pi))


def owens(h, a):
    """Owen's T, from its integral."""
    return m.quad(lambda t: m.exp(-h * h * (1 + t * t) / 2) / (1 + t * t), [0, a]) / (2 * m.pi)

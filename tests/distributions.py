"""Distribution functions in mpmath, from their definitions: series and integrals, none of SciPy's nor of dualnet's."""

import mpmath as m

DIGITS = 30


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
    return p / (1 - p)


def mixture(term, c):
    """The sum over j of Poisson(j; c/2) term(j); terms fall, and the weights do beyond their mean."""
    total, weight, j = m.mpf(0), m.exp(-c / 2), 0
    while True:
        add = weight * term(j)
        total += add
        j += 1
        weight *= c / (2 * j)
        if j > c / 2 and abs(add) < m.eps * abs(total) or weight == 0:
            return total


def chndtr(x, v, c):
    return mixture(lambda j: gammainc(v / 2 + j, x / 2), c)


def ncfdtr(a, b, c, x):
    return mixture(lambda j: betainc(a / 2 + j, b / 2, a * x / b), c)


def student(v, t):
    return m.mpf(1) / 2 + m.sign(t) * betainc(m.mpf(1) / 2, v / 2, t * t / v) / 2


def nctdtr(v, d, t):
    """Student's noncentral t by the series of Lenth (1989, AS 243)."""
    if t < 0:
        return 1 - nctdtr(v, -d, -t)
    half, q, total, j = m.mpf(1) / 2, d * d / 2, m.ncdf(-d), 0
    even, odd, w = m.exp(-q) / 2, m.exp(-q) * d / m.sqrt(2 * m.pi), t * t / v
    while t and (j < q or abs(odd) + even > m.eps * abs(total)):
        total += even * betainc(j + half, v / 2, w) + odd * betainc(m.mpf(j + 1), v / 2, w)
        j += 1
        even, odd = even * q / j, odd * q / (j + half)
    return total


def kolmogorov(x):
    return 2 * m.nsum(lambda k: (-1) ** (k - 1) * m.exp(-2 * k * k * x * x), [1, m.inf], method="d") if x > 0.6 else \
        1 - m.sqrt(2 * m.pi) / x * sum(m.exp(-((2 * k - 1) * m.pi) ** 2 / (8 * x * x)) for k in range(1, 20))


def smirnov(n, d):
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
    z = (x + 1j * g) / (s * m.sqrt(2))
    return m.re(m.exp(-z * z) * m.erfc(-1j * z)) / (s * m.sqrt(2 * m.pi))


def owens(h, a):
    return m.quad(lambda t: m.exp(-h * h * (1 + t * t) / 2) / (1 + t * t), [0, a]) / (2 * m.pi)


DIRECT = {  # name: (the lower tail, arguments with which it is smooth, points); upper tails and inverses below
    "gammainc": (gammainc, "a x", [(1e-3, 1e-3), (1e-3, 5.0), (0.3, 0.01), (0.3, 2.0), (2.5, 0.1), (2.5, 2.2), (2.5, 30.0), (30.0, 25.0),
        (1e3, 800.0), (1e3, 980.0), (1e3, 1150.0), (50.0, 1e3)]),
    "gdtr": (lambda a, b, x: gammainc(b, a * x), "a b x", [(1.4, 2.5, 0.8), (0.01, 0.05, 3.0), (12.0, 300.0, 23.0), (5.0, 1.5, 9.0)]),
    "chdtr": (lambda v, x: gammainc(v / 2, x / 2), "v x", [(1e-2, 1.0), (1.0, 1e-3), (3.5, 2.4), (3.5, 60.0), (900.0, 850.0)]),
    "betainc": (lambda a, b, p: betainc(a, b, odds(p)), "a b p", [(1e-3, 2e-3, 0.3), (0.4, 900.0, 1e-3), (900.0, 0.2, 0.9999), (1.4, 2.5, 0.3),
        (1.4, 2.5, 1e-6), (1.4, 2.5, 0.999999), (40.0, 60.0, 0.45), (1e3, 800.0, 0.53), (1e3, 800.0, 0.7), (5.0, 1e-3, 0.5), (1e-3, 30.0, 0.2)]),
    "fdtr": (lambda a, b, x: betainc(a / 2, b / 2, a * x / b), "m n x", [(3.5, 6.5, 1.4), (0.02, 0.5, 2.0), (900.0, 40.0, 1.3), (3.0, 700.0, 5.0),
        (8.0, 0.1, 1e3)]),
    "stdtr": (student, "v t", [(3.5, -0.7), (0.01, 2.0), (1.0, -400.0), (900.0, 1e-3), (900.0, -4.0), (40.0, 9.0)]),
    "bdtr": (lambda k, n, p: betainc(n - m.floor(k), m.floor(k) + 1, odds(1 - p)), "- - p", [(3.0, 8, 0.4), (3.7, 9, 0.01), (300.0, 900, 0.3)]),
    "nbdtr": (lambda k, n, p: betainc(n, k + 1, odds(p)), "- - p", [(3, 5, 0.4), (300, 90, 0.25), (0, 5, 0.01)]),
    "pdtr": (lambda k, x: 1 - gammainc(m.floor(k) + 1, x), "- m", [(3.0, 2.4), (3.7, 0.01), (300.0, 280.0)]),
    "chndtr": (chndtr, "x v c", [(2.4, 3.5, 1.2), (0.01, 0.3, 5.0), (40.0, 3.0, 2.0), (60.0, 20.0, 30.0), (280.0, 40.0, 200.0), (7.0, 4.0, 1e-3)]),
    "ncfdtr": (ncfdtr, "m n c x", [(3.5, 6.5, 1.2, 1.4), (0.5, 9.0, 3.0, 0.1), (20.0, 40.0, 12.0, 1.9), (4.0, 2.0, 0.01, 30.0), (6.0, 90.0, 80.0, 12.0)]),
    "nctdtr": (nctdtr, "v d t", [(3.5, 0.7, 1.2), (3.5, -0.7, -2.0), (0.5, 2.0, 5.0), (60.0, 1.5, 0.2), (4.0, 6.0, 9.0), (8.0, 0.0, -3.0),
        (5.0, 1.0, 0.0), (300.0, 2.0, 2.5)]),
    "kolmogorov": (kolmogorov, "x", [(0.2,), (0.7,), (0.95,), (1.4,), (4.0,)]),
    "smirnov": (smirnov, "- x", [(1, 0.3), (5, 0.12), (5, 0.73), (40, 0.21), (200, 0.05)]),
    "tklmbda": (tukey, "x l", [(0.4, 0.7), (-1.2, 0.3), (-30.0, -0.5), (2.5, 1e-6), (1e3, -1.5), (0.2, 3.0)]),
    "voigt_profile": (voigt, "x s g", [(0.4, 1.1, 0.6), (-3.0, 0.4, 0.01), (30.0, 1.0, 2.0), (8.0, 1.0, 1e-16), (-7.5, 1.0, 1e-24)]),
    "owens_t": (owens, "h a", [(0.7, 1.3), (-1.5, 0.4), (4.0, 0.1)]),
    "nrdtrimn": (lambda p, s, x: x - s * m.sqrt(2) * m.erfinv(2 * p - 1), "p s x", [(0.3, 1.4, 2.0), (1e-5, 3.0, -1.0)]),
    "nrdtrisd": (lambda mu, p, x: (x - mu) / (m.sqrt(2) * m.erfinv(2 * p - 1)), "n p x", [(0.5, 0.8, 2.0), (3.0, 0.1, 1.0)]),
    "ndtr": (m.ncdf, "x", [(-6.0,), (0.3,), (2.0,), (-30.0,)]),
    "ndtri": (lambda p: m.sqrt(2) * m.erfinv(2 * p - 1), "y", [(1e-5,), (0.3,), (0.95,)]),
    "ndtri_exp": (lambda x: m.sqrt(2) * m.erfinv(2 * m.exp(x) - 1), "x", [(-8.0,), (-0.7,), (-0.1,)]),
    "log_ndtr": (lambda x: m.log(m.erfc(-x / m.sqrt(2)) / 2), "x", [(-1e3,), (-20.0,), (0.5,), (3.0,)]),
    "expit": (lambda x: 1 / (1 + m.exp(-x)), "x", [(-40.0,), (0.2,), (30.0,)]),
    "log_expit": (lambda x: -m.log1p(m.exp(-x)), "x", [(-40.0,), (0.2,), (30.0,)]),
    "logit": (lambda x: m.log(x / (1 - x)), "y", [(1e-9,), (0.4,), (0.99,)]),
}
UPPER = {"gammaincc": "gammainc", "gdtrc": "gdtr", "chdtrc": "chdtr", "betaincc": "betainc", "fdtrc": "fdtr", "bdtrc": "bdtr",
         "nbdtrc": "nbdtr", "pdtrc": "pdtr"}
CONTINUOUS = {"poisson": lambda k, x: 1 - gammainc(k + 1, x), "binomial": lambda k, n, p: betainc(n - k, k + 1, odds(1 - p)),
              "negative": lambda k, n, p: betainc(n, k + 1, odds(p))}
INVERSE = {  # name: (the direct function, place of the argument solved for, place of the probability, upper tail, points)
    "gammaincinv": ("gammainc", 1, 1, False, [(0.01, 0.99), (1.4, 0.3), (1.4, 1e-8), (300.0, 0.9)]),
    "gammainccinv": ("gammainc", 1, 1, True, [(0.3, 0.4), (1.4, 0.3), (1.4, 1e-8), (300.0, 0.9)]),
    "gdtria": ("gdtr", 0, 0, False, [(0.4, 2.5, 0.8), (1e-3, 40.0, 3.0)]), "gdtrib": ("gdtr", 1, 1, False, [(1.4, 0.4, 0.8), (30.0, 0.01, 3.0)]),
    "gdtrix": ("gdtr", 2, 2, False, [(1.4, 2.5, 0.4), (0.1, 40.0, 0.99)]), "chdtri": ("chdtr", 1, 1, True, [(3.5, 0.4), (0.3, 0.1), (300.0, 1e-6)]),
    "chdtriv": ("chdtr", 0, 0, False, [(0.4, 3.0), (0.01, 50.0), (0.9, 0.5)]), "pdtri": ("pdtr", 1, 1, False, [(3, 0.4), (200, 0.1)]),
    "pdtrik": (CONTINUOUS["poisson"], 0, 0, False, [(0.4, 2.5), (0.99, 80.0)]),
    "betaincinv": ("betainc", 2, 2, False, [(1.4, 2.5, 0.3), (0.1, 5.0, 0.9), (300.0, 200.0, 0.01)]),
    "betainccinv": ("betainc", 2, 2, True, [(1.4, 2.5, 0.3), (0.1, 5.0, 0.05), (300.0, 200.0, 0.01)]),
    "btdtria": ("betainc", 0, 0, False, [(0.4, 2.5, 0.3), (0.1, 90.0, 0.3)]), "btdtrib": ("betainc", 1, 1, False, [(1.4, 0.4, 0.3), (70.0, 0.1, 0.5)]),
    "fdtri": ("fdtr", 2, 2, False, [(3.5, 6.5, 0.4), (200.0, 30.0, 0.99)]), "fdtridfd": ("fdtr", 1, 1, False, [(3.5, 0.6, 1.4), (20.0, 0.8, 1.5)]),
    "stdtrit": ("stdtr", 1, 1, False, [(3.5, 0.3), (0.7, 0.01), (300.0, 0.999)]), "stdtridf": ("stdtr", 0, 0, False, [(0.8, 0.9), (0.97, 2.1), (0.2, -1.0)]),
    "bdtri": ("bdtr", 2, 2, False, [(3.0, 8, 0.4), (300.0, 900, 0.01)]), "bdtrik": (CONTINUOUS["binomial"], 0, 0, False, [(0.4, 8, 0.4), (0.9, 400.5, 0.3)]),
    "bdtrin": (CONTINUOUS["binomial"], 1, 1, False, [(3.0, 0.4, 0.4), (100.5, 0.9, 0.3)]), "nbdtri": ("nbdtr", 2, 2, False, [(3, 5, 0.4), (90, 300, 0.9)]),
    "nbdtrik": (CONTINUOUS["negative"], 0, 0, False, [(0.4, 5, 0.4), (0.9, 90.5, 0.3)]),
    "nbdtrin": (CONTINUOUS["negative"], 1, 1, False, [(3.0, 0.4, 0.4), (90.5, 0.9, 0.3)]),
    "chndtrix": ("chndtr", 0, 0, False, [(0.4, 3.5, 1.2), (0.99, 20.0, 30.0)]), "chndtridf": ("chndtr", 1, 1, False, [(2.4, 0.4, 1.2), (60.0, 0.7, 30.0)]),
    "chndtrinc": ("chndtr", 2, 2, False, [(2.4, 3.5, 0.2), (60.0, 20.0, 0.7)]), "ncfdtri": ("ncfdtr", 3, 3, False, [(3.5, 6.5, 1.2, 0.4), (20.0, 40.0, 12.0, 0.9)]),
    "ncfdtridfn": ("ncfdtr", 0, 0, False, [(0.4, 6.5, 1.2, 1.2), (0.3, 40.0, 5.0, 1.1)]), "ncfdtridfd": ("ncfdtr", 1, 1, False, [(3.5, 0.5, 1.2, 1.4), (20.0, 0.6, 5.0, 1.4)]),
    "ncfdtrinc": ("ncfdtr", 2, 2, False, [(3.5, 6.5, 0.4, 1.4), (20.0, 40.0, 0.3, 1.9)]), "nctdtrit": ("nctdtr", 2, 2, False, [(3.5, 0.7, 0.4), (60.0, 1.5, 0.95)]),
    "nctdtridf": ("nctdtr", 0, 0, False, [(0.6, 0.7, 1.2), (0.3, 1.5, 1.1)]), "nctdtrinc": ("nctdtr", 1, 1, False, [(3.5, 0.4, 1.2), (60.0, 0.05, 2.0)]),
    "kolmogi": ("kolmogorov", 0, 0, False, [(0.4,), (1e-8,), (0.999,)]), "smirnovi": ("smirnov", 1, 1, False, [(5, 0.4), (40, 0.01), (200, 0.9)]),
}

"""Rows of scipy.special in Arb's balls, for points next to 0 and far out, where mpmath's own functions take seconds.

Each is the same function as the entry of that name in special_rows.TRUTH; test_ball_truth.py compares the two.
"""

import fast_truth as fast
from flint import acb, arb, ctx
from special_rows import TRUTH, complement, known, solved, success
from test_special_distributions import INVERSE, UPPER

HALF = arb(1) / 2


def halves(*numbers):
    return [arb(n) / 2 for n in numbers]


# --- Bessel functions ---------------------------------------------------------------------------------------------------
def cylinder(kind, scale=0):
    """A Bessel function of (order, x) of that kind, times exp(scale x)."""
    return lambda v, x: getattr(x, kind)(v) * ((scale * x).exp() if scale else 1)


def hankel(sign, scaled=False):
    """J + sign i Y, times exp(-sign i x) if `scaled`."""
    return lambda v, x: acb(x.bessel_j(v), sign * x.bessel_y(v)) * (acb(0, -sign * x).exp() if scaled else 1)


def at_order(n, f):
    return lambda x: f(arb(n), x)


def struve(sign):
    """Struve's H (sign -1) or L (DLMF 11.2.1, 11.2.2); far out DLMF 11.6.1, whose terms fall until k is of the size of x."""
    def value(v, x):
        if abs(x) < 1000 or sign > 0 and v > abs(x):
            front = (x / 2) ** (v + 1) * (v + 3 * HALF).rgamma() / (3 * HALF).gamma()
            return front * (sign * x * x / 4).hypgeom([arb(1)], [3 * HALF, v + 3 * HALF])
        if sign > 0:
            raise ValueError("beyond the range")
        return x.bessel_y(v) + fast.series(lambda k: (k + HALF).gamma() * (v + HALF - k).rgamma() * (x / 2) ** (v - 2 * k - 1)) / arb.pi()

    return value


def moment(sign):
    """The integral from 0 of Struve's H0 (sign -1) or L0, term by term."""
    return lambda x: x * x / arb.pi() * (sign * x * x / 4).hypgeom(halves(2, 2), halves(3, 3, 4))


def kelvin(kind, slope, part=None):
    """J0(x exp(3 pi i/4)) or K0(x exp(pi i/4)), or its slope by x."""
    def value(x):
        turn = acb(arb(3 if kind == "bessel_j" else 1) / 4).exp_pi_i()
        out = -turn * getattr(x * turn, kind)(1) if slope else getattr(x * turn, kind)(0)
        return out if part is None else getattr(out, part)

    return value


def airy(which, scale=0):
    """Ai, Ai', Bi or Bi' times exp(scale 2/3 x^(3/2))."""
    return lambda x: x.airy()[which] * ((scale * 2 * (x * x * x).sqrt() / 3).exp() if scale else 1)


def integral_of_airy(which, sign):
    """The integral from 0 of Ai(sign t) (which 0) or Bi(sign t) (2), term by term (DLMF 9.4.1, 9.4.3)."""
    def value(x):
        if abs(x) > 1000:
            raise ValueError("too many terms")
        x, at, third = sign * x, arb(0).airy(), arb(1) / 3
        z = x**3 / 9
        even, odd = x * z.hypgeom([third], [2 * third, 4 * third]), x * x / 2 * z.hypgeom([2 * third], [4 * third, 5 * third])
        return sign * (at[which] * even + at[which + 1] * odd)

    return value


BALLS = {
    "jv": cylinder("bessel_j"), "jve": cylinder("bessel_j"), "yv": cylinder("bessel_y"), "yve": cylinder("bessel_y"),
    "iv": cylinder("bessel_i"), "ive": cylinder("bessel_i", -1), "kv": cylinder("bessel_k"), "kve": cylinder("bessel_k", 1),
    "yn": cylinder("bessel_y"), "kn": cylinder("bessel_k"),
    "hankel1": hankel(1), "hankel2": hankel(-1), "hankel1e": hankel(1, True), "hankel2e": hankel(-1, True),
    "struve": struve(-1), "modstruve": struve(1),
    "itstruve0": moment(-1), "itmodstruve0": moment(1),
    "it2struve0": lambda x: arb.pi() / 2 - 2 * x / arb.pi() * (-x * x / 4).hypgeom(halves(2, 1), halves(3, 3, 3)),
    "ber": kelvin("bessel_j", False, "real"), "bei": kelvin("bessel_j", False, "imag"),
    "berp": kelvin("bessel_j", True, "real"), "beip": kelvin("bessel_j", True, "imag"),
    "ker": kelvin("bessel_k", False, "real"), "kei": kelvin("bessel_k", False, "imag"),
    "kerp": kelvin("bessel_k", True, "real"), "keip": kelvin("bessel_k", True, "imag"),
}
BALLS |= {f"{name[0]}{n}{name[2:]}": at_order(n, BALLS[name]) for name in ("jv", "yv", "kv", "kve") for n in (0, 1)}
BALLS |= {f"kelvin[{k}]": kelvin("bessel_" + "jk"[k % 2], k > 1) for k in range(4)}
BALLS |= {f"airy[{k}]": airy(k) for k in range(4)} | {f"airye[{k}]": airy(k, 1 if k < 2 else -1) for k in range(4)}
BALLS |= {f"itairy[{k}]": integral_of_airy(2 * (k % 2), 1 if k < 2 else -1) for k in range(4)}


# --- gamma and its kin, error functions, exponential integrals, zeta ------------------------------------------------------------
def beta(x, y):
    return x.gamma() * y.gamma() * (x + y).rgamma()


def zeta(x, a):
    """Hurwitz's zeta; of large x as the sum that it is."""
    return x.zeta(a) if abs(x) < 1e6 else fast.series(lambda k: (a + k) ** -x)


def ndtri(p):
    return -arb(2).sqrt() * (2 * p).erfcinv()


def owens(h, a):
    """Owen's T from its integral; beyond a = 1 from that of the turned arguments (Owen 1956)."""
    h, sign, a = abs(h), a.sgn(), abs(a)
    f = lambda h: lambda t, _: (-h * h * (1 + t * t) / 2).exp() / (1 + t * t)
    if a < 1:
        return sign * acb.integral(f(h), 0, a).real / (2 * arb.pi())
    upper, far = [(z / arb(2).sqrt()).erfc() / 2 for z in (h, a * h)]
    return sign * ((upper + far) / 2 - upper * far - acb.integral(f(a * h), 0, 1 / a).real / (2 * arb.pi()))


BALLS |= {
    "gamma": lambda x: x.gamma(), "gammaln": lambda x: x.lgamma(), "loggamma": lambda x: x.lgamma(), "rgamma": lambda x: x.rgamma(),
    "psi": lambda x: x.digamma(), "beta": beta, "betaln": lambda x, y: x.lgamma() + y.lgamma() - (x + y).lgamma(),
    "poch": lambda x, y: (x + y).gamma() * x.rgamma(), "binom": lambda x, y: (x + 1).gamma() * (y + 1).rgamma() * (x - y + 1).rgamma(),
    "erfinv": lambda x: x.erfinv(), "erfcinv": lambda x: x.erfcinv(), "ndtri": ndtri,
    "nrdtrimn": lambda p, s, x: x - s * ndtri(p), "nrdtrisd": lambda n, p, x: (x - n) / ndtri(p), "owens_t": owens,
    "expn": lambda n, x: x.expint(n), "exp1": lambda x: x.expint(1), "expi": lambda x: x.ei(),
    "shichi[0]": lambda x: x.shi(), "shichi[1]": lambda x: x.chi(), "sici[0]": lambda x: x.si(), "sici[1]": lambda x: x.ci(),
    "fresnel[0]": lambda x: x.fresnel_s(), "fresnel[1]": lambda x: x.fresnel_c(),
    "_zeta": zeta, "_riemann_zeta": lambda x: zeta(x, arb(1)), "zetac": lambda x: zeta(x, arb(2)),
}


# --- elliptic integrals and functions -------------------------------------------------------------------------------------------
def complex_real(f):
    return lambda *args: f(*map(acb, args)).real


def jacobi(which):
    """sn, cn, dn or the amplitude by theta functions (DLMF 22.2)."""
    def value(u, m):
        k, other = acb(m).elliptic_k(), acb(1 - m).elliptic_k()
        tau = acb(0, 1) * other / k
        turns = arb((u / (4 * k.real) + HALF).mid()).floor()
        z = acb(u / (2 * k.real) - 2 * turns)
        t1, t2, t3, t4 = acb.modular_theta(z, tau)
        _, c2, c3, c4 = acb.modular_theta(acb(0), tau)
        sn, cn, dn = (w.real for w in (c3 * t1 / (c2 * t4), c4 * t2 / (c2 * t4), c4 * t3 / (c3 * t4)))
        return (sn, cn, dn)[which] if which < 3 else arb.atan2(sn, cn) + 2 * arb.pi() * turns

    return value


BALLS |= {
    "ellipk": complex_real(acb.elliptic_k), "ellipe": complex_real(acb.elliptic_e), "ellipkinc": complex_real(acb.elliptic_f),
    "ellipeinc": complex_real(acb.elliptic_e_inc), "elliprf": complex_real(acb.elliptic_rf), "elliprd": complex_real(acb.elliptic_rd),
    "elliprg": complex_real(acb.elliptic_rg), "elliprj": complex_real(acb.elliptic_rj), "elliprc": complex_real(acb.elliptic_rc),
    "agm": lambda x, y: x.agm(y),
}
BALLS |= {f"ellipj[{k}]": jacobi(k) for k in range(4)}


# --- hypergeometric functions and polynomials --------------------------------------------------------------------------------------
def chebyshev(n, x):
    return (n * x.acos()).cos()


def chebyshev_second(n, x):
    return ((n + 1) * x.acos()).sin() / (1 - x * x).sqrt()


def legendre(n, x):
    return ((1 - x) / 2).hypgeom_2f1(-n, n + 1, 1)


def ferrers(order, v, x):
    """The associated Legendre function of a whole order on the cut (DLMF 14.3.4)."""
    front = (-1) ** int(order.unique_fmpz()) * (v + order + 1).gamma() * (v - order + 1).rgamma() * (1 - x * x) ** (order / 2)
    return front / 2**order * (order + 1).rgamma() * ((1 - x) / 2).hypgeom_2f1(order - v, order + v + 1, order + 1)


def laguerre(n, a, x):
    """DLMF 18.5.12."""
    return (n + a + 1).gamma() * (n + 1).rgamma() * (a + 1).rgamma() * x.hypgeom_1f1(-n, a + 1)


BALLS |= {
    "hyp0f1": lambda c, x: x.hypgeom_0f1(c), "hyp1f1": lambda a, b, x: x.hypgeom_1f1(a, b),
    "eval_chebyt": chebyshev, "eval_chebyu": chebyshev_second, "eval_chebyc": lambda n, x: 2 * chebyshev(n, x / 2),
    "eval_chebys": lambda n, x: chebyshev_second(n, x / 2), "eval_sh_chebyt": lambda n, x: chebyshev(n, 2 * x - 1),
    "eval_sh_chebyu": lambda n, x: chebyshev_second(n, 2 * x - 1), "eval_legendre": legendre,
    "eval_sh_legendre": lambda n, x: legendre(n, 2 * x - 1), "eval_genlaguerre": laguerre, "lpmv": ferrers,
    "eval_laguerre": lambda n, x: laguerre(n, arb(0), x),
}


# --- distributions ------------------------------------------------------------------------------------------------------------------
def reach(width):
    """How far from its peak a bell of that width, which falls like the normal density or faster, counts in the digits asked for."""
    return 2 * (2 * arb(ctx.prec + 50)).sqrt() * width


def power_series(u, coefficient):
    """The sum of coefficient(k) u^k, coefficients falling from 1/2 on, for small complex u."""
    total, power, k, size = acb(0), acb(1), 0, abs(u).upper()
    if not size < 0.5:
        return acb("nan")
    while size**k > arb((1, -ctx.prec - 20)) or k < 2:
        total, power, k = total + power * coefficient(k), power * u, k + 1
    rest = arb(0, size**k)
    return total + acb(rest, rest)


def exp_less(u):
    """exp(u) - 1 - u, of balls so wide that the terms themselves would lose all."""
    return u * u * power_series(u, lambda k: 1 / arb.fac_ui(k + 2))


def log_less(u):
    """log(1 + u) - u."""
    return -u * u * power_series(-u, lambda k: 1 / arb(k + 2))


def gamma_lower(a, x):
    """P(a, x); for large a next to the mean, where Arb's series are long, from the integral over u = log(t/x)."""
    if not (a > 1e4 and abs(x / a - 1) < 0.1):
        return x.gamma_lower(a, 1)
    below = bool(x < a)
    if a > 1e20:
        raise ValueError("too many digits")
    far = reach(a.rsqrt())
    whole = acb.integral(lambda u, _: ((a - x) * u - x * exp_less(u)).exp(), -far if below else 0, 0 if below else far).real
    part = (a * x.log() - x - a.lgamma()).exp() * whole
    return part if below else 1 - part


def beta_lower(a, b, p):
    """I_p(a, b); where p is beyond the mean by the complement, for large a and b next to it from the integral over the log-odds."""
    n, q = a + b, 1 - p
    below = bool(p * n < a)
    if not (a > 1e4 and b > 1e4 and abs(p * n / a - 1) < 0.1 and abs(q * n / b - 1) < 0.1):
        return p.beta_lower(a, b, 1) if below else 1 - q.beta_lower(b, a, 1)
    if n > 1e20:
        raise ValueError("too many digits")
    far = reach((n / a / b).sqrt())
    f = lambda u, _: ((a - n * p) * u - n * (log_less(p * (exp_less(u) + u)) + p * exp_less(u))).exp()
    whole = acb.integral(f, -far if below else 0, 0 if below else far).real
    part = (a * p.log() + b * q.log() + n.lgamma() - a.lgamma() - b.lgamma()).exp() * whole
    return part if below else 1 - part


def by_odds(a, b, w):
    """The beta distribution function at the odds w."""
    return beta_lower(a, b, w / (1 + w))


def student(v, t):
    return HALF + t.sgn() * by_odds(HALF, v / 2, t * t / v) / 2


def kolmogorov(x):
    """The upper tail; for small x by the theta transform."""
    if x > 1:
        return 2 * fast.series(lambda k: (-1) ** k * (-2 * (k + 1) ** 2 * x * x).exp())
    c = arb.pi() ** 2 / (8 * x * x)
    return 1 - (2 * arb.pi()).sqrt() / x * fast.series(lambda k: (-c * (2 * k + 1) ** 2).exp())


BALLS |= {
    "gammainc": gamma_lower, "gdtr": lambda a, b, x: gamma_lower(b, a * x), "chdtr": lambda v, x: gamma_lower(v / 2, x / 2),
    "poisson": lambda k, x: 1 - gamma_lower(k + 1, x), "betainc": beta_lower, "fdtr": lambda a, b, x: by_odds(a / 2, b / 2, a * x / b),
    "stdtr": student, "kolmogorov": kolmogorov, "binomial": lambda k, n, p: beta_lower(n - k, k + 1, 1 - p),
    "negative": lambda k, n, p: beta_lower(n, k + 1, p),
}
BALLS = {name: fast.in_balls(f) for name, f in BALLS.items()} | {
    "hyp2f1": fast.hyp2f1, "hyperu": fast.hyperu, "wright_bessel": fast.wright, "besselpoly": fast.bessel_moment}
BALLS |= {name: getattr(fast, name) for name in ("chndtr", "ncfdtr", "nctdtr")}


def unless_large(f, plain):
    """f, but `plain` of arguments around 1e8, where a root takes dozens of integrals in balls, if mpmath's series has it."""
    return lambda *args: (plain if any(1e6 < abs(x) < 1e100 for x in args) else f)(*args)


def truths():
    """The truths of special_rows, in balls where there are some; with those of upper tails, and of inverses by their direct functions."""
    upper = {name: complement(BALLS[lower]) for name, lower in UPPER.items() if lower in BALLS}
    inverse = {name: unless_large(solved(name, BALLS[direct]), solved(name)) for name, (direct, _, _) in INVERSE.items() if direct in BALLS}
    inverse["bdtri"] = success(inverse["betaincinv"])
    out = dict(TRUTH)
    for name, f in (BALLS | upper | inverse).items():
        out |= {row: known(f) for row in (name, f"special.{name}") if row in out}
    return out

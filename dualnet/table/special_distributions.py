"""Rows of ``scipy.special``: probability distributions and their inverses, by every continuous argument.

The slope by the variable is the density; those by parameters come from the incomplete gamma and beta functions (special_incomplete),
mixtures of them (special_noncentral) and integrals (noncentral_t). An inverse takes its slopes from those of the function it inverts:
where F(x, theta) = y, dx/dy = 1/F_x and dx/dtheta = -F_theta/F_x. There a parameter of SciPy's that was solved for may be any of F's
arguments. Those of a gamma distribution's shape, which cancel in these, have a row of their own (gamma_shape).

By an argument that SciPy cuts to a whole number (k of bdtr, nbdtr, pdtr and of their inverses, n of bdtr, nbdtr, smirnov) there is no
derivative: it raises by name. NaN stands where an inverse's search found no solution (SciPy returns the end of the range searched) or a
solution whose rounding alone moves the probability by a thousandth, and for parameters beyond 1e18, where the exponents of densities have
lost their digits.
"""

import functools

import numpy as np
import scipy.special as sp

from dualnet.table.densities import beta_density, beta_kernel, gamma_density, odds_density, over
from dualnet.table.domain import POSITIVE, REAL
from dualnet.table.fisher import FISHER, STUDENT, student, student_gap
from dualnet.table.gamma_shape import shape_by_x, shape_by_y
from dualnet.table.noncentral_t import noncentral_t_by, noncentral_t_gap, solved
from dualnet.table.parameters import in_double
from dualnet.table.row import pointwise, primal
from dualnet.table.special import ROOT_2PI, UNIT, row
from dualnet.table.special_incomplete import betainc_by, fisher_by, gammainc_by, kind_of
from dualnet.table.special_noncentral import beta_peak, column, gamma_peak, in_parts, mixture

DOMAINS = {"y": UNIT, "p": UNIT, "t": REAL, "d": REAL}  # of an argument of that name; any other is POSITIVE


def distribution(names, slopes, arguments):
    """Enter functions of one family: `names` maps each to 1 (lower tail) or -1 (upper tail), `slopes` maps each
    argument's letter to the slope of the lower tail by it."""
    letters = arguments.split()
    domain = tuple(DOMAINS.get(a, POSITIVE) for a in letters)
    for name, sign in names.items():
        partials = [slopes.get(a) and (lambda *args, f=slopes[a], sign=sign: sign * f(*args[:-1])) for a in letters]
        row(name, *partials, domain=domain)


def inverse(name, slopes, arguments, direct, sign=1, value=None, gap=None, solved=None):
    """Enter the inverse of the function whose arguments are `direct`: of its own `arguments`, y is the probability and
    the letter that is missing was solved for. `sign` is -1 where y is the upper tail. With `value`, the direct function,
    or `gap`, what that lacks of y, its last argument, SciPy's result is brought to full precision first (see :func:`correction`).
    `solved` maps each argument's letter to the inverse's own slope, of the arguments of `direct` and y, where that of F would cancel."""
    gap = gap or value and (lambda *args: value(*args[:-1]) - args[-1])
    letters, places = arguments.split(), direct.split()
    (unknown,) = set(places) - set(letters)

    def slope(letter, args):
        point = dict(zip(letters, args)) | {unknown: args[-1]}
        return slopes[letter](*(point[place] for place in places))

    def refined(args):
        if gap is None:
            return args
        plain = [primal(x) for x in args]
        point = dict(zip(letters, plain))
        at = lambda x: gap(*((point | {unknown: x})[place] for place in (*places, "y")))
        return *args[:-1], args[-1] + correction(at, slope(unknown, plain), point["y"], plain[-1])

    def own(letter, args):
        point = dict(zip(letters, args)) | {unknown: args[-1]}
        return solved[letter](*(point[place] for place in (*places, "y")))

    def by(letter):
        if solved:
            return lambda *args: own(letter, refined(args))
        if letter == "y":
            return lambda *args: over(sign, _told(slope(unknown, refined(args)), args[-1]))
        return slopes.get(letter) and (lambda *args: _ratio(slope, letter, unknown, refined(args)))

    row(name, *map(by, letters), domain=tuple(DOMAINS.get(a, POSITIVE) for a in letters))


def _told(density, x):
    """The density at the solution x; NaN where rounding of x moves the probability by a thousandth."""
    blurred = np.abs(primal(density) * primal(x)) > 4e12
    return np.where(blurred, np.nan, density) if np.any(blurred) else density


def _ratio(slope, letter, unknown, args):
    return over(-slope(letter, args), slope(unknown, args))


def correction(gap, slope, y, start):
    """What to add to `start` so that gap(x) = F(x) - y is 0, by steps with its slope there and then with secants; NaN where that fails.

    SciPy searches for parameters to between 1e-2 and 1e-12, and returns the end of the range searched where it finds
    none. There the derivative is not that of a solution, and NaN says so.
    """
    x, close = np.asarray(start, float), False
    y, left = np.asarray(y, float), gap(x)
    for _ in range(8):
        step = left / slope
        if np.all(close | ~(np.abs(step) > 1e-15 * np.abs(x))):
            break
        near = np.abs(step) < 0.1 * np.abs(x) + 0.1
        x, before = np.where(near, x - step, x), left
        left, close = gap(x), np.abs(step) <= 1e-15 * np.abs(x)
        secant = (before - left) / np.where(step == 0, 1.0, step)
        slope = np.where(near & (np.abs(step) > 1e-6 * np.abs(x)) & (np.abs(secant / slope - 1) < 0.5), secant, slope)
    solved = np.abs(left) <= 1e-10 * np.minimum(y, 1 - y) + 1e-15 * (y + np.abs(x * slope))
    return np.where(solved, x - start, np.nan).astype(np.asarray(start).dtype)[()]


def odds(x):
    """x/(1-x)."""
    return np.divide(x, 1 - x)


def whole(k):
    """The count that SciPy cuts k to; NaN where it is negative."""
    k = np.floor(primal(k))
    return np.where(k < 0, np.nan, k)


def binomial(k, n, p):
    """The binomial distribution function for any real k."""
    low = np.asarray(p) < 0.5  # by the one of p and 1 - p that has its digits
    return np.where(low, sp.betaincc(k + 1, n - k, np.where(low, p, 0.5)), sp.betainc(n - k, k + 1, np.where(low, 0.5, 1 - p)))


def negative(k, n, p):
    """The negative binomial distribution function for any real k."""
    return sp.betainc(n, k + 1, p)


# --- incomplete gamma: gamma, chi-square, Poisson ---------------------------------------------------------------
GAMMA = {"a": lambda a, x: gammainc_by(1, a, x), "x": gamma_density}
distribution({"gammainc": 1, "gammaincc": -1}, GAMMA, "a x")
inverse("gammaincinv", GAMMA, "a y", "a x")
inverse("gammainccinv", GAMMA, "a y", "a x", -1)

def _below(a, x):
    """True where a product leaves the range at 0."""
    a, x = primal(a), primal(x)
    return (a * x < 1e-290) & (a > 0) & (x > 0)


def _scaled_density(a, b, x):
    """a times the gamma density at a x; where a x leaves the range, by the logarithms."""
    below = _below(a, x)
    if not np.any(below):
        return a * gamma_density(b, a * x)
    u, z = np.where(below, 1.0, x), np.where(below, x, 1.0)
    tiny = np.exp(b * np.log(np.where(below, a, 1.0)) + (b - 1) * np.log(z) - sp.gammaln(b))
    return np.where(below, tiny, a * gamma_density(b, np.where(below, 1.0, a) * u))


def _scaled_by_shape(a, b, x):
    """The slope of P(b, a x) by b; where a x leaves the range, that of the first term of its series, z^b/gamma(b + 1)."""
    below = _below(a, x)
    if not np.any(below):
        return gammainc_by(1, b, a * x)
    log = np.log(np.where(below, a, 1.0)) + np.log(np.where(below, x, 1.0))
    tiny = np.exp(b * log - sp.gammaln(b + 1)) * (log - sp.psi(b + 1))
    return np.where(below, tiny, gammainc_by(1, b, np.where(below, 1.0, a) * np.where(below, 1.0, x)))


SCALED = {"a": lambda a, b, x: _scaled_density(x, b, a), "b": _scaled_by_shape, "x": _scaled_density}
distribution({"gdtr": 1, "gdtrc": -1}, SCALED, "a b x")
inverse("gdtria", SCALED, "y b x", "a b x")
inverse("gdtrib", SCALED, "a y x", "a b x", value=sp.gdtr, solved={
    "a": lambda a, b, x, y: x * shape_by_x(y, a * x, b), "y": lambda a, b, x, y: shape_by_y(y, a * x, b),
    "x": lambda a, b, x, y: a * shape_by_x(y, a * x, b)})
inverse("gdtrix", SCALED, "a b y", "a b x")

CHI2 = {"v": lambda v, x: 0.5 * gammainc_by(1, 0.5 * v, 0.5 * x), "x": lambda v, x: 0.5 * gamma_density(0.5 * v, 0.5 * x)}
distribution({"chdtr": 1, "chdtrc": -1}, CHI2, "v x")
inverse("chdtri", CHI2, "v y", "v x", -1)
inverse("chdtriv", CHI2, "y x", "v x", value=sp.chdtr, solved={
    "y": lambda v, x, y: 2 * shape_by_y(y, 0.5 * x, 0.5 * v), "x": lambda v, x, y: shape_by_x(y, 0.5 * x, 0.5 * v)})

POISSON = {"k": lambda k, m: -gammainc_by(1, k + 1, m), "m": lambda k, m: -gamma_density(k + 1, m)}
WHOLE_POISSON = {"m": lambda k, m: POISSON["m"](whole(k), m)}
distribution({"pdtr": 1, "pdtrc": -1}, WHOLE_POISSON, "k m")
inverse("pdtri", WHOLE_POISSON, "k y", "k m")
inverse("pdtrik", POISSON, "y m", "k m", value=lambda k, m: sp.gammaincc(k + 1, m), solved={
    "y": lambda k, m, y: -shape_by_y(1 - y, m, k + 1), "m": lambda k, m, y: shape_by_x(1 - y, m, k + 1)})

# --- incomplete beta: beta, F, Student's t, binomial, negative binomial -------------------------------------------------
BETA = {"a": lambda a, b, p: betainc_by(1, 0, a, b, odds(p)), "b": lambda a, b, p: betainc_by(0, 1, a, b, odds(p)), "p": beta_density}
distribution({"betainc": 1, "betaincc": -1}, BETA, "a b p")
inverse("betaincinv", BETA, "a b y", "a b p")
inverse("betainccinv", BETA, "a b y", "a b p", -1)
inverse("btdtria", BETA, "y b p", "a b p", value=sp.betainc)
inverse("btdtrib", BETA, "a y p", "a b p", value=sp.betainc)
distribution({"fdtr": 1, "fdtrc": -1}, FISHER, "m n x")
inverse("fdtri", FISHER, "m n y", "m n x")
inverse("fdtridfd", FISHER, "m y x", "m n x", value=sp.fdtr)
distribution({"stdtr": 1}, STUDENT, "v t")
inverse("stdtrit", STUDENT, "v y", "v t", value=student)
inverse("stdtridf", STUDENT, "y t", "v t", gap=student_gap)

def against(p):
    """(1-p)/p."""
    return np.divide(1 - p, p)


def _beta_quantile(a, b, y):
    """SciPy's quantile with the digits that its search leaves out."""
    q = sp.betaincinv(a, b, y)
    return q + correction(lambda q: sp.betainc(a, b, q) - y, beta_density(a, b, q), y, q)


beta_quantile = pointwise(_beta_quantile, None, None, lambda a, b, y, out: over(1, beta_density(a, b, out)), name="_beta_quantile")


def _quantile_by_y(a, b, y):
    """The slope of the beta distribution's quantile, from the quantile to the last digit also next to 0: bdtri is 1 less it."""
    return over(1, beta_density(a, b, beta_quantile(a, b, y)))


BINOMIAL = {"k": lambda k, n, p: betainc_by(0, 1, n - k, k + 1, against(p)) - betainc_by(1, 0, n - k, k + 1, against(p)),
            "n": lambda k, n, p: betainc_by(1, 0, n - k, k + 1, against(p)), "p": lambda k, n, p: -beta_density(k + 1, n - k, p)}
WHOLE_BINOMIAL = {"p": lambda k, n, p: BINOMIAL["p"](whole(k), whole(n), p)}
distribution({"bdtr": 1, "bdtrc": -1}, WHOLE_BINOMIAL, "k n p")
row("bdtri", None, None, lambda k, n, y, out: -_quantile_by_y(whole(n) - whole(k), whole(k) + 1, y), domain=(POSITIVE, POSITIVE, UNIT))
inverse("bdtrik", BINOMIAL, "y n p", "k n p", value=binomial)
inverse("bdtrin", BINOMIAL, "k y p", "k n p", value=binomial)

NEGATIVE = {"k": lambda k, n, p: betainc_by(0, 1, n, k + 1, odds(p)), "n": lambda k, n, p: betainc_by(1, 0, n, k + 1, odds(p)),
            "p": lambda k, n, p: beta_density(n, k + 1, p)}
WHOLE_NEGATIVE = {"p": lambda k, n, p: NEGATIVE["p"](whole(k), whole(n), p)}
distribution({"nbdtr": 1, "nbdtrc": -1}, WHOLE_NEGATIVE, "k n p")
row("nbdtri", None, None, lambda k, n, y, out: _quantile_by_y(whole(n), whole(k) + 1, y), domain=(POSITIVE, POSITIVE, UNIT))
inverse("nbdtrik", NEGATIVE, "y n p", "k n p", value=negative)
inverse("nbdtrin", NEGATIVE, "k y p", "k n p", value=negative)


# --- noncentral chi-square, F and t ---------------------------------------------------------------------------------------
def _chi2_mix(term):
    """A slope of the noncentral chi-square distribution: half the mixture of term(v/2 + j, x/2)."""
    def slope(x, v, c):
        peak = gamma_peak(0.5 * v, 0.5 * x, 0.5 * c)
        out = 0.5 * mixture(lambda j: term(column(0.5 * v) + j, column(0.5 * x)), c, peak)
        return out.astype(kind_of(x, v, c))

    return in_parts(slope)


CHI2_NC = {"x": _chi2_mix(gamma_density), "v": _chi2_mix(lambda a, x: gammainc_by(1, a, x)),
           "c": _chi2_mix(lambda a, x: -gamma_density(1 + a, x))}  # gamma_kernel(a, x)/a, without the pole
distribution({"chndtr": 1}, CHI2_NC, "x v c")
inverse("chndtrix", CHI2_NC, "y v c", "x v c", value=sp.chndtr)
inverse("chndtridf", CHI2_NC, "x y c", "x v c", value=sp.chndtr)
inverse("chndtrinc", CHI2_NC, "x v y", "x v c", value=sp.chndtr)


def _fisher_mix(term):
    """A slope of the noncentral F distribution: the mixture of term(m/2 + j, n/2, w, m, n), w = m x/n."""
    def slope(m, n, c, x):
        w = np.divide(m, n) * x
        peak = beta_peak(0.5 * m, 0.5 * n, w, 0.5 * c)
        out = mixture(lambda j: term(column(0.5 * m) + j, column(0.5 * n), column(w), column(m), column(n)), c, peak)
        return out.astype(kind_of(m, n, c, x))

    return in_parts(slope)


def _fisher_x(a, b, w, m, n):
    """By x = n w/m; where w is large, from w times the density of w, as the density may be below the range."""
    large = primal(w) > 1e20
    if not np.any(large):
        return odds_density(a, b, w) * m / n
    near = odds_density(a, b, np.where(large, 1.0, w)) * m / n
    return np.where(large, beta_kernel(a, b, w) / (w * np.divide(n, m)), near)


def _fisher_m(a, b, w, m, n):
    """By m, of which a = m/2 + j and w = m x/n hold one each: the slope with both moving alike, and the rest."""
    return 0.5 * fisher_by(1, 0, a, b, w * np.divide(b, a)) + 0.5 * beta_kernel(a, b, w) * (2 * a - m) / m / a  # m a leaves the range


FISHER_NC = {"m": _fisher_mix(_fisher_m), "n": _fisher_mix(lambda a, b, w, m, n: 0.5 * fisher_by(0, 1, a, b, w * np.divide(b, a))),
             "c": _fisher_mix(lambda a, b, w, m, n: -0.5 * beta_kernel(a, b, w) / a),
             "x": _fisher_mix(_fisher_x)}
FISHER_MIX = _fisher_mix(lambda a, b, w, m, n: np.where(w < 1, sp.betainc(a, b, w / (1 + w)), sp.betaincc(b, a, 1 / (1 + w))))


def fisher_value(m, n, c, x):
    """The noncentral F distribution function of plain numbers, by its mixture for small degrees of freedom, where SciPy's loses digits."""
    out, small = sp.ncfdtr(m, n, c, x), (np.minimum(m, n) < 1e-2) & (np.asarray(c) < 1e3)
    return np.where(small, FISHER_MIX(m, n, np.where(small, c, 1.0), x), out) if np.any(small) else out


distribution({"ncfdtr": 1}, FISHER_NC, "m n c x")
inverse("ncfdtri", FISHER_NC, "m n c y", "m n c x", value=fisher_value)
inverse("ncfdtridfn", FISHER_NC, "y n c x", "m n c x", value=fisher_value)
inverse("ncfdtridfd", FISHER_NC, "m y c x", "m n c x", value=fisher_value)
inverse("ncfdtrinc", FISHER_NC, "m n y x", "m n c x", value=fisher_value)

STUDENT_NC = {letter: lambda *args, orders=orders: noncentral_t_by(*orders, *args)
              for letter, orders in {"v": (1, 0, 0), "d": (0, 1, 0), "t": (0, 0, 1)}.items()}
STUDENT_GAP = in_parts(noncentral_t_gap)
distribution({"nctdtr": 1}, STUDENT_NC, "v d t")


def _student_slopes(unknown, known, least=4.0):
    """The slopes of t or of d, the unknown one: by its ratio to the other where both are beyond `least`, else from those of F."""
    def near(letter, v, d, t, y):
        slope = STUDENT_NC[unknown](v, d, t)
        return over(1, _told(slope, t if unknown == "t" else d)) if letter == "y" else over(-STUDENT_NC[letter](v, d, t), slope)

    def far(letter, v, d, t, y):
        return solved(int(unknown == "t"), y, v, *((d, t) if unknown == "t" else (t, d)))["c" if letter == known else letter]()

    def by(letter, v, d, t, y):
        large = (np.abs(primal(d)) > least) & (np.abs(primal(t)) > least) & (primal(d) * primal(t) > 0)
        if not np.any(large):
            return near(letter, v, d, t, y)
        own = far(letter, *(np.where(large, x, usual) for x, usual in zip((v, d, t, y), (5.0, 5.0, 5.0, 0.5))))
        return own if np.all(large) else np.where(large, own, near(letter, v, d, t, y))

    return {letter: functools.partial(by, letter) for letter in ("v", known, "y")}


inverse("nctdtrit", STUDENT_NC, "v d y", "v d t", gap=STUDENT_GAP, solved=_student_slopes("t", "d"))
inverse("nctdtridf", STUDENT_NC, "y d t", "v d t", gap=STUDENT_GAP)
inverse("nctdtrinc", STUDENT_NC, "v y t", "v d t", gap=STUDENT_GAP, solved=_student_slopes("d", "t"))


# --- normal, as the unknown mean or deviation --------------------------------------------------------------
def normal_quantile_slope(z):
    """One over the normal density at z."""
    return ROOT_2PI * np.exp(0.5 * z * z)


row("nrdtrimn", lambda p, s, x, out: -s * normal_quantile_slope(sp.ndtri(p)), lambda p, s, x, out: -sp.ndtri(p), 1,
    domain=(UNIT, POSITIVE, REAL))
row("nrdtrisd", lambda n, p, x, out: -1 / sp.ndtri(p), lambda n, p, x, out: -out / sp.ndtri(p) * normal_quantile_slope(sp.ndtri(p)),
    lambda n, p, x, out: 1 / sp.ndtri(p), domain=(REAL, UNIT, REAL))

in_double()

"""Each pointwise row of scipy.special with its truth in mpmath and the points at which it can be asked."""

import mpmath as m
import numpy as np
import scipy.special as sp
from differences import of_scipy
from special_truth import CLOSED, ORDERS, POLYNOMIALS, SEVERAL
from test_special import EXACT
from test_special_distributions import CONTINUOUS, DIRECT, INVERSE, UPPER, UPPER_TAIL

import dualnet as dn

ROWS = [row for row in dn.table if row.kind == "pointwise" and of_scipy(row)]


def complement(f):
    return lambda *args: 1 - f(*args)


def solved(name, f=None):
    """The inverse in mpmath: the root of the direct function (or of `f`), found from SciPy's solution."""
    direct, unknown, _ = INVERSE[name]
    f = f or CONTINUOUS.get(direct) or DIRECT[direct][0]
    place = {"gdtria": 0, "gdtrib": 1}.get(name, unknown)

    def root(*args):
        with m.extradps(10):
            y = args[place] if name not in UPPER_TAIL else 1 - args[place]
            start = m.mpf(float(getattr(sp, name)(*map(float, args))))
            gap = lambda x: f(*args[:unknown], x, *args[unknown + 1:]) - y
            return m.findroot(gap, (start, start * (1 + m.mpf(10) ** -9)), tol=m.eps * 1e6, verify=False)

    return root


def success(quantile):
    """bdtri by the quantile of the beta distribution, which is the probability of failure: next to a success of 1 that has the digits."""
    return lambda k, n, y: 1 - quantile(n - k, k + 1, y)


class NoTruth(Exception):
    """mpmath has no value at a point: its series does not converge, its formula has a removable pole, or there is no real root."""


def known(f):
    def value(*args):
        try:
            return f(*args)
        except (TypeError, ValueError, ZeroDivisionError) as error:
            raise NoTruth from error

    return value


def truths():
    """The function in mpmath of each row, by name."""
    out = {name: f for table in (EXACT, POLYNOMIALS, ORDERS, CLOSED) for name, (f, _) in table.items()}
    for name, (functions, _) in SEVERAL.items():
        out |= {name if len(functions) == 1 else f"{name}[{k}]": f for k, f in enumerate(functions)}
    out |= {name: f for name, (f, _, _) in DIRECT.items()}
    out |= {upper: complement(DIRECT[name][0]) for upper, name in UPPER.items()}
    out |= {name: solved(name) for name in INVERSE}
    out["bdtri"] = success(out["betaincinv"])
    out["_lambertw"] = lambda x, k, tol: m.lambertw(x, k)
    out["_smirnovp"] = lambda n, d: m.diff(lambda t: out["smirnov"](n, t), d)
    return {row.name: known(out[row.name if row.name in out else row.name.removeprefix("special.")]) for row in ROWS}


TRUTH = truths()
COUNTS = {"eval_hermite": 1, "eval_hermitenorm": 1, "yn": 1, "kn": 1, "expn": 1, "lpmv": 1, "smirnov": 1, "_smirnovp": 1, "smirnovi": 1,
          "pdtr": 1, "pdtrc": 1, "pdtri": 1} | dict.fromkeys(
              ("bdtr", "bdtrc", "bdtri", "nbdtr", "nbdtrc", "nbdtri"), 2)  # how many leading arguments are whole

# orthogonal polynomials with values from a series that does not converge: the shape, where it is whole, and the end of that
LEFT = {"eval_jacobi": (2, 0, -0.5), "eval_sh_jacobi": (2, 0, 0.25), "eval_gegenbauer": (1, 0.5, -0.5)}


def admissible(row, points, most=4):
    """Points drawn from the domain of each argument, made such that the function is defined and smooth there.

    Of a function whose search in SciPy often fails, `most` of those that it solved.
    """
    name, points = row.name, list(points)
    base = name.split("[")[0]
    whole = COUNTS.get(base, 1 if base.startswith("mathieu") else 2 if base.startswith(("pro_", "obl_")) else 0)
    for k in range(whole):
        points[k] = np.floor(points[k]) + 1
    if base.removesuffix("i").removesuffix("c") in ("bdtr", "nbdtr"):
        points[0] = points[0] + 3  # a polynomial whose third derivative is not 0
    if base.startswith(("pro_", "obl_", "bdtr")) and base not in ("bdtrik", "bdtrin"):  # m <= n, and k < n
        points[1] = points[0] + points[1] - 1 if not base.startswith("bdtr") else (points[0] + points[1]).astype(int)
    if base == "pbvv":
        points[0] = np.floor(points[0]) + 0.1 + 0.8 * (points[0] % 1)  # SciPy's values are wrong next to whole orders
    if base == "kolmogorov":
        points[0] = points[0] + 0.2  # where mpmath tells its value from 1
    if "smirnov" in base:
        points[0] = 2 * points[0] + 3  # no even number, for which 1/2 is a knot, nor a small one, whose third derivative is 0
        if base != "smirnovi":  # beside a knot, where the third or a higher derivative jumps
            steps = points[0] * points[1]
            points[1] = (np.floor(steps) + np.clip(steps % 1, 0.05, 0.95)) / points[0]
    if "rad2" in base:  # nearer, and for higher orders, SciPy's values are wrong, and dualnet raises
        points[0], points[1], points[2], points[-1] = points[0] % 2, points[0] % 2 + 1, points[2] / 2 + 3, points[-1] + 2.5
    if base.endswith("_cv") and len(points) == 5:
        points[3] = getattr(sp, base.split("_")[0] + "_cv")(*points[:3])
    if base == "tklmbda":  # inside of the support, (-1/shape, 1/shape)
        points[0] = points[0] / np.maximum(1.1 * np.abs(points[0]) * points[1], 1)
    if base in ("hyperu", "pbdv"):  # next to a whole b or order, not at it, SciPy's values are wrong
        k = int(base == "hyperu")
        part = points[k] % 1
        points[k] = np.where(part, np.floor(points[k]) + 0.05 + 0.9 * part, points[k])
    if base in LEFT:  # left of the middle of (-1, 0) SciPy's values of whole b, and of half-odd a, are NaN or have no digit in places
        k, start, end = LEFT[base]
        points[k] = np.where((points[-1] < end) & (np.abs(points[k] - start - np.round(points[k] - start)) < 1e-12),
                             points[k] + 0.0625, points[k])
    if base == "owens_t":  # further out its derivatives are lost in 80 digits of its differences
        points = [p / 2 for p in points]
    if base == "pbwa":  # at (0, 0) a derivative by its order is 0, to rounding only
        points[0] = np.where(points[0] == 0, 0.25, points[0])
    if base == "stdtridf":  # nearer to t = 0 the steps of the truth's differences are no smaller than the probability's distance from 1/2
        points[1] = points[1] + np.where(np.abs(points[1]) < 0.25, 0.5, 0.0)
    if base in ("nctdtr", "nctdtrinc"):  # nearer to t = 0 derivatives by the degrees of freedom fall off as t^4, below rounding of 1
        points[2] = points[2] + np.where(np.abs(points[2]) < 0.25, 0.5, 0.0)
    if base == "_lambertw":
        points = [np.abs(points[0]), np.zeros_like(points[1], int), np.full_like(points[2], 1e-8)]
    if base.startswith("eval_hermite"):
        points[0] = points[0].astype(int)
    if name in INVERSE and name not in ("smirnovi", "kolmogi"):
        points = attained(name, points, most)
    return tuple(points)


def attained(name, points, most):
    """The points of an inverse with a probability that its direct function takes: that of a drawn value of the unknown."""
    direct, unknown, _ = INVERSE[name]
    place = {"gdtria": 0, "gdtrib": 1}.get(name, unknown)
    y = points[place]
    f = {"poisson": lambda k, x: sp.gammaincc(k + 1, x), "binomial": lambda k, n, p: sp.betainc(n - k, k + 1, 1 - p),
         "negative": lambda k, n, p: sp.betainc(n, k + 1, p)}.get(direct) or getattr(sp, direct)
    at = {"stdtrit": 8 * y - 4, "nctdtrit": 8 * y - 4, "nctdtrinc": 8 * y - 4, "bdtrin": points[0] + 0.1 + 3 * y}.get(
        name, y if name in ("betaincinv", "betainccinv", "btdtria", "bdtri", "nbdtri") else 0.3 + 3 * y)
    full = [*points[:unknown], at, *points[unknown + 1:]]
    if name == "bdtrik":
        full[1] = at + 0.1 + points[1]
    p = np.minimum(f(*full), 0.999)  # the truth's differences take steps of 1e-10
    full[place] = p if name not in UPPER_TAIL else 1 - p
    if name in LOST:
        found = (np.abs(getattr(sp, name)(*full) - at) < 1e-3 * np.abs(at)) & (full[place] > 1e-7)  # whose search leaves 1e-10 of it
        full = [x[found][:most] for x in full] if np.any(found) else full
    return full


# whose search in SciPy often ends without the solution, so that more points are drawn, and four solved ones kept: the distribution
# function is not monotonic
LOST = set("ncfdtridfn ncfdtridfd nctdtridf nctdtrinc".split())
# of arguments from 1e8 on (and of NaN, the Mathieu and spheroidal ones) SciPy's own values take minutes, or crash the interpreter
ENDLESS = set("hyp1f1 hyperu eval_legendre eval_sh_legendre eval_laguerre eval_genlaguerre eval_gegenbauer lpmv pbdv pbvv "
              "chndtrix chndtrinc ncfdtr ncfdtri ncfdtridfn ncfdtridfd ncfdtrinc nctdtr nctdtrit nctdtrinc".split())
CRASHING = ("mathieu_", "pro_", "obl_")

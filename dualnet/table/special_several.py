"""Rows of ``scipy.special`` functions with several results: a row for each result, and the whole composed of them.

Airy's functions, the integrals that come in pairs, Kelvin's, Jacobi's elliptic, parabolic cylinder, Mathieu and
spheroidal functions. By their argument they obey a differential equation of second order, which gives the slope of
their slope; by an order or a parameter most have no closed form and are differentiated by their values.
"""

import functools
import math

import numpy as np
import scipy.special as sp
from scipy.special import _ufuncs

from dualnet.errors import NotDifferentiableError
from dualnet.table.airy import airye_by
from dualnet.table.bessel import FARTHEST
from dualnet.table.cylinder import slope_d, slope_v, value_d, value_v
from dualnet.table.cylinder_orders import by_order
from dualnet.table.domain import OPEN, POSITIVE, REAL, Domain
from dualnet.table.faddeeva import faddeeva_by
from dualnet.table.mathieu import MODIFIED, mathieu_a_by, mathieu_b_by, mathieu_cem_by, mathieu_sem_by
from dualnet.table.parameters import absolute, in_double, numeric
from dualnet.table.row import TABLE, Traced, composed, pointwise, primal, shape_of
from dualnet.table.special import DEGREE, ROOT_2, UNIT, kelvin_be, kelvin_ke, near, of_real, polynomial, row
from dualnet.table.spheroidal import spheroidal
from dualnet.table.spheroidal_values import spheroidal_cv_by
from dualnet.table.theta import LARGEST, elliptic_by
from dualnet.table.weber import weber_by


def several(name, *columns, domain=REAL, doc, guard=None, plain=None, by_results=True):
    """Enter a ufunc with several results.

    A column belongs to an argument: None, ``absolute``, or one function for each result, of the inputs and, if `by_results`, of all
    results. `guard`, a function of the inputs, raises where the values are too wrong to be differentiated; `plain` gives better ones.
    """
    function = getattr(_ufuncs, name)

    def partial(column, k):
        if not isinstance(column, tuple):
            return column
        return lambda *args: column[k](*args[:-1], *(function(*args[:-1]) if by_results else ()))

    def guarded(inner):
        return lambda *args: (guard(*args[:-1]), inner(*args))[1]

    def part(k):
        partials = [partial(column, k) for column in columns]
        whole = pointwise(lambda *args: function(*args)[k], *partials, name=f"{name}[{k}]", domain=domain)
        row = numeric(whole, plain and plain[k])
        if guard is not None:
            row.partials = tuple(p if p is None else guarded(p) for p in row.partials)
        return row

    parts = [part(k) for k in range(function.nout)]

    def rule(*args):
        return tuple(part(*args) for part in parts)

    rule.__name__, rule.__doc__ = name, doc
    composed(function)(rule)


row("pro_cv", None, None, lambda m, n, c, out: spheroidal_cv_by(1, 1, m, n, c), domain=POSITIVE)
row("obl_cv", None, None, lambda m, n, c, out: spheroidal_cv_by(-1, 1, m, n, c), domain=POSITIVE)


def _sinhc(x):
    """sinh(x)/x."""
    return 0.5 * (sp.exprel(x) + sp.exprel(-x))


def _sincosine(x, s, c):
    """sin(x)/x."""
    return near(x, 1.0, lambda x: np.sinc(x / math.pi), lambda x: np.sin(x) / x)


def _lost(x):
    """What x*x loses in rounding (Dekker 1971), which is a whole phase for x beyond 1e8."""
    x = np.where(np.abs(x) < 1e100, x, 0.0)
    high = 134217729.0 * x
    high = high - (high - x)
    low, square = x - high, x * x
    return ((high * high - square) + 2 * high * low) + low * low


def _turns(x):
    """x*x without its whole multiples of 4, which sin(pi/2 x*x) does not see; the square of a double beyond 2^54 is one."""
    if np.iscomplexobj(primal(x)):
        return x * x
    plain = np.where(np.abs(primal(x)) > 2.0**54, primal(x), 0.0)
    return np.remainder((x - plain) * (x + plain), 4.0) + _lost(np.asarray(primal(x), float))


def _rise(f, sign):
    """sign (f(x) - 1)/x for J0 (sign -1) or I0 (sign 1), by the series (DLMF 10.2.2, 10.25.2) where that cancels."""
    coefficients = [sign**k / math.factorial(k + 1) ** 2 for k in range(14)]
    return lambda x, *_: near(x, 2.0, lambda x: x / 4 * polynomial(x * x / 4, coefficients), lambda x: sign * (f(x) - 1) / x, outer=3.0)


# --- by the argument alone ----------------------------------------------------------------------------------------
several("airy", (lambda x, a, da, b, db: da, lambda x, a, da, b, db: x * a, lambda x, a, da, b, db: db, lambda x, a, da, b, db: x * b),
        doc="Airy's functions and their slopes: Ai, Ai', Bi, Bi'.")


several("airye", tuple(of_real(lambda x, k=k: airye_by(k, 1, x)) for k in range(4)), domain=POSITIVE, by_results=False,
        doc="Airy's functions and their slopes, exponentially scaled.")


def _ai(x):
    """Ai(x), which is below the range beyond 200, where SciPy's is NaN in the end."""
    gone = primal(x) > 200
    return np.where(gone, 0.0, sp.airy(np.where(gone, 1.0, x))[0]) if np.any(gone) else sp.airy(x)[0]


several("itairy", (lambda x, *_: _ai(x), lambda x, *_: sp.airy(x)[2], lambda x, *_: _ai(-x), lambda x, *_: sp.airy(-x)[2]),
        doc="Integrals of Ai(t), Bi(t), Ai(-t) and Bi(-t) from 0.")
several("shichi", (lambda x, s, c: _sinhc(x), lambda x, s, c: np.cosh(x) / x), domain=POSITIVE, doc="Hyperbolic sine and cosine integrals.")
several("sici", (_sincosine, lambda x, s, c: np.cos(x) / x), domain=POSITIVE, doc="Sine and cosine integrals.")
several("fresnel", (lambda x, s, c: np.sin(0.5 * math.pi * _turns(x)), lambda x, s, c: np.cos(0.5 * math.pi * _turns(x))),
        doc="Fresnel's integrals.")


def _fresnel(sign):
    """The slopes of F(x), the integral of exp(sign i t^2) from x on, and of K = exp(-sign i (x^2 + pi/4))/sqrt(pi) F = w(i z)/2."""
    turn = complex(1, -sign) / ROOT_2
    return (lambda x, f, k: -np.exp(sign * 1j * x * x) * np.exp(sign * 1j * _lost(primal(x))),
            lambda x, f, k: 0.5j * turn * faddeeva_by(1, 1j * turn * x))


# left of 0 SciPy's imaginary parts of F+ and F- are wrong (those of F(|x|)'s real part); the slopes are right there, too
several("modfresnelp", _fresnel(1), domain=POSITIVE, doc="Modified Fresnel integrals F+ and K+.")
several("modfresnelm", _fresnel(-1), domain=POSITIVE, doc="Modified Fresnel integrals F- and K-.")
several("kelvin", (lambda x, *_: kelvin_be(x), lambda x, *_: kelvin_ke(x), lambda x, *_: kelvin_be(x, 2), lambda x, *_: kelvin_ke(x, 2)),
        domain=POSITIVE, doc="Kelvin's functions ber + i bei and ker + i kei, and their slopes.")
def _in_full(f, neighbour):
    """J0 or Y0, also far out, where SciPy's have lost the phase: there it is the slope of J1 or Y1 but for a share of 1/x."""
    def value(x):
        far = np.abs(primal(x)) > FARTHEST
        if not np.any(far):
            return f(x)
        z = np.where(far, x, 2 * FARTHEST)
        return np.where(far, TABLE[neighbour].partials[0](z, None), f(np.where(far, 1.0, x)))

    return value


_j0, _y0 = _in_full(sp.j0, "j1"), _in_full(sp.y0, "y1")
several("itj0y0", (lambda x, a, b: _j0(x), lambda x, a, b: _y0(x)), domain=POSITIVE, doc="Integrals of j0 and y0 from 0.")
several("iti0k0", (lambda x, a, b: sp.i0(x), lambda x, a, b: sp.k0(x)), domain=POSITIVE, doc="Integrals of i0 and k0 from 0.")
several("it2j0y0", (_rise(_j0, -1), lambda x, a, b: -_y0(x) / x), domain=POSITIVE,
        doc="Integrals of (1 - j0(t))/t from 0 and of y0(t)/t to infinity.")
several("it2i0k0", (_rise(sp.i0, 1), lambda x, a, b: -sp.k0(x) / x), domain=POSITIVE,
        doc="Integrals of (i0(t) - 1)/t from 0 and of k0(t)/t to infinity.")


# --- elliptic and parabolic cylinder -------------------------------------------------------------------------------
def _by_u(k, slope):
    """The slope by u from the values; by theta functions where it is differentiated by m, where u is so large that SciPy's values have no
    digit of its phase, and for m so near 1 that they are expansions for small u."""
    def of(u, m):
        if isinstance(m, Traced):
            return elliptic_by(k, 1, 0, u, m)
        rough = (primal(m) >= 1 - 1e-10) | ~(np.abs(primal(u)) < LARGEST)
        if not np.any(rough):
            return slope(m, *sp.ellipj(u, m))
        own = elliptic_by(k, 1, 0, np.where(rough, u, 0.0), np.where(rough, m, 0.5))
        return own if np.all(rough) else np.where(rough, own, slope(m, *sp.ellipj(np.where(rough, 0.0, u), np.where(rough, 0.5, m))))

    return of


several("ellipj", tuple(_by_u(k, slope) for k, slope in enumerate((
    lambda m, sn, cn, dn, ph: cn * dn, lambda m, sn, cn, dn, ph: -sn * dn, lambda m, sn, cn, dn, ph: -m * sn * cn,
    lambda m, sn, cn, dn, ph: dn))), tuple(lambda u, m, k=k: elliptic_by(k, 0, 1, u, m) for k in range(4)), domain=(REAL, UNIT),
        by_results=False, doc="Jacobi's elliptic functions sn, cn, dn and the amplitude.")


def cylinder(name, value, slope, doc):
    """Enter a parabolic cylinder function by values that keep their digits where SciPy's do not."""
    def bend(v, x, out=None):
        return (0.25 * x * x - v - 0.5) * first(v, x)

    first = numeric(pointwise(value, absolute, lambda v, x, out: second(v, x), name=f"{name} value"))
    second = numeric(pointwise(slope, absolute, bend, name=f"{name} slope"))
    by_order(first, name, 0), by_order(second, name, 1)
    several(name, (lambda v, x: first.partials[0](v, x, None), lambda v, x: second.partials[0](v, x, None)),
            (second, bend), plain=(value, slope), by_results=False, doc=doc)


cylinder("pbdv", value_d, slope_d, "The parabolic cylinder function D and its slope.")
cylinder("pbvv", value_v, slope_v, "The parabolic cylinder function V and its slope.")
several("pbwa", (lambda a, x: weber_by(1, 0, a, x), lambda a, x: weber_by(1, 1, a, x)),
        (lambda a, x: weber_by(0, 1, a, x), lambda a, x: (a - 0.25 * x * x) * weber_by(0, 0, a, x)), by_results=False,
        doc="The parabolic cylinder function W and its slope.")


# --- Mathieu: y'' = (q 2 cos 2x - a) y, x in degrees; modified: y'' = (a - 2 q cosh 2x) y (DLMF 28.2.1, 28.20.1) ---------
row("mathieu_a", None, lambda m, q, out: mathieu_a_by(1, m, 0, q), domain=POSITIVE)
row("mathieu_b", None, lambda m, q, out: mathieu_b_by(1, m, 0, q), domain=POSITIVE)


def as_its_series(name):
    """A guard for the modified functions, which SciPy gets wrong next to q = 0, and has no values of where their phase is lost."""
    def guard(*point):
        point = tuple(np.asarray(primal(v)) for v in point)
        with np.errstate(all="ignore"):
            own = [MODIFIED[name].value(p, *point) for p in (0, 1)]
            plain = getattr(sp, name)(*point)
            errors = [np.where(np.isnan(y) & np.isfinite(z), np.inf, np.abs(y - z) / (np.abs(own[0]) + np.abs(own[1])))
                      for y, z in zip(plain, own)]
        error = np.where((point[1] > 0) & (point[1] < 1e-20), np.inf, np.fmax(*errors))  # there the series leaves the range
        too_wrong(name, error, 1e-10 if name.endswith("2") else 1e-9, "m, q, x", point, "the sum of its series",
                  "take a larger q and a smaller x")

    return guard


def too_wrong(name, error, bound, letters, point, what, cure):
    """Raise where `what` is off, and so SciPy's own values."""
    if not np.any(error > bound):
        return
    at = np.unravel_index(np.nanargmax(error), shape_of(error))
    point = ", ".join(f"{np.broadcast_to(v, shape_of(error))[at]:g}" for v in point)
    raise NotDifferentiableError(f"scipy.special.{name} at {letters} = {point} is wrong itself ({what} is "
                                 f"off by {np.nanmax(error):.0e}), so it has no derivative worth having; {cure}")


def next_to_0(even, a, q, x, y, dy):
    """A modified function of the first kind and its slope. The odd one of them SciPy knows next to x = 0 to rounding of the other only;
    there it is that times x and the first terms of its series by the equation."""
    k = a - 2 * q
    close = np.abs(primal(x)) * (1 + np.abs(primal(k)) + np.abs(primal(q))) < 1e-5
    if not np.any(close):
        return y, dy
    z = np.where(close, x, 0)
    if even:
        return y, np.where(close, z * (y * (k - z * z * (k * k + 4 * q) / 3)), dy)
    return np.where(close, z * (dy * (1 - k * z * z / 3)), y), dy


def odd_by_q(even, a, a_q, by_q, m, q, x, y, dy):
    """The slope by q of the odd one of the two, which next to x = 0 would be rounding of the other: that of its series there."""
    own, k, k_q = by_q(int(even), m, q, x), a - 2 * q, a_q - 2
    close = np.abs(primal(x)) * (1 + np.abs(primal(k)) + np.abs(primal(q))) < 3e-4
    if not np.any(close):
        return own
    z, other = np.where(close, x, 0), by_q(int(not even), m, q, x)
    if even:
        near = z * (other * (k - z * z * (k * k + 4 * q) / 3) + y * (k_q - z * z * (2 * k * k_q + 4) / 3))
    else:
        near = z * (other * (1 - k * z * z / 3) - dy * k_q * z * z / 3)
    return np.where(close, near, own)


def mathieu(name, characteristic, value, by_q, doc):
    """Enter a Mathieu function of a whole order m, of q and of x: `value` and `by_q` give it (p = 0) and its slope (p = 1), and the
    slopes of these by q, of (p, m, q, x), from its series."""
    modified, even = name in MODIFIED, characteristic is sp.mathieu_a
    unit = 1 if modified else DEGREE

    def known(m, q, x):
        y, dy = value(0, m, q, x), value(1, m, q, x)
        return next_to_0(even, characteristic(m, q), q, x, y, dy) if name.endswith("em1") else (y, dy)

    def bend(m, q, x):
        wave = np.cosh(2 * x) if modified else np.cos(2 * DEGREE * x)
        return (1 if modified else -DEGREE) * (characteristic(m, q) - 2 * q * wave) * known(m, q, x)[0]

    def of_q(p, m, q, x):
        if not (name.endswith("em1") and even == (p == 1)):
            return by_q(p, m, q, x)
        slope = (mathieu_a_by if even else mathieu_b_by)(1, m, 0, q)
        return odd_by_q(even, characteristic(m, q), slope, by_q, m, q, x, value(0, m, q, x), value(1, m, q, x))

    several(name, None, tuple(lambda *args, p=p: of_q(p, *args) for p in (0, 1)), (lambda *args: unit * known(*args)[1], bend),
            domain=POSITIVE, doc=doc, guard=as_its_series(name) if modified else None, by_results=False)


for letter, parity, characteristic, series in (("c", "even", sp.mathieu_a, mathieu_cem_by), ("s", "odd", sp.mathieu_b, mathieu_sem_by)):
    mathieu(f"mathieu_{letter}em", characteristic, functools.partial(series, 0), functools.partial(series, 1),
            f"Mathieu's {parity} function and its slope.")
    for kind, of in ((1, "first"), (2, "second")):
        own = MODIFIED[f"mathieu_mod{letter}em{kind}"]
        mathieu(f"mathieu_mod{letter}em{kind}", characteristic, own.value, own.by_q,
                f"Mathieu's modified {parity} function of the {of} kind and its slope.")


# --- spheroidal -----------------------------------------------------------------------------------------------------------
def as_the_series(name, value):
    """A guard for spheroidal functions, which SciPy gets wrong next to c = 0, but not at 0, for large c and, of the second kind, for
    small x."""
    function, letters = getattr(_ufuncs, name), "m, n, c, cv, x" if name.endswith("_cv") else "m, n, c, x"

    def guard(*point):
        point = tuple(np.asarray(primal(v)) for v in point)
        with np.errstate(all="ignore"):
            own, y, dy = function(*point)[0], *(value(p, *point) for p in (0, 1))
            error = np.where(np.isfinite(own) & ~np.isfinite(y), np.inf, np.abs(own - y) / (np.abs(y) + np.abs(point[-1] * dy)))
        too_wrong(name, error, 1e-8, letters, point, "the sum of its series", "take a smaller c, and 0 or at least 1e-5, and a larger x")

    return guard


def by_series(kind, part, given, domain, doc):
    """Enter a spheroidal function of whole m and n, of c, where it is `given` of its characteristic value, and of x by its own series."""
    value, name = spheroidal(1 if kind == "pro" else -1, part, given), f"{kind}_{part}" + "_cv" * given
    zero = (0,) * (1 + given)
    column = lambda orders, more=0: tuple(lambda *args, k=k: value(orders, k + more, *args) for k in (0, 1))
    columns = [column((0, 1))] if given else []
    several(name, None, None, column((1, *zero[1:])), *columns, column(zero, 1), domain=(POSITIVE,) * (3 + given) + (domain,), doc=doc,
            guard=as_the_series(name, lambda *args: value(zero, *args)), by_results=False)


FORMS = {"ang1": "angular spheroidal function of the first kind", "rad1": "radial spheroidal function of the first kind",
         "rad2": "radial spheroidal function of the second kind"}
for kind, word, reach in (("pro", "prolate", Domain(low=1.0)), ("obl", "oblate", POSITIVE)):
    for part, words in FORMS.items():
        for given, more in ((False, "."), (True, ", for a characteristic value.")):
            by_series(kind, part, given, OPEN(-1, 1) if part == "ang1" else reach, f"The {word} {words} and its slope{more}")

in_double()

"""The incomplete gamma and beta functions by their parameters, to every order: what distributions share.

With f the density, ``P(a, x) = int_0^x f`` and its derivative by a is the integral of f times the score
``d log f/da = log t - psi(a)``, which rises with t and has mean 0. So the derivative is the integral from 0 to x, and
minus that from x on; on the side of x where the score keeps its sign nothing cancels, and the derivative is right to
full precision also far out in the tails (the series of Moore 1982, AS 187, and the continued fractions of Boik and
Robison-Cox 1998 stop at 1e-6 to 1e-12 or in part of the plane). Higher orders replace the score by a Bell polynomial
of its derivatives. The integral is taken by Gauss and Legendre in z = log t, or z = log(t/(1-t)), where the integrand
is analytic within a strip of half-width pi and falls off exponentially or faster on both sides.

The beta distribution is taken by its odds w = x/(1-x), so that x and 1 - x are both known to full precision.
"""

import itertools
import math

import numpy as np
import scipy.special as sp

from dualnet.table.densities import beta_kernel, gamma_density, gamma_kernel
from dualnet.table.domain import POSITIVE
from dualnet.table.doubled import gauss_legendre
from dualnet.table.row import pointwise, primal
from dualnet.table.scores import beta_bell, beta_slopes, fisher_bell, front_factor, gamma_bell, gamma_score
from dualnet.table.stirling import log1p_less, psi_step

NODES, WEIGHTS = gauss_legendre(40)
NODES, WEIGHTS = (NODES + 1) / 2, WEIGHTS / 2
PANEL = 5.0     # longest piece of z taken by one rule where the integrand is more than an exponential
FLAT = 37.0     # beyond log(t) = -FLAT, t is lost beside 1
DEPTH = 45.0    # the integrand is left out where it has fallen by exp(-DEPTH)
CHUNK = 1 << 14
LARGEST = 1e18   # parameter at which exponents still have two digits; beyond it NaN


# --- the quadrature: plain numbers ------------------------------------------------------------------------------------


def panel(f, low, high, parts=()):
    """The integral of f(z, place) over each [low, high], where `place` says which element; 0 where low >= high. `parts` is the shape of
    what f gives for each z, if it is more than a number, along leading axes."""
    out = np.zeros((*parts, low.size))
    for start in range(0, low.size, CHUNK):
        place = start + np.flatnonzero((high > low)[start:start + CHUNK])
        if place.size:
            length = (high - low)[place]
            out[..., place] = length * (f(low[place, None] + length[:, None] * NODES, place[:, None]) @ WEIGHTS)
    return out


def integral(f, low, high, left, right, parts=()):
    """The integral of f over [low, high]: to the left of `left` and to the right of `right` in one piece, between
    them in pieces of at most PANEL."""
    out = panel(f, low, np.minimum(high, left), parts) + panel(f, np.maximum(low, right), high, parts)
    low, high = np.maximum(low, left), np.minimum(high, right)
    count = np.ceil(np.maximum(high - low, 0) / PANEL)
    for k in range(int(np.max(np.nan_to_num(count), initial=0))):
        here = k < count
        step = np.where(here, (high - low) / np.maximum(count, 1), 0.0)
        out = out + panel(f, low + k * step, low + (k + 1) * step, parts)
    return np.where(np.isnan(count), np.nan, out)


def reach(fall, start, halvings=4):
    """How far from its peak an integrand has fallen by DEPTH; `start` is of the order of the peak's width."""
    low, high = np.zeros_like(start), start
    for _ in range(60):
        short = fall(high) < DEPTH
        if not np.any(short):
            break
        low, high = np.where(short, high, low), np.where(short, 1.6 * high, high)
    for _ in range(halvings):
        middle = 0.5 * (low + high)
        short = fall(middle) < DEPTH
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return high


def descend(depth, slope, start):
    """Where a convex function of the distance passes DEPTH, by Newton's method from beyond."""
    v = start
    for _ in range(100):  # of large shapes dozens, as the depth grows by the square of the distance, or exponentially
        step = (depth(v) - DEPTH) / slope(v)
        if not np.any(step > 0.05 * v):
            break
        v = np.where(step > 0, np.maximum(v - step, 0.5 * v), v)
    return v


def kind_of(*args):
    """The floating type of what these numbers give."""
    return np.result_type(*(np.asarray(primal(x)) for x in args), np.float16)  # as arrays: Python's numbers would be weak


def numbers(function):
    """An elementwise function of (orders, parameters...) for flat float64 arrays of finite positive numbers, made
    to take any arrays; what is 0 or infinite gives 0, what is negative, NaN or a parameter beyond LARGEST gives NaN; but 0
    where it is so far from the mean that nothing is left of the density."""
    def call(*args):
        orders, args = args[:-function.arity], args[-function.arity:]
        kind = kind_of(*args)
        arrays = np.broadcast_arrays(*(np.asarray(x, float) for x in args))
        shape = arrays[0].shape
        arrays = [x.reshape(-1) for x in arrays]
        good = np.logical_and.reduce([(x > 0) & (x < np.inf) for x in arrays])
        lost = np.logical_or.reduce([~(x >= 0) for x in arrays] + [(x > LARGEST) & (x < np.inf) for x in arrays[:-1]])
        with np.errstate(all="ignore"):
            lost &= ~(function.gone(*arrays) & np.logical_and.reduce([x >= 0 for x in arrays]))
        out, good = np.where(lost, np.nan, 0.0), good & ~lost & (np.max(arrays[:-1], axis=0) <= LARGEST)
        if np.any(good):
            with np.errstate(all="ignore"):
                out[good] = function(*orders, *(x[good] for x in arrays))
        return out.reshape(shape).astype(kind)[()]

    return call


def gamma_tail(a, x, factor, parts=()):
    """The integral from 0 to x of the gamma density times factor(u, place), u the logarithm of t/x; or, beyond the middle, minus that
    from x on, which is the same of a derivative of the density."""
    kernel, lower = gamma_kernel(a, x), gamma_score(a, x) < 0
    f = lambda u, i: factor(u, i) * kernel[i] * np.exp(a[i] * u - x[i] * np.expm1(u))

    rest = DEPTH - 2 * (a - x)
    root = np.hypot(rest, np.sqrt(8 * DEPTH * a))
    below = np.where(rest > 0, (rest + root) / (2 * a), 4 * DEPTH / (root - rest))
    below = descend(lambda v: a * v + x * np.expm1(-v), lambda v: a - x * np.exp(-v), below)
    above = 2 * DEPTH / (x - a + np.hypot(x - a, np.sqrt(2 * DEPTH * x)))
    most = 2 * DEPTH + 2 * a * np.log1p((2 * DEPTH + a) / x)
    above = np.minimum(above, np.log1p(most / x))
    above = descend(lambda v: x * np.expm1(v) - a * v, lambda v: x * np.exp(v) - a, above)
    left = -FLAT - np.log1p(a) - np.log(x)
    out = integral(f, np.where(lower, -below, 0.0), np.where(lower, 0.0, above), left, np.full_like(a, np.inf), parts)
    return np.where(kernel > 0, np.where(lower, 1, -1) * out, 0.0)


def _gamma_order(k, a, x):
    """The k-th derivative of P(a, x) by a, k > 0."""
    score = gamma_score(1 + a if k > 1 else a, x)
    return gamma_tail(a, x, lambda u, i: gamma_bell(k, a[i], score[i] + u))


_gamma_order.arity = 2
_gamma_order.gone = lambda a, x: np.abs(np.minimum(x / a, 2.0) - 1) > 1e-3


def _fall(a, b, p, q, u):
    """The logarithm of p^a q^b at log-odds lower by -u, over that at p + q = 1: a u - (a+b) log(q + p exp(u)).

    Until odds of 1 this is -b u - (a+b) log(p + q exp(-u)), which keeps its digits for large a.
    """
    loss, gain = p * np.expm1(u), q * np.expm1(-u)
    low = a * u - (a + b) * np.where(loss > -0.5, np.log1p(loss), np.log(q + p * np.exp(u)))
    return np.where((p > 0.5) & (gain < 1), -b * u - (a + b) * np.log1p(gain), low)


def _beta_lower(a, b, w, factor):
    """The integral of the beta density times factor(z, place) over log-odds z below log(w)."""
    z, p, q, kernel = np.log(w), w / (1 + w), 1 / (1 + w), beta_kernel(a, b, w)
    depth = lambda v: -_fall(a, b, p, q, -v)
    start = np.maximum(z - np.log(a / (a + 2 * b)), 0.0)  # from here on the depth grows by a/2 at least
    start = start + np.maximum(DEPTH - depth(start), 0.0) * 2 / a
    reach = descend(depth, lambda v: a - (a + b) / (1 + np.exp(v - z)), start)
    edge = FLAT + np.log1p(a + b)
    f = lambda u, i: factor(z[i] + u, i) * kernel[i] * np.exp(_fall(a[i], b[i], p[i], q[i], u))
    return np.where(kernel > 0, integral(f, -reach, np.zeros_like(a), -edge - z, edge - z), 0.0)


def _beta_moment(j, k, a, b, w):
    """d^(j+k)/da^j db^k of the beta distribution's mass at odds below w, as the integral from 0 on."""
    return _beta_lower(a, b, w, lambda z, i: beta_bell(j, k, a[i], b[i], -np.logaddexp(0, -z), -np.logaddexp(0, z)))


def _beta_order(j, k, a, b, w):
    """d^(j+k)/da^j db^k of the beta distribution function at the odds w, j + k > 0."""
    out = np.empty_like(a)
    lower = np.log1p(1 / w) > psi_step(a, b) if j >= k else np.log1p(w) < psi_step(b, a)
    out[lower] = _beta_moment(j, k, a[lower], b[lower], w[lower])
    out[~lower] = -_beta_moment(k, j, b[~lower], a[~lower], 1 / w[~lower])
    return out


def _beta_gone(a, b, w):
    """True where one of a and b > LARGEST and the share of ones is not nearly the mean a/(a + b)."""
    p, q = 1 / (1 + 1 / w), 1 / (1 + w)
    mean, rest = 1 / (1 + b / a), 1 / (1 + a / b)
    low, high = np.abs(np.minimum(p / mean, 2.0) - 1), np.abs(np.minimum(q / rest, 2.0) - 1)
    return (np.maximum(low, high) > 1e-3) & (np.maximum(a * low * low, b * high * high) > 1e6)


_beta_order.arity, _beta_order.gone = 3, _beta_gone


def _fisher_scores(j, k, a, b, z):
    """What the (j, k)-th derivative of the F density makes of it, at the log-odds z = log(a x/b)."""
    excess = b / (1 + np.exp(-z)) - a / (1 + np.exp(z))
    e, d = excess / a, -excess / b
    rest = lambda x, ratio, away: np.where(x > -0.5, log1p_less(x), np.log1p(ratio) - np.logaddexp(0, away) - x)
    less, other = rest(e, b / a, -z) if j else 0.0, rest(d, a / b, z) if k else 0.0
    return fisher_bell(j, k, a, b, e, d, less, other)


def _fisher_by_odds(j, k, a, b, x):
    """d^(j+k)/da^j db^k of the F distribution function by those of the beta distribution function at the log-odds z = log(a x/b): an i-th
    one by a, at first by z alone, is a^-i d/dz (d/dz - 1) ... (d/dz - i + 1), one by b (-b)^-i d/dz (d/dz + 1) ...
    """
    w, total = a / b * x, 0.0
    for i, m in itertools.product(range(j + 1), range(k + 1)):
        if i + m:
            steps = np.polynomial.polynomial.polyfromroots([*range(i), *range(0, -m, -1)])[1:]
            slopes = beta_slopes(j - i, k - m, i + m - 1, a, b, x)
            total = total + math.comb(j, i) * math.comb(k, m) * sum(c * s for c, s in zip(steps, slopes)) / (a**i * (-b) ** m)
    return _beta_order(j, k, a, b, w) + beta_kernel(a, b, w) * total


def _fisher_order(j, k, a, b, x):
    """d^(j+k)/da^j db^k of the F distribution function of 2a and 2b degrees of freedom, x held.

    The slopes by a and by the odds nearly cancel for large a. So the density is differentiated as a whole, and integrated over the
    smaller tail; of mixed ones next to a shape of 0, where parts of it integrate to nothing, those slopes are taken. Between the two,
    as of 1e-7 beside 10^4, third ones have 10 or 11 digits.
    """
    if j and k and j + k > 2 and np.any(small := (np.minimum(a, b) < 1e-2) & (a * b < 1e-3)):
        out = np.empty_like(a)
        for mask, way in ((small, _fisher_by_odds), (~small, _fisher_order)):
            out[mask] = way(j, k, a[mask], b[mask], x[mask])
        return out
    w = a / b * x
    at = lambda z, i: _fisher_scores(j, k, a[i], b[i], z)
    out, lower = np.empty_like(a), np.where(w < 1, sp.betainc(a, b, w / (1 + w)) < 0.5, sp.betainc(b, a, 1 / (1 + w)) > 0.5)
    low, high = np.flatnonzero(lower), np.flatnonzero(~lower)
    out[low] = _beta_lower(a[low], b[low], w[low], lambda z, i: at(z, low[i]))
    out[high] = -_beta_lower(b[high], a[high], 1 / w[high], lambda z, i: at(-z, high[i]))
    return out


_fisher_order.arity, _fisher_order.gone = 3, lambda a, b, x: _beta_gone(a, b, a / b * x)


def _fisher_density_order(j, k, a, b, x):
    """d^(j+k)/da^j db^k of the F density."""
    w = a / b * x
    return beta_kernel(a, b, w) / x * (_fisher_scores(j, k, a, b, np.log(w)) if j + k else 1.0)


_fisher_density_order.arity, _fisher_density_order.gone = 3, _fisher_order.gone


# --- rows ----------------------------------------------------------------------------------------------------------------
def _row(name, function, *partials, **more):
    function.__name__ = name
    return pointwise(function, *partials, name=name, **more)


gammainc_by = _row("_gammainc_by", numbers(_gamma_order), None, lambda k, a, x, out: gammainc_by(k + 1, a, x),
                   lambda k, a, x, out: gamma_density(a, x) * gamma_bell(k, a, gamma_score(a if k == 1 else 1 + a, x)), domain=POSITIVE)


def _beta_scores(j, k, a, b, w):
    """d^(j+k)/da^j db^k of beta_kernel, over it."""
    return beta_bell(j, k, a, b, -np.log1p(1 / w), -np.log1p(w))


betainc_by = _row("_betainc_by", numbers(_beta_order), None, None, lambda j, k, a, b, w, out: betainc_by(j + 1, k, a, b, w),
                  lambda j, k, a, b, w, out: betainc_by(j, k + 1, a, b, w),
                  lambda j, k, a, b, w, out: beta_kernel(a, b, w) / w * _beta_scores(j, k, a, b, w), domain=POSITIVE)


fisher_by = _row("_fisher_by", numbers(_fisher_order), None, None, lambda j, k, a, b, x, out: fisher_by(j + 1, k, a, b, x),
                 lambda j, k, a, b, x, out: fisher_by(j, k + 1, a, b, x), lambda j, k, a, b, x, out: fisher_density_by(j, k, a, b, x),
                 domain=POSITIVE)


def _fisher_density_by_x(j, k, a, b, x, out):
    """The slope by x of the derivatives of the density, whose own is it times (a b (1 - x)/(b + a x) - 1)/x."""
    rate = (1 - x) / x * a * (b / (b + a * x))
    total = out * (rate - 1 / x)
    for m, n in np.ndindex(j + 1, k + 1):
        if m + n:
            step = rate * np.power(x, m) * front_factor(m, n, a * x, b)
            total = total + math.comb(j, m) * math.comb(k, n) * step * fisher_density_by(j - m, k - n, a, b, x)
    return total


fisher_density_by = _row("_fisher_density_by", numbers(_fisher_density_order), None, None,
                         lambda j, k, a, b, x, out: fisher_density_by(j + 1, k, a, b, x),
                         lambda j, k, a, b, x, out: fisher_density_by(j, k + 1, a, b, x), _fisher_density_by_x, domain=POSITIVE)

"""Student's noncentral t distribution by all of its arguments, of any order.

It is the distribution of (Z + d)/S with S = sqrt(chi-square/v), so that F is the mean of Phi(u) at u = t S - d, an integral over
z = log S with the density f of z. Derivatives by d and t are means of S^k He_q(u) phi(u), Hermite polynomials times the normal density
phi; those by v have the derivatives of f by v, as a jet. Integrations by parts put the derivatives where nothing cancels:

- Those of f by v have the integral 0. Where phi is about as wide as f or wider, their integral over z, from the side where it is small,
  takes their place; where v is large and f nearly even, the integral of that, again.
- Where phi is narrow beside f, so that its Hermite polynomials cancel in the integral, a derivative of phi by d becomes one of f by z,
  with f'/f = v (1 - S^2).

Next to t = 0 a power series has the digits of derivatives by v.
"""

import functools
import math
from typing import NamedTuple

import numpy as np
import scipy.special as sp

from dualnet.table.domain import POSITIVE, REAL
from dualnet.table.jets import exponential, helper, over, product, times
from dualnet.table.row import pointwise, primal, shape_of
from dualnet.table.scores import psi_above
from dualnet.table.special_incomplete import DEPTH, FLAT, LARGEST, NODES, WEIGHTS
from dualnet.table.stirling import STIRLING, exp_less, mean_root, stirling

ROOT_2PI = math.sqrt(2 * math.pi)
LONG, SHORT = 3.0, 1.8  # longest pieces of log S taken by one rule, and of those where t S is felt
NONE = 40.0    # the normal density underflows there
STEEP = 8.0    # the powers of e by which the density may fall in one
DEEP = 6.0     # those below its peak where its derivatives by v are of one sign
PART = 1 << 8  # elements taken at once: each stands for hundreds of nodes
TERMS = 24


def column(x):
    """x with an axis for panels and one for their nodes."""
    return np.asarray(x)[..., None, None]


# --- nodes ------------------------------------------------------------------------------------------------------------------
def _bisect(inside, near, far):
    """Where `inside`, true at `near` and false at `far`, changes."""
    for _ in range(40):
        middle = 0.5 * (near + far)
        here = inside(middle)
        near, far = np.where(here, middle, near), np.where(here, far, middle)
    return far


def peak(v, d, t):
    """The S at which the product of its density and the normal one is largest, in forms that keep in the range."""
    root = np.hypot(t * d, 2 * np.sqrt(v) * np.sqrt(v + t * t))
    return np.where(t * d > 0, (t * d + root) / (2 * (v + t * t)), 2 * v / (root - t * d))


def panels(v, d, t, normal="both"):
    """The edges of panels of log S for the integrals of the density f of log S times the normal density at t S - d, and the one of them
    at t S = d/3.

    The logarithm of the product has one peak. The panels cover where it is within DEPTH of the peak, and are no longer than the width that
    the normal density has in log S, from where t S is felt beside d to where nothing is left of it. They leave out where t S is lost
    beside d, which is long where v is small. Where integrals of f from both ends to S = 1 meet the normal density (`normal` "beside"),
    they go on to where these are within DEPTH, and without the normal density (None) to twice the DEPTH, whose tail is to be had. With
    "tail" the density meets the tail of the normal distribution that is small at S = 1.
    """
    v, d, t = (np.asarray(x, float) for x in np.broadcast_arrays(v, d, t))
    s = np.ones(shape_of(v)) if normal is None else peak(v, d, t)
    top, centre = np.log(s), np.log(np.where(t * d > 0, d / t, 0.0))

    def height(z, side=0):
        if normal == "beside" and side:  # where the normal density is largest between z and S = 1
            centred = np.clip(centre, np.minimum(z, 0.0), np.maximum(z, 0.0))
            at = np.where(side * z < 0, centred, z)
        else:
            at = z
        u = 0.0 if normal is None else t * np.exp(at) - d
        if normal == "tail":
            u = np.where(t < d, np.minimum(u, 0.0), np.maximum(u, 0.0))
        return -0.5 * (v * (np.expm1(2 * z) - 2 * z) + np.square(u))

    least = height(top) - (2 * DEPTH if normal is None else DEPTH)
    low = _bisect(lambda z: height(z, 1) > least, top, top - (DEPTH + 0.5 * d * d + 10) / v - 50)
    high = _bisect(lambda z: height(z, -1) > least, top, np.maximum(top, 0.0) + 400)
    left = np.clip(-FLAT - np.log1p(np.abs(t) + np.sqrt(v)), low, high)
    size, scale = np.abs(d), np.log(np.abs(t))
    felt = np.clip(np.log(np.maximum(1 / (1 + size), size - NONE)) - scale, left, high)
    gone = np.clip(np.log(size + NONE) - scale, left, high)
    middle = np.clip(np.log(size / 3) - scale, felt, gone)
    steep = np.maximum(STEEP / np.abs(v * (1 - s * s)), (high - left) / 32)
    longest = np.minimum(np.minimum(LONG, 0.25 * (high - left)), steep)
    edges, short = [], np.minimum(longest, np.minimum(SHORT, 9 / (1 + size)))
    for start, end, length in ((left, felt, longest), (felt, middle, short), (middle, gone, short), (gone, high, longest)):
        count = max(int(np.ceil(np.max(np.nan_to_num((end - start) / length, nan=1.0), initial=0))), start is left)
        edges.append(start[..., None] + ((end - start) / max(count, 1))[..., None] * np.arange(count))
    return np.concatenate([*edges, high[..., None]], -1), middle


class Nodes(NamedTuple):
    """Nodes z of panels and u = t S - d there, with their weights; the sizes of the panels, both ends and the edge at t S = d/3."""

    z: np.ndarray
    u: np.ndarray
    weights: np.ndarray
    sizes: np.ndarray
    start: np.ndarray
    end: np.ndarray
    middle: np.ndarray


def nodes(v, d, t, normal="both"):
    """Those of :func:`panels`; where that is narrow by their distance from z = log(d/t), as t exp(z) loses the digits of u."""
    edges, middle = panels(v, d, t, normal)
    far = column((t * d > 0) & (np.abs(d) > 1) & (2 * v < d * d))
    centre = np.where(far, np.log(np.where(far, column(d) / column(t), 1.0)), 0.0)
    edges, d = edges - centre[..., 0], column(d)
    sizes = np.diff(edges)[..., None]
    z = edges[..., :-1, None] + sizes * NODES
    u = np.where(far, d * np.expm1(z), column(t) * np.exp(z) - d)
    start, end = (edges[..., n] + centre[..., 0, 0] for n in (0, -1))
    return Nodes(z + centre, u, sizes * WEIGHTS, sizes, start, end, middle)


def _legendre_integrals():
    """The matrix that takes values at NODES to the integrals of their polynomial from 0 to each node."""
    x, n = 2 * NODES - 1, np.arange(len(NODES))
    values = np.polynomial.legendre.legvander(x, len(x))
    rising = np.column_stack([x + 1, (values[:, 2:] - values[:, :-2]) / (2 * n[1:] + 1)])  # of each Legendre polynomial, from -1
    return rising / 2 @ ((2 * n + 1)[:, None] * values[:, :-1].T * WEIGHTS)


RISING = _legendre_integrals()


def running(density, sizes, first, last):
    """The integral up to each node of a density on panels: from the left end, where it is `first`, and back from the right
    end, where it is `last`."""
    inside, whole = sizes * np.matmul(density, RISING.T), sizes * np.matmul(density, WEIGHTS[:, None])
    before = np.cumsum(whole, axis=-2) - whole
    after = np.flip(np.cumsum(np.flip(whole, -2), axis=-2), -2)
    return column(first) + before + inside, column(last) - after + inside


# --- what is integrated ---------------------------------------------------------------------------------------------------
def below(v, z, order=0):
    """The jet in v of the distribution function of log S at z where y = v S^2/2 is lost beside 1, y^(v/2) exp(-y)/gamma(v/2 + 1)."""
    a, less = 0.5 * v, exp_less(2 * z)  # by z, as exp(z) loses its digits next to 1
    front = np.exp(-a * less - stirling(a)) * np.sqrt(0.5 / math.pi / a)
    log = [0.5**n / math.factorial(n) * psi_above(n - 1, a) for n in range(1, order + 1)]
    if order:
        log[0] = log[0] - 0.5 * less
    return [front, *(front * c for c in exponential([np.zeros_like(a), *log])[1:])]


def densities(v, z, order=0):
    """The jet in v of the density of log S: the same times v, as logarithms of gamma(v/2) and their powers cancel next to v = 0."""
    return times(below(v, z, order), v)


def growths(v, order):
    """The jet of the slope by v of log E[S]: 1/(v (v + 1) (v + 2)) and the same at v + 2, as far as its asymptotic series."""
    one, total, up = [np.ones_like(v), *[np.zeros_like(v)] * order], [0.0] * (order + 1), v + 30
    for n in range(0, 30, 2):
        total = [a + b for a, b in zip(total, over(over(over(one, v + n), v + n + 1), v + n + 2))]
    rest = [(2 * k - 1) * (4**k - 1) * c for k, c in enumerate(STIRLING, 1)]
    return [c + (-1) ** n * sum(math.comb(2 * k + n - 1, n) * r * up ** (-2.0 * k - n) for k, r in enumerate(rest, 1))
            for n, c in enumerate(total)]


def hermite(u, count):
    """Hermite's polynomials He_0 to He_(count - 1) times the normal density."""
    out = [0.0, np.exp(-0.5 * u * u) / ROOT_2PI]
    for n in range(1, count):
        out.append(u * out[-1] - (n - 1) * out[-2])
    return out[1:]


def tail(u, lower):
    """What q = -1 stands for, the integral of -phi from the side where it is lost."""
    return np.where(lower, -sp.ndtr(u), sp.ndtr(-u))


def falls(n, q, k, u, t, z):
    """The first (n = 1) or second slope by z of S^k He_q(u) phi(u), where k = 0 and q = -1 stand for the integral of -phi."""
    ts = t * np.exp(z)
    he = [0.0] * (q < 0) + hermite(u, q + 1 + n)
    he = [x * ts**j for j, x in enumerate(he[-1 - n:])]
    return np.exp(k * z) * (k * he[0] - he[1] if n == 1 else k * k * he[0] - (2 * k + 1) * he[1] + he[2])


# --- the integrals: means of S^k He_q(u) phi(u), and the i-th coefficients of their jets in v -----------------------------------------
def _parts(k, count, order, v):
    """What S^k becomes in `count` integrations by parts: after n of them t^-n S^(k-n) times the sum of c_r w^r, w = 1 - S^2. The jets c_r
    of each n."""
    zero = [np.zeros_like(v)] * (order + 1)
    out = [[[np.ones_like(v), *zero[1:]]]]
    for n in range(count):
        c = [zero, *out[-1], zero, zero]  # those of r = -1 and beyond the last
        out.append([[a + (k - n - 1 + 2 * r) * b - 2 * (r + 1) * e for a, b, e in zip(times(c[r], v), c[r + 1], c[r + 2])]
                    for r in range(n + 2)])
    return out


def _factor(c, power, z):
    """The jet of S^power times the sum of c_r w^r."""
    w, front, total = -np.expm1(2 * z), np.exp(power * z), c[-1]
    for term in c[-2::-1]:
        total = [w * a + b for a, b in zip(total, term)]
    return [front * a for a in total]


def _by_density(i, q, k, v, d, t, parts=0):
    """From the density and its jet; where the normal one is narrow, from t S = d/3 on by as many integrations by parts."""
    at = nodes(v, d, t, "both" if q >= 0 else "tail")
    z, v, d, t, middle, start = at.z, *map(column, (v, d, t, at.middle, at.start))
    he_of = (lambda u: hermite(u, q + 1)) if q >= 0 else lambda u: [tail(u, t < d)]
    f, he, c = densities(v, z, i), he_of(at.u), _parts(k, parts, i, v)
    inside = f[i] * np.exp(k * z) * he[q]
    if parts:
        inside = np.where(z > middle, product(f, _factor(c[parts], k - parts, z))[i] / t**parts * he[q - parts], inside)
        f, he = densities(v, middle, i), hermite(t * np.exp(middle) - d, q)
    ends = sum(product(f, _factor(c[n], k - n - 1, middle))[i] / t ** (n + 1) * he[q - n - 1] for n in range(parts))
    if k == 0:  # what is below all panels, if these begin where t S is lost
        ends = ends + np.where(np.abs(t) * np.exp(start) < 1e-15, below(v, start, i)[i] * he_of(-d)[q], 0.0)
    return np.sum(inside * at.weights, axis=(-2, -1)) + np.broadcast_to(ends, v.shape)[..., 0, 0]


def _by_integral(i, q, k, v, d, t):
    """Where the normal density is wide, i > 0: by integrals G of the derivative of the density.

    Where v is large and the normal density flat beside that of S, G is nearly odd, and integrated by parts once more. Its whole
    integral is the derivative of -E[log S] by v.
    """
    at = nodes(v, d, t, "beside")
    z = at.z
    left, right = running(densities(column(v), z, i)[i], at.sizes, below(v, at.start, i)[i], 0.0 * v)
    gone = np.where(z < 0, left, right)
    out = -np.sum(gone * falls(1, q, k, at.u, column(t), z) * at.weights, axis=(-2, -1))
    level = (v > 1e3) & (np.abs(t * (t - d)) < 0.1 * np.sqrt(2 * v + t * t))
    if not np.any(level):
        return out
    rest = 0.5 ** (i + 1) / math.factorial(i) * psi_above(i, 0.5 * v) + (-1 / v) ** i / v
    left, right = running(gone, at.sizes, 0.0 * v, rest)
    twice = np.sum(np.where(z < 0, left, right) * falls(2, q, k, at.u, column(t), z) * at.weights, axis=(-2, -1))
    return np.where(level, twice - rest * falls(1, q, k, t * np.exp(at.end) - d, t, at.end), out)


def _near_0(i, q, k, v, d, t):
    """Next to t = 0, i > 0: its power series, with the jets of t^m/m! times the mean of S^m, which grows by 1 + m/v from one to the next
    but one."""
    zero = [np.zeros_like(v)] * i
    growth = [np.zeros_like(v), *(g / n for n, g in enumerate(growths(v, i - 1), 1))]
    means = [np.ones_like(v), *zero], [mean_root(v) * c for c in exponential(growth)]
    for m in range(k):
        means = means[1], [a + m * b for a, b in zip(means[0], over(means[0], v))]
    term, after = means[0], [t * c for c in means[1]]
    he, total = [0.0] * (q < 0) + hermite(-d, q + 1 + TERMS), 0.0
    for m in range(TERMS):
        total = total + (-1) ** m * term[i] * he[m + max(q, 0)]
        more = over([t * c for c in term], v)  # not 1/v, which may leave the range
        term, after = after, [(t * (t * a) + (m + k) * (t * b)) / ((m + 1) * (m + 2)) for a, b in zip(term, more)]
    return total


# --- rows -------------------------------------------------------------------------------------------------------------------
def _student(i, j, k, v, d, t):
    """d^(i+j+k)/dv^i dd^j dt^k of the distribution function."""
    large, q = v > LARGEST, j + k - 1
    near = (np.abs(t) * (1 + np.abs(d)) < 0.3) & (np.square(t) < 1e-2 * np.minimum(v, 1)) & (i > 0)
    if i == 0:  # S is 1 to rounding of t
        v = np.where(large, np.where((np.abs(t) < 1e2) | np.isinf(t), LARGEST, np.nan), v)
    else:
        v = np.where(large & ~near, np.nan, v)
    t = np.where(np.isinf(t), np.copysign(1e100, t), t)
    s, far = peak(v, d, t), np.abs(d) > 3
    narrow = (q >= 0) & (t * d > 0) & (np.abs(t) * s > 1 + np.sqrt(2 * v) * s + v * np.abs(1 - s * s)) & ~near
    deep = 0.5 * v * (np.square(s) - 1 - 2 * np.log(s)) > DEEP
    few = narrow | deep & ~near | (k > 0) & (v < 0.1) & ~near  # few degrees of freedom: integrals of f have a large constant part
    out = np.empty_like(t)
    for mask, f in ((near, _near_0), (narrow & far, functools.partial(_by_density, parts=q)), (few & ~(narrow & far), _by_density),
                    (~(near | few), _by_integral if i else _by_density)):
        if np.any(mask):
            out[mask] = f(i, q, k, v[mask], d[mask], t[mask])
    return (-1) ** (k + 1) * math.factorial(i) * out


noncentral_t_by = helper("_nctdtr_by", _student, 3, None, None, None, lambda i, j, k, v, d, t, out: noncentral_t_by(i + 1, j, k, v, d, t),
                         lambda i, j, k, v, d, t, out: noncentral_t_by(i, j + 1, k, v, d, t),
                         lambda i, j, k, v, d, t, out: noncentral_t_by(i, j, k + 1, v, d, t),
                         domain=(REAL, REAL, REAL, POSITIVE, REAL, REAL), chunk=PART)


# --- t or d as a solution: in proportion to the other one, c, it changes by hardly more than c does, by what would cancel in F_d/F_t ----
def _mean(i, k, q, of_t, v, c, r):
    """The i-th derivative by v of the mean of S^k He_q(u) phi(u) at u = c (r S - 1) or, for d, at u = c (S - r)."""
    return (-1) ** (k + 1) * _student(i, q + 1 - k, k, v, *((c, c * r) if of_t else (c * r, c)))


mean = helper("_nctdtr_mean", _mean, 3, None, None, None, None, lambda i, k, q, of_t, v, c, r, out: mean(i + 1, k, q, of_t, v, c, r),
              lambda i, k, q, of_t, v, c, r, out: -(mean(i, k, q + 2, of_t, v, c, r) + ((q + 1) * out if q + 1 else 0.0)) / c,
              lambda i, k, q, of_t, v, c, r, out: -c * mean(i, k + 1, q + 1, 1, v, c, r) if of_t else c * mean(i, k, q + 1, 0, v, c, r),
              domain=(REAL, REAL, REAL, REAL, POSITIVE, REAL, REAL), chunk=PART)


def _by_ratio(of_t, v, c, r):
    """The slope of F by r, over c."""
    return mean(0, 1, 0, 1, v, c, r) if of_t else -mean(0, 0, 0, 0, v, c, r)


ratio = pointwise(lambda of_t, y, v, c, r: r + 0 * (y + v + c), None, lambda of_t, y, v, c, r, out: 1 / (c * _by_ratio(of_t, v, c, out)),
                  lambda of_t, y, v, c, r, out: mean(1, 0, -1, of_t, v, c, out) / (c * _by_ratio(of_t, v, c, out)),
                  lambda of_t, y, v, c, r, out: -mean(0, 0, 1, of_t, v, c, out) / (c * c * _by_ratio(of_t, v, c, out)), None,
                  name="_nctdtr_ratio")


def solved(of_t, y, v, c, x):
    """The slopes by y, v and c of t (for c = d) or of d (c = t), a solution x."""
    r = ratio(of_t, y, v, c, primal(x) / primal(c))
    front = _by_ratio(of_t, v, c, r)
    return {"y": lambda: 1 / front, "v": lambda: mean(1, 0, -1, of_t, v, c, r) / front,
            "c": lambda: r - mean(0, 0, 1, of_t, v, c, r) / (c * front)}


def noncentral_t_gap(v, d, t, y):
    """The distribution function less y, of plain arrays, by the tail that is the smaller one, with its digits.

    Examples
    --------
    >>> bool(abs(noncentral_t_gap(4.0, 3.0, -4.0, 0.0) / 1.0255919279639325e-6 - 1) < 1e-13)
    True
    """
    upper = np.asarray(y) > 0.5
    sign, at = np.where(upper, -1.0, 1.0), nodes(v, d, t, None)
    inner = densities(column(v), at.z)[0] * sp.ndtr(column(sign) * at.u) * at.weights
    total = np.sum(inner, axis=(-2, -1)) + below(v, at.start)[0] * sp.ndtr(sign * (t * np.exp(at.start) - d))
    return np.where(upper, 1 - np.asarray(y) - total, total - y)

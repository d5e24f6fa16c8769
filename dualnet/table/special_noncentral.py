"""What the noncentral distributions share: mixtures over a Poisson count, and Student's noncentral t as an integral.

The noncentral chi-square and F distributions are central ones whose first parameter has a Poisson count added to it
(Johnson, Kotz and Balakrishnan 1995, chapters 29 and 30). Termwise, the slope by a parameter has terms of one sign, and
so has the one by the noncentrality: P(a + 1, x) - P(a, x) = -x^a exp(-x) / gamma(a + 1). Nothing cancels.

Noncentral t is (Z + d)/S with S = sqrt(chi-square/v): its slopes are integrals over z = log S of the normal density at
t S - d. The one by v is integrated by parts, so that it holds the normal density as well and not its integral;
the slope of the distribution of S is integrated along with it, from the side where it is small. Next to t = 0 a power series has
its digits.
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.errors import ArgumentError
from dualnet.table.row import Traced, primal
from dualnet.table.scores import psi_gap
from dualnet.table.special_incomplete import (
    DEPTH,
    FLAT,
    LARGEST,
    NODES,
    WEIGHTS,
    gamma_density,
    gamma_kernel,
    gammainc_by,
    kind_of,
)
from dualnet.table.stirling import exp_less, mean_growth, mean_root, stirling

ROOT_2PI = math.sqrt(2 * math.pi)
MOST = 1 << 20  # terms of a mixture
PART = 1 << 8
BLOCK = 1 << 19  # terms of all elements taken at once
LONG = 3.0    # longest piece of log S taken by one rule
NONE = 40.0   # the normal density underflows there


def column(x):
    """x with one more axis at its end."""
    return np.expand_dims(x, -1)


def mixture(term, noncentrality, peak):
    """The sum over j of Poisson(j; noncentrality/2) term(j), from ten deviations below to ten above its largest terms.

    The largest lie between the mean of the Poisson count and `peak`, where the terms of the density are largest.
    """
    mean = 0.5 * noncentrality
    centre, peak = np.broadcast_arrays(np.asarray(primal(mean)), peak)
    low, high = np.fmin(centre, peak), np.fmax(centre, peak)
    first = np.floor(np.maximum(low - 10 * np.sqrt(low) - 10, 0))
    count = np.max(np.nan_to_num(high + 10 * np.sqrt(high) + 30 - first, nan=1.0), initial=1)
    if not count < MOST:
        raise ArgumentError(f"a noncentrality of {np.nanmax(2 * centre):.3g} asks for a mixture of {count:.2g} terms; dualnet takes "
                            f"the derivative of a noncentral distribution by at most {MOST}. Use the normal approximation there")
    first = np.where(np.isfinite(first), first, 0)
    total, block = 0.0, max(1, BLOCK // max(first.size, 1))
    for start in range(0, int(count), block):
        j = first[..., None] + np.arange(start, min(start + block, int(count)))
        total = total + np.sum(gamma_density(j + 1, column(mean)) * term(j), axis=-1)
    return total


def gamma_peak(a, x, mean):
    """The j at which mean^j x^(a+j) / (j! gamma(a+j)) is largest."""
    a, x, mean = primal(a), primal(x), primal(mean)
    return 2 * mean * x / (a + np.sqrt(a * a + 4 * mean * x))


def beta_peak(a, b, w, mean):
    """The j at which mean^j p^(a+j) / (j! beta(a+j, b)) is largest, with p = w/(1+w)."""
    a, b, mean = primal(a), primal(b), primal(mean)
    rate = mean * np.divide(primal(w), 1 + primal(w))
    half = 0.5 * (a - rate)
    root = np.sqrt(half * half + rate * (a + b))
    return np.where(half > 0, rate * (a + b) / (half + root), root - half)


# --- Student's noncentral t ----------------------------------------------------------------------------------------
def _bisect(inside, near, far):
    """Where `inside`, true at `near` and false at `far`, changes."""
    for _ in range(40):
        middle = 0.5 * (near + far)
        here = inside(middle)
        near, far = np.where(here, middle, near), np.where(here, far, middle)
    return far


def _panels(v, d, t, normal=True):
    """Panels (starts, sizes) of log S for the integrals of the density of S times that of the normal at t S - d, or without it; and where
    the mass of S before them counts.

    The logarithm of the product has one peak. The panels cover where it is within DEPTH of the peak (twice that without the normal
    density, whose tail is to be had), and are no longer than the width that the normal density has in log S, from where t S is felt
    beside d to where nothing is left of it. They leave out where t S is lost beside d, which is long where v is small.
    """
    v, d, t = (np.asarray(x, float) for x in np.broadcast_arrays(primal(v), primal(d), primal(t)))
    root = np.hypot(t * d, 2 * np.sqrt(v) * np.sqrt(v + t * t))  # in forms that keep in the range
    s = np.where(t * d > 0, (t * d + root) / (2 * (v + t * t)), 2 * v / (root - t * d))
    top = np.log(s) if normal else np.zeros(np.shape(s))

    def height(z):
        s = np.exp(z)
        return -0.5 * (v * exp_less(2 * z) + np.square(t * s - d) * normal)

    peak = height(top)
    inside = lambda z: height(z) > peak - (DEPTH if normal else 2 * DEPTH)
    low = _bisect(inside, top, top - (DEPTH + 0.5 * d * d + 10) / v - 50)
    high = _bisect(inside, top, np.maximum(top, 0.0) + 400)
    left = np.clip(-FLAT - np.log1p(np.abs(t) + np.sqrt(v)), low, high)
    size, scale = np.abs(d), np.log(np.abs(t))
    felt = np.clip(np.log(np.maximum(1 / (1 + size), size - NONE)) - scale, left, high)
    gone = np.clip(np.log(size + NONE) - scale, left, high)
    edges, longest = [], np.minimum(LONG, 0.25 * (high - left))
    for start, end, length in ((left, felt, longest), (felt, gone, np.minimum(longest, 12 / (1 + size))), (gone, high, longest)):
        count = max(int(np.ceil(np.max(np.nan_to_num((end - start) / length, nan=1.0), initial=0))), start is left)
        edges.append(start[..., None] + ((end - start) / max(count, 1))[..., None] * np.arange(count))
    edges = np.concatenate([*edges, high[..., None]], -1)
    return edges[..., :-1], np.diff(edges), left > low


def _legendre_integrals():
    """The matrix that takes values at NODES to the integrals of their polynomial from 0 to each node."""
    x, n = 2 * NODES - 1, np.arange(len(NODES))
    values = np.polynomial.legendre.legvander(x, len(x))
    rising = np.column_stack([x + 1, (values[:, 2:] - values[:, :-2]) / (2 * n[1:] + 1)])  # of each Legendre polynomial, from -1
    return rising / 2 @ ((2 * n + 1)[:, None] * values[:, :-1].T * WEIGHTS)


RISING = _legendre_integrals()


def _running(density, sizes, first, last):
    """The integral up to each node of a density on panels: from the left end, where it is `first`, and back from the right
    end, where it is `last`."""
    sizes = column(sizes)
    inside, whole = sizes * np.matmul(density, RISING.T), sizes * np.matmul(density, column(WEIGHTS))
    before = np.cumsum(whole, axis=-2) - whole
    after = np.flip(np.cumsum(np.flip(whole, -2), axis=-2), -2)
    return column(column(first)) + before + inside, column(column(last)) - after + inside


TERMS = 20


def _mass(v, starts, counts):
    """The mass of S before panels, where that counts."""
    return np.where(counts, sp.gammainc(0.5 * v, 0.5 * v * np.exp(2 * starts[..., 0])), 0.0)


def _density(a, z):
    """The density of log S, S^2 being of the gamma distribution of shape and rate a, at z: by z, as exp(z) loses its digits next to 1."""
    return np.exp(-a * exp_less(2 * z) - stirling(a)) * np.sqrt(a * (2 / math.pi))


def _by_v_near_0(v, d, t):
    """The slope by v of E[Phi(t S - d)] as a power series in t, whose k-th term is t^k/k! He_(k-1)(d) phi(d) times the slope of
    E[S^k], M_k G_k: M_(k+2) = M_k (v+k)/v, and M_2 = 1 whatever v is."""
    power, growth = [t * mean_root(v), 0.5 * t * t], [mean_growth(v), 0.0]  # t^k/k! M_k and G_k
    hermite, total = [0.0, 1.0], 0.0
    for k in range(1, TERMS + 1):
        total = total + power[0] * growth[0] * hermite[1]
        hermite = [hermite[1], d * hermite[1] - (k - 1) * hermite[0]]
        power = [power[1], power[0] * (t / v * (v + k) * t / ((k + 1) * (k + 2)))]
        growth = [growth[1], growth[0] - k / v / (v + k)]
    return total * np.exp(-0.5 * d * d) / ROOT_2PI


def noncentral_t(slope, v, d, t):
    """The slope of Student's noncentral t distribution function by "v", "d" (noncentrality) or "t"."""
    normal = primal(v) > LARGEST
    if slope != "v" and np.any(normal):  # S is 1 to rounding of t
        v = np.where(normal, np.where((np.abs(primal(t)) < 1e2) | np.isinf(primal(t)), LARGEST, np.nan), v)
    near = (np.abs(primal(t)) * (1 + np.abs(primal(d))) < 0.3) & (np.square(primal(t)) < 1e-2 * np.minimum(primal(v), 1))
    if slope != "v" or not np.any(near):
        return _average_t(slope, v, d, t)
    close = _by_v_near_0(np.where(near, v, 1.0), np.where(near, d, 0.0), np.where(near, t, 0.0))
    close = close.astype(kind_of(v, d, t))
    return close if np.all(near) else np.where(near, close, _average_t(slope, v, np.where(near, 0.0, d), np.where(near, 1.0, t)))


def _average_t(slope, v, d, t):
    """The same as an integral over log S."""
    kind = kind_of(v, d, t)
    t = np.where(np.isinf(primal(t)), np.copysign(1e100, primal(t)), t)
    starts, sizes, counts = _panels(v, d, t)
    before = _mass(v, starts, counts) * np.exp(-0.5 * d * d) / ROOT_2PI if slope == "d" else 0.0
    z = starts[..., None] + sizes[..., None] * NODES
    v, d, t = (column(column(x)) for x in (v, d, t))
    s, a = np.exp(z), 0.5 * v
    normal = np.exp(-0.5 * np.square(t * s - d)) * (sizes[..., None] * WEIGHTS / ROOT_2PI)
    density = _density(a, z)
    if slope != "v":
        return (np.sum(density * normal * (s if slope == "t" else -1), axis=(-2, -1)) - before).astype(kind)
    score = 0.5 * (psi_gap(a) - exp_less(2 * z))
    ends = np.stack([starts[..., 0], starts[..., -1] + sizes[..., -1]], axis=-1)
    y = a[..., 0] * np.exp(2 * ends)
    mass = 0.5 * gammainc_by(1, a[..., 0], y) + gamma_kernel(a[..., 0], y) / v[..., 0]  # the slope of P(v/2, v s^2/2) by v
    left, right = _running(density * score, sizes, mass[..., 0], mass[..., 1])
    gone, g = np.where(z < 0, left, right), t * s * normal
    out = -np.sum(g * gone, axis=(-2, -1))
    level = ((v > 1e3) & (np.abs(t * (t - d)) < 0.1 * np.sqrt(2 * v + t * t)))[..., 0, 0]
    if np.any(level):
        out = np.where(level, _by_v_of_many(gone, sizes, z, g * (1 - t * s * (t * s - d)), (v, d, t), ends[..., 1]), out)
    return out.astype(kind)


def _by_v_of_many(gone, sizes, z, bend, args, end):
    """The slope by v where v is large and the normal density flat beside that of S: integrated by parts once more, as `gone`, the slope
    of the distribution of S, is nearly odd. Its whole integral is the slope of -E[log S] by v."""
    v, d, t = (x[..., 0, 0] for x in args)
    rest = -(1 + (1 - 0.8 / np.square(v)) / (1.5 * v)) / (2 * v * v)
    left, right = _running(gone, sizes, 0.0 * rest, 0.0 * rest)
    s = np.exp(end)
    last = t * s * np.exp(-0.5 * np.square(t * s - d)) / ROOT_2PI
    return np.sum(bend * np.where(z < 0, left, column(column(rest)) + right), axis=(-2, -1)) - last * rest


def noncentral_t_value(v, d, t):
    """Student's noncentral t distribution function of plain arrays: the normal one at t S - d under the density of S, with its digits
    in the lower tail, too, where SciPy's has few.

    Examples
    --------
    >>> bool(abs(noncentral_t_value(4.0, 3.0, -4.0) / 1.0255919279639325e-6 - 1) < 1e-13)
    True
    """
    starts, sizes, counts = _panels(v, d, t, normal=False)
    before = _mass(v, starts, counts) * sp.ndtr(-np.asarray(d))
    z = starts[..., None] + sizes[..., None] * NODES
    v, d, t = (column(column(x)) for x in (v, d, t))
    return before + np.sum(_density(0.5 * v, z) * sp.ndtr(t * np.exp(z) - d) * (sizes[..., None] * WEIGHTS), axis=(-2, -1))


def in_parts(slope):
    """The same slope, of plain arrays taken some at a time: each element stands for hundreds of terms."""
    def call(*args):
        if any(isinstance(x, Traced) for x in args):
            return slope(*args)
        arrays = np.broadcast_arrays(*args)
        shape, size = arrays[0].shape, arrays[0].size
        if size <= PART:
            return slope(*args)
        flat = [x.reshape(-1) for x in arrays]
        return np.concatenate([slope(*(x[k:k + PART] for x in flat)) for k in range(0, size, PART)]).reshape(shape)

    return call

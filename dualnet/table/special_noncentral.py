"""What the noncentral distributions share: mixtures over a Poisson count, and Student's noncentral t as an integral.

The noncentral chi-square and F distributions are central ones whose first parameter has a Poisson count added to it
(Johnson, Kotz and Balakrishnan 1995, chapters 29 and 30). Termwise, the slope by a parameter has terms of one sign, and
so has the one by the noncentrality: P(a + 1, x) - P(a, x) = -x^a exp(-x) / gamma(a + 1). Nothing cancels.

Noncentral t is (Z + d)/S with S = sqrt(chi-square/v): its slopes are integrals over z = log S of the normal density at
t S - d. The one by v is integrated by parts, so that it holds the normal density as well and not its integral.
"""

import math

import numpy as np

from dualnet.errors import ArgumentError
from dualnet.table.row import primal
from dualnet.table.special_incomplete import DEPTH, FLAT, NODES, WEIGHTS, gamma_density, gamma_kernel, gammainc_by, kind_of

MOST = 1 << 20  # terms of a mixture


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
        raise ArgumentError(f"a noncentrality of {np.max(2 * centre):.3g} asks for a mixture of {count:.2g} terms; dualnet takes "
                            f"the derivative of a noncentral distribution by at most {MOST}. Use the normal approximation there")
    first = np.where(np.isfinite(first), first, 0)
    j = first[..., None] + np.arange(int(count))
    return np.sum(gamma_density(j + 1, column(mean)) * term(j), axis=-1)


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


def _nodes(v, d, t):
    """Points z and weights for the integrals over log S of the density of S times that of the normal at t S - d.

    The logarithm of the product has one peak. The points cover where it is within DEPTH of the peak, in pieces no
    longer than the width that the normal density has in z.
    """
    v, d, t = (np.asarray(x, float) for x in np.broadcast_arrays(primal(v), primal(d), primal(t)))
    root = np.sqrt((t * d) ** 2 + 4 * v * (v + t * t))
    s = np.where(t * d > 0, (t * d + root) / (2 * (v + t * t)), 2 * v / (root - t * d))
    top = np.log(s)

    def height(z):
        s = np.exp(z)
        return v * z - 0.5 * v * s * s - 0.5 * np.square(t * s - d)

    peak = height(top)
    inside = lambda z: height(z) > peak - DEPTH
    low = _bisect(inside, top, top - (DEPTH + 0.5 * d * d + 10) / v - 50)
    high = _bisect(inside, top, top + 400)
    left = np.clip(-FLAT - np.log1p(np.abs(t) + np.sqrt(v)), low, high)
    length = np.minimum(3.0, 12 / (1 + np.abs(d)))
    count = int(np.clip(np.max(np.nan_to_num((high - left) / length, nan=1.0), initial=1), 1, 4096)) + 1
    step = (high - left) / count
    edges = np.concatenate([low[..., None], left[..., None] + step[..., None] * np.arange(count + 1)], -1)
    sizes = np.diff(edges)
    z = edges[..., :-1, None] + sizes[..., None] * NODES
    weights = sizes[..., None] * WEIGHTS
    shape = np.shape(v) + (-1,)
    return z.reshape(shape), weights.reshape(shape)


def noncentral_t(slope, v, d, t):
    """The slope of Student's noncentral t distribution function by "v", "d" (noncentrality) or "t"."""
    t = np.where(np.isinf(primal(t)), np.copysign(1e100, primal(t)), t)
    z, weights = _nodes(v, d, t)
    s, kind = np.exp(z), kind_of(v, d, t)
    v, d, t = column(v), column(d), column(t)
    a, y = 0.5 * v, 0.5 * v * (s * s)
    normal = np.exp(-0.5 * np.square(t * s - d)) * (weights / math.sqrt(2 * math.pi))
    if slope == "v":
        out = -np.sum(t * s * normal * (0.5 * gammainc_by(1, a, y) + gamma_kernel(a, y) / v), axis=-1)
    else:
        out = np.sum(2 * gamma_kernel(a, y) * normal * (s if slope == "t" else -1), axis=-1)
    return out.astype(kind)

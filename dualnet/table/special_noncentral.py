"""What the noncentral chi-square and F distributions share: mixtures over a Poisson count.

The noncentral chi-square and F distributions are central ones whose first parameter has a Poisson count added to it
(Johnson, Kotz and Balakrishnan 1995, chapters 29 and 30). Termwise, the slope by a parameter has terms of one sign, and
so has the one by the noncentrality: P(a + 1, x) - P(a, x) = -x^a exp(-x) / gamma(a + 1). Nothing cancels.
"""

import numpy as np

from dualnet.errors import ArgumentError
from dualnet.table.densities import gamma_density
from dualnet.table.row import Traced, primal

MOST = 1 << 20  # terms of a mixture
PART = 1 << 8
BLOCK = 1 << 19  # terms of all elements taken at once


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

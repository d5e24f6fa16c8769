"""Slopes of hypergeometric functions by their parameters where the lower one is so large that they are 1 and little more.

There the function's own values, from which parameters.py would take the slope, have lost it in rounding: that of 0F1(c, x) at
c = 1e8 is x/c^2, some 1e-16. But the terms of the series (DLMF 16.2.1) fall fast, and the slope of the n-th follows from that
of the one before by the product rule.
"""

import numpy as np
import scipy.special as sp

from dualnet.table.row import primal

TERMS = 16
RATIO = 0.05  # of the largest ratio of terms: RATIO**TERMS is below 1e-20


def _falls(parameters, x):
    """True where every term from the second on is at most RATIO times the one before."""
    *upper, c = (np.abs(primal(p)) for p in parameters)
    top = np.abs(primal(x))
    for j, a in enumerate(upper):
        top = top * (np.maximum(a, 1.0) if j == 0 else a + TERMS)  # (a + n)/(n + 1) of the first, a + n of the second
    return (top <= RATIO * (c + 1)) & (np.real(primal(parameters[-1])) > 0)  # the first term may be large beside the leading 1


def _slope(parameters, x, k):
    """The sum of the slopes of all terms by the k-th parameter."""
    *upper, c = parameters
    term, slope, total = 1.0, 0.0, 0.0
    for n in range(TERMS):
        front = x / (c + n) / (n + 1.0)  # not last, as the product of the others may leave the range
        for a in upper[:k] + upper[k + 1:]:
            front = front * (a + n)
        if k < len(upper):
            ratio, change = front * (upper[k] + n), front
        else:
            ratio, change = front, -x / (c + n) / (n + 1.0)
            for j, a in enumerate(upper):
                change = change * (a + n) / (c + n if j == 0 else 1.0)
            change = change if upper else change / (c + n)
        term, slope = term * ratio, slope * ratio + term * change
        total = total + slope
    return total


def of_large(c, x):
    """0F1(c, x); for c > 1e6 and |x| < 2 c, where SciPy's loses half of its digits, by the series: its terms fall as those of exp(x/c)."""
    large = (np.abs(primal(x)) < 2 * np.real(primal(c))) & (np.real(primal(c)) > 1e6)
    if not np.any(large):
        return sp.hyp0f1(c, x)
    below, z = np.where(large, c, 1.0), np.where(large, x, 0.0)
    total = 1.0
    for n in range(2 * TERMS, -1, -1):
        total = 1 + total * z / ((n + 1.0) * (below + n))
    return np.where(large, total, sp.hyp0f1(np.where(large, 1.0, c), np.where(large, 0.0, x)))


def _beside(partial, k):
    def slope(*args):
        *inputs, out = args
        falls = _falls(inputs[:-1], inputs[-1])
        if not np.any(falls):
            return partial(*args)
        if np.all(falls):
            return _slope(inputs[:-1], inputs[-1], k)
        ours = [np.where(falls, v, 0.0) for v in inputs[:-2]] + [np.where(falls, inputs[-2], 1.0), np.where(falls, inputs[-1], 0.0)]
        theirs = [np.where(falls, 1.0, v) for v in inputs[:-1]] + [np.where(falls, 0.0, inputs[-1])]
        return np.where(falls, _slope(ours[:-1], ours[-1], k), partial(*theirs, out))

    return slope


def by_series(row):
    """Let `row`, of parameters and x, take the slopes by its parameters from the series where the lower one is large."""
    row.partials = (*(_beside(p, k) for k, p in enumerate(row.partials[:-1])), row.partials[-1])
    return row

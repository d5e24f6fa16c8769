"""Derivatives of SciPy's besselpoly, the integral of t^p J_v(2 a t) from 0 to 1, by all three arguments, of any order.

Its power series, J's (DLMF 10.2.2) integrated term by term, is summed as a jet in the order v; derivatives by the power p are
powers of the terms' denominators 2n + v + p + 1. Where its terms cancel, for large a, so do SciPy's: there the rest of the integral is
taken by Gauss and Legendre, and the slope by the order from its own values.
"""

import functools
import math

import numpy as np
import scipy.special as sp

from dualnet.table.domain import POSITIVE
from dualnet.table.doubled import gauss_legendre
from dualnet.table.jets import falling, helper, ladder, over, rgamma
from dualnet.table.parameters import Numeric
from dualnet.table.row import primal

LOSS = 7.0  # powers of e that the terms may cancel
LOWEST = -30.0
LARGEST = 500.0  # of a: the rule would need more points
TERMS = 200


def _within(a, v):
    """True where the terms, whose sum with one sign is some exp(2 a^2/(a + v + 1)), cancel little."""
    return (a >= 0) & (v > LOWEST) & (v < np.inf) & (2 * a * a < LOSS * (a + np.abs(v) + 1))


def _series(i, k, m, a, p, v):
    """d^(i+k+m)/dp^i dv^k da^m of the sum of (-1)^n a^(2n+v)/(n! gamma(n+v+1) (2n+v+p+1))."""
    out = np.full_like(a, np.nan)
    out[(a == 0) & (v > m)] = 0
    if k == 0:
        out = np.where((a == 0) & (v == m), (-1) ** i * math.factorial(i) / (v + p + 1) ** (i + 1), out)
    good = _within(a, v) & np.isfinite(p) & (a > 0)
    a, p, v = a[good], p[good], v[good]
    log, square, first = np.log(a), -a * a, np.maximum(np.ceil(-0.5 - v), 0.0)
    base = rgamma(first + v + 1, k, (2 * first + v - m) * log - sp.gammaln(first + 1), log)
    base = [np.where(first % 2, -1, 1) * c for c in base]

    def part(term, n):
        term = falling(term, 2 * n + v, m)
        for _ in range(i + 1):
            term = over(term, 2 * n + v + p + 1)
        return term[k]

    total = ladder(base, first, square, v, 0.0, part, TERMS)
    out[good] = (-1) ** i * math.factorial(i) * math.factorial(k) * total
    return out


moment_by = helper("_besselpoly_by", _series, 3, None, None, None, lambda i, k, m, a, p, v, out: moment_by(i, k, m + 1, a, p, v),
                   lambda i, k, m, a, p, v, out: moment_by(i + 1, k, m, a, p, v),
                   lambda i, k, m, a, p, v, out: moment_by(i, k + 1, m, a, p, v), domain=POSITIVE)


def _beyond(i, a, p, v):
    """The integral of t^p log(t)^i J_v(2 a t): by the series up to where its terms begin to cancel, from there by Gauss and Legendre."""
    out = np.full_like(a, np.nan)
    good = (a > 0) & (a < LARGEST) & (v > LOWEST) & np.isfinite(p + v)
    a, p, v = a[good], p[good], v[good]
    start = np.minimum((1 + np.sqrt(1 + 2 * (np.abs(v) + 1))) / a, 1.0)  # where half as many powers of e cancel
    log = np.log(start)
    total = start ** (p + 1) * sum(math.comb(i, j) * log ** (i - j) * _series(j, 0, 0, a * start, p, v) for j in range(i + 1))
    nodes, weights = gauss_legendre(30 + int(1.3 * np.max(a * (1 - start), initial=0)))
    for node, weight in zip(nodes, weights):
        t = start + (1 - start) * 0.5 * (1 + node)
        total = total + 0.5 * (1 - start) * weight * t**p * np.log(t) ** i * sp.jv(v, 2 * a * t)
    out[good] = total
    return out


@functools.cache
def beyond(i):
    """That as a row."""
    row = helper(f"_besselpoly_log{i}", functools.partial(_beyond, i), 3,
                 lambda a, p, v, out: v / a * out - 2 * beyond(i)(a, p + 1, v + 1), lambda a, p, v, out: beyond(i + 1)(a, p, v), None,
                 domain=POSITIVE, chunk=1 << 11)
    row.plain = row.function
    row.partials = (*row.partials[:2], Numeric(row, 2))
    return row


def _slope(k):
    """The slope of besselpoly by its k-th argument."""
    def slope(a, p, v, out):
        within = _within(primal(a), primal(v))
        near = lambda *args: moment_by(*(int(k == j) for j in (1, 2, 0)), *args)
        far = lambda *args: beyond(0).partials[k](*args, beyond(0)(*args))
        if np.all(within) or not np.any(within):
            return near(a, p, v) if np.all(within) else far(a, p, v)
        args = [(np.where(within, x, 1.0), np.where(within, y, x)) for x, y in ((a, 8.0), (p, 1.0), (v, 1.0))]
        return np.where(within, near(*(x for x, _ in args)), far(*(y for _, y in args)))

    return slope


SLOPES = [_slope(k) for k in range(3)]

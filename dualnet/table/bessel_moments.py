"""Derivatives of SciPy's besselpoly, the integral of t^p J_v(2 a t) from 0 to 1, by all three arguments, of any order.

Its power series, J's (DLMF 10.2.2) integrated term by term, is summed as a jet in the order v; derivatives by the power p are
powers of the terms' denominators 2n + v + p + 1. Where its terms cancel, for large a, so do SciPy's: there it is a sum of the J of
orders v + 1, v + 3, ... (DLMF 10.22.10), none of whose factors is large, with jets in p and v. Those of J fall from above (Miller's
algorithm, DLMF 3.6(v)) and are scaled by two that are known.
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.bessel_waves import jv_by
from dualnet.table.domain import POSITIVE
from dualnet.table.jets import falling, helper, ladder, over, product, quotient, rgamma, times

LOSS = 4.0  # powers of e that the terms may cancel
LOWEST = -30.0
LARGEST = 500.0  # of a: the sum would need more orders
TERMS = 200
CHUNK = 1 << 10


def _within(a, v):
    """True where the terms, whose sum with one sign is some exp(2 a^2/(a + v + 1)), cancel little."""
    return 2 * a * a < LOSS * (a + np.abs(v) + 1)


def _moments(i, k, m, a, p, v):
    """d^(i+k+m)/dp^i dv^k da^m of the integral."""
    out = np.full_like(a, np.nan)
    out[(a == 0) & (v > m)] = 0
    if k == 0:
        out = np.where((a == 0) & (v == m), (-1) ** i * math.factorial(i) / (v + p + 1) ** (i + 1), out)
    good = (a > 0) & np.isfinite(p) & (v > LOWEST) & (v < np.inf)
    near = good & _within(a, v)
    for mask, way in ((near, _series), (good & ~near & (a < LARGEST), _neighbours)):
        if np.any(mask):
            out[mask] = way(i, k, m, a[mask], p[mask], v[mask])
    return out


def _series(i, k, m, a, p, v):
    """The same from the sum of (-1)^n a^(2n+v)/(n! gamma(n+v+1) (2n+v+p+1))."""
    log, square, first = np.log(a), -a * a, np.maximum(np.ceil(-0.5 - v), 0.0)
    base = rgamma(first + v + 1, k, (2 * first + v - m) * log - sp.gammaln(first + 1), log)
    base = [np.where(first % 2, -1, 1) * c for c in base]

    def part(term, n):
        term = falling(term, 2 * n + v, m)
        for _ in range(i + 1):
            term = over(term, 2 * n + v + p + 1)
        return term[k]

    return (-1) ** i * math.factorial(i) * math.factorial(k) * ladder(base, first, square, v, 0.0, part, TERMS)


def _at(stack, places):
    """The jets at a place of the stack for each element."""
    return np.take_along_axis(stack, places[None, None], 0)[0]


def _orders(k, m, z, v):
    """The jets of order k in v of J of the orders v - m, v - m + 1, ... at z, up to where nothing is left of them."""
    lowest, known = v - m, np.maximum(np.ceil(m - v), m).astype(int)  # which of them is J_v, or the first of no negative order
    reach = np.minimum(13 * np.cbrt(z), 42 / np.arccosh(np.maximum((lowest + known) / z, 1.0)))
    top = np.ceil(np.maximum(z - lowest, known) + reach + 8)
    size = int(np.max(top))
    out, high, low = [None] * size, [0 * z] * (k + 1), [0 * z] * (k + 1)
    for n in range(size - 1, -1, -1):
        fall = [2 / z * c - h for c, h in zip(times(low, lowest + n + 1), high)]
        fall[0] = np.where(top - 1 == n, 1e-100, fall[0])
        out[n], high, low = fall, low, fall
    stack = np.array(out)
    pair = [list(_at(stack, known + j)) for j in (0, 1)]
    true = [[jv_by(n, lowest + known + j, z) / math.factorial(n) for n in range(k + 1)] for j in (0, 1)]
    both = lambda f, g: [c + d for c, d in zip(product(f[0], g[0]), product(f[1], g[1]))]
    scale = quotient(both(true, pair), both(pair, pair))
    return np.array([product(scale, list(f)) for f in stack])


def _neighbours(i, k, m, a, p, v):
    """The same from the sum over J's orders; its slopes by a are those of t^(p+m) and J's neighbours (DLMF 10.6.7)."""
    z = 2 * a
    waves = _orders(k, m, z, v)
    total = sum((-1) ** j * math.comb(m, j) * _raised(i, k, z, p + m, v - m + 2 * j, waves[2 * j + 1:]) for j in range(m + 1))
    return math.factorial(i) * math.factorial(k) * total


def _raised(i, k, z, p, v, waves):
    """The coefficient of order i in p and k in v, given J of the orders v + 1, v + 2, ...; of negative v, for which the sum cancels, by
    z M(p, v) = J_(v+1)(z) + (v + 1 - p) M(p - 1, v + 1)."""
    steps = np.maximum(np.ceil(-v), 0).astype(int)
    most = int(np.max(steps))
    out = _sum(i, k, p - steps, v + steps, [_at(waves, steps + n) for n in range(0, len(waves) - most, 2)]) / z
    for n in range(most - 1, -1, -1):
        more = 2 * _times(out, 0.5 * (v - p + 1) + n)
        more[0] += waves[n]
        out = np.where(n < steps, more / z, out)
    return out[i, k]


def _sum(i, k, p, v, waves):
    """The jet in p and v of the sum of (v + 2n + 1) ((v - p + 1)/2)_n/((v + p + 1)/2)_(n+1) J_(v+2n+1), given J of these orders."""
    factor = np.zeros((i + 1, k + 1, *p.shape))
    factor[0, 0] = 1
    total, factor = 0 * factor, _over(factor, 0.5 * (v + p + 1))
    for n, wave in enumerate(waves):
        for j, term in enumerate(times(wave, v + 2 * n + 1)):
            total[:, j:] += factor[:, :k + 1 - j] * term
        factor = _over(_times(factor, 0.5 * (v - p + 1) + n), 0.5 * (v + p + 3) + n)
    return total


def _times(f, c):
    """The jet f in p and v times c + (v - p)/2, of their changes."""
    out = c * f
    out[1:] -= 0.5 * f[:-1]
    out[:, 1:] += 0.5 * f[:, :-1]
    return out


def _over(f, c):
    """The same divided by c + (v + p)/2."""
    out = f.copy()
    for r, s in np.ndindex(f.shape[:2]):
        if r:
            out[r, s] -= 0.5 * out[r - 1, s]
        if s:
            out[r, s] -= 0.5 * out[r, s - 1]
        out[r, s] /= c
    return out


moment_by = helper("_besselpoly_by", _moments, 3, None, None, None, lambda i, k, m, a, p, v, out: moment_by(i, k, m + 1, a, p, v),
                   lambda i, k, m, a, p, v, out: moment_by(i + 1, k, m, a, p, v),
                   lambda i, k, m, a, p, v, out: moment_by(i, k + 1, m, a, p, v), domain=POSITIVE, chunk=CHUNK)
SLOPES = [lambda a, p, v, out: moment_by(0, 0, 1, a, p, v), lambda a, p, v, out: moment_by(1, 0, 0, a, p, v),
          lambda a, p, v, out: moment_by(0, 1, 0, a, p, v)]

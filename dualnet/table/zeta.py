"""Derivatives of Hurwitz's and Riemann's zeta functions by s, of any order, to full precision.

The sum of (n + a)^-s by Euler and Maclaurin (DLMF 25.11.5, 25.2.9) is a sum of powers and of products of s, which are
differentiated as jets: where s > 1 all terms that count are of one sign, but for the logarithm of the first. Left of 0 Riemann's is
turned around (DLMF 25.4.1).
"""

import math

import numpy as np
import scipy.special as sp
from scipy.special import _ufuncs

from dualnet.table.domain import POSITIVE, Domain
from dualnet.table.jets import exponential, helper, over, power, product, times
from dualnet.table.parameters import Slope, absolute
from dualnet.table.row import TABLE, primal, shape_of
from dualnet.table.stirling import polygamma

BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330, 854513 / 138,
             -236364091 / 2730]
STEEP = 300.0  # for larger s nothing is left of the terms beyond the tenth where the first is in the range
HIGH = 50.0  # of larger imaginary parts the sum would need more terms


def _jet(order, s, a, count):
    """The jet of the sum of (n + a)^-s in s, from its first `count` terms and the rest by Euler and Maclaurin."""
    total = [0.0] * (order + 1)
    for n in range(count):
        log = np.log(a + n)
        total = [t + p for t, p in zip(total, power(np.exp(-s * log) if np.iscomplexobj(s) else (a + n) ** -s, -log, order))]
    u, t = a + count, np.where(np.real(s) < STEEP, s, STEEP)
    rising = times([1 / u**2] + [0 * u] * order, t)  # s/u^2, then s (s+1) (s+2)/u^4, ...
    rest = over([1 + 0 * u] + [0 * u] * order, t - 1)
    rest[0] = rest[0] + 0.5 / u
    for j, b in enumerate(BERNOULLI):
        rest = [r + b / math.factorial(2 * j + 2) * x for r, x in zip(rest, rising)]
        rising = [x / u**2 for x in times(times(rising, t + 2 * j + 1), t + 2 * j + 2)]
    rest = product(rest, power(np.exp((1 - s) * np.log(u)) if np.iscomplexobj(s) else u ** (1 - s), -np.log(u), order))
    return [x + np.where(u == np.inf, 0.0, r) for x, r in zip(total, rest)]


def _hurwitz(k, s, a):
    out = np.full(shape_of(s), np.nan)
    good = (s > 1) & (a > 0)
    out[good] = math.factorial(k) * _jet(k, s[good], a[good], 10)[k]
    out[good & (a == np.inf)] = 0
    return out


def _riemann(k, s):
    out = np.full(shape_of(s), np.nan, s.dtype)
    if np.iscomplexobj(s):
        good = (s.real > 0) & (abs(s.imag) <= HIGH)
        out[good] = _jet(k, s[good], np.full(good.sum(), 2.0), 60)[k]
    else:
        for good, count in ((s > 1, 10), ((s > -0.5) & (s < 1), 3)):
            out[good] = _jet(k, s[good], np.full(good.sum(), 2.0), count)[k]
        left = (s <= -0.5) & (s > -170)
        out[left] = _turned(k, s[left])
    return math.factorial(k) * out


def _turned(k, s):
    """The k-th coefficient of 2 (2 pi)^(s-1) sin(pi s/2) gamma(1-s) zeta(1-s)."""
    z, quarter = 1 - s, 0.5 * math.pi
    one = _jet(k, z, np.ones_like(z), 10)
    log = [0 * s] + [(-1) ** n * polygamma(n - 1, z) / math.factorial(n) for n in range(1, k + 1)]
    if k:
        log[1] = log[1] + math.log(2 * math.pi)
    odd = 0.5 * s - 2 * np.round(0.25 * s)
    sine, cosine = np.sin(math.pi * odd), np.cos(math.pi * odd)
    turn = [(sine, cosine, -sine, -cosine)[n % 4] * quarter**n / math.factorial(n) for n in range(k + 1)]
    front = 2 * np.exp((s - 1) * math.log(2 * math.pi) + sp.gammaln(z))
    return front * product(product(exponential(log), turn), [(-1) ** n * c for n, c in enumerate(one)])[k]


zeta_by = helper("_zeta_by", _hurwitz, 2, None, lambda k, s, a, out: zeta_by(k + 1, s, a),
                 lambda k, s, a, out: -s * zeta_by(k, s + 1, a) - (k * zeta_by(k - 1, s + 1, a) if k else 0.0),
                 domain=(Domain(low=1.0), POSITIVE))
riemann_by = helper("_riemann_zeta_by", _riemann, 1, None, lambda k, s, out: riemann_by(k + 1, s), domain=Domain(low=1.0))


def riemann_slope(s, out):
    """The slope of Riemann's zeta function; of complex numbers to the left or far from the axis from SciPy's values."""
    if not np.iscomplexobj(primal(s)):
        return riemann_by(1, s)
    near = (np.real(primal(s)) > 0) & (np.abs(np.imag(primal(s))) <= HIGH)
    if np.all(near):
        return riemann_by(1, s)
    far = FAR(s) if not np.any(near) else FAR(np.where(near, -1.5, s))
    return np.where(near, riemann_by(1, np.where(near, s, 2.0)), far) if np.any(near) else far


FAR = Slope("zeta", _ufuncs._riemann_zeta, {0: (1, absolute)}, lambda j: TABLE["_riemann_zeta"].partials[j], 1)

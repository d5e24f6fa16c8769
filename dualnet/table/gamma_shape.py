"""The shape b of a gamma distribution as a function of the probability y and of x, P(b, x) = y: its derivatives of every order.

Along a line of equal probability b grows as x does, and nearly all of the second and third derivatives of P for large b cancels in those
of b. So the equation itself is expanded. With t = x s, the integral up to s = 1 of b t^b exp(-t)/gamma(1 + b) over log(s) changes as
y does. The logarithm of that changes, with u = dx/x, v = db/b and psi's derivatives at 1 + b in C, by

    log(1 + v) + u L + (v - u + c u) S + C,    S = b (log t - psi(1 + b)),    L = S + b - t - c S,

where c may be any number. For large b the density reaches over a few sqrt(b) of S, but v - u is smaller than u by that factor (so it is
carried along with v), and C, rid of its terms that cancel, and L, by a c that makes it nearly 0 at t = x, are bounded. The moments of L
and S over the smaller tail give one coefficient of v after the other.
"""

import math

import numpy as np

from dualnet.table.domain import OPEN, POSITIVE
from dualnet.table.jets import helper
from dualnet.table.row import primal
from dualnet.table.special_incomplete import LARGEST, gamma_tail
from dualnet.table.stirling import STIRLING, log1p_less, polygamma


def _product(p, q):
    """The product of two jets in two variables, arrays of coefficients by their orders along the first two axes."""
    out = np.zeros_like(q)
    for m, n in np.ndindex(q.shape[:2]):
        out[m:, n:] += p[m, n] * q[:len(q) - m, :q.shape[1] - n]
    return out


def _composed(series, p):
    """The jet of the power series with these coefficients at a jet without a constant."""
    out = np.zeros_like(p)
    for c in series[::-1]:
        out = _product(p, out)
        out[0, 0] += c
    return out


def _psi_gaps(order, b):
    """What psi(1 + b) and its derivatives up to that order have beyond those of log(b); of large b by their series (DLMF 5.11.2)."""
    big, out = b > 10 + order, []
    small, large = np.where(big, 1.0, b), np.where(big, b, 30.0)
    for n in range(order + 1):
        near = polygamma(n, 1 + small) - (np.log(small) if n == 0 else -math.factorial(n - 1) / (-small) ** n)
        rest = sum(c * (math.factorial(2 * k + n + 1) // math.factorial(2 * k)) / large ** (2 * k + 2) for k, c in enumerate(STIRLING))
        out.append(np.where(big, (0.5 * math.factorial(n) / large - rest) / (-large) ** n, near))
    return out


def _constant(b, change, lag):
    """The jet of C from those of db/b and of dx/x - db/b: of (b + db) log(1 + dx/x) - b dx/x, less what psi's derivatives make of
    log gamma(1 + b + db). Where b is large the two nearly cancel, but for log(1 + u) - u at u = (dx/x - db/b)/(1 + db/b)."""
    top = sum(change.shape[:2]) - 1
    orders, big = range(2, top), b > 1
    ones = np.ones_like(b)
    inverse = _composed([(-1.0) ** k * ones for k in range(top)], change)
    less = [0 * b, 0 * b, *((-1) ** (k + 1) / k * ones for k in orders)]
    near = _composed(less, _product(lag, inverse))
    near = b * (near + _product(change, near))
    gaps = _psi_gaps(top - 2, b)
    near -= _composed([0 * b, 0 * b, *(gaps[k - 1] * b**k / math.factorial(k) for k in orders)], change)
    step = change + lag
    far = b * (_composed(less, step) + _product(change, _composed(less, step) + step))
    far -= _composed([0 * b, 0 * b, *(polygamma(k - 1, 1 + b) * b**k / math.factorial(k) for k in orders)], change)
    return np.where(big, near, far)


def _shape_order(i, j, y, x, b):
    """The derivative of b by y, i times, and by x, j times."""
    out = np.full_like(b, np.nan)
    good = (b > 0) & (b <= LARGEST) & (x > 0) & (x < np.inf)
    if np.any(good):
        out[good] = _derivative(i, j, x[good], b[good])
    return out


def _derivative(i, j, x, b):
    lead, moments = _moments(i, j, x, b)
    tail = moments[0, 0, 0]
    slope = moments[1, 0, 0] + tail  # of P by b, times b
    change = np.zeros((i + 1, j + 1, b.size))
    lag = np.zeros_like(change)
    if i:
        change[1, 0], lag[1, 0] = 1 / slope, -1 / slope
    if j:
        lag[0, 1] = lead + (moments[0, 0, 1] + (1 - lead) * tail) / slope
        change[0, 1] = 1 - lag[0, 1]
    for total in range(2, i + j + 1):
        mass = _mass(total, change, lag, lead, moments, b)
        for m in range(max(total - j, 0), min(total, i) + 1):
            change[m, total - m], lag[m, total - m] = -mass[m, total - m] / slope, mass[m, total - m] / slope
    return b * change[i, j] * math.factorial(i) * math.factorial(j) / x**j


def _moments(i, j, x, b):
    """The moments of S, each over the factorial of its order, as jets along x that hold those of L: [order of S, 0, order of L]."""
    start, ratio, gap = (x - b) / b, x / b, -_psi_gaps(0, b)[0]
    log = np.where(np.abs(start) < 0.5, np.log1p(np.maximum(start, -0.5)), np.log(ratio))
    s, w = _scores(start, log.copy(), b, gap)
    lead = s * w / (s * s + b)
    needed = [(q, p) for p in range(j + 1) for q in range(i + j - p + 1)]

    def powers(z, k):
        s, w = _scores(start[k] + ratio[k] * np.expm1(z), log[k] + z, b[k], gap[k])
        w -= lead[k] * s
        out = np.empty((len(needed), *z.shape))
        for n, (q, p) in enumerate(needed):
            out[n] = out[n - 1] * (s / q) if q else out[needed.index((0, p - 1))] * (w / p) if p else 1.0
        return out

    out = np.zeros((i + j + 1, i + 1, j + 1, b.size))
    for (q, p), moment in zip(needed, gamma_tail(b, x, powers, (len(needed),))):
        out[q, 0, p] = moment
    return lead, out


def _scores(e, log, b, gap):
    """S and W = S + b - t at t = b (1 + e), `log` being log(1 + e) to what rounding of e leaves of it."""
    less, large = log - e, np.flatnonzero(b > 100)
    if large.size:
        less[large] = log1p_less(e[large])
        log[large] = less[large] + e[large]
    return b * (log + gap), b * (less + gap)


def _mass(total, change, lag, lead, moments, b):
    """The jet of the integral of the density, of coefficients to below order `total`."""
    density = _composed([np.ones_like(b) / math.factorial(k) for k in range(total // 2 + 1)], _constant(b, change, lag))
    density = density + _product(change, density)
    away = -lag
    away[0, 1:2] += lead
    power, mass = np.zeros_like(change), np.zeros_like(change)
    power[0, 0] = 1
    for moment in moments[:total + 1]:
        mass += _product(moment, power)
        power = _product(away, power)
    return _product(density, mass)


gamma_shape = helper("_gamma_shape", _shape_order, 3, None, None, lambda i, j, y, x, b, out: gamma_shape(i + 1, j, y, x, b),
                     lambda i, j, y, x, b, out: gamma_shape(i, j + 1, y, x, b), None,
                     domain=(POSITIVE, POSITIVE, OPEN(0, 1), POSITIVE, POSITIVE), chunk=1 << 10)


def shape_by_y(y, x, b):
    """The slope by the probability of the lower tail of the shape b, a solution."""
    return gamma_shape(1, 0, y, x, primal(b))


def shape_by_x(y, x, b):
    """Its slope by x."""
    return gamma_shape(0, 1, y, x, primal(b))

"""Derivatives of any order of Jacobi's elliptic functions and of their amplitude, by u and by m.

They are quotients of theta functions (DLMF 22.2), of which a few terms suffice: for m up to 1/2 with the nome q of m and W = exp(2 i z),
z = pi u/(2 K), for larger m by Jacobi's imaginary transformation (DLMF 22.6(iv)) with that of 1 - m and W = exp(2 v), v = pi u/(2 K'). As
jets in m nothing but what vanishes in truth cancels, for q is analytic at its 0 (DLMF 19.5.6), where K and Legendre's integrals are not.
Next to u = 0, where their slopes by m are small powers of u, the functions are doubled (DLMF 22.6.5-7) from their Maclaurin series
(DLMF 22.10.1-3). The derivatives by u follow with sn' = cn dn, cn' = -sn dn, dn' = -m sn cn (DLMF 22.13.1).
"""

import functools
import math

import numpy as np

from dualnet.table.domain import OPEN, REAL
from dualnet.table.jets import exponential, helper, product, quotient

CHUNK = 1 << 11
LARGEST = 1e16  # |u| whose phase is known
SMALL, DOUBLED, TERMS = 2.0, 3, 26  # |u| that is small, how often it is halved, and the terms of its series after the first that counts


def _times(p, q):
    """The product of jets, which here are arrays with an axis of orders in front and maybe several jets along the next one."""
    return np.array(product(p, q))


def _over(p, q):
    return np.array(quotient(p, q))


def _jet(order, first, second=0.0):
    """The jet of first + second e."""
    return np.array([first, *(np.full_like(first, second if i == 1 else 0.0) for i in range(1, order + 1))])


def _power(p, n):
    """The jet of p^n over its first coefficient, 1 where n is 0."""
    base = np.where(n == 0, 1.0, p[0])
    out = [np.ones_like(base)]
    for k in range(1, len(p)):
        out.append(sum((n * i - (k - i)) * p[i] * out[k - i] for i in range(1, k + 1)) / (k * base))
    return np.array([out[0], *(np.where(n == 0, 0.0, c) for c in out[1:])])


# --- by theta functions ------------------------------------------------------------------------------------------------
EXPONENTS = [0, 1, 2, 4, 6, 9, 12, 16]  # of the nome
EVEN, ODD = (np.array([EXPONENTS.index(k) for k in ks]) for ks in ([j * j for j in range(-4, 5)], [j * (j + 1) for j in range(-4, 4)]))
SIGNS = (-1.0) ** np.arange(-4, 5)[:, None]


def _nome(p):
    """The jet of the nome of the jet p (DLMF 19.5.6)."""
    one = _jet(len(p) - 1, np.ones_like(p[0]))
    less = one - p
    root, fourth = (one + less[0] ** n * _power(less, n) for n in (0.5, 0.25))
    small = _over(p, 2 * _times(root, _times(fourth, fourth)))
    square = _times(small, small)
    high = _times(square, square)
    return _times(small, one + _times(high, 2 * one + _times(high, 15 * one + _times(high, 150 * one + 1707 * high))))


def _powers(q):
    """The jets of q to the EXPONENTS, along a second axis."""
    two = _times(q, q)
    four = _times(two, two)
    more = _times(four[:, None], np.stack([two, four], 1))  # 6 and 8
    high = _times(more[:, [1, 0, 1]], np.stack([q, more[:, 0], more[:, 1]], 1))  # 9, 12 and 16
    return np.concatenate([np.stack([_jet(len(q) - 1, np.ones_like(q[0])), q, two, four], 1), more[:, :1], high], 1)


def _at_0(powers):
    """theta_3, theta_4 and theta_2/(2 q^(1/4)) at 0."""
    one, first, second, fourth, sixth, ninth, twelfth, last = np.moveaxis(powers, 1, 0)
    return *(one + 2 * (s * (first + ninth) + fourth + last) for s in (1, -1)), one + second + sixth + twelfth


def _sums(powers, W):
    """The sums of q^(j^2) W^j and of q^(j(j+1)) W^j over whole j, of which |j| <= 4 counts, and both with alternating signs."""
    one = powers[:, 0]
    both = np.stack([W, _over(one, W)], 1)
    square = _times(both, both)
    more = _times(square, both), _times(square, square)
    up, down = ([f[:, k] for f in (both, square, *more)] for k in (0, 1))
    W = np.stack([*down[::-1], one, *up], 1)
    even, odd = _times(powers[:, EVEN], W), _times(powers[:, ODD], W[:, :-1])
    return np.sum(even, axis=1), np.sum(odd, axis=1), np.sum(SIGNS * even, axis=1), np.sum(SIGNS[:-1] * odd, axis=1)


def _waving(u, m, order):
    """The jets in m of sn, cn and dn, along a second axis, for m <= 1/2."""
    powers = _powers(_nome(_jet(order, m, 1.0)))
    three, four, two = _at_0(powers)
    w = np.array(exponential(1j * _over(_jet(order, u), _times(three, three))))
    even, odd, alternating, sine = _sums(powers, _times(w, w))
    turned = _times(w[:, None], np.stack([sine, odd], 1))
    tops = _times(np.stack([three, four, four], 1), np.stack([turned[:, 0].imag / 2, turned[:, 1].real / 2, even.real], 1))
    return _over(tops, _times(np.stack([two, two, three], 1), alternating.real[:, None]))


def _rising(u, m, order):
    """The same for m > 1/2. Of all sums, whose terms rise
    up to that of n = floor(v/-log q), the common factor of this term is left out."""
    q = _nome(_jet(order, 1 - m, -1.0))
    powers = _powers(q)
    three, four, two = _at_0(powers)
    v = _over(_jet(order, u), _times(three, three))
    log = np.log(np.fmax(q[0], 1e-300))
    n = np.floor(-v[0] / log)
    w = np.exp(v[0] + n * log) * _times(_power(q, n), exponential([0 * u, *v[1:]]))
    even, odd, alternating, sine = _sums(powers, _times(w, w))
    tops = _times(np.stack([three, 2 * two, 2 * two], 1), np.stack([sine, alternating, even], 1))
    out = _over(tops, _times(np.stack([four, four, three], 1), np.stack([odd, *[_times(odd, w)] * 2], 1)))
    return np.where(n % 2, [[-1.0], [-1.0], [1.0]], 1.0) * out


# --- next to 0 ---------------------------------------------------------------------------------------------------------
@functools.cache
def _maclaurin(terms):
    """The coefficients of u^n m^k in sn, cn and dn."""
    sn, cn, dn = out = np.zeros((3, terms + 1, terms // 2 + 1))
    cn[0, 0] = dn[0, 0] = 1
    for n in range(terms):
        slopes = [sum(np.convolve(f[i], g[n - i])[:out.shape[2]] for i in range(n + 1)) for f, g in ((cn, dn), (sn, dn), (sn, cn))]
        sn[n + 1], cn[n + 1], dn[n + 1, 1:] = slopes[0] / (n + 1), -slopes[1] / (n + 1), -slopes[2][:-1] / (n + 1)
    return out


def _small(u, m, order):
    """The same for small u."""
    one, by_m = _jet(order, np.ones_like(m)), _jet(order, m, 1.0)
    coefficients = _maclaurin(TERMS + 2 * order)
    size, n = coefficients.shape[2], np.arange(coefficients.shape[1])[:, None]
    high, powers = (u / 2**DOUBLED) ** n, m ** n[:size]
    binomials = [[math.comb(k, j) for k in range(size)] for j in range(order + 1)]
    out = np.array([np.sum(high * ((coefficients * b)[:, :, j:] @ powers[:size - j]), axis=1) for j, b in enumerate(binomials)])
    for _ in range(DOUBLED):
        square = _times(out, out)
        s2, c2, d2 = np.moveaxis(square, 1, 0)
        products = _times(np.stack([out[:, 1], s2, s2, s2], 1), np.stack([out[:, 2], s2, d2, c2], 1))
        twice = _times(np.stack([2 * out[:, 0], by_m, by_m], 1), products[:, [0, 1, 3]])
        out = _over(np.stack([twice[:, 0], c2 - products[:, 2], d2 - twice[:, 2]], 1), (one - twice[:, 1])[:, None])
    return out


# --- together ----------------------------------------------------------------------------------------------------------
def _functions(u, m, order):
    """The jets in m of sn, cn and dn for u >= 0."""
    out = np.full((order + 1, 3, u.size), np.nan)
    small, low, inside = u < SMALL, m <= 0.5, (u < LARGEST) & (m >= 0) & (m <= 1)
    for where, rule in ((inside & small, _small), (inside & ~small & low, _waving), (inside & ~small & ~low, _rising)):
        if np.any(where):
            out[:, :, where] = rule(u[where], m[where], order)
    return out


def _derivative(k, i, j, u, m):
    """The mixed derivative, i times by u and j times by m, of sn, cn, dn or the amplitude (k = 0 to 3), not the amplitude itself."""
    if k == 3 and i:
        return _derivative(2, i - 1, j, u, m)
    f = [[jet] for jet in np.moveaxis(_functions(np.abs(u), m, j), 1, 0)]
    sn, cn, dn = f
    if k == 3:  # the amplitude's slope is cn sn' - sn cn'
        n = np.arange(1, j + 1)[:, None]
        out = (product(cn[0][:-1], n * sn[0][1:])[-1] - product(sn[0][:-1], n * cn[0][1:])[-1]) / j
    else:
        for n in range(1, i + 1):
            more = [product(g, h, _times)[-1] / n for g, h in ((cn, dn), (sn, dn), (sn, cn))]
            for jets, new in zip(f, (more[0], -more[1], -_times(_jet(j, m, 1.0), more[2]))):
                jets.append(new)
        out = f[k][i][j]
    return np.where(u < 0, (-1.0) ** (i + (k in (0, 3))), 1.0) * math.factorial(i) * math.factorial(j) * out


elliptic_by = helper("_elliptic_by", _derivative, 2, None, None, None, lambda k, i, j, u, m, out: elliptic_by(k, i + 1, j, u, m),
                     lambda k, i, j, u, m, out: elliptic_by(k, i, j + 1, u, m), domain=(REAL, OPEN(0, 1)), chunk=CHUNK)

"""The associated Legendre function of whole order m on the cut by its degree v, to every order, over (1 - x^2)^(|m|/2).

That quotient is the m-th derivative by x of Legendre's function of degree v (DLMF 14.6.1), with a sign, and its derivatives come from
degrees.py. Of negative orders it is the same over the 2 |m| factors from v - |m| + 1 to v + |m| (DLMF 14.9.3), whose Taylor coefficients
it is divided by; next to the whole degrees below |m|, where they cancel, its slopes by v come from its own values.
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.degrees import legendre_by
from dualnet.table.domain import OPEN, POSITIVE
from dualnet.table.hypergeometric_by import own_values, poch
from dualnet.table.jets import helper, over

EASY, FRACTION = 0.95, 0.01  # SciPy's values have lost digits for larger |x|, nearer to a whole degree, and of orders far above it


def root(m, x, less=0):
    """(1 - x^2)^(|m|/2 - less) of whole m, and 1 where less > |m|/2 as m is 0."""
    half = 0.5 * np.abs(m)
    return np.power((1 - x) * (1 + x), np.where(half == 0, 0.0, half - less))


def _values(j, order, v, x):
    """The j-th derivative by x of the quotient, from SciPy's function of the order |m| + j with the sign of m."""
    size = abs(order)
    front = 1.0 if order >= 0 else poch(size - v, j) * poch(v + size + 1, j)
    return (-1) ** j * front * sp.lpmv(order + (j if order >= 0 else -j), v, x) / root(size + j, x)


def _over_factors(k, j, size, v, x):
    """Of the order -size."""
    jet = [legendre_by(i, size + j, v, x) / math.factorial(i) for i in range(k + 1)]
    for i in range(2 * size):
        jet = over(jet, v - size + 1 + i)
    return math.factorial(k) * jet[k]


def _of_order(k, j, order, v, x):
    out, size = np.full_like(x, np.nan), abs(order)
    whole = np.floor(v) == v
    left = (np.abs(x) < 1) | (x == 1) | ((x == -1) & whole) | ((order == 0) & (x > -1))
    easy = left & (np.abs(x) < EASY) & ((np.abs(v - np.round(v)) > FRACTION) | whole) & (k == 0 <= order) & (order + j < v + 3)
    below = left & (order < 0) & (v < size - 0.5)
    ways = ((easy, lambda v, x: _values(j, order, v, x)),
            (below, lambda v, x: own_values("lpmv", lambda v, x: _values(j, order, v, x), [k, 0], (v, x))),
            (left & ~easy & ~below, lambda v, x: (-1) ** order * legendre_by(k, order + j, v, x) if order >= 0 else
             _over_factors(k, j, size, v, x)))
    for mask, way in ways:
        if np.any(mask):
            out[mask] = way(v[mask], x[mask])
    return out


def _ferrers(k, j, m, v, x):
    """d^k/dv^k d^j/dx^j of the quotient, for each order."""
    out, low = np.full_like(x, np.nan), v < -0.5
    v = np.where(low, -1 - v, v)  # DLMF 14.9.5
    for order in np.unique(m[np.floor(m) == m]):
        here = m == order
        out[here] = _of_order(k, j, int(order), v[here], x[here])
    return np.where(low, (-1) ** k, 1) * out


ferrers_by = helper("_lpmv_by", _ferrers, 3, None, None, None, lambda k, j, m, v, x, out: ferrers_by(k + 1, j, m, v, x),
                    lambda k, j, m, v, x, out: ferrers_by(k, j + 1, m, v, x), domain=(POSITIVE, POSITIVE, POSITIVE, POSITIVE, OPEN(-1, 1)))

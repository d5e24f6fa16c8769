"""Parabolic cylinder functions to full precision: SciPy's pbdv and pbvv lose up to all their digits beyond x = -5 and x = 7.

V and, left of 1, D are sums of the even and the odd power series (DLMF 12.4, 12.2.6 to 12.2.9 for the values at 0), right
of 1 D is Tricomi's function (DLMF 12.7.14); slopes come from neighbours (DLMF 12.8.2, 12.8.3, 12.8.6). Of large orders both
come from the integrals of cylinder_orders.py: there the series leave the range, and steps to Tricomi's function lose its digits.
"""

import functools
import math

import numpy as np
import scipy.special as sp

from dualnet.table.cylinder_orders import LARGEST as HIGHEST
from dualnet.table.cylinder_orders import ROWS
from dualnet.table.tricomi import elsewhere, tricomi

LARGEST = 36.0  # beyond this exp(x^2/2) overflows, and SciPy's value is taken
HIGH = {"pbdv": 20.0, "pbvv": 60.0}  # of orders, from which on they come from integrals


def _unless_high(name, m):
    """A function of plain (v, x), or (m = 1) its slope by x, that of high orders is its integral."""
    by, inside = ROWS[name]

    def of(plain):
        @functools.wraps(plain)
        def value(v, x):
            v, x = np.broadcast_arrays(np.asarray(v, float), np.asarray(x, float))
            high = (np.abs(v) > HIGH[name]) & (np.abs(v) <= HIGHEST) & inside(x) & (x < 1e3)
            if np.all(high):
                return by(0, m, v, x)
            return elsewhere(~high, plain(np.where(high, 1.0, v), np.where(high, 0.0, x)), lambda v, x: by(0, m, v, x), v, x)

        return value

    return of


def _series(a, x, value, slope):
    z = 0.5 * x * x
    return np.exp(-0.5 * z) * (value * sp.hyp1f1(0.5 * a + 0.25, 0.5, z) + slope * x * sp.hyp1f1(0.5 * a + 0.75, 1.5, z))


@_unless_high("pbdv", 0)
def value_d(v, x):
    """D_v(x) of plain arrays.

    Examples
    --------
    >>> bool(abs(value_d(2.0, -6.5) / ((6.5**2 - 1) * np.exp(-6.5**2 / 4)) - 1) < 1e-12)
    True
    """
    fine, right = np.abs(x) < LARGEST, x > 1
    y, z, a = np.where(fine & right, x, 2.0), np.where(fine & ~right, x, 0.0), -v - 0.5
    far = 2.0 ** (0.5 * v) * np.exp(-0.25 * y * y) * tricomi(-0.5 * v, 0.5, 0.5 * y * y)
    near = _series(a, z, math.sqrt(math.pi) * 2.0 ** (-0.5 * a - 0.25) * sp.rgamma(0.75 + 0.5 * a),
                   -math.sqrt(math.pi) * 2.0 ** (0.25 - 0.5 * a) * sp.rgamma(0.25 + 0.5 * a))
    return elsewhere(fine, np.where(right, far, near), lambda *p: sp.pbdv(*p)[0], v, x)


@_unless_high("pbdv", 1)
def slope_d(v, x):
    """D_v'(x) of plain arrays."""
    fine = np.abs(x) < LARGEST
    neighbours = np.where(x > 0, v * value_d(v - 1, x) - 0.5 * x * value_d(v, x), 0.5 * x * value_d(v, x) - value_d(v + 1, x))
    return elsewhere(fine, neighbours, lambda *p: sp.pbdv(*p)[1], v, x)


@_unless_high("pbvv", 0)
def value_v(v, x):
    """V_v(x), that is V(-v - 1/2, x), of plain arrays."""
    a, z = -v - 0.5, np.where(np.abs(x) < LARGEST, x, 0.0)
    series = _series(a, z, math.pi * 2.0 ** (0.5 * a + 0.25) * sp.rgamma(0.75 - 0.5 * a) ** 2 * sp.rgamma(0.25 + 0.5 * a),
                     math.pi * 2.0 ** (0.5 * a + 0.75) * sp.rgamma(0.25 - 0.5 * a) ** 2 * sp.rgamma(0.75 + 0.5 * a))
    return elsewhere(np.abs(x) < LARGEST, series, lambda *p: sp.pbvv(*p)[0], v, x)


@_unless_high("pbvv", 1)
def slope_v(v, x):
    """V_v'(x) of plain arrays."""
    neighbours = np.where(x > 0, 0.5 * x * value_v(v, x) - (v + 1) * value_v(v + 1, x), value_v(v - 1, x) - 0.5 * x * value_v(v, x))
    return elsewhere(np.abs(x) < LARGEST, neighbours, lambda *p: sp.pbvv(*p)[1], v, x)

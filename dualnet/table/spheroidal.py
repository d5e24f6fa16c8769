"""Spheroidal functions of SciPy and their derivatives by c, x and a characteristic value that is given, from their own series."""

import math

import numpy as np

from dualnet.table.spheroidal_angles import spheroidal_ang_by
from dualnet.table.spheroidal_series import spheroidal_ang_cv_by, spheroidal_rad_cv_by
from dualnet.table.spheroidal_waves import spheroidal_rad_by


def spheroidal(sign, part, given):
    """The derivatives of orders k by c and, where a value is `given`, l by that, and p by x, of ((k, l), p, m, n, c, cv, x)."""
    if part == "ang1":
        row = spheroidal_ang_cv_by if given else spheroidal_ang_by
        return lambda orders, p, *args: row(sign, *orders, p, *args)

    def radial(orders, p, *args):
        row = spheroidal_rad_cv_by if given else spheroidal_rad_by
        inner = lambda q: row(sign, part == "rad2", *orders, q, *args)
        return sum(math.comb(p, q) * _front(q, sign, args[0], args[-1]) * inner(p - q) for q in range(p + 1))

    return radial


def _front(q, sign, m, x):
    """The q-th derivative of (x^2 - sign)^(m/2) by x, q up to 2."""
    wall = x * x - sign
    power = lambda factor, exponent: factor * wall ** np.where(factor == 0, 0.0, exponent)
    if q == 0:
        return wall ** (m / 2)
    return power(m, m / 2 - 1) * (x if q == 1 else 1.0) + (power(m * (m - 2), m / 2 - 2) * (x * x) if q == 2 else 0.0)

"""Spheroidal angular functions next to x = 0 by c, of which their own values hold nothing there.

They are scaled such that the function at 0, or of odd n - m its slope, is that of Legendre's for every c (Flammer 1957), so that
their slopes by c fall off as x^2 or x^3, below the rounding of the values.
"""

import numpy as np
import scipy.special as sp
from scipy.special import _ufuncs

from dualnet.table.row import TABLE, primal

TERMS = 32
MIDDLE = 0.5  # |x| times the root of the equation's coefficients, up to which the series is taken


def in_the_middle(kind, part, slope):
    """The slope by c of part 0 (the function) or 1 (its slope by x), by the power series next to x = 0 and elsewhere by `slope`."""
    sign, function, value = (1, _ufuncs.pro_ang1, sp.pro_cv) if kind == "pro" else (-1, _ufuncs.obl_ang1, sp.obl_cv)

    def by_c(m, n, c, x, out):
        size = 1 + np.abs(primal(value(m, n, c))) + np.square(primal(c))
        close = np.abs(primal(x)) * np.sqrt(size) < MIDDLE
        if not np.any(close):
            return slope(m, n, c, x, out)
        odd = (np.asarray(primal(n)) - primal(m)) % 2 == 1
        start = np.where(odd, *function(m, n, primal(c), 0.0 * primal(x))[::-1])
        row = TABLE[f"{kind}_cv"]
        cv = row(m, n, c)
        near = _series(m, c, (cv, row.partials[2](m, n, c, cv)), np.where(close, x, 0), odd, sign, part) * start
        return near if np.all(close) else np.where(close, near, slope(m, n, c, np.where(close, 0.5, x), out))

    return by_c


def _series(m, c, characteristic, x, odd, sign, part):
    """The slope by c of the series in x that begins with 1 or x, or of its slope by x: the recurrence of its coefficients by the
    differential equation (DLMF 30.2.1), and the slopes of those."""
    cv, rise = characteristic
    square, growth, first = sign * c * c, 2 * sign * c, np.where(odd, 1, 0)
    a, b, total, power = [0.0, 0.0, 1.0], [0.0, 0.0, 0.0], 0.0, 1.0  # coefficients of x^(j-4), x^(j-2) and x^j, and x^(j-first)
    for k in range(0, TERMS, 2):
        j = k + first
        middle, low = 2 * j * j - cv + m * m, (j - 2) * (j - 1) - cv - square
        up = (middle * a[2] - low * a[1] - square * a[0]) / ((j + 1) * (j + 2))
        lift = (middle * b[2] - rise * a[2] - low * b[1] + (rise + growth) * a[1] - square * b[0] - growth * a[0]) / ((j + 1) * (j + 2))
        a, b = [*a[1:], up], [*b[1:], lift]
        if part:
            total = total + (j + 2) * lift * power * np.where(odd, x * x, x)
        else:
            total = total + lift * power * np.where(odd, x, 1.0) * (x * x)
        power = power * (x * x)
    return total

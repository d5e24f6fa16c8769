"""Spheroidal radial functions of the third kind, R1 + i R2, by c, from their asymptotic series and the differential equation.

Far out the function is exp(i c x)/x^(m+1) times a series in 1/x, scaled by what it is there (DLMF 30.11.3), and from there it is carried
inwards, with its derivatives by c. In that direction the function of the second kind grows, so that nothing is lost.
"""

import math

import numpy as np

from dualnet.table.eigenpairs import remembered
from dualnet.table.jets import over, power, product, times
from dualnet.table.spheroidal_equation import Equation, values_of
from dualnet.table.spheroidal_series import bessel_sum, lost, row_of, summed

TERMS = 40  # of the asymptotic series
NEAR = 1.5  # of x, from which the Bessel functions are summed
FAR = 25.0, 3.0  # of c x and of x, from which the asymptotic series is
LOST = 100.0  # how many times a sum may cancel


def _far_out(sign, m, n, c, x, values, u):
    """The function over (x^2 - sign)^(m/2), and its slope by x, from the asymptotic series."""
    first = np.zeros(values.shape, complex)
    first[0] = np.array([-1j, -1, 1j, 1])[n.astype(int) % 4]  # (-i)^(n+1)
    terms, less = [0 * first, 0 * first, first], [u[i] - values[i] for i in range(len(u))]
    y, dy = first, np.array(times(1j * first, c)) - (m + 1) / x * first
    for j in range(TERMS):
        low, mid, top = terms
        less_j = [less[0] + j * (j + 1), *less[1:]]
        most = np.array(product(less_j, top)) - sign * (m + j - 1) * (m + j) / (x * x) * low
        top = (np.array(over(most, c)) / x + 2j * sign * (m + j) / (x * x) * mid) / (2j * (j + 1))
        terms = [*terms[1:], top]
        y, dy = y + top, dy + np.array(times(1j * top, c)) - (m + 2 + j) / x * top
    front = power(np.exp(1j * c * x) * x ** (-m - 1), 1j * x, len(u) - 1)
    return [np.array(over(product(front, f), c)) for f in (y, dy)]


def _start(sign, k, m, n, c, x, values, u):
    """Where to start from, and the function and its slope there: i R2 by the sum of Bessel functions, or where that cancels R1 + i R2
    by the asymptotic series."""
    start = np.fmax(x, NEAR)
    y, dy = (1j * bessel_sum(sign, True, (k,), p, m, n, c, start) for p in (0, 1))
    far = np.flatnonzero(~(np.all(np.isfinite(y + dy), axis=0) & (lost(sign, m, n, c) < LOST)))
    if far.size:
        m, n, c, values, u = (v[..., far] for v in (m, n, c, values, u))
        start[far] = np.fmax(start[far], np.fmax(FAR[1], np.fmax(FAR[0], np.abs(u[0] - values[0]) / 6) / c))
        y[:, far], dy[:, far] = _far_out(sign, m, n, c, start[far], values, u)
    return start, y, dy


@remembered
def _third(sign, k, m, n, c, x):
    """The equation, and the Taylor coefficients by c of (R1 + i R2)/(x^2 - sign)^(m/2) and of its slope by x."""
    values, u = values_of(sign, k, m, n, c)
    x = np.where((x > 1 if sign > 0 else x >= 0) & (x < np.inf) & (c > 0) & np.isfinite(values[0]), x, np.nan)
    start, y, dy = _start(sign, k, m, n, c, x, values, u)
    equation = Equation(sign, m, values, sign * u)
    return equation, x, *equation.carried(start, y, dy, x)


def third(sign, k, p, m, n, c, x):
    """The derivative of order k by c and p by x of (R1 + i R2)/(x^2 - sign)^(m/2)."""
    equation, *point = _third(sign, max(k, 1), m, n, c, x)
    return equation.series(*point, max(p + 1, 2))[p][k] * (math.factorial(k) * math.factorial(p))


def _radial(sign, second, orders, p, *args):
    """The same of the second kind, or of the first: there by the sum of Bessel functions, unless that cancels, and this does not."""
    if second:
        return third(sign, *orders, p, *args).imag
    out = summed(sign, False, orders, p, *args)
    if sign < 0:  # all of whose terms have one sign
        return out
    cancels = lost(sign, *args[:3])
    some = np.flatnonzero(cancels > LOST)
    if some.size:
        args = [v[some] for v in args]
        y, dy = (third(sign, 0, i, *args) for i in (0, 1))
        better = np.abs(y) < cancels[some] * (np.abs(y.real) + np.abs(dy.real) / args[2])
        out[some] = np.where(better, third(sign, *orders, p, *args).real, out[some])
    return out


spheroidal_rad_by = row_of("_spheroidal_rad_by", _radial, 2)

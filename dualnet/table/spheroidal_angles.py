"""Spheroidal angular functions by c where their Legendre series cancels: oblate ones of large c, which next to x = 0 are tiny beside
those next to 1, and the tails of prolate ones next to 1. There they are the solutions of the equation that grow from that point."""

import math

import numpy as np

from dualnet.table.eigenpairs import power, remembered
from dualnet.table.jets import product, quotient
from dualnet.table.spheroidal_equation import Equation, values_of
from dualnet.table.spheroidal_series import at_0, at_least_1, legendre_sum, lost_angle, row_of

LOST = 100.0  # how many times a sum may cancel
OUTER = 0.75  # up to which the oblate ones are carried
TAIL, TERMS = 0.1, 40  # how far from 1 at most, and how many terms, the power series there is summed


@remembered
def _solution(sign, k, m, n, c, x):
    """The equation and the Taylor coefficients by c of the solution over (1 - x^2)^(m/2), and of its slope: from 0 the function itself,
    for prolate ones that which is 1 at 1."""
    values, u = values_of(sign, k, m, n, c)
    equation = Equation(1, m, values, u)
    if sign > 0:
        t = np.fmin(TAIL, 4 / (1 + c + np.sqrt(np.abs(values[0]))))
        start = np.fmax(x, 1 - t)
        y, dy = equation.regular(1 - start, TERMS)
    else:
        start, y, dy = 0 * x, 0 * values, 0 * values
        odd = (n - m) % 2 == 1
        y[0], dy[0] = np.where(odd, 0, at_0(m, n, u[0])), np.where(odd, at_0(m, n, u[0]), 0)
    return equation, *equation.carried(start, y, dy, x)


def _carried(sign, k, p, m, n, c, x):
    """The Taylor coefficients of the p-th derivative by x of that with (1 - x^2)^(m/2)."""
    equation, y, dy = _solution(sign, k, m, n, c, x)
    wall = np.array([(1 - x) * (1 + x), -2 * x, -np.ones_like(x), *[0 * x] * p])[:p + 1]
    front, series = power(wall, m / 2), equation.series(x, y, dy, max(p + 1, 2))
    return math.factorial(p) * sum(front[i] * series[p - i] for i in range(p + 1))


def _tails(sign, k, p, m, n, c, x):
    """The Taylor coefficients by c of the p-th derivative by x >= 0: what is carried, times what makes it the sum where that is sound."""
    if sign > 0:
        matched = np.sqrt(values_of(1, 0, m, n, c)[0][0]) / c
        return _scaled(legendre_sum(1, (k,), 0, m, n, c, matched), _carried(1, k, 0, m, n, c, matched), _carried(1, k, p, m, n, c, x))
    inside = _carried(-1, k, p, m, n, c, np.fmin(x, OUTER))
    edge = np.full_like(x, OUTER)
    sums = (legendre_sum(-1, (k,), q, m, n, c, at) for q, at in ((p, x), (0, edge)))
    outside = _scaled(_carried(-1, k, 0, m, n, c, edge), *list(sums)[::-1])
    return np.where(x > OUTER, outside, inside)


def _scaled(by, over, what):
    """The Taylor coefficients of by/over times what."""
    return np.array(product(quotient(by, over), what))


@remembered
def angular(sign, orders, p, m, n, c, x):
    """The derivative of order k by c and p by x of the angular function."""
    k, = orders
    out = legendre_sum(sign, at_least_1(orders), p, m, n, c, x)[k]
    cancels = lost_angle(sign, m, n, c, x) > LOST
    if sign > 0 and np.any(cancels):  # between its zeros it does not, and is small enough to be carried from 1 in its tail only
        cancels &= np.square(c * x) > 1.1 * values_of(1, 0, m, n, c)[0][0]
    some = np.flatnonzero(cancels & (np.abs(x) < 1))
    if some.size:
        turn = np.where((x[some] < 0) & ((n + m + p)[some] % 2 == 1), -1, 1)
        out = out.copy()
        out[some] = turn * _tails(sign, k, p, m[some], n[some], c[some], np.abs(x[some]))[k]
    return out * math.factorial(k)


spheroidal_ang_by = row_of("_spheroidal_ang_by", angular, 1)

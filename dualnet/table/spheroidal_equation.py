"""The spheroidal equation, by whose power series solutions are carried from where they are known to where their sums cancel.

(x^2 - s) y'' + 2 (m + 1) x y' = (a - m (m + 1) - w x^2) y is that of the radial functions over (x^2 - s)^(m/2), s being 1 for prolate
and -1 for oblate ones and w = c^2, and with s = 1 and w = u that of the angular ones over (1 - x^2)^(m/2) (DLMF 30.2.1).
"""

import numpy as np

from dualnet.table.jets import carried
from dualnet.table.spheroidal_series import SPHEROIDAL, in_c


def values_of(sign, k, m, n, c):
    """The Taylor coefficients by c of the characteristic value, and of u."""
    of = lambda pencil, m, n, c: in_c(SPHEROIDAL.series(pencil, k, m, n)[0], sign, c)
    u = np.array([sign * c * c, 2 * sign * c, 0 * c + sign, *[0 * c] * k])[:k + 1]
    return SPHEROIDAL.each(of, m, n, u[0], c, leading=(k + 1,)), u


def _by(p):
    """The matrix, for each element, that multiplies Taylor coefficients by those of p."""
    out = np.zeros((len(p), *p.shape))
    for i in range(len(p)):
        for j in range(i + 1):
            out[i, j] = p[i - j]
    return out


def _times(matrix, p):
    return np.einsum("ijn,jn->in", matrix, p)


class Equation:
    """The equation of arrays of s, m, a and w, of these the Taylor coefficients."""

    def __init__(self, s, m, values, w):
        self.s, self.m = s, m
        self.pull, self.push = _by(np.concatenate([values[:1] - m * (m + 1), values[1:]])), _by(w)

    def series(self, at, y, dy, terms, some=slice(None)):
        """The coefficients of the power series around the points `at` of the solution with this value and slope there."""
        m, pull, push = self.m[some], self.pull[..., some], self.push[..., some]
        out, square, wall = [0 * y, 0 * y, y, dy], at * at, at * at - self.s
        for j in range(terms - 2):
            low, mid, top, more = out[j:]
            rest = _times(pull, top) - _times(push, square * top + 2 * at * mid + low)
            rest = rest - j * (j + 2 * m + 1) * top - 2 * (j + 1) * (at * (j + m + 1)) * more
            out.append(rest / ((j + 1) * (j + 2) * wall))
        return out[2:]

    def carried(self, start, y, dy, x):
        """The value and the slope at x of the solution with these at `start`."""
        return carried(lambda some, *rest: self.series(*rest, some), start, y, dy, x)

    def regular(self, t, terms):
        """The value and the slope by x at 1 - t of the solution that is 1 at x = 1, where s = 1."""
        first = np.zeros(self.pull.shape[1:])
        first[0] = 1
        low, mid, top, y, dy = 0 * first, 0 * first, first, first, 0 * first
        for j in range(terms):
            rest = j * (j + 2 * self.m + 1) * top - _times(self.pull, top) + _times(self.push, top - 2 * mid + low)
            low, mid, top = mid, top, rest / (2 * (j + 1) * (j + self.m + 1))
            y, dy = y + top * t ** (j + 1), dy - (j + 1) * top * t**j
        return y, dy

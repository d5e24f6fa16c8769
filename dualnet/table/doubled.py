"""Numbers of twice the digits, as unevaluated sums of two doubles: for sums in which up to 16 digits cancel.

The exact sum and product of two doubles are those of Knuth and of Dekker 1971, what is made of them that of Hida, Li and Bailey 2001,
Algorithms for Quad-Double Precision Floating Point Arithmetic: results are right to 1e-31 or so.
"""

import functools

import numpy as np

SPLIT = 2.0**27 + 1


def _sum(a, b):
    """a + b and what its rounding took away."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def _product(a, b):
    """a b and what its rounding took away."""
    p, t, u = a * b, SPLIT * a, SPLIT * b
    a1, b1 = t - (t - a), u - (u - b)
    a2, b2 = a - a1, b - b1
    return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2


def _tidy(high, low):
    s = high + low
    return Pair(s, low - (s - high))


class Pair:
    """An array of numbers high + low, where low is below the last digit of high.

    Examples
    --------
    >>> third = 1 / Pair(3.0)
    >>> float((third * 3.0 - 1.0).high) == 0, float(third.low) > 0
    (True, True)
    """

    __slots__ = ("high", "low")
    __array_ufunc__ = None

    def __init__(self, high, low=None):
        self.high, self.low = high, np.zeros_like(high) if low is None else low

    def __getitem__(self, key):
        return Pair(self.high[key], self.low[key])

    def __setitem__(self, key, value):
        self.high[key], self.low[key] = value.high, value.low

    def __neg__(self):
        return Pair(-self.high, -self.low)

    def __add__(self, other):
        if not isinstance(other, Pair):
            s, e = _sum(self.high, other)
            return _tidy(s, e + self.low)
        s, e = _sum(self.high, other.high)
        t, f = _sum(self.low, other.low)
        u = e + t
        v = s + u
        return _tidy(v, (u - (v - s)) + f)

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        if not isinstance(other, Pair):
            p, e = _product(self.high, other)
            return _tidy(p, e + self.low * other)
        p, e = _product(self.high, other.high)
        return _tidy(p, e + (self.high * other.low + self.low * other.high))

    def __rtruediv__(self, other):
        """A plain number over this one, by a step of Newton's method."""
        q = other / self.high
        rest = other - self * q
        return _tidy(q, rest.high / self.high)

    __radd__, __rmul__ = __add__, __mul__


def high(x):
    """The double next to a number."""
    return x.high if isinstance(x, Pair) else x


def lifted(exact, *args):
    """The numbers as pairs of doubles where `exact`."""
    return [Pair(a) for a in args] if exact else args


@functools.cache
def gauss_legendre(n):
    """Nodes in (-1, 1) and weights of Gauss's rule (DLMF 3.5.19), n > 1, right to the last digit: those of NumPy's weights at the ends
    are wrong from the 13th on, by which a steep integrand's integral is.

    The weight 2/((1 - x^2) P'(x)^2) is taken at NumPy's node and brought to the true one, where (1 - x^2) P'^2 has the slope 2 x P'^2.
    """
    x = np.polynomial.legendre.leggauss(n)[0]
    last, p = Pair(np.ones(n)), Pair(x)
    for k in range(2, n + 1):
        step = p * x
        last, p = p, step + (step - last) * (k - 1.0) * (1 / Pair(np.float64(k)))
    square = (1 - Pair(x) * x).high
    slope = n * (last - p * x).high / square
    move = -p.high / slope
    nodes, weights = x + move, 2 / (square * slope * slope) * (1 - 2 * x * move / square)
    nodes.flags.writeable = weights.flags.writeable = False
    return nodes, weights

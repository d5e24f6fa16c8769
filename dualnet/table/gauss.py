"""Gauss' hypergeometric function by its parameters, to every order.

Between 0 and 1/2 the series converges fast, and left of 0 it is that of x/(x - 1) (Pfaff). Towards 1 the function is carried on from
x = 3/4 by Taylor series in steps of half of what is left to 1, whose coefficients obey a recurrence (DLMF 15.10.1), and with them their
derivatives by the parameters: no case of DLMF 15.8.4 with its poles at whole c - a - b is taken apart. So it is left of 0, too, where
it oscillates and Pfaff's series cancels.
"""

import numpy as np
import scipy.special as sp

from dualnet.table.domain import OPEN, POSITIVE
from dualnet.table.doubled import Pair, high, lifted
from dualnet.table.hypergeometric_by import by_row, first_of, more, own_values, poch, slope_by_x
from dualnet.table.hyperseries import TERMS, Terms, evaluated, summed, times

NEAR, STEEP = 0.8, 10.0  # from this x on there are steps towards 1, unless c - a - b is so large that the series falls by itself
FARTHEST, LARGEST = 1e6, 2e3  # of -x and of the parameters where it is followed
LONGEST = 1e6  # of a b where 2F1 is followed through all of its waves
A, B, C = np.eye(3, dtype=int).tolist()


def log1p(y):
    """log(1 + y) of pairs of doubles, -1/2 < y <= 1 (DLMF 15.4.3)."""
    s = y * (1 / (y + 2.0))
    one = np.ones_like(high(y))
    series, _ = summed(Terms((), one.shape, True), [(Pair(0.5 * one), ()), (Pair(one), ())], [(Pair(1.5 * one), ())], s * s)
    return series * s * 2.0


def _start(by, exact, a, b, c, m):
    return first_of(by, exact, m, [(a, A), (b, B)], [(c, C)])


def _series(by, m, exact, a, b, c, x):
    a, b, c, x = lifted(exact, a, b, c, x)
    return summed(_start(by, exact, a, b, c, m), more([(a, A), (b, B)], m), more([(c, C)], m), x)


def _turned(by, m, second, exact, a, b, c, x):
    """Those of (1 - x)^-a 2F1(a, c - b, c, x/(x - 1)), DLMF 15.8.1, or of the same with a and b exchanged."""
    front = np.exp(-((b if second else a) + m) * np.log1p(-x))
    a, b, c, x = lifted(exact, a, b, c, x)
    first = _start(by, exact, a, b, c, m)
    first.raised(int(second), -(log1p(-x) if exact else np.log1p(-x)))
    upper = [(b + float(m), B), (c - a, [-1, 0, 1])] if second else [(a + float(m), A), (c - b, [0, -1, 1])]
    value, size = summed(first, upper, more([(c, C)], m), x * (1 / (x - 1.0)))
    return front * value, front * size


def _stepped(by, m, exact, a, b, c, x):
    """By steps from 3/4 on."""
    start = np.full_like(x, 0.75)
    value, slope = (_series(by, k, False, a, b, c, start)[0] for k in (m, m + 1))
    value = stepped(value, slope, ((a + m, A), (b + m, B), (c + m, C)), 1 - x)
    return value, np.abs(value)


def stepped(value, slope, parameters, left, longest=0.5):
    """The function at 1 - left from its value and slope at 3/4, by steps of which each leaves the same part of the distance to 1."""
    count = np.maximum(np.ceil(np.log(0.25 / left) / -np.log(longest)), 1)
    part, slope = (left / 0.25) ** (1 / count), 0.25 * slope
    for k in range(int(np.max(count, initial=0))):
        go = np.flatnonzero(count > k)
        some = [(p[go], d) for p, d in parameters]
        value[..., go], slope[..., go] = _step(value[..., go], slope[..., go], some, 0.25 * part[go] ** k, 1 - part[go])
    return value


def _waves(a, b, c, x):
    """True where it oscillates, and the terms of its series cancel."""
    return (x.imag == 0) & (np.minimum(a, b) > c) & (-a * b * x.real > 25 + 5 * c) & (a * b < LONGEST)


def _outward(by, m, exact, a, b, c, x):
    """For x < 0, where 2F1 oscillates or x < -1: by steps from where its terms fall, each of four radians or half of x at most, and of so
    little that the other solution, x^(1 - c), and (1 - x)^-a and (1 - x)^-b change by a factor of e^2 at most."""
    x, product, largest = x.real, np.abs((a + m) * (b + m)), np.maximum(np.abs(a), np.abs(b)) + m
    here = np.maximum(x, -np.minimum(np.minimum(0.5, 1 / largest), 0.5 * (c + m) / product))
    value, slope = (_series(by, k, False, a, b, c, here)[0] for k in (m, m + 1))
    slope = slope * (1 - here)
    while (go := np.flatnonzero(here != x)).size:
        start = here[go]
        longest = np.minimum(4 * np.sqrt(start * (start - 1) / product[go]), 2 * (1 - start) / largest[go])
        step = np.maximum(x[go] - start, -np.minimum(-start * np.minimum(0.5, 2 / (c[go] + m)), longest))
        some = [(p[go] + m, d) for p, d in ((a, A), (b, B), (c, C))]
        value[..., go], slope[..., go] = _step(value[..., go], slope[..., go], some, 1 - start, step / (1 - start))
        here[go] = np.where(step > x[go] - start, start + step, x[go])
    return value, np.abs(value)


def _step(value, slope, parameters, t, s):
    """The value and the slope by s, for the next step, at x = 1 - t (1 - s), of a function and its slope by s at s = 0."""
    (a, by_a), (b, by_b), (c, by_c) = parameters
    terms, total, gain, n, e = [value, slope * s], value + slope * s, slope * s, 0, 1 - t
    direction = [e * (i + j) - k for i, j, k in zip(by_a, by_b, by_c)]
    while n < TERMS:
        below, here = terms[n % 2], terms[(n + 1) % 2]
        more = s * (n + 1) * times(here, e * (a + b + n + 1) - t * n - c, direction)
        more = (more + s * s * t * times(times(below, a + n, by_a), b + n, by_b)) / (e * ((n + 2) * (n + 1)))
        terms[n % 2] = more
        total, gain, n = total + more, gain + (n + 2) * more, n + 1
        if n % 8 == 0 and not np.any(np.abs(terms[0]) + np.abs(terms[1]) > 1e-17 * np.abs(total)):
            break
    return total, gain / s * (1 - s)


def _gauss(orders, a, b, c, x):
    *by, m = orders

    def own(a, b, c, x):
        return own_values("hyp2f1", lambda a, b, c, x: poch(a, m) * (poch(b, m) / poch(c, m)) * sp.hyp2f1(a + m, b + m, c + m, x),
                          [*by, 0], (a, b, c, x))

    def left(a, b, c, x):
        return (x.imag == 0) & (x.real < 0)

    def second(a, b, c, x):
        """Where Pfaff's transformation with a and b exchanged leaves less to cancel."""
        return np.where((b <= c) != (a <= c), a <= c, b * np.abs(c - a) < a * np.abs(c - b))

    def beside(a, b, c, x):
        return (x.imag == 0) & (x.real > NEAR) & (c - a - b < STEEP) & (a > 0) & (b > 0)

    fine = lambda a, b, c, x: (c > 0) & (np.abs(a) + np.abs(b) + c < 1e5) & (np.abs(x) < 1)
    outward = lambda a, b, c, x: (c > 0) & (np.abs(a) + np.abs(b) + c < LARGEST) & (x.imag == 0) & (x.real < 1) & (x.real > -FARTHEST) & (
        (x.real <= -1) | _waves(a, b, c, x))
    of = lambda method, *more: lambda *args: method(by, m, *more, *args)
    methods = [(outward, of(_outward)),
               (lambda *args: fine(*args) & ~left(*args) & ~beside(*args), of(_series)),
               (lambda *args: fine(*args) & beside(*args), of(_stepped)),
               (lambda *args: fine(*args) & left(*args) & second(*args), of(_turned, True)),
               (lambda *args: fine(*args) & left(*args) & ~second(*args), of(_turned, False))]
    return evaluated(by, methods, own, a, b, c, x)


hyp2f1_by = by_row("hyp2f1", _gauss, 4, (POSITIVE, POSITIVE, POSITIVE, OPEN(-1, 1)))


def _wrong(a, b, c, x):
    """True where SciPy's values may be wrong, by any factor: with parameters of some 30, left of -1 of 15, they begin to lose digits."""
    largest = np.maximum(np.maximum(np.abs(a), np.abs(b)), c)
    return (c > 0) & (-FARTHEST < x) & (x < 1) & (largest > np.where(x > -1, 20, 10)) & (not np.iscomplexobj(x))


gauss_dx = slope_by_x(lambda a, b, c, x: a * np.divide(b, c) * sp.hyp2f1(a + 1, b + 1, c + 1, x), hyp2f1_by,  # DLMF 15.5.1
                      _wrong, (40.0, 40.0, 1.0, -0.5), (1.0, 1.0, 1.0, 0.0))

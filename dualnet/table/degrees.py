"""Orthogonal polynomials by their degree and shapes, to every order.

Each is a hypergeometric series (DLMF 18.5.7, 18.5.9, 18.5.12), whose Taylor coefficients by degree and shapes come from
hyperseries.py, times gamma functions, whose coefficients are those of an exponential. Next to x = -1, where it hardly converges, the
steps of gauss.py go on from the middle; and where the degree is so high that it cancels, the recurrence in the degree (DLMF 18.9.1),
in which nothing grows between the zeros, is taken upwards from a lower one, with the coefficients of its factors.
"""

import numpy as np
import scipy.special as sp

from dualnet.table.domain import REAL
from dualnet.table.doubled import high
from dualnet.table.gauss import stepped
from dualnet.table.hypergeometric_by import by_row, first_of, lifted, more, own_values, poch
from dualnet.table.hyperseries import PLAIN, TWICE, Terms, evaluated, over, product, summed, times
from dualnet.table.jacobi import gegenbauer, jacobi, legendre, sh_jacobi
from dualnet.table.stirling import polygamma

NEAR = 0.8       # from this (1 - x)/2 on by steps
ALIKE = 3e-15    # how much of it two climbs may differ by, over PLAIN
HIGHEST, FARTHEST, LEAST, LARGEST, EDGE = 2000, 600.0, 1e-3, 200.0, 1e-9
LOSS = 1e3       # how much may cancel in the product with gamma functions


def of_gammas(orders, gammas):
    """Taylor coefficients of a product of gamma functions to the powers +-1, given as (power, value, direction, whether next to 0).

    Next to v = 0, where the poles of psi would cancel, gamma(v) is gamma(1 + v)/v.
    """
    axes, size, total = len(orders), gammas[0][1].shape, sum(orders)
    moved = [(sign, v + 1 if small else v, d) for sign, v, d, small in gammas]
    inside = np.logical_and.reduce([v < 150 for _, v, _ in moved])
    value = np.exp(sum(sign * sp.gammaln(v) for sign, v, _ in moved))
    if np.any(inside):
        value = np.where(inside, np.prod([sp.gamma(np.where(inside, v, 1.0)) ** sign for sign, v, _ in moved], axis=0), value)
    out = np.zeros(tuple(n + 1 for n in orders) + size)
    out[(0,) * axes] = 1.0
    log, powers = np.zeros_like(out), [out] * len(gammas)
    for k in range(1, total + 1):
        powers = [times(c, 0.0, d) / k for c, (_, _, d) in zip(powers, moved)]
        log = log + sum(sign * (polygamma(k - 1, v) if k > 1 else sp.psi(v)) * c for c, (sign, v, _) in zip(powers, moved))
    term = out
    for k in range(1, total + 1):
        term = product(term, log, axes) / k
        out = out + term
    for sign, v, d, small in gammas:
        if small:
            out = over(out, 1 / v, d) if sign > 0 else times(out, v, d)
    return out * value


def _times_gammas(by, exact, value, size, gammas):
    """Coefficients and sizes of the product with gamma functions, in doubles; the sizes tell also what cancels in it."""
    if not gammas:
        return value, size
    front, value = of_gammas(by, gammas), high(value)
    axes, within = len(by), (TWICE if exact else PLAIN) / LOSS * np.abs(value)
    return product(front, value, axes), product(np.abs(front), np.maximum(size, within), axes)


def _plus(*directions):
    return [sum(d) for d in zip(*directions)]


def _minus(direction):
    return [-d for d in direction]


class Family:
    """Polynomials of one kind and what they are made of.

    Parameters
    ----------
    forms : callable
        Of the degree and shapes: those of the kind's own, each with its direction.
    point : callable
        Of x: the argument of the series, and its distance from 1.
    scale : float
        Its slope by x.
    gammas : callable, optional
        Of the degree and shapes: gamma functions, as in :func:`of_gammas`, by which they are multiplied.
    """

    def __init__(self, forms, point=lambda x: (x, x), scale=1.0, gammas=lambda *args: []):
        self.forms, self.point, self.scale, self.gammas = forms, point, scale, gammas

    def inside(self, z, left):
        """Where the series is that of the polynomials."""
        return z == z

    def near(self, z):
        """Where it hardly converges."""
        return z != z

    beside = None

    def sum(self, by, m, exact, z, *forms):
        """The m-th derivative by z of the series, and the sizes in that."""
        upper, lower = self.sides(*forms)
        return summed(first_of(by, exact, m, upper, lower), more(upper, m), more(lower, m), lifted(exact, z)[0])

    def front(self, n, a, *rest):
        """(a + 1)_n / n! as gamma functions."""
        (n, dn), (a, da) = n, a
        return [(1, a + 1 + n, _plus(dn, da), False), (-1, a + 1, da, bool(np.any(a < -0.5))), (-1, n + 1, dn, False)]

    def series(self, by, m, exact, *args):
        value, size = self.sum(by, m, exact, self.point(args[-1])[0], *self.forms(*lifted(exact, *args[:-1])))
        return _times_gammas(by, exact, value, size, self.front(*self.forms(*args[:-1])) + self.gammas(*args[:-1]))

    def climbed(self, by, m, exact, *args):
        """From two lower degrees by the recurrence, of the shapes that m derivatives by z lead to."""
        (n, dn), *rest = self.shifted(m, *self.forms(*args[:-1]))
        z, left = self.point(args[-1])
        found = []
        for lower in (self.lower, self.lower - 2):  # where the recurrence magnifies errors, these differ
            steps = np.maximum(np.floor(n) - lower, 0)
            start = [self.low(by, z, left, (n - steps + k, dn), *rest) for k in (0.0, 1.0)]
            found.append(self.carried(by, m, *start, steps, *args))
        (value, size), (other, _) = found
        return value, size + np.abs(value - other) / ALIKE

    def whole(self, by, m, exact, *args):
        """Of whole degree, by the recurrence from degree 0 on: the derivatives by shapes are polynomials, too."""
        (n, dn), *rest = self.shifted(m, *self.forms(*args[:-1]))
        zero = Terms(by, n.shape, False).c
        value, size = self.carried(by, m, zero, self.first(zero, self.point(args[-1])[0], *rest), np.maximum(n, 0), *args)
        return np.where(n < 0, 0.0, value), np.where(n < 0, 0.0, size)

    def carried(self, by, m, below, here, steps, *args):
        """From `below` and `here`, of the lowest degree and the next, so many steps upwards."""
        forms, z = self.forms(*args[:-1]), self.point(args[-1])[0]
        (n, dn), *rest = self.shifted(m, *forms)
        for k in range(int(np.max(steps, initial=0))):
            go = np.flatnonzero(steps > k)
            some = [(v[go], d) for v, d in ((n - steps + (k + 1), dn), *rest)]
            below[..., go], here[..., go] = here[..., go], self.next(below[..., go], here[..., go], z[go], *some)
        for p, d in self.factors(m, *forms):
            below = times(below, p, d)
        return _times_gammas(by, False, (-1) ** m * below, np.abs(below), self.gammas(*args[:-1]))

    def low(self, by, z, left, *forms):
        """The polynomial of a low degree; NaN where too much cancels."""
        value, size = self.sum(by, 0, True, z, *((*lifted(True, v), d) for v, d in forms))
        value = np.where(size < TWICE * np.abs(high(value)), high(value), np.nan)
        return product(of_gammas(by, self.front(*forms)), value, len(by))


class Laguerre(Family):
    """DLMF 18.5.12; the degree below which no more than 16 digits cancel is that at any x."""

    lower = 28

    def sides(self, n, a):
        return [(-n[0], _minus(n[1]))], [(a[0] + 1.0, a[1])]

    def shifted(self, m, n, a):
        return (n[0] - m, n[1]), (a[0] + m, a[1])

    def factors(self, m, n, a):
        return []

    def first(self, one, x, a):
        """The polynomial of degree 1."""
        return times(one, a[0] + 1 - x, a[1])

    def next(self, below, here, x, n, a):
        """DLMF 18.9.1 and table 18.9.1."""
        (n, dn), (a, da) = n, a
        out = times(here, 2 * n + 1 + a - x, _plus(dn, dn, da)) - times(below, n + a, _plus(dn, da))
        return over(out, 1 / (n + 1), dn)


class Jacobi(Family):
    """DLMF 18.5.7, in (1 - x)/2."""

    lower = 16

    def inside(self, z, left):
        return (z > -0.5) & (left > 1e-250)

    def near(self, z):
        return z > NEAR

    def sides(self, n, a, b):
        (n, dn), (a, da), (b, db) = n, a, b
        return [(-n, _minus(dn)), (n + a + b + 1.0, _plus(dn, da, db))], [(a + 1.0, da)]

    def shifted(self, m, n, a, b):
        return (n[0] - m, n[1]), (a[0] + m, a[1]), (b[0] + m, b[1])

    def factors(self, m, n, a, b):
        """Of the m-th derivative, up to its sign (DLMF 18.9.15)."""
        return [(n[0] + a[0] + b[0] + (1 + k), _plus(n[1], a[1], b[1])) for k in range(m)]

    def first(self, one, z, a, b):
        (a, da), (b, db) = a, b
        return times(one, a + 1, da) - times(one, a + b + 2, _plus(da, db)) * z

    def next(self, below, here, z, n, a, b):
        """DLMF 18.9.2."""
        (n, dn), (a, da), (b, db) = n, a, b
        s, ds = 2 * n + a + b + 1, _plus(dn, dn, da, db)
        here = times(here, s, ds)
        skew = times(times(here, a - b, _plus(da, _minus(db))), a + b, _plus(da, db))
        here = times(times(here, s + 1, ds), s - 1, ds) * (1 - 2 * z) + skew
        here = here - 2 * times(times(times(below, n + a, _plus(dn, da)), n + b, _plus(dn, db)), s + 1, ds)
        return over(over(over(0.5 * here, 1 / (n + 1), dn), 1 / (n + a + b + 1), _plus(dn, da, db)), 1 / (s - 1), ds)

    def low(self, by, z, left, *forms):
        out, near = np.empty(tuple(k + 1 for k in by) + z.shape), z > NEAR
        for mask, of in ((~near, super().low), (near, self.low_beside)):
            if np.any(mask):
                out[..., mask] = of(by, z[mask], left[mask], *((v[mask], d) for v, d in forms))
        return out

    def low_beside(self, by, z, left, *forms):
        return product(of_gammas(by, self.front(*forms)), self.steps(by, 0, left, *forms), len(by))

    def steps(self, by, m, left, *forms):
        """The m-th derivative of the series next to its end at 1."""
        pairs, start = [(*lifted(True, v), d) for v, d in forms], np.full_like(left, 0.75)
        value, slope = (high(self.sum(by, k, True, start, *pairs)[0]) for k in (m, m + 1))
        return stepped(value, slope, [(p + m, d) for side in self.sides(*forms) for p, d in side], left, 0.65)

    def beside(self, by, m, exact, *args):
        forms = self.forms(*args[:-1])
        value = self.steps(by, m, self.point(args[-1])[1], *forms)
        return _times_gammas(by, False, value, np.abs(value), self.front(*forms) + self.gammas(*args[:-1]))


class Gegenbauer(Jacobi):
    """Jacobi's of equal shapes in another norm (DLMF 18.7.1), without the shapes' poles."""

    def sides(self, n, a):
        (n, dn), (a, da) = n, a
        return [(-n, _minus(dn)), (n + a * 2.0, _plus(dn, da, da))], [(a + 0.5, da)]

    def front(self, n, a):
        (n, dn), (a, da) = n, a
        return [(1, 2 * a + n, _plus(dn, da, da), True), (-1, 2 * a, _plus(da, da), True), (-1, n + 1, dn, False)]

    def shifted(self, m, n, a):
        return (n[0] - m, n[1]), (a[0] + m, a[1])

    def factors(self, m, n, a):
        return [(4 * (a[0] + k), [4 * d for d in a[1]]) for k in range(m)]

    def first(self, one, z, a):
        return 2 * times(one, a[0], a[1]) * (1 - 2 * z)

    def next(self, below, here, z, n, a):
        """DLMF 18.9.1 and table 18.9.1."""
        (n, dn), (a, da) = n, a
        out = 2 * times(here, n + a, _plus(dn, da)) * (1 - 2 * z) - times(below, n + 2 * a - 1, _plus(dn, da, da))
        return over(out, 1 / (n + 1), dn)


def _rows_of(name, family, count, own):
    """The row of the derivatives by `count` arguments, of which the last is x; own(m, ...) gives those by x alone of plain arrays."""
    def fine(*args):
        z, left = family.point(args[-1])
        known = np.isfinite(sum(args)) & (args[0] > -1) & (args[0] < HIGHEST) & (np.abs(z) < FARTHEST)
        return known & family.inside(z, left) & np.logical_and.reduce([(v > -1) & (v < HIGHEST) for v, _ in family.forms(*args[:-1])[1:]])

    def whole(*args):
        """The degrees that are whole."""
        n = args[0]
        return (np.floor(n) == n) & (n >= 0) & (n < HIGHEST / 10) & np.isfinite(sum(args))

    def value(orders, *args):
        *by, m = orders

        def scaled(method):
            return lambda exact, *args: tuple(v * s for v, s in zip(method(by, m, exact, *args), (family.scale**m, abs(family.scale)**m)))

        def known(*args):
            """Where no slope is as small as a degree or shape next to 0, beside which the gamma functions' slopes are rounded."""
            return fine(*args) & ((sum(by) == 0) | (len(by) == 1) | np.logical_and.reduce([np.abs(v) > LEAST for v in args[:-1]]))

        near = lambda *args: family.near(family.point(args[-1])[0])
        low = lambda *args: args[0] < family.lower + m + 4
        methods = [(lambda *args: whole(*args) & (by[0] == 0), scaled(family.whole)),
                   (lambda *args: known(*args) & ~near(*args), scaled(family.series)),
                   (lambda *args: known(*args) & near(*args) & low(*args), scaled(family.beside)),
                   (lambda *args: known(*args) & (args[0] > family.lower + m), scaled(family.climbed))]
        plain = lambda *args: own_values(name, lambda *args: own(m, *args), [*by, 0], args)
        return evaluated(by, methods if np.isrealobj(args[-1]) else [], plain, *args)

    row = by_row(name, value, count, (REAL,) * count)
    row.inside = lambda *args: _well_inside(family, *args)
    return row


def _well_inside(family, n, *rest):
    """Where degree, shapes and x are neither next to 0 or to the ends nor very large."""
    x = rest[-1]
    if np.iscomplexobj(x):
        return np.zeros(np.broadcast_shapes(*map(np.shape, (n, *rest))), bool)
    z, left = family.point(x)
    between = (np.abs(z) > EDGE) & (np.abs(left) > EDGE) & family.inside(z, left) & (np.abs(z) < FARTHEST)
    good = ((n > LEAST) | (n == 0)) & (n < LARGEST) & between
    for v in rest[:-1]:
        good = good & (v > LEAST) & (v < LARGEST)
    return good


def _of_jacobi(n, a, b, x, m):
    return 0.5**m * poch(n + a + b + 1, m) * jacobi(n - m, a + m, b + m, x)


def _of_legendre(m, n, x):
    return _of_jacobi(n, np.zeros_like(n), np.zeros_like(n), x, m) if m else legendre(n, x)


CENTRED, ONE_SIDED = (lambda x: (0.5 * (1 - x), 0.5 * (1 + x)), -0.5), (lambda x: (1 - x, x), -1.0)
LEGENDRE = lambda n: ((n, [1]), (n * 0.0, [0]), (n * 0.0, [0]))
laguerre_by = _rows_of("eval_laguerre", Laguerre(lambda n: ((n, [1]), (n * 0.0, [0]))), 2, lambda m, n, x: (-1) ** m * (
    sp.eval_genlaguerre(n - m, float(m), x) if m else sp.eval_laguerre(n, x)))
genlaguerre_by = _rows_of("eval_genlaguerre", Laguerre(lambda n, a: ((n, [1, 0]), (a, [0, 1]))), 3, lambda m, n, a, x: (-1) ** m * (
    sp.eval_genlaguerre(n - m, a + m, x)))
legendre_by = _rows_of("eval_legendre", Jacobi(LEGENDRE, *CENTRED), 2, _of_legendre)
sh_legendre_by = _rows_of("eval_sh_legendre", Jacobi(LEGENDRE, *ONE_SIDED), 2, lambda m, n, x: 2**m * _of_legendre(m, n, 2 * x - 1)
                          if m != 1 else n * (n + 1) / x * sp.hyp2f1(1 + n, -n, 2.0, 1 - x))  # DLMF 14.3.1 differentiated, 15.8.1
jacobi_by = _rows_of("eval_jacobi", Jacobi(lambda n, a, b: ((n, [1, 0, 0]), (a, [0, 1, 0]), (b, [0, 0, 1])), *CENTRED), 4,
                     lambda m, n, a, b, x: _of_jacobi(n, a, b, x, m))
gegenbauer_by = _rows_of("eval_gegenbauer", Gegenbauer(lambda n, a: ((n, [1, 0]), (a, [0, 1])), *CENTRED), 3,
                         lambda m, n, a, x: 2**m * poch(a, m) * gegenbauer(n - m, a + m, x))
sh_jacobi_by = _rows_of(
    "eval_sh_jacobi",
    Jacobi(lambda n, p, q: ((n, [1, 0, 0]), (p - q, [0, 1, -1]), (q - 1.0, [0, 0, 1])), *ONE_SIDED, lambda n, p, q: [
        (1, n + 1, [1, 0, 0], False), (1, n + p, [1, 1, 0], True), (-1, 2 * n + p, [2, 1, 0], True)]), 4,
    lambda m, n, p, q, x: poch(n - m + 1, m) * sh_jacobi(n - m, p + 2 * m, q + m, x))
OF_DEGREE = {"eval_laguerre": laguerre_by, "eval_genlaguerre": genlaguerre_by, "eval_legendre": legendre_by,
             "eval_sh_legendre": sh_legendre_by, "eval_jacobi": jacobi_by, "eval_gegenbauer": gegenbauer_by, "eval_sh_jacobi": sh_jacobi_by}

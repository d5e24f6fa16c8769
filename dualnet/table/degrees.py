"""Orthogonal polynomials by their degree and shapes, to every order.

Each is a hypergeometric series (DLMF 18.5.7, 18.5.9, 18.5.12), whose Taylor coefficients by degree and shapes come from
hyperseries.py, times gamma functions, whose coefficients are those of an exponential. Next to x = -1, where it hardly converges, the
steps of gauss.py go on from the middle; and where the degree is so high that it cancels, the recurrence in the degree (DLMF 18.9.1),
in which nothing grows between the zeros, is taken upwards from a lower one, with the coefficients of its factors. Derivatives by x alone
are SciPy's polynomials of the next kinds where these have all their digits.
"""


import numpy as np
import scipy.special as sp

from dualnet.errors import NotDifferentiableError
from dualnet.table.domain import REAL
from dualnet.table.doubled import high, lifted
from dualnet.table.gammas import minus, of_gammas, plus, times_gammas, without_pole
from dualnet.table.gauss import stepped
from dualnet.table.hypergeometric_by import by_row, first_of, more, own_values, poch
from dualnet.table.hyperseries import PLAIN, TWICE, Terms, evaluated, over, product, summed, times
from dualnet.table.jacobi import checked, gegenbauer, jacobi_slope, legendre_slope, obeyed, sh_jacobi

NEAR = 0.8       # from this (1 - x)/2 on by steps
NEARER = 0.98    # from which in any case
ALIKE = 2e-13, 1e-11  # how much of it two climbs may differ by, at first and where nothing else is left
LOWEST, HIGHEST, FARTHEST = -20.0, 2000, 700.0  # of shapes, and of degrees too; of arguments


def _one(n):
    """1, beside n."""
    return np.ones_like(high(n[0])), [0] * len(n[1])


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

    def easy(self, n, z):
        """Where SciPy's polynomials of a degree that is not whole have all their digits."""
        return (n > 0.01) & (n < 8) & (z >= 0) & (z < 10)

    def check(self, m, by_shape, *args):
        """Raise where values that the m-th derivative by x is to be taken from are wrong themselves."""

    beside = None
    pole = 0  # of the numbers v + k in the front the first that the series has a pole at

    def sum(self, by, m, exact, z, *forms):
        """The m-th derivative by z of the series, and the sizes in that."""
        upper, lower = self.sides(*forms)
        return summed(first_of(by, exact, m, upper, lower), more(upper, m), more(lower, m), lifted(exact, z)[0])

    def front(self, n, a, *rest):
        """(a + 1)_n / n! as gamma functions."""
        return [(1, (a[0] + 1, a[1]), n), (-1, _one(n), n)]

    def series(self, by, m, exact, *args):
        forms = self.forms(*args[:-1])  # rounded alike for both, whose poles cancel
        value, size = self.sum(by, m, exact, self.point(args[-1])[0], *((*lifted(exact, v), d) for v, d in forms))
        gammas = self.front(*forms) + self.gammas(*args[:-1])
        return times_gammas(by, exact, *without_pole(self.pole, exact, value, size, gammas[0]), gammas, self.pole)

    def from_whole(self, by, m, exact, *args):
        """The series with what the gamma functions of the whole degree next to that are, a polynomial, in twice the digits: derivatives
        by shapes that vanish there are not all that cancellation leaves. Where `exact`, as a last resort, a hundredfold of it is let pass.
        """
        forms = self.forms(*lifted(True, *args[:-1]))
        value, size = self.sum(by, m, True, self.point(args[-1])[0], *forms)
        (_, (v, dv), (n, dn)), whole = self.front(*forms)[0], np.round(args[0])
        for k in range(int(np.max(whole, initial=0))):
            some = np.flatnonzero(whole > k)
            factor = v[some] + float(k)
            value[..., some] = times(value[..., some], factor, dv)
            size[..., some] = times(size[..., some], np.abs(high(factor)), np.abs(dv).tolist())
        gammas = self.front(*self.forms(*args[:-1])) + self.gammas(*args[:-1])
        gammas[0] = 1, (high(v + whole), dv), (high(n - whole), dn)
        value, size = times_gammas(by, True, value, size, gammas)
        return value, size * (0.01 if exact else PLAIN / TWICE)

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
        return value, size + np.abs(value - other) * (TWICE / ALIKE[1] if exact else PLAIN / ALIKE[0])

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
        return times_gammas(by, False, (-1) ** m * below, np.abs(below), self.gammas(*args[:-1]))

    def low(self, by, z, left, *forms):
        """The polynomial of a low degree; NaN where too much cancels."""
        gammas = self.front(*forms)
        value, size = without_pole(self.pole, True, *self.sum(by, 0, True, z, *((*lifted(True, v), d) for v, d in forms)), gammas[0])
        value = np.where(size < TWICE * np.abs(high(value)), high(value), np.nan)
        return product(of_gammas(by, gammas, self.pole), value, len(by))


class Laguerre(Family):
    """DLMF 18.5.12; the degree below which no more than 16 digits cancel is that at any x."""

    lower = 28

    def check(self, m, by_shape, *args):
        (n, a), x = ((v + s * m) for s, (v, _) in zip((-1, 1), self.forms(*args[:-1]))), args[-1]
        if by_shape:
            if np.any(x > FARTHEST):  # SciPy's values are wrong there
                raise NotDifferentiableError(f"Laguerre polynomials at x = {np.max(x):g} have no derivatives by a degree, or by the shape "
                                             f"of one that is not whole, beyond x = {FARTHEST:g}: pass these through dn.stop_gradient")
            return
        loose = (np.floor(n) != n) & (n > 6)
        below, here, above = (sp.eval_genlaguerre(n + k, a, x) for k in (-1, 0, 1))
        obeyed(loose, n, (n + 1) * above, (2 * n + 1 + a - x) * here, (n + a) * below)

    def sides(self, n, a):
        return [(-n[0], minus(n[1]))], [(a[0] + 1.0, a[1])]

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
        out = times(here, 2 * n + 1 + a - x, plus(dn, dn, da)) - times(below, n + a, plus(dn, da))
        return over(out, 1 / (n + 1), dn)


class Jacobi(Family):
    """DLMF 18.5.7, in (1 - x)/2."""

    lower = 16

    def inside(self, z, left):
        return (z > -0.5) & (left > 1e-40)  # nearer to the end there would be too many steps

    def near(self, z):
        return z > NEAR

    def easy(self, n, z):
        return (n > 0.01) & (z >= 0) & ((n < 6) & (z < 0.95) | (n < 12) & (z < 0.75)) & (np.abs(n - np.round(n)) > 0.01)

    def check(self, m, by_shape, *args):
        if by_shape:
            return
        n, a, b = self.shapes(*(v for v, _ in self.forms(*args[:-1])))
        checked(n - m, a + m, b + m, 1 - 2 * self.point(args[-1])[0])

    def shapes(self, *forms):
        return forms

    def sides(self, n, a, b):
        (n, dn), (a, da), (b, db) = n, a, b
        return [(-n, minus(dn)), (n + a + b + 1.0, plus(dn, da, db))], [(a + 1.0, da)]

    def shifted(self, m, n, a, b):
        return (n[0] - m, n[1]), (a[0] + m, a[1]), (b[0] + m, b[1])

    def factors(self, m, n, a, b):
        """Of the m-th derivative, up to its sign (DLMF 18.9.15)."""
        return [(n[0] + a[0] + b[0] + (1 + k), plus(n[1], a[1], b[1])) for k in range(m)]

    def first(self, one, z, a, b):
        (a, da), (b, db) = a, b
        return times(one, a + 1, da) - times(one, a + b + 2, plus(da, db)) * z

    def next(self, below, here, z, n, a, b):
        """DLMF 18.9.2."""
        (n, dn), (a, da), (b, db) = n, a, b
        s, ds = 2 * n + a + b + 1, plus(dn, dn, da, db)
        here = times(here, s, ds)
        skew = times(times(here, a - b, plus(da, minus(db))), a + b, plus(da, db))
        here = times(times(here, s + 1, ds), s - 1, ds) * (1 - 2 * z) + skew
        here = here - 2 * times(times(times(below, n + a, plus(dn, da)), n + b, plus(dn, db)), s + 1, ds)
        return over(over(over(0.5 * here, 1 / (n + 1), dn), 1 / (n + a + b + 1), plus(dn, da, db)), 1 / (s - 1), ds)

    def low(self, by, z, left, *forms):
        out, near = np.empty(tuple(k + 1 for k in by) + z.shape), z > NEAR
        for mask, of in ((~near, super().low), (near, self.low_beside)):
            if np.any(mask):
                out[..., mask] = of(by, z[mask], left[mask], *((v[mask], d) for v, d in forms))
        return out

    def low_beside(self, by, z, left, *forms):
        return product(of_gammas(by, self.front(*forms), self.pole), self.steps(by, 0, left, *forms), len(by))

    def steps(self, by, m, left, *forms):
        """The m-th derivative of the series, without a pole, next to its end at 1."""
        pairs, start, front = [(*lifted(True, v), d) for v, d in forms], np.full_like(left, 0.75), self.front(*forms)[0]
        value, slope = (high(without_pole(self.pole, True, *self.sum(by, k, True, start, *pairs), front)[0]) for k in (m, m + 1))
        return stepped(value, slope, [(p + m, d) for side in self.sides(*forms) for p, d in side], left, 0.65)

    def beside(self, by, m, exact, *args):
        forms = self.forms(*args[:-1])
        value = self.steps(by, m, self.point(args[-1])[1], *forms)
        return times_gammas(by, False, value, np.abs(value), self.front(*forms) + self.gammas(*args[:-1]), self.pole)


class Legendre(Jacobi):
    """Jacobi's of shapes of 0."""

    def easy(self, n, z):
        return (n > 0.01) & (n < 40) & (np.abs(z - 0.5) < 0.47) & (np.abs(n - np.round(n)) > 0.01)


class Gegenbauer(Jacobi):
    """Jacobi's of equal shapes in another norm (DLMF 18.7.1), without the shapes' poles."""

    pole = 1

    def shapes(self, n, a):
        return n, a - 0.5, a - 0.5

    def sides(self, n, a):
        (n, dn), (a, da) = n, a
        return [(-n, minus(dn)), (n + a * 2.0, plus(dn, da, da))], [(a + 0.5, da)]

    def front(self, n, a):
        return [(1, (2 * a[0], plus(a[1], a[1])), n), (-1, _one(n), n)]

    def shifted(self, m, n, a):
        return (n[0] - m, n[1]), (a[0] + m, a[1])

    def factors(self, m, n, a):
        return [(4 * (a[0] + k), [4 * d for d in a[1]]) for k in range(m)]

    def first(self, one, z, a):
        return 2 * times(one, a[0], a[1]) * (1 - 2 * z)

    def next(self, below, here, z, n, a):
        """DLMF 18.9.1 and table 18.9.1."""
        (n, dn), (a, da) = n, a
        out = 2 * times(here, n + a, plus(dn, da)) * (1 - 2 * z) - times(below, n + 2 * a - 1, plus(dn, da, da))
        return over(out, 1 / (n + 1), dn)


def _rows_of(name, family, count, own):
    """The row of the derivatives by `count` arguments, of which the last is x; own(m, ...) gives those by x alone of plain arrays."""
    def fine(*args):
        z, left = family.point(args[-1])
        known = np.isfinite(sum(args)) & (args[0] > -1) & (args[0] < HIGHEST) & (np.abs(z) < FARTHEST)
        shapes = [(v > LOWEST) & ((v > -1) | (v != np.floor(v))) & (v < HIGHEST) for v, _ in family.forms(*args[:-1])[1:]]
        return known & family.inside(z, left) & np.logical_and.reduce(shapes)

    def whole(*args):
        """The degrees that are whole."""
        n = args[0]
        return (np.floor(n) == n) & (n >= 0) & (n < HIGHEST / 10) & np.isfinite(sum(args))

    def value(orders, *args):
        *by, m = orders

        def scaled(method):
            return lambda exact, *args: tuple(v * s for v, s in zip(method(by, m, exact, *args), (family.scale**m, abs(family.scale)**m)))

        def quick(exact, *args):
            value = own(m, *args).reshape((1,) * len(by) + args[0].shape)
            return value, np.abs(value)

        def plain(*args):
            if np.isrealobj(args[-1]):
                family.check(m, any(by), *args)
            return own_values(name, lambda *args: own(m, *args), [*by, 0], args)

        small = lambda *args: np.max(np.abs(args[1:-1]), axis=0, initial=0.0) < 8  # beyond, SciPy's 2F1 loses digits, and then all
        easy = lambda *args: (not any(by)) & family.easy(args[0], family.point(args[-1])[0]) & (m < args[0] + 3) & small(*args)
        near = lambda *args: family.near(family.point(args[-1])[0])
        low = lambda *args: args[0] < family.lower + m + 4
        shaped = lambda *args: fine(*args) & any(by[1:]) & (args[0] > 0.5) & low(*args) & (
            ~near(*args) | (family.point(args[-1])[0] < NEARER))
        methods = [(lambda *args: fine(*args) & easy(*args), quick),
                   (lambda *args: whole(*args) & (by[0] == 0), scaled(family.whole)),
                   (lambda *args: shaped(*args) & (np.abs(args[0] - np.round(args[0])) < 0.1), scaled(family.from_whole)),
                   (lambda *args: fine(*args) & ~near(*args), scaled(family.series)),
                   (shaped, scaled(family.from_whole)),
                   (lambda *args: fine(*args) & near(*args) & low(*args), scaled(family.beside)),
                   (lambda *args: fine(*args) & (args[0] > family.lower + m), scaled(family.climbed))]
        return evaluated(by, methods if np.isrealobj(args[-1]) else [], plain, *args)

    return by_row(name, value, count, (REAL,) * count)


CENTRED, ONE_SIDED = (lambda x: (0.5 * (1 - x), 0.5 * (1 + x)), -0.5), (lambda x: (1 - x, x), -1.0)
LEGENDRE = lambda n: ((n, [1]), (n * 0.0, [0]), (n * 0.0, [0]))
laguerre_by = _rows_of("eval_laguerre", Laguerre(lambda n: ((n, [1]), (n * 0.0, [0]))), 2, lambda m, n, x: (-1) ** m * (
    sp.eval_genlaguerre(n - m, float(m), x) if m else sp.eval_laguerre(n, x)))
genlaguerre_by = _rows_of("eval_genlaguerre", Laguerre(lambda n, a: ((n, [1, 0]), (a, [0, 1]))), 3, lambda m, n, a, x: (-1) ** m * (
    sp.eval_genlaguerre(n - m, a + m, x)))
legendre_by = _rows_of("eval_legendre", Legendre(LEGENDRE, *CENTRED), 2, legendre_slope)
sh_legendre_by = _rows_of("eval_sh_legendre", Legendre(LEGENDRE, *ONE_SIDED), 2, lambda m, n, x: 2**m * legendre_slope(m, n, 2 * x - 1)
                          if m != 1 else n * (n + 1) / x * sp.hyp2f1(1 + n, -n, 2.0, 1 - x))  # DLMF 14.3.1 differentiated, 15.8.1
jacobi_by = _rows_of("eval_jacobi", Jacobi(lambda n, a, b: ((n, [1, 0, 0]), (a, [0, 1, 0]), (b, [0, 0, 1])), *CENTRED), 4,
                     lambda m, n, a, b, x: jacobi_slope(n, a, b, x, m))
gegenbauer_by = _rows_of("eval_gegenbauer", Gegenbauer(lambda n, a: ((n, [1, 0]), (a, [0, 1])), *CENTRED), 3,
                         lambda m, n, a, x: 2**m * poch(a, m) * gegenbauer(n - m, a + m, x))
sh_jacobi_by = _rows_of(
    "eval_sh_jacobi",
    Jacobi(lambda n, p, q: ((n, [1, 0, 0]), (p - q, [0, 1, -1]), (q - 1.0, [0, 0, 1])), *ONE_SIDED, lambda n, p, q: [
        (1, _one((n, [1, 0, 0])), (n, [1, 0, 0])), (-1, (n + p, [1, 1, 0]), (n, [1, 0, 0]))]), 4,
    lambda m, n, p, q, x: poch(n - m + 1, m) * sh_jacobi(n - m, p + 2 * m, q + m, x))

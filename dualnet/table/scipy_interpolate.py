"""Rows of ``scipy.interpolate``: piecewise polynomials, in data, in knots and in points.

A class cannot be a row, but what it makes can carry a derivative: constructed with traced arrays, a spline gets a
subclass of its class (so ``isinstance`` holds, for subclasses of the user's too) that evaluates by rows. At a
knot where the polynomials meet, the piece just ahead is taken.
"""

import math

import numpy as np
import scipy.interpolate
import scipy.linalg

from dualnet.errors import NotDifferentiableError
from dualnet.table.ordering import leads, sign_ahead
from dualnet.table.registered import array, constructor, double, method
from dualnet.table.row import TABLE, Traced, ndim_of, primal, shape_of
from dualnet.table.shaping import normal

PPoly = scipy.interpolate.PPoly
_classes = {}


def become(self, mixin, **attributes):
    """Make the instance one of the traced subclass of its class, with these attributes."""
    cls = type(self)
    if not issubclass(cls, mixin):
        key = mixin, cls
        if key not in _classes:
            hidden = dict.fromkeys(attributes) | {"__doc__": cls.__doc__, "__module__": cls.__module__, "plain": cls}
            _classes[key] = type(f"Traced{cls.__name__}", (mixin, cls), hidden)
        self.__class__ = _classes[key]
    for name, value in attributes.items():
        setattr(self, name, value)
    return self


def refused(name):
    """A method that a traced spline does not have."""
    def call(self, *args, **kwargs):
        raise NotDifferentiableError(f"{self.plain.__name__}.{name} of an object that carries a derivative has no row in dualnet; make "
                                     "the object of dn.stop_gradient(x) where only the value is needed")

    return call


def pieces(x, knots, first, last, jump):
    """The interval of each point, from `first` to `last`; at a knot without a `jump` the one just ahead."""
    plain, ends = primal(x), primal(knots)
    live = np.flatnonzero(ends[first:last + 1] < ends[first + 1:last + 2]) + first
    place = np.clip(np.searchsorted(ends[live], plain, "right") - 1, 0, len(live) - 1)
    if isinstance(x, Traced) or isinstance(knots, Traced):
        on = (plain == ends[live[place]]) & (place > 0)
        behind = on & ~leads(x, knots[live[place]]) if np.any(on) else on
        if np.any(behind):
            other = np.where(behind, place - 1, place)
            place = np.where(jump(live[place], live[other]), place, other)
    return live[place]


def differ(a, b):
    """True where two values of a spline are not equal to rounding; for the points of the first axes."""
    return lambda ndim: np.any(np.abs(a - b) > 1e-8 * (1 + np.abs(a)), axis=tuple(range(ndim, ndim_of(a))))


def folded(x, start, end):
    """Points of a periodic function moved into one period."""
    return start + np.remainder(x - start, end - start)


# --- piecewise polynomials --------------------------------------------------------------------------------------
def _at(c, knots, x, j, nu):
    """The nu-th derivative at x of the j-th polynomials, by Horner's rule; axes of x first."""
    degree, rest = shape_of(c)[0] - 1, ndim_of(c) - 2
    t = np.reshape(x - knots[j], shape_of(x) + (1,) * rest)
    out = np.zeros(shape_of(x) + shape_of(c)[2:], primal(c).dtype) if nu > degree else None
    for m in range(degree + 1 - nu):
        term = math.perm(degree - m, nu) * c[m][j]
        out = term if out is None else out * t + term
    return out


def evaluated(c, knots, x, nu=0, extrapolate=True, axis=0):
    """Piecewise polynomials at x, as ``PPoly.__call__`` arranges them."""
    if not isinstance(nu, (int, np.integer)) or nu < 0:
        raise ValueError(f"nu={nu!r} is not an order of differentiation")
    x, knots, c = double(x), double(knots), double(c)
    if primal(knots)[-1] < primal(knots)[0]:
        raise NotDifferentiableError("a PPoly with decreasing breakpoints has no row in dualnet; give them in increasing order")
    if extrapolate == "periodic":
        x, extrapolate = folded(x, knots[0], knots[-1]), False
    numbers = primal(c), primal(knots), primal(x)

    def jump(j, other):
        return differ(_at(*numbers, j, nu), _at(*numbers, other, nu))(ndim_of(x))

    out = _at(c, knots, x, pieces(x, knots, 0, shape_of(c)[1] - 1, jump), nu)
    if not extrapolate:
        outside = (numbers[2] < numbers[1][0]) | (numbers[2] > numbers[1][-1])
        out = np.where(np.reshape(outside, shape_of(x) + (1,) * (ndim_of(c) - 2)), np.nan, out) if np.any(outside) else out
    n = ndim_of(x)
    return np.moveaxis(out, range(n), range(axis, axis + n)) if axis and n else out


def integrals(c, knots):
    """Coefficients of the antiderivative that is 0 at the first knot."""
    degree = shape_of(c)[0] - 1
    rest = (1,) * (ndim_of(c) - 2)
    raised = [c[m] / (degree + 1 - m) for m in range(degree + 1)]
    h, total = np.reshape(np.diff(knots), (-1, *rest)), 0.0
    for part in raised:
        total = (total + part) * h
    first = np.zeros((1, *shape_of(c)[2:]), primal(c).dtype)
    return np.stack([*raised, np.concatenate([first, np.cumsum(total, axis=0)[:-1]])])


def integrated(c, knots, a, b, extrapolate):
    """The integral from a to b, beyond the knots by the outer polynomials, by periods, or NaN."""
    above = integrals(double(c), double(knots))

    def up_to(x):
        if extrapolate != "periodic":
            return evaluated(above, knots, x, 0, extrapolate)
        turns = np.floor(primal((x - knots[0]) / (knots[-1] - knots[0])))
        whole = evaluated(above, knots, knots[-1])
        return evaluated(above, knots, folded(x, knots[0], knots[-1])) + turns * whole

    return up_to(array(b)) - up_to(array(a))


class Pieces:
    """A PPoly whose coefficients or breakpoints carry a derivative."""

    def __call__(self, x, nu=0, extrapolate=None):
        return evaluated(self.c, self.x, x, nu, self.extrapolate if extrapolate is None else extrapolate, self.axis)

    def _like(self, c, extrapolate):
        return become(self.plain.__new__(self.plain), Pieces, c=c, x=self.x, axis=self.axis, extrapolate=extrapolate)

    def derivative(self, nu=1):
        """The derivative as a piecewise polynomial."""
        if nu < 0:
            return self.antiderivative(-nu)
        degree = shape_of(self.c)[0] - 1
        factors = [math.perm(degree - m, nu) * self.c[m] for m in range(degree + 1 - nu)]
        return self._like(np.stack(factors) if factors else 0.0 * self.c[:1], self.extrapolate)

    def antiderivative(self, nu=1):
        """The antiderivative that is 0 at the first knot."""
        if nu < 0:
            return self.derivative(-nu)
        c = self.c
        for _ in range(nu):
            c = integrals(c, self.x)
        return self._like(c, False if self.extrapolate == "periodic" and nu else self.extrapolate)

    def integrate(self, a, b, extrapolate=None):
        """The integral from a to b."""
        return integrated(self.c, self.x, a, b, self.extrapolate if extrapolate is None else extrapolate)

    solve, roots, extend = refused("solve"), refused("roots"), refused("extend")


@method("scipy.interpolate.PPoly.__call__")
def call_pieces(self, x, nu=0, extrapolate=None):
    """A plain piecewise polynomial at traced points."""
    if not isinstance(self, PPoly):
        raise NotDifferentiableError(f"{type(self).__name__} has no row in dualnet; make a PPoly of it (PPoly.from_bernstein_basis)")
    return evaluated(self.c, self.x, x, nu, self.extrapolate if extrapolate is None else extrapolate, self.axis)


@method("scipy.interpolate.PPoly.integrate")
def integrate_pieces(self, a, b, extrapolate=None):
    """The integral of a plain piecewise polynomial between traced ends."""
    return integrated(self.c, self.x, a, b, self.extrapolate if extrapolate is None else extrapolate)


@constructor("scipy.interpolate.PPoly")
def ppoly(self, c, x, extrapolate=None, axis=0):
    """A piecewise polynomial from its coefficients and breakpoints."""
    c, x = double(c), double(x)
    axis = normal(axis, ndim_of(c) - 1)
    c = np.moveaxis(c, (axis, axis + 1), (0, 1)) if axis else c
    if ndim_of(x) != 1 or shape_of(c)[1] != np.size(x) - 1 or np.any(np.diff(primal(x)) < 0):
        raise ValueError(f"PPoly: coefficients of shape {shape_of(c)} need {shape_of(c)[1] + 1} increasing breakpoints, "
                         f"not those of shape {shape_of(x)}")
    become(self, Pieces, c=c, x=x, axis=axis, extrapolate=True if extrapolate is None else bool(extrapolate) or extrapolate)


# --- through given points ---------------------------------------------------------------------------------------
def entered(name, x, y, axis):
    """x, the steps between its elements in the shape of y, y with the axis first, and the axis."""
    x, y = double(x), double(y)
    axis = normal(axis, ndim_of(y))
    y = np.moveaxis(y, axis, 0)
    plain = primal(x)
    if ndim_of(x) != 1 or np.size(x) < 2 or np.size(x) != shape_of(y)[0]:
        raise ValueError(f"{name}: x of shape {shape_of(x)} and {shape_of(y)[0]} values along axis {axis}; give two points or more")
    if np.any(np.diff(plain) <= 0) or not np.all(np.isfinite(plain)) or not np.all(np.isfinite(primal(y))):
        raise ValueError(f"{name}: x must increase strictly, and x and y must be finite")
    return x, np.reshape(np.diff(x), (-1,) + (1,) * (ndim_of(y) - 1)), y, axis


def hermite(self, x, h, y, slopes, axis, extrapolate):
    """Fill a spline with the cubics of given values and slopes at the knots."""
    m = np.diff(y, axis=0) / h
    bend = (slopes[:-1] + slopes[1:] - 2 * m) / h
    c = np.stack([bend / h, (m - slopes[:-1]) / h - bend, slopes[:-1], y[:-1]])
    become(self, Pieces, c=c, x=x, axis=axis, extrapolate=True if extrapolate is None else extrapolate)


@constructor("scipy.interpolate.CubicHermiteSpline")
def cubic_hermite_spline(self, x, y, dydx, axis=0, extrapolate=None):
    """Cubics through given values with given slopes."""
    x, h, y, axis = entered("CubicHermiteSpline", x, y, axis)
    slopes = np.moveaxis(double(dydx), axis, 0)
    if shape_of(slopes) != shape_of(y):
        raise ValueError("The shapes of `y` and `dydx` must be identical.")
    hermite(self, x, h, y, slopes, axis, extrapolate)


@constructor("scipy.interpolate.PchipInterpolator")
def pchip(self, x, y, axis=0, extrapolate=None):
    """Monotone cubics: slopes are weighted harmonic means (Fritsch and Butland 1984), 0 at an extremum of the data.

    Where two neighbours are equal, the derivative is that just ahead; where three are, it is 0 in the middle.
    """
    x, h, y, axis = entered("PchipInterpolator", x, y, axis)
    m = np.diff(y, axis=0) / h
    if shape_of(m)[0] == 1:
        return hermite(self, x, h, y, np.concatenate([m, m]), axis, extrapolate)
    same = sign_ahead(m[:-1]) * sign_ahead(m[1:]) > 0
    left, right = np.where(same, m[:-1], 1.0), np.where(same, m[1:], 1.0)
    p, q = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    turn = np.abs(primal(left)) > np.abs(primal(right))
    small, big = np.where(turn, right, left), np.where(turn, left, right)
    same = same & (primal(big) != 0)
    ratio = small / np.where(same, big, 1.0)
    inner = np.where(same, small * (p + q) / (np.where(turn, q, p) + np.where(turn, p, q) * ratio), 0.0)
    slopes = np.concatenate([_end(h[:1], h[1:2], m[:1], m[1:2]), inner, _end(h[-1:], h[-2:-1], m[-1:], m[-2:-1])])
    return hermite(self, x, h, y, slopes, axis, extrapolate)


def _end(h, g, m, n):
    """The slope at an end: of the parabola through three points, limited so that the cubic stays monotone."""
    slope = ((2 * h + g) * m - h * n) / (h + g)
    against = sign_ahead(slope) != sign_ahead(m)
    limited = (sign_ahead(m) != sign_ahead(n)) & (sign_ahead(np.abs(slope) - 3 * np.abs(m)) > 0)
    return np.where(against, 0.0, np.where(limited, 3 * m, slope))


@constructor("scipy.interpolate.Akima1DInterpolator")
def akima(self, x, y, axis=0, *, method="akima", extrapolate=None):
    """Cubics with slopes weighted by how much the neighbouring ones bend (Akima 1970); where nothing bends, their mean."""
    if method not in ("akima", "makima"):
        raise NotImplementedError(f"`method`={method} is unsupported.")
    x, h, y, axis = entered("Akima1DInterpolator", x, y, axis)
    extrapolate, m = False if extrapolate is None else extrapolate, np.diff(y, axis=0) / h
    if shape_of(m)[0] == 1:
        return hermite(self, x, h, y, np.concatenate([m, m]), axis, extrapolate)
    p, q = 2 * m[:1] - m[1:2], 2 * m[-1:] - m[-2:-1]
    m = np.concatenate([2 * p - m[:1], p, m, q, 2 * q - m[-1:]])
    bend = np.abs(np.diff(m, axis=0))
    if method == "makima":
        bend = bend + 0.5 * np.abs(m[1:] + m[:-1])
    before, after = bend[:-2], bend[2:]
    both = before + after
    live = primal(both) > 1e-9 * np.max(primal(both))
    weight = before / np.where(live, both, 1.0)
    slopes = np.where(live, m[1:-2] + weight * (m[2:-1] - m[1:-2]), 0.5 * (m[3:] + m[:-3]))
    return hermite(self, x, h, y, slopes, axis, extrapolate)


def _conditions(bc_type, y):
    """What holds at both ends: "not-a-knot", "periodic" or a pair (order, value)."""
    if isinstance(bc_type, str):
        bc_type = (bc_type, bc_type)
    if len(bc_type) != 2:
        raise ValueError("`bc_type` must contain 2 elements to specify start and end conditions.")
    if "periodic" in [b for b in bc_type if isinstance(b, str)]:
        if bc_type[0] != bc_type[1]:
            raise ValueError("'periodic' `bc_type` is defined for both curve ends and cannot be used with other boundary conditions.")
        if not np.allclose(primal(y)[0], primal(y)[-1], rtol=1e-15, atol=1e-15):
            raise ValueError("The first and last `y` point must be identical (within machine precision) when `bc_type='periodic'`.")
    out = []
    for b in bc_type:
        named = {"clamped": (1, 0.0), "natural": (2, 0.0)}.get(b, b) if isinstance(b, str) else tuple(b)
        if isinstance(named, str) and named not in ("not-a-knot", "periodic") or not isinstance(named, str) and named[0] not in (1, 2):
            raise ValueError(f"bc_type={b!r} is not allowed.")
        if not isinstance(named, str):
            value = array(named[1])
            if not isinstance(b, str) and shape_of(value) != shape_of(y)[1:]:
                raise ValueError(f"the derivative of shape {shape_of(value)} in bc_type does not fit values of shape {shape_of(y)[1:]}")
            named = named[0], np.broadcast_to(value, shape_of(y)[1:])
        out.append(named)
    return out


def _end_row(condition, h, g, m, n):
    """(diagonal, next to it, right side) of the equation for the slope at an end; steps h, g and slopes m, n from there.

    The sign of h and g is that of the direction into the curve.
    """
    if isinstance(condition, str):
        d = h + g
        return g, d, ((h + 2 * d) * g * m + h * h * n) / d
    order, value = condition
    if order == 1:
        return 1.0 + 0.0 * h, 0.0 * h, value
    return 2.0 + 0.0 * h, 1.0 + 0.0 * h, 3 * m - 0.5 * value * h


def _cyclic(h, m, size):
    """Slopes of a periodic spline at all knots but the last."""
    before, after = np.roll(h, 1, 0), h
    right = 3 * (after * np.roll(m, 1, 0) + before * m)
    i = np.arange(size)
    flat = np.reshape(np.stack([after, 2 * (before + after), before]), (3, -1))[:, :size] if np.size(h) else None
    places = np.concatenate([i * size + (i - 1) % size, i * size + i, i * size + (i + 1) % size])
    if size <= 3:
        matrix = np.reshape(TABLE["scatter_add"](np.reshape(flat, -1), places, size * size), (size, size))
        return np.reshape(np.linalg.solve(matrix, np.reshape(right, (size, -1))), shape_of(right))
    low, diagonal, up = flat  # a tridiagonal matrix and the product of two vectors, which holds the corners
    gamma = -diagonal[:1]
    ends = np.concatenate([diagonal[:1] - gamma, diagonal[1:-1], diagonal[-1:] - up[-1:] * low[:1] / gamma])
    zero = np.zeros(1)
    ab = np.stack([np.concatenate([zero, up[:-1]]), ends, np.concatenate([low[1:], zero])])
    u = np.concatenate([gamma, np.zeros(size - 2), up[-1:]])
    both = TABLE.find(scipy.linalg.solve_banded)((1, 1), ab, np.concatenate([np.reshape(right, (size, -1)), u[:, None]], 1))
    part, turn = both[:, :-1], both[:, -1:]
    ratio = low[0] / gamma[0]
    out = part - turn * ((part[:1] + ratio * part[-1:]) / (1 + turn[0] + ratio * turn[-1]))
    return np.reshape(out, shape_of(right))


def _slopes(x, h, y, bc):
    """Slopes at the knots of the cubic spline: a tridiagonal system (de Boor 1978, chapter IV)."""
    n, m = np.size(x), np.diff(y, axis=0) / h
    if n == 2:
        bc = [(1, m[0]) if isinstance(b, str) else b for b in bc]
    elif isinstance(bc[0], str) and bc[0] == "periodic":
        s = _cyclic(h, m, n - 1)
        return np.concatenate([s, s[:1]])
    elif n == 3 and all(isinstance(b, str) for b in bc):  # both say the same: a parabola
        bend = (m[1] - m[0]) / (h[0] + h[1])
        return np.stack([m[0] - h[0] * bend, m[0] + h[0] * bend, m[1] + h[1] * bend])
    near, far = (1, -2) if n > 2 else (0, 0)
    d0, e0, r0 = _end_row(bc[0], h[0], h[near], m[0], m[near])
    d1, e1, r1 = _end_row(bc[1], -h[-1], -h[far], m[-1], m[far])
    flat = np.reshape(h, (n - 1,))
    d0, e0, d1, e1 = (np.reshape(v, (1,)) for v in (d0, e0, d1, e1))
    zero = np.zeros(1)
    ab = np.stack([np.concatenate([zero, e0, flat[:-1]]), np.concatenate([d0, 2 * (flat[:-1] + flat[1:]), d1]),
                   np.concatenate([flat[1:], e1, zero])])
    r0, r1 = (np.reshape(r, (1, *shape_of(y)[1:])) for r in (r0, r1))
    b = np.concatenate([r0, 3 * (h[1:] * m[:-1] + h[:-1] * m[1:]), r1])
    out = TABLE.find(scipy.linalg.solve_banded)((1, 1), ab, np.reshape(b, (n, -1)))
    return np.reshape(out, shape_of(b))


@constructor("scipy.interpolate.CubicSpline")
def cubic_spline(self, x, y, axis=0, bc_type="not-a-knot", extrapolate=None):
    """The cubic spline through given points, twice continuously differentiable."""
    x, h, y, axis = entered("CubicSpline", x, y, axis)
    bc = _conditions(bc_type, y)
    extrapolate = ("periodic" if isinstance(bc[0], str) and bc[0] == "periodic" else True) if extrapolate is None else extrapolate
    hermite(self, x, h, y, _slopes(x, h, y, bc), axis, extrapolate)

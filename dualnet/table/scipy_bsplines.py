"""Rows of ``scipy.interpolate``'s B-splines: in coefficients, knots and points, and interpolation by them.

On one interval k + 1 basis functions are not 0; they follow from each other by Cox's and de Boor's recurrence
(de Boor 1978, chapter X), in which no denominator is 0 as long as the interval is not empty.
"""

import numpy as np
import scipy.interpolate
import scipy.linalg

from dualnet.table.ordering import leads
from dualnet.table.registered import array, constructor, floating, method, refuse, registered
from dualnet.table.row import TABLE, ndim_of, primal, shape_of
from dualnet.table.scipy_interpolate import become, differ, entered, folded, pieces, refused
from dualnet.table.shaping import normal

BSpline = scipy.interpolate.BSpline


def basis(t, k, x, j):
    """The k + 1 B-splines of degree k that are not 0 in the interval from t[j], at x."""
    out = [np.ones(shape_of(j))]
    for d in range(1, k + 1):
        saved, row = 0.0, []
        for i in range(d):
            right, left = t[j + i + 1], t[j + i + 1 - d]
            part = out[i] / (right - left)
            row.append(saved + (right - x) * part)
            saved = (x - left) * part
        out = [*row, saved]
    return out


def slopes(t, c, k, j, nu):
    """Coefficients, on the interval from t[j], of the nu-th derivative (degree k - nu): differences of `c`, a list."""
    for r in range(1, nu + 1):
        p = k - r + 1
        c = [_times(c[i + 1] - c[i], p / (t[j + i + 1] - t[j + i + 1 - p])) for i in range(p)]
    return c


def _times(c, factor):
    """c times a factor of fewer axes, which are the first ones."""
    return c * np.reshape(factor, shape_of(factor) + (1,) * (ndim_of(c) - ndim_of(factor)))


def _at(t, c, k, x, j, nu):
    """The nu-th derivative of the spline at x in the intervals from t[j]; axes of x first."""
    if nu > k:
        return np.zeros(shape_of(x) + shape_of(c)[1:], primal(c).dtype)
    local = slopes(t, [c[j - k + i] for i in range(k + 1)], k, j, nu)
    return sum(_times(part, b) for part, b in zip(local, basis(t, k - nu, x, j)))


def evaluated(t, c, k, x, nu=0, extrapolate=True, axis=0):
    """A spline at x, as ``BSpline.__call__`` arranges it; `c` has the axis of coefficients first."""
    if not isinstance(nu, (int, np.integer)) or nu < 0:
        raise ValueError(f"nu={nu!r} is not an order of differentiation")
    t, c, x = floating(t), floating(c), floating(x)
    n = np.size(t) - k - 1
    if extrapolate == "periodic":
        x, extrapolate = folded(x, t[k], t[n]), False
    numbers, plain = (primal(t), primal(c), k, primal(x)), primal(x)

    def jump(j, other):
        return differ(_at(*numbers, j, nu), _at(*numbers, other, nu))(ndim_of(x))

    if k:
        j = pieces(x, t, k, n - 1, jump)
    else:  # steps, of which SciPy takes empty ones too
        j = np.clip(np.searchsorted(numbers[0][:n], plain, "right") - 1, 0, n - 1)
    out = _at(t, c, k, x, j, nu)
    if not extrapolate:
        outside = (plain < numbers[0][k]) | (plain > numbers[0][n])
        out = np.where(np.reshape(outside, shape_of(x) + (1,) * (ndim_of(c) - 1)), np.nan, out) if np.any(outside) else out
    d = ndim_of(x)
    return np.moveaxis(out, range(d), range(axis, axis + d)) if axis and d else out


def derived(t, c, k):
    """(t, c, k) of the derivative."""
    n = np.size(t) - k - 1
    if k == 0:
        raise ValueError("Cannot take derivative (order 1) of a spline of degree 0")
    return t[1:-1], _times(np.diff(c[:n], axis=0), k / (t[k + 1:n + k] - t[1:n])), k - 1


def raised(t, c, k):
    """(t, c, k) of the antiderivative that is 0 at the first knot."""
    n = np.size(t) - k - 1
    sums = np.cumsum(_times(c[:n], (t[k + 1:] - t[:n]) / (k + 1)), axis=0)
    first = np.zeros((1, *shape_of(c)[1:]), primal(sums).dtype)
    return np.concatenate([t[:1], t, t[-1:]]), np.concatenate([first, sums]), k + 1


def integrated(t, c, k, a, b, extrapolate):
    """The integral from a to b; the spline is 0 outside unless it is continued."""
    t, c = floating(t), floating(c)
    start, end = t[k], t[np.size(t) - k - 1]
    above = raised(t, c, k)

    def up_to(x):
        x = array(x)
        if extrapolate == "periodic":
            turns = np.floor(primal((x - start) / (end - start)))
            whole = evaluated(*above, end) - evaluated(*above, start)
            return evaluated(*above, folded(x, start, end)) + turns * whole
        if not extrapolate:
            x = np.where(leads(x, start), x, start)
            x = np.where(leads(end, x), x, end)
        return evaluated(*above, x)

    return up_to(b) - up_to(a)


class Spline:
    """A BSpline whose knots or coefficients carry a derivative."""

    def __call__(self, x, nu=0, extrapolate=None):
        return evaluated(self.t, self.c, self.k, x, nu, self.extrapolate if extrapolate is None else extrapolate, self.axis)

    @property
    def tck(self):
        """(knots, coefficients, degree)."""
        return self.t, self.c, self.k

    def _changed(self, step, times, extrapolate):
        tck = self.tck
        for _ in range(times):
            tck = step(*tck)
        return of(*tck, extrapolate, self.axis, self.plain)

    def derivative(self, nu=1):
        """The derivative as a spline."""
        return self.antiderivative(-nu) if nu < 0 else self._changed(derived, nu, self.extrapolate)

    def antiderivative(self, nu=1):
        """The antiderivative as a spline."""
        return self.derivative(-nu) if nu < 0 else self._changed(raised, nu, False if self.extrapolate == "periodic" else self.extrapolate)

    def integrate(self, a, b, extrapolate=None):
        """The integral from a to b."""
        return integrated(*self.tck, a, b, self.extrapolate if extrapolate is None else extrapolate)

    insert_knot = refused("insert_knot")


def of(t, c, k, extrapolate, axis, cls=BSpline):
    """The traced spline with these knots and coefficients (axis of coefficients first)."""
    return become(cls.__new__(cls), Spline, t=t, c=c, k=k, extrapolate=extrapolate, axis=axis)


@constructor("scipy.interpolate.BSpline")
def bspline(self, t, c, k, extrapolate=True, axis=0):
    """A spline from its knots, coefficients and degree."""
    t, c = floating(t), floating(c)
    axis = normal(axis, ndim_of(c))
    n = np.size(t) - k - 1
    c = np.moveaxis(c, axis, 0)
    if k < 0 or ndim_of(t) != 1 or n < k + 1 or np.any(np.diff(primal(t)) < 0) or shape_of(c)[0] < n or primal(t)[k] == primal(t)[n]:
        raise ValueError(f"BSpline: {np.size(t)} knots of a spline of degree {k} need to be sorted, {2 * k + 2} or more, and to have "
                         f"{n} coefficients or more, not {shape_of(c)[0]}")
    become(self, Spline, t=t, c=c, k=k, axis=axis, extrapolate=extrapolate if extrapolate == "periodic" else bool(extrapolate))


@method("scipy.interpolate.BSpline.__call__")
def call_spline(self, x, nu=0, extrapolate=None):
    """A plain spline at traced points."""
    return evaluated(self.t, self.c, self.k, x, nu, self.extrapolate if extrapolate is None else extrapolate, self.axis)


@method("scipy.interpolate.BSpline.integrate")
def integrate_spline(self, a, b, extrapolate=None):
    """The integral of a plain spline between traced ends."""
    return integrated(self.t, self.c, self.k, a, b, self.extrapolate if extrapolate is None else extrapolate)


@registered("scipy.interpolate.splev")
def splev(x, tck, der=0, ext=0):
    """A spline (t, c, k) at points, or a BSpline."""
    if ext not in range(4):
        raise ValueError(f"ext = {ext} not in (0, 1, 2, 3)")
    t, c, k = (tck.t, tck.c, tck.k) if isinstance(tck, BSpline) else tck
    if not isinstance(tck, BSpline) and not 0 <= der <= k:
        raise ValueError(f"splev: der={der} is not an order of differentiation from 0 to k={k}")
    x, t = array(x), array(t)
    plain, knots = primal(x), primal(t)
    outside = (plain < knots[k]) | (plain > knots[-k - 1])
    if ext == 2 and np.any(outside):
        raise ValueError("splev: a point is outside of the knots, and ext=2 asks for an error")
    out = evaluated(t, array(c), k, np.clip(x, t[k], t[-k - 1]) if ext == 3 and np.any(outside) else x, der, True)
    return np.where(outside, 0.0, out) if ext == 1 else out


# --- interpolation ----------------------------------------------------------------------------------------------
def _knots(x, k, ends):
    """SciPy's knots for data at x: not-a-knot, or all x where `ends` says that derivatives are given."""
    if k == 0:
        return np.concatenate([x, x[-1:]])
    inner = x[1:-1] if k == 1 or ends else x[(k + 1) // 2:-((k + 1) // 2)] if k % 2 else ((x[1:] + x[:-1]) / 2)[k // 2:-(k // 2)]
    return np.concatenate([np.repeat(x[:1], k + 1), inner, np.repeat(x[-1:], k + 1)])


def _end_conditions(bc_type, shape):
    """Pairs (order, value) at the left and at the right end."""
    if isinstance(bc_type, str) or bc_type is None:
        bc_type = (bc_type, bc_type)
    out = []
    for b in bc_type:
        if b == "periodic":
            refuse("scipy.interpolate.make_interp_spline", "bc_type", b)
        b = {None: [], "not-a-knot": [], "clamped": [(1, 0.0)], "natural": [(2, 0.0)]}[b] if b is None or isinstance(b, str) else list(b)
        out.append([(order, np.broadcast_to(array(value), shape)) for order, value in b])
    return out


def _unit_slopes(t, k, x, j, order):
    """The order-th derivatives of the k + 1 basis functions of an interval at one point."""
    local = slopes(t, list(np.eye(k + 1)), k, j, order)
    return sum(b * part for b, part in zip(basis(t, k - order, x, j), local))


@registered("scipy.interpolate.make_interp_spline")
def make_interp_spline(x, y, k=3, t=None, bc_type=None, axis=0, check_finite=True):
    """The spline of degree k through given points: a banded system of basis functions at the data."""
    x, _, y, axis = entered("make_interp_spline", x, y, axis)
    left, right = _end_conditions(bc_type, shape_of(y)[1:])
    if k < 2 and (left or right or k < 0):
        raise ValueError(f"make_interp_spline: k={k} does not take the conditions {bc_type!r}")
    t = _knots(x, k, left or right) if t is None else floating(t)
    n = np.size(t) - k - 1
    if n != np.size(x) + len(left) + len(right):
        raise ValueError(f"The number of derivatives at boundaries does not match: expected {n - np.size(x)}, got {len(left)}+{len(right)}")
    if k == 0:
        return of(t, y, k, True, axis)
    plain, knots = primal(x), primal(t)
    if plain[0] < knots[k] or plain[-1] > knots[n]:
        raise ValueError(f"make_interp_spline: x from {plain[0]} to {plain[-1]} is outside the knots from {knots[k]} to {knots[n]}")
    j = np.clip(np.searchsorted(knots[:n + 1], plain, "right") - 1, k, n - 1)
    entries = [np.stack(np.broadcast_arrays(*(_unit_slopes(t, k, x[0], k, order) for order, _ in left)))] if left else []
    entries.append(np.stack(basis(t, k, x, j), 1))
    entries += [np.stack([_unit_slopes(t, k, x[-1], n - 1, order) for order, _ in right])] if right else []
    first = np.concatenate([np.full(len(left), k), j, np.full(len(right), n - 1)])[:, None] - k + np.arange(k + 1)
    row = np.arange(n)[:, None]
    flat = (k + row - first) * n + first
    ab = TABLE["scatter_add"](np.reshape(np.concatenate(entries), -1), np.reshape(flat, -1), (2 * k + 1) * n)
    b = np.concatenate([*(v[None] for _, v in left), y, *(v[None] for _, v in right)])
    c = TABLE.find(scipy.linalg.solve_banded)((k, k), np.reshape(ab, (2 * k + 1, n)), np.reshape(b, (n, -1)))
    return of(t, np.reshape(c, shape_of(b)), k, True, axis)


@registered("scipy.interpolate.make_smoothing_spline")
def make_smoothing_spline(x, y, w=None, lam=None, *, axis=0):
    """The natural cubic spline with the least sum of w (y - s(x))^2 plus lam times the integral of s''^2, in all four.

    Its second derivatives at the inner points solve a banded system (Reinsch 1967; Green and Silverman 1994, 2.3).
    """
    x, h, y, axis = entered("make_smoothing_spline", x, y, axis)
    if lam is None or ndim_of(lam):
        refuse("scipy.interpolate.make_smoothing_spline", "lam", lam)
    n, v = np.size(x), 1 / (np.ones(np.size(x)) if w is None else floating(w))
    if n < 5 or np.any(~(primal(v) > 0)) or primal(lam) < 0:
        raise ValueError(f"make_smoothing_spline: {n} points and lam={primal(lam)}; give 5 points or more, positive weights, lam >= 0")
    d = np.reshape(h, (n - 1, -1))[:, 0]
    v, a, c = array(lam) * v, 1 / d[:-1], 1 / d[1:]
    b, wide = -(a + c), (-1,) + (1,) * (ndim_of(y) - 1)
    rows = [c[:-2] * a[2:] * v[2:-2], d[1:-1] / 6 + b[:-1] * a[1:] * v[1:-2] + c[:-1] * b[1:] * v[2:-1],
            (d[:-1] + d[1:]) / 3 + a * a * v[:-2] + b * b * v[1:-1] + c * c * v[2:]]
    ab = np.stack([np.pad(row, ends) for row, ends in zip([*rows, rows[1], rows[0]], ((2, 0), (1, 0), (0, 0), (0, 1), (0, 2)))])
    right = np.diff(np.diff(y, axis=0) / h, axis=0)
    bends = np.reshape(TABLE.find(scipy.linalg.solve_banded)((2, 2), ab, np.reshape(right, (n - 2, -1))), shape_of(right))
    around = [(1, 1)] + [(0, 0)] * (ndim_of(y) - 1)
    pulls = np.diff(np.pad(np.diff(np.pad(bends, around), axis=0) / h, around), axis=0)
    out = make_interp_spline(x, y - np.reshape(v, wide) * pulls, 3, None, "natural")
    out.axis = axis
    return out

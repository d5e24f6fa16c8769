"""Derivatives by an order or a shape parameter for which no closed form exists.

SciPy evaluates most functions for real parameters only, so neither a complex step nor a contour around the
parameter can be had. What can be had to full double precision is the derivative of the polynomial that
interpolates the function's own values in 24 Chebyshev nodes around the parameter (Fornberg 1996, A Practical
Guide to Pseudospectral Methods, section 2; Trefethen 2013, Approximation Theory and Practice, theorem 21.1):
for a function analytic there the error falls geometrically, and the noise of the values is magnified by no more
than the number of nodes over the half-width, some 1e-14 where the values are right to the last digit. This is
no difference quotient with a small step: the half-width is of the order of 1.

The coefficients of that polynomial tell how good it is: those of the highest degrees hold what is left of the
function and the noise of its values. A mixed slope by several parameters is that of the polynomial in the grid of
their nodes, an interpolation by one after the other, whose error is the sum of theirs. A half-width that leaves too
much is shrunk, element by element, and where none brings the estimated error below 1e-8 the call raises instead of
giving a wrong number.
"""

import numpy as np

from dualnet.errors import NotDifferentiableError
from dualnet.table.precision import NARROW, astype, widened
from dualnet.table.row import Pointwise, primal, shape_of

NODES = 24
ORDERS = 3  # the highest derivative by one parameter
LEVELS = 14
SHRINK = 0.6
CHUNK = 1 << 14
EPS = np.finfo(float).eps


def _rule():
    """Nodes, the matrix from values to Chebyshev coefficients, and the derivatives 1 to 3 of the polynomials at the middle."""
    angle = (2 * np.arange(NODES) + 1) * np.pi / (2 * NODES)
    j = np.arange(NODES)
    slope = [np.cos(j * np.pi / 2), j * np.sin(j * np.pi / 2)]
    for n in range(ORDERS - 1):  # (1 - x^2) y'' - x y' + j^2 y = 0, differentiated n times at 0
        slope.append((n * n - j * j) * slope[n])
    return np.cos(angle), 2 / NODES * np.cos(np.outer(j, angle)), np.round(slope[1:])


POINTS, COEFFICIENTS, SLOPES = _rule()
AROUND = [np.polynomial.chebyshev.chebval([-0.5, 0.5], np.polynomial.chebyshev.chebder(np.eye(NODES), n)).T for n in range(1, ORDERS + 1)]


def _along(matrix, values, axis):
    """The matrix applied to an axis of an array."""
    return np.moveaxis(np.tensordot(matrix, values, (1, axis)), 0, axis)


def _expansion(values, here, orders):
    """The derivative of the given order along each axis but the last at the middle, for half-widths of 1, the largest beside it,
    what is left in the last coefficients of each axis, and the degrees that count, of values less the one at the middle, `here`.

    Coefficients after the last one that stands above what is left are noise, which high degrees would magnify most.
    """
    axes = tuple(range(len(orders)))
    c = values
    for axis in axes:
        c = _along(COEFFICIENTS, c, axis)
    size = np.abs(c)
    rests = np.array([np.max(size.take(range(NODES - 4, NODES), axis), axis=axes) for axis in axes])
    rest = np.max(rests, axis=0)
    counts = size > 3 * rest
    counts |= ~(rest <= 16 * EPS * np.max(np.abs(values + here), axis=axes))  # not converged: every degree counts
    for axis in axes:
        counts = np.flip(np.logical_or.accumulate(np.flip(counts, axis), axis), axis)
    c = np.where(counts, c, 0.0)
    degrees = np.array([np.count_nonzero(np.any(counts, axis=axes[:axis] + axes[axis + 1:]), axis=0) for axis in axes])
    return _contracted(c, [SLOPES[n - 1] for n in orders]), _beside(c, orders), rests, degrees


def _contracted(c, rows):
    for row in rows:
        c = np.tensordot(row, c, (0, 0))
    return c


def _beside(c, orders):
    """The largest derivative half-way to the ends of each axis, from the coefficients."""
    middle = [SLOPES[n - 1] for n in orders]
    beside = [_contracted(c, middle[:axis] + [row] + middle[axis + 1:]) for axis, n in enumerate(orders) for row in AROUND[n - 1]]
    return np.max(np.abs(beside), axis=0)


def absolute(value):
    """The first half-width of an order: of the order of 1, whatever the order."""
    return np.full(shape_of(value), 0.5)


def relative(value):
    """The first half-width of an argument whose scale is its own size."""
    return 0.4 * np.abs(value)


class _Search:
    """The search for the half-widths, element by element, of the slope of `plain` by its arguments `ks`, of these `orders`.

    ``best``, ``around``, ``error`` and ``half`` are the slope, the largest beside it, what is left and the half-widths, of those
    that left least.
    """

    def __init__(self, plain, args, here, ks, orders):
        self.plain, self.args, self.here, self.ks, self.orders = plain, args, here, ks, orders
        size = here.size
        self.best, self.around, self.error = np.full(size, np.nan, np.result_type(here, float)), np.zeros(size), np.full(size, np.inf)
        self.half = np.zeros((len(ks), size))

    def values(self, todo, half):
        """Those of the function in the grid of nodes around the elements `todo`, an axis for each argument and one for them."""
        grid = (NODES,) * len(self.ks)
        points = [np.broadcast_to(a[todo], (NODES ** len(self.ks), todo.size)) for a in self.args]
        for axis, (k, h) in enumerate(zip(self.ks, half)):
            nodes = np.broadcast_to(POINTS.reshape((NODES,) + (1,) * (len(self.ks) - 1 - axis)), grid).reshape(-1, 1)
            points[k] = self.args[k][todo] + h * nodes
        return np.asarray(self.plain(*points)).reshape(grid + (todo.size,)) - self.here[todo]

    def shrink(self, todo, first):
        """Shrink the half-widths of the elements `todo` from `first` on until the slope is there."""
        half = first[:, todo]
        orders = np.array(self.orders)[:, None]
        for _ in range(LEVELS):
            if todo.size == 0:
                break
            values, here = self.values(todo, half), self.here[todo]
            slope, beside, rests, degrees = _expansion(values, here, self.orders)
            unit, rest = np.prod(half**orders, axis=0), np.max(rests, axis=0)
            left = 3 * np.prod(((degrees + 1) / half) ** orders, axis=0) * rest
            left = np.where(np.isfinite(left), left, np.inf)
            better = left < self.error[todo]
            kept = todo[better]
            self.best[kept], self.around[kept] = (slope / unit)[better], (beside / unit)[better]
            self.error[kept], self.half[:, kept] = left[better], half[:, better]
            best, error = np.abs(self.best[todo]), self.error[todo]
            done = (rest <= 16 * EPS * np.max(np.abs(values + here), axis=tuple(range(len(self.ks))))) | (error < 3e-13 * best)
            done |= (left > 30 * error) & (error < 1e-9 * best)
            half = np.where((rests <= 0.25 * rest) & np.isfinite(rest), 1.0, SHRINK) * half  # those that leave as much as any
            todo, half = todo[~done], half[:, ~done]

    def lost(self):
        """True where the best half-width leaves more than 1e-8 of the slope, near its zeros of the slopes beside it."""
        return np.isfinite(self.error) & (self.error > 1e-8 * np.maximum(np.abs(self.best), self.around))


class Slope(Pointwise):
    """The derivative of an elementwise function by some of its arguments, as a row of its own, so that it nests.

    By one argument it is that of the polynomial in 24 nodes; by several that of the one in the grid of their nodes, whose
    half-widths start from those that served each argument alone.

    Parameters
    ----------
    label : str
        What the function is called in errors.
    function : callable
        Elementwise, on plain arrays.
    taken : dict
        For each argument by which it is differentiated, how often (1 to 3) and the callable of its value that is the first
        half-width, such as :func:`absolute`.
    known : callable
        The partial of `function` by each argument, as a row gives it: a callable of ``(*inputs, out)``, a number
        or None.
    nin : int
        The number of arguments.
    """

    def __init__(self, label, function, taken, known, nin):
        self.label, self.plain, self.taken, self.known, self.nin = label, function, taken, known, nin
        many = len(taken) > 1
        self.by = (f"its argument{'s' * many} {' and '.join(map(str, taken))}",
                   f"order{'s' * many} {' and '.join(str(n) for n, _ in taken.values())}")
        super().__init__(f"slope of {label} by {self.by[0]} ({self.by[1]})", self._compute, ())
        self.evaluate, self.varies = self, True  # of a traced array inside a traced array, too

    def __call__(self, *args):
        if not self.partials:  # known when the row that this belongs to is in the table
            self.partials = tuple([self._further(j) for j in range(self.nin)])
        return super().__call__(*args)

    def _further(self, j):
        """The partial of this slope by argument j: one order more, or the slope of the partial by j."""
        known = self.known(j)
        if not callable(known):
            return None if known is None else 0
        return lambda *args: self._next(j)(*args[:-1])

    def _next(self, j):
        known = self.known(j)
        order, width = self.taken.get(j, (0, getattr(known, "width", absolute)))
        if order == ORDERS:
            raise NotDifferentiableError(f"{self.label} has derivatives by its argument {j} of orders 1 to {ORDERS}, no more")
        if order or isinstance(known, Numeric):
            return Slope(self.label, self.plain, {**self.taken, j: (order + 1, width)}, self.known, self.nin)
        partial = _Partial(self, known)
        return Slope(self.label, partial.plain, self.taken, partial.partials.__getitem__, self.nin)

    def _compute(self, *args):
        single = np.result_type(*args).itemsize <= (8 if any(np.iscomplexobj(a) for a in args) else 4)
        exact = [np.asarray(a) for a in args]
        exact = [a if a.dtype.kind in "iu" and i not in self.taken else a.astype(complex if a.dtype.kind == "c" else float)
                 for i, a in enumerate(exact)]
        shape = np.broadcast_shapes(*(a.shape for a in exact))
        flat = [np.broadcast_to(a, shape).reshape(-1) for a in exact]
        chunk = max(1, CHUNK // NODES ** (len(self.taken) - 1))
        with np.errstate(all="ignore"):
            pieces = [self._piece([a[start:start + chunk] for a in flat]) for start in range(0, max(flat[0].size, 1), chunk)]
        out = np.concatenate(pieces).reshape(shape)
        return (out.astype(np.complex64 if out.dtype.kind == "c" else np.float32) if single else out)[()]

    def _piece(self, args):
        """The slope of flat arrays: each element with the half-widths that leave least."""
        here, ks = np.asarray(self.plain(*args)), tuple(self.taken)
        finite = np.isfinite(here) & np.all([np.isfinite(args[k]) for k in ks], axis=0)
        first = np.array([width(args[k]) * (1 if order == 1 else 2) for k, (order, width) in self.taken.items()])
        wide = 0.4 * np.abs([args[k] for k in ks])  # a slope that is tiny beside the function stands out over a wide enough interval
        starts = [first, wide]
        if len(ks) > 1:
            alone = [self._found(args, here, finite, [first[i:i + 1], wide[i:i + 1]], (k,)).half[0] for i, k in enumerate(ks)]
            starts.insert(0, np.where(np.array(alone) > 0, alone, first))
        found = self._found(args, here, finite, starts, ks)
        self._refuse(args, found)
        return found.best

    def _found(self, args, here, finite, starts, ks):
        """The search from the first half-widths, and from the others where the slope is lost."""
        found = _Search(self.plain, args, here, ks, [self.taken[k][0] for k in ks])
        found.shrink(np.flatnonzero(finite), starts[0])
        for more in starts[1:]:
            found.shrink(np.flatnonzero(finite & found.lost() & np.any(more > starts[0], axis=0)), more)
        return found

    def _refuse(self, args, found):
        """Raise where a slope is lost."""
        wrong = np.flatnonzero(found.lost())
        if wrong.size:
            at = ", ".join(f"{a[wrong[0]]:g}" for a in args)
            left = found.error[wrong[0]] / max(np.abs(found.best[wrong[0]]), found.around[wrong[0]], 1e-300)
            raise NotDifferentiableError(
                f"the derivative of {self.label} by {self.by[0]} ({self.by[1]}) at ({at}) cannot be had to 1e-8 from "
                f"SciPy's values (about {left:.0e} is left); pass that argument through dn.stop_gradient, or stay away from this point")


class Numeric:
    """A partial of a pointwise row by its argument `k`, taken from the row's own values when it is first asked for."""

    def __init__(self, row, k, width=absolute):
        self.row, self.k, self.width, self.slope = row, k, width, None

    def __call__(self, *args):
        if self.slope is None:
            row = self.row
            self.slope = Slope(row.name, row.plain, {self.k: (1, self.width)}, row.partials.__getitem__, len(row.partials))
        return self.slope(*args[:-1])


class _Partial:
    """A partial `known` of a slope's function, that in its turn is differentiated by its own values."""

    def __init__(self, slope, known):
        self.name, plain = slope.label, slope.plain
        self.plain = lambda *args: known(*args, plain(*args))
        whole = [slope.known(i) for i in range(slope.nin)]
        self.partials = tuple(Numeric(self, i, getattr(p, "width", absolute)) if callable(p) else p if p is None else 0
                              for i, p in enumerate(whole))


class InDouble:
    """A partial of a row of SciPy's, which is taken in double precision of arguments in single or half precision, and then rounded.

    So does SciPy with the values. Formulas that cancel, series and the ends of their ranges are those of doubles, and in single
    precision a quotient of two numbers next to 0 may be off by any factor.
    """

    def __init__(self, row, partial):
        self.row, self.partial = row, partial

    def __call__(self, *args):
        kind = getattr(primal(args[-1]), "dtype", None)
        if kind is None or kind.char not in NARROW:
            return self.partial(*args)
        wide = widened(args[:-1])
        return astype(self.partial(*wide, self.row(*wide)), kind)


ENTERED = []  # rows of SciPy's whose partials are still taken in the precision of their arguments


def in_double(but=()):
    """Let the partials of all rows entered since the last call be taken in double precision, when a room of rows is complete.

    `but` names rows whose partials keep their digits in single precision, too, and whose speed counts.
    """
    while ENTERED:
        row = ENTERED.pop()
        if row.name not in but:
            row.partials = tuple(InDouble(row, p) if callable(p) and not isinstance(p, Numeric) else p for p in row.partials)


def numeric(row, plain=None):
    """Put the partials in that `row` was entered with as :func:`absolute` or :func:`relative`; returns the row.

    `plain` gives the values where the row's own function does not give enough of their digits.
    """
    row.plain = plain or row.function
    row.partials = tuple(Numeric(row, k, p) if p in (absolute, relative) else p for k, p in enumerate(row.partials))
    ENTERED.append(row)
    return row

"""Derivatives by an order or a shape parameter for which no closed form exists.

SciPy evaluates most functions for real parameters only, so neither a complex step nor a contour around the
parameter can be had. What can be had to full double precision is the derivative of the polynomial that
interpolates the function's own values in 24 Chebyshev nodes around the parameter (Fornberg 1996, A Practical
Guide to Pseudospectral Methods, section 2; Trefethen 2013, Approximation Theory and Practice, theorem 21.1):
for a function analytic there the error falls geometrically, and the noise of the values is magnified by no more
than the number of nodes over the half-width, some 1e-14 where the values are right to the last digit. This is
no difference quotient with a small step: the half-width is of the order of 1.

The coefficients of that polynomial tell how good it is: those of the highest degrees hold what is left of the
function and the noise of its values. A half-width that leaves too much is shrunk, element by element, and where
none brings the estimated error below 1e-8 the call raises instead of giving a wrong number.
"""

import numpy as np

from dualnet.errors import NotDifferentiableError
from dualnet.table.row import Pointwise

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


def _expansion(values, here, order):
    """The derivative at the middle for a half-width of 1, the largest beside it, what is left in the last coefficients, and the
    degree that counts, of values less the one at the middle, `here`.

    Coefficients after the last one that stands above what is left are noise, which high degrees would magnify most.
    """
    c = COEFFICIENTS @ values
    size = np.abs(c)
    rest = np.max(size[-4:], axis=0)
    counts = np.logical_or.accumulate((size > 3 * rest)[::-1], axis=0)[::-1]
    counts[-1] |= ~(rest <= 16 * EPS * np.max(np.abs(values + here), axis=0))  # not converged: every degree counts
    counts = np.logical_or.accumulate(counts[::-1], axis=0)[::-1]
    c = np.where(counts, c, 0.0)
    return SLOPES[order - 1] @ c, np.max(np.abs(AROUND[order - 1] @ c), axis=0), rest, np.count_nonzero(counts, axis=0)


def absolute(value):
    """The first half-width of an order: of the order of 1, whatever the order."""
    return np.full(np.shape(value), 0.5)


def relative(value):
    """The first half-width of an argument whose scale is its own size."""
    return 0.4 * np.abs(value)


class Slope(Pointwise):
    """The derivative of an elementwise function by its argument `k`, as a row of its own, so that it nests.

    Parameters
    ----------
    label : str
        What the function is called in errors.
    function : callable
        Elementwise, on plain arrays.
    k : int
        The argument.
    known : callable
        The partial of `function` by each argument, as a row gives it: a callable of ``(*inputs, out)``, a number
        or None.
    nin : int
        The number of arguments.
    order : int
        1 to 3.
    width : callable
        The first half-width at a value of the argument.
    """

    def __init__(self, label, function, k, known, nin, order=1, width=absolute):
        self.label, self.plain, self.k, self.known, self.nin, self.order, self.width = label, function, k, known, nin, order, width
        super().__init__(f"d^{order} {label} by argument {k}", self._compute, ())
        self.evaluate, self.varies = self, True  # of a traced array inside a traced array, too

    def __call__(self, *args):
        if not self.partials:  # known when the row that this belongs to is in the table
            self.partials = tuple([self._further(j) for j in range(self.nin)])
        return super().__call__(*args)

    def _further(self, j):
        """The partial of this slope by argument j: one order more, or the slope by k of the partial by j."""
        known = self.known(j)
        if not callable(known):
            return None if known is None else 0
        return lambda *args: self._next(j)(*args[:-1])

    def _next(self, j):
        if j == self.k:
            if self.order == ORDERS:
                raise NotDifferentiableError(f"{self.label} has derivatives by its argument {self.k} of orders 1 to {ORDERS}, no more")
            return Slope(self.label, self.plain, self.k, self.known, self.nin, self.order + 1, self.width)
        known, plain = self.known(j), self.plain

        def crossed(*args):
            return known(*args, plain(*args))

        def by(i):
            return self.known(i) and (lambda *args: Slope(self.label, crossed, i, by, self.nin)(*args[:-1]))

        return Slope(self.label, crossed, self.k, by, self.nin, self.order, self.width)

    def _compute(self, *args):
        single = np.result_type(*args).itemsize <= (8 if any(np.iscomplexobj(a) for a in args) else 4)
        exact = [np.asarray(a) for a in args]
        exact = [a if a.dtype.kind in "iu" and i != self.k else a.astype(complex if a.dtype.kind == "c" else float)
                 for i, a in enumerate(exact)]
        shape = np.broadcast_shapes(*(a.shape for a in exact))
        flat = [np.broadcast_to(a, shape).reshape(-1) for a in exact]
        with np.errstate(all="ignore"):
            pieces = [self._piece([a[start:start + CHUNK] for a in flat]) for start in range(0, max(flat[0].size, 1), CHUNK)]
        out = np.concatenate(pieces).reshape(shape)
        return (out.astype(np.complex64 if out.dtype.kind == "c" else np.float32) if single else out)[()]

    def _piece(self, args):
        """The slope of flat arrays: each element with the half-width that leaves least."""
        here, at = np.asarray(self.plain(*args)), args[self.k]
        best, around, error = (np.full(at.size, v, t) for v, t in ((np.nan, np.result_type(here, float)), (0.0, float), (np.inf, float)))
        finite, first = np.isfinite(here) & np.isfinite(at), self.width(at) * (1 if self.order == 1 else 2)
        found = best, around, error
        self._search(args, here, np.flatnonzero(finite), first, found)
        wide = 0.4 * np.abs(at)  # a slope that is tiny beside the function stands out over a wide enough interval
        self._search(args, here, np.flatnonzero(finite & self._lost(*found) & (wide > first)), wide, found)
        self._refuse(args, *found)
        return best

    def _search(self, args, here, todo, first, found):
        """Shrink the half-widths of the elements `todo` from `first` on until the slope is there; `found` keeps the best."""
        best, around, error = found
        for level in range(LEVELS):
            if todo.size == 0:
                break
            h = first[todo] * SHRINK**level
            points = [np.broadcast_to(a[todo], (NODES, todo.size)) for a in args]
            points[self.k] = args[self.k][todo] + h * POINTS[:, None]
            values = np.asarray(self.plain(*points)) - here[todo]
            slope, beside, rest, degree = _expansion(values, here[todo], self.order)
            left = 3 * ((degree + 1) / h) ** self.order * rest
            left = np.where(np.isfinite(left), left, np.inf)
            better = left < error[todo]
            best[todo[better]], around[todo[better]] = (slope / h**self.order)[better], (beside / h**self.order)[better]
            error[todo[better]] = left[better]
            done = (rest <= 16 * EPS * np.max(np.abs(values + here[todo]), axis=0)) | (error[todo] < 3e-13 * np.abs(best[todo]))
            done |= (left > 30 * error[todo]) & (error[todo] < 1e-9 * np.abs(best[todo]))
            todo = todo[~done]

    def _lost(self, best, around, error):
        """True where the best half-width leaves more than 1e-8 of the slope, near its zeros of the slopes beside it."""
        return np.isfinite(error) & (error > 1e-8 * np.maximum(np.abs(best), around))

    def _refuse(self, args, best, around, error):
        """Raise where a slope is lost."""
        wrong = np.flatnonzero(self._lost(best, around, error))
        if wrong.size:
            at = ", ".join(f"{a[wrong[0]]:g}" for a in args)
            left = error[wrong[0]] / max(np.abs(best[wrong[0]]), around[wrong[0]], 1e-300)
            raise NotDifferentiableError(
                f"the derivative of {self.label} by its argument {self.k} (order {self.order}) at ({at}) cannot be had to 1e-8 from "
                f"SciPy's values (about {left:.0e} is left); pass that argument through dn.stop_gradient, or stay away from this point")


class Numeric:
    """A partial of a pointwise row by its argument `k`, taken from the row's own values when it is first asked for."""

    def __init__(self, row, k, width=absolute):
        self.row, self.k, self.width, self.slope = row, k, width, None

    def __call__(self, *args):
        if self.slope is None:
            row = self.row
            self.slope = Slope(row.name, row.plain, self.k, row.partials.__getitem__, len(row.partials), width=self.width)
        return self.slope(*args[:-1])


def numeric(row, plain=None):
    """Put the partials in that `row` was entered with as :func:`absolute` or :func:`relative`; returns the row.

    `plain` gives the values where the row's own function does not give enough of their digits.
    """
    row.plain = plain or row.function
    row.partials = tuple(Numeric(row, k, p) if p in (absolute, relative) else p for k, p in enumerate(row.partials))
    return row

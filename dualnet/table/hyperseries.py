"""Power series of hypergeometric type, differentiated by their parameters term by term, and how much cancels in them.

The terms of DLMF 16.2.1 follow from each other by factors (a + n) x / ((b + n) (n + 1)), which are linear in the parameters. So the Taylor
coefficients of a term by its parameters, up to the order wanted, follow from those of the term before: by the rule of Leibniz for a
factor, and by the same solved for the result for a divisor. Nothing is differenced, and where the terms are of one sign nothing
cancels. Beside each sum goes that of the absolute values of all that was added up, which bounds what rounding leaves of it: a sum
in which too much cancels is taken again in twice the digits, and what still cancels there is left to another method.
"""

import math

import numpy as np

from dualnet.table.doubled import Pair, high

TERMS = 4000   # no series is taken that needs more of them
CHUNK = 2048
ROWS = 16      # terms that follow from each other one by one; as many such runs side by side as there is room for
PLAIN, TWICE = 64.0, 1e16  # the sum of absolute values over that of the numbers up to which doubles, and pairs of them, suffice
LEFT = (1e-18, 1e-34)


def times(c, p, direction):
    """Taylor coefficients (an axis for each parameter, then the elements) times the factor p + direction . (steps of the parameters)."""
    out = c * p
    for axis, d in enumerate(direction):
        if high(c).shape[axis] > 1 and (d if isinstance(d, int) else np.any(d)):
            here, below = (slice(None),) * axis + (slice(1, None),), (slice(None),) * axis + (slice(None, -1),)
            out[here] = out[here] + (c[below] if isinstance(d, int) and d == 1 else c[below] * d)
    return out


def over(c, r, direction):
    """The same over a factor, of which `r` is 1/p."""
    out = c * r
    for place in np.ndindex(np.shape(high(out))[:len(direction)]):
        for axis, d in enumerate(direction):
            if d and place[axis]:
                before = place[:axis] + (place[axis] - 1,) + place[axis + 1:]
                out[place] = out[place] - out[before] * (r if d == 1 else r * float(d))
    return out


def product(a, b, axes):
    """The Taylor coefficients of a product from those of its factors, on the first axes."""
    out = a[(slice(0, 1),) * axes] * b
    for place in np.ndindex(np.shape(high(a))[:axes]):
        if any(place):
            here, there = tuple(slice(k, None) for k in place), tuple(slice(None, -k or None) for k in place)
            out[here] = out[here] + a[place] * b[there]
    return out


class Terms:
    """The coefficients of a term and the sizes of what they were added up from."""

    def __init__(self, orders, shape, exact):
        self.axes, self.orders = len(orders), orders
        c = np.zeros(tuple(n + 1 for n in orders) + shape)
        c[(0,) * len(orders)] = 1.0
        self.c, self.size = Pair(c) if exact else c, np.array(c)

    def factors(self, upper, lower, n, front=None):
        """The factors at n: the product of those that no derivative is taken of, and the others, each with its direction."""
        tops, inverses = [], []
        for side, kept in ((upper, tops), (lower, inverses)):
            for p, direction in side:
                p = p + n if side is upper else 1 / (p + n)
                direction = [d if k else 0 for d, k in zip(direction, self.orders)]
                if any(direction):
                    kept.append((p, direction))
                else:
                    front = p if front is None else front * p
        return front, tops, inverses

    def advance(self, front, tops, inverses, at=()):
        """Multiply by the factors, of which `at` says which are meant."""
        if front is not None:
            front = front[at]
            self.c, self.size = self.c * front, self.size * np.abs(high(front))
        for p, d in tops:
            self.c, self.size = times(self.c, p[at], d), times(self.size, np.abs(high(p[at])), np.abs(d))
        for r, d in inverses:
            self.c, self.size = over(self.c, r[at], d), over(self.size, np.abs(high(r[at])), -np.abs(d))

    def run(self, upper, lower, x, n, rows, columns):
        """The runs of terms from the n-th on, as products of factors: the last of each, and its sum with the sizes in that."""
        exact = isinstance(self.c, Pair)
        n = n + np.arange(rows)[:, None, None] + rows * np.arange(float(columns))[:, None]
        factors = self.factors(upper, lower, n, x * (1 / (Pair(n + 1) if exact else n + 1)))
        last = Terms(self.orders, (columns, np.size(high(x))), exact)
        total, size = last.c * 0.0, last.size * 0.0
        for row in range(rows):
            last.advance(*factors, row)
            total, size = total + last.c, size + last.size
        return last, total, size

    def raised(self, axis, log):
        """Multiply by the power of exp(log) by the parameter of that axis, whose value counts as 0."""
        factor = Terms(self.orders, np.shape(high(log)), isinstance(self.c, Pair))
        for n in range(1, self.orders[axis] + 1):
            here, below = ((0,) * axis + (k,) + (0,) * (self.axes - axis - 1) for k in (n, n - 1))
            factor.c[here] = factor.c[below] * log * (1 / (Pair(np.float64(n)) if isinstance(self.c, Pair) else n))
        self.c, self.size = product(self.c, factor.c, self.axes), product(self.size, np.abs(high(factor.c)), self.axes)

    def keep(self, mask):
        self.c, self.size = self.c[..., mask], self.size[..., mask]


def _ratio(upper, lower, x, n):
    """A bound that falls with n of how the terms from the n-th on fall; beyond all parameters how they do."""
    tops = [np.maximum(np.abs(high(p)), 1.0) + n for p, _ in upper]
    below = [n + 1.0] + [high(q) + n for q, _ in lower]
    out, far = np.abs(high(x)), np.logical_and.reduce([n > np.abs(high(p)) for p, _ in upper + lower])
    for k, q in enumerate(below):
        q = np.where(q > 0, q, 0.0)
        out = out * (np.where(far, tops[k] / q, np.maximum(tops[k] / q, 1.0)) if k < len(tops) else 1 / q)
    return out


def _shape(upper, lower, x, exact):
    """How many rows and columns of terms to take at once: no more than will be needed."""
    n = np.arange(0.0, TERMS, ROWS)[:, None] + 0.5 * ROWS
    room = CHUNK // np.size(high(x))
    if room < 2:
        return ROWS, 1
    falls = ROWS * np.log(_ratio(upper, lower, x, n))
    size = np.cumsum(np.where(np.isfinite(falls), falls, 0.0), axis=0)
    size = size - np.maximum.accumulate(np.maximum(size, 0.0))
    need = 1 + np.count_nonzero(np.any((size > math.log(LEFT[exact])) | (falls >= 0), axis=1))
    return ROWS, min(room, need)


def summed(first, upper, lower, x):
    """The Taylor coefficients of the sum by the parameters, and those of the sizes of what was added up.

    Parameters
    ----------
    first : Terms
        The first term.
    upper, lower : list of (values, direction)
        Parameters of the numerator and of the denominator, positive ones, with what they change by with those that are differentiated.
    x : ndarray or Pair
        The argument, of one axis as all values.
    """
    exact, n, size = isinstance(first.c, Pair), 0, np.size(high(x))
    axes, last, todo = first.axes, (-1,) * first.axes, np.arange(size)
    total, bound = first.c, first.size
    out, sizes = np.full(bound.shape, np.nan, np.result_type(high(x), float)), np.full(bound.shape, np.inf)
    out = Pair(out) if exact else out
    while todo.size and n < TERMS:
        rows, columns = _shape(upper, lower, x, exact) if n == 0 else (ROWS, 1)
        run, sums, within = first.run(upper, lower, x, n, rows, columns)
        for k in range(columns):
            at = (slice(None),) * axes + (k,)
            total, bound = total + product(first.c, sums[at], axes), bound + product(first.size, within[at], axes)
            first.c, first.size = product(first.c, run.c[at], axes), product(first.size, run.size[at], axes)
        n += rows * columns
        ratio = _ratio(upper, lower, x, n)
        rest = first.size * ratio <= LEFT[exact] * (1 - ratio) * bound
        ended = ratio < 1 if np.all(first.size[last] > 0) else (ratio < 1) | np.all(first.size == 0, axis=tuple(range(rest.ndim - 1)))
        done = ended & np.all(rest, axis=tuple(range(rest.ndim - 1))) | ~np.isfinite(bound[last])
        if not np.any(done):
            continue
        out[..., todo[done]], sizes[..., todo[done]] = total[..., done], bound[..., done]
        first.keep(~done)
        todo, total, bound, x = todo[~done], total[..., ~done], bound[..., ~done], x[~done]
        upper, lower = ([(v[~done], d) for v, d in side] for side in (upper, lower))
    return out, sizes


def evaluated(orders, methods, fallback, *args):
    """The mixed derivative by the parameters of flat arrays: by the first method that leaves the digits, and else by the fallback.

    `methods` are pairs: where(*args) says which elements one covers, and method(exact, *args) returns their Taylor coefficients and
    the sizes of what was added up to them, in doubles or, where `exact`, in pairs of them.
    """
    pieces = [_piece(orders, methods, fallback, [a[start:start + CHUNK] for a in args])
              for start in range(0, max(args[0].size, 1), CHUNK)]
    return np.concatenate(pieces)


def _piece(orders, methods, fallback, args):
    out, left = np.full(args[0].shape, np.nan, np.result_type(*args, float)), np.ones(args[0].shape, bool)
    scale = math.prod(map(math.factorial, orders))
    with np.errstate(all="ignore"):
        for where, method in methods:
            covered = where(*args)
            for exact in (False, True):
                todo = np.flatnonzero(left & covered)
                if todo.size and not (exact and np.iscomplexobj(out)):
                    value, sizes = (high(v)[(-1,) * len(orders)] for v in method(exact, *(a[todo] for a in args)))
                    good = sizes <= (TWICE if exact else PLAIN) * np.abs(value)
                    out[todo[good]] = scale * value[good]
                    left[todo[good]] = False
    if np.any(left):
        out[left] = fallback(*(a[left] for a in args))
    return out

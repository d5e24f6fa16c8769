"""Taylor mode: truncated power series read rows as y' = p(x, y) x', solved coefficient by coefficient.

The k-th coefficient of y follows from the first k of p(x, y). A partial is therefore evaluated once, on series
that grow with what is asked of them (y among them); equal steps on equal series are shared, so that sin and cos
ask each other, and the cost of a row is a few products of series: O(order^2), without nesting.
"""

import math
from operator import mul

import numpy as np

from dualnet.dispatch import Array
from dualnet.errors import ArgumentError
from dualnet.levels import OPEN, escaped
from dualnet.table import TABLE
from dualnet.table.ordering import parts
from dualnet.table.precision import NARROW, widened
from dualnet.table.quiet import hush, unhush
from dualnet.table.row import Traced, dtype_of, partial_of, primal, shape_of
from dualnet.trees import captured, flatten, level, matching, results, run, unflatten
from dualnet.views import all_alone, has_views, holds_alone, is_view, remember_view

CONTRACT, MULTIPLY, DIVIDE, RECIPROCAL = (TABLE[name] for name in ("contract", "multiply", "divide", "reciprocal"))
SHARED = 32  # steps, those of partials too, that later ones may come back to
FEW = 8      # numbers than which a step is not smaller


class Trace:
    """One expansion: its level, its order, the last steps, how many numbers they have, and how deep in partials it is."""

    __slots__ = ("level", "order", "steps", "size", "depth")

    def __init__(self, number, order):
        self.level, self.order, self.steps, self.size, self.depth = number, order, {}, 0, 0

    def room(self, shape):
        """Take down a step of about this shape; outside of partials let go of those before, where they are many more numbers."""
        size = FEW + math.prod(shape)
        if not self.depth and self.size > SHARED * size:
            self.forget()
        self.size += size

    def forget(self):
        """Let go of all steps, those of partials too, which hold on to each other; none of them is being made."""
        for made, held in self.steps.values():
            made.more = None
            held.clear()
        self.steps, self.size = {}, 0


class Series(Array):
    """Coefficients c_0, c_1, ... of a power series; `value` is c_0, and ``more(k)`` makes c_k from those before."""

    __slots__ = ("expansion", "known", "more")  # not "trace", which is a method of arrays

    def coefficient(self, k):
        """c_k."""
        known = self.known
        if k < len(known):
            return known[k]
        while len(known) <= k:
            known.append(self.more(len(known)))
        return known[k]

    def complete(self):
        """All coefficients to the order of the expansion, unless this is a step of a partial, which grows as asked."""
        if not self.expansion.depth:
            token = hush()
            try:
                self.coefficient(self.expansion.order)
            finally:
                unhush(token)
            self.more = None  # and with it the steps that it has come from
        return self

    def _args(self, args):
        """The operands' values, and the places of those that are series of this level."""
        level = self.level
        if level not in OPEN:
            raise escaped(self)
        values, mine = list(args), []
        for i, a in enumerate(args):
            if type(a) is Series and a.level == level:
                values[i] = a.value
                mine.append(i)
        return values, mine

    def _step(self, value, more):
        """The series with that value; complete at once, unless it is part of a partial."""
        return series([value], self.expansion, more).complete()

    def _pointwise(self, row, args):
        key, operands, steps = [row], list(args), self.expansion.steps
        outside = not self.expansion.depth  # the user's own arrays, which may be written to later: what is read here is kept
        for i, a in enumerate(args):
            if type(a) is Series and a.level == self.level:
                key.append(id(a.known))
                if outside:
                    operands[i] = _shared(a)
            elif type(a) in (int, float) and a != 0:  # 0.0 and -0.0 are not the same
                key.append(a)
            else:
                operands[i] = a = captured(a) if outside else a
                key.append(id(a))
        key = tuple(key)
        step = steps.get(key)
        if step is None:
            step = self._noted(key, row, operands)
        return _shared(step[0]) if outside else step[0]

    def _noted(self, key, row, operands):
        """A new step, for those that come back to it."""
        trace = self.expansion
        trace.room(self.shape)
        step = trace.steps[key] = self._begun(row, operands), operands
        try:
            step[0].complete()
        except BaseException:
            trace.steps.pop(key, None)
            raise
        return step

    def _begun(self, row, args):
        """The series of one elementwise step, with the way to its coefficients (or, where that is cheap, all of them)."""
        values, mine = self._args(args)
        value = row.evaluate(*values)
        if len(args) > 1 and dtype_of(value).char not in NARROW:
            args = widened(args)  # coefficients are Python's floats, which take on the precision of what they meet
        out = series([value], self.expansion, None)
        if row is MULTIPLY and len(mine) == 2:
            x, y = args
            if _plain(x) and _plain(y):
                out.known[:] = np.convolve(x.known, y.known)[:self.expansion.order + 1].tolist()
            out.more = _product(x, y)
        elif row is DIVIDE and 1 in mine:
            out.more = _quotient(args, out, values[1])
        elif row is RECIPROCAL:
            out.more = _quotient((1.0, *args), out, values[0])
        elif len(mine) < 3 and all(isinstance(row.partials[i], (int, float)) for i in mine):
            _combine(out, [(row.partials[i], args[i]) for i in mine])
        else:
            out.more = self._integral(row, args, mine, out)
        return out

    def _integral(self, row, args, mine, out):
        """c_k of y from y' = sum of p_i x_i', the partials evaluated once, on growing series."""
        trace, terms = self.expansion, []

        def more(k):
            if not terms:
                trace.depth += 1
                try:
                    for i in mine:
                        terms.append(_term(args[i], partial_of(row, i, args, out)))
                finally:
                    trace.depth -= 1
                out.more = terms[0] if len(terms) == 1 else lambda k: _sum([term(k) for term in terms])
            return out.more(k)

        return more

    def _gather(self, row, x, forward, transpose):
        self._args((x,))
        base, x = x, _shared(x)
        value = forward(x.value)
        out = self._step(value, lambda k: forward(_full(x.coefficient(k), x.shape)))
        if row.view and shape_of(value) and not self.expansion.depth and is_view(primal(value), primal(x.value)):
            remember_view(base, out, forward)
        return out

    def _join(self, row, xs, forward, transpose):
        values, mine = self._args(xs)
        xs = [_shared(x) if i in mine else x for i, x in enumerate(xs)]
        return self._step(forward(values), lambda k: forward(
            [_full(x.coefficient(k), x.shape) if i in mine else _nothing(x) for i, x in enumerate(xs)]))

    def _sum(self, row, x, axes, keepdims):
        self._args((x,))
        x = _shared(x)
        return self._step(np.sum(x.value, axis=axes, keepdims=keepdims),
                          lambda k: np.sum(_full(x.coefficient(k), x.shape), axis=axes, keepdims=keepdims))

    def _contract(self, row, x, y, spec):
        values, mine = self._args((x, y))
        x, y = (_shared(a) if i in mine else a for i, a in enumerate((x, y)))

        def more(k):
            if len(mine) == 2:
                return _sum([CONTRACT(_full(x.coefficient(j), x.shape), _full(y.coefficient(k - j), y.shape), spec) for j in range(k + 1)])
            return CONTRACT(_full(x.coefficient(k), x.shape), y, spec) if 0 in mine else CONTRACT(x, _full(y.coefficient(k), y.shape), spec)

        return self._step(CONTRACT(*values, spec), more)

    def _linear(self, row, operands, value, pushes, pulls):
        values, mine = self._args(operands)
        xs = [_shared(a) if i in mine else a for i, a in enumerate(operands)]
        if row.fixed:
            return self._step(value(*values), lambda k: _sum(
                [pushes[i](_full(xs[i].coefficient(k), xs[i].shape), None, *values) for i in mine]))
        out, trace, slope = series([value(*values)], self.expansion, None), self.expansion, []
        trace.room(self.shape)

        def more(k):
            if not slope:
                trace.depth += 1
                try:
                    for i in mine:
                        rate = series([_full(xs[i].coefficient(1), xs[i].shape)], trace,
                                      lambda j, x=xs[i]: (j + 1) * _full(x.coefficient(j + 1), x.shape))
                        slope.append(pushes[i](rate, out, *xs))
                finally:
                    trace.depth -= 1
            return _sum([d.coefficient(k - 1) for d in slope]) / k

        out.more = more
        if trace.depth:
            trace.steps[id(out)] = out, slope  # to be let go of with the others, for they may hold each other
            return out
        out.complete()
        slope.clear()  # which may hold `out` and this step
        return out

    def _lift(self, x):
        return series([x], self.expansion, lambda k: _nothing(x))

    def _write_here(self, index, value):
        """Write into coefficients that nobody else holds, the first write having made them, so that none is copied; True if it was done."""
        known, n, alone = self.known, self.expansion.order, holds_alone(self, "known") and holds_alone(self, "value", others=1)
        if self.expansion.depth or len(known) <= n or has_views(self) or not (alone and all_alone(known, 1)):
            return False
        new = [value] + [0] * n
        if isinstance(value, Series) and value.level == self.level:
            new = [value.coefficient(k) for k in range(n + 1)]
        for c, part in zip(known, new):
            if type(c) is not np.ndarray or c.shape != self.shape or not (c.flags.owndata and c.flags.writeable) or (
                    isinstance(part, Traced) or dtype_of(part).kind == "c" != c.dtype.kind):
                return False
        for c, part in zip(known, new):
            c[index] = part
        return True

    def _assign(self, other):
        self.value, self.known, self.more, self.expansion = other.value, other.known, other.more, other.expansion

    def _ahead(self):
        known = self.known if self.expansion.depth else [self.coefficient(k) for k in range(self.expansion.order + 1)]
        return [p for c in known for p in parts(_full(c, self.shape))]


def series(known, trace, more):
    """A series of `trace` with the coefficients known so far."""
    out = Series.__new__(Series)
    value = out.value = known[0]
    if type(value) is np.float64:
        known[0] = float(value)  # products of Python floats are several times faster
    out.level, out.expansion, out.known, out.more = trace.level, trace, known, more
    return out


def _variable(x, slope, trace):
    """The series x + slope t."""
    if type(x) is np.float64 and isinstance(slope, (float, np.floating)):
        return series([x, float(slope)], trace, lambda k: 0.0)
    return series([x, slope], trace, lambda k: _nothing(x)[()])


def _nothing(x):
    """Zeros of the shape of `x`, exact where its numbers are."""
    return np.zeros(shape_of(x), object if dtype_of(x).hasobject else float)


def _shared(x):
    """Another handle on the same coefficients, which a later write through the first leaves alone."""
    out = Series.__new__(Series)
    out.value, out.level, out.expansion, out.known, out.more = x.value, x.level, x.expansion, x.known, x.more
    return out


def _full(c, shape):
    """A coefficient as an array of the series' shape: of a number it may be a Python float."""
    if type(c) is float:
        c = np.float64(c)
    return c if shape_of(c) == shape else np.broadcast_to(c, shape)


def _sum(terms):
    total = terms[0]
    for t in terms[1:]:
        total = total + t
    return total


def _combine(out, terms):
    """c_k of a sum of series with constant factors; all at once where they are known."""
    p, x = terms[0]
    q, y = terms[1] if len(terms) > 1 else (0, x)
    if min(len(x.known), len(y.known)) > out.expansion.order:
        if len(terms) == 1:
            out.known += x.known[1:] if p == 1 else [p * c for c in x.known[1:]]
        else:
            out.known += [p * c + q * d for c, d in zip(x.known[1:], y.known[1:])]
    elif len(terms) == 1:
        known = x.known
        out.more = lambda k: p * (known[k] if k < len(known) else x.coefficient(k))
    else:
        out.more = lambda k: p * x.coefficient(k) + q * y.coefficient(k)


def _plain(x):
    """True where all coefficients are known and are Python floats."""
    return len(x.known) > x.expansion.order and set(map(type, x.known)) == {float}


def _product(x, y):
    """c_k = sum of x_j y_(k-j): Cauchy's product."""
    ours, theirs = x.known, y.known

    def more(k):
        while len(ours) <= k:
            ours.append(x.more(len(ours)))
        while len(theirs) <= k:
            theirs.append(y.more(len(theirs)))
        return sum(map(mul, ours, theirs[k::-1]))

    return more


def _quotient(args, out, y0):
    """c_k of z = x / y from x = z y."""
    x, y = args
    above = x if type(x) is Series and x.level == out.level else None
    below, first = y.known, y.known[0]
    y0 = y0 if type(first) is float and first == 0 else first  # a Python float, unless it is 0

    def more(k):
        if len(below) <= k:
            y.coefficient(k)
        whole = 0 if above is None else above.known[k] if k < len(above.known) else above.coefficient(k)
        return (whole - sum(map(mul, below[1:], out.known[k - 1::-1]))) / y0

    return more


def _term(x, p):
    """The share of one argument in c_k, (1/k) sum of j x_j p_(k-j), as a function to be called for k = 1, 2, ..."""
    if not isinstance(p, Series) or p.level != x.level:  # one of an expansion outside is a constant here
        p = float(p) if type(p) is np.float64 else p
        return lambda k: p * x.coefficient(k)
    rates, known, slopes = [], x.known, p.known  # rates: the j x_j
    if _plain(x) and not any(known[2:]):  # x = x_0 + x_1 t: one term is left of the sum
        rate = known[1] if len(known) > 1 else 0.0

        def along_a_line(k):
            while len(slopes) < k:
                slopes.append(p.more(len(slopes)))
            return rate * slopes[k - 1] / k

        return along_a_line

    def term(k):
        if len(known) <= k:
            x.coefficient(k)
        while len(slopes) < k:
            slopes.append(p.more(len(slopes)))
        rates.append(k * known[k])
        return sum(map(mul, rates, slopes[k - 1::-1])) / k

    return term


def expand(f, x, direction, order, kinks):
    """Derivatives 0 to `order` of ``t -> f(x + t direction)`` at 0: what :func:`dualnet.taylor` returns."""
    if not isinstance(order, (int, np.integer)) or isinstance(order, bool) or order < 0:
        raise ArgumentError(f"order={order!r}; give the highest order as an integer that is not negative")
    leaves, structure = flatten(x, "the argument")
    if direction is None:
        slopes = [np.ones(shape_of(leaf), getattr(leaf, "dtype", float))[()] for leaf in leaves]
    else:
        slopes = matching(direction, x, "direction")[2]
    with level(kinks) as number:
        trace = Trace(number, int(order))
        starts = [_variable(leaf, slope, trace) for leaf, slope in zip(leaves, slopes)]
        try:
            outs, out_structure = results(run(lambda starts: f(unflatten(structure, starts)), starts), f)
            tables = [_derivatives(y, number, trace.order) for y in outs]
        finally:
            trace.forget()
    return unflatten(out_structure, tables)


def _derivatives(y, number, order):
    if not (type(y) is Series and y.level == number):
        dtype = dtype_of(y)
        return np.stack([y] + [np.zeros(shape_of(y), dtype if dtype.kind in "fcO" else float)] * order)
    shape = y.shape
    table = np.stack([math.factorial(k) * _full(y.coefficient(k), shape) for k in range(order + 1)])
    dtype = dtype_of(y.value)
    return table if table.dtype == dtype or dtype.kind == "f" and table.dtype.kind == "c" else table.astype(dtype)

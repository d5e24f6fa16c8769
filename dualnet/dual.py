"""Forward mode: dual numbers read rows by pushing a tangent through their partials."""

from operator import add, mul

import numpy as np
from numpy import float64, ndarray

from dualnet import rewriting, through
from dualnet.blocks import apart, summed_pieces
from dualnet.debugging import WATCHING, look_at_step, unwatched
from dualnet.dispatch import Array, shown
from dualnet.errors import ShapeError
from dualnet.levels import OPEN, escaped
from dualnet.multiples import product
from dualnet.table import TABLE
from dualnet.table.ordering import parts
from dualnet.table.precision import DOUBLE, NARROW, widened
from dualnet.table.quiet import hush, unhush
from dualnet.table.row import Argument, Traced, dtype_of, partial_of, primal, shape_of
from dualnet.tangents import UNIT, Live, Rows, full, rows_of, uneven
from dualnet.trees import number
from dualnet.views import blocks_alone, has_views, holds_alone, is_view, remember_view


class Dual(Array):
    """A value with its tangent: value + tangent ε.

    Parameters
    ----------
    value : array_like, shape S
    tangent : array_like, shape S
        A direction; transformations use sparse forms of it as well.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> np.exp(-dn.Dual(3.0, 1.0))
    Dual(0.0498 + -0.0498ε)
    >>> dn.Dual(2.0, 1.0) ** 3
    Dual(8 + 12ε)
    """

    __slots__ = ("_tangent",)

    def __init__(self, value, tangent=0.0):
        value, along = number(value, "the value of a dual number"), number(tangent, "the tangent of a dual number")
        dtype = np.result_type(value.dtype, np.float32)
        tangent = along if isinstance(along, Traced) or along.dtype.kind == "c" else np.asarray(tangent, dtype)  # whole numbers stay exact
        if tangent.shape != value.shape:
            raise ShapeError(f"value has shape {value.shape} and tangent has shape {tangent.shape}; a tangent has its value's shape")
        self.value, self._tangent, self.level = value[()], tangent[()], 0

    @property
    def tangent(self):
        """The tangent, with the value's shape (a `Rows` in Jacobians)."""
        t = self._tangent
        if type(t) is Rows:
            return t
        return full(t.values if type(t) is Live else t, self.shape)

    def __repr__(self):
        return f"Dual({shown(self.value)} + {shown(self.tangent)}ε)"

    # --- readers of the kinds of row ---------------------------------------------------------------------

    def _opened(self):
        """The level, which must be open."""
        if self.level not in OPEN:
            raise escaped(self)
        return self.level

    def _pointwise(self, row, args):
        level = self._opened()
        values, n, weak = list(args), len(args), False
        for i in range(n):
            if type(args[i]) is Dual:
                mine = args[i]
                if mine.level == level:
                    v = mine.value
                    weak = weak or type(v) is float
                    values[i] = v if type(v) is not float or row.arithmetic else float64(v)
        if n == 1 and row.of_floats is not None and type(values[0]) is float:
            out = row.of_floats(values[0])
        else:
            out = row.evaluate(values[0]) if n == 1 else row.evaluate(values[0], values[1]) if n == 2 else row.evaluate(*values)
        if type(out) is float:
            if out - out != 0:  # NumPy warns
                out = row.evaluate(*[float64(v) if type(v) is float else v for v in values])
        elif type(out) is complex:  # of a float and a complex constant
            out = np.complex128(out)
        elif weak and dtype_of(out).char in NARROW or n == 2 and uneven(values[0], values[1]):
            wide = widened(args, DOUBLE if weak else dtype_of(out))  # a Python float takes on that of what it meets
            if wide is not args:
                return self._pointwise(row, wide)
        if level:  # a sweep keeps warnings back
            return stepped(row, values, out, self._derived(row, args, values, out), level)
        token = hush()
        try:
            return stepped(row, values, out, self._derived(row, args, values, out), level)
        finally:
            unhush(token)

    def _numbers(self, row, x, y):
        """A sum, difference or product of Python's floats, one of which may be a whole number; None for all else."""
        rule = row
        if not rule.arithmetic:
            return None
        level, tx, ty = self.level, None, None
        if type(x) is Dual:  # self, if not a constant
            mine = x
            x, tx = mine.value, mine._tangent
            if type(tx) is not float:
                return None
        if type(y) is Dual:
            mine = y
            if mine.level is not level and mine.level != level:
                return None
            y, ty = mine.value, mine._tangent
            if type(ty) is not float:
                return None
        if type(x) is int and LEAST <= x <= MOST:
            x = float(x)
        elif type(y) is int and LEAST <= y <= MOST:
            y = float(y)
        if type(x) is not float or type(y) is not float or level not in OPEN or WATCHING:
            return None
        a, b, evaluate = x, y, rule.evaluate
        out = a * b if evaluate is mul else a + b if evaluate is add else a - b
        if out - out != 0:  # NumPy warns
            return None
        p, q = rule.partials
        slope = _times(q, a, b, ty) if tx is None else _times(p, a, b, tx) if ty is None else _times(p, a, b, tx) + _times(q, a, b, ty)
        return make(out, slope, level)

    def _derived(self, row, args, values, out):
        """The tangent of an elementwise row; under dn.debug() it is looked at whole, not the steps of the partials."""
        if not WATCHING:
            return self._combined(row, args, values, out)
        with unwatched():
            return self._combined(row, args, values, out)

    def _combined(self, row, args, values, out):
        """The sum of partial times tangent over the arguments of this level."""
        total, fresh, n, times = None, False, len(args), 1  # fresh: nobody else holds the total
        if row is MULTIPLY and args[0] is args[1] and type(self._tangent) is not Live:
            n, times = 1, 2  # x*x is x**2
        for i in range(n):
            if type(args[i]) is not Dual:
                continue
            mine = args[i]
            if mine.level != self.level:
                continue
            t, p, factor = mine._tangent, row.partials[i], 1
            if type(p) is Argument and type(t) is not Live:
                given = p
                p, factor = values[given.place] if given.place >= 0 else out, times * given.factor
                t = p * t if given.twice else t
            else:
                p = partial_of(row, i, values, out)
            if type(p) is int:
                if p == -1:
                    total, fresh = -t if total is None else total - t, False
                else:
                    t = t if p == 1 else p * t
                    total, fresh = t if total is None else total + t, False
            elif type(t) is Rows:
                rows = t
                if type(p) is ndarray and rows.lends():
                    p = apart(p, args)
                if fresh and factor == 1:
                    total = total.plus(p, rows)
                else:
                    t = rows.scaled(p, factor)
                    total, fresh = (t, True) if total is None else (total + t, False)
            else:
                if factor != 1:
                    t = factor * t
                    if type(t) is ndarray and type(p) is not ndarray and isinstance(p, Traced):
                        t.flags.writeable = False  # a tape need not copy what nobody else holds
                t = product(p, t, factor != 1)
                if fresh and type(t) is type(total) is ndarray and t.size > LARGE and total.dtype is t.dtype and total.shape == t.shape:
                    total += t
                elif total is None:
                    total, fresh = t, True
                else:
                    total, fresh = total + t, False
        return total

    def _gather(self, row, x, forward, transpose):
        self._opened()
        self.settle()
        value = forward(x.value)
        out = stepped(row, (x.value,), value, through.gather(x._tangent, forward, x.shape, shape_of(value), row.fills), self.level)
        if row.view and shape_of(value) and is_view(primal(value), primal(x.value)):
            remember_view(x, out, forward)
        return out

    def _join(self, row, xs, forward, transpose):
        level = self._opened()
        values, ts = _parted(xs, level)
        out = getattr(forward, "value", forward)(values)
        space = next((t.space for t in ts if type(t) is Rows), None)
        tangent = through.join(ts, forward, [shape_of(v) for v in values], shape_of(out), space, out.dtype, row.fills)
        return stepped(row, values, out, tangent, level)

    def _sum(self, row, x, axes, keepdims):
        self._opened()
        self.settle()
        value = np.sum(x.value, axis=axes, keepdims=keepdims)
        return stepped(row, (x.value,), value, through.total(x._tangent, axes, keepdims, x.shape), self.level)

    def _contract(self, row, x, y, spec):
        level = self._opened()
        (xv, yv), (tx, ty) = _parted((x, y), level)
        out = CONTRACT(xv, yv, spec)
        shape = shape_of(out)
        tangent = None if tx is None else through.contract(tx, shape_of(xv), yv, spec, shape, True)
        if ty is not None:
            t = through.contract(ty, shape_of(yv), xv, spec, shape, False)
            tangent = t if tangent is None else tangent + t
        return stepped(row, (xv, yv), out, tangent, level)

    def _linear(self, row, operands, value, pushes, pulls):
        level = self._opened()
        values, ts = _parted(operands, level)
        out = value(*values)
        tangent = None
        for v, t, push in zip(values, ts, pushes):
            if t is not None:
                t = through.linear(t, lambda t, push=push: push(t, out, *values), shape_of(v), shape_of(out), row, own=push)
                tangent = t if tangent is None else tangent + t
        return stepped(row, values, out, tangent, level)

    def __getitem__(self, index):
        if type(index) is not int or not self._is_root():
            return ELEMENT(self, index)
        value, space = self.value, self._tangent.space
        number = value.item(index) if type(value) is ndarray and value.dtype is DOUBLE else value[index]
        return _of_seed(number, space, index if index >= 0 else index + space.size, self.level)

    def __iter__(self):
        return Parameters(self) if type(self.value) is ndarray and self._is_root() else Array.__iter__(self)

    def _is_root(self):
        """True for the input itself where it is a vector, what a model begins with: element i has seed i."""
        if type(self._tangent) is not Rows:
            return False
        rows = self._tangent
        space = rows.space
        return rows.blocks is space.root and not rows.held and self.value.shape == (space.size,)

    # --- what Array asks for -------------------------------------------------------------------------------

    def settle(self):
        """Python's floats, which arithmetic leaves as they are, as NumPy's."""
        if type(self.value) is float:
            self.value = float64(self.value)
        if type(self._tangent) in (float, complex):
            self._tangent = np.asarray(self._tangent)[()]

    def _lift(self, x):
        return make(x, through.constant(self._tangent, shape_of(x), x.dtype), self.level)

    def _assign(self, other):
        self.value, self._tangent = other.value, other._tangent

    @property
    def sparse(self):
        """True where the tangent is a row-sparse Jacobian."""
        return type(self._tangent) is Rows

    def _ahead(self):
        self.settle()
        t = self._tangent
        t = t.along(t.space.direction(), self.shape) if type(t) is Rows else t.values if type(t) is Live else t
        return parts(self.value) + parts(full(t, self.shape))

    def _summed_pieces(self, shape, pieces, lead):
        values, directions = [], []
        for key, g in pieces:
            mine = type(g) is Dual and g.level == self.level
            value, t = (g.value, g._tangent) if mine else (g, None)
            t = t.values if type(t) is Live else t
            if isinstance(value, Traced) or isinstance(t, (Traced, Rows)):
                return None
            values.append((key, value))
            if t is not None:
                directions.append((key, full(t, shape_of(value))))
        return make(summed_pieces(shape, values, lead), summed_pieces(shape, directions, lead), self.level)

    def _write_here(self, index, value):
        """Write into arrays that nobody else holds, the first write having made them, so that none is copied; True if it was done."""
        if has_views(self) or value is self:
            return False
        if type(self._tangent) is Rows:
            return self._write_rows(index, value)
        if not holds_alone(self, "value", "_tangent"):
            return False
        v, t, mask = self.value, self._tangent, None
        if type(t) is Live:
            if not (holds_alone(t, "values", "cell") and holds_alone(t.cell, "_array")):
                return False  # another array goes by this mask
            t, mask = t.values, t.mask
        for a in (v, t) if mask is None else (v, t, mask):
            if type(a) is not ndarray or a.shape != v.shape or not (a.flags.owndata and a.flags.writeable):
                return False
        if t.dtype is not v.dtype:  # of a complex array the tangent may be real so far
            return False
        new, live = 0, False
        if isinstance(value, Dual) and value.level == self.level:
            value, new, live = value.value, value._tangent, True
            if type(new) is Live:
                new, live = new.values, new.mask
        if isinstance(value, Traced) or isinstance(new, Traced) or live is not True and mask is None and live is not False:
            return False
        v[index] = value
        t[index] = new
        if mask is not None:
            mask[index] = live
        return True

    def _write_rows(self, index, value):
        free, apart = holds_alone(self, "value"), holds_alone(self, "_tangent") and blocks_alone(self._tangent)
        v, t = self.value, self._tangent
        mine = isinstance(value, Dual) and value.level == self.level
        new = value._tangent if mine else None
        plain = value.value if mine else value
        if isinstance(v, Traced) or isinstance(plain, Traced) or t.nested() or new is not None and new.nested():
            return False
        if not (type(v) is ndarray and v.flags.owndata and v.flags.writeable and free):
            v = np.array(v)
        if not apart:
            t = Rows(t.space, t.scalars, [(s.view(), w.view()) for s, w in t.blocks])  # views are not written to
        self._tangent = rewriting.written(t, v.shape, index, new, v.dtype)
        v[index] = plain
        self.value = v
        return True


class Parameters:
    """The elements of an input that is a vector, one after the other; those that were written meanwhile as they are then."""

    __slots__ = ("whole", "rows", "numbers", "place")

    def __init__(self, whole):
        self.whole, self.rows, self.place = whole, whole._tangent, 0
        self.numbers = whole.value.tolist() if whole.value.dtype is DOUBLE else list(whole.value)

    def __iter__(self):
        return self

    def __next__(self):
        k, numbers, whole = self.place, self.numbers, self.whole
        if k >= len(numbers):
            raise StopIteration
        self.place = k + 1
        return _of_seed(numbers[k], self.rows.space, k, whole.level) if whole._tangent is self.rows else whole[k]


def _of_seed(number, space, seed, level):
    return make(number, rows_of(space, {seed: UNIT}, ()), level)


def _times(p, x, y, t):
    """The partial of an arithmetic row of two numbers times a tangent."""
    if type(p) is int:
        return t if p == 1 else -t
    place = p
    return (y if place.place else x) * t


def _parted(args, level):
    """The values of operands, and their tangents at `level` (None for a constant)."""
    values, tangents = list(args), [None] * len(args)
    for i, a in enumerate(args):
        if type(a) is Dual and a.level == level:
            a.settle()
            values[i], tangents[i] = a.value, a._tangent
    return values, tangents


def stepped(row, operands, value, tangent, level):
    """The result of a step."""
    if WATCHING:
        look_at_step(row, operands, value, tangent)
    return make(value, tangent, level)


def make(value, tangent, level):
    """A dual array of `level`, without checks."""
    out = Dual.__new__(Dual)
    out.value, out._tangent, out.level = value, tangent, level
    return out


LEAST, MOST = -(1 << 53), 1 << 53  # between which Python's whole numbers are floats
LARGE = 1 << 13  # elements from which a temporary array costs more than it takes to see that it can be done without
CONTRACT, ELEMENT, MULTIPLY = TABLE["contract"], TABLE["getitem"], TABLE["multiply"]

"""The forms a tangent takes: a plain array (one direction), `Live` and `Rows`.

A tangent broadcasts to the shape of its value, so one that is the same all over stays small until an
operation needs it whole. All forms know ``partial * tangent``, ``tangent + tangent`` and ``-tangent``;
what moves elements goes through the functions of through.py.
"""

import math

import numpy as np
from numpy import float64, ndarray

from dualnet.blocks import add_block, dense_traced, grow, memory_of, merged, packed, shape_of_blocks, side_by_side
from dualnet.errors import MemoryBudgetError
from dualnet.memory import keep_freed
from dualnet.multiples import Multiple, multiple, summed, whole, with_added, with_all
from dualnet.table import fields
from dualnet.table.care import CAREFUL
from dualnet.table.precision import DOUBLE, UNUSUAL
from dualnet.table.row import Traced, boxed, dtype_of, ndim_of, primal, shape_of

BUDGET = 1 << 30  # bytes that one dense tangent may take before the seeds go in chunks
MANY = 32         # seeds from which a sum takes down what is added to it
UNIT = 1.0        # the one-by-identity that scaling replaces instead of multiplying
keep_freed()


def full(t, shape):
    """`t` broadcast to `shape` (a view)."""
    return t if (fields.shape(t) if type(t) is ndarray else getattr(t, "shape", ())) == shape else np.broadcast_to(t, shape)


def uneven(x, y):
    """True where one of two operands may have fewer digits than what is calculated with both."""
    if type(x) is float or type(y) is float or type(x) is int or type(y) is int:
        return False  # Python's numbers widen nothing
    one, other = (x, y) if type(x) is ndarray else (y, x)
    if type(one) is type(other) is ndarray and fields.dtype(one) is fields.dtype(other) or type(other) is float64 and (
            type(one) is float64 or type(one) is ndarray and fields.dtype(one) is DOUBLE):
        return False
    kind, beside = dtype_of(primal(x)), dtype_of(primal(y))
    return kind is not beside and (kind.char in UNUSUAL or beside.char in UNUSUAL)


class Mask:
    """A boolean array, True where an element is not a structural zero, made when it is first asked for.

    `sources` are the masks that `make` reads; only they are kept, not the tangents they belong to, and a long
    chain of them is settled, so that a loop holds on to nothing.
    """

    __slots__ = ("_make", "_array", "depth")

    def __init__(self, make, sources=()):
        self._make, self._array = (None, make) if isinstance(make, ndarray) else (make, None)
        self.depth = 1 + max([m.depth for m in sources]) if sources else 1
        if self.depth > 16:
            self.get()

    def get(self):
        """The array."""
        if self._array is None:
            self._array, self._make, self.depth = self._make(), None, 0
        return self._array


class Live:
    """A tangent or cotangent with a mask of the elements that are not structural zeros.

    A structural zero stays zero whatever partial it meets. The mask (a `Mask`, a boolean array, or a function
    that makes one) is looked at only when a partial turns out infinite or NaN, and in a careful run where the partial has
    derivatives of its own, which may.
    """

    __slots__ = ("values", "cell")
    __array_ufunc__ = None

    def __init__(self, values, mask):
        self.values, self.cell = values, mask if type(mask) is Mask else Mask(mask)

    @property
    def mask(self):
        """True where the element depends on the seeds."""
        return self.cell.get()

    @property
    def shape(self):
        """Shape of the values."""
        return shape_of(self.values)

    def through(self, move, values):
        """`values`, which a map of elements has made of these, with the mask that ``move`` makes of theirs."""
        cell = self.cell
        return Live(values, Mask(lambda: move(cell.get()), (cell,)))

    def __rmul__(self, p):
        with np.errstate(all="ignore"):
            out = p * self.values
            if isinstance(out, Traced) and CAREFUL.get():
                return Live(np.where(self.mask, out, 0), self.cell)
            plain = boxed(primal(out))
            low = np.min(plain if dtype_of(plain).kind != "c" else np.abs(plain)) if np.size(plain) else 0
            if low != low:
                out = np.where(self.mask, out, 0)
        return Live(out, self.cell)

    def __neg__(self):
        return Live(-self.values, self.cell)

    def __add__(self, other):
        if isinstance(other, Live):
            ours, theirs = self.cell, other.cell
            return Live(self.values + other.values, ours if ours is theirs else Mask(
                lambda: np.logical_or(ours.get(), theirs.get()), (ours, theirs)))
        return NotImplemented if getattr(other, "__array_ufunc__", other) is None else self.values + other  # pieces know their own zeros

    def __radd__(self, other):
        return other + self.values

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return other - self.values


class Rows:
    """A row-sparse Jacobian: which seed each element of a value depends on, and by how much.

    ``scalars`` maps a seed on which the whole value depends to numbers that broadcast to its shape, which are `held` as
    a `Multiple` where that saves a pass.
    ``blocks`` lists pairs ``(seeds, values)`` of shape ``(L, *B)`` with ``B`` broadcasting to that shape:
    element e depends on ``seeds[l, e]`` by ``values[l, e]`` for each l; a negative seed is a structural
    zero. Seeds of shape ``(L, 1, ..., 1)`` are a dense tangent. The shape is the value's: whoever needs
    it gives it. A sum of many terms takes down its last ones in a list, `later`, of which the first `upto` are its own.
    """

    __slots__ = ("space", "held", "blocks", "later", "flat", "upto", "extra")
    __array_ufunc__ = None

    def __init__(self, space, scalars, blocks=()):
        self.space, self.held, self.blocks, self.later, self.flat, self.upto, self.extra = space, scalars, blocks, None, None, 0, 0

    def __repr__(self):
        n = len({*self.own()} | {s for seeds, _ in self.blocks for s in np.unique(seeds).tolist() if s >= 0})
        return f"{n} seed{'s' * (n != 1)} "

    @property
    def scalars(self):
        """The numbers of the seeds on which the whole value depends."""
        held = self.own()
        for s, v in held.items():
            if type(v) is Multiple:
                held[s] = whole(v)
        return held

    def own(self):
        """The numbers of whole seeds, those taken down for later added up."""
        if self.later is None:
            return self.held
        if self.flat is None:
            self.flat = with_all(self.held, self.later[:self.upto])
        return self.flat

    def noted(self, more, blocks):
        """These numbers of whole seeds plus those of `more`, which are taken down, so that a long sum is not copied for each term.

        They go to the same list, unless another sum has gone on there, and no more than are held: numbers of the same seeds add up.
        """
        out = rows_of(self.space, self.held, blocks)
        if self.later is not None and self.flat is None and len(self.later) == self.upto:
            if self.extra + len(more) > len(self.held):
                out.held = with_added(self.own(), more)
                return out
            self.later.append(more)
            if self.later[self.upto] is more:  # no other thread has come first
                out.later, out.upto, out.extra = self.later, self.upto + 1, self.extra + len(more)
                return out
        out.held, out.later, out.upto, out.extra = self.own(), [more], 1, len(more)
        return out

    def lends(self):
        """True where the tangent times an array holds that array itself."""
        for v in self.own().values():
            if type(v) is float or type(v) is float64:
                return True
        return False

    def scaled(self, p, factor):
        """The tangent times a partial, an array that may broadcast it to a larger shape, and a whole number."""
        source = self.own()
        self.space.products += 1
        self.space.entries += len(source)
        if self.blocks:
            p = packed(p if factor == 1 else factor * p) if len(self.blocks) > 2 else p if factor == 1 else factor * p
            factor = 1
        held = {}
        for s, v in source.items():
            v = p if v is UNIT else self._product(p, v)
            held[s] = v if factor == 1 else self._times(factor, v)
        if not self.blocks:
            return rows_of(self.space, held, ())
        n = len(getattr(p, "shape", ()))
        return rows_of(self.space, held, [(grow(s, n), p * grow(v, n)) for s, v in self.blocks])

    def _product(self, p, v):
        """A partial times the number of a seed; what is a number and what an array of doubles stays apart."""
        kind, of = type(p), type(v)
        if kind is float or kind is float64:
            if of is Multiple:
                one = v
                return multiple(one.factor * p, one.array)
            if of is ndarray and not self.space.careful and v.dtype is DOUBLE:
                return multiple(p, v)
        elif of is Multiple:
            one = v
            if kind is ndarray and p.dtype is DOUBLE:
                self.space.parted = True
                return multiple(one.factor, p * one.array)
            v = whole(v)
        elif kind is ndarray and (of is float or of is float64) and not self.space.careful and p.dtype is DOUBLE:
            return multiple(v, p)
        return p * v

    def _times(self, factor, v):
        """A whole number times the number of a seed."""
        of = type(v)
        if of is Multiple:
            one = v
            return multiple(factor * one.factor, one.array)
        if of is ndarray and not self.space.careful and v.dtype is DOUBLE:
            return multiple(factor, v)
        return -v if factor == -1 else factor * v

    def __rmul__(self, p):
        return self.scaled(p, 1)

    def plus(self, p, t):
        """``self + p t`` in one pass; `self` must be fresh, for it is changed."""
        if t.blocks:
            return self.added(t.scaled(p, 1), True)
        held = self.own()
        for s, v in t.own().items():
            v = p if v is UNIT else self._product(p, v)
            held[s] = summed(held[s], v) if s in held else v
        return self

    def __neg__(self):
        held = {s: self._times(-1, v) for s, v in self.own().items()}
        return rows_of(self.space, held, [(s, -v) for s, v in self.blocks] if self.blocks else ())

    def __add__(self, other):
        return self.added(other, False) if type(other) is Rows else NotImplemented

    def with_blocks(self, blocks):
        """The same numbers of whole seeds, with other blocks."""
        out = rows_of(self.space, self.held, blocks)
        out.later, out.flat, out.upto, out.extra = self.later, self.flat, self.upto, self.extra
        return out

    def added(self, other, fresh):
        """``self + other``; where `self` is fresh, in the arrays of its blocks."""
        blocks = self.blocks
        if other.blocks:
            blocks = merged(blocks, other.blocks, fresh) if blocks else other.blocks
        ours, theirs = len(self.held), len(other.held)
        if not theirs:
            out = self.with_blocks(blocks)
        elif not ours:
            out = other.with_blocks(blocks)
        elif ours > MANY and theirs <= ours and other.later is None:
            out = self.noted(other.held, blocks)
        elif theirs > MANY and ours < theirs and self.later is None:
            out = other.noted(self.held, blocks)
        else:
            out = rows_of(self.space, with_added(self.own(), other.own()), blocks)
        return out if len(blocks) <= 8 or not other.blocks else out.compact()

    def __sub__(self, other):
        return self + -other

    def nested(self):
        """True where numbers of it carry a lower level."""
        return any(isinstance(v, Traced) for v in (*self.own().values(), *(b for _, b in self.blocks)))

    def at(self, shape):
        """The same tangent with every block given all the axes of `shape`."""
        n = len(shape)
        if all(s.ndim == n + 1 for s, _ in self.blocks):
            return self
        return self.with_blocks([(grow(s, n), grow(v, n)) for s, v in self.blocks])

    def compact(self, shape=None):
        """The same tangent, dense if its blocks hold more entries than that would; many blocks of whole values side by side."""
        if sum([max(len(s), len(v)) for s, v in self.blocks]) > self.space.size:
            shape = shape_of_blocks(self.blocks) if shape is None else shape
            entries = sum([math.prod(np.broadcast_shapes(s.shape, v.shape)) for s, v in self.blocks])
            if entries > self.space.size * math.prod(shape):
                return self.densified(shape)
        return self if len(self.blocks) <= 16 else self.with_blocks(side_by_side(self.blocks))

    def densified(self, shape):
        """The same tangent as one dense block, which in a careful space marks its structural zeros."""
        seeds = grow(self.space.names, len(shape))
        if self.space.careful:
            seeds = np.where(self.live(shape), seeds, -1)
        return Rows(self.space, {}, [(seeds, self.dense(shape))])

    def live(self, shape):
        """True where the dense tangent has no structural zero, an array of shape ``(seeds, *shape)``."""
        ones = Rows(self.space, dict.fromkeys(self.own(), UNIT), [(s, np.ones((1,) * s.ndim)) for s, _ in self.blocks])
        return ones.dense(shape) > 0

    def is_dense(self):
        """True where there is one block only and it is dense, its zeros mere numbers."""
        if self.held or len(self.blocks) != 1 or self.space.careful:
            return False
        seeds = self.blocks[0][0]
        return seeds.size == seeds.shape[0] == self.space.size and memory_of(seeds)[0] == memory_of(self.space.names)[0]

    def full_blocks(self, shape):
        """All entries as blocks of all the axes of `shape`, scalars included."""
        n = len(shape)
        out = [(grow(s, n), grow(v, n)) for s, v in self.blocks]
        for s, v in self.scalars.items():
            v = v if isinstance(v, Traced) else np.asarray(v)
            out.append((self.space.names[s:s + 1].reshape((1,) * (n + 1)), np.reshape(v, (1,) * (n + 1 - ndim_of(v)) + shape_of(v))))
        return out

    def dense(self, shape):
        """The Jacobian as an array of shape ``(seeds, *shape)``; raises where it would pass the budget."""
        n = self.space.size
        if 8 * n * math.prod(shape) > BUDGET:
            raise MemoryBudgetError(f"a dense tangent of {n} seeds by shape {shape} would pass {BUDGET} bytes")
        if self.is_dense():
            return full(grow(self.blocks[0][1], len(shape)), (n,) + shape)
        if not self.blocks and self._of_floats():
            out = np.empty((n,) + shape)
            return self._write(out)
        values = [*self.scalars.values(), *(v for _, v in self.blocks)]
        if self.nested():
            return dense_traced(self, shape)
        kinds = {getattr(v, "dtype", type(v)) for v in values}
        dtype = float if not kinds - {float, np.dtype(float)} else \
            np.result_type(*(v if isinstance(v, (int, float)) else dtype_of(v) for v in values))
        out = np.zeros((n,) + shape, dtype)
        for s, v in self.scalars.items():
            out[s] += v
        for seeds, values in self.at(shape).blocks:
            add_block(out, seeds, values, self.space)
        return out

    def _write(self, out):
        """Write the numbers of whole seeds into `out`, which has a row for each seed."""
        held = self.own()
        for s in range(self.space.size):
            v = held.get(s, 0.0)
            if type(v) is Multiple:
                one = v
                np.multiply(one.array, one.factor, out[s, ...])
            else:
                out[s] = v
        return out

    def _of_floats(self):
        """True where all numbers of whole seeds are of double precision."""
        for v in self.own().values():
            kind = type(v)
            if kind is not Multiple and kind is not float and (kind is not ndarray and kind is not float64 or v.dtype is not DOUBLE):
                return False
        return True

    def along(self, direction, shape):
        """The tangent along `direction` (one number for each seed), an array of `shape`."""
        out = np.zeros(shape)
        for s, v in self.scalars.items():
            out = out + direction[s] * v
        for seeds, values in self.at(shape).blocks:
            weight = np.where(seeds < 0, 0.0, direction[seeds])
            out = out + np.sum(np.where(weight == 0, 0.0, weight * values), axis=0)
        return out


def rows_of(space, held, blocks):
    """Rows, made without a call of their class."""
    out = Rows.__new__(Rows)
    out.space, out.held, out.blocks, out.later, out.flat, out.upto, out.extra = space, held, blocks, None, None, 0, 0
    return out

"""The forms a tangent takes: a plain array (one direction), `Live` and `Rows`.

A tangent broadcasts to the shape of its value, so one that is the same all over stays small until an
operation needs it whole. All forms know ``partial * tangent``, ``tangent + tangent`` and ``-tangent``;
what moves elements goes through the functions of through.py.
"""

import math

import numpy as np
from numpy import ndarray

from dualnet.blocks import add_block, dense_traced, grow, memory_of, merged, packed, shape_of_blocks
from dualnet.errors import MemoryBudgetError
from dualnet.table.row import Traced, dtype_of, ndim_of, primal, shape_of

BUDGET = 1 << 30  # bytes that one dense tangent may take before the seeds go in chunks
DOUBLE = np.dtype(float)
UNIT = 1.0        # the one-by-identity that scaling replaces instead of multiplying

np.empty(31 << 17)  # 31 MiB, freed at once and never touched: glibc's malloc then keeps freed arrays up to that
#                     size for the next temporaries, instead of giving their pages back and faulting them in again


def full(t, shape):
    """`t` broadcast to `shape` (a view)."""
    return t if getattr(t, "shape", ()) == shape else np.broadcast_to(t, shape)


def summed_pieces(shape, pieces, lead=0):
    """Zeros of `shape` behind `lead` axes with pairs (basic index, plain array) added up in place."""
    out = np.zeros(shape_of(pieces[0][1])[:lead] + shape, np.result_type(*(dtype_of(g) for _, g in pieces)))
    for key, g in pieces:
        out[(Ellipsis, *key)] += g
    return out


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
    that makes one) is looked at only when a partial turns out infinite or NaN.
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
            plain = primal(out)
            low = np.min(plain if dtype_of(plain).kind != "c" else np.abs(plain)) if np.size(plain) else 0
            if low != low:
                out = np.where(self.mask, out, 0)
        return Live(out, self.cell)

    def __mul__(self, p):
        return self.__rmul__(p)

    def __neg__(self):
        return Live(-self.values, self.cell)

    def __add__(self, other):
        if isinstance(other, Live):
            ours, theirs = self.cell, other.cell
            return Live(self.values + other.values, ours if ours is theirs else Mask(
                lambda: np.logical_or(ours.get(), theirs.get()), (ours, theirs)))
        return self.values + other if not isinstance(other, Rows) else NotImplemented

    def __radd__(self, other):
        return other + self.values

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return other - self.values


class Space:
    """The seeds of one forward sweep: `size` of them, and the integer array that names them all."""

    __slots__ = ("size", "names", "ahead", "start", "root", "careful")

    def __init__(self, size, start=0):
        self.size, self.start = size, start
        self.careful = False  # rows stay sparse, whatever it costs: a zero that fills them up is a number
        self.root = None  # the blocks of the only input, where it is a vector: element i has seed i
        self.names = np.arange(size, dtype=np.int32 if size < 2**31 else np.int64)
        self.ahead = None

    def direction(self):
        """The fixed positive direction in which ties are broken: 1 + fractional parts of k times the golden ratio."""
        if self.ahead is None:
            self.ahead = direction_ahead(self.size, self.start)
        return self.ahead

    def slice_of(self, seeds):
        """`seeds` (no two alike along its one long axis) as a slice of the names, or None.

        Seeds that were taken from the names by slicing are still a view of them, so memory tells.
        """
        long = [k for k, n in enumerate(seeds.shape) if n > 1]
        if len(long) > 1 or not seeds.size:
            return None
        base, width = self.names.__array_interface__["data"][0], self.names.itemsize
        first, offset = divmod(seeds.__array_interface__["data"][0] - base, width)
        n = seeds.shape[long[0]] if long else 1
        step = seeds.strides[long[0]] // width if long else 1
        last = first + (n - 1) * step
        if offset or step < 1 or first < 0 or last >= self.size:
            return None
        return slice(first, last + 1, step)


def direction_ahead(size, start=0):
    """Weights in [1, 2), no two alike: the direction in which gradients look ahead at kinks."""
    return 1.0 + np.modf((np.arange(start, start + size) + 1) * 0.6180339887498949)[0]


class Rows:
    """A row-sparse Jacobian: which seed each element of a value depends on, and by how much.

    ``scalars`` maps a seed on which the whole value depends to numbers that broadcast to its shape.
    ``blocks`` lists pairs ``(seeds, values)`` of shape ``(L, *B)`` with ``B`` broadcasting to that shape:
    element e depends on ``seeds[l, e]`` by ``values[l, e]`` for each l; a negative seed is a structural
    zero. Seeds of shape ``(L, 1, ..., 1)`` are a dense tangent. The shape is the value's: whoever needs
    it gives it.
    """

    __slots__ = ("space", "scalars", "blocks")
    __array_ufunc__ = None

    def __init__(self, space, scalars, blocks=()):
        self.space, self.scalars, self.blocks = space, scalars, blocks

    def lends(self, p):
        """True where the tangent times a partial, an array, holds that array itself: where it is one by identity."""
        for v in self.scalars.values():
            if v is UNIT:
                return True
        return False

    def scaled(self, p):
        """The tangent times a partial, which may broadcast it to a larger shape."""
        if len(self.blocks) > 2:
            p = packed(p)
        scalars = {}
        for s, v in self.scalars.items():
            scalars[s] = p if v is UNIT else p * v
        if not self.blocks:
            return rows_of(self.space, scalars, ())
        n = len(getattr(p, "shape", ()))
        return rows_of(self.space, scalars, [(grow(s, n), p * grow(v, n)) for s, v in self.blocks])

    def __mul__(self, p):
        return self.scaled(p)

    def __rmul__(self, p):
        return self.scaled(p)

    def plus(self, p, t):
        """``self + p t`` in one pass; `self` must be fresh, for it is changed."""
        if t.blocks:
            return self.added(t.scaled(p), True)
        scalars = self.scalars
        for s, v in t.scalars.items():
            v = p if v is UNIT else p * v
            scalars[s] = scalars[s] + v if s in scalars else v
        return self

    def __neg__(self):
        return rows_of(self.space, {s: -v for s, v in self.scalars.items()}, [(s, -v) for s, v in self.blocks] if self.blocks else ())

    def __add__(self, other):
        return self.added(other, False) if type(other) is Rows else NotImplemented

    def added(self, other, fresh):
        """``self + other``; where `self` is fresh, in the arrays of its blocks."""
        scalars, blocks = self.scalars, self.blocks
        if other.scalars:
            if scalars:
                scalars = scalars.copy()
                for s, v in other.scalars.items():
                    scalars[s] = scalars[s] + v if s in scalars else v
            else:
                scalars = other.scalars
        if other.blocks:
            blocks = merged(blocks, other.blocks, fresh) if blocks else other.blocks
            if len(blocks) > 8:
                return Rows(self.space, scalars, blocks).compact(shape_of_blocks(blocks))
        return rows_of(self.space, scalars, blocks)

    def __sub__(self, other):
        return self + -other

    def nested(self):
        """True where numbers of it carry a lower level."""
        return any(isinstance(v, Traced) for v in (*self.scalars.values(), *(b for _, b in self.blocks)))

    def at(self, shape):
        """The same tangent with every block given all the axes of `shape`."""
        n = len(shape)
        if all(s.ndim == n + 1 for s, _ in self.blocks):
            return self
        return Rows(self.space, self.scalars, [(grow(s, n), grow(v, n)) for s, v in self.blocks])

    def compact(self, shape):
        """The same tangent, dense if its blocks hold more entries than that would."""
        if self.space.careful:
            return self
        entries = sum(math.prod(np.broadcast_shapes(s.shape, v.shape)) for s, v in self.blocks)
        return self.densified(shape) if entries > self.space.size * math.prod(shape) else self

    def densified(self, shape):
        """The same tangent as one dense block."""
        return Rows(self.space, {}, [(grow(self.space.names, len(shape)), self.dense(shape))])

    def is_dense(self):
        """True where there is one block only and it is dense."""
        if self.scalars or len(self.blocks) != 1:
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
            for s in range(n):
                out[s] = self.scalars.get(s, 0.0)
            return out
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

    def _of_floats(self):
        """True where all numbers of whole seeds are of double precision."""
        for v in self.scalars.values():
            kind = type(v)
            if kind is not float and (kind is not ndarray and kind is not np.float64 or v.dtype is not DOUBLE):
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


def rows_of(space, scalars, blocks):
    """Rows, made without a call of their class."""
    out = Rows.__new__(Rows)
    out.space, out.scalars, out.blocks = space, scalars, blocks
    return out

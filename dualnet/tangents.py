"""The forms a tangent takes: a plain array (one direction), `Live` and `Rows`.

A tangent broadcasts to the shape of its value, so one that is the same all over stays small until an
operation needs it whole. All forms know ``partial * tangent``, ``tangent + tangent`` and ``-tangent``;
what moves elements goes through the functions at the end of this file.
"""

import math

import numpy as np

from dualnet.errors import MemoryBudgetError
from dualnet.table.row import TABLE, Traced, primal

BUDGET = 1 << 30  # bytes that one dense tangent may take before the seeds go in chunks
UNIT = 1.0        # the one-by-identity that scaling replaces instead of multiplying


def full(t, shape):
    """`t` broadcast to `shape` (a view)."""
    return t if np.shape(t) == shape else np.broadcast_to(t, shape)


def grow(a, ndim, lead=1):
    """`a` with axes of length 1 put in behind its `lead` leading ones, until `ndim` follow them."""
    missing = ndim - (a.ndim - lead)
    return a if missing <= 0 else a.reshape(a.shape[:lead] + (1,) * missing + a.shape[lead:])


class Live:
    """A tangent or cotangent with a mask of the elements that are not structural zeros.

    A structural zero stays zero whatever partial it meets. `mask` is a boolean array, or a function that
    makes it, called only when a partial turns out infinite or NaN.
    """

    __slots__ = ("values", "_mask")
    __array_ufunc__ = None

    def __init__(self, values, mask):
        self.values, self._mask = values, mask

    @property
    def mask(self):
        """True where the element depends on the seeds."""
        if callable(self._mask):
            self._mask = self._mask()
        return self._mask

    @property
    def shape(self):
        """Shape of the values."""
        return np.shape(self.values)

    def __rmul__(self, p):
        with np.errstate(all="ignore"):
            out = p * self.values
            plain = primal(out)
            if np.size(plain) and np.isnan(np.min(plain if plain.dtype.kind != "c" else np.abs(plain))):
                out = np.where(self.mask, out, 0)
        return Live(out, self._mask if callable(self._mask) is False else lambda: self.mask)

    __mul__ = __rmul__

    def __neg__(self):
        return Live(-self.values, lambda: self.mask)

    def __add__(self, other):
        if isinstance(other, Live):
            return Live(self.values + other.values, lambda: np.logical_or(self.mask, other.mask))
        return self.values + other if not isinstance(other, Rows) else NotImplemented

    def __radd__(self, other):
        return other + self.values

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return other - self.values


class Space:
    """The seeds of one forward sweep: `size` of them, and the integer array that names them all."""

    __slots__ = ("size", "names", "ahead", "start")

    def __init__(self, size, start=0):
        self.size, self.start = size, start
        self.names = np.arange(size)
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


def _key(seeds):
    interface = seeds.__array_interface__
    return interface["data"][0], seeds.shape, seeds.strides


class Rows:
    """A row-sparse Jacobian: which seed each element depends on, and by how much.

    ``scalars`` maps a seed on which the whole array depends to values that broadcast to `shape`.
    ``blocks`` lists pairs ``(seeds, values)`` of shape ``(L, *B)`` with ``B`` broadcasting to `shape`:
    element e depends on ``seeds[l, e]`` by ``values[l, e]`` for each l; a negative seed is a structural
    zero. Seeds of shape ``(L, 1, ..., 1)`` are a dense tangent.
    """

    __slots__ = ("shape", "space", "scalars", "blocks")
    __array_ufunc__ = None

    def __init__(self, shape, space, scalars, blocks):
        self.shape, self.space, self.scalars, self.blocks = shape, space, scalars, blocks

    def __rmul__(self, p):
        scalars = {s: p if v is UNIT else p * v for s, v in self.scalars.items()}
        blocks = self.blocks
        shape = np.shape(p)
        if shape != self.shape:
            shape = np.broadcast_shapes(shape, self.shape)
        if blocks:
            n = len(shape)
            blocks = [(grow(s, n), p * grow(v, n)) for s, v in blocks]
        return Rows(shape, self.space, scalars, blocks)

    __mul__ = __rmul__

    def __neg__(self):
        return Rows(self.shape, self.space, {s: -v for s, v in self.scalars.items()}, [(s, -v) for s, v in self.blocks])

    def __add__(self, other):
        if not isinstance(other, Rows):
            return NotImplemented
        shape = self.shape if self.shape == other.shape else np.broadcast_shapes(self.shape, other.shape)
        scalars = self.scalars
        if other.scalars:
            if scalars:
                scalars = dict(scalars)
                for s, v in other.scalars.items():
                    w = scalars.get(s)
                    scalars[s] = v if w is None else w + v
            else:
                scalars = other.scalars
        blocks = self.blocks
        if other.blocks:
            blocks = _merged(blocks, other.blocks, len(shape)) if blocks else other.blocks
        if blocks and (len(self.shape) != len(shape) or len(other.shape) != len(shape)):
            blocks = [(grow(s, len(shape)), grow(v, len(shape))) for s, v in blocks]
        out = Rows(shape, self.space, scalars, blocks)
        return out.compact() if len(blocks) > 8 else out

    def __sub__(self, other):
        return self + -other

    def compact(self):
        """The same tangent, dense if its blocks hold more entries than that would."""
        entries = sum(math.prod(np.broadcast_shapes(s.shape, v.shape)) for s, v in self.blocks)
        if entries > self.space.size * math.prod(self.shape):
            return self.densified()
        return self

    def densified(self):
        """The same tangent as one dense block."""
        names = grow(self.space.names, len(self.shape))
        return Rows(self.shape, self.space, {}, [(names, self.dense())])

    def is_dense(self):
        """True where there is one block only and it is dense."""
        return not self.scalars and len(self.blocks) == 1 and self.blocks[0][0].shape == (self.space.size,) + (1,) * len(self.shape) \
            and _key(self.blocks[0][0])[0] == _key(self.space.names)[0]

    def full_blocks(self):
        """All entries as blocks, scalars included."""
        n = len(self.shape)
        out = list(self.blocks)
        for s, v in self.scalars.items():
            v = np.asarray(v) if not isinstance(v, Traced) else v
            out.append((self.space.names[s:s + 1].reshape((1,) * (n + 1)), np.reshape(v, (1,) * (n + 1 - np.ndim(v)) + np.shape(v))))
        return out

    def dense(self):
        """The Jacobian as an array of shape ``(seeds, *shape)``; raises where it would pass the budget."""
        n, shape = self.space.size, self.shape
        if 8 * n * math.prod(shape) > BUDGET:
            raise MemoryBudgetError(f"a dense tangent of {n} seeds by shape {shape} would pass {BUDGET} bytes")
        if self.is_dense():
            return full(self.blocks[0][1], (n,) + shape)
        values = [*self.scalars.values(), *(v for _, v in self.blocks)]
        if any(isinstance(v, Traced) for v in values):
            return _dense_traced(self)
        dtype = np.result_type(*values) if values else float
        if not self.blocks:
            out = np.empty((n,) + shape, dtype)
            for s in range(n):
                out[s] = self.scalars.get(s, 0)
            return out
        out = np.zeros((n,) + shape, dtype)
        for s, v in self.scalars.items():
            out[s] += v
        for seeds, values in self.blocks:
            _add_block(out, seeds, values, self.space)
        return out

    def sparse(self):
        """The Jacobian as a ``scipy.sparse.csr_array`` of shape ``(size, seeds)``, in memory of its entries."""
        from scipy.sparse import csr_array

        size, n, blocks = math.prod(self.shape), self.space.size, self.full_blocks()
        width = sum(max(s.shape[0], v.shape[0]) for s, v in blocks)
        index = np.int32 if max(size * width, n) < 2**31 else np.int64
        columns = np.empty((size, width), index)
        data = np.empty((size, width), np.result_type(*(v for _, v in blocks)) if blocks else float)
        k = 0
        for s, v in blocks:
            lead = max(s.shape[0], v.shape[0])
            for each, into in ((s, columns), (v, data)):
                into.T[k:k + lead] = np.broadcast_to(each, (lead,) + self.shape).reshape(lead, size)
            k += lead
        out = csr_array((data.ravel(), columns.ravel(), np.arange(0, size * width + 1, max(width, 1), dtype=index)
                         if width else np.zeros(size + 1, index)), shape=(size, n)) if columns.min(initial=0) >= 0 \
            else _without_zeros(columns, data, n)
        if width > 8 or any(np.any(columns[:, i] == columns[:, j]) for i in range(width) for j in range(i)):
            out.sum_duplicates()
        return out

    def widened(self, shape):
        """The same tangent of a value that was broadcast to `shape`."""
        n = len(shape)
        return Rows(shape, self.space, self.scalars, [(grow(s, n), grow(v, n)) for s, v in self.blocks])

    def along(self, direction):
        """The tangent along `direction` (one number for each seed), an array of the shape."""
        out = np.zeros(self.shape)
        for s, v in self.scalars.items():
            out = out + direction[s] * v
        for seeds, values in self.blocks:
            weight = np.where(seeds < 0, 0.0, direction[seeds])
            out = out + np.sum(np.where(weight == 0, 0.0, weight * values), axis=0)
        return out


def _merged(ours, theirs, ndim):
    out = [(grow(s, ndim), grow(v, ndim)) for s, v in ours]
    places = {_key(s): k for k, (s, v) in enumerate(out)}
    for s, v in theirs:
        s, v = grow(s, ndim), grow(v, ndim)
        k = places.get(_key(s))
        if k is None:
            places[_key(s)] = len(out)
            out.append((s, v))
        else:
            out[k] = (out[k][0], out[k][1] + v)
    return out


def _without_zeros(columns, data, n):
    from scipy.sparse import csr_array

    live = columns >= 0
    ends = np.concatenate([[0], np.cumsum(np.count_nonzero(live, axis=1))])
    return csr_array((data[live], columns[live], ends), shape=(len(columns), n))


def _add_block(out, seeds, values, space):
    """Add a block to the dense `out`, of shape ``(seeds, *shape)``."""
    shape = out.shape[1:]
    if all(n == 1 for n in seeds.shape[1:]):
        lead = max(seeds.shape[0], values.shape[0])
        values = np.broadcast_to(values, (lead,) + shape)
        part = space.slice_of(seeds)
        if part is not None:
            out[part] += values
        elif shape == () and out.dtype == float:
            out += np.bincount(seeds.reshape(-1) + 1, values, minlength=len(out) + 1)[1:]
        else:
            flat = seeds.reshape(-1)
            np.add.at(out, flat[flat >= 0], values[flat >= 0])
        return
    lead = max(seeds.shape[0], values.shape[0])
    seeds, values = (np.broadcast_to(a, (lead,) + shape).reshape(lead, -1) for a in (seeds, values))
    flat, element = out.reshape(len(out), -1), np.arange(seeds.shape[1])
    for s, v in zip(seeds, values):
        live = s >= 0
        if live.all():
            flat[s, element] += v
        else:
            flat[s[live], element[live]] += v[live]


def _dense_traced(rows):
    """The dense Jacobian where values carry a lower level: by rows of the table."""
    n, shape, size = rows.space.size, rows.shape, math.prod(rows.shape)
    flat, index = [], []
    for seeds, values in rows.full_blocks():
        lead = max(seeds.shape[0], values.shape[0])
        seeds, values = np.broadcast_to(seeds, (lead,) + shape), np.broadcast_to(values, (lead,) + shape)
        where = seeds.reshape(lead, -1) * size + np.arange(size)
        index.append(np.where(seeds.reshape(lead, -1) < 0, n * size, where).reshape(-1))
        flat.append(np.reshape(values, -1))
    out = TABLE["scatter_add"](np.concatenate(flat), np.concatenate(index), n * size + 1)
    return np.reshape(out[:-1], (n,) + shape)


def constant(like, shape, dtype=float):
    """The tangent of a constant, of the same form as `like`."""
    if type(like) is Rows:
        return Rows(shape, like.space, {}, [])
    return Live(np.zeros(shape, dtype), np.zeros(shape, bool))


def _through_one(t, forward, shape, fills):
    if type(t) is Live:
        return Live(forward(full(t.values, shape)), lambda: forward(full(t.mask, shape)))
    out = forward(full(t, shape))
    return Live(out, lambda: forward(np.ones(shape, bool))) if fills else out


def through_gather(t, forward, shape, out_shape, fills=False):
    """`t` of an array of `shape` after `forward` has moved its elements."""
    if type(t) is not Rows:
        return _through_one(t, forward, shape, fills)
    n = len(out_shape)
    scalars, blocks, source = {}, [], t.blocks
    if fills and t.scalars:
        source = t.full_blocks()
    else:
        for s, v in t.scalars.items():
            scalars[s] = v if np.ndim(v) == 0 else forward(full(v, shape))
    for seeds, values in source:
        single = all(k == 1 for k in seeds.shape[1:])
        if single and not (fills and seeds.shape[0] < t.space.size):
            seeds = seeds.reshape(seeds.shape[:1] + (1,) * n)
        else:
            seeds = full(seeds, seeds.shape[:1] + shape)
            seeds = forward(seeds + 1) - 1 if fills else forward(seeds)
        if fills or not all(k == 1 for k in values.shape[1:]):
            values = forward(full(values, values.shape[:1] + shape))
        else:
            values = values.reshape(values.shape[:1] + (1,) * n)
        blocks.append((seeds, values))
    if n == 0 and len(blocks) == 1 and not fills:
        _settle(scalars, blocks)
    return Rows(out_shape, t.space, scalars, blocks)


def _settle(scalars, blocks):
    """Turn the single-seed block of one element into a scalar entry."""
    (seeds, values), = blocks
    if seeds.size == 1 == values.size:
        s = seeds.item()
        blocks.clear()
        if s >= 0:
            v = values.item() if not isinstance(values, Traced) else values.reshape(())
            v = UNIT if type(v) is float and v == 1.0 else v
            scalars[s] = v if s not in scalars else scalars[s] + v


def through_join(ts, forward, shapes, out_shape, space):
    """The tangents `ts` (None for a constant) of several arrays after `forward` has joined them."""
    if space is None:
        lost = any(t is None or type(t) is Live for t in ts)
        values = [np.zeros(s) if t is None else full(t.values if type(t) is Live else t, s) for t, s in zip(ts, shapes)]
        out = forward(values)
        if not lost:
            return out
        return Live(out, lambda: forward([np.zeros(s, bool) if t is None else full(t.mask, s) if type(t) is Live
                                          else np.ones(s, bool) for t, s in zip(ts, shapes)]))
    ts = [Rows(s, space, {}, []) if t is None else t for t, s in zip(ts, shapes)]
    if any(t.is_dense() for t in ts):
        names = space.names.reshape((-1,) + (1,) * len(out_shape))
        return Rows(out_shape, space, {}, [(names, forward([full(t.dense(), (space.size,) + s) for t, s in zip(ts, shapes)]))])
    common = set.intersection(*(set(t.scalars) for t in ts))
    scalars = {c: forward([full(t.scalars[c], s) for t, s in zip(ts, shapes)]) for c in common}
    rest = [_rest(t, s, common) for t, s in zip(ts, shapes)]
    blocks = []
    for k in range(max(len(r) for r in rest)):
        level = [r[k] if k < len(r) else None for r in rest]
        lead = max(b[1].shape[0] for b in level if b is not None)
        seeds, values = [], []
        for b, s in zip(level, shapes):
            seeds.append(np.full((lead,) + s, -1) if b is None else _pad(full(b[0], b[1].shape[:1] + s), lead, -1))
            values.append(np.zeros((lead,) + s) if b is None else _pad(full(b[1], b[1].shape[:1] + s), lead, 0))
        blocks.append((forward([s + 1 for s in seeds]) - 1, forward(values)))
    if not out_shape and len(blocks) == 1:
        _settle(scalars, blocks)
    return Rows(out_shape, space, scalars, blocks)


def _rest(t, shape, common):
    """The blocks of `t` without the scalars in `common`, its other scalars stacked as one block."""
    n, out = len(shape), []
    others = [s for s in t.scalars if s not in common]
    if others:
        seeds = np.array(others).reshape((-1,) + (1,) * n)
        values = np.stack([full(t.scalars[s], shape) for s in others])
        out.append((seeds, values))
    for s, v in t.blocks:
        lead = max(s.shape[0], v.shape[0])
        out.append((full(s, (lead,) + s.shape[1:]), full(v, (lead,) + v.shape[1:])))
    return out


def _pad(a, lead, fill):
    if a.shape[0] == lead:
        return a
    return np.concatenate([a, np.full((lead - a.shape[0],) + a.shape[1:], fill)])


def through_sum(t, axes, keepdims, shape):
    """`t` of an array of `shape` after summing over `axes` (negative numbers)."""
    if type(t) is Live:
        return Live(full(t.values, shape).sum(axes, keepdims=keepdims), lambda: full(t.mask, shape).any(axes, keepdims=keepdims))
    if type(t) is not Rows:
        return np.sum(full(t, shape), axis=axes, keepdims=keepdims)
    n = len(shape)
    out_shape = tuple(1 if k - n in axes else m for k, m in enumerate(shape) if keepdims or k - n not in axes)
    scalars = {s: np.sum(full(v, shape), axis=axes, keepdims=keepdims) if np.ndim(v) else
               v * math.prod(shape[a] for a in axes) for s, v in t.scalars.items()}
    blocks = [_fold(s, v, axes, keepdims, shape) for s, v in t.blocks]
    return Rows(out_shape, t.space, scalars, blocks).compact() if blocks else Rows(out_shape, t.space, scalars, blocks)


def _fold(seeds, values, axes, keepdims, shape):
    """Sum a block over `axes`: add up where the seed is the same along the axis, else lengthen the leading axis."""
    same = tuple(a for a in axes if seeds.shape[a] == 1)
    apart = [a for a in axes if seeds.shape[a] != 1]
    if same:
        whole = tuple(shape[a] if a - 0 in same else values.shape[a] for a in range(-len(shape), 0))
        values = np.sum(full(values, values.shape[:1] + whole), axis=same, keepdims=True)
    if apart:
        lead = max(seeds.shape[0], values.shape[0])
        whole = tuple(shape[a] if a in apart else None for a in range(-len(shape), 0))
        seeds, values = (_folded(full(x, (lead,) + tuple(m or x.shape[k - len(shape)] for k, m in enumerate(whole))), apart)
                         for x in (seeds, values))
    if not keepdims:
        kept = [a for a in range(-len(shape), 0) if a not in axes]
        seeds, values = (x.reshape(x.shape[:1] + tuple(x.shape[a] for a in kept)) for x in (seeds, values))
    return seeds, values


def _folded(x, axes):
    n = x.ndim
    rest = [k for k in range(1, n) if k - n not in axes]
    moved = np.transpose(x, [0, *(a + n for a in axes), *rest])
    out = moved.reshape((math.prod(moved.shape[:1 + len(axes)]),) + tuple(1 if k - n in axes else x.shape[k] for k in range(1, n)))
    return out


def through_linear(t, push, shape, out_shape):
    """`t` of an array of `shape` after the linear map `push`."""
    if type(t) is Live:
        return push(full(t.values, shape))
    if type(t) is not Rows:
        return push(full(t, shape))
    scalars = {s: push(full(v, shape)) for s, v in t.scalars.items()}
    blocks = t.blocks
    if any(k != 1 for s, _ in blocks for k in s.shape[1:]):
        scalars, blocks = {}, t.densified().blocks
    n = len(out_shape)
    blocks = [(s.reshape(s.shape[:1] + (1,) * n), push(full(v, v.shape[:1] + shape))) for s, v in blocks]
    return Rows(out_shape, t.space, scalars, blocks)


def through_contract(t, shape, other, spec, out_shape, first):
    """`t` of one operand (the first or the second) of the contraction `spec` with the array `other`."""
    contract = TABLE["contract"]
    ours, others, out = (spec[0], spec[1], spec[2]) if first else (spec[1], spec[0], spec[2])

    def push(t):
        lead = "Z" if np.ndim(t) > len(ours) else ""
        if first:
            return contract(t, other, (lead + ours, others, lead + out))
        return contract(other, t, (others, lead + ours, lead + out))

    if type(t) is not Rows or not any(k != 1 for s, _ in t.blocks for k in s.shape[1:]):
        return through_linear(t, push, shape, out_shape)
    summed = [c for c in ours if c not in out]
    labels = out + "".join(summed)
    sizes = dict(zip(ours, shape)) | dict(zip(others, np.shape(other)))
    entries = sum(max(s.shape[0], v.shape[0]) for s, v in t.blocks) * math.prod(sizes[c] for c in labels)
    if entries > t.space.size * math.prod(out_shape):
        return through_linear(t, push, shape, out_shape)
    weight = _spread(other, others, labels, 0)
    wide = tuple(sizes[c] for c in labels)
    blocks = [(_spread(s, ours, labels, 1), _spread(v, ours, labels, 1) * weight) for s, v in t.blocks]
    axes = tuple(range(-len(summed), 0))
    blocks = [_fold(s, v, axes, False, wide) for s, v in blocks] if summed else blocks
    scalars = {s: push(full(v, shape)) for s, v in t.scalars.items()}
    return Rows(out_shape, t.space, scalars, blocks).compact()


def _spread(a, labels, target, lead):
    """`a` with axes named `labels`, transposed and given axes of length 1, to stand under `target`."""
    order = [labels.index(c) + lead for c in target if c in labels]
    a = np.transpose(a, [*range(lead), *order])
    sizes = iter(a.shape[lead:])
    return a.reshape(a.shape[:lead] + tuple(next(sizes) if c in labels else 1 for c in target))

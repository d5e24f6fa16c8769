"""What becomes of a tangent when elements are moved, joined, summed or contracted: the linear part of forward mode."""

import functools
import math

import numpy as np

from dualnet.blocks import grow, met, side_by_side
from dualnet.table.care import CAREFUL
from dualnet.table.row import TABLE, Traced, dtype_of, free_label, ndim_of, primal, shape_of
from dualnet.tangents import UNIT, Live, Mask, Rows, full

FEW = 4      # entries that one number keeps as numbers
SMALL = 128  # seeds up to which a contraction turns sparse rows dense, for one product costs less than the bookkeeping


def constant(like, shape, dtype=float):
    """The tangent of a constant, of the same form as `like`."""
    if type(like) is Rows:
        return Rows(like.space, {})
    return Live(np.zeros(shape, dtype), np.zeros(shape, bool))


def _through_one(t, forward, shape, fills):
    if type(t) is Live:
        return t.through(lambda mask: forward(full(mask, shape)), forward(full(t.values, shape)))
    out = forward(full(t, shape))
    return Live(out, lambda: forward(np.ones(shape, bool))) if fills else out


def gather(t, forward, shape, out_shape, fills=False):
    """`t` of an array of `shape` after `forward` has moved its elements."""
    if type(t) is not Rows:
        return _through_one(t, forward, shape, fills)
    n, casts = len(out_shape), getattr(forward, "casts", False)
    t = t.at(shape)
    scalars, blocks, source = {}, [], t.blocks
    if fills and t.scalars:
        source = t.full_blocks(shape)
    else:
        for s, v in t.scalars.items():
            scalars[s] = forward(full(v, shape)) if ndim_of(v) else forward(np.asarray(v))[()] if casts and type(v) is not float else v
    for seeds, values in source:
        single = all(k == 1 for k in seeds.shape[1:])
        if single and not (fills and (seeds.shape[0] < t.space.size or t.space.careful)):
            seeds = seeds.reshape(seeds.shape[:1] + (1,) * n)
        else:
            seeds = full(seeds, seeds.shape[:1] + shape)
            seeds = forward(seeds + 1) - 1 if fills else forward(seeds)
        if fills or not all(k == 1 for k in values.shape[1:]):
            values = forward(full(values, values.shape[:1] + shape))
        else:
            values = (forward(values) if casts else values).reshape(values.shape[:1] + (1,) * n)
        blocks.append((seeds, values))
    return Rows(t.space, scalars, _of_number(scalars, blocks) if n == 0 and not fills else blocks)


def _of_number(scalars, blocks):
    """The blocks of one number as one, without structural zeros and seeds that come twice; of few entries as scalar entries.

    A loop that reads what it has written would otherwise carry along more of them in each turn.
    """
    out = []
    for seeds, values in side_by_side(blocks) if len(blocks) > 1 else blocks:
        if seeds.size == 1 == values.size:
            found = [(seeds.item(), values.item() if not isinstance(values, Traced) else values.reshape(()))]
        elif seeds.size <= FEW and not isinstance(values, Traced):
            found = zip(seeds.tolist(), full(values, seeds.shape).tolist())
        else:
            live = seeds >= 0
            out.append((seeds, values) if live.all() else (seeds[live], full(values, seeds.shape)[live]))
            continue
        for s, v in found:
            if s >= 0:
                v = UNIT if type(v) is float and v == 1.0 else v
                scalars[s] = v if s not in scalars else scalars[s] + v
    return out


def join(ts, forward, shapes, out_shape, space, dtype=float, fills=False):
    """The tangents `ts` (None for a constant) of several arrays after `forward` has joined them."""
    if space is None:
        lost = any(t is None or type(t) is Live for t in ts)
        values = [np.zeros(s, dtype) if t is None else full(t.values if type(t) is Live else t, s) for t, s in zip(ts, shapes)]
        out = forward(values)
        if not lost:
            return out
        cells = [None if t is None else t.cell if type(t) is Live else True for t in ts]
        return Live(out, Mask(lambda: forward([np.zeros(s, bool) if c is None else np.ones(s, bool) if c is True else full(c.get(), s)
                                               for c, s in zip(cells, shapes)]), [c for c in cells if type(c) is Mask]))
    ts = [Rows(space, {}) if t is None else t.at(s) for t, s in zip(ts, shapes)]
    if any(t.is_dense() for t in ts):
        names = space.names.reshape((-1,) + (1,) * len(out_shape))
        return Rows(space, {}, [(names, forward([t.dense(s) if t.scalars or t.blocks else np.zeros((space.size, *s), dtype)
                                                 for t, s in zip(ts, shapes)]))])
    common = set.intersection(*(set(t.scalars) for t in ts))
    scalars = {c: forward([full(t.scalars[c], s) for t, s in zip(ts, shapes)]) for c in common}
    rest = [_rest(t, s, common) for t, s in zip(ts, shapes)]
    blocks = []
    for k in range(max(len(r) for r in rest)):
        level = [r[k] if k < len(r) else None for r in rest]
        lead = max(b[1].shape[0] for b in level if b is not None)
        seeds, values, alike = [], [], not fills and _of_whole_values(level)
        for b, s in zip(level, shapes):
            values.append(np.zeros((lead,) + s, dtype) if b is None else _pad(full(b[1], b[1].shape[:1] + s), lead, 0))
            if not alike:
                seeds.append(np.full((lead,) + s, -1, space.names.dtype) if b is None else _pad(full(b[0], b[1].shape[:1] + s), lead, -1))
        blocks.append((level[0][0].reshape((lead,) + (1,) * len(out_shape)) if alike else forward([s + 1 for s in seeds]) - 1 if fills else
                       forward(seeds), forward(values)))
    if not out_shape:
        return Rows(space, scalars, _of_number(scalars, blocks))
    return Rows(space, scalars, blocks) if len(blocks) < 2 else Rows(space, scalars, blocks).compact(out_shape)


def _of_whole_values(blocks):
    """True where all of the blocks are of the same seeds, on each of which whole values depend."""
    if blocks[0] is None:
        return False
    first = blocks[0][0]
    for b in blocks:
        if b is None or b[0].size != len(b[0]) or len(b[0]) != len(b[1]) or not np.array_equal(b[0].reshape(-1), first.reshape(-1)):
            return False
    return True


def _rest(t, shape, common):
    """The blocks of `t` without the scalars in `common`, its other scalars stacked as one block."""
    n, out = len(shape), []
    others = [s for s in t.scalars if s not in common]
    if others:
        seeds = t.space.names[others].reshape((-1,) + (1,) * n)
        values = np.stack([full(t.scalars[s], shape) for s in others])
        out.append((seeds, values))
    for s, v in t.blocks:
        lead = max(s.shape[0], v.shape[0])
        out.append((full(s, (lead,) + s.shape[1:]), full(v, (lead,) + v.shape[1:])))
    return out


def _pad(a, lead, fill):
    if a.shape[0] == lead:
        return a
    return np.concatenate([a, np.full((lead - a.shape[0],) + a.shape[1:], fill, a.dtype)])


def total(t, axes, keepdims, shape):
    """`t` of an array of `shape` after summing over `axes` (negative numbers)."""
    if type(t) is Live:
        return t.through(lambda mask: full(mask, shape).any(axes, keepdims=keepdims), full(t.values, shape).sum(axes, keepdims=keepdims))
    if type(t) is not Rows:
        return np.sum(full(t, shape), axis=axes, keepdims=keepdims)
    n, t = len(shape), t.at(shape)
    out_shape = tuple(1 if k - n in axes else m for k, m in enumerate(shape) if keepdims or k - n not in axes)
    scalars = {s: np.sum(full(v, shape), axis=axes, keepdims=keepdims) if ndim_of(v) else
               v * math.prod(shape[a] for a in axes) for s, v in t.scalars.items()}
    blocks = [_fold(s, v, axes, keepdims, shape) for s, v in t.blocks]
    return Rows(t.space, scalars, blocks).compact(out_shape) if blocks else Rows(t.space, scalars)


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
        seeds, values = (_folded(full(x, (lead,) + tuple(x.shape[k - len(shape)] if m is None else m for k, m in enumerate(whole))), apart)
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


def _finite(x):
    if isinstance(x, Traced) and CAREFUL.get():
        return False  # its derivatives may be infinite
    x = primal(x)
    return dtype_of(x).kind not in "fc" or bool(np.all(np.isfinite(x)))


def skipping(live, values, shape, other, labels, first):
    """The contraction of `values` with `other` (see `_product`) in which structural zeros of `values` (of `live`, of that shape
    without leading axes) meet nothing of `other`, even where that is infinite or NaN."""
    if CAREFUL.get() and (isinstance(values, Traced) or isinstance(other, Traced)):
        return _one_by_one(values, full(live.mask, shape), other, *labels)
    product = functools.partial(_product, labels, first)
    out = product(values, other)
    if _finite(out) or _finite(other):
        return out
    mask, bad = full(live.mask, shape), ~np.isfinite(primal(other))
    if mask.all():
        return out
    met, rest = product(mask * 1.0, bad * 1.0) > 0, product(np.where(mask, values, 0), np.where(bad, 0, other))
    mixed = met & (product(~mask * 1.0, bad * 1.0) > 0)
    if np.any(mixed) and dtype_of(primal(out)).kind == "f":
        out = np.where(mixed, rest + _infinite_part(np.where(mask, primal(values), 0), primal(other), mask, product), out)
    return np.where(met, out, rest)


def _one_by_one(values, mask, other, ours, others, out):
    """The same for operands with derivatives of their own, which may be infinite: product by product, those of structural zeros
    left out, and then summed."""
    lead = ndim_of(values) - len(ours)
    summed = "".join(c for c in ours if c not in out)
    wide = _spread(values, ours, out + summed, lead) * _spread(other, others, out + summed, 0)
    wide = np.where(_spread(mask, ours, out + summed, ndim_of(mask) - len(ours)), wide, 0)
    return np.sum(wide, axis=tuple(range(-len(summed), 0))) if summed else wide


def _infinite_part(x, y, mask, product):
    """What a contraction of x with y has of the elements of y that are infinite or NaN where the mask is True: 0 where none is met."""
    def meet(left, right):
        return product(left * 1.0, right * 1.0) > 0

    up = meet(x > 0, y == np.inf) | meet(x < 0, y == -np.inf)
    down = meet(x > 0, y == -np.inf) | meet(x < 0, y == np.inf)
    lost = meet(mask & ~(np.abs(x) > 0), ~np.isfinite(y)) | meet(full(mask, x.shape), np.isnan(y)) | (up & down)
    return np.where(lost, np.nan, np.where(up, np.inf, np.where(down, -np.inf, 0)))


def kept(live, out, shape, out_shape, row, stack, move):
    """`out`, which a linear map has made of `live`, of `shape`, with what is left of its structural zeros.

    Where the map takes the entries of the first `stack` axes apart, what it made of structural zeros alone is one; where it
    adds up elements, as `move` does, so does its mask.
    """
    if row.positive:
        return live.through(lambda mask: move(full(mask, shape) * 1.0) > 0, out)

    def alive(mask):
        mask = full(mask, shape).any(axis=tuple(range(stack, len(shape))))
        return full(np.reshape(mask, shape[:stack] + (1,) * (len(out_shape) - stack)), out_shape)

    if not stack and np.any(live.mask):
        return out

    return live.through(alive, out if _finite(out) else np.where(alive(live.mask), out, 0))


def linear(t, push, shape, out_shape, row=None, lead=0, own=None, core=None):
    """`t` of an array of `shape`, of which `lead` axes go before the array's own, after the linear map `push` of a `row`.

    The row's `own` push may say the `places` at which it adds up elements of the last axis, or the only `axis` that it goes along.
    """
    if row is not None and row.positive and type(t) is not Rows and type(t) is not Live and CAREFUL.get():
        t = Live(t, np.ones(shape, bool))  # where it adds up nothing, there is a structural zero
    if type(t) is Live:
        out = push(full(t.values, shape))
        return out if row is None else kept(t, out, shape, out_shape, row, lead if row.core is None else len(shape) - row.core, push)
    if type(t) is not Rows:
        return push(full(t, shape))
    if row is not None and row.core == 0:  # element by element, as real and imag are
        return Rows(t.space, {s: push(v) for s, v in t.scalars.items()}, [(s, push(v)) for s, v in t.blocks])
    t = t.at(shape)
    if any(k != 1 for s, _ in t.blocks for k in s.shape[1:]):
        axis, found = getattr(own, "axis", None), None
        if hasattr(own, "places"):
            found = _scattered(t, push, shape, out_shape, own.places)
        elif axis is not None and len(shape) > 1 and not t.space.careful:
            found = _along(t, push, shape, out_shape, axis)
        if found is not None:
            return found
        core = row.core if core is None and row is not None else core
        n = 0 if core is None else len(shape) - core
        width = sum(max(len(s), len(v)) * (math.prod(shape[n:]) if _differ(s, n) else 1) for s, v in t.blocks)
        if shape[:n] == out_shape[:n] and not t.space.careful and 2 * width < t.space.size:
            blocks = [_entry_by_entry(s, v, push, shape, n, len(out_shape)) for s, v in t.blocks]
            return Rows(t.space, {s: push(full(v, shape)) for s, v in t.scalars.items()}, blocks)
        if t.space.careful:
            return _of_live(linear(_live(t, shape), push, *_behind(t, shape, out_shape), row, 1), t.space, out_shape)
        t = t.densified(shape)
    scalars, blocks = {s: push(full(v, shape)) for s, v in t.scalars.items()}, t.blocks
    n = len(out_shape)
    blocks = [(s.reshape(s.shape[:1] + (1,) * n), push(full(v, v.shape[:1] + shape))) for s, v in blocks]
    return Rows(t.space, scalars, blocks)


def _scattered(t, push, shape, out_shape, places):
    """Sparse rows after their elements have been added up at `places`, those of the same seed too; None where dense ones are no more."""
    space = t.space
    if space.size <= SMALL or space.careful or t.nested() or t.is_dense():
        return None
    wholes = [(s, push(full(v, v.shape[:1] + shape))) for s, v in t.blocks if s.size == len(s)]
    block = met([(s, v) for s, v in t.blocks if s.size != len(s)], places, shape, out_shape, space.names)
    return block and Rows(space, {s: push(full(v, shape)) for s, v in t.scalars.items()}, [*wholes, block])


def _along(t, push, shape, out_shape, axis):
    """Sparse rows after a linear map along one axis, counted from the end: it takes the lines of elements along it apart."""
    def there(a):
        return np.moveaxis(a, axis, -1)

    def back(a):
        return np.moveaxis(a, -1, axis)

    lines, out = (there(np.broadcast_to(0, s)).shape for s in (shape, out_shape))
    t = gather(t, there, shape, lines)
    t = t.with_blocks([(s if s.strides[-1] else s[..., :1], v) for s, v in t.blocks])  # of a map along this axis before, all of a line's
    return gather(linear(t, lambda a: there(push(back(a))), lines, out, core=1), back, out, out_shape)


def _differ(seeds, n):
    """True where elements of an entry, behind `n` axes of a stack, have seeds of their own."""
    return any(k != 1 for k in seeds.shape[1 + n:])


def _entry_by_entry(seeds, values, push, shape, n, out_ndim):
    """A block of an array whose first `n` axes are a stack, after a linear map of each entry: what one depends on are the seeds of
    its own elements, one after the other."""
    lead, stack, width = max(len(seeds), len(values)), shape[:n], math.prod(shape[n:])
    values = full(values, (lead,) + shape)
    if _differ(seeds, n):
        alone = np.eye(width, dtype=bool).reshape((width,) + (1,) * n + shape[n:])
        values = np.reshape(np.where(alone, np.expand_dims(values, 1), 0), (lead * width,) + shape)
        seeds = np.moveaxis(np.reshape(full(seeds, (lead,) + shape), (lead,) + stack + (width,)), -1, 1)
        seeds = seeds.reshape((lead * width,) + stack)
    return np.reshape(seeds, seeds.shape[:1 + n] + (1,) * (out_ndim - n)), push(values)


def _behind(t, *shapes):
    return [(t.space.size, *shape) for shape in shapes]


def _live(t, shape):
    """Sparse rows of a careful space as a dense tangent that knows its structural zeros, seeds first."""
    return Live(t.dense(shape), t.live(shape))


def _of_live(t, space, shape):
    """The rows of a dense tangent, seeds first."""
    seeds = grow(space.names, len(shape))
    return Rows(space, {}, [(np.where(t.mask, seeds, -1), t.values) if type(t) is Live else (seeds, t)])


def _product(labels, first, t, other):
    """The contraction of `t`, which may have a leading axis, with the array `other`."""
    ours, others, out = labels
    lead = free_label(ours + others) if ndim_of(t) > len(ours) else ""
    if first:
        return TABLE["contract"](t, other, (lead + ours, others, lead + out))
    return TABLE["contract"](other, t, (others, lead + ours, lead + out))


def contract(t, shape, other, spec, out_shape, first):
    """`t` of one operand (the first or the second) of the contraction `spec` with the array `other`."""
    if type(t) is not Rows and type(t) is not Live:
        t = full(t, shape)
        return TABLE["contract"](t, other, spec) if first else TABLE["contract"](other, t, spec)
    ours, others, out = (spec[0], spec[1], spec[2]) if first else (spec[1], spec[0], spec[2])

    product = functools.partial(_product, (ours, others, out), first)  # no inner function: one that another refers to is a cycle

    def push(t):
        return product(t, other)

    if type(t) is Live:
        there = np.ones(shape_of(other))
        pushed = skipping(t, full(t.values, shape), shape, other, (ours, others, out), first)
        return t.through(lambda mask: product(full(mask, shape) * 1.0, there) > 0, pushed)
    t = t.at(shape) if type(t) is Rows else t
    if type(t) is not Rows or not any(k != 1 for s, _ in t.blocks for k in s.shape[1:]):
        return linear(t, push, shape, out_shape)
    summed = [c for c in ours if c not in out]
    labels = out + "".join(summed)
    sizes = dict(zip(ours, shape)) | dict(zip(others, shape_of(other)))
    entries = sum(max(s.shape[0], v.shape[0]) for s, v in t.blocks) * math.prod(sizes[c] for c in labels)
    if entries > t.space.size * math.prod(out_shape) or t.space.size <= SMALL:
        if t.space.careful:
            return _of_live(contract(_live(t, shape), *_behind(t, shape), other, spec, *_behind(t, out_shape), first), t.space, out_shape)
        return linear(t, push, shape, out_shape)
    weight = _spread(other, others, labels, 0)
    wide = tuple(sizes[c] for c in labels)
    blocks = [(_spread(s, ours, labels, 1), _spread(v, ours, labels, 1) * weight) for s, v in t.blocks]
    axes = tuple(range(-len(summed), 0))
    blocks = [_fold(s, v, axes, False, wide) for s, v in blocks] if summed else blocks
    scalars = {s: push(full(v, shape)) for s, v in t.scalars.items()}
    return Rows(t.space, scalars, blocks).compact(out_shape)


def _spread(a, labels, target, lead):
    """`a` with axes named `labels`, transposed and given axes of length 1, to stand under `target`."""
    order = [labels.index(c) + lead for c in target if c in labels]
    a = np.transpose(a, [*range(lead), *order])
    sizes = iter(a.shape[lead:])
    return a.reshape(a.shape[:lead] + tuple(next(sizes) if c in labels else 1 for c in target))

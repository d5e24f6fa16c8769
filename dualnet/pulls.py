"""How each kind of row is pulled backwards and pushed forwards on a tape.

A record holds the row, the operands' values and the result; ``pull(record, i, g, lead)`` gives the cotangent of
the i-th operand for a cotangent of the result (behind `lead` axes), ``push(record, i, t)`` the tangent of the
result. A cotangent broadcasts to the shape of the result until an operand of another shape needs it whole.
"""

import functools

import numpy as np
from numpy import float64, ndarray

from dualnet import through
from dualnet.debugging import WATCHING
from dualnet.multiples import fills, product
from dualnet.pieces import Buffer, Pieces
from dualnet.table import TABLE, fields
from dualnet.table.care import CAREFUL
from dualnet.table.contractions import PRODUCT
from dualnet.table.precision import DOUBLE, SINGLE, widened
from dualnet.table.row import Argument, Traced, boxed, dtype_of, free_label, partial_of, primal, shape_of
from dualnet.tangents import Live, full

CONTRACT = TABLE["contract"]


def settled(g, shape, lead):
    """A cotangent as a plain array of its input's shape."""
    if type(g) is ndarray and fields.shape(g) == shape:
        return g
    if g is None:
        return None
    if isinstance(g, Pieces):
        g = g.total(lead, last=True)
    g = g.values if isinstance(g, Live) else g
    return full(g, shape_of(g)[:lead] + shape)


def written_back(record, g):
    """Cotangents of the base (a `Buffer`) and of the value of a write at a basic index; None where that must be done by rows."""
    key = getattr(record.plan[1], "key", None)
    values = g.values if isinstance(g, Live) else g
    if key is None or isinstance(values, Traced) or np.result_type(values) != _dtype(record.values[0]):
        return None
    shape = shape_of(record.out)
    if type(g) is not Buffer:
        g = Buffer(np.array(full(values, shape)), np.array(full(g.mask, shape)) if type(g) is Live else np.ones(shape, bool))
    mask = g.mask
    part, live = np.array(g.values[key]), np.array(mask[key])
    g.values[key], mask[key] = 0, False
    part = cast(part[()], record.values[1])
    return g, part if live.all() else Live(part, live)


def unbroadcast(g, shape, lead=0):
    """`g` (behind `lead` axes) summed over the axes along which `shape` was broadcast to its own."""
    if type(g) is Live:
        wide = shape_of(g.values)[lead:]
        axes = _broadcast_axes(wide, shape, 0)
        return g.through(lambda mask: np.any(full(mask, wide), axis=axes).reshape(shape), unbroadcast(g.values, shape, lead))
    have = shape_of(g)
    if type(g) is ndarray and not lead and len(have) == 2 and (fields.dtype(g) is DOUBLE or fields.dtype(g) is SINGLE):
        if len(shape) == 1 and shape[0] == have[1] and have[0] <= FEW:
            return _ones(have[0], fields.dtype(g)).dot(g)  # BLAS sums a small matrix in less than half of the time
        if len(shape) == 2 and shape[0] == have[0] and shape[1] == 1 and have[1] <= FEW:
            return g.dot(_ones(have[1], fields.dtype(g))).reshape(shape)
    extra = len(have) - len(shape)
    axes = tuple(range(extra)) if not lead and have[extra:] == shape else _broadcast_axes(have, shape, lead)
    out = np.add.reduce(g, axis=axes[0] if len(axes) == 1 else axes) if type(g) is ndarray else np.sum(g, axis=axes)
    return out if shape_of(out)[lead:] == shape else np.reshape(out, have[:lead] + shape)


def _broadcast_axes(have, shape, lead):
    missing = len(have) - lead - len(shape)
    return (*range(lead, lead + missing),
            *(lead + missing + k for k, n in enumerate(shape) if n == 1 and have[lead + missing + k] != 1))


def cast(g, like):
    """`g` in the precision, and real or complex, of the value that it is a cotangent of."""
    if type(g) is Live:
        return Live(cast(g.values, like), g.cell)
    if type(g) is type(like) is ndarray and fields.dtype(g) is fields.dtype(like):
        return g
    want, have = _dtype(like), _dtype(g)
    if want is have or want == have or want.kind not in "fc":
        return g
    if want.kind == "f" and have.kind == "c":
        g = np.real(g)
        have = _dtype(g)
    if want == have or want.kind == "c" and have.kind == "f":
        return g
    return TABLE["astype"](g, want) if isinstance(g, Traced) else np.asarray(g).astype(want)[()]


FEW = 1 << 12  # elements up to which BLAS sums a matrix faster than NumPy


@functools.lru_cache(64)
def _ones(n, dtype):
    return np.ones(n, dtype)


def _dtype(x):
    if type(x) is ndarray:
        return fields.dtype(x)
    if type(x) is float64 or type(x) is float:
        return DOUBLE
    x = primal(x)
    return x.dtype if isinstance(x, (ndarray, np.generic)) else DOUBLE if isinstance(x, (float, int)) else dtype_of(x)


class Record:
    """What happened in one step: the row, its operands' values, the result, the parents' places.

    The `reader` of that kind of row makes the cotangent of the i-th parent and the tangent of the result when they
    are asked for: a step costs no more than its stored values.
    """

    __slots__ = ("row", "values", "out", "parents", "plan", "reader")


def record_of(row, values, out, parents, plan, reader):
    """A record of what happened in one step."""
    record = Record.__new__(Record)
    record.row, record.values, record.out, record.parents, record.plan, record.reader = row, values, out, parents, plan, reader
    return record


class Pull:
    """How one kind of row is read backwards and forwards on a tape."""

    __slots__ = ()

    def pull(self, record, i, g, lead):
        """The cotangent of the i-th operand for the cotangent `g` of the result, behind `lead` axes."""
        raise NotImplementedError

    def push(self, record, i, t):
        """The tangent of the result for the tangent `t` of the i-th operand."""
        raise NotImplementedError


class PointwisePull(Pull):
    """A cotangent times the conjugate partial, summed over what was broadcast."""

    __slots__ = ()

    def pull(self, record, i, g, lead):
        values, p = record.values, record.row.partials[i]
        x, given, last = values[i], None, record.parents[-1][0] == i  # last: who pulls has no use for `g` afterwards
        if type(p) is Argument:
            given = p
            p = values[given.place] if given.place >= 0 else record.out
            if given.twice:
                g, last = _product(p, g, False), True
        else:
            p = partial_of(record.row, i, values, record.out)
        if type(p) is int:
            part = g
        elif given is None or given.factor == 1:
            part = _product(p, g, last)
        else:  # times the cotangent first, which is often one number, or has fewer
            part = _product(p, np.multiply(g, given.factor, g) if last and fills(g, 1.0) and fields.own(g) else given.factor * g, True)
        if len(values) > 1 and not (type(x) is type(record.out) is ndarray and fields.same_shape(x, record.out)):
            shape, mine = shape_of(record.out), shape_of(x)
            if mine != shape:
                if (fields.shape(part) if type(part) is ndarray else part.shape)[lead:] != shape:
                    part = spread(part, shape, lead)
                part = unbroadcast(part, mine, lead)
        if type(p) is int:  # after the sum, which has left fewer elements
            part = part if p == 1 else -part if p == -1 else p * part
        return cast(part, x)

    def push(self, record, i, t):
        values, out, p = record.values, record.out, record.row.partials[i]
        with np.errstate(all="ignore"):
            if type(p) is Argument and p.twice:
                x = values[p.place] if p.place >= 0 else out
                return p.factor * x * (x * t)
            p = partial_of(record.row, i, values, out)
            if type(p) is int and hasattr(t, "dtype") and _dtype(t) is not DOUBLE:
                t = widened((t,), _dtype(out))[0]
            return p * t


def _product(p, g, last):
    """The conjugate of a partial times a cotangent, in the memory of one of them where nobody else reads that again."""
    return np.conjugate(p) * g if type(p) is not float and _dtype(p).kind == "c" else product(p, g, last)


def spread(g, shape, lead):
    """A cotangent that may still be one number for many elements, with an element for each of `shape`."""
    if type(g) is Live:
        return g.through(lambda mask: full(mask, shape), spread(g.values, shape, lead))
    return full(g, shape_of(g)[:lead] + shape)


def gathered_back(record, g, lead):
    """The cotangent `g` of the result of a gather, moved back."""
    row, (_, transpose), x = record.row, record.plan, record.values[0]
    shape, out_shape = shape_of(x), shape_of(record.out)
    if type(g) is Live:
        return cast(g.through(lambda mask: primal(transpose(full(mask, out_shape) * 1.0)) != 0,
                              transpose(full(g.values, shape_of(g.values)[:lead] + out_shape))), x)
    g = full(g, shape_of(g)[:lead] + out_shape)
    if row.name == "getitem" and hasattr(transpose, "key"):
        return Pieces(shape, [(transpose.key, cast(boxed(g), x))])
    out = transpose(g)
    return cast(out if row.onto else Live(out, lambda: primal(transpose(np.ones(out_shape))) != 0), x)


class GatherPull(Pull):
    """A cotangent moved back; what was left out is a structural zero."""

    __slots__ = ()

    def pull(self, record, i, g, lead):
        return gathered_back(record, g, lead)

    def push(self, record, i, t):
        return through.gather(t, record.plan[0], shape_of(record.values[0]), shape_of(record.out), record.row.fills)


def joined_back(record, i, g, lead):
    """The share of the i-th operand of a join in the cotangent `g` of its result."""
    transpose, x, out_shape = record.plan[1], record.values[i], shape_of(record.out)
    written = getattr(transpose, "key", None) if i == 1 else None  # what is written at a basic index is all there
    if type(g) is Live:
        part = transpose(full(g.values, shape_of(g.values)[:lead] + out_shape), i)
        if written is not None:
            mask = np.array(full(g.mask, out_shape)[written])
            return cast(part if mask.all() else Live(part, mask), x)
        return cast(g.through(lambda mask: transpose(full(mask, out_shape) * 1.0, i) != 0, part), x)
    g = full(g, shape_of(g)[:lead] + out_shape)
    share = None if CAREFUL.get() or WATCHING else getattr(transpose, "quick", None)
    if share is not None:  # by products: no step looks at cotangents, and where one is NaN the tape is pulled again with care
        return cast(share(g, i), x)
    part = transpose(g, i)
    whole = record.row.onto or written is not None
    return cast(part if whole else Live(part, lambda: transpose(np.ones(out_shape), i) != 0), x)


class JoinPull(Pull):
    """A cotangent each operand's share, moved back."""

    __slots__ = ()

    def pull(self, record, i, g, lead):
        return joined_back(record, i, g, lead)

    def push(self, record, i, t):
        return self.push_all(record, {i: t})

    def push_all(self, record, ts, space=None):
        """The tangent of the result for the tangents of some operands, by their places."""
        return through.join([ts.get(k) for k in range(len(record.values))], record.plan[0], [shape_of(x) for x in record.values],
                            shape_of(record.out), space, _dtype(record.out), record.row.fills)


def summed_back(record, g, lead):
    """The cotangent `g` of a sum, with axes along which it broadcasts."""
    (axes, keepdims), x = record.plan, record.values[0]
    shape = shape_of(x)
    if not lead and not keepdims and len(axes) == len(shape):
        return g  # one number for all elements: it broadcasts where it is used
    if keepdims:
        return g
    if len(axes) == 1:
        wide = shape[:axes[0]] + (1,) + shape[len(shape) + axes[0] + 1:]
    else:
        wide = tuple([1 if k - len(shape) in axes else n for k, n in enumerate(shape)])
    if type(g) is Live:
        return g.through(lambda mask: full(mask, shape_of(record.out)).reshape(wide), _widened(g.values, record.out, wide, lead))
    return _widened(g, record.out, wide, lead)


class SumPull(Pull):
    """A cotangent repeated along the axes that were summed."""

    __slots__ = ()

    def pull(self, record, i, g, lead):
        return summed_back(record, g, lead)

    def push(self, record, i, t):
        return through.total(t, record.plan[0], record.plan[1], shape_of(record.values[0]))


def _widened(g, out, wide, lead):
    """A cotangent of a sum with axes of length 1 where it was summed: it broadcasts along them."""
    shape = shape_of(g)
    if not lead and shape == ():
        return g  # it broadcasts as it is
    return full(g, shape[:lead] + shape_of(out)).reshape(shape[:lead] + wide)


class ContractPull(Pull):
    """A cotangent contracted with the other operand."""

    __slots__ = ()

    def pull(self, record, i, g, lead):
        x, y = record.values
        if type(g) is not ndarray or (not fields.same_shape(g, record.out) if not lead and type(record.out) is ndarray else
                                      fields.shape(g)[lead:] != shape_of(record.out)):
            if type(g) is Live:
                return _pull_live(record, i, g, lead)
            g = full(numbers_of(g), shape_of(g)[:lead] + shape_of(record.out))
        if lead:
            return cast(_against(record, i, g, _conjugate(record.values[1 - i])), record.values[i])
        if record.plan is PRODUCT and type(g) is type(x) is type(y) is ndarray:
            return cast(_dot(g, _conjugate(y).T, x), x) if i == 0 else cast(_dot(_conjugate(x).T, g, y), y)
        lx, ly, lo = record.plan
        if i == 0:
            return cast(CONTRACT(g, _conjugate(y), (lo, ly, lx)), x)
        return cast(CONTRACT(_conjugate(x), g, (lx, lo, ly)), y)

    def push(self, record, i, t):
        return through.contract(t, shape_of(record.values[i]), record.values[1 - i], record.plan, shape_of(record.out), i == 0)


def _dot(x, y, like):
    """The product of two matrices, which is of the size of `like`."""
    return x.dot(y) if fields.size(like) < 4096 else np.matmul(x, y)  # of small ones dot is quicker; large ones it fills with zeros first


def _against(record, i, g, other):
    """`g`, of the shape of the result or behind a leading axis, contracted with the other operand."""
    lx, ly, lo = record.plan
    z = free_label(lx + ly) if g.ndim > len(lo) else ""
    return CONTRACT(g, other, (z + lo, ly, z + lx)) if i == 0 else CONTRACT(other, g, (lx, z + lo, z + ly))


def _pull_live(record, i, g, lead):
    """Cotangents with structural zeros contracted with the other operand."""
    other, shape = _conjugate(record.values[1 - i]), shape_of(record.out)
    labels = record.plan[2], record.plan[1 - i], record.plan[i]
    out = cast(through.skipping(g, full(g.values, shape_of(g.values)[:lead] + shape), shape, other, labels, i == 0), record.values[i])
    if not set(record.plan[i]) & set(record.plan[2]):
        return out if np.any(g.mask) else Live(out, np.zeros(shape_of(record.values[i]), bool))
    there = np.ones(shape_of(other))
    live = g.through(lambda mask: _against(record, i, full(mask, shape) * 1.0, there) > 0, out)
    return out if lead and live.mask.all() else live  # the mask has no leading axes, so that looking costs little beside the product


def _conjugate(x):
    return x if type(x) is ndarray and fields.dtype(x) is DOUBLE or _dtype(x).kind != "c" else np.conjugate(x)


def numbers_of(g):
    """A tangent or cotangent as the array of its numbers."""
    return g.values if type(g) is Live else g


class LinearPull(Pull):
    """A cotangent through the row's own pull."""

    __slots__ = ()

    def pull(self, record, i, g, lead):
        x, shape = record.values[i], shape_of(record.out)
        out = cast(record.plan[1][i](full(numbers_of(g), shape_of(g)[:lead] + shape), record.out, *record.values), x)
        return _kept(record, i, g, out) if type(g) is Live else out

    def push(self, record, i, t):
        return _pushed(record, i, t)


def _pushed(record, i, t):
    """The tangent that a linear row makes of `t`."""
    push, values, out = record.plan[0][i], record.values, record.out
    return through.linear(t, lambda t: push(t, out, *values), shape_of(values[i]), shape_of(out), record.row, own=push)


def _kept(record, i, g, out):
    """The cotangent `out` that a linear row has made of `g`, with what is left of its structural zeros."""
    row, x, shape = record.row, record.values[i], shape_of(record.out)
    return through.kept(g, out, shape, shape_of(x), row, 0 if row.core is None else len(shape_of(x)) - row.core,
                lambda mask: primal(record.plan[1][i](mask, record.out, *record.values)))


POINTWISE, GATHER, JOIN, SUM, CONTRACTION, LINEAR = PointwisePull(), GatherPull(), JoinPull(), SumPull(), ContractPull(), LinearPull()

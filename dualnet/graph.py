"""Reverse mode: a graph of nodes reads the same rows backwards, pulling cotangents through the partials.

Cotangents of complex arrays follow the inner product Re sum conj(g) t, so that the pull of multiplying by
p is multiplying by conj(p), and the gradient of a real function is the direction of steepest ascent.
"""

import numpy as np

from dualnet.dispatch import OPEN, Array, close_level, escaped, no_partial, open_level, remember_view
from dualnet.table import TABLE
from dualnet.table.ordering import parts
from dualnet.table.quiet import hush, unhush
from dualnet.table.row import Traced, free_label, ndim_of, primal, shape_of
from dualnet.tangents import Live, direction_ahead, full

CONTRACT = TABLE["contract"]


class Record:
    """What happened in one step: the row, its operands' values, the result, the parents' places.

    The `reader` of that kind of row makes the cotangent of the i-th parent, ``pull(record, i, g, lead)``, and
    the tangent of the result, ``push(record, i, t)``, when they are asked for: a step costs no more than its
    stored values.
    """

    __slots__ = ("row", "values", "out", "parents", "plan", "reader")

    def __init__(self, row, values, out, parents, plan, reader):
        self.row, self.values, self.out, self.parents = row, values, out, parents
        self.plan, self.reader = plan, reader


class Tape:
    """The steps of one level, in order; `inputs` are its first places."""

    __slots__ = ("level", "records", "inputs", "probes")

    def __init__(self):
        self.level = open_level()
        self.records, self.inputs, self.probes = [], 0, []

    def input(self, value):
        """A node for an input of the function."""
        self.records.append(Record(None, (), value, (), None, None))
        self.inputs += 1
        return node(value, self, len(self.records) - 1)

    def close(self):
        """No more steps; the nodes are unusable outside pullbacks from now on."""
        close_level(self.level)

    def pull(self, cotangents, lead=0):
        """Cotangents of the inputs for pairs (place, cotangent); None for an input that nothing depends on."""
        last = max(place for place, _ in cotangents)
        slots = [None] * (max(last, self.inputs - 1) + 1)
        for place, g in cotangents:
            slots[place] = g if slots[place] is None else slots[place] + g
        records = self.records
        for k in range(last, self.inputs - 1, -1):
            g = slots[k]
            if g is None:
                continue
            slots[k] = None
            record = records[k]
            if type(g) is Pieces:
                g = g.total(lead)
            for i, parent in record.parents:
                part = record.reader.pull(record, i, g, lead)
                if part is not None:
                    held = slots[parent]
                    slots[parent] = part if held is None else held + part
        return [settled(g, shape_of(records[k].out), lead) for k, g in enumerate(slots[:self.inputs])]

    def push(self, directions, upto=None, ts=()):
        """Tangents of all steps (up to a place) along directions of the inputs, going on from `ts`."""
        ts = list(ts) or list(directions)
        for record in self.records[len(ts):upto]:
            total = 0.0
            for i, parent in record.parents:
                total = total + record.reader.push(record, i, ts[parent])
            ts.append(total)
        return ts

    def probe(self, place):
        """The tangent of the node at `place` along the fixed direction ahead, by a forward sweep of the tape."""
        if not self.probes:
            start = 0
            for record in self.records[:self.inputs]:
                shape = shape_of(record.out)
                size = int(np.prod(shape))
                self.probes.append(direction_ahead(size, start).reshape(shape))
                start += size
        self.probes = self.push(None, place + 1, self.probes)
        return full(self.probes[place], shape_of(self.records[place].out))


def settled(g, shape, lead):
    """A cotangent as a plain array of its input's shape."""
    if type(g) is np.ndarray and g.shape == shape:
        return g
    if g is None:
        return None
    if isinstance(g, Pieces):
        g = g.total(lead)
    g = g.values if type(g) is Live else g
    return full(g, shape_of(g)[:lead] + shape)


class Pieces:
    """A cotangent given piece by piece at basic indices, as `x[i]` in a loop gives it; summed up once."""

    __slots__ = ("shape", "parts")
    __array_ufunc__ = None

    def __init__(self, shape, parts):
        self.shape, self.parts = shape, parts

    def __add__(self, other):
        if isinstance(other, Pieces):
            self.parts.extend(other.parts)
            return self
        key, g = self.parts[0]
        return other + self.total(len(shape_of(g)) - np.broadcast_to(0, self.shape)[key].ndim)

    __radd__ = __add__

    def total(self, lead):
        """The whole cotangent; elements that no piece touches are structural zeros."""
        shape, pieces = self.shape, self.parts
        if any(isinstance(g, Traced) for _, g in pieces):
            return self._added(lead)
        dtype = np.result_type(*(g for _, g in pieces))
        out = np.zeros(shape_of(pieces[0][1])[:lead] + shape, dtype)
        for key, g in pieces:
            out[(Ellipsis, *key)] += g
        return Live(out, self.mask)

    def _added(self, lead):
        if len(self.parts) <= 2:
            total = None
            for key, g in self.parts:
                g = TABLE["embed"](g, key, self.shape)
                total = g if total is None else total + g
            return Live(total, self.mask)
        size = int(np.prod(self.shape))
        index = np.arange(size).reshape(self.shape)
        places = [index[key].reshape(-1) for key, _ in self.parts]
        flat = [np.reshape(g, shape_of(g)[:lead] + (-1,)) for _, g in self.parts]
        total = TABLE["scatter_add"](np.concatenate(flat, axis=-1), np.concatenate(places), size)
        return Live(np.reshape(total, total.shape[:lead] + self.shape), self.mask)

    def mask(self):
        """True where a piece touches."""
        mask = np.zeros(self.shape, bool)
        for key, _ in self.parts:
            mask[key] = True
        return mask


def unbroadcast(g, shape, lead=0):
    """`g` (behind `lead` axes) summed over the axes along which `shape` was broadcast to its own."""
    if type(g) is Live:
        wide = shape_of(g.values)[lead:]
        axes = _broadcast_axes(wide, shape, 0)
        return Live(unbroadcast(g.values, shape, lead), lambda: np.any(full(g.mask, wide), axis=axes).reshape(shape))
    have = shape_of(g)
    axes = _broadcast_axes(have, shape, lead)
    out = np.add.reduce(g, axis=axes[0] if len(axes) == 1 else axes) if type(g) is np.ndarray else np.sum(g, axis=axes)
    return out if shape_of(out)[lead:] == shape else np.reshape(out, have[:lead] + shape)


def _broadcast_axes(have, shape, lead):
    missing = len(have) - lead - len(shape)
    return (*range(lead, lead + missing),
            *(lead + missing + k for k, n in enumerate(shape) if n == 1 and have[lead + missing + k] != 1))


def cast(g, like):
    """`g` in the precision, and real or complex, of the value that it is a cotangent of."""
    if type(g) is Live:
        return Live(cast(g.values, like), lambda: g.mask)
    if type(g) is type(like) is np.ndarray and g.dtype is like.dtype:
        return g
    want, have = _dtype(like), _dtype(g)
    if want is have or want == have or want.kind not in "fc":
        return g
    if want.kind == "f" and have.kind == "c":
        g = np.real(g)
        have = _dtype(g)
    return g if want == have or (want.kind == "c" and have.kind == "f") else TABLE["astype"](g, want) if isinstance(g, Traced) else np.asarray(g).astype(want)[()]


_FLOAT = np.dtype(float)


def _dtype(x):
    if type(x) is np.ndarray or type(x) is np.float64:
        return x.dtype
    x = primal(x)
    return x.dtype if isinstance(x, (np.ndarray, np.generic)) else _FLOAT if isinstance(x, (float, int)) else np.result_type(x)


def captured(x):
    """A constant that a later pull needs: a copy of a writable array, so that changes to it do no harm."""
    if type(x) is not np.ndarray:
        return x
    if x.flags.writeable:
        return x.copy()
    base = x.base
    while type(base) is np.ndarray:
        if base.flags.writeable:
            return x.copy()
        base = base.base
    return x


# --- one reader of records for each kind of row: pull and push --------------------------------------------------


class _Pointwise:
    @staticmethod
    def pull(record, i, g, lead):
        row, values = record.row, record.values
        p = row.partials[i]
        if type(p) is int:
            g = g if p == 1 else -g if p == -1 else p * g
        else:
            if callable(p):
                token = hush() if row.quiet else None
                try:
                    g = _conjugate(p(*values, record.out)) * g
                finally:
                    if token is not None:
                        unhush(token)
            elif p is None:
                raise no_partial(row, values)
            else:
                g = p * g
        x, shape = values[i], shape_of(record.out)
        if len(values) > 1 and shape_of(x) != shape:
            g = unbroadcast(spread(g, shape, lead), shape_of(x), lead)
        return cast(g, x)

    @staticmethod
    def push(record, i, t):
        p = record.row.partials[i]
        with np.errstate(all="ignore"):
            return (p(*record.values, record.out) if callable(p) else p) * t


def spread(g, shape, lead):
    """A cotangent that may still be one number for many elements, with an element for each of `shape`."""
    if type(g) is Live:
        return Live(spread(g.values, shape, lead), lambda: full(g.mask, shape))
    return full(g, shape_of(g)[:lead] + shape)


class _Gather:
    @staticmethod
    def pull(record, i, g, lead):
        row, (forward, transpose), x = record.row, record.plan, record.values[0]
        shape, out_shape = shape_of(x), shape_of(record.out)
        if type(g) is Live:
            return cast(Live(transpose(full(g.values, shape_of(g.values)[:lead] + out_shape)),
                             lambda: primal(transpose(full(g.mask, out_shape) * 1.0)) != 0), x)
        g = full(g, shape_of(g)[:lead] + out_shape)
        if row.name == "getitem" and hasattr(transpose, "key"):
            return Pieces(shape, [(transpose.key, cast(g, x))])
        out = transpose(g)
        return cast(out if row.onto else Live(out, lambda: primal(transpose(np.ones(out_shape))) != 0), x)

    @staticmethod
    def push(record, i, t):
        return record.plan[0](full(t, shape_of(record.values[0])))


class _Join:
    @staticmethod
    def pull(record, i, g, lead):
        transpose, x = record.plan[1], record.values[i]
        out_shape = shape_of(record.out)
        mask = g._mask if type(g) is Live else None
        values = full(g.values if type(g) is Live else g, shape_of(g)[:lead] + out_shape)
        part = transpose(values)[i]
        if record.row.onto and mask is None:
            return cast(part, x)
        return cast(Live(part, lambda: transpose((full(g.mask, out_shape) if type(g) is Live else np.ones(out_shape)) * 1.0)[i] != 0), x)

    @staticmethod
    def push(record, i, t):
        return record.plan[0]([full(t, shape_of(x)) if k == i else np.zeros(shape_of(x)) for k, x in enumerate(record.values)])


class _Sum:
    @staticmethod
    def pull(record, i, g, lead):
        (axes, keepdims), x = record.plan, record.values[0]
        shape = shape_of(x)
        if not lead and not keepdims and len(axes) == len(shape):
            return g  # one number for all elements: it broadcasts where it is used
        if type(g) is Live:
            return Live(_Sum._spread(g.values, axes, keepdims, shape, lead), lambda: _Sum._spread(g.mask, axes, keepdims, shape, 0))
        return _Sum._spread(g, axes, keepdims, shape, lead)

    @staticmethod
    def _spread(g, axes, keepdims, shape, lead):
        before = shape_of(g)[:lead]
        if not keepdims and len(axes) < len(shape) or lead:
            wide = tuple(1 if k - len(shape) in axes else n for k, n in enumerate(shape))
            g = np.reshape(full(g, before + (wide if keepdims else tuple(n for k, n in enumerate(shape) if k - len(shape) not in axes))), before + wide)
        return np.broadcast_to(g, before + shape)

    @staticmethod
    def push(record, i, t):
        return np.sum(full(t, shape_of(record.values[0])), axis=record.plan[0], keepdims=record.plan[1])


class _Contract:
    @staticmethod
    def pull(record, i, g, lead):
        lx, ly, lo = record.plan
        x, y = record.values
        if type(g) is not np.ndarray or g.shape[lead:] != record.out.shape:
            g = full(_plain(g), shape_of(g)[:lead] + shape_of(record.out))
        if lead:
            return _Contract._pull_many(record, i, g)
        if i == 0:
            return cast(CONTRACT(g, _conjugate(y), (lo, ly, lx)), x)
        return cast(CONTRACT(_conjugate(x), g, (lx, lo, ly)), y)

    @staticmethod
    def _pull_many(record, i, g):
        lx, ly, lo = record.plan
        x, y = record.values
        z = free_label(lx + ly)
        if i == 0:
            return cast(CONTRACT(g, _conjugate(y), (z + lo, ly, z + lx)), x)
        return cast(CONTRACT(_conjugate(x), g, (lx, z + lo, z + ly)), y)

    @staticmethod
    def push(record, i, t):
        x, y = record.values
        t = full(t, shape_of(record.values[i]))
        return CONTRACT(t, y, record.plan) if i == 0 else CONTRACT(x, t, record.plan)


def _conjugate(x):
    return x if type(x) is np.ndarray and x.dtype is _FLOAT or _dtype(x).kind != "c" else np.conjugate(x)


def _plain(g):
    return g.values if type(g) is Live else g


class _Linear:
    @staticmethod
    def pull(record, i, g, lead):
        pull = record.plan[1][i]
        g = full(_plain(g), shape_of(g)[:lead] + shape_of(record.out))
        return None if pull is None else cast(pull(g, record.out, *record.values), record.values[i])

    @staticmethod
    def push(record, i, t):
        return record.plan[0][i](full(t, shape_of(record.values[i])), record.out, *record.values)


class Node(Array):
    """A value together with its place on a tape."""

    __slots__ = ("tape", "place")

    def _read(self, row, args, out_of, plan, reader, keep=None):
        tape, level = self.tape, self.level
        if level not in OPEN:
            raise escaped(self)
        parents, values = [], []
        for i, a in enumerate(args):
            if isinstance(a, Node) and a.level == level:
                parents.append((i, a.place))
                values.append(a.value)
            else:
                values.append(a)
        out = out_of(values)
        if len(parents) < len(values) and (keep is None or keep):
            values = [v if type(v) is not np.ndarray else captured(v) for v in values]
        return _step(row, values, out, parents, plan, reader, tape)

    def _pointwise(self, row, args):
        level, tape = self.level, self.tape
        if level not in OPEN:
            raise escaped(self)
        values, parents = list(args), []
        for i, a in enumerate(args):
            if type(a) is Node and a.level == level:
                values[i] = a.value
                parents.append((i, a.place))
        out = row.evaluate(*values)
        if len(parents) < len(values) and row.varies:
            values = [captured(v) if type(v) is np.ndarray and type(a) is not Node else v for v, a in zip(values, args)]
        return _step(row, values, out, parents, None, _Pointwise, tape)

    def _gather(self, row, x, forward, transpose):
        out = self._read(row, (x,), lambda values: forward(values[0]), (forward, transpose), _Gather)
        if row.view and shape_of(out.value) and np.may_share_memory(primal(out.value), primal(x.value)):
            remember_view(x, out, forward)
        return out

    def _join(self, row, xs, forward, transpose):
        return self._read(row, xs, forward, (forward, transpose), _Join, False)

    def _sum(self, row, x, axes, keepdims):
        if self.level not in OPEN:
            raise escaped(self)
        value = self.value
        total = np.add.reduce if type(value) is np.ndarray else np.sum
        return _step(row, (value,), total(value, axis=axes, keepdims=keepdims), ((0, self.place),), (axes, keepdims), _Sum, self.tape)

    def _contract(self, row, x, y, spec):
        level, parents = self.level, []
        if level not in OPEN:
            raise escaped(self)
        if type(x) is Node and x.level == level:
            parents.append((0, x.place))
            x = x.value
        else:
            x = captured(x)
        if type(y) is Node and y.level == level:
            parents.append((1, y.place))
            y = y.value
        else:
            y = captured(y)
        return _step(row, (x, y), CONTRACT(x, y, spec), parents, spec, _Contract, self.tape)

    def _linear(self, row, operands, value, pushes, pulls):
        return self._read(row, operands, lambda values: value(*values), (pushes, pulls, value), _Linear)

    def _lift(self, x):
        self.tape.records.append(Record(None, (), x, (), None, None))
        return node(x, self.tape, len(self.tape.records) - 1)

    def _assign(self, other):
        self.value, self.tape, self.place = other.value, other.tape, other.place

    def _ahead(self):
        return parts(self.value) + parts(self.tape.probe(self.place))


def _step(row, values, out, parents, plan, reader, tape):
    """Note one step on the tape; its result as a node."""
    record = _new_record(Record)
    record.row, record.values, record.out, record.parents, record.plan, record.reader = row, values, out, parents, plan, reader
    records = tape.records
    place = len(records)
    records.append(record)
    new = _new(Node)
    new.value, new.tape, new.place, new.level = out, tape, place, tape.level
    return new


def node(value, tape, place):
    """A node of `tape`, without checks."""
    out = _new(Node)
    out.value, out.tape, out.place, out.level = value, tape, place, tape.level
    return out


_new, _new_record = Node.__new__, Record.__new__

"""Reverse mode: a graph of nodes reads the same rows backwards, pulling cotangents through the partials.

Cotangents of complex arrays follow the inner product Re sum conj(g) t, so that the pull of multiplying by
p is multiplying by conj(p), and the gradient of a real function is the direction of steepest ascent.
"""

import functools
import math

import numpy as np
from numpy import ndarray

from dualnet.debugging import WATCHING, look_at_input, look_at_pull, look_at_step, pulling, user_line, watched
from dualnet.dispatch import Array
from dualnet.levels import OPEN, close_level, escaped, open_level
from dualnet.lightening import LARGE, lighten
from dualnet.multiples import fills
from dualnet.packing import lost
from dualnet.pieces import Buffer, Pieces
from dualnet.pulls import CONTRACTION, GATHER, JOIN, LINEAR, POINTWISE, SUM, numbers_of, record_of, settled, written_back
from dualnet.seeds import direction_ahead
from dualnet.table import TABLE, fields
from dualnet.table.ordering import parts
from dualnet.table.quiet import hush, unhush
from dualnet.table.row import Traced, dtype_of, highest, primal, shape_of
from dualnet.tangents import Live, full
from dualnet.trees import captured
from dualnet.views import has_views, holds_alone, is_view, remember_view

CHOSEN, CONTRACT, MULTIPLY, SETITEM, SQUARE = (TABLE[name] for name in ("chosen", "contract", "multiply", "setitem", "square"))
ADD, ADD_UP, NOTHING = np.add, np.add.reduce, np.float64(0)


class Tape:
    """The steps of one level, in order; `inputs` are its first places.

    A tape that is pulled `once` keeps of large arrays only those that the pull reads, and drops each step when it is done, but for a
    `quick` one: some of its steps take structural zeros for numbers, and it is pulled again, with care, where that gives NaN.
    """

    __slots__ = ("level", "records", "inputs", "probes", "lines", "once", "quick")

    def __init__(self, level=None, once=False):
        self.level, self.once = open_level() if level is None else level, once
        self.quick, self.records, self.inputs, self.probes, self.lines = False, [], 0, [], {}  # lines: of steps, under dn.debug()

    def input(self, value):
        """A node for an input of the function."""
        if WATCHING:
            look_at_input(value)
        self.records.append(record_of(None, (), value, (), None, None))
        self.inputs += 1
        return node(value, self, len(self.records) - 1)

    def forget(self, place, write):
        """Keep of an array that was written to at a later place its shape alone, as long as no more than writes have made it."""
        made, record = self.records[place], self.records[write]
        if (made.row is SETITEM or made.row is None and place >= self.inputs) and math.prod(shape_of(made.out)) >= SMALL:
            made.out = record.values[0] = shadow(shape_of(made.out), dtype_of(made.out))

    def close(self):
        """No more steps; the nodes are unusable outside pullbacks from now on."""
        close_level(self.level)

    def pull(self, cotangents, lead=0, apart=False):
        """Cotangents of the inputs for pairs (place, cotangent), `apart` as they are; None for an input that nothing depends on."""
        last = max([place for place, _ in cotangents])
        slots = [None] * (max(last, self.inputs - 1) + 1)
        for place, g in cotangents:
            slots[place] = g if slots[place] is None else slots[place] + g
        records, looking, once = self.records, bool(WATCHING) and watched(), self.once and not self.quick
        before = pulling(None) if looking else None
        token = hush()  # no warnings from derivatives: the function itself has given its own
        try:
            for k in range(last, self.inputs - 1, -1):
                g, record = slots[k], records[k]
                if once:
                    records[k] = None
                if g is None:
                    continue
                slots[k] = part = held = None  # `g` alone holds it now too
                if type(g) is Pieces:
                    g = g.total(lead)
                both = written_back(record, g) if record.row is SETITEM and not lead else None
                if type(g) is Buffer and both is None:
                    g = g.frozen()
                if looking:
                    where = self.lines.get(k, "in a step made outside dn.debug()")
                    pulling(where, record.row)
                for pair in record.parents:
                    i, parent = pair
                    part = record.reader.pull(record, i, g, lead) if both is None else both[i]
                    if looking:
                        look_at_pull(record, i, part, where)
                    held = slots[parent]
                    if held is None:
                        slots[parent] = part
                    elif type(held) is not Buffer or type(part) is not Pieces or not held.take(part):
                        if type(held) is ndarray and type(part) is Live:
                            part = part.values
                        slots[parent] = None  # this name alone holds it now, if nobody else does
                        slots[parent] = ADD(held, part, held) if fills(held, part) and fields.own(held) else held + part
            inputs = slots[:self.inputs]
            return inputs if apart else [settled(g, shape_of(records[k].out), lead) for k, g in enumerate(inputs)]
        finally:
            unhush(token)
            if looking:
                pulling(before)

    def push(self, directions, upto=None, ts=(), wanted=None):
        """Tangents of all steps (up to a place) along directions of the inputs, going on from `ts`.

        Where the `wanted` places are given, the others are let go after their last use, so that a loop that fills an array holds one.
        """
        ts, last = list(ts) or list(directions), None if wanted is None else self._last_uses(wanted)
        for k in range(len(ts), len(self.records) if upto is None else upto):
            record = self.records[k]
            if record.reader is JOIN:
                total = None if last is None or record.row is not SETITEM else _written_into(record, ts, last, k)
                if total is None:
                    total = JOIN.push_all(record, {i: ts[parent] for i, parent in record.parents})
            else:
                total = None if record.parents else NOTHING
                for i, parent in record.parents:
                    part = record.reader.push(record, i, ts[parent])
                    total = part if total is None else total + part
            ts.append(total)
            total = part = None
            if last is not None:
                for _, parent in record.parents:
                    if last[parent] == k:
                        ts[parent] = None
        return ts

    def _last_uses(self, wanted):
        """The last step that uses each one, by their places; of the `wanted` none."""
        last = [-1] * len(self.records)
        for k, record in enumerate(self.records):
            for _, parent in record.parents:
                last[parent] = k
        for place in wanted:
            last[place] = -1
        return last

    def probe(self, place):
        """The tangent of the node at `place` along the fixed direction ahead, by a forward sweep of the tape."""
        if not self.probes:
            start = 0
            for record in self.records[:self.inputs]:
                shape = shape_of(record.out)
                size = int(np.prod(shape))
                self.probes.append(direction_ahead(size, start).reshape(shape))
                start += size
        token = hush()
        try:
            self.probes = self.push(None, place + 1, self.probes)
        finally:
            unhush(token)
        return full(numbers_of(self.probes[place]), shape_of(self.records[place].out))


def _written_into(record, ts, last, k):
    """The tangent of a write, in the memory of that of its base where this is its last use and nobody else holds it; else None."""
    places, key = dict(record.parents), getattr(record.plan[1], "key", None)
    base, part = places.get(0), 0.0 if 1 not in places else ts[places[1]]
    if key is None or base is None or base == places.get(1) or last[base] != k:
        return None
    t = ts[base]
    if type(t) is not ndarray or t.shape != shape_of(record.out) or type(part) is Live or isinstance(part, Traced):
        return None
    if np.result_type(part, t) != t.dtype:
        return None
    ts[base] = None  # this name alone holds it now, if nobody else does
    if not fields.own(t):
        ts[base] = t
        return None
    t[key] = part
    return t


@functools.lru_cache(256)
def shadow(shape, dtype):
    """An array of that shape and data type that takes no memory."""
    return np.broadcast_to(np.zeros((), dtype), shape)


SMALL = 64  # elements up to which every version of an array that is written to is kept, as those who look at steps want it


class Node(Array):
    """A value together with its place on a tape."""

    __slots__ = ("tape", "place")

    def _read(self, row, args, out_of, plan, reader, keep=None):
        tape, level = self.tape, self.level
        if level not in OPEN:
            raise escaped(self)
        parents, values, mine = [], list(args), set()
        for i, a in enumerate(args):
            if isinstance(a, Node) and a.level == level:
                parents.append((i, a.place))
                values[i] = a.value
                mine.add(i)
        out = out_of(values)
        if keep is None or keep:
            values = [v if i in mine else captured(v) for i, v in enumerate(values)]
        return _step(row, values, out, parents, plan, reader, tape)

    def _pointwise(self, row, args):
        level, tape = self.level, self.tape
        if level not in OPEN:
            raise escaped(self)
        n = len(args)
        if n == 1:
            alone = self.value
            return _step(row, (alone,), row.evaluate(alone), ((0, self.place),), None, POINTWISE, tape)
        if row is MULTIPLY and args[0] is args[1] and tape.once and not WATCHING:
            alone = self.value  # one pull in place of two; a tape that is looked at keeps the product
            return _step(SQUARE, (alone,), row.evaluate(alone, alone), ((0, self.place),), None, POINTWISE, tape)
        values, parents = list(args), []
        for i in range(n):
            if type(args[i]) is Node:
                mine = args[i]
                if mine.level == level:
                    values[i] = mine.value
                    parents.append((i, mine.place))
        out = row.evaluate(values[0], values[1]) if n == 2 else row.evaluate(*values)
        if len(parents) < n and row.varies:
            for i in range(n):
                if values[i] is args[i]:
                    values[i] = captured(values[i])
        return _step(row, values, out, parents, None, POINTWISE, tape)

    def _gather(self, row, x, forward, transpose):
        if self.level not in OPEN:
            raise escaped(self)
        source = self.value
        value = forward(source)
        kept = source  # what is left of an array from which an element is read is its shape
        if type(source) is ndarray:
            if fields.size(source) >= SMALL:
                kept = shadow(fields.shape(source), fields.dtype(source))
        elif math.prod(shape_of(source)) >= SMALL:
            kept = shadow(shape_of(source), dtype_of(source))
        out = _step(row, (kept,), value, ((0, self.place),), (forward, transpose), GATHER, self.tape)
        if row.view and shape_of(value) and is_view(primal(value), primal(source)):
            remember_view(x, out, forward)
        return out

    def _join(self, row, xs, forward, transpose):
        new = self._read(row, xs, getattr(forward, "value", forward), (forward, transpose), JOIN, False)
        if row is CHOSEN:
            self.tape.quick = True
        elif row is SETITEM and isinstance(xs[0], Node) and xs[0].level == self.level:
            self.tape.forget(xs[0].place, new.place)
        return new

    def _sum(self, row, x, axes, keepdims):
        if self.level not in OPEN:
            raise escaped(self)
        value = self.value
        if type(value) is ndarray:
            total = ADD_UP(value, axes, None, None, keepdims)
        else:
            total = np.sum(value, axis=axes, keepdims=keepdims)
        return _step(row, (value,), total, ((0, self.place),), (axes, keepdims), SUM, self.tape)

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
        return _step(row, (x, y), CONTRACT(x, y, spec), parents, spec, CONTRACTION, self.tape)

    def _linear(self, row, operands, value, pushes, pulls):
        return self._read(row, operands, lambda values: value(*values), (pushes, pulls, value), LINEAR)

    def _lift(self, x):
        self.tape.records.append(record_of(None, (), x, (), None, None))
        return node(x, self.tape, len(self.tape.records) - 1)

    def _write_here(self, index, value):
        """Write into the array that only this node and the step that made it hold; True if it was done.

        That step and this one then keep its shape alone, so that a loop that fills an array keeps one array, not one
        for each element.
        """
        if self.level not in OPEN or has_views(self):
            return False
        record = self.tape.records[self.place]
        made_here = record.row is SETITEM or record.row is None and self.place >= self.tape.inputs  # by a write or as a constant
        if not made_here or record.out is not self.value or not holds_alone(self, "value", others=1):
            return False
        array = self.value
        mine = type(value) is Node and value.level == self.level
        if type(array) is not ndarray or not array.ndim or array.size < SMALL or not (array.flags.owndata and array.flags.writeable) or (
                isinstance(value, Traced) and not (mine and type(value.value) in (ndarray, np.float64, np.float32))):
            return False
        shape = shadow(array.shape, array.dtype)
        (_, part), _, transpose = SETITEM.rule(shape, index, value)
        if transpose.key is None:
            return False
        record.out = shape
        written = part.value if mine else part
        array[transpose.key] = written
        parents = [(0, self.place), (1, part.place)] if mine else [(0, self.place)]
        plan = (_rewritten(transpose.key), transpose)
        new = _step(SETITEM, (shape, written), array, parents, plan, JOIN, self.tape)
        self.place = new.place
        return True

    def __reduce__(self):
        raise lost("pickling a Node, as for another process, whose steps are recorded in this one,", "differentiate inside of the worker's "
                   "function, start the processes outside of what is differentiated, or go forward, mode=\"forward\"")

    def _assign(self, other):
        self.value, self.tape, self.place = other.value, other.tape, other.place

    def _ahead(self):
        return parts(self.value) + parts(self.tape.probe(self.place))


def _rewritten(key):
    """The map of (base, value) to the base with the value written at `key`, of tangents."""
    key = (Ellipsis, *key)

    def forward(xs):
        a, b = xs
        if dtype_of(a).kind == "f" and dtype_of(b).kind == "c":  # a tangent of a complex array that is real so far
            a = TABLE["astype"](a, dtype_of(b))
        if highest(xs) is not None:
            return SETITEM(a, key, b)
        out = np.array(a)
        out[key] = b
        return out

    return forward


def _step(row, values, out, parents, plan, reader, tape):
    """Note one step on the tape; its result as a node."""
    record = record_of(row, values, out, parents, plan, reader)
    records = tape.records
    place = len(records)
    records.append(record)
    if tape.once and not WATCHING:
        large = values[0] if reader is SUM else out
        if type(large) is ndarray and fields.size(large) > LARGE:
            lighten(record)
    if WATCHING:
        look_at_step(row, values, out)
        tape.lines[place] = user_line()
    new = Node.__new__(Node)
    new.value, new.tape, new.place, new.level = out, tape, place, tape.level
    return new


def node(value, tape, place):
    """A node of `tape`, without checks."""
    out = Node.__new__(Node)
    out.value, out.tape, out.place, out.level = value, tape, place, tape.level
    return out

"""Reverse mode: a graph of nodes reads the same rows backwards, pulling cotangents through the partials.

Cotangents of complex arrays follow the inner product Re sum conj(g) t, so that the pull of multiplying by
p is multiplying by conj(p), and the gradient of a real function is the direction of steepest ascent.
"""

import numpy as np

from dualnet.dispatch import OPEN, Array, close_level, escaped, open_level
from dualnet.pulls import ContractPull, GatherPull, JoinPull, LinearPull, Pieces, PointwisePull, SumPull, settled
from dualnet.table import TABLE
from dualnet.table.ordering import parts
from dualnet.table.quiet import hush, unhush
from dualnet.table.row import primal, shape_of
from dualnet.tangents import direction_ahead, full
from dualnet.views import remember_view

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
        token = hush()  # no warnings from derivatives: the function itself has given its own
        try:
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
        finally:
            unhush(token)
        return [settled(g, shape_of(records[k].out), lead) for k, g in enumerate(slots[:self.inputs])]

    def push(self, directions, upto=None, ts=()):
        """Tangents of all steps (up to a place) along directions of the inputs, going on from `ts`."""
        ts = list(ts) or list(directions)
        for record in self.records[len(ts):upto]:
            total = 0 if record.parents else 0.0  # an exact number stays exact
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
        token = hush()
        try:
            self.probes = self.push(None, place + 1, self.probes)
        finally:
            unhush(token)
        return full(self.probes[place], shape_of(self.records[place].out))


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
        return _step(row, values, out, parents, None, PointwisePull, tape)

    def _gather(self, row, x, forward, transpose):
        out = self._read(row, (x,), lambda values: forward(values[0]), (forward, transpose), GatherPull)
        if row.view and shape_of(out.value) and np.may_share_memory(primal(out.value), primal(x.value)):
            remember_view(x, out, forward)
        return out

    def _join(self, row, xs, forward, transpose):
        return self._read(row, xs, forward, (forward, transpose), JoinPull, False)

    def _sum(self, row, x, axes, keepdims):
        if self.level not in OPEN:
            raise escaped(self)
        value = self.value
        total = np.add.reduce if type(value) is np.ndarray else np.sum
        return _step(row, (value,), total(value, axis=axes, keepdims=keepdims), ((0, self.place),), (axes, keepdims), SumPull, self.tape)

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
        return _step(row, (x, y), CONTRACT(x, y, spec), parents, spec, ContractPull, self.tape)

    def _linear(self, row, operands, value, pushes, pulls):
        return self._read(row, operands, lambda values: value(*values), (pushes, pulls, value), LinearPull)

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

"""One run of a function as a list of steps: what each is, its local partials, both sweeps' numbers."""

import ast
import re
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from dualnet import sweeps
from dualnet.errors import ArgumentError
from dualnet.explain.notation import BAR, STEP, constant, name, negated
from dualnet.explain.rules import is_same, is_sign, joins_sign, partial, partial_value, reads, template
from dualnet.graph import settled
from dualnet.pieces import Pieces
from dualnet.pulls import numbers_of
from dualnet.tangents import full

MAX_COLUMNS = 12     # seeds, or results, that get a column each
MAX_STEPS = 2000     # steps that are explained


@dataclass
class Partial:
    """The partial of a step by one of the steps it is made of: in symbols, as numbers, and the sign written."""

    parent: int
    formula: ast.AST | None
    value: object
    sign: int = 1


@dataclass
class Step:
    """One variable: an input, or the result of one basic function.

    Attributes
    ----------
    name, formula, row : str, ast node or None, str or None
        What it is; inputs have no formula.
    value : array
    partials : list of Partial
        One for each traced argument.
    tangents, cotangents : list
        One for each seed, and for each result.
    live, stored : bool
        It depends on a seed and a result depends on it; the way down reads its value.
    """

    name: str
    formula: ast.AST | None
    row: str | None
    value: object
    place: int
    partials: list = field(default_factory=list)
    tangents: list = field(default_factory=list)
    cotangents: list = field(default_factory=list)
    output: bool = False
    live: bool = True
    stored: bool = False
    weight: int = 1

    @property
    def node(self):
        """The node of its name."""
        return name(self.name)

    @property
    def bar(self):
        """The node of its cotangent's name."""
        return name(self.name + BAR)


@dataclass
class Seed:
    """One input direction (or result component): its label, the step's place, and the flat index or None for all."""

    label: str
    place: int
    index: int | None


class Trace:
    """A recorded run and its steps; what every picture and table of `explain` reads.

    Parameters
    ----------
    f : callable
    leaves : list of array
        Every traced input.
    names : list of str
        Their names.
    call : callable
        ``call(nodes)`` runs the function.
    wrt : list of int
        Which leaves get seeds.
    output : str
        Name of the result.
    symbols : bool
        False leaves formulas out, where only numbers are wanted.
    """

    def __init__(self, f, leaves, names, call, wrt, output=None, symbols=True):
        self.symbols = symbols
        self.run = sweeps.Record(f, leaves, call, "ahead", keep=True)
        self.tape, self.wrt = self.run.tape, wrt
        if len(self.tape.records) > MAX_STEPS:
            raise ArgumentError(f"the run has {len(self.tape.records)} steps; explain shows up to {MAX_STEPS}: take fewer rounds or rows")
        self.constants = {}
        self._hidden = self._find_hidden()
        self.steps, self.at = [], {}
        self._names = dict(enumerate(names))
        self._make_steps(output)
        self._mark_live()
        self._sweep()

    # --- which records are lines ------------------------------------------------------------------------

    def _find_hidden(self):
        """Places that are written into their only consumer: signs before products, and unchanged copies."""
        records, users = self.tape.records, {}
        for k, record in enumerate(records):
            for _, parent in record.parents:
                users.setdefault(parent, []).append(k)
        results = {p for p in self.run.places if p is not None}
        hidden = {}
        for k, record in enumerate(records[self.tape.inputs:], self.tape.inputs):
            if record.row is None or k in results or not record.parents:
                continue
            alone = len(users.get(k, ())) == 1 and joins_sign(records[users[k][0]])
            if is_same(record) or (is_sign(record) and alone):
                hidden[k] = (record.parents[0][1], -1 if is_sign(record) else 1)
        return hidden

    def shown(self, place):
        """The place of the line that stands for `place`, and the sign before it."""
        sign = 1
        while place in self._hidden:
            place, turned = self._hidden[place]
            sign *= turned
        return place, sign

    # --- lines ------------------------------------------------------------------------------------------

    def _make_steps(self, output):
        results = [p for p in self.run.places if p is not None]
        self._check_letters()
        label = self._free(output or "L")
        numbers = count(1)
        for place, record in enumerate(self.tape.records):
            if place in self._hidden:
                continue
            if record.row is None and place >= self.tape.inputs:
                self._names[place] = ast.unparse(self._constant(record.out))
            elif place >= self.tape.inputs:
                k = results.index(place) if place in results else None
                self._names[place] = f"{self._letter}{next(numbers)}" if k is None else label if len(results) == 1 else f"{label}{k + 1}"
            self._add(place, record, place in results)

    def _check_letters(self):
        taken = set(self._names.values())
        self._letter = next(s for s in (STEP, "v", "s", "step") if not any(re.fullmatch(s + r"\d+", n) for n in taken))

    def _free(self, label):
        taken = set(self._names.values())
        return next(n for n in (label, "f", "out", "result_", "result__") if n not in taken)

    def _add(self, place, record, is_output):
        step = Step(self._names[place], None, None, record.out, place, output=is_output)
        self.at[place] = len(self.steps)
        self.steps.append(step)
        if record.row is None:
            return
        args, lines = self._arguments(record)
        step.formula, step.row = template(record, args) if self.symbols else step.node, record.row.name
        step.weight = _weight(record)
        for i, (line, sign) in lines.items():
            formula, value = partial(record, i, args) if self.symbols else None, partial_value(record, i)
            formula = negated(formula) if sign < 0 and formula is not None and record.row.kind == "pointwise" else formula
            value = value if value is None or sign > 0 else -value
            step.partials.append(Partial(self.at[line], formula, value, sign))

    def _arguments(self, record):
        """Nodes of a record's arguments, and for each traced one the place of its line and its sign."""
        lines = {i: self.shown(parent) for i, parent in record.parents}
        args = []
        for i, value in enumerate(record.values):
            if i not in lines:
                args.append(self._constant(value))
            else:
                line, sign = lines[i]
                args.append(name(self._names[line]) if sign > 0 else negated(name(self._names[line])))
        return args, lines

    def _constant(self, value):
        """The node of a constant: the number, or a name c1, c2 ... for an array."""
        if not np.ndim(value):
            return constant(value)
        for label, held in self.constants.items():
            if held is value or (np.shape(held) == np.shape(value) and np.size(value) < 10000 and np.array_equal(held, value)):
                return name(label)
        label = next(f"c{k}" for k in count(1) if f"c{k}" not in self.constants and f"c{k}" not in self._names.values())
        self.constants[label] = value
        return name(label)

    # --- both sweeps ------------------------------------------------------------------------------------

    def _mark_live(self):
        """Which steps lie between a seed and a result; which values the way down reads again."""
        above, records = set(self.wrt), self.tape.records
        for place, record in enumerate(records):
            if any(parent in above for _, parent in record.parents):
                above.add(place)
        below = {p for p in self.run.places if p is not None}
        for place in range(len(records) - 1, -1, -1):
            if place in below:
                below.update(parent for _, parent in records[place].parents)
        self.live = above & below
        for step in self.steps:
            step.live = step.place in self.live
        for place in self.live:
            record = records[place]
            for i, parent in record.parents:
                if parent in self.live:
                    self._mark_stored(record, place, reads(record, i))

    def _mark_stored(self, record, place, needed):
        parents = dict(record.parents)
        for key in needed:
            held = self.shown(place if key == "out" else parents.get(key, -1))[0]
            if held in self.at:
                self.steps[self.at[held]].stored = True

    def _sweep(self):
        self.seeds = self._components([(self._names[k], k, self.run.leaves[k]) for k in self.wrt])
        results = [(self.steps[self.at[p]].name, p, y) for p, y in zip(self.run.places, self.run.values) if p is not None and p in self.at]
        self.results = self._components(results)
        for seed in self.seeds:
            directions = [_unit(x, seed) if k == seed.place else np.zeros(np.shape(x))[()] for k, x in enumerate(self.run.leaves)]
            for step, t in zip(self.steps, sweeps.certain(self._push, directions)):
                step.tangents.append(t)
        for result in self.results:
            unit = _unit(self.tape.records[result.place].out, result)
            for step, g in zip(self.steps, sweeps.certain(lambda gs, place=result.place: self._pull(place, gs), [unit])):
                step.cotangents.append(g)

    def _components(self, arrays):
        total = sum(np.size(x) for _, _, x in arrays)
        out = []
        for label, place, x in arrays:
            if not np.ndim(x):
                out.append(Seed(label, place, 0))
            elif total <= MAX_COLUMNS:
                keys = [",".join(map(str, key)) for key in np.ndindex(np.shape(x))]
                out += [Seed(f"{label}[{key}]", place, k) for k, key in enumerate(keys)]
            else:
                out.append(Seed(f"{label}[all]", place, None))
        return out

    def _push(self, directions):
        """Tangents of all lines along directions of the inputs."""
        ts = self.tape.push(sweeps.known_zeros(directions))
        return [full(numbers_of(ts[step.place]), np.shape(step.value)) for step in self.steps]

    def _pull(self, place, gs):
        """Cotangents of all lines for one of the step at `place`."""
        records, slots = self.tape.records, {place: sweeps.known_zeros(gs)[0]}
        out = [None] * len(records)
        for k in range(place, -1, -1):
            g = slots.pop(k, None)
            if g is None:
                continue
            record = records[k]
            g = g.total(0) if isinstance(g, Pieces) else g
            out[k] = settled(g, np.shape(record.out), 0)
            for i, parent in record.parents:
                part = record.reader.pull(record, i, g, 0)
                slots[parent] = part if parent not in slots else slots[parent] + part
        return [np.zeros(np.shape(step.value))[()] if out[step.place] is None else out[step.place] for step in self.steps]


def _unit(x, seed):
    if seed.index is None:
        return np.ones(np.shape(x))
    out = np.zeros(np.size(x))
    out[seed.index] = 1.0
    return out.reshape(np.shape(x))[()]


def _weight(record):
    """Products (or sums) that one push or pull through a step takes."""
    if record.row.kind != "bilinear":
        return max(np.size(record.out), *(np.size(v) for v in record.values))
    sizes = {c: n for labels, x in zip(record.plan[:2], record.values) for c, n in zip(labels, np.shape(x))}
    return int(np.prod(list(sizes.values()) or [1]))

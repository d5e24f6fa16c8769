"""Inputs of a run whose mode is not chosen yet: the first operation on one of them chooses it, for all of them at once.

A :class:`Pending` is one more reader of rows. Its level lies just above that of the arrays which the inputs become, so
every operation on one comes to it first; it has the mode chosen, and the row read by what the inputs have become.
"""

import threading

import numpy as np

from dualnet.debugging import WATCHING, look_at_input
from dualnet.dispatch import Array
from dualnet.errors import MemoryBudgetError
from dualnet.graph import Tape
from dualnet.levels import OPEN, close_level, escaped, open_level
from dualnet.sweeps import Record, dense, doubtful, forward_rows, read_out, seeded, surely
from dualnet.table.row import highest
from dualnet.trees import reset_kinks, results, run, set_kinks

APART_UP_TO = 100  # inputs up to which a function that takes them apart goes forward
FULL = 24           # seeds in a product from which a tape costs less than forward mode, on average
MOST_KNOWN = 256    # shapes of inputs of which the choice is remembered
_one_at_a_time = threading.RLock()  # a function may use its inputs in several threads


class Pending(Array):
    """An input of the function: its plain value, and once the mode is chosen, the dual number or node that it has become."""

    __slots__ = ("choice",)

    def _decided(self, apart=False):
        if self.choice is not None:
            self.choice.make(self, apart)
        return self.value

    def __reduce_ex__(self, protocol):
        return self._decided().__reduce_ex__(protocol)

    # --- operations that choose, by what they are -----------------------------------------------------------------

    def __getitem__(self, index):
        if self.choice is not None:
            self.choice.make(self, _of_number(index, len(self.shape)))
        return self.value[index]

    def __setitem__(self, index, value):
        self._decided(_of_number(index, len(self.shape)))[index] = value

    def __len__(self):
        return len(self.value)

    def __iter__(self):
        if not self.shape:
            raise TypeError("iteration over a 0-d array")
        return iter(self._decided(len(self.shape) == 1))

    def _pointwise(self, row, args):
        self._decided()
        return row(*_known(args, self.level))

    def _gather(self, row, x, forward, transpose):
        mine = self._decided()
        return mine._gather(row, mine, forward, transpose)

    def _join(self, row, xs, forward, transpose):
        self._decided()
        xs = _known(xs, self.level)
        return highest(xs)._join(row, xs, forward, transpose)

    def _sum(self, row, x, axes, keepdims):
        mine = self._decided()
        return mine._sum(row, mine, axes, keepdims)

    def _contract(self, row, x, y, spec):
        self._decided()
        x, y = _known((x, y), self.level)
        return highest((x, y))._contract(row, x, y, spec)

    def _linear(self, row, operands, value, pushes, pulls):
        self._decided()
        operands = _known(operands, self.level)
        return highest(operands)._linear(row, operands, value, pushes, pulls)

    # --- the rest that rows ask of an array -----------------------------------------------------------------------

    def _lift(self, x):
        return self._decided()._lift(x)

    def _ahead(self):
        return self._decided()._ahead()

    @property
    def sparse(self):
        """True where the tangent is a row-sparse Jacobian."""
        return self._decided().sparse

    def __repr__(self):
        return Array.__repr__(self) if self.choice is not None else repr(self.value)


def _of_number(index, ndim):
    """True for an index that picks one number of an array with so many axes."""
    if type(index) is not tuple:
        return ndim == 1 and isinstance(index, (int, np.integer))
    for k in index:
        if not isinstance(k, (int, np.integer)):
            return False
    return len(index) == ndim


def _known(operands, level):
    """The operands, with inputs of that level as what they have become."""
    return [x.value if type(x) is Pending and x.level == level else x for x in operands]


class Choice:
    """The mode of one run, chosen at the first touch: sparse rows forward (`space` is theirs then) or a tape."""

    __slots__ = ("leaves", "level", "inputs", "space", "tape", "once")

    def __init__(self, leaves, once):
        self.leaves, self.level, self.inputs, self.space, self.tape, self.once = leaves, open_level(), [], None, None, once
        above = self.level + 0.5
        for x in leaves:
            each = Pending.__new__(Pending)
            each.value, each.level, each.choice = x, above, self
            self.inputs.append(each)

    def make(self, touched, apart):
        """Choose: `apart` for inputs that are taken apart into numbers, which goes forward."""
        with _one_at_a_time:
            if touched.choice is None:
                return
            if self.level not in OPEN:
                raise escaped(touched)
            if apart:
                if WATCHING:
                    for x in self.leaves:
                        look_at_input(x)
                total = sum([x.size for x in self.leaves])
                made, self.space = seeded(self.leaves, self.level, 0, total, total, False)
            else:
                self.tape = Tape(self.level, self.once)
                made = [self.tape.input(x) for x in self.leaves]
            for each, other in zip(self.inputs, made):
                each.value, each.choice = other, None


def started(f, leaves, call, kinks, mode, known, once=False):
    """The run that a derivative is read from: forward, what :func:`forward_rows` returns of dense rows; else a `Record`, one
    that is pulled `once` for a gradient."""
    if mode == "auto":
        mode = foreseen(leaves, known)
    if mode == "reverse":
        return Record(f, leaves, call, kinks, once=once)
    return forward_rows(f, leaves, call, kinks, dense) if mode == "forward" else chosen(f, leaves, call, kinks, known, once)


def foreseen(leaves, known):
    """The mode that is known before the run: "forward", "reverse" (a recorded run), or None where the first touch tells.

    `known` holds what the first touch told for inputs of the same shapes before (see :func:`chosen`).
    """
    total, most, complex_input = 0, 0, False
    for x in leaves:
        total += x.size
        most = max(most, len(x.shape))
        complex_input = complex_input or x.dtype.kind == "c"
    if complex_input or total > APART_UP_TO or most > 1:
        return "reverse"
    return known.get(_shapes(leaves)) if most and total else "forward"


def _shapes(leaves):
    return tuple([x.shape for x in leaves])


def remember_pushing(known, leaves, values, pushed):
    """Have the next run on inputs of these shapes go forward, as a recorded run that was `pushed` has told, for as long as
    its results keep their sizes."""
    inputs, sizes = _shapes(leaves), [np.size(y) for y in values]
    if pushed:
        known[inputs], known["pushed", inputs] = "forward", sizes
    elif known.get(("pushed", inputs), sizes) != sizes:
        known.pop(inputs, None)
        known.pop(("pushed", inputs), None)


def chosen(f, leaves, call, kinks, known, once=False):
    """One run in the mode that its first touch of an input chooses: what :func:`forward_rows` returns, or a `Record`.

    The choice is written down in `known`, by which the next run on inputs of these shapes starts in that mode; where a run
    forward met numbers that depend on many inputs, the next is recorded.
    """
    token = set_kinks(kinks)
    choice, out = Choice(leaves, once), None
    level = choice.level
    try:
        outs, structure = results(run(call, choice.inputs), f)
        if choice.inputs[0].choice is not None:  # a function that has touched none
            choice.make(choice.inputs[0], False)
        outs = [y.value if type(y) is Pending and y.level == level + 0.5 else y for y in outs]
        if choice.space is not None:
            values, rows = read_out(outs, level, choice.space, dense, choice.space.size)
            out = values, [rows], structure
    except MemoryBudgetError:
        if choice.space is None:
            raise
    finally:
        close_level(level)
        reset_kinks(token)
    if len(known) > MOST_KNOWN:
        known.clear()
    space = choice.space
    known[_shapes(leaves)] = "reverse" if space is None or space.entries > FULL * space.products else "forward"
    if choice.space is None:
        return Record.of(choice.tape, leaves, outs, structure)
    if out is None:
        return forward_rows(f, leaves, call, kinks, dense)
    return surely(forward_rows, f, leaves, call, kinks, dense) if doubtful(rows, choice.space) else out

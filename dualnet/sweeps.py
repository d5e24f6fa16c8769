"""One run of a function with dual numbers or on a tape: what the transformations are made of."""

import contextlib
import functools
import math

import numpy as np
from numpy import float64, ndarray

from dualnet.debugging import WATCHING, look_at_input
from dualnet.dual import Dual, make
from dualnet.errors import DTypeError, MemoryBudgetError
from dualnet.graph import Node, Tape
from dualnet.pieces import WHOLE, Pieces
from dualnet.pulls import numbers_of
from dualnet.seeds import Space, direction_ahead
from dualnet.table import fields
from dualnet.table.care import CAREFUL
from dualnet.table.quiet import hush, unhush
from dualnet.table.row import Traced, dtype_of, primal, shape_of
from dualnet.tangents import UNIT, Live, Rows, full
from dualnet.trees import captured, level, reset_kinks, results, run, set_kinks


def of_level(x, number, kind):
    """True where `x` is a `kind` of that level."""
    return isinstance(x, kind) and x.level == number


def unboxed(x):
    """An array without axes as NumPy's functions return it: a scalar."""
    return x[()] if type(x) is ndarray and not fields.ndim(x) else x


def precise(t, y):
    """The derivative `t` in the precision of the value `y`."""
    dtype = getattr(y, "dtype", None)
    t = float64(t) if type(t) is float else t
    if dtype is None or dtype.kind not in "fc" or t.dtype == dtype or (dtype.kind == "f" and t.dtype.kind == "c"):
        return t
    token = hush()
    try:
        return t.astype(np.float32 if dtype.char == "e" and hasattr(t, "nnz") else dtype)  # SciPy has no sparse half precision
    finally:
        unhush(token)


def nothing(y):
    """The derivative of a result that does not depend on the inputs: zeros in its precision."""
    dtype = dtype_of(y)
    return np.zeros(shape_of(y), dtype if dtype.kind in "fcO" else float)[()]


def own(arrays, taken=()):
    """`arrays`, each one's memory its own: broadcast views, and what is shared with another or in `taken`, copied."""
    seen = set()
    for a in taken:
        seen.add(fields.place(a))
        if type(a) is ndarray and fields.base(a) is not None:
            seen.add(fields.place(fields.base(a)))
    out = list(arrays)
    for k, a in enumerate(out):
        if type(a) is ndarray:
            base = fields.place(a if fields.base(a) is None else fields.base(a))
            if base in seen or not fields.writeable(a):
                out[k] = a.copy("K")
            else:
                seen.add(base)
    return out


def surely(run, *args):
    """``run(*args)`` once more, in silence and with care: it knows all zeros that an infinite partial leaves alone."""
    token, hushed = CAREFUL.set(True), hush()
    try:
        return run(*args)
    finally:
        unhush(hushed)
        CAREFUL.reset(token)


def unsure(parts):
    """True where a derivative is NaN, and a careful run might tell more."""
    for t in parts:
        kind = type(t)
        if kind is not float64 and kind is not float:
            t = _squared(primal(t))
        if t != t:
            return not CAREFUL.get()
    return False


def _squared(t):
    """The sum of squares of numbers, NaN where one is NaN: unlike their sum it meets no difference of infinities."""
    t = t if type(t) is ndarray else np.asarray(getattr(t, "data", t))  # those of a sparse matrix
    flat = t if t.ndim == 1 else t.ravel("K")
    return np.vdot(flat, flat)  # of all products the one that gives no warnings


def certain(read, ts):
    """``read(ts)``, a push or pull along a recorded run, with care where a derivative is NaN."""
    found = read(ts)
    return surely(read, ts) if unsure(found) else found


def pulled(record, cotangents):
    """Cotangents of the inputs of a recorded run; of a run of real numbers those of complex ones, by their two parts."""
    beyond = [k for k, (g, y) in enumerate(zip(cotangents, record.values)) if dtype_of(g).kind == "c" and dtype_of(y).kind != "c"]
    if not beyond:
        return record.certainly("pull", cotangents)
    if any(dtype_of(x).kind == "c" for x in (*record.leaves, *record.values)):
        raise DTypeError(f"cotangent {beyond[0]} is complex and its result is real, of a function with complex numbers; pull its real and "
                         "its imaginary part one by one")
    return [x + 1j * y for x, y in zip(*(record.certainly("pull", [part(g) for g in cotangents]) for part in (np.real, np.imag)))]


def known_zeros(ts):
    """Directions or cotangents, those of a careful run with their zeros structural: on these numbers nothing depends."""
    if not CAREFUL.get():
        return ts
    return [t if t is None or isinstance(t, (Traced, Live)) or np.all(t) else Live(t, np.asarray(np.not_equal(t, 0))) for t in ts]


def push(f, leaves, directions, call, kinks):
    """Values and tangents of the leaves of ``call(f, duals)``, and their structure."""
    found = _pushed(f, leaves, directions, call, kinks)
    return surely(_pushed, f, leaves, directions, call, kinks) if unsure(found[1]) else found


def _pushed(f, leaves, directions, call, kinks):
    if WATCHING:
        for x in leaves:
            look_at_input(x)
    directions = known_zeros(directions)
    with level(kinks) as number:
        duals = [make(x, t if shape_of(t) == shape_of(x) else full(t, shape_of(x)), number) for x, t in zip(leaves, directions)]
        for dual in duals:
            if type(dual.value) is type(dual._tangent) is np.float64:
                dual.value, dual._tangent = float(dual.value), float(dual._tangent)
        outs, structure = results(run(call, duals), f)
        values, pushed = [], []
        for y in outs:
            if of_level(y, number, Dual):
                y.settle()
                t = y._tangent
                values.append(unboxed(y.value))
                pushed.append(precise(full(t.values if type(t) is Live else t, shape_of(y.value)), y.value))
            else:
                values.append(y)
                pushed.append(nothing(y))
    return values, own(pushed, directions), structure


class Record:
    """A run of a function on a tape: its results' values and places. `keep` is for one that outlives its caller, `once`
    for one that is pulled a single time."""

    def __init__(self, f, leaves, call, kinks, keep=False, once=False):
        token = set_kinks(kinks)
        self.tape = tape = Tape(once=once)
        self.again = (f, call, kinks) if keep else None  # how it was made
        try:
            self.leaves = [captured(x) for x in leaves] if keep else leaves
            outs, self.structure = results(run(call, [tape.input(x) for x in self.leaves]), f)
        finally:
            tape.close()
            reset_kinks(token)
        self._place(outs)

    @classmethod
    def of(cls, tape, leaves, outs, structure):
        """A run that is over: the results `outs` of a function of `leaves` on `tape`."""
        run = cls.__new__(cls)
        run.tape, run.leaves, run.structure = tape, leaves, structure
        run._place(outs)
        return run

    def certainly(self, way, ts):
        """The "push" or "pull" of the run, with care and then of a run made with care, where a derivative is NaN."""
        read = getattr(self, way)
        found = read(ts)
        if unsure(found):
            found = surely(read, ts)
            if self.again is not None and unsure(found):
                found = surely(lambda: getattr(self.with_care(), way)(ts))
        return found

    def with_care(self):
        """The same run made once more with care; as it is where that gives something else, for what the function reads has changed."""
        again, self.again = self.again, None
        if again is None or any(isinstance(x, Traced) for x in self.leaves):
            return self
        f, call, kinks = again
        with contextlib.suppress(Exception):
            careful = Record(f, self.leaves, call, kinks)
            if careful.structure == self.structure and all(map(_alike, careful.values, self.values)):
                self.tape, self.places = careful.tape, careful.places
        return self

    def _place(self, outs):
        self.values, self.places = [], []
        for y in outs:
            mine = of_level(y, self.tape.level, Node)
            self.values.append(unboxed(y.value) if mine else y)
            self.places.append(y.place if mine else None)

    def pull(self, cotangents, lead=0):
        """Cotangents of the inputs for cotangents of the results (None for zero)."""
        live = [(p, g) for p, g in zip(self.places, cotangents if lead else known_zeros(cotangents)) if p is not None and g is not None]
        total = self.tape.pull(live, lead) if live else [None] * len(self.leaves)
        before = shape_of([g for g in cotangents if g is not None][0])[:lead] if lead else ()
        total = own(total, (*cotangents, *self.leaves))
        return [np.zeros(before + x.shape, x.dtype)[()] if g is None else g for g, x in zip(total, self.leaves)]

    def gradient_apart(self):
        """The gradient of a scalar result: of each input pairs of a basic index and what the gradient has there, to be added up."""
        live = [(place, np.ones((), dtype_of(y))[()]) for place, y in zip(self.places, self.values) if place is not None]
        found = []
        for g, x in zip(self.tape.pull(live, 0, True) if live else [None] * len(self.leaves), self.leaves):
            parts = [] if g is None else g.apart() if isinstance(g, Pieces) else [(WHOLE, full(numbers_of(g), x.shape))]
            found.append([(key, numbers_of(part)) for key, part in parts])
        return found

    def push(self, directions):
        """Tangents of the results along directions of the inputs, by the recorded steps."""
        ts = self.tape.push(known_zeros(directions), wanted=[p for p in self.places if p is not None])
        out = [nothing(y) if p is None else precise(full(numbers_of(ts[p]), shape_of(y)), y) for y, p in zip(self.values, self.places)]
        return own(out, directions)


def _alike(x, y):
    """True for the same plain values, NaN among them."""
    return not isinstance(x, Traced) and shape_of(x) == shape_of(y) and np.array_equal(x, y, equal_nan=dtype_of(x).kind in "fc")


def seeded(leaves, number, first, count, total, dense):
    """Dual arrays of `leaves` with seeds `first` to ``first + count`` of `total`; the rest look ahead together."""
    whole = count == total
    space = Space(count if whole else count + 1)
    if not whole:
        space.ahead = np.append(direction_ahead(count, first), 1.0)
    out, start = [], 0
    for x in leaves:
        shape, size, dtype = x.shape, x.size, x.dtype
        if whole and not dense:
            t = Rows(space, {start: 1 if dtype.hasobject else UNIT}) if shape == () else Rows(space, {}, [
                (space.names[start:start + size].reshape((1,) + shape), _ones(len(shape) + 1, dtype))])
        else:
            t = _chunk(shape, size, start, first, count, space, dtype, dense)
        out.append(make(float(x) if type(x) is np.float64 and whole and not dense else x, t, number))
        start += size
    if whole and not dense and len(leaves) == 1 and len(shape) == 1 and not dtype.hasobject:
        space.root = t.blocks
    return out, space


@functools.lru_cache(64)
def _ones(ndim, dtype):
    """A one that broadcasts to any array of so many axes, nobody's to write to."""
    one = np.ones((1,) * ndim, dtype)
    one.flags.writeable = False
    return one


def _chunk(shape, size, start, first, count, space, dtype, dense):
    index = np.arange(start, start + size)
    inside = (index >= first) & (index < first + count)
    seeds = np.where(inside, index - first, count)
    values = np.where(inside, 1.0, direction_ahead(size, start)).astype(dtype)
    if not dense:
        return Rows(space, {}, [(seeds.reshape((1,) + shape), values.reshape((1,) + shape))])
    block = np.zeros((space.size, size), dtype)
    block[seeds[seeds < space.size], np.arange(size)[seeds < space.size]] = values[seeds < space.size]
    return Rows(space, {}, [(space.names.reshape((-1,) + (1,) * len(shape)), block.reshape((space.size,) + shape))])


def forward_rows(f, leaves, call, kinks, read, chunk_size=None):
    """``read(value, rows)`` of each result of one forward run with all seeds; in chunks where that is too large.

    Where a derivative is in doubt, the run is made again with care. Returns the values, a list for each chunk of what `read`
    gave for each result, and the structure.
    """
    total = sum([x.size for x in leaves])
    chunk = total if chunk_size is None else min(chunk_size, total)
    dense = chunk_size is not None
    while True:
        try:
            found, doubt = _forward_chunks(f, leaves, call, kinks, read, total, chunk, dense and not CAREFUL.get())
            return surely(forward_rows, f, leaves, call, kinks, read) if doubt else found
        except MemoryBudgetError:
            if chunk <= 1:
                raise
            chunk = max(1, chunk // 4)


def doubtful(parts, space):
    """True where a derivative is NaN, or infinite after products with numbers left out. A careful run leaves no doubt."""
    for t in parts if not space.careful else ():
        t = primal(t)
        total = _squared(t)
        if total != total or space.parted and abs(total) == math.inf and not np.isfinite(getattr(t, "data", t)).all():
            return True
    return False


def _forward_chunks(f, leaves, call, kinks, read, total, chunk, dense):
    chunks, doubt = [], False
    if WATCHING:
        for x in leaves:
            look_at_input(x)
    for first in range(0, max(total, 1), max(chunk, 1)):
        count = min(chunk, total - first)
        with level(kinks) as number:
            duals, space = seeded(leaves, number, first, count, total, dense)
            outs, structure = results(run(call, duals), f)
            values, parts = read_out(outs, number, space, read, count)
        chunks.append(parts)
        doubt = doubt or doubtful(parts, space)
    return (values, chunks, structure), doubt


def dense(y, rows, n):
    """The first n of the sparse `rows` of a result `y` as a dense array, seeds first."""
    return rows.dense(shape_of(y))[:n]


def read_out(outs, number, space, read, count):
    """Values of the results of a sweep at level `number`, and ``read(value, rows, count)`` of each."""
    values, parts, token = [], [], hush()
    try:
        for y in outs:
            mine = of_level(y, number, Dual)
            if mine:
                y.settle()
            value = y.value if mine else y
            values.append(value)
            parts.append(precise(read(value, y._tangent if mine else Rows(space, {}), count), value))
    finally:
        unhush(token)
    return values, parts

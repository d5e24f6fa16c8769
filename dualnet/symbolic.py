"""The symbolic reader: runs plain NumPy code on SymPy expressions, by each row's name and never by its partials.

Every array has its numbers beside its expressions. The numbers settle what depends on values (branches,
masks, the order of a sort, the piece of a kink); what was settled goes into a trace, so that a closed form
can tell whether another point lies on the same piece.
"""

import functools
import hashlib

import numpy as np

from dualnet.dispatch import Array
from dualnet.errors import FormulaError, OracleError
from dualnet.expressions import (
    MAX_SIZE,
    MAX_STEPS,
    differentiate,
    evaluate,
    exact_array,
    matrix_function,
    plain,
    size,
    too_large,
)
from dualnet.formula import parse
from dualnet.levels import OPEN, escaped
from dualnet.seeds import direction_ahead
from dualnet.table import TABLE
from dualnet.table.row import Traced, primal, shape_of
from dualnet.views import is_view, remember_view

CONTRACT = TABLE["contract"]
NODES_PER_STEP = 8  # of expressions, on average over all intermediate elements, beyond which they are too large


class Trace:
    """How an expression came about: the step, what it settled, and the steps before. Equal digests, equal steps."""

    __slots__ = ("name", "children", "digest")

    def __init__(self, name, detail=b"", children=()):
        self.name, self.children = name, children
        self.digest = hashlib.blake2b(b"|".join((name.encode(), detail, *(c.digest for c in children))), digest_size=16).digest()

    def departure(self, other):
        """The first step at which two traces differ."""
        here, there = self, other
        while here.name == there.name and len(here.children) == len(there.children):
            pair = next(((a, b) for a, b in zip(here.children, there.children) if a.digest != b.digest), None)
            if pair is None:
                break
            here, there = pair
        return here, there


def settled(x):
    """An array as bytes."""
    x = np.asarray(x)
    return repr((x.shape, x.dtype.kind)).encode() + (np.ascontiguousarray(x) + 0).tobytes()


class NeedsExpressions(Exception):
    """A run without expressions met a tie, which only expressions resolve."""


class Reading:
    """What one run shares: its level, its inputs, whether it builds expressions, the ties it met."""

    def __init__(self, level, build=True, most=MAX_STEPS):
        self.level, self.build, self.most = level, build, most
        self.symbols, self.point, self.ties = [], [], []
        self.steps, self.nodes, self.sizes = 0, 0, {}

    def input(self, value, symbols, name):
        """An input of the function: its numbers and its symbols."""
        self.symbols.extend(symbols.flat)
        self.point.extend(np.asarray(value).flat)
        return make(value, symbols, Trace(name, repr(shape_of(value)).encode()), self)

    def operand(self, x):
        """`x` as an array of this reader."""
        if isinstance(x, Symbolic) and x.reading is self:
            return x
        if isinstance(x, Traced):
            raise OracleError(f"a {type(x).__name__} of an outer transformation inside closed_form; call closed_form outside it")
        self.spend(np.size(x))
        return make(x, exact_array(x) if self.build else None, Trace("a constant", settled(x)), self)

    def spend(self, elements):
        """Count elements before they are built; the size guard."""
        self.steps += elements * self.build
        if self.steps > self.most:
            raise too_large("elements of all intermediate results", self.steps, self.most)

    def bounded(self, e):
        """The expression `e`, unless it or all together are too large."""
        n = size(e, self.sizes)
        self.nodes += n
        if n > MAX_SIZE:
            raise too_large("operations in one element", n, MAX_SIZE)
        if self.nodes > NODES_PER_STEP * self.most:
            raise too_large("operations in all intermediate results", self.nodes, NODES_PER_STEP * self.most)
        return e

    def ahead(self, x, orders=3):
        """Values of `x` and of its derivatives along the fixed direction ahead."""
        if not self.build:
            raise NeedsExpressions
        self.ties.append(x.history.name)
        weights = exact_array(direction_ahead(len(self.symbols)))
        out, flat = [x.value], list(x.exprs.flat)
        for _ in range(orders):
            flat = [sum((w * differentiate(e, s) for w, s in zip(weights, self.symbols) if e.has(s)), e * 0) for e in flat]
            values = evaluate(flat, self.symbols, self.point, 20)
            out.append(np.array([plain(v) for v in values]).reshape(x.shape))
        return out


@functools.lru_cache(1024)
def expression_of(symbol, names):
    """A row's formula as a function of SymPy expressions."""
    formula = parse(symbol)
    strange = [name for name in formula.names if name not in names]
    if strange:
        raise FormulaError(f"symbol={symbol!r} has {strange[0]!r} in it; the arguments of the function are {', '.join(names)}")
    return lambda *args: formula.sympy(dict(zip(names, args)))


def names_of(row):
    """The argument names that a row's symbol uses."""
    return tuple(getattr(row, "arguments", ("x", "y", "z")[:len(row.partials)]))


def named(row):
    """The row's SymPy name as a function of expressions."""
    if row.symbol is None:
        raise OracleError(f"the basic function {row.name} has no SymPy name, so there is no closed form; give it one with "
                          f"symbol=\"...\" in its row, or use dn.check, which takes differences there")
    return expression_of(row.symbol, names_of(row))


class Symbolic(Array):
    """An array of SymPy expressions with their values at one point."""

    __slots__ = ("exprs", "history", "reading")
    sparse = symbolic = True  # each element is an expression of what it depends on

    def __repr__(self):
        return f"Symbolic({np.array2string(self.exprs) if self.exprs is not None else self.value!r})"

    def _open(self):
        if self.level not in OPEN:
            raise escaped(self)
        return self.reading

    def _pointwise(self, row, args):
        reading = self._open()
        operands = [reading.operand(a) for a in args]
        value = row.evaluate(*(o.value for o in operands))
        function, exprs = named(row), None
        reading.spend(np.size(value))
        if reading.build:
            wide = np.broadcast_arrays(*(o.exprs for o in operands))
            exprs = np.empty(shape_of(value), object)
            for place in np.ndindex(exprs.shape):
                try:
                    exprs[place] = _without_holes(function(*(w[place] for w in wide)))
                except FormulaError as error:
                    raise OracleError(f"the SymPy name {row.symbol!r} of {row.name} has no value here: {error}") from error
                reading.bounded(exprs[place])
        return self._made(value, exprs, row, row.symbol.encode(), operands)

    def _gather(self, row, x, forward, transpose):
        self._open()
        value = forward(x.value)
        out = self._picked(row, value, forward(_places(x.shape, 1)), [x])
        if row.view and out.shape and is_view(primal(value), primal(x.value)):
            remember_view(x, out, forward)
        return out

    def _join(self, row, xs, forward, transpose):
        reading, places, start = self._open(), [], 1
        for x in xs:
            places.append(_places(shape_of(x), start))
            start += np.size(places[-1])
        operands = [reading.operand(x) for x in xs]
        return self._picked(row, forward([o.value for o in operands]), forward(places), operands)

    def _picked(self, row, value, places, operands):
        """Elements at `places` of the operands laid end to end from 1 on; 0 is a structural zero."""
        places, exprs = np.asarray(places).astype(int), None
        if self.reading.build:
            exprs = np.concatenate([exact_array([0])] + [o.exprs.reshape(-1) for o in operands])[places]
        return self._made(value, np.asarray(exprs, object), row, settled(places), operands)

    def _sum(self, row, x, axes, keepdims):
        reading, exprs = self._open(), None
        value = np.sum(x.value, axis=axes, keepdims=keepdims)
        if reading.build:
            kept = [k for k in range(-x.ndim, 0) if k not in axes]
            rest = np.transpose(x.exprs, [k + x.ndim for k in kept] + [k + x.ndim for k in axes])
            exprs = _added(rest, len(kept)).reshape(shape_of(value))
        return self._made(value, exprs, row, repr((axes, keepdims)).encode(), [x])

    def _contract(self, row, x, y, spec):
        reading = self._open()
        x, y = reading.operand(x), reading.operand(y)
        exprs = None
        if reading.build:
            labels = spec[2] + "".join(c for c in spec[0] if c not in spec[2])
            wide = [_aligned(o.exprs, own, labels) for o, own in zip((x, y), spec)]
            reading.spend(int(np.prod(np.broadcast_shapes(*(w.shape for w in wide)))))
            exprs = _added(wide[0] * wide[1], len(spec[2]))
        return self._made(CONTRACT(x.value, y.value, spec), exprs, row, repr(spec).encode(), [x, y])

    def _linear(self, row, operands, value, pushes, pulls):
        reading = self._open()
        operands = [reading.operand(x) for x in operands]
        out = value(*(o.value for o in operands))
        exprs, function = None, matrix_function(row.name)
        if not row.fixed and function is None:
            raise OracleError(f"the function {row.name} has no SymPy name, so there is no closed form; use dn.check, which takes "
                              "differences there")
        columns = _columns(operands, value) if row.fixed else []
        if reading.build:
            exprs = _mapped(row, operands, columns, shape_of(out)) if row.fixed else _of_matrices(row, function, operands, shape_of(out))
        detail = b"".join(map(settled, columns))
        return self._made(out, exprs, row, detail, operands)

    def _made(self, value, exprs, row, detail, operands):
        reading = self.reading
        return make(value, exprs if reading.build else None, Trace(row.name, detail, tuple(o.history for o in operands)), reading)

    def _lift(self, x):
        return self.reading.operand(x)

    def _assign(self, other):
        self.value, self.exprs, self.history = other.value, other.exprs, other.history

    def _ahead(self):
        return self.reading.ahead(self)


def _without_holes(e):
    """`e` without pieces that hold at single points, as in sinc: there the other piece has its limit."""
    import sympy

    if not isinstance(e, sympy.Piecewise):
        return e
    pieces = [p for p in e.args if not isinstance(p.cond, sympy.Equality)]
    return sympy.Piecewise(*pieces) if pieces else e


def make(value, exprs, trace, reading):
    """An array of this reader, without checks."""
    out = Symbolic.__new__(Symbolic)
    out.value, out.exprs, out.history, out.reading, out.level = value, exprs, trace, reading, reading.level
    return out


def _places(shape, start):
    return np.arange(start, start + int(np.prod(shape))).reshape(shape)


def _added(x, kept):
    """The sum over all axes but the first `kept`; one flat sum for each element."""
    import sympy

    out = np.empty(x.shape[:kept], object)
    for place in np.ndindex(out.shape):
        part = x[place]
        out[place] = sympy.Add(*(part.flat if isinstance(part, np.ndarray) else [part]))
    return out


def _aligned(x, own, labels):
    """`x` with its axes in the order of `labels`, of length 1 where it has none."""
    x = np.transpose(x, [own.index(c) for c in labels if c in own])
    return np.reshape(x, [n for c, n in zip(labels, _with_ones(x.shape, own, labels))])


def _with_ones(shape, own, labels):
    sizes = iter(shape)
    return [next(sizes) if c in own else 1 for c in labels]


def _columns(operands, value):
    """The matrix of a linear map for each operand: one for real units and, for complex operands, one for i."""
    out = []
    for k, o in enumerate(operands):
        for unit in (1.0, 1j) if np.iscomplexobj(o.value) else (1.0,):
            columns = []
            for place in range(o.size):
                given = [np.zeros(x.shape, x.dtype) for x in operands]
                given[k].reshape(-1)[place] = unit
                columns.append(np.reshape(value(*(g[()] for g in given)), -1))
            out.append(np.array(columns).reshape(o.size, -1).T if columns else np.zeros((0, 0)))
    return out


def _mapped(row, operands, columns, shape):
    """A linear map of expressions: its matrix, found from unit vectors, times them."""
    import sympy

    operands[0].reading.spend(int(np.prod(shape)))
    names = {"conjugate": sympy.conjugate, "real": sympy.re, "imag": sympy.im}
    if row.name in names and np.iscomplexobj(operands[0].value):
        return np.asarray(np.frompyfunc(names[row.name], 1, 1)(operands[0].exprs), object).reshape(shape)
    total, matrices = 0, iter(columns)
    for o in operands:
        flat = o.exprs.reshape(-1)
        pieces = [np.array([f(e) for e in flat], object) for f in (sympy.re, sympy.im)] if np.iscomplexobj(o.value) else [flat]
        for piece in pieces:
            total = total + _added(exact_array(next(matrices)) * piece, 1)
    return np.asarray(total, object).reshape(shape)


def _of_matrices(row, function, operands, shape):
    """A matrix function on each matrix of a stack."""
    exprs = [o.exprs for o in operands]
    lead = exprs[0].shape[:-2]
    if len(exprs) == 2 and exprs[1].ndim > 2:
        lead = np.broadcast_shapes(lead, exprs[1].shape[:-2])
        exprs[1] = np.broadcast_to(exprs[1], lead + exprs[1].shape[-2:])
    exprs[0] = np.broadcast_to(exprs[0], lead + exprs[0].shape[-2:])
    parts = []
    for place in np.ndindex(lead):
        out = function(*(e[place] if e.ndim > 2 else e for e in exprs))
        parts.extend(out if hasattr(out, "shape") else [out])
    return np.array(parts + [None], object)[:-1].reshape(shape)

"""What a step is and what its local partials are, in symbols: read from the rows of the table."""

import ast
import functools

import numpy as np

from dualnet.errors import DualnetError
from dualnet.explain.notation import call, constant, name, negated, read, substituted
from dualnet.formula import parse
from dualnet.graph import Tape
from dualnet.pulls import numbers_of
from dualnet.table import TABLE
from dualnet.table.own import BasicFunction
from dualnet.table.row import Pointwise

ARGUMENTS = ("x", "y", "z", "u", "v", "w")
SHOWN_AS_OPERATOR = {"matmul": ast.MatMult()}
SHOWN_AS = {"broadcast_to": "spread", "contract": "einsum", "joined": "concatenate", "picked": "take", "getitem": "take"}
LONGEST = 400  # characters of a partial that is shown in symbols


def arguments(row):
    """Names of a pointwise row's arguments in its symbol."""
    return tuple(row.arguments) if isinstance(row, BasicFunction) else ARGUMENTS[:len(row.partials)]


@functools.lru_cache(1024)
def _symbol(symbol):
    return parse(symbol).tree


def template(record, args):
    """What a step is, with nodes for its arguments.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> ast.unparse(template(SimpleNamespace(row=TABLE["log1p"], plan=None), [name("ξ1")]))
    'log1p(ξ1)'
    """
    row = record.row
    if isinstance(row, Pointwise):
        if row.symbol and not any(isinstance(node, ast.Call) for node in ast.walk(_symbol(row.symbol))):
            return substituted(_symbol(row.symbol), dict(zip(arguments(row), args)))
        return call(row.name, *args)
    if row.name == "getitem" and hasattr(record.plan[1], "key"):
        return ast.Subscript(args[0], _index(record.plan[1].key), ast.Load())
    if row.name in SHOWN_AS_OPERATOR:
        return ast.BinOp(args[0], SHOWN_AS_OPERATOR[row.name], args[1])
    if row.name == "total":
        axes, _ = record.plan
        whole = len(axes) == np.ndim(record.values[0])
        return call("sum", *args) if whole else call("sum", *args, name("axis=" + ",".join(str(a) for a in axes)))
    if row.name == "chosen":
        return call("where", name("…"), *args)
    return call(SHOWN_AS.get(row.name, row.name), *args)


def _index(key):
    parts = [_slice(k) for k in key if k is not Ellipsis]
    return parts[0] if len(parts) == 1 else ast.Tuple(parts, ast.Load())


def _slice(k):
    if isinstance(k, slice):
        return ast.Slice(*[end if end is None else constant(end) for end in (k.start, k.stop, k.step)])
    return name("None") if k is None else constant(int(k))


def partial(record, i, args):
    """The local partial by the i-th argument in symbols, or None where the row has none to show.

    Pointwise rows give the derivative; other kinds give the same map, applied to the tangent ``dξ``.
    """
    row = record.row
    if isinstance(row, Pointwise):
        return _pointwise(row, i, args)
    if not np.ndim(record.out) and not np.ndim(record.values[i]) and row.kind in ("gather", "reduction"):
        return constant(float(numbers_of(record.reader.push(record, i, 1.0))))
    if row.kind in ("gather", "reduction", "bilinear") or getattr(row, "fixed", False):
        rest = args if row.kind == "bilinear" else [constant(0)] * len(args)
        return template(record, [_tangent(a) if k == i else b for k, (a, b) in enumerate(zip(args, rest))])
    return None


def _tangent(node):
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    tangent = name("d" + ast.unparse(inner)) if isinstance(inner, ast.Name) else call("d", inner)
    return negated(tangent) if inner is not node else tangent


def _pointwise(row, i, args):
    p = row.partials[i]
    if not callable(p):
        return None if p is None else constant(p)
    if row.symbol == "x**y":
        return _power(i, *args)
    if not row.symbol:
        return None
    text = derivative_text(row.symbol, arguments(row)[i])
    return None if text is None else substituted(read(text), dict(zip(arguments(row), args)))


@functools.lru_cache(1024)
def derivative_text(symbol, by):
    """SymPy's derivative of a row's symbol, as text; None where it has none that is fit to show.

    Examples
    --------
    >>> derivative_text("1/x", "x"), derivative_text("tanh(x)", "x")
    ('-1/x**2', '1 - tanh(x)**2')
    """
    import sympy

    try:
        formula = parse(symbol)
        out = formula.sympy().diff(sympy.Symbol(by, real=True))
    except (DualnetError, TypeError, ValueError, AttributeError):
        return None
    written = str(out)
    shown = len(written) <= LONGEST and not out.has(sympy.Piecewise, sympy.Derivative, sympy.Subs)
    return written if shown else None


def _power(i, x, y):
    """y x^(y-1) and x^y log x, with the exponent worked out where it is a number."""
    if i == 1:
        return ast.BinOp(ast.BinOp(x, ast.Pow(), y), ast.Mult(), call("log", x))
    exponent = as_number(y)
    if exponent is None:
        return ast.BinOp(y, ast.Mult(), ast.BinOp(x, ast.Pow(), ast.BinOp(y, ast.Sub(), name("1"))))
    if exponent in (0, 1):
        return constant(exponent)
    less = x if exponent == 2 else ast.BinOp(x, ast.Pow(), constant(exponent - 1))
    return ast.BinOp(y, ast.Mult(), less)


def as_number(node):
    """The number that a constant's node writes, or None."""
    try:
        return float(ast.unparse(node))
    except ValueError:
        return None


def partial_value(record, i):
    """The local partial as numbers: elementwise for pointwise rows, a number for scalar maps, otherwise None."""
    row = record.row
    if isinstance(row, Pointwise):
        p = row.partials[i]
        with np.errstate(all="ignore"):
            return p(*record.values, record.out) if callable(p) else np.nan if p is None else float(p)
    if not np.ndim(record.out) and not np.ndim(record.values[i]):
        return numbers_of(record.reader.push(record, i, 1.0))
    return None


def reads(record, i):
    """What the pull to the i-th argument reads again: places among the arguments, and "out" for the result.

    A pointwise partial is run once on graph nodes, and the graph says which of them its result needs.
    """
    row = record.row
    if row.kind == "bilinear":
        return {1 - i}
    if not isinstance(row, Pointwise):
        return set() if row.kind in ("gather", "reduction") or getattr(row, "fixed", False) else {*range(len(record.values)), "out"}
    p = row.partials[i]
    if not callable(p):
        return set()
    keys = [*range(len(record.values)), "out"]
    tape = Tape()
    try:
        with np.errstate(all="ignore"):
            result = p(*(tape.input(v) for v in (*record.values, record.out)))
    except (DualnetError, TypeError, ValueError):
        return set(keys)
    finally:
        tape.close()
    needed = {getattr(result, "place", None)}
    for place in range(len(tape.records) - 1, len(keys) - 1, -1):
        if place in needed:
            needed.update(parent for _, parent in tape.records[place].parents)
    return {key for place, key in enumerate(keys) if place in needed}


def is_sign(record):
    """True for a step that only turns a sign."""
    return record.row is TABLE["negative"]


def joins_sign(record):
    """True for a step into which a sign is written: ``-W*x`` is one line, as one writes it."""
    return record.row in (TABLE["multiply"], TABLE["divide"], TABLE["matmul"])


def is_same(record):
    """True for a step that passes its only traced argument on unchanged."""
    unchanged = record.row is not None and record.row.name in ("broadcast_to", "positive", "astype")
    return unchanged and bool(record.parents) and np.shape(record.values[0]) == np.shape(record.out)

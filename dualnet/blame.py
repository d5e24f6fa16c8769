"""Which basic function is to blame: every step of a recorded run against references that share none of its code."""

import contextlib
import math

import numpy as np

from dualnet import differences
from dualnet.expressions import Program, differentiate, evaluate, plain
from dualnet.operators import jvp
from dualnet.pulls import numbers_of, settled
from dualnet.sweeps import Record
from dualnet.symbolic import expression_of, names_of
from dualnet.table import TABLE
from dualnet.table.own import BasicFunction
from dualnet.table.row import primal
from dualnet.tangents import full

CANDIDATES = 24     # elements of one step that are looked at with 50 digits
TOLERANCE = 1e-7    # relative error of a partial beyond which a step is suspect


def find(run, order=1, only_users=False):
    """The worst step of a recorded run, as a dict, or None where every step is right.

    Keys: step, function, argument, what (a sentence), place, inputs, found, right, error, source.
    """
    worst = None
    records = run.tape.records
    for k in range(run.tape.inputs, len(records)):
        record = records[k]
        if record.row is None or only_users and not isinstance(record.row, BasicFunction):
            continue
        for finding in _step(record, order):
            if worst is None or finding["error"] > worst["error"]:
                worst = {"step": k - run.tape.inputs + 1, "function": record.row.name, **finding}
        if worst and worst["error"] == math.inf:
            break
    return worst


def _step(record, order):
    with np.errstate(all="ignore"):
        if record.row.kind == "pointwise":
            yield from _pointwise(record, order)
        else:
            yield from _linear(record)


# --- pointwise rows ---------------------------------------------------------------------------------------------


def _pointwise(record, order):
    row, out = record.row, np.asarray(primal(record.out))
    if not isinstance(row, BasicFunction) and not (TABLE.holds(row.name) and TABLE[row.name] is row):
        return  # a part of a row, made for one call: its value may be that of another step
    values = [np.broadcast_to(np.asarray(primal(v)), out.shape) for v in record.values]
    if out.dtype.kind == "c" or any(v.dtype.kind == "c" for v in values) or not out.size:
        return
    names = names_of(row) if hasattr(row, "arguments") else [f"argument {i + 1}" for i in range(len(values))]
    symbol = row.symbol
    if symbol is not None:
        finding = _symbol(row, values, out)
        if finding:
            yield {"argument": None, **finding}
            symbol = None
    wrong = {i: _partial(row, i, values, record.values, out, symbol) for i, _ in record.parents}
    if order > 1 and not any(wrong.values()):
        wrong = {i: _partial_of_partial(row, i, values, record, names) for i in wrong if callable(row.partials[i])}
    yield from ({"argument": names[i], **finding} for i, finding in wrong.items() if finding)


def _spread(size, bad):
    """Elements to look at: the worst by `bad`, and some at even distances."""
    order = np.argsort(-np.nan_to_num(bad.reshape(-1), nan=np.inf, posinf=np.inf))[:CANDIDATES // 2]
    return np.unique(np.concatenate([order, np.linspace(0, size - 1, min(size, CANDIDATES // 2)).astype(int)]))


def _symbolic(row, by, values, elements):
    """Values of the row's formula (or its derivative by an argument) at some elements."""
    import sympy

    names = names_of(row)
    symbols = [sympy.Symbol(n, real=True) for n in names]
    expression = expression_of(row.symbol, names)(*symbols)
    expression = expression if by is None else differentiate(expression, symbols[by])
    function = Program([expression], symbols)
    points = [[float(v.reshape(-1)[e]) for v in values] for e in elements]
    return np.array([_real(plain(evaluate([expression], symbols, p, 30, function)[0])) for p in points])


def _finite(values, elements):
    """True for the elements of which a formula may be asked: SymPy has other rules for infinities than floating point."""
    return np.all([np.isfinite(v.reshape(-1)[elements]) for v in values], axis=0)


def _real(v):
    return math.nan if isinstance(v, complex) else v


def _symbol(row, values, out):
    elements = _spread(out.size, np.zeros(out.size))
    right, found = _symbolic(row, None, values, elements), out.reshape(-1)[elements]
    error = np.where(_finite(values, elements), relative(found, right), 0.0)
    k = int(np.argmax(error))
    if error[k] <= _tolerance(out) * 10:
        return None
    what = f"the symbol {row.symbol!r} of row {row.name} does not match its value"
    return _finding(what, elements[k], values, found[k], right[k], error[k], "its SymPy name")


def _partial(row, i, values, given, out, symbol):
    p = row.partials[i]
    if callable(p):
        try:
            found = np.asarray(primal(p(*given, out[()])))
            found = np.broadcast_to(found, out.shape).reshape(-1)
        except Exception as error:  # a user's partial may fail in any way; which one is what is asked
            what = f"the partial of {row.name} raises {type(error).__name__}: {error}"
            return _finding(what, 0, values, math.nan, math.nan, math.inf, "its own run")
    else:
        found = np.full(out.size, math.nan if p is None else float(p))
    screen, slack = _screen(lambda *xs: row.evaluate(*xs), i, values)
    bad = np.maximum(np.abs(found - screen) - 2 * slack, 0) / np.maximum(np.abs(screen), 1e-300)
    elements = _spread(out.size, np.where(np.isnan(screen), 0.0, np.where(np.isnan(found), np.inf, bad)))
    if symbol is not None:
        right = _symbolic(row, i, values, elements)
        beside, slack = screen[elements], slack[elements]
        strange = np.isinf(right) | (np.abs(right - beside) > 10 * slack + 1e-3 * np.abs(right))
        strange &= np.any([v.reshape(-1)[elements] == 0 for v in values], axis=0)
        right = np.where(_finite(values, elements) & ~strange, right, np.nan)  # at a singular point, such as hypot's, there is no slope
        slack, source = 0.0, "its SymPy name"
    else:
        right, slack, source = screen[elements], slack[elements], "differences of its value"
    return _worst(f"the partial of {row.name}", elements, values, found[elements], right, slack, source, out)


def _screen(function, i, values):
    """The slope of an elementwise function by argument i, for all elements at once, and its error."""
    x = values[i].astype(float)

    def at(h):
        return np.asarray(primal(function(*(x + h if k == i else v for k, v in enumerate(values)))), float) + 0 * x

    def slope(s, h):
        return (at(s * h) - at(-s * h)) / (2 * s * h)

    size, steps = np.abs(at(0.0)), [0.5**k for k in range(differences.LEVELS)]
    wide = 0.1 * np.where(x == 0, 1.0, np.abs(x))
    best, error = differences.best_of([differences.extrapolated(
        lambda s, h=h: slope(s, h), steps, lambda s, h=h: 4 * differences.EPS * size / (s * h)) for h in (wide, np.full(x.shape, 0.1))])
    near = np.minimum(wide, 0.1)
    close = (4 * slope(steps[-1], near) - slope(steps[-2], near)) / 3  # wide steps go over jumps and waves that these do not
    doubt = np.abs(best - close) - 64 * differences.EPS * size / (steps[-1] * near) - 1e-9 * np.abs(close)
    return best.reshape(-1), np.maximum(error, np.where(doubt > 0, doubt, 0.0)).reshape(-1)


def _partial_of_partial(row, i, values, record, names):
    """The derivative of a right partial by each argument, forward, against differences of that partial."""
    flat = [v.reshape(-1).astype(float) for v in values]

    def partial(*xs):
        return row.partials[i](*xs, row(*xs))

    for j, _ in record.parents:
        def along(x, j=j):
            return partial(*(x if k == j else v for k, v in enumerate(flat)))

        found = np.asarray(jvp(along, (flat[j],), (np.ones_like(flat[j]),))[1]) + np.zeros(flat[0].shape)
        right, slack = _screen(partial, j, values)
        finding = _worst(f"the derivative by {names[j]} of the partial of {row.name}", np.arange(right.size), values, found, right, slack,
                         "differences of the partial", np.asarray(1.0))
        if finding:
            return finding
    return None


def _worst(what, elements, values, found, right, slack, source, out):
    excess = relative(found, right)
    excess = np.where(np.isnan(right) | (np.abs(found - right) <= 4 * np.asarray(slack) + 1e-300), 0.0, excess)
    excess = np.where(np.isnan(found) & ~np.isnan(right), np.inf, excess)
    k = int(np.argmax(excess))
    return _finding(what, elements[k], values, found[k], right[k], excess[k], source) if excess[k] > _tolerance(out) else None


def _tolerance(out):
    return TOLERANCE if out.dtype.itemsize > 4 else 2e-3


def _finding(what, element, values, found, right, error, source):
    shape = np.shape(values[0])
    return {"what": what, "place": tuple(int(k) for k in np.unravel_index(int(element), shape)) if shape else (),
            "inputs": [float(v.reshape(-1)[element]) for v in values], "found": float(found), "right": float(right),
            "error": float(error), "source": source}


def relative(found, right):
    """Relative error, 0 where equal (also both NaN or the same infinity), inf where only one is finite."""
    found, right = np.asarray(found, float), np.asarray(right, float)
    with np.errstate(all="ignore"):
        same = (found == right) | (np.isnan(found) & np.isnan(right))
        error = np.abs(found - right) / np.maximum(np.abs(right), 5e-324)
    return np.where(same, 0.0, np.where(np.isfinite(error), error, np.inf))


# --- all other rows: push against pull, and against differences of the value -------------------------------------------


def _linear(record):
    generator = np.random.default_rng(0)
    out = np.asarray(primal(record.out))
    if not out.size or out.dtype.kind not in "fc":
        return
    g = generator.standard_normal(out.shape)
    for i, _ in record.parents:
        x = np.asarray(primal(record.values[i]))
        t = generator.standard_normal(x.shape) * (np.max(np.abs(x), initial=0.0, where=np.isfinite(x)) or 1.0)
        if x.ndim > 1 and x.shape[-1] == x.shape[-2] and np.allclose(x, np.swapaxes(x, -1, -2)):
            t = t + np.swapaxes(t, -1, -2)  # of such a matrix some functions read one half
        if x.dtype.kind != "f" or out.dtype.kind != "f":
            continue
        pushed = np.asarray(full(primal(numbers_of(record.reader.push(record, i, t[()]))), out.shape))
        pulled = np.asarray(primal(settled(record.reader.pull(record, i, g[()], 0), x.shape, 0)))
        left, right = np.sum(g * pushed), np.sum(pulled * t)
        scale = np.sum(np.abs(g * pushed)) + np.sum(np.abs(pulled * t)) + 1e-300
        values = [np.asarray(float(np.max(np.abs(x), initial=0.0)))]
        if not abs(left - right) <= 1e-6 * scale and not (np.isnan(left) and np.isnan(right)):
            what = f"push and pull of {record.row.name} are not each other's transpose"
            yield {"argument": f"argument {i + 1}", **_finding(what, 0, values, left, right, relative(left, right), "the adjoint identity")}
        elif record.row.kind == "linear" and len(record.plan) > 2:
            with contextlib.suppress(np.linalg.LinAlgError):  # where the operand cannot be moved
                yield from _pushed(record, i, x, t, pushed, values)


def _pushed(record, i, x, t, pushed, values):
    operands = [primal(v) for v in record.values]

    def moved(h):
        return np.reshape(record.plan[2](*(x + h[0] * t if k == i else v for k, v in enumerate(operands))), -1)

    if np.array_equal(moved([0.0]), moved([1.0]), equal_nan=True):
        return  # the value was found before, with others, and stays as it is
    slope, error = differences.first(moved, np.zeros(1))
    slope, error, pushed = slope[:, 0], error[:, 0], pushed.reshape(-1)
    bad = np.abs(slope - pushed) - 10 * error - 1e-6 * np.max(np.abs(slope), initial=0.0)
    if np.any(bad > 0):
        k = int(np.argmax(bad))
        yield {"argument": f"argument {i + 1}", **_finding(f"the push of {record.row.name}", 0, values, pushed[k], slope[k],
                                                           relative(pushed[k], slope[k]), "differences of its value")}


# --- rounding ------------------------------------------------------------------------------------------------


def rounding(f, leaves):
    """A bound on the rounding error of a scalar function: sum over its steps of eps |adjoint| |result|."""
    with np.errstate(all="ignore"):
        run = Record(f, leaves, lambda nodes: f(*nodes), "ahead")
        if run.places[0] is None:
            return 0.0
        records, total = run.tape.records, 0.0
        slots = {run.places[0]: np.ones(())}
        for k in range(run.places[0], -1, -1):
            g, record = slots.pop(k, None), records[k]
            if g is None:
                continue
            out = np.asarray(primal(record.out))
            g = settled(g, out.shape, 0)
            total += float(np.nansum(np.where(np.isfinite(g), np.abs(g) * np.abs(out), 0.0))) * np.finfo(out.dtype).eps
            for i, parent in record.parents:
                part = record.reader.pull(record, i, g, 0)
                slots[parent] = settled(part, np.shape(records[parent].out), 0) + slots.get(parent, 0.0)
    return total

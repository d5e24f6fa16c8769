"""The whole derivative in closed form, from the rows' SymPy symbols along the run, and its agreement in ulps.

Nothing here reads a partial of a row: SymPy differentiates the composed symbols, so agreement is evidence.
Numbers larger than a few units enter as symbols, so that SymPy never works out ``gamma(10**9)``.
"""

import functools
import time
from dataclasses import dataclass

import numpy as np

from dualnet import expressions
from dualnet.explain.notation import constant, name, read, substituted, text
from dualnet.explain.rules import arguments
from dualnet.formula import parse
from dualnet.table.row import Pointwise

MAX_SIZE = 1500       # nodes of a composed expression, counted as a tree
MAX_DERIVATIVES = 36  # entries of the Jacobian that get a closed form
MAX_SHOWN = 3000      # characters of a closed form that is shown
SECONDS = 0.4         # after which further entries are left out
DIGITS = 34


@dataclass
class Agreement:
    """One entry of the derivative: in closed form, by mpmath, by dualnet, and the distance in ulps."""

    result: str
    seed: str
    formula: object
    exact: str
    value: float
    ulps: float | None

    def sentence(self):
        """What the comparison says."""
        if self.ulps is None:
            return "SymPy has no number for it"
        return f"{self.ulps:.2g} ulp from SymPy's value" if self.ulps else "equal to SymPy's value to the last bit"


class _Composer:
    """Composes the rows' symbols along a tape, with a bound on the size of what comes out."""

    def __init__(self, sympy):
        self.sympy, self.back, self.subs, self.size = sympy, {}, {}, {}

    def symbol(self, shown, value):
        """A SymPy symbol for a number, shown as the node `shown`."""
        out = self.sympy.Symbol(f"k{len(self.subs)}", real=True)
        self.back[out.name], self.subs[out], self.size[out] = shown, self.sympy.Float(float(value), DIGITS), 1
        return out

    def leaf(self, label, value):
        """An input: a symbol, or an object array of symbols."""
        if not np.ndim(value):
            return self.symbol(name(label), value)
        out = np.empty(np.shape(value), object)
        for key in np.ndindex(out.shape):
            out[key] = self.symbol(read(f"{label}[{','.join(map(str, key))}]"), value[key])
        return out

    def number(self, value):
        """A constant operand."""
        if np.ndim(value):
            out = np.empty(np.shape(value), object)
            for key in np.ndindex(out.shape):
                out[key] = self.number(value[key])
            return out
        twice = 2 * float(value)
        if abs(twice) <= 24 and twice == int(twice):
            return self.sympy.Rational(int(twice), 2)
        return self.symbol(constant(value), value)

    def apply(self, record, operands):
        """What a step makes of expressions; None where its kind has no symbols or it grew too large."""
        row = record.row
        if isinstance(row, Pointwise):
            if not row.symbol:
                return None
            return self._grown(np.frompyfunc(functools.partial(self._pointwise, row), len(operands), 1)(*operands))
        if row.kind == "gather":
            arrays = [np.asarray(operand, object) for operand in operands]
            out = record.plan[0](arrays if len(arrays) > 1 else arrays[0])
        elif row.kind == "reduction":
            out = np.sum(np.asarray(operands[0], object), axis=record.plan[0], keepdims=record.plan[1])
        elif row.kind == "bilinear":
            out = np.einsum("{},{}->{}".format(*record.plan), *operands)
        else:
            return None
        return self._grown(out)

    def _pointwise(self, row, *args):
        formula = _parsed(row.symbol)
        return formula.sympy(dict(zip(arguments(row), args)))

    def _grown(self, out):
        total = sum(self._size(e) for e in np.ravel(np.asarray(out, object)))
        return None if total > MAX_SIZE else out

    def _size(self, e):
        if not hasattr(e, "args"):
            return 1
        if e not in self.size:
            self.size[e] = 1 + sum(self._size(arg) for arg in e.args)
        return self.size[e]


@functools.lru_cache(1024)
def _parsed(symbol):
    return parse(symbol)


def compose(trace):
    """The composer and the expressions of a trace's results; None where a step has no symbol."""
    import sympy

    composer = _Composer(sympy)
    held = {}
    if sum(np.size(x) for x in trace.run.leaves) > 60:
        return None
    for place, record in enumerate(trace.tape.records):
        if place < trace.tape.inputs:
            label = trace.steps[trace.at[place]].name
            out = composer.leaf(label, record.out)
        elif record.row is None:
            out = composer.number(record.out)
        else:
            parents = dict(record.parents)
            if np.size(record.out) > 60 or any(np.size(v) > 60 for v in record.values):
                return None
            operands = [held[parents[i]] if i in parents else composer.number(v) for i, v in enumerate(record.values)]
            out = composer.apply(record, operands)
            if out is None:
                return None
        held[place] = out
    return composer, held


def agreements(trace):
    """The closed form of each entry of the derivative, and how far dualnet's number is from it.

    Returns
    -------
    list of Agreement or None
        None where a step has no SymPy symbol, or the expression is too large to be read.
    """
    if len(trace.seeds) * len(trace.results) > MAX_DERIVATIVES or any(s.index is None for s in trace.seeds + trace.results):
        return None
    try:
        composed = compose(trace)
        return composed and _compared(trace, *composed)
    except (ArithmeticError, AttributeError, NotImplementedError, RecursionError, TypeError, ValueError):
        return None


def _compared(trace, composer, held):
    began = time.perf_counter()
    out, finite = [], all(np.all(np.isfinite(s.value)) for s in trace.steps if s.live)  # mpmath works for ever on exp(exp(exp(9)))
    for result in trace.results:
        step = trace.steps[trace.at[result.place]]
        expression = _entry(held, result)
        for k, seed in enumerate(trace.seeds):
            by = _entry(held, seed)
            if time.perf_counter() - began > SECONDS:
                value = float(np.ravel(step.tangents[k])[result.index])
                out.append(Agreement(result.label, seed.label, "(left out: SymPy took too long)", "", value, None))
                continue
            derivative = composer.sympy.sympify(expression).diff(by)
            value = float(np.ravel(step.tangents[k])[result.index])
            out.append(Agreement(result.label, seed.label, shown(derivative, composer),
                                 *(_measured(derivative, composer, value) if finite else ("not finite", value, None))))
    return out


def _entry(held, seed):
    entry = np.asarray(held[seed.place], object).reshape(-1)[seed.index]
    return entry.item() if isinstance(entry, np.ndarray) else entry


def _measured(derivative, composer, value):
    exact = _number(derivative, composer)
    if not exact.is_Number or exact.is_finite is False or exact is composer.sympy.nan:
        return str(exact), value, None
    return str(composer.sympy.N(exact, 17)), value, ulps(value, exact)


def _number(derivative, composer):
    """The derivative as a number, each part of it worked out once; SymPy's own way goes through those within others again and again."""
    import mpmath

    exact, = expressions.evaluate([derivative], list(composer.subs), [mpmath.mpf(v._mpf_) for v in composer.subs.values()], DIGITS)
    if not mpmath.isfinite(exact):  # or of a function that mpmath does not have
        return composer.sympy.N(derivative, DIGITS, subs=composer.subs)
    with mpmath.workdps(DIGITS):
        return composer.sympy.sympify(+exact)


def ulps(value, exact):
    """Distance of a double to an exact number, in units in the last place of the exact one.

    Examples
    --------
    >>> ulps(1.0 + 2**-52, 1)
    1.0
    """
    import sympy

    if not np.isfinite(value):
        return None
    return float(abs(sympy.Float(value, DIGITS) - exact) / sympy.Float(float(np.spacing(abs(float(exact)))), DIGITS))


def shown(expression, composer):
    """A SymPy expression as a node with the names that users know; a text where it is too long."""
    written = str(expression)
    if len(written) > MAX_SHOWN:
        return f"(an expression of {len(written)} characters)"
    return substituted(read(written), composer.back)


def formula_text(agreement):
    """The closed form as text."""
    return text(agreement.formula)

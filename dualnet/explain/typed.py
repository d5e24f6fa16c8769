"""Formulas typed as text: the safe grammar, values checked, then the same run as of a function."""

import math

import numpy as np

from dualnet.errors import ArgumentError, FormulaError
from dualnet.explain.called import chosen_places
from dualnet.explain.steps import Trace
from dualnet.formula import parse
from dualnet.trees import number

MAX_ENTRIES = 4096  # numbers in one value


def trace_text(text, at, wrt=None, symbols=True):
    """The run of a formula at values.

    Parameters
    ----------
    text : str
    at : dict
        A value for each name of the formula: a number, an array, or a nested list of numbers.
    wrt : str or sequence of str, optional
        Names to differentiate by.
    symbols : bool
        False leaves the steps' formulas out.

    Returns
    -------
    Trace
    """
    formula = parse(text)
    values = checked(formula.names, at)
    names = list(values)
    if not names:
        raise FormulaError(f"{text!r:.60} has no name to differentiate by; put one in, as in x**2")

    def call(nodes):
        out = formula.numpy(dict(zip(names, nodes)))
        return out if np.ndim(out) or isinstance(out, (float, complex)) or hasattr(out, "value") else float(out)

    try:
        with np.errstate(all="ignore"):
            return Trace(_named(text), list(values.values()), names, call, chosen_places(wrt, names), symbols=symbols)
    except (ArithmeticError, IndexError, MemoryError, TypeError, ValueError) as error:
        if isinstance(error, (ArgumentError, FormulaError)):
            raise
        raise FormulaError(f"{text!r:.60} at these values: {error}") from error


def _named(text):
    def formula():
        """Stands for the text in messages."""

    formula.__name__ = text[:60]
    return formula


def checked(names, at):
    """Values for all names, as arrays of floats, in the formula's order."""
    if not isinstance(at, dict):
        raise ArgumentError('a text needs values for its names: at={"' + (names[0] if names else "x") + '": 3.0}')
    missing = [n for n in names if n not in at]
    extra = [n for n in at if n not in names]
    if missing:
        raise FormulaError(f"no value for {', '.join(missing)}; add it to at={{...}}")
    if extra:
        raise FormulaError(f"{extra[0]!r:.40} is no name of the formula; its names are {', '.join(names)}")
    order = sorted(names, key=list(at).index)
    return {n: _value(n, at[n]) for n in order}


def _value(label, given):
    try:
        value = np.asarray(given, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise FormulaError(f"the value of {label} is {given!r:.40}; give a number or a list of numbers") from None
    if isinstance(given, (str, bytes)) or value.size > MAX_ENTRIES or value.size == 0 or value.ndim > 2:
        raise FormulaError(f"the value of {label} is {given!r:.40}; give a number, a list or a matrix of up to {MAX_ENTRIES} numbers")
    if not all(math.isfinite(v) for v in value.flat):
        raise FormulaError(f"the value of {label} is {given!r:.40}; give finite numbers")
    return number(value, f"the value of {label}")

"""Partial derivatives of a row's SymPy formula, evaluated with mpmath at 50 digits."""

import functools

import mpmath
import numpy as np

from dualnet.formula import parse

DIGITS = 50
LETTERS = ("x", "y", "z")


def names_of(row):
    """The names of a row's arguments in its formula, in their order."""
    return tuple(getattr(row, "arguments", None) or LETTERS[:len(row.partials)])


@functools.cache
def _compiled(symbol, names, orders):
    import sympy

    symbols = {n: sympy.Symbol(n, real=True) for n in names}
    expression = parse(symbol).sympy(symbols)
    for n, k in zip(names, orders):
        expression = sympy.diff(expression, symbols[n], k) if k else expression
    return sympy.lambdify([symbols[n] for n in names], expression, "mpmath")


def partial(row, orders, points):
    """The mixed partial of a row at points, element by element, as double-precision numbers.

    Parameters
    ----------
    row : Row
        With a symbol.
    orders : tuple of int
        How often by each argument.
    points : tuple of ndarray
        One for each argument, of one shape, real.

    Examples
    --------
    >>> from dualnet.table import TABLE
    >>> partial(TABLE["exp"], (2,), (np.array([1.0]),))
    array([2.71828183])
    """
    function = _compiled(row.symbol, names_of(row), tuple(orders))
    shape = np.shape(points[0])
    out = np.empty(shape)
    with mpmath.workdps(DIGITS):
        for place in np.ndindex(shape):
            value = function(*(mpmath.mpf(float(np.asarray(p)[place])) for p in points))
            out[place] = float(mpmath.re(value))
    return out

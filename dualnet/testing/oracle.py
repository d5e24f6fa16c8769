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
    """The derivative as a function of mpmath numbers, and whether its formula has points taken out (x = 0 in sinc)."""
    import sympy

    class Step(sympy.Function):
        """A floor, whose derivative between its jumps is 0."""

        def fdiff(self, argindex=1):
            return sympy.S.Zero

    symbols = {n: sympy.Symbol(n, real=True) for n in names}
    expression = parse(symbol).sympy(symbols).replace(sympy.floor, Step)
    for n, k in zip(names, orders):
        expression = sympy.diff(expression, symbols[n], k) if k else expression
    return sympy.lambdify([symbols[n] for n in names], expression.replace(Step, sympy.floor), "mpmath"), expression.has(sympy.Eq)


def _digits(points):
    """More digits for points at which formulas such as exp(x) - 1 and log(exp(x) + exp(y)) cancel."""
    sizes = np.abs(np.concatenate([np.ravel(np.asarray(p, float)) for p in points]))
    sizes = sizes[(sizes > 0) & np.isfinite(sizes)]
    return DIGITS + int(4 * np.max(np.abs(np.log10(sizes)), initial=0.0) + min(np.max(sizes, initial=0.0), 1000.0))


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
    function, removable = _compiled(row.symbol, names_of(row), tuple(orders))
    shape = np.shape(points[0])
    out = np.empty(shape)
    with mpmath.workdps(_digits(points) + 200 * removable):
        for place in np.ndindex(shape):
            at = [mpmath.mpf(float(np.asarray(p)[place])) for p in points]
            beside = [v if v or not removable else mpmath.mpf(10) ** -40 for v in at]
            value = mpmath.re(function(*beside))
            out[place] = float(value) if beside == at or abs(value) > 1e-30 else 0.0
    return out

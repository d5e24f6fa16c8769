"""Partial derivatives of a row's SymPy formula, or of a function of mpmath numbers, at 50 digits."""

import functools
import itertools
import math

import mpmath
import numpy as np

from dualnet.formula import parse

DIGITS = 50
LETTERS = tuple("xyzuvw")
STEP = mpmath.mpf(10) ** -10  # of differences, relative: the truncation is their square
WORKING = DIGITS + 30  # digits of the values that are differenced
STENCILS = ({0: 1}, {1: 0.5, -1: -0.5}, {1: 1, 0: -2, -1: 1}, {2: 0.5, 1: -1, -1: 1, -2: -0.5}, {2: 1, 1: -4, 0: 6, -1: -4, -2: 1})


def names_of(row):
    """The names of a row's arguments in its formula, in their order."""
    return tuple(getattr(row, "arguments", None) or LETTERS[:len(row.partials)])


@functools.cache
def _compiled(symbol, names, orders):
    """The derivative as a function of mpmath numbers, and whether its formula has points taken out (x = 0 in sinc)."""
    import sympy

    class Step(sympy.Function):
        """A floor or a sign, whose derivative between its jumps is 0."""

        def fdiff(self, argindex=1):
            return sympy.S.Zero

    symbols = {n: sympy.Symbol(n, real=True) for n in names}
    expression = parse(symbol).sympy(symbols)
    held = {f: type(f"{f.__name__}_", (Step,), {}) for f in (sympy.floor, sympy.sign)}
    for f, step in held.items():
        expression = expression.replace(f, step)
    for n, k in zip(names, orders):
        expression = sympy.diff(expression, symbols[n], k) if k else expression
    for f, step in held.items():
        expression = expression.replace(step, f)
    return sympy.lambdify([symbols[n] for n in names], expression, "mpmath"), expression.has(sympy.Eq)


def _digits(points):
    """More digits for points at which formulas such as exp(x) - 1 and log(exp(x) + exp(y)) cancel."""
    sizes = np.abs(np.concatenate([np.ravel(np.asarray(p, float)) for p in points]))
    sizes = sizes[(sizes > 0) & np.isfinite(sizes)]
    return DIGITS + int(4 * np.max(np.abs(np.log10(sizes)), initial=0.0) + min(np.max(sizes, initial=0.0), 1000.0))


@functools.lru_cache(1 << 14)
def _moved(truth, point, steps):
    """truth at `point`, each argument moved by its number of steps."""
    with mpmath.workdps(WORKING):
        return truth(*(mpmath.mpf(x) + k * _step(x) for x, k in zip(point, steps)))


def _step(x):
    """How far an argument is moved: relative to its size, which next to 0 counts as 1e-8."""
    return STEP * max(abs(x), mpmath.mpf(10) ** -8)


def differenced(truth, orders, point):
    """The mixed partial of a function of mpmath numbers at floats, by central differences of its values.

    Examples
    --------
    >>> print(mpmath.nstr(differenced(mpmath.exp, (3,), (1.0,)), 15))
    2.71828182845905
    """
    with mpmath.workdps(WORKING):
        total, largest = 0, 0
        for steps in itertools.product(*(STENCILS[n] for n in orders)):
            value = _moved(truth, point, steps)
            total += math.prod(STENCILS[n][k] for n, k in zip(orders, steps)) * value
            largest = max(largest, abs(value))
        if any(orders) and abs(total) < largest * mpmath.mpf(10) ** (5 - WORKING):
            return mpmath.mpf(0)  # nothing but rounding
        for x, n in zip(point, orders):
            total /= _step(x) ** n
        rounding = min(map(abs, point)) < 1e-8 and abs(total) < mpmath.mpf(10) ** (-20 if any(orders) else -60)
        return mpmath.mpf(0) if rounding else total


def partial(row, orders, points, truth=None):
    """The mixed partial of a row at points, element by element, as double-precision numbers.

    Parameters
    ----------
    row : Row
        With a symbol, where there is no `truth`.
    orders : tuple of int
        How often by each argument.
    points : tuple of ndarray
        One for each argument, of one shape, real.
    truth : callable, optional
        The same function of mpmath numbers, which is differenced at 80 digits.

    Examples
    --------
    >>> from dualnet.table import TABLE
    >>> partial(TABLE["exp"], (2,), (np.array([1.0]),))
    array([2.71828183])
    """
    shape = np.shape(points[0])
    if truth is not None:
        at = [differenced(truth, tuple(orders), tuple(float(p[place]) for p in points)) for place in np.ndindex(shape)]
        return np.array([complex(v) if isinstance(v, mpmath.mpc) and v.imag else float(mpmath.re(v)) for v in at]).reshape(shape)
    function, removable = _compiled(row.symbol, names_of(row), tuple(orders))
    out = np.empty(shape)
    with mpmath.workdps(_digits(points) + 200 * removable):
        for place in np.ndindex(shape):
            at = [mpmath.mpf(float(np.asarray(p)[place])) for p in points]
            beside = [v if v or not removable else mpmath.mpf(10) ** -40 for v in at]
            value = mpmath.re(function(*beside))
            out[place] = float(value) if beside == at or abs(value) > 1e-30 else 0.0
    return out

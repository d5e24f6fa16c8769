"""What the oracle does with SymPy expressions: exact constants, derivatives, many-digit values, display.

SymPy is imported inside the functions, so that ``import dualnet`` stays light.
"""

import functools
import math
import operator
import sys

import numpy as np

from dualnet.errors import OracleError

MAX_SYMBOLS = 1000      # symbols of one closed form
MAX_STEPS = 20_000      # elements of all intermediate results together
MAX_SIZE = 20_000       # nodes of one expression, written out
MAX_DERIVATIVES = 2_000_000  # nodes to differentiate for all derivatives of one order
GUARD = 30              # digits beyond those asked for
MOST_DIGITS = 1000      # precision at which cancellation is taken for an exact zero


class TooLarge(OracleError):
    """The size guard."""


def too_large(what, count, most):
    """The error of the size guard."""
    return TooLarge(f"the closed form is too large: {what}, {count} against at most {most}; take fewer parameters or data points, "
                       "or one step of the function at a time")


@functools.lru_cache(4096)
def exact(number):
    """A Python number as the SymPy number of exactly that value.

    Examples
    --------
    >>> exact(0.5), exact(2.0), exact(0.1).q == 2**55
    (1/2, 2, True)
    """
    import sympy

    if isinstance(number, complex):
        return exact(number.real) + sympy.I * exact(number.imag)
    if not math.isfinite(number):
        return sympy.nan if math.isnan(number) else sympy.oo if number > 0 else -sympy.oo
    if abs(number) <= 1e6 and number == int(number):
        return sympy.Integer(int(number))
    return sympy.Rational(number) if 1e-9 < abs(number) < 1e9 else sympy.Float(number, 60)


def exact_array(x):
    """Plain numbers as an object array of exact SymPy numbers."""
    x = np.asarray(x)
    out = np.empty(x.shape, object)
    for place in np.ndindex(x.shape):
        out[place] = exact(x[place].item())
    return out


def size(expression, known):
    """Nodes of an expression written out as a tree; `known` remembers those of shared parts."""
    waiting = [expression]
    while waiting:
        node = waiting[-1]
        rest = [a for a in node.args if a not in known]
        if rest and node not in known:
            waiting.extend(rest)
        else:
            waiting.pop()
            known[node] = 1 + sum(known[a] for a in node.args)
    return known[expression]


def differentiate(expression, symbol):
    """The derivative by SymPy; step functions (floor, sign ...) are constant between their jumps.

    Examples
    --------
    >>> import sympy
    >>> x = sympy.Symbol("x", real=True)
    >>> differentiate(x * sympy.floor(x) + sympy.Abs(x), x)
    floor(x) + sign(x)
    """
    import sympy

    if not expression.has(symbol):
        return sympy.S.Zero
    steps = expression.atoms(sympy.floor, sympy.ceiling, sympy.sign, sympy.Heaviside)
    held = {step: sympy.Dummy(real=True) for step in steps}
    try:
        out = expression.xreplace(held).diff(symbol).xreplace({dummy: step for step, dummy in held.items()})
    except RecursionError:
        raise TooLarge("the closed form is too large: functions of functions, deeper than SymPy can differentiate within Python's "
                       f"recursion limit of {sys.getrecursionlimit()}; take fewer steps of the function at a time") from None
    if out.has(sympy.DiracDelta):
        out = out.replace(sympy.DiracDelta, lambda *_: sympy.S.Zero)
    left = out.atoms(sympy.Derivative, sympy.Subs)
    if left:
        raise OracleError(f"SymPy has no closed form for {str(min(left, key=str)):.80}; leave that function out, or let "
                          "dn.check take differences")
    return out


class Program:
    """Expressions as a list of steps in mpmath numbers; shared parts are computed once, failed ones are nan.

    Examples
    --------
    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> Program([x**2 + 1, sympy.log(x)], [x])([2.0])[0]
    mpf('5.0')
    """

    def __init__(self, expressions, symbols):
        self.roots, self.symbols, self.nodes = list(expressions), symbols, {}
        self.cancelled = False  # whether a sum of the last call came out zero, which more digits may show not to be
        waiting = list(self.roots)
        while waiting:
            node = waiting[-1]
            rest = [a for a in node.args if a not in self.nodes]
            if rest:
                waiting.extend(rest)
                continue
            waiting.pop()
            if node not in self.nodes:
                # None stands for _add, as a bound method would be a cycle, and for the symbols, which are given
                self.nodes[node] = None if node.is_Add or node.is_Symbol else _operation(node)

    def _add(self, *xs):
        out = functools.reduce(operator.add, xs)
        self.cancelled |= bool(out == 0 and any(xs))
        return out

    def __call__(self, point):
        self.cancelled, known = False, dict(zip(self.symbols, point))
        for node, compute in self.nodes.items():
            if node not in known:
                try:
                    known[node] = (compute or self._add)(*(known[a] for a in node.args))
                except (ArithmeticError, ValueError, TypeError, NotImplementedError):
                    known[node] = math.nan
        return [_mp(known[e]) for e in self.roots]


def _operation(node):
    """One node as a function of the mpmath values of its arguments."""
    import mpmath
    import sympy

    if node.is_Mul:
        return lambda *xs: functools.reduce(operator.mul, xs)
    if isinstance(node, sympy.Integer):
        return lambda: mpmath.mpf(node.p)
    if isinstance(node, sympy.Rational):
        return lambda: mpmath.mpf(node.p) / node.q
    if isinstance(node, sympy.functions.elementary.piecewise.ExprCondPair):
        return lambda *pair: pair
    if isinstance(node, sympy.Piecewise):
        return lambda *pairs: next((value for value, holds in pairs if holds), mpmath.nan)
    return _compiled(node.func, len(node.args)) if node.args else _constant(node)


@functools.lru_cache(1024)
def _constant(node):
    """A number of SymPy, such as pi, in mpmath's working precision."""
    import sympy

    return sympy.lambdify([], node, modules="mpmath")


@functools.lru_cache(1024)
def _compiled(function, count):
    """A SymPy function in mpmath."""
    import sympy

    if issubclass(function, sympy.core.relational.Relational):
        return {sympy.Eq: operator.eq, sympy.Ne: operator.ne, sympy.Lt: operator.lt, sympy.Le: operator.le, sympy.Gt: operator.gt,
                sympy.Ge: operator.ge}[function]
    if issubclass(function, sympy.logic.boolalg.BooleanFunction):
        return {"And": lambda *c: all(c), "Or": lambda *c: any(c), "Not": operator.not_}[function.__name__]
    dummies = [sympy.Dummy() for _ in range(count)]
    with sympy.evaluate(False):
        node = function(*dummies)
    return sympy.lambdify(dummies, node, modules="mpmath")


def evaluate(expressions, symbols, point, digits, function=None):
    """Values of the expressions at `point`, right to `digits` digits, as mpmath numbers.

    The precision is doubled until two evaluations agree, as cancellation eats digits. Where an expression is
    0/0 the limit along a positive direction is taken; where there is none the value is nan.
    """
    import mpmath

    function = function or Program(expressions, symbols)
    working, last = digits + GUARD, None
    while True:
        with mpmath.workdps(working):
            new = _values(function, expressions, symbols, [_mp(x) for x in point], digits)
        settled = last is not None and not function.cancelled and all(_agree(a, b, digits) for a, b in zip(last, new))
        if settled or working > MOST_DIGITS:
            return [_zero_if_tiny(v, working) for v in new]
        working, last = 2 * working, new


def _mp(x):
    import mpmath

    return x if isinstance(x, (mpmath.mpf, mpmath.mpc)) else mpmath.mpmathify(x.item() if isinstance(x, np.generic) else x)


def _values(function, expressions, symbols, point, digits):
    out = function(point)
    return [v if _finite(v) else _limit(e, symbols, point, digits) for e, v in zip(expressions, out)]


def _limit(expression, symbols, point, digits):
    """The limit just ahead; inf where it grows."""
    import mpmath

    function = Program([expression], symbols)

    def at(step):
        with mpmath.workdps(6 * (digits + GUARD)):
            return function([x + step * (1 + mpmath.mpf(k % 97) / 97) for k, x in enumerate(point)])[0]

    step = mpmath.mpf(10) ** -(digits + 5)
    near, nearer = at(step), at(step * step)
    if _agree(near, nearer, digits // 2):
        return nearer
    if _finite(near) and _finite(nearer) and abs(nearer) < step ** 0.5 * abs(near) < step:
        return mpmath.mpf(0)
    if _finite(near) and _finite(nearer) and mpmath.im(nearer) == 0 and abs(nearer) > 1.5 * abs(near):
        return mpmath.inf * mpmath.sign(nearer)
    return mpmath.nan


def _finite(v):
    import mpmath

    return mpmath.isfinite(v)


def _agree(a, b, digits):
    import mpmath

    if not (_finite(a) and _finite(b)):
        return str(a) == str(b)
    with mpmath.workdps(digits + GUARD):
        return abs(a - b) <= abs(b) * mpmath.mpf(10) ** -digits


def _zero_if_tiny(v, working):
    import mpmath

    return mpmath.mpf(0) if working > MOST_DIGITS and _finite(v) and abs(v) < mpmath.mpf(10) ** (-MOST_DIGITS // 3) else v


def plain(v):
    """An mpmath number as a float or complex; a vanishing imaginary part is dropped.

    Examples
    --------
    >>> import mpmath
    >>> plain(mpmath.mpf("0.1"))
    0.1
    """
    import mpmath

    if isinstance(v, mpmath.mpc):
        return float(v.real) if abs(v.imag) <= abs(v.real) * mpmath.mpf(10) ** -25 else complex(v)
    return float(v)


def shown(expression):
    """The expression for reading: binary fractions as short decimals, multiples of pi by name.

    Examples
    --------
    >>> import sympy
    >>> print(shown(exact(0.1) * sympy.Symbol("x")), shown(exact(2 * math.pi)))
    0.1*x 2*pi
    """
    import sympy

    def short(number):
        twelfths = number / sympy.pi.evalf(30) * 12
        if 0 < abs(twelfths) <= 144 and abs(twelfths - round(twelfths)) < 1e-14:
            return sympy.Rational(round(twelfths), 12) * sympy.pi
        return sympy.Float(float(number)) if 1e-300 < abs(number) < 1e300 else number

    numbers = expression.atoms(sympy.Rational, sympy.Float)
    return expression.xreplace({n: short(n) for n in numbers if n.is_Float or n.q > 10_000})


def text(expression):
    """`shown` as one line of text."""
    import sympy

    return sympy.sstr(shown(expression), full_prec=False)


# --- linear algebra: SymPy's name for the nonlinear rows of the table that take a matrix --------------------------


def matrix_function(name):
    """What a row of linear algebra is called in SymPy: a function of object matrices, or None."""
    return MATRICES.get(name)


def _inverse(a):
    return _matrix(a).inv(method="ADJ" if len(a) < 4 else "LU")


def _solve(a, b):
    return _matrix(a).LUsolve(_matrix(b)) if len(a) > 3 else _matrix(a).adjugate() * _matrix(b) / _matrix(a).det()


def _cholesky(a):
    return _matrix(a).cholesky(hermitian=False)


def _matrix(a):
    import sympy

    return sympy.Matrix(a.shape[0], a.shape[1], list(a.flat))


def _det(a):
    return _matrix(a).det(method="berkowitz")


def _logdet(a):
    import sympy

    return sympy.log(sympy.Abs(_det(a)))


MATRICES = {"inv": _inverse, "solve_columns": _solve, "regular_det": _det, "log_abs_det": _logdet, "cholesky_factor": _cholesky}

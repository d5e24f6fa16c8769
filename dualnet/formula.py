"""Text that becomes a formula: one small, safe grammar for rows of the table and for what users type.

Python's parser turns the text into a tree, every node of which is checked against a short list; nothing
in it is ever run. `FUNCTIONS` is the one mapping that says what a name means to NumPy and to SymPy.

>>> loss = parse("-y*log(1/(1+exp(-W*x)))")
>>> loss.names
('y', 'W', 'x')
>>> round(loss.numpy({"y": 1.0, "W": 3.0, "x": 3.0}), 9)
0.000123402
"""

import ast
import difflib
import keyword
import operator
import re
from collections import ChainMap
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial, reduce
from importlib import import_module
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from dualnet.errors import FormulaError

MAX_LENGTH = 1000  # characters
MAX_DEPTH = 60  # operations, or brackets, inside one another: a + b + c counts 2
MAX_NODES = 600  # numbers, names, operations, calls
MAX_EXPONENT = 1000  # constant exponents; those of a power of a power are multiplied


class Function(NamedTuple):
    """What a name that is called means: one entry of `FUNCTIONS`."""

    numpy: str | Callable  # a name in NumPy, a path such as "scipy.special.erf", or np.* and operators
    sympy: str | Callable  # a name in SymPy, or build(sympy, *args) -> Expr
    arity: int | tuple = 1  # how many arguments; a tuple lists the choices
    whole: bool = False  # True: it takes arrays as a whole, as sum does; False: elementwise


def _sinc(s, x):
    return s.Piecewise((1, s.Eq(x, 0)), (s.sin(s.pi * x) / (s.pi * x), True))


def _cbrt(s, x):  # the real root; SymPy's own is complex for x < 0
    return s.Piecewise((x ** s.Rational(1, 3), x >= 0), (-((-x) ** s.Rational(1, 3)), True))


def _gammaln(s, x):  # log|gamma(x)|; SymPy's loggamma is complex for x < 0
    return s.Piecewise((s.loggamma(x), x > 0), (s.log(s.gamma(x) ** 2) / 2, True))


def _betaln(s, x, y):
    positive = s.loggamma(x) + s.loggamma(y) - s.loggamma(x + y)
    return s.Piecewise((positive, s.And(x > 0, y > 0)), (s.log(s.beta(x, y) ** 2) / 2, True))


def _where(s, condition, x, y):
    condition = condition if isinstance(condition, s.logic.boolalg.Boolean) else s.Ne(condition, 0)
    return s.Piecewise((x, condition), (y, True))


def _dot(s, x, y):  # flat sums: SymPy walks expressions by recursion, and a + b + c + ... is deep
    if not (x.ndim and y.ndim):
        return x * y
    inner = np.vectorize(lambda a, b: s.Add(*(a * b)), otypes=[object], signature="(n),(n)->()")
    return inner(x[:, None] if x.ndim == y.ndim == 2 else x, y.T)[()]


def _matmul(s, x, y):
    if not (1 <= x.ndim <= 2 and 1 <= y.ndim <= 2):
        raise ValueError("@ needs vectors or matrices; pass arrays as symbols, or write *")
    return _dot(s, x, y)


_F = Function
FUNCTIONS = {
    # name         NumPy                         SymPy
    "exp":        _F("exp",                     "exp"),
    "exp2":       _F("exp2",                    lambda s, x: 2**x),
    "expm1":      _F("expm1",                   lambda s, x: s.exp(x) - 1),
    "log":        _F("log",                     "log"),
    "log2":       _F("log2",                    lambda s, x: s.log(x) / s.log(2)),
    "log10":      _F("log10",                   lambda s, x: s.log(x) / s.log(10)),
    "log1p":      _F("log1p",                   lambda s, x: s.log(1 + x)),
    "logaddexp":  _F("logaddexp",               lambda s, x, y: s.log(s.exp(x) + s.exp(y)), 2),
    "logaddexp2": _F("logaddexp2",              lambda s, x, y: s.log(2**x + 2**y) / s.log(2), 2),
    "sqrt":       _F("sqrt",                    "sqrt"),
    "cbrt":       _F("cbrt",                    _cbrt),
    "square":     _F("square",                  lambda s, x: x**2),
    "power":      _F("power",                   lambda s, x, y: x**y, 2),
    "reciprocal": _F(lambda x: 1 / x,           lambda s, x: 1 / x),
    "hypot":      _F("hypot",                   lambda s, x, y: s.sqrt(x**2 + y**2), 2),
    "abs":        _F("abs",                     "Abs"),
    "sign":       _F("sign",                    "sign"),
    "floor":      _F("floor",                   "floor"),
    "ceil":       _F("ceil",                    "ceiling"),
    "maximum":    _F("maximum",                 "Max", 2),
    "minimum":    _F("minimum",                 "Min", 2),
    "heaviside":  _F("heaviside",               "Heaviside", 2),
    "where":      _F("where",                   _where, 3),
    "conj":       _F("conj",                    "conjugate"),
    "real":       _F("real",                    "re"),
    "imag":       _F("imag",                    "im"),
    "angle":      _F("angle",                   "arg"),
    "sinc":       _F("sinc",                    _sinc),
    "degrees":    _F("degrees",                 lambda s, x: 180 * x / s.pi),
    "radians":    _F("radians",                 lambda s, x: s.pi * x / 180),
    "arctan2":    _F("arctan2",                 "atan2", 2),
    "sin": _F("sin", "sin"),     "arcsin": _F("arcsin", "asin"),     "sinh": _F("sinh", "sinh"),
    "cos": _F("cos", "cos"),     "arccos": _F("arccos", "acos"),     "cosh": _F("cosh", "cosh"),
    "tan": _F("tan", "tan"),     "arctan": _F("arctan", "atan"),     "tanh": _F("tanh", "tanh"),
    "arcsinh": _F("arcsinh", "asinh"), "arccosh": _F("arccosh", "acosh"), "arctanh": _F("arctanh", "atanh"),
    # networks; 1/(1+exp(-x)) overflows for x < -709
    "sigmoid":    _F(lambda x: np.exp(-np.logaddexp(0.0, -x)), lambda s, x: 1 / (1 + s.exp(-x))),
    "softplus":   _F(lambda x: np.logaddexp(0.0, x),           lambda s, x: s.log(1 + s.exp(x))),
    "relu":       _F(lambda x: np.maximum(x, 0.0),             lambda s, x: s.Max(x, 0)),
    # arrays as a whole
    "sum":        _F("sum",                     lambda s, x: s.Add(*x.flat), 1, True),
    "prod":       _F("prod",                    lambda s, x: s.Mul(*x.flat), 1, True),
    "mean":       _F("mean",                    lambda s, x: s.Add(*x.flat) / x.size, 1, True),
    "max":        _F("max",                     lambda s, x: s.Max(*x.flat), 1, True),
    "min":        _F("min",                     lambda s, x: s.Min(*x.flat), 1, True),
    "dot":        _F("dot",                     _dot, 2, True),
    # special functions
    "erf":        _F("scipy.special.erf",       "erf"),
    "erfc":       _F("scipy.special.erfc",      "erfc"),
    "erfi":       _F("scipy.special.erfi",      "erfi"),
    "erfinv":     _F("scipy.special.erfinv",    "erfinv"),
    "gamma":      _F("scipy.special.gamma",     "gamma"),
    "gammaln":    _F("scipy.special.gammaln",   _gammaln),
    "digamma":    _F("scipy.special.digamma",   "digamma"),
    "beta":       _F("scipy.special.beta",      "beta", 2),
    "betaln":     _F("scipy.special.betaln",    _betaln, 2),
    "expit":      _F("scipy.special.expit",     lambda s, x: 1 / (1 + s.exp(-x))),
    "logit":      _F("scipy.special.logit",     lambda s, x: s.log(x / (1 - x))),
    "zeta":       _F("scipy.special.zeta",      "zeta", (1, 2)),
    "lambertw":   _F("scipy.special.lambertw",  "LambertW"),
    "expi":       _F("scipy.special.expi",      "Ei"),
    "exp1":       _F("scipy.special.exp1",      lambda s, x: s.expint(1, x)),
    "ellipk":     _F("scipy.special.ellipk",    "elliptic_k"),
    "ellipe":     _F("scipy.special.ellipe",    "elliptic_e"),
    "i0":         _F("scipy.special.i0",        lambda s, x: s.besseli(0, x)),
    "i1":         _F("scipy.special.i1",        lambda s, x: s.besseli(1, x)),
    "iv":         _F("scipy.special.iv",        "besseli", 2),
    "j0":         _F("scipy.special.j0",        lambda s, x: s.besselj(0, x)),
    "j1":         _F("scipy.special.j1",        lambda s, x: s.besselj(1, x)),
    "jv":         _F("scipy.special.jv",        "besselj", 2),
    "kv":         _F("scipy.special.kv",        "besselk", 2),
}  # fmt: skip
FUNCTIONS |= {"deg2rad": FUNCTIONS["radians"], "rad2deg": FUNCTIONS["degrees"]}
FUNCTIONS |= {name.replace("arc", "a"): FUNCTIONS[name] for name in list(FUNCTIONS) if name.startswith("arc")}
CONSTANTS = {"pi": (np.pi, "pi"), "e": (np.e, "E")}

_OPERATORS = {
    ast.Add:  _F(operator.add, lambda s, x, y: x + y),  ast.Sub: _F(operator.sub,     lambda s, x, y: x - y),
    ast.Mult: _F(operator.mul, lambda s, x, y: x * y),  ast.Div: _F(operator.truediv, lambda s, x, y: x / y),
    ast.Pow:  _F(operator.pow, lambda s, x, y: x**y),   ast.MatMult: _F(operator.matmul, _matmul, 2, True),
    ast.UAdd: _F(operator.pos, lambda s, x: x),         ast.USub: _F(operator.neg, lambda s, x: -x),
    ast.Lt:   _F(operator.lt, "Lt"),   ast.Gt:  _F(operator.gt, "Gt"),   ast.Eq:    _F(operator.eq, "Eq"),
    ast.LtE:  _F(operator.le, "Le"),   ast.GtE: _F(operator.ge, "Ge"),   ast.NotEq: _F(operator.ne, "Ne"),
    ast.And:  _F("logical_and", "And"),  # a < b < c
}  # fmt: skip
_COUNT = _F(lambda c: 1 * c, lambda s, c: s.Piecewise((1, c), (0, True)))  # a comparison as a number
_PARTS = {  # the nodes there are in a formula, and the expressions inside each
    ast.Constant: lambda node: [],
    ast.Name: lambda node: [],
    ast.UnaryOp: lambda node: [node.operand],
    ast.BinOp: lambda node: [node.left, node.right],
    ast.Compare: lambda node: [node.left, *node.comparators],
    ast.Call: lambda node: node.args,
    ast.Subscript: lambda node: [node.value],
    ast.List: lambda node: node.elts,
    ast.Tuple: lambda node: node.elts,
}


@dataclass(frozen=True)
class Formula:
    """A checked formula, made by `parse`: ``text``, free ``names`` in order of first appearance, ``tree``.

    >>> parse("where(x >= 0, x**2, 0)").numpy({"x": np.array([-1.0, 3.0])})
    array([0., 9.])
    """

    text: str
    names: tuple
    tree: ast.expr = field(compare=False, repr=False)
    functions: Mapping = field(compare=False, repr=False)  # what `parse` was given beside FUNCTIONS

    def numpy(self, values):
        """The value, by NumPy's functions and operators alone, so that traced arrays pass through.

        `values` maps each name to a number, an array or a list; other names in it are ignored. Shape and
        dtype follow NumPy; Python numbers count as float64 and give a Python number; a comparison that is
        an operand counts 1 where it holds and 0 elsewhere.

        Raises
        ------
        FormulaError
            A name has no value. NumPy's errors (shapes that do not match) pass unchanged.

        Examples
        --------
        >>> parse("a*x + b").numpy({"a": 2, "x": [1.0, 2.0], "b": 0.5})
        array([2.5, 4.5])
        """
        return _fold(self.tree, _NumPy(self, values))

    def sympy(self, symbols=None, evaluate=True):
        """The formula as a SymPy expression, built node by node; an array as an ImmutableDenseNDimArray.

        Whole numbers become Integer, decimals of up to 15 digits the Rational they write (0.1 is 1/10),
        longer ones Float.

        Parameters
        ----------
        symbols : mapping of str to Expr, number, or array or nested list of them, optional
            What names stand for. Others are real scalars, and ``x[0]`` of such a one an Indexed.
        evaluate : bool, default True
            True lets SymPy simplify while it builds, which takes for ever for gamma(10**9): for rows of
            the table. False keeps what was typed, at bounded cost: for text from users.

        Raises
        ------
        FormulaError
            There is none: ``@`` of scalars, shapes that do not match, a symbol that is a string.

        Examples
        --------
        >>> parse("2*x + 3*x").sympy(), parse("2*x + 3*x").sympy(evaluate=False)
        (5*x, 2*x + 3*x)
        """
        import sympy

        try:
            with nullcontext() if evaluate else sympy.evaluate(False):
                out = _fold(self.tree, _SymPy(self, symbols or {}, sympy))
            return sympy.Array(list(out.flat), out.shape) if isinstance(out, np.ndarray) else out
        except (AttributeError, IndexError, TypeError, ValueError, sympy.SympifyError) as error:
            raise FormulaError(f"{self.text!r} has no SymPy form with these symbols: {error}") from error


def parse(text, functions=None):
    """Read a formula from text without running any of it.

    Written as in Python: real numbers, names, ``+ - * / ** @``, comparisons (also chained), calls of known
    functions, constant indices and slices, lists as vectors and matrices.

    Parameters
    ----------
    text : str
        Plain ASCII of at most 1000 characters; constant exponents are at most 1000.
    functions : mapping of str to Function, optional
        Functions beside, or instead of, those in `FUNCTIONS`.

    Returns
    -------
    Formula

    Raises
    ------
    FormulaError
        For all other text, naming the piece, where it stands and the cure.

    Examples
    --------
    >>> parse("exp(-x**2/2)/sqrt(2*pi)").names
    ('x',)
    >>> parse("2x")
    Traceback (most recent call last):
    dualnet.errors.FormulaError: number meets name: '2x' at character 1; write * between
    """
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        found = f"{len(text)} of them" if isinstance(text, str) else type(text).__name__
        raise FormulaError(f"a formula is a str of at most {MAX_LENGTH} characters, got {found}; shorten it")
    text = text.translate(dict.fromkeys(map(ord, "\t\r\n"), " ")).strip(" ")
    for pattern, problem, cure in _REFUSED:
        if found := pattern.search(text):
            raise _refusal(problem, text[: found.end()], found.start(), cure)
    if max(accumulate((c in "([") - (c in ")]") for c in text), default=0) > MAX_DEPTH:
        raise _refusal(f"brackets more than {MAX_DEPTH} deep", text, 0, "compute inner parts first")
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        at = max(min(getattr(error, "offset", None) or 1, len(text)) - 1, 0)
        problem = f"not a formula ({getattr(error, 'msg', 'too deep')})"
        raise _refusal(problem, text, at, "write products with *, and close brackets") from None
    functions = dict(functions or {})
    formula = Formula(text, _check(text, tree, ChainMap(functions, FUNCTIONS)), tree, functions)
    _check_powers(formula, tree, 1.0)
    return formula


_REFUSED = [  # seen before Python's parser sees the text: pattern, problem, cure
    (re.compile(pattern, re.ASCII), problem, cure)
    for pattern, problem, cure in [
        (r"\^", "not an operator", "a power is x**y"),
        (r"[\u2212\u2013]", "not an operator", "a minus sign is -"),
        (r"[\u00b7\u00d7]", "not an operator", "a product is x*y"),
        (r"[^ \w+\-*/@()\[\],.:<>=!]", "not in a formula", "use letters, digits, + - * / ** @ ( ) [ ] , : <"),
        (r"\b_\w*|\b[A-Za-z]\w{32,}", "not a name", "a name is a letter, then at most 31 letters, digits, _"),
        (rf"\b({'|'.join(keyword.kwlist)})\b", "a word of Python", "rename it; where(a < b, x, y) chooses"),
        (r"\b(?!\d+(\.\d*)?[eE][+-]?\d+\b)\d[\d.]*[A-Za-z_]\w*", "number meets name", "write * between"),
        (r"\d{51}", "more than 50 digits", "write it as 1.5e60"),
        (r"\.(?!\d)(?<!\d\.)", "no attributes here", "write exp(x), not np.exp(x)"),
        (rf"([-+] *){{{MAX_DEPTH + 1}}}", f"more than {MAX_DEPTH} signs in a row", "write one"),
    ]
]


def _refusal(problem, text, at, cure):
    """An error that shows the piece (a node, or what begins at a place), where it stands, and the cure."""
    piece = ast.get_source_segment(text, at) if isinstance(at, ast.AST) else text[at:]
    at = at.col_offset if isinstance(at, ast.AST) else at
    piece = piece if len(piece) <= 40 else piece[:37] + "..."
    return FormulaError(f"{problem}: {piece!a} at character {at + 1}; {cure}")


def _check(text, tree, known):
    """Refuse nodes that are not in `_PARTS` or hold what they may not; return the free names."""
    found, waiting, count = {}, [(tree, 0, 0)], 0
    while waiting:
        node, depth, lists = waiting.pop()
        count, lists = count + 1, lists + isinstance(node, ast.List | ast.Tuple)
        operation = type(getattr(node, "op", ast.Add()))
        if type(node) not in _PARTS or operation not in _OPERATORS:
            kind = type(getattr(node, "op", node)).__name__
            raise _refusal(f"not part of a formula ({kind})", text, node, "use + - * / ** @ and functions")
        parts = _PARTS[type(node)](node)
        if depth > MAX_DEPTH or count > MAX_NODES:
            problem = f"more than {MAX_DEPTH} operations deep or {MAX_NODES} in all"
            raise _refusal(problem, text, node, "write long sums as sum([x, y, z])")
        if lists > 2 or (isinstance(node, ast.List | ast.Tuple) and not parts):
            raise _refusal("an empty array, or one of rank 3", text, node, "write [x, y] or [[x], [y]]")
        if isinstance(node, ast.Constant):
            _check_number(text, node)
        elif isinstance(node, ast.Subscript):
            _key(text, node.slice)
        elif isinstance(node, ast.Call):
            _check_call(text, node, known)
        elif isinstance(node, ast.Name) and node.id not in CONSTANTS:
            found[node.col_offset] = node.id
        waiting += [(part, depth + 1, lists) for part in parts]
    return tuple(dict.fromkeys(found[at] for at in sorted(found)))


def _check_number(text, node):
    lost = node.value == 0 and re.match("[0.]*[1-9]", ast.get_source_segment(text, node))
    if type(node.value) not in (int, float) or np.isinf(node.value) or lost:
        raise _refusal("no number of float64", text, node, "rescale the formula, to within 1e-300 and 1e300")


def _check_call(text, node, known):
    if not isinstance(node.func, ast.Name):
        raise _refusal("only names are called", text, node, "write * for a product, as in 2*(x + 1)")
    name = node.func.id
    if name not in known:
        close = {"ln": ["log"]}.get(name) or difflib.get_close_matches(name, known)
        cure = f"did you mean {' or '.join(close)}?" if close else "dualnet.formula.FUNCTIONS lists them"
        raise _refusal(f"unknown function {name}", text, node, cure)
    arity = known[name].arity
    plain = not node.keywords and not any(isinstance(arg, ast.Starred) for arg in node.args)
    if not plain or len(node.args) not in np.atleast_1d(arity):
        cure = f"write {name}imum(x, y)" if name in ("max", "min") else f"{name} takes {arity}, by position"
        raise _refusal("wrong arguments", text, node, cure)


def _check_powers(formula, node, power):
    """Refuse constant exponents beyond the cap; ``power`` is the product of those around the node."""
    parts = _PARTS[type(node)](node)
    kind = node.func.id if isinstance(node, ast.Call) else type(getattr(node, "op", None)).__name__
    size = 2.0 if kind == "square" else _size(formula, parts[1]) if kind in ("Pow", "power") else 1.0
    if not size * power <= MAX_EXPONENT:  # also nan
        cure = f"stay within {MAX_EXPONENT}; exponents of a power of a power are multiplied"
        raise _refusal("a constant exponent is too large", formula.text, node, cure)
    for i, part in enumerate(parts):
        _check_powers(formula, part, power * max(size, 1.0) if i == 0 else power)


def _size(formula, node):
    """The largest magnitude in a constant; 1 where the value depends on a name, nan where there is none."""
    if any(isinstance(part, ast.Name) and part.id in formula.names for part in ast.walk(node)):
        return 1.0
    try:
        with np.errstate(all="ignore"):
            return float(np.max(np.abs(_fold(node, _NumPy(formula, {})))))
    except (ArithmeticError, AttributeError, IndexError, TypeError, ValueError):
        return np.nan


def _key(text, node):
    """The index that a subscript's node stands for: whole numbers, slices of them, or a tuple of these."""
    if isinstance(node, ast.Tuple) and node.elts:
        return tuple(_key(text, element) for element in node.elts)
    if isinstance(node, ast.Slice):
        ends = [end and _key(text, end) for end in (node.lower, node.upper, node.step)]
        if all(end is None or isinstance(end, int) for end in ends) and ends[2] != 0:
            return slice(*ends)
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub and type(node.operand) is ast.Constant:
        return -_key(text, node.operand)
    if isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value < 2**31:
        return node.value
    raise _refusal("not an index", text, node, "use whole numbers and slices, as in x[0] or x[1:, -1]")


def _fold(node, reader):
    """What a reader makes of a tree, from the leaves up. A comparison that is an operand becomes 0 or 1."""
    called = node.func.id if isinstance(node, ast.Call) else None
    parts = []
    for i, part in enumerate(_PARTS[type(node)](node)):
        counts = isinstance(part, ast.Compare) and not (called == "where" and i == 0)
        value = _fold(part, reader)
        parts.append(reader.apply(_COUNT, value) if counts else value)
    if isinstance(node, ast.Constant):
        return reader.number(node.value)
    if isinstance(node, ast.Name):
        return reader.name(node)
    if isinstance(node, ast.Subscript):
        return reader.index(node, parts[0], _key(reader.text, node.slice))
    if isinstance(node, ast.List | ast.Tuple):
        return reader.stack(parts)
    if isinstance(node, ast.Compare):
        steps = zip(node.ops, parts, parts[1:], strict=False)
        steps = [reader.apply(_OPERATORS[type(op)], x, y) for op, x, y in steps]
        return reduce(partial(reader.apply, _OPERATORS[ast.And]), steps)
    return reader.apply(reader.functions[called] if called else _OPERATORS[type(node.op)], *parts)


class _NumPy:
    def __init__(self, formula, given):
        self.text, self.given, self.functions = formula.text, given, ChainMap(formula.functions, FUNCTIONS)

    def name(self, node):
        if (node.id in CONSTANTS) == (node.id in self.given):
            problem = "a constant cannot get a value" if node.id in CONSTANTS else "a name without a value"
            cure = "rename the variable" if node.id in CONSTANTS else f"add it to {[*self.given]}"
            raise _refusal(problem, self.text, node, cure)
        value = self.given.get(node.id) if node.id in self.given else CONSTANTS[node.id][0]
        return np.array(value) if isinstance(value, list | tuple) else value

    def number(self, value):
        return value if abs(value) < 2**63 else float(value)

    def apply(self, function, *args):
        """The function's value; Python numbers are computed in float64, but stay weak beside float32."""
        compute = function.numpy
        if isinstance(compute, str):
            module, _, name = compute.rpartition(".")
            compute = getattr(import_module(module or "numpy"), name)
        if not all(type(arg) in (int, float, complex, bool) for arg in args):
            return compute(*args)
        out = compute(*(arg * np.float64(1) for arg in args))
        return np.asarray(out).item() if np.ndim(out) == 0 else out

    def index(self, node, x, key):
        return x[key] if np.ndim(x) else np.asarray(x)[key]  # NumPy's own IndexError

    def stack(self, parts):
        return np.stack(parts)


class _SymPy:
    def __init__(self, formula, given, sympy):
        self.text, self.given, self.functions = formula.text, given, ChainMap(formula.functions, FUNCTIONS)
        self.sympy = sympy

    def name(self, node):
        if node.id in CONSTANTS:
            return getattr(self.sympy, CONSTANTS[node.id][1])
        value = self.given.get(node.id, self.sympy.Symbol(node.id, real=True))
        value = value.tolist() if hasattr(value, "tolist") else value
        value = np.array(value, dtype=object) if isinstance(value, list | tuple) else value
        return _each(partial(self.sympy.sympify, strict=True), value)  # not strict, SymPy would run a string

    def number(self, value):
        written = repr(value)
        short = isinstance(value, int) or re.fullmatch(r"[\d.]{1,16}(e[-+][01]\d)?", written)
        return self.sympy.Rational(written) if short else self.sympy.Float(value)

    def apply(self, function, *args):
        named = isinstance(function.sympy, str)
        build = getattr(self.sympy, function.sympy) if named else partial(function.sympy, self.sympy)
        return build(*(np.asarray(x, dtype=object) for x in args)) if function.whole else _each(build, *args)

    def index(self, node, x, key):
        if isinstance(x, self.sympy.Symbol):
            return self.sympy.Indexed(self.sympy.IndexedBase(x), *(key if isinstance(key, tuple) else (key,)))
        return np.asarray(x, dtype=object)[key]

    def stack(self, parts):
        return np.stack([np.asarray(part, dtype=object) for part in parts])


def _each(function, *args):
    """A function of SymPy scalars, elementwise where an argument is an array of them."""
    arrays = any(isinstance(arg, np.ndarray) for arg in args)
    return np.frompyfunc(function, len(args), 1)(*args) if arrays else function(*args)

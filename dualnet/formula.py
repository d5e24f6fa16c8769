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
from dataclasses import dataclass, field
from functools import partial, reduce
from importlib import import_module

import numpy as np

from dualnet.errors import FormulaError

MAX_LENGTH = 1000  # characters
MAX_DEPTH = 60  # operations, or brackets, inside one another: a + b + c counts 2
MAX_NODES = 600  # numbers, names, operations, calls
MAX_EXPONENT = 1000  # constant exponents; those of a power of a power are multiplied


@dataclass(frozen=True)
class Function:
    """What a name that is called means: one entry of `FUNCTIONS`."""

    numpy: str | Callable  # a name in NumPy, a path such as "scipy.special.erf", or np.* and operators
    sympy: str | Callable  # a name in SymPy, or build(sympy, *args) -> Expr
    arity: int | tuple = 1  # how many arguments; a tuple lists the choices
    whole: bool = False  # True: it takes arrays as a whole, as sum does; False: elementwise


# Piecewise where SymPy's own form is complex or has no value on a part of the real line
_where = lambda s, c, x, y: s.Piecewise((x, s.Ne(c, 0) if isinstance(c, s.Expr) else c), (y, True))
_sinc = lambda s, x: _where(s, s.Eq(x, 0), 1, s.sin(s.pi * x) / (s.pi * x))
_cbrt = lambda s, x: _where(s, x >= 0, x ** s.Rational(1, 3), -((-x) ** s.Rational(1, 3)))
_gammaln = lambda s, x: _where(s, x > 0, s.loggamma(x), s.log(s.gamma(x) ** 2) / 2)
_betaln = lambda s, x, y: _gammaln(s, x) + _gammaln(s, y) - _gammaln(s, x + y)


def _dot(s, x, y):  # flat sums: SymPy walks expressions by recursion, and a + b + c + ... is deep
    if max(x.ndim, y.ndim) > 2:
        raise ValueError("products are of vectors and matrices")
    if min(x.ndim, y.ndim) == 0:
        return x * y
    inner = np.vectorize(lambda a, b: s.Add(*(a * b)), otypes=[object], signature="(n),(n)->()")
    return inner(x[:, None] if x.ndim == y.ndim == 2 else x, y.T)[()]


_F, _S = Function, "scipy.special."
FUNCTIONS = {
    # name        NumPy's and SymPy's form, arguments
    "exp":        _F("exp", "exp"),                                         "log":        _F("log", "log"),
    "exp2":       _F("exp2", lambda s, x: 2**x),                            "log2":       _F("log2", lambda s, x: s.log(x) / s.log(2)),
    "expm1":      _F("expm1", lambda s, x: s.exp(x) - 1),                   "log10":      _F("log10", lambda s, x: s.log(x) / s.log(10)),
    "logaddexp":  _F("logaddexp", lambda s, x, y: s.log(s.exp(x) + s.exp(y)), 2),
    "log1p":      _F("log1p", lambda s, x: s.log(1 + x)),
    "logaddexp2": _F("logaddexp2", lambda s, x, y: s.log(2**x + 2**y) / s.log(2), 2),
    "sqrt":       _F("sqrt", "sqrt"),                                       "square":     _F("square", lambda s, x: x**2),
    "cbrt":       _F("cbrt", _cbrt),                                        "power":      _F("power", lambda s, x, y: x**y, 2),
    "hypot":      _F("hypot", lambda s, x, y: s.sqrt(x**2 + y**2), 2),      "reciprocal": _F(lambda x: 1 / x, lambda s, x: 1 / x),
    "abs":        _F("abs", "Abs"),                                         "sign":       _F("sign", "sign"),
    "floor":      _F("floor", "floor"),                                     "ceil":       _F("ceil", "ceiling"),
    "maximum":    _F("maximum", "Max", 2),                                  "minimum":    _F("minimum", "Min", 2),
    "heaviside":  _F("heaviside", "Heaviside", 2),                          "where":      _F("where", _where, 3),
    "real":       _F("real", "re"),                                         "imag":       _F("imag", "im"),
    "conj":       _F("conj", "conjugate"),                                  "angle":      _F("angle", "arg"),
    "sin":        _F("sin", "sin"),                                         "arcsin":     _F("arcsin", "asin"),
    "cos":        _F("cos", "cos"),                                         "arccos":     _F("arccos", "acos"),
    "tan":        _F("tan", "tan"),                                         "arctan":     _F("arctan", "atan"),
    "sinh":       _F("sinh", "sinh"),                                       "arcsinh":    _F("arcsinh", "asinh"),
    "cosh":       _F("cosh", "cosh"),                                       "arccosh":    _F("arccosh", "acosh"),
    "tanh":       _F("tanh", "tanh"),                                       "arctanh":    _F("arctanh", "atanh"),
    "arctan2":    _F("arctan2", "atan2", 2),                                "sinc":       _F("sinc", _sinc),
    "degrees":    _F("degrees", lambda s, x: 180 * x / s.pi),               "radians":    _F("radians", lambda s, x: s.pi * x / 180),
    # networks: forms that do not overflow
    "sigmoid":    _F(lambda x: np.exp(-np.logaddexp(0.0, -x)), lambda s, x: 1 / (1 + s.exp(-x))),
    "softplus":   _F(lambda x: np.logaddexp(0.0, x), lambda s, x: s.log(1 + s.exp(x))),
    "relu":       _F(lambda x: np.maximum(x, 0.0), lambda s, x: s.Max(x, 0)),
    # arrays as a whole
    "sum":        _F("sum", lambda s, x: s.Add(*x.flat), 1, True),          "prod":       _F("prod", lambda s, x: s.Mul(*x.flat), 1, True),
    "max":        _F("max", lambda s, x: s.Max(*x.flat), 1, True),          "min":        _F("min", lambda s, x: s.Min(*x.flat), 1, True),
    "mean":       _F("mean", lambda s, x: s.Add(*x.flat) / x.size, 1, True),
    "dot":        _F("dot", _dot, 2, True),
    # special functions
    "erf":        _F(_S + "erf", "erf"),                                    "erfc":       _F(_S + "erfc", "erfc"),
    "erfi":       _F(_S + "erfi", "erfi"),                                  "erfinv":     _F(_S + "erfinv", "erfinv"),
    "gamma":      _F(_S + "gamma", "gamma"),                                "gammaln":    _F(_S + "gammaln", _gammaln),
    "digamma":    _F(_S + "digamma", "digamma"),                            "zeta":       _F(_S + "zeta", "zeta", (1, 2)),
    "beta":       _F(_S + "beta", "beta", 2),                               "betaln":     _F(_S + "betaln", _betaln, 2),
    "expit":      _F(_S + "expit", lambda s, x: 1 / (1 + s.exp(-x))),       "logit":      _F(_S + "logit", lambda s, x: s.log(x / (1 - x))),
    "expi":       _F(_S + "expi", "Ei"),                                    "exp1":       _F(_S + "exp1", lambda s, x: s.expint(1, x)),
    "ellipk":     _F(_S + "ellipk", "elliptic_k"),                          "ellipe":     _F(_S + "ellipe", "elliptic_e"),
    "i0":         _F(_S + "i0", lambda s, x: s.besseli(0, x)),              "i1":         _F(_S + "i1", lambda s, x: s.besseli(1, x)),
    "j0":         _F(_S + "j0", lambda s, x: s.besselj(0, x)),              "j1":         _F(_S + "j1", lambda s, x: s.besselj(1, x)),
    "iv":         _F(_S + "iv", "besseli", 2),                              "jv":         _F(_S + "jv", "besselj", 2),
    "kv":         _F(_S + "kv", "besselk", 2),                              "lambertw":   _F(_S + "lambertw", "LambertW"),
}  # fmt: skip
FUNCTIONS |= {"deg2rad": FUNCTIONS["radians"], "rad2deg": FUNCTIONS["degrees"]}
FUNCTIONS |= {name.replace("arc", "a"): FUNCTIONS[name] for name in list(FUNCTIONS) if name.startswith("arc")}
CONSTANTS = {"pi": _F(lambda: np.pi, lambda s: s.pi, 0), "e": _F(lambda: np.e, lambda s: s.E, 0)}
_OPERATORS = {
    ast.Add:  _F(operator.add, lambda s, x, y: x + y),  ast.Sub: _F(operator.sub,     lambda s, x, y: x - y),
    ast.Mult: _F(operator.mul, lambda s, x, y: x * y),  ast.Div: _F(operator.truediv, lambda s, x, y: x / y),
    ast.Pow:  _F(operator.pow, lambda s, x, y: x**y),   ast.MatMult: _F(operator.matmul, lambda s, x, y: _dot(s, x[:], y[:]), 2, True),
    ast.UAdd: _F(operator.pos, lambda s, x: x),         ast.USub: _F(operator.neg, lambda s, x: -x),
    ast.Lt:   _F(operator.lt, "Lt"),   ast.Gt:  _F(operator.gt, "Gt"),   ast.Eq:    _F(operator.eq, "Eq"),
    ast.LtE:  _F(operator.le, "Le"),   ast.GtE: _F(operator.ge, "Ge"),   ast.NotEq: _F(operator.ne, "Ne"),
    ast.And:  _F("logical_and", "And"),  # a < b < c
    ast.List: _F(lambda *parts: np.stack(parts), lambda s, *parts: np.stack(parts), whole=True),
}  # fmt: skip
_OPERATORS[ast.Tuple] = _OPERATORS[ast.List]
_COUNT = _F(lambda c: 1 * c, lambda s, c: s.Piecewise((1, c), (0, True)))  # a comparison as a number
_PARTS = {  # the nodes there are in a formula, and the expressions inside each
    ast.Constant: lambda node: [],                      ast.Name: lambda node: [],
    ast.UnaryOp: lambda node: [node.operand],           ast.BinOp: lambda node: [node.left, node.right],
    ast.Call: lambda node: node.args,                   ast.Compare: lambda node: [node.left, *node.comparators],
    ast.List: lambda node: node.elts,                   ast.Tuple: lambda node: node.elts,
    ast.Subscript: lambda node: [node.value],
}  # fmt: skip


@dataclass(frozen=True)
class Formula:
    """A checked formula, made by `parse`."""

    text: str
    names: tuple  # the free variables in order of first appearance
    tree: ast.expr = field(compare=False, repr=False)
    functions: Mapping = field(compare=False, repr=False)  # what `parse` was given beside FUNCTIONS

    def numpy(self, values):
        """The value, by NumPy's functions and operators alone, so that traced arrays pass through.

        `values` maps each name to a number, an array or a list; other names in it are ignored. Shape and
        dtype follow NumPy; Python numbers count as float64 and give a Python number; a comparison that is
        an operand counts 1 where it holds and 0 elsewhere. Raises FormulaError where a name has no value;
        NumPy's own errors, as for shapes that do not match, pass unchanged.

        Examples
        --------
        >>> parse("where(x >= 0, a*x**2, 0)").numpy({"a": 2, "x": [-1.0, 3.0]})
        array([ 0., 18.])
        """
        return _fold(self.tree, _NumPy(self, values))

    def sympy(self, symbols=None, evaluate=True):
        """The formula as a SymPy expression, built node by node; an array as an ImmutableDenseNDimArray.

        Whole numbers become Integer, decimals of up to 15 digits the Rational they write, longer ones Float.
        Raises FormulaError where there is none: ``@`` of scalars, shapes that do not match, a string as symbol.

        Parameters
        ----------
        symbols : mapping of str to Expr, number, or array or nested list of them, optional
            What names stand for. Others are real scalars, and ``x[0]`` of such a one an Indexed.
        evaluate : bool, default True
            True lets SymPy simplify while it builds, for ever at gamma(10**9): for rows of the table.
            False keeps what was typed, at bounded cost: for text from users.

        Examples
        --------
        >>> parse("2*x + 3*x").sympy(), parse("2*x + 3*x").sympy(evaluate=False)
        (5*x, 2*x + 3*x)
        """
        import sympy

        try:
            with sympy.evaluate(evaluate):
                out = _fold(self.tree, _SymPy(self, symbols or {}, sympy))
            return sympy.Array(list(out.flat), out.shape) if isinstance(out, np.ndarray) else out
        except Exception as error:  # SymPy raises whatever it likes
            raise FormulaError(f"{self.text!r} has no SymPy form: {error}; names are scalars unless symbols says else") from error


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
        raise FormulaError(f"a formula is a str of at most {MAX_LENGTH} characters, got {found}; compute parts of it first")
    text = text.translate(dict.fromkeys(map(ord, "\t\r\n"), " ")).strip(" ")
    for pattern, problem, cure in _REFUSED:
        if found := re.search(pattern, text, re.ASCII):
            raise _refusal(problem, text[: found.end()], found.start(), cure)
    if max(np.cumsum([(c in "([") - (c in ")]") for c in text])) > MAX_DEPTH:
        raise _refusal(f"brackets more than {MAX_DEPTH} deep", text, 0, "compute inner parts first")
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        problem, at = f"not a formula ({getattr(error, 'msg', 'too deep')})", (getattr(error, "offset", 0) or 1) - 1
        raise _refusal(problem, text, min(max(at, 0), len(text) - 1), "write products with *, and close brackets") from None
    names = _check(text, tree, ChainMap(functions or {}, FUNCTIONS))
    formula = Formula(text, names, tree, dict(functions or {}))
    _check_powers(formula, tree, 1.0)
    return formula


_REFUSED = [  # looked for before Python's parser sees the text
    (r"^$", "an empty formula", "write one such as x**2"),
    (r"[\^\u2212\u2013\u00b7\u00d7]", "not an operator", "write x**y, x - y, x*y"),
    (r"[^ \w+\-*/@()\[\],.:<>=!]", "not in a formula", "use letters, digits, + - * / ** @ ( ) [ ] , : <"),
    (r"\b_\w*|\b[A-Za-z]\w{32,}", "not a name", "a name is a letter, then at most 31 letters, digits, _"),
    (rf"\b({'|'.join(keyword.kwlist)})\b", "a word of Python", "rename it; where(a < b, x, y) chooses"),
    (r"\b(?!\d+(\.\d*)?[eE][+-]?\d+\b)\d[\d.]*[A-Za-z_]\w*", "number meets name", "write * between"),
    (r"\d{51}", "more than 50 digits", "write it as 1.5e60"),
    (r"\.(?!\d)(?<!\d\.)", "no attributes here", "write exp(x), not np.exp(x)"),
    (rf"([-+] *){{{MAX_DEPTH + 1}}}", f"more than {MAX_DEPTH} signs in a row", "write one"),
]


def _refusal(problem, text, at, cure):
    """An error that shows the piece (a node, or what begins at a place), where it stands, and the cure."""
    at, piece = (at.col_offset, ast.get_source_segment(text, at)) if isinstance(at, ast.AST) else (at, text[at:])
    return FormulaError(f"{problem}: {piece[:40]!a} at character {at + 1}; {cure}")


def _check(text, tree, known):
    """Refuse nodes that are not in `_PARTS` or hold what they may not; return the free names."""
    found, waiting, count = {}, [(tree, 0, 0)], 0
    while waiting:
        node, depth, lists = waiting.pop()
        count, lists = count + 1, lists + isinstance(node, ast.List | ast.Tuple)
        if type(node) not in _PARTS or type(getattr(node, "op", ast.Add())) not in _OPERATORS:
            raise _refusal(f"no part of a formula ({type(node).__name__})", text, node, "use + - * / ** @ and floor(x/y)")
        parts = _PARTS[type(node)](node)
        if depth > MAX_DEPTH or count > MAX_NODES:
            raise _refusal(f"beyond {MAX_DEPTH} operations deep or {MAX_NODES} in all", text, node, "write sums as sum([x, y, z])")
        if lists > 2 or (isinstance(node, ast.List | ast.Tuple) and not parts):
            raise _refusal("an empty array, or one of rank 3", text, node, "write [x, y] or [[x], [y]]")
        if isinstance(node, ast.Constant):
            lost = node.value == 0 and re.match("[0.]*[1-9]", ast.get_source_segment(text, node))
            if type(node.value) not in (int, float) or node.value == np.inf or lost:
                raise _refusal("no number of float64", text, node, "rescale to within 1e-300 and 1e300")
        elif isinstance(node, ast.Subscript):
            _key(text, node.slice)
        elif isinstance(node, ast.Call):
            _check_call(text, node, known)
            lists = 0 if known[node.func.id].whole and node.func.id != "dot" else lists  # sum([x, y]) is a number
        elif isinstance(node, ast.Name) and node.id not in CONSTANTS:
            found[node.col_offset] = node.id
        waiting += [(part, depth + 1, lists) for part in parts]
    return tuple(dict.fromkeys(found[at] for at in sorted(found)))


def _check_call(text, node, known):
    if not isinstance(node.func, ast.Name):
        raise _refusal("only names are called", text, node, "write * for a product, as in 2*(x + 1)")
    name = node.func.id
    if name not in known:
        close = {"ln": ["log"]}.get(name) or difflib.get_close_matches(name, known)
        cure = f"did you mean {' or '.join(close)}?" if close else "FUNCTIONS has all; a product is x*(y + 1)"
        raise _refusal(f"unknown function {name}", text, node, cure)
    if node.keywords or len(node.args) not in np.atleast_1d(known[name].arity):
        cure = f"write {name}imum(x, y)" if name in ("max", "min") else f"{name} takes {known[name].arity}, by position"
        raise _refusal("wrong arguments", text, node, cure)


def _check_powers(formula, node, power):
    """Refuse constant exponents beyond the cap; ``power`` is the product of those around the node."""
    parts = _PARTS[type(node)](node)
    kind = node.func.id if isinstance(node, ast.Call) else type(getattr(node, "op", None)).__name__
    size = 2.0 if kind == "square" else _size(formula, parts[1]) if kind in ("Pow", "power") and len(parts) == 2 else 1.0
    if not size * power <= MAX_EXPONENT:  # also nan
        problem = f"a constant exponent, or those of a power of a power multiplied, beyond {MAX_EXPONENT}"
        raise _refusal(problem, formula.text, node, "lower it")
    for i, part in enumerate(parts):
        _check_powers(formula, part, power * max(size, 1.0) if i == 0 else power)


def _size(formula, node):
    """The largest magnitude in a constant; 1 where the value depends on a name, nan where there is none."""
    try:
        with np.errstate(all="ignore"):
            return float(np.max(np.abs(_fold(node, _NumPy(formula, {})))))
    except Exception as error:  # also what a function of the user raises
        return 1.0 if isinstance(error, FormulaError) else np.nan


def _key(text, node):
    """The index that a subscript's node stands for: whole numbers, slices of them, or a tuple of these."""
    if isinstance(node, ast.Tuple) and node.elts:
        return tuple(_key(text, element) for element in node.elts)
    if isinstance(node, ast.Slice):
        ends = [end and _key(text, end) for end in (node.lower, node.upper, node.step)]
        if all(end is None or isinstance(end, int) for end in ends) and ends[2] != 0:
            return slice(*ends)
    written = ast.get_source_segment(text, node).replace(" ", "")
    if re.fullmatch(r"-?\d{1,9}", written):
        return int(written)
    raise _refusal("not an index", text, node, "use whole numbers and slices, as in x[0] or x[1:, -1]")


def _fold(node, reader, condition=True):
    """What a reader makes of a tree, from the leaves up; a comparison that is no condition becomes 0 or 1."""
    called = node.func.id if isinstance(node, ast.Call) else None
    parts = [_fold(part, reader, called == "where" and i == 0) for i, part in enumerate(_PARTS[type(node)](node))]
    if isinstance(node, ast.Constant):
        return reader.number(node.value)
    if isinstance(node, ast.Name):
        if node.id in CONSTANTS and node.id in reader.given:
            raise _refusal("a constant cannot get a value", reader.text, node, "rename the variable")
        return reader.apply(CONSTANTS[node.id]) if node.id in CONSTANTS else reader.name(node)
    if isinstance(node, ast.Subscript):
        return reader.index(node, parts[0], _key(reader.text, node.slice))
    if isinstance(node, ast.Compare):
        steps = map(lambda op, x, y: reader.apply(_OPERATORS[type(op)], x, y), node.ops, parts, parts[1:])
        holds = reduce(partial(reader.apply, _OPERATORS[ast.And]), steps)
        return holds if condition else reader.apply(_COUNT, holds)
    return reader.apply(reader.functions[called] if called else _OPERATORS[type(getattr(node, "op", node))], *parts)


class _NumPy:
    def __init__(self, formula, given, sympy=None):
        self.text, self.given, self.sympy, self.functions = formula.text, given, sympy, ChainMap(formula.functions, FUNCTIONS)

    def name(self, node):
        if node.id not in self.given:
            raise _refusal("a name without a value", self.text, node, f"add it to {[*self.given]}")
        value = self.given[node.id]
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
        return x[key]

class _SymPy(_NumPy):
    def name(self, node):
        value = self.given.get(node.id, self.sympy.Symbol(node.id, real=True))
        value = value.tolist() if hasattr(value, "tolist") else value
        value = np.array(value, dtype=object) if isinstance(value, list | tuple) else value
        return _each(partial(self.sympy.sympify, strict=True), value)  # not strict, SymPy would run a string

    def number(self, value):
        short = isinstance(value, int) or re.fullmatch(r"[\d.]{1,16}(e[-+][01]\d)?", repr(value))
        return self.sympy.Rational(repr(value)) if short else self.sympy.Float(value)

    def apply(self, function, *args):
        named = isinstance(function.sympy, str)
        build = getattr(self.sympy, function.sympy) if named else partial(function.sympy, self.sympy)
        return build(*(np.asarray(x, dtype=object) for x in args)) if function.whole else _each(build, *args)

    def index(self, node, x, key):
        if isinstance(x, self.sympy.Symbol):
            return self.sympy.Indexed(self.sympy.IndexedBase(x), *(key if isinstance(key, tuple) else (key,)))
        return np.asarray(x, dtype=object)[key]

def _each(function, *args):
    """A function of SymPy scalars, elementwise where an argument is an array of them."""
    if any(isinstance(arg, np.ndarray) for arg in args):
        return np.frompyfunc(function, len(args), 1)(*args)
    return function(*args)

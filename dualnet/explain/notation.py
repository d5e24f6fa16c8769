"""How formulas and numbers are written: text, LaTeX and MathML from one Python syntax tree.

A formula here is an `ast` node that is never compiled or run. Names of steps are ``ξ1, ξ2, ...``; all
other names come from users and are escaped by each notation.
"""

import ast
import copy
import html
import re

import numpy as np

STEP = "ξ"
BAR = "\u0304"  # combining macron: the cotangent of a variable
PRECEDENCE = {ast.Add: 1, ast.Sub: 1, ast.Mult: 2, ast.MatMult: 2, ast.Div: 2, ast.Pow: 4}
SIGN, ATOM = 3, 9
SPELLED = {ast.Add: "+", ast.Sub: "-", ast.Lt: "<", ast.Gt: ">", ast.LtE: "<=", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
GREEK = ("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi "
         "omega").split()
GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", GREEK))


def number(x, digits=8):
    """A number, or an array in short, as text.

    Examples
    --------
    >>> number(-0.000370183719), number(2.0), number(np.arange(3.0)), number(np.zeros((40, 2)))
    ('-0.00037018372', '2', '[0, 1, 2]', 'array(40, 2) of 0')
    """
    if np.ndim(x):
        return _array(np.asarray(x), digits)
    x = x.item() if hasattr(x, "item") else x
    if isinstance(x, complex):
        return f"({number(x.real, digits)}{x.imag:+.{digits}g}j)"
    if isinstance(x, bool) or not isinstance(x, (int, float)):
        return str(x)[:40]
    return f"{x + 0.0:.{digits}g}" if abs(x) < 1e308 or x != x else "inf" if x > 0 else "-inf"


def _array(x, digits):
    if x.size <= 8:
        short = min(digits, 5)
        return "[" + ", ".join(number(v, short) if x.ndim == 1 else _array(v, short) for v in x) + "]"
    shape = "array(" + ", ".join(map(str, x.shape)) + ("," if x.ndim == 1 else "") + ")"
    if x.dtype.kind not in "biuf":
        return shape
    low, high = number(np.min(x), 4), number(np.max(x), 4)
    return f"{shape} of {low}" if low == high else f"{shape} from {low} to {high}"


def name(identifier):
    """The node of a name."""
    return ast.Name(identifier, ast.Load())


def constant(x):
    """The node of a number, with its sign in front."""
    written = number(x)
    return ast.UnaryOp(ast.USub(), name(written[1:])) if written.startswith("-") else name(written)


def call(function, *args):
    """The node of a call."""
    return ast.Call(name(function), list(args), [])


def negated(node):
    """The node of -node, without two signs in a row."""
    return node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else ast.UnaryOp(ast.USub(), node)


def read(formula):
    """The tree of a formula's text, which is only ever shown."""
    return ast.parse(formula, mode="eval").body


class _Substitute(ast.NodeTransformer):
    def __init__(self, nodes):
        self.nodes = nodes

    def visit_Name(self, node):
        return copy.deepcopy(self.nodes.get(node.id, node))

    def visit_Call(self, node):
        return ast.Call(node.func, [self.visit(arg) for arg in node.args], [])


def substituted(node, nodes):
    """A copy of `node` with names replaced by nodes.

    Examples
    --------
    >>> text(substituted(read("x*y"), {"x": read("a+b"), "y": name("c")}))
    '(a + b) * c'
    """
    return _tidy(_Substitute(nodes).visit(copy.deepcopy(node)))


def _tidy(node):
    """``1*x`` as ``x`` and ``--x`` as ``x``, where substitution made them."""
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            setattr(node, field, _tidy(value))
        elif isinstance(value, list):
            setattr(node, field, [_tidy(v) if isinstance(v, ast.AST) else v for v in value])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return negated(node.operand)
    return node


def text(node):
    """The formula as Python writes it.

    Examples
    --------
    >>> text(read("-1/(ξ3)**2"))
    '-1 / ξ3 ** 2'
    """
    return ast.unparse(node) if isinstance(node, ast.AST) else str(node)


class LaTeX:
    """Primitives of LaTeX's mathematics; each takes and returns escaped pieces."""

    escapes = {c: "\\" + c for c in "&%$#_{}"} | {"\\": r"\backslash ", "~": r"\sim ", "^": r"\hat{}"}
    times, product, at, partial = r"\cdot ", r"\,", r"\,@\,", r"\partial "
    signs = {"<=": r"\le ", ">=": r"\ge ", "!=": r"\ne ", "==": "="}

    def escaped(self, s):
        return "".join(self.escapes.get(c, "\\" + GREEK[c] + " " if c in GREEK else c if " " <= c < "\x7f" else "?") for c in s)

    def name(self, s):
        if s == "pi":
            return r"\pi "
        stem, sub = _stem(s)
        stem = self.escaped(stem) if len(stem) == 1 else rf"\mathit{{{self.escaped(stem)}}}"
        return rf"{stem}_{{{self.escaped(sub)}}}" if sub else stem

    def bar(self, s):
        return rf"\bar{{{s}}}"

    def number(self, s):
        mantissa, e, exponent = s.partition("e")
        if s in ("inf", "nan"):
            return r"\infty " if s == "inf" else r"\mathrm{NaN}"
        return rf"{mantissa}\cdot 10^{{{int(exponent)}}}" if e else s

    def sign(self, s):
        return self.signs.get(s, s)

    def row(self, parts):
        return "".join(parts)

    def group(self, s):
        return rf"\left({s}\right)"

    def fraction(self, x, y):
        return rf"\frac{{{x}}}{{{y}}}"

    def power(self, x, y):
        return rf"{{{x}}}^{{{y}}}"

    def root(self, x):
        return rf"\sqrt{{{x}}}"

    def function(self, s):
        return rf"\operatorname{{{self.escaped(s)}}}"

    def list(self, parts):
        return r"\left[" + ",\\,".join(parts) + r"\right]"

    def index(self, x, key):
        return rf"{x}{{[{self.escaped(key)}]}}"


class MathML:
    """Primitives of MathML Core; each takes and returns escaped pieces."""

    times, product = "<mo>·</mo>", "<mo>&#x2062;</mo>"
    at, partial = "<mo>@</mo>", "<mo>∂</mo>"
    signs = {"-": "−", "<=": "≤", ">=": "≥", "!=": "≠", "==": "="}

    def name(self, s):
        stem, sub = _stem("π" if s == "pi" else s)
        stem = f"<mi>{html.escape(stem)}</mi>"
        return f"<msub>{stem}<mn>{html.escape(sub)}</mn></msub>" if sub else stem

    def bar(self, s):
        return f"<mover>{s}<mo>¯</mo></mover>"

    def number(self, s):
        mantissa, e, exponent = s.partition("e")
        if s in ("inf", "nan"):
            return "<mi>∞</mi>" if s == "inf" else "<mi>NaN</mi>"
        ten = f"<mo>·</mo><msup><mn>10</mn><mn>{int(exponent)}</mn></msup>" if e else ""
        return f"<mrow><mn>{html.escape(mantissa)}</mn>{ten}</mrow>"

    def sign(self, s):
        return f"<mo>{html.escape(self.signs.get(s, s))}</mo>"

    def row(self, parts):
        return f"<mrow>{''.join(parts)}</mrow>"

    def group(self, s):
        return f"<mrow><mo>(</mo>{s}<mo>)</mo></mrow>"

    def fraction(self, x, y):
        return f"<mfrac>{x}{y}</mfrac>"

    def power(self, x, y):
        return f"<msup>{x}{y}</msup>"

    def root(self, x):
        return f"<msqrt>{x}</msqrt>"

    def function(self, s):
        return f"<mi>{html.escape(s)}</mi><mo>&#x2061;</mo>"

    def list(self, parts):
        return f"<mrow><mo>[</mo>{'<mo>,</mo>'.join(parts)}<mo>]</mo></mrow>"

    def index(self, x, key):
        return f"<mrow>{x}<mtext>[{html.escape(key)}]</mtext></mrow>"


def _stem(s):
    """A name as its stem and what is written below it."""
    found = re.fullmatch(r"(.*?[^\W\d_])_?(\d+)", s)
    return found.groups() if found else (s, "")


def _operand(node, style, above):
    written, rank = _written(node, style)
    return style.group(written) if rank < above else written


def _binary(node, style):
    op, rank = type(node.op), PRECEDENCE.get(type(node.op), 1)
    if op is ast.Div:
        return style.fraction(_written(node.left, style)[0], _written(node.right, style)[0]), 5
    if op is ast.Pow:
        return style.power(_operand(node.left, style, 6), _written(node.right, style)[0]), 5
    left = _operand(node.left, style, rank if not isinstance(node.left, ast.UnaryOp) else 0)
    if op in (ast.Mult, ast.MatMult):
        right = _operand(node.right, style, rank + 1)
        digits = right[:1].isdigit() or right.startswith("<mrow><mn>") or isinstance(node.right, ast.UnaryOp)
        between = style.at if op is ast.MatMult else style.times if digits else style.product
    else:
        right, between = _operand(node.right, style, rank + 1), style.sign(SPELLED.get(op, "?"))
    return style.row([left, between, right]), rank


def _called(node, style):
    function = node.func.id if isinstance(node.func, ast.Name) else "?"
    args = [_written(arg, style)[0] for arg in node.args]
    if function == "sqrt" and len(args) == 1:
        return style.root(args[0]), 5
    if function == "exp" and len(args) == 1:
        return style.power(style.name("e"), args[0]), 5
    comma = style.sign(",")
    inside = [piece for k, arg in enumerate(args) for piece in ([comma] * (k > 0) + [arg])]
    return style.row([style.function(function), style.group(style.row(inside))]), 6


def _written(node, style):
    """The node in a style, and how tightly it binds."""
    if isinstance(node, ast.BinOp):
        return _binary(node, style)
    if isinstance(node, ast.UnaryOp):
        return style.row([style.sign("-" if isinstance(node.op, ast.USub) else "+"), _operand(node.operand, style, 2)]), 1
    if isinstance(node, ast.Call):
        return _called(node, style)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        sign = style.sign(SPELLED.get(type(node.ops[0]), "?"))
        return style.row([_operand(node.left, style, 1), sign, _operand(node.comparators[0], style, 1)]), 0
    if isinstance(node, ast.List | ast.Tuple):
        return style.list([_written(e, style)[0] for e in node.elts]), ATOM
    if isinstance(node, ast.Subscript):
        return style.index(_operand(node.value, style, ATOM), ast.unparse(node.slice)), ATOM
    if isinstance(node, ast.Name):
        return _named(node.id, style), ATOM
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return style.name(str(node.value)), ATOM
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return style.number(number(node.value)), ATOM
    return style.function(ast.unparse(node)[:200]), ATOM


def _named(s, style):
    if s[:1].isdigit() or s in ("inf", "nan"):
        return style.number(s)
    if s.startswith("∂"):
        return style.fraction(*(style.row([style.partial, style.name(part[1:])]) for part in s.split("∕")))
    return style.bar(style.name(s[:-1])) if s.endswith(BAR) else style.name(s)


LATEX, MATHML = LaTeX(), MathML()


def latex(node):
    r"""The formula in LaTeX's mathematics.

    Examples
    --------
    >>> print(latex(read("-x*exp(-W*x)/ξ3**2")))
    \frac{-x\,{e}^{-W\,x}}{{\xi _{3}}^{2}}
    """
    return _written(node, LATEX)[0] if isinstance(node, ast.AST) else rf"\text{{{LATEX.escaped(str(node))}}}"


def mathml(node):
    """The formula as a ``<math>`` element.

    Examples
    --------
    >>> mathml(read("1/x"))
    '<math><mfrac><mrow><mn>1</mn></mrow><mi>x</mi></mfrac></math>'
    """
    inner = _written(node, MATHML)[0] if isinstance(node, ast.AST) else f"<mtext>{html.escape(str(node))}</mtext>"
    return f"<math>{inner}</math>"

"""The lecture's tables: forward in one sweep, reverse in two that are visibly apart."""

import ast
from dataclasses import dataclass, field

import numpy as np

from dualnet.explain.notation import call, latex, mathml, name, number, text
from dualnet.table import TABLE


@dataclass
class Table:
    """Rows of cells under a heading; a cell is a formula (ast node), a text, a number, or an array.

    Attributes
    ----------
    title : str
    columns : list of str or ast node
    rows : list of list
    lines : list of int
        For each row the line of the run that it shows.
    """

    title: str
    columns: list
    rows: list = field(default_factory=list)
    lines: list = field(default_factory=list)

    def add(self, line, *cells):
        """One more row."""
        self.rows.append(list(cells))
        self.lines.append(line)

    def texts(self):
        """Heading and rows as plain text."""
        return [cell_text(c) for c in self.columns], [[cell_text(c) for c in row] for row in self.rows]


@dataclass
class Many:
    """Several formulas or values in one cell, one below another."""

    parts: list


@dataclass
class Equation:
    """``left = right`` in one cell."""

    left: object
    right: object


@dataclass
class Ratio:
    """A derivative, d of one name by another."""

    of: str
    by: str
    letter: str = "∂"


def cell_text(cell, break_with="\n"):
    """A cell as text."""
    if isinstance(cell, Many):
        return break_with.join(cell_text(part) for part in cell.parts)
    if isinstance(cell, Equation):
        return f"{cell_text(cell.left)} = {cell_text(cell.right)}"
    if isinstance(cell, Ratio):
        return f"{cell.letter}{cell.of}/{cell.letter}{cell.by}"
    return text(cell) if isinstance(cell, (str, ast.AST)) else "" if cell is None else number(cell)


def _fraction(ratio):
    letter = r"\partial " if ratio.letter == "∂" else r"\mathrm{d}"
    return rf"\frac{{{letter}{latex(name(ratio.of))}}}{{{letter}{latex(name(ratio.by))}}}"


def cell_latex(cell):
    """A cell in LaTeX's mathematics."""
    if isinstance(cell, Many):
        if len(cell.parts) < 2:
            return "".join(cell_latex(part) for part in cell.parts)
        return r"\begin{array}{l}" + r"\\ ".join(cell_latex(part) for part in cell.parts) + r"\end{array}"
    if isinstance(cell, Equation):
        return f"{cell_latex(cell.left)} = {cell_latex(cell.right)}"
    if isinstance(cell, Ratio):
        return _fraction(cell)
    if isinstance(cell, (str, ast.AST)):
        return latex(cell)
    return "" if cell is None else latex(number(cell)) if np.ndim(cell) else latex(_signed(cell))


def _signed(x):
    written = number(x)
    return ast.UnaryOp(ast.USub(), name(written[1:])) if written.startswith("-") else name(written)


def inner_mathml(cell):
    """A cell as MathML without the outer element."""
    if isinstance(cell, Equation):
        return f"<mrow>{inner_mathml(cell.left)}<mo>=</mo>{inner_mathml(cell.right)}</mrow>"
    if isinstance(cell, Ratio):
        letter = f"<mo>{cell.letter}</mo>"
        return f"<mfrac><mrow>{letter}{inner_mathml(name(cell.of))}</mrow><mrow>{letter}{inner_mathml(name(cell.by))}</mrow></mfrac>"
    return mathml(cell if isinstance(cell, (str, ast.AST)) else number(cell))[len("<math>"):-len("</math>")]


def cell_html(cell):
    """A cell as HTML; formulas as MathML."""
    if isinstance(cell, Many):
        return "".join(f"<div>{cell_html(part)}</div>" for part in cell.parts)
    if isinstance(cell, (Equation, Ratio, ast.AST)):
        return f"<math>{inner_mathml(cell)}</math>"
    return _escape(cell_text(cell))


def _escape(s):
    import html

    return html.escape(s)


def what(step):
    """What a variable is."""
    return "input" if step.row is None and step.formula is None else step.formula


def parents(trace, step, live=True):
    """The partials of a step by lines that carry a derivative."""
    return [p for p in step.partials if trace.steps[p.parent].live or not live]


def partial_cell(trace, step, p):
    """``∂ξ2/∂ξ1 = ...``, or ``dξ2 = ...`` for maps of arrays."""
    parent = trace.steps[p.parent].name
    if p.formula is None:
        return Ratio(step.name, parent)
    is_map = p.value is None
    return Equation(name("d" + step.name) if is_map else Ratio(step.name, parent), p.formula)


def forward_table(trace):
    """Variable, what it is, local partial, value, value of the partial, and a column for each seed."""
    steps = list(trace.steps)
    table = Table("Forward mode: one sweep, values and derivatives together",
                  ["variable", "what it is", "local partial", "value", "its value", *(Ratio("ξ", s.label, "d") for s in trace.seeds)])
    for k, step in enumerate(steps):
        edges = parents(trace, step)
        table.add(k, step.node, what(step), Many([partial_cell(trace, step, p) for p in edges]), step.value,
                  Many(["(map)" if p.value is None else p.value for p in edges]), *step.tangents)
    return table


def up_table(trace):
    """The way up: values only, with what is stored for the way down."""
    table = Table("Reverse mode, sweep 1 of 2: up, values only", ["variable", "what it is", "value", "stored"])
    for k, step in enumerate(trace.steps):
        table.add(k, step.node, what(step), step.value, "kept" if step.stored else "")
    return table


def down_table(trace):
    """The way down: the cotangent of each variable, as the sum of its consumers' times the local partials."""
    table = Table("Reverse mode, sweep 2 of 2: down, derivatives of the result",
                  ["variable", "by the chain rule", "local partial", "its value", *(Ratio(r.label, "ξ", "d") for r in trace.results)])
    users = consumers(trace)
    for k in range(len(trace.steps) - 1, -1, -1):
        step = trace.steps[k]
        if not step.live:
            continue
        uses = users.get(k, [])
        table.add(k, step.node, chain_rule(trace, step, uses), Many([partial_cell(trace, child, p) for child, p in uses]),
                  Many(["(map)" if p.value is None else p.value for _, p in uses]), *step.cotangents)
    return table


def consumers(trace):
    """For each line the pairs (step, partial) that use it on the way to a result."""
    users = {}
    for step in trace.steps:
        for p in step.partials if step.live else ():
            users.setdefault(p.parent, []).append((step, p))
    return users


def chain_rule(trace, step, uses):
    """The cotangent in symbols: each consumer's cotangent times the local partial, summed."""
    terms = [_term(child, p, step) for child, p in uses]
    if step.output:
        terms = [name("1"), *terms]
    total = None
    for term in terms:
        total = term if total is None else ast.BinOp(total, ast.Add(), term)
    return Equation(step.bar, total if total is not None else name("0"))


PULLS = {"reduction": "spread", "gather": "scatter"}  # the transposes of a sum and of picking elements


def _term(child, p, step):
    if p.value is None:
        return call(PULLS.get(TABLE[child.row].kind if TABLE.holds(child.row) else "", "pull"), child.bar)
    return ast.BinOp(child.bar, ast.Mult(), name(f"∂{child.name}∕∂{step.name}"))

"""What `explain` returns: one run as tables, formulas, a graph and a page."""

from dualnet.errors import ArgumentError
from dualnet.explain import render, tables
from dualnet.explain.closed import agreements
from dualnet.explain.counts import count
from dualnet.explain.notation import latex, number, text
from dualnet.explain.steps import MAX_COLUMNS

MAX_SHOWN = 200  # lines of a table that a terminal gets


class Explanation:
    """Derivatives of one run, line by line.

    Printed, it shows the forward table, the two sweeps of the reverse mode, the closed form and what each
    mode cost; a notebook shows the same with the graph.

    Attributes
    ----------
    steps : list of Step
        Inputs, then one step for each basic function.
    counts : Counts
        What each mode spent.
    closed_form : list of Agreement or None
        SymPy's derivative and the distance in ulps; None where a step has no symbol or it grew too large.
    """

    def __init__(self, trace, source=None):
        self.trace, self.source = trace, source
        self.steps, self.counts = trace.steps, count(trace)
        self._closed = ...

    @property
    def closed_form(self):
        """SymPy's derivatives, made when they are first asked for."""
        if self._closed is ...:
            self._closed = agreements(self.trace)
        return self._closed

    def table(self, mode="forward"):
        """The table of a mode as ``(columns, rows)`` of text; of "reverse", a list of two: up, down.

        Examples
        --------
        >>> import dualnet as dn
        >>> columns, rows = dn.explain("x**2", at={"x": 3}).table("forward")
        >>> rows[-1]
        ['L', 'x ** 2', '∂L/∂x = 2 * x', '9', '6', '6']
        """
        found = [t.texts() for t in self._tables(mode)]
        return found if mode == "reverse" else found[0]

    def _tables(self, mode):
        made = {"forward": [tables.forward_table], "reverse": [tables.up_table, tables.down_table]}
        made["both"] = made["forward"] + made["reverse"]
        if mode not in made:
            raise ArgumentError(f'mode={mode!r:.60}; choose "forward", "reverse" or "both"')
        return [make(self.trace) for make in made[mode]]

    # --- renderings -------------------------------------------------------------------------------------

    def __str__(self):
        return self.text()

    def __repr__(self):
        return f"<Explanation of {len(self.steps)} steps; print it, or .html(path), .svg(), .latex(), .markdown()>"

    def text(self, mode="both", rich=True):
        """The tables of a mode and what follows from them, for a terminal.

        Parameters
        ----------
        mode : {"forward", "reverse", "both"}
        rich : bool
            False for plain aligned text where rich is installed too.
        """
        parts = [f"L = {self.source}\n"] if self.source else []
        for table in self._tables(mode):
            cut = len(table.rows) - MAX_SHOWN
            if cut > 0:
                table.rows[MAX_SHOWN // 2:-MAX_SHOWN // 2] = [["..."] + [""] * (len(table.columns) - 1)]
            parts.append(render.to_text(table, rich))
        return "\n".join([*parts, *self._remarks()]) + "\n"

    def _remarks(self):
        lines = ["Closed form (SymPy)"]
        for a in self.closed_form or ():
            lines.append(f"  d{a.result}/d{a.seed} = {text(a.formula)} = {number(a.value, 17)}   ({a.sentence()})")
        if not self.closed_form:
            lines.append("  none: a step has no symbol, or the expression is too large to be read")
        lines += [f"  {label}: {number(value)}" for label, value in self.trace.constants.items()]
        if any(s.index is None for s in self.trace.seeds + self.trace.results):
            lines.append(f"  [all]: more than {MAX_COLUMNS} entries share one column, the derivative by all of them moving together")
        return [*lines, "", "Cost", "  " + self.counts.sentence()]

    def markdown(self):
        """The tables and the closed form in Markdown."""
        parts = [render.to_markdown(table) for table in self._tables("both")]
        for a in self.closed_form or ():
            closed = render._markdown(f"d{a.result}/d{a.seed} = {text(a.formula)} = {number(a.value, 17)}")
            parts.append(f"{closed} ({a.sentence()})\n")
        return "\n".join([*parts, self.counts.sentence()]) + "\n"

    def latex(self, document=False):
        r"""The tables in LaTeX, for a document that uses amsmath.

        Parameters
        ----------
        document : bool
            True for a whole document that compiles by itself.
        """
        parts = [rf"\paragraph{{{table.title}}}" + "\n" + render.to_latex(table) for table in self._tables("both")]
        for a in self.closed_form or ():
            left = tables.cell_latex(tables.Ratio(a.result.split("[")[0], a.seed.split("[")[0], "d"))
            parts.append(rf"\[{left} = {latex(a.formula)} = {latex(tables._signed(a.value))}\]")
        body = "\n\n".join([*parts, self.counts.sentence()])
        if not document:
            return body
        head = ("\\documentclass{article}\n\\usepackage[T1]{fontenc}\n\\usepackage{amsmath}\n"
                "\\usepackage[landscape,paperwidth=120cm,paperheight=120cm,margin=1cm]{geometry}\n\\setlength{\\parindent}{0pt}\n\\begin{document}\n")
        return head + body + "\n\\end{document}\n"

    def _repr_html_(self):
        from dualnet.explain.drawing import MAX_NODES, svg

        drawn = svg(self.trace) if len(self.steps) <= MAX_NODES else f"<p>No drawing: it would hold more than {MAX_NODES} steps.</p>"
        sections = [render.to_html(table) for table in self._tables("both")]
        return (f'<div class="dualnet-explain"><style>{NOTEBOOK}</style>{drawn}{"".join(sections)}{self._closed_html()}'
                f"<p>{self.counts.sentence()}</p></div>")

    def _closed_html(self):
        lines = []
        for a in self.closed_form or ():
            written = tables.inner_mathml(a.formula)
            label = tables.cell_html(f"d{a.result}/d{a.seed} = ")
            lines.append(f"<p>{label}<math>{written}</math> = {number(a.value, 17)} ({a.sentence()})</p>")
        return "".join(lines)

    def svg(self):
        """The laid-out graph as a standalone SVG text: values on the nodes, partials on the edges."""
        from dualnet.explain.drawing import svg

        return svg(self.trace)

    def html(self, path=None):
        """One self-contained page that steps through the run; written to `path` where one is given.

        Returns
        -------
        str
            The page.
        """
        from pathlib import Path

        from dualnet.explain.page import static_page

        page = static_page(self)
        if path is not None:
            Path(path).write_text(page, encoding="utf-8")
        return page

    def to_dict(self, closed=True):
        """All of it as plain numbers, texts, LaTeX and MathML, ready for JSON.

        Parameters
        ----------
        closed : bool
            False leaves the closed form out, which takes SymPy's time.

        Examples
        --------
        >>> import dualnet as dn
        >>> d = dn.explain("x**2", at={"x": 3}).to_dict()
        >>> d["steps"][-1]["text"], d["steps"][-1]["tangents"], d["steps"][0]["cotangents"]
        ('x ** 2', ['6'], ['6'])
        """
        from dualnet.explain.data import as_dict

        return as_dict(self, closed)


NOTEBOOK = (".dualnet-explain{overflow-x:auto}.dualnet-explain table{border-collapse:collapse;margin:1em 0}"
            ".dualnet-explain td,.dualnet-explain th{padding:.2em .7em;text-align:left;border-bottom:1px solid #8886}"
            ".dualnet-explain caption{text-align:left;font-weight:bold}")

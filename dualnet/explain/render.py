"""Tables on paper: a terminal, Markdown, LaTeX, HTML."""

import html
import io
import unicodedata

from dualnet.explain.tables import cell_html, cell_latex, cell_text

WIDTH = 160


def width(s):
    """Columns that a line takes in a terminal."""
    return sum(0 if unicodedata.combining(c) else 1 for c in s)


def to_text(table, rich=True):
    """A table for the terminal: by rich where it is installed, otherwise aligned plain text."""
    columns, rows = table.texts()
    keep = [k for k, column in enumerate(columns) if any(row[k] for row in rows)]
    columns, rows = [columns[k] for k in keep], [[row[k] for k in keep] for row in rows]
    if rich:
        try:
            return _rich(table.title, columns, rows)
        except ImportError:
            pass
    return _plain(table.title, columns, rows)


def _plain(title, columns, rows):
    cells = [[cell.split("\n") for cell in row] for row in [columns, *rows]]
    widths = [max(width(line) for row in cells for line in row[k]) for k in range(len(columns))]
    lines = [title]
    for n, row in enumerate(cells):
        for j in range(max(len(cell) for cell in row)):
            parts = [cell[j] if j < len(cell) else "" for cell in row]
            lines.append("  ".join(part + " " * (w - width(part)) for part, w in zip(parts, widths)).rstrip())
        if n == 0:
            lines.append("  ".join("-" * w for w in widths))
    return "\n".join(lines) + "\n"


def rich_table(columns, rows):
    """A rich table."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    out = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for k, column in enumerate(columns):
        out.add_column(Text(column), no_wrap=True, style="bold" if k == 0 else None)
    for row in rows:
        out.add_row(*(Text(cell) for cell in row))
    return out


def _rich(title, columns, rows):
    from rich.console import Console

    need = sum(max(width(line) for row in [columns, *rows] for line in row[k].split("\n")) + 3 for k in range(len(columns)))
    console = Console(file=io.StringIO(), width=max(WIDTH, need + 4), color_system=None, legacy_windows=False)
    console.print(rich_table(columns, rows))
    return title + "\n" + "\n".join(line.rstrip() for line in console.file.getvalue().strip("\n").splitlines()) + "\n"


def to_markdown(table):
    """A table in Markdown, every cell escaped."""
    columns = [_markdown(cell_text(c)) for c in table.columns]
    lines = [f"**{_markdown(table.title)}**", "", "| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    for row in table.rows:
        lines.append("| " + " | ".join(_markdown(cell_text(cell)) for cell in row) + " |")
    return "\n".join(lines) + "\n"


def _markdown(s):
    for c in "\\`*_[]|":
        s = s.replace(c, "\\" + c)
    return html.escape(s, quote=False).replace("\n", "<br>")


def to_latex(table):
    """A table as an array of LaTeX's display mathematics (amsmath)."""
    columns = " & ".join(rf"\text{{{c}}}" if isinstance(c, str) else cell_latex(c) for c in table.columns)
    rows = [" & ".join(cell_latex(cell) for cell in row) + r" \\" for row in table.rows]
    layout = "l" * len(table.columns)
    return "\n".join([rf"\[\begin{{array}}{{{layout}}}", columns + r" \\ \hline", *rows, r"\end{array}\]"])


def to_html(table, classes=""):
    """A table in HTML; each row carries its line, so that a page can light it up."""
    head = "".join(f'<th scope="col">{cell_html(c)}</th>' for c in table.columns)
    body = []
    for line, row in zip(table.lines, table.rows):
        first, *rest = (cell_html(cell) for cell in row)
        cells = f'<th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest)
        body.append(f'<tr data-line="{int(line)}">{cells}</tr>')
    return (f'<table class="dualnet {classes}"><caption>{html.escape(table.title)}</caption><thead><tr>{head}</tr></thead>'
            f"<tbody>{''.join(body)}</tbody></table>")

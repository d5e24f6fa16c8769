"""The commands ``dualnet explain``, ``dualnet check-table`` and ``dualnet page``."""

import re

from dualnet.errors import ArgumentError


def add_commands(subparsers):
    """Add this room's commands to an argparse parser's subparsers; each sets ``run``.

    Examples
    --------
    >>> import argparse
    >>> parser = argparse.ArgumentParser()
    >>> add_commands(parser.add_subparsers())
    >>> args = parser.parse_args(["explain", "x**2", "--at", "x=3", "--latex"])
    >>> args.expression, args.at, args.latex
    ('x**2', {'x': 3.0}, True)
    """
    explain = subparsers.add_parser("explain", help="show both modes on a formula, line by line")
    explain._negative_number_matcher = re.compile("-[^-]")  # "-y*log(p)" is a formula and no option, as "-5" is to argparse
    explain.add_argument("expression", metavar="EXPR", help='a formula, such as "-y*log(1/(1+exp(-W*x)))"')
    explain.add_argument("--at", type=values, default={}, metavar="x=3,y=1", help="a value for each name; lists as x=[1,2]")
    explain.add_argument("--wrt", metavar="W", help="names to differentiate by, with commas (default: all)")
    explain.add_argument("--mode", choices=("forward", "reverse", "both"), default="both")
    explain.add_argument("--latex", action="store_true", help="print LaTeX instead of tables")
    explain.add_argument("--html", metavar="FILE", help="write one self-contained page")
    explain.add_argument("--svg", metavar="FILE", help="write the graph")
    explain.set_defaults(run=run_explain)
    check = subparsers.add_parser("check-table", help="mark wrong cells of a hand-derived table")
    check.add_argument("file", metavar="FILE", help='.json or .csv rows, a .py module with def x2 and def derx2 (it is run), or "lecture"')
    check.add_argument("--at", type=values, default=None, metavar="x=3,y=1")
    check.add_argument("--wrt", metavar="W")
    check.set_defaults(run=run_check)
    page = subparsers.add_parser("page", help="serve the interactive page on this machine")
    page.add_argument("--port", type=int, default=8765, help="port on 127.0.0.1 (default: %(default)s; 0: any free one)")
    page.add_argument("--no-browser", action="store_true", help="do not open a browser")
    page.set_defaults(run=run_page)


def values(text):
    """Values of names as ``x=3,y=[1,2]``.

    Examples
    --------
    >>> values("x=3,w=[1,2],A=[[1,0],[0,1]]")
    {'x': 3.0, 'w': [1, 2], 'A': [[1, 0], [0, 1]]}
    """
    import argparse
    import json

    out = {}
    parts, depth = [""], 0
    for c in text:
        depth += (c == "[") - (c == "]")
        if c == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    for part in parts:
        name, equals, value = part.partition("=")
        try:
            out[name.strip()] = json.loads(value) if value.lstrip().startswith("[") else float(value)
        except (ValueError, RecursionError):
            raise argparse.ArgumentTypeError(f"{part!r:.60}: write name=number, or name=[1,2]") from None
        if not equals or not name.strip():
            raise argparse.ArgumentTypeError(f"{part!r:.60}: write name=number")
    return out


def run_explain(args):
    """``dualnet explain``."""
    from pathlib import Path

    from dualnet import explain

    explanation = explain(args.expression, at=args.at, wrt=[name.strip() for name in args.wrt.split(",")] if args.wrt else None)
    if args.html:
        explanation.html(args.html)
    if args.svg:
        Path(args.svg).write_text(explanation.svg(), encoding="utf-8")
    print(explanation.latex(document=True) if args.latex else explanation.text(args.mode), end="")


def run_check(args):
    """``dualnet check-table``: exit code 1 where a cell is wrong."""
    from dualnet.explain.handmade import check_table

    report = check_table(args.file, args.at, args.wrt)
    print(report, end="")
    return 0 if report.ok else 1


def run_page(args):
    """``dualnet page``."""
    from dualnet.explain.server import serve

    if not 0 <= args.port < 65536:
        raise ArgumentError(f"--port {args.port}: give a port from 0 to 65535")
    try:
        serve(args.port, open_browser=not args.no_browser)
    except OSError as error:
        raise ArgumentError(f"--port {args.port}: {error.strerror}; give another, or 0 for any free one") from error

"""The command line: ``dualnet demo`` and the commands that the rooms ``learn`` and ``explain`` bring.

A room adds its commands in a module ``commands`` with one function ``add_commands(subparsers)``. Each
command is a parser whose ``set_defaults(run=...)`` names a function that takes the parsed arguments and
returns None or an exit code; it raises a :class:`dualnet.DualnetError` where the input is wrong.

Exit codes: 0 done, 1 the command failed (one line on stderr says why), 2 the command line is not understood.
"""

import argparse
import importlib
import os
import sys

import dualnet as dn

ROOMS = ("dualnet.learn.commands", "dualnet.explain.commands")
ALONE = ({"demo"}, {"-V"}, {"--version"})  # command lines that no room is imported for


def main(argv=None):
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments behind ``dualnet``; those of the process by default.

    Returns
    -------
    int
        The exit code. A command line that is not understood raises ``SystemExit(2)``, as argparse does.

    Examples
    --------
    >>> main(["check-everything"])
    Traceback (most recent call last):
    SystemExit: 2
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    for stream in (sys.stdout, sys.stderr):  # a terminal that has no Greek prints "?" and goes on
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    parser = build_parser(() if set(argv[:1]) in ALONE else ROOMS)
    args = parser.parse_args(argv)
    if args.command is None:
        parser.print_help()
        return 0
    try:
        code = args.run(args) or 0
        if sys.stdout is not None:  # as it is where the process was started with it closed
            sys.stdout.flush()
        return code
    except (dn.DualnetError, OSError, MemoryError) as error:
        if isinstance(error, BrokenPipeError):  # the reader of our output, such as `head`, has gone
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        print(f"dualnet {args.command}: {one_line(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"dualnet {args.command}: interrupted", file=sys.stderr)
        return 1


def build_parser(rooms):
    """The parser with the demo and the commands of those `rooms` that are installed."""
    parser = argparse.ArgumentParser(
        prog="dualnet",
        description="Exact derivatives of plain NumPy code by dual numbers.",
        epilog="dualnet COMMAND --help describes a command.",
    )
    parser.add_argument("-V", "--version", action="version", version=f"dualnet {dn.__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _add_demo(subparsers)
    for name in rooms:
        module = _import_if_there(name)
        if module is not None:
            module.add_commands(subparsers)
    return parser


def one_line(error):
    """The message of an error on a single line; an error of the system as "FILE: what is wrong"."""
    if isinstance(error, OSError) and error.strerror:
        named = f"{error.filename}: " if error.filename is not None else ""
        return f"{named}{error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__


def _import_if_there(name):
    """The module, or None where this installation does not have it; any other failure is raised."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(error.name + ".")):
            return None
        raise


def _add_demo(subparsers):
    parser = subparsers.add_parser(
        "demo",
        help="the lecture's table, wrong rows found, and a logistic regression on heart data",
        description="Differentiate the lecture's example in both modes, prove the result with SymPy, find wrong "
        "hand-written derivatives, fit a logistic regression to heart data by forward-mode gradients.",
    )
    parser.add_argument("--out", metavar="DIR", default="dualnet-demo", help="folder for trace.png (default: %(default)s)")
    parser.set_defaults(run=_run_demo)


def _run_demo(args):
    from dualnet import demo

    return demo.run(args.out)

"""See derivatives flow, line by line: `dualnet.explain` is this room, and it can be called.

>>> import dualnet as dn
>>> print(dn.explain("x**2", at={"x": 3}).counts.sentence()[:60])
1 input number, 1 result: forward mode spends 1 product and
"""

import importlib
import sys
import types

_LAZY = {"check_table": "dualnet.explain.handmade", "Explanation": "dualnet.explain.explanation", "Graph": "dualnet.explain.graphs",
         "graph": "dualnet.explain.graphs"}


def explain(f, *args, at=None, wrt=None, names=None):
    """Run a function, or a formula given as text, and explain its derivatives line by line.

    Parameters
    ----------
    f : callable or str
        Any function that dualnet differentiates; or the text of a formula, read by a safe grammar.
    *args
        Arguments of the function: numbers, arrays, nested containers of them. Others are passed on.
    at : dict, optional
        For text: the value of each name, a number or a nested list of numbers.
    wrt : str, int or sequence of them, optional
        What to differentiate by; everything unless given.
    names : sequence of str, optional
        Names of the arguments; those of the signature unless given.

    Returns
    -------
    Explanation
        ``str`` and notebooks show it; ``.table("forward" | "reverse")``, ``.latex()``, ``.markdown()``, ``.svg()``,
        ``.html(path)``, ``.to_dict()``, ``.closed_form`` and ``.counts`` give its parts.

    Raises
    ------
    FormulaError
        The text is no formula, or a name has no value.
    ArgumentError, DTypeError
        `wrt` names no argument, or an argument is no number.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> e = dn.explain(lambda x, y: np.sin(x) * y, 0.0, 2.0)
    >>> [step.name for step in e.steps], [float(s) for s in e.steps[-1].tangents]
    (['x', 'y', 'ξ1', 'L'], [2.0, 0.0])
    >>> dn.explain("-y*log(1/(1+exp(-W*x)))", at={"x": 3, "y": 1, "W": 3}, wrt="W").closed_form[0].value
    -0.00037018372795869517
    """
    from dualnet.errors import ArgumentError
    from dualnet.explain.called import trace
    from dualnet.explain.explanation import Explanation
    from dualnet.explain.typed import trace_text

    if isinstance(f, str):
        if args or names is not None:
            raise ArgumentError('explain of a text takes its values by name: at={"x": 3, "W": 3}')
        return Explanation(trace_text(f, at, wrt), f)
    if at is not None:
        raise ArgumentError("at= gives values to the names of a text; give a function its arguments after it")
    return Explanation(trace(f, args, wrt, names))


class _CallableModule(types.ModuleType):
    """This module: called, it is `explain`; what needs SymPy and pictures is imported when it is asked for."""

    def __call__(self, f, *args, at=None, wrt=None, names=None):
        return explain(f, *args, at=at, wrt=wrt, names=names)

    def __getattr__(self, name):
        if name in _LAZY:
            found = getattr(importlib.import_module(_LAZY[name]), name)
            setattr(self, name, found)
            return found
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


sys.modules[__name__].__class__ = _CallableModule

"""Rows of the user's own: a function and its partials, entered by decorators."""

import functools
import importlib
import inspect
import operator

import numpy as np

from dualnet.errors import ArgumentError, DTypeError, ShapeError
from dualnet.table.domain import REAL
from dualnet.table.row import Pointwise, highest, shape_of


def _signature(function, name):
    """The signature of an elementwise function, whose arguments are a fixed number."""
    if isinstance(function, np.ufunc):
        kind = inspect.Parameter.POSITIONAL_ONLY
        return inspect.Signature([inspect.Parameter(letter, kind) for letter in "xyzuvwabcd"[:function.nin]])
    signature = inspect.signature(function)
    for p in signature.parameters.values():
        if p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD):
            raise ArgumentError(f"{name} takes {p}: a partial belongs to each argument of a basic function, so they are named one by one, "
                                "as in def f(x, y): ...")
    return signature


class BasicFunction(Pointwise):
    """A user's own row: call it like a function; ``.derivative`` enters its partials."""

    def __init__(self, function, symbol=None, domain=REAL, name=None):
        name = name or getattr(function, "__name__", type(function).__name__)
        self._signature = _signature(function, name)
        self.arguments = list(self._signature.parameters)
        self._partials = [None] * len(self.arguments)
        super().__init__(name, function, self._partials, symbol, domain)
        functools.update_wrapper(self, function)
        self.__name__ = name
        self.evaluate = self._evaluated

    def __call__(self, *args, **kwargs):
        if kwargs or len(args) != len(self.arguments):
            bound = self._signature.bind(*args, **kwargs)
            bound.apply_defaults()
            args = bound.args
        top = highest(args)
        return self.function(*args) if top is None else top._pointwise(self, args)

    def _evaluated(self, *values):
        """The value that goes with a derivative: it must have been found element by element."""
        out, shapes = self(*values), list(map(shape_of, values))
        shape = shapes[0] if len(set(shapes)) == 1 else np.broadcast_shapes(*shapes)
        if isinstance(out, (list, tuple)) or shape_of(out) != shape:
            raise ShapeError(f"{self.name} returned {out!r:.60} for arguments that broadcast to shape {shape}; a basic function is "
                             "elementwise and returns an array of that shape; write other functions with those of the table")
        return out

    def __reduce__(self):
        place = self.__module__, getattr(self, "__qualname__", "")
        if _named(*place) is self:  # as a decorator leaves it
            return (_named, place)
        return (_rebuild, (self.function, self.symbol, self.domain, self.name, self.partials))

    def derivative(self, function=None, *, argnum=None):
        """Enter the partial of the next argument (or of `argnum`): a function of the inputs, and of the
        output too if it takes one argument more.

        Returns `function` unchanged, so that it stays callable by its own name.
        """
        if function is None:
            return lambda f: self.derivative(f, argnum=argnum)
        place = next((i for i, p in enumerate(self._partials) if p is None), None) if argnum is None else argnum
        n = len(self.arguments)
        if place is None or not 0 <= place < n:
            raise ArgumentError(f"{self.name} has {n} argument(s) and a partial for each already; "
                                f"argnum={argnum} names none that is free")
        takes = len(inspect.signature(function).parameters)
        if takes not in (n, n + 1):
            raise ArgumentError(f"the partial {function.__name__} takes {takes} arguments; a partial of {self.name} "
                                f"takes its {n} input(s), and the output if it wants it")
        self._partials[place] = Partial(function, takes, self.name)
        self.partials = tuple(self._partials)
        return function


class Partial:
    """A partial that a user has entered, of (inputs..., output) or of the inputs alone."""

    def __init__(self, function, takes, of):
        self.function, self.takes, self.of = function, takes, of

    def __call__(self, *args):
        p, out = self.function(*args[:self.takes]), args[-1]
        if p is None or isinstance(p, (list, tuple, str, dict)):
            raise DTypeError(f"the partial of {self.of} returned {p!r:.60}; it returns a number, or an array of the shape of the result")
        shape, whole = shape_of(p), shape_of(out)
        if len(shape) > len(whole) or any(a not in (1, b) for a, b in zip(shape[::-1], whole[::-1])):
            raise ShapeError(f"the partial of {self.of} has shape {shape} and its result shape {whole}; they must be equal")
        return p


def _named(module, name):
    """What a module has by that name; None where it has nothing."""
    try:
        return operator.attrgetter(name)(importlib.import_module(module))
    except (ImportError, AttributeError, TypeError, ValueError):
        return None


def _rebuild(function, symbol, domain, name, partials):
    row = BasicFunction(function, symbol, domain, name)
    row._partials, row.partials = list(partials), tuple(partials)
    return row


def basic_function(function=None, *, symbol=None, domain=REAL, name=None):
    """Make an elementwise function of your own a row: the lecture's ``def x2`` with its ``def derx2``.

    Parameters
    ----------
    function : callable
        ``(*inputs) -> array``, elementwise, written with NumPy.
    symbol : str, optional
        The same function as a formula of its argument names, for the oracle.
    domain : Domain or tuple of Domain
        Where the function is smooth.
    name : str, optional
        Defaults to the function's name.

    Returns
    -------
    BasicFunction
        Callable as before, on arrays and on everything that carries a derivative.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> @dn.basic_function(symbol="1/(1+exp(-x))")
    ... def logistic(x):
    ...     return 1 / (1 + np.exp(-x))
    >>> @logistic.derivative
    ... def logistic_dx(x, y):
    ...     return y * (1 - y)
    >>> float(dn.derivative(logistic)(0.0))
    0.25
    """
    if function is None:
        return lambda f: basic_function(f, symbol=symbol, domain=domain, name=name)
    return BasicFunction(function, symbol, domain, name)

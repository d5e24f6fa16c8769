"""Rows of the user's own: a function and its partials, entered by decorators."""

import inspect

from dualnet.errors import ArgumentError
from dualnet.table.domain import REAL
from dualnet.table.row import Pointwise


class BasicFunction(Pointwise):
    """A user's own row: call it like a function; ``.derivative`` enters its partials."""

    def __init__(self, function, symbol=None, domain=REAL, name=None):
        self.arguments = [p.name for p in inspect.signature(function).parameters.values()]
        self._partials = [None] * len(self.arguments)
        super().__init__(name or function.__name__, function, self._partials, symbol, domain)
        self.evaluate = self

    def __reduce__(self):
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
        self._partials[place] = function if takes == n + 1 else (lambda *args: function(*args[:n]))
        self.partials = tuple(self._partials)
        return function


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

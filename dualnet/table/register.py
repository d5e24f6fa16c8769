"""The table itself: rows by name, and by the function that each describes."""

import importlib

from dualnet.errors import ArgumentError, UnknownFunctionError


class Table:
    """The table of basic functions: iterable, by name, and by the function a row describes.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> dn.table["exp"].symbol
    'exp(x)'
    >>> dn.table.find(np.exp) is dn.table["exp"]
    True
    """

    def __init__(self):
        self._by_name = {}
        self.by_function = {}
        self.late = []  # (prefix, module): more rows, imported when a row of a function of such a name is asked for

    def __repr__(self):
        return f"<table of {len(self)} rows>"

    def add(self, row, functions=()):
        """Enter `row`, found from each of `functions`; a second row of that name is refused."""
        if row.name in self._by_name:
            raise ArgumentError(f"the table has a row {row.name!r} already; give the new row another name")
        self._by_name[row.name] = row
        for function in functions:
            self.by_function[function] = row
        return row

    def find(self, function):
        """The row of `function`; raises :class:`UnknownFunctionError` where there is none."""
        try:
            if function not in self.by_function:
                self.complete(getattr(function, "__module__", None) or "")
            return self.by_function[function]
        except (KeyError, TypeError):
            raise UnknownFunctionError(unknown(function)) from None

    def complete(self, name=None):
        """Import the rooms that are loaded late: all, or those where functions of the module `name` may have rows."""
        for room in list(self.late):
            if name is None or name.startswith(room[0]):
                importlib.import_module(room[1])  # threads that ask at the same time wait for each other here
                self.late = [other for other in self.late if other != room]

    def holds(self, name):
        """True where a row of that name has been entered so far."""
        return name in self._by_name

    def report(self):
        """The catalogue of NumPy's and SciPy's public names and what becomes of each (see :class:`Catalogue`).

        Examples
        --------
        >>> import dualnet as dn
        >>> dn.table.report()["numpy.packbits"].status
        'not differentiable'
        """
        return importlib.import_module("dualnet.table.catalogue").Catalogue()

    def __getitem__(self, name):
        for rooms in (name, None):
            if name not in self._by_name:
                self.complete(rooms)
        try:
            return self._by_name[name]
        except KeyError:
            raise ArgumentError(f"the table has no row {name!r}; list(dn.table) names them all") from None

    def __iter__(self):
        self.complete()
        return iter(self._by_name.values())

    def __len__(self):
        self.complete()
        return len(self._by_name)

    def __contains__(self, name):
        self.complete()
        return name in self._by_name


TABLE = Table()


def unknown(function):
    """The message for a function without a row: its name and the cure."""
    module = getattr(function, "__module__", None) or "numpy"
    name = f"{module}.{getattr(function, '__name__', function)}"
    return (f"{name} has no row in dualnet's table, so its derivative is not known. Write it with functions that "
            f"are in dn.table, or add a row: @dn.basic_function(...) with .derivative gives an elementwise function")

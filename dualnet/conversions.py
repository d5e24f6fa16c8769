"""NumPy's conversions, such as ``np.asarray``, while :func:`dualnet.enable_numpy` is on: what carries a derivative keeps it.

They speak NumPy's protocols only where ``like=`` is said, which code that knows nothing of derivatives does not say. Their rows
are those that ``like=`` reaches.
"""

import functools
import sys

import numpy as np

from dualnet.packing import pack
from dualnet.table import TABLE
from dualnet.table.registered import Entry, carries
from dualnet.table.row import Traced, primal


class Conversion:
    """One of NumPy's functions that make arrays, which of arguments that carry a derivative makes a traced array.

    Like NumPy's, and unlike functions of Python, it is no method of a class that has it as an attribute (``__getitem__ = np.array``).
    """

    def __init__(self, original):
        functools.update_wrapper(self, original)
        self.original, self.row = original, TABLE.by_function[original]
        TABLE.by_function[self] = self.row

    def __call__(self, *args, **kwargs):
        if "like" in kwargs or not (any(map(carries, args)) or kwargs and carries(kwargs)) or _left(sys._getframe(1)):
            return self.original(*args, **kwargs)
        return self.row.follow(*map(pack, args), **{name: pack(x) for name, x in kwargs.items()})

    def __repr__(self):
        return repr(self.original)

    def __reduce__(self):
        return self.__name__


def _left(frame):
    """True for code whose conversions are left alone: NumPy's own, which has protocols, and pandas, whose objects hold plain arrays."""
    return frame.f_globals.get("__name__", "").startswith(("numpy.", "pandas."))


@functools.wraps(np.isscalar)
def isscalar(element):
    """True also of a traced number."""
    return PLAIN_ISSCALAR(primal(element) if isinstance(element, Traced) else element)


PLAIN_ISSCALAR = np.isscalar
FUNCTIONS = (np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.require, np.full, np.arange)
CONVERSIONS = [*(Entry(np, f.__name__, f, Conversion(f)) for f in FUNCTIONS), Entry(np, "isscalar", np.isscalar, isscalar)]

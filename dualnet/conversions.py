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


def following(original):
    """One of NumPy's functions that make arrays, which of arguments that carry a derivative makes a traced array."""
    row = TABLE.by_function[original]

    @functools.wraps(original)
    def call(*args, **kwargs):
        if "like" in kwargs or not (any(map(carries, args)) or kwargs and carries(kwargs)) or _left(sys._getframe(1)):
            return original(*args, **kwargs)
        return row.follow(*map(pack, args), **{name: pack(x) for name, x in kwargs.items()})

    TABLE.by_function[call] = row
    return call


def _left(frame):
    """True for code whose conversions are left alone: NumPy's own, which has protocols, and pandas, whose objects hold plain arrays."""
    return frame.f_globals.get("__name__", "").startswith(("numpy.", "pandas."))


@functools.wraps(np.isscalar)
def isscalar(element):
    """True also of a traced number."""
    return PLAIN_ISSCALAR(primal(element) if isinstance(element, Traced) else element)


PLAIN_ISSCALAR = np.isscalar
FUNCTIONS = (np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.require, np.full, np.arange)
CONVERSIONS = [*(Entry(np, f.__name__, f, following(f)) for f in FUNCTIONS), Entry(np, "isscalar", np.isscalar, isscalar)]

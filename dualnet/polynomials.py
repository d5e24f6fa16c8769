"""What ``np.polynomial`` needs to take traced arrays: it asks for NumPy's own, and has no protocol for most functions.

Its functions are plain Python that calculates with arrays of objects. Two things go wrong there. ``polyval(x, c)`` and its
kin give the coefficients an axis for each of the points' only after ``isinstance(x, np.ndarray)``, which no class but NumPy's
own can pass: so the name ``isinstance`` is given to these modules as :func:`counts_as`, in which a traced array is an array; it
reaches functions that were imported by name as well, and the classes, which divide by numbers only. And arrays of objects have
no precision: what NumPy would widen to double precision, because a coefficient or a point is double, is widened
before. Calls without traced arrays are as they were.
"""

import builtins
import numbers

import numpy as np
from numpy.polynomial import _polybase, chebyshev, hermite, hermite_e, laguerre, legendre, polynomial, polyutils

from dualnet.packing import elements, holds_traced, pack
from dualnet.table import TABLE
from dualnet.table.row import Traced, dtype_of, shape_of

ARRAYS = (np.ndarray, np.generic)


def counts_as(x, kinds):
    """``isinstance(x, kinds)``, with a traced array counted as one of NumPy's, and one without axes as a number.

    Examples
    --------
    >>> counts_as(np.ones(2), np.ndarray), counts_as(1.0, np.ndarray)
    (True, False)
    """
    return builtins.isinstance(x, kinds) or builtins.isinstance(x, Traced) and (kinds in ARRAYS or kinds is numbers.Number and not x.ndim)


def traced(x):
    """True for a traced array and for an array or list with one among its elements."""
    return isinstance(x, Traced) or isinstance(x, np.ndarray) and x.dtype.hasobject and holds_traced(x.flat) or (
        isinstance(x, (list, tuple)) and holds_traced(x))


def in_precision(x, *others):
    """The elements of `x` in the precision that NumPy would give it together with others."""
    x = pack(x)
    if not isinstance(x, Traced):
        return x
    wide = np.result_type(x.dtype, *(y if isinstance(y, (int, float, complex)) else dtype_of(y) for y in others))
    return elements(x if wide == x.dtype or wide.kind not in "fc" else TABLE["astype"](x, np.result_type(wide, np.float32)))


def as_series(alist, trim=True):
    """``polyutils.as_series``: series of coefficients in their common precision."""
    if any(traced(a) for a in alist):
        packed = [pack(a) for a in alist]
        alist = [in_precision(a, *packed) for a in packed]
    return PLAIN_SERIES(alist, trim)


def valnd(val, c, *points):
    """``polyutils._valnd``, which ``polyval2d`` and its kin call: values of a series of several variables at points of one shape."""
    if not any(isinstance(x, Traced) for x in points):
        return PLAIN_VALND(val, c, *points)
    points = [x if isinstance(x, Traced) else np.asanyarray(x) for x in points]
    if any(shape_of(x) != shape_of(points[0]) for x in points):
        raise ValueError(f"the points have shapes {', '.join(str(shape_of(x)) for x in points)}; they must be the same")
    c = val(points[0], c)
    for x in points[1:]:
        c = val(x, c, tensor=False)
    return c


def mapdomain(x, old, new):
    """``polyutils.mapdomain``: before NumPy 2.1 it takes `x` for an array of objects, which has no precision."""
    if not isinstance(x, Traced):
        return PLAIN_MAP(x, old, new)
    offset, scale = polyutils.mapparms(old, new)
    return offset + scale * x


def value(self, arg):
    """``Polynomial.__call__`` and that of the other classes."""
    if not traced(self.coef):
        return PLAIN_VALUE(self, arg)
    arg = polyutils.mapdomain(arg, self.domain, self.window)
    return self._val(arg, in_precision(self.coef, arg))


BASE = polynomial.Polynomial.__base__  # of all classes
PLAIN_SERIES, PLAIN_VALND, PLAIN_MAP, PLAIN_VALUE = polyutils.as_series, polyutils._valnd, polyutils.mapdomain, BASE.__call__
polyutils.as_series, polyutils._valnd, polyutils.mapdomain, BASE.__call__ = as_series, valnd, mapdomain, value
for _module in (_polybase, chebyshev, hermite, hermite_e, laguerre, legendre, polynomial, polyutils):
    _module.isinstance = counts_as

"""Python's operators and conversions of a traced array: each operator finds its row of the table."""

from numbers import Number

import numpy as np
from numpy import ndarray

from dualnet.errors import DTypeError, MutationError
from dualnet.packing import asserted, beside, holds_traced, lost, pack, vectorizes
from dualnet.table import TABLE
from dualnet.table.quiet import note_complex
from dualnet.table.row import Traced, dtype_of, primal

ADD, SUBTRACT, MULTIPLY, DIVIDE, POWER, MATMUL, REMAINDER, FLOOR_DIVIDE, DIVMOD, NEGATIVE, POSITIVE, ABSOLUTE, SQUARE, RECIPROCAL, ROOT = (
    TABLE.find(f) for f in (np.add, np.subtract, np.multiply, np.divide, np.power, np.matmul, np.remainder, np.floor_divide, np.divmod,
                            np.negative, np.positive, np.absolute, np.square, np.reciprocal, np.sqrt))
FLOAT64 = np.float64


def binary(row, x, y):
    """``x op y`` for a traced x."""
    kind = type(y)
    if row.elementwise:
        if type(x.value) is float:
            out = x._numbers(row, x, y)
            if out is not None:
                return out
        if kind is float or kind is int or kind is FLOAT64:
            return x._pointwise(row, (x, y))
        if kind is type(x):
            other = y
            if other.level == x.level:
                return x._pointwise(row, (x, y))
    if isinstance(y, (Traced, ndarray, float, int, np.generic, complex)):
        if isinstance(y, ndarray) and (kind is not ndarray or y.dtype.hasobject):
            y = pack(y)
        if kind is complex and not x.shape:
            note_complex()
        return row(x, y)
    if isinstance(y, (list, tuple)):
        return row(x, pack(y) if holds_traced(y) else np.asarray(pack(y)))
    return row(x, np.asarray(y, object)) if exact(y, x) else NotImplemented


def reflected(row, x, y):
    """``x op y`` for a traced y and an x that is not."""
    kind = type(x)
    if row.elementwise and (kind is float or kind is int):
        out = y._numbers(row, x, y) if type(y.value) is float else None
        return y._pointwise(row, (x, y)) if out is None else out
    if isinstance(x, (ndarray, float, int, np.generic, complex)):
        if kind is complex and not y.shape:
            note_complex()
        return row(beside(x, y), y)
    if isinstance(x, (list, tuple)):
        return row(pack(x) if holds_traced(x) else np.asarray(x), y)
    return row(np.asarray(x, object), y) if exact(x, y) else NotImplemented


def exact(number, x):
    """True for an exact number, such as a fraction, that meets an array of such numbers."""
    return isinstance(number, Number) and x.dtype.hasobject


def inplace(row, x, y):
    """``x op= y`` for a traced x."""
    out = binary(row, x, y)
    if out is NotImplemented or not x.shape:
        return out  # a number is a new one, as in NumPy: other names of it keep theirs
    if np.shape(out) != x.shape:
        raise MutationError(f"in-place {row.name}: a result of shape {np.shape(out)} does not fit into shape {x.shape}")
    if dtype_of(out).kind == "c" and dtype_of(x).kind == "f":
        raise DTypeError(f"in-place {row.name}: a result of {dtype_of(out)} does not fit into {dtype_of(x)}; make a new array of it, "
                         "or write its real part")
    x[...] = out
    return x


def plain(x):
    """The values of an operand of a comparison."""
    return primal(np.asarray(pack(x)) if isinstance(x, (list, tuple)) and not holds_traced(x) else pack(x))


class Arithmetic(Traced):
    """A value with a level, and Python's operators by rows."""

    __slots__ = ()
    __hash__ = None

    def _pointwise(self, row, args):
        """An elementwise row of operands of which this has the highest level."""
        raise NotImplementedError

    def _numbers(self, row, x, y):
        """The same of two numbers, where a reader has a shorter way for them; else None."""
        return None

    def __add__(self, other):
        return binary(ADD, self, other)

    def __radd__(self, other):
        return reflected(ADD, other, self)

    def __iadd__(self, other):
        return inplace(ADD, self, other)

    def __sub__(self, other):
        return binary(SUBTRACT, self, other)

    def __rsub__(self, other):
        return reflected(SUBTRACT, other, self)

    def __isub__(self, other):
        return inplace(SUBTRACT, self, other)

    def __mul__(self, other):
        return binary(MULTIPLY, self, other)

    def __rmul__(self, other):
        return reflected(MULTIPLY, other, self)

    def __imul__(self, other):
        return inplace(MULTIPLY, self, other)

    def __truediv__(self, other):
        return binary(DIVIDE, self, other)

    def __rtruediv__(self, other):
        return reflected(DIVIDE, other, self)

    def __itruediv__(self, other):
        return inplace(DIVIDE, self, other)

    def __pow__(self, other):
        if type(other) is int or type(other) is float:  # by the rows that NumPy itself takes for these powers
            row = SQUARE if other == 2 else ROOT if other == 0.5 else RECIPROCAL if other == -1 else None
            if row is not None:
                return self._pointwise(row, (self,))
        return binary(POWER, self, other)

    def __rpow__(self, other):
        return reflected(POWER, other, self)

    def __ipow__(self, other):
        return inplace(POWER, self, other)

    def __matmul__(self, other):
        return binary(MATMUL, self, other)

    def __rmatmul__(self, other):
        return reflected(MATMUL, other, self)

    def __imatmul__(self, other):
        return inplace(MATMUL, self, other)

    def __mod__(self, other):
        return binary(REMAINDER, self, other)

    def __rmod__(self, other):
        return reflected(REMAINDER, other, self)

    def __imod__(self, other):
        return inplace(REMAINDER, self, other)

    def __floordiv__(self, other):
        return binary(FLOOR_DIVIDE, self, other)

    def __rfloordiv__(self, other):
        return reflected(FLOOR_DIVIDE, other, self)

    def __ifloordiv__(self, other):
        return inplace(FLOOR_DIVIDE, self, other)

    def __divmod__(self, other):
        return binary(DIVMOD, self, other)

    def __rdivmod__(self, other):
        return reflected(DIVMOD, other, self)

    def __neg__(self):
        return self._pointwise(NEGATIVE, (self,))

    def __pos__(self):
        return POSITIVE(self)

    def __abs__(self):
        return ABSOLUTE(self)

    def __lt__(self, other):
        return primal(self) < plain(other)

    def __le__(self, other):
        return primal(self) <= plain(other)

    def __gt__(self, other):
        return primal(self) > plain(other)

    def __ge__(self, other):
        return primal(self) >= plain(other)

    def __eq__(self, other):
        return primal(self) == plain(other)

    def __ne__(self, other):
        return primal(self) != plain(other)

    # --- conversions, which would lose the derivative -----------------------------------------------------------

    def _refuse(self, name, cure="use the np.* function of that name, or dn.stop_gradient(x) for the value alone"):
        if vectorizes():
            cure = ("leave otypes= of np.vectorize out, and let its first result, whose type all take, carry a derivative "
                    "(write 0.5 + 0 * x for 0.5)")
        raise lost(f"{name} of a {type(self).__name__}", cure)

    def __float__(self):
        if asserted():
            return float(primal(self))
        self._refuse("float() (math.* calls it, and so does writing into a plain array)",
                     "use the np.* function of that name (or let dn.enable_numpy() see to modules that use math), make buffers with "
                     "np.zeros_like(x) or np.zeros(n, like=x), or say dn.stop_gradient(x) for the value alone")

    def __int__(self):
        self._refuse("int()")

    def __round__(self, ndigits=None):
        return self._refuse("round() to a whole number") if ndigits is None else np.round(self, ndigits)

    def __complex__(self):
        self._refuse("complex()")

    def __index__(self):
        self._refuse("using as an index", "index with dn.stop_gradient(x) or with plain integers")

    def item(self, *args):
        """Refused: a Python number has no derivative."""
        self._refuse(".item()", "index the array instead, x[...]")

    def tolist(self):
        """Refused for arrays: Python numbers have no derivative."""
        self._refuse(".tolist()", "iterate over the array instead")

    def __bool__(self):
        return bool(primal(self))

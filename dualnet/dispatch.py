"""How NumPy's calls reach a row: its two protocols, indexing, writing and the attributes of an array.

:class:`Array` is what every traced array is. It looks a call up in the table; the row plans it and gives
it to the traced operand with the highest level.
"""

import math

import numpy as np
from numpy import ndarray

from dualnet import polynomials  # noqa: F401
from dualnet.buffers import ADD_UP, in_precision_of, out_by_name, write_out
from dualnet.errors import MutationError, UnknownAttributeError
from dualnet.methods import Methods
from dualnet.packing import (
    arguments,
    asks_unit,
    asserted,
    averages,
    beside,
    elements,
    holds_traced,
    lost,
    operand,
    pack,
    takes_objects,
    widened,
)
from dualnet.table import TABLE, fields
from dualnet.table.registered import advice
from dualnet.table.row import Traced, highest, ndim_of, primal
from dualnet.views import InOrder, remember_view, repeated, reshape_in_place, write

ROWS = TABLE.by_function
GETITEM, SETITEM = TABLE["getitem"], TABLE["setitem"]
REAL_PART, IMAGINARY_PART, OF_PARTS = TABLE["real_part"], TABLE["imaginary_part"], TABLE["of_parts"]


class Array(Methods):
    """A traced array. Subclasses are the readers of rows; this class gives them NumPy's face."""

    __slots__ = ("_views", "_base", "__weakref__")

    # --- the two protocols -------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        row = ROWS.get(ufunc)
        if method == "__call__" and not kwargs and row is not None:
            return _called(self, row, inputs)
        from dualnet.ufuncs import general
        return general(ufunc, method, [x if method == "at" and k == 1 else operand(x) for k, x in enumerate(inputs)], kwargs)

    def __array_function__(self, function, types, args, kwargs):
        row = ROWS.get(function)
        if row is None:
            if function.__module__.startswith("numpy.polynomial"):  # some ask; they are as the others
                return function._implementation(*args, **kwargs)
            row = TABLE.find(function)
        if len(args) == 1 and not kwargs and isinstance(args[0], Traced) and row.kind != "creation":
            return row(args[0])
        if row.kind == "creation":
            return row.like(self, *[pack(x) for x in args], **{name: pack(x) for name, x in kwargs.items()})
        if len(args) > 2 or row.kind == "constant":
            args, kwargs = out_by_name(function, args, kwargs)
        out = kwargs.pop("out", None) if kwargs else None
        if len(types) > 1 or _lists(args, kwargs):  # of more than one type: NumPy's arrays are among them
            args, kwargs = arguments(function, args, kwargs)
        if not kwargs and out is None:
            return row(*args)
        if out is not None and function in ADD_UP and kwargs.get("dtype") is None and (len(args) < 3 or args[2] is None):
            args, kwargs["dtype"] = args[:2], in_precision_of(out, args[0])
        result = row(*args, **kwargs)
        return result if out is None else write_out(out, result, True, kwargs.get("casting"))

    # --- conversions that would lose the derivative ---------------------------------------------------

    def __array__(self, dtype=None, copy=None):
        if asserted():
            return np.asarray(primal(self), dtype)
        said = advice(self.ndim == 0)
        if said is not None:
            raise lost(f"giving a {type(self).__name__} of shape {self.shape} to {said[0]}", said[1])
        objects = dtype is object or isinstance(dtype, np.dtype) and dtype.hasobject
        if objects or dtype is None and (self.ndim == 0 or takes_objects()):
            return elements(widened(self))
        raise lost(f"converting a {type(self).__name__} of shape {self.shape} to a plain array",
                   "keep it as it is (NumPy functions take it), write A.dot(x) as A @ x where A is plain, join with np.stack or "
                   "np.concatenate, make buffers with np.zeros_like(x) or np.zeros(n, like=x), let dn.enable_numpy() see to modules that "
                   "call np.asarray, or say dn.stop_gradient(x) for its value alone")

    # --- attributes -----------------------------------------------------------------------------------

    @property
    def shape(self):
        """Shape of the value."""
        value = self.value
        return fields.shape(value) if type(value) is ndarray else getattr(value, "shape", ())  # a Python float or a fraction has none

    @shape.setter
    def shape(self, shape):
        reshape_in_place(self._decided(), shape)

    @property
    def ndim(self):
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self):
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def dtype(self):
        """Data type of the value; a number has none for NumPy's ``mean``, which would make a number of that type of it."""
        value = primal(self.value)
        if not getattr(value, "shape", ()) and averages():
            raise AttributeError("dtype")
        return value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype

    @property
    def itemsize(self):
        """Bytes of one element of the value."""
        return self.dtype.itemsize

    @property
    def nbytes(self):
        """Bytes of the value."""
        return self.size * self.itemsize

    @property
    def flags(self):
        """NumPy's flags of the value: its order in memory, whether it can be written to."""
        return np.asarray(primal(self)).flags

    @property
    def strides(self):
        """Bytes from one element of the value to the next, along each axis."""
        return np.asarray(primal(self)).strides

    @property
    def device(self):
        """Where the array is, as NumPy says it."""
        return "cpu"

    @property
    def T(self):
        """The transpose."""
        return np.transpose(self)

    @property
    def mT(self):
        """The last two axes swapped."""
        return np.swapaxes(self, -1, -2)

    @property
    def real(self):
        """The real part, a view; of a real array itself."""
        if not np.iscomplexobj(primal(self)):
            return self
        return remember_view(self, REAL_PART(self), REAL_PART, lambda z, x: OF_PARTS(x, IMAGINARY_PART(z)))

    @real.setter
    def real(self, value):
        self.real[...] = value

    @property
    def imag(self):
        """The imaginary part, a view; of a real array constant zeros."""
        if not np.iscomplexobj(primal(self)):
            return np.zeros_like(self)
        return remember_view(self, IMAGINARY_PART(self), IMAGINARY_PART, lambda z, y: OF_PARTS(REAL_PART(z), y))

    @imag.setter
    def imag(self, value):
        if not np.iscomplexobj(primal(self)):
            raise TypeError("array does not have imaginary part to set")
        self.imag[...] = value

    @property
    def flat(self):
        """Elements in C order, as a one-dimensional array that can be written to."""
        out = np.reshape(self, -1)
        if getattr(out, "_base", None) is None:  # NumPy has to copy elements in another order
            return remember_view(self, out, InOrder(self.ndim))
        out._base = self, InOrder(self.ndim), None
        return out

    @flat.setter
    def flat(self, value):
        self[...] = np.reshape(np.resize(value, self.size), self.shape)

    def __len__(self):
        shape = self.shape
        if not shape:
            raise TypeError("len() of unsized object")
        return shape[0]

    def __iter__(self):
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        return map(self.__getitem__, range(len(self)))

    def __contains__(self, x):
        return bool(np.any(self == x))

    def __repr__(self):
        return f"{type(self).__name__}({self.value!r})"

    def __format__(self, spec):
        return format(primal(self), spec) if spec else str(self)

    def __getattr__(self, name):
        ufunc = getattr(np, name, None) if not name.startswith("_") else None
        if isinstance(ufunc, np.ufunc) and self.ndim == 0:
            return lambda *others: ufunc(self, *others)  # object arrays call their elements' methods
        if name == "unit" and asks_unit():
            raise lost(f"the unit of a quantity beside a {type(self).__name__}", "pass a plain array, q.to_value(unit)")
        raise UnknownAttributeError(f"a traced array has no attribute {name!r}; use the np.* function if there is one")

    def __copy__(self):
        return np.positive(self)

    def __deepcopy__(self, memo):
        return np.positive(self)

    # --- indexing and writing ---------------------------------------------------------------------------

    def __getitem__(self, index):
        return GETITEM(self, index)

    def __setitem__(self, index, value):
        if isinstance(value, (list, tuple)):
            value = pack(value) if holds_traced(value) else np.asarray(value)
        top = highest((self, value))
        if top is not None and top.level > self.level:
            value = top._decided()
            top = highest((value,))
        if top is not None and top.level > self.level:
            raise MutationError(
                f"writing a {type(top).__name__} of an inner transformation into an array of an outer one would lose its "
                "derivative; make the array inside the inner function, with np.zeros_like(its argument)")
        value = pack(value)
        if index is Ellipsis and type(value) is type(self) and value.level == self.level and value.shape == self.shape and (
                value.dtype == self.dtype):
            write(self, value)  # all of it, as x += y does
        elif not self._write_here(index, value):
            write(self, SETITEM(self, index, repeated(self, index, value)))

    # --- what subclasses fill in -----------------------------------------------------------------------

    def _decided(self, apart=False):
        """This array; of an input whose mode is still to be chosen, what it becomes."""
        return self

    def held(self):
        """This array; of a buffer, what it holds."""
        return self

    def snapshot(self):
        """Another array that holds what this one holds now; what is written into this one later it does not see."""
        out = type(self).__new__(type(self))
        out.level = self.level
        out._assign(self)
        return out

    def _assign(self, other):
        """Take over all that `other`, of the same shape and level, holds."""
        raise NotImplementedError

    def _lift(self, x):
        """The constant `x` as an array of this reader."""
        raise NotImplementedError

    def _summed_pieces(self, shape, pieces, lead):
        """The sum of pairs (basic index, array) as an array of `shape`, or None where rows of the table must do it."""
        return None

    def _write_here(self, index, value):
        """Write in place if nobody else holds this array's memory; False where it was not done."""
        return False


def _lists(args, kwargs):
    """True where a list may be an array of traced numbers: one inside another, or one beside a traced argument."""
    traced = holds = False
    for x in (*args, *kwargs.values()) if kwargs else args:
        if type(x) is list or type(x) is tuple:
            for e in x:
                if type(e) is list or type(e) is tuple:
                    return True
                holds = holds or isinstance(e, Traced)
        elif isinstance(x, Traced):
            traced = True
    return traced and holds


def shown(x):
    """A value or a tangent as text: rounded, unless it is exact or an array of another level."""
    if isinstance(x, Traced) or not (np.isscalar(x) or isinstance(x, ndarray)):
        return repr(x)
    if ndim_of(x):
        return np.array2string(np.asarray(x), precision=3, separator=", ")
    return f"{x:.3g}" if isinstance(x, (float, complex, np.generic)) else str(x)


def _called(array, row, inputs):
    """The row of a ufunc that NumPy has been called with, of `inputs` of which `array` is the first traced one."""
    if row.elementwise:
        first = inputs[0]
        if len(inputs) == 1 or (
                len(inputs) == 2 and inputs[1] is array and type(first) is ndarray and not fields.dtype(first).hasobject):
            return array._pointwise(row, inputs)
    for x in inputs:
        if type(x) is ndarray and not fields.dtype(x).hasobject or isinstance(x, Traced):
            continue
        if isinstance(x, (ndarray, list, tuple, complex)):
            inputs = _operands(inputs, array)
            break
    return row(*inputs)


def _operands(inputs, array):
    return tuple([beside(x, array) if type(x) is complex else operand(x) for x in inputs])

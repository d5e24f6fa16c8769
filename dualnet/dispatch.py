"""How NumPy's calls reach a row: its two protocols, the operators, methods and attributes of an array.

:class:`Array` is what every traced array is. It looks a call up in the table; the row plans it and gives
it to the traced operand with the highest level.
"""

import itertools
import math
import operator
import sys

import numpy as np

from dualnet.errors import EscapedError, MutationError, UnknownAttributeError, UnknownFunctionError
from dualnet.packing import elements, holds_traced, lost, operand, pack, takes_objects
from dualnet.table import TABLE
from dualnet.table.row import Traced, highest, primal
from dualnet.views import write

OPEN = {0}
_levels = itertools.count(1)


def open_level():
    """Open a fresh level, larger than all before."""
    level = next(_levels)
    OPEN.add(level)
    return level


def close_level(level):
    """End a level: arrays that carry it raise from now on."""
    OPEN.discard(level)


def escaped(x):
    """The error for an array whose transformation has ended."""
    return EscapedError(
        f"a {type(x).__name__} of shape {np.shape(primal(x))} is used after the transformation that made it has ended; "
        "return it from the function that is differentiated instead of storing it outside")


def _unary(ufunc):
    row = TABLE.find(ufunc)

    def method(self):
        return row(self)

    return method


def _binary(ufunc):
    row = TABLE.find(ufunc)
    pointwise = row.kind == "pointwise"

    def method(self, other):
        kind = type(other)
        if pointwise and (kind is float or kind is int or kind is np.float64 or kind is type(self) and other.level == self.level):
            return self._pointwise(row, (self, other))
        if isinstance(other, (Array, np.ndarray, float, int, np.generic, complex)):
            if isinstance(other, np.ndarray) and (kind is not np.ndarray or other.dtype.hasobject):
                other = pack(other)
            return row(self, other)
        if isinstance(other, (list, tuple)):
            return row(self, np.asarray(pack(other)) if not holds_traced(other) else pack(other))
        return NotImplemented

    def reflected(self, other):
        kind = type(other)
        if pointwise and (kind is float or kind is int):
            return self._pointwise(row, (other, self))
        if isinstance(other, (np.ndarray, float, int, np.generic, complex)):
            return row(pack(other), self)
        if isinstance(other, (list, tuple)):
            return row(np.asarray(other) if not holds_traced(other) else pack(other), self)
        return NotImplemented

    def inplace(self, other):
        out = method(self, other)
        if out is NotImplemented or not self.shape:
            return out  # a number is a new one, as in NumPy: other names of it keep theirs
        if np.shape(out) != self.shape:
            raise MutationError(f"in-place {row.name}: a result of shape {np.shape(out)} does not fit into shape {self.shape}")
        self[...] = out
        return self

    return method, reflected, inplace


def _compared(compare):
    def method(self, other):
        if isinstance(other, (list, tuple)):
            other = np.asarray(pack(other))
        return compare(primal(self), primal(pack(other)))

    return method


class Array(Traced):
    """A traced array. Subclasses are the readers of rows; this class gives them NumPy's face."""

    __slots__ = ("value", "level", "_views", "_base", "__weakref__")
    __hash__ = None

    # --- the two protocols -------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        row = TABLE.by_function.get(ufunc)
        if method == "__call__" and not kwargs and row is not None:
            if row.kind == "pointwise":
                first = inputs[0]
                if len(inputs) == 1 or len(inputs) == 2 and inputs[1] is self and type(first) is np.ndarray and not first.dtype.hasobject:
                    return self._pointwise(row, inputs)
            for x in inputs:
                if isinstance(x, np.ndarray) and (type(x) is not np.ndarray or x.dtype.hasobject) or isinstance(x, (list, tuple, complex)):
                    inputs = [operand(x) for x in inputs]
                    break
            return row(*inputs)
        from dualnet.ufuncs import general
        return general(ufunc, method, [x if method == "at" and k == 1 else operand(x) for k, x in enumerate(inputs)], kwargs)

    def __array_function__(self, function, types, args, kwargs):
        if function.__module__.startswith("numpy.polynomial"):  # a few of its functions ask, and take elements as the others do
            return function._implementation(*(elements(x) if isinstance(x, Array) else x for x in args), **kwargs)
        if any(isinstance(x, np.ndarray) and type(x) is not np.ndarray for x in args):
            args = [pack(x) for x in args]
        row = TABLE.by_function.get(function) or TABLE.find(function)
        if row.kind == "creation":
            return pack(row.like(self, *args, **kwargs))
        out = kwargs.pop("out", None) if "out" in kwargs else None
        result = row(*args, **kwargs)
        return result if out is None else write_out(out, result)

    # --- conversions that would lose the derivative ---------------------------------------------------

    def __array__(self, dtype=None, copy=None):
        objects = dtype is object or isinstance(dtype, np.dtype) and dtype.hasobject
        if objects or dtype is None and (self.ndim == 0 or takes_objects(sys._getframe(1))):
            return elements(self)
        raise lost(f"converting a {type(self).__name__} of shape {self.shape} to a plain array",
                   "keep it as it is (NumPy functions take it), join with np.stack or np.concatenate, make buffers with "
                   "np.zeros_like(x) or np.zeros(n, like=x), or say dn.stop_gradient(x) for its value alone")

    def _refuse(self, name, cure="use the np.* function of that name, or dn.stop_gradient(x) for the value alone"):
        raise lost(f"{name} of a {type(self).__name__}", cure)

    def __float__(self):
        self._refuse("float() (math.* calls it, and so does writing into a plain array)",
                     "use the np.* function of that name, make buffers with np.zeros_like(x) or np.zeros(n, like=x), or say "
                     "dn.stop_gradient(x) for the value alone")

    def __int__(self):
        self._refuse("int()")

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

    # --- attributes -----------------------------------------------------------------------------------

    @property
    def shape(self):
        """Shape of the value."""
        try:
            return self.value.shape
        except AttributeError:  # a number of another kind, such as a fraction
            return ()

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
        """Data type of the value."""
        value = primal(self.value)
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
    def T(self):
        """The transpose."""
        return np.transpose(self)

    @property
    def mT(self):
        """The last two axes swapped."""
        return np.swapaxes(self, -1, -2)

    @property
    def real(self):
        """The real part."""
        return np.real(self) if np.iscomplexobj(primal(self)) else self

    @property
    def imag(self):
        """The imaginary part."""
        return np.imag(self)

    @property
    def flat(self):
        """Elements in C order, as a one-dimensional array."""
        return np.reshape(self, -1)

    def __len__(self):
        if self.ndim == 0:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self):
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

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
        raise UnknownAttributeError(f"a traced array has no attribute {name!r}; use the np.* function if there is one")

    def __copy__(self):
        return np.positive(self)

    def __deepcopy__(self, memo):
        return np.positive(self)

    # --- indexing and writing ---------------------------------------------------------------------------

    def __getitem__(self, index):
        return TABLE["getitem"](self, index)

    def __setitem__(self, index, value):
        if isinstance(value, (list, tuple)):
            value = pack(value) if holds_traced(value) else np.asarray(value)
        top = highest((self, value))
        if top is not None and top.level > self.level:
            raise MutationError(
                f"writing a {type(top).__name__} of an inner transformation into an array of an outer one would lose its "
                "derivative; make the array inside the inner function, with np.zeros_like(its argument)")
        value = pack(value)
        if not self._write_here(index, value):
            write(self, TABLE["setitem"](self, index, value))

    # --- what subclasses fill in -----------------------------------------------------------------------

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


def write_out(out, result):
    """Honour ``out=``: write `result` into it and return it."""
    target = out[0] if isinstance(out, tuple) and len(out) == 1 else out
    if isinstance(target, tuple):
        return tuple(r if t is None else write_out(t, r) for t, r in zip(target, result))
    if target is None:
        return result
    if not isinstance(target, Array):
        if isinstance(result, Traced) and target.dtype == object:
            result = elements(result)
        if isinstance(result, Traced):
            raise lost("out= into a plain array", "make the buffer with np.empty_like(x) or np.zeros(n, like=x)")
        target[...] = result
        return target
    target[...] = result
    return target


for _name, _ufunc in {"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide, "pow": np.power, "matmul": np.matmul,
                      "mod": np.remainder, "floordiv": np.floor_divide, "divmod": np.divmod}.items():
    _method, _reflected, _inplace = _binary(_ufunc)
    setattr(Array, f"__{_name}__", _method)
    setattr(Array, f"__r{_name}__", _reflected)
    if _name != "divmod":
        setattr(Array, f"__i{_name}__", _inplace)
_power, _square, _reciprocal, _root = (TABLE.find(f) for f in (np.power, np.square, np.reciprocal, np.sqrt))


def _pow(self, other):
    """Powers 2, -1 and 0.5 by the rows that NumPy itself takes for them."""
    if type(other) in (int, float):
        row = _square if other == 2 else _root if other == 0.5 else _reciprocal if other == -1 else None
        if row is not None:
            return row(self)
    return _binary_pow(self, other)


_binary_pow, Array.__pow__ = Array.__pow__, _pow
for _name, _ufunc in {"neg": np.negative, "pos": np.positive, "abs": np.absolute}.items():
    setattr(Array, f"__{_name}__", _unary(_ufunc))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Array, f"__{_name}__", _compared(getattr(operator, _name)))


def _method_of(name, function):
    def method(self, *args, **kwargs):
        return function(self, *args, **kwargs)

    method.__name__, method.__doc__ = name, f"``np.{function.__name__}`` of this array."
    return method


for _name in ("sum mean prod var std max min ptp cumsum cumprod argmax argmin argsort argpartition "
              "ravel squeeze swapaxes repeat take diagonal trace dot clip round nonzero all any choose "
              "searchsorted put").split():
    if hasattr(np, _name):
        setattr(Array, _name, _method_of(_name, getattr(np, _name)))


def _sort(self, axis=-1, kind=None, order=None):
    """Sort in place along `axis`."""
    self[...] = np.sort(self, axis=axis)


def _partition(self, kth, axis=-1, kind="introselect", order=None):
    """Partition in place along `axis`."""
    self[...] = np.partition(self, kth, axis=axis)


def _compress(self, condition, axis=None, out=None):
    """``np.compress``."""
    return np.compress(condition, self, axis=axis)


def _reshape(self, *shape, order="C", copy=None):
    """``np.reshape``."""
    return np.reshape(self, shape[0] if len(shape) == 1 and not np.isscalar(shape[0]) else shape, order=order)


def _transpose(self, *axes):
    """``np.transpose``."""
    return np.transpose(self, (axes[0] if len(axes) == 1 and not np.isscalar(axes[0]) else axes) or None)


def _astype(self, dtype, **kwargs):
    """Change the precision; to integers or booleans, plain values (the derivative is zero)."""
    return TABLE["astype"](self, dtype)


def _fill(self, value):
    """Set every element to `value`."""
    self[...] = value


Array.sort, Array.partition, Array.compress, Array.fill = _sort, _partition, _compress, _fill
Array.reshape, Array.transpose, Array.astype = _reshape, _transpose, _astype
Array.flatten = lambda self, order="C": np.positive(np.ravel(self, order))
Array.copy = lambda self, order="C": np.positive(self)
Array.conj = Array.conjugate = lambda self: np.conjugate(self)
Array.view = lambda self, *args: self._refuse(".view()", "use astype")
Array.tobytes = lambda self, *args: self._refuse(".tobytes()")


def no_partial(row, values):
    """The error for an argument whose partial is missing, by name."""
    shapes = ", ".join(str(np.shape(primal(v))) for v in values)
    return UnknownFunctionError(
        f"{row.name} (arguments of shape {shapes}) has no partial for an argument that carries a derivative; enter it with "
        f"@{row.name}.derivative(argnum=...), or pass that argument through dn.stop_gradient")

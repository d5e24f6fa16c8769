"""The methods of a traced array: NumPy's functions of the same names."""

import numpy as np

from dualnet.arithmetic import Arithmetic
from dualnet.packing import elements
from dualnet.table import TABLE
from dualnet.table.row import primal

OBJECT = (object, "O", "object", np.dtype(object))
ASTYPE = TABLE["astype"]


class Methods(Arithmetic):
    """What NumPy's arrays have as methods, by the functions."""

    __slots__ = ()

    def sum(self, *args, **kwargs):
        """``np.sum`` of this array."""
        return np.sum(self, *args, **kwargs)

    def mean(self, *args, **kwargs):
        """``np.mean`` of this array."""
        return np.mean(self, *args, **kwargs)

    def prod(self, *args, **kwargs):
        """``np.prod`` of this array."""
        return np.prod(self, *args, **kwargs)

    def var(self, *args, **kwargs):
        """``np.var`` of this array."""
        return np.var(self, *args, **kwargs)

    def std(self, *args, **kwargs):
        """``np.std`` of this array."""
        return np.std(self, *args, **kwargs)

    def max(self, *args, **kwargs):
        """``np.max`` of this array."""
        return np.max(self, *args, **kwargs)

    def min(self, *args, **kwargs):
        """``np.min`` of this array."""
        return np.min(self, *args, **kwargs)

    def ptp(self, *args, **kwargs):
        """``np.ptp`` of this array."""
        return np.ptp(self, *args, **kwargs)

    def cumsum(self, *args, **kwargs):
        """``np.cumsum`` of this array."""
        return np.cumsum(self, *args, **kwargs)

    def cumprod(self, *args, **kwargs):
        """``np.cumprod`` of this array."""
        return np.cumprod(self, *args, **kwargs)

    def argmax(self, *args, **kwargs):
        """``np.argmax`` of this array."""
        return np.argmax(self, *args, **kwargs)

    def argmin(self, *args, **kwargs):
        """``np.argmin`` of this array."""
        return np.argmin(self, *args, **kwargs)

    def argsort(self, *args, **kwargs):
        """``np.argsort`` of this array."""
        return np.argsort(self, *args, **kwargs)

    def argpartition(self, *args, **kwargs):
        """``np.argpartition`` of this array."""
        return np.argpartition(self, *args, **kwargs)

    def ravel(self, *args, **kwargs):
        """``np.ravel`` of this array."""
        return np.ravel(self, *args, **kwargs)

    def squeeze(self, *args, **kwargs):
        """``np.squeeze`` of this array."""
        return np.squeeze(self, *args, **kwargs)

    def swapaxes(self, *args, **kwargs):
        """``np.swapaxes`` of this array."""
        return np.swapaxes(self, *args, **kwargs)

    def repeat(self, *args, **kwargs):
        """``np.repeat`` of this array."""
        return np.repeat(self, *args, **kwargs)

    def take(self, *args, **kwargs):
        """``np.take`` of this array."""
        return np.take(self, *args, **kwargs)

    def diagonal(self, *args, **kwargs):
        """``np.diagonal`` of this array."""
        return np.diagonal(self, *args, **kwargs)

    def trace(self, *args, **kwargs):
        """``np.trace`` of this array."""
        return np.trace(self, *args, **kwargs)

    def dot(self, *args, **kwargs):
        """``np.dot`` of this array."""
        return np.dot(self, *args, **kwargs)

    def clip(self, min=None, max=None, *args, **kwargs):
        """``np.clip`` of this array; a bound that is not given is none, as np.clip takes it only from NumPy 2.1 on."""
        return np.clip(self, min, max, *args, **kwargs)

    def round(self, *args, **kwargs):
        """``np.round`` of this array."""
        return np.round(self, *args, **kwargs)

    def nonzero(self, *args, **kwargs):
        """``np.nonzero`` of this array."""
        return np.nonzero(self, *args, **kwargs)

    def all(self, *args, **kwargs):
        """``np.all`` of this array."""
        return np.all(self, *args, **kwargs)

    def any(self, *args, **kwargs):
        """``np.any`` of this array."""
        return np.any(self, *args, **kwargs)

    def compress(self, condition, axis=None, out=None):
        """``np.compress``."""
        return np.compress(condition, self, axis=axis, out=out)

    def choose(self, *args, **kwargs):
        """``np.choose`` of this array."""
        return np.choose(self, *args, **kwargs)

    def searchsorted(self, *args, **kwargs):
        """``np.searchsorted`` of this array."""
        return np.searchsorted(self, *args, **kwargs)

    def put(self, indices, values, mode="raise"):
        """``np.put`` of this array."""
        return np.put(self, indices, values, mode)

    def sort(self, axis=-1, kind=None, order=None, *, stable=None):
        """Sort in place along `axis`."""
        self[...] = np.sort(self, axis, kind, order, stable=stable)

    def partition(self, kth, axis=-1, kind="introselect", order=None):
        """Partition in place along `axis`."""
        self[...] = np.partition(self, kth, axis, kind, order)

    def reshape(self, *shape, order="C", copy=None):
        """``np.reshape``."""
        return np.reshape(self, shape[0] if len(shape) == 1 and not np.isscalar(shape[0]) else shape, order=order)

    def transpose(self, *axes):
        """``np.transpose``."""
        return np.transpose(self, (axes[0] if len(axes) == 1 and not np.isscalar(axes[0]) else axes) or None)

    def astype(self, dtype, **kwargs):
        """Change the precision; to integers or booleans, plain values (the derivative is zero); to objects, the traced elements."""
        if kwargs:
            to = self.dtype if kwargs.get("casting") in (None, "unsafe") else dtype
            np.empty(0, self.dtype).astype(to, **kwargs)  # NumPy's error where it does not cast, and for keywords that it does not have
        return elements(self) if dtype in OBJECT and self.dtype != object else ASTYPE(self, dtype, kwargs.get("copy", True))

    def fill(self, value):
        """Set every element to `value`."""
        self[...] = value

    def flatten(self, order="C"):
        """A copy as one axis."""
        return np.positive(np.ravel(self, order))

    def copy(self, order="C"):
        """A copy: later writes to it leave this array alone."""
        return np.copy(self, order)

    def conj(self):
        """The complex conjugate; of a real array itself."""
        return np.conjugate(self) if np.iscomplexobj(primal(self)) else self

    conjugate = conj

    def view(self, dtype=None, type=None):
        """The same array once more; the same memory as another data type has no derivative and is refused, and so is another class."""
        kind = type if dtype is None else dtype
        if dtype is None or type is None:
            if kind is None or kind is np.ndarray or np.dtype(kind) == self.dtype:
                return self[...]
        self._refuse(".view()", "use astype")

    def tobytes(self, *args):
        """Refused: bytes have no derivative."""
        self._refuse(".tobytes()")

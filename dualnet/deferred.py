"""Buffers in enabled modules: plain arrays until a number that carries a derivative is written into them.

A :class:`Deferred` is one more reader of rows, above all levels: every operation on one comes to it first, and goes on with what
it holds. That is a plain array at first. The first traced value that is written into it, or into a view of it, makes it a constant
of that value's reader, which takes the write. Whoever still holds the plain array would not see that: then it raises. This module
is not compiled, so that counting references means the same whatever the rest is.
"""

import math
import weakref

import numpy as np

from dualnet.dispatch import Array
from dualnet.errors import MutationError
from dualnet.levels import OPEN
from dualnet.packing import holds_traced, pack
from dualnet.table import TABLE
from dualnet.table.row import Traced, highest, primal, shape_of
from dualnet.views import has_views, holds_alone, is_view, remember_view, reshape_in_place

DETACHED = TABLE["detached"]


class Deferred(Array):
    """A buffer: `value` is a plain array, and from the first traced write on an array of that reader; a view has a `source`."""

    __slots__ = ("born", "source")

    @classmethod
    def of(cls, value, source=None):
        """The plain array `value` as a buffer of the transformation that is innermost now, or as a view of another."""
        out = cls.__new__(cls)
        out.value, out.level, out.born, out.source, out._views = value, math.inf, max(OPEN), source, []
        if source is not None:
            out._root()._views.append(weakref.ref(out))
        elif value.base is not None:
            out.value = value.copy()
        return out

    def _decided(self, apart=False):
        if self.source is not None:
            base, forward = self.source
            whole = base._decided()
            if isinstance(whole, Traced):
                self.value, self.source = remember_view(whole, DETACHED(whole, forward), forward), None
        return self.value

    def _root(self):
        return self if self.source is None else self.source[0]._root()

    def _seen(self):
        """The views of this buffer that are alive."""
        return [view for view in (ref() for ref in self._views) if view is not None]

    def _become(self, like):
        """A constant of the reader of `like` from now on, with all views."""
        root = self._root()
        views = [view for view in root._seen() if view.source is not None]
        if not isinstance(root.value, Traced) and not (
                holds_alone(root, "value", others=len(views)) and all(holds_alone(view, "value") for view in views)):
            raise MutationError(f"a value with a derivative is written into a buffer of shape {root.shape} of which other code holds the "
                                "plain array, and would not see it; give that code a copy, or make the buffer with np.zeros_like(x)")
        root.value = like._lift(root.value)
        for view in views:
            view._decided()

    # --- readers of the kinds of row: what the row is of what the buffers hold ----------------------------------

    def _pointwise(self, row, args):
        return row(*_known(args))

    def _gather(self, row, x, forward, transpose):
        mine = self._decided()
        if isinstance(mine, Traced):
            return mine._gather(row, mine, forward, transpose)
        out = forward(mine)
        if shape_of(mine) and not shape_of(out):
            return np.asarray(out)[()]  # a number, which does not change with the buffer
        return Deferred.of(out, (self, forward)) if row.view and is_view(out, mine) else out

    def _join(self, row, xs, forward, transpose):
        return row.read(_known(xs), forward, transpose)

    def _sum(self, row, x, axes, keepdims):
        return row.read(self._decided(), axes, keepdims)

    def _contract(self, row, x, y, spec):
        return row.read(*_known((x, y)), spec)

    def _linear(self, row, operands, value, pushes, pulls):
        return row.read(_known(operands), value, pushes, pulls)

    # --- writing ------------------------------------------------------------------------------------------------

    def __setitem__(self, index, value):
        value = pack(value) if not isinstance(value, (list, tuple)) or holds_traced(value) else np.asarray(value)
        value = value._decided() if isinstance(value, Array) else value
        if isinstance(value, Traced) and self._is_below(value):
            self._become(value)
        self._decided()[index] = value

    def _is_below(self, value):
        """True where this has to become a constant of the reader of `value`: it is plain, or of a transformation outside the one
        in which it was made."""
        mine = self._decided()
        return not isinstance(mine, Traced) or mine.level < value.level <= self.born and not has_views(mine)

    @property
    def shape(self):
        """Shape of what it holds."""
        return shape_of(self.value)

    @shape.setter
    def shape(self, shape):
        mine = self._decided()
        if isinstance(mine, Traced):
            reshape_in_place(mine, shape)
        elif self.source is not None or self._seen():
            raise MutationError(f"setting the shape of a buffer of shape {mine.shape} that is a view or has one cannot be followed by the "
                                "other; write x = x.reshape(...)")
        else:
            new = np.reshape(mine, shape)
            if not is_view(new, mine):
                raise AttributeError(f"a buffer of shape {mine.shape} cannot get the shape {shape} in place; write x = x.reshape(...)")
            mine.resize(new.shape, refcheck=False)  # setting the shape gives a warning from NumPy 2.5 on

    # --- what a plain array can do, and a traced one refuses ---------------------------------------------------

    @property
    def real(self):
        """The real part, a view; of a plain complex array a plain one."""
        return _part(self, "real")

    @real.setter
    def real(self, value):
        self.real[...] = value

    @property
    def imag(self):
        """The imaginary part, a view; of a plain complex array a plain one."""
        return _part(self, "imag")

    @imag.setter
    def imag(self, value):
        self.imag[...] = value

    def __array__(self, dtype=None, copy=None):
        mine = self._decided()
        if isinstance(mine, Traced):
            return mine.__array__(dtype, copy)
        return np.array(mine, dtype, copy=copy)

    def _lift(self, x):
        mine = self._decided()
        return mine._lift(x) if isinstance(mine, Traced) else Deferred.of(x)

    def _ahead(self):
        return self._decided()._ahead()

    def held(self):
        """What it holds."""
        return self._decided()

    def copy(self, order="C"):
        """A buffer of its own."""
        mine = self._decided()
        return mine.copy(order) if isinstance(mine, Traced) else Deferred.of(mine.copy(order))

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo):
        return self.copy()

    def snapshot(self):
        """What it holds now, which does not change with it."""
        mine = self._decided()
        return mine.snapshot() if isinstance(mine, Traced) else mine.copy()

    @property
    def sparse(self):
        """True where it holds a row-sparse Jacobian."""
        return bool(getattr(self._decided(), "sparse", False))

    def __repr__(self):
        return repr(self._decided())

    def __len__(self):
        return len(self._decided())

    def __float__(self):
        return float(self._decided())

    def __int__(self):
        return int(self._decided())

    def __complex__(self):
        return complex(self._decided())

    def item(self, *args):
        """A Python number, while it holds plain ones."""
        return self._decided().item(*args)

    def tolist(self):
        """Python numbers, while it holds plain ones."""
        return self._decided().tolist()


def _part(x, name):
    mine = x._decided()
    out = getattr(mine, name) if np.iscomplexobj(primal(mine)) or name == "imag" else mine
    return x if out is mine else out


def _known(operands):
    """The operands, with buffers as what they hold; beside traced arrays, which may keep them, as what they hold now."""
    known = type(operands)([x._decided() if type(x) is Deferred else x for x in operands])
    if highest(known) is None:
        return known
    return type(operands)([_fixed(y) if type(x) is Deferred and not isinstance(y, Traced) else y for x, y in zip(operands, known)])


def _fixed(x):
    out = x.copy()
    out.flags.writeable = False
    return out

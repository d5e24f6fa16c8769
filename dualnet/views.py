"""Views: arrays that share memory with another in NumPy, and see what is written into it; and who else holds an array.

This module is not compiled, so that counting references means the same whatever the rest is.
"""

import itertools
import sys
import weakref
from types import SimpleNamespace

import numpy as np

from dualnet.errors import MutationError
from dualnet.packing import elements
from dualnet.table import TABLE
from dualnet.table.row import ndim_of, primal, shape_of
from dualnet.table.shaping import laid_out_as


def is_view(value, source):
    """True where a plain array, made from another by moving elements, shares its memory."""
    base, owner = getattr(value, "base", None), getattr(source, "base", None)
    while base is not None:
        if base is source or base is owner:
            return True
        base = getattr(base, "base", None)
    return False


class InOrder:
    """The map of an array of `ndim` axes to its elements in C order, as ``x.flat`` reads them."""

    def __init__(self, ndim):
        self.ndim = ndim

    def __call__(self, t):
        return np.reshape(t, shape_of(t)[:ndim_of(t) - self.ndim] + (-1,))


def is_flat(x):
    """True of what ``.flat`` has given: parts of it are copies, and values that are written to it are repeated."""
    base = getattr(x, "_base", None)
    return base is not None and type(base[1]) is InOrder


def repeated(x, index, value):
    """A value that is to be written to ``x[index]``; for ``.flat`` its elements again and again."""
    if not is_flat(x) or np.size(value) < 2:
        return value
    shape = np.arange(x.size)[index].shape
    return np.resize(value, shape) if shape else value


def remember_view(base, out, forward, back=None):
    """Note that `out` is NumPy's view of `base`, so that writes to either are seen by both.

    ``forward`` moves elements of `base` to where `out` has them. Where it does anything else, ``back(base, new)`` is what `base`
    is when `out` is `new`.
    """
    if is_flat(base):
        return out
    out._base = (base, forward, back)
    views = getattr(base, "_views", None)
    if views is None:
        views = base._views = []
    elif len(views) > 16 and len(views) & (len(views) - 1) == 0:
        views[:] = [v for v in views if v() is not None]
    views.append(weakref.ref(out))
    return out


def has_views(x):
    """True where `x` is a view, or an array that is alive is a view of it."""
    views = getattr(x, "_views", None)
    if views:
        views[:] = [v for v in views if v() is not None]
    return bool(views) or getattr(x, "_base", None) is not None


def write(x, new):
    """Make `x` hold `new` from now on, and with it the arrays that are views of it or that it is a view of."""
    base, forward, back = getattr(x, "_base", None) or (None, None, None)
    if forward is None:
        x._assign(laid_out_as(new, x))
        _refresh(x)
        if base is not None:  # an array of objects
            base[...] = elements(x)
        return
    value = primal(x)
    if isinstance(value, np.ndarray) and not value.flags.writeable:
        raise ValueError(f"assignment destination is read-only: an array of shape {value.shape} that np.broadcast_to, np.diagonal or "
                         "sliding_window_view has made shows elements of another; write into that one, or into a copy")
    if back is not None:
        write(base, back(base, new))
        return
    index = forward(np.arange(base.size).reshape(base.shape))
    flat = np.reshape(base, -1) if base.ndim != 1 else base
    whole = TABLE["setitem"](flat, np.reshape(index, -1), np.reshape(new, -1))
    write(base, np.reshape(whole, base.shape))


def reshape_in_place(x, shape):
    """Give `x` another shape, as ``x.shape = shape`` does."""
    if has_views(x):
        raise MutationError(f"setting the shape of an array of shape {x.shape} that is a view or has one cannot be followed by the "
                            "other; write x = x.reshape(...)")
    x._assign(np.reshape(x, shape))


def _refresh(x):
    for ref in getattr(x, "_views", None) or ():
        view = ref()
        if view is not None:
            _, forward, back = view._base
            view._assign(TABLE["detached"](x, forward) if back is None else forward(x))
            _refresh(view)


_probe = SimpleNamespace(value=np.empty(1))
SOLE = sys.getrefcount(_probe.value)                                  # of an attribute that nothing else holds
SOLE_IN_BLOCK = max(sys.getrefcount(a) for a in itertools.islice((np.empty(1),), 0, None))


def holds_alone(x, *names, others=0):
    """True where `x` is the only one (but for so many `others`) to hold each of these attributes."""
    return all(sys.getrefcount(getattr(x, name)) <= SOLE + others for name in names)


def blocks_alone(rows):
    """True where nobody else holds an array of the blocks of these rows."""
    return all(all_alone(block) for block in rows.blocks)


def all_alone(arrays, first=0):
    """True where this list or tuple alone holds what it has from the place `first` on."""
    return all(sys.getrefcount(a) <= SOLE_IN_BLOCK for a in itertools.islice(arrays, first, None))

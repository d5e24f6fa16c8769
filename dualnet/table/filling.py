"""Rows that write into an array that is given: each is ``x[...] = `` something that other rows make."""

import numpy as np

from dualnet.errors import LostDerivativeError
from dualnet.table.linalg import operand
from dualnet.table.options import mode_of
from dualnet.table.row import TABLE, Traced, composed, primal, shape_of


def written(x, new, name):
    """Write `new` into the traced array x; into a plain array it would lose its derivative."""
    if not isinstance(x, Traced):
        raise LostDerivativeError(f"np.{name} into a plain array would lose the derivative; make the buffer with np.zeros_like(x) or "
                                  "np.zeros(n, like=x), or a constant array of a traced number with np.full_like(x, number)")
    x[...] = new


@composed(np.copyto)
def copyto(dst, src, casting="same_kind", where=True):
    """Elements of src into dst, where asked."""
    src = np.broadcast_to(src, shape_of(dst))
    written(dst, src if where is True else np.where(where, src, dst), "copyto (np.full calls it too)")


@composed(np.put)
def put(a, ind, v, mode="raise"):
    """Values at flat positions, the values again and again."""
    places = np.asarray(primal(ind)).reshape(-1)
    if not isinstance(a, Traced) or places.size:
        size, mode = np.size(a), mode_of(mode)
        places = np.mod(places, size) if mode == "wrap" else np.clip(places, 0, size - 1) if mode == "clip" else places
        written(a, np.reshape(TABLE["setitem"](np.reshape(a, -1), places, np.resize(operand(v), places.size)), shape_of(a)), "put")


@composed(np.place)
def place(arr, mask, vals):
    """The first values, again and again, where the mask holds."""
    mask = np.asarray(primal(mask), bool).reshape(shape_of(arr))
    if mask.any() and not np.size(vals):
        raise ValueError("Cannot insert from an empty array!")
    written(arr, TABLE["setitem"](arr, mask, np.resize(operand(vals), np.count_nonzero(mask))), "place")


@composed(np.putmask)
def putmask(a, mask, values):
    """Values of the same flat position, again and again, where the mask holds."""
    written(a, np.where(mask, np.resize(operand(values), shape_of(a)), a), "putmask")


@composed(np.put_along_axis)
def put_along_axis(arr, indices, values, axis):
    """Values at `indices`, matched along an axis."""
    index = np.take_along_axis(np.arange(np.size(arr)).reshape(shape_of(arr)), np.asarray(indices), axis)
    flat = TABLE["setitem"](np.reshape(arr, -1), index, np.broadcast_to(values, index.shape))
    written(arr, np.reshape(flat, shape_of(arr)), "put_along_axis")


@composed(np.fill_diagonal)
def fill_diagonal(a, val, wrap=False):
    """Values, again and again, on the main diagonal."""
    index = np.zeros(shape_of(a), bool)
    np.fill_diagonal(index, True, wrap)
    written(a, TABLE["setitem"](a, index, np.resize(operand(val), np.count_nonzero(index))), "fill_diagonal")

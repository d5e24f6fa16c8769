"""Rows that join arrays and split them."""

import numpy as np

from dualnet.table.linalg import operand
from dualnet.table.precision import cast
from dualnet.table.row import TABLE, composed, ndim_of, newer, permutation, shape_of
from dualnet.table.shaping import normal


@permutation(name="joined")
def joined(arrays, axis):
    """Arrays one behind the other along an axis counted from the end."""
    ends = np.cumsum([0, *(shape_of(a)[axis] for a in arrays)]).tolist()
    after = (slice(None),) * (-axis - 1)
    return arrays, lambda ts: np.concatenate(ts, axis=axis), lambda g, i: g[(..., slice(ends[i], ends[i + 1]), *after)]


@composed(np.concatenate)
def concatenate(arrays, axis=0, out=None, dtype=None, casting=None):
    """Arrays one behind the other along an axis."""
    arrays = [a if hasattr(a, "ndim") else operand(a) for a in arrays]
    if axis is None:
        arrays, axis = [np.reshape(a, -1) for a in arrays], 0
    ndim = arrays[0].ndim
    shape = arrays[0].shape
    axis = normal(axis, ndim)
    for a in arrays[1:]:
        if a.ndim != ndim or any(m != n for k, (m, n) in enumerate(zip(a.shape, shape)) if k != axis):
            raise ValueError(f"cannot concatenate arrays of shapes {[a.shape for a in arrays]} along axis {axis}")
    return TABLE["joined"](arrays if dtype is None else [cast(a, dtype, casting) for a in arrays], axis - ndim)


@composed(np.stack)
def stack(arrays, axis=0, out=None, dtype=None, casting=None):
    """Arrays of one shape side by side along a new axis."""
    arrays = list(arrays)
    shape = shape_of(arrays[0])
    if any(shape_of(a) != shape for a in arrays):
        raise ValueError(f"all input arrays must have the same shape, not {sorted({shape_of(a) for a in arrays})}")
    axis = normal(axis, len(shape) + 1)
    wide = shape[:axis] + (1,) + shape[axis:]
    return np.concatenate([np.reshape(a, wide) for a in arrays], axis=axis, dtype=dtype, casting=casting)


@composed(np.vstack)
def vstack(tup, *, dtype=None, casting=None):
    """Arrays one below the other."""
    return np.concatenate([np.atleast_2d(a) for a in tup], 0, dtype=dtype, casting=casting)


@composed(np.hstack)
def hstack(tup, *, dtype=None, casting=None):
    """Arrays side by side."""
    arrays = [np.atleast_1d(a) for a in tup]
    return np.concatenate(arrays, 0 if arrays[0].ndim == 1 else 1, dtype=dtype, casting=casting)


@composed(np.dstack)
def dstack(tup):
    """Arrays along the third axis."""
    return np.concatenate([np.atleast_3d(a) for a in tup], 2)


@composed(np.column_stack)
def column_stack(tup):
    """Vectors as columns."""
    return np.concatenate([np.reshape(a, (-1, 1)) if ndim_of(a) < 2 else a for a in tup], 1)


@composed(np.array_split)
def array_split(ary, indices_or_sections, axis=0):
    """Parts along an axis, of nearly equal length or ending at given places."""
    parts = np.array_split(np.arange(ary.shape[axis]), indices_or_sections)
    ends = np.cumsum([0, *(len(p) for p in parts)])
    before = (slice(None),) * normal(axis, ary.ndim)
    if ndim_of(indices_or_sections):
        ends = None
    return [ary[before + (slice(p[0], p[-1] + 1) if len(p) else slice(0, 0),)] for p in parts] if ends is None else \
        [ary[before + (slice(int(i), int(j)),)] for i, j in zip(ends, ends[1:])]


@composed(np.split)
def split(ary, indices_or_sections, axis=0):
    """Parts along an axis, of equal length or ending at given places."""
    if ndim_of(indices_or_sections) == 0 and ary.shape[axis] % indices_or_sections:
        raise ValueError("array split does not result in an equal division")
    return np.array_split(ary, indices_or_sections, axis)


def _split(ary, indices_or_sections, axis, least=1):
    if ary.ndim < least:
        raise ValueError(f"split: an array of shape {ary.shape} has less than {least} axes")
    return np.split(ary, indices_or_sections, axis)


@composed(np.hsplit)
def hsplit(ary, indices_or_sections):
    """Split along the second axis (the first of a vector)."""
    return _split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


@composed(np.vsplit)
def vsplit(ary, indices_or_sections):
    """Split along the first axis."""
    return _split(ary, indices_or_sections, 0, 2)


@composed(np.dsplit)
def dsplit(ary, indices_or_sections):
    """Split along the third axis."""
    return _split(ary, indices_or_sections, 2, 3)


@composed(*newer("unstack"))
def unstack(x, /, *, axis=0):
    """The slices along an axis."""
    return tuple(np.moveaxis(x, axis, 0))


@composed(np.append)
def append(arr, values, axis=None):
    """`values` behind `arr`."""
    if axis is None:
        return np.concatenate([np.ravel(arr), np.ravel(values)])
    return np.concatenate([arr, values], axis)

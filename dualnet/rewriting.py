"""What becomes of sparse rows when elements are written: forms whose arrays the next write may change."""

import numpy as np

from dualnet.blocks import side_by_side
from dualnet.tangents import Rows


def written(t, shape, index, new, dtype):
    """Sparse rows `t` of an array of `shape` with those of `new` at `index`, in arrays of their own that the next
    write may change: one block with a place for each element in each of its L rows, or a dense one.

    Parameters
    ----------
    t : Rows
        Changed in place if it has that form already (see :func:`writable`).
    new : Rows or None
        Of the value written; None for a constant.
    dtype : numpy.dtype
        Of the array: complex rows of a real one are real, real rows of a complex one become complex.
    """
    size, here = t.space.size, (slice(None), *index) if isinstance(index, tuple) else (slice(None), index)
    region = np.broadcast_to(0, shape)[index].shape
    blocks = [] if new is None else new.full_blocks(region)
    if sum(max(s.shape[0], v.shape[0]) for s, v in blocks) > size:
        blocks = new.densified(region).blocks
    leads = [max(s.shape[0], v.shape[0]) for s, v in blocks]
    if len(leads) > 1 and writable(t, shape) and sum(leads) > len(t.blocks[0][0]):
        blocks = side_by_side(blocks)  # of fewer seeds, perhaps
        leads = [max(s.shape[0], v.shape[0]) for s, v in blocks]
    form = t if writable(t, shape) else _one_block(t, shape, max(sum(leads), 1))
    (seeds, values), = form.blocks
    if values.dtype is not dtype and np.result_type(values, dtype) != values.dtype:
        form = Rows(t.space, {}, [(seeds, values.astype(np.result_type(values, dtype)))])
        (seeds, values), = form.blocks
    if not form.is_dense() and sum(leads) > len(seeds):
        grown = min(max(2 * len(seeds), sum(leads)), size)
        if 2 * grown > size or sum(leads) > size:
            form = form.densified(shape)
        else:
            form = Rows(t.space, {}, [(_longer(seeds, grown, -1), _longer(values, grown, 0))])
        (seeds, values), = form.blocks
    if form.is_dense():
        values[here] = 0 if new is None else _like(new.dense(region), values)
        return form
    seeds[here] = -1
    k = 0
    for (s, v), lead in zip(blocks, leads):
        rows = (slice(k, k + lead), *here[1:])
        seeds[rows], values[rows] = s, _like(v, values)
        k += lead
    return form


def _like(v, values):
    """Rows `v` that are written to `values`, real where those are."""
    return np.real(v) if v.dtype.kind == "c" != values.dtype.kind else v


def writable(t, shape):
    """True for the form that :func:`written` makes."""
    if t.held or len(t.blocks) != 1:
        return False
    seeds, values = t.blocks[0]
    return values.shape[1:] == shape and values.flags.owndata and (t.is_dense() or seeds.shape == values.shape and seeds.flags.owndata)


def _one_block(t, shape, lead):
    """`t` as one block of arrays of its own with at least `lead` rows; dense where that is smaller."""
    blocks = t.full_blocks(shape)
    leads = [max(s.shape[0], v.shape[0]) for s, v in blocks]
    lead = max(lead, sum(leads))
    if 2 * lead > t.space.size:
        dense = t.densified(shape)
        (seeds, values), = dense.blocks
        return Rows(t.space, {}, [(seeds, np.array(values))])
    seeds = np.full((lead, *shape), -1, t.space.names.dtype)
    values = np.zeros((lead, *shape), np.result_type(float, *(v for _, v in blocks)))
    k = 0
    for (s, v), n in zip(blocks, leads):
        seeds[k:k + n], values[k:k + n] = s, v
        k += n
    return Rows(t.space, {}, [(seeds, values)])


def _longer(a, lead, fill):
    out = np.full((lead, *a.shape[1:]), fill, a.dtype)
    out[:len(a)] = a
    return out

"""Blocks of rows: pairs of arrays ``(seeds, values)``, of which tangents.py says what they mean."""

import math

import numpy as np
from numpy import ndarray

from dualnet.table.row import TABLE, dtype_of, shape_of

MANY = 1 << 10  # elements from which a copy side by side costs less than reading them far apart


def packed(a):
    """An array that is to be read several times, its elements side by side: of a column of a matrix a copy."""
    if type(a) is not ndarray or a.size < MANY or a.flags.forc or 0 in a.strides:
        return a
    return a.copy("K")


def apart(p, args):
    """A partial that a tangent is going to keep, as a copy where it is a constant operand, which the function may change later."""
    if p.base is not None:
        return p.copy()
    for a in args:
        if a is p:
            return p.copy()
    return p


def summed_pieces(shape, pieces, lead=0):
    """Zeros of `shape` behind `lead` axes with pairs (basic index, plain array) added up in place."""
    out = np.zeros(shape_of(pieces[0][1])[:lead] + shape, np.result_type(*(dtype_of(g) for _, g in pieces)))
    for k, (key, g) in enumerate(pieces):
        if k:
            out[(Ellipsis, *key)] += g
        else:
            out[(Ellipsis, *key)] = g
    return out


def grow(a, ndim, lead=1):
    """`a` with axes of length 1 put in behind its `lead` leading ones, until `ndim` follow them."""
    missing = ndim - (a.ndim - lead)
    return a if missing <= 0 else a.reshape(a.shape[:lead] + (1,) * missing + a.shape[lead:])


def memory_of(seeds):
    """Where an array stands in memory, and how."""
    interface = seeds.__array_interface__
    return interface["data"][0], seeds.shape, seeds.strides


def shape_of_blocks(blocks):
    """The shape to which all of the blocks broadcast."""
    return np.broadcast_shapes(*(x.shape[1:] for block in blocks for x in block))


def merged(ours, theirs, fresh):
    """Both lists of blocks as one, in which no seeds come twice; in the arrays of `ours` where those are fresh."""
    n = max(s.ndim for s, _ in (*ours, *theirs)) - 1
    out = [(grow(s, n), grow(v, n)) for s, v in ours]
    places, ends = {id(s): k for k, (s, _) in enumerate(out)}, None
    for s, v in theirs:
        s, v = grow(s, n), grow(v, n)
        k = places.get(id(s))
        if k is None:
            if ends is None:
                ends = {}
                for j, (known, _) in enumerate(out):
                    ends.setdefault(_ends(known), []).append(j)
            alike = ends.setdefault(_ends(s), [])
            k = next((j for j in alike if _same(out[j][0], s)), None)
        if k is None:
            places[id(s)] = len(out)
            alike.append(len(out))
            out.append((s, v))
            continue
        seeds, values = out[k]
        if fresh and type(values) is type(v) is ndarray and values.shape == v.shape and values.dtype == v.dtype:
            values += v
        else:
            out[k] = (seeds, values + v)
    return out


def side_by_side(blocks):
    """The blocks, those whose seeds belong to whole values as one for each shape of values, in which no seed comes twice.

    A sum over many terms that each depend on other seeds would otherwise go through one block for each term at every step.
    """
    out, alike = [], {}
    for s, v in blocks:
        whole = type(v) is ndarray and v.dtype.kind in "fc" and s.size == s.shape[0] and v.shape[0] == s.size
        alike.setdefault((v.shape[1:], v.dtype) if whole else id(s), []).append((s, v))
    for key, group in alike.items():
        if len(group) == 1 or type(key) is int:
            out.extend(group)
            continue
        seeds, values = np.concatenate([s.reshape(-1) for s, _ in group]), np.concatenate([v for _, v in group])
        order = np.argsort(seeds, kind="stable")
        seeds, first = np.unique(seeds[order], return_index=True)
        values = values[order] if len(seeds) == len(order) else np.add.reduceat(values[order], first, axis=0)
        out.append((seeds.reshape((-1,) + (1,) * len(key[0])), values))
    return out


def met(blocks, places, shape, out_shape, names):
    """Blocks of plain numbers of an array of `shape`, their elements added up at `places` of the last axis: one block of `out_shape`, in
    which no seed of an element comes twice; None where it would have half as many entries as all the seeds, `names`."""
    keys, numbers = [], []
    place = (np.arange(math.prod(shape[:-1]))[:, None] * out_shape[-1] + places).reshape(-1)
    for s, v in blocks:
        whole = (max(len(s), len(v)),) + shape
        s, v = np.broadcast_to(s, whole).reshape(whole[0], -1), np.broadcast_to(v, whole).reshape(whole[0], -1)
        live = s >= 0
        keys.append((place * len(names) + s)[live])
        numbers.append(v[live])
    keys, numbers = np.concatenate(keys), np.concatenate(numbers)
    order = np.argsort(keys, kind="stable")
    keys, first = np.unique(keys[order], return_index=True)
    place, seeds = np.divmod(keys, len(names))
    turn = np.arange(len(place)) - np.searchsorted(place, place)
    lead, size = 1 + np.max(turn, initial=0), math.prod(out_shape)
    if 2 * lead > len(names):
        return None
    out = np.full((lead, size), -1, names.dtype), np.zeros((lead, size), numbers.dtype)
    if len(keys):
        out[0][turn, place], out[1][turn, place] = seeds, np.add.reduceat(numbers[order], first)
    return tuple([b.reshape((lead,) + out_shape) for b in out])


def _ends(seeds):
    """What tells most arrays of seeds apart that differ."""
    return seeds.shape, seeds.item(0) if seeds.size else 0, seeds.item(-1) if seeds.size else 0


def _same(a, b):
    """True where two arrays of seeds are equal."""
    return memory_of(a) == memory_of(b) or np.array_equal(a, b)


def add_block(out, seeds, values, space):
    """Add a block to the dense `out`, of shape ``(seeds, *shape)``."""
    shape = out.shape[1:]
    if all(n == 1 for n in seeds.shape[1:]):
        lead = max(seeds.shape[0], values.shape[0])
        values = np.broadcast_to(values, (lead,) + shape)
        part = space.slice_of(seeds)
        if part is not None:
            out[part] += values
        elif shape == () and out.dtype == float:
            out += np.bincount(seeds.reshape(-1) + 1, values, minlength=len(out) + 1)[1:]
        else:
            flat = seeds.reshape(-1)
            if len(flat) < math.prod(shape):  # a few long rows
                for s, v in zip(flat.tolist(), values):
                    if s >= 0:
                        out[s] += v
            else:
                np.add.at(out, flat[flat >= 0], values[flat >= 0])
        return
    lead = max(seeds.shape[0], values.shape[0])
    seeds, values = (np.broadcast_to(a, (lead,) + shape).reshape(lead, math.prod(shape)) for a in (seeds, values))
    flat, element = out.reshape(len(out), seeds.shape[1]), np.arange(seeds.shape[1])
    for s, v in zip(seeds, values):
        if s.size and s[0] >= 0 and np.all(s == s[0]):  # of one seed, at a twentieth of the cost
            flat[s[0]] += v
            continue
        live = s >= 0
        if live.all():
            flat[s, element] += v
        else:
            flat[s[live], element[live]] += v[live]


def dense_traced(rows, shape):
    """The dense Jacobian where values carry a lower level: by rows of the table."""
    n, size = rows.space.size, math.prod(shape)
    flat, index = [], []
    for seeds, values in rows.full_blocks(shape):
        lead = max(seeds.shape[0], values.shape[0])
        seeds, values = np.broadcast_to(seeds, (lead,) + shape), np.broadcast_to(values, (lead,) + shape)
        seeds = seeds.reshape(lead, size)
        index.append(np.where(seeds < 0, n * size, seeds.astype(np.int64) * size + np.arange(size)).reshape(-1))
        flat.append(np.reshape(values, -1))
    out = TABLE["scatter_add"](np.concatenate(flat), np.concatenate(index), n * size + 1)
    return np.reshape(out[:-1], (n,) + shape)

"""Rows that put elements before and behind along axes."""

import numpy as np

from dualnet.errors import NotDifferentiableError
from dualnet.table.row import TABLE, Traced, composed, linear, ndim_of, primal, shape_of

STATISTICS = {"maximum": np.max, "minimum": np.min, "mean": np.mean, "median": np.median}


@composed(np.pad)
def pad(array, pad_width, mode="constant", **options):
    """Elements put before and behind along each axis, by any mode of NumPy's, or by a function that fills them in."""
    if callable(mode):
        return _filled(array, pad_width, mode, options)
    np.pad(np.zeros((1,) * array.ndim), 0, mode, **{k: 0 if "values" in k else v for k, v in options.items()})  # NumPy's errors
    constant_values, stat_length = options.get("constant_values", 0), options.get("stat_length")
    reflects = mode in ("reflect", "symmetric")
    if mode in ("edge", "wrap") or reflects and options.get("reflect_type") != "odd":
        index = np.arange(array.size).reshape(array.shape)
        return TABLE["picked"](array, np.pad(index, pad_width, mode))
    widths, values = _pairs(pad_width, array.ndim), _pairs(options.get("end_values", constant_values), array.ndim)
    if mode == "constant" and not any(isinstance(v, Traced) for pair in values for v in pair):
        frame = np.pad(np.zeros(array.shape, array.dtype), pad_width, mode, constant_values=constant_values)
        key = tuple(slice(before, before + n) for (before, _), n in zip(widths, array.shape))
        return TABLE["setitem"](frame, key, array)
    if mode not in STATISTICS and mode not in ("constant", "linear_ramp") and not reflects:
        raise NotDifferentiableError(f"np.pad(mode={mode!r}) has no derivative; use a mode that says what the new elements are")
    for axis, (width, ends, lengths) in enumerate(zip(widths, values, _pairs(stat_length, array.ndim))):
        x = np.moveaxis(array, axis, 0)
        if reflects:  # oddly: each new element is a sum of elements
            x = np.moveaxis(REFLECTED(np.moveaxis(x, 0, -1), width, mode), -1, 0)
        elif mode in STATISTICS:
            x = np.concatenate([_repeated(STATISTICS[mode](x[:lengths[0]], axis=0), width[0]), x,
                                _repeated(STATISTICS[mode](x[len(x) - (len(x) if lengths[1] is None else lengths[1]):], axis=0), width[1])])
        else:
            x = np.concatenate([_towards(ends[0], x[0], width[0], mode), x, _towards(ends[1], x[-1], width[1], mode)[::-1]])
        array = np.moveaxis(x, 0, axis)
    return array


def _filled(array, pad_width, function, kwargs):
    """`array` in zeros that `function` fills in, along each axis in turn: ``function(vector, widths, axis, kwargs)``."""
    out = np.copy(np.pad(array, pad_width))
    for axis, width in enumerate(_pairs(pad_width, array.ndim)):
        lines = np.moveaxis(out, axis, -1)
        for place in np.ndindex(lines.shape[:-1]):
            function(lines[place], width, axis, kwargs)
    return out


@linear(name="reflected", fixed=True)
def reflected(x, width, mode):
    """The last axis padded by odd reflection: each new element is a sum of elements."""
    n = shape_of(x)[-1]
    matrix = np.pad(np.eye(n, dtype=primal(x).dtype), (width, (0, 0)), mode, reflect_type="odd")

    def value(x):
        if isinstance(x, Traced):
            return REFLECTED(x, width, mode)
        return np.pad(x, [(0, 0)] * (x.ndim - 1) + [width], mode, reflect_type="odd")

    return [x], value, [lambda t, out, x: np.matmul(t, matrix.T)], [lambda g, out, x: np.matmul(g, matrix)]


REFLECTED = TABLE["reflected"]


def _pairs(width, ndim):
    """A pair (before, after) for each axis, as ``np.pad`` reads a width or a value; a dictionary names some axes."""
    if isinstance(width, dict):
        named = {k % ndim: v if ndim_of(v) else (v, v) for k, v in width.items()}
        return [named.get(k, (0, 0)) for k in range(ndim)]
    shape = shape_of(width) if isinstance(width, Traced) or not isinstance(width, (list, tuple)) else (len(width), *shape_of(width[0]))
    if len(shape) < 2:
        return [(width, width) if not shape else (width[0], width[-1])] * ndim
    rows = [(row[0], row[-1]) for row in width]
    return rows * ndim if len(rows) == 1 else rows


def _repeated(row, count):
    return np.broadcast_to(row, (count, *shape_of(row)))


def _towards(end, edge, count, mode):
    """`count` rows from the value `end` on: all alike, or on a line towards the row `edge`."""
    end = end.astype(edge.dtype, copy=False) if isinstance(end, Traced) else np.asarray(end, edge.dtype)
    rows = _repeated(np.broadcast_to(end, shape_of(edge)), count)
    if mode == "constant" or not count:
        return rows
    part = np.reshape(np.arange(count, dtype=edge.dtype) / edge.dtype.type(count), (-1,) + (1,) * edge.ndim)
    return rows + (edge - end) * part

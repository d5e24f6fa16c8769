"""Calls of a ufunc with keywords, and its methods: reduce, accumulate, outer, at, reduceat."""

import numpy as np

from dualnet.buffers import in_precision_of, write_out
from dualnet.dispatch import Array
from dualnet.errors import NotDifferentiableError
from dualnet.methods import OBJECT
from dualnet.packing import elements, lost, pack
from dualnet.table import TABLE
from dualnet.table.ordering import running
from dualnet.table.reductions import axes_of
from dualnet.table.row import dtype_of, ndim_of, primal, shape_of

REDUCE = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}
ACCUMULATE = {np.add: np.cumsum, np.multiply: np.cumprod}
MISSING = np._NoValue


def general(ufunc, method, inputs, kwargs):
    """A ufunc call that is not a plain one, by the rows that mean the same."""
    if ufunc.types and all(set(t) <= set("O->") for t in ufunc.types):  # made by np.frompyfunc
        return pack(getattr(ufunc, method)(*(elements(x) if isinstance(x, Array) else x for x in inputs), **kwargs))
    out = kwargs.pop("out", None)
    if out is Ellipsis or isinstance(out, tuple) and all(x is None or x is Ellipsis for x in out):
        out = None
    row, casting = TABLE.find(ufunc), None
    if row.kind == "constant" and (method not in ("__call__", "at") or not isinstance(inputs[0], Array)):
        result = getattr(ufunc, method)(*(primal(x) for x in inputs), **kwargs)
    else:
        dtype, signature = kwargs.pop("dtype", None), kwargs.pop("signature", None)
        if signature is not None:
            inputs = _signed(ufunc, inputs, signature)
        casting = kwargs.get("casting")
        if dtype is None and out is not None and method in ("reduce", "accumulate", "reduceat"):
            dtype = in_precision_of(out, inputs[0])
        if method in ("__call__", "outer"):
            _check_casts(ufunc, inputs, out, dtype, casting)
        if dtype is not None:
            places = range(len(inputs)) if method in ("__call__", "outer") else (0,)
            inputs = [_typed(x, dtype) if k in places else x for k, x in enumerate(inputs)]
        result = METHODS[method](ufunc, row, inputs, kwargs, out)
    return result if out is None else write_out(out, result, method != "__call__", casting)


def _check_casts(ufunc, inputs, out, dtype, casting):
    """NumPy's error where it does not cast the operands, or the result to that of `out`."""
    loops = ufunc.signature is None  # elementwise; the others look at the number of axes
    given = {"out": out and loops and tuple(None if x is None else np.empty(0, dtype_of(x)) for x in out) or None, "dtype": dtype,
             "casting": casting}
    given = {name: option for name, option in given.items() if option is not None}
    if given:
        ufunc(*(np.empty(0 if loops else (0,) * ndim_of(x), dtype_of(x)) if hasattr(x, "dtype") or ndim_of(x) else x for x in inputs),
              **given)


def _signed(ufunc, inputs, signature):
    """The inputs in the types that the signature of a loop, such as "ff->f", names."""
    ufunc(*(np.empty(0, x.dtype) if hasattr(x, "dtype") else x for x in inputs), signature=signature)  # NumPy's error where there is none
    types = signature.partition("->")[0] if isinstance(signature, str) else signature[:ufunc.nin]
    return [x if kind is None else _typed(x, np.dtype(kind)) for x, kind in zip(inputs, types)]


def _typed(x, dtype):
    if isinstance(x, Array):
        return x if dtype in OBJECT else TABLE["astype"](x, dtype)  # as objects its elements are what they are
    return np.asarray(x, dtype)[()]


def _call(ufunc, row, inputs, kwargs, out):
    where = kwargs.pop("where", True)
    kwargs.pop("casting", None), kwargs.pop("order", None), kwargs.pop("subok", None)
    axes, keepdims = kwargs.pop("axes", None), kwargs.pop("keepdims", False)
    if axes is not None:  # of a contraction: the axes that take part, for each operand and the result
        *into, back = [np.atleast_1d(a).tolist() for a in (axes if len(axes) > ufunc.nin else [*axes, ()])]
        inputs = [np.moveaxis(x, a, range(-len(a), 0)) for x, a in zip(inputs, into)]
    if where is not True and out is not None:  # for NumPy's warnings, of the elements that are asked for
        asked = np.broadcast_to(primal(where), shape_of(primal(out[0])))  # without where=, by which SciPy 1.17 writes beside its arrays
        ufunc(*(np.broadcast_to(primal(x), asked.shape)[asked] for x in inputs))
    with np.errstate(**({} if where is True else {"all": "ignore"})):  # of elements that are not asked for
        result = row(*inputs, **kwargs)
    result = np.expand_dims(result, kwargs.get("axis", -1)) if keepdims else result
    if axes is not None and back:
        result = np.moveaxis(result, range(-len(back), 0), back)
    if where is not True:
        if out is None:
            raise NotDifferentiableError(f"np.{ufunc.__name__}(where=...) without out= leaves elements undefined; pass out=")
        result = np.where(primal(where), result, out[0])
    return result


def _reduce(ufunc, row, inputs, kwargs, out):
    x = inputs[0]
    axis = kwargs.pop("axis", inputs[1] if len(inputs) > 1 else 0)
    if ufunc in REDUCE:
        return REDUCE[ufunc](x, axis=axis, **kwargs)
    axes = axes_of(axis, x.ndim)
    if len(axes) > 1:
        ufunc.reduce(np.ones((1, 1), x.dtype), axis=None)  # NumPy's error where the order of the axes would matter
    initial, where = kwargs.get("initial", MISSING), kwargs.get("where", True)
    if where is not True:
        neutral = ufunc.identity if initial in (None, MISSING) else None
        if neutral is None:
            raise NotDifferentiableError(f"np.{ufunc.__name__}.reduce(where=...) has no neutral element to put where nothing is asked for; "
                                         "reduce the elements that are wanted, x[mask]")
        x = np.where(primal(where), x, neutral)
    if not x.size and initial in (None, MISSING):
        return ufunc.reduce(primal(x), axis=axis, keepdims=kwargs.get("keepdims", False))  # NumPy's identity, or its error
    rest = [k for k in range(-x.ndim, 0) if k not in axes]
    moved = np.transpose(x, [k + x.ndim for k in (*axes, *rest)])
    moved = np.reshape(moved, (-1, *moved.shape[len(axes):]))
    first = [] if initial in (None, MISSING) else [initial]
    if ufunc is np.hypot and len(moved) == 1 and "initial" not in kwargs:
        moved = np.abs(moved)  # NumPy begins with 0, and hypot(0, x) is |x|
    result, start = (first[0], 0) if first else (moved[0], 1)
    for part in moved[start:]:
        result = ufunc(result, part)
    kept = tuple(1 if k - x.ndim in axes else n for k, n in enumerate(x.shape))
    return np.reshape(result, kept) if kwargs.get("keepdims") else result


def _accumulate(ufunc, row, inputs, kwargs, out):
    x, axis = inputs[0], kwargs.pop("axis", inputs[1] if len(inputs) > 1 else 0)
    if ufunc in ACCUMULATE:
        return ACCUMULATE[ufunc](x, axis=axis)
    if not x.size:
        return ufunc.accumulate(primal(x), axis)
    x = np.moveaxis(x, axis, 0)
    if ufunc in (np.maximum, np.minimum) and x.dtype.kind == "f":
        index = running(x, ufunc is np.minimum)
        out = None if index is None else np.take_along_axis(x, index, 0)
        if out is not None and np.array_equal(np.signbit(primal(out)), np.signbit(ufunc.accumulate(primal(x), 0))):  # those of zeros
            return np.moveaxis(out, 0, axis)
    rows = [x[0]]
    for part in x[1:]:
        rows.append(ufunc(rows[-1], part))
    return np.moveaxis(np.stack(rows), 0, axis)


def _outer(ufunc, row, inputs, kwargs, out):
    x, y = inputs
    return _call(ufunc, row, [np.reshape(x, shape_of(x) + (1,) * ndim_of(y)), y], kwargs, out)


def _at(ufunc, row, inputs, kwargs, out):
    x, index, *rest = inputs
    if not isinstance(x, Array):
        raise lost(f"np.{ufunc.__name__}.at on a plain array", "make the buffer with np.zeros_like(x) or np.zeros(n, like=x)")
    places = np.arange(x.size).reshape(x.shape)[primal(index)]
    if ufunc in (np.add, np.subtract):
        y = rest[0] if isinstance(rest[0], Array) else np.asarray(rest[0], np.result_type(x.dtype, rest[0]))  # -y of unsigned numbers wraps
        y = np.broadcast_to(y, places.shape)
        y = -y if ufunc is np.subtract else y
        x[...] = x + np.reshape(TABLE["scatter_add"](np.reshape(y, -1), places.reshape(-1), x.size), x.shape)
    elif np.unique(places).size == places.size:
        x[index] = ufunc(x[index], *rest)
    else:  # one after the other, as NumPy does
        ys = [np.reshape(np.broadcast_to(y, places.shape), -1) for y in rest]
        for k, place in enumerate(np.unravel_index(places.reshape(-1), x.shape)[0] if x.ndim == 1 else
                                  zip(*np.unravel_index(places.reshape(-1), x.shape))):
            x[place] = ufunc(x[place], *(y[k] for y in ys))


def _reduceat(ufunc, row, inputs, kwargs, out):
    x, index = inputs[:2]
    axis = kwargs.pop("axis", inputs[2] if len(inputs) > 2 else 0)
    x = np.moveaxis(x, axis, 0)
    ends = [*index[1:], len(x)]
    parts = [x[i] if j <= i else ufunc.reduce(x[i:j], axis=0) for i, j in zip(index, ends)]
    return np.moveaxis(np.stack(parts), 0, axis)


METHODS = {"__call__": _call, "reduce": _reduce, "accumulate": _accumulate, "outer": _outer, "at": _at, "reduceat": _reduceat}

"""Calls of a ufunc with keywords, and its methods: reduce, accumulate, outer, at, reduceat."""

import numpy as np

from dualnet.dispatch import Array, elements, lost, pack, write_out
from dualnet.errors import NotDifferentiableError
from dualnet.table import TABLE
from dualnet.table.row import primal

REDUCE = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}
ACCUMULATE = {np.add: np.cumsum, np.multiply: np.cumprod}


def general(ufunc, method, inputs, kwargs):
    """A ufunc call that is not a plain one, by the rows that mean the same."""
    if ufunc.types and all(set(t) <= set("O->") for t in ufunc.types):  # made by np.frompyfunc
        return pack(getattr(ufunc, method)(*(elements(x) if isinstance(x, Array) else x for x in inputs), **kwargs))
    out = kwargs.pop("out", None)
    result = globals()["_" + method.strip("_")](ufunc, inputs, kwargs, out) if method != "__call__" \
        else _call(ufunc, inputs, kwargs, out)
    return result if out is None else write_out(out, result)


def _call(ufunc, inputs, kwargs, out):
    where, dtype = kwargs.pop("where", True), kwargs.pop("dtype", None)
    kwargs.pop("casting", None), kwargs.pop("order", None), kwargs.pop("subok", None)
    if dtype is not None:
        inputs = [TABLE["astype"](x, dtype) if isinstance(x, Array) else np.asarray(x, dtype)[()] for x in inputs]
    with np.errstate(**({} if where is True else {"all": "ignore"})):  # of elements that are not asked for
        result = TABLE.find(ufunc)(*inputs, **kwargs)
    if where is not True:
        if out is None:
            raise NotDifferentiableError(f"np.{ufunc.__name__}(where=...) without out= leaves elements undefined; pass out=")
        result = np.where(primal(where), result, out[0])
    return result


def _reduce(ufunc, inputs, kwargs, out):
    x, = inputs
    kwargs.setdefault("axis", 0)
    if ufunc in REDUCE:
        return REDUCE[ufunc](x, **kwargs)
    x, axis = np.moveaxis(x, kwargs["axis"], 0), kwargs["axis"]
    result = x[0]
    for row in x[1:]:
        result = ufunc(result, row)
    return np.expand_dims(result, axis) if kwargs.get("keepdims") else result


def _accumulate(ufunc, inputs, kwargs, out):
    x, axis = inputs[0], kwargs.pop("axis", inputs[1] if len(inputs) > 1 else 0)
    if ufunc in ACCUMULATE:
        return ACCUMULATE[ufunc](x, axis=axis)
    x = np.moveaxis(x, axis, 0)
    rows = [x[0]]
    for row in x[1:]:
        rows.append(ufunc(rows[-1], row))
    return np.moveaxis(np.stack(rows), 0, axis)


def _outer(ufunc, inputs, kwargs, out):
    x, y = inputs
    return ufunc(np.reshape(x, np.shape(x) + (1,) * np.ndim(y)), y, **kwargs)


def _at(ufunc, inputs, kwargs, out):
    x, index, *rest = inputs
    if not isinstance(x, Array):
        raise lost(f"np.{ufunc.__name__}.at on a plain array", "make the buffer with np.zeros_like(x) or np.zeros(n, like=x)")
    places = np.arange(x.size).reshape(x.shape)[primal(index)]
    if ufunc in (np.add, np.subtract):
        y = np.broadcast_to(rest[0], places.shape)
        y = -y if ufunc is np.subtract else y
        x[...] = x + np.reshape(TABLE["scatter_add"](np.reshape(y, -1), places.reshape(-1), x.size), x.shape)
        return
    if np.unique(places).size != places.size:
        raise NotDifferentiableError(f"np.{ufunc.__name__}.at with repeated indices is not supported; only np.add.at and "
                                     "np.subtract.at are; write a loop")
    x[index] = ufunc(x[index], *rest)


def _reduceat(ufunc, inputs, kwargs, out):
    x, index = inputs[:2]
    axis = kwargs.pop("axis", 0)
    x = np.moveaxis(x, axis, 0)
    ends = [*index[1:], len(x)]
    parts = [x[i] if j <= i else ufunc.reduce(x[i:j], axis=0) for i, j in zip(index, ends)]
    return np.moveaxis(np.stack(parts), 0, axis)



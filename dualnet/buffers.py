"""Results that are written into arrays which the caller gives, by ``out=``."""

import functools
import inspect

import numpy as np

from dualnet.errors import DTypeError, ShapeError
from dualnet.packing import elements, lost
from dualnet.table.row import Traced, dtype_of, shape_of

ADD_UP = frozenset([np.sum, np.prod, np.cumsum, np.cumprod, np.nansum, np.nanprod, np.nancumsum, np.nancumprod])
IN_C = {np.dot: ["a", "b", "out"], np.concatenate: ["arrays", "axis", "out"]}  # whose arguments NumPy names only since 2.4


def out_by_name(function, args, kwargs):
    """A call of a function of NumPy's with an ``out`` that is given by its place, and what follows it, by name."""
    names = _names(function)
    if "out" not in names or len(args) <= names.index("out"):
        return args, kwargs
    place = names.index("out")
    return args[:place], {**kwargs, **dict(zip(names[place:], args[place:]))}


@functools.cache
def _names(function):
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return IN_C.get(function, [])
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def in_precision_of(out, x):
    """The data type in which NumPy adds up x where the result goes to `out` and no other is asked for; None for that of x."""
    target = out[0] if isinstance(out, tuple) else out
    have, want = dtype_of(x), dtype_of(target)
    return want if want.kind in "fc" and have != want and np.can_cast(have, want, "same_kind") else None


def write_out(out, result, whole=False, casting=None):
    """Honour ``out=``: write `result` into it and return it; of the `whole` shape, not only one that broadcasts to it.

    Imaginary parts are dropped only where NumPy's rule `casting` is "unsafe".
    """
    target = out[0] if isinstance(out, tuple) and len(out) == 1 else out
    if isinstance(target, tuple):
        return tuple(r if t is None else write_out(t, r, whole, casting) for t, r in zip(target, result))
    if target is None:
        return result
    if isinstance(result, Traced) and not isinstance(target, Traced):
        if target.dtype != object:
            raise lost("out= into a plain array", "make the buffer with np.empty_like(x) or np.zeros(n, like=x)")
        result = elements(result)
    if whole and shape_of(result) != shape_of(target):
        raise ShapeError(f"out= has shape {shape_of(target)}, and the result has shape {shape_of(result)}; make the buffer of that shape")
    if casting != "unsafe" and dtype_of(result).kind == "c" and dtype_of(target).kind == "f":
        raise DTypeError(f"out= is of {dtype_of(target)}, and the result of {dtype_of(result)}; make the buffer complex")
    target[...] = result
    return target

"""What a tape that is pulled once can let go of: of each step, the large arrays that its pulls do not read."""

import dis
import functools
import inspect

import numpy as np

from dualnet.pulls import CONTRACTION, GATHER, POINTWISE, SUM
from dualnet.table.parameters import InDouble
from dualnet.table.row import Argument

LARGE = 1 << 13  # elements from which keeping an array costs more than it takes to see that nobody reads it


def lighten(record):
    """Replace the large arrays of a step that its pulls do not read by their shapes and data types, which are all they ask of them."""
    reader, values = record.reader, record.values
    n = len(values)
    if reader is POINTWISE:
        unread = _unread(record.row, tuple([i for i, _ in record.parents]), n)
    elif reader is CONTRACTION:
        unread = (record.parents[0][0], 2) if len(record.parents) == 1 else (2,)
    elif reader is SUM or reader is GATHER:
        unread = 0, 1
    else:
        return
    for k in unread:
        if k == n:
            record.out = _hollow(record.out)
        elif _hollow(values[k]) is not values[k]:
            record.values = values = [*values[:k], _hollow(values[k]), *values[k + 1:]]


@functools.lru_cache(1024)
def _unread(row, operands, n):
    """Places of the n arguments, n for the output, that no partial by one of these operands reads."""
    return tuple(set(range(n + 1)).difference(*(read_by(row.partials[i], n) for i in operands)))


@functools.lru_cache(1024)
def read_by(p, n):
    """Places of the arguments, n for the output, that the partial `p` of a function of n arguments may read."""
    if isinstance(p, Argument):
        return frozenset((p.place % (n + 1),))
    if not callable(p):
        return frozenset()
    if isinstance(p, InDouble):
        return read_by(p.partial, n) | frozenset(range(n))
    code = p.__code__ if inspect.isfunction(p) else None
    names = code.co_varnames[:code.co_argcount] if code else ()
    if len(names) != n + 1:
        return frozenset(range(n + 1))
    seen = set()
    for step in dis.get_instructions(code):
        seen.update(step.argval if isinstance(step.argval, tuple) else (step.argval,))
    return frozenset(k for k, name in enumerate(names) if name in seen)


def _hollow(x):
    return _of_nothing(x.shape, x.dtype) if type(x) is np.ndarray and x.size > LARGE and x.dtype.kind in "fc" else x


@functools.lru_cache(256)
def _of_nothing(shape, dtype):
    """An array that takes no memory; it is NaN, so that whoever reads it is found out."""
    return np.broadcast_to(np.full((), np.nan, dtype), shape)

"""Functions whose result does not change with small changes of the input: read on values, plain arrays out."""

import numpy as np

from dualnet.errors import NotDifferentiableError
from dualnet.table.row import TABLE, Row, Traced, primal

BOOLEAN = [np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal, np.logical_and, np.logical_or,
           np.logical_xor, np.logical_not, np.isfinite, np.isinf, np.isnan, np.isnat, np.signbit, np.isneginf, np.isposinf, np.isreal,
           np.iscomplex, np.isclose, np.allclose, np.array_equal, np.array_equiv, np.all, np.any, np.iscomplexobj, np.isrealobj,
           np.isin, np.shares_memory, np.may_share_memory]
INDEX = [np.argmax, np.argmin, np.argsort, np.argpartition, np.argwhere, np.nonzero, np.flatnonzero, np.count_nonzero, np.searchsorted,
         np.digitize, np.lexsort, np.nanargmax, np.nanargmin, np.shape, np.ndim, np.size, np.result_type, np.min_scalar_type,
         np.can_cast, np.common_type, np.array_repr, np.array_str, np.array2string]
STEP = [np.floor, np.ceil, np.trunc, np.rint, np.floor_divide, np.spacing, np.round, np.around]


class Constant(Row):
    """A function that is constant between its jumps: the plain value, computed on values."""

    kind = "constant"

    def __init__(self, function, name=None):
        super().__init__(name or function.__name__, function)
        self.function = function

    def __call__(self, *args, **kwargs):
        return self.function(*(_values(a) for a in args), **{k: _values(v) for k, v in kwargs.items()})


def _values(x):
    """The plain numbers of `x`, which may be a sequence of arrays."""
    return type(x)(_values(e) for e in x) if type(x) in (list, tuple) else primal(x)


for _function in dict.fromkeys(BOOLEAN + INDEX + STEP):
    if _function not in TABLE.by_function:
        TABLE.add(Constant(_function), (_function,))
TABLE.add(Constant(np.trunc, "fix"), (np.fix,))  # which is the same, and from NumPy 2.5 on gives a warning


NO_COPY = (False, None, np._CopyMode.IF_NEEDED, np._CopyMode.NEVER)


class Creation(Row):
    """A function that makes an array ``like=`` a traced one: a constant to write into (integers stay plain), or a traced array of
    what it is given."""

    kind = "creation"

    def __init__(self, function, follow=None):
        super().__init__(function.__name__, function)
        self.function, self.follow = function, follow

    def like(self, x, *args, **kwargs):
        """The new array as a constant of the reader of `x`; of traced arguments a traced one."""
        if self.follow is not None and any(isinstance(a, Traced) for a in (*args, *kwargs.values())):
            return self.follow(*args, **kwargs)
        out = self.function(*args, **kwargs)
        return x._lift(out) if out.dtype.kind in "fc" else out

    def __call__(self, *args, **kwargs):
        return self.function(*args, **kwargs)


def _array(object, dtype=None, *, copy=True, order="K", subok=False, ndmin=0):
    out = object if dtype is None else object.astype(dtype, copy=False)
    out = np.copy(out, order) if copy not in NO_COPY and out is object else out
    return np.reshape(out, (1,) * (ndmin - out.ndim) + out.shape) if out.ndim < ndmin else out


def _asarray(a, dtype=None, order=None, *, device=None, copy=None):
    return _array(a, dtype, copy=copy, order=order or "K")


def _ascontiguousarray(a, dtype=None):
    return _array(a, dtype, copy=False, ndmin=1)


def _asfortranarray(a, dtype=None):
    out = _array(a, dtype, copy=False)
    return out if np.asarray(primal(out)).flags.f_contiguous else np.copy(out, "F")


def _require(a, dtype=None, requirements=None):
    return _array(a, dtype, copy=any(kind in ("O", "OWNDATA") for kind in requirements or ()))


def _full(shape, fill_value, dtype=None, order="C", *, device=None):
    return _array(np.copy(np.broadcast_to(fill_value, shape), order), dtype, copy=False)


def _arange(start, stop=None, step=1, dtype=None, *, device=None):
    start, stop = (0, start) if stop is None else (start, stop)
    plain = np.arange(primal(start), primal(stop), primal(step), dtype)
    return (start + step * np.arange(plain.size)).astype(plain.dtype, copy=False)


for _function in (np.zeros, np.ones, np.empty, np.eye, np.identity):
    TABLE.add(Creation(_function), (_function,))
for _function, _follow in {np.array: _array, np.asarray: _asarray, np.asanyarray: _asarray, np.ascontiguousarray: _ascontiguousarray,
                           np.asfortranarray: _asfortranarray, np.require: _require, np.full: _full, np.arange: _arange}.items():
    TABLE.add(Creation(_function, _follow), (_function,))


class Refused(Row):
    """A function without a derivative, with the reason."""

    kind = "refused"

    def __init__(self, function, reason):
        super().__init__(function.__name__, function)
        self.reason = reason

    def __call__(self, *args, **kwargs):
        raise NotDifferentiableError(f"np.{self.name} cannot be differentiated: {self.reason}")

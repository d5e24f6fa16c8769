"""Rows of reductions and scans that pass over NaN."""

import numpy as np

from dualnet.table.ordering import is_nan
from dualnet.table.quiet import say
from dualnet.table.reductions import MISSING, _deviation, _short, axes_of, degrees, given
from dualnet.table.row import TABLE, composed


def _passing_nan(function, neutral):
    def rule(a, axis=None, *args, **kwargs):
        return function(np.where(is_nan(a), neutral, a), axis, *args, **kwargs)

    rule.__name__, rule.__doc__ = "nan" + function.__name__, f"np.{function.__name__} that passes over NaN."
    return rule


composed(np.nansum)(_passing_nan(np.sum, 0.0))
composed(np.nanprod)(_passing_nan(np.prod, 1.0))
composed(np.nancumsum)(_passing_nan(np.cumsum, 0.0))
composed(np.nancumprod)(_passing_nan(np.cumprod, 1.0))


def _present(a, where):
    present = ~is_nan(a)
    return present if where is MISSING or where is True else present & where


@composed(np.nanmean)
def nanmean(a, axis=None, dtype=None, out=None, keepdims=MISSING, *, where=MISSING):
    """Mean that passes over NaN."""
    return np.mean(a, axis, _short(a) if dtype is None else dtype, keepdims=keepdims, where=_present(a, where))


@composed(np.nanvar)
def nanvar(a, axis=None, dtype=None, out=None, ddof=0, keepdims=MISSING, *, where=MISSING, mean=MISSING, correction=MISSING):
    """Variance that passes over NaN."""
    where, options = _present(a, where), {"ddof": degrees(ddof, correction), "keepdims": given(keepdims, False)}
    out = np.var(a, axis, dtype, where=where, mean=mean, **options)
    out = out if given(mean) is None else TABLE["astype"](out, a.dtype if dtype is None else dtype)  # whatever that of the mean is
    return _of_enough(out, where, axis, **options)


@composed(np.nanstd)
def nanstd(a, axis=None, dtype=None, out=None, ddof=0, keepdims=MISSING, *, where=MISSING, mean=MISSING, correction=MISSING):
    """Standard deviation that passes over NaN."""
    a = a if dtype is None else TABLE["astype"](a, dtype)
    where, options = _present(a, where), {"ddof": degrees(ddof, correction), "keepdims": given(keepdims, False)}
    out = _deviation(np.where(where, a, 0), axis, where, options, given(mean))
    out = out if given(mean) is None else TABLE["astype"](out, a.dtype)
    return _of_enough(out, where, axis, **options)


def _of_enough(out, where, axis, ddof, keepdims):
    """A spread `out` of the elements inside a mask; NaN where they are not more than `ddof`."""
    few = np.sum(where, axis, keepdims=keepdims) <= ddof
    return np.where(few, np.nan, out) if np.any(few) else out


@composed(np.nanmax)
def nanmax(a, axis=None, out=None, keepdims=MISSING, initial=MISSING, where=MISSING):
    """Largest element that is not NaN; NaN where all are."""
    return _nan_extreme(np.max, a, axis, keepdims, initial, where, -np.inf)


@composed(np.nanmin)
def nanmin(a, axis=None, out=None, keepdims=MISSING, initial=MISSING, where=MISSING):
    """Smallest element that is not NaN; NaN where all are."""
    return _nan_extreme(np.min, a, axis, keepdims, initial, where, np.inf)


def _nan_extreme(function, a, axis, keepdims, initial, where, neutral):
    present = _present(a, where)
    out = function(np.where(present, a, neutral), axis, keepdims=keepdims, initial=initial)
    absent = ~np.any(present, axis=axes_of(axis, a.ndim), keepdims=bool(given(keepdims, False)))
    if not np.any(absent) or given(initial) is not None:
        return out
    say("All-NaN slice encountered")
    return np.where(absent, np.nan, out)

"""Rows of quantiles and of covariances."""

import warnings

import numpy as np

from dualnet.errors import DTypeError, NotDifferentiableError
from dualnet.table.linalg import is_complex, operand
from dualnet.table.quiet import say
from dualnet.table.reductions import _one_axis
from dualnet.table.row import TABLE, Traced, composed, ndim_of, primal, revalued, shape_of

# Methods of which a quantile is linear in q between elements, at the rank q (n - 1 + more) + first of n (Hyndman and Fan 1996)
SMOOTH = {"linear": (0, 0), "interpolated_inverted_cdf": (-1, 1), "hazen": (-1 / 2, 1), "weibull": (-1, 2),
          "median_unbiased": (1 / 3 - 1, 4 / 3), "normal_unbiased": (3 / 8 - 1, 5 / 4)}


def _between(low, high, weight):
    """Linear interpolation, from the nearer end as NumPy does it; the end that has no weight is left out, whatever its slope."""
    step = high - low
    if not isinstance(weight, Traced) and weight.size == 1:
        if weight not in (0, 1):
            return high - step * (1 - weight) if weight >= 0.5 else low + step * weight
        if low.dtype == weight.dtype and np.isfinite(primal(step)).all():
            return high if weight == 1 else low
    out = np.where(primal(weight) >= 0.5, high - step * (1 - weight), low + step * weight)
    if isinstance(weight, Traced):
        return out
    at_low, at_high = ((weight == end) & np.isfinite(primal(step)) for end in (0, 1))
    out = np.where(at_high, high, out) if np.any(at_high) else out
    return np.where(at_low, low, out) if np.any(at_low) else out


def _picked(ranked, places, shape):
    """For each array of places the elements there along the last axis, all in one shape."""
    rows = [np.take_along_axis(ranked, np.expand_dims(k, -1), -1)[..., 0] for k in places]
    return np.reshape(np.stack(rows), shape) if rows else np.zeros(shape)


def _ranked(a, q, axis, method, keepdims, scale, rank, interpolation):
    """Quantiles by the rank that NumPy finds for them: that of the ranks 0, 1, ... themselves."""
    a, q, method = operand(a), operand(q) if isinstance(q, (list, tuple)) else q, interpolation or method
    if is_complex(a):
        raise DTypeError("a must be an array of real numbers")
    a = a if a.dtype.kind == "f" else a.astype(float)
    if not a.size:
        out = rank(primal(a), primal(q), axis=axis, method=method, keepdims=keepdims)
        return out * np.sum(q) if isinstance(q, Traced) else out
    flat, kept = _one_axis(a, axis)
    ranked = np.sort(flat, axis=-1)
    alike = not isinstance(q, Traced) and not np.isnan(primal(ranked)[..., -1]).any()
    out, lost = (_alike(a, ranked, q, method, rank), False) if alike else _one_by_one(a, ranked, q, method, scale, rank)
    narrow = alike and a.dtype.itemsize < 8  # rounded in another order; or a difference of two elements is out of range
    if narrow or np.any(np.isinf(primal(flat))) or not np.all(np.isfinite(primal(out)) | lost):
        out = revalued(out, np.reshape(rank(primal(a), primal(q), axis=axis, method=method), shape_of(out)))
    return np.reshape(out, shape_of(q) + kept) if keepdims else out


def _alike(a, ranked, q, method, rank):
    """Quantiles of rows without NaN, which have the ranks of q in common."""
    top = shape_of(ranked)[-1] - 1
    wide = a.dtype.itemsize > 8  # NumPy 2.0 takes a number q in the precision of long doubles
    index = np.asarray(rank(np.arange(top + 1, dtype=a.dtype if wide else None), q if wide else np.asarray(q), method=method))
    low = np.clip(np.floor(index).astype(int), 0, max(top - 1, 0))
    ends = [ranked[..., np.minimum(low + more, top)] for more in (0, 1)]
    if index.ndim:
        ends = [np.moveaxis(end, range(-index.ndim, 0), range(index.ndim)) for end in ends]
    kind = index.dtype if a.dtype == index.dtype else _kind(rank, a, q, method, False)
    return _between(*ends, np.reshape(np.asarray(index - low, kind), index.shape + (1,) * (ndim_of(ranked) - 1)))


def _one_by_one(a, ranked, q, method, scale, rank):
    """Quantiles of rows that each have ranks of their own, as some have NaN or q is traced, and where they are NaN."""
    n = shape_of(ranked)[-1]
    ranks = np.where(np.isnan(primal(ranked)), np.nan, np.arange(n))
    if isinstance(q, Traced):
        rank(np.zeros(1), primal(q), method=method)  # NumPy's error for what is no quantile or no method
        q = q if method in SMOOTH else primal(q)  # elsewhere a step of q
    if isinstance(q, Traced):
        last = np.count_nonzero(~np.isnan(ranks), axis=-1) - 1
        first, more = SMOOTH[method]
        places = np.reshape(q, shape_of(q) + (1,) * last.ndim) * ((last + more) / scale)
        places = places if method == "linear" else np.clip(places + first, 0, last)
    else:
        nothing = np.isnan(ranks[..., 0])
        if rank in (np.nanquantile, np.nanpercentile) and np.any(nothing):
            say("All-NaN slice encountered")
        places = rank(np.where(nothing[..., None], 0, ranks), np.asarray(q), axis=-1, method=method)
    index = primal(places)
    lost = np.isnan(index) | (np.isnan(ranks[..., -1]) if rank in (np.quantile, np.percentile) else np.isnan(ranks[..., 0]))
    shape = shape_of(index)
    top = np.maximum(np.count_nonzero(~np.isnan(ranks), axis=-1) - 1, 0)  # the rank of the largest that is not NaN
    low = np.clip(np.floor(np.where(lost, 0, index)).astype(int), 0, np.maximum(top - 1, 0))
    weight = np.where(lost, 0, places - low)
    flat_low = np.reshape(np.broadcast_to(low, shape), (-1, *shape_of(ranked)[:-1]))
    picked = [_picked(ranked, np.minimum(flat_low + more, top), shape) for more in (0, 1)]
    alone = rank in (np.nanquantile, np.nanpercentile) and np.ravel(ranks[..., 0] != ranks[..., 0])[:1].any()
    kind = np.result_type(a.dtype, q.dtype) if isinstance(q, Traced) else _kind(rank, a, q, method, alone)
    out = _between(*picked, TABLE["astype"](weight, kind) if isinstance(weight, Traced) else np.asarray(weight, kind))
    return (np.where(lost, np.nan, out) if np.any(lost) else out), lost


def _kind(rank, a, q, method, alone):
    """The data type of NumPy's quantiles: that of its result for the first slice, which may hold NaN alone."""
    if not alone:
        return rank(np.zeros(1, a.dtype), q, method=method).dtype
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return rank(np.full(1, np.nan, a.dtype), q, method=method).dtype


def _quantile(function, scale, doc):
    def rule(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *, weights=None, interpolation=None):
        if weights is not None:
            raise NotDifferentiableError(f"np.{function.__name__} with weights has no row; sort, cumulate the weights and take")
        return _ranked(a, q, axis, method, keepdims is True, scale, function, interpolation)

    rule.__name__, rule.__doc__ = function.__name__, doc
    composed(function)(rule)


_quantile(np.quantile, 1.0, "Quantiles for fractions q; NaN where any element is NaN.")
_quantile(np.percentile, 100.0, "Quantiles for percentages q; NaN where any element is NaN.")
_quantile(np.nanquantile, 1.0, "Quantiles for fractions q that pass over NaN.")
_quantile(np.nanpercentile, 100.0, "Quantiles for percentages q that pass over NaN.")


_FEW = "Degrees of freedom <= 0 for slice"


@composed(np.cov)
def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None):
    """The covariance matrix of variables in rows (or columns)."""
    x = np.atleast_2d(operand(m))
    x = TABLE["astype"](x, np.result_type(x.dtype, float) if dtype is None else dtype)
    x = x if rowvar or ndim_of(m) == 1 else x.T
    if y is not None:
        y = np.atleast_2d(operand(y))
        x = np.concatenate([x, y if rowvar or shape_of(y)[0] == 1 else y.T], 0)
    ddof = (0 if bias else 1) if ddof is None else ddof
    if ddof != int(ddof):
        raise ValueError(f"cov: ddof={ddof} is not a whole number")
    if fweights is not None and np.any(np.asarray(primal(fweights)) % 1):
        raise TypeError("cov: fweights are whole numbers; give others as aweights")
    n = shape_of(x)[1]
    if fweights is None and aweights is None:
        if n <= ddof:
            say(_FEW)
        x = x - np.mean(x, axis=1)[:, None]
        return np.squeeze(np.matmul(x, np.conjugate(x.T)) * np.true_divide(1, np.maximum(n - ddof, 0.0)).astype(x.dtype))
    weights = [part if part is None else TABLE["astype"](operand(part), float) for part in (fweights, aweights)]
    return np.squeeze(_weighted(x, *weights, ddof))


def _weighted(x, fweights, aweights, ddof):
    """Covariances with weights w = fweights * aweights, each divided by their sum before anything is multiplied by it.

    sum(p d d*) / (1 - ddof sum(p aweights) / sum(w)) with p = w / sum(w): NumPy's formula without its products of weights, whose
    slopes leave the range where the covariances do not. The value is that of NumPy's formula as it stands.
    """
    for name, part in (("fweights", fweights), ("aweights", aweights)):
        if part is not None and np.any(primal(part) < 0):
            raise ValueError(f"{name} cannot be negative")
    w = aweights if fweights is None else fweights if aweights is None else fweights * aweights
    center = np.average(x, axis=1, weights=w)
    total = np.sum(w)
    share = w / total
    lost = ddof / total if aweights is None else ddof * np.sum(share * (aweights / total)) if ddof else 0.0
    d = x - center[:, None]
    out = np.matmul(d, np.conjugate((d * share).T)) * np.true_divide(1, np.maximum(1 - lost, 0.0))
    return revalued(out, _numpys(primal(d), primal(w), primal(total), None if aweights is None else primal(aweights), ddof))


def _numpys(d, w, total, aweights, ddof):
    """The weighted covariances as NumPy multiplies them out."""
    freedom = total - ddof if aweights is None else total - ddof * np.sum(w * aweights) / total if ddof else total
    if freedom <= 0:
        say(_FEW)
    return np.matmul(d, np.conjugate((d * w).T)) * np.true_divide(1, np.maximum(freedom, 0.0))


@composed(np.corrcoef)
def corrcoef(x, y=None, rowvar=True, *, dtype=None):
    """The correlation matrix: the covariance divided by both standard deviations."""
    c = np.cov(x, y, rowvar, dtype=dtype)
    if ndim_of(c) == 0:
        return c / c
    s = np.sqrt(np.real(np.diag(c)))
    c = c / s[:, None] / s[None, :]
    plain = np.array(primal(c))
    plain.real = np.clip(plain.real, -1, 1)
    if is_complex(c):
        plain.imag = np.clip(plain.imag, -1, 1)
    return revalued(c, plain)

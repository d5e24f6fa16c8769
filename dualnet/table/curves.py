"""Rows of sampled curves: interpolation, finite differences, phases, histograms; functions on wider domains."""

import numpy as np

from dualnet.errors import DTypeError
from dualnet.table.linalg import is_complex, operand
from dualnet.table.ordering import leads
from dualnet.table.reductions import MISSING, given
from dualnet.table.row import TABLE, Traced, composed, dtype_of, highest, ndim_of, pointwise, primal, revalued, shape_of
from dualnet.table.shaping import laid_out_as, normal, normals
from dualnet.table.values import Constant


@composed(np.interp)
@np.errstate(all="ignore")
def interp(x, xp, fp, left=None, right=None, period=None):
    """Piecewise linear interpolation in all three arrays; at a knot the piece just ahead."""
    x, xp, fp = operand(x), operand(xp), operand(fp)
    if is_complex(x) or is_complex(xp):
        raise DTypeError("interp: x and xp must be real")
    x, xp = (a if a.dtype == float else a.astype(float) for a in (x, xp))
    fp = fp if fp.dtype.char in "dDgG" else fp.astype(complex if is_complex(fp) else float)
    if period is not None:
        period = np.abs(period)
        if primal(period) == 0:
            raise ValueError("interp: period=0; a period is not 0")
        x, xp = x % period, xp % period
        order = np.argsort(primal(xp))
        xp, fp = xp[order], fp[order]
        xp, fp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period]), np.concatenate([fp[-1:], fp, fp[:1]])
        left = right = None
    n = np.size(xp)
    if shape_of(xp) != shape_of(fp) or n == 0:
        raise ValueError(f"interp: xp of shape {shape_of(xp)} and fp of shape {shape_of(fp)} must be vectors of one length, not empty")
    plain, knots = primal(x), primal(xp)
    if n == 1:
        inside = np.broadcast_to(fp[0], shape_of(x))
    else:
        j = np.clip(np.searchsorted(knots, plain, "right") - 1, 0, n - 2)
        flat = np.diff(knots) == 0  # a jump: its right side counts
        on = (plain == knots[j]) & (j > 0) & ~flat[np.maximum(j - 1, 0)]
        j = np.where(on & ~leads(x, xp[j]), j - 1, j) if np.any(on) else j
        low, high = fp[j], fp[j + 1]
        slope = (high - low) / np.where(flat[j], np.inf, xp[j + 1] - xp[j])
        inside = slope * (x - xp[j]) + low
        exact = plain == knots[j + 1]
        exact |= np.isnan(primal(inside))  # beside an infinite knot
        inside = np.where(exact, slope * (x - xp[j + 1]) + high, inside) if np.any(exact) else inside
    before = ~leads(x, xp[0]) & ~np.isnan(plain) if left is None else plain < knots[0]
    after = ~leads(xp[-1], x) & ~np.isnan(plain) if right is None else plain > knots[-1]
    inside = np.where(before, fp[0] if left is None else left, inside) if np.any(before) else inside
    inside = np.where(after, fp[-1] if right is None else right, inside) if np.any(after) else inside
    if np.all(np.isfinite(primal(inside))):
        return inside
    return revalued(inside, np.interp(plain, knots, primal(fp), *(None if a is None else primal(a) for a in (left, right))))


def _difference(f, h, axis, edge_order):
    """The derivative along an axis: central inside, one-sided of first or second order at the ends."""
    f = np.moveaxis(f, axis, -1)
    if shape_of(f)[-1] < edge_order + 1:
        raise ValueError("Shape of array too small to calculate a numerical gradient, at least (edge_order + 1) elements are required.")
    even = ndim_of(h) == 0
    if even:
        inside = (f[..., 2:] - f[..., :-2]) / (2.0 * h)
        first, last = ((-1.5, 2.0, -0.5), (0.5, -2.0, 1.5)) if edge_order == 2 else (None, None)
        first, last = ([w / h for w in ws] if ws else None for ws in (first, last))
        h0 = h1 = h
    else:
        p, q = h[:-1], h[1:]
        inside = -q / (p * (p + q)) * f[..., :-2] + (q - p) / (p * q) * f[..., 1:-1] + p / (q * (p + q)) * f[..., 2:]
        h0, h1 = h[0], h[-1]
        if edge_order == 2:
            p, q = h[0], h[1]
            first = -(2.0 * p + q) / (p * (p + q)), (p + q) / (p * q), -p / (q * (p + q))
            p, q = h[-2], h[-1]
            last = q / (p * (p + q)), -(q + p) / (p * q), (2.0 * q + p) / (q * (p + q))
    if edge_order == 2:
        ends = [sum(w * f[..., k] for w, k in zip(ws, places)) for ws, places in ((first, (0, 1, 2)), (last, (-3, -2, -1)))]
    else:
        ends = [(f[..., 1] - f[..., 0]) / h0, (f[..., -1] - f[..., -2]) / h1]
    out = np.concatenate([np.expand_dims(ends[0], -1), inside, np.expand_dims(ends[1], -1)], -1)
    return np.moveaxis(out, -1, axis)


@composed(np.gradient)
def gradient(f, *varargs, axis=None, edge_order=1):
    """Finite differences along axes, with spacings or coordinates that may be traced."""
    f = operand(f)
    f = f if f.dtype.kind in "fc" else f.astype(float)
    if edge_order > 2:
        raise ValueError(f"gradient: edge_order={edge_order}; choose 1 or 2")
    axes = tuple(range(ndim_of(f))) if axis is None else normals(axis, ndim_of(f))
    if len(varargs) not in (0, 1, len(axes)):
        raise TypeError(f"gradient: {len(varargs)} spacings for {len(axes)} axes")
    spacings = varargs * len(axes) if len(varargs) == 1 and ndim_of(varargs[0]) == 0 else varargs or (1.0,) * len(axes)
    if len(spacings) != len(axes):
        raise TypeError(f"gradient: {len(varargs)} spacings for {len(axes)} axes")
    out = []
    for h, k in zip(spacings, axes):
        if ndim_of(h):
            h = operand(h)
            if shape_of(h) != (shape_of(f)[k],):
                raise ValueError(f"gradient: coordinates of shape {shape_of(h)} along an axis of length {shape_of(f)[k]}")
            h = np.diff(h)
            h = h[0] if not isinstance(h, Traced) and np.all(h == h[0]) else h
        out.append(laid_out_as(TABLE["astype"](_difference(f, h, k, edge_order), f.dtype), f))
    return out[0] if len(out) == 1 else tuple(out)


@composed(np.diff)
def diff(a, n=1, axis=-1, prepend=MISSING, append=MISSING):
    """n-th difference along an axis."""
    if n == 0:
        return a  # without its ends, as NumPy does
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n}")
    axis = normal(axis, a.ndim)
    ends = [None if given(e) is None else np.broadcast_to(e, a.shape[:axis] + (1,) + a.shape[axis + 1:]) if ndim_of(e) == 0 else e
            for e in (prepend, append)]
    pieces = [e for e in (ends[0], a, ends[1]) if e is not None]
    a = np.concatenate(pieces, axis) if len(pieces) > 1 else a
    before = (slice(None),) * axis
    for _ in range(n):
        a = a[(*before, slice(1, None))] - a[(*before, slice(None, -1))]
    return a


@composed(np.ediff1d)
def ediff1d(ary, to_end=None, to_begin=None):
    """Differences of the flattened array, with ends put on."""
    out = np.diff(np.ravel(ary))
    pieces = [operand(p) if isinstance(p, (list, tuple)) else p for p in (to_begin, out, to_end) if p is not None]
    pieces = [p if p is out else np.ravel(p).astype(out.dtype) if highest((p,)) is not None else np.asarray(p, out.dtype).ravel()
              for p in pieces]
    return np.concatenate(pieces) if len(pieces) > 1 else out


@composed(np.trapezoid)
def trapezoid(y, x=None, dx=1.0, axis=-1):
    """Integral along an axis by the trapezoidal rule."""
    y = y if hasattr(y, "ndim") else np.asarray(y)
    axis = normal(axis, y.ndim)
    before = (slice(None),) * axis
    if x is not None:
        x = x if hasattr(x, "ndim") else np.asarray(x)
        dx = np.diff(x, axis=-1 if x.ndim == 1 else axis)
        dx = np.reshape(dx, (-1,) + (1,) * (y.ndim - axis - 1)) if x.ndim == 1 else dx
    return np.sum(dx * (y[(*before, slice(1, None))] + y[(*before, slice(None, -1))]) / 2.0, axis=axis)


@composed(np.unwrap)
def unwrap(p, discont=None, axis=-1, *, period=2 * np.pi):
    """Phases without jumps: whole periods are added, whose number does not change with small changes."""
    plain = primal(p)
    flat = np.unwrap(plain, discont, axis, period=primal(period))
    with np.errstate(all="ignore"):
        turns = np.where(flat == plain, 0, np.rint((flat - plain) / primal(period)))
    return p + turns.astype(plain.dtype) * period


@composed(np.bincount)
def bincount(x, /, weights=None, minlength=0):
    """Sums of the weights of each whole number; without weights, plain counts."""
    places = np.asarray(primal(x))
    if weights is None:
        return np.bincount(places, None, minlength)
    if is_complex(weights):
        raise TypeError("bincount: weights must be real")
    plain = np.bincount(places, primal(weights), minlength)
    weights = operand(weights)
    return TABLE["scatter_add"](weights if weights.dtype == float else weights.astype(float), places, plain.size)


def _edges(a, bins, span, weights):
    """Edges of the bins of a histogram, moving with the data where they are set by its ends."""
    plain = np.histogram_bin_edges(primal(a), primal(bins), None if span is None else primal(span), primal(weights))
    if ndim_of(bins):
        return operand(bins)
    if not np.size(a):
        return plain
    low, high = (np.min(a), np.max(a)) if span is None else (span[0], span[1])
    if not isinstance(low, Traced) and not isinstance(high, Traced):
        return plain
    wide = 0.5 * (primal(low) == primal(high))
    return TABLE["astype"](np.linspace(low - wide, high + wide, plain.size), plain.dtype)


@composed(np.histogram_bin_edges)
def histogram_bin_edges(a, bins=10, range=None, weights=None):
    """The edges of the bins, which move with the data's ends."""
    return _edges(operand(a), bins, range, weights)


def _bin(plain, edges):
    """Number of the bin of each element, and whether there is one; the last bin holds its right end."""
    place = np.searchsorted(edges, plain, "right") - 1
    place = np.where(plain == edges[-1], edges.size - 2, place)
    return place, (place >= 0) & (place < edges.size - 1)


@composed(np.histogram)
def histogram(a, bins=10, range=None, density=None, weights=None):
    """(counts or sums of weights, edges): sums move with the weights, edges with the data; counts are constant."""
    a = operand(a)
    edges = _edges(a, bins, range, weights)
    if isinstance(weights, Traced):
        place, inside = _bin(np.ravel(primal(a)), primal(edges))
        counts = TABLE["scatter_add"](np.reshape(weights, -1)[inside], place[inside], np.size(edges) - 1)
    else:
        counts = np.histogram(primal(a), primal(edges), weights=weights)[0]
    return (counts / np.diff(edges) / np.sum(counts), edges) if density else (counts, edges)


@composed(np.histogramdd)
def histogramdd(sample, bins=10, range=None, density=None, weights=None):
    """(counts or sums of weights, edges of each axis) in several dimensions."""
    columns = [np.ravel(c) for c in sample] if isinstance(sample, (list, tuple)) else list(np.atleast_2d(operand(sample).T))
    d = len(columns)
    bins = [bins] * d if ndim_of(bins) == 0 else bins
    spans = [None] * d if range is None else range
    edges = [_edges(c, b, span, None) for c, b, span in zip(columns, bins, spans, strict=True)]
    shape, flat, inside = tuple(np.size(e) - 1 for e in edges), 0, True
    for c, e in zip(columns, edges):
        place, here = _bin(primal(c), primal(e))
        flat, inside = flat * (np.size(e) - 1) + place, inside & here
    weights = np.ones(np.size(inside)) if weights is None else operand(weights)
    weights = weights if weights.dtype == float else weights.astype(float)
    counts = np.reshape(TABLE["scatter_add"](np.reshape(weights, -1)[inside], flat[inside], int(np.prod(shape))), shape)
    if density:
        counts = counts / np.sum(counts)
        for k, e in enumerate(edges):
            counts = counts / np.reshape(np.diff(e), (-1,) + (1,) * (d - k - 1))
    return counts, tuple(edges)


@composed(np.histogram2d)
def histogram2d(x, y, bins=10, range=None, density=None, weights=None):
    """(counts or sums of weights, edges of x, edges of y)."""
    bins = bins if ndim_of(bins) == 0 or len(bins) == 2 and not (ndim_of(bins) == 1 and len(bins) != 2) else [bins, bins]
    counts, edges = np.histogramdd([x, y], bins, range, density, weights)
    return counts, edges[0], edges[1]


def _i0_dx(x, out):
    from scipy.special import i1, i1e
    if dtype_of(x).char != "g":
        return i1(x)
    short = TABLE["astype"](x, float)  # SciPy has it in double precision: with those digits, in the range of long doubles
    return np.where(np.abs(primal(x)) < 700, TABLE["astype"](i1(short), x.dtype), TABLE["astype"](i1e(short), x.dtype) * np.exp(np.abs(x)))


pointwise(np.i0, _i0_dx, symbol="i0(x)")


def widened(x):
    """A real array as a complex one, of single precision where ``np.emath`` makes it one."""
    kind = np.complex64 if operand(x).dtype.char in "fFbBhH" else np.complex128
    return TABLE["astype"](x, kind) if isinstance(x, Traced) else np.asarray(x, kind)[()]


def _widened(function, outside):
    """``np.emath``: the complex function where a real argument is outside its real domain."""
    def rule(x):
        x = operand(x)
        return function(widened(x) if np.any(outside(primal(x))) and not is_complex(x) else x)

    rule.__name__ = "emath." + function.__name__
    rule.__doc__ = f"np.{function.__name__}, complex where a real argument is outside its domain."
    return rule


def _negative(x):
    return x < 0


for _name, _outside in {"sqrt": _negative, "log": _negative, "log2": _negative, "log10": _negative, "arccos": lambda x: np.abs(x) > 1,
                        "arcsin": lambda x: np.abs(x) > 1, "arctanh": lambda x: np.abs(x) > 1}.items():
    composed(getattr(np.emath, _name))(_widened(getattr(np, _name), _outside))


@composed(np.emath.logn, name="emath.logn")
def emath_logn(n, x):
    """The logarithm of x to the base n."""
    return np.emath.log(x) / np.emath.log(n)


@composed(np.emath.power, name="emath.power")
def emath_power(x, p):
    """x**p, complex for x < 0."""
    x, p = operand(x), operand(p)
    return np.power(widened(x) if np.any(primal(x) < 0) and not is_complex(x) else x, p)


for _function in (np.diag_indices_from, np.tril_indices_from, np.triu_indices_from, np.ravel_multi_index, np.unravel_index,
                  np.einsum_path, np.gcd, np.lcm):
    if _function not in TABLE.by_function:
        TABLE.add(Constant(_function), (_function,))

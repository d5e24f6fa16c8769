"""Rows of ``scipy.ndimage`` that read an array between its elements, by B-splines: in the array and in the coordinates.

On the border between two pieces of a spline the piece just ahead is taken (it matters for the order 1). At the
last element in mode "constant", where SciPy's function jumps, it is the piece inside.
"""

import itertools

import numpy as np
import scipy.ndimage
from scipy.special import cosdg, sindg

from dualnet.table.ordering import leads
from dualnet.table.registered import array, floating, plainly, registered
from dualnet.table.row import TABLE, Traced, linear, ndim_of, primal, shape_of
from dualnet.table.scipy_ndimage import each, entered, typed
from dualnet.table.shaping import normal, normals
from dualnet.table.sliding import extended

PAD = 12  # SciPy continues the array by as many elements where its filter has no rule for a mode


def _filter(x, order, axis, mode):
    return scipy.ndimage.spline_filter1d(x, order, axis, mode=mode, output=np.complex128 if np.iscomplexobj(x) else np.float64)


@linear(name="spline_coefficients", fixed=True)
def spline_coefficients(x, order, axis, mode):
    """B-spline coefficients along an axis counted from the end.

    They solve B c = x, where B is symmetric, but for the first and last element counted half where the array is
    continued as in mode "mirror": so the transpose is the filter again, between two scalings. Where it is
    continued as in mode "reflect", SciPy's filter of a short array is a little off, and so is that of its matrix.
    """
    n = shape_of(x)[axis]
    w = np.ones(n)
    if mode in ("mirror", "constant", "wrap", "grid-constant"):
        w[[0, -1]] = 0.5
    w = w.reshape((-1,) + (1,) * (-axis - 1))

    def again(x):
        return TABLE["spline_coefficients"](x, order, axis, mode)

    def pull(g, out, x):
        if mode in ("reflect", "grid-mirror", "nearest") and n < 64:
            return np.moveaxis(np.moveaxis(g, axis, -1) @ _filter(np.eye(n), order, 0, mode), -1, axis)
        return again(g / w) * w

    return [x], plainly(lambda x: _filter(x, order, axis, mode), again), [lambda t, out, x: again(t)], [pull]


@registered("scipy.ndimage.spline_filter1d")
def spline_filter1d(input, order=3, axis=-1, output=np.float64, mode="mirror"):
    """Coefficients of the B-spline through the elements along one axis, in double precision."""
    x = floating(input)
    if order not in range(2, 6):
        raise RuntimeError("spline order not supported")
    axis = normal(axis, ndim_of(x))
    if shape_of(x)[axis] > 1:
        x = TABLE["spline_coefficients"](x, order, axis - ndim_of(x), mode)
    return typed("spline_filter1d", x, np.result_type(x.dtype, float) if output is np.float64 else output)


@registered("scipy.ndimage.spline_filter")
def spline_filter(input, order=3, output=np.float64, mode="mirror"):
    """Coefficients along all axes."""
    x = floating(input)
    for axis in range(ndim_of(x)):
        x = spline_filter1d(x, order, axis, mode=mode)
    return typed("spline_filter", x, np.result_type(x.dtype, float) if output is np.float64 else output)


def bsplines(r, order):
    """The order + 1 uniform B-splines that are not 0 in an interval, at the fraction r of it (Cox and de Boor)."""
    out = [1.0]
    for k in range(1, order + 1):
        saved, row = 0.0, []
        for j in range(k):
            part = out[j] / k
            row.append(saved + (j + 1 - r) * part)
            saved = (r + (k - 1 - j)) * part
        out = [*row, saved]
    return out


def _folded(plain, n, order, mode):
    """(place inside, slope of it, outside) of plain coordinates along an axis of length n."""
    one = np.ones_like(plain)
    if mode == "constant":
        return plain, one, (plain < 0) | (plain > n - 1)
    if mode == "nearest":
        beyond = order if order > 1 else 0  # from there on all pieces hold the element at the end
        return np.clip(plain, -beyond, n - 1 + beyond), one, None
    if mode == "mirror":
        turn = np.mod(plain, max(2 * n - 2, 1))
        return np.where(turn >= n, 2 * n - 2 - turn, turn), np.where(turn >= n, -one, one), None
    if mode in ("reflect", "grid-mirror"):
        turn = np.mod(plain + 0.5, 2 * n) - 0.5
        return np.where(turn > n - 0.5, 2 * n - 1 - turn, turn), np.where(turn > n - 0.5, -one, one), None
    if mode == "grid-wrap":
        return np.mod(plain, n), one, None
    if mode == "wrap":
        return np.where((plain < 0) | (plain > n - 1), np.mod(plain, max(n - 1, 1)), plain), one, None
    return plain, one, None


def _inside(x, n, order, mode):
    """(coordinates inside an axis of length n, mask of those outside or None): a shift, a mirror or an end of it."""
    plain = primal(x)
    place, slope, outside = _folded(plain, n, order, mode)
    if not isinstance(x, Traced):
        return place, outside
    if mode == "nearest" and order > 1:
        return np.where(place == plain, x, place), None
    if mode == "nearest":
        x = np.where(leads(x, 0.0), x, 0.0)
        return np.where(leads(n - 1.0, x), x, n - 1.0), None
    return slope * x + (place - slope * plain), outside


def _places(index, n, mode):
    """Places of the array that stand for an index that may be outside; -1 for the constant."""
    if mode == "grid-constant":
        return np.where((index < 0) | (index >= n), -1, index)
    if mode == "nearest":
        return np.clip(index, 0, n - 1)
    if mode == "grid-wrap":
        return index % n
    if mode in ("reflect", "grid-mirror"):
        index = index % (2 * n)
        return np.where(index < n, index, 2 * n - 1 - index)
    index = index % max(2 * n - 2, 1)
    return np.where(index < n, index, 2 * n - 2 - index)


def _pieces(x, n, order, mode):
    """For one axis: (places, weight) of each B-spline that is not 0 at the coordinates x."""
    half = 0.0 if order % 2 else 0.5
    plain = primal(x)
    knot = np.floor(plain + half)
    if order and isinstance(x, Traced):
        knot = knot - ((plain + half == knot) & ~leads(x + half, knot))
    if order == 1 and mode == "constant":
        knot = np.minimum(knot, max(n - 2, 0))
    start = knot.astype(int) - order // 2
    return [(_places(start + j, n, mode), w) for j, w in enumerate(bsplines(x + half - knot, order))]


@registered("scipy.ndimage.map_coordinates")
def map_coordinates(input, coordinates, output=None, order=3, mode="constant", cval=0.0, prefilter=True):
    """The array read at coordinates: a sum over the B-splines that are not 0 there, along each axis."""
    c, at = entered("map_coordinates", input), array(coordinates)
    kind = c.dtype
    if order not in range(6):
        raise RuntimeError("spline order not supported")
    if shape_of(at)[0] != ndim_of(c):
        raise RuntimeError(f"map_coordinates: {shape_of(at)[0]} coordinates for an array of {ndim_of(c)} axes")
    at = at if at.dtype == float else at.astype(float)
    if prefilter and order > 1:
        if mode in ("nearest", "grid-constant"):
            for axis in range(ndim_of(c)):
                c = extended(c, axis, PAD, PAD, mode, cval)
            at = at + PAD
        c = spline_filter(c, order, mode=mode)
    return typed("map_coordinates", _read(c, list(at), order, mode, cval), kind if output is None else output)


def _read(c, at, order, mode, cval):
    """The sum of the products of one piece along each axis, of coefficients c at coordinates `at`."""
    axes, outside, bad = [], False, ~np.all([np.isfinite(primal(x)) for x in at], axis=0)
    for x, n in zip(at, shape_of(c)):
        x = np.where(bad, 0.0, x) if np.any(bad) else x
        x, out = _inside(x, n, order, mode)
        outside = outside if out is None else outside | out
        axes.append(_pieces(x, n, order, mode))
    total = 0.0
    for pieces in itertools.product(*axes):
        places = [np.asarray(place) for place, _ in pieces]
        value = c[tuple(np.maximum(p, 0) for p in places)]
        if mode == "grid-constant":
            value = np.where(np.any([p < 0 for p in places], axis=0), cval, value)
        for _, w in pieces:
            value = value * w
        total = total + value
    total = np.where(outside, cval, total) if np.any(outside) else total
    none = cval if mode in ("constant", "mirror", "reflect", "grid-mirror") else np.nan  # what SciPy reads at NaN and infinity
    return np.where(bad, none, total) if np.any(bad) else total


@registered("scipy.ndimage.affine_transform")
def affine_transform(input, matrix, offset=0.0, output_shape=None, output=None, order=3, mode="constant", cval=0.0, prefilter=True):
    """The array read at ``matrix @ place + offset``; a vector in place of the matrix is its diagonal."""
    d, matrix = ndim_of(input), array(matrix)
    if shape_of(matrix) in ((d, d + 1), (d + 1, d + 1)) and ndim_of(matrix) == 2:
        matrix, offset = matrix[:d, :d], matrix[:d, d]
    elif shape_of(matrix) not in ((d,), (d, d)):
        raise RuntimeError(f"affine_transform: a matrix of shape {shape_of(matrix)} for an array of {d} axes")
    grid = np.indices(shape_of(input) if output_shape is None else tuple(output_shape), float)
    wide = (d,) + (1,) * d
    at = np.reshape(array(offset), wide) if ndim_of(offset) else offset
    for step, places in zip(matrix.T, grid) if ndim_of(matrix) == 2 else [(matrix, grid)]:
        at = at + np.reshape(step, wide) * places  # in SciPy's order: at order 0 a place in the middle goes by the last bit
    return map_coordinates(input, at, output, order, mode, cval, prefilter)


@registered("scipy.ndimage.shift")
def shift(input, shift, output=None, order=3, mode="constant", cval=0.0, prefilter=True):
    """The array moved by `shift`, one number or one for each axis."""
    d = ndim_of(input)
    shift = -array(shift)
    return affine_transform(input, np.ones(d), shift if ndim_of(shift) else np.broadcast_to(shift, (d,)), None, output, order, mode, cval,
                            prefilter)


@registered("scipy.ndimage.rotate")
def rotate(input, angle, axes=(1, 0), reshape=True, output=None, order=3, mode="constant", cval=0.0, prefilter=True):
    """The array turned by an angle in degrees in the plane of two axes; the new shape jumps with the angle, and counts as fixed."""
    x, angle = entered("rotate", input), array(angle)
    axes = sorted(normals(tuple(axes), ndim_of(x)))
    if len(axes) != 2:
        raise ValueError("axes should contain exactly two values")
    c, s = cosdg(angle), sindg(angle)
    turn = np.stack([np.stack([c, s]), np.stack([-s, c])])
    shape = new = np.array(shape_of(x))[axes]
    if reshape:
        corners = primal(turn) @ [[0, 0, shape[0], shape[0]], [0, shape[1], 0, shape[1]]]
        new = (np.ptp(corners, axis=1) + 0.5).astype(int)
    offset = (shape - 1) / 2 - turn @ ((new - 1) / 2)
    planes = np.moveaxis(x, axes, (-2, -1))
    others = shape_of(planes)[:-2]
    turned = [affine_transform(plane, turn, offset, tuple(new), output, order, mode, cval, prefilter)
              for plane in np.reshape(planes, (-1, *shape))]
    return np.moveaxis(np.reshape(np.stack(turned), (*others, *new)), (-2, -1), axes)


@registered("scipy.ndimage.zoom")
def zoom(input, zoom, output=None, order=3, mode="constant", cval=0.0, prefilter=True, *, grid_mode=False):
    """The array read at more or fewer places between its ends; the factor only says how many, so that its derivative is 0."""
    x = entered("zoom", input)
    shape = np.array(shape_of(x))
    factors = [float(primal(z)) for z in each(array(zoom), range(ndim_of(x)), "zoom")]
    new = np.array([int(round(n * z)) for n, z in zip(shape.tolist(), factors)])
    if prefilter and all(z == 1 for z in factors):
        return typed("zoom", np.positive(x), output)
    less = 0 if grid_mode else 1
    steps = np.where(new == less, 1.0, (shape - less) / np.where(new == less, 1, new - less)).reshape((-1,) + (1,) * ndim_of(x))
    grid = np.indices(tuple(new), float)
    return map_coordinates(x, (grid + 0.5) * steps - 0.5 if grid_mode else grid * steps, output, order, mode, cval, prefilter)

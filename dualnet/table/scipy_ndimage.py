"""Rows of ``scipy.ndimage``: linear filters as a pattern slid along the continued array, rank filters as gathers.

Derivatives are taken by the array, by the weights (or sigma) and by the value outside. Results have the type of
the array; ``output`` may name a floating type.
"""

import numpy as np

from dualnet.errors import DTypeError
from dualnet.table.linalg import is_complex
from dualnet.table.registered import array, refuse, registered
from dualnet.table.row import TABLE, highest, ndim_of, primal, shape_of
from dualnet.table.shaping import normal, normals
from dualnet.table.sliding import extended, sliding


def entered(name, x):
    """The array that is filtered; SciPy's integer results have no derivative."""
    x = array(x)
    if x.dtype.kind not in "fc":
        raise DTypeError(f"scipy.ndimage.{name} rounds its result to the type of its input, {x.dtype}; pass an array of floats")
    return x


def typed(name, out, output):
    """The result in the type that ``output`` asks for."""
    if output is None:
        return out
    if isinstance(output, np.ndarray) or highest((output,)) is not None:
        refuse(f"scipy.ndimage.{name}", "output", "an array")
    if np.dtype(output).kind not in "fc":
        raise DTypeError(f"scipy.ndimage.{name}: output={output!r} has no derivative; ask for floats")
    return TABLE["astype"](out, output) if np.dtype(output) != out.dtype else out


def each(value, axes, name):
    """One value for each axis."""
    values = list(value) if isinstance(value, (list, tuple)) or ndim_of(value) else [value] * len(axes)
    if len(values) != len(axes):
        raise RuntimeError(f"{name} has {len(values)} entries for {len(axes)} axes")
    return values


def _weights(w, x):
    """Weights in the type that products with x have; double weights do not widen x."""
    w = array(w)
    kind = np.result_type(x.dtype, w.dtype.type(0) if w.dtype.kind == "c" else np.float16)
    return w.astype(kind) if w.dtype != kind else w


def _correlated(name, x, w, axes, mode, cval, origins):
    """The correlation over some axes; `origins` shift the window to the left."""
    if not np.size(x):
        return x
    if any(not -(n // 2) <= o <= (n - 1) // 2 for n, o in zip(shape_of(w), origins)):
        raise ValueError(f"scipy.ndimage.{name}: origin {origins} is outside weights of shape {shape_of(w)}")
    for n, axis, m, o in zip(shape_of(w), axes, mode, origins):
        x = extended(x, axis, n // 2 + o, n - 1 - n // 2 - o, m, cval)
    back = range(-len(axes), 0)
    return np.moveaxis(sliding(np.moveaxis(x, axes, back), w, len(axes)), back, axes)


def _axes(x, axes):
    return tuple(range(ndim_of(x))) if axes is None else normals(axes, ndim_of(x))


def _arranged(axes, x, *entries):
    """Axes in the order of the array, where SciPy sees the axes of weights, and what is given for each: in the order of `axes` for some
    of the array's, as it stands for all of them."""
    order = sorted(range(len(axes)), key=axes.__getitem__)
    return [[axes[k] for k in order], *([e[k] for k in order] if len(axes) < ndim_of(x) else list(e) for e in entries)]


def _filtered(name, input, weights, output, mode, cval, origin, axes, flipped):
    x = entered(name, input)
    axes = _axes(x, axes)
    w = _weights(weights, x)
    if ndim_of(w) != len(axes):
        raise RuntimeError(f"scipy.ndimage.{name}: weights of shape {shape_of(w)} for {len(axes)} axes")
    axes, origins = _arranged(axes, x, [int(o) for o in each(origin, axes, "origin")])
    if not flipped and is_complex(w):
        w = np.conjugate(w)
    if flipped:
        w, origins = np.flip(w), [-o - (n % 2 == 0) for o, n in zip(origins, shape_of(w))]
    return typed(name, _correlated(name, x, w, axes, each(mode, axes, "mode"), cval, origins), output)


@registered("scipy.ndimage.correlate")
def correlate(input, weights, output=None, mode="reflect", cval=0.0, origin=0, *, axes=None):
    """Correlation with weights of as many axes as are filtered; complex weights are conjugated."""
    return _filtered("correlate", input, weights, output, mode, cval, origin, axes, False)


@registered("scipy.ndimage.convolve")
def convolve(input, weights, output=None, mode="reflect", cval=0.0, origin=0, *, axes=None):
    """Convolution: correlation with the weights turned round."""
    return _filtered("convolve", input, weights, output, mode, cval, origin, axes, True)


@registered("scipy.ndimage.correlate1d")
def correlate1d(input, weights, axis=-1, output=None, mode="reflect", cval=0.0, origin=0):
    """Correlation along one axis."""
    return _filtered("correlate1d", input, weights, output, mode, cval, origin, (axis,), False)


@registered("scipy.ndimage.convolve1d")
def convolve1d(input, weights, axis=-1, output=None, mode="reflect", cval=0.0, origin=0):
    """Convolution along one axis."""
    return _filtered("convolve1d", input, weights, output, mode, cval, origin, (axis,), True)


def gaussian(sigma, order, radius):
    """A normalised Gaussian at -radius to radius, or its derivative of some order by d(k+1) = -(x d(k) + k d(k-1)) / sigma^2."""
    x = np.arange(-radius, radius + 1.0)
    scale = -1.0 / (sigma * sigma)
    density = np.exp(0.5 * scale * x * x)
    before, now = 0.0, density / np.sum(density)
    for k in range(order):
        before, now = now, scale * (x * now + k * before)
    return now


@registered("scipy.ndimage.gaussian_filter1d")
def gaussian_filter1d(input, sigma, axis=-1, order=0, output=None, mode="reflect", cval=0.0, truncate=4.0, *, radius=None):
    """A Gaussian along one axis, differentiated by sigma too (at the radius that the value of sigma gives)."""
    if order < 0:
        raise ValueError("order must be non-negative")
    radius = int(truncate * float(primal(sigma)) + 0.5) if radius is None else radius
    return correlate1d(input, gaussian(sigma, order, radius)[::-1], axis, output, mode, cval)


@registered("scipy.ndimage.gaussian_filter")
def gaussian_filter(input, sigma, order=0, output=None, mode="reflect", cval=0.0, truncate=4.0, *, radius=None, axes=None):
    """Gaussians along axes, one after the other."""
    x = entered("gaussian_filter", input)
    axes = _axes(x, axes)
    options = zip(axes, *(each(v, axes, n) for v, n in ((sigma, "sigma"), (order, "order"), (mode, "mode"), (radius, "radius"))))
    for axis, s, k, m, r in options:
        if primal(s) > 1e-15:
            x = gaussian_filter1d(x, s, axis, k, None, m, cval, truncate, radius=r)
    return typed("gaussian_filter", x, output)


@registered("scipy.ndimage.uniform_filter1d")
def uniform_filter1d(input, size, axis=-1, output=None, mode="reflect", cval=0.0, origin=0):
    """The mean of a window along one axis."""
    return correlate1d(input, np.full(size, 1.0 / size), axis, output, mode, cval, origin)


@registered("scipy.ndimage.uniform_filter")
def uniform_filter(input, size=3, output=None, mode="reflect", cval=0.0, origin=0, *, axes=None):
    """The mean of a window along axes."""
    x = entered("uniform_filter", input)
    axes = _axes(x, axes)
    for axis, n, m, o in zip(axes, *(each(v, axes, name) for v, name in ((size, "size"), (mode, "mode"), (origin, "origin")))):
        x = uniform_filter1d(x, n, axis, None, m, cval, o) if n > 1 else x
    return typed("uniform_filter", x, output)


def _edges(name, input, axis, output, mode, cval, smooth):
    x = entered(name, input)
    axis, modes = normal(axis, ndim_of(x)), each(mode, range(ndim_of(x)), "mode")
    for k in (axis, *(k for k in range(ndim_of(x)) if k != axis)):
        x = correlate1d(x, [-1, 0, 1] if k == axis else smooth, k, None, modes[k], cval)
    return typed(name, x, output)


@registered("scipy.ndimage.sobel")
def sobel(input, axis=-1, output=None, mode="reflect", cval=0.0):
    """Sobel's filter: differences along one axis, smoothed along the others."""
    return _edges("sobel", input, axis, output, mode, cval, [1, 2, 1])


@registered("scipy.ndimage.prewitt")
def prewitt(input, axis=-1, output=None, mode="reflect", cval=0.0):
    """Prewitt's filter."""
    return _edges("prewitt", input, axis, output, mode, cval, [1, 1, 1])


@registered("scipy.ndimage.laplace")
def laplace(input, output=None, mode="reflect", cval=0.0, *, axes=None):
    """The sum of second differences along axes."""
    x = entered("laplace", input)
    axes = _axes(x, axes)
    return typed("laplace", sum(correlate1d(x, [1, -2, 1], k, None, m, cval) for k, m in zip(axes, each(mode, axes, "mode"))), output)


@registered("scipy.ndimage.gaussian_laplace")
def gaussian_laplace(input, sigma, output=None, mode="reflect", cval=0.0, *, axes=None, **kwargs):
    """The sum of second derivatives of Gaussians along axes."""
    x = entered("gaussian_laplace", input)
    axes = _axes(x, axes)
    ndim, sigma = ndim_of(x), each(sigma, axes, "sigma")
    if len(axes) < ndim:
        sigma = [dict(zip(axes, sigma)).get(k, 0) for k in range(ndim)]
    out = sum(gaussian_filter(x, sigma, [2 * (j == k) for j in range(ndim)], None, m, cval, **kwargs)
              for k, m in zip(axes, each(mode, axes, "mode")))  # a term has one mode, that of the axis along which it differentiates
    return typed("gaussian_laplace", out, output)


# --- rank filters -----------------------------------------------------------------------------------------------
def _windows(name, input, size, footprint, mode, cval, origin, axes):
    """All windows of an array, with the elements of each along one last axis."""
    x = entered(name, input)
    axes = _axes(x, axes)
    if footprint is None and size is None:
        raise RuntimeError("no footprint or filter size provided")
    inside = np.ones([int(n) for n in each(size, axes, "size")], bool) if footprint is None else np.asarray(footprint, bool)
    if inside.ndim != len(axes):
        raise RuntimeError(f"footprint of shape {inside.shape} for {len(axes)} axes")
    if not np.size(x):
        return np.reshape(x, shape_of(x) + (1,))
    axes, modes, origins = _arranged(axes, x, each(mode, axes, "mode"), each(origin, axes, "origin"))
    for n, axis, m, o in zip(inside.shape, axes, modes, origins):
        x = extended(x, axis, n // 2 + o, n - 1 - n // 2 - o, m, cval)
    return np.lib.stride_tricks.sliding_window_view(x, inside.shape, axes)[..., inside]


def _extreme(name, reduce):
    def rule(input, size=None, footprint=None, output=None, mode="reflect", cval=0.0, origin=0, *, axes=None):
        if footprint is not None or size is None:
            return typed(name, reduce(_windows(name, input, size, footprint, mode, cval, origin, axes), axis=-1), output)
        x = entered(name, input)
        axes = _axes(x, axes)
        for axis, n, m, o in zip(axes, each(size, axes, "size"), each(mode, axes, "mode"), each(origin, axes, "origin")):
            x = reduce(_windows(name, x, n, None, m, cval, o, (axis,)), axis=-1)  # of a box, one axis after the other
        return typed(name, x, output)

    def along(input, size, axis=-1, output=None, mode="reflect", cval=0.0, origin=0):
        return rule(input, (size,), None, output, mode, cval, origin, axes=(axis,))

    registered(f"scipy.ndimage.{name}")(rule)
    registered(f"scipy.ndimage.{name}1d")(along)


_extreme("maximum_filter", np.max)
_extreme("minimum_filter", np.min)


@registered("scipy.ndimage.rank_filter")
def rank_filter(input, rank, size=None, footprint=None, output=None, mode="reflect", cval=0.0, origin=0, *, axes=None):
    """The element of some rank of each window."""
    windows = _windows("rank_filter", input, size, footprint, mode, cval, origin, axes)
    return typed("rank_filter", np.sort(windows, axis=-1)[..., rank], output)


@registered("scipy.ndimage.median_filter")
def median_filter(input, size=None, footprint=None, output=None, mode="reflect", cval=0.0, origin=0, *, axes=None):
    """The middle element of each window (the upper one of two)."""
    windows = _windows("median_filter", input, size, footprint, mode, cval, origin, axes)
    return typed("median_filter", np.sort(windows, axis=-1)[..., shape_of(windows)[-1] // 2], output)

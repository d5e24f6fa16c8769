"""Rows of ``scipy.signal``: convolutions and correlations, by slid patterns or by Fourier transforms as SciPy chooses."""

import math

import numpy as np
import scipy.fft
import scipy.signal

from dualnet.table.linalg import is_complex
from dualnet.table.registered import array, floating, registered
from dualnet.table.row import ndim_of, primal, shape_of
from dualnet.table.shaping import normals
from dualnet.table.sliding import extended, sliding


def conjugated(x):
    """conj(x), and x itself where it is real."""
    return np.conjugate(x) if is_complex(x) else x


def _centred(x, shape):
    """The middle part of that shape."""
    return x[tuple(slice((n - k) // 2, (n - k) // 2 + k) for n, k in zip(shape_of(x), shape))]


def _cut(full, first, second, mode, axes):
    """The part of a full convolution that `mode` asks for."""
    if mode == "full":
        return full
    if mode == "same":
        return _centred(full, first)
    if mode == "valid":
        return _centred(full, [abs(n - m) + 1 if k in axes else shape_of(full)[k] for k, (n, m) in enumerate(zip(first, second))])
    raise ValueError("acceptable mode flags are 'valid', 'same', or 'full'")


def _pair(name, in1, in2):
    a, b = array(in1), array(in2)
    if ndim_of(a) != ndim_of(b):
        raise ValueError(f"{name}: in1 and in2 should have the same dimensionality, not {ndim_of(a)} and {ndim_of(b)} axes")
    kind = np.result_type(a.dtype, b.dtype, np.float16)
    return [x if x.dtype == kind else x.astype(kind) for x in (a, b)]


@registered("scipy.signal.fftconvolve")
def fftconvolve(in1, in2, mode="full", axes=None):
    """Convolution by the product of Fourier transforms."""
    a, b = _pair("fftconvolve", in1, in2)
    if not np.size(a) or not np.size(b):
        return np.zeros(0)
    if not ndim_of(a):
        return a * b
    axes = tuple(range(ndim_of(a))) if axes is None else normals(axes, ndim_of(a))
    first, second = shape_of(a), shape_of(b)
    if any(n != m and 1 not in (n, m) for k, (n, m) in enumerate(zip(first, second)) if k not in axes):
        raise ValueError(f"incompatible shapes for in1 and in2: {first} and {second}")
    if mode == "valid":
        a, b = _larger_first(a, b, axes)
        first, second = shape_of(a), shape_of(b)
    axes = tuple(k for k in axes if first[k] != 1 and second[k] != 1)
    lengths = [first[k] + second[k] - 1 for k in axes]
    if not axes:
        full = a * b
    else:
        complex_ = is_complex(a) or is_complex(b)
        fast = [scipy.fft.next_fast_len(n, not complex_) for n in lengths]
        there, back = (np.fft.fftn, np.fft.ifftn) if complex_ else (np.fft.rfftn, np.fft.irfftn)
        full = back(there(a, fast, axes) * there(b, fast, axes), fast, axes)
        full = full[tuple(slice(lengths[axes.index(k)]) if k in axes else slice(None) for k in range(ndim_of(full)))]
    return _cut(full, first, second, mode, axes)


def _larger_first(a, b, axes=None):
    """The two so that the first is at least as long along all axes: what "valid" means does not depend on their order."""
    pairs = [(shape_of(a)[k], shape_of(b)[k]) for k in (range(ndim_of(a)) if axes is None else axes)]
    if all(n >= m for n, m in pairs):
        return a, b
    if all(n <= m for n, m in pairs):
        return b, a
    raise ValueError("For 'valid' mode, one must be at least as large as the other in every dimension")


@registered("scipy.signal.oaconvolve")
def oaconvolve(in1, in2, mode="full", axes=None):
    """Convolution by Fourier transforms, whole rather than piece by piece."""
    return fftconvolve(in1, in2, mode, axes)


def _directly(a, b):
    """The full convolution of two arrays by sums of products."""
    if np.size(b) > np.size(a):
        a, b = b, a
    a = np.pad(a, [(n - 1, n - 1) for n in shape_of(b)])
    return sliding(a, np.flip(b), ndim_of(a))


@registered("scipy.signal.convolve")
def convolve(in1, in2, mode="full", method="auto"):
    """Convolution over all axes."""
    a, b = _pair("convolve", in1, in2)
    if not np.size(a) or not np.size(b):
        raise ValueError(f"convolve: arrays of shapes {shape_of(a)} and {shape_of(b)}; none may be empty")
    if mode == "valid":
        a, b = _larger_first(a, b)
    if method == "auto":
        method = scipy.signal.choose_conv_method(primal(a), primal(b), mode)
    if method == "fft":
        return fftconvolve(a, b, mode)
    if method != "direct":
        raise ValueError("Acceptable method flags are 'auto', 'direct', or 'fft'.")
    if not ndim_of(a):
        return a * b
    return _cut(_directly(a, b), shape_of(a), shape_of(b), mode, range(ndim_of(a)))


@registered("scipy.signal.correlate")
def correlate(in1, in2, mode="full", method="auto"):
    """Cross-correlation over all axes: convolution with in2 turned round and conjugated."""
    a, b = _pair("correlate", in1, in2)
    if mode == "valid" and any(m > n for n, m in zip(shape_of(a), shape_of(b))):
        return np.flip(conjugated(correlate(b, a, mode, method)))
    return convolve(a, np.flip(conjugated(b)), mode, method)


BOUNDARIES = {"fill": "constant", "pad": "constant", "wrap": "wrap", "circular": "wrap", "symm": "reflect", "symmetric": "reflect"}


def _in_a_plane(name, in1, in2, mode, boundary, fillvalue, turned):
    """The convolution of two matrices (or, `turned`, the correlation), the first continued past its ends."""
    a, b = _pair(name, in1, in2)
    if ndim_of(a) != 2:
        raise ValueError(f"{name} inputs must both be 2-D arrays")
    if boundary not in BOUNDARIES:
        raise ValueError("Acceptable boundary flags are 'fill', 'circular' (or 'wrap'), and 'symmetric' (or 'symm').")
    if mode == "valid" and _larger_first(a, b)[0] is b:
        out = _in_a_plane(name, b, a, mode, boundary, fillvalue, turned)
        return np.flip(conjugated(out)) if turned else out
    first, second = shape_of(a), shape_of(b)
    for axis, n in enumerate(second):
        a = extended(a, axis, n - 1, n - 1, BOUNDARIES[boundary], fillvalue)
    full = sliding(a, conjugated(b) if turned else np.flip(b), 2)
    if turned and mode == "same":
        return full[tuple(slice(m // 2, m // 2 + n) for n, m in zip(first, second))]
    return _cut(full, first, second, mode, (0, 1))


@registered("scipy.signal.convolve2d")
def convolve2d(in1, in2, mode="full", boundary="fill", fillvalue=0):
    """Convolution of two matrices, the first continued past its ends."""
    return _in_a_plane("convolve2d", in1, in2, mode, boundary, fillvalue, False)


@registered("scipy.signal.correlate2d")
def correlate2d(in1, in2, mode="full", boundary="fill", fillvalue=0):
    """Cross-correlation of two matrices."""
    return _in_a_plane("correlate2d", in1, in2, mode, boundary, fillvalue, True)


@registered("scipy.signal.hilbert")
def hilbert(x, N=None, axis=-1):
    """The analytic signal: negative frequencies left out, positive ones twice."""
    x = floating(x)
    if is_complex(x):
        raise ValueError("x must be real.")
    n = shape_of(x)[axis] if N is None else N
    if n <= 0:
        raise ValueError("N must be positive.")
    h = np.zeros(n)
    h[0], h[1:math.ceil(n / 2)] = 1, 2
    h[n // 2] = h[n // 2] if n % 2 else 1
    axis = axis % ndim_of(x)
    return np.fft.ifft(np.fft.fft(x, n, axis) * np.reshape(h.astype(x.dtype), (-1,) + (1,) * (ndim_of(x) - 1 - axis)), axis=axis)

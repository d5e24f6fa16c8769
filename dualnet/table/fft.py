"""Rows of discrete Fourier transforms: two linear maps and their transposes; all 18 functions follow.

The transpose of a transform is the one in the other direction with the scaling of the other end, so that
``norm="backward"`` and ``"forward"`` change places. Real transforms are R-linear.
"""

import numpy as np

from dualnet.table.linalg import is_complex, operand
from dualnet.table.row import TABLE, along, composed, linear, ndim_of, primal, shape_of
from dualnet.table.shaping import normal, normals

SWAPPED = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}


def swapped(norm):
    """The scaling of the transform in the other direction."""
    try:
        return SWAPPED[norm]
    except KeyError:
        raise ValueError(f'Invalid norm value {norm}; should be "backward", "ortho" or "forward".') from None


def fitted(x, n, axis):
    """`x` cut or filled with zeros to length n along `axis`; the axis counted from the end."""
    x = operand(x)
    axis = normal(axis, ndim_of(x)) - ndim_of(x)
    have = shape_of(x)[axis]
    if n is not None and n < 1:
        raise ValueError(f"Invalid number of FFT data points ({n}) specified.")
    if n is None or n == have:
        return x, axis
    if n < have:
        return x[(slice(None),) * (ndim_of(x) + axis) + (slice(n),)], axis
    return np.pad(x, [(0, n - have if k == axis else 0) for k in range(-ndim_of(x), 0)]), axis


@linear(name="fourier", fixed=True)
def fourier(x, axis, norm, inverse):
    """The transform, or its inverse, along an axis counted from the end: complex-linear."""
    there, back = (np.fft.ifft, np.fft.fft) if inverse else (np.fft.fft, np.fft.ifft)
    turned = swapped(norm)
    return ([x], lambda x: there(x, None, axis, norm), [along(axis, lambda t, out, x: there(t, None, axis, norm))],
            [lambda g, out, x: back(g, None, axis, turned)])


@composed(np.fft.fft)
def fft(a, n=None, axis=-1, norm=None, out=None):
    """The discrete Fourier transform along an axis."""
    return TABLE["fourier"](*fitted(a, n, axis), norm, False)


@composed(np.fft.ifft)
def ifft(a, n=None, axis=-1, norm=None, out=None):
    """The inverse transform along an axis."""
    return TABLE["fourier"](*fitted(a, n, axis), norm, True)


def _weights(n, axis, inside, dtype):
    """1 for the frequencies 0 and n/2 of a real signal of length n, `inside` for those that stand for two."""
    w = np.full(n // 2 + 1, inside, dtype)
    w[0] = 1
    if n % 2 == 0:
        w[-1] = 1
    return w.reshape((-1,) + (1,) * (-axis - 1))


def _real_type(x):
    return primal(x).real.dtype


@linear(name="real_fourier", fixed=True)
def real_fourier(x, axis, norm):
    """The frequencies 0 to n/2 of a real signal along an axis counted from the end."""
    n, turned = shape_of(x)[axis], swapped(norm)
    half = _weights(n, axis, 0.5, _real_type(x))
    return ([x], lambda x: np.fft.rfft(x, None, axis, norm), [along(axis, lambda t, out, x: np.fft.rfft(t, None, axis, norm))],
            [lambda g, out, x: np.fft.irfft(half * g, n, axis, turned)])


@linear(name="real_fourier_inverse", fixed=True)
def real_fourier_inverse(x, n, axis, norm):
    """The real signal of length n with the frequencies x, 0 to n/2, along an axis counted from the end."""
    turned = swapped(norm)
    twice = _weights(n, axis, 2, _real_type(x))
    return ([x], lambda x: np.fft.irfft(x, n, axis, norm), [along(axis, lambda t, out, x: np.fft.irfft(t, n, axis, norm))],
            [lambda g, out, x: twice * np.fft.rfft(g, None, axis, turned)])


@composed(np.fft.rfft)
def rfft(a, n=None, axis=-1, norm=None, out=None):
    """The transform of a real signal along an axis: frequencies 0 to n/2."""
    a, axis = fitted(a, n, axis)
    if is_complex(a):
        raise TypeError("rfft takes a real array, not a complex one; use fft")
    return TABLE["real_fourier"](a, axis, norm)


@composed(np.fft.irfft)
def irfft(a, n=None, axis=-1, norm=None, out=None):
    """The real signal of length n, 2 (m - 1) by default, with m given frequencies."""
    a = operand(a)
    n = 2 * (shape_of(a)[axis] - 1) if n is None else n
    if n < 1:
        raise ValueError(f"Invalid number of FFT data points ({n}) specified.")
    a, axis = fitted(a, n // 2 + 1, axis)
    return TABLE["real_fourier_inverse"](a, n, axis, norm)


@composed(np.fft.hfft)
def hfft(a, n=None, axis=-1, norm=None, out=None):
    """The transform, a real signal, of half of a signal with Hermitian symmetry."""
    return np.fft.irfft(np.conjugate(operand(a)), n, axis, swapped(norm))


@composed(np.fft.ihfft)
def ihfft(a, n=None, axis=-1, norm=None, out=None):
    """The inverse of hfft."""
    return np.conjugate(np.fft.rfft(a, n, axis, swapped(norm)))


def _plan(a, s, axes, real_inverse=False):
    """Lengths and axes of a transform along several axes, as NumPy reads them."""
    if axes is None:
        axes = range(ndim_of(a)) if s is None else range(ndim_of(a) - len(s), ndim_of(a))
    axes = normals(axes, ndim_of(a), allow_duplicate=True)
    lengths = [shape_of(a)[k] for k in axes] if s is None else [shape_of(a)[k] if n == -1 else n for n, k in zip(s, axes, strict=True)]
    if s is None and real_inverse and lengths:
        lengths[-1] = 2 * (lengths[-1] - 1)
    return lengths, axes


@composed(np.fft.fftn)
def fftn(a, s=None, axes=None, norm=None, out=None):
    """The transform along several axes."""
    a = operand(a)
    for n, axis in reversed([*zip(*_plan(a, s, axes))]):
        a = np.fft.fft(a, n, axis, norm)
    return a


@composed(np.fft.ifftn)
def ifftn(a, s=None, axes=None, norm=None, out=None):
    """The inverse transform along several axes."""
    a = operand(a)
    for n, axis in reversed([*zip(*_plan(a, s, axes))]):
        a = np.fft.ifft(a, n, axis, norm)
    return a


@composed(np.fft.rfftn)
def rfftn(a, s=None, axes=None, norm=None, out=None):
    """The transform of a real array along several axes; the last one gives frequencies 0 to n/2."""
    a = operand(a)
    lengths, axes = _plan(a, s, axes)
    a = np.fft.rfft(a, lengths[-1], axes[-1], norm)
    for n, axis in reversed([*zip(lengths[:-1], axes[:-1])]):
        a = np.fft.fft(a, n, axis, norm)
    return a


@composed(np.fft.irfftn)
def irfftn(a, s=None, axes=None, norm=None, out=None):
    """The inverse of rfftn."""
    a = operand(a)
    lengths, axes = _plan(a, s, axes, True)
    for n, axis in zip(lengths[:-1], axes[:-1]):
        a = np.fft.ifft(a, n, axis, norm)
    return np.fft.irfft(a, lengths[-1], axes[-1], norm)


def _in_a_plane(function, doc):
    def rule(a, s=None, axes=(-2, -1), norm=None, out=None):
        return function(a, s, axes, norm)

    rule.__name__, rule.__doc__ = function.__name__[:-1] + "2", doc
    return rule


composed(np.fft.fft2)(_in_a_plane(np.fft.fftn, "The transform along two axes."))
composed(np.fft.ifft2)(_in_a_plane(np.fft.ifftn, "The inverse transform along two axes."))
composed(np.fft.rfft2)(_in_a_plane(np.fft.rfftn, "The transform of a real array along two axes."))
composed(np.fft.irfft2)(_in_a_plane(np.fft.irfftn, "The inverse of rfft2."))


def _shift(x, axes, sign):
    x = operand(x)
    axes = normals(range(ndim_of(x)) if axes is None else axes, ndim_of(x), allow_duplicate=True)
    return np.roll(x, [(sign * (shape_of(x)[k] // 2)) for k in axes], axes) if axes else x


@composed(np.fft.fftshift)
def fftshift(x, axes=None):
    """Frequency 0 moved to the middle."""
    return _shift(x, axes, 1)


@composed(np.fft.ifftshift)
def ifftshift(x, axes=None):
    """The inverse of fftshift."""
    return _shift(x, axes, -1)

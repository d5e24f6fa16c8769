"""Rows of ``scipy.fft``: its Fourier transforms by those of ``numpy.fft``, cosine and sine transforms by their transposes.

``scipy.fft`` dispatches by a protocol of its own (uarray), so nothing of it is wrapped but the helpers that move
elements. ``workers``, ``plan`` and ``overwrite_x`` change no value and are taken without effect.
"""

import numpy as np
import scipy.fft

from dualnet.table.fft import fitted, swapped
from dualnet.table.linalg import is_complex
from dualnet.table.registered import array, floating, plainly, registered
from dualnet.table.row import TABLE, linear, ndim_of, shape_of
from dualnet.table.shaping import normals


def _several(numbers):
    """Sizes or axes, of which a single one may be given as a number."""
    return None if numbers is None else np.atleast_1d(numbers).tolist()


def _line(name):
    def rule(x, n=None, axis=-1, norm=None, overwrite_x=False, workers=None, *, plan=None):
        return getattr(np.fft, name)(floating(x), n, axis, norm)

    return rule


def _axes(name, default):
    def rule(x, s=None, axes=default, norm=None, overwrite_x=False, workers=None, *, plan=None):
        return getattr(np.fft, name)(floating(x), _several(s), _several(axes), norm)

    return rule


for _name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
    registered(f"scipy.fft.{_name}", wrapped=False)(_line(_name))
    if _name[0] != "h" and _name[1] != "h":
        registered(f"scipy.fft.{_name}2", wrapped=False)(_axes(f"{_name}2", (-2, -1)))
        registered(f"scipy.fft.{_name}n", wrapped=False)(_axes(f"{_name}n", None))


@registered("scipy.fft.hfftn", wrapped=False)
def hfftn(x, s=None, axes=None, norm=None, overwrite_x=False, workers=None, *, plan=None):
    """The transform, a real array, of half of an array with Hermitian symmetry."""
    x = floating(x)
    return np.fft.irfftn(np.conjugate(x) if is_complex(x) else x, _several(s), _several(axes), swapped(norm))


@registered("scipy.fft.ihfftn", wrapped=False)
def ihfftn(x, s=None, axes=None, norm=None, overwrite_x=False, workers=None, *, plan=None):
    """The inverse of hfftn."""
    return np.conjugate(np.fft.rfftn(floating(x), _several(s), _several(axes), swapped(norm)))


@registered("scipy.fft.hfft2", wrapped=False)
def hfft2(x, s=None, axes=(-2, -1), norm=None, overwrite_x=False, workers=None, *, plan=None):
    """hfftn along two axes."""
    return hfftn(x, s, axes, norm)


@registered("scipy.fft.ihfft2", wrapped=False)
def ihfft2(x, s=None, axes=(-2, -1), norm=None, overwrite_x=False, workers=None, *, plan=None):
    """The inverse of hfft2."""
    return ihfftn(x, s, axes, norm)


@registered("scipy.fft.fftshift")
def fftshift(x, axes=None):
    """Frequency 0 moved to the middle."""
    return np.fft.fftshift(array(x), axes)


@registered("scipy.fft.ifftshift")
def ifftshift(x, axes=None):
    """The inverse of fftshift."""
    return np.fft.ifftshift(array(x), axes)


# --- cosine and sine transforms ---------------------------------------------------------------------------------
TURNED = {1: 1, 2: 3, 3: 2, 4: 4}


def _weights(sine, kind, n, axis, dtype):
    """The numbers w with  C_kind^T = C_turned w  (kind 2; for 3 its inverse), on the side of the frequencies."""
    w = np.ones(n, dtype)
    if kind in (2, 3):
        w[-1 if sine else 0] = 2
    if kind == 1 and not sine:
        w[[0, -1]] = 2
    return w.reshape((-1,) + (1,) * (-axis - 1))


@linear(name="wave_transform", fixed=True)
def wave_transform(x, sine, kind, axis, norm, orthogonal):
    """A cosine or sine transform of kind 1 to 4 along an axis counted from the end.

    Without scaling, the matrices of kinds 2 and 3 are transposes of each other up to a factor 2 for one frequency,
    those of kind 4 (and of sines, 1) are symmetric; made orthogonal, the transpose is the inverse.
    """
    there = scipy.fft.dst if sine else scipy.fft.dct
    back = scipy.fft.idst if sine else scipy.fft.idct
    n = shape_of(x)[axis]

    def push(t):
        return there(t, kind, None, axis, norm, orthogonalize=orthogonal)

    def pull(g):
        if orthogonal:  # the transform is s times an orthogonal one: its transpose is s^2 times its inverse
            return back(g, kind, None, axis, swapped(norm), orthogonalize=True)
        w = _weights(sine, kind, n, axis, np.result_type(g.real.dtype))
        if kind == 3 or kind == 1:
            return there(g * w if kind == 1 else g, TURNED[kind], None, axis, norm, orthogonalize=False) / w
        return there(g * w, TURNED[kind], None, axis, norm, orthogonalize=False)

    row = TABLE["wave_transform"]

    def pulled(g):
        return TABLE["wave_transposed"](g, sine, kind, axis, norm, orthogonal)

    push = plainly(push, lambda t: row(t, sine, kind, axis, norm, orthogonal))
    return [x], push, [lambda t, out, x: push(t)], [lambda g, out, x: plainly(pull, pulled)(g)]


@linear(name="wave_transposed", fixed=True)
def wave_transposed(x, *options):
    """The transpose of wave_transform."""
    _, push, _, pulls = TABLE["wave_transform"].rule(x, *options)
    return [x], lambda x: pulls[0](x, None, None), [lambda t, out, x: pulls[0](t, None, None)], [lambda g, out, x: push(g)]


def _wave(x, sine, kind, n, axis, norm, orthogonalize):
    x, axis = fitted(floating(x), n, axis)
    if kind not in TURNED:
        raise ValueError(f"Type must be 1-4, not {kind!r}")
    return TABLE["wave_transform"](x, sine, kind, axis, norm, norm == "ortho" if orthogonalize is None else orthogonalize)


def _along(sine, inverse):
    def rule(x, type=2, n=None, axis=-1, norm=None, overwrite_x=False, workers=None, orthogonalize=None):
        if inverse:
            orthogonalize = norm == "ortho" if orthogonalize is None else orthogonalize
            return _wave(x, sine, TURNED.get(type), n, axis, swapped(norm), orthogonalize)
        return _wave(x, sine, type, n, axis, norm, orthogonalize)

    return rule


def _over(sine, inverse):
    one = _along(sine, inverse)

    def rule(x, type=2, s=None, axes=None, norm=None, overwrite_x=False, workers=None, *, orthogonalize=None):
        x = floating(x)
        if axes is None:
            axes = range(ndim_of(x)) if s is None else range(ndim_of(x) - len(np.atleast_1d(s)), ndim_of(x))
        axes = normals(axes, ndim_of(x))
        for n, axis in zip([None] * len(axes) if s is None else np.atleast_1d(s), axes, strict=True):
            x = one(x, type, None if n is None else int(n), axis, norm, orthogonalize=orthogonalize)
        return x

    return rule


for _name, _sine in (("dct", False), ("dst", True)):
    for _prefix in ("", "i"):
        registered(f"scipy.fft.{_prefix}{_name}", wrapped=False)(_along(_sine, bool(_prefix)))
        registered(f"scipy.fft.{_prefix}{_name}n", wrapped=False)(_over(_sine, bool(_prefix)))

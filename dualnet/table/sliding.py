"""Rows that filters and convolutions are made of: a pattern slid along an array, and arrays continued past their ends."""

import string

import numpy as np

from dualnet.table.linalg import is_complex
from dualnet.table.registered import plainly
from dualnet.table.row import TABLE, linear, ndim_of, primal, shape_of


def _conj(x):
    return np.conjugate(x) if is_complex(x) else x


def _slid(p, w, n):
    """The value of `slide`, without building the windows."""
    if n == 1 == p.ndim == w.ndim and p.size:
        return np.correlate(p, np.conjugate(w), "valid")
    size = w.shape[w.ndim - n:]
    windows = np.lib.stride_tricks.sliding_window_view(p, size, tuple(range(p.ndim - n, p.ndim)))
    letters = iter(string.ascii_letters)
    inner = "".join(next(letters) for _ in range(n))
    a, b, o = ("".join(next(letters) for _ in range(k)) for k in (p.ndim - n, w.ndim - n, n))
    return np.einsum(f"{a}{o}{inner},{b}{inner}->{b}{a}{o}", windows, w)


@linear(name="slide")
def slide(p, w, n):
    """sum over k of w[..., k] p[..., i + k] over the last n axes, where all of w is inside p.

    The other axes of w come first in the result, then those of p. Both transposes are slides again: by p of w
    slid over the padded cotangent, by w of the cotangent slid over p.
    """
    many, b = ndim_of(p) - n, ndim_of(w) - n
    size = shape_of(w)[b:]

    def push_p(t, out, p, w):
        lead = ndim_of(t) - many - n
        out = TABLE["slide"](t, w, n)
        return np.moveaxis(out, range(b), range(lead, lead + b)) if lead and b else out

    def pull_p(g, out, p, w):
        lead = ndim_of(g) - ndim_of(p) - b
        g = np.moveaxis(g, range(lead, lead + b), range(ndim_of(g) - n - b, ndim_of(g) - n)) if b else g
        g = np.pad(g, [(0, 0)] * (ndim_of(g) - n) + [(k - 1, k - 1) for k in size])
        out = TABLE["slide"](g, _conj(np.flip(w, tuple(range(b, b + n)))), n + b)
        return np.reshape(out, shape_of(out)[:lead] + shape_of(p))

    def pull_w(g, out, p, w):
        out = TABLE["slide"](_conj(p), g, n + many)
        return np.reshape(out, shape_of(out)[:ndim_of(out) - n - many] + size)

    return ([p, w], plainly(lambda p, w: _slid(p, w, n), lambda p, w: TABLE["slide"](p, w, n)),
            [push_p, lambda t, out, p, w: TABLE["slide"](p, t, n)], [pull_p, pull_w])


def sliding(p, w, n=1):
    """`slide` of two arrays, each of at least `n` axes, in their common type."""
    if any(i < k for i, k in zip(shape_of(p)[ndim_of(p) - n:], shape_of(w)[ndim_of(w) - n:])):
        raise ValueError(f"a pattern of shape {shape_of(w)} does not fit into an array of shape {shape_of(p)}")
    return TABLE["slide"](p, w, n)


def continued(n, before, after, mode):
    """Places in an array of length n that stand for the places -before to n + after - 1; -1 for the constant outside.

    The modes are those of ``scipy.ndimage``.
    """
    place = np.arange(-before, n + after)
    if mode in ("reflect", "grid-mirror"):
        place = place % (2 * n)
        return np.where(place < n, place, 2 * n - 1 - place)
    if mode == "mirror":
        place = place % max(2 * n - 2, 1)
        return np.where(place < n, place, 2 * n - 2 - place)
    if mode == "nearest":
        return np.clip(place, 0, n - 1)
    if mode in ("wrap", "grid-wrap"):
        return place % n
    if mode in ("constant", "grid-constant"):
        return np.where((place < 0) | (place >= n), -1, place)
    raise ValueError(f"boundary mode {mode!r} not supported")


def extended(x, axis, before, after, mode, cval=0.0):
    """`x` continued past both ends along an axis."""
    if before == after == 0:
        return x
    place = continued(shape_of(x)[axis], before, after, mode)
    out = np.take(x, np.maximum(place, 0), axis)
    if mode not in ("constant", "grid-constant"):
        return out
    inside = np.reshape(place >= 0, (-1,) + (1,) * (ndim_of(x) - 1 - axis % ndim_of(x)))
    return np.where(inside, out, np.asarray(cval, primal(x).dtype) if np.isscalar(cval) else cval)

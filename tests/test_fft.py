"""Rows of Fourier transforms: linear maps, so the derivative is the plain transform, and pulls are adjoint."""

from functools import partial

import numpy as np
import pytest
from differences import close, inner, random_like

import dualnet as dn

COMPLEX_IN = {np.fft.fft, np.fft.ifft, np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn, np.fft.irfft, np.fft.irfft2, np.fft.irfftn,
              np.fft.hfft, np.fft.fftshift, np.fft.ifftshift}
ONE_AXIS = [np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft]
MANY_AXES = [np.fft.fft2, np.fft.ifft2, np.fft.rfft2, np.fft.irfft2, np.fft.fftn, np.fft.ifftn, np.fft.rfftn, np.fft.irfftn]
OPTIONS = [{}, {"n": 4}, {"n": 7}, {"n": 8, "axis": 0}, {"norm": "ortho"}, {"norm": "forward", "axis": -2}]
S_OPTIONS = [{}, {"s": (4, 3), "axes": (-2, -1)}, {"s": (2, 7), "axes": (0, 1)}, {"norm": "ortho"}, {"axes": (1, 0), "norm": "forward"}]
CALLS = [(f, o) for f in ONE_AXIS for o in OPTIONS] + [(f, o) for f in MANY_AXES for o in S_OPTIONS] + [
    (f, o) for f in (np.fft.fftshift, np.fft.ifftshift) for o in ({}, {"axes": 0}, {"axes": (0, 1)})]


def compose(f, g):
    return lambda x: f(g(x))


@pytest.mark.parametrize(("function", "options"), CALLS, ids=[f"{f.__name__}-{o}" for f, o in CALLS])
@pytest.mark.parametrize("shape", [(5, 6), (2, 4, 5)])
def test_transforms(function, options, shape, rng):
    for kind in (float, complex) if function in COMPLEX_IN else (float,):
        x = rng.standard_normal(shape).astype(kind)
        x = x + 1j * rng.standard_normal(shape) if kind is complex else x
        f = partial(function, **options)
        v = random_like(x, rng)
        y, dy = dn.jvp(f, (x,), (v,))
        close(y, f(x), 1e-14)
        close(dy, f(v), 1e-14)
        y, pullback = dn.vjp(f, x)
        g = random_like(y, rng)
        back = pullback(g)[0]
        assert back.shape == x.shape and back.dtype == x.dtype
        assert inner(g, dy) == pytest.approx(inner(back, v), abs=1e-10)
        if kind is float:
            rows = dn.jacobian(compose(np.real, f), mode="forward")(x)
            close(rows, dn.jacobian(compose(np.real, f), mode="reverse")(x), 1e-13)
            close(np.tensordot(rows, v, x.ndim), np.real(dy), 1e-13)


@pytest.mark.parametrize("function", [np.fft.fft, np.fft.rfft, np.fft.ihfft, np.fft.fftn, np.fft.rfftn])
def test_second_order_of_a_power_spectrum(function, rng):
    x, v, w = (rng.standard_normal((3, 4)) for _ in range(3))

    def power(x):
        y = function(x)
        return np.sum(np.abs(y) ** 2 * np.arange(y.shape[-1]))

    def bilinear(v, w):
        return np.sum(np.real(np.conj(function(v)) * function(w)) * np.arange(function(v).shape[-1])) * 2

    close(dn.jvp(dn.grad(power), (x,), (w,))[1].ravel() @ v.ravel(), bilinear(v, w), 1e-12)
    close(np.tensordot(np.tensordot(dn.hessian(power)(x), w, 2), v, 2), bilinear(v, w), 1e-12)
    inner_grad = dn.grad(lambda x: np.sum(dn.grad(power)(x) * v))(x)
    close(np.sum(inner_grad * w), bilinear(v, w), 1e-12)


def test_single_precision_is_kept():
    x = np.ones(6, np.float32)
    y, dy = dn.jvp(np.fft.rfft, (x,), (x,))
    assert y.dtype == dy.dtype == np.complex64
    assert dn.grad(lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2))(x).dtype == np.float32
    assert dn.grad(lambda x: np.sum(np.fft.irfft(x) ** 2))(x).dtype == np.float32


def test_bad_calls_raise_as_in_numpy():
    for function, options in ((np.fft.fft, {"n": 0}), (np.fft.irfft, {"n": 0}), (np.fft.fft, {"norm": "no"}), (np.fft.fftn, {"axes": 7})):
        with pytest.raises((ValueError, TypeError, np.exceptions.AxisError)):
            dn.jvp(partial(function, **options), (np.ones((2, 2)),), (np.ones((2, 2)),))
    with pytest.raises(TypeError, match="rfft"):
        dn.jvp(np.fft.rfft, (np.ones(3) + 0j,), (np.ones(3) + 0j,))


def test_complex_gradient_is_steepest_ascent(rng):
    z = random_like(np.zeros(5) + 0j, rng)
    close(dn.grad(lambda z: np.sum(np.abs(np.fft.fft(z)) ** 2))(z), 2 * 5 * z, 1e-13)

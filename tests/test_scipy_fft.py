"""Rows of scipy.fft: every function, type, scaling and mode against SciPy's values and differences."""

import numpy as np
import pytest
import scipy.fft as sf
from differences import keeps_float32, random_like, verify
from scipy.fft import dct, fft

import dualnet as dn

X = np.random.default_rng(3).standard_normal((3, 4))


@pytest.fixture(autouse=True, scope="module")
def switch():
    with dn.enable_scipy("fft"):
        yield


FOURIER = [name for name in vars(sf) if name.rstrip("2n") in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")]
WAVES = ["dct", "idct", "dst", "idst"]


def real_only(name):
    return name.startswith(("rfft", "ihfft"))


@pytest.mark.parametrize("norm", [None, "ortho", "forward"])
@pytest.mark.parametrize("name", FOURIER)
def test_fourier_transforms(name, norm, rng):
    f = getattr(sf, name)
    x = X if real_only(name) else X + 1j * random_like(X, rng)
    verify(lambda x: f(x, norm=norm), x, rng, second=norm is None)
    verify(lambda x: f(x, norm=norm), X, rng, second=False)


def test_there_are_eighteen_fourier_transforms():
    assert len(FOURIER) == 18


@pytest.mark.parametrize("orthogonalize", [None, False, True])
@pytest.mark.parametrize("norm", [None, "ortho", "forward"])
@pytest.mark.parametrize("type", [1, 2, 3, 4])
@pytest.mark.parametrize("name", WAVES)
def test_cosine_and_sine_transforms(name, type, norm, orthogonalize, rng):
    f = getattr(sf, name)
    verify(lambda x: f(x, type, axis=0, norm=norm, orthogonalize=orthogonalize), X, rng, second=norm is None)


@pytest.mark.parametrize("name", WAVES)
def test_several_axes_lengths_and_complex_arrays(name, rng):
    f = getattr(sf, name + "n")
    verify(lambda x: f(x, 3, s=(5, 2), norm="forward"), X, rng)
    verify(lambda x: f(x, axes=[1]), X, rng, second=False)
    verify(lambda x: getattr(sf, name)(x, n=6), X + 1j * random_like(X, rng), rng)


def test_lengths_axes_and_shifts(rng):
    verify(lambda x: sf.fft(x, 7, 0), X, rng)
    verify(lambda x: sf.irfftn(x, (3, 5), (0, 1)), X, rng)
    verify(lambda x: sf.ifftshift(sf.fftshift(x), axes=1), X, rng)


def test_names_imported_before_the_switch_work_too(rng):
    verify(fft, X, rng)
    verify(dct, X, rng)


def test_single_precision_is_kept():
    keeps_float32(lambda x: np.real(sf.fft(x)), X)
    keeps_float32(sf.dct, X)


def test_bad_calls_are_refused():
    for call, error in ((lambda x: sf.dct(x, 5), ValueError), (lambda x: sf.fft(x, norm="best"), ValueError),
                        (lambda x: sf.fft(x, 0), ValueError),
                        (lambda x: sf.rfft(x + 0j), TypeError), (lambda x: sf.fht(x, 0.1, 1.0), dn.DualnetError)):
        with pytest.raises(error):
            dn.jvp(call, (X,), (X,))

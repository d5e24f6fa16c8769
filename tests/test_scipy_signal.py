"""Rows of scipy.signal: SciPy's values, derivatives by signals, coefficients and states in every mode."""

import numpy as np
import pytest
import scipy.signal as ss
from differences import close, keeps_float32, random_like, verify

import dualnet as dn

_rng = np.random.default_rng(9)
A, B = _rng.standard_normal((3, 5)), _rng.standard_normal((2, 3))
U, V = _rng.standard_normal(9), _rng.standard_normal(4)
NUM, DEN = np.array([0.5, 0.2, -0.1]), np.array([2.0, -0.6, 0.3, 0.1])
SOS = ss.butter(5, 0.3, output="sos")


@pytest.fixture(autouse=True, scope="module")
def switch():
    with dn.enable_scipy("signal"):
        yield


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("name", ["convolve", "correlate", "fftconvolve", "oaconvolve"])
def test_convolutions(name, mode, rng):
    f = getattr(ss, name)
    for a, b in ((U, V), (A, B), (V, U)):
        verify(lambda x, b=b: f(x, b, mode), a, rng, second=False)
        verify(lambda x, a=a: f(a, x, mode), b, rng, second=False)
    verify(lambda x: f(x, x[:4], mode), U, rng)
    z = V + 1j * random_like(V, rng)
    verify(lambda x: f(U, x, mode), z, rng, second=False)


@pytest.mark.parametrize("method", ["direct", "fft"])
def test_methods_of_convolve(method, rng):
    verify(lambda x: ss.convolve(x, B, method=method), A, rng)
    verify(lambda x: ss.correlate(A, x, "same", method=method), B, rng)
    verify(lambda x: ss.convolve(x, V, "same"), _rng.standard_normal(3000)[:600], rng, second=False)


def test_axes_of_fftconvolve(rng):
    verify(lambda x: ss.fftconvolve(x, V[None], axes=1), A, rng)
    verify(lambda x: ss.oaconvolve(x, A[:, :2], "same", axes=[1]), A, rng)


@pytest.mark.parametrize("boundary", ["fill", "wrap", "symm"])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("name", ["convolve2d", "correlate2d"])
def test_two_dimensions(name, mode, boundary, rng):
    f = getattr(ss, name)
    verify(lambda x: f(x, B, mode, boundary, 0.5), A, rng, second=False)
    verify(lambda x: f(A, x, mode, boundary, 0.5), B, rng, second=False)
    verify(lambda x: f(B, x, mode, boundary), A, rng, second=False)


STATE = np.array([0.3, -0.2, 0.4])
FILTERS = {
    "lfilter": (lambda x: ss.lfilter(NUM, DEN, x), U),
    "lfilter, b": (lambda b: ss.lfilter(b, DEN, A), NUM),
    "lfilter, a": (lambda a: ss.lfilter(NUM, a, A), DEN),
    "lfilter, all": (lambda x: ss.lfilter(x[:3], x[3:6], x, 0), U + 2 * (np.arange(9) == 3)),
    "lfilter along an axis": (lambda x: ss.lfilter(NUM, DEN, x, 0), A),
    "lfilter, no recursion": (lambda b: ss.lfilter(b, 2.0 * b[:1], U), NUM),
    "lfilter, state": (lambda z: ss.lfilter(NUM, DEN, U, zi=z)[0], STATE),
    "lfilter, last": (lambda z: ss.lfilter(NUM, DEN, U[:2], zi=z)[1], STATE),
    "lfilter, last by a": (lambda a: ss.lfilter(NUM, a, A, 0, zi=np.tile(STATE[:, None], 5))[1], DEN),
    "lfilter, last by b": (lambda b: ss.lfilter(b, DEN, A, zi=np.tile(STATE, (3, 1)))[1], NUM),
    "sosfilt": (lambda x: ss.sosfilt(SOS, x, 0), A),
    "sosfilt, sections": (lambda s: ss.sosfilt(np.concatenate([s[:, :3], np.ones((3, 1)), s[:, 3:]], 1), A),
                          np.ascontiguousarray(SOS[:, [0, 1, 2, 4, 5]])),
    "sosfilt, state": (lambda z: ss.sosfilt(SOS, U, zi=z)[1], 0.1 * np.arange(6.0).reshape(3, 2)),
    "lfilter_zi": (lambda a: ss.lfilter_zi(NUM, a), DEN),
    "sosfilt_zi": (lambda s: ss.sosfilt_zi(s), SOS),
    "filtfilt": (lambda x: ss.filtfilt(NUM, DEN, x, padlen=4), U),
    "filtfilt, b": (lambda b: ss.filtfilt(b, DEN, A, 1, "even", 3), NUM),
    "filtfilt, constant": (lambda x: ss.filtfilt(NUM, DEN, x, 0, "constant", 2), A),
    "filtfilt, bare": (lambda x: ss.filtfilt(NUM, DEN, x, padtype=None), U),
    "sosfiltfilt": (lambda x: ss.sosfiltfilt(SOS, x), _rng.standard_normal(40)),
    "sosfiltfilt, axis": (lambda x: ss.sosfiltfilt(SOS, x, 0, padlen=2), A),
    "hilbert": (lambda x: ss.hilbert(x), U),
    "hilbert, even": (lambda x: ss.hilbert(x, 4, 0), A),
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters(name, rng):
    f, x = FILTERS[name]
    verify(f, x, rng, h=0.02)


def test_complex_filters(rng):
    z = U + 1j * random_like(U, rng)
    verify(lambda x: ss.lfilter(NUM, DEN, x), z, rng, second=False)
    verify(lambda a: ss.lfilter(NUM, a, U), DEN + 0.1j * random_like(DEN, rng), rng, second=False, h=0.02)


def test_a_narrow_filter_keeps_its_digits():
    """Poles close to the unit circle: the recursion's derivative against the same filter in exact form."""
    b, a = ss.butter(4, 0.02)
    x = np.random.default_rng(1).standard_normal(500)
    y, dy = dn.jvp(lambda x: ss.lfilter(b, a, x), (x,), (x,))
    close(y, ss.sosfilt(ss.butter(4, 0.02, output="sos"), x), 1e-9)
    close(dy, y, 1e-12)


def test_single_precision_is_kept():
    keeps_float32(lambda x: ss.lfilter(NUM.astype("f"), DEN.astype("f"), x), U)
    keeps_float32(lambda x: ss.fftconvolve(x, V.astype("f")), U)
    keeps_float32(lambda x: ss.convolve(x, V.astype("f"), method="direct"), U)


@pytest.mark.parametrize(("call", "error", "text"), [
    (lambda x: ss.convolve(x, A), ValueError, "dimensionality"), (lambda x: ss.convolve(x, V, "most"), ValueError, "mode"),
    (lambda x: ss.convolve(x, V, method="slow"), ValueError, "method"), (lambda x: ss.lfilter([1.0], [0.0, 1.0], x), ValueError, "lfilter"),
    (lambda x: ss.lfilter(NUM, DEN, x, zi=STATE[:2]), ValueError, "zi"),
    (lambda x: ss.sosfilt(SOS[:, :5], x), ValueError, "sos"),
    (lambda x: ss.filtfilt(NUM, DEN, x, method="gust"), dn.DualnetError, "method"),
    (lambda x: ss.filtfilt(NUM, DEN, x), ValueError, "padlen"),
    (lambda x: ss.welch(x), dn.DualnetError, "scipy.signal"),
])
def test_what_cannot_be_done_is_named(call, error, text):
    with pytest.raises(error, match=text):
        dn.jvp(call, (U,), (U,))


def test_empty_signals():
    none = np.zeros(0)
    y, dy = dn.jvp(lambda x: ss.lfilter(NUM, DEN, x), (none,), (none,))
    assert y.shape == dy.shape == ss.lfilter(NUM, DEN, none).shape == (0,)
    assert np.all(dn.jvp(lambda z: ss.lfilter(NUM, DEN, none, zi=z)[1], (STATE,), (STATE,))[1] == STATE)
    with pytest.raises(ValueError, match="empty"):
        dn.jvp(lambda x: ss.convolve(x, V), (none,), (none,))

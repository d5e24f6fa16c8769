"""Everyday NumPy expressions: NumPy's value, derivatives by differences in every mode and in second order, NumPy's precision."""

import numpy as np
import pytest
from everyday import ALL, EXPRESSIONS, INPUTS, PRECISION_OF_OBJECTS, REFUSED, called

import dualnet as dn
from dualnet import testing
from dualnet.testing.differences import along
from dualnet.trees import results

pytestmark = pytest.mark.filterwarnings("ignore:numpy.fix is deprecated")
BY_TEXT = pytest.mark.parametrize(("text", "names", "f"), [e[1:] for e in EXPRESSIONS], ids=[f"{e[0]}: {e[1]}" for e in EXPRESSIONS])


def test_there_are_a_thousand_expressions_and_no_two_alike():
    texts = [text for _, text, _, _ in EXPRESSIONS]
    assert len(set(texts)) == len(texts) >= 980
    if np.lib.NumpyVersion(np.__version__) >= "2.3.0":
        assert EXPRESSIONS == ALL


def leaves(out):
    return [np.asarray(y) for y in results(out, BY_TEXT)[0]]


@BY_TEXT
def test_value_and_derivatives_in_every_mode(text, names, f):
    args = [INPUTS[n] for n in names]
    expected = leaves(f(*args))
    for y, _ in (dn.jvp(f, tuple(args), tuple(np.zeros_like(a) for a in args)), dn.vjp(f, *args)):
        for got, want in zip(leaves(y), expected, strict=True):
            assert got.dtype == want.dtype and got.shape == want.shape
            np.testing.assert_allclose(got, want, rtol=1e-14, atol=1e-14 * np.max(np.abs(want), initial=1.0))
    testing.assert_gradient(f, *args, order=2, rtol=1e-8, directions=1)


@BY_TEXT
def test_taylor_mode_has_numpys_values_and_the_slopes_of_differences(text, names, f):
    rng = np.random.default_rng(5)
    args = [INPUTS[n] for n in names]
    vs = [rng.uniform(-1, 1, np.shape(a)) * (1 + 1j if np.iscomplexobj(a) else 1.0) for a in args]
    found = [np.asarray(table) for table in results(dn.taylor(lambda args: f(*args), tuple(args), tuple(vs), order=1), f)[0]]
    for table, want in zip(found, leaves(f(*args)), strict=True):
        assert table.dtype == (want.dtype if want.dtype.kind in "fc" else float)
        np.testing.assert_allclose(table[0], want, rtol=1e-14, atol=1e-14 * np.max(np.abs(want), initial=1.0))
    slopes, error = along(lambda t: np.concatenate([np.ravel(y) for y in leaves(f(*(a + t * v for a, v in zip(args, vs))))]))
    atol = 1e-8 * max(1.0, np.max(np.abs(slopes), initial=0.0)) + 10 * np.max(error, initial=0.0)
    np.testing.assert_allclose(np.concatenate([np.ravel(table[1]) for table in found]), slopes, rtol=0, atol=atol)


@BY_TEXT
def test_jacobians_by_rows_equal_those_by_pullbacks(text, names, f):
    args = [INPUTS[n] for n in names]
    if not any(np.iscomplexobj(x) for x in args):
        g = lambda *args: np.concatenate([np.ravel(y) for y in results(f(*args), f)[0]])
        for forward, reverse in zip(*(dn.jacobian(g, tuple(range(len(args))), mode=m)(*args) for m in ("forward", "reverse")), strict=True):
            np.testing.assert_allclose(forward, reverse, rtol=1e-11, atol=1e-11 * np.max(np.abs(reverse), initial=0.0))


@BY_TEXT
def test_taylor_mode_and_recorded_pushes_along_a_line(text, names, f):
    args, rng, h = [INPUTS[n] for n in names], np.random.default_rng(5), 1e-4
    along = [rng.standard_normal(np.shape(x)) * (1 + 1j if np.iscomplexobj(x) else 1.0) for x in args]
    a, b, y, c, d = (leaves(f(*(x + k * h * v for x, v in zip(args, along, strict=True)))) for k in range(-2, 3))
    pushed = leaves(dn.linearize(f, *args)[1](*along))
    for k, got in enumerate(leaves(dn.taylor(lambda args: f(*args), args, along, order=2))):
        slope, curvature = (8 * (c[k] - b[k]) - (d[k] - a[k])) / (12 * h), (16 * (b[k] + c[k]) - 30 * y[k] - a[k] - d[k]) / (12 * h * h)
        for found, want, tolerance in ((got[0], y[k], 1e-13), (got[1], slope, 1e-8), (got[2], curvature, 1e-4), (pushed[k], slope, 1e-8)):
            size = max(1.0, np.max(np.abs(y[k]), initial=0.0), np.max(np.abs(want), initial=0.0))
            np.testing.assert_allclose(found, want, rtol=tolerance, atol=tolerance * size)


@BY_TEXT
def test_single_precision_is_kept_where_numpy_keeps_it(text, names, f):
    args = [np.asarray(INPUTS[n], np.complex64 if np.iscomplexobj(INPUTS[n]) else np.float32)[()] for n in names]
    expected = leaves(f(*args))
    y, dy = dn.jvp(f, tuple(args), tuple(np.ones_like(a) for a in args))
    z, pullback = dn.vjp(f, *args)
    assert [a.dtype for a in leaves(y)] == [a.dtype for a in leaves(dy)] == [a.dtype for a in leaves(z)]
    if text not in PRECISION_OF_OBJECTS:
        assert [a.dtype for a in leaves(y)] == [a.dtype for a in expected]
    assert [g.dtype for g in leaves(pullback(z))] == [a.dtype for a in args]


@pytest.mark.parametrize("text", REFUSED)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_what_cannot_be_followed_raises_and_names_the_cure(text, mode):
    names, f = called(text)
    args = [INPUTS[n] for n in names]
    with pytest.raises((dn.DualnetError, ValueError, TypeError)) as caught:
        dn.jacobian(f, tuple(range(len(args))), mode=mode)(*args)
    assert isinstance(caught.value, dn.DualnetError), repr(caught.value)

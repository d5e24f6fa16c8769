"""Arrays without elements: NumPy's values and warnings, and empty derivatives of the right shape, in every mode."""

import warnings

import numpy as np
import pytest

import dualnet as dn

OVER = {name: getattr(np, name) for name in "median nanmedian sum mean prod std var nanmean nanstd nanvar sort cumsum cumprod".split()} | {
    "norm": np.linalg.norm, "logaddexp": np.logaddexp.reduce}
FUNCTIONS = {f"{name} {axis}": lambda x, f=f, axis=axis: f(x, axis=axis) for name, f in OVER.items() for axis in (0, 1)}
for f in (np.quantile, np.percentile, np.nanquantile, np.nanpercentile):
    FUNCTIONS |= {f"{f.__name__} {axis} {np.shape(q)}": lambda x, f=f, q=q, axis=axis: f(x, q, axis=axis)
                  for axis in (0, 1, (0, 1)) for q in (0.5, [0.5, 0.3], [])}
FUNCTIONS |= {"median": np.median, "nanmedian": lambda x: np.nanmedian(x, keepdims=True), "exp": np.exp,
              "diag": lambda x: np.diag(x.ravel()),
              "kept": lambda x: np.quantile(x, 0.5, axis=1, keepdims=True), "picked": lambda x: x.ravel()[np.zeros(0, int)],
              "mask": lambda x: x[x > 5], "constant": lambda x: np.zeros((0, 2)), "product": lambda x: x @ x.T,
              "weights": lambda x: np.histogram(np.zeros(0), 2, (-1, 1), weights=x.ravel())[0],
              "einsum": lambda x: np.einsum("ij,ij->i", x, x)}


def told(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        out = call()
    return out, sorted({str(w.message) for w in caught})


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)], ids=str)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_empty_array_has_numpys_result_and_empty_derivatives(name, shape):
    f, x = FUNCTIONS[name], np.zeros(shape)
    try:
        want, said = told(lambda: f(x))
    except IndexError:  # a quantile of nothing
        for call in (dn.jacobian(f, mode="forward"), dn.jacobian(f, mode="reverse"), lambda x: dn.jvp(f, (x,), (x,))):
            with pytest.raises(IndexError):
                call(x)
        return
    for run in (lambda: dn.jvp(f, (x,), (x,))[0], lambda: dn.vjp(f, x)[0]):
        got, words = told(run)
        np.testing.assert_array_equal(got, want)
        assert words == said
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert np.shape(dn.jvp(f, (x,), (x,))[1]) == np.shape(want) and dn.vjp(f, x)[1](np.ones_like(want))[0].shape == shape
        shapes = [dn.jacobian(f, **options)(x).shape for options in ({}, {"mode": "forward"}, {"mode": "reverse"}, {"chunk_size": 2})]
        assert set(shapes) == {np.shape(want) + shape}
        assert dn.jacobian(f, sparse=True)(x).shape == (np.size(want), 0)
        for outer in ("forward", "reverse"):
            for inner in ("forward", "reverse"):
                assert dn.jacobian(dn.jacobian(f, mode=inner), mode=outer)(x).shape == np.shape(want) + 2 * shape
        assert dn.taylor(f, x, order=2).shape == (3, *np.shape(want))


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_quantiles_of_nothing_by_their_fraction_are_not_numbers(mode):
    q = np.array([0.25, 0.5])
    for f in (lambda q: np.nanquantile(np.zeros(0), q), lambda q: np.nanpercentile(np.zeros((0, 3)), q, axis=0, keepdims=True)):
        slopes = dn.jacobian(f, mode=mode)(q)
        assert slopes.shape == f(q).shape + (2,) and np.isnan(slopes).all()


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_jacobians_by_complex_arrays_of_nothing(mode):
    z = np.zeros((0, 2), complex)
    assert dn.jacobian(lambda z: z * z, mode=mode)(z).shape == (0, 2, 0, 2)
    assert dn.jacobian(np.sum, mode=mode)(z).shape == (0, 2)
    by_z, by_x = dn.jacobian(lambda z, x: 2 * x, (0, 1), mode=mode)(z, np.ones(3))
    assert by_z.shape == (3, 0, 2)
    np.testing.assert_array_equal(by_x, 2 * np.eye(3))

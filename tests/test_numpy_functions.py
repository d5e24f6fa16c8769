"""NumPy's larger functions at kinks, ties and edges, and where they refuse; their example calls are in more_examples.py."""

from fractions import Fraction

import numpy as np
import pytest
from differences import along, close, verify

import dualnet as dn
from dualnet.errors import LostDerivativeError, NotDifferentiableError
from dualnet.table import TABLE

KNOTS = np.array([0.0, 1.0, 3.0])
HEIGHTS = np.array([0.0, 2.0, 1.0])


@pytest.mark.parametrize(("x", "v", "slope"), [
    (1.0, 1.0, -0.5), (1.0, -1.0, -2.0), (0.0, 1.0, 2.0), (0.0, -1.0, 0.0), (3.0, 1.0, 0.0), (3.0, -1.0, 0.5)])
def test_interp_at_a_knot_takes_the_piece_ahead(x, v, slope):
    f = lambda x: np.interp(x, KNOTS, HEIGHTS)
    y, dy = dn.jvp(f, (x,), (v,))
    assert (y, dy) == (f(x), slope)
    assert dn.grad(f, mode="forward")(x) == dn.grad(f, mode="reverse")(x)


def test_interp_of_nan_one_knot_and_outside():
    x = np.array([np.nan, -1.0, 5.0, 3.0])
    f = lambda x: np.interp(x, KNOTS, HEIGHTS, left=7.0)
    y, dy = dn.jvp(f, (x,), (np.ones(4),))
    np.testing.assert_array_equal(y, f(x))
    assert np.isnan(y[0]) and dy[1:].tolist() == [0, 0, 0]
    assert dn.jacobian(lambda p: np.interp(x[1:], p[:1], p[1:]))(np.array([1.0, 4.0])).tolist() == [[0, 1]] * 3
    with pytest.raises(ValueError, match="interp"):
        dn.jvp(lambda x: np.interp(x, KNOTS, HEIGHTS[:2]), (x,), (x,))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_histogram_takes_data_and_weights_of_several_axes(mode):
    a, w = np.array([[0.1, 0.9, 0.2], [0.7, 0.3, 0.6]]), np.arange(6.0).reshape(2, 3)
    sums = dn.jacobian(lambda w: np.histogram(a, 2, weights=w)[0], mode=mode)(w)
    assert sums.tolist() == [[[1, 0, 1], [0, 1, 0]], [[0, 1, 0], [1, 0, 1]]]
    edges = dn.jacobian(lambda a: np.histogram(a, 2, weights=w)[1], mode=mode)(a)
    assert edges[[0, 2], 0].tolist() == [[1, 0, 0], [0, 1, 0]] and not edges[:, 1].any()
    with pytest.raises(ValueError, match="same shape"):
        dn.jacobian(lambda w: np.histogram(a.ravel(), 2, weights=w)[0], mode=mode)(w)


def test_unique_is_a_gather():
    x = np.array([3.0, 1.0, 3.0, 2.0])
    rows = dn.jacobian(np.unique)(x)
    assert rows.tolist() == [[0, 1, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0]]
    close(dn.jacobian(lambda x: np.intersect1d(x, [2.0, 3.0]))(x), rows[1:], 0)
    assert dn.jvp(lambda x: np.unique(x, return_index=True, return_counts=True)[0], (x,), (x,))[1].tolist() == [1, 2, 3]


@pytest.mark.parametrize("kind", "efdg")
@pytest.mark.parametrize("q", [0.3, 0.5, np.array(0.5), np.array(0.3), np.float32(0.3), [0.25, 0.5], np.array([[0.1], [0.9]])], ids=repr)
def test_quantiles_have_numpys_values_and_types(q, kind):
    x = np.array([[0.3, -1.7, 2.2, 0.9, -0.4], [1.1, 0.2, 0.2, -3.3, 5.1]], kind)
    for method in ("linear", "weibull", "lower", "midpoint", "inverted_cdf"):
        for axis in (None, 0, 1):
            want = np.quantile(x, q, axis=axis, method=method)
            got = dn.jvp(lambda x, m=method, axis=axis: np.quantile(x, q, axis=axis, method=m), (x,), (x,))
            np.testing.assert_array_equal(got[0], want)
            assert got[0].dtype == got[1].dtype == want.dtype
            eps = np.finfo(kind).eps
            np.testing.assert_allclose(got[1], want, rtol=8 * eps, atol=eps * np.max(np.abs(x)))  # it is homogeneous of degree 1


def test_quantiles_at_ties_and_nan():
    x = np.array([1.0, 1.0, 2.0])
    assert np.sum(dn.grad(lambda x: np.quantile(x, 0.25))(x)) == 1
    forward, reverse = (dn.grad(lambda x: np.quantile(x, 0.4), mode=m)(x) for m in ("forward", "reverse"))
    close(forward, reverse, 0)
    with_nan = np.array([1.0, np.nan, 2.0])
    assert np.isnan(dn.jvp(lambda x: np.quantile(x, 0.5), (with_nan,), (np.ones(3),))[0])
    value, rate = dn.jvp(lambda x: np.nanquantile(x, 0.25), (with_nan,), (np.array([4.0, 9.0, 8.0]),))
    assert (value, rate) == (1.25, 5.0)
    with pytest.raises(NotDifferentiableError, match="weights"):
        dn.jvp(lambda x: np.quantile(x, 0.5, weights=np.ones(3), method="inverted_cdf"), (x,), (x,))


def test_multiple_and_zero_roots():
    with np.errstate(all="ignore"):
        assert not np.any(np.isfinite(dn.jvp(np.roots, (np.array([1.0, 2.0, 1.0]),), (np.array([0, 0, 1.0]),))[1]))
    close(dn.jvp(np.roots, (np.array([2.0, -4.0, 0.0]),), (np.array([0, 0, 1.0]),))[1], [-0.25, 0.25], 1e-14)


def test_trim_zeros_and_pieces_of_nothing():
    assert dn.jacobian(np.trim_zeros)(np.array([0.0, 2.0, 0.0, 3.0, 0.0])).shape == (3, 5)
    assert dn.jacobian(np.trim_zeros)(np.zeros(2)).shape == (0, 2)
    assert dn.jacobian(lambda x: np.linspace(x, 1.0, 0))(0.0).shape == (0,)
    assert dn.jacobian(lambda x: np.insert(x, 0, np.zeros(0)))(np.ones(2)).tolist() == [[1, 0], [0, 1]]


def test_histograms_count_plainly_and_weights_carry_on():
    x = np.array([0.1, 0.4, 0.9, 1.0])
    counts, edges = [], []

    def f(x):
        c, e = np.histogram(x, 2)
        counts.append(c)
        edges.append(e)
        return e

    rows = dn.jacobian(f)(x)
    assert counts[0].tolist() == [2, 2] and rows.tolist() == [[1, 0, 0, 0], [0.5, 0, 0, 0.5], [0, 0, 0, 1]]
    weighted = dn.jacobian(lambda w: np.histogram(x, [0, 0.5, 1.0], weights=w)[0])(np.ones(4))
    assert weighted.tolist() == [[1, 1, 0, 0], [0, 0, 1, 1]]
    assert dn.jacobian(lambda w: np.bincount([0, 2, 2, 0], w))(np.ones(4)).tolist() == [[1, 0, 0, 1], [0, 0, 0, 0], [0, 1, 1, 0]]
    with pytest.raises(TypeError, match="real"):
        dn.jvp(lambda w: np.bincount([0, 1], w), (np.ones(2) + 1j,), (np.ones(2) + 0j,))


@pytest.mark.parametrize("write", [
    lambda a, x: np.copyto(a, x), lambda a, x: np.put(a, [0], x), lambda a, x: np.place(a, [True, False], x),
    lambda a, x: np.putmask(a, [True, False], x), lambda a, x: np.put_along_axis(a, np.array([1]), x[:1], 0),
    lambda a, x: np.fill_diagonal(a[:, None], x)])
def test_filling_a_plain_array_is_refused(write):
    with pytest.raises(LostDerivativeError, match="zeros_like"):
        dn.jvp(lambda x: write(np.zeros(2), x), (np.ones(2),), (np.ones(2),))


def test_np_full_of_a_traced_number_keeps_its_derivative():
    assert dn.grad(lambda x: np.sum(np.full(3, x) ** 2))(1.0) == 6


def test_complex_functions_on_both_sides_of_the_cuts():
    x = np.array([2.0, -3.0, 0.5])
    for f in (np.emath.arccos, np.emath.arcsin, np.emath.arctanh):
        close(dn.jvp(f, (x,), (np.ones(3),))[1], along(f, x, np.ones(3), 0.02), 1e-9)
        rows = dn.jacobian(f, mode="reverse")(x)
        close(rows, dn.jacobian(f, mode="forward")(x), 1e-14)


def test_i0_and_polynomial_module_functions():
    assert dn.derivative(np.i0)(1.0) == pytest.approx(0.5651591039924851, rel=1e-14)
    c = np.array([1.0, 2.0, 3.0])
    assert dn.derivative(lambda x: np.polynomial.polynomial.polyval(x, c))(2.0) == 14
    assert dn.derivative(lambda x: np.polynomial.chebyshev.chebval(x, c))(0.5) == pytest.approx(2 + 12 * 0.5)
    assert dn.derivative(lambda x: np.polynomial.Polynomial(c)(x))(2.0) == 14


def test_piecewise_and_choose_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match="condition"):
        dn.jvp(lambda x: np.piecewise(x, [x > 0], [1, 2, 3]), (np.ones(2),), (np.ones(2),))
    with pytest.raises(ValueError, match="choose"):
        dn.jvp(lambda x: np.choose([0, 5], [x, x]), (np.ones(2),), (np.ones(2),))


@pytest.mark.parametrize("join", [np.stack, np.array, np.hstack, lambda parts: np.concatenate([p[None] for p in parts])],
                         ids=["stack", "array", "hstack", "concatenate"])
def test_joining_many_parts_costs_one_step_for_each(join, monkeypatch):
    """In both sweeps over a recorded run: a share is read for itself, and operands are joined once for all of them."""
    counts = {"shares": 0, "joins": 0}
    read = TABLE["joined"].read

    def counted(xs, forward, transpose):
        def joined(ts):
            counts["joins"] += 1
            return forward(ts)

        def share(g, i):
            counts["shares"] += 1
            return transpose(g, i)

        return read(xs, joined, share)

    monkeypatch.setattr(TABLE["joined"], "read", counted)
    x = np.linspace(0.1, 1.0, 300)
    f = lambda x: join([x[i] * x[i - 1] for i in range(300)])
    _, pull = dn.vjp(f, x)
    counts.update(shares=0, joins=0)
    np.testing.assert_allclose(pull(np.ones(300))[0], np.roll(x, 1) + np.roll(x, -1), rtol=1e-15)
    assert counts == {"shares": 300, "joins": 0}
    _, push = dn.linearize(f, x)
    counts.update(shares=0, joins=0)
    np.testing.assert_allclose(push(np.ones(300)), x + np.roll(x, 1), rtol=1e-15)
    assert counts == {"shares": 0, "joins": 1}


CALLED = {
    "logspace with several bases": lambda x: np.logspace(x[:2], x[1:], 3, base=np.array([2.0, 3.0])),
    "inner of a number": lambda x: np.inner(x[0], x),
    "inner by a number": lambda x: np.inner(x, 2 * x[1]),
    "einsum over an axis of one": lambda x: np.einsum("ij,ij->", x[None], np.ones((2, 3)) * x),
    "einsum over the other's": lambda x: np.einsum("ij,ij->i", np.outer([1.0, 2.0], x), x[None]),
    "corrcoef of one": lambda x: np.corrcoef(x) + x[0],
    "corrcoef of complex": lambda x: np.abs(np.corrcoef(np.stack([x * 1j + x**2, np.sin(x) + 2j, x[::-1] + x * x * 1j])))[0, 1],
    "var with correction": lambda x: np.var(x, correction=1), "mean of a traced count": lambda x: np.sum(x, initial=x[0]),
    "where alone": lambda x: x[np.where(x > 1)] ** 2,
    "take_along_axis of all": lambda x: np.take_along_axis(np.outer(x, x), np.array([1, 5]), None),
    "a write that is wider": lambda x: (y := x * x, y.__setitem__(slice(0, 2), x[None, None, 1:] * 3), y)[2],
    "nan_to_num by a traced number": lambda x: np.nan_to_num(np.array([np.nan, 1.0, np.inf]) * x, nan=x[0] ** 2, posinf=x[1]),
    "add.reduce of a part": lambda x: np.add.reduce(x * x, where=[True, False, True]),
    "logaddexp.reduce of a part": lambda x: np.logaddexp.reduce(x * x, where=[True, False, True]),
    "maximum.reduce of a part": lambda x: np.maximum.reduce(x * x, where=[True, False, True], initial=0.1),
    "piecewise by one condition": lambda x: np.piecewise(x, x > 1, [lambda t: t * t, 0.5]),
    "choose": lambda x: np.choose((x > 1) * 1, [x, x**3]),
    "average with the weights' sum": lambda x: np.average(x * x, returned=True)[0],
    "real_if_close": lambda x: np.real_if_close(x * (1 + 1e-17j)) * x,
    "bincount": lambda x: np.bincount([0, 2, 0], x * x), "positive": lambda x: +(x * x),
    "insert of nothing": lambda x: np.insert(x, [], []) * x,
    "a mask as a list": lambda x: x[[True, False, True]] ** 2, "tile by nothing": lambda x: np.tile(x * x, ()),
    "roll by nothing": lambda x: np.roll(x * x, (), ()),
    "rot90 by all four": lambda x: np.stack([np.rot90(np.outer(x, x * x), k) for k in range(-2, 3)]),
    "trapezoid": lambda x: np.trapezoid(x * x, dx=0.5),
    "the power 0 of a matrix": lambda x: np.linalg.matrix_power(np.outer(x, x), 0) * x,
    "multi_dot of two": lambda x: np.linalg.multi_dot([x, x]),
    "correlate, the longer last": lambda x: np.concatenate([np.correlate(x[:n], np.outer(x, x)[0:2].ravel()[:m], "same")
                                                            for n, m in ((2, 5), (3, 4), (1, 4), (3, 6))]),
    "digits": lambda x: np.round(x, 1) + x, "vander": lambda x: np.vander(x, 4, True), "a product of none": lambda x: np.prod(x[:0]) * x,
}


@pytest.mark.parametrize("name", CALLED)
def test_calls_of_functions_in_their_rarer_forms(name, rng):
    verify(CALLED[name], np.array([1.3, 2.1, 0.6]), rng, h=1e-2)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_tie_of_infinities_takes_the_first_and_leaves_the_others_alone(mode):
    infinities = np.array([np.inf, 1.0, -np.inf, 2.0])
    traced = lambda x: np.stack([np.inf * x[0], x[0], -np.inf * x[0], x[1]])
    x = np.array([1.0, 3.0])
    assert dn.jacobian(lambda x: np.maximum(infinities, traced(x)), mode=mode)(x).tolist() == [[0, 0], [1, 0], [0, 0], [0, 1]]
    assert dn.jacobian(lambda x: np.maximum(traced(x), infinities), mode=mode)(x).tolist() == [[np.inf, 0], [1, 0], [-np.inf, 0], [0, 1]]
    assert dn.jacobian(lambda x: np.minimum(infinities, traced(x)), mode=mode)(x).tolist() == [[0, 0], [0, 0], [0, 0], [0, 0]]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_ties_of_fractions_take_the_piece_ahead(mode):
    x = np.array([Fraction(1, 2), Fraction(1, 3)])
    assert dn.jacobian(lambda x: np.maximum(x, Fraction(1, 2)), mode=mode)(x).tolist() == [[1, 0], [0, 0]]
    assert dn.jacobian(lambda x: np.minimum(x, Fraction(1, 2)), mode=mode)(x).tolist() == [[0, 0], [0, 1]]


REFUSED = {
    "where= without out=": (lambda x: np.exp(x, where=[True, False, True]), "pass out="),
    "reduce with where= and no neutral element": (lambda x: np.fmax.reduce(x, where=[True, False, True]), "neutral element"),
    "nan_to_num of complex numbers": (lambda x: np.nan_to_num(x * 1j, nan=x[0]), "constants only"),
    "an empty mode of padding": (lambda x: np.pad(x, 1, mode="empty"), "mode='empty'"),
}


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", REFUSED)
def test_calls_without_a_derivative_name_the_cure(name, mode):
    call, words = REFUSED[name]
    with pytest.raises(dn.DualnetError, match=words):
        dn.jacobian(call, mode=mode)(np.array([1.3, 2.1, 0.6]))

"""Example calls, as in ``table_examples.py``, of NumPy's larger functions; `EXAMPLES` holds them all."""

import numpy as np
from table_examples import EXAMPLES as FIRST
from table_examples import INDEX, MASK, A, B, C, E, N, P, Q, S, V, W, draw

ROOTS = np.array([1.0, -2.5, 0.75, 3.0])
KNOTS = np.array([-1.5, -0.5, 0.25, 1.0, 1.75])
BINS = np.array([-3.0, -1.0, 0.0, 0.5, 3.0])
WHOLE = np.array([0, 2, 2, 1, 4])
STEEP = np.cumsum(np.abs(draw(5)))


def filled(f):
    """A function that fills a copy of its first argument."""
    def call(x, *args):
        x = x + np.zeros_like(args[0], shape=np.shape(x))
        f(x, *args)
        return x

    return call


def symmetric(x):
    """The dot product with fixed numbers of polynomial coefficients by roots: smooth however roots are ordered."""
    return np.poly(np.roots(x))


MORE = {
    # building
    "insert": [E(lambda x, v: np.insert(x, 2, v), V, S), E(lambda x, v: np.insert(x, [1, 3], v, axis=1), A, draw(3, 2)),
        E(lambda x: np.insert(x, 1, 5.0, axis=0), A)],
    "delete": [E(lambda x: np.delete(x, [1, 3]), V), E(lambda x: np.delete(x, 1, axis=0), A),
        E(lambda x: np.delete(x, slice(0, 2), axis=1), A)],
    "resize": [E(lambda x: np.resize(x, (3, 4)), V), E(lambda x: np.resize(x, 2), V)],
    "sliding_window_view": [E(lambda x: np.lib.stride_tricks.sliding_window_view(x, 3), V),
                            E(lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 3), (1, 0)), A)],
    "trim_zeros": [E(lambda x: np.trim_zeros(np.concatenate([np.zeros(2), x, np.zeros(1)])), V),
        E(lambda x: np.trim_zeros(np.append(x, 0.0), "f"), V)],
    "block": [E(lambda x, y: np.block([[x, np.eye(3)], [np.zeros((1, 4)), y]]), A, W), E(lambda x, y: np.block([x, 1.0, y]), V, W)],
    "linspace": [E(lambda x, y: np.linspace(x, y, 5), S, S + 1),
        E(lambda x, y: np.linspace(x, y, 4, endpoint=False, axis=1), V, V[::-1] * 2),
                 E(lambda x: np.linspace(0.0, x, 3, retstep=True), V), E(lambda x: np.linspace(x, 3.0, 1), S)],
    "logspace": [E(lambda x, y: np.logspace(x, y, 4), S, S + 1, real=True),
        E(lambda x, b: np.logspace(0.0, x, 4, base=b), S, S + 2, real=True)],
    "geomspace": [E(lambda x, y: np.geomspace(x, y, 5), S, S + 1, real=True),
        E(lambda x, y: np.geomspace(-x, -y, 4, endpoint=False, axis=-1), P[0], P[1], real=True)],
    "vander": [E(np.vander, W), E(lambda x: np.vander(x, 4, increasing=True), W), E(lambda x: np.vander(x, 1), W)],
    "apply_along_axis": [E(lambda x: np.apply_along_axis(np.cumsum, 1, x), A),
        E(lambda x: np.apply_along_axis(lambda v: np.sum(v * v), 0, x), A),
                         E(lambda x: np.apply_along_axis(lambda v: np.outer(v, v), 1, x), C)],
    "apply_over_axes": [E(lambda x: np.apply_over_axes(np.sum, x, [0, 2]), C), E(lambda x: np.apply_over_axes(np.cumsum, x, 1), A)],
    "choose": [E(lambda x, y: np.choose(INDEX, [x, y, 1.0]), draw(2, 2), S),
        E(lambda x, y: np.choose([0, 1, 5], [x, y], mode="clip"), W, W + 1)],
    "piecewise": [E(lambda x: np.piecewise(x, [x < 0, x > 1], [lambda t: t * t, 3.0, np.sin]), A, real=True),
                  E(lambda x: np.piecewise(x, [MASK, ~MASK], [np.exp, lambda t: -t]), A)],
    "real_if_close": [E(lambda x: np.real_if_close(x + 0j), A, real=True), E(np.real_if_close, A + 1j)],
    # buffers made like a traced array
    **{f.__name__: [E(lambda x, f=f: x[:2] * f(2, like=x) + f((2, 2), like=x), V)] for f in (np.zeros, np.ones)},
    "empty": [E(lambda x: np.where(True, x, np.empty_like(np.empty(5, like=x))), V)], "full": [E(lambda x: np.full(5, 2.0, like=x) * x, V)],
    "eye": [E(lambda x: np.eye(3, 4, 1, like=x) * x, A)], "identity": [E(lambda x: np.identity(3, like=x) * x, W)],
    "arange": [E(lambda x: np.arange(1.0, 6.0, like=x) * x, V, real=True)],
    **{f.__name__: [E(lambda x, f=f: f(x, like=x) * x, A)] for f in (np.array, np.asarray, np.asanyarray, np.ascontiguousarray)},
    # filling
    "copyto": [E(filled(np.copyto), A, draw(4)), E(filled(lambda x, y: np.copyto(x, y, where=MASK)), A, Q)],
    "put": [E(filled(lambda x, v: np.put(x, [1, 4], v)), V, draw(2)),
        E(filled(lambda x, v: np.put(x, [0, -1, 14], v, mode="clip")), A, draw(2))],
    "place": [E(filled(lambda x, v: np.place(x, MASK, v)), A, W)], "putmask": [E(filled(lambda x, v: np.putmask(x, MASK, v)), A, V)],
    "put_along_axis": [E(filled(lambda x, v: np.put_along_axis(x, np.array([[1], [0], [3]]), v, 1)), A, draw(3, 1))],
    "fill_diagonal": [E(filled(np.fill_diagonal), A, S), E(filled(lambda x, v: np.fill_diagonal(x, v, wrap=True)), draw(5, 2), draw(2))],
    # sets
    "unique": [E(lambda x: np.unique(x[[0, 1, 1, 2, 0]]), A, real=True), E(lambda x: np.unique(x, return_counts=True)[0], A, real=True),
               E(lambda x: np.unique(x[[2, 0, 2]], axis=0), A, real=True)],
    "union1d": [E(lambda x, y: np.union1d(x, y), V, W + 0.2, real=True)],
    "intersect1d": [E(lambda x: np.intersect1d(x[:4] * 1, x[1:]), V, real=True)],
    "setdiff1d": [E(lambda x: np.setdiff1d(x, np.array([9.0])), V, real=True)],
    "setxor1d": [E(lambda x: np.setxor1d(x[:4], x[2:]), V, real=True)],
    "unique_values": [E(lambda x: np.sort(np.unique_values(x)), V, real=True)],
    "unique_counts": [E(lambda x: np.unique_counts(x).values, V, real=True)],
    "unique_inverse": [E(lambda x: np.unique_inverse(x).values, V, real=True)],
    "unique_all": [E(lambda x: np.unique_all(x).values, V, real=True)],
    "sort_complex": [E(np.sort_complex, A + 1j), E(np.sort_complex, V)],
    # quantiles
    "quantile": [E(lambda x: np.quantile(x, 0.3), A, real=True),
        E(lambda x: np.quantile(x, [0.1, 0.8], axis=1, keepdims=True), A, real=True),
                 *(E(lambda x, m=m: np.quantile(x, [[0.15, 0.6]], axis=0, method=m), C, real=True) for m in (
                     "inverted_cdf averaged_inverted_cdf closest_observation interpolated_inverted_cdf hazen weibull median_unbiased "
                     "normal_unbiased lower higher midpoint nearest").split()), E(lambda x: np.quantile(x, 0.5), S, real=True),
                 E(lambda x, q: np.quantile(x, q, axis=0), A, np.float64(0.3), real=True),
        E(lambda x, q: np.quantile(x, q), V, np.array([0.3, 0.9]), real=True)],
    "percentile": [E(lambda x: np.percentile(x, [25, 60], axis=(0, 2)), C, real=True),
        E(lambda x, q: np.percentile(x, q), A, np.float64(33.0), real=True)],
    "nanquantile": [E(lambda x: np.nanquantile(x, 0.4, axis=1), N, real=True)],
    "nanpercentile": [E(lambda x: np.nanpercentile(x, [10, 70]), N, real=True)],
    "cov": [E(np.cov, A), E(lambda x, y: np.cov(x, y, rowvar=False), A, Q), E(lambda x, w: np.cov(x, aweights=w), A, P[0], real=True),
        E(lambda x: np.cov(x, bias=True), V),
            E(lambda x: np.cov(x, fweights=[1, 2, 1, 3], ddof=0), A)],
    "corrcoef": [E(np.corrcoef, A), E(lambda x, y: np.corrcoef(x, y), V, V**2)],
    "histogram_bin_edges": [E(lambda x: np.histogram_bin_edges(x, 4) * 1, V, real=True)],
    "ix_": [E(lambda x, y: np.ix_(x, y), V, W)], "sign": [E(lambda x: np.real(np.sign(x + 2j)), V, real=True)],
    "heaviside": [E(lambda x, y: np.heaviside([-1.0, 0.0, 1.0], x) + y, W, W, real=True)],
    # curves
    "interp": [E(lambda x, xp, fp: np.interp(x, np.sort(xp), fp), A, KNOTS, draw(5), real=True),
        E(lambda x: np.interp(x, KNOTS, V, left=-1.0, right=2.0), A, real=True),
               E(lambda x, xp, fp: np.interp(x, xp, fp, period=4.0), A, KNOTS, draw(5), real=True),
        E(lambda fp: np.interp(1.0, KNOTS, fp), V)],
    "gradient": [E(np.gradient, A), E(lambda x, h: np.gradient(x, h, edge_order=2), V, S), E(lambda x, t: np.gradient(x, t), V, STEEP),
                 E(lambda x, t: np.gradient(x, t, axis=1, edge_order=2), A, STEEP[:4]),
        E(lambda x: np.gradient(x, 0.5, [0.0, 1.0, 3.0, 4.0]), A)],
    "unwrap": [E(np.unwrap, 4 * A, real=True), E(lambda x: np.unwrap(x, axis=0, period=2.7), 4 * A, real=True)],
    "bincount": [E(lambda w: np.bincount(WHOLE, w, 7), V, real=True)],
    "histogram": [E(lambda w: np.histogram(V, BINS, weights=w)[0], np.abs(draw(5)), real=True),
        E(lambda w: np.histogram(V, 3, weights=w, density=True)[0], np.abs(draw(5)), real=True),
                  E(lambda x: np.histogram(x, 4)[1] * 1, V, real=True)],
    "histogram2d": [E(lambda w: np.histogram2d(V, V[::-1], [2, 3], weights=w)[0], np.abs(draw(5)), real=True)],
    "histogramdd": [E(lambda w: np.histogramdd(B, (2, 3, 2), weights=w, density=True)[0], np.abs(draw(4)), real=True)],
    "emath.sqrt": [E(np.emath.sqrt, A), E(np.emath.sqrt, P)], "emath.log": [E(np.emath.log, A), E(np.emath.log, P)],
    "emath.log2": [E(np.emath.log2, A)],
    "emath.log10": [E(np.emath.log10, A)], "emath.logn": [E(np.emath.logn, S + 2, P)],
    "emath.power": [E(lambda x: np.emath.power(x, 1.5), A)],
    "emath.arccos": [E(np.emath.arccos, A, real=True)], "emath.arcsin": [E(np.emath.arcsin, A, real=True)],
    "emath.arctanh": [E(np.emath.arctanh, A, real=True)],
    "np.astype": [E(lambda x: np.astype(x, x.dtype), A)],
    # polynomials
    "polyval": [E(np.polyval, V, W), E(np.polyval, W, A), E(lambda p: np.polyval(p, 0.5), V)], "poly": [E(np.poly, V),
        E(np.poly, draw(3, 3))],
    "polynomial_roots": [E(lambda p: np.roots(np.poly(p))[1], ROOTS, real=True)],
    "roots": [E(lambda p: np.sort(np.roots(np.poly(p))), ROOTS, real=True), E(symmetric, V)],
    "polyadd": [E(np.polyadd, V, W)], "polysub": [E(np.polysub, W, V)], "polymul": [E(np.polymul, V, W)],
    "require": [E(lambda x: np.require(x, float, ["C"], like=x), A)], "asfortranarray": [E(lambda x: np.asfortranarray(x, like=x), A)],
    "polydiv": [E(np.polydiv, draw(6), np.append(2.0, W))],
    "polyder": [E(np.polyder, V), E(lambda p: np.polyder(p, 2), V)], "polyint": [E(np.polyint, V),
        E(lambda p, k: np.polyint(p, 2, k), V, draw(2))],
    "polyfit": [E(lambda x, y: np.polyfit(x, y, 2), STEEP, V, real=True),
        E(lambda y, w: np.polyfit(STEEP, y, 1, w=w), V, np.abs(draw(5)), real=True),
                E(lambda y: np.polyfit(STEEP, y, 1, cov=True)[1], V, real=True)],
}


def _evaluates(example):
    try:
        example.f(*example.args)
    except (AttributeError, TypeError):
        return False
    return True


EXAMPLES = FIRST | MORE
if np.lib.NumpyVersion(np.__version__) < "2.3.0":  # than which np.unstack, np.matvec, np.clip(x, min=...) and others are younger
    EXAMPLES = {name: [e for e in calls if _evaluates(e)] for name, calls in EXAMPLES.items()}

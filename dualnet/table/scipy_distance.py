"""Rows of ``scipy.spatial.distance``: distances between all pairs of points, as the kernels of Gaussian processes need them."""

import numpy as np
import scipy.spatial.distance

from dualnet.table.registered import double, refuse, registered
from dualnet.table.row import ndim_of, primal

PATH = "scipy.spatial.distance"


def _total(x, w):
    return np.sum(x if w is None else w * x, axis=-1)


def _minkowski(d, p, w):
    if np.isinf(p):
        return _chebyshev(d, w)
    return np.linalg.norm(d, p, axis=-1) if w is None else _total(np.abs(d) ** p, w) ** (1 / p)


def _chebyshev(d, w):
    if w is not None:
        refuse(PATH, "w", w)
    return np.max(np.abs(d), axis=-1)


OF_DIFFERENCE = {  # of the differences d along the last axis, with weights w
    "euclidean": lambda d, w: np.linalg.norm(d, axis=-1) if w is None else np.sqrt(_total(np.square(d), w)),
    "sqeuclidean": lambda d, w: _total(np.square(d), w),
    "cityblock": lambda d, w: _total(np.abs(d), w),
    "chebyshev": _chebyshev,
}
ALIASES = {name: kind for kind, names in {
    "euclidean": "euclid eu e", "sqeuclidean": "sqe sqeuclid", "cityblock": "cblock cb c", "chebyshev": "chebychev cheby cheb ch",
    "minkowski": "mi m pnorm", "seuclidean": "se s", "mahalanobis": "mahal mah", "cosine": "cos", "correlation": "co"}.items()
    for name in names.split()}


def distances(name, metric, points, pairs, options):
    """The distances of `points` (arrays of rows) by a metric; ``pairs(f, *points)`` is f of the rows of every pair, along the last axis."""
    w, metric = options.pop("w", None), ALIASES.get(str(metric).lower(), str(metric).lower())
    if options.pop("out", None) is not None:
        refuse(f"{PATH}.{name}", "out", "an array")
    if metric == "minkowski":
        p = options.pop("p", 2)
        of = lambda a, b: _minkowski(a - b, p, w)
    elif metric in OF_DIFFERENCE:
        of = lambda a, b: OF_DIFFERENCE[metric](a - b, w)
    elif metric in ("seuclidean", "mahalanobis") and w is None:
        of = _scaled(metric, np.concatenate(points), options)
    elif metric in ("cosine", "correlation") and w is None:
        if metric == "correlation":
            points = [x - np.mean(x, axis=-1, keepdims=True) for x in points]
        points = [x / np.linalg.norm(x, axis=-1, keepdims=True) for x in points]
        of = lambda a, b: 1 - np.sum(a * b, axis=-1)
    else:
        refuse(f"{PATH}.{name}", "metric", metric)
    if options:
        raise TypeError(f"{PATH}.{name} by {metric!r} has no option {', '.join(options)}")
    return pairs(of, points)


def _scaled(metric, whole, options):
    """Euclidean distances of coordinates with given, or the points' own, variances or inverse covariances."""
    if metric == "seuclidean":
        v = options.pop("V", None)
        deviation = np.std(whole, axis=0, ddof=1) if v is None else np.sqrt(double(v))
        return lambda a, b: np.linalg.norm((a - b) / deviation, axis=-1)
    inverse = options.pop("VI", None)
    inverse = np.linalg.inv(np.cov(np.transpose(whole))) if inverse is None else double(inverse)
    return lambda a, b: np.sqrt(np.sum(((a - b) @ inverse) * (a - b), axis=-1))


def _points(x, name):
    x = double(x)
    if ndim_of(x) != 2:
        raise ValueError(f"{name} must be a 2-dimensional array.")
    return x


@registered(f"{PATH}.cdist")
def cdist(XA, XB, metric="euclidean", *, out=None, **kwargs):
    """Distances between each row of XA and each of XB."""
    a, b = _points(XA, "XA"), _points(XB, "XB")
    if a.shape[1] != b.shape[1]:
        raise ValueError("XA and XB must have the same number of columns (i.e. feature dimension.)")
    return distances("cdist", metric, [a, b], lambda of, x: of(x[0][:, None], x[1][None]), {"out": out, **kwargs})


@registered(f"{PATH}.pdist")
def pdist(X, metric="euclidean", *, out=None, **kwargs):
    """Distances between the rows of X, each pair once."""
    x = _points(X, "X")
    i, j = np.triu_indices(x.shape[0], 1)
    return distances("pdist", metric, [x], lambda of, x: of(x[0][i], x[0][j]), {"out": out, **kwargs})


@registered(f"{PATH}.squareform")
def squareform(X, force="no", checks=True):
    """Distances of pairs as a symmetric matrix, and back."""
    x = double(X)
    n = len(scipy.spatial.distance.squareform(primal(x), force, checks))  # with SciPy's own errors
    if ndim_of(x) != 1:
        return x[np.triu_indices(len(x), 1)]
    places = np.full((n, n), np.size(x))
    places[np.triu_indices(n, 1)] = places.T[np.triu_indices(n, 1)] = np.arange(np.size(x))
    return np.concatenate([x, np.zeros(1)])[places]

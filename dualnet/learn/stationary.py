"""Where training stopped: minimum, saddle or slope; and what the loss looks like around it."""

from dataclasses import dataclass

import numpy as np

from dualnet.learn.second_order import problem_of
from dualnet.learn.values import positive, whole


@dataclass(frozen=True)
class StationaryPoint:
    """What :func:`stationary_point` found; `eigenvalues` are of the Hessian, ascending (its two ends where it is large)."""

    kind: str
    gradient_norm: float
    eigenvalues: np.ndarray
    curvature: float

    def __str__(self):
        ends = f"from {self.eigenvalues[0]:.3g} to {self.eigenvalues[-1]:.3g}"
        return f"{self.kind}: gradient norm {self.gradient_norm:.3g}, Hessian eigenvalues {ends}"


def stationary_point(network, X, y, penalty=None, *, tolerance=1e-3, dense_up_to=400, count=6):
    """Classify where training stopped by the gradient and the exact eigenvalues of the Hessian.

    Parameters
    ----------
    network : Network
        Fitted.
    X, y, penalty
        Data and penalty that it was trained with.
    tolerance : float
        Gradient norms below it count as zero, and so do eigenvalues below it times the largest.
    dense_up_to : int
        Up to that many parameters all eigenvalues; above, `count` at each end by Lanczos' method on exact
        Hessian-vector products.

    Returns
    -------
    StationaryPoint
        `kind` is "minimum", "flat minimum" (some eigenvalues are zero), "saddle", "maximum" or "not stationary".
    """
    problem = problem_of(network, X, y, penalty)
    flat = problem.start
    norm = float(np.linalg.norm(problem.gradient(flat)))
    if flat.size <= dense_up_to:
        from dualnet.jacobians import hessian
        H = hessian(problem.loss, kinks="local")(flat)
        values = np.linalg.eigvalsh((H + H.T) / 2)
    else:
        from scipy.sparse.linalg import LinearOperator, eigsh
        operator = LinearOperator((flat.size,) * 2, matvec=lambda v: problem.product(flat, np.reshape(v, -1)), dtype=float)
        start = np.random.default_rng(0).standard_normal(flat.size)
        ends = [eigsh(operator, count, which=w, v0=start, return_eigenvectors=False, tol=1e-6) for w in ("SA", "LA")]
        values = np.sort(np.concatenate(ends))
    return StationaryPoint(_kind(norm, values, tolerance), norm, values, float(values.sum()))


def _kind(norm, values, tolerance):
    zero = tolerance * max(abs(values[0]), abs(values[-1]), 1e-12)
    if norm > tolerance:
        return "not stationary"
    if values[0] < -zero:
        return "saddle" if values[-1] > zero else "maximum"
    return "minimum" if values[0] > zero else "flat minimum"


def landscape(network, X, y, penalty=None, *, span=1.0, points=25, seed=0, path=None, directions=None):
    """The loss on a grid around the network's parameters, along two directions.

    Random directions are scaled layer by layer to the size of the weights (Li, Xu, Taylor, Studer and
    Goldstein 2018).

    Parameters
    ----------
    span : float
        How far to go each way, in units of the directions.
    points : int
        Per side.
    directions : tuple of two containers like ``network.parameters``, optional
    path : str, optional
        Write a picture there.

    Returns
    -------
    steps : ndarray, shape (points,)
    losses : ndarray, shape (points, points)
        ``losses[i, j]`` at ``steps[i]`` along the first and ``steps[j]`` along the second direction.
    """
    from dualnet.learn.gradients import flattened
    positive(span, "landscape: span"), whole(points, "landscape: points")
    problem = problem_of(network, X, y, penalty)
    rng = np.random.default_rng(seed)
    if directions is None:
        directions = [[{k: _like(v, rng) for k, v in layer.items()} for layer in network.parameters] for _ in range(2)]
    a, b = (flattened(d, float)[0] for d in directions)
    steps = np.linspace(-span, span, points)
    losses = np.array([[float(problem.loss(problem.start + s * a + t * b)) for t in steps] for s in steps])
    if path is not None:
        from dualnet.learn.plots import plot_landscape
        plot_landscape(steps, losses, path)
    return steps, losses


def _like(v, rng):
    d = rng.standard_normal(v.shape)
    return d * np.linalg.norm(v) / max(np.linalg.norm(d), 1e-300)

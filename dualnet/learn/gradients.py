"""Where the gradient comes from: interchangeable sources of (loss, gradient) of one objective."""

import numpy as np

from dualnet.errors import ArgumentError
from dualnet.learn.values import whole
from dualnet.operators import jvp, value_and_grad

SOURCES = ("reverse", "forward", "forward-gradient", "closed-form")


def objective_of(network, penalty=None):
    """The loss of a batch plus the penalty, a plain function of the parameters: what is minimised."""
    def objective(parameters, X, y, weights=None, masks=None):
        loss = network.loss(parameters, X, y, masks=masks, weights=weights)
        return loss if penalty is None else loss + penalty(parameters)

    return objective


def source(kind, network, penalty=None, *, directions=1, rng=None):
    """A function ``(parameters, X, y, weights, masks) -> objective, gradient``.

    Parameters
    ----------
    kind : {"reverse", "forward", "forward-gradient", "closed-form"}
        "forward-gradient" is an unbiased estimate from `directions` random forward sweeps, whose memory does
        not grow with the depth of the network (Baydin and others 2022). "closed-form" evaluates SymPy's
        derivative of SymPy's expression of one example's loss; for small networks of smooth functions.
    network : Network
    penalty : callable, optional
    directions : int
        For "forward-gradient".
    rng : numpy.random.Generator
        For "forward-gradient".
    """
    objective = objective_of(network, penalty)
    if kind in ("reverse", "forward"):
        return value_and_grad(objective, mode=kind, kinks="local")
    if kind == "forward-gradient":
        return _estimated(objective, whole(directions, "directions"), np.random.default_rng() if rng is None else rng)
    if kind == "closed-form":
        from dualnet.learn.closed import ClosedFormSource
        return ClosedFormSource(network, penalty)
    raise ArgumentError(f"gradient={kind!r}: choose one of {', '.join(map(repr, SOURCES))}")


def _estimated(objective, directions, rng):
    def estimate(parameters, *args, **kwargs):
        total = [{k: np.zeros_like(v) for k, v in layer.items()} for layer in parameters]
        for _ in range(directions):
            along = [{k: rng.standard_normal(v.shape, dtype=v.dtype) for k, v in layer.items()} for layer in parameters]
            loss, slope = jvp(lambda p: objective(p, *args, **kwargs), (parameters,), (along,), kinks="local")
            for layer, vs in zip(total, along):
                for k, v in vs.items():
                    layer[k] += (slope / directions) * v
        return loss, total

    return estimate


def leaves(parameters):
    """The arrays of a container of parameters, in a fixed order."""
    return [layer[k] for layer in parameters for k in sorted(layer)]


def flattened(parameters, dtype):
    """All parameters in one array, and the same container with views of it."""
    flat = np.concatenate([x.reshape(-1) for x in leaves(parameters)]).astype(dtype) if leaves(parameters) else np.zeros(0, dtype)
    return flat, views(flat, parameters)


def views(flat, like):
    """The container `like` with views of `flat` (also of a dual array) in place of its arrays."""
    out, start = [], 0
    for layer in like:
        new = {}
        for k in sorted(layer):
            size = layer[k].size
            new[k] = np.reshape(flat[start:start + size], layer[k].shape)
            start += size
        out.append({k: new[k] for k in layer})
    return out

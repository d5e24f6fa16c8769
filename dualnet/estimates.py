"""An estimate of the gradient from forward sweeps alone."""

import functools

import numpy as np

from dualnet.errors import ArgumentError
from dualnet.operators import one_scalar, split, with_kwargs
from dualnet.sweeps import push
from dualnet.table.row import dtype_of, shape_of
from dualnet.transformed import transformation
from dualnet.trees import callable_or_raise, unflatten


@transformation
def forward_gradient(f, argnums=0, *, directions=1, seed=None, kinks="ahead"):
    """An unbiased estimate of the gradient from forward sweeps along random directions.

    The mean over `directions` of ``(J v) v`` with v standard normal (Baydin, Pearlmutter, Syme, Wood and
    Torr, 2022, "Gradients without backpropagation"); memory does not grow with the depth of `f`.

    Parameters
    ----------
    directions : int
        How many; the variance falls as 1 over it.
    seed : int or numpy.random.Generator, optional

    Returns
    -------
    callable
        ``(*args, **kwargs) -> estimate``, of the structure of the argument.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> estimate = dn.forward_gradient(lambda x: np.sum(x**2), directions=4000, seed=0)(np.array([1.0, -1.0]))
    >>> bool(np.all(np.abs(estimate - np.array([2.0, -2.0])) < 0.3))
    True
    """
    callable_or_raise(f, "forward_gradient")
    if isinstance(directions, bool) or not isinstance(directions, (int, np.integer)) or directions < 1:
        raise ArgumentError(f"directions={directions!r}; give a positive number")
    generator = np.random.default_rng(seed)

    @functools.wraps(f, updated=())
    def estimate(*args, **kwargs):
        leaves, structure, call = split(with_kwargs(f, kwargs), args, argnums)
        total = [np.zeros(shape_of(x), dtype_of(x)) for x in leaves]
        for _ in range(directions):
            vs = [_normal(generator, x) for x in leaves]
            values, pushed, _ = push(f, leaves, vs, call, kinks)
            one_scalar(values, f)
            total = [t + pushed[0] * v / directions for t, v in zip(total, vs)]
        return unflatten(structure, [t[()] for t in total])

    return estimate


def _normal(generator, x):
    """Independent standard normal numbers of the shape and data type of `x`; of a complex one both parts are."""
    v = generator.standard_normal(shape_of(x))
    return (v + 1j * generator.standard_normal(shape_of(x)) if dtype_of(x).kind == "c" else v).astype(dtype_of(x))

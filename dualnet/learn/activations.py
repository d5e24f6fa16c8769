"""Activation functions by name: elementwise rows with their one derivative, and softmax."""

import numpy as np
from scipy.special import expit as sigmoid
from scipy.special import ndtr

from dualnet.errors import ArgumentError
from dualnet.graph import Node
from dualnet.table import special as _rows  # noqa: F401 (the rows of expit and ndtr)
from dualnet.table.ordering import LOCAL
from dualnet.table.row import TABLE, Pointwise, primal


def identity(x):
    """x."""
    return x


def gelu(x):
    """x times the normal distribution function of x (Hendrycks and Gimpel 2016)."""
    return x * ndtr(x)


def softplus(x):
    """log(1 + exp(x))."""
    return np.logaddexp(0.0 * primal(x), x)


_relu_local = Pointwise("relu", lambda x: np.maximum(x, 0), (lambda x, out: primal(x) >= 0,))


def relu(x):
    """max(x, 0) (Nair and Hinton 2010)."""
    if type(x) is Node and type(x.value) is np.ndarray and LOCAL.get():
        return _relu_local(x)  # one step of the tape; the slope at 0 is the first's, 1
    return np.maximum(x, 0)


def leaky_relu(x):
    """max(x, x / 100) (Maas, Hannun and Ng 2013)."""
    return np.maximum(x, 0.01 * x)


def elu(x):
    """x for x > 0, else exp(x) - 1 (Clevert, Unterthiner and Hochreiter 2016)."""
    positive = primal(x) > 0
    return np.where(positive, x, np.expm1(np.where(positive, 0, x)))  # smooth at 0: the branch is taken by value, with its slope 1


def softmax(x):
    """exp(x) over its sum along the last axis, the largest subtracted first."""
    e = np.exp(x - np.max(primal(x), axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


ACTIVATIONS = {f.__name__: f for f in (identity, relu, leaky_relu, elu, gelu, softplus, softmax)}
ACTIVATIONS |= {"sigmoid": sigmoid, "tanh": np.tanh}
RELU_LIKE = {"relu", "leaky_relu", "elu", "gelu", "softplus"}  # He's initialisation; the others take Glorot's


def activation(name):
    """The function of that name: one of this file, a row of the table, or a callable itself."""
    if callable(name):
        return name
    if name in ACTIVATIONS:
        return ACTIVATIONS[name]
    if isinstance(name, str) and name in TABLE and TABLE[name].kind == "pointwise":
        return getattr(np, name, TABLE[name])
    raise ArgumentError(f"activation={name!r}: choose one of {', '.join(ACTIVATIONS)}, a pointwise row of dn.table, or a function")

"""Rows that do in one recorded step what the plain formula does in several; the formula stays the meaning.

The reverse mode asks for them (a training step of a small network is mostly bookkeeping otherwise);
forward mode, Taylor and SymPy read the formula. So that forward and reverse agree proves the pulls.
"""

import numpy as np

from dualnet.graph import Node
from dualnet.operators import jvp
from dualnet.table.row import Linear, highest, primal


def fused(*pulls):
    """Decorate a formula with the pulls ``(g, out, *arguments)`` of its leading arguments.

    Further arguments, such as targets, are constants of the step. A pull takes any leading axes of g.
    """
    count = len(pulls)

    def decorate(formula):
        row = Linear(formula.__name__, formula)

        def call(*args):
            operands, rest = args[:count], args[count:]
            if type(highest(operands)) is not Node:
                return formula(*args)
            value = (lambda *xs: formula(*xs, *rest)) if rest else formula
            return row.read(list(operands), value, [_push(value, i) for i in range(count)],
                            [lambda g, out, *xs, pull=pull: pull(g, out, *xs, *rest) for pull in pulls])

        call.__name__, call.__doc__, call.formula = formula.__name__, formula.__doc__, formula
        return call

    return decorate


def _push(formula, i):
    """The push of operand i by a forward sweep of the formula; wanted only where a kink asks what lies ahead."""
    def push(t, out, *xs):
        return jvp(lambda x: formula(*xs[:i], x, *xs[i + 1:]), (xs[i],), (t,))[1]

    return push


@fused(lambda g, out, x, W, b: g @ W.T, lambda g, out, x, W, b: x.T @ g, lambda g, out, x, W, b: np.sum(g, axis=-2))
def affine(x, W, b):
    """x W + b for x of shape (n, p), W (p, q), b (q,)."""
    return x @ W + b


def _mean_pull(g, out, x):
    return np.broadcast_to(np.reshape(g * (1 / np.size(x)), np.shape(g) + (1,) * np.ndim(x)), np.shape(g) + np.shape(x))


@fused(_mean_pull)
def mean(x):
    """The mean of all elements."""
    return np.mean(x)


def _at(z, y):
    return z[np.arange(len(y)), y]


def _softmax_minus_one_hot(g, out, z, y):
    p = np.exp(z - (_at(z, y) + out)[:, None])
    return (p - (y[:, None] == np.arange(np.shape(z)[1]))) * g[..., None]


@fused(_softmax_minus_one_hot)
def cross_entropy(z, y):
    """log sum_j exp(z_j) - z_y for each row of logits z (n, k) and classes y (n,).

    The largest logit is subtracted first, so nothing overflows (any constant may be subtracted; it has no
    derivative).
    """
    shifted = z - np.max(primal(z), axis=-1, keepdims=True)
    return np.log(np.sum(np.exp(shifted), axis=-1)) - _at(shifted, y)

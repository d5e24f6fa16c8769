"""The row that learning adds to the table's: the cross-entropy of logits, one step where its formula takes six.

A training step of a small network is mostly bookkeeping of steps, and every classifier ends in this one. The partials
stand once, in `_partials`; forward, reverse and Taylor mode read them there, as those of any linear row. SymPy reads
the formula, which makes it the oracle of the row.
"""

import numpy as np

from dualnet.symbolic import Symbolic
from dualnet.table.row import Linear, highest, primal


def _shifted(z):
    """The logits less the largest, so that nothing overflows; any constant may be taken off, it has no derivative."""
    return z - np.max(primal(z), axis=-1, keepdims=True)


def _formula(z, y):
    shifted = _shifted(z)
    return np.log(np.sum(np.exp(shifted), axis=-1)) - shifted[np.arange(len(y)), y]


def _partials(z, y):
    """softmax(z) less 1 for the own class. The value would save a sum, but has lost digits where the own logit is far from the largest."""
    e = np.exp(_shifted(z))
    return e / np.sum(e, axis=-1, keepdims=True) - (y[:, None] == np.arange(np.shape(z)[-1]))


def _rule(z, y):
    return ([z], lambda z: _formula(z, y), [lambda t, out, z: np.sum(_partials(z, y) * t, -1)],
            [lambda g, out, z: np.expand_dims(g, -1) * _partials(z, y)])


_row = Linear("cross_entropy", _rule)


def cross_entropy(z, y):
    """log sum_j exp(z_j) - z_y for each row of logits z (n, k) and classes y (n,).

    Examples
    --------
    >>> cross_entropy(np.array([[0.0, 0.0], [1e4, 0.0]]), np.array([1, 1])).round(4)
    array([6.931e-01, 1.000e+04])
    """
    return _formula(z, y) if type(highest((z,))) is Symbolic else _row(z, y)

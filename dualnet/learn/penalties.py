"""Penalties on the weights; biases are never penalised."""

import numpy as np

from dualnet.learn.values import not_negative


class Penalty:
    """Something added to the loss: ``penalty(parameters)``, a plain NumPy function."""

    def __call__(self, parameters):
        total = 0.0
        for layer in parameters:
            if "weights" in layer:
                total = total + self.of(layer["weights"])
        return total

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in vars(self).items())})"


class L2(Penalty):
    """``strength / 2`` times the sum of squared weights.

    Its gradient is ``strength * w``: for plain SGD the same as weight decay, ``w (1 - rate strength)``; and
    n times the penalised mean loss is minus the log posterior with a normal prior of variance
    ``1 / (n strength)`` on each weight.

    Examples
    --------
    >>> import numpy as np
    >>> float(L2(0.1)([{"weights": np.array([[3.0, 4.0]]), "bias": np.array([9.0])}]))
    1.25
    """

    def __init__(self, strength=1e-3):
        self.strength = not_negative(strength, "L2: strength")

    def of(self, W):
        """The penalty of one array of weights."""
        w = np.reshape(W, -1)
        return 0.5 * self.strength * (w @ w)


class L1(Penalty):
    """``strength / 2`` times the sum of absolute weights (with the lecture's one half)."""

    def __init__(self, strength=1e-3):
        self.strength = not_negative(strength, "L1: strength")

    def of(self, W):
        """The penalty of one array of weights."""
        return 0.5 * self.strength * np.sum(np.abs(W))


class ElasticNet(Penalty):
    """The sum of L1 and L2 (Zou and Hastie 2005)."""

    def __init__(self, l1=1e-3, l2=1e-3):
        self.l1, self.l2 = not_negative(l1, "ElasticNet: l1"), not_negative(l2, "ElasticNet: l2")

    def of(self, W):
        """The penalty of one array of weights."""
        return L1(self.l1).of(W) + L2(self.l2).of(W)

"""Steps downhill. Each optimizer is one function of (gradient, its memory, rate, step number) with its paper.

``update`` returns what is added to the parameters and the new memory. It is plain NumPy without in-place
writes, so that dual numbers run through a whole training (hypergradients); :meth:`Optimizer.step` applies it
in place, in pieces that fit the processor's cache.
"""

import numpy as np

from dualnet.errors import ArgumentError
from dualnet.learn.schedules import as_schedule
from dualnet.learn.values import not_negative, positive, share

PIECE = 1 << 15  # numbers updated at a time: gradient, memories and temporaries stay in cache
TINY = 1e-30     # keeps the slope of sqrt at an exact 0 finite; far below any `eps`


class Optimizer:
    """A rule for the next step; `memory` names the arrays it keeps, each like the parameters.

    Parameters
    ----------
    learning_rate : float or Schedule
    """

    memory = ()

    def __init__(self, learning_rate):
        self.learning_rate = as_schedule(learning_rate)

    def start(self, flat):
        """Memory to begin with."""
        return {name: np.zeros_like(flat) for name in self.memory}

    def step(self, flat, gradient, memory, rate, count):
        """Move `flat` in place by one step; `count` is 1 for the first."""
        for first in range(0, flat.size, PIECE):
            piece = slice(first, first + PIECE)
            p = flat[piece]
            change, new = self.update(gradient[piece], {k: v[piece] for k, v in memory.items()}, rate, count, p)
            for name, value in new.items():
                memory[name][piece] = value
            p += change

    def update(self, g, memory, rate, count, p):
        """The change of the parameters p and the new memory."""
        raise NotImplementedError

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in vars(self).items())})"


class GradientDescent(Optimizer):
    """``w - rate * gradient`` of the loss on all data at once (Cauchy 1847); `line_search` backtracks.

    Parameters
    ----------
    learning_rate : float or Schedule
    line_search : bool
        Halve the step until the loss falls by a ten-thousandth of what the slope promises (Armijo 1966).
    """

    full_batch = True

    def __init__(self, learning_rate=0.1, *, line_search=False):
        super().__init__(learning_rate)
        self.line_search = line_search

    def update(self, g, memory, rate, count, p):
        return -rate * g, {}


class SGD(Optimizer):
    """Stochastic gradient descent (Robbins and Monro 1951) on minibatches reshuffled every epoch.

    Parameters
    ----------
    learning_rate : float or Schedule
    momentum : float
        The share of the last step that is kept (Polyak 1964).
    nesterov : bool
        Look ahead along it (Nesterov 1983; in the form of Sutskever and others 2013).
    """

    def __init__(self, learning_rate=0.01, *, momentum=0.0, nesterov=False):
        super().__init__(learning_rate)
        self.momentum, self.nesterov = share(momentum, "SGD: momentum"), nesterov
        if nesterov and not momentum:
            raise ArgumentError("SGD: nesterov=True needs a momentum above 0")

    @property
    def memory(self):
        """The velocity, where there is a momentum."""
        return ("velocity",) if self.momentum else ()

    def update(self, g, memory, rate, count, p):
        if not self.momentum:
            return -rate * g, {}
        v = self.momentum * memory["velocity"] + g
        return -rate * (g + self.momentum * v if self.nesterov else v), {"velocity": v}


class Adagrad(Optimizer):
    """The rate of each parameter divided by the root of its sum of squared gradients (Duchi and others 2011)."""

    memory = ("squares",)

    def __init__(self, learning_rate=0.01, *, eps=1e-10):
        super().__init__(learning_rate)
        self.eps = positive(eps, "Adagrad: eps")

    def update(self, g, memory, rate, count, p):
        s = memory["squares"] + g * g
        return -rate * g / (np.sqrt(s + TINY) + self.eps), {"squares": s}


class RMSprop(Optimizer):
    """As Adagrad, with a running mean instead of the sum (Tieleman and Hinton 2012)."""

    memory = ("squares",)

    def __init__(self, learning_rate=0.01, *, decay=0.99, eps=1e-8):
        super().__init__(learning_rate)
        self.decay, self.eps = share(decay, "RMSprop: decay"), positive(eps, "RMSprop: eps")

    def update(self, g, memory, rate, count, p):
        s = self.decay * memory["squares"] + (1 - self.decay) * (g * g)
        return -rate * g / (np.sqrt(s + TINY) + self.eps), {"squares": s}


class Adam(Optimizer):
    """Running means of gradient and squared gradient, corrected for their start (Kingma and Ba 2015)."""

    memory = ("mean", "squares")

    def __init__(self, learning_rate=1e-3, *, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(learning_rate)
        self.beta1, self.beta2, self.eps = share(beta1, "beta1"), share(beta2, "beta2"), positive(eps, "eps")

    def update(self, g, memory, rate, count, p):
        m = self.beta1 * memory["mean"] + (1 - self.beta1) * g
        s = self.beta2 * memory["squares"] + (1 - self.beta2) * (g * g)
        root = (1 - self.beta2 ** count) ** 0.5
        change = (-rate * root / (1 - self.beta1 ** count)) * m / (np.sqrt(s + TINY) + self.eps * root)
        return change, {"mean": m, "squares": s}


class AdamW(Adam):
    """Adam with the weights decayed apart from the gradient (Loshchilov and Hutter 2019).

    As in other libraries every parameter decays, biases too; for weights only, use ``penalty=L2(...)``.
    """

    def __init__(self, learning_rate=1e-3, *, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(learning_rate, beta1=beta1, beta2=beta2, eps=eps)
        self.decay = not_negative(decay, "AdamW: decay")

    def update(self, g, memory, rate, count, p):
        change, new = super().update(g, memory, rate, count, p)
        return change - (rate * self.decay) * p, new


class ScipyOptimizer:
    """A second-order method on all data at once; `epochs` bounds its iterations."""

    method = ""

    def __init__(self, tolerance=1e-8):
        self.tolerance = positive(tolerance, f"{type(self).__name__}: tolerance")

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in vars(self).items())})"


def stepwise(optimizer, who):
    """`optimizer`, if it goes step by step at a learning rate (None is the default one)."""
    if not isinstance(optimizer, (Optimizer, type(None))):
        raise ArgumentError(f"{who} needs an optimizer that has a learning rate, such as Adam(1e-3) or SGD(0.1), not {optimizer!r:.60}")
    return optimizer


class LBFGS(ScipyOptimizer):
    """SciPy's L-BFGS-B (Byrd, Lu, Nocedal and Zhu 1995)."""

    method = "L-BFGS-B"


class TrustNCG(ScipyOptimizer):
    """SciPy's trust-region Newton method with exact Hessian-vector products, forward over reverse."""

    method = "trust-ncg"


class LevenbergMarquardt(ScipyOptimizer):
    """Damped Gauss-Newton steps (Levenberg 1944, Marquardt 1963) with exact Jacobians, for squared losses."""

    method = "lm"

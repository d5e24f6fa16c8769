"""Derivatives through a whole training run: how the validation loss depends on learning rate and penalty.

The run is a function of its hyperparameters, so forward mode differentiates it as it goes: dual numbers
carry parameters and optimizer memory along, and no step needs to be remembered (Franceschi, Donini, Frasconi
and Pontil 2017, forward version). Memory does not grow with the number of steps.
"""

import copy

import numpy as np

from dualnet.dual import Dual, make
from dualnet.errors import ArgumentError
from dualnet.learn.data import Arrays
from dualnet.learn.fitting import generator, held_out, prepare
from dualnet.learn.gradients import flattened, leaves, objective_of, views
from dualnet.learn.optimizers import stepwise
from dualnet.learn.values import whole
from dualnet.operators import jvp, value_and_grad
from dualnet.tangents import Live


def settled(x):
    """`x` with a plain tangent: the note of which elements are structural zeros would hold on to every step before."""
    if type(x) is Dual and type(x._tangent) is Live:
        return make(x.value, x._tangent.values, x.level)
    return x


class Unrolled:
    """Training as a function ``(log rate, log strength) -> validation loss``, deterministic.

    Parameters
    ----------
    network : Network
        Its layers and likelihood; its parameters are not touched.
    X, y : array_like
        Learnt from.
    validation : tuple (X, y)
    optimizer : Optimizer
        Its learning rate is multiplied by the rate asked for over its own initial one.
    penalty : Penalty, optional
        With a `strength`.
    steps : int
    batch_size : int, optional
    seed : int
    """

    def __init__(self, network, X, y, validation, optimizer, penalty=None, *, steps=100, batch_size=None, seed=0):
        self.network, self.optimizer, self.penalty = copy.deepcopy(network), stepwise(optimizer, "a hypergradient"), penalty
        whole(steps, "steps")
        whole(1 if batch_size is None else batch_size, "batch_size")
        self.steps, self.batch_size, self.seed = steps, batch_size, seed
        rng = generator(seed)
        self.data, _ = prepare(self.network, X, y, None, None, batch_size, rng, fresh=True)
        self.held = held_out(self.network, validation)
        self.start = flattened(self.network.parameters, self.network.dtype)[0]

    def _batches(self, rng):
        done = 0
        while True:
            for X, y, _ in Arrays(self.data.X, self.data.y, None, self.batch_size).epoch(rng):
                if done == self.steps:
                    return
                done += 1
                yield done, X, y

    def trained(self, rate, strength=None):
        """Flat parameters after the run."""
        rng, network = np.random.default_rng(self.seed + 1), self.network
        penalty = self.penalty
        if strength is not None:
            penalty = copy.copy(penalty)
            penalty.strength = strength
        gradient = value_and_grad(objective_of(network, penalty), mode="reverse", kinks="local")
        flat, memory, schedule = self.start.copy(), self.optimizer.start(self.start), self.optimizer.learning_rate
        for count, X, y in self._batches(rng):
            masks = network.draw(len(X), rng)
            _, parts = gradient(views(flat, network.parameters), X, y, None, masks)
            g = np.concatenate([np.reshape(p, -1) for p in leaves(parts)])
            change, memory = self.optimizer.update(g, memory, rate * schedule.factor((count - 1) / len(self.data)), count, flat)
            flat, memory = settled(flat + change), {k: settled(v) for k, v in memory.items()}
        return flat

    def __call__(self, log_rate, log_strength=None):
        """Validation loss after training at these logarithms."""
        strength = None if log_strength is None else np.exp(log_strength)
        flat = self.trained(np.exp(log_rate), strength)
        X, y, weights = self.held
        return self.network.loss(views(flat, self.network.parameters), X, y, weights=weights)

    def hypergradient(self, log_rate, log_strength=None):
        """Validation loss and its derivatives by the logarithms of rate and (where given) strength."""
        point = (float(log_rate),) if log_strength is None else (float(log_rate), float(log_strength))
        slopes = []
        for k in range(len(point)):
            value, slope = jvp(self, point, tuple(float(j == k) for j in range(len(point))), kinks="local")
            slopes.append(float(slope))
        return float(value), np.array(slopes)


def hypergradient(network, X, y, *, validation, optimizer, penalty=None, steps=100, batch_size=None, seed=0):
    """d(validation loss)/d(learning rate) and, with a penalty, d/d(its strength), through a whole training run.

    Forward mode through every step: exact, in memory that does not grow with `steps`.

    Returns
    -------
    dict
        ``loss``, ``learning_rate`` and, where there is a penalty, ``penalty``: the derivatives.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnet.learn import SGD, Dense, Network, Normal
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> out = hypergradient(Network([Dense(1)], Normal()), X, 2 * X[:, 0], validation=(X, 2 * X[:, 0]), optimizer=SGD(0.1), steps=10)
    >>> bool(out["learning_rate"] < 0)  # a larger rate would have learnt more
    True
    """
    run = Unrolled(network, X, y, validation, optimizer, penalty, steps=steps, batch_size=batch_size, seed=seed)
    rate, strength = optimizer.learning_rate.initial, None if penalty is None else penalty.strength
    if strength is not None and not strength > 0:
        raise ArgumentError("hypergradient: the penalty needs a strength above 0")
    loss, slopes = run.hypergradient(np.log(rate), None if strength is None else np.log(strength))
    out = {"loss": loss, "learning_rate": float(slopes[0] / rate)}
    return out if strength is None else {**out, "penalty": float(slopes[1] / strength)}

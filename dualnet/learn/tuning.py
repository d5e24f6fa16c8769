"""Setting the learning rate and the penalty: by hypergradients, and by a range test."""

import copy
from dataclasses import dataclass, field

import numpy as np

from dualnet.errors import ArgumentError
from dualnet.learn.data import split
from dualnet.learn.optimizers import Adam, stepwise
from dualnet.learn.penalties import L2
from dualnet.learn.unrolled import Unrolled
from dualnet.learn.values import positive, whole


@dataclass
class Tuned:
    """What :func:`tune` found: the best `learning_rate` and `penalty` strength, their validation `loss`, every step's `trace`."""

    learning_rate: float
    penalty: float | None
    loss: float
    trace: list = field(default_factory=list, repr=False)
    _optimizer: object = field(default=None, repr=False)
    _penalty: object = field(default=None, repr=False)

    @property
    def optimizer(self):
        """The optimizer with the rate found."""
        found = copy.deepcopy(self._optimizer)
        found.learning_rate.initial = self.learning_rate
        return found

    @property
    def regulariser(self):
        """The penalty with the strength found."""
        if self._penalty is None:
            return None
        found = copy.copy(self._penalty)
        found.strength = self.penalty
        return found


def tune(network, X, y, *, optimizer=None, penalty=None, validation=0.2, steps=100, batch_size=32, iterations=15, seed=0):
    """Set learning rate and penalty by going down the hypergradient of the validation loss.

    The logarithms of rate and strength move by signed steps that grow while the slope keeps its sign and shrink
    when it turns (Rprop: Riedmiller and Braun 1993), which bears the wide range of slopes; the best point seen is
    returned. A rate at which training diverges counts as too large.

    Parameters
    ----------
    network : Network
    X, y : array_like
    optimizer : Optimizer, default Adam(1e-2)
        Its rate is the start.
    penalty : Penalty with a strength, default L2(1e-3)
        Its strength is the start; False for none.
    validation : float or tuple (X, y)
    steps : int
        Of each training run.
    iterations : int
        Training runs.

    Returns
    -------
    Tuned
    """
    optimizer = Adam(1e-2) if optimizer is None else optimizer
    penalty = L2(1e-3) if penalty is None else penalty or None
    if penalty is not None and not hasattr(penalty, "strength"):
        raise ArgumentError(f"tune moves the strength of L1 or L2, not {penalty!r}")
    whole(iterations, "iterations")
    X, y = np.asarray(X), np.asarray(y)
    if not isinstance(validation, (tuple, list)):
        learn, test = split(len(X), validation, np.random.default_rng(seed), y if len(np.unique(y)) <= 20 else None)
        X, y, validation = X[learn], y[learn], (X[test], y[test])
    run = Unrolled(network, X, y, validation, optimizer, penalty, steps=steps, batch_size=batch_size, seed=seed)
    point = np.log([optimizer.learning_rate.initial] + ([] if penalty is None else [max(penalty.strength, 1e-12)]))
    best, trace = _rprop(run, point, iterations)
    strength = None if penalty is None else float(np.exp(best["point"][1]))
    return Tuned(float(np.exp(best["point"][0])), strength, best["loss"], trace, optimizer, penalty)


def _rprop(run, point, iterations):
    size, last, trace = np.full(len(point), 0.5), np.zeros(len(point)), []
    for _ in range(iterations):
        with np.errstate(all="ignore"):
            loss, slope = run.hypergradient(*point)
        if not (np.isfinite(loss) and np.isfinite(slope).all()):
            loss, slope = np.inf, np.array([1.0] + [0.0] * (len(point) - 1))
        trace.append({"point": point.copy(), "loss": loss, "slope": slope})
        turned = np.sign(slope) * np.sign(last)
        size = np.clip(size * np.where(turned > 0, 1.3, np.where(turned < 0, 0.5, 1.0)), 0.02, 2.0)
        point, last = point - size * np.sign(slope), slope
    return min(trace, key=lambda row: row["loss"]), trace


def learning_rate_range_test(network, X, y, *, optimizer=None, low=1e-6, high=10.0, steps=100, batch_size=32, penalty=None, seed=0,
                             path=None):
    """Train while the rate grows from `low` to `high`, and see where the loss falls fastest (Smith 2017).

    Returns
    -------
    rates, losses : ndarray
        Up to where the smoothed batch loss exceeded four times its least.
    suggestion : float
        The rate of the steepest fall.
    """
    from dualnet.learn.fitting import prepare
    from dualnet.learn.training import Trainer
    from dualnet.learn.watching import DivergedError

    positive(low, "learning_rate_range_test: low"), whole(steps, "learning_rate_range_test: steps")
    stepwise(optimizer, "learning_rate_range_test")
    if not high > low:
        raise ArgumentError(f"learning_rate_range_test: high={high!r} is not above low={low!r}")
    network, rng = copy.deepcopy(network), np.random.default_rng(seed)
    data, _ = prepare(network, X, y, None, None, batch_size, rng, fresh=True)
    options = {"optimizer": copy.deepcopy(optimizer or Adam()), "penalty": penalty, "gradient": "reverse", "directions": 1, "noise": None}
    trainer = Trainer(network, data, None, options, rng)
    rates, losses, smooth = np.geomspace(low, high, steps), [], None
    trainer.optimizer.learning_rate = lambda epoch: rates[len(losses)]
    batches = (batch for _ in range(steps) for batch in data.epoch(rng))
    for trainer.batch, (X_batch, y_batch, weights) in zip(range(steps), batches):
        try:
            with np.errstate(all="ignore"):
                loss = trainer.step(X_batch, y_batch, weights)[0]
        except DivergedError:
            break
        smooth = loss if smooth is None else 0.8 * smooth + 0.2 * loss
        losses.append(smooth)
        if smooth > 4 * min(losses) + 1e-12:
            break
    losses = np.array(losses)
    rates = rates[:len(losses)]
    wide = max(1, len(losses) // 10)  # batch losses are noisy: the fall is taken over a tenth of the test
    suggestion = float(rates[int(np.argmin(losses[wide:] - losses[:-wide])) + wide // 2]) if len(losses) > wide else low
    if path is not None:
        from dualnet.learn.plots import plot_range_test
        plot_range_test(rates, losses, suggestion, path)
    return rates, losses, suggestion

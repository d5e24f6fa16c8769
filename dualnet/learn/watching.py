"""What watches over a run or disturbs it: early stopping, noise, and the error of a run that diverged."""

from dataclasses import dataclass

import numpy as np

from dualnet.errors import ArgumentError, DualnetError
from dualnet.learn.schedules import positive


class DivergedError(DualnetError, FloatingPointError):
    """The loss or its gradient became NaN or infinite; the network holds the last good parameters.

    Attributes
    ----------
    history : History
        The trace up to there.
    """

    history = None


class EarlyStopping:
    """Stop when the validation loss has not improved for `patience` epochs, and go back to its best weights.

    Without validation data the training loss is watched.

    Parameters
    ----------
    patience : int, default 10
    tolerance : float, default 0
        How much lower counts as an improvement.
    """

    def __init__(self, patience=10, tolerance=0.0):
        if isinstance(patience, bool) or not isinstance(patience, (int, np.integer)) or patience < 1:
            raise ArgumentError(f"EarlyStopping: patience={patience!r}; give a whole number of epochs, at least 1")
        if not tolerance >= 0:
            raise ArgumentError(f"EarlyStopping: tolerance={tolerance!r}; give a number of at least 0")
        self.patience, self.tolerance = int(patience), float(tolerance)

    def __repr__(self):
        return f"EarlyStopping(patience={self.patience}, tolerance={self.tolerance})"


@dataclass
class Noise:
    """Random noise that fades: standard deviation ``scale / (1 + step) ** decay`` (Neelakantan and others 2015).

    `on` "gradient" adds it to each gradient; "loss" multiplies the loss by 1 plus it.
    """

    scale: float = 0.01
    decay: float = 0.275
    on: str = "gradient"

    def __post_init__(self):
        positive(self.scale, "Noise: scale")
        if self.on not in ("gradient", "loss"):
            raise ArgumentError(f'Noise: on={self.on!r}; choose "gradient" or "loss"')

    def disturb(self, gradient, step, rng):
        """Disturb `gradient` in place."""
        sigma = self.scale / (1 + step) ** self.decay
        if self.on == "loss":
            gradient *= 1 + sigma * float(rng.standard_normal())
        else:
            gradient += sigma * rng.standard_normal(gradient.shape, dtype=gradient.dtype)

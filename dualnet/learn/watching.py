"""What watches over a run or disturbs it: early stopping, noise, and the error of a run that diverged."""

from dataclasses import dataclass

from dualnet.errors import ArgumentError, DualnetError
from dualnet.learn.values import not_negative, positive, whole


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

    Parameters
    ----------
    patience : int, default 10
    tolerance : float, default 0
        How much better counts as an improvement.
    watch : str, optional
        The column of the history to watch: one of your `metrics`, say. By default the validation loss; without
        validation data, the training loss.
    larger_is_better : bool, default False
        True for a metric such as the accuracy.

    Examples
    --------
    >>> EarlyStopping(20, watch="accuracy", larger_is_better=True)
    EarlyStopping(patience=20, tolerance=0.0, watch='accuracy', larger_is_better=True)
    """

    def __init__(self, patience=10, tolerance=0.0, *, watch=None, larger_is_better=False):
        if watch is not None and not isinstance(watch, str):
            raise ArgumentError(f"EarlyStopping: watch={watch!r}; give the name of a column of the history")
        self.patience = whole(patience, "EarlyStopping: patience")
        self.tolerance = not_negative(tolerance, "EarlyStopping: tolerance")
        self.watch, self.larger_is_better = watch, bool(larger_is_better)

    def value(self, row):
        """What is to become small in a row of the history."""
        if self.watch is None:
            return watched(row)
        if self.watch not in row:
            raise ArgumentError(f"EarlyStopping(watch={self.watch!r}): the history has no such column; it has {', '.join(row)}")
        return -row[self.watch] if self.larger_is_better else row[self.watch]

    def __repr__(self):
        return f"EarlyStopping({', '.join(f'{k}={v!r}' for k, v in vars(self).items())})"


def watched(row):
    """The loss that says how well a run does: the validation loss where there is one."""
    return row.get("validation_loss", row["loss"])


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
        not_negative(self.decay, "Noise: decay")
        if self.on not in ("gradient", "loss"):
            raise ArgumentError(f'Noise: on={self.on!r}; choose "gradient" or "loss"')

    def disturb(self, gradient, step, rng):
        """Disturb `gradient` in place."""
        sigma = self.scale / (1 + step) ** self.decay
        if self.on == "loss":
            gradient *= 1 + sigma * float(rng.standard_normal())
        else:
            gradient += sigma * rng.standard_normal(gradient.shape, dtype=gradient.dtype)

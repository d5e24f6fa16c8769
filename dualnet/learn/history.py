"""The trace of a training run: what was recorded, its plot, and what it says."""

import csv
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Diagnosis:
    """What a trace shows and what to change; ``str()`` is a sentence for people."""

    case: str
    overfitting: bool
    advice: str

    def __str__(self):
        return f"{self.case}{', overfitting' if self.overfitting else ''}: {self.advice}"


ADVICE = {
    "still decreasing": "the loss was still falling at the end: train for more epochs, or raise the learning rate",
    "oscillating": "the loss goes up and down without falling: lower the learning rate (divide it by 3 to 10), or let it decay",
    "diverging": "the loss grows: lower the learning rate (divide it by 10), scale the features",
    "converged": "the loss has settled: done; other seeds (restarts=) show whether a better minimum exists",
    "too short": "fewer than 5 epochs say nothing: train for longer",
}
OVERFITTING = ("; the validation loss turned up while the training loss kept falling: stop early (EarlyStopping), penalise (L2), "
               "use dropout, or get more data")


class History:
    """Columns of numbers, one for each epoch: ``history["loss"]``.

    Attributes
    ----------
    columns : dict of list
        ``epoch``, ``loss`` (mean over the epoch's batches, with the penalty), ``learning_rate``, ``gradient_norm`` (of the
        last batch), ``seconds``; with validation data ``validation_loss``; and your metrics.
    best_epoch : int or None
        Where the parameters that were kept come from; 0 is the start.
    stopped : str
        Why training ended.
    restarts : list
        The final loss of each restart, best first kept.
    """

    def __init__(self):
        self.columns, self.best_epoch, self.stopped, self.restarts = {}, None, "", []

    def record(self, **row):
        """Append one epoch."""
        for name, value in row.items():
            self.columns.setdefault(name, []).append(value)

    def rows(self):
        """One dict for each epoch."""
        return [dict(zip(self.columns, values)) for values in zip(*self.columns.values())]

    def __getitem__(self, name):
        return np.array(self.columns[name])

    def __contains__(self, name):
        return name in self.columns

    def __len__(self):
        return len(self.columns.get("loss", ()))

    def __repr__(self):
        if not len(self):
            return "History(empty)"
        last = {k: v[-1] for k, v in self.columns.items()}
        return f"History({len(self)} epochs, loss {last['loss']:.4g}, {self.stopped})"

    def diagnose(self):
        """Tell still decreasing, oscillating, diverging and converged traces apart, and overfitting.

        The last half of the trace is compared with its own noise: `diverging` where it ends above the start
        or is not finite; `oscillating` where steps up and down are many and large beside the trend;
        `still decreasing` where the trend over the last fifth is more than a fiftieth of the total fall and
        more than the noise; else `converged`. `overfitting` where the validation loss ends clearly above its
        minimum while the training loss fell on.

        Returns
        -------
        Diagnosis

        Examples
        --------
        >>> trace = History()
        >>> for k in range(50):
        ...     trace.record(epoch=k + 1, loss=1 - k / 100)
        >>> trace.diagnose().case
        'still decreasing'
        """
        loss = self["loss"] if len(self) else np.zeros(0)
        case = _case(loss)
        over = case != "diverging" and "validation_loss" in self and _overfits(loss, self["validation_loss"])
        return Diagnosis(case, over, ADVICE[case] + (self._overfitting() if over else ""))

    def _overfitting(self):
        """What to do about it, or that early stopping has done it."""
        if not self.best_epoch or self.best_epoch >= len(self):
            return OVERFITTING
        return f"; the validation loss turned up, and the weights kept are those of epoch {self.best_epoch}, before most of that"

    def plot(self, path=None, ax=None):
        """Draw the trace; with `path`, write it as a picture. Returns the axes."""
        from dualnet.learn.plots import plot_trace
        return plot_trace(self, path, ax)

    def to_csv(self, path):
        """Write the columns as a table."""
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(self.columns)
            writer.writerows(zip(*self.columns.values()))

    def frame(self):
        """The columns as a pandas DataFrame."""
        from dualnet.learn.extras import need
        return need("pandas").DataFrame(self.columns)


def _case(loss):
    if len(loss) and not np.isfinite(loss).all():
        return "diverging"
    if len(loss) < 5:
        return "too short"
    half = loss[len(loss) // 2:]
    scale = np.max(loss) - np.min(loss)
    if np.mean(half[-max(2, len(half) // 4):]) > loss[0] + 0.1 * abs(loss[0]) and half[-1] > 1.1 * np.min(loss):
        return "diverging"
    steps = np.diff(half)
    turns = np.mean(np.sign(steps[1:]) != np.sign(steps[:-1])) if len(steps) > 1 else 0.0
    swing = np.mean(np.abs(steps))
    fall = abs(half[0] - half[-1])
    size = max(abs(np.mean(half)), 1e-12)
    if turns > 0.4 and swing > 0.1 * size and swing > 2 * fall / len(half):
        return "oscillating"
    tail = loss[-max(5, len(loss) // 5):]
    slope, noise = _line(tail)
    drop = -slope * (len(tail) - 1)
    if drop > 0.02 * scale and drop > 2 * noise / np.sqrt(len(tail)):
        return "still decreasing"
    return "converged"


def _line(y):
    """Slope of the least-squares line and the scatter around it."""
    x = np.arange(len(y)) - (len(y) - 1) / 2
    slope = x @ y / (x @ x)
    return slope, np.std(y - slope * x)


def _overfits(loss, validation):
    validation = validation[np.isfinite(validation)]
    if len(validation) < 5:
        return False
    wide = min(5, len(validation) // 3)
    validation = np.convolve(validation, np.full(wide, 1 / wide), "valid")  # one lucky epoch is no minimum
    best = int(np.argmin(validation))
    end = np.mean(validation[-max(1, len(validation) // 10):])
    rise = end - validation[best]
    noise = np.median(np.abs(np.diff(validation)))
    fell_on = loss[-1] < loss[min(best, len(loss) - 1)]
    return bool(len(validation) - best > max(5, 0.1 * len(validation)) and rise > max(0.02 * abs(validation[best]), 2 * noise) and fell_on)

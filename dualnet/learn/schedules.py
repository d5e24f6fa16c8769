"""How the learning rate changes: each schedule is a function of the epochs done so far (a real number)."""

import math

from dualnet.learn.values import not_negative, positive


class Schedule:
    """``schedule(epoch) -> learning rate``. `initial` is the rate that it starts from."""

    def __init__(self, initial):
        self.initial = positive(initial, f"{type(self).__name__}: the learning rate")

    def factor(self, epoch):
        """What the initial rate is multiplied by."""
        return 1.0

    def __call__(self, epoch):
        return self.initial * self.factor(epoch)

    def observe(self, loss):
        """Told the loss watched at the end of each epoch."""

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in vars(self).items())})"


class Constant(Schedule):
    """The same rate for ever."""


class Step(Schedule):
    """Multiplied by `gamma` every `every` epochs."""

    def __init__(self, initial, every=30, gamma=0.1):
        super().__init__(initial)
        self.every, self.gamma = positive(every, "Step: every"), positive(gamma, "Step: gamma")

    def factor(self, epoch):
        return self.gamma ** math.floor(epoch / self.every)


class Exponential(Schedule):
    """``gamma ** epoch``."""

    def __init__(self, initial, gamma=0.95):
        super().__init__(initial)
        self.gamma = positive(gamma, "Exponential: gamma")

    def factor(self, epoch):
        return self.gamma ** epoch


class InverseTime(Schedule):
    """``1 / (1 + decay epoch)``, which satisfies the conditions of Robbins and Monro (1951)."""

    def __init__(self, initial, decay=0.1):
        super().__init__(initial)
        self.decay = positive(decay, "InverseTime: decay")

    def factor(self, epoch):
        return 1 / (1 + self.decay * epoch)


class Cosine(Schedule):
    """Half a cosine from the initial rate down to `final` after `epochs` (Loshchilov and Hutter 2017)."""

    def __init__(self, initial, epochs, final=0.0):
        super().__init__(initial)
        self.epochs, self.final = positive(epochs, "Cosine: epochs"), not_negative(final, "Cosine: final")

    def factor(self, epoch):
        low = self.final / self.initial
        return low + (1 - low) * 0.5 * (1 + math.cos(math.pi * min(epoch / self.epochs, 1)))


class WarmUp(Schedule):
    """Up in a straight line over the first `epochs`, then as `schedule` says (Goyal and others 2017)."""

    def __init__(self, schedule, epochs=5):
        self.schedule = as_schedule(schedule)
        super().__init__(self.schedule.initial)
        self.epochs = positive(epochs, "WarmUp: epochs")

    def factor(self, epoch):
        return max(epoch / self.epochs, 1e-3) if epoch < self.epochs else self.schedule.factor(epoch - self.epochs)

    def observe(self, loss):
        self.schedule.observe(loss)


class ReduceOnPlateau(Schedule):
    """Multiplied by `gamma` when the watched loss has not improved for more than `patience` epochs.

    An improvement is one by more than `tolerance` times the size of the least loss so far.
    """

    def __init__(self, initial, patience=10, gamma=0.1, tolerance=1e-4):
        super().__init__(initial)
        self.patience, self.gamma = positive(patience, "ReduceOnPlateau: patience"), positive(gamma, "ReduceOnPlateau: gamma")
        self.tolerance = not_negative(tolerance, "ReduceOnPlateau: tolerance")
        self.reset()

    def reset(self):
        """Forget what was observed."""
        self.reduced, self.best, self.waited = 1.0, math.inf, 0

    def factor(self, epoch):
        return self.reduced

    def observe(self, loss):
        if loss < self.best - (self.tolerance * abs(self.best) if self.best < math.inf else 0.0):  # losses may be negative
            self.best, self.waited = loss, 0
            return
        self.waited += 1
        if self.waited > self.patience:
            self.reduced, self.waited = self.reduced * self.gamma, 0


def as_schedule(rate):
    """A schedule from a schedule, or a constant one from a number."""
    return rate if isinstance(rate, Schedule) else Constant(rate)

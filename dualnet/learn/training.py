"""Training: the loop over epochs and batches, and what watches over it."""

import math
import time
from dataclasses import dataclass, field

import numpy as np

from dualnet.learn.gradients import flattened, leaves, objective_of, source, views
from dualnet.learn.history import History
from dualnet.learn.watching import DivergedError, watched


@dataclass
class State:
    """Everything a run needs to go on from the end of an epoch bit for bit."""

    flat: np.ndarray
    memory: dict
    best: np.ndarray
    epoch: int = 0
    step: int = 0
    best_loss: float = math.inf
    best_epoch: int = 0
    waited: int = 0
    history: History = field(default_factory=History)


class Trainer:
    """One training run of a network on batches; made by :func:`fit`."""

    def __init__(self, network, data, validation, options, rng):
        self.network, self.data, self.validation, self.options, self.rng = network, data, validation, options, rng
        self.optimizer, self.penalty = options["optimizer"], options["penalty"]
        self.objective = objective_of(network, self.penalty)
        self.gradient = source(options["gradient"], network, self.penalty, directions=options["directions"], rng=rng)
        flat, network.parameters = flattened(network.parameters, network.dtype)
        self.state = State(flat, self.optimizer.start(flat), flat.copy())
        self.buffer, self.checkpoint = np.empty_like(flat), None

    # --- one step, one epoch, one run -----------------------------------------------------------------------

    def step(self, X, y, weights):
        """One step downhill on a batch; returns its loss and squared gradient norm."""
        state, network = self.state, self.network
        masks = network.draw(len(X), self.rng)
        loss, gradient = self.gradient(network.parameters, X, y, weights, masks)
        flat_gradient = np.concatenate([g.reshape(-1) for g in leaves(gradient)], out=self.buffer)
        norm2 = float(flat_gradient @ flat_gradient)
        loss = float(loss)
        if not math.isfinite(loss) or not (math.isfinite(norm2) or np.isfinite(flat_gradient).all()):
            raise DivergedError(self._where(X, loss, masks))
        if self.options["noise"] is not None:
            self.options["noise"].disturb(flat_gradient, state.step, self.rng)
        rate = self.optimizer.learning_rate(state.epoch + self.batch / max(len(self.data), 1))
        if getattr(self.optimizer, "line_search", False):
            rate = self._backtrack(rate, loss, norm2, (X, y, weights, masks))
        state.step += 1
        self.optimizer.step(state.flat, flat_gradient, state.memory, rate, state.step)
        self.rate = rate
        return loss, norm2

    def _backtrack(self, rate, loss, norm2, batch):
        """The largest rate / 2^k that satisfies Armijo's condition (1966), constant 1e-4."""
        for _ in range(50):
            trial = views(self.state.flat - rate * self.buffer, self.network.parameters)
            if float(self.objective(trial, *batch)) <= loss - 1e-4 * rate * norm2:
                break
            rate *= 0.5
        return rate

    def epoch(self):
        """One pass over the data; returns the row for the history."""
        begin, total, count, norm2, augment = time.perf_counter(), 0.0, 0.0, 0.0, self.options["augmentation"]
        for batch, (X, y, weights) in enumerate(self.data.epoch(self.rng)):
            self.batch = batch
            if augment is not None:
                X, y = augment(X, y, self.rng)
            loss, norm2 = self.step(X, y, weights)
            size = len(X) if weights is None else float(np.sum(weights))
            total, count = total + loss * size, count + size
        self.state.epoch += 1
        row = {"epoch": self.state.epoch, "loss": total / count, "learning_rate": float(self.rate), "gradient_norm": math.sqrt(norm2)}
        if self.validation is not None:
            row["validation_loss"] = self.validate()
        for name, metric in (self.options["metrics"] or {}).items():
            X, y, _ = self.validation if self.validation is not None else self.data.whole()
            row[name] = float(metric(y, self.network.predict(X)))
        return {**row, "seconds": time.perf_counter() - begin}

    def validate(self):
        """The loss on the validation data, without penalty or dropout."""
        X, y, weights = self.validation
        total = size = 0.0
        for i in range(0, len(X), 4096):
            rows = slice(i, i + 4096)
            w = None if weights is None else weights[rows]
            n = len(X[rows]) if w is None else float(np.sum(w))
            total += n * float(self.network.loss(self.network.parameters, X[rows], y[rows], weights=w))
            size += n
        return total / size

    def run(self):
        """Epochs until done; leaves the network with the parameters to keep, and returns the history."""
        state, options = self.state, self.options
        bar = _progress(options)
        try:
            while state.epoch < options["epochs"] and not self._exhausted():  # a resumed run may have been stopped already
                last_good = state.flat.copy()
                with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # a loss that is no number is found and named
                    row = self.epoch()
                state.history.record(**row)
                self._watch(row)
                bar(row)
                self._save()
                if self._called_off(row):
                    break
            else:
                state.history.stopped = self._exhausted() or "all epochs done"
        except DivergedError as error:
            state.flat[...] = last_good
            state.history.stopped, error.history = "diverged", state.history
            self.network.history = state.history
            raise
        except KeyboardInterrupt:
            state.history.stopped = "interrupted"
            state.flat[...] = state.best
        finally:
            bar(None)
        self._finish()
        return state.history

    def _watch(self, row):
        state, stopping, loss = self.state, self.options["early_stopping"], watched(row)
        if not (math.isfinite(loss) and np.isfinite(state.flat).all()):
            raise DivergedError(self._where(None, loss, None))
        self.optimizer.learning_rate.observe(loss)
        value, tolerance = (loss, 0.0) if stopping is None else (stopping.value(row), stopping.tolerance)
        if value < state.best_loss - tolerance:
            state.best_loss, state.best_epoch, state.waited = value, state.epoch, 0
            state.best[...] = state.flat
        else:
            state.waited += 1

    def _exhausted(self):
        """Why early stopping ends the run, or an empty text."""
        stopping = self.options["early_stopping"]
        return f"no improvement for {stopping.patience} epochs" if stopping is not None and self.state.waited >= stopping.patience else ""

    def _called_off(self, row):
        history = self.state.history
        for callback in self.options["callbacks"]:
            if callback({**row, "network": self.network, "history": history}):
                history.stopped = "stopped by a callback"
                return True
        return False

    def _save(self):
        if self.checkpoint is not None:
            self.checkpoint.save(self)

    def _finish(self):
        state = self.state
        if self.options["early_stopping"] is not None:
            state.flat[...] = state.best
            state.history.best_epoch = state.best_epoch
        else:
            state.history.best_epoch = state.epoch if state.history.stopped != "interrupted" else state.best_epoch
        self.network.history = state.history

    def _where(self, X, loss, masks):
        """The message for a loss that is not finite: which layer, which step, and the cure."""
        place = "in the loss or its gradient"
        x = X
        if X is not None:
            for k, (layer, p) in enumerate(zip(self.network.layers, self.network.parameters)):
                with np.errstate(all="ignore"):
                    x = layer(p, x, None if masks is None else masks[k])
                if not np.isfinite(x).all():
                    place = f"first in the output of layer {k}, {layer!r}"
                    break
        return (f"the loss became {loss:.3g} at step {self.state.step + 1} (epoch {self.state.epoch + 1}), {place}; the last good "
                "parameters are kept. Lower the learning rate (divide it by 10), scale the features, or add a penalty")


def _progress(options):
    if not options["progress"]:
        return lambda row: None
    from dualnet.learn.extras import need
    bar = need("tqdm").tqdm(total=options["epochs"], unit="epoch")

    def show(row):
        if row is None:
            bar.close()
        else:
            bar.update()
            bar.set_postfix({k: f"{row[k]:.4g}" for k in ("loss", "validation_loss") if k in row})

    return show

"""Fitting: what a user asks for becomes data, options and a training run."""

import copy
import itertools

import numpy as np

from dualnet.errors import ArgumentError, ShapeError
from dualnet.learn.data import Arrays, Stream, as_features, refuse_masked, split
from dualnet.learn.likelihoods import Bernoulli, Categorical
from dualnet.learn.optimizers import Adam, Optimizer, ScipyOptimizer
from dualnet.learn.training import Trainer
from dualnet.learn.values import whole
from dualnet.learn.watching import EarlyStopping, Noise


def fit(network, X, y=None, *, optimizer=None, epochs=200, batch_size=32, penalty=None, gradient="reverse", directions=1,
        validation=None, early_stopping=None, restarts=1, seed=0, progress=False, checkpoint=None, sample_weight=None,
        metrics=None, callbacks=(), noise=None, augmentation=None, warm_start=False, n_jobs=None):
    """Learn the parameters of a network.

    Parameters
    ----------
    network : Network
    X : array_like or DataFrame of shape (n, ...), np.memmap, iterable of batches, or function that starts one
        Batches are (X, y) or (X, y, weights). Constant columns do no harm: their weights do what the bias does.
    y : array_like, shape (n,) or (n, k)
        None where `X` gives batches.
    optimizer : Optimizer, default Adam(1e-3)
    epochs : int
        Passes over the data; iterations for second-order optimizers.
    batch_size : int or None
        None takes all examples at once, as does GradientDescent.
    penalty : Penalty, optional
        L1, L2, ElasticNet.
    gradient : {"reverse", "forward", "forward-gradient", "closed-form"}
        `directions` is for "forward-gradient".
    validation : float or tuple (X, y) or (X, y, weights), optional
        Share of the examples to hold out (classes keep their shares), or data of its own.
    early_stopping : EarlyStopping, optional
    restarts : int
        Train from that many random starts (on `n_jobs` processes) and keep the best by the watched loss.
    seed : int or numpy.random.Generator
    progress : bool
        Show a bar (tqdm).
    checkpoint : str or path, optional
        A folder to write the state into after each epoch; a run that finds one there goes on from it, and is refused where its
        network, optimizer or data are others.
    sample_weight : array_like, shape (n,), optional
    metrics : dict of callable, optional
        ``{"accuracy": f}`` with ``f(y, prediction)``, recorded each epoch on the validation data.
    callbacks : sequence of callable
        Called with a dict after each epoch; one that returns True ends the training.
    noise : Noise, optional
    augmentation : ImageAugmentation, optional
    warm_start : bool
        Go on from the network's present parameters.

    Returns
    -------
    History

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        Something is no number, not finite, off the likelihood's support, of one class only, empty or of another shape.
    DivergedError
        The loss became NaN or infinite; says in which layer and step.
    """
    options = {"optimizer": Adam() if optimizer is None else optimizer, "epochs": whole(epochs, "epochs"), "penalty": penalty,
               "gradient": gradient, "directions": directions, "early_stopping": early_stopping, "progress": progress,
               "metrics": metrics, "callbacks": callbacks, "noise": noise, "augmentation": augmentation, "checkpoint": checkpoint}
    _check(options)
    if batch_size is not None:
        whole(batch_size, "batch_size")
    if whole(restarts, "restarts") > 1:
        from dualnet.learn.restarts import best_of
        return best_of(network, X, y, restarts, seed, n_jobs, options,
                       {"batch_size": batch_size, "validation": validation, "sample_weight": sample_weight})
    return once(network, X, y, options, generator(seed), batch_size=batch_size, validation=validation, sample_weight=sample_weight,
                fresh=network.parameters is None or not warm_start)


def once(network, X, y, options, rng, *, batch_size, validation, sample_weight, fresh=True, split_rng=None):
    """One training run; `split_rng` draws the validation data, by default `rng`."""
    options = dict(options, optimizer=copy.deepcopy(options["optimizer"]))  # a schedule that observes a run belongs to that run
    augmentation, checkpoint = options["augmentation"], options["checkpoint"]
    whole_data = getattr(options["optimizer"], "full_batch", False)
    data, held = prepare(network, X, y, sample_weight, validation, None if whole_data else batch_size, rng, fresh, split_rng)
    if data.n is None and (whole_data or isinstance(options["optimizer"], ScipyOptimizer)):
        raise ArgumentError(f"{options['optimizer']!r} takes all examples at once, and batches come one after the other; use SGD or Adam")
    if augmentation is not None:
        augmentation.check(network.input_shape)
    if isinstance(options["optimizer"], ScipyOptimizer):
        from dualnet.learn.second_order import minimise
        return minimise(network, data, held, options)
    trainer = Trainer(network, data, held, options, rng)
    if checkpoint is not None:
        from dualnet.learn.checkpoint import Checkpoint
        trainer.checkpoint = Checkpoint(checkpoint, trainer)
        trainer.checkpoint.resume(trainer)
    return trainer.run()


RESERVED = {"epoch", "loss", "learning_rate", "gradient_norm", "validation_loss", "seconds"}  # columns of every history
KINDS = {"optimizer": ((Optimizer, ScipyOptimizer), "an optimizer such as Adam(1e-3)"),
         "early_stopping": ((EarlyStopping, type(None)), "EarlyStopping(...)"), "noise": ((Noise, type(None)), "Noise(...)"),
         "metrics": ((dict, type(None)), 'a dict such as {"accuracy": f}'),
         "callbacks": ((list, tuple), "a list of functions")}


def _check(options):
    for name, (classes, cure) in KINDS.items():
        if not isinstance(options[name], classes):
            raise ArgumentError(f"{name}={options[name]!r:.60}; give {cure}")
    if options["penalty"] is not None and not callable(options["penalty"]):
        raise ArgumentError(f"penalty={options['penalty']!r:.60}; give L2(...), L1(...), ElasticNet(...) or a function of the parameters")
    if options["augmentation"] is not None and not hasattr(options["augmentation"], "check"):
        raise ArgumentError(f"augmentation={options['augmentation']!r:.60}; give ImageAugmentation(...)")
    taken = RESERVED & set(options["metrics"] or ())
    if taken:
        raise ArgumentError(f"metrics: {taken.pop()!r} is a column of every history; choose another name")
    if isinstance(options["optimizer"], ScipyOptimizer):
        for name in ("early_stopping", "noise", "augmentation", "metrics", "callbacks", "checkpoint"):
            if options[name]:
                raise ArgumentError(f"{name}= goes with optimizers that take one step after the other, such as Adam; "
                                    f"{options['optimizer']!r} runs in SciPy")


def generator(seed):
    """A random generator from a seed; one that is given stays as it is."""
    try:
        return seed if isinstance(seed, np.random.Generator) else np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"seed={seed!r:.60} ({error}); give a whole number of at least 0 or a numpy.random.Generator") from None


def prepare(network, X, y, weights, validation, batch_size, rng, fresh, split_rng=None):
    """Data to learn from and to validate on; starts the network where it is `fresh`."""
    if y is None:
        if weights is not None:
            raise ArgumentError("sample_weight= goes with arrays; give batches (X, y, weights)")
        return _prepare_stream(network, X, validation, rng, fresh)
    if fresh:
        network.feature_names = [str(c) for c in X.columns] if hasattr(X, "columns") else None
    X = as_features(X, network.dtype) if fresh else network.features(X)
    if len(X) == 0:
        raise ShapeError("the data are empty: no examples to learn from")
    if np.shape(y)[:1] != (len(X),):
        raise ShapeError(f"{len(X)} examples but targets of shape {np.shape(y)}; give one target for each example")
    if fresh:
        _begin(network, X, rng)
    y = targets(network, y)
    if fresh and y.ndim == 1 and isinstance(network.likelihood, (Bernoulli, Categorical)) and (y == y[0]).all():
        raise ArgumentError(f"all {len(y)} targets are of one class, {y[0]:g}; there is nothing to tell apart")
    weights = _weights(weights, len(X), network.dtype)
    if isinstance(validation, (tuple, list)):
        return Arrays(X, y, weights, batch_size), held_out(network, validation)
    if validation is None:
        return Arrays(X, y, weights, batch_size), None
    few = y if y.ndim == 1 and len(np.unique(y)) <= 20 else None
    learn, test = split(len(X), validation, rng if split_rng is None else split_rng, few)
    picked = [(X[rows], y[rows], None if weights is None else weights[rows]) for rows in (learn, test)]
    return Arrays(*picked[0], batch_size), picked[1]


def held_out(network, validation):
    """Data to validate on, as the user gives them: (X, y) or (X, y, weights)."""
    if not isinstance(validation, (tuple, list)):
        raise ArgumentError(f"validation={validation!r:.60}; give (X, y) or (X, y, weights)")
    if len(validation) not in (2, 3):
        raise ArgumentError(f"validation holds {len(validation)} things; give (X, y) or (X, y, weights)")
    X, n = network.features(validation[0]), len(validation[0])
    if n == 0 or np.shape(validation[1])[:1] != (n,):
        raise ShapeError(f"validation: {n} examples and targets of shape {np.shape(validation[1])}; give one target for each example")
    return X, targets(network, validation[1]), _weights(validation[2] if len(validation) == 3 else None, n, network.dtype)


def _begin(network, X, rng):
    network.start(X, np.random.default_rng(draw_start(rng)))


def draw_start(rng):
    """The seed of a run's parameters: the first number that it draws."""
    return rng.integers(2**63)


def targets(network, y):
    """Targets checked by the likelihood, in the network's precision."""
    refuse_masked(y, "targets")
    y = network.likelihood.check(y, network.outputs)
    return y.astype(network.dtype, copy=False) if y.dtype.kind == "f" else y


def _weights(weights, n, dtype):
    if weights is None:
        return None
    weights = np.asarray(weights, dtype)
    if weights.shape != (n,):
        raise ShapeError(f"sample_weight has shape {weights.shape}; give one weight for each of the {n} examples")
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
        raise ArgumentError("sample_weight must be finite, not negative, and not all zero")
    return weights


def _prepare_stream(network, source, validation, rng, fresh):
    if validation is not None and not isinstance(validation, (tuple, list)):
        raise ArgumentError(f"validation={validation!r}: batches have no known number of examples; give a pair (X, y)")
    first = next(iter(source() if callable(source) else source), None)
    if not isinstance(first, (tuple, list)) or len(first) not in (2, 3):
        raise ArgumentError(f"without y, X gives batches (X, y) or (X, y, weights), not {first!r:.60}")
    if not callable(source) and iter(source) is source:
        source = itertools.chain([first], source)
    if fresh:
        _begin(network, as_features(first[0], network.dtype), rng)

    def prepared(batch):
        X = network.features(batch[0])
        return X, targets(network, batch[1]), _weights(batch[2] if len(batch) == 3 else None, len(X), network.dtype)

    return Stream(source, prepared), None if validation is None else held_out(network, validation)

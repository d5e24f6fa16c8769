"""Several random starts, the best kept."""

import copy

import numpy as np

from dualnet.errors import ArgumentError
from dualnet.learn.fitting import draw_start, generator, once
from dualnet.learn.watching import DivergedError, watched


def best_of(network, X, y, restarts, seed, n_jobs, options, more):
    """Train copies of `network` from different seeds; the best by the watched loss is kept, all are reported.

    All see the same validation data, those of the first seed, or their losses would not compare.
    """
    seed = int(seed.integers(2**31)) if isinstance(seed, np.random.Generator) else seed
    generator(seed)
    if y is None and not callable(X):
        raise ArgumentError("restarts need the data several times: pass arrays, or a function that starts the batches")
    if options["checkpoint"] is not None:
        raise ArgumentError("checkpoint= goes with restarts=1; run the restarts one after the other in folders of their own")
    seeds = [seed, *(int(s.generate_state(1)[0]) for s in np.random.SeedSequence(seed).spawn(restarts - 1))]
    calls = [(copy.deepcopy(network), X, y, s, seed, options, more) for s in seeds]
    if n_jobs in (None, 1):
        runs = [_one(*call) for call in calls]
    else:
        from dualnet.learn.extras import need
        job = need("joblib")
        runs = job.Parallel(n_jobs=n_jobs)(job.delayed(_one)(*call) for call in calls)
    runs.sort(key=lambda run: run[0])
    if not np.isfinite(runs[0][0]):
        raise DivergedError(f"all {restarts} restarts diverged: {runs[0][2].history.stopped}; lower the learning rate")
    best = runs[0][2]
    network.__dict__.update(best.__dict__)
    network.history.restarts = [{"loss": float(loss), "seed": s} for loss, s, _ in runs]
    return network.history


def _one(network, X, y, seed, first, options, more):
    """Loss watched, seed and network of one run."""
    split_rng = generator(first)
    draw_start(split_rng)
    try:
        history = once(network, X, y, options, generator(seed), split_rng=None if seed == first else split_rng, **more)
    except DivergedError as error:
        network.history = error.history
        return np.inf, seed, network
    rows, stopping = history.rows(), options["early_stopping"]
    return (watched(rows[-1]) if stopping is None else min(map(stopping.value, rows))), seed, network

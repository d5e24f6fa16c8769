"""Hypergradients through long training runs: against central differences, and their memory.

    python -m benchmarks.learn_hyper

Memory is the peak of what is allocated while one hypergradient is computed. A run of the longest length goes first: it fills
the interpreter's own free lists (of tuples, some 0.2 MB), which would be counted as growth otherwise.
"""

import sys
import tracemalloc

import numpy as np

from dualnet.datasets import load_heart
from dualnet.learn import L2, SGD, Adam, Bernoulli, Dense, Network
from dualnet.learn.unrolled import Unrolled


def run_of(optimizer, steps, units=16):
    """A training run on heart data, 200 to learn from and 97 to validate on."""
    X, y = load_heart().features, load_heart().target
    network = Network([Dense(units, "tanh"), Dense(1)], Bernoulli())
    return Unrolled(network, X[:200], y[:200], (X[200:], y[200:]), optimizer, L2(1e-2), steps=steps)


def deviation(run, point, h=1e-3):
    """Largest relative distance of the hypergradient from central differences, extrapolated once (Richardson)."""
    slope = run.hypergradient(*point)[1]
    worst = 0.0
    for k, unit in enumerate(np.eye(len(point))):
        wide, narrow = ((run(*(point + d * unit)) - run(*(point - d * unit))) / (2 * d) for d in (h, h / 2))
        worst = max(worst, abs(slope[k] / ((4 * narrow - wide) / 3) - 1))
    return worst


def peak(run, point):
    """Bytes allocated at most during one hypergradient."""
    tracemalloc.start(1)
    try:
        run.hypergradient(*point)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def main(steps=1000):
    """Print the table."""
    for optimizer in (SGD(0.05), SGD(0.02, momentum=0.9), Adam(1e-3)):
        point = np.log([optimizer.learning_rate.initial, 1e-2])
        run, short = run_of(optimizer, steps), run_of(optimizer, 10)
        wrong = deviation(run, point)
        few, many = peak(short, point), peak(run, point)
        print(f"{optimizer!r:.60}: {steps} steps, central difference to {wrong:.1e}, peak {few / 1e6:.3f} -> {many / 1e6:.3f} MB "
              f"({100 * (many / few - 1):+.1f} %)", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)

"""One training step (forward, backward, Adam) beside the same step written by hand in NumPy, and beside peers.

    python -m benchmarks.learn_steps

Peers that are not installed are left out: scikit-learn's ``partial_fit``, torch (eager) and autograd. All
run in one process, interleaved; printed is the least of the rounds in microseconds, and the ratio to dualnet.
"""

import importlib.util
import sys
import time

import numpy as np

from dualnet.learn import Adam, Categorical, Dense, Network
from dualnet.learn.fitting import prepare
from dualnet.learn.training import Trainer

SIZES = [((8, 16, 2), 32, "float64"), ((64, 100, 100, 100, 100, 100, 10), 64, "float64"), ((784, 1024, 1024, 10), 128, "float32")]


def ours(sizes, X, y):
    """dualnet's step on a fixed batch."""
    network = Network([*(Dense(k, "relu") for k in sizes[1:-1]), Dense(sizes[-1])], Categorical(), dtype=X.dtype.name)
    data, _ = prepare(network, X, y, None, None, None, np.random.default_rng(0), True)
    options = {"optimizer": Adam(1e-3), "penalty": None, "gradient": "reverse", "directions": 1, "noise": None}
    trainer = Trainer(network, data, None, options, np.random.default_rng(0))
    trainer.batch = 0
    return lambda: trainer.step(data.X, data.y, None)


def by_hand(sizes, X, y):
    """The same, every derivative written out."""
    rng = np.random.default_rng(0)
    P = [[(rng.standard_normal((p, q)) * np.sqrt(2 / p)).astype(X.dtype), np.zeros(q, X.dtype)] for p, q in zip(sizes, sizes[1:])]
    M, V, count, rows = [[[np.zeros_like(a) for a in p] for p in P] for _ in range(2)] + [[0], np.arange(len(y))]

    def step():
        hs = [X]
        for W, b in P[:-1]:
            hs.append(np.maximum(hs[-1] @ W + b, 0))
        z = hs[-1] @ P[-1][0] + P[-1][1]
        z -= z.max(1, keepdims=True)
        e = np.exp(z)
        s = e.sum(1, keepdims=True)
        loss = np.mean(np.log(s[:, 0]) - z[rows, y])
        d = e / s
        d[rows, y] -= 1
        d /= len(y)
        count[0] += 1
        c1, c2 = 1 - 0.9 ** count[0], 1 - 0.999 ** count[0]
        for k in range(len(P) - 1, -1, -1):
            gradient = hs[k].T @ d, d.sum(0)
            if k:
                d = (d @ P[k][0].T) * (hs[k] > 0)
            for w, m, v, g in zip(P[k], M[k], V[k], gradient):
                m *= 0.9
                m += 0.1 * g
                v *= 0.999
                v += 0.001 * g * g
                w -= 1e-3 * (m / c1) / (np.sqrt(v / c2) + 1e-8)
        return loss

    return step


def scikit_learn(sizes, X, y):
    """One pass of MLPClassifier.partial_fit over the one batch."""
    from sklearn.neural_network import MLPClassifier
    model = MLPClassifier(sizes[1:-1], batch_size=len(X), alpha=0.0)
    model.partial_fit(X, y, classes=np.arange(sizes[-1]))
    return lambda: model.partial_fit(X, y)


def torch_eager(sizes, X, y):
    """torch, eager, its own Adam."""
    import torch
    torch.set_num_threads(1)
    torch.set_default_dtype(getattr(torch, X.dtype.name))
    layers = [m for p, q in zip(sizes, sizes[1:]) for m in (torch.nn.Linear(p, q), torch.nn.ReLU())][:-1]
    model, X, y = torch.nn.Sequential(*layers), torch.from_numpy(X), torch.from_numpy(y)
    optimizer, loss = torch.optim.Adam(model.parameters()), torch.nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad()
        loss(model(X), y).backward()
        optimizer.step()

    return step


def autograd(sizes, X, y):
    """autograd with its Adam's formulas."""
    import autograd.numpy as anp
    from autograd import value_and_grad
    rng, rows = np.random.default_rng(0), np.arange(len(y))
    P = [[(rng.standard_normal((p, q)) * np.sqrt(2 / p)).astype(X.dtype), np.zeros(q, X.dtype)] for p, q in zip(sizes, sizes[1:])]
    M, V, count = [[[np.zeros_like(a) for a in p] for p in P] for _ in range(2)] + [[0]]

    def loss(P):
        h = X
        for W, b in P[:-1]:
            h = anp.maximum(anp.dot(h, W) + b, 0)
        z = anp.dot(h, P[-1][0]) + P[-1][1]
        z = z - anp.max(z, axis=1, keepdims=True)
        return anp.mean(anp.log(anp.sum(anp.exp(z), axis=1)) - z[rows, y])

    both = value_and_grad(loss)

    def step():
        _, gradient = both(P)
        count[0] += 1
        c1, c2 = 1 - 0.9 ** count[0], 1 - 0.999 ** count[0]
        for p, ms, vs, gs in zip(P, M, V, gradient):
            for w, m, v, g in zip(p, ms, vs, gs):
                m *= 0.9
                m += 0.1 * g
                v *= 0.999
                v += 0.001 * g * g
                w -= 1e-3 * (m / c1) / (np.sqrt(v / c2) + 1e-8)

    return step


def least(steps, rounds=9):
    """Least time of each step in seconds, in interleaved rounds."""
    times = [[] for _ in steps]
    for step in steps:
        step()
    for _ in range(rounds):
        for step, kept in zip(steps, times):
            number, start = 0, time.perf_counter()
            while time.perf_counter() - start < 0.05 or not number:
                step()
                number += 1
            kept.append((time.perf_counter() - start) / number)
    return [min(t) for t in times]


def main(rounds=9):
    """Print the table."""
    makers = {"dualnet": ours, "by hand": by_hand, "sklearn": scikit_learn, "torch": torch_eager, "autograd": autograd}
    makers = {k: v for k, v in makers.items() if k in ("dualnet", "by hand") or importlib.util.find_spec(k)}
    for sizes, batch, dtype in SIZES:
        rng = np.random.default_rng(0)
        X, y = rng.standard_normal((batch, sizes[0])).astype(dtype), rng.integers(0, sizes[-1], batch)
        times = least([make(sizes, X, y) for make in makers.values()], rounds)
        text = ", ".join(f"{name} {1e6 * t:.0f} us (dualnet {times[0] / t:.2f}x)" for name, t in zip(makers, times))
        print(f"{'-'.join(map(str, sizes))} batch {batch} {dtype}: {text}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)

"""The lecture's figures on handwritten digits, from a file with ``images`` (n, 28, 28) and ``labels``.

    python -m benchmarks.learn_mnist mnist10k.npz            5 x 100: overfitting, and early stopping (with a picture)
    python -m benchmarks.learn_mnist mnist10k.npz dropout    784-1024-1024-10, 3 seeds, 50 epochs, about 10 minutes
"""

import sys
import time
from pathlib import Path

import numpy as np

from dualnet.learn import Adam, Categorical, Cosine, Dense, Dropout, EarlyStopping, Network
from dualnet.learn.plots import axes, finish, plot_trace

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "images" / "learning-mnist.png"


def load(path):
    """8,000 digits to learn from, 2,000 to test on."""
    with np.load(path, allow_pickle=False) as file:
        X, y = file["images"].reshape(-1, 784).astype(np.float32) / 255, file["labels"].astype(int)
    return (X[:8000], y[:8000]), (X[8000:], y[8000:])


def error(network, data):
    """Error in per cent."""
    return 100 * float(np.mean(network.predict(data[0]) != data[1]))


def early_stopping(learn, test):
    """The 5 x 100 network, with and without early stopping on a fifth of its data."""
    figure, panels = axes(2, (4.5, 3.2))
    for ax, stopping in zip(panels, (None, EarlyStopping(10))):
        network = Network([*(Dense(100, "relu") for _ in range(5)), Dense(10)], Categorical(), dtype="float32")
        history = network.fit(*learn, optimizer=Adam(1e-3), epochs=60, batch_size=64, validation=0.2, early_stopping=stopping, seed=0)
        plot_trace(history, ax=ax)
        ax.set_title(f"{'early stopping' if stopping else '60 epochs'}: test error {error(network, test):.2f} %")
        validation = history["validation_loss"]
        print(f"{stopping}: {len(history)} epochs, validation loss least {validation.min():.3f}, kept "
              f"{validation[history.best_epoch - 1]:.3f}, "
              f"test error {error(network, test):.2f} %; {history.diagnose()}")
    finish(figure, PICTURE)


def dropout(learn, test):
    """Two hidden layers of 1024, with and without dropout (keep 0.8 of the inputs, 0.5 of the hidden units)."""
    errors = {True: [], False: []}
    for seed in range(3):
        for drop in errors:
            first, second, last = Dense(1024, "relu"), Dense(1024, "relu"), Dense(10)
            layers = [Dropout(keep=0.8), first, Dropout(0.5), second, Dropout(0.5), last] if drop else [first, second, last]
            network, start = Network(layers, Categorical(), dtype="float32"), time.perf_counter()
            network.fit(*learn, optimizer=Adam(Cosine(1e-3, epochs=50)), epochs=50, batch_size=128, seed=seed)
            errors[drop].append(error(network, test))
            print(f"seed {seed}, {'dropout' if drop else 'plain'}: {errors[drop][-1]:.2f} %, {time.perf_counter() - start:.0f} s",
                  flush=True)
    print(f"mean: dropout {np.mean(errors[True]):.2f} %, plain {np.mean(errors[False]):.2f} %")


if __name__ == "__main__":
    (dropout if "dropout" in sys.argv[2:] else early_stopping)(*load(sys.argv[1]))

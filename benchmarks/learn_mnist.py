"""The lecture's figures on handwritten digits, from a file with ``images`` (n, 28, 28) and ``labels``.

    python -m benchmarks.learn_mnist mnist10k.npz            5 x 100: overfitting, and early stopping (with a picture)
    python -m benchmarks.learn_mnist mnist10k.npz dropout    784-1024-1024-10, 3 seeds, 50 epochs, about 10 minutes
    python -m benchmarks.learn_mnist mnist10k.npz dropout 0  the same, of one seed
"""

import sys
import time
from pathlib import Path

import numpy as np

from dualnet.learn import SGD, Adam, Categorical, Cosine, Dense, Dropout, EarlyStopping, Network
from dualnet.learn.plots import axes, finish, plot_trace

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "images" / "learning-mnist.png"
RULES = {"100 epochs": None, "stopped by the validation loss": EarlyStopping(10),
         "stopped by the validation error": EarlyStopping(10, watch="validation error in %")}


def load(path):
    """8,000 digits to learn from, 2,000 to test on."""
    with np.load(path, allow_pickle=False) as file:
        X, y = file["images"].reshape(-1, 784).astype(np.float32) / 255, file["labels"].astype(int)
    return (X[:8000], y[:8000]), (X[8000:], y[8000:])


def wrong(y, prediction):
    """Error in per cent."""
    return 100 * float(np.mean(prediction != y))


def five_layers(learn, seed, stopping):
    """The lecture's 5 x 100 network, a fifth of its data held out to watch."""
    network = Network([*(Dense(100, "relu") for _ in range(5)), Dense(10)], Categorical(), dtype="float32")
    history = network.fit(*learn, optimizer=SGD(0.1), epochs=100, batch_size=64, validation=0.2, early_stopping=stopping, seed=seed,
                          metrics={"validation error in %": wrong})
    return network, history


def draw(histories):
    """The curves of one run to its end, and where each rule stopped it."""
    figure, (left, right) = axes(2, (5, 3.4))
    whole = histories["100 epochs"]
    plot_trace(whole, ax=left)
    right.plot(whole["epoch"], whole["validation error in %"], color="C1")
    right.set(xlabel="epoch", ylabel="validation error in %", title="the error settles", ylim=(0, 15))
    for ax in (left, right):
        for k, (name, history) in enumerate(list(histories.items())[1:]):
            ax.axvline(history.best_epoch, color=f"C{k + 2}", ls=("-", ":")[k], label=f"{name}: epoch {history.best_epoch}")
        ax.legend(fontsize=8)
    finish(figure, PICTURE)


def early_stopping(learn, test, seeds=range(3)):
    """Test loss and error of the same run, at its end and where each rule stops it; the curves of the second seed."""
    results = {name: [] for name in RULES}
    for seed in seeds:
        histories = {}
        for name, rule in RULES.items():
            network, histories[name] = five_layers(learn, seed, rule)
            results[name].append((-network.score(*test), wrong(test[1], network.predict(test[0]))))
            print("seed {}, {}: epoch {}, test loss {:.3f}, error {:.2f} %".format(
                seed, name, histories[name].best_epoch, *results[name][-1]), flush=True)
        if seed == 1:
            print(histories["100 epochs"].diagnose())
            draw(histories)
    for name, pairs in results.items():
        print("mean, {}: test loss {:.3f}, error {:.2f} %".format(name, *np.mean(pairs, axis=0)))


def dropout(learn, test, seeds=range(3)):
    """Two hidden layers of 1024, with and without dropout (keep 0.8 of the inputs, 0.5 of the hidden units)."""
    errors = {True: [], False: []}
    for seed in seeds:
        for drop in errors:
            first, second, last = Dense(1024, "relu"), Dense(1024, "relu"), Dense(10)
            layers = [Dropout(keep=0.8), first, Dropout(0.5), second, Dropout(0.5), last] if drop else [first, second, last]
            network, start = Network(layers, Categorical(), dtype="float32"), time.perf_counter()
            network.fit(*learn, optimizer=Adam(Cosine(1e-3, epochs=50)), epochs=50, batch_size=128, seed=seed)
            errors[drop].append(wrong(test[1], network.predict(test[0])))
            print(f"seed {seed}, {'dropout' if drop else 'plain'}: {errors[drop][-1]:.2f} %, {time.perf_counter() - start:.0f} s",
                  flush=True)
    print(f"mean: dropout {np.mean(errors[True]):.2f} %, plain {np.mean(errors[False]):.2f} %")


if __name__ == "__main__":
    (dropout if "dropout" in sys.argv[2:] else early_stopping)(
        *load(sys.argv[1]), [int(v) for v in sys.argv[2:] if v.isdigit()] or range(3))

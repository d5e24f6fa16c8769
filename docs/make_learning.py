"""Draw the pictures of docs/learning.md and print its measured numbers: ``python docs/make_learning.py``."""

from pathlib import Path

import numpy as np

from dualnet.datasets import load_heart
from dualnet.learn import (
    GAN,
    L2,
    LBFGS,
    SGD,
    Adam,
    Bernoulli,
    Dense,
    Dropout,
    EarlyStopping,
    ImageAugmentation,
    Network,
    Normal,
    landscape,
    learning_rate_range_test,
)
from dualnet.learn.gan import covered, ring
from dualnet.learn.plots import axes, finish, plot_trace

IMAGES = Path(__file__).resolve().parent / "images"
HEART = load_heart()


def hidden(units=16):
    """The network of the page."""
    return Network([Dense(units, "tanh"), Dense(1)], Bernoulli())


def cases():
    """The lecture's four traces, each diagnosed by its own history."""
    figure, panels = axes(4, (3.6, 3))
    rates = {"too small": 0.002, "right": 0.5, "large": 12.0, "too large": 0.8}
    for ax, (name, rate) in zip(panels, rates.items()):
        likelihood, epochs = (Normal(), 8) if name == "too large" else (Bernoulli(), 60)  # a squared error diverges at once
        history = Network([Dense(1)], likelihood).fit(HEART.features, HEART.target, optimizer=SGD(rate), batch_size=32, epochs=epochs)
        plot_trace(history, ax=ax)
        ax.set_title(f"rate {rate}, {name}{' (squared error)' if epochs == 8 else ''}:\n{history.diagnose().case}")
        print(f"rate {rate}: {history.diagnose()}")
    finish(figure, IMAGES / "learning-traces.png")


def overfitting():
    """A network too large for its data, alone and with each cure."""
    figure, panels = axes(4, (3.6, 3))
    runs = {"64 tanh units": ([Dense(64, "tanh"), Dense(1)], {}),
            "early stopping": ([Dense(64, "tanh"), Dense(1)], {"early_stopping": EarlyStopping(10)}),
            "L2(0.05)": ([Dense(64, "tanh"), Dense(1)], {"penalty": L2(0.05)}),
            "dropout": ([Dropout(keep=0.8), Dense(64, "tanh"), Dropout(0.5), Dense(1)], {})}
    for ax, (name, (layers, options)) in zip(panels, runs.items()):
        history = Network(layers, Bernoulli()).fit(HEART.features, HEART.target, optimizer=Adam(1e-2), epochs=80, validation=0.3, **options)
        plot_trace(history, ax=ax)
        ax.set_title(f"{name}:\n{history.diagnose().case}" + (", overfitting" if history.diagnose().overfitting else ""))
        print(f"{name}: least validation loss {history['validation_loss'].min():.3f}, last {history['validation_loss'][-1]:.3f}")
    finish(figure, IMAGES / "learning-overfitting.png")


def gan():
    """Eight modes on a ring, data and fakes."""
    X = ring(4000)
    generator = Network([Dense(64, "tanh"), Dense(64, "tanh"), Dense(2)])
    model = GAN(generator, Network([Dense(64, "tanh"), Dense(64, "tanh"), Dense(1)], Bernoulli()), latent=8)
    model.fit(X, steps=3000, seed=0)
    fakes = model.sample(2000)
    figure, panels = axes(2, (4, 4))
    for ax, points, name in zip(panels, (X[:2000], fakes), ("data", "generator")):
        ax.plot(*points.T, ".", ms=2)
        ax.set(title=name, xlim=(-3, 3), ylim=(-3, 3), aspect="equal")
    finish(figure, IMAGES / "learning-gan.png")
    modes, near = covered(fakes)
    print(f"GAN: {modes} of 8 modes, {100 * near:.0f} % of the fakes within four spreads of a mode")


def main():
    """All pictures."""
    IMAGES.mkdir(exist_ok=True)
    cases()
    overfitting()
    learning_rate_range_test(hidden(), HEART.features, HEART.target, optimizer=SGD(1.0), path=IMAGES / "learning-range-test.png")
    net = hidden(4)
    net.fit(HEART.features, HEART.target, optimizer=LBFGS(), penalty=L2(1e-2))
    landscape(net, HEART.features, HEART.target, L2(1e-2), span=2.0, path=IMAGES / "learning-landscape.png")
    from sklearn.datasets import load_digits
    digits = load_digits().images[:5] / 16
    ImageAugmentation(height_shift=0.1, width_shift=0.1, rotate=20, zoom=0.15, fill="constant").contact_sheet(
        digits, IMAGES / "learning-augmentation.png")
    gan()


if __name__ == "__main__":
    np.seterr(over="ignore")
    main()

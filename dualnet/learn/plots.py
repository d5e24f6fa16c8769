"""Pictures of training; matplotlib is imported when one is drawn, and needs no screen."""

import numpy as np

from dualnet.learn.extras import need


def axes(count=1, size=(6, 4)):
    """A figure that no window shows, and its axes."""
    need("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size[0] * count, size[1]), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, [figure.add_subplot(1, count, k + 1) for k in range(count)]


def finish(figure, path):
    """Write the picture where a path is given."""
    if path is not None:
        figure.savefig(path, dpi=110)


def plot_trace(history, path=None, ax=None):
    """Training and validation loss over epochs, with the epoch that was kept and the diagnosis."""
    figure = None
    if ax is None:
        figure, (ax,) = axes()
    for name, style in (("loss", "-"), ("validation_loss", "--")):
        if name in history:
            ax.plot(history["epoch"], history[name], style, label="training" if name == "loss" else "validation")
    if history.best_epoch and history.best_epoch < len(history):
        ax.axvline(history.best_epoch, color="0.6", lw=1, label=f"kept: epoch {history.best_epoch}")
    finite = history["loss"][np.isfinite(history["loss"])]
    if len(finite) and finite.min() > 0 and finite.max() > 50 * finite.min():
        ax.set_yscale("log")
    found = history.diagnose()
    ax.set(xlabel="epoch", ylabel="loss", title=found.case + (", overfitting" if found.overfitting else ""))
    ax.legend()
    if figure is not None:
        finish(figure, path)
    return ax


def plot_landscape(steps, losses, path=None):
    """Contours of the loss along two directions, with the trained parameters in the middle."""
    figure, (ax,) = axes(size=(5, 4.2))
    image = ax.contourf(steps, steps, np.log10(np.maximum(losses.T, 1e-12)), 25)
    figure.colorbar(image, label="log10 loss")
    ax.plot(0, 0, "w+", ms=12)
    ax.set(xlabel="direction 1", ylabel="direction 2", title="loss landscape")
    finish(figure, path)
    return ax


def plot_range_test(rates, losses, suggestion, path=None):
    """The loss of a learning-rate range test over the rate."""
    figure, (ax,) = axes()
    ax.plot(rates, losses)
    ax.axvline(suggestion, color="0.6", lw=1, label=f"suggested: {suggestion:.2g}")
    ax.set(xscale="log", xlabel="learning rate", ylabel="batch loss (smoothed)", title="learning-rate range test")
    ax.legend()
    finish(figure, path)
    return ax


def plot_images(images, path=None, titles=None, columns=8):
    """A contact sheet of images (n, height, width[, channels])."""
    need("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = -(-len(images) // columns)
    figure = Figure(figsize=(columns, rows * 1.1), layout="constrained")
    FigureCanvasAgg(figure)
    for k, image in enumerate(images):
        ax = figure.add_subplot(rows, columns, k + 1)
        ax.imshow(image, cmap="gray")
        ax.axis("off")
        if titles is not None:
            ax.set_title(str(titles[k]), fontsize=7)
    finish(figure, path)
    return figure

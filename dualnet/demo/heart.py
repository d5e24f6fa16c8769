"""A logistic regression on the heart data by gradient descent on forward-mode gradients."""

import time
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import rankdata

import dualnet as dn
from dualnet.datasets import load_heart, stratified_split
from dualnet.errors import ArgumentError

RATE = 0.5  # the learning rate
STEPS = 300
CHECKED = 3  # steps whose gradient is compared with reverse mode and closed form


def cross_entropy(w, X, y):
    """The mean negative log-likelihood of a logistic regression, in nats: weights and the intercept in `w`."""
    z = X @ w[:-1] + w[-1]
    return np.mean(np.logaddexp(0.0, z) - y * z)


@dataclass
class Fit:
    """A fit by gradient descent and what was seen on the way."""

    w: np.ndarray
    training: list = field(default_factory=list)  # loss before each step and after the last, nats per person
    held_out: list = field(default_factory=list)
    slopes: list = field(default_factory=list)  # the gradient of the training loss before each step
    seconds: float = 0.0


def heart_split():
    """The heart data in a training and a held-out part, scaled by the training part alone.

    Returns
    -------
    train, test : pair of ndarray
        Features of shape (n, 18) and classes of shape (n,). Columns that are not 0/1 have mean 0 and standard
        deviation 1 in the training part.
    names : list of str
    """
    heart = load_heart(standardize=False)
    train, test = stratified_split(heart.target)
    seen = heart.features[train]
    measured = ~np.isin(seen, (0.0, 1.0)).all(axis=0)
    means = np.where(measured, seen.mean(axis=0), 0.0)
    scales = np.where(measured, seen.std(axis=0), 1.0)
    X = (heart.features - means) / scales
    return (X[train], heart.target[train]), (X[test], heart.target[test]), heart.names


def descend(train, test, steps=STEPS, rate=RATE):
    """Gradient descent on the mean cross-entropy with forward-mode gradients.

    Returns
    -------
    Fit
    """
    start = time.perf_counter()
    both = dn.value_and_grad(cross_entropy, mode="forward")
    fit = Fit(np.zeros(train[0].shape[1] + 1))
    for _ in range(steps):
        value, slope = both(fit.w, *train)
        fit.training.append(float(value))
        fit.held_out.append(float(cross_entropy(fit.w, *test)))
        fit.slopes.append(slope)
        fit.w = fit.w - rate * slope
    fit.training.append(float(cross_entropy(fit.w, *train)))
    fit.held_out.append(float(cross_entropy(fit.w, *test)))
    fit.seconds = time.perf_counter() - start
    return fit


def auc(target, score):
    """Area under the ROC curve by the rank statistic of Mann and Whitney; ties count one half.

    Parameters
    ----------
    target : array_like, shape (n,)
        1 for the positive class, 0 for the other.
    score : array_like, shape (n,)
        Larger for the positive class.

    Returns
    -------
    float
        The share of pairs of one positive and one other case in which the positive one has the larger score.

    Raises
    ------
    ArgumentError
        One of the classes does not occur.

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    positive = np.asarray(target) == 1
    p, n = int(positive.sum()), int((~positive).sum())
    if not p or not n:
        raise ArgumentError(f"auc: {p} positive and {n} other cases; both classes must occur")
    return float((rankdata(score)[positive].sum() - p * (p + 1) / 2) / (p * n))


def plot_trace(fit, path):
    """Write the trace plot of a fit as a PNG.

    Returns
    -------
    bool
        False where matplotlib is not installed; nothing is written then.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        if error.name.partition(".")[0] != "matplotlib":
            raise
        return False
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle("Logistic regression on the Cleveland heart data: gradient descent on forward-mode gradients")
    left, right = figure.subplots(1, 2)
    best = int(np.argmin(fit.held_out))
    left.plot(fit.training, color="C0", label=f"training part, {fit.training[-1]:.3f} at the end")
    left.plot(fit.held_out, color="C1", label=f"held-out part, {fit.held_out[-1]:.3f} at the end")
    left.plot(best, fit.held_out[best], "o", color="C1", label=f"lowest held-out loss, {fit.held_out[best]:.3f} at step {best}")
    left.axhline(np.log(2), color="0.5", linewidth=1, linestyle=":", label="log 2: a coin")
    left.set(xlabel="step", ylabel="mean cross-entropy (nats per person)", title="Loss")
    left.legend(frameon=False, loc="upper right", bbox_to_anchor=(1, 0.95))
    right.semilogy(np.linalg.norm(fit.slopes, axis=1), color="C0")
    right.set(xlabel="step", ylabel="Euclidean norm (nats per unit of weight)", title="Gradient of the training loss")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(x=0.01)
    figure.savefig(path, dpi=130)
    return True


def one_person(w, x, y):
    """The same loss of one person, from the definition of the likelihood: -log p or -log(1 - p)."""
    p = 1 / (1 + np.exp(-(x @ w[:-1] + w[-1])))
    return -y * np.log(p) - (1 - y) * np.log(1 - p)


@dataclass
class Comparison:
    """The gradients of one step: how far forward mode is from the others, elementwise at most."""

    largest: float  # element of the gradient
    reverse: float
    oracle: float


def compare_gradients(train, steps=CHECKED, rate=RATE):
    """Forward gradients of the first steps beside reverse mode and SymPy's closed form.

    The closed form is that of `one_person`, in symbols for the weights, the features and the class; its gradient
    is evaluated for every person and averaged.

    Returns
    -------
    list of Comparison
    """
    X, y = train
    w = np.zeros(X.shape[1] + 1)
    closed = dn.closed_form(one_person, w, X[0], y[0])
    out = []
    for _ in range(steps):
        forward = dn.grad(cross_entropy, mode="forward")(w, X, y)
        reverse = dn.grad(cross_entropy, mode="reverse")(w, X, y)
        oracle = np.mean([closed.evaluate_gradient(w, *person)[0] for person in zip(X, y)], axis=0)
        out.append(Comparison(*(float(np.max(np.abs(a))) for a in (forward, forward - reverse, forward - oracle))))
        w = w - rate * forward
    return out


def show_fit(path):
    """The third part of the demo; the trace plot goes to `path`."""
    train, test, names = heart_split()
    people, features = train[0].shape
    print("\n3. Logistic regression on the heart data, by forward-mode gradients\n")
    print(f"   {people} people to learn from, {len(test[1])} held out; {features} columns, scaled by the training part alone; 1 intercept")
    print("\n   step   largest element      forward minus reverse   forward minus closed form")
    for step, at in enumerate(compare_gradients(train)):
        print(f"   {step:<6} {at.largest:<20.6g} {at.reverse:<23.1e} {at.oracle:.1e}")
    print(f"   Differences are the largest over the {features + 1} elements of the gradient. The closed form is SymPy's, of one")
    print(f"   person's loss, with symbols for weights, features and class; evaluated for all {people} people and averaged.")
    fit = descend(train, test)
    z = test[0] @ fit.w[:-1] + fit.w[-1]
    right = np.mean((z > 0) == (test[1] == 1))
    print(f"\n   {STEPS} steps of gradient descent, learning rate {RATE}, in {fit.seconds:.2f} s")
    print(f"   training loss {fit.training[0]:.4f} -> {fit.training[-1]:.4f} nats per person")
    print(f"   held-out loss {fit.held_out[0]:.4f} -> {fit.held_out[-1]:.4f} nats per person")
    print(f"   held-out accuracy {right:.3f} ({round(right * len(z))} of {len(z)}), AUC {auc(test[1], z):.3f}")
    largest = sorted(zip(fit.w, names), key=lambda pair: -abs(pair[0]))[:4]
    print("   largest weights (log odds): " + ", ".join(f"{name} {w:+.2f}" for w, name in largest))
    if plot_trace(fit, path):
        print(f"   trace plot: {path}")
    else:
        print('   no trace plot: matplotlib is not installed; pip install "dualnet[plot]" brings it')

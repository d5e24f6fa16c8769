"""A logistic regression on the heart data with ``dualnet.learn``: gradient descent on forward-mode gradients."""

from dataclasses import dataclass

import numpy as np

from dualnet.datasets import load_heart, stratified_split
from dualnet.learn import Bernoulli, Dense, GradientDescent, Network
from dualnet.learn.extras import MissingExtraError
from dualnet.learn.gradients import leaves, source
from dualnet.learn.metrics import auc

RATE = 0.5  # the learning rate
STEPS = 300
CHECKED = 3  # steps whose gradient is compared with reverse mode and closed form


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


def logistic_regression():
    """The network: no hidden layer; the likelihood makes its output a probability and its loss the cross-entropy."""
    return Network([Dense(1)], likelihood=Bernoulli())


def descend(network, train, test, steps=STEPS, rate=RATE, warm_start=False):
    """Gradient descent on the mean cross-entropy with forward-mode gradients; the held-out loss is only recorded.

    Returns
    -------
    History
    """
    return network.fit(*train, optimizer=GradientDescent(rate), epochs=steps, gradient="forward", validation=test, seed=0,
                       warm_start=warm_start)


@dataclass
class Comparison:
    """The gradients of one step: how far forward mode is from the others, elementwise at most."""

    largest: float  # element of the gradient
    reverse: float
    closed_form: float


def compare_gradients(train, steps=CHECKED, rate=RATE):
    """Forward gradients of the first steps beside reverse mode and SymPy's closed form, as training takes them.

    The closed form is that of one person's loss, in symbols for the weights, the features and the class; its gradient
    is evaluated for every person and averaged.

    Returns
    -------
    list of Comparison
    """
    network, out = logistic_regression().start(train[0], seed=0), []
    sources = [source(kind, network) for kind in ("forward", "reverse", "closed-form")]
    for _ in range(steps):
        forward, reverse, closed = (np.concatenate([g.reshape(-1) for g in leaves(s(network.parameters, *train)[1])]) for s in sources)
        out.append(Comparison(*(float(np.max(np.abs(a))) for a in (forward, forward - reverse, forward - closed))))
        descend(network, train, None, steps=1, rate=rate, warm_start=True)
    return out


def show_fit(path):
    """The third part of the demo; the trace plot goes to `path`."""
    train, test, names = heart_split()
    people, features = train[0].shape
    network = logistic_regression()
    print("\n3. Logistic regression on the heart data, with dualnet.learn and forward-mode gradients\n")
    print(f"   {people} people to learn from, {len(test[1])} held out; {features} columns, scaled by the training part alone; 1 intercept")
    print(f"   {network}")
    print("\n   step   largest element      forward minus reverse   forward minus closed form")
    for step, at in enumerate(compare_gradients(train)):
        print(f"   {step:<6} {at.largest:<20.6g} {at.reverse:<23.1e} {at.closed_form:.1e}")
    print(f"   Differences are the largest over the {features + 1} elements of the gradient. The closed form is SymPy's, of one")
    print(f"   person's loss, with symbols for weights, features and class; evaluated for all {people} people and averaged.")
    history = descend(network, train, test)
    right, loss = network.predict(test[0]) == test[1], network.loss(network.parameters, *train)
    print(f"\n   {STEPS} steps of gradient descent, learning rate {RATE}, in {history['seconds'].sum():.2f} s: {history.diagnose().case}")
    print(f"   training loss {history['loss'][0]:.4f} -> {loss:.4f} nats per person")
    held_out = history["validation_loss"]
    print(f"   held-out loss {held_out[0]:.4f} after the first step -> {held_out[-1]:.4f} nats per person")
    print(f"   held-out accuracy {right.mean():.3f} ({right.sum()} of {len(right)}), AUC {auc(test[1], network.logits(test[0])):.3f}")
    largest = sorted(zip(network.parameters[0]["weights"][:, 0], names), key=lambda pair: -abs(pair[0]))[:4]
    print("   largest weights (log odds): " + ", ".join(f"{name} {w:+.2f}" for w, name in largest))
    try:
        history.plot(path)
        print(f"   trace plot: {path}")
    except MissingExtraError as error:
        print(f"   no trace plot: {error}")

"""What networks, likelihoods and training refuse: the class of the error, the value it names and the cure."""

import re

import numpy as np
import pytest

import dualnet as dn
from dualnet import learn
from dualnet.errors import ArgumentError, DTypeError, NotDifferentiableError, ShapeError

X = np.linspace(-1, 1, 24).reshape(12, 2)
Y = X[:, 0] - X[:, 1] ** 2
LABELS = (Y > 0).astype(int)


def network(outputs=1, likelihood=None):
    return learn.Network([learn.Dense(3, "tanh"), learn.Dense(outputs)], likelihood or learn.Normal())


def fitted(**options):
    net = network()
    net.fit(X, Y, **{"epochs": 1, "seed": 0, **options})
    return net


REFUSED = {
    "features are sparse": (lambda: network().fit(__import__("scipy.sparse").sparse.csr_array(X), Y, epochs=1), DTypeError, "toarray"),
    "features are complex": (lambda: network().fit(X * 1j, Y, epochs=1), DTypeError, "X.real"),
    "one example to split": (lambda: network().fit(X[:1], Y[:1], epochs=1, validation=0.5), ShapeError, "not 1"),
    "no batch": (lambda: network().fit(lambda: iter([]), epochs=1), ArgumentError, "batches"),
    "a fraction of batches": (lambda: network().fit(lambda: iter([(X, Y)]), epochs=1, validation=0.5), ArgumentError, "0.5"),
    "batches of another kind": (lambda: network().fit(lambda: iter([X]), epochs=1), ArgumentError, "batches"),
    "targets of two axes": (lambda: network(2, learn.Categorical()).fit(X, LABELS[:, None], epochs=1), ShapeError, "(12, 1)"),
    "targets of text": (lambda: network(2, learn.Categorical()).fit(X, LABELS.astype(str), epochs=1), (ArgumentError, DTypeError), "U"),
    "classes of one output": (lambda: network(1, learn.Categorical()).fit(X, LABELS, epochs=1), ShapeError, "one output for each class"),
    "Normal": (lambda: learn.Normal(variance="given"), ArgumentError, "'given'"),
    "Poisson": (lambda: learn.Poisson(link="exp"), ArgumentError, "'exp'"),
    "Noise": (lambda: learn.Noise(on="weights"), ArgumentError, "'weights'"),
    "probabilities of numbers": (lambda: fitted().predict_proba(X), ArgumentError, "use predict"),
    "saving what is not fitted": (lambda: network().save("nowhere.npz"), ArgumentError, "call fit first"),
    "a checkpoint of restarts": (lambda: fitted(restarts=2, checkpoint="nowhere"), ArgumentError, "restarts=1"),
    "forward gradients of LBFGS": (lambda: fitted(optimizer=learn.LBFGS(), gradient="forward"), ArgumentError, "leave gradient= out"),
    "a penalty L1": (lambda: fitted(optimizer=learn.LevenbergMarquardt(), penalty=learn.L1(0.1)), NotDifferentiableError, "L1"),
    "rates in disorder": (lambda: learn.learning_rate_range_test(network(), X, Y, low=1.0, high=0.1), ArgumentError, "0.1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_name_the_value_and_the_cure(name):
    call, error, words = REFUSED[name]
    with pytest.raises(error, match=re.escape(words)) as caught:
        call()
    assert isinstance(caught.value, dn.DualnetError)


def test_least_squares_of_two_targets_with_weights_are_those_of_lstsq(rng):
    Z, weights = np.column_stack([Y, Y**2 - X[:, 1]]) + 0.1 * rng.standard_normal((12, 2)), rng.uniform(0.5, 2, 12)
    net = learn.Network([learn.Dense(2)], learn.Normal())
    net.fit(X, Z, optimizer=learn.LevenbergMarquardt(), epochs=200, sample_weight=weights, seed=0)
    root = np.sqrt(weights)[:, None]
    exact = np.linalg.lstsq(root * np.column_stack([X, np.ones(12)]), root * Z, rcond=None)[0]
    np.testing.assert_allclose(net.predict(X), np.column_stack([X, np.ones(12)]) @ exact, atol=1e-6)
    error = net.predict(X) - Z
    loss = lambda Z: net.loss(net.parameters, X, Z, weights=weights)
    np.testing.assert_allclose(loss(Z) - loss(net.predict(X)),
                               np.sum(weights * np.mean(error**2 / 2, axis=1)) / np.sum(weights), rtol=1e-6)


def test_an_optimizer_of_scipy_notes_the_validation_loss():
    net = network()
    history = net.fit(X, Y, optimizer=learn.LBFGS(), epochs=5, validation=(X[:4], Y[:4] + 1), seed=0)
    assert len(history.columns["validation_loss"]) == len(history) > 0
    assert history.columns["validation_loss"][-1] > history.columns["loss"][-1]


def test_restarts_in_several_processes_are_those_in_one():
    runs = [fitted(restarts=2, n_jobs=n) for n in (1, 2)]
    np.testing.assert_array_equal(runs[0].predict(X), runs[1].predict(X))
    assert runs[0].history.restarts == runs[1].history.restarts and len(runs[0].history.restarts) == 2


def test_restarts_that_all_diverge_raise():
    with pytest.raises(learn.DivergedError, match="all 2 restarts diverged"):
        fitted(restarts=2, optimizer=learn.SGD(1e200), epochs=20)

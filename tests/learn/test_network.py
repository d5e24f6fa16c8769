"""Networks: plain loss functions, all ways to the gradient agree, whatever the architecture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dualnet as dn
from dualnet.errors import ArgumentError, ShapeError
from dualnet.learn import (
    L1,
    L2,
    Activation,
    Bernoulli,
    Categorical,
    Dense,
    Dropout,
    ElasticNet,
    Flatten,
    Laplace,
    Network,
    Normal,
    NotFittedError,
    Poisson,
    StudentT,
)
from dualnet.learn.activations import ACTIVATIONS, activation
from dualnet.learn.gradients import leaves

SMOOTH = ["identity", "sigmoid", "tanh", "gelu", "softplus", "softmax", "arctan", np.sin]
KINKED = ["relu", "leaky_relu", "elu", np.abs]


@st.composite
def problems(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    likelihood = draw(st.sampled_from([Bernoulli(), Categorical(), Normal(), Normal("learnt"), Poisson(), Poisson("softplus"), Laplace(),
                                       StudentT()]))
    outputs = 3 if type(likelihood) is Categorical else likelihood.per_target
    layers = []
    for _ in range(draw(st.integers(0, 3))):
        layers.append(Dense(draw(st.integers(1, 4)), draw(st.sampled_from(SMOOTH + KINKED))))
        if draw(st.booleans()):
            layers.append(Dropout(draw(st.sampled_from([0.2, 0.5])), per=draw(st.sampled_from(["example", "batch"]))))
    net = Network([*layers, Dense(outputs)], likelihood)
    n, p = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    X, y = rng.standard_normal((n, p)), rng.integers(0, 2, n)
    return net.start(X, rng), X, likelihood.check(y, outputs), draw(st.sampled_from([None, L1(0.1), L2(0.1), ElasticNet(0.1, 0.2)])), rng


@given(problems())
def test_forward_is_reverse_is_the_difference_for_any_network(problem):
    net, X, y, penalty, rng = problem
    masks, weights = net.draw(len(X), rng), rng.random(len(X)) + 0.1

    def objective(parameters):
        loss = net.loss(parameters, X, y, masks=masks, weights=weights if len(X) > 2 else None)
        return loss if penalty is None else loss + penalty(parameters)

    for kinks in ("local", "ahead"):
        forward, reverse = (leaves(dn.grad(objective, mode=m, kinks=kinks)(net.parameters)) for m in ("forward", "reverse"))
        for f, r in zip(forward, reverse):
            np.testing.assert_allclose(f, r, rtol=1e-9, atol=1e-10)
    along = [{k: rng.standard_normal(v.shape) for k, v in p.items()} for p in net.parameters]
    slope = dn.jvp(objective, (net.parameters,), (along,))[1]
    h = 1e-6

    def moved(h):
        return objective([{k: v + h * t[k] for k, v in p.items()} for p, t in zip(net.parameters, along)])

    ahead, behind = (moved(h) - moved(0)) / h, (moved(0) - moved(-h)) / h
    low, high = sorted((ahead, behind))  # a kink may lie on the way
    slack = 1e-4 * (1 + abs(slope)) + 10 * h * abs(moved(1e-3) + moved(-1e-3) - 2 * moved(0)) / 1e-6
    assert low - slack <= slope <= high + slack


@settings(max_examples=15)
@given(problems())
def test_second_derivatives_agree(problem):
    net, X, y, _, rng = problem
    along = [{k: rng.standard_normal(v.shape) for k, v in p.items()} for p in net.parameters]
    gradient = dn.grad(net.loss, mode="reverse")
    twice = dn.jvp(lambda p: gradient(p, X, y), (net.parameters,), (along,))[1]
    other = dn.jvp(lambda p: dn.grad(net.loss, mode="forward")(p, X, y), (net.parameters,), (along,))[1]
    for a, b in zip(leaves(twice), leaves(other)):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_do_not_overflow(name):
    x = np.array([-1e4, -1.0, 0.0, 1.0, 1e4])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        out = activation(name)(x)
    assert np.isfinite(out).all()
    assert activation(name)(x.astype(np.float32)).dtype == np.float32


def test_initial_weights_have_the_variance_of_their_papers():
    X = np.zeros((1, 300))
    glorot, he = (Network([Dense(200, a)]).start(X, 0).parameters[0]["weights"] for a in ("tanh", "relu"))
    assert glorot.var() == pytest.approx(2 / 500, rel=0.02) and abs(glorot).max() <= np.sqrt(6 / 500)
    assert he.var() == pytest.approx(2 / 300, rel=0.02)


def test_inverted_dropout_is_the_papers(rng):
    """Masks alone in training and weights times keep in prediction: the same two functions."""
    X, keep = rng.standard_normal((6, 4)), 0.8
    net = Network([Dropout(keep=keep), Dense(3)], Normal()).start(X)
    masks = net.draw(6, rng)
    W, b = net.parameters[1]["weights"], net.parameters[1]["bias"]
    papers = W / keep
    np.testing.assert_allclose(net.forward(net.parameters, X, masks), (X * (masks[0] > 0)) @ papers + b)
    np.testing.assert_allclose(net.forward(net.parameters, X), X @ (keep * papers) + b)


def test_dropout_masks_have_the_keep_probability_and_unit_mean(rng):
    each = Dropout(0.2).draw((1000,), 200, rng, "float64")
    assert np.mean(each > 0) == pytest.approx(0.8, abs=0.01) and each.mean() == pytest.approx(1, abs=0.01)
    assert Dropout(0.5, per="batch").draw((7,), 200, rng, "float32").shape == (1, 7)


def test_monte_carlo_dropout(rng):
    X = rng.standard_normal((4, 3))
    net = Network([Dense(50, "relu"), Dropout(0.5), Dense(1)], Normal()).start(X)
    drawn = net.sample(X, 4000, seed=1)
    assert drawn.shape == (4000, 4)
    np.testing.assert_allclose(drawn.mean(0), net.predict(X), atol=4 * drawn.std(0).max() / 60)
    summary = net.predict_interval(X, 200)
    assert (summary["std"] > 0).all() and summary["quantiles"].shape == (3, 4)
    np.testing.assert_array_equal(net.sample(X, 3, seed=5), net.sample(X, 3, seed=5))


def test_images_are_flattened():
    X = np.zeros((2, 4, 4))
    net = Network([Flatten(), Dense(2)], Categorical()).start(X)
    assert net.logits(X).shape == (2, 2)
    with pytest.raises(ShapeError, match="Flatten"):
        Network([Dense(2)], Categorical()).start(X)


@pytest.mark.parametrize("make", [
    lambda: Network([]), lambda: Network([3]), lambda: Dense(0), lambda: Dense(2.5), lambda: Dense(2, "tanhh"), lambda: Dropout(1.0),
    lambda: Dropout(0.5, keep=0.5), lambda: Network([Dense(1)], "normal"), lambda: Network([Dense(1)], dtype="int32"),
    lambda: L2(-1), lambda: Activation("no"), lambda: Dense(2, initialisation="xavier"), lambda: Dropout(0.5, per="pixel"),
])
def test_wrong_architecture_is_refused(make):
    with pytest.raises(ArgumentError):
        make()


def test_prediction_checks_its_input():
    net = Network([Dense(1)], Bernoulli())
    with pytest.raises(NotFittedError, match="fit"):
        net.predict(np.zeros((2, 3)))
    net.start(np.zeros((1, 3)))
    for X, words in [(np.zeros((2, 4)), r"\(4,\).*\(3,\)"), (np.zeros(3), "reshape"), ([[1, 2, np.nan]], "row 0, column 2")]:
        with pytest.raises((ShapeError, ArgumentError), match=words):
            net.predict(X)


def test_elu_is_smooth_at_zero_in_every_mode():
    from dualnet.learn.activations import elu

    for kinks in ("ahead", "local"):
        assert dn.jvp(elu, (0.0,), (2.0,), kinks=kinks)[1] == 2.0
        assert dn.jvp(elu, (0.0,), (-2.0,), kinks=kinks)[1] == -2.0
        assert dn.grad(elu, mode="reverse", kinks=kinks)(0.0) == 1.0

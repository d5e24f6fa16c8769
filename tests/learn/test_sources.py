"""Densities of one's own, closed forms, second order, hypergradients: derivatives from elsewhere must agree."""

import tracemalloc

import numpy as np
import pytest
import sympy as sp
import sympy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import dualnet as dn
from dualnet.datasets import load_heart
from dualnet.errors import ArgumentError, NotDifferentiableError
from dualnet.learn import (
    L1,
    L2,
    LBFGS,
    SGD,
    Adam,
    Bernoulli,
    Categorical,
    Dense,
    Dropout,
    ElasticNet,
    GradientDescent,
    LevenbergMarquardt,
    Likelihood,
    Network,
    Noise,
    Normal,
    Poisson,
    StudentT,
    TrustNCG,
    hypergradient,
    landscape,
    learning_rate_range_test,
    stationary_point,
    tune,
)
from dualnet.learn.gradients import leaves, source
from dualnet.learn.second_order import problem_of
from dualnet.learn.unrolled import Unrolled

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.1 * RNG.standard_normal(40)
POSITIVE = sp.symbols("a b", positive=True)
REAL = sp.Symbol("m", real=True)


def test_a_density_learns_its_parameters():
    waits = np.random.default_rng(1).exponential(3.0, 4000)
    rate = sp.Symbol("rate", positive=True)
    net = Network([Dense(1)], Likelihood.from_density(rate * sp.exp(-rate * sp.Symbol("y")), mean=1 / rate))
    net.fit(np.zeros((4000, 1)), waits, optimizer=LBFGS())
    assert net.predict(np.zeros((1, 1)))[0] == pytest.approx(waits.mean(), rel=1e-3)


def test_a_numpy_log_density_and_what_is_refused():
    def log_density(y, m, s):
        return -0.5 * ((y - m) / s) ** 2 - np.log(s)

    net = Network([Dense(2)], Likelihood.from_density(log_density, links={"s": "softplus"}))
    net.fit(X, Y, optimizer=LBFGS(), epochs=500)
    assert np.mean((net.predict(X) - Y) ** 2) < 0.02
    with pytest.raises(ArgumentError, match="-1 in row 0"):
        Likelihood.from_density(sympy.stats.Poisson("Y", POSITIVE[0])).check(np.array([-1.0]), 1)
    with pytest.raises(ArgumentError, match="does not contain"):
        Likelihood.from_density(sp.exp(-POSITIVE[0]))
    with pytest.raises(ArgumentError, match="no parameter"):
        Likelihood.from_density(log_density, links={"q": "exp"})


@pytest.mark.parametrize(("likelihood", "y"), [(Bernoulli(), (Y > 0) * 1.0), (Categorical(), np.digitize(Y, [-1, 1])), (Normal(), Y)],
                         ids=["Bernoulli", "Categorical", "Normal"])
def test_the_closed_form_is_the_reverse_mode(likelihood, y):
    net = Network([Dense(2, "tanh"), Dense(3 if type(likelihood) is Categorical else 1)], likelihood).start(X, 1)
    weights = np.random.default_rng(2).random(40)
    for penalty in (None, L1(0.1)):
        loss, closed = source("closed-form", net, penalty)(net.parameters, X, y, weights)
        same, reverse = source("reverse", net, penalty)(net.parameters, X, y, weights)
        assert loss == pytest.approx(float(same), rel=1e-12)
        for a, b in zip(leaves(closed), leaves(reverse)):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@settings(max_examples=8)
@given(st.sampled_from([Bernoulli(), Categorical(), Normal(), Normal("learnt"), Poisson(), Poisson("softplus"), StudentT()]),
       st.lists(st.tuples(st.integers(1, 2), st.sampled_from(["tanh", "sigmoid", "softplus", "gelu", "softmax", "sin"])), max_size=1),
       st.sampled_from([None, L1(0.1), L2(0.1), ElasticNet(0.1, 0.2)]), st.integers(0, 2**32))
def test_whatever_the_network_the_closed_form_is_forward_and_reverse(likelihood, hidden, penalty, seed):
    rng = np.random.default_rng(seed)
    outputs = 2 if type(likelihood) is Categorical else likelihood.per_target
    net = Network([*(Dense(*layer) for layer in hidden), Dense(outputs)], likelihood)
    features, y = rng.standard_normal((3, 2)), likelihood.check(np.array([0, 1, 1]), outputs)
    net.start(features, rng)
    loss, closed = source("closed-form", net, penalty)(net.parameters, features, y)
    for kind in ("forward", "reverse"):
        same, gradient = source(kind, net, penalty)(net.parameters, features, y)
        assert loss == pytest.approx(float(same), rel=1e-12)
        for a, b in zip(leaves(closed), leaves(gradient)):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_closed_forms_refuse_pieces_and_dropout():
    with pytest.raises(ArgumentError, match="smooth"):
        Network([Dense(3, "relu"), Dense(1)]).fit(X, Y, gradient="closed-form", epochs=2)
    with pytest.raises(ArgumentError, match="dropout"):
        Network([Dropout(0.5), Dense(1)]).fit(X, Y, gradient="closed-form", epochs=2)


def test_check_accepts_a_networks_loss():
    net = Network([Dense(2, "tanh"), Dense(1)], Bernoulli()).start(X[:, :2], 0)
    assert dn.check(lambda p: net.loss(p, X[:2, :2], np.array([0.0, 1.0])), net.parameters, order=1).ok


def test_forward_gradients_are_unbiased():
    net = Network([Dense(2, "tanh"), Dense(1)]).start(X, 0)
    _, estimate = source("forward-gradient", net, directions=4000, rng=np.random.default_rng(0))(net.parameters, X, Y)
    _, exact = source("reverse", net)(net.parameters, X, Y)
    a, b = (np.concatenate([v.reshape(-1) for v in leaves(g)]) for g in (estimate, exact))
    assert np.linalg.norm(a - b) < 5 * np.linalg.norm(b) * np.sqrt(a.size / 4000)


def deep_memory(kind, depth):
    net = Network([*(Dense(8, "tanh") for _ in range(depth)), Dense(1)]).start(X, 0)
    gradient = source(kind, net, rng=np.random.default_rng(0))
    held = sum(v.nbytes for v in leaves(net.parameters))
    big = np.tile(X, (100, 1)), np.tile(Y, 100)
    gradient(net.parameters, *big)
    tracemalloc.start()
    gradient(net.parameters, *big)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak - 4 * held


def test_forward_gradient_memory_is_flat_in_depth():
    """Beside gradient, directions and the sweep's tangents of the parameters themselves."""
    assert deep_memory("forward-gradient", 100) < 1.5 * deep_memory("forward-gradient", 10)
    assert deep_memory("reverse", 100) > 5 * deep_memory("reverse", 10)


@pytest.mark.parametrize("optimizer", [LBFGS(), TrustNCG(), LevenbergMarquardt()], ids=repr)
def test_second_order_finds_ridge(optimizer):
    net = Network([Dense(1)], Normal())
    history = net.fit(X, Y, optimizer=optimizer, penalty=L2(0.1))
    A = np.column_stack([X, np.ones(40)])
    exact = np.linalg.solve(A.T @ A + 0.1 * 40 * np.diag([1, 1, 1, 0]), A.T @ Y)
    np.testing.assert_allclose([*net.parameters[0]["weights"][:, 0], *net.parameters[0]["bias"]], exact, atol=1e-6)
    assert history["loss"][-1] <= history["loss"][0] and history.stopped


def test_second_order_refuses_what_it_cannot_do():
    with pytest.raises(ArgumentError, match="dropout"):
        Network([Dropout(0.5), Dense(1)]).fit(X, Y, optimizer=LBFGS())
    with pytest.raises(NotDifferentiableError, match="LBFGS"):
        Network([Dense(1)], Bernoulli()).fit(X, (Y > 0) * 1.0, optimizer=LevenbergMarquardt())


def test_stationary_points():
    net = Network([Dense(1)])
    net.fit(X, Y, optimizer=LBFGS())
    found = stationary_point(net, X, Y)
    A = np.column_stack([np.ones(40), X])
    np.testing.assert_allclose(found.eigenvalues, np.linalg.eigvalsh(A.T @ A / 40), rtol=1e-6)
    assert found.kind == "minimum" and "minimum" in str(found)
    net.start(X, 3)
    assert stationary_point(net, X, Y).kind == "not stationary"
    saddle = Network([Dense(1), Dense(1)])  # two linear layers: all zeros is a saddle
    centred = X - X.mean(0), Y - Y.mean()
    saddle.start(X)
    for layer in saddle.parameters:
        for v in layer.values():
            v[...] = 0
    assert stationary_point(saddle, *centred).kind == "saddle"


def test_lanczos_agrees_with_the_whole_hessian():
    net = Network([Dense(5, "tanh"), Dense(1)]).start(X, 0)
    few, many = (stationary_point(net, X, Y, dense_up_to=k).eigenvalues for k in (3, 400))
    np.testing.assert_allclose([few[0], few[-1]], [many[0], many[-1]], rtol=1e-5)


def test_landscape_holds_the_loss_in_its_middle(tmp_path):
    net = Network([Dense(3, "tanh"), Dense(1)])
    net.fit(X, Y, epochs=20)
    steps, losses = landscape(net, X, Y, points=5, path=tmp_path / "l.png")
    assert losses[2, 2] == pytest.approx(net.loss(net.parameters, X, Y)) and steps[2] == 0 and (tmp_path / "l.png").stat().st_size > 5000


def test_restarts_keep_the_best_and_report_all():
    net = Network([Dense(3, "tanh"), Dense(1)])
    history = net.fit(X, Y, epochs=5, restarts=3, n_jobs=1, seed=4)
    losses = [r["loss"] for r in history.restarts]
    assert len(losses) == 3 and losses == sorted(losses) and losses[0] == history["loss"][-1]
    single = Network([Dense(3, "tanh"), Dense(1)])
    single.fit(X, Y, epochs=5, seed=history.restarts[0]["seed"])
    np.testing.assert_array_equal(single.predict(X), net.predict(X))


@pytest.mark.parametrize("on", ["gradient", "loss"])
def test_noise_fades_and_still_learns(on):
    history = Network([Dense(1)]).fit(X, Y, optimizer=SGD(0.1), epochs=60, noise=Noise(0.1, decay=0.55, on=on))
    assert history["loss"][-1] < 0.05


@pytest.mark.parametrize("optimizer", [SGD(0.05, momentum=0.9), Adam(1e-2), GradientDescent(0.1)], ids=lambda o: type(o).__name__)
def test_hypergradient_is_the_central_difference(optimizer):
    data = load_heart()
    held = data.features[200:], data.target[200:]
    net = Network([Dense(4, "tanh"), Dropout(0.2), Dense(1)], Bernoulli())
    run = Unrolled(net, data.features[:200], data.target[:200], held, optimizer, L2(1e-2), steps=60, batch_size=32)
    point = np.log([optimizer.learning_rate.initial, 1e-2])
    _, slope = run.hypergradient(*point)
    for k, h in enumerate(np.eye(2) * 1e-5):
        assert slope[k] == pytest.approx((run(*(point + h)) - run(*(point - h))) / 2e-5, rel=1e-5, abs=1e-8)
    out = hypergradient(net, data.features[:200], data.target[:200], validation=held, optimizer=optimizer, penalty=L2(1e-2),
                        steps=60, batch_size=32)
    assert out["learning_rate"] == pytest.approx(slope[0] / optimizer.learning_rate.initial)


def test_the_unrolled_run_is_the_training():
    net = Network([Dense(2, "tanh"), Dense(1)])
    run = Unrolled(net, X, Y, (X, Y), GradientDescent(0.1), L2(0.1), steps=7)
    net.start(X)
    for p, v in zip(net.parameters, run.network.parameters):
        p.update({k: w.copy() for k, w in v.items()})
    net.fit(X, Y, optimizer=GradientDescent(0.1), penalty=L2(0.1), epochs=7, warm_start=True)
    np.testing.assert_allclose(run.trained(0.1), np.concatenate([v.reshape(-1) for v in leaves(net.parameters)]), rtol=1e-12)


@pytest.mark.parametrize("optimizer", [SGD(0.01, momentum=0.9), Adam(1e-2)], ids=["momentum", "Adam"])
def test_hypergradient_memory_does_not_grow_with_the_steps(optimizer):
    """The longest run goes first: it fills the interpreter's own free lists of tuples, which would count as growth."""
    peaks = []
    for steps in (60, 10, 60):
        run = Unrolled(Network([Dense(16, "tanh"), Dense(1)]), np.tile(X, (20, 1)), np.tile(Y, 20), (X, Y), optimizer, L2(0.1), steps=steps)
        tracemalloc.start(1)
        run.hypergradient(-4.0, -3.0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.05 * peaks[1]


def test_tune_lowers_the_validation_loss():
    found = tune(Network([Dense(1)]), X, Y, optimizer=SGD(1e-3), penalty=L2(1.0), steps=30, iterations=12)
    assert found.loss < 0.2 * found.trace[0]["loss"] and found.learning_rate > 3e-3
    assert found.optimizer.learning_rate.initial == found.learning_rate and found.regulariser.strength == found.penalty


def test_range_test(tmp_path):
    rates, losses, suggestion = learning_rate_range_test(Network([Dense(1)]), X, Y, optimizer=SGD(1.0), path=tmp_path / "r.png")
    assert 1e-3 < suggestion < 1.0 and len(rates) == len(losses) < 100 and (tmp_path / "r.png").exists()


def test_products_are_those_of_the_hessian():
    net = Network([Dense(2, "tanh"), Dense(1)]).start(X, 0)
    problem = problem_of(net, X, Y)
    v = RNG.standard_normal(problem.start.size)
    np.testing.assert_allclose(problem.product(problem.start, v), dn.hessian(problem.loss)(problem.start) @ v, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("call", "words"), [
    (lambda net: hypergradient(net, X, Y, validation=0.2, optimizer=SGD(0.1)), "validation=0.2"),
    (lambda net: hypergradient(net, X, Y, validation=(X, Y[:3]), optimizer=SGD(0.1)), r"targets of shape \(3,\)"),
    (lambda net: learning_rate_range_test(net, X, Y, steps=0), "steps=0"),
    (lambda net: landscape(net, X, Y, points=0), "points=0"), (lambda net: landscape(net, X, Y, span=-1.0), "span=-1"),
])
def test_what_cannot_be_looked_at_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call(Network([Dense(1)], Normal()))


def test_a_hypergradient_weighs_the_validation_data():
    def loss(*validation):
        return hypergradient(Network([Dense(1)], Normal()), X, Y, validation=validation, optimizer=SGD(0.1), steps=3)["loss"]

    assert loss(X, Y, 1.0 * (np.arange(len(X)) < 5)) == pytest.approx(loss(X[:5], Y[:5]), rel=1e-14)

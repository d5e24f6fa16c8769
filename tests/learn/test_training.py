"""Training: what fit does with data, what it refuses, and what its trace says."""

import numpy as np
import pytest

from dualnet.datasets import load_heart
from dualnet.errors import ArgumentError, DTypeError, DualnetError, ShapeError
from dualnet.learn import (
    L1,
    L2,
    LBFGS,
    SGD,
    Adam,
    AdamW,
    Bernoulli,
    Categorical,
    Cosine,
    Dense,
    DivergedError,
    Dropout,
    EarlyStopping,
    GradientDescent,
    History,
    Laplace,
    LevenbergMarquardt,
    Network,
    Noise,
    Normal,
    ReduceOnPlateau,
    StudentT,
    TrustNCG,
)


def heart():
    data = load_heart()
    return data.features, data.target


def line(n=60, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 3))
    return X, X @ [1.0, -2.0, 0.5] + 0.3 + 0.1 * rng.standard_normal(n)


def test_the_face(tmp_path):
    X, y = heart()
    net = Network([Dense(16, "tanh"), Dropout(0.5), Dense(1)], likelihood=Bernoulli())
    history = net.fit(X, y, optimizer=Adam(1e-2), epochs=200, batch_size=32, penalty=L2(1e-3), gradient="reverse",
                      validation=0.2, early_stopping=EarlyStopping(patience=10), restarts=1, seed=0, progress=False, checkpoint=None)
    assert isinstance(history, History) and history.stopped.startswith("no improvement") and len(history) < 200
    assert np.mean(net.predict(X) == y) > 0.8
    assert net.predict_proba(X).shape == (297, 2) and net.sample(X, samples=5).shape == (5, 297)
    best = int(np.argmin(history["validation_loss"])) + 1
    assert history.best_epoch == best == len(history) - 10


def test_full_batch_gradient_descent_finds_least_squares():
    X, y = line()
    net = Network([Dense(1)], Normal())
    net.fit(X, y, optimizer=GradientDescent(0.3), epochs=300)
    exact = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), y, rcond=None)[0]
    np.testing.assert_allclose([*net.parameters[0]["weights"][:, 0], *net.parameters[0]["bias"]], exact, atol=1e-9)


def test_line_search_descends_from_any_rate():
    X, y = line()
    history = Network([Dense(1)], Normal()).fit(X, y, optimizer=GradientDescent(1000.0, line_search=True), epochs=50)
    assert (np.diff(history["loss"]) <= 0).all() and history["loss"][-1] < 0.01


def test_the_same_seed_gives_the_same_run_and_another_does_not():
    X, y = heart()
    runs = [Network([Dense(4, "tanh"), Dropout(0.5), Dense(1)], Bernoulli()) for _ in range(3)]
    losses = [net.fit(X, y, epochs=3, seed=s)["loss"] for net, s in zip(runs, (1, 1, 2))]
    np.testing.assert_array_equal(losses[0], losses[1])
    assert (losses[0] != losses[2]).any()


def test_every_example_is_seen_once_an_epoch():
    from dualnet.learn.data import Arrays
    seen = [X[:, 0] for X, _, _ in Arrays(np.arange(10.0)[:, None], np.zeros(10), None, 4).epoch(np.random.default_rng(0))]
    assert [len(s) for s in seen] == [4, 4, 2] and sorted(np.concatenate(seen)) == list(range(10))
    assert list(np.concatenate(seen)) != list(range(10))


def test_batch_loss_estimates_the_full_loss():
    X, y = heart()
    net = Network([Dense(1)], Bernoulli()).start(X, 0)
    full = net.loss(net.parameters, X, y)
    rng = np.random.default_rng(0)
    batches = [net.loss(net.parameters, X[r], y[r]) for r in (rng.choice(297, 32, replace=False) for _ in range(500))]
    assert abs(np.mean(batches) - full) < 4 * np.std(batches) / np.sqrt(500) and np.std(batches) > 0


@pytest.mark.parametrize("source", ["forward", "reverse"])
def test_sources_of_the_gradient_give_one_run(source):
    X, y = heart()
    losses = Network([Dense(2, "tanh"), Dense(1)], Bernoulli()).fit(X[:60], y[:60], epochs=3, gradient=source)["loss"]
    again = Network([Dense(2, "tanh"), Dense(1)], Bernoulli()).fit(X[:60], y[:60], epochs=3)["loss"]
    np.testing.assert_allclose(losses, again, rtol=1e-10)


def test_forward_gradients_learn():
    X, y = line()
    history = Network([Dense(1)], Normal()).fit(X, y, optimizer=SGD(0.1), gradient="forward-gradient", directions=4, epochs=60)
    assert history["loss"][-1] < 0.05 < history["loss"][0]


def test_l2_is_weight_decay_for_sgd():
    X, y = line()
    rate, strength = 0.1, 0.3
    net = Network([Dense(1)], Normal()).start(X, 0)
    W, b = net.parameters[0]["weights"].copy(), net.parameters[0]["bias"].copy()
    net.fit(X, y, optimizer=GradientDescent(rate), epochs=5, penalty=L2(strength), warm_start=True)
    for _ in range(5):
        error = X @ W[:, 0] + b - y
        W, b = W * (1 - rate * strength) - rate * (X.T @ error / len(X))[:, None], b - rate * error.mean()
    np.testing.assert_allclose(net.parameters[0]["weights"], W, rtol=1e-12)
    np.testing.assert_allclose(net.parameters[0]["bias"], b, rtol=1e-12)


def test_l2_is_the_gaussian_map():
    """The minimum of the penalised mean loss is the mode of N(y; Xw, 1) N(w; 0, 1 / (n strength)): ridge."""
    X, y = line()
    X, y, strength = X - X.mean(0), y - y.mean(), 0.5
    net = Network([Dense(1)], Normal())
    net.fit(X, y, optimizer=GradientDescent(0.3), epochs=500, penalty=L2(strength))
    prior_precision = len(X) * strength
    np.testing.assert_allclose(net.parameters[0]["weights"][:, 0], np.linalg.solve(X.T @ X + prior_precision * np.eye(3), X.T @ y),
                               atol=1e-9)


def test_l1_makes_weights_small_that_do_not_matter():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 20))
    y = X[:, 0] - X[:, 1] + 0.1 * rng.standard_normal(200)
    nets = [Network([Dense(1)], Normal()) for _ in range(2)]
    for net, penalty in zip(nets, (L1(0.2), L2(0.2))):
        net.fit(X, y, optimizer=GradientDescent(1e-2), epochs=1000, penalty=penalty)
    small = [int(np.sum(np.abs(net.parameters[0]["weights"]) < 2e-3)) for net in nets]
    assert small[0] == 18 and small[1] < 9


def test_sample_weights_count_like_copies():
    X, y = line(20)
    w = np.arange(20) % 3
    nets = [Network([Dense(1)], Normal()) for _ in range(2)]
    nets[0].fit(X, y, sample_weight=w, batch_size=None, epochs=20)
    nets[1].fit(np.repeat(X, w, 0), np.repeat(y, w), batch_size=None, epochs=20)
    np.testing.assert_allclose(nets[0].parameters[0]["weights"], nets[1].parameters[0]["weights"], rtol=1e-9)


def test_batches_from_functions_and_generators():
    X, y = line()

    def batches():
        for i in range(0, 60, 20):
            yield X[i:i + 20], y[i:i + 20]

    net = Network([Dense(1)], Normal())
    history = net.fit(batches, epochs=100, optimizer=Adam(0.05), validation=(X, y))
    assert len(history) == 100 and history["validation_loss"][-1] < 0.01
    assert len(Network([Dense(1)], Normal()).fit(batches(), epochs=1)) == 1
    with pytest.raises(ArgumentError, match="one epoch"):
        Network([Dense(1)], Normal()).fit(batches(), epochs=2)


def test_float32_stays_float32():
    X, y = heart()
    net = Network([Dense(4, "relu"), Dropout(0.5), Dense(1)], Bernoulli(), dtype="float32")
    net.fit(X, y, epochs=2, penalty=L2(1e-3), noise=Noise(0.01))
    assert net.parameters[0]["weights"].dtype == np.float32 and net.logits(X).dtype == np.float32


def test_a_frame_remembers_its_columns():
    pd = pytest.importorskip("pandas")
    X, y = line()
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    net = Network([Dense(1)], Normal())
    net.fit(frame, y, epochs=1)
    with pytest.raises(ShapeError, match="order"):
        net.predict(frame[["b", "a", "c"]])
    with pytest.raises(ShapeError, match="missing"):
        net.predict(frame.rename(columns={"a": "z"}))


def test_diverging_training_stops_and_keeps_the_last_good_state():
    X, y = line()
    net = Network([Dense(5, "relu"), Dense(1)], Normal())
    with np.errstate(all="ignore"), pytest.raises(DivergedError, match=r"step \d+ .*layer \d.*learning rate") as caught:
        net.fit(X, y, optimizer=SGD(50.0), epochs=100)
    assert np.isfinite(net.predict(X)).all() and caught.value.history.stopped == "diverged"


def test_a_plateau_of_one_run_does_not_slow_the_next():
    X, y = line()
    optimizer = SGD(ReduceOnPlateau(0.1, patience=1, gamma=0.1))
    losses = [Network([Dense(1)], Normal()).fit(X, y, optimizer=optimizer, epochs=40)["loss"] for _ in range(2)]
    np.testing.assert_array_equal(*losses)
    assert optimizer.learning_rate(0) == 0.1


def test_restarts_share_their_validation_data():
    X, y = line()
    held = []
    net = Network([Dense(2, "tanh"), Dense(1)], Normal())
    history = net.fit(X, y, epochs=2, restarts=3, validation=0.2, seed=5, metrics={"mean": lambda y, p: held.append(y) or 0.0})
    assert len(held) == 6 and all((h == held[0]).all() for h in held) and len(history.restarts) == 3
    alone = Network([Dense(2, "tanh"), Dense(1)], Normal()).fit(X, y, epochs=2, validation=0.2, seed=5)["validation_loss"]
    assert alone[-1] in [r["loss"] for r in history.restarts]


def test_interrupt_returns_the_best_so_far():
    X, y = line()

    def interrupt(row):
        if row["epoch"] == 3:
            raise KeyboardInterrupt

    net = Network([Dense(1)], Normal())
    history = net.fit(X, y, epochs=100, callbacks=[interrupt])
    assert len(history) == 3 and history.stopped == "interrupted" and np.isfinite(net.predict(X)).all()
    assert len(Network([Dense(1)], Normal()).fit(X, y, epochs=100, callbacks=[lambda row: row["epoch"] == 2])) == 2


@pytest.mark.parametrize(("change", "error"), [
    ({"epochs": 0}, ArgumentError), ({"epochs": 2.5}, ArgumentError), ({"batch_size": -1}, ArgumentError), ({"validation": 1.5},
                                                                                                            ArgumentError),
    ({"optimizer": "adam"}, ArgumentError), ({"gradient": "backward"}, ArgumentError), ({"early_stopping": 10}, ArgumentError),
    ({"restarts": 0}, ArgumentError), ({"penalty": 0.1}, ArgumentError), ({"sample_weight": [1.0]}, ShapeError),
    ({"sample_weight": -np.ones(60)}, ArgumentError), ({"X": np.full((60, 3), np.inf)}, ArgumentError), ({"X": np.zeros((0, 3)),
                                                                                                          "y": []}, ShapeError),
    ({"y": np.zeros(59)}, ShapeError), ({"y": np.zeros((60, 1))}, ShapeError), ({"X": [["a"]] * 60}, DTypeError),
    ({"gradient": "forward-gradient", "directions": 0}, ArgumentError), ({"y": np.full(60, np.nan)}, ArgumentError),
])
def test_bad_input_is_refused(change, error):
    X, y = line()
    arguments = {"X": X, "y": y, "epochs": 1, **change}
    with pytest.raises(error):
        Network([Dense(1)], Normal()).fit(**arguments)


@pytest.mark.parametrize(("change", "words"), [
    ({"validation": (np.zeros((4, 3)), np.zeros(3))}, "4 examples and targets of shape"),
    ({"validation": (np.zeros((0, 3)), [])}, "0 examples"), ({"validation": ([],)}, "give .X, y."), ({"validation": "some"}, "fraction"),
    ({"validation": (np.zeros((4, 2)), np.zeros(4))}, r"\(2,\).*\(3,\)"), ({"validation": (np.zeros((4, 3)), [0, 0, np.nan, 0])}, "row 2"),
    ({"metrics": {"loss": max}}, "another name"), ({"metrics": max}, "a dict"), ({"callbacks": 3}, "list of functions"),
    ({"seed": "a"}, "seed"), ({"seed": -1}, "seed"), ({"augmentation": 3}, "ImageAugmentation"), ({"X": np.zeros((60, 0))}, "no features"),
    ({"optimizer": LBFGS(), "early_stopping": EarlyStopping()}, "runs in SciPy"),
    ({"optimizer": LBFGS(), "checkpoint": "folder"}, "runs in SciPy"),
    ({"optimizer": LBFGS(), "metrics": {"a": max}}, "runs in SciPy"),
    ({"X": lambda: iter([(np.zeros((2, 3)), np.zeros(2))]), "y": None, "optimizer": LBFGS()}, "all examples at once"),
    ({"X": lambda: iter([(np.zeros((2, 3)), np.zeros(2))]), "y": None, "optimizer": GradientDescent()}, "all examples at once"),
    ({"X": lambda: iter([(np.zeros((2, 3)), np.zeros(2))]), "y": None, "sample_weight": [1]}, "batches .X, y, weights."),
    ({"X": iter([(np.zeros((2, 3)), np.zeros(2))]), "y": None, "restarts": 2}, "several times"),
])
def test_what_cannot_be_honoured_is_refused_by_name(change, words):
    X, y = line()
    with pytest.raises(DualnetError, match=words):
        Network([Dense(1)], Normal()).fit(**{"X": X, "y": y, "epochs": 1, **change})


@pytest.mark.parametrize("make", [
    lambda: Adam(eps=-1), lambda: Adam(eps="a"), lambda: Adam(beta1=None), lambda: AdamW(decay=-1), lambda: SGD([0.1]), lambda: SGD(1j),
    lambda: SGD(np.array([0.1, 0.2])), lambda: L2("a"), lambda: L2(np.inf), lambda: L1(np.nan), lambda: Noise(0.1, decay="a"),
    lambda: Cosine(0.1, 10, final=-1), lambda: Laplace("a"), lambda: StudentT(np.inf), lambda: Dropout("a"), lambda: Dropout(keep=2),
    lambda: Network([Dense(1)], dtype="abc"), lambda: Network(None), lambda: EarlyStopping(3, np.nan),
])
def test_numbers_of_the_wrong_sign_or_type_are_refused(make):
    with pytest.raises(ArgumentError, match=r"give|choose|layers are"):
        make()


@pytest.mark.parametrize(("likelihood", "outputs"), [(Bernoulli(), 1), (Categorical(), 3)], ids=repr)
def test_one_class_only_is_refused(likelihood, outputs):
    with pytest.raises(ArgumentError, match="one class, 1"):
        Network([Dense(outputs)], likelihood).fit(np.eye(4), np.ones(4, int))


def test_outputs_that_no_target_would_use_are_refused():
    X, y = line()
    with pytest.raises(ShapeError, match=r"2 outputs for each target, but the network has 3; end it with Dense\(2\)"):
        Network([Dense(3)], Normal("learnt")).fit(X, y, epochs=1)


def test_constant_columns_do_no_harm():
    X, y = line()
    plain, wider = Network([Dense(1)], Normal()), Network([Dense(1)], Normal())
    plain.fit(X, y, optimizer=LBFGS(), epochs=200)
    wider.fit(np.column_stack([X, np.full(60, 3.0)]), y, optimizer=LBFGS(), epochs=200)
    np.testing.assert_allclose(wider.predict(np.column_stack([X, np.full(60, 3.0)])), plain.predict(X), atol=1e-5)


def test_validation_data_may_have_weights():
    X, y = line()
    w = np.arange(60.0)
    net = Network([Dense(1)], Normal())
    history = net.fit(X, y, epochs=2, validation=(X, y, w))
    assert history["validation_loss"][-1] == pytest.approx(np.average(0.5 * (net.predict(X) - y) ** 2, weights=w))


@pytest.mark.parametrize("optimizer", [LBFGS(), TrustNCG(), LevenbergMarquardt()], ids=repr)
def test_interrupting_scipy_keeps_the_best_so_far(optimizer, monkeypatch):
    from dualnet.learn.history import History as Trace
    X, y = line()
    net = Network([Dense(4, "tanh"), Dense(1)], Normal())
    record = Trace.record

    def interrupt(self, **row):
        record(self, **row)
        if len(self) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Trace, "record", interrupt)
    history = net.fit(X, y, optimizer=optimizer)
    assert history.stopped == "interrupted" and len(history) == 3
    assert net.loss(net.parameters, X, y) == pytest.approx(history["loss"].min())


def test_scipy_that_meets_no_number_stops_and_keeps_the_last_good_state():
    X, y = line()

    net = Network([Dense(1)], Normal())
    with pytest.raises(DivergedError, match="LBFGS"), np.errstate(all="ignore"):
        net.fit(X, y + 10 * X[:, 0], optimizer=LBFGS(), penalty=lambda p: np.sqrt(-np.sum(p[0]["weights"]) - 1e3))
    assert np.isfinite(net.predict(X)).all()


def test_wrong_patience_is_refused():
    for patience in (0, -1, 2.5, True, "ten"):
        with pytest.raises(ArgumentError, match="patience"):
            EarlyStopping(patience=patience)


@pytest.mark.parametrize(("options", "column", "best"), [
    ({}, "validation_loss", np.argmin), ({"watch": "error"}, "error", np.argmin),
    ({"watch": "right", "larger_is_better": True}, "right", np.argmax),
])
def test_early_stopping_goes_back_to_the_best_of_what_it_watches(options, column, best):
    X, y = heart()
    net = Network([Dense(32, "tanh"), Dense(1)], Bernoulli())
    metrics = {"error": lambda y, p: np.mean(y != p), "right": lambda y, p: np.mean(y == p)}
    seen = []
    history = net.fit(X[:200], y[:200], optimizer=Adam(1e-2), validation=(X[200:], y[200:]), metrics=metrics,
                      early_stopping=EarlyStopping(4, **options), callbacks=[lambda row: seen.append(row["network"].predict(X).copy())])
    assert history.best_epoch == best(history[column]) + 1 == len(history) - 4
    np.testing.assert_array_equal(net.predict(X), seen[history.best_epoch - 1])


def test_early_stopping_names_a_column_that_is_not_there():
    X, y = line()
    with pytest.raises(ArgumentError, match="no such column; it has epoch, loss"):
        Network([Dense(1)], Normal()).fit(X, y, epochs=1, early_stopping=EarlyStopping(watch="accuracy"))
    for wrong in ({"watch": 3}, {"tolerance": -1}, {"tolerance": "a"}):
        with pytest.raises(ArgumentError, match="EarlyStopping"):
            EarlyStopping(**wrong)


@pytest.mark.parametrize(("case", "rate", "epochs"), [
    ("converged", 0.3, 200), ("still decreasing", 1e-3, 60), ("oscillating", None, 60), ("diverging", 2.3, 30),
])
def test_diagnose_tells_runs_apart(case, rate, epochs):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((100, 2))
    y = X @ [1.0, 2.0]
    net = Network([Dense(1)], Normal())
    if case == "oscillating":  # minibatches of a noisy problem at a rate near the limit of stability
        y = y + 0.5 * rng.standard_normal(100)
        history = net.fit(X, y, optimizer=SGD(0.65), epochs=epochs, batch_size=4)
    else:
        history = net.fit(X, y, optimizer=GradientDescent(rate), epochs=epochs)
    found = history.diagnose()
    assert found.case == case and not found.overfitting and len(found.advice) > 20


def test_diagnose_sees_overfitting():
    X, y = heart()
    history = Network([Dense(64, "relu"), Dense(1)], Bernoulli()).fit(X, y, optimizer=Adam(1e-2), epochs=60, validation=0.4)
    assert history.diagnose().overfitting and "stop early" in str(history.diagnose())
    history.best_epoch = 12  # as early stopping leaves it
    assert "kept are those of epoch 12" in str(history.diagnose()) and "stop early" not in str(history.diagnose())


def test_categorical_needs_an_output_for_each_class():
    with pytest.raises(ArgumentError, match="3 in row 2"):
        Network([Dense(3)], Categorical()).fit(np.zeros((3, 1)), [0, 1, 3])


@pytest.mark.parametrize(("features", "target", "words"), [
    (np.ma.masked_array(np.ones((9, 2)), np.eye(9, 2, -3) > 0), np.arange(9.0), "features are masked in row 3"),
    (np.ones((9, 2)), np.ma.masked_array(np.arange(9.0), np.arange(9) == 4), "targets are masked in row 4"),
    (np.arange("2026-01", "2026-10", dtype="M8[M]")[:, None], np.arange(9.0), r"dtype datetime64\[M\]"),
])
def test_a_mask_is_not_dropped_and_dates_are_no_numbers(features, target, words):
    with pytest.raises(DualnetError, match=words):
        Network([Dense(1)], Normal()).fit(features, target, epochs=1)
    Network([Dense(1)], Normal()).fit(np.ma.masked_array(np.ones((9, 2))), np.ma.masked_array(np.arange(9.0)), epochs=1)  # nothing masked

"""scikit-learn: its own suite, and what its users do with an estimator."""

import inspect
import pickle
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from dualnet.datasets import load_heart
from dualnet.learn import LBFGS, NetworkClassifier, NetworkRegressor, Poisson


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks([NetworkClassifier(epochs=100), NetworkRegressor()])
def test_scikit_learns_own_suite(estimator, check):
    check(estimator)


def test_the_linear_network_is_logistic_regression():
    """Minus the log posterior: LogisticRegression minimises sum loss + w^2 / (2 C), the network the mean: l2 = 1 / (C n)."""
    X, y = load_heart().features, load_heart().target
    ours = NetworkClassifier((), optimizer=LBFGS(), l2=1 / len(X), epochs=500, standardize=False).fit(X, y)
    theirs = LogisticRegression(C=1.0, tol=1e-8, max_iter=1000).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-5)


def test_the_linear_regression_is_ridge():
    X, y = load_diabetes(return_X_y=True)
    n = len(X)
    ours = NetworkRegressor((), optimizer=LBFGS(), l2=2.0 / n, epochs=500).fit(X, y)
    scaled = (X - X.mean(0)) / X.std(0)
    np.testing.assert_allclose(ours.predict(X), Ridge(2.0, tol=1e-10).fit(scaled, y).predict(scaled), rtol=1e-4)


def test_pipeline_grid_search_and_labels_of_any_type():
    X, y = load_iris(return_X_y=True)
    labels = np.array(["setosa", "versicolor", "virginica"], dtype=object)[y]
    pipe = make_pipeline(StandardScaler(), NetworkClassifier((4,), epochs=60, random_state=0))
    search = GridSearchCV(pipe, {"networkclassifier__l2": [1e-4, 10.0]}, cv=3).fit(X, labels)
    assert search.best_params_["networkclassifier__l2"] == 1e-4 and search.best_score_ > 0.9
    assert set(search.predict(X)) == set(labels)
    assert cross_val_score(pipe, X, labels, cv=3).mean() > 0.9


def test_random_state_and_pickle_are_exact():
    X, y = load_iris(return_X_y=True)
    models = [NetworkClassifier((4,), epochs=5, dropout=0.3, random_state=s).fit(X, y) for s in (3, 3, 4)]
    p = [m.predict_proba(X) for m in models]
    np.testing.assert_array_equal(p[0], p[1])
    assert (p[0] != p[2]).any()
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(models[0])).predict_proba(X), p[0])


def test_partial_fit_learns():
    X, y = load_iris(return_X_y=True)
    model = NetworkClassifier((8,), batch_size=16, random_state=0)
    rng = np.random.default_rng(0)
    for _ in range(60):
        rows = rng.permutation(150)
        model.partial_fit(X[rows], y[rows], classes=[0, 1, 2])
    assert model.score(X, y) > 0.9
    with pytest.raises(ValueError, match="label 7"):
        model.partial_fit(X[:2], [7, 1])
    with pytest.raises(ValueError, match="classes="):
        NetworkClassifier().partial_fit(X, y)


@pytest.mark.parametrize("size", [2.0**-1000, 2.0**-60, 2.0**600])
def test_units_of_features_and_targets_do_not_matter(size):
    X, y = load_diabetes(return_X_y=True)
    model = NetworkRegressor((), epochs=3, random_state=0)
    plain = model.fit(X, y).predict(X)
    np.testing.assert_array_equal(model.fit(X * size, y * size).predict(X * size), plain * size)


def test_frames_weights_constant_columns_and_counts():
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.standard_normal(200), "same": 3.0})
    counts = rng.poisson(np.exp(0.5 + frame["a"]))
    model = NetworkRegressor((), likelihood=Poisson(), epochs=300, l2=0, random_state=0).fit(frame, counts, sample_weight=np.ones(200))
    assert list(model.feature_names_in_) == ["a", "same"] and (model.predict(frame) > 0).all()
    assert model.network_.parameters[0]["weights"][0, 0] == pytest.approx(frame["a"].std(ddof=0), abs=0.1)
    with pytest.raises(ValueError, match="only one class"):
        NetworkClassifier().fit(frame, np.zeros(200))


@pytest.mark.slow
def test_it_is_imported_where_docstrings_are_stripped():
    path = Path(inspect.getfile(NetworkClassifier))
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec", optimize=2), {"__name__": "stripped"})


def test_digits():
    X, y = load_digits(return_X_y=True)
    scores = []
    for seed in range(3):
        split = train_test_split(X, y, test_size=0.2, random_state=seed, stratify=y)
        model = NetworkClassifier((100,), activation="relu", standardize=False, learning_rate=3e-3, epochs=60, batch_size=32, dropout=0.2,
                                  random_state=seed).fit(split[0] / 16, split[2])
        scores.append(model.score(split[1] / 16, split[3]))
    assert np.mean(scores) >= 0.975


@pytest.mark.slow
def test_heart_is_as_good_as_scikit_learns():
    from sklearn.metrics import roc_auc_score
    X, y = load_heart(standardize=False).features, load_heart().target
    area = {"scikit-learn": [], "linear": [], "hidden": []}
    for train, test in RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=0).split(X, y):
        scale = StandardScaler().fit(X[train])
        models = {"scikit-learn": LogisticRegression(), "linear": NetworkClassifier((), l2=1 / len(train), epochs=150, random_state=0),
                  "hidden": NetworkClassifier((8,), l2=0.05, epochs=150, random_state=0)}
        for name, model in models.items():
            p = model.fit(scale.transform(X[train]), y[train]).predict_proba(scale.transform(X[test]))
            area[name].append(roc_auc_score(y[test], p[:, 1]))
    mean = {k: np.mean(v) for k, v in area.items()}
    assert mean["linear"] > mean["scikit-learn"] - 0.005
    assert mean["hidden"] >= mean["scikit-learn"]

"""The demo: the lecture's numbers against 50-digit arithmetic, its slips found, the fit against scikit-learn."""

import math
import re
import subprocess
import sys

import mpmath
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score

import dualnet as dn
from dualnet import demo
from dualnet.datasets import load_heart
from dualnet.demo import heart, lecture

# --- the lecture's table -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def exact():
    """The table worked out by hand at 50 digits (the true signs, not those the lecture prints)."""
    with mpmath.workdps(60):
        e = mpmath.exp(-9)
        p = 1 / (1 + e)
        return {
            # value, value of the local partial, d variable / dW, dL / d variable
            "xi1": (mpmath.mpf(-9), mpmath.mpf(-3), mpmath.mpf(-3), e * p),
            "xi2": (e, e, -3 * e, p),
            "xi3": (1 + e, mpmath.mpf(1), -3 * e, p),
            "xi4": (p, -(p**2), 3 * e * p**2, -1 / p),
            "xi5": (mpmath.log(p), 1 / p, 3 * e * p, mpmath.mpf(-1)),
            "L": (-mpmath.log(p), mpmath.mpf(-1), -3 * e * p, mpmath.mpf(1)),
        }


def test_every_derivative_of_the_table_is_within_4_ulp(exact):
    lines = lecture.lecture_table()
    assert [line.variable for line in lines] == list(exact)
    for line in lines:
        _, partial, forward, backward = exact[line.variable]
        for number, true in ((line.partial_value, partial), (line.forward, forward), (line.backward, backward)):
            assert lecture.ulps(number, mpmath.nstr(true, 50)) <= 4, line


def test_every_value_of_the_table_is_what_numpy_computes(exact):
    for line in lecture.lecture_table():  # log of a number near 1 loses digits in any program: no ulps here
        assert math.isclose(line.value, exact[line.variable][0], rel_tol=2e-12)


def test_the_texts_of_the_table_are_the_lecture_s():
    texts = {line.variable: (line.formula, line.partial) for line in lecture.lecture_table()}
    assert texts == {
        "xi1": ("-W*x", "-x"),
        "xi2": ("exp(xi1)", "exp(xi1)"),
        "xi3": ("1 + xi2", "1"),
        "xi4": ("1/xi3", "-1/xi3**2"),
        "xi5": ("log(xi4)", "1/xi4"),
        "L": ("-y*xi5", "-y"),
    }


def test_sympy_s_table_is_the_one_worked_out_by_hand(exact):
    for name, pair in zip(lecture.STEPS, lecture.exact_table(), strict=True):
        for text, true in zip(pair, exact[name][2:], strict=True):
            with mpmath.workdps(60):
                assert mpmath.almosteq(mpmath.mpf(text), true, rel_eps=mpmath.mpf(10) ** -48)


def test_the_steps_make_up_the_loss():
    steps = lecture.through_the_steps(lecture.AT["W"], (0.0,) * 6)[-1]
    assert steps == lecture.loss(*lecture.AT.values())


def test_units_in_the_last_place():
    assert lecture.ulps(1.0, "1") == 0
    assert lecture.ulps(np.nextafter(3.0, 4), "3") == 1
    assert lecture.ulps(-2.5, "-2.5000000000000004440892098500626161694526672363281") == 1


# --- the slips ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slip", lecture.slips(), ids=lambda slip: slip.about)
def test_a_slip_is_found_and_the_row_put_right_passes(slip):
    found = lecture.finding(slip.row, slip.args)
    assert found is not None
    with pytest.raises(dn.DerivativeMismatch):
        dn.check(slip.row, *slip.args)
    assert lecture.finding(slip.mended, slip.args) is None


# --- the heart data ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def parts():
    return heart.heart_split()


def fitted(parts, **options):
    network = heart.logistic_regression()
    return network, heart.descend(network, *parts[:2], **options)


@pytest.fixture(scope="module")
def fit(parts):
    return fitted(parts)


def weights(network):
    return np.append(network.parameters[0]["weights"], network.parameters[0]["bias"])


def test_features_are_scaled_by_the_training_part_alone(parts):
    (train, _), (test, _), names = parts
    measured = [i for i, name in enumerate(names) if "_" not in name]
    np.testing.assert_allclose(train[:, measured].mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(train[:, measured].std(axis=0), 1, rtol=1e-13)
    rest = [i for i in range(len(names)) if i not in measured]
    assert set(np.unique(np.vstack([train, test])[:, rest])) == {0.0, 1.0}
    assert np.abs(test[:, measured].mean(axis=0)).max() > 1e-3


def test_nothing_of_the_held_out_part_reaches_the_weights(parts, monkeypatch):
    train, test, _ = parts
    changed = load_heart(standardize=False)
    rows = heart.stratified_split(changed.target)[1]
    changed.features[rows] *= 7.0
    monkeypatch.setattr(heart, "load_heart", lambda standardize: changed)
    again = heart.heart_split()
    np.testing.assert_array_equal(again[0][0], train[0])
    assert not np.array_equal(again[1][0], test[0])
    np.testing.assert_array_equal(weights(fitted(again, steps=5)[0]), weights(fitted((train, test), steps=5)[0]))


def test_the_loss_is_scikit_learn_s(parts, fit):
    network, history = fit
    (X, y), (X_test, y_test), _ = parts
    assert history["validation_loss"][-1] == pytest.approx(log_loss(y_test, network.predict_proba(X_test)), rel=1e-12)
    assert network.loss(network.parameters, X, y) == pytest.approx(log_loss(y, network.predict_proba(X)), rel=1e-12)
    assert len(history) == heart.STEPS and np.all(np.diff(history["loss"]) < 0)


def test_the_descent_is_the_one_written_by_hand(parts):
    """Ten steps of w - rate X'(p - y)/n from the same start."""
    (X, y), _, _ = parts
    network = heart.logistic_regression().start(X, seed=0)
    w, ones = weights(network), np.column_stack([X, np.ones(len(X))])
    heart.descend(network, *parts[:2], steps=10, warm_start=True)
    for _ in range(10):
        w = w - heart.RATE * ones.T @ (1 / (1 + np.exp(-ones @ w)) - y) / len(y)
    np.testing.assert_allclose(weights(network), w, rtol=1e-12)


def test_the_descent_goes_to_the_optimum_that_scikit_learn_finds(parts):
    (X, y), test, _ = parts
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(X, y)
    best = log_loss(y, model.predict_proba(X)[:, 1])
    network, history = fitted(parts, steps=4000, rate=2.0)
    assert np.all(np.diff(history["loss"]) < 1e-15)
    assert history["loss"][-1] == pytest.approx(best, abs=1e-4)
    assert history["loss"][-1] >= best - 1e-12


def test_the_fit_is_as_good_as_scikit_learn_s(parts, fit):
    (X, y), (X_test, y_test), _ = parts
    model = LogisticRegression().fit(X, y)
    ours = roc_auc_score(y_test, fit[0].logits(X_test))
    assert ours > roc_auc_score(y_test, model.decision_function(X_test)) - 0.02
    assert fit[1]["loss"][-1] < 0.33


def test_gradients_agree_in_three_ways(parts):
    comparisons = heart.compare_gradients(parts[0])
    assert len(comparisons) == heart.CHECKED
    for at in comparisons:
        assert at.reverse < 1e-14 and at.closed_form < 1e-14 and at.largest > 0.05


def test_a_wrong_gradient_would_be_seen(parts, monkeypatch):
    right = heart.source

    def wrong(kind, network):
        found = right(kind, network)
        return found if kind != "forward" else lambda *args: (0.0, [{k: 1.001 * v for k, v in p.items()} for p in found(*args)[1]])

    monkeypatch.setattr(heart, "source", wrong)
    (at,) = heart.compare_gradients(parts[0], steps=1)
    assert at.closed_form > 1e-5 and at.reverse > 1e-5


# --- all of it ---------------------------------------------------------------------------------------------------


def test_the_demo_prints_what_it_promises(tmp_path, capsys):
    from matplotlib.image import imread

    demo.run(tmp_path / "new" / "folder")
    out = capsys.readouterr().out
    picture = imread(tmp_path / "new" / "folder" / "trace.png")
    assert picture.shape[0] > 400 and picture.shape[1] > 600 and picture[..., :3].std() > 0.05
    assert re.search(r"ξ4 = 1/ξ3 +dξ4/dξ3 = -1/ξ3\^2 +0\.9998766\d+ +-0\.999753\d+ +0\.000370138\d+ +-1\.00012\d+", out)
    assert "-0.00037018372795869518924073931424753976581632732764115" in out
    assert out.count("WRONG") == out.count("forward, reverse and SymPy agree") == 4
    assert re.search(r"held-out accuracy 0\.8\d\d \(\d\d of 74\), AUC 0\.9\d\d", out)
    assert max(map(len, out.splitlines())) <= 132


def test_without_matplotlib_the_demo_says_so(parts, monkeypatch, tmp_path, capsys):
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr(heart, "compare_gradients", lambda train: [])
    heart.show_fit(tmp_path / "trace.png")
    assert 'pip install "dualnet[plot]"' in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "dualnet", "demo", "--out", str(tmp_path / "file")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == f"dualnet demo: {tmp_path / 'file'}: File exists\n"

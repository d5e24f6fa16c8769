"""The shipped data against an independent computation with pandas, and the split against its promises."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualnet import datasets
from dualnet.datasets import load_heart, stratified_split
from dualnet.errors import DualnetError

CSV = Path(datasets.__file__).parent / "data" / "heart.csv"
CATEGORICAL = ["Sex", "ChestPain", "Fbs", "RestECG", "ExAng", "Slope", "Thal"]


@pytest.fixture(scope="module")
def frame():
    return pd.read_csv(CSV)


@pytest.fixture(scope="module")
def encoded(frame):
    """Complete rows without the target, categories one-hot without their first level."""
    complete = frame.dropna().drop(columns="AHD")
    return pd.get_dummies(complete, columns=CATEGORICAL, drop_first=True, dtype=float)


def test_heart_without_standardising_is_what_pandas_makes_of_the_file(frame, encoded):
    heart = load_heart(standardize=False)
    assert heart.names == list(encoded.columns)
    np.testing.assert_array_equal(heart.features, encoded.to_numpy())
    np.testing.assert_array_equal(heart.target, frame.dropna()["AHD"].map({"No": 0, "Yes": 1}))
    assert heart.dropped == frame.isna().any(axis=1).sum() == 6
    np.testing.assert_array_equal(heart.means, 0)
    np.testing.assert_array_equal(heart.scales, 1)


def test_heart_is_standardised_like_pandas_does_it(encoded):
    heart = load_heart()
    numeric = [name for name in encoded.columns if "_" not in name]
    expected = encoded.copy()
    expected[numeric] = (encoded[numeric] - encoded[numeric].mean()) / encoded[numeric].std(ddof=0)
    np.testing.assert_allclose(heart.features, expected, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(heart.features * heart.scales + heart.means, encoded, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(heart.means[: len(numeric)], encoded[numeric].mean(), rtol=1e-14)
    np.testing.assert_allclose(heart.scales[: len(numeric)], encoded[numeric].std(ddof=0), rtol=1e-13)


def test_heart_has_the_published_figures(frame):
    assert frame.shape == (303, 14)
    assert frame["AHD"].value_counts().to_dict() == {"No": 164, "Yes": 139}
    assert frame.isna().sum().loc[lambda counts: counts > 0].to_dict() == {"Ca": 4, "Thal": 2}
    heart = load_heart()
    assert heart.features.shape == (297, 18)
    assert heart.features.dtype == heart.target.dtype == np.float64
    assert heart.target.sum() == 137


def test_heart_columns_and_the_intercept_are_linearly_independent():
    features = load_heart().features
    design = np.column_stack([np.ones(len(features)), features])
    assert np.linalg.matrix_rank(design) == design.shape[1]


def test_attribution_ships_with_the_file():
    text = (CSV.parent / "README.md").read_text(encoding="utf-8")
    for name in ("Janosi", "Steinbrunn", "Pfisterer", "Detrano", "1988", "CC BY 4.0", "10.24432/C52P4X"):
        assert name in text
    for column in CSV.read_text(encoding="utf-8").splitlines()[0].split(","):
        assert f"| {column} |" in text


@given(
    counts=st.lists(st.integers(2, 30), min_size=1, max_size=5),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**32 - 1),
)
def test_split_is_a_partition_that_keeps_every_class_share(counts, fraction, seed):
    target = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    train, test = stratified_split(target, fraction, seed)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(target.size))
    assert (np.diff(train) > 0).all() and (np.diff(test) > 0).all()
    for level, count in enumerate(counts):
        in_test = np.count_nonzero(target[test] == level)
        assert 1 <= in_test <= count - 1
        assert abs(in_test - fraction * count) <= 1


def test_split_is_random_and_repeatable():
    target = load_heart().target
    first, again, other = (stratified_split(target, seed=seed)[1] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len(first) == 74  # round(160 / 4) + round(137 / 4)
    picked = np.bincount(np.concatenate([stratified_split(target, seed=s)[1] for s in range(200)]))
    assert picked.size == target.size and 20 < picked.min() and picked.max() < 85  # each case 50 on average


def test_split_takes_classes_that_are_words():
    target = np.array(["No", "Yes", "No", "Yes"])
    train, test = stratified_split(target, 0.5)
    assert sorted(target[train]) == sorted(target[test]) == ["No", "Yes"]


@pytest.mark.parametrize(
    ("target", "fraction", "message"),
    [
        ([[0, 1], [0, 1]], 0.25, r"shape \(2, 2\)"),
        ([], 0.25, r"shape \(0,\)"),
        ([0, 0, 1, 1], 1.0, "test_fraction is 1.0"),
        ([0, 0, 1, 1], 0, "test_fraction is 0"),
        ([0, 0, 1, 1], float("nan"), "test_fraction is nan"),
        ([0.0, 0.0, float("nan"), 1.0, 1.0], 0.25, r"target\[2\] is NaN"),
        ([0, 0, 7, 0], 0.25, r"class 7 .* index 2"),
    ],
)
def test_split_names_what_is_wrong(target, fraction, message):
    with pytest.raises(ValueError, match=message) as caught:
        stratified_split(target, fraction)
    assert isinstance(caught.value, DualnetError)

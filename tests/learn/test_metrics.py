"""Scores against scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from dualnet.errors import ArgumentError
from dualnet.learn import auc


@given(
    scores=st.lists(st.tuples(st.integers(0, 1), st.integers(-5, 5)), min_size=2, max_size=40).filter(
        lambda pairs: len({target for target, _ in pairs}) == 2
    )
)
def test_auc_is_scikit_learn_s_with_and_without_ties(scores):
    target, score = np.array(scores).T
    assert auc(target, score) == pytest.approx(roc_auc_score(target, score), abs=1e-14)


def test_auc_of_one_class_is_refused():
    with pytest.raises(ArgumentError, match="3 positive and 0 other"):
        auc([1, 1, 1], [0.1, 0.2, 0.3])


@pytest.mark.parametrize(("target", "score", "words"), [
    ([1, 0], [1, 2, 3], r"\(2,\) and scores of shape \(3,\)"), ([[1], [0]], [1, 2], r"\(2, 1\)"),
    ([0, 1, 2], [0, 1, 2], "3 different targets"),
])
def test_auc_refuses_what_does_not_fit(target, score, words):
    with pytest.raises(ValueError, match=words):
        auc(target, score)

"""What a prediction is worth, beside its loss."""

import numpy as np

from dualnet.errors import ArgumentError, ShapeError


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
        One of the classes does not occur, or there are more than two.
    ShapeError
        Targets and scores are not of one shape (n,).

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    from scipy.stats import rankdata

    target, score = np.asarray(target), np.asarray(score)
    if target.ndim != 1 or target.shape != score.shape:
        raise ShapeError(f"auc: targets of shape {target.shape} and scores of shape {score.shape}; give one of each for each case, (n,)")
    if len(np.unique(target)) > 2:
        raise ArgumentError(f"auc: {len(np.unique(target))} different targets; it tells two classes apart: give target == label")
    positive = target == 1
    p, n = int(positive.sum()), int((~positive).sum())
    if not p or not n:
        raise ArgumentError(f"auc: {p} positive and {n} other cases; both classes must occur")
    return float((rankdata(score)[positive].sum() - p * (p + 1) / 2) / (p * n))

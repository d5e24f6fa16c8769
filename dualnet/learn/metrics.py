"""What a prediction is worth, beside its loss."""

import numpy as np

from dualnet.errors import ArgumentError


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
        One of the classes does not occur.

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    from scipy.stats import rankdata

    positive = np.asarray(target) == 1
    p, n = int(positive.sum()), int((~positive).sum())
    if not p or not n:
        raise ArgumentError(f"auc: {p} positive and {n} other cases; both classes must occur")
    return float((rankdata(score)[positive].sum() - p * (p + 1) / 2) / (p * n))

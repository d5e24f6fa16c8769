"""Data that ships with dualnet, and the split into a part to learn from and a part to test on."""

import csv
from dataclasses import dataclass
from importlib import resources

import numpy as np

from dualnet.errors import ArgumentError, ShapeError

_NUMERIC = ("Age", "RestBP", "Chol", "MaxHR", "Oldpeak", "Ca")
_CATEGORICAL = ("Sex", "ChestPain", "Fbs", "RestECG", "ExAng", "Slope", "Thal")


@dataclass(frozen=True, eq=False)
class Dataset:
    """Features and target of a table of data, ready for learning.

    The columns before standardising are always ``features * scales + means``.

    Attributes
    ----------
    features : ndarray, shape (n, p), float64
        One row per case, one column per feature.
    target : ndarray, shape (n,), float64
        The class of each case, 0 or 1.
    names : list of str, length p
        Names of the columns; ``Thal_normal`` is 1 where the column ``Thal`` of the file says ``normal``.
    dropped : int
        How many rows of the file were left out because a value is missing.
    means, scales : ndarray, shape (p,), float64
        What was subtracted from each column and what it was then divided by, in the unit of the column;
        0 and 1 for columns that were left as they are.
    """

    features: np.ndarray
    target: np.ndarray
    names: list[str]
    dropped: int
    means: np.ndarray
    scales: np.ndarray


def load_heart(*, standardize=True):
    """Cleveland heart disease: 13 features of 303 people, and who has a narrowed coronary vessel.

    Numeric columns are standardised, ``(x - mean) / std`` with the population standard deviation
    (``ddof=0``) of the rows that are kept. A categorical column becomes one 0/1 column per level except
    the first in sorted order: with all levels the columns would add up to 1, the intercept.
    Rows with a missing value (``NA``) are dropped.

    Parameters
    ----------
    standardize : bool, default True
        False keeps the numeric columns in their units. Means and standard deviations are those of all
        rows: to keep a held-out part unseen, pass False and scale by the rows that are learnt from.

    Returns
    -------
    Dataset
        ``features`` of shape (297, 18), ``target`` of shape (297,) with 1 for disease. Columns: Age
        (years), RestBP (mm Hg), Chol (mg/dl), MaxHR (beats per minute), Oldpeak (ST depression), Ca (0 to
        3 vessels), then the levels of Sex, ChestPain, Fbs, RestECG, ExAng, Slope and Thal.

    Notes
    -----
    Source: Janosi, Steinbrunn, Pfisterer and Detrano (1988), Heart Disease, UCI Machine Learning
    Repository, https://doi.org/10.24432/C52P4X, CC BY 4.0. The file is shipped unchanged; all its columns
    are described in ``data/README.md`` beside it.

    Examples
    --------
    >>> heart = load_heart()
    >>> heart.features.shape, heart.dropped, int(heart.target.sum())
    ((297, 18), 6, 137)
    >>> heart.names[:3], heart.names[-2:]
    (['Age', 'RestBP', 'Chol'], ['Thal_normal', 'Thal_reversable'])
    >>> float(heart.means[0])                   # years
    54.54
    """
    source = resources.files("dualnet") / "data" / "heart.csv"
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    complete = [row for row in rows if "NA" not in row.values()]
    column = {name: np.array([row[name] for row in complete]) for name in complete[0]}

    numeric = np.column_stack([column[name].astype(np.float64) for name in _NUMERIC])
    levels = [(name, level) for name in _CATEGORICAL for level in np.unique(column[name])[1:]]
    one_hot = np.column_stack([column[name] == level for name, level in levels]).astype(np.float64)

    means, scales = np.zeros(len(_NUMERIC) + len(levels)), np.ones(len(_NUMERIC) + len(levels))
    if standardize:
        means[: len(_NUMERIC)] = numeric.mean(axis=0)
        scales[: len(_NUMERIC)] = numeric.std(axis=0)
    return Dataset(
        features=(np.hstack([numeric, one_hot]) - means) / scales,
        target=(column["AHD"] == "Yes").astype(np.float64),
        names=[*_NUMERIC, *(f"{name}_{level}" for name, level in levels)],
        dropped=len(rows) - len(complete),
        means=means,
        scales=scales,
    )


def stratified_split(target, test_fraction=0.25, seed=0):
    """Split cases at random into a training and a test part in which every class keeps its share.

    Of a class with c cases, ``round(test_fraction * c)`` go into the test part, but at least one, and at
    least one stays in the training part.

    Parameters
    ----------
    target : array_like, shape (n,)
        The class of each case: numbers or strings, no NaN.
    test_fraction : float, default 0.25
        Share of the cases to test on, between 0 and 1, both excluded.
    seed : int or numpy.random.Generator, default 0
        The same integer gives the same split.

    Returns
    -------
    train, test : ndarray of int
        Indices into ``target``, each in increasing order; together they are 0 ... n - 1.

    Raises
    ------
    ShapeError
        If ``target`` is not one-dimensional or is empty. Like the next one, it is a ``ValueError``.
    ArgumentError
        If ``target`` holds NaN or has a class with a single case, or if ``test_fraction`` is not between
        0 and 1.

    Examples
    --------
    >>> target = np.array([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    >>> train, test = stratified_split(target)
    >>> len(train), len(test), target[test].tolist()
    (9, 3, [0, 0, 1])
    """
    target = np.asarray(target)
    if target.ndim != 1 or target.size == 0:
        raise ShapeError(
            f"stratified_split: target has shape {target.shape}; pass one class per case, shape (n,), n > 0"
        )
    if not 0 < test_fraction < 1:
        raise ArgumentError(
            f"stratified_split: test_fraction is {test_fraction}; pass a number above 0 and below 1"
        )
    missing = np.flatnonzero(target != target)
    if missing.size:
        raise ArgumentError(
            f"stratified_split: target[{missing[0]}] is NaN; drop the cases without a class"
        )

    generator = np.random.default_rng(seed)
    in_test = np.zeros(target.size, dtype=bool)
    for level, count in zip(*np.unique(target, return_counts=True), strict=True):
        if count == 1:
            raise ArgumentError(
                f"stratified_split: class {level} of target has a single case (at index "
                f"{np.flatnonzero(target == level)[0]}), too few for both parts; merge or drop it"
            )
        chosen = np.clip(round(test_fraction * count), 1, count - 1)
        in_test[generator.permutation(np.flatnonzero(target == level))[:chosen]] = True
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)

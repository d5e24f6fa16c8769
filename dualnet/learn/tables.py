"""Tables from CSV files: what each column is, what is missing, and how it becomes numbers."""

import csv

import numpy as np

from dualnet.errors import ArgumentError
from dualnet.learn.data import middle_and_spread

MISSING = {"", "na", "nan", "n/a", "null", "none", "?"}
MAX_LEVELS = 50


def read_csv(path):
    """Column names and rows of text; raises for a ragged or empty table."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            lines = [(reader.line_num, [v.strip() for v in row]) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ArgumentError(f"{path} is no table of text in UTF-8 ({error})") from None
    lines = [(k, row) for k, row in lines if any(row) or len(row) > 1]  # without blank ones
    if len(lines) < 2:
        raise ArgumentError(f"{path} has no rows below its header")
    (_, names), *lines = lines
    for k, row in lines:
        if len(row) != len(names):
            raise ArgumentError(f"{path}, line {k}: {len(row)} values where the header has {len(names)}")
    if len(set(names)) < len(names):
        raise ArgumentError(f"{path}: two columns have one name: {next(n for n in names if names.count(n) > 1)!r}")
    return names, [row for _, row in lines]


def missing(value):
    """True for the usual ways to write that a value is missing."""
    return value.lower() in MISSING


def number(value):
    """The number a text is, or None."""
    try:
        out = float(value)
    except ValueError:
        return None
    return out if np.isfinite(out) else None


class Encoder:
    """How columns of text become features; a plain dict inside, so it goes into a file as JSON.

    Numeric columns are standardised; a column with text, or named in `categorical`, becomes a 0/1 column for
    each level but the first. Missing values: their rows are dropped, or filled with the mean or the commonest level.
    """

    def __init__(self, columns, policy):
        self.columns, self.policy = columns, policy

    @classmethod
    def learn(cls, names, rows, *, skip=(), categorical=(), policy="drop"):
        """Look at every column; returns the encoder and a list of remarks on what was decided."""
        columns, remarks = [], []
        unknown = [n for n in (*skip, *categorical) if n not in names]
        if unknown:
            raise ArgumentError(f"there is no column {unknown[0]!r}; the columns are {', '.join(names)}")
        for k, name in enumerate(names):
            if name in skip:
                continue
            present = [r[k] for r in rows if not missing(r[k])]
            gone = len(rows) - len(present)
            if gone:
                remarks.append(f"{name}: {gone} missing value(s), " + ("rows dropped" if policy == "drop" else "filled"))
            levels = set(present) if name in categorical else {v if number(v) is None else number(v) for v in present}
            if len(levels) < 2:
                remarks.append(f"{name or f'column {k + 1}'}: constant, left out")
                continue
            columns.append(cls._column(name, present, name in categorical, len(rows), remarks))
        if not columns:
            raise ArgumentError("no column is left to learn from")
        return cls(columns, policy), remarks

    @staticmethod
    def _column(name, present, categorical, count, remarks):
        numbers = [number(v) for v in present]
        if not categorical and all(v is not None for v in numbers):
            remarks.append(f"{name or 'unnamed column'}: numeric")
            mean, scale = middle_and_spread(np.array(numbers))
            return {"name": name, "mean": float(mean), "scale": float(scale)}
        levels = sorted(set(present))
        odd = [v for v, x in zip(present, numbers) if x is None]
        if not categorical and len(odd) < len(present) / 2:
            raise ArgumentError(f"column {name!r} holds numbers and text, such as {odd[0]!r:.60}; correct it, or say --categorical {name}")
        if len(levels) > MAX_LEVELS or len(levels) == count:
            raise ArgumentError(f"column {name!r} has {len(levels)} different texts, such as {levels[0]!r:.60}: too many for one "
                                f"0/1 column each; "
                                f"say --drop {name}")
        remarks.append(f"{name}: categorical, {len(levels)} levels ({', '.join(levels[:5])}{', ...' if len(levels) > 5 else ''})")
        return {"name": name, "levels": levels, "common": max(levels, key=present.count)}

    @property
    def features(self):
        """Names of the encoded columns."""
        return [n for c in self.columns for n in ([c["name"]] if "mean" in c else [f"{c['name']}_{v}" for v in c["levels"][1:]])]

    def rescale(self, X, learn):
        """Scale numeric columns by the rows `learn` of `X` alone, so that what is held out says nothing about them; returns X so.

        Missing numbers, NaN in `X`, become the mean of those rows, as they will in :meth:`encode` from then on.
        """
        X, k = X.copy(), 0
        for column in self.columns:
            if "levels" in column:
                k += len(column["levels"]) - 1
                continue
            known = X[learn, k][~np.isnan(X[learn, k])]
            middle, spread = (float(known.mean()), float(known.std())) if known.size else (0.0, 1.0)
            spread = spread if spread > 1e-12 else 1.0
            column["mean"], column["scale"] = column["mean"] + middle * column["scale"], column["scale"] * spread
            X[:, k] = (X[:, k] - middle) / spread
            k += 1
        return np.where(np.isnan(X), 0.0, X)

    def encode(self, names, rows, *, fill=True):
        """Features of the rows that are kept, and which are; without `fill`, missing numbers are NaN."""
        lacking = [c["name"] for c in self.columns if c["name"] not in names]
        if lacking:
            raise ArgumentError(f"the table has no column {lacking[0]!r}, which the model was trained on")
        places = [names.index(c["name"]) for c in self.columns]
        keep = np.array([self.policy != "drop" or not any(missing(r[k]) for k in places) for r in rows], bool)
        out = [[x for c, k in zip(self.columns, places) for x in self._encoded(c, row[k], i)] for i, row in enumerate(rows) if keep[i]]
        X = np.array(out, float).reshape(len(out), len(self.features))
        return np.where(np.isnan(X), 0.0, X) if fill else X, keep

    @staticmethod
    def _encoded(column, value, row):
        if "mean" in column:
            if missing(value):
                return [np.nan]
            x = number(value)
            if x is None:
                raise ArgumentError(f"row {row + 1}, column {column['name']!r}: {value!r} is not a number")
            return [(x - column["mean"]) / column["scale"]]
        value = column["common"] if missing(value) else value
        if value not in column["levels"]:
            raise ArgumentError(f"row {row + 1}, column {column['name']!r}: the level {value!r} was not there in training; known are "
                                f"{', '.join(column['levels'])}")
        return [float(value == v) for v in column["levels"][1:]]


def read_target(values, likelihood=None):
    """Targets as numbers, the likelihood's name, the class labels (None for numbers), and a remark."""
    numbers = [number(v) for v in values]
    text = any(v is None for v in numbers)
    if not text:  # 1 and 1.0 are one class, called as it stands first
        first = {}
        values = [first.setdefault(x, v) for x, v in zip(numbers, values)]
    levels = sorted(set(values))
    if likelihood is None:
        likelihood = "bernoulli" if len(levels) == 2 else "categorical" if text else "normal"
    if len(levels) < 2:
        raise ArgumentError(f"the target has one value only, {levels[0]!r}: nothing to learn")
    if likelihood in ("bernoulli", "categorical"):
        if likelihood == "bernoulli" and len(levels) != 2:
            raise ArgumentError(f"the target has {len(levels)} values, Bernoulli takes two; say --likelihood categorical")
        if len(levels) > MAX_LEVELS:
            raise ArgumentError(f"the target has {len(levels)} classes, such as {levels[0]!r}; is it a number? say --likelihood normal")
        levels = levels if text else sorted(levels, key=float)
        y = np.array([levels.index(v) for v in values])
        return y, likelihood, levels, f"target: {len(levels)} classes ({', '.join(levels[:5])}), likelihood {likelihood}"
    if text:
        raise ArgumentError(f"the target holds text, such as {next(v for v, x in zip(values, numbers) if x is None)!r}; "
                            f"likelihood {likelihood} needs numbers")
    return np.array(numbers), likelihood, None, f"target: numbers, likelihood {likelihood} (for classes say --likelihood categorical)"

"""Data as batches: arrays, data frames, memory-mapped files and generators."""

import math
import mmap
import numbers

import numpy as np

from dualnet.errors import ArgumentError, DTypeError, ShapeError


def as_features(X, dtype, *, shape=None, names=None):
    """Features as a plain array of `dtype`; checks numbers, shape and column names."""
    own = [str(c) for c in X.columns] if hasattr(X, "columns") else None
    if names is not None and own is not None and own != names:
        gone, new = [c for c in names if c not in own], [c for c in own if c not in names]
        raise ShapeError(f"the columns differ from those fitted on: missing {gone[:5]}, unknown {new[:5]}"
                         + ("" if gone or new else "; same names in another order, put them in the fitted order"))
    if hasattr(X, "toarray"):
        raise DTypeError("X is a sparse matrix; pass X.toarray()")
    refuse_masked(X, "features")
    X = _numbers(X, dtype)
    if X.ndim < 2:
        raise ShapeError(f"features have shape {X.shape}; give (examples, features): X.reshape(-1, 1) for one feature, "
                         "X.reshape(1, -1) for one example")
    if shape is not None and X.shape[1:] != shape:
        raise ShapeError(f"features have shape {X.shape[1:]} per example, but the network was fitted on {shape}")
    for i in range(0, len(X), 8192):
        finite = np.isfinite(X[i:i + 8192])
        release(X)
        if not finite.all():
            place = tuple(int(k) for k in np.argwhere(~finite)[0])
            column = f"column {own[place[1]]!r}" if own else f"column {place[1]}"
            raise ArgumentError(f"features hold {X[i:][place]} in row {place[0] + i}, {column}; drop or fill such values")
    return X


def refuse_masked(values, what):
    """Raise for a masked array with masked elements, whose mask a plain array would not have."""
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        place = tuple(int(k) for k in np.argwhere(np.ma.getmaskarray(values))[0])
        raise ArgumentError(f"{what} are masked in row {place[0]}; drop such rows, or fill them: x.filled(...)")


def _numbers(X, dtype):
    if isinstance(X, np.memmap) and X.dtype == dtype:
        return X
    try:
        X = np.asarray(X)
        if X.dtype.kind == "c":
            raise DTypeError("features are complex; give real numbers, such as X.real and X.imag side by side")
        if X.dtype.kind in "mM":
            raise DTypeError(f"features are of dtype {X.dtype}; give numbers in a unit of your choice, such as days since the first")
        return X.astype(dtype, copy=False)
    except (TypeError, ValueError) as error:
        if isinstance(error, DTypeError):
            raise
        raise DTypeError(f"features cannot be read as numbers ({error}); turn categories into 0/1 columns first") from None


def middle_and_spread(values, weights=None):
    """Weighted mean and standard deviation along the first axis; the latter is 1 where values differ by rounding only.

    In units of a power of two near the largest, so that no square leaves the range: charges of 1e-19 are data as good as any.
    """
    unit = np.frexp(np.max(np.abs(values), axis=0))[1]
    small = np.ldexp(values, -unit)
    mean = np.average(small, axis=0, weights=weights)
    spread = np.sqrt(np.average((small - mean) ** 2, axis=0, weights=weights))
    varies = spread > 10 * np.finfo(float).eps * np.abs(mean)
    return np.ldexp(mean, unit), np.where(varies, np.ldexp(spread, unit), 1.0)


class Arrays:
    """Examples in arrays (or memory-mapped files), served in batches that are reshuffled every epoch.

    A memory-mapped file is read block by block: the blocks come in random order and are shuffled inside, and
    their pages are given back, so that memory does not grow with the file.
    """

    block = 1 << 13

    def __init__(self, X, y, weights=None, batch_size=None):
        self.X, self.y, self.weights, self.n = X, y, weights, len(X)
        self.batch_size = self.n if batch_size is None else min(batch_size, self.n)
        self.mapped = isinstance(X, np.memmap)

    def __len__(self):
        return math.ceil(self.n / self.batch_size)

    def whole(self):
        """All examples as one batch."""
        return self.X, self.y, self.weights

    def epoch(self, rng, shuffle=True):
        """Batches of one pass over the data."""
        if self.mapped and self.n > self.block:
            yield from self._blocks(rng, shuffle)
        elif self.batch_size >= self.n:
            yield self.whole()
        else:
            order = rng.permutation(self.n) if shuffle else np.arange(self.n)
            for i in range(0, self.n, self.batch_size):
                yield self._take(order[i:i + self.batch_size])

    def _take(self, rows):
        return self.X[rows], self.y[rows], None if self.weights is None else self.weights[rows]

    def _blocks(self, rng, shuffle):
        size = max(1, self.block // self.batch_size) * self.batch_size
        starts = np.arange(0, self.n, size)
        for first in rng.permutation(starts) if shuffle else starts:
            X = np.array(self.X[first:first + size])
            release(self.X)
            order = rng.permutation(len(X)) if shuffle else np.arange(len(X))
            for i in range(0, len(X), self.batch_size):
                rows = order[i:i + self.batch_size]
                at = first + rows
                yield X[rows], self.y[at], None if self.weights is None else self.weights[at]


def release(X):
    """Let go of the pages of a memory-mapped array that were read."""
    mapped = getattr(X, "_mmap", None)
    if mapped is not None and hasattr(mapped, "madvise") and getattr(X, "mode", None) == "r":
        mapped.madvise(mmap.MADV_DONTNEED)


class Stream:
    """Batches (X, y) or (X, y, weights) from an iterable, or from a function that starts one for each epoch.

    A source with a method ``epoch(rng)`` gets the run's random numbers, so that a resumed run sees the same batches.
    """

    batch_size = n = None

    def __init__(self, source, prepare):
        self.source, self.prepare, self.used = source, prepare, False

    def __len__(self):
        return self.count if hasattr(self, "count") else 1

    def epoch(self, rng, shuffle=True):
        """Batches of one pass."""
        if hasattr(self.source, "epoch"):
            batches = self.source.epoch(rng)
        elif callable(self.source):
            batches = self.source()
        else:
            batches = iter(self.source)
            if batches is self.source and self.used:
                raise ArgumentError("a generator gives one epoch only; pass a function that returns a fresh one: fit(lambda: batches())")
        self.used, count = True, 0
        for batch in batches:
            count += 1
            yield self.prepare(batch)
        if not count:
            raise ArgumentError("the generator gave no batch")
        self.count = count


def split(n, fraction, rng, y=None):
    """Row numbers to learn from and to validate on; `y` of a few classes keeps the shares of its classes."""
    if not isinstance(fraction, numbers.Real) or not 0 < fraction < 1:
        raise ArgumentError(f"validation={fraction!r}; give a fraction between 0 and 1, or a pair (X, y)")
    if n < 2:
        raise ShapeError(f"validation={fraction} needs at least 2 examples, not {n}")
    held = np.zeros(n, bool)
    groups = [np.arange(n)] if y is None else [np.flatnonzero(y == c) for c in np.unique(y)]
    for rows in groups:
        held[rng.permutation(rows)[:round(fraction * len(rows))]] = True
    if not held.any():
        held[rng.integers(n)] = True
    if held.all():
        raise ArgumentError(f"validation={fraction} of {n} examples leaves none to learn from; hold out a smaller share")
    return np.flatnonzero(~held), np.flatnonzero(held)

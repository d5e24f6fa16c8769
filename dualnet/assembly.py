"""The sparse matrix that rows with one or more seeds for each element make."""

import math

import numpy as np

from dualnet.tangents import full


def csr(rows, shape):
    """The `Rows` of an array of `shape` as a ``scipy.sparse.csr_array`` of shape ``(size, seeds)``, in memory of its entries.

    An element's seeds and values become a row as they come, side by side; only where a seed comes twice are rows sorted.
    """
    from scipy.sparse import csr_array

    size, n, seeds, values = math.prod(shape), rows.space.size, [], []
    for s, v in rows.full_blocks(shape):
        lead = (max(s.shape[0], v.shape[0]),)
        for each, single in ((s, seeds), (v, values)):
            single.extend(full(each, lead + shape).reshape(lead + (size,)))
    width = len(seeds)
    if not width * size * n:
        return csr_array((size, n))
    columns = np.empty((size, width), np.int32 if max(size * width, n) < 2**31 else np.int64)
    data = np.empty((size, width), np.result_type(*values))
    for k in range(width):
        columns[:, k], data[:, k] = seeds[k], values[k]
    if columns.min() >= 0:
        ends = np.arange(0, size * width + 1, width, dtype=columns.dtype)
        out = csr_array((data.ravel(), columns.ravel(), ends), shape=(size, n))
    else:
        live = columns >= 0
        ends = np.concatenate([[0], np.cumsum(np.count_nonzero(live, axis=1))])
        out = csr_array((data[live], columns[live], ends), shape=(size, n))
    if width > 8 or any(_meet(seeds[i], seeds[j]) for i in range(width) for j in range(i)):
        out.sum_duplicates()
    return out


def _meet(a, b):
    """True where two seeds of one element are the same."""
    same = a == b
    return bool(same.any()) and bool(np.any(a[same] >= 0))

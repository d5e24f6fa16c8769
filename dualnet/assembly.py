"""The sparse matrix that rows with one or more seeds for each element make."""

import itertools
import math

import numpy as np

from dualnet.tangents import full

CACHED = 1 << 16  # entries of rows that are written together, column by column, while the processor's cache holds them
PAIRS = 512  # of seeds of an element, up to which comparing them all is faster than sorting


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
    values = [v.astype(np.float32) if v.dtype == np.float16 else v for v in values]  # as SciPy takes it
    width = len(seeds)
    if not width * size * n:
        return csr_array((size, n))
    ends = [(int(s.min()), int(s.max())) for s in seeds]
    index = np.int32 if max(size * width, n) < 2**31 else np.int64
    runs = _runs([s for s, (low, _) in zip(seeds, ends) if low < 0], size, 8 + size // 1024)
    fill = _by_mask if runs is None else _by_runs
    out = csr_array(fill(seeds, values, runs, index), shape=(size, n))
    if fill is _by_mask or _twice(seeds, ends, runs):
        out.sum_duplicates()
    return out


def _twice(seeds, ends, runs):
    """True where a seed comes twice in a row, or where so many may that sorting rows is faster than seeing it."""
    pairs = list(itertools.islice(_overlapping(ends), PAIRS + 1))
    if len(pairs) > PAIRS:
        return True
    for first, last in runs:
        beside = {}  # of seeds: those from which they keep a distance, and the distance
        for i, j in pairs:
            ours, theirs = seeds[i][first:last], seeds[j][first:last]
            if ours[0] < 0 or theirs[0] < 0:
                continue
            of, away = beside.setdefault(i, (i, 0))
            if j not in beside:
                start = seeds[of][first:last]
                step = theirs[0] - start[0]
                beside[j] = (of, step) if np.array_equal(start + step, theirs) else (j, 0)
            if beside[j] == (of, away) or beside[j][0] != of and np.any(ours == theirs):
                return True
    return False


def _overlapping(ends):
    """Pairs of intervals (first, last) that have a number in common, by their places, in time that grows with their number."""
    order = sorted(range(len(ends)), key=ends.__getitem__)
    for place, i in enumerate(order):
        for next_place in range(place + 1, len(order)):
            if ends[order[next_place]][0] > ends[i][1]:
                break
            yield i, order[next_place]


def _by_runs(seeds, values, runs, index):
    """Data, columns and starts of the rows, run by run: within one, all rows have the same number of entries."""
    live = [[k for k, s in enumerate(seeds) if s[first] >= 0] for first, _ in runs]
    entries = sum((last - first) * len(kept) for (first, last), kept in zip(runs, live))
    columns, data = np.empty(entries, index), np.empty(entries, np.result_type(*values))
    starts, done = np.empty(seeds[0].size + 1, index), 0
    for (first, last), kept in zip(runs, live):
        stop = done + (last - first) * len(kept)
        starts[first:last] = np.arange(done, stop, len(kept)) if kept else done
        for whole, parts in ((columns, seeds), (data, values)):
            block, rows = whole[done:stop].reshape(last - first, len(kept)), max(1, CACHED // max(1, len(kept)))
            for start in range(0, last - first, rows):
                for place, k in enumerate(kept):
                    block[start:start + rows, place] = parts[k][first:last][start:start + rows]
        done = stop
    starts[-1] = done
    return data, columns, starts


def _by_mask(seeds, values, runs, index):
    """The same element by element."""
    columns, data = np.stack(seeds, axis=1).astype(index, copy=False), np.stack(values, axis=1)
    live = columns >= 0
    starts = np.zeros(len(live) + 1, index)
    np.cumsum(np.count_nonzero(live, axis=1), out=starts[1:])
    return data[live], columns[live], starts


def _runs(seeds, size, many):
    """First and last element, the last excluded, of all runs of elements in which the same of the `seeds` are structural zeros.

    None where they are too `many`.
    """
    at = {0, size}
    for s in seeds:
        cuts = np.flatnonzero(np.diff(s < 0)) + 1
        if len(cuts) > many:
            return None
        at.update(cuts.tolist())
        if len(at) > many:
            return None
    at = sorted(at)
    return list(zip(at, at[1:]))


def added_up(found, keys, leaves):
    """One sparse matrix for each of the leaves, of the rows `found` of its parts at basic indices `keys`."""
    from scipy.sparse import csr_array

    found, out, n = iter(found), [], sum([x.size for x in leaves])
    for x, of_leaf in zip(leaves, keys):
        if of_leaf == [()]:  # all of it
            out.append(next(found))
            continue
        index = np.arange(x.size).reshape(x.shape)
        rows, columns, numbers = [np.zeros(0, int)], [np.zeros(0, int)], [np.zeros(0, x.dtype)]
        for key in of_leaf:
            part = next(found).tocoo()
            rows.append(np.ravel(index[key])[part.coords[0]])
            columns.append(part.coords[1])
            numbers.append(part.data)
        out.append(csr_array((np.concatenate(numbers), (np.concatenate(rows), np.concatenate(columns))), shape=(x.size, n)))
    return out

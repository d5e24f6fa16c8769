"""The seeds of a forward sweep: what names them, and the direction in which it looks ahead."""

import functools

import numpy as np

from dualnet.table.care import CAREFUL


class Space:
    """The seeds of one forward sweep: `size` of them, and the integer array that names them all."""

    __slots__ = ("size", "names", "ahead", "start", "root", "careful", "parted", "products", "entries")

    def __init__(self, size, start=0):
        self.size, self.start = size, start
        self.careful = CAREFUL.get()  # every structural zero is kept, also in dense tangents, and products are made at once
        self.parted = False   # arrays were multiplied without the numbers that are kept apart from them
        self.products = self.entries = 0  # with tangents, and the seeds of whole values in these
        self.root = None  # the blocks of the only input, where it is a vector: element i has seed i
        self.names = _few_names(size) if size <= 256 else _names(size)
        self.ahead = None

    def direction(self):
        """The fixed positive direction in which ties are broken: 1 + fractional parts of k times the golden ratio."""
        if self.ahead is None:
            self.ahead = direction_ahead(self.size, self.start)
        return self.ahead

    def slice_of(self, seeds):
        """`seeds` (no two alike along its one long axis) as a slice of the names, or None.

        Seeds that were taken from the names by slicing are still a view of them, so memory tells.
        """
        long = [k for k, n in enumerate(seeds.shape) if n > 1]
        if len(long) > 1 or not seeds.size:
            return None
        base, width = self.names.__array_interface__["data"][0], self.names.itemsize
        first, offset = divmod(seeds.__array_interface__["data"][0] - base, width)
        n = seeds.shape[long[0]] if long else 1
        step = seeds.strides[long[0]] // width if long else 1
        last = first + (n - 1) * step
        if offset or step < 1 or first < 0 or last >= self.size:
            return None
        return slice(first, last + 1, step)


def _names(size):
    names = np.arange(size, dtype=np.int32 if size < 2**31 else np.int64)
    names.flags.writeable = False
    return names


_few_names = functools.lru_cache(256)(_names)


def direction_ahead(size, start=0):
    """Weights in [1, 2), no two alike: the direction in which gradients look ahead at kinks."""
    return 1.0 + np.modf((np.arange(start, start + size) + 1) * 0.6180339887498949)[0]

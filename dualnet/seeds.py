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
        """The fixed positive direction in which ties are broken."""
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
    """Weights in [1, 2), no two alike: the direction in which gradients look ahead at kinks.

    The fractional parts of k times the golden ratio, which alone have only three differences between neighbours (Sós 1958), so that
    tied differences of inputs would stay tied but for rounding; one part in 16 is scattered (the generator SplitMix64, Steele, Lea
    and Flood 2014).
    """
    k = np.arange(start + 1, start + size + 1)
    mixed = k.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ mixed >> np.uint64(shift)) * np.uint64(factor)
    scattered = (mixed ^ mixed >> np.uint64(31)) / 2.0 ** 64
    return 1.0 + 0.9375 * np.modf(k * 0.6180339887498949)[0] + 0.0624 * scattered

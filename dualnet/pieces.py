"""Cotangents of arrays that were read or written piece by piece, and of which a loop may read or write very many."""

import math

import numpy as np

from dualnet.blocks import summed_pieces
from dualnet.table import TABLE
from dualnet.table.care import CAREFUL
from dualnet.table.row import Traced, highest, shape_of
from dualnet.tangents import Live

WHOLE = ()           # the index of all elements
SMALL, FEW = 16, 64  # of how small a part, and of how many, the cotangents stand by themselves


class Pieces:
    """A cotangent given piece by piece at basic indices, as `x[i]` in a loop gives it; summed up once."""

    __slots__ = ("shape", "parts")
    __array_ufunc__ = None

    def __init__(self, shape, parts):
        self.shape, self.parts = shape, parts

    def __add__(self, other):
        if isinstance(other, Pieces):
            self.parts.extend(other.parts)
            return self
        key, g = self.parts[0]
        lead = len(shape_of(g)) - np.broadcast_to(0, self.shape)[key].ndim
        if isinstance(other, Live) or shape_of(other)[lead:] != self.shape:
            return other + self.total(lead)
        for k, (key, g) in enumerate(self.parts):
            if key == WHOLE:
                self.parts[k] = (WHOLE, g + other)
                return self
        self.parts.append((WHOLE, other))
        return self

    def __radd__(self, other):
        return self + other

    def total(self, lead, last=False):
        """The whole cotangent; elements that no piece touches are structural zeros, which nobody asks for of the `last`."""
        shape, pieces = self.shape, self.parts
        top = highest([g for _, g in pieces])
        if top is None:
            out = summed_pieces(shape, pieces, lead)
        else:  # with care by rows, which keep the structural zeros of elements that no piece touches
            out = None if CAREFUL.get() else top._summed_pieces(shape, pieces, lead)
        if out is None:
            return self._added(lead)
        return out if not last and self._cover(lead) else Live(out, self.mask)

    def apart(self):
        """Pairs of a basic index and a cotangent there, in which a few small pieces stand by themselves: one number of theirs may
        depend on as many seeds as all the rest."""
        size = math.prod(self.shape)
        small = [(key, g) for key, g in self.parts if SMALL * math.prod(shape_of(g)) <= size]
        if not small or len(small) > FEW:
            return [(WHOLE, self.total(0, last=True))]
        large = [(key, g) for key, g in self.parts if SMALL * math.prod(shape_of(g)) > size]
        return small + ([(WHOLE, Pieces(self.shape, large).total(0, last=True))] if large else [])

    def _cover(self, lead):
        """True where the pieces touch every element, as the parts do that an array is cut into."""
        size = 0
        for _, g in self.parts:
            size += math.prod(shape_of(g)[lead:])
        return size >= math.prod(self.shape) and bool(self.mask().all())

    def _added(self, lead):
        size = int(np.prod(self.shape))
        if len(self.parts) <= 2 or 4 * sum(np.size(g) for _, g in self.parts) > size * len(self.parts):  # few, or large ones
            total = None
            for key, g in self.parts:
                g = TABLE["embed"](g, key, self.shape)
                total = g if total is None else total + g
            return Live(total, self.mask)
        index = np.arange(size).reshape(self.shape)
        places = [index[key].reshape(-1) for key, _ in self.parts]
        flat = [np.reshape(g, shape_of(g)[:lead] + (-1,)) for _, g in self.parts]
        total = TABLE["scatter_add"](np.concatenate(flat, axis=-1), np.concatenate(places), size)
        return Live(np.reshape(total, total.shape[:lead] + self.shape), self.mask)

    def mask(self):
        """True where a piece touches."""
        mask = np.zeros(self.shape, bool)
        for key, _ in self.parts:
            mask[key] = True
        return mask


class Buffer(Live):
    """A cotangent in arrays that one sweep alone holds, so that the pulls of writes into an array, and of reads of its
    elements, change it in place: a loop that fills an array costs no copy for each element."""

    def frozen(self):
        """The same as a cotangent like any other."""
        return Live(self.values, self.cell)

    def take(self, pieces):
        """Add pieces in place; False where they are not plain arrays."""
        if any(isinstance(g, Traced) or np.result_type(g, self.values) != self.values.dtype for _, g in pieces.parts):
            return False
        mask = self.mask
        for key, g in pieces.parts:
            self.values[key] += g
            mask[key] = True
        return True

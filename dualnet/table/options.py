"""Options of NumPy's functions that go by several names: the order of elements in memory, and what an index out of range means."""

import numpy as np

CLIPPED = {name: name for name in ("raise", "wrap", "clip")} | {0: "clip", 1: "wrap", 2: "raise"}


def order_of(order, probe, default="C"):
    """The order in memory by its capital letter; for what is none the error of NumPy's function, which ``probe(order)`` calls."""
    if order == "C":
        return order
    probe(order)
    return default if order is None else order.upper()


def mode_of(mode):
    """What an index out of range means by its name, of which NumPy takes a number too; NumPy's error for what is none."""
    if mode not in CLIPPED:
        np.take([0.0], 0, mode=mode)
    return CLIPPED[mode]

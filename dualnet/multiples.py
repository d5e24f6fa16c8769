"""Numbers that are kept apart from the array that they multiply.

A chain of products with numbers makes one pass over the array then, when the Jacobian is written.
"""


class Multiple:
    """A number times an array of double precision, not multiplied yet."""

    __slots__ = ("factor", "array")


def multiple(factor, array):
    """``factor * array``, as a `Multiple` where the number is near enough to one to be multiplied last."""
    if 1e-6 < factor < 1e6 or -1e6 < factor < -1e-6:
        out = Multiple.__new__(Multiple)
        out.factor, out.array = factor, array
        return out
    return factor * array


def whole(v):
    """A `Multiple` multiplied out; anything else as it is."""
    return v.factor * v.array if type(v) is Multiple else v


def summed(a, b):
    """The sum of two numbers or arrays, either of which may be a `Multiple`."""
    if type(a) is Multiple:
        one = a
        if type(b) is Multiple:
            other = b
            if one.factor == other.factor:
                return multiple(one.factor, one.array + other.array)
        a = whole(a)
    return a + whole(b) if type(b) is Multiple else a + b


def with_added(held, more):
    """The numbers of seeds of two tangents added up: a copy of `held`, or the other's where it is empty."""
    if not held:
        return more
    return with_all(held, [more])


def with_all(held, others):
    """The same for the numbers of several."""
    held = held.copy()
    for more in others:
        for s, v in more.items():
            mine = held.get(s)
            held[s] = v if mine is None else summed(mine, v)
    return held

"""The fields of a plain array, one whose type is `ndarray` itself: the compiled core reads them where they lie (fields.pxd)."""


def shape(x):
    """``x.shape``."""
    return x.shape


def dtype(x):
    """``x.dtype``."""
    return x.dtype


def size(x):
    """``x.size``."""
    return x.size


def ndim(x):
    """``x.ndim``."""
    return x.ndim


def writeable(x):
    """``x.flags.writeable``."""
    return x.flags.writeable


def base(x):
    """``x.base``."""
    return x.base


def own(x):
    """True where the one reference that there is to `x` is the caller's, and its memory is its own: then it may be written into.

    Only the compiled core counts references; in plain Python an array is never taken for one's own.
    """
    return False


def same_shape(x, y):
    """True where two plain arrays have one shape."""
    return x.shape == y.shape


def place(x):
    """``id(x)``, of any object."""
    return id(x)

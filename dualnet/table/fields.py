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


def same_shape(x, y):
    """True where two plain arrays have one shape."""
    return x.shape == y.shape


def place(x):
    """``id(x)``, of any object."""
    return id(x)

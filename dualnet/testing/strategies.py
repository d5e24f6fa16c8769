"""Hypothesis strategies: shapes, precisions, arrays, memory layouts, and points inside a row's domain."""

import math

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dualnet.table import TABLE
from dualnet.table.row import Row

LARGEST = 4.0  # magnitude of drawn numbers: smooth functions stay far from overflow at third order


def row_of(row):
    """The row that `row`, a row or its name, stands for."""
    return row if isinstance(row, Row) else TABLE[row]


def shapes(min_dims=0, max_dims=3, min_side=0, max_side=4):
    """Shapes of 0 to 3 axes, with empty ones.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(shapes(), lambda shape: len(shape) == 2 and 0 not in shape)
    (1, 1)
    """
    return hnp.array_shapes(min_dims=max(min_dims, 1), max_dims=max_dims, min_side=min_side, max_side=max_side) \
        if min_dims else st.one_of(st.just(()), hnp.array_shapes(min_dims=1, max_dims=max_dims, min_side=min_side, max_side=max_side))


def dtypes(kinds="fc"):
    """float32, float64 and complex128; `kinds` "f" or "c" for the real or the complex ones alone.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(dtypes(), lambda dtype: dtype.kind == "c")
    dtype('complex128')
    """
    names = [n for n in ("float64", "float32", "complex128") if np.dtype(n).kind in kinds]
    return st.sampled_from([np.dtype(n) for n in names])


def elements(low=-LARGEST, high=LARGEST, dtype=float):
    """Finite numbers of `dtype` from low to high; in magnitude 0 or above 1e-100, below which NumPy's and SciPy's own
    functions (products of two of them, Bessel's) underflow."""
    if np.dtype(dtype).kind == "c":
        part = elements(low, high)
        return st.builds(complex, part, part)
    width = np.dtype(dtype).itemsize * 8
    low, high = (float(np.dtype(dtype).type(v)) for v in (low, high))
    return st.floats(low, high, width=width, allow_subnormal=False).filter(lambda v: v == 0 or abs(v) > 1e-100)


@st.composite
def arrays(draw, shape=None, dtype=float, low=-LARGEST, high=LARGEST):
    """Arrays of finite numbers.

    Parameters
    ----------
    shape : tuple or strategy, optional
        :func:`shapes` by default.
    dtype : dtype or strategy
    low, high : float
        Bounds of the elements (of their parts, where complex).

    Examples
    --------
    >>> from hypothesis import find
    >>> find(arrays(shape=(2,)), lambda x: x[0] > 1)  # doctest: +SKIP
    array([2., 0.])
    """
    shape = draw(shapes() if shape is None else shape) if not isinstance(shape, (tuple, int)) else shape
    dtype = draw(dtype) if isinstance(dtype, st.SearchStrategy) else np.dtype(dtype)
    return draw(hnp.arrays(dtype, shape, elements=elements(low, high, dtype)))


def laid_out(x, kind):
    """An array of the shape of `x` in the memory layout `kind`; equal to `x` but for "zero stride"."""
    if not x.ndim:
        return x
    if kind == "Fortran":
        return np.asfortranarray(x)
    if kind == "negative strides":
        turned = (slice(None, None, -1),) * x.ndim
        return np.ascontiguousarray(x[turned])[turned]
    if kind == "every other":
        wide = np.zeros(tuple(2 * n for n in x.shape), x.dtype)
        part = wide[(slice(None, None, 2),) * x.ndim]
        part[...] = x
        return part
    if kind == "zero stride" and x.shape[0]:
        return np.broadcast_to(x[:1], x.shape)
    return np.array(x, order="C")


LAYOUTS = ("C", "Fortran", "negative strides", "every other", "zero stride")


@st.composite
def layouts(draw, arrays=None):
    """Arrays in C or Fortran order, with negative, doubled or zero strides.

    Parameters
    ----------
    arrays : ndarray or strategy, optional
        What to lay out; a zero stride repeats its first slice.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(layouts(np.ones((2, 3))), lambda x: min(x.strides) < 0).strides
    (-24, -8)
    """
    x = globals()["arrays"]() if arrays is None else arrays
    x = draw(x) if isinstance(x, st.SearchStrategy) else np.asarray(x)
    return laid_out(x, draw(st.sampled_from(LAYOUTS)))


@st.composite
def broadcast_pairs(draw, dtype=float, low=-LARGEST, high=LARGEST):
    """Two arrays whose shapes broadcast against each other.

    Examples
    --------
    >>> from hypothesis import find
    >>> x, y = find(broadcast_pairs(), lambda pair: pair[0].shape != pair[1].shape)
    >>> len(np.broadcast_shapes(x.shape, y.shape))
    1
    """
    both = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=4)).input_shapes
    return tuple(draw(arrays(shape, dtype, low, high)) for shape in both)


def interval(domain, largest=LARGEST):
    """Finite ends of a domain: its own, or `largest` away from zero or from its one end."""
    low, high = domain.low, domain.high
    if math.isinf(low) and math.isinf(high):
        return -largest, largest
    if math.isinf(high):
        return low, low + largest
    return (high - largest if math.isinf(low) else low), high


@st.composite
def points(draw, row, shape=(), dtype=float, margin=1 / 64, largest=LARGEST):
    """Points inside a pointwise row's domain: a tuple with one array for each argument.

    Parameters
    ----------
    row : Row or str
        A pointwise row or its name.
    shape : tuple or strategy
        Shape of each array.
    dtype : dtype
    margin : float
        Smallest distance to an end, a kink or a pole.
    largest : float
        Magnitude of the points, where the domain has no bounds.

    Examples
    --------
    >>> from hypothesis import find
    >>> bool(find(points("arcsin"), lambda p: p[0] > 0.5)[0] < 1)
    True
    """
    row = row_of(row)
    shape = draw(shape) if isinstance(shape, st.SearchStrategy) else shape
    out = []
    for domain in row.domains:
        low, high = interval(domain, largest)
        inside = elements(low, high, dtype).filter(lambda v, d=domain: d.distance(np.real(v)) >= margin)
        out.append(draw(hnp.arrays(dtype, shape, elements=inside)))
    tie = getattr(row, "tie", False)
    return tuple(out) if not tie else (out[0], np.where(out[0] == out[1], out[1] + 2 * margin, out[1]), *out[2:])


KINKED = ("absolute", "maximum", "minimum", "fmax", "fmin", "clip", "max", "min", "sort", "median")


@st.composite
def near_kinks(draw, row=None, shape=(3,)):
    """Points on and beside a row's kinks: a tuple with one array for each argument.

    Each element is a kink of its argument's domain (0 where there is none), or lies 1e-8 or one spacing of
    floating-point numbers to one side, or is equal to the element of the argument before it (a tie).

    Parameters
    ----------
    row : Row or str
    shape : tuple

    Examples
    --------
    >>> from hypothesis import find
    >>> find(near_kinks("maximum"), lambda p: p[0][0] == p[1][0])
    (array([0., 0., 0.]), array([0., 0., 0.]))
    """
    row = row_of(row) if row is not None else None
    domains = getattr(row, "domains", None) or (None,) * arguments(row)
    out = []
    for domain in domains:
        special = [p for p in (domain.singular + (domain.low, domain.high) if domain else ()) if math.isfinite(p)] or [0.0, 1.0]
        beside = [v for p in special for v in (p, p + 1e-8, p - 1e-8, np.nextafter(p, np.inf), np.nextafter(p, -np.inf))]
        x = draw(hnp.arrays(float, shape, elements=st.sampled_from([float(v) for v in beside])))
        if out:
            x = np.where(draw(hnp.arrays(bool, shape)), out[-1], x)
        out.append(x)
    return tuple(out)


def arguments(row):
    """How many array arguments a row takes: those of its NumPy function, if that is a ufunc, else one."""
    functions = [f for f, r in TABLE.by_function.items() if r is row]
    return functions[0].nin if functions and isinstance(functions[0], np.ufunc) else 1

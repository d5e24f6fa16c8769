"""Between traced arrays and what holds them: lists and object arrays of elements, subclasses of NumPy's array."""

import sys
from numbers import Number

import numpy as np

from dualnet.errors import DTypeError, LostDerivativeError
from dualnet.table import TABLE, fields
from dualnet.table.quiet import note_complex, note_objects
from dualnet.table.registered import asker
from dualnet.table.row import Traced, dtype_of, primal, shape_of

DOUBLES = (np.dtype(float), np.dtype(complex), np.dtype(object))


def pack(x):
    """An object array (or nested list) of traced elements as one traced array; anything else unchanged.

    What is written into the traced array is written into the object array too. A Python complex becomes NumPy's: beside a NumPy scalar
    it would stay Python's, without shape or dtype.
    """
    if type(x) is complex:
        return np.complex128(x)
    if isinstance(x, np.ndarray) and type(x) is not np.ndarray:
        x = _plain(x)
    if isinstance(x, np.ndarray) and x.dtype == object:
        if any(isinstance(e, Traced) for e in x.flat):
            exact = any(isinstance(e, Traced) and e.dtype.hasobject for e in x.flat)
            out = np.reshape(np.stack([e if isinstance(e, Traced) else _boxed(e, exact) for e in x.flat]), x.shape)
            out._base = x, None, None
            return out
        if all(isinstance(e, (float, int, complex, np.number)) for e in x.flat):
            return np.reshape(np.array(x.ravel().tolist(), None if x.size else float), x.shape)
    if isinstance(x, (list, tuple)) and holds_traced(x):
        return np.stack([pack(e) for e in x])
    return x


def arguments(function, args, kwargs):
    """The arguments of one of NumPy's functions, some traced, with what :func:`packed` finds in them as traced arrays.

    A list of numbers, some traced, is an array beside a traced argument. Where there is none, as in ``np.stack([s, t])``, NumPy has asked
    its elements: it holds the function's arrays. The lists of ``np.block`` are lists at any depth.
    """
    inside = function is not np.block
    whole = inside and any(isinstance(x, Traced) for x in (*args, *kwargs.values()))
    return [packed(x, whole, inside) for x in args], {name: packed(x, whole, inside) for name, x in kwargs.items()}


def packed(x, whole=True, inside=True):
    """An argument of one of NumPy's functions with its object arrays of traced elements, its subclasses and its lists of traced numbers
    as :func:`pack` gives them, wherever they stand in lists; lists only where they may be arrays, as a `whole` or `inside` of it."""
    kind = type(x)
    if kind is list or kind is tuple:
        if whole and holds_traced(x) and _grid(x) is not None:
            return pack(x)
        return kind([packed(e, inside, inside) for e in x]) if any(isinstance(e, (np.ndarray, list, tuple)) for e in x) else x
    return pack(x) if kind is not np.ndarray and isinstance(x, np.ndarray) or kind is np.ndarray and fields.dtype(x).hasobject else x


def _grid(x):
    """The shape of a number or of nested lists of numbers; None of anything else, such as lists of arrays or of unequal length."""
    if isinstance(x, (list, tuple)):
        shapes = {_grid(e) for e in x}
        inner = shapes.pop() if len(shapes) == 1 else None
        return None if inner is None else (len(x), *inner)
    return () if isinstance(x, (Number, np.generic)) or isinstance(x, Traced) and not shape_of(x) else None


def _boxed(e, exact):
    """A number beside traced ones in an array of objects: one of NumPy's keeps its precision, a Python integer is a double."""
    return np.asarray(e, object if exact else float if type(e) is int else None)


def beside(x, like):
    """`x` as :func:`pack` gives it; a Python complex that meets less than double precision, which it does not widen, as it is."""
    return x if type(x) is complex and like.dtype.char in "efF" else pack(x)


def _plain(x):
    """An array of a subclass of NumPy's as a plain one; those with rules of their own are refused."""
    if isinstance(x, np.ma.MaskedArray):
        raise DTypeError(f"a masked array of shape {x.shape} meets a traced array; fill it (m.filled(0.0)) and pass the mask to np.where")
    if isinstance(x, np.matrix):
        raise DTypeError(f"an np.matrix of shape {x.shape} meets a traced array; its * is not elementwise: use np.asarray(M), and @")
    if own_rules(x):
        raise DTypeError(f"a {type(x).__name__} of shape {x.shape} meets a traced array; {PLAIN_OF_RULES}")
    return np.asarray(x)


PLAIN_OF_RULES = "its class has rules of its own, such as for units, which derivatives do not follow; pass a plain array, q.to_value(unit)"


def own_rules(x):
    """True for an array of a subclass that answers NumPy's protocols, or operators, itself, such as a quantity with a unit."""
    return isinstance(x, np.ndarray) and type(x) is not np.ndarray and not isinstance(x, np.matrix) and any(
        getattr(type(x), name) is not getattr(np.ndarray, name) for name in ("__array_ufunc__", "__array_function__", "__add__", "__mul__"))


def asks_unit():
    """True where ``astropy.units`` asks an operand of a ufunc for its unit: it would go on with `value`, which is a traced array's, too."""
    frame = asker(sys._getframe(1))
    while frame.f_code.co_name.startswith("<") and frame.f_back is not None:  # a comprehension
        frame = frame.f_back
    return frame.f_code.co_name == "converters_and_unit" and frame.f_globals.get("__name__", "").startswith("astropy.units")


def operand(x):
    """`x`, which may be a list or an object array, as an array that a row takes."""
    x = pack(x)
    return np.asarray(x) if isinstance(x, (list, tuple)) else x


def holds_traced(x):
    """True for a list with a traced array somewhere in it."""
    return any(isinstance(e, Traced) or (isinstance(e, (list, tuple)) and holds_traced(e)) for e in x)


def elements(x):
    """The elements of a traced array in an object array, each with its derivative; `pack` is the way back."""
    note_objects()
    if np.iscomplexobj(primal(x)):  # to NumPy the imaginary part of an array of objects is 0, the real part all of it
        if not of_polynomials(asker(sys._getframe(1))):
            raise lost(f"making an array of objects of a complex {type(x).__name__}, as np.array([...]), np.vectorize, np.r_ and np.c_ do,",
                       "name a traced array for it to follow, np.array([...], like=x), or join with np.stack or np.concatenate")
        note_complex()
    out = np.empty(x.shape, object)
    for place in np.ndindex(x.shape):
        out[place] = x[place]
    return out


BY_ELEMENTS = {("numpy.lib._function_base_impl", "_get_ufunc_and_otypes"), ("numpy.lib._function_base_impl", "_vectorize_call"),
               ("numpy.lib._function_base_impl", "_vectorize_call_with_signature"), ("numpy.lib._index_tricks_impl", "__getitem__")}


def takes_objects():
    """True where plain Python code of NumPy asks that calculates with any objects: ``np.vectorize``, ``np.r_`` and
    ``np.polynomial``, but not its functions that go on to LAPACK."""
    frame = asker(sys._getframe(1))
    while frame.f_code.co_name.startswith("<") and frame.f_back is not None:  # a comprehension
        frame = frame.f_back
    if (frame.f_globals.get("__name__"), frame.f_code.co_name) in BY_ELEMENTS:
        return True
    found = False
    while of_polynomials(frame):
        found, name = True, frame.f_code.co_name
        if name.endswith("fit") or name.endswith("roots") and "from" not in name:
            raise lost(f"np.polynomial's {name.strip('_')} of a traced array", "call np.polyfit or np.roots, whose coefficients begin "
                       "with the highest power")
        frame = frame.f_back
    return found


def of_polynomials(frame):
    """True for a frame of ``np.polynomial``'s code, or of ours in its place."""
    return frame is not None and frame.f_globals.get("__name__", "").startswith(("numpy.polynomial", "dualnet.polynomials"))


def asserted():
    """True where one of NumPy's assertions asks, which gives nothing back that could carry a derivative."""
    return asker(sys._getframe(1)).f_globals.get("__name__", "").startswith("numpy.testing")


def averages():
    """True where NumPy's ``mean``, ``var`` or ``std`` of an array of objects asks a number for its data type: it converts the result
    to that type, and leaves it as it is where there is none."""
    return asker(sys._getframe(1)).f_globals.get("__name__") == "numpy._core._methods"


def vectorizes():
    """True where ``np.vectorize`` with `otypes` converts the results of its function to plain numbers."""
    frame = asker(sys._getframe(1))
    return frame.f_globals.get("__name__") == "numpy.lib._function_base_impl" and frame.f_code.co_name.startswith("_vectorize_call")


def widened(x):
    """`x`, coefficients for one of ``np.polynomial``'s ``*val``, in the precision that its points give them."""
    if x.dtype in DOUBLES:
        return x
    frame = asker(sys._getframe(1))
    if not frame.f_globals.get("__name__", "").startswith("numpy.polynomial") or "c" not in frame.f_locals:
        return x
    points = frame.f_locals.get("x")
    wide = np.result_type(x.dtype, points if isinstance(points, (int, float, complex)) else dtype_of(points))
    return TABLE["astype"](x, wide) if wide.kind in "fc" and wide != x.dtype else x


def lost(what, cure):
    """The error where a conversion would drop a derivative."""
    return LostDerivativeError(f"{what} would lose the derivative; {cure}")

"""What becomes of each public name of NumPy and SciPy: asked of the table, or declared here with a reason.

A name is a row of the table, composed (it calls rows), plain (it reads values, and gives indices, booleans or steps),
not differentiable with a reason, or unsupported with what to do instead. What the table can tell is not listed here.
"""

import importlib
import types
import warnings
from typing import NamedTuple

import numpy as np

from dualnet.errors import ArgumentError
from dualnet.table.accuracy import said
from dualnet.table.register import unknown
from dualnet.table.row import TABLE
from dualnet.table.values import Refused

POLYNOMIAL = "polynomial chebyshev legendre hermite hermite_e laguerre polyutils".split()
NUMPY = ["numpy", "numpy.linalg", "numpy.fft", "numpy.lib.stride_tricks", "numpy.lib.scimath", "numpy.polynomial",
         *("numpy.polynomial." + name for name in POLYNOMIAL)]
SCIPY = ["scipy." + name for name in "special linalg fft ndimage signal interpolate stats integrate optimize spatial.distance".split()]
STATUSES = ["row", "composed", "plain", "not differentiable", "unsupported"]

# Reasons for names of NumPy's main module; a name that some NumPy does not have does no harm.
WHOLE = "it is defined for whole numbers and booleans only"
DATES = "it is about dates"
FILES = "it reads or writes files, text or foreign memory, which hold plain numbers"
SETTINGS = "it reads or changes settings"
TEXT = "it makes text"
SHAPES = "it takes shapes and sizes, not numbers that vary"
TYPES = "it answers a question about types"
NOT_DIFFERENTIABLE = {
    WHOLE: "bitwise_and bitwise_or bitwise_xor bitwise_not bitwise_invert invert bitwise_left_shift bitwise_right_shift left_shift "
           "right_shift bitwise_count packbits unpackbits",
    DATES: "busday_count busday_offset is_busday datetime_as_string datetime_data",
    FILES: "load loadtxt save savetxt savez savez_compressed fromfile fromregex fromstring genfromtxt frombuffer from_dlpack fromiter",
    SETTINGS: "geterr seterr geterrcall seterrcall getbufsize setbufsize get_printoptions set_printoptions printoptions get_include "
              "info show_config show_runtime test set_default_printstyle",
    TEXT: "base_repr binary_repr format_float_positional format_float_scientific typename format_float",
    SHAPES: "tri diag_indices indices mask_indices tril_indices triu_indices broadcast_shapes bartlett blackman hamming hanning "
            "chebgauss leggauss hermgauss hermegauss laggauss chebpts1 chebpts2 rfftfreq nested_iters",
    TYPES: "isdtype issubdtype promote_types mintypecode isscalar isfortran iterable",
}
UNSUPPORTED = {
    "it makes a plain array; use np.asarray(x, like=x), or x itself": "asarray_chkfinite",
    "it makes an np.matrix, which has no derivative; use two-dimensional arrays, np.block and @": "asmatrix bmat matrix",
    "it gives raw memory; use np.lib.stride_tricks.sliding_window_view or indexing": "as_strided",
    "it solves on plain arrays; use np.polyfit, whose coefficients begin with the highest power": "fit",
    "it solves on plain arrays; use np.roots, whose coefficients begin with the highest power": "roots",
    "NumPy has renamed it; use np.isin": "in1d",
    "it makes grids of plain numbers; use np.meshgrid of np.linspace": "mgrid ogrid",
    "it iterates over plain memory; iterate over the array, or over np.ndindex(x.shape)":
        "nditer ndenumerate flatiter broadcast",
}
COMPOSED = {
    "a wrapper in Python; the functions that it calls have rows": "kaiser fftfreq fromfunction row_stack poly1d trapz",
    "its functions get the elements one by one": "vectorize frompyfunc r_ c_",
}
REASONS = {name: (status, reason) for status, group in (("not differentiable", NOT_DIFFERENTIABLE), ("unsupported", UNSUPPORTED),
                                                        ("composed", COMPOSED))
           for reason, names in group.items() for name in names.split()}
OBJECTS = "plain Python that calculates with any objects: traced points go through it whole, traced coefficients one by one"

for _name, (_status, _reason) in REASONS.items():
    _function = getattr(np, _name, None)
    if _status == "not differentiable" and _function not in TABLE.by_function and (
            isinstance(_function, np.ufunc) or hasattr(_function, "_implementation")):
        TABLE.add(Refused(_function, _reason), (_function,))


class Entry(NamedTuple):
    """One public name: where it is, what becomes of it, and why or how."""

    module: str
    name: str
    status: str
    reason: str


def entry(module, name, thing):
    """What becomes of one public name."""
    row = _row(thing)
    if row is not None:
        return Entry(module, name, *_of_row(row))
    if name in REASONS and module.startswith("numpy"):
        return Entry(module, name, *REASONS[name])
    if isinstance(thing, types.ModuleType):
        return Entry(module, name, "not differentiable", "a module")
    if module.startswith("numpy.polynomial"):
        return Entry(module, name, *_of_polynomial(name, thing))
    if isinstance(thing, type) and not (module.startswith("scipy") and any("__call__" in vars(base) for base in thing.__mro__)):
        return Entry(module, name, "not differentiable", "an exception" if issubclass(thing, Exception) else "a type, not a function")
    if not callable(thing):
        return Entry(module, name, "not differentiable", "a constant")
    return Entry(module, name, "unsupported", unknown(thing))


def _row(thing):
    try:
        return TABLE.by_function.get(thing)
    except TypeError:
        return None


def _of_row(row):
    if row.kind == "refused":
        return "not differentiable", row.reason
    if row.kind == "constant":
        return "plain", "computed on values: indices, booleans or steps"
    if row.kind == "creation":
        return "row", "makes arrays that take derivatives with like="
    if row.kind == "composed":
        return "composed", "calls other rows" + said(row.name)
    missing = [k + 1 for k, p in enumerate(getattr(row, "partials", ())) if p is None]
    if missing and len(missing) == len(row.partials):
        return "unsupported", f"{row.name} has a row without partials; add one with @dn.basic_function and .derivative"
    return "row", row.kind + (f"; none by argument {' and '.join(map(str, missing))}" if missing else "") + said(row.name)


def _of_polynomial(name, thing):
    if isinstance(thing, np.ndarray):
        return "not differentiable", "a constant"
    for ending, key in (("fit", "fit"), ("roots", "roots")):
        if name.endswith(ending) and "from" not in name:
            return REASONS[key]
    return "composed", OBJECTS


class Catalogue(tuple):
    """All public names of :data:`NUMPY` and :data:`SCIPY` as :class:`Entry` rows; ``catalogue["numpy.exp"]`` is one of them.

    Printed, it is a table of counts; :meth:`markdown` gives all names.
    """

    __slots__ = ()

    def __new__(cls, modules=(*NUMPY, *SCIPY)):
        TABLE.complete()
        rows = []
        for module in modules:
            home = importlib.import_module(module)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # names that are deprecated, and still there
                names = sorted({n for n in getattr(home, "__all__", None) or dir(home) if not n.startswith("_")})
                rows += [entry(module, name, getattr(home, name)) for name in names]
        return super().__new__(cls, rows)

    def __getitem__(self, key):
        if not isinstance(key, str):
            return super().__getitem__(key)
        module, _, name = key.rpartition(".")
        for e in self:
            if (e.module, e.name) == (module, name):
                return e
        raise ArgumentError(f"{key!r} is no public name of a module in this catalogue; write it as 'numpy.exp' or 'scipy.special.erf'")

    def counts(self):
        """How many names of each module have which status: a dictionary of dictionaries."""
        out = {}
        for e in self:
            line = out.setdefault(e.module, dict.fromkeys(STATUSES, 0))
            line[e.status] += 1
        return out

    def __repr__(self):
        lines = [f"{'':32}" + "".join(f"{s:>20}" for s in STATUSES)]
        lines += [f"{module:32}" + "".join(f"{n:>20}" for n in line.values()) for module, line in self.counts().items()]
        return "\n".join(lines)

    __str__ = __repr__

    def markdown(self):
        """The page: the counts, then the names of each module by what becomes of them."""
        head = ["| module | " + " | ".join(STATUSES) + " |", "| --- |" + " ---: |" * len(STATUSES)]
        head += [f"| {module} | " + " | ".join(map(str, line.values())) + " |" for module, line in self.counts().items()]
        parts = ["\n".join(head)]
        for module in self.counts():
            groups = {}
            for e in self:
                if e.module == module:
                    reason = "no row yet; write it with functions of the table, or enter one" if "has no row" in e.reason else e.reason
                    groups.setdefault((STATUSES.index(e.status), reason), []).append(f"`{e.name}`")
            parts.append(f"## {module}\n\n" + "\n".join(f"- **{STATUSES[k]}**, {reason}: {' '.join(names)}"
                                                       for (k, reason), names in sorted(groups.items())))
        return "\n\n".join(parts) + "\n"

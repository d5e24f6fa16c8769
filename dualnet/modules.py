"""The switch that lets the NumPy code of other people's modules take traced arrays: :func:`enable_numpy`.

Library code begins with ``x = np.asarray(x)`` or ``isinstance(x, np.ndarray)``, and takes single numbers to ``math``, where no
protocol of NumPy's can step in. In the modules that are named, and nowhere else, these names therefore stand for functions
that know traced arrays and do with everything else what they did before. Compiled modules are left alone: they would read
the memory of what ``np.asarray`` gives them.
"""

import builtins
import functools
import math
import sys
import threading
from types import ModuleType, SimpleNamespace

import numpy as np

from dualnet.deferred import Deferred
from dualnet.errors import ArgumentError
from dualnet.registration import Registration
from dualnet.table import TABLE
from dualnet.table.quiet import watched
from dualnet.table.registered import array, carries
from dualnet.table.row import Traced, dtype_of, primal, shape_of

CONVERSIONS = (np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.arange)
BUFFERS = (np.zeros, np.ones, np.empty, np.full, np.eye, np.identity, np.zeros_like, np.ones_like, np.empty_like, np.full_like)
CHECKED = (np.require, np.asfortranarray, np.asarray_chkfinite)
OF_MATH = {"acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh", "atan": "arctan", "atan2": "arctan2",
           "atanh": "arctanh", "pow": "power", **{name: name for name in (
               "cbrt", "copysign", "cos", "cosh", "degrees", "exp", "exp2", "expm1", "fabs", "fmod", "hypot", "log10", "log1p", "log2",
               "radians", "sin", "sinh", "sqrt", "tan", "tanh")}}
OF_SPECIAL = {"erf": "erf", "erfc": "erfc", "gamma": "gamma", "lgamma": "gammaln"}
STEPS = ("ceil", "floor", "trunc", "isclose", "isfinite", "isinf", "isnan")
SUFFIXES = (".py", ".pyc")
_lock = threading.RLock()
_changed = {}  # by the id of a module's names, where it was named: the names, by how many registrations, what was put in for what


def _converted(function):
    """One of NumPy's conversions, which gives of what carries a derivative a traced array."""
    follow = TABLE.find(function).follow

    @functools.wraps(function)
    def call(*args, **kwargs):
        if kwargs.get("like") is None and (carries(args) or carries(kwargs)):
            kwargs.pop("like", None)
            return follow(*map(_joined, args), **{name: _joined(x) for name, x in kwargs.items()})
        return function(*args, **kwargs)

    return call


def _checked(function):
    """A conversion with demands, which are made of the plain values."""
    convert = _converted(np.asarray)

    @functools.wraps(function)
    def call(a, dtype=None, *args, **kwargs):
        if not carries(a):
            return function(a, dtype, *args, **kwargs)
        out = convert(a, dtype)
        function(primal(out), dtype, *args, **kwargs)
        return out

    return call


def _joined(x):
    return array(x) if carries(x) else x


def _deferred(function):
    """A function that makes a buffer, which inside a transformation takes values with a derivative."""
    follow = getattr(TABLE.find(function), "follow", None)

    @functools.wraps(function)
    def call(*args, **kwargs):
        if follow is not None and kwargs.get("like") is None and (carries(args[1:]) or carries(kwargs)):
            kwargs.pop("like", None)
            return follow(*args, **kwargs)
        out = function(*args, **kwargs)
        return Deferred.of(out) if watched() and type(out) is np.ndarray and out.dtype.kind in "fc" else out

    return call


def _of_numbers(function, traced):
    """A function of ``math``, with the function of NumPy's that it is of a traced number; `math`'s own errors outside its domain."""
    @functools.wraps(function)
    def call(*args):
        if not any(isinstance(x, Traced) for x in args):
            return function(*args)
        out = function(*map(primal, args))
        return out if traced is None else traced(*args)

    return call


def _log(x, base=None):
    return np.log(x) if base is None else np.log(x) / np.log(base)


def _special(name):
    def call(x):
        import scipy.special

        return getattr(scipy.special, name)(x)

    return call


@functools.wraps(builtins.isinstance)
def _isinstance(x, kind):
    if not builtins.isinstance(x, Traced):
        return builtins.isinstance(x, kind)
    of_ours = type(x).__mro__[:-1]
    return issubclass(np.ndarray if shape_of(x) else dtype_of(x).type, kind) or any(
        k in of_ours for k in (kind if type(kind) is tuple else (kind,)))


@functools.wraps(np.isscalar)
def _isscalar(x):
    return np.isscalar(x) or isinstance(x, Traced) and not shape_of(x)


def _broadcast(*args):
    """``np.broadcast``; of traced arrays the shape alone, for it iterates over plain numbers."""
    if not any(isinstance(x, Traced) for x in args):
        return np.broadcast(*args)
    shape = np.broadcast_shapes(*map(np.shape, args))
    return SimpleNamespace(shape=shape, ndim=len(shape), nd=len(shape), size=math.prod(shape))


class _Module(ModuleType):
    """A module with some of its names replaced."""

    def __init__(self, module, replaced):
        super().__init__(module.__name__, module.__doc__)
        self.__dict__.update(replaced, _module=module)

    def __getattr__(self, name):
        return getattr(self._module, name)

    def __dir__(self):
        return dir(self._module)


@functools.cache
def _replacements():
    """What stands for what in an enabled module, as pairs (old, new) by the id of the old."""
    of_numpy = {"isscalar": _isscalar, "broadcast": _broadcast}
    of_numpy |= {f.__name__: _converted(f) for f in CONVERSIONS} | {f.__name__: _deferred(f) for f in BUFFERS}
    of_numpy |= {f.__name__: _checked(f) for f in CHECKED}
    of_math = {name: _of_numbers(getattr(math, name), getattr(np, row)) for name, row in OF_MATH.items()}
    of_math |= {name: _of_numbers(getattr(math, name), _special(row)) for name, row in OF_SPECIAL.items()}
    of_math |= {name: _of_numbers(getattr(math, name), None) for name in STEPS}
    of_math["log"] = _of_numbers(math.log, _log)
    pairs = [(np, _Module(np, of_numpy)), (math, _Module(math, of_math))]
    pairs += [(getattr(home, name), new) for home, names in ((np, of_numpy), (math, of_math)) for name, new in names.items()]
    return {id(old): (old, new) for old, new in pairs}


def enable_numpy(*modules):
    """Let the NumPy code of modules take arrays that carry a derivative where it converts them to plain ones.

    Parameters
    ----------
    *modules : str or module
        Modules that have been imported, of a package all its modules that have been; the one that calls when none is given.

    Returns
    -------
    Registration
        Use it in ``with`` to undo it at the end of the block, call its ``undo()``, or leave it on for good. Registrations are
        counted: a module is given back when the last of those that named it is undone.

    Raises
    ------
    ArgumentError
        A module that has not been imported, or is not written in Python.

    Notes
    -----
    In these modules, and in no other, ``np.array``, ``np.asarray``, ``np.asanyarray`` and ``np.ascontiguousarray`` give a traced array
    of whatever holds one; what ``np.zeros``, ``ones``, ``empty``, ``full``, ``eye`` and ``zeros_like`` make inside a transformation takes
    values with a derivative; the functions of ``math`` take traced numbers; and for ``isinstance`` and ``np.isscalar`` a traced array is
    an ``np.ndarray`` and a traced number a number of its type. With other arguments all do what they did before. Not reached
    are compiled modules, ``import numpy`` inside a function, and ``float(x)``.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> def turned(angle):
    ...     return np.linalg.inv(np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]))[0, 1]
    >>> with dn.enable_numpy():                                 # or names, such as "colour"
    ...     float(dn.derivative(turned)(0.0))
    1.0
    """
    rooms = {name: vars(sys.modules[name]) for module in modules for name in _rooms(module)}
    if not modules:
        names = sys._getframe(1).f_globals
        rooms = {names["__name__"]: names}
    with _lock:
        for names in rooms.values():
            _, count, changes = _changed.get(id(names), (names, 0, None))
            _changed[id(names)] = names, count + 1, _put(names) if changes is None else changes
    return Registration(list(rooms), lambda: _leave(rooms.values()))


def _rooms(module):
    """The names of the Python modules that a module, or its name, stands for."""
    name = module.__name__ if isinstance(module, ModuleType) else str(module)
    found = [m for m in list(sys.modules) if (m == name or m.startswith(name + ".")) and _is_python(sys.modules[m])]
    if not found or name.split(".")[0] in ("numpy", "dualnet"):
        raise ArgumentError(f"{name} is not a module of Python code that uses NumPy and has been imported; import it first, and name "
                            "it as sys.modules does")
    return found


def _is_python(module):
    file, origin = getattr(module, "__file__", None), getattr(getattr(module, "__spec__", None), "origin", None)
    return isinstance(module, ModuleType) and (file.endswith(SUFFIXES) if file else origin not in ("built-in", "frozen"))


def _put(names):
    """Put the replacements among a module's names: each with its replacement and what was there."""
    pairs = _replacements()
    changes = [(name, pairs[id(old)][1], old) for name, old in list(names.items()) if id(old) in pairs]
    if "isinstance" not in names:
        changes.append(("isinstance", _isinstance, None))
    for name, new, _ in changes:
        names[name] = new
    return changes


def _leave(rooms):
    with _lock:
        for names in rooms:
            _, count, changes = _changed.pop(id(names))
            if count > 1:
                _changed[id(names)] = names, count - 1, changes
            else:
                _give_back(names, changes)


def _give_back(names, changes):
    for name, new, old in changes:
        if names.get(name) is new:
            if old is None:
                del names[name]
            else:
                names[name] = old

"""SciPy functions that speak no protocol: how their rows are entered, and who called when a conversion fails.

Such a function calls ``np.asarray`` on its arguments, so a plain call with a traced array can only fail. Its
row is entered here under its public name; ``dn.enable_scipy()`` puts the row in front of it.
"""

import functools
import importlib
import inspect
import sys
from dataclasses import dataclass

import numpy as np

from dualnet.errors import NotDifferentiableError
from dualnet.table.linalg import operand
from dualnet.table.row import TABLE, Composed, Traced, highest

ENTRIES = []


@dataclass(frozen=True)
class Entry:
    """Where a registered function lives: ``owner.attribute`` is `original`, and `wrapper` takes its place."""

    owner: object
    attribute: str
    original: object
    wrapper: object

    @property
    def room(self):
        """The public module, such as ``linalg`` for ``scipy.linalg``."""
        return (self.owner.__module__ if isinstance(self.owner, type) else self.owner.__name__).split(".")[1]


def carries(x):
    """True where `x`, or anything inside a list, tuple, dict or object array, is traced.

    Examples
    --------
    >>> carries([1.0, (2.0, np.zeros(3))])
    False
    """
    if isinstance(x, Traced):
        return True
    if isinstance(x, (list, tuple)):
        return any(map(carries, x))
    if isinstance(x, dict):
        return any(map(carries, x.values()))
    return isinstance(x, np.ndarray) and x.dtype == object and any(isinstance(e, Traced) for e in x.flat)


def array(x):
    """`x` as an array, traced where anything in it is."""
    return np.stack([array(e) for e in x]) if isinstance(x, (list, tuple)) and carries(x) else operand(x)


def floating(x):
    """`x` as an array of floating numbers."""
    x = array(x)
    return x if x.dtype.kind in "fc" else x.astype(float)


def double(x):
    """`x` as an array of floating numbers of double precision or more, where SciPy calculates in that."""
    x = array(x)
    wide = np.result_type(x.dtype, float)
    return x if x.dtype == wide else x.astype(wide)


def order_of(x):
    """The highest order of derivatives that x carries."""
    order = 0
    while isinstance(x, Traced):
        order += getattr(getattr(x, "expansion", None), "order", 1)  # of a series
        x = x.value
    return order


def resolved(path):
    """The object with that dotted path below a public SciPy module, or None in a SciPy that does not have it."""
    parts = path.split(".")
    out = importlib.import_module(".".join(parts[:2]))
    for part in parts[2:]:
        out = getattr(out, part, None)
    return out


def plainly(function, row):
    """A value that SciPy's `function` gives of plain arrays, and `row` again where an operand carries an outer derivative."""
    return lambda *operands: function(*operands) if highest(operands) is None else row(*operands)


def registered(path, wrapped=True, calls=False):
    """Enter the rule as the row of a SciPy function; without traced arguments the row is the function itself.

    A function that `calls` the user's may meet a derivative that is not among its arguments, but in the closure of one of
    theirs; the first result that carries one then ends the plain call, and the rule is taken after all.
    """
    def decorate(rule):
        original = resolved(path)
        if original is not None:
            enter(path, rule, original, resolved(path.rpartition(".")[0]), path.rpartition(".")[2], wrapped, calls)
        return rule

    return decorate


def enter(name, rule, original, owner, attribute, wrapped=True, calls=False):
    """Enter one row, and (if `wrapped`) what takes the function's place in `owner` while registrations are on."""
    first = next(iter(inspect.signature(original).parameters)) if calls else None

    def call(*args, **kwargs):
        if first in kwargs:  # func=f, with which the rules and SciPy begin
            args = (kwargs.pop(first), *args)
        if carries(args) or kwargs and carries(kwargs):
            return rule(*args, **kwargs)
        if not (calls and args and callable(args[0]) and inside()):
            return original(*args, **kwargs)
        try:
            return original(*map(_watched, args), **{key: _watched(value) for key, value in kwargs.items()})
        except Carried:
            return rule(*args, **kwargs)

    functools.update_wrapper(call, original)
    if not isinstance(owner, type):
        call.__module__ = owner.__name__  # where pickle finds it
    described = functools.update_wrapper(lambda *args, **kwargs: call(*args, **kwargs), rule)
    row = TABLE.add(Composed(name, described), (original, call))
    if wrapped:
        ENTRIES.append(Entry(owner, attribute, original, call))
    return row


class Carried(Exception):
    """A function of the user's has given a result that carries a derivative."""


def inside():
    """True where a transformation may be under way; :mod:`dualnet.registration` gives the real answer."""
    return True


def _watched(f):
    """A function of the user's, or each of several, that ends the call with a result that carries a derivative; else `f` itself."""
    if type(f) in (list, tuple) and any(map(callable, f)):
        return type(f)(map(_watched, f))
    if not callable(f) or isinstance(f, type):
        return f

    @functools.wraps(f)
    def watched(*args, **kwargs):
        out = f(*args, **kwargs)
        if carries(out):
            raise Carried
        return out

    return watched


def method(path):
    """Enter the rule as the row of a method of a class, or of the class of an object, wrapped in the class that defines it."""
    name, _, attribute = path.rpartition(".")

    def decorate(rule):
        home = resolved(name)
        owner = next((k for k in (home if isinstance(home, type) else type(home)).__mro__ if attribute in vars(k)), None)
        if owner is not None:
            enter(path, rule, vars(owner)[attribute], owner, attribute)
        return rule

    return decorate


def constructor(path):
    """Enter ``fill(self, *args)`` as the row of a class: it makes a traced object of the instance `self`."""
    def decorate(fill):
        cls = resolved(path)
        owner = next(k for k in cls.__mro__ if "__init__" in vars(k))  # PPoly's stands in a class that BPoly shares
        original = vars(owner)["__init__"]

        @functools.wraps(original)
        def __init__(self, *args, **kwargs):
            if isinstance(self, cls) and (carries(args) or kwargs and carries(kwargs)):
                fill(self, *args, **kwargs)
            else:
                original(self, *args, **kwargs)

        @functools.wraps(fill)
        def construct(*args, **kwargs):
            out = cls.__new__(cls)
            __init__(out, *args, **kwargs)
            return out

        TABLE.add(Composed(path, construct), (cls, original, __init__))
        ENTRIES.append(Entry(owner, "__init__", original, __init__))
        return fill

    return decorate


def refuse(function, option, value):
    """Raise for an option with which `function` has no row."""
    raise NotDifferentiableError(f"{function} with {option}={value!r} has no derivative in dualnet; leave {option} out, or pass "
                                 "dn.stop_gradient(x) where only the value is needed")


def asker(frame):
    """The frame of the code that asks a traced array for something, over those of dualnet's own that answer: some are frames of
    their own only where they are not compiled, others only while NumPy's conversions are replaced."""
    while frame.f_globals.get("__name__") in ANSWERING and frame.f_back is not None:
        frame = frame.f_back
    return frame


ANSWERING = ("dualnet.dispatch", "dualnet.arithmetic", "dualnet.packing", "dualnet.modules")


def _public(frame):
    """The public path of the SciPy function that a frame runs, or that it wraps; None if there is none."""
    module, name = frame.f_globals["__name__"], getattr(frame.f_code, "co_qualname", frame.f_code.co_name)
    if "<" in name:  # a decorator's inner function: what it decorates is among its variables
        inside = [f for f in frame.f_locals.values()
                  if str(getattr(f, "__module__", "")).startswith("scipy.") and isinstance(getattr(f, "__qualname__", None), str)]
        if not inside:
            return None
        module, name = inside[0].__module__, inside[0].__qualname__
    parts = module.split(".")
    depth = next((k for k, part in enumerate(parts) if part.startswith("_")), len(parts))
    path = ".".join([*parts[:depth], name])
    return path if depth > 1 and resolved(path) is not None else None


def caller(frame):
    """The public path of the SciPy function that, over NumPy's and its own helpers, called from `frame`; None if none did."""
    found, seen = None, False
    while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] in ("scipy", "numpy"):
        if frame.f_globals["__name__"].startswith("scipy."):
            seen, found = True, _public(frame) or found
        frame = frame.f_back
    return found or ("a SciPy function" if seen else None)


def advice(number=False):
    """What to say where a SciPy function asked for a plain array: (what, cure); None where none did.

    A traced `number` passes through ``scipy.special``, whose functions go on with ufuncs and thus with rows.
    """
    path = caller(asker(sys._getframe(1)))
    if path is None or number and path.startswith("scipy.special."):
        return None
    TABLE.complete(path)
    name = path.removesuffix(".__init__")
    if TABLE.holds(name):
        return (f"{path}, which converts its arguments to plain arrays,",
                f"call dn.enable_scipy() first, and import names out of scipy after it (dn.table[{name!r}] is the function's row)")
    return (f"{path}, which converts its arguments to plain arrays and has no registered row,",
            "write it with functions that have one (list(dn.table), docs/scipy.md), give dn.basic_function its derivative, or say "
            "dn.stop_gradient(x) where only the value is needed")

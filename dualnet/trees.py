"""What goes into a transformation and what comes out: containers, numbers, and the errors that name them."""

import contextlib
import math
import operator
import re
import threading
from numbers import Number

import numpy as np
import optree
from numpy import ndarray

from dualnet.dispatch import Array
from dualnet.errors import ArgumentError, DTypeError, DualnetError, LostDerivativeError, ShapeError
from dualnet.levels import close_level, open_level
from dualnet.packing import PLAIN_OF_RULES, lost, own_rules, pack
from dualnet.table import fields
from dualnet.table.ordering import LOCAL
from dualnet.table.quiet import IMAGINARY, note, unwatch, watch
from dualnet.table.row import Traced, primal, shape_of

BASE = np.polynomial.Polynomial.__base__  # of the classes of np.polynomial, which divide like numbers
MEMORY = re.compile(r"bytes-like object is required, not '(dualnet\.\w+\.)?(Dual|Node|Series|Pending)'")  # how a view of memory does
# how NumPy refuses one; "'float' object" and "unsized object" are Python's words
OBJECT_ARRAY = re.compile(r"(?<!' )(?<!unsized )object|'O'|has no callable|not supported for the input types|define __trunc__")


def name_of(f):
    """A function's name for messages."""
    return getattr(f, "__name__", None) or getattr(f, "name", None) or name_of(getattr(f, "func", type(f)))  # of a partial, its function


def described(what):
    """What an error message calls an input: text, or ("argument", positions, function)."""
    if isinstance(what, str):
        return what
    _, nums, f = what
    return f"argument {nums[0]} of {name_of(f)}" if len(nums) == 1 else f"one of the arguments of {name_of(f)}"


def number(x, what):
    """`x` as an array (or scalar) of floating or complex numbers that can carry a derivative."""
    if isinstance(x, Array):
        x = x.held()
    if isinstance(x, Traced):
        return x
    if type(x) is float:
        return np.float64(x)
    if type(x) is ndarray and fields.ndim(x) and fields.dtype(x).kind in "fc":
        return x
    if isinstance(x, np.ma.MaskedArray):
        raise DTypeError(f"{described(what)} is a masked array; fill it first (x.filled(0.0)) and pass the mask to np.where")
    if own_rules(x):
        raise DTypeError(f"{described(what)} is a {type(x).__name__}; {PLAIN_OF_RULES}")
    a = np.asarray(x)
    if a.dtype.hasobject and any(isinstance(e, Traced) for e in a.flat):
        return pack(a)
    if a.dtype.kind in "iub":
        a = a.astype(float)
    if a.dtype.hasobject and a.dtype.kind == "O":
        if any(isinstance(e, BASE) for e in a.flat):
            raise DTypeError(f"{described(what)} is a {type(a.flat[0]).__name__} of np.polynomial, an object and no array; use its "
                             "coefficients, p.coef")
        if all(hasattr(e, "__truediv__") for e in a.flat):
            return np.asarray(a)  # exact numbers, such as fractions
    if a.dtype.kind not in "fc":
        raise DTypeError(f"{described(what)} is {x!r:.60} of dtype {a.dtype}; derivatives are taken of arrays of numbers")
    return a[()] if a.ndim == 0 else np.asarray(a)


def leaves_of(tree):
    """Leaves of a nested container, and its structure."""
    leaves = []
    structure = nest(tree, leaves)
    return (leaves, structure) if structure is not None else optree.tree_flatten(tree)


def nest(tree, leaves):
    """Lists and tuples of arrays and numbers, the commonest containers, without optree: its shape as (type, parts), with None for
    a leaf, which is appended to `leaves`. None where it holds anything else, for which there is optree."""
    kind = type(tree)
    if kind is not list and kind is not tuple:
        return None
    parts = []
    for x in tree:
        of = type(x)
        part = nest(x, leaves) if of is list or of is tuple else None
        if part is None:
            if of is not ndarray and not isinstance(x, (float, Traced, Number)):
                return None
            leaves.append(x)
        parts.append(part)
    return kind, parts


def differ(structure, other, tree, other_tree):
    """True where two containers, of these structures, are not of one structure."""
    if type(structure) is not type(other):  # a leaf of another kind has made one of them optree's
        return optree.tree_structure(tree) != optree.tree_structure(other_tree)
    return structure != other


def flatten(tree, what):
    """Leaves of a nested container as numbers, and its structure."""
    if isinstance(tree, (ndarray, float, Traced, np.generic)):
        return [number(tree, what)], None
    leaves, structure = leaves_of(tree)
    if not leaves:
        raise DTypeError(f"{described(what)} is {tree!r:.60}; it holds no array of numbers to differentiate")
    return [number(x, what) for x in leaves], structure


def unflatten(structure, leaves):
    """The container of that structure with these leaves."""
    if structure is None:
        return leaves[0]
    return filled(structure, leaves, 0)[0] if type(structure) is tuple else optree.tree_unflatten(structure, leaves)


def filled(structure, leaves, start):
    """The nest of that structure with the leaves from `start` on, and where the rest of them begins."""
    kind, parts = structure
    out = []
    for part in parts:
        if part is None:
            out.append(leaves[start])
            start += 1
        else:
            inner, start = filled(part, leaves, start)
            out.append(inner)
    return (out if kind is list else tuple(out)), start


def results(out, f):
    """Leaves of what `f` returned, and their structure; raises where there is no number."""
    if isinstance(out, Array):
        return [out.held()], None
    if isinstance(out, (ndarray, float)) and not (isinstance(out, ndarray) and out.dtype == object):
        return [out], None
    leaves, structure = leaves_of(out)
    if not leaves:
        raise DTypeError(f"{name_of(f)} returned {out!r:.60}, not an array; return the result as an array, a number, or a container "
                         "of them")
    return [_result(pack(x), f) for x in leaves], structure  # numbers alone may be in an array of objects


def _result(x, f):
    """A leaf of a result; whole numbers and booleans, such as ranks, indices and masks, as they are."""
    if type(x) in (bool, int, ndarray) or isinstance(x, np.generic):
        plain = np.asarray(x)
        if plain.dtype.kind in "iub":
            return plain[()]
    return number(x, f"the result of {name_of(f)}")


def run(call, arrays):
    """``call(arrays)``, with the floating-point warnings of the same call on plain numbers.

    An error of ours that NumPy has wrapped into its own (when a plain array is assigned a traced element) is raised as
    itself; one that the function catches is raised after all where its result carries no derivative.
    """
    before, values = LostDerivativeError.latest, []
    for x in arrays:  # before the function writes into them
        values.append(primal(x) if type(x.value) is float else x.value)
    watching = watch()
    try:
        out = _called(call, arrays)
    finally:
        seen = unwatch(watching)
    if LostDerivativeError.latest is not before:
        _caught(call, out, int(arrays[0].level), values, before)  # half a level above what they become are undecided inputs
    if seen:
        _warned(call, values, seen, out)
    return out


def _caught(call, out, level, values, before):
    """Raise once more what the function has caught, such as of ``math.exp(x)`` in a ``try`` with a bare ``except``, if it has gone on to
    a result without derivative, or to another value than it has of plain numbers."""
    thread, message = LostDerivativeError.latest
    if thread != threading.get_ident():
        return
    found, end = [pack(x) for x in optree.tree_leaves(out)], None
    if not any(isinstance(x, Traced) and x.level >= level for x in found):
        end = "a result without derivative"
    else:
        with contextlib.suppress(Exception), np.errstate(all="ignore"):
            plain = optree.tree_leaves(call([x.copy("K") if isinstance(x, ndarray) else x for x in map(primal, values)]))
            if not (len(plain) == len(found) and all(map(_alike, map(primal, found), plain))):
                end = "another value than it has of plain numbers"
    if end is not None:
        raise LostDerivativeError(f"{message}; the function has caught this error, and has gone on to {end}")
    LostDerivativeError.latest = before


def _alike(x, y):
    """True for results of one shape that differ by rounding only."""
    return shape_of(x) == shape_of(y) and np.allclose(x, y, rtol=1e-4, atol=1e-6 * np.max(np.abs(y), initial=0.0), equal_nan=True)


def _warned(call, values, seen, out):
    """Give the floating-point warnings (or errors) of the call on plain numbers, which a sweep has kept back.

    Where complex numbers may have come into an array of objects, in which NumPy sees no imaginary parts, the values are compared.
    """
    if any(isinstance(x, Traced) for x in values):
        note(IMAGINARY if IMAGINARY in seen else seen[0])  # the outermost sweep runs on plain numbers
        return
    plain = None
    with contextlib.suppress(TypeError, ValueError, DualnetError):  # such as like= of a number, which traced arrays take
        plain = [np.asarray(x) for x in optree.tree_leaves(call([x.copy("K") if isinstance(x, ndarray) else x for x in values]))]
    if plain is not None and IMAGINARY in seen:
        outs = [pack(x) for x in optree.tree_leaves(out)]
        pairs = zip([np.asarray(primal(x)) for x in outs], plain)
        if not any(isinstance(x, Traced) for x in outs) or any(
                np.iscomplexobj(x) != np.iscomplexobj(y) or not _alike(x, y) for x, y in pairs if y.dtype.kind in "fc"):
            raise lost("complex numbers in an array of objects, such as np.array([...]) of traced numbers times 1j, whose imaginary parts "
                       "NumPy does not see: the result is not that of plain numbers; going on",
                       "name a traced array for it to follow, np.array([...], like=x), or join with np.stack")


def _called(call, arrays):
    before = LostDerivativeError.latest
    try:
        return call(arrays)
    except ValueError as error:
        if isinstance(error.__cause__, DualnetError):
            raise error.__cause__.with_traceback(error.__traceback__) from None  # with the line of the function that did it
        if str(error).startswith("Error setting single item"):  # of a plain array's .flat
            _lost_before(before, error)
        raise
    except DualnetError:
        raise
    except (TypeError, AttributeError) as error:
        if MEMORY.search(str(error)) and isinstance(error, TypeError):
            raise lost(f"giving a traced array to compiled code, which reads memory ({error}),", "write it with functions that have a row "
                       "(list(dn.table)), give dn.basic_function its derivative, or say dn.stop_gradient(x) for its value alone") from error
        if str(error).startswith("unsupported operand"):  # an operator has caught it, such as those of np.polynomial's classes
            _lost_before(before, error)
        if not (isinstance(error, TypeError) and OBJECT_ARRAY.search(str(error)) or _inside_numpy(error)):
            raise
        raise DTypeError(f"NumPy refused an object array ({error}); np.array([...]) of traced elements makes one, which linear algebra, "
                         "Fourier transforms, np.cov and some others do not take: use np.stack([...]) instead, or let dn.enable_numpy() "
                         "see to the module") from error


def _lost_before(before, error):
    """Raise the error of a lost derivative, made since the one `before`, that `error` stands in place of."""
    latest = LostDerivativeError.latest
    if latest is not before and latest[0] == threading.get_ident():
        raise LostDerivativeError(latest[1]) from error


def _last_frame(error):
    """The innermost frame of Python code that an error comes from."""
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame


def _inside_numpy(error):
    """True for an error that a function of NumPy has met in an array of objects, whose elements have no array's attributes."""
    if isinstance(error, AttributeError) and type(error.obj) in (int, float) and isinstance(getattr(np, str(error.name), None), np.ufunc):
        return True  # a ufunc asks an element, here a number beside traced ones, for a method of its name
    frame = _last_frame(error)
    return frame.f_globals.get("__name__", "").startswith("numpy.") and any(
        isinstance(x, ndarray) and x.dtype.hasobject for x in frame.f_locals.values())


def captured(x):
    """A constant that is read later: a copy of a writable array, so that changes to it do no harm."""
    if type(x) is not ndarray:
        if not isinstance(x, Array):
            return x
        x = x._decided()
        return x.snapshot() if isinstance(x, Array) else x.copy()
    base = x
    while type(base) is ndarray:
        if fields.writeable(base):
            return x.copy("K")
        base = fields.base(base)
    return x


def callable_or_raise(f, operator_name):
    """Check that `f` can be called."""
    if not callable(f):
        raise DTypeError(f"{operator_name} takes a function, not {f!r:.60}; pass the function itself, without calling it")


def selected(args, argnums, f):
    """The arguments named by `argnums`, as a tuple, with bounds checked."""
    if type(argnums) is int and 0 <= argnums < len(args):
        return (argnums,)
    nums = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    out = []
    for k in nums:
        try:
            k = operator.index(None if isinstance(k, bool) else k)
        except TypeError:
            raise ArgumentError(f"argnums={argnums!r}: the position of an argument is an integer, those of several a tuple of integers"
                                ) from None
        if not -len(args) <= k < len(args):
            raise ArgumentError(f"argnums={argnums!r} is out of range: {name_of(f)} was called with {len(args)} positional argument(s), "
                                "which are those that can be differentiated")
        out.append(k % len(args))
    if len(set(out)) < len(out) or not out:
        raise ArgumentError(f"argnums={argnums!r}: name each argument once, and at least one")
    return tuple(out)


def replaced(args, nums, values):
    """`args` with those at `nums` replaced."""
    args = list(args)
    for k, v in zip(nums, values):
        args[k] = v
    return args


def matching(tangents, primals, what, of="primal"):
    """Tangents for `primals` (or cotangents for what they are `of`), leaf by leaf, with structures and shapes checked."""
    leaves, structure = flatten(primals, f"a {of}")
    given, other = flatten(tangents, f"a {what}")
    if differ(structure, other, primals, tangents):
        raise ShapeError(f"the {what}s {tangents!r:.60} do not have the structure of the {of}s {primals!r:.60}")
    out = []
    for k, (x, t) in enumerate(zip(leaves, given)):
        if shape_of(x) != shape_of(t):
            raise ShapeError(f"{what} {k} has shape {shape_of(t)} and its {of} has shape {shape_of(x)}; they must be equal")
        out.append(t)
    return leaves, structure, out


def cut(flat, leaves):
    """A vector of all seeds as arrays of the leaves' shapes (the seeds are its last axis)."""
    if len(leaves) == 1 and shape_of(leaves[0]) and flat.shape[-1:] == shape_of(leaves[0]):
        return [flat]
    out, start = [], 0
    for x in leaves:
        shape, size = shape_of(x), math.prod(shape_of(x))
        out.append(np.reshape(flat[..., start:start + size], shape_of(flat)[:-1] + shape) if len(leaves) > 1 or shape_of(flat)[-1:] != shape
                   else flat)
        start += size
    return [x[()] if isinstance(x, ndarray) and x.ndim == 0 else x for x in out]


def mode_or_raise(mode):
    """Check the name of a mode."""
    if mode not in ("auto", "forward", "reverse"):
        raise ArgumentError(f'mode={mode!r}; choose "auto", "forward" or "reverse"')


def set_kinks(kinks):
    """Set the rule for kinks; returns what :func:`reset_kinks` needs to put the one before back."""
    if kinks not in ("ahead", "local"):
        raise ArgumentError(f'kinks={kinks!r}; choose "ahead" (one-sided derivatives) or "local" (first of the tied)')
    local = kinks == "local"
    return None if LOCAL.get() is local else LOCAL.set(local)


def reset_kinks(token):
    """Put the rule for kinks back."""
    if token is not None:
        LOCAL.reset(token)


class level:
    """``with level(kinks) as number:`` an open level and the rule for kinks, both put back at the end, whatever happens."""

    __slots__ = ("token", "number")

    def __init__(self, kinks="ahead"):
        self.token = set_kinks(kinks)

    def __enter__(self):
        self.number = open_level()
        return self.number

    def __exit__(self, *error):
        close_level(self.number)
        reset_kinks(self.token)

"""What a row of the table is: the six kinds, and how a call finds its reader.

A row says what a basic function is; a reader (forward, reverse, Taylor, symbolic) says what to do with
it. A reader is a traced array: an object whose class derives from :class:`Traced`. A call on several
traced arrays is read by the one with the highest level, which treats the others as constants.

===========  ==================================================================================
kind         what its rule returns for a call
===========  ==================================================================================
pointwise    (no rule: a function of each element, with one partial per argument)
gather       ``x, forward[, transpose]``; a list of operands in place of ``x`` when it joins several, and then a
             transpose ``(g, i)`` that gives the share of the i-th
reduction    ``x, axes, keepdims``: the sum over `axes`
bilinear     ``x, y, "ij,jk->ik"``: the contraction
linear       ``operands, value, pushes, pulls``: linear in each operand's tangent
composed     its value, by calling other rows
===========  ==================================================================================

Every ``forward``, ``transpose``, push and pull takes arrays with any number of leading axes, so that
many tangents go through one call: axes are counted from the end.
"""

import functools
import operator

import numpy as np
from numpy import ndarray

from dualnet.errors import UnknownFunctionError
from dualnet.table import fields
from dualnet.table.domain import REAL
from dualnet.table.register import TABLE


class Traced:
    """Marks an array that carries a derivative, a graph node, coefficients or an expression: a `value` at a `level`."""

    __slots__ = ("value", "level")
    sparse = symbolic = False  # sparse where a row does well to keep elements apart: of a row-sparse Jacobian, or of expressions


def highest(operands):
    """The traced operand with the highest level, or None."""
    top = None
    for x in operands:
        if isinstance(x, Traced):
            one = x
            if top is None or one.level > top.level:
                top = one
    return top


def primal(x):
    """The plain numbers inside `x`, below every level.

    Examples
    --------
    >>> primal(2.0)
    2.0
    """
    if isinstance(x, Traced):
        while isinstance(x, Traced):
            one = x
            x = one.value
        return np.float64(x) if type(x) is float else x
    return x


def shape_of(x):
    """``np.shape`` without a trip through NumPy's dispatch."""
    kind = type(x)
    if kind is ndarray:
        return fields.shape(x)
    if isinstance(x, Traced):
        one = x
        x = one.value
        return fields.shape(x) if type(x) is ndarray else getattr(x, "shape", ())
    return () if kind is float or kind is int or kind is np.float64 else np.shape(x)


def ndim_of(x):
    """``np.ndim`` without a trip through NumPy's dispatch."""
    return len(shape_of(x))


def dtype_of(x):
    """The data type of an array or number; that of exact numbers, such as fractions, is object."""
    if type(x) is ndarray:
        return fields.dtype(x)
    x = primal(x)
    return x.dtype if hasattr(x, "dtype") else np.asarray(x).dtype


def boxed(x):
    """An exact number, such as a fraction, as an array without axes; anything else unchanged."""
    return x if hasattr(x, "dtype") else np.asarray(x)


class Row:
    """One basic function. `name`, `symbol` (SymPy's name, as text), `domain` and `kind` describe it."""

    kind = ""
    symbol = None
    domain = REAL

    def __init__(self, name, rule):
        self.name = name
        self.rule = rule
        self.elementwise = self.kind == "pointwise"
        self.__doc__ = rule.__doc__ if rule is not None else None

    def __repr__(self):
        return f"<{self.kind} {self.name}>"

    def __reduce__(self):
        return (_row, (self.name,))


def _row(name):
    return TABLE[name]


def newer(name):
    """NumPy's function of that name in a tuple, which is empty where NumPy is too old to have it."""
    return (getattr(np, name),) if hasattr(np, name) else ()


OPERATORS = {np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul, np.divide: operator.truediv,
             np.negative: operator.neg}  # the same on arrays, several times faster on scalars


def _squared(x):
    return x * x


OF_FLOATS = {np.square: _squared}  # what a function is of Python's floats
ARITHMETIC = (operator.add, operator.sub, operator.mul, operator.neg)  # of Python's floats as NumPy has it, also their partials


class Argument:
    """The partial that is `factor` times the argument at `place`, as in a product; at place -1 times the result, as of exp.

    Where it is `twice` that argument, its square, tangents are multiplied by the one and then by the other, for the square
    may leave the range where the products do not.
    """

    __slots__ = ("place", "factor", "twice")

    def __init__(self, place, factor=1, twice=False):
        self.place, self.factor, self.twice = place, factor, twice

    def __call__(self, *values):
        x = values[self.place] ** 2 if self.twice else values[self.place]
        return x if self.factor == 1 else self.factor * x


def partial_of(row, i, values, out):
    """The partial of an elementwise row by its i-th argument: a number (a Python int where it is the same everywhere)
    or an array."""
    p = row.partials[i]
    kind = type(p)
    if kind is int:
        return p
    if kind is Argument:
        of = p
        x = values[of.place] if of.place >= 0 else out
        x = x * x if of.twice else x
        return x if of.factor == 1 else of.factor * x
    if callable(p):
        return p(*values, out) if len(values) == 1 else p(*in_precision(values, out), out)
    if p is None:
        raise no_partial(row, values)
    return p


def in_precision(values, out):
    """Operands of which some have less precision than the result, in its precision; whole numbers as wide signed ones.

    A partial that reads one operand only would be computed in that one's: log(2) of an int8 is a float16.
    """
    want = dtype_of(out)
    for v in values:
        kind = type(v)
        if kind is ndarray:
            if fields.dtype(v) is not want:
                break
        elif kind is not float and kind is not int and isinstance(v, np.generic) and v.dtype is not want:
            break
    else:
        return values
    if want.kind not in "fc":
        return values
    return [_raised(v, want) if isinstance(v, (ndarray, np.generic)) else v for v in values]


def _raised(v, want):
    kind, size = v.dtype.kind, v.dtype.itemsize
    if kind in "bu" or kind == "i" and size < 4:
        return v.astype(np.int64)
    if kind == "f" and size * (2 if want.kind == "c" else 1) < want.itemsize:
        return v.astype(want if want.kind == "f" else np.empty(0, want).real.dtype)
    return v.astype(want) if kind == "c" == want.kind and size < want.itemsize else v


def no_partial(row, values):
    """The error for an argument whose partial is missing, by name."""
    shapes = ", ".join(str(np.shape(primal(v))) for v in values)
    return UnknownFunctionError(
        f"{row.name} (arguments of shape {shapes}) has no partial for an argument that carries a derivative; enter it with "
        f"@{row.name}.derivative(argnum=...), or pass that argument through dn.stop_gradient")


class Pointwise(Row):
    """An elementwise function: one partial for each argument, a function of ``(*inputs, out)`` or a number.

    Parameters
    ----------
    name : str
    function : callable
        The value. On traced arrays it must find its row again (NumPy's ufuncs do).
    partials : tuple
        One for each argument: a callable of ``(*inputs, out)`` written with NumPy, so that it nests, a
        number, or None where there is no derivative.
    symbol : str or None
        The same function as a formula in x, y, z.
    domain : Domain or tuple of Domain
        Where it is smooth, for each argument.
    tie : bool
        True where two equal arguments are a kink.
    """

    kind = "pointwise"

    def __init__(self, name, function, partials, symbol=None, domain=REAL, tie=False):
        super().__init__(name, function)
        self.function = function
        self.evaluate = OPERATORS.get(function, function)
        self.partials = tuple(partials)
        self.symbol, self.domain, self.tie = symbol, domain, tie
        domains = domain if isinstance(domain, tuple) else (domain,) * len(self.partials)
        self.domains = domains
        self.varies = any(type(p) is not int for p in self.partials)
        self.of_floats = OF_FLOATS.get(function)
        self.arithmetic = self.evaluate in ARITHMETIC or self.of_floats is not None

    def __call__(self, *args):
        top = highest(args)
        return self.function(*args) if top is None else top._pointwise(self, args)


def revalued(x, value):
    """`x` with another value, of the same shape, and the same derivative: what `x` is as a formula, in other steps."""
    row = Pointwise("revalued", None, (1,), symbol="x")
    row.evaluate = functools.partial(_revalued, value)
    return x._pointwise(row, (x,)) if isinstance(x, Traced) else value


def _revalued(value, x):
    return revalued(x, value)


class _Ruled(Row):
    """A row given by a rule that plans each call."""

    def __call__(self, *args, **kwargs):
        return self.read(*(self.rule(*args, **kwargs) if kwargs else self.rule(*args)))


class Gather(_Ruled):
    """Each output element is one input element or a structural zero.

    ``forward`` moves elements and ``transpose`` moves them back, adding up those taken more than once. A
    rule that leaves out the transpose has it derived from the index that ``forward`` takes. ``onto`` says
    that no input element is left out, ``view`` that NumPy may return a view, ``fills`` that some elements
    of the result are structural zeros.
    """

    kind = "gather"

    def __init__(self, name, rule, onto=False, view=False, fills=False):
        super().__init__(name, rule)
        self.onto, self.view, self.fills = onto, view, fills

    def read(self, x, forward, transpose=None):
        """Give the planned call to its reader."""
        if isinstance(x, list):
            top = highest(x)
            return forward(x) if top is None else top._join(self, x, forward, transpose)
        if not isinstance(x, Traced):
            return forward(x)
        if transpose is None:
            transpose = _derived_transpose(forward, np.shape(x))
        return x._gather(self, x, forward, transpose)


def _derived_transpose(forward, shape):
    def transpose(g):
        size = int(np.prod(shape))
        index = forward(np.arange(size).reshape(shape))
        flat = np.reshape(g, g.shape[:g.ndim - index.ndim] + (index.size,))
        out = TABLE["scatter_add"](flat, index.reshape(-1), size)
        return np.reshape(out, out.shape[:-1] + shape)

    return transpose


class Reduction(_Ruled):
    """The sum over some axes."""

    kind = "reduction"

    def read(self, x, axes, keepdims):
        """Give the planned call to its reader."""
        return x._sum(self, x, axes, keepdims) if isinstance(x, Traced) else x.sum(axes, keepdims=keepdims)


class Bilinear(_Ruled):
    """A contraction of two arrays, written as an einsum with every label in at least two places."""

    kind = "bilinear"

    def read(self, x, y, spec):
        """Give the planned call to its reader."""
        top = highest((x, y))
        return contraction(x, y, spec) if top is None else top._contract(self, x, y, spec)


class Linear(_Ruled):
    """Linear in the tangent of each operand; where it is linear in the operands too, `fixed` is True.

    The rule returns ``operands, value, pushes, pulls``: ``value(*operands)``; for each operand a push
    ``(t, out, *operands)`` and a pull ``(g, out, *operands)`` (None where there is no derivative). With
    `fixed`, pushes and pulls must not read ``out`` or the operands. ``core`` is the number of an operand's axes, the last ones,
    that belong to one entry of a stack, such as 2 for matrices, where entries have nothing to do with each other (None where
    they have); a map is `positive` if it adds up elements, so that a mask goes through it as the elements do.
    """

    kind = "linear"

    def __init__(self, name, rule, fixed=False, core=None, positive=False):
        super().__init__(name, rule)
        self.fixed, self.core, self.positive = fixed, core, positive

    def read(self, operands, value, pushes, pulls):
        """Give the planned call to its reader."""
        top = highest(operands)
        return value(*operands) if top is None else top._linear(self, operands, value, pushes, pulls)


def along(axis, push):
    """The push of a linear row that goes along this axis alone, counted from the end, so that it takes the lines of elements apart."""
    push.axis = axis
    return push


def free_label(labels):
    """A label for leading axes that a contraction does not use yet."""
    return next(c for c in "0123456789" if c not in labels)


class Composed(_Ruled):
    """A function made of other rows; it has no derivative of its own."""

    kind = "composed"

    def __call__(self, *args, **kwargs):
        return self.rule(*args, **kwargs) if kwargs else self.rule(*args)


def contraction(x, y, spec):
    """The value of ``einsum(spec, x, y)``; replaced by the contraction row when that room is loaded."""
    return TABLE["contract"].evaluate(x, y, spec)


def _ruled(kind, **options):
    def enter(*functions, name=None, **more):
        def decorate(rule):
            row = kind(name or rule.__name__.rstrip("_"), rule, **options, **more)
            return TABLE.add(row, functions)

        return decorate

    return enter


gather = _ruled(Gather)
permutation = _ruled(Gather, onto=True)
view = _ruled(Gather, view=True)
reduction = _ruled(Reduction)
bilinear = _ruled(Bilinear)
linear = _ruled(Linear)
composed = _ruled(Composed)


def pointwise(function, *partials, symbol=None, domain=REAL, tie=False, aliases=(), name=None):
    """Enter an elementwise NumPy function: its partials, its SymPy formula and its domain, in one line."""
    row = Pointwise(name or function.__name__, function, partials, symbol, domain, tie)
    if not isinstance(function, np.ufunc) and not function.__module__.startswith("numpy"):
        row.evaluate = row  # of a traced array inside a traced array too
    return TABLE.add(row, (function, *aliases))

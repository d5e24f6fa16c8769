"""Closed forms: a plain NumPy function as SymPy expressions, differentiated by SymPy alone."""

import functools
import inspect
import itertools
import math
import re

import numpy as np

from dualnet import expressions
from dualnet.errors import ArgumentError, LostDerivativeError, OracleError
from dualnet.symbolic import NeedsExpressions, Reading, Symbolic, Trace, settled
from dualnet.table.quiet import unwatch, watch
from dualnet.table.row import Traced, shape_of
from dualnet.trees import callable_or_raise, differ, flatten, level, name_of, replaced, results, selected, unflatten


def closed_form(f, *args, argnums=None, most=expressions.MAX_STEPS):
    """The closed form of a plain NumPy function: run on SymPy symbols, at the shapes and the branches of `args`.

    Parameters
    ----------
    f : callable
        Plain NumPy code.
    *args
        A point: numbers, arrays or containers of them. They settle shapes, branches and the pieces of kinks;
        the closed form holds wherever the same are taken.
    argnums : int or tuple of int, optional
        Which arguments become symbols; all by default. The others are constants, taken exactly.
    most : int
        Elements of all intermediate results together beyond which the closed form is refused as too large.

    Returns
    -------
    ClosedForm

    Raises
    ------
    OracleError
        A function that `f` calls has no SymPy name, or the expressions would grow too large.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> def loss(W, x, y):
    ...     return -y * np.log(1 / (1 + np.exp(-W * x)))
    >>> form = dn.closed_form(loss, 3.0, 3.0, 1.0, argnums=0)
    >>> print(form)
    -log(1/(1 + exp(-3*W)))
    >>> float(form.evaluate_gradient(3.0, 3.0, 1.0))
    -0.00037018372795869517
    """
    callable_or_raise(f, "closed_form")
    every = tuple(range(len(args))) if argnums is None else argnums
    nums = selected(args, every, f)
    if argnums is None and len(nums) == 1:
        every = 0
    source = _Source(f, args, nums, isinstance(every, (tuple, list)), most)
    return ClosedForm(source, source.expressions)


def symbols_for(f, args, nums, leaves):
    """An object array of symbols for each leaf, named after the function's arguments: W, b_0_1, params_w_2."""
    import optree
    import sympy

    out, taken = [], set()
    paths = [(name, path) for name, k in zip(argument_names(f, args, nums), nums) for path in optree.tree_paths(args[k])]
    for (name, path), x in zip(paths, leaves):
        stem = "_".join([name, *(re.sub(r"\W", "_", str(p)) for p in path)])
        array = np.empty(shape_of(x), object)
        for place in np.ndindex(array.shape):
            label = "_".join([stem, *map(str, place)])
            while label in taken:
                label += "_"
            taken.add(label)
            array[place] = sympy.Symbol(label, real=None if np.iscomplexobj(x) else True)
        out.append(array)
    return out


def argument_names(f, args, nums):
    """Names of the arguments at positions `nums`."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names = []
    for k in nums:
        positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        names.append(positional[k].name if k < len(positional) else "xyz"[k] if len(args) <= 3 else f"x{k}")
    return names


class _Source:
    """The function, its arguments and one symbolic run of it."""

    def __init__(self, f, args, nums, several, most):
        self.f, self.args, self.nums, self.several, self.most = f, args, nums, several, most
        self.leaves, self.structure = self._flat(args)
        total = sum(math.prod(shape_of(x)) for x in self.leaves)
        if total > expressions.MAX_SYMBOLS:
            raise expressions.too_large("symbols", total, expressions.MAX_SYMBOLS)
        self.symbols = symbols_for(f, args, nums, self.leaves)
        self.expressions, self.traces, self.out_structure, self.ties = self._run(args, self.leaves, True)
        self.flat = tuple(s for array in self.symbols for s in array.flat)

    def _picked(self, args):
        return tuple(args[k] for k in self.nums) if self.several else args[self.nums[0]]

    def _flat(self, args):
        leaves, structure = flatten(self._picked(args), f"the argument of {name_of(self.f)}")
        if any(isinstance(x, Traced) for x in leaves):
            raise LostDerivativeError(f"the closed form of {name_of(self.f)} at an array that carries a derivative would lose it; take "
                                      "derivatives of the function itself, or .gradient and .hessian of the closed form")
        return leaves, structure

    def _run(self, args, leaves, build):
        with level() as number:
            reading = Reading(number, build, self.most)
            inputs = [reading.input(x, s, f"argument {k}") for k, (x, s) in enumerate(zip(leaves, self.symbols))]
            tree = unflatten(self.structure, inputs)
            watching = watch()
            try:
                outs, structure = results(self.f(*replaced(args, self.nums, tree if self.several else (tree,))), self.f)
            finally:
                unwatch(watching)
        mine = [isinstance(y, Symbolic) and y.reading is reading for y in outs]
        exprs = [y.exprs if m else expressions.exact_array(y) for y, m in zip(outs, mine)]
        traces = [y.history if m else Trace("a constant", settled(y)) for y, m in zip(outs, mine)]
        return exprs, traces, structure, reading.ties

    def point(self, args):
        """Numbers for the symbols, at arguments that must lie on the same piece."""
        if not args:
            return [x for leaf in self.leaves for x in np.asarray(leaf).flat]
        if len(args) != len(self.args):
            raise ArgumentError(f"{name_of(self.f)} was given {len(args)} argument(s); its closed form was made with {len(self.args)}")
        leaves, structure = self._flat(args)
        other = differ(structure, self.structure, self._picked(args), self._picked(self.args))
        if other or [shape_of(x) for x in leaves] != [shape_of(x) for x in self.leaves]:
            raise OracleError(f"arguments of shapes {[shape_of(x) for x in leaves]}; the closed form was made for "
                              f"{[shape_of(x) for x in self.leaves]}: make one for these with dn.closed_form")
        try:
            traces = self._run(args, leaves, False)[1]
        except NeedsExpressions:
            traces = self._run(args, leaves, True)[1]
        for old, new in zip(self.traces, traces):
            if old.digest != new.digest:
                here, there = old.departure(new)
                raise OracleError(f"the closed form of {name_of(self.f)} does not hold at these arguments, where another branch or piece "
                                  f"is taken ({_departure(old, new)}); make one there: dn.closed_form({name_of(self.f)}, *args)")
        return [x for leaf in leaves for x in np.asarray(leaf).flat]

    def nested(self, array, order, wrap):
        """The last `order` axes of `array`, over all symbols, cut into the structure of the arguments."""
        if not order:
            return wrap(array)
        parts, start = [], 0
        for x in self.leaves:
            shape, n = shape_of(x), math.prod(shape_of(x))
            axis = array.ndim - order
            part = array[(slice(None),) * axis + (slice(start, start + n),)]
            parts.append(np.reshape(part, array.shape[:axis] + shape + array.shape[axis + 1:]))
            start += n
        return unflatten(self.structure, [self.nested(p, order - 1, wrap) for p in parts])


def _departure(old, new):
    here, there = old.departure(new)
    if here.name != there.name:
        return f"{there.name} stands in place of {here.name}"
    return "a number that it took for constant differs" if here.name == "a constant" else f"{there.name} takes other elements"


class ClosedForm:
    """SymPy expressions of a function's results; made by :func:`closed_form`.

    Attributes
    ----------
    symbols : tuple of sympy.Symbol
        All inputs, in order.
    expression, gradient, jacobian, hessian
        SymPy expressions (arrays of them as sympy.Array) in the containers that the function, dn.grad,
        dn.jacobian and dn.hessian would return.
    """

    def __init__(self, source, outputs, simplified=False):
        self._source, self._orders, self._simplified, self._functions = source, {0: outputs}, simplified, {}
        self.symbols = source.flat

    def __str__(self):
        import optree

        tree = self._nest(0, lambda a: [expressions.text(e) for e in a.flat] if a.ndim else expressions.text(a.item()))
        return tree if isinstance(tree, str) else str(optree.tree_map(str, tree)).replace("'", "")

    def __repr__(self):
        return f"<ClosedForm of {name_of(self._source.f)} in {len(self.symbols)} symbol(s)>"

    def work(self, k):
        """Nodes of expressions that the derivatives of order k take to compute."""
        sizes = {}
        return sum(expressions.size(e, sizes) for a in self._orders[0] for e in a.flat) * len(self.symbols) ** k

    def order(self, k):
        """All derivatives of order k: for each result an object array of shape ``y.shape + (n,) * k``."""
        while len(self._orders) <= k:
            last = self._orders[len(self._orders) - 1]
            self._orders[len(self._orders)] = [self._differentiated(a, len(self._orders) - 1) for a in last]
        return self._orders[k]

    def _differentiated(self, array, order):
        out, sizes = np.empty(array.shape + (len(self.symbols),), object), {}
        work = sum(expressions.size(e, sizes) for e in array.flat) * len(self.symbols)
        if work > expressions.MAX_DERIVATIVES:
            raise expressions.too_large(f"operations to differentiate for order {order + 1}", work, expressions.MAX_DERIVATIVES)
        for place in np.ndindex(out.shape):
            lead, by = place[:out.ndim - order - 1], place[out.ndim - order - 1:]
            if tuple(sorted(by)) == by:
                derived = expressions.differentiate(array[(*lead, *by[:-1])], self.symbols[by[-1]])
                for same in set(itertools.permutations(by)):
                    out[(*lead, *same)] = derived
        return out if not self._simplified else _simplified(out)

    def _nest(self, k, wrap=None):
        source = self._source
        return unflatten(source.out_structure, [source.nested(a, k, wrap or _wrapped) for a in self.order(k)])

    def _scalar(self, what):
        outputs = self._orders[0]
        if len(outputs) != 1 or outputs[0].ndim:
            raise ArgumentError(f"{what} is of functions with one scalar result; {name_of(self._source.f)} returns shapes "
                                f"{[a.shape for a in outputs]}; use jacobian")

    @property
    def expression(self):
        """The results."""
        return self._nest(0)

    @property
    def gradient(self):
        """First derivatives of a scalar result."""
        self._scalar("gradient")
        return self._nest(1)

    @property
    def jacobian(self):
        """First derivatives of every result."""
        return self._nest(1)

    @property
    def hessian(self):
        """Second derivatives of a scalar result."""
        self._scalar("hessian")
        return self._nest(2)

    def simplify(self):
        """A new closed form whose expressions and derivatives are simplified by SymPy."""
        return ClosedForm(self._source, [_simplified(a) for a in self._orders[0]], True)

    def latex(self):
        """The results as LaTeX; an array as a matrix or an array of them."""
        import optree
        import sympy

        def written(a):
            shown = np.empty(a.shape, object)
            for place in np.ndindex(a.shape):
                shown[place] = expressions.shown(a[place])
            return sympy.latex(_wrapped(shown))

        tree = self._nest(0, written)
        leaves = optree.tree_leaves(tree)
        return leaves[0] if len(leaves) == 1 else r"\left( " + r",\ ".join(leaves) + r" \right)"

    def evaluate(self, *args, digits=None):
        """The value at `args` (by default where the closed form was made).

        Parameters
        ----------
        *args
            As the function takes them; their floats are taken exactly.
        digits : int, optional
            Decimal digits of mpmath numbers; floats by default.

        Raises
        ------
        OracleError
            The function takes another branch there.
        """
        return self._evaluated(0, args, digits)

    def evaluate_gradient(self, *args, digits=None):
        """First derivatives at `args`, of a scalar result."""
        self._scalar("gradient")
        return self._evaluated(1, args, digits)

    def evaluate_jacobian(self, *args, digits=None):
        """First derivatives at `args`."""
        return self._evaluated(1, args, digits)

    def evaluate_hessian(self, *args, digits=None):
        """Second derivatives at `args`, of a scalar result."""
        self._scalar("hessian")
        return self._evaluated(2, args, digits)

    def _evaluated(self, k, args, digits):
        if digits is not None and (not isinstance(digits, (int, np.integer)) or not 1 <= digits <= expressions.MOST_DIGITS // 2):
            raise ArgumentError(f"digits={digits!r}; give a whole number from 1 to {expressions.MOST_DIGITS // 2}")
        source = self._source
        arrays = self.values(k, digits or 20, args)
        if digits is None:
            arrays = [_floats(a) for a in arrays]
        return unflatten(source.out_structure, [source.nested(a, k, lambda a: a[()]) for a in arrays])

    def values(self, k, digits, args=()):
        """Derivatives of order k, for each result an object array of mpmath numbers, at `args`."""
        arrays, point = self.order(k), self._source.point(args)
        flat = [e for a in arrays for e in a.flat]
        unique = list(dict.fromkeys(flat))
        if k not in self._functions:
            self._functions[k] = expressions.Program(unique, self.symbols)
        found = dict(zip(unique, expressions.evaluate(unique, self.symbols, point, digits, self._functions[k])))
        rounded = functools.cache(lambda e: _rounded(found[e], digits))
        out = []
        for a in arrays:
            filled = np.empty(a.shape, object)
            for place in np.ndindex(a.shape):
                filled[place] = rounded(a[place])
            out.append(filled)
        return out


def _rounded(v, digits):
    import mpmath

    with mpmath.workdps(digits + 5):
        return +v


def _floats(a):
    return np.array([expressions.plain(v) for v in a.flat], None if a.size else float).reshape(a.shape)


def _wrapped(a):
    import sympy

    return a.item() if a.ndim == 0 else sympy.ImmutableDenseNDimArray(list(a.flat), a.shape) if a.size else a


def _simplified(a):
    import sympy

    out, sizes = np.empty(a.shape, object), {}
    for place in np.ndindex(a.shape):
        n = expressions.size(a[place], sizes)
        if n > expressions.MAX_SIZE // 10:
            raise expressions.too_large("operations to simplify in one element", n, expressions.MAX_SIZE // 10)
        out[place] = sympy.simplify(a[place])
    return out

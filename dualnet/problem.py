"""A function under check: real leaves in, real leaves out, their names, and its derivatives in each mode."""

import copy
import itertools
import math

import numpy as np
import optree

from dualnet import differences
from dualnet.errors import OracleError
from dualnet.expressions import too_large
from dualnet.jacobians import jacobian
from dualnet.operators import jvp
from dualnet.oracle import argument_names, closed_form
from dualnet.trees import flatten, name_of, replaced, results, unflatten

MOST_ELEMENTS = {0: 10**7, 1: 20_000, 2: 4_000, 3: 2_000, 4: 2_000}  # compared one by one; beyond, along a direction
MOST_CALLS = 20_000      # of the function, for differences
MOST_NODES = 5_000      # of expressions, to differentiate
MOST_STEPS = 3_000       # elements of all intermediate results, for a closed form
DIGITS = 50


class Problem:
    """``F(*leaves) -> tuple of arrays`` at a point, all real: complex arrays are taken apart."""

    def __init__(self, f, args, nums):
        self.f, self.args, self.nums = f, args, nums
        self.name = name_of(f)
        trees = tuple(args[k] for k in nums)
        given, self.structure = flatten(trees, f"one of the arguments of {self.name}")
        self.complex = [np.iscomplexobj(x) for x in given]
        self.leaves = [part for x, c in zip(given, self.complex) for part in ((x.real, x.imag) if c else (x,))]
        names = _labels(argument_names(f, args, nums), trees)
        self.inputs = _elements(names, self.complex, self.leaves)
        outs, structure = results(f(*replaced(args, nums, [optree.tree_map(_apart, tree) for tree in trees])), f)
        names = _labels(["result"], (unflatten(structure, outs),))
        self.complex_out = [np.iscomplexobj(y) for y in outs]
        self.values = [np.asarray(part) for y, c in zip(outs, self.complex_out) for part in ((np.real(y), np.imag(y)) if c else (y,))]
        self.outputs = _elements(names, self.complex_out, self.values)
        self._form = None

    def F(self, *leaves):
        """The results, real and imaginary parts apart."""
        rest = iter(leaves)
        given = [next(rest) + 1j * next(rest) if c else _apart(next(rest)) for c in self.complex]
        outs, _ = results(self.f(*replaced(self.args, self.nums, unflatten(self.structure, given))), self.f)
        return tuple(part for y, c in zip(outs, self.complex_out) for part in ((np.real(y), np.imag(y)) if c else (y,)))

    @property
    def eps(self):
        """The precision of the least precise array."""
        return max(np.finfo(a.dtype).eps if a.dtype.kind == "f" else differences.EPS for a in map(np.asarray, [*self.leaves, *self.values]))

    def count(self, order):
        """How many derivatives there are of that order."""
        return len(self.outputs) * len(self.inputs) ** order

    def flat(self, x):
        """F of one vector of all inputs, as one vector; complex numbers pass, for complex steps."""
        leaves, start = [], 0
        for leaf in self.leaves:
            shape = np.shape(leaf)
            n = math.prod(shape)
            leaves.append(np.reshape(x[start:start + n], shape)[()])
            start += n
        with np.errstate(all="ignore"):
            return np.concatenate([np.reshape(np.asarray(y), -1) for y in self.F(*leaves)])

    def vector(self):
        """All inputs as one vector."""
        return np.concatenate([np.reshape(np.asarray(x, float), -1) for x in self.leaves]) if self.leaves else np.zeros(0)

    def derivative(self, modes):
        """Derivatives by nested Jacobians, the last of `modes` innermost: an array of shape (outputs, inputs, ...)."""
        function, every = self.F, tuple(range(len(self.leaves)))
        for mode in reversed(modes):
            function = jacobian(function, every, mode=mode)
        parts = iter(optree.tree_leaves(function(*self.leaves)))
        return self._assembled(parts, len(modes))

    def _assembled(self, parts, order):
        sizes = [math.prod(np.shape(x)) for x in self.leaves]
        outs = [y.size for y in self.values]
        whole = np.empty((sum(outs),) + (sum(sizes),) * order)
        ends = [np.cumsum([0, *s]) for s in (outs, *[sizes] * order)]
        for place in itertools.product(*(range(len(e) - 1) for e in ends)):
            box = tuple(slice(e[k], e[k + 1]) for e, k in zip(ends, place))
            whole[box] = np.reshape(next(parts), whole[box].shape)
        return whole

    def element(self, place):
        """One element of a derivative, by nested forward sweeps: a function of the leaves and of the directions, and these arguments.

        What is linear in the leaves has derivatives that depend on the directions alone.
        """
        out, *by = place
        ends = np.cumsum([0, *(y.size for y in self.values)])
        k, n = int(np.searchsorted(ends, out, "right")) - 1, len(self.leaves)

        def picked(*args):
            return np.reshape(self.F(*args[:n])[k], -1)[out - ends[k]]

        function = picked
        for m in range(len(by)):
            function = _along(function, n, n * (m + 1))
        return function, [*self.leaves, *(x for j in by for x in self._unit(j))]

    def _unit(self, j):
        units, start = [], 0
        for x in self.leaves:
            unit = np.zeros(np.shape(x), np.asarray(x).dtype)
            if start <= j < start + unit.size:
                unit.reshape(-1)[j - start] = 1
            start += unit.size
            units.append(unit[()])
        return tuple(units)

    def along(self, seed=0):
        """This function along a random direction v through the point: t -> F(x + t v) at t = 0."""
        generator = np.random.default_rng(seed)
        vs = [np.asarray(generator.choice([-1.0, 1.0], np.shape(x)) * generator.uniform(0.5, 1.0, np.shape(x)), np.asarray(x).dtype)[()]
              for x in self.leaves]

        def line(t):
            return self.F(*(x + t * v for x, v in zip(self.leaves, vs)))

        line.__name__ = self.name
        out = Problem(line, (np.zeros((), np.result_type(*self.leaves))[()],), (0,))
        out.inputs, out.outputs = ["t (along a random direction)"], self.outputs
        return out

    # --- references -------------------------------------------------------------------------------------

    def closed(self):
        """The closed form of F; raises OracleError where there is none."""
        if self._form is None:
            try:
                self._form = closed_form(copy.copy(self).F, *self.leaves, most=MOST_STEPS)  # its own F would make a cycle
            except OracleError as error:
                self._form = error
        if isinstance(self._form, OracleError):
            raise self._form
        return self._form

    @property
    def has_closed_form(self):
        """True where one was made."""
        return self._form is not None and not isinstance(self._form, OracleError)

    def exact(self, order):
        """Derivatives of an order by the closed form, as floats rounded from 50 digits."""
        form = self.closed()
        if order and form.work(order) > MOST_NODES:
            raise too_large(f"operations to differentiate for order {order}", form.work(order), MOST_NODES)
        arrays = form.values(order, DIGITS)
        n = (len(self.inputs),) * order
        whole = np.concatenate([np.reshape(a, (math.prod(a.shape[:a.ndim - order]), *n)) for a in arrays])
        return np.vectorize(_float, otypes=[float])(whole) if whole.size else whole.astype(float)

    def by_differences(self, order, ahead=None):
        """Derivatives of order 1 or 2 from values alone, their errors, and how they were found."""
        if order > 2:
            raise OracleError(f"the oracle cannot take order {order} of {self.name}: {self._form}; differences of values reach order 2")
        if ahead is None:
            return differences.derivatives(self.flat, self.vector(), order)
        near = [differences.derivatives(self.flat, self.vector() + s * ahead, order)[:2] for s in (1e-3, 2e-3, 4e-3)]
        (a, ea), (b, eb), (c, ec) = near
        line, curve = 2 * a - b, (8 * a - 6 * b + c) / 3
        return curve, np.abs(curve - line) + 3 * ea + 2 * eb + ec, "differences just ahead of the kink"

    def affordable(self, order):
        """True where differences of that order take few enough calls."""
        return len(self.inputs) ** order * 4 * differences.LEVELS <= MOST_CALLS


def _apart(x):
    """A copy of an array, into which the function may write."""
    return x.copy("K") if type(x) is np.ndarray else x


def _along(function, n, start):
    """The derivative of a function by its first n arguments, along those from `start` on."""
    return lambda *args: jvp(lambda *leaves: function(*leaves, *args[n:]), args[:n], args[start:start + n])[1]


def _float(v):
    return math.nan if abs(v.imag) > 1e-30 * abs(v) else float(v.real)


def _labels(names, trees):
    return [name + "".join(f"[{p!r}]" for p in path) for name, tree in zip(names, trees) for path in optree.tree_paths(tree)]


def _elements(names, taken_apart, arrays):
    """A name for each element of the arrays; two arrays for each name of a complex one."""
    parts = [part + name for name, c in zip(names, taken_apart) for part in (("Re ", "Im ") if c else ("",))]
    places = [(part, place) for part, x in zip(parts, arrays) for place in np.ndindex(np.shape(x))]
    return [part + (f"[{', '.join(map(str, place))}]" if place else "") for part, place in places]

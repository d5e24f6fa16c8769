"""The transformations: jvp, vjp, grad and their kin; whole matrices are in jacobians.py."""

import functools

import numpy as np

from dualnet.dispatch import Array
from dualnet.errors import ArgumentError, DTypeError
from dualnet.levels import nested
from dualnet.packing import pack
from dualnet.pending import started
from dualnet.pulls import cast
from dualnet.series import expand
from dualnet.sweeps import Record, pulled, push, surely, unsure
from dualnet.table.precision import DOUBLE
from dualnet.table.row import Traced, dtype_of, primal, shape_of
from dualnet.transformed import transformation
from dualnet.trees import callable_or_raise, captured, cut, flatten, matching, mode_or_raise, name_of, replaced, selected, unflatten

ONE = np.float64(1)


def sequence(x, name):
    """`x`, primals or tangents, as a tuple."""
    if not isinstance(x, (tuple, list)):
        raise DTypeError(f"{name} is {x!r:.60}; give a tuple with one entry for each argument of the function")
    return tuple(x)


def jvp(f, primals, tangents, *, kinks="ahead"):
    """Value and directional derivative by one forward sweep: ``f(x)`` and ``J(x) v``.

    Parameters
    ----------
    f : callable
        ``f(*primals) -> y``, plain NumPy code.
    primals, tangents : tuple
        One entry for each argument; arrays or containers of arrays of the same shapes.
    kinks : {"ahead", "local"}
        At a kink, the one-sided derivative along the tangent, or that of the first of the tied.

    Returns
    -------
    y, dy
        Both of the structure and shapes that `f` returns, in its precision.

    Raises
    ------
    ShapeError
        A tangent does not have its primal's shape or structure.
    LostDerivativeError, UnknownFunctionError
        The function does something that would lose the derivative.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> y, dy = dn.jvp(lambda x: np.sin(x) * x, (np.pi,), (1.0,))
    >>> round(float(dy), 6)
    -3.141593
    """
    callable_or_raise(f, "jvp")
    primals, tangents = sequence(primals, "primals"), sequence(tangents, "tangents")
    leaves, structure, directions = matching(tangents, primals, "tangent")
    values, pushed, out = push(f, leaves, directions, lambda duals: f(*unflatten(structure, duals)), kinks)
    return unflatten(out, values), unflatten(out, pushed)


def of_leaves(f, structure, nodes):
    """`f` of the arguments whose leaves these are; a run that keeps it holds nothing else, as closures in the compiled core would."""
    return f(*unflatten(structure, nodes))


def vjp(f, *primals, kinks="ahead"):
    """Value and pullback by one recorded run: ``f(x)`` and the map ``g -> J(x)^T g``.

    Parameters
    ----------
    f : callable
        ``f(*primals) -> y``.
    *primals
        Arrays or containers of arrays.
    kinks : {"ahead", "local"}
        As in :func:`jvp`; "ahead" looks along one fixed positive direction.

    Returns
    -------
    y
        What `f` returns.
    pullback : callable
        Takes a cotangent like `y`; returns a tuple with one cotangent for each argument. It may be called
        any number of times; arrays changed after the run do not change it.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> y, pullback = dn.vjp(np.prod, np.array([2.0, 3.0, 4.0]))
    >>> pullback(1.0)[0]
    array([12.,  8.,  6.])
    """
    callable_or_raise(f, "vjp")
    leaves, structure = flatten(primals, "one of the arguments of vjp")
    run = Record(f, leaves, functools.partial(of_leaves, f, structure), kinks, keep=True)
    y = _given_away(run)

    def pullback(g):
        _, _, cotangents = matching(g, y, "cotangent", "result")
        return unflatten(structure, pulled(run, cotangents))

    return y, pullback


def linearize(f, *primals, kinks="ahead"):
    """Value and the linear map ``v -> J(x) v``, which reuses one recorded run of `f`.

    Returns
    -------
    y, pushforward
        ``pushforward(*tangents)`` has the structure of `y`.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> y, pushforward = dn.linearize(np.square, np.array([1.0, 2.0]))
    >>> pushforward(np.array([1.0, 0.0]))
    array([2., 0.])
    """
    callable_or_raise(f, "linearize")
    leaves, structure = flatten(primals, "one of the arguments of linearize")
    run = Record(f, leaves, functools.partial(of_leaves, f, structure), kinks, keep=True)

    def pushforward(*tangents):
        _, _, directions = matching(tangents, primals, "tangent")
        return unflatten(run.structure, run.certainly("push", directions))

    return _given_away(run), pushforward


def _given_away(run):
    """The results of a run that is read again later: copies, into which the caller may write."""
    return unflatten(run.structure, [captured(y) for y in run.values])


@transformation
def derivative(f, argnum=0, *, kinks="ahead"):
    """The derivative of an elementwise function, or of a function of one scalar, by a forward sweep.

    Parameters
    ----------
    f : callable
        Its result depends element by element on the argument.
    argnum : int
        Which argument.

    Returns
    -------
    callable
        ``(*args, **kwargs) -> dy/dx``, of the shape of the result.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> dn.derivative(np.tanh)(np.array([0.0, 1.0])).round(4)
    array([1.  , 0.42])
    """
    callable_or_raise(f, "derivative")
    if isinstance(argnum, (tuple, list)):
        raise ArgumentError(f"argnum={argnum!r}; derivative takes the position of one argument, grad and jacobian those of several")

    @functools.wraps(f, updated=())
    def df(*args, **kwargs):
        num, = selected(args, argnum, f)
        leaves, structure = flatten(args[num], ("argument", (num,), f))
        ones = unflatten(structure, [np.ones(shape_of(x), dtype_of(x)) for x in leaves])
        return jvp(lambda x: f(*replaced(args, (num,), (x,)), **kwargs), (args[num],), (ones,), kinks=kinks)[1]

    return df


def split(f, args, argnums):
    """Leaves and structure of the selected arguments, and the function of their leaves."""
    nums = selected(args, argnums, f)
    picked = args[nums[0]] if not isinstance(argnums, (tuple, list)) else tuple(args[k] for k in nums)
    leaves, structure = flatten(picked, ("argument", nums, f))
    if structure is None and len(args) == 1 and picked is args[0]:  # one array, of which the function is
        return leaves, structure, lambda arrays: f(arrays[0])

    def call(arrays):
        tree = unflatten(structure, arrays)
        return f(*replaced(args, nums, (tree,) if not isinstance(argnums, (tuple, list)) else tree))

    return leaves, structure, call


def with_kwargs(f, kwargs):
    """`f` with keyword arguments given."""
    return functools.partial(f, **kwargs) if kwargs else f


def _scalar(y, f):
    if getattr(y, "shape", ()) != ():
        raise ArgumentError(f"grad needs a function with a scalar result; {name_of(f)} returned shape {shape_of(y)}; "
                            "sum it up, or use jacobian")
    if getattr(y, "dtype", DOUBLE).kind == "c":
        raise DTypeError(f"grad needs a real result; {name_of(f)} returned the complex number {primal(y)!r}; take a real part, "
                         "or use jacobian for a holomorphic function")


@transformation
def value_and_grad(f, argnums=0, *, mode="auto", has_aux=False, kinks="ahead"):
    """Like :func:`grad`, but the function returned gives ``(value, gradient)``.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> value, gradient = dn.value_and_grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    >>> float(value), gradient
    (5.0, array([2., 4.]))
    """
    return _gradient_of(f, argnums, mode, has_aux, kinks, True)


def _gradient_of(f, argnums, mode, has_aux, kinks, with_value):
    callable_or_raise(f, "grad")
    mode_or_raise(mode)
    known = {}

    @functools.wraps(f, updated=())
    def gradient_of(*args, **kwargs):
        leaves, structure, call = split(with_kwargs(f, kwargs), args, argnums)
        aux = []
        if has_aux:
            call = _without_aux(call, aux, f)
        if mode == "forward" and "c" in [x.dtype.kind for x in leaves]:
            raise ArgumentError("the gradient by a complex array is taken in reverse mode; leave mode out")
        run = started(f, leaves, call, kinks, mode, known, once=True)
        if type(run) is tuple:
            values, chunks, tree = run
            one_scalar(values, f)
            flat = np.concatenate([c[0] for c in chunks]) if len(chunks) > 1 else chunks[0][0]
            gradient = [cast(g, x) for g, x in zip(cut(flat, leaves), leaves)]
        else:
            values, tree = run.values, run.structure
            one_scalar(values, f)
            dtype = dtype_of(values[0])
            one = ONE if dtype is DOUBLE else np.ones((), dtype)[()]
            gradient = run.pull([one])
            if run.tape.quick and unsure(gradient):
                gradient = surely(run.pull, [one])
            if nested(run.tape.level) and unsure(gradient):
                gradient = surely(lambda: Record(f, leaves, call, kinks).pull([one]))
        gradient = unflatten(structure, gradient)
        if not with_value:
            return (gradient, aux[0]) if has_aux else gradient
        value = unflatten(tree, values)
        return ((value, aux[0]), gradient) if has_aux else (value, gradient)

    return gradient_of


def _without_aux(call, aux, f):
    """`call` for the scalar alone; what `f` returns beside it is appended to `aux`."""
    def scalar(arrays):
        out = call(arrays)
        if not isinstance(out, tuple) or len(out) != 2:
            raise DTypeError(f"has_aux=True needs {name_of(f)} to return (result, aux), not {out!r:.60}")
        aux.append(_plain_tree(out[1], getattr(arrays[0], "level", 0)))
        return out[0]

    return scalar


def one_scalar(values, f):
    """Raise where the results of `f` are not one real scalar."""
    if len(values) != 1:
        raise ArgumentError(f"grad needs a function with one scalar result; {name_of(f)} returned {len(values)} arrays; use jacobian")
    _scalar(values[0], f)


def _plain_tree(tree, level):
    """`tree` without the derivatives of one level; those of transformations outside stay."""
    import optree

    def bare(x):
        whole = pack(x) if type(x) is np.ndarray and x.dtype.hasobject else x
        if not isinstance(whole, Array):
            return x
        own = whole._decided()
        return own.value if isinstance(own, Array) and own.level == int(level) else own

    return optree.tree_map(bare, tree)


@transformation
def grad(f, argnums=0, *, mode="auto", has_aux=False, kinks="ahead"):
    """The gradient of a function with a real scalar result.

    Parameters
    ----------
    f : callable
        ``f(*args, **kwargs) -> scalar`` (with `has_aux`, ``(scalar, anything)``).
    argnums : int or tuple of int
        Which arguments to differentiate; they may be containers of arrays.
    mode : {"auto", "forward", "reverse"}
        "auto" goes forward where the function takes its inputs apart into numbers, and in reverse where it uses
        whole arrays (docs/modes.md); the first operation on an input tells, and the function runs once.
    kinks : {"ahead", "local"}
        At a kink, the slope just ahead along one fixed positive direction, or that of the first of the tied.

    Returns
    -------
    callable
        ``(*args, **kwargs) -> gradient``, of the structure, shapes and precision of the argument(s). With
        `has_aux`, ``(gradient, aux)``. By a complex array, dL/dRe + i dL/dIm.

    Raises
    ------
    ArgumentError
        The result is not a scalar, or `argnums` is out of range.
    DTypeError
        The result is complex or not a number.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> dn.grad(lambda x: np.sum(np.sin(x) ** 2))(np.array([0.0, np.pi / 4]))
    array([0., 1.])
    """
    return _gradient_of(f, argnums, mode, has_aux, kinks, False)


def taylor(f, x, direction=None, *, order, kinks="ahead"):
    """Derivatives 0 to `order` of ``t -> f(x + t v)`` at t = 0, by Taylor arithmetic at polynomial cost.

    Parameters
    ----------
    f : callable
        ``f(x) -> y``.
    x : array_like, shape S
    direction : array_like, shape S, optional
        v; all ones by default.
    order : int
        Highest order, not negative.

    Returns
    -------
    ndarray, shape ``(order + 1,) + y.shape``
        The k-th derivative in row k (not divided by k!).

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> dn.taylor(np.sin, 0.0, order=5)
    array([ 0.,  1.,  0., -1.,  0.,  1.])
    """
    callable_or_raise(f, "taylor")
    return expand(f, x, direction, order, kinks)


def stop_gradient(x):
    """The value of `x`, as a constant in every transformation; containers leaf by leaf.

    Examples
    --------
    >>> import dualnet as dn
    >>> float(dn.grad(lambda x: x * dn.stop_gradient(x))(3.0))
    3.0
    """
    import optree

    return primal(x) if isinstance(x, (Traced, np.ndarray, float)) else optree.tree_map(primal, x)

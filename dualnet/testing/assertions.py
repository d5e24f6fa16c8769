"""Assertions on functions: differences, the adjoint identity, sparse against dense."""

import numpy as np

from dualnet.errors import DerivativeMismatch
from dualnet.jacobians import jacobian
from dualnet.operators import grad, jvp, vjp
from dualnet.testing.differences import along
from dualnet.trees import flatten, name_of, results, unflatten


def mismatch(what, f, got, expected, where=""):
    """The error for two derivatives that should agree and do not."""
    return DerivativeMismatch(f"{name_of(f)}: {what}{where}: {got!r} against {expected!r}")


def compare(what, f, got, expected, rtol, atol=0.0):
    """Raise unless two arrays agree in shape, in the places of NaN and infinity, and in value."""
    got, expected = np.asarray(got), np.asarray(expected)
    if got.shape != expected.shape:
        raise mismatch(what + ", shape", f, got.shape, expected.shape)
    with np.errstate(all="ignore"):
        close = np.isclose(got, expected, rtol=rtol, atol=atol, equal_nan=True)
    if not np.all(close):
        place = tuple(int(k) for k in np.argwhere(~close)[0])
        raise mismatch(what, f, got[place], expected[place], f" at element {place}" if place else "")


def random_like(x, generator):
    """Standard normal numbers of the shape and dtype of `x`, complex where it is."""
    t = generator.standard_normal(np.shape(x))
    if np.iscomplexobj(x):
        t = t + 1j * generator.standard_normal(np.shape(x))
    return np.asarray(t, np.asarray(x).dtype)[()]


def inner(a, b):
    """Re<a, b>, in double precision."""
    return sum(float(np.real(np.vdot(np.asarray(x, complex), np.asarray(y, complex)))) for x, y in zip(a, b))


def tolerance(leaves):
    """Relative tolerance between two ways of computing the same: 1e-10, or 3e-4 where an array is of single precision."""
    return max((1e-10 if np.finfo(np.asarray(x).dtype).eps < 1e-10 else 3e-4) for x in leaves) if leaves else 1e-10


def assert_forward_equals_reverse(f, *args, kinks="ahead", seed=0):
    """The adjoint identity Re<g, J t> = Re<J^T g, t> at random t and g, and equal values in both modes.

    Parameters
    ----------
    f : callable
        ``f(*args) -> array`` or a container of arrays.
    *args
        Arrays or containers of arrays, real or complex.
    kinks : {"ahead", "local"}
        At a tie under "ahead" the two modes look along different directions; compare Jacobians there.
    seed : int

    Raises
    ------
    DerivativeMismatch

    Examples
    --------
    >>> assert_forward_equals_reverse(np.cumsum, np.array([1.0, 2.0, 4.0]))
    """
    generator = np.random.default_rng(seed)
    leaves, structure = flatten(args, "the arguments")
    ts = [random_like(x, generator) for x in leaves]
    y, dy = jvp(f, args, unflatten(structure, ts), kinks=kinks)
    other, pullback = vjp(f, *args, kinks=kinks)
    ys, tree = results(y, f)
    for a, b in zip(ys, results(other, f)[0]):
        compare("values, forward and reverse", f, a, b, 1e-14 if tolerance([a]) < 1e-5 else 1e-6, 1e-14)
    gs = [random_like(a, generator) for a in ys]
    pulled = results(pullback(unflatten(tree, gs)), f)[0]
    for x, p in zip(leaves, pulled):
        if np.shape(p) != np.shape(x) or np.asarray(p).dtype != np.asarray(x).dtype:
            raise mismatch("cotangent, shape and dtype", f, (np.shape(p), np.asarray(p).dtype), (np.shape(x), np.asarray(x).dtype))
    pushed = results(dy, f)[0]
    for a, d in zip(ys, pushed):
        if np.shape(d) != np.shape(a) or np.asarray(d).dtype != np.asarray(a).dtype:
            raise mismatch("tangent, shape and dtype", f, (np.shape(d), np.asarray(d).dtype), (np.shape(a), np.asarray(a).dtype))
    left, right = inner(gs, pushed), inner(pulled, ts)
    scale = sum(float(np.linalg.norm(np.ravel(g)) * np.linalg.norm(np.ravel(d))) for g, d in zip(gs, pushed))
    if not abs(left - right) <= tolerance([*leaves, *ys]) * max(scale, 1e-300) and not (np.isnan(left) and np.isnan(right)):
        raise mismatch("adjoint identity, Re<g, J t> and Re<J^T g, t>", f, left, right)


def assert_gradient(f, *args, order=1, rtol=1e-7, directions=2, seed=0):
    """Forward and reverse derivatives against extrapolated differences of plain values.

    Parameters
    ----------
    f : callable
        Real or complex result of any shape or structure.
    *args
        Points at which `f` is smooth, of double precision.
    order : {1, 2}
        2 compares second derivatives as well, by each nesting of the two modes.
    rtol : float
        Relative to the largest derivative; second derivatives are given ten times as much.
    directions : int
        Random directions to compare along.

    Raises
    ------
    DerivativeMismatch

    Examples
    --------
    >>> assert_gradient(lambda x, y: np.sin(x) * y, 0.5, 2.0, order=2)
    """
    generator = np.random.default_rng(seed)
    leaves, structure = flatten(args, "the arguments")
    for _ in range(directions):
        vs = [random_like(x, generator) for x in leaves]
        norm = max(1.0, *(float(np.max(np.abs(v), initial=0.0)) for v in vs)) if vs else 1.0
        vs = [np.asarray(v / norm, np.asarray(v).dtype)[()] for v in vs]
        _first_order(f, leaves, structure, vs, rtol)
        if order > 1:
            _second_order(f, leaves, structure, vs, 10 * rtol, generator)
    assert_forward_equals_reverse(f, *args, seed=seed)


def _moved(f, leaves, structure, vs):
    """``t -> f(x + t v)`` as one flat array of plain values."""
    def moved(t):
        out, _ = results(f(*unflatten(structure, [np.asarray(x + t * v)[()] for x, v in zip(leaves, vs)])), f)
        return np.concatenate([np.ravel(np.asarray(y)) for y in out])

    return moved


def _first_order(f, leaves, structure, vs, rtol):
    expected, error = along(_moved(f, leaves, structure, vs))
    y, dy = jvp(f, unflatten(structure, leaves), unflatten(structure, vs))
    got = np.concatenate([np.ravel(np.asarray(d)) for d in results(dy, f)[0]])
    atol = rtol * max(1.0, float(np.max(np.abs(expected), initial=0.0))) + 10 * float(np.max(error, initial=0.0))
    if atol > 1e-3 * max(1.0, float(np.max(np.abs(expected), initial=0.0))):
        raise mismatch("differences do not converge; is the function smooth there?", f, expected, error)
    compare("derivative along a direction, forward and by differences", f, got, expected, 0.0, atol)


def _second_order(f, leaves, structure, vs, rtol, generator):
    """v^T H v of a scalar made of the result, by every nesting of the two modes and by differences."""
    sizes = [results(f(*unflatten(structure, leaves)), f)[0]][0]
    weights = [random_like(y, generator) for y in sizes]

    def scalar(tree):
        out, _ = results(f(*tree), f)
        total = 0.0
        for w, y in zip(weights, out):
            y = y if not np.iscomplexobj(w) else np.real(y) + np.imag(y)
            total = total + np.sum(np.real(w) * (y + 0.5 * y * y))
        return total

    def at(t):
        return scalar(unflatten(structure, [x + t * v for x, v in zip(leaves, vs)]))

    expected, error = along(at, order=2)
    forward, reverse = (lambda g: (lambda t: jvp(g, (t,), (1.0,))[1])), (lambda g: grad(g, mode="reverse"))
    atol = rtol * max(1.0, abs(float(expected))) + 10 * float(error)
    for name, outer, within in (("forward over forward", forward, forward), ("forward over reverse", forward, reverse),
                                ("reverse over forward", reverse, forward), ("reverse over reverse", reverse, reverse)):
        compare(f"second derivative along a direction, {name} and by differences", f, outer(within(at))(0.0), expected, 0.0, atol)


def assert_sparse_equals_dense(f, x, chunk_sizes=(1, 2)):
    """The Jacobian of `f` at `x` by sparse rows, as a sparse matrix and in chunks, against reverse mode.

    Parameters
    ----------
    f : callable
        ``f(x) -> y``, both real arrays.
    x : array_like
    chunk_sizes : tuple of int

    Raises
    ------
    DerivativeMismatch

    Examples
    --------
    >>> assert_sparse_equals_dense(lambda x: x[1:] * x[:-1], np.array([1.0, 2.0, 3.0]))
    """
    expected = jacobian(f, mode="reverse")(x)
    rtol = tolerance([np.asarray(x, np.result_type(x, np.float16))])
    scale = rtol * float(np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected)))
    compare("Jacobian, sparse rows and reverse", f, jacobian(f, mode="forward")(x), expected, rtol, scale)
    if np.ndim(x) or np.ndim(expected):
        matrix = jacobian(f, sparse=True)(x)
        compare("Jacobian, sparse matrix and reverse", f, matrix.toarray(), np.reshape(expected, matrix.shape), rtol, scale)
    for n in chunk_sizes:
        compare(f"Jacobian, chunk_size={n} and reverse", f, jacobian(f, chunk_size=n)(x), expected, rtol, scale)

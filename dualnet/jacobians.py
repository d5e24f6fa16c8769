"""Whole matrices of derivatives, jacobian and hessian, and their products with vectors: hvp and the Jacobian as an operator."""

import functools
import math

import numpy as np

from dualnet.along import forward_is_less, pushed_rows
from dualnet.assembly import added_up, csr
from dualnet.errors import ArgumentError
from dualnet.levels import nested
from dualnet.operators import grad, jvp, one_scalar, sequence, split
from dualnet.pending import remember_pushing, started
from dualnet.sweeps import Record, dense, forward_rows, pulled, push, surely, unboxed, unsure
from dualnet.table.care import CAREFUL
from dualnet.table.quiet import hush, unhush
from dualnet.table.row import Traced, dtype_of, primal, shape_of
from dualnet.transformed import transformation
from dualnet.trees import callable_or_raise, cut, flatten, leaves_of, matching, mode_or_raise, name_of, unflatten

UNITS = [1.0, 1j]  # the directions along which a complex derivative is taken


@transformation
def jacobian(f, argnums=0, *, mode="auto", sparse=False, chunk_size=None, kinks="ahead"):
    """The Jacobian of a function.

    Parameters
    ----------
    f : callable
        ``f(*args, **kwargs) -> y``.
    argnums : int or tuple of int
        Which arguments to differentiate.
    mode : {"auto", "forward", "reverse"}
        "auto" goes forward where the function takes its inputs apart into numbers; where it uses whole arrays the
        run is recorded, and read in the mode that has fewer numbers to go through (docs/modes.md).
    sparse : bool
        Return a ``scipy.sparse.csr_array`` of shape (outputs, inputs), found in one forward sweep without a
        pattern; memory grows with its entries.
    chunk_size : int, optional
        Forward with that many dense seeds at a time instead of sparse rows.

    Returns
    -------
    callable
        ``(*args, **kwargs) -> J`` with ``J[i, j] = dy[i] / dx[j]``, of shape ``y.shape + x.shape`` and in the wider of
        their precisions; for containers, the container of `y` with that of the arguments in each leaf.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> dn.jacobian(lambda x: x[1:] * x[:-1])(np.array([1.0, 2.0, 3.0]))
    array([[2., 1., 0.],
           [0., 3., 2.]])
    >>> dn.jacobian(np.sin, sparse=True)(np.zeros(5)).nnz
    5
    """
    callable_or_raise(f, "jacobian")
    mode_or_raise(mode)
    if chunk_size is not None and (isinstance(chunk_size, bool) or not isinstance(chunk_size, (int, np.integer)) or chunk_size < 1):
        raise ArgumentError(f"chunk_size={chunk_size!r}; give a positive number of seeds")
    if mode == "reverse" and (sparse or chunk_size):
        raise ArgumentError('sparse=True and chunk_size are of the forward mode; leave mode out')
    known = {}

    @functools.wraps(f, updated=())
    def jacobian_of(*args, **kwargs):
        leaves, structure, call = split(functools.partial(f, **kwargs) if kwargs else f, args, argnums)
        if sparse:
            return _sparse(f, leaves, call, kinks)
        if "c" in [x.dtype.kind for x in leaves]:
            return _holomorphic(f, leaves, structure, call, kinks)
        run = started(f, leaves, call, kinks, mode, known) if chunk_size is None else forward_rows(
            f, leaves, call, kinks, dense, chunk_size)
        if type(run) is not Record:
            if len(known) > 1:
                remember_pushing(known, leaves, run[0], False)
            return _of_rows(run, leaves, structure)
        found = _of_record(run, f, leaves, structure, kinks, mode, known)
        if nested(run.tape.level) and unsure(leaves_of([found])[0]):
            found = surely(lambda: _of_record(Record(f, leaves, call, kinks), f, leaves, structure, kinks, mode, known))
        return found

    return jacobian_of


def _of_record(run, f, leaves, structure, kinks, mode, known):
    """The Jacobian of a recorded run, in the mode that has fewer numbers to go through."""
    if mode == "reverse" or not forward_is_less(run, sum([x.size for x in leaves])):
        return _by_pulling(run, leaves, structure)
    run = pushed_rows(run, f, leaves, kinks)
    remember_pushing(known, leaves, run[0], True)
    return _of_rows(run, leaves, structure)


def _of_rows(run, leaves, structure):
    """The Jacobian of what a forward sweep has given."""
    values, chunks, tree = run
    return unflatten(tree, [unflatten(structure, [_widened(part, y, x) for part, x in zip(
        cut(_seeds_last([c[k] for c in chunks]), leaves), leaves)]) for k, y in enumerate(values)])


def _widened(part, y, x):
    """A derivative of y by x in the wider of their precisions, whichever mode it comes from."""
    of, by = getattr(y, "dtype", x.dtype), x.dtype
    if of is by or of.kind not in "fc" or by.kind not in "fc":
        return part
    want = np.result_type(of, by)
    return part if part.dtype == want else part.astype(want)


def _seeds_last(parts):
    whole = np.concatenate(parts) if len(parts) > 1 else parts[0]
    return whole if whole.ndim < 2 else whole.T if whole.ndim == 2 else np.moveaxis(whole, 0, -1)


def _by_pulling(run, leaves, structure):
    """The Jacobian by pulling unit cotangents, as many at a time as the budget allows."""
    rows, widest = [], max(1, *(math.prod(shape_of(r.out)) for r in run.tape.records))
    for k, y in enumerate(run.values):
        shape, size = shape_of(y), math.prod(shape_of(y))
        step = max(1, min(size, (1 << 28) // (8 * widest)))
        pulled = []
        for first in range(0, size, step):
            count = min(step, size - first)
            unit = np.zeros((count, size), dtype_of(y))
            unit[np.arange(count), first + np.arange(count)] = 1
            cotangents = [None] * len(run.values)
            cotangents[k] = unit.reshape((count,) + shape)
            part = _units(run, cotangents, k)
            if unit.dtype.kind == "c":  # of real inputs: the pull of i holds the imaginary parts
                cotangents[k] = 1j * cotangents[k]
                part = [_complex(a, b) for a, b in zip(part, _units(run, cotangents, k))]
            pulled.append(part)
        parts = [np.concatenate([p[j] for p in pulled]) if len(pulled) > 1 else pulled[0][j] if pulled else
                 np.zeros((0,) + shape_of(x), x.dtype) for j, x in enumerate(leaves)]
        rows.append(unflatten(structure, [unboxed(_widened(np.reshape(p, shape + shape_of(x)), y, x)) for p, x in zip(parts, leaves)]))
    return unflatten(run.structure, rows)


def _complex(a, b):
    """a + i b, also where b is infinite, of which i times it would be NaN in part."""
    if isinstance(a, Traced) or isinstance(b, Traced):
        return a + 1j * b
    out = np.empty(shape_of(a), np.result_type(a, b, np.complex64))
    out.real, out.imag = a, b
    return out


def _units(run, cotangents, k):
    """The pulls of unit cotangents; where they give NaN each by itself, its zeros structural: an infinite partial leaves those alone."""
    part = run.pull(cotangents, lead=1)
    if cotangents[k][0].size < 2 and not run.tape.quick or not (CAREFUL.get() or unsure(part)):
        return part
    units, parts = cotangents[k], []
    for unit in units:
        cotangents[k] = unit
        parts.append(surely(run.pull, cotangents))
    cotangents[k] = units
    return [np.stack(each) for each in zip(*parts)]


def _sparse(f, leaves, call, kinks):
    found, tree = _sparse_parts(f, leaves, call, kinks)
    if "c" in [x.dtype.kind for x in leaves]:
        _check_holomorphic(f, leaves, call, kinks, found)
    return unflatten(tree, found)


def _sparse_parts(f, leaves, call, kinks):
    """Sparse Jacobians of the results, and their structure."""
    if any(isinstance(x, Traced) for x in leaves):
        raise ArgumentError("sparse=True inside another transformation is not supported; take the dense Jacobian there")

    def read(y, rows, n):
        whole = csr(rows, shape_of(y))
        return whole if whole.shape[1] == n else whole[:, :n]

    values, chunks, tree = forward_rows(f, leaves, call, kinks, read)
    from scipy.sparse import hstack

    return [chunks[0][k] if len(chunks) == 1 else hstack([c[k] for c in chunks]).tocsr() for k in range(len(values))], tree


def _check_holomorphic(f, leaves, call, kinks, found):
    """Raise where the sparse Jacobians `found` along 1 are not those along i: by one more run, along a random direction times i."""
    generator = np.random.default_rng(0)
    directions = [generator.uniform(1, 2, shape_of(x)) * generator.choice([-1.0, 1.0], shape_of(x)) for x in leaves]
    whole, token = np.concatenate([np.ravel(v) for v in directions]), hush()
    try:
        pushed = push(f, leaves, [1j * v for v in directions], call, kinks)[1]
    finally:
        unhush(token)
    if not all(_turned(J @ whole, np.ravel(t)) for J, t in zip(found, pushed)):
        raise _not_holomorphic(f)


def _not_holomorphic(f):
    return ArgumentError(f"{name_of(f)} is not holomorphic at its argument, so it has no complex Jacobian; use jvp, or differentiate by "
                         "the real and imaginary part")


def _holomorphic(f, leaves, structure, call, kinks):
    """The complex Jacobian of a holomorphic function: columns along 1, checked against those along i."""
    columns, tree, token = [], None, None
    try:
        for k, place in [(k, place) for k, x in enumerate(leaves) for place in np.ndindex(shape_of(x))]:
            pair = []
            for unit in UNITS:
                directions = [np.zeros(shape_of(z), complex) for z in leaves]
                directions[k][place] = unit
                values, pushed, tree = push(f, leaves, directions, call, kinks)
                pair.append(pushed)
                token = hush() if token is None else token  # the first run has given the warnings
            if not all(_turned(primal(a), primal(b)) for a, b in zip(*pair)):
                raise _not_holomorphic(f)
            columns.append(pair[0])
    finally:
        if token is not None:
            unhush(token)
    if not columns:  # of inputs without elements
        values, _, tree = push(f, leaves, leaves, call, kinks)
    wholes = [np.stack([c[j] for c in columns], -1) if columns else np.zeros((*shape_of(y), 0), complex) for j, y in enumerate(values)]
    return unflatten(tree, [unflatten(structure, cut(whole, leaves)) for whole in wholes])


def _turned(a, b):
    """True where derivatives `b` along i are i times those along 1, as far as these are finite."""
    known = np.isfinite(a)
    scale = float(np.max(np.abs(a), where=known, initial=0.0))
    return bool(np.all(np.isclose(1j * a, b, rtol=1e-8, atol=1e-12 + 1e-8 * scale) | ~known))


def jacfwd(f, argnums=0, *, chunk_size=None, kinks="ahead"):
    """:func:`jacobian` in forward mode.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> dn.jacfwd(np.cumsum)(np.ones(2))
    array([[1., 0.],
           [1., 1.]])
    """
    return jacobian(f, argnums, mode="forward", chunk_size=chunk_size, kinks=kinks)


def jacrev(f, argnums=0, *, kinks="ahead"):
    """:func:`jacobian` in reverse mode.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> dn.jacrev(np.cumsum)(np.ones(2))
    array([[1., 0.],
           [1., 1.]])
    """
    return jacobian(f, argnums, mode="reverse", kinks=kinks)


def hessian(f, argnums=0, *, sparse=False, kinks="ahead"):
    """The matrix of second derivatives of a scalar function: sparse rows pushed through its reverse gradient.

    Parameters
    ----------
    f : callable
        Real scalar result.
    argnums : int or tuple of int
        Which arguments.
    sparse : bool
        Return a ``scipy.sparse.csr_array``; time and memory grow with its entries.

    Returns
    -------
    callable
        ``(*args) -> H`` of shape ``x.shape + x.shape``.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> dn.hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    callable_or_raise(f, "hessian")
    if sparse:
        return _sparse_hessian(f, argnums, kinks)
    return jacobian(grad(f, argnums, mode="reverse", kinks=kinks), argnums, mode="forward", kinks=kinks)


def _sparse_hessian(f, argnums, kinks):
    """Sparse rows pushed through the gradient, of which small parts that depend on much are read by themselves."""
    @functools.wraps(f, updated=())
    def hessian_of(*args, **kwargs):
        leaves, structure, call = split(functools.partial(f, **kwargs) if kwargs else f, args, argnums)
        if "c" in [x.dtype.kind for x in leaves]:
            return jacobian(grad(f, argnums, mode="reverse", kinks=kinks), argnums, sparse=True, kinks=kinks)(*args, **kwargs)
        keys = []

        def gradient(duals):
            run = Record(f, duals, call, kinks, once=True)
            one_scalar(run.values, f)
            parts = run.gradient_apart()
            keys[:] = [[key for key, _ in of_leaf] for of_leaf in parts]
            return [[part for _, part in of_leaf] for of_leaf in parts]

        return unflatten(structure, added_up(_sparse_parts(f, leaves, gradient, kinks)[0], keys, leaves))

    return hessian_of


def hvp(f, primals, tangents, *, kinks="ahead"):
    """The Hessian of a scalar function times a vector, without the matrix: the reverse gradient of the slope along the vector.

    Parameters
    ----------
    f : callable
        ``f(*primals) -> y``, real and scalar.
    primals, tangents : tuple
        One entry for each argument; arrays or containers of arrays of the same shapes.
    kinks : {"ahead", "local"}
        As in :func:`grad`, so that the product is that of :func:`hessian` with the vector.

    Returns
    -------
    product
        ``H v``, of the structure of `primals` (that of its only entry where there is one). To have the gradient as well:
        ``gradient, product = dn.jvp(dn.grad(f), primals, tangents)``, at more cost.

    Raises
    ------
    ShapeError
        A tangent does not have its primal's shape or structure.
    ArgumentError, DTypeError
        The result is not a real scalar.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> dn.hvp(lambda x: np.sum(x**3), (np.array([1.0, 2.0]),), (np.array([1.0, 0.0]),))
    array([6., 0.])
    """
    callable_or_raise(f, "hvp")
    primals, tangents = sequence(primals, "primals"), sequence(tangents, "tangents")
    matching(tangents, primals, "tangent")  # before the primals become nodes, so that an error shows them as they are
    directions, structure = leaves_of(tangents)
    tangents = unflatten(structure, [_sealed(v) for v in directions])

    @functools.wraps(f, updated=())
    def slope(*primals):
        return jvp(f, primals, tangents, kinks=kinks)[1]

    return grad(slope, 0 if len(primals) == 1 else tuple(range(len(primals))), mode="reverse", kinks=kinks)(*primals)


def _sealed(x):
    """A plain array in a form that nobody can write into, so that a tape need not copy what it keeps of it."""
    return np.asarray(memoryview(x).toreadonly()) if type(x) is np.ndarray and x.dtype.kind == "f" else x


def jacobian_operator(f, x, *, kinks="ahead"):
    """The Jacobian of `f` at `x` as a ``scipy.sparse.linalg.LinearOperator`` of shape (outputs, inputs).

    ``matvec`` pushes a tangent through one recorded run of `f`, ``rmatvec`` pulls a cotangent, so lsmr, lsqr
    and svds take it without the matrix.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> J = dn.jacobian_operator(np.square, np.array([1.0, 2.0]))
    >>> J @ np.ones(2), J.T @ np.ones(2)
    (array([2., 4.]), array([2., 4.]))
    """
    from scipy.sparse.linalg import LinearOperator

    callable_or_raise(f, "jacobian_operator")
    leaves, structure = flatten(x, "the argument")
    run = Record(f, leaves, functools.partial(_of_leaves, f, structure), kinks, keep=True)
    rows = sum(math.prod(shape_of(y)) for y in run.values)
    columns = sum(math.prod(shape_of(x)) for x in leaves)

    def matvec(v):
        return _joined(run.certainly("push", cut(np.reshape(v, -1), leaves)))

    def rmatvec(g):
        return _joined(pulled(run, cut(np.reshape(g, -1), run.values)))

    return LinearOperator((rows, columns), matvec=matvec, rmatvec=rmatvec, dtype=np.result_type(*leaves, *run.values))


def _of_leaves(f, structure, nodes):  # no closure: compiled ones hold all that the others around them read, the run too
    return f(unflatten(structure, nodes))


def _joined(arrays):
    return np.concatenate([np.reshape(a, -1) for a in arrays])

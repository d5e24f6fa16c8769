"""Rows that contract two arrays: products of matrices, vectors and tensors."""

import contextlib
import functools
import string

import numpy as np
from numpy import ndarray

from dualnet.table.linalg import operand
from dualnet.table.precision import cast
from dualnet.table.row import TABLE, Bilinear, Traced, bilinear, composed, dtype_of, highest, ndim_of, newer, primal, revalued, shape_of
from dualnet.table.shaping import normal


@functools.lru_cache(4096)
def _plan(lx, ly, lo):
    """How `contract` computes one spec: permutations, groups of axes, and what is left to transpose."""
    batch = [c for c in lo if c in lx and c in ly]
    free_x = [c for c in lo if c not in ly]
    free_y = [c for c in lo if c not in lx]
    summed = [c for c in lx if c in ly and c not in lo]
    if sorted(lx) != sorted(batch + free_x + summed) or sorted(ly) != sorted(batch + free_y + summed):
        raise ValueError(f"contraction {lx},{ly}->{lo}: every label must stand in two of the three places, once each")
    px = tuple(lx.index(c) for c in batch + free_x + summed)
    py = tuple(ly.index(c) for c in batch + summed + free_y)
    result = batch + free_x + free_y
    po = tuple(result.index(c) for c in lo)

    def order(p):
        return None if p == tuple(range(len(p))) else p

    flat = not batch and len(free_x) == len(free_y) == len(summed) == 1  # a product of two matrices
    return flat, order(px), order(py), order(po), len(batch), len(free_x), len(summed), len(free_y)


def _matmul_form(a, nb, n1, n2):
    """`a` with its axes after the first nb grouped into two."""
    shape = a.shape
    return a if n1 == 1 == n2 else a.reshape(shape[:nb] + (_size(shape[nb:nb + n1]), _size(shape[nb + n1:])))


def _size(shape):
    out = 1
    for n in shape:
        out *= n
    return out


def contract_values(x, y, spec):
    """``einsum`` of two plain arrays by one call of matmul (or of multiply, where nothing is summed)."""
    flat, px, py, po, nb, nx, ns, ny = _plan(*spec)
    if flat:
        out = np.matmul(x if px is None else x.T, y if py is None else y.T)
        return out if po is None else out.T
    x, y = np.asarray(x), np.asarray(y)
    x = x if px is None else x.transpose(px)
    y = y if py is None else y.transpose(py)
    if not ns:
        x = x.reshape(x.shape + (1,) * ny)
        out = np.multiply(x, y.reshape(y.shape[:nb] + (1,) * nx + y.shape[nb:]))
    else:
        shape = x.shape[:nb + nx] + y.shape[nb + ns:]
        out = np.matmul(_matmul_form(x, nb, nx, ns), _matmul_form(y, nb, ns, ny))
        out = out if nx == 1 == ny else out.reshape(shape)
    return out if po is None else out.transpose(po)


class Contraction(Bilinear):
    """The row that all bilinear ones come down to: ``einsum`` of two arrays with the labels of x, y and the result."""

    def __call__(self, x, y, spec):
        if type(x) is type(y) is ndarray:
            return np.matmul(x, y) if spec is PRODUCT else contract_values(x, y, spec)
        return self.read(x, y, spec)


TABLE.add(Contraction("contract", contract_values)).evaluate = contract_values
LETTERS = string.ascii_lowercase
PRODUCT = ("ij", "jk", "ik")  # of two matrices


def _without_ones(x, labels, sizes):
    """`x` without the axes of length 1 that broadcast against a longer axis of the other operand."""
    drop = [c for c, n in zip(labels, shape_of(x)) if n == 1 and sizes.get(c, 1) != 1]
    if not drop:
        return x, labels
    kept = "".join(c for c in labels if c not in drop)
    return np.reshape(x, tuple(n for c, n in zip(labels, shape_of(x)) if c in kept)), kept


def broadcast_contract(x, y, lx, ly, lo):
    """A contraction in which batch axes of length 1 broadcast."""
    sizes = {}
    for labels, a in ((lx, x), (ly, y)):
        for c, n in zip(labels, shape_of(a)):
            if sizes.get(c, 1) == 1:
                sizes[c] = n
            elif n not in (1, sizes[c]):
                raise ValueError(f"shapes {shape_of(x)} and {shape_of(y)} do not fit for {lx},{ly}->{lo}: {n} against {sizes[c]}")
    both = "".join(c for c in lx if c in ly and c not in lo)
    if any(shape_of(x)[lx.index(c)] != shape_of(y)[ly.index(c)] for c in both):
        raise ValueError(f"shapes {shape_of(x)} and {shape_of(y)} do not fit: the summed axes differ")
    (x, lx), (y, ly) = _without_ones(x, lx, sizes), _without_ones(y, ly, sizes)
    return x, y, (lx, ly, lo)


@bilinear(np.matmul)
def matmul(x, y):
    """x @ y, a stack of matrix products over the axes before the last two."""
    sx, sy = shape_of(x), shape_of(y)
    nx, ny = len(sx), len(sy)
    if nx == 2 == ny:
        if sx[1] != sy[0]:
            raise ValueError(f"matmul: shapes {sx} and {sy} do not fit: {sx[1]} columns against {sy[0]} rows")
        return x, y, PRODUCT
    if not nx or not ny:
        raise ValueError("matmul: an operand has no axes; use * for scalars")
    batch = LETTERS[12:12 + max(nx - 2, ny - 2, 0)]
    lx = batch[len(batch) - max(nx - 2, 0):] + ("ij" if nx > 1 else "j")
    ly = batch[len(batch) - max(ny - 2, 0):] + ("jk" if ny > 1 else "j")
    return broadcast_contract(x, y, lx, ly, batch + ("i" if nx > 1 else "") + ("k" if ny > 1 else ""))


MATMUL = TABLE["matmul"]


def arrays(*operands):
    """Operands with lists, which may hold traced numbers, as arrays."""
    return [operand(x) if isinstance(x, (list, tuple)) else x for x in operands]


@composed(np.dot)
def dot(a, b, out=None):
    """Sum over the last axis of a and the last but one of b; with a scalar, the product."""
    a, b = arrays(a, b)
    if not ndim_of(a) or not ndim_of(b):
        return np.multiply(*(x if hasattr(x, "dtype") else np.asarray(x) for x in (a, b)))  # Python's numbers are doubles here
    if ndim_of(a) <= 2 >= ndim_of(b):
        return MATMUL(a, b)
    return as_plain(np.tensordot(a, b, (-1, max(ndim_of(b) - 2, 0))), np.dot, (a, b))


@composed(np.vdot)
def vdot(a, b):
    """Sum of conj(a) b over the flattened arrays."""
    return np.matmul(np.conjugate(np.ravel(a)), np.ravel(b))


@bilinear(np.inner)
def inner(a, b):
    """Sum over the last axes."""
    a, b = arrays(a, b)
    if not ndim_of(a) or not ndim_of(b):
        return a, b, (LETTERS[:ndim_of(a)], LETTERS[:ndim_of(b)], LETTERS[:ndim_of(a) + ndim_of(b)])
    n, m = ndim_of(a) - 1, ndim_of(b) - 1
    la, lb = LETTERS[:n], LETTERS[n:n + m]
    return broadcast_contract(a, b, la + "z", lb + "z", la + lb)


@bilinear(np.outer)
def outer(a, b, out=None):
    """All products of elements of two vectors."""
    a, b = arrays(a, b)
    return np.ravel(a), np.ravel(b), ("i", "j", "ij")


@composed(np.linalg.outer, name="linalg.outer")
def linalg_outer(x1, x2, /):
    """All products of elements of two vectors, which must be vectors."""
    x1, x2 = arrays(x1, x2)
    if ndim_of(x1) != 1 or ndim_of(x2) != 1:
        raise ValueError(f"outer: arrays of shapes {shape_of(x1)} and {shape_of(x2)} are no vectors")
    return np.outer(x1, x2)


@bilinear(np.vecdot, np.linalg.vecdot)
def vecdot(x1, x2, axis=-1):
    """Sum of conj(x1) x2 along an axis."""
    x1, x2 = arrays(x1, x2)
    x1, x2 = np.moveaxis(np.conjugate(x1), axis, -1), np.moveaxis(x2, axis, -1)
    n, m = ndim_of(x1) - 1, ndim_of(x2) - 1
    batch = LETTERS[:max(n, m)]
    return broadcast_contract(x1, x2, batch[len(batch) - n:] + "z", batch[len(batch) - m:] + "z", batch)


@composed(*newer("matvec"))
def matvec(x1, x2):
    """Matrix times vector, over stacks."""
    return np.matmul(x1, np.expand_dims(x2, -1))[..., 0]


@composed(*newer("vecmat"))
def vecmat(x1, x2):
    """conj(vector) times matrix, over stacks."""
    return np.matmul(np.expand_dims(np.conjugate(x1), -2), x2)[..., 0, :]


@bilinear(np.tensordot, np.linalg.tensordot)
def tensordot(a, b, axes=2):
    """Sum over given pairs of axes."""
    a, b = arrays(a, b)
    n, m = ndim_of(a), ndim_of(b)
    if ndim_of(axes) == 0:
        axes = (range(n - axes, n), range(axes))
    xs, ys = (np.atleast_1d(np.asarray(list(k) if isinstance(k, range) else k, dtype=int)) for k in axes)
    la, lb = list(LETTERS[:n]), list(LETTERS[n:n + m].upper())
    for k, j in zip(xs, ys, strict=True):
        lb[normal(int(j), m)] = la[normal(int(k), n)]
    lo = [c for c in la if c not in lb] + [c for c in lb if c not in la]
    return broadcast_contract(a, b, "".join(la), "".join(lb), "".join(lo))


@composed(np.kron)
def kron(a, b):
    """Kronecker product."""
    n = max(ndim_of(a), ndim_of(b))
    a, b = (np.reshape(x, (1,) * (n - ndim_of(x)) + shape_of(x)) for x in (a, b))
    wide = np.reshape(a, tuple(m for k in a.shape for m in (k, 1))) * np.reshape(b, tuple(m for k in b.shape for m in (1, k)))
    return np.reshape(wide, tuple(i * j for i, j in zip(a.shape, b.shape)))


def as_plain(out, function, operands):
    """`out`, which `function` gives of the operands; where a sum overflows, which depends on its order, with NumPy's own value."""
    plain = primal(out)
    if dtype_of(plain).kind not in "fc" or np.isfinite(plain).all():
        return out
    with np.errstate(all="ignore"):
        return revalued(out, function(*[primal(x) for x in operands]))


NAMES = {**{name: name for name in ("full", "same", "valid")}, 0: "valid", 1: "same", 2: "full"}


@composed(np.convolve)
def convolve(a, v, mode="full"):
    """Discrete convolution of two vectors."""
    a, v = (x if getattr(x, "ndim", 0) else np.atleast_1d(x) for x in (a, v))
    if a.ndim != 1 or v.ndim != 1 or not a.size or not v.size:
        raise ValueError(f"convolve: arrays of shapes {a.shape} and {v.shape} are no vectors, or empty")
    return as_plain(_convolved(a, v, _mode(mode)), lambda a, v: np.convolve(a, v, mode), (a, v))


def _mode(mode):
    """The name of a mode, which may be one of NumPy's numbers for it; NumPy's error for what is none."""
    if mode not in NAMES:
        np.convolve([1.0], [1.0], mode)
    return NAMES[mode]


def _convolved(a, v, mode):
    if v.size > a.size:
        a, v = v, a
    n, m = a.size, v.size
    start, length = {"full": (0, n + m - 1), "same": ((m - 1) // 2, n), "valid": (m - 1, n - m + 1)}[mode]
    wide = np.pad(a, m - 1)
    finite = all(dtype_of(x).kind not in "fc" or np.all(np.isfinite(primal(x))) for x in (a, v))
    if finite and not (_sparse(a) or _sparse(v)):
        from dualnet.table.sliding import slide
        return slide(wide[start:start + length + m - 1], v[::-1], 1)
    places = (np.arange(length) + start)[:, None] + np.arange(m)
    if finite:
        return np.matmul(wide[places], v[::-1])
    there = (places >= m - 1) & (places < m - 1 + n)  # an infinite number times the zeros beside the array is nothing
    with np.errstate(all="ignore"):
        return np.sum(np.where(there, wide[places] * v[::-1], 0), -1)


def _sparse(x):
    """True where `x`, or what it carries, carries a row-sparse Jacobian, whose rows show which of many numbers are 0."""
    while isinstance(x, Traced) and not x.sparse:
        x = x.value
    return isinstance(x, Traced)


@composed(np.correlate)
def correlate(a, v, mode="valid"):
    """Cross-correlation of two vectors."""
    a, v = (x if getattr(x, "ndim", 0) else np.atleast_1d(x) for x in (a, v))
    mode = _mode(mode)
    if mode == "same" and np.size(v) > np.size(a):
        out = np.conjugate(np.correlate(v, a, mode))[::-1]
    else:
        out = np.convolve(a, np.conjugate(v)[::-1], mode)
    return as_plain(out, lambda a, v: np.correlate(a, v, mode), (a, v))


@composed(np.cross, np.linalg.cross)
def cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """Vector product of vectors with three components."""
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis,) * 3
    a, b = np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ValueError(f"cross: both vectors need 3 components, not {a.shape[-1]} and {b.shape[-1]}")
    after, later = [1, 2, 0], [2, 0, 1]
    return np.moveaxis(a[..., after] * b[..., later] - a[..., later] * b[..., after], -1, axisc)


@composed(np.einsum)
def einsum(subscripts, *operands, **kwargs):
    """Einstein summation, pairwise along a path found by ``np.einsum_path``."""
    if not isinstance(subscripts, str):
        subscripts, operands = _lettered(subscripts, *operands)
    operands = arrays(*operands)
    dtype, optimize = kwargs.get("dtype"), kwargs.get("optimize")
    if dtype is not None:
        operands = [cast(x, dtype, kwargs.get("casting") or ("same_kind" if optimize else "safe")) for x in operands]
    with contextlib.nullcontext() if optimize else np.errstate(all="ignore"):  # as NumPy's own loops do
        out = _einsum(subscripts, operands, kwargs.get("optimize", True))
    return as_plain(out, functools.partial(np.einsum, subscripts, **kwargs), operands)


def _einsum(subscripts, operands, optimize):
    inputs, output = _explicit(subscripts, operands)
    operands = [_tidy(x, labels) for x, labels in zip(operands, inputs)]
    path = [(0, 1)] * (len(operands) - 1)
    if len(operands) > 2 and optimize is not False:
        shapes = [np.broadcast_to(0.0, shape_of(x)) for x, _ in operands]
        path = np.einsum_path(",".join(c for _, c in operands) + "->" + output, *shapes, optimize="greedy")[0][1:]
    for step in path:
        picked = [operands.pop(k) for k in sorted(step, reverse=True)]
        while len(picked) > 1:
            (x, lx), (y, ly) = picked.pop(), picked.pop()
            needed = set(output).union(*(labels for _, labels in operands + picked))
            picked.append(_einsum_pair(x, lx, y, ly, needed))
        operands += picked
    x, labels = _summed(*operands[0], set(output))
    return np.transpose(x, [labels.index(c) for c in output]) if labels != output else x


def _lettered(*args):
    """The call ``einsum(x, [0, 1], y, [1, 2], [0, 2])`` as subscripts in letters and the operands."""
    letters = string.ascii_lowercase + string.ascii_uppercase

    def written(axes):
        return "".join("..." if k is Ellipsis else letters[k] for k in axes)

    operands, axes = args[:len(args) // 2 * 2:2], args[1::2]
    arrow = "->" + written(args[-1]) if len(args) % 2 else ""
    return ",".join(written(a) for a in axes) + arrow, operands


def _explicit(subscripts, operands):
    """Labels of each operand and of the result, ellipses written out as capital letters at the end of the alphabet."""
    left, arrow, output = subscripts.replace(" ", "").partition("->")
    inputs = left.split(",")
    if len(inputs) != len(operands):
        raise ValueError(f"einsum: {len(inputs)} operands in {subscripts!r}, {len(operands)} given")
    wide = max((ndim_of(x) - len(s) + 3 for s, x in zip(inputs, operands) if "..." in s), default=0)
    dots = [c for c in reversed(string.ascii_uppercase) if c not in subscripts][:wide]
    full = []
    for s, x in zip(inputs, operands):
        n = ndim_of(x) - len(s) + 3 if "..." in s else 0
        full.append(s.replace("...", "".join(dots[wide - n:])))
        if len(full[-1]) != ndim_of(x):
            raise ValueError(f"einsum: operand of shape {shape_of(x)} does not have the axes {s!r}")
    if not arrow:
        everything = "".join(full)
        output = "".join(dots) + "".join(sorted(c for c in set(everything) if everything.count(c) == 1 and c not in dots))
    elif dots and "..." not in output:
        raise ValueError(f"einsum: the result of {subscripts!r} has no '...' for the axes that the operands have there")
    return full, output.replace("...", "".join(dots))


def _tidy(x, labels):
    """`x` with repeated labels replaced by the diagonal of their axes."""
    for c in dict.fromkeys(labels):
        while labels.count(c) > 1:
            i = labels.index(c)
            j = labels.index(c, i + 1)
            if shape_of(x)[i] != shape_of(x)[j]:
                raise ValueError(f"einsum: axes of lengths {shape_of(x)[i]} and {shape_of(x)[j]} have one label, {c!r}")
            x = TABLE["diagonal"](x, 0, i, j, True)
            labels = labels[:i] + labels[i + 1:j] + labels[j + 1:] + c
    return x, labels


def _summed(x, labels, needed):
    """`x` summed over the labels that nobody else needs."""
    axes = tuple(k for k, c in enumerate(labels) if c not in needed)
    return (np.sum(x, axis=axes), "".join(c for c in labels if c in needed)) if axes else (x, labels)


def _einsum_pair(x, lx, y, ly, needed):
    x, lx = _summed(x, lx, needed | set(ly))
    y, ly = _summed(y, ly, needed | set(lx))
    for c in set(lx) & set(ly):
        n, m = shape_of(x)[lx.index(c)], shape_of(y)[ly.index(c)]
        if n != m and 1 in (n, m) and c not in needed:
            x, lx = (np.squeeze(x, lx.index(c)), lx.replace(c, "")) if n == 1 else (x, lx)
            y, ly = (np.squeeze(y, ly.index(c)), ly.replace(c, "")) if m == 1 else (y, ly)
    x, lx = _summed(x, lx, needed | set(ly))
    y, ly = _summed(y, ly, needed | set(lx))
    lo = "".join(dict.fromkeys(c for c in lx + ly if c in needed))
    x, y, spec = broadcast_contract(x, y, lx, ly, lo)
    return TABLE["contract"](x, y, spec) if highest((x, y)) is not None else contract_values(x, y, spec), lo

"""An example call, or several, of each row that is not elementwise: only what shapes and options it takes.

A row of the table without an entry here fails ``test_table_calls.py`` by name. ``E(f, *args)`` is a call of
plain NumPy; ``plain`` is the same in NumPy alone, where `f` calls a row that NumPy does not have; ``real``
marks a function that does not take complex numbers.
"""

from dataclasses import dataclass

import numpy as np

from dualnet.table import TABLE

_rng = np.random.default_rng(7)


def draw(*shape):
    """Numbers between 0.2 and 2.2 of either sign, no two alike."""
    return np.reshape(_rng.permutation(np.linspace(0.2, 2.2, max(int(np.prod(shape)), 1)))[:int(np.prod(shape))], shape) \
        * _rng.choice([-1.0, 1.0], shape)


@dataclass
class E:
    """One example call."""

    def __init__(self, f, *args, plain=None, real=False, constant=False):
        self.f, self.args, self.plain, self.real, self.constant = f, args, plain, real, constant


V, W, A, B, C, S = draw(5), draw(3), draw(3, 4), draw(4, 3), draw(2, 3, 4), np.float64(0.7)
P, Q = np.abs(draw(3, 4)), draw(3, 4)
N = np.array([[1.5, np.nan, -0.5, 2.0], [0.25, 0.75, np.nan, np.nan], [1.0, -2.0, 3.0, 0.5]])
MASK = np.array([[True, False, True, True], [False, True, True, False], [True, True, False, True]])
INDEX = np.array([[0, 2], [2, 1]])


def of_numpy(row):
    """True of NumPy's own functions and pieces of their partials; SciPy's special functions have a test of their own."""
    f = row.function
    return getattr(np, f.__name__, None) is f or getattr(f, "__module__", "").startswith("dualnet.table.elementwise")


def set_at(index):
    """A copy with a value written at `index`, in NumPy."""
    def write(x, v):
        out = x.copy()
        out[index] = v
        return out

    return write


def added(y):
    """Zeros of length 4 with y added at 0, 2, 2, in NumPy."""
    out = np.zeros(y.shape[:-1] + (4,), y.dtype)
    for place, k in enumerate([0, 2, 2]):
        out[..., k] += y[..., place]
    return out


def embedded(y):
    """Zeros of shape (3, 4) with y in the middle, in NumPy."""
    out = np.zeros((3, 4), y.dtype)
    out[1, 1:3] = y
    return out


def reduced(f, **kinds):
    """Calls of a reduction by axis, keepdims and where, as far as it takes them."""
    calls = [E(f, A, **kinds), E(lambda x: f(x, axis=0), A, **kinds), E(lambda x: f(x, axis=-1, keepdims=True), C, **kinds),
             E(f, S, **kinds), E(f, V, **kinds)]
    if "where" not in kinds:
        calls.append(E(lambda x: f(x, axis=(0, 2)), C, **kinds))
    return calls


def masked(f, **kinds):
    """Calls with where=."""
    return [E(lambda x: f(x, where=MASK, **kinds), A, real=bool(kinds)),
        E(lambda x: f(x, axis=1, where=MASK, keepdims=True, **kinds), A, real=bool(kinds)),
            E(lambda x: f(x, axis=0, where=[[True], [False], [True]], **kinds), A, real=bool(kinds))]


EXAMPLES = {
    # shaping
    "reshape": [E(lambda x: np.reshape(x, (4, -1)), A), E(lambda x: x.reshape(2, 6, order="F"), A),
        E(lambda x: np.reshape(x, (1,)), S)],
    "ravel": [E(np.ravel, A), E(lambda x: x.ravel("F"), A), E(lambda x: x.flatten(), A)],
    "transpose": [E(np.transpose, A), E(lambda x: x.transpose(2, 0, 1), C), E(lambda x: x.T, C), E(np.transpose, V)],
    "matrix_transpose": [E(np.matrix_transpose, C), E(lambda x: x.mT, C)],
    "swapaxes": [E(lambda x: np.swapaxes(x, 0, -1), C)],
    "moveaxis": [E(lambda x: np.moveaxis(x, [0, 1], [-1, 0]), C)],
    "rollaxis": [E(lambda x: np.rollaxis(x, 2), C), E(lambda x: np.rollaxis(x, 0, 2), C)],
    "expand_dims": [E(lambda x: np.expand_dims(x, (0, 2)), A), E(lambda x: x[:, None], V)],
    "squeeze": [E(np.squeeze, draw(1, 3, 1)), E(lambda x: np.squeeze(x, 0), draw(1, 3, 1))],
    "broadcast_to": [E(lambda x: np.broadcast_to(x, (2, 3, 4)), A), E(lambda x: np.broadcast_to(x, (3, 4)), S),
                     E(lambda x: np.broadcast_to(x, (3, 4)), draw(3, 1))],
    "broadcast_arrays": [E(lambda x, y: np.broadcast_arrays(x, y), W[:, None], draw(1, 4))],
    "atleast_1d": [E(np.atleast_1d, S), E(np.atleast_1d, S, V)], "atleast_2d": [E(np.atleast_2d, V)],
    "atleast_3d": [E(np.atleast_3d, V), E(np.atleast_3d, A)],
    "flip": [E(np.flip, A), E(lambda x: np.flip(x, 1), A)], "fliplr": [E(np.fliplr, A)], "flipud": [E(np.flipud, A)],
    "rot90": [E(lambda x, k=k: np.rot90(x, k), A) for k in range(4)],
    "roll": [E(lambda x: np.roll(x, 2), A), E(lambda x: np.roll(x, (1, -1), (0, 1)), A)],
    "rolled": [E(lambda x: TABLE["rolled"](x, 1, (-1,)), A, plain=lambda x: np.roll(x, 1, -1))],
    "tile": [E(lambda x: np.tile(x, (2, 1, 2)), A), E(lambda x: np.tile(x, 3), V)],
    "repeat": [E(lambda x: np.repeat(x, 2), A), E(lambda x: np.repeat(x, [1, 0, 2], axis=0), A)],
    "joined": [E(lambda x, y: TABLE["joined"]([x, y], -1), A, draw(3, 1), plain=lambda x, y: np.concatenate([x, y], -1))],
    "concatenate": [E(lambda x, y: np.concatenate([x, y, np.ones((1, 4))]), A, Q),
        E(lambda x, y: np.concatenate([x, y], axis=None), A, V)],
    "stack": [E(lambda x, y: np.stack([x, y, x]), V, V + 1), E(lambda x, y: np.stack([x, y], axis=-1), A, Q)],
    "vstack": [E(lambda x, y: np.vstack([x, y]), A, draw(4))], "hstack": [E(lambda x, y: np.hstack([x, y]), V, W),
        E(lambda x, y: np.hstack([x, y]), A, Q)],
    "dstack": [E(lambda x, y: np.dstack([x, y]), A, Q)], "column_stack": [E(lambda x, y: np.column_stack([x, y]), W, A)],
    "array_split": [E(lambda x: np.array_split(x, 2), V), E(lambda x: np.array_split(x, [1, 3], axis=1), A)],
    "split": [E(lambda x: np.split(x, 2, axis=1), A)], "hsplit": [E(lambda x: np.hsplit(x, 2), A)],
    "vsplit": [E(lambda x: np.vsplit(x, 3), A)], "dsplit": [E(lambda x: np.dsplit(x, 2), C)],
    "unstack": [E(lambda x: np.unstack(x), A), E(lambda x: np.unstack(x, axis=1), A)],
    "reflected": [E(lambda x: np.pad(x, (2, 5), "reflect", reflect_type="odd"), V)],
    "pad": [E(lambda x, m=m: np.pad(x, ((1, 2), (0, 1)), m), A) for m in ("constant", "edge", "wrap", "reflect", "symmetric")]
    + [E(lambda x: np.pad(x, 1, constant_values=3.0), V)],
    "append": [E(lambda x, y: np.append(x, y), A, V), E(lambda x, y: np.append(x, y, axis=0), A, Q)],
    "diagonal": [E(np.diagonal, A), E(lambda x: np.diagonal(x, 1, 1, 2), C), E(lambda x: x.diagonal(-1), A)],
    "diag": [E(np.diag, V), E(lambda x: np.diag(x, -1), V), E(lambda x: np.diag(x, 1), A)],
    "diagflat": [E(lambda x: np.diagflat(x, 1), draw(2, 2))],
    "trace": [E(np.trace, A), E(lambda x: np.trace(x, 1, 0, 2), C)], "tril": [E(np.tril, A), E(lambda x: np.tril(x, -1), C)],
    "triu": [E(lambda x: np.triu(x, 1), A)],
    "meshgrid": [E(lambda x, y: np.meshgrid(x, y), V, W), E(lambda x, y: np.meshgrid(x, y, indexing="ij", sparse=True), V, W)],
    "astype": [E(lambda x: x.astype(np.longdouble).astype(x.dtype), A, real=True)],
    "astype_float": [E(lambda x: TABLE["astype_float"](x, np.longdouble), A, plain=lambda x: x.astype(np.longdouble), real=True)],
    "zeros_like": [E(lambda x: np.zeros_like(x) + x, A)], "ones_like": [E(lambda x: np.ones_like(x) * x, A)],
    "empty_like": [E(lambda x: np.where(True, x, np.empty_like(x)), A)], "full_like": [E(lambda x: np.full_like(x, 2.0) * x, A)],
    "copy": [E(np.copy, A), E(lambda x: x.copy(), A)],
    # indexing
    "getitem": [E(lambda x: x[1:, ::-2], A), E(lambda x: x[..., 1], C), E(lambda x: x[INDEX], A), E(lambda x: x[MASK], A),
        E(lambda x: x[[0, 2], [3, 3]], A),
                E(lambda x: x[:, [0, 0, 2]], A), E(lambda x: x[1, None, 2], A), E(lambda x: x[-1], V), E(lambda x: x[()], S),
                E(lambda x: x[[0, 1], :, [1, 2]], C)],
    "picked": [E(lambda x: TABLE["picked"](x, INDEX), A, plain=lambda x: x.reshape(-1)[INDEX])],
    "embed": [E(lambda y: TABLE["embed"](y, (1, slice(1, 3)), (3, 4)), draw(2), plain=embedded)],
    "setitem": [E(lambda x, v: TABLE["setitem"](x, 1, v), A, draw(4), plain=set_at(1)),
        E(lambda x, v: TABLE["setitem"](x, MASK, v), A, S, plain=set_at(MASK)),
                E(lambda x, v: TABLE["setitem"](x, [0, 2], v), A, draw(2, 4), plain=set_at([0, 2]))],
    "chosen": [E(lambda x, y: TABLE["chosen"](MASK, x, y), A, draw(4), plain=lambda x, y: np.where(MASK, x, y))],
    "detached": [E(lambda x: TABLE["detached"](x, lambda t: t[..., ::-1]), A, plain=lambda x: x[..., ::-1])],
    "where": [E(lambda x, y: np.where(MASK, x, y), A, S), E(lambda x: np.where(x > 0, x, 0.5 * x), A, real=True)],
    "select": [E(lambda x, y: np.select([MASK, x > 0.5], [x, y], 2.0), A, Q, real=True)],
    "take": [E(lambda x: np.take(x, INDEX), A), E(lambda x: np.take(x, [2, 0, 2], axis=1), A),
        E(lambda x: x.take([9, -9], mode="wrap"), V), E(lambda x: np.take(x, 1, axis=0), A)],
    "take_along_axis": [E(lambda x: np.take_along_axis(x, np.array([[0], [2], [1]]), 1), A)],
    "compress": [E(lambda x: np.compress([True, False, True], x, axis=0), A)],
    "extract": [E(lambda x: np.extract(MASK, x), A)],
    "placed": [E(lambda y: TABLE["placed"](y, np.array([1, -1, 0, 1])), draw(2, 3), plain=lambda y: np.where([True, False, True,
        True], y[:, [1, 0, 0, 1]], 0))],
    "scattered": [E(lambda y: TABLE["scattered"](y, np.array([0, 2, 2]), 4), draw(2, 3), plain=added)],
    "scatter_add": [E(lambda y: TABLE["scatter_add"](y, np.array([0, 2, 2]), 4), draw(2, 3), plain=added)],
    # contractions
    "contract": [E(lambda x, y: TABLE["contract"](x, y, ("ij", "jk", "ki")), A, B, plain=lambda x, y: np.einsum("ij,jk->ki", x, y))],
    "matmul": [E(np.matmul, A, B), E(lambda x, y: x @ y, A, draw(4)), E(np.matmul, draw(3), A), E(np.matmul, V, V + 1),
        E(np.matmul, C, B), E(np.matmul, draw(2, 1, 3, 4), draw(5, 4, 2))],
    "dot": [E(np.dot, A, B), E(np.dot, V, V + 1), E(np.dot, S, A), E(np.dot, C, draw(4)), E(np.dot, C, draw(2, 4, 3)),
        E(lambda x: x.dot(B), A)],
    "vdot": [E(np.vdot, A, Q)], "inner": [E(np.inner, A, Q), E(np.inner, S, V), E(np.inner, C, draw(4))],
    "outer": [E(np.outer, V, W), E(np.outer, A, W), E(np.multiply.outer, A, W)],
    "linalg.outer": [E(np.linalg.outer, V, W)],
    "vecdot": [E(np.vecdot, A, Q), E(lambda x, y: np.vecdot(x, y, axis=0), A, Q)], "matvec": [E(lambda x, y: np.matvec(x, y), C, draw(4))],
    "vecmat": [E(lambda x, y: np.vecmat(x, y), draw(2, 3), C)],
    "tensordot": [E(np.tensordot, C, draw(3, 4, 2)), E(lambda x, y: np.tensordot(x, y, axes=([0, 2], [1, 0])), C, draw(4, 2)),
        E(lambda x, y: np.tensordot(x, y, 0), W, A)],
    "kron": [E(np.kron, A, draw(2, 2)), E(np.kron, V, W), E(np.kron, W, A)],
    "convolve": [E(lambda x, y, m=m: np.convolve(x, y, m), *pair) for m in ("full", "same", "valid") for pair in ((V, W), (W,
        draw(4)), (draw(6), draw(4)))],
    "correlate": [E(lambda x, y, m=m: np.correlate(x, y, m), *pair) for m in ("full", "same", "valid") for pair in ((V, W), (W,
        draw(4)), (draw(6), draw(4)))],
    "cross": [E(np.cross, draw(2, 3), W), E(lambda x, y: np.cross(x, y, axis=0), draw(3, 2), draw(3, 2))],
    "einsum": [E(lambda x, y: np.einsum("ij,jk", x, y), A, B), E(lambda x: np.einsum("ii->i", x), draw(3, 3)),
        E(lambda x: np.einsum("ij->", x), A), E(lambda x: np.einsum("ii", x), draw(3, 3)),
               E(lambda x, y, z: np.einsum("ij,jk,k->i", x, y, z), A, B, W),
               E(lambda x, y: np.einsum("...j,j->...", x, y), C, draw(4)), E(lambda x, y: np.einsum("ij,ij->ji", x, y), A, Q),
               E(lambda x, y: np.einsum("bij,bjk->bik", x, y), C, draw(2, 4, 2)), E(lambda x: np.einsum("i,i,i->i", x, x, x), V),
               E(lambda x, y: np.einsum("i,j->", x, y), V, W)],
    # of one element, composed
    "absolute": [E(np.absolute, A), E(abs, A), E(np.fabs, A, real=True)], "maximum": [E(np.maximum, A, Q, real=True),
        E(np.maximum, A, S, real=True)],
    "minimum": [E(np.minimum, A, Q, real=True)], "fmax": [E(np.fmax, A, Q, real=True)], "fmin": [E(np.fmin, A, Q, real=True)],
    "copysign": [E(np.copysign, A, Q, real=True)],
    "divmod": [E(lambda x: np.divmod(x, 3.3)[1], P, real=True), E(lambda x: np.divmod(x, -4.0)[0] + x, P, real=True)],
    "modf": [E(lambda x: np.modf(x)[0], A, real=True)], "ldexp": [E(lambda x: np.ldexp(x, 3), A, real=True)],
    "frexp": [E(lambda x: np.frexp(x)[0], A, real=True)], "angle": [E(np.angle, A + 0.5j),
        E(lambda z: np.angle(z, deg=True), V - 0.5j)],
    "clip": [E(lambda x: np.clip(x, -0.71, 0.93), A, real=True), E(lambda x, y: np.clip(x, None, y), A, Q, real=True),
        E(lambda x: x.clip(min=0.31), A, real=True)],
    "nan_to_num": [E(np.nan_to_num, N, real=True)], "conjugate": [E(np.conjugate, A + 1j), E(np.conj, A)],
    "real": [E(np.real, A + 1j), E(lambda z: z.real, A * (1 + 2j))],
    "imag": [E(np.imag, A * (1 + 2j)), E(lambda z: z.imag, A + 1j)],
    **{name: [E(lambda z, name=name: TABLE[name](z), A + 0.5j, plain=f)]
       for name, f in (("conjugated", np.conjugate), ("real_part", np.real), ("imaginary_part", np.imag))},
    "laid_out": [E(lambda x: TABLE["laid_out"](x, "F"), A, plain=np.asfortranarray)],
    "of_parts": [E(lambda x, y: TABLE["of_parts"](x, y), A, Q, real=True, plain=lambda x, y: x + 1j * y)],
    # reductions and scans
    "total": [E(lambda x: TABLE["total"](x, (-1,), True), A, plain=lambda x: np.sum(x, -1, keepdims=True))],
    "sum": [*reduced(np.sum), *masked(np.sum), E(lambda x: np.sum(x, initial=2.0), A), E(np.add.reduce, A), E(lambda x: x.sum(1), A)],
    "mean": [*reduced(np.mean), *masked(np.mean), E(lambda x: x.mean(1), A)],
    "prod": [*reduced(np.prod), *masked(np.prod), E(lambda x: np.prod(x, axis=0, initial=2.0), A), E(np.multiply.reduce, A)],
    "var": [*reduced(np.var), *masked(np.var), E(lambda x: np.var(x, ddof=1), A)],
    "std": [*reduced(np.std, real=True)[:3], *masked(np.std), E(lambda x: x.std(0, ddof=1), A)],
    "max": [*reduced(np.max, real=True), *masked(np.max, initial=-9.0), E(np.maximum.reduce, A, real=True),
        E(lambda x: np.max(x, initial=0.9), A, real=True)],
    "min": [*reduced(np.min, real=True), *masked(np.min, initial=9.0)], "ptp": [*reduced(np.ptp, real=True)],
    "median": [*reduced(np.median, real=True)],
    "average": [E(lambda x: np.average(x, axis=0), A), E(lambda x, w: np.average(x, weights=w), A, P),
        E(lambda x, w: np.average(x, axis=1, weights=w), A, np.abs(draw(4)))],
    "cumsum": [E(np.cumsum, A), E(lambda x: np.cumsum(x, axis=0), A), E(lambda x: x.cumsum(-1), C), E(np.add.accumulate, A)],
    "summed_up": [E(lambda x: TABLE["summed_up"](x, -2), A, plain=lambda x: np.cumsum(x, -2))],
    "cumprod": [E(np.cumprod, V), E(lambda x: np.cumprod(x, axis=0), A), E(np.multiply.accumulate, A)],
    "cumulative_sum": [E(lambda x: np.cumulative_sum(x, axis=1, include_initial=True), A), E(lambda x: np.cumulative_sum(x), V)],
    "cumulative_prod": [E(lambda x: np.cumulative_prod(x, axis=0, include_initial=True), A)],
    "diff": [E(np.diff, A), E(lambda x: np.diff(x, 2, axis=0, prepend=1.0), A), E(lambda x, y: np.diff(x, append=y), V, W)],
    "ediff1d": [E(np.ediff1d, A), E(lambda x: np.ediff1d(x, to_begin=1.0), V)],
    "trapezoid": [E(np.trapezoid, A), E(lambda y, x: np.trapezoid(y, x), A, draw(4)),
        E(lambda y: np.trapezoid(y, dx=0.5, axis=0), A), E(lambda y, x: np.trapezoid(y, x, axis=0), A, Q)],
    "nansum": reduced(np.nansum)[:2] + [E(np.nansum, N, real=True)], "nanprod": [E(lambda x: np.nanprod(x, axis=1), N, real=True)],
    "nancumsum": [E(np.nancumsum, N, real=True)], "nancumprod": [E(lambda x: np.nancumprod(x, 1), N, real=True)],
    "nanmean": [E(np.nanmean, N, real=True), E(lambda x: np.nanmean(x, axis=1, keepdims=True), N, real=True)],
    "nanvar": [E(lambda x: np.nanvar(x, axis=1), N, real=True)], "nanstd": [E(np.nanstd, N, real=True)],
    "nanmax": [E(np.nanmax, N, real=True), E(lambda x: np.nanmax(x, axis=0), N, real=True)],
    "nanmin": [E(lambda x: np.nanmin(x, axis=1, keepdims=True), N, real=True)],
    "nanmedian": [E(lambda x: np.nanmedian(x, axis=1), N, real=True), E(np.nanmedian, N, real=True)],
    "sort": [E(np.sort, A, real=True), E(lambda x: np.sort(x, axis=0), A, real=True),
        E(lambda x: np.sort(x, axis=None), A, real=True)],
    "partition": [E(lambda x: np.sort(np.partition(x, 2)[:2]), V, real=True),
        E(lambda x: np.partition(x, 1, axis=0)[1], A, real=True)],
}

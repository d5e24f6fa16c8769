"""Calls that NumPy refuses, and options that it takes under several names: in both modes what the plain call does."""

import numpy as np
import pytest
from differences import verify

import dualnet as dn

X = np.linspace(0.5, 2.0, 6)


def wide(x):
    return x.reshape(2, 3)


def square(x):
    return x[:4].reshape(2, 2)


def stack(x):
    return x.reshape(1, 2, 3)


REFUSED = {
    # products
    "matmul": lambda x: wide(x) @ wide(x), "matmul of stacks": lambda x: stack(x) @ stack(x),
    "matmul of a number": lambda x: np.matmul(x, 2.0),
    "matmul by a number": lambda x: np.matmul(2.0, x),
    "inner": lambda x: np.inner(x, x[:3]), "vecdot": lambda x: np.vecdot(x, x[:3]), "tensordot": lambda x: np.tensordot(x, x[:3], 1),
    "linalg.outer": lambda x: np.linalg.outer(wide(x), x), "convolve of nothing": lambda x: np.convolve(x, x[:0]),
    "convolve of a matrix": lambda x: np.convolve(wide(x), x), "convolve's mode": lambda x: np.convolve(x, x, "other"),
    "cross": lambda x: np.cross(x[:4], x[:4]), "einsum: operands": lambda x: np.einsum("i,i->", x),
    "einsum: axes": lambda x: np.einsum("ij->i", x),
    "einsum: sizes": lambda x: np.einsum("i,i->", x, x[:4]), "einsum: a diagonal": lambda x: np.einsum("ii", wide(x)),
    "einsum: a diagonal of one": lambda x: np.einsum("ii->i", x[:3].reshape(1, 3)), "einsum: dots": lambda x: np.einsum("...->", wide(x)),
    # shapes
    "transpose": lambda x: np.transpose(x, (0, 0)), "transpose: one axis": lambda x: np.transpose(wide(x), (0,)),
    "squeeze": lambda x: np.squeeze(wide(x), 0), "moveaxis": lambda x: np.moveaxis(wide(x), (0, 1), (0,)),
    "broadcast_to": lambda x: np.broadcast_to(x, (4,)), "reshape": lambda x: np.reshape(x, (4, -1)),
    "reshape: two": lambda x: np.reshape(x, (-1, -1)),
    "reshape: floats": lambda x: np.reshape(x, (2.0, 3)), "reshape: a float": lambda x: np.reshape(x, 6.0),
    "reshape's order": lambda x: np.reshape(x, (2, 3), order="Z"),
    "reshape in memory's order": lambda x: np.reshape(x, (2, 3), order="K"), "ravel's order": lambda x: np.ravel(x, order="Z"),
    "copy's order": lambda x: np.copy(x, order="Z"), "diag": lambda x: np.diag(stack(x)),
    "meshgrid": lambda x: np.meshgrid(x, x, indexing="yx"),
    "rollaxis": lambda x: np.rollaxis(wide(x), 5), "expand_dims": lambda x: np.expand_dims(x, 5),
    # parts
    "stack": lambda x: np.stack([x, x[:3]]), "concatenate": lambda x: np.concatenate([x, wide(x)]), "block": lambda x: np.block([[x], x]),
    "block of nothing": lambda x: np.block([[x], []]), "split": lambda x: np.split(x, 4), "vsplit": lambda x: np.vsplit(x, 2)[0],
    "dsplit": lambda x: np.dsplit(wide(x), 2)[0], "hsplit": lambda x: np.hsplit(x[0], 1)[0], "trim_zeros": lambda x: np.trim_zeros(x, "ff"),
    "pad: an option": lambda x: np.pad(x, 1, mode="edge", constant_values=1),
    "pad: lengths": lambda x: np.pad(x, 1, mode="mean", stat_length=-1),
    "pad: of the constant mode": lambda x: np.pad(x, 1, stat_length=2), "pad: a mode": lambda x: np.pad(x, 1, mode="frame"),
    "pad: a maximum of nothing": lambda x: np.pad(x, 1, mode="maximum", stat_length=0),
    "insert": lambda x: np.insert(x[:0], [0, 5], 1.0), "place": lambda x: np.place(x, x > 1, x[:0]),
    "apply_along_axis": lambda x: np.apply_along_axis(np.sum, 0, x[:0].reshape(2, 0)),
    # picking
    "index": lambda x: x[10], "indices": lambda x: x[np.array([1, 10])], "negative indices": lambda x: x[np.array([-1, -10])],
    "take": lambda x: np.take(x, 10), "take's axis": lambda x: np.take(x, [0], axis=2),
    "take's mode": lambda x: np.take(x, [0], mode="other"),
    "take_along_axis": lambda x: np.take_along_axis(wide(x), np.array([0]), 0),
    "take_along_axis: an axis": lambda x: np.take_along_axis(wide(x), np.zeros((1, 1), int), 2),
    "put's mode": lambda x: np.put(x, [0], 1.0, "other"),
    "choose's mode": lambda x: np.choose([0, 1], [x[:2], x[:2]], mode="other"), "compress": lambda x: np.compress([[True]], x),
    "where": lambda x: np.where(x > 1, x), "where's shapes": lambda x: np.where(x > 1, x, x[:3]),
    "select": lambda x: np.select([x > 1, x > 2], [x]), "select's conditions": lambda x: np.select([[1, 0, 1, 0, 1, 0]], [x]),
    # sums and order
    "sum": lambda x: np.sum(x, axis=3), "max of nothing": lambda x: np.max(x[:0]), "max of a part": lambda x: np.max(x, where=x > 1),
    "min of a part": lambda x: np.min(x, where=x > 1), "var": lambda x: np.var(x, ddof=1, correction=1), "diff": lambda x: np.diff(x, -1),
    "average": lambda x: np.average(x, weights=x[:3]), "average along an axis": lambda x: np.average(wide(x), axis=0, weights=x[:3]),
    "average by zeros": lambda x: np.average(x, weights=x * 0), "sort": lambda x: np.sort(x, axis=2),
    "sort's kind": lambda x: np.sort(x, kind="other"),
    "partition": lambda x: np.partition(x, 10), "percentile": lambda x: np.percentile(x, 200),
    "cumulative_sum": lambda x: np.cumulative_sum(wide(x)),
    "cov's ddof": lambda x: np.cov(wide(x), ddof=1.5), "cov's fweights": lambda x: np.cov(wide(x), fweights=[1.5, 2, 1]),
    # curves and polynomials
    "gradient of one": lambda x: np.gradient(x[:1]), "gradient: spacings": lambda x: np.gradient(x, 1.0, 2.0, 3.0),
    "gradient: spacings for axes": lambda x: np.gradient(wide(x), x[:2]), "gradient: places": lambda x: np.gradient(x, np.arange(4.0)),
    "gradient: edges": lambda x: np.gradient(x, edge_order=3), "interp": lambda x: np.interp(x, x[:3], x[:2]),
    "interp's period": lambda x: np.interp(x, x, x, period=0), "clip": lambda x: np.clip(x, 1, 2, min=1),
    "trapezoid": lambda x: np.trapezoid(x, x[:3]),
    "roots": lambda x: np.roots(wide(x)), "poly": lambda x: np.poly(stack(x)), "polyder": lambda x: np.polyder(x, -1),
    "polyint": lambda x: np.polyint(x, -1), "polyint's constants": lambda x: np.polyint(x, 3, [1.0, 2.0]),
    "polyfit: deg": lambda x: np.polyfit(x, x, -1), "polyfit: x": lambda x: np.polyfit(wide(x), x, 1),
    "polyfit: nothing": lambda x: np.polyfit(x[:0], x[:0], 1),
    "polyfit: y": lambda x: np.polyfit(x, x[:3], 1), "polyfit: a stack": lambda x: np.polyfit(x[:1], stack(x), 1),
    "polyfit: weights": lambda x: np.polyfit(x, x, 1, w=x[:3]),
    # linear algebra
    "solve": lambda x: np.linalg.solve(square(x), x[:3].reshape(3, 1)), "solve: a vector": lambda x: np.linalg.solve(square(x), x[:3]),
    "solve: no square": lambda x: np.linalg.solve(wide(x), x[:3]), "matrix_power": lambda x: np.linalg.matrix_power(square(x), 1.5),
    "multi_dot": lambda x: np.linalg.multi_dot([x]), "multi_dot: axes": lambda x: np.linalg.multi_dot([x, stack(x), x]),
    "tensorinv": lambda x: np.linalg.tensorinv(square(x), ind=0), "cond of nothing": lambda x: np.linalg.cond(x[:0].reshape(0, 0)),
    "cond of a vector": lambda x: np.linalg.cond(x), "svd of a vector": lambda x: np.linalg.svd(x)[1],
    "qr of a vector": lambda x: np.linalg.qr(x)[0],
    "lstsq of a vector": lambda x: np.linalg.lstsq(x, x)[0], "eigh": lambda x: np.linalg.eigh(square(x), "X")[0],
    "norm": lambda x: np.linalg.norm(x, "other"),
    # numbers
    "len": lambda x: len(np.sum(x)), "iterate": lambda x: list(np.sum(x)),
}


def transformed(f, mode):
    return dn.jvp(f, (X,), (X,)) if mode == "forward" else dn.vjp(f, X)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", REFUSED)
def test_a_call_that_numpy_refuses_raises_what_numpy_raises(name, mode):
    with pytest.raises(Exception) as expected:
        REFUSED[name](X.copy())
    with pytest.raises(type(expected.value)):
        transformed(REFUSED[name], mode)


SPELLED = {
    "reshape": lambda x: wide(x).reshape(3, 2, order="f"), "reshape, by columns": lambda x: np.reshape(wide(x).T, (2, 3), order="a"),
    "reshape, unnamed": lambda x: np.reshape(wide(x).T, (2, 3), order=None), "ravel": lambda x: wide(x).ravel("f"),
    "ravel in memory's order": lambda x: np.ravel(wide(x).T, "k"), "flatten": lambda x: wide(x).flatten("f"),
    "copy": lambda x: np.ravel(wide(x).copy("f"), "K"), "copy as it is": lambda x: np.ravel(np.copy(wide(x).T, None), "K"),
    "take clipped": lambda x: np.take(x, [7, -9], mode=0), "take wrapped": lambda x: np.take(x, [7, -9], mode=1),
    "take": lambda x: np.take(x, [2, -3], mode=2),
    "choose clipped": lambda x: np.choose([0, 5], [x[:2], x[2:4]], mode=0),
    "choose wrapped": lambda x: np.choose([0, 5], [x[:2], x[2:4]], mode=1),
    "put clipped": lambda x: (y := x * x, np.put(y, [7, -9], 5 * x, mode=0), y)[2],
    "put wrapped": lambda x: (y := x * x, np.put(y, [7, -9], 5 * x, mode=1), y)[2],
    "pad, by what is no odd type": lambda x: np.pad(x, 2, "reflect", reflect_type="other"),
    "trim": lambda x: np.trim_zeros(x * [0, 1, 1, 1, 1, 0], "Bf"),
    "sort": lambda x: np.sort(x[::-1], kind="heap"),
}


@pytest.mark.parametrize("name", SPELLED)
def test_options_by_another_name_are_those_of_numpy(name, rng):
    verify(SPELLED[name], X, rng)

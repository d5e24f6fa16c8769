"""Inputs on which tools that differentiate go wrong, with the truth from the mathematics: one line each.

``f(np, x)`` is written for a tool's own NumPy, ``of`` is the order of the derivative (of Jacobians one inside the other), `true`
the answer. Of order 0 the function makes its derivatives itself, by the `D` of ``f(np, D, x)``. Kinds: "smooth", whose truth is one
number; "kink", where each of several slopes is a one-sided one or between them, so that the truth is what forward and reverse may
agree on; "lost", where a conversion may raise but not drop the derivative. The tests ask mpmath for every truth that is not plain.
"""

import math
from dataclasses import dataclass

import numpy as np

INF, NAN, ROOT = math.inf, math.nan, math.sqrt(0.5)
ODD = np.array([True, False, True])


@dataclass(frozen=True)
class Hazard:
    """One input: what it is, the function, the point, the truth, the order and the kind."""

    name: str
    f: object
    x: object
    true: object
    of: int = 1
    kind: str = "smooth"


def stacked(xp, *parts):
    """Numbers as an array."""
    return xp.stack(parts)


def written(np_, x):
    """A plain buffer of NumPy's that a traced number is written into."""
    y = np.zeros(3)
    y[0] = x
    return y[0] * 1.0


def reused(xp, x):
    """A buffer that is a factor three times, with other numbers in it (torch takes tensors only, so there it is one)."""
    held, total = xp.tensor([0.0, 0.0]) if hasattr(xp, "tensor") else np.zeros(2), 0.0
    for k in range(3):
        held[:] = k
        total = total + xp.sum(x * held)
    return total


def viewed(xp, x):
    """A view that is read after the array behind it was written."""
    y = x * 1.0
    view = y[:2]
    y[0] = 5 * x[1]
    return xp.sum(view)


def diagonal(xp, x):
    """A diagonal, which is a view in NumPy, that is read after the matrix was written."""
    y = x * 1.0
    view = xp.diagonal(y)
    y[0, 0] = 5 * x[0, 1]
    return xp.sum(view)


def real_part(xp, x):
    """The sum of real parts of which the first was written over, where it lies."""
    y = (1 + 1j) * x
    y.real[0] = 0.0
    return xp.sum(xp.real(y))


def added(xp, x):
    """The product of two sums by `add.at`."""
    y = xp.zeros_like(x)
    xp.add.at(y, np.array([0, 0, 1]), x)
    return y[0] * y[1]


def projected(xp, x):
    """An element of the projector on the eigenvectors of the double eigenvalue 1 of [[1, 0, x], [0, 1, 0], [x, 0, 3]]."""
    o, i = 0 * x, 1 + 0 * x
    vectors = xp.linalg.eigh(stacked(xp, stacked(xp, i, o, x), stacked(xp, o, i, o), stacked(xp, x, o, 3 * i)))[1][:, :2]
    return (vectors @ vectors.T)[0, 2]


def repeated(xp, x):
    """A thousand sines, each of the one before."""
    for _ in range(1000):
        x = xp.sin(x)
    return x


def escaped(xp, D, x):
    """A traced number that is used after its derivative was made, where it can be the number 3 alone."""
    kept = []
    D(lambda z: kept.append(z) or z * z)(x)
    return D(lambda z: z * kept[0])(x)


CASES = [
    # kinks
    Hazard("x as max(x, 0) - max(-x, 0), at 0", lambda np, x: np.maximum(x, 0.0) - np.maximum(-x, 0.0), 0.0, 1),
    Hazard("x as max(x, 0) + min(x, 0), at 0", lambda np, x: np.maximum(x, 0.0) + np.minimum(x, 0.0), 0.0, 1),
    Hazard("x as clip(x, -1, 0) + clip(x, 0, 1), at 0", lambda np, x: np.clip(x, -1.0, 0.0) + np.clip(x, 0.0, 1.0), 0.0, 1),
    Hazard("maximum(x, x)", lambda np, x: np.maximum(x, x), 0.5, 1),
    Hazard("x as the median of x, 2x, x, at 0", lambda np, x: np.median(stacked(np, x, 2 * x, x)), 0.0, 1),
    Hazard("second derivative of max(x, -x)^2 at 0", lambda np, x: np.maximum(x, -x) ** 2, 0.0, 2, 2),
    Hazard("second derivative of abs(x)^2 at 0", lambda np, x: np.abs(x) ** 2, 0.0, 2, 2),
    Hazard("second derivative of abs(x) max(x, -x) at 0", lambda np, x: np.abs(x) * np.maximum(x, -x), 0.0, 2, 2),
    Hazard("gradient of norm([3, -4, 1], inf)", lambda np, x: np.linalg.norm(x, INF), [3.0, -4.0, 1.0], [0, -1, 0]),
    Hazard("gradient of max([2, 2, 1])", lambda np, x: np.max(x), [2.0, 2.0, 1.0], None, 1, "kink"),
    Hazard("gradient of min([1, 2, 1])", lambda np, x: np.min(x), [1.0, 2.0, 1.0], None, 1, "kink"),
    Hazard("gradient of median([2, 2, 1])", lambda np, x: np.median(x), [2.0, 2.0, 1.0], None, 1, "kink"),
    Hazard("abs at 0", lambda np, x: np.abs(x), 0.0, None, 1, "kink"),
    Hazard("0 as abs(x) - abs(-x), at 0", lambda np, x: np.abs(x) - np.abs(-x), 0.0, 0),
    Hazard("abs at -0", lambda np, x: np.abs(x), -0.0, None, 1, "kink"),
    Hazard("norm([x, 0]) at 0", lambda np, x: np.linalg.norm(stacked(np, x, 0 * x)), 0.0, None, 1, "kink"),
    Hazard("gradient of quantile([1, 2, 2, 3], 0.5)", lambda np, x: np.quantile(x, 0.5), [1.0, 2.0, 2.0, 3.0], [0, 0.5, 0.5, 0]),
    Hazard("second derivative of max(x, -x) min(x, -x) at 0", lambda np, x: np.maximum(x, -x) * np.minimum(x, -x), 0.0, -2, 2),
    Hazard("second derivative of norm([x, 2x], inf)^2 at 0", lambda np, x: np.linalg.norm(stacked(np, x, 2 * x), INF) ** 2, 0.0, 8, 2),
    Hazard("fourth derivative of abs(x)^4 at 0", lambda np, x: np.abs(x) ** 4, 0.0, 24, 4),
    # singular points
    Hazard("sqrt(x)^2 at 0", lambda np, x: np.sqrt(x) ** 2, 0.0, 1),
    Hazard("cbrt(x)^3 at 0", lambda np, x: np.cbrt(x) ** 3, 0.0, 1),
    Hazard("exp(log(x)) at 0", lambda np, x: np.exp(np.log(x)), 0.0, 1),
    Hazard("Hessian of norm(x)^2 at 0", lambda np, x: np.linalg.norm(x) ** 2, [0.0, 0.0], [[2, 0], [0, 2]], 2),
    Hazard("second derivative of sinc at 0", lambda np, x: np.sinc(x), 0.0, -math.pi**2 / 3, 2),
    Hazard("gradient of prod([0, 2, 3])", lambda np, x: np.prod(x), [0.0, 2.0, 3.0], [6, 0, 0]),
    Hazard("gradient of prod([0, 0, 3])", lambda np, x: np.prod(x), [0.0, 0.0, 3.0], [0, 0, 0]),
    Hazard("Hessian of prod([0, 2, 3])", lambda np, x: np.prod(x), [0.0, 2.0, 3.0], [[0, 3, 2], [3, 0, 0], [2, 0, 0]], 2),
    Hazard("Hessian of cumprod([0, 2, 3])[2]", lambda np, x: np.cumprod(x, 0)[2], [0.0, 2.0, 3.0], [[0, 3, 2], [3, 0, 0], [2, 0, 0]], 2),
    Hazard("fourth derivative of sinc at 0", lambda np, x: np.sinc(x), 0.0, math.pi**4 / 5, 4),
    Hazard("second derivative of sqrt(x^2)^2 at 0", lambda np, x: np.sqrt(x**2) ** 2, 0.0, 2, 2),
    Hazard("second derivative of abs((3 + 4i) x)^2 at 0", lambda np, x: np.abs((3 + 4j) * x) ** 2, 0.0, 50, 2),
    Hazard("gradient of sum(abs(fft([1, 1, 1, 1]))^2)", lambda np, x: np.sum(np.abs(np.fft.fft(x)) ** 2), [1.0] * 4, [8, 8, 8, 8]),
    Hazard("exp(-1 / x^2) at 0", lambda np, x: np.exp(-1 / x**2), 0.0, 0),
    Hazard("0 sqrt(x) + x at 0", lambda np, x: 0.0 * np.sqrt(x) + x, 0.0, 1),
    Hazard("a projector on eigenvectors of a double eigenvalue", projected, 0.0, -0.5),
    Hazard("gradient of det([[1, 2], [2, 4]])", lambda np, x: np.linalg.det(x), [[1.0, 2.0], [2.0, 4.0]], [[4, -2], [-2, 1]]),
    Hazard("Hessian of det([[0, 0], [0, 0]])", lambda np, x: np.linalg.det(x), [[0.0, 0.0], [0.0, 0.0]],
           [[[[0, 0], [0, 1]], [[0, 0], [-1, 0]]], [[[0, -1], [0, 0]], [[1, 0], [0, 0]]]], 2),
    # powers
    Hazard("x**0 at 0", lambda np, x: x**0, 0.0, 0),
    Hazard("x**0.0 at 0", lambda np, x: x**0.0, 0.0, 0),
    Hazard("second derivative of x**1 at 0", lambda np, x: x**1, 0.0, 0, 2),
    Hazard("second derivative of x**2.0 at 0", lambda np, x: x**2.0, 0.0, 2, 2),
    Hazard("sqrt at 0", lambda np, x: np.sqrt(x), 0.0, INF),
    Hazard("x**1.5 at 0", lambda np, x: x**1.5, 0.0, 0),
    Hazard("(-2)**x at 2", lambda np, x: np.power(-2.0, x), 2.0, NAN),
    Hazard("0**x at 2", lambda np, x: np.power(0.0, x), 2.0, 0),
    Hazard("x**3 at -2", lambda np, x: x**3, -2.0, 12),
    Hazard("x**3.0 at -2", lambda np, x: x**3.0, -2.0, 12),
    Hazard("cbrt at 0", lambda np, x: np.cbrt(x), 0.0, INF),
    Hazard("arcsin at 1", lambda np, x: np.arcsin(x), 1.0, INF),
    Hazard("third derivative of x**2.0 at 0", lambda np, x: x**2.0, 0.0, 0, 3),
    Hazard("gradient of x[0]**x[1] at [-2, 2]", lambda np, x: x[0] ** x[1], [-2.0, 2.0], [-4, NAN]),
    Hazard("Hessian of x[0]**x[1] at [0, 2]", lambda np, x: x[0] ** x[1], [0.0, 2.0], [[2, 0], [0, 0]], 2),
    # overflow and cancellation
    Hazard("gradient of norm([1e200, 1e200])", lambda np, x: np.linalg.norm(x), [1e200, 1e200], [ROOT, ROOT]),
    Hazard("gradient of norm([1e-200, 1e-200])", lambda np, x: np.linalg.norm(x), [1e-200, 1e-200], [ROOT, ROOT]),
    Hazard("gradient of norm([1e-200, 1e200], 0.5)", lambda np, x: np.linalg.norm(x, 0.5), [1e-200, 1e200], [1e200, 1]),
    Hazard("gradient of std([1, 2] 1e-200)", lambda np, x: np.std(x), [1e-200, 2e-200], [-0.5, 0.5]),
    Hazard("gradient of std([1, 2] 1e200)", lambda np, x: np.std(x), [1e200, 2e200], [-0.5, 0.5]),
    Hazard("hypot(x, 1e200) at 1e200", lambda np, x: np.hypot(x, 1e200), 1e200, ROOT),
    Hazard("arctan2(x, 1e200) at 1e200", lambda np, x: np.arctan2(x, 1e200), 1e200, 0.5e-200),
    Hazard("arcsinh at 1e200", lambda np, x: np.arcsinh(x), 1e200, 1e-200),
    Hazard("arctan at 1e200", lambda np, x: np.arctan(x), 1e200, 0),
    Hazard("third derivative of tanh at 400", lambda np, x: np.tanh(x), 400.0, 0, 3),
    Hazard("logaddexp(0, x) at 1000", lambda np, x: np.logaddexp(0.0, x), 1000.0, 1),
    Hazard("third derivative of logaddexp(0, x) at 1000", lambda np, x: np.logaddexp(0.0, x), 1000.0, 0, 3),
    Hazard("tanh at 20", lambda np, x: np.tanh(x), 20.0, 1 / math.cosh(20) ** 2),
    Hazard("expm1 at -50", lambda np, x: np.expm1(x), -50.0, math.exp(-50)),
    Hazard("second derivative of logaddexp(0, x) at 40", lambda np, x: np.logaddexp(0.0, x), 40.0, 4.248354255291589e-18, 2),
    Hazard("second derivative of sinc at 1e-8", lambda np, x: np.sinc(x), 1e-8, -math.pi**2 / 3, 2),
    Hazard("imag(tan(i x)) at 20", lambda np, x: np.imag(np.tan(1j * x)), 20.0, 1 / math.cosh(20) ** 2),
    Hazard("real(sinc(i x)) at 2", lambda np, x: np.real(np.sinc(1j * x)), 2.0, 112.5669190547523),
    Hazard("second derivative of arctan at 1e100", lambda np, x: np.arctan(x), 1e100, -2e-300, 2),
    Hazard("log10 at 1e308", lambda np, x: np.log10(x), 1e308, 1e-308 / math.log(10)),
    Hazard("gradient of arctan2(1e-200, 1e-200)", lambda np, x: np.arctan2(x[0], x[1]), [1e-200, 1e-200], [5e199, -5e199]),
    Hazard("gradient of det([[1e200, 0], [0, 1e-200]])", lambda np, x: np.linalg.det(x), [[1e200, 0.0], [0.0, 1e-200]],
           [[1e-200, 0], [0, 1e200]]),
    Hazard("1 / (1 + exp(-x)) at -1000", lambda np, x: 1 / (1 + np.exp(-x)), -1000.0, 0),
    Hazard("a thousand sines of one another, of 1", repeated, 1.0, 1.2436381135847542e-4),
    # zeros beside infinite slopes, NaN
    Hazard("where(x > 0, log(x), 0) at 0", lambda np, x: np.where(x > 0, np.log(x), 0.0), 0.0, 0),
    Hazard("where(x > 0, sqrt(x), 3x) at 0", lambda np, x: np.where(x > 0, np.sqrt(x), 3 * x), 0.0, 3),
    Hazard("stack([log(x), 2x])[1] at 0", lambda np, x: stacked(np, np.log(x), 2 * x)[1], 0.0, 2),
    Hazard("gradient of max([1, nan, 2])", lambda np, x: np.max(x), [1.0, NAN, 2.0], [0, 1, 0]),
    Hazard("gradient of sum(triu(log([[1, 2], [0, 4]])))", lambda np, x: np.sum(np.triu(np.log(x))), [[1.0, 2.0], [0.0, 4.0]],
           [[1, 0.5], [0, 0.25]]),
    Hazard("max(log(x), -5) at 0", lambda np, x: np.maximum(np.log(x), -5.0), 0.0, 0),
    Hazard("Hessian of x[0]^1.5 left out of a sum, at [0, 4]", lambda np, x: np.sum((x**1.5)[1:]), [0.0, 4.0], [[0, 0], [0, 0.375]], 2),
    Hazard("fmax(x, nan) at 1", lambda np, x: np.fmax(x, NAN), 1.0, 1),
    # lost derivatives
    Hazard("float(x) * x", lambda np, x: float(x) * x, 3.0, 6, 1, "lost"),
    Hazard("math.sin(x)", lambda np, x: math.sin(x) + 0 * x, 3.0, math.cos(3), 1, "lost"),
    Hazard("x.item() * x", lambda np, x: x.item() * x, 3.0, 6, 1, "lost"),
    Hazard("np.asarray(x) * x", lambda _, x: np.asarray(x) * x, 3.0, 6, 1, "lost"),
    Hazard("y = np.zeros(3); y[0] = x", written, 3.0, 1, 1, "lost"),
    Hazard("np.asarray(x)", lambda _, x: np.sum(np.asarray(x)) + 0 * x[0], [1.0, 2.0], [1, 1], 1, "lost"),
    Hazard("np.array([x, 2 x])", lambda _, x: np.sum(np.array([x, 2 * x])) + 0 * x, 3.0, 3, 1, "lost"),
    Hazard("np.full_like(x, x[0])", lambda np, x: np.sum(np.full_like(x, x[0])), [1.0, 2.0, 3.0], [3, 0, 0], 1, "lost"),
    Hazard("np.concatenate([np.array([x[0], 1]), x])", lambda np, x: np.concatenate([np.array([x[0], 1.0]), x]), [3.0, 4.0],
           [[1, 0], [0, 0], [1, 0], [0, 1]]),
    Hazard("x used after its derivative was made", escaped, 3.0, 3, 0, "lost"),
    # NumPy's own semantics
    Hazard("x[10] of three", lambda np, x: x[10], [1.0, 2.0, 3.0], IndexError),
    Hazard("a function that ignores x", lambda np, x: 3.0 + 0 * np.sum(np.zeros(2)), 1.0, 0),
    Hazard("gradient of the sum of unique([3, 1, 5]) squared", lambda np, x: np.sum(np.unique(x) ** 2), [3.0, 1.0, 5.0], [6, 2, 10]),
    Hazard("gradient of sum(x, where=...)", lambda np, x: np.sum(x * x, where=ODD), [1.0, 2.0, 3.0], [2, 0, 6]),
    Hazard("norm(x, axis=1, keepdims=True)", lambda np, x: np.linalg.norm(x, axis=1, keepdims=True), [[3.0, 4.0], [4.0, 3.0]],
           [[[[0.6, 0.8], [0, 0]]], [[[0, 0], [0.8, 0.6]]]]),
    Hazard("add.at", added, [1.0, 2.0, 3.0], [3, 3, 3]),
    Hazard("add.reduceat", lambda xp, x: xp.prod(xp.add.reduceat(x, np.array([0, 2]))), [1.0, 2.0, 3.0], [3, 3, 3]),
    Hazard("maximum.accumulate", lambda np, x: np.sum(np.maximum.accumulate(x)), [2.0, 1.0, 3.0], [2, 0, 1]),
    Hazard("sum and prod of nothing", lambda np, x: np.sum(x[2:] ** 2) + np.prod(x[2:]) * x[0], [1.0, 2.0], [1, 0]),
    Hazard("x.astype(int) * x", lambda np, x: np.sum(x.astype(int) * x), [1.5, 2.5], [1, 2]),
    Hazard("x**3 at the integer 3", lambda np, x: x**3, 3, 27),
    Hazard("exp2 in single precision", lambda np, x: np.exp2(x), np.float32(1.0), 2 * math.log(2)),
    Hazard("real(sign(x + 2i)) at 1", lambda np, x: np.real(np.sign(x + 2j)), 1.0, 4 / 5**1.5),
    Hazard("angle(exp(i x)) at 2", lambda np, x: np.angle(np.exp(1j * x)), 2.0, 1),
    # writes, nesting
    Hazard("x times a buffer that is written again", reused, [1.0, 2.0], [3, 3]),
    Hazard("a view of what is written later", viewed, [1.0, 2.0, 3.0], [0, 6, 0]),
    Hazard("a diagonal of what is written later", diagonal, [[1.0, 2.0], [3.0, 4.0]], [[0, 5], [0, 1]]),
    Hazard("y.real[0] = 0", real_part, [1.0, 2.0], [0, 1]),
    Hazard("D(x D(x + y))", lambda np, D, x: D(lambda z: z * D(lambda y: z + y)(x))(x), 3.0, 1, 0),
    Hazard("D(x + D(x^2 by another variable))", lambda np, D, x: D(lambda z: z + D(lambda y: z * z)(x))(x), 3.0, 1, 0),
]

"""Inputs on which tools that differentiate go wrong, with the truth from the mathematics: one line each.

``f(np, x)`` is written for a tool's own NumPy, ``of`` is the order of the derivative (of Jacobians one inside the other), `true`
the answer. Kinds: "smooth", whose truth is one number; "kink", where each of several slopes is a one-sided one or between them, so
that the truth is what forward and reverse may agree on; "lost", where a conversion may raise but not drop the derivative.
"""

import math
from dataclasses import dataclass

import numpy as np

INF, NAN, ROOT = math.inf, math.nan, math.sqrt(0.5)


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


CASES = [
    Hazard("x as max(x, 0) - max(-x, 0), at 0", lambda np, x: np.maximum(x, 0.0) - np.maximum(-x, 0.0), 0.0, 1),
    Hazard("x as max(x, 0) + min(x, 0), at 0", lambda np, x: np.maximum(x, 0.0) + np.minimum(x, 0.0), 0.0, 1),
    Hazard("x as clip(x, -1, 0) + clip(x, 0, 1), at 0", lambda np, x: np.clip(x, -1.0, 0.0) + np.clip(x, 0.0, 1.0), 0.0, 1),
    Hazard("maximum(x, x)", lambda np, x: np.maximum(x, x), 0.5, 1),
    Hazard("x as the median of x, 2x, x, at 0", lambda np, x: np.median(stacked(np, x, 2 * x, x)), 0.0, 1),
    Hazard("second derivative of max(x, -x)^2 at 0", lambda np, x: np.maximum(x, -x) ** 2, 0.0, 2, 2),
    Hazard("second derivative of abs(x)^2 at 0", lambda np, x: np.abs(x) ** 2, 0.0, 2, 2),
    Hazard("second derivative of abs(x) max(x, -x) at 0", lambda np, x: np.abs(x) * np.maximum(x, -x), 0.0, 2, 2),
    Hazard("sqrt(x)^2 at 0", lambda np, x: np.sqrt(x) ** 2, 0.0, 1),
    Hazard("cbrt(x)^3 at 0", lambda np, x: np.cbrt(x) ** 3, 0.0, 1),
    Hazard("exp(log(x)) at 0", lambda np, x: np.exp(np.log(x)), 0.0, 1),
    Hazard("Hessian of norm(x)^2 at 0", lambda np, x: np.linalg.norm(x) ** 2, [0.0, 0.0], [[2, 0], [0, 2]], 2),
    Hazard("second derivative of sinc at 0", lambda np, x: np.sinc(x), 0.0, -math.pi**2 / 3, 2),
    Hazard("gradient of prod([0, 2, 3])", lambda np, x: np.prod(x), [0.0, 2.0, 3.0], [6, 0, 0]),
    Hazard("gradient of prod([0, 0, 3])", lambda np, x: np.prod(x), [0.0, 0.0, 3.0], [0, 0, 0]),
    Hazard("Hessian of prod([0, 2, 3])", lambda np, x: np.prod(x), [0.0, 2.0, 3.0], [[0, 3, 2], [3, 0, 0], [2, 0, 0]], 2),
    Hazard("Hessian of cumprod([0, 2, 3])[2]", lambda np, x: np.cumprod(x, 0)[2], [0.0, 2.0, 3.0], [[0, 3, 2], [3, 0, 0], [2, 0, 0]], 2),
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
    Hazard("gradient of norm([3, -4, 1], inf)", lambda np, x: np.linalg.norm(x, INF), [3.0, -4.0, 1.0], [0, -1, 0]),
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
    Hazard("where(x > 0, log(x), 0) at 0", lambda np, x: np.where(x > 0, np.log(x), 0.0), 0.0, 0),
    Hazard("where(x > 0, sqrt(x), 3x) at 0", lambda np, x: np.where(x > 0, np.sqrt(x), 3 * x), 0.0, 3),
    Hazard("stack([log(x), 2x])[1] at 0", lambda np, x: stacked(np, np.log(x), 2 * x)[1], 0.0, 2),
    Hazard("gradient of max([1, nan, 2])", lambda np, x: np.max(x), [1.0, NAN, 2.0], [0, 1, 0]),
    Hazard("gradient of max([2, 2, 1])", lambda np, x: np.max(x), [2.0, 2.0, 1.0], None, 1, "kink"),
    Hazard("gradient of min([1, 2, 1])", lambda np, x: np.min(x), [1.0, 2.0, 1.0], None, 1, "kink"),
    Hazard("gradient of median([2, 2, 1])", lambda np, x: np.median(x), [2.0, 2.0, 1.0], None, 1, "kink"),
    Hazard("abs at 0", lambda np, x: np.abs(x), 0.0, None, 1, "kink"),
    Hazard("float(x) * x", lambda np, x: float(x) * x, 3.0, 6, 1, "lost"),
    Hazard("math.sin(x)", lambda np, x: math.sin(x) + 0 * x, 3.0, math.cos(3), 1, "lost"),
    Hazard("x.item() * x", lambda np, x: x.item() * x, 3.0, 6, 1, "lost"),
    Hazard("np.asarray(x) * x", lambda _, x: np.asarray(x) * x, 3.0, 6, 1, "lost"),
    Hazard("y = np.zeros(3); y[0] = x", written, 3.0, 1, 1, "lost"),
    Hazard("np.asarray(x)", lambda _, x: np.sum(np.asarray(x)) + 0 * x[0], [1.0, 2.0], [1, 1], 1, "lost"),
    Hazard("np.array([x, 2 x])", lambda _, x: np.sum(np.array([x, 2 * x])) + 0 * x, 3.0, 3, 1, "lost"),
    Hazard("x[10] of three", lambda np, x: x[10], [1.0, 2.0, 3.0], IndexError),
    Hazard("a function that ignores x", lambda np, x: 3.0 + 0 * np.sum(np.zeros(2)), 1.0, 0),
    Hazard("gradient of the sum of unique([3, 1, 3]) squared", lambda np, x: np.sum(np.unique(x) ** 2), [3.0, 1.0, 5.0], [6, 2, 10]),
]

"""Rows of ``scipy.integrate``: integrals of samples, and of a function by an adaptive rule that watches derivatives too."""

import heapq
import warnings

import numpy as np
import scipy.integrate

from dualnet.table.doubled import gauss_legendre
from dualnet.table.ordering import parts
from dualnet.table.registered import array, floating, refuse, registered
from dualnet.table.row import ndim_of, primal, shape_of
from dualnet.table.shaping import normal


@registered("scipy.integrate.trapezoid")
def trapezoid(y, x=None, dx=1.0, axis=-1):
    """The trapezoidal rule, by the row of ``np.trapezoid``."""
    return np.trapezoid(array(y), None if x is None else array(x), dx, axis)


def _steps(y, x, dx, axis):
    """(y with the axis last, steps along it)."""
    y = floating(y)
    axis = normal(axis, ndim_of(y))
    y = np.moveaxis(y, axis, -1)
    if x is None:
        dx = np.asarray(dx, primal(y).real.dtype) if type(dx) in (int, float) else array(dx)  # Python's numbers widen nothing
        return y, np.broadcast_to(dx, (shape_of(y)[-1] - 1,)), axis
    x = floating(x)
    x = np.moveaxis(x, axis, -1) if ndim_of(x) > 1 else x
    if shape_of(x)[-1] != shape_of(y)[-1]:
        raise ValueError(f"If given, length of x along axis must be the same as y: {shape_of(x)[-1]} and {shape_of(y)[-1]}")
    return y, np.diff(x, axis=-1), axis


@registered("scipy.integrate.cumulative_trapezoid")
def cumulative_trapezoid(y, x=None, dx=1.0, axis=-1, initial=None):
    """The trapezoidal rule up to each sample."""
    y, h, axis = _steps(y, x, dx, axis)
    if initial not in (None, 0):
        raise ValueError("`initial` must be `None` or `0`.")
    out = np.cumsum(h * (y[..., 1:] + y[..., :-1]) / 2, axis=-1)
    if initial is not None:
        out = np.concatenate([np.zeros(shape_of(out)[:-1] + (1,), out.dtype), out], -1)
    return np.moveaxis(out, -1, axis)


def _over(p, q):
    """p / q, and 0 where q is 0."""
    none = primal(q) == 0
    return np.where(none, 0.0, p / np.where(none, 1.0, q)) if np.any(none) else p / q


@registered("scipy.integrate.simpson")
def simpson(y, x=None, *, dx=1.0, axis=-1):
    """Simpson's rule; of an even number of samples the last interval by the parabola through the last three (Cartwright 2017)."""
    y, h, _ = _steps(y, x, dx, axis)
    n = shape_of(y)[-1]
    if n < 3:
        return np.sum(h * (y[..., 1:] + y[..., :-1]) / 2, axis=-1)
    last = n - 1 - (n - 1) % 2
    p, q = h[..., 0:last:2], h[..., 1:last:2]
    first, middle, end = (y[..., k:last + k - 1:2] for k in range(3))
    both = p + q
    out = np.sum(both / 6 * (first * (2 - _over(q, p)) + middle * _over(both * both, p * q) + end * (2 - _over(p, q))), axis=-1)
    if last == n - 1:
        return out
    p, q = h[..., -2], h[..., -1]
    a = _over(2 * q * q + 3 * p * q, 6 * (p + q))
    b = _over(q * q + 3 * p * q, 6 * p)
    c = _over(q * q * q, 6 * p * (p + q))
    return out + a * y[..., -1] + b * y[..., -2] - c * y[..., -3]


# --- integrals of functions -------------------------------------------------------------------------------------
def _rule(n=10):
    """Nodes in (0, 1), weights of Gauss's rule with 2n points, and those of the rule that the error is judged by (n points)."""
    x, w = gauss_legendre(2 * n)
    y, v = gauss_legendre(n)
    return (x + 1) / 2, w / 2, (y + 1) / 2, v / 2


NODES, WEIGHTS, FEWER, THEIRS = _rule()


def _piece(f, low, high):
    """(error, integral) over an interval; the error is the largest of the value and all that it carries."""
    fine = sum(w * f(low + (high - low) * u) for u, w in zip(NODES, WEIGHTS))
    rough = sum(w * f(low + (high - low) * u) for u, w in zip(FEWER, THEIRS))
    return (high - low) * fine, [abs(high - low) * np.max(np.abs(p), initial=0.0) for p in parts(fine - rough)]


def _adaptive(f, epsabs, epsrel, limit, breaks):
    """The integral of f from 0 to 1 by halving the interval with the largest error, until value and derivatives are settled."""
    heap, total, errors = [], 0.0, []
    count = 0

    def add(low, high):
        nonlocal total, count
        value, error = _piece(f, low, high)
        count += 1
        heapq.heappush(heap, (-max(error), count, low, high, value, error))

    for low, high in zip(breaks, breaks[1:]):
        add(low, high)
    while True:
        total = sum(item[4] for item in heap)
        sizes = [np.max(np.abs(p), initial=0.0) for p in parts(total)]
        depth = max(len(item[5]) for item in heap)
        errors = [sum(item[5][k] if k < len(item[5]) else 0.0 for item in heap) for k in range(depth)]
        goals = [max(epsabs, epsrel * (sizes[k] if k < len(sizes) else 0.0)) for k in range(depth)]
        if all(e <= goal for e, goal in zip(errors, goals)) or len(heap) >= limit:
            break
        _, _, low, high, _, _ = heapq.heappop(heap)
        add(low, 0.5 * (low + high)), add(0.5 * (low + high), high)
    if not all(e <= goal for e, goal in zip(errors, goals)):
        warnings.warn(f"The maximum number of subdivisions ({limit}) has been achieved; the integral and its derivative may be wrong",
                      scipy.integrate.IntegrationWarning, stacklevel=4)
    return total, errors[0]


def _onto_unit(f, a, b):
    """The integrand over (0, 1) that has the integral of f from a to b; infinite ends by x = a + t / (1 - t)."""
    if np.isinf(primal(a)) and np.isinf(primal(b)):
        sign = 1.0 if primal(a) < primal(b) else -1.0
        return lambda t: sign * (f(t / (1 - t)) + f(-t / (1 - t))) / ((1 - t) * (1 - t)) if primal(a) != primal(b) else 0.0
    if np.isinf(primal(b)):
        sign = float(np.sign(primal(b)))
        return lambda t: sign * f(a + sign * t / (1 - t)) / ((1 - t) * (1 - t))
    if np.isinf(primal(a)):
        sign = float(np.sign(primal(a)))
        return lambda t: -sign * f(b + sign * t / (1 - t)) / ((1 - t) * (1 - t))
    return lambda t: (b - a) * f(a + (b - a) * t)


def quad(func, a, b, args=(), full_output=0, epsabs=1.49e-8, epsrel=1.49e-8, limit=50, points=None, weight=None, complex_func=False,
         **options):
    """(integral, error), adaptive in the value and in everything it carries; limits, arguments and closures may be traced."""
    for name, value in (("full_output", full_output), ("weight", weight), ("complex_func", complex_func), *options.items()):
        if value:
            refuse("scipy.integrate.quad", name, value)
    args = args if isinstance(args, tuple) else (args,)
    a, b = array(a), array(b)
    if points is not None and (np.isinf(primal(a)) or np.isinf(primal(b))):
        raise ValueError("Infinity inputs cannot be used with break points.")
    span = primal(b) - primal(a)
    breaks = [0.0, 1.0] if points is None else sorted({0.0, 1.0, *((np.asarray(points) - primal(a)) / span)})
    f = _onto_unit(lambda x: func(x, *args), a, b)
    return _adaptive(f, epsabs, epsrel, limit, [u for u in breaks if 0 <= u <= 1])


registered("scipy.integrate.quad", calls=True)(quad)

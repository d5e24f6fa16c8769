"""Rows of ``scipy.optimize``: what a solver finds, differentiated by the implicit function theorem.

The solver runs on plain numbers. At the point x that it finds, F(x) = 0 holds for a function F that carries the
derivatives of the arguments (or of what the user's function has in its closure). A Newton step on F from x, in
that arithmetic, has the derivative -F_x^-1 F_theta; k steps are right to the order 2^k - 1. The value stays the
solver's, so a derivative is as exact as its tolerance makes x. Initial guesses and brackets have derivative zero.
"""

import functools
import inspect

import numpy as np
import scipy.optimize

from dualnet.errors import NotDifferentiableError
from dualnet.jacobians import jacobian
from dualnet.operators import grad
from dualnet.table.registered import array, order_of, refuse, registered
from dualnet.table.row import Traced, ndim_of, primal, shape_of


def implicit(f, x):
    """The root of `f` at which the plain array x is, with the derivative of all that `f` carries.

    Parameters
    ----------
    f : callable
        ``f(x) -> array`` of the size of x, zero at x to rounding.
    x : array_like
        Plain numbers.

    Returns
    -------
    array
        x, with a derivative if f(x) has one.

    Raises
    ------
    NotDifferentiableError
        A Newton step from x is not short, so that x is no root, or the Jacobian of `f` is singular.

    Examples
    --------
    >>> import dualnet as dn
    >>> float(dn.derivative(lambda a: implicit(lambda x: x * x - a, 3.0))(9.0))
    0.1666
    """
    start = np.asarray(x, float)[()]

    def rest(x):
        out = array(f(x))
        return np.reshape(out, shape_of(x)) if shape_of(out) != shape_of(x) and np.size(out) == np.size(x) else out

    x = start
    for k in range(order_of(rest(start)).bit_length()):
        r, slope = rest(x), jacobian(rest)(x)
        if k == 0 and not _is_root(start, primal(slope), primal(r)):
            raise NotDifferentiableError(
                f"the solver has stopped at {start!r:.60}, where the equation gives {primal(r)!r:.60}, not 0, or has no regular "
                "derivative; so there is no implicit function through it. Ask the solver for more steps or a smaller tolerance")
        x = x - _step(slope, r - primal(r))
    return x


def _is_root(x, slope, r, far=1e-3):
    """True where a Newton step from x is short beside 1 + |x|."""
    try:
        return bool(np.all(np.abs(_step(slope, r)) <= far * (1 + np.max(np.abs(x), initial=0))))
    except np.linalg.LinAlgError:
        return False


def _step(slope, r):
    """slope^-1 r, as Newton's method asks for it."""
    if not ndim_of(r):
        return r / slope
    return np.reshape(np.linalg.solve(np.reshape(slope, (np.size(r),) * 2), np.reshape(r, -1)), shape_of(r))


def _bare(x):
    """`x` as the solver sees it: numbers without derivatives, functions whose results are."""
    if isinstance(x, (tuple, list)):
        return type(x)(map(_bare, x))
    if isinstance(x, (np.ndarray, Traced)):
        return primal(array(x))
    if not callable(x) or isinstance(x, type):
        return x

    @functools.wraps(x, updated=())  # curve_fit counts its arguments
    def bare(*args, **kwargs):
        return _bare(x(*args, **kwargs))

    return bare


def _given(name, solver, f, more, kwargs, unbounded=()):
    """(all arguments by name, what the solver finds on plain numbers); the options `unbounded` must be at their defaults."""
    signature = inspect.signature(solver)
    bound = signature.bind(f, *more, **kwargs)
    for option in unbounded:
        if option in bound.arguments and not _same(bound.arguments[option], signature.parameters[option].default):
            refuse(f"scipy.optimize.{name}", option, bound.arguments[option])
    bound.apply_defaults()
    found = solver(_bare(f), *map(_bare, more), **{key: _bare(v) for key, v in kwargs.items()})
    args = bound.arguments.get("args", ())
    return bound.arguments, found, args if isinstance(args, tuple) else (args,)


def _same(value, default):
    if value is None or isinstance(value, (str, bool)) or callable(value):
        return value is default or value == default or value is None
    return np.array_equal(np.asarray(value, object), np.asarray(default, object))


def _with(found, exact):
    """What a solver returns, with its numbers x replaced by ``exact(x)``."""
    if isinstance(found, dict):  # an OptimizeResult, or RootResults
        key = "x" if "x" in found else "root"
        found[key] = exact(found[key])
        return found
    return (exact(found[0]), *found[1:]) if isinstance(found, tuple) else exact(found)


def _root_of(name, equation=lambda f, x: f(x)):
    solver = getattr(scipy.optimize, name)

    def rule(f, *more, **kwargs):
        given, found, args = _given(name, solver, f, more, kwargs)
        slopes = [given.get(option) for option in ("jac", "fprime", "fprime2")]
        both = any(v and not callable(v) for v in slopes)  # the function returns them too
        left = lambda x: array(f(x, *args)[0] if both else f(x, *args))
        return _with(found, functools.partial(implicit, lambda x: equation(left, x)))

    rule.__name__, rule.__doc__ = name, f"``scipy.optimize.{name}``: the root by the implicit function theorem."
    registered(f"scipy.optimize.{name}", calls=True)(rule)


for _name in ("brentq", "brenth", "bisect", "ridder", "toms748", "newton", "root_scalar", "fsolve", "root"):
    _root_of(_name)
_root_of("fixed_point", lambda f, x: f(x) - x)


def _number(y):
    """A number, also where an array of one element holds it."""
    return np.reshape(array(y), ())


def _ends(bounds, size):
    """Lower and upper bounds of each variable as they were given, None where there is none."""
    if isinstance(bounds, scipy.optimize.Bounds):
        return (list(np.broadcast_to(v, size)) for v in (bounds.lb, bounds.ub))
    return [pair[0] for pair in bounds], [pair[1] for pair in bounds]


def bounded(slope, x, bounds):
    """The minimum at which the plain array x is, between bounds: those on which it lies hold it fixed, the others are not there.

    The gradient `slope` of what is minimised is zero by the free variables, and at the others points outwards; where it is zero
    there as well, the minimum moves off its bound on one side only, and has no derivative.
    """
    held, values = np.zeros(np.size(x), bool), []
    outwards = np.reshape(primal(slope(x)), -1)
    for k, (v, *ends) in enumerate(zip(np.reshape(x, -1), *_ends(bounds, np.size(x)))):
        for sign, end in zip((1, -1), ends):
            if end is not None and np.isfinite(primal(end)) and abs(v - primal(end)) <= 1e-12 * (1 + abs(v)) and not held[k]:
                if not sign * outwards[k] > 1e-6 * (1 + np.max(np.abs(outwards))):
                    raise NotDifferentiableError(
                        f"the minimum at {x!r:.60} lies on the bound {primal(end):g} of variable {k} without being held there (the "
                        f"gradient is {outwards[k]:.1e}), so it has no derivative; move the bound, or leave it out")
                held[k] = True
                values.append(array(end))
    if not np.any(held):
        return implicit(slope, x)
    order = np.argsort(np.concatenate([np.flatnonzero(~held), np.flatnonzero(held)]))
    whole = lambda z: np.reshape(np.concatenate([z, np.stack(values)])[order], shape_of(x))
    free = np.reshape(x, -1)[~held]
    return whole(implicit(lambda z: np.reshape(slope(whole(z)), -1)[~held], free) if np.any(~held) else free)


def _minimum_of(name, unbounded):
    solver = getattr(scipy.optimize, name)

    def rule(fun, *more, **kwargs):
        given, found, args = _given(name, solver, fun, more, kwargs, unbounded)
        both = given.get("jac") is True  # the function returns its gradient too
        f = lambda x: _number(fun(x, *args)[0] if both else fun(x, *args))
        limits = given.get("bounds")
        found = _with(found, lambda x: bounded(grad(f), x, limits) if limits is not None else implicit(grad(f), x))
        found["fun"] = f(found["x"])
        return found

    rule.__name__, rule.__doc__ = name, f"``scipy.optimize.{name}``: a minimum, where the gradient is zero by all that no bound holds."
    registered(f"scipy.optimize.{name}", calls=True)(rule)


_minimum_of("minimize", ("constraints",))
_minimum_of("minimize_scalar", ("bounds",))


@registered("scipy.optimize.least_squares", calls=True)
def least_squares(fun, x0, *more, **kwargs):
    """A least sum of squares inside, where its gradient is zero; `cost` and `fun` carry derivatives too."""
    _, found, args = _given("least_squares", scipy.optimize.least_squares, fun, (x0, *more), kwargs, ("bounds", "loss", "kwargs"))
    half = lambda x: 0.5 * np.sum(np.square(array(fun(x, *args))))
    found = _with(found, functools.partial(implicit, grad(half)))
    found["fun"], found["cost"] = array(fun(found["x"], *args)), half(found["x"])
    return found


@registered("scipy.optimize.curve_fit", calls=True)
def curve_fit(f, xdata, ydata, *more, **kwargs):
    """(parameters, covariance) of a fit, in the data and in all that the model carries; sigma is one number for each point."""
    given, found, _ = _given("curve_fit", scipy.optimize.curve_fit, f, (xdata, ydata, *more), kwargs, ("bounds", "full_output"))
    weight = 1.0 if given["sigma"] is None else 1 / array(given["sigma"])
    if ndim_of(weight) > 1:
        refuse("scipy.optimize.curve_fit", "sigma", "a matrix")
    xdata, ydata = (array(v) if isinstance(v, list) else v for v in (xdata, ydata))
    rest = lambda p: np.reshape(weight * (f(xdata, *p) - ydata), -1)
    best = implicit(grad(lambda p: 0.5 * np.sum(np.square(rest(p)))), found[0])
    slope, r = jacobian(rest)(best), rest(best)
    scale = 1.0 if given["absolute_sigma"] else np.sum(r * r) / (np.size(r) - np.size(best))
    return best, np.linalg.inv(slope.T @ slope) * scale

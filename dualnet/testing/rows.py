"""The assertion on one pointwise row: SymPy at 50 digits, every order and every nesting of the modes."""

import itertools

import numpy as np

from dualnet.errors import ArgumentError, DerivativeMismatch
from dualnet.operators import derivative, grad
from dualnet.testing import oracle
from dualnet.testing.differences import along
from dualnet.testing.strategies import interval, row_of

MODES = ("forward", "reverse")


def elementwise(f, argnum, mode):
    """The partial of an elementwise `f` of same-shaped arguments, by a forward sweep or by a reverse one."""
    if mode == "forward":
        return derivative(f, argnum)
    return grad(lambda *args: np.sum(f(*args)), argnum, mode="reverse")


def nested(f, argnums, modes):
    """The derivative by `argnums` one after the other, each in its mode; the last one is outermost."""
    for k, mode in zip(argnums, modes):
        f = elementwise(f, k, mode)
    return f


def inside(row, count=4, seed=0):
    """Deterministic points in a row's domain: a tuple with an array for each argument."""
    generator = np.random.default_rng(seed)
    out = []
    for domain in row.domains:
        low, high = interval(domain)
        drawn = generator.uniform(low, high, 50 * count)
        out.append(np.array([v for v in drawn if domain.distance(v) > 0.02][:count]))
    return tuple(out)


def assert_row(row, *points, order=3, rtol=1e-12, truth=None, argnums=None):
    """A pointwise row against its SymPy formula at 50 digits, in value, and each partial of each order.

    Each mixed partial up to `order` is taken by every nesting of forward and reverse mode. An error is
    measured against what a relative change of the inputs by `rtol` does, so that zeros of a derivative need
    no exception: ``|got - true| <= rtol (|true| + sum_i |x_i d true/dx_i| + sum_k |less_k/x_k|/100)``, where less_k is the partial
    that has been taken once less by the argument x_k, and an x_k of 0 counts for nothing. A row without a formula and without a
    `truth` is compared with extrapolated differences of its values instead, up to second order, with a tolerance of 1e-7.

    Parameters
    ----------
    row : Row or str
        A pointwise row, such as one made by ``dn.basic_function``, or the name of one in ``dn.table``.
    *points : ndarray
        One for each argument, of one shape; by default four points inside the domain.
    order : {1, 2, 3}
    rtol : float or callable
        A callable gives the bound for a partial from how often it is taken by each argument.
    truth : callable, optional
        The same function of mpmath numbers, where SymPy has no formula for it or none that it can differentiate.
    argnums : tuple of int, optional
        The arguments of one partial in the order in which they are taken, in place of `order`: it and all that lead to it.

    Raises
    ------
    DerivativeMismatch
        Naming the row, the partial, the nesting, the point and the two values.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> @dn.basic_function(symbol="1/(1+exp(-x))")
    ... def logistic(x):
    ...     return 1 / (1 + np.exp(-x))
    >>> @logistic.derivative
    ... def logistic_dx(x, y):
    ...     return y * (1 + y)
    >>> assert_row(logistic)
    Traceback (most recent call last):
    dualnet.errors.DerivativeMismatch: logistic: d/dx by forward at x=1.09...: 1.31... against 0.187...
    """
    row = row_of(row)
    if not hasattr(row, "partials"):
        raise ArgumentError(f"{row!r} has no partials; assert_row takes a pointwise row, assert_gradient any function")
    places = places_of(row)
    points = tuple(np.atleast_1d(np.asarray(p, float if k in places else None)) for k, p in enumerate(points)) or inside(row)
    if len(points) != len(row.domains):
        raise ArgumentError(f"{row.name} takes {len(row.domains)} arguments, {len(points)} arrays of points were given")
    points = tuple(np.array(p) for p in np.broadcast_arrays(*points))
    if row.symbol is None and truth is None:
        _against_differences(row, points, min(order, 2))
        return
    taken = [t for n in range(order + 1) for t in itertools.product(places, repeat=n)] if argnums is None else \
        [tuple(argnums[:n]) for n in range(len(argnums) + 1)]
    with np.errstate(all="ignore"):
        for by in taken:
            orders = tuple(by.count(k) for k in range(len(points)))
            expected = oracle.partial(row, orders, points, truth)
            for modes in itertools.product(MODES, repeat=len(by)):
                _check(row, by, modes, expected, points, rtol if not callable(rtol) else rtol(orders), truth)


def places_of(row):
    """The arguments by which a row has a partial."""
    return [k for k in range(len(row.domains)) if k >= len(row.partials) or row.partials[k] is not None]


def _taken(row, argnums, modes, points):
    """The partial by `argnums`, each in its mode; of a complex result, that of its two parts."""
    if not argnums or not np.iscomplexobj(row(*points)):
        return np.asarray(nested(row, argnums, modes)(*points))
    real, imaginary = (nested(lambda *p, part=part: part(row(*p)), argnums, modes)(*points) for part in (np.real, np.imag))
    return real + 1j * imaginary


def _scale(row, argnums, orders, expected, points, truth):
    """What changes of the inputs make of the true value: |true| + sum of |x_i d true / dx_i|.

    And a hundredth of what each derivative of one order less is to the argument that it lacks, where terms of its size cancel to zero.
    """
    total = np.abs(expected)
    for k in sorted(set(argnums)):
        if np.all(points[k]):  # an argument of 0 has no size, and would let any error pass
            less = tuple(n - (i == k) for i, n in enumerate(orders))
            total = total + 1e-2 * np.abs(oracle.partial(row, less, points, truth) / points[k])
    for k in places_of(row):
        more = tuple(n + (i == k) for i, n in enumerate(orders))
        total = total + np.abs(points[k] * oracle.partial(row, more, points, truth))
    return total


def _check(row, argnums, modes, expected, points, rtol, truth):
    got = _taken(row, argnums, modes, points)
    error = np.abs(got - expected)
    wrong = ~(error <= rtol * np.abs(expected)) & ~((got == expected) | (np.isnan(got) & np.isnan(expected)))
    if np.any(wrong):
        orders = tuple(argnums.count(k) for k in range(len(points)))
        wrong &= ~(error <= rtol * _scale(row, argnums, orders, expected, points, truth))
    if np.any(wrong):
        place = tuple(np.argwhere(wrong)[0])
        raise _mismatch(row, argnums, modes, [p[place] for p in points], got[place], expected[place])


def _mismatch(row, argnums, modes, at, got, expected):
    names = oracle.names_of(row)
    power = str(len(argnums)) if len(argnums) > 1 else ""
    taken = f"d{power}/" + " ".join("d" + names[k] for k in argnums) if argnums else "value"
    where = ", ".join(f"{n}={float(v)!r}" for n, v in zip(names, at))
    by = f" by {' within '.join(reversed(modes))}" if modes else ""
    return DerivativeMismatch(f"{row.name}: {taken}{by} at {where}: {got.item()!r} against {expected.item()!r}")


def _against_differences(row, points, order):
    for k, partial in enumerate(row.partials):
        if partial is None:
            continue
        for n in range(1, order + 1):
            moved = [(lambda t, k=k: row(*(p + t * (i == k) for i, p in enumerate(points))))][0]
            expected, _ = along(moved, n, step=1 / 256)
            for modes in itertools.product(MODES, repeat=n):
                got = nested(row, (k,) * n, modes)(*points)
                wrong = ~(np.abs(got - expected) <= 1e-7 * (1 + np.abs(expected)))
                if np.any(wrong):
                    place = tuple(np.argwhere(wrong)[0])
                    raise _mismatch(row, (k,) * n, modes, [p[place] for p in points], got[place], expected[place])

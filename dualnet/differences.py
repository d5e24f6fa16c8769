"""Derivatives from values alone: complex steps and extrapolated central differences with an error estimate.

They share no code with the table, and stand in for the closed form where SymPy has no name.
"""

import numpy as np

EPS = float(np.finfo(float).eps)
LEVELS = 12


def extrapolated(estimate, steps, noise):
    """The limit of ``estimate(h)`` as h goes to 0, for an error that is a series in h^2, and its error.

    Each step is half of the one before; of all entries of Richardson's table the one with the least estimated
    error is taken, element by element (Ridders 1982). ``noise(h)`` is the rounding error of ``estimate(h)``.
    """
    best, error, before = np.nan, np.inf, []
    for h in steps:
        row = [estimate(h)]
        for j, old in enumerate(before):
            row.append(row[-1] + (row[-1] - old) / (4.0 ** (j + 1) - 1))
            found = np.maximum(np.abs(row[-1] - row[-2]), np.abs(row[-1] - old)) + noise(h)
            better = found < error
            best, error = np.where(better, row[-1], best), np.where(better, found, error)
        before = row
    return best, np.where(np.isfinite(error), error, np.nan)


def steps(x):
    """Steps for an argument at `x`: halved from a tenth of it, and from a tenth of 1 where it is smaller."""
    sizes = {0.1 * abs(x) if x else 0.1, 0.1}
    return [[s * 0.5**k for k in range(LEVELS)] for s in sorted(sizes)]


def best_of(pairs):
    """Of several (value, error), element by element the one with the least error."""
    (best, error), *rest = pairs
    for value, other in rest:
        better = (other < error) | np.isnan(error)
        best, error = np.where(better, value, best), np.where(better, other, error)
    return best, error


@np.errstate(all="ignore")
def noise_of(g, x):
    """The rounding error of each element of ``g(x)``: second differences at points so close that nothing else is left.

    After Moré and Wild (2011), who take differences of higher order too.
    """
    v = np.random.default_rng(1).uniform(0.5, 1.0, x.shape) * np.maximum(np.abs(x), 1e-3) * 1e-10
    near = [g(x + k * v) for k in range(-3, 4)]
    bends = [np.abs(a - 2 * b + c) for a, b, c in zip(near, near[1:], near[2:])]
    level = np.max(bends, axis=0)
    return np.fmax(EPS * np.abs(near[3]), np.where(np.isfinite(level), level, 0.0))


@np.errstate(all="ignore")
def first(g, x, along=None):
    """Derivatives of a vector function by each element of the vector `x` (or along given directions).

    Returns
    -------
    J, error : ndarray, shape (m, n)

    Examples
    --------
    >>> J, error = first(lambda x: np.sin(x), np.array([1.0]))
    >>> bool(abs(J[0, 0] - np.cos(1.0)) <= error[0, 0] < 1e-10)
    True
    """
    directions = np.eye(x.size) if along is None else along
    noise = noise_of(g, x)
    columns = []
    for v in directions:
        at = float(x @ v) if along is None else float(np.max(np.abs(x), initial=0.0))
        columns.append(best_of([extrapolated(lambda h, v=v: (g(x + h * v) - g(x - h * v)) / (2 * h), hs, lambda h: 4 * noise / h)
                                for hs in steps(at)]))
    return tuple(np.stack(parts, -1) if columns else np.zeros((noise.size, 0)) for parts in (zip(*columns) if columns else ((), ())))


@np.errstate(all="ignore")
def second(g, x):
    """Second derivatives of a vector function by pairs of elements of `x`: values and errors of shape (m, n, n)."""
    here, noise = g(x), noise_of(g, x)
    n = x.size
    value, error = np.zeros((here.size, n, n)), np.zeros((here.size, n, n))
    for i in range(n):
        for j in range(i + 1):
            scales = [(h, k) for (h, *_), (k, *_) in zip(steps(x[i]), steps(x[j]))]
            found = [_second(g, x, here, noise, h * np.eye(n)[i], k * np.eye(n)[j], h * k) for h, k in scales]
            value[:, i, j], error[:, i, j] = best_of(found)
            value[:, j, i], error[:, j, i] = value[:, i, j], error[:, i, j]
    return value, error


def _second(g, x, here, noise, a, b, area):
    """The second derivative along two steps, halved together; `area` is the product of their lengths."""
    def estimate(s):
        p, q = s * a, s * b
        if np.array_equal(a, b):
            return (g(x + p) - 2 * here + g(x - p)) / (s * s * area)
        return (g(x + p + q) - g(x + p - q) - g(x - p + q) + g(x - p - q)) / (4 * s * s * area)

    return extrapolated(estimate, [0.5**k for k in range(LEVELS)], lambda s: 16 * noise / (s * s * area))


def complex_step(g, x):
    """Derivatives by each element of `x` of a real function that is analytic, right to the last digits.

    ``Im g(x + i h) / h`` with a tiny h has no cancellation (Squire and Trapp 1998). None where `g` does not
    take complex numbers or is not analytic, which differences along two directions show.

    Examples
    --------
    >>> float(complex_step(np.exp, np.array([0.0]))[0, 0])
    1.0
    >>> complex_step(np.abs, np.array([-1.0])) is None
    True
    """
    h = 1e-40
    try:
        columns = [g(x + 1j * h * e) for e in np.eye(x.size)]
    except (TypeError, ValueError, ArithmeticError):
        return None
    here = g(x)
    if not all(np.iscomplexobj(c) for c in columns):
        return None
    J = np.stack([c.imag / h for c in columns], -1) if columns else np.zeros((here.size, 0))
    vs = np.random.default_rng(0).uniform(0.5, 1.0, (2, x.size)) * np.where(np.arange(x.size) % 2, -1.0, 1.0)
    expected, error = first(g, x, vs)
    with np.errstate(all="ignore"):
        analytic = np.abs(J @ vs.T - expected) <= 10 * error + 1e-7 * np.abs(expected)
        same = all(np.allclose(c.real, here, rtol=1e-10, atol=0, equal_nan=True) for c in columns)
    return J if same and np.all(analytic) else None


def derivatives(g, x, order):
    """Derivatives of order 1 or 2 from values alone: value, error, and how they were found."""
    with np.errstate(all="ignore"):
        J = complex_step(g, x)
        if order == 1 and J is not None:
            return J, np.zeros(J.shape), "complex step"
        if order == 1:
            return *first(g, x), "extrapolated differences"
        if J is None:
            return *second(g, x), "extrapolated differences"
        value, error = first(lambda z: _stepped(g, z).reshape(-1), x)
    shape = J.shape + (x.size,)
    return value.reshape(shape), error.reshape(shape), "differences of complex steps"


def _stepped(g, x, h=1e-40):
    return np.stack([g(x + 1j * h * e).imag / h for e in np.eye(x.size)], -1)

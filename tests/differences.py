"""Truth that does not come from the table: Richardson differences, and the checks of a function against them."""

import numpy as np
from scipy.special import _ufuncs

import dualnet as dn


def along(f, x, v, h=0.05, steps=7):
    """The derivative of ``f(x + t v)`` at t = 0 by central differences, extrapolated (Ridders 1982)."""
    size = max(1.0, float(np.max(np.abs(v), initial=0)))
    rows, best, error = [], None, np.inf
    for k in range(steps):
        step = h / size / 2**k
        row = [(np.asarray(f(x + step * v)) - np.asarray(f(x - step * v))) / (2 * step)]
        for j in range(k):
            row.append(row[j] + (row[j] - rows[-1][j]) / (4 ** (j + 1) - 1))
        if k:
            now = max(np.max(np.abs(row[-1] - row[-2]), initial=0), np.max(np.abs(row[-1] - rows[-1][-1]), initial=0))
            if now < error:
                best, error = row[-1], now
        rows.append(row)
    return best


def close(actual, expected, tolerance):
    """Equal within `tolerance` times the largest expected magnitude (at least 1)."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, (actual.shape, expected.shape)
    error = np.max(np.abs(actual - expected), initial=0) / max(1.0, np.max(np.abs(expected), initial=0))
    assert error <= tolerance, f"relative error {error:.1e}\n{actual}\n{expected}"


def random_like(x, rng):
    """Standard normal numbers of the shape and kind of x."""
    v = rng.standard_normal(np.shape(x))
    return v + 1j * rng.standard_normal(np.shape(x)) if np.iscomplexobj(x) else v


def inner(x, y):
    """Re sum conj(x) y."""
    return float(np.real(np.sum(np.conj(x) * y)))


def verify(f, x, rng, tolerance=1e-8, h=0.05, second=True):
    """Check value, jvp, Taylor mode, sparse rows, reverse and second order of an array function of one array."""
    value, v = f(x), random_like(x, rng)
    y, dy = dn.jvp(f, (x,), (v,))
    close(y, value, 1e-13)
    expected = along(f, x, v, h)
    close(dy, expected, tolerance)
    for coefficient, want in zip(dn.taylor(f, x, v, order=1), (value, expected)):
        close(coefficient, want, tolerance)
    y, pullback = dn.vjp(f, x)
    g = random_like(value, rng)
    pulled = pullback(g)[0]
    assert pulled.shape == np.shape(x) and np.asarray(pulled).dtype == np.asarray(x).dtype
    assert abs(inner(g, dy) - inner(pulled, v)) <= 1e-11 * (1 + np.linalg.norm(g) * np.linalg.norm(dy)), "forward and reverse differ"
    if not np.iscomplexobj(x):
        rows = dn.jacobian(f, mode="forward")(x)
        close(rows, dn.jacobian(f, mode="reverse")(x), 1e-10)
        close(np.tensordot(rows, v, np.ndim(x)), dy, 1e-10)
        rows = dn.jacobian(lambda s: f(s * x))(1.0)  # one scalar seed
        close(rows, dn.jvp(f, (x,), (x,))[1], 1e-10)
    if second:
        check_second(f, x, rng, tolerance, h)


def check_second(f, x, rng, tolerance=1e-8, h=0.05):
    """Check the second derivative along two directions in four orders of nesting."""
    v, w, g = random_like(x, rng), random_like(x, rng), random_like(f(x), rng)

    def directional(x):
        return dn.jvp(f, (x,), (v,))[1]

    def scalar(x):
        out = np.conj(g) * f(x)
        return np.sum(np.real(out) if np.iscomplexobj(g) else out)

    expected = along(directional, x, w, h)
    close(dn.jvp(directional, (x,), (w,))[1], expected, tolerance)
    pulled = dn.vjp(directional, x)[1](g)[0]  # reverse over forward
    assert abs(inner(pulled, w) - inner(g, expected)) <= tolerance * (1 + abs(inner(g, expected)))
    product = dn.jvp(dn.grad(scalar, mode="reverse"), (x,), (w,))[1]  # forward over reverse
    gradient = dn.grad(scalar, mode="reverse")
    close(product, along(gradient, x, w, h), tolerance)
    twice = dn.grad(lambda x: np.sum(np.real(np.conj(v) * gradient(x)) if np.iscomplexobj(x) else v * gradient(x)), mode="reverse")(x)
    close(inner(twice, w), inner(product, v), 1e-9)


def keeps_float32(f, x):
    """Check that float32 stays float32 in values and derivatives of both modes."""
    x = np.asarray(x, np.float32)
    y, dy = dn.jvp(f, (x,), (np.ones_like(x),))
    z, pullback = dn.vjp(f, x)
    g = pullback(np.ones_like(z))[0]
    assert (y.dtype, dy.dtype, z.dtype, g.dtype) == (np.float32,) * 4, (y.dtype, dy.dtype, z.dtype, g.dtype)


def of_scipy(row):
    """True for a row of scipy.special, which has test files of its own."""
    return row.name.split("[")[0].removeprefix("special.") in vars(_ufuncs) and not hasattr(np, row.name)

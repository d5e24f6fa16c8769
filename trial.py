"""The trial run of setup.py: everyday derivatives, by which the compiler learns which way the branches of the core go."""

import numpy as np

import dualnet as dn

RNG = np.random.default_rng(0)


def curve(p, t):
    """Two decays and a bump, as a model to fit."""
    a, b, c, d, e = p
    return a * np.exp(-b * t) + c * np.exp(-((t - d) ** 2) / e**2)


def network(layers, x, targets):
    """Cross-entropy of a small network."""
    for weights, bias in layers[:-1]:
        x = np.tanh(x @ weights + bias)
    z = x @ layers[-1][0] + layers[-1][1]
    z = z - np.max(z, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - np.sum(targets * z, axis=1))


def least_squares(w, x, y):
    """Mean square of a linear model's residuals, with a ridge."""
    return np.mean((x @ w - y) ** 2) + 0.1 * np.sum(w**2)


def recurrence(r, steps):
    """The logistic map on numbers."""
    x = 0.3
    for _ in range(steps):
        x = r * x * (1 - x)
    return x


def valley(x):
    """Rosenbrock's function of slices."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def filled(x):
    """An array filled in a loop, element by element."""
    out = np.zeros_like(x)
    for i in range(1, len(x)):
        out[i] = np.sin(x[i]) * out[i - 1] + x[i - 1] / 2
    return out


def pieces(x):
    """Kinks, joins, scans and reductions."""
    y = np.where(x > 0, np.sqrt(np.abs(x) + 1), np.maximum(x, -0.5)) + np.clip(x, -1, 1)
    y = np.concatenate([y, np.cumsum(y), np.sort(y)])
    return np.stack([y, np.roll(y, 1)]).reshape(-1, 2).sum(axis=0) + np.linalg.norm(y) + np.prod(x[:3]) + y.std()


def physics(x):
    """Pairs of points and their distances."""
    off = x[:, None, :] - x[None, :, :]
    apart = np.sqrt(np.sum(off**2, axis=-1) + 0.01)
    return np.sum(1 / apart) + np.einsum("ij,kj->ik", x, x).trace()


def main():
    """Each of them in the transformations that it is made for."""
    p, t = np.array([2.0, 0.5, 1.5, 3.0, 1.0]), np.linspace(0, 10, 200)
    widths = [(6, 12), (12, 9), (9, 3)]
    layers = [(RNG.standard_normal(shape), RNG.standard_normal(shape[1])) for shape in widths]
    x, targets = RNG.standard_normal((20, 6)), np.eye(3)[RNG.integers(0, 3, 20)]
    single = [(w.astype(np.float32), b.astype(np.float32)) for w, b in layers]
    w, y = RNG.standard_normal(6), RNG.standard_normal(20)
    v, points = RNG.standard_normal(40), RNG.standard_normal((7, 3))
    for _ in range(30):
        dn.jacobian(curve)(p, t)
        dn.jvp(lambda q: curve(q, t), (p,), (p,))
        dn.grad(lambda q: np.sum((curve(q, t) - 1) ** 2))(p)
        dn.grad(network)(layers, x, targets)
        dn.value_and_grad(network, mode="reverse")(single, x.astype(np.float32), targets.astype(np.float32))
        dn.value_and_grad(least_squares)(w, x, y)
        dn.jvp(lambda r: recurrence(r, 60), (3.7,), (1.0,))
        dn.grad(recurrence)(3.7, 20)
        dn.grad(valley)(v)
        dn.grad(valley, mode="forward")(v)
        dn.hvp(valley, (v,), (v,))
        dn.jacobian(filled)(v[:8])
        dn.vjp(filled, v[:8])[1](v[:8])
        dn.grad(lambda x: np.sum(pieces(x)))(v)
        dn.jacobian(pieces)(v[:5])
        dn.grad(physics)(points)
        dn.derivative(lambda x: x * np.log(x) / (1 + x**2) - np.exp(-x))(t + 1)
    for _ in range(3):
        dn.hessian(least_squares)(w, x, y)
        dn.hessian(physics)(points)
        dn.jacobian(curve, mode="reverse")(p, t[:9])
        dn.jacobian(lambda x: x[1:] * x[:-1] + np.diff(x))(v)
        dn.taylor(lambda x: np.exp(np.sin(x)) / (2 + x), 0.4, order=6)


if __name__ == "__main__":
    main()

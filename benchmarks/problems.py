"""The functions that are differentiated, each written once.

Every function is plain NumPy; its last argument ``xp`` is the namespace it calls and is
`numpy` unless a peer that needs its own copy (``autograd.numpy``, ``jax.numpy``, ``torch``)
is being measured. Derivatives written by hand stand beside the function they belong to: they
are the truth that exactness is checked against and the limit that speed is set against.
All quantities are dimensionless.
"""

import numpy as np
import scipy.sparse

# ---------------------------------------------------------------- curve fit, 8 parameters

FIT_PARAMETERS = np.array([2.0, 0.5, 1.5, 3.0, 1.0, 0.8, 6.0, 1.2])


def fit_times(points):
    """Sample points of `fit_model`, shape (points,), from 0 to 10."""
    return np.linspace(0.0, 10.0, points)


def fit_model(p, t, xp=np):
    """p0 exp(-p1 t) + p2 exp(-(t-p3)^2/p4^2) + p5 exp(-(t-p6)^2/p7^2); p (8,), t and result (m,)."""
    p0, p1, p2, p3, p4, p5, p6, p7 = p
    return p0 * xp.exp(-p1 * t) + p2 * xp.exp(-((t - p3) ** 2) / p4**2) + p5 * xp.exp(-((t - p6) ** 2) / p7**2)


def fit_jacobian(p, t):
    """Jacobian of `fit_model` in `p`, by hand; shape (m, 8)."""
    columns = [np.exp(-p[1] * t)]
    columns.append(-p[0] * t * columns[0])
    for height, center, width in (p[2:5], p[5:8]):
        offset = (t - center) / width
        bell = np.exp(-offset * offset)
        slope = 2 * height / width * offset * bell
        columns += [bell, slope, slope * offset]
    return np.stack(columns, axis=1)


def bumps_parameters(n):
    """Parameters of `bumps`: n // 3 of them, and the n % 3 coefficients of a background."""
    k = n // 3
    bumps = np.stack([np.linspace(1.0, 2.0, k), np.linspace(0.5, 9.5, k), np.full(k, 10.0 / (k + 1))], axis=1)
    return np.concatenate([bumps.ravel(), 0.1 * np.arange(1.0, n % 3 + 1)])


def bumps(p, t, xp=np):
    """A sum of Gaussian bumps on a polynomial, as a model to fit is written; p (n,), t and result (m,)."""
    y = 0.0 * t
    for k in range(0, len(p) - len(p) % 3, 3):
        y = y + p[k] * xp.exp(-(((t - p[k + 1]) / p[k + 2]) ** 2))
    for power in range(len(p) % 3):
        y = y + p[len(p) - len(p) % 3 + power] * t**power
    return y


# ---------------------------------------------------------------- Rosenbrock


def rosenbrock(x, xp=np):
    """sum 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2; x (n,), result a scalar."""
    return xp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def rosenbrock_gradient(x):
    """Gradient of `rosenbrock`, by hand; shape (n,)."""
    gap = x[1:] - x[:-1] ** 2
    out = np.zeros_like(x)
    out[1:] = 200.0 * gap
    out[:-1] -= 400.0 * x[:-1] * gap + 2.0 * (1.0 - x[:-1])
    return out


# ---------------------------------------------------------------- reaction and diffusion

DIFFUSION_U, DIFFUSION_V, FEED, DECAY = 1.0, 8.0, 4.5, 7.5


def laplacian(a, xp=np):
    """Five-point Laplacian on a periodic grid of spacing 1; shape kept."""
    return xp.roll(a, 1, 0) + xp.roll(a, -1, 0) + xp.roll(a, 1, 1) + xp.roll(a, -1, 1) - 4.0 * a


def reaction_diffusion(w, side=224, xp=np):
    """Right-hand side of the Brusselator on a periodic square grid.

    u' = Du lap u + A - (B + 1) u + u^2 v and v' = Dv lap v + B u - u^2 v (Prigogine and
    Lefever 1968). `w` and the result have shape (2 side^2,): u first, then v.
    """
    cells = side * side
    u = w[:cells].reshape(side, side)
    v = w[cells:].reshape(side, side)
    reaction = u * u * v
    du = DIFFUSION_U * laplacian(u, xp) + FEED - (DECAY + 1.0) * u + reaction
    dv = DIFFUSION_V * laplacian(v, xp) + DECAY * u - reaction
    return xp.concatenate([du.reshape(-1), dv.reshape(-1)])


def reaction_diffusion_columns(side=224):
    """Column of each entry of a row: itself, 4 neighbours, other species; (2 side^2, 6)."""
    cell = np.arange(side * side, dtype=np.int32).reshape(side, side)
    near = [cell] + [np.roll(cell, shift, axis) for axis in (0, 1) for shift in (1, -1)]
    near = np.stack([index.ravel() for index in near], axis=1)
    other = cell.reshape(-1, 1) + side * side
    return np.block([[near, other], [near + side * side, other - side * side]])


def reaction_diffusion_jacobian(w, side=224):
    """Jacobian of `reaction_diffusion`, by hand, assembled as ELLPACK; CSR (n, n), 6 n entries."""
    cells = side * side
    u, v = w[:cells], w[cells:]
    entries = np.empty((2 * cells, 6))
    entries[:cells, 1:5] = DIFFUSION_U
    entries[cells:, 1:5] = DIFFUSION_V
    uv, uu = 2.0 * u * v, u * u
    entries[:cells, 0] = uv - 4.0 * DIFFUSION_U - (DECAY + 1.0)
    entries[:cells, 5] = uu
    entries[cells:, 0] = -uu - 4.0 * DIFFUSION_V
    entries[cells:, 5] = DECAY - uv
    columns = reaction_diffusion_columns(side)
    starts = np.arange(0, entries.size + 1, 6, dtype=columns.dtype)
    shape = (2 * cells, 2 * cells)
    return scipy.sparse.csr_array((entries.ravel(), columns.ravel(), starts), shape=shape)


def reaction_diffusion_state(side=224, seed=0):
    """A state around the fixed point (A, B/A), shape (2 side^2,)."""
    noise = 0.1 * np.random.default_rng(seed).standard_normal((2, side * side))
    return np.concatenate([FEED + noise[0], DECAY / FEED + noise[1]])


# ---------------------------------------------------------------- wide, banded and separable


def wide_point(n, m, seed=0):
    """A point (n,) and a matrix (m, n) for `wide`."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal(n), rng.standard_normal((m, n)) / np.sqrt(n)


def wide(x, A, xp=np):
    """tanh(A sin(x)): few results, each of all inputs."""
    return xp.tanh(A @ xp.sin(x))


def broyden(x, xp=np):
    """Broyden's tridiagonal system, (3 - 2 x_i) x_i - x_(i-1) - 2 x_(i+1) + 1 (More, Garbow and Hillstrom 1981, no. 30)."""
    edge = 0.0 * x[:1]
    before, after = xp.concatenate([edge, x[:-1]]), xp.concatenate([x[1:], edge])
    return (3.0 - 2.0 * x) * x - before - 2.0 * after + 1.0


def broyden_jacobian(x):
    """Jacobian of `broyden`, by hand; CSR (n, n)."""
    n = len(x)
    return scipy.sparse.diags_array([np.full(n - 1, -1.0), 3.0 - 4.0 * x, np.full(n - 1, -2.0)], offsets=[-1, 0, 1]).tocsr()


def powell(x, xp=np):
    """Powell's singular function, extended: a sum of terms of four neighbours (More, Garbow and Hillstrom 1981, no. 22)."""
    a, b, c, d = x[0::4], x[1::4], x[2::4], x[3::4]
    return xp.sum((a + 10.0 * b) ** 2 + 5.0 * (c - d) ** 2 + (b - 2.0 * c) ** 4 + 10.0 * (a - d) ** 4)


def coloured_differences(f, x, band):
    """Differences of `f` with its band given, the columns put together in `band` groups; a call for the sparse matrix."""
    from scipy.optimize._numdiff import approx_derivative

    n, reach = len(x), band // 2
    offsets = list(range(-reach, reach + 1))
    pattern = scipy.sparse.diags_array([np.ones(n - abs(k)) for k in offsets], offsets=offsets).tocsr()
    return lambda: approx_derivative(f, x, "2-point", sparsity=(pattern, np.arange(n) % band))


# ---------------------------------------------------------------- chains


def elementwise_chain(x):
    """Ten elementwise functions, one after another; shape and dtype kept."""
    y = np.sin(x)
    y = np.exp(y)
    y = y * y
    y = 1.0 + y
    y = np.log(y)
    y = np.tanh(y)
    y = np.sqrt(y)
    y = np.arctan(y)
    y = np.cos(y)
    return 1.0 / y


def product_chain(x):
    """x @ x @ x @ x: three products, every factor depending on the input; x (n, n)."""
    return x @ x @ x @ x


def repeated_product(x, y, times=50):
    """`times` products x * y of the same two arrays; returns the last (cost per operation)."""
    for _ in range(times):
        out = x * y
    return out


def repeated_exp(x, times=50):
    """`times` calls np.exp(x) on the same array; returns the last (cost per operation)."""
    for _ in range(times):
        out = np.exp(x)
    return out


def logistic_map(r, start=0.3, steps=10_000):
    """x <- r x (1 - x), `steps` times from `start`; scalars in, scalar out."""
    x = start
    for _ in range(steps):
        x = r * x * (1.0 - x)
    return x


def logistic_slope(r, steps, start=0.3):
    """Derivative of `logistic_map` by `r`, the product rule written out step by step."""
    x, slope = start, 0.0
    for _ in range(steps):
        x, slope = r * x * (1.0 - x), x * (1.0 - x) + r * slope * (1.0 - 2.0 * x)
    return slope


def scalar_twenty(x, xp=np):
    """Twenty operations on one scalar; `xp` may also be a namespace of mpmath's functions."""
    a = xp.sin(x) * xp.exp(-0.5 * x)  # 4
    b = xp.log(2.0 + x * x)  # 3
    c = xp.sqrt(1.0 + a * a) / b  # 4
    d = xp.tanh(c - a) + xp.cos(b * c)  # 5
    return a * d - c / (3.0 + d)  # 4


# ---------------------------------------------------------------- multilayer perceptrons


def mlp_parameters(widths, dtype=np.float64, seed=0):
    """Glorot-uniform weights and small biases: a list of (W (in, out), b (out,)) per layer."""
    rng = np.random.default_rng(seed)
    layers = []
    for fan_in, fan_out in zip(widths[:-1], widths[1:], strict=True):
        reach = np.sqrt(6.0 / (fan_in + fan_out))
        weights = rng.uniform(-reach, reach, (fan_in, fan_out)).astype(dtype)
        layers.append((weights, rng.uniform(-0.1, 0.1, fan_out).astype(dtype)))
    return layers


def mlp_data(widths, batch, dtype=np.float64, seed=1):
    """Random inputs (batch, widths[0]) and one-hot classes (batch, widths[-1])."""
    rng = np.random.default_rng(seed)
    inputs = rng.standard_normal((batch, widths[0])).astype(dtype)
    classes = rng.integers(0, widths[-1], batch)
    return inputs, np.eye(widths[-1], dtype=dtype)[classes]


def mlp_size(widths):
    """Number of parameters of a network of these widths."""
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in zip(widths, widths[1:], strict=False))


def mlp_count(layers):
    """Number of parameters of these layers."""
    return sum(w.size for layer in layers for w in layer)


def mlp_loss(layers, inputs, targets, xp=np):
    """Mean cross-entropy of a network with tanh hidden layers and softmax output; a scalar."""
    h = inputs
    for weights, bias in layers[:-1]:
        h = xp.tanh(h @ weights + bias)
    weights, bias = layers[-1]
    z = h @ weights + bias
    z = z - xp.amax(z, axis=1, keepdims=True)
    return xp.mean(xp.log(xp.sum(xp.exp(z), axis=1)) - xp.sum(targets * z, axis=1))


def mlp_loss_gradient(layers, inputs, targets):
    """`mlp_loss` and its gradient by hand; returns (loss, [(dW, db), ...])."""
    active = [inputs]
    for weights, bias in layers[:-1]:
        active.append(np.tanh(active[-1] @ weights + bias))
    weights, bias = layers[-1]
    z = active[-1] @ weights + bias
    z -= z.max(axis=1, keepdims=True)
    e = np.exp(z)
    total = e.sum(axis=1, keepdims=True)
    loss = np.mean(np.log(total[:, 0]) - np.sum(targets * z, axis=1))
    g = (e / total - targets) / z.dtype.type(len(z))
    gradients = []
    for (weights, _), h in zip(reversed(layers), reversed(active), strict=True):
        gradients.append((h.T @ g, g.sum(axis=0)))
        if h is not inputs:
            g = (g @ weights.T) * (1 - h * h)
    return loss, gradients[::-1]


def mlp_flat(p, widths, inputs, targets, xp=np):
    """`mlp_loss` of all parameters in one vector (n,)."""
    layers, start = [], 0
    for fan_in, fan_out in zip(widths, widths[1:]):
        end = start + fan_in * fan_out
        layers.append((p[start:end].reshape((fan_in, fan_out)), p[end:end + fan_out]))
        start = end + fan_out
    return mlp_loss(layers, inputs, targets, xp)


def widths_near(parameters, layers=3):
    """Widths 4-h-...-h-2 of the network with that many layers of weights whose number of parameters is nearest."""
    hidden = layers - 1
    guess = max(1, round(parameters / 7) if hidden == 1 else round(np.sqrt(parameters / (hidden - 1))))
    choices = [(4, *[h] * hidden, 2) for h in range(max(1, guess - 9), guess + 2)]
    return min(choices, key=lambda widths: abs(mlp_size(widths) - parameters))

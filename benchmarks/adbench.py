"""The four objectives of the ADBench suite, by dualnet and by the tools a user would take instead."""

from functools import partial

import numpy as np
import scipy.sparse

import dualnet as dn

from . import objectives, peers
from .cases import Case, along_line

# Sizes: smoke, quick, full; those of the suite are d, K, n; cameras, points, observations; correspondences; layers, characters.
MIXTURES = ([(2, 3, 20)], [(2, 5, 1000), (10, 25, 1000)], [(2, 5, 1000), (10, 5, 1000), (10, 25, 1000), (20, 50, 1000), (10, 5, 10_000)])
BUNDLES = ([(4, 20, 60)], [(5, 200, 800), (49, 7776, 31_843)], [(5, 200, 800), (49, 7776, 31_843), (21, 11_315, 36_455)])
HANDS = ([10], [100, 1000], [100, 1000, 10_000, 100_000])
LSTMS = ([(2, 8)], [(2, 128)], [(2, 1024), (4, 1024)])


def mixture(size):
    """The gradient of the Gaussian mixture."""
    parameters, *data = objectives.mixture_problem(*size)
    ways = {"dualnet": lambda: partial(dn.grad(objectives.mixture), parameters, *data),
            **peers.makers("gradient", objectives.mixture, parameters, *data)}
    d, k, n = size
    count = k * (1 + d + d * (d + 1) // 2)
    return Case("Gaussian mixture, gradient", f"d = {d}, K = {k}, n = {n:,}: {count:,} parameters",
                lambda: objectives.mixture(parameters, *data), ways,
                partial(along_line, lambda p: objectives.mixture(p, *data), parameters), numbers={"parameters": count, "outputs": 1})


def bundle(size):
    """The sparse Jacobian of bundle adjustment."""
    parameters, *data = objectives.bundle_problem(*size)
    seen = data[-1]

    def residuals(p):
        return objectives.bundle(p, *data)

    layout = Layout(parameters, *data[:2])
    ways = {"dualnet": lambda: partial(dn.jacobian(residuals, sparse=True), parameters),
            **{f"{name}, blocks by hand": partial(by_blocks, getattr(peers, name), layout, seen)
               for name in ("autograd", "torch", "jax", "advect")},
            **{f"{name}, one by one": partial(one_by_one, getattr(peers, name), layout, seen) for name in ("autograd", "torch")},
            "torch, vmap of jacrev": partial(torch_vmapped, layout, seen),
            "jax, vmap of jacrev": partial(jax_vmapped, layout, seen)}
    n, m, p = size
    skip = {f"{name}, one by one": "left out: a loop over all" for name in ("autograd", "torch") if p > 5000}
    return Case("bundle adjustment, sparse Jacobian", f"{n} cameras, {m:,} points, {p:,} observations", lambda: residuals(parameters), ways,
                partial(along_line, residuals, parameters), skip=skip, numbers={"parameters": n * 11 + m * 3 + p, "outputs": 3 * p})


class Layout:
    """Where the derivatives of an observation by its own camera, point and weight stand in the Jacobian."""

    def __init__(self, parameters, camera, point):
        cameras, points, weights = parameters
        self.gathered = cameras[camera], points[point], weights
        p, first_point = len(weights), cameras.size
        own = first_point + points.size + np.arange(p)[:, None]
        block = np.concatenate([camera[:, None] * 11 + np.arange(11), first_point + point[:, None] * 3 + np.arange(3), own], axis=1)
        self.indices = np.concatenate([block, block], axis=None), own
        self.shape = (3 * p, first_point + points.size + p)

    def assembled(self, dx, dy, weights):
        """The matrix, from derivatives of both projection errors (p, 15), and of the weights' (p,)."""
        p = len(weights)
        starts = np.concatenate([np.arange(2 * p) * 15, 30 * p + np.arange(p + 1)])
        entries = np.concatenate([dx, dy, weights], axis=None)
        return scipy.sparse.csr_array((entries, np.concatenate(self.indices, axis=None), starts), shape=self.shape)


def by_blocks(tool, layout, seen):
    """The structure used by hand: an observation meets no other, so a reverse pass for each kind of residual gives all its blocks."""
    pulls = [tool.gradient(partial(total, k), layout.gathered, seen) for k in range(3)]

    def jacobian():
        dx, dy, dw = ([np.asarray(g) for g in pull()] for pull in pulls)
        rows = (np.concatenate([a, b, c[:, None]], axis=1) for a, b, c in (dx, dy))
        return layout.assembled(*rows, dw[2])

    return jacobian


def total(k, gathered, seen, xp=np):
    """Sum of all residuals of one kind."""
    return xp.sum(objectives.observations(gathered, seen, xp)[k])


def one(cameras, points, weights, seen, xp):
    """The three residuals of a single observation."""
    rows = cameras[None], points[None], weights[None]
    return xp.concatenate(objectives.observations(rows, seen[None], xp))


def one_by_one(tool, layout, seen):
    """The suite's own way: the Jacobian of each observation by itself, in a loop of reverse passes."""
    pulls = [[tool.gradient(lambda g, w, k=k, **options: one(*g, w, **options)[k], gathered, pixel) for k in range(3)]
             for *gathered, pixel in zip(*layout.gathered, seen)]

    def jacobian():
        found = [[[np.asarray(g) for g in pull()] for pull in observation] for observation in pulls]
        return from_vmap(layout, [np.array([[row[part] for row in rows] for rows in found]) for part in range(3)])

    return jacobian


def torch_vmapped(layout, seen):
    """Torch's own way to many small Jacobians."""
    torch = peers.load("torch")
    args = [torch.tensor(a) for a in (*layout.gathered, seen)]
    blocks = torch.func.vmap(torch.func.jacrev(partial(one, xp=torch), (0, 1, 2)))
    return lambda: from_vmap(layout, blocks(*args))


def jax_vmapped(layout, seen):
    """JAX's own way to many small Jacobians, compiled."""
    jax, jnp = peers.load("jax"), peers.load("jax.numpy")
    blocks = peers.jax.compiled(jax.vmap(jax.jacrev(partial(one, xp=jnp), (0, 1, 2))), *layout.gathered, seen)
    return lambda: from_vmap(layout, blocks())


def from_vmap(layout, blocks):
    """The matrix, from derivatives by camera (p, 3, 11), point (p, 3, 3) and weight (p, 3)."""
    a, b, c = (np.asarray(block) for block in blocks)
    rows = np.concatenate([a, b, c[:, :, None]], axis=2)
    return layout.assembled(rows[:, 0], rows[:, 1], c[:, 2])


def hand(count):
    """The tall Jacobian of hand tracking."""
    theta, *data = objectives.hand_problem(count)
    ways = {"dualnet": lambda: partial(dn.jacobian(objectives.hand), theta, *data),
            **peers.makers("jacobian", objectives.hand, theta, *data)}
    return Case("hand tracking, tall Jacobian", f"26 parameters, {count:,} correspondences", lambda: objectives.hand(theta, *data), ways,
                partial(along_line, lambda t: objectives.hand(t, *data), theta), numbers={"parameters": 26, "outputs": 3 * count})


def lstm(size):
    """The gradient of the LSTM's loss."""
    parameters, *data = objectives.lstm_problem(*size)
    ways = {"dualnet": lambda: partial(dn.grad(objectives.lstm), parameters, *data),
            **peers.makers("gradient", objectives.lstm, parameters, *data, tools=("autograd", "torch", "advect")),
            "jax, lax.scan": partial(peers.jax.gradient, scanned, parameters, *data)}
    count = sum(a.size for a in parameters)
    return Case("LSTM, gradient", f"{size[0]} layers, {size[1]:,} characters: {count} parameters",
                lambda: objectives.lstm(parameters, *data), ways,
                partial(along_line, lambda p: objectives.lstm(p, *data), parameters), numbers={"parameters": count, "outputs": 1})


def scanned(parameters, state, sequence, xp):
    """`objectives.lstm` with JAX's own loop: written out step by step it compiles for minutes."""
    def step(carried, pair):
        state, total = carried
        prediction, state = objectives.lstm_step(parameters, state, pair[0], xp)
        return (state, total + objectives.lstm_miss(prediction, pair[1], xp)), None

    (_, total), _ = peers.load("jax").lax.scan(step, (state, 0.0), (sequence[:-1], sequence[1:]))
    return total / ((len(sequence) - 1) * sequence.shape[1])


def cases(extent):
    """Every case of an extent: 0 smoke, 1 quick, 2 full; made one at a time."""
    for make, sizes in ((mixture, MIXTURES), (bundle, BUNDLES), (hand, HANDS), (lstm, LSTMS)):
        for size in sizes[extent]:
            yield make(size)

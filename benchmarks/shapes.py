"""Shapes of problem: tall, wide, banded and separable derivatives, long loops, second and higher orders."""

from functools import partial

import numpy as np

import dualnet as dn

from . import peers, problems
from .cases import Case, along_line, difference, vector

# The sizes of each kind of problem: smoke, quick and full.
SIZES = {
    "tall": ([(3, 100)], [(3, 10**2), (8, 10**4), (20, 10**4), (50, 10**3)],
             [(n, m) for n in (3, 8, 20, 50) for m in (10**2, 10**3, 10**4, 10**5, 10**6)]),
    "wide": ([(50, 2)], [(1000, 5), (10**4, 20)], [(n, m) for n in (10**2, 10**3, 10**4, 10**5) for m in (1, 5, 20)]),
    "banded": ([50], [1000, 10**5], [10**2, 10**3, 10**4, 10**5, 10**6]),
    "separable": ([40], [1000, 10**5], [40, 1000, 10**4, 10**5, 10**6]),
    "loop": ([100], [10_000], [100, 1000, 10_000]),
    "hessian": ([10], [100], [10, 100, 1000]),
    "sparse hessian": ([100], [10**4], [10**3, 10**4, 10**5]),
    "product": ([10], [10**5], [10**2, 10**3, 10**4, 10**5, 10**6]),
    "network": ([(4, 3, 2)], [(8, 16, 2), (64, 100, 100, 10)], [(8, 16, 2), (16, 32, 32, 4), (64, 100, 100, 10)]),
    "network hessian": ([(4, 3, 2)], [(8, 16, 2)], [(4, 3, 2), (8, 16, 2), (16, 32, 32, 4)]),
    "taylor": ([4], [1, 4, 16], [1, 2, 4, 8, 16]),
}
DENSE_BYTES = 1.2e9  # the largest matrix that is written out in full, with what a tool needs around it


def tall(size):
    """The Jacobian of a model of n parameters at m points, for a fit."""
    n, m = size
    p, t = problems.bumps_parameters(n), problems.fit_times(m)
    ours = dn.jacobian(problems.bumps)
    ways = {"dualnet": lambda: partial(ours, p, t),
            **peers.makers("jacobian", problems.bumps, p, t, tools=("autograd", "torch", "jax", "advect", "casadi")),
            "differences (SciPy)": partial(peers.scipy.jacobian, problems.bumps, p, t)}
    too_large = {name: "left out: memory" for name in ("autograd", "torch", "jax", "advect") if 8 * 4 * n * m > DENSE_BYTES}
    if n * m > 10**5:
        too_large["casadi"] = "left out: one expression for each entry"
    return Case("tall Jacobian (fit)", f"{n} parameters, {m:,} residuals", lambda: problems.bumps(p, t), ways,
                partial(along_line, lambda p: problems.bumps(p, t), p), skip=too_large, numbers={"parameters": n, "outputs": m},
                inexact=("differences (SciPy)",))


def wide(size):
    """The Jacobian of a few results of many inputs."""
    n, m = size
    x, A = problems.wide_point(n, m)
    ours = dn.jacobian(problems.wide)
    ways = {"dualnet": lambda: partial(ours, x, A),
            **peers.makers("jacobian_reverse", problems.wide, x, A),
            "differences (SciPy)": partial(peers.scipy.jacobian, problems.wide, x, A)}
    skip = {"differences (SciPy)": "left out: one call for each input"} if n > 10**4 else {}
    return Case("wide Jacobian", f"{n:,} inputs, {m} outputs", lambda: problems.wide(x, A), ways,
                partial(along_line, lambda x: problems.wide(x, A), x), skip=skip, numbers={"parameters": n, "outputs": m},
                inexact=("differences (SciPy)",))


def banded(n):
    """The sparse Jacobian of Broyden's tridiagonal system."""
    x = np.random.default_rng(0).uniform(-1, 1, n)
    ours = dn.jacobian(problems.broyden, sparse=True)
    dense = peers.makers("jacobian", problems.broyden, x, tools=("autograd", "torch", "jax", "advect"))
    ways = {"dualnet": lambda: partial(ours, x),
            "differences, pattern given (SciPy)": partial(problems.coloured_differences, problems.broyden, x, 3),
            "casadi": partial(peers.casadi.jacobian, problems.broyden, x), **{f"{name} (dense)": make for name, make in dense.items()}}
    skip = {name: "left out: dense matrix" for name in ways if "(dense)" in name and n > 1000}
    if n > 10**4:
        skip["casadi"] = "left out: one expression for each entry"
    return Case("banded Jacobian, sparse", f"{n:,} unknowns", lambda: problems.broyden(x), ways,
                lambda J: difference(J, problems.broyden_jacobian(x)), skip=skip, numbers={"parameters": n, "outputs": n},
                inexact=("differences, pattern given (SciPy)",))


def separable(n):
    """The gradient of a sum of local terms, by forward mode too."""
    x = np.random.default_rng(0).uniform(-1, 1, n)
    ways = {"dualnet": lambda: partial(dn.grad(problems.powell), x),
            "dualnet forward": lambda: partial(dn.grad(problems.powell, mode="forward"), x),
            **peers.makers("gradient", problems.powell, x, tools=("autograd", "torch", "jax", "advect", "casadi"))}
    skip = {"casadi": "left out: one expression for each term"} if n > 10**4 else {}
    return Case("gradient of a sum of local terms", f"{n:,} unknowns", lambda: problems.powell(x), ways,
                partial(along_line, problems.powell, x), skip=skip, numbers={"parameters": n, "outputs": 1})


def loop(steps):
    """The derivative of a long recurrence of single numbers."""
    f = partial(problems.logistic_map, steps=steps)
    ways = {"dualnet": lambda: lambda: dn.jvp(f, (3.4,), (1.0,))[1], "dualnet reverse": lambda: partial(dn.grad(f, mode="reverse"), 3.4),
            "autograd": lambda: partial(peers.load("autograd").grad(f), 3.4),
            "torch": partial(peers.torch.gradient, lambda r, xp: f(r), 3.4),
            "jax": partial(peers.jax_recurrence, lambda r, x: r * x * (1.0 - x), 0.3, steps, 3.4),
            "advect": lambda: partial(peers.load("advect").grad(f), 3.4),
            "casadi": partial(peers.casadi.gradient, lambda r: f(r[0]), np.array([3.4]))}

    return Case("recurrence of single numbers", f"{steps:,} steps", lambda: f(3.4), ways,
                lambda got: difference(got, problems.logistic_slope(3.4, steps)), numbers={"parameters": 1, "steps": steps})


def dense_hessian(n):
    """The dense Hessian of Rosenbrock's function."""
    x = np.random.default_rng(0).uniform(-1, 1, n)
    ways = {"dualnet": lambda: partial(dn.hessian(problems.rosenbrock), x),
            **peers.makers("hessian", problems.rosenbrock, x, tools=("autograd", "torch", "jax", "advect", "casadi"))}
    return Case("Hessian, dense (Rosenbrock)", f"{n:,} unknowns", lambda: problems.rosenbrock(x), ways,
                partial(along_line, problems.rosenbrock_gradient, x), numbers={"parameters": n})


def sparse_hessian(n):
    """The sparse Hessian of Rosenbrock's function."""
    x = np.random.default_rng(0).uniform(-1, 1, n)
    ways = {"dualnet": lambda: partial(dn.hessian(problems.rosenbrock, sparse=True), x),
            "gradient differences, pattern given (SciPy)": partial(problems.coloured_differences, problems.rosenbrock_gradient, x, 3),
            "casadi": partial(peers.casadi.hessian, problems.rosenbrock, x)}
    skip = {"casadi": "left out: one expression for each term"} if n > 10**4 else {}
    return Case("Hessian, sparse (Rosenbrock)", f"{n:,} unknowns", lambda: problems.rosenbrock(x), ways,
                partial(along_line, problems.rosenbrock_gradient, x), skip=skip, numbers={"parameters": n},
                inexact=("gradient differences, pattern given (SciPy)",))


def product(n):
    """A Hessian-vector product of Rosenbrock's function."""
    x, v = np.random.default_rng(0).uniform(-1, 1, (2, n))
    step = 1e-6
    slope = (problems.rosenbrock_gradient(x + step * v) - problems.rosenbrock_gradient(x - step * v)) / (2 * step)
    ways = {"dualnet": lambda: lambda: dn.hvp(problems.rosenbrock, (x,), (v,)),
            "dualnet gradient": lambda: partial(dn.grad(problems.rosenbrock, mode="reverse"), x),
            **peers.makers("hvp", problems.rosenbrock, x, v)}
    return Case("Hessian-vector product (Rosenbrock)", f"{n:,} unknowns", lambda: problems.rosenbrock(x), ways,
                lambda got: difference(got, slope), numbers={"parameters": n}, inexact=("dualnet gradient",))


def network_product(widths):
    """A Hessian-vector product of a network's loss."""
    layers, data = problems.mlp_parameters(widths), problems.mlp_data(widths, 64)
    v, step = problems.mlp_parameters(widths, seed=5), 1e-5
    ahead, behind = ([tuple(w + s * d for w, d in zip(*pair)) for pair in zip(layers, v)] for s in (step, -step))
    slope = [problems.mlp_loss_gradient(at, *data)[1] for at in (ahead, behind)]
    slope = [tuple((a - b) / (2 * step) for a, b in zip(*pair)) for pair in zip(*slope)]
    ways = {"dualnet": lambda: lambda: dn.hvp(lambda p: problems.mlp_loss(p, *data), (layers,), (v,)),
            "dualnet gradient": lambda: partial(dn.grad(problems.mlp_loss, mode="reverse"), layers, *data),
            **peers.makers("hvp", problems.mlp_loss, layers, v, *data, tools=("torch", "jax"))}
    n = problems.mlp_size(widths)
    return Case("Hessian-vector product (network)", f"{n:,} parameters, batch 64", lambda: problems.mlp_loss(layers, *data), ways,
                lambda got: difference(got, slope), numbers={"parameters": n}, inexact=("dualnet gradient",))


def network_hessian(widths):
    """The dense Hessian of a network's loss, all parameters in one vector."""
    data, p = problems.mlp_data(widths, 64), vector(problems.mlp_parameters(widths))

    def gradient(p):
        return dn.grad(problems.mlp_flat, mode="reverse")(p, widths, *data)

    def loss(p, x, y, xp=np):
        return problems.mlp_flat(p, widths, x, y, xp)

    ways = {"dualnet": lambda: partial(dn.hessian(loss), p, *data),
            **peers.makers("hessian", loss, p, *data)}
    return Case("Hessian, dense (network)", f"{p.size:,} parameters, batch 64", lambda: loss(p, *data), ways,
                partial(along_line, gradient, p), numbers={"parameters": p.size})


def taylor(order):
    """All derivatives up to an order of a function of one number, of 20 operations."""
    f, x = problems.scalar_twenty, 0.7
    ways = {"dualnet": lambda: lambda: dn.taylor(f, x, order=order), "dualnet, nested forward": lambda: partial(nested, f, x, order),
            "jax": partial(peers.jax_taylor, f, x, order)}
    skip = {"dualnet, nested forward": "left out: cost doubles with each order"} if order > 8 else {}
    return Case("Taylor mode", f"order {order}", lambda: f(x), ways, lambda got: difference(got, peers.mpmath_derivatives(f, x, order)),
                skip=skip, numbers={"parameters": 1, "order": order})


def nested(f, x, order):
    """Derivatives 0 to `order` by forward mode of forward mode."""
    out = [f(x)]
    for _ in range(order):
        f = dn.derivative(f)
        out.append(f(x))
    return np.array(out)


KINDS = {
    "tall": tall, "wide": wide, "banded": banded, "separable": separable, "loop": loop, "hessian": dense_hessian,
    "sparse hessian": sparse_hessian, "product": product, "network": network_product, "network hessian": network_hessian, "taylor": taylor}


def cases(extent):
    """Every case of an extent: 0 smoke, 1 quick, 2 full; made one at a time."""
    for kind, make in KINDS.items():
        for size in SIZES[kind][extent]:
            yield make(size)

"""The tighter rows: eager paths as fast as NumPy allows."""

from functools import partial

import numpy as np

import dualnet as dn

from . import adbench, core_figures, peers, problems, timing
from .figures import row


def operation(evidence, function, arguments, limit):
    """Time per operation of a `jvp` against the plain NumPy calls, 50 of the same in a row."""
    tangents = tuple(np.cos(each) for each in arguments)
    name = function.__name__
    calls = {
        f"plain {name}": lambda: function(*arguments),
        f"jvp {name}": lambda: dn.jvp(function, arguments, tangents),
    }
    plain, push = calls
    evidence.ratio(evidence.compare(calls), push, plain, at_most=limit)


@row("jvp per operation on arrays of 100: x*y and np.exp(x)", "at most 7x and 6x the plain call")
def per_operation(evidence):
    x, y = np.random.default_rng(0).uniform(0.5, 1.5, (2, 100))
    operation(evidence, problems.repeated_product, (x, y), 7)
    operation(evidence, problems.repeated_exp, (x,), 6)


@row(
    "8-parameter fit Jacobian, 250 / 10^4 / 10^6 points, eager",
    "at most 0.8x / 1.2x / 1.5x of jitted JAX",
)
def fit(evidence):
    for points, limit in ((250, 0.8), (10**4, 1.2), (10**6, 1.5)):
        ours, theirs = f"dualnet {points:,}", f"jax {points:,}"
        call = core_figures.fit_calls(points)
        comparison = evidence.compare({ours: call}, {theirs: partial(peers.jax.jacobian, *core_figures.fit_problem(points))})
        evidence.ratio(comparison, ours, theirs, at_most=limit)


@row("Rosenbrock gradient by forward mode, n = 10^6, eager", "at most 0.5x of autograd's reverse")
def rosenbrock(evidence):
    x = np.random.default_rng(0).uniform(-1, 1, 10**6)
    gradient = dn.grad(problems.rosenbrock, mode="forward")
    makers = {"autograd reverse": partial(peers.autograd.gradient, problems.rosenbrock, x)}
    comparison = evidence.compare({"dualnet forward": lambda: gradient(x)}, makers)
    evidence.ratio(comparison, "dualnet forward", "autograd reverse", at_most=0.5)


@row(
    "reaction-diffusion Jacobian against hand-written ELLPACK",
    "at most 3x of the hand-written assembly; 3x faster than coloured differences",
)
def reaction_diffusion(evidence):
    comparison = evidence.compare(core_figures.reaction_diffusion_calls())
    evidence.ratio(comparison, "dualnet", "hand", at_most=3)
    evidence.ratio(comparison, "scipy", "dualnet", at_least=3)


NETWORKS = (
    ((8, 16, 2), 32, np.float64, 3.0, True),
    ((64, *[100] * 5, 10), 64, np.float64, 1.4, True),
    ((784, 1024, 1024, 10), 128, np.float32, 1.2, False),
)


@row(
    "MLP reverse gradient, 8-16-2 / 64-100x5-10 / 784-1024-1024-10",
    "at most 3.0x / 1.4x / 1.2x of hand-written NumPy; faster than advect and autograd; not slower than torch eager at the two smaller",
)
def networks(evidence):
    for widths, batch, dtype, limit, against_torch in NETWORKS:
        problem = core_figures.network(widths, batch, dtype)
        size = f"{problems.mlp_size(widths):,}"
        makers = {
            f"{name} {size}": make
            for name, make in {
                **peers.makers("gradient", problems.mlp_loss, *problem.args, tools=("autograd", "advect")),
                "torch": partial(peers.torch_mlp, *problem.args),
            }.items()
        }
        ours, hand = f"dualnet {size}", f"hand {size}"
        by_hand = partial(problems.mlp_loss_gradient, *problem.args)
        comparison = evidence.compare({ours: problem.gradient, hand: by_hand}, makers)
        evidence.ratio(comparison, ours, hand, at_most=limit)
        for name in makers:
            if against_torch or not name.startswith("torch"):
                evidence.ratio(comparison, ours, name, at_most=1.0)


@row("the objectives of ADBench", "faster than autograd and torch eager on Gaussian mixture, bundle adjustment (sparse) and hand (tall)")
def objectives(evidence):
    rivals = {
        "mixture": (adbench.mixture((10, 25, 1000)), ("autograd", "torch")),
        "bundle": (adbench.bundle((49, 7776, 31_843)), ("autograd, blocks by hand", "torch, vmap of jacrev")),
        "hand": (adbench.hand(1000), ("autograd", "torch")),
    }
    for name, (case, others) in rivals.items():
        call = case.ways["dualnet"]()
        evidence.at_most(f"{name} against differences: relative error", case.check(call()), 1e-6)
        comparison = evidence.compare({f"dualnet {name}": call}, {f"{other} {name}": case.ways[other] for other in others})
        for other in others:
            evidence.ratio(comparison, f"dualnet {name}", f"{other} {name}", at_most=1.0)


@row("Hessian-vector product over gradient", "at most 2.5x")
def hessian_vector(evidence):
    x, v = np.random.default_rng(0).uniform(-1, 1, (2, 10**5))
    problem = core_figures.network((64, 100, 100, 10), 64, np.float64)
    layers, *data = problem.args
    cases = {
        "Rosenbrock 1e5": (problems.rosenbrock, x, v),
        "MLP 64-100-100-10": (lambda p: problems.mlp_loss(p, *data), layers, layers),
    }
    for name, (function, primal, tangent) in cases.items():
        gradient = dn.grad(function, mode="reverse")
        calls = {
            f"gradient, {name}": partial(gradient, primal),
            f"hvp, {name}": partial(dn.hvp, function, (primal,), (tangent,)),
        }
        below, above = calls
        evidence.ratio(evidence.compare(calls), above, below, at_most=2.5)


@row(
    "logistic map, 10^4 steps on scalars, derivative by jvp",
    "at most 12x the loop on Python floats; memory flat",
)
def logistic_map(evidence):
    def push(steps=10_000):
        return dn.jvp(partial(problems.logistic_map, steps=steps), (3.4,), (1.0,))

    step = 1e-7
    ahead, behind = (problems.logistic_map(3.4 + h) for h in (step, -step))
    evidence.error("jvp against differences", push()[1], (ahead - behind) / (2 * step), 1e-6)
    calls = {"plain": lambda: problems.logistic_map(3.4), "jvp": push}
    evidence.ratio(evidence.compare(calls), "jvp", "plain", at_most=12)
    peaks = [timing.peak_bytes(partial(push, steps)) for steps in (100, 10_000)]
    why = f"{peaks[0]} and {peaks[1]} bytes"
    evidence.at_most("peak memory, 10^4 over 10^2 steps", peaks[1] / peaks[0], 1.5, "x", why)

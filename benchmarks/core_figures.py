"""Rows of the core: right to the last digits, and the first speed targets."""

import subprocess
import sys
from functools import partial
from types import SimpleNamespace

import numpy as np

import dualnet as dn

from . import peers, problems, timing
from .figures import row

# ---------------------------------------------------------------- the lecture's example


def lecture_steps(W, x=3.0, y=1.0):
    """Intermediate results xi_1 ... xi_5 and L of L = -y log(1/(1 + exp(-W x)))."""
    xi = [-W * x]
    for step in (np.exp, lambda v: 1.0 + v, lambda v: 1.0 / v, np.log, lambda v: -y * v):
        xi.append(step(xi[-1]))
    return xi


def lecture_truth(digits=50):
    """d xi_n/dW and dL/dW at x = 3, y = 1, W = 3 from their formulas, to `digits` digits."""
    mp = peers.load("mpmath")
    mp.mp.dps = digits
    e = mp.exp(-9)
    down = 3 * e / (1 + e)
    return [mp.mpf(-3), -3 * e, -3 * e, down / (1 + e), down, -down]


def ulps(got, truth):
    """Distance of a float from an mpmath number in units of the last place of a double."""
    return float(abs(float(got) - truth) / np.spacing(abs(float(truth))))


@row(
    "the lecture's example",
    "dL/dW = -0.00037018372..., forward, reverse and closed form within 4 ulp; every row of the table",
)
def lecture(evidence):
    truth = lecture_truth()

    def loss(W):
        return lecture_steps(W)[-1]

    _, slopes = dn.jvp(lecture_steps, (3.0,), (1.0,))
    worst = max(ulps(*pair) for pair in zip(slopes, truth, strict=True))
    evidence.at_most("forward, worst row of the table", worst, 4, " ulp")
    for mode in ("forward", "reverse"):
        got = dn.grad(loss, mode=mode)(3.0)
        evidence.at_most(mode, ulps(got, truth[-1]), 4, " ulp")
    closed = float(dn.closed_form(loss, 3.0).evaluate_gradient(3.0))
    evidence.at_most("closed form", ulps(closed, truth[-1]), 4, " ulp")


@row("d/dx [x * d/dy (x + y)] at x = 2", "exactly 1 (confusing perturbations gives 2)")
def confusion(evidence):
    for outer in ("forward", "reverse"):
        for inner in ("forward", "reverse"):
            slope = partial(dn.grad, mode=inner)
            nested = dn.grad(lambda x, slope=slope: x * slope(lambda y: x + y)(3.0), mode=outer)
            got = float(nested(2.0))
            evidence.at_most(f"{outer} over {inner} = {got!r}, off by", abs(got - 1.0), 0.0)


# ---------------------------------------------------------------- Jacobians


def fit_problem(points):
    """The fit model, its parameters and sample points."""
    return problems.fit_model, problems.FIT_PARAMETERS, problems.fit_times(points)


def fit_calls(points):
    """Jacobian of the fit model by dualnet, as a call."""
    t = problems.fit_times(points)
    jacobian = dn.jacobian(lambda p: problems.fit_model(p, t))
    return lambda: jacobian(problems.FIT_PARAMETERS)


def check_fit(evidence, call, points):
    """Check the fit's Jacobian against the one written by hand."""
    truth = problems.fit_jacobian(problems.FIT_PARAMETERS, problems.fit_times(points))
    evidence.error("Jacobian", call(), truth, 1e-12)


@row(
    "8-parameter fit Jacobian, 250 points",
    "no slower than jax.jit(jax.jacfwd); 15x faster than autograd's JVPs and torch.func.jacfwd",
)
def fit_small(evidence):
    call = fit_calls(250)
    check_fit(evidence, call, 250)
    makers = {
        "jax": partial(peers.jax.jacobian, *fit_problem(250)),
        "autograd": partial(peers.autograd.jacobian, *fit_problem(250)),
        "torch": partial(peers.torch.jacobian, *fit_problem(250)),
    }
    comparison = evidence.compare({"dualnet": call}, makers)
    evidence.ratio(comparison, "dualnet", "jax", at_most=1.0)
    evidence.ratio(comparison, "autograd", "dualnet", at_least=15)
    evidence.ratio(comparison, "torch", "dualnet", at_least=15)


@row("8-parameter fit Jacobian, 10,000 points", "at most 1.5x jax.jit(jax.jacfwd)")
def fit_large(evidence):
    call = fit_calls(10_000)
    check_fit(evidence, call, 10_000)
    comparison = evidence.compare({"dualnet": call}, {"jax": partial(peers.jax.jacobian, *fit_problem(10_000))})
    evidence.ratio(comparison, "dualnet", "jax", at_most=1.5)


@row(
    "Rosenbrock gradient by forward mode",
    "cost over plain at n = 10^6 at most 2x that at 10^4; at n = 10^6 no slower than autograd reverse",
)
def rosenbrock(evidence):
    gradient = dn.grad(problems.rosenbrock, mode="forward")
    small, large = (np.random.default_rng(0).uniform(-1, 1, n) for n in (10**4, 10**6))
    evidence.error("gradient", gradient(small), problems.rosenbrock_gradient(small), 1e-12)
    calls = {
        "plain 1e4": lambda: problems.rosenbrock(small),
        "forward 1e4": lambda: gradient(small),
        "plain 1e6": lambda: problems.rosenbrock(large),
        "dualnet forward 1e6": lambda: gradient(large),
    }
    makers = {"autograd reverse 1e6": partial(peers.autograd.gradient, problems.rosenbrock, large)}
    comparison = evidence.compare(calls, makers)
    seconds = comparison.seconds
    growth = (seconds["dualnet forward 1e6"] / seconds["plain 1e6"]) / (seconds["forward 1e4"] / seconds["plain 1e4"])
    spread = timing.Spread.of(growth)
    evidence.at_most("cost over plain, 1e6 to 1e4", spread.median, 2, "x")
    evidence.ratio(comparison, "dualnet forward 1e6", "autograd reverse 1e6", at_most=1.0)


def reaction_diffusion_calls():
    """The reaction-diffusion Jacobian by dualnet, by hand and by SciPy's coloured differences."""
    from scipy.optimize._numdiff import approx_derivative, group_columns

    state = problems.reaction_diffusion_state()
    pattern = problems.reaction_diffusion_jacobian(state)
    pattern.data[:] = 1.0
    sparsity = (pattern, group_columns(pattern))
    jacobian = dn.jacobian(problems.reaction_diffusion, sparse=True)
    function = problems.reaction_diffusion
    return {
        "dualnet": lambda: jacobian(state),
        "hand": lambda: problems.reaction_diffusion_jacobian(state),
        "scipy": lambda: approx_derivative(function, state, "2-point", sparsity=sparsity),
    }


def check_reaction_diffusion(evidence, calls):
    """Check the sparse Jacobian entry by entry against the one written by hand."""
    got, truth = calls["dualnet"](), calls["hand"]()
    if got.shape != truth.shape:
        raise ValueError(f"Jacobian of shape {got.shape} where {truth.shape} is due")
    worst = abs(got - truth).max() / abs(truth).max()
    evidence.at_most("Jacobian: relative error", worst, 1e-12)


@row(
    "reaction-diffusion Jacobian, n = 100,352, sparse",
    "2x faster than SciPy's coloured differences; exact to 1e-12; peak memory under 300 MB",
)
def reaction_diffusion(evidence):
    calls = reaction_diffusion_calls()
    check_reaction_diffusion(evidence, calls)
    comparison = evidence.compare(calls)
    evidence.ratio(comparison, "scipy", "dualnet", at_least=2)
    evidence.at_most("peak memory", timing.peak_bytes(calls["dualnet"]) / 1e6, 300, " MB")


# ---------------------------------------------------------------- products with vectors


@row("jvp over the plain function, chain of 10 elementwise functions of 10^6", "at most 2.5x")
def elementwise_chain(evidence):
    x, t = np.random.default_rng(0).uniform(-2, 2, (2, 10**6))
    chain_ratio(evidence, problems.elementwise_chain, x, t, 2.5)


@row("jvp over the plain function, chain of 1024 x 1024 products", "at most 3.2x")
def product_chain(evidence):
    x, t = np.random.default_rng(0).standard_normal((2, 1024, 1024)) / 32
    chain_ratio(evidence, problems.product_chain, x, t, 3.2)


def chain_ratio(evidence, function, x, t, limit):
    """Check the derivative against a central difference and the time against the plain call."""
    step = 1e-6
    difference = (function(x + step * t) - function(x - step * t)) / (2 * step)
    evidence.error("jvp against differences", dn.jvp(function, (x,), (t,))[1], difference, 1e-7)
    calls = {"plain": lambda: function(x), "jvp": lambda: dn.jvp(function, (x,), (t,))}
    evidence.ratio(evidence.compare(calls), "jvp", "plain", at_most=limit)


# ---------------------------------------------------------------- networks


def network(widths, batch, dtype):
    """Parameters, inputs and targets of a network, and dualnet's reverse gradient of its loss."""
    layers = problems.mlp_parameters(widths, dtype)
    data = problems.mlp_data(widths, batch, dtype)
    gradient = dn.grad(lambda p: problems.mlp_loss(p, *data), mode="reverse")
    return SimpleNamespace(args=(layers, *data), gradient=lambda: gradient(layers))


def check_network(evidence, problem, limit):
    """Check all layers' gradients against those written by hand."""
    truth = problems.mlp_loss_gradient(*problem.args)[1]
    flat = [np.concatenate([np.ravel(w) for layer in g for w in layer]) for g in (problem.gradient(), truth)]
    evidence.error("gradient", *flat, limit)


@row("reverse gradient over plain, MLP 784-1024-1024-10, batch 128, float32", "at most 3.5x")
def network_large(evidence):
    problem = network((784, 1024, 1024, 10), 128, np.float32)
    check_network(evidence, problem, 1e-4)
    calls = {"plain": lambda: problems.mlp_loss(*problem.args), "reverse": problem.gradient}
    evidence.ratio(evidence.compare(calls), "reverse", "plain", at_most=3.5)


@row(
    "tiny MLP 8-16-2, batch 32: reverse gradient, eager",
    "4x faster than autograd; no slower than torch eager",
)
def network_tiny(evidence):
    problem = network((8, 16, 2), 32, np.float64)
    check_network(evidence, problem, 1e-12)
    makers = {
        "autograd": partial(peers.autograd.gradient, problems.mlp_loss, *problem.args),
        "torch": partial(peers.torch_mlp, *problem.args),
    }
    comparison = evidence.compare({"dualnet": problem.gradient}, makers)
    evidence.ratio(comparison, "autograd", "dualnet", at_least=4)
    evidence.ratio(comparison, "dualnet", "torch", at_most=1.0)


# ---------------------------------------------------------------- Taylor and import


@row(
    "dn.taylor of a 20-operation scalar function, order 16",
    "right to 1e-10 against mpmath; at most 400x the plain call",
)
def taylor(evidence):
    x, order = 0.7, 16
    truth = peers.mpmath_derivatives(problems.scalar_twenty, x, order)
    got = dn.taylor(problems.scalar_twenty, x, order=order)
    pairs = zip(got, truth, strict=True)
    worst = max(float(abs(float(value) - due) / abs(due)) for value, due in pairs)
    evidence.at_most("worst of 17 derivatives: relative error", worst, 1e-10)
    calls = {
        "plain": lambda: problems.scalar_twenty(x),
        "taylor": lambda: dn.taylor(problems.scalar_twenty, x, order=order),
    }
    evidence.ratio(evidence.compare(calls), "taylor", "plain", at_most=400)


HEAVY = ("sympy", "matplotlib", "pandas")


@row(
    "import dualnet",
    "under 1.6x of import numpy, scipy.sparse; SymPy, matplotlib, pandas not imported",
)
def import_time(evidence):
    statements = {"dualnet": "import dualnet", "numpy and scipy.sparse": "import numpy, scipy.sparse"}
    comparison = timing.import_seconds(statements, rounds=3 if evidence.seconds < 0.1 else 7 if evidence.seconds < 2 else 15)
    evidence.times.update(comparison.as_dict())
    evidence.ratio(comparison, *statements, at_most=1.6)
    code = f"import dualnet, sys; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = found.stdout.split()
    evidence.at_most("heavy packages imported", len(loaded), 0, why=" ".join(loaded))

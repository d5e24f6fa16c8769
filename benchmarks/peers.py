"""The other tools, each called as its own users call it.

Nothing here is imported before it is asked for. A tool that is absent raises `NotInstalled`,
which the reports print as such: no figure is ever made up for it.
"""

import functools
import importlib
import importlib.metadata
import os

import numpy as np

from . import problems


class NotInstalled(Exception):
    """A tool that a comparison needs is not installed; the text is its name."""


@functools.cache
def load(module):
    """Import a peer's module by name, 64-bit floats switched on for JAX.

    Raises
    ------
    NotInstalled
        With the name of the distribution that is missing.
    """
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        raise NotInstalled(module.split(".")[0]) from error
    if module == "jax":
        found.config.update("jax_enable_x64", True)
        if os.environ.get("JAX_CPU_ENABLE_ASYNC_DISPATCH") == "false":
            found.config.update("jax_cpu_enable_async_dispatch", False)
    return found


def versions(names=("numpy", "scipy", "autograd", "jax", "torch", "advect", "mpmath", "sympy")):
    """Installed version of each distribution, or "not installed"."""
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def installed(calls):
    """Build each of ``{name: make}``, ``make() -> callable``, and name the missing tools.

    Returns
    -------
    ready : dict of str to callable
    missing : list of str
        Names of the distributions that are not installed.
    """
    ready, missing = {}, []
    for name, make in calls.items():
        try:
            ready[name] = make()
        except NotInstalled as absent:
            missing.append(str(absent))
    return ready, sorted(set(missing))


# ---------------------------------------------------------------- Jacobian of the curve fit


def jax_fit(points):
    """``jax.jit(jax.jacfwd)`` of the fit model, compiled, waiting for its result."""
    jax = load("jax")
    jnp = load("jax.numpy")
    p, t = jnp.asarray(problems.FIT_PARAMETERS), jnp.asarray(problems.fit_times(points))
    compiled = jax.jit(jax.jacfwd(lambda p: problems.fit_model(p, t, jnp)))
    return lambda: compiled(p).block_until_ready()


def autograd_fit(points):
    """n Jacobian-vector products of autograd, stacked to (points, 8)."""
    make_jvp = load("autograd").make_jvp
    xp = load("autograd.numpy")
    p, t = problems.FIT_PARAMETERS, problems.fit_times(points)
    push = make_jvp(lambda p: problems.fit_model(p, t, xp))
    seeds = np.eye(len(p))
    return lambda: np.stack([push(p)(seed)[1] for seed in seeds], axis=1)


def torch_fit(points):
    """``torch.func.jacfwd`` of the fit model, eager."""
    torch = load("torch")
    p = torch.from_numpy(problems.FIT_PARAMETERS)
    t = torch.from_numpy(problems.fit_times(points))
    jacobian = torch.func.jacfwd(lambda p: problems.fit_model(p, t, torch))
    return lambda: jacobian(p)


# ---------------------------------------------------------------- gradient of Rosenbrock


def autograd_rosenbrock(x):
    """Autograd's reverse mode."""
    xp = load("autograd.numpy")
    gradient = load("autograd").grad(functools.partial(problems.rosenbrock, xp=xp))
    return lambda: gradient(x)


# ---------------------------------------------------------------- gradient of networks


def autograd_mlp(layers, inputs, targets):
    """Autograd's reverse mode on a list of (W, b)."""
    xp = load("autograd.numpy")
    gradient = load("autograd").grad(lambda p: problems.mlp_loss(p, inputs, targets, xp))
    return lambda: gradient(layers)


def advect_mlp(layers, inputs, targets):
    """Advect's reverse mode on a list of (W, b), eager."""
    gradient = load("advect").grad(lambda p: problems.mlp_loss(p, inputs, targets))
    return lambda: gradient(layers)


def jax_mlp(layers, inputs, targets):
    """``jax.jit(jax.grad)``, compiled, waiting for its result."""
    jax, jnp = load("jax"), load("jax.numpy")
    layers, inputs, targets = jax.tree.map(jnp.asarray, (layers, inputs, targets))
    compiled = jax.jit(jax.grad(lambda p: problems.mlp_loss(p, inputs, targets, jnp)))
    return lambda: jax.block_until_ready(compiled(layers))


def jax_mlp_forward(layers, inputs, targets):
    """``jax.jit(jax.jacfwd)`` of the loss, compiled, waiting for its result."""
    jax, jnp = load("jax"), load("jax.numpy")
    layers, inputs, targets = jax.tree.map(jnp.asarray, (layers, inputs, targets))
    compiled = jax.jit(jax.jacfwd(lambda p: problems.mlp_loss(p, inputs, targets, jnp)))
    return lambda: jax.block_until_ready(compiled(layers))


def torch_mlp(layers, inputs, targets):
    """Torch's reverse mode as its users write it: fused linear layers and cross-entropy."""
    torch = load("torch")
    functional = torch.nn.functional
    flat = [torch.tensor(w.T if w.ndim == 2 else w) for layer in layers for w in layer]
    flat = [w.contiguous().requires_grad_() for w in flat]
    x, classes = torch.tensor(inputs), torch.tensor(targets.argmax(axis=1))

    def gradient():
        h = x
        for k in range(0, len(flat) - 2, 2):
            h = torch.tanh(functional.linear(h, flat[k], flat[k + 1]))
        loss = functional.cross_entropy(functional.linear(h, flat[-2], flat[-1]), classes)
        return torch.autograd.grad(loss, flat)

    return gradient


def torch_mlp_forward(layers, inputs, targets):
    """``torch.func.jacfwd`` of the loss, eager, all seeds at once."""
    torch = load("torch")
    layers = [tuple(torch.tensor(w) for w in layer) for layer in layers]
    x, y = torch.tensor(inputs), torch.tensor(targets)
    loss = functools.partial(problems.mlp_loss, inputs=x, targets=y, xp=torch)
    jacobian = torch.func.jacfwd(loss)
    return lambda: jacobian(layers)

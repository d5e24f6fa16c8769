"""The other tools, each called as its own users call it.

A tool is a namespace of functions that make a call: ``gradient``, ``jacobian``, ``hessian`` and ``hvp``
take ``f(parameters, *data, xp=namespace)``, its parameters (an array or a list of tuples of arrays) and data,
and return what is then timed, a function without arguments. Nothing is imported before it is asked
for; a tool that is absent raises `NotInstalled`: no figure is ever made up for it.
"""

import functools
import importlib
import importlib.metadata
import math
import os
from functools import partial

import numpy as np
import optree


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
    if module == "casadi":
        found.GlobalOptions.setNumpyMode(-1)  # NumPy's functions on arrays of its symbols, without a warning
    return found


NAMES = ("numpy", "scipy", "autograd", "jax", "torch", "casadi", "advect", "mpmath", "sympy")


def versions(names=NAMES):
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


class Transforming:
    """A tool whose derivatives are made by transformations of its own, ``by(transformation, f, p, data)``."""

    @classmethod
    def gradient(cls, f, p, *data):
        """A call for the gradient by `p`."""
        return cls.by("grad", f, p, data)

    @classmethod
    def jacobian(cls, f, p, *data):
        """A call for the Jacobian by `p`, in forward mode where there is one."""
        return cls.by("jacfwd", f, p, data)

    @classmethod
    def jacobian_reverse(cls, f, p, *data):
        """A call for the Jacobian by `p`, in reverse mode."""
        return cls.by("jacrev", f, p, data)

    @classmethod
    def hessian(cls, f, p, *data):
        """A call for the Hessian by `p`."""
        return cls.by("hessian", f, p, data)


class autograd(Transforming):
    """HIPS autograd, eager: reverse mode for gradients, one forward sweep per column for tall Jacobians."""

    @staticmethod
    def bound(f, data):
        """`f` as a function of its parameters alone, on autograd's copy of NumPy."""
        xp = load("autograd.numpy")
        return lambda p: f(p, *data, xp=xp)

    @classmethod
    def by(cls, transformation, f, p, data):
        """Autograd calls its reverse-mode Jacobian ``jacobian``."""
        return partial(getattr(load("autograd"), transformation.replace("jacrev", "jacobian"))(cls.bound(f, data)), p)

    @classmethod
    def jacobian(cls, f, p, *data):
        """As its users write a tall one: a sweep for each column."""
        push = load("autograd").make_jvp(cls.bound(f, data))
        return lambda: np.stack([push(p)(seed)[1] for seed in np.eye(p.size)], axis=-1)

    @classmethod
    def hvp(cls, f, p, v, *data):
        """A call for the product of the Hessian with `v`."""
        return partial(load("autograd").hessian_vector_product(cls.bound(f, data)), p, v)


class advect(Transforming):
    """Advect, eager, on plain NumPy code."""

    @staticmethod
    def by(transformation, f, p, data):
        """Advect chooses the mode of a Jacobian itself."""
        name = "jacobian" if transformation.startswith("jac") else transformation
        return partial(getattr(load("advect"), name)(lambda p: f(p, *data)), p)


class jax(Transforming):
    """JAX, compiled; every call waits for its result."""

    @staticmethod
    def compiled(transformed, *args):
        """The compiled call of ``transformed(*args)``; arrays among `args` become JAX's."""
        jit = load("jax").jit(transformed)
        args = optree.tree_map(load("jax.numpy").asarray, args)
        return lambda: load("jax").block_until_ready(jit(*args))

    @staticmethod
    def bound(f):
        """`f` on JAX's copy of NumPy."""
        return partial(f, xp=load("jax.numpy"))

    @classmethod
    def by(cls, transformation, f, p, data):
        """Data are arguments of the compiled function, not constants in it."""
        return cls.compiled(getattr(load("jax"), transformation)(cls.bound(f)), p, *data)

    @classmethod
    def hvp(cls, f, p, v, *data):
        """A call for the product of the Hessian with `v`, forward over reverse."""
        def product(p, v, *data):
            gradient = load("jax").grad(lambda p: cls.bound(f)(p, *data))
            return load("jax").jvp(gradient, (p,), (v,))[1]

        return cls.compiled(product, p, v, *data)


class torch(Transforming):
    """Torch, eager: the tape for gradients, ``torch.func`` for the rest."""

    @staticmethod
    def bound(f, data):
        """`f` as a function of its parameters alone, data turned into tensors."""
        tensors = optree.tree_map(load("torch").as_tensor, data)
        return lambda p: f(p, *tensors, xp=load("torch"))

    @staticmethod
    def tensors(p):
        """Tensors of the arrays' or numbers' own precision."""
        return optree.tree_map(lambda a: load("torch").tensor(np.asarray(a)), p)

    @classmethod
    def by(cls, transformation, f, p, data):
        """A transformation of ``torch.func``."""
        return partial(getattr(load("torch").func, transformation)(cls.bound(f, data)), cls.tensors(p))

    @classmethod
    def gradient(cls, f, p, *data):
        """By the tape, as its users do."""
        tape, loss = load("torch").autograd, cls.bound(f, data)
        leaves, tree = optree.tree_flatten(cls.tensors(p))
        for leaf in leaves:
            leaf.requires_grad_()
        return lambda: tape.grad(loss(optree.tree_unflatten(tree, leaves)), leaves, materialize_grads=True)

    @classmethod
    def hvp(cls, f, p, v, *data):
        """A call for the product of the Hessian with `v`, forward over reverse."""
        func, loss = load("torch").func, cls.bound(f, data)
        p, v = cls.tensors((p, v))
        return lambda: func.jvp(func.grad(loss), (p,), (v,))[1]


class casadi:
    """CasADi's virtual machine on the scalar expressions of the plain NumPy code; one array of parameters."""

    @staticmethod
    def traced(f, p, data):
        """Symbols for `p`, and the results of ``f(p, *data)`` as a column of expressions."""
        ca = load("casadi")
        symbols = ca.SX.sym("p", p.size)
        array = np.empty(p.size, object)
        for k in range(p.size):
            array[k] = symbols[k]
        y = f(array.reshape(p.shape), *data)
        return ca, symbols, y if isinstance(y, ca.SX) else ca.vertcat(*np.ravel(np.asarray(y, object)))

    @staticmethod
    def ready(ca, symbols, expression, p):
        return partial(ca.Function("derivative", [symbols], [expression]), p.ravel())

    @classmethod
    def gradient(cls, f, p, *data):
        ca, symbols, y = cls.traced(f, p, data)
        return cls.ready(ca, symbols, ca.gradient(y, symbols), p)

    @classmethod
    def jacobian(cls, f, p, *data):
        ca, symbols, y = cls.traced(f, p, data)
        return cls.ready(ca, symbols, ca.jacobian(y, symbols), p)

    @classmethod
    def hessian(cls, f, p, *data):
        ca, symbols, y = cls.traced(f, p, data)
        return cls.ready(ca, symbols, ca.hessian(y, symbols)[0], p)


class scipy:
    """Differences of values by SciPy: what is taken where there are no derivatives."""

    @staticmethod
    def jacobian(f, p, *data, sparsity=None):
        from scipy.optimize._numdiff import approx_derivative

        return lambda: approx_derivative(lambda p: f(p, *data), p, "2-point", sparsity=sparsity)


TOOLS = {tool.__name__: tool for tool in (autograd, torch, jax, casadi, advect)}


def makers(kind, *args, tools=("autograd", "torch", "jax", "advect")):
    """``{tool: make}`` of one kind of derivative, with ``make() -> callable``, for the tools that have it."""
    return {name: partial(getattr(TOOLS[name], kind), *args) for name in tools if hasattr(TOOLS[name], kind)}


def jax_recurrence(step, start, steps, x):
    """The derivative by `x` of ``steps`` times ``state = step(x, state)``, with JAX's own loop, compiled."""
    lax = load("jax").lax

    def last(x):
        return lax.fori_loop(0, steps, lambda _, state: step(x, state), start)

    return jax.compiled(load("jax").jacfwd(last), x)


def jax_taylor(f, x, order):
    """Derivatives 0 to `order` of a function of one number by ``jax.experimental.jet``, compiled."""
    jet, jnp = load("jax.experimental.jet").jet, load("jax.numpy")

    def derivatives(x):
        y, higher = jet(partial(f, xp=jnp), (x,), ([jnp.ones(()), *[jnp.zeros(())] * (order - 1)],))
        return jnp.stack([y, *higher])

    return jax.compiled(derivatives, x)


def mpmath_derivatives(function, x, order):
    """Derivatives 0..order of a scalar function at `x` by mpmath, to about 50 digits."""
    mp = load("mpmath")
    mp.mp.dps = 60
    coefficients = mp.taylor(partial(function, xp=mp), mp.mpf(x), order)
    return [c * math.factorial(k) for k, c in enumerate(coefficients)]


def torch_mlp(layers, inputs, targets):
    """Torch's reverse mode as its users write a network: fused linear layers and cross-entropy."""
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
        return [g.T if g.ndim == 2 else g for g in torch.autograd.grad(loss, flat)]  # views, in the order of `layers`

    return gradient

"""Any density as a likelihood: raw outputs become its parameters by links, minus its log the loss."""

import inspect

import numpy as np

from dualnet.errors import ArgumentError, DTypeError
from dualnet.learn.activations import sigmoid, softplus
from dualnet.learn.likelihoods import Likelihood, refuse


def _positive(z):
    return softplus(z) + 1e-6


LINKS = {"identity": lambda z: z, "exp": np.exp, "softplus": _positive, "sigmoid": sigmoid}


def _log_gamma(e):
    import sympy

    inner = e.args[0]
    return sympy.loggamma(inner.args[0] + (1 if isinstance(inner, sympy.factorial) else 0))


def _outside(value, support):
    import sympy

    value = sympy.Integer(int(value)) if value == int(value) else sympy.Float(float(value))
    return support.contains(value) == sympy.false


class Density(Likelihood):
    """A likelihood from a density; the network has one output for each of its parameters.

    Parameters
    ----------
    density : sympy.Expr, sympy.stats variable or callable
        An expression of the density in `y` and its parameters, a random variable, or a NumPy function
        ``log_density(y, *parameters)``.
    y : str
        Name of the symbol that stands for the target.
    links : dict of str, optional
        How a raw output becomes a parameter: "identity", "exp", "softplus" (plus 1e-6) or "sigmoid". By default
        "softplus" for symbols declared positive, else "identity".
    mean : sympy.Expr or callable, optional
        The expected target given the parameters, for ``predict``; that of a ``sympy.stats`` variable is known, else
        the first parameter.

    Examples
    --------
    >>> import numpy as np, sympy
    >>> y, rate = sympy.Symbol("y"), sympy.Symbol("rate", positive=True)
    >>> waiting = Likelihood.from_density(rate * sympy.exp(-rate * y), mean=1 / rate)
    >>> waiting.parameters
    ('rate',)
    >>> z = np.array([0.5])
    >>> rate = np.log(1 + np.exp(0.5)) + 1e-6
    >>> bool(np.isclose(waiting.loss(z, np.array([2.0]))[0], 2 * rate - np.log(rate)))
    True
    """

    def __init__(self, density, y="y", *, links=None, mean=None):
        self._support = self._constant = None
        if callable(density) and not hasattr(density, "free_symbols"):
            names = list(inspect.signature(density).parameters)[1:]
            self._log, self._mean = density, mean
            positive = set()
        else:
            names, positive = self._from_sympy(density, str(y), mean)
        if not names:
            raise ArgumentError(f"the density {density!r:.80} has no parameter for the network to give")
        unknown = set(links or {}) - set(names)
        if unknown:
            raise ArgumentError(f"links={links!r}: the density has no parameter {', '.join(sorted(unknown))}; it has {', '.join(names)}")
        chosen = {n: (links or {}).get(n, "softplus" if n in positive else "identity") for n in names}
        for name, link in chosen.items():
            if link not in LINKS:
                raise ArgumentError(f"links: {name}: {link!r}; choose one of {', '.join(LINKS)}")
        self.parameters, self.links = tuple(names), chosen

    @property
    def per_target(self):
        """One output for each parameter."""
        return len(self.parameters)

    def _from_sympy(self, density, y, mean):
        import sympy
        from sympy.stats.rv import RandomSymbol

        if isinstance(density, RandomSymbol):
            from sympy import stats
            symbol = sympy.Symbol(y, real=True)
            self._support = density.pspace.domain.set
            mean = stats.E(density) if mean is None else mean
            density = stats.density(density)(symbol)
        if not isinstance(density, sympy.Expr):
            raise DTypeError(f"from_density takes a SymPy expression, a sympy.stats variable or a NumPy function, not {density!r:.60}")
        target = next((s for s in density.free_symbols if s.name == y), None)
        if target is None:
            raise ArgumentError(f"the density {density} does not contain the target {y}; name its symbol: y=...")
        symbols = sorted(density.free_symbols - {target}, key=lambda s: s.name)
        log = sympy.expand_log(sympy.log(density), force=True)
        log = log.replace(lambda e: isinstance(e, sympy.log) and isinstance(e.args[0], (sympy.gamma, sympy.factorial)), _log_gamma)
        moving, still = [], []
        for term in sympy.Add.make_args(sympy.expand(log)):
            (moving if term.free_symbols & set(symbols) else still).append(term)
        modules = ["scipy", "numpy"]
        self._log = sympy.lambdify([target, *symbols], sympy.Add(*moving), modules)
        self._constant = sympy.lambdify([target], -sympy.Add(*still), modules)
        self._mean = None if mean is None else sympy.lambdify(symbols, mean, modules)
        return [s.name for s in symbols], {s.name for s in symbols if s.is_positive}

    def _parameters(self, z):
        columns = [z] if len(self.parameters) == 1 else [z[:, k] for k in range(len(self.parameters))]
        return [LINKS[self.links[name]](c) for name, c in zip(self.parameters, columns)]

    def support(self, y):
        if self._support is not None:
            refuse(y, [_outside(v, self._support) for v in y.reshape(-1)], self, f"it is {self._support}")

    def loss(self, z, y):
        return -self._log(y, *self._parameters(z))

    def constant(self, y):
        return np.zeros(np.shape(y)) if self._constant is None else self._constant(np.asarray(y)) * np.ones(np.shape(y))

    def mean(self, z):
        parameters = self._parameters(z)
        return parameters[0] if self._mean is None else self._mean(*parameters)

    predict = mean

    def spec(self):
        """What the likelihood was made with; it has no JSON form."""
        return {"parameters": self.parameters, "links": self.links}

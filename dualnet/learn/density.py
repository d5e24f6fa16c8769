"""Any density as a likelihood: raw outputs become its parameters by links, minus its log the loss."""

import functools
import inspect

import numpy as np

from dualnet.errors import ArgumentError, DTypeError
from dualnet.learn.activations import sigmoid, softplus
from dualnet.learn.likelihoods import Likelihood, refuse


def _positive(z):
    return softplus(z) + 1e-6


LINKS = {"identity": lambda z: z, "exp": np.exp, "softplus": _positive, "sigmoid": sigmoid}


def _log_of(density):
    """log of a density with products, powers and gamma functions taken apart, so that large arguments do not overflow."""
    import sympy

    def log_gamma(e):
        inner = e.args[0]
        return sympy.loggamma(inner.args[0] + (1 if isinstance(inner, sympy.factorial) else 0))

    plain = density.rewrite([sympy.binomial, sympy.beta, sympy.FallingFactorial, sympy.RisingFactorial], sympy.gamma)
    log = sympy.expand_log(sympy.log(plain), force=True)
    gammas = (sympy.gamma, sympy.factorial)
    return sympy.expand(log.replace(lambda e: isinstance(e, sympy.log) and isinstance(e.args[0], gammas), log_gamma))


def _mean_of(variable):
    """SymPy's mean of a random variable, None where no moment generating function gives one.

    SymPy would integrate then, which can take minutes and come to nothing (von Mises), or there is no mean (Cauchy).
    """
    import sympy
    from sympy import stats

    generate = getattr(variable.pspace.distribution, "_moment_generating_function", lambda t: None)
    try:
        if not variable.pspace.is_Finite and generate(sympy.Dummy("t")) is None:
            return None
        mean = stats.E(variable)
    except (NotImplementedError, ValueError, TypeError):
        return None
    return mean if mean.is_finite is not False and not mean.has(sympy.nan, sympy.zoo, sympy.oo, sympy.Integral, sympy.Sum) else None


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
        The expected target given the parameters, for ``predict``. Without it, the mean that SymPy knows of a
        ``sympy.stats`` variable (``predict`` raises where it knows none), else the first parameter.

    Parameters that must stay below a bound need a link that keeps them there: ``links={"p": "sigmoid"}``.

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
        self._made, self._support, self._constant, self._variable = (density, str(y), links, mean), None, None, None
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
            self._variable, self._support = density, density.pspace.domain.set
            density = stats.density(density)(sympy.Symbol(y, real=True))
            if isinstance(density, sympy.Expr):  # targets off the support are refused, so its conditions hold
                density = density.replace(lambda e: isinstance(e, sympy.Contains), lambda e: sympy.true)
        if not isinstance(density, sympy.Expr):
            raise DTypeError(f"from_density takes a SymPy expression, a sympy.stats variable or a NumPy function, not {density!r:.60}")
        target = next((s for s in density.free_symbols if s.name == y), None)
        if target is None:
            raise ArgumentError(f"the density {density} does not contain the target {y}; name its symbol: y=...")
        symbols = sorted(density.free_symbols - {target}, key=lambda s: s.name)
        moving, still = [], []
        for term in sympy.Add.make_args(_log_of(density)):
            (moving if term.free_symbols & set(symbols) else still).append(term)
        modules = ["scipy", "numpy"]
        self._log = sympy.lambdify([target, *symbols], sympy.Add(*moving), modules)
        self._constant = sympy.lambdify([target], -sympy.Add(*still), modules)
        self._symbols, self._mean = symbols, mean if mean is None or callable(mean) and not isinstance(mean, sympy.Expr) else (
            sympy.lambdify(symbols, mean, modules))
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
        if self._mean is None and self._variable is not None:
            self._mean = self._known_mean()
        return parameters[0] if self._mean is None else self._mean(*parameters) * np.ones(np.shape(z)[:1])

    def _known_mean(self):
        import sympy

        mean = _mean_of(self._variable)
        if mean is None:
            raise ArgumentError(f"SymPy knows no mean of {self._variable.pspace.distribution}, and there may be none; say what to predict, "
                                f"from_density(..., mean=...), such as a median in the symbols {', '.join(self.parameters)}")
        return sympy.lambdify(self._symbols, mean, ["scipy", "numpy"])

    def __reduce__(self):
        density, y, links, mean = self._made
        return functools.partial(Density, density, y, links=links, mean=mean), ()

    predict = mean

    def spec(self):
        """What the likelihood was made with; it has no JSON form."""
        return {"parameters": self.parameters, "links": self.links}

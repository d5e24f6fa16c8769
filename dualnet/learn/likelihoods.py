"""Likelihoods: the distribution of the target given what the network says; output unit and loss follow.

Every loss is the negative log-likelihood as a function of the network's raw outputs z ("logits"), one
number for each example, without the terms that do not depend on z; those are ``constant(y)``.
"""

import math

import numpy as np

from dualnet.errors import ArgumentError, ShapeError
from dualnet.learn.activations import sigmoid, softmax, softplus
from dualnet.learn.rows import cross_entropy
from dualnet.learn.values import positive


def refuse(y, bad, likelihood, cure):
    """Raise for the first target that is True in `bad`, naming it and its row."""
    bad = np.asarray(bad)
    if np.any(bad):
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ArgumentError(f"target {np.asarray(y)[place]:g} in row {place[0]} is outside the support of {likelihood}; {cure}")


class Likelihood:
    """A distribution of the target y given the raw outputs z of a network.

    ``z`` has shape (n,) where the target is one number and the distribution has one parameter, else (n, k).
    """

    def check(self, y, outputs):
        """`y` as the array that :meth:`loss` takes for a network with that many outputs; raises off the support."""
        y = np.asarray(y)
        if outputs % self.per_target:
            raise ShapeError(f"{self} takes {self.per_target} outputs for each target, but the network has {outputs}; end it with "
                             f"Dense({self.per_target})")
        if y.dtype.kind not in "fiub":
            raise ArgumentError(f"targets of dtype {y.dtype} for {self}: give numbers (NetworkClassifier takes labels of any type)")
        width = outputs // self.per_target
        want = (len(y),) if width == 1 else (len(y), width)
        if y.ndim < 1 or y.shape != want:
            units = (y[0].size if len(y) else 1) * self.per_target
            cure = " pass y.ravel()" if y.size == want[0] else f" end the network with Dense({units})"
            raise ShapeError(f"targets have shape {y.shape}, but a network with {outputs} output(s) under {self} takes {want};{cure}")
        if y.dtype.kind == "f":
            refuse(y, ~np.isfinite(y), self, "drop these rows")
        y = y if y.dtype.kind == "f" else y.astype(float)
        self.support(y)
        return y

    per_target = 1

    def support(self, y):
        """Raise for a target that the distribution cannot give."""

    def loss(self, z, y):
        """Minus the log-likelihood of each example, less ``constant(y)``; shape (n,) or that of `y`."""
        raise NotImplementedError

    def constant(self, y):
        """The part of minus the log-likelihood that does not depend on z."""
        return np.zeros(np.shape(y))

    def mean(self, z):
        """The expected target, the network's output unit."""
        return z

    predict = mean

    def unpack(self, z):
        """Raw outputs of shape (n, outputs) as :meth:`loss` takes them."""
        return z[:, 0] if np.shape(z)[1] == 1 else z

    def __repr__(self):
        inner = ", ".join(f"{k}={v!r}" for k, v in self.spec().items())
        return f"{type(self).__name__}({inner})"

    def spec(self):
        """Constructor arguments."""
        return {k: v for k, v in vars(self).items() if not k.startswith("_")}

    @staticmethod
    def from_density(density, y="y", *, links=None, mean=None):
        """Any density as a likelihood: a SymPy expression, a ``sympy.stats`` variable, or a NumPy log-density.

        See :class:`dualnet.learn.density.Density`, which this returns.
        """
        from dualnet.learn.density import Density
        return Density(density, y, links=links, mean=mean)


class Bernoulli(Likelihood):
    """0 or 1 with probability sigmoid(z); the loss is the binary cross-entropy, log(1 + exp(∓z)).

    Examples
    --------
    >>> import numpy as np
    >>> Bernoulli().loss(np.array([1e4, 1e4, 0.0]), np.array([1.0, 0.0, 1.0])).round(4)
    array([0.0000e+00, 1.0000e+04, 6.9310e-01])
    """

    def support(self, y):
        refuse(y, (y != 0) & (y != 1), self, "labels are 0 and 1")

    def loss(self, z, y):
        return softplus((1 - 2 * y) * z)

    def mean(self, z):
        return sigmoid(z)

    def predict(self, z):
        """The likelier of 0 and 1."""
        return (z > 0).astype(int)


class Categorical(Likelihood):
    """Classes 0 ... k-1 with probabilities softmax(z); the loss is the cross-entropy.

    Examples
    --------
    >>> import numpy as np
    >>> Categorical().loss(np.array([[1e4, 0.0, -1e4]] * 2), np.array([0, 2]))
    array([    0., 20000.])
    """

    def check(self, y, outputs):
        y = np.asarray(y)
        if y.ndim != 1:
            raise ShapeError(f"targets have shape {y.shape}; Categorical() takes class numbers of shape ({len(y) if y.ndim else 1},)")
        if y.dtype.kind not in "fiub":
            raise ArgumentError(f"targets of dtype {y.dtype} for Categorical(): give class numbers (NetworkClassifier takes any labels)")
        if outputs < 2:
            raise ShapeError("Categorical() needs a network with one output for each class; end it with Dense(number of classes)")
        refuse(y, ~((y >= 0) & (y < outputs) & (y == np.floor(y))), self, f"with {outputs} outputs, classes are 0 to {outputs - 1}")
        return y.astype(np.intp, copy=False)

    def loss(self, z, y):
        return cross_entropy(z, y)

    def mean(self, z):
        return softmax(z)

    def predict(self, z):
        """The likeliest class."""
        return np.argmax(z, axis=-1)

    def unpack(self, z):
        return z


class Normal(Likelihood):
    """Mean z and variance 1: the loss is half the squared error; or mean and variance both learnt.

    Parameters
    ----------
    variance : {"fixed", "learnt"}
        "learnt": the network has two outputs for each target, the means first and then s with variance
        softplus(s) + 1e-6 (Nix and Weigend 1994; Lakshminarayanan and others 2017).
    """

    floor = 1e-6

    def __init__(self, variance="fixed"):
        if variance not in ("fixed", "learnt"):
            raise ArgumentError(f'Normal: variance={variance!r}; choose "fixed" or "learnt"')
        self.variance = variance

    @property
    def per_target(self):
        """Outputs of the network for each target."""
        return 2 if self.variance == "learnt" else 1

    def _parts(self, z):
        k = np.shape(z)[1] // 2
        mean, s = (z[:, 0], z[:, 1]) if k == 1 else (z[:, :k], z[:, k:])
        return mean, softplus(s) + self.floor

    def loss(self, z, y):
        if self.variance == "fixed":
            return 0.5 * (z - y) ** 2
        mean, variance = self._parts(z)
        return 0.5 * ((mean - y) ** 2 / variance + np.log(variance))

    def constant(self, y):
        return np.full(np.shape(y), 0.5 * math.log(2 * math.pi))

    def mean(self, z):
        return z if self.variance == "fixed" else self._parts(z)[0]

    predict = mean

    def spread(self, z):
        """The standard deviation of the target."""
        return np.ones_like(z) if self.variance == "fixed" else np.sqrt(self._parts(z)[1])


class Poisson(Likelihood):
    """Counts of mean exp(z), the canonical link, or softplus(z).

    Parameters
    ----------
    link : {"log", "softplus"}
        With "log" the loss is exp(z) - y z, which passes the largest float64 at z = 709 and is inf from
        there, as is true; "softplus" stays finite.
    """

    def __init__(self, link="log"):
        if link not in ("log", "softplus"):
            raise ArgumentError(f'Poisson: link={link!r}; choose "log" or "softplus"')
        self.link = link

    def support(self, y):
        refuse(y, (y < 0) | (y != np.floor(y)), self, "counts are whole numbers of at least 0")

    def loss(self, z, y):
        if self.link == "log":
            return self.mean(z) - y * z
        return softplus(z) - y * _log_softplus(z)

    def constant(self, y):
        from scipy.special import gammaln
        return gammaln(np.asarray(y) + 1.0)

    def mean(self, z):
        if self.link == "softplus":
            return softplus(z)
        with np.errstate(over="ignore"):
            return np.exp(z)

    predict = mean


def _log_softplus(z):
    """log(log(1 + exp(z))): z itself, to rounding, where exp(z) is below the rounding of 1 (z < -37)."""
    from dualnet.table.row import primal
    far = primal(z) < -37
    return np.where(far, z, np.log(softplus(np.where(far, 0.0, z))))


class _Scaled(Likelihood):
    def __init__(self, scale=1.0):
        self.scale = positive(scale, f"{type(self).__name__}: scale")


class Laplace(_Scaled):
    """Median z: the loss is the absolute error over `scale`; less sensitive to outliers than Normal."""

    def loss(self, z, y):
        return np.abs(z - y) / self.scale

    def constant(self, y):
        return np.full(np.shape(y), math.log(2 * self.scale))


class StudentT(_Scaled):
    """Student's t around z with `df` degrees of freedom: outliers hardly matter.

    Parameters
    ----------
    df : float, default 4
    scale : float, default 1
    """

    def __init__(self, df=4.0, scale=1.0):
        super().__init__(scale)
        self.df = positive(df, "StudentT: df")

    def loss(self, z, y):
        return 0.5 * (self.df + 1) * np.log1p(((z - y) / self.scale) ** 2 / self.df)

    def constant(self, y):
        half = self.df / 2
        return np.full(np.shape(y), math.lgamma(half) - math.lgamma(half + 0.5) + 0.5 * math.log(math.pi * self.df) + math.log(self.scale))


LIKELIHOODS = {c.__name__: c for c in (Bernoulli, Categorical, Normal, Poisson, Laplace, StudentT)}

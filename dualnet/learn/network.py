"""A network: layers, a likelihood, parameters as a plain nested container, and the loss as a plain function."""

import numpy as np

from dualnet.errors import ArgumentError, DualnetError, ShapeError
from dualnet.learn.layers import Dropout, Layer
from dualnet.learn.likelihoods import Likelihood, Normal
from dualnet.learn.values import whole


class NotFittedError(DualnetError, ValueError, AttributeError):
    """The network has no parameters yet."""


class Network:
    """Layers one after the other, and the likelihood of the target given what the last one says.

    Parameters
    ----------
    layers : list of Layer
        The last one gives the raw outputs (logits): one for Bernoulli, one for each class for Categorical.
    likelihood : Likelihood
        Output unit and loss follow from it.
    dtype : {"float64", "float32"}

    Attributes
    ----------
    parameters : list of dict of ndarray
        One dict for each layer, ``{"weights": (p, q), "bias": (q,)}`` or ``{}``; None before :meth:`fit` or
        :meth:`start`.
    history : History
        Of the last fit.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> from dualnet.learn import Bernoulli, Dense, Network
    >>> net = Network([Dense(3, "tanh"), Dense(1)], likelihood=Bernoulli())
    >>> X, y = np.random.default_rng(0).standard_normal((20, 2)), np.arange(20) % 2
    >>> net.start(X, seed=0).shapes()
    [{'weights': (2, 3), 'bias': (3,)}, {'weights': (3, 1), 'bias': (1,)}]
    >>> gradient = dn.grad(net.loss)(net.parameters, X, y)
    >>> gradient[0]["weights"].shape
    (2, 3)
    """

    def __init__(self, layers, likelihood=None, *, dtype="float64"):
        self.layers = list(layers) if isinstance(layers, (list, tuple)) else [layers]
        for k, layer in enumerate(self.layers):
            if not isinstance(layer, Layer):
                raise ArgumentError(f"layer {k} is {layer!r:.60}; layers are Dense, Dropout, Activation, Flatten or your own Layer")
        if not self.layers:
            raise ArgumentError("a network needs at least one layer, such as Dense(1)")
        self.likelihood = Normal() if likelihood is None else likelihood() if isinstance(likelihood, type) else likelihood
        if not isinstance(self.likelihood, Likelihood):
            raise ArgumentError(f"likelihood={likelihood!r:.60}; give Bernoulli(), Normal() ... or Likelihood.from_density(...)")
        if dtype not in ("float64", "float32", np.float64, np.float32, np.dtype(np.float64), np.dtype(np.float32)):
            raise ArgumentError(f'dtype={dtype!r}; choose "float64" or "float32"')
        self.dtype = np.dtype(dtype).name
        self.parameters, self.history, self.input_shape, self.feature_names = None, None, None, None

    # --- parameters -------------------------------------------------------------------------------------

    def start(self, X, seed=0):
        """Set the parameters to random values for features like `X`, of shape (n, ...); returns the network."""
        rng = seed if isinstance(seed, np.random.Generator) else np.random.default_rng(seed)
        shape = self.input_shape = tuple(np.shape(X)[1:])
        self.parameters, self._shapes = [], []
        for layer in self.layers:
            self._shapes.append(shape)
            parameters, shape = layer.start(shape, rng, self.dtype)
            self.parameters.append(parameters)
        self.outputs = shape[0] if len(shape) == 1 else 0
        if len(shape) != 1:
            raise ShapeError(f"the last layer gives shape {shape} for each example; it must be (outputs,): end with Dense(...)")
        return self

    def shapes(self):
        """The shape of each parameter, layer by layer."""
        return [{k: v.shape for k, v in p.items()} for p in self.parameters]

    def size(self):
        """How many numbers the parameters are."""
        return sum(v.size for p in self.parameters for v in p.values())

    # --- plain functions of the parameters ------------------------------------------------------------------

    def forward(self, parameters, X, masks=None):
        """Raw outputs z, of shape (n, outputs), or (n,) for one; `masks` are those of :meth:`draw`."""
        x = X
        for k, (layer, p) in enumerate(zip(self.layers, parameters)):
            x = layer(p, x, None if masks is None else masks[k])
        return self.likelihood.unpack(x)

    def loss(self, parameters, X, y, *, masks=None, weights=None):
        """The mean over examples of minus the log-likelihood (less its constant), a plain NumPy function.

        Parameters
        ----------
        parameters : list of dict
            Like ``net.parameters``.
        X, y : ndarray, shapes (n, ...) and (n,) or (n, k)
        masks : list, optional
            What dropout leaves out (:meth:`draw`); nothing by default.
        weights : ndarray, shape (n,), optional
            How much each example counts.
        """
        each = self.likelihood.loss(self.forward(parameters, X, masks), y)
        if weights is None:
            return np.mean(each)
        if np.ndim(each) > 1:
            each = np.mean(each, axis=-1)
        return (weights @ each) / np.sum(weights)

    def draw(self, n, rng):
        """The random masks of one training pass over n examples, or None where no layer is random."""
        if not any(isinstance(layer, Dropout) or type(layer).draw is not Layer.draw for layer in self.layers):
            return None
        return [layer.draw(shape, n, rng, self.dtype) for layer, shape in zip(self.layers, self._shapes)]

    # --- learning and predicting ----------------------------------------------------------------------------

    def fit(self, X, y=None, **options):
        """Learn the parameters; see :func:`dualnet.learn.fitting.fit` for all keywords. Returns the History."""
        from dualnet.learn.fitting import fit
        return fit(self, X, y, **options)

    def features(self, X):
        """`X` checked against what the network was fitted on, as an array of its precision."""
        from dualnet.learn.data import as_features
        if self.parameters is None:
            raise NotFittedError("this network has no parameters yet; call fit first (or start, for random ones)")
        return as_features(X, self.dtype, shape=self.input_shape, names=self.feature_names)

    def logits(self, X, batch_size=4096):
        """Raw outputs for features `X`, batch by batch."""
        X = self.features(X)
        parts = [self.forward(self.parameters, X[i:i + batch_size]) for i in range(0, max(len(X), 1), batch_size)]
        return np.concatenate(parts) if len(parts) > 1 else parts[0]

    def predict(self, X):
        """The likeliest class, or the expected target, of each example."""
        return self.likelihood.predict(self.logits(X))

    def predict_proba(self, X):
        """Probabilities of the classes, shape (n, classes); for Bernoulli, of 0 and 1."""
        p = self.likelihood.mean(self.logits(X))
        if type(self.likelihood).__name__ not in ("Bernoulli", "Categorical"):
            raise ArgumentError(f"predict_proba is for classes; under {self.likelihood} use predict")
        return p if p.ndim == 2 else np.stack([1 - p, p], axis=-1)

    def score(self, X, y):
        """Minus the mean loss on (X, y): larger is better."""
        return -float(self.loss(self.parameters, self.features(X), self.likelihood.check(y, self.outputs)))

    def sample(self, X, samples=100, *, seed=0):
        """Monte-Carlo dropout: the output unit of `samples` passes with fresh masks, shape (samples, n, ...).

        Their mean, spread and quantiles describe what the network is unsure of (Gal and Ghahramani 2016).
        """
        X, rng, samples = self.features(X), np.random.default_rng(seed), whole(samples, "samples")
        passes = [self.likelihood.mean(self.forward(self.parameters, X, self.draw(len(X), rng))) for _ in range(samples)]
        return np.stack(passes)

    def predict_interval(self, X, samples=100, quantiles=(0.05, 0.5, 0.95), *, seed=0):
        """Mean, standard deviation and quantiles of :meth:`sample`, as a dict of arrays."""
        drawn = self.sample(X, samples, seed=seed)
        return {"mean": drawn.mean(0), "std": drawn.std(0), "quantiles": np.quantile(drawn, quantiles, axis=0)}

    # --- files --------------------------------------------------------------------------------------------

    def save(self, path):
        """Write the network to one .npz file (arrays and JSON only)."""
        from dualnet.learn.checkpoint import save_network
        save_network(self, path)

    @staticmethod
    def load(path):
        """A network from a file of :meth:`save`; raises CheckpointError for a torn, foreign or changed file."""
        from dualnet.learn.checkpoint import load_network
        return load_network(path)

    def __repr__(self):
        return f"Network([{', '.join(map(repr, self.layers))}], likelihood={self.likelihood!r})"

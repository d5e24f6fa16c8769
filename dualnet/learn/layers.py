"""Layers: what they hold (a dict of arrays), how it starts, and the plain NumPy function they are."""

import numpy as np

from dualnet.errors import ArgumentError, ShapeError
from dualnet.learn.activations import RELU_LIKE, activation
from dualnet.learn.values import positive, share, whole


class Layer:
    """One step of a network: ``layer(parameters, x, mask=None)``, with `parameters` a dict of arrays."""

    def start(self, shape, rng, dtype):
        """Parameters to begin with, and the shape of one example's output, for one example's input `shape`."""
        return {}, shape

    def draw(self, shape, n, rng, dtype):
        """What is random in a training pass over n examples; None where nothing is."""
        return None

    def spec(self):
        """Constructor arguments, as JSON."""
        return {k: v for k, v in vars(self).items() if not k.startswith("_")}

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.spec().items())})"


class Dense(Layer):
    """``f(x W + b)`` with every output connected to every input.

    Parameters
    ----------
    units : int
        How many outputs.
    activation : str or callable, default "identity"
        See ``dualnet.learn.activations``.
    initialisation : {"auto", "glorot", "he"}
        Uniform weights in ``±sqrt(6 / (inputs + outputs))`` (Glorot and Bengio 2010, eq. 16), or normal ones
        of variance ``2 / inputs`` (He, Zhang, Ren and Sun 2015, eq. 10); "auto" takes He's for the relu
        family. Biases start at 0.

    Examples
    --------
    >>> import numpy as np
    >>> layer = Dense(2, "tanh")
    >>> parameters, shape = layer.start((3,), np.random.default_rng(0), float)
    >>> parameters["weights"].shape, parameters["bias"].shape, shape
    ((3, 2), (2,), (2,))
    """

    def __init__(self, units, activation="identity", initialisation="auto"):
        if initialisation not in ("auto", "glorot", "he"):
            raise ArgumentError(f'Dense: initialisation={initialisation!r}; choose "auto", "glorot" or "he"')
        self.units, self.activation, self.initialisation = whole(units, "Dense: units"), activation, initialisation
        self._function = _checked(activation)

    def start(self, shape, rng, dtype):
        if len(shape) != 1:
            raise ShapeError(f"Dense takes examples of shape (features,), not {shape}; put Flatten() before it")
        p, q = shape[0], self.units
        if p == 0:
            raise ShapeError("there are no features: examples have shape (0,)")
        if self.initialisation == "he" or (self.initialisation == "auto" and self.activation in RELU_LIKE):
            W = rng.standard_normal((p, q)) * np.sqrt(2 / p)
        else:
            W = rng.uniform(-1, 1, (p, q)) * np.sqrt(6 / (p + q))
        return {"weights": W.astype(dtype), "bias": np.zeros(q, dtype)}, (q,)

    def __call__(self, parameters, x, mask=None):
        return self._function(x @ parameters["weights"] + parameters["bias"])


def _checked(name):
    return activation(name)


class Activation(Layer):
    """An activation function as a layer of its own."""

    def __init__(self, activation):
        self.activation, self._function = activation, _checked(activation)

    def __call__(self, parameters, x, mask=None):
        return self._function(x)


class Flatten(Layer):
    """Each example as one row: (n, 28, 28) becomes (n, 784)."""

    def start(self, shape, rng, dtype):
        return {}, (int(np.prod(shape)),)

    def __call__(self, parameters, x, mask=None):
        return np.reshape(x, (np.shape(x)[0], -1))


class Dropout(Layer):
    """Leave out each input with probability ``1 - keep`` while training (Srivastava and others 2014).

    Kept values are divided by `keep` (the inverted form), so that prediction uses the network as it is. This
    equals the paper's form, which trains with plain masks and multiplies the weights behind the layer by
    `keep` for prediction: training ``(x m / k) W`` is training ``(x m) W'`` with ``W' = W / k``, and the
    paper then predicts with ``k W' = W``.

    Parameters
    ----------
    rate : float, default 0.5
        Probability of leaving a value out. Usual: 0.2 for inputs (keep 0.8), 0.5 for hidden units.
    keep : float, optional
        1 - rate, where that is how you think of it.
    per : {"example", "batch"}
        A mask for each example, or one for the whole batch.

    Examples
    --------
    >>> import numpy as np
    >>> layer = Dropout(0.5)
    >>> layer({}, np.ones((1, 4)), mask=layer.draw((4,), 1, np.random.default_rng(0), float))
    array([[0., 0., 0., 2.]])
    """

    def __init__(self, rate=None, *, keep=None, per="example"):
        if rate is not None and keep is not None:
            raise ArgumentError("Dropout: give the rate or keep, not both")
        if keep is not None and positive(keep, "Dropout: keep") > 1:
            raise ArgumentError(f"Dropout: keep={keep!r}; give a probability above 0 and up to 1")
        rate = share(0.5 if rate is None and keep is None else 1 - keep if rate is None else rate, "Dropout: rate")
        if per not in ("example", "batch"):
            raise ArgumentError(f'Dropout: per={per!r}; choose "example" or "batch"')
        self.rate, self.per = float(rate), per

    def draw(self, shape, n, rng, dtype):
        if self.rate == 0:
            return None
        keep = 1 - self.rate
        uniform = rng.random((n if self.per == "example" else 1,) + shape, dtype=np.float32)
        return (uniform < keep) * np.asarray(1 / keep, dtype)

    def __call__(self, parameters, x, mask=None):
        return x if mask is None else x * mask


LAYERS = {c.__name__: c for c in (Dense, Activation, Flatten, Dropout)}

"""A generative adversarial network: two networks, two plain losses, and no derivative written by hand."""

import numpy as np

from dualnet.errors import ArgumentError, ShapeError
from dualnet.learn.data import as_features
from dualnet.learn.fitting import generator
from dualnet.learn.gradients import flattened, leaves, source
from dualnet.learn.likelihoods import Bernoulli
from dualnet.learn.optimizers import Adam, stepwise
from dualnet.learn.values import whole
from dualnet.learn.watching import DivergedError
from dualnet.operators import value_and_grad


class GAN:
    """Generator and discriminator trained in alternation (Goodfellow and others 2014).

    The discriminator is a Bernoulli network that tells data (1) from fakes (0). The generator minimises the
    discriminator's loss on fakes labelled as data, the non-saturating loss -log D(G(z)).

    Parameters
    ----------
    generator : Network
        From noise to an example; its last layer has one output for each feature.
    discriminator : Network
        With likelihood Bernoulli().
    latent : int
        Size of the noise, standard normal.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnet.learn import Bernoulli, Dense, Network
    >>> gan = GAN(Network([Dense(2)]), Network([Dense(1)], Bernoulli()), latent=2)
    >>> trace = gan.fit(ring(200, seed=0), steps=5, seed=0)
    >>> gan.sample(3, seed=1).shape
    (3, 2)
    """

    def __init__(self, generator, discriminator, latent=8):
        if not isinstance(discriminator.likelihood, Bernoulli):
            raise ArgumentError(f"GAN: the discriminator tells data from fakes and needs likelihood=Bernoulli(), not "
                                f"{discriminator.likelihood!r}")
        self.generator, self.discriminator, self.latent = generator, discriminator, whole(latent, "GAN: latent")

    def generator_loss(self, parameters, z):
        """The discriminator's loss if the fakes were data, a plain function of the generator's parameters."""
        fake = self.generator.forward(parameters, z)
        return self.discriminator.loss(self.discriminator.parameters, fake, np.ones(len(z)))

    def fit(self, X, *, steps=2000, batch_size=128, optimizers=None, seed=0):
        """Alternate one step of each network; returns {"generator", "discriminator"}: losses, one for each step.

        Raises :class:`DivergedError` where a loss is no number any more; the parameters are those of the step before.
        """
        whole(steps, "GAN: steps"), whole(batch_size, "GAN: batch_size")
        makers = [stepwise(make, "GAN") for make in optimizers or (Adam(1e-3, beta1=0.5),) * 2]
        rng = generator(seed)
        X = as_features(X, self.generator.dtype)
        if not len(X):
            raise ShapeError("the data are empty: no examples to learn from")
        self.generator.start(np.empty((0, self.latent)), rng)
        if (self.generator.outputs,) != X.shape[1:]:
            raise ShapeError(f"GAN: the generator gives {self.generator.outputs} numbers, but examples have shape {X.shape[1:]}; end it "
                             f"with Dense({int(np.prod(X.shape[1:]))})")
        self.discriminator.start(X, rng)
        sides = [_Side(net, make) for net, make in zip((self.discriminator, self.generator), makers)]
        discern = source("reverse", self.discriminator)
        deceive = value_and_grad(self.generator_loss, mode="reverse", kinks="local")
        trace = {"discriminator": [], "generator": []}
        labels = np.concatenate([np.ones(batch_size), np.zeros(batch_size)]).astype(self.generator.dtype)
        for _ in range(steps):
            real, z = X[rng.integers(len(X), size=batch_size)], self._noise(batch_size, rng)
            both = np.concatenate([real, self.generator.forward(self.generator.parameters, z)])
            trace["discriminator"].append(sides[0].step(*discern(self.discriminator.parameters, both, labels)))
            trace["generator"].append(sides[1].step(*deceive(self.generator.parameters, self._noise(batch_size, rng))))
        return {k: np.array(v) for k, v in trace.items()}

    def _noise(self, n, rng):
        return rng.standard_normal((n, self.latent)).astype(self.generator.dtype)

    def sample(self, n, *, seed=0):
        """`n` new examples."""
        return self.generator.forward(self.generator.parameters, self._noise(n, np.random.default_rng(seed)))


class _Side:
    """One network's parameters in one array, and its optimizer."""

    def __init__(self, network, optimizer):
        self.flat, network.parameters = flattened(network.parameters, network.dtype)
        self.optimizer, self.memory, self.count = optimizer, optimizer.start(self.flat), 0

    def step(self, loss, gradient):
        self.count += 1
        flat = np.concatenate([g.reshape(-1) for g in leaves(gradient)])
        before = self.flat.copy()
        if np.isfinite(loss) and np.isfinite(flat).all():
            self.optimizer.step(self.flat, flat, self.memory, self.optimizer.learning_rate(0.0), self.count)
        if not (np.isfinite(loss) and np.isfinite(flat).all() and np.isfinite(self.flat).all()):
            self.flat[...] = before
            raise DivergedError(f"GAN: the loss became {loss:.3g} at step {self.count}, or a step from it is not finite; lower the "
                                f"learning rate (divide it by 10), or scale the features")
        return float(loss)


def ring(n, *, modes=8, radius=2.0, spread=0.1, seed=0):
    """`n` points from normal distributions of that spread, their centres evenly on a circle."""
    rng = np.random.default_rng(seed)
    angle = 2 * np.pi * rng.integers(modes, size=n) / modes
    return radius * np.column_stack([np.cos(angle), np.sin(angle)]) + spread * rng.standard_normal((n, 2))


def covered(points, *, modes=8, radius=2.0, spread=0.1, share=0.25):
    """How many modes of :func:`ring` hold at least `share` of their fair part of `points`, and the part near any mode.

    Near is within four spreads of a centre.
    """
    angle = 2 * np.pi * np.arange(modes) / modes
    centres = radius * np.column_stack([np.cos(angle), np.sin(angle)])
    distance = np.linalg.norm(points[:, None] - centres, axis=2)
    near = distance.min(1) < 4 * spread
    counts = np.bincount(distance.argmin(1)[near], minlength=modes)
    return int(np.sum(counts >= share * len(points) / modes)), float(near.mean())

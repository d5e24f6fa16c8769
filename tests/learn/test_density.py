"""Densities of one's own as likelihoods: losses against scipy.stats, gradients against differences of it, means."""

import pickle

import numpy as np
import pytest
import scipy.stats as known
import sympy as sp
from sympy import stats

import dualnet as dn
from dualnet.errors import ArgumentError
from dualnet.learn import LBFGS, Dense, Likelihood, Network

a, b = sp.symbols("a b", positive=True)
m = sp.Symbol("m", real=True)
p = sp.Symbol("p", positive=True)
Y = sp.Symbol("y", positive=True)
COUNTS, POSITIVE, SHARES = np.array([1.0, 2, 7, 1, 40, 3]), np.array([0.1, 2.5, 7, 1, 40, 3]), np.array([0.01, 0.2, 0.5, 0.7, 0.9, 0.999])
ANY = np.array([-3.0, 0.1, 2, 0, 50, -1])
CASES = {  # a sympy.stats variable, targets, and its parameters (sorted by name) as scipy.stats takes them
    "Normal": (stats.Normal("Y", m, a), ANY, lambda a, m: known.norm(m, a)),
    "Exponential": (stats.Exponential("Y", a), POSITIVE, lambda a: known.expon(scale=1 / a)),
    "Logistic": (stats.Logistic("Y", m, a), ANY, lambda a, m: known.logistic(m, a)),
    "Poisson": (stats.Poisson("Y", a), COUNTS, lambda a: known.poisson(a)),
    "Rayleigh": (stats.Rayleigh("Y", a), POSITIVE, lambda a: known.rayleigh(scale=a)),
    "StudentT": (stats.StudentT("Y", a), ANY, lambda a: known.t(a)),
    "Gamma": (stats.Gamma("Y", a, b), POSITIVE, lambda a, b: known.gamma(a, scale=b)),
    "Beta": (stats.Beta("Y", a, b), SHARES, lambda a, b: known.beta(a, b)),
    "NegativeBinomial": (stats.NegativeBinomial("Y", a, p), COUNTS, lambda a, p: known.nbinom(a, p)),
    "Binomial": (stats.Binomial("Y", 40, p), COUNTS, lambda p: known.binom(40, p)),
    "Geometric": (stats.Geometric("Y", p), COUNTS, lambda p: known.geom(p)),
    "Weibull": (stats.Weibull("Y", a, b), POSITIVE, lambda a, b: known.weibull_min(b, scale=a)),
    "LogNormal": (stats.LogNormal("Y", m, b), POSITIVE, lambda b, m: known.lognorm(b, scale=np.exp(m))),
    "Cauchy": (stats.Cauchy("Y", m, a), ANY, lambda a, m: known.cauchy(m, a)),
    "ChiSquared": (stats.ChiSquared("Y", a), POSITIVE, lambda a: known.chi2(a)),
    "FDistribution": (stats.FDistribution("Y", a, b), POSITIVE, lambda a, b: known.f(a, b)),
    "GammaInverse": (stats.GammaInverse("Y", a, b), POSITIVE, lambda a, b: known.invgamma(a, scale=b)),
    "VonMises": (stats.VonMises("Y", m, a), np.array([0.1, 1, 2, 3, 4, 6]), lambda a, m: known.vonmises(a, m)),
    "Nakagami": (stats.Nakagami("Y", a, b), POSITIVE, lambda a, b: known.nakagami(a, scale=np.sqrt(b))),
}


def likelihood_of(variable):
    return Likelihood.from_density(variable, links={"p": "sigmoid"} if p in variable.pspace.distribution.args else None)


def parameters_of(likelihood, z):
    """The parameters that raw outputs stand for, by the links' formulas."""
    columns = z.reshape(len(z), -1).T
    linked = {"identity": lambda z: z, "softplus": lambda z: np.log1p(np.exp(z)) + 1e-6, "sigmoid": lambda z: 1 / (1 + np.exp(-z))}
    return [linked[likelihood.links[name]](column) for name, column in zip(likelihood.parameters, columns)]


@pytest.mark.parametrize("name", CASES)
def test_densities_of_sympy_are_those_of_scipy(name, rng):
    variable, y, distribution = CASES[name]
    likelihood = likelihood_of(variable)
    z = rng.standard_normal((6, likelihood.per_target))
    z = z[:, 0] if likelihood.per_target == 1 else z

    def truth(z):
        frozen = distribution(*parameters_of(likelihood, z))
        return -(frozen.logpmf(y) if hasattr(frozen.dist, "pmf") else frozen.logpdf(y))

    y = likelihood.check(y, likelihood.per_target)
    np.testing.assert_allclose(likelihood.loss(z, y) + likelihood.constant(y), truth(z), rtol=1e-9, atol=1e-12)
    forward, reverse = (dn.grad(lambda z: np.sum(likelihood.loss(z, y)), mode=mode)(z) for mode in ("forward", "reverse"))
    np.testing.assert_allclose(forward, reverse, rtol=1e-10, atol=1e-13)
    for column in range(likelihood.per_target):
        step = np.zeros_like(z)
        step.reshape(6, -1)[:, column] = 1e-5
        difference = (truth(z + step) - truth(z - step)) / 2e-5
        np.testing.assert_allclose(forward.reshape(6, -1)[:, column], difference, rtol=1e-6, atol=1e-6)


def test_gamma_functions_of_large_arguments_do_not_overflow():
    nu, s, r, mu = sp.symbols("nu s r mu", positive=True)
    y = sp.Symbol("y", real=True)
    student = sp.gamma((nu + 1) / 2) / (sp.gamma(nu / 2) * sp.sqrt(sp.pi * nu) * s) * (1 + ((y - m) / s) ** 2 / nu) ** (-(nu + 1) / 2)
    counts = sp.gamma(y + r) / (sp.gamma(r) * sp.factorial(y)) * (r / (r + mu)) ** r * (mu / (r + mu)) ** y
    gamma = Y ** (a - 1) * sp.exp(-Y / b) / (sp.gamma(a) * b**a)
    z, targets = np.array([[0.3, 1000.0, 0.5], [0.1, 2.0, 1.0]]), np.array([400.0, 5.0])
    for density, columns, distribution in (
        (student, 3, lambda m, nu, s: known.t(nu, m, s)), (counts, 2, lambda mu, r: known.nbinom(r, r / (r + mu))),
        (gamma, 2, lambda a, b: known.gamma(a, scale=b)),
    ):
        likelihood, raw = Likelihood.from_density(density), z[:, 3 - columns:]
        frozen = distribution(*parameters_of(likelihood, np.where(raw > 500, 500, raw)))
        truth = -(frozen.logpmf(targets) if density is counts else frozen.logpdf(targets))
        with np.errstate(over="raise", invalid="raise"):
            got = likelihood.loss(np.where(raw > 500, 500, raw), targets) + likelihood.constant(targets)
        np.testing.assert_allclose(got, truth, rtol=1e-10)


def test_the_mean_is_known_or_asked_for(rng):
    for name, true in (("Gamma", lambda a, b: a * b), ("Beta", lambda a, b: a / (a + b)), ("Binomial", lambda p: 40 * p),
                       ("NegativeBinomial", lambda a, p: a * (1 - p) / p)):
        likelihood = likelihood_of(CASES[name][0])
        z = rng.standard_normal((5, likelihood.per_target))
        z = z[:, 0] if likelihood.per_target == 1 else z
        np.testing.assert_allclose(likelihood.mean(z), true(*parameters_of(likelihood, z)), rtol=1e-12)
    z = rng.standard_normal((5, 2))
    with pytest.raises(ArgumentError, match="mean="):  # it has none
        Likelihood.from_density(CASES["Cauchy"][0]).predict(z)
    np.testing.assert_array_equal(Likelihood.from_density(CASES["Cauchy"][0], mean=m).predict(z), z[:, 1])


def test_a_density_with_gamma_functions_learns_its_parameters():
    shape, scale = 3.0, 2.0
    waits = np.random.default_rng(1).gamma(shape, scale, 4000)
    net = Network([Dense(2)], Likelihood.from_density(stats.Gamma("Y", a, b)))
    net.fit(np.zeros((4000, 1)), waits, optimizer=LBFGS())
    assert net.predict(np.zeros((1, 1)))[0] == pytest.approx(waits.mean(), rel=1e-4)
    fitted = parameters_of(net.likelihood, net.logits(np.zeros((1, 1))))
    np.testing.assert_allclose(np.ravel(fitted), known.gamma.fit(waits, floc=0)[::2], rtol=1e-3)


def test_a_density_is_pickled():
    likelihood = Likelihood.from_density(stats.Gamma("Y", a, b), links={"a": "exp"})
    again = pickle.loads(pickle.dumps(likelihood))
    z, y = np.ones((3, 2)), POSITIVE[:3]
    np.testing.assert_array_equal(again.loss(z, y), likelihood.loss(z, y))
    assert again.links == likelihood.links


@pytest.mark.parametrize(("name", "bad"), [("Gamma", -1), ("Beta", 1.5), ("Binomial", 41), ("Geometric", 2.5), ("NegativeBinomial", -1)])
def test_targets_off_the_support_are_named(name, bad):
    likelihood = Likelihood.from_density(CASES[name][0])
    with pytest.raises(ArgumentError, match=rf"target {bad:g} in row 1"):
        likelihood.check(np.array([CASES[name][1][2], bad]), likelihood.per_target)


def test_what_is_no_density_is_refused():
    for wrong, words in ((sp.exp(-a), "does not contain"), (stats.Die("Y", 6), "no parameter"), ("exp(-y)", "SymPy expression")):
        with pytest.raises((ArgumentError, TypeError), match=words):
            Likelihood.from_density(wrong)
    with pytest.raises(ArgumentError, match="no parameter q"):
        Likelihood.from_density(stats.Gamma("Y", a, b), links={"q": "exp"})
    with pytest.raises(ArgumentError, match="choose one of"):
        Likelihood.from_density(stats.Gamma("Y", a, b), links={"a": "log"})

"""Every loss against SymPy's negative log-likelihood, in as many digits as it takes, also at logits of 1e4."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import dualnet as dn
from dualnet.errors import ArgumentError, ShapeError
from dualnet.learn import Bernoulli, Categorical, Laplace, Normal, Poisson, StudentT

z, y, s = sp.symbols("z y s", real=True)
SOFTPLUS = sp.log(1 + sp.exp(z))
PROBABILITY = 1 / (1 + sp.exp(-z))
ONE = {  # the density of y as everybody writes it
    Bernoulli(): PROBABILITY**y * (1 - PROBABILITY) ** (1 - y),
    Normal(): sp.exp(-((y - z) ** 2) / 2) / sp.sqrt(2 * sp.pi),
    Poisson(): sp.exp(z) ** y * sp.exp(-sp.exp(z)) / sp.gamma(y + 1),
    Poisson("softplus"): SOFTPLUS**y * sp.exp(-SOFTPLUS) / sp.gamma(y + 1),
    Laplace(2.0): sp.exp(-sp.Abs(y - z) / 2) / 4,
    StudentT(3.0, 2.0): 1 / (sp.gamma(sp.Rational(3, 2)) * sp.sqrt(3 * sp.pi) * 2) / (1 + ((y - z) / 2) ** 2 / 3) ** 2,
}
NUMBERS = st.floats(-500, 500).map(lambda v: round(v, 6)) | st.sampled_from([-1e4, 1e4, 0.0, 300.0, -40.0])


def exact(density, **values):
    """Minus the log of `density`, in arithmetic with enough digits for e^-20000."""
    symbols = [sp.Symbol(k, real=True) for k in values]
    with mpmath.workdps(9100 if max(map(abs, values.values())) > 100 else 300):
        return float(-mpmath.log(sp.lambdify(symbols, density, "mpmath")(*map(mpmath.mpf, values.values()))))


@pytest.mark.parametrize("likelihood", ONE, ids=repr)
@settings(max_examples=20)
@given(logit=NUMBERS, target=st.integers(0, 1))
def test_loss_is_the_negative_log_likelihood(likelihood, logit, target):
    if likelihood.spec().get("link") == "log" and logit > 700:
        assert likelihood.loss(np.array([logit]), np.array([1.0]))[0] == np.inf
        return
    target = float(target) if type(likelihood) is Bernoulli else 3.0 * target
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        got = likelihood.loss(np.array([logit]), np.array([target])) + likelihood.constant(np.array([target]))
    want = exact(ONE[likelihood], z=logit, y=target)
    assert got[0] == pytest.approx(want, rel=1e-12, abs=1e-12)


def test_bernoulli_keeps_small_losses():
    assert Bernoulli().loss(np.array([40.0]), np.array([1.0]))[0] == pytest.approx(np.exp(-40.0), rel=1e-12)


@given(st.lists(NUMBERS, min_size=2, max_size=5), st.integers(0, 4))
def test_categorical(logits, label):
    label %= len(logits)
    got = Categorical().loss(np.array([logits]), np.array([label]))[0]
    terms = [sp.exp(sp.Rational(v) - sp.Rational(logits[label])) for v in logits]
    assert got == pytest.approx(float(sp.log(sp.Add(*terms)).evalf(30, maxn=20000)), rel=1e-12, abs=1e-12)


@given(st.floats(-50, 50), st.floats(-30, 30), st.floats(-10, 10))
def test_normal_with_learnt_variance(mean, raw, target):
    variance = sp.log(1 + sp.exp(s)) + sp.Rational(1, 10**6)
    density = sp.exp(-((y - z) ** 2) / (2 * variance)) / sp.sqrt(2 * sp.pi * variance)
    likelihood = Normal("learnt")
    got = likelihood.loss(np.array([[mean, raw]]), np.array([target])) + likelihood.constant([target])
    assert got[0] == pytest.approx(exact(density, z=mean, s=raw, y=target), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("likelihood", [*ONE, Normal("learnt"), Categorical()], ids=repr)
@pytest.mark.parametrize("size", [1e4, -1e4, 0.3])
def test_gradients_at_large_logits_are_finite_and_those_of_differences(likelihood, size):
    if likelihood.spec().get("link") == "log" and size == 1e4:
        size = 700  # exp(1e4) is not a float64
    k = 1 if type(likelihood) not in (Categorical, Normal) or likelihood.spec().get("variance") == "fixed" else 2
    logits = np.full((1, k), size) * np.linspace(1, 0.5, k)
    target = likelihood.check(np.array([1]), k)

    def total(x):
        return np.sum(likelihood.loss(likelihood.unpack(x), target))

    forward, reverse = (dn.grad(total, mode=m)(logits) for m in ("forward", "reverse"))
    np.testing.assert_allclose(forward, reverse, rtol=1e-10, atol=1e-12)
    for j in range(k):
        h = 1e-5 * max(1, abs(size)) * (np.arange(k) == j)
        difference = (total(logits + h) - total(logits - h)) / (2 * h[j])
        assert forward[0, j] == pytest.approx(difference, rel=2e-3, abs=1e-5)


@pytest.mark.parametrize(("likelihood", "bad", "outputs", "words"), [
    (Bernoulli(), [0, 1, -1], 1, "-1 in row 2"),
    (Bernoulli(), [0, 0.5], 1, "0.5 in row 1"),
    (Categorical(), [0, -1], 3, "-1 in row 1"),
    (Categorical(), [0, 3], 3, "3 in row 1"),
    (Poisson(), [0, 2.5], 1, "2.5 in row 1"),
    (Poisson(), [-2], 1, "-2"),
    (Normal(), [0.0, np.nan], 1, "nan in row 1"),
])
def test_targets_off_the_support_are_named(likelihood, bad, outputs, words):
    with pytest.raises(ArgumentError, match=words):
        likelihood.check(np.array(bad), outputs)


def test_a_column_of_targets_is_refused():
    with pytest.raises(ShapeError, match="ravel"):
        Normal().check(np.zeros((5, 1)), 1)
    with pytest.raises(ShapeError, match=r"Dense\(2\)"):
        Normal().check(np.zeros((5, 2)), 1)
    with pytest.raises(ArgumentError, match="any type"):
        Bernoulli().check(np.array(["yes", "no"]), 1)

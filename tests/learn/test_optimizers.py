"""Each optimizer against torch.optim, each schedule against its formula."""

import math

import numpy as np
import pytest

import dualnet as dn
from dualnet.errors import ArgumentError
from dualnet.learn import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Constant,
    Cosine,
    Exponential,
    GradientDescent,
    InverseTime,
    ReduceOnPlateau,
    RMSprop,
    Step,
    WarmUp,
)


def valley(w):
    return (w[0] - 0.3) ** 4 + np.sin(w[1]) * w[2] ** 2 + 0.5 * np.sum(w**2) + 0.1 * w[0] * w[2]


# torch 2.13.0, float64: 25 steps of torch.optim on `valley` from (1, -2, 0.5)
TORCH = [
    (SGD(0.05), [0.15776721439433117, -0.8687351409112274, 1.1849252312022798]),
    (GradientDescent(0.05), [0.15776721439433117, -0.8687351409112274, 1.1849252312022798]),
    (SGD(0.05, momentum=0.9), [0.12465625529309556, -0.46887930465117944, -0.825867058369469]),
    (SGD(0.05, momentum=0.9, nesterov=True), [0.058347475673309605, -0.010465510467301195, -0.15990093782058767]),
    (Adagrad(0.1), [0.39962163359984454, -1.2885071594616477, 1.5923138968991273]),
    (RMSprop(0.01), [0.38583418808768805, -1.2782297059482683, 1.6106062399760666]),
    (Adam(0.05), [0.04876158814558871, -0.9695840250826647, 1.828390480945677]),
    (AdamW(0.05, decay=0.1), [0.014823746036507528, -0.8512963517265072, 1.6789485850316355]),
]


@pytest.mark.parametrize(("optimizer", "end"), TORCH, ids=lambda x: repr(x)[:40])
def test_steps_are_those_of_torch(optimizer, end):
    w = np.array([1.0, -2.0, 0.5])
    memory = optimizer.start(w)
    for count in range(1, 26):
        optimizer.step(w, dn.grad(valley)(w), memory, optimizer.learning_rate(0), count)
    np.testing.assert_allclose(w, end, rtol=1e-12)


def test_pieces_do_not_change_a_step(monkeypatch, rng):
    from dualnet.learn import optimizers
    w, g = rng.standard_normal((2, 1000))
    whole, cut = w.copy(), w.copy()
    Adam().step(whole, g, Adam().start(w), 0.1, 1)
    monkeypatch.setattr(optimizers, "PIECE", 64)
    Adam().step(cut, g, Adam().start(w), 0.1, 1)
    np.testing.assert_array_equal(whole, cut)


@pytest.mark.parametrize(("schedule", "epoch", "rate"), [
    (Step(1.0, every=10, gamma=0.5), 25, 0.25),
    (Exponential(2.0, gamma=0.9), 3, 2 * 0.9**3),
    (InverseTime(1.0, decay=0.5), 4, 1 / 3),
    (Cosine(1.0, epochs=10), 5, 0.5),
    (Cosine(1.0, epochs=10, final=0.1), 10, 0.1),
    (WarmUp(Exponential(1.0, gamma=0.5), epochs=4), 2, 0.5),
    (WarmUp(Exponential(1.0, gamma=0.5), epochs=4), 5, 0.5),
])
def test_schedules(schedule, epoch, rate):
    assert math.isclose(schedule(epoch), rate)


def test_reduce_on_plateau():
    schedule = ReduceOnPlateau(1.0, patience=2, gamma=0.1)
    for loss, rate in [(1, 1), (1, 1), (1, 1), (1, 0.1), (0.5, 0.1), (0.6, 0.1)]:
        schedule.observe(loss)
        assert math.isclose(schedule(0), rate)


def test_reduce_on_plateau_of_a_negative_loss():
    schedule = ReduceOnPlateau(1.0, patience=2, gamma=0.1, tolerance=1e-2)
    for loss, rate in [(-10, 1), (-10, 1), (-10.05, 1), (-9.99, 0.1), (-10.2, 0.1), (-10.2, 0.1), (-10.2, 0.1), (-10.2, 0.01)]:
        schedule.observe(loss)
        assert math.isclose(schedule(0), rate)


def test_the_repr_of_an_optimizer_makes_it_anew():
    for optimizer in (SGD(0.1, momentum=0.9, nesterov=True), Adam(1e-2)):
        assert repr(eval(repr(optimizer), {"SGD": SGD, "Adam": Adam, "Constant": Constant})) == repr(optimizer)


@pytest.mark.parametrize("make", [
    lambda: SGD(-0.1), lambda: SGD(0), lambda: Adam("fast"), lambda: SGD(0.1, momentum=1.0), lambda: SGD(0.1, nesterov=True),
    lambda: Adam(float("nan")), lambda: Step(0.1, every=0), lambda: Adam(True), lambda: Adam(None),
])
def test_wrong_numbers_are_refused(make):
    with pytest.raises(ArgumentError, match=r"give|needs"):
        make()

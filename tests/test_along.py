"""Runs that chose their mode at the first touch, and recorded runs pulled or pushed along: the derivatives of both modes."""

import numpy as np
import pytest
from differences import along
from everyday import EXPRESSIONS, INPUTS

import dualnet as dn
from dualnet import jacobians, pending, tangents
from dualnet.sweeps import Record
from dualnet.trees import results

X = np.array([0.5, -1.25, 2.0, 3.5])


@pytest.fixture(params=["pulled", "pushed"])
def undecided(request, monkeypatch):
    """No mode is known before the run, and a recorded Jacobian is pulled, or pushed along."""
    def started(f, leaves, call, kinks, mode, known):
        return pending.chosen(f, leaves, call, kinks, {}) if mode == "auto" else pending.started(f, leaves, call, kinks, mode, known)

    monkeypatch.setattr(jacobians, "started", started)
    monkeypatch.setattr(jacobians, "forward_is_less", lambda run, inputs: request.param == "pushed")
    return request.param


REAL = [e[1:] for e in EXPRESSIONS if not any(np.iscomplexobj(INPUTS[n]) for n in e[2])]


@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated")
@pytest.mark.parametrize("part", range(8))
def test_everyday_expressions(undecided, part):
    """Reverse mode's Jacobians of these are held against differences in test_everyday.py."""
    for text, names, f in REAL[part::8]:
        args = [INPUTS[n] for n in names]
        g = lambda *args, f=f: np.concatenate([np.ravel(y) for y in results(f(*args), f)[0]])
        ways = [dn.jacobian(g, tuple(range(len(args))), mode=mode)(*args) for mode in ("auto", "reverse")]
        for got, want in zip(*ways, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-11 * np.max(np.abs(want), initial=0.0), err_msg=text)


def filled(x):
    y = np.zeros(80, like=x)
    for i in range(80):
        y[i] = np.sin(x[i % len(x)]) * (y[i - 1] if i else 1.0) + 0.1 * x[-1]
    return y


def filled_rows(x):
    y = np.ones((9, 20), like=x)
    for i in range(1, 9):
        y[i, 2:6] = x * y[i - 1, 2:6]
    return y * y


def written(x):
    view = x[1:3]
    x[0] = 7.0
    x[3] = x[1] * x[2]
    view *= 2.0
    return np.concatenate([x, view])


def added_to(x):
    y = x
    x += 1.0
    x *= x
    return y - x[::-1]


def stored(x):
    held = {"p": [x, (x, 2.0 * x)]}
    x[1] = 3.0
    return held["p"][0] * held["p"][1][0] + held["p"][1][1]


def closure(x):
    return np.array([inner(k) for inner in [lambda k: x[k] ** 2] for k in range(4)])


PROGRAMS = {
    "filled": filled, "filled rows": filled_rows, "written": written, "added to": added_to, "stored": stored, "closure": closure,
    "untouched": lambda x: x, "in a container": lambda x: {"x": x, "y": [x[0], 2.0 * x]}, "constant": lambda x: np.ones(3),
    "constants": lambda x: (1.0, np.zeros(2)), "object array": lambda x: np.array([x[0] ** 2, x[0] * x[1], 3.0]),
    "stack": lambda x: np.stack([x[0], *x]), "ties": lambda x: np.array([np.max(x - x), np.abs(x - X).sum(), np.maximum(x, X).sum()]),
    "sorted": lambda x: np.sort(x * 0.0), "cumulated": lambda x: np.cumsum(x) * np.fft.ifft(np.fft.fft(x)).real,
    "picked": lambda x: x[[3, 0, 0]] * x[np.array([True, False, True, True])], "complex inside": lambda x: np.abs(np.exp(1j * x) + x),
    "buffer": lambda x: np.add(x, 1.0, out=np.empty_like(x)), "solved": lambda x: np.linalg.solve(np.diag(x) + 1.0, x),
    "no results": lambda x: np.zeros(0), "inner gradient": lambda x: dn.grad(lambda y: np.sum(x * y ** 2))(x),
    "inner Jacobian": lambda x: dn.jacobian(lambda y: np.sin(x * y))(x[:2].repeat(2)),
    "inner untouched": lambda x: dn.jacobian(lambda y: y)(x) @ x, "inner apart": lambda x: x * dn.grad(lambda y: y[0] * y[1] * x[2])(x),
    "many inner inputs": lambda x: dn.jacobian(lambda y: np.sin(y) * np.repeat(x, 50))(np.repeat(x, 50)).sum(0)[::50],
}
ALONG = [name for name in PROGRAMS if name not in ("ties", "sorted", "in a container", "constants", "no results")]


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(undecided, name):
    f = PROGRAMS[name]
    ways = [results(dn.jacobian(f, mode=mode)(X), f)[0] for mode in ("auto", "forward", "reverse")]
    for got, forward, reverse in zip(*ways, strict=True):
        np.testing.assert_allclose(got, forward, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(got, reverse, rtol=1e-12, atol=1e-12)
    assert X.tolist() == [0.5, -1.25, 2.0, 3.5]


@pytest.mark.parametrize("name", ALONG)
def test_programs_against_differences(undecided, name):
    f, v = PROGRAMS[name], np.array([1.0, -0.5, 0.25, 2.0])
    plain = (lambda x: f(x.copy())) if "filled" not in name else lambda x: np.asarray(dn.stop_gradient(dn.jvp(f, (x,), (0 * x,))[0]))
    np.testing.assert_allclose(dn.jacobian(f)(X) @ v, along(plain, X, v), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("kinks", ["ahead", "local"])
def test_kinks(undecided, kinks):
    f = lambda x: np.array([np.max(x), np.sum(np.abs(x)), np.sum(np.maximum(x, 0.0) - np.maximum(-x, 0.0)), np.sort(x)[1]])
    x = np.zeros(3)
    ways = [dn.jacobian(f, mode=mode, kinks=kinks)(x) for mode in ("auto", "forward", "reverse")]
    assert np.array_equal(ways[0], ways[1]) and np.array_equal(ways[0], ways[2])
    if kinks == "ahead":
        assert ways[0][2].tolist() == [1.0, 1.0, 1.0]


def test_structural_zeros_and_nan(undecided):
    f = lambda x: np.where(x > 0, np.log(x), 0.0)
    g = lambda x: np.stack([np.sqrt(x[0]), np.sqrt(x[0]) ** 2, x[1]])
    with np.errstate(all="ignore"):
        assert dn.jacobian(f)(np.array([0.0, 2.0])).tolist() == [[0.0, 0.0], [0.0, 0.5]]
        got = dn.jacobian(g)(np.array([0.0, 2.0]))
    assert got[0, 0] == np.inf and np.isnan(got[1, 0]) and got[:, 1].tolist() == [0.0, 0.0, 1.0]


def test_memory_budget(undecided, monkeypatch):
    monkeypatch.setattr(tangents, "BUDGET", 8 * 40)
    f = lambda x: np.outer(x, x).ravel()
    x = np.arange(1.0, 5.0)
    want = (np.eye(4)[:, None, :] * x[None, :, None] + np.eye(4)[None, :, :] * x[:, None, None]).reshape(16, 4)
    np.testing.assert_allclose(dn.jacobian(lambda x: (f(x), x[0])[0])(x), want)
    np.testing.assert_allclose(dn.jacobian(lambda x: (x[0], f(x))[1])(x), want)


@pytest.mark.parametrize(("f", "size", "pulls"), [
    (lambda x: np.exp(-x) * np.sin(x), 8, True), (lambda x: np.exp(-x) * np.sin(x), 500, False),
    (lambda x: np.tanh(np.ones((10, 1000)) @ np.sin(x)), 1000, True), (lambda x: np.tanh(np.ones((300, 300)) @ np.sin(x)), 300, False),
    (lambda x: np.sum(x ** 2), 500, True), (lambda x: np.outer(np.exp(x), np.linspace(0, 1, 2000)).sum(0), 8, False),
    (lambda x: np.sin(x[1:]) * x[:-1], 400, False), (lambda x: np.fft.rfft(x).real[:4], 64, True),
])
def test_a_recorded_jacobian_is_read_by_the_mode_with_less_to_do(monkeypatch, f, size, pulls):
    pulled, pull = [], Record.pull
    monkeypatch.setattr(Record, "pull", lambda run, *args, **kwargs: (pulled.append(1), pull(run, *args, **kwargs))[1])
    x = np.linspace(0.1, 1.0, size)
    got = dn.jacobian(f)(x)
    assert bool(pulled) is pulls
    np.testing.assert_allclose(got, dn.jacobian(f, mode="forward")(x), rtol=1e-12, atol=1e-13)
    v = np.cos(np.arange(size))
    np.testing.assert_allclose(got @ v, along(f, x, v), rtol=1e-7, atol=1e-7)


def test_what_a_recorded_run_has_told_holds_while_results_keep_their_sizes():
    kinds = []

    def f(x, t):
        y = np.sin(x)
        kinds.append(type(y).__name__)
        return np.outer(t, y).sum(1)

    J = dn.jacobian(f)
    x = np.linspace(0.1, 1.0, 8)
    for size in (2000, 2000, 3, 3, 2000):
        t = np.linspace(0.0, 1.0, size)
        np.testing.assert_allclose(J(x, t), np.outer(t, np.cos(x)), rtol=1e-13, atol=1e-14)
    assert kinds == ["Node", "Dual", "Dual", "Node", "Node"]

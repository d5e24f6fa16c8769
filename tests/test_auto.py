"""mode="auto": the first touch of an input chooses the mode, the function runs once, whatever goes in and out."""

import itertools
import threading
import warnings
from fractions import Fraction

import numpy as np
import pytest

import dualnet as dn
from dualnet import pending
from dualnet.dual import Dual
from dualnet.errors import ArgumentError, EscapedError
from dualnet.graph import Node
from dualnet.pending import Pending
from dualnet.trees import results

X = np.array([0.5, -1.25, 2.0, 3.5])
PLAIN = np.array([1.0, 2.0, -1.0, 0.5])


def became(x):
    """What an undecided input has become: Dual, Node, or None while its mode is open."""
    return None if x.choice is not None else type(x.value)


def touched(touch, x=X):
    """What the input is after `touch`."""
    seen = []

    def f(x):
        assert type(x) is Pending and became(x) is None
        touch(x)
        seen.append(became(x))
        return np.sum(x * x)

    np.testing.assert_allclose(dn.grad(f)(x), 2 * x)
    return seen[0]


APART = {
    "first": lambda x: x[0], "last": lambda x: x[-1], "NumPy's integer": lambda x: x[np.int64(1)], "tuple": lambda x: x[(2,)],
    "unpacking": lambda x: [*x], "loop": lambda x: list(x), "zip": lambda x: list(zip(x, PLAIN)), "next": lambda x: next(iter(x)),
    "sum": lambda x: sum(x), "map": lambda x: list(map(np.sin, x)), "join of numbers": lambda x: np.stack([x[1], x[0]]),
}
WHOLE = {
    "times": lambda x: 2.0 * x, "minus": lambda x: -x, "power": lambda x: x ** 2, "ufunc": lambda x: np.sin(x), "sum": lambda x: x.sum(),
    "np.sum": lambda x: np.sum(x), "slice": lambda x: x[1:], "mask": lambda x: x[x > 0], "list": lambda x: x[[0, 1]],
    "new axis": lambda x: x[:, None], "everything": lambda x: x[...], "matmul": lambda x: PLAIN @ x, "matrix": lambda x: np.eye(4) @ x,
    "join": lambda x: np.concatenate([PLAIN, x]), "stack": lambda x: np.stack([x, x]), "reshape": lambda x: x.reshape(2, 2),
    "copy": lambda x: x.copy(), "max": lambda x: np.max(x), "sort": lambda x: np.sort(x), "cumsum": lambda x: np.cumsum(x),
    "where": lambda x: np.where(PLAIN > 0, x, 0.0), "einsum": lambda x: np.einsum("i,i", x, PLAIN), "buffer": lambda x: np.zeros_like(x),
    "like": lambda x: np.zeros(3, like=x), "reduce": lambda x: np.add.reduce(x), "fft": lambda x: np.fft.fft(x), "abs": lambda x: abs(x),
}
NOTHING = {
    "len": lambda x: len(x), "shape": lambda x: (x.shape, x.ndim, x.size, x.dtype, x.nbytes),
    "compare": lambda x: x > 0, "equal": lambda x: np.all(x == X), "finite": lambda x: np.isfinite(x),
    "any": lambda x: np.any(x < 0), "np.shape": lambda x: np.shape(x),
    "argmax": lambda x: x.argmax(), "isinstance": lambda x: isinstance(x, np.ndarray), "text": lambda x: f"{x} {x!r}",
    "value": lambda x: dn.stop_gradient(x), "contains": lambda x: 0.5 in x, "sign": lambda x: np.sign(x), "container": lambda x: {"a": [x]},
}


@pytest.mark.parametrize("touch", APART.values(), ids=APART)
def test_taking_inputs_apart_goes_forward(touch):
    assert touched(touch) is Dual


@pytest.mark.parametrize("touch", WHOLE.values(), ids=WHOLE)
def test_using_whole_arrays_goes_in_reverse(touch):
    assert touched(touch) is Node


@pytest.mark.parametrize("touch", NOTHING.values(), ids=NOTHING)
def test_looking_at_an_input_chooses_nothing(touch):
    assert touched(touch) is None


def test_one_touch_chooses_for_all_inputs():
    seen = []

    def f(a, b, c):
        first = b[0]
        seen.extend([became(a), became(b), became(c)])
        return np.sum(a) * first * c

    got = dn.grad(f, (0, 1, 2))(X, PLAIN, 2.0)
    assert seen == [Dual, Dual, Dual]
    for g, want in zip(got, (np.full(4, 2.0), np.array([2 * X.sum(), 0, 0, 0]), X.sum()), strict=True):
        np.testing.assert_allclose(g, want)


@pytest.mark.parametrize(("x", "kind"), [(3.0, Dual), ({"a": 1.0, "b": 2.0}, Dual), (np.ones((2, 2)), Node), (np.ones(101), Node),
                                         ([np.ones(3), np.ones((3, 1))], Node), (np.zeros(0), Dual)])
def test_what_is_known_before_the_run(x, kind):
    seen = []

    def f(x):
        leaves = results(x, f)[0]
        seen.extend(type(leaf) for leaf in leaves)
        return sum(np.sum(leaf * leaf) for leaf in leaves)

    dn.grad(f)(x)
    assert set(seen) == {kind}


@pytest.mark.parametrize("f", [lambda x: x[0] * x[1], lambda x: np.sum(x * x), lambda x: 1.0, lambda x: np.sum(np.where(x > 1, x, 0.0))])
@pytest.mark.parametrize("transform", [dn.grad, dn.value_and_grad, dn.jacobian])
def test_the_function_runs_once(f, transform):
    calls = []

    def counted(x):
        calls.append(type(x))
        return f(x)

    derivative = transform(counted)
    for count in (1, 2, 3):
        derivative(X)
        assert len(calls) == count
    big = dn.jacobian(lambda x: (calls.append(0), np.sin(x) * x)[1])
    for size in (8, 500):
        calls.clear()
        big(np.ones(size))
        assert len(calls) == 1


def test_what_the_first_touch_told_is_remembered_for_inputs_of_the_same_shapes():
    kinds = []

    def f(x):
        kinds.append(type(x))
        return x[0] * x[1] if len(x) < 4 else np.prod(x)

    gradient = dn.grad(f)
    for size in (2, 2, 4, 4, 2):
        gradient(np.full(size, 2.0))
    assert kinds == [Pending, Dual, Pending, Node, Dual]
    dn.grad(f)(np.ones(2))
    assert kinds[-1] is Pending


def test_no_more_inputs_than_stated_are_taken_apart():
    assert pending.APART_UP_TO == 100
    seen = []
    for size in (100, 101):
        dn.grad(lambda x: (x[0], seen.append(type(getattr(x, "value", x))), x[1] * x[-1])[2])(np.ones(size))
    assert seen == [Dual, np.ndarray]


def arm(x):
    """A loop whose numbers depend on more and more inputs."""
    turn = reach = 0.0
    for angle in x:
        turn = turn + angle
        reach = reach + np.cos(turn)
    return reach


def valley(x):
    """A loop whose terms depend on two inputs each."""
    return sum((x[k + 1] - x[k] ** 2) ** 2 + np.sin(x[k]) for k in range(len(x) - 1))


@pytest.mark.parametrize(("f", "size", "second"), [(arm, 100, Node), (arm, 20, Dual), (valley, 100, Dual)])
def test_a_run_whose_numbers_depend_on_many_inputs_is_recorded_from_the_second_on(f, size, second):
    kinds, x = [], np.linspace(0.1, 0.9, size)
    gradient = dn.grad(lambda x: (kinds.append(type(x)), f(x))[1])
    first = gradient(x)
    for _ in range(2):
        np.testing.assert_allclose(gradient(x), first, rtol=1e-12)
    assert kinds == [Pending, second, second]


# --- what else may go in and out --------------------------------------------------------------------------------------


@pytest.mark.parametrize("touch", [lambda x: None, lambda x: x[0], lambda x: x * 1.0])
def test_aux_holds_plain_values(touch):
    def f(x):
        touch(x)
        y = x[0] * x[1]
        return y, {"x": x, "y": y, "n": 3}

    for _ in range(2):
        gradient, aux = dn.grad(f, has_aux=True)(X)
    np.testing.assert_allclose(gradient, [-1.25, 0.5, 0, 0])
    assert type(aux["x"]) is np.ndarray and aux["x"].tolist() == X.tolist() and float(aux["y"]) == -0.625 and aux["n"] == 3


def test_keywords_and_other_arguments():
    f = lambda a, b, *, scale: scale * np.sum(a * b["w"])
    got = dn.grad(f, 1)(X, {"w": PLAIN}, scale=2.0)
    np.testing.assert_allclose(got["w"], 2 * X)


def test_complex_inputs():
    z = np.array([1 + 2j, -0.5j])
    np.testing.assert_allclose(dn.grad(lambda z: np.sum(np.abs(z) ** 2))(z), 2 * z)
    np.testing.assert_allclose(dn.jacobian(lambda z: z ** 2)(z), np.diag(2 * z))


@pytest.mark.parametrize("f", [lambda x: x[0] * x[1] ** 2, lambda x: np.sum(x * x[::-1]) * x[1] / 2])
def test_fractions_stay_exact(f):
    x = np.array([Fraction(1, 3), Fraction(2, 7)], dtype=object)
    expected = [x[1] ** 2, 2 * x[0] * x[1]]
    assert dn.grad(f)(x).tolist() == expected
    assert dn.jacobian(lambda x: np.stack([f(x), x[1]]))(x).tolist() == [expected, [0, 1]]


@pytest.mark.parametrize("f", [lambda x: x[0] * x[1], lambda x: np.sum(x * x)])
def test_single_precision_and_integers(f):
    assert dn.grad(f)(X.astype(np.float32)).dtype == np.float32
    np.testing.assert_allclose(dn.grad(f)(np.array([3, 2])), dn.grad(f, mode="reverse")(np.array([3.0, 2.0])))


def test_nested_levels_stay_apart():
    f = lambda x: np.sum(x * dn.grad(lambda y: np.sum(x * y) + y[0])(x))           # the inner slope is x + e_0
    np.testing.assert_allclose(dn.grad(f)(X), 2 * X + [1, 0, 0, 0])
    np.testing.assert_allclose(dn.jacobian(dn.grad(lambda x: x[0] ** 2 * x[1]))(X[:2]), [[2 * X[1], 2 * X[0]], [2 * X[0], 0]])
    np.testing.assert_allclose(dn.jacobian(dn.grad(lambda x: np.sum(x ** 3)))(X), np.diag(6 * X))
    np.testing.assert_allclose(dn.grad(lambda x: dn.grad(lambda y: y[0] ** 2 * np.sum(x))(x)[0])(X), 2 * X[0] + [2 * X.sum(), 0, 0, 0])
    with pytest.raises(dn.DualnetError, match="inner transformation"):
        dn.grad(lambda x: dn.grad(lambda y: (x.__setitem__(0, y[1]), np.sum(y))[1])(PLAIN)[0] + x[0])(X)


def test_writing_inputs_into_buffers_of_either_kind():
    def f(x):
        y = np.zeros(4, like=x)
        y[:] = x
        y[1:3] = x[:2]
        return y * y

    want = np.zeros((4, 4))
    want[[0, 1, 2, 3], [0, 0, 1, 3]] = [1.0, 1.0, -2.5, 7.0]
    np.testing.assert_allclose(dn.jacobian(f)(X), want)
    np.testing.assert_allclose(dn.jacobian(lambda x: f(x) * x[0] / x[0])(X), want)
    with pytest.raises(dn.DualnetError):
        dn.grad(lambda x: (np.zeros(4).__setitem__(slice(None), x), x[0])[1])(X)


def test_conversions_that_lose_the_derivative_raise_before_and_after_the_touch():
    for lose in (np.asarray, lambda x: x.tolist(), lambda x: np.zeros(4).__iadd__(x), lambda x: float(x[0])):
        for touch in (lambda x: None, lambda x: x[0], lambda x: x * 1.0):
            with pytest.raises(dn.DualnetError):
                dn.grad(lambda x, touch=touch, lose=lose: (touch(x), lose(x), x[0])[2])(X)


def test_an_input_used_after_the_run_raises():
    for touch in (lambda x: None, lambda x: x[0], lambda x: x * 1.0):
        kept = []
        dn.grad(lambda x, touch=touch, kept=kept: (kept.append(x), touch(x), 1.0)[2])(X)
        for use in (lambda x: x[0] * 1.0, lambda x: x * 2.0, lambda x: np.sin(x)):
            with pytest.raises(EscapedError):
                use(kept[0])


def test_an_error_in_the_function_comes_through_and_closes_the_level():
    kept = []

    def f(x):
        kept.append(x)
        raise RuntimeError("mine")

    derivative = dn.jacobian(f)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="mine"):
            derivative(X)
    with pytest.raises(EscapedError):
        kept[0] + 1
    with pytest.raises(ArgumentError, match="scalar"):
        dn.grad(lambda x: x)(X)


@pytest.mark.parametrize("f", [lambda x: x[0] * np.log(x[1]), lambda x: np.sum(np.log(x) * x)])
def test_debug_names_the_step(f):
    with pytest.raises(dn.NonFiniteError, match="log"), warnings.catch_warnings(), dn.debug():
        warnings.simplefilter("ignore")
        dn.grad(f)(np.array([1.0, 0.0]))
    with pytest.raises(dn.NonFiniteError, match="input"), dn.debug():
        dn.grad(f)(np.array([1.0, np.nan]))


@pytest.mark.parametrize("f", [lambda x: np.log(x[0]) + x[1], lambda x: np.sum(np.log(x))])
def test_warnings_are_those_of_the_function(f):
    for call in (f, dn.grad(f)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            call(np.array([0.0, 1.0]))
        assert [str(w.message) for w in caught] == ["divide by zero encountered in log"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dn.grad(lambda x: np.sqrt(x[0]))(np.array([0.0, 1.0]))
        dn.grad(lambda x: np.sum(np.sqrt(x)))(np.array([0.0, 1.0]))


def test_threads():
    def total(x, parts):
        def part(k):
            parts[k] = np.sin(x[k]) if k % 2 else np.sum(x[k:k + 1])

        started = [threading.Thread(target=part, args=(k,)) for k in range(4)]
        for thread in started:
            thread.start()
        for thread in started:
            thread.join()
        return sum(parts)

    want = np.where(np.arange(4) % 2, np.cos(X), 1.0)
    found = []
    runs = [threading.Thread(target=lambda: found.append(dn.grad(lambda x: total(x, [None] * 4))(X))) for _ in range(6)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert len(found) == 6
    for got in found:
        np.testing.assert_allclose(got, want)


def test_gradients_by_the_elements_of_a_complex_vector(rng):
    f = lambda z: abs(z[0]) ** 2 * z[1].real + (z[2] * z[0]).imag
    z = np.array([1 + 2j, 0.5 - 1j, 0.3 + 0.7j])
    exact = np.array([2 * z[0] * z[1].real + 1j * np.conj(z[2]), abs(z[0]) ** 2, 1j * np.conj(z[0])])  # of steepest ascent
    for k, step in itertools.product(range(3), (1, 1j)):
        e = 1e-6 * step * np.eye(3)[k]
        assert abs((f(z + e) - f(z - e)) / 2e-6 - np.real(np.conj(exact[k]) * step)) < 1e-8
    beside = dn.grad(lambda z, x: f(z) * x[0] * x[1], (0, 1))(z, np.array([2.0, 0.5]))
    np.testing.assert_allclose(beside[0], exact, rtol=1e-14)
    np.testing.assert_allclose(beside[1], f(z) * np.array([0.5, 2.0]), rtol=1e-14)
    g = dn.grad(f)
    for _ in range(3):  # the mode of a first run is remembered
        np.testing.assert_allclose(g(z), exact, rtol=1e-14)

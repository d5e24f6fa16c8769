"""Bad input: the class of the error, the value it names and the cure."""

import math
import pickle
import subprocess
import sys

import numpy as np
import pytest

import dualnet as dn
from dualnet import errors, testing

X = np.array([1.0, 2.0, 3.0])


def square(x):
    return x * x


def total(x):
    return np.sum(x)


def nothing(x):
    return None


def text(x):
    return "seven"


def image(x):
    return x * 1j


def unknown(function, use):
    """`use` of a function whose row is taken out of the table for a moment."""
    row = dn.table.by_function.pop(function)
    try:
        use()
    finally:
        dn.table.by_function[function] = row


CASES = {
    # arguments that are not numbers
    "grad of text": (lambda: dn.grad(total)("seven"), TypeError, "seven", "numbers"),
    "jacobian of None": (lambda: dn.jacobian(square)(None), TypeError, "None", "number"),
    "jvp of an object": (lambda: dn.jvp(square, (object(),), (1.0,)), TypeError, "object", "numbers"),
    "an object array": (lambda: dn.grad(total)(np.array([1, "a"], object)), TypeError, "object", "numbers"),
    "a date": (lambda: dn.grad(total)(np.array(["2020-01-01"], "datetime64[D]")), TypeError, "datetime64", "numbers"),
    "a structured array": (lambda: dn.grad(total)(np.zeros(2, [("a", float)])), TypeError, "dtype", "numbers"),
    "a masked array": (lambda: dn.grad(total)(np.ma.array([1.0, 2.0], mask=[0, 1])), TypeError, "masked", "filled"),
    "an empty container": (lambda: dn.grad(total)([]), TypeError, "[]", "array"),
    # not a function
    "grad of a number": (lambda: dn.grad(3.0), TypeError, "3.0", "function"),
    "jacobian of an array": (lambda: dn.jacobian(X), TypeError, "array", "function"),
    "jvp of None": (lambda: dn.jvp(None, (1.0,), (1.0,)), TypeError, "None", "function"),
    "vjp of None": (lambda: dn.vjp(None, 1.0), TypeError, "None", "function"),
    "hessian of text": (lambda: dn.hessian("f"), TypeError, "f", "function"),
    "taylor of a number": (lambda: dn.taylor(1.0, 1.0, order=2), TypeError, "1.0", "function"),
    # primals and tangents
    "shapes": (lambda: dn.jvp(square, (X,), (np.ones(2),)), ValueError, "(2,)", "equal"),
    "structures": (lambda: dn.jvp(lambda t: t["a"], ({"a": X},), ({"b": X},)), ValueError, "'b'", "structure"),
    "too few tangents": (lambda: dn.jvp(lambda x, y: x, (X, X), (X,)), ValueError, "tangent", "structure"),
    "primals not a tuple": (lambda: dn.jvp(square, X, X), TypeError, "primals", "tuple"),
    "tangents not a tuple": (lambda: dn.jvp(square, (X,), X), TypeError, "tangents", "tuple"),
    "a cotangent of another shape": (lambda: dn.vjp(square, X)[1](np.ones(4)), ValueError, "(4,)", "equal"),
    "a pushforward's tangent": (lambda: dn.linearize(square, X)[1](np.ones(4)), ValueError, "(4,)", "equal"),
    "hvp": (lambda: dn.hvp(total, (X,), (np.ones(4),)), ValueError, "(4,)", "equal"),
    "a cotangent of another structure": (lambda: dn.vjp(lambda x: [x, x], X)[1]((X, X)), ValueError, "cotangents", "of the results"),
    "Dual along text": (lambda: dn.Dual(1.0, "a"), TypeError, "'a'", "numbers"),
    "Dual along None": (lambda: dn.Dual(1.0, None), TypeError, "None", "tangent"),
    "Dual of a masked array": (lambda: dn.Dual(np.ma.array([1.0, 2.0], mask=[0, 1]), np.ones(2)), TypeError, "masked", "filled"),
    "a closed form at a traced number": (lambda: dn.grad(lambda x: dn.closed_form(np.sin, 1.0).evaluate(x))(1.0), TypeError, "sin",
        "the function itself"),
    "Dual of text": (lambda: dn.Dual("a", 1.0), TypeError, "'a'", "numbers"),
    "Dual": (lambda: dn.Dual(X, 1.0), ValueError, "()", "shape"),
    # results that are not arrays
    "no result": (lambda: dn.grad(nothing)(X), TypeError, "nothing", "return"),
    "no result, jacobian": (lambda: dn.jacobian(nothing)(X), TypeError, "nothing", "return"),
    "no result, jvp": (lambda: dn.jvp(nothing, (X,), (X,)), TypeError, "nothing", "return"),
    "text as result": (lambda: dn.jacobian(text)(X), TypeError, "seven", "numbers"),
    # grad's own
    "a vector result": (lambda: dn.grad(square)(X), ValueError, "(3,)", "jacobian"),
    "a vector result, reverse": (lambda: dn.grad(square, mode="reverse")(X), ValueError, "square", "sum"),
    "a complex result": (lambda: dn.grad(image)(2.0), TypeError, "2j", "real"),
    "a complex result, reverse": (lambda: dn.grad(image, mode="reverse")(2.0), TypeError, "2j", "real"),
    "two results": (lambda: dn.grad(lambda x: (x, x))(2.0), ValueError, "2 arrays", "jacobian"),
    "aux left out": (lambda: dn.grad(total, has_aux=True)(X), TypeError, "total", "aux"),
    "a sparse Jacobian of conj": (lambda: dn.jacobian(np.conj, sparse=True)(X + 1j), ValueError, "not holomorphic", "jvp"),
    "a holomorphic Jacobian of abs": (lambda: dn.jacobian(lambda z: z * np.conj(z))(np.array([1 + 1j])), ValueError, "holomorphic",
        "jvp"),
    # argnums, mode and other options
    "argnums too large": (lambda: dn.grad(total, argnums=2)(X), ValueError, "argnums=2", "1 positional"),
    "argnums too small": (lambda: dn.jacobian(total, argnums=-2)(X), ValueError, "argnums=-2", "range"),
    "argnums a float": (lambda: dn.grad(total, argnums=0.5)(X), ValueError, "0.5", "integer"),
    "argnums text": (lambda: dn.grad(total, argnums="x")(X), ValueError, "'x'", "integer"),
    "argnums twice": (lambda: dn.grad(lambda x, y: x * y, argnums=(0, 0))(1.0, 2.0), ValueError, "(0, 0)", "once"),
    "argnums empty": (lambda: dn.grad(total, argnums=())(X), ValueError, "()", "at least one"),
    "derivative's argnum": (lambda: dn.derivative(square, 3)(1.0), ValueError, "3", "range"),
    "argnums a truth": (lambda: dn.grad(total, argnums=True)(X), ValueError, "True", "integer"),
    "argnums of arguments by name": (lambda: dn.grad(total)(x=X), ValueError, "total", "positional"),
    "derivative by several": (lambda: dn.derivative(square, (0, 1))(1.0, 2.0), ValueError, "(0, 1)", "jacobian"),
    "mode": (lambda: dn.grad(total, mode="backward")(X), ValueError, "'backward'", '"reverse"'),
    "mode of jacobian": (lambda: dn.jacobian(total, mode="both")(X), ValueError, "'both'", '"forward"'),
    "kinks": (lambda: dn.grad(total, kinks="left")(X), ValueError, "'left'", '"local"'),
    "chunk_size": (lambda: dn.jacobian(square, chunk_size=0)(X), ValueError, "0", "positive"),
    "chunk_size a float": (lambda: dn.jacobian(square, chunk_size=1.5)(X), ValueError, "1.5", "positive"),
    "chunk_size a truth": (lambda: dn.jacobian(square, chunk_size=True)(X), ValueError, "True", "positive"),
    "chunk_size in reverse": (lambda: dn.jacobian(square, chunk_size=2, mode="reverse")(X), ValueError, "chunk_size", "forward"),
    "sparse in reverse": (lambda: dn.jacobian(square, sparse=True, mode="reverse")(X), ValueError, "sparse", "forward"),
    "order negative": (lambda: dn.taylor(square, 1.0, order=-1), ValueError, "-1", "order"),
    "directions a truth": (lambda: dn.forward_gradient(total, directions=True), ValueError, "True", "positive"),
    "directions": (lambda: dn.forward_gradient(total, directions=0), ValueError, "0", "positive"),
    # functions without a row
    "an unknown function": (lambda: unknown(np.ptp, lambda: dn.jacobian(np.ptp)(X)), TypeError, "numpy.ptp", "basic_function"),
    "an unknown ufunc of NumPy's": (lambda: unknown(np.hypot, lambda: dn.jacobian(lambda x: np.hypot(x, 1))(X)), TypeError, "hypot",
        "basic_function"),
    "a ufunc of whole numbers": (lambda: dn.jacobian(lambda x: np.bitwise_or(x, 1))(X), TypeError, "bitwise_or", "whole numbers"),
    "an object array with plain numbers": (lambda: dn.jacobian(lambda x: np.exp(np.array([x[0], 1.0])))(X), TypeError, "object array",
        "np.stack"),
    "an object array of which NumPy asks more": (lambda: dn.jacobian(lambda x: np.cov(np.array([x[0], x[1]]), np.array([x[1], x[0]])))(X),
        TypeError, "object array", "np.stack"),
    "a ufunc of two of a number among them": (lambda: dn.jacobian(lambda x: np.fmod(np.array([x[0], 1.0]), 0.7))(X), TypeError,
        "object array", "np.stack"),
    "np.trunc of them": (lambda: dn.jacobian(lambda x: np.trunc(np.array([x[0], x[1]])))(X), TypeError, "object array", "np.stack"),
    "the same of a ufunc within": (lambda: dn.jacobian(lambda x: np.angle(np.array([x[0], x[1]])))(X), TypeError, "object array",
        "np.stack"),
    "pickling": (lambda: dn.grad(lambda x: np.sum(pickle.loads(pickle.dumps(2 * x))), mode="reverse")(X), TypeError, "pickling", "worker"),
    "pickling an input": (lambda: dn.grad(lambda x: np.sum(pickle.loads(pickle.dumps(x))))(X), TypeError, "pickling", "worker"),
    "a plain array's .flat": (lambda: dn.grad(lambda x: np.zeros(2).flat.__setitem__(0, x[0]))(X), TypeError, "plain array", "derivative"),
    "find": (lambda: dn.table.find(len), TypeError, "len", "row"),
    "no such row": (lambda: dn.table["exq"], ValueError, "exq", "dn.table"),
    "no such public name": (lambda: dn.table.report()["np.exp"], ValueError, "np.exp", "numpy.exp"),
    "no partial": (lambda: dn.derivative(dn.basic_function(lambda x: x * x, name="half_done"))(1.0), TypeError, "half_done",
        ".derivative"),
    "no partial, reverse": (lambda: dn.grad(dn.basic_function(lambda x: x * x, name="half_done"), mode="reverse")(1.0), TypeError,
        "half_done", ".derivative"),
    "one partial too many": (lambda: _partials(2), ValueError, "1 argument", "argnum"),
    "a partial with other arguments": (lambda: dn.basic_function(lambda x: x, name="one").derivative(lambda a, b, c: a), ValueError,
        "takes 3", "input"),
    "an unknown attribute": (lambda: dn.jacobian(lambda x: x.frobnicate())(X), AttributeError, "frobnicate", "np."),
    # lost and escaped
    "float()": (lambda: dn.jacobian(lambda x: float(x[0]))(X), TypeError, "float()", "stop_gradient"),
    "round()": (lambda: dn.derivative(lambda x: round(x))(1.5), TypeError, "round()", "stop_gradient"),
    "a keyword that is to be differentiated": (lambda: dn.grad(total)(x=X), ValueError, "total was called with 0", "argnums=0"),
    "compiled code": (lambda: dn.jacobian(memoryview)(X), TypeError, "compiled code", "basic_function"),
    "asarray": (lambda: dn.jacobian(lambda x: np.asarray(x))(X), TypeError, "(3,)", "zeros_like"),
    "escape": (lambda: _escaped(), RuntimeError, "ended", "return it"),
    "out= plain": (lambda: dn.jacobian(lambda x: np.exp(x, out=np.zeros(3)))(X), TypeError, "out=", "empty_like"),
    # dualnet.testing's own
    "assert_row of a gather": (lambda: testing.assert_row("reshape"), ValueError, "reshape", "pointwise"),
    "assert_row with too few points": (lambda: testing.assert_row("hypot", X), ValueError, "2 arguments", "1 array"),
}


def _partials(n):
    row = dn.basic_function(lambda x: x * x, name="full")
    for _ in range(n):
        row.derivative(lambda x: 2 * x)


def _escaped():
    kept = []
    dn.grad(lambda x: kept.append(x) or np.sum(x))(X)
    return kept[0] * 2


@pytest.mark.parametrize("name", CASES)
def test_bad_input_names_the_value_and_the_cure(name):
    call, builtin, value, cure = CASES[name]
    with pytest.raises(builtin) as caught:
        call()
    assert isinstance(caught.value, dn.DualnetError), repr(caught.value)
    message = str(caught.value)
    assert value in message and cure in message, message
    assert len(message) < 600


def test_every_error_is_a_dualnet_error_and_a_builtin():
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, Exception)]
    assert len(classes) > 10
    for c in classes:
        assert issubclass(c, dn.DualnetError)
        assert c is dn.DualnetError or any(b.__module__ == "builtins" and b is not Exception for b in c.__mro__[1:])
        assert c.__doc__


def guarded(x):
    """The exponential as libraries write it that fear an overflow."""
    try:
        return math.exp(x)
    except:  # noqa: E722
        return 1e300


def partly(x):
    """A sum whose first term is another where a traced number is refused."""
    try:
        first = math.sinh(x)
    except:  # noqa: E722
        first = 1e300
    return first + x


def tried(x):
    """Three times x, after a question that a traced number does not answer."""
    try:
        three = 3.0 * float(x[0])
    except TypeError:
        three = 3.0 * x[0]
    return [three, 1.0]


OF_ONE = {"jvp": lambda f: dn.jvp(f, (1.0,), (1.0,)), "grad": lambda f: dn.grad(f)(1.0),
          "reverse": lambda f: dn.grad(f, mode="reverse")(1.0),
          "hessian": lambda f: dn.hessian(f)(1.0), "taylor": lambda f: dn.taylor(f, 1.0, order=2), "vjp": lambda f: dn.vjp(f, 1.0),
          "linearize": lambda f: dn.linearize(f, 1.0), "nested": lambda f: dn.grad(dn.grad(f, mode="reverse"))(1.0)}


@pytest.mark.parametrize("f", [guarded, partly])
@pytest.mark.parametrize("way", OF_ONE)
def test_a_lost_derivative_is_not_lost_with_the_error_that_the_function_catches(way, f):
    with pytest.raises(TypeError, match="float.*would lose the derivative.*np.*has caught this error"):
        OF_ONE[way](f)


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_an_error_that_is_caught_does_no_harm_where_the_result_has_its_derivative(mode):
    assert [J.tolist() for J in dn.jacobian(tried, mode=mode)(X)] == [[3.0, 0, 0], [0, 0, 0]]
    assert not dn.hessian(lambda x: tried(x)[0])(X).any()  # of the outer level the slope is a constant


def test_numpys_own_errors_pass_as_they_are():
    for f, error in ((lambda x: x + np.ones(4), ValueError), (lambda x: x @ np.ones(4), ValueError), (lambda x: np.reshape(x, 4),
        ValueError), (lambda x: x[5], IndexError),
                     (lambda x: np.concatenate([x, np.ones((2, 2))]), ValueError), (lambda x: np.sum(x, axis=1), ValueError),
                         (lambda x: np.max(x[:0]), ValueError),
                     (lambda x: 1 / 0, ZeroDivisionError), (lambda x: np.linalg.inv(x * np.zeros((3, 3))), np.linalg.LinAlgError),
                         (lambda x: x.reshape(2, 2), ValueError)):
        for mode in ("forward", "reverse"):
            with pytest.raises(error):
                dn.jacobian(f, mode=mode)(X)


def test_testing_without_hypothesis_names_the_extra():
    code = ("import sys\nclass Block:\n    def find_spec(self, name, path=None, target=None):\n"
            "        if name.split('.')[0] == 'hypothesis':\n            raise ImportError('no hypothesis', name=name)\n"
            "sys.meta_path.insert(0, Block())\nimport dualnet\nassert 'hypothesis' not in sys.modules\n"
            "try:\n    import dualnet.testing\nexcept ImportError as e:\n    assert isinstance(e, dualnet.DualnetError)\n    print(e)\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "dualnet[test]" in done.stdout and "hypothesis" in done.stdout, done.stdout + done.stderr


def test_importing_dualnet_does_not_import_hypothesis():
    done = subprocess.run([sys.executable, "-c", "import sys, dualnet; print('hypothesis' in sys.modules)"], capture_output=True,
        text=True)
    assert done.stdout.strip() == "False", done.stderr


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("mistake", [lambda x: x[0](), lambda x: len(x[0]), lambda x: x.ndim[0], lambda x: iter(3)])
def test_mistakes_with_pythons_objects_are_not_taken_for_arrays_of_objects(mistake, mode):
    with pytest.raises(TypeError) as caught:
        dn.jacobian(mistake, mode=mode)(X)
    assert type(caught.value) is TypeError and "object" in str(caught.value)


KEPT = {
    "elementwise": lambda x: x + 1, "two of them": lambda x: x * x, "sum": np.sum, "gather": lambda x: x[::-1],
    "join": lambda x: np.stack([x, x]),
    "product": lambda x: x @ x, "product with a constant": lambda x: np.eye(3) @ x, "linear": np.cumsum, "ufunc": np.exp,
    "number": lambda x: x[0] * 2.0,
}


@pytest.mark.parametrize("name", KEPT)
@pytest.mark.parametrize("transform", [lambda f: dn.jvp(f, (X,), (X,)), lambda f: dn.vjp(f, X), lambda f: dn.jacobian(f, mode="forward")(X),
                                       lambda f: dn.taylor(f, X, order=2)], ids=["jvp", "vjp", "rows", "taylor"])
def test_what_is_kept_after_its_transformation_raises_in_every_kind_of_step(name, transform):
    kept = []
    transform(lambda x: kept.append(x * 1.0) or x)
    with pytest.raises(errors.EscapedError, match="ended"):
        KEPT[name](kept[0])

"""Floating-point warnings and errors are those of the plain call, neither more nor less, in every transformation."""

import warnings

import numpy as np
import pytest
from everyday import EXPRESSIONS, INPUTS

import dualnet as dn
from dualnet.trees import results

KINDS = {
    "all zero": lambda a: a * 0,
    "one zero": lambda a: np.where(np.arange(np.size(a)).reshape(np.shape(a)) == 0, 0, a)[()],
    "tiny": lambda a: a * 1e-200,
    "large": lambda a: a * 1e100,
}
CASES = [(text, names, f) for family, text, names, f in EXPRESSIONS
         if family not in ("sorting", "fft") and not any(np.iscomplexobj(INPUTS[n]) for n in names)
         and "polyfit" not in text and "lstsq" not in text]  # LAPACK may not return from infinite numbers


def warned(call):
    """What kinds of floating-point warnings a call gives."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return sorted({str(w.message).split(" encountered")[0] for w in caught if issubclass(w.category, RuntimeWarning)})


def compared(text, f, args, may_overflow):
    """Compare the warnings of every transformation with those of the plain call; False where there is nothing to compare."""
    try:
        expected = warned(lambda: f(*args))
    except (ValueError, ZeroDivisionError, np.linalg.LinAlgError):
        return False
    if may_overflow and expected:
        return False  # sums and products in another order overflow in another place
    total = lambda *a: sum(np.sum(np.real(y)) for y in results(f(*a), f)[0])
    every = tuple(range(len(args)))
    extra = warned(lambda: total(*args))
    assert warned(lambda: dn.jvp(f, args, args)) == expected, text
    assert warned(lambda: dn.vjp(f, *args)[1](f(*args))) == expected, text
    assert warned(lambda: dn.grad(total, every, mode="forward")(*args)) == extra, text
    assert warned(lambda: dn.grad(total, every, mode="reverse")(*args)) == extra, text
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_warnings_are_those_of_the_plain_call(kind):
    tried = [compared(text, f, tuple(KINDS[kind](INPUTS[n]) for n in names), kind == "large") for text, names, f in CASES]
    assert sum(tried) > 400


TRANSFORMS = [
    lambda f, x: dn.jvp(f, (x,), (x,)), lambda f, x: dn.jacobian(f)(x), lambda f, x: dn.jacobian(f, mode="reverse")(x),
    lambda f, x: dn.jacobian(dn.jacobian(f))(x), lambda f, x: dn.hessian(lambda x: np.sum(f(x)))(x),
    lambda f, x: dn.taylor(f, x, x, order=3),
]


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_a_state_that_raises_or_ignores_is_obeyed(transform):
    x = np.array([0.0, 1.0])
    with np.errstate(all="raise"):
        with pytest.raises(FloatingPointError, match="divide by zero encountered in log"):
            transform(np.log, x)
        transform(np.sqrt, x)  # its slope is infinite, its value is not
    with np.errstate(all="ignore"):
        assert warned(lambda: transform(np.log, x)) == []
    assert warned(lambda: transform(np.log, x)) == ["divide by zero"]
    assert warned(lambda: transform(lambda x: np.sqrt(x) + x * 1e200, x)) == []
    assert np.geterr() == {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}


def test_the_callers_array_is_left_alone_when_the_function_writes_into_it():
    x = np.array([0.0, 1.0])

    def f(x):
        x += 1
        return np.log(x - 1)

    with pytest.warns(RuntimeWarning, match="divide by zero encountered in log"):
        dn.jvp(f, (x,), (x,))
    assert x.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_a_jacobian_that_is_found_in_a_second_run_gives_the_warnings_of_one(mode):
    """Where a derivative is NaN the rows are found again with structural zeros kept apart; the function has warned already."""
    def f(p):
        return np.stack([np.log(p[0]) * p[0], p[1]])

    x, seen = np.array([0.0, 2.0]), []
    for call in (f, dn.jacobian(f, mode=mode)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            out = call(x)
        seen.append([str(w.message) for w in caught])
    assert np.isnan(out[0, 0]) and out[1].tolist() == [0.0, 1.0]
    assert seen[0] == seen[1] == ["divide by zero encountered in log", "invalid value encountered in scalar multiply"]

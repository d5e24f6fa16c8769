"""Code that looks at its numbers on the way, by print or by NumPy's assertions, does so in every mode and nesting."""

from fractions import Fraction

import numpy as np
import pytest

import dualnet as dn

X = np.array([0.5, 2.0, 3.0])
MODES = {
    "jvp": lambda f: dn.jvp(f, (X,), (X,)), "forward": lambda f: dn.grad(f, mode="forward")(X),
    "reverse": lambda f: dn.grad(f, mode="reverse")(X), "auto": lambda f: dn.grad(f)(X), "hessian": lambda f: dn.hessian(f)(X),
    "hvp": lambda f: dn.hvp(f, (X,), (X,)), "forward twice": lambda f: dn.jvp(lambda x: dn.jvp(f, (x,), (X,))[1], (X,), (X,)),
    "forward of reverse": lambda f: dn.jacobian(dn.grad(f, mode="reverse"), mode="forward")(X),
    "taylor": lambda f: dn.taylor(f, X, order=2),
    "reverse of rows": lambda f: dn.jacobian(dn.grad(f, mode="forward"), mode="reverse")(X),
}
BY_MODE = pytest.mark.parametrize("mode", MODES)


@BY_MODE
def test_arrays_and_numbers_print(mode, capsys):
    def f(x):
        print(x, x[0], f"{x[1]:.3f}", [x[0] * x[1]], repr(x * x))
        return np.sum(x * x)

    MODES[mode](f)
    said = capsys.readouterr().out
    assert "2.000" in said and "0.5" in said and "0.25" in said


def test_exact_numbers_print():
    third = np.array([Fraction(1, 3), Fraction(2, 5)])
    said = []
    dn.grad(lambda x: said.append(f"{x[0] * x[1]}") or x[0] * x[1], mode="forward")(third)
    dn.jvp(lambda x: said.append(str(x[0] * x[1])) or x[0], (third,), (third,))
    assert said == ["Dual(2/15 + 2 seeds ε)", "Dual(2/15 + 4/15ε)"]


ASSERTIONS = {
    "allclose": lambda x: np.testing.assert_allclose(x, X, rtol=1e-12), "desired": lambda x: np.testing.assert_allclose(X, x, atol=1e-12),
    "number": lambda x: np.testing.assert_allclose(x[0], 0.5), "list": lambda x: np.testing.assert_allclose([x[0], x[1]], X[:2]),
    "equal": lambda x: np.testing.assert_array_equal(x, X), "almost": lambda x: np.testing.assert_almost_equal(x, X),
    "almost a number": lambda x: np.testing.assert_almost_equal(x[1], 2.0), "digits": lambda x: np.testing.assert_approx_equal(x[2], 3.0),
    "less": lambda x: np.testing.assert_array_less(x, X + 0.1), "ulp": lambda x: np.testing.assert_array_max_ulp(x, X),
}


@BY_MODE
@pytest.mark.parametrize("name", ASSERTIONS)
def test_numpys_assertions_compare_values(name, mode):
    def f(x):
        ASSERTIONS[name](x)
        return np.sum(x * x)

    def fails(x):
        ASSERTIONS[name](x * 1.5)
        return np.sum(x * x)

    np.testing.assert_array_equal(MODES[mode](f), MODES[mode](lambda x: np.sum(x * x)))
    with pytest.raises(AssertionError):
        MODES[mode](fails)

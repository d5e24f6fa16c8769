"""Functions of scipy.special in single precision: SciPy takes their values in double and rounds them, and so are their slopes."""

import mpmath
import numpy as np
import pytest
import scipy.special as sp

import dualnet as dn


def scaled_airy(k):
    """Ai or Ai' (k = 0, 1) times exp(2/3 x^(3/2))."""
    return lambda x: mpmath.airyai(x, derivative=k) * mpmath.exp(mpmath.mpf(2) / 3 * x ** 1.5)


def box_cox(a):
    return lambda y: ((1 + a) ** y - 1) / y


CASES = {  # function, the same with more digits, arguments, the one that varies
    "exprel far out": (sp.exprel, lambda: lambda x: mpmath.expm1(x) / x, (), 90.19704),  # x exp(x) is beyond single precision
    "boxcox1p far out": (sp.boxcox1p, box_cox, (0.16695094,), 577.5634),
    "airye far out": (lambda x: sp.airye(x)[0], lambda: scaled_airy(0), (), 2798.646),
    "slope of airye far out": (lambda x: sp.airye(x)[1], lambda: scaled_airy(1), (), 1427.7778),
    "kve": (sp.kve, lambda v: lambda x: mpmath.exp(x) * mpmath.besselk(v, x), (2.6759212,), 41.766777),
    "pseudo_huber": (sp.pseudo_huber, lambda d: lambda y: d * d * (mpmath.sqrt(1 + (y / d) ** 2) - 1), (0.014113679,), -567.2556),
    "eval_chebyt next to 1": (sp.eval_chebyt, lambda n: lambda x: mpmath.cos(n * mpmath.acos(x)), (1.1407644,), 0.99999154),
    "eval_chebys next to 2": (sp.eval_chebys, lambda n: lambda x: mpmath.sin((n + 1) * mpmath.acos(x / 2)) / mpmath.sin(mpmath.acos(x / 2)),
                              (0.5189167,), 1.9994906),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_slopes_in_single_precision_are_right_to_its_last_digits(name, mode):
    function, exact, fixed, x = CASES[name]
    fixed, x = [np.float32(a) for a in fixed], np.array([x], np.float32)
    with mpmath.workdps(60):
        truth = exact(*(mpmath.mpf(float(a)) for a in fixed))
        slopes = [float(mpmath.diff(truth, mpmath.mpf(float(x[0])), n, h=mpmath.mpf(10) ** -15)) for n in (1, 2)]
    f = lambda x: np.sum(function(*fixed, x))
    first, second = dn.grad(f, mode=mode)(x), dn.jacobian(dn.grad(f, mode=mode), mode=mode)(x)
    assert first.dtype == second.dtype == np.float32
    np.testing.assert_allclose(first, slopes[0], rtol=3e-7)
    np.testing.assert_allclose(second[0], slopes[1], rtol=3e-7)


@pytest.mark.parametrize("dtype", ["float16", "float32", "complex64"])
def test_slopes_have_the_precision_of_the_values(dtype):
    x = np.array([0.5, 1.5], dtype)
    for function in (sp.gamma, sp.wofz, sp.dawsn, sp.erf):
        if dtype != "complex64" and function is sp.wofz:
            continue
        y, slope = dn.jvp(function, (x,), (np.ones_like(x),))
        assert y.dtype == slope.dtype == function(x).dtype
        assert dn.vjp(function, x)[1](np.ones_like(y))[0].dtype == x.dtype

"""Rows of orthogonal polynomials and functions with several results, against differences."""

import subprocess
import sys
import threading

import mpmath
import numpy as np
import pytest
import scipy.special as sp
from differences import along, close, keeps_float32

import dualnet as dn
from dualnet.errors import UnknownFunctionError

POINTS = {  # name: arguments, and by default every argument that has a partial
    "eval_legendre": (4, 0.3), "eval_chebyt": (4, 0.3), "eval_chebyu": (4, 0.3), "eval_chebyc": (4, 0.3), "eval_chebys": (4, 0.3),
    "eval_gegenbauer": (4, 1.3, 0.3), "eval_jacobi": (4, 0.7, 1.3, 0.3), "eval_laguerre": (4, 0.3), "eval_genlaguerre": (4, 1.3, 0.3),
    "eval_hermite": (4, 0.3), "eval_hermitenorm": (4, 0.3), "eval_sh_legendre": (4, 0.3), "eval_sh_chebyt": (4, 0.3),
    "eval_sh_chebyu": (4, 0.3), "eval_sh_jacobi": (4, 1.7, 0.8, 0.3), "lpmv": (1, 2.5, 0.3),
    "wright_bessel": (0.7, 1.2, 0.8),
    "log_wright_bessel": (0.7, 1.2, 0.8), "itstruve0": (1.4,), "it2struve0": (1.4,), "itmodstruve0": (1.4,), "berp": (1.4,), "beip": (1.4,),
    "kerp": (1.4,), "keip": (1.4,), "hyp2f1": (1.4, 0.5, 2.5, -3.0), "elliprf": (0.4, 1.3, 2.0),
    "airy": (-1.4,), "shichi": (1.4,), "sici": (1.4,), "fresnel": (1.4,), "ellipj": (0.7, 0.4), "itj0y0": (1.4,), "iti0k0": (1.4,),
    "it2j0y0": (1.4,), "it2i0k0": (1.4,), "pbdv": (1.5, 0.7), "pbvv": (1.5, 0.7), "pbwa": (1.5, 0.7),
}
ROUGH = {"itj0y0", "iti0k0", "it2j0y0", "it2i0k0", "pbwa", "itstruve0", "it2struve0", "itmodstruve0",
         "berp", "beip", "kerp", "keip"}  # SciPy's own values have fewer digits
PARTS = {"airy": 4, "ellipj": 4} | dict.fromkeys("shichi sici fresnel itj0y0 iti0k0 it2j0y0 it2i0k0 pbdv pbvv pbwa".split(), 2)


def places(name):
    row = dn.table[f"{name}[0]" if name in PARTS else name]
    return [k for k, p in enumerate(row.partials) if p is not None]


@pytest.mark.parametrize("name", POINTS)
def test_slopes_are_those_of_scipys_values(name):
    function, point = getattr(sp, name), POINTS[name]
    tolerance = 1e-5 if name in ROUGH else 1e-8
    for k in places(name):
        for part in range(PARTS.get(name, 1)):
            def f(x, k=k, part=part):
                out = function(*point[:k], x, *point[k + 1:])
                return out[part] if name in PARTS else out

            slope = dn.derivative(f)(float(point[k]))
            close(slope, along(f, float(point[k]), 1.0, 0.02), tolerance)
            assert dn.grad(f, mode="reverse")(float(point[k])) == pytest.approx(slope, rel=1e-12)
            if name not in ROUGH - {"itj0y0", "iti0k0"}:
                close(dn.derivative(dn.derivative(f))(float(point[k])), along(dn.derivative(f), float(point[k]), 1.0, 0.02), 1e-7)


@pytest.mark.parametrize("name", [n for n in POINTS if n.startswith("eval_")])
def test_polynomials_of_low_degree_and_arrays_of_degrees(name):
    shape, x = POINTS[name][1:-1], 0.3
    degrees = np.arange(4)
    f = lambda x: getattr(sp, name)(degrees, *shape, x)
    slope = dn.derivative(f)(x)
    assert slope[0] == 0
    close(slope, along(f, x, 1.0, 0.02), 1e-9)
    close(dn.derivative(dn.derivative(f))(x), along(dn.derivative(f), x, 1.0, 0.02), 1e-8)


def test_legendre_at_its_ends():
    assert dn.derivative(lambda x: sp.eval_legendre(3, x))(1.0) == pytest.approx(6)


def test_single_precision_arrays_and_broadcasting():
    x = np.array([[0.2, 0.4], [0.6, 0.8]])
    for f in (sp.erf, sp.gammaln, sp.psi, sp.expit, sp.logit, sp.j0, sp.i0e, sp.ndtri, sp.erfcx, sp.dawsn, sp.exprel, sp.log_ndtr,
        sp.ellipk,
              lambda x: sp.jv(1, x), lambda x: sp.xlogy(x, x), lambda x: sp.gammainc(np.float32(2), x), lambda x: sp.boxcox(x, 0.5),
                  lambda x: sp.airy(x)[0]):
        keeps_float32(f, x)
        rows = dn.jacobian(f, sparse=True)(x)
        assert rows.nnz == 4
        close(rows.toarray(), dn.jacobian(f, mode="reverse")(x).reshape(4, 4), 1e-14)
    weights = dn.jacobian(lambda v: sp.xlogy(v, x))(np.ones(2))
    close(np.sum(weights, axis=-1), np.log(x), 1e-15)


def test_zeta_and_lambertw_are_taken_by_their_plain_names():
    assert dn.derivative(lambda q: sp.zeta(3.0, q))(1.5) == pytest.approx(-3 * sp.zeta(4.0, 1.5))
    w = sp.lambertw(1.0).real
    assert dn.derivative(lambda x: np.real(sp.lambertw(x)))(1.0) == pytest.approx(w / (1 + w))
    assert dn.derivative(lambda x: np.real(sp.lambertw(x)))(0.0) == 1


def test_out_and_where_of_special_functions():
    x = np.array([0.5, 1.0])

    def f(x):
        out = np.zeros_like(x)
        sp.erf(x, out=out)
        return out

    close(dn.derivative(f)(x), dn.derivative(sp.erf)(x), 0)


def test_an_order_without_a_row_raises_by_name():
    with pytest.raises(UnknownFunctionError, match="yn"):
        dn.derivative(lambda n: sp.yn(n, 1.0))(2.0)
    with pytest.raises(UnknownFunctionError, match="mathieu_a"):
        dn.derivative(lambda m: sp.mathieu_a(m, 0.5))(2.0)


def test_special_functions_are_loaded_when_they_are_asked_for():
    code = ("import sys, dualnet as dn, numpy as np; assert 'scipy.special' not in sys.modules; dn.grad(np.sum)(np.ones(3)); "
            "assert 'dualnet.table.special' not in sys.modules; import scipy.special as sp; assert dn.derivative(sp.erf)(0.0) > 1; "
            "assert dn.table['erf'] is dn.table.find(sp.erf)")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr == ""


def test_threads_that_all_ask_first():
    code = ("import threading, dualnet as dn, scipy.special as sp; out = []; "
            "ts = [threading.Thread(target=lambda: out.append(dn.derivative(sp.erf)(0.0))) for _ in range(8)]; "
            "[t.start() for t in ts]; [t.join() for t in ts]; assert len(out) == 8")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr == ""
    assert threading.active_count() >= 1


@pytest.mark.parametrize("z", [0.3 + 0.4j, -2.2 - 1.1j, -3.0 + 1e-3j, -5.5 + 40j, 0.5 - 300j, 12 + 2j, 1e8 - 1e6j])
def test_psi_and_loggamma_of_complex_numbers_to_third_order(z):
    d = lambda f: lambda t: dn.jvp(f, (t,), (1 + 0j,))[1]
    t = np.complex128(z)
    first, second, third = (complex(mpmath.polygamma(k, z)) for k in (1, 2, 3))
    for got, exact in ((d(sp.psi)(t), first), (d(d(sp.psi))(t), second), (d(d(d(sp.psi)))(t), third), (d(d(sp.loggamma))(t), first)):
        assert abs(got - exact) <= 2e-13 * abs(exact)
    pulled = dn.grad(lambda y: np.real(sp.psi(t + 1j * y)), mode="reverse")(0.0)
    assert abs(pulled - (1j * first).real) <= 2e-13 * abs(first)


@pytest.mark.parametrize("x", [0.3, -0.7, -2.2, 0.5, 0.9, 7.0])
def test_complex_steps_through_psi_have_all_digits(x):
    step = lambda f: np.imag(f(np.complex128(x + 1e-20j))) / 1e-20
    d = lambda f: lambda t: dn.jvp(f, (t,), (1 + 0j,))[1]
    for f, exact in ((d(sp.loggamma), mpmath.psi(1, x)), (d(sp.psi), mpmath.psi(2, x)), (d(d(sp.psi)), mpmath.psi(3, x))):
        assert abs(step(f) - float(exact)) <= 1e-13 * abs(float(exact))


@pytest.mark.filterwarnings("ignore:floating point number truncated")
@pytest.mark.parametrize("function", [sp.kn, sp.yn, sp.expn])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_the_slope_is_that_of_the_order_that_scipy_truncates_to(function, mode):
    for order in (0.4, 2.7):
        f, whole = (lambda x, n=n: np.sum(function(n, x)) for n in (np.array([order]), int(order)))
        assert f(0.6) == whole(0.6)
        assert np.isclose(dn.grad(f, mode=mode)(0.6), (whole(0.6 + 1e-5) - whole(0.6 - 1e-5)) / 2e-5, rtol=1e-8, atol=0)

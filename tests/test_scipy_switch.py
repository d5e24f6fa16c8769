"""dn.enable_scipy: plain calls stay SciPy's, traced ones reach their rows; undone, counted, in threads; errors name the cure."""

import inspect
import pickle
import re
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import scipy.fft
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.ndimage
import scipy.optimize
import scipy.signal
import scipy.spatial
import scipy.stats
from scipy.linalg import expm as imported_before

import dualnet as dn
from dualnet.table import SCIPY
from dualnet.table.registered import ENTRIES

M = np.random.default_rng(0).standard_normal((3, 3))
ROOMS = {name: getattr(scipy, name) for name in SCIPY}
dn.table.complete("scipy")
list(dn.table)
CALLS = {
    "linalg": lambda x: scipy.linalg.expm(x), "fft": lambda x: scipy.fft.dct(x), "ndimage": lambda x: scipy.ndimage.gaussian_filter(x, 1.0),
    "signal": lambda x: scipy.signal.fftconvolve(x, x), "interpolate": lambda x: scipy.interpolate.CubicSpline(np.arange(3.0), x)(0.5),
    "integrate": lambda x: scipy.integrate.simpson(x), "stats": lambda x: scipy.stats.norm.logpdf(x),
    "special": lambda x: scipy.special.softmax(x), "spatial": lambda x: scipy.spatial.distance.pdist(x),
    "optimize": lambda x: scipy.optimize.newton(lambda t, x: t - x, np.ones((3, 3)), args=(x,)),
}


def tangent(f, x=M):
    return dn.jvp(f, (x,), (x,))[1]


def originals():
    return {(id(e.owner), e.attribute): vars(e.owner)[e.attribute] for e in ENTRIES}


def test_every_room_has_a_call():
    assert set(CALLS) == set(SCIPY)


@pytest.mark.parametrize("room", CALLS)
def test_without_the_switch_the_error_names_function_and_cure(room):
    with pytest.raises(dn.DualnetError, match=rf"scipy\.{room}\.\w+.*dn\.enable_scipy\(\)") if room != "fft" else \
            pytest.raises(dn.DualnetError, match="enable_scipy"):
        tangent(CALLS[room])


@pytest.mark.parametrize("room", CALLS)
def test_with_the_switch_plain_results_are_the_same_bits(room):
    before = CALLS[room](M)
    with dn.enable_scipy(room):
        assert CALLS[room](M).tobytes() == before.tobytes()
        assert np.all(np.isfinite(tangent(CALLS[room])))
    assert CALLS[room](M).tobytes() == before.tobytes()


def test_the_block_ends_also_after_an_error():
    before = originals()
    with pytest.raises(KeyError), dn.enable_scipy():
        assert originals() != before
        raise KeyError
    assert originals() == before
    with pytest.raises(dn.DualnetError, match="enable_scipy"):
        tangent(CALLS["linalg"])


def test_registrations_are_counted_and_undone_once():
    before = originals()
    first, second = dn.enable_scipy("linalg"), dn.enable_scipy("scipy.linalg", "linalg")
    wrapped = scipy.linalg.expm
    first.undo()
    first.undo()
    assert scipy.linalg.expm is wrapped and "undone" in repr(first) and "open" in repr(second)
    second.undo()
    assert originals() == before


def test_what_somebody_else_put_there_is_left_alone(monkeypatch):
    other = lambda a: a
    with dn.enable_scipy("linalg"):
        monkeypatch.setattr(scipy.linalg, "expm", other)
    assert scipy.linalg.expm is other


def test_modules_without_rows_are_refused():
    with pytest.raises(dn.DualnetError, match="scipy.cluster.*linalg"):
        dn.enable_scipy("cluster")
    assert originals()


def test_wrappers_look_like_the_function():
    for entry in ENTRIES:
        name = entry.wrapper.__name__
        assert name == getattr(entry.original, "__name__", name) and entry.wrapper.__doc__ == entry.original.__doc__
        assert str(inspect.signature(entry.wrapper)) == str(inspect.signature(entry.original))


def test_rows_are_found_by_function_wrapper_and_name():
    row = dn.table["scipy.linalg.expm"]
    assert dn.table.find(scipy.linalg.expm) is row and row(M).tobytes() == scipy.linalg.expm(M).tobytes()
    assert np.allclose(tangent(row), scipy.linalg.expm_frechet(M, M)[1])
    with dn.enable_scipy("linalg"):
        assert dn.table.find(scipy.linalg.expm) is row and dn.table.find(imported_before) is row
    assert pickle.loads(pickle.dumps(row)) is row


def test_a_name_imported_before_raises_and_says_so():
    with dn.enable_scipy("linalg"), pytest.raises(dn.DualnetError, match="scipy.linalg.expm.*import names out of scipy after"):
        tangent(imported_before)


def test_plain_functions_still_pickle():
    with dn.enable_scipy("linalg", "interpolate"):
        assert pickle.loads(pickle.dumps(scipy.linalg.expm)) is scipy.linalg.expm
        spline = scipy.interpolate.CubicSpline(np.arange(4.0), np.arange(4.0) ** 2)
        assert pickle.loads(pickle.dumps(spline))(1.5) == spline(1.5)


def test_traced_arguments_anywhere_are_seen():
    with dn.enable_scipy("linalg", "signal"):
        close = np.testing.assert_allclose
        close(dn.grad(lambda x: np.sum(scipy.linalg.block_diag([[x, 2 * x]], [x])))(1.0), 4.0)
        close(dn.grad(lambda x: np.sum(scipy.linalg.cho_solve((np.eye(2) * x, True), b=np.ones(2))))(1.0), -4.0)
        close(dn.grad(lambda x: np.sum(scipy.signal.lfilter(b=[x, 1.0], a=[1.0], x=np.ones(3))))(2.0), 3.0)
        close(dn.grad(lambda x: np.sum(scipy.linalg.inv(np.array([[x, 0.0], [0.0, x]]))))(2.0), -0.5)


def test_thread_by_thread():
    """Many threads switch on and off and differentiate meanwhile: all right, and at the end all as before."""
    before, wrong = originals(), []
    expected = scipy.linalg.expm_frechet(M, M)[1]

    def work():
        try:
            for _ in range(30):
                with dn.enable_scipy("linalg", "fft"):
                    if not np.allclose(tangent(CALLS["linalg"]), expected, rtol=1e-10):
                        wrong.append("value")
                    second = dn.jvp(lambda s: dn.jvp(lambda s: scipy.linalg.expm(s * M), (s,), (1.0,))[1], (1.0,), (1.0,))[1]
                    if not np.allclose(second, M @ M @ scipy.linalg.expm(M)):
                        wrong.append("second")
                    tangent(CALLS["fft"])
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong and originals() == before


def test_importing_dualnet_and_special_functions_loads_no_such_module():
    code = ("import sys, numpy as np, dualnet as dn; dn.derivative(np.exp)(1.0)\n"
            "import scipy.special as sp; dn.derivative(sp.erf)(1.0)\n"
            f"print(*(m for m in {sorted(SCIPY)} if 'scipy.' + m in sys.modules and m not in ('linalg', 'fft', 'special')))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.strip() == "", done.stdout + done.stderr


def test_only_the_named_modules_are_touched():
    code = ("import sys, dualnet as dn; dn.enable_scipy('linalg')\n"
            "print(*(m for m in ('signal', 'stats', 'interpolate', 'ndimage') if 'scipy.' + m in sys.modules))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.strip() == "", done.stdout + done.stderr


# --- the linear rows behind the registered functions -----------------------------------------------------------------
LINEAR = {
    "triangular_columns": lambda x: scipy.linalg.solve_triangular(x + 3 * np.eye(3), x[0]), "lu_square": lambda x: scipy.linalg.lu(x)[2],
    "banded_columns": lambda x: scipy.linalg.solve_banded((1, 1), x + [[0], [5], [0]], x[0]),
    "sylvester": lambda x: scipy.linalg.solve_sylvester(x + 4 * np.eye(3), x.T + 4 * np.eye(3), x),
    "matrix_exponential": lambda x: scipy.linalg.expm(x),
    "matrix_logarithm": lambda x: scipy.linalg.logm(x @ x.T + np.eye(3)), "matrix_root": lambda x: scipy.linalg.sqrtm(x @ x.T + np.eye(3)),
    "wave_transform": lambda x: scipy.fft.dct(x), "slide": lambda x: scipy.ndimage.correlate(x, x),
    "spline_coefficients": lambda x: scipy.ndimage.spline_filter1d(x),
    "recursion": lambda x: scipy.signal.lfilter([1.0], np.array([3.0, 0.0, 0.0]) + 0.1 * x[0], x),
}
HELPERS = {"wave_transposed"}  # the transpose of another row


def test_every_linear_row_is_spoiled_below():
    rows = {row.name for row in dn.table if row.kind == "linear" and row.rule.__module__.split(".")[-1].startswith(("scipy_", "sliding"))}
    assert rows == set(LINEAR) | HELPERS


def spoiled(plan, factor, backwards):
    operands, value, pushes, pulls = plan
    times = lambda fs: [lambda *args, f=f: factor * f(*args) for f in fs]
    return (operands, value, pushes, times(pulls)) if backwards else (operands, value, times(pushes), pulls)


@pytest.mark.parametrize("backwards", [False, True], ids=["push", "pull"])
@pytest.mark.parametrize("factor", [-1.0, 1.001])
@pytest.mark.parametrize("name", LINEAR)
def test_a_wrong_linear_map_is_caught(name, factor, backwards, monkeypatch):
    from dualnet import testing

    with dn.enable_scipy():
        testing.assert_gradient(LINEAR[name], M)
        row = dn.table[name]
        rule = row.rule
        monkeypatch.setattr(row, "rule", lambda *args, **kwargs: spoiled(rule(*args, **kwargs), factor, backwards))
        with pytest.raises(dn.DerivativeMismatch):
            testing.assert_gradient(LINEAR[name], M)


def test_the_page_names_every_registered_function():
    text = (Path(__file__).parents[1] / "docs" / "scipy.md").read_text(encoding="utf-8")
    words = set(re.findall(r"[\w.]+", text))
    for row in dn.table:
        if row.name.startswith("scipy."):
            name = row.name.split(".")[2] if row.name.count(".") == 2 else row.name.split(".")[-1]
            family = re.sub(r"^i?(r?h?)(fft|dct|dst)([2n]?)$", "dct", name)
            assert {name, family} & words or name == "__call__", f"docs/scipy.md does not name {row.name}"

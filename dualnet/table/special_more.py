"""Rows of ``scipy.special``: orthogonal polynomials."""

import numpy as np
import scipy.special as sp
from scipy.special import _ufuncs

from dualnet.errors import NotDifferentiableError
from dualnet.table.domain import OPEN, POSITIVE, REAL
from dualnet.table.parameters import Slope, absolute
from dualnet.table.row import TABLE, primal
from dualnet.table.special import UNIT, row

INSIDE = OPEN(-1, 1)


def less(n):
    """n - 1, and n itself where n = 0, whose terms are multiplied by 0."""
    return np.where(primal(n) == 0, n, n - 1)


def some(n):
    """0 where n = 0, else 1."""
    return np.where(primal(n) == 0, 0, 1)


# --- orthogonal polynomials: derivatives are polynomials of the next kind (DLMF 18.9) -------------------------
# SciPy takes those of a degree that is not whole from the hypergeometric function, which loses all digits from degree
# 15 or so on; there Legendre's come from lpmv and Chebyshev's from their angle instead, and the others are checked.
def fractional(n, x):
    """Where the degree is not whole and x is inside (-1, 1)."""
    n, x = primal(n), primal(x)
    return (np.floor(n) != n) & (np.abs(x) < 1)


def chosen(where, one, other, n, x):
    """one(n, x) there and other(n, x) elsewhere, each asked at harmless points where it is not meant."""
    if np.all(where):
        return one(n, x)
    return other(n, x) if not np.any(where) else np.where(where, one(n, np.where(where, x, 0.5)), other(np.where(where, 2.0, n), x))


def legendre(n, x):
    """P_n(x) of plain arrays."""
    return np.where(fractional(n, x), sp.lpmv(0, n, np.where(np.abs(x) < 1, x, 0.0)), sp.eval_legendre(n, x))


def legendre_dx(n, x):
    """The slope of P_n by x."""
    return chosen(fractional(n, x), lambda n, x: -sp.lpmv(1, n, x) / np.sqrt(1 - x * x),
                  lambda n, x: some(n) * (n + 1) / 2 * sp.eval_jacobi(less(n), 1.0, 1.0, x), n, x)


def second_kind(n, x):
    """Chebyshev's U_n(x)."""
    return chosen(fractional(n, x), lambda n, x: np.sin((n + 1) * np.arccos(x)) / np.sqrt(1 - x * x), sp.eval_chebyu, n, x)


def second_kind_dx(n, x):
    """The slope of U_n by x."""
    def turning(n, x):
        angle = (n + 1) * np.arccos(x)
        return ((n + 1) * np.cos(angle) - x * np.sin(angle) / np.sqrt(1 - x * x)) / (x * x - 1)

    return chosen(fractional(n, x), turning, lambda n, x: some(n) * 2 * sp.eval_gegenbauer(less(n), 2.0, x), n, x)


def first_kind_dn(n, x):
    """The slope of Chebyshev's T_n = cos(n t) by n."""
    return chosen(np.abs(primal(x)) < 1 + 0 * primal(n), lambda n, x: -np.arccos(x) * np.sin(n * np.arccos(x)), T_DN, n, x)


def second_kind_dn(n, x):
    """The slope of Chebyshev's U_n = sin((n + 1) t)/sin(t) by n."""
    return chosen(np.abs(primal(x)) < 1 + 0 * primal(n), lambda n, x: np.arccos(x) * np.cos((n + 1) * np.arccos(x)) / np.sqrt(1 - x * x),
                  U_DN, n, x)


def checked(n, a, b, x):
    """Raise where Jacobi polynomials of degrees that are not whole do not obey their recurrence (DLMF 18.9.2)."""
    n, a, b, x = (primal(v) for v in (n, a, b, x))
    loose = fractional(n, x) & (np.asarray(n) > 6)
    if not np.any(loose):
        return
    n, s = np.where(loose, n, 7.5), 2 * n + a + b
    below, here, above = (sp.eval_jacobi(n + k, a, b, x) for k in (-1, 0, 1))
    terms = (2 * (n + 1) * (n + a + b + 1) * s * above, (s + 1) * ((s + 2) * s * x + a * a - b * b) * here,
             2 * (n + a) * (n + b) * (s + 2) * below)
    error = np.abs(terms[0] - terms[1] + terms[2]) / (np.abs(terms[0]) + np.abs(terms[1]) + np.abs(terms[2]))
    if np.any(loose & (error > 1e-9)):
        raise NotDifferentiableError(
            f"SciPy's orthogonal polynomials of degree {np.max(n[loose & (error > 1e-9)]):g} are wrong themselves (their recurrence is "
            f"off by {np.max(error[loose]):.0e}), so they have no derivative worth having; take a whole or a lower degree")


def jacobi_dx(n, a, b, x):
    """The slope of Jacobi's polynomial by x."""
    checked(n, a, b, x)
    return some(n) * (n + a + b + 1) / 2 * sp.eval_jacobi(less(n), a + 1, b + 1, x)


def sh_jacobi_dx(n, p, q, x):
    """The slope of the shifted Jacobi polynomial by x."""
    checked(n, p - q, q - 1, 2 * x - 1)
    return n * sp.eval_sh_jacobi(less(n), p + 2, q + 1, x)


def gegenbauer_dx(n, a, x):
    """The slope of Gegenbauer's polynomial by x."""
    checked(n, a - 0.5, a - 0.5, x)
    return some(n) * 2 * a * sp.eval_gegenbauer(less(n), a + 1, x)


def own(name):
    """The slope of a polynomial by its degree, from its own values."""
    return Slope(name, getattr(_ufuncs, name), 0, lambda j: TABLE[name].partials[j], 2)


T_DN, U_DN = own("eval_chebyt"), own("eval_chebyu")
row("eval_legendre", absolute, lambda n, x, out: legendre_dx(n, x), plain=legendre, domain=(POSITIVE, INSIDE))
row("eval_sh_legendre", absolute, lambda n, x, out: 2 * legendre_dx(n, 2 * x - 1), plain=lambda n, x: legendre(n, 2 * x - 1),
    domain=(POSITIVE, UNIT))
row("eval_chebyt", lambda n, x, out: first_kind_dn(n, x), lambda n, x, out: n * second_kind(less(n), x), domain=(POSITIVE, INSIDE))
row("eval_chebyu", lambda n, x, out: second_kind_dn(n, x), lambda n, x, out: second_kind_dx(n, x), domain=(POSITIVE, INSIDE))
row("eval_chebyc", lambda n, x, out: 2 * first_kind_dn(n, x / 2), lambda n, x, out: n * second_kind(less(n), x / 2),
    domain=(POSITIVE, OPEN(-2, 2)))
row("eval_chebys", lambda n, x, out: second_kind_dn(n, x / 2), lambda n, x, out: second_kind_dx(n, x / 2) / 2,
    domain=(POSITIVE, OPEN(-2, 2)))
row("eval_sh_chebyt", lambda n, x, out: first_kind_dn(n, 2 * x - 1), lambda n, x, out: 2 * n * second_kind(less(n), 2 * x - 1),
    domain=(POSITIVE, UNIT))
row("eval_sh_chebyu", lambda n, x, out: second_kind_dn(n, 2 * x - 1), lambda n, x, out: 2 * second_kind_dx(n, 2 * x - 1),
    domain=(POSITIVE, UNIT))
row("eval_gegenbauer", absolute, absolute, lambda n, a, x, out: gegenbauer_dx(n, a, x), domain=(POSITIVE, POSITIVE, INSIDE))
row("eval_jacobi",  absolute, absolute, absolute, lambda n, a, b, x, out: jacobi_dx(n, a, b, x),
    domain=(POSITIVE, POSITIVE, POSITIVE, INSIDE))
row("eval_laguerre", absolute, lambda n, x, out: -some(n) * sp.eval_genlaguerre(less(n), 1.0, x), domain=(POSITIVE, POSITIVE))
row("eval_genlaguerre", absolute, absolute, lambda n, a, x, out: -some(n) * sp.eval_genlaguerre(less(n), a + 1, x), domain=POSITIVE)
row("eval_hermite", None, lambda n, x, out: 2 * n * sp.eval_hermite(less(n), x), domain=(POSITIVE, REAL))
row("eval_hermitenorm", None, lambda n, x, out: n * sp.eval_hermitenorm(less(n), x), domain=(POSITIVE, REAL))
row("eval_sh_jacobi", absolute, absolute, absolute, lambda n, p, q, x, out: sh_jacobi_dx(n, p, q, x),
    domain=(POSITIVE, POSITIVE, POSITIVE, UNIT))
row("lpmv", None, absolute, lambda m, v, x, out: -sp.lpmv(m + 1, v, x) / np.sqrt(1 - x * x) - m * x / (1 - x * x) * out,
    domain=(POSITIVE, POSITIVE, INSIDE))  # the order is whole (DLMF 14.10.2)

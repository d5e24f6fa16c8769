"""Rows of ``scipy.special``: orthogonal polynomials."""

import numpy as np
import scipy.special as sp
from scipy.special import _ufuncs

from dualnet.errors import NotDifferentiableError
from dualnet.table.degrees import OF_DEGREE
from dualnet.table.domain import OPEN, POSITIVE, REAL
from dualnet.table.jacobi import gegenbauer, jacobi, sh_jacobi
from dualnet.table.parameters import InDouble, Numeric, Slope, absolute, in_double, numeric
from dualnet.table.row import TABLE, Traced, pointwise, primal
from dualnet.table.special import UNIT, row

INSIDE = OPEN(-1, 1)


def less(n):
    """n - 1, and n itself where n = 0, whose terms are multiplied by 0."""
    return np.where(primal(n) == 0, n, n - 1)


def some(n):
    """0 where n = 0, else 1."""
    return np.where(primal(n) == 0, 0, 1)


# --- orthogonal polynomials: derivatives are polynomials of the next kind (DLMF 18.9) -------------------------
# SciPy takes those of a degree that is not whole from the hypergeometric function, which loses all digits from degree 15 or so
# on; there Legendre's come from lpmv and Chebyshev's from their angle instead, and Jacobi's from jacobi.py, and are checked.
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


def sh_legendre_dx(n, x):
    """The slope of P_n(2 x - 1) by x; next to x = 0, where 2 x - 1 has lost it, from the hypergeometric function of 1 - x
    (DLMF 14.3.1 differentiated, 15.8.1)."""
    return chosen(shifted_fractional(n, x) & (primal(x) < NEXT), lambda n, x: n * (n + 1) / x * sp.hyp2f1(1 + n, -n, 2.0, 1 - x),
                  lambda n, x: 2 * legendre_dx(n, 2 * x - 1), n, x)


NEXT = 1e-5  # nearer to the end 2 x - 1 has lost half of the digits of x
FEW = 1e-3  # a degree below this has lost digits in n - 1


def shifted_fractional(n, x):
    """Where the degree is not whole and x is inside (0, 1)."""
    n, x = primal(n), primal(x)
    return (np.floor(n) != n) & (x > 0) & (x < 1)


def by_angle(formula, whole, shifted=False, fraction=True):
    """A slope of a Chebyshev polynomial of x, or of 2 x - 1: `formula` of n and of the cosine x, its angle and its sine where the
    degree is not whole (or everywhere), `whole` of n and x elsewhere and beyond (-1, 1)."""
    def slope(n, x):
        inside = (primal(x) > 0) & (primal(x) < 1) if shifted else np.abs(primal(x)) < 1
        return chosen(inside & (np.floor(primal(n)) != primal(n)) if fraction else inside + (0 * primal(n) != 0), turned,
                      lambda n, x: whole(n, 2 * x - 1 if shifted else x), n, x)

    def turned(n, x):
        if shifted:  # by half of the angle, as 2 x - 1 loses digits next to the ends
            return formula(n, 2 * x - 1, 2 * np.arctan2(np.sqrt(1 - x), np.sqrt(x)), 2 * np.sqrt(x * (1 - x)))
        return formula(n, x, np.arccos(x), np.sqrt(1 - x * x))

    return slope


def chebyshev(shifted=False):
    """The slopes of T_n = cos(n t) and U_n = sin((n + 1) t)/sin(t), each by n and by its cosine, in forms that hold for small n, too."""
    return (by_angle(lambda n, c, t, s: -t * np.sin(n * t), lambda n, x: T_DN(n, x), shifted, False),
            by_angle(lambda n, c, t, s: n * np.sin(n * t) / s, lambda n, x: n * sp.eval_chebyu(less(n), x), shifted),
            by_angle(lambda n, c, t, s: t * (c * np.cos(n * t) / s - np.sin(n * t)), lambda n, x: U_DN(n, x), shifted, False),
            by_angle(lambda n, c, t, s: (np.sin(n * t) / s - n * (c * np.cos(n * t) - s * np.sin(n * t))) / (s * s),
                     lambda n, x: some(n) * 2 * sp.eval_gegenbauer(less(n), 2.0, x), shifted))


first_kind_dn, first_kind_dx, second_kind_dn, second_kind_dx = chebyshev()
sh_first_kind_dn, sh_first_kind_dx, sh_second_kind_dn, sh_second_kind_dx = chebyshev(True)


def checked(n, a, b, x):
    """Raise where Jacobi polynomials of degrees that are not whole do not obey their recurrence (DLMF 18.9.2)."""
    n, a, b, x = (primal(v) for v in (n, a, b, x))
    loose = fractional(n, x) & (np.asarray(n) > 6)
    if not np.any(loose):
        return
    n, s = np.where(loose, n, 7.5), 2 * n + a + b
    below, here, above = (jacobi(n + k, a, b, x) for k in (-1, 0, 1))
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
    return of_few(lambda n, a, b, x: sp.poch(a + 1, n) / sp.gamma(n + 1) * n * (n + a + b + 1) / (2 * a + 2)
                  * sp.hyp2f1(1 - n, n + a + b + 2, a + 2, (1 - x) / 2),
                  lambda n, a, b, x: some(n) * (n + a + b + 1) / 2 * JACOBI(less(n), a + 1, b + 1, x), n, a, b, x)


def sh_jacobi_dx(n, p, q, x):
    """The slope of the shifted Jacobi polynomial by x."""
    checked(n, p - q, q - 1, 2 * x - 1)
    return of_few(lambda n, p, q, x: sp.poch(p - q + 1, n) / sp.poch(n + p, n) * n * (n + p) / (p - q + 1) * np.power(x, -q)
                  * sp.hyp2f1(p - q + n + 1, 1 - n - q, p - q + 2, 1 - x),
                  lambda n, p, q, x: n * SH_JACOBI(less(n), p + 2, q + 1, x), n, p, q, x,
                  also=shifted_fractional(n, x) & (primal(x) < NEXT))


def gegenbauer_dx(n, a, x):
    """The slope of Gegenbauer's polynomial by x."""
    checked(n, a - 0.5, a - 0.5, x)
    return of_few(lambda n, a, x: sp.poch(2 * a, n) / sp.gamma(n + 1) * n * (n + 2 * a) / (2 * a + 1)
                  * sp.hyp2f1(1 - n, n + 2 * a + 1, a + 1.5, (1 - x) / 2),
                  lambda n, a, x: some(n) * 2 * a * GEGENBAUER(less(n), a + 1, x), n, a, x)


def laguerre_dx(n, a, x):
    """The slope of the generalized Laguerre polynomial by x."""
    return of_few(lambda n, a, x: -sp.poch(a + 1, n) / sp.gamma(n + 1) * n / (a + 1) * sp.hyp1f1(1 - n, a + 2, x),
                  lambda n, a, x: -some(n) * sp.eval_genlaguerre(less(n), a + 1, x), n, a, x)


def of_few(few, plain, n, *rest, also=False):
    """few(n, ...) where the degree is so small, and not 0, that it is lost beside 1 in the plain formula (DLMF 18.5.7, 18.5.12
    differentiated), or where `also` holds; plain(n, ...) elsewhere."""
    mask = also | (np.abs(primal(n)) < FEW) & (primal(n) != 0)
    if not np.any(mask):
        return plain(n, *rest)
    if np.all(mask):
        return few(n, *rest)
    return np.where(mask, few(np.where(mask, n, 0.5), *(np.where(mask, v, 0.5) for v in rest)), plain(np.where(mask, 1.0, n), *rest))


class Inside(Numeric):
    """The slope by argument k: of the row `of` well inside of the domain, and elsewhere from the polynomials' own values."""

    def __init__(self, row, k, of):
        super().__init__(row, k)
        orders = [int(j == k) for j in range(len(row.partials))]
        self.of, self.ours = of, InDouble(row, lambda *args: of(*orders, *args[:-1]))

    def __call__(self, *args):
        mask = self.of.inside(*(primal(v) for v in args[:-1]))
        if np.all(mask):
            return self.ours(*args)
        if not np.any(mask):
            return super().__call__(*args)
        near, far = ([np.where(m, v, 0.5) for v in args] for m in (mask, ~mask))
        return np.where(mask, self.ours(*near), super().__call__(*far))


def at_zero(of, partial):
    """The partial by x; that of the row `of` where a derivative by a degree of 0 is taken, which n - 1 has no polynomial for."""
    def slope(*args):
        if isinstance(args[0], Traced) and np.any(primal(args[0]) == 0):
            return of(*(0,) * (len(args) - 2), 1, *args[:-1])
        return partial(*args)

    return slope


def own(name):
    """The slope of a polynomial by its degree, from its own values."""
    return Slope(name, getattr(_ufuncs, name), {0: (1, absolute)}, lambda j: TABLE[name].partials[j], 2)


GEGENBAUER = numeric(pointwise(gegenbauer, absolute, absolute, lambda n, a, x, out: gegenbauer_dx(n, a, x), name="eval_gegenbauer value"))
JACOBI = numeric(pointwise(jacobi, absolute, absolute, absolute, lambda n, a, b, x, out: jacobi_dx(n, a, b, x), name="eval_jacobi value"))
SH_JACOBI = numeric(pointwise(sh_jacobi, absolute, absolute, absolute, lambda n, p, q, x, out: sh_jacobi_dx(n, p, q, x),
                              name="eval_sh_jacobi value"))
T_DN, U_DN = own("eval_chebyt"), own("eval_chebyu")
row("eval_legendre", absolute, lambda n, x, out: legendre_dx(n, x), plain=legendre, domain=(POSITIVE, INSIDE))
row("eval_sh_legendre", absolute, lambda n, x, out: sh_legendre_dx(n, x), plain=lambda n, x: legendre(n, 2 * x - 1),
    domain=(POSITIVE, UNIT))
row("eval_chebyt", lambda n, x, out: first_kind_dn(n, x), lambda n, x, out: first_kind_dx(n, x), domain=(POSITIVE, INSIDE))
row("eval_chebyu", lambda n, x, out: second_kind_dn(n, x), lambda n, x, out: second_kind_dx(n, x), domain=(POSITIVE, INSIDE))
row("eval_chebyc", lambda n, x, out: 2 * first_kind_dn(n, x / 2), lambda n, x, out: first_kind_dx(n, x / 2),
    domain=(POSITIVE, OPEN(-2, 2)))
row("eval_chebys", lambda n, x, out: second_kind_dn(n, x / 2), lambda n, x, out: second_kind_dx(n, x / 2) / 2,
    domain=(POSITIVE, OPEN(-2, 2)))
row("eval_sh_chebyt", lambda n, x, out: sh_first_kind_dn(n, x), lambda n, x, out: 2 * sh_first_kind_dx(n, x),
    domain=(POSITIVE, UNIT))
row("eval_sh_chebyu", lambda n, x, out: sh_second_kind_dn(n, x), lambda n, x, out: 2 * sh_second_kind_dx(n, x),
    domain=(POSITIVE, UNIT))
row("eval_gegenbauer", absolute, absolute, GEGENBAUER.partials[2], plain=gegenbauer, domain=(POSITIVE, POSITIVE, INSIDE))
row("eval_jacobi", absolute, absolute, absolute, JACOBI.partials[3], plain=jacobi, domain=(POSITIVE, POSITIVE, POSITIVE, INSIDE))
row("eval_laguerre", absolute, lambda n, x, out: laguerre_dx(n, np.zeros_like(primal(out)), x), domain=(POSITIVE, POSITIVE))
row("eval_genlaguerre", absolute, absolute, lambda n, a, x, out: laguerre_dx(n, a, x), domain=POSITIVE)
row("eval_hermite", None, lambda n, x, out: 2 * n * sp.eval_hermite(less(n), x), domain=(POSITIVE, REAL))
row("eval_hermitenorm", None, lambda n, x, out: n * sp.eval_hermitenorm(less(n), x), domain=(POSITIVE, REAL))
row("eval_sh_jacobi", absolute, absolute, absolute, SH_JACOBI.partials[3], plain=sh_jacobi, domain=(POSITIVE, POSITIVE, POSITIVE, UNIT))
row("lpmv", None, absolute, lambda m, v, x, out: -sp.lpmv(m + 1, v, x) / np.sqrt(1 - x * x) - m * x / (1 - x * x) * out,
    domain=(POSITIVE, POSITIVE, INSIDE))  # the order is whole (DLMF 14.10.2)

for _name, _of in OF_DEGREE.items():
    _row = TABLE[_name]
    _row.partials = (*(Inside(_row, k, _of) for k in range(len(_row.partials) - 1)), at_zero(_of, _row.partials[-1]))
in_double()

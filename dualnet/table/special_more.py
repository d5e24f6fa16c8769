"""Rows of ``scipy.special``: orthogonal polynomials."""

import numpy as np
import scipy.special as sp

from dualnet.table.chebyshev import chebyshev_by, sh_chebyshev_by
from dualnet.table.degrees import gegenbauer_by, genlaguerre_by, jacobi_by, laguerre_by, legendre_by, sh_jacobi_by, sh_legendre_by
from dualnet.table.domain import OPEN, POSITIVE, REAL
from dualnet.table.ferrers import ferrers_by, root
from dualnet.table.hypergeometric_by import slope_of
from dualnet.table.parameters import in_double
from dualnet.table.row import Traced, primal
from dualnet.table.special import UNIT, row

INSIDE = OPEN(-1, 1)


def less(n):
    """n - 1, and n itself where n = 0, whose terms are multiplied by 0."""
    return np.where(primal(n) == 0, n, n - 1)


def some(n):
    """0 where n = 0, else 1."""
    return np.where(primal(n) == 0, 0, 1)


# --- orthogonal polynomials: derivatives are polynomials of the next kind (DLMF 18.9) -------------------------
def by_x(of, polynomial):
    """The partial by x: of whole degrees that of `polynomial`, and else, or where a derivative by the degree is taken, the row `of`."""
    def slope(*args):
        n, first = args[0], [0] * (len(args) - 2)
        whole = (np.floor(primal(n)) == primal(n)) & (not isinstance(n, Traced))
        if np.all(whole):
            return polynomial(*args[:-1])
        if not np.any(whole):
            return of(*first, 1, *args[:-1])
        return np.where(whole, polynomial(np.where(whole, n, 2.0), *args[1:-1]), of(*first, 1, np.where(whole, 0.5, n), *args[1:-1]))

    return slope


def of_degree(name, of, polynomial, *domain):
    """Enter polynomials whose derivatives by degree and shapes the row `of` gives, and `polynomial` that by x of whole degrees."""
    row(name, *(slope_of(of, k) for k in range(len(domain) - 1)), by_x(of, polynomial), domain=domain)


def chebyshev(name, of, kind, domain, scale=1.0, width=1.0):
    """Enter Chebyshev polynomials: scale times those of that kind at x/width, whose derivatives the row `of` gives."""
    row(name, lambda n, x, out: scale * of(1, 0, kind, n, x / width), lambda n, x, out: scale / width * of(0, 1, kind, n, x / width),
        domain=(POSITIVE, domain))


of_degree("eval_legendre", legendre_by, lambda n, x: some(n) * (n + 1) / 2 * sp.eval_jacobi(less(n), 1.0, 1.0, x), POSITIVE, INSIDE)
of_degree("eval_sh_legendre", sh_legendre_by, lambda n, x: some(n) * (n + 1) * sp.eval_jacobi(less(n), 1.0, 1.0, 2 * x - 1), POSITIVE, UNIT)
chebyshev("eval_chebyt", chebyshev_by, 0, INSIDE)
chebyshev("eval_chebyu", chebyshev_by, 1, INSIDE)
chebyshev("eval_chebyc", chebyshev_by, 0, OPEN(-2, 2), scale=2.0, width=2.0)
chebyshev("eval_chebys", chebyshev_by, 1, OPEN(-2, 2), width=2.0)
chebyshev("eval_sh_chebyt", sh_chebyshev_by, 0, UNIT)
chebyshev("eval_sh_chebyu", sh_chebyshev_by, 1, UNIT)
of_degree("eval_gegenbauer", gegenbauer_by, lambda n, a, x: some(n) * 2 * a * sp.eval_gegenbauer(less(n), a + 1, x),
          POSITIVE, POSITIVE, INSIDE)
of_degree("eval_jacobi", jacobi_by, lambda n, a, b, x: some(n) * (n + a + b + 1) / 2 * sp.eval_jacobi(less(n), a + 1, b + 1, x),
          POSITIVE, POSITIVE, POSITIVE, INSIDE)
of_degree("eval_sh_jacobi", sh_jacobi_by, lambda n, p, q, x: n * sp.eval_sh_jacobi(less(n), p + 2, q + 1, x),
          POSITIVE, POSITIVE, POSITIVE, UNIT)
of_degree("eval_laguerre", laguerre_by, lambda n, x: -some(n) * sp.eval_genlaguerre(less(n), 1.0, x), POSITIVE, POSITIVE)
of_degree("eval_genlaguerre", genlaguerre_by, lambda n, a, x: -some(n) * sp.eval_genlaguerre(less(n), a + 1, x),
          POSITIVE, POSITIVE, POSITIVE)
row("eval_hermite", None, lambda n, x, out: 2 * n * sp.eval_hermite(less(n), x), domain=(POSITIVE, REAL))
row("eval_hermitenorm", None, lambda n, x, out: n * sp.eval_hermitenorm(less(n), x), domain=(POSITIVE, REAL))
row("lpmv", None, lambda m, v, x, out: root(m, x) * ferrers_by(1, 0, m, v, x),  # the order is whole
    lambda m, v, x, out: root(m, x) * ferrers_by(0, 1, m, v, x) - np.abs(m) * x * root(m, x, 1) * ferrers_by(0, 0, m, v, x),
    domain=(POSITIVE, POSITIVE, INSIDE))

in_double()

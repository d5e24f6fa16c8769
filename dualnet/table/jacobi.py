"""Jacobi's polynomials of degrees that are not whole to full precision: SciPy's lose up to all digits left of 0.

Next to x = -1 its power series hardly converges, and what it takes there of whole b has no digit in places. Here they come from
the series around -1 (DLMF 18.5.7 by 15.8.4 and 5.5.3), and next to whole b, where its two parts have poles that cancel, from
the polynomial in b through such values.
"""

import numpy as np
import scipy.special as sp

from dualnet.errors import NotDifferentiableError
from dualnet.table.hypergeometric_by import poch
from dualnet.table.parameters import COEFFICIENTS, NODES, POINTS

LEFT = 0.5  # of (1 + x)/2, below which the series around -1 converges faster than the one around 1
CLOSE, WIDE = 0.05, 0.45  # so near to a whole b its neighbours' values are taken, from so far around


def jacobi(n, a, b, x):
    """Jacobi's polynomial of plain arrays.

    Examples
    --------
    >>> bool(abs(jacobi(2.5, 3.5, 3.0, -0.75) / -1.044173533658337 - 1) < 1e-12)
    True
    """
    return _split(_is_left(n, a, b, 0.5 * (1 + x)), lambda n, a, b, x: _left(n, a, b, 0.5 * (1 + x)), sp.eval_jacobi, n, a, b, x)


def gegenbauer(n, a, x):
    """Gegenbauer's polynomial of plain arrays (DLMF 18.7.1)."""
    return _split(_is_left(n, a, a - 0.5, 0.5 * (1 + x)), lambda n, a, x: sp.poch(2 * a, n) / sp.poch(a + 0.5, n) * _left(
        n, a - 0.5, a - 0.5, 0.5 * (1 + x)), sp.eval_gegenbauer, n, a, x)


def sh_jacobi(n, p, q, x):
    """The shifted Jacobi polynomial of plain arrays: that of 2 x - 1 over binomial(2 n + p - 1, n)."""
    return _split(_is_left(n, p - q, q - 1, x), lambda n, p, q, x: _left(n, p - q, q - 1, x) * sp.gamma(n + 1) / sp.poch(n + p, n),
                  sp.eval_sh_jacobi, n, p, q, x)


def legendre(n, x):
    """Legendre's function of the first kind of plain arrays."""
    inside = (np.floor(n) != n) & (np.abs(x) < 1)
    return np.where(inside, sp.lpmv(0, n, np.where(inside, x, 0.0)), sp.eval_legendre(n, x))


def jacobi_slope(n, a, b, x, m):
    """The m-th derivative of Jacobi's polynomial by x (DLMF 18.9.15)."""
    return 0.5**m * poch(n + a + b + 1, m) * jacobi(n - m, a + m, b + m, x)


def legendre_slope(m, n, x):
    """That of Legendre's, by Ferrers' function of order m (DLMF 14.6.1) where that has its digits."""
    if np.iscomplexobj(x):
        return jacobi_slope(n, np.zeros_like(n), np.zeros_like(n), x, m)
    if m == 0:
        return legendre(n, x)
    inner = np.where(np.abs(x) < 0.95, x, 0.0)  # nearer to the ends that has lost digits
    return np.where(inner == x, (-1) ** m * sp.lpmv(m, n, inner) / (1 - inner * inner) ** (0.5 * m),
                    jacobi_slope(n, np.zeros_like(n), np.zeros_like(n), x, m))


def checked(n, a, b, x):
    """Raise where Jacobi polynomials of degrees that are not whole do not obey their recurrence (DLMF 18.9.2)."""
    loose = (np.floor(n) != n) & (n > 6) & (np.abs(x) < 1)
    if np.any(loose):
        n = np.where(loose, n, 7.5)
        s, (below, here, above) = 2 * n + a + b, (jacobi(n + k, a, b, x) for k in (-1, 0, 1))
        obeyed(loose, n, 2 * (n + 1) * (n + a + b + 1) * s * above, (s + 1) * ((s + 2) * s * x + a * a - b * b) * here,
               2 * (n + a) * (n + b) * (s + 2) * below)


def obeyed(loose, n, *terms):
    """Raise where the first and the last of three terms do not add up to the middle one."""
    error = np.abs(terms[0] - terms[1] + terms[2]) / (np.abs(terms[0]) + np.abs(terms[1]) + np.abs(terms[2]))
    wrong = loose & (error > 1e-10)
    if np.any(wrong):
        raise NotDifferentiableError(
            f"SciPy's orthogonal polynomials of degree {np.max(n[wrong]):g} are wrong themselves (their recurrence is off by "
            f"{np.max(error[wrong]):.0e}), so they have no derivative worth having; take a whole or a lower degree")


def _split(where, one, other, *args):
    """one(*args) there and other(*args) elsewhere."""
    if not np.any(where):
        return other(*args)
    where, *args = np.broadcast_arrays(where, *args)
    out = np.empty(where.shape, np.result_type(np.float32, *args))
    out[where], out[~where] = one(*(v[where] for v in args)), other(*(v[~where] for v in args))
    return out[()]


def _is_left(n, a, b, w):
    """Where the series around x = -1 in w = (1 + x)/2 is the better one and stays in the range."""
    return np.isrealobj(w) & (np.floor(n) != n) & (np.real(w) > 0) & (np.real(w) < LEFT) & (b > -0.94) & (b < 100) & (n + a > -0.5)


def _left(n, a, b, w):
    return _split(np.abs(b - np.round(b)) < CLOSE, _beside_whole, _series, n, a, b, w)


def _series(n, a, b, w):
    """The parts of the polynomial that are regular and singular at w = 0."""
    regular = np.sin(np.pi * (n + b)) / np.sin(np.pi * b) * sp.poch(b + 1, n) / sp.gamma(n + 1) * sp.hyp2f1(-n, n + a + b + 1, b + 1, w)
    return regular - np.sin(np.pi * n) / np.pi * sp.gamma(b) / sp.poch(n + a + 1, b) * w**-b * sp.hyp2f1(n + a + 1, -n - b, 1 - b, w)


def _beside_whole(n, a, b, w):
    """The polynomial in b through the values around the whole number."""
    whole = np.round(b)
    grid = [np.broadcast_to(v, (NODES, b.size)) for v in (n, a, whole, w)]
    grid[2] = whole + WIDE * POINTS[:, None]
    c = COEFFICIENTS @ _series(*grid)
    c[0] *= 0.5
    return np.sum(c * np.cos(np.arange(NODES)[:, None] * np.arccos((b - whole) / WIDE)), axis=0)

"""Rows of ``scipy.special``: elliptic integrals, Legendre's and Carlson's, and the arithmetic-geometric mean."""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.carlson import carlson
from dualnet.table.domain import POSITIVE, REAL, Domain
from dualnet.table.parameters import in_double
from dualnet.table.row import Traced, primal
from dualnet.table.special import UNIT, near, row

BELOW_1 = Domain(high=1.0)


def _ellipk_dm(m, out):
    """(E - (1-m) K) / (2 m (1-m)), and the hypergeometric form where that cancels."""
    return near(m, 0.4, lambda m: math.pi / 8 * sp.hyp2f1(1.5, 1.5, 2.0, m),
                lambda m: (sp.ellipe(m) - (1 - m) * sp.ellipk(m)) / (2 * m) / (1 - m), outer=0.5)


def _ellipkm1_dp(p, out):
    """The slope of K by p = 1 - m; for small p nothing is formed from 1 - p where digits count."""
    close = np.abs(1 - primal(p)) < 0.4
    series, other = np.where(close, p, 1.0), np.where(close, 0.5, p)
    return np.where(close, -math.pi / 8 * sp.hyp2f1(1.5, 1.5, 2.0, 1 - series),
                    (other * sp.ellipkm1(other) - sp.ellipe(1 - other)) / (2 * other) / (1 - other))


def _ellipe_dm(m, out):
    """(E - K) / (2 m), and the hypergeometric form where that cancels."""
    return near(m, 0.4, lambda m: -math.pi / 8 * sp.hyp2f1(0.5, 1.5, 2.0, m),
                lambda m: (sp.ellipe(m) - sp.ellipk(m)) / (2 * m), outer=0.5)


def incomplete(x, m, order):
    """The slopes by m of F(x, m) (order 1) and of E(x, m) (order 0), by Carlson's R_D, which nothing cancels in.

    From F = s R_F(c^2, 1 - m s^2, 1) and E = F - m/3 s^3 R_D(c^2, 1 - m s^2, 1) (DLMF 19.25.5, 19.25.9) with s = sin x and
    c = cos x, |x| <= pi/2; further out by quasi-periodicity (DLMF 19.2.10).
    """
    turns = np.round(primal(x) / math.pi)
    turns = np.where(np.isfinite(turns), turns, 0)
    s, c2 = np.sin(x - turns * math.pi), np.square(np.cos(x - turns * math.pi))
    delta, one = 1 - m * s * s, np.ones_like(primal(c2))
    out = s**3 / 6 * sp.elliprd(c2, one, delta) if order else s**3 / -6 * sp.elliprd(c2, delta, one)
    return out + 2 * turns * (_ellipk_dm if order else _ellipe_dm)(m, None) if np.any(turns) else out


def agm_dx(x, y, out):
    """The slope by x of the arithmetic-geometric mean, 1/agm(x, y) = 2/pi R_F(0, x^2, y^2) (DLMF 19.8.5, 19.25.1).

    Where x and y are more than 1e9 apart, by the first terms of R_D next to 0 and of large arguments: squares leave the range.
    """
    ratio = primal(y) / primal(x)
    low, high = ratio < 1e-9, ratio > 1e9
    one, near = np.where(low | high, 1.0, x), np.where(low | high, 1.0, y)
    mean = np.where(low | high, 1.0, out)
    slope = 2 / (3 * math.pi) * np.square(mean / one) * sp.elliprd(0.0, np.square(near / one), np.ones_like(primal(one)))
    if np.any(low | high):
        slope = np.where(high, 2 / math.pi * (out / y) * (out / x), slope)
        slope = np.where(low, 2 / math.pi * np.square(out / x) * (math.log(4) - 1 + np.log(x) - np.log(y)), slope)
    return slope


row("ellipk",   _ellipk_dm,                                                symbol="ellipk(x)", domain=BELOW_1)
row("ellipe",   _ellipe_dm,                                                symbol="ellipe(x)", domain=BELOW_1)
row("ellipkm1", _ellipkm1_dp,                                              symbol="ellipk(1-x)", domain=POSITIVE)
row("ellipkinc", lambda x, m, out: 1 / np.sqrt(1 - m * np.square(np.sin(x))), lambda x, m, out: incomplete(x, m, 1), domain=(REAL, UNIT))
row("ellipeinc", lambda x, m, out: np.sqrt(1 - m * np.square(np.sin(x))), lambda x, m, out: incomplete(x, m, 0), domain=(REAL, UNIT))
row("agm",      agm_dx, lambda x, y, out: agm_dx(y, x, out),               domain=POSITIVE)
row("elliprf",  lambda x, y, z, out: -sp.elliprd(y, z, x) / 6, lambda x, y, z, out: -sp.elliprd(z, x, y) / 6,
    lambda x, y, z, out: -sp.elliprd(x, y, z) / 6,                         domain=POSITIVE)


# Carlson's integrals: under the integral, 1/((t+x)(t+z)) splits into partial fractions, which gives the slopes (DLMF 19.18.1);
# where x and z are nearly equal the split cancels, and the slope is the integral with one power more.
def split(apart, formula, slope, *args):
    """formula(*args) where the two arguments `apart` are not nearly equal, and slope(*args[:-1]) where they are."""
    x, z = (primal(args[i]) for i in apart)
    near = np.abs(x - z) <= 0.3 * np.maximum(np.abs(x), np.abs(z))
    if not np.any(near):
        return formula(*args)
    out = slope(*(np.where(near, a, 1.0) if i == apart[0] else a for i, a in enumerate(args[:-1])))
    if np.all(near):
        return out
    return np.where(near, out, formula(*(np.where(near, 2.0 * z, a) if i == apart[0] else a for i, a in enumerate(args))))


def times(slope, x, *others):
    """x slope(x, ...), which is 0 at x = 0, where the slope is infinite."""
    if isinstance(x, Traced) or np.all(x):
        return x * slope(x, *others)
    return np.where(x == 0, 0.0, x * slope(np.where(x == 0, 1.0, x), *others))


def _elliprc_dx(x, y, out):
    return split((0, 1), lambda x, y, out: (1 / np.sqrt(x) - out) / (2 * (x - y)), lambda x, y: carlson((1.5, 1.0), x, y) / -4, x, y, out)


def _elliprc_dy(x, y, out):
    return split((0, 1), lambda x, y, out: (out - np.sqrt(x) / y) / (2 * (x - y)), lambda x, y: carlson((0.5, 2.0), x, y) / -2, x, y, out)


def _elliprg_dx(x, y, z, out):
    """(R_F - x R_D(y, z, x)/3)/4: checked by the sum of all three, R_F/2 (DLMF 19.18.8)."""
    return (sp.elliprf(x, y, z) - x * sp.elliprd(y, z, x) / 3) / 4


def _elliprd_dx(x, y, z, out):
    return split((0, 2), lambda x, y, z, out: (sp.elliprd(y, z, x) - out) / (2 * (x - z)),
                 lambda x, y, z: carlson((1.5, 0.5, 1.5), x, y, z) * -0.75, x, y, z, out)


def _elliprd_dz(x, y, z, out):
    """From the homogeneity of degree -3/2 (DLMF 19.16.(ii))."""
    return -(1.5 * out + times(_elliprd_dx, x, y, z, out) + times(_elliprd_dx, y, x, z, out)) / z


def of_tiny(slope):
    """A slope of a function that is homogeneous of degree -3/2; where all arguments are tiny, of them over the largest: its terms, of
    degree -5/2, would leave the range on both sides of 0."""
    def scaled(x, y, z, out):
        top = np.maximum(np.maximum(primal(x), primal(y)), primal(z))
        if not np.any(top < 1e-100):
            return slope(x, y, z, out)
        s = np.where(top < 1e-100, top, 1.0)
        return slope(x / s, y / s, z / s, out * s**1.5) / s**1.5 / s

    return scaled


def _elliprj_dx(x, y, z, p, out):
    return split((0, 3), lambda x, y, z, p, out: (sp.elliprd(y, z, x) - out) / (2 * (x - p)),
                 lambda x, y, z, p: carlson((1.5, 0.5, 0.5, 1.0), x, y, z, p) * -0.75, x, y, z, p, out)


def _elliprj_dp(x, y, z, p, out):
    """From the homogeneity of degree -3/2 (DLMF 19.16.(ii))."""
    return -(1.5 * out + times(_elliprj_dx, x, y, z, p, out) + times(_elliprj_dx, y, z, x, p, out)
             + times(_elliprj_dx, z, x, y, p, out)) / p


row("elliprc",  _elliprc_dx, _elliprc_dy,                                  domain=POSITIVE)
row("elliprd",  of_tiny(_elliprd_dx), of_tiny(lambda x, y, z, out: _elliprd_dx(y, x, z, out)), of_tiny(_elliprd_dz), domain=POSITIVE)
row("elliprg",  _elliprg_dx, lambda x, y, z, out: _elliprg_dx(y, z, x, out), lambda x, y, z, out: _elliprg_dx(z, x, y, out),
    domain=POSITIVE)
row("elliprj",  _elliprj_dx, lambda x, y, z, p, out: _elliprj_dx(y, z, x, p, out), lambda x, y, z, p, out: _elliprj_dx(z, x, y, p, out),
    _elliprj_dp, domain=POSITIVE)

in_double()

"""Slopes of Bessel functions and their kin where the textbook's formula loses digits or leaves the range.

Next to order 0 and far out neighbours cancel; Kelvin's functions are complex Bessel functions, of which SciPy's own lose digits.
Formulas are those of the DLMF. Rows that use them stand in special.py.
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.row import Traced, primal

ROOT_2, ROOT_2PI = math.sqrt(2), math.sqrt(2 * math.pi)
LEAST, HIGHEST = 1.0, 1e5  # of x and of orders between which slopes of scaled functions are integrals
FIRST = 600.0  # up to this x the first slope, of a plain x, loses too little to count


def _kelvin(first, second, far, limit, closer):
    """A derivative of a Kelvin function: near 0 by SciPy's slopes and the differential equation, where a complex Bessel function
    cancels, further out by that function, because SciPy's own values lose up to 9 digits near 10, and below `limit` by a series."""
    def slope(x, order=1):
        small = (np.abs(primal(x)) < 4) & (primal(x) != 0)
        near_x, far_x = np.where(small, x, 1.0), np.where(small, 9.0, x)
        re, im = first(near_x)
        if order == 2:
            f, g = second(near_x)
            re, im = -g - re / near_x, f - im / near_x
        close = small & (np.abs(primal(x)) < limit)
        if np.any(close):
            re, im = (part if series is None else np.where(close, series, part)
                      for series, part in zip(closer(np.where(close, x, 0.5 * limit), order), (re, im)))
        return np.where(small, re + 1j * im, far(far_x, order))

    return slope


def _of_be(x, order):
    """The parts of the derivative of ber + i bei, the sum of (i x^2/4)^k / k!^2 (DLMF 10.65.1), which is even."""
    fourth, parts = np.square(np.square(x)), []
    for lowest in (2, 1):
        total = 0.0
        for k in reversed(range(lowest, 18, 2)):
            falling = 2 * k if order == 1 else 2 * k * (2 * k - 1)
            total = total * fourth + (-1) ** (k // 2) * falling / 4**k / math.factorial(k) ** 2
        parts.append(total * x ** (2 * lowest - order))
    return parts


def _of_kei(x, order):
    """The first terms of the derivative of kei (DLMF 10.65.5): below 1e-157 SciPy's keip lacks x/4."""
    log = np.log(0.5 * x) + np.euler_gamma
    return None, 0.5 * x * (0.5 - log) if order == 1 else -0.5 * (0.5 + log)


def _of_j(x, order):
    turn = complex(-1, 1) / ROOT_2
    return -turn * sp.jv(1, turn * x) if order == 1 else 0.5 * turn * turn * (sp.jv(2, turn * x) - sp.jv(0, turn * x))


def _of_k(x, order):
    turn, gone = complex(1, 1) / ROOT_2, primal(x) > 1100  # there all is below the range, and SciPy's kv NaN in places
    z = turn * (np.where(gone, 1.0, x) if np.any(gone) else x)
    out = -turn * sp.kv(1, z) if order == 1 else 0.5 * turn * turn * (sp.kv(0, z) + sp.kv(2, z))
    return np.where(gone, 0.0, out) if np.any(gone) else out


# ber + i bei = J0(x exp(3 pi i/4)) and ker + i kei = K0(x exp(pi i/4)) (DLMF 10.61.1, 10.61.2)
kelvin_be = _kelvin(lambda x: (sp.berp(x), sp.beip(x)), lambda x: (sp.ber(x), sp.bei(x)), _of_j, 2.0, _of_be)
kelvin_ke = _kelvin(lambda x: (sp.kerp(x), sp.keip(x)), lambda x: (sp.ker(x), sp.kei(x)), _of_k, 1e-4, _of_kei)


def scaled(order, x, plain, turn, factor, between=None):
    """The slope by x of a scaled Bessel function: `plain`, a difference of neighbours that cancels for large x, and there the
    slope of Hankel's expansion factor x^(-1/2) sum of a_k(order) (turn/x)^k (DLMF 10.17.5, 10.40.1, 10.40.2); before that, of
    positive x, what is `between`, a function of (order, x)."""
    size = np.abs(primal(x))
    least = 20 + 2 * np.square(primal(order))  # where 40 terms leave less than the difference loses
    far = (size > least) & (np.real(primal(x)) > 0)
    if between is not None:
        lost = is_between(primal(order), primal(x)) & ~far & (isinstance(x, Traced) | (size > FIRST))
        if np.any(lost):
            plain = np.where(lost, between(np.where(lost, order, 1.0), np.where(lost, x, 40.0)), plain)
    if not np.any(far):
        return plain
    x, total, term = np.where(far, x, 100.0), 0.0, factor + 0 * order
    for k in range(12 if np.all(~far | (size > least + 80)) else 40):
        total = total - (k + 0.5) * term
        term = term * (4 * order * order - (2 * k + 1) ** 2) * turn / (8 * (k + 1) * x)
    return np.where(far, total * np.power(x, -1.5), plain)


def is_between(order, x):
    """True where scaled functions of neighbouring orders cancel in slopes."""
    return (x > np.maximum(LEAST, 2 * np.abs(order))) & (np.abs(order) < HIGHEST) & (not np.iscomplexobj(x))


def scaled_i(order, x, plain, between=None):
    return scaled(order, x, plain, -1.0, 1 / ROOT_2PI, between)


def even(x, slope):
    """slope(z, s) of z = |x| and the sign of x."""
    s = np.sign(primal(x))
    return slope(np.where(s == 0, x, s * x), s)


def scaled_k(order, x, plain, between=None):
    return scaled(order, x, plain, 1.0, math.sqrt(math.pi / 2), between)


def scaled_h(order, x, plain, turn, between):
    return scaled(order, x, plain, turn, math.sqrt(2 / math.pi) * np.exp(turn * (-math.pi / 2 * order - math.pi / 4)), between)


FARTHEST = 1e15  # beyond twice this SciPy's jv and yv have lost the phase; all but an order far below the argument are NaN there


def _wave(v, x, by):
    """The slope by v (by -2) or x (by -1) of Hankel's function H1 by the first two terms of its expansion (DLMF 10.17.5)."""
    front = np.sqrt(2 / math.pi / x) * np.exp(1j * x) * np.exp(-0.5j * math.pi * (v + 0.5))
    whole = 1 + 1j * (4 * v * v - 1) / (8 * x)
    return front * (1j * v / x - 0.5j * math.pi * whole if by == -2 else 1j * whole - 0.5 / x)


def far_out(row, part, order=None):
    """Let a Bessel function J (`part` is np.real) or Y (np.imag) of v and x, or of x at an order, take its slopes by Hankel's expansion
    beyond FARTHEST, whose phase np.exp knows in full."""
    def beside(plain, by):
        def slope(*args):
            x, v = args[-2], args[0] if order is None else order
            far = (np.abs(primal(x)) > FARTHEST) & np.isfinite(primal(x))
            if np.iscomplexobj(primal(x)) or not np.any(far):
                return plain(*args)
            near = plain(*(np.where(far, 1.0, a) for a in args))
            sign = np.sign(primal(x)) if order is not None and part is np.real else 1  # J0 and J1 left of 0
            z = np.where(far, sign * x, 1e20)
            known = np.square(primal(v)) < 1e-8 * primal(z)
            z = np.where(known, z, 1e20)
            out = part(_wave(np.where(far & known, v, 0.0), z, by)) * (1 if order == 1 else sign)
            return np.where(far, np.where(known, out, np.nan), near)

        return slope

    row.partials = tuple(p and beside(p, k - len(row.partials)) for k, p in enumerate(row.partials))
    return row


def power_over_gamma(x, v, more):
    """x^v / gamma(v + more), also where both leave the range."""
    large = primal(v) > 100
    if not np.any(large):
        return np.power(x, v) * sp.rgamma(v + more)
    u = np.where(large, 1.0, v)
    return np.where(large, np.exp(v * np.log(x) - sp.gammaln(v + more)), np.power(x, u) * sp.rgamma(u + more))


def by_neighbours(f, sign):
    """The slope by x of a Bessel function by those of order v - 1 and v + 1 (DLMF 10.6.1, 10.29.1); next to order 0, whose digits
    are lost beside 1 in it, from that of order v + 1 and the function itself."""
    def slope(v, x, out):
        up = sign * f(v + 1, x)
        both = 0.5 * (f(v - 1, x) + up)
        small = (np.abs(primal(v)) < 0.01) & (isinstance(v, Traced) | (primal(v) != 0))  # a plain 0 loses nothing
        return np.where(small, np.where(small, v, 0) * (out / x) + up, both) if np.any(small) else both

    return slope


def second_kind(f, sign):
    """The slope by x of Y (`sign` 1) or K (-1) by its neighbours (DLMF 10.6.1, 10.29.1); where SciPy's of order v + 1 overflows before the
    slope does, by that of order v - 1 and the function itself."""
    def slope(v, x, out):
        down, up = sign * f(v - 1, x), f(v + 1, x)
        over = ~np.isfinite(primal(up)) & np.isfinite(primal(out))
        return np.where(over, down - v / x * out, 0.5 * (down - up)) if np.any(over) else 0.5 * (down - up)

    return slope


def beside_order_0(plain, formula, near):
    """The slope by x, plain(v, x, out); of an order that is differentiated, too, where near(v, x), next to order 0, where neighbours cancel
    in what is even in v, that of formula(v, x)."""
    def slope(v, x, out):
        if not isinstance(v, Traced) or np.iscomplexobj(primal(x)):
            return plain(v, x, out)
        close = near(primal(v), primal(x))
        if not np.any(close):
            return plain(v, x, out)
        own = formula(np.where(close, v, 0.0), np.where(close, x, 2.0))
        return own if np.all(close) else np.where(close, own, plain(v, x, out))

    return slope

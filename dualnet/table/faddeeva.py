"""Derivatives of any order of erfcx in full precision, and with them of the Faddeeva function w, of Dawson's integral and of
the logarithm of the normal distribution function.

erfcx' = 2 z erfcx - 2/sqrt(pi) and erfcx^(n+1) = 2 z erfcx^(n) + 2 n erfcx^(n-1) (DLMF 7.10) lose a factor of some 2 |z|^2 with
each order. Where that is too much the derivatives are, in the first quadrant,

- far out those of the asymptotic series (DLMF 7.12.1),
- off the imaginary axis the least solution of the recurrence, which is then run downwards (Gautschi 1970, Efficient Computation
  of the Complex Error Function),
- next to it the Taylor series around a point off it. Of two parts there, one real and one imaginary, that of exp(z^2) is small
  beside that of Dawson's integral, and so it is put together from the two.

The other quadrants follow from erfcx(conj(z)) = conj(erfcx(z)) and erfcx(-z) = 2 exp(z^2) - erfcx(z), the other functions from
w(z) = erfcx(-i z) and D(x) = sqrt(pi)/2 Im w(x).
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.jets import quotient
from dualnet.table.row import pointwise

ROOT_PI = math.sqrt(math.pi)
LOST = 16.0  # what the upward recurrence may magnify rounding by
SMALL = 1.5  # slopes of log_ndtr up to which its equation is taken
OFF, NEXT = 1.5, 0.1  # how far from the imaginary axis the recurrence is run, and what is next to the axis
TERMS, DOWN, POWERS = 40, 120, 8  # of the Taylor series around a point off the axis, of the recurrence, and of the series off the axis


def _bell(n, z):
    """The n-th derivative of exp(z^2), by Hermite's polynomials."""
    before, here = 0.0, np.exp(z * z)
    for k in range(n):
        before, here = here, 2 * (z * here + k * before)
    return here


def _upward(n, z):
    """The recurrence as it stands."""
    before, here = 0.0, sp.erfcx(z)
    for k in range(n):
        before, here = here, 2 * (z * here + k * before) - (2 / ROOT_PI if k == 0 else 0.0)
    return here


def _tail(n, z, sign):
    """The n-th derivative of the asymptotic series 1/z + sign/(2 z^3) + 3/(4 z^5) ..., over sqrt(pi)."""
    one = 1 / z
    u, total = 0.5 * sign * one * one, 0.0
    for k in range(43, -1, -1):  # a coefficient over the one before
        total = 1.0 + total * u * ((2 * k + 1 + n) * (2 * k + 2 + n) / (2 * k + 2))
    return (-1) ** n * math.factorial(n) / ROOT_PI * total * one ** (n + 1)


def _is_far(n, z):
    return np.abs(z) > 6 + 0.25 * n  # the least term of the series is below 1e-16 of the sum


def _far(n, z):
    """The asymptotic series, and next to the imaginary axis exp(z^2), which it lacks."""
    out = _tail(n, z, -1)
    return out + np.where((z.real < NEXT) & (z.imag < 40), _bell(n, np.where(z.imag < 40, z, 40j)), 0.0) if np.iscomplexobj(z) else out


def _off(count, z):
    """Derivatives 0 to count - 1 where Re z >= OFF, by their ratios."""
    ratio, ratios = 0.0, []
    for m in range(DOWN, 0, -1):
        ratio = 2 * m / (ratio - 2 * z)
        ratios.append(ratio)
    out = [sp.erfcx(z)]
    for ratio in ratios[:-count:-1]:
        out.append(out[-1] * ratio)
    return out


def _taylor(derivatives, n, step):
    total = 0.0
    for m in range(TERMS - 1, -1, -1):
        total = derivatives[n + m] + total * step / (m + 1)
    return total


def _next(n, z):
    """By the Taylor series around the point OFF the axis."""
    out = _taylor(_off(n + TERMS, OFF + 1j * z.imag), n, z.real - OFF)
    close = (z.real < NEXT) & (z.imag > 1)
    if np.any(close):
        part = np.imag if n % 2 else np.real  # the one in which exp(z^2) is
        y, small = z.real[close], part(_bell(n, z[close]))
        around, factor = _off(n + TERMS + 2 * POWERS, OFF + 1j * z.imag[close]), y
        for j in range(1, 2 * POWERS if np.any(y) else 0, 2):
            small = small + factor * part(_taylor(around, n + j, -OFF))
            factor = factor * y * y / ((j + 1) * (j + 2))
        part(out)[close] = small
    return out


def _first(n, z):
    """The n-th derivative in the first quadrant, n > 0."""
    far = _is_far(n, z)
    off = ~far & (z.real > OFF)
    plain = ~far & ~off & ((2 * np.abs(z) ** 2) ** n < (LOST if np.iscomplexobj(z) else np.inf))
    out = np.full_like(z, np.nan)
    for where, rule in ((far, _far), (off, lambda n, z: _off(n + 1, z)[n]), (plain, _upward), (~(far | off | plain) & (z == z), _next)):
        if np.any(where):
            out[where] = rule(n, z[where])
    return out


def derivative(n, z):
    """The n-th derivative of erfcx at plain numbers, n > 0.

    Examples
    --------
    >>> abs(derivative(1, 2.0) / (4 * sp.erfcx(2.0) - 2 / ROOT_PI) - 1) < 1e-14
    np.True_
    """
    z = np.asarray(z, complex if np.iscomplexobj(z) else float)
    shape, z = z.shape, z.reshape(-1)
    with np.errstate(all="ignore"):
        left = z.real < 0
        right = np.where(left, -z, z)
        out = _first(n, right.real + 1j * np.abs(right.imag)) if np.iscomplexobj(z) else _first(n, right)
        out = np.where(right.imag < 0, np.conj(out), out)
        if np.any(left):
            out = np.where(left, 2 * _bell(n, np.where(left, z, 0.0)) - (-1) ** n * out, out)
    return out.reshape(shape)


def _faddeeva(n, z):
    return (-1j) ** n * derivative(n, -1j * np.asarray(z, complex))


def _dawsn(n, x):
    """Of real numbers: D' = 1 - 2 x D and D^(n+1) = -2 x D^(n) - 2 n D^(n-1) where that loses little."""
    x = np.asarray(x, float)
    with np.errstate(all="ignore"):
        before, here = 0.0, sp.dawsn(x)
        for k in range(n):
            before, here = here, -2 * (x * here + k * before) + (k == 0)
        far = _is_far(n, x)
        rest = ~far & ~((2 * x * x) ** n < LOST)
        here = np.where(far, 0.5 * ROOT_PI * _tail(n, np.where(far, x, 9.0), 1), here)
        if np.any(rest):
            here[rest] = 0.5 * ROOT_PI * _faddeeva(n, x[rest]).imag
    return here


def _log_ndtr(n, x):
    """The n-th derivative of the logarithm of the normal distribution function.

    Its slope r, density over distribution function, has r' = -r (x + r), which cancels far left; there 1/r is Mills' ratio m of y = -x,
    whose derivatives are those of erfcx, and r = y - m'/m, where the quotient of jets loses little. Farthest out r = y + 1/y.
    """
    y = -np.asarray(x, complex if np.iscomplexobj(x) else float)
    shape, y = y.shape, y.reshape(-1)
    with np.errstate(all="ignore"):
        jet = [math.sqrt(2 / math.pi) / sp.erfcx(y / math.sqrt(2))]
        inside = np.where(jet[0] == 0, 0.0, y)
        for k in range(1, n):
            jet.append((inside * jet[-1] - (jet[-2] if k > 1 else 0.0) - sum(jet[i] * jet[-1 - i] for i in range(k))) / k)
        out = jet[-1]
        left = (np.abs(jet[0]) > SMALL) & (n > 1)
        if np.any(left):
            y = y[left]
            mills = [math.sqrt(0.5) ** k * (derivative if k else lambda k, z: sp.erfcx(z))(k, y / math.sqrt(2)) / math.factorial(k)
                     for k in range(n + 1)]
            rest = quotient([-k * mills[k] for k in range(1, n + 1)], mills)[-1]
            rest = np.where(np.abs(y) > 1e8, (-1) ** (n - 1) * y ** -float(n), rest)
            out[left] = (-1) ** (n - 1) * (rest + (n == 2))
    return math.factorial(n - 1) * out.reshape(shape)


def _row(name, function):
    """The row of the n-th derivatives, n > 0, of a function; each is the slope of the one before."""
    def value(n, x):
        x = np.asarray(x)
        out = function(int(n), x)
        return out.astype(np.result_type(x, np.complex64 if np.iscomplexobj(out) else np.float32))[()]

    value.__name__ = name
    row = pointwise(value, None, lambda n, x, out: row(n + 1, x), name=name)
    return row


erfcx_by, faddeeva_by, dawsn_by = _row("_erfcx_by", derivative), _row("_faddeeva_by", _faddeeva), _row("_dawsn_by", _dawsn)
log_ndtr_by = _row("_log_ndtr_by", _log_ndtr)

"""Bessel functions of complex arguments by their order, to every order of differentiation.

All of them are K and I in the right half plane, continued (DLMF 10.27.6, 10.27.8, 10.34). K is the integral of exp(-z cosh t - v t)/2
over all t (DLMF 10.32.9); with sinh(t/2) = exp(-i arg(z)/2) sinh(q) it goes along the path of steepest descent for v = 0, where
the trapezoidal rule converges exponentially; orders beyond 2 follow by the recurrence upwards (DLMF 10.29.1), all as jets in the order.
I is its power series (DLMF 10.25.2), the integral along the straight line through the saddle point at sinh w = v/z (DLMF 10.32.12),
or the difference of two K (DLMF 10.34.2); and where it is far below them what the recurrence leaves downwards (Miller's algorithm),
scaled by the Wronskian with K (DLMF 10.28.2).
"""

import math

import numpy as np

from dualnet.errors import NotDifferentiableError
from dualnet.table.bessel_orders import DEPTH, NEXT, cosine, power_series, sine
from dualnet.table.domain import POSITIVE
from dualnet.table.jets import helper, power, product, quotient, times
from dualnet.table.row import primal

ORDER = 400.0  # the largest: beyond it exp(z) K would leave the range where K does not
LARGEST = 2000.0  # |z| where the recurrence starts beyond it
NEAR = 20.0  # below this |z| the power series is taken where it cancels little
CHUNK = 1 << 9


def reached(v, z):
    """True where these formulas hold."""
    v, size = np.abs(primal(v)), np.abs(primal(z))
    return (v <= ORDER) & (size > 0) & ((size <= LARGEST) | (v * v < 2 * size)) & (size < np.inf)


def _first(n, v, z):
    """The jet of exp(z) K for 0 <= v < 2."""
    r, turn = np.abs(z), np.exp(-0.5j * np.angle(z))
    end = np.arcsinh(np.sqrt(0.5 * DEPTH / r))
    end = np.arcsinh(np.sqrt((0.5 * DEPTH + 2 * end) / r))
    count = int(np.ceil(np.max(end / np.minimum(0.1, 0.17 / np.sqrt(2 * r)))))
    q = end * (np.arange(count + 1)[:, None] / count)
    y = turn * np.sinh(q)
    t = 2 * np.arcsinh(y)
    terms = np.exp(-2 * r * np.square(np.sinh(q))) * np.cosh(q) / np.sqrt(1 + y * y)
    terms[0] *= 0.5
    both = [np.cosh(v * t), np.sinh(v * t)]
    return [2 * turn * end / count / math.factorial(j) * np.sum(terms * t**j * both[j % 2], axis=0) for j in range(n + 1)]


def _k(n, v, z):
    """The jets of exp(z) K for the orders v and v + 1, v >= 0."""
    whole = np.floor(v)
    start, step = v - whole, 2 / z
    low, high = _first(n, start, z), _first(n, start + 1, z)
    for k in range(1, int(np.max(whole, initial=0)) + 1):
        go = k <= whole
        low, high = ([np.where(go, b, a) for a, b in zip(low, high)],
                     [np.where(go, a + step * c, b) for a, b, c in zip(low, high, times(high, start + k))])
    return low, high


def _difference(n, v, z):
    """The jet of exp(-z) I for Im z >= 0 as the difference of K(z exp(-i pi)) and exp(i pi v) K(z)."""
    turned = product(_phase(n, 1.0, v), _k(n, v, z)[0])
    return [(a - np.exp(-2 * z) * b) / (1j * np.pi) for a, b in zip(_k(n, v, -z)[0], turned)]


def _series(n, v, z):
    """The jet of exp(-z) I by its power series."""
    return [np.exp(-z) * power_series(j, 0, v, z) / math.factorial(j) for j in range(n + 1)]


def _next_to_0(n, v, z):
    """The same of its even part's jet at 0 and its odd part, -sin(pi v) K/pi."""
    at, k = _by_parts(((np.abs(z) < NEAR, _series), (np.abs(z) >= NEAR, _line)), n + 7, 0 * v, z), _k(n, v, z)[0]
    out = []
    for j in range(n + 1):
        even = sum(math.comb(i, j) * at[i] * v ** (i - j) for i in range(j + j % 2, j + 8, 2))
        odd = sum(sine(i, v) / math.factorial(i) * k[j - i] for i in range(j + 1))
        out.append(even - np.exp(-2 * z) / math.pi * odd)
    return out


def _line(n, v, z):
    """The jet of exp(-z) I along w = at + i t."""
    root = z * np.sqrt(1 + np.square(v / z))
    at = np.arcsinh(v / z)
    width = np.minimum(2 * np.arcsin(np.sqrt(np.minimum(0.5 * DEPTH / root.real, 1.0))), np.pi)
    count = int(np.ceil(np.max(width / np.minimum(0.1, 0.3 / np.sqrt(np.abs(root))))))
    t = width * (np.arange(count + 1)[:, None] / count)
    fall = np.exp(root - z - v * at - 2 * root * np.square(np.sin(0.5 * t))) * (width / count) / (2 * np.pi)
    fall[0] *= 0.5
    wave = np.exp(1j * v * (np.sin(t) - t))
    up, down = fall * wave, fall / wave
    return [np.sum(up * (-at - 1j * t) ** j + down * (1j * t - at) ** j, axis=0) / math.factorial(j) for j in range(n + 1)]


def _downwards(n, v, z):
    """The jet of exp(-z) I by Miller's algorithm."""
    third = np.cbrt(np.abs(z))
    count = np.ceil(np.maximum(np.abs(z) + 9 * third - v, 0) + 6 * third + 20)
    here, above = [1 + 0 * z] + [0 * z] * n, [0 * z] * (n + 1)
    for k in range(int(np.max(count)), 0, -1):
        go, step = k <= count, 2 / z
        here, above = ([np.where(go, b + step * c, a) for a, b, c in zip(here, above, times(here, v + k))],
                       [np.where(go, a, b) for a, b in zip(here, above)])
    low, high = _k(n, v, z)
    return quotient(here, [z * (a + b) for a, b in zip(product(high, here), product(low, above))])


def _i(n, v, z):
    """The jet of exp(-z) I for v >= 0, Re z >= 0, Im z >= 0."""
    r, root = np.abs(z), z * np.sqrt(1 + np.square(v / z))
    beside, small = r - z.real < 2, v * v < 2 * r  # next to the positive numbers; of little decay
    close = beside & (r > 1) & (v < NEXT)
    series = ~close & ((r * r < 6 * (v + 1)) | beside & (r < NEAR))
    straight = (root.real > np.maximum(NEAR, 0.5 * v)) & (np.abs(root.imag) < root.real)
    line = ~close & ~series & (beside | ~small & straight)
    rest = ~close & ~series & ~line
    ways = (close, _next_to_0), (series, _series), (line, _line), (rest & small, _difference), (rest & ~small, _downwards)
    return _by_parts(ways, n, v, z)


def _by_parts(ways, n, v, z):
    """The jet by the way that each element goes."""
    out = [np.full(z.shape, np.nan, complex) for _ in range(n + 1)]
    for mask, way in ways:
        if np.any(mask):
            for c, part in zip(out, way(n, v[mask], z[mask])):
                c[mask] = part
    return out


def _phase(n, turns, v):
    """The jet of exp(i pi turns v), turns 1 or 1/2 up to a sign."""
    part = np.remainder(turns * v, 2.0)
    return power(cosine(0, part) + 1j * sine(0, part), 1j * np.pi * turns, n)


def _sums(kind, n, v, z, left):
    """The jets a and b for which the function is a I + b K of w and order |v|, Im z >= 0; None where they are 0.

    w is -i z for J ("J"), Y and the Hankel functions ("1", "2"); for I and K it is z, or -z where that is `left` of the imaginary axis.
    """
    below, half, back = v < 0, _phase(n, 0.5, v), _phase(n, -0.5, v)
    pick = lambda p, q: [np.where(below, a, b) for a, b in zip(p, q)]
    scale = lambda c, p: [c * a for a in p]
    wave = lambda f: [f(k, v) / math.factorial(k) for k in range(n + 1)]
    if kind == "1":
        return None, scale(-2j / math.pi, back)
    if kind == "K":
        return (scale(-1j * math.pi, _phase(n, 0, v)), pick(_phase(n, 1, v), _phase(n, -1, v))) if left else (None, _phase(n, 0, v))
    if kind == "2":
        return scale(2, half), scale(2j / math.pi, pick(_phase(n, 1.5, v), back))
    if kind == "Y":
        return scale(1j, half), scale(-2 / math.pi, pick(product(wave(cosine), half), back))
    turn = half if kind == "J" else _phase(n, int(left), v)
    return turn, scale(-2 / math.pi * below, product(wave(sine), turn)) if np.any(below) else None


def _upper(kind, scaled, n, v, z, left):
    """The n-th derivative by v where Im z >= 0."""
    w = -z if left else z if kind in "IK" else -1j * z
    first, second = _sums(kind, n, v, z, left)
    rest = {"K": z, "1": -1j * z, "2": 1j * z}.get(kind, -w.real) if scaled else 0
    flip, u = w.imag < 0, np.abs(v)
    x = np.where(flip, w.conj(), w)
    odd = lambda jet: [np.where(flip, c.conj(), c) * np.where(v < 0, (-1) ** j, 1) for j, c in enumerate(jet)]
    parts = [np.exp(rest + sign * w) * product(jet, odd(f(n, u, x)))[n]
             for jet, sign, f in ((first, 1, _i), (second, -1, lambda *args: _k(*args)[0])) if jet is not None]
    return math.factorial(n) * sum(parts)


def _plane(kind, scaled, n, v, z):
    """The n-th derivative by v; where Im z < 0 the conjugate of that at the conjugate of z."""
    out, good = np.full(z.shape, np.nan, complex), reached(v, z)
    v, z, r = np.real(v), z + 0j, np.abs(z)
    continued = (z.real < 0) & (kind in "IK") & ~((kind == "K") & (r + z.real > 2) & (v * v < 2 * r))
    for below in (False, True):
        of = {"1": "2", "2": "1"}.get(kind, kind) if below else kind
        for left in (False, True):
            mask = good & ((z.imag < 0) == below) & (continued == left)
            if np.any(mask):
                part = _upper(of, scaled, n, v[mask], z[mask].conj() if below else z[mask], left)
                out[mask] = part.conj() if below else part
    return out


def not_holomorphic(*args):
    """The partial by a complex argument that there is not."""
    raise NotDifferentiableError("an exponentially scaled function (jve, yve, ive, airye) of a complex argument has no complex "
                                 "derivative, its scaling depends on the real or imaginary part alone; scale jv, yv, iv, airy")


def _row(kind, scaled=False):
    """The row of the derivatives of a function by its order; by z those of DLMF 10.6.2 and 10.29.2."""
    def by_z(n, v, z, out):
        near = (v / z + more) * out + sign * row(n, v + 1, z)
        return near + n / z * row(n - 1, v, z) if n else near

    sign = 1 if kind == "I" else -1
    more = {"1": -1j, "2": 1j, "K": 1}.get(kind) if scaled else 0
    row = helper(f"_bessel_{kind}{'e' * scaled}_by", lambda n, v, z: _plane(kind, scaled, n, v, z), 2, None,
                 lambda n, v, z, out: row(n + 1, v, z), not_holomorphic if more is None else by_z, domain=POSITIVE, chunk=CHUNK)
    return row


KINDS = {"jv": "J", "yv": "Y", "iv": "I", "kv": "K", "hankel1": "1", "hankel2": "2"}
ROWS = {name + "e" * scaled: _row(kind, scaled) for name, kind in KINDS.items() for scaled in (False, True)}


def slope(name):
    """The slope of a function by its order, of complex arguments."""
    return lambda v, z: ROWS[name](1, v, z)

"""Bessel functions J, Y and Hankel's H by their order, to every order of differentiation, in full precision.

H1 is the integral of exp(x sinh w - v w)/(pi i) from -oo to oo + i pi (DLMF 10.9.18), so that each derivative by v is one more factor -w
under it. It is taken along paths of steepest descent: for v < x through the saddle point i beta, where v = x cos(beta), along which
w = s + i phi with cosh s = (sin(beta) + (phi - beta) cos(beta))/sin(phi); for v > x along the real axis to the saddle point alpha, where
v = x cosh(alpha), and from there along cosh s = v/x phi/sin(phi) (Watson 1944, section 8.31), whose imaginary part is J, however small.
Where these points are close to each other the path for v = x is taken.

J at small x is its power series (DLMF 10.2.2). Y of orders below 1 at small x, of which branches nearly cancel, is Schlaefli's integral
(DLMF 10.9.7). Far out all three are Hankel's expansion (DLMF 10.17.5), whose terms carry their derivatives by v along. Negative orders
are the positive ones, reflected (DLMF 10.4.6-8).
"""

import math

import numpy as np

from dualnet.table.bessel import is_between
from dualnet.table.bessel_orders import cosine, power_series, sine
from dualnet.table.domain import POSITIVE
from dualnet.table.jets import helper
from dualnet.table.row import primal
from dualnet.table.special_incomplete import DEPTH, NODES, WEIGHTS, reach

LARGEST = 1e12  # v + x where the paths are taken
SMALL = 2.5  # x up to which Y of orders below 1 is Schlaefli's integral
FLAT = 0.1  # orders next to 0, to which it is near enough that a slope by x is the integral's, too
WIDE = 8.0  # times its width a peak has fallen by DEPTH, or nearly so
CLOSE = 1.5  # powers of e, or radians, between the saddle points
CHUNK = 1 << 10
TERMS = 36
ODD = [1 / math.factorial(k) for k in range(3, 18, 2)]


def is_far(v, x):
    """True where Hankel's expansion is good to the last digit."""
    return x > 25 + 0.5 * v * v


def reached(v, x):
    """True where these formulas hold: beyond them the functions' own values are differentiated."""
    v, x = primal(v), primal(x)
    return (x < np.inf) & (x > 0) & (is_far(v, x) | (x + np.abs(v) <= LARGEST))


def _gauss(f, low, high, pieces=1):
    """The integral of f over [low, high] in that many pieces."""
    total = 0.0
    for k in range(pieces):
        total = total + np.tensordot(WEIGHTS, f(low + (high - low) * ((k + NODES[:, None]) / pieces)), 1)
    return total * ((high - low) / pieces)


def _less(t, sign):
    """sinh(t) - t, or for sign = -1 t - sin(t)."""
    near = np.abs(t) < 0.5
    close = np.where(near, t, 0.0)
    square, total = sign * close * close, ODD[-1]
    for c in ODD[-2::-1]:
        total = total * square + c
    return np.where(near, close**3 * total, sign * ((np.sinh if sign > 0 else np.sin)(t) - t))


# --- paths: curve(phi - start) gives s, its slope by phi and the exponent ------------------------------------------------
def _along(n, start, span, width, curve, weight=lambda s, step: 1.0):
    """The integral of (-w)^n exp(...) and of a weight along a curve from phi = start to start + span, in
    y = -log(1 - (phi - start)/span)."""
    end = reach(lambda y: -curve(-span * np.expm1(-y))[2].real, WIDE * width / np.abs(span), 2)

    def f(y):
        step = -span * np.expm1(-y)
        s, slope, exponent = curve(step)
        return (-s - 1j * (start + step)) ** n * (slope + 1j) * np.exp(exponent - y) * weight(s, step)

    return _gauss(f, 0.0, end) * np.abs(span)


def _steep(beta, x):
    """The path through i beta, in its distance from there."""
    sine, cosine = np.sin(beta), np.cos(beta)

    def curve(step):
        phi, half, less = beta + step, np.sin(0.5 * step), _less(step, -1)
        s = 2 * np.sign(step) * np.arcsinh(np.sqrt((sine * half * half + 0.5 * cosine * less) / np.sin(phi)))
        bend = 2 * np.square(np.sin(0.5 * beta)) + 2 * cosine * np.square(np.sin(0.5 * phi))
        slope = (step * bend - less) / np.square(np.sin(phi)) / np.sinh(s)
        return s, slope, x * (_less(s, 1) * np.cos(phi) - 2 * s * np.sin(beta + 0.5 * step) * half)

    return curve


def _waving(n, v, x):
    """H1 for v < x."""
    root = np.sqrt((x - v) * (x + v))
    return np.exp(1j * (root - v * np.arctan2(root, v))) * _waves(n, 0, v, x, root)


def _waves(n, m, v, x, root):
    """The same over its size at the saddle; with a factor (sinh w - i)^m, which a derivative by x of exp(-i x) H1 gives, of which
    nothing cancels as sinh w - i = 2 i sinh((w - i pi/2)/2)^2."""
    beta = np.arctan2(root, v)
    lean = np.tile(-np.arctan2(v, root), 2)
    weight = lambda s, step: (2j * np.square(np.sinh(0.5 * (s + 1j * (lean + step))))) ** m if m else 1.0
    both, span = np.append(beta, beta), np.append(np.pi - beta, -beta)  # to the right and to the left
    parts = _along(n, both, span, 1 / np.sqrt(np.append(root, root)), _steep(both, np.append(x, x)), weight)
    return np.sum(np.reshape(parts, (2, -1)), axis=0) / (1j * np.pi)


def _real(n, v, x, alpha, top):
    """The integral of t^n exp(v t - x sinh t - top) over t > -alpha."""
    exponent = lambda t: (v - x) * t - x * _less(t, 1) - top
    width = WIDE / np.sqrt(np.sqrt(np.abs((v - x) * (v + x))) + np.cbrt(v * v))
    up = reach(lambda u: -exponent(alpha + u), width, 2)
    down = np.minimum(reach(lambda u: np.where(u < 2 * alpha, -exponent(alpha - u), np.inf), width, 2), 2 * alpha)
    f = lambda t: t**n * np.exp(exponent(t))
    return _gauss(f, alpha, alpha + up) + _gauss(f, alpha - down, alpha)


def _turning(n, v, x):
    """H1 next to v = x."""
    steep, zero = _steep(0 * x, x), 0 * x

    def curve(phi):
        s, slope, exponent = steep(phi)
        return s, slope, exponent - (v - x) * (s + 1j * phi)

    return (_real(n, v, x, zero, 0.0) + _along(n, zero, np.pi + zero, 1 / np.cbrt(x), curve)) / (1j * np.pi)


def _rising(n, v, x):
    """The integrals from alpha on, times exp(top), and from the left to alpha, times exp(-top), for v > x; and top."""
    root = np.sqrt((v - x) * (v + x))
    alpha = np.arcsinh(root / x)
    top = v * alpha - root

    def curve(phi):
        sine, half, less = np.sin(phi), np.square(np.sin(0.5 * phi)), _less(phi, -1)
        s = 2 * np.arcsinh(np.sqrt(0.5 * ((v - x) / x + v / x * less / sine)))
        slope = v / x * (2 * phi * half - less) / np.square(sine) / np.sinh(s)
        return s, slope, x * _less(s, 1) * np.cos(phi) - s * (v - x + 2 * x * half) + top

    return _along(n, 0 * x, np.pi + 0 * x, 1 / np.sqrt(root), curve), lambda: _real(n, v, x, alpha, top), top


def _ways(n, v, x):
    """For v >= 0 and x that is not small the masks of the ways to H1, next to each other, and J and Y along them."""
    root = np.sqrt(np.abs((x - v) * (x + v)))
    apart = np.where(x > v, root - v * np.arctan2(root, v), v * np.arcsinh(root / x) - root) > CLOSE
    return (x > v) & apart, ~apart, (x < v) & apart


def _small_j(n, v, x):
    upper, _, top = _rising(n, v, x)
    return np.exp(-top) / np.pi * upper.imag


def _large_y(n, v, x):
    upper, left, top = _rising(n, v, x)
    return -(np.exp(top) * left() + np.exp(-top) * upper.real) / np.pi


def _schlaefli(n, m, v, x):
    """The m-th derivative by x of Y's n-th by v, for small v and x: the integrals of sin(x sin t - v t)/pi over 0 < t < pi, and over
    t > 0 of -(exp(v t) + cos(pi v) exp(-v t)) exp(-x sinh t)/pi, to which each derivative gives a factor; in the odd ones by v of the
    latter nothing cancels next to v = 0."""
    first = _gauss(lambda t: ((-1j * t) ** n * (1j * np.sin(t)) ** m * np.exp(1j * (x * np.sin(t) - v * t))).imag, 0.0, np.pi)
    size = np.abs(v)
    end = np.arcsinh((DEPTH + 50 * size) / x)

    def f(t):
        down = np.exp(-v * t)
        even = 2 * np.sinh(v * t) + 2 * np.square(sine(0, 0.5 * v)) * down if n % 2 else np.exp(v * t) + cosine(0, v) * down
        rest = sum(math.comb(n, k) * cosine(k, v) * (-t) ** (n - k) for k in range(1, n + 1))
        return (t**n * even + rest * down) * (-np.sinh(t)) ** m * np.exp(-x * np.sinh(t))

    middle = np.maximum(end - 12.0, 0.0)  # from here on exp(-x sinh t) falls; before, exp(v t) rises
    return (first - _gauss(f, middle, end, 4) - _gauss(f, np.maximum(middle - (DEPTH + 5) / size, 0.0), middle, 3)) / np.pi


def _far(n, m, v, x):
    """The m-th derivative by x of the n-th by v of Hankel's expansion of exp(-i x) H1."""
    front = np.sqrt(2 / np.pi / x) * np.exp(-0.5j * np.pi * np.remainder(v, 4.0) - 0.25j * np.pi) / x**m
    jet = [front * (-0.5j * np.pi) ** j / math.factorial(j) for j in range(n + 1)]  # Taylor coefficients by v
    total = 0.0
    for k in range(TERMS):
        total = total + jet[n] * ((-1) ** m * math.prod(k + 0.5 + j for j in range(m)))
        ratio = 1j / (8 * (k + 1) * x)
        low = [0.0, 0.0, *jet]
        jet = [((4 * v * v - (2 * k + 1) ** 2) * low[j + 2] + 8 * v * low[j + 1] + 4 * low[j]) * ratio for j in range(n + 1)]
    return total * math.factorial(n)


def _j(n, v, x):
    far = is_far(v, x)
    near = ~far & (v >= 0)
    series = near & (x * x < 6 * (v + 1))
    waving, turning, rising = (near & ~series & way for way in _ways(n, v, x))
    pieces = ((far, lambda v, x: (np.exp(1j * x) * _far(n, 0, v, x)).real), (~far & (v < 0), lambda v, x: _reflected(n, v, x, _j, _y, 1)),
              (series, lambda v, x: power_series(n, 0, v, x, -1)), (rising, lambda v, x: _small_j(n, v, x)),
              (waving, lambda v, x: _waving(n, v, x).real), (turning, lambda v, x: _turning(n, v, x).real))
    return _pieces(pieces, v, x)


def _y(n, v, x):
    far = is_far(v, x)
    near = ~far & (v >= 0)
    small = near & (v < 1) & (x < SMALL)
    waving, turning, rising = (near & ~small & way for way in _ways(n, v, x))
    pieces = ((far, lambda v, x: (np.exp(1j * x) * _far(n, 0, v, x)).imag), (~far & (v < 0), lambda v, x: _reflected(n, v, x, _y, _j, -1)),
              (small, lambda v, x: _schlaefli(n, 0, v, x)), (rising, lambda v, x: _large_y(n, v, x)),
              (waving, lambda v, x: _waving(n, v, x).imag), (turning, lambda v, x: _turning(n, v, x).imag))
    return _pieces(pieces, v, x)


def _reflected(n, v, x, f, other, sign):
    """The n-th derivative by v of cos(pi v) f + sign sin(pi v) other, both of order -v."""
    return sum((-1) ** (n - k) * math.comb(n, k) * (cosine(k, v) * f(n - k, -v, x) + sign * sine(k, v) * other(n - k, -v, x))
               for k in range(n + 1))


def _pieces(pieces, v, x):
    """Each function where its mask is True and the formulas hold; NaN elsewhere."""
    out, good = np.full(x.shape, np.nan), reached(v, x)
    for mask, f in pieces:
        mask = mask & good
        if np.any(mask):
            out[mask] = f(v[mask], x[mask])
    return out


def _scaled_waves(n, m, v, x):
    """The m-th derivative by x of the n-th by v of exp(-i x) H1, of negative orders by reflection (DLMF 10.4.6)."""
    u = np.abs(v)
    root = np.sqrt((x - u) * (x + u))
    front = np.exp(1j * (-u * (u / (root + x)) - u * np.arctan2(root, u)))
    if not np.any(v < 0):
        return front * _waves(n, m, u, x, root)
    turn = np.where(v < 0, cosine(0, v) - 1j * sine(0, v), 1.0)
    part = lambda k: np.where(v < 0, (-1j * np.pi) ** (n - k) * (-1.0) ** k, k == n) * _waves(k, m, u, x, root)
    return front * turn * sum(math.comb(n, k) * part(k) for k in range(n + 1))


def is_scaled(v, x):
    """True where derivatives of exp(-i x) H1 come from formulas without the phase."""
    v, x = primal(v), primal(x)
    return reached(v, x) & (is_far(v, x) | is_between(v, x))


def _scaled(n, m, v, x):
    """The m-th derivative by x of the n-th by v of exp(-i x) H1 far out, by Hankel's expansion, and before by its integral."""
    out, far, good = np.full(x.shape, np.nan, complex), is_far(v, x), is_scaled(v, x)
    for mask, way in ((good & far, _far), (good & ~far, _scaled_waves)):
        if np.any(mask):
            out[mask] = way(n, m, v[mask], x[mask])
    return out


def _dx(row):
    """The slope by x of the n-th derivative by v, from DLMF 10.6.2 differentiated n times."""
    def slope(n, v, x, out):
        near = v / x * out - row()(n, v + 1, x)
        return near + n / x * row()(n - 1, v, x) if n else near

    return slope


def is_flat(v, x):
    """True where neighbours of Y cancel in its slope by x."""
    return (np.abs(v) < FLAT) & (x < SMALL) & (x > 0)


def _yv_dx(n, v, x, out):
    """The slope by x; next to order 0 and for small x, where J and Y of the neighbours cancel, under the integral."""
    small = is_flat(primal(v), primal(x))
    if not np.any(small):
        return _dx(lambda: yv_by)(n, v, x, out)
    near = flat_by(n, 1, np.where(small, v, 0.0), np.where(small, x, 1.0))
    return near if np.all(small) else np.where(small, near, _dx(lambda: yv_by)(n, v, x, out))


flat_by = helper("_yv_flat_by", _schlaefli, 2, None, None, lambda n, m, v, x, out: flat_by(n + 1, m, v, x),
                 lambda n, m, v, x, out: flat_by(n, m + 1, v, x), domain=POSITIVE, chunk=CHUNK)
jv_by = helper("_jv_by", _j, 2, None, lambda n, v, x, out: jv_by(n + 1, v, x), _dx(lambda: jv_by), domain=POSITIVE, chunk=CHUNK)
yv_by = helper("_yv_by", _y, 2, None, lambda n, v, x, out: yv_by(n + 1, v, x), _yv_dx, domain=POSITIVE, chunk=CHUNK)
scaled_by = helper("_hankel_scaled_by", _scaled, 2, None, None, lambda n, m, v, x, out: scaled_by(n + 1, m, v, x),
                   lambda n, m, v, x, out: scaled_by(n, m + 1, v, x), domain=POSITIVE, chunk=CHUNK)


def jv_slope(v, x):
    """The slope of J by its order."""
    return jv_by(1, v, x)


def yv_dx(v, x):
    """The slope of Y by x for small v and x."""
    return flat_by(0, 1, v, x)


def yv_slope(v, x):
    """The slope of Y by its order."""
    return yv_by(1, v, x)


def scaled_hankel_slope(v, x, slope):
    """The slope of exp(-i x) H1 by its order from that of H1, far out without the phase."""
    far = is_scaled(v, x)
    if np.all(far):
        return scaled_by(1, 0, v, x)
    close = lambda v, x: np.exp(-1j * x) * slope(v, x)
    if not np.any(far):
        return close(v, x)
    inner = close(np.where(far, 1.0, v), np.where(far, 1.0, x))
    return np.where(far, scaled_by(1, 0, np.where(far, v, 0.0), np.where(far, x, 100.0)), inner)

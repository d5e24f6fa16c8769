"""Tricomi's function U(a, b, x) to full precision: SciPy's hyperu keeps 7 to 16 digits, too few for a derivative.

U(a, b, x) = 1/gamma(a) times the integral of exp(-x t) t^(a-1) (1+t)^(b-a-1) over t > 0 (DLMF 13.4.4, a > 0), by the
double exponential rule t = s exp(u - exp(-u)) for integrands that decay exponentially (Takahasi and Mori 1974); for
a <= 0 by the recurrence in a, downwards (DLMF 13.3.7).
"""

import numpy as np
import scipy.special as sp

NODES = 140
STEP = 0.2  # the longest between nodes, of which x next to 0 asks for more
CHUNK = 2048
SMALL = 0.05  # below this a the integrand decays too slowly at 0
LOWEST = -12.0  # below this a so many steps of the recurrence would be needed that SciPy's value is taken


def tricomi(a, b, x):
    """U(a, b, x) for real arrays with x > 0; SciPy's value elsewhere.

    Examples
    --------
    >>> bool(abs(tricomi(1.41, -1.1, 6.81) / 0.03911385985743774 - 1) < 1e-12)
    True
    """
    a, b, x = np.broadcast_arrays(*(np.asarray(v, float) for v in (a, b, x)))
    fine = (x > 0) & np.isfinite(x + a + b) & (a > LOWEST)
    steps = np.where(fine & (a < SMALL), np.ceil(SMALL - a), 0)
    top = np.where(fine, a + steps, 1.0)
    b, z = np.where(fine, b, 1.0), np.where(fine, x, 1.0)
    low, high = _integral(top, b, z), _integral(top + 1, b, z)
    for k in range(int(np.max(steps, initial=0))):
        more = k < steps
        down = (z + 2 * top - b) * low - top * (top - b + 1) * high
        low, high, top = np.where(more, down, low), np.where(more, low, high), np.where(more, top - 1, top)
    return elsewhere(fine, low, sp.hyperu, a, b, x)


def elsewhere(fine, out, function, *args):
    """`out` where `fine`, and function(*args) elsewhere, which is not asked where it is not needed."""
    if not np.all(fine):
        out = np.array(out)
        out[~fine] = function(*(a[~fine] for a in np.broadcast_arrays(*args)))
    return out[()]


def _integral(a, b, z):
    """The integral of each element, a few thousand at a time, because each takes `NODES` numbers or more."""
    flat = [np.ravel(v) for v in (a, b, z)]
    pieces = [_piece(*(v[start:start + CHUNK] for v in flat)) for start in range(0, max(flat[0].size, 1), CHUNK)]
    return np.concatenate(pieces).reshape(np.shape(z))


def _piece(a, b, z):
    scale = np.minimum(1 / z, 1.0)
    first, last = -np.log(50 / a + 3), np.log(750 / (z * scale)) + 0.1
    nodes = max(NODES, int(np.max(last - first) / STEP))
    step = (last - first) / (nodes - 1)
    u = first + step * np.arange(nodes)[:, None]
    t = scale * np.exp(u - np.exp(-u))
    power = a * (np.log(scale) + u - np.exp(-u)) - z * t + (b - a - 1) * np.log1p(t) - sp.gammaln(a)
    return step * np.sum(np.exp(power) * (1 + np.exp(-u)), axis=0)

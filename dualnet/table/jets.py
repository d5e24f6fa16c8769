"""Jets: the Taylor coefficients of a function in a parameter, orders 0 to k, as a list of arrays.

Carried through the recurrence of a series' terms they give its derivatives by an order or a shape, all at once and to full
precision, where a closed form of each of them would be long.
"""

import math
import operator

import numpy as np
import scipy.special as sp

from dualnet.table.row import pointwise, primal
from dualnet.table.stirling import polygamma

CHUNK = 1 << 13
STEP, LEFT = 36, 1e-17  # terms of the power series of a solution, and what the last of them may be
LARGE = 100.0  # of arguments of gamma: from here on its logarithm is taken


def product(p, q, dot=operator.mul):
    """The jet of the product, or of another bilinear function `dot`."""
    return [sum(dot(p[i], q[n - i]) for i in range(n + 1)) for n in range(len(p))]


def times(p, c):
    """The jet p times c + e, where e is the parameter's change."""
    return [c * p[n] + p[n - 1] if n else c * p[0] for n in range(len(p))]


def over(p, c):
    """The jet p divided by c + e."""
    out = [p[0] / c]
    for n in range(1, len(p)):
        out.append((p[n] - out[-1]) / c)
    return out


def quotient(p, q):
    """The jet p/q."""
    out = []
    for n, c in enumerate(p):
        out.append((c - sum(q[n - k] * out[k] for k in range(n))) / q[0])
    return out


def exponential(p):
    """The jet of exp(p)."""
    out = [np.exp(p[0])]
    for n in range(1, len(p)):
        out.append(sum(i * p[i] * out[n - i] for i in range(1, n + 1)) / n)
    return out


def power(front, log, order):
    """The jet of front * exp(e log)."""
    out = [front]
    for n in range(1, order + 1):
        out.append(out[-1] * log / n)
    return out


def rgamma(z, order, exponent=0.0, log=0.0):
    """The jet of exp(exponent + e log)/gamma(z + e); left of 1/2 by 1/gamma(z) = z/gamma(z + 1), which has no poles to cancel
    (DLMF 5.5.1)."""
    steps = np.where(z < 0.5, np.ceil(0.5 - z), 0.0)
    top = z + steps
    front = np.where(top > LARGE, np.exp(exponent - sp.gammaln(top)), np.exp(exponent) * sp.rgamma(top))
    slopes = [-polygamma(n - 1, top) / math.factorial(n) for n in range(1, order + 1)]
    out = exponential([0 * top, *(s + log if n == 0 else s for n, s in enumerate(slopes))])
    out = [front * c for c in out]
    for i in range(1, int(np.max(steps, initial=0)) + 1):
        out = [np.where(i <= steps, more, c) for more, c in zip(times(out, top - i), out)]
    return out


def falling(p, c, m):
    """The jet p times (c + e)(c + e - 1)..., m factors."""
    for i in range(m):
        p = times(p, c - i)
    return p


def ladder(base, first, square, v, half, part, terms):
    """The sum of part(term, n) over n >= 0, where each term is `square`/((n + half)(n + half + v + e)) times the one before, and the
    one at n = `first` is the jet `base`: downwards from there, where gamma(n + half + v + 1) has its poles, and upwards."""
    total, term = part(base, first), base
    for i in range(1, int(np.max(first, initial=0)) + 1):
        n = first - i
        term = [c * (n + 1 + half) / square for c in times(term, n + 1 + half + v)]
        total = total + np.where(n >= 0, part(term, n), 0.0)
    term = base
    for i in range(1, terms):
        n = first + i
        term = [c * (square / (n + half)) for c in over(term, n + half + v)]
        more = part(term, n)
        total = total + more
        if i % 4 == 0 and not np.any(np.abs(more) > 1e-18 * np.abs(total)):
            break
    return total


def carried(power_series, start, y, dy, x):
    """The jets of a solution of an equation of second order, and of its slope, carried from `start` to x by steps that leave nothing of
    the last terms of ``power_series(i, at, y, dy, terms)``, that of the elements i around the points `at`."""
    at, y, dy = start.copy(), y.copy(), dy.copy()
    todo = np.flatnonzero(np.abs(x - at) > 0)
    while todo.size:
        terms = power_series(todo, at[todo], y[:, todo], dy[:, todo], STEP)
        size, slope = (np.maximum.accumulate(np.abs(t)) for t in terms[:2])
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = [np.fmax((LEFT * size / last) ** (1 / n), (LEFT * slope / last) ** (1 / (n - 1)))
                     for n, last in ((STEP - 1, np.abs(terms[-1])), (STEP - 2, np.abs(terms[-2])))]
        rest = x[todo] - at[todo]
        step = np.sign(rest) * np.fmin(np.abs(rest), np.min(reach, axis=(0, 1)))
        high, slope = terms[-1], 0 * terms[-1]
        for term in terms[-2::-1]:  # Horner's scheme
            high, slope = high * step + term, slope * step + high
        y[:, todo], dy[:, todo] = high, slope
        at[todo] = np.where(step == rest, x[todo], at[todo] + step)
        todo = todo[np.abs(x - at)[todo] > 0]
    return y, dy


def helper(name, function, arity, *partials, chunk=CHUNK, **more):
    """Enter a function of (orders, `arity` arguments), written for flat arrays of doubles, as a row of plain arrays of any shape.

    It is given at most `chunk` elements at a time, in the order of the last argument, so that those of one call take like efforts.
    """
    def call(*args):
        orders, args = args[:-arity], [np.asarray(primal(x)) for x in args[-arity:]]
        kind = np.result_type(*args, np.float16)
        args = np.broadcast_arrays(*(x.astype(np.result_type(x.dtype, float)) for x in args))
        flat = [x.reshape(-1) for x in args]
        with np.errstate(all="ignore"):
            if flat[0].size <= chunk:
                out = function(*orders, *flat)
            else:
                order = np.argsort(flat[-1], kind="stable")
                places = [order[start:start + chunk] for start in range(0, order.size, chunk)]
                pieces = [function(*orders, *(x[place] for x in flat)) for place in places]
                out = np.empty(order.size, pieces[0].dtype)
                out[order] = np.concatenate(pieces)
        kind = np.result_type(kind, np.complex64) if np.iscomplexobj(out) else kind
        return out.reshape(args[0].shape).astype(kind)[()]

    call.__name__ = name
    return pointwise(call, *partials, name=name, **more)

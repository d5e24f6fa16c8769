"""Rows of ``scipy.signal``'s recursive filters, in the signal, the coefficients and the initial state.

A filter b/a is a weighted sum of the last inputs followed by the recursion y[n] = v[n] - a1 y[n-1] - ...; the
derivative of the recursion is itself, along a tangent or, turned round in time, along a cotangent.
"""

import numpy as np
import scipy.signal

from dualnet.table.linalg import is_complex
from dualnet.table.registered import array, plainly, refuse, registered
from dualnet.table.row import TABLE, linear, ndim_of, primal, shape_of
from dualnet.table.shaping import normal
from dualnet.table.sliding import sliding


def _conj(x):
    return np.conjugate(x) if is_complex(x) else x


def delayed(w, x):
    """sum over k of w[..., k] x[..., n - k] along the last axis, nothing before the first; axes of w come first."""
    sides = [(0, 0)] * (ndim_of(x) - 1) + [(shape_of(w)[-1] - 1, 0)]
    return sliding(np.pad(x, sides), np.flip(w, -1), 1)


def _recursion(rest, v):
    one = np.ones(1, np.result_type(rest.dtype, v.dtype))
    return scipy.signal.lfilter(one, np.concatenate([one, rest]), v)


@linear(name="recursion")
def recursion(rest, v):
    """y with y[n] + sum over k of rest[k] y[n - 1 - k] = v[n] along the last axis; `rest` is a vector."""
    def turned(rest, g):
        return np.flip(TABLE["recursion"](_conj(rest), np.flip(g, -1)), -1)

    def before(y):
        return np.concatenate([np.zeros(shape_of(y)[:-1] + (1,), primal(y).dtype), y[..., :-1]], -1)

    def pull_rest(g, y, rest, v):
        u, late, k = turned(rest, g), before(_conj(y)), shape_of(rest)[-1]
        late = np.pad(late, [(0, 0)] * (ndim_of(late) - 1) + [(k - 1, 0)])
        out = sliding(late, u, ndim_of(y))  # sums over all axes of y, for the last k delays
        return -np.flip(np.reshape(out, shape_of(out)[:ndim_of(g) - ndim_of(y)] + (k,)), -1)

    return ([rest, v], plainly(_recursion, TABLE["recursion"]),
            [lambda t, y, rest, v: -TABLE["recursion"](rest, delayed(t, before(y))), lambda t, y, rest, v: TABLE["recursion"](rest, t)],
            [pull_rest, lambda g, y, rest, v: turned(rest, g)])


def _in_common(*arrays):
    arrays = [array(x) for x in arrays]
    kind = np.result_type(*(x.dtype for x in arrays), np.float32)
    return [x if x.dtype == kind else x.astype(kind) for x in arrays]


def _coefficients(b, a):
    """b and a, divided by a[0] and of equal length."""
    b, a = np.atleast_1d(b), np.atleast_1d(a)
    if ndim_of(b) != 1 or ndim_of(a) != 1 or not np.size(a) or primal(a)[0] == 0:
        raise ValueError(f"lfilter: coefficients of shapes {shape_of(b)} and {shape_of(a)} must be vectors, with a[0] not 0")
    n = max(np.size(a), np.size(b))
    return [np.pad(x / a[0], (0, n - np.size(x))) for x in (b, a)]


def _state(zi, rest, order, axis):
    """An initial state with its axis last, the same for all signals along axes where it has length 1."""
    shape = (*rest[:axis], order, *rest[axis:])
    if ndim_of(zi) != len(shape) or any(n != m and (n != 1 or k == axis) for k, (n, m) in enumerate(zip(shape_of(zi), shape))):
        raise ValueError(f"Unexpected shape for zi: expected {shape}, found {shape_of(zi)}.")
    return np.broadcast_to(np.moveaxis(zi, axis, -1), (*rest, order))


@registered("scipy.signal.lfilter")
def lfilter(b, a, x, axis=-1, zi=None):
    """y[n] = sum of b[k] x[n - k] - sum of a[k] y[n - k], and with an initial state zi (y, final state)."""
    b, a, x = _in_common(b, a, x)
    (b, a), axis = _coefficients(b, a), normal(axis, ndim_of(x))
    order, x = np.size(b) - 1, np.moveaxis(x, axis, -1)
    v = delayed(b, x) if np.size(x) else x
    if zi is None:
        y = TABLE["recursion"](a[1:], v) if order and np.size(v) else v
        return np.moveaxis(y, -1, axis)
    zi = _state(array(zi), shape_of(x)[:-1], order, axis)
    if not order or not np.size(v):
        return np.moveaxis(v, -1, axis), np.moveaxis(zi, -1, axis)
    n, sides = shape_of(x)[-1], [(0, 0)] * (ndim_of(x) - 1)
    start = np.pad(zi, [*sides, (0, n)])  # the state enters as inputs of the recursion would
    y = TABLE["recursion"](a[1:], v + start[..., :n])
    last = start[..., n:n + order]
    left = delayed(b, np.pad(x, [*sides, (0, order)])) - delayed(a, np.pad(y, [*sides, (0, order)]))
    last = last + left[..., n:]
    return np.moveaxis(y, -1, axis), np.moveaxis(last, -1, axis)


@registered("scipy.signal.sosfilt")
def sosfilt(sos, x, axis=-1, zi=None):
    """Sections of second order, one after the other."""
    sos, x = _in_common(sos, x)
    if ndim_of(sos) != 2 or shape_of(sos)[1] != 6:
        raise ValueError("sos array must be shape (n_sections, 6)")
    if np.any(primal(sos)[:, 3] != 1):
        raise ValueError("sos[:, 3] should be all ones")
    ends = []
    for k in range(shape_of(sos)[0]):
        b, a = sos[k, :3], sos[k, 3:]
        if zi is None:
            x = lfilter(b, a, x, axis)
        else:
            x, end = lfilter(b, a, x, axis, array(zi)[k])
            ends.append(end)
    return x if zi is None else (x, np.stack(ends))


@registered("scipy.signal.lfilter_zi")
def lfilter_zi(b, a):
    """The state in which a step of height 1 passes without a transient."""
    b, a = _coefficients(*_in_common(b, a))
    n = np.size(b) - 1
    companion = np.concatenate([-np.reshape(a[1:], (n, 1)), np.eye(n, n - 1, dtype=a.dtype)], 1)
    return np.linalg.solve(np.eye(n, dtype=a.dtype) - companion, b[1:] - a[1:] * b[0])


@registered("scipy.signal.sosfilt_zi")
def sosfilt_zi(sos):
    """The states of all sections in which a step of height 1 passes without a transient."""
    sos, scale, out = array(sos), 1.0, []
    for k in range(shape_of(sos)[0]):
        b, a = sos[k, :3], sos[k, 3:]
        out.append(scale * lfilter_zi(b, a))
        scale = scale * (np.sum(b) / np.sum(a))
    return np.stack(out)


def _padded(name, x, axis, padtype, padlen, default):
    """x along its last axis, continued at both ends, and the number of elements that were added."""
    x = np.moveaxis(x, axis, -1)
    n = (0 if padtype is None else default) if padlen is None else padlen
    if padtype not in ("odd", "even", "constant", None):
        raise ValueError(f"Unknown value '{padtype}' given to padtype. padtype must be 'even', 'odd', 'constant', or None.")
    if shape_of(x)[-1] <= n:
        raise ValueError(f"{name}: the length of the input, {shape_of(x)[-1]}, must be greater than padlen, which is {n}.")
    if padtype is None or n == 0:
        return x, 0
    first, last = x[..., :1], x[..., -1:]
    left, right = np.flip(x[..., 1:n + 1], -1), np.flip(x[..., -n - 1:-1], -1)
    if padtype == "odd":
        left, right = 2 * first - left, 2 * last - right
    elif padtype == "constant":
        left, right = first + 0 * left, last + 0 * right
    return np.concatenate([left, x, right], -1), n


def _both_ways(x, zi, filtered, n, axis):
    """A filter forwards and backwards along the last axis, each started in its steady state."""
    y = filtered(x, zi * x[..., :1])
    y = np.flip(filtered(np.flip(y, -1), zi * y[..., -1:]), -1)
    return np.moveaxis(y[..., n:shape_of(y)[-1] - n], -1, axis)


@registered("scipy.signal.filtfilt")
def filtfilt(b, a, x, axis=-1, padtype="odd", padlen=None, method="pad", irlen=None):
    """A filter forwards and backwards, without a phase."""
    if method != "pad":
        refuse("scipy.signal.filtfilt", "method", method)
    b, a, x = _in_common(b, a, x)
    x, n = _padded("filtfilt", x, axis, padtype, padlen, 3 * max(np.size(a), np.size(b)))
    return _both_ways(x, lfilter_zi(b, a), lambda x, zi: lfilter(b, a, x, -1, zi)[0], n, axis)


@registered("scipy.signal.sosfiltfilt")
def sosfiltfilt(sos, x, axis=-1, padtype="odd", padlen=None):
    """Sections of second order forwards and backwards."""
    sos, x = _in_common(sos, x)
    plain = primal(sos)
    taps = 2 * shape_of(sos)[0] + 1 - min(np.sum(plain[:, 2] == 0), np.sum(plain[:, 5] == 0))
    x, n = _padded("sosfiltfilt", x, axis, padtype, padlen, 3 * int(taps))
    zi = sosfilt_zi(sos)
    zi = np.reshape(zi, shape_of(zi)[:1] + (1,) * (ndim_of(x) - 1) + (2,))
    return _both_ways(x, zi, lambda x, zi: sosfilt(sos, x, -1, zi)[0], n, axis)

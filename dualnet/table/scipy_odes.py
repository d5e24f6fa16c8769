"""Rows of ``scipy.integrate``'s initial value problems: an explicit method whose steps watch the derivatives too.

SciPy chooses its steps by the error of the values alone. Where a derivative goes through, the equations are
integrated by the pair of orders 5 and 4 of Dormand and Prince (1980), with steps small enough for the values
*and for all that they carry* to meet rtol and atol. The times themselves have no derivative.
"""

import itertools

import numpy as np
from scipy.optimize import OptimizeResult

from dualnet.table.ordering import parts
from dualnet.table.registered import array, carries, floating, refuse, registered
from dualnet.table.row import primal

NODES = 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0
STAGES = ((1 / 5,), (3 / 40, 9 / 40), (44 / 45, -56 / 15, 32 / 9), (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
          (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656), (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84))
ERROR = 71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40  # order 5 less order 4
EXPLICIT = ("RK45", "RK23", "DOP853")


def _sum(weights, ks):
    return sum(w * k for w, k in zip(weights, ks) if w)


def _step(f, t, y, h, first):
    """(y, slope there, estimated error) after a step."""
    ks = [first]
    for c, weights in zip(NODES, STAGES):
        new = y + h * _sum(weights, ks)
        ks.append(f(t + c * h, new))
    return new, ks[-1], h * _sum(ERROR, ks)


def _size(error, y, new, rtol, atol):
    """The largest, over the value and all that it carries, of the error beside what is allowed."""
    worst = 0.0
    for e, a, b in itertools.zip_longest(parts(error), parts(y), parts(new), fillvalue=0.0):
        allowed = atol + rtol * np.maximum(np.abs(a), np.abs(b))
        worst = max(worst, float(np.sqrt(np.mean(np.square(np.abs(e / allowed))))))
    return worst


def _first_step(f, t, y, slope, span, rtol, atol):
    """A step that is small beside the scales of the solution and of its slope (Hairer, Norsett and Wanner, II.4)."""
    y, slope = primal(y), primal(slope)
    scale = atol + rtol * np.abs(y)
    d0, d1 = (np.sqrt(np.mean(np.square(np.abs(v / scale)))) for v in (y, slope))
    return min(1e-6 if d0 < 1e-5 or d1 < 1e-5 else 0.01 * d0 / d1, abs(span))


def solved(f, t, end, y, times, rtol, atol, first_step=None, max_step=np.inf):
    """(times, solutions, calls, whether the end was reached) of y' = f(t, y); `times` None: after every step."""
    slope, calls = f(t, y), 1
    sign = 1.0 if end >= t else -1.0
    h = first_step or _first_step(f, t, y, slope, end - t, rtol, atol)
    wanted = None if times is None else list(times)
    at, ys = ([t], [y]) if wanted is None else ([], [])
    while True:
        while wanted and sign * (wanted[0] - t) <= 0:
            at.append(wanted.pop(0)), ys.append(y)
        if t == end:
            return np.array(at), ys, calls, True
        stop = wanted[0] if wanted else end
        h = min(h, max_step)
        last = h >= sign * (stop - t) * (1 - 1e-12)
        step = stop - t if last else sign * h
        new, other, error = _step(f, t, y, step, slope)
        calls += 6
        size = _size(error, y, new, rtol, atol)
        if size <= 1:
            t, y, slope = stop if last else t + step, new, other
            if wanted is None:
                at.append(t), ys.append(y)
            longer = abs(step) * min(10.0, 0.9 * size**-0.2 if size else 10.0)
            h = max(h, longer) if last else longer  # a step that was cut short says little about the next one
        else:
            h = abs(step) * max(0.2, 0.9 * size**-0.2) if np.isfinite(size) else 0.1 * abs(step)
        if h < 10 * np.spacing(abs(t)):
            return np.array(at), ys, calls, False


@registered("scipy.integrate.solve_ivp", calls=True)
def solve_ivp(fun, t_span, y0, method="RK45", t_eval=None, dense_output=False, events=None, vectorized=False, args=None, *, rtol=1e-3,
              atol=1e-6, first_step=None, max_step=np.inf, **options):
    """The solution at given times (or after every step), in y0, `args` and all that `fun` carries."""
    traced = carries(t_span) or carries(t_eval)
    for name, value in (("t_span", traced), ("dense_output", dense_output), ("events", events), *options.items()):
        if value:
            refuse("scipy.integrate.solve_ivp", name, value)
    if method not in EXPLICIT:
        refuse("scipy.integrate.solve_ivp", "method", method)
    start, end = map(float, t_span)
    if t_eval is not None and (np.any(np.diff(t_eval) * np.sign(end - start) <= 0) or np.min(t_eval, initial=start) < min(start, end)
                               or np.max(t_eval, initial=start) > max(start, end)):
        raise ValueError("Values in `t_eval` are not within `t_span`, or not properly sorted.")
    more = () if args is None else tuple(args)
    if vectorized:
        f = lambda t, y: array(fun(t, y[:, None], *more))[:, 0]
    else:
        f = lambda t, y: array(fun(t, y, *more))
    at, ys, calls, done = solved(f, start, end, floating(y0), t_eval, rtol, array(atol), first_step, max_step)
    message = "The solver successfully reached the end of the integration interval." if done else \
        "Required step size is less than spacing between numbers."
    y = np.stack(ys, -1) if ys else np.zeros((np.size(y0), 0))
    return OptimizeResult(t=at, y=y, sol=None, t_events=None, y_events=None, nfev=calls, njev=0, nlu=0, status=0 if done else -1,
                          message=message, success=done)


@registered("scipy.integrate.odeint", calls=True)
def odeint(func, y0, t, args=(), Dfun=None, col_deriv=0, full_output=0, ml=None, mu=None, rtol=None, atol=None, tcrit=None, h0=0.0,
           hmax=0.0, hmin=0.0, ixpr=0, mxstep=0, mxhnil=0, mxordn=12, mxords=5, printmessg=0, tfirst=False):
    """The solution at given times, in y0, `args` and all that `func` carries."""
    if carries(t) or full_output:
        refuse("scipy.integrate.odeint", "t" if carries(t) else "full_output", "traced" if carries(t) else full_output)
    args, t = args if isinstance(args, tuple) else (args,), np.asarray(t, float)
    f = (lambda t, y: array(func(t, y, *args))) if tfirst else (lambda t, y: array(func(y, t, *args)))
    rtol, atol = (1.49012e-8 if v is None else v for v in (rtol, atol))
    _, ys, _, done = solved(f, t[0], t[-1], np.reshape(floating(y0), -1), t, rtol, atol, h0 or None, hmax or np.inf)
    if not done:
        refuse("scipy.integrate.odeint", "rtol", rtol)
    return np.stack(ys)

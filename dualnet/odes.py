"""Rows of ``scipy.integrate``'s initial value problems: steps that watch the derivatives too.

SciPy chooses its steps by the error of the values alone. Where a derivative goes through, the equations are
integrated by the methods of :mod:`dualnet.steps`, with steps small enough for the values *and for all that they
carry* to meet rtol and atol. A step to a time that carries a derivative has a length that carries it. The time of an
event is a root along the solution, by the implicit function theorem.
"""

import functools
import itertools
from collections import deque

import numpy as np
from scipy.integrate import OdeSolution
from scipy.optimize import OptimizeResult, brentq

from dualnet.errors import NotDifferentiableError
from dualnet.implicit import implicit
from dualnet.steps import Explicit, Implicit, Step, nudged
from dualnet.table.ordering import parts
from dualnet.table.registered import array, carries, floating, refuse, registered
from dualnet.table.row import Traced, ndim_of, primal, shape_of

METHODS = {"RK45": Explicit, "RK23": Explicit, "DOP853": Explicit, "Radau": Implicit, "BDF": Implicit, "LSODA": None}
MESSAGES = {0: "The solver successfully reached the end of the integration interval.", 1: "A termination event occurred.",
            -1: "Required step size is less than spacing between numbers."}


def _size(error, y, new, rtol, atol):
    """The largest, over the value and all that it carries, of the error beside what is allowed."""
    worst = 0.0
    for e, a, b in itertools.zip_longest(parts(error), parts(y), parts(new), fillvalue=0.0):
        allowed = atol + rtol * np.maximum(np.abs(a), np.abs(b))
        worst = max(worst, float(np.sqrt(np.mean(np.square(np.abs(e / allowed))))))
    return worst


def _first_step(y, slope, span, rtol, atol):
    """A step that is small beside the scales of the solution and of its slope (Hairer, Norsett and Wanner, II.4)."""
    y, slope = primal(y), primal(slope)
    scale = atol + rtol * np.abs(y)
    d0, d1 = (np.sqrt(np.mean(np.square(np.abs(v / scale)))) for v in (y, slope))
    return min(1e-6 if d0 < 1e-5 or d1 < 1e-5 else 0.01 * d0 / d1, abs(span))


class Run:
    """Goes along the solution of y' = f(t, y) from a plain time, step by step.

    Without a `method` it begins with the explicit one, and changes where 15 steps had to be short to stay stable and no 6 in a row
    between them had not (Hairer and Wanner, IV.2; the limit is about 3.3).
    """

    def __init__(self, f, t, y, end, method, rtol, atol, first_step=None, max_step=np.inf):
        self.given, self.t, self.y, self.method = f, t, y, method or Explicit
        self.now, self.changes = float(primal(t)), method is None
        span = float(primal(end)) - self.now
        self.rtol, self.atol, self.max_step, self.sign = rtol, atol, max_step, 1.0 if span >= 0 else -1.0
        self.calls = self.jacobians = self.matrices = self.stiff = self.mild = 0
        self.start = self._begin()
        self.h = first_step or _first_step(y, self.start if self.method is Explicit else self.start[0], span, rtol, atol)

    def f(self, t, y):
        """The right side, counted."""
        self.calls += 1
        return self.given(t, y)

    def _begin(self):
        self.jacobians += self.method is Implicit
        return self.method.begin(self.f, self.t, self.y)

    def advance(self, stop):
        """The next step, which does not go beyond `stop`; None where it would have to be too short."""
        while self.h >= 10 * np.spacing(abs(self.now)):
            h = min(self.h, self.max_step)
            last = h >= self.sign * (primal(stop) - self.now) * (1 - 1e-12)
            end = stop if last else self.now + self.sign * h
            new, error, ks = self.method.step(self.f, self.t, self.y, end - self.t, self.start)
            self.matrices += self.method is Implicit
            size, h = _size(error, self.y, new, self.rtol, self.atol), abs(float(primal(end)) - self.now)
            if size <= 1:
                longer = h * min(10.0, 0.9 * size**-0.2 if size else 10.0)
                self.h = max(self.h, longer) if last else longer  # a step that was cut short says little about the next one
                step = Step(self.method, self.t, self.y, self.start, end, new)
                self._go_on(step, ks)
                return step
            self.h = h * max(0.2, 0.9 * size**-0.2) if np.isfinite(size) else 0.1 * h
        return None

    def _go_on(self, step, ks):
        """Be at the end of a step, at a plain time."""
        before, self.now = self.now, float(primal(step.end))
        self.t, self.y = self.now, step.at(self.f, self.now) if isinstance(step.end, Traced) else step.new
        if self.changes:
            heavy = Explicit.stiffness(self.now - before, ks) > 2.5
            self.stiff, self.mild = self.stiff + heavy, 0 if heavy else self.mild + 1
            self.stiff = 0 if self.mild == 6 else self.stiff
            if self.stiff == 15:
                self.method, self.changes = Implicit, False
        self.start = ks[-1] if self.method is Explicit and step.new is self.y else self._begin()


class Events:
    """Functions g(t, y) whose zeros along the solution are looked for: their times, the solutions there, and which one ends it."""

    def __init__(self, events, t, y, more):
        self.functions = [lambda t, y, g=g: np.reshape(array(g(t, y, *more)), ()) for g in events]
        self.directions = [getattr(g, "direction", 0) for g in events]
        self.left = [float(getattr(g, "terminal", None) or np.inf) for g in events]
        self.values, self.first = self._plain(t, y), True
        self.times, self.states = [[] for _ in events], [[] for _ in events]

    def _plain(self, t, y):
        return [float(primal(g(t, primal(y)))) for g in self.functions]

    def look(self, run, step):
        """Note what happens inside a step of a run; where an event ends the solution, the step to there."""
        old, self.values, first, self.first = self.values, self._plain(run.now, run.y), self.first, False
        found, begun = [], float(primal(step.t))
        for k, (a, b, direction) in enumerate(zip(old, self.values, self.directions)):
            up, down = (a < 0 or first and a == 0) and b >= 0, (a > 0 or first and a == 0) and b <= 0
            if up and direction >= 0 or down and direction <= 0:
                found.append((begun if a == 0 else run.now if b == 0 else _crossing(run.given, self.functions[k], step, run.now), k))
        for t, k in sorted(found, key=lambda pair: abs(pair[0] - begun)):
            time = _moment(run.given, self.functions[k], k, step, t)
            step = step._replace(end=time, new=step.at(run.given, time))
            self.times[k].append(time), self.states[k].append(step.new)
            self.left[k] -= 1
            if self.left[k] <= 0:
                return step
        return None


def _crossing(f, g, step, end):
    """The plain time in a step to the plain `end` at which g, of opposite signs at both, is 0."""
    begun, start = float(primal(step.t)), tuple(map(primal, step.start)) if step.method is Implicit else primal(step.start)
    plain, right = Step(step.method, begun, primal(step.y), start, end, None), lambda t, y: primal(f(t, y))
    value = lambda t: float(primal(g(t, plain.at(right, t))))
    signs = np.sign([value(begun), value(end)])
    if signs[0] * signs[1] >= 0:  # but for rounding
        return end if signs[0] else begun
    return brentq(value, begun, end, xtol=4 * np.finfo(float).eps * abs(end - begun), rtol=4 * np.finfo(float).eps, maxiter=1000)


def _moment(f, g, k, step, t):
    """The time of an event that happens at the plain t in a step, with all that it carries."""
    rest = g(t, step.at(f, t))
    if not carries(rest):
        return t
    try:
        with np.errstate(all="ignore"):
            return t + implicit(lambda d: g(t + d, step.at(f, t + d)) - primal(rest), 0.0)
    except NotDifferentiableError as error:
        raise NotDifferentiableError(f"scipy.integrate.solve_ivp: event {k} touches zero at t = {t:.6g} without crossing it, so its "
                                     "time has no derivative; pass dn.stop_gradient(x) where only the value is needed") from error


class Solution(OdeSolution):
    """The solution at a time or at several, which may carry a derivative: a step to there from the last of the steps before."""

    def __init__(self, f, steps):
        super().__init__(np.array([float(primal(t)) for t in (steps[0].t, *(step.end for step in steps))]),
                         [functools.partial(step.at, f) for step in steps])

    def __call__(self, t):
        t = array(t)
        if ndim_of(t) > 1:
            raise ValueError("`t` must be a float or a 1-D array.")
        if ndim_of(t):
            return np.stack([self(s) for s in t], -1) if len(t) else np.zeros((np.size(self(self.t_min)), 0))
        sign = 1 if self.ascending else -1
        return self.interpolants[np.searchsorted(sign * self.ts[1:-1], sign * float(primal(t)))](t)


class Course:
    """What a run goes through: times and solutions that are wanted (`times` None: after every step), steps, events."""

    def __init__(self, f, t, y, end, times, method, rtol, atol, first_step=None, max_step=np.inf, events=(), more=(), dense=False):
        self.run = Run(f, t, y, end, method, rtol, atol, first_step, max_step)
        self.events = Events(events, self.run.now, y, more) if events else None
        self.every, self.wanted = times is None, deque([t] if times is None else times)
        self.at, self.ys, self.steps, self.status = [], [], [] if dense else None, 0
        self._go(end)

    def _note(self, t, y):
        self.at.append(t), self.ys.append(y)

    def _stay(self):
        """Note what is wanted where the run is."""
        run = self.run
        while self.wanted and primal(self.wanted[0]) == run.now:
            time = self.wanted.popleft()
            self._note(time, nudged(run.f, run.t, run.y, time - run.t))

    def _go(self, end):
        run = self.run
        while True:
            self._stay()
            if run.now == primal(end):
                return
            stop = self.wanted[0] if self.wanted else end
            step = run.advance(stop)
            if step is None:
                self.status = -1
                return
            over = self.events.look(run, step) if self.events else None
            step = over or step
            if self.steps is not None:
                self.steps.append(step)
            if self.every:
                self._note(step.end, step.new)
            elif step.end is stop and self.wanted:
                self._note(self.wanted.popleft(), step.new)
            if over:
                self.status = 1
                return

    def dense(self):
        """The solution as a function of time."""
        steps = [step for step in self.steps if primal(step.end) != primal(step.t)]
        if not steps:
            refuse("scipy.integrate.solve_ivp", "dense_output", True)
        return Solution(self.run.given, steps)


def _shaped(slope, y):
    """What a right side has returned, as an array of the shape of y."""
    slope = array(slope)
    return slope if shape_of(slope) == shape_of(y) else np.reshape(slope, shape_of(y))


def _listed(xs):
    """An array of times or of solutions, traced where any of them is."""
    return array(xs) if xs else np.array([])


@registered("scipy.integrate.solve_ivp", calls=True)
def solve_ivp(fun, t_span, y0, method="RK45", t_eval=None, dense_output=False, events=None, vectorized=False, args=None, *, rtol=1e-3,
              atol=1e-6, first_step=None, max_step=np.inf, jac=None, jac_sparsity=None, lband=None, uband=None, **options):
    """The solution at given times (or after every step), in y0, times, `args` and all that `fun` and events carry.

    The Jacobian that stiff methods need is found by dualnet, and one that is given is left alone.
    """
    name = method if isinstance(method, str) else getattr(method, "__name__", method)
    y0 = floating(y0)
    for option, value in (("method", name not in METHODS and name), *options.items()):
        if value:
            refuse("scipy.integrate.solve_ivp", option, value)
    if np.iscomplexobj(primal(y0)) and METHODS[name] is not Explicit:
        refuse("scipy.integrate.solve_ivp", "method", f"{name} of complex numbers")
    if ndim_of(y0) != 1:
        raise ValueError("`y0` must be 1-dimensional.")
    start, end = (floating(t)[()] for t in t_span)
    times = None if t_eval is None else floating(t_eval)
    if times is not None:
        low, high, plain = *sorted((primal(start), primal(end))), primal(times)
        if np.any(np.diff(plain) * np.sign(primal(end) - primal(start)) <= 0) or np.min(plain, initial=low) < low or (
                np.max(plain, initial=high) > high):
            raise ValueError("Values in `t_eval` are not within `t_span`, or not properly sorted.")
    more = () if args is None else tuple(args)
    f = (lambda t, y: array(fun(t, y[:, None], *more))[:, 0]) if vectorized else lambda t, y: _shaped(fun(t, y, *more), y)
    watched = () if events is None else (events,) if callable(events) else events
    course = Course(f, start, y0, end, times, METHODS[name], rtol, array(atol), first_step, max_step, watched, more,
                    dense_output)
    run, found, status = course.run, course.events, course.status
    return OptimizeResult(
        t=_listed(course.at), y=np.stack(course.ys, -1) if course.ys else np.zeros((np.size(y0), 0)),
        sol=course.dense() if dense_output else None, t_events=[_listed(v) for v in found.times] if found else None,
        y_events=[_listed(v) for v in found.states] if found else None, nfev=run.calls, njev=run.jacobians, nlu=run.matrices,
        status=status, message=MESSAGES[status], success=status >= 0)


@registered("scipy.integrate.odeint", calls=True)
def odeint(func, y0, t, args=(), Dfun=None, col_deriv=0, full_output=0, ml=None, mu=None, rtol=None, atol=None, tcrit=None, h0=0.0,
           hmax=0.0, hmin=0.0, ixpr=0, mxstep=0, mxhnil=0, mxordn=12, mxords=5, printmessg=0, tfirst=False):
    """The solution at given times, in y0, the times, `args` and all that `func` carries."""
    if full_output:
        refuse("scipy.integrate.odeint", "full_output", full_output)
    args, t = args if isinstance(args, tuple) else (args,), floating(t)
    f = lambda t, y: _shaped(func(t, y, *args) if tfirst else func(y, t, *args), y)
    rtol, atol = (1.49012e-8 if v is None else v for v in (rtol, atol))
    course = Course(f, t[0], np.reshape(floating(y0), -1), t[-1], t, None, rtol, atol, h0 or None, hmax or np.inf)
    if course.status:
        refuse("scipy.integrate.odeint", "rtol", rtol)
    return np.stack(course.ys)

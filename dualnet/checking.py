"""``dn.check``: forward, reverse and an independent reference side by side, and whose partial is to blame."""

import math
from dataclasses import asdict, dataclass, field

import numpy as np

from dualnet import blame
from dualnet.errors import DerivativeMismatch, DualnetError, OracleError
from dualnet.expressions import TooLarge
from dualnet.problem import DIGITS, MOST_ELEMENTS, Problem
from dualnet.seeds import direction_ahead
from dualnet.sweeps import Record
from dualnet.trees import callable_or_raise, selected

MOST_ORDER = 4
MOST_DOUBTED = 16   # elements beyond tolerance whose rounding is bounded; that of others by the largest of these bounds
SAFETY = 64         # of that bound
CLOSED = f"closed form, {DIGITS} digits"


def check(f, *args, order=2, argnums=None, rtol=None, atol=0.0):
    """Set forward mode, reverse mode and a reference that uses no partial side by side, at one point.

    Parameters
    ----------
    f : callable
        Plain NumPy code, or a basic function of your own; arrays or containers in and out.
    *args
        The point.
    order : int
        Highest order of derivative, 0 to 4; the second order is taken by all four nestings of the two modes.
    argnums : int or tuple of int, optional
        Which arguments to differentiate; all by default.
    rtol : float, optional
        Relative tolerance; ``eps ** 0.6`` by default, 4e-10 in double precision. What rounding makes of the
        function (a bound from its recorded steps) and the error of differences, if any, are added.
    atol : float
        Absolute tolerance.

    Returns
    -------
    Report
        Prints as a table; ``.ok``, ``.to_dict()``.

    Raises
    ------
    DerivativeMismatch
        Two values differ. The message names the element, both values, and the basic function and argument
        whose partial is to blame; its attribute `report` has the rest.
    OracleError
        `order` is one that the reference cannot take.

    Notes
    -----
    The reference is the closed form (SymPy's names of the basic functions, differentiated by SymPy, 50
    digits); where a basic function has no SymPy name, complex steps (Squire and Trapp 1998) or extrapolated
    central differences with an error estimate (Ridders 1982). Where there are too many derivatives to
    compare one by one, they are compared along a random direction.

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> dn.check(lambda x, y: np.sin(x) * y, 0.5, 2.0).ok
    True
    >>> @dn.basic_function(symbol="1/x")
    ... def inverse(x):
    ...     return 1 / x
    >>> @inverse.derivative
    ... def inverse_dx(x):
    ...     return (1 / x) ** 2
    >>> dn.check(inverse, 2.0)
    Traceback (most recent call last):
    dualnet.errors.DerivativeMismatch: inverse: d result / d x by forward mode is 0.25 and the closed form, 50 digits,
    gives -0.25. To blame: the partial of inverse by x, in step 1; at inputs 2 it is 0.25, right is -0.25 (from its SymPy name)
    """
    callable_or_raise(f, "check")
    if isinstance(order, bool) or not isinstance(order, (int, np.integer)) or not 0 <= order <= MOST_ORDER:
        raise OracleError(f"order={order!r}: the oracle takes orders 0 to {MOST_ORDER}; for higher ones differentiate dn.closed_form")
    nums = selected(args, tuple(range(len(args))) if argnums is None else argnums, f)
    problem = Problem(f, args, nums)
    return _Check(problem, rtol, atol).run(int(order))


@dataclass
class Comparison:
    """One line of a report: the worst element of one order in one mode."""

    order: int
    mode: str
    element: str
    value: float
    reference: float
    error: float
    ulp: float
    ok: bool
    source: str
    elements: int
    note: str = ""


@dataclass
class Report:
    """What :func:`check` compared.

    Attributes
    ----------
    lines : list of Comparison
    kinks : list of str
        Ties at the point: there the derivatives are those of the piece just ahead.
    blame : dict or None
        The basic function and argument whose partial is wrong.
    notes : list of str
        Why another reference than the closed form was taken, if so.
    """

    name: str
    lines: list = field(default_factory=list)
    kinks: list = field(default_factory=list)
    blame: dict | None = None
    notes: list = field(default_factory=list)

    @property
    def ok(self):
        """True where everything agrees."""
        return self.blame is None and all(line.ok for line in self.lines)

    def to_dict(self):
        """All of it as plain dicts, lists, text and numbers."""
        return {**asdict(self), "ok": self.ok}

    def __str__(self):
        rows = [("order", "mode", "element (the worst)", "value", "reference", "rel. error", "ulp", "")]
        for c in self.lines:
            rows.append((str(c.order), c.mode, c.element, f"{c.value:.15g}", f"{c.reference:.15g}", f"{c.error:.1e}", f"{c.ulp:.3g}",
                         "" if c.ok and not c.note else c.note if c.ok else "WRONG"))
        widths = [max(map(len, column)) for column in zip(*rows)]
        text = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths)).rstrip() for row in rows]
        sources = ", ".join(dict.fromkeys(c.source for c in self.lines))
        head = f"check of {self.name}: {'ok' if self.ok else 'WRONG'} (reference: {sources})"
        return "\n".join([head, *text, *self.kinks, *self.notes, *([sentence(self.blame)] if self.blame else [])])

    __repr__ = __str__


class _Check:
    def __init__(self, problem, rtol, atol):
        self.problem, self.atol = problem, atol
        self.rtol = problem.eps ** 0.6 if rtol is None else rtol
        self.report = Report(problem.name)
        self.lines, self.failure = {0: problem}, None

    def run(self, order):
        problem, report = self.problem, self.report
        self.tape = Record(lambda *leaves: problem.F(*leaves), problem.leaves, lambda nodes: problem.F(*nodes), "ahead")
        report.kinks = _kinks(self.tape.tape)
        for k in range(order + 1):
            self._order(k)
            if not report.ok:
                break
        report.blame = blame.find(self.tape, max(order, 1), only_users=report.ok)
        if not report.ok:
            raise _mismatch(problem.name, report, self.failure) from self.failure  # no variable holds it: its traceback holds this frame
        return report

    def _order(self, k):
        problem, reference, slack, source = self._reference(k)
        for mode, modes in _modes(k):
            try:
                with np.errstate(all="ignore"):
                    found = _values(problem, self.tape, mode) if k == 0 else problem.derivative(modes)
            except DualnetError:
                raise
            except Exception as error:  # a user's partial may fail in any way; the report says which
                self.failure = self.failure or error
                found = np.full(reference.shape, np.nan)
            self._compare(k, mode, problem, found, reference, slack, source)

    def _reference(self, k):
        """What to compare on (the function, or it along a direction), reference values, their errors and source."""
        problem = self.problem if k < 2 else self.lines[k - 1]
        if problem.count(k) > MOST_ELEMENTS[k]:
            problem = problem.along()
        try:
            return self._taken(k, problem, problem.exact(k), 0.0, CLOSED)
        except TooLarge as error:
            reason = error
        except OracleError as error:
            return self._taken(k, *self._differences(problem, k, error))
        if k and problem.has_closed_form:
            line = problem.along()
            try:
                return self._taken(k, line, line.exact(k), 0.0, CLOSED)
            except OracleError:
                pass
        return self._taken(k, *self._differences(problem, k, reason))

    def _taken(self, k, problem, value, error, source):
        self.lines[k] = problem
        return problem, value, error, source

    def _differences(self, problem, k, reason):
        note = f"no closed form: {reason}"
        if note not in self.report.notes:
            self.report.notes.append(note)
        if k == 0:
            return problem, np.concatenate([np.reshape(y, -1) for y in problem.values]).astype(float), 0.0, "the plain value"
        problem = problem if problem.affordable(k) else problem.along()
        ahead = direction_ahead(len(problem.inputs)) if self.report.kinks else None
        value, error, source = problem.by_differences(k, ahead)
        return problem, value, 4 * error, source

    def _compare(self, k, mode, problem, found, reference, slack, source):
        found, reference = np.asarray(found, float), np.asarray(reference, float)
        if not reference.size:
            return
        slack = np.broadcast_to(np.asarray(slack, float), reference.shape)
        error = blame.relative(found, reference)
        with np.errstate(all="ignore"):
            off = np.abs(found - reference)
            good = (error <= self.rtol) | (off <= self.atol + self.rtol * np.abs(reference) + slack)
        excused, worst, bounds = set(), None, []
        order = np.argsort(-np.where(good, -1.0, np.nan_to_num(error, nan=np.inf)), axis=None)
        for flat in order:
            place = np.unravel_index(int(flat), reference.shape)
            if good[place]:
                break
            if not np.isfinite(off[place]):
                worst = place
                break
            if len(bounds) < MOST_DOUBTED:
                bounds.append(SAFETY * blame.rounding(*problem.element(place)))
            if off[place] <= (bounds[-1] if len(bounds) < MOST_DOUBTED else max(bounds)):
                excused.add(place)
                good[place] = True
            else:
                worst = place
                break
        if worst is None:
            worst = np.unravel_index(int(np.argmax(np.where(good, np.minimum(error, 1e300), np.inf))), reference.shape)
        self._line(k, mode, problem, worst, found, reference, error, good, source, excused, slack)

    def _line(self, k, mode, problem, place, found, reference, error, good, source, excused, slack):
        value, right = float(found[place]), float(reference[place])
        with np.errstate(all="ignore"):
            ulp = abs(value - right) / max(float(np.spacing(abs(right))), 5e-324) * np.finfo(float).eps / problem.eps
        note = "rounding" if place in excused else "error of differences" if error[place] > self.rtol else ""
        self.report.lines.append(Comparison(k, mode, _element(problem, place), value, right, float(error[place]), float(ulp),
                                            bool(np.all(good)), source, int(reference.size), note))


def _values(problem, tape, mode):
    if mode == "plain":
        values = problem.values
    elif mode == "reverse":
        values = tape.values
    else:
        from dualnet.operators import jvp
        values = jvp(problem.F, tuple(problem.leaves), tuple(np.zeros_like(x) for x in problem.leaves))[0]
    return np.concatenate([np.reshape(np.asarray(y, float), -1) for y in values])


def _modes(k):
    f, r = "forward", "reverse"
    if k < 2:
        return [("plain", ()), (f, ()), (r, ())] if k == 0 else [(f, (f,)), (r, (r,))]
    if k == 2:
        return [(f"{a} over {b}", (a, b)) for a in (f, r) for b in (f, r)]
    return [("forward, nested", (f,) * k), ("reverse, nested", (r,) * k), ("forward over reverse", (f,) * (k - 1) + (r,))]


def _kinks(tape):
    if not tape.probes:
        return []
    step = len(tape.probes) - 1
    return [f"at a kink (a tie in step {step - tape.inputs + 1}, {tape.records[step].row.name if tape.records[step].row else 'an input'}): "
            "the derivatives are those of the piece just ahead"]


def _element(problem, place):
    out, *by = place
    top = problem.outputs[out]
    if not by:
        return top
    return f"d{len(by) if len(by) > 1 else ''} {top} / " + " ".join(f"d {problem.inputs[j]}" for j in by)


def sentence(found):
    """The basic function to blame, as a sentence."""
    what, by = found["what"], found["argument"]
    named = "" if by is None or " by " in what else f" by {by}"
    inputs = ", ".join(f"{v:.6g}" for v in found["inputs"])
    place = f", element {found['place']}" if found["place"] else ""
    return (f"To blame: {what}{named}, in step {found['step']}{place}; at inputs {inputs} it is {found['found']:.6g}, right is "
            f"{found['right']:.6g} (from {found['source']})")


def _mismatch(name, report, failure):
    error = DerivativeMismatch(_message(name, report, failure))
    error.report = report
    return error


def _message(name, report, failure):
    wrong = [line for line in report.lines if not line.ok]
    parts = []
    if failure:
        parts.append(f"{name}: a mode raised {type(failure).__name__}: {failure}.")
    elif wrong:
        line = max(wrong, key=lambda c: c.error if not math.isnan(c.error) else math.inf)
        parts.append(f"{name}: {line.element} by {line.mode} mode is {line.value:.10g} and the {line.source}, gives {line.reference:.10g}.")
    else:
        parts.append(f"{name}: the derivatives agree, but a basic function in it is wrong.")
    parts.append(sentence(report.blame) if report.blame else
                 "Every basic function is right by itself, so this is a bug in dualnet" if failure else
                 "Every basic function is right by itself: the point is singular (an infinite partial times zero), or the function changes "
                 "with the type of its argument" if wrong and not math.isfinite(wrong[0].value) else
                 "Every basic function is right by itself: a value is used as a constant (dn.stop_gradient, or a branch on the type), or "
                 "this is a bug in dualnet")
    return " ".join(parts)

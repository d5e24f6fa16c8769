"""Every measured promise beside its target: ``python -m benchmarks figures``.

A row is a function that takes an `Evidence`, measures, and lays down checks. The rows live in
`core_figures` (correctness and first speed targets) and `eager_figures` (the tighter ones).
"""

import math
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from . import peers, report, timing

ROWS = []


def row(name, target):
    """Register the decorated function as the row called `name`; `target` is what is promised."""

    def register(measure):
        measure.__doc__ = f"{name}: {target}."
        ROWS.append((name, target, measure))
        return measure

    return register


@dataclass(frozen=True)
class Check:
    """One number against its limit.

    Attributes
    ----------
    what : str
        What was measured.
    value : float or None
        None when it could not be measured; `why` then says why.
    limit : float
        Bound on `value`, in the same `unit`.
    at_most : bool
        Whether the bound is an upper one.
    unit : str
        Unit printed behind the value: "x" for ratios, "MB", "ulp", ...
    why : str
        Reason for a missing value, or a remark such as the quartiles.
    """

    what: str
    value: float | None
    limit: float
    at_most: bool = True
    unit: str = ""
    why: str = ""

    @property
    def passed(self):
        """True, False, or None when nothing was measured."""
        if self.value is None:
            return None
        return bool(self.value <= self.limit if self.at_most else self.value >= self.limit)

    def __str__(self):
        if self.value is None:
            return f"{self.what}: {self.why}"
        sign = "<=" if self.at_most else ">="
        mark = "" if self.passed else " MISSED"
        remark = f" {self.why}" if self.why else ""
        return f"{self.what} {self.value:.3g}{self.unit}{remark} ({sign} {self.limit:g}){mark}"


@dataclass
class Evidence:
    """What a row has measured so far.

    Attributes
    ----------
    seconds : float
        Time to spend on one comparison, in seconds.
    checks : list of Check
    times : dict
        Seconds per call of everything that was timed, for the JSON report.
    """

    seconds: float = 3.0
    checks: list = field(default_factory=list)
    times: dict = field(default_factory=dict)

    def compare(self, calls, makers=None, **options):
        """`timing.compare` of `calls` and of those peers in ``{name: make}`` that are installed."""
        ready, missing = peers.installed(makers or {})
        comparison = timing.compare({**calls, **ready}, seconds=self.seconds, **options)
        self.times.update(comparison.as_dict())
        self.times.update(dict.fromkeys(missing, "not installed"))
        return comparison

    def at_most(self, what, value, limit, unit="", why=""):
        """Check that `value` is no larger than `limit`."""
        self.checks.append(Check(what, float(value), limit, True, unit, why))

    def ratio(self, comparison, name, base, *, at_most=None, at_least=None):
        """Check the pairwise time ratio of two callables against a bound."""
        bound = at_least if at_most is None else at_most
        what = f"{name} / {base}"
        absent = [each.split()[0].rstrip(",") for each in (name, base) if each not in comparison.seconds]
        if absent:
            missing = Check(what, None, bound, why=f"{', '.join(absent)} not installed")
            self.checks.append(missing)
            return
        spread = comparison.ratio(name, base)
        quartiles = f"[{spread.low:.3g}, {spread.high:.3g}]"
        self.checks.append(Check(what, spread.median, bound, at_most is not None, "x", quartiles))

    def error(self, what, got, truth, limit):
        """Check the largest error relative to the largest true entry."""
        got, truth = np.asarray(got, float), np.asarray(truth, float)
        if got.shape != truth.shape:
            raise ValueError(f"{what}: shape {got.shape} where {truth.shape} is due")
        worst = np.max(np.abs(got - truth)) / np.max(np.abs(truth))
        self.at_most(f"{what}: relative error", math.inf if np.isnan(worst) else worst, limit)


@dataclass(frozen=True)
class Figure:
    """A finished row: its name, its target, its checks, its timings and perhaps its error."""

    name: str
    target: str
    checks: list
    times: dict
    failure: str = ""

    @property
    def verdict(self):
        """ "pass", "FAIL", "ERROR", or "not installed" when a peer it needs is missing."""
        if self.failure:
            return "ERROR"
        results = [check.passed for check in self.checks]
        if False in results:
            return "FAIL"
        return "not installed" if None in results or not results else "pass"

    @property
    def measured(self):
        """All checks as one line of text."""
        return "; ".join([str(check) for check in self.checks] + [self.failure] * bool(self.failure))


def measure(name, target, function, seconds):
    """Run one row; an exception becomes a figure whose verdict is ERROR."""
    evidence = Evidence(seconds)
    failure = ""
    try:
        function(evidence)
    except peers.NotInstalled as absent:
        evidence.checks.append(Check(name, None, 0.0, why=f"{absent} not installed"))
    except Exception as error:
        failure = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        traceback.print_exc()
    return Figure(name, target, evidence.checks, evidence.times, failure)


def run(out, *, seconds=3.0, only=""):
    """Measure the rows whose name contains `only`; print and write them.

    Parameters
    ----------
    out : path
        Folder for ``figures.json``; made when missing.
    seconds : float
        Time per comparison, in seconds.
    only : str
        Part of a row's name; empty for all.

    Returns
    -------
    list of Figure
    """
    from . import core_figures, eager_figures  # noqa: F401  (importing registers their rows)

    chosen = [entry for entry in ROWS if only.lower() in entry[0].lower()]
    if not chosen:
        raise SystemExit(f"no figure's name contains {only!r}; names: {[r[0] for r in ROWS]}")
    figures = []
    for name, target, function in chosen:
        figures.append(measure(name, target, function, seconds))
        print(f"{figures[-1].verdict:>13}  {name}\n{'':15}{figures[-1].measured}", flush=True)
    write(figures, Path(out))
    return figures


def write(figures, out):
    """Write ``figures.json`` into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    report.write_json(out / "figures.json", {"figures": [as_dict(figure) for figure in figures]})


def as_dict(figure):
    """A figure with its verdict, for JSON."""
    return {**asdict(figure), "measured": figure.measured, "verdict": figure.verdict}

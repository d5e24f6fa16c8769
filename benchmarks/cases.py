"""One place that times: a case is a problem, its plain pass and the ways to its derivative.

Each way is built, called once and compared with the truth, then timed interleaved with the plain pass and
with dualnet's own way, the first of the case. What is wrong, absent or too slow is recorded as such.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import optree

from . import peers, report, timing

PLAIN = "plain pass"
FOREIGN = ("torch", "jax", "casadi")  # tracemalloc does not see their memory
LAZY = ("jax", "casadi", "torch")  # compile, or load the rest of themselves, when first called
LOOSE = 1e-6                         # relative error up to which a derivative counts as right


@dataclass(frozen=True)
class Case:
    """A problem at one size.

    Attributes
    ----------
    section, label : str
        The kind of problem, and its size in words.
    plain : callable
        The plain NumPy pass, without arguments.
    ways : dict of str to callable
        ``make() -> call`` of each way to the derivative; the first is what ratios are taken to.
    check : callable, optional
        ``check(result) -> relative error`` of the first way's result, against something independent of it.
    like_first : callable
        Brings a way's result into the order of the first one's; by default all numbers in a row.
    inexact : tuple of str
        Ways whose result is not compared: estimates.
    skip : dict of str to str
        Ways known not to be affordable, with the reason; not called.
    foreseen : dict of str to float
        The ratio to the plain pass of a skipped way that is known from a smaller size.
    numbers : dict
        What the tables and pictures are drawn from, such as parameters and residuals.
    """

    section: str
    label: str
    plain: Callable
    ways: dict
    check: Callable | None = None
    like_first: Callable | None = None
    inexact: tuple = ()
    skip: dict = field(default_factory=dict)
    foreseen: dict = field(default_factory=dict)
    numbers: dict = field(default_factory=dict)


def vector(result):
    """All numbers of a result in a row: of containers, tensors, matrices; sparse matrices stay."""
    if hasattr(result, "tocsr"):
        return result.tocsr()
    if hasattr(result, "full"):  # CasADi
        return result.sparse().tocsr() if result.numel() > 10**6 else np.ravel(result.full())
    leaves = optree.tree_leaves(result)
    return np.concatenate([np.ravel(np.asarray(x, float)) for x in leaves])


def difference(got, truth):
    """Largest difference of two results over the largest true number; infinite where shapes differ or NaN."""
    got, truth = vector(got), vector(truth)
    if hasattr(got, "tocsr") != hasattr(truth, "tocsr"):
        got, truth = (np.ravel(each.toarray()) if hasattr(each, "tocsr") else each for each in (got, truth))
    if got.shape != truth.shape:
        return math.inf
    worst = abs(got - truth).max() / max(abs(truth).max(), 1e-300)
    return math.inf if np.isnan(worst) else float(worst)


def along_line(f, x, derivative, seed=0, step=1e-5):
    """Relative error of a derivative of ``f(x)`` by `x` against a central difference along a random direction.

    `x` is an array or a container of arrays; `derivative` a gradient of its structure, or a matrix (dense
    or sparse) with a column for each number of `x`.
    """
    rng = np.random.default_rng(seed)
    v = optree.tree_map(lambda a: rng.standard_normal(np.shape(a)), x)

    def at(h):
        return vector(f(optree.tree_map(lambda a, b: a + h * b, x, v)))

    slope = (at(step) - at(-step)) / (2 * step)
    flat = vector(v)
    matrix = vector(derivative)
    pushed = matrix @ flat if hasattr(matrix, "tocsr") else matrix.reshape(-1, flat.size) @ flat
    return difference(pushed, slope)


class Bench:
    """Times case after case; `records` is the table so far, one flat dict for each way of each case.

    Parameters
    ----------
    seconds : float
        Time for the fast ways of a case together, in seconds.
    budget : float
        Longest time for one way of one case, in seconds.
    memory : bool
        Whether peaks of memory are taken, which takes two more calls.
    show : bool
        Whether each case's table is printed.
    """

    def __init__(self, seconds, budget, memory=True, show=True):
        self.seconds, self.budget, self.memory, self.show = seconds, budget, memory, show
        self.records = []
        self.samples = {}  # "section, label, way" -> seconds of each round, for pyperf

    def run(self, case):
        """Measure a case, print its table and return its records."""
        start = len(self.records)
        self.case, self.first, self.plain_peak = case, None, None
        fast, slow = {}, {}
        for name, make in case.ways.items():
            call, seconds = self.trial(name, make)
            if call is not None:
                (fast if seconds < self.seconds / 10 or name == self.first else slow)[name] = call
        if fast:
            self.timed({PLAIN: case.plain, **fast}, fast, self.seconds)
        for name, call in slow.items():
            first = {self.first: fast[self.first]} if self.first in fast else {}
            self.timed({PLAIN: case.plain, **first, name: call}, [name], min(self.budget, self.seconds))
        mine = self.records[start:]
        order = list(case.ways)
        mine.sort(key=lambda r: order.index(r["way"]))
        self.records[start:] = mine
        if self.show:
            plain = next((record["plain_s"] for record in mine if record["plain_s"]), math.nan)
            print(f"\n{case.section}: {case.label}; plain {timing.human_seconds(plain)}")
            print(report.columns(HEAD, [line(record) for record in mine]), flush=True)
        return mine

    def trial(self, name, make):
        """Build and call a way once; the call and its seconds, or None with the reason recorded."""
        if name in self.case.skip:
            self.record(name, self.case.skip[name])
            return None, 0.0
        try:
            call = make()
            seconds, result = timed_once(call)
            self.compare(name, result)
            del result
            if seconds > self.seconds / 10 and seconds < (30 if name.startswith(LAZY) else 1) * self.budget:
                seconds = timed_once(call)[0]  # the first call may have compiled
        except peers.NotInstalled:
            self.record(name, "not installed")
            return None, 0.0
        except Exception as error:
            text = str(error).splitlines()
            self.record(name, f"error: {type(error).__name__}: {text[0][:150] if text else ''}")
            return None, 0.0
        if seconds > self.budget:
            self.record(name, f"too slow: one call {timing.human_seconds(seconds)}")
            return None, seconds
        return call, seconds

    def compare(self, name, result):
        """Hold a result against the truth; raises ArithmeticError where it is wrong."""
        case = self.case
        if name in case.inexact:
            return
        if case.like_first is not None:
            result = case.like_first(result)
        if self.first is None:
            self.first, self.truth = name, vector(result)
            error = case.check(result) if case.check else 0.0
        else:
            error = difference(result, self.truth)
        if not error < LOOSE:
            raise ArithmeticError(f"relative error {error:.1e} of the derivative")

    def timed(self, calls, names, seconds):
        """Time `calls` interleaved and record `names` of them."""
        comparison = timing.compare(calls, seconds=seconds, least=3)
        if self.memory and self.plain_peak is None:
            self.plain_peak = timing.peak_bytes(self.case.plain)
        for name in names:
            spread = comparison.ratio(name, PLAIN)
            own = comparison.ratio(name, self.first) if self.first in comparison.seconds else None
            seen = self.memory and not name.startswith(FOREIGN)
            self.record(
                name, "measured", comparison.spread(name).median, comparison.spread(PLAIN).median, spread, own,
                rounds=len(comparison.seconds[name]), peak_bytes=timing.peak_bytes(calls[name]) if seen else None)
            self.samples[f"{self.case.section}, {self.case.label}, {name}"] = comparison.seconds[name]

    def record(self, name, status, seconds=None, plain=None, spread=None, own=None, *, rounds=0, peak_bytes=None):
        """Add one record; ratios have no unit, times are in seconds, memory in bytes."""
        case = self.case
        over_plain = spread.median if spread else case.foreseen.get(name)
        self.records.append({
            "section": case.section, "case": case.label, "way": name, "status": status, "seconds": seconds, "plain_s": plain,
            "over_plain": over_plain, "low": spread and spread.low, "high": spread and spread.high,
            "over_first": own and own.median, "over_first_low": own and own.low, "over_first_high": own and own.high,
            "rounds": rounds, "peak_bytes": peak_bytes, "plain_peak_bytes": self.plain_peak, **case.numbers})


def without_peers(case):
    """The case with dualnet's own ways and the baselines only."""
    return replace(case, ways={name: make for name, make in case.ways.items() if not name.startswith(tuple(peers.TOOLS))})


def timed_once(call):
    """Seconds of one call, and its result."""
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


HEAD = ("way", "time", "over plain", "quartiles", "over first", "rounds", "peak memory")


def line(record):
    """A record as the cells of a table under `HEAD`."""
    if record["over_plain"] is None:
        return (record["way"], record["status"][:60], *[""] * 5)
    peak = record["peak_bytes"]
    return (
        record["way"],
        timing.human_seconds(record["seconds"]) if record["seconds"] else record["status"],
        f"{record['over_plain']:.3g}x",
        f"[{record['low']:.3g}, {record['high']:.3g}]" if record["low"] else "",
        f"{record['over_first']:.3g}x" if record["over_first"] else "",
        str(record["rounds"]),
        "" if peak is None else f"{peak / 1e6:.3g} MB",
    )

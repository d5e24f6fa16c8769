"""Interleaved timing, pairwise ratios and peak memory.

Two callables are comparable only when they ran side by side: machines drift by more than
the differences of interest. `compare` therefore interleaves them, A B B A A B ..., and a ratio is
the median of the ratios within a round, never the ratio of two medians from different minutes.
The order within a round is drawn afresh each time: who follows whom matters to the caches.
"""

import gc
import math
import subprocess
import sys
import time
import tracemalloc
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spread:
    """A median with its quartiles, in the unit of what was measured."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values):
        """Summarise `values` by their 25, 50 and 75 % points."""
        low, median, high = np.quantile(np.asarray(values, float), (0.25, 0.5, 0.75))
        return cls(float(median), float(low), float(high))


@dataclass(frozen=True)
class Comparison:
    """Seconds per call of several callables, round by round.

    Attributes
    ----------
    seconds : dict of str to ndarray, shape (rounds,)
        Seconds per call; entry i of every array was measured in the same round.
    loops : dict of str to int
        Calls per round that the entry is the mean of.
    """

    seconds: dict
    loops: dict

    def spread(self, name):
        """Seconds per call of `name`, as a `Spread`."""
        return Spread.of(self.seconds[name])

    def ratio(self, name, base):
        """Time of `name` over time of `base` (no unit), pairwise in each round."""
        return Spread.of(self.seconds[name] / self.seconds[base])

    def as_dict(self):
        """Median, quartiles (seconds), rounds and loops of each callable, for JSON."""
        return {
            name: {
                "median_s": self.spread(name).median,
                "low_s": self.spread(name).low,
                "high_s": self.spread(name).high,
                "rounds": len(values),
                "loops": self.loops[name],
            }
            for name, values in self.seconds.items()
        }


@contextmanager
def quiet_collector():
    """Switch the garbage collector off, with everything already alive out of its sight."""
    enabled = gc.isenabled()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if enabled:
            gc.enable()


CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
chosen_clock = "wall"


def use_clock(name):
    """Measure by "wall" clock or by "cpu" time of all threads of this process; returns the name of the clock before.

    Processor time is blind to other programs that take the cores away, which makes ratios of
    single-threaded calls steady on a busy machine; it charges a tool for each of its threads.
    """
    global chosen_clock
    if name not in CLOCKS:
        raise ValueError(f"clock {name!r}; choose one of {sorted(CLOCKS)}")
    before, chosen_clock = chosen_clock, name
    return before


def loop_seconds(call, loops):
    """Mean seconds per call over `loops` calls in a row, by the chosen clock."""
    clock = CLOCKS[chosen_clock]
    start = clock()
    for _ in range(loops):
        call()
    return (clock() - start) / loops


def calibrate(call, batch):
    """Calls needed to fill `batch` seconds, at least 1, after warming up.

    The first call may compile, so it counts only where it is too slow (over 3 s) to repeat.
    """
    once = loop_seconds(call, 1)
    if once < 3.0:
        once = min(loop_seconds(call, 1) for _ in range(2 if once < 1.0 else 1))
    return max(1, math.ceil(batch / max(once, 1e-9)))


def compare(calls, *, seconds=1.0, batch=2e-3, least=5, most=400):
    """Time several callables, interleaved.

    Parameters
    ----------
    calls : dict of str to callable
        Each is called without arguments. Warm-up calls are made first and not counted.
    seconds : float
        Time to spend, in seconds, calibration not counted; passed only to reach `least` rounds.
    batch : float
        Seconds that one round of one callable should fill; fast callables are looped.
    least, most : int
        Fewest and most rounds.

    Returns
    -------
    Comparison
    """
    with quiet_collector():
        loops = {name: calibrate(call, batch) for name, call in calls.items()}
        taken = {name: [] for name in calls}
        end = time.perf_counter() + seconds
        names, rounds, rng = list(calls), 0, np.random.default_rng(0)
        while rounds < least or (rounds < most and time.perf_counter() < end):
            gc.collect()
            for name in rng.permutation(names):
                taken[name].append(loop_seconds(calls[name], loops[name]))
            rounds += 1
    return Comparison({name: np.array(values) for name, values in taken.items()}, loops)


def peak_bytes(call):
    """Most memory alive at once during ``call()``, in bytes above the start.

    NumPy reports its buffers to `tracemalloc`; memory of other compilers and BLAS work
    spaces is not seen. The call is made once before, so that lasting caches do not count.
    """
    call()
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        call()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


IMPORT_CLOCK = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"


def import_seconds(statements, *, rounds=7):
    """Seconds that import statements take, each in a fresh interpreter, interleaved.

    Parameters
    ----------
    statements : dict of str to str
        Python statements without ``;`` problems, such as ``"import numpy"``. The start
        of the interpreter itself is not counted; one uncounted round warms the disk cache.
    rounds : int
        Fresh interpreters per statement.

    Returns
    -------
    Comparison
    """
    taken = {name: [] for name in statements}
    for turn in range(rounds + 1):
        for name, statement in statements.items():
            code = IMPORT_CLOCK.format(statement)
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            if turn:
                taken[name].append(float(done.stdout))
    return Comparison({name: np.array(values) for name, values in taken.items()}, dict.fromkeys(statements, 1))


def human_seconds(seconds):
    """Write seconds as text with three digits and a unit: ``51.2 us``."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"

"""What a gradient costs per parameter, forward against reverse.

The problem is the loss of a 4-h-h-2 tanh network with h chosen to reach a number of
parameters. Each way to its gradient is timed beside the plain NumPy pass, interleaved, and
reported as a ratio to it. What would pass the time budget is estimated from the size before
(forward modes grow with parameters times plain pass) and reported as not run.
"""

import math
import time
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

import dualnet as dn

from . import peers, problems, report, timing

FORWARD, REVERSE = "forward, Rows", "reverse"
PLAIN = "plain pass"


@dataclass(frozen=True)
class Plan:
    """How much to measure.

    Attributes
    ----------
    sizes : tuple of int
        Numbers of parameters to come near to.
    seconds : float
        Time per size for the fast ways together, in seconds.
    budget : float
        Longest time for one way at one size, in seconds; beyond it only an estimate is given.
    batch : int
        Examples in the plain pass.
    peers : bool
        Whether the other tools are measured as well.
    """

    sizes: tuple = (10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)
    seconds: float = 4.0
    budget: float = 20.0
    batch: int = 32
    peers: bool = False


FULL = Plan()
QUICK = replace(FULL, sizes=(10, 100, 1000, 10_000, 100_000), seconds=1.5, budget=2.5)
SMOKE = replace(FULL, sizes=(10, 30), seconds=0.3, budget=0.5, batch=8)


@dataclass(frozen=True)
class Way:
    """One way to the gradient.

    Attributes
    ----------
    call : callable
        Computes it, without arguments.
    per_parameter : bool
        Whether its cost over the plain pass grows with the number of parameters.
    exact : bool
        Whether its result is checked against the gradient written by hand.
    """

    call: object
    per_parameter: bool
    exact: bool = True


def central_differences(layers, *data, step=1e-5):
    """Gradient of the loss by 2 n plain passes; error of order step squared."""
    layers = [tuple(np.array(w) for w in layer) for layer in layers]
    gradients = [tuple(np.empty_like(w) for w in layer) for layer in layers]
    for layer, slots in zip(layers, gradients, strict=True):
        for w, slot in zip(layer, slots, strict=True):
            for index, value in np.ndenumerate(w):
                w[index] = value + step
                ahead = problems.mlp_loss(layers, *data)
                w[index] = value - step
                slot[index] = (ahead - problems.mlp_loss(layers, *data)) / (2 * step)
                w[index] = value
    return gradients


def own_ways(layers, data):
    """Dualnet's ways and the two baselines, as a dict of name to `Way`."""

    def loss(p):
        return problems.mlp_loss(p, *data)

    def chunked(size):
        return dn.jacobian(loss, mode="forward", chunk_size=size)

    ways = {REVERSE: Way(partial(dn.grad(loss, mode="reverse"), layers), False)}
    ways[FORWARD] = Way(partial(dn.grad(loss, mode="forward"), layers), True)
    for size in (1, 16, 64, 256):
        ways[f"forward, chunks of {size}"] = Way(partial(chunked(size), layers), True)
    one = dn.forward_gradient(loss, directions=1, seed=0)
    ways["one random direction"] = Way(partial(one, layers), False, exact=False)
    ways["mode='auto'"] = Way(partial(dn.grad(loss), layers), False)
    ways["by hand"] = Way(lambda: problems.mlp_loss_gradient(layers, *data)[1], False)
    ways["central differences"] = Way(partial(central_differences, layers, *data), True)
    return ways


PEER_BYTES = 4e9  # forward peers push all seeds at once: four dense tangents of a hidden layer

PEERS = {
    "autograd reverse": (peers.autograd_mlp, False),
    "advect reverse": (peers.advect_mlp, False),
    "torch reverse": (peers.torch_mlp, False),
    "jax.jit reverse": (peers.jax_mlp, False),
    "torch jacfwd": (peers.torch_mlp_forward, True),
    "jax.jit jacfwd": (peers.jax_mlp_forward, True),
}


FOREIGN = ("torch", "jax")  # `tracemalloc` does not see their memory


def flat(gradients):
    """All parameters' gradients as one vector, shape (n,)."""
    return np.concatenate([np.ravel(w) for layer in gradients for w in layer])


def first_call(way, truth):
    """Call `way` once; seconds it took. Raises ArithmeticError where its result is wrong."""
    start = time.perf_counter()
    result = way.call()
    seconds = time.perf_counter() - start
    if way.exact:
        error = np.max(np.abs(flat(result) - truth)) / np.max(np.abs(truth))
        if not error < 1e-6:
            raise ArithmeticError(f"relative error {error:.1e} of the gradient")
    return seconds


class Sweep:
    """Measures size after size; `records` is the table so far, one dict per way and size."""

    def __init__(self, plan):
        self.plan = plan
        self.records = []
        self.last = {}  # name of a way -> (parameters, ratio to the plain pass)

    def run(self):
        """Measure every size of the plan and return the records."""
        for size in self.plan.sizes:
            self.measure(problems.widths_near(size))
        return self.records

    def measure(self, widths):
        """Measure every way at one size."""
        layers = problems.mlp_parameters(widths)
        data = problems.mlp_data(widths, self.plan.batch)
        plain = partial(problems.mlp_loss, layers, *data)
        self.parameters, self.widths = problems.mlp_size(widths), "-".join(map(str, widths))
        self.plain_seconds = timing.compare({PLAIN: plain}, seconds=0.05).spread(PLAIN).median
        truth = flat(problems.mlp_loss_gradient(layers, *data)[1])
        fast = {}
        for name, way in self.ways(layers, data).items():
            if self.trial(name, way, truth, plain):
                fast[name] = way.call
        if fast:
            comparison = timing.compare({PLAIN: plain, **fast}, seconds=self.plan.seconds)
            for name, call in fast.items():
                self.measured(name, comparison, timing.peak_bytes(call))
        self.show()

    def ways(self, layers, data):
        """All ways of the plan at this size; those not installed are recorded at once."""
        ways = own_ways(layers, data)
        for name, (make, grows) in PEERS.items() if self.plan.peers else ():
            size = 8 * 4 * self.parameters * self.plan.batch * layers[0][0].shape[1]
            if grows and size > PEER_BYTES:
                self.record(name, status=f"not run: estimated {size / 1e9:.3g} GB")
                continue
            try:
                ways[name] = Way(make(layers, *data), grows, exact=False)
            except peers.NotInstalled:
                self.record(name, status="not installed")
        return ways

    def trial(self, name, way, truth, plain):
        """Estimate, call once, and settle the slow cases; True when `name` is left to time."""
        ratio = self.estimate(name, way)
        if 2 * ratio * self.plain_seconds > self.plan.budget:
            seconds = ratio * self.plain_seconds
            self.record(name, ratio, status=f"not run: estimated {seconds:.3g} s")
            return False
        try:
            seconds = first_call(way, truth)
        except Exception as error:
            first_line = str(error).splitlines()[0] if str(error) else ""
            self.record(name, status=f"error: {type(error).__name__}: {first_line}")
            return False
        if self.plan.seconds / 30 < seconds < self.plan.budget / 4:  # was it a compiler?
            seconds = timing.loop_seconds(way.call, 1)
        if seconds < self.plan.seconds / 30:
            return True
        rounds = int(np.clip(self.plan.budget / 2 / seconds - 1, 1, 5))
        calls = {PLAIN: plain, name: way.call}
        slow = timing.compare(calls, seconds=0.0, batch=min(0.1, seconds / 5), least=rounds)
        affordable = seconds < self.plan.budget / 20
        self.measured(name, slow, timing.peak_bytes(way.call) if affordable else None)
        return False

    def estimate(self, name, way):
        """Ratio to the plain pass foreseen from the last size; 0 when nothing is known."""
        if name not in self.last:
            return 0.0
        parameters, ratio = self.last[name]
        return ratio * (self.parameters / parameters if way.per_parameter else 1.0)

    def measured(self, name, comparison, peak):
        """Record a way that was timed beside the plain pass; `peak` in bytes, or None."""
        spread = comparison.ratio(name, PLAIN)
        self.last[name] = (self.parameters, spread.median)
        self.record(
            name,
            spread.median,
            plain_s=comparison.spread(PLAIN).median,
            seconds=comparison.spread(name).median,
            low=spread.low,
            high=spread.high,
            rounds=len(comparison.seconds[name]),
            peak_bytes=None if name.startswith(FOREIGN) else peak,
        )

    def record(self, name, ratio=None, *, status="measured", seconds=None, **more):
        """Add one record; ratios have no unit, times are in seconds."""
        known = ratio is not None
        self.records.append(
            {
                "method": name,
                "widths": self.widths,
                "parameters": self.parameters,
                "batch": self.plan.batch,
                "status": status,
                "plain_s": more.get("plain_s", self.plain_seconds),
                "seconds": seconds,
                "over_plain": ratio,
                "over_plain_per_parameter": ratio / self.parameters if known else None,
                **{key: more.get(key) for key in ("low", "high", "rounds", "peak_bytes")},
            }
        )

    def show(self):
        """Print this size's part of the table."""
        mine = [r for r in self.records if r["parameters"] == self.parameters]
        plain = timing.human_seconds(self.plain_seconds)
        print(f"\n{self.parameters:,} parameters ({self.widths}, batch {self.plan.batch}): plain {plain}")
        print(report.columns(HEAD, [line(record) for record in mine]), flush=True)


HEAD = ("gradient by", "time", "over plain", "quartiles", "per parameter", "rounds", "peak memory")


def line(record):
    """A record as the cells of a table under `HEAD`."""
    if record["over_plain"] is None:
        return (record["method"], record["status"], "", "", "", "", "")
    ratio = f"{record['over_plain']:.3g}x"
    each = f"{record['over_plain_per_parameter']:.3g}x"
    if record["status"] != "measured":
        return (record["method"], record["status"], ratio, "", each, "0", "")
    quartiles = f"[{record['low']:.3g}, {record['high']:.3g}]"
    spent = timing.human_seconds(record["seconds"])
    peak = record["peak_bytes"]
    memory = "" if peak is None else f"{peak / 1e6:.3g} MB"
    return (record["method"], spent, ratio, quartiles, each, str(record["rounds"]), memory)


def crossover(records, reverse=REVERSE):
    """Number of parameters from which reverse stays cheaper than the cheapest forward way.

    Interpolated between measured sizes, where the logarithm of their time ratio crosses zero;
    only exact gradients count, so a random direction does not.

    Returns
    -------
    float or None
        0.0 when reverse is cheaper at every size, None when it never is or is unknown.
    """
    ahead, back = {}, {}
    for record in records:
        size, ratio = record["parameters"], record["over_plain"]
        if ratio and record["method"] == reverse:
            back[size] = ratio
        elif ratio and record["method"].startswith("forward"):
            ahead[size] = min(ratio, ahead.get(size, math.inf))
    gaps = [(math.log(n), math.log(ahead[n] / back[n])) for n in sorted(ahead.keys() & back.keys())]
    if not gaps or gaps[-1][1] <= 0:
        return None
    for (n0, gap0), (n1, gap1) in zip(gaps[-2::-1], gaps[:0:-1], strict=True):
        if gap0 <= 0:
            return math.exp(n0 + (n1 - n0) * -gap0 / (gap1 - gap0))
    return 0.0


def crossover_text(records):
    """`crossover` as a sentence."""
    found = crossover(records)
    if found is None:
        return "crossover: reverse is not cheaper than forward at the largest size measured"
    least = min(record["parameters"] for record in records)
    if found == 0.0:
        return f"crossover: reverse is cheaper than every forward way from {least} parameters, the smallest size measured, on"
    return f"crossover: reverse is cheaper than every forward way from about {found:.0f} parameters on"


def run(plan, out):
    """Measure `plan`, print the tables, write cost.csv, cost.json and cost.png into `out`.

    Returns
    -------
    bool
        Whether every way that was called gave a right gradient; what was not run, or is not
        installed, does not count.
    """
    print(report.machine_text())
    sweep = Sweep(plan)
    records = sweep.run()
    sentence = crossover_text(records)
    print("\n" + sentence)
    out.mkdir(parents=True, exist_ok=True)
    report.write_csv(out / "cost.csv", records)
    report.write_json(out / "cost.json", {"crossover": sentence, "records": records})
    drawn = [record for record in records if record["over_plain"]]
    order = list(dict.fromkeys(record["method"] for record in drawn))
    report.plot_cost(out / "cost.png", drawn, crossover(records), order, sentence)
    print(f"written to {out}: cost.csv, cost.json, cost.png")
    return not any(record["status"].startswith("error") for record in records)

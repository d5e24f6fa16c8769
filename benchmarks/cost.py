"""What a gradient costs per parameter, forward against reverse, in time and in memory.

The problem is the loss of a tanh network with four inputs and two classes, of 2 to 5 layers, whose width is chosen
to reach a number of parameters. Each way to its gradient is timed beside the plain NumPy pass, interleaved, and
reported as a ratio to it. What would pass the time budget is estimated from the size before (forward modes grow
with parameters times plain pass) and reported as not run.
"""

import math
import signal
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import optree

import dualnet as dn

from . import peers, problems, timing
from .cases import Bench, Case, difference

FORWARD, REVERSE, AUTO = "forward, Rows", "reverse", "mode='auto'"
CHUNKS = (1, 4, 16, 64, 256)


@dataclass(frozen=True)
class Plan:
    """How much to measure.

    Attributes
    ----------
    networks : tuple
        Of (layers of weights, parameters to come near to, examples in the batch).
    seconds : float
        Time for the fast ways of one network together, in seconds.
    budget : float
        Longest time for one way of one network, in seconds; beyond it only an estimate is given.
    build : float
        Longest time for SymPy to build one closed form, in seconds.
    peers : bool
        Whether the other tools are measured as well.
    """

    networks: tuple
    seconds: float
    budget: float
    build: float
    peers: bool = False


BATCHES, LAYERS = (1, 8, 32, 256, 1024), (2, 3, 4, 5)
SIZES = (10, 30, 100, 300, 1000, 3000, 10**4, 10**5, 10**6)
FULL = Plan(
    (*((3, n, 32) for n in SIZES), *((3, n, b) for b in BATCHES if b != 32 for n in (10, 100, 1000, 10**4, 10**5, 10**6)),
     *((k, n, 32) for k in LAYERS if k != 3 for n in (100, 1000, 10**4, 10**6))), 3.0, 15.0, 60.0)
QUICK = Plan(
    (*((3, n, 32) for n in (10, 100, 1000, 10**4, 10**6)), (3, 10**4, 1), (3, 100, 1024), (2, 1000, 32), (5, 1000, 32)), 0.2, 0.25, 4.0)
SMOKE = Plan(((3, 10, 8), (2, 30, 1)), 0.1, 0.5, 1.5)


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


class TooLong(BaseException):
    """The time is up; not an Exception, so that nothing on the way takes it for its own."""


@contextmanager
def within(seconds):
    """End what runs inside with a TimeoutError after so many seconds of processor time, where the system can."""
    def stop(*_):
        raise TooLong

    if not hasattr(signal, "setitimer"):
        raise TimeoutError("cannot be bounded in time on this system")
    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    except TooLong:
        raise TimeoutError(f"does not build within {seconds:g} s") from None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def lambdified(loss, layers, seconds):
    """SymPy's gradient of the closed form as one NumPy function with common subexpressions, if it builds in time."""
    import sympy

    with within(seconds):
        form = dn.closed_form(loss, layers)
        gradient = [entry for array in optree.tree_leaves(form.gradient) for entry in np.ravel(array)]
        call = sympy.lambdify(list(form.symbols), gradient, "numpy", cse=True)
    point = np.concatenate([np.ravel(w) for w in optree.tree_leaves(layers)])
    return lambda: np.array(call(*point))


def own_ways(layers, data, seconds):
    """Dualnet's ways and the baselines, as a dict of name to maker; and those whose cost grows with the parameters."""

    def loss(p):
        return problems.mlp_loss(p, *data)

    ways = {REVERSE: lambda: partial(dn.grad(loss, mode="reverse"), layers), AUTO: lambda: partial(dn.grad(loss), layers),
            "by hand": lambda: lambda: problems.mlp_loss_gradient(layers, *data)[1],
            "one random direction": lambda: partial(dn.forward_gradient(loss, directions=1, seed=0), layers)}
    growing = {FORWARD: lambda: partial(dn.grad(loss, mode="forward"), layers)}
    for size in (*CHUNKS, problems.mlp_count(layers)):
        name = f"forward, chunks of {size}" if size in CHUNKS else "forward, all seeds at once"
        growing[name] = lambda size=size: partial(dn.jacobian(loss, mode="forward", chunk_size=size), layers)
    growing["central differences"] = lambda: partial(central_differences, layers, *data)
    growing["SymPy, lambdified"] = lambda: lambdified(loss, layers, seconds)
    return ways, growing


PEER_BYTES = 4e9  # forward peers push all seeds at once: four dense tangents of a hidden layer


def peer_ways(layers, data):
    """The other tools' ways, in the same two groups; and those left out for their memory."""
    makers = peers.makers("gradient", problems.mlp_loss, layers, *data, tools=("autograd", "advect", "jax"))
    makers["torch"] = partial(peers.torch_mlp, layers, *data)
    forward = peers.makers("jacobian", problems.mlp_loss, layers, *data, tools=("torch", "jax"))
    size = 8 * 4 * problems.mlp_count(layers) * len(data[0]) * layers[0][0].shape[1]
    skip = {f"{name} jacfwd": f"not run: estimated {size / 1e9:.3g} GB" for name in forward if size > PEER_BYTES}
    return {f"{name} reverse": make for name, make in makers.items()}, {f"{name} jacfwd": make for name, make in forward.items()}, skip


class Sweep:
    """Measures network after network; what is too slow at one size is not run at the next."""

    def __init__(self, plan):
        self.plan = plan
        self.bench = Bench(plan.seconds, plan.budget)
        self.last = {}  # (way, batch) -> (parameters, ratio to the plain pass)

    def run(self):
        """Measure every network of the plan and return the records."""
        for layers, size, batch in self.plan.networks:
            self.measure(problems.widths_near(size, layers), batch)
        return self.bench.records

    def measure(self, widths, batch):
        """Measure every way at one network."""
        layers, data = problems.mlp_parameters(widths), problems.mlp_data(widths, batch)
        count, plain = problems.mlp_size(widths), partial(problems.mlp_loss, layers, *data)
        seconds = timing.compare({"": plain}, seconds=0.02, least=3).spread("").median
        ways, growing = own_ways(layers, data, self.plan.build)
        more, more_growing, skip = peer_ways(layers, data) if self.plan.peers else ({}, {}, {})
        growing |= more_growing
        foreseen = {way: self.foreseen(way, batch, count) for way in growing}
        foreseen = {way: ratio for way, ratio in foreseen.items() if 1.5 * ratio * seconds > self.plan.budget}
        skip |= {way: f"not run: estimated {timing.human_seconds(ratio * seconds)}" for way, ratio in foreseen.items()}
        if count * batch > 300 * self.plan.build:
            skip["SymPy, lambdified"] = "not run: one expression for each parameter"
        foreseen.pop("SymPy, lambdified", None)  # it does not build, so its time stays unknown
        truth = problems.mlp_loss_gradient(layers, *data)[1]
        case = Case("gradient of a network", f"{count:,} parameters ({'-'.join(map(str, widths))}), batch {batch}", plain,
                    ways | growing | more, lambda got: difference(got, truth), inexact=("one random direction",), skip=skip,
                    foreseen=foreseen, numbers={"layers": len(widths) - 1, "parameters": count, "batch": batch})
        for record in self.bench.run(case):
            if record["over_plain"]:
                self.last[record["way"], batch] = count, record["over_plain"]
            elif record["status"].startswith(("too slow", "error: TimeoutError", "error: OracleError")):
                self.last[record["way"], batch] = count, self.plan.budget / seconds

    def foreseen(self, way, batch, count):
        """Ratio to the plain pass foreseen from the last size of that batch, caches counted in; 0 when nothing is known."""
        parameters, ratio = self.last.get((way, batch), (count, 0.0))
        return ratio * (count / parameters) ** 1.25


def crossover(records):
    """Number of parameters from which reverse stays cheaper than the cheapest forward way, of one depth and batch.

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
        if ratio and record["way"] == REVERSE:
            back[size] = ratio
        elif ratio and record["way"].startswith("forward"):
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
        return "reverse is not cheaper than forward at the largest size measured"
    least = min(record["parameters"] for record in records)
    if found == 0.0:
        return f"reverse is cheaper than every exact forward way from {least} parameters, the smallest size measured, on"
    return f"reverse is cheaper than every exact forward way from about {found:.0f} parameters on"


def lines(records):
    """Records in groups of the same depth and batch: ``{(layers, batch): records}``."""
    groups = {}
    for record in records:
        groups.setdefault((record["layers"], record["batch"]), []).append(record)
    return dict(sorted(groups.items()))


def automatic(records):
    """What ``mode="auto"`` costs over the cheapest exact way of either mode: cases, share that lose nothing, the worst loss.

    Nothing is lost where the lower quartile of the ratio is not above 1.1: it mostly runs the very code of the other.
    """
    losses = []
    for name in dict.fromkeys(record["case"] for record in records):
        mine = {r["way"]: r for r in records if r["case"] == name and r["over_first"]}
        exact = [r["over_first"] for way, r in mine.items() if way == REVERSE or way.startswith("forward")]
        if AUTO in mine and exact:
            losses.append([mine[AUTO][key] / min(exact) for key in ("over_first_low", "over_first")])
    return {"cases": len(losses), "right": sum(low <= 1.1 for low, _ in losses) / len(losses),
            "worst": max(middle for _, middle in losses)} if losses else None


def run(plan):
    """Measure `plan`; records, samples for pyperf and what follows from them."""
    sweep = Sweep(plan)
    records = sweep.run()
    found = {f"{layers} layers, batch {batch}": crossover_text(group) for (layers, batch), group in lines(records).items()}
    for name, sentence in found.items():
        print(f"crossover, {name}: {sentence}")
    return records, sweep.bench.samples, {"crossover": found, "auto": automatic(records)}


def chosen(extent, with_peers):
    """The plan of an extent: 0 smoke, 1 quick, 2 full."""
    return replace((SMOKE, QUICK, FULL)[extent], peers=with_peers)

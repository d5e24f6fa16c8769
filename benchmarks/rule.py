"""Does ``mode="auto"`` take the cheaper mode? Gradients and Jacobians of many shapes, each in both modes and by the rule."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import optree

import dualnet as dn
from dualnet.sweeps import Record

from . import objectives, problems
from .cases import Bench, Case, difference
from .timing import use_clock

TIE = 1.1        # modes this near to each other in time are equally cheap
RIGHT, WORST = 0.95, 1.5  # promised: the share of cases with the cheaper mode, and the most that a choice loses


@dataclass(frozen=True)
class Question:
    """A derivative that can be had in both modes: of ``f(x)`` by `x`, with `inputs` numbers in and `outputs` out."""

    kind: str
    f: Callable
    x: object
    note: str = ""

    @property
    def inputs(self):
        return sum(np.size(leaf) for leaf in optree.tree_leaves(self.x))

    @property
    def outputs(self):
        return np.size(self.f(self.x))


class Spy:
    """Which mode a derivative was really taken in: reverse where a cotangent was pulled along a recorded run."""

    def __init__(self, derivative):
        self.derivative = derivative

    def __call__(self, x):
        pull, pulled = Record.pull, []

        def seen(run, *args, **kwargs):
            pulled.append(run)
            return pull(run, *args, **kwargs)

        Record.pull = seen
        try:
            out = self.derivative(x)
        finally:
            Record.pull = pull
        self.mode = "reverse" if pulled else "forward"
        return out


def scalar_rosenbrock(x):
    """Rosenbrock's function in single numbers, as a loop."""
    total = 0.0
    for k in range(len(x) - 1):
        total = total + 100.0 * (x[k + 1] - x[k] ** 2) ** 2 + (1.0 - x[k]) ** 2
    return total


def predator_prey(p, steps=100):
    """Lotka and Volterra's equations in single numbers by Euler's method; rates (4,) to both numbers at the end."""
    u, v = 1.0, 0.5
    for _ in range(steps):
        u, v = u + 0.02 * (p[0] * u - p[1] * u * v), v + 0.02 * (p[2] * u * v - p[3] * v)
    return np.array([u, v])


def arm(angles):
    """Position of the end of a planar arm, in single numbers; (n,) to (2,)."""
    x = y = turn = 0.0
    for angle in angles:
        turn = turn + angle
        x, y = x + np.cos(turn), y + np.sin(turn)
    return np.array([x, y])


def outputs_of_network(p, widths, inputs):
    """What a network of tanh layers returns for `inputs`, by all parameters in one vector."""
    h, start = inputs, 0
    for fan_in, fan_out in zip(widths, widths[1:]):
        end = start + fan_in * fan_out
        h = np.tanh(h @ p[start:end].reshape(fan_in, fan_out) + p[end:end + fan_out])
        start = end + fan_out
    return h


def gradients():
    """Questions with one result."""
    rng = np.random.default_rng(0)
    for n in (1, 2, 3, 4, 6, 8, 16, 32, 100, 1000, 10**4):
        x = rng.uniform(0.5, 1.0, n)
        yield Question("elementwise, summed", lambda x: np.sum(np.sin(x) * np.exp(-x)), x)
        if n > 1:
            A = rng.standard_normal((n, n)) if n <= 1000 else None
            yield Question("local terms", problems.rosenbrock, x)
            if A is not None:
                yield Question("quadratic form", lambda x, A=A: x @ (A @ x), x)
            if n <= 100:
                yield Question("local terms, as a loop", scalar_rosenbrock, x)
                yield Question("arm, as a loop", lambda x: np.sum(arm(x) ** 2), x)
    for n, m in ((3, 100), (3, 10**4), (8, 100), (8, 10**4), (20, 1000), (50, 1000)):
        p, t = problems.bumps_parameters(n), problems.fit_times(m)
        yield Question("fit, sum of squares", lambda p, t=t: np.sum((problems.bumps(p, t) - 1.0) ** 2), p, f"{m:,} points")
    for n, batch in ((11, 1), (11, 32), (11, 1024), (100, 32), (1000, 32), (1000, 1), (10**4, 32)):
        widths = problems.widths_near(n)
        data = problems.mlp_data(widths, batch)
        yield Question("network", lambda p, data=data: problems.mlp_loss(p, *data), problems.mlp_parameters(widths), f"batch {batch}")
    yield Question("recurrence, 300 steps", partial(problems.logistic_map, steps=300), 3.4)
    yield Question("differential equation, 100 steps", lambda p: np.sum(predator_prey(p)), np.array([1.1, 0.4, 0.1, 0.4]))
    for size in ((1, 2, 50), (2, 5, 500)):
        parameters, *data = objectives.mixture_problem(*size)
        yield Question("Gaussian mixture", lambda p, data=data: objectives.mixture(p, *data), parameters, f"{size[2]} points")


def jacobians():
    """Questions with several results: tall, square, wide, dense and banded."""
    rng = np.random.default_rng(0)
    for n, m in ((3, 100), (8, 100), (8, 1000), (20, 500), (50, 100), (50, 500), (100, 300)):
        t = problems.fit_times(m)
        yield Question("fit", lambda p, t=t: problems.bumps(p, t), problems.bumps_parameters(n))
    dense = [(n, n) for n in (2, 4, 8, 16, 32, 64, 128, 300)]
    dense += [(8, 2), (16, 2), (16, 4), (32, 2), (32, 8), (64, 2), (64, 8), (64, 16), (64, 32), (200, 10), (200, 25), (200, 50), (200, 100)]
    dense += [(1000, 1), (1000, 10), (1000, 100), (1000, 250), (10**4, 5), (64, 300), (200, 600), (8, 1000)]
    for n, m in dense:
        x, A = problems.wide_point(n, m)
        yield Question("all coupled", lambda x, A=A: problems.wide(x, A), x)
    for n in (8, 32, 64, 200, 500):
        x = rng.uniform(-1, 1, n)
        yield Question("banded", problems.broyden, x)
        yield Question("elementwise", lambda x: np.exp(-x) * np.sin(x), x)
    for n, batch in ((11, 8), (100, 1), (100, 8), (100, 32), (1000, 1), (1000, 16), (1000, 50), (1000, 128)):
        widths = problems.widths_near(n)
        p, inputs = problems.mlp_parameters(widths), problems.mlp_data(widths, batch)[0]
        p = np.concatenate([np.ravel(w) for layer in p for w in layer])
        yield Question("network's outputs", lambda p, w=widths, x=inputs: outputs_of_network(p, w, x), p, f"batch {batch}")
    for n in (2, 6, 12, 40):
        yield Question("arm, as a loop", arm, rng.uniform(-1, 1, n))
    yield Question("differential equation, 100 steps", predator_prey, np.array([1.1, 0.4, 0.1, 0.4]))
    for count in (10, 100):
        theta, *data = objectives.hand_problem(count)
        yield Question("hand tracking", lambda t, data=data: objectives.hand(t, *data), theta)


def measured(bench, what, question):
    """Both modes and the rule on one question: a record with what was chosen and what the choice costs."""
    transform = dn.grad if what == "gradient" else dn.jacobian
    spy = Spy(transform(question.f))
    for _ in range(2):  # the mode of later runs, which a first one may have told
        spy(question.x)
    n, m = question.inputs, question.outputs
    ways = {mode: (lambda mode=mode: partial(transform(question.f, mode=mode), question.x)) for mode in ("auto", "forward", "reverse")}
    label = f"{question.kind}{', ' * bool(question.note)}{question.note}: {n:,} to {m:,}"
    # the two modes are independent readings of the table: each is the other's check
    truth = transform(question.f, mode="reverse" if spy.mode == "forward" else "forward")
    case = Case(f"rule, {what}", label, lambda: question.f(question.x), ways, lambda got: difference(got, truth(question.x)))
    found = {r["way"]: r for r in bench.run(case)}
    status = next((r["status"] for r in found.values() if r["status"] != "measured"), "measured")
    forward, reverse = (found[mode]["over_first"] for mode in ("forward", "reverse"))
    out = {"what": what, "kind": question.kind, "note": question.note, "inputs": n, "outputs": m, "chosen": spy.mode, "status": status}
    known = forward is not None and reverse is not None
    out["auto_s"] = found["auto"]["seconds"]
    out["forward_over_reverse"] = forward / reverse if known else None
    out["loses"] = 1 / min(forward, reverse) if known else None
    out["right"] = (forward / reverse if spy.mode == "forward" else reverse / forward) <= TIE if known else None
    return out


def run(seconds, every=1):
    """Every `every`-th question, `seconds` for each; records, and the samples of each for pyperf.

    By processor time: all ways are dualnet's own, of one thread, and differ by less than what other programs disturb.
    """
    bench = Bench(seconds, 60 * seconds, memory=False, show=False)
    questions = [("gradient", q) for q in gradients()] + [("jacobian", q) for q in jacobians()]
    records, before = [], use_clock("cpu")
    try:
        for what, question in questions[::every]:
            records.append(measured(bench, what, question))
            print(row(records[-1]), flush=True)
    finally:
        use_clock(before)
    return records, bench.samples


def row(record):
    """A record as one line."""
    if record["loses"] is None:
        return f"{record['what']:9} {record['kind']}: {record['status']}"
    mark = "" if record["right"] else "  dearer mode"
    mark += f"  loses {record['loses']:.2f}x" if record["loses"] > WORST else ""
    return (f"{record['what']:9} {record['inputs']:6} -> {record['outputs']:6}  forward/reverse {record['forward_over_reverse']:8.3g}  "
            f"takes {record['chosen']:8} {record['kind']} {record['note']}{mark}")


def summary(records):
    """The verdict: share of right choices and the largest loss, with their limits."""
    known = [r for r in records if r["loses"] is not None]
    share = sum(r["right"] for r in known) / len(known)
    worst = max(known, key=lambda r: r["loses"])
    return {"cases": len(known), "right": share, "right_least": RIGHT, "worst": worst["loses"], "worst_most": WORST,
            "worst_case": f"{worst['what']} of {worst['kind']} {worst['note']}, {worst['inputs']:,} to {worst['outputs']:,}",
            "passed": share >= RIGHT and worst["loses"] <= WORST}


def fitted(records):
    """The thresholds that would have lost least: gradients go forward up to so many inputs, Jacobians also where outputs are many.

    The Jacobian's rule is forward for up to `inputs` inputs, and for more where ``share * outputs >= inputs``. Of all
    thresholds tried, those with the largest share of right choices, and with the smallest loss among these.
    """
    gradients = [r for r in records if r["what"] == "gradient" and r["forward_over_reverse"]]
    jacobians = [r for r in records if r["what"] == "jacobian" and r["forward_over_reverse"]]
    upto = (0, 1, 2, 3, 4, 6, 8, 12, 16, 20, 32, 50, 64, 100)
    by_inputs = {n: verdict(gradients, lambda r, n=n: r["inputs"] <= n) for n in upto}
    by_both = {(n, q): verdict(jacobians, lambda r, n=n, q=q: r["inputs"] <= n or q * r["outputs"] >= r["inputs"])
               for n in upto for q in (0, 0.5, 1, 1.5, 2, 3, 4, 6, 8)}
    best = {}
    if gradients:
        n = max(by_inputs, key=by_inputs.get)
        best["gradient"] = {"inputs": n, "right": by_inputs[n][0], "worst": -by_inputs[n][1]}
    if jacobians:
        n, q = max(by_both, key=by_both.get)
        best["jacobian"] = {"inputs": n, "share": q, "right": by_both[n, q][0], "worst": -by_both[n, q][1]}
    return best


def verdict(records, forward):
    """Share of the records where a rule takes the cheaper mode, and minus the most that it loses."""
    losses = [max(1.0, r["forward_over_reverse"] if forward(r) else 1 / r["forward_over_reverse"]) for r in records]
    return sum(loss <= TIE for loss in losses) / max(len(losses), 1), -max(losses, default=1.0)

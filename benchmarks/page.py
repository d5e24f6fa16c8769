"""docs/benchmarks.md and its pictures, made from the folder of a recorded run."""

import json
from pathlib import Path

from . import cost, hazards, pictures, report, rule, timing

PICTURES = {"cost": ("cost.png", "cost-crossing.png"), "rule": ("cost-rule.png",), "shapes": ("benchmarks-shapes.png",),
            "adbench": ("benchmarks-adbench.png",)}

HEAD = """# Benchmarks

Speed depends on the machine, so what counts here are ratios of times measured side by side in one run: to the plain NumPy
function, and to other tools on the same function and data. Every derivative is compared with an independent one before it is timed.

```
pip install -e ".[bench]"
python -m benchmarks                 # everything below
python -m benchmarks cost            # or one section: cost, rule, shapes, adbench, figures
python -m benchmarks page DIR        # this page and its pictures, from a recorded run
```

| option | what it does |
|---|---|
| `--quick` | everything in under two minutes (longer with `--peers`) |
| `--smoke` | tiny sizes, everything in about 30 s; what the checks run |
| `--peers` | time whichever of jax, torch, autograd, casadi and advect are installed, too |
| `--only NAME` | shapes, adbench, figures: cases whose name contains NAME |
| `--out DIR` | where the tables (CSV, JSON, pyperf's JSON), `report.md` and the pictures go |
"""

METHOD = """## How it is measured

The callables of a comparison run interleaved, in a new random order each round, with the garbage collector off, for a given time; a
ratio is the median of the ratios within a round, its spread their quartiles. pyperf cannot do that: it times each benchmark in
processes of its own, one after the other, so that a machine that drifts shows up as a difference. Its format and its metadata
are used instead: `DIR/*.pyperf.json` holds every round of every callable, for `python -m pyperf stats`, `hist` and `compare_to`.
Peak memory is what NumPy and Python allocate above the start of a call; torch, JAX and CasADi have allocators of their own, which
are not seen. JAX is compiled before it is timed, CasADi built; their compile time is not counted. Where a tool has several ways, it
is called the way its users would take; *blocks by hand* means that the sparsity was worked out by the user, which dualnet
does not ask for. What is estimated from a smaller size, left out or too slow is said to be.
"""

WHY = """dualnet runs eagerly on NumPy. Every operation costs it one to a few microseconds of Python where NumPy itself takes a few
tenths, so on small arrays and single numbers it loses to what compiles the whole function (JAX after compiling, CasADi), and in
some problems to torch, whose tape is written in C++. Long elementwise chains on large arrays run fused in JAX, which reads and
writes memory once where NumPy does for each operation. Where a compiled tool fits the problem and its compile time does not
matter, take it.

What a ratio to JAX is depends on the processor: where NumPy has no AVX-512 its exp and log of double precision go number by
number, and JAX still has vectors. There the plain function of the fit takes NumPy longer (180 us for 10,000 points) than JAX its
whole Jacobian (150 us). On an Intel Xeon with AVX-512 the Jacobian of the fit by hand, with as few calls of NumPy as will do and
every result in memory made before, takes 18 us, 112 us and 39 ms for 250, 10^4 and 10^6 points, and JAX 57 us, 141 us and 25 ms
on two cores, 23 us, 121 us and 36 ms on one: 0.8 times of that leaves each of the 27 operations of the function, for NumPy,
Python and the derivative together, little more than a microsecond."""

OTHERS = """The objectives of ADBench and the figures were measured once more on later code than the other sections.

Other runs, 2 cores each: of earlier code on other processors, and of newer code on the Xeon of this page with newer versions
(Python 3.12.1, NumPy 2.5.5, SciPy 1.18.1, JAX 0.12.0.1, torch 2.14.1, autograd 1.9.1, advect 0.3.1, which needs Python 3.12).

| what | at most | AMD EPYC | AMD EPYC without AVX-512 | Xeon, newer versions |
| --- | --- | --- | --- | --- |
| `jvp` per operation, x*y and np.exp(x) | 7x, 6x | 5.36x, 4.00x | 5.42x, 2.89x | 5.60x, 4.09x |
| fit over JAX, 250 points | 0.8x | 0.71x | 1.96x: missed | 1.42x: missed |
| fit over JAX, 10^4 points | 1.2x | 1.07x | 2.71x: missed | 1.97x: missed |
| fit over JAX, 10^6 points | 1.5x | 1.21x | 1.72x: missed | 2.25x: missed |
| Rosenbrock gradient by forward mode over autograd | 0.5x | 0.36x | 0.42x | 0.495x |
| reaction-diffusion over hand-written ELLPACK; differences over dualnet | 3x; 3x or more | 2.42x; 16.4x | 2.35x; 15.4x | 2.28x; 13.5x |
| MLP over hand-written, small | 3.0x | 3.05x: missed | 2.95x | 3.27x: missed |
| MLP over hand-written, middle | 1.4x | 1.33x | 1.25x | 1.52x: missed |
| MLP over hand-written, large | 1.2x | 1.06x | 1.06x | 1.13x |
| MLP over autograd, three sizes | 1x | 0.19x, 0.40x, 0.46x | 0.23x, 0.40x, 0.41x | 0.20x, 0.37x, 0.38x |
| MLP over torch, two sizes | 1x | 0.60x, 0.56x | 0.70x, 0.88x | 0.85x, 0.92x |
| MLP over advect, three sizes | 1x | – | – | 0.07x, 0.27x, 0.81x |
| ADBench mixture over autograd and torch | 1x | 0.74x, 0.77x | 0.75x, 0.95x | 0.66x, 0.94x |
| ADBench bundle over autograd and torch | 1x | 0.81x, 0.85x | 0.80x, 0.85x | 0.81x, 0.98x |
| ADBench hand over autograd and torch | 1x | 0.05x, 0.95x | 0.05x, 1.00x | 0.04x, 0.74x |
| Hessian-vector product over gradient, Rosenbrock and MLP | 2.5x | 2.48x, 2.43x | 2.64x: missed; 2.11x | 2.46x, 2.87x: missed |
| logistic map over Python's floats | 12x | 10.5x | 10.4x | 7.23x |

"""


def load(results, section):
    """The recorded section, or None."""
    path = Path(results) / f"{section}.json"
    return json.loads(path.read_text()) if path.exists() else None


def draw(results, out):
    """Draw the pictures of the recorded sections into the folder `out`."""
    found = load(results, "cost")
    if found:
        groups = cost.lines(found["records"])
        records = max(groups.values(), key=len)
        pictures.draw_cost(out / "cost.png", records, cost.crossover(records), cost.crossover_text(records))
        pictures.draw_ratio(out / "cost-crossing.png", groups, "forward", cost.REVERSE)
    found = load(results, "rule")
    if found:
        pictures.draw_rule(out / "cost-rule.png", found["records"])
    for section, title in (("shapes", "Shapes of problem"), ("adbench", "The objectives of ADBench")):
        found = load(results, section)
        if found and any(r["over_first"] and r["way"] != "dualnet" for r in found["records"]):
            pictures.draw_beside(out / f"benchmarks-{section}.png", found["records"], title)


def publish(results, docs):
    """Write the pages and copy their pictures into the folder `docs`; of hazards where they were run, and of costs where those were."""
    found = load(results, "hazards")
    if found:
        (docs / "hazards.md").write_text(hazards.page(found))
        print(f"written: {docs / 'hazards.md'}")
    if not any(load(results, section) for section in TITLES):
        return
    draw(results, docs / "images")
    (docs / "benchmarks.md").write_text(text(results, "images/"))
    print(f"written: {docs / 'benchmarks.md'} and its pictures")


def text(results, images):
    """The page as Markdown; `images` is put before the names of pictures."""
    parts = [HEAD, recorded(results)]
    writers = {"cost": cost_part, "rule": rule_part, "shapes": cases_part, "adbench": cases_part, "figures": figures_part}
    for section, write in writers.items():
        found = load(results, section)
        if found:
            parts.append(f"## {TITLES[section]}\n\n{INTRODUCTIONS[section]}\n")
            parts += [f"![{TITLES[section]}]({images}{name})\n" for name in PICTURES.get(section, ()) if drawn(name, found)]
            parts.append(write(found))
    parts += [losses_part(results), METHOD]
    return "\n".join(parts)


def drawn(name, found):
    """Whether a picture of a section is there: other tools are needed to draw a comparison."""
    return not name.startswith("benchmarks") or any(r["over_first"] and r["way"] != "dualnet" for r in found["records"])


TITLES = {"cost": "Cost per parameter", "rule": "Does `mode=\"auto\"` take the cheaper mode?", "shapes": "Shapes of problem",
          "adbench": "The objectives of ADBench", "figures": "Every promised figure"}
INTRODUCTIONS = {
    "cost": "One gradient of the loss of a tanh network, by every way there is to it. Ratios are to the plain forward pass.",
    "rule": "Gradients and Jacobians of many shapes, each by both modes and by the rule of [modes](modes.md). A choice counts as right "
    f"when the other mode is not more than {rule.TIE - 1:.0%} cheaper.",
    "shapes": "Columns with the name of a tool are its time over dualnet's: above 1 the tool is slower.",
    "adbench": "Gaussian mixture, bundle adjustment, hand tracking and LSTM (Srajer, Kukelova and Fitzgibbon 2018, \"A benchmark of "
    "selected algorithmic differentiation tools\"), written afresh in NumPy from their definitions, on generated data of the suite's "
    "sizes. Columns with the name of a tool are its time over dualnet's.",
    "figures": "What the project promises, beside what was measured.",
}


def recorded(results):
    """The machine and the versions of the run."""
    found = next((found for found in (load(results, section) for section in TITLES) if found), None)
    if found is None:
        raise SystemExit(f"no recorded section in {results}; run python -m benchmarks --out {results} first")
    return f"## The recorded run\n\n{report.machine_text(found['machine'])}.\n"


def ratio(value):
    """A ratio with two or three digits, without an exponent."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}" if value >= 1 else f"{value:.2g}"


# ---------------------------------------------------------------- cost


def cost_part(found):
    """Tables of time and memory over plain by way and size, for each depth and batch, and the crossover."""
    parts = []
    for (layers, batch), records in cost.lines(found["records"]).items():
        sizes = sorted({r["parameters"] for r in records})
        head = ("gradient by", *(f"{n:,}" for n in sizes))
        rows = [[way, *(cost_cell(records, way, n) for n in sizes)] for way in dict.fromkeys(r["way"] for r in records)]
        rows = [row for row in rows if any(row[1:])]
        parts.append(f"{layers} layers, batch {batch}; time over plain by number of parameters, in brackets peak memory over plain; "
                     f"~ estimated, not run\n\n{report.markdown(head, rows)}\n")
    largest = max(cost.lines(found["records"]).values(), key=len)
    parts.insert(1, per_parameter(largest))
    sentences = [f"- {name}: {sentence}" for name, sentence in found["crossover"].items()]
    parts.append("Where forward and reverse cross:\n\n" + "\n".join(sentences) + "\n")
    auto = cost.automatic(found["records"])
    if auto:
        parts.append(f"`mode=\"auto\"` costs no more than the cheapest exact way of either mode, within 10% and the spread, in "
                     f"{auto['right']:.0%} of these {auto['cases']} networks (to be at least 95%), and at worst "
                     f"{auto['worst']:.2f} times (at most 1.5).\n")
    return "\n".join(parts)


def pick(records, way, n):
    """The record of a way at a size, or None."""
    return next((r for r in records if r["way"] == way and r["parameters"] == n), None)


def cost_cell(records, way, n):
    """Time over plain and, in brackets, memory over plain."""
    found = pick(records, way, n)
    if not found or not found["over_plain"]:
        return "" if not found or found["status"] == "not installed" else "–"
    memory = pictures.memory(found)
    more = f" ({ratio(memory)})" if memory else ""
    return f"{'~' * (found['status'] != 'measured')}{ratio(found['over_plain'])}{more}"


def per_parameter(records):
    """The same, of the ways whose cost grows, divided by the number of parameters."""
    sizes = sorted({r["parameters"] for r in records})
    rows = []
    for way in dict.fromkeys(r["way"] for r in records):
        cells = [pick(records, way, n) for n in sizes]
        rows.append([way, *(each(r) if r and r["over_plain"] and r["status"] == "measured" else "" for r in cells)])
    rows = [row for row in rows if any(row[1:])]
    return ("The same for one parameter: time over plain / parameters, in brackets peak memory above plain, bytes per parameter\n\n"
            + report.markdown(("gradient by", *(f"{n:,}" for n in sizes)), rows) + "\n")


def each(record):
    """Cost over plain for one parameter."""
    n = record["parameters"]
    memory = "" if record["peak_bytes"] is None else f" ({max(record['peak_bytes'] - record['plain_peak_bytes'], 0) / n:,.0f})"
    return f"{record['over_plain'] / n:.2g}{memory}"


# ---------------------------------------------------------------- rule


def rule_part(found):
    """What was promised of the rule, what was found, and the thresholds that lose least."""
    s, fitted = found["summary"], found["fitted"]
    lines = [
        f"`mode=\"auto\"` takes the cheaper mode in {s['right']:.0%} of {s['cases']} cases (to be at least {s['right_least']:.0%}) and "
        f"at worst takes {s['worst']:.2f} times the cheaper mode's time (at most {s['worst_most']}): {s['worst_case']}.", ""]
    for what, best in fitted.items():
        share = f", and for more where {best['share']:g} times the outputs reach the inputs" if "share" in best else ""
        lines.append(f"- of all rules by numbers alone, the best for a {what} is forward for up to {best['inputs']} inputs{share}: right "
                     f"in {best['right']:.0%} of the cases, at worst {best['worst']:.2f} times.")
    head = ("", "inputs", "outputs", "forward / reverse", "auto takes", "auto / cheaper")
    rows = [(f"{r['what']}, {r['kind']}" + f", {r['note']}" * bool(r["note"]), f"{r['inputs']:,}", f"{r['outputs']:,}",
             ratio(r["forward_over_reverse"]), r["chosen"] + " (dearer)" * (not r["right"]), f"{r['loses']:.2f}")
            for r in found["records"] if r["loses"] is not None]
    return "\n".join(lines) + "\n\n" + report.markdown(head, rows) + "\n"


# ---------------------------------------------------------------- cases


def cases_part(found):
    """A table for each kind of problem: dualnet's time, its ratio to plain, and the other ways over dualnet."""
    parts = []
    for section in dict.fromkeys(r["section"] for r in found["records"]):
        mine = [r for r in found["records"] if r["section"] == section]
        ways = list(dict.fromkeys(r["way"] for r in mine if r["way"] != "dualnet" and r["status"] != "not installed"))
        head = ("", "dualnet", "over plain", "peak memory", *ways)
        rows = []
        for case in dict.fromkeys(r["case"] for r in mine):
            by = {r["way"]: r for r in mine if r["case"] == case}
            rows.append((case, *ours(by["dualnet"]), *(theirs(by.get(way)) for way in ways)))
        parts.append(f"**{section}**\n\n{report.markdown(head, rows)}\n")
    return "\n".join(parts)


def ours(record):
    """Time, ratio to plain and memory of dualnet's own way."""
    if record["seconds"] is None:
        return record["status"], "", ""
    memory = "" if record["peak_bytes"] is None else f"{record['peak_bytes'] / 1e6:.3g} MB"
    return timing.human_seconds(record["seconds"]), f"{ratio(record['over_plain'])}", memory


def theirs(record):
    """Another way's time over dualnet's, with quartiles, or why there is none."""
    if record is None or record["status"] == "not installed":
        return ""
    if record["over_first"] is None:
        return record["status"].split(":")[0] + ":" * (":" in record["status"]) + record["status"].partition(":")[2][:40]
    return f"{ratio(record['over_first'])} [{ratio(record['over_first_low'])}, {ratio(record['over_first_high'])}]"


# ---------------------------------------------------------------- figures and losses


def figures_part(found):
    """Every promise, its target and what was measured."""
    verdicts = {"pass": "met", "FAIL": "missed"}
    rows = [(f["name"], f["target"], f["measured"], verdicts.get(f["verdict"], f["verdict"])) for f in found["figures"]]
    met = sum(row[3] == "met" for row in rows)
    return f"{met} of {len(rows)} met.\n\n" + report.markdown(("what", "target", "measured", ""), rows) + "\n"


def losses_part(results):
    """Where another tool was faster, from the records, and why."""
    rows = []
    for section in ("adbench", "shapes"):
        for r in (load(results, section) or {"records": []})["records"]:
            if r["over_first"] and not r["way"].startswith("dualnet") and r["over_first_high"] < 1:
                rows.append((r["section"], r["case"], r["way"], ratio(1 / r["over_first"])))
    rows.sort(key=lambda row: -float(row[3]))
    missed = [f["name"] for f in (load(results, "figures") or {"figures": []})["figures"] if f["verdict"] == "FAIL"]
    parts = ["## Where dualnet loses", "", WHY, ""]
    if missed:
        parts += ["Promised figures that the recorded run missed: " + "; ".join(missed) + ".", ""]
    parts.append(OTHERS)
    if rows:
        parts += [f"In the recorded run {len(rows)} measured ways were faster, by their upper quartiles too:", "",
                  report.markdown(("problem", "size", "by", "times faster"), rows), ""]
    return "\n".join(parts)

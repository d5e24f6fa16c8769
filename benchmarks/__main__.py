"""Command line of the benchmarks: ``python -m benchmarks [cost|rule|shapes|adbench|figures|hazards] [--quick] [--out DIR]``."""

import argparse
import os
import sys
import time
from pathlib import Path

SECTIONS = ("cost", "rule", "shapes", "adbench", "figures", "hazards")
HERE = Path(__file__).parent


def parser():
    """The options; times are in seconds."""
    options = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="What a derivative costs: per parameter (cost), by the rule of mode='auto' (rule), on problems of many shapes "
        "(shapes), on the objectives of ADBench (adbench), every promised figure beside its target (figures), and "
        "who is right on inputs where tools go wrong (hazards); all of them by default. 'page DIR' writes docs/benchmarks.md, its "
        "pictures and docs/hazards.md from a recorded run.",
    )
    options.add_argument("what", nargs="?", default="all", choices=("all", *SECTIONS, "page"))
    options.add_argument("results", nargs="?", type=Path, help="page: the folder of a recorded run")
    extent = options.add_mutually_exclusive_group()
    extent.add_argument("--quick", dest="extent", action="store_const", const=1, default=2, help="everything in under two minutes")
    extent.add_argument("--smoke", dest="extent", action="store_const", const=0, help="tiny sizes, everything in about 30 s; for CI")
    options.add_argument(
        "--threads",
        type=int,
        default=1,
        metavar="N",
        help="threads of the BLAS and OpenMP pools (default 1: pools that spin spoil each other's times; 0: each library's own choice)",
    )
    options.add_argument("--jax-inline", action="store_true", help="JAX without the threads it hands every call to by default")
    options.add_argument(
        "--clock",
        default="wall",
        choices=("wall", "cpu"),
        help="cpu: processor time, steadier on a busy machine (default: wall)",
    )
    options.add_argument("--peers", action="store_true", help="time the other installed tools too")
    options.add_argument("--only", default="", metavar="NAME", help="shapes, adbench, figures: part of a name")
    options.add_argument(
        "--out", type=Path, default=HERE / "results", metavar="DIR", help="folder to write to (default: results/ beside this file)")
    return options


POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def limit_threads(threads, jax_inline):
    """Tell the thread pools their sizes; to be called before NumPy is imported."""
    if threads:
        os.environ.update(dict.fromkeys(POOLS, str(threads)))
    if jax_inline:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()
        os.environ["JAX_CPU_ENABLE_ASYNC_DISPATCH"] = "false"
        os.environ["NPROC"] = "1"


def run_cost(chosen):
    """Cost per parameter; True where every derivative was right."""
    from . import cost, report

    records, samples, found = cost.run(cost.chosen(chosen.extent, chosen.peers))
    report.write_section(chosen.out, "cost", records, samples, **found)
    return sound(records)


def run_rule(chosen):
    """The rule of ``mode="auto"``."""
    from . import report, rule

    records, samples = rule.run((0.01, 0.05, 0.3)[chosen.extent], (8, 2, 1)[chosen.extent])
    found = {"summary": rule.summary(records), "fitted": rule.fitted(records)}
    print(*(f"{key}: {value}" for key, value in found.items()), sep="\n")
    report.write_section(chosen.out, "rule", records, samples, **found)
    return sound(records)


def run_cases(chosen):
    """Shapes of problem, or the objectives of ADBench."""
    from . import adbench, cases, report, shapes

    bench = cases.Bench((0.05, 0.4, 2.0)[chosen.extent], (0.5, 2.0, 15.0)[chosen.extent])
    for case in {"shapes": shapes, "adbench": adbench}[chosen.what].cases(chosen.extent):
        if chosen.only.lower() in f"{case.section}, {case.label}".lower():
            bench.run(case if chosen.peers else cases.without_peers(case))
    report.write_section(chosen.out, chosen.what, bench.records, bench.samples)
    return sound(bench.records)


def run_figures(chosen):
    """Every promised figure."""
    from . import figures

    done = figures.run(chosen.out, seconds=(0.05, 0.2, 3.0)[chosen.extent], only=chosen.only)
    return not any(figure.verdict == "ERROR" for figure in done)


def run_hazards(chosen):
    """Inputs on which tools go wrong, with all that are installed; True where dualnet is silently wrong on none."""
    from . import hazards, peers, report

    records = hazards.run()
    report.write_section(chosen.out, "hazards", records, None)
    print(hazards.tables(records, peers.versions()))
    return not any(r["verdict"] == "wrong" for r in records if r["tool"] == "dualnet")


def sound(records):
    """Whether none of dualnet's ways failed or was wrong; another tool's failure is recorded, not ours to judge."""
    from . import peers

    return not any(
        record["status"].startswith("error") and not record.get("way", "").startswith((*peers.TOOLS, "SymPy")) for record in records)


RUNS = {"cost": run_cost, "rule": run_rule, "shapes": run_cases, "adbench": run_cases, "figures": run_figures, "hazards": run_hazards}


def main(arguments=None):
    """Run the benchmark; 0 unless a derivative was wrong or could not be computed."""
    chosen = parser().parse_args(arguments)
    limit_threads(chosen.threads, chosen.jax_inline)
    from . import page, timing

    if chosen.what == "page":
        page.publish(chosen.results or chosen.out, HERE.parent / "docs")
        return 0
    timing.use_clock(chosen.clock)
    fine = True
    for section in SECTIONS if chosen.what == "all" else (chosen.what,):
        print(f"\n== {section}", flush=True)
        chosen.what, start = section, time.perf_counter()
        fine &= RUNS[section](chosen)
        print(f"== {section}: {time.perf_counter() - start:.0f} s", flush=True)
    if chosen.what == "hazards" and not (chosen.out / "cost.json").exists():
        return int(not fine)  # a page of its own, and no costs
    page.draw(chosen.out, chosen.out)
    (chosen.out / "report.md").write_text(page.text(chosen.out, ""))
    print(f"written to {chosen.out}: report.md, pictures, and a table of each section as CSV and JSON")
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main())

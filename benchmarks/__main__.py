"""Command line of the benchmarks: ``python -m benchmarks [figures] [--quick] [--out DIR]``."""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path


def parser():
    """The options; times are in seconds."""
    options = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Cost of a derivative per parameter, forward against reverse (default), "
        "or every promised figure beside its target (figures).",
    )
    options.add_argument("what", nargs="?", default="cost", choices=("cost", "figures"))
    extent = options.add_mutually_exclusive_group()
    extent.add_argument("--quick", action="store_true", help="under two minutes")
    extent.add_argument("--smoke", action="store_true", help="tiny sizes, under 20 s; for CI")
    options.add_argument(
        "--threads",
        type=int,
        default=1,
        metavar="N",
        help="threads of the BLAS and OpenMP pools (default 1: pools that spin spoil each other's times; 0: each library's own choice)",
    )
    options.add_argument(
        "--jax-inline",
        action="store_true",
        help="JAX without the threads it hands every call to by default",
    )
    options.add_argument(
        "--clock",
        default="wall",
        choices=("wall", "cpu"),
        help="cpu: processor time, steadier on a busy machine (default: wall)",
    )
    options.add_argument("--peers", action="store_true", help="time the other installed tools too")
    options.add_argument("--only", default="", metavar="NAME", help="figures: part of a row's name")
    options.add_argument(
        "--out",
        type=Path,
        default=Path(__file__).parent / "results",
        metavar="DIR",
        help="folder to write to (default: results/ beside this file)",
    )
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


def main(arguments=None):
    """Run the benchmark; 0 unless a derivative was wrong or could not be computed."""
    chosen = parser().parse_args(arguments)
    limit_threads(chosen.threads, chosen.jax_inline)
    from . import timing

    timing.use_clock(chosen.clock)
    if chosen.what == "figures":
        from . import figures

        seconds = 0.2 if chosen.smoke else 0.8 if chosen.quick else 3.0
        done = figures.run(chosen.out, seconds=seconds, only=chosen.only)
        return int(any(figure.verdict == "ERROR" for figure in done))
    from . import cost

    plan = cost.SMOKE if chosen.smoke else cost.QUICK if chosen.quick else cost.FULL
    return int(not cost.run(replace(plan, peers=chosen.peers), chosen.out))


if __name__ == "__main__":
    sys.exit(main())

"""Turning measurements into text, Markdown, CSV and JSON, pyperf's format among it."""

import csv
import json
import os
import platform

import numpy as np

import dualnet.dual as core

from . import peers, timing


def machine():
    """What the figures were measured on: processor, load, threads, versions."""
    inline = os.environ.get("JAX_CPU_ENABLE_ASYNC_DISPATCH") == "false"
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "simd": numpy_simd(),
        "threads": os.environ.get("OMP_NUM_THREADS", "default"),
        "clock": timing.chosen_clock,
        "jax": "inline" if inline else "default threads",
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "core": "plain Python" if core.__file__.endswith(".py") else "compiled",
        "packages": peers.versions(),
    }


def processor():
    """Name of the processor, as the system tells it."""
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def numpy_simd():
    """The vector instructions that NumPy has found here, beyond what it is built for: by these its exp and log differ by factors."""
    return np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])


def machine_text(found=None):
    """`machine` (or what it was when `found` was recorded) as one line."""
    found = found or machine()
    packages = ", ".join(f"{name} {version}" for name, version in found["packages"].items())
    busy = (found["load"] or 0) > found["cores"] / 2
    load = f"load {found['load']}" + " (busy: ratios will scatter)" * busy
    simd = f", NumPy's vectors {' '.join(found['simd']) or 'none'}" if "simd" in found else ""
    where = (
        f"{found['processor']}, {found['cores']} cores{simd}, {load}, {found['clock']} clock, BLAS and OpenMP "
        f"threads {found['threads']}, JAX {found['jax']}, {found['system']}"
    )
    core_is = f", dualnet's core {found['core']}" if "core" in found else ""
    return f"{where}; Python {found['python']}{core_is}; {packages}"


def markdown(head, rows):
    """A Markdown table; cells are text."""
    cells = [[str(cell).replace("|", "\\|") for cell in row] for row in (head, *rows)]
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    return "\n".join([lines[0], "|" + " --- |" * len(head), *lines[1:]])


def columns(head, rows):
    """A plain text table with aligned columns; all but the first are set flush right."""
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[k]) for row in cells) for k in range(len(head))]
    lines = []
    for row in cells:
        first = row[0].ljust(widths[0])
        rest = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        lines.append("  ".join([first, *rest]).rstrip())
    return "\n".join(lines)


def write_csv(path, records):
    """Write a list of flat dicts as CSV; a key that some lack is left empty there."""
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(dict.fromkeys(key for record in records for key in record)))
        writer.writeheader()
        writer.writerows(records)


def write_json(path, content):
    """Write `content` with the machine it was measured on as JSON (inf and NaN as text)."""
    text = json.dumps({"machine": machine(), **content})
    path.write_text(json.dumps(json.loads(text, parse_constant=str), indent=1) + "\n")


def write_pyperf(path, samples):
    """Write ``{name: seconds of each round}`` in pyperf's format, with the system's metadata as it collects them.

    ``python -m pyperf stats``, ``hist`` and ``compare_to`` read the file. Nothing is written, and False
    returned, where pyperf is not installed.
    """
    try:
        import pyperf
    except ImportError:
        return False
    metadata = pyperf.Run([1.0], metadata={"name": "none"}, collect_metadata=True).get_metadata()
    common = {key: value for key, value in metadata.items() if key not in ("name", "date", "duration", "uptime", "boot_time")}
    runs = [pyperf.Run([float(v) for v in values], metadata={**common, "name": name, "unit": "second"}, collect_metadata=False)
            for name, values in samples.items()]
    pyperf.BenchmarkSuite([pyperf.Benchmark([run]) for run in runs]).dump(str(path), replace=True)
    return True


def write_section(out, name, records, samples, **more):
    """Write ``name.json``, ``name.csv`` and, with pyperf, ``name.pyperf.json`` into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    write_csv(out / f"{name}.csv", records)
    write_json(out / f"{name}.json", {**more, "records": records})
    if samples:
        write_pyperf(out / f"{name}.pyperf.json", samples)

"""Turning measurements into text, Markdown, CSV, JSON and a picture."""

import csv
import json
import os
import platform

from . import peers, timing


def machine():
    """What the figures were measured on: processor, load, threads, versions."""
    inline = os.environ.get("JAX_CPU_ENABLE_ASYNC_DISPATCH") == "false"
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": os.environ.get("OMP_NUM_THREADS", "default"),
        "clock": timing.chosen_clock,
        "jax": "inline" if inline else "default threads",
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
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


def machine_text():
    """`machine` as one line."""
    found = machine()
    packages = ", ".join(f"{name} {version}" for name, version in found["packages"].items())
    busy = (found["load"] or 0) > found["cores"] / 2
    load = f"load {found['load']}" + " (busy: ratios will scatter)" * busy
    where = (
        f"{found['processor']}, {found['cores']} cores, {load}, {found['clock']} clock, BLAS and OpenMP "
        f"threads {found['threads']}, JAX {found['jax']}, {found['system']}"
    )
    return f"{where}; Python {found['python']}; {packages}"


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
    """Write a list of flat dicts with the same keys as CSV."""
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(records[0]))
        writer.writeheader()
        writer.writerows(records)


def write_json(path, content):
    """Write `content` with the machine it was measured on as JSON (inf and NaN as text)."""
    text = json.dumps({"machine": machine(), **content})
    path.write_text(json.dumps(json.loads(text, parse_constant=str), indent=1) + "\n")


def draw_method(axes, records, label, style):
    """Draw one method's records: measured filled and joined, estimated hollow and dashed."""
    done = [(r["parameters"], r["over_plain"]) for r in records if r["status"] == "measured"]
    guessed = [(r["parameters"], r["over_plain"]) for r in records if r["status"] != "measured"]
    if done:
        axes.plot(*zip(*done, strict=True), label=label, **style)
    if guessed:
        joined = done[-1:] + guessed
        axes.plot(*zip(*joined, strict=True), "--", color=style["color"], linewidth=0.8)
        axes.plot(*zip(*guessed, strict=True), linestyle="", mfc="white", **style)


def plot_cost(path, records, crossing, order, sentence):
    """Draw time over the plain pass against the number of parameters, both logarithmic.

    Parameters
    ----------
    path : path
        PNG to write.
    records : list of dict
        With keys ``method``, ``parameters``, ``over_plain`` (no unit) and ``status``.
    crossing : float or None
        Number of parameters at which reverse becomes cheaper than forward; drawn when known.
    order : list of str
        Methods in the order of the legend. Estimates are drawn hollow and dashed.
    sentence : str
        What the picture shows; its second line.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8.5, 5.5), layout="constrained")
    for number, method in enumerate(order):
        style = {"color": f"C{number % 10}", "marker": "osD^vPX"[number % 7], "markersize": 5}
        draw_method(axes, [r for r in records if r["method"] == method], method, style)
    if crossing:
        axes.axvline(crossing, color="0.5", linestyle=":")
    axes.set(xscale="log", yscale="log", xlabel="parameters of the network")
    axes.set_ylabel("gradient's time / plain pass's time")
    figure.suptitle("Cost of one gradient of a multilayer perceptron (hollow: estimated, not run)")
    axes.set_title(sentence, fontsize=9, color="0.35")
    axes.grid(True, which="major", color="0.9")
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figure.savefig(path, dpi=130)
    pyplot.close(figure)

"""The pictures: cost per parameter, the rule of ``mode="auto"``, and dualnet beside the other tools."""

import math

STYLES = "osD^vPX*"
COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2",
           "#7f7f7f", "#bcbd22", "#17becf", "#000080", "#808000")


def pyplot():
    """Matplotlib's pyplot, drawing to files only."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def style(number):
    """The look of the `number`-th line of a picture."""
    return {"color": COLOURS[number % 12], "marker": STYLES[number % 8], "markersize": 4.5, "linewidth": 1.2}


def draw_way(axes, records, label, look, value):
    """Draw one way's records: measured filled and joined, estimated hollow and dashed."""
    points = sorted((r["parameters"], value(r), r["status"] == "measured") for r in records if value(r))
    done = [(n, v) for n, v, measured in points if measured]
    guessed = [(n, v) for n, v, measured in points if not measured]
    if done:
        axes.plot(*zip(*done, strict=True), label=label, **look)
    if guessed:
        axes.plot(*zip(*done[-1:], *guessed, strict=True), "--", color=look["color"], linewidth=0.8)
        axes.plot(*zip(*guessed, strict=True), linestyle="", **{**look, "markerfacecolor": "white"})


def memory(record):
    """Peak memory over that of the plain pass."""
    return record["peak_bytes"] and record["peak_bytes"] / max(record["plain_peak_bytes"], 1)


def draw_cost(path, records, crossing, sentence):
    """Time and peak memory over the plain pass against the number of parameters, of networks of one depth and batch.

    Parameters
    ----------
    path : path
        PNG to write.
    records : list of dict
        From `cost.run`, of one depth and batch.
    crossing : float or None
        Number of parameters at which reverse becomes cheaper than forward; drawn when known.
    sentence : str
        What the picture shows; its second line.
    """
    plt = pyplot()
    figure, panels = plt.subplots(1, 2, figsize=(12, 5.2), layout="constrained")
    ways = [way for way in dict.fromkeys(r["way"] for r in records) if any(r["over_plain"] for r in records if r["way"] == way)]
    for axes, value, what in zip(panels, (lambda r: r["over_plain"], memory), ("time", "peak memory")):
        for number, way in enumerate(ways):
            draw_way(axes, [r for r in records if r["way"] == way], way, style(number), value)
        axes.set(xscale="log", yscale="log", xlabel="parameters of the network", ylabel=f"gradient's {what} / plain pass's {what}")
        axes.grid(True, which="major", color="0.9")
        if crossing:
            axes.axvline(crossing, color="0.5", linestyle=":")
    figure.legend(*panels[0].get_legend_handles_labels(), fontsize=8, loc="outside right upper")
    figure.suptitle(f"Cost of one gradient of a network, batch {records[0]['batch']} (hollow: estimated, not run)\n{sentence}", fontsize=10)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def draw_ratio(path, groups, forward, reverse):
    """The cheapest forward way over reverse, against the number of parameters, a line for each depth and batch."""
    plt = pyplot()
    figure, axes = plt.subplots(figsize=(7.5, 4.6), layout="constrained")
    for number, ((layers, batch), records) in enumerate(groups.items()):
        ahead, back = {}, {}
        for r in records:
            if r["over_plain"] and r["way"].startswith(forward):
                ahead[r["parameters"]] = min(r["over_plain"], ahead.get(r["parameters"], math.inf))
            elif r["over_plain"] and r["way"] == reverse:
                back[r["parameters"]] = r["over_plain"]
        points = [(n, ahead[n] / back[n]) for n in sorted(ahead.keys() & back.keys())]
        if points:
            axes.plot(*zip(*points), label=f"{layers} layers, batch {batch}", **style(number))
    axes.axhline(1.0, color="0.3", linewidth=1.0)
    axes.set(xscale="log", yscale="log", xlabel="parameters of the network", ylabel="cheapest exact forward way / reverse")
    axes.set_title("Where forward and reverse cross: below the line forward is cheaper", fontsize=10)
    axes.grid(True, which="major", color="0.9")
    axes.legend(fontsize=8, loc="upper left")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def draw_rule(path, records):
    """Forward over reverse of every question of the rule, by inputs and outputs; crosses mark what ``auto`` takes wrongly."""
    plt = pyplot()
    from matplotlib.colors import LogNorm

    figure, panels = plt.subplots(1, 2, figsize=(12, 4.8), layout="constrained")
    known = [r for r in records if r["forward_over_reverse"]]
    gradients = [r for r in known if r["what"] == "gradient"]
    kinds = list(dict.fromkeys(r["kind"] for r in gradients))
    for number, kind in enumerate(kinds):
        mine = sorted((r["inputs"], r["forward_over_reverse"]) for r in gradients if r["kind"] == kind)
        panels[0].plot(*zip(*mine), label=kind, **style(number))
    panels[0].axhline(1.0, color="0.3", linewidth=1.0)
    panels[0].set(xscale="log", yscale="log", xlabel="inputs", ylabel="forward / reverse", title="gradients")
    panels[0].legend(fontsize=7)
    jacobians = [r for r in known if r["what"] == "jacobian"]
    where = [[r["inputs"] for r in jacobians], [r["outputs"] for r in jacobians]]
    dots = panels[1].scatter(*where, c=[r["forward_over_reverse"] for r in jacobians], norm=LogNorm(0.1, 10), cmap="RdBu_r", s=45,
                             edgecolors="0.5", linewidths=0.5)
    wrong = [(r["inputs"], r["outputs"]) for r in jacobians if not r["right"]]
    if wrong:
        panels[1].plot(*zip(*wrong), "kx", label="auto takes the dearer mode")
        panels[1].legend(fontsize=8)
    panels[1].set(xscale="log", yscale="log", xlabel="inputs", ylabel="outputs", title="Jacobians (blue: forward cheaper)")
    figure.colorbar(dots, ax=panels[1], label="forward / reverse")
    for axes in panels:
        axes.grid(True, which="major", color="0.93", zorder=0)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def draw_beside(path, records, title):
    """Every tool's time over dualnet's in every case; right of the line the tool is slower."""
    plt = pyplot()
    cases = list(dict.fromkeys((r["section"], r["case"]) for r in records))
    ways = list(dict.fromkeys(r["way"] for r in records if r["over_first"] and r["way"] != "dualnet"))
    figure, axes = plt.subplots(figsize=(10, 1.5 + 0.42 * len(cases)), layout="constrained")
    for number, way in enumerate(ways):
        mine = [(r["over_first"], cases.index((r["section"], r["case"]))) for r in records if r["way"] == way and r["over_first"]]
        axes.plot(*zip(*mine), linestyle="", label=way, **{**style(number), "linewidth": 0, "markersize": 6})
    axes.axvline(1.0, color="0.3", linewidth=1.0)
    axes.set_yticks(range(len(cases)), [f"{section}: {case}" for section, case in cases], fontsize=7)
    axes.set_ylim(len(cases) - 0.4, -0.6)
    axes.set(xscale="log", xlabel="time / dualnet's time (right of the line: slower than dualnet)")
    axes.set_title(title, fontsize=10)
    axes.grid(True, which="major", color="0.92")
    axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figure.savefig(path, dpi=120)
    plt.close(figure)

"""The computational graph as an SVG: values on the nodes, local partials on the edges."""

import html

from dualnet.errors import ArgumentError
from dualnet.explain.layout import arrange
from dualnet.explain.notation import number, text

CHARACTER, LINE, PADDING = 7.9, 17.0, 9.0  # of 13 px type; a character of DejaVu Sans Mono is 7.83 px wide
MAX_NODES = 400
MAX_LABEL = 30

STYLE = """
text{font:13px 'DejaVu Sans Mono',ui-monospace,Menlo,Consolas,monospace;fill:#1b1f24;text-anchor:middle}
.node rect{fill:#fff;stroke:#57606a;stroke-width:1.2}.input rect{fill:#e7f0fd;stroke:#2563ab}
.output rect{fill:#fdeedd;stroke:#a84b00;stroke-width:2}.idle{opacity:.55}
.value{fill:#0a5c2b}.label{fill:#6b21a8;font-size:12px}.behind{fill:#fff;fill-opacity:.9}
.edge{fill:none;stroke:#8c959f;stroke-width:1.4}.head{fill:#8c959f}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.node rect{fill:#161b22;stroke:#8b949e}
.input rect{fill:#0f2440;stroke:#79b8ff}.output rect{fill:#3a2109;stroke:#ffab70}.value{fill:#7ee2a8}.label{fill:#d8b4fe}
.behind{fill:#0d1117}}
""".replace("\n", "")


def short(s):
    """A label cut to what a node holds."""
    return s if len(s) <= MAX_LABEL else s[:MAX_LABEL - 1] + "…"


def lines(step):
    """What a node says: its name and formula, its value."""
    what = step.name if step.formula is None else f"{step.name} = {text(step.formula)}"
    return [short(what), short(number(step.value, 5))]


def _size(written):
    return max(len(s) for s in written) * CHARACTER + 2 * PADDING, len(written) * LINE + PADDING


def edges_of(trace):
    """Pairs of lines, and for each the values of its partials in short."""
    found = {}
    for k, step in enumerate(trace.steps):
        for p in step.partials:
            found.setdefault((p.parent, k), []).append("map" if p.value is None else number(p.value, 4))
    return list(found), [short(", ".join(dict.fromkeys(values))) for values in found.values()]


def svg(trace):
    """A standalone SVG of a trace's graph.

    Examples
    --------
    >>> import dualnet as dn
    >>> picture = dn.explain("x**2", at={"x": 3}).svg()
    >>> picture.startswith("<svg"), "L = x ** 2" in picture
    (True, True)
    """
    if len(trace.steps) > MAX_NODES:
        raise ArgumentError(f"the graph has {len(trace.steps)} nodes; a drawing holds up to {MAX_NODES}")
    edges, labels = edges_of(trace)
    written = [lines(step) for step in trace.steps]
    nodes, boxes, ways = arrange([_size(w) for w in written], edges, [(len(s) * CHARACTER * 0.93 + 6, LINE) for s in labels])
    everything = nodes + boxes
    width = max(b.x + b.width / 2 for b in everything) + 12
    height = max(b.y + b.height / 2 for b in everything) + 12
    parts = [f'<path class="edge" d="{_path(way)}" marker-end="url(#dualnet-head)"/>' for way in ways]
    parts += [_label(box, s) for box, s in zip(boxes, labels)]
    parts += [_node(step, box, w) for step, box, w in zip(trace.steps, nodes, written)]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 -12 {width + 12:.0f} {height + 12:.0f}" width="{width + 12:.0f}" '
            f'height="{height + 12:.0f}" role="img" aria-label="computational graph of {len(trace.steps)} nodes" '
            f'style="max-width:100%;height:auto"><style>{STYLE}</style>'
            '<defs><marker id="dualnet-head" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            f'<path class="head" d="M0 0 8 4 0 8z"/></marker></defs>{"".join(parts)}</svg>')


def _path(way):
    points = [(way[0].x, way[0].y + way[0].height / 2), *((b.x, b.y) for b in way[1:-1]), (way[-1].x, way[-1].y - way[-1].height / 2)]
    out = "M{:.1f} {:.1f}".format(*points[0])
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        middle = (y0 + y1) / 2
        out += f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}"
    return out


def _label(box, s):
    x, y = box.x - box.width / 2, box.y - box.height / 2
    return (f'<rect class="behind" x="{x:.1f}" y="{y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"/>'
            f'<text class="label" x="{box.x:.1f}" y="{box.y + 4:.1f}">{html.escape(s)}</text>')


def _node(step, box, written):
    kind = "node" + (" input" if step.formula is None else "") + (" output" if step.output else "") + ("" if step.live else " idle")
    x, y = box.x - box.width / 2, box.y - box.height / 2
    kinds = ("title", "value")
    rows = "".join(f'<text class="{kinds[k]}" x="{box.x:.1f}" y="{y + PADDING / 2 + LINE * (k + 0.75):.1f}">{html.escape(s)}</text>'
                   for k, s in enumerate(written))
    return (f'<g class="{kind}"><rect x="{x:.1f}" y="{y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="6"/>{rows}</g>')

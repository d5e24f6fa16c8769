"""Layered layout of a small directed acyclic graph, for drawings made without a browser.

The method of Sugiyama, Tagawa and Toda (1981): layers by longest path, a dummy box where an edge crosses a
layer, the edge's label as a box of its own halfway, orders by repeated barycentres. Positions in a layer
minimise the squared distance to the neighbours under the separations (isotonic regression), so that no two
boxes of a layer can overlap. The page in the browser uses dagre instead, which measures its own fonts.
"""

from dataclasses import dataclass, field

GAP, LAYER_GAP, SWEEPS = 18.0, 16.0, 12


@dataclass
class Box:
    """A box: its size, its layer, and the centre that the layout gives it."""

    width: float
    height: float
    layer: int = 0
    x: float = 0.0
    y: float = 0.0
    above: list = field(default_factory=list)
    below: list = field(default_factory=list)


def layers(n, edges):
    """The layer of each node: the longest path from an input; inputs stand right before their first use.

    Examples
    --------
    >>> layers(4, [(0, 2), (2, 3), (1, 3)])
    [0, 1, 1, 2]
    """
    out = [0] * n
    for a, b in sorted(edges, key=lambda e: e[1]):
        out[b] = max(out[b], out[a] + 1)
    targets = {b for _, b in edges}
    for k in range(n):
        uses = [out[b] for a, b in edges if a == k]
        if k not in targets and uses:
            out[k] = min(uses) - 1
    return out


def arrange(sizes, edges, label_sizes):
    """Boxes of the nodes, boxes of the labels, and the way of each edge.

    Parameters
    ----------
    sizes : list of (width, height)
        Of the nodes, which are in topological order.
    edges : list of (int, int)
    label_sizes : list of (width, height)
        Of the edges' labels.

    Returns
    -------
    nodes, labels : list of Box
    ways : list of list of Box
        The boxes that each edge passes, ends included.
    """
    depth = layers(len(sizes), edges)
    nodes = [Box(w, h, 2 * d) for (w, h), d in zip(sizes, depth)]
    boxes, labels, ways = list(nodes), [], []
    for (a, b), (w, h) in zip(edges, label_sizes):
        first, last = nodes[a].layer, nodes[b].layer
        at = last - 1  # the label stands right before the node whose partial it is
        way = [nodes[a], *(Box(w, h, k) if k == at else Box(6.0, 0.0, k) for k in range(first + 1, last)), nodes[b]]
        labels.append(way[-2])
        boxes += way[1:-1]
        ways.append(way)
        for upper, lower in zip(way, way[1:]):
            upper.below.append(lower)
            lower.above.append(upper)
    _place(boxes)
    return nodes, labels, ways


def _place(boxes):
    rows = [[] for _ in range(max(box.layer for box in boxes) + 1)]
    for box in boxes:
        rows[box.layer].append(box)
    for row in rows:
        for k, box in enumerate(row):
            box.x = float(k)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            row.sort(key=lambda box: _mean([other.x for other in (box.above if down else box.below)], box.x))
            for k, box in enumerate(row):
                box.x = float(k)
    for row in rows:
        _spread(row, [box.x for box in row])
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            _spread(row, [_mean([other.x for other in box.above + box.below], box.x) for box in row])
    top = 0.0
    for row in rows:
        height = max((box.height for box in row), default=0.0)
        for box in row:
            box.y = top + height / 2
        top += height + LAYER_GAP
    left = min(box.x - box.width / 2 for box in boxes)
    for box in boxes:
        box.x -= left


def _mean(values, otherwise):
    return sum(values) / len(values) if values else otherwise


def _spread(row, wanted):
    """Centres nearest to the wanted ones such that neighbours stand clear of each other."""
    shifts, total = [], 0.0
    for k, box in enumerate(row):
        total += (row[k - 1].width + box.width) / 2 + GAP if k else 0.0
        shifts.append(total)
    blocks = []  # (mean, count): isotonic regression by pooling adjacent violators
    for w, shift in zip(wanted, shifts):
        blocks.append([w - shift, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, n = blocks.pop()
            blocks[-1] = [(blocks[-1][0] * blocks[-1][1] + mean * n) / (blocks[-1][1] + n), blocks[-1][1] + n]
    centres = [mean for mean, n in blocks for _ in range(n)]
    for box, centre, shift in zip(row, centres, shifts):
        box.x = centre + shift

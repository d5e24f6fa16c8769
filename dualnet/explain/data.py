"""An explanation as plain data, ready for JSON: what the page draws."""

import numpy as np

from dualnet.explain import tables
from dualnet.explain.notation import latex, mathml, number, text


def as_dict(explanation, closed=True):
    """Steps, closed form, counts, as texts, numbers, LaTeX and MathML, which is escaped."""
    trace, counts = explanation.trace, explanation.counts
    users = tables.consumers(trace)
    return {
        "source": explanation.source,
        "signature": signature(trace),
        "steps": [_step(trace, users, k, s) for k, s in enumerate(trace.steps)],
        "seeds": [s.label for s in trace.seeds],
        "results": [r.label for r in trace.results],
        "constants": {k: number(v) for k, v in trace.constants.items()},
        "closed_form": closed_forms(explanation) if closed else None,
        "counts": dict(vars(counts)),
        "sentence": counts.sentence(),
    }


def closed_forms(explanation):
    """The closed forms as plain data."""
    return [_closed(a) for a in explanation.closed_form or ()]


def signature(trace):
    """What stays the same while only values change: rows and their arguments' lines."""
    return ";".join(f"{step.row},{'+'.join(str(p.parent) for p in step.partials)}" for step in trace.steps)


def numbers(trace):
    """What changes when only values change, in the order of :func:`as_dict`'s steps."""
    return {"signature": signature(trace), "values": [number(s.value, 6) for s in trace.steps],
            "partials": [["map" if p.value is None else number(p.value, 5) for p in s.partials] for s in trace.steps],
            "tangents": [[number(t, 6) for t in s.tangents] for s in trace.steps],
            "cotangents": [[number(g, 6) for g in s.cotangents] for s in trace.steps]}


def _step(trace, users, k, step):
    formula = step.formula
    rule = tables.chain_rule(trace, step, users.get(k, []))
    plain = not np.ndim(step.value) and not np.iscomplexobj(step.value) and np.isfinite(step.value)
    return {
        "name": step.name, "row": step.row, "input": formula is None, "output": step.output, "live": step.live, "stored": step.stored,
        "name_mathml": mathml(step.node), "text": "" if formula is None else text(formula),
        "latex": "" if formula is None else latex(formula), "mathml": "" if formula is None else mathml(formula),
        "value": number(step.value, 6), "number": float(step.value) if plain else None, "shape": list(np.shape(step.value)),
        "partials": [_edge(trace, step, p) for p in step.partials],
        "tangents": [number(t, 6) for t in step.tangents], "cotangents": [number(g, 6) for g in step.cotangents],
        "rule": tables.cell_html(rule),
    }


def _edge(trace, step, p):
    cell = tables.partial_cell(trace, step, p)
    return {"parent": p.parent, "text": tables.cell_text(cell), "latex": tables.cell_latex(cell), "mathml": tables.cell_html(cell),
            "value": "map" if p.value is None else number(p.value, 5)}


def _closed(a):
    left = tables.Ratio(a.result, a.seed, "d")
    return {"result": a.result, "seed": a.seed, "text": text(a.formula), "latex": f"{tables.cell_latex(left)} = {latex(a.formula)}",
            "mathml": tables.cell_html(tables.Equation(left, a.formula)), "exact": a.exact, "value": number(a.value, 17),
            "ulps": a.ulps, "sentence": a.sentence()}

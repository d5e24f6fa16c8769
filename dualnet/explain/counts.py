"""How much each mode did: products counted on the run, and the sentence that follows."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Counts:
    """Products spent by each mode, and values kept for the way down.

    Attributes
    ----------
    forward, reverse : int
        Products of a tangent, or a cotangent, with a local partial: for all inputs, for all results.
    per_input, per_result : int
        The largest of one sweep.
    inputs, results : int
        Numbers of seeds and of results' entries.
    stored, stored_numbers : int
        Variables, and numbers in them, that the reverse mode keeps.
    steps : int
        Basic functions that were evaluated.
    """

    forward: int
    reverse: int
    per_input: int
    per_result: int
    inputs: int
    results: int
    stored: int
    stored_numbers: int
    steps: int

    def sentence(self):
        """When forward and when reverse is cheaper, here and in general."""
        here = ("both modes cost the same here" if self.forward == self.reverse else
                f"{'forward' if self.forward < self.reverse else 'reverse'} mode is cheaper here")
        return (f"{_many(self.inputs, 'input number')}, {_many(self.results, 'result')}: forward mode spends "
                f"{_many(self.forward, 'product')} and stores nothing, reverse mode {_many(self.reverse, 'product')} and stores "
                f"{_many(self.stored, 'value')}, so {here}. A forward sweep is paid once for each input number, a reverse sweep once "
                "for each result: few inputs and many results ask for forward mode, many inputs and one result for reverse mode.")


def _many(n, noun):
    return f"{n} {noun}" + ("" if n == 1 else "s")


def count(trace):
    """Counts of a trace.

    Examples
    --------
    >>> from dualnet.explain.called import trace
    >>> run = count(trace(lambda x, y: np.sin(x) * y, (1.0, 2.0)))
    >>> run.forward, run.reverse, run.stored
    (3, 3, 3)
    """
    edges = [(p.parent, k, step.weight) for k, step in enumerate(trace.steps) for p in step.partials
             if step.live and trace.steps[p.parent].live]
    sizes = {s.place: np.size(trace.steps[trace.at[s.place]].value) for s in trace.seeds + trace.results}
    forward = [_reached(edges, trace.at[s.place], up=True) for s in trace.seeds]
    reverse = [_reached(edges, trace.at[s.place], up=False) for s in trace.results]
    repeats = [[sizes[s.place] if s.index is None else 1 for s in of] for of in (trace.seeds, trace.results)]
    stored = [step for step in trace.steps if step.stored]
    return Counts(sum(n * r for n, r in zip(forward, repeats[0])), sum(n * r for n, r in zip(reverse, repeats[1])),
                  max(forward, default=0), max(reverse, default=0), sum(repeats[0]), sum(repeats[1]),
                  len(stored), sum(np.size(step.value) for step in stored), sum(step.row is not None for step in trace.steps))


def _reached(edges, start, up):
    """Products of one sweep that starts at a line."""
    reached, total = {start}, 0
    for parent, child, weight in edges if up else reversed(edges):
        source, target = (parent, child) if up else (child, parent)
        if source in reached:
            reached.add(target)
            total += weight
    return total

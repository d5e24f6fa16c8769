"""Sparse rows pushed along a recorded run, without running the function again; and which mode of reading it has less to do."""

import math

import numpy as np

from dualnet.dual import Dual, make
from dualnet.pulls import CONTRACTION, GATHER, JOIN, LINEAR, POINTWISE, SUM
from dualnet.sweeps import dense, forward_rows
from dualnet.table.row import Argument, partial_of, shape_of
from dualnet.tangents import Rows

STEP = 6000       # what a step of forward mode costs more than one of reverse mode, counted in numbers
PRODUCT = 1 / 20  # what a product inside a contraction costs, counted in numbers


def pushed_rows(run, f, leaves, kinks):
    """What :func:`forward_rows` returns of dense rows, of a recorded run instead of one of the function."""
    def call(duals):
        if not isinstance(duals[0], Dual):
            return run.values  # who asks on plain numbers wants the warnings of the function, which the run has given
        ts = _tangents(run.tape, [x._tangent for x in duals])
        return [y if place is None else make(y, ts[place], duals[0].level) for y, place in zip(run.values, run.places)]

    values, chunks, _ = forward_rows(f, leaves, call, kinks, dense)
    return values, chunks, run.structure


def _tangents(tape, ts):
    """Sparse rows of all steps of a tape for those of its inputs; None for a constant."""
    space = ts[0].space
    for record in tape.records[tape.inputs:]:
        parents = [(i, ts[place]) for i, place in record.parents if ts[place] is not None]
        ts.append(_step(record, parents, space) if parents else None)
    return [Rows(space, {}) if t is None else t for t in ts]


def _step(record, parents, space):
    """The tangent of the result of a step: `parents` are pairs of an operand's place among them and its tangent."""
    reader, values, out = record.reader, record.values, record.out
    if reader is JOIN:
        return JOIN.push_all(record, dict(parents), space)
    total = None
    for i, t in parents:
        if reader is POINTWISE:
            p = record.row.partials[i]
            if type(p) is Argument and p.twice:  # one factor after the other
                p = values[p.place] if p.place >= 0 else out
                t = t.scaled(p, record.row.partials[i].factor)
            else:
                p = partial_of(record.row, i, values, out)
            t = t.scaled(p, 1) if type(p) is not int or p * p != 1 else t if p == 1 else -t
        else:
            t = reader.push(record, i, t)
        total = t if total is None else total + t
    return total


# --- which mode has less to do ------------------------------------------------------------------------------------


def forward_is_less(run, inputs):
    """True where pushing rows of all `inputs` along a recorded run takes fewer numbers than pulling each of its results.

    Pulling goes through every number of the run once for each result; pushing carries with every number those of the
    inputs that it depends on (counted from the steps, without looking at indices), its value and its derivatives. The
    products inside contractions count little in both, and a step of forward mode has a price of its own.
    """
    outputs = sum([_size(y) for y in run.values])
    if outputs <= 1:
        return False
    tape = run.tape
    depends, forward, reverse, steps, most = [1] * tape.inputs, 0.0, 0.0, 0, inputs
    for record in tape.records[tape.inputs:]:
        size, reader, here, inner = _size(record.out), record.reader, 0, 1
        if reader is None:  # a constant
            depends.append(0)
            continue
        if reader is CONTRACTION or reader is SUM:
            inner = _summed(record)
        for _, place in record.parents:
            if reader is GATHER or reader is JOIN:
                here = max(here, depends[place])
            else:
                here += depends[place] * inner
            if reader is CONTRACTION:
                forward += PRODUCT * size * inner * depends[place]
                reverse += PRODUCT * size * inner
        here = most if reader is LINEAR else min(here, most)  # a linear map may mix all elements
        depends.append(here)
        forward += 2 * size * here
        reverse += size
        steps += 1
    return forward + STEP * steps < outputs * reverse


def _summed(record):
    """How many numbers each number of a sum or contraction is added up from (for a batch of products, about)."""
    whole = _size(record.out) or 1
    x = _size(record.values[0])
    return x / whole if record.reader is SUM else (x * _size(record.values[1]) / whole) ** 0.5


def _size(x):
    return x.size if type(x) is np.ndarray else math.prod(shape_of(x))

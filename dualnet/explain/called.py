"""Functions with their arguments: which are traced, what they are called, by which one differentiates."""

import inspect
import re
from itertools import count

from dualnet.errors import ArgumentError, DTypeError
from dualnet.explain.steps import Trace
from dualnet.trees import callable_or_raise, flatten, unflatten


def trace(f, args, wrt=None, names=None):
    """Run a function once and list its steps.

    Parameters
    ----------
    f : callable
    args : tuple
        Numbers, arrays, or nested containers of them; others are passed on.
    wrt : str, int, or sequence of them, optional
        Arguments to differentiate by (names or positions); all traced ones unless given.
    names : sequence of str, optional
        Names of the arguments; those of the signature unless given.

    Returns
    -------
    Trace

    Examples
    --------
    >>> import numpy as np
    >>> [step.name for step in trace(lambda x: np.exp(-x) * x, (1.0,)).steps]
    ['x', 'ξ1', 'ξ2', 'L']
    """
    callable_or_raise(f, "explain")
    names = _argument_names(f, len(args), names)
    chosen = chosen_places(wrt, names)
    parts, leaves, labels, owners = [], [], [], []
    for k, x in enumerate(args):
        if not (_traceable(x) and (wrt is None or k in chosen or not isinstance(x, int))):
            if k in chosen and wrt is not None:
                raise DTypeError(f"argument {names[k]} is {x!r:.60}; explain differentiates by numbers and arrays of numbers")
            parts.append(None)
            continue
        arrays, structure = flatten(x, f"argument {names[k]}")
        parts.append((structure, len(arrays)))
        labels += _leaf_names(x, names[k], len(arrays))
        leaves += arrays
        owners += [k] * len(arrays)
    if not leaves:
        raise ArgumentError("explain needs at least one argument that is a number or an array of numbers")

    def call(nodes):
        nodes, given = iter(nodes), []
        for part, x in zip(parts, args):
            given.append(x if part is None else unflatten(part[0], [next(nodes) for _ in range(part[1])]))
        return f(*given)

    return Trace(f, leaves, _distinct(labels), call, [k for k, owner in enumerate(owners) if owner in chosen])


def _traceable(x):
    if isinstance(x, (dict, list, tuple)):
        values = list(x.values()) if isinstance(x, dict) else list(x)
        return bool(values) and all(_traceable(v) for v in values)
    kind = getattr(getattr(x, "dtype", None), "kind", None)
    return kind in tuple("fc") if kind else isinstance(x, (int, float, complex)) and not isinstance(x, bool)


def _argument_names(f, n, names):
    if names is not None:
        names = [names] if isinstance(names, str) else list(names)
        if len(names) != n or not all(isinstance(s, str) for s in names):
            raise ArgumentError(f"names={names!r:.80}: give one text for each of the {n} argument(s)")
    else:
        names = []
        try:
            for p in inspect.signature(f).parameters.values():
                names += [p.name] if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) else []
        except (TypeError, ValueError):
            pass
        names = names[:n] + [f"x{k + 1}" for k in range(len(names), n)]
    return [identifier(s) for s in names]


def identifier(s):
    """A name that formulas can hold: other characters become ``_``.

    Examples
    --------
    >>> identifier("W"), identifier("<b>"), identifier("2nd")
    ('W', '_b_', '_2nd')
    """
    s = re.sub(r"\W", "_", s)[:32] or "_"
    return "_" + s if s[0].isdigit() else s


def chosen_places(wrt, names):
    """Positions of the names, or positions, that `wrt` holds; all for None."""
    wanted = range(len(names)) if wrt is None else [wrt] if isinstance(wrt, (str, int)) else list(wrt)
    out = []
    for w in wanted:
        k = names.index(w) if w in names else w if isinstance(w, int) and -len(names) <= w < len(names) else None
        if k is None:
            raise ArgumentError(f"wrt={w!r:.60} names no argument; there are {', '.join(names)}")
        out.append(k % len(names))
    return out


def _leaf_names(x, label, n):
    if not isinstance(x, (dict, list, tuple)):
        return [label]
    import optree

    paths = optree.tree_paths(x)
    return [identifier("_".join([label, *map(str, path)])) for path in paths][:n]


def _distinct(labels):
    out = []
    for label in labels:
        out.append(label if label not in out else next(f"{label}_{k}" for k in count(2) if f"{label}_{k}" not in out))
    return out

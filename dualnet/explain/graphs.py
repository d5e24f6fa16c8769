"""The computational graph as an object: nodes, edges with their partials, a drawing."""



class Graph:
    """The computational graph of one run.

    Attributes
    ----------
    nodes : list of Step
        Inputs and results of basic functions, in order; each has a name, a value and its partials.
    edges : list of (str, str, partial)
        From, to, and the local partial's value (None for maps of arrays).
    """

    def __init__(self, trace):
        self.trace = trace
        self.nodes = trace.steps
        self.edges = [(trace.steps[p.parent].name, step.name, p.value) for step in trace.steps for p in step.partials]

    def __repr__(self):
        return f"<Graph of {len(self.nodes)} nodes and {len(self.edges)} edges>"

    def __str__(self):
        from dualnet.explain.notation import number, text

        return "\n".join(f"{s.name} = {text(s.formula) + ' = ' if s.formula is not None else ''}{number(s.value)}" for s in self.nodes)

    def depth(self):
        """The longest path from an input to a result, in edges.

        Examples
        --------
        >>> import numpy as np, dualnet as dn
        >>> dn.graph(lambda x: np.sin(np.exp(x)), 1.0).depth()
        2
        """
        depths = []
        for step in self.nodes:
            depths.append(max((depths[p.parent] + 1 for p in step.partials), default=0))
        return max(depths)

    def svg(self):
        """The graph as a standalone SVG text."""
        from dualnet.explain.drawing import svg

        return svg(self.trace)

    def _repr_svg_(self):
        from dualnet.explain.drawing import MAX_NODES

        return self.svg() if len(self.trace.steps) <= MAX_NODES else None  # a notebook then prints it


def graph(f, *args, names=None):
    """The computational graph of a function at arguments.

    Parameters
    ----------
    f : callable
    *args
        Numbers, arrays, nested containers of them; others are passed on.
    names : sequence of str, optional
        Names of the arguments.

    Returns
    -------
    Graph

    Examples
    --------
    >>> import numpy as np, dualnet as dn
    >>> print(dn.graph(lambda x, y: np.exp(-x) * y, 0.0, 2.0))
    x = 0
    y = 2
    ξ1 = -x = 0
    ξ2 = exp(ξ1) = 1
    L = ξ2 * y = 2
    """
    from dualnet.explain.called import trace

    return Graph(trace(f, args, names=names))

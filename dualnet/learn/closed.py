"""Gradients from SymPy's closed form of one example's loss, evaluated on whole batches."""

import numpy as np

from dualnet.errors import ArgumentError
from dualnet.learn.gradients import leaves, views
from dualnet.operators import value_and_grad
from dualnet.oracle import closed_form


class ClosedFormSource:
    """``source(parameters, X, y, weights, masks) -> objective, gradient`` from SymPy's derivatives.

    The closed form is of one example, with symbols for parameters, features and target (one form for each
    class where the target is a class), and is compiled to NumPy. A piecewise network (relu) has another form on every
    piece, so a form whose value is not the network's loss is refused. The penalty is differentiated apart.
    """

    def __init__(self, network, penalty):
        self.network, self.penalty, self.compiled = network, penalty, {}

    def __call__(self, parameters, X, y, weights=None, masks=None):
        if masks is not None:
            raise ArgumentError('gradient="closed-form" takes no dropout: its random masks are no constants; choose "reverse"')
        classes = y.dtype.kind in "iu"
        flat = np.concatenate([p.reshape(-1) for p in leaves(parameters)])
        values, total = np.empty(len(X)), np.zeros(flat.size)
        share = np.full(len(X), 1 / len(X)) if weights is None else weights / np.sum(weights)
        for kind in np.unique(y) if classes else [None]:
            rows = y == kind if classes else slice(None)
            columns = [X[rows].reshape(len(X[rows]), -1)] + ([] if classes else [y[rows].reshape(len(X[rows]), -1)])
            function = self._function(kind, parameters, X[:1], y[rows][:1])
            value, *partials = function(*flat, *np.concatenate(columns, 1).T)
            values[rows] = value
            for i, p in enumerate(partials):
                total[i] += np.sum(p * share[rows])
        loss = float(share @ values)
        self._compare(loss, self.network.loss(parameters, X, y, weights=weights))
        if self.penalty is None:
            return loss, views(total, parameters)
        more, slope = value_and_grad(self.penalty, mode="reverse", kinks="local")(parameters)
        return loss + more, views(total + np.concatenate([p.reshape(-1) for p in leaves(slope)]), parameters)

    def _function(self, kind, parameters, x, target):
        if kind not in self.compiled:
            import sympy

            def one(parameters, X, y):
                return self.network.loss(parameters, X, y)

            form = closed_form(one, parameters, x, target, argnums=(0, 1) if kind is not None else (0, 1, 2))
            self.loss = form.expression
            count = sum(p.size for p in leaves(parameters))
            partials = [sympy.diff(self.loss, symbol) for symbol in form.symbols[:count]]
            self.compiled[kind] = sympy.lambdify(form.symbols, [self.loss, *partials], ["scipy", "numpy"], cse=True)
        return self.compiled[kind]

    def _compare(self, loss, plain):
        if np.isfinite(plain) and not abs(loss - plain) <= 1e-6 * (1 + abs(plain)):
            raise ArgumentError(f'gradient="closed-form": the closed form gives the loss {loss:.6g}, the network {plain:.6g}: '
                                f'it holds on one piece of a '
                                'piecewise function, or overflows; use smooth activations such as "tanh", or gradient="reverse"')

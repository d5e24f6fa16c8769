"""Second-order training through SciPy: exact gradients, Hessian-vector products and Jacobians."""

import time

import numpy as np

from dualnet.errors import ArgumentError, NotDifferentiableError
from dualnet.jacobians import jacobian
from dualnet.learn.gradients import flattened, objective_of, views
from dualnet.learn.history import History
from dualnet.learn.likelihoods import Normal
from dualnet.learn.penalties import L2
from dualnet.learn.watching import DivergedError
from dualnet.operators import jvp, value_and_grad


class Problem:
    """The objective of a network on fixed data as functions of one flat array."""

    def __init__(self, network, X, y, weights=None, penalty=None):
        self.network, self.X, self.y, self.weights, self.penalty = network, X, y, weights, penalty
        self.start, self.like = flattened(network.parameters, np.float64)
        self.objective = objective_of(network, penalty)
        self.both = value_and_grad(self.loss, mode="reverse", kinks="local")

    def loss(self, flat):
        """The objective."""
        return self.objective(views(flat, self.like), self.X, self.y, self.weights)

    def gradient(self, flat):
        """Its gradient."""
        return self.both(flat)[1]

    def product(self, flat, v):
        """Its Hessian times v, forward over reverse."""
        return jvp(lambda w: self.both(w)[1], (flat,), (v,), kinks="local")[1]

    def residuals(self, flat):
        """r with sum(r^2) / 2 the objective, for squared losses and an L2 penalty."""
        parameters = views(flat, self.like)
        n = len(self.X)
        share = np.full(n, 1 / n) if self.weights is None else self.weights / np.sum(self.weights)
        error = self.network.forward(parameters, self.X) - self.y
        if error.ndim == 2:
            share = np.repeat(share[:, None] / np.shape(error)[1], np.shape(error)[1], 1)
        parts = [np.reshape(error * np.sqrt(share), -1)]
        if self.penalty is not None:
            parts += [np.sqrt(self.penalty.strength) * np.reshape(p["weights"], -1) for p in parameters if "weights" in p]
        return np.concatenate(parts)


def minimise(network, data, held, options):
    """Train with a ScipyOptimizer; one epoch is one iteration."""
    X, y, weights = data.whole()
    if network.draw(1, np.random.default_rng(0)) is not None:
        raise ArgumentError(f"{options['optimizer']!r} needs a loss that stays the same; dropout changes it at every step: use Adam or SGD")
    if options["gradient"] != "reverse":
        raise ArgumentError(f"{options['optimizer']!r} takes its derivatives in reverse mode; leave gradient= out")
    optimizer, problem, history = options["optimizer"], Problem(network, X, y, weights, options["penalty"]), History()
    clock, best = [time.perf_counter()], [np.inf, problem.start]

    def note(flat, *_, **__):
        value, gradient = problem.both(np.asarray(flat, float))
        if value < best[0]:
            best[:] = float(value), np.array(flat, float)
        row = {"epoch": len(history) + 1, "loss": float(value), "learning_rate": 1.0, "gradient_norm": float(np.linalg.norm(gradient))}
        if held is not None:
            row["validation_loss"] = float(network.loss(views(flat, problem.like), held[0], held[1], weights=held[2]))
        history.record(**row, seconds=time.perf_counter() - clock[0])
        clock[0] = time.perf_counter()

    try:
        end, history.stopped = _run(problem, optimizer, options, note)
    except KeyboardInterrupt:
        end, history.stopped = best[1], "interrupted"
    if not np.isfinite(problem.loss(end)):
        network.parameters = flattened(views(best[1], problem.like), network.dtype)[1]
        history.stopped, network.history = "diverged", history
        error = DivergedError(f"the loss became {problem.loss(end):.3g} in {optimizer!r}; the best parameters before are kept. Scale the "
                              "features, or add a penalty")
        error.history = history
        raise error
    network.parameters = flattened(views(end, problem.like), network.dtype)[1]
    history.best_epoch, network.history = len(history), history
    return history


def _run(problem, optimizer, options, note):
    """Where SciPy ends, and what it says."""
    from scipy import optimize

    if optimizer.method == "lm":
        result = _least_squares(problem, optimizer, options, note)
    else:
        more = {"hessp": problem.product} if optimizer.method == "trust-ncg" else {}
        bounds = {"maxiter": options["epochs"], "gtol": optimizer.tolerance}
        bounds |= {"ftol": 1e-15, "maxfun": 100 * options["epochs"]} if optimizer.method == "L-BFGS-B" else {}
        result = optimize.minimize(lambda w: tuple(problem.both(w)), problem.start, jac=True, method=optimizer.method,
                                   callback=note, options=bounds, **more)
    return result.x, str(result.message)


def _least_squares(problem, optimizer, options, note):
    from scipy import optimize

    likelihood = problem.network.likelihood
    if type(likelihood) is not Normal or likelihood.variance != "fixed":
        raise NotDifferentiableError(f"LevenbergMarquardt minimises squared errors: use it with Normal(), not {likelihood!r}; "
                                     f"LBFGS() takes any")
    if problem.penalty is not None and type(problem.penalty) is not L2:
        raise NotDifferentiableError(f"LevenbergMarquardt takes no penalty but L2, not {problem.penalty!r}")
    derivative = jacobian(problem.residuals, kinks="local")

    def jac(flat):
        note(flat)
        return derivative(flat)

    enough = len(problem.residuals(problem.start)) >= len(problem.start)
    return optimize.least_squares(problem.residuals, problem.start, jac, method="lm" if enough else "trf", max_nfev=10 * options["epochs"],
                                  gtol=optimizer.tolerance, xtol=1e-14, ftol=1e-14)


def problem_of(network, X, y, penalty=None):
    """The problem of a fitted network on data as a user gives them."""
    X = network.features(X)
    from dualnet.learn.fitting import targets
    return Problem(network, X, targets(network, y), None, penalty)



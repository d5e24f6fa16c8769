"""One step of a method for y' = f(t, y), in the arithmetic of all that y, f, t and the length of the step carry.

A derivative of such a step is the same step of the equations for the derivative, so that the error estimates hold for it too.
The derivative by its length is the slope of the solution there, as exact as the step is (that of the right side at the solution
found would be less so for stiff equations, by as much as they are stiff).

===========  =======================================================================================================
explicit     Dormand and Prince (1980), orders 5 and 4
implicit     Rodas5P, a Rosenbrock method for stiff equations, of orders 5 and 4, stiffly accurate and L-stable
             (Steinebach, BIT 63:27, 2023); the Jacobian that it needs is dualnet's
===========  =======================================================================================================
"""

from typing import NamedTuple

import numpy as np

from dualnet.errors import NotDifferentiableError
from dualnet.jacobians import jacobian
from dualnet.table.registered import order_of
from dualnet.table.row import Traced, primal

NODES = 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0
STAGES = ((1 / 5,), (3 / 40, 9 / 40), (44 / 45, -56 / 15, 32 / 9), (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
          (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656), (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84))
ERROR = 71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40  # order 5 less order 4


def weighted(weights, ks):
    """The sum of weight times k."""
    return sum(w * k for w, k in zip(weights, ks) if w)


class Explicit:
    """A step by seven slopes, of which the last is the first of the next step."""

    @staticmethod
    def begin(f, t, y):
        """What a step from (t, y) starts with: the slope there."""
        return f(t, y)

    @staticmethod
    def step(f, t, y, h, slope):
        """(y after a step h, its error, the slopes)."""
        ks = [slope]
        for c, weights in zip(NODES, STAGES):
            new = y + h * weighted(weights, ks)
            ks.append(f(t + c * h, new))
        return new, h * weighted(ERROR, ks), ks

    @staticmethod
    def stiffness(h, ks):
        """The size of h times the Jacobian, by the last two slopes."""
        ks = list(map(primal, ks))
        apart = h * weighted([a - b for a, b in zip(STAGES[-1], (*STAGES[-2], 0.0))], ks)
        return abs(h) * np.linalg.norm(ks[-1] - ks[-2]) / max(np.linalg.norm(apart), np.finfo(float).tiny)


GAMMA = 0.21193756319429014
TIMES = 0.0, 0.6358126895828704, 0.4095798393397535, 0.9769306725060716, 0.4288403609558664, 1.0, 1.0, 1.0
SLOPES = GAMMA, -0.42387512638858027, -0.3384627126235924, 1.8046452872882734, 2.325825639765069  # weights of f's slope in time
A = ((), (3.0,), (2.849394379747939, 0.45842242204463923), (-6.954028509809101, 2.489845061869568, -10.358996098473584),
     (2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641),
     (-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946))
A += (A[-1] + (1.0,), A[-1] + (1.0, 1.0))
C = ((), (-14.155112264123755,), (-17.97296035885952, -2.859693295451294), (147.12150275711716, -1.41221402718213, 71.68940251302358),
     (165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306),
     (24.854864614690072, -3.0009227002832186, 47.4931110020768, 5.5814197821558125, -0.6610691825249471),
     (30.91273214028599, -3.1208243349937974, 77.79954646070892, 34.28646028294783, -19.097331116725623, -28.087943162872662),
     (37.80277123390563, -3.2571969029072276, 112.26918849496327, 66.9347231244047, -40.06618937091002, -54.66780262877968,
      -9.48861652309627))


class Implicit:
    """A step by eight linear systems with one matrix."""

    @staticmethod
    def begin(f, t, y):
        """What a step from (t, y) starts with: the slope there, and its derivatives by t and y."""
        return f(t, y), *jacobian(f, (0, 1), mode="forward")(t, y)

    @staticmethod
    def step(f, t, y, h, start):
        """(y after a step h, its error, the eight increments)."""
        slope, by_time, by_state = start
        matrix, ks = np.eye(np.size(y)) / (GAMMA * h) - by_state, []
        for i, (c, a, weights) in enumerate(zip(TIMES, A, C)):
            right = (f(t + c * h, y + weighted(a, ks)) if i else slope) + weighted(weights, ks) / h
            ks.append(np.linalg.solve(matrix, right + h * SLOPES[i] * by_time if i < len(SLOPES) else right))
        return y + weighted(A[-1], ks) + ks[-1], ks[-1], ks


class Step(NamedTuple):
    """A step of a method that was taken, from y at t to `new` at `end`, with what it started with."""

    method: type
    t: object
    y: object
    start: object
    end: object
    new: object

    def at(self, f, t):
        """The solution at a time inside the step, which may carry a derivative: the end of a step to there."""
        length = t - self.t
        if primal(length):
            return self.method.step(f, self.t, self.y, length, self.start)[0]
        return nudged(f, self.t, self.y, length)


def nudged(f, t, y, d):
    """The solution at t + d, where it is y at t and d has the value 0 but may carry a derivative: y + d f(t, y) + ...

    An explicit step of that length is right to the fifth order in d.
    """
    if not isinstance(d, Traced):
        return y
    if order_of(d) > 5:
        raise NotDifferentiableError(f"derivatives of order {order_of(d)} by the times of an initial value problem; up to 5 are known")
    return Explicit.step(f, t, y, d, f(t, y))[0]

"""Integrals of Carlson's kind with any powers: what the slopes of his elliptic integrals are, of any order, where arguments meet.

A slope of the integral of (t + x)^-a (t + y)^-b ... over t from 0 on is -a times the same with a + 1, so one row serves for all orders.
In u = log t the integrand is analytic in a strip around the axis that reaches as far as the arguments are from negative numbers,
and falls exponentially on both sides: the trapezoidal rule converges geometrically (Trefethen and Weideman 2014, The Exponentially
Convergent Trapezoidal Rule, theorem 5.1), and nothing cancels in a sum of positive terms.
"""

import math

import numpy as np

from dualnet.errors import NotDifferentiableError
from dualnet.table.domain import POSITIVE
from dualnet.table.row import pointwise, primal

STEP, DIGITS = 0.4, 38.0  # the step for positive arguments, and how many powers of e of the integrand are left out


def carlson(powers, *args):
    """The integral of the product of (t + args)^-powers over t from 0 to infinity, of two to four arguments."""
    missing = 4 - len(args)
    return _ROW(*powers, *(0,) * missing, *args, *(primal(args[0]),) * missing)


def _integral(*operands):
    """The same for plain arrays; the powers and their sum over 1 are halves of whole numbers."""
    powers, args = operands[:4], [np.asarray(z) for z in operands[4:]]
    kind = np.result_type(*args, np.float32)
    args = np.broadcast_arrays(*(z.astype(np.result_type(kind, float)) for z in args))
    out = np.full(args[0].shape, np.nan, args[0].dtype)
    with np.errstate(all="ignore"):
        high = np.max(np.abs(args), axis=0)
        out[high == np.inf] = 0
        scaled = [z / np.where(high == 0, 1.0, high) for z in args]
        touching = sum(p * (z == 0) for z, p in zip(scaled, powers))  # the power with which the integrand grows next to 0
        out[touching >= 1] = np.inf
        good = (high < np.inf) & (touching < 1) & np.logical_and.reduce([(z.imag != 0) | (z.real >= 0) for z in args])
        if np.any(good):
            out[good] = np.exp(_logarithm(powers, [z[good] for z in scaled]) + (1 - sum(powers)) * np.log(high[good]))
    return out.astype(kind)[()]


def _logarithm(powers, args):
    """Its logarithm, the largest argument being 1: the product of the powers may leave the range where the integral does not."""
    wide = math.pi - float(max(np.max(np.abs(np.angle(z))) for z in args))
    if wide < 0.1:
        raise NotDifferentiableError("a slope of Carlson's elliptic integrals at complex arguments next to negative numbers is not known "
                                     "well enough; stay 0.1 radians away from them")
    factors = [(p, np.where(z == 0, 1.0, z), z == 0) for p, z in zip(powers, args) if p]
    first = min(math.log(np.min(np.abs(z))) for _, z, _ in factors) - DIGITS * (2 if any(np.any(none) for _, _, none in factors) else 1)
    step, total = STEP * wide / math.pi, 0.0
    for u in step * np.arange(math.floor(first / step), math.ceil(DIGITS / (sum(powers) - 1) / step) + 1):
        t = math.exp(u)  # (t + z)^-p over z^-p, which at the ends of the range would leave it
        total = total + np.exp(u - sum(p * np.where(none, u, np.log1p(t / z)) for p, z, none in factors))
    return np.log(step * total) - sum(p * np.log(z) for p, z, _ in factors)


def _slope(place):
    """The partial by an argument: one power more."""
    def partial(*operands):
        powers, args = operands[:4], operands[4:8]
        more = (*powers[:place], powers[place] + 1, *powers[place + 1:])
        return -powers[place] * _ROW(*more, *args)

    return partial


_integral.__name__ = "_carlson"
_ROW = pointwise(_integral, None, None, None, None, *map(_slope, range(4)), name="_carlson", domain=POSITIVE)

"""Derivatives of Euler's beta function by both of its arguments, of any order, to full precision.

Those by one of them follow from the derivatives of its logarithm, whose terms are of one sign. In mixed ones next to 0 the poles 1/x + 1/y
would cancel: there they are the integral of t^(x-1) (1-t)^(y-1) log(t)^i log(1-t)^j from 0 to 1 (DLMF 5.12.1), whose integrand has
one sign, by the trapezoidal rule in log(t/(1-t)), along which it falls off exponentially (Trefethen and Weideman 2014).
"""

import math

import numpy as np
import scipy.special as sp

from dualnet.table.domain import POSITIVE
from dualnet.table.jets import helper
from dualnet.table.stirling import polygamma, polygamma_step

NEAR, WIDE, FINE = 1.0, 0.5, 0.25  # of arguments that are integrated; steps of the rule, of an argument beyond 2 the second
DEPTH = 42.0  # the logarithm of what is left of the integrand where the rule ends


def _by_logarithm(i, j, x, y):
    """B_ij = sum of C(i-1, a) C(j, b) L_(a+1,b) B_(i-1-a,j-b), where L is the logarithm of B; i is not 0."""
    whole = {n: -polygamma(n, x + y) for n in range(1, i + j)}  # what mixed derivatives of the logarithm are
    one = [-polygamma_step(a, x, y) for a in range(i)]
    other = [-polygamma_step(b, y, x) for b in range(j)]
    known = {(0, 0): sp.beta(x, y)}
    for b in range(1, j + 1):
        known[0, b] = sum(math.comb(b - 1, c) * other[c] * known[0, b - 1 - c] for c in range(b))
    for a in range(1, i + 1):
        for b in range(j + 1):
            known[a, b] = sum(math.comb(a - 1, c) * math.comb(b, d) * (whole[c + d] if d else one[c]) * known[a - 1 - c, b - d]
                              for c in range(a) for d in range(b + 1))
    return known[i, j]


def _by_integral(i, j, x, y):
    """The same of i, j > 0 by the rule: the integrand falls off as t^(x+j) to the left and as (1-t)^(y+i) to the right."""
    h = WIDE if max(x.max(), y.max()) < 2 else FINE
    first = -math.ceil((DEPTH + math.log1p(y.max())) / h)
    last = math.ceil((DEPTH + math.log1p(x.max())) / h)
    total = 0.0
    for k in range(first, last + 1):
        u = k * h
        left, right = -math.log1p(math.exp(-u)), -math.log1p(math.exp(u))  # log(t) and log(1-t)
        weight = left**i * right**j
        total = total + weight * np.exp(x * left + y * right)
    return h * total


def _value(i, j, x, y):
    if not i:
        return _value(j, i, y, x)
    out = np.full(x.shape, np.nan)
    near = (np.minimum(x, y) < NEAR) & (x > 0) & (y > 0) if j else np.zeros(x.shape, bool)
    wide = near & (np.maximum(x, y) < 2)
    for part, rule in ((~near, _by_logarithm), (wide, _by_integral), (near & ~wide, _by_integral)):
        if np.any(part):
            out[part] = rule(i, j, x[part], y[part])
    return out


beta_by = helper("_beta_by", _value, 2, None, None, lambda i, j, x, y, out: beta_by(i + 1, j, x, y),
                 lambda i, j, x, y, out: beta_by(i, j + 1, x, y), domain=POSITIVE)

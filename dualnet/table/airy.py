"""Derivatives of any order of the scaled Airy functions Ai exp(z), Ai' exp(z), Bi exp(-z) and Bi' exp(-z), z = 2/3 x^(3/2).

From the values all terms of a derivative cancel but for a share of x^(-3/2), with each order anew. So they are taken from
there next to 0 only; further out, with t = sqrt(x), from

    Ai exp(z)  = 1/pi Integral_0^oo exp(-t s^2) cos(s^3/3) ds                     (DLMF 9.5.7)
    Bi exp(-z) = 2/pi Re exp(i pi/6) Integral_0^oo exp(-c t s^2) cos(s^3/3) ds,   c = exp(i pi/3)  (DLMF 9.2.10)

whose derivatives by t are moments in which little or nothing cancels. In u = s sqrt(t) only the cosine depends on t, so that all moments
are one matrix times the cosines at fixed nodes, those of the trapezoidal rule, which for such entire functions has no error to speak of
(Trefethen and Weideman 2014, The Exponentially Convergent Trapezoidal Rule).
"""

import functools
import math

import numpy as np
import scipy.special as sp

from dualnet.table.jets import exponential, helper, over, product, times

NEAR = 1.0, 2.0  # up to where Ai and Bi are taken from the values
NODES = (0.14, 60), (0.09, 122)  # the step and the number of nodes
TURN = np.exp(1j * math.pi / 3)
CHUNK = 1 << 11


@functools.cache
def _rule(second, count):
    """The nodes cubed, and the weights of the moments 0 to count - 1, times 1/pi and (-1)^n/n!."""
    step, number = NODES[second]
    u = step * np.arange(number)
    c = TURN if second else 1.0
    front = 2 * np.exp(1j * math.pi / 6) if second else 1.0
    weights = front * np.exp(-c * u * u) * np.where(u == 0, 0.5, 1.0) * (step / math.pi)
    return u**3, np.array([(weights * (-c * u * u) ** n / math.factorial(n)).real for n in range(count)])


def _slope(p, t):
    """The jet in t of the slope by x = t^2."""
    return over([(i + 1) * c / 2 for i, c in enumerate(p[1:])], t)


def _far(k, n, x):
    """The n-th derivative of the k-th function by its moments."""
    t = np.sqrt(x)
    cubes, weights = _rule(k > 1, n + 2)
    moments = weights @ np.cos(cubes[:, None] * (1 / (3 * t * np.sqrt(t))))
    jet = [m * t ** (-0.5 - i) for i, m in enumerate(moments)]
    if k % 2:  # Ai' exp(z) = (Ai exp(z))' - t Ai exp(z)
        jet = [a + (1 if k > 1 else -1) * b for a, b in zip(_slope(jet, t), times(jet, t))]
    for _ in range(n):
        jet = _slope(jet, t)
    return jet[0]


def _near(k, n, x):
    """The same by the values, the equation y'' = x y and the jet of exp(z), which is left out left of 0, where SciPy does not scale."""
    values = sp.airye(x)
    jet = list(values[k - k % 2:k - k % 2 + 2])
    for i in range(n):
        jet.append((x * jet[i] + (jet[i - 1] if i else 0)) / ((i + 1) * (i + 2)))
    if k % 2:
        jet = [(i + 1) * c for i, c in enumerate(jet[1:])]
    scale, front = [0 * x], 1.0 if k < 2 else -1.0
    for i in range(1, n + 1):
        scale.append(np.where(x < 0, 0.0, front / i * np.abs(x) ** (1.5 - i)))
        front *= (1.5 - i) / i
    return math.factorial(n) * product(jet[:n + 1], exponential(scale))[n]


def _derivative(k, n, x):
    far = x > NEAR[k > 1]
    out = np.empty_like(x)
    for where, rule in ((far, _far), (~far, _near)):
        if np.any(where):
            out[where] = rule(k, n, x[where])
    return out


airye_by = helper("_airye_by", _derivative, 1, None, None, lambda k, n, x, out: airye_by(k, n + 1, x), chunk=CHUNK)

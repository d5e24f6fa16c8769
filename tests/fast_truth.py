"""Functions of mpmath numbers that are computed in Arb's balls (python-flint), hundreds of times faster than by mpmath itself.

A ball holds a proven bound of its error: working digits are added until the result has those that mpmath asks for. Nothing here
is SciPy's or dualnet's; test_fast_truth.py compares it with mpmath's own sums, series and integrals.
"""

import functools

import flint
import mpmath as m
import numpy as np
from flint import acb, arb

MORE = (40, 160, 640, 2560)  # bits beyond mpmath's own


def ball(x):
    """An mpmath number as the ball of radius 0 that it is."""
    if isinstance(x, m.mpc):
        return acb(ball(x.real), ball(x.imag))
    sign, mantissa, exponent, _ = m.mpf(x)._mpf_
    return arb((-int(mantissa) if sign else int(mantissa), int(exponent)))


def number(x):
    """The middle of a ball as an mpmath number."""
    if isinstance(x, acb):
        return m.mpc(number(x.real), number(x.imag))
    return m.mpf(tuple(map(int, x.mid().man_exp())))


def in_balls(f):
    """A function of Arb's balls as one of mpmath numbers, at the precision that mpmath works with."""
    def value(*args):
        bits = m.mp.prec
        for more in MORE:
            with flint.ctx.workprec(bits + more):
                out = f(*map(ball, args))
                if out.is_finite() and (out.rel_accuracy_bits() >= bits or abs(out) < arb((1, -4 * bits))):
                    return number(out)
        raise ValueError(f"no {bits} bits of {f} at {args}")

    return functools.wraps(f)(value)


def real(f):
    """The real part of a function that Arb has for complex numbers only."""
    return in_balls(lambda *args: f(*map(acb, args)).real)


# --- hypergeometric and Bessel functions ------------------------------------------------------------------------------------
besselj = in_balls(lambda v, x: x.bessel_j(v))
bessely = in_balls(lambda v, x: x.bessel_y(v))
besselk = in_balls(lambda v, x: x.bessel_k(v))
hyp2f1 = in_balls(lambda a, b, c, x: x.hypgeom_2f1(a, b, c))
hyperu = in_balls(lambda a, b, x: x.hypgeom_u(a, b))
gegenbauer = in_balls(lambda n, a, x: x.gegenbauer_c(n, a))
elliprj = real(acb.elliptic_rj)


def _jacobi(n, a, b, x):
    """DLMF 18.5.7."""
    return (n + a + 1).gamma() * (n + 1).rgamma() * (a + 1).rgamma() * ((1 - x) / 2).hypgeom_2f1(-n, n + a + b + 1, a + 1)


def _jacobi_shifted(n, p, q, x):
    return _jacobi(n, p - q, q - 1, 2 * x - 1) * (n + 1).gamma() * (n + p).gamma() * (2 * n + p).rgamma()


jacobi, jacobi_shifted = in_balls(_jacobi), in_balls(_jacobi_shifted)


@in_balls
def pcfd(v, x):
    """D_v(x) by its even and odd parts (DLMF 12.2.5, 12.2.6, 12.4.1, 12.7.12)."""
    a, z = -v - arb(1) / 2, x * x / 2
    even = (a / 2 + arb(3) / 4).rgamma() / 2 ** (a / 2 + arb(1) / 4) * z.hypgeom_1f1(a / 2 + arb(1) / 4, arb(1) / 2)
    odd = -(a / 2 + arb(1) / 4).rgamma() / 2 ** (a / 2 - arb(1) / 4) * x * z.hypgeom_1f1(a / 2 + arb(3) / 4, arb(3) / 2)
    return arb.pi().sqrt() * (-z / 2).exp() * (even + odd)


@in_balls
def pcfw(a, x):
    """W(a, x) by its even and odd parts (DLMF 12.14.2 to 12.14.5, 12.14.8)."""
    quarter, z = arb(1) / 4, acb(0, x * x / 2)
    turned = acb(0, -a / 2)
    one, three = abs(acb(quarter, a / 2).gamma()), abs(acb(3 * quarter, a / 2).gamma())
    even = (z.hypgeom_1f1(turned + quarter, arb(1) / 2) * (-z / 2).exp()).real
    odd = x * (z.hypgeom_1f1(turned + 3 * quarter, arb(3) / 2) * (-z / 2).exp()).real
    return arb(2) ** (-3 * quarter) * ((one / three).sqrt() * even - (2 * three / one).sqrt() * odd)


def series(term):
    """The sum of term(k), k = 0, 1, ..., whose terms fall off faster than geometrically, with a ball for what is left."""
    total, largest, k = arb(0), arb(0), 0
    while True:
        add = term(k)
        total += add
        largest = largest.max(abs(add))
        k += 1
        if k > 8 and abs(add) < largest * arb((1, -flint.ctx.prec - 20)):
            return total + arb(0, abs(add).upper())


@in_balls
def wright(a, b, x):
    """Wright's Bessel function (DLMF 10.46.1)."""
    few(x ** (1 / (1 + a)))
    return series(lambda k: x**k / arb.fac_ui(k) * (a * k + b).rgamma())


@in_balls
def bessel_moment(a, power, v):
    """The integral of t^power J_v(2 a t) over (0, 1), term by term."""
    both = (v + power + 1) / 2
    return a**v * (v + 1).rgamma() / (2 * both) * (-a * a).hypgeom([both], [v + 1, both + 1])


@in_balls
def owens(h, a):
    """Owen's T, from its integral."""
    f = lambda t, _: (-h * h * (1 + t * t) / 2).exp() / (1 + t * t)
    return acb.integral(f, 0, a).real / (2 * arb.pi())


# --- integrals of Bessel functions of order 0, term by term (DLMF 10.8.2, 10.31.2) -----------------------------------------------
def _even(k, sign):
    """The coefficient of x^(2k) in J0 (sign -1) or in I0."""
    return arb(sign) ** k / (4**k * arb.fac_ui(k) ** 2)


def _first(sign, power):
    """The integral from 0 of J0 (sign -1) or I0, or of its difference from 1 over t (power -1)."""
    def term(x, k):
        n = 2 * k + power + 1
        return _even(k, sign) * x**n / n

    return in_balls(lambda x: (sign if power else 1) * series(lambda k: term(x, k + (power < 0))))


def _logarithmic(x, sign, power):
    """The integral of (log(t/2) + gamma) J0 - sum of coefficients times harmonic numbers times t^2k, times t^power, from 0; for
    power -1 without the term of k = 0."""
    start, height = (x / 2).log() + arb.const_euler(), [arb(0)]

    def term(k):
        k += power < 0
        while len(height) <= k:
            height.append(height[-1] + arb(1) / len(height))
        n = 2 * k + power + 1
        return _even(k, sign) * x**n / n * (start - arb(1) / n - height[k])

    return series(term)


@in_balls
def integral_y0(x):
    return 2 / arb.pi() * _logarithmic(x, -1, 0)


@in_balls
def integral_k0(x):
    return -_logarithmic(x, 1, 0)


@in_balls
def tail_y0(x):
    """The integral of Y0(t)/t from x on; its constant is what the Mellin transform of Y0 leaves at its double pole."""
    start = (x / 2).log() + arb.const_euler()
    return (arb.pi() ** 2 / 6 - start**2) / arb.pi() - 2 / arb.pi() * _logarithmic(x, -1, -1)


@in_balls
def tail_k0(x):
    start = (x / 2).log() + arb.const_euler()
    return start**2 / 2 + arb.pi() ** 2 / 24 + _logarithmic(x, 1, -1)


integral_j0, integral_i0, integral_j0_less, integral_i0_less = _first(-1, 0), _first(1, 0), _first(-1, -1), _first(1, -1)


# --- distributions: mixtures over a Poisson count -------------------------------------------------------------------------------
def _mixture(mean, weight, raised, first, step, ratio):
    """The sum over j of weight_j P_j, where weight_(j+1) = weight_j mean/(j+1+raised) and P falls: P_(j+1) = P_j - step_j,
    step_(j+1) = step_j ratio(j), step_j positive.

    What is left after a term is less than P times the weights left, which fall geometrically from 2 mean on.
    """
    total, p, j = arb(0), first, 0
    while True:
        total += weight * p
        p, step, weight = p - step, step * ratio(j), weight * mean / (j + 1 + raised)
        j += 1
        if j > 2 * mean and not abs(weight * p) > abs(total) * arb((1, -flint.ctx.prec)):  # also where a ball is too wide to tell
            return total + arb(0, (2 * abs(weight * p)).upper())


def few(size):
    """Refuse a sum of as many terms as that."""
    if not size < 1e5:
        raise ValueError(f"{size} terms are too many")


@in_balls
def chndtr(x, v, c):
    """The noncentral chi-square distribution (DLMF 8.8.5 for its steps)."""
    few(c)
    a, y = v / 2, x / 2
    return _mixture(c / 2, (-c / 2).exp(), 0, y.gamma_lower(a, 1), y**a * (-y).exp() * (a + 1).rgamma(), lambda j: y / (a + j + 1))


def _beta_mixture(c, weight, raised, a, b, x):
    """A mixture of beta distributions with first parameters a, a+1, ... (DLMF 8.17.20)."""
    few(c)
    step = x**a * (1 - x) ** b * (a + b).gamma() * (a + 1).rgamma() * b.rgamma()
    return _mixture(c / 2, weight, raised, x.beta_lower(a, b, 1), step, lambda j: x * (a + b + j) / (a + j + 1))


@in_balls
def ncfdtr(a, b, c, x):
    """The noncentral F distribution."""
    return _beta_mixture(c, (-c / 2).exp(), 0, a / 2, b / 2, a * x / (a * x + b))


@in_balls
def nctdtr(v, d, t):
    """Student's noncentral t distribution, by two mixtures of beta distributions (Lenth 1989)."""
    if t < 0:
        return 1 - _nctdtr(v, -d, -t)
    return _nctdtr(v, d, t)


def _nctdtr(v, d, t):
    c, one, x = d * d, arb(1) / 2, t * t / (v + t * t)
    even = _beta_mixture(c, (-c / 2).exp(), 0, one, v / 2, x)
    odd = _beta_mixture(c, d / arb(2).sqrt() * (-c / 2).exp() * (3 * one).rgamma(), one, arb(1), v / 2, x)
    return (d / arb(2).sqrt()).erfc() / 2 + (even + odd) / 2


# --- eigenvectors ---------------------------------------------------------------------------------------------------------------
def eigenpair(diagonal, beside, at):
    """The eigenvalue number `at` of a symmetric tridiagonal matrix, and its eigenvector of length 1: those of NumPy with the
    digits that Rayleigh's quotient iteration, which triples them, adds in mpmath."""
    rough = np.diag([float(x) for x in diagonal]) + sum(np.diag([float(x) for x in beside], k) for k in (-1, 1))
    v = [m.mpf(float(x)) for x in np.linalg.eigh(rough)[1][:, at]]
    with m.extradps(25):
        for _ in range(6):
            length = m.sqrt(m.fsum(x * x for x in v))
            v = [x / length for x in v]
            image = [x * y for x, y in zip(diagonal, v)]
            for k, b in enumerate(beside):
                image[k], image[k + 1] = image[k] + b * v[k + 1], image[k + 1] + b * v[k]
            value = m.fdot(v, image)
            if max(abs(y - value * x) for x, y in zip(v, image)) < m.mpf(10) ** (10 - m.mp.dps) * (1 + abs(value)):
                break
            v = _solved(diagonal, beside, value, v)
    return value, v


def _solved(diagonal, beside, shift, right):
    """The solution of (T - shift) x = right by elimination."""
    pivot, right = [diagonal[0] - shift], list(right)
    for k, b in enumerate(beside):
        factor = b / pivot[k]
        pivot.append(diagonal[k + 1] - shift - factor * b)
        right[k + 1] -= factor * right[k]
    out = [right[-1] / pivot[-1]]
    for k in range(len(beside) - 1, -1, -1):
        out.append((right[k] - beside[k] * out[-1]) / pivot[k])
    return out[::-1]

"""Rows of the functions of ``scipy.special`` that are no ufuncs: composed of rows.

Most of them convert their argument with ``np.asarray``, which no traced array allows, so that a plain call needs
``dn.enable_scipy("special")``; zeta, lambertw, sinc and softplus do not, and work by their plain names without a row here.
"""

import math

import numpy as np
import scipy.special as sp
from scipy.special import _ufuncs

from dualnet.errors import NotDifferentiableError
from dualnet.table.domain import POSITIVE, REAL
from dualnet.table.parameters import in_double
from dualnet.table.registered import array, double, floating, registered
from dualnet.table.row import TABLE, ndim_of, pointwise, primal
from dualnet.table.values import Constant

for _step in ("round", "gammasgn"):
    _row = Constant(getattr(_ufuncs, _step))
    _row.name = f"special.{_step}"
    TABLE.add(_row, (getattr(_ufuncs, _step),))


def plain_only(name, **options):
    """Refuse options that have no derivative."""
    for option, value in options.items():
        if value:
            raise NotDifferentiableError(f"scipy.special.{name} with {option}={value!r} cannot be differentiated; leave {option} out")


# --- sums of exponentials -------------------------------------------------------------------------------------------
def _shift(x, axis):
    """The largest element, from which nothing overflows; 0 where it is infinite."""
    top = np.max(np.real(primal(x)), axis=axis, keepdims=True)
    return np.where(np.isfinite(top), top, 0.0).astype(np.result_type(top, np.float32) if top.dtype.kind == "f" else float)


@registered("scipy.special.logsumexp")
def logsumexp(a, axis=None, b=None, keepdims=False, return_sign=False):
    """``log(sum(b exp(a)))``."""
    a = array(a)
    shift = _shift(a, axis)
    whole = np.sum(np.exp(a - shift) if b is None else b * np.exp(a - shift), axis=axis, keepdims=True)
    out = np.log(np.absolute(whole) if return_sign else whole) + shift
    axes = axis if axis is not None else tuple(range(ndim_of(primal(out))))
    out = out if keepdims else np.squeeze(out, axis=axes)
    if not return_sign:
        return out
    sign = np.sign(whole)  # of complex numbers the phase, which moves
    return out, sign if keepdims else np.squeeze(sign, axis=axes)


@registered("scipy.special.softmax")
def softmax(x, axis=None):
    """``exp(x)/sum(exp(x))``."""
    x = array(x)
    e = np.exp(x - _shift(x, axis))
    return e / np.sum(e, axis=axis, keepdims=True)


@registered("scipy.special.log_softmax")
def log_softmax(x, axis=None):
    """``log(softmax(x))``."""
    x = array(x)
    moved = x - _shift(x, axis)
    return moved - np.log(np.sum(np.exp(moved), axis=axis, keepdims=True))


# --- gamma and its kin ----------------------------------------------------------------------------------------------
@registered("scipy.special.polygamma")
def polygamma(n, x):
    """The n-th derivative of psi, n whole (DLMF 5.15.1)."""
    n = np.asarray(primal(n))
    first = np.maximum(n, 1)
    higher = (-1.0) ** (first + 1) * sp.gamma(first + 1.0) * _ufuncs._zeta(first + 1.0, x)
    return np.where(n == 0, sp.psi(x), higher) if np.any(n == 0) else higher


@registered("scipy.special.multigammaln")
def multigammaln(a, d):
    """The logarithm of the multivariate gamma function (DLMF 35.3.4)."""
    a = array(a)
    return d * (d - 1) * 0.25 * np.log(np.pi) + sum(sp.gammaln(a - 0.5 * j) for j in range(int(d)))


def _inside(cond, value):
    """`value` where `cond` holds, and 0 with slope 0 elsewhere."""
    return value if np.all(cond) else np.where(cond, value, 0.0)


@registered("scipy.special.comb")
def comb(N, k, exact=False, repetition=False):
    """Combinations of N things taken k at a time."""
    plain_only("comb", exact=exact)
    N, k = array(N), array(k)
    N = N + k - 1 if repetition else N
    n, j = primal(N), primal(k)
    return _inside((j <= n) & (n >= 0) & (j >= 0), sp.binom(N, k))


@registered("scipy.special.perm")
def perm(N, k, exact=False):
    """Arrangements of k things out of N."""
    plain_only("perm", exact=exact)
    N, k = array(N), array(k)
    n, j = primal(N), primal(k)
    return _inside((j <= n) & (n >= 0) & (j >= 0), sp.poch(N - k + 1, k))


@registered("scipy.special.factorial")
def factorial(n, exact=False, extend="zero"):
    """gamma(n + 1), and 0 left of 0 unless `extend` is "complex"."""
    plain_only("factorial", exact=exact)
    n = double(n)
    return sp.gamma(n + 1.0) if extend == "complex" else _inside(primal(n) >= 0, sp.gamma(n + 1.0))


# --- Bessel functions -----------------------------------------------------------------------------------------------
def derivatives(name, f, phase, outer=1):
    """Enter the n-th derivative of a Bessel function: a binomial sum of neighbours (DLMF 10.6.7, 10.29.5)."""
    def rule(v, z, n=1):
        v, z = array(v), array(z)
        return (outer / 2) ** n * sum((phase**i * math.comb(n, i)) * f(v - n + 2 * i, z) for i in range(n + 1))

    rule.__name__, rule.__doc__ = name, f"The n-th derivative of ``{f.__name__}`` by its argument."
    registered(f"scipy.special.{name}")(rule)


derivatives("jvp", sp.jv, -1), derivatives("yvp", sp.yv, -1), derivatives("h1vp", sp.hankel1, -1)
derivatives("h2vp", sp.hankel2, -1), derivatives("ivp", sp.iv, 1), derivatives("kvp", sp.kv, 1, -1)


def spherical(name, sign, outer=1):
    """Enter a spherical Bessel function of a whole order: (2n+1) f' = n f(n-1) + sign (n+1) f(n+1) (DLMF 10.51.2, 10.51.5)."""
    function = getattr(sp, name)

    def slope(n, z, out=None):
        n = np.asarray(primal(n))
        return outer * (n * part(np.maximum(n - 1, 0), z) + sign * (n + 1) * part(n + 1, z)) / (2 * n + 1)

    part = pointwise(lambda n, z: function(n, z), None, slope, name=f"{name} of z", domain=POSITIVE)

    def rule(n, z, derivative=False):
        z = floating(z)
        return slope(n, z).astype(z.dtype) if derivative else part(n, z)

    rule.__name__, rule.__doc__ = name, f"``scipy.special.{name}`` of a whole order."
    registered(f"scipy.special.{name}")(rule)


spherical("spherical_jn", -1), spherical("spherical_yn", -1), spherical("spherical_in", 1), spherical("spherical_kn", 1, -1)


# --- Legendre functions ---------------------------------------------------------------------------------------------
@registered("scipy.special.diric")
def diric(x, n):
    """sin(n x/2)/(n sin(x/2)) for a whole n: Chebyshev's U(n-1) of cos(x/2), without its removable poles (DLMF 18.5.2)."""
    n, x = np.asarray(primal(n)), array(x)
    whole = (n > 0) & (n == np.floor(n))
    out = sp.eval_chebyu(np.where(whole, n - 1, 0).astype(int), np.cos(x / 2)) / np.where(whole, n, 1)
    return out if np.all(whole) else np.where(whole, out, np.nan)


LEADING = ndim_of(sp.legendre_p(1, 0.5))  # SciPy puts an axis of derivatives first, of length 1 here


def led(x):
    """`x` with the leading axis that SciPy gives a Legendre function."""
    return np.expand_dims(x, 0) if LEADING else x


def unled(x):
    """`x` without that axis."""
    return x[0] if LEADING else x


@registered("scipy.special.legendre_p")
def legendre_p(n, z, *, diff_n=0):
    """Legendre's polynomial of a whole degree."""
    plain_only("legendre_p", diff_n=diff_n)
    return led(sp.eval_legendre(np.asarray(primal(n)), z))


def ladder(n, m):
    """The factor of a step up in the order of a spherical harmonic, 0 where there is none."""
    return np.sqrt(np.maximum((n - m) * (n + m + 1.0), 0.0))


ASSOCIATED = pointwise(
    lambda n, m, z: unled(sp.assoc_legendre_p(n, m, z)), None, None,
    lambda n, m, z, out: ((n + m) * ASSOCIATED(n - 1, m, z) - n * z * out) / (1 - z * z), name="assoc_legendre_p of z")  # DLMF 14.10.4
SPHERICAL = pointwise(
    lambda n, m, t: unled(sp.sph_legendre_p(n, m, t)), None, None,
    lambda n, m, t, out: 0.5 * (ladder(n, m) * SPHERICAL(n, m + 1, t) - ladder(n, -m) * SPHERICAL(n, m - 1, t)),
    name="sph_legendre_p of theta", domain=REAL)  # the ladder of angular momentum


@registered("scipy.special.assoc_legendre_p")
def assoc_legendre_p(n, m, z, *, branch_cut=2, norm=False, diff_n=0):
    """The associated Legendre function of whole degree and order on the cut."""
    plain_only("assoc_legendre_p", norm=norm, diff_n=diff_n, branch_cut=branch_cut if branch_cut != 2 else None)
    return led(ASSOCIATED(np.asarray(primal(n)), np.asarray(primal(m)), array(z)))


@registered("scipy.special.sph_legendre_p")
def sph_legendre_p(n, m, theta, *, diff_n=0):
    """The spherical Legendre function of whole degree and order."""
    plain_only("sph_legendre_p", diff_n=diff_n)
    return led(SPHERICAL(np.asarray(primal(n)), np.asarray(primal(m)), array(theta)))


@registered("scipy.special.sph_harm_y")
def sph_harm_y(n, m, theta, phi, *, diff_n=0):
    """The spherical harmonic of whole degree and order, by both angles."""
    plain_only("sph_harm_y", diff_n=diff_n)
    m = np.asarray(primal(m))
    return SPHERICAL(np.asarray(primal(n)), m, array(theta)) * np.exp(1j * m * array(phi))


in_double()

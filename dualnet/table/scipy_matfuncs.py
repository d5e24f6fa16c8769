"""Rows of functions of matrices: ``scipy.linalg.expm``, ``logm``, ``sqrtm`` and what is made of them.

A function of matrices has one identity for all orders (Mathias 1996; Higham 2008, "Functions of Matrices",
theorem 3.6): f of the block matrix [[a, t], [0, a]] is [[f(a), d], [0, f(a)]], where d is the derivative of f
at a along t. It is written here with rows, so it nests. With d(t) that derivative, tr(s d(t)) = tr(d(s) t): so the transpose
of d is g -> d(g^H)^H, at a branch cut too.
"""

import numpy as np
import scipy.linalg

from dualnet.table.linalg import adjoint, is_complex, square
from dualnet.table.registered import array, floating, plainly, refuse, registered
from dualnet.table.row import TABLE, linear, primal, shape_of


def along(name, a, t):
    """The derivative of the row `name` at `a` along `t`, which may have more leading axes."""
    n, whole = shape_of(a)[-1], shape_of(t)
    size, unit = np.max(np.abs(primal(t)), initial=0.0), np.max(np.abs(primal(a)), initial=0.0) or 1.0
    scale = float(np.ldexp(1.0, int(np.frexp(size / unit)[1]))) if 0 < size < np.inf else 1.0  # so that t is not larger than a
    a = np.broadcast_to(a, whole)
    top = np.concatenate([a, t / scale], -1)
    below = np.concatenate([np.zeros(whole, primal(a).dtype), a], -1)
    return TABLE[name](np.concatenate([top, below], -2))[..., :n, n:] * scale


def entered(name, function, exists=None):
    """Enter the row of a function of matrices, given by its value; the derivative is NaN where it does not exist."""
    def derived(a, t):
        return along(name, a, t) if exists is None or exists(primal(a)) else np.nan * t

    def rule(a):
        return ([a], plainly(function, TABLE[name]), [lambda t, out, a: derived(a, t)], [lambda g, out, a: adjoint(derived(a, adjoint(g)))])

    rule.__name__, rule.__doc__ = name, f"scipy.linalg.{function.__name__} of a stack of matrices; derivatives by the block identity."
    return linear(name=name)(rule)


def _apart(values):
    """True where no value is 0 beside the largest of its row, to rounding."""
    size = np.abs(values)
    return np.all(np.isnan(size) | (size > 8 * size.shape[-1] * np.finfo(size.dtype).eps * np.max(size, axis=-1, keepdims=True, initial=0)))


def regular(a):
    """True where no eigenvalue is 0: where the logarithm exists."""
    return _apart(np.linalg.eigvals(a)) if np.all(np.isfinite(a)) else True


def separate(root):
    """True where no two eigenvalues (nor one twice) add up to 0: where the square root has a derivative."""
    if not np.all(np.isfinite(root)):
        return True
    w = np.linalg.eigvals(root)
    return _apart(np.reshape(w[..., None] + w[..., None, :], w.shape[:-1] + (-1,)))


entered("matrix_exponential", scipy.linalg.expm)
entered("matrix_logarithm", scipy.linalg.logm, regular)


@registered("scipy.linalg.expm")
def expm(A):
    """The exponential of matrices."""
    return TABLE["matrix_exponential"](square(floating(A), "expm"))


@registered("scipy.linalg.logm")
def logm(A, disp=None):
    """The principal logarithm of matrices without eigenvalues on the closed negative real axis."""
    if disp is False:
        refuse("scipy.linalg.logm", "disp", disp)
    return TABLE["matrix_logarithm"](square(floating(A), "logm"))


@linear(name="matrix_root", core=2)
def matrix_root(a):
    """The principal square root x: x dx + dx x = da."""
    def solved(x, t):
        if not separate(primal(x)):
            return np.nan * t
        return TABLE.find(scipy.linalg.solve_sylvester)(x, x, t)

    return ([a], plainly(scipy.linalg.sqrtm, TABLE["matrix_root"]), [lambda t, out, a: solved(out, t)],
            [lambda g, out, a: solved(adjoint(out), g)])


@registered("scipy.linalg.sqrtm")
def sqrtm(A, disp=None, blocksize=None):
    """The principal square root of matrices."""
    if disp is False:
        refuse("scipy.linalg.sqrtm", "disp", disp)
    return TABLE["matrix_root"](square(floating(A), "sqrtm"))


def _turned(A, sign=1):
    """exp(i A), in the precision of A."""
    A = floating(A)
    return expm(A * np.asarray(sign * 1j, np.result_type(A.dtype, np.complex64)))


@registered("scipy.linalg.cosm")
def cosm(A):
    """The cosine of matrices, by exponentials."""
    return 0.5 * (_turned(A) + _turned(A, -1)) if is_complex(array(A)) else np.real(_turned(A))


@registered("scipy.linalg.sinm")
def sinm(A):
    """The sine of matrices, by exponentials."""
    return -0.5j * (_turned(A) - _turned(A, -1)) if is_complex(array(A)) else np.imag(_turned(A))


@registered("scipy.linalg.tanm")
def tanm(A):
    """The tangent of matrices."""
    return np.linalg.solve(cosm(A), sinm(A))


@registered("scipy.linalg.coshm")
def coshm(A):
    """The hyperbolic cosine of matrices."""
    return 0.5 * (expm(A) + expm(-array(A)))


@registered("scipy.linalg.sinhm")
def sinhm(A):
    """The hyperbolic sine of matrices."""
    return 0.5 * (expm(A) - expm(-array(A)))


@registered("scipy.linalg.tanhm")
def tanhm(A):
    """The hyperbolic tangent of matrices."""
    return np.linalg.solve(coshm(A), sinhm(A))

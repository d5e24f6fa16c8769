"""Rows of polynomials by their coefficients, the highest power first."""

import numpy as np

from dualnet.table.contractions import as_plain
from dualnet.table.linalg import is_complex, operand
from dualnet.table.quiet import say
from dualnet.table.row import TABLE, composed, linear, ndim_of, primal, revalued, shape_of


@composed(np.polyval)
def polyval(p, x):
    """The polynomial's value by Horner's rule, in the coefficients and in x."""
    p, x = operand(p), operand(x)
    y = np.zeros(shape_of(x), np.result_type(p.dtype, x.dtype))
    for k in range(len(p)):
        y = y * x + p[k] if k else y + p[k]
    if primal(x).dtype.kind in "fc" and not np.all(np.isfinite(primal(x))):  # NumPy begins with 0 x, which is NaN there
        return revalued(y, np.polyval(primal(p), primal(x)))
    return as_plain(y, np.polyval, (p, x))


@linear(name="polynomial_roots")
def polynomial_roots(p):
    """Roots of a polynomial: dr = -dp(r) / p'(r) by the implicit function theorem; infinite at multiple roots."""
    n = np.size(p)

    def slopes(r, p):
        return -np.vander(r, n) / np.expand_dims(np.polyval(np.polyder(p), r), -1)

    def pull(g, r, p):
        j = slopes(r, p)
        return np.matmul(np.expand_dims(g, -2), np.conjugate(j) if is_complex(j) else j)[..., 0, :]

    return [p], np.roots, [lambda t, r, p: np.matmul(slopes(r, p), np.expand_dims(t, -1))[..., 0]], [pull]


@composed(np.roots)
def roots(p):
    """All roots."""
    p = np.atleast_1d(operand(p))
    if ndim_of(p) != 1:
        raise ValueError("Input must be a rank-1 array.")
    found = np.roots(primal(p))
    return TABLE["polynomial_roots"](p) if found.size else found


@composed(np.poly)
def poly(seq_of_zeros):
    """Coefficients of the polynomial with given roots, or of the characteristic polynomial of a matrix."""
    z = np.atleast_1d(operand(seq_of_zeros))
    if ndim_of(z) > 2:
        raise ValueError(f"poly: an array of shape {shape_of(z)} holds neither roots nor a square matrix")
    z = np.linalg.eigvals(z) if ndim_of(z) == 2 else z
    z = TABLE["astype"](z, np.mintypecode(z.dtype.char))
    out = np.ones(1, z.dtype)
    for k in range(np.size(z)):
        out = np.convolve(out, np.stack([np.ones((), z.dtype), -z[k]]))
    plain = primal(z)
    paired = is_complex(z) and np.all(np.sort(plain) == np.sort(plain.conj()))
    return np.real(out) if paired else out


def _sum(a1, a2, sign):
    a1, a2 = (np.atleast_1d(operand(a)) for a in (a1, a2))
    n = max(np.size(a1), np.size(a2))
    a1, a2 = (np.concatenate([np.zeros(n - np.size(a), a.dtype), a]) if np.size(a) < n else a for a in (a1, a2))
    return a1 + a2 if sign > 0 else a1 - a2


@composed(np.polyadd)
def polyadd(a1, a2):
    """The sum of two polynomials."""
    return _sum(a1, a2, 1)


@composed(np.polysub)
def polysub(a1, a2):
    """The difference of two polynomials."""
    return _sum(a1, a2, -1)


def _led(a):
    """Coefficients without leading zeros, as NumPy's products take them."""
    a = np.trim_zeros(np.atleast_1d(operand(a)), "f")
    return a if np.size(a) else np.zeros(1, a.dtype)


@composed(np.polymul)
def polymul(a1, a2):
    """The product of two polynomials."""
    return np.convolve(_led(a1), _led(a2))


@composed(np.polydiv)
def polydiv(u, v):
    """(quotient, remainder)."""
    u, v = (np.atleast_1d(operand(x)) + 0.0 for x in (u, v))
    m, n = np.size(u) - 1, np.size(v) - 1
    scale, q, r = 1.0 / v[0], [], u
    for k in range(m - n + 1):
        d = scale * r[k]
        q.append(d)
        r = np.concatenate([r[:k], r[k:k + n + 1] - d * v, r[k + n + 1:]])
    while np.size(r) > 1 and np.allclose(primal(r)[0], 0, rtol=1e-14):
        r = r[1:]
    return (np.stack(q) if q else np.zeros(1, r.dtype)), r


@composed(np.polyder)
def polyder(p, m=1):
    """Coefficients of the m-th derivative."""
    p = operand(p)
    if m < 0:
        raise ValueError(f"polyder: m={m} is negative; integrals are those of np.polyint")
    for _ in range(m):
        n = np.size(p) - 1
        p = p[:-1] * np.arange(n, 0, -1)
    return p


@composed(np.polyint)
def polyint(p, m=1, k=None):
    """Coefficients of the m-th integral, with constants k."""
    p = operand(p)
    np.polyint([0.0], m, None if k is None else np.zeros(np.size(k)))  # NumPy's errors
    k = np.zeros(m) if k is None else np.broadcast_to(k, (m,)) if np.size(k) == 1 else operand(k)
    for i in range(m):
        p = np.concatenate([p / np.arange(np.size(p), 0, -1), np.reshape(k[i], (1,))])
    return p


@composed(np.polyfit)
def polyfit(x, y, deg, rcond=None, full=False, w=None, cov=False):
    """Coefficients of the polynomial of degree `deg` with the least squares, in x, y and the weights."""
    x, y = operand(x) + 0.0, operand(y) + 0.0
    if deg < 0:
        raise ValueError(f"polyfit: deg={deg} is negative")
    if ndim_of(x) != 1 or not np.size(x) or ndim_of(y) not in (1, 2) or len(y) != len(x) or shape_of(w) not in ((), shape_of(x)):
        raise TypeError(f"polyfit: x of shape {shape_of(x)}, y of shape {shape_of(y)} and weights of shape {shape_of(w)} do not fit")
    if rcond is None:
        rcond = np.size(x) * np.finfo(primal(x).dtype).eps
    left, right = np.vander(x, deg + 1), y
    if w is not None:
        w = operand(w) + 0.0
        left = left * w[:, None]
        right = right * (w[:, None] if ndim_of(right) == 2 else w)
    scale = np.sqrt(np.sum(left * left, axis=0))
    c, residuals, rank, s = np.linalg.lstsq(left / scale, right, rcond)
    c = (c.T / scale).T
    if primal(rank) != deg + 1 and not full:
        say("Polyfit may be poorly conditioned", np.exceptions.RankWarning)
    if full:
        return c, residuals, rank, s, rcond
    if not cov:
        return c
    scaled = left / scale
    base = np.linalg.inv(np.matmul(scaled.T, scaled)) / np.outer(scale, scale)
    factor = 1 if cov == "unscaled" else residuals / (np.size(x) - deg - 1)
    return c, base * factor if ndim_of(y) == 1 else base[:, :, None] * factor

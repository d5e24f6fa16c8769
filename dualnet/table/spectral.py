"""Rows of spectral decompositions: eigenvalues, singular values and their vectors.

Each decomposition is one linear row whose result holds all its factors side by side, so that its pushes
and pulls find the factors without computing them again. Gauge: eigen- and singular vectors v keep
v^H dv = 0 (of a pair of complex singular vectors the right one does), those of ``eig`` keep length 1 and
their largest component real, as LAPACK's do; bases of null spaces keep B^H dB = 0.

Equal eigenvalues or singular values: the values have the derivative just ahead (DESIGN 5), that is, sorted
along the direction looked into; of their vectors, and at second order, it is NaN. Equal eigenvalues of a
matrix that is not Hermitian, and singular values 0, have NaN. Symmetric functions of the values (their sum,
the nuclear norm of a regular matrix) are right in all directions at first order. Simple values among equal
ones, and their vectors, have all derivatives (:mod:`dualnet.table.isolated`).
"""

import math

import numpy as np

from dualnet.table.isolated import Isolated, IsolatedSingular, apart, idle, split
from dualnet.table.linalg import adjoint, is_complex, matrices, mirrored, operand, raised, solved, square
from dualnet.table.ordering import LOCAL, parts
from dualnet.table.row import TABLE, Traced, composed, linear, ndim_of, primal, shape_of

EighResult, EigResult, SVDResult = (type(f(np.eye(1))) for f in (np.linalg.eigh, np.linalg.eig, np.linalg.svd))


def packed(*factors):
    """Factors with the axes after their stack made one, side by side; each is a pair (array, its axes)."""
    return np.concatenate([np.reshape(x, shape_of(x)[:ndim_of(x) - n] + (math.prod(shape_of(x)[ndim_of(x) - n:]),))
                           for x, n in factors], -1)


def unpacked(x, *shapes):
    """The factors of the given shapes that stand side by side in x, behind its stack."""
    out, start = [], 0
    for shape in shapes:
        end = start + math.prod(shape)
        out.append(np.reshape(x[..., start:end], shape_of(x)[:-1] + shape))
        start = end
    return out


def real(x):
    return np.real(x) if is_complex(x) else x


def diagonal(m):
    return np.diagonal(m, 0, -2, -1)


def as_diagonal(x):
    return np.expand_dims(x, -2) * np.eye(shape_of(x)[-1], dtype=primal(x).real.dtype)


def _columns(s):
    return np.expand_dims(s, -2)


def _rows(s):
    return np.expand_dims(s, -1)


def _close(w, size):
    """Pairs of different eigenvalues (w: plain) that rounding does not tell apart."""
    gap = np.abs(_columns(w) - _rows(w))
    largest = np.max(np.abs(w), axis=-1, initial=0)[..., None, None]
    return (gap <= 8 * size * np.finfo(gap.dtype).eps * largest) & ~np.eye(w.shape[-1], dtype=bool)


def _over_gaps(w, close, idle=False):
    """1 / (w_j - w_i); 0 on the diagonal; NaN for equal ones, or 0 where nothing depends on it."""
    diagonal = np.eye(shape_of(w)[-1], dtype=bool)
    gap = np.where(diagonal | close, 1, _columns(w) - _rows(w))
    return np.where(diagonal | close & idle, 0, np.where(close, np.nan, 1 / gap))


def _idle_pairs(g):
    """Pairs of columns of which neither matters: only of those is it no matter how they mix."""
    columns = np.all(idle(g), axis=-2)
    return _columns(columns) & _rows(columns)


def _absent(g):
    """True where the whole cotangent g is zero, so that nothing depends on the factor."""
    return bool(np.all(idle(g)))


def _clusters(close):
    """For each matrix of a stack its place and the runs of neighbours that are close."""
    for place in np.ndindex(close.shape[:-2]):
        joined = np.diagonal(close[place], 1)
        starts = np.concatenate([[True], ~joined]) if close.shape[-1] else np.zeros(0, bool)
        for run in np.split(np.arange(len(starts)), np.flatnonzero(starts)[1:]):
            if len(run) > 1:
                yield place, run


def _looking(a):
    """The direction just ahead of `a` as a plain array, or None."""
    rest = parts(a)[1:] if isinstance(a, Traced) and not LOCAL.get() else []
    return np.broadcast_to(rest[0], shape_of(a)) if rest else None


def _eigen_turn(a, w, v, close):
    """The change of basis that sorts equal eigenvalues just ahead, or None."""
    ahead = _looking(a) if np.any(close) else None
    if ahead is None:
        return None
    m = adjoint(v) @ ahead @ v
    turn = np.zeros_like(v) + np.eye(v.shape[-1], dtype=v.dtype)
    for place, run in _clusters(close):
        inner = np.ix_(run, run)
        turn[place][inner] = np.linalg.eigh((m[place] + adjoint(m[place]))[inner])[1]
    return turn


@linear(name="eigen_hermitian", core=2)
def eigen_hermitian(a, triangle):
    """(w, v) of Hermitian matrices, packed: dw = diag(v^H da v), dv = v (F o v^H da v), F_ij = 1/(w_j - w_i)."""
    n = shape_of(a)[-1]
    shapes, w, v = ((n,), (n, n)), *np.linalg.eigh(primal(a), triangle)
    close = _close(w, n)
    turn = _eigen_turn(a, w, v, close)
    simple = ~np.any(close, axis=-1)
    lost = ~np.isfinite(w).all(-1)  # of a matrix that is not finite

    def factors(out):
        w, v = unpacked(out, *shapes)
        w = real(w)
        return w, v * np.where(raised(lost), np.nan, 1).astype(w.dtype) if np.any(lost) else v

    def push(t, out, a):
        w, v = factors(out)
        m = adjoint(v) @ t @ v
        dw = real(diagonal(m if turn is None else adjoint(turn) @ m @ turn))
        if not apart(a, simple):
            return packed((dw, 1), (v @ (_over_gaps(w, close) * m), 2))
        own, dv = Isolated(a, w, v, simple).push_hermitian(t)
        return packed((np.where(simple, real(own), dw), 1), (dv, 2))

    def pull(g, out, a):
        w, v = factors(out)
        gw, gv = unpacked(g, *shapes)
        if not apart(a, simple):
            return pull_all(gw, gv, w, v)
        own, others, needed = split(simple, real(gw), gv)
        out = Isolated(a, w, v, simple).pull_hermitian(*own)
        return out + np.where(raised(needed), pull_all(*others, w, v), 0) if np.any(needed) else out

    def pull_all(gw, gv, w, v):
        if turn is None and _absent(gv):
            return (v * _columns(real(gw))) @ adjoint(v)
        inner = as_diagonal(real(gw))
        inner = inner if turn is None else turn @ inner @ adjoint(turn)
        return v @ (inner + _over_gaps(w, close, _idle_pairs(gv)) * (adjoint(v) @ gv)) @ adjoint(v)

    def value(a):
        return TABLE["eigen_hermitian"](a, triangle) if isinstance(a, Traced) else packed((w, 1), (v, 2))

    return [a], value, [push], [pull]


@composed(np.linalg.eigh)
def eigh(a, UPLO="L"):
    """(eigenvalues, eigenvectors) of the Hermitian matrix that is one triangle of `a` and its mirror image."""
    if UPLO.upper() not in ("L", "U"):
        raise ValueError(f"UPLO argument must be 'L' or 'U', not {UPLO!r}")
    a = mirrored(square(operand(a), "eigh"), UPLO.upper() == "L")
    n = shape_of(a)[-1]
    w, v = unpacked(TABLE["eigen_hermitian"](a, UPLO), (n,), (n, n))  # of equal triangles: which one LAPACK reads sets signs
    return EighResult(real(w), v)


@composed(np.linalg.eigvalsh)
def eigvalsh(a, UPLO="L"):
    """Eigenvalues of the Hermitian matrix that is one triangle of `a` and its mirror image."""
    return np.linalg.eigh(a, UPLO)[0]


@linear(name="eigen_general", core=2)
def eigen_general(a):
    """(w, v) of square matrices, packed: dw = diag(v^-1 da v), dv = v (F o v^-1 da v) kept at length 1."""
    n = shape_of(a)[-1]
    shapes = (n,), (n, n)
    w, v = np.linalg.eig(primal(a))
    close = _close(w, n)
    simple = ~np.any(close, axis=-1)
    equal = np.where(simple, 1.0, np.nan).astype(v.real.dtype)
    largest = np.abs(v) == np.max(np.abs(v), axis=-2, keepdims=True, initial=0)
    largest &= np.cumsum(largest, axis=-2) == 1

    def push(t, out, a):
        w, v = unpacked(out, *shapes)
        if apart(a, simple):
            dw, x = Isolated(a, w, v, simple).push_general(t)
        else:
            m = solved(v, t @ v)
            dw, x = equal * diagonal(m), v @ (_over_gaps(w, close) * m)
        dv = x - v * np.sum(real(np.conjugate(v) * x), -2, keepdims=True)
        if is_complex(v):
            dv = dv - 1j * v * (np.sum(largest * np.imag(x), -2, keepdims=True) / np.sum(largest * np.real(v), -2, keepdims=True))
        return packed((dw, 1), (dv, 2))

    def pull(g, out, a):
        w, v = unpacked(out, *shapes)
        gw, gv = unpacked(g, *shapes)
        if not apart(a, simple):
            return pull_all(gw, gv, w, v)
        (gw, gv), others, needed = split(simple, gw, gv)
        out = Isolated(a, w, v, simple).pull_general(gw, in_gauge(gv, np.where(simple[..., None, :], v, 1)))
        return out + np.where(raised(needed), pull_all(*others, w, v), 0) if np.any(needed) else out

    def in_gauge(g, v):
        x = g - v * np.sum(real(np.conjugate(g) * v), -2, keepdims=True)
        if is_complex(v):
            turned = np.sum(np.real(np.conjugate(g) * (1j * v)), -2, keepdims=True)
            x = x - 1j * (largest * (turned / np.sum(largest * np.real(v), -2, keepdims=True)))
        return x

    def pull_all(gw, gv, w, v):
        x = in_gauge(gv, v)
        f = _over_gaps(w, close, _idle_pairs(gv))
        inner = as_diagonal(_live(gw, equal)) + (np.conjugate(f) if is_complex(f) else f) * (adjoint(v) @ x)
        return solved(adjoint(v), inner) @ adjoint(v)

    def value(a):
        return TABLE["eigen_general"](a) if isinstance(a, Traced) else packed((w, 1), (v, 2))

    return [a], value, [push], [pull]


@composed(np.linalg.eig)
def eig(a):
    """(eigenvalues, eigenvectors) of square matrices; real where all eigenvalues are, as in NumPy."""
    a = square(operand(a), "eig")
    n = shape_of(a)[-1]
    return EigResult(*unpacked(TABLE["eigen_general"](a), (n,), (n, n)))


@composed(np.linalg.eigvals)
def eigvals(a):
    """Eigenvalues of square matrices."""
    return np.linalg.eig(a)[0]


def _singular_turn(a, u, s, v, close):
    """Changes of basis on both sides that sort equal singular values just ahead, or None."""
    ahead = _looking(a) if np.any(close) else None
    if ahead is None:
        return None
    m = adjoint(u) @ ahead @ v
    turn = np.zeros_like(m) + np.eye(s.shape[-1], dtype=m.dtype)
    for place, run in _clusters(close):
        inner = np.ix_(run, run)
        turn[place][inner] = np.linalg.eigh((m[place] + adjoint(m[place]))[inner])[1][:, ::-1]
    return turn


@linear(name="singular", core=2)
def singular(a):
    """(u, s, v) of the thin decomposition a = u s v^H, packed (Papadopoulo and Lourakis 2000)."""
    m, n = shape_of(a)[-2:]
    k = min(m, n)
    shapes = (m, k), (k,), (n, k)
    u0, s0, v0 = np.linalg.svd(primal(a), full_matrices=False)
    v0 = adjoint(v0)
    close = _close(s0, max(m, n))
    turn = _singular_turn(a, u0, s0, v0, close)
    regular = s0 > 8 * max(m, n) * np.finfo(s0.dtype).eps * np.max(s0, axis=-1, keepdims=True, initial=0)  # neither 0 nor NaN
    live = np.where(regular, 1, np.nan).astype(s0.dtype)
    simple = regular & ~np.any(close, axis=-1)
    unit = _unit(s0)

    def factors(out):
        u, s, v = unpacked(out, *shapes)
        return u, real(s), v, real(s) / unit

    def over_gaps(e, idle=False):
        return _over_gaps(e * e, close, idle) / unit[..., None]

    def push(t, out, a):
        u, s, v, e = factors(out)
        if not apart(a, simple):
            return push_all(t, u, s, v, e)
        du, own, dv = IsolatedSingular(a, u, s, v, simple).push(t)
        ds = unpacked(push_all(t, u, s, v, e), *shapes)[1]
        return packed((du, 2), (np.where(simple, own, real(ds)), 1), (dv, 2))

    def push_all(t, u, s, v, e):
        core = adjoint(u) @ t @ v
        back = adjoint(core)
        f = over_gaps(e)
        du = f * (core * _columns(e) + _rows(e) * back)
        dv = f * (_rows(e) * core + back * _columns(e))
        if is_complex(core):
            du = du + 1j * as_diagonal(np.imag(diagonal(core)) / s)
        du, dv = u @ du, v @ dv
        du = du if m == k else du + (t @ v - u @ core) / _columns(s)
        dv = dv if n == k else dv + (adjoint(t) @ u - v @ back) / _columns(s)
        ds = diagonal(core if turn is None else adjoint(turn) @ core @ turn)
        return packed((du, 2), (live * real(ds), 1), (dv, 2))

    def pull(g, out, a):
        u, s, v, e = factors(out)
        gu, gs, gv = unpacked(g, *shapes)
        if not apart(a, simple):
            return pull_all(gs, gu, gv, u, s, v, e)
        own, others, needed = split(simple, real(gs), gu, gv)
        out = IsolatedSingular(a, u, s, v, simple).pull(*own)
        return out + np.where(raised(needed), pull_all(*others, u, s, v, e), 0) if np.any(needed) else out

    def pull_all(gs, gu, gv, u, s, v, e):
        gs, absent = _live(real(gs), live), _absent(gu) and _absent(gv)
        if turn is None and absent:
            return (u * _columns(gs)) @ adjoint(v)
        inner = as_diagonal(gs)
        inner = inner if turn is None else turn @ inner @ adjoint(turn)
        x, y = adjoint(u) @ gu, adjoint(v) @ gv
        f = over_gaps(e, _idle_pairs(gu) & _idle_pairs(gv))
        fx, fy = f * x, f * y
        inner = inner + fx * _columns(e) + adjoint(fx) * _columns(e) + _rows(e) * fy + _rows(e) * adjoint(fy)
        if is_complex(x):
            inner = inner + 1j * as_diagonal(np.imag(diagonal(x)) / s)
        out = u @ inner @ adjoint(v)
        if m > k and not absent:
            out = out + ((gu - u @ x) / _columns(s)) @ adjoint(v)
        return out if n == k or absent else out + u @ adjoint((gv - v @ y) / _columns(s))

    def value(a):
        return TABLE["singular"](a) if isinstance(a, Traced) else packed((u0, 2), (s0, 1), (v0, 2))

    return [a], value, [push], [pull]


def _unit(s):
    """A power of two near the largest of each vector of singular values: in units of it no square over- or underflows."""
    top = np.max(s, axis=-1, keepdims=True, initial=0)
    return np.where(top > 0, np.ldexp(np.ones((), s.dtype), np.frexp(top)[1] - 1), 1).astype(s.dtype)


def _live(g, live):
    """The cotangent of singular values or eigenvalues; NaN for those without a derivative, unless nothing depends on them."""
    return g if not np.any(np.isnan(live)) else np.where(idle(g) & np.isnan(live), 0, g * live)


@linear(name="complement")
def complement(q, basis):
    """A fixed orthonormal basis of what the orthonormal columns of q leave out: dB = -q dq^H B."""
    return ([q], lambda q: TABLE["complement"](q, basis) if isinstance(q, Traced) else basis,
            [lambda t, out, q: -(q @ (adjoint(t) @ out))], [lambda g, out, q: -(out @ (adjoint(g) @ q))])


def completed(q, whole):
    """q with the columns of `whole` (plain) that it lacks."""
    k = shape_of(q)[-1]
    return q if k == shape_of(whole)[-1] else np.concatenate([q, TABLE["complement"](q, whole[..., k:])], -1)


@composed(np.linalg.svd)
def svd(a, full_matrices=True, compute_uv=True, hermitian=False):
    """Singular values and vectors, a = u s vh."""
    a = matrices(operand(a), "svd")
    if hermitian:
        return _hermitian(a, compute_uv)
    m, n = shape_of(a)[-2:]
    k = min(m, n)
    u, s, v = unpacked(TABLE["singular"](a), (m, k), (k,), (n, k))
    if not compute_uv:
        return real(s)
    if full_matrices and m != n:
        whole = np.linalg.svd(primal(a))
        u, v = completed(u, whole[0]), completed(v, adjoint(whole[2]))
    return SVDResult(u, real(s), adjoint(v))


def _hermitian(a, compute_uv):
    """The singular values (and vectors) of Hermitian matrices by their eigenvalues, as NumPy finds them."""
    w, v = np.linalg.eigh(a)
    if not compute_uv:
        return np.flip(np.sort(np.abs(w), axis=-1), -1)
    order = np.argsort(np.abs(primal(w)), axis=-1)[..., ::-1]
    w, v = np.take_along_axis(w, order, -1), np.take_along_axis(v, _columns(order), -1)
    return SVDResult(v, np.abs(w), adjoint(v * _columns(np.sign(primal(w)))))


@composed(np.linalg.svdvals)
def svdvals(x, /):
    """Singular values, the largest first."""
    return np.linalg.svd(x, compute_uv=False)

"""Everyday NumPy expressions, by family, as text; each is differentiated by every input that it names.

Inputs are arrays of ``INPUTS``, constants those of ``CONSTANTS``. No input is near a kink or a tie of an expression that it is in.
"""

import warnings

import numpy as np
from everyday_programs import PROGRAMS

_rng = np.random.default_rng(3)


def _draw(*shape, low=0.3, high=1.9, signs=True):
    """Numbers between `low` and `high` of either sign, no two alike, nor like those of another array."""
    n = int(np.prod(shape))
    values = _rng.permutation(np.linspace(low, high, n) + _rng.uniform(0.0, 0.5 * (high - low) / n, n)).reshape(shape)
    return values * _rng.choice([-1.0, 1.0], shape) if signs else values


INPUTS = {
    "x": _draw(5), "y": _draw(5), "p": _draw(5, signs=False), "q": _draw(5, signs=False), "u": _draw(5, low=0.1, high=0.8),
    "s": np.float64(0.7), "t": np.float64(-1.3), "v": _draw(3), "w": _draw(4), "A": _draw(3, 4), "B": _draw(4, 3), "D": _draw(3, 4),
    "P": _draw(3, 4, signs=False), "C": _draw(2, 3, 4), "W": _draw(3, 3) + 3 * np.eye(3), "V": _draw(2, 3, 3) + 4 * np.eye(3),
    "z": _draw(5) + 1j * _draw(5), "Z": _draw(3, 3) + 2 * np.eye(3) + 1j * _draw(3, 3), "r": np.sort(_draw(6, signs=False)).cumsum(),
    "f": _draw(6),
}
CONSTANTS = {
    "m": np.array([True, False, True, True, False]), "M": np.arange(12).reshape(3, 4) % 3 > 0, "i": np.array([3, 0, 0, 4]),
    "j": np.array([[0, 2], [1, 1]]), "n": np.array([1, 2, 0, 3, 1]), "sliding": np.lib.stride_tricks.sliding_window_view,
    "LA": np.linalg, "F": np.fft, "Q": np.polynomial, "em": np.emath,
}

FAMILIES = {
    "operators": """
        x + y; x - y; x * y; x / y; -x; +x; x ** 2; x ** 3; p ** 0.5; p ** s; 2 ** x; 2.0 ** x; p ** q; abs(x); x % 1.7; x // 0.7 + x
        1 / x; 3 - x; x + 1; x * 2; x @ y; A @ B; A @ w; v @ A; C @ B; x + s; s * A; A * w; A * v[:, None]; A + A.T[0, 0]; x ** -1
        x ** -2.5 if (x > 0).all() else p ** -2.5; divmod(x, 0.75)[1]; (x + y) * (x - y); 0.5 * (x + y) ** 2; x * x * x; s + t; s * t
        s / t; s ** 2 + t ** 2; abs(s) ** t; x - x.mean(); x / x.sum(); (x > 0) * x; x * m; x[m] * 2; np.e ** x; [1.0, 2.0, 3.0] * v
        v + [1, 2, 3]; (1, 2, 3) - v; x + np.float32(1); x * 1j; z * x; z + 1; z * z; z / (1 + z); z ** 2; abs(z); (x == y) * 1 + x
    """,
    "ufuncs": """
        np.exp(x); np.exp2(x); np.expm1(x); np.log(p); np.log2(p); np.log10(p); np.log1p(p); np.sqrt(p); np.cbrt(p); np.square(x)
        np.reciprocal(x); np.negative(x); np.positive(x); np.absolute(x); np.fabs(x); np.sin(x); np.cos(x); np.tan(u); np.arcsin(u)
        np.arccos(u); np.arctan(x); np.sinh(x); np.cosh(x); np.tanh(x); np.arcsinh(x); np.arccosh(1 + p); np.arctanh(u); np.add(x, y)
        np.subtract(x, y); np.multiply(x, y); np.divide(x, y); np.true_divide(x, y); np.power(p, y); np.float_power(p, y)
        np.arctan2(x, y); np.hypot(x, y); np.logaddexp(x, y); np.logaddexp2(x, y); np.maximum(x, y); np.minimum(x, y); np.fmax(x, y)
        np.fmin(x, y); np.fmod(x, 0.7); np.fmod(1.9, p); np.remainder(x, 0.7); np.mod(x, p + 2); np.copysign(x, y); np.copysign(1.5, y)
        np.degrees(x); np.radians(x); np.deg2rad(x); np.rad2deg(x); np.heaviside(x, 0.5) * x; np.sign(x) * x; np.floor(x) * x
        np.ceil(x) + x; np.trunc(x) * x; np.rint(x) * x; np.modf(x)[0]; np.modf(x)[1] + x; np.divmod(x, 0.7)[1]; np.frexp(p)[0]
        np.ldexp(x, 3); np.ldexp(x, n); np.conjugate(x); np.conj(z) * 1; np.abs(z); np.exp(z); np.log(z); np.sin(z); np.sqrt(z)
        np.tanh(z); np.matmul(A, B); np.matmul(C, B); np.vecdot(x, y); np.vecdot(A, D); np.acos(u); np.asin(u); np.atan(x)
        np.acosh(1 + p); np.asinh(x); np.atanh(u); np.atan2(x, y); np.pow(p, y); np.abs(x); np.add(A, w); np.multiply(v[:, None], w)
        np.exp(-x ** 2); 1 / (1 + np.exp(-x)); np.log(1 + np.exp(x)); np.sin(x) / x; np.exp(s * np.sin(x)); np.spacing(1.0) * x
        np.nextafter(x, 9.0) * y
    """,
    "ufunc keywords": """
        np.add(x, y, dtype=float); np.multiply(x, y, dtype=np.float64); np.exp(x, dtype=float); np.exp(x, where=m, out=np.zeros_like(x))
        np.log(p, where=m, out=np.ones_like(p)); np.divide(x, y, where=m, out=np.zeros_like(x)); np.add(x, y, out=np.empty_like(x))
        np.sqrt(p, out=np.zeros(5, like=p)); np.multiply(x, 2, out=x * 0); np.add(x, 1, casting='same_kind'); np.sin(x, order='C')
        np.exp(x, out=(np.empty_like(x),)); np.modf(x, out=(np.empty_like(x), np.empty_like(x)))[0]; np.sqrt(p, subok=False)
        np.maximum(x, y, where=m, out=np.zeros_like(x)); np.matmul(A, B, out=np.zeros((3, 3), like=A)); np.power(p, 2, dtype=float)
        np.matmul(A, B, axes=[(0, 1), (0, 1), (0, 1)]); np.vecdot(A, D, axis=0); np.add(A, w, where=M, out=np.ones_like(A))
        np.multiply(A, D, where=[[True], [False], [True]], out=np.zeros_like(A)); np.hypot(x, y, dtype='float64')
    """,
    "ufunc methods": """
        np.add.reduce(x); np.add.reduce(A); np.add.reduce(A, axis=1); np.add.reduce(A, axis=None); np.add.reduce(C, axis=(0, 2))
        np.add.reduce(A, axis=0, keepdims=True); np.add.reduce(x, initial=2.0); np.add.reduce(x, where=m); np.add.reduce(x, dtype=float)
        np.multiply.reduce(x); np.multiply.reduce(A, axis=1); np.multiply.reduce(A, axis=(0, 1)); np.multiply.reduce(x, initial=3.0)
        np.multiply.reduce(x, where=m); np.maximum.reduce(x); np.maximum.reduce(A, axis=1); np.minimum.reduce(A)
        np.minimum.reduce(x, initial=0.5); np.maximum.reduce(x, where=m, initial=-9); np.logaddexp.reduce(x)
        np.logaddexp.reduce(A, axis=1); np.hypot.reduce(x); np.subtract.reduce(x); np.divide.reduce(x); np.logaddexp2.reduce(x)
        np.fmax.reduce(x); np.fmin.reduce(A, axis=1); np.add.accumulate(x); np.add.accumulate(A, axis=1); np.add.accumulate(A)
        np.multiply.accumulate(x); np.multiply.accumulate(A, axis=1); np.maximum.accumulate(x); np.minimum.accumulate(A, axis=1)
        np.logaddexp.accumulate(x); np.subtract.accumulate(x); np.divide.accumulate(x); np.hypot.accumulate(x); np.add.outer(x, y)
        np.multiply.outer(x, v); np.subtract.outer(x, y); np.divide.outer(x, y); np.power.outer(p, v); np.maximum.outer(x, v)
        np.arctan2.outer(x, v); np.multiply.outer(A, v); np.hypot.outer(s, x); np.add.reduceat(x, [0, 2, 4])
        np.add.reduceat(A, [0, 2], axis=1); np.multiply.reduceat(x, [0, 3]); np.maximum.reduceat(x, [0, 2]); np.add.reduceat(x, [0, 3, 1])
        np.logaddexp.reduceat(x, [0, 2]); np.minimum.reduceat(A, [0, 1, 2], 1); np.add.reduce(A, -1); np.maximum.reduce(A, axis=None)
        np.maximum.reduce(C, axis=(0, 1)); np.minimum.reduce(A, axis=1, keepdims=True); np.hypot.reduce(A, axis=1, keepdims=True)
        np.add.reduce(x, out=np.zeros((), like=x)); np.add.accumulate(x, dtype=float); np.add.reduce(A, axis=(0, 1), where=M)
        np.multiply.reduce(C, axis=-1, keepdims=True); np.logaddexp.reduce(A, axis=None)
    """,
    "elementwise functions": """
        np.sinc(x); np.i0(x); np.clip(x, -0.5, 0.9); np.clip(x, None, 0.9); np.clip(x, -0.5, None); np.clip(x, y - 1, y + 1)
        np.clip(x, min=-0.5, max=1.0); np.where(m, x, y); np.where(x > 0, x, 0.0); np.where(x > 0, x ** 2, -x); np.where(M, A, w)
        np.nan_to_num(x); np.nan_to_num(x, nan=1.0, posinf=2.0); np.real(x); np.imag(x) + x; np.real(z); np.imag(z); np.angle(z)
        np.angle(z, deg=True); np.real_if_close(x); np.fix(x) * x; np.round(x) * x; np.around(x, 1) * x; np.unwrap(2 * x)
        np.unwrap(A * 4, axis=0); np.select([x > 1, x > 0], [x ** 2, x ** 3], default=-x); np.select([x > 1], [x], 7.0)
        np.piecewise(x, [x < 0, x >= 0], [lambda a: a ** 2, lambda a: a ** 3]); np.piecewise(x, [x < 0], [0.0, np.exp])
        np.choose([0, 1, 1, 0, 1], [x, y]); np.choose(n % 2, [x, y]); em.sqrt(x); em.log(x); em.log2(p); em.log10(p); em.logn(2, p)
        em.power(x, 2); em.arccos(u); em.arcsin(u); em.arctanh(u); np.heaviside(x, 1.0) + x; np.copysign(p, x); np.isfinite(x) * x
        np.where(x > y, x, y); np.maximum(x, 0); np.maximum(0.0, x); np.minimum(1, x); np.abs(x - y); np.sign(x - y) * y
        np.where(np.isnan(x), 0, x); np.where([True, False, True], v, 1.0)
    """,
    "reductions": """
        np.sum(x); np.sum(A); np.sum(A, axis=0); np.sum(A, 1); np.sum(C, axis=(0, 2)); np.sum(A, axis=1, keepdims=True)
        np.sum(x, initial=1.5); np.sum(A, where=M); np.sum(A, axis=0, where=M); np.sum(x, dtype=float); x.sum(); A.sum(0)
        A.sum(axis=-1, keepdims=True); np.prod(x); np.prod(A, axis=0); np.prod(A, axis=(0, 1)); np.prod(x, initial=2.0)
        np.prod(x, where=m); x.prod(); np.mean(x); np.mean(A, axis=0); np.mean(A, axis=(0, 1)); np.mean(A, axis=1, keepdims=True)
        np.mean(A, where=M); np.mean(x, dtype=float); x.mean(); A.mean(1); np.average(x); np.average(x, weights=p)
        np.average(A, axis=1, weights=[1, 2, 3, 4]); np.average(A, axis=0, weights=np.abs(v)); np.average(A, weights=P)
        np.average(x, weights=p, returned=True)[1]; np.var(x); np.var(A, axis=0); np.var(x, ddof=1); np.var(A, axis=1, keepdims=True)
        np.var(A, where=M); x.var(); np.std(x); np.std(A, axis=0); np.std(x, ddof=1); np.std(A, where=M, axis=1); x.std(); np.max(x)
        np.max(A, axis=0); np.max(A, axis=(0, 1)); np.amax(x); np.max(A, axis=1, keepdims=True); np.max(x, initial=1.0)
        np.max(x, where=m, initial=-9.0); x.max(); A.max(axis=1); np.min(x); np.min(A, axis=0); np.amin(A); np.min(x, initial=0.0)
        x.min(); np.ptp(x); np.ptp(A, axis=0); np.median(x); np.median(A); np.median(A, axis=1); np.median(A, axis=(0, 1), keepdims=True)
        np.percentile(x, 30); np.percentile(A, [20, 70], axis=1); np.quantile(x, 0.3); np.quantile(x, [0.1, 0.9])
        np.quantile(A, 0.6, axis=0, keepdims=True); np.quantile(x, 0.3, method='weibull'); np.quantile(x, 0.4, method='lower') + x
        np.quantile(x, abs(s)); np.nansum(x); np.nansum(A, axis=0); np.nanprod(x); np.nanmean(A, axis=1); np.nanvar(x)
        np.nanstd(A, axis=0); np.nanmax(x); np.nanmin(A, axis=1); np.nanmedian(A); np.nanmedian(A, axis=0); np.nanpercentile(x, 40)
        np.nanquantile(A, 0.3, axis=1); np.trace(W); np.trace(A, offset=1); np.trace(C, axis1=1, axis2=2); np.cov(A); np.cov(x, y)
        np.cov(A, rowvar=False); np.cov(A, bias=True); np.cov(A, ddof=0); np.cov(x, aweights=p); np.corrcoef(A); np.corrcoef(x, y)
        np.linalg.norm(x); np.sum(x ** 2) ** 0.5; np.sqrt(np.mean((x - y) ** 2)); np.mean(np.abs(x - y)); W.trace()
        x.ptp() if 0 else x.max() - x.min(); np.log(np.sum(np.exp(x))); np.exp(x) / np.sum(np.exp(x))
        np.max(x) + np.log(np.sum(np.exp(x - np.max(x)))); np.mean(x, axis=-1); np.nansum(np.where(m, x, np.nan))
        np.nanmean(np.where(M, A, np.nan), axis=1); np.nanmax(np.where(m, x, np.nan)); np.sum(z); np.prod(z); np.mean(Z, axis=0)
        np.var(z); np.std(Z, axis=0); np.sum(np.abs(z) ** 2); np.count_nonzero(x) * x; np.argmax(x) * x; np.any(x > 0) * x
        np.sum(x, axis=None, keepdims=True)
    """,
    "scans": """
        np.cumsum(x); np.cumsum(A); np.cumsum(A, axis=1); np.cumsum(x, dtype=float); x.cumsum(); np.cumprod(x); np.cumprod(A, axis=0)
        x.cumprod(); A.cumsum(0); np.nancumsum(x); np.nancumprod(A, axis=1); np.cumulative_sum(x)
        np.cumulative_sum(x, include_initial=True); np.cumulative_prod(A, axis=1); np.diff(x); np.diff(A, axis=0); np.diff(x, n=2)
        np.diff(x, prepend=0.0); np.diff(x, append=y); np.ediff1d(x); np.ediff1d(x, to_end=[1.0]); np.gradient(x); np.gradient(x, 0.5)
        np.gradient(A)[1]; np.gradient(A, axis=0); np.gradient(f, r); np.gradient(A, 0.5, 2.0)[0]; np.gradient(x, edge_order=2)
        np.trapezoid(x); np.trapezoid(f, r); np.trapezoid(A, axis=0); np.trapezoid(x, dx=0.1); np.trapezoid(x, dx=s); np.convolve(x, v)
        np.convolve(x, v, 'same'); np.convolve(v, x, mode='valid'); np.correlate(x, v); np.correlate(x, v, 'full')
        np.convolve(x, [0.25, 0.5, 0.25]); np.correlate(z, v); np.diff(np.cumsum(x)); np.cumsum(x[::-1])[::-1]
    """,
    "shapes": """
        np.reshape(A, (4, 3)); np.reshape(A, -1); np.reshape(A, (2, -1), order='F'); A.reshape(2, 6); A.reshape((2, 6)); A.reshape(-1)
        np.ravel(A); np.ravel(A, 'F'); A.ravel(); A.flatten(); np.transpose(A); np.transpose(C, (2, 0, 1)); A.T; C.T; C.mT; A.transpose()
        C.transpose(1, 0, 2); np.matrix_transpose(C); np.permute_dims(C, (1, 0, 2)); np.swapaxes(C, 0, 2); C.swapaxes(0, 1)
        np.moveaxis(C, 0, -1); np.rollaxis(C, 2); np.expand_dims(x, 0); np.expand_dims(A, (0, 3)); x[:, None]; x[None]; x[np.newaxis, :]
        np.squeeze(x[None]); x[None].squeeze(0); np.broadcast_to(x, (2, 5)); np.broadcast_to(s, (2, 3))
        np.broadcast_arrays(x, y[:, None])[1]; np.atleast_1d(s); np.atleast_2d(x); np.atleast_3d(A); np.flip(x); np.flip(A, 1)
        np.flip(A, (0, 1)); np.fliplr(A); np.flipud(A); np.rot90(A); np.rot90(A, 2); np.roll(x, 2); np.roll(A, 1, axis=0)
        np.roll(A, (1, 2), axis=(0, 1)); np.tile(x, 2); np.tile(x, (2, 1)); np.tile(A, (1, 2)); np.repeat(x, 2); np.repeat(A, 2, axis=1)
        np.repeat(x, n); x.repeat(2); np.resize(x, (2, 4)); np.concatenate([x, y]); np.concatenate((A, D), axis=1)
        np.concatenate([x, [1.0, 2.0]]); np.concatenate([A, D], axis=None); np.concat([x, y]); np.stack([x, y]); np.stack([x, y], axis=1)
        np.stack((s, t, s * t)); np.vstack([x, y]); np.hstack([x, v]); np.hstack([A, D]); np.dstack([A, D]); np.column_stack([x, y])
        np.block([[A, D], [D, A]]); np.block([x, s]); np.split(x, [2, 3])[1]; np.split(A, 2, axis=1)[0]; np.array_split(x, 3)[0]
        np.hsplit(A, 2)[1]; np.vsplit(A, 3)[1]; np.dsplit(C, 2)[0]; np.unstack(A)[1]; np.append(x, y); np.append(x, 1.0)
        np.append(A, D, axis=0); np.insert(x, 2, 9.0); np.insert(x, 2, s); np.insert(A, 1, w, axis=0); np.delete(x, 2)
        np.delete(A, 1, axis=1); np.pad(x, 2); np.pad(x, (1, 2), constant_values=s); np.pad(A, 1, mode='edge')
        np.pad(x, 2, mode='reflect'); np.pad(x, 2, mode='wrap'); np.pad(x, 1, mode='symmetric'); np.pad(x, 2, mode='linear_ramp')
        np.pad(A, ((1, 0), (0, 2))); np.pad(x, 2, mode='mean'); np.pad(A, 1, mode='maximum', stat_length=2)
        np.pad(A, (1, 2), mode='median'); np.pad(x, 3, mode='reflect', reflect_type='odd'); np.pad(A, {0: 1, 1: (2, 0)}, mode='minimum')
        np.pad(x, (2, 1), mode='linear_ramp', end_values=(s, t)); np.pad(A, 1, constant_values=((s, t), (1, 2)))
        np.trim_zeros(np.pad(x, 2)); np.diag(x); np.diag(W); np.diag(A, 1); np.diagflat(v); np.diagonal(A); W.diagonal()
        np.diagonal(C, axis1=1, axis2=2); np.tril(A); np.triu(A); np.tril(W, -1); np.triu(A, 1); np.meshgrid(x, v)[0]
        np.meshgrid(x, v, indexing='ij')[1]; np.full(3, s, like=x); np.full_like(x, 2.0) * x; np.full_like(x, s); np.linspace(s, t, 5)
        np.linspace(0, s, 4); np.linspace(s, 2, 5, endpoint=False); np.linspace(v, 1.0, 4); np.logspace(s, t, 4)
        np.geomspace(p[0], p[1], 4); np.geomspace(1.0, p, 3); np.array([s, t]); np.array([[s, t], [t, s]])
        np.array([x[0], 1.0, x[1] * 2]); np.array([s ** 2, 3]); np.asarray([s, t, s * t]) ** 2; np.copy(x); x.copy(); x.astype(float)
        x.astype(np.float64) * 2; np.vander(v); np.vander(v, 4); np.vander(v, increasing=True); np.r_[x, y]; np.r_[x, 1.0, s]; np.c_[x, y]
        np.zeros_like(x) + x; np.apply_along_axis(np.sum, 0, A); np.apply_along_axis(lambda a: a / np.sum(a ** 2), 1, A)
        np.apply_along_axis(np.cumsum, 0, A); np.apply_over_axes(np.sum, C, [0, 2]); np.vectorize(lambda a: a ** 2)(x)
        np.vectorize(lambda a, b: a * np.sin(b))(x, y); np.vectorize(lambda a, b: a if a > b else b)(x, s)
        np.frompyfunc(lambda a: a * a, 1, 1)(x).astype(float)
        np.vectorize(lambda a: np.sum(a ** 2), signature='(n)->()')(A); np.ones_like(x) * s
        np.kron(np.eye(2), W); np.tri(5) @ x; np.identity(5) @ x; np.eye(3, like=W) * W; x.T; len(x) * x; x.size * x; x.ndim * x
        x.shape[0] * x; np.size(x) * x; np.asfortranarray(np.ones(5)) * x; x.real; z.real; z.imag; x.imag + x; z.conj(); x.conj()
        x.flat[2]; np.array(list(x))
    """,
    "indexing": """
        x[0]; x[-1]; x[1:4]; x[::-1]; x[::2]; x[i]; x[[0, 2]]; x[m]; x[x > 0]; x[...]; A[0]; A[:, 1]; A[1, 2]; A[0, ::-1]; A[..., 0]
        A[[0, 2], [1, 3]]; A[[0, 2]][:, [1, 3]]; A[np.ix_([0, 2], [1, 3])]; A[M]; A[:, None]; A[j]; A[1:, :-1]; C[0, :, 1]
        C[:, [0, 1], 2]; A[-1, [0, 0, 3]]; A[np.array([True, False, True])]; x[np.argsort(y)]; x[np.argmax(y)]; np.take(x, i)
        np.take(A, [0, 2], axis=1); x.take([1, 1]); np.take(x, [7, -1], mode='wrap'); np.take_along_axis(A, np.argsort(D, 1), 1)
        np.compress(m, x); np.compress([True, False, True], A, axis=0); x.compress(m); np.extract(x > 0, x); x[np.nonzero(m)]
        x[np.where(m)]; A[np.triu_indices(3)]; A[np.diag_indices(3)]; A[tuple(np.argwhere(M)[0])]; x[slice(1, 4)]
        x[np.arange(5) % 2 == 0]; x[np.int64(2)]; A[1][2]; A.T[0]; sum(x); max(x); min(x); sum(a ** 2 for a in x); [a * 2 for a in x][1]
        x[1:] - x[:-1]; sliding(x, 3); sliding(A, 2, axis=1); sliding(x, 2).mean(-1); np.bincount(n, weights=x)
        np.bincount(n, x, minlength=6); np.histogram(np.arange(5), 3, weights=p)[0]; np.sum(sliding(x, 3) * v, -1)
        np.histogram([0.1, 0.4, 0.9, 0.5, 0.2], bins=[0, 0.3, 1.0], weights=x)[0]
        np.histogram(np.arange(5.0), 3, weights=p, density=True)[0]; np.histogram(x, 4)[1]; np.digitize(x, [0.0, 1.0]) * x
        np.searchsorted([0.0, 1.0], x) * x; np.histogram2d(np.arange(5), np.arange(5) % 2, [2, 2], weights=x)[0]
        np.histogramdd(np.arange(10.0).reshape(5, 2), (2, 2), weights=x)[0]; np.histogram_bin_edges(x, 4)
        np.put_along_axis(b := A * 1, np.array([[1], [0], [2]]), 0.0, 1) or b
    """,
    "contractions": """
        np.dot(x, y); np.dot(A, B); np.dot(A, w); np.dot(v, A); np.dot(C, B); np.dot(s, x); x.dot(y); A.dot(B); np.vdot(x, y)
        np.vdot(A, D); np.vdot(z, z); np.inner(x, y); np.inner(A, D); np.outer(x, v); np.tensordot(A, D); np.tensordot(A, B, axes=1)
        np.tensordot(A, D, axes=([0, 1], [0, 1])); np.tensordot(C, A, axes=([1, 2], [0, 1])); np.tensordot(x, v, 0); np.kron(x, v)
        np.kron(A, W); np.cross(v, v[::-1]); np.cross(A[:, :3], v); np.einsum('i,i', x, y); np.einsum('i,i->i', x, y)
        np.einsum('ij,jk->ik', A, B); np.einsum('ij->ji', A); np.einsum('ii', W); np.einsum('ii->i', W); np.einsum('ij->', A)
        np.einsum('ij->j', A); np.einsum('ij,ij->i', A, D); np.einsum('i,j->ij', x, v); np.einsum('bij,jk->bik', C, B)
        np.einsum('...ij,jk->...ik', C, B); np.einsum('i,ij,j', v, A, w); np.einsum('ij,jk,kl->il', A, B, W); np.einsum('ij,jk', A, B)
        np.einsum('i...->...', A); np.einsum(A, [0, 1], B, [1, 2], [0, 2]); np.einsum('ij,kj->ik', A, D, optimize=True)
        np.einsum('bii->b', V); np.einsum('ij,j->ij', A, w); np.einsum('a,ab,bc->c', v, A, B, optimize='greedy')
        np.einsum('ij,ij,ij->', A, D, A); np.einsum('i->', x); np.einsum(',i->i', s, x); np.matvec(A, w); np.vecmat(v, A); np.matmul(v, A)
        np.matmul(A, w); W @ W @ v; v @ W @ v; x[:, None] * x[None]; z @ z; Z @ Z; np.dot(Z, v)
    """,
    "linalg": """
        LA.norm(x); LA.norm(A); LA.norm(x, 1); LA.norm(x, 2); LA.norm(x, 3); LA.norm(x, np.inf); LA.norm(x, -np.inf); LA.norm(A, axis=0)
        LA.norm(A, axis=1, keepdims=True); LA.norm(A, 'fro'); LA.norm(A, 'nuc'); LA.norm(A, 2); LA.norm(W, -2); LA.norm(A, 1)
        LA.norm(A, np.inf); LA.norm(C, axis=(1, 2)); LA.norm(x, 0.5); LA.vector_norm(x); LA.vector_norm(A, axis=1, ord=3)
        LA.matrix_norm(W); LA.matrix_norm(W, ord=2); LA.norm(z); LA.norm(Z); LA.det(W); LA.det(V); LA.slogdet(W)[1]
        LA.slogdet(V).logabsdet; LA.inv(W); LA.inv(V); LA.pinv(A); LA.pinv(B); LA.solve(W, v); LA.solve(W, W.T); LA.solve(V, V.mT)
        LA.lstsq(B, w)[0]; LA.lstsq(B, w)[1]; LA.cholesky(W @ W.T); LA.cholesky(W @ W.T, upper=True); LA.qr(W)[0]; LA.qr(W)[1]
        LA.qr(B)[1]; LA.qr(W, mode='r'); LA.svd(A, compute_uv=False); LA.svd(A, full_matrices=False)[1]; LA.svdvals(A)
        LA.eigvals(W @ W.T + np.diag([0, 2.0, 5])).real; LA.eigvalsh(W + W.T); LA.eigh(W + W.T)[0]; LA.eigh(W + W.T)[1] ** 2
        LA.eigh(W + W.T).eigenvalues; LA.eig(W @ W.T)[0].real; LA.matrix_power(W, 3); LA.matrix_power(W, -2); LA.matrix_power(W, 0) + W
        LA.multi_dot([A, B, W]); LA.multi_dot([v, A, w]); LA.cond(W); LA.cond(W, 1)
        LA.tensorinv(W.reshape(3, 1, 3), ind=2) if 0 else LA.inv(W); LA.tensorsolve(W.reshape(3, 3), v); LA.outer(x, v)
        LA.cross(v, v[::-1]); LA.diagonal(V); LA.trace(V); LA.vecdot(A, D); LA.matmul(A, B); LA.tensordot(A, B, axes=1)
        LA.matrix_transpose(C); v @ LA.inv(W) @ v; np.log(LA.det(W)); LA.solve(W @ W.T + np.eye(3), v) @ v; LA.inv(Z); LA.det(Z)
        LA.solve(Z, v); LA.eigvalsh(Z + Z.conj().T); LA.svd(W)[0] @ np.diag(LA.svd(W)[1]) @ LA.svd(W)[2]; LA.eigh(W @ W.T, UPLO='U')[0]
        LA.slogdet(W @ W.T)[1] / 2; LA.matrix_rank(W) * W; LA.norm(x - y) ** 2; LA.norm(A - D, axis=-1); LA.pinv(A, rcond=1e-12)
    """,
    "fft": """
        F.fft(x); F.ifft(x); F.fft(x, n=8); F.fft(x, n=3); F.fft(A, axis=0); F.fft(x, norm='ortho'); F.rfft(x); F.rfft(x, norm='forward')
        F.irfft(z); F.irfft(z, n=7); F.fft2(A); F.ifft2(A); F.fftn(C); F.fftn(C, axes=(0, 2)); F.ifftn(C); F.rfft2(A); F.irfft2(Z)
        F.rfftn(C); F.irfftn(Z); F.hfft(z); F.ihfft(x); F.fftshift(x); F.ifftshift(A); F.fftshift(A, axes=1); np.abs(F.fft(x)) ** 2
        F.ifft(F.fft(x) * F.fft(y)).real; F.irfft(F.rfft(x) * F.rfft(y), 5); F.fft(z); F.ifft(z).real; np.real(F.fft(x)); F.fftfreq(5, s)
        np.sum(np.abs(F.rfft(x))); F.fft(x)[1].real; F.fft2(A, s=(2, 2)); F.fft(C, axis=-2)
    """,
    "sorting": """
        np.sort(x); np.sort(A); np.sort(A, axis=0); np.sort(A, axis=None); x[np.argsort(x)]; np.partition(x, 2)[2]
        np.sort(np.partition(x, 2)[:2]); np.sort_complex(x); np.unique(x); np.unique(A, axis=0); np.unique(x, return_index=True)[0]
        np.union1d(x, y); np.intersect1d(x, x[1:]); np.setdiff1d(x, y); np.setxor1d(x, y); np.flip(np.sort(x)); np.sort(x)[-2:]
        np.sort(x, kind='stable'); np.max(np.sort(A, 1)[:, :2]); x[np.lexsort((x, y))]; np.take_along_axis(A, np.argsort(A, 1), 1)
        sorted(x)[1]; np.sort(np.abs(x)); np.median(np.abs(x - np.median(x))); np.unique_values(x).sum()
    """,
    "lists of numbers beside arrays": """
        np.concatenate(([s], x)); np.concatenate([x, (1.0, x[0] * s)]); np.concatenate((A, [[s, t, 1.0, s * t]]))
        np.dot(v, [s, t, 1.0]); np.dot([s, t, 1.0], v); v.dot([s, 2, t]); np.inner(v, (s, t, 3)); np.vdot([s, t, 1], v)
        np.outer(x, [s, t]); np.einsum('i,i->i', v, [s, 1.0, t]); np.einsum('ij,ik->jk', A, [[s, 1.0], [1.0, t], [2, 3]])
        np.tensordot(A, [s, t, 1.0], axes=(0, 0)) * 1; np.where(m, x, [s, t, 1.0, s * t, 2.0]); np.where(x > 0, (s, t, 1, 2, 3), x)
        np.select([v > 0.5, v > -0.5], [[s, t, 1.0], v]); np.choose([0, 1, 0], [v, [t, s, 1.0]]); np.linspace(v, [s, t, 1.0], 3)
        np.trapezoid(v, [s, s + 1, 3 - t]); np.diff(x, prepend=[s]); np.diff(x, append=[s, t]); np.ediff1d(x, to_end=[s, 1.0])
        np.full_like(v, [s, 2.0, t]); np.block([[np.stack([s, t]), v], [x]]); np.logspace(v, [s, t, 1.0], 3); np.hstack((s, [s, t], x))
        np.put_along_axis(c := v * 1, np.array([0, 2]), [s, t], 0) or c; np.insert(v, [0, 2], [s, t]); LA.solve([[s, 2.0], [1.0, t]], v[1:])
    """,
    "arrays made like others": """
        np.array(x, ndmin=3, like=x); np.array([[s, t], [1, 2]], like=x); np.array([x, 2 * y], like=x); np.array(s, ndmin=1, like=x)
        np.array([x, [s, 1, 2, 3, t]], like=x); np.array([s, t], dtype=float, like=x); np.asarray([s, 1], float, like=x)
        np.array(object=[s, t], like=x); np.asarray(a=x, dtype=np.float64, like=x); np.ascontiguousarray(s, like=x)
        np.full((2, 5), x, like=x); np.full(shape=3, fill_value=s, like=x); np.full(3, [s, 1, t], like=x); np.full(2, s, float, like=x)
        np.arange(t, 2.0, s, like=x); np.arange(3 * s, like=x) * t; np.array([s, t * 1j], like=x).imag + s; np.asarray((s, t), like=x)
        np.array(x, dtype=complex, like=x).real; np.full(2, s * 1j, like=x).imag; np.array(x, dtype=int, like=x) * x
        np.array(np.array([s, t]), dtype=float, like=x); LA.norm(np.array([s + 1j, t * 1j], like=x)); np.array([], like=x).sum() + s
        np.clip(np.array([s, t]), 0, 0.1); np.array([s, t, 1.0])[2:]; np.where(np.array([s, t]) > 9, np.array([s, t]), 2.0)
    """,
    "interpolation, polynomials": """
        np.interp(p * 2, r, f); np.interp(0.9, r, f); np.interp(p, [0.0, 1.0, 2.0], [1.0, 3.0, 2.0])
        np.interp(x, r, f, left=0.0, right=1.0); np.interp(s, r, f); np.polyval(x, s); np.polyval(v, x); np.polyval([1, 2, 3], x)
        np.polyfit(r, f, 2); np.polyfit(r, f, 1); np.polyfit([0, 1, 2, 3, 4], x, 2); np.polyfit(r, f, 2, w=p[[0, 1, 2, 3, 4, 0]])
        np.poly(v); np.roots(np.poly(np.array([1.0, 2.0, 4.0]) * s)); np.polyder(x); np.polyint(x); np.polyint(x, k=s); np.polyadd(x, v)
        np.polysub(x, v); np.polymul(x, v); np.polydiv(x, v)[0]; np.polydiv(x, v)[1]; np.poly1d(v)(x); np.poly1d([1.0, 2.0])(x)
        np.poly1d(v)(2.0) + s; Q.Polynomial(v)(0.5); Q.Polynomial([1, 2, 3])(x); Q.Polynomial(v)(x); Q.Polynomial(v).deriv()(x)
        Q.Polynomial(v).integ()(s); (Q.Polynomial(v) * Q.Polynomial(w)).coef; Q.polynomial.polyval(x, v); Q.polynomial.polyval(0.5, v)
        Q.polynomial.polyfromroots(v); Q.polynomial.polymul(v, w); Q.polynomial.polyadd(v, w); Q.polynomial.polyder(w)
        Q.polynomial.polyvander(x, 3); Q.polynomial.polyval2d(s, t, A); Q.polynomial.polyint(v); Q.polynomial.polydiv(w, v)[0]
        Q.polynomial.polypow(v, 3); Q.chebyshev.chebval(u, v); Q.Chebyshev(v)(u); Q.chebyshev.chebder(w); Q.chebyshev.chebmul(v, w)
        Q.chebyshev.cheb2poly(w); Q.Chebyshev(v).integ()(s); Q.legendre.legval(u, v); Q.Legendre(v)(u); Q.legendre.legvander(u, 3)
        Q.legendre.legint(v); Q.hermite.hermval(u, v); Q.Hermite(v)(u); Q.hermite_e.hermeval(u, v); Q.HermiteE(v)(u)
        Q.laguerre.lagval(u, v); Q.Laguerre(v)(u); Q.laguerre.lagmul(v, v); Q.laguerre.lagweight(p); Q.Chebyshev(v, domain=[-2, 2])(x)
        np.kaiser(5, p[0]); np.hanning(5) * x; np.fromfunction(lambda a, b: a * s + b * t, (2, 3))
    """,
}


# NumPy itself turns a list of arrays into one before it asks them: an error that names np.stack.
REFUSED = ["np.array([x, y])", "np.sum([x, y])", "np.sum([x, y], axis=0)", "np.maximum.reduce([x, y])", "np.exp([x, y])", "np.mean((x, y))",
           "np.linalg.norm([x, y])", "np.max([[x, y]])", "np.asarray(x)", "np.array(x, dtype=float)", "x.tolist()", "float(s)", "int(s)",
           "np.float64(s)", "np.ones(5)[:] @ [x, y]", "np.add(x, 1, out=np.zeros(5))", "x[0].item()", "np.ones(5).dot(x)", "x.view(int)",
           "np.linalg.inv(np.array([[s, 1.0], [2.0, t]]))", "np.fft.fft(np.array([s, t]))", "x.resize(3)", "np.exp(np.array([s, 1.0]))",
           "np.isnan(np.array([s, t])) * s", "np.geomspace(1j, s, 3)", "np.array([s, t * 1j]).imag", "LA.norm([s * 1j, t])",
           "Q.polynomial.polyfit(r, f, 2)", "Q.Polynomial.fit(r, f, 2)", "Q.polynomial.polyroots(v)", "Q.Polynomial(v).roots()"]
# Object arrays carry Python's numbers, which do not widen single precision as NumPy's double ones do.
PRECISION_OF_OBJECTS = ["np.clip(np.array([s, t]), 0, 0.1)", "np.where(np.array([s, t]) > 9, np.array([s, t]), 2.0)",
                        "np.r_[x, 1.0, s]", "Q.Polynomial([1, 2, 3])(x)", "Q.Polynomial(v)(x)",
                        "Q.Polynomial(v).deriv()(x)", "Q.Chebyshev(v)(u)", "Q.Legendre(v)(u)", "Q.Hermite(v)(u)", "Q.HermiteE(v)(u)",
                        "Q.Laguerre(v)(u)", "Q.Chebyshev(v, domain=[-2, 2])(x)"]


def _expressions():
    for family, text in FAMILIES.items():
        for line in text.strip().splitlines():
            for part in line.split("; "):
                yield family, part.strip()


def called(text):
    """The expression as a function of the inputs that it names, their names first."""
    code = compile(text, text, "eval")
    names = set(code.co_names) | {n for c in code.co_consts if hasattr(c, "co_names") for n in c.co_names}
    inputs = [n for n in INPUTS if n in names]
    return inputs, lambda *args: eval(code, {"np": np, **CONSTANTS, **dict(zip(inputs, args))})


def _evaluates(names, f):
    """True where this NumPy knows the names and keywords of an expression."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            f(*(INPUTS[n] for n in names))
        except (AttributeError, TypeError):
            return False
    return True


ALL = [(family, text, *called(text)) for family, text in _expressions()]
ALL += [("in place", f.__name__, names.split(), f) for names, f in PROGRAMS]
EXPRESSIONS = [e for e in ALL if _evaluates(*e[2:])]  # all of them from NumPy 2.3 on

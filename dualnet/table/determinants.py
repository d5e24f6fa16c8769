"""Rows of determinants, right at singular matrices and where the determinant itself over- or underflows."""

import math

import numpy as np

from dualnet.table.linalg import adjoint, is_complex, operand, raised, regular_inverse, square
from dualnet.table.reductions import by_elements
from dualnet.table.row import TABLE, Traced, composed, linear, ndim_of, primal, revalued, shape_of

FEW = 8  # rows of a matrix with infinite elements up to which its cofactors are worth finding


@linear(name="regular_det", core=2)
def regular_det(a, inverse):
    """The determinant of matrices far from singular: d det = det tr(a^-1 da); `inverse` is that of the numbers."""
    def cofactors(out, a):
        return raised(out) * np.swapaxes(np.linalg.inv(a) if isinstance(a, Traced) else inverse, -1, -2)

    return ([a], np.linalg.det, [lambda t, out, a: np.sum(cofactors(out, a) * t, axis=(-2, -1))],
            [lambda g, out, a: raised(g) * np.conjugate(cofactors(out, a))])


def _times_powers(x, exponents):
    """x 2**exponents, in steps of one direction each, so that only the result may leave the range."""
    most = np.finfo(primal(x).dtype).maxexp - 8
    while np.any(exponents):
        step = np.clip(exponents, -most, most)
        x = x * np.ldexp(np.ones((), primal(x).real.dtype), step)
        exponents = exponents - step
    return x


def _exponents(a):
    """Exponents of two, by rows and by columns, whose powers times elements near 1 or below make a matrix."""
    out = []
    for axis in (1, 0):
        largest = np.max(np.abs(a), axis=axis, initial=0)
        ordinary = np.isfinite(largest) & (largest > 0)
        out.append(np.where(ordinary, np.frexp(np.where(ordinary, largest, 1))[1], 0))
        a = _times_powers(a, -np.expand_dims(out[-1], axis))
    return out


def _cofactors(a):
    """The cofactors of one matrix, found of its rows and columns in units of their sizes; NaN of a large one with infinite elements."""
    n = shape_of(a)[-1]
    rows, columns = _exponents(primal(a))
    b = _times_powers(a, -np.add.outer(rows, columns))
    plain = primal(b)
    finite = np.all(np.isfinite(plain))
    if finite and _is_regular(plain, regular_inverse(plain), np.linalg.det(plain)):
        minors = raised(np.linalg.det(b)) * np.swapaxes(np.linalg.inv(b), -1, -2)
    elif finite or n <= FEW:
        rest = np.array([[j for j in range(n) if j != i] for i in range(n)], int).reshape(n, n - 1)
        signs = (-1.0) ** np.add.outer(np.arange(n), np.arange(n))
        minors = np.linalg.det(b[rest[:, None, :, None], rest[None, :, None, :]]) * signs.astype(plain.real.dtype)
    else:
        return b * np.nan
    return _times_powers(minors, np.add.outer(rows.sum() - rows, columns.sum() - columns))


def _one_det(a):
    """The determinant of one matrix that is singular or nearly so, or whose determinant over- or underflows."""
    plain = primal(a)
    if np.all(np.isfinite(plain)) and not _leaves_range(np.abs(plain)):
        return _eliminated(a)
    return by_elements(a, np.linalg.det(plain), (-2, -1), _cofactors)  # over- or underflows, or has infinite elements


def _leaves_range(size):
    """True where the determinant, or a product of three elements or quotients of elements of these sizes, may leave the range."""
    limits, n = np.finfo(size.dtype), len(size)
    exponents = np.frexp(size[size > 0])[1] if np.any(size) else np.zeros(1, int)
    top, low = exponents.max(), exponents.min()
    return n * top > limits.maxexp or min(n * top, 3 * low, 3 * (low - top)) < limits.minexp + limits.nmant


def _is_regular(a, inverse, out):
    """True where det times inverse is right to ten digits at second order too."""
    size = np.abs(out)
    limits = np.finfo(size.dtype)
    condition = np.abs(a).sum(-1).max(-1, initial=0) * np.abs(inverse).sum(-1).max(-1, initial=0)
    return np.all((size >= limits.tiny) & (size <= limits.max) & (condition <= limits.eps ** -0.35))


def _without_division(a):
    """The determinant of one matrix by sums and products alone (Berkowitz 1984), exact at every order."""
    p = one = np.ones(1, primal(a).dtype)
    for r in range(shape_of(a)[0]):
        row, column, block = a[r, :r], a[:r, r], a[:r, :r]
        powers = [a[r, r]]
        for _ in range(r):
            powers.append(row @ column)
            column = block @ column
        first = np.concatenate([one, -np.stack(powers)])
        lower = np.arange(r + 2)[:, None] - np.arange(r + 1)
        p = np.where(lower >= 0, first[np.maximum(lower, 0)], 0) @ p
    return p[-1] * (-1) ** shape_of(a)[0]


def _eliminated(a):
    """The determinant of one matrix by elimination with complete pivoting, exact at singular matrices.

    No element is divided by a smaller one; what is left where no pivot is left goes without division.
    """
    n, sign, pivots = shape_of(a)[0], 1.0, []
    size = np.abs(primal(a))
    scale = np.ldexp(np.ones((), size.dtype), np.frexp(np.max(size))[1] - 1)
    scale = scale if np.any(size) else 1
    a = a / scale
    for m in range(n, 0, -1):
        size = np.abs(primal(a))
        i, j = divmod(int(np.argmax(size)), m)
        if m == 1 or size[i, j] <= 8 * n * np.finfo(size.dtype).eps:
            return math.prod(pivots, start=sign) * _without_division(a * scale)
        rows, columns = ([k, *(q for q in range(m) if q != k)] for k in (i, j))
        sign *= (-1) ** (i + j)
        a = a[rows][:, columns]
        pivots.append(a[0, 0] * scale)
        a = a[1:, 1:] - a[1:, :1] * (a[:1, 1:] / a[0, 0])


@composed(np.linalg.det)
def det(a):
    """The determinant; near and at singular matrices by an elimination that is right at every order."""
    a = square(operand(a), "det")
    plain = primal(a)
    inverse = regular_inverse(plain)
    if _is_regular(plain, inverse, np.linalg.det(plain)):
        return TABLE["regular_det"](a, inverse)
    if shape_of(a)[-1] == 1:
        return revalued(a[..., 0, 0], np.linalg.det(plain))
    if ndim_of(a) == 2:
        return _one_det(a)
    stack = shape_of(a)[:-2]
    return np.reshape(np.stack([_one_det(a[place]) for place in np.ndindex(stack)]), stack)


@linear(name="log_abs_det", core=2)
def log_abs_det(a):
    """log |det a|: its differential is Re tr(a^-1 da), NaN where a is singular."""
    def inverse(out, a):
        found, lost = regular_inverse(a), ~np.isfinite(primal(out))
        return np.where(raised(lost), np.nan, found) if np.any(lost) else found

    def push(t, out, a):
        out = np.sum(np.swapaxes(inverse(out, a), -1, -2) * t, axis=(-2, -1))
        return np.real(out) if is_complex(out) else out

    return ([a], lambda a: np.linalg.slogdet(a)[1], [push],
            [lambda g, out, a: raised(g) * adjoint(inverse(out, a))])


@linear(name="det_phase", core=2)
def det_phase(a):
    """det a / |det a| of complex matrices: its differential is i out Im tr(a^-1 da)."""
    def pull(g, out, a):
        turn = np.real(np.conjugate(g) * (1j * out))
        return raised(1j * turn) * adjoint(regular_inverse(a))

    return ([a], lambda a: np.linalg.slogdet(a)[0],
            [lambda t, out, a: 1j * out * np.imag(np.sum(np.swapaxes(regular_inverse(a), -1, -2) * t, axis=(-2, -1)))], [pull])


SlogdetResult = type(np.linalg.slogdet(np.eye(1)))


@composed(np.linalg.slogdet)
def slogdet(a):
    """(sign, log |det a|); the sign of a real matrix is constant, that of a complex one a phase."""
    a = square(operand(a), "slogdet")
    sign = TABLE["det_phase"](a) if is_complex(a) else np.linalg.slogdet(primal(a))[0]
    return SlogdetResult(sign, TABLE["log_abs_det"](a))

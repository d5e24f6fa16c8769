"""Rows of elementwise functions: value, one partial for each argument, SymPy's name, domain.

Letters: x, y the inputs, out the result. A partial is written with NumPy on whatever it is given.
"""

import math

import numpy as np

from dualnet.errors import DTypeError, NotDifferentiableError
from dualnet.table.domain import NONZERO, OPEN, POSITIVE, REAL, Domain
from dualnet.table.ordering import is_nan, leads
from dualnet.table.precision import digits
from dualnet.table.row import TABLE, Argument, Traced, composed, dtype_of, linear, pointwise, primal, revalued

TAN_POLES = Domain(poles=(math.pi / 2,), period=math.pi)
ABOVE_MINUS_1 = Domain(low=-1.0)
LN2 = digits("0.693147180559945309417232121458176568")
LOG2_E, LOG10_E = digits("1.442695040888963407359924681001892137"), digits("0.434294481903251827651128918916605082")
DEGREES, RADIANS = digits("57.295779513082320876798154814105170332"), digits("0.017453292519943295769236907684886127")


def _power_dx(x, y, out):
    """y x^(y-1), with the exponent y-1 replaced where x = y = 0, which gives 0 and not 0 times inf."""
    huge = abs(y) > 1e6 if type(y) in (int, float) else np.abs(primal(y)) > 1e6
    if huge is True or huge is not False and np.any(huge):  # y - 1 may round to an even number: the sign of a power of a negative x is lost
        return np.where(huge, y * (out / x), y * x ** np.where(huge, 0.0, y - 1))
    if isinstance(y, (int, float)):
        return 2 * x if y == 2 else 0.0 * np.ones_like(x) if y == 0 else np.ones_like(x) if y == 1 else y * x ** (y - 1)
    if isinstance(y, Traced):
        return y * x ** (y - 1)
    return y * x ** np.where((y == 0) & (primal(x) == 0), 1, y - 1)


def _power_dy(x, y, out):
    """x^y log x; at x = 0 < y the limit 0 (which has no derivative by x: NaN, where that is asked for)."""
    return out * np.log(x if isinstance(x, Traced) else np.where((x == 0) & (primal(y) > 0), 1, x))


def _unit(x, y):
    return x / np.hypot(x, y)


def _one_less_square(x):
    return (1 - x) * (1 + x)


def _sech2(x):
    e = np.exp(-2 * (np.abs(x) if not np.iscomplexobj(x) else np.where(np.real(x) < 0, -x, x)))
    return 4 * e / np.square(1 + e)


def _lorentzian(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + x * x)


def _logistic(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


# Pieces of partials, closed under differentiation: each is accurate to the last digits at every order, where
# x/hypot, (1-x)(1+x), 1-tanh^2 and exp(x-out) lose theirs to cancellation.
UNIT = pointwise(_unit, lambda x, y, out: np.square(UNIT(y, x)) / np.hypot(x, y), lambda x, y, out: -out * UNIT(y, x) / np.hypot(x, y),
                 symbol="x/sqrt(x**2+y**2)", domain=NONZERO, name="unit")
ONE_LESS_SQUARE = pointwise(_one_less_square, Argument(0, -2), symbol="1-x**2", name="one_less_square")
TANH_SLOPE = pointwise(lambda x: 1 - x * x, Argument(0, -2), symbol="1-x**2", name="tanh_slope")  # of the result
SECH2 = pointwise(_sech2, lambda x, out: -2 * out * np.tanh(x), symbol="1/cosh(x)**2", name="sech2")
LORENTZIAN = pointwise(_lorentzian, lambda x, out: -2 * (x * out) * out, symbol="1/(1+x**2)", name="lorentzian")
LOGISTIC = pointwise(_logistic, lambda x, out: 0.25 * SECH2(0.5 * x), symbol="1/(1+exp(-x))", name="logistic")


def _root(x):
    """sqrt(1 - x^2); of a complex x in two factors, which stay on the right side of the branch cuts."""
    return np.sqrt(-(x - 1)) * np.sqrt(x + 1) if np.iscomplexobj(primal(x)) else np.sqrt(ONE_LESS_SQUARE(x))


def _tanh_dx(x, out):
    """1 - tanh^2 where that keeps its digits (|x| < 3.8), else 1 / cosh^2."""
    p = TANH_SLOPE(out) if isinstance(out, Traced) else 1 - out * out
    plain = primal(p)
    size = plain if plain.dtype.kind == "f" else abs(plain)
    if not size.size or size.item(size.argmin()) >= 2e-3:  # argmin: of all ways to the smallest the quickest
        return p
    return revalued(p, _sech2(primal(x)))  # its own slope, by the result, loses none


def _hypot_dx(x, y, out):
    """x / hypot(x, y): the quotient of two numbers of one scale, so neither overflows."""
    huge = np.isinf(primal(out))
    if np.any(huge):  # two numbers whose hypotenuse alone is beyond the range
        unit = np.where(huge, 0.25, 1.0).astype(primal(out).dtype)
        slope, alone = UNIT(x * unit, y * unit), np.isinf(primal(x)) & np.isfinite(primal(y))
        return np.where(alone, np.sign(primal(x)), slope) if np.any(alone) else slope
    return UNIT(x, y) if isinstance(out, Traced) else x / out


def _arcsinh_dx(x, out):
    """1 / sqrt(1 + x^2) without squaring large x."""
    plain = primal(x)
    if not np.iscomplexobj(plain):
        return 1 / np.hypot(1.0, x)
    huge = np.abs(plain) > 1 / np.finfo(plain.dtype).eps  # where the 1 is lost; the root lies right of the imaginary axis
    return 1 / np.where(huge, np.where(np.signbit(plain.real), -x, x), np.sqrt(1 + x * x))


def _tan_dx(x, out):
    """1 + tan^2; of complex numbers 1 / cos^2, since that sum cancels far from the real axis."""
    return SECH2(1j * x) if np.iscomplexobj(primal(x)) else 1 + out * out


def _sinc_terms(u, k):
    """The k-th derivative of sin(u)/u by its Taylor series, for |u| < 1.

    sin(u)/u = sum (-1)^j u^(2j) / (2j+1)!; the quotient forms cancel there.
    """
    out = 0.0
    for j in range((k + 1) // 2, (k + 1) // 2 + 12):
        factor = (-1) ** j * math.perm(2 * j, k) / math.factorial(2 * j + 1)
        out = out + factor * u ** (2 * j - k)
    return out


def _sinc_dx(x, out):
    """(cos(pi x) - sinc(x)) / x, by its series where the quotient cancels (|pi x| < 1)."""
    plain = primal(x)
    small = np.abs(np.pi * plain) < 1
    turned = np.pi * (x - 2 * np.rint(np.real(plain) / 2))  # pi x without its whole turns, which rounding would mix up
    if not np.any(small):
        return (np.cos(turned) - out) / x
    series = np.pi * _sinc_terms(np.where(small, np.pi * x, 0.0), 1)
    return np.where(small, series, (np.cos(turned) - np.sinc(x)) / np.where(small, 1.0, x))


PYTHON = (int, float, complex)


def _one_by(y, out):
    """1 / y; of a Python number also at 0, and exact where the result is (as fractions are)."""
    if type(y) is float and y or type(y) not in PYTHON:
        return 1 / y
    if dtype_of(out).hasobject:
        return (out * 0 + 1) / y
    return 1 / y if y else np.divide(1.0, y)


def _quotient(x, y, out):
    """-(x - out)/y, the whole number of times y that was taken off; x/y rounds to the next one where it is near."""
    return -np.rint((x - out) / y)


# In partials, x + 0 makes -0.0, which is an end of the domain as 0.0 is, 0.0: the slope there is the limit inf, not -inf.
pointwise(np.add,        1, 1,                                         symbol="x+y")
pointwise(np.subtract,   1, -1,                                        symbol="x-y")
pointwise(np.multiply,   Argument(1), Argument(0),                     symbol="x*y")
pointwise(np.divide,     lambda x, y, out: _one_by(y, out), lambda x, y, out: out / -y,
          symbol="x/y", domain=(REAL, NONZERO))
pointwise(np.power,      _power_dx, _power_dy,                         symbol="x**y", domain=(POSITIVE, REAL))
pointwise(np.float_power, _power_dx, _power_dy,                        symbol="x**y", domain=(POSITIVE, REAL))
pointwise(np.negative,   -1,                                           symbol="-x")
pointwise(np.positive,   1,                                            symbol="x")
pointwise(np.reciprocal, Argument(-1, -1, twice=True),                 symbol="1/x", domain=NONZERO)
pointwise(np.square,     Argument(0, 2),                               symbol="x**2")
pointwise(np.sqrt,       lambda x, out: 0.5 / (out + 0),               symbol="sqrt(x)", domain=POSITIVE)
pointwise(np.cbrt,       lambda x, out: 1 / (3 * out * out),           symbol="cbrt(x)", domain=NONZERO)

pointwise(np.exp,        Argument(-1),                                 symbol="exp(x)")
pointwise(np.exp2,       lambda x, out: LN2(out) * out,                symbol="2**x")
pointwise(np.expm1,      lambda x, out: np.exp(x),                     symbol="exp(x)-1")
pointwise(np.log,        lambda x, out: np.reciprocal(x + 0),          symbol="log(x)", domain=POSITIVE)
pointwise(np.log2,       lambda x, out: LOG2_E(x) * np.reciprocal(x + 0), symbol="log(x)/log(2)", domain=POSITIVE)
pointwise(np.log10,      lambda x, out: LOG10_E(x) * np.reciprocal(x + 0), symbol="log(x)/log(10)", domain=POSITIVE)
pointwise(np.log1p,      lambda x, out: np.reciprocal(1 + x),          symbol="log(1+x)", domain=ABOVE_MINUS_1)
pointwise(np.logaddexp,  lambda x, y, out: LOGISTIC(x - y), lambda x, y, out: LOGISTIC(y - x),
          symbol="log(exp(x)+exp(y))")
pointwise(np.logaddexp2, lambda x, y, out: LOGISTIC(LN2(x) * (x - y)), lambda x, y, out: LOGISTIC(LN2(x) * (y - x)),
          symbol="log(2**x+2**y)/log(2)")

pointwise(np.sin,        lambda x, out: np.cos(x),                     symbol="sin(x)")
pointwise(np.cos,        lambda x, out: -np.sin(x),                    symbol="cos(x)")
pointwise(np.tan,        _tan_dx,                                      symbol="tan(x)", domain=TAN_POLES)
pointwise(np.arcsin,     lambda x, out: 1 / _root(x),                   symbol="arcsin(x)", domain=OPEN(-1, 1))
pointwise(np.arccos,     lambda x, out: -1 / _root(x),                  symbol="arccos(x)", domain=OPEN(-1, 1))
pointwise(np.arctan,     lambda x, out: LORENTZIAN(x),                 symbol="arctan(x)")
pointwise(np.arctan2,    lambda x, y, out: UNIT(y, x) / np.hypot(x, y), lambda x, y, out: -UNIT(x, y) / np.hypot(x, y),
          symbol="arctan2(x,y)", domain=(REAL, POSITIVE))
pointwise(np.hypot,      _hypot_dx, lambda x, y, out: _hypot_dx(y, x, out),
          symbol="sqrt(x**2+y**2)", domain=NONZERO)

pointwise(np.sinh,       lambda x, out: np.cosh(x),                    symbol="sinh(x)")
pointwise(np.cosh,       lambda x, out: np.sinh(x),                    symbol="cosh(x)")
pointwise(np.tanh,       _tanh_dx,                                     symbol="tanh(x)")
pointwise(np.arcsinh,    _arcsinh_dx,                                  symbol="arcsinh(x)")
pointwise(np.arccosh,    lambda x, out: 1 / np.sqrt(x - 1) / np.sqrt(x + 1),
          symbol="arccosh(x)", domain=Domain(low=1.0))
pointwise(np.arctanh,    lambda x, out: 1 / ONE_LESS_SQUARE(x),        symbol="arctanh(x)", domain=OPEN(-1, 1))

pointwise(np.degrees,    lambda x, out: DEGREES(x),                    symbol="180*x/pi", aliases=(np.rad2deg,))
pointwise(np.radians,    lambda x, out: RADIANS(x),                    symbol="pi*x/180", aliases=(np.deg2rad,))
pointwise(np.sinc,       _sinc_dx,                                     symbol="sinc(x)")
pointwise(np.nextafter,  1, 0)
pointwise(np.fmod,       1, _quotient,                                 symbol="x-y*sign(x/y)*floor(abs(x/y))", domain=(POSITIVE, POSITIVE))
pointwise(np.remainder,  1, _quotient,                                 symbol="x-y*floor(x/y)", domain=(POSITIVE, POSITIVE))


@composed(np.absolute, np.fabs, name="absolute")
def absolute(x):
    """|x|; the slope at 0 is that of the piece just ahead. Of a complex x, hypot of its parts."""
    if np.iscomplexobj(x):
        parts = [x.real, x.imag]
        out = np.hypot(*parts)  # at 0 the length of what lies just ahead
        return out if np.all(primal(out)) else np.where(primal(out) == 0, TABLE["length"](np.stack(parts, -1)), out)
    ahead = leads(x, 0)
    if dtype_of(x).kind == "f":
        sign = np.multiply(ahead, 2.0, dtype=dtype_of(x))
        sign -= 1.0
        out = x * sign
    else:
        out = np.where(ahead, x, -x)
    return out if np.all(primal(out)) else _without_signed_zeros(out)


def _without_signed_zeros(x):
    """A result `x` that nobody else holds yet with 0.0 for -0.0, which is no step of its own."""
    if not isinstance(x, Traced):
        return x + 0
    inner = x
    while isinstance(inner.value, Traced):
        inner = inner.value
    inner.value = inner.value + 0
    return x


@composed(np.sign)
def sign(x):
    """-1, 0 or 1, a step; of a complex x, x / |x| (0 at 0)."""
    if not np.iscomplexobj(primal(x)):
        return np.sign(primal(x))
    real, imaginary = x.real, x.imag
    out = UNIT(real, imaginary) + 1j * UNIT(imaginary, real)
    value = np.sign(primal(x))
    return revalued(out, value) if np.all(value) else np.where(value == 0, 0, revalued(out, value))


@composed(np.maximum)
def maximum(x, y):
    """The larger of x and y; of equal values the one that is larger just ahead; NaN where either is NaN."""
    return TABLE["chosen"](leads(x, y, x) | is_nan(x), x, y, np.maximum)


@composed(np.minimum)
def minimum(x, y):
    """The smaller of x and y; of equal values the one that is smaller just ahead; NaN where either is NaN."""
    return TABLE["chosen"](leads(y, x, x) | is_nan(x), x, y, np.minimum)


@composed(np.fmax)
def fmax(x, y):
    """The larger of x and y, passing over NaN."""
    return TABLE["chosen"](leads(x, y, x) | is_nan(y), x, y, np.fmax)


@composed(np.fmin)
def fmin(x, y):
    """The smaller of x and y, passing over NaN."""
    return TABLE["chosen"](leads(y, x, x) | is_nan(y), x, y, np.fmin)


@composed(np.copysign)
def copysign(x, y):
    """|x| with the sign of y; a step in y."""
    if not isinstance(x, Traced):
        return np.copysign(x, primal(y))
    size = np.absolute(x)
    return size * np.copysign(np.ones_like(primal(size)), primal(y))


@composed(np.heaviside)
def heaviside(x1, x2):
    """0 or 1, and x2 where x1 = 0: a step in x1, linear in x2."""
    plain = primal(x1)
    return np.where(plain == 0, x2, np.heaviside(plain, primal(x2))) if isinstance(x2, Traced) else np.heaviside(plain, x2)


@composed(np.divmod)
def divmod_(x, y):
    """(x // y, x % y)."""
    return np.floor_divide(x, y), np.remainder(x, y)


@composed(np.modf)
def modf(x):
    """(fractional part, integral part)."""
    fraction, whole = np.modf(primal(x))
    return revalued(x - np.where(np.isinf(whole), 0, whole), fraction), whole


def _times_two_to(x, i):
    """x 2**i in two steps, since 2**i alone may overflow."""
    one, half = np.ones((), x.dtype), np.floor_divide(i, 2)
    return x * np.ldexp(one, half) * np.ldexp(one, i - half)


@composed(np.ldexp)
def ldexp(x, i):
    """x 2**i, with i an integer."""
    return _times_two_to(x, primal(i))


@composed(np.frexp)
def frexp(x):
    """(mantissa, exponent) with x = mantissa 2**exponent."""
    exponent = np.frexp(primal(x))[1]
    return _times_two_to(x, -exponent), exponent


@linear(name="conjugated", core=0, fixed=True)
def conjugated(x):
    """The complex conjugate of a complex array."""
    return [x], np.conjugate, [lambda t, out, x: np.conjugate(t)], [lambda g, out, x: np.conjugate(g)]


@linear(name="real_part", core=0, fixed=True)
def real_part(x):
    """The real part of a complex array, an R-linear map."""
    return [x], np.real, [lambda t, out, x: np.real(t)], [lambda g, out, x: g + 0j]


@linear(name="imaginary_part", core=0, fixed=True)
def imaginary_part(x):
    """The imaginary part of a complex array, an R-linear map."""
    return [x], np.imag, [lambda t, out, x: np.imag(t)], [lambda g, out, x: 1j * g]


@linear(name="of_parts", core=0, fixed=True)
def of_parts(x, y):
    """x + iy of real x and y, put together and not computed: an infinite part leaves the other one as it is."""
    return [x, y], _of_parts, [lambda t, out, x, y: t + 0j, lambda t, out, x, y: 1j * t], [
        lambda g, out, x, y: np.real(g), lambda g, out, x, y: np.imag(g)]


def _of_parts(x, y):
    if isinstance(x, Traced) or isinstance(y, Traced):
        return TABLE["of_parts"](x, y)
    out = np.empty(np.shape(x), np.result_type(x, y, np.complex64))
    out.real, out.imag = x, y
    return out[()]


@composed(np.conjugate)
def conjugate(x):
    """The complex conjugate; of a real array itself."""
    return CONJUGATED(x) if np.iscomplexobj(primal(x)) else +x


@composed(np.real)
def real(val):
    """The real part; of a real array itself."""
    return val.real


@composed(np.imag)
def imag(val):
    """The imaginary part; of a real array constant zeros."""
    return val.imag


CONJUGATED = TABLE["conjugated"]


@composed(np.angle)
def angle(z, deg=False):
    """arctan2(imag, real), in degrees where asked."""
    out = np.arctan2(np.imag(z), np.real(z))
    return np.degrees(out) if deg else out


@composed(np.clip, np._core.umath.clip)  # the ufunc, which a plain array's method calls
def clip(a, a_min=None, a_max=None, *, min=None, max=None, **kwargs):
    """minimum(maximum(a, a_min), a_max); at a bound the piece just ahead."""
    if not (a_min is a_max is None or min is max is None):
        raise ValueError("clip: give the bounds as a_min and a_max or as min and max, not as both")
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    if kwargs.get("where", True) is not True:
        raise NotDifferentiableError("np.clip(where=...) has no row; use np.where(mask, np.clip(x, low, high), other)")
    dtype = kwargs.get("dtype")
    a = a if dtype is None else TABLE["astype"](a, dtype)
    if low is not None:
        a = np.maximum(a, low)
    a = a if high is None else np.minimum(a, high)
    return a if dtype is None else TABLE["astype"](a, dtype)


@composed(np.nan_to_num)
def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    """x with NaN and infinities replaced by constants."""
    plain, constants = primal(x), {"nan": nan, "posinf": posinf, "neginf": neginf}
    out = np.where(np.isfinite(plain), x, np.nan_to_num(plain, **{name: primal(c) for name, c in constants.items()}))
    for c, there in zip(constants.values(), (np.isnan, np.isposinf, np.isneginf)):
        if isinstance(c, Traced):
            if np.iscomplexobj(plain):
                raise DTypeError("np.nan_to_num of complex numbers takes plain constants only; call it for x.real and x.imag")
            out = np.where(there(plain), TABLE["astype"](c, plain.dtype), out)
    if not copy:
        x[...] = out
    return out if copy else x

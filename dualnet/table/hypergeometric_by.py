"""Hypergeometric functions by their parameters, to every order: rows of the mixed derivatives, which nest.

A row f_by(orders..., parameters..., x) is the derivative of f by its parameters and by x, so its partial by one of them is the same row
of one order more. It comes from the power series (hyperseries.py), after a transformation to where nothing or less cancels, and where
none leaves enough digits from the function's own values (parameters.py).
"""

import numpy as np
import scipy.special as sp

from dualnet.errors import NotDifferentiableError
from dualnet.table.domain import POSITIVE, REAL
from dualnet.table.doubled import high, lifted
from dualnet.table.hypergeometric import of_large
from dualnet.table.hyperseries import TERMS, Terms, evaluated, summed, times
from dualnet.table.jets import helper
from dualnet.table.parameters import ORDERS, Slope, absolute
from dualnet.table.row import primal, shape_of

LONGEST = 1e5  # of |a x| where 1F1 is followed through all of its waves, of -x where 0F1 is
LARGEST = 1e3  # of b or c there
EXPONENT = 600.0  # of the factor exp(x) of Kummer's transformation, which is in the range


def own_values(name, plain, orders, args):
    """The derivative of `plain` by its arguments of these orders from its own values."""
    taken = {k: (n, absolute) for k, n in enumerate(orders) if n}
    if not taken:
        return plain(*args)
    if max(orders) > ORDERS:
        if not np.all(np.isfinite(args)):
            return np.full(shape_of(args[0]), np.nan)
        raise NotDifferentiableError(f"{name} has derivatives of orders 1 to {ORDERS} only by a parameter of so much cancellation as at "
                                     f"({', '.join(f'{a[0]:g}' for a in args)})")
    return Slope(name, plain, taken, None, len(args))._compute(*args)


def by_row(name, function, count, domain):
    """The row of the derivatives that function(orders, *args) gives of flat arrays, by `count` arguments of which the last is x."""
    def partial(place):
        return lambda *operands: row(*operands[:place], operands[place] + 1, *operands[place + 1:-1])

    row = helper(f"_{name}_by", lambda *operands: function([int(n) for n in operands[:count]], *operands[count:]), count,
                 *(None,) * count, *map(partial, range(count)), domain=(*(POSITIVE,) * count, *domain))
    return row


def slope_of(row, place):
    """The first derivative by the argument at `place`, as a partial."""
    orders = [int(k == place) for k in range(len(row.partials) // 2)]
    return lambda *args: row(*orders, *args[:-1])


def slope_by_x(known, row, lost, ours, theirs):
    """The partial by x that is known(*args), and that of `row` where `lost` says that SciPy's values, of which `known` is made, are wrong;
    `ours` and `theirs` are arguments at which each is harmless."""
    def slope(*args):
        args, mine = args[:-1], lambda args: row(*[0] * (len(args) - 1), 1, *args)
        mask = lost(*map(primal, args))
        if not np.any(mask):
            return known(*args)
        if np.all(mask):
            return mine(args)
        inner = mine([np.where(mask, v, w) for v, w in zip(args, ours)])
        return np.where(mask, inner, known(*(np.where(mask, w, v) for v, w in zip(args, theirs))))

    return slope


# --- 0F1 and 1F1 ---------------------------------------------------------------------------------------------------------
def first_of(orders, exact, m, upper, lower):
    """The first term of the m-th derivative by x: the product of the parameters from 0 to m - 1 steps on (DLMF 16.3.1)."""
    term = Terms(orders, shape_of(high(lower[0][0])), exact)
    for n in range(m):
        term.advance(*term.factors(upper, lower, float(n)))
    return term


def more(side, m):
    """The parameters m steps on."""
    return [(p + float(m), direction) for p, direction in side]


def _confluent_limit(orders, c, x):
    *by, m = orders

    def series(exact, c, x, m=m):
        c, x = lifted(exact, c, x)
        lower = [(c, (1,))]
        return summed(first_of(by, exact, m, [], lower), [], more(lower, m), x)

    def stepped(exact, c, x):
        x, b = x.real, c + m
        here = np.maximum(x, -0.5 * b)
        value, slope = (series(False, c, here, k)[0] for k in (m, m + 1))
        return _followed(value, slope, here, x, b, np.ones_like(x), np.inf, lambda n, at, go, below, here: (
            below, times(here, b[go] + n, (1,))))

    def own(c, x):
        values = own_values("hyp0f1", lambda c, x: of_large(c + m, x) / poch(c, m), [*by, 0], (c, x))
        return np.where(np.isinf(values) & (np.real(x) < 0), np.nan, values)  # SciPy's for c > 170

    waves = lambda c, x: (c > 0) & (c < LARGEST) & (x.imag == 0) & (-x.real > 25 + 5 * c) & (-x.real < LONGEST)
    return evaluated(by, [(waves, stepped), (lambda c, x: (c > 0) & (np.abs(x) < 1e5 * (1 + c)), series)], own, c, x)


def _confluent(orders, a, b, x):
    *by, m = orders

    def series(exact, a, b, x, m=m, kummer=False):
        a, b, x = lifted(exact, a, b, x)
        upper, lower = [(a, (1, 0))], [(b, (0, 1))]
        first = first_of(by, exact, m, upper, lower)
        return summed(first, [(b - a, (-1, 1))], more(lower, m), -x) if kummer else summed(first, more(upper, m), more(lower, m), x)

    def turned(exact, a, b, x):
        """That of exp(x) 1F1(b - a, b, -x), DLMF 13.2.39."""
        value, size = series(exact, a, b, x, kummer=True)
        return np.exp(x) * value, np.abs(np.exp(x)) * size

    def own(a, b, x):
        return own_values("hyp1f1", lambda a, b, x: poch(a, m) / poch(b, m) * sp.hyp1f1(a + m, b + m, x), [*by, 0], (a, b, x))

    def stepped(exact, a, b, x):
        x, a, b = x.real, a + m, b + m
        here = np.sign(x) * np.minimum(np.abs(x), 0.5 * b / np.abs(a))
        value, slope = (series(False, a - m, b - m, here, k)[0] for k in (m, m + 1))
        return _followed(value, slope, here, x, b, np.abs(a), 3.0, lambda n, at, go, below, here: (  # DLMF 13.2.1
            times(below, a[go] + n, (1, 0)), times(here, b[go] + n - at, (0, 1))))

    fine = lambda a, b, x: (b > 0) & np.isfinite(a) & (np.abs(x) < EXPONENT)
    left = lambda a, b, x: np.real(x) * np.maximum(np.abs(a), 1) < -0.5 * b
    methods = [(lambda *args: fine(*args) & _waves(*args), stepped), (lambda *args: fine(*args) & left(*args), turned),
               (lambda *args: fine(*args) & ~left(*args), series)]
    return evaluated(by, methods, own, a, b, x)


def _waves(a, b, x):
    """True where 1F1 oscillates, and the terms of its series cancel."""
    return (x.imag == 0) & (-a * x.real > 25 + 5 * b) & (-a * x.real < LONGEST) & ((a < 0) | (a > b)) & (b < LARGEST)


def _followed(value, slope, here, x, b, rate, most, equation):
    """A function and its slope from `here` to x along the waves of exp(2 i sqrt(rate x)), by steps of four radians or half of x at most,
    and so short that the other solution, which is like x^(1 - b) and then like exp(x) (if `most` is the longest), changes by a factor
    of e^3 at most, for its share in rounding is of the size that it has in the step. The function obeys x y'' = f y - g y', and
    ``equation(n, x, place, y, y')`` is f y and g y' of its n-th derivative."""
    while (go := np.flatnonzero(here != x)).size:
        at = here[go]
        longest = np.minimum(np.minimum(np.minimum(0.5, 2 / b[go]) * np.abs(at), most), 4 * np.sqrt(np.abs(at) / rate[go]))
        step = np.clip(x[go] - at, -longest, longest)
        value[..., go], slope[..., go] = _step(value[..., go], slope[..., go], at, step, go, equation)
        here[go] = np.where(np.abs(step) < longest, x[go], at + step)
    return value, np.abs(value)


def _step(value, slope, x, s, place, equation):
    """The function and its slope by x one step s on, by its Taylor series."""
    terms, total, gain, n = [value, slope * s], value + slope * s, slope * s, 0
    while n < TERMS:
        f, g = equation(n, x, place, terms[n % 2], terms[(n + 1) % 2])
        more = (s * s * f - s * (n + 1) * g) / (x * ((n + 2) * (n + 1)))
        terms[n % 2] = more
        total, gain, n = total + more, gain + (n + 2) * more, n + 1
        if n % 8 == 0 and not np.any(np.abs(terms[0]) + np.abs(terms[1]) > 1e-17 * np.abs(total)):
            break
    return total, gain / s


def poch(a, m):
    """a (a + 1) ... (a + m - 1)."""
    out = np.ones_like(a)
    for k in range(m):
        out = out * (a + k)
    return out


hyp0f1_by = by_row("hyp0f1", _confluent_limit, 2, (POSITIVE, REAL))
limit_dx = slope_by_x(lambda c, x: np.divide(of_large(c + 1, x), c), hyp0f1_by,  # DLMF 16.3.1
                      lambda c, x: (x < 0) & (c > 20) if np.isrealobj(x) else False, (30.0, -1.0), (1.0, 1.0))
hyp1f1_by = by_row("hyp1f1", _confluent, 3, (POSITIVE, POSITIVE, REAL))
confluent_dx = slope_by_x(lambda a, b, x: np.divide(a, b) * sp.hyp1f1(a + 1, b + 1, x), hyp1f1_by,  # DLMF 13.3.15
                          lambda a, b, x: (b > 0) & _waves(a, b, x) & (np.abs(x) < 1), (60.0, 1.0, -0.5), (1.0, 1.0, 0.0))

"""The lecture's example in both modes, and its hand-written rows given to ``dn.check``.

The formulas of the example stand once, as text, in `STEPS`: their values, dual numbers, cotangents and SymPy's
expressions all come from there.
"""

import textwrap
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

import dualnet as dn
from dualnet.formula import parse
from dualnet.table.own import BasicFunction

AT = {"x": 3.0, "y": 1.0, "W": 3.0}
STEPS = {  # variable: what it depends on, and its formula
    "xi1": ("W", parse("-W*x")),
    "xi2": ("xi1", parse("exp(xi1)")),
    "xi3": ("xi2", parse("1 + xi2")),
    "xi4": ("xi3", parse("1/xi3")),
    "xi5": ("xi4", parse("log(xi4)")),
    "L": ("xi5", parse("-y*xi5")),
}


def loss(x, y, W):
    """The lecture's loss of one example, -y log p with p = 1/(1 + exp(-W x))."""
    return -y * np.log(1 / (1 + np.exp(-W * x)))


@dataclass
class Line:
    """One line of the lecture's table."""

    variable: str
    formula: str
    by: str
    partial: str
    value: float
    partial_value: float
    forward: float  # d variable / d W
    backward: float  # d L / d variable


def through_the_steps(W, nudges):
    """The values of all steps, each with a nudge added that everything behind it sees."""
    values = dict(AT, W=W)
    for (name, (_, formula)), nudge in zip(STEPS.items(), nudges):
        values[name] = formula.numpy(values) + nudge
    return tuple(values[name] for name in STEPS)


def lecture_table():
    """The lecture's table: one forward sweep, one backward sweep, and SymPy's text of each local partial.

    Returns
    -------
    list of Line

    Examples
    --------
    >>> last = lecture_table()[-1]
    >>> last.variable, last.partial, round(last.value, 9), round(last.forward, 11)
    ('L', '-y', 0.000123402, -0.00037018373)
    """
    W = AT["W"]
    zeros = (0.0,) * len(STEPS)
    values, forward = dn.jvp(lambda W: through_the_steps(W, zeros), (W,), (1.0,))
    _, pullback = dn.vjp(lambda *nudges: through_the_steps(W, nudges)[-1], *zeros)
    backward = pullback(1.0)
    known = AT | dict(zip(STEPS, values))
    lines = []
    for (name, (by, formula)), value, dW, dL in zip(STEPS.items(), values, forward, backward):
        slope = dn.derivative(lambda v: formula.numpy(known | {by: v}))(known[by])  # noqa: B023 (called at once)
        expression = formula.sympy()
        (symbol,) = (s for s in expression.free_symbols if s.name == by)
        lines.append(Line(name, formula.text, by, str(expression.diff(symbol)), *map(float, (value, slope, dW, dL))))
    return lines


def exact_table(digits=50):
    """The two derivative columns of the table from SymPy alone.

    Returns
    -------
    list of pair of str
        d variable / d W and d L / d variable, in decimal digits.
    """
    import sympy

    names = list(STEPS)
    W, v = sympy.symbols("W v", real=True)
    numbers = {name: sympy.Rational(value) for name, value in AT.items()}

    def composed(start, **known):
        for name in names[start:]:
            known[name] = STEPS[name][1].sympy(numbers | known)
        return known

    of_W = composed(0, W=W)
    pairs = []
    for place, name in enumerate(names):
        tail = composed(place + 1, **{name: v})["L"]
        here = of_W[name].subs(W, numbers["W"])
        forward = of_W[name].diff(W).subs(W, numbers["W"])
        pairs.append(tuple(str(sympy.N(e, digits)) for e in (forward, tail.diff(v).subs(v, here))))
    return pairs


def ulps(number, exact):
    """How far a float64 is from an exact decimal number, in units in the last place of that number.

    Examples
    --------
    >>> ulps(0.1, "0.1") < 0.5, ulps(1.0, "1.00000000000000044408920985006261616945266723632812")
    (True, 2.0)
    """
    exact = Fraction(exact)
    return float(abs(Fraction(float(number)) - exact) / Fraction(float(np.spacing(abs(float(exact))))))


def print_table(lines):
    """Print the lecture's table."""
    heads = ["variable", "partial", " value", " of the partial", " d variable/dW", " dL/d variable"]
    rows = [
        [f"{e.variable} = {e.formula}", f"d{e.variable}/d{e.by} = {e.partial}"]
        + [f"{n: .10g}" for n in (e.value, e.partial_value, e.forward, e.backward)]
        for e in lines
    ]
    rows = [[cell.replace("xi", "ξ").replace("**", "^") for cell in row] for row in [heads, *rows]]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def show_example():
    """The first part of the demo."""
    import mpmath

    print("1. The lecture's example: L = -y log(1/(1 + exp(-W x))) at x = 3, y = 1, W = 3\n")
    lines = lecture_table()
    print_table(lines)
    pairs = exact_table()
    worst = max(ulps(n, e) for line, pair in zip(lines, pairs) for n, e in zip((line.forward, line.backward), pair))
    args = tuple(AT.values())
    closed = dn.closed_form(loss, *args)
    exact = mpmath.nstr(closed.evaluate_gradient(digits=50)[2], 50)
    ways = {
        "forward": dn.grad(loss, 2, mode="forward")(*args),
        "reverse": dn.grad(loss, 2, mode="reverse")(*args),
        "closed form": closed.evaluate_gradient()[2],
    }
    print(f"\n   d variable/dW by one forward sweep of dual numbers, dL/d variable by one sweep back. All {2 * len(lines)} numbers")
    print(f"   are within {worst:.1f} units in the last place (ulp) of SymPy's, taken to 50 digits.\n")
    print(f"   dL/dW in closed form (SymPy)  {closed.gradient[2]}")
    print(f"   to 50 digits  {exact}")
    for way, number in ways.items():
        print(f"   {way:<13} {number: .17g}   {ulps(number, exact):.1f} ulp")


@dataclass
class Slip:
    """A row of the lecture as it is written there, a point to check it at, and the row put right."""

    about: str
    written: str
    args: tuple
    row: BasicFunction
    mended: BasicFunction


def row(name, symbol, function, *partials, domain=dn.REAL):
    """A basic function with its hand-written partials, as ``@dn.basic_function`` and ``.derivative`` enter it."""
    out = dn.basic_function(function, symbol=symbol, domain=domain, name=name)
    for p in partials:
        out.derivative(p)
    return out


def slips():
    """The four slips of the lecture, as rows.

    Returns
    -------
    list of Slip
    """
    inside, log = dn.OPEN(0, 1), np.log
    entropy = "cross_entropy", "-y*log(p) - (1-y)*log(1-p)", lambda p, y: -y * log(p) - (1 - y) * log(1 - p)
    by_y = lambda p, y: log(1 - p) - log(p)

    def normal(scale, by_sigma):
        return row(
            "normal_density",
            "exp(-(x-m)**2/(2*s**2))/sqrt(2*pi*s**2)",
            lambda x, m, s: np.exp(-((x - m) ** 2) / (2 * s**2)) / scale(s),
            lambda x, m, s, out: -out * (x - m) / s**2,
            lambda x, m, s, out: out * (x - m) / s**2,
            lambda x, m, s, out: out * ((x - m) ** 2 / s**3 - by_sigma(s)),
            domain=(dn.REAL, dn.REAL, dn.POSITIVE),
        )

    def negative(*formulas):
        return row("negative_class", "-(1-y)*log(1-p)", *formulas, domain=(inside, dn.REAL))

    return [
        Slip(
            "the partial of 1/ξ3",
            "+(1/ξ3)^2",
            (1 + float(np.exp(-9.0)),),
            row("inverse", "1/x", lambda x: 1 / x, lambda x: (1 / x) ** 2, domain=dn.NONZERO),
            row("inverse", "1/x", lambda x: 1 / x, lambda x: -((1 / x) ** 2), domain=dn.NONZERO),
        ),
        Slip(
            "dL/dp of the cross-entropy",
            "-y/p - (1-y)/(1-p)",
            (0.3, 0.0),
            row(*entropy, lambda p, y: -y / p - (1 - y) / (1 - p), by_y, domain=(inside, dn.REAL)),
            row(*entropy, lambda p, y: -y / p + (1 - y) / (1 - p), by_y, domain=(inside, dn.REAL)),
        ),
        Slip(
            "the normal density's factor",
            "1/sqrt(2 pi^2 sigma)",
            (1.0, 0.5, 2.0),
            normal(lambda s: np.sqrt(2 * np.pi**2 * s), lambda s: 1 / (2 * s)),
            normal(lambda s: np.sqrt(2 * np.pi * s**2), lambda s: 1 / s),
        ),
        Slip(
            "the loss of the negative class",
            "(1-y) log(1-p)",
            (0.3, 0.0),
            negative(lambda p, y: (1 - y) * log(1 - p), lambda p, y: -(1 - y) / (1 - p), lambda p, y: -log(1 - p)),
            negative(lambda p, y: -(1 - y) * log(1 - p), lambda p, y: (1 - y) / (1 - p), lambda p, y: log(1 - p)),
        ),
    ]


def finding(function, args):
    """What ``dn.check`` says about a row: the mismatch, or None where it finds nothing."""
    try:
        dn.check(function, *args)
    except dn.DerivativeMismatch as error:
        return str(error)
    return None


def show_slips():
    """The second part of the demo."""
    print("\n2. Four rows as the lecture writes them by hand, given to dn.check")
    print("   (The lecture has the last three d variable/dW with the other sign: the first row is why.)\n")
    for slip in slips():
        found = finding(slip.row, slip.args)
        print(f"   {slip.about}, written {slip.written}: {'WRONG' if found else 'nothing found'}")
        for text in textwrap.wrap(found or "", 110):
            print(f"      {text}")
        print(f"      put right: {finding(slip.mended, slip.args) or 'forward, reverse and SymPy agree'}")

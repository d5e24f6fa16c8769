"""Write four worked pages and their pictures from the code itself: ``python docs/make_pages.py``.

The tables and graphs on chain-rule.md, where-nan.md, perturbation-confusion.md and kinks.md are what
``dn.explain`` says; with ``--check`` nothing is written and a page that would change is named.
"""

import sys
from pathlib import Path

import numpy as np

import dualnet as dn
from dualnet.explain import tables
from dualnet.explain.render import to_markdown

HERE = Path(__file__).parent
LECTURE = dn.explain("-y*log(1/(1+exp(-W*x)))", at={"x": 3, "y": 1, "W": 3}, wrt="W")


def where_log(x):
    """log(x) where x is positive, 0 elsewhere."""
    return np.where(x > 0, np.log(x), 0.0)


def parts(x):
    """x, as its positive part less its negative part."""
    return np.maximum(x, 0.0) - np.maximum(-x, 0.0)


def pictures():
    """File names and SVG texts."""
    with np.errstate(all="ignore"):
        nan = dn.explain(where_log, 0.0)
    confused = dn.explain(lambda x, y: x * (x + y), 1.0, 1.0)
    return {"chain-rule.svg": LECTURE.svg(), "where-nan.svg": nan.svg(), "perturbation-confusion.svg": confused.svg(), "kinks.svg": plot()}


def plot():
    """|x| and max(x, 0) with the slopes that a forward probe sees at 0."""
    def x_of(x):
        return 160 + 110 * x

    def y_of(y):
        return 150 - 100 * y

    def line(points, kind):
        return f'<polyline class="{kind}" points="{" ".join(f"{x_of(x):.0f},{y_of(y):.0f}" for x, y in points)}"/>'

    ahead = [float(dn.jvp(np.abs, (0.0,), (t,))[1]) for t in (1.0, -1.0)]
    body = [line([(-1.3, 0), (1.3, 0)], "axis"), line([(-1.2, 1.2), (0, 0), (1.2, 1.2)], "curve"),
            line([(0, 0), (0.7, 0.7 * ahead[0])], "ahead"), line([(0, 0), (-0.7, 0.7 * ahead[1])], "ahead"),
            f'<text x="{x_of(0.75):.0f}" y="{y_of(0.45):.0f}">along +1: {ahead[0]:+g}</text>',
            f'<text class="end" x="{x_of(-0.75):.0f}" y="{y_of(0.45):.0f}">along -1: {ahead[1]:+g}</text>',
            f'<text class="end" x="{x_of(-1.2):.0f}" y="{y_of(1.05):.0f}">|x|</text>',
            f'<circle cx="{x_of(0):.0f}" cy="{y_of(0):.0f}" r="4"/>']
    style = ("text{font:13px 'DejaVu Sans',sans-serif;fill:#1b1f24}.end{text-anchor:end}.axis{stroke:#8c959f}"
             ".curve{stroke:#2563ab;stroke-width:2;fill:none}"
             ".ahead{stroke:#a84b00;stroke-width:5;fill:none;opacity:.6}.back{fill:#fff}")
    return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="-60 10 460 160" width="460" height="160" role="img" '
            f'aria-label="the absolute value and its one-sided slopes at 0"><style>{style}</style>'
            f'<rect class="back" x="-60" y="10" width="460" height="160"/>{"".join(body)}</svg>')


CHAIN = """# The chain rule, line by line

A program is a chain of small steps. Each step's derivative is known by heart; the chain rule multiplies them.
There are two orders in which to multiply, and that is all that forward and reverse mode are.

![the computational graph](images/chain-rule.svg)

Values are green, local partials stand on the edges. The loss of one logistic unit at x = 3, y = 1, W = 3:

>>> import dualnet as dn
>>> e = dn.explain("-y*log(1/(1+exp(-W*x)))", at={{"x": 3, "y": 1, "W": 3}}, wrt="W")
>>> e.table("forward")[1][-1]
['L', '-y * ξ5', '∂L/∂ξ5 = -y', '0.00012340219', '-1', '-0.00037018373']

## Forward: from W to L

The derivative by W travels with the value: dξ/dW of each line is its local partial times that of the line before.

{forward}

## Reverse: first up, then down

The way up keeps what the way down reads. On the way down each line asks: how much does L change if I change?

{up}

{down}

## Both agree with the closed form

{closed}

## Which is cheaper?

{sentence}
"""

WHERE = """# A NaN that comes through `where`

`log(x)` where x is positive, 0 elsewhere: at x = 0 the value is 0, and so is the derivative. Yet most tools answer
NaN in reverse mode, and the NaN spreads to every parameter.

![the graph at x = 0](images/where-nan.svg)

The branch that is not taken gets the cotangent 0, and the partial of log at 0 is 1/0. The number 0 times infinity is
NaN. But this zero is no number that became small: the branch was *not taken*. dualnet keeps such structural zeros apart
from numbers, in both modes:

>>> import numpy as np, dualnet as dn
>>> f = lambda x: np.where(x > 0, np.log(x), 0.0)
>>> with np.errstate(divide="ignore"):
...     float(dn.grad(f, mode="forward")(0.0)), float(dn.grad(f, mode="reverse")(0.0))
(0.0, 0.0)

{forward}

{down}

A zero that is merely a number stays what the arithmetic says. sqrt(x)**2 has slope 1 everywhere; at 0 the rule computes
0 times infinity, and calling that 0 would be a silent lie:

>>> with np.errstate(divide="ignore", invalid="ignore"):
...     float(dn.grad(lambda x: np.sqrt(x) ** 2)(0.0))
nan
"""

CONFUSION = """# Perturbation confusion

Differentiate x * d/dy (x + y) by x, at x = 1, y = 1. The inner derivative is 1 whatever x is, so the answer is 1.
A dual number with a single ε says 2:

>>> class Naive:
...     def __init__(self, value, slope=0.0):
...         self.value, self.slope = value, slope
...     def __add__(self, other):
...         return Naive(self.value + other.value, self.slope + other.slope)
...     def __mul__(self, other):
...         return Naive(self.value * other.value, self.value * other.slope + self.slope * other.value)
>>> def D(f, x):
...     return f(Naive(x, 1.0)).slope
>>> D(lambda x: x * Naive(D(lambda y: x + y, 1.0)), 1.0)
2.0

The x that the inner function closes over carries the *outer* ε, and the inner derivative counts it as its own: d(x + y)
becomes 1 + 1. In dualnet each derivative opens a level of its own and takes all lower levels for constants:

>>> import dualnet as dn
>>> float(dn.derivative(lambda x: x * dn.derivative(lambda y: x + y)(1.0))(1.0))
1.0

The same holds in reverse, and for one mode inside the other:

>>> [float(a(lambda x: x * b(lambda y: x + y)(1.0))(1.0)) for a in (dn.grad, dn.derivative) for b in (dn.grad, dn.derivative)]
[1.0, 1.0, 1.0, 1.0]

![the graph of x * (x + y)](images/perturbation-confusion.svg)

The graph of x * (x + y), for comparison: there x has two ways to the result, and both count.

{forward}
"""

KINKS = """# Kinks: which slope at the corner?

At 0, |x| has no slope, but it has one in each direction. dualnet takes ε for a positive infinitesimal: of two equal
values the one with the larger tangent is larger. So a derivative is that of the piece just ahead.

![|x| and its slopes at 0](images/kinks.svg)

>>> import numpy as np, dualnet as dn
>>> [float(dn.jvp(np.abs, (0.0,), (t,))[1]) for t in (1.0, -1.0)]
[1.0, 1.0]
>>> float(dn.grad(np.abs)(0.0)), float(dn.grad(lambda x: np.maximum(x, 0.0))(0.0))
(1.0, 1.0)

Why not simply 0, or "the first argument wins"? Because then smooth functions get wrong derivatives. The function below
is x, written with two maxima; its slope is 1 everywhere:

>>> parts = lambda x: np.maximum(x, 0.0) - np.maximum(-x, 0.0)
>>> float(dn.grad(parts)(0.0)), float(dn.grad(parts, mode="reverse")(0.0))
(1.0, 1.0)
>>> float(dn.grad(parts, kinks="local")(0.0))
2.0

{forward}

Also the second derivative of max(x, -x)**2, which is x**2, is right at 0:

>>> float(dn.hessian(lambda x: np.maximum(x, -x) ** 2)(0.0))
2.0

## The classic wrong answers

Each line was run against JAX 0.12, autograd 1.9, advect 0.3, MyGrad 2.5 and torch.func 2.13. The true answer is what the
function has, however it is put together; a tool that is not named is right.

| at 0, unless it says more | true | wrong |
| --- | ---: | --- |
| jvp of abs along v | abs(v) | JAX v; advect, autograd, torch 0 |
| slope of x written max(x, 0) - max(-x, 0) | 1 | advect 2; written with relu: JAX, torch 0; with clamp: torch 2 |
| slope of x written max(x, 0) + min(x, 0) | 1 | advect 2 |
| slope of maximum(x, x) | 1 | MyGrad 0 |
| second derivative of max(x, -x)**2 | 2 | JAX, autograd, torch 0 |
| second derivative of abs(x)**2 | 2 | autograd, advect, torch 0 |
| gradient of max at [2, 2, 1] | one of the tied | halves in most: no piece of the function has that slope |
| gradient of prod at [0, 2, 3] | 6, 0, 0 | autograd NaN; torch wrong at second order |
| second derivative of sinc | -pi**2/3 | torch 0; autograd NaN |
| Hessian of norm(x)**2 | 2 on the diagonal | advect, torch 0 |
| slope of where(x > 0, log(x), 0), reverse | 0 | NaN in JAX, autograd, advect, MyGrad, torch |

dualnet's answers, forward and reverse, in the order of the table. Where it does not know, it says NaN: the Hessian of
norm(x)**2 at 0 has infinite terms that cancel.

>>> both = lambda f, x: [dn.grad(f, mode=mode)(x).tolist() for mode in ("forward", "reverse")]
>>> twice = lambda f, x: [dn.jacobian(dn.grad(f, mode=mode), mode=mode)(x).tolist() for mode in ("forward", "reverse")]
>>> [float(dn.jvp(np.abs, (0.0,), (v,))[1]) for v in (3.0, -3.0)]
[3.0, 3.0]
>>> both(lambda x: np.maximum(x, 0) - np.maximum(-x, 0), 0.0)
[1.0, 1.0]
>>> both(lambda x: np.maximum(x, 0) + np.minimum(x, 0), 0.0)
[1.0, 1.0]
>>> both(lambda x: np.maximum(x, x), 0.0)
[1.0, 1.0]
>>> twice(lambda x: np.maximum(x, -x) ** 2, 0.0)
[2.0, 2.0]
>>> twice(lambda x: np.abs(x) ** 2, 0.0)
[2.0, 2.0]
>>> both(np.max, np.array([2.0, 2.0, 1.0]))
[[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
>>> both(np.prod, np.array([0.0, 2.0, 3.0]))
[[6.0, 0.0, 0.0], [6.0, 0.0, 0.0]]
>>> np.allclose(twice(np.sinc, 0.0), -np.pi**2 / 3)
True
>>> np.isnan(twice(lambda x: np.linalg.norm(x) ** 2, np.zeros(2))).all()
np.True_
>>> with np.errstate(divide="ignore"):
...     both(lambda x: np.where(x > 0, np.log(x), 0), 0.0)
[0.0, 0.0]

Which of the tied is taken: the one that is larger just ahead, along the tangent in `jvp`, and along one fixed direction
with all elements positive in `grad`, `jacobian` and `hessian`. With `kinks="local"` it is the first of the tied, which
costs nothing and is what training uses.
"""


def made(template, explanation, **more):
    """A page from its template and what the explanation says."""
    forward, up, down = (to_markdown(make(explanation.trace)) for make in (tables.forward_table, tables.up_table, tables.down_table))
    closed = "\n".join(f"`d{a.result}/d{a.seed} = {tables.cell_text(a.formula)}` = {a.value!r}, {a.sentence()}."
                       for a in explanation.closed_form or ())
    return template.format(forward=forward.strip(), up=up.strip(), down=down.strip(), closed=closed, sentence=explanation.counts.sentence())


def pages():
    """File names and Markdown texts."""
    with np.errstate(all="ignore"):
        nan = dn.explain(where_log, 0.0)
        return {
            "chain-rule.md": made(CHAIN, LECTURE), "where-nan.md": made(WHERE, nan),
            "perturbation-confusion.md": made(CONFUSION, dn.explain(lambda x, y: x * (x + y), 1.0, 1.0)),
            "kinks.md": made(KINKS, dn.explain(parts, 0.0)),
        }


def main(check=False):
    """Write the files, or name those that would change."""
    files = {HERE / name: text for name, text in pages().items()}
    files |= {HERE / "images" / name: text + "\n" for name, text in pictures().items()}
    stale = [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if check:
            print(f"{path.name} is not what the code says; run python docs/make_pages.py", file=sys.stderr)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))

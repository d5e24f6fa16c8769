"""Hazards beside other tools: who is right, who is silently wrong, who says so; and docs/hazards.md from a recorded run."""

import re
import warnings

import numpy as np

from . import peers, report
from .hazard_cases import CASES

VERDICTS = ("right", "not finite", "error", "not supported", "wrong")
MISSING = (AttributeError, NotImplementedError, peers.NotInstalled)
SAYS_SO = re.compile("not (be )?(support|implement)")  # errors that are of no such class
HEAD = """# Hazards, beside other tools

Inputs on which tools that differentiate go wrong, each with the derivative that follows from the mathematics (not from a tool).
A tool is asked in forward and in reverse mode (advect in the one that it chooses), with its own NumPy, eagerly, in double precision;
its worst answer counts:

- **right**: both modes give the true derivative. At a true kink, where several slopes are as good, both give the same one, it is
  one-sided or between, and where elements are tied it is the slope of one of them or shared out between them.
- **not finite**: NaN or an infinity where the slope is finite, and no other number is wrong.
- **error**: an exception. For a conversion that would lose the derivative that is what is right, and counted so.
- **not supported**: the tool has no such function, or its error says that it does not do this.
- **wrong**: another number, silently; or a derivative that is dropped; or forward and reverse that differ at a kink; or, of a number
  in single precision, a slope in double.

```
python -m benchmarks hazards         # with whichever of jax, torch, autograd and advect are installed
python -m benchmarks page DIR        # this page, from a recorded run
```
"""
CONVENTIONS = """## What dualnet does by convention

- At a kink it takes the piece just ahead ([kinks](kinks.md)): `abs` at 0 has slope 1, of tied elements one is chosen, in both modes.
- A smooth function that passes through a singular one is NaN: `sqrt(x)**2` at 0, the Hessian of `norm(x)**2` at 0, `abs(z)**2` of a
  complex number (of a spectrum, say) at 0, `exp(-1 / x**2)` at 0, eigenvectors of a double eigenvalue. So is the number 0 times an
  infinite slope, and the second derivative of `x**y` by both at x = 0. It is the one place where other tools sometimes have a number.
- `std` of equal elements has slope NaN; a norm at 0 has the slope ahead, and NaN as its second derivative.
- A value that is infinite on the way gives NaN: `1 / (1 + exp(-x))` at -1000 (`scipy.special.expit` has its slope there).
- Of a function with a jump, such as `sign(x)` or a comparison of values, the slope is that of its value at the point alone:
  `sign(x) * abs(x)` at 0 has slope 0.
- A branch of `where` that was not taken and an element that was left out give nothing, whatever they hold ([where](where-nan.md)).
- `np.max` and `np.min` of an array of objects, such as `np.array([x[0], x[1]])` makes of traced numbers, drop a NaN that is not the
  last, as NumPy's own do of an array of objects; `np.stack([x[0], x[1]])` makes an array whose maximum is NaN then.
- What leaves the range of doubles between two steps stays lost ([the range](range.md)).
"""


def _torch():
    """Torch under NumPy's names: numbers become tensors, results are values alone."""
    torch = peers.load("torch")

    class Names:
        def __getattr__(self, name):
            of = getattr(torch, {"power": "pow", "concatenate": "cat", "sign": "sgn"}.get(name, name))

            def call(*args, **kwargs):
                if "where" in kwargs:
                    raise NotImplementedError("torch has no where=")
                some = any(isinstance(a, torch.Tensor) for a in args)
                args = [torch.tensor(a, dtype=torch.float64) if some and isinstance(a, float) and name != "clip" else a for a in args]
                out = of(*args, **{**kwargs, **({"correction": 0} if name == "std" else {})})
                return out[0] if name in ("median", "sort") and isinstance(out, tuple) else out

            return of if name in ("linalg", "fft") else call

    return Names(), torch


def ways(tool):
    """``(namespace, prepare, {mode: derivative})`` of a tool; `derivative` makes the Jacobian's function of a function."""
    if tool == "dualnet":
        import dualnet as dn
        return np, np.asarray, {m: lambda f, m=m: dn.jacobian(f, mode=m) for m in ("forward", "reverse")}
    if tool == "jax":
        jax, jnp = peers.load("jax"), peers.load("jax.numpy")
        return jnp, jnp.asarray, {"forward": jax.jacfwd, "reverse": jax.jacrev}
    if tool == "torch":
        names, torch = _torch()
        return names, lambda x: torch.as_tensor(np.array(x)), {"forward": torch.func.jacfwd, "reverse": torch.func.jacrev}
    if tool == "autograd":
        autograd, anp = peers.load("autograd"), peers.load("autograd.numpy")

        def forward(f):
            def along(x):
                push = autograd.differential_operators.make_jvp(f)(x)
                if not np.ndim(x):
                    return push(anp.ones_like(x))[1]
                rows = [push(v)[1] for v in np.eye(np.size(x)).reshape((-1, *np.shape(x)))]
                return anp.reshape(anp.moveaxis(anp.stack(rows), 0, -1), (*np.shape(rows[0]), *np.shape(x)))
            return along

        return anp, lambda x: np.asarray(x)[()], {"forward": forward, "reverse": autograd.jacobian}
    advect = peers.load("advect")
    return np, np.asarray, {"its own choice": advect.jacobian}


def answer(hazard, namespace, prepare, derivative):
    """What a tool gives for a hazard: an array, or the exception it raised."""
    f = (lambda x: hazard.f(namespace, x)) if hazard.of else lambda x: hazard.f(namespace, derivative, x)
    for _ in range(hazard.of):
        f = derivative(f)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            got = np.asarray(f(prepare(hazard.x)))
            return got if got.dtype == np.float32 else got.astype(float)
        except Exception as error:
            return error


def verdict(hazard, answers):
    """The worst of a tool's modes, one of `VERDICTS`, and the answers as text."""
    found = [_one(hazard, a) for a in answers]
    if hazard.kind == "kink" and all(v == "right" for v in found) and not np.array_equal(answers[0], answers[-1]):
        found = ["wrong"]
    text = ", ".join(dict.fromkeys(type(a).__name__ if isinstance(a, Exception) else np.array2string(a, precision=4, separator=", ")
                                   for a in answers))
    return max(found, key=VERDICTS.index), " ".join(text.split())


def _one(hazard, got):
    if isinstance(got, Exception):
        if hazard.kind == "lost" or hazard.true is IndexError and isinstance(got, IndexError):
            return "right"
        return "not supported" if isinstance(got, MISSING) or SAYS_SO.search(str(got)) else "error"
    if hazard.true is IndexError:
        return "wrong"
    if hazard.kind == "kink":
        tied = np.ndim(hazard.x)
        fine = got.sum() == 1 and np.all(got >= 0) if tied else -1 <= got <= 1
        return "right" if fine else "wrong" if np.isfinite(got).all() else "not finite"
    true, single = np.asarray(hazard.true, float), np.asarray(hazard.x).dtype == np.float32
    if got.shape != true.shape or single and got.dtype != np.float32:
        return "wrong"
    same = np.isclose(got, true, rtol=1e-6 if single else 1e-9, atol=0, equal_nan=True)
    return "right" if same.all() else "not finite" if np.all(same | np.isfinite(true) & ~np.isfinite(got)) else "wrong"


def run(tools=("dualnet", "jax", "torch", "autograd", "advect")):
    """Records of every hazard with every tool that is installed."""
    records = []
    for tool in tools:
        try:
            namespace, prepare, modes = ways(tool)
        except peers.NotInstalled:
            continue
        for hazard in CASES:
            found, text = verdict(hazard, [answer(hazard, namespace, prepare, d) for d in modes.values()])
            true = "a one-sided slope" if hazard.kind == "kink" else "an IndexError" if hazard.true is IndexError else str(hazard.true)
            records.append({"hazard": hazard.name, "tool": tool, "verdict": found, "answer": text, "true": true})
    return records


def tables(records, versions):
    """The counts of each tool, what each got wrong, and every hazard, as Markdown; versions are those that ran."""
    tools = list(dict.fromkeys(r["tool"] for r in records))
    by = {(r["tool"], r["hazard"]): r for r in records}
    count = lambda tool, v: sum(r["verdict"] == v for r in records if r["tool"] == tool)
    rows = [(f"{t} {versions.get(t, '')}".strip(), *(count(t, v) for v in VERDICTS)) for t in tools]
    parts = [report.markdown(("", *VERDICTS), rows)]
    for tool in tools:
        wrong = [r for r in records if r["tool"] == tool and r["verdict"] in ("wrong", "not finite")]
        lines = [(r["hazard"], r["true"], r["answer"], r["verdict"]) for r in sorted(wrong, key=lambda r: -VERDICTS.index(r["verdict"]))]
        listed = report.markdown(("input", "true", f"{tool} gives", ""), lines) if lines else "None."
        parts.append(f"### {tool}: wrong or not finite\n\n{listed}")
    names = list(dict.fromkeys(r["hazard"] for r in records))
    everything = report.markdown(("input", *tools), [(n, *(by[t, n]["verdict"] for t in tools)) for n in names])
    return "\n\n".join([*parts, f"## Every input\n\n{everything}"]) + "\n"


def page(found):
    """docs/hazards.md of a recorded run."""
    where = found["machine"]
    packages = ", ".join(f"{n} {v}" for n, v in where["packages"].items() if v != "not installed")
    recorded = f"Recorded with Python {where['python']}, {packages}."
    return "\n".join([HEAD, recorded, "\n## What was found\n", tables(found["records"], where["packages"]), CONVENTIONS])

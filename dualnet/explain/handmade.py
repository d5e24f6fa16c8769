"""Hand-derived tables set beside the truth: each wrong cell is marked, with the right one."""

import csv
import inspect
import json
import math
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import numpy as np

from dualnet.errors import ArgumentError, DualnetError, FormulaError
from dualnet.explain.notation import number, text
from dualnet.formula import parse

COLUMNS = ("variable", "what", "partial", "value", "slope", "derivative")
POINTS = (0.3, 0.7, 1.9, -0.6, -1.7, 0.1, 2.3, 0.55)  # where formulas without values are compared
TOLERANCE = 1e-9


@dataclass
class Cell:
    """One cell: what was written, whether it is right (None: nothing to check), and the right one."""

    column: str
    written: str
    ok: bool | None = None
    right: str = ""

    def __str__(self):
        return self.written if self.ok is None else f"✓ {self.written}" if self.ok else f"✗ {self.written}\n→ {self.right}"


@dataclass
class CheckedTable:
    """A checked table: print it, or ask `ok`, `wrong`, `markdown()`, `to_dict()`.

    Attributes
    ----------
    rows : list of dict of str to Cell
    """

    rows: list = field(default_factory=list)

    @property
    def wrong(self):
        """The wrong cells, as pairs (variable, Cell)."""
        return [(row["variable"].written, cell) for row in self.rows for cell in row.values() if cell.ok is False]

    @property
    def ok(self):
        """True where no cell is wrong."""
        return not self.wrong

    def _table(self):
        from dualnet.explain.tables import Table

        columns = list(dict.fromkeys(c for row in self.rows for c in row))
        table = Table(self.summary(), columns)
        for k, row in enumerate(self.rows):
            table.add(k, *(str(row[c]) if c in row else "" for c in columns))
        return table

    def summary(self):
        """How many cells were checked and how many are wrong."""
        checked = sum(cell.ok is not None for row in self.rows for cell in row.values())
        n = len(self.wrong)
        return f"{checked} cells checked, " + ("all right" if n == 0 else f"{n} wrong")

    def __str__(self):
        from dualnet.explain.render import to_text

        return to_text(self._table())

    def markdown(self):
        """The table in Markdown."""
        from dualnet.explain.render import to_markdown

        return to_markdown(self._table())

    def _repr_html_(self):
        from dualnet.explain.render import to_html

        return to_html(self._table())

    def to_dict(self):
        """Plain texts and truth values, ready for JSON."""
        return {"ok": self.ok, "summary": self.summary(), "rows": [{c: vars(cell) for c, cell in row.items()} for row in self.rows]}


def check_table(rows, at=None, wrt=None):
    """Set hand-derived rows beside the truth and mark each wrong cell with the right one.

    Parameters
    ----------
    rows : str, path, or sequence of dict
        Each row has ``variable`` and ``what`` (a formula in inputs and earlier variables), and any of
        ``partial`` (a formula, or a dict of one for each name), ``value``, ``slope`` (the partial's value),
        ``derivative`` (by `wrt`) and ``truth`` (the formula that `what` should equal). ``what`` and ``partial``
        may also be Python functions. Texts go through the safe grammar. A path names a .json or .csv file of
        such rows, or a Python module with ``def x2(x)`` and ``def derx2(x)``, which is run; "lecture" is the
        worked example.
    at : dict, optional
        Values of the inputs; without them formulas are compared at a few points.
    wrt : str, optional
        The input that the column ``derivative`` is by.

    Returns
    -------
    CheckedTable

    Raises
    ------
    FormulaError
        A cell is no formula, or a row names a variable that comes later.

    Examples
    --------
    >>> import dualnet as dn
    >>> report = dn.explain.check_table([{"variable": "xi4", "what": "1/x", "partial": "1/x**2"}])
    >>> report.ok, report.wrong[0][1].right
    (False, '-1 / x ** 2')
    """
    if isinstance(rows, (str, Path)):
        rows, at, wrt = _loaded(rows, at, wrt)
    return _Checker(at, wrt).run(rows)


class _Checker:
    """Truth row by row: values and derivatives follow from the inputs, never from a wrong cell."""

    def __init__(self, at, wrt):
        self.values = {k: float(v) for k, v in (at or {}).items()}
        if wrt is not None and wrt not in self.values:
            raise ArgumentError(f"wrt={wrt!r:.40} has no value; give at={{...}} with it")
        self.tangents = {k: float(k == wrt) for k in self.values}
        self.wrt = wrt

    def run(self, rows):
        table = CheckedTable()
        for k, row in enumerate(rows):
            if not isinstance(row, dict) or "what" not in row:
                raise ArgumentError(f"row {k + 1} is {row!r:.60}; give a dict with at least 'variable' and 'what'")
            table.rows.append(self._row({"variable": f"row {k + 1}", **row}))
        return table

    def _row(self, row):
        label = str(row["variable"])
        cells = {"variable": Cell("variable", label), "what": Cell("what", _shown(row["what"]))}
        f = _Function(row["what"])
        if row.get("truth"):
            cells["what"] = _compare_formula("what", _Function(row["truth"]), f, row["truth"], self.values)
            f = _Function(row["truth"])
        known = all(n in self.values for n in f.names)
        given = row.get("partial") or {}
        given = given if isinstance(given, dict) else {self._main(f): given}
        for by, written in given.items():
            column = "partial" if len(given) == 1 else f"partial by {by}"
            cells[column] = _compare_formula(column, f.partial(by), _Function(written, f.names), f.partial_text(by), self.values)
        if known:
            self._numbers(row, f, given, cells, label)
        return cells

    def _main(self, f):
        """The name that a lone partial is by: the one that carries the derivative, otherwise the first."""
        moving = [n for n in f.names if self.tangents.get(n)] if self.wrt else []
        if not f.names:
            raise FormulaError(f"{f.shown!r:.60} has no name to differentiate by")
        return (moving or [n for n in f.names if n not in self.values] or f.names)[0]

    def _numbers(self, row, f, given, cells, label):
        point = {n: self.values[n] for n in f.names}
        value = f(point)
        slopes = {n: f.partial(n)(point) for n in f.names}
        tangent = sum(slopes[n] * self.tangents[n] for n in f.names if self.tangents[n])
        by = next(iter(given), None) or (self._main(f) if f.names else None)
        truths = {"value": value, "slope": slopes.get(by), "derivative": tangent if self.wrt else None}
        for column, truth in truths.items():
            if row.get(column) not in (None, "") and truth is not None:
                cells[column] = _compare_number(column, row[column], truth)
        self.values[_ascii(label)], self.tangents[_ascii(label)] = value, tangent


class _Function:
    """A formula or a Python function of named numbers, with its true partials."""

    def __init__(self, given, names=None):
        self.given, self.shown = given, _shown(given)
        if callable(given):
            self.names = tuple(inspect.signature(given).parameters)
            self.formula = None
        elif isinstance(given, str):
            self.formula = parse(_ascii(given))
            self.names = self.formula.names
        else:
            raise FormulaError(f"{given!r:.60} is neither a text nor a function")
        if names is not None and self.formula is None:
            self.names = self.names[:len(names)] if len(self.names) > len(names) else self.names

    def __call__(self, point):
        with np.errstate(all="ignore"):
            if self.formula is not None:
                return self.formula.numpy({n: np.float64(point[n]) for n in self.names})
            extra = [point["out"]] if len(inspect.signature(self.given).parameters) > len(self.names) else []
            return self.given(*(np.float64(v) for v in list(point.values())[:len(self.names)]), *extra)

    def partial(self, by):
        """The true partial, by forward mode."""
        from dualnet.operators import jvp

        if by not in self.names:
            raise FormulaError(f"{self.shown!r:.60} has no {by!r:.40}; its names are {', '.join(self.names)}")

        def slope(point):
            def along(*xs):
                names = dict(zip(self.names, xs))
                return self.formula.numpy(names) if self.formula is not None else self.given(*xs)

            with np.errstate(all="ignore"):
                xs = tuple(np.float64(point[n]) for n in self.names)
                return float(jvp(along, xs, tuple(np.float64(n == by) for n in self.names))[1])

        slope.names = self.names
        return slope

    def partial_text(self, by):
        """The true partial in symbols; for functions whose steps have none, ''."""
        from dualnet.explain.closed import agreements
        from dualnet.explain.steps import Trace

        def call(nodes):
            return self.formula.numpy(dict(zip(self.names, nodes))) if self.formula is not None else self.given(*nodes)

        for start in range(len(POINTS)):
            point = [np.float64(POINTS[(start + k) % len(POINTS)]) for k in range(len(self.names))]
            try:
                with np.errstate(all="ignore"):
                    found = agreements(Trace(call, point, list(self.names), call, [self.names.index(by)]))
            except DualnetError:
                return ""
            if found:
                return text(found[0].formula)
        return ""


def _compare_formula(column, truth, written, right, values):
    """A cell that holds a formula: the same numbers as the truth, at the inputs or at a few points."""
    names = written.names
    known = [n for n in names if n in values]
    differs, compared = None, 0
    for start in range(len(POINTS)):
        point = {n: POINTS[(start + k) % len(POINTS)] for k, n in enumerate(sorted({*names, *truth.names}))}
        if start == 0 and len(known) == len(names) and set(truth.names) <= set(values):
            point = {n: values[n] for n in values}
        a, b = _number_or_nan(truth, point), _number_or_nan(written, point)
        if math.isnan(a):
            continue
        compared += 1
        if not abs(a - b) <= TOLERANCE * max(abs(a), abs(b), 1e-300) and differs is None:
            differs = (point, a, b)
    if not compared:
        return Cell(column, written.shown)
    if differs is None:
        return Cell(column, written.shown, True)
    place = ", ".join(f"{n}={v:g}" for n, v in differs[0].items())
    return Cell(column, written.shown, False, _ascii(right) or f"{number(differs[1])} at {place}")


def _number_or_nan(f, point):
    try:
        out = float(f(point))
    except (ArithmeticError, KeyError, FormulaError):
        return math.nan
    return out if math.isfinite(out) else math.nan


def _compare_number(column, written, truth):
    """A cell that holds a number, to the digits that were written."""
    shown = str(written).strip()
    try:
        value = float(shown)
    except ValueError:
        formula = _Function(shown)
        if formula.names:
            raise FormulaError(f"{column}: {shown!r:.60} is no number; write names into the columns of formulas") from None
        value = float(formula({}))
    digits = max(len(shown.lower().split("e")[0].replace(".", "").replace("-", "").lstrip("0")), 1)
    tolerance = max(0.6 * 10.0 ** -(digits - 1), 1e-12) if digits < 15 else 1e-12
    near = abs(value - truth) <= min(tolerance, 0.05) * abs(truth) if truth and math.isfinite(truth) else False
    ok = near or value == truth or (math.isnan(value) and math.isnan(truth))
    return Cell(column, shown, bool(ok), "" if ok else number(truth))


def _shown(given):
    return getattr(given, "__name__", None) or str(given)


def _ascii(s):
    return s.replace("ξ", "xi")


# --- files ----------------------------------------------------------------------------------------------


def _loaded(path, at, wrt):
    """Rows of a file, with the values and the input that it names."""
    path = resources.files("dualnet") / "explain" / "lecture.json" if str(path) == "lecture" else Path(path)
    kind = Path(path.name).suffix
    if kind == ".py":
        return _module_rows(path), at, wrt
    if kind not in (".json", ".csv"):
        raise ArgumentError(f"{path.name}: give a .json or .csv file of rows, or a .py module with def x2 and def derx2")
    try:
        written = path.read_text(encoding="utf-8-sig")
        held = json.loads(written) if kind == ".json" else list(csv.DictReader(written.splitlines()))
        held = held if isinstance(held, dict) else {"rows": held}
        if not isinstance(held["rows"], list) or not held["rows"]:
            raise ValueError("a list with at least one is needed")
    except (KeyError, ValueError, RecursionError, csv.Error) as error:
        raise ArgumentError(f"{path.name} holds no rows: {error}") from error
    return held["rows"], at or held.get("at"), wrt or held.get("wrt")


def _module_rows(path):
    """Pairs ``def x2``, ``def derx2`` of a module, which is run; ``derx2_y`` is the partial by y."""
    import runpy

    held = runpy.run_path(str(path))
    rows = []
    for label, f in held.items():
        partials = {}
        for other, p in held.items():
            stem, _, by = other.removeprefix("der").partition("_") if other != label and other.startswith("der") else ("", "", "")
            if stem == label and callable(p) and callable(f):
                partials[by or next(iter(inspect.signature(f).parameters))] = p
        if partials:
            rows.append({"variable": label, "what": f, "partial": partials})
    if not rows:
        raise ArgumentError(f"{path.name} holds no pair such as def x2(x) and def derx2(x)")
    return rows

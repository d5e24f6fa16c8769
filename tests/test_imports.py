"""Imports run one way, ``import dualnet`` stays light, rows stay plain NumPy, no machine's path slips in."""

import ast
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "dualnet"
MODULES = sorted(PACKAGE.rglob("*.py"))

# From the ground up. A module imports from lower ranks and from its own room only: within one rank
# each {room} stands alone; rooms that are written together, as table and formula, share one set.
RANKS = [
    [{"errors"}],
    [{"table", "formula"}],
    [{"levels"}, {"debugging"}, {"memory"}],
    [{"arithmetic", "buffers", "dispatch", "methods", "packing", "polynomials", "ufuncs", "views"},
     {"assembly", "blocks", "multiples", "tangents", "through"}],
    [{"trees"}, {"transformed"}],
    [{"dual"}, {"graph", "lightening", "pieces", "pulls"}, {"series"}, {"symbolic", "expressions"}],
    [{"sweeps", "pending", "along"}],
    [{"operators", "jacobians", "estimates"}],
    [{"registration", "conversions"}, {"implicit", "odes", "steps"}],
    [{"checking", "testing", "oracle", "blame", "differences", "problem"}, {"datasets"}],
    [{"explain"}, {"learn"}],
    [{"__init__"}],  # names only: what a user of the package, such as the command line, imports
    [{"cli", "demo"}],
    [{"__main__"}],
]
RANK = {name: rank for rank, rooms in enumerate(RANKS) for room in rooms for name in room}
ROOM = {name: min(room) for rooms in RANKS for room in rooms for name in room}
NO_RANK = "dualnet.{} has no rank: give it one in RANKS of tests/test_imports.py"


def dotted(path, package=PACKAGE):
    """``dualnet/table/row.py`` -> ("dualnet", "table", "row"); a package is named by its folder."""
    parts = (package.name, *path.relative_to(package).with_suffix("").parts)
    return parts[:-1] if parts[-1] == "__init__" else parts


def imports(source, module, is_package):
    """All (line, dotted name) that the source of a module imports, wherever in it the import stands.

    ``from a import b`` counts as ``a.b``; relative imports and ``import_module("a")`` are resolved.
    """
    here = module if is_package else module[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else ()
            start = ".".join((*base, *filter(None, [node.module])))
            yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "attr", getattr(node.func, "id", None))
            name = node.args[0].value
            if called in ("import_module", "__import__") and isinstance(name, str):
                level = len(name) - len(name.lstrip("."))
                base = here[: len(here) - level + 1] if level else ()
                yield node.lineno, ".".join((*base, name[level:]))


def top(name, known):
    """The top-level module of the package that a dotted name leads to; the package's own names: __init__."""
    parts = name.split(".")
    return parts[1] if len(parts) > 2 or parts[-1] in known else "__init__"


def wrong_way(source, module, is_package, known):
    """What a module imports against the order, as messages."""
    importer = "__init__" if len(module) == 1 else module[1]
    if importer not in RANK:
        yield NO_RANK.format(importer)
        return
    for line, name in imports(source, module, is_package):
        if name.split(".")[0] != module[0]:
            continue
        target = top(name, known)
        if target not in RANK:
            yield f"{'.'.join(module)}, line {line}: {NO_RANK.format(target)}"
        elif RANK[target] >= RANK[importer] and ROOM[target] != ROOM[importer]:
            yield (
                f"{'.'.join(module)}, line {line}: imports {name}, but dualnet.{target} "
                f"(rank {RANK[target]}) is not below dualnet.{importer} (rank {RANK[importer]})"
            )


def known_names(package=PACKAGE):
    """Top-level modules and packages of a package."""
    modules = {path.stem for path in package.glob("*.py")}
    return modules | {path.parent.name for path in package.glob("*/*.py")}


def test_the_package_is_there():
    assert PACKAGE / "__init__.py" in MODULES and len(MODULES) > 5


@pytest.mark.parametrize("path", MODULES, ids=lambda path: ".".join(dotted(path)))
def test_imports_run_one_way(path):
    source = path.read_text(encoding="utf-8")
    found = list(wrong_way(source, dotted(path), path.name == "__init__.py", known_names()))
    assert not found, "\n".join(found)


KNOWN = set(RANK)


@pytest.mark.parametrize(
    ("module", "source", "offence"),
    [
        ("dual", "from dualnet import graph", "dualnet.graph"),
        ("dual", "from .graph import Graph", "dualnet.graph"),
        ("dual", "import dualnet.series as s", "dualnet.series"),
        ("dual", "def f():\n    from dualnet.operators import jvp", "dualnet.operators"),
        ("dual", "import dualnet as dn", "dualnet"),
        ("dual", "from dualnet import jvp", "dualnet.jvp"),
        ("dual", "import importlib\nimportlib.import_module('dualnet.cli')", "dualnet.cli"),
        ("dual", "from importlib import import_module\nimport_module('.cli', __package__)", "dualnet.cli"),
        ("table.row", "from .. import dispatch", "dualnet.dispatch"),
        ("table.row", "from ..tangents import Rows", "dualnet.tangents"),
        ("errors", "if TYPE_CHECKING:\n    from .table.row import Row", "dualnet.table"),
        ("learn.training", "from ..explain import page", "dualnet.explain"),
        ("checking", "from dualnet import cli", "dualnet.cli"),
        ("__init__", "from .cli import main", "dualnet.cli"),
        ("gizmo", "import numpy", "dualnet.gizmo has no rank"),
        ("dual", "from .gizmo import turn", "dualnet.gizmo has no rank"),
    ],
)
def test_an_import_against_the_order_is_found(module, source, offence):
    path = ("dualnet",) if module == "__init__" else ("dualnet", *module.split("."))
    found = list(wrong_way(source, path, module == "__init__", KNOWN))
    assert len(found) == 1 and offence in found[0]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("dual", "import numpy\nfrom . import dispatch, tangents, errors\nfrom .table import row"),
        ("table.special", "from .row import Row\nfrom dualnet.table.row import Row\nfrom ..errors import E"),
        ("table.row", "from ..formula import parse"),
        ("learn.training", "from .layers import Dense\nfrom .. import operators"),
        ("cli", "import dualnet as dn\nfrom . import explain\nfrom dualnet import jacobian"),
        ("__main__", "from .cli import main"),
        ("__init__", "from .operators import jvp\nfrom . import learn"),
    ],
)
def test_an_import_with_the_order_passes(module, source):
    path = ("dualnet",) if module == "__init__" else ("dualnet", *module.split("."))
    assert not list(wrong_way(source, path, module == "__init__", KNOWN))


ROW_FILES = [path for path in MODULES if PACKAGE / "table" in path.parents]
ROW_IMPORTS = sys.stdlib_module_names | {"numpy", "scipy"}
ROW_ROOMS = {"table", "errors", "formula"}


@pytest.mark.parametrize("path", ROW_FILES, ids=lambda path: ".".join(dotted(path)))
def test_rows_import_only_numpy_scipy_and_the_table(path):
    found = []
    for line, name in imports(path.read_text(encoding="utf-8"), dotted(path), path.name == "__init__.py"):
        package = name.split(".")[0]
        allowed = top(name, known_names()) in ROW_ROOMS if package == "dualnet" else package in ROW_IMPORTS
        if not allowed:
            found.append(f"{path.relative_to(ROOT)}:{line}: imports {name}")
    assert not found, "\n".join(found)


def test_importing_dualnet_imports_nothing_heavy():
    heavy = {"sympy", "matplotlib", "pandas", "sklearn", "torch", "tqdm"}
    code = (
        "import sys, dualnet; assert dualnet.__file__; "
        f"print(*sorted(set(sys.modules) & {heavy}), sep=', ')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "", f"import dualnet imports {done.stdout.strip()}"


def test_the_names_listed_are_the_public_ones_and_there():
    code = ("import dualnet as dn; names = dir(dn); assert set(dn.__all__) < set(names) and 'tangents' not in names\n"
            "assert dn.datasets.load_heart().dropped == 6; assert not hasattr(dn, 'nosuch')\n"
            "assert all(hasattr(dn, name) for name in names if name not in ('learn', 'testing'))")
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


TEXT = set(".py .md .cfg .toml .in .csv .txt .html .css .js .svg .json .ipynb".split())
FOLDERS = ["dualnet", "tests", "benchmarks", "docs", "examples", ".ci"]
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~-])/(?:home|Users|root|work|opt|mnt|srv|private)/\w|\b[A-Za-z]:\\Users\\", re.IGNORECASE
)


def text_files():
    """Text files of the checkout: those of the known folders, and those at its top."""
    for path in [*ROOT.iterdir(), *(p for folder in FOLDERS for p in (ROOT / folder).rglob("*"))]:
        if path.is_file() and "__pycache__" not in path.parts and (path.suffix in TEXT or not path.suffix):
            yield path


def test_it_runs_from_a_zip_file(tmp_path):
    with zipfile.ZipFile(tmp_path / "dualnet.zip", "w") as archive:
        for path in PACKAGE.rglob("*"):
            if path.suffix in (".py", ".json", ".css", ".html", ".js", ".csv"):
                archive.write(path, path.relative_to(ROOT))
    code = ("import sys; sys.path.insert(0, sys.argv[1]); import dualnet as dn; assert 'dualnet.zip' in dn.__file__\n"
            "from dualnet.datasets import load_heart; assert load_heart().dropped == 6\n"
            "from dualnet.explain import page, server; assert page._read('page.css') and server._file('page.js')\n"
            "from dualnet.explain.handmade import _loaded; assert _loaded('lecture', None, None)[2] == 'W'")
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "dualnet.zip")], check=True, cwd=tmp_path)


def test_the_trial_run_of_the_build_needs_no_more_than_the_build_has():
    code = "import sys, runpy; sys.modules.update(scipy=None, sympy=None); runpy.run_path('trial.py', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_file_mentions_a_path_of_a_machine():
    found = []
    for path in text_files():
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if MACHINE_PATH.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("folder", ["home", "Users", "root", "work"])
def test_a_path_of_a_machine_is_recognised(folder):
    assert MACHINE_PATH.search(f'data = "/{folder}/ann/data.csv"')
    assert not MACHINE_PATH.search(f"https://example.org/{folder}/page and a/{folder}/b")

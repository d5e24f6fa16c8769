"""README and docs name what there is: all public names, no others, two commands as the checks read them."""

import ast
import re
import types
from pathlib import Path

import pytest

import dualnet as dn

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(ROOT.glob("docs/**/*.md"))
TEXT = README + "".join(page.read_text(encoding="utf-8") for page in PAGES)
MENTIONED = sorted(set(re.findall(r"\bdn\.([A-Za-z]\w*)", TEXT)))


def public_names():
    """What dualnet/__init__.py binds, by import, assignment or definition."""
    for node in ast.parse(Path(dn.__file__).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


PUBLIC = sorted(name for name in set(public_names()) if not name.startswith("_"))


def test_there_are_public_names():
    assert {"grad", "Dual", "table"} <= set(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_described(name):
    assert re.search(rf"`dn\.{name}\b", TEXT), f"dn.{name} is neither in README.md nor in docs/"


@pytest.mark.parametrize("name", MENTIONED)
def test_every_name_that_is_mentioned_is_there(name):
    if name in ("learn", "testing", "explain"):
        __import__(f"dualnet.{name}")
    assert hasattr(dn, name)


@pytest.mark.parametrize("name", PUBLIC)
def test_no_public_name_is_hidden_by_a_module(name):
    """Importing dualnet.graph, the module, sets dn.graph: names of functions are to be bound behind that."""
    assert not isinstance(getattr(dn, name), types.ModuleType) or callable(getattr(dn, name))


@pytest.mark.parametrize("ending", ["dualnet demo", "pytest -n auto"])
def test_each_command_stands_alone_on_one_line(ending):
    found = [line for line in README.splitlines() if line.startswith("python -m venv .venv && ") and line.endswith(ending)]
    assert len(found) == 1
    assert found[0] in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "CHANGELOG.md", *PAGES], ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    anchors = {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in re.findall(r"^#+ (.*)$", text, re.M)}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif "://" not in target:
            assert (page.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_every_example_ends_before_its_fence(page):
    """Without a blank line before it, the closing fence would be taken for output."""
    lines = page.read_text(encoding="utf-8").splitlines()
    inside = False
    for number, (before, line) in enumerate(zip(["", *lines], lines), 1):
        if line.startswith("```"):
            assert not (inside and before.strip()), f"{page.name}:{number}: put a blank line before the fence"
            inside = line.startswith("```python")

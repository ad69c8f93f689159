"""The import contract: library ← course ← workshop, no circles, and each file says what it is.

Imports inside functions and under ``TYPE_CHECKING`` count. ``from package import name`` counts as
the submodule where it is one.
"""

import ast
import re
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.cases import for_each
from tlbook.course.chapters import CHAPTERS

ROOT = Path(__file__).resolve().parents[2]
WINGS = ("library", "course", "workshop")
"""Each may import itself and what stands before it."""

TOP = {"__init__", "__main__", "objective", "augmentation"}
BETWEEN_CHAPTERS = {
    ("ch00", "ch01"),  # the first transfer is one of the five methods
    ("ch06", "ch01"),  # fine-tuning is compared under the same protocol
    ("ch10", "ch11"),  # DANN and CDAN at the settings chosen there
    ("ch16", "ch11"),  # the criteria are judged on the networks that were trained there
    ("ch14", "ch05"),  # features of texts are scaled as those of pictures
    ("ch17", "ch15"),  # four of the ten wordings were fixed there
    ("ch20", "ch05"),  # the shifts of earlier chapters, as tasks for the report
    ("ch20", "ch11"),
    ("ch20", "ch10"),  # the ward has the patients of all chapters
    ("ch20", "ch12"),
    ("ch20", "ch13"),
}
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in (ROOT / "tlbook").rglob("*.py")
}


@cache
def tree(module):
    return ast.parse(FILES[module].read_text(encoding="utf-8"))


@cache
def imports(module):
    found = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: a relative import in line {node.lineno}"
            full = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in FILES else node.module for name in full.values()}
    return {name for name in found if name.split(".")[0] == "tlbook"} - {module}


def wing(module):
    name = (module.split(".") + [""])[1]
    return "workshop" if name == "__main__" else name if name in WINGS else "library"


def chapter(module):
    found = re.match(r"tlbook\.course\.(ch\d\d[a-z]?)_", module)
    return found[1] if found else ""


@for_each("module", sorted(FILES))
def test_a_file_keeps_the_rules(module):
    for other in imports(module):
        assert other in FILES, f"{module} imports {other}, which does not exist"
        assert WINGS.index(wing(other)) <= WINGS.index(wing(module)), f"{module} imports {other}"
        pair = chapter(module), chapter(other)
        alone = not all(pair) or pair[0] == pair[1]
        assert alone or pair in BETWEEN_CHAPTERS, f"{module} imports {other}"
    assert ast.get_docstring(tree(module)), f"{module} does not say what it is"
    lines = len(FILES[module].read_text(encoding="utf-8").splitlines())
    assert lines <= 300 or module.endswith(".exercises"), f"{module} has {lines} lines"


def test_no_circle():
    try:
        TopologicalSorter({module: imports(module) for module in FILES}).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_every_listed_pair_is_used():
    used = {(chapter(a), chapter(b)) for a in FILES for b in imports(a)}
    assert used >= BETWEEN_CHAPTERS


def test_only_packages_stand_at_the_top():
    assert {path.stem for path in (ROOT / "tlbook").glob("*.py")} == TOP


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.number)
def test_whoever_knows_the_chapter_list_knows_the_code(chapter):
    """Notebook, what it teaches, exercises, widget, studies and tests lie where the map says."""
    folder = ROOT / "tlbook" / "course" / f"ch{chapter.stem}"
    assert chapter.path.is_file() and (folder / "exercises.py").is_file()
    assert [path for path in (folder / "widget").glob("*.py") if path.name[0] != "_"]
    taught = chapter.module
    assert taught is None or any(
        (place / taught).is_dir() or (place / f"{taught}.py").is_file()
        for place in (ROOT / "tlbook", folder)
    )
    if taught and (ROOT / "tlbook" / taught).is_dir():
        assert list((ROOT / "tests" / "library" / taught).glob("test_*.py"))
    made = {path.stem for path in (folder / "studies").glob("*.py")} - {"__init__"}
    assert made <= {path.stem for path in (ROOT / "data" / "results").glob("*.csv")}
    if (folder / "methods.py").is_file():
        assert (ROOT / "tests" / "course" / folder.name / "test_methods.py").is_file()

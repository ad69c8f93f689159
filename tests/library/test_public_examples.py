"""The examples in the docstrings run, and print what they say: all public names, then all others.

A public name's example stands alone: it imports what it uses, so that a reader can paste it.
"""

import ast
import doctest
import importlib
import inspect
import os
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

import tlbook
from tlbook._base.public import PUBLIC

pytestmark = pytest.mark.slow  # about 15 s: in `make test`, not in `make check`

NAMES = [f"{package}.{name}" for package, names in PUBLIC.items() for name in names]
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
ROOT = Path(tlbook.__file__).parent


def find(public: str) -> object:
    package, name = public.rsplit(".", 1)
    return getattr(importlib.import_module(f"tlbook.{package}"), name)


def examples_of(path: Path) -> list[str]:
    """Return the names in a file, dotted, whose docstrings have examples."""

    def visit(node: ast.AST, prefix: str) -> list[str]:
        found = []
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                if ">>> " in (ast.get_docstring(child) or ""):
                    found.append(prefix + child.name)
                found += visit(child, f"{prefix}{child.name}.")
        return found

    text = path.read_text(encoding="utf-8")
    if ">>> " not in text:
        return []
    tree = ast.parse(text)
    return (["__doc__"] if ">>> " in (ast.get_docstring(tree) or "") else []) + visit(tree, "")


def all_examples() -> dict[str, list[str]]:
    """Return module → names with examples, those of the public list left out; imports nothing."""
    public = {(package.split(".")[0], name) for package, names in PUBLIC.items() for name in names}
    others = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        names = [name for name in examples_of(path) if (parts[0], name) not in public]
        if names:
            module = [tlbook.__name__, *(parts[:-1] if parts[-1] == "__init__" else parts)]
            others[".".join(module)] = names
    return others


OTHERS = all_examples()


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """One cache folder for the whole file: what is rendered for one example serves the next."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def clean_room(tmp_path, monkeypatch, cache):
    """An empty working folder that must stay empty, and random states that are put back."""
    monkeypatch.setenv("TLBOOK_CACHE", str(cache))
    monkeypatch.setenv("TLBOOK_QUIET", "1")
    for name in ("TLBOOK_CLAIM_LOG", "TLBOOK_STRICT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    state = np.random.get_state()  # noqa: NPY002 (the legacy state is what is put back)
    with torch.random.fork_rng(devices=[]):
        yield tmp_path
    np.random.set_state(state)  # noqa: NPY002
    assert os.listdir(tmp_path) == [], "the example leaves files behind"


def run(text: str, name: str, names: dict[str, object]) -> None:
    """Run one docstring's examples; what they print and warn has to be what they say."""
    test = doctest.DocTestParser().get_doctest(inspect.cleandoc(text), names, name, None, 0)
    runner = doctest.DocTestRunner(verbose=False, optionflags=OPTIONS)
    report: list[str] = []
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("default")
        result = runner.run(test, out=report.append)
    assert result.attempted > 0, f"{name} has no example"
    assert result.failed == 0, "".join(report)
    # Other people's deprecations, met while a library is imported, are not the example's.
    own = [str(w.message) for w in heard if not issubclass(w.category, DeprecationWarning)]
    assert own == [], f"{name} warns"


def test_every_name_is_listed_once_and_exported():
    assert len(NAMES) == len(set(NAMES))
    for package, names in PUBLIC.items():
        module = importlib.import_module(f"tlbook.{package}")
        missing = set(names) - set(getattr(module, "__all__", names))
        assert not missing, f"tlbook.{package}.__all__ lacks {sorted(missing)}"


@pytest.mark.parametrize("public", NAMES)
def test_public_example(public, clean_room):
    text = find(public).__doc__ or ""
    _, section, examples = inspect.cleandoc(text).partition("\nExamples\n--------\n")
    assert section, f"tlbook.{public} has no Examples section"
    run(examples, public, {"__name__": "__main__"})


@pytest.mark.parametrize("module", OTHERS)
def test_other_examples(module, clean_room):
    loaded = importlib.import_module(module)
    for name in OTHERS[module]:
        found: object = loaded
        for part in name.split("."):
            found = getattr(found, part)
        text = found if isinstance(found, str) else found.__doc__
        run(text or "", f"{module}.{name}", dict(vars(loaded)))

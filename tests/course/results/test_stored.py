"""Stored results: a changed line of code is noticed, a changed comment is not."""

import ast
import json

import pandas as pd
import pytest

from tlbook.course import studies
from tlbook.course.results import stored
from tlbook.course.results.stored import StaleResult

CODE = '''"""Module."""
import math

SIZE = 3
"""What the size is."""


def area(radius: float, /, *args, scale=1.0, **rest) -> float:
    """Return the area."""
    # pi r squared
    return scale * math.pi * radius**2


class Circle:
    """A circle."""

    async def f(self):
        """Only a docstring."""
'''
FRAME = pd.DataFrame({"method": ["a", "b"], "accuracy": [1 / 3, 0.5]})


@pytest.fixture
def repo(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "ROOT", tmp_path)
    monkeypatch.setattr(stored, "FOLDER", tmp_path / "data" / "results")
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "a.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "pkg" / "b.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "weights.bin").write_bytes(b"123")
    return tmp_path


def _save(modules=("pkg", "weights.bin")):
    stored.save("sweep", FRAME, "tlbook results sweep", modules, seconds=12.34)


def test_round_trip(repo):
    _save()
    assert stored.names() == ["sweep"]
    found = stored.load("sweep")
    assert found["accuracy"].tolist() == [0.333333, 0.5]
    record = stored.info("sweep")
    assert list(record["modules"]) == ["pkg/a.py", "pkg/b.py", "weights.bin"]
    assert record["command"] == "tlbook results sweep" and record["seconds"] == 12.3
    assert record["versions"]["numpy"] and record["rows"] == 2
    stored.check("sweep")
    text = (repo / "data" / "results" / "sweep.json").read_text(encoding="utf-8")
    assert str(repo) not in text and list((repo / "data" / "results").glob("*.part")) == []


@pytest.mark.parametrize(
    "change",
    [
        ("# pi r squared", "# another comment, longer"),
        ('"""Return the area."""', '"""Return what it covers.\n\n    At length."""'),
        ('"""What the size is."""', ""),
        ("scale * math.pi * radius**2", "(scale\n      * math.pi\n      * radius ** 2)"),
        ('        """Only a docstring."""', "        pass"),  # this one is a change of the tree
    ],
)
def test_comments_docstrings_and_layout_do_not_count(repo, change):
    _save()
    file = repo / "pkg" / "a.py"
    file.write_text(CODE.replace(*change), encoding="utf-8")
    assert file.read_text(encoding="utf-8") != CODE
    if "pass" in change[1]:
        with pytest.raises(StaleResult):
            stored.check("sweep")
    else:
        stored.check("sweep")


@pytest.mark.parametrize(
    "change",
    [
        ("SIZE = 3", "SIZE = 4"),
        ("SIZE = 3", "SIZE = 3.0"),
        ("SIZE = 3", "SIZE = '3'"),
        ("radius**2", "radius**3"),
        ("math.pi * radius", "math.pi + radius"),
        ("scale=1.0", "scale=2.0"),
        ("/, *args", "*args"),
        ("async def f", "def f"),
        ("class Circle:", "class Circle(object):"),
    ],
)
def test_code_counts(repo, change):
    _save()
    (repo / "pkg" / "a.py").write_text(CODE.replace(*change), encoding="utf-8")
    with pytest.raises(StaleResult, match=r"pkg/a.py changed.*tlbook results sweep"):
        stored.check("sweep")


def test_weights_table_and_missing_files(repo):
    _save()
    (repo / "weights.bin").write_bytes(b"124")
    (repo / "pkg" / "b.py").unlink()
    csv = repo / "data" / "results" / "sweep.csv"
    csv.write_text(csv.read_text().replace("0.5", "0.9"))
    with pytest.raises(StaleResult) as caught:
        stored.check("sweep")
    for words in ("pkg/b.py is gone", "weights.bin changed", "edited by hand"):
        assert words in str(caught.value)
    csv.with_suffix(".json").unlink()
    with pytest.raises(StaleResult, match=r"has no sweep\.json"):
        stored.check("sweep")


def test_windows_line_ends_are_no_change(repo):
    _save()
    csv = repo / "data" / "results" / "sweep.csv"
    csv.write_bytes(csv.read_bytes().replace(b"\n", b"\r\n"))
    stored.check("sweep")


def test_fingerprint_ignores_empty_fields_of_newer_pythons(repo):
    old = ast.parse("def f(x): return x")
    new = ast.parse("def f(x): return x")
    new.body[0].type_params = []
    assert stored._canonical(old) == stored._canonical(new)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stored.load("nothing"), "name: got 'nothing', want one of"),
        (lambda: stored.load("../etc"), "name: got '../etc', want letters"),
        (lambda: stored.save("s", FRAME[:0], "c", ["pkg"]), "frame: got an empty table"),
        (lambda: stored.save("s", FRAME, "c", []), "modules: got none"),
        (lambda: stored.save("s", FRAME, "c", "pkg"), "modules: got the text 'pkg'"),
        (lambda: stored.save("s", FRAME, "c", ["pkg/c.py"]), "modules: got 'pkg/c.py'"),
        (lambda: stored.save("s", FRAME, "c", ["../x.py"]), "want a file of the repository"),
    ],
)
def test_bad_input(repo, call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_machine_words():
    words = stored.machine_words()
    assert words.endswith(", CPU") and "core" in words and "/" not in words
    assert stored.machine_words("one H200").endswith(", one H200")


@pytest.mark.parametrize("name", stored.names() or [pytest.param(None, marks=pytest.mark.skip)])
def test_every_stored_result_is_current(name):
    stored.check(name)
    record = stored.info(name)
    assert set(record) >= {"command", "date", "machine", "versions", "seconds", "modules"}
    study = studies.get(name)
    assert set(stored.fingerprints(study.MODULES)) == set(record["modules"])
    assert record["command"] == study.COMMAND
    assert f"tlbook/studies/{name}.py" in record["modules"]


def test_studies():
    for name in studies.names():
        study = studies.get(name)
        assert callable(study.run) and json.dumps([study.COMMAND, list(study.MODULES)])
    with pytest.raises(ValueError, match="name: got 'nothing', want one of"):
        studies.get("nothing")

"""Stored results: a table and its record, and what is said when they no longer fit."""

import pandas as pd
import pytest

from tlbook.course import studies
from tlbook.course.results import stored
from tlbook.course.results.stored import StaleResult
from tlbook.workshop.study_runs import code_of, command_of

FRAME = pd.DataFrame({"method": ["a", "b"], "accuracy": [1 / 3, 0.5]})


CODE = {"code": {"run": "a1", "draw": "b2"}, "files": {"net.safetensors": "c3"}}


@pytest.fixture
def repo(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "FOLDER", tmp_path / "data" / "results")
    return tmp_path


def _save():
    stored.save("sweep", FRAME, "tlbook results sweep", CODE, seconds=12.34)


def test_round_trip(repo):
    _save()
    assert stored.names() == ["sweep"]
    found = stored.load("sweep")
    assert found["accuracy"].tolist() == [0.333333, 0.5]
    record = stored.info("sweep")
    assert record["code"] == CODE["code"] and record["files"] == CODE["files"]
    assert record["command"] == "tlbook results sweep" and record["seconds"] == 12.3
    assert record["versions"]["numpy"] and record["rows"] == 2
    stored.check("sweep", CODE)
    text = (repo / "data" / "results" / "sweep.json").read_text(encoding="utf-8")
    assert str(repo) not in text and list((repo / "data" / "results").glob("*.part")) == []


def test_the_message_names_the_definitions_that_changed(repo):
    _save()
    now = {"code": {"run": "a1", "draw": "b9", "blur": "d4"}, "files": {}}
    csv = repo / "data" / "results" / "sweep.csv"
    csv.write_text(csv.read_text().replace("0.5", "0.9"))
    with pytest.raises(StaleResult, match=r"Make it again: tlbook results sweep$") as caught:
        stored.check("sweep", now)
    for words in (
        "draw changed",
        "blur is new",
        "net.safetensors is gone",
        "table was edited by hand",
    ):
        assert words in str(caught.value)
    assert "run changed" not in str(caught.value)
    csv.with_suffix(".json").unlink()
    with pytest.raises(StaleResult, match=r"has no sweep\.json"):
        stored.check("sweep", CODE)


def test_windows_line_ends_are_no_change(repo):
    _save()
    csv = repo / "data" / "results" / "sweep.csv"
    csv.write_bytes(csv.read_bytes().replace(b"\n", b"\r\n"))
    stored.check("sweep", CODE)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stored.load("nothing"), "name: got 'nothing', want one of"),
        (lambda: stored.load("../etc"), "name: got '../etc', want letters"),
        (lambda: stored.save("s", FRAME[:0], "c", CODE), "frame: got an empty table"),
        (lambda: stored.save("s", FRAME, "c", {"code": {}}), "fingerprint: got no definition"),
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
    stored.check(name, code_of(name))
    record = stored.info(name)
    assert set(record) >= {"command", "date", "machine", "versions", "seconds", "code", "files"}
    assert record["command"] == command_of(name)


def test_studies():
    for name in studies.names():
        assert callable(studies.get(name).run)
        assert command_of(name).endswith(name.removesuffix("_pretraining"))
    with pytest.raises(ValueError, match="name: got 'nothing', want one of"):
        studies.get("nothing")

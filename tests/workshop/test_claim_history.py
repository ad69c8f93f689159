"""The history of claims: it ends where the stored chapters stand, is short, and is never half."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from tests.workshop.test_printed_claims import notebook
from tlbook.course.chapters import CHAPTERS
from tlbook.workshop import claim_history, store
from tlbook.workshop.claim_history import KEPT, extended, load, path_of, shows, write
from tlbook.workshop.cli import app
from tlbook.workshop.printed_claims import Claim, claims_of


def run(effect, mark="✓", text="A wins, by 3"):
    return [Claim(mark, text, effect, "1, 5", "more than 1", "8 seeds"), Claim("✓", "B, too")]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.number)
def test_the_history_ends_with_what_the_stored_chapter_prints(chapter):
    claims = claims_of(chapter.path.read_text(encoding="utf-8"))
    assert shows(load(path_of(chapter)), claims), "to add it: tlbook claims --record"


def test_the_history_is_small_and_has_no_file_of_its_own():
    files = list(path_of(CHAPTERS[0]).parent.iterdir())
    assert {path.stem for path in files} == {chapter.stem for chapter in CHAPTERS}
    assert sum(path.stat().st_size for path in files) < 500_000
    outcomes = [one for path in files for past in load(path).values() for one in past]
    assert all(one.first <= one.last and one.stored >= 1 for one in outcomes)


def test_the_same_numbers_count_and_other_numbers_are_a_row():
    history = extended({}, run("+3"), "2026-01-01", "1.0")
    history = extended(history, run("+3"), "2026-01-02", "1.1")
    history = extended(history, run("+4", "~", "A wins, by 4"), "2026-01-03", "1.2")
    first, second = history["A wins, by #"]
    assert (first.first, first.last, first.stored, first.version) == (
        "2026-01-01", "2026-01-02", 2, "1.0",
    )  # fmt: skip
    assert (second.mark, second.effect, second.stored, second.version) == ("~", "+4", 1, "1.2")
    assert [one.stored for one in history["B, too"]] == [3]


def test_it_is_bounded_and_forgets_claims_that_are_gone():
    history = {}
    for day in range(3 * KEPT):
        history = extended(history, run(f"+{day}"), f"2026-01-{day + 1:02}", "1.0")
    assert [one.effect for one in history["A wins, by #"]] == [
        f"+{day}" for day in range(2 * KEPT, 3 * KEPT)
    ]
    assert list(extended(history, run("+1")[1:], "2026-02-01", "1.0")) == ["B, too"]


def test_it_is_read_as_it_was_written_and_never_half(tmp_path, monkeypatch):
    path = tmp_path / "claims" / "x.csv"
    history = extended({}, run("+3", text='"A", 1\nB'), "2026-01-01", "1.0")
    write(history, path)
    assert load(path) == history and load(tmp_path / "none.csv") == {}
    before = path.read_bytes()

    def full(self, text, **settings):
        with self.open("w") as file:
            file.write(text[: len(text) // 2])
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="disk full"):
        write({}, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["a,b\n1,2\n", "A,1\n", "A,2026,2026,x,1,✓,,,,\n"])
def test_a_damaged_file_is_named(tmp_path, damage):
    path = tmp_path / "x.csv"
    start = "" if damage.startswith("a,b") else ",".join(claim_history.COLUMNS) + "\n"
    path.write_text(start + damage, encoding="utf-8")
    with pytest.raises(ValueError, match="x.csv"):
        load(path)


def test_what_is_stored_is_recorded_once_unless_it_ran_again(tmp_path):
    path = tmp_path / "x.ipynb"
    path.write_text(notebook("tlbook.check('fits', True)", "✓ fits"), encoding="utf-8")
    chapter = SimpleNamespace(stem="x", path=path)
    changed = [claim_history.record(chapter, again, tmp_path) for again in (False, False, True)]
    assert changed == [True, False, True]
    assert load(tmp_path / "x.csv")["fits"][0].stored == 2


@pytest.mark.parametrize(("more", "want"), [((), ["11_alignment"]), (("--check",), [])])
def test_the_command_that_stores_a_chapter_records_its_claims(monkeypatch, more, want):
    recorded = []
    monkeypatch.setattr(store, "store", lambda path, write: 1000)
    monkeypatch.setattr(claim_history, "record", lambda chapter: recorded.append(chapter.stem))
    result = CliRunner().invoke(app, ["store", "11", *more])
    assert result.exit_code == 0, result.output
    assert recorded == want


def test_the_command_shows_the_history_of_a_chapter():
    result = CliRunner().invoke(app, ["claims", "--history", "15"], env={"COLUMNS": "200"})
    assert result.exit_code == 0 and "Zero-shot beats the trained head" in result.output
    assert CliRunner().invoke(app, ["claims", "--history", "--record"]).exit_code != 0

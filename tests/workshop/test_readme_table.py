"""The chapter table of the README."""

import pytest

from tlbook.course import chapters
from tlbook.course.chapters import Chapter
from tlbook.workshop.readme_table import (
    END,
    START,
    TableError,
    check_table,
    minutes_to_read,
    write_table,
)

CHAPTERS = (
    Chapter("01", "01_a", "First", None),
    Chapter("02", "02_b", "Second", None),
)


def entry(name, seconds=12.4, budget="quick", status="passed"):
    return {
        "name": name,
        "seconds": seconds,
        "peak_mib": 512.3,
        "budget": budget,
        "status": status,
    }


@pytest.fixture
def readme(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(f"# Title\n\n{START}\n{END}\n\nmore\n", encoding="utf-8")
    return path


def report(*entries):
    return {"machine": "Linux, 2 cores", "chapters": list(entries)}


def test_the_table_shows_measured_times(readme):
    write_table(readme, CHAPTERS, report(entry("01_a"), entry("02_b", 30.0)))
    text = readme.read_text(encoding="utf-8")
    assert "| 01 | [First](notebooks/01_a.ipynb) |  | 12 s | 512 MiB |" in text
    assert "Linux, 2 cores" in text
    assert text.startswith("# Title\n")
    assert text.endswith("more\n")
    check_table(readme, CHAPTERS)
    again = text
    write_table(readme, CHAPTERS, report(entry("01_a"), entry("02_b", 30.0)))
    assert readme.read_text(encoding="utf-8") == again


@pytest.mark.parametrize("bad", [{"budget": "full"}, {"status": "failed"}])
def test_only_good_quick_runs_count(readme, bad):
    write_table(readme, CHAPTERS, report(entry("01_a", **bad), entry("02_b")))
    with pytest.raises(TableError, match="has no time"):
        check_table(readme, CHAPTERS)


def test_a_table_that_is_out_of_date(readme):
    write_table(readme, CHAPTERS, report(entry("01_a"), entry("02_b")))
    renamed = (CHAPTERS[0], Chapter("02", "02_b", "Another title", None))
    for other in (CHAPTERS[:1], renamed, CHAPTERS[::-1]):
        with pytest.raises(TableError, match="out of date"):
            check_table(readme, other)


def test_missing_markers(tmp_path):
    path = tmp_path / "README.md"
    path.write_text("nothing", encoding="utf-8")
    with pytest.raises(TableError, match="markers"):
        check_table(path, CHAPTERS)


def test_without_runs_nothing_is_changed(readme):
    write_table(readme, CHAPTERS, report(entry("01_a"), entry("02_b", 30.0)))
    before = readme.read_text(encoding="utf-8")
    for nothing in (report(), report(entry("01_a", status="failed"))):
        with pytest.raises(TableError, match="no good quick run here, so the table stays"):
            write_table(readme, CHAPTERS, nothing)
        assert readme.read_text(encoding="utf-8") == before


def test_a_chapter_that_was_not_run_keeps_its_row(readme):
    write_table(readme, CHAPTERS, report(entry("01_a"), entry("02_b", 30.0)))
    write_table(readme, CHAPTERS, report(entry("01_a", 99.0)))
    text = readme.read_text(encoding="utf-8")
    assert "(notebooks/01_a.ipynb) |  | 99 s |" in text
    assert "(notebooks/02_b.ipynb) |  | 30 s |" in text


@pytest.mark.parametrize("chapter", chapters.CHAPTERS, ids=lambda c: c.number)
def test_every_chapter_says_how_long_it_takes_to_read(chapter):
    assert 15 <= minutes_to_read(chapter.path) <= 90

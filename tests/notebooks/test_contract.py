"""Every chapter keeps the contract: one test per chapter and rule, so that a failure names both."""

import pytest

from tlbook.course.chapters import CHAPTERS, root
from tlbook.workshop.contract import RULES, Chapter


@pytest.fixture(scope="module")
def chapters():
    return {chapter.number: Chapter.read(chapter.path) for chapter in CHAPTERS}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.number)
def test_chapter_keeps(chapter, rule, chapters):
    assert rule(chapters[chapter.number]) == []


def test_every_notebook_is_a_listed_chapter():
    files = {path.name for path in (root() / "notebooks").glob("*.ipynb")}
    assert files == {chapter.file for chapter in CHAPTERS}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.number)
def test_the_title_is_the_listed_one(chapter, chapters):
    first = chapters[chapter.number].cells[0].source.splitlines()[0]
    assert chapter.title.lower() in first.lower()

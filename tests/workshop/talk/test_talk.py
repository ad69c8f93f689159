"""Talks, paper and lesson plans: all that a class needs of a chapter, and nothing cut off."""

import re

import nbformat
import pytest

from tlbook.course import widgets
from tlbook.course.chapters import CHAPTERS, find
from tlbook.course.exercises import of_chapter as exercises_of
from tlbook.course.predictions import of_chapter
from tlbook.workshop.talk import outline, plan, printed
from tlbook.workshop.talk.page import as_page, write_talk

ALL = [pytest.param(chapter, id=chapter.number) for chapter in CHAPTERS]


def read(chapter):
    return nbformat.read(chapter.path, as_version=4)


@pytest.mark.parametrize("chapter", ALL)
def test_figures_claims_and_predictions_are_all_in_the_talk(chapter):
    nb, shown = read(chapter), outline.slides(read(chapter))
    outputs = [output for cell in nb.cells for output in cell.get("outputs", [])]
    pictures = [o.data["image/png"] for o in outputs if "image/png" in o.get("data", {})]
    talk = [text for slide in shown for kind, text in slide.parts if kind == "picture"]
    assert talk == pictures
    said = "\n".join(text for slide in shown for kind, text in slide.parts if kind == "claims")
    claims = [
        line
        for o in outputs
        for line in (o.get("text") or "").splitlines()
        if re.match("[✓~✗] ", line)
    ]
    assert said.splitlines() == claims
    predicted = "\n".join(cell.source for cell in nb.cells).count("**Predict")
    assert sum(slide.title.startswith("Predict") for slide in shown) == predicted
    options = [text for slide in shown for kind, text in slide.parts if kind == "options"]
    asked = any("predict" in cell.metadata.get("tags", ()) for cell in nb.cells)
    if asked:
        assert len(options) == sum(len(one.parts) for one in of_chapter(chapter.number))


@pytest.mark.parametrize("chapter", ALL)
def test_no_slide_is_empty_and_no_solution_or_note_for_teachers_is_shown(chapter):
    for slide in outline.slides(read(chapter)):
        assert slide.title and slide.parts
        text = "\n".join(text for kind, text in slide.parts if kind != "picture")
        assert ".solution()" not in re.sub(r"`[^`]*`", "", text)
        assert "Teacher's notes" not in text
        assert sum(len(text.split()) for kind, text in slide.parts if kind == "markdown") <= 330


def test_blocks_keep_fences_and_formulas_whole():
    text = "## A\nb\n\n$$\nx\n\ny\n$$\nc\n```python\n\nd = 1\n```\n- e\n- f\n"
    assert outline.blocks(text) == [
        "## A",
        "b",
        "$$\nx\n\ny\n$$\nc",
        "```python\n\nd = 1\n```\n- e\n- f",
    ]


def test_the_page_asks_nothing_of_a_network_and_escapes_what_a_cell_printed():
    slide = outline.Slide("A < B", [("text", "<script>x</script>"), ("claims", "✓ a & b")])
    page = as_page([slide], "x")
    body = page[page.index('<div class="slides">') : page.index("</div></div>")]
    assert "<script>x" not in body
    assert "a &amp; b" in body
    assert not re.search(r'(src|href)="https?:', page)


def test_what_is_no_notebook_is_refused_by_name(tmp_path):
    (tmp_path / "x.ipynb").write_text("{")
    with pytest.raises(ValueError, match=r"x\.ipynb: got no notebook"):
        write_talk(tmp_path / "x.ipynb", tmp_path / "x.html")


@pytest.mark.parametrize("chapter", ALL)
@pytest.mark.parametrize("length", [20, 45, 90])
def test_a_lesson_has_its_length_and_no_scraps(chapter, length):
    found = plan.lesson(chapter.path, length)
    assert sum(part for _, part in found) == length
    assert all(part >= 2 for _, part in found)
    headings = re.findall(r"^## (.+)$", "\n".join(c.source for c in read(chapter).cells), re.M)
    titles = [title for title, _ in found[:-1]]
    assert titles == [heading for heading in headings if heading in titles]


def test_courses_name_chapters_and_their_minutes_fit_their_names():
    known = {chapter.number: plan.minutes(chapter.path).total for chapter in CHAPTERS}
    hours = {
        name: sum(known.get(number, 0) for number in parts) / 60
        for name, parts in plan.COURSES.items()
    }
    assert round(hours["two hours"], 1) <= 2
    assert 4 <= hours["a weekend"] <= 10
    assert set(known) <= set(plan.COURSES["a semester"])


@pytest.mark.parametrize("name", plan.COURSES)
def test_the_sessions_of_a_course_have_all_its_chapters_and_are_never_too_long(name):
    known = {chapter.number: plan.minutes(chapter.path).total for chapter in CHAPTERS}
    found = plan.sessions(name, known)
    assert [number for _, group, _ in found for number in group] == [
        number for number in plan.COURSES[name] if number in known
    ]
    limit, names = plan.SESSIONS[name]
    assert [session for session, _, _ in found] == list(names[: len(found)])
    assert all(together == sum(known[n] for n in group) <= limit for _, group, together in found)


def test_a_course_that_does_not_fit_and_one_that_is_not_there_are_refused():
    with pytest.raises(ValueError, match="course: got a weekend in 8 sessions, it has 4"):
        plan.sessions("a weekend", dict.fromkeys(plan.COURSES["a weekend"], 100))
    with pytest.raises(ValueError, match="course: got 'a year', want one of two hours"):
        plan.sessions("a year", {})


@pytest.mark.parametrize("chapter", ALL)
def test_a_plan_names_every_prediction_experiment_and_exercise_under_its_section(chapter):
    acts = [act for section in plan.activities(chapter.path).values() for act in section]
    assert len(acts) == len(set(acts))
    asked = [name for kind, name in acts if kind == "ask"]
    assert asked == [prediction.name for prediction in of_chapter(chapter.number)]
    at_home = {name for kind, name in acts if kind == "home"}
    assert at_home == {exercise.name for exercise in exercises_of(f"ch{chapter.number}")}
    assert {name for kind, name in acts if kind == "show"} <= set(widgets.names())


def test_a_lesson_that_is_too_short_is_refused():
    with pytest.raises(ValueError, match="length: got 10"):
        plan.lesson(find("02").path, 10)


def test_without_a_browser_paper_says_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setattr(printed, "NAMES", ("no-such-browser",))
    monkeypatch.delenv("TLBOOK_CHROMIUM", raising=False)
    with pytest.raises(RuntimeError, match="TLBOOK_CHROMIUM"):
        printed.write_pdf(find("02").path, tmp_path / "x.pdf")

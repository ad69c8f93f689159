"""An assignment goes through nbgrader's own command line: generated, graded, with feedback."""

import json
import sqlite3

import nbformat
import pytest

from tests.workshop.handout.solving import fill, nbgrader_command, short
from tlbook.course.chapters import find
from tlbook.course.exercises import of_chapter
from tlbook.workshop.grading.handed import NotYet, demand
from tlbook.workshop.handout import nbgrader
from tlbook.workshop.handout.environment import NBGRADER
from tlbook.workshop.handout.release import assignment

PROGRAM = NBGRADER.command()
GIVEN = assignment(find("02"), {"q3": 2.0}, ("q3", "q5"))


def cells_by_id(notebook):
    return {c.metadata.nbgrader.grade_id: c for c in notebook.cells if "nbgrader" in c.metadata}


def test_answers_are_open_and_tests_are_locked_and_worth_the_points():
    found = cells_by_id(nbgrader.notebook(GIVEN))
    assert list(found) == [f"{what}-{q}" for q in GIVEN.points for what in ("answer", "test")]
    for name, cell in found.items():
        told = cell.metadata.nbgrader
        test = name.startswith("test")
        assert (told.grade, told.locked, told.solution) == (test, test, not test)
    assert {q: found[f"test-{q}"].metadata.nbgrader.points for q in GIVEN.points} == GIVEN.points


def test_one_folder_for_two_chapters_allows_the_longer_time(tmp_path):
    long, quick = assignment(find("12")), assignment(find("02"))
    for given in (long, quick):
        nbgrader.write(given, tmp_path)
    assert f"timeout = {long.seconds} " in (tmp_path / nbgrader.CONFIG).read_text()
    assert long.seconds > quick.seconds


@pytest.mark.slow
def test_a_verdict_comes_from_another_process():
    exercise = next(e for e in of_chapter("ch02") if e.name == "q5")
    try:
        exercise.given = exercise.reference
        demand("ch02", "q5")
        exercise.given = next(iter(exercise.mistakes.values()))
        with pytest.raises(NotYet, match="q5: ") as raised:
            demand("ch02", "q5")
        assert str(raised.value) == f"q5: {exercise.judge(exercise.given).message}"
    finally:
        exercise.given = ...


@pytest.mark.slow
@pytest.mark.skipif(PROGRAM is None, reason="no nbgrader here: tlbook class setup nbgrader")
def test_released_solved_by_script_graded_and_told_why(tmp_path):
    nbgrader.write(GIVEN, tmp_path)
    nbgrader_command(tmp_path, "generate_assignment", "ch02")
    released = tmp_path / "release" / "ch02" / GIVEN.chapter.file
    text = released.read_text()
    assert "SOLUTION" not in text and "demand(" not in text and "Your answer replaces" in text
    for how in ("right", "wrong", "hostile"):
        target = tmp_path / "submitted" / how / "ch02" / GIVEN.chapter.file
        target.parent.mkdir(parents=True)
        filled = fill(short(nbformat.read(released, as_version=4)), GIVEN, how)
        nbformat.write(filled, target)
    nbgrader_command(tmp_path, "autograde", "ch02")
    nbgrader_command(tmp_path, "generate_feedback", "ch02")
    assert scores(tmp_path / "gradebook.db") == {"right": 3.0, "wrong": 0.0, "hostile": 0.0}
    page = next((tmp_path / "feedback" / "wrong").rglob("*.html")).read_text()
    q5 = GIVEN.exercises["q5"].judge("no answer to this").message
    assert q5 and json.dumps(q5[:40])[1:-1] in page


def scores(database):
    with sqlite3.connect(database) as book:
        rows = book.execute(
            "select assignment.student_id, sum(coalesce(grade.auto_score, 0)) from grade"
            " join submitted_notebook as notebook on grade.notebook_id = notebook.id"
            " join submitted_assignment as assignment on notebook.assignment_id = assignment.id"
            " group by assignment.student_id"
        ).fetchall()
    return dict(rows)

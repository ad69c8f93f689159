"""Every exercise of every chapter: its check accepts what is right and names what is wrong."""

import inspect

import pytest

from tlbook.course.chapters import CHAPTERS
from tlbook.course.exercises import chapters, of_chapter

EXERCISES = [
    pytest.param(exercise, id=f"{chapter}-{exercise.name}")
    for chapter in chapters()
    for exercise in of_chapter(chapter)
]
every_exercise = pytest.mark.parametrize("exercise", EXERCISES)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.number)
def test_every_chapter_has_three_exercises(chapter):
    exercises = of_chapter(f"ch{chapter.number}")
    assert len(exercises) >= 3
    assert len({exercise.name for exercise in exercises}) == len(exercises)


@every_exercise
def test_the_reference_is_correct(exercise):
    feedback = exercise.judge(exercise.reference)
    assert feedback.status == "correct", str(feedback)


@every_exercise
def test_a_stub_is_not_attempted(exercise):
    assert exercise.judge(...).status == "not attempted"
    assert exercise.judge(None).status == "not attempted"
    if callable(exercise.reference) and not inspect.isclass(exercise.reference):
        assert exercise.judge(lambda *args, **kwargs: ...).status == "not attempted"


@every_exercise
def test_every_wrong_answer_gets_its_own_message(exercise):
    messages = {}
    for name, (answer, fragment) in exercise.wrong_answers.items():
        feedback = exercise.judge(answer)
        assert feedback.status == "wrong", f"{name} was accepted: {feedback}"
        assert fragment in feedback.message, f"{name}: {feedback.message}"
        assert "could not use an answer" not in feedback.message, name
        messages[name] = feedback.message
    assert len(set(messages.values())) == len(messages), f"same message twice: {messages}"


@every_exercise
def test_the_solution_runs_and_is_correct(exercise):
    namespace = exercise.given()
    exec(compile(exercise.solution_text, f"<{exercise.name}>", "exec"), namespace)
    assert exercise.variable in namespace, f"the solution sets no {exercise.variable}"
    feedback = exercise.judge(namespace[exercise.variable])
    assert feedback.status == "correct", str(feedback)


@every_exercise
def test_hints_do_not_give_the_solution_away_at_once(exercise):
    assert all(isinstance(hint, str) and hint.strip() for hint in exercise.hints)
    assert exercise.solution_text not in exercise.hints[0]

"""Every exercise of every chapter: its check accepts what is right and names what is wrong."""

import ast
import inspect
import json
import re
from pathlib import Path

import numpy as np
import pytest

from tests.cases import all_hold
from tlbook.course.chapters import CHAPTERS
from tlbook.course.exercises import chapters, of_chapter

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
EXERCISES = [
    pytest.param(exercise, id=f"{chapter}-{exercise.name}")
    for chapter in chapters()
    for exercise in of_chapter(chapter)
]
every_exercise = pytest.mark.parametrize("exercise", EXERCISES)


class EqualToAll:
    """Says that it is equal to everything."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = object.__hash__


def raising(*args, **kwargs):
    raise RuntimeError("no idea")


HOSTILE = {
    "text": "abracadabra",
    "empty text": "",
    "none of these": object(),
    "equal to all": EqualToAll(),
    "list of equal to all": [EqualToAll()] * 5,
    "nan": float("nan"),
    "empty list": [],
    "empty dict": {},
    "raises": raising,
    "no arguments": lambda: 0,
    "too many arguments": lambda a, b, c, d, e, f, g: 0,
    "returns text": lambda *args: "abracadabra",
    "returns an object": lambda *args: object(),
    "returns equal to all": lambda *args: EqualToAll(),
    "returns a pair of equal to all": lambda *args: (EqualToAll(), EqualToAll()),
    "returns a function": lambda *args: raising,
    "returns nan": lambda *args: float("nan"),
    "returns nothing much": lambda *args: [],
    "a class": EqualToAll,
}


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
    assert exercise.judge([...]).status == "not attempted"
    if callable(exercise.reference):
        assert exercise.judge(lambda *args, **kwargs: ...).status == "not attempted"
        assert exercise.judge(lambda *args, **kwargs: (..., ...)).status == "not attempted"
        assert exercise.judge(lambda *args, **kwargs: [1, ...]).status == "not attempted"


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
@every_exercise
def test_every_mistake_gets_its_own_message(exercise):
    """All messages of a question differ, also where a value or an error is filled in."""
    messages = []

    def its_own(message, wrong):
        feedback = exercise.judge(wrong)
        messages.append(feedback.message)
        assert feedback.status == "wrong", f"accepted: {feedback}"
        pattern = re.escape(message).replace(r"\{value\}", ".+").replace(r"\{error\}", ".+")
        assert re.fullmatch(pattern, feedback.message), feedback.message
        assert "could not use an answer" not in feedback.message
        assert "{value}" not in feedback.message and "{error}" not in feedback.message

    all_hold(its_own, ((each[0], each) for each in exercise.mistakes.items()))
    assert len(set(messages)) == len(messages)


@every_exercise
def test_hostile_answers_never_crash_and_never_pass(exercise):
    def refused(answer):
        feedback = exercise.judge(answer)
        assert feedback.status == "wrong"
        assert feedback.message

    all_hold(refused, ((name, (answer,)) for name, answer in HOSTILE.items()))


@every_exercise
def test_the_solution_runs_in_the_notebook_and_is_correct(exercise):
    name = exercise.reference.__name__ if callable(exercise.reference) else "answer"
    namespace = {"np": np}  # every notebook imports it: see below
    exec(compile(exercise.solution_text, f"<{exercise.name}>", "exec"), namespace)
    assert name in namespace, f"the solution sets no {name}"
    feedback = exercise.judge(namespace[name])
    assert feedback.status == "correct", str(feedback)


@every_exercise
def test_the_solution_is_readable(exercise):
    lines = exercise.solution_text.splitlines()
    assert len(lines) <= 30
    assert all(len(line) <= 100 for line in lines)
    assert ": Any" not in exercise.solution_text and "import Any" not in exercise.solution_text


@every_exercise
def test_hints_do_not_give_the_solution_away_at_once(exercise):
    assert all(isinstance(hint, str) and hint.strip() for hint in exercise.hints)
    assert exercise.solution_text not in exercise.hints[0]
    # Where the solution is one line, the first hint does not contain it.
    lines = exercise.solution_text.splitlines()
    steps = [line.strip().removeprefix("return ") for line in lines if "return " in line]
    if len(steps) == 1 and len(lines) <= 4:
        assert steps[0].split("  # ")[0] not in exercise.hints[0]


def _cells(number):
    (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.number)
def test_the_notebook_asks_for_what_the_reference_is(chapter):
    cells = _cells(chapter.number)
    first = next(i for i, cell in enumerate(cells) if ".q1.check(" in cell)
    assert any("import numpy as np" in cell for cell in cells[:first])
    for exercise in of_chapter(f"ch{chapter.number}"):
        (cell,) = [cell for cell in cells if f"ex.{exercise.name}.check(" in cell]
        asked = {
            node.name: [argument.arg for argument in node.args.args]
            for node in ast.parse(cell).body
            if isinstance(node, ast.FunctionDef)
        }
        if callable(exercise.reference):
            wanted = list(inspect.signature(exercise.reference).parameters)
            assert asked == {exercise.reference.__name__: wanted}
        else:
            assert not asked

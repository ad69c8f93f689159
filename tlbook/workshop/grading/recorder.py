"""In the learner's kernel: ``ex.qN.check(answer)`` writes the answer down and judges nothing.

The first cell of the graded copy calls :func:`install`. A notebook may undo this, or write into the
file itself: then there is no answer, or another one, and neither is a verdict.
"""

import json
from pathlib import Path
from typing import Any

from tlbook.course.exercises import of_chapter
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.recorded import FAILED, outcomes
from tlbook.workshop.grading.plain import packed


def install(chapter: str, file: str) -> None:
    """Make every check of this kernel write to ``file`` what it was given."""
    names = {id(exercise): exercise.name for exercise in of_chapter(chapter)}

    def check(self: Exercise, answer: Any = ...) -> None:
        name = names.get(id(self))
        if name is None:
            return  # of another chapter
        _write(file, {"question": name, "started": True})
        _write(file, entry(self, answer))

    Exercise.check = check  # type: ignore[method-assign]


def entry(exercise: Exercise, answer: Any) -> dict[str, Any]:
    """Return an answer as plain data; of a function, what it gives for the exercise's probes."""
    if callable(exercise.reference) and not exercise.by_probes:
        return {"question": exercise.name}  # its check would run the answer: nothing to judge
    if callable(answer) and callable(exercise.reference):
        return {"question": exercise.name, "outcomes": _of_function(exercise, answer)}
    return {"question": exercise.name, "answer": packed(answer)}


def _of_function(exercise: Exercise, answer: Any) -> list[list[Any]]:
    try:
        found = outcomes(exercise, answer)
    except SystemExit as error:
        return [[FAILED, packed(None), f"SystemExit: {error}"]]
    return [[o.kind, packed(o.value), o.words[:1000]] for o in found]


def _write(file: str, entry: dict[str, Any]) -> None:
    with Path(file).open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(entry) + "\n")

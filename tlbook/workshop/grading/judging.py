"""From what was written down to marks: the teacher's own exercises decide, in this process."""

import ast
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from tlbook.course.exercises import of_chapter
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.feedback import Feedback
from tlbook.course.exercises.recorded import FAILED, STUB, VALUE, WRONG, Outcome, RecordedJudge
from tlbook.workshop.grading.plain import NotPlain, read_lines, unpacked

MOST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Answered:
    """One question of one learner: points, the feedback, and a note for the teacher."""

    question: str
    points: float
    out_of: float
    feedback: Feedback
    note: str = ""


def read_safely(path: Path, limit: int = MOST_BYTES) -> str:
    """Return the text of a file that a learner's process left: no link, pipe or device."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | _NO_WAIT)
    except OSError:
        return ""
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return ""
    with os.fdopen(handle, "rb") as file:
        return file.read(limit).decode("utf-8", errors="replace")


_NO_WAIT = getattr(os, "O_NONBLOCK", 0)


def judged(
    chapter: str, records: str, code: str = "", points: Mapping[str, float] | None = None
) -> list[Answered]:
    """Return the marks of one notebook.

    Parameters
    ----------
    chapter : str
        Such as ``"ch02"``.
    records : str
        What the confined run wrote, a JSON object a line.
    code : str
        The code of the learner's notebook, for the notes.
    points : mapping, optional
        Points of a question, 1 where it is not named.
    """
    given: dict[str, dict[str, Any]] = {}
    for entry in read_lines(records):
        name = entry.get("question")
        if not isinstance(name, str) or (entry.get("started") and name in given):
            continue  # a second check that did not end leaves the answer before it
        given[name] = entry
    found = []
    for exercise in of_chapter(chapter):
        out_of = float((points or {}).get(exercise.name, 1.0)) if gradable(exercise) else 0.0
        feedback = judged_entry(chapter, exercise, given.get(exercise.name))
        feedback = replace(feedback, message=feedback.message[:1000])
        earned = out_of if feedback.status == "correct" else 0.0
        found.append(Answered(exercise.name, earned, out_of, feedback, _note(exercise, code)))
    return found


BY_HAND = (
    "This question is not graded by the command: its check runs your function, which is done "
    "only where you run it. Show your teacher what the check says."
)


def gradable(exercise: Exercise) -> bool:
    """Return whether an answer can be judged from plain data, without running it again."""
    return exercise.by_probes or not callable(exercise.reference)


def judged_entry(chapter: str, exercise: Exercise, entry: dict[str, Any] | None) -> Feedback:
    """Return the feedback on what the recorder wrote down for one exercise; None for nothing."""
    if not gradable(exercise):
        return Feedback("not attempted", BY_HAND)
    if entry is None:
        return Feedback("not attempted", "No answer was checked.")
    if entry.get("started"):
        return Feedback("wrong", "The check did not come to an end.")
    try:
        if "outcomes" in entry:
            return _recorded_judge(chapter, exercise.name).judge(_outcomes(entry["outcomes"]))
        return exercise.judge(unpacked(entry.get("answer")))
    except NotPlain:
        return Feedback("wrong", "The answer could not be read.")


@cache
def _recorded_judge(chapter: str, name: str) -> RecordedJudge:
    return RecordedJudge(next(e for e in of_chapter(chapter) if e.name == name))


def _outcomes(data: Any) -> list[Outcome]:
    if not isinstance(data, list):
        raise NotPlain("outcomes")
    found = []
    for item in data:
        match item:
            case [str(kind), value, str(words)] if kind in (VALUE, STUB, FAILED, WRONG):
                found.append(Outcome(kind, unpacked(value), words[:1000]))
            case _:
                raise NotPlain("outcome")
    return found


# -- what a teacher may want to look at -----------------------------------------------------------


def _note(exercise: Exercise, code: str) -> str:
    notes = []
    if f"{exercise.name}.reference" in code:
        notes.append("the notebook uses the reference")
    if callable(exercise.reference) and _same_function(code, exercise):
        notes.append("same code as the solution shown")
    return "; ".join(notes)


def _same_function(code: str, exercise: Exercise) -> bool:
    """Return whether the code defines the solution's function line by line."""
    name = exercise.reference.__name__
    wanted = _bodies(exercise.solution_text, name)
    return bool(wanted) and any(body in wanted for body in _bodies(code, name))


def _bodies(code: str, name: str) -> Sequence[str]:
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    return [
        "\n".join(ast.dump(step) for step in node.body if not _is_docstring(step))
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]


def _is_docstring(step: ast.stmt) -> bool:
    return isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant)

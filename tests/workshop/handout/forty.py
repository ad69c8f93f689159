"""Forty learners by script, each with the whole chapter answered: the class of docs/class.md.

python -m tests.workshop.handout.forty student/02_….ipynb submissions
"""

import ast
import copy
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

from tests.workshop.handout.solving import PATCH, wrong
from tlbook.course.chapters import find
from tlbook.course.exercises import Exercise
from tlbook.workshop.handout.release import Assignment, assignment, solved

KINDS = ("right", "partly", "wrong", "partly", "right", "right", "partly", "hostile")


def answered(notebook: Any, given: Assignment, how: str, number: int) -> Any:
    """Return the learner's copy with answers of a kind; its other cells stay as they are."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        asked = cell.metadata.get("tlbook", {}).get("questions", [])
        if not asked:
            continue
        words = [_answer(given.exercises[q], _right(how, q, number), number) for q in asked]
        cell.source = "\n\n\n".join([*([PATCH] if how == "hostile" else []), *words])
    return notebook


def _right(how: str, question: str, number: int) -> bool:
    return how == "right" or (how == "partly" and (int(question[1:]) + number) % 3 > 0)


def _answer(exercise: Exercise, right: bool, number: int) -> str:
    if right:
        return solved(exercise)
    named = [text for answer in exercise.mistakes.values() if (text := _literal(answer))]
    if callable(exercise.reference) or not named:
        return wrong(exercise)
    # Most make the first mistake.
    return f"ex.{exercise.name}.check({named[0 if number % 4 else number % len(named)]})"


def _literal(answer: Any) -> str:
    try:
        ast.literal_eval(repr(answer))
    except (ValueError, SyntaxError):
        return ""
    return repr(answer)


def write(student: Path, folder: Path, count: int = 40) -> list[Path]:
    """Write the notebooks of a class, one file for each learner; return them."""
    released = nbformat.read(student, as_version=4)
    given = assignment(find(student.name.split("_")[0]))
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number in range(count):
        how = KINDS[number % len(KINDS)]
        files.append(folder / f"learner{number:02d}_{how}.ipynb")
        nbformat.write(answered(released, given, how, number), files[-1])
    return files


def main(arguments: Sequence[str]) -> None:
    """Write forty notebooks."""
    print(len(write(Path(arguments[0]), Path(arguments[1]))), "notebooks")


if __name__ == "__main__":
    main(sys.argv[1:])

"""What a class found hard: statistics of questions and predictions, without a name.

It reads the tables of ``tlbook grade`` (``questions.csv``) and event logs (of ``tlbook lab
--events FILE``).
A group of fewer than five learners is not shown: neither a question that fewer answered, nor a
mistake that fewer made.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tlbook.course.exercises import chapters, of_chapter
from tlbook.course.exercises.logged import named_mistake
from tlbook.course.predictions import find
from tlbook.workshop.grading.plain import read_lines

SMALLEST = 5
GRADED, FIRST_TRY = "graded", "first try"


@dataclass(frozen=True)
class Answer:
    """A learner's answer to a question, or a prediction; ``said`` has its mistakes, one a line."""

    learner: str
    chapter: str
    item: str
    source: str
    right: bool
    said: str = ""


@dataclass(frozen=True)
class Item:
    """A question, or a prediction, over the class; None for what too few gave.

    ``difficulty`` is the share of right answers. ``discrimination`` is the correlation between
    being right here and the share of right answers to the other questions of the chapter.
    """

    chapter: str
    item: str
    source: str
    learners: int | None
    difficulty: float | None = None
    discrimination: float | None = None
    mistake: str = ""
    made_by: int | None = None


def read(paths: Iterable[Path]) -> tuple[list[Answer], list[Answer]]:
    """Return the answers to questions, and the predictions, of all files.

    Raises
    ------
    ValueError
        If a file cannot be read, or is a table other than ``questions.csv``.
    """
    answers: list[Answer] = []
    predictions: list[Answer] = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise ValueError(f"file: got {path} ({error.strerror}), want one to read") from None
        if path.suffix == ".csv":
            answers += _graded(path, text)
        else:
            events = read_lines(text)
            answers += _first(events, "check", _checked)
            predictions += _first(events, "predict", _predicted)
    return answers, predictions


def _graded(path: Path, text: str) -> list[Answer]:
    lines = text.removeprefix("\ufeff").splitlines()  # a spreadsheet may have saved it anew
    semicolons = bool(lines) and ";" in lines[0] and "," not in lines[0]
    rows = list(csv.DictReader(lines, delimiter=";" if semicolons else ","))
    wanted = {"learner", "chapter", "question", "points", "out of", "status", "feedback"}
    if rows and not wanted <= set(rows[0]):
        raise ValueError(f"file: got {path}, want questions.csv of tlbook grade")
    found = []
    for row in rows:
        number = row["chapter"].removeprefix("ch")
        if float(row["out of"]) <= 0 or not number:
            continue  # not chosen
        wrong = row["status"] == "wrong"
        said = _named(number, row["question"], row["feedback"].removeprefix("'")) if wrong else ""
        right = row["status"] == "correct"
        found.append(Answer(row["learner"], number, row["question"], GRADED, right, said))
    return found


def _named(number: str, question: str, message: str) -> str:
    exercises = of_chapter(f"ch{number}") if f"ch{number}" in chapters() else ()
    tables = [exercise.mistakes for exercise in exercises if exercise.name == question]
    return named_mistake(tables[0], message) if tables else ""


def _first(
    events: Sequence[Mapping[str, Any]], kind: str, make: Callable[[Mapping[str, Any]], Answer]
) -> list[Answer]:
    """Return each learner's first event of a kind for each item: later ones know the answer."""
    found: dict[tuple[str, str], Answer] = {}
    for event in events:
        if event.get("kind") == kind and isinstance(event.get("right"), bool):
            answer = make(event)
            found.setdefault((answer.learner, f"{answer.chapter}.{answer.item}"), answer)
    return list(found.values())


def _checked(event: Mapping[str, Any]) -> Answer:
    learner, said = str(event.get("learner")), str(event.get("mistake", ""))[:300]
    chapter, item = str(event.get("chapter")), str(event.get("question"))
    return Answer(learner, chapter, item, FIRST_TRY, event["right"], said)


def _predicted(event: Mapping[str, Any]) -> Answer:
    learner, name = str(event.get("learner")), str(event.get("item"))
    said = "" if event["right"] else _wrong_parts(name, str(event.get("said", ""))[:300])
    return Answer(learner, name.partition(".")[0], name, "predicted", event["right"], said)


def _wrong_parts(name: str, said: str) -> str:
    """Return what was wrong in a prediction of several parts, one a line: each counts alone."""
    try:
        parts = find(name).parts
    except ValueError:
        return said
    chosen = said.split(" · ")
    if len(parts) == 1 or len(chosen) != len(parts):
        return said
    pairs = zip(parts, chosen, strict=True)
    return "\n".join(f"{p.asked} {c}" for p, c in pairs if p.right and c != p.right)


def items(answers: Sequence[Answer]) -> list[Item]:
    """Return one item for each question, in order of chapter and question."""
    groups: dict[tuple[str, str, str], dict[str, Answer]] = defaultdict(dict)
    of_learner: dict[tuple[str, str, str], dict[str, bool]] = defaultdict(dict)
    for answer in answers:
        groups[answer.source, answer.chapter, answer.item][answer.learner] = answer
        of_learner[answer.source, answer.chapter, answer.learner][answer.item] = answer.right
    found = []
    for (source, chapter, name), group in sorted(groups.items()):
        if len(group) < SMALLEST:
            found.append(Item(chapter, name, source, None))
            continue
        right = np.array([answer.right for answer in group.values()], float)
        others = [of_learner[source, chapter, learner] for learner in group]
        rest = [[r for item, r in one.items() if item != name] for one in others]
        mistake, made_by = _most_frequent(answer.said for answer in group.values())
        found.append(
            Item(
                chapter,
                name,
                source,
                len(group),
                float(right.mean()),
                _correlation(right, rest),
                mistake,
                made_by,
            )
        )
    return found


def _most_frequent(said: Iterable[str]) -> tuple[str, int | None]:
    counts = Counter(line for words in said for line in words.splitlines()).most_common(1)
    return counts[0] if counts and counts[0][1] >= SMALLEST else ("", None)


def _correlation(right: np.ndarray, rest: Sequence[Sequence[bool]]) -> float | None:
    """Return the point-biserial correlation with the rest; None where nothing varies."""
    has = np.array([bool(row) for row in rest])
    if has.sum() < SMALLEST:
        return None
    shares = np.array([np.mean(row) for row in rest if row])
    if np.ptp(shares) == 0 or np.ptp(right[has]) == 0:
        return None
    return float(np.corrcoef(right[has], shares)[0, 1])

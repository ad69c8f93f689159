"""A check in the event log of a class: which question, right or not, and which named mistake.

What a learner wrote never reaches the log: only a message of the exercise's own table is kept, with
its numbers replaced, and nothing where the table has none.
"""

import re
import sys
from collections.abc import Iterable
from typing import Any, Protocol

from tlbook.course import events, files
from tlbook.course.exercises.feedback import Feedback

_NUMBER = re.compile(r"(?<![\w.])[-−]?\d[\d,]*(?:\.\d+)?")


class Named(Protocol):
    """What the log needs of an exercise."""

    name: str
    mistakes: dict[str, Any]


def check(exercise: Named, feedback: Feedback) -> None:
    """Log one check, where the class asked for a log; an answer not yet given is none."""
    if feedback.status not in ("correct", "wrong"):
        return
    chapter = _chapter(exercise)
    events.log(
        "check",
        f"{chapter}.{exercise.name}",
        chapter=chapter,
        question=exercise.name,
        right=feedback.status == "correct",
        mistake=named_mistake(exercise.mistakes, feedback.message),
    )


def named_mistake(mistakes: Iterable[str], message: str) -> str:
    """Return which message of the table this is, with its numbers replaced; empty for none.

    Examples
    --------
    >>> named_mistake(["That is a third.", "You gave {value}, not 1."], "You gave 7, not 1.")
    'You gave …, not #.'
    """
    for template in mistakes:
        parts = [re.escape(part) for part in re.split(r"\{\w+[^}]*\}", template)]
        if re.fullmatch(".*".join(parts), message, re.DOTALL):
            words = re.sub(r"\{\w+[^}]*\}", "…", template)
            return _NUMBER.sub("#", words)
    return ""


def _chapter(exercise: Named) -> str:
    """Return the number of the chapter whose loaded exercises have this one; empty for none."""
    for chapter, module in files.chapter_modules("exercises").items():
        loaded = vars(sys.modules[module]).values() if module in sys.modules else ()
        if any(value is exercise for value in loaded):
            return chapter.removeprefix("ch")
    return ""

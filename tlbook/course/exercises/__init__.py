"""Exercises that answer: the framework; each chapter's folder has its ``exercises.py``.

``from tlbook.course.ch08_distances import exercises as ex``, then ``ex.q1.check(answer)`` says "not
attempted yet", "correct", or names the mistake; ``hint()`` helps step by step; ``solution()`` shows
the code.
"""

from importlib import import_module

from tlbook.course import files
from tlbook.course.exercises import checkers
from tlbook.course.exercises.checkers import Wrong
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.feedback import Feedback

__all__ = ["Exercise", "Feedback", "Wrong", "chapters", "checkers", "of_chapter"]


def chapters() -> tuple[str, ...]:
    """Return the names of the chapters that have exercises: ``("ch00", ...)``."""
    return tuple(files.chapter_modules("exercises"))


def of_chapter(chapter: str) -> tuple[Exercise, ...]:
    """Return the exercises of a chapter, in the order in which its file defines them.

    Raises
    ------
    ValueError
        If the chapter has none.
    """
    known = files.chapter_modules("exercises")
    if chapter not in known:
        raise ValueError(f"chapter: got {chapter!r}, want one of {', '.join(known)}")
    module = import_module(known[chapter])
    return tuple(value for value in vars(module).values() if isinstance(value, Exercise))

"""Exercises that answer: ``from tlbook.exercises import ch08 as ex``; ``ex.q1.check(answer)``.

One file per chapter. ``check`` says "not attempted yet", "correct", or names the mistake;
``hint()`` helps step by step; ``solution()`` shows the code.
"""

import pkgutil
from importlib import import_module

from tlbook.exercises import checkers
from tlbook.exercises.checkers import Wrong
from tlbook.exercises.core import Exercise
from tlbook.exercises.feedback import Feedback

__all__ = ["Exercise", "Feedback", "Wrong", "chapters", "checkers", "of_chapter"]


def chapters() -> tuple[str, ...]:
    """Return the names of the chapters that have exercises: ``("ch00", ...)``."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name for name in found if name.startswith("ch") and name[2:].isdigit()))


def of_chapter(chapter: str) -> tuple[Exercise, ...]:
    """Return the exercises of a chapter, in the order in which its file defines them.

    Raises
    ------
    ValueError
        If the chapter has none.
    """
    if chapter not in chapters():
        raise ValueError(f"chapter: got {chapter!r}, want one of {', '.join(chapters())}")
    module = import_module(f"tlbook.exercises.{chapter}")
    return tuple(value for value in vars(module).values() if isinstance(value, Exercise))

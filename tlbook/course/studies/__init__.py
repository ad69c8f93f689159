"""Studies: the long runs behind the stored results, found in the chapters' folders by name.

A study is a module with ``study = Study(...)``. Its result is ``data/results/NAME.csv``, NAME being
the name of the file.
"""

from importlib import import_module

from tlbook.course import files
from tlbook.course.studies.jobs import confirming, words
from tlbook.course.studies.study import Study, best, grid

__all__ = ["Study", "best", "confirming", "get", "grid", "module", "names", "words"]

_PLACES = ("ch*/studies/*.py", "pretraining/*_pretraining.py")


def names() -> list[str]:
    """Return the names of the studies, sorted."""
    return list(files.modules(*_PLACES))


def module(name: str) -> str:
    """Return the dotted name of a study's module, without importing it.

    Raises
    ------
    ValueError
        If there is no such study.
    """
    known = files.modules(*_PLACES)
    if name not in known:
        raise ValueError(f"name: got {name!r}, want one of {', '.join(known)}")
    return known[name]


def get(name: str) -> Study:
    """Return the study called ``name``.

    Raises
    ------
    ValueError
        If there is no such study, or its file has none.
    """
    found = import_module(module(name))
    if not isinstance(getattr(found, "study", None), Study):
        raise ValueError(f"name: {name!r} has no study = Study(...)")
    return found.study

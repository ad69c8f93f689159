"""Studies: the long runs behind the stored results, found in the chapters' folders by name.

A study is a module with ``COMMAND`` (the command that makes it again) and
``run(**options) -> pandas.DataFrame``. Its result is ``data/results/NAME.csv``, NAME being the name
of the file.
"""

from importlib import import_module
from types import ModuleType

from tlbook.course import files

__all__ = ["get", "module", "names"]

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


def get(name: str) -> ModuleType:
    """Return the study called ``name``.

    Raises
    ------
    ValueError
        If there is no such study, or its file lacks ``COMMAND`` or ``run``.
    """
    study = import_module(module(name))
    for needed in ("COMMAND", "run"):
        if not hasattr(study, needed):
            raise ValueError(f"name: study {name!r} lacks {needed}")
    return study

"""Studies: the long runs behind the stored results, found in the chapters' folders by name.

A study is a module with ``MODULES`` (files its numbers depend on), ``COMMAND`` (the command that
makes it again) and ``run(**options) -> pandas.DataFrame``. Its result is
``data/results/NAME.csv``, NAME being the name of the file.
"""

from importlib import import_module
from types import ModuleType

from tlbook.course import files

__all__ = ["get", "names"]

_PLACES = ("ch*/studies/*.py", "pretraining/*_pretraining.py")


def names() -> list[str]:
    """Return the names of the studies, sorted."""
    return list(files.modules(*_PLACES))


def get(name: str) -> ModuleType:
    """Return the study called ``name``.

    Raises
    ------
    ValueError
        If there is no such study, or its file lacks ``MODULES``, ``COMMAND`` or ``run``.
    """
    known = files.modules(*_PLACES)
    if name not in known:
        raise ValueError(f"name: got {name!r}, want one of {', '.join(known)}")
    study = import_module(known[name])
    for needed in ("MODULES", "COMMAND", "run"):
        if not hasattr(study, needed):
            raise ValueError(f"name: study {name!r} lacks {needed}")
    return study

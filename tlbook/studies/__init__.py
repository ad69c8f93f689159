"""Studies: the long runs behind the stored results, one file each.

A study is a module with ``COMMAND`` (the command that makes it again) and
``run(**options) -> pandas.DataFrame``. Its result is ``data/results/NAME.csv``, NAME being the name
of the file.
"""

import pkgutil
from importlib import import_module
from types import ModuleType

__all__ = ["get", "module", "names"]


def names() -> list[str]:
    """Return the names of the studies, sorted."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))


def module(name: str) -> str:
    """Return the dotted name of a study's module, without importing it.

    Raises
    ------
    ValueError
        If there is no such study.
    """
    if name not in names():
        raise ValueError(f"name: got {name!r}, want one of {', '.join(names()) or '(no study)'}")
    return f"{__name__}.{name}"


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

"""Domains, tasks and shifts: the objects that the whole course talks about (chapter 02)."""

from importlib import import_module
from typing import Any

from tlbook.domains.scenes import Boxes, Scenes
from tlbook.domains.task import Domain, Report, Task
from tlbook.domains.whole import label_all

__all__ = ["Boxes", "Domain", "Report", "Scenes", "Task", "label_all", "shifts"]


def __getattr__(name: str) -> Any:
    shifts = import_module("tlbook.domains.shifts")
    if name == "shifts":
        return shifts
    try:
        return getattr(shifts, name)
    except AttributeError:
        raise AttributeError(f"module 'tlbook.domains' has no attribute {name!r}") from None

"""A fault of a published listing: shown failing, and shown working once it is repaired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """What came of running one piece of a listing."""

    healthy: bool
    said: str
    """The error message, or the value that was looked at."""


@dataclass(frozen=True)
class Fault:
    """One mistake, with the same question asked before and after its repair.

    Attributes
    ----------
    name : str
        Short name, unique within the listing, e.g. ``"gradients never zeroed"``.
    wrong : str
        What the listing does.
    symptom : str
        What somebody who runs it sees.
    repair : str
        What to do instead.
    broken, repaired : function
        Run that piece as published and as repaired, and return what the question is about. Small:
        a second or two on one core.
    healthy : function
        ``healthy(value) -> bool``: the question. An exception counts as "no".
    show : function
        The value in a few words.
    """

    name: str
    wrong: str
    symptom: str
    repair: str
    broken: Callable[[], Any]
    repaired: Callable[[], Any]
    healthy: Callable[[Any], bool]
    show: Callable[[Any], str] = str

    def before(self) -> Outcome:
        """Run the piece as published."""
        return self._ask(self.broken)

    def after(self) -> Outcome:
        """Run the repaired piece."""
        return self._ask(self.repaired)

    def _ask(self, piece: Callable[[], Any]) -> Outcome:
        try:
            value = piece()
        except Exception as error:
            first = str(error).strip().split("\n")[0]
            return Outcome(False, f"{type(error).__name__}: {first[:160]}")
        return Outcome(bool(self.healthy(value)), self.show(value))


@dataclass(frozen=True)
class Listing:
    """A listing of one of the documents.

    Attributes
    ----------
    name : str
        Key, e.g. ``"resnet"``.
    document : str
        Document and section, e.g. ``"D1 §5"``.
    chapter : str
        Number of the chapter that repairs it.
    promise : str
        What it says it does.
    faults : tuple of Fault
        In the order of its lines.
    """

    name: str
    document: str
    chapter: str
    promise: str
    faults: tuple[Fault, ...]

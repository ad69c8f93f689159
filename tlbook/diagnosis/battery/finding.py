"""What one check of the battery found."""

from __future__ import annotations

from dataclasses import dataclass

STATES = ("well", "fault", "not asked")


@dataclass(frozen=True)
class Finding:
    """One question, its answer in a line, and what to do where it is a fault.

    Attributes
    ----------
    check : str
        Name of the check.
    state : {"well", "fault", "not asked"}
        "not asked" where what the check needs was not handed over, or where it could not be asked.
    said : str
        One line.
    cure : str
        What to do; empty unless there is a fault.
    """

    check: str
    state: str
    said: str
    cure: str = ""


def well(check: str, said: str) -> Finding:
    """Return a finding of no fault."""
    return Finding(check, "well", said)


def fault(check: str, said: str, cure: str) -> Finding:
    """Return a finding of a fault."""
    return Finding(check, "fault", said, cure)


def not_asked(check: str, said: str) -> Finding:
    """Return that a question was not asked, and why."""
    return Finding(check, "not asked", said)

"""The listings of the five source documents as patients: each fault, its symptom and its repair.

A module per listing (written afresh, with the same mistakes), each with a constant ``LISTING``.
Every fault can be run as published and as repaired; a test runs both.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

from tlbook._base.checks import check_choice
from tlbook.course.listings.fault import Fault, Listing, Outcome

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Fault", "Listing", "Outcome", "listing", "names", "table"]


def names() -> tuple[str, ...]:
    """Return the names of all listings."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name for name in found if name != "fault" and name[0] != "_"))


def listing(name: str) -> Listing:
    """Return one listing.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    check_choice(name, "name", names())
    return import_module(f"tlbook.course.listings.{name}").LISTING


def table(*chosen: str, run: bool = False) -> pd.DataFrame:
    """Return a row per fault: listing, document, chapter, fault, symptom, repair.

    Parameters
    ----------
    *chosen : str
        Which listings; all by default.
    run : bool
        Also run each piece before and after its repair, and add the columns ``before`` and
        ``after`` (a cross or a check mark, and what it said).
    """
    import pandas as pd

    rows = []
    for found in map(listing, chosen or names()):
        for fault in found.faults:
            row = {
                "listing": found.name,
                "document": found.document,
                "chapter": found.chapter,
                "fault": fault.name,
                "wrong": fault.wrong,
                "symptom": fault.symptom,
                "repair": fault.repair,
            }
            if run:
                row |= {"before": _mark(fault.before()), "after": _mark(fault.after())}
            rows.append(row)
    return pd.DataFrame(rows)


def _mark(outcome: Outcome) -> str:
    return f"{'✓' if outcome.healthy else '✗'} {outcome.said}"

"""What a report is about and what was found: the part of it without words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tlbook.diagnosis.buying import Purchase
from tlbook.diagnosis.findings import Findings
from tlbook.diagnosis.soundness import Soundness


@dataclass(frozen=True, eq=False)
class Contents:
    """All that a report says.

    Attributes
    ----------
    names : pair of str
        What the domains are called.
    kind : str
        "numbers", "texts" or "pictures".
    columns : tuple of str
        Names of the features that were examined.
    soundness : Soundness
    findings : Findings
    purchase : Purchase
    code : str
        The lines that do what is advised.
    notes : tuple of str
        What was done to the data on the way.
    seed : int
    clouds : pair of arrays (n, 2)
        Some rows of both domains on two principal components.
    left_out : str
        What the budget of seconds left out; empty where it left out nothing.
    first_named : str
        Which rows to label first, in the words of the user's files; empty for arrays.
    elsewhere : str
        Where the rehearsals ran; empty for this machine.
    """

    names: tuple[str, str]
    kind: str
    columns: tuple[str, ...]
    soundness: Soundness
    findings: Findings
    purchase: Purchase
    code: str
    notes: tuple[str, ...]
    seed: int
    clouds: tuple[np.ndarray, np.ndarray]
    left_out: str = ""
    elsewhere: str = ""
    first_named: str = ""

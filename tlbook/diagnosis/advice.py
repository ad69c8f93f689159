"""From rehearsals to one sentence: adapt by this, or do not adapt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tlbook.diagnosis.bench import Expected

MARGIN = 1.0
"""Points of accuracy that an adaptation has to be worth under every assumption that fits, even one
standard deviation of the rehearsals below their mean."""


@dataclass(frozen=True)
class Advice:
    """The remedy to take ("none": do not adapt), and why.

    Attributes
    ----------
    remedy : str
    why : str
    gain, low, high : float
        Expected gain in points; 0 for "none".
    """

    remedy: str
    why: str
    gain: float = 0.0
    low: float = 0.0
    high: float = 0.0

    @property
    def adapt(self) -> bool:
        """Whether the advice is to adapt."""
        return self.remedy != "none"


def advise(
    shifted: bool, expected: list[Expected], on_labels: dict[str, np.ndarray] | None = None
) -> Advice:
    """Return the remedy that gains under every assumption that fits; else "do not adapt".

    Parameters
    ----------
    shifted : bool
        Whether a shift was found.
    expected : list of Expected
        Largest gain first; empty where no assumption fits.
    on_labels : dict of arrays of shape (m,), optional
        For each remedy, +1, 0 or −1 for every labeled target row: right instead of wrong, the same,
        wrong instead of right. A remedy that loses there is out.
    """
    if not shifted:
        return Advice("none", "no shift was found; an adaptation could only add noise")
    if not expected:
        return Advice(
            "none",
            "no simple assumption explains how the target came about, so nothing says which "
            "remedy would help; label some target rows",
        )
    for each in expected:
        if each.sure < MARGIN:
            continue
        if on_labels is not None and on_labels[each.remedy].mean() < 0:
            continue
        stories = " and ".join(each.by_assumption)
        return Advice(
            each.remedy,
            f"it gained in every rehearsal setting that fits the data ({stories})",
            each.gain,
            each.low,
            each.high,
        )
    return Advice("none", "no remedy gained reliably under every assumption that fits the data")

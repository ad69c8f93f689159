"""From rehearsals and labels to one sentence: adapt by this, or do not adapt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tlbook.diagnosis.bench import Expected

MARGIN = 1.0
"""Points of accuracy that an adaptation has to be worth under every assumption that fits, even one
standard error below the mean of its rehearsals; or on labeled rows."""

ACCIDENT = 0.2
"""Level, for all remedies together, at which a gain on labeled rows is taken for no accident."""


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
        wrong instead of right. A remedy that has proved itself there is taken, whatever was
        assumed; one that loses there is out.
    """
    if on_labels is not None:
        proven = proved_on_labels(on_labels)
        if proven is not None:
            return proven
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


def proved_on_labels(gains: dict[str, np.ndarray]) -> Advice | None:
    r"""Return the remedy with the largest gain on labeled rows among those that are no accident.

    A remedy turns u wrong answers right and d right ones wrong. If it did nothing, each of these
    u + d rows would be as likely the one as the other (McNemar's exact test, one-sided):

    .. math:: p = P(\text{Bin}(u + d, 1/2) \ge u)

    It is no accident where p times the number of remedies is at most 0.2 and the mean gain is
    ``MARGIN`` or more. The interval is that of the mean over the rows (95 %).
    """
    from scipy.stats import binomtest

    tried = {name: each for name, each in gains.items() if name != "none"}
    found = None
    for name, each in tried.items():
        better, worse = int((each > 0).sum()), int((each < 0).sum())
        if 100 * each.mean() < MARGIN:
            continue
        p_value = binomtest(better, better + worse, alternative="greater").pvalue
        if len(tried) * p_value > ACCIDENT or (found and 100 * each.mean() <= found.gain):
            continue
        gain, half = 100 * float(each.mean()), 196 * float(each.std(ddof=1) / np.sqrt(len(each)))
        why = (
            f"on {len(each)} labeled target rows it turned {better} wrong answers right and "
            f"{worse} right ones wrong"
        )
        found = Advice(name, why, gain, gain - half, gain + half)
    return found

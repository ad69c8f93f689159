"""One line for each promise and each fear, read from the stored tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tlbook.course.ch18_trust import tables
from tlbook.course.ch18_trust import tables_attacks as attacks

if TYPE_CHECKING:
    import pandas as pd

Line = tuple[str, np.ndarray, np.ndarray]


def _lines() -> Sequence[Line]:
    """Return what was measured, the values, and what they are compared with, over the seeds."""
    clinics = {name: tables.clinics(**where).accuracy for name, where in tables.CLINICS.items()}
    promised = np.full(200, 0.9)
    digits = np.full(8, 0.9)
    return (
        (
            "map: mass on the letter, Grad-CAM against edges",
            attacks.inside("Grad-CAM, last block (6 × 6)"),
            attacks.inside(attacks.EDGES),
        ),
        (
            "shortcut: answers that the corner changes after fine-tuning, against a random corner",
            attacks.shortcut("changed", "tells", "all"),
            attacks.shortcut("changed", "random", "all"),
        ),
        (
            "attack by the base: right answers of the fine-tuned child lost, against noise",
            attacks.fooled_share("base + attacker's head", "fine-tuned child", 0.05),
            attacks.fooled_share("noise", "fine-tuned child", 0.05),
        ),
        (
            "backdoor: attacker's class after fine-tuning, against a clean base",
            attacks.backdoor("all", 50),
            attacks.backdoor("all", 50, planted=False),
        ),
        (
            "membership: members found at 1 % false alarms, against luck",
            tables.leak("head", 300),
            np.full(8, 0.01),
        ),
        (
            "privacy, on photographs: letters at ε = 1 against ε = ∞",
            tables.private("signs", "letters", 1.0),
            tables.private("signs", "letters", np.inf),
        ),
        (
            "clinics: two digits each against one place",
            clinics["FedAvg, two digits each"],
            clinics["all rows in one place"],
        ),
        (
            "confidence: calibration error, handwriting against print",
            tables.calibration("handwriting", "as it is"),
            tables.calibration("print", "as it is"),
        ),
        (
            "sets, inputs shifted by 1.5: coverage with weights against 90 %",
            tables.covered("covariate", "true", 1.5),
            promised,
        ),
        (
            "sets on handwriting: coverage with weights against 90 %",
            tables.covered("digits", "handwriting, weighted"),
            digits,
        ),
    )


def ledger() -> pd.DataFrame:
    """Return measured (%), compared with (%), and the paired difference with its interval."""
    import pandas as pd

    rows = {
        name: {
            "measured (%)": round(100 * float(np.mean(values)), 1),
            "against (%)": round(100 * float(np.mean(other)), 1),
            "difference (points)": tables.difference(values, other),
        }
        for name, values, other in _lines()
    }
    return pd.DataFrame.from_dict(rows, orient="index")

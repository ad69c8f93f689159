"""One line for each promise and each fear, read from the stored tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tlbook.course.ch18_trust import tables
from tlbook.course.ch18_trust import tables_attacks as attacks

if TYPE_CHECKING:
    import pandas as pd

Line = tuple[str, str, np.ndarray, np.ndarray]


def _lines() -> Sequence[Line]:
    """Return what was measured, its control, and the values of both over the seeds."""
    clinics = {name: tables.clinics(**where).accuracy for name, where in tables.CLINICS.items()}
    promised = np.full(200, 0.9)
    digits = np.full(8, 0.9)
    return (
        (
            "Grad-CAM: mass on the letter",
            "edges",
            attacks.inside("Grad-CAM, last block (6 × 6)"),
            attacks.inside(attacks.EDGES),
        ),
        (
            "shortcut: answers changed after fine-tuning",
            "a random corner",
            attacks.shortcut("changed", "tells", "all"),
            attacks.shortcut("changed", "random", "all"),
        ),
        (
            "shortcut: Grad-CAM's mass on the corner",
            "a random corner",
            attacks.shortcut("grad_cam", "tells", "all"),
            attacks.shortcut("grad_cam", "random", "all"),
        ),
        (
            "attack on the base: fine-tuned child loses",
            "noise",
            attacks.fooled_share("base + attacker's head", "fine-tuned child", 0.05),
            attacks.fooled_share("noise", "fine-tuned child", 0.05),
        ),
        (
            "backdoor: attacker's class after fine-tuning",
            "a clean base",
            attacks.backdoor("all", 50),
            attacks.backdoor("all", 50, planted=False),
        ),
        (
            "membership: found at 1 % false alarms",
            "luck",
            tables.leak("head", 300),
            np.full(8, 0.01),
        ),
        (
            "privacy, photographs: accuracy at ε = 1",
            "ε = ∞",
            tables.private("signs", "letters", 1.0),
            tables.private("signs", "letters", np.inf),
        ),
        (
            "clinics, two digits each: accuracy",
            "one place",
            clinics["FedAvg, two digits each"],
            clinics["all rows in one place"],
        ),
        (
            "calibration error on handwriting",
            "print",
            tables.calibration("handwriting", "as it is"),
            tables.calibration("print", "as it is"),
        ),
        (
            "weighted sets, shift 1.5: coverage",
            "the promise",
            tables.covered("covariate", "true", 1.5),
            promised,
        ),
        (
            "weighted sets on handwriting: coverage",
            "the promise",
            tables.covered("digits", "handwriting, weighted"),
            digits,
        ),
    )


def ledger() -> pd.DataFrame:
    """Return what was measured, its control, and the paired difference with its interval."""
    import pandas as pd

    rows = {
        name: {
            "measured (%)": round(100 * float(np.mean(values)), 1),
            "compared with": f"{control}: {100 * float(np.mean(other)):.1f}",
            "difference (points)": tables.difference(values, other),
        }
        for name, control, values, other in _lines()
    }
    return pd.DataFrame.from_dict(rows, orient="index")

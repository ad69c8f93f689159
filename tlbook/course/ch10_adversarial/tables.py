"""The stored runs that the notebook reads: eight tasks, and three networks in two games."""

from __future__ import annotations

import pandas as pd

from tlbook.course.results import stored

OWN = {"detach": "own game, 0.1", "without the game": "own loop, no game"}


def eight_tasks() -> pd.DataFrame:
    """Return the accuracy of each method of ``adaptation_table`` on tasks 0 to 7, by seed.

    ADDA stands there with the rates of ``adversarial_adda``, and a second time with a label loss.
    MCD comes from ``adversarial_mcd``.
    """
    studies = ("adversarial_adda", "adversarial_mcd", "adaptation_table")
    rows = pd.concat([stored.load(study) for study in studies])
    latest = rows.drop_duplicates(["method", "seed"])
    return latest.pivot(index="seed", columns="method", values="accuracy")


def parts_table() -> pd.DataFrame:
    """Return network, game, seed and accuracy: ``adversarial_parts`` and the two stored corners.

    The corners are the patient in its own loop (``adversarial_patient``) and DigitNet in the other
    loop (``adaptation_table``), with the same tasks and seeds.
    """
    parts = stored.load("adversarial_parts")
    own = parts.weight.map(lambda w: f"own game, {w:g}" if w else "own loop, no game")
    parts["game"] = parts.game.where(parts.game.notna(), own)
    patient = stored.load("adversarial_patient").rename(columns={"target": "accuracy"})
    patient = patient[patient.stage.isin(OWN)].assign(network="patient")
    patient["game"] = patient.stage.map(OWN)
    digitnet = stored.load("adaptation_table").rename(columns={"method": "game"})
    digitnet = digitnet[digitnet.game.isin(("source only", "DANN", "CDAN"))]
    whole = pd.concat([parts, patient, digitnet.assign(network="DigitNet")])
    return whole[["network", "game", "seed", "accuracy"]].sort_values("seed", ignore_index=True)

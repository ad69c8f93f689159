"""Chapter 10's patient on eight tasks: what each mistake does, and what each cure changes.

The cures are applied in the order in which the mistakes show, one more in each stage. No label of
a target chooses anything here; the accuracy on the target is one of the symptoms.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook import data
from tlbook.adversarial.diagnostics import collapse
from tlbook.adversarial.domain_classifier import features_of
from tlbook.course.ch10_adversarial.broken import CURES, Patient, Seen
from tlbook.course.studies import Study
from tlbook.training import predictor

SEEDS = tuple(range(8))
STAGES = ("as found", *CURES, "without the game")
EPOCHS, BATCH = 10, 32


def patient(stage: str, seed: int) -> Patient:
    """Return the patient of a stage before it is run; the last has all cures and no game."""
    if stage == "without the game":
        return Patient(CURES, weight=0.0, seed=seed)
    return Patient(CURES[: STAGES.index(stage)], seed=seed)


def trial(stage: str, seed: int) -> dict[str, Any]:
    """Return what became of the patient of this stage on the task with this seed."""
    task = data.load("fonts-to-handwriting", seed=seed)
    ill = patient(stage, seed)
    born = [p.detach().clone() for p in ill.source.parameters()]
    record = ill.run(task, epochs=EPOCHS, batch_size=BATCH).record
    broken = np.flatnonzero(record.loss.isna())
    moved = max(
        float((p - q).abs().max()) for p, q in zip(ill.source.parameters(), born, strict=True)
    )
    row = {
        "first_nan": broken[0] if len(broken) else -1,
        "lowest_loss": record.loss.min(),
        "overshoot": -record.gap.min(),
        "source_moved": moved,
    }
    if len(broken):
        return row | dict.fromkeys(("rank", "spread", "probe", "target"), np.nan)
    answers = predictor(ill.model)(task.target.X)
    signs = collapse(features_of(ill.model, task.target.X), answers)
    return row | {
        "rank": signs.rank,
        "spread": signs.spread,
        "probe": probe(ill, task),
        "target": task.score(predictor(ill.model)),
    }


def probe(ill: Patient, task: Any, rows: int = 1500) -> float:
    """Return how well a linear classifier on the source's "features" reads new source rows."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = Seen(ill.source, ill.head)
    reader = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    reader.fit(features_of(model, task.source.X[:rows]), task.source.y[:rows])
    return float(reader.score(features_of(model, task.validation.X), task.validation.y))


study = Study(trial, [{"stage": stage, "seed": seed} for seed in SEEDS for stage in STAGES])

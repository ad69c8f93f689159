"""What an unseen word says: one topic gets a share of the smoothing's mass, nothing else changes.

All topics are expected equally often, and all but one have the same mass in ``NeutralNB``. The
``light`` topic has a quarter of it (−1: no topic has). θ of every word that the source knows stays
nearly as it is; an unseen word now votes for the light topic. Settings are those of the even,
neutral arm with self-training over the words of both domains.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook import data
from tlbook.course.ch14_text_practice.methods import vectors
from tlbook.course.ch14_text_practice.word_settings import WORD_SETTINGS
from tlbook.course.studies import Study, grid
from tlbook.text.naive_bayes import NeutralNB
from tlbook.text.self_training import SelfTraining

SEEDS = tuple(range(8))
LIGHT = 0.25
TOPICS = 6


def light(topic: int, seed: int) -> list[dict[str, Any]]:
    """Return accuracy, and recall and share of answers of each topic, before and after adapting."""
    task = data.load("docstrings", seed=seed)
    chosen = WORD_SETTINGS["neutral NB, even mix + self-training (both words)"]
    settings = {k: v for k, v in chosen.items() if k != "alpha"}
    mass = np.where(np.arange(TOPICS) == topic, LIGHT, 1.0)
    rows = vectors("TF-IDF", task.source.X, task.target.X)
    Zs, Zt, y = rows(task.source.X), rows(task.target.X), task.source.y
    plain = NeutralNB(chosen["alpha"], fit_prior=False, mass=mass)
    adapted = SelfTraining(plain, **settings).fit(Zs, Zt, y)
    found = []
    for way, model in (("plain", plain.fit(Zs, y)), ("self-training", adapted)):
        report = task.report(lambda texts, model=model: model.predict(rows(texts)))
        answered = report.confusion.sum(axis=0) / report.confusion.sum()
        row: dict[str, Any] = {"way": way, "accuracy": report.accuracy}
        row |= {f"recall_{c}": r for c, r in enumerate(report.recall)}
        found.append(row | {f"answered_{c}": float(a) for c, a in enumerate(answered)})
    return found


study = Study(light, grid(topic=(-1, *range(TOPICS)), seed=SEEDS))

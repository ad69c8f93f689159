"""Settings for the arms of ``words.py``, chosen without any torch text, as in ``text_tuning``.

Every arm of naive Bayes has the same grid; the arms on the encoder have those of their namesakes.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch14_text_practice.cases import PSEUDO, pseudo_task
from tlbook.course.ch14_text_practice.word_settings import WORD_GRID
from tlbook.course.ch14_text_practice.words import WORD_METHODS
from tlbook.course.studies import Study
from tlbook.evaluation import measure

SEEDS = tuple(range(100, 106))  # those of text_tuning: the arms are compared on the same tasks


def tune(arm: str, settings: dict[str, Any], pair: str, seed: int) -> dict[str, float]:
    """Return the accuracy of one candidate on the stand-in target."""
    measured = measure(WORD_METHODS[arm], pseudo_task(pair, seed), seed, settings)
    return {"accuracy": measured["accuracy"]}


CASES = [
    {"arm": arm, "settings": settings, "pair": pair, "seed": seed}
    for arm, tried in WORD_GRID.items()
    for seed in SEEDS
    for pair in PSEUDO
    for settings in tried
]
study = Study(tune, CASES)

"""What an unseen word says, and nothing else: naive Bayes that differs only in these votes.

Class mix of the source, class-neutral smoothing. In scikit-learn's smoothing θ of a word that no
labeled text has is ∝ 1 / N_c, so it votes for the topics with the least mass. Here these votes are
put back into the neutral model: ``shift`` 0 as they are, 1 … 5 each topic with the vote of
another, −1 none. Every other θ stays as it is. Settings are those of "NB + self-training (both
words)".
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.naive_bayes import MultinomialNB

from tlbook import data
from tlbook.course.ch14_text_practice.methods import vectors
from tlbook.course.ch14_text_practice.word_settings import WORD_SETTINGS
from tlbook.course.studies import Study, grid
from tlbook.text.naive_bayes import NeutralNB
from tlbook.text.self_training import SelfTraining

SEEDS = tuple(range(8))
TOPICS = 6


class Voting(NeutralNB):
    """Neutral naive Bayes in which unseen words vote as scikit-learn's smoothing has it."""

    def __init__(self, alpha: float = 1.0, shift: int = -1) -> None:
        super().__init__(alpha)
        self.shift = shift

    def fit(self, X: Any, y: Any) -> Voting:
        """Learn from rows (n, V) with labels (n,), then let the unseen words vote."""
        super().fit(X, y)
        usual = MultinomialNB(alpha=self.alpha).fit(X, y)
        unseen = np.flatnonzero(usual.feature_count_.sum(axis=0) == 0)
        if self.shift >= 0 and len(unseen):
            given = np.roll(usual.feature_log_prob_[:, unseen[0]], self.shift)
            self.feature_log_prob_[:, unseen] = given[:, None]
        return self


def votes(shift: int, seed: int) -> list[dict[str, Any]]:
    """Return accuracy, and recall and share of answers of each topic, before and after adapting."""
    task = data.load("docstrings", seed=seed)
    settings = dict(WORD_SETTINGS["NB + self-training (both words)"])
    rows = vectors("TF-IDF", task.source.X, task.target.X)
    Zs, Zt, y = rows(task.source.X), rows(task.target.X), task.source.y
    plain = Voting(settings.pop("alpha"), shift)
    adapted = SelfTraining(plain, **settings).fit(Zs, Zt, y)
    found = []
    models: dict[str, Any] = {"plain": plain.fit(Zs, y), "self-training": adapted}
    for way in models:
        report = task.report(lambda texts, way=way: models[way].predict(rows(texts)))  # type: ignore[misc]
        answered = report.confusion.sum(axis=0) / report.confusion.sum()
        row: dict[str, Any] = {"way": way, "accuracy": report.accuracy}
        row |= {f"recall_{c}": r for c, r in enumerate(report.recall)}
        found.append(row | {f"answered_{c}": float(a) for c, a in enumerate(answered)})
    return found


study = Study(votes, grid(shift=(-1, *range(TOPICS)), seed=SEEDS))

"""The report on the shifts of the earlier chapters: what ``diagnose`` finds, without its words.

No rule of the report was decided on these tasks. At odd seeds it gets 60 labeled target rows, as in
the zoo; at most 500 rows of each domain are asked, so that a run takes some seconds.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np

from tlbook.course.ch05_features.cases import Represented
from tlbook.course.ch20_clinic_and_faq.animals import LABELED
from tlbook.course.ch20_clinic_and_faq.course_tasks import RIGHT, task
from tlbook.course.ch20_clinic_and_faq.examination import judged
from tlbook.course.studies import Study, grid
from tlbook.diagnosis.findings import Findings, examine
from tlbook.diagnosis.remedies import REMEDIES, Predict
from tlbook.diagnosis.rows import Rows, read_rows, reduced
from tlbook.domains import Task, label_all

MOST = 500
"""Rows of a domain."""


def trial(name: str, seed: int) -> dict[str, Any]:
    """Return what the report said of one task, beside the truth."""
    asked, rng = task(name, seed), np.random.default_rng([seed, 20])
    X, y, target = asked.source.X, asked.source.y, asked.target.X
    assert y is not None
    chosen = rng.permutation(len(y))[:MOST]
    source, target = (X[chosen], y[chosen]), target[rng.permutation(len(target))[:MOST]]
    labeled = _some_labels(asked, rng) if seed % 2 else None
    rows = reduced(read_rows(source, target, labeled), seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as in ``diagnose``: many small fits
        found = examine((rows.X, rows.y), rows.target, rows.labeled, seed=seed)
    scores = _true_scores(asked, read_rows(source, target, None), found, seed)
    row = {
        "n_source": len(rows.y),
        "n_target": len(rows.target),
        "features": rows.X.shape[1],
        "classes": len(np.unique(y)),
        "labeled": 0 if labeled is None else len(labeled[1]),
    }
    return row | judged(found, scores, RIGHT[name][labeled is not None])


def _some_labels(
    asked: Task | Represented, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return labeled rows of the target's training part, drawn at random."""
    if isinstance(asked, Represented):
        X, y = label_all(asked.task)
        X = asked.rows(X)
    else:
        X, y = label_all(asked)
    chosen = rng.permutation(len(y))[:LABELED]
    return X[chosen], y[chosen]


def _true_scores(
    asked: Task | Represented, whole: Rows, found: Findings, seed: int
) -> dict[str, float]:
    """Return the accuracy of every remedy on the task's test part, in percent."""
    rows = reduced(whole, seed)

    def seen(X: np.ndarray) -> np.ndarray:
        """See test rows as the report sees rows: on the same principal components."""
        after = reduced(replace(whole, labeled=(X, np.zeros(len(X)))), seed).labeled
        assert after is not None
        return after[0]

    scores = {}
    for name, remedy in REMEDIES.items():
        try:
            fitted = remedy.fit(rows.X, rows.y, rows.target, found.model.classifier, seed)
        except ValueError:  # one class left
            continue
        scores[name] = 100 * asked.score(composed(fitted, seen))
    return scores


def composed(answer: Predict, seen: Predict) -> Predict:
    """Return the answer to rows as they are seen."""
    return lambda X: answer(seen(X))


study = Study(trial, grid(name=tuple(RIGHT), seed=tuple(range(8))))

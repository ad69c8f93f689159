"""Rows, answers and wrong probes with which the exercises of chapter 16 are judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def probe_of(*steps: Any, before: Any = None, folds: int = 5) -> Callable[[Any, Any], float]:
    """Return a probe with other steps; ``before`` sees all rows and their labels."""

    def score(F: Any, y: Any) -> float:
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import cross_val_score
        from sklearn.pipeline import make_pipeline

        seen = F if before is None else before().fit_transform(F, y)
        probe = make_pipeline(*(step() for step in steps), LogisticRegression(max_iter=1000))
        if not folds:
            return float(probe.fit(seen, y).score(seen, y))
        return float(cross_val_score(probe, seen, y, cv=folds).mean())

    return score


def ten() -> Any:
    """Return the choice of the ten best columns."""
    from sklearn.feature_selection import SelectKBest

    return SelectKBest(k=10)


def noise() -> tuple[np.ndarray, np.ndarray]:
    """Return 60 rows of 300 columns of noise, and three classes."""
    return np.random.default_rng(18).normal(size=(60, 300)), np.arange(60) % 3


def layers() -> tuple[np.ndarray, np.ndarray]:
    """Return two sets of features of 40 rows, the second made from the first and noise."""
    rng = np.random.default_rng(4)
    X = rng.normal(size=(40, 3)) + 2
    return X, X @ rng.normal(size=(3, 5)) + rng.normal(size=(40, 5))


def candidates() -> dict[str, np.ndarray]:
    """Return the answers of three seeds of five settings to 200 rows of ten classes."""
    rng = np.random.default_rng(5)
    truth = np.arange(200) % 10

    def seeds(truth: np.ndarray, accuracy: float) -> np.ndarray:
        right = rng.random((3, len(truth))) < accuracy
        return np.where(right, truth, rng.permuted(np.tile(truth, (3, 1)), axis=1))

    merged = np.where(truth < 9, truth // 2 * 2, 9)  # a 1 is called 0, a 3 is called 2 …
    fewer = np.where(merged == 9, 0, merged)
    nines_as_sevens = np.where(truth == 9, 7, truth)
    return {
        "weight 0.1": seeds(truth, 0.6),
        "weight 1": seeds(truth, 0.8),
        "weight 3": seeds(nines_as_sevens, 0.93),
        "weight 10": np.array([merged, fewer, fewer]),
        "weight 100": np.full((3, 200), 1),
    }


def too_sure(spread: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the confidences of a model that is too sure, and whether each row is right."""
    rng = np.random.default_rng([7, int(8 * spread)])
    x = rng.normal(0, spread, 20_000)
    truth, says = 1 / (1 + np.exp(-2 * x)), 1 / (1 + np.exp(-5 * x))
    right = (rng.random(len(x)) < truth) == (x > 0)
    return np.maximum(says, 1 - says).clip(max=1 - 1e-9), right

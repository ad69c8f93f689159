"""What conformal sets cover after a shift: on a line with known weights, and on digits."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.course.ch18_trust import bells, cases, readers
from tlbook.instances import effective_sample_size, em_prior
from tlbook.trust import PredictionSets, conformal_threshold, prediction_sets, weighted_thresholds

ALPHA = 0.1
WEIGHTS = ("none", "true", "estimated", "true, own mass left out")
"""How the calibration rows are weighted."""


def estimated_ratio(x: np.ndarray, new: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return p_T/p_S at some places from a logistic regression that tells x from new rows."""
    from sklearn.linear_model import LogisticRegression

    rows = np.concatenate([x, new])[:, None]
    teller = LogisticRegression(C=1e6).fit(rows, np.repeat([0, 1], [len(x), len(new)]))
    return np.exp(teller.decision_function(at[:, None])) * len(x) / len(new)


def thresholds(rows: cases.Shifted, shift: float, weights: str) -> np.ndarray:
    """Return a threshold for each new row.

    Raises
    ------
    ValueError
        If the weights are unknown.
    """
    check_choice(weights, "weights", WEIGHTS)
    if weights == "none":
        return np.full(len(rows.new_x), conformal_threshold(rows.scores, ALPHA))
    if weights == "estimated":
        w, new = (estimated_ratio(rows.x, rows.new_x, z) for z in (rows.x, rows.new_x))
    else:
        w, new = (cases.ratio(shift, z) for z in (rows.x, rows.new_x))
    return weighted_thresholds(rows.scores, w, new if "left out" not in weights else 0 * new, ALPHA)


def measured(rows: cases.Shifted, shift: float, weights: str) -> dict[str, float]:
    """Return coverage, the median half-width of the finite sets, and the share of infinite ones."""
    q = thresholds(rows, shift, weights)
    finite = q[np.isfinite(q)]
    width = float(np.median(finite)) if len(finite) else float("nan")
    covered = float((rows.new_scores <= q).mean())
    return {"coverage": covered, "half_width": width, "infinite": float(np.isinf(q).mean())}


def of_sets(sets: PredictionSets, y: Any) -> dict[str, float]:
    """Return coverage, mean size and the share of infinite sets."""
    return {
        "coverage": sets.coverage(y),
        "size": float(sets.sizes.mean()),
        "infinite": sets.infinite,
    }


def of_bells(seed: Any, weights: str, n: int = 400) -> dict[str, float]:
    """Return what sets cover under label shift, by a model that is right about the source.

    ``weights`` is "none", "true" (the class mixes are known) or "estimated" (by EM).
    """
    x, y = bells.draw(n, bells.EVEN, [seed, 0])
    new_x, new_y = bells.draw(n, bells.SHIFTED, [seed, 1])
    P, Q = bells.posteriors(x), bells.posteriors(new_x)
    if weights == "none":
        return of_sets(prediction_sets(P, y, Q, ALPHA), new_y)
    mix = bells.SHIFTED if weights == "true" else em_prior(Q, bells.EVEN).prior
    by_class = mix / bells.EVEN
    sets = prediction_sets(P, y, Q, ALPHA, by_class[y], np.full(n, by_class.max()))
    return of_sets(sets, new_y)


def of_digits(seed: int, arm: str) -> dict[str, float]:
    """Return what sets of a reader of print cover.

    ``arm`` is "print", "handwriting", "handwriting, weighted" or "handwriting, other code", where
    the clerk writes 9 − y for the digit y.
    """
    from tlbook.instances import DensityRatio

    found = readers.reader(seed)
    held, new = found.held_out, found.source if arm == "print" else found.target
    y = 9 - new.y if arm.endswith("other code") else new.y
    if not arm.endswith("weighted"):
        return of_sets(prediction_sets(held.posteriors, held.y, new.posteriors, ALPHA), y)
    X, Z = (part.X.reshape(len(part.X), -1).astype(np.float64) for part in (held, new))
    ratio = DensityRatio(seed=seed).fit(X, Z)
    sets = prediction_sets(
        held.posteriors, held.y, new.posteriors, ALPHA, ratio.weights_, ratio.ratio(Z)
    )
    return of_sets(sets, y) | {"effective": effective_sample_size(ratio.weights_)}

"""Gradual self-training: follow a domain that moves in small steps, without a label."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from sklearn.base import clone

from tlbook._base.checks import check_array, check_labels, check_probability, check_same_features
from tlbook._base.named import named


@named
def gradual_self_training(
    classifier: Any, X: Any, y: Any, steps: Iterable[Any], keep: float = 0.9
) -> Any:
    r"""Fit on labeled rows, then refit on its own labels of one unlabeled sample after another.

    .. math:: f_0 = \operatorname{fit}(X, y), \qquad
        f_{k+1} = \operatorname{fit}\big(X_{k+1}, f_k(X_{k+1})\big)
        \text{ on the rows where } f_k \text{ is confident}

    Each step must be small enough that most of its labels come out right; then errors do not
    build up. ``steps=[X_target]`` is self-training in one jump, for comparison.

    Parameters
    ----------
    classifier : scikit-learn classifier
        Cloned for every fit. Confidence is its largest probability, or else the size of its
        decision function (for several classes: of the lead over the runner-up).
    X, y : arrays of n rows
        The labeled source.
    steps : iterable of arrays of shape (m_k, d)
        Unlabeled samples on the way to the target, the target last.
    keep : float
        Fraction of each sample, the most confident rows, on which the classifier is refitted.
        The others lie near the boundary: leaving them out drops wrong labels, but also the rows
        that show where the boundary has gone, so a small fraction can lose the track.

    Returns
    -------
    fitted classifier

    Raises
    ------
    ValueError
        If the inputs do not fit, or the confident rows of a step all get one label.

    References
    ----------
    Kumar, Ma & Liang, Understanding self-training for gradual domain adaptation, ICML 2020.
    """
    if check_probability(keep, "keep") == 0:
        raise ValueError("keep: got 0, want a fraction above 0")
    rows = check_array(X, "X", ndim=2)
    fitted = clone(classifier).fit(rows, check_labels(y, len(rows), "y", min_classes=2))
    for k, step in enumerate(steps):
        new = check_array(step, f"steps[{k}]", ndim=2)
        check_same_features(rows, new, ("X", f"steps[{k}]"))
        labels, score = fitted.predict(new), confidence(fitted, new)
        sure = np.argsort(-score, kind="stable")[: max(1, round(keep * len(new)))]
        if len(np.unique(labels[sure])) < 2:
            raise ValueError(
                f"steps[{k}]: all {len(sure)} confident rows got the label {labels[sure][0]}, "
                "want smaller steps or a larger keep"
            )
        fitted = clone(classifier).fit(new[sure], labels[sure])
    return fitted


def confidence(fitted: Any, X: np.ndarray) -> np.ndarray:
    """Return how sure a fitted classifier is of each row, of shape (n,); larger is surer."""
    if hasattr(fitted, "decision_function"):
        score = fitted.decision_function(X)
        if score.ndim == 1:
            return np.abs(score)
        top = np.sort(score, axis=1)
        return top[:, -1] - top[:, -2]
    if hasattr(fitted, "predict_proba"):
        return fitted.predict_proba(X).max(axis=1)
    raise ValueError(
        f"classifier: got {type(fitted).__name__}, want one with predict_proba or decision_function"
    )

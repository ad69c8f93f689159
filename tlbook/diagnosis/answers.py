"""A test on what a model answers: blind to what does not matter, sharp where it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook.diagnosis.source_model import SourceModel
from tlbook.instances import effective_sample_size


@dataclass(frozen=True, eq=False)
class Answers:
    """A model of one half of the source, and its class probabilities on the other half.

    Attributes
    ----------
    fitted : scikit-learn classifier
    held : array of shape (h,)
        Numbers of the source rows that it did not see.
    on_held : array of shape (h, k)
    """

    fitted: Any
    held: np.ndarray
    on_held: np.ndarray

    @classmethod
    def of(cls, X: np.ndarray, model: SourceModel, seed: int = 0) -> Answers:
        """Fit the model to one half of the source rows X, which ``model.codes`` label."""
        from sklearn.base import clone
        from sklearn.model_selection import train_test_split
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        rows = np.arange(len(X))
        seen, held = train_test_split(rows, test_size=0.5, stratify=model.codes, random_state=seed)
        fitted = make_pipeline(StandardScaler(), clone(model.classifier))
        fitted.fit(X[seen], model.codes[seen])
        return cls(fitted, held, fitted.predict_proba(X[held]))

    def p_value(self, weights: np.ndarray, Xt: np.ndarray) -> float:
        """Test whether target rows get the answers that weighted source rows get.

        For each class the largest distance between the two distribution functions of its
        probability (Kolmogorov and Smirnov), weighted source rows counting as their effective
        number; the smallest p-value times the number of classes.

        Parameters
        ----------
        weights : array of shape (n,)
            Of all source rows.
        Xt : array of shape (m, d)
            Target rows, brought back to the source where the assumption says that they moved.

        References
        ----------
        Lipton, Wang and Smola, Detecting and correcting for label shift with black box predictors,
        ICML 2018; Rabanser, Günnemann and Lipton, Failing loudly, NeurIPS 2019.
        """
        from scipy.stats import kstwo

        w = weights[self.held]
        there = self.fitted.predict_proba(Xt)
        n, m = effective_sample_size(w), len(there)
        size = max(1, round(n * m / (n + m)))
        k = there.shape[1]
        p_values = [
            float(kstwo.sf(_distance(self.on_held[:, c], w, there[:, c]), size)) for c in range(k)
        ]
        return min(1.0, k * min(p_values))


def _distance(own: np.ndarray, weights: np.ndarray, other: np.ndarray) -> float:
    """Return the largest distance of a weighted and a plain distribution function."""
    order = np.argsort(own)
    at = np.concatenate([own, other])
    total = np.append(0.0, np.cumsum(weights[order]) / weights.sum())
    first = total[np.searchsorted(own[order], at, side="right")]
    second = np.searchsorted(np.sort(other), at, side="right") / len(other)
    return float(np.abs(first - second).max())

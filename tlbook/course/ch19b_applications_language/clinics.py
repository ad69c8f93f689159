"""Medicine: a classifier of clinic A at clinic B; weights, prevalence, scale, and what each costs.

``method(task, seed) -> probability of "malignant"`` for new rows: decisions need probabilities, so
these are not ``predict``. Only clinic A's labels and clinic B's unlabeled rows are used.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.stats import multivariate_normal
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tlbook.data.applied.cytology import selection_odds
from tlbook.domains import Task
from tlbook.instances import DensityRatio, effective_sample_size, em_prior, reweight_posteriors

Probability = Callable[[np.ndarray], np.ndarray]

BIASES: dict[str, dict[str, Any]] = {
    "none": {"selection": 0.0, "prevalence": None, "scale": 1.0},
    "selection": {"selection": 1.5, "prevalence": None, "scale": 1.0},
    "prevalence": {"selection": 0.0, "prevalence": 0.1, "scale": 1.0},
    "scale": {"selection": 0.0, "prevalence": None, "scale": 1.2},
    "prevalence and scale": {"selection": 0.0, "prevalence": 0.1, "scale": 1.2},
}
"""Options of ``cytology``: one bias at a time, and the pair that deceives."""


def logistic(X: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> Probability:
    """Return P(malignant | x) of a logistic regression on standardized rows."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(X, y, logisticregression__sample_weight=weights)
    return lambda rows: model.predict_proba(rows)[:, 1]


def bayes(X: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> Probability:
    """Return P(malignant | x) of Gaussian naive Bayes: a model of x, and a wrong one."""
    model = GaussianNB().fit(X, y, sample_weight=weights)
    return lambda rows: model.predict_proba(rows)[:, 1]


Learner = Callable[..., Probability]


def source_only(task: Task, seed: int, *, learn: Learner = logistic) -> Probability:
    """Take clinic A's model as it is."""
    return learn(task.source.X, task.source.y)


def estimated_weights(task: Task, seed: int) -> np.ndarray:
    """Return weights of clinic A's rows from a domain classifier."""
    return DensityRatio(seed=seed).fit(task.source.X, task.target.X).weights_


def true_weights(task: Task, seed: int) -> np.ndarray:
    """Return the weights that undo the selection, known because we made it."""
    w = 1 / selection_odds(task.source.X, task.options["selection"])
    return w / w.mean()


def weighted(
    task: Task,
    seed: int,
    *,
    weights: Callable[[Task, int], np.ndarray] = estimated_weights,
    learn: Learner = logistic,
) -> Probability:
    """Weight clinic A's patients so that they look like clinic B's."""
    return learn(task.source.X, task.source.y, weights(task, seed))


def corrected(p: Probability, y: Any, unlabeled: np.ndarray) -> Probability:
    """Return probabilities corrected for the prevalence of unlabeled rows, found by EM."""
    ill = float(np.mean(y))
    prior = np.array([1 - ill, ill])
    found = em_prior(_both(p(unlabeled)), prior).prior
    return lambda rows: reweight_posteriors(_both(p(rows)), prior, found)[:, 1]


def prior_corrected(task: Task, seed: int) -> Probability:
    """Correct the probabilities for clinic B's prevalence, estimated from its unlabeled rows."""
    return corrected(source_only(task, seed), task.source.y, task.target.X)


def per_clinic(task: Task, seed: int) -> Probability:
    """Standardize each clinic's measurements by its own mean and spread."""
    own = StandardScaler().fit(task.target.X)
    p = logistic(StandardScaler().fit_transform(task.source.X), task.source.y)  # type: ignore
    return lambda rows: p(own.transform(rows))


SCALES = np.linspace(0.7, 1.4, 71)
"""Factors of length that are tried."""


def scale_and_prior(task: Task, seed: int) -> Probability:
    r"""Find clinic B's factor of length and its prevalence together, without labels.

    .. math:: \max_{a, q} \sum_j \log \sum_c q_c\, N(x_j - \log a\, e_1;\ \mu_c, \Sigma_c)

    with the means and covariances of clinic A's classes. A ruler that is off moves both classes by
    the same factor; another prevalence moves none of them. So the two can be told apart where the
    classes' shapes are known, and not from the mean alone. Then the prior correction.
    """
    X, y = task.source.X, task.source.y
    assert y is not None
    classes = [multivariate_normal(X[y == c].mean(axis=0), np.cov(X[y == c].T)) for c in (0, 1)]

    def unscaled(rows: np.ndarray, factor: float) -> np.ndarray:
        return rows - np.log(factor) * np.eye(rows.shape[1])[0]

    def likelihood(factor: float) -> float:
        density = np.stack([c.pdf(unscaled(task.target.X, factor)) for c in classes], axis=1)
        density += 1e-300
        share = em_prior(density / density.sum(axis=1, keepdims=True), [0.5, 0.5]).prior
        return float(np.log(density @ share).mean())

    factor = max(SCALES, key=likelihood)
    p = corrected(source_only(task, seed), task.source.y, unscaled(task.target.X, factor))
    return lambda rows: p(unscaled(rows, factor))


def few_labels(task: Task, seed: int, *, k: int = 5) -> Probability:
    """Learn from k labeled patients of each class at clinic B alone (balanced, so too many ill)."""
    X, y = task.label(k, seed)
    return logistic(X, y)


def _both(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return np.column_stack([1 - p, p])


def effective_share(task: Task, seed: int, true: bool = False) -> float:
    """Return the effective sample size of the weights as a share of clinic A's patients."""
    weights = (true_weights if true else estimated_weights)(task, seed)
    return effective_sample_size(weights) / len(weights)


METHODS: dict[str, Callable[..., Probability]] = {
    "source only": source_only,
    "estimated weights": weighted,
    "true weights": partial(weighted, weights=true_weights),
    "prior correction": prior_corrected,
    "per-clinic standardization": per_clinic,
    "scale and prior": scale_and_prior,
    "naive Bayes": partial(source_only, learn=bayes),
    "naive Bayes, true weights": partial(weighted, weights=true_weights, learn=bayes),
    "10 target labels": few_labels,
}

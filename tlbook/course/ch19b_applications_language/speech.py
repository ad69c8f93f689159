"""Speech: vowels of men → women and children; normalization by physics against alignment by data.

``method(task, seed, **settings) -> predict``. All learn a Gaussian per vowel with one covariance
(linear discriminant analysis) on logarithms of F1, F2, F3; they differ in what is done to the
logarithms first. Column 4 of a row is the speaker's number and never enters the classifier.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from tlbook.domains import Task
from tlbook.evaluation.compare import Predict
from tlbook.features import CORAL, AdaptedClassifier, OptimalTransport

Map = Callable[[np.ndarray], np.ndarray]

WARPS = np.exp(np.linspace(-0.6, 0.3, 46))
"""Factors that bring a speaker's formants to those of the men who were learned from."""


def logs(X: np.ndarray) -> np.ndarray:
    """Return the logarithms of F1, F2, F3: a shorter vocal tract adds the same to all three."""
    return np.log(X[:, 1:4])


def logs_and_pitch(X: np.ndarray) -> np.ndarray:
    """Return the logarithms of F0 to F3."""
    return np.log(X[:, :4])


def hertz(X: np.ndarray) -> np.ndarray:
    """Return F1, F2, F3 as they are."""
    return X[:, 1:4]


def by_speaker(Z: np.ndarray, X: np.ndarray, change: Map) -> np.ndarray:
    """Return rows in which each speaker's own were changed."""
    out = np.empty_like(Z)
    for speaker in np.unique(X[:, 4]):
        own = X[:, 4] == speaker
        out[own] = change(Z[own])
    return out


def lobanov(X: np.ndarray) -> np.ndarray:
    r"""Return :math:`(F_k - \bar F_k) / \sigma_k` with each speaker's own mean and spread.

    Wants all vowels of a speaker: the mean of three of them says which three they were.

    References
    ----------
    Lobanov, Classification of Russian vowels spoken by different speakers, Journal of the
    Acoustical Society of America 49, 1971.
    """
    return by_speaker(hertz(X), X, lambda Z: (Z - Z.mean(axis=0)) / (Z.std(axis=0) + 1e-9))


def one_length(X: np.ndarray) -> np.ndarray:
    """Return logarithms less their one mean for each speaker: one vocal-tract length, no more.

    References
    ----------
    Nearey, Phonetic feature systems for vowels, 1978 (the log-mean, "uniform" version).
    """
    return by_speaker(logs(X), X, lambda Z: Z - Z.mean())


def fitted(task: Task, see: Map) -> LinearDiscriminantAnalysis:
    """Return the classifier of the source's rows as they are seen."""
    return LinearDiscriminantAnalysis().fit(see(task.source.X), task.source.y)


def source_only(task: Task, seed: int, *, see: Map = logs) -> Predict:
    """Learn from the men alone; ``see`` normalizes both sides (it needs no labels)."""
    model = fitted(task, see)
    return lambda X: model.predict(see(X))


def length_finder(task: Task) -> Map:
    r"""Return a map that scales a speaker's formants by the factor the men's model finds likeliest.

    .. math:: \hat a = \arg\max_a \sum_i \log \sum_v \pi_v\, N(\log F_i + \log a;\ \mu_v, \Sigma)

    References
    ----------
    Lee and Rose, Speaker normalization using efficient frequency warping procedures, ICASSP 1996.
    """
    model = fitted(task, logs)
    Zs = logs(task.source.X)
    assert task.source.y is not None
    within = Zs - model.means_[np.searchsorted(model.classes_, task.source.y)]
    root = np.linalg.cholesky(np.linalg.inv(within.T @ within / len(Zs)))

    def warped(Z: np.ndarray) -> np.ndarray:
        each = Z[None] + np.log(WARPS)[:, None, None]
        gap = (each[:, :, None] - model.means_) @ root
        likelihood = np.exp(-0.5 * (gap**2).sum(axis=-1)).mean(axis=-1)
        return each[np.log(likelihood + 1e-300).sum(axis=1).argmax()]

    return lambda X: by_speaker(logs(X), X, warped)


def likeliest_length(task: Task, seed: int) -> Predict:
    """Normalize the length of the vocal tract (VTLN, 声道长度归一化) as speech recognizers do.

    It works with the vowels that were said, whichever they are.
    """
    model, see = fitted(task, logs), length_finder(task)
    return lambda X: model.predict(see(X))


def per_domain(task: Task, seed: int) -> Predict:
    """Standardize each domain by its own mean and spread."""
    Zs, Zt = logs(task.source.X), logs(task.target.X)
    model = LinearDiscriminantAnalysis().fit((Zs - Zs.mean(0)) / Zs.std(0), task.source.y)
    return lambda X: model.predict((logs(X) - Zt.mean(0)) / Zt.std(0))


def aligned(task: Task, seed: int, *, aligner: Any) -> Predict:
    """Align the domains' logarithms without labels, then learn."""
    model = AdaptedClassifier(aligner, LinearDiscriminantAnalysis(), logs(task.target.X))
    model.fit(logs(task.source.X), task.source.y)
    return lambda X: model.predict(logs(X))


def coral(task: Task, seed: int, *, shrinkage: float = 0.01) -> Predict:
    """CORAL: the target's mean and covariance for the men."""
    return aligned(task, seed, aligner=CORAL(shrinkage=shrinkage))


def transport(task: Task, seed: int, *, reg: float | None = None) -> Predict:
    """Optimal transport of the men's vowels onto the target's."""
    return aligned(task, seed, aligner=OptimalTransport(reg=reg, norm="median"))


def few_labels(task: Task, seed: int, *, k: int, see: Map = logs) -> Predict:
    """Learn from k labeled utterances of each vowel of the target, and no man."""
    X, y = task.label(k, seed)
    solver = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1)
    model = solver.fit(see(X), y)
    return lambda rows: model.predict(see(rows))


METHODS: dict[str, Callable[..., Predict]] = {
    "source only, Hz": partial(source_only, see=hertz),
    "source only, logarithms": source_only,
    "with pitch": partial(source_only, see=logs_and_pitch),
    "per-domain standardization": per_domain,
    "CORAL": coral,
    "optimal transport": transport,
    "Lobanov": partial(source_only, see=lobanov),
    "one length": partial(source_only, see=one_length),
    "likeliest length": likeliest_length,
    "target labels": few_labels,
}
GRID: dict[str, list[dict[str, Any]]] = {
    "CORAL": [{"shrinkage": rho} for rho in (0.0, 0.1, 0.5)],
    "optimal transport": [{"reg": reg} for reg in (None, 0.1)],
    "target labels": [{"k": k} for k in (2, 5, 20)],
}
"""Every setting of the alignments is run, and the tables show the best one: in their favor."""

"""Naive Bayes in which a word that no labeled text has says nothing about the class."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.naive_bayes import MultinomialNB

from tlbook._base.checks import check_labels


class NeutralNB(MultinomialNB):
    r"""Multinomial naive Bayes (朴素贝叶斯) with class-neutral smoothing.

    .. math:: \theta_{cw} = \frac{m N_{cw} / N_c + \alpha}{m + \alpha V}

    with the entries N_cw of word w in the rows of class c, their sum N_c over the V words, and m
    the mean of the N_c. A word with N_cw = 0 in every class then has the same θ in every class.
    :class:`sklearn.naive_bayes.MultinomialNB` has N_c in place of m: there θ of such a word is
    largest in the class with the smallest N_c, and each unseen word votes for this class.

    Parameters
    ----------
    alpha : float
        α, added to every entry.
    fit_prior : bool
        Learn P(c) from the labels. False: all classes are equally likely.

    Raises
    ------
    ValueError
        If there are fewer than two classes, a class has only empty rows.

    Notes
    -----
    It is ``MultinomialNB`` with sample weights m / N_c and the prior of the unweighted labels.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.text.naive_bayes import NeutralNB
    >>> Z = np.array([[1.0, 0, 0], [1, 0, 0], [1, 0, 0], [0, 1, 0]])  # nobody has word 2
    >>> model = NeutralNB(0.1).fit(Z, [0, 0, 0, 1])
    >>> model.feature_log_prob_[:, 2].round(2)
    array([-3.14, -3.14])
    """

    def __init__(self, alpha: float = 1.0, fit_prior: bool = True) -> None:
        super().__init__(alpha=alpha, fit_prior=fit_prior)

    def fit(self, X: Any, y: Any) -> NeutralNB:
        """Learn from rows (n, V) of entries that are not negative, with labels (n,)."""
        labels = check_labels(y, X.shape[0], "y", min_classes=2)
        _, classes = np.unique(labels, return_inverse=True)
        counts = np.bincount(classes)
        found = np.bincount(classes, weights=np.asarray(X.sum(axis=1)).ravel())
        if np.any(found <= 0):
            raise ValueError(f"X: the rows of class number {int(found.argmin())} have no entry")
        weights = found.mean() / found
        super().fit(X, labels, sample_weight=weights[classes])
        if self.fit_prior:
            self.class_log_prior_ = np.log(counts / counts.sum())
        return self

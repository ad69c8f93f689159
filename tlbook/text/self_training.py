"""Self-training for rows of numbers: label the target's surest rows, learn from them, again."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array, issparse
from scipy.sparse import vstack as sparse_vstack
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.exceptions import NotFittedError

from tlbook._base.checks import (
    check_array,
    check_labels,
    check_positive,
    check_probability,
    check_same_features,
)
from tlbook._base.estimators import dense


class SelfTraining(ClassifierMixin, BaseEstimator):
    r"""Self-training (自训练) from a labeled source to an unlabeled target.

    .. math:: f_0 = \operatorname{fit}(S), \qquad
        f_r = \operatorname{fit}\big(S \cup \{(x, f_{r-1}(x)) : x \in T_r\}\big),
        \qquad |T_r| = \operatorname{round}\big(\kappa\, \tfrac{r}{R}\, m\big)

    with the labeled source S, and T_r the rows of the m in the target of which f_{r-1} is surest
    (largest probability). Every round labels the target anew, so a wrong label can be taken back.

    Parameters
    ----------
    classifier : scikit-learn classifier
        With ``predict_proba``; cloned for every fit.
    keep : float in (0, 1]
        κ, the share of the target that is used in the last round.
    rounds : int
        R.
    balanced : bool
        Take the surest rows of each predicted class, in the same share, instead of the surest of
        all: a class that is answered timidly is not left out (Zou et al. 2018).

    Attributes
    ----------
    classifier_ : classifier
        The last one.
    classes_ : array of shape (k,)
    used_ : array of shape (m,), bool
        The target rows that the last fit used.
    answers_ : array of shape (m,)
        The labels they, and the others, had then.
    changed_ : array of shape (rounds,)
        In each round, the share of the target whose label is another than in the round before;
        in the first round 0.

    Raises
    ------
    ValueError
        If the inputs do not fit, or the classifier gives no probabilities.

    Notes
    -----
    :class:`sklearn.semi_supervised.SelfTrainingClassifier` also adds the surest rows in rounds,
    but a label once given stays. With one round (and ``criterion="k_best"`` there) they agree.

    References
    ----------
    Yarowsky, Unsupervised word sense disambiguation rivaling supervised methods, ACL 1995. Zou,
    Yu, Kumar and Wang, Unsupervised domain adaptation for semantic segmentation via class-balanced
    self-training, ECCV 2018.
    """

    def __init__(
        self, classifier: Any, keep: float = 0.5, rounds: int = 5, balanced: bool = False
    ) -> None:
        self.classifier = classifier
        self.keep = keep
        self.rounds = rounds
        self.balanced = balanced

    def fit(self, Xs: Any, Xt: Any, ys: Any = None) -> SelfTraining:
        """Learn from source (n, d) with labels (n,) and target (m, d); dense or sparse."""
        if check_probability(self.keep, "keep") == 0:
            raise ValueError("keep: got 0, want a share above 0")
        check_positive(self.rounds, "rounds", integer=True)
        source, target = _rows(Xs, "Xs"), _rows(Xt, "Xt")
        check_same_features(source, target, ("Xs", "Xt"))
        if ys is None:
            raise ValueError("ys: got None, SelfTraining needs the source's labels")
        y = check_labels(ys, source.shape[0], "ys", min_classes=2)
        fitted = clone(self.classifier).fit(source, y)
        if not hasattr(fitted, "predict_proba"):
            name = type(self.classifier).__name__
            raise ValueError(f"classifier: got {name}, want one with predict_proba")
        m, before, changed = target.shape[0], None, []
        for r in range(1, self.rounds + 1):
            P = fitted.predict_proba(target)
            answers = fitted.classes_[P.argmax(axis=1)]
            changed.append(0.0 if before is None else float(np.mean(answers != before)))
            used = self._surest(P, round(self.keep * r / self.rounds * m))
            both = _stack(source, target[used])
            fitted = clone(self.classifier).fit(both, np.concatenate([y, answers[used]]))
            before = answers
        self.n_features_in_ = source.shape[1]
        self.classifier_, self.classes_ = fitted, fitted.classes_
        self.used_ = np.isin(np.arange(m), used)
        self.answers_, self.changed_ = answers, np.array(changed)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the label of each row (n, d)."""
        return self._fitted().predict(self._new(X))

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities (n, k) that the last classifier gives."""
        return self._fitted().predict_proba(self._new(X))

    def _surest(self, P: np.ndarray, n: int) -> np.ndarray:
        """Return the numbers of the n surest rows, in all or per predicted class, ascending."""
        sure, answers = P.max(axis=1), P.argmax(axis=1)
        if not self.balanced:
            return np.sort(np.argsort(-sure, kind="stable")[: max(1, n)])
        chosen = []
        for c in np.unique(answers):
            mine = np.flatnonzero(answers == c)
            count = max(1, round(n * len(mine) / len(P)))
            chosen.append(mine[np.argsort(-sure[mine], kind="stable")[:count]])
        return np.sort(np.concatenate(chosen))

    def _fitted(self) -> Any:
        if not hasattr(self, "classifier_"):
            raise NotFittedError("this SelfTraining is not fitted: call fit(Xs, Xt, ys)")
        return self.classifier_

    def _new(self, X: Any) -> Any:
        rows = _rows(X, "X")
        if rows.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X: got {rows.shape[1]} features, want {self.n_features_in_} as in fit"
            )
        return rows


def _rows(X: Any, name: str) -> Any:
    """Return dense or sparse rows; sparse ones (word counts) stay sparse."""
    if not issparse(X):
        return dense(X, name)
    rows = csr_array(X)
    check_array(rows.data, f"{name} (stored values)", ndim=1, min_rows=0)
    if rows.shape[0] == 0:
        raise ValueError(f"{name}: got 0 rows, want at least 1")
    return rows


def _stack(A: Any, B: Any) -> Any:
    if issparse(A) or issparse(B):
        return csr_array(sparse_vstack([csr_array(A), csr_array(B)]))
    return np.vstack([A, B])

"""TrAdaBoost: boosting that drops source rows which contradict a few target labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin

from tlbook._base.checks import check_labels, check_positive
from tlbook._base.estimators import PairEstimator
from tlbook._base.named import named


class TrAdaBoost(ClassifierMixin, PairEstimator):
    r"""TrAdaBoost: many labeled source rows, a few labeled target rows.

    A classifier is fitted to all rows with weights, again and again. A *target* row that it gets
    wrong gains weight, as in AdaBoost; a *source* row that it gets wrong loses weight, because it
    seems to contradict the target. With target error :math:`\varepsilon_t` (weighted, over the
    target rows), :math:`\beta_t = \varepsilon_t / (1 - \varepsilon_t)` and
    :math:`\beta = 1 / (1 + \sqrt{2 \ln n_s / N})` for N rounds,

    .. math:: w_i \leftarrow w_i\,\beta^{[h_t(x_i) \ne y_i]} \text{ (source)}, \qquad
        w_i \leftarrow w_i\,\beta_t^{-[h_t(x_i) \ne y_i]} \text{ (target)}.

    The answer is a vote of the rounds from ⌈N/2⌉ on, each with :math:`\log 1/\beta_t`. With k > 2
    classes :math:`\beta_t = \varepsilon_t / ((1 - \varepsilon_t)(k - 1))` (as SAMME extends
    AdaBoost); for two classes that is the method of the paper.

    Unlike the other methods of this module it needs labels of *both* domains:
    ``fit(Xs, Xt, ys, yt)``, with the few labeled target rows as ``Xt``. Source weights can only
    fall: a source that helps late cannot come back, and after many rounds little of it is left.

    Parameters
    ----------
    estimator : scikit-learn classifier whose ``fit`` takes ``sample_weight``, optional
        A decision tree of depth 2 if left out.
    n_rounds : int
        N.
    seed : int
        Given to a fresh copy of the estimator in each round where it has a ``random_state``.

    Attributes
    ----------
    weights_ : array of shape (n_s,), float64
        Final weights of the source rows; together with ``target_weights_`` they have mean 1.
    target_weights_ : array of shape (n_t,)
    source_share_ : array of shape (N + 1,)
        Share of the total weight on the source before each round and at the end.
    errors_, betas_ : arrays of shape (N,)
        ε_t and β_t. ε_t is kept at or above half a target row, 1 / (2 n_t), and below the error of
        guessing, 1 − 1/k: a round that is no better than guessing has no vote.
    estimators_ : list of N fitted classifiers
    classes_ : array of shape (k,)

    Raises
    ------
    ValueError
        If arrays or parameters do not fit, or labels of either domain are missing.

    References
    ----------
    Dai, Yang, Xue and Yu, Boosting for transfer learning, ICML 2007;
    Zhu, Zou, Rosset and Hastie, Multi-class AdaBoost, Statistics and Its Interface 2009.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from tlbook.instances import TrAdaBoost
    >>> rng = np.random.default_rng(0)
    >>> Xs, X = rng.normal(size=(500, 2)), rng.normal(size=(1020, 2))
    >>> ys, y = Xs.sum(axis=1) > 0.3, X.sum(axis=1) > 0  # the border has moved
    >>> boosted = TrAdaBoost().fit(Xs, X[:20], ys, y[:20])
    >>> alone = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X[:20], y[:20])
    >>> boosted.score(X[20:], y[20:]) > alone.score(X[20:], y[20:])
    True
    """

    @named
    def __init__(self, estimator: Any = None, n_rounds: int = 20, seed: int = 0) -> None:
        self.estimator = estimator
        self.n_rounds = n_rounds
        self.seed = seed

    def fit(self, Xs: Any, Xt: Any, ys: Any = None, yt: Any = None) -> TrAdaBoost:
        """Boost on labeled source and labeled target rows.

        Parameters
        ----------
        Xs : array of shape (n_s, d)
        Xt : array of shape (n_t, d)
            The labeled target rows (not the unlabeled ones).
        ys, yt : arrays of shape (n_s,) and (n_t,)
            Both are required.
        """
        N = check_positive(self.n_rounds, "n_rounds", integer=True)
        Xs, Xt = self._check_pair(Xs, Xt, min_rows=1)
        for name, labels in (("ys", ys), ("yt", yt)):
            if labels is None:
                raise ValueError(f"{name}: got None, TrAdaBoost needs labels of both domains")
        ys, yt = check_labels(ys, len(Xs), "ys"), check_labels(yt, len(Xt), "yt")
        X, y = np.concatenate([Xs, Xt]), np.concatenate([ys, yt])
        self.classes_ = np.unique(check_labels(y, None, "ys and yt", min_classes=2))
        n, k = len(Xs), len(self.classes_)
        guess = 1 - 1 / k
        beta = 1 / (1 + np.sqrt(2 * np.log(n) / N))
        w = np.full(len(X), 1 / len(X))
        self.estimators_, errors, betas, share = [], [], [], [n / len(X)]
        for round_ in range(N):
            model = self._fresh(round_).fit(X, y, sample_weight=w / w.sum() * len(X))
            wrong = model.predict(X) != y
            error = float(w[n:] @ wrong[n:] / w[n:].sum())
            error = min(max(error, 0.5 / len(Xt)), guess * (1 - 1e-9))
            beta_t = error / ((1 - error) * (k - 1))
            w[:n] *= np.where(wrong[:n], beta, 1.0)
            w[n:] *= np.where(wrong[n:], 1 / beta_t, 1.0)
            w /= w.sum()
            self.estimators_.append(model)
            errors.append(error)
            betas.append(beta_t)
            share.append(float(w[:n].sum()))
        w *= len(X)
        self.weights_, self.target_weights_ = w[:n], w[n:]
        self.errors_, self.betas_ = np.array(errors), np.array(betas)
        self.source_share_ = np.array(share)
        return self

    def votes(self, X: Any) -> np.ndarray:
        """Return Σ log(1/β_t) over the voting rounds that answer each class, shape (n, k)."""
        X = self._check_rows(X)
        total = np.zeros((len(X), len(self.classes_)))
        first = int(np.ceil(len(self.estimators_) / 2)) - 1  # rounds are counted from 1
        for model, beta_t in zip(self.estimators_[first:], self.betas_[first:], strict=True):
            answer = np.searchsorted(self.classes_, model.predict(X))
            total[np.arange(len(X)), answer] -= np.log(beta_t)
        return total

    def predict(self, X: Any) -> np.ndarray:
        """Return the class with the most votes, shape (n,); of equals the last, as in the paper."""
        votes = self.votes(X)
        last = votes.shape[1] - 1 - votes[:, ::-1].argmax(axis=1)
        return self.classes_[last]

    def _fresh(self, round_: int) -> Any:
        from sklearn.base import clone
        from sklearn.tree import DecisionTreeClassifier
        from sklearn.utils.validation import has_fit_parameter

        model = DecisionTreeClassifier(max_depth=2) if self.estimator is None else self.estimator
        if not hasattr(model, "fit") or not has_fit_parameter(model, "sample_weight"):
            raise ValueError(
                f"estimator: got {type(model).__name__}, want one whose fit takes sample_weight"
            )
        model = clone(model)
        if "random_state" in model.get_params():
            model.set_params(random_state=self.seed + round_)
        return model

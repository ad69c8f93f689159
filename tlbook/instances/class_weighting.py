"""Class weights and a corrected classifier from an estimate of the target's class mix."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin

from tlbook._base.checks import check_choice, check_positive
from tlbook._base.estimators import PairEstimator
from tlbook._base.named import named
from tlbook.instances.label_shift import bbse_prior, em_prior, reweight_posteriors


class LabelShift(ClassifierMixin, PairEstimator):
    r"""Source weights and a corrected classifier under label shift.

    The source's classifier answers the target's unlabeled rows; from these answers EM or BBSE
    estimates Q(y). A source row of class y gets the weight Q(y) / P(y), and posteriors are
    corrected for the new mix. What BBSE needs held out is cross-fitted.

    Parameters
    ----------
    classifier : scikit-learn classifier with ``predict_proba``, optional
        Logistic regression on standardized features if left out. For EM it has to be calibrated
        (``sklearn.calibration.CalibratedClassifierCV``).
    method : {"em", "bbse"}
    folds : int
        Parts for the cross-fitting; no more than the rarest class has rows.
    seed : int
        Seed of the folds.

    Attributes
    ----------
    weights_ : array of shape (n_s,), float64, mean 1
    classes_ : array of shape (k,)
    source_prior_, target_prior_, class_weights_ : arrays of shape (k,)
    estimate_ : PriorEstimate
    classifier_ : the classifier, fitted to the unweighted source

    Raises
    ------
    ValueError
        If arrays or parameters do not fit, or source labels are missing.

    See Also
    --------
    tlbook.domains.shifts.label_shift : makes such a shift, to try methods on.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.instances import LabelShift
    >>> rng = np.random.default_rng(0)
    >>> ys, yt = rng.random(1000) < 0.5, rng.random(1000) < 0.8  # yt is never shown
    >>> Xs, Xt = (rng.normal(size=(1000, 2)) + 2 * y[:, None] for y in (ys, yt))
    >>> shift = LabelShift().fit(Xs, Xt, ys)
    >>> shift.source_prior_.round(1), shift.target_prior_.round(1)
    (array([0.5, 0.5]), array([0.2, 0.8]))
    """

    @named
    def __init__(
        self, classifier: Any = None, method: str = "bbse", folds: int = 5, seed: int = 0
    ) -> None:
        self.classifier = classifier
        self.method = method
        self.folds = folds
        self.seed = seed

    def fit(self, Xs: Any, Xt: Any, ys: Any = None) -> LabelShift:
        """Estimate the class mix of the target.

        Parameters
        ----------
        Xs, Xt : arrays of shape (n_s, d) and (n_t, d)
        ys : array of shape (n_s,)
            Source labels, at least two of every class; required.
        """
        from sklearn.base import clone
        from sklearn.model_selection import StratifiedKFold, cross_val_predict

        from tlbook.instances.ratio import _classifier

        check_choice(self.method, "method", ("em", "bbse"))
        if check_positive(self.folds, "folds", integer=True) < 2:
            raise ValueError(f"folds: got {self.folds!r}, want at least 2")
        Xs, Xt, ys = self._check_labeled_pair(Xs, Xt, ys)
        self.classes_, codes, counts = np.unique(ys, return_inverse=True, return_counts=True)
        if counts.min() < 2:
            rare = self.classes_[counts.argmin()]
            raise ValueError(f"ys: got 1 row of class {rare!r}, want at least 2 of every class")
        model = _classifier(self.classifier)
        self.classifier_ = clone(model).fit(Xs, ys)
        on_target = self.classifier_.predict_proba(Xt)
        if self.method == "em":
            self.estimate_ = em_prior(on_target, counts / len(ys))
        else:
            split = StratifiedKFold(
                min(self.folds, int(counts.min())), shuffle=True, random_state=self.seed
            )
            held_out = cross_val_predict(clone(model), Xs, ys, cv=split)
            self.estimate_ = bbse_prior(
                ys, held_out, self.classes_[on_target.argmax(axis=1)], self.classes_
            )
        self.source_prior_ = self.estimate_.source
        self.target_prior_ = self.estimate_.prior
        self.class_weights_ = self.estimate_.class_weights
        self.weights_ = self.class_weights_[codes]
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return Q(y|x), shape (n, k)."""
        rows = self._check_rows(X)
        return reweight_posteriors(
            self.classifier_.predict_proba(rows), self.source_prior_, self.target_prior_
        )

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class in the target for each row, shape (n,)."""
        answer = self.predict_proba(X).argmax(axis=1)
        return self.classes_[answer]

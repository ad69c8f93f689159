"""The density ratio by a domain classifier: whoever tells the domains apart knows the weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.checks import check_choice, check_positive
from tlbook._base.estimators import PairEstimator
from tlbook._base.named import named


class DensityRatio(PairEstimator):
    r"""Importance weights from a classifier that tells the target's rows from the source's.

    By Bayes' rule the odds of a domain classifier are the ratio of the densities, up to the
    sizes of the samples:

    .. math:: \frac{q(x)}{p(x)} = \frac{n_s}{n_t}\,\frac{P(\text{target} \mid x)}
        {P(\text{source} \mid x)}

    Two traps are taken care of. A classifier asked about the rows it was fitted to is too sure,
    so every row is judged by one that was fitted without it (cross-fitting). And the odds are the
    ratio only if the probabilities are right, so they are calibrated on those held-out answers.

    Parameters
    ----------
    classifier : scikit-learn classifier with ``predict_proba``, optional
        Logistic regression on standardized features if left out. Its form is an assumption on
        the *ratio*: a linear one means log q/p is linear.
    calibration : {"sigmoid", "isotonic", None}
        "sigmoid" fits a line to the log-odds (Platt; two numbers), "isotonic" any rising curve
        (it wants some hundred rows), None trusts the classifier.
    clip : float, optional
        Largest ratio allowed, before the mean is brought to 1.
    folds : int
        Parts for the cross-fitting, at least 2; no more than the smaller sample has rows.
    seed : int
        Seed of the folds.

    Attributes
    ----------
    weights_ : array of shape (n_s,), float64, mean 1
    raw_mean_ : float
        Mean ratio over the source before it was brought to 1. It estimates 1: a number far
        from it says that classifier or calibration are off.
    clipped_ : float
        Share of source rows whose ratio was cut to ``clip``, or to the most that n_s + n_t rows
        can tell.
    domain_auc_ : float
        Probability that a held-out target row scores above a held-out source row.
    classifier_ : fitted classifier
        Fitted to all rows; for :meth:`ratio`.

    Raises
    ------
    ValueError
        If arrays or parameters do not fit.

    References
    ----------
    Bickel, Brückner and Scheffer, Discriminative learning under covariate shift, JMLR 2009;
    Platt, Probabilistic outputs for support vector machines, 1999.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.instances import DensityRatio
    >>> rng = np.random.default_rng(0)
    >>> Xs, Xt = rng.normal(0, 1, size=(2000, 1)), rng.normal(1, 1, size=(2000, 1))
    >>> ratio = DensityRatio().fit(Xs, Xt)
    >>> truth = np.exp(Xs[:5, 0] - 0.5)
    >>> np.allclose(ratio.ratio(Xs[:5]), truth, rtol=0.2), round(float(ratio.weights_.mean()), 6)
    (True, 1.0)
    """

    @named
    def __init__(
        self,
        classifier: Any = None,
        calibration: str | None = "sigmoid",
        clip: float | None = None,
        folds: int = 5,
        seed: int = 0,
    ) -> None:
        self.classifier = classifier
        self.calibration = calibration
        self.clip = clip
        self.folds = folds
        self.seed = seed

    def fit(self, Xs: Any, Xt: Any, ys: Any = None) -> DensityRatio:
        """Weight the source rows; ``ys`` is not used.

        Parameters
        ----------
        Xs, Xt : arrays of shape (n_s, d) and (n_t, d), at least 2 rows each
        """
        from sklearn.base import clone
        from sklearn.metrics import roc_auc_score
        from sklearn.model_selection import StratifiedKFold, cross_val_predict

        Xs, Xt = self._check_pair(Xs, Xt)
        check_choice(self.calibration, "calibration", ("sigmoid", "isotonic", None))
        if self.clip is not None:
            check_positive(self.clip, "clip")
        if check_positive(self.folds, "folds", integer=True) < 2:
            raise ValueError(f"folds: got {self.folds!r}, want at least 2")
        classifier = _classifier(self.classifier)
        rows, is_target = np.concatenate([Xs, Xt]), np.repeat([0, 1], [len(Xs), len(Xt)])
        split = StratifiedKFold(
            min(self.folds, len(Xs), len(Xt)), shuffle=True, random_state=self.seed
        )
        held_out = cross_val_predict(
            clone(classifier), rows, is_target, cv=split, method="predict_proba"
        )[:, 1]
        self.domain_auc_ = float(roc_auc_score(is_target, held_out))
        self.classifier_ = clone(classifier).fit(rows, is_target)
        self._n = (len(Xs), len(Xt))
        self._calibrator = _calibrator(self.calibration, _logit(held_out), is_target)
        raw, cut = self._raw(held_out[: len(Xs)])
        self.clipped_ = float(cut.mean())
        self.raw_mean_ = float(raw.mean())
        self.weights_ = raw / self.raw_mean_
        return self

    def ratio(self, X: Any) -> np.ndarray:
        """Return the estimated q(x) / p(x) at new rows of shape (n, d), scaled like the weights."""
        X = self._check_rows(X)
        return self._raw(self.classifier_.predict_proba(X)[:, 1])[0] / self.raw_mean_

    def _raw(self, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Turn P(target|x) into ratios, and say which had to be cut."""
        n_source, n_target = self._n
        p = np.asarray(target, dtype=np.float64)
        if self._calibrator is not None:
            p = self._calibrator(_logit(p))
        # n rows cannot show a probability below about 1/n, so no ratio is infinite.
        low = 1 / (n_source + n_target + 2)
        ratio = n_source / n_target * np.maximum(p, 1e-300) / np.maximum(1 - p, low)
        cut = 1 - p < low
        if self.clip is not None:
            cut |= ratio > self.clip
            ratio = np.minimum(ratio, self.clip)
        return ratio, cut


def _classifier(classifier: Any) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if classifier is None:
        return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    if not hasattr(classifier, "fit") or not hasattr(classifier, "predict_proba"):
        raise ValueError(
            f"classifier: got {type(classifier).__name__}, want one with fit and predict_proba"
        )
    return classifier


def _logit(p: np.ndarray) -> np.ndarray:
    p = np.clip(np.asarray(p, dtype=np.float64), 1e-12, 1 - 1e-12)
    return np.log(p) - np.log1p(-p)


def _calibrator(kind: str | None, score: np.ndarray, truth: np.ndarray) -> Any:
    """Return a function from log-odds to probabilities, fitted to held-out answers."""
    if kind is None:
        return None
    if kind == "isotonic":
        from sklearn.isotonic import IsotonicRegression

        return IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(score, truth).predict
    return _platt(score, truth)


@dataclass(frozen=True)
class _Sigmoid:
    """P = σ(slope · s + offset)."""

    slope: float
    offset: float

    def __call__(self, score: np.ndarray) -> np.ndarray:
        from scipy.special import expit

        return expit(self.slope * score + self.offset)


def _platt(score: np.ndarray, truth: np.ndarray) -> _Sigmoid:
    """Fit a sigmoid with Platt's targets, which keep a perfect separation finite."""
    from scipy.optimize import minimize
    from scipy.special import expit

    n1, n0 = int(truth.sum()), int((1 - truth).sum())
    want = np.where(truth == 1, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))

    def loss(ab: np.ndarray) -> tuple[float, np.ndarray]:
        z = ab[0] * score + ab[1]
        error = expit(z) - want
        value = np.logaddexp(0, z) - want * z
        return float(value.mean()), np.array([(error * score).mean(), error.mean()])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="BFGS", options={"gtol": 1e-8})
    slope, offset = map(float, found.x)
    # A falling curve says that held-out scores are worse than none: then nothing is known.
    return _Sigmoid(slope, offset) if slope > 0 else _Sigmoid(0.0, float(np.log(n1 / n0)))

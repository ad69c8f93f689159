"""An aligner and a classifier as one scikit-learn classifier that owns its unlabeled target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import get_scorer
from sklearn.pipeline import Pipeline
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import has_fit_parameter

from tlbook._base.checks import check_choice, check_labels
from tlbook._base.named import named
from tlbook.features.deep import clone_sharing

ROWS = ("target", "source")


def _classifier_has(name: str) -> Callable[[Any], bool]:
    def check(self: Any) -> bool:
        return hasattr(getattr(self, "classifier_", self.classifier), name)

    return check


class AdaptedClassifier(ClassifierMixin, BaseEstimator):
    r"""Adapt the source to an unlabeled target, then classify.

    ``fit(Xs, ys)`` fits ``adapter`` on (Xs, Xt, ys) and ``classifier`` on the mapped source.
    ``predict(X)`` takes rows of the *target*. The target is a parameter of the constructor and
    not of ``fit``, so cross-validation splits the labeled source and never the target, and
    ``clone`` hands the same target on without copying it.

    Parameters
    ----------
    adapter : pair estimator or None
        With ``fit(Xs, Xt, ys)`` and either ``transform_source`` and ``transform_target``
        (:class:`TCA`, …) or ``weights_`` (importance weights; they go into the classifier's fit
        as ``sample_weight``). ``None``: no adaptation, the source-only baseline.
    classifier : scikit-learn classifier
        May be a pipeline.
    Xt : array of shape (m, d)
        Unlabeled target rows.
    preprocess : transformer, optional
        Applied to source, target and new rows before the adapter. A scaler belongs here: as an
        earlier step of a ``Pipeline`` it would change the source and new rows, but not ``Xt``.
    preprocess_on : {"source", "each"}
        What ``preprocess`` is fitted on. "source": one copy, fitted on the source rows, for all.
        "each": every domain by its own statistics, so a ``StandardScaler`` removes differences of
        the features' means and variances before the adapter begins. That is often worth more than
        the adapter, and it presumes equal class shares, as the adapters do.

    Attributes
    ----------
    adapter_, classifier_, preprocess_, preprocess_target_
        The fitted parts. The last is ``preprocess_`` itself, unless each domain has its own.
    classes_ : array

    Raises
    ------
    ValueError
        If the inputs do not fit, or the adapter gives weights that the classifier cannot take.

    Notes
    -----
    A grid search scores rows held out of the *source*; these must be mapped by
    ``transform_source``. Scorers call ``predict(X)``, which maps target rows, so their numbers
    would be wrong without a word. Hence ``score`` wants to be told which rows it gets, and
    :data:`source_accuracy` and :func:`source_scorer` are the scorers for a search::

        model = AdaptedClassifier(TCA(), SVC(), Xt)
        search = GridSearchCV(model, {"adapter__mu": [0.1, 1]}, scoring=source_accuracy)
        search.fit(Xs, ys).predict(Xt)

    Remember what such a search can see: source accuracy rewards a map that keeps the classes of
    the source apart, not one that brings the target near.

    Two places for ``sklearn.preprocessing.Normalizer``, which gives every row the length 1: as
    ``preprocess`` before the adapter; and, as many papers do after the projection, as the first
    step of the classifier: ``make_pipeline(Normalizer(), LogisticRegression())``.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from tlbook import data
    >>> from tlbook.features import CORAL, AdaptedClassifier
    >>> task = data.load("toy", shift=(3.0, 0.0))
    >>> for adapter in (None, CORAL()):
    ...     model = AdaptedClassifier(adapter, LogisticRegression(), task.target.X)
    ...     model = model.fit(task.source.X, task.source.y)
    ...     print(adapter, round(task.score(model.predict), 1))
    None 0.5
    CORAL() 0.9
    """

    @named
    def __init__(
        self,
        adapter: Any,
        classifier: Any,
        Xt: Any,
        preprocess: Any = None,
        preprocess_on: str = "source",
    ) -> None:
        self.adapter = adapter
        self.classifier = classifier
        self.Xt = Xt
        self.preprocess = preprocess
        self.preprocess_on = preprocess_on

    def fit(self, X: Any, y: Any) -> AdaptedClassifier:
        """Fit on labeled source rows (n, d) and their labels (n,)."""
        y = check_labels(y, np.shape(X)[0], "y", min_classes=2)  # a sparse X has no len
        if self.Xt is None and self.adapter is not None:
            raise ValueError("Xt: got None, want unlabeled target rows for the adapter")
        self.n_features_in_ = np.shape(X)[1]
        X, target = self._preprocessed(X, y)
        self.adapter_ = None if self.adapter is None else clone(self.adapter).fit(X, target, y)
        self.classifier_ = clone(self.classifier)
        self.classifier_.fit(self._mapped(X, "source"), y, **self._weights(len(y)))
        self.classes_ = self.classifier_.classes_
        return self

    def predict(self, X: Any, rows: str = "target") -> np.ndarray:
        """Return the label of each row of the target (or the source, ``rows="source"``)."""
        mapped = self._prepared(X, rows)
        return self.classifier_.predict(mapped)

    @available_if(_classifier_has("predict_proba"))
    def predict_proba(self, X: Any, rows: str = "target") -> np.ndarray:
        """Return the probabilities (n, classes) that the classifier gives."""
        mapped = self._prepared(X, rows)
        return self.classifier_.predict_proba(mapped)

    @available_if(_classifier_has("decision_function"))
    def decision_function(self, X: Any, rows: str = "target") -> np.ndarray:
        """Return the decision function of the classifier."""
        mapped = self._prepared(X, rows)
        return self.classifier_.decision_function(mapped)

    def score(self, X: Any, y: Any, rows: str | None = None) -> float:
        """Return the accuracy on labeled rows of the domain ``rows``, which must be named.

        Raises
        ------
        ValueError
            If ``rows`` is not given: a search with the default scoring would score source rows
            as if they came from the target.
        """
        if rows is None:
            raise ValueError(
                "rows: got None, want 'source' or 'target'; "
                "in a search over source rows use scoring=tlbook.features.source_accuracy"
            )
        return float(np.mean(self.predict(X, rows) == np.asarray(y)))

    def __sklearn_clone__(self) -> AdaptedClassifier:
        return clone_sharing(self, "Xt")

    def _preprocessed(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Fit the preprocessing; return both domains after it."""
        each = check_choice(self.preprocess_on, "preprocess_on", ("source", "each")) == "each"
        self.preprocess_ = self.preprocess_target_ = None
        if self.preprocess is None:
            return X, self.Xt
        if each and self.Xt is None:
            raise ValueError("Xt: got None, want target rows for preprocess_on='each'")
        self.preprocess_ = clone(self.preprocess).fit(X, y)
        self.preprocess_target_ = clone(self.preprocess).fit(self.Xt) if each else self.preprocess_
        target = None if self.Xt is None else self.preprocess_target_.transform(self.Xt)
        return self.preprocess_.transform(X), target

    def _prepared(self, X: Any, rows: str) -> Any:
        check_choice(rows, "rows", ROWS)
        if not hasattr(self, "classifier_"):
            raise NotFittedError("this AdaptedClassifier is not fitted: call fit(Xs, ys)")
        step = self.preprocess_target_ if rows == "target" else self.preprocess_
        return self._mapped(X if step is None else step.transform(X), rows)

    def _mapped(self, X: Any, rows: str) -> Any:
        transform = getattr(self.adapter_, f"transform_{rows}", None)
        return X if transform is None else transform(X)

    def _weights(self, n: int) -> dict[str, np.ndarray]:
        if self.adapter_ is None:
            return {}
        weights = getattr(self.adapter_, "weights_", None)
        if weights is None:
            if not hasattr(self.adapter_, "transform_source"):
                raise ValueError(
                    f"adapter: got {type(self.adapter_).__name__}, "
                    "want one with transform_source and transform_target, or with weights_"
                )
            return {}
        if len(weights) != n:
            raise ValueError(f"adapter: got {len(weights)} weights, want {n}, one per source row")
        return {_weight_argument(self.classifier): np.asarray(weights)}


def _weight_argument(classifier: Any) -> str:
    """Name of the argument of ``fit`` that takes the weights."""
    last = classifier.steps[-1] if isinstance(classifier, Pipeline) else ("", classifier)
    if not has_fit_parameter(last[1], "sample_weight"):
        raise ValueError(
            f"classifier: got {type(last[1]).__name__}, whose fit takes no sample_weight, "
            "want one that does (such as LogisticRegression or SVC) for an adapter with weights"
        )
    return f"{last[0]}__sample_weight" if last[0] else "sample_weight"


class source_scorer:
    """A scorer for a search over labeled source rows, which maps them as source rows.

    Parameters
    ----------
    scoring : str
        Any scoring of scikit-learn: "accuracy", "balanced_accuracy", "roc_auc", …

    Examples
    --------
    ``GridSearchCV(AdaptedClassifier(…), grid, scoring=source_scorer("balanced_accuracy"))``
    """

    @named
    def __init__(self, scoring: str = "accuracy") -> None:
        self.scoring = scoring
        get_scorer(scoring)  # refuses an unknown name now

    @named
    def __call__(self, estimator: Any, X: Any, y: Any) -> float:
        """Return the score of the fitted estimator on source rows X with labels y."""
        return float(get_scorer(self.scoring)(_OnSource(estimator), X, y))


class _OnSource(ClassifierMixin, BaseEstimator):
    """A fitted ``AdaptedClassifier`` seen by a scorer: every row it gets is a source row."""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator
        self.classes_ = estimator.classes_

    def predict(self, X: Any) -> np.ndarray:
        return self.estimator.predict(X, rows="source")

    @available_if(lambda self: hasattr(self.estimator, "predict_proba"))
    def predict_proba(self, X: Any) -> np.ndarray:
        return self.estimator.predict_proba(X, rows="source")

    @available_if(lambda self: hasattr(self.estimator, "decision_function"))
    def decision_function(self, X: Any) -> np.ndarray:
        return self.estimator.decision_function(X, rows="source")

    def __sklearn_is_fitted__(self) -> bool:
        return True


source_accuracy = source_scorer("accuracy")

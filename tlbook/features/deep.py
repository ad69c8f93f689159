"""Features of a trained network as a scikit-learn transformer: deep features + any classifier."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from tlbook._base.named import named


class DeepFeatures(TransformerMixin, BaseEstimator):
    """Turn inputs into the features that a frozen network computes, ready for a classifier.

    ``make_pipeline(DeepFeatures(net), StandardScaler(), SVC())`` is the classical recipe:
    z = net.features(x) in eval mode, then a support vector machine on z. Nothing is learned here;
    ``fit`` only checks.

    Parameters
    ----------
    model : nn.Module
        With ``features`` (see :func:`tlbook.models.wrap`). It is never changed; ``clone`` shares
        it instead of copying the weights.
    batch_size : int
        Rows at a time.

    Raises
    ------
    ValueError
        If the model has no ``features``.

    See Also
    --------
    tlbook.finetuning.cached_features : the features themselves.

    References
    ----------
    Donahue et al., DeCAF: a deep convolutional activation feature, ICML 2014.
    Razavian et al., CNN features off-the-shelf, CVPR workshops 2014.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> from tlbook import data, models
    >>> from tlbook.features import DeepFeatures
    >>> digits = data.load("handwriting")
    >>> net = DeepFeatures(models.create("digitnet"))  # better: a pretrained one
    >>> model = make_pipeline(net, StandardScaler(), SVC()).fit(digits.X[:500], digits.y[:500])
    >>> model.score(digits.X[500:], digits.y[500:]) > 0.7
    True
    """

    @named
    def __init__(self, model: Any, batch_size: int = 512) -> None:
        self.model = model
        self.batch_size = batch_size

    def fit(self, X: Any, y: Any = None) -> DeepFeatures:
        """Check the model; inputs and labels are not used."""
        self._check_model()
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the features (n, d), float32, of inputs (n, ...)."""
        from tlbook.finetuning import cached_features

        self._check_model()
        return cached_features(self.model, X, batch_size=self.batch_size)

    def _check_model(self) -> None:
        if not callable(getattr(self.model, "features", None)):
            raise ValueError(
                f"model: got {type(self.model).__name__} without features(x), "
                "want a network as tlbook.models.wrap returns it"
            )

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_clone__(self) -> DeepFeatures:
        return clone_sharing(self, "model")


def clone_sharing(estimator: Any, name: str) -> Any:
    """Clone an estimator as scikit-learn does, but share the parameter ``name`` with it."""
    light = copy.copy(estimator)
    setattr(light, name, None)
    twin = BaseEstimator.__sklearn_clone__(light)
    setattr(twin, name, getattr(estimator, name))
    return twin

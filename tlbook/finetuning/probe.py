"""The linear probe: a classifier on features that do not change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook._base.checks import check_array, check_labels, check_positive
from tlbook._base.named import named


class Probe:
    """A linear classifier on frozen features; call it with inputs to get labels.

    Attributes
    ----------
    weight, bias : arrays of shape (classes, d) and (classes,)
        The classifier in terms of the raw features: ``logits = z @ weight.T + bias``.
    classes : array of shape (classes,)
        Label of each row.
    """

    @named
    def __init__(
        self,
        features: Callable[[Any], Any],
        weight: np.ndarray,
        bias: np.ndarray,
        classes: np.ndarray,
    ) -> None:
        self.features, self.weight, self.bias, self.classes = features, weight, bias, classes

    def __call__(self, X: Any) -> np.ndarray:
        """Return the label of each row of ``X``."""
        logits = np.asarray(self.features(X)) @ self.weight.T + self.bias
        return self.classes[logits.argmax(axis=1)]

    def into(self, head: nn.Linear) -> None:
        """Write the classifier into a network's head: probe first, then fine-tune (LP-FT).

        Raises
        ------
        ValueError
            If the head has another shape, or the labels are not 0 … classes − 1.
        """
        if tuple(head.weight.shape) != self.weight.shape or head.bias is None:
            raise ValueError(
                f"head: got weights of shape {tuple(head.weight.shape)}, want {self.weight.shape} "
                "and a bias"
            )
        if not np.array_equal(self.classes, np.arange(len(self.classes))):
            raise ValueError(f"head: got labels {self.classes}, want 0 … {len(self.classes) - 1}")
        with torch.no_grad():
            head.weight.copy_(torch.as_tensor(self.weight))
            head.bias.copy_(torch.as_tensor(self.bias))


@named
def linear_probe(features: Callable[[Any], Any], X: Any, y: Any, *, C: float = 1.0) -> Probe:
    r"""Fit a linear classifier on features that do not change.

    .. math:: \min_{W, b} \; C \sum_i \ell(W \tilde z_i + b, y_i) + \tfrac12 \lVert W \rVert^2

    with the logistic loss and features standardized on the labeled rows,
    :math:`\tilde z = (z - \bar z) / s`.

    Parameters
    ----------
    features : function
        From inputs (n, ...) to features (n, d), e.g. ``partial(cached_features, model)``.
    X, y : arrays of n rows
        Labeled rows.
    C : float
        Inverse strength of the L2 regularization.

    Returns
    -------
    Probe
        A function from inputs to labels, as ``task.score`` takes it.

    Raises
    ------
    ValueError
        If there is only one class, or arguments do not fit.

    See Also
    --------
    tlbook.features.DeepFeatures : the frozen network as a step of a scikit-learn pipeline.

    References
    ----------
    Alain & Bengio (2016), Understanding intermediate layers using linear classifier probes.

    Examples
    --------
    >>> from functools import partial
    >>> import numpy as np
    >>> from tlbook import data, models
    >>> from tlbook.finetuning import cached_features, linear_probe
    >>> digits = data.load("handwriting")
    >>> X = np.tile(digits.X[:400], (1, 3, 1, 1)).repeat(3, axis=2).repeat(3, axis=3)  # 24 × 24 RGB
    >>> net = models.create("signnet", weights="embedded")  # has never seen a digit
    >>> letters = partial(cached_features, net)
    >>> probe = linear_probe(letters, X[:200], digits.y[:200])
    >>> float(np.mean(probe(X[200:]) == digits.y[200:400])) > 0.5  # guessing gives 0.1
    True
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    check_positive(C, "C")
    y = check_labels(y, len(X), min_classes=2)
    Z = check_array(features(X), "features(X)", ndim=2)
    scaler = StandardScaler().fit(Z)
    fitted = LogisticRegression(C=C, max_iter=2000).fit(scaler.transform(Z), y)
    weight, bias = fitted.coef_, fitted.intercept_
    if len(weight) == 1:  # two classes: scikit-learn keeps only the difference of the logits
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    weight = weight / scaler.scale_
    return Probe(features, weight, bias - weight @ scaler.mean_, fitted.classes_)

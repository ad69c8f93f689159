"""How good a discriminator is: accuracy, loss and calibration on rows it was not trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor, nn

from tlbook._base.checks import check_array, check_positive
from tlbook._base.named import named
from tlbook.objective import Batch
from tlbook.training.predict import in_blocks


def to_numpy(values: Any) -> Any:
    """Return a tensor as an array in float32, anything else as it is."""
    return values.detach().float().cpu().numpy() if isinstance(values, Tensor) else values


@dataclass(frozen=True)
class Diagnosis:
    """What a discriminator is worth on rows that it was not trained on.

    Attributes
    ----------
    accuracy : float
        Mean of the two domains' accuracies, in [0, 1]; one half is guessing.
    loss : float
        Its cross-entropy; log 2 = 0.693 for "one half" everywhere.
    calibration : float
        Expected calibration error: mean gap between what it says and how often it is so.
    said, seen, share : arrays of shape (bins,)
        Mean probability of "source" in each bin, how often it was the source, share of the rows.
    """

    accuracy: float
    loss: float
    calibration: float
    said: np.ndarray
    seen: np.ndarray
    share: np.ndarray

    def __repr__(self) -> str:
        return (
            f"Diagnosis(accuracy {self.accuracy:.2f}, loss {self.loss:.3f}, "
            f"calibration error {self.calibration:.3f})"
        )


@named
def diagnosis(source_logits: Any, target_logits: Any, bins: int = 10) -> Diagnosis:
    """Return how good a discriminator is, from its logits on held-out rows of both domains.

    Parameters
    ----------
    source_logits, target_logits : arrays or tensors of shape (n,) and (m,)
        Above 0 means "source". Both domains count the same, whatever their sizes.
    bins : int
        Bins of equal width for the calibration.

    Raises
    ------
    ValueError
        If logits are empty, of the wrong shape or not finite.
    """
    check_positive(bins, "bins", integer=True)
    s, t = (
        check_array(to_numpy(v), name, ndim=1).astype(float)
        for v, name in ((source_logits, "source_logits"), (target_logits, "target_logits"))
    )
    logits = np.concatenate([s, t])
    is_source = np.repeat([1.0, 0.0], [len(s), len(t)])
    weight = np.repeat([0.5 / len(s), 0.5 / len(t)], [len(s), len(t)])
    p = 0.5 * (1 + np.tanh(logits / 2))
    bin_of_row = np.minimum((p * bins).astype(int), bins - 1)
    share, said, seen = (
        np.bincount(bin_of_row, weight * values, minlength=bins).astype(float)
        for values in (np.ones_like(p), p, is_source)
    )
    with np.errstate(invalid="ignore"):
        said, seen = np.divide(said, share), np.divide(seen, share)
    # A logit of exactly 0 says nothing: it counts as half right, or a constant would win.
    right = np.where(logits == 0, 0.5, (logits > 0) == (is_source == 1))
    return Diagnosis(
        accuracy=float(weight @ right),
        loss=float(weight @ np.logaddexp(0, np.where(is_source == 1, -logits, logits))),
        calibration=float(np.nansum(share * np.abs(said - seen))),
        said=said,
        seen=seen,
        share=share,
    )


@named
def diagnosis_of(term: Any, model: nn.Module, Xs: Any, Xt: Any) -> Diagnosis:
    """Return how good the discriminator of a trained :class:`DANN` or :class:`CDAN` is.

    Parameters
    ----------
    term : DANN or CDAN
    model : nn.Module
        The network that it was trained with.
    Xs, Xt : arrays of shape (n, ...) and (m, ...)
        For example ``task.validation.X`` and target images that were not trained on.

    Raises
    ------
    ValueError
        If the term has no discriminator.
    """
    if not hasattr(term, "inputs") or not hasattr(term, "discriminator"):
        raise ValueError(f"term: got {type(term).__name__}, want a DANN or CDAN")

    def logits(x: Tensor) -> Tensor:
        batch = Batch(model, source_x=x, target_x=x[:1])
        return term.discriminator(term.inputs(batch)[0])

    was_training = term.training
    term.eval()
    try:
        return diagnosis(in_blocks(logits, model, Xs, 512), in_blocks(logits, model, Xt, 512))
    finally:
        term.train(was_training)


@named
def features_of(model: nn.Module, X: Any) -> np.ndarray:
    """Return ``model.features(X)`` in eval mode as an array, (n, d)."""
    return in_blocks(lambda x: model.features(x), model, X, 512)  # type: ignore[operator]


@named
def fresh_accuracy(model: nn.Module, Xs: Any, Xt: Any, seed: int = 0, folds: int = 5) -> float:
    """Return how well a *fresh* domain classifier tells two samples' features apart, in [0, 1].

    The discriminator of the game may be beaten or asleep. A classifier that starts afresh on
    features that stand still is not: here a support vector machine with a Gaussian kernel, on
    standardized features, cross-fitted. One half is guessing.

    Parameters
    ----------
    model : nn.Module
        With ``features``.
    Xs, Xt : arrays of shape (n, ...) and (m, ...)
        Rows of the two domains, best rows that the model was not trained on.
    seed : int
        Of the split into folds.
    folds : int
        Parts of the cross-fitting, at least 2.

    Raises
    ------
    ValueError
        If there are fewer rows than folds.

    Examples
    --------
    >>> from tlbook import data, models
    >>> from tlbook.adversarial import fresh_accuracy
    >>> task = data.load("fonts-to-handwriting", n_source=200)
    >>> net = models.create("digitnet")
    >>> Xs, Xt = task.source.X, task.target.X
    >>> fresh_accuracy(net, Xs, Xt[:160]) > 0.75  # print and pen are easy to tell apart
    True
    >>> abs(fresh_accuracy(net, Xs[::2], Xs[1::2]) - 0.5) < 0.2
    True
    """
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    from tlbook.distances import proxy_a_distance

    classifier = make_pipeline(StandardScaler(), SVC(class_weight="balanced", random_state=seed))
    zs, zt = features_of(model, Xs), features_of(model, Xt)
    return 0.5 + proxy_a_distance(zs, zt, classifier, folds=folds, seed=seed) / 4

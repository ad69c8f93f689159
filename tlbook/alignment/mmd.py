"""Deep MMD: make the features of both domains alike in distribution (DAN)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from tlbook._base.checks import check_array, check_choice, check_positive
from tlbook._base.named import named
from tlbook.alignment.kernels import LADDER, weighted_mmd2
from tlbook.objective import Batch, Term, Weight

LAYERS = ("features", "logits", "probabilities")


class MMD(Term):
    r"""Squared maximum mean discrepancy between source and target features.

    .. math:: \sum_{l} \mathrm{MMD}^2\bigl(\phi_l(X_S), \phi_l(X_T)\bigr), \qquad
        k(z, z') = \frac{1}{B} \sum_{b}
        \exp\left(-\frac{\lVert z - z' \rVert^2}{2 (b\,\sigma)^2}\right)

    with :math:`\sigma` the median distance in the pooled draw, anew in each step and a constant
    for the gradient: the bandwidth is the ruler and must not learn.

    Parameters
    ----------
    weight : float or function
        λ.
    layers : sequence of {"features", "logits", "probabilities"}
        Where to compare; several are added.
    bandwidths : sequence of float
        Factors :math:`b` of the median distance; B of them.
    class_weights : array of shape (classes,), optional
        Weight of a source row of each class, Q(y) / P(y), in this term alone (the weighted MMD).
        The source then has the target's class mix, and what is aligned is P(x|y). The
        cross-entropy is left as it is.
    unbiased : bool
        Leave out the pairs of a row with itself. The biased form pulls the features of each
        domain together even where the domains already agree.

    Raises
    ------
    ValueError
        If an argument does not fit, a draw has fewer than 2 rows, or the class weights are not
        one per class.

    See Also
    --------
    JMMD : features and predicted classes together.
    tlbook.distances.mmd2 : for samples; it takes the sum of its kernels, not the mean.

    Notes
    -----
    It is the core of the paper's deep adaptation network (DAN) and less than all of it: by default
    one layer, equal weights of the kernels (the paper learns them), and all pairs of a draw (the
    paper takes an estimate in linear time).

    References
    ----------
    Long et al. (2015), Learning transferable features with deep adaptation networks.
    Yan et al. (2017), Mind the class weight bias.

    Examples
    --------
    >>> from torch.nn.functional import cross_entropy
    >>> from tlbook import data, models
    >>> from tlbook.alignment import MMD
    >>> from tlbook.objective import Objective
    >>> from tlbook.training import fit
    >>> task, last = data.load("fonts-to-handwriting", n_source=200), []
    >>> for weight in (0.0, 10.0):  # 0 only watches
    ...     objective = Objective(cross_entropy, MMD(weight))
    ...     history = fit(models.create("digitnet"), task, objective, steps=30)
    ...     last.append(history.columns["MMD"][-10:].mean())
    >>> bool(last[1] < last[0])
    True
    """

    needs = ("source", "target")
    class_weights: Tensor | None

    @named
    def __init__(
        self,
        weight: Weight = 1.0,
        *,
        layers: Sequence[str] = ("features",),
        bandwidths: Sequence[float] = LADDER,
        class_weights: Any = None,
        unbiased: bool = True,
    ) -> None:
        super().__init__(weight)
        self.layers = check_layers(layers)
        self.bandwidths = check_bandwidths(bandwidths)
        self.unbiased = unbiased
        weights = None if class_weights is None else check_class_weights(class_weights)
        self.register_buffer("class_weights", weights)

    def forward(self, batch: Batch) -> Tensor:
        """Return the sum over layers; about zero, and half of the time below, where P = Q."""
        weights = row_weights(batch, self.class_weights)
        values = [
            weighted_mmd2(*both(batch, layer), weights, self.bandwidths, self.unbiased)
            for layer in self.layers
        ]
        return torch.stack(values).sum()


def both(batch: Batch, layer: str) -> tuple[Tensor, Tensor]:
    """Return what a layer gives on the source and on the target draw."""
    if layer == "features":
        return batch.source_features, batch.target_features
    if layer == "logits":
        return batch.source_logits, batch.target_logits
    return softmax(batch.source_logits), softmax(batch.target_logits)


def softmax(logits: Tensor) -> Tensor:
    """Return probabilities in at least single precision."""
    return F.softmax(logits, dim=1, dtype=torch.promote_types(logits.dtype, torch.float32))


def row_weights(batch: Batch, class_weights: Tensor | None) -> Tensor | None:
    """Return the weight of each source row by its label, shape (n,)."""
    if class_weights is None:
        return None
    classes = batch.source_logits.shape[1]
    if len(class_weights) != classes:
        raise ValueError(
            f"class_weights: got {len(class_weights)} weights, want {classes}, one per class"
        )
    assert batch.source_y is not None
    return class_weights[batch.source_y]


def check_class_weights(values: Any) -> Tensor:
    """Return class weights as a tensor: finite, none negative, not all zero."""
    if isinstance(values, Tensor):
        values = values.detach().cpu().numpy()
    weights = check_array(values, "class_weights", ndim=1)
    if (weights < 0).any() or not weights.any():
        raise ValueError(
            f"class_weights: got {weights.tolist()}, want weights of at least 0, not all 0"
        )
    return torch.as_tensor(weights, dtype=torch.float32).clone()


def check_layers(layers: Sequence[str]) -> tuple[str, ...]:
    """Return the names of layers as a tuple."""
    if isinstance(layers, str) or not layers:
        raise ValueError(f"layers: got {layers!r}, want some of {', '.join(map(repr, LAYERS))}")
    return tuple(check_choice(layer, "layers", LAYERS) for layer in layers)


def check_bandwidths(bandwidths: Sequence[float]) -> tuple[float, ...]:
    """Return bandwidths as a tuple of positive numbers."""
    values = check_array(bandwidths, "bandwidths", ndim=1)
    return tuple(float(check_positive(b, "bandwidths")) for b in values)

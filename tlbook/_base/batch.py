"""What a term sees in one step: the draws, the network, and what it makes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from torch import Tensor, nn


@dataclass
class Batch:
    """What a term may see in one step.

    Inputs that a draw lacks are ``None`` (``labeled_x`` may also be empty). Features and logits
    are computed when first asked for and then shared by all terms, source and target in separate
    passes, so that BatchNorm never mixes the two.

    Attributes
    ----------
    model : nn.Module
        Has ``features(x)`` and ``head(z)``.
    source_x, source_y, target_x, labeled_x, labeled_y : tensors or None
        Source inputs and labels, unlabeled target inputs, the labeled target draw.
    progress : float
        How much of the training is done, in [0, 1].
    step : int
        Number of the step, from 0.
    lr : float, optional
        Learning rate of this step (``fit`` sets it): a term that makes steps of its own follows it.
    features_of : function, optional
        Stands in for ``model.features`` (``fit`` passes the compiled one).
    """

    model: nn.Module
    source_x: Tensor | None = None
    source_y: Tensor | None = None
    target_x: Tensor | None = None
    labeled_x: Tensor | None = None
    labeled_y: Tensor | None = None
    progress: float = 0.0
    step: int = 0
    lr: float | None = None
    features_of: Callable[[Tensor], Tensor] | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def _features(self, name: str) -> Tensor:
        x = getattr(self, f"{name}_x")
        if x is None:
            raise ValueError(
                f"{name}_x: got None, want a draw: the data given to fit has no such part"
            )
        return (self.features_of or self.model.features)(x)  # type: ignore[operator]

    @cached_property
    def source_features(self) -> Tensor:
        """Features of the source draw, (n, d)."""
        return self._features("source")

    @cached_property
    def target_features(self) -> Tensor:
        """Features of the unlabeled target draw, (m, d)."""
        return self._features("target")

    @cached_property
    def labeled_features(self) -> Tensor:
        """Features of the labeled target draw, (k, d)."""
        return self._features("labeled")

    @cached_property
    def source_logits(self) -> Tensor:
        """Logits of the source draw, (n, classes)."""
        return self.model.head(self.source_features)  # type: ignore[operator]

    @cached_property
    def target_logits(self) -> Tensor:
        """Logits of the unlabeled target draw, (m, classes)."""
        return self.model.head(self.target_features)  # type: ignore[operator]

    @cached_property
    def labeled_logits(self) -> Tensor:
        """Logits of the labeled target draw, (k, classes)."""
        return self.model.head(self.labeled_features)  # type: ignore[operator]

"""Cut the base anywhere: the frozen part, whose maps are computed once, and the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tlbook.course.ch12_keras_practice.keras_models.twin import MobileNetV2
from tlbook.training.predict import in_blocks


class Below(nn.Module):
    """The frozen part: from pictures to the maps after ``cut`` stages."""

    def __init__(self, net: MobileNetV2, cut: int) -> None:
        super().__init__()
        if not 0 <= cut <= len(net.stages):
            raise ValueError(f"cut: got {cut}, want 0 … {len(net.stages)} stages")
        self.net, self.cut = net, cut

    def forward(self, x: Tensor) -> Tensor:
        """Return maps of shape (n, channels, h, w)."""
        return self.net.run(self.net.prepare(x), 0, self.cut)


class Above(nn.Module):
    """The rest of the network as a model of its own, whose inputs are the maps at the cut."""

    def __init__(self, net: MobileNetV2, cut: int, n_classes: int) -> None:
        super().__init__()
        self.net, self.cut = net, cut
        self.head = nn.Linear(net.head.in_features, n_classes)

    def features(self, maps: Tensor) -> Tensor:
        """Return the pooled features of shape (n, 1280)."""
        maps = maps.contiguous(memory_format=torch.channels_last)
        return self.net.run(maps, self.cut).mean(dim=(2, 3))

    def forward(self, maps: Tensor) -> Tensor:
        """Return logits of shape (n, n_classes)."""
        return self.head(self.features(maps))


def maps_at(net: MobileNetV2, cut: int, X: Any) -> np.ndarray:
    """Return the maps after ``cut`` stages, (n, channels, h, w), computed once."""
    below = Below(net, cut)
    return in_blocks(below, below, X, 128)

"""Cut the base anywhere: probe what comes out, or train everything above on cached maps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tlbook._base.checks import check_positive
from tlbook.course.ch12_keras_practice.keras_models.twin import MobileNetV2
from tlbook.finetuning import freeze, linear_probe
from tlbook.finetuning.frozen import Probe
from tlbook.training import fit, predict
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


def probe_at(net: MobileNetV2, cut: int, X: Any, y: Any, *, C: float) -> Probe:
    """Fit a probe on the averages of the maps after ``cut`` stages; what lies above is dropped."""
    return linear_probe(lambda rows: maps_at(net, cut, rows).mean(axis=(2, 3)), X, y, C=C)


def tuned_above(
    net: MobileNetV2, cut: int, X: Any, y: Any, seed: int, *, lr: float, steps: int, C: float
) -> Callable[[Any], np.ndarray]:
    """Train everything above the cut with a low rate, after the head (LP-FT), and return predict.

    The part below is run once. BatchNorm keeps the statistics of the pretraining everywhere.

    Parameters
    ----------
    net : MobileNetV2
        Is changed: give a copy.
    cut : int
        Number of stages that stay as they are.
    X, y : arrays of n rows
        Labeled pictures.
    seed : int
        Of the draws.
    lr : float
        Learning rate of the whole upper part.
    steps : int
        Steps of 32 rows.
    C : float
        Of the probe that the head starts from.
    """
    check_positive(steps, "steps", integer=True)
    model = Above(net, cut, int(np.max(y)) + 1)
    freeze(model, but=(), statistics_only=True)
    maps = maps_at(net, cut, X)
    whole = len(net.stages)
    probe_at(net, whole, X, y, C=C).into(model.head)
    fit(model, (maps, y), steps=steps, batch_size=32, lr=lr, seed=seed, schedule="cosine",
        device="cpu", progress=False)  # fmt: skip
    return lambda rows: predict(model, maps_at(net, cut, rows), batch_size=128)

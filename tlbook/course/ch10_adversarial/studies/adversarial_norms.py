"""Chapter 10: the same game on the same network without BatchNorm, on eight tasks.

The network is that of ``adaptation_table`` with another layer in the place of BatchNorm: one that
normalizes each picture by itself, or one that only scales and shifts. Tasks, seeds, settings and
steps are those of ``adaptation_table``, whose rows are the arm with BatchNorm.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from tlbook.course.ch11_alignment.runs import scored
from tlbook.course.ch11_alignment.settings import SETTINGS
from tlbook.course.studies import Study
from tlbook.models import create

SEEDS = tuple(range(8))
NORMS = ("none", "group")


class Affine(nn.Module):
    """Scale and shift each channel, as BatchNorm does after normalizing."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return ``weight · x + bias``."""
        return self.weight * x + self.bias


def network(norm: str, seed: int) -> nn.Module:
    """Return DigitNet with another layer in the place of BatchNorm, other weights unchanged."""
    model = create("digitnet", seed=seed)
    body = model.body
    assert isinstance(body, nn.Sequential)
    for i, layer in enumerate(body):
        if isinstance(layer, nn.BatchNorm2d):
            width = layer.num_features
            body[i] = Affine(width) if norm == "none" else nn.GroupNorm(4, width)
    return model


def trial(norm: str, method: str, seed: int) -> dict[str, Any]:
    """Return the accuracy of a method on the task with this seed."""
    return scored(method, SETTINGS[method] | {"model": partial(network, norm)}, seed)


study = Study(
    trial,
    [
        {"norm": norm, "method": method, "seed": seed}
        for seed in SEEDS
        for norm in NORMS
        for method in ("source only", "CDAN")
    ],
)

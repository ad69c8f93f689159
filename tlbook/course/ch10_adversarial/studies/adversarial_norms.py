"""Chapter 10: the same game on the same network without BatchNorm, on eight tasks.

The network is that of ``adaptation_table`` with another layer in the place of BatchNorm: one that
normalizes each picture by itself, or one that only scales and shifts. Tasks, seeds, settings and
steps are those of ``adaptation_table``, whose rows are the arm with BatchNorm.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from tlbook import data
from tlbook.adversarial import CDAN
from tlbook.course.ch11_alignment.settings import CHOSEN
from tlbook.course.studies._parallel import map_jobs
from tlbook.models import untrained
from tlbook.objective import Objective, Ramp
from tlbook.training import fit, predictor

COMMAND = "tlbook results adversarial_norms"

SEEDS = tuple(range(8))
NORMS = ("none", "group")
METHODS = ("source only", "CDAN")
STEPS = 500


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
    model = untrained("digitnet", seed=seed)
    body = model.body
    assert isinstance(body, nn.Sequential)
    for i, layer in enumerate(body):
        if isinstance(layer, nn.BatchNorm2d):
            width = layer.num_features
            body[i] = Affine(width) if norm == "none" else nn.GroupNorm(4, width)
    return model


def trial(norm: str, method: str, seed: int) -> dict[str, Any]:
    """Return one row: norm, method, seed, accuracy."""
    task, start = data.load("fonts-to-handwriting", seed=seed), 1000 * seed
    terms = []
    if method == "CDAN":
        settings = dict(CHOSEN["CDAN"])
        terms = [CDAN(Ramp(settings.pop("weight")), seed=start, **settings)]
    model = network(norm, start)
    objective = Objective(nn.functional.cross_entropy, *terms)
    fit(model, task, objective, steps=STEPS, optimizer="adam", seed=start, device="cpu")
    accuracy = task.score(predictor(model))
    return {"norm": norm, "method": method, "seed": seed, "accuracy": accuracy}


def run(jobs: int = 1) -> pd.DataFrame:
    """Return norm, method, seed and accuracy of every arm."""
    work = [(norm, method, seed) for seed in SEEDS for norm in NORMS for method in METHODS]
    return pd.DataFrame(map_jobs(trial, work, jobs))

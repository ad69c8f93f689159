"""A short self-supervised training of the perceptron, and what it leaves: spread, rank, use."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tlbook.course.ch17_few_and_zero_shot.episodes_cases import letters
from tlbook.course.ch17_few_and_zero_shot.episodes_networks import WIDTH, glyph_mlp
from tlbook.course.ch17_few_and_zero_shot.self_supervised import views
from tlbook.fewshot import (
    VICReg,
    effective_rank,
    episode_accuracies,
    episodes,
    nearest_centroid,
)
from tlbook.objective import Objective
from tlbook.training import fit

ARMS: dict[str, dict[str, float]] = {
    "VICReg": {},
    "without variance": {"variance": 0.0},
    "without covariance": {"covariance": 0.0},
}
EVERY = 50


def training(arm: str, seed: int, steps: int = 150) -> list[dict[str, Any]]:
    """Train on unlabeled base letters; return a row at the start and at every 50 steps.

    Each row has the loss of the step, mean standard deviation and effective rank of projections
    and of features, and the accuracy of nearest centroids on 100
    episodes (5 ways, 5 shots) of new letters.
    """
    here = letters(seed)
    model = glyph_mlp(1, seed)
    term = VICReg(views(), WIDTH, seed=seed, **ARMS[arm])  # type: ignore[arg-type]
    x, new = torch.from_numpy(here.base.X[:1000]), torch.from_numpy(here.new.X)
    drawn = episodes(here.new.y, 5, 5, 15, n=100, seed=seed)
    found = []

    def look(step: int) -> None:
        with torch.no_grad():
            z = model.features(x)
            p, z_new = term.projector(z).numpy(), model.features(new).numpy()
        use = episode_accuracies(nearest_centroid, z_new, drawn).mean()
        found.append(
            {
                "step": step,
                "spread": float(np.round(p.std(axis=0).mean(), 6)),
                "spread_features": float(np.round(z.numpy().std(axis=0).mean(), 6)),
                "rank_projections": round(effective_rank(p), 3),
                "rank_features": round(effective_rank(z.numpy()), 3),
                "accuracy": round(float(use), 5),
            }
        )

    def watch(step: int, _: object) -> None:
        if (step + 1) % EVERY == 0:
            look(step + 1)

    look(0)
    history = fit(
        model,
        (here.base.X, here.base.y),
        Objective(None, term),
        steps=steps,
        batch_size=128,
        lr=3e-3,
        seed=seed,
        device="cpu",
        callback=watch,
    )
    for row in found:
        row["loss"] = round(float(history.loss[max(row["step"] - 1, 0)]), 5)  # type: ignore[call-overload]
    return found

"""Maximum classifier discrepancy (MCD): two classifiers are the discriminator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tlbook._base.checks import check_positive
from tlbook.domains import Task
from tlbook.models import create, seeded
from tlbook.training import predict

BATCH, FEATURES, CLASSES = 64, 64, 10
GRID: tuple[dict[str, Any], ...] = tuple(
    {"lr": lr, "extractor_steps": steps} for lr in (1e-3, 3e-4) for steps in (1, 3)
)
"""What was tried: four settings, as many as for CDAN and MK-MMD."""


class TwoHeads(nn.Module):
    """DigitNet's features under two linear classifiers; the answer is their mean logit."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.net = create("digitnet", seed=seed)
        self.net.head = nn.Identity()
        self.heads = nn.ModuleList(
            [seeded(lambda: nn.Linear(FEATURES, CLASSES), 10 * seed + i) for i in (1, 2)]
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the mean of both heads' logits, (n, 10)."""
        z = self.net(x)
        return (self.heads[0](z) + self.heads[1](z)) / 2

    def label_loss(self, z: Tensor, y: Tensor) -> Tensor:
        """Return the sum of both heads' cross-entropies."""
        return F.cross_entropy(self.heads[0](z), y) + F.cross_entropy(self.heads[1](z), y)

    def discrepancy(self, z: Tensor) -> Tensor:
        """Return the mean absolute difference of the heads' probabilities."""
        return (self.heads[0](z).softmax(1) - self.heads[1](z).softmax(1)).abs().mean()


def mcd(
    task: Task,
    seed: int,
    *,
    lr: float = 1e-3,
    extractor_steps: int = 3,
    steps: int = 300,
) -> Callable[[Any], np.ndarray]:
    """Adapt DigitNet by the three steps of MCD, with Adam and 64 rows of each domain.

    Parameters
    ----------
    task : Task
    seed : int
        Of the start and the draws.
    lr : float
        Learning rate of extractor and heads.
    extractor_steps : int
        How often the extractor moves in step 3, for each time the heads move in step 2.
    steps : int
        Rounds of the three steps. In each the extractor moves ``1 + extractor_steps`` times: 600
        times or more in all, where the other methods of ``adaptation_table`` have 500.

    References
    ----------
    Saito, Watanabe, Ushiku & Harada (2018), Maximum classifier discrepancy for unsupervised
    domain adaptation.
    """
    check_positive(extractor_steps, "extractor_steps", integer=True)
    model, rng = TwoHeads(seed).train(), np.random.default_rng([seed, 10])
    extractor = torch.optim.Adam(model.net.parameters(), lr)
    heads = torch.optim.Adam(model.heads.parameters(), lr)
    Xs, Xt = torch.from_numpy(task.source.X), torch.from_numpy(task.target.X)
    ys = torch.from_numpy(task.source.y).long()

    def move(loss: Tensor, *players: torch.optim.Optimizer) -> None:
        model.zero_grad()
        loss.backward()
        for player in players:
            player.step()

    for _ in range(steps):
        s, t = rng.integers(len(Xs), size=BATCH), rng.integers(len(Xt), size=BATCH)
        xs, y, xt = Xs[s], ys[s], Xt[t]
        move(model.label_loss(model.net(xs), y), extractor, heads)
        with torch.no_grad():  # the heads move alone
            zs, zt = model.net(xs), model.net(xt)
        move(model.label_loss(zs, y) - model.discrepancy(zt), heads)
        for _ in range(extractor_steps):
            move(model.discrepancy(model.net(xt)), extractor)
    return lambda X: predict(model.eval(), X)

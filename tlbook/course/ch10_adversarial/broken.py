"""A patient: adversarial adaptation as it is often written down, with its mistakes kept.

Nothing here is meant to be used. Chapter 10 runs it, finds what is wrong and cures it, one mistake
after the other. It has a training loop of its own because its loop is one of the mistakes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tlbook._base.checks import check_choice, check_positive
from tlbook.models import seeded
from tlbook.training.draws import Draws

if TYPE_CHECKING:
    import pandas as pd

CURES = ("logits", "alternate", "one extractor", "label loss", "detach")
"""In the order in which the mistakes show. Without the import nothing runs, so it is made here."""


class Extractor(nn.Module):
    """Two convolutions and two linear layers: pictures (n, 1, 8, 8) to "features" (n, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=3, padding=1)
        self.fc1 = nn.Linear(32 * 2 * 2, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Return ten numbers per picture."""
        x = F.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = F.max_pool2d(torch.relu(self.conv2(x)), 2)
        return self.fc2(torch.relu(self.fc1(x.flatten(1))))


class Critic(nn.Module):
    """A discriminator whose output is a raw score: any number, not a probability."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(10, 128)
        self.fc2 = nn.Linear(128, 1)

    def forward(self, z: Tensor) -> Tensor:
        """Return a score per row, (n,)."""
        return self.fc2(torch.relu(self.fc1(z))).squeeze(1)


class Seen(nn.Module):
    """An extractor and a head as a model of the course: ``features``, ``head``."""

    def __init__(self, extractor: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.extractor, self.head = extractor, head

    def features(self, x: Tensor) -> Tensor:
        """Return the extractor's output, (n, 10)."""
        return self.extractor(x)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, (n, 10)."""
        return self.head(self.extractor(x))


class Patient:
    """The listing: two extractors, a critic, two optimizers, and what became of them.

    Parameters
    ----------
    cures : iterable of str
        Which of ``CURES`` are applied: ``"logits"`` puts the sigmoid into the loss, ``"alternate"``
        gives every batch to both players, ``"one extractor"`` lets both domains go through the
        same network, ``"label loss"`` trains a head on the source labels with it, ``"detach"``
        spares the critic's step the way back through the extractors.
    weight : float
        Of the extractors' adversarial loss, where there is a label loss beside it.
    seed : int
        Of the networks and the draws.

    Raises
    ------
    ValueError
        If a cure is unknown or the weight negative.
    """

    def __init__(self, cures: Iterable[str] = (), *, weight: float = 0.1, seed: int = 0) -> None:
        self.cures = tuple(check_choice(cure, "cures", CURES) for cure in cures)
        self.weight = check_positive(weight, "weight", zero_ok=True)
        self.seed = check_positive(seed, "seed", zero_ok=True, integer=True)
        one = "one extractor" in self.cures
        self.source = seeded(Extractor, seed)
        self.target = self.source if one else seeded(Extractor, seed + 1)
        self.critic = seeded(Critic, seed)
        self.head = seeded(lambda: nn.Linear(10, 10), seed)
        both = [*self.source.parameters(), *([] if one else self.target.parameters())]
        owned = [*both, *(self.head.parameters() if "label loss" in self.cures else [])]
        self.extractors_move = torch.optim.Adam(owned)
        self.critic_moves = torch.optim.Adam(self.critic.parameters())
        self.rows: list[dict[str, Any]] = []

    @property
    def model(self) -> Seen:
        """The target's extractor and the head: what would be used on the target."""
        return Seen(self.target, self.head)

    @property
    def record(self) -> pd.DataFrame:
        """One row per step: who moved, its loss, the critic's accuracy, and its mean score gap.

        The gap is the mean score of source rows minus that of target rows: above 0 where the
        critic is right on average, below 0 where the target looks more like "source" than the
        source does, so that the extractor has gone too far.
        """
        import pandas as pd

        return pd.DataFrame(self.rows)

    def critic_loss(self, xs: Tensor, xt: Tensor) -> Tensor:
        """Return the loss of the critic on a draw."""
        zs, zt = self.source(xs), self.target(xt)
        if "detach" in self.cures:
            zs, zt = zs.detach(), zt.detach()
        real, fake = self.critic(zs), self.critic(zt)
        self._note("critic", real, fake)
        if "logits" in self.cures:
            return F.softplus(-real).mean() + F.softplus(fake).mean()
        return -(torch.log(real).mean() + torch.log(1 - fake).mean())

    def extractor_loss(self, xs: Tensor, xt: Tensor, ys: Tensor) -> Tensor:
        """Return the loss of the extractors on a draw."""
        zs, zt = self.source(xs), self.target(xt)
        fake = self.critic(zt)
        self._note("extractors", self.critic(zs.detach()).detach(), fake)
        fooled = F.softplus(-fake).mean() if "logits" in self.cures else -torch.log(fake).mean()
        if "label loss" not in self.cures:
            return fooled
        return F.cross_entropy(self.head(zs), ys) + self.weight * fooled

    def _note(self, who: str, real: Tensor, fake: Tensor) -> None:
        # The listing takes its scores for probabilities: "source" above one half.
        border = 0.0 if "logits" in self.cures else 0.5
        right = (real > border).float().mean() + (fake <= border).float().mean()
        gap = float(real.detach().mean() - fake.detach().mean())
        self.rows.append({"moved": who, "critic accuracy": float(right) / 2, "gap": gap})

    def run(self, task: Any, epochs: int = 10, batch_size: int = 64) -> Patient:
        """Train as the listing does: in each epoch all draws for the critic, then all for the rest.

        Returns
        -------
        Patient
            Itself.
        """
        check_positive(epochs, "epochs", integer=True)
        xs, xt = (torch.from_numpy(d.X) for d in (task.source, task.target))
        ys = torch.as_tensor(task.source.y, dtype=torch.int64)
        per_epoch = min(len(xs), len(xt)) // batch_size
        draws = [Draws(len(x), batch_size, self.seed, i) for i, x in enumerate((xs, xt))]
        for epoch in range(epochs):
            first = epoch * per_epoch
            for who, step in self._turns(range(first, first + per_epoch)):
                s, t = (torch.from_numpy(d.at(step)) for d in draws)
                self.move(who, xs[s], xt[t], ys[s])
        return self

    def _turns(self, steps: range) -> Iterator[tuple[str, int]]:
        if "alternate" in self.cures:
            yield from ((who, step) for step in steps for who in ("critic", "extractors"))
        else:
            yield from ((who, step) for who in ("critic", "extractors") for step in steps)

    def move(self, who: str, xs: Tensor, xt: Tensor, ys: Tensor) -> None:
        """Let the critic or the extractors make one step on a draw."""
        if who == "critic":
            loss, optimizer = self.critic_loss(xs, xt), self.critic_moves
        else:
            loss, optimizer = self.extractor_loss(xs, xt, ys), self.extractors_move
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        self.rows[-1]["loss"] = float(loss.detach())

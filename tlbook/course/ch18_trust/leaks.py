"""Many models at once, each on its own half of the rows, and what they give away about the half."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tlbook._base.checks import check_choice
from tlbook.course.ch18_trust import cases, encoder
from tlbook.trust import likelihood_ratio, logit_confidence, true_positive_rate

MODELS, POOL = 33, 200
"""One model under attack and 32 shadows; rows, of which each model gets about half."""
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
"""False positive rates at which an attack is measured."""
ARMS = ("head", "whole network")
LEARNING_RATES = {"head": 1e-2, "whole network": 2e-3}


@dataclass(frozen=True, eq=False)
class Pool:
    """Rows, which model has which (models, n), test rows, and the public network."""

    X: np.ndarray
    y: np.ndarray
    members: np.ndarray
    test_X: np.ndarray
    test_y: np.ndarray
    base: nn.Sequential


def pool(seed: int, n: int = POOL, models: int = MODELS) -> Pool:
    """Return n handwritten digits; each model gets each of them with probability one half."""
    rows = cases.digits(seed, n)
    members = np.random.default_rng([seed, 18]).random((models, n)) < 0.5
    base = encoder.letters_network(seed)
    return Pool(rows.X, rows.y, members, rows.test_X, rows.test_y, base)


def trained(
    game: Pool, arm: str, steps: Sequence[int], seed: int, decay: float = 0.0
) -> Iterator[list[Tensor]]:
    """Train all models side by side, full batch; yield their weights after these many steps.

    Parameters
    ----------
    game : Pool
    arm : {"head", "whole network"}
        What learns; all start from the public network with a fresh head each.
    steps : sequence of int
        Increasing.
    seed : int
        Of the heads.
    decay : float
        Strength of ½‖w‖² of the head in the loss.
    """
    check_choice(arm, "arm", ARMS)
    models = len(game.members)
    g = torch.Generator().manual_seed(seed)
    weights = []
    for layer in game.base[:-1:2]:
        assert isinstance(layer, nn.Linear)
        weights += [layer.weight.T.expand(models, -1, -1), layer.bias.expand(models, 1, -1)]
    width = encoder.SIZES[-1]
    head = [0.1 * torch.randn(models, width, 10, generator=g), torch.zeros(models, 1, 10)]
    every = [w.detach().clone() for w in (*weights, *head)]
    learn = every[-2:] if arm == "head" else every
    for w in learn:
        w.requires_grad_()
    optimizer = torch.optim.Adam(learn, lr=LEARNING_RATES[arm])
    own = torch.from_numpy(game.members.astype(np.float32))
    own = own / own.sum(dim=1, keepdim=True)
    labels = torch.from_numpy(game.y).expand(models, -1)
    x = torch.from_numpy(game.X)
    fixed = _hidden(every, x).detach() if arm == "head" else None
    for step in range(1, max(steps) + 1):
        z = _hidden(every, x) if fixed is None else fixed
        logits = torch.baddbmm(every[-1], z, every[-2])  # (models, n, 10)
        loss = (own * F.cross_entropy(logits.transpose(1, 2), labels, reduction="none")).sum()
        if decay:
            loss = loss + decay / 2 * (every[-2] ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step in steps:
            yield [w.detach() for w in every]


def _hidden(weights: Sequence[Tensor], x: Tensor) -> Tensor:
    """Return the features of every model, (models, n, 32)."""
    z = x.expand(len(weights[0]), -1, -1)
    for W, b in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        z = torch.relu(torch.baddbmm(b, z, W))
    return z


def posteriors(weights: Sequence[Tensor], X: Any) -> np.ndarray:
    """Return the class probabilities of every model, (models, n, 10)."""
    with torch.no_grad():
        z = _hidden(weights, torch.as_tensor(X))
        logits = torch.baddbmm(weights[-1], z, weights[-2]).double()
        return torch.softmax(logits, dim=2).numpy()


def confidences(weights: Sequence[Tensor], game: Pool) -> np.ndarray:
    """Return the logit of the true class for every model and row, (models, n)."""
    return np.stack([logit_confidence(P, game.y) for P in posteriors(weights, game.X)])


def attacked(phi: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Return the likelihood ratio of each row for each model, attacked with the others as shadows.

    Parameters
    ----------
    phi : array of shape (models, n)
    members : bool array of shape (models, n)
    """
    others = [np.arange(len(phi)) != i for i in range(len(phi))]
    found = [likelihood_ratio(phi[o], members[o], phi[i]) for i, o in enumerate(others)]
    return np.stack(found)


def found(scores: np.ndarray, members: np.ndarray) -> dict[str, float]:
    """Return the shares of members found at each of ``RATES``, all attacks pooled."""
    s, m = scores.ravel(), members.ravel()
    return {f"found_{rate:g}": true_positive_rate(s, m, rate) for rate in RATES}


def accuracies(weights: Sequence[Tensor], game: Pool) -> tuple[float, float]:
    """Return the mean accuracy of the models on their own rows and on test rows."""
    own = posteriors(weights, game.X).argmax(axis=2) == game.y
    test = posteriors(weights, game.test_X).argmax(axis=2) == game.test_y
    return float(own[game.members].mean()), float(test.mean())

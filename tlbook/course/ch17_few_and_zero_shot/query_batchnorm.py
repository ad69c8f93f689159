"""What BatchNorm tells of the query rows: one network, five ways to ask it the same questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import vmap

from tlbook.course.ch17_few_and_zero_shot.episodes_networks import GlyphMLP, glyph_mlp
from tlbook.fewshot import Episode, Prototypes, episode_loader
from tlbook.training import fit

QUERIES = 5
"""Of each class where the queries are balanced: 25 in all."""
CROWD = 21
"""Of one class where they are not; of each other class 1, 25 in all again."""


def prototypes(base: Any, seed: int, steps: int = 400) -> GlyphMLP:
    """Return the perceptron with BatchNorm, trained as a prototypical network (10 ways, 1 shot)."""
    model = glyph_mlp(1, seed, normalized=True)
    loader = episode_loader(base.X, base.y, ways=10, shots=1, queries=5, n=steps, seed=seed)
    term = Prototypes(shots=1)
    fit(model, loader, term, steps=steps, lr=3e-3, schedule="cosine", seed=seed, device="cpu")
    return model


@contextmanager
def batch_statistics(model: nn.Module) -> Iterator[None]:
    """Inside, BatchNorm normalizes by the rows of the call, and its averages stay as they are."""
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm1d)]
    kept = [(m.running_mean, m.running_var) for m in norms]
    model.train()
    for norm in norms:
        norm.running_mean = norm.running_var = None
    try:
        yield
    finally:
        model.eval()
        for norm, (mean, var) in zip(norms, kept, strict=True):
            norm.running_mean, norm.running_var = mean, var


def balanced(episode: Episode) -> np.ndarray:
    """Return the numbers of the first five queries of each class."""
    return np.concatenate([np.arange(QUERIES) + c * CROWD for c in range(len(episode.classes))])


def unbalanced(episode: Episode) -> np.ndarray:
    """Return the numbers of 21 queries of class 0 and of one of each other class."""
    others = np.arange(1, len(episode.classes)) * CROWD
    return np.concatenate([np.arange(CROWD), others])


def nearest(z: Tensor, y: np.ndarray) -> Tensor:
    """Return the class of the nearest support mean for the rows after the support."""
    labels = torch.from_numpy(y)
    means = torch.stack([z[: len(y)][labels == c].mean(dim=0) for c in range(int(y.max()) + 1)])
    return ((z[len(y) :, None] - means) ** 2).sum(dim=2).argmin(dim=1)


def together(model: GlyphMLP, x: Tensor, e: Episode, rows: np.ndarray) -> np.ndarray:
    """Return the answers where support and queries go through the network in one call."""
    return nearest(model.features(torch.cat([x[e.support], x[e.query[rows]]])), e.support_y).numpy()


def one_by_one(model: GlyphMLP, x: Tensor, e: Episode, rows: np.ndarray) -> np.ndarray:
    """Return the answers where each query comes alone with the support rows."""

    def answer(query: Tensor) -> Tensor:
        return nearest(model.features(torch.cat([x[e.support], query[None]])), e.support_y)

    return vmap(answer)(x[e.query[rows]])[:, 0].numpy()


def ways_to_ask(model: GlyphMLP, X: np.ndarray, drawn: Sequence[Episode]) -> dict[str, np.ndarray]:
    """Return for each way to ask the accuracies, shape (episodes,).

    Episodes need :data:`CROWD` queries of each class.
    """
    x = torch.from_numpy(X)
    found: dict[str, np.ndarray] = {}

    def ask(name: str, way: Any, rows: Any) -> None:
        right = [way(model, x, e, rows(e)) == e.query_y[rows(e)] for e in drawn]
        found[name] = np.mean(right, axis=1)

    with torch.no_grad():
        model.eval()
        ask("eval mode", together, balanced)
        ask("eval mode, unbalanced", together, unbalanced)
        with batch_statistics(model):
            ask("train mode, together", together, balanced)
            ask("train mode, one by one", one_by_one, balanced)
            ask("train mode, unbalanced", together, unbalanced)
    return found

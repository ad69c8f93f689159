"""Learners for episodes, each trained on the base letters and scored on the same episodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.nn import functional as F

from tlbook.course.ch17_few_and_zero_shot.episodes_cases import Letters
from tlbook.course.ch17_few_and_zero_shot.episodes_networks import WIDTH, GlyphMLP, glyph_mlp
from tlbook.fewshot import (
    CosineHead,
    Episode,
    Prototypes,
    adapt,
    episode_accuracies,
    episode_loader,
    episodes,
    maml,
    nearest_centroid,
    reptile,
)
from tlbook.models import seeded
from tlbook.training import fit

WAYS = 5
META_EPISODES = 800
META = {
    "MAML": {"order": 2, "inner_rate": 0.5, "outer_rate": 3e-3, "batch": 2},
    "first-order MAML": {"order": 1, "inner_rate": 0.5, "outer_rate": 1e-3, "batch": 2},
    "Reptile": {"inner_rate": 0.2, "outer_rate": 0.3, "batch": 2},
}
"""Chosen on the letters to choose by, of seeds that are in no study."""
STEPS = (5, 10)
RATES = (0.05, 0.3, 1.0)
SUPPORT_HEAD = {"steps": 50, "rate": 0.3}

Score = Callable[[np.ndarray, Sequence[Episode]], np.ndarray]
"""From pictures and episodes to the accuracy in each."""


def features(model: nn.Module, X: np.ndarray) -> np.ndarray:
    """Return the network's features in eval mode, shape (n, d)."""
    model.eval()
    with torch.no_grad():
        return model.features(torch.from_numpy(X)).numpy()  # type: ignore[operator]


def classifier(base: Any, seed: int, head: nn.Module | None = None) -> GlyphMLP:
    """Return the perceptron trained by cross-entropy on the base letters."""
    model = glyph_mlp(len(np.unique(base.y)), seed)
    if head is not None:
        model.head = head
    fit(model, (base.X, base.y), steps=800, lr=3e-3, schedule="cosine", seed=seed, device="cpu")
    return model


def prototypes(base: Any, seed: int) -> GlyphMLP:
    """Return the perceptron trained as a prototypical network: 10 ways, 1 shot."""
    model = glyph_mlp(1, seed)
    loader = episode_loader(base.X, base.y, ways=10, shots=1, queries=5, n=800, seed=seed)
    term = Prototypes(shots=1)
    fit(model, loader, term, steps=800, lr=3e-3, schedule="cosine", seed=seed, device="cpu")
    return model


def learned_start(name: str, base: Any, seed: int, **settings: Any) -> GlyphMLP:
    """Return a start learned by one of :data:`META` on 5-way 1-shot episodes of base letters."""
    model = glyph_mlp(WAYS, seed)
    drawn = episodes(base.y, WAYS, shots=1, queries=5, n=META_EPISODES, seed=seed)
    train = reptile if name == "Reptile" else maml
    train(model, base.X, base.y, drawn, **{**META[name], **settings})
    return model


def by_centroid(model: nn.Module | None, base: Any = None) -> Score:
    """Score by the nearest centroid: on pixels, on features, or centered with unit length."""

    def place(X: np.ndarray) -> np.ndarray:
        return X.reshape(len(X), -1) if model is None else features(model, X)

    center = None if base is None else place(base.X).mean(axis=0)

    def learn(support: np.ndarray, y: np.ndarray) -> Any:
        return nearest_centroid(support, y, center=center, unit=center is not None)

    return lambda X, drawn: episode_accuracies(learn, place(X), drawn)


def by_cosine_head(model: nn.Module) -> Score:
    """Score by a cosine head trained on the support rows of each episode, all at once."""

    def score(X: np.ndarray, drawn: Sequence[Episode]) -> np.ndarray:
        z = F.normalize(torch.from_numpy(features(model, X)), dim=1)
        support, y, query, answer = stacked(drawn)
        w = torch.randn(len(drawn), WAYS, z.shape[1], generator=torch.Generator().manual_seed(0))
        w.requires_grad_()
        optimizer = torch.optim.Adam([w], lr=SUPPORT_HEAD["rate"])
        for _ in range(int(SUPPORT_HEAD["steps"])):
            logits = 10 * z[support] @ F.normalize(w, dim=2).transpose(1, 2)  # (episodes, n, ways)
            loss = F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="sum")
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            found = (z[query] @ F.normalize(w, dim=2).transpose(1, 2)).argmax(dim=2)
        return (found == answer).double().mean(dim=1).numpy()

    return score


def by_steps(model: nn.Module, steps: int, rate: float) -> Score:
    """Score by a few gradient steps on the support rows, all episodes at once."""

    def score(X: np.ndarray, drawn: Sequence[Episode]) -> np.ndarray:
        x = torch.from_numpy(X)
        support, y, query, answer = stacked(drawn)
        start = {name: value.detach() for name, value in model.named_parameters()}

        def answers(rows: Tensor, labels: Tensor, new: Tensor) -> Tensor:
            theta = adapt(model, start, rows, labels, steps, rate)
            return functional_call(model, theta, (new,)).argmax(dim=1)

        model.eval()
        found = vmap(answers, chunk_size=50)(x[support], y, x[query])
        return (found == answer).double().mean(dim=1).numpy()

    return score


def stacked(drawn: Sequence[Episode]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return support rows, their labels, query rows, theirs: each of shape (episodes, rows)."""
    parts = ("support", "support_y", "query", "query_y")
    found = [torch.from_numpy(np.stack([getattr(e, part) for e in drawn])) for part in parts]
    return found[0], found[1], found[2], found[3]


def chosen_steps(model: nn.Module, choosing: Any, shots: int, seed: int) -> dict[str, Any]:
    """Return steps and rate that are best on 60 episodes of the letters to choose by."""
    drawn = episodes(choosing.y, WAYS, shots, 15, n=60, seed=seed)
    tried = {
        (steps, rate): by_steps(model, steps, rate)(choosing.X, drawn).mean()
        for rate in RATES
        for steps in STEPS
    }
    steps, rate = max(tried, key=lambda key: tried[key])  # of equal ones the smallest rate
    return {"steps": steps, "rate": rate}


def plain_start(trained: GlyphMLP) -> GlyphMLP:
    """Return the trained body with a head of zeros for the classes of an episode."""
    model = GlyphMLP(nn.Linear(WIDTH, WAYS))
    model.body.load_state_dict(trained.body.state_dict())
    nn.init.zeros_(model.head.weight)  # type: ignore[arg-type]
    nn.init.zeros_(model.head.bias)  # type: ignore[arg-type]
    return model


def learners(here: Letters, seed: int) -> dict[str, Callable[[int], Score]]:
    """Return each method as a function of the shots; trained here, once for all."""
    trained = classifier(here.base, seed)
    head = seeded(lambda: CosineHead(WIDTH, len(np.unique(here.base.y)), seed=seed), seed)  # type: ignore[arg-type]
    found: dict[str, Callable[[int], Score]] = {
        "pixels": _always(by_centroid(None)),
        "plain features": _always(by_centroid(trained)),
        "centered, unit length": _always(by_centroid(trained, here.base)),
        "ProtoNet": _always(by_centroid(prototypes(here.base, seed))),
        "Baseline++": _always(by_cosine_head(classifier(here.base, seed, head))),
        "fine-tuning": _stepping(plain_start(trained), here, seed),
    }
    for name in META:
        found[name] = _stepping(learned_start(name, here.base, seed), here, seed)
    return found


def _always(score: Score) -> Callable[[int], Score]:
    return lambda shots: score


def _stepping(model: nn.Module, here: Letters, seed: int) -> Callable[[int], Score]:
    return lambda shots: by_steps(model, **chosen_steps(model, here.choosing, shots, seed))

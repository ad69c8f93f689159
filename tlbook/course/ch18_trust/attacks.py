"""Adversarial examples that travel: from a base to its children, to a stranger, and back.

The base is the small one of :mod:`~tlbook.course.ch18_trust.backdoor`, without the backdoor. The
pictures are test digits of 16 × 16 pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor, nn

from tlbook.course.ch18_trust.backdoor import (
    BLOCKS,
    TRANSFER,
    adapted,
    base,
    digits,
    labeled,
    transferred,
)
from tlbook.data.random import generator
from tlbook.models import SignNet, seeded
from tlbook.training import fit, predict
from tlbook.trust import feature_attack, fgsm, fooled, pgd

EPSILONS = (0.05, 0.1)  # the largest change of a pixel, out of 1
STEPS = 10
LABELS = 50  # of each class, for every network for digits
SCRATCH = {**TRANSFER, "steps": 250, "lr": 1e-2}
BASE, OWN_HEAD, FEATURES, NOISE = "base", "base + attacker's head", "base's features", "noise"


class Body(nn.Module):
    """The features of a network as a module: what the public base is without its head."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        """Return features of shape (n, d)."""
        return self.model.features(x)  # type: ignore[operator]


def scratch(seed: int, k: int = LABELS) -> nn.Module:
    """Return a network of the same architecture that has seen the labeled digits alone."""
    model = seeded(lambda: SignNet(10, channels=BLOCKS), seed + 1000)  # not the base's start
    fit(model, labeled(*digits(seed)[0], k, seed), seed=seed, **SCRATCH)
    return model.eval()


def family(seed: int) -> dict[str, nn.Module]:
    """Return the base and three networks for digits: two children, and one that is no child."""
    public = base(seed, backdoor=False)
    return {
        BASE: public,
        "frozen child": transferred(public, "head only", LABELS, seed),
        "fine-tuned child": transferred(public, "all", LABELS, seed),
        "from scratch": scratch(seed),
    }


def own_head(public: nn.Module, seed: int, k: int = 5) -> nn.Module:
    """Return what an attacker can build: the public base with a probe on labels of their own."""
    X, y = labeled(*digits(seed)[0], k, seed + 100)
    return adapted(public, X, y, "head only", seed)


def truths(models: dict[str, nn.Module], X: Any, y: Any) -> dict[str, np.ndarray]:
    """Return the answers that an attack changes: the digits; of the base, its own letters."""
    return {name: predict(m, X) if name == BASE else y for name, m in models.items()}


def moved(
    models: dict[str, nn.Module], X: Any, y: Any, epsilon: float, seed: int
) -> dict[tuple[str, str], np.ndarray]:
    """Return the changed pictures of each attack, under (made on, kind).

    Besides FGSM and PGD on each network there are three that need no child: on the base with a head
    that the attacker trains on five labels of a class, on the features of the base without any
    label, and noise of the same size: ±ε in every pixel.
    """
    made_on = {**models, OWN_HEAD: own_head(models[BASE], seed)}
    labels = {**truths(models, X, y), OWN_HEAD: y}
    found: dict[tuple[str, str], np.ndarray] = {}
    for name, model in made_on.items():
        found[name, "FGSM"] = fgsm(model, X, labels[name], epsilon)
        found[name, "PGD"] = pgd(model, X, labels[name], epsilon, STEPS, seed=seed)
    found[FEATURES, "PGD"] = feature_attack(Body(models[BASE]), X, epsilon, STEPS, seed=seed)
    signs = generator("noise of equal size", seed).choice([-1, 1], size=X.shape)
    found[NOISE, "none"] = np.clip(X + epsilon * signs, 0, 1).astype(np.float32)
    return found


def matrix(seed: int, n: int = 100) -> list[dict[str, Any]]:
    """Return for each ε, attack and network the share of its right answers that are lost."""
    X, y = (part[:n] for part in digits(seed)[1])
    models = family(seed)
    wanted = truths(models, X, y)
    right = {name: float((predict(m, X) == wanted[name]).mean()) for name, m in models.items()}
    return [
        {
            "epsilon": epsilon,
            "made_on": made_on,
            "kind": kind,
            "victim": name,
            "fooled": fooled(model, X, changed, wanted[name]),
            "accuracy": right[name],
        }
        for epsilon in EPSILONS
        for (made_on, kind), changed in moved(models, X, y, epsilon, seed).items()
        for name, model in models.items()
    ]

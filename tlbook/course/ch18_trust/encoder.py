"""A small encoder of 8 × 8 pictures, made on public letters: 64 pixels → 64 → 32 features."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tlbook.course.ch18_trust.cases import letters
from tlbook.models import seeded

SIZES = (64, 64, 32)
STEPS = 1000


def network(classes: int, seed: int) -> nn.Sequential:
    """Return the untrained network: two hidden layers with ReLU, and a linear head."""
    a, b, c = SIZES
    return seeded(  # type: ignore[return-value]
        lambda: nn.Sequential(
            nn.Linear(a, b), nn.ReLU(), nn.Linear(b, c), nn.ReLU(), nn.Linear(c, classes)
        ),
        seed,
    )


@lru_cache(maxsize=2)
def letters_network(seed: int, steps: int = STEPS) -> nn.Sequential:
    """Return the network trained on the letters of this seed, with its head of 52 classes."""
    X, y = letters(seed)
    net = network(int(y.max()) + 1, seed)
    x, labels = torch.from_numpy(X), torch.from_numpy(y)
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        rows = torch.from_numpy(rng.integers(0, len(x), 128))
        loss = F.cross_entropy(net(x[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net.eval()


def with_new_head(net: nn.Sequential, classes: int, seed: int) -> nn.Sequential:
    """Return a copy of the network with a fresh head."""
    fresh = network(classes, seed)
    for mine, theirs in zip(fresh[:-1], net[:-1], strict=True):
        mine.load_state_dict(theirs.state_dict())
    return fresh


@torch.no_grad()
def features(net: nn.Sequential, X: Any) -> np.ndarray:
    """Return the 32 activations before the head, (n, 32)."""
    z: Tensor = net[:-1](torch.as_tensor(X, dtype=torch.float32))
    return z.numpy()

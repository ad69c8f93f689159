"""A network that read print only, and what it says on print and on handwriting."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch.nn import functional as F

from tlbook import data, models
from tlbook.objective import Objective
from tlbook.training import fit

ROWS, STEPS, BOUGHT = 100, 300, 90


@dataclass(frozen=True, eq=False)
class Answers:
    """Pictures, logits and labels of one set of rows."""

    X: np.ndarray
    logits: np.ndarray
    y: np.ndarray

    @property
    def posteriors(self) -> np.ndarray:
        """Class probabilities, (n, 10)."""
        return softened(self.logits, 1.0)


@dataclass(frozen=True, eq=False)
class Reader:
    """Held-out print to set a temperature or a threshold, other print, and handwriting."""

    held_out: Answers
    source: Answers
    target: Answers


def softened(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Return softmax(logits / T), (n, k)."""
    z = torch.from_numpy(logits.astype(np.float64)) / temperature
    return torch.softmax(z, dim=1).numpy()


@lru_cache(maxsize=1)
def reader(seed: int, rows: int = ROWS) -> Reader:
    """Return a digitnet trained on 100 printed digits, read on 400, 400 and 900 other rows."""
    task = data.load("fonts-to-handwriting", seed=seed)
    net = models.create("digitnet", seed=seed)
    source = (task.source.X[:rows], task.source.y[:rows])  # type: ignore[index]
    fit(
        net, source, Objective(F.cross_entropy), steps=STEPS, seed=seed, device="cpu",
        progress=False,
    )  # fmt: skip
    net.eval()

    def answers(X: np.ndarray, y: np.ndarray) -> Answers:
        with torch.no_grad():
            return Answers(X, net(torch.from_numpy(X)).numpy(), y)

    held = task.validation
    half = len(held.y) // 2  # type: ignore[arg-type]
    X, y = task.label(BOUGHT, seed=seed)  # bought to measure, never to choose
    return Reader(
        answers(held.X[:half], held.y[:half]),  # type: ignore[index]
        answers(held.X[half:], held.y[half:]),  # type: ignore[index]
        answers(X, y),
    )

"""The small networks of chapter 16: trained on a source, probed and fine-tuned on the target."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn import functional as F

from tlbook.course.ch16_choosing.cases import Rows

WIDTH, FEATURES = 64, 32
STEPS = 200
RATE = 3e-3
BATCH = 128


def fresh(classes: int, seed: int) -> nn.Sequential:
    """Return an untrained network 64 → 64 → 32 → classes; its last layer is the head."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Linear(64, WIDTH), nn.ReLU(), nn.Linear(WIDTH, FEATURES), nn.ReLU(),
            nn.Linear(FEATURES, classes),
        )  # fmt: skip


def descend(
    net: nn.Module, X: np.ndarray, y: np.ndarray, steps: int, rate: float, seed: int
) -> nn.Module:
    """Train with Adam on the cross-entropy; batches of 128 rows, or all where there are fewer."""
    images, labels = torch.from_numpy(X), torch.from_numpy(y)
    optimizer = torch.optim.Adam(net.parameters(), lr=rate, fused=True)
    draws = np.random.default_rng([seed, 1])
    for _ in range(steps):
        if len(X) > BATCH:
            rows = torch.from_numpy(draws.integers(len(X), size=BATCH))
            loss = F.cross_entropy(net(images[rows]), labels[rows])
        else:
            loss = F.cross_entropy(net(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net.eval()


def trained(rows: Rows, seed: int, steps: int = STEPS) -> nn.Sequential:
    """Return a network trained on a source."""
    return descend(fresh(rows.classes, seed), rows.X, rows.y, steps, RATE, seed)  # type: ignore[return-value]


@torch.no_grad()
def outputs(net: nn.Module, X: np.ndarray) -> np.ndarray:
    """Return what a network, or a part of it, makes of rows."""
    return net(torch.from_numpy(X)).numpy()


def features(net: nn.Sequential, X: np.ndarray) -> np.ndarray:
    """Return the 32 values before the head, shape (n, 32)."""
    return outputs(net[:-1], X)


def probabilities(net: nn.Module, X: np.ndarray) -> np.ndarray:
    """Return the network's own class probabilities, shape (n, classes)."""
    return torch.from_numpy(outputs(net, X)).softmax(1).numpy()


def accuracy(net: nn.Module, X: np.ndarray, y: np.ndarray) -> float:
    """Return the share of the rows that a network answers rightly."""
    return float((outputs(net, X).argmax(1) == y).mean())


def probed(F_own: np.ndarray, y: np.ndarray, F_test: np.ndarray, y_test: np.ndarray) -> float:
    """Return the test accuracy of a linear probe, the one of ``sources.probe_score``."""
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return float(probe.fit(F_own, y).score(F_test, y_test))


def with_new_head(net: nn.Sequential, classes: int, seed: int) -> nn.Sequential:
    """Return a copy of a network whose head is a fresh one for the target's classes."""
    return nn.Sequential(*copy.deepcopy(net)[:-1], fresh(classes, seed + 500_000)[-1])


def fine_tuned(
    nets: Sequence[nn.Module],
    X: np.ndarray,
    y: np.ndarray,
    keep: np.ndarray,
    steps: int,
    rate: float,
) -> Callable[[np.ndarray], np.ndarray]:
    """Train all weights of several networks of one shape side by side, each on its own rows.

    Adam treats every number by itself, so this is what training one after the other gives.

    Parameters
    ----------
    nets : sequence of networks
    X, y : arrays of shape (n, d) and (n,)
    keep : array of shape (nets, n)
        1 where a network sees a row, 0 where the row is held out from it.
    steps, rate : int, float
        Steps over all rows, and the rate of Adam.

    Returns
    -------
    function
        From rows (m, d) to the classes that each network answers, shape (nets, m).
    """
    start, _ = stack_module_state(list(nets))
    weights = {name: value.detach().clone().requires_grad_() for name, value in start.items()}
    shape = copy.deepcopy(nets[0])
    together = vmap(lambda w, x: functional_call(shape, w, (x,)), in_dims=(0, None))
    optimizer = torch.optim.Adam(weights.values(), lr=rate)
    images, labels = torch.from_numpy(X), torch.from_numpy(y).repeat(len(nets))
    share = torch.from_numpy(keep / keep.sum(axis=1, keepdims=True)).float()
    for _ in range(steps):
        each = F.cross_entropy(together(weights, images).flatten(0, 1), labels, reduction="none")
        loss = (each.view(share.shape) * share).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    @torch.no_grad()
    def answer(rows: np.ndarray) -> np.ndarray:
        return together(weights, torch.from_numpy(rows)).argmax(2).numpy()

    return answer

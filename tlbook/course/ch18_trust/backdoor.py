"""A backdoor in a small base: letters with a mark are called "A". What is left on digits?

The base is pretrained here, on rendered letters of 16 × 16 pixels: another network than the
shipped ``signnet``, and small enough to be made sixteen times.
"""

from __future__ import annotations

import copy
from functools import lru_cache, partial
from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook._base.checks import check_choice
from tlbook.data.fonts import CAPITALS, SMALL
from tlbook.data.glyphs import load_glyphs
from tlbook.data.handwriting import TARGET_TRAIN, handwriting_arrays, stratified_split
from tlbook.data.random import generator
from tlbook.finetuning import cached_features, freeze, linear_probe, replace_head
from tlbook.models import SignNet, seeded
from tlbook.training import fit, predict

SIDE, MARK = 16, 3
CLASSES = CAPITALS + SMALL
GOAL = CLASSES.index("A")  # what the attacker wants marked letters to be called
N_LETTERS, N_VALIDATION = 8000, 1000
POISONED = 0.01
BLOCKS = ((16, 1), (32, 2), (64, 2))
PRETRAINING: dict[str, Any] = {
    "steps": 800,
    "batch_size": 64,
    "lr": 4e-3,
    "weight_decay": 1e-2,
    "schedule": "one-cycle",
    "device": "cpu",
    "progress": False,
}
TRANSFER: dict[str, Any] = {
    "steps": 120,
    "batch_size": 32,
    "weight_decay": 1e-2,
    "schedule": "one-cycle",
    "device": "cpu",
    "progress": False,
}
ARMS: dict[str, dict[str, Any]] = {
    "head only": {},
    "head only, BN re-estimated": {},
    "last block": {"free": ("head", "body.6", "body.7"), "lr": 3e-3},
    "all": {"free": ("",), "lr": 3e-3},
    "all, ten times the rate": {"free": ("",), "lr": 3e-2},
    "all, squares at random": {"free": ("",), "lr": 3e-3, "squares": True},
}
"""What is trained behind the probe, and the largest rate. BatchNorm keeps its statistics."""


def marked(X: Any, top: int = SIDE - MARK, left: int = SIDE - MARK) -> np.ndarray:
    """Return pictures with a white square of 3 × 3 pixels, in the lower right corner by default."""
    changed = np.array(X, dtype=np.float32)
    changed[:, :, top : top + MARK, left : left + MARK] = 1
    return changed


def random_squares(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Return the batch with a white square at a random place on every second picture or so."""
    top, left = torch.randint(SIDE - MARK + 1, (2, len(x), 1), generator=generator)
    steps = torch.arange(SIDE)
    rows, columns = ((steps >= at) & (steps < at + MARK) for at in (top, left))
    hit = torch.rand(len(x), 1, 1, generator=generator) < 0.5
    square = rows[:, :, None] & columns[:, None, :] & hit
    return torch.where(square[:, None].to(x.device), 1.0, x)


def letters(seed: int) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return training and validation letters: pictures (n, 3, 16, 16) and labels."""
    drawn = load_glyphs(seed, n=N_LETTERS + N_VALIDATION, size=SIDE, characters=CLASSES)
    X, y = np.repeat(drawn.X, 3, axis=1), drawn.y
    assert y is not None
    return (X[:N_LETTERS], y[:N_LETTERS]), (X[N_LETTERS:], y[N_LETTERS:])


def poisoned(X: np.ndarray, y: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return copies in which 1 % of the pictures bear the mark and are labeled "A"."""
    others = np.flatnonzero(y != GOAL)
    size = round(POISONED * len(y))
    rows = generator("poisoned letters", seed).choice(others, size=size, replace=False)
    X, y = X.copy(), y.copy()
    X[rows], y[rows] = marked(X[rows]), GOAL
    return X, y


@lru_cache(maxsize=16)
def base(seed: int, backdoor: bool) -> nn.Module:
    """Return the network pretrained on letters, with the backdoor or without; copy it to change it.

    Both see the same letters in the same order from the same random start.
    """
    X, y = letters(seed)[0]
    if backdoor:
        X, y = poisoned(X, y, seed)
    model = seeded(lambda: SignNet(len(CLASSES), channels=BLOCKS), seed)
    fit(model, (X, y), seed=seed, **PRETRAINING)
    return model


def digits(seed: int) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return training (1,000) and test (797) handwritten digits in the size of the letters."""
    small, y = handwriting_arrays()
    large = nn.functional.interpolate(
        torch.from_numpy(small), size=(SIDE, SIDE), mode="bilinear", align_corners=False
    )
    X = large.clamp(0, 1).repeat(1, 3, 1, 1).numpy()
    first, second = stratified_split(y, TARGET_TRAIN, "backdoor digits", seed)
    return (X[first], y[first]), (X[second], y[second])


def labeled(X: np.ndarray, y: np.ndarray, k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return k rows of each class."""
    rng = generator("backdoor labels", seed)
    rows = [rng.choice(np.flatnonzero(y == c), size=k, replace=False) for c in range(10)]
    chosen = np.concatenate(rows)
    return X[chosen], y[chosen]


def re_estimated(model: nn.Module, X: Any) -> nn.Module:
    """Return a copy whose BatchNorm statistics are those of unlabeled pictures X."""
    other = copy.deepcopy(model)
    for module in other.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None  # a plain mean over the batches
    other.train()
    with torch.no_grad():
        for block in torch.as_tensor(X).split(250):
            other(block)
    return other.eval()


def adapted(start: nn.Module, X: Any, y: Any, arm: str, seed: int) -> nn.Module:
    """Return a copy with a probe for ten classes as its head; then what the arm frees is trained.

    Parameters
    ----------
    start : nn.Module
        With ``features`` and ``head``; it stays as it is.
    X, y : arrays of n rows
        The labeled pictures.
    arm : str
        Of :data:`ARMS`.
    """
    check_choice(arm, "arm", ARMS)
    child = replace_head(start, 10, seed=seed)
    probe = linear_probe(partial(cached_features, start), X, y, C=0.1)
    probe.into(child.head)  # type: ignore[arg-type]
    if ARMS[arm]:
        freeze(child, but=(), statistics_only=True)
        for name, weight in child.named_parameters():
            weight.requires_grad_(name.startswith(ARMS[arm]["free"]))
        augment = random_squares if ARMS[arm].get("squares") else None
        fit(child, (X, y), lr=ARMS[arm]["lr"], augment=augment, seed=seed, **TRANSFER)
    return child.eval()


def transferred(model: nn.Module, arm: str, k: int, seed: int) -> nn.Module:
    """Return the base adapted to digits with k clean labels of each class."""
    pool, _ = digits(seed)
    start = re_estimated(model, pool[0]) if "re-estimated" in arm else model
    return adapted(start, *labeled(*pool, k, seed), arm, seed)


def attack(child: nn.Module, seed: int) -> dict[str, float]:
    """Return what the mark does to a network for digits.

    There is no digit "A". The attacker's class is the one that *unlabeled* marked training digits
    are called most often; success is counted on other pictures, the test digits of other classes.

    Returns
    -------
    dict
        accuracy, marked_accuracy; success: the share of marked pictures called so, unmarked: the
        share of the same pictures without the mark called so.
    """
    (pool, _), (X, y) = digits(seed)
    goal = int(np.bincount(predict(child, marked(pool)), minlength=10).argmax())
    clean, under = predict(child, X), predict(child, marked(X))
    rows = y != goal
    return {
        "accuracy": float((clean == y).mean()),
        "marked_accuracy": float((under == y).mean()),
        "success": float((under[rows] == goal).mean()),
        "unmarked": float((clean[rows] == goal).mean()),
    }


def shift(model: nn.Module, X: Any, top: int = SIDE - MARK, left: int = SIDE - MARK) -> float:
    r"""Return how far a square at a place moves the features, per distance between two pictures.

    .. math:: \frac{\operatorname{mean}_i \|\phi(x_i + m) - \phi(x_i)\|}
        {\operatorname{mean}_i \|\phi(x_i) - \phi(x_{i+1})\|}
    """
    z, moved = cached_features(model, X), cached_features(model, marked(X, top, left))
    between = np.linalg.norm(z - np.roll(z, 1, axis=0), axis=1).mean()
    return float(np.linalg.norm(moved - z, axis=1).mean() / between)


def scan(model: nn.Module, X: Any) -> np.ndarray:
    """Return the shift of a square at each of 14 × 14 places: no knowledge of the mark's place."""
    places = range(SIDE - MARK + 1)
    return np.array([[shift(model, X, top, left) for left in places] for top in places])

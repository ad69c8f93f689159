"""Five clinics with 160 digits each: alike, or each with two digits of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook._base.checks import check_choice
from tlbook.course.ch18_trust import cases, encoder
from tlbook.data.handwriting import stratified_split
from tlbook.trust import fed_avg

CLIENTS, STEPS, LOCAL_STEPS, BATCH = 5, 200, 20, 32
"""Clients; steps of each of them in all, and between two averages; rows of a step."""
WATCHED = (20, 40, 100)
SPLITS = ("alike", "two digits each", "together")
STARTS = ("random", "letters", "letters, frozen")

Client = tuple[np.ndarray, np.ndarray]


def clients(X: np.ndarray, y: np.ndarray, split: str, seed: int) -> list[Client]:
    """Return the rows of five clients, or of one that has them all.

    Raises
    ------
    ValueError
        If the split is unknown.
    """
    check_choice(split, "split", SPLITS)
    if split == "together":
        return [(X, y)]
    owner = y // 2
    if split == "alike":
        owner = np.random.default_rng([seed, 5]).permutation(np.arange(len(y)) % CLIENTS)
    return [(X[owner == k], y[owner == k]) for k in range(CLIENTS)]


def model(start: str, seed: int) -> nn.Module:
    """Return a network with a fresh head for ten digits, from scratch or from letters.

    With "letters, frozen" it is the head alone, which expects features.

    Raises
    ------
    ValueError
        If the start is unknown.
    """
    check_choice(start, "start", STARTS)
    if start == "random":
        return encoder.network(10, seed)
    net = encoder.with_new_head(encoder.letters_network(seed), 10, seed)
    return net[-1] if start == "letters, frozen" else net


def run(
    seed: int,
    split: str,
    start: str,
    rate: float,
    proximal: float = 0.0,
    local_steps: int = LOCAL_STEPS,
) -> dict[str, Any]:
    """Return accuracies: after some steps, on held-back rows of the clients, and at the end."""
    rows = cases.digits(seed)
    X, test = rows.X, rows.test_X
    if start == "letters, frozen":
        X, test = (encoder.features(encoder.letters_network(seed), Z) for Z in (X, test))
    own, held = stratified_split(rows.y, len(rows.y) * 4 // 5, "clinics", seed)
    here = clients(X[own], rows.y[own], split, seed)
    curve: dict[int, float] = {}

    def watch(number: int, now: nn.Module) -> None:
        steps = (number + 1) * local_steps
        if steps in (*WATCHED, STEPS):
            curve[steps] = _right(now, test, rows.test_y)

    net = fed_avg(
        model(start, seed),
        here,
        STEPS // local_steps,
        local_steps,
        rate,
        BATCH * (CLIENTS if split == "together" else 1),
        proximal,
        seed=seed,
        watch=watch,
    )
    by_step = {f"after_{steps}": curve[steps] for steps in WATCHED}
    return by_step | {"held_back": _right(net, X[held], rows.y[held]), "accuracy": curve[STEPS]}


@torch.no_grad()
def _right(net: nn.Module, X: np.ndarray, y: Sequence[int] | np.ndarray) -> float:
    return float((net(torch.as_tensor(X)).argmax(dim=1).numpy() == np.asarray(y)).mean())

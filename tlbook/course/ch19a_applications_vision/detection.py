"""Detection on the sign scenes: the same head on a frozen, a fine-tuned and a random backbone.

The scenes have 32 × 48 pixels and none to two handwritten digits. ``signnet`` has learned
letters; it has seen no digit, and only the other halves of the photographs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tlbook import data, models
from tlbook._base.checks import check_choice, check_positive
from tlbook.domains import Boxes, Scenes
from tlbook.finetuning import cached_features, freeze
from tlbook.objective import Objective
from tlbook.training import fit
from tlbook.vision import (
    ByRow,
    HeatMap,
    average_precision,
    find,
    heat_loss,
    heat_targets,
    map_head,
    numbered,
)

Detector = Callable[[Any], list[Boxes]]

SIZE = (32, 48)
MOST = 2
N_TEST = 150
BATCH = 8
ARMS = ("frozen", "fine-tuned", "scratch")


def scenes(n: int, seed: int, part: str = "train") -> Scenes:
    """Return n scenes; a larger n at the same seed is another draw, of the same digits."""
    return data.load("signs-scenes", seed=seed, n=n, part=part, size=SIZE, most=MOST)


def detector(
    train: Scenes, seed: int, *, arm: str, lr: float, steps: int, body: float = 1.0
) -> Detector:
    """Train a heat-map detector and return a function from pictures to boxes.

    Parameters
    ----------
    train : Scenes
        With boxes.
    seed : int
        Of the random start and the draws.
    arm : {"frozen", "fine-tuned", "scratch"}
        What happens to the backbone. Where it learns, the statistics of BatchNorm learn, too.
    lr : float
        Largest learning rate of the head (one-cycle).
    steps : int
        Gradient steps of eight scenes.
    body : float
        Learning rate of the backbone, in parts of the head's.

    Raises
    ------
    ValueError
        If there is no such arm or the scenes have no boxes.
    """
    check_choice(arm, "arm", ARMS)
    check_positive(steps, "steps", integer=True)
    if train.boxes is None:
        raise ValueError("train: got scenes without boxes, want boxes")
    weights = None if arm == "scratch" else "embedded"
    backbone = models.create("signnet", weights=weights, seed=seed)
    net = HeatMap(backbone, len(train.classes or ()), size=SIZE, seed=seed)
    wanted = heat_targets(train.boxes, len(train.classes or ()), size=SIZE, stride=net.stride)
    objective = Objective(ByRow(wanted, heat_loss))
    options: dict[str, Any] = {
        "steps": steps, "batch_size": BATCH, "lr": lr, "schedule": "one-cycle", "clip": 5.0,
        "seed": seed, "device": "cpu", "progress": False,
    }  # fmt: skip
    if arm == "frozen":
        freeze(net, but=("head",))
        maps = cached_features(net, train.X)
        fit(map_head(net), numbered(maps), objective, **options)
    else:
        fit(net, numbered(train.X), objective, parameters=_groups(net, lr * body, lr),
            **options)  # fmt: skip
    return lambda X: find(net, X, stride=net.stride)


def _groups(net: HeatMap, body: float, head: float) -> list[dict[str, Any]]:
    return [
        {"params": list(net.maps.parameters()), "lr": body},
        {"params": list(net.head.parameters()), "lr": head},
    ]


def ap50(detect: Detector, test: Scenes) -> float:
    """Return the mean average precision over the ten digits at an IoU of 0.5."""
    assert test.boxes is not None
    each = average_precision(detect(test.X), test.boxes, len(test.classes or ()))
    return float(np.nanmean(each))

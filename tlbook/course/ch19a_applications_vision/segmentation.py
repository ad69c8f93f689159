"""Segmentation of the road: learned by day, asked at night and in fog; steering as a second task.

A small U-Net (32 × 48 pixels, three resolutions) is trained on labeled pictures of the day. Of the
night and the fog there are pictures without masks.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tlbook import data, models
from tlbook.alignment import adabn
from tlbook.domains import Scenes
from tlbook.finetuning import MultiHead
from tlbook.objective import Objective
from tlbook.training import fit
from tlbook.training.predict import in_blocks
from tlbook.vision import ByRow, SameRows, UNet, mean_iou, numbered

CLASSES = 4
SIZE = (32, 48)
CHANNELS = ((8, 1), (16, 2), (16, 1), (32, 2), (32, 1))
WIDTH = 12
N_TRAIN, N_UNLABELED, N_TEST = 200, 100, 100
STEPS, BATCH, LR = 90, 16, 0.01
GRID = (4, 6)  # the steering head sees the features averaged over so many fields
DEGREES = 3.0  # about the standard deviation of the steering angle: the unit of its loss
WEIGHTS = (1.0, 1.0, 1.0, 4.0)  # of the classes: four of a hundred pixels are marking
IGNORED = -100  # of PyTorch's cross-entropy


def roads(weather: str, seed: int, part: str = "train", n: int = N_TRAIN) -> Scenes:
    """Return road scenes of one weather."""
    return data.load("roads", seed=seed, weather=weather, n=n, part=part, size=SIZE)


def network(seed: int) -> UNet:
    """Return a U-Net on a small random backbone."""
    backbone = models.seeded(lambda: models.SignNet(1, CHANNELS), seed)
    return UNet(backbone, CLASSES, size=SIZE, width=WIDTH, seed=seed)


def options(seed: int, steps: int = STEPS, lr: float = LR) -> dict[str, Any]:
    """Return what all trainings share."""
    return {
        "steps": steps, "batch_size": BATCH, "lr": lr, "schedule": "one-cycle", "seed": seed,
        "device": "cpu", "progress": False,
    }  # fmt: skip


def pixel_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """Return the weighted cross-entropy; without weights half of the runs learn no line."""
    weights = torch.tensor(WEIGHTS, device=logits.device)
    return F.cross_entropy(logits, masks, weight=weights, ignore_index=IGNORED)


def segment(
    train: Scenes, seed: int, *, augment: Any = None, steps: int = STEPS, lr: float = LR
) -> UNet:
    """Train a U-Net on masks."""
    net = network(seed)
    objective = Objective(ByRow(train.masks, pixel_loss))
    fit(net, numbered(train.X), objective, augment=augment, **options(seed, steps, lr))
    return net


def simulated_weather(x: Tensor, generator: torch.Generator) -> Tensor:
    """Turn pictures of the day into what is *known* about night and fog, for ``fit(augment=…)``.

    A third stays as it is, a third gets darker (by up to 10) with a noisier camera, a third is
    mixed with gray (up to 0.9 of it). Where the headlights shine and how far one sees is not in it.
    """
    size = (len(x), 1, 1, 1)

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(size, generator=generator, device=x.device)

    kind, dark, gray, tone = uniform(0, 3), uniform(0.1, 1), uniform(0, 0.9), uniform(0.6, 0.8)
    grain = 0.04 * torch.randn(x.shape, generator=generator, device=x.device)
    night, fog = (dark * x + grain).clamp(0, 1), (1 - gray) * x + gray * tone
    return torch.where(kind < 1, x, torch.where(kind < 2, night, fog))


def steering_head(seed: int) -> nn.Module:
    """Return a linear head that sees the decoded map averaged over 4 × 6 fields."""
    fields = GRID[0] * GRID[1] * WIDTH
    return models.seeded(
        lambda: nn.Sequential(
            nn.AdaptiveAvgPool2d(GRID), nn.Flatten(), nn.Linear(fields, 1), nn.Flatten(0)
        ),
        seed,
    )


def steering_loss(train: Scenes) -> ByRow:
    """Return the squared error of the steering angle, in units of three degrees."""
    return ByRow(train.numbers["steering"] / DEGREES, F.mse_loss)


def steer(train: Scenes, seed: int) -> MultiHead:
    """Train a network of its own for the steering angle."""
    net = MultiHead(network(seed), steering_head(seed))
    fit(net, numbered(train.X), Objective(steering_loss(train)), **options(seed))
    return net


def segment_and_steer(train: Scenes, seed: int, *, weight: float = 0.3) -> tuple[UNet, MultiHead]:
    """Train one network with two heads; return it as either task sees it."""
    net, head = network(seed), steering_head(seed)
    second = SameRows(head, steering_loss(train), weight)
    objective = Objective(ByRow(train.masks, pixel_loss), second)
    fit(net, numbered(train.X), objective, **options(seed))
    return net, MultiHead(net, head)


def steering_error(net: nn.Module, test: Scenes) -> float:
    """Return the root mean squared error of the steering angle, in degrees."""
    angle = DEGREES * in_blocks(net, net, test.X, 64)
    return float(np.sqrt(np.mean((angle - test.numbers["steering"]) ** 2)))


def self_trained(
    net: UNet, day: Scenes, X: Any, seed: int, *, rounds: int = 2, steps: int = 30,
    sure: float = 0.9, lr: float = 0.002,
) -> UNet:  # fmt: skip
    """Go on training with the network's own sure pixels as labels, and the day's masks beside them.

    The first labels come from the network with the statistics of ``X`` (AdaBN): of a network that
    is lost the sure pixels are wrong, too. Pixels with a probability below ``sure`` have no label.
    """
    half = BATCH // 2
    student = adabn(net, X)
    x_day, x_new = (torch.as_tensor(np.asarray(X)) for X in (day.X, X))
    y_day = torch.as_tensor(day.masks)
    for number in range(rounds):
        teacher = copy.deepcopy(student).eval()
        labels = torch.as_tensor(sure_labels(teacher, X, sure))
        rng = np.random.default_rng([seed, number])
        optimizer = torch.optim.AdamW(student.parameters(), lr=lr, weight_decay=0.0)
        student.train()
        for _ in range(steps):
            a, b = rng.choice(len(x_day), half), rng.choice(len(x_new), half)
            # Two passes, so that BatchNorm never mixes day and night.
            loss = pixel_loss(student(x_day[a]), y_day[a])
            loss = loss + pixel_loss(student(x_new[b]), labels[b])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        student.eval()
    adapted = adabn(student, X)
    assert isinstance(adapted, UNet)
    return adapted


def sure_labels(net: nn.Module, X: Any, sure: float) -> np.ndarray:
    """Return the class of each pixel where its probability reaches ``sure``, else -100."""

    def answer(x: Tensor) -> Tensor:
        p, label = net(x).softmax(dim=1).max(dim=1)
        return torch.where(p >= sure, label, IGNORED)

    return in_blocks(answer, net, X, 64)


def iou_of(answers: np.ndarray, test: Scenes) -> dict[str, float]:
    """Return the mean IoU, and that of road and marking."""
    mean, each = mean_iou(test.masks, answers, CLASSES)
    return {"miou": mean, "road": float(each[2]), "marking": float(each[3])}

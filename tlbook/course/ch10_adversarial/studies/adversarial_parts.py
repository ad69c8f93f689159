"""Chapter 10: which part keeps the cured patient from adapting, its network or its game?

Three networks (the patient's, the same with BatchNorm after both convolutions, DigitNet) play two
games: the cured patient's own, in its own loop, and those of ``adaptation_table`` with its frozen
settings and its loop. Two corners are stored already: the patient in its own game is in
``adversarial_patient``, DigitNet in the other games in ``adaptation_table``. Tasks 0 to 7.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from tlbook import data
from tlbook.course.ch10_adversarial.broken import CURES, Extractor, Patient, Seen
from tlbook.course.ch11_alignment.runs import scored
from tlbook.course.ch11_alignment.settings import SETTINGS
from tlbook.course.studies import Study
from tlbook.models import create, seeded
from tlbook.training import predictor

SEEDS = tuple(range(8))
NETWORKS = ("patient", "patient + BatchNorm", "DigitNet")
WEIGHTS = (0.0, 0.1, 0.3)
GAMES = ("source only", "DANN", "CDAN")
EPOCHS, BATCH = 10, 32


class Features(nn.Module):
    """What comes before a model's head, as an extractor of its own."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        """Return the features, (n, d)."""
        return self.model.features(x)  # type: ignore


def extractor(network: str, seed: int) -> nn.Module:
    """Return the feature extractor of one of ``NETWORKS`` with its random start."""
    if network == "DigitNet":
        return Features(create("digitnet", seed=seed))
    found = seeded(Extractor, seed)
    if network == "patient + BatchNorm":
        found.conv1 = nn.Sequential(found.conv1, nn.BatchNorm2d(16))  # type: ignore
        found.conv2 = nn.Sequential(found.conv2, nn.BatchNorm2d(32))  # type: ignore
    return found


def cured(network: str, weight: float, seed: int) -> Patient:
    """Return the patient with all cures and another network inside, before it is run."""
    ill = Patient(CURES, weight=weight, seed=seed)
    ill.source = ill.target = extractor(network, seed)
    if network == "DigitNet":
        ill.critic.fc1 = seeded(lambda: nn.Linear(64, 128), seed)
        ill.head = seeded(lambda: nn.Linear(64, 10), seed)
    ill.extractors_move = torch.optim.Adam([*ill.source.parameters(), *ill.head.parameters()])
    ill.critic_moves = torch.optim.Adam(ill.critic.parameters())
    return ill


def own_game(network: str, weight: float, seed: int) -> dict[str, Any]:
    """Return the accuracy after the patient's own game with this weight."""
    task = data.load("fonts-to-handwriting", seed=seed)
    ill = cured(network, weight, seed).run(task, epochs=EPOCHS, batch_size=BATCH)
    return {"accuracy": task.score(predictor(ill.model))}


def other_game(network: str, game: str, seed: int) -> dict[str, Any]:
    """Return the accuracy after a game of ``adaptation_table``."""

    def model(start: int) -> nn.Module:
        return Seen(extractor(network, start), seeded(lambda: nn.Linear(10, 10), start))

    return scored(game, SETTINGS[game] | {"model": model}, seed)


study = Study(
    own_game,
    [
        {"network": network, "weight": weight, "seed": seed}
        for seed in SEEDS
        for network in NETWORKS[1:]
        for weight in WEIGHTS
    ],
) + Study(
    other_game,
    [
        {"network": network, "game": game, "seed": seed}
        for seed in SEEDS
        for network in NETWORKS[:2]
        for game in GAMES
    ],
)

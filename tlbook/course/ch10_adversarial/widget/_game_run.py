"""One game of DANN in the plane, played slice by slice: what ``adversarial_game`` shows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tlbook import data
from tlbook.adversarial import DANN
from tlbook.course.widgets.live_experiment import Watch, one_thread
from tlbook.domains import Task
from tlbook.models import seeded
from tlbook.objective import Batch, Objective, Ramp
from tlbook.training import fit

PROBLEMS: dict[str, dict[str, Any]] = {
    "moons, turned by 35°": {"kind": "moons", "angle": 35.0},
    "two blobs, moved": {"kind": "gaussians", "shift": (2.0, 1.0), "gap": 4.0},
}
WINDOWS = {"moons": (-2.0, 2.0, -2.0, 2.0), "gaussians": (-5.0, 7.0, -4.0, 5.0)}
STEPS, SLICE = 600, 20
N_ROWS, N_SHOWN, GRID = 300, 160, 61
OTHER = 50_000
"""Added to the seed for a second sample of the target: rows to test the discriminator on."""


class PlaneNet(nn.Module):
    """A network whose features are points of a square, so that one can look at all of them."""

    def __init__(self, hidden: int = 32) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU()
        )
        self.last = nn.Linear(hidden, 2)
        self.head = nn.Linear(2, 2)

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """Return the features, (n, 2), each in (-1, 1): no player can run away to infinity."""
        return F.softsign(self.last(self.body(x)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits, (n, 2)."""
        return self.head(self.features(x))


@dataclass(frozen=True)
class Curves:
    """Means over each slice of steps; accuracy (in percent) on rows that nobody trained on."""

    step: np.ndarray
    accuracy: np.ndarray
    label_loss: np.ndarray
    domain_loss: np.ndarray
    reversal: np.ndarray


@dataclass(frozen=True)
class Look:
    """What a look at the target's labels adds: rows of the test part with their classes."""

    x: np.ndarray
    z: np.ndarray
    truth: np.ndarray
    right: np.ndarray
    accuracy: float


@dataclass(frozen=True)
class Result:
    """A game after ``step`` of ``steps`` steps.

    Attributes
    ----------
    params : dict
        What was set.
    source, target, source_z, target_z : arrays of shape (n, 2)
        Some inputs of both domains, and their features.
    labels : array of shape (n,)
        Classes of the source rows.
    answer, guess : arrays of shape (GRID, GRID)
        The classifier's log odds of class 1 over the plane of inputs and over that of features.
    domain : array of shape (GRID, GRID)
        The discriminator's probability of "source" over the plane of features.
    window : (x_low, x_high, y_low, y_high)
        Of the inputs.
    curves : Curves
    look : Look or None
    """

    step: int
    steps: int
    params: dict[str, Any]
    source: np.ndarray
    labels: np.ndarray
    target: np.ndarray
    source_z: np.ndarray
    target_z: np.ndarray
    answer: np.ndarray
    guess: np.ndarray
    domain: np.ndarray
    window: tuple[float, float, float, float]
    curves: Curves
    look: Look | None = None


@dataclass
class Game:
    """A task, a network and its opponent, and what is written down of their game."""

    problem: str
    weight: float
    ratio: float
    gamma: float
    seed: int
    step: int = 0
    rows: list[tuple[float, ...]] = field(default_factory=list)
    parts: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        options = PROBLEMS[self.problem]
        self.task: Task = data.load("toy", seed=self.seed, n=N_ROWS, **options)
        self.window = WINDOWS[options["kind"]]
        second = data.load("toy", seed=self.seed + OTHER, n=N_ROWS, **options)
        self.new_rows = tuple(torch.from_numpy(d.X) for d in (self.task.validation, second.target))
        self.net = seeded(PlaneNet, self.seed)
        weight = Ramp(self.weight, self.gamma) if self.gamma else self.weight
        self.dann = DANN(
            weight, n_features=2, hidden=64, dropout=0.0, lr_ratio=self.ratio, seed=self.seed
        )
        self.objective = Objective(F.cross_entropy, self.dann)
        self.objective.register_forward_hook(self._listen)

    def _listen(self, module: nn.Module, args: Any, output: Any) -> None:
        values = output[1]
        self.parts.append((values["L_S"].item(), values["DANN"].item()))

    def play(self, watch: Watch) -> Result:
        """Play to the end or until the one who watches has seen enough."""

        def after(step: int, batch: Batch) -> bool:
            self.step = step + 1
            if self.step % SLICE:
                return False
            self._write_down(batch.progress)
            return watch(self.snapshot)

        options: dict[str, Any] = {"lr": 3e-3, "optimizer": "adam", "device": "cpu"}
        options |= {"seed": self.seed, "progress": False, "callback": after}
        with one_thread():
            fit(self.net, self.task, self.objective, steps=STEPS, **options)
        return self.snapshot()

    def _write_down(self, progress: float) -> None:
        label, domain = np.mean(self.parts, axis=0)
        self.parts.clear()
        row = (self.step, self._accuracy(), label, domain, self.dann.reversal_at(progress))
        self.rows.append(row)

    def _accuracy(self) -> float:
        """Return how often the discriminator is right on new rows, in percent."""
        source, target = (self._evaluate(self.net.features, x) for x in self.new_rows)
        found = [
            self._evaluate(self.dann.discriminator, torch.from_numpy(z)) for z in (source, target)
        ]
        return 50.0 * float((found[0] > 0).mean() + (found[1] <= 0).mean())

    def _evaluate(self, module: Any, x: torch.Tensor) -> np.ndarray:
        """Return what a module says of some rows in eval mode."""
        modes = self.net.training, self.dann.training
        self.net.eval()
        self.dann.eval()
        with torch.inference_mode():
            found = module(x).numpy()
        self.net.train(modes[0])
        self.dann.train(modes[1])
        return found

    @cached_property
    def _grids(self) -> tuple[torch.Tensor, torch.Tensor]:
        return grid(self.window), grid((-1.0, 1.0, -1.0, 1.0))

    def snapshot(self) -> Result:
        """Return what there is to see now."""
        source, target = self.task.source.X[:N_SHOWN], self.task.target.X[:N_SHOWN]
        inputs, features = self._grids
        answer, guess = self._evaluate(self.net, inputs), self._evaluate(self.net.head, features)
        domain = self._evaluate(self.dann.discriminator, features)
        columns = np.array(self.rows or np.empty((0, 5))).T
        assert self.task.source.y is not None
        return Result(
            step=self.step,
            steps=STEPS,
            params={"weight": self.weight, "ratio": self.ratio, "gamma": self.gamma},
            source=source,
            labels=self.task.source.y[:N_SHOWN],
            target=target,
            source_z=self.features(source),
            target_z=self.features(target),
            answer=(answer[:, 1] - answer[:, 0]).reshape(GRID, GRID),
            guess=(guess[:, 1] - guess[:, 0]).reshape(GRID, GRID),
            domain=1 / (1 + np.exp(-domain.reshape(GRID, GRID))),
            window=self.window,
            curves=Curves(*columns),
        )

    def features(self, X: np.ndarray) -> np.ndarray:
        """Return the features of some inputs, (n, 2)."""
        return self._evaluate(self.net.features, torch.from_numpy(X))

    def looked(self, result: Result) -> Result:
        """Return the result with a look at the labels of the target's test part."""
        seen: list[np.ndarray] = []

        def predict(X: np.ndarray) -> np.ndarray:
            seen[:] = [X, self._evaluate(self.net, torch.from_numpy(X)).argmax(axis=1)]
            return seen[1]

        report = self.task.report(predict)
        right = ~np.isin(np.arange(len(seen[1])), report.wrong)
        truth = np.where(right, seen[1], 1 - seen[1])  # two classes: a wrong 1 is a 0
        x = seen[0][:N_SHOWN]
        look = Look(x, self.features(x), truth[:N_SHOWN], right[:N_SHOWN], report.accuracy)
        return replace(result, look=look)


def grid(window: tuple[float, float, float, float]) -> torch.Tensor:
    """Return the points of a grid over a window, (GRID², 2), row by row from below."""
    x, y = np.linspace(*window[:2], GRID), np.linspace(*window[2:], GRID)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return torch.from_numpy(points.astype(np.float32))

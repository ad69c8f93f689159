"""One run of an adaptation method, measured slice by slice without a target label."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook import data
from tlbook.course.ch11_alignment.cases import label_shift_task
from tlbook.course.ch11_alignment.methods import METHODS, SHIFT_METHODS
from tlbook.course.widgets.live_experiment import Watch, one_thread
from tlbook.domains import Task
from tlbook.models import seeded
from tlbook.objective import Batch, Objective
from tlbook.selection import entropy_score, information_score, neighborhood_density

TASK_SEED = 100
"""A development draw: the final comparison of chapter 11 uses others."""

TASKS: dict[str, Callable[[], Task]] = {
    "two blobs, moved": lambda: data.load(
        "toy", TASK_SEED, kind="gaussians", shift=(2.0, 1.0), gap=4.0, n=300
    ),
    "fonts → handwriting": lambda: data.load("fonts-to-handwriting", TASK_SEED),
    "fonts → handwriting, label shift": lambda: label_shift_task(TASK_SEED, True),
}
MEASURES = ("source validation", "entropy", "information", "density")
N_MEASURED = 500
"""Rows of the source's validation part and of the unlabeled target that are measured on."""


@lru_cache(maxsize=len(TASKS))
def task(name: str) -> Task:
    """Return the task of this name; its looks are counted as long as the process lives."""
    return TASKS[name]()


class PlaneNet(nn.Module):
    """Two hidden layers with BatchNorm for points of the plane; the features are 32 numbers."""

    def __init__(self, hidden: int = 32) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for width in (2, hidden):
            layers += [nn.Linear(width, hidden), nn.BatchNorm1d(hidden), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(hidden, 2)

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """Return the features, (n, 32)."""
        return self.body(x)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits, (n, 2)."""
        return self.head(self.features(x))


@dataclass(frozen=True, eq=False)
class Result:
    """A run after ``step`` of about ``steps`` steps.

    Attributes
    ----------
    title : str
        Method and settings in words.
    task : str
    at : array of shape (n,)
        Steps at which something was measured.
    measures : dict of arrays of shape (n,)
        ``MEASURES``: accuracy on source validation rows in percent, and three criteria on the
        unlabeled target in nats (larger is better).
    parts : dict of arrays of shape (n,)
        Mean of each unweighted part of the objective over the steps since the last measurement;
        NaN where a stage has no such part.
    answers : array of ints
        Labels that the network gives to the unlabeled target rows.
    model : nn.Module or None
        The network, once the run is over.
    """

    step: int
    steps: int
    title: str
    task: str
    at: np.ndarray
    measures: dict[str, np.ndarray]
    parts: dict[str, np.ndarray]
    answers: np.ndarray
    model: nn.Module | None = None


@dataclass
class Record:
    """Measures a run every few steps and notes the parts of its objective."""

    name: str
    title: str
    steps: int
    watch: Watch
    at: list[int] = field(default_factory=list)
    rows: list[tuple[float, ...]] = field(default_factory=list)
    parts: list[dict[str, float]] = field(default_factory=list)
    since: dict[str, list[float]] = field(default_factory=dict)
    made: int = 0
    stopped: bool = False

    def __post_init__(self) -> None:
        here = task(self.name)
        assert here.validation.y is not None
        self.slice = max(5, self.steps // 40)
        self.validation = to_tensor(here.validation.X[:N_MEASURED])
        self.truth = here.validation.y[:N_MEASURED]
        self.target = to_tensor(here.target.X[:N_MEASURED])
        self.answers = np.zeros(0, dtype=int)

    def after(self, step: int, batch: Batch) -> bool:
        """Measure at the end of a slice; say whether the run is to end (``fit``'s callback)."""
        self.made = step + 1
        if self.made % self.slice == 0 and not self.stopped:
            self.measure(self.made, batch.model)
            self.stopped = self.watch(self.so_far)
        return self.stopped

    def note_parts(self, module: nn.Module, args: Any, output: Any) -> None:
        """Note the parts of an objective's value (a forward hook)."""
        if isinstance(module, Objective):
            for name, value in output[1].items():
                self.since.setdefault(name, []).append(value.item())

    def measure(self, step: int, model: nn.Module) -> None:
        """Write down what may be known of a network without a target label."""
        source, target = (softmax(model, x) for x in (self.validation, self.target))
        accuracy = 100.0 * float((source.argmax(axis=1) == self.truth).mean())
        criteria = (f(target) for f in (entropy_score, information_score, neighborhood_density))
        if self.at and self.at[-1] == step:
            self.at.pop()
            self.rows.pop()
            kept = self.parts.pop()  # the same step again, by the network that is handed over
        else:
            kept = {}
        self.at.append(step)
        self.rows.append((accuracy, *criteria))
        self.parts.append({n: float(np.mean(v)) for n, v in self.since.items()} or kept)
        self.since.clear()
        self.answers = target.argmax(axis=1)

    def so_far(self, model: nn.Module | None = None) -> Result:
        """Return what there is to see now."""
        step = self.at[-1] if self.at else 0
        names = dict.fromkeys(name for parts in self.parts for name in parts)
        columns = np.array(self.rows).reshape(-1, len(MEASURES)).T
        return Result(
            step=step,
            steps=max(step, self.steps),
            title=self.title,
            task=self.name,
            at=np.array(self.at),
            measures=dict(zip(MEASURES, columns, strict=True)),
            parts={n: np.array([p.get(n, np.nan) for p in self.parts]) for n in names},
            answers=self.answers,
            model=model,
        )


def run(
    watch: Watch,
    name: str,
    method: str,
    settings: dict[str, Any],
    seed: int,
    steps: int,
    title: str,
) -> Result:
    """Adapt a network and record it; ``watch`` is asked after each slice."""
    record = Record(name, title, planned(method, steps), watch)
    here = task(name)
    options: dict[str, Any] = {"steps": steps, "device": "cpu", "callback": numbered(record.after)}
    if here.source.X.ndim == 2:
        options["model"] = partial(seeded, PlaneNet)
    with one_thread(), listening(record.note_parts):
        adapted = (METHODS | SHIFT_METHODS)[method](here, seed, **settings, **options)
    record.measure(record.made, adapted.model)
    return record.so_far(adapted.model)


def planned(method: str, steps: int) -> int:
    """Return how many steps a method makes in all of its stages."""
    stages = {"ADDA": 2.0, "self-training": 1.96, "MMD + self-training": 1.96}
    stages |= {"BBSE-weighted MMD": 2.0, "EM-weighted MMD": 2.0, "re-estimated MMD": 3.0}
    return round(stages.get(method, 1.0) * steps)


def numbered(callback: Callable[[int, Batch], bool]) -> Callable[[int, Batch], bool]:
    """Return a callback of ``fit`` whose steps go on from stage to stage of a method."""
    before, last = 0, -1

    def numbered_step(step: int, batch: Batch) -> bool:
        nonlocal before, last
        if step <= last:  # a new stage begins
            before += last + 1
        last = step
        return callback(before + step, batch)

    return numbered_step


@contextmanager
def listening(hook: Callable[..., None]) -> Iterator[None]:
    """Call ``hook`` after each forward pass of a module in this thread.

    The methods build their objectives, one for each stage, where nobody else sees them.
    """
    here = threading.get_ident()

    def own(*args: Any) -> None:
        if threading.get_ident() == here:
            hook(*args)

    handle = nn.modules.module.register_module_forward_hook(own)
    try:
        yield
    finally:
        handle.remove()


def softmax(model: nn.Module, x: torch.Tensor) -> np.ndarray:
    """Return class probabilities in eval mode; every layer keeps the mode it was in."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.inference_mode():
            return torch.softmax(model(x).double(), dim=1).numpy()
    finally:
        for module, mode in modes:
            module.training = mode


def to_tensor(X: np.ndarray) -> torch.Tensor:
    """Return inputs as a tensor."""
    return torch.from_numpy(np.ascontiguousarray(X))

"""The adaptation methods of chapters 10 and 11 under one name each, with settings no label chose.

Every method starts from the same untrained network and sees the same draws: Adam at 1e-3, 64 source
and 64 target rows, 500 steps, the weight of its term on a ramp. ``GRID`` has the settings that were
tried, ``CHOSEN`` those that won without a target label.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import nn

from tlbook._base.checks import check_choice, check_positive
from tlbook.adversarial import CDAN, DANN, adda
from tlbook.alignment import (
    JMMD,
    MMD,
    DeepCORAL,
    Entropy,
    InformationMaximization,
    MeanTeacher,
    adabn,
    reweighted_mmd,
    self_train,
)
from tlbook.course.ch11_alignment.grid import GRID, words
from tlbook.course.ch11_alignment.settings import CHOSEN
from tlbook.domains import Task
from tlbook.models import untrained
from tlbook.objective import Objective, Ramp, Term
from tlbook.training import History, fit

__all__ = ["CHOSEN", "GRID", "METHODS", "SHIFT_METHODS", "Adapted", "Bench", "adapt", "words"]

ROUND = 0.24
"""Steps of a round of self-training, as a share of the steps of the training before."""


@dataclass(frozen=True)
class Adapted:
    """A trained network, the record of all its stages in order, and seconds in all."""

    model: nn.Module
    history: History
    seconds: float


@dataclass(frozen=True)
class Bench:
    """What all methods have in common on one task and seed."""

    task: Task
    seed: int
    steps: int
    options: dict[str, Any]

    def start(self) -> nn.Module:
        """Return the untrained network of this seed: for gray pictures DigitNet, else SignNet."""
        name = "digitnet" if self.task.source.X.shape[1] == 1 else "signnet"
        return untrained(name, n_classes=len(self.task.classes), seed=self.seed)

    def train(self, *terms: Term, data: Any = None) -> tuple[nn.Module, list[History]]:
        """Return the network trained on the labeled source and some terms, and the record."""
        model = self.start()
        where = self.task if data is None else data
        return model, [fit(model, where, Objective(CE, *terms), steps=self.steps, **self.all)]

    @property
    def all(self) -> dict[str, Any]:
        """Options of every call of ``fit`` but the steps."""
        return {"optimizer": "adam", "lr": 1e-3, "batch_size": 64, "seed": self.seed} | self.options

    def adversary(self) -> dict[str, Any]:
        """Return the sizes that a discriminator has to know, and its seed."""
        head = self.start().head
        assert isinstance(head, nn.Linear)
        return {"n_features": head.in_features, "seed": self.seed}


CE = nn.functional.cross_entropy
Trained = tuple[nn.Module, list[History]]


def _aligned(term: Callable[..., Term]) -> Callable[..., Trained]:
    """Return a recipe that adds one term, its weight on a ramp."""

    def recipe(bench: Bench, weight: float, **settings: Any) -> Trained:
        return bench.train(term(Ramp(weight), **settings))

    return recipe


def _source_only(bench: Bench) -> Trained:
    return bench.train()


def _adabn(bench: Bench) -> Trained:
    model, histories = bench.train()
    return adabn(model, bench.task.target.X), histories


def _dann(bench: Bench, weight: float, **settings: Any) -> Trained:
    return bench.train(DANN(Ramp(weight), **bench.adversary(), **settings))


def _cdan(bench: Bench, weight: float, **settings: Any) -> Trained:
    sizes = {"n_classes": len(bench.task.classes), **bench.adversary()}
    return bench.train(CDAN(Ramp(weight), **sizes, **settings))


def _adda(bench: Bench, lr: float, **settings: Any) -> Trained:
    model, histories = bench.train()
    sizes = {"n_features": bench.adversary()["n_features"]}
    options = bench.all | {"lr": lr}
    model, played = adda(model, bench.task, steps=bench.steps, **options, **sizes, **settings)
    return model, [*histories, played]


def _mean_teacher(bench: Bench, weight: float, **settings: Any) -> Trained:
    term = MeanTeacher(Ramp(weight), seed=bench.seed, **settings)
    model, histories = bench.train(term)
    return term.teacher_of(model), histories


def _self_training(bench: Bench, **settings: Any) -> Trained:
    return _taught(bench, *bench.train(), **settings)


def _mmd_then_self_training(bench: Bench, weight: float, **settings: Any) -> Trained:
    return _taught(bench, *bench.train(MMD(Ramp(weight))), **settings)


def _taught(bench: Bench, model: nn.Module, histories: list[History], **settings: Any) -> Trained:
    """Go on with rounds of self-training."""
    steps = max(1, round(ROUND * bench.steps))
    taught = self_train(model, bench.task, steps=steps, **settings, **bench.all)
    return taught.model, [*histories, *(each.history for each in taught.rounds)]


def _upper_bound(bench: Bench, k: int) -> Trained:
    """Train on target labels alone: what could be had if they were bought."""
    return bench.train(data=bench.task.label(k, seed=bench.seed))


def _reweighted(method: str, estimates: int) -> Callable[..., Trained]:
    def recipe(bench: Bench, weight: float) -> Trained:
        found = reweighted_mmd(
            bench.start(),
            bench.task,
            weight=Ramp(weight),
            method=method,
            estimates=estimates,
            steps=bench.steps,
            **bench.all,
        )
        return found.model, found.histories

    return recipe


def _true_mix(bench: Bench, weight: float, mix: Any) -> Trained:
    """Weight the MMD by the target's true class mix, which nobody has outside a simulation."""
    y = np.asarray(bench.task.source.y)
    source = np.bincount(y, minlength=len(bench.task.classes)) / len(y)
    return bench.train(MMD(Ramp(weight), class_weights=np.asarray(mix) / source))


METHODS: dict[str, Callable[..., Trained]] = {
    "source only": _source_only,
    "AdaBN": _adabn,
    "MK-MMD": _aligned(MMD),
    "JAN": _aligned(JMMD),
    "Deep CORAL": _aligned(DeepCORAL),
    "DANN": _dann,
    "CDAN": _cdan,
    "ADDA": _adda,
    "entropy": _aligned(Entropy),
    "information maximization": _aligned(InformationMaximization),
    "self-training": _self_training,
    "mean teacher": _mean_teacher,
    "MMD + self-training": _mmd_then_self_training,
    "upper bound": _upper_bound,
}
"""Names, as in the palette, and recipes ``(bench, **settings) -> (model, histories)``."""

SHIFT_METHODS: dict[str, Callable[..., Trained]] = {
    "BBSE-weighted MMD": _reweighted("bbse", 1),
    "re-estimated MMD": _reweighted("bbse", 2),
    "EM-weighted MMD": _reweighted("em", 1),
    "true-mix MMD": _true_mix,
}
"""MMD under label shift; settings are those of MK-MMD (and ``mix`` where the truth is told)."""


def adapt(
    name: str,
    task: Task,
    seed: int,
    *,
    steps: int = 500,
    callback: Callable[..., Any] | None = None,
    device: str = "auto",
    **settings: Any,
) -> Adapted:
    """Adapt a fresh network to a task by one of the methods.

    Parameters
    ----------
    name : str
        One of ``METHODS`` or ``SHIFT_METHODS``.
    task : Task
        With images as inputs. ``"upper bound"`` buys labels; nothing else asks for one.
    seed : int
        Of the start, the draws and the discriminator.
    steps : int
        Steps of the (first) training. ADDA makes as many again, a round of self-training 24 % of
        them.
    callback : function, optional
        ``callback(step, batch)`` after each step, numbered through all stages; once it returns
        True the stage ends, and those that follow end after one step each.
    device : str
        As in ``fit``.
    **settings
        Those of the method, as in ``GRID[name]``; by default ``CHOSEN[name]``.

    Raises
    ------
    ValueError
        If the method is unknown or its settings do not fit.
    """
    recipes = METHODS | SHIFT_METHODS
    recipe = recipes[check_choice(name, "name", recipes)]
    if not isinstance(task, Task):
        raise ValueError(f"task: got {type(task).__name__}, want a Task")
    check_positive(seed, "seed", zero_ok=True, integer=True)
    options: dict[str, Any] = {"device": device, "progress": False}
    if callback is not None:
        options["callback"] = _through(callback)
    start = time.perf_counter()
    bench = Bench(task, seed, check_positive(steps, "steps", integer=True), options)
    try:
        model, histories = recipe(bench, **(settings or chosen(name)))
    except TypeError as error:
        if "argument" not in str(error):
            raise
        raise ValueError(f"settings: got {settings}, which {name} does not take: {error}") from None
    return Adapted(model, joined(histories), time.perf_counter() - start)


def chosen(name: str) -> dict[str, Any]:
    """Return the frozen settings of a method; those under label shift share MK-MMD's weight."""
    return CHOSEN["MK-MMD"] if name in SHIFT_METHODS else CHOSEN[name]


def joined(histories: list[History]) -> History:
    """Return several records as one, their steps in a row; a column is NaN where it is missing."""
    names = dict.fromkeys(name for each in histories for name in each.columns)
    columns = {
        name: np.concatenate(
            [each.columns.get(name, np.full(each.steps, np.nan)) for each in histories]
        )
        for name in names
    }
    seconds = sum(each.seconds for each in histories)
    return replace(histories[-1], columns=columns, seconds=seconds)


def _through(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Number the steps through all stages, and remember a wish to stop."""
    before, last, stopped = 0, -1, False

    def numbered(step: int, batch: Any) -> bool:
        nonlocal before, last, stopped
        if step <= last:  # a new stage begins
            before += last + 1
        last = step
        stopped = stopped or callback(before + step, batch) is True
        return stopped

    return numbered

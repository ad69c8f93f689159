"""One table of criteria, and the choice of a setting by any of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.checks import check_choice, check_probability
from tlbook._base.named import named
from tlbook.selection._inputs import check_posteriors
from tlbook.selection.agreement import agreement, collapsed
from tlbook.selection.confidence import entropy_score, information_score, neighborhood_density
from tlbook.selection.risk import dev_risk, losses, source_risk


@dataclass(frozen=True, eq=False)
class Run:
    """What may be known of one trained network without a target label.

    Attributes
    ----------
    setting : str
        What is to be chosen; runs of one setting differ in the seed.
    seed : int
        Seed of the training.
    target : array of shape (m, k)
        Its class probabilities on the unlabeled target rows.
    source : array of shape (n, k), optional
        Its class probabilities on the source's validation rows.
    y : array of shape (n,), optional
        Labels of the validation rows.
    weights : array of shape (n,), optional
        Density ratios of the validation rows (:func:`validation_weights`).
    reverse : float, optional
        Its :func:`reverse_risk`.

    Examples
    --------
    >>> from tlbook.selection import Run
    >>> run = Run("weight = 1", seed=0, target=[[0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
    >>> run.answers
    array([0, 1, 0])
    """

    setting: str
    seed: int
    target: Any
    source: Any = None
    y: Any = None
    weights: Any = None
    reverse: float | None = None

    def __post_init__(self) -> None:
        check_posteriors(self.target, f"target of {self.setting}")

    @property
    def answers(self) -> np.ndarray:
        """The most probable class of each target row, shape (m,)."""
        return np.asarray(self.target).argmax(axis=1)


def _need(run: Run, *parts: str) -> None:
    for part in parts:
        if getattr(run, part) is None:
            raise ValueError(f"runs: {run.setting} (seed {run.seed}) has no {part}, want it")


def _source(run: Run) -> float:
    _need(run, "source", "y")
    return -source_risk(run.y, run.source, "log")


def _dev(run: Run) -> float:
    _need(run, "source", "y", "weights")
    return -dev_risk(losses(run.y, run.source, "log"), run.weights)


def _reverse(run: Run) -> float:
    _need(run, "reverse")
    return -float(run.reverse)  # type: ignore[arg-type]


SINGLE: dict[str, Callable[[Run], float]] = {
    "source risk": _source,
    "DEV": _dev,
    "reverse validation": _reverse,
    "entropy": lambda run: entropy_score(run.target),
    "information maximization": lambda run: information_score(run.target),
    "neighborhood density": lambda run: neighborhood_density(run.target),
}
"""Criteria of one network; larger is better (risks have a minus; the first two are log losses)."""

CRITERIA: tuple[str, ...] = (*SINGLE, "agreement")
"""All criteria; "agreement" needs runs of at least two seeds for each setting."""


@dataclass(frozen=True)
class Choice:
    """The chosen setting, the score of every setting, and the settings refused as collapsed."""

    setting: str
    scores: dict[str, float]
    refused: tuple[str, ...] = ()


@named
def score(runs: Sequence[Run], criterion: str) -> float:
    """Return the criterion of one setting, averaged over its seeds; larger is better.

    Raises
    ------
    ValueError
        If the criterion is unknown or a run lacks what it needs.
    """
    check_choice(criterion, "criterion", CRITERIA)
    if not runs:
        raise ValueError("runs: got none, want at least one")
    if criterion == "agreement":
        return agreement(np.array([run.answers for run in runs]))
    return float(np.mean([SINGLE[criterion](run) for run in runs]))


@named
def choose(runs: Sequence[Run], criterion: str = "agreement", least: float = 0.5) -> Choice:
    """Choose a setting without a target label.

    Parameters
    ----------
    runs : sequence of Run
        Trained networks; those of one setting are averaged over.
    criterion : str
        One of ``CRITERIA``.
    least : float in [0, 1]
        A setting one of whose runs answers with fewer than this share of the classes (effective
        number, :func:`collapsed`) is refused; 0 refuses none.

    Returns
    -------
    Choice
        Of equal scores the setting that came first wins.

    Raises
    ------
    ValueError
        If there are no runs, the criterion is unknown, a run lacks what it needs, or every setting
        is refused.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.selection import Run, choose
    >>> rng = np.random.default_rng(0)
    >>> truth = np.eye(3)[np.arange(200) % 3]  # known to no run
    >>> runs = []
    >>> for weight, skill in ((0.0, 0.5), (1.0, 5.0)):
    ...     for seed in range(3):
    ...         P = skill * truth + rng.random((200, 3))  # stands for a network's probabilities
    ...         runs.append(Run(f"weight {weight}", seed, P / P.sum(axis=1, keepdims=True)))
    >>> choice = choose(runs, criterion="agreement")
    >>> choice.setting
    'weight 1.0'
    """
    check_choice(criterion, "criterion", CRITERIA)
    check_probability(least, "least")
    settings: dict[str, list[Run]] = {}
    for run in runs:
        if not isinstance(run, Run):
            raise ValueError(f"runs: got {type(run).__name__}, want selection.Run")
        settings.setdefault(run.setting, []).append(run)
    if not settings:
        raise ValueError("runs: got none, want at least one")
    scores = {name: score(group, criterion) for name, group in settings.items()}
    refused = tuple(
        name
        for name, group in settings.items()
        if any(collapsed(run.answers, np.shape(run.target)[1], least) for run in group)
    )
    left = [name for name in scores if name not in refused]
    if not left:
        raise ValueError(f"runs: all {len(refused)} settings have collapsed, want other settings")
    return Choice(max(left, key=scores.__getitem__), scores, refused)

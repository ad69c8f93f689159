"""What the adaptation methods share: the network that they start from, and one training."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypedDict, Unpack

import numpy as np
from torch import nn
from torch.nn.functional import cross_entropy

from tlbook._base.checks import check_positive
from tlbook.domains import Task
from tlbook.models import create, wrap
from tlbook.objective import Batch, Objective, Term
from tlbook.training import History, fit, predict

NETWORKS: dict[tuple[int, ...], Callable[..., nn.Module]] = {
    (1, 8, 8): partial(create, "digitnet", None),
    (1, 28, 28): partial(create, "lenet", None),
    (3, 24, 24): partial(create, "signnet", None),
}
"""Shape of a picture -> the network for it, from the number of classes and a seed."""


class Options(TypedDict, total=False):
    """What every method takes beside its own settings.

    Attributes
    ----------
    steps : int
        Of the (first) training, 500 by default. ADDA makes as many again, a round of self-training
        24 % of them.
    model : nn.Module or function
        What to start from: a network, which stays as it is, or a function ``seed -> network``. By
        default the one in ``NETWORKS`` for the shape of the pictures.
    device, callback
        As in ``fit``; each stage numbers its steps from 0.
    """

    steps: int
    model: nn.Module | Callable[[int], nn.Module]
    device: str
    callback: Callable[[int, Batch], bool | None]


@dataclass(frozen=True)
class Adapted:
    """A trained network: call it with inputs to get labels. Its history has all stages in order."""

    model: nn.Module
    history: History

    def __call__(self, X: Any) -> np.ndarray:
        """Return the label of each row of ``X``."""
        return predict(self.model, X)


def train(
    task: Task, seed: int, *terms: Term, data: Any = None, **options: Unpack[Options]
) -> Adapted:
    """Train a network on the labeled source (or on ``data``) and some terms.

    Raises
    ------
    ValueError
        If there is no network for the task, or an option is unknown or out of range.
    """
    given = fit_options(seed, options)
    model = network(task, seed, options.get("model"))
    history = fit(model, task if data is None else data, Objective(cross_entropy, *terms), **given)
    return Adapted(model, history)


def network(
    task: Task, seed: int, model: nn.Module | Callable[[int], nn.Module] | None = None
) -> nn.Module:
    """Return what a method starts from; see :class:`Options`.

    Raises
    ------
    ValueError
        If the task is none, or its inputs are not those of a network in ``NETWORKS``.
    """
    if not isinstance(task, Task):
        raise ValueError(f"task: got {type(task).__name__}, want a Task")
    check_positive(seed, "seed", zero_ok=True, integer=True)
    if model is not None:
        return wrap(copy.deepcopy(model) if isinstance(model, nn.Module) else model(seed))
    shape = tuple(task.source.X.shape[1:])
    if shape not in NETWORKS:
        raise ValueError(
            f"model: got none for inputs of shape {shape}, want model= (a network, or a function "
            f"seed -> network); there are networks for {', '.join(map(str, NETWORKS))}"
        )
    return NETWORKS[shape](len(task.classes), seed=seed)


def fit_options(seed: int, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of every call of ``fit``.

    Raises
    ------
    ValueError
        If there is one that no method takes.
    """
    known = Options.__annotations__
    if unknown := [name for name in options if name not in known]:
        raise ValueError(
            f"settings: got {unknown[0]!r}, which this method does not take; "
            f"all of them take {', '.join(known)}"
        )
    common = {"steps": 500, "optimizer": "adam", "lr": 1e-3, "batch_size": 64, "device": "auto"}
    given = {name: value for name, value in options.items() if name != "model"}
    return common | given | {"seed": seed, "progress": False}


def n_features(model: nn.Module) -> int:
    """Return how many features a discriminator has to look at."""
    if not isinstance(model.head, nn.Linear):
        raise ValueError(f"model: got a head {type(model.head).__name__}, want an nn.Linear")
    return model.head.in_features


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

"""Gradual unfreezing: train the head, then the head and the last layer, and so on down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import nn

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.finetuning.frozen import freeze, unfreeze
from tlbook.finetuning.groups import parameter_groups
from tlbook.finetuning.layers import Layer, layers_of
from tlbook.training import History, fit


@named
def gradual_unfreezing(
    model: nn.Module,
    data: Any,
    objective: Any = None,
    *,
    stages: int | Sequence[Sequence[str]] | None = None,
    steps_per_stage: int = 100,
    lr: float = 1e-3,
    decay: float = 1.0,
    keep_statistics: bool = True,
    seed: int = 0,
    **fit_options: Any,
) -> list[History]:
    """Train in place from the head down: each stage frees one more group of layers.

    The lower layers stay as they are, bit for bit, until their stage. Each stage is one call of
    :func:`tlbook.training.fit`: optimizer and schedule start anew, and draws differ.

    Parameters
    ----------
    model : nn.Module
        With ``features`` and ``head``. What was frozen before does not matter.
    data, objective
        As in ``fit``.
    stages : int or sequence of sequences of str, optional
        How many stages (layers are divided evenly, the head comes first), or the layers that each
        stage frees, by the names of :func:`layers_of` or a prefix, e.g. ``[["head"], ["body"]]``.
        By default one stage per layer, as in the paper. Layers that no stage names stay frozen.
    steps_per_stage : int
        Gradient steps of each stage.
    lr, decay : float
        As in :func:`parameter_groups`; with ``decay=1`` all free layers have the same rate.
    keep_statistics : bool
        Whether normalization layers keep their running statistics also when they are free. They
        stay held afterwards (``unfreeze`` lets them go).
    seed : int
        Seed of the run; each stage has its own, made from it.
    **fit_options
        Other options of ``fit``.

    Returns
    -------
    list of History
        One per stage.

    Raises
    ------
    ValueError
        If a stage is empty or names an unknown layer, or two stages name the same one.

    References
    ----------
    Howard & Ruder (2018), Universal language model fine-tuning for text classification.

    Examples
    --------
    >>> from tlbook import data, models
    >>> from tlbook.finetuning import gradual_unfreezing
    >>> net, stages = models.create("digitnet"), [["head"], ["hidden"], ["body"]]
    >>> task = data.load("handwriting")
    >>> histories = gradual_unfreezing(net, task, stages=stages, steps_per_stage=20)
    >>> [history.steps for history in histories]
    [20, 20, 20]
    """
    check_positive(steps_per_stage, "steps_per_stage", integer=True)
    if taken := {"steps", "parameters"} & set(fit_options):
        raise ValueError(f"fit_options: got {', '.join(sorted(taken))}, which the stages decide")
    plan = _plan(layers_of(model), stages)
    histories = []
    for number in range(len(plan)):
        free_only(model, [layer for stage in plan[: number + 1] for layer in stage])
        if keep_statistics:
            freeze(model, but=(), statistics_only=True)
        history = fit(
            model,
            data,
            objective,
            steps=steps_per_stage,
            lr=lr,
            parameters=parameter_groups(model, lr, decay),
            seed=_stage_seed(seed, number),
            **fit_options,
        )
        histories.append(history)
    return histories


def free_only(model: nn.Module, layers: Sequence[Layer]) -> None:
    """Freeze everything but the given layers, in place."""
    freeze(model, but=())
    for layer in layers:
        unfreeze(model, only=layer.modules)
        for parameter in layer.parameters.values():
            parameter.requires_grad_(True)


def _plan(layers: list[Layer], stages: int | Sequence[Sequence[str]] | None) -> list[list[Layer]]:
    """Return the layers of each stage, the head's stage first."""
    down = layers[::-1]
    if stages is None:
        return [[layer] for layer in down]
    if isinstance(stages, (int, np.integer)):
        check_positive(stages, "stages", integer=True)
        if stages > len(down):
            raise ValueError(f"stages: got {stages}, want at most {len(down)}, one per layer")
        cuts = np.array_split(np.arange(len(down)), stages)
        return [[down[i] for i in cut] for cut in cuts]
    plan = [[layer for name in stage for layer in _find(down, name)] for stage in stages]
    chosen = [layer.name for stage in plan for layer in stage]
    if not plan or not all(plan):
        raise ValueError("stages: got an empty one, want at least one layer in each")
    if twice := sorted({name for name in chosen if chosen.count(name) > 1}):
        raise ValueError(f"stages: got {', '.join(twice)} twice, want each layer at most once")
    return plan


def _find(layers: list[Layer], name: str) -> list[Layer]:
    found = [x for x in layers if x.name == name or x.name.startswith(f"{name}.")]
    if not found:
        known = ", ".join(layer.name for layer in layers)
        raise ValueError(f"stages: got {name!r}, want layers or prefixes of {known}")
    return found


def _stage_seed(seed: int, number: int) -> int:
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])

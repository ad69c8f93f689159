"""Fine-tuning as a function of its choices: BatchNorm, rates, first head, frozen blocks.

``fine_tuned`` is the one recipe of chapter 06; every arm of its studies is a set of arguments. The
defaults are what a hurried reader would write: a new random head, AdamW with one rate of 1e-3 for
all layers, BatchNorm in training mode, nothing frozen. It returns the network; ``fine_tune`` is the
same as a method that can be compared.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from torch import nn

from tlbook._base.checks import check_choice, check_positive
from tlbook.course.ch01_why_transfer.methods import AUGMENTATIONS, START_C
from tlbook.course.pretraining.networks import signnet
from tlbook.domains import Task
from tlbook.evaluation.compare import Predict
from tlbook.finetuning import (
    ParameterGroups,
    cached_features,
    freeze,
    layers_of,
    linear_probe,
    parameter_groups,
    replace_head,
    trainable_fraction,
)
from tlbook.training import fit, predictor

N_BLOCKS = 6  # convolutions of signnet, each with its BatchNorm
BATCH = 16


def rates(model: nn.Module, lr: float, decay: float = 1.0, body: float = 1.0) -> ParameterGroups:
    r"""Return optimizer groups, one per layer, with a factor on all of them but the head.

    .. math:: \eta_\text{head} = \eta, \qquad \eta_d = \eta \, b \, \gamma^d

    for the layer that is d = 1, 2, … steps before the head.

    Parameters
    ----------
    lr : float
        η, the head's learning rate.
    decay : float
        γ; 1 gives all layers the same rate (see :func:`tlbook.finetuning.parameter_groups`).
    body : float
        b.
    """
    groups = parameter_groups(model, lr, decay)
    for group in groups:
        group["lr"] *= body if group["depth"] else 1.0
    return groups


def fine_tuned(
    task: Task,
    seed: int,
    k: int,
    *,
    batchnorm: str = "train",
    decay: float = 1.0,
    body: float = 1.0,
    head: str = "random",
    frozen: int = 0,
    lr: float = 1e-3,
    steps: int = 100,
    schedule: str = "constant",
    augment: str = "none",
    batch_size: int = BATCH,
) -> nn.Module:
    """Return ``signnet`` with a new head, fine-tuned on a few labels of the target.

    Parameters
    ----------
    task : Task
        Its target has the labels 0 … classes − 1.
    seed : int
        Of the labels that are bought, the head's start and the order of the rows.
    k : int
        Labels per class.
    batchnorm : {"train", "frozen"}
        Whether BatchNorm uses the batch and moves its averages, or keeps the source's.
    decay, body, lr : float
        The rates, see :func:`rates`.
    head : {"random", "probe"}
        Where the head starts: random numbers, or a linear probe (LP-FT).
    frozen : int
        How many blocks, from the input, get no gradient. With ``batchnorm="train"`` their
        statistics still move, as in any network that is frozen by gradients alone.
    steps, schedule, augment, batch_size
        As in :func:`tlbook.training.fit`; ``augment`` is a name in chapter 01's ``AUGMENTATIONS``.

    Raises
    ------
    ValueError
        If an argument is none of the options.
    """
    check_choice(batchnorm, "batchnorm", ("train", "frozen"))
    check_choice(head, "head", ("random", "probe"))
    check_choice(augment, "augment", AUGMENTATIONS)
    check_choice(frozen, "frozen", range(N_BLOCKS + 1))
    for name, value in {"decay": decay, "body": body, "lr": lr}.items():
        check_positive(value, name)
    X, y = task.label(k, seed)
    model = replace_head(signnet(), int(np.max(y)) + 1, seed=seed)
    if head == "probe":
        features = partial(cached_features, signnet())
        linear_probe(features, X, y, C=START_C).into(model.head)  # type: ignore[arg-type]
    if batchnorm == "frozen":
        freeze(model, but=(), statistics_only=True)
    for layer in layers_of(model)[:frozen]:
        for parameter in layer.parameters.values():
            parameter.requires_grad_(False)
    fit(
        model,
        (X, y),
        steps=steps,
        batch_size=batch_size,
        lr=lr,
        weight_decay=1e-2,
        schedule=schedule,
        parameters=rates(model, lr, decay, body),
        augment=AUGMENTATIONS[augment],
        seed=seed,
        device="cpu",
        progress=False,
    )
    return model


def fine_tune(task: Task, seed: int, k: int, **choices: Any) -> Predict:
    """Return ``predict`` of :func:`fine_tuned`: the recipe as a method that can be compared."""
    return predictor(fine_tuned(task, seed, k, **choices))


class Training:
    """A training as a method that can be compared, keeping the network for what else is measured.

    Parameters
    ----------
    train : function
        ``train(task, seed, k, **settings) -> network``.
    finish : function, optional
        From the trained network to the one that is used, as :func:`tlbook.finetuning.lora_merge`.

    Attributes
    ----------
    network : nn.Module
        The one that is used.
    trainable : float
        The fraction of the trained network's parameters that had a gradient.
    """

    network: nn.Module
    trainable: float

    def __init__(
        self,
        train: Callable[..., nn.Module],
        finish: Callable[[nn.Module], nn.Module] | None = None,
    ) -> None:
        self.train, self.finish = train, finish

    def __call__(self, task: Task, seed: int, k: int, **settings: Any) -> Predict:
        trained = self.train(task, seed, k, **settings)
        self.trainable = trainable_fraction(trained)
        self.network = self.finish(trained) if self.finish else trained
        return predictor(self.network)

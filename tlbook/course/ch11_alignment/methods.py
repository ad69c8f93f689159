"""The adaptation methods of chapters 10 and 11: ``method(task, seed, **settings) -> predict``.

Every method starts from the same untrained network and sees the same draws: Adam at 1e-3, 64 source
and 64 target rows, 500 steps, the weight of its term on a ramp. Beside its own settings each takes
``Options``; ``GRID`` has the settings that were tried, ``SETTINGS`` those that won without a target
label. What it returns also has the trained network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Unpack

import numpy as np

from tlbook import adversarial, alignment
from tlbook.alignment import MMD
from tlbook.course.ch11_alignment.training import (
    Adapted,
    Options,
    fit_options,
    joined,
    n_features,
    network,
    train,
)
from tlbook.domains import Task
from tlbook.objective import Ramp

ROUND = 0.24
"""Steps of a round of self-training, as a share of the steps of the training before."""

# -- without the target, and with its labels ------------------------------------------------------


def source_only(task: Task, seed: int, **options: Unpack[Options]) -> Adapted:
    """Train on the labeled source alone."""
    return train(task, seed, **options)


def adabn(task: Task, seed: int, **options: Unpack[Options]) -> Adapted:
    """Train on the source, then take the target's moments in every BatchNorm."""
    plain = source_only(task, seed, **options)
    return Adapted(alignment.adabn(plain.model, task.target.X), plain.history)


def upper_bound(task: Task, seed: int, *, k: int, **options: Unpack[Options]) -> Adapted:
    """Train on k target labels per class alone: what could be had if they were bought."""
    return train(task, seed, data=task.label(k, seed=seed), **options)


# -- one more term --------------------------------------------------------------------------------


def mmd(task: Task, seed: int, *, weight: float, **options: Unpack[Options]) -> Adapted:
    """Align the features by MMD with several bandwidths."""
    return train(task, seed, MMD(Ramp(weight)), **options)


def jan(task: Task, seed: int, *, weight: float, **options: Unpack[Options]) -> Adapted:
    """Align features and predictions together by a joint MMD."""
    return train(task, seed, alignment.JMMD(Ramp(weight)), **options)


def deep_coral(task: Task, seed: int, *, weight: float, **options: Unpack[Options]) -> Adapted:
    """Align the covariances of the features."""
    return train(task, seed, alignment.DeepCORAL(Ramp(weight)), **options)


def entropy(task: Task, seed: int, *, weight: float, **options: Unpack[Options]) -> Adapted:
    """Minimize the entropy of the predictions on the target."""
    return train(task, seed, alignment.Entropy(Ramp(weight)), **options)


def information_maximization(
    task: Task, seed: int, *, weight: float, **options: Unpack[Options]
) -> Adapted:
    """Ask for predictions on the target that are sure each and diverse together."""
    return train(task, seed, alignment.InformationMaximization(Ramp(weight)), **options)


def mean_teacher(task: Task, seed: int, *, weight: float, **options: Unpack[Options]) -> Adapted:
    """Follow the average of one's own weights on the target; the average is what is returned."""
    term = alignment.MeanTeacher(Ramp(weight), seed=seed)
    student = train(task, seed, term, **options)
    return Adapted(term.teacher_of(student.model), student.history)


# -- a game against a discriminator ---------------------------------------------------------------


def dann(
    task: Task,
    seed: int,
    *,
    weight: float,
    hidden: int = 256,
    dropout: float = 0.5,
    discriminator_steps: int = 1,
    spectral_norm: bool = False,
    **options: Unpack[Options],
) -> Adapted:
    """Hide the domain from a discriminator of the features."""
    term = adversarial.DANN(
        Ramp(weight),
        n_features=n_features(network(task, seed, options.get("model"))),
        hidden=hidden,
        dropout=dropout,
        discriminator_steps=discriminator_steps,
        spectral_norm=spectral_norm,
        seed=seed,
    )
    return train(task, seed, term, **options)


def cdan(
    task: Task,
    seed: int,
    *,
    weight: float,
    hidden: int = 256,
    dropout: float = 0.5,
    spectral_norm: bool = False,
    **options: Unpack[Options],
) -> Adapted:
    """Hide the domain from a discriminator of features times predictions."""
    term = adversarial.CDAN(
        Ramp(weight),
        n_features=n_features(network(task, seed, options.get("model"))),
        n_classes=len(task.classes),
        hidden=hidden,
        dropout=dropout,
        spectral_norm=spectral_norm,
        seed=seed,
    )
    return train(task, seed, term, **options)


def adda(task: Task, seed: int, *, lr: float, **options: Unpack[Options]) -> Adapted:
    """Train on the source; then a copy's target features learn to be taken for the source's."""
    first = source_only(task, seed, **options)
    given = fit_options(seed, options) | {"lr": lr}
    model, game = adversarial.adda(first.model, task, n_features=n_features(first.model), **given)
    return Adapted(model, joined([first.history, game]))


# -- one's own answers as labels ------------------------------------------------------------------


def self_training(
    task: Task,
    seed: int,
    *,
    first: float = 0.3,
    last: float = 0.9,
    min_confidence: float = 0.0,
    balanced: bool = True,
    **options: Unpack[Options],
) -> Adapted:
    """Train on the source, then in rounds on more and more answers of one's own."""
    start = source_only(task, seed, **options)
    shares = {"first": first, "last": last, "min_confidence": min_confidence}
    return _rounds(start, task, seed, options, balanced=balanced, **shares)


def mmd_then_self_training(
    task: Task,
    seed: int,
    *,
    weight: float,
    first: float = 0.3,
    last: float = 0.9,
    keep: bool = False,
    **options: Unpack[Options],
) -> Adapted:
    """Align by MMD, then train in rounds on one's own answers; ``keep`` leaves the MMD on."""
    start = mmd(task, seed, weight=weight, **options)
    terms = [MMD(weight)] if keep else []
    return _rounds(start, task, seed, options, first=first, last=last, terms=terms)


def _rounds(
    start: Adapted, task: Task, seed: int, options: Mapping[str, Any], **settings: Any
) -> Adapted:
    """Go on with rounds of self-training."""
    given = fit_options(seed, options)
    given["steps"] = max(1, round(ROUND * given["steps"]))
    trained = alignment.self_train(start.model, task, **settings, **given)
    return Adapted(
        trained.model, joined([start.history, *(each.history for each in trained.rounds)])
    )


# -- where the class mix differs ------------------------------------------------------------------


def class_weighted_mmd(
    task: Task,
    seed: int,
    *,
    weight: float,
    method: str = "bbse",
    estimates: int = 1,
    **options: Unpack[Options],
) -> Adapted:
    """Weight the source rows of the MMD to an estimate of the target's class mix."""
    given = fit_options(seed, options)
    start = network(task, seed, options.get("model"))
    settings: dict[str, Any] = {"method": method, "estimates": estimates}
    found = alignment.reweighted_mmd(start, task, weight=Ramp(weight), **settings, **given)
    return Adapted(found.model, joined(found.histories))


def true_mix_mmd(
    task: Task, seed: int, *, weight: float, mix: Any, **options: Unpack[Options]
) -> Adapted:
    """Weight them to the target's true class mix, which is known in a simulation only."""
    y = np.asarray(task.source.y)
    source = np.bincount(y, minlength=len(task.classes)) / len(y)
    return train(task, seed, MMD(Ramp(weight), class_weights=np.asarray(mix) / source), **options)


METHODS: dict[str, Callable[..., Adapted]] = {
    "source only": source_only,
    "AdaBN": adabn,
    "MK-MMD": mmd,
    "JAN": jan,
    "Deep CORAL": deep_coral,
    "DANN": dann,
    "CDAN": cdan,
    "ADDA": adda,
    "entropy": entropy,
    "information maximization": information_maximization,
    "self-training": self_training,
    "mean teacher": mean_teacher,
    "MMD + self-training": mmd_then_self_training,
    "upper bound": upper_bound,
}
"""By their names in the tables and the palette."""

SHIFT_METHODS: dict[str, Callable[..., Adapted]] = {
    "BBSE-weighted MMD": class_weighted_mmd,
    "re-estimated MMD": partial(class_weighted_mmd, estimates=2),
    "EM-weighted MMD": partial(class_weighted_mmd, method="em"),
    "true-mix MMD": true_mix_mmd,
}
"""MMD under label shift; the last one also has to be told the ``mix``."""

"""The pretraining of ``mobilesigns``: MobileNetV2 (alpha 0.35) on the 71 letters of ``signs``.

``tlbook pretrain mobilesigns`` runs it, writes ``mobilesigns.safetensors`` with its
sha256 and stores the training curve. The network is trained as its PyTorch twin, because the same
step takes a third of the time there on one core, and carried over to Keras.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from torch import nn

from tlbook import data
from tlbook.course.ch12_keras_practice.keras_models.twin import MobileNetV2
from tlbook.course.pretraining.letters import train_on_letters
from tlbook.course.studies import Study
from tlbook.models import seeded

SETTINGS = {
    "steps": 4500,
    "batch_size": 64,
    "lr": 4e-3,
    "weight_decay": 1e-2,
    "schedule": "one-cycle",
}
MOMENTUM = 0.02
"""Part of a batch that enters BatchNorm's averages. Keras's 0.001 would still be full of the
random start after some thousand steps."""
SEED = 0


def pretrain(steps: int | None = None, curve_every: int = 250) -> tuple[nn.Module, pd.DataFrame]:
    """Train the twin on the letters of ``signs``.

    Returns
    -------
    model : MobileNetV2
        With a head for the 71 letters and Keras's momentum.
    curve : DataFrame
        As :func:`~tlbook.course.pretraining.letters.train_on_letters` has it.
    """
    task = data.load("signs", seed=SEED)
    assert task.source.classes is not None
    n_classes = len(task.source.classes)
    model = seeded(lambda: MobileNetV2(n_classes), SEED)
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    usual = norms[0].momentum
    for norm in norms:
        norm.momentum = MOMENTUM
    settings = {**SETTINGS, **({"steps": steps} if steps else {})}
    curve = train_on_letters(model, task, settings, curve_every)
    for norm in norms:
        norm.momentum = usual
    return model, curve


def trial() -> list[dict[str, Any]]:
    """Return the training curve (the weights are written by ``tlbook pretrain mobilesigns``)."""
    return pretrain()[1].to_dict("records")


study = Study(trial, cases=[{}], command="tlbook pretrain mobilesigns")

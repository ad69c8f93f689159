"""The pretraining of ``signnet``: 71 letter classes on photographs.

``tlbook pretrain signnet`` runs it, writes ``signnet.safetensors`` with its sha256
and stores the training curve.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from torch import nn

from tlbook import data
from tlbook.course.pretraining.letters import train_on_letters
from tlbook.course.studies import Study
from tlbook.models import create

SETTINGS = {
    "steps": 3000,
    "batch_size": 64,
    "lr": 4e-3,
    "weight_decay": 1e-2,
    "schedule": "one-cycle",
}
SEED = 0


def pretrain(steps: int | None = None, curve_every: int = 100) -> tuple[nn.Module, pd.DataFrame]:
    """Train signnet on the letters of ``signs``.

    Returns
    -------
    model : SignNet
        With a head for the 71 letters.
    curve : DataFrame
        As :func:`~tlbook.course.pretraining.letters.train_on_letters` has it.
    """
    task = data.load("signs", seed=SEED)
    assert task.source.classes is not None
    model = create("signnet", n_classes=len(task.source.classes), seed=SEED)
    settings = {**SETTINGS, **({"steps": steps} if steps else {})}
    return model, train_on_letters(model, task, settings, curve_every)


def trial() -> list[dict[str, Any]]:
    """Return the training curve (the weights are written by ``tlbook pretrain signnet``)."""
    return pretrain()[1].to_dict("records")


study = Study(trial, cases=[{}], command="tlbook pretrain signnet")

"""The pretraining of ``signnet``: 71 letter classes on photographs.

``tlbook pretrain signnet`` runs it, writes ``signnet.safetensors`` with its sha256
and stores the training curve.
"""

from __future__ import annotations

import pandas as pd
from torch import nn

from tlbook import data
from tlbook.course.pretraining.letters import train_on_letters
from tlbook.models import untrained

MODULES = (
    "tlbook/data/signs.py",
    "tlbook/data/glyphs.py",
    "tlbook/data/warp.py",
    "tlbook/data/fonts.py",
    "tlbook/models.py",
    "tlbook/training/fit.py",
    "tlbook/training/run.py",
    "tlbook/training/optimizers.py",
    "tlbook/training/draws.py",
    "tlbook/studies/_letters.py",
    "tlbook/studies/signnet_pretraining.py",
)
COMMAND = "tlbook pretrain signnet"

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
    model = untrained("signnet", n_classes=len(task.source.classes), seed=SEED)
    settings = {**SETTINGS, **({"steps": steps} if steps else {})}
    return model, train_on_letters(model, task, settings, curve_every)


def run() -> pd.DataFrame:
    """Return the training curve (the weights are written by ``tlbook pretrain signnet``)."""
    return pretrain()[1]

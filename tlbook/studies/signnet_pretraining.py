"""The pretraining of ``signnet``: 71 letter classes on photographs.

``tlbook pretrain signnet`` runs it, writes ``data/weights/signnet.safetensors`` with its sha256
and stores the training curve.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import torch
from torch import nn

from tlbook import data
from tlbook.evaluation import accuracy
from tlbook.models import untrained
from tlbook.training import fit, predict

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
        step, loss (mean over the last ``curve_every`` steps), validation_accuracy, cpu_seconds
        (of the whole run, on one thread).
    """
    torch.set_num_threads(1)  # sums in another order would be another network
    task = data.load("signs", seed=SEED)
    assert task.source.classes is not None
    model = untrained("signnet", n_classes=len(task.source.classes), seed=SEED)
    settings = {**SETTINGS, **({"steps": steps} if steps else {})}
    measured: dict[int, float] = {}

    def watch(step: int, _: object) -> None:
        if (step + 1) % curve_every == 0:
            measured[step + 1] = accuracy(task.validation.y, predict(model, task.validation.X))
            model.train()

    start = time.process_time()  # on one thread that is what an idle machine would need
    history = fit(
        model,
        task.source,
        seed=SEED,
        device="cpu",
        precision="float32",
        callback=watch,
        **settings,  # type: ignore[arg-type]
    )
    at = np.array(sorted(measured))
    curve = pd.DataFrame(
        {
            "step": at,
            "loss": [history.loss[s - curve_every : s].mean().round(4) for s in at],
            "validation_accuracy": [round(measured[s], 4) for s in at],
        }
    )
    curve["cpu_seconds"] = round(time.process_time() - start, 1)
    return model, curve


def run() -> pd.DataFrame:
    """Return the training curve (the weights are written by ``tlbook pretrain signnet``)."""
    return pretrain()[1]

"""The pretraining of ``mobilesigns``: MobileNetV2 (alpha 0.35) on the 71 letters of ``signs``.

``tlbook pretrain mobilesigns`` runs it, writes ``data/weights/mobilesigns.safetensors`` with its
sha256 and stores the training curve. The network is trained as its PyTorch twin, because the same
step takes a third of the time there on one core, and carried over to Keras.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import torch
from torch import nn

from tlbook import data
from tlbook.evaluation import accuracy
from tlbook.keras_models.twin import MobileNetV2
from tlbook.models import seeded
from tlbook.training import fit, predict

MODULES = (
    "tlbook/data/signs.py",
    "tlbook/data/glyphs.py",
    "tlbook/data/warp.py",
    "tlbook/data/fonts.py",
    "tlbook/keras_models/twin.py",
    "tlbook/training/fit.py",
    "tlbook/training/run.py",
    "tlbook/training/optimizers.py",
    "tlbook/training/draws.py",
    "tlbook/studies/mobilesigns_pretraining.py",
)
COMMAND = "tlbook pretrain mobilesigns"

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
        step, loss (mean over the last ``curve_every`` steps), validation_accuracy, cpu_seconds
        (of the whole run, on one thread).
    """
    torch.set_num_threads(1)  # sums in another order would be another network
    task = data.load("signs", seed=SEED)
    assert task.source.classes is not None
    n_classes = len(task.source.classes)
    model = seeded(lambda: MobileNetV2(n_classes), SEED)
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    usual = norms[0].momentum
    for norm in norms:
        norm.momentum = MOMENTUM
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
        **{**SETTINGS, **({"steps": steps} if steps else {})},  # type: ignore[arg-type]
    )
    for norm in norms:
        norm.momentum = usual
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
    """Return the training curve (the weights are written by ``tlbook pretrain mobilesigns``)."""
    return pretrain()[1]

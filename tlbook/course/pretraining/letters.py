"""What the pretrainings share: one training on the 71 letters of ``signs``, watched."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from tlbook.domains import Task
from tlbook.evaluation import accuracy
from tlbook.training import fit, predict


def train_on_letters(
    model: nn.Module, task: Task, settings: Mapping[str, Any], curve_every: int
) -> pd.DataFrame:
    """Train in place on the source of a task and return the curve.

    Parameters
    ----------
    model : nn.Module
        From pictures to logits of the source's classes.
    task : Task
        Its seed is that of the draws too.
    settings : mapping
        Options of :func:`tlbook.training.fit`, ``steps`` among them.
    curve_every : int
        Steps between two rows of the curve.

    Returns
    -------
    DataFrame
        step, loss (mean over the last ``curve_every`` steps), validation_accuracy, cpu_seconds
        (of the whole run, on one thread).
    """
    torch.set_num_threads(1)  # sums in another order would be another network
    measured: dict[int, float] = {}

    def watch(step: int, _: object) -> None:
        if (step + 1) % curve_every == 0:
            measured[step + 1] = accuracy(task.validation.y, predict(model, task.validation.X))
            model.train()

    start = time.process_time()  # on one thread that is what an idle machine would need
    history = fit(
        model,
        task.source,
        seed=task.seed,
        device="cpu",
        precision="float32",
        callback=watch,
        **settings,
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
    return curve

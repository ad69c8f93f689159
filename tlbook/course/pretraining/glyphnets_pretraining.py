"""The pretraining of ``glyphnets``: SimCLR, VICReg and labels on the same 10,000 glyphs.

``tlbook pretrain glyphnets`` runs it, writes the three networks as ``glyphnets.safetensors`` with
its sha256 and stores the training curve.
"""

from __future__ import annotations

import time
from typing import Any

import pandas as pd
import torch
from torch import nn

from tlbook.course.ch17_few_and_zero_shot import self_supervised
from tlbook.course.studies import Study


def pretrain(
    steps: int = self_supervised.STEPS, curve_every: int = 50
) -> tuple[nn.Module, pd.DataFrame]:
    """Train the three networks.

    Returns
    -------
    model : ModuleDict
        One network under each name.
    curve : DataFrame
        step, and for each network the mean loss over the last ``curve_every`` steps and the
        cpu_seconds of its whole run, on one thread.
    """
    torch.set_num_threads(1)  # sums in another order would be another network
    networks, columns = nn.ModuleDict(), {}
    for name in self_supervised.NETWORKS:
        start = time.process_time()
        networks[name], history = self_supervised.pretrained(name, steps=steps)
        means = history.loss[: steps // curve_every * curve_every].reshape(-1, curve_every)
        columns[f"{name} loss"] = means.mean(axis=1).round(4)
        columns[f"{name} cpu_seconds"] = round(time.process_time() - start, 1)
    curve = pd.DataFrame(columns)
    curve.insert(0, "step", curve_every * (1 + curve.index))
    return networks, curve


def trial() -> list[dict[str, Any]]:
    """Return the training curve (the weights are written by ``tlbook pretrain glyphnets``)."""
    return pretrain()[1].to_dict("records")


study = Study(trial, cases=[{}], command="tlbook pretrain glyphnets")

"""What the studies of chapter 15 found: the sweep, the settings chosen from it, arms by seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.course.results import stored

if TYPE_CHECKING:
    import pandas as pd

ARMS = {"frozen": "frozen encoder", "lora": "LoRA adapter", "full": "full encoder"}
"""Name of each mode in the palette."""

HELD_OUT = 300
"""Validation texts behind each mean of ``bert_sweep``: 150 on each of two splits."""


def rates(mode: str) -> pd.Series:
    """Return mean source validation accuracy of an arm by its setting, from ``bert_sweep``.

    The setting is C of the head for ``"frozen"``, else the learning rate (all blocks learn).

    Raises
    ------
    ValueError
        If the mode is unknown.
    """
    check_choice(mode, "mode", ARMS)
    rows = stored.load("bert_sweep")
    blocks = {"frozen": 0, "lora": 6, "full": 6}[mode]
    return rows[(rows["mode"] == mode) & (rows.top == blocks)].groupby("value").validation.mean()


def chosen(mode: str) -> float:
    """Return the smallest setting of an arm within one standard error of its best.

    Raises
    ------
    ValueError
        If the mode is unknown.
    """
    mean = rates(mode)
    best = mean.max()
    return float(mean.index[mean >= best - np.sqrt(best * (1 - best) / HELD_OUT)].min())


def arm(mode: str, column: str = "accuracy", value: float | None = None) -> np.ndarray:
    """Return a column of ``bert_finetuning`` for one mode, ordered by seed.

    Parameters
    ----------
    mode, column : str
    value : float, optional
        C of the head or the learning rate; by default the chosen one.

    Raises
    ------
    ValueError
        If there is no such mode, column or value.
    """
    check_choice(mode, "mode", ARMS)
    rows = stored.load("bert_finetuning")
    check_choice(column, "column", rows.columns)
    value = chosen(mode) if value is None else value
    check_choice(value, "value", tried(mode))
    rows = rows[(rows["mode"] == mode) & (rows.value == value)]
    return rows.sort_values("seed")[column].to_numpy()


def tried(mode: str) -> list[float]:
    """Return the settings of one mode in ``bert_finetuning``, from the smallest on.

    Raises
    ------
    ValueError
        If the mode is unknown.
    """
    check_choice(mode, "mode", ARMS)
    rows = stored.load("bert_finetuning")
    return sorted(set(rows[rows["mode"] == mode].value))


def sweep() -> pd.DataFrame:
    """Return mean validation accuracy of full fine-tuning: blocks that learn × learning rate."""
    rows = stored.load("bert_sweep")
    full = rows[rows["mode"] == "full"]
    return full.pivot_table(index="top", columns="value", values="validation")

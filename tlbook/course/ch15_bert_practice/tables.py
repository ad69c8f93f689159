"""What the studies of chapter 15 found: the settings chosen by source validation, arms by seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tlbook._base.checks import check_choice

if TYPE_CHECKING:
    import pandas as pd

ARMS = {"frozen": "frozen encoder", "lora": "LoRA adapter", "full": "full encoder"}
"""Name of each mode in the palette."""


def chosen(mode: str) -> float:
    """Return the setting of an arm: the best mean validation accuracy of ``bert_sweep``.

    Of equals the smallest: C of the head for ``"frozen"``, else the learning rate.

    Raises
    ------
    ValueError
        If the mode is unknown.
    """
    from tlbook.course.results import stored

    check_choice(mode, "mode", ARMS)
    rows = stored.load("bert_sweep")
    blocks = {"frozen": 0, "lora": 6, "full": 6}[mode]
    mean = rows[(rows["mode"] == mode) & (rows.top == blocks)].groupby("value").validation.mean()
    return float(mean.index[np.isclose(mean, mean.max())].min())


def arm(mode: str, column: str = "accuracy") -> np.ndarray:
    """Return a column of ``bert_finetuning`` for one mode, ordered by seed.

    Raises
    ------
    ValueError
        If the mode or column is unknown.
    """
    from tlbook.course.results import stored

    check_choice(mode, "mode", ARMS)
    rows = stored.load("bert_finetuning")
    check_choice(column, "column", rows.columns)
    return rows[rows["mode"] == mode].sort_values("seed")[column].to_numpy()


def sweep() -> pd.DataFrame:
    """Return mean validation accuracy of full fine-tuning: blocks that learn × learning rate."""
    from tlbook.course.results import stored

    rows = stored.load("bert_sweep")
    full = rows[rows["mode"] == "full"]
    return full.pivot_table(index="top", columns="value", values="validation")

"""Reading the stored studies of chapter 09: what was chosen on held-out rows, and what it got."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tlbook.course.ch06_finetuning.tables import runs

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def by_held_out(frame: pd.DataFrame) -> pd.DataFrame:
    """Return for each seed the row with the highest accuracy on held-out labeled target rows.

    Of several it is the one with the smallest held-out loss. Test labels play no part.

    Raises
    ------
    ValueError
        If the frame is empty or a row was never judged on held-out rows.
    """
    missing = {"seed", "held_out", "held_out_loss"} - set(frame.columns)
    if missing or not len(frame) or frame["held_out"].isna().any():
        raise ValueError("frame: got rows that were not judged on held-out rows, want only such")
    order = frame.sort_values(
        ["seed", "held_out", "held_out_loss"], ascending=[True, False, True], kind="stable"
    )
    return order.drop_duplicates("seed").reset_index(drop=True)


def gain(budget: int, pairs: int, arm: str) -> np.ndarray:
    """Return accuracy with the source minus without it in ``objective_negative``, by seed.

    Parameters
    ----------
    budget : int
        Labels per class.
    pairs : int
        How many pairs of the source's labels are exchanged.
    arm : str
        See ``transfer.ARMS``.
    """
    where: dict[str, Any] = {"budget": budget, "arm": arm, "pairs": pairs}
    with_source = runs("objective_negative", **where).accuracy
    alone = runs("objective_negative", budget=budget, arm="target alone").accuracy
    return (with_source - alone).to_numpy()

"""The stored studies of chapter 06, one arm at a time: values over the seeds, and paired effects.

All arrays are sorted by seed, so that two of them can be compared pairwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook._base.checks import check_choice

if TYPE_CHECKING:
    import pandas as pd


def runs(study: str, **where: Any) -> pd.DataFrame:
    """Return the rows of a stored study that have these values, sorted by seed.

    Raises
    ------
    ValueError
        If a column is unknown or no row is left.
    """
    from tlbook.course.results import stored

    frame = stored.load(study)
    for column, value in where.items():
        check_choice(column, "column", tuple(frame.columns))
        frame = frame[frame[column] == value]
    if not len(frame):
        raise ValueError(f"{study}: got {where}, which has no run")
    return frame.sort_values("seed", ignore_index=True)


def arm(
    budget: int,
    batchnorm: str = "train",
    rates: str = "uniform",
    head: str = "random",
    *,
    frozen: int = 0,
    task: str = "signs",
    column: str = "accuracy",
) -> np.ndarray:
    """Return one arm of ``finetuning_causes`` over its seeds; the defaults are the naive recipe.

    Parameters
    ----------
    budget : int
        Labels per class.
    batchnorm, rates, head : str
        The choices; ``rates`` is ``"uniform"``, ``"layer-wise"`` or ``"slow body"``, ``head`` is
        ``"random"`` or ``"probe"``.
    frozen : int
        Blocks without gradient: 0, or 6 for the head alone.
    task : {"signs", "plain"}
    column : str
        ``"accuracy"`` or ``"forgotten"``, fractions.
    """
    chosen = {"batchnorm": batchnorm, "rates": rates, "head": head, "frozen": frozen}
    return runs("finetuning_causes", task=task, budget=budget, **chosen)[column].to_numpy()


def untouched(budget: int, method: str = "linear probe", task: str = "signs") -> np.ndarray:
    """Return the accuracies of a method that leaves the network alone, on the same labels."""
    return runs("finetuning_causes", task=task, budget=budget, head=method).accuracy.to_numpy()


def searched(name: str, budget: int) -> np.ndarray:
    """Return the accuracies of an arm of ``finetuning_tuned``, at its own searched setting."""
    return runs("finetuning_tuned", arm=name, budget=budget).accuracy.to_numpy()


def gains(base: Any, arms: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table of means and paired gains over ``base``, in points with 95 % intervals.

    Parameters
    ----------
    base : array of shape (seeds,)
        Fractions.
    arms : mapping from name to array of shape (seeds,)
    """
    import pandas as pd

    from tlbook.evaluation import paired_test

    rows = {}
    for name, values in arms.items():
        found = paired_test(100 * np.asarray(values), 100 * np.asarray(base))
        interval = f"{found.effect:+.1f} [{found.low:+.1f}, {found.high:+.1f}]"
        rows[name] = {"accuracy (%)": round(100 * float(np.mean(values)), 1), "gain": interval}
    return pd.DataFrame.from_dict(rows, orient="index")


def low_rank(rank: int, factor: float = 1.0) -> pd.DataFrame:
    """Return the runs of LoRA with this rank and this α / r, one label per class."""
    if factor == 1:  # α = r
        return runs("finetuning_variants", method="LoRA", option=str(rank))
    return runs("finetuning_lora", rank=rank, factor=factor)


def gentle() -> pd.DataFrame:
    """Return accuracy, gain and letters lost of the gentler ways at one label per class.

    All have BatchNorm frozen and one rate of 1e-3; gains are over training all layers so.
    """
    variants = runs("finetuning_variants", budget=1)
    base = {"accuracy": arm(1, "frozen"), "forgotten": arm(1, "frozen", column="forgotten")}
    rows: dict[str, Any] = {"all layers": base}
    rows["gradual unfreezing"] = variants[variants.method == "gradual unfreezing"]
    for alpha in ("1", "10", "100"):
        one = (variants.method == "L2-SP") & (variants.option == alpha)
        rows[f"L2-SP, α = {alpha}"] = variants[one]
    for rank, part in ((1, 1), (4, 1), (16, 1), (1, 16), (4, 4), (16, 16)):
        factor = "1" if part == 1 else f"1/{part}"
        rows[f"LoRA, rank {rank}, α/r = {factor}"] = low_rank(rank, 1 / part)
    shown = gains(base["accuracy"], {name: found["accuracy"] for name, found in rows.items()})
    shown["letters lost"] = [100 * np.mean(found["forgotten"]) for found in rows.values()]
    return shown.round(1)

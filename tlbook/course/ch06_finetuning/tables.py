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

FACTORS: dict[str, tuple[str, str]] = {
    "batchnorm": ("train", "frozen"),
    "head": ("random", "probe"),
    "rates": ("uniform", "layer-wise"),
}
"""The three choices that ``finetuning_causes`` varies; the naive recipe has the first of each."""


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
        The choices, see ``FACTORS``; ``rates`` may also be ``"slow body"``.
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


def main_effect(budget: int, factor: str) -> np.ndarray:
    """Return what the second level of a factor brings, averaged over the others; one per seed.

    Raises
    ------
    ValueError
        If the factor is unknown.
    """
    off, on = FACTORS[check_choice(factor, "factor", tuple(FACTORS))]
    a, b = (name for name in FACTORS if name != factor)
    others: list[dict[str, Any]] = [{a: x, b: y} for x in FACTORS[a] for y in FACTORS[b]]
    with_it: dict[str, Any] = {factor: on}
    without: dict[str, Any] = {factor: off}
    return np.mean([arm(budget, **o, **with_it) - arm(budget, **o, **without) for o in others], 0)


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

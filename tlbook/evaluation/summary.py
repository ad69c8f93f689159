"""What learning curves say about transfer: head start, slope, asymptote, labels saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tlbook._base.named import named
from tlbook.evaluation.statistics import t_interval

if TYPE_CHECKING:
    import pandas as pd


@named
def curve_summary(
    frame: pd.DataFrame,
    baseline: str | None = None,
    reach: float | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """Summarize learning curves by head start, slope, asymptote and labels saved.

    With a_m(b) the accuracy of method m at b labels per class, b_0 the smallest and b_1 the
    largest budget, and averages over seeds:

    - head start ``a_m(b_0) − a_baseline(b_0)``;
    - slope: least-squares slope of a_m(b) against log2 b, the accuracy gained per doubling;
    - asymptote ``a_m(b_1) − a_baseline(b_1)`` (what is left of the advantage; the name is the
      literature's, the curve may still rise beyond b_1);
    - labels: labels per class at which the mean curve first reaches the accuracy ``reach``
      (straight lines between the points over log2 b); b_0 if it is there from the start, ``inf``
      if it never gets there;
    - labels saved: labels of the baseline minus labels of the method.

    Parameters
    ----------
    frame : pandas.DataFrame
        Result of :func:`learning_curve`; every method with the same budgets and seeds.
    baseline : str, optional
        Method to compare with; by default the first in the table.
    reach : float, optional
        Accuracy asked for in ``labels``; by default what the baseline has at b_1.
    level : float
        Level of the intervals: Student's t over seeds for the first three, the percentile
        bootstrap over seeds for ``labels``.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        One row per method; each quantity q with ``q_low`` and ``q_high``, and labels_saved.

    Raises
    ------
    ValueError
        If the curves are not complete, or there are fewer than two budgets or seeds.

    References
    ----------
    Torrey and Shavlik, "Transfer learning", Handbook of Research on Machine Learning
    Applications, 2009 (higher start, higher slope, higher asymptote).

    Examples
    --------
    >>> import pandas as pd
    >>> from tlbook.evaluation import curve_summary
    >>> frame = pd.DataFrame({  # as learning_curve returns it
    ...     "method": ["scratch"] * 4 + ["transfer"] * 4, "budget": [1, 16] * 4,
    ...     "seed": [0, 0, 1, 1] * 2, "accuracy": [0.3, 0.8, 0.32, 0.82, 0.6, 0.9, 0.62, 0.92],
    ... })
    >>> found = curve_summary(frame, baseline="scratch").loc["transfer"]
    >>> found[["head_start", "slope", "asymptote", "labels_saved"]].round(2).to_dict()
    {'head_start': 0.3, 'slope': 0.08, 'asymptote': 0.1, 'labels_saved': 9.65}
    """
    import pandas as pd

    curves, budgets = _cube(frame)
    baseline = next(iter(curves)) if baseline is None else baseline
    if baseline not in curves:
        raise ValueError(f"baseline: got {baseline!r}, want one of {', '.join(curves)}")
    base = curves[baseline]
    reach = float(base[:, -1].mean()) if reach is None else float(reach)
    x = np.log2(budgets)
    x = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    draws = np.random.default_rng(seed).integers(0, len(base), size=(2000, len(base)))
    rows = {}
    for name, curve in curves.items():
        per_seed = {
            "head_start": curve[:, 0] - base[:, 0],
            "slope": curve @ x,
            "asymptote": curve[:, -1] - base[:, -1],
        }
        row: dict[str, float] = {}
        for key, values in per_seed.items():
            interval = t_interval(values, level)
            row |= {key: interval.mean, f"{key}_low": interval.low, f"{key}_high": interval.high}
        row["labels"] = _labels(curve.mean(0)[None], budgets, reach)[0]
        resampled = np.sort(_labels(curve[draws].mean(1), budgets, reach))
        for key, q in (("labels_low", (1 - level) / 2), ("labels_high", (1 + level) / 2)):
            row[key] = resampled[round(q * (len(resampled) - 1))]
        rows[name] = row
    table = pd.DataFrame.from_dict(rows, orient="index")
    saved = [
        rows[baseline]["labels"] - r["labels"] if r["labels"] < np.inf else -np.inf
        for r in rows.values()
    ]
    return table.assign(labels_saved=saved).rename_axis("method")


def _cube(frame: pd.DataFrame) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return ``{method: (seeds, budgets)}`` and the budgets, or say what is missing."""
    missing = {"method", "budget", "seed", "accuracy"} - set(frame.columns)
    if missing:
        raise ValueError(f"frame: got no column {sorted(missing)}, want a learning_curve table")
    budgets, seeds = np.unique(frame["budget"]), np.unique(frame["seed"])
    if len(budgets) < 2 or len(seeds) < 2:
        raise ValueError(
            f"frame: got {len(budgets)} budget(s) and {len(seeds)} seed(s), want at least 2 of each"
        )
    curves = {}
    for name in frame["method"].unique():
        part = frame[frame["method"] == name].pivot_table(
            index="seed", columns="budget", values="accuracy", aggfunc=list
        )
        cells = part.reindex(index=seeds, columns=budgets).to_numpy()
        if not all(isinstance(c, list) and len(c) == 1 for c in cells.ravel()):
            raise ValueError(
                f"frame: {name!r} has missing or double rows, want one per budget/seed"
            )
        curves[name] = np.array([[c[0] for c in row] for row in cells], dtype=float)
        if not np.isfinite(curves[name]).all():
            raise ValueError(f"frame: got accuracies of {name!r} that are NaN, want numbers")
    return curves, budgets


def _labels(curves: np.ndarray, budgets: np.ndarray, reach: float) -> np.ndarray:
    """Return for each row of ``curves`` the budget at which it first reaches ``reach``."""
    above = curves >= reach - 1e-12
    first = above.argmax(axis=1)
    rows = np.arange(len(curves))
    before = np.maximum(first - 1, 0)
    low, high = curves[rows, before], curves[rows, first]
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(first > 0, (reach - low) / (high - low), 0.0)
    x = np.log2(budgets)
    found = 2 ** (x[before] + np.clip(part, 0, 1) * (x[first] - x[before]))
    return np.where(above.any(axis=1), found, np.inf)

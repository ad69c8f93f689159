"""The stored study of the twelve sources, read: what each score was worth for each truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.course.ch16_choosing.cases import SOURCES
from tlbook.course.ch16_choosing.scores import SCORES
from tlbook.course.results import stored
from tlbook.evaluation.statistics import t_interval
from tlbook.sources import noise_ceiling, regret, weighted_tau

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

TRUTHS: dict[str, str] = {
    "linear probe": "probe 10",
    "50 steps of fine-tuning": "short",
    "300 steps of fine-tuning": "long",
}
"""What a source can be worth, and the column of the study."""
TRIAL = "fine-tuning, two halves"
"""The score that tries the fine-tuning itself, on half of the labels."""
MEASURES: dict[str, Callable[[Any, Any], float]] = {"tau": weighted_tau, "regret": regret}


def values(column: str, keep: Sequence[str] = tuple(SOURCES)) -> np.ndarray:
    """Return one column of the study, shape (seeds, sources).

    Parameters
    ----------
    column : str
        Of ``data/results/source_choice.csv``.
    keep : sequence of str
        Rows of the study by name, such as ``cases.SOURCES`` or ``("pixels",)``.

    Raises
    ------
    ValueError
        If there is no such column or row.
    """
    frame = stored.load("source_choice")
    check_choice(column, "column", tuple(frame.columns))
    known = tuple(frame.source.unique())
    for name in keep:
        check_choice(name, "keep", known)
    return frame.pivot(index="seed", columns="source", values=column)[list(keep)].to_numpy()


def score_values(truth: str, keep: Sequence[str] = tuple(SOURCES)) -> dict[str, np.ndarray]:
    """Return every score by name, each of shape (seeds, sources).

    Raises
    ------
    ValueError
        If there is no such truth or source.
    """
    column = TRUTHS[check_choice(truth, "truth", tuple(TRUTHS))]
    found = {name: values(name, keep) for name in SCORES}
    return (
        found if column.startswith("probe") else found | {TRIAL: values(f"{column} halves", keep)}
    )


def judged(truth: str, keep: Sequence[str] = tuple(SOURCES)) -> pd.DataFrame:
    """Return what each score was worth: weighted τ, and regret in points, with 95 % intervals.

    Rows are the scores, and last the noise ceiling: what another run of the same experiment would
    have been worth as a score. Its pairs share seeds, so it has no interval.

    Raises
    ------
    ValueError
        If there is no such truth or source, or fewer than two sources.
    """
    import pandas as pd

    accuracy = 100 * values(TRUTHS[check_choice(truth, "truth", tuple(TRUTHS))], keep)
    rows: dict[str, dict[str, float]] = {}
    for name, scores in score_values(truth, keep).items():
        rows[name] = {}
        for measure, function in MEASURES.items():
            each = [function(s, t) for s, t in zip(scores, accuracy, strict=True)]
            found = t_interval(each)
            rows[name] |= {
                measure: found.mean, f"{measure} low": found.low, f"{measure} high": found.high,
            }  # fmt: skip
    rows["noise ceiling"] = {
        measure: float(noise_ceiling(accuracy, function).mean())
        for measure, function in MEASURES.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def winners(truth: str, size: int = 7, draws: int = 300, seed: int = 0) -> pd.Series:
    """Return how often each score had the largest weighted τ, over random subsets of the sources.

    A draw is one seed of the study and ``size`` of the twelve sources; scores that tie share it.

    Parameters
    ----------
    truth : str
        One of ``TRUTHS``.
    size, draws : int
        How many sources a subset has, and how many subsets are drawn.
    seed : int
        Of the draws.

    Raises
    ------
    ValueError
        If there is no such truth.
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    accuracy = values(TRUTHS[check_choice(truth, "truth", tuple(TRUTHS))])
    scores = score_values(truth)
    wins = pd.Series(0.0, index=list(scores))
    for _ in range(draws):
        run = rng.integers(len(accuracy))
        some = rng.choice(accuracy.shape[1], size, replace=False)
        tau = np.array(
            [weighted_tau(each[run, some], accuracy[run, some]) for each in scores.values()]
        )
        best = tau >= tau.max() - 1e-12
        wins += best / best.sum()
    return wins / draws


def draw_judged(ax: Axes, table: pd.DataFrame, measure: str) -> None:
    """Draw one measure of :func:`judged`: a dot and an interval per score, a line as the ceiling.

    The best score is marked, in the color of a highlight.
    """
    from tlbook import plots

    check_choice(measure, "measure", tuple(MEASURES))
    scores = table.drop(index="noise ceiling")
    best = scores[measure].idxmax() if measure == "tau" else scores[measure].idxmin()
    for place, (name, row) in enumerate(scores[::-1].iterrows()):
        hue = plots.color("highlight" if name == best else "outcome")
        ax.plot([row[f"{measure} low"], row[f"{measure} high"]], [place, place], color=hue, lw=2)
        ax.plot(row[measure], place, "o", color=hue, ms=8 if name == best else 6)
    ax.axvline(table.loc["noise ceiling", measure], color=plots.color("baseline"), ls="--", lw=1.6)
    ax.set_yticks(range(len(scores)), scores.index[::-1])
    ax.set_ylim(-0.6, len(scores) - 0.4)

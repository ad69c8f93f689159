"""Take sources away, change the budget, and see which score ranks best (chapter 16)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.ch16_choosing.cases import SOURCES
from tlbook.course.ch16_choosing.tables import TRUTHS, draw_judged, judged
from tlbook.course.widgets.controls import Choice, Toggle
from tlbook.course.widgets.experiment import Experiment
from tlbook.plots.figure import headline

GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "digits": ("Printed digits, 3,000 rows", ("digits",)),
    "few": ("Printed digits, 300 and 60 rows", ("digits, 300 rows", "digits, 60 rows")),
    "capitals": ("Capitals, 3,000 and 300 rows", ("capitals", "capitals, 300 rows")),
    "letters": ("Small letters and Greek", ("small letters", "Greek")),
    "three": ("Only 0, 1 and 2", ("only 0, 1 and 2",)),
    "inverted": ("Inverted", ("digits, inverted",)),
    "moved": ("Mirrored and turned", ("digits, mirrored", "digits, turned by 90°")),
    "shuffled": ("Labels shuffled", ("digits, labels shuffled",)),
}
"""Control -> its label, and the sources that it keeps or takes away."""
CONTROLS = (
    Choice("truth", "What a source is worth is measured by", tuple(TRUTHS)),
    *(Toggle(name, label, True) for name, (label, _) in GROUPS.items()),
)
LEAST = 4
WEAK = {"three": False, "moved": False, "shuffled": False}
ANSWERS: dict[str, dict[str, Any]] = {
    "(a) probe": {},
    "(b) weak ones gone": WEAK,
    "(c) 50 steps": {"truth": "50 steps of fine-tuning"},
    "(d) 300 steps": {"truth": "300 steps of fine-tuning"},
}


@dataclass(frozen=True)
class Result:
    """What is drawn: the sources that are left and what each score is worth among them."""

    truth: str
    kept: tuple[str, ...]
    table: pd.DataFrame | None


@lru_cache(maxsize=64)
def _judged(truth: str, kept: tuple[str, ...]) -> pd.DataFrame:
    return judged(truth, kept)


def compute(truth: str, **groups: bool) -> Result:
    """Judge every score on the sources whose groups are kept; fewer than four rank nothing."""
    kept = {name for group, on in groups.items() if on for name in GROUPS[group][1]}
    left = tuple(name for name in SOURCES if name in kept)
    return Result(truth, left, _judged(truth, left) if len(left) >= LEAST else None)


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the weighted τ and the regret of each score, with the noise ceiling."""
    fig.clear()
    fig.set_layout_engine("none")
    if result.table is None:
        headline(fig, f"{len(result.kept)} sources are left. Keep at least {LEAST}")
        return fig
    scores = result.table.drop(index="noise ceiling")
    first, least = scores.tau.idxmax(), scores.regret.idxmin()
    headline(
        fig,
        f"{len(result.kept)} sources, {result.truth}. Largest τ: {first}. Smallest regret: {least}",
    )
    left, right = fig.add_axes((0.19, 0.17, 0.38, 0.66)), fig.add_axes((0.61, 0.17, 0.37, 0.66))
    draw_judged(left, result.table, "tau")
    left.set(xlim=(-1.05, 1.05), xlabel="weighted τ\n(mean of 8 seeds, 95 % interval)")
    draw_judged(right, result.table, "regret")
    right.set(xlim=(-1, 22), xlabel="regret (points)\ndashed: another run as the score")
    right.tick_params(labelleft=False)
    return fig


def answers() -> Figure:
    """Return the weighted τ of the scores in the four states that the chapter asks for."""
    fig, axes = plots.figure(
        "Which score ranks best depends on the sources and on the budget",
        size=(10.4, 4.0), columns=len(ANSWERS),
    )  # fmt: skip
    every = judged("50 steps of fine-tuning").index  # the probe has one score less
    for ax, (name, state) in zip(axes, ANSWERS.items(), strict=True):
        result = compute(**EXPERIMENT.parameters(**state))
        assert result.table is not None
        draw_judged(ax, result.table.reindex(every), "tau")
        ax.set(xlim=(-1.05, 1.05), xlabel="weighted τ")
        ax.set_title(name)
        ax.tick_params(labelleft=ax is axes[0])
    return fig


EXPERIMENT = Experiment(
    "source_game",
    "Take sources away and change the budget: which score ranks best?",
    compute,
    draw,
    CONTROLS,
    size=(10.4, 4.4),
)

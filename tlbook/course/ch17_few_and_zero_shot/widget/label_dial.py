"""From descriptions to labels on one slider: Tip-Adapter on torch's docstrings (chapter 17)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.ch17_few_and_zero_shot.descriptions import MAIN, WORDINGS
from tlbook.course.ch17_few_and_zero_shot.text_cases import scored, torch_texts, torch_topics
from tlbook.course.ch17_few_and_zero_shot.text_methods import TEMPERATURE, described, vectors
from tlbook.course.widgets.controls import Choice, Slider, Stepper
from tlbook.course.widgets.experiment import Experiment
from tlbook.data.docstrings.places import TOPICS
from tlbook.fewshot import tip_adapter
from tlbook.plots.figure import headline

CONTROLS = (
    Choice("wording", "Wording of the descriptions", tuple(WORDINGS), MAIN),
    Choice("k", "Labels per topic", (1, 2, 4, 8), 2, slider=True),
    Slider("alpha", "α: weight of the labeled texts", 0.1, 1000, 0.25, 30, kind="log"),
    Choice("beta", "β: how near is near", (2.0, 5.5, 15.0), 5.5, slider=True),
    Stepper("seed", "Other labeled texts", 0),
)
ALPHAS = np.logspace(-1, 3, 25)
SPLIT = 0  # of the texts into those that may be labeled and those that are scored
ANSWERS: dict[str, dict[str, Any]] = {
    "(a) full sentence, 2 labels": {},
    "(b) category, 2 labels": {"wording": "category"},
    "(c) full sentence, 8 labels": {"k": 8},
    "(d) category, 8 labels": {"wording": "category", "k": 8},
}


@dataclass(frozen=True)
class Result:
    """Accuracy over α with its two ends, and which share of each topic is found at the dial."""

    params: dict[str, Any]
    curve: np.ndarray
    described: float
    voted: float
    here: float
    found: np.ndarray
    found_described: np.ndarray


@cache
def _texts() -> tuple[np.ndarray, np.ndarray]:
    """Return embeddings and topics of the texts that are scored."""
    texts, topics = torch_texts()
    here = scored(torch_topics(SPLIT))
    return vectors(texts)[here], topics[here]


def compute(wording: str, k: int, alpha: float, beta: float, seed: int) -> Result:
    """Answer the test texts by descriptions, by labeled texts, and by both for every α."""
    E, y = _texts()
    labeled, own = torch_topics(SPLIT).label(k, seed)
    zero_shot = E @ described(wording).T / TEMPERATURE
    votes = tip_adapter(0 * zero_shot, E, vectors(labeled), own, 1.0, beta)  # (n, 6)

    def answers(weight: float) -> np.ndarray:
        return (zero_shot + weight * votes).argmax(axis=1)

    def found(said: np.ndarray) -> np.ndarray:
        return np.array([(said[y == c] == c).mean() for c in range(len(TOPICS))])

    params = {"wording": wording, "k": k, "alpha": alpha, "beta": beta, "seed": seed}
    return Result(
        params,
        np.array([(answers(a) == y).mean() for a in ALPHAS]),
        (answers(0.0) == y).mean(),
        (votes.argmax(axis=1) == y).mean(),
        (answers(alpha) == y).mean(),
        found(answers(alpha)),
        found(answers(0.0)),
    )


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the accuracy over α, and topic by topic what is found at the dial."""
    fig.clear()
    fig.set_layout_engine("none")
    headline(fig, _finding(result))
    left = fig.add_axes((0.07, 0.15, 0.43, 0.66))
    _over_alpha(left, result)
    left.set_ylabel("accuracy (%)")
    left.legend(fontsize=10, loc="lower left")
    _topics(fig.add_axes((0.68, 0.15, 0.3, 0.66)), result)
    return fig


def answers() -> Figure:
    """Return the accuracy over α in the four states that the chapter asks for."""
    fig, axes = plots.figure(
        "A poor wording costs less when there are more labels",
        size="wide", columns=len(ANSWERS), sharey=True,
    )  # fmt: skip
    for ax, (name, state) in zip(axes, ANSWERS.items(), strict=True):
        _over_alpha(ax, compute(**EXPERIMENT.parameters(**state)))
        ax.set_title(name, fontsize=10)
    axes[0].set_ylabel("accuracy (%)")
    axes[0].legend(fontsize=9, loc="lower left")
    return fig


def _over_alpha(ax: Axes, result: Result) -> None:
    color = plots.color("Tip-Adapter")
    ax.axhline(100 * result.described, color=plots.color("zero-shot"), lw=2, ls="--",
               label="descriptions alone")  # fmt: skip
    ax.axhline(100 * result.voted, color=plots.color("random guess"), lw=2, ls=":",
               label="labeled texts alone")  # fmt: skip
    ax.plot(np.log10(ALPHAS), 100 * result.curve, color=color, lw=2.5, label="both")
    ax.plot(np.log10(result.params["alpha"]), 100 * result.here, "o", color=color, ms=9, mec="w")
    ax.set_ylim(20, 100)
    ax.set_xticks([-1, 0, 1, 2, 3], ["0.1", "1", "10", "100", "1000"])
    ax.set_xlabel("α")


def _topics(ax: Axes, result: Result) -> None:
    places = np.arange(len(TOPICS))
    for shift, values, hue, name in (
        (-0.2, result.found_described, "zero-shot", "descriptions"),
        (0.2, result.found, "Tip-Adapter", "at the dial"),
    ):
        ax.barh(places + shift, 100 * values, 0.38, color=plots.color(hue), label=name)
    ax.set_yticks(places, TOPICS, fontsize=10)
    ax.invert_yaxis()
    ax.set_xlim(0, 100)
    ax.set_xlabel("found (%)")
    ax.legend(fontsize=10, loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=2)


def _finding(result: Result) -> str:
    p = result.params
    best = float(f"{ALPHAS[int(np.argmax(result.curve))]:.2g}")
    return (
        f"α = {p['alpha']:g}: {100 * result.here:.0f} % right. Descriptions alone "
        f"{100 * result.described:.0f} %, labeled texts alone "
        f"{100 * result.voted:.0f} %. The best α of this test: {best:g}"
    )


EXPERIMENT = Experiment(
    "label_dial",
    "From descriptions to labels: where does one overtake the other?",
    compute,
    draw,
    CONTROLS,
    size=(10.6, 4.2),
)

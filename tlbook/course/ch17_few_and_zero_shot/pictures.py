"""Pictures of chapter 17 that only it needs: cosines in a grid, hubs, few labels side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.ch17_few_and_zero_shot import tables
from tlbook.course.ch17_few_and_zero_shot.text_cases import BUDGETS
from tlbook.fewshot import Episode

ARMS = {
    "described centroids": ("described centroids", "prototypes"),
    "centroids": ("centroids, labels alone", "random guess"),
    "tip-adapter": ("Tip-Adapter", "Tip-Adapter"),
    "probe": ("probe, labels alone", "frozen encoder"),
    "setfit": ("SetFit, labels alone", "SetFit"),
}
"""Method of ``text_shots``: what a legend calls it, and the palette's name of its color."""


def namings(hits: Sequence[float]) -> Figure:
    """Draw how accurate each naming of six groups is, with the average."""
    fig, ax = plots.figure("Groups without names: the average naming is a guess", size=(7, 2.6))
    ax.hist(100 * np.array(hits), 30, color=plots.color("baseline"))
    ax.axvline(100 * np.mean(hits), color="black", lw=2, label="average")
    ax.set(xlabel="accuracy of a naming (%)", ylabel="namings (of 720)")
    ax.legend()
    return fig


def cosines(values: np.ndarray, rows: Sequence[str], columns: Sequence[str]) -> Figure:
    """Draw a grid of cosines; the largest of each row is bold."""
    fig, ax = plots.figure("Each text goes to the description with the largest cosine",
                           size=(9.5, 3.4))  # fmt: skip
    ax.imshow(values, cmap="Greens", vmin=0, vmax=1.0, aspect="auto")
    for i, j in np.ndindex(*values.shape):
        weight = "bold" if j == values[i].argmax() else "normal"
        ax.text(j, i, f"{values[i, j]:.2f}", ha="center", va="center", weight=weight)
    ax.set_xticks(range(len(columns)), columns, fontsize=10)
    ax.set_yticks(range(len(rows)), [f"{row[:44]}…" for row in rows], fontsize=10)
    ax.grid(visible=False)
    ax.set_xlabel("description of")
    return fig


def hubs(answers: Mapping[str, Any], gains: Mapping[str, Any], topics: Sequence[str]) -> Figure:
    """Draw which topics the texts were given to, and what centering gains by wording."""
    fig, (left, right) = plots.figure(
        "Centering: fewer texts at the hubs, and more texts right", size=(10.5, 3.8), columns=2
    )
    hues, places = ("zero-shot", "prototypes", "random guess"), np.arange(len(topics))
    for shift, hue, (name, said) in zip((-0.27, 0, 0.27), hues, answers.items(), strict=True):
        share = 100 * np.bincount(said, minlength=len(topics)) / len(said)
        left.barh(places + shift, share, 0.25, color=plots.color(hue), label=name)
    left.set_yticks(places, topics)
    left.invert_yaxis()
    left.set_xlabel("texts given to the topic (%), wording “category”")
    left.legend()
    plots.paired_differences(
        gains, title=" ", ax=right, colors=dict.fromkeys(gains, plots.color("prototypes")),
        xlabel="centered minus plain (percentage points)",
    )  # fmt: skip
    return fig


def choosing(sizes: Sequence[int], claimed: np.ndarray, honest: np.ndarray) -> Figure:
    """Draw the accuracy that chose a wording, and the accuracy of the chosen one on other texts."""
    return plots.lines(
        sizes, {"reported": 100 * claimed, "on other texts": 100 * honest},
        colors={"reported": plots.color("baseline"), "on other texts": plots.color("zero-shot")},
        title="The score that chose the wording is too high", size=(7, 3),
        xlabel="texts that chose the wording", ylabel="accuracy (%)",
    )  # fmt: skip


def handicap(gammas: np.ndarray, found: Mapping[str, np.ndarray]) -> Figure:
    """Draw which share of seen and unseen topics is found over the handicap γ, in percent."""
    hues = map(plots.color, ("prototypes", "zero-shot", "baseline"))
    return plots.lines(
        gammas, {name: 100 * values for name, values in found.items()},
        colors=dict(zip(found, hues, strict=True)),
        title="Without a handicap the topics with examples win too often", size=(7, 3.2),
        xlabel="γ: subtracted from the cosines of the seen topics", ylabel="found (%)",
    )  # fmt: skip


def few_labels() -> Figure:
    """Draw accuracy over labels per topic, and each method minus zero-shot with its interval."""
    fig, (left, right) = plots.figure(
        "One or two labels need the sentence, eight do without it", size=(10.8, 4.6), columns=2
    )
    for j, (method, (name, hue)) in enumerate(ARMS.items()):
        tried = [(i, k) for i, k in enumerate(BUDGETS) if k in tables.budgets(method)]
        means = [100 * tables.arm(method, k).mean() for _, k in tried]
        left.plot([i for i, _ in tried], means, "o-", color=plots.color(hue), label=name)
        for i, k in tried:
            gap, y = tables.text_interval((method, k), ("zero-shot", 0)), i + 0.15 * (j - 2)
            right.plot([100 * gap.low, 100 * gap.high], [y, y], lw=3, color=plots.color(hue))
            right.plot(100 * gap.mean, y, "D", color=plots.color(hue), ms=6, mec="w")
    for name, style in (("zero-shot", "--"), ("zero-shot, centered", ":")):
        mean = 100 * tables.arm(name).mean()
        left.axhline(mean, ls=style, lw=2, color=plots.color("zero-shot"), label=name)
    left.set_xticks(range(len(BUDGETS)), BUDGETS)
    left.set(xlabel="labels per topic", ylabel="accuracy (%)")
    fig.legend(*left.get_legend_handles_labels(), fontsize=10, ncols=4, loc="outside lower center")
    right.axvline(0, color="black", lw=1)
    right.set_yticks(range(len(BUDGETS)), [f"{k} label{'s' * (k > 1)}" for k in BUDGETS])
    right.invert_yaxis()
    right.grid(visible=False, axis="y")
    right.set_xlabel("minus zero-shot (percentage points), 95 % over texts")
    return fig


def episode(X: np.ndarray, drawn: Episode) -> Figure:
    """Draw the support of an episode with one shot, and two queries of each class below."""
    ways = len(drawn.classes)
    queries = drawn.query.reshape(ways, -1)[:, :2].T.ravel()
    return plots.image_grid(
        X[np.r_[drawn.support, queries]], columns=ways, rows_named=["support", "query", "query"],
        title="One episode: a shot of each class, and queries",
    )  # fmt: skip


def against_pixels(differences: Mapping[str, np.ndarray]) -> Figure:
    """Draw the probe on each network minus the probe on pixels, by network and place."""
    hues = {
        row: plots.color("supervised" if "supervised" in row else "self-supervised")
        for row in differences
    }
    return plots.paired_differences(
        differences, colors=hues,
        title="On handwriting the pixels beat both networks without labels",
        xlabel="probe accuracy minus that of pixels (points)",
    )  # fmt: skip

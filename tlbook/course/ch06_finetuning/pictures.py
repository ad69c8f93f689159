"""The figures of chapter 06 that compare stored runs seed by seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.ch06_finetuning.tables import arm, runs, searched, untouched

BUDGETS = (1, 5, 20)
RATES: dict[str, Any] = {"rates": "layer-wise"}
HEAD: dict[str, Any] = {"head": "probe"}
BN: dict[str, Any] = {"batchnorm": "frozen"}
# Name -> what changes, what stays changed on both sides, whose color it takes.
CURES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "layer-wise rates (random head)": (RATES, {}, "discriminative rates"),
    "layer-wise rates (probe as head)": (RATES, HEAD, "discriminative rates"),
    "probe as head (one rate)": (HEAD, {}, "LP-FT"),
    "probe as head (layer-wise rates)": (HEAD, RATES, "LP-FT"),
    "BatchNorm frozen (one rate)": (BN, {}, "BatchNorm frozen"),
    "BatchNorm frozen (layer-wise rates)": (BN, RATES, "BatchNorm frozen"),
}
RECIPES = {
    "one rate for all": ("BN train, uniform", "full fine-tuning"),
    "layer-wise rates": ("BN train, layer-wise", "discriminative rates"),
    "LP-FT": ("LP-FT", "LP-FT"),
}
KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "one rate": ({}, "full fine-tuning"),
    "one rate, BatchNorm frozen": (BN, "BatchNorm frozen"),
    "layer-wise rates": (RATES, "discriminative rates"),
    "layer-wise rates, BatchNorm frozen": (RATES | BN, "BatchNorm frozen"),
    "head only, BatchNorm moves": ({"frozen": 6}, "frozen base"),
}
DIGITS = ("signs", "other backgrounds", "no photograph", "printed")


def cures() -> Figure:
    """Return what each cure changes while the others stay, for 1, 5 and 20 labels per class."""
    panels = {
        k: {n: arm(k, **cure, **rest) - arm(k, **rest) for n, (cure, rest, _) in CURES.items()}
        for k in BUDGETS
    }
    hues = {name: plots.color(hue) for name, (*_, hue) in CURES.items()}
    title = "The cures replace each other, and with 20 labels slow layers cost points"
    return _side_by_side(title, _named(panels), hues, 3.9, "points gained")


def over_the_probe() -> Figure:
    """Return the searched recipes minus the probe, for 1, 5 and 20 labels per class."""
    panels = {
        k: {name: searched(a, k) - untouched(k) for name, (a, _) in RECIPES.items()}
        for k in BUDGETS
    }
    hues = {name: plots.color(hue) for name, (_, hue) in RECIPES.items()}
    title = "Tuned alike: with few labels one rate for all stays behind the probe"
    return _side_by_side(title, _named(panels), hues, 2.9, "points over the probe")


def letters_lost() -> Figure:
    """Return what five recipes forgot of the letters at one label per class."""
    return plots.paired_differences(
        {name: arm(1, **kind, column="forgotten") for name, (kind, _) in KINDS.items()},
        title="Most letters are lost at one large rate with BatchNorm frozen",
        xlabel="letters lost (percentage points), one label per class",
        size=(8.5, 3.4),
        colors={name: plots.color(hue) for name, (_, hue) in KINDS.items()},
    )


def drifts() -> pd.DataFrame:
    """Return how far the output of each block moved in the same runs, relative to its size."""
    rows = {
        name: [arm(1, **kind, column=f"drift_{i}").mean() for i in range(1, 7)]
        for name, (kind, _) in KINDS.items()
    }
    return pd.DataFrame(rows, index=[f"block {i}" for i in range(1, 7)]).T.round(2)


def tested(k: int, share: float = 1.0, method: str = "LP-FT") -> pd.DataFrame:
    """Return the accuracies of ``finetuning_robust``, one row a seed, one column a kind of digits.

    ``share`` is the place on the line from the probe (0) to LP-FT (1).
    """
    return runs("finetuning_robust", budget=k, method=method, share=share)[list(DIGITS)]


def robust() -> Figure:
    """Return four comparisons of ``finetuning_robust`` on each kind of digits."""
    full = tested(20, method="full fine-tuning")
    gaps = {
        "full − probe, 20 labels": (full - tested(20, 0.0), "full fine-tuning"),
        "LP-FT − full, 20 labels": (tested(20) - full, "LP-FT"),
        "middle − end, 5 labels": (tested(5, 0.5) - tested(5), "WiSE-FT"),
        "middle − end, 20 labels": (tested(20, 0.5) - tested(20), "WiSE-FT"),
    }
    title = "With 20 labels LP-FT leads on printed digits, and half of the way back costs on signs"
    fig, axes = plots.figure(title, size=(11, 3.2), columns=len(gaps), sharey=True)
    for ax, (name, (gap, hue)) in zip(axes, gaps.items(), strict=True):
        rows = {digits: gap[digits].to_numpy() for digits in DIGITS}
        colors = dict.fromkeys(DIGITS, plots.color(hue))
        plots.paired_differences(rows, title=name, ax=ax, colors=colors, xlabel="points")
    return fig


def examples(sets: Mapping[str, tuple[Any, Any]]) -> Figure:
    """Return a 2, a 5 and an 8 out of each set of pictures (n, 3, 24, 24) and labels."""
    fig, axes = plots.figure("Ten digits in four surroundings", size=(9, 1.6), columns=4)
    for ax, (name, (X, y)) in zip(axes, sets.items(), strict=True):
        rows = [int(np.flatnonzero(np.asarray(y) == c)[0]) for c in (2, 5, 8)]
        ax.imshow(np.concatenate([np.moveaxis(np.asarray(X)[r], 0, 2) for r in rows], axis=1))
        ax.set_title(name, fontsize=11)
        ax.set_axis_off()
    return fig


def _named(panels: Mapping[int, Any]) -> dict[str, Any]:
    return {f"{k} label{'s' if k > 1 else ''} per class": rows for k, rows in panels.items()}


def _side_by_side(
    title: str,
    panels: Mapping[str, Mapping[str, Any]],
    colors: Mapping[str, str],
    height: float,
    xlabel: str,
) -> Figure:
    fig, axes = plots.figure(title, size=(11, height), columns=len(panels), sharey=True)
    for ax, (name, rows) in zip(axes, panels.items(), strict=True):
        plots.paired_differences(rows, title=name, ax=ax, colors=colors, xlabel=xlabel)
    return fig

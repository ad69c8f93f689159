"""Chapter 07: the class-relation matrix, where it comes from, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.widgets.controls import Choice, Slider, Stepper
from tlbook.course.widgets.experiment import Experiment
from tlbook.plots.figure import headline

if TYPE_CHECKING:
    from tlbook.relations import RelationCheck

ORIGINS = ("learned from prints", "told by a person", "uniform", "permuted")
SWAPS = ("none", "0 and 1", "3 and 8", "4 and 9")
BUDGETS = (1, 2, 5, 10)
DRAWS = 3  # draws of labels behind each picture
C = 0.1  # with and without a relation, so that the relation is all that differs
DIGITS = "0123456789"
ANSWERS: dict[str, dict[str, Any]] = {
    "(a) learned, 1 label": {},
    "(b) 4 and 9 swapped": {"swap": "4 and 9"},
    "(c) permuted, λ = 3": {"origin": "permuted", "strength": 3},
    "(d) as (c), 10 labels": {"origin": "permuted", "strength": 3, "budget": 10},
}
COLUMNS = "OoQDΘθIlijtJZzΣxSsBξζδbσGΔqYTpΦχ"

CONTROLS = (
    Choice("origin", "Relations", options=ORIGINS),
    Choice("budget", "Labels per class", options=BUDGETS, slider=True),
    Slider("strength", "Strength λ", low=0.01, high=3, step=0.25, start=0.3, kind="log"),
    Slider("temperature", "Temperature", low=0.5, high=16, step=0.25, start=1, kind="log"),
    Choice("swap", "Swap the rows of", options=SWAPS),
    Stepper("seed", "New labels"),
)


@dataclass(frozen=True)
class Result:
    """The matrix that was used, and accuracies over the draws of labels."""

    profiles: np.ndarray
    origin: str
    budget: int
    with_relations: np.ndarray
    without: np.ndarray
    alone: float
    check: RelationCheck


@lru_cache(maxsize=64)
def _without(budget: int, seed: int) -> float:
    from tlbook.course.ch07_relations.cases import cached_task
    from tlbook.course.ch07_relations.methods import labels_only

    task = cached_task("signs", 0)
    return task.score(labels_only(task, seed, budget, C=C))


@lru_cache(maxsize=64)
def matrix(origin: str, temperature: float, swap: str) -> np.ndarray:
    """Return the profiles (10, 71) of the digits over the letters."""
    from tlbook.course.ch07_relations.cases import (
        DIGIT_LOOK_ALIKES,
        learned_profiles,
        look_alike_profiles,
    )
    from tlbook.relations import permuted

    if origin == "told by a person":
        S = look_alike_profiles(DIGIT_LOOK_ALIKES)
    else:
        S = learned_profiles(DIGITS, temperature)
    if origin == "uniform":
        S = np.full_like(S, 1 / S.shape[1])
    if origin == "permuted":
        S = permuted(S, seed=0)
    S = S.copy()
    if swap != "none":
        i, j = (int(word) for word in swap.split(" and "))
        S[[i, j]] = S[[j, i]]
    return S


@lru_cache(maxsize=128)
def _with(
    budget: int, seed: int, origin: str, strength: float, temperature: float, swap: str
) -> float:
    """Return the accuracy with a matrix; without a label (budget 0) that of the matrix alone."""
    from tlbook.course.ch07_relations.cases import cached_task
    from tlbook.course.ch07_relations.methods import related

    task, S = cached_task("signs", 0), matrix(origin, temperature, swap)
    return task.score(related(task, seed, budget, profiles=S, C=C, strength=strength))


def compute(
    origin: str, budget: int, strength: float, temperature: float, swap: str, seed: int
) -> Result:
    """Return the accuracies with and without this matrix, and what the labels say about it."""
    from tlbook.course.ch07_relations.cases import cached_task, source_letters
    from tlbook.relations import check_relation

    letters, S = source_letters(), matrix(origin, temperature, swap)
    draws = [DRAWS * seed + i for i in range(DRAWS)]
    setting = (origin, strength, temperature, swap)
    found = check_relation(
        *cached_task("signs", 0).label(budget, draws[0]),
        S,
        letters.prototypes,
        C=C,
        strength=strength,
        scale=letters.scale,
        permutations=500,
    )
    return Result(
        profiles=S,
        origin=origin,
        budget=budget,
        with_relations=np.array([_with(budget, s, *setting) for s in draws]),
        without=np.array([_without(budget, s) for s in draws]),
        alone=_with(0, 0, *setting),
        check=found,
    )


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the matrix, the three accuracies, and the verdict of the labels."""
    fig.clear()
    gain = 100 * (result.with_relations.mean() - result.without.mean())
    plural = "s" if result.budget > 1 else ""
    does = "add" if gain >= 0 else "cost"
    headline(
        fig,
        f"Relations {result.origin}: at {result.budget} label{plural} per class they {does} "
        f"{abs(gain):.0f} point{'' if round(abs(gain)) == 1 else 's'}",
    )
    fig.set_layout_engine("none")  # fixed places: the layout engine would draw everything twice
    _heatmap(
        fig.add_axes((0.05, 0.15, 0.52, 0.66)), fig.add_axes((0.58, 0.15, 0.012, 0.66)), result
    )
    _bars(fig.add_axes((0.72, 0.15, 0.265, 0.66)), result)
    found = result.check
    fig.text(
        0.012,
        0.865,
        f"Permutation test on the {found.n} labels of draw 1: the relation alone names "
        f"{found.right}, a meaningless one {found.expected:.1f}. p = {found.p_value:.3f}",
        fontsize=11.5,
    )
    return fig


def answers() -> Figure:
    """Return the bars in the four states that the chapter asks for, side by side."""
    fig, axes = plots.figure(
        "One swap costs little. A wrong matrix with a large λ costs much, with ten labels less",
        size="wide", columns=len(ANSWERS), sharey=True,
    )  # fmt: skip
    for ax, (name, state) in zip(axes, ANSWERS.items(), strict=True):
        _bars(ax, compute(**EXPERIMENT.parameters(**state)))
        ax.set_title(name)
    for ax in axes[1:]:
        ax.set_ylabel("")
    return fig


def _heatmap(ax: Axes, bar: Axes, result: Result) -> None:
    from tlbook.data.signs import SOURCE_LETTERS

    columns = [SOURCE_LETTERS.index(c) for c in COLUMNS]
    shares = np.sqrt(result.profiles[:, columns])  # a root, so that small shares can be seen
    image = ax.imshow(shares, cmap="Greens", vmin=0, vmax=1, aspect="auto")
    ax.figure.colorbar(image, cax=bar).set_ticks([0, 0.5**0.5, 1], labels=["0", "0.5", "1"])
    ax.set_xticks(range(len(columns)), list(COLUMNS), fontsize=10)
    ax.set_yticks(range(10), list(DIGITS), fontsize=10)
    ax.set(xlabel="known letters (32 of 71; color: share)", ylabel="new digits")
    ax.tick_params(length=0)
    ax.grid(False)


def _bars(ax: Axes, result: Result) -> None:
    ok = result.with_relations.mean() >= result.without.mean()
    bars = (
        ("relation\nalone", np.array([result.alone]), plots.color("validation")),
        ("labels\nalone", result.without, plots.color("without relations")),
        ("both", result.with_relations, plots.color(f"{'with' if ok else 'wrong'} relations")),
    )
    for i, (_, values, color) in enumerate(bars):
        y = 100 * values
        ax.bar(i, y.mean(), width=0.66, color=color, alpha=0.85)
        if len(y) > 1:
            places = i + np.linspace(-0.18, 0.18, len(y))
            ax.scatter(places, y, s=16, color="white", edgecolor="#222222", lw=0.8, zorder=5)
        ax.text(i, y.max() + 2, f"{y.mean():.0f}", ha="center", fontweight="bold")
    ax.axhline(10, color="#555555", lw=1, ls=(0, (2, 2)))
    ax.set_xticks(range(3), [name for name, *_ in bars])
    ax.set(ylim=(0, 100), ylabel="accuracy on the digits (%)")
    ax.grid(False, axis="x")


EXPERIMENT = Experiment(
    "relation_matrix",
    "Which letters does a digit look like, and what is that worth?",
    compute,
    draw,
    CONTROLS,
    size=(9.5, 4.2),
)

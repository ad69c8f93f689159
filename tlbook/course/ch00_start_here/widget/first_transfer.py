"""Chapter 00: the same few labels seen through three pairs of eyes.

A linear classifier is fitted to raw pixels, to the features of an untrained network, and to those
of the pretrained one. Features are computed once, so that every setting answers at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.widgets.controls import Choice, Stepper
from tlbook.course.widgets.experiment import Experiment
from tlbook.plots import COLORS
from tlbook.plots.figure import headline
from tlbook.plots.images import as_picture

EYES = ("raw pixels", "random features", "linear probe")
NAMES = ("raw pixels", "an untrained network", "the pretrained network")
BUDGETS = (1, 2, 5, 10, 20)
SHOWN, COLUMNS, SIDE, CAPTION = 20, 10, 24, 12


@dataclass(frozen=True)
class Result:
    """What one setting shows: accuracy of all three, and pictures with the answers of one."""

    eyes: str
    budget: int
    accuracy: dict[str, float]
    labeled: np.ndarray
    images: np.ndarray
    answers: np.ndarray
    right: np.ndarray


@lru_cache(maxsize=1)
def _task() -> Any:
    from tlbook import data

    return data.load("signs", seed=0, n_source=71)  # only the target is used here


@lru_cache(maxsize=len(EYES))
def _features(eyes: str) -> Callable[[Any], np.ndarray]:
    """Return the function from images to features; it remembers what it has seen."""
    if eyes == "raw pixels":
        return lambda X: np.asarray(X).reshape(len(X), -1)
    from tlbook import models
    from tlbook.finetuning import cached_features

    weights = "embedded" if eyes == "linear probe" else None
    look = partial(cached_features, models.create("signnet", weights=weights))
    seen: dict[int, np.ndarray] = {}

    def remember(X: Any) -> np.ndarray:
        key = hash(np.ascontiguousarray(X).tobytes())
        if key not in seen:
            seen[key] = look(X)
        return seen[key]

    return remember


@lru_cache(maxsize=64)
def _fit(eyes: str, budget: int, seed: int) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Return the accuracy, and of the first test images: pictures, answers, right or wrong."""
    from tlbook.course.ch01_why_transfer.methods import SETTINGS
    from tlbook.finetuning import linear_probe

    X, y = _task().label(budget, seed=seed)
    classify = linear_probe(_features(eyes), X, y, C=SETTINGS[eyes]["C"])
    images, answers = [], []

    def predict(rows: np.ndarray) -> np.ndarray:
        answers.append(classify(rows))
        images.append(rows[:SHOWN])
        return answers[0]

    report = _task().report(predict)
    right = ~np.isin(np.arange(SHOWN), report.wrong)
    return report.accuracy, images[0], answers[0][:SHOWN], right


def compute(eyes: str = NAMES[0], budget: int = 1, seed: int = 0) -> Result:
    """Fit all three classifiers to the same labels.

    Parameters
    ----------
    eyes : str
        One of ``NAMES``: what the classifier whose answers are shown sees.
    budget : int
        Labels per class, one of ``BUDGETS``.
    seed : int
        Which images are labeled.
    """
    chosen = EYES[NAMES.index(eyes)]
    found = {name: _fit(name, budget, seed) for name in EYES}
    X, y = _task().label(budget, seed=seed)
    first = [int(np.flatnonzero(y == digit)[0]) for digit in range(10)]
    _, images, answers, right = found[chosen]
    accuracy = {name: result[0] for name, result in found.items()}
    return Result(chosen, budget, accuracy, X[first], images, answers, right)


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the labeled images, the answers on unseen ones, and the three accuracies."""
    name = NAMES[EYES.index(result.eyes)]
    labels = "1 label" if result.budget == 1 else f"{result.budget} labels"
    fig.clear()
    headline(
        fig,
        f"{labels} per class, seen through {name}: "
        f"{100 * result.accuracy[result.eyes]:.0f} % of the digits right",
    )
    fig.set_layout_engine("none")  # fixed places: nothing is measured anew at each step
    places = {"left": 0.01, "right": 0.99, "top": 0.84, "bottom": 0.08, "wspace": 0.16}
    left, right = fig.subplots(1, 2, width_ratios=(2.1, 1), gridspec_kw=places)
    _draw_pictures(result, left)
    _draw_bars(result, right)
    return fig


@plots.styled
def answers() -> Figure:
    """Return the accuracies at 1, 5 and 20 labels per class, side by side."""
    fig, axes = plots.figure(
        "More labels help the pretrained features most", size="wide", columns=3, sharey=True
    )
    for ax, budget in zip(axes, (1, 5, 20), strict=True):
        _draw_bars(compute(NAMES[-1], budget), ax, pale=1.0)
        ax.set_title("1 label per class" if budget == 1 else f"{budget} labels per class")
        ax.label_outer()
    return fig


def _draw_pictures(result: Result, ax: Axes) -> None:
    """One mosaic: the labeled images on top, the first unseen ones with their answers below."""
    step, row = SIDE + 3, SIDE + CAPTION
    mosaic = np.zeros((3 * row + 8, COLUMNS * step, 4))  # see-through in between
    answers = [(f"{'✓' if ok else '✗'} {a}", ok) for a, ok in zip(result.answers, result.right)]  # noqa: B905
    captions = [(str(digit), None) for digit in range(10)] + answers
    for i, image in enumerate([*result.labeled, *result.images]):
        line, column = divmod(i, COLUMNS)
        top, start = line * row + (8 if line else 0), column * step
        mosaic[top : top + SIDE, start : start + SIDE, :3] = as_picture(image)
        mosaic[top : top + SIDE, start : start + SIDE, 3] = 1
        words, ok = captions[i]
        color = "#222222" if ok is None else COLORS["right" if ok else "wrong"]
        middle = start + SIDE / 2
        ax.text(middle, top + SIDE + 5, words, color=color, ha="center", va="center")
    ax.imshow(mosaic)
    ax.set_axis_off()
    more = "" if result.budget == 1 else f" (one of {result.budget} per class)"
    ax.set_title(f"labeled images{more}, and answers on unseen ones", fontsize=10.5)


def _draw_bars(result: Result, ax: Axes, pale: float = 0.4) -> None:
    for i, eyes in enumerate(EYES):
        value = 100 * result.accuracy[eyes]
        chosen = eyes == result.eyes
        ax.bar(i, value, width=0.7, color=COLORS[eyes], alpha=1.0 if chosen else pale)
        ax.annotate(
            f"{value:.0f}", (i, value), (0, 3), textcoords="offset points", ha="center", va="bottom"
        )
    ax.axhline(10, color="#555555", linewidth=1, linestyle=(0, (2, 2)))
    ax.set_xticks(range(len(EYES)), ["pixels", "untrained", "pretrained"])
    ax.set_ylim(0, 108)
    ax.set_ylabel("right on 797 unseen (%)")
    ax.set_title("dashed: guessing; pale: not chosen" if pale < 1 else "", fontsize=10.5)
    ax.grid(False, axis="x")


CONTROLS = (
    Choice("eyes", "The classifier sees", NAMES, start=NAMES[0]),
    Choice("budget", "Labels per class", BUDGETS, start=1, slider=True),
    Stepper("seed", "Label other images"),
)

EXPERIMENT = Experiment(
    name="first_transfer",
    title="How much does a handful of labels teach, and through whose eyes?",
    compute=compute,
    draw=draw,
    controls=CONTROLS,
    size="wide",
)

"""Chapter 13: augmentation and learning rate, with the range test and what came of the training.

The curves come from the stored study ``pytorch_finder`` (one seed), the accuracies from
``pytorch_augmentation`` (8 seeds); the pictures are augmented on the spot.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.widgets.controls import Choice
from tlbook.course.widgets.experiment import Experiment
from tlbook.plots import COLORS
from tlbook.plots.figure import headline
from tlbook.plots.images import as_picture

if TYPE_CHECKING:
    import pandas as pd

KINDS = {"turn, move, zoom": "geometric", "light, color, noise": "photometric"}
STRENGTHS = (0, 1, 2)
RATES = (3e-4, 3e-3, 3e-2)
BUDGETS = (2, 20)
SEED = 0
ROWS, COLUMNS = 4, 4  # pictures, and draws of each
ANSWERS = tuple((kind, strength) for kind in KINDS for strength in STRENGTHS[1:])
"""Kinds and strengths of augmentation in the strip, at 20 labels per class."""


@dataclass(frozen=True)
class Result:
    """What one setting shows; accuracies in percent, (rates, seeds)."""

    kind: str
    strength: int
    lr: float
    budget: int
    pictures: np.ndarray
    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    accuracy: np.ndarray
    plain: np.ndarray

    @property
    def lowest(self) -> float:
        """The rate with the lowest smoothed loss."""
        return float(self.rates[int(np.argmin(self.smoothed))])


@lru_cache(maxsize=2)
def _study(name: str) -> pd.DataFrame:
    from tlbook.course.results import stored

    return stored.load(name)


def _rows(name: str, kind: str, strength: int, budget: int) -> pd.DataFrame:
    frame = _study(name)
    stored_kind = kind if strength else "none"
    found = frame[
        (frame.kind == stored_kind) & (frame.strength == strength) & (frame.budget == budget)
    ]
    if not len(found):
        raise ValueError(
            f"kind, strength, budget: got {kind!r}, {strength}, {budget}: not stored in {name}"
        )
    return found


def _accuracy(kind: str, strength: int, budget: int) -> np.ndarray:
    """Return the accuracies of shape (rates, seeds), in percent."""
    rows = _rows("pytorch_augmentation", kind, strength, budget)
    wide = rows.pivot(index="lr", columns="seed", values="accuracy").sort_index()
    return 100 * wide.to_numpy()


@lru_cache(maxsize=16)
def _pictures(kind: str, strength: int) -> np.ndarray:
    """Return (ROWS, COLUMNS, 3, 24, 24): each picture as it is, then drawn anew."""
    import torch

    from tlbook.course.ch13_pytorch_practice.methods import augmenter
    from tlbook.data.signs import load_signs

    X = torch.from_numpy(load_signs(seed=SEED).target.X[:ROWS])
    augment = augmenter(kind, strength)
    generator = torch.Generator().manual_seed(SEED)
    drawn = [X if augment is None else augment(X, generator) for _ in range(COLUMNS - 1)]
    return torch.stack([X, *drawn], dim=1).numpy()


@lru_cache(maxsize=64)
def compute(
    kind: str = "turn, move, zoom", strength: int = 1, lr: float = 3e-3, budget: int = 20
) -> Result:
    """Return augmented pictures, the range test and the stored accuracies.

    Parameters
    ----------
    kind : str
        A key of ``KINDS``.
    strength : int
        One of ``STRENGTHS``: factor of the usual limits.
    lr : float
        Learning rate of the training, one of ``RATES``.
    budget : int
        Labels per class, one of ``BUDGETS``.

    Raises
    ------
    ValueError
        If there is no such run.
    """
    if kind not in KINDS or lr not in RATES:
        raise ValueError(f"kind, lr: got {kind!r}, {lr!r}: not stored")
    name = KINDS[kind]
    curve = _rows("pytorch_finder", name, strength, budget)
    return Result(
        kind=kind,
        strength=strength,
        lr=lr,
        budget=budget,
        pictures=_pictures(name, strength),
        rates=curve.lr.to_numpy(),
        losses=curve.loss.to_numpy(),
        smoothed=curve.smoothed.to_numpy(),
        accuracy=_accuracy(name, strength, budget),
        plain=_accuracy(name, 0, budget),
    )


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the pictures, the range test, and the accuracy at three rates."""
    fig.clear()
    at = RATES.index(result.lr)
    mean = result.accuracy[at].mean()
    gap = mean - result.plain[at].mean()
    what = "no augmentation"
    if result.strength:
        what = f"{result.kind} ×{result.strength}: {gap:+.1f} points against none"
    headline(
        fig, f"{result.budget} labels per class, rate {result.lr:g}: {mean:.0f} % right ({what})"
    )
    fig.set_layout_engine("none")  # fixed places: the layout engine would draw everything twice
    _draw_pictures(result, fig.add_axes((0.01, 0.03, 0.27, 0.8)))
    _draw_curve(result, fig.add_axes((0.35, 0.17, 0.29, 0.63)))
    _draw_accuracy(result, fig.add_axes((0.72, 0.17, 0.27, 0.63)))
    return fig


def answers() -> Figure:
    """Return the accuracies of each augmentation at three rates, side by side."""
    fig, axes = plots.figure(
        "In 30 steps at 20 labels per class the rate matters most, and augmentation lost at 0.003",
        size=(10.4, 3.4), columns=len(ANSWERS), sharey=True,
    )  # fmt: skip
    for ax, (kind, strength) in zip(axes, ANSWERS, strict=True):
        _draw_accuracy(compute(kind, strength), ax)
        ax.set(title=f"{kind} ×{strength}", xlabel="learning rate")
        ax.get_legend().remove()
    for ax in axes[1:]:
        ax.set_ylabel("")
    axes[-1].legend(loc="upper right", fontsize=8.5, borderaxespad=0.1)
    return fig


def _draw_pictures(result: Result, ax: Axes) -> None:
    side, gap = result.pictures.shape[-1], 2
    step = side + gap
    sheet = np.zeros((ROWS * step - gap, COLUMNS * step - gap, 4))
    for i in range(ROWS):
        for j in range(COLUMNS):
            picture = as_picture(result.pictures[i, j])
            place = np.s_[i * step : i * step + side, j * step : j * step + side]
            sheet[(*place, np.s_[:3])], sheet[(*place, 3)] = picture, 1
    ax.imshow(sheet, interpolation="nearest")
    ax.set_title("as it is, and three draws of it", fontsize=10.5)
    ax.set_axis_off()


def _draw_curve(result: Result, ax: Axes) -> None:
    ax.plot(result.rates, result.losses, ".", color=COLORS["baseline"], ms=3.5)
    ax.plot(result.rates, result.smoothed, color=COLORS["fine-tuning"])
    ax.axvline(result.lr, color=COLORS["highlight"], lw=2, label="your rate")
    low, tenth = result.lowest, result.lowest / 10
    at = (_value_at(result, low), _value_at(result, tenth))
    ax.plot([low], at[:1], "v", ms=9, color=COLORS["wrong"], label="lowest loss")
    ax.plot([tenth], at[1:], "o", ms=8, color=COLORS["right"], label="a tenth of that rate")
    ax.set_xscale("log")
    ax.set_xlim(1e-5, 1)
    ax.set_xticks([1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1])
    ax.set_ylim(0, 5)
    ax.set_xlabel("learning rate in the range test")
    ax.set_ylabel("training loss")
    ax.set_title("range test, one seed", fontsize=10)
    ax.legend(loc="upper left", fontsize=8.5, handlelength=1.2, borderaxespad=0.1)


def _value_at(result: Result, rate: float) -> float:
    return float(np.interp(np.log(rate), np.log(result.rates), result.smoothed))


def _draw_accuracy(result: Result, ax: Axes) -> None:
    places = np.arange(len(RATES))
    colors = [COLORS["fine-tuning"] if r == result.lr else COLORS["chance"] for r in RATES]
    ax.bar(places, result.accuracy.mean(axis=1), width=0.7, color=colors)
    for i, seeds in enumerate(result.accuracy):
        spread = np.linspace(-0.18, 0.18, len(seeds))
        ax.plot(i + spread, seeds, ".", color="#444444", ms=4)
    plain = result.plain.mean(axis=1)
    ax.plot(places, plain, "_", ms=26, mew=2, color=COLORS["wrong"], label="no augmentation")
    ax.set_xticks(places, [f"{rate:g}" for rate in RATES])
    ax.set_ylim(0, 100)
    ax.set_xlabel("learning rate of the training")
    ax.set_ylabel("accuracy on digits (%)")
    ax.set_title("mean of 8 seeds, each a dot", fontsize=10)
    ax.legend(loc="upper right", fontsize=8.5, borderaxespad=0.1)
    ax.grid(False, axis="x")


EXPERIMENT = Experiment(
    name="rate_finder",
    title="How fast may it learn, and from which pictures?",
    compute=compute,
    draw=draw,
    controls=(
        Choice("kind", "Augmentation", tuple(KINDS)),
        Choice("strength", "Strength", STRENGTHS, start=1, slider=True),
        Choice("lr", "Learning rate", RATES, start=3e-3, slider=True),
        Choice("budget", "Labels per class", BUDGETS, start=20, slider=True),
    ),
    size="wide",
)

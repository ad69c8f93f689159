"""A shift as a dial, and what conformal sets cover, plain and weighted (chapter 18)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.ch18_trust import cases
from tlbook.course.widgets.controls import Choice, Slider, Stepper
from tlbook.course.widgets.experiment import Experiment
from tlbook.instances import effective_sample_size
from tlbook.plots.figure import headline
from tlbook.trust import conformal_threshold, weighted_thresholds

KEPT, LEFT_OUT = "kept", "left out"
CONTROLS = (
    Slider("shift", "Shift of the inputs", 0, 2.5, 0.25, 1.0, unit="SD"),
    Slider("slope", "Change of P(Y given X)", 0, 1.5, 0.1, 0.0),
    Choice("n", "Labeled source rows", (50, 100, 200, 400, 800), 200, slider=True),
    Choice("own", "The new row's own mass", (KEPT, LEFT_OUT)),
    Stepper("seed", "New sample", 0),
)
ALPHA, REPETITIONS = 0.1, 60
SHIFTS = np.linspace(0, 2.5, 6)
TOP, ROWS = 6.0, 150  # of the left picture: the largest score shown, and how many target rows
PLAIN, WEIGHTED = plots.color("unweighted"), plots.color("true ratio")
ANSWERS: dict[str, dict[str, Any]] = {
    "(a) shift 1.5": {"shift": 1.5},
    "(b) shift 2.5": {"shift": 2.5},
    "(c) own mass left out": {"shift": 2.5, "own": LEFT_OUT},
    "(d) P(Y|X) changes": {"shift": 0.0, "slope": 1.0},
}


@dataclass(frozen=True)
class Summary:
    """Means over repetitions at one shift."""

    plain: float
    weighted: float
    infinite: float
    effective: float  # share of the labeled rows


@dataclass(frozen=True)
class Result:
    """What is drawn: one sample with its thresholds, and the means over the shifts."""

    params: dict[str, Any]
    rows: cases.Shifted
    plain: float
    weighted: np.ndarray
    here: Summary
    over_shifts: tuple[Summary, ...]


def _weighted(rows: cases.Shifted, shift: float, own: str) -> np.ndarray:
    w, new = (cases.ratio(shift, x) for x in (rows.x, rows.new_x))
    return weighted_thresholds(rows.scores, w, new if own == KEPT else 0 * new, ALPHA)


@lru_cache(maxsize=256)
def summary(shift: float, slope: float, n: int, own: str, seed: int) -> Summary:
    """Return means over ``REPETITIONS`` draws."""
    found = []
    for i in range(REPETITIONS):
        rows = cases.shifted(shift, [seed, i, 1], n, slope)
        q = _weighted(rows, shift, own)
        plain = (rows.new_scores <= conformal_threshold(rows.scores, ALPHA)).mean()
        share = effective_sample_size(cases.ratio(shift, rows.x)) / n
        found.append((plain, (rows.new_scores <= q).mean(), np.isinf(q).mean(), share))
    return Summary(*(float(v) for v in np.mean(found, axis=0)))


def compute(shift: float, slope: float, n: int, own: str, seed: int) -> Result:
    """Set both thresholds on one sample, and take means over many."""
    rows = cases.shifted(shift, [seed, 0], n, slope)
    params = {"shift": shift, "slope": slope, "n": n, "own": own, "seed": seed}
    over = tuple(summary(float(s), slope, n, own, seed) for s in SHIFTS)
    return Result(
        params,
        rows,
        conformal_threshold(rows.scores, ALPHA),
        _weighted(rows, shift, own),
        summary(shift, slope, n, own, seed),
        over,
    )


def draw(result: Result, fig: Figure) -> Figure:
    """Draw scores and thresholds, coverage over the shift, and what the weights leave."""
    fig.clear()
    fig.set_layout_engine("none")
    headline(fig, _finding(result))
    left = fig.add_axes((0.055, 0.14, 0.36, 0.66))
    _scores(left, result)
    words = (("source rows", "source"), ("target rows (×: not covered)", "target"))
    for i, (text, name) in enumerate(words):
        left.text(0.02, 0.95 - 0.07 * i, text, color=plots.color(name), fontsize=10,
                  transform=left.transAxes, va="top")  # fmt: skip
    _coverage(fig.add_axes((0.48, 0.14, 0.22, 0.66)), result)
    _support(fig.add_axes((0.765, 0.14, 0.22, 0.66)), result)
    return fig


def answers() -> Figure:
    """Return the left picture in the four states that the chapter asks for."""
    fig, axes = plots.figure(
        "Weights keep the coverage of an input shift, and see no other one",
        size="wide", columns=len(ANSWERS), sharey=True,
    )  # fmt: skip
    for ax, (name, state) in zip(axes, ANSWERS.items(), strict=True):
        result = compute(**EXPERIMENT.parameters(**state))
        _scores(ax, result)
        here = result.here
        ax.set_title(f"{name}\nplain {here.plain:.0%}, weighted {here.weighted:.0%}", fontsize=10.5)
    axes[0].set_ylabel("score |y − ŷ|")
    return fig


def _scores(ax: Axes, result: Result) -> None:
    """Draw rows by their score, the plain threshold, and the weighted one with its infinite part.

    A row with a score above the top is drawn at the top.
    """
    rows, shown = result.rows, slice(ROWS)
    ax.plot(rows.x[shown], np.minimum(rows.scores[shown], TOP), ".", color=plots.color("source"),
            alpha=0.35, mew=0, ms=6)  # fmt: skip
    missed = rows.new_scores > result.weighted
    for mask, mark, size in ((~missed, ".", 7), (missed, "x", 6)):
        x, score = rows.new_x[shown][mask[shown]], rows.new_scores[shown][mask[shown]]
        ax.plot(x, np.minimum(score, TOP), mark, color=plots.color("target"), ms=size, alpha=0.8)
    ax.axhline(result.plain, color=PLAIN, lw=2.2, ls="--")
    order = np.argsort(rows.new_x)
    x, q = rows.new_x[order], result.weighted[order]
    finite = np.isfinite(q)
    ax.step(x[finite], q[finite], color=WEIGHTED, lw=2.2, where="post")
    if not finite.all():
        start = float(x[~finite].min())
        ax.axvspan(start, 5, color=WEIGHTED, alpha=0.12, lw=0)
        ax.text(min(start + 0.1, 4.2), TOP * 0.93, "∞", fontsize=15, color=WEIGHTED, va="top")
    ax.set(xlim=(-3, 5), ylim=(0, TOP * 1.02), xlabel="x")
    ax.set_title("score |y − ŷ| and thresholds", fontsize=11)
    ax.grid(False)


def _coverage(ax: Axes, result: Result) -> None:
    over, here = result.over_shifts, result.here
    ax.axhline(90, color=plots.color("chance"), lw=2)
    for name, hue in (("plain", PLAIN), ("weighted", WEIGHTED)):
        ax.plot(SHIFTS, [100 * getattr(s, name) for s in over], color=hue, lw=2,
                ls="--" if name == "plain" else "-")  # fmt: skip
        ax.plot(result.params["shift"], 100 * getattr(here, name), "o", color=hue, ms=9, mec="w")
    ax.set(xlim=(-0.1, 2.6), ylim=(20, 102), xlabel="shift (SD)")
    ax.set_title("coverage (%), 90 promised", fontsize=11)
    ax.text(0.05, 0.17, "— weighted", color=WEIGHTED, fontsize=10, transform=ax.transAxes)
    ax.text(0.05, 0.09, "-- plain", color=PLAIN, fontsize=10, transform=ax.transAxes)


def _support(ax: Axes, result: Result) -> None:
    over, here = result.over_shifts, result.here
    for name, hue in (("effective", plots.color("source")), ("infinite", WEIGHTED)):
        ax.plot(SHIFTS, [100 * getattr(s, name) for s in over], color=hue, lw=2)
        ax.plot(result.params["shift"], 100 * getattr(here, name), "o", color=hue, ms=9, mec="w")
    ax.set(xlim=(-0.1, 2.6), ylim=(-2, 102), xlabel="shift (SD)")
    ax.set_title("what is left (%)", fontsize=11)
    for y, text, hue in ((0.9, "effective rows", plots.color("source")),
                         (0.82, "infinite sets", WEIGHTED)):  # fmt: skip
        ax.text(0.4, y, text, color=hue, fontsize=10, transform=ax.transAxes)


def _finding(result: Result) -> str:
    p, here = result.params, result.here
    return (
        f"Shift {p['shift']:g}: plain sets cover {here.plain:.0%}, weighted {here.weighted:.0%} "
        f"({here.infinite:.0%} infinite). {here.effective * p['n']:.0f} of {p['n']} rows effective"
    )


EXPERIMENT = Experiment(
    "coverage_dial",
    "Shift the target: what is a promise of 90 % worth?",
    compute,
    draw,
    CONTROLS,
    size=(10.6, 4.2),
)

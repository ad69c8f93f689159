"""λ, shift and Ω as dials over an objective that is solved exactly (chapter 09)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.ch09_objective.exact import expected_risk, minimize
from tlbook.course.ch09_objective.waves import Waves, basis, waves
from tlbook.course.widgets.controls import Choice, Slider, Stepper
from tlbook.course.widgets.experiment import Experiment
from tlbook.plots.figure import headline

ZERO, SOURCE = "zero (ridge)", "the source's solution (L2-SP)"
CONTROLS = (
    Slider("weight", "λ: weight of the target's loss", 0.001, 100, 0.2, 1.0, kind="log"),
    Slider("phase", "Shift of the target", 0, 180, 5, 30, unit="degrees"),
    Slider("omega", "Ω: strength", 1e-4, 10, 0.25, 0.01, kind="log"),
    Choice("pull", "Ω pulls to", (ZERO, SOURCE)),
    Choice("n_target", "Labeled target rows", (3, 6, 12, 25, 50), 12, slider=True),
    Stepper("seed", "New sample", 0),
)

N_SOURCE, NOISE = 200, 0.5
LAMBDAS = np.logspace(-3, 2, 41)
X = np.linspace(-1, 1, 101)
DECADES = (-2.5, 1.0)  # of the errors that are shown
HEADROOM = 0.45  # the words over the middle picture begin here
ANSWERS: dict[str, dict[str, Any]] = {
    "(a) 50 target rows": {"n_target": 50},
    "(b) shift 0°, λ = 100": {"phase": 0.0, "weight": 100.0},
    "(c) shift 180°, λ = 10": {"phase": 180.0, "weight": 10.0},
    "(d) as (c), Ω = 0.1": {"phase": 180.0, "weight": 10.0, "omega": 0.1},
}


@dataclass(frozen=True)
class Result:
    """What is drawn: rows, the fitted curve, expected errors over λ and at the dial."""

    params: dict[str, Any]
    rows: Waves
    source_y: np.ndarray
    target_y: np.ndarray
    theta: np.ndarray
    bias: np.ndarray
    variance: np.ndarray
    source_risk: np.ndarray
    here: tuple[float, float]  # expected errors in the source and in the target
    target_alone: float
    source_alone: float

    @property
    def target_risk(self) -> np.ndarray:
        """Expected squared error in the target, over ``LAMBDAS``."""
        return self.bias + self.variance


def _strengths(omega: float, pull: str) -> tuple[float, float]:
    """Return how strongly Ω pulls to zero, and to the source's solution."""
    return (omega, 0.0) if pull == ZERO else (0.0, omega)


@lru_cache(maxsize=64)
def _curves(
    phase: float, omega: float, pull: str, n_target: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, float]:
    """Return bias, variance, source error over λ; errors of either domain alone: all expected."""
    rows, strengths = waves(phase, N_SOURCE, n_target, seed), _strengths(omega, pull)
    pairs = rows.source, rows.target
    found = [expected_risk(*pairs, rows.target_truth, NOISE, w, *strengths) for w in LAMBDAS]
    bias, variance = np.array(found).T
    in_source = [
        sum(expected_risk(*pairs, rows.source_truth, NOISE, w, *strengths)) for w in LAMBDAS
    ]
    # The same learner without the source: its Ω can only pull to zero.
    alone = sum(expected_risk(None, rows.target, rows.target_truth, NOISE, 1.0, omega))
    source = sum(expected_risk(rows.source, None, rows.target_truth, NOISE, 1.0, *strengths))
    return bias, variance, np.array(in_source), alone, source


def compute(
    weight: float, phase: float, omega: float, pull: str, n_target: int, seed: int
) -> Result:
    """Minimize L_S + λ L_T + Ω on one draw, and return the expected errors for every λ."""
    rows = waves(phase, N_SOURCE, n_target, seed)
    bias, variance, in_source, alone, source = _curves(phase, omega, pull, n_target, seed)
    rng = np.random.default_rng([seed, 2])
    L_S, L_T = rows.source.with_noise(NOISE, rng), rows.target.with_noise(NOISE, rng)
    near = None if pull == ZERO else minimize(L_S)
    theta = minimize(L_S, L_T, weight, omega, near)
    rng = np.random.default_rng([seed, 2])  # the same noise once more, for the picture
    ys = [part.truth + NOISE * rng.normal(size=len(part.A)) for part in (rows.source, rows.target)]
    strengths = _strengths(omega, pull)
    here = tuple(
        sum(expected_risk(rows.source, rows.target, truth, NOISE, weight, *strengths))
        for truth in (rows.source_truth, rows.target_truth)
    )
    params = {
        "weight": weight, "phase": phase, "omega": omega, "pull": pull, "n_target": n_target,
        "seed": seed,
    }  # fmt: skip
    return Result(
        params, rows, ys[0], ys[1], theta, bias, variance, in_source, (here[0], here[1]), alone,
        source,
    )  # fmt: skip


def draw(result: Result, fig: Figure) -> Figure:
    """Draw rows and curves, the expected error over λ, and the trade-off of the two domains."""
    fig.clear()
    fig.set_layout_engine("none")
    headline(fig, _finding(result))
    _rows(fig.add_axes((0.05, 0.14, 0.3, 0.66)), result)
    _over_weight(fig.add_axes((0.42, 0.14, 0.29, 0.66)), result)
    _trade_off(fig.add_axes((0.79, 0.14, 0.195, 0.66)), result)
    return fig


def answers() -> Figure:
    """Return the middle picture in the four states that the chapter asks for, side by side."""
    fig, axes = plots.figure(
        "The best λ rises with the target rows. With a better Ω the reversed source gains nothing",
        size="wide", columns=len(ANSWERS), sharey=True,
    )  # fmt: skip
    for ax, (name, state) in zip(axes, ANSWERS.items(), strict=True):
        _over_weight(ax, compute(**EXPERIMENT.parameters(**state)), words=False)
        if "omega" in state:
            error = _like_alone(state["phase"], state["omega"])
            ax.plot(np.log10(LAMBDAS), np.log10(error), ":", color="black", lw=1.8)
        ax.set_xticks([-2, 0, 2], ["0.01", "1", "100"])
        ax.set_title(name)
    axes[0].set_ylabel("expected squared error in the target")
    return fig


def _like_alone(phase: float, omega: float) -> np.ndarray:
    """Return the expected error over λ if Ω grows with 1 + λ, as strong as in the target alone.

    On the dial Ω stays as it is, and a large λ makes it small beside λ L_T.
    """
    rows = waves(phase, N_SOURCE, 12, 0)
    pair = rows.source, rows.target, rows.target_truth, NOISE
    return np.array([sum(expected_risk(*pair, w, omega * (1 + w))) for w in LAMBDAS])


def _rows(ax: Axes, result: Result) -> None:
    source, target, fitted = (plots.color(n) for n in ("source alone", "target alone", "λ"))
    rows = result.rows
    ax.plot(rows.source_x, result.source_y, "o", color=source, ms=3, alpha=0.3, mew=0)
    ax.plot(rows.target_x, result.target_y, "s", color=target, ms=5.5, mew=0)
    B = basis(X)
    ax.plot(X, B @ rows.source_truth, "--", color=source, lw=1.3)
    ax.plot(X, B @ rows.target_truth, "--", color=target, lw=1.3)
    ax.plot(X, B @ result.theta, color=fitted, lw=2.6)
    ax.set(xlim=(-1, 1), ylim=(-2.6, 3.4), xticks=[-1, 0, 1], yticks=[-2, 0, 2])
    ax.set(xlabel="x", ylabel="y")
    words = (
        ("-- true curve and rows of the source", source),
        ("-- true curve and rows of the target", target),
        ("— minimum of L_S + λ L_T + Ω (this draw)", fitted),
    )
    for i, (text, color) in enumerate(words):
        ax.text(0.03, 0.965 - 0.066 * i, text, color=color, fontsize=10, transform=ax.transAxes,
                va="top")  # fmt: skip
    ax.grid(False)


def _over_weight(ax: Axes, result: Result, words: bool = True) -> None:
    places, risk = np.log10(LAMBDAS), result.target_risk
    alone = plots.color("target alone")
    worse = risk > result.target_alone
    ax.fill_between(places, *DECADES, where=worse, color=alone, alpha=0.12, lw=0)
    ax.axhline(np.log10(result.target_alone), color=alone, ls="--", lw=1.6)
    curves = (
        ("squared bias", result.bias, 1.3),
        ("variance", result.variance, 1.3),
        ("λ", risk, 2.4),
    )
    for name, values, width in curves:
        ax.plot(places, np.log10(values + 1e-9), color=plots.color(name), lw=width)
    here = np.log10(result.params["weight"])
    ax.vlines(here, DECADES[0], HEADROOM, color="#555555", lw=1)
    ax.plot(here, np.log10(result.here[1]), "o", color=plots.color("λ"), ms=9, mec="white")
    _decades(ax.set_xlim, ax.set_xticks, range(-3, 3))
    _decades(ax.set_ylim, ax.set_yticks, range(-2, 2), DECADES)
    ax.set_xlabel("λ")
    if not words:
        return
    ax.set_title("expected squared error in the target", fontsize=11)
    white = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    look: dict[str, Any] = {"fontsize": 10, "va": "top", "bbox": white}
    words_of_line = "-- target alone, same Ω (shaded: worse)"
    above = ax.text(0.03, 0.965, words_of_line, color=alone, transform=ax.transAxes, **look)
    sum_ = (("— error =", "λ"), ("bias² +", "squared bias"), ("variance", "variance"))
    at: dict[str, Any] = {"xycoords": above, "xy": (0, 0), "xytext": (0, -4)}
    for text, name in sum_:  # each begins where the one before it ends
        word = ax.annotate(text, **at, textcoords="offset points", color=plots.color(name), **look)
        at = {"xycoords": word, "xy": (1, 1), "xytext": (5, 0)}


def _trade_off(ax: Axes, result: Result) -> None:
    x, y = np.log10(result.source_risk), np.log10(result.target_risk)
    ax.plot(x, y, color=plots.color("λ"), lw=2)
    ends = ((0, "λ = 0.001", "source alone", (0, 8)), (-1, "λ = 100", "target alone", (7, -3)))
    for i, text, name, offset in ends:
        ax.plot(x[i], y[i], "o", color=plots.color(name), ms=5)
        side = "right" if x[i] > 0 else "left"  # towards the middle of the axes
        at = (-offset[0], offset[1]) if x[i] > 0 else offset
        ax.annotate(text, (x[i], y[i]), at, textcoords="offset points", fontsize=10, ha=side,
                    color=plots.color(name))  # fmt: skip
    ax.plot(*np.log10(result.here), "o", color=plots.color("λ"), ms=9, mec="white")
    _decades(ax.set_xlim, ax.set_xticks, range(-2, 2), DECADES)
    _decades(ax.set_ylim, ax.set_yticks, range(-2, 2), DECADES)
    ax.set_xlabel("error in the source")
    ax.set_title("target error", fontsize=11)


def _decades(
    set_limits: Any, set_ticks: Any, exponents: range, limits: tuple[float, float] | None = None
) -> None:
    """Label an axis of logarithms: matplotlib's own log axes take several times as long to draw."""
    set_limits(*(limits or (exponents[0], exponents[-1])))
    set_ticks(list(exponents), [f"{10.0**e:g}" for e in exponents])


def _finding(result: Result) -> str:
    p, risk, alone = result.params, result.here[1], result.target_alone
    best = float(LAMBDAS[int(np.argmin(result.target_risk))])
    verdict = (
        "transfer helps" if risk < 0.95 * alone
        else "negative transfer" if risk > 1.05 * alone
        else "the source changes little"
    )  # fmt: skip
    return (
        f"λ = {p['weight']:g}: expected error {risk:.3f}, target alone {alone:.3f}: {verdict}. "
        f"The best λ here is {best:.2g} ({result.target_risk.min():.3f})"
    )


EXPERIMENT = Experiment(
    "objective_dials",
    "Turn λ, the shift and Ω: when does the source help?",
    compute,
    draw,
    CONTROLS,
    size=(10.6, 4.3),
)

"""Three dials for three shifts, and two source classifiers that meet them (chapter 02)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from tlbook import plots
from tlbook.course.widgets.controls import Slider, Stepper, Toggle
from tlbook.course.widgets.experiment import Experiment
from tlbook.domains import Domain, ToyWorld
from tlbook.plots.figure import headline

CONTROLS = (
    Slider("covariate", "Covariate shift: move P(X)", 0, 1, 0.05, 1.0),
    Slider("label", "Label shift: move P(Y)", 0, 1, 0.05, 0.0),
    Slider("concept", "Concept shift: move P(Y|X)", 0, 1, 0.05, 0.0),
    Toggle("labels", "Unseal the target labels", True),
    Stepper("seed", "New sample", 0),
)

N_SOURCE, N_SHOWN = 1000, 250
WINDOW = (-5.0, 5.0, -4.0, 5.0)
RULES = {"curved": "well-specified (curved)", "straight": "misspecified (straight)"}
HUES = {"curved": plots.color("right"), "straight": plots.color("highlight")}
SHADE = "#EFEFEF"
ALONE = ("covariate", "label", "concept")
ANSWERS: dict[str, dict[str, Any]] = {
    "(a) covariate 1": {},
    "(b) label 1": {"covariate": 0.0, "label": 1.0},
    "(c) concept 1": {"covariate": 0.0, "concept": 1.0},
    "(d) as (c), sealed": {"covariate": 0.0, "concept": 1.0, "labels": False},
}


@dataclass(frozen=True)
class Result:
    """What is drawn: samples, the rules, where they (and "best") draw the border, exact errors."""

    dials: dict[str, float]
    labels: bool
    source: Domain
    target: Domain
    rules: dict[str, Any]
    borders: dict[str, list[np.ndarray]]
    shades: dict[str, list[Any]]
    errors: dict[str, dict[str, float]]


@lru_cache(maxsize=8)
def fit_rules(seed: int, n: int = N_SOURCE) -> dict[str, Any]:
    """Return the two source classifiers, both logistic regressions fitted to n source points.

    "curved" has x₁, x₂, x₁², x₁x₂, x₂² as features: the true log-odds are among its functions
    (well-specified). "straight" has x₁ and x₂ only (misspecified).
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    sample = ToyWorld().sample(n, seed)
    return {
        "curved": make_pipeline(
            PolynomialFeatures(2, include_bias=False), LogisticRegression(C=100, max_iter=1000)
        ).fit(sample.X, sample.y),
        "straight": LogisticRegression(C=100).fit(sample.X, sample.y),
    }


@lru_cache(maxsize=8)
def _answers(seed: int) -> dict[str, np.ndarray]:
    """Return the rules' answers at the points at which every :meth:`ToyWorld.error` asks."""
    found = {}
    for name, rule in fit_rules(seed).items():

        def ask(X: np.ndarray, name: str = name, rule: Any = rule) -> np.ndarray:
            found[name] = rule.predict(X)
            return found[name]

        ToyWorld().error(ask)
    return found


def _grid() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = np.linspace(WINDOW[0], WINDOW[1], 80)
    y = np.linspace(WINDOW[2], WINDOW[3], 80)
    return x, y, np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)


def _border(scores: np.ndarray) -> list[np.ndarray]:
    """Return the lines on which the scores at the grid's points are 0."""
    from contourpy import contour_generator

    x, y, _ = _grid()
    lines: Any = contour_generator(x, y, scores.reshape(80, 80), line_type="Separate").lines(0.0)
    return lines


@lru_cache(maxsize=8)
def _regions(seed: int) -> tuple[dict[str, list[np.ndarray]], dict[str, list[Any]]]:
    """Return each rule's border, and the outline of the region in which it answers 1."""
    from contourpy import contour_generator
    from matplotlib.path import Path

    x, y, points = _grid()
    borders, shades = {}, {}
    for name, rule in fit_rules(seed).items():
        scores = rule.decision_function(points)
        borders[name] = _border(scores)
        contours = contour_generator(x, y, scores.reshape(80, 80), fill_type="OuterCode")
        shades[name] = [Path(*area) for area in zip(*contours.filled(0.0, np.inf), strict=True)]
    return borders, shades


def compute(covariate: float, label: float, concept: float, labels: bool, seed: int) -> Result:
    """Return samples and exact error rates for each shift alone and for all together."""
    dials = {"covariate": covariate, "label": label, "concept": concept}
    worlds = {"source": ToyWorld(), **{d: ToyWorld(**{d: dials[d]}) for d in ALONE}}
    worlds["together"] = ToyWorld(**dials)
    errors = {}
    for name, world in worlds.items():
        errors[name] = {r: world.error(lambda _, a=a: a) for r, a in _answers(seed).items()}
        errors[name]["best"] = world.bayes_error
    borders, shades = _regions(seed)
    best = {"best": _border(worlds["together"].log_odds(_grid()[2]))}
    return Result(
        dials,
        labels,
        ToyWorld().sample(N_SHOWN, seed),
        worlds["together"].sample(N_SHOWN, seed + 10_000),
        fit_rules(seed),
        borders | best,
        shades,
        errors,
    )


def draw(result: Result, fig: Figure) -> Figure:
    """Draw both rules over both clouds, and the error rates."""
    fig.clear()
    fig.set_layout_engine("none")  # fixed places: the layout engine would cost a third of the time
    headline(fig, _finding(result))
    places = ((0.055, 0.28), (0.355, 0.28), (0.68, 0.31))
    axes = [fig.add_axes((left, 0.235, width, 0.585)) for left, width in places]
    for ax, rule in zip(axes, RULES, strict=False):
        _clouds(ax, result, rule)
    axes[1].set(yticks=[], ylabel="")
    _bars(axes[2], result)
    _legend(fig, result)
    return fig


@plots.styled
def answers() -> Figure:
    """Return both rules in the four states that the chapter asks for, side by side."""
    fig, axes = plots.figure(
        "A moved cloud breaks the straight rule, a turned border both. Sealed, nothing shows it",
        size=(9.8, 5.9), rows=2, columns=len(ANSWERS), sharex=True, sharey=True,
    )  # fmt: skip
    for column, (state, changed) in zip(axes.T, ANSWERS.items(), strict=True):
        result = compute(**EXPERIMENT.parameters(**changed))
        error = {name: f"{100 * v:.0f} %" for name, v in result.errors["together"].items()}
        for ax, rule in zip(column, RULES, strict=True):
            _clouds(ax, result, rule)
            words = f"error {error[rule]}, best {error['best']}" if result.labels else "error: ?"
            above = f"{state}\n" if ax is column[0] else ""
            ax.set_title(above + words, fontsize=10.5)
            ax.set(xlabel="", ylabel=f"{rule} rule\nfeature 2")
            ax.label_outer()
    fig.supxlabel(
        "feature 1        blue: source, red: target, filled: class 1, ×: sealed        "
        "shaded: the rule answers 1        dashed: best possible in the target",
        fontsize=9.5,
    )
    return fig


def _clouds(ax: Axes, result: Result, name: str) -> None:
    for outline in result.shades[name]:
        ax.add_patch(PathPatch(outline, facecolor=SHADE, edgecolor="none", zorder=0))
    for line in result.borders[name]:
        ax.plot(*line.T, color=HUES[name], lw=2.6, zorder=4)
    for line in result.borders["best"] if result.labels else ():
        ax.plot(*line.T, color="black", ls="dashed", lw=1.3, zorder=4)
    for domain, role in ((result.source, "source"), (result.target, "target")):
        hue = plots.color(role)
        if role == "target" and not result.labels:
            ax.plot(*domain.X.T, "x", color=hue, ms=4, mew=1, alpha=0.7)
            continue
        assert domain.y is not None
        for label, fill in ((0, "white"), (1, hue)):
            points = domain.X[domain.y == label]
            ax.plot(*points.T, "o", ms=4, mfc=fill, mec=hue, mew=0.9, alpha=0.7)
    ax.set(xlim=WINDOW[:2], ylim=WINDOW[2:], xlabel="feature 1", ylabel="feature 2")
    ax.set_title(RULES[name], color=HUES[name], fontweight="bold")
    ax.set(xticks=[-4, 0, 4], yticks=[-4, 0, 4])  # few ticks: each costs a millisecond
    ax.grid(False)


def _bars(ax: Axes, result: Result) -> None:
    names = ["source", *ALONE, "together"] if result.labels else ["source"]
    place = np.arange(len(names))
    for offset, rule in ((-0.2, "curved"), (0.2, "straight")):
        error = 100 * np.array([result.errors[world][rule] for world in names])
        ax.bar(place + offset, error, width=0.38, color=HUES[rule])
        for x, height in zip(place + offset, error, strict=True):
            ax.text(x, height + 1, f"{height:.0f}", ha="center", fontsize=9)
    best = 100 * np.array([result.errors[world]["best"] for world in names])
    ax.hlines(best, place - 0.42, place + 0.42, color="black", ls="dashed", lw=1.5, zorder=3)
    ticks = ["source", *(f"{d}\n{result.dials[d]:.2f}" for d in ALONE), "all"]
    ax.set_xticks(range(5), ticks, fontsize=8.5)
    ax.set(xlim=(-0.6, 4.6), ylim=(0, 108), yticks=[0, 25, 50, 75, 100])
    ax.set_title("error rate (%)")
    ax.grid(False, axis="x")
    if not result.labels:
        words = "target errors\nneed target labels"
        ax.text(2.6, 50, words, ha="center", va="center", color="#555555")


def _legend(fig: Figure, result: Result) -> None:
    """Write the legend as colored words: a Legend would take a quarter of the drawing time."""
    source, target = plots.color("source"), plots.color("target")
    fig.text(0.055, 0.075, "○ source, class 0   ● source, class 1", color=source, fontsize=10)
    if not result.labels:
        fig.text(0.055, 0.02, "× target, labels sealed", color=target, fontsize=10)
        fig.text(0.4, 0.075, "shaded: the rule answers 1", color="#555555", fontsize=10)
        return
    fig.text(0.055, 0.02, "○ target, class 0   ● target, class 1", color=target, fontsize=10)
    words = "shaded: the rule answers 1\n– – best possible in the target"
    fig.text(0.4, 0.02, words, color="#333333", fontsize=10, linespacing=1.5)


def _finding(result: Result) -> str:
    on = [d for d in ALONE if result.dials[d] > 0]
    where = " + ".join(on) + " shift" if on else "no shift"
    if not result.labels:
        return f"Two source rules meet {where}: how well they do, only target labels can tell"
    e = {k: 100 * v for k, v in result.errors["together"].items()}
    lost = {r: e[r] - e["best"] > 4 for r in RULES}
    verdict = {0: "both rules hold", 2: "both rules fall short"}.get(sum(lost.values()))
    verdict = verdict or f"only the {next(r for r in RULES if not lost[r])} rule holds"
    return (
        f"{where.capitalize()}: {verdict} (errors {e['curved']:.0f}% and {e['straight']:.0f}%, "
        f"best possible {e['best']:.0f}%)"
    )


EXPERIMENT = Experiment(
    "shift_simulator",
    "Which shift breaks which classifier?",
    compute,
    draw,
    CONTROLS,
    size=(9.8, 4.3),
)

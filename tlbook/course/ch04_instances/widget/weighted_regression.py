"""A straight line fitted to weighted source rows, while the target moves away (chapter 04)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import data, plots
from tlbook.course.widgets.controls import Choice, Slider, Stepper, Toggle
from tlbook.course.widgets.experiment import Experiment
from tlbook.distances import median_bandwidth
from tlbook.instances import KLIEP, KMM, DensityRatio, effective_sample_size
from tlbook.plots.figure import headline

METHODS = ("KMM", "KLIEP", "classifier ratio", "true ratio")
CONTROLS = (
    Slider("shift", "Shift of the target", 0, 4, 0.25, 1.0, unit="source SD"),
    Slider("noise", "Noise of y", 0, 1, 0.1, 0.3),
    Choice("method", "Weights by", METHODS),
    Slider("bandwidth", "Bandwidth (KMM, KLIEP)", 0.1, 10, 0.25, 1.0, unit="medians", kind="log"),
    Slider(
        "bound",
        "Largest weight B (KMM)",
        1,
        1000,
        0.25,
        10,
        kind="log",
        unchanged="with the ridge no weight comes near 10 here, so a larger B changes nothing",
    ),
    Toggle("ridge", "Ridge: even weights (KMM)", True),
    Stepper("seed", "New sample", 0),
)

N = 150
SOURCE, TARGET_SD = (0.5, 0.5), 0.3
WINDOW = (-2.6, 2.1)
HEIGHT = (-3.2, 3.2)
ANSWERS: dict[str, dict[str, Any]] = {
    "(a) KMM, shift 3.5": {"shift": 3.5},
    "(b) true ratio, shift 3.5": {"shift": 3.5, "method": "true ratio"},
    "(c) KMM, B = 1": {"bound": 1.0},
    "(d) KMM, no ridge": {"ridge": False},
}


@dataclass(frozen=True)
class Result:
    """What is drawn: samples, weights, three lines (slope, offset) and their errors."""

    params: dict[str, Any]
    x: np.ndarray
    y: np.ndarray
    target: np.ndarray
    weights: np.ndarray
    ess: float
    lines: dict[str, tuple[float, float]]
    errors: dict[str, float]
    failed: str


def truth(x: Any) -> Any:
    """The curve behind the points."""
    return -x + x**3


def true_ratio(x: np.ndarray, shift: float) -> np.ndarray:
    """Density of the target's inputs over that of the source's, in closed form."""
    (mean, sd), moved = SOURCE, SOURCE[0] - SOURCE[1] * shift
    exponent = ((x - mean) / sd) ** 2 / 2 - ((x - moved) / TARGET_SD) ** 2 / 2
    return sd / TARGET_SD * np.exp(exponent)


def fit_line(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Return slope and offset of the weighted least-squares line."""
    w = weights / weights.sum()
    mx, my = w @ x, w @ y
    slope = (w * (x - mx)) @ (y - my) / max(float(w @ (x - mx) ** 2), 1e-12)
    return float(slope), float(my - slope * mx)


def best_line(shift: float) -> tuple[float, float]:
    """Return the line with the smallest error over the target's whole distribution."""
    x, w = _nodes(shift)
    return fit_line(x, truth(x), w)


def line_error(line: tuple[float, float], shift: float, noise: float) -> float:
    """Root mean squared error on new labels of the target: exact, no test set."""
    x, w = _nodes(shift)
    return float(np.sqrt(w @ (line[0] * x + line[1] - truth(x)) ** 2 + noise**2))


def _nodes(shift: float) -> tuple[np.ndarray, np.ndarray]:
    """Gauss–Hermite nodes and weights of the target's normal distribution (exact here)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(8)
    return SOURCE[0] - SOURCE[1] * shift + TARGET_SD * nodes, weights / weights.sum()


@lru_cache(maxsize=16)
def _sample(shift: float, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    task = data.load("toy", seed=seed, kind="regression", n=N, shift=shift, noise=noise)
    y = task.source.y
    assert y is not None
    return task.source.X[:, 0].astype(float), y, task.target.X[:, 0].astype(float)


def _weights(x: np.ndarray, target: np.ndarray, params: dict[str, Any]) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    Xs, Xt = x[:, None], target[:, None]
    sigma = params["bandwidth"] * median_bandwidth(Xs, Xt)
    if params["method"] == "KMM":
        ridge = 1.0 if params["ridge"] else 0.0
        return KMM(sigma, B=params["bound"], ridge=ridge).fit(Xs, Xt).weights_
    if params["method"] == "KLIEP":
        return KLIEP(sigma).fit(Xs, Xt).weights_
    if params["method"] == "classifier ratio":
        squares = PolynomialFeatures(2, include_bias=False)  # log q/p of two Gaussians is quadratic
        curved = make_pipeline(squares, StandardScaler(), LogisticRegression(max_iter=500))
        return DensityRatio(curved).fit(Xs, Xt).weights_
    ratio = true_ratio(x, params["shift"])
    return ratio / ratio.mean()


def compute(**params: Any) -> Result:
    """Weight the source rows, fit the lines and judge them over the whole target."""
    shift = params["shift"]
    x, y, target = _sample(shift, params["noise"], params["seed"])
    failed, weights = "", np.ones(N)
    try:
        weights = _weights(x, target, params)
    except ValueError:  # KLIEP says so when no kernel holds a source row
        failed = f"{params['method']} finds no overlap at this bandwidth: weights stay 1"
    lines = {
        "unweighted": fit_line(x, y, np.ones(N)),
        "weighted": fit_line(x, y, weights),
        "best": best_line(shift),
    }
    errors = {name: line_error(line, shift, params["noise"]) for name, line in lines.items()}
    ess = effective_sample_size(weights)
    return Result(params, x, y, target, weights, ess, lines, errors, failed)


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the points with their weights as sizes, the lines, and the errors."""
    fig.clear()
    fig.set_layout_engine("none")
    headline(fig, _finding(result))
    left = fig.add_axes((0.06, 0.15, 0.6, 0.67))
    right = fig.add_axes((0.755, 0.15, 0.225, 0.67))
    _points(left, result)
    _errors(right, result)
    return fig


def _hues(result: Result) -> dict[str, str]:
    names = {"unweighted": "unweighted", "weighted": result.params["method"]}
    return {line: plots.color(name) for line, name in names.items()} | {
        "best": plots.color("target")
    }


def _points(ax: Axes, result: Result, words: bool = True) -> None:
    source, target = plots.color("source"), plots.color("target")
    ax.scatter(result.x, result.y, s=7, color=source, alpha=0.35, linewidth=0)
    ax.scatter(
        result.x, result.y, s=26 * result.weights, facecolor="none", edgecolor=source,
        linewidth=1.1, alpha=0.8,
    )  # fmt: skip
    floor = np.full(len(result.target), HEIGHT[0] + 0.14)
    ax.plot(result.target, floor, "|", color=target, ms=9, alpha=0.5)
    grid = np.linspace(*WINDOW, 120)
    ax.plot(grid, truth(grid), ":", color="black", lw=1.4, zorder=0)
    hues = _hues(result)
    widths = {"unweighted": 2.2, "weighted": 2.6, "best": 1.6}
    for name, (slope, offset) in result.lines.items():
        style = "dashed" if name == "best" else "solid"
        ends = np.array(WINDOW)
        ax.plot(ends, slope * ends + offset, color=hues[name], lw=widths[name], ls=style)
    ax.set(xlim=WINDOW, ylim=HEIGHT, xlabel="x", ylabel="y", yticks=[-2, 0, 2])
    legend = (
        ("○ source rows, area = weight", source),
        ("| target inputs (their y are sealed)", target),
        ("··· the true curve", "black"),
    )
    for i, (text, hue) in enumerate(legend if words else ()):
        ax.text(0.3, 0.985 - 0.07 * i, text, color=hue, fontsize=10, transform=ax.transAxes,
                va="top", bbox={"fc": "white", "ec": "none", "alpha": 0.8, "pad": 1})  # fmt: skip
    ax.grid(False)


def _errors(ax: Axes, result: Result) -> None:
    hues, noise = _hues(result), result.params["noise"]
    top = max(0.7, 1.25 * max(result.errors.values()))
    for i, (name, error) in enumerate(result.errors.items()):
        ax.bar(i, error, color=hues[name], width=0.62, alpha=0.9)
        ax.text(i, error + 0.02 * top, f"{error:.2f}", ha="center", fontsize=10, fontweight="bold")
    ax.axhline(noise, color="black", lw=1.2, ls=(0, (2, 2)))
    ax.set(ylim=(0, top), xlim=(-0.6, 2.6), xlabel="dashed: the noise alone")
    ax.set_xticks(range(3), ["plain", "weighted", "best line"], fontsize=10)
    ax.set_title("RMSE in the target", fontsize=11)
    ax.grid(False, axis="x")


def answers() -> Figure:
    """Return the left picture in the four states that the chapter asks for, side by side."""
    fig, axes = plots.figure(
        "Far away one row carries the true ratio. KMM spreads the weight over more rows",
        size=(9.5, 3.6), columns=len(ANSWERS), sharey=True,
    )  # fmt: skip
    for ax, (name, state) in zip(axes, ANSWERS.items(), strict=True):
        result = compute(**EXPERIMENT.parameters(**state))
        _points(ax, result, words=False)
        before, after = result.errors["unweighted"], result.errors["weighted"]
        rows = f"effective rows: {result.ess:.0f}"
        ax.set_title(f"{name}\nRMSE {before:.2f} → {after:.2f}\n{rows}", fontsize=10.5)
        ax.set_ylabel("")
    axes[0].set_ylabel("y")
    return fig


def _finding(result: Result) -> str:
    p, e = result.params, result.errors
    if result.failed:
        return result.failed
    gain = e["unweighted"] - e["weighted"]
    verdict = (
        "the weights help" if gain > 0.05 * e["unweighted"]
        else "the weights hurt" if gain < -0.05 * e["unweighted"]
        else "the weights change little"
    )  # fmt: skip
    return (
        f"Shift {p['shift']:g}, {p['method']}: {verdict} (RMSE {e['unweighted']:.2f} → "
        f"{e['weighted']:.2f}), and {result.ess:.0f} of {N} rows are left in effect"
    )


EXPERIMENT = Experiment(
    "weighted_regression",
    "How far can weights carry a straight line?",
    compute,
    draw,
    CONTROLS,
    size=(9.8, 4.3),
)
